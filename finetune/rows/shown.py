"""Rows and findings as people see them: what is learned of a row, ten rows of different kinds, a table of all.

console.print(summary(findings, settings, estimates))
for about, row in findings.kinds:
    console.print(about, show_mask(row, tokenizer))
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import TYPE_CHECKING

from selfinstruct.errors import shown

from ..settings import Settings
from .conversations import MASKED, Row
from .examine import Findings

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text
    from transformers import PreTrainedTokenizerBase as Tokenizer

__all__ = ["show_mask", "summary"]

LONG = 1_200
"""Letters of a run of learned or unlearned text from which on its middle is not shown."""


def show_mask(row: Row, tokenizer: Tokenizer) -> Text:
    """A row as the model reads it: what is learned green and in ⟦brackets⟧, the rest dim, special tokens bold."""
    from rich.text import Text

    special = set(tokenizer.all_special_ids) | {
        id for id, token in tokenizer.added_tokens_decoder.items() if token.special
    }
    text = Text()
    learning = False
    for (learned, bold), run in groupby(
        zip(row.ids, row.labels, strict=True), key=lambda pair: (pair[1] != MASKED, pair[0] in special)
    ):
        if learned != learning:
            text.append("⟦" if learned else "⟧", "green")
            learning = learned
        part = _short(str(tokenizer.decode([id for id, _ in run], skip_special_tokens=False)))
        text.append(shown(part, lines=True), f"{'green' if learned else 'dim'}{' bold' if bold else ''}")
    return text.append("⟧", "green") if learning else text


def _short(text: str) -> str:
    left = len(text) - LONG
    return text if left <= 0 else f"{text[: LONG // 2]} … ({left:,} letters) … {text[-LONG // 2 :]}"


def summary(findings: Findings, settings: Settings, estimates: Mapping[str, str]) -> Table:
    """A small table for people: what there is to train on, then whatever was estimated."""
    from rich.table import Table
    from rich.text import Text

    lengths = ", ".join(f"{share} {length:,}" for share, length in findings.lengths.items())
    begin = f"a row begins with {findings.bos}, " if findings.bos else ""
    table = Table.grid(padding=(0, 2))
    table.add_row("rows", f"{len(findings.rows):,} of {findings.total:,}")
    for line in (*findings.problems, *findings.notes):
        table.add_row("", Text(shown(line)))
    share = findings.trained / findings.tokens
    table.add_row("tokens", f"{findings.tokens:,}, of which {findings.trained:,} ({share:.0%}) are learned")
    table.add_row("length", f"{lengths} (max_length {settings.max_length:,})")
    template = f"{findings.template}: {begin}an answer ends with {findings.end}"
    table.add_row("template", Text(shown(template)))
    for name, text in estimates.items():
        table.add_row(name, text)
    return table
