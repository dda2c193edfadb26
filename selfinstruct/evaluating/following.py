"""The suite `ifeval`: instructions whose following a rule verifies (ifeval.py), with all four of its figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from selfinstruct.evaluating.ifeval import followed, read_ifeval
from selfinstruct.evaluating.items import Item, Mark, Options, Said, Suite
from selfinstruct.evaluating.reading import there
from selfinstruct.filters.overlap_words import Part

__all__ = ["ifeval_suite"]

LONGEST = 1_280
"""Tokens of an answer: some instructions want 300 words and more."""


def ifeval_suite(file: str, options: Options) -> Suite:
    """Of Google's file or one in its layout; what cannot be verified is left out, and said so."""
    there("ifeval", file)
    read = read_ifeval(file)
    items = [Item(task, (), "", "", (Part(task.instruction, "question"),)) for task in read.tasks[: options.limit]]
    params = {"temperature": 0, "max_tokens": options.max_tokens or LONGEST}
    notes = tuple(f"{many:,} prompts are left out: {why}" for why, many in read.left_out.items())
    return Suite("ifeval", "prompt strict", tuple(items), params, _marks, notes=notes)


def _marks(items: Sequence[Item], said: Mapping[str, Said]) -> list[Mark]:
    return [_mark(item, said.get(item.task.id, Said("", "empty"))) for item in items]


def _mark(item: Item, said: Said) -> Mark:
    """Right when every instruction is followed to the letter. The other figures stand beside it."""
    one = followed(item.task, said.text)
    more = {
        "prompt loose": [float(all(one.loose))],
        "instruction strict": [float(ok) for ok in one.strict],
        "instruction loose": [float(ok) for ok in one.loose],
    }
    asked, wanted = item.task.instruction, "\n".join(one.names)
    value = float(all(one.strict))
    return Mark(item.task.id, value, "", "", said.fate, asked, wanted, said.text, more=more)
