"""Rows of different kinds, for a person to look at: where one is laid out well, the next kind may not be."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from .conversations import Conversation, Row
from .thoughts import thoughts_of
from .turns import answers, is_learned

__all__ = ["kinds_of", "of_each_kind"]

TEN = 10
LOOKED_AT = 20_000
"""Rows, from the first on, that are looked at for another kind: a third of a second's work."""


def of_each_kind(rows: Sequence[tuple[Conversation, Row]]) -> list[tuple[str, Row]]:
    """At most ten rows that together have every kind there is, the first and the longest among them, and what each is:
    "row 'a': a system text, several rounds".
    """
    if not rows:
        return []
    longest = max(range(len(rows)), key=lambda place: len(rows[place][1].ids))
    kinds = {place: kinds_of(rows[place][0]) for place in {*range(min(len(rows), LOOKED_AT)), longest}}
    kinds[longest] = [*kinds[longest], "the longest"]
    chosen, seen = [0], set(kinds[0])
    for place in sorted(kinds.keys() - {longest}):
        if len(chosen) < TEN - 1 and not seen.issuperset(kinds[place]):
            chosen.append(place)
            seen.update(kinds[place])
    chosen += [] if longest == 0 else [longest]
    return [(f"row {rows[place][1].id!r}: {', '.join(kinds[place])}", rows[place][1]) for place in chosen]


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
            one == other and one in ("user", "assistant") for one, other in itertools.pairwise(roles)
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
