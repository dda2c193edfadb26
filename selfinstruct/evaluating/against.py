"""The suite `pairwise`: a model's answers beside another's, or beside those of the file, before a judge.

`pairwise=FILE` asks any file of questions (questions.py); `pairwise=exam` asks the exam, whose rules then tell how far
the judge can be believed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from selfinstruct.errors import UsageError
from selfinstruct.evaluating.examining import exam_suite
from selfinstruct.evaluating.items import Item, Mark, Options, Said, Suite
from selfinstruct.evaluating.pairwise import Outcome, agreement, first_place, judged, pairs_of, won
from selfinstruct.evaluating.questions import Question, language_of, read_questions, to_ask
from selfinstruct.evaluating.reading import there
from selfinstruct.filters.overlap_words import Part
from selfinstruct.task import Task

__all__ = ["EXAM", "OWN", "Answering", "compared", "has_own", "outcomes_in", "pairwise_suite", "remarks_on", "said_to"]

EXAM = "exam"
OWN = "the file's answers"
LONGEST = 1_024
"""Tokens of an answer."""
NEXT = "\n\n— next turn —\n\n"

Answering = Callable[[Sequence[Task], Path], Mapping[str, Said]]
"""What a model says to tasks, by a run in the folder."""


def pairwise_suite(file: str, options: Options) -> Suite:
    """The questions of a file. With answers of the file's own, to all of them, models are compared with these."""
    if file == EXAM:
        exam = exam_suite("", options)
        asked = tuple(item._replace(more={"question": _of_exam(item.task)}) for item in exam.items)
        return replace(exam, name=f"pairwise:{EXAM}", figure="win rate", items=asked, way="pairs")
    path = there("pairwise", file)
    questions = read_questions(path)[: options.limit]
    params = {"temperature": 0, "max_tokens": options.max_tokens or LONGEST}
    items = tuple(
        Item(task, one.answers, next(iter(one.kinds.values()), ""), one.cluster, _parts(one), {"question": one})
        for task, one in zip(to_ask(questions), questions, strict=True)
    )
    return Suite(f"pairwise:{path.name.partition('.')[0]}", "win rate", items, params, way="pairs")


def has_own(suite: Suite) -> bool:
    """Whether the file has an answer to every question, to be compared with."""
    return all(one.answers for one in _questions(suite))


def _of_exam(task: Task) -> Question:
    return Question(task.id, (task.instruction,), task.instances[0].input, kinds={"family": str(task.extra["family"])})


def _parts(one: Question) -> tuple[Part, ...]:
    return tuple(Part(text, "question") for text in (one.asked, *one.turns[1:]) if text.strip())


def _questions(suite: Suite) -> list[Question]:
    return [item.more["question"] for item in suite.items]


def said_to(suite: Suite, folder: Path, ask: Answering) -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
    """What a model answers to each question, turn by turn, and the worst fate of these; a run a turn."""
    questions = _questions(suite)
    said: dict[str, tuple[str, ...]] = {}
    fates = dict[str, str]()
    for turn in range(1, max(len(one.turns) for one in questions) + 1):
        # Nothing can be said after nothing.
        spoken = {id: texts for id, texts in said.items() if all(text.strip() for text in texts)}
        tasks = to_ask(questions, spoken if turn > 1 else None)
        if not tasks:
            break
        for id, one in ask(tasks, folder / f"turn-{turn}").items():
            said[id] = (*said.get(id, ()), one.text)
            if one.fate != "answered":
                fates[id] = one.fate
    return said, fates


def compared(
    suite: Suite,
    said: Mapping[str, Sequence[str]],
    fates: Mapping[str, str],
    others: Mapping[str, Sequence[str]] | None,
    folder: Path,
    judge: Any,
    **asking: Any,
) -> list[Mark]:
    """A mark for each question: 1 where the judge finds these answers better in both orders, .5 for a tie.

    others  the other model's answers; None: the file's own
    """
    questions = _questions(suite)
    pairs = pairs_of(questions, said, others)
    language = language_of(questions)
    found = judged(pairs, folder, language=language, model={"judge": judge}, **asking)
    of = {pair.question.id: pair for pair in pairs}
    marks = []
    for one in found:
        pair = of[one.id]
        more = {"lengths": list(one.lengths), "shown": list(one.shown), "why": list(one.why), "kinds": dict(one.kinds)}
        value, fate = (0.5, "unread") if one.score is None else (one.score, fates.get(one.id, "answered"))
        asked, other, own = (
            NEXT.join(each) for each in ((pair.question.asked, *pair.question.turns[1:]), pair.second, pair.first)
        )
        group = next(iter(one.kinds.values()), "")
        marks.append(Mark(one.id, value, group, one.cluster, fate, asked, other, own, more=more))
    return marks


def outcomes_in(marks: Sequence[Mark]) -> list[Outcome]:
    """What came of the pairs, out of their marks."""
    return [
        Outcome(
            one.id,
            None if one.fate == "unread" else one.value,
            tuple(one.more["shown"]),
            tuple(one.more["why"]),
            one.more["kinds"],
            (one.more["lengths"][0], one.more["lengths"][1]),
            one.cluster,
        )
        for one in marks
    ]


def remarks_on(marks: Sequence[Mark]) -> list[str]:
    """What a reader should know of the judge, a line each."""
    found = outcomes_in(marks)
    one = won(found)
    lines = [
        f"{one.wins:,} won, {one.ties:,} tied, {one.losses:,} lost; in {one.turned:,} the judge turned with the order"
    ]
    lines += [f"the longer answer wins {one.longer:.0%}"] if one.longer == one.longer else []
    lines += [f"{one.unread:,} without a verdict, in no rate"] if one.unread else []
    habit = first_place(found)
    return ["; ".join(lines), *([habit] if habit else []), *_agreement(found, marks)]


def _agreement(found: Sequence[Outcome], marks: Sequence[Mark]) -> list[str]:
    """With the rules that mark both answers, where there are such."""
    right = {one.id: one.more["right"] for one in marks if "right" in one.more}
    if not right:
        return []
    first = {id: bool(pair[0]) for id, pair in right.items()}
    second = {id: bool(pair[1]) for id, pair in right.items()}
    both = agreement(found, first, second)
    return [
        f"judge and rules agree on {both.share:.0%} of {both.rows:,} pairs, kappa {both.kappa:.2f} "
        f"[{both.low:.2f}, {both.high:.2f}]"
    ]


def with_rules(
    suite: Suite, marks: Sequence[Mark], first: Mapping[str, Said], second: Mapping[str, Said]
) -> list[Mark]:
    """The marks, each with whether the rules of the exam find the one and the other answer right."""
    own, others = ({one.id: one.value for one in suite.mark(suite.items, said)} for said in (first, second))
    if not own:
        return list(marks)
    return [one._replace(more={**one.more, "right": [own[one.id], others[one.id]]}) for one in marks]


def check_judge(judge: Any) -> Any:
    """The judge. Raises UsageError without one."""
    if judge is None or judge == "":
        raise UsageError("--suite pairwise wants a judge: give --judge MODEL, a better one than those that it judges")
    return judge
