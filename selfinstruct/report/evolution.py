"""Evidence that tasks evolved: survivors by operator and round, and how the tasks change from round to round."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from statistics import fmean
from typing import Any, NamedTuple

from selfinstruct.filters.rouge import rouge_l
from selfinstruct.task import SUPERSEDED, Evolved, Rejected, Task
from selfinstruct.text.tokens import tokens

__all__ = ["Attempt", "Round", "Survivors", "attempts", "rounds", "survivors"]

CONDITIONS = re.compile(
    r"\b(?:must|should|shall|has to|have to|needs? to|do not|don't|never|only|without|unless|except|at least|at most"
    r"|no more than|no fewer than|exactly|each|every|begins?|start|ends?|includes?|including|avoid|within"
    r"|in the form|as well)\b"
    r"|必须|应当|应该|需要|不得|不能|不要|禁止|只能|只用|仅|除非|除了|至少|至多|最多|不超过|不少于|恰好|正好|每个|每行"
    r"|开头|结尾|包含|包括|避免|以内|格式|并且",
    re.IGNORECASE,
)
"""Words that set a condition on the answer. A count of words, not an understanding of the text."""

REASONING = re.compile(
    r"\b(?:because|therefore|then|first|second|third|next|finally|steps?|if|why|how|compare|explain|derive|prove|deduce"
    r"|reason|reasoning|consider|suppose|hence|thus|result|from this|using)\b"
    r"|因为|所以|因此|如果|假如|首先|其次|然后|接着|再|最后|步骤|为什么|为何|怎么|比较|解释|说明|推理|推导|证明|由此|根据|结果",
    re.IGNORECASE,
)
"""Words of reasoning in steps, counted in the same way."""


class Survivors(NamedTuple):
    operator: str
    round: int
    made: int
    kept: int
    """Evolutions that passed every check; those that evolved further before they were answered are among them."""
    reasons: Counter[str]


class Round(NamedTuple):
    """Means over the tasks of one round; round 0 are the tasks that the first round began with."""

    round: int
    tasks: int
    length: float
    """Of instruction and input, in words, or characters where the text is Chinese."""
    conditions: float
    """Words of the instruction that set a condition on the answer."""
    reasoning: float
    """Words of the instruction that speak of reasoning."""
    new: float | None
    """Share of the instruction's words that its parent's does not have; None in round 0, and so is the next."""
    rouge: float | None
    """ROUGE-L F to the parent's instruction."""
    difficulty: float | None
    """By the judge, from 1 to 10; None when nobody judged."""


class Attempt(NamedTuple):
    """What solvers made of the tasks of one attempt at a challenge; shares are means over those that were marked."""

    attempt: int
    marked: int
    taken: int
    weak: float
    """Share of its answers in which the weak solver was right; strong likewise."""
    strong: float
    gap: float
    taken_gap: float | None
    """Of those taken; None when none was."""


def attempts(items: Iterable[Task | Rejected]) -> list[Attempt]:
    """By attempt, in order; none where no solver was asked."""
    found: dict[int, list[tuple[float, float, bool]]] = defaultdict(list)
    for item in items:
        solved = (item.extra if isinstance(item, Task) else item.whole).get("solved")
        match solved:
            case {"weak": int() | float() as weak, "strong": int() | float() as strong}:
                number = item.evolved.round if item.evolved else 1
                found[number].append((weak, strong, isinstance(item, Task)))
    return [_attempt(number, rows) for number, rows in sorted(found.items())]


def _attempt(number: int, rows: Sequence[tuple[float, float, bool]]) -> Attempt:
    taken = [strong - weak for weak, strong, is_taken in rows if is_taken]
    weak, strong = fmean(row[0] for row in rows), fmean(row[1] for row in rows)
    return Attempt(number, len(rows), len(taken), weak, strong, strong - weak, _mean(taken))


def survivors(items: Iterable[Task | Rejected]) -> list[Survivors]:
    """For each operator and round, in order: how many were made, how many live, and why the others don't."""
    made, kept = Counter[tuple[str, int]](), Counter[tuple[str, int]]()
    reasons: dict[tuple[str, int], Counter[str]] = defaultdict(Counter)
    for item in items:
        if not item.evolved or (isinstance(item, Rejected) and item.what != "task"):
            continue
        key = (item.evolved.operator, item.evolved.round)
        made[key] += 1
        if isinstance(item, Task) or item.reason == SUPERSEDED:
            kept[key] += 1
        else:
            reasons[key][item.category] += 1
    return [Survivors(*key, made[key], kept[key], reasons[key]) for key in sorted(made)]


def rounds(items: Iterable[Task | Rejected]) -> list[Round]:
    """How the evolved tasks of each round look, after the tasks that the first of them were made from.

    Those that evolved further before they were answered count as well.
    """
    items = list(items)
    evolved = {item.id if isinstance(item, Task) else item.task for item in items if item.evolved}
    found: dict[int, list[_Row]] = defaultdict(list)
    origins: dict[str, _Row] = {}
    for item in items:
        if item.evolved and (isinstance(item, Task) or item.reason == SUPERSEDED):
            found[item.evolved.round].append(_row(item, item.evolved))
            parent = item.parents[0] if item.parents else ""
            if parent not in evolved:
                origins.setdefault(parent, _Row(item.evolved.instruction, item.evolved.input, None, None))
    given_ones = [(0, list(origins.values()))] if origins else []
    return [_round(number, rows) for number, rows in given_ones + sorted(found.items())]


class _Row(NamedTuple):
    instruction: str
    input: str
    evolved: Evolved | None
    difficulty: Any


def _row(item: Task | Rejected, evolved: Evolved) -> _Row:
    if isinstance(item, Task):
        text, difficulty = item.instruction, item.extra.get("difficulty")
    else:
        text, difficulty = item.text, None
    return _Row(text, item.instances[0].input if item.instances else "", evolved, difficulty)


def _round(number: int, rows: Sequence[_Row]) -> Round:
    parents = [(tokens(row.instruction), tokens(row.evolved.instruction)) for row in rows if row.evolved]
    return Round(
        round=number,
        tasks=len(rows),
        length=fmean(len(tokens(row.instruction)) + len(tokens(row.input)) for row in rows),
        conditions=fmean(len(CONDITIONS.findall(row.instruction)) for row in rows),
        reasoning=fmean(len(REASONING.findall(row.instruction)) for row in rows),
        new=_mean(len(set(own) - set(old)) / max(len(set(own)), 1) for own, old in parents),
        rouge=_mean(rouge_l(own, old) for own, old in parents),
        difficulty=_mean(float(row.difficulty) for row in rows if isinstance(row.difficulty, int | float)),
    )


def _mean(values: Iterable[float]) -> float | None:
    numbers = list(values)
    return fmean(numbers) if numbers else None
