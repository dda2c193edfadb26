"""Decontamination: a task that is, or has in it, an item of an evaluation. overlap_index.py says how that is found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from selfinstruct.errors import UsageError
from selfinstruct.filters.overlap_index import Hit, Index
from selfinstruct.filters.overlap_words import Item
from selfinstruct.filters.pool import Pool
from selfinstruct.task import Reason, Task

__all__ = ["Overlap", "items_in"]

SHOWN = 120
"""Characters of the span in a reason."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """An item of an evaluation, in the task's words or in much the same: overlap=mmlu.jsonl, or [several, files].

    Question and answer, wherever they stand in the task: copied, edited or in other words. Something as short as "What
    is the capital of France?" must be all of the instruction, the input or the output. What many items have in common
    ("Which of the following statements is true?") counts nothing, nor does a sum with other numbers.
    """

    against: tuple[str, ...] = ()
    """Files of evaluations, as `selfinstruct filter` reads any data, or text with a question a line; or "exam"."""
    sha256: tuple[str, ...] = ()
    """Of what was read, by file: put into recipe.yaml by the run, so that another file of that name is noticed."""
    items: tuple[Item, ...] = field(default=(), compare=False, repr=False)
    """What was read: no option, and not in recipe.yaml."""

    def ready(self) -> None:
        """Builds the index: about a second for 10,000 items."""
        _index(self)

    def __call__(self, task: Task, pool: Pool) -> Reason | None:
        index = _index(self)
        for parts in _said(task):
            if hit := index.find(parts):
                return Reason("overlap", _told(hit))
        return None


def _index(overlap: Overlap) -> Index:
    return _made(overlap, id(overlap.items))


@lru_cache(8)
def _made(overlap: Overlap, items: int) -> Index:
    """`items`: which they are, since filters that were read from files of one name are equal."""
    if overlap.against and not overlap.items:
        names = ", ".join(overlap.against)
        raise UsageError(f"overlap has not read {names}: write drop=[{{'overlap': '{overlap.against[0]}'}}]")
    return Index(overlap.items)


def items_in(items: Sequence[Item], tasks: Iterable[Task]) -> set[str]:
    """The places of the items that one of the tasks has in it; of several in one row of a task the surest."""
    index = Index(items)
    hits = (index.find(parts) for task in tasks for parts in _said(task))
    return {hit.item.place for hit in hits if hit}


def _said(task: Task) -> Iterator[list[str]]:
    """Instruction, input and output of each instance; or what is said in the turns, and judged."""
    turns = [turn["content"] for turn in task.turns]
    turns += [turn["content"] for judged in task.judged for turn in judged.turns]
    if turns:
        yield turns if task.instruction in turns else [task.instruction, *turns]
    for instance in task.instances:
        yield [text for text in (task.instruction, instance.input, instance.output) if text]
    if not turns and not task.instances:
        yield [task.instruction]


def _told(hit: Hit) -> str:
    """ "0.93 to the answer of gsm8k.jsonl, line 7: …": how much of it, of what, and what the task says there."""
    span = " ".join(hit.span.split())
    span = span if len(span) <= SHOWN else f"{span[:SHOWN]}…"
    of = "the answer of " if hit.role == "answer" else ""
    return f"{hit.share:.2f} to {of}{hit.item.place}: {span}"
