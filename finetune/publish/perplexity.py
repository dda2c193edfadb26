"""What rounding costs: how well a GGUF file finds the answers of somebody's rows, by llama.cpp, before and after.

    selfinstruct export models/merged --gguf q4_k_m --on held-out.jsonl --out mine.gguf

Perplexity is e to the mean loss of the answers' tokens, laid out as `train` does. "Before" is the same model in f16,
in a file beside that is gone afterwards: both are read by the same program, so that nothing differs but the rounding.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from selfinstruct.errors import UsageError
from selfinstruct.rows.notes import Notes

from ..models.folders import folder_of
from ..models.open import tokenizer_in
from ..rows.conversations import MASKED, Row, read_conversations
from ..rows.laying import lay_out
from ..rows.templates import find_template
from .gguf import export_gguf
from .llama_cpp import NEEDS, installed, opened
from .quantize import check_able

__all__ = ["Cost", "answers_of", "export_measured", "perplexity"]

ENOUGH = 4_000
"""Tokens after which no more rows are read: the same ones before and after, so that few tell the difference. A core
reads 80 a second of a model of 135 million weights."""
LONGEST = 2_048
"""Tokens of a row; longer ones are left out."""


class Cost(NamedTuple):
    rows: int
    learned: int
    """Tokens of the answers."""
    before: float
    """Perplexity in f16."""
    after: float
    sizes: tuple[int, int]
    """Bytes of the two files."""

    def line(self, kind: str, data: Sequence[str]) -> str:
        """What is said of it."""
        more = 100 * (self.after / self.before - 1)
        sizes = [f"{size / 1e6:,.0f} MB" for size in self.sizes]
        return (
            f"perplexity of {self.rows:,} rows of {', '.join(data)} ({self.learned:,} tokens of answers): f16 "
            f"{self.before:.3f} in {sizes[0]}, {kind} {self.after:.3f} in {sizes[1]} ({more:+.1f} %)"
        )


def export_measured(model_dir: str, out: str, kind: str, data: Sequence[str], notice: Callable[[str], None]) -> Cost:
    """Write the model as GGUF, as `export_gguf` does, and say what it cost on these rows. Raises UsageError."""
    check_able(kind)
    if not installed():
        raise UsageError(f"--on needs llama.cpp, in the package xllamacpp: {NEEDS}")
    folder = folder_of(model_dir, "the model")
    rows = answers_of(folder, data)
    target = export_gguf(model_dir, out, kind, notice)
    tokens = sum(len(row.ids) for row in rows)
    notice(f"{target}: written; reading {len(rows):,} rows, {tokens:,} tokens, with it and with the model in f16 …")
    with TemporaryDirectory(prefix=".gguf-", dir=target.absolute().parent) as beside:
        before = export_gguf(model_dir, f"{beside}/f16.gguf", "f16", lambda text: None)
        found = [perplexity(file, rows) for file in (before, target)]
        sizes = (before.stat().st_size, target.stat().st_size)
    learned = sum(label != MASKED for row in rows for label in row.labels)
    return Cost(len(rows), learned, found[0], found[1], sizes)


def answers_of(folder: Path, data: Sequence[str], enough: int = ENOUGH) -> list[Row]:
    """The first rows of the data as the model's template lays them out, up to so many tokens. Raises UsageError."""
    tokenizer = tokenizer_in(folder)
    conversations = read_conversations(data)
    template = find_template("auto", tokenizer)
    laid = lay_out(conversations, template, tokenizer, LONGEST, Notes())
    found: list[Row] = []
    for row in laid.rows:
        if len(row.ids) <= LONGEST and any(label != MASKED for label in row.labels[1:]):
            found.append(row)
        if sum(len(each.ids) for each in found) >= enough:
            break
    if not found:
        raise UsageError(f"{', '.join(data)} has no answer of up to {LONGEST:,} tokens: give rows with answers")
    return found


def perplexity(file: Path, rows: Sequence[Row]) -> float:
    """e to the mean loss of the learned tokens, each row read by itself. Raises UsageError."""
    import numpy as np

    loss, count = 0.0, 0
    threads = int(
        os.environ.get("OMP_NUM_THREADS") or os.cpu_count() or 1
    )  # more than are free would wait for each other
    with opened(file) as model:
        for row in rows:
            places = [place for place in range(1, len(row.ids)) if row.labels[place] != MASKED]
            logits = model.logits(row.ids, threads)[[place - 1 for place in places]].astype(np.float64)
            highest = logits.max(1)
            sums = np.log(np.exp(logits - highest[:, None]).sum(1)) + highest
            labels = [row.labels[place] for place in places]
            loss += float((sums - logits[range(len(places)), labels]).sum())
            count += len(places)
    return math.exp(loss / count)
