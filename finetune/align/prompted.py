"""Questions to which answers are drawn: read from any file of tasks, and parted into what is trained on and what is
looked at only.

    found = read_questions(settings)      # rows of `selfinstruct exam`, a run, or any tasks

Of an exam's tasks whole families are left to be looked at; twins that the data has are looked at as well.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

from selfinstruct.errors import UsageError
from selfinstruct.rows.formats import comparisons
from selfinstruct.rows.notes import Notes
from selfinstruct.task import Task, task_to_row

from ..answer.sampling import Answer, Sampling, TooLong, question
from ..rows.batches import Item, Plan
from ..rows.conversations import MASKED, conversations_of, read_given, turn_of
from ..rows.examine import Findings
from ..rows.holding_out import split
from ..rows.templates import Template, ends_of
from ..settings import Settings
from .rewarding import EXAM, Asked, check_reward, family_of, twins

if TYPE_CHECKING:
    from rich.table import Table
    from transformers import PreTrainedTokenizerBase as Tokenizer

__all__ = ["Draws", "Laid", "Questions", "lay_questions", "read_questions", "table_of"]

NO_RULE = "no rule judges their answers, of {:,}: left out"
NOT_ASKED = "without a question: left out"
TOO_LONG = "questions longer than max_length without answer_tokens: left out"
FEWEST = 5
"""Families below which none is left out."""


class Questions(NamedTuple):
    trained: list[Asked]
    held_out: list[Asked]
    """Of the same families."""
    unseen: list[Asked]
    """Of families that are not trained on."""
    twins: dict[str, Asked]
    """By the id of a task that is trained on; of as many as an evaluation looks at."""
    hash: str
    """Of all of them, whatever their files are called."""
    notes: Notes

    @property
    def total(self) -> int:
        return len(self.trained) + len(self.held_out) + len(self.unseen)


def read_questions(settings: Settings) -> Questions:
    """The questions of the data. Raises UsageError where there is none, or none that can be paid for."""
    if not settings.data:
        raise UsageError("nothing to train on: give --data, such as a file that selfinstruct exam wrote")
    check_reward(settings.reward)
    notes = Notes()
    tasks = [task for path in settings.data for task in read_given(path, notes)]
    found = _apart([one for task in tasks for one in _asked(task, notes)])
    if not found:
        raise UsageError("nothing to train on: no row has a question to which answers could be drawn")
    for name in ("family", "twin"):
        notes.unused.pop(name, None)  # an exam's rows have them, and the rules tell the family anyway
    if settings.reward != "exam" and not settings.reward.startswith("python:"):
        known = found  # a model marks any answer
    else:
        known = [one._replace(family=family_of(one.task) or "") for one in found]
    if settings.reward == EXAM:
        left_out = sum(not one.family for one in known)
        if left_out == len(known):
            raise UsageError(
                f"{left_out:,} of {len(known):,} tasks have no rule that judges their answers: give rows of "
                "`selfinstruct exam`, or another --reward"
            )
        notes.done.update({NO_RULE.format(len(known)): left_out} if left_out else {})
        known = [one for one in known if one.family]
    return _parted(known, settings, notes)


def _asked(task: Task, notes: Notes) -> Iterator[Asked]:
    """A task of one question for each instance, and for the last answer of a dialogue."""
    if task.judged:  # answers of others, one better than another: their question is one to draw to
        yield Asked(task.id, task, tuple(map(turn_of, comparisons.question(task))), tools=task.tools)
        return
    several = len(task.instances) > 1
    for number, one in enumerate(conversations_of(task, "the data", notes)):
        turns = one.turns
        while turns and turns[-1]["role"] == "assistant":
            turns = turns[:-1]
        if not turns or turns[-1]["role"] != "user":
            notes.done[NOT_ASKED] += 1
            continue
        alone = task
        if several:
            place = number - bool(task.turns)
            alone = replace(task, id=one.id, instances=task.instances[place : place + 1]) if place >= 0 else task
        before = tuple({**turn, "learned": False} if turn["role"] == "assistant" else turn for turn in turns)
        yield Asked(one.id, alone, before, tools=task.tools)


def _apart(found: Sequence[Asked]) -> list[Asked]:
    """Each with an id of its own: two files may have the same."""
    times, named = Counter[str](), list[Asked]()
    for one in found:
        times[one.id] += 1
        id = one.id if times[one.id] == 1 else f"{one.id}#{times[one.id]}"
        named.append(one._replace(id=id, task=replace(one.task, id=id)))
    return named


def _parted(found: Sequence[Asked], settings: Settings, notes: Notes) -> Questions:
    digest = hashlib.sha256()
    for one in found:
        digest.update(repr((one.turns, task_to_row(one.task).get("instances"))).encode("utf-8", "replace") + b"\n")
    known = {one.id for one in found}
    own = {str(one.task.extra["twin"]): one for one in found if one.task.extra.get("twin") in known}
    others = {one.id for one in own.values()}
    seen = [one for one in found if one.id not in others]
    families = sorted({one.family for one in seen if one.family})
    count = round(settings.unseen * len(families)) or bool(settings.unseen)
    apart = set(Random(f"{settings.seed}/families").sample(families, count) if len(families) >= FEWEST else ())
    unseen = [one for one in seen if one.family in apart]
    rest = [one for one in seen if one.family not in apart]
    by_turns = [one.answered(one.task.instances[0].output if one.task.instances else "") for one in rest]
    trained, held = split(by_turns, settings.validation, settings.seed)
    places = {id(one): place for place, one in enumerate(by_turns)}
    kept = [rest[places[id(one)]] for one in trained]
    chosen = Random(f"{settings.seed}/examined").sample(kept, min(settings.examined, len(kept)))
    pairs = own or twins([one for one in chosen if len(one.task.instances) == 1], kept, settings.seed)
    ids = {one.id for one in kept}
    return Questions(
        kept,
        [rest[places[id(one)]] for one in held],
        unseen,
        {id: twin for id, twin in pairs.items() if id in ids},
        digest.hexdigest(),
        notes,
    )


class Laid(NamedTuple):
    """Questions with their tokens."""

    asked: list[Asked]
    answers: list[Answer]
    """Yet to be written: one to be copied for each that is drawn."""
    left_out: int

    def some(self, count: int, seed: str) -> Laid:
        """So many of them, drawn by the seed, in their order."""
        places = sorted(Random(seed).sample(range(len(self.asked)), min(count, len(self.asked))))
        return Laid([self.asked[n] for n in places], [self.answers[n] for n in places], 0)


def lay_questions(
    asked: Sequence[Asked], model: Any, tokenizer: Tokenizer, template: Template, settings: Settings
) -> Laid:
    """As the template lays them out, without those that leave no room for an answer."""
    rules = Sampling(temperature=settings.temperature, max_tokens=settings.answer_tokens)
    kept, answers = list[Asked](), list[Answer]()
    for one in asked:
        try:
            answer = question(model, tokenizer, template, one.turns, rules)
        except TooLong:
            continue
        if len(answer.prompt) + settings.answer_tokens <= settings.max_length:
            kept.append(one)
            answers.append(answer)
    return Laid(kept, answers, len(asked) - len(kept))


def items_of_questions(laid: Laid) -> list[Item]:
    return [Item(one.prompt, [MASKED] * len(one.prompt), (len(one.prompt),)) for one in laid.answers]


def findings_of(laid: Laid, data: Questions, template: Template, tokenizer: Tokenizer) -> Findings:
    """What the report says of them. Raises UsageError where none is left."""
    from ..rows.conversations import Row

    if not laid.asked:
        raise UsageError(f"nothing to train on: all {laid.left_out:,} {TOO_LONG}; give a larger --max-length")
    rows = [
        Row(one.id, made.prompt, [MASKED] * len(made.prompt))
        for one, made in zip(laid.asked, laid.answers, strict=True)
    ]
    lengths = sorted(len(row.ids) for row in rows)
    return Findings(
        rows=rows,
        total=len(data.trained),
        too_long=0,
        special=0,
        unanswered=0,
        duplicates=0,
        empty=0,
        tokens=sum(lengths),
        trained=0,
        lengths={"50 %": lengths[len(lengths) // 2], "longest": lengths[-1]},
        bos="",
        end=" or ".join(ends_of(template)),
        template=template.name,
        left_out={TOO_LONG: laid.left_out},
        notes=data.notes.lines(),
    )


def table_of(findings: Findings, data: Questions, settings: Settings, known: dict[str, str]) -> Table:
    """For people: what answers are drawn to, and what they are measured by."""
    from rich.table import Table
    from rich.text import Text

    from selfinstruct.errors import shown

    table = Table.grid(padding=(0, 2))
    table.add_row("questions", f"{len(findings.rows):,} to train on")
    for line in (*findings.problems, *findings.notes):
        table.add_row("", Text(shown(line)))
    families = sorted({one.family for one in data.unseen})
    if families:
        names = ", ".join(families[:6]) + (" …" if len(families) > 6 else "")
        table.add_row("", Text(shown(f"{len(data.unseen):,} of families that are not trained on: {names}")))
    if data.held_out:
        table.add_row("", f"{len(data.held_out):,} held out")
    if data.twins:
        table.add_row("", f"{len(data.twins):,} twins, with other names and numbers")
    table.add_row("reward", Text(shown(settings.reward)))
    table.add_row(
        "length", f"at most {settings.answer_tokens:,} tokens an answer; questions: {findings.lengths['longest']:,}"
    )
    for name, text in known.items():
        table.add_row(name, text)
    return table


class Draws(Plan):
    """The questions of each step; its micro-batches are made of the answers that are drawn to them."""

    def __init__(self, items: Sequence[Item], settings: Settings, processes: int) -> None:
        questions = settings.batch // settings.samples_each
        super().__init__(
            items,
            batch=questions,
            micro=1,
            processes=processes,
            seed=settings.seed,
            epochs=settings.epochs * settings.updates,
            steps=settings.steps,
        )
        most = -(-min(questions, len(items)) // processes) * settings.samples_each
        self.accumulation = -(-most // settings.micro_batch)
        self._draws_an_epoch = self.steps_an_epoch
        self.steps_an_epoch *= settings.updates
        self.counted: Any = None
        """Of the last step: known once its answers are drawn."""

    def __getitem__(self, place: int) -> list[Item]:  # type: ignore[override]
        if not 0 <= place < len(self):
            raise IndexError(place)
        return []

    def counts(self, step: int) -> Any:
        return self.counted

    def questions(self, draw: int) -> list[int]:
        """The places of those to which answers are drawn, from draw 0 on."""
        epoch, number = divmod(draw, self._draws_an_epoch)
        order, of = self._order(epoch), self._draws_an_epoch
        return order[len(order) * number // of : len(order) * (number + 1) // of]
