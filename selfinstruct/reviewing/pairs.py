"""Two answers to one question, of two datasets, two models, or a row of judged answers; blind, in seeded order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from selfinstruct.errors import UsageError
from selfinstruct.filters.review import keys_of
from selfinstruct.reviewing.items import Field, Item, fields_of
from selfinstruct.reviewing.sample import draw, place
from selfinstruct.task import Judged, Message, Task
from selfinstruct.text.normal import normalized

__all__ = [
    "answer_of",
    "check_pairs",
    "is_swapped",
    "judged_pairs",
    "pair_items",
    "pairs_of",
    "preference",
    "question_of",
    "shown_answer",
    "unpaired",
]

Pair = tuple[Task, Task]


def pairs_of(first: Iterable[Task], second: Iterable[Task]) -> tuple[list[Pair], int]:
    """The answers of two datasets to the same questions, an instance or a conversation each; and how many questions
    both answer in the same words.

    Ids say nothing, since files count their rows alike: what is asked has to be the same, spaces and forms of Unicode
    aside. Of one question that is asked several times the n-th of one goes with the n-th of the other.
    """
    waiting: dict[str, list[Task]] = {}
    for single in _singles(second):
        waiting.setdefault(_question(single), []).append(single)
    found, same = [], 0
    for single in _singles(first):
        others = waiting.get(_question(single))
        if not others:
            continue
        other = others.pop(0)
        if _answer_text(single) == _answer_text(other):
            same += 1
        else:
            found.append((single, other))
    return found, same


def unpaired(first: Iterable[Task], second: Iterable[Task], wanted: int, seed: int) -> tuple[list[Pair], int]:
    """So many rows of each, an instance or a conversation, the n-th drawn of one beside the n-th of the other; and how
    many such couples there are.
    """
    drawn = [draw(_singles(tasks), wanted, seed) for tasks in (first, second)]
    pairs = [(one.task, other.task) for one, other in zip(drawn[0].items, drawn[1].items, strict=False)]
    return pairs, drawn[0].rows * drawn[1].rows


def judged_pairs(tasks: Iterable[Task]) -> list[Pair]:
    """Of rows of judged answers the first good one and the first bad one, behind their question."""
    found = []
    for task in tasks:
        good, bad = (next((one for one in task.judged if one.good is which), None) for which in (True, False))
        if good and bad and good.turns != bad.turns:
            found.append((_answered(task, good), _answered(task, bad)))
    return found


def _answered(task: Task, judged: Judged) -> Task:
    return replace(task, turns=(*task.turns, *judged.turns), judged=())


def _singles(tasks: Iterable[Task]) -> Iterator[Task]:
    """Answered tasks, one instance each."""
    for task in tasks:
        if task.turns and not task.judged and task.turns[-1]["role"] == "assistant":
            yield task
        for number, instance in enumerate(() if task.turns else task.instances):
            id = f"{task.id}.{number}" if len(task.instances) > 1 else task.id
            yield replace(task, id=id, instances=(instance,))


def question_of(task: Task) -> tuple[Message, ...]:
    """All turns before the last answer; of an instance the instruction, and its input two lines on."""
    if task.turns:
        end = len(task.turns)
        while end and task.turns[end - 1]["role"] == "assistant":
            end -= 1
        return task.turns[:end]
    given = task.instances[0].input
    return (Message(role="user", content=f"{task.instruction}\n\n{given}" if given else task.instruction),)


def answer_of(task: Task) -> tuple[Message, ...]:
    if task.turns:
        return task.turns[len(question_of(task)) :]
    one = task.instances[0]
    answer = Message(role="assistant", content=one.output)
    if one.thoughts:
        answer["thoughts"] = one.thoughts
    return (answer,)


def _question(task: Task) -> str:
    return "\n\n".join(f"{turn['role']}: {_same(turn['content'])}" for turn in question_of(task))


def _answer_text(task: Task) -> str:
    return "\n\n".join(_same(turn["content"]) + str(turn.get("tool_calls", "")) for turn in answer_of(task))


def _same(text: str) -> str:
    return " ".join(normalized("NFC", text).split())


def shown_answer(task: Task) -> list[Field]:
    """The answer's texts, as they are shown: never whose they are, and not what the model thought."""
    asked = len(question_of(task))
    names = ("turns/", "calls/")
    fields = [one for one in fields_of(task) if one.name.startswith(names) and int(one.name.split("/")[1]) >= asked]
    fields = fields if task.turns else [one for one in fields_of(task) if one.name == "output"]
    return [replace(one, editable=False) for one in fields]


def is_swapped(item: Item, seed: int, by: str) -> bool:
    """Whether the second answer stands on the left: half of the time, for each person another half."""
    return place(f"{item.number}/{item.key}/{by}", seed) < 0.5


def preference(item: Item, better: str) -> Task | None:
    """The preference task of a verdict; None for a tie, which prefers neither. Where neither is good, both are bad."""
    if item.other is None or better not in ("first", "second", "neither"):
        return None
    goods = {"first": (True, False), "second": (False, True), "neither": (False, False)}[better]
    judged = [Judged(answer_of(task), good) for task, good in zip((item.task, item.other), goods, strict=True)]
    judged.sort(key=lambda one: not one.good)
    return replace(item.task, turns=question_of(item.task), instances=(), judged=tuple(judged), is_classification=None)


def check_pairs(pairs: Sequence[Pair], first: str, second: str, same: int) -> None:
    """Raises UsageError when there is nothing to compare."""
    if not pairs and same:
        raise UsageError(
            f"{first} and {second} answer all {same:,} common questions in the same words: nothing to compare"
        )
    if not pairs:
        raise UsageError(
            f"{first} and {second} have no question in common: have both models answer the same tasks, like "
            f"`selfinstruct run respond {first} --out …`, or compare whole rows by --unpaired"
        )


def pair_items(pairs: Iterable[Pair]) -> Iterator[Item]:
    """Items of pairs in the order given."""
    for number, (first, second) in enumerate(pairs):
        yield Item(number, keys_of(first)[0], first, other=second)
