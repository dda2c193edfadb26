"""What the rows of a format do not hold of a task: what is left out of them, and what gives no row at all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

from selfinstruct.rows.formats.comparisons import compared, judged_of, needs_of_answer, question, usable
from selfinstruct.rows.formats.learnable import (
    BESIDE,
    HOLDS,
    LONG,
    NAMES,
    ORDER,
    ROUNDS,
    SCORES,
    SYSTEM,
    THOUGHTS,
    TOOLS,
    UNLEARNED,
    conversations,
    is_blank,
    is_lesson,
    learnable,
    needs,
)
from selfinstruct.task import Message, Task

__all__ = ["Shortfall", "is_plain", "keys_beside", "shortfall"]

IN_ORDER = (UNLEARNED, LONG, BESIDE, ORDER, TOOLS, SYSTEM, ROUNDS)
"""The rarest first: the reason that is told where there are several."""

COMPARING = ("preference", "preference_text", "ranking", "kto")
"""Formats of judged answers; all others are of what is learned as it is."""


class Shortfall(NamedTuple):
    unused: tuple[str, ...] = ()
    """Keys, and kinds of things, that its rows do not hold, each once."""
    left_out: tuple[str, ...] = ()
    """Why there is no row, once for each conversation that gives none; and once for a task of judged answers."""


def is_plain(task: Task, form: str) -> bool:
    """Whether it is plainly nothing but questions and answers, which every format of what is learned holds: so it is
    with nearly all tasks, and told in 0.3 µs. False says nothing."""
    if task.turns or task.extra or task.judged or task.tools or not task.instances or form in COMPARING:
        return False
    for instance in task.instances:  # noqa: SIM110 (a generator takes as long again)
        if instance.thoughts or is_blank(instance.output):
            return False
    return True


def shortfall(task: Task, form: str) -> Shortfall:
    """What the format cannot hold of the task; our own holds everything."""
    if form == "seed":
        return Shortfall()
    said, names, left_out = (_to_compare if form in COMPARING else _to_learn)(task, form)
    if not said:
        return Shortfall((), tuple(left_out))
    marks = (mark for turn in said if len(turn) > 2 for mark in _marks(turn) if mark not in HOLDS[form])
    return Shortfall(tuple(dict.fromkeys((*keys_beside(task), *marks, *names))), tuple(left_out))


def keys_beside(task: Task) -> list[str]:
    """The keys of the row that say something. An input that waited for its answer is in the instance by now."""
    waited = task.extra.get("input") if task.instances else None
    inputs = [instance.input for instance in task.instances]
    said = {key: value for key, value in task.extra.items() if value or value == 0}
    return [key for key in said if not (key == "input" and waited in inputs)]


def _marks(turn: Message) -> list[str]:
    found = [f"{key} of a turn" for key in turn.get("extra", ())]
    if turn.get("thoughts"):
        found.append(THOUGHTS)
    if turn.get("name") and turn["role"] != "tool":  # a tool's name stands in the call, too
        found.append(NAMES)
    return found


def _to_learn(task: Task, form: str) -> tuple[list[Message], list[str], list[str]]:
    """The turns of its rows, the names of what follows them, and why some conversations give no row."""
    said: list[Message] = []
    names: list[str] = []
    left_out: list[str] = []
    for turns in conversations(task):
        found = learnable(turns)
        if not found:
            left_out.append(_no_row(form, "no answer" + " that is to be learned" * any(map(_is_answer, turns))))
        elif (needed := needs(found, task.tools)) - HOLDS[form]:
            left_out.append(_lacking(form, needed))
        else:
            said += found
            names += _after(turns[len(found) :])
    if task.judged:
        left_out.append(_no_row(form, COMPARED if len({judged.good for judged in task.judged}) == 2 else JUDGED))
    elif not task.turns and not task.instances:
        left_out.append(_no_row(form, "no answer"))
    return said, names, left_out


COMPARED = f"answers that are compared, which {', '.join(COMPARING[:-1])} and {COMPARING[-1]} hold; to learn the \
chosen ones: --columns output=chosen"
JUDGED = "an answer that is judged, which kto holds"


def _after(turns: Sequence[Message]) -> list[str]:
    """What stands behind the last answer that is to be learned."""
    if any(map(_is_answer, turns)):
        return ["unlearned last answer"]
    return ["unanswered last question"] if turns else []


def _is_answer(turn: Message) -> bool:
    return is_lesson({**turn, "learned": True})


def _to_compare(task: Task, form: str) -> tuple[list[Message], list[str], list[str]]:
    """As `_to_learn`."""
    every = judged_of(task)
    if not every:
        return [], [], [_no_row(form, "nobody has judged its answers")]
    answers = [judged for judged in every if usable(judged)]
    needed = frozenset(why for judged in answers for why in needs_of_answer(task, judged))
    given = answers if form == "kto" else [judged for pair in compared(task, form) for judged in pair]
    if given:
        names = ["a judged answer that is empty or not to be learned"] if len(answers) < len(every) else []
        names += [SCORES] if SCORES not in HOLDS[form] and any(judged.score is not None for judged in given) else []
        said = [*question(task), *(turn for judged in given for turn in judged.turns)]
        return said, [*names, *sorted(needed - HOLDS[form])], []
    if not answers:
        return [], [], [_no_row(form, "no answer")]
    if needed - HOLDS[form]:
        return [], [], [_lacking(form, needed)]
    both = len({judged.good for judged in answers}) == 2
    why = "what is chosen is what is rejected" if both else "nothing chosen beside something rejected, which kto holds"
    return [], [], [_no_row(form, why)]


@cache
def _lacking(form: str, needed: frozenset[str]) -> str:
    """Why there is no row, with the formats that have one."""
    family = [name for name in HOLDS if (name in COMPARING) is (form in COMPARING)]
    why = next(need for need in IN_ORDER if need in needed - HOLDS[form])
    return _no_row(form, f"{why}, which {_and(name for name in family if needed <= HOLDS[name])} hold")


def _no_row(form: str, why: str) -> str:
    return f"left out of {form} ({why})"


def _and(names: Iterable[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last
