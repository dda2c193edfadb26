"""What is looked at before the first step where text is learned: how much there is, and what the first sequences are.

findings = look(corpus, tokens, sequences, tokenizer, settings)       # raises UsageError
console.print(summary_of(findings, settings, estimates))
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from selfinstruct.errors import UsageError, shown
from selfinstruct.rows.documents import EMPTY

from ..rows.templates import adds_bos
from ..settings import Settings
from .corpus import Corpus
from .sequences import Sequences, Tokens

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text
    from transformers import PreTrainedTokenizerBase as Tokenizer

__all__ = ["TextFindings", "beginning", "look", "summary_of"]

SHOWN = 48
"""Tokens of a sequence that are shown: where it begins is what may be wrong."""


@dataclass(frozen=True, slots=True)
class TextFindings:
    rows: Sequences
    """The sequences."""
    total: int
    """Their number in an epoch."""
    documents: int
    """Those that are trained on."""
    held_out: int
    empty: int
    tokens: int
    """In an epoch."""
    trained: int
    """Those that are learned: all but the first of each sequence."""
    characters: int
    """Of all documents."""
    a_character: float
    """Tokens."""
    begin: str
    """What the tokenizer puts before every document, "" for nothing."""
    end: str
    """What is after every document."""
    passes: Mapping[str, tuple[float, float]]
    """Where DATA have shares: of each its share, and how often an epoch goes through it."""
    notes: Sequence[str] = ()

    @property
    def problems(self) -> list[str]:
        return [f"{self.empty:,} {EMPTY}"] if self.empty else []


def look(
    corpus: Corpus,
    tokens: Tokens,
    sequences: Sequences,
    tokenizer: Tokenizer,
    settings: Settings,
    wanted: Sequence[int] | None,
) -> TextFindings:
    """`wanted`: sequences of each DATA in an epoch, where they have shares. Raises UsageError when nothing is there to
    learn, or all of one DATA is held out."""
    shared = zip(settings.data, sequences.counts, strict=True) if settings.shares else ()
    if empty := [name for name, count in shared if not count]:
        raise UsageError(f"nothing is left of {', '.join(empty)}, which has a share: hold out less (--validation)")
    if not len(sequences):
        raise UsageError("nothing to train on: there is no token that follows another one")
    total, made = sum(wanted) if wanted else len(sequences), len(sequences)
    share = total / made  # rounding alone may make it other than 1
    every = sum(len(stream) for stream in tokens.streams) + len(tokens.held_out)
    passes = {}
    if wanted:
        for name, want, count in zip(settings.data, wanted, sequences.counts, strict=True):
            passes[name] = (want / total, want / count)
    return TextFindings(
        rows=sequences,
        total=total,
        documents=corpus.total - len(corpus.held_out),
        held_out=len(corpus.held_out),
        empty=corpus.notes.done[EMPTY],
        tokens=round(sequences.tokens * share),
        trained=round((sequences.tokens - made) * share),
        characters=corpus.characters,
        a_character=every / corpus.characters,
        begin=str(tokenizer.bos_token) if adds_bos(tokenizer) else "",
        end=str(tokenizer.eos_token),
        passes=passes,
    )


def summary_of(findings: TextFindings, settings: Settings, estimates: Mapping[str, str]) -> Table:
    """A small table for people: what there is to learn, then whatever was estimated."""
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    held_out = f", and {findings.held_out:,} held out" if findings.held_out else ""
    table.add_row("documents", f"{findings.documents:,}{held_out}, {findings.characters:,} characters in all")
    for line in (*findings.problems, *findings.notes):
        table.add_row("", Text(shown(line)))
    each = f"{findings.a_character:.3f} a character, all but the first of a sequence learned"
    table.add_row("tokens", f"{findings.tokens:,}, {each}")
    seen = "no document sees another" if settings.packing else "read as one text"
    table.add_row("sequences", f"{findings.total:,} of {settings.max_length:,} tokens, documents cut and {seen}")
    for number, (name, (share, passes)) in enumerate(findings.passes.items()):
        table.add_row("" if number else "shares", Text(shown(f"{share:.1%} {name}, {passes:.2f} times an epoch")))
    begin = f"begins with {findings.begin} and " if findings.begin else ""
    table.add_row("a document", Text(shown(f"{begin}ends with {findings.end}")))
    for name, text in estimates.items():
        table.add_row(name, text)
    return table


def beginning(ids: Sequence[int], tokenizer: Tokenizer) -> Text:
    """How a sequence begins, its tokens apart, special ones bold."""
    from rich.text import Text

    special = set(tokenizer.all_special_ids)
    found = Text("  ")
    for place, id in enumerate(ids[:SHOWN]):
        found.append("" if not place else "|", "dim")
        token: Any = tokenizer.decode([id])
        found.append(shown(str(token)), "bold" if id in special else "")
    return found.append(" …" if len(ids) > SHOWN else "")
