"""Formats of judged answers: pairs to prefer one of (DPO and its kind), and answers alone, good or bad (KTO)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

from selfinstruct.rows.formats.conversational import in_messages, in_sharegpt, tools_text
from selfinstruct.rows.formats.learnable import HOLDS, LONG, UNLEARNED, is_lesson, needs
from selfinstruct.task import Judged, Message, Task

__all__ = [
    *("compared", "judged_of", "kto", "needs_of_answer", "preference", "preference_text", "question", "ranking"),
    "usable",
]


def preference(task: Task) -> Iterator[dict[str, Any]]:
    """{"prompt": [turns], "chosen": [turns], "rejected": [turns], "tools", "score_chosen", "score_rejected"}: TRL's.

    One row for every chosen answer with every rejected one; turns as in `messages`.
    """
    for chosen, rejected in compared(task, "preference"):
        row: dict[str, Any] = {"prompt": _prompt(task), "chosen": _answer(chosen), "rejected": _answer(rejected)}
        yield row | ({"tools": list(task.tools)} if task.tools else {}) | _scores(chosen, rejected)


def preference_text(task: Task) -> Iterator[dict[str, Any]]:
    """{"prompt", "chosen", "rejected", "score_chosen", "score_rejected"}: texts, of a single round; CSV holds them."""
    for chosen, rejected in compared(task, "preference_text"):
        row = {"prompt": question(task)[0]["content"]}
        row |= {"chosen": chosen.turns[0]["content"], "rejected": rejected.turns[0]["content"]}
        yield row | _scores(chosen, rejected)


def ranking(task: Task) -> Iterator[dict[str, Any]]:
    """{"conversations": [{"from", "value"}, …], "chosen": {"from", "value"}, "rejected", "tools"}: LLaMA-Factory's."""
    for chosen, rejected in compared(task, "ranking"):
        row: dict[str, Any] = {"conversations": [in_sharegpt(turn) for turn in question(task)]}
        row |= {"chosen": in_sharegpt(chosen.turns[0]), "rejected": in_sharegpt(rejected.turns[0])}
        yield row | tools_text(task)


def kto(task: Task) -> Iterator[dict[str, Any]]:
    """{"prompt": [turns], "completion": [turns], "label": true where it is good, "tools"}: TRL's, an answer a row."""
    for judged in filter(usable, judged_of(task)):
        row: dict[str, Any] = {"prompt": _prompt(task), "completion": _answer(judged), "label": judged.good}
        yield row | ({"tools": list(task.tools)} if task.tools else {})


def compared(task: Task, form: str) -> Iterator[tuple[Judged, Judged]]:
    """Every good answer with every bad one that is another, those that the rows of this format hold."""
    held = [judged for judged in judged_of(task) if usable(judged) and needs_of_answer(task, judged) <= HOLDS[form]]
    good, bad = ([judged for judged in held if judged.good is which] for which in (True, False))
    return ((chosen, rejected) for chosen, rejected in product(good, bad) if chosen.turns != rejected.turns)


def judged_of(task: Task) -> tuple[Judged, ...]:
    """Its judged answers. Of a task that was revised, which is learned as it is, the last answer and the first one; of
    one that `grade` has marked, the answer that was given.
    """
    if (marked := _marked(task)) is not None:
        return (marked,)
    match task.extra.get("revisions"):
        case [{"answer": str(first)}, *_] if not task.judged:
            last = task.turns[-1]["content"] if task.turns else task.instances[0].output if task.instances else ""
            both = ((last, True), (first, False)) if last else ()
            return tuple(Judged((Message(role="assistant", content=text),), good) for text, good in both)
    return task.judged


def _marked(task: Task) -> Judged | None:
    """The answer to a task of an exam as `grade --out` writes it: {"family", "answer", "right"} beside the task."""
    match task.extra:
        case {"family": str(), "answer": str(text), "right": bool(right)} if not task.judged and task.instances:
            return Judged((Message(role="assistant", content=text),), right) if text.strip() else None
    return None


def usable(judged: Judged) -> bool:
    """Whether it answers, and may be learned from."""
    return bool(judged.turns) and is_lesson(judged.turns[-1])


def needs_of_answer(task: Task, judged: Judged) -> frozenset[str]:
    """As `needs`; of the question nothing is learned anyway."""
    found = needs((*question(task), *judged.turns), task.tools) - {UNLEARNED}
    return found | {LONG} if len(judged.turns) > 1 else found


def question(task: Task) -> tuple[Message, ...]:
    """All that comes before the judged answers."""
    if not task.judged and (task.extra.get("revisions") or _marked(task)):
        given = task.instances[0].input if task.instances else ""
        asked = f"{task.instruction}\n\n{given}" if given else task.instruction
        return task.turns[:-1] or (Message(role="user", content=asked),)
    return task.turns or (Message(role="user", content=task.instruction),)


def _prompt(task: Task) -> list[dict[str, Any]]:
    rows = [in_messages(turn) for turn in question(task)]
    for row in rows:
        row.pop("weight", None)  # no trainer learns of the prompt
    return rows


def _answer(judged: Judged) -> list[dict[str, Any]]:
    return [in_messages(turn) for turn in judged.turns]


def _scores(chosen: Judged, rejected: Judged) -> dict[str, float]:
    scores = {"score_chosen": chosen.score, "score_rejected": rejected.score}
    return {name: score for name, score in scores.items() if score is not None}
