"""Rows and findings as people see them: what is learned of a row, ten rows of different kinds, a table of all.

console.print(summary(findings, settings, estimates))
for about, row in of_each_kind(findings):
    console.print(about, show_mask(row, tokenizer))
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from selfinstruct.errors import shown

from ..settings import Settings
from .conversations import MASKED, Conversation, Row
from .examine import Findings
from .thoughts import thoughts_of
from .turns import answers, is_learned

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text
    from transformers import PreTrainedTokenizerBase as Tokenizer

    from .batches import Item

__all__ = ["of_each_kind", "show_mask", "summary"]

TEN = 10
LOOKED_AT = 20_000
"""Rows, from the first on, that are looked at for another kind: a third of a second's work."""
LONG = 1_200
"""Letters of a run of learned or unlearned text from which on its middle is not shown."""


def show_mask(row: Row | Item, tokenizer: Tokenizer) -> Text:
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


def of_each_kind(findings: Findings) -> list[tuple[str, Row]]:
    """At most ten rows that together have every kind there is, the first and the longest among them, and what each is:
    "row 'a': a system text, several rounds". Where one kind is laid out well, the next may not be.
    """
    rows, parts = findings.rows, findings.parts
    if not parts:
        return [("", rows[0])]
    longest = max(range(len(rows)), key=lambda place: len(rows[place].ids))
    kinds = {place: kinds_of(parts[place]) for place in {*range(min(len(rows), LOOKED_AT)), longest}}
    kinds[longest] = [*kinds[longest], "the longest"]
    chosen, seen = [0], set(kinds[0])
    for place in sorted(kinds.keys() - {longest}):
        if len(chosen) < TEN - 1 and not seen.issuperset(kinds[place]):
            chosen.append(place)
            seen.update(kinds[place])
    chosen += [] if longest == 0 else [longest]
    return [(f"row {rows[place].id!r}: {', '.join(kinds[place])}", rows[place]) for place in chosen]


def kinds_of(conversation: Conversation) -> list[str]:
    """What there is in a conversation that templates lay out in ways of their own."""
    turns = conversation.turns
    said = [turn for turn in turns if turn["role"] == "assistant"]
    roles = [turn["role"] for turn in turns]
    found = {
        "an input": any(turn.get("input") for turn in turns),
        "a system text": roles[:1] == ["system"],
        "a system text later": "system" in roles[1:],
        "several rounds": len(answers(turns)) > 1,
        "turns of one side in a row": any(
            one == other and one in ("user", "assistant") for one, other in pairwise(roles)
        ),
        "thoughts": any(map(thoughts_of, said)),
        "a list of tools": bool(conversation.tools),
        "calls": any("tool_calls" in turn for turn in said),
        "an answer that is not learned": not all(map(is_learned, said)),
        "an empty answer": any(not turn["content"].strip() and "tool_calls" not in turn for turn in said),
        "a last turn that is no answer": roles[-1:] != ["assistant"],
        "a part of a conversation": "#" in conversation.id,
    }
    return [name for name, is_so in found.items() if is_so] or ["a question and its answer"]
