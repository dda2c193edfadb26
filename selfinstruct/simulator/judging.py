"""How the built-in teacher judges: how hard a task is, whether two ask for the same, how good an answer is.

By what it understands of them; where it does not know a task, it says so and gives no number.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random

from selfinstruct.simulator.layers import length
from selfinstruct.simulator.reading import Question, shown_in
from selfinstruct.simulator.understanding import Shown, Understood, understand
from selfinstruct.text.refusals import is_refusal

__all__ = ["difficulty", "equal", "judge", "score", "verdict"]


def judge(asked: Question) -> str:
    words, found = asked.language.words["judge"], verdict(asked)
    if found is None:
        return asked.language.unknown
    if asked.kind == "judge_equal":
        return str(words["equal" if found else "different"])
    if asked.kind == "judge_score":
        return str(words[str(found)].format(number=found))
    known = understand(shown_in(asked, "task"))
    assert known
    return str(
        words["difficulty"].format(number=found, reading=words["reading"][_basis(known) - 1], many=known.demands)
    )


def verdict(asked: Question) -> int | bool | None:
    """What is asked for: a number, or whether two tasks are equal; None where it does not know the task."""
    task = shown_in(asked, "task")
    match asked.kind:
        case "judge_equal":
            return equal(shown_in(asked, "parent"), task)
        case "judge_difficulty":
            return difficulty(task)
    return score(task, asked.places["answer"])


HARDEST = 10
BASIS = 3
"""The most that a task has by itself; each layer on it adds one."""


def difficulty(task: Shown) -> int | None:
    """From 1 to 10: how much there is to read, and how many demands there are; None when the task is none of ours."""
    known = understand(task)
    return _difficulty(known) if known else None


def _difficulty(known: Understood) -> int:
    return min(_basis(known) + known.demands, HARDEST)


def _basis(known: Understood) -> int:
    """By length: 1 for some twenty words, or half as many more characters in Chinese, 2 for twice as many."""
    unit = 30 if known.language.code == "zh" else 20
    said = known.base.removesuffix(known.asked.ending)  # which goes as soon as more is asked for
    return min(1 + length(f"{said} {known.given}") // unit, BASIS)


def equal(one: Shown, other: Shown) -> bool | None:
    """Do they ask for the same: the same of a family, of the same input, with the same layers? None where it knows
    neither and they are not the same text."""
    first, second = understand(one), understand(other)
    if first and second:
        return first.asks == second.asks
    if one == other:
        return True
    return False if first or second else None


def score(task: Shown, answer: str) -> int | None:
    """From 1 to 10; None when the task is none of ours.

    10 is right; 9 has the right form, where no rule can tell more; 6 and 5 are right but for one demand, or for
    several; 2 is wrong; 1 does not try.
    """
    known = understand(task)
    if not known or known.answer(Random(0)) is None:
        return None
    if known.accepts(answer):
        return 10 if known.asked.family.graded else 9
    if not answer.strip() or is_refusal(answer, task.instruction):
        return 1
    less = [replace(known, layers=(*known.layers[:n], *known.layers[n + 1 :])) for n in range(len(known.layers))]
    free = replace(known, asked=replace(known.asked, ending="")) if known.asked.ending else known
    if any(one.accepts(answer) for one in (*less, free)):
        return 6
    fewer = [replace(free, layers=known.layers[:many]) for many in range(len(known.layers))]
    return 5 if any(one.accepts(answer) for one in fewer) else 2
