"""Two models' answers before a judge, in both orders: who wins how often, and how far that can be trusted.

    pairs = pairs_of(questions, mine, theirs)                       # answers by the question's id
    found = judged(pairs, "evals/x/judged", language="en", model={"judge": …})
    won(found), parts_of(found), first_place(found)

The judge ranks the two as the recipe `comparisons` has it (stages/judging/compare.py), with the same journal, resume
and budget. Who wins in one order and loses in the other has drawn. What it says is in the run, in its own words.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from selfinstruct.api import Run, run
from selfinstruct.errors import RunStopped
from selfinstruct.evaluating.intervals import Clusters, Estimate, difference
from selfinstruct.evaluating.length import length_controlled
from selfinstruct.evaluating.questions import Answers, Question
from selfinstruct.reviewing.estimates import Agreement, kappa
from selfinstruct.running.places import by_chance
from selfinstruct.running.recipe import Recipe, Step
from selfinstruct.stages.answering.sample import SAMPLED, Sampled
from selfinstruct.stages.judging.compare import VERDICTS, Compare
from selfinstruct.task import Instance, Rejected, Task

__all__ = [
    *("Outcome", "Pair", "Won", "agreement", "first_place", "judged", "judging", "outcomes", "pairs_of", "parts_of"),
    *("rate_of", "to_judge", "win_rate", "won"),
]

BLANK, SAME, UNREAD = "no answer", "the same answer", "no verdict"
NUMBERED = {"en": "({}) {}", "zh": "（{}）{}"}
SEVERAL = {"en": "A user asks, one after the other:\n\n{}", "zh": "用户先后提出：\n\n{}"}
RIGHT = {"en": "[A right answer, to compare with]\n{}", "zh": "【供对照的正确答案】\n{}"}
LONGEST = 2_048
"""Tokens of a verdict, as MT-Bench has it: a judge that reasons needs them, and others stop by themselves."""
SURE = 0.01
"""A judge without a habit is said to have one as often as this."""


class Pair(NamedTuple):
    """A question, and what two have answered to each of its turns."""

    question: Question
    first: tuple[str, ...]
    second: tuple[str, ...]

    @property
    def settled(self) -> tuple[float, str] | None:
        """The score, and why, of a pair that no judge need see: equal answers draw, and one beats none."""
        one, other = ([text.strip() for text in texts] for texts in (self.first, self.second))
        if one == other:
            return 0.5, SAME
        said = [all(one), all(other)]
        return None if all(said) else (float(said[0]) if any(said) else 0.5, BLANK)


class Outcome(NamedTuple):
    """What came of a pair."""

    id: str
    score: float | None
    """1 where the first is better, in both orders; .5 for a tie, also of two verdicts that are at odds; None where the
    judge gave none that can be read."""
    shown: tuple[float, ...] = ()
    """In each order the score of the one that was shown first: 1, .5 or 0."""
    why: tuple[str, ...] = ()
    """In each order what the judge said; or the one reason why it was not asked, or not understood."""
    kinds: Mapping[str, str] = {}
    lengths: tuple[int, int] = (0, 0)
    """Characters."""
    cluster: str = ""


def pairs_of(questions: Sequence[Question], first: Answers, second: Answers | None = None) -> list[Pair]:
    """The pairs of those questions that both have an answer to; None: the second ones are the file's own (AlpacaEval's
    baseline, the experts').
    """
    others = {one.id: one.answers for one in questions} if second is None else second
    return [
        Pair(one, tuple(first.get(one.id, ())), tuple(others[one.id]))
        for one in questions
        if one.id in first and others.get(one.id)
    ]


def to_judge(pairs: Iterable[Pair], language: str = "en") -> list[Task]:
    """What the judge is asked: tasks with the two answers, without those that are settled. Nobody is named."""
    return [_task(pair, language) for pair in pairs if pair.settled is None]


def _task(pair: Pair, language: str) -> Task:
    """Of several turns all stand in the one instruction and in each answer, numbered."""
    one = pair.question
    asked, given = one.turns[0], one.input
    if len(one.turns) > 1:
        asked, given = SEVERAL[language].format(_numbered((one.asked, *one.turns[1:]), language)), ""
    if any(text.strip() for text in one.references):
        right = RIGHT[language].format(_numbered(one.references, language))
        asked, given = (asked, f"{given}\n\n{right}") if given else (f"{asked}\n\n{right}", "")
    texts = (_numbered(pair.first, language), _numbered(pair.second, language))
    answers = Sampled({"by": by, "text": text} for by, text in zip(("first", "second"), texts, strict=True))
    return Task(one.id, asked, (Instance(given, ""),), extra={**one.kinds, SAMPLED: answers})


def _numbered(texts: Sequence[str], language: str) -> str:
    if len(texts) == 1:
        return texts[0].strip()
    form = NUMBERED[language]
    return "\n\n".join(form.format(number, text.strip()) for number, text in enumerate(texts, 1) if text.strip())


def judging(language: str = "en", max_tokens: int = LONGEST) -> Recipe:
    """The recipe of the run that judges: both orders, by the role `judge`. Give the run keep_asking, as ties are no
    faults here.
    """
    params = {"temperature": 0, "max_tokens": max_tokens}
    turns = [Compare("rank", turn, language) for turn in ("first", "second")]
    steps = tuple(Step(stage, role="judge", params=params) for stage in turns)
    return Recipe("pairwise", steps, language=language, export=("preference",))


def judged(pairs: Sequence[Pair], out: str | Path, *, language: str = "en", **options: Any) -> list[Outcome]:
    """What came of each pair, by a run in the folder `out`, or by going on with it; the options are those of
    `selfinstruct.run`. Without a pair that a judge need see there is no run. Raises what `run` does.
    """
    tasks = to_judge(pairs, language)
    if not tasks:
        return outcomes(pairs, ())
    try:
        run(judging(language), data=tasks, out=out, **{"keep_asking": True, **options})
    except RunStopped:  # also when all is done, and all are ties
        if not {task.id for task in tasks} <= {item.task for item in Run(out).rejected if item.is_proposal}:
            raise
    done = Run(out)
    return outcomes(pairs, done.tasks, done.rejected)


def outcomes(pairs: Sequence[Pair], tasks: Iterable[Task], rejected: Iterable[Rejected] = ()) -> list[Outcome]:
    """What came of each pair, in their order, from the tasks of such a run and what it rejected, which are the ties."""
    said: dict[str, Any] = {task.id: task.extra.get(VERDICTS) for task in tasks}
    said |= {item.task: item.whole.get(VERDICTS) for item in rejected if item.task and item.whole.get(VERDICTS)}
    return [_outcome(pair, said.get(pair.question.id)) for pair in pairs]


def _outcome(pair: Pair, verdicts: Any) -> Outcome:
    one = pair.question
    lengths = (sum(map(len, pair.first)), sum(map(len, pair.second)))
    score, shown, why = None, tuple[float, ...](), tuple[str, ...]([UNREAD])
    if pair.settled:
        score, why = pair.settled[0], (pair.settled[1],)
    elif isinstance(verdicts, list) and len(verdicts) == 2:
        of_first = [float(said["scores"][said["order"].index(0)]) for said in verdicts]
        shown = tuple(float(said["scores"][0]) for said in verdicts)
        score, why = sum(of_first) / 2, tuple(str(said["why"]) for said in verdicts)
    return Outcome(one.id, score, shown, why, one.kinds, lengths, one.cluster or one.id)


class Won(NamedTuple):
    """How often the first wins, a tie counting half."""

    rate: Estimate
    controlled: Estimate
    """As it would be if no answer were longer than the other one (length.py)."""
    wins: int
    ties: int
    losses: int
    unread: int
    """Pairs without a verdict that can be read; they are in no rate."""
    turned: int
    """Pairs of which the judge preferred one in one order, and the other one in the other: ties."""
    longer: float
    """In what share of the pairs that have a longer answer the longer one is better, ties half; nan without any."""


def win_rate(scores: Sequence[float], clusters: Clusters = ()) -> Estimate:
    """The mean of scores from 0 to 1; the interval is that of paired marks, the score of the one less the other's."""
    apart = difference(scores, [1 - score for score in scores], clusters)
    low, high = ((1 + bound) / 2 for bound in (apart.low, apart.high))
    return Estimate((1 + apart.value) / 2, max(0.0, low), min(1.0, high), apart.items, apart.clusters)


def rate_of(found: Sequence[Outcome]) -> Estimate:
    """Of those pairs that have a verdict."""
    known = [one for one in found if one.score is not None]
    return win_rate([one.score or 0.0 for one in known], [one.cluster for one in known])


def won(found: Sequence[Outcome], *, seed: int = 0) -> Won:
    """Of a list of pairs. The interval of the controlled rate is drawn with that random seed."""
    known = [one for one in found if one.score is not None]
    scores = [one.score or 0.0 for one in known]
    clusters = [one.cluster for one in known]
    unequal = [one for one in known if one.lengths[0] != one.lengths[1]]
    longer = [(one.score or 0.0) if one.lengths[0] > one.lengths[1] else 1 - (one.score or 0.0) for one in unequal]
    return Won(
        rate_of(known),
        length_controlled(scores, [one.lengths for one in known], clusters, seed=seed),
        sum(score > 0.5 for score in scores),
        sum(score == 0.5 for score in scores),
        sum(score < 0.5 for score in scores),
        len(found) - len(known),
        sum(one.shown in ((1.0, 1.0), (0.0, 0.0)) for one in known),
        sum(longer) / len(longer) if longer else math.nan,
    )


def _values(found: Sequence[Outcome], name: str) -> list[str]:
    values = list(dict.fromkeys(one.kinds[name] for one in found if name in one.kinds))
    return sorted(values, key=float) if all(value.replace(".", "", 1).isdecimal() for value in values) else values


LEVELS = (("easy, 1 to 4", 1, 4), ("medium, 5 to 7", 5, 7), ("hard, 8 to 10", 8, 10))
"""Of WizardLM's difficulties; its paper sets those from 8 on apart."""
FEWEST, MOST = 2, 12
"""Values of a kind that are shown one by one; WizardLM's 29 skills are too few pairs each."""


def parts_of(found: Sequence[Outcome]) -> dict[str, list[Outcome]]:
    """The pairs of each category, data set or level of difficulty, by what it is called, where there are a few."""
    parts = dict[str, list[Outcome]]()
    for name in dict.fromkeys(name for one in found for name in one.kinds):
        of = {value: [one for one in found if one.kinds.get(name) == value] for value in _values(found, name)}
        if name == "difficulty" and all(value.isdecimal() and 1 <= int(value) <= 10 for value in of):
            levels = {
                text: [one for n, some in of.items() if low <= int(n) <= high for one in some]
                for text, low, high in LEVELS
            }
            of = {text: some for text, some in levels.items() if some}
        if FEWEST <= len(of) <= MOST:
            parts |= {f"{name}: {value}": some for value, some in of.items()}
    return parts


def first_place(found: Sequence[Outcome]) -> str:
    """One line on a judge that prefers a place, whatever stands there; "" where it does not.

    A judge that changes its mind with the order went twice by the place. Without a habit it goes as often to either.
    """
    first = sum(one.shown == (1.0, 1.0) for one in found)
    second = sum(one.shown == (0.0, 0.0) for one in found)
    many, most = first + second, max(first, second)
    if not many or by_chance(first, many) >= SURE:
        return ""
    asked = sum(len(one.shown) == 2 for one in found)
    which = "first" if first > second else "second"
    return (
        f"the judge prefers the answer that is shown {which}: of {asked:,} pairs {many:,} turned with the order, "
        f"{most:,} of them towards that place; these count as ties"
    )


def agreement(found: Sequence[Outcome], first: Mapping[str, bool], second: Mapping[str, bool]) -> Agreement:
    """How far the judge agrees with an exact checker that has marked both answers, by the question's id: which one is
    better, or neither. Pairs without a verdict or without both marks are left out.
    """
    known = [one for one in found if one.score is not None and one.id in first and one.id in second]
    said = [_better((one.score or 0.0) - 0.5) for one in known]
    right = [_better(float(first[one.id]) - float(second[one.id])) for one in known]
    return kappa(said, right)


def _better(apart: float) -> str:
    return "first" if apart > 0 else "second" if apart < 0 else "tie"
