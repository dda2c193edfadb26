"""Rows that are held out: as many as somebody asked for, and no task is torn apart.

trained, validated = split(conversations, settings.validation, settings.seed)
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from random import Random

from selfinstruct.errors import UsageError

from .conversations import Conversation, one_said

__all__ = ["held_out", "split", "wanted"]


def split(
    conversations: Sequence[Conversation], validation: float, seed: int
) -> tuple[list[Conversation], list[Conversation]]:
    """Those to train on, and `validation` to hold out, drawn by the seed; both in their order. Raises UsageError.

    Below 1 that is a share of them. Rows with one instruction are a task and stay together, so that nothing held out is
    also trained on; there are as many as were asked for, or as near as tasks allow. A task that says something twice is
    never held out. Where all rows have one instruction, their inputs tell them apart.
    """
    count = wanted(validation, len(conversations))
    if not count:
        return list(conversations), []
    keys = [one_said(found) for found in conversations]
    times = Counter(keys)
    tasks: dict[str, list[int]] = defaultdict(list)
    for place, found in enumerate(conversations):
        tasks[_instruction(found) or keys[place]].append(place)
    groups = list(tasks.values()) if len(tasks) > 1 else [[place] for place in range(len(keys))]
    single = [places for places in groups if all(times[keys[place]] == 1 for place in places)]
    free = sum(map(len, single))
    most = max(0, min(free, len(conversations) - 1))
    given = f"{validation:g}, {count:,} rows," if validation < 1 else f"{count:,}"
    if count > most:
        raise UsageError(
            f"validation={given} is too many: of {len(conversations):,} rows {free:,} are there only once, and "
            f"some must be left to train on: --validation {most if most < 10 else most // 10}"
        )
    taken = held_out([len(places) for places in single], count, most, Random(f"{seed}/validation"))
    places = {place for number in taken for place in single[number]}
    if not places:
        smallest = min(map(len, single))
        raise UsageError(
            f"validation={given} is too few: rows of one instruction stay together, and no task has fewer than "
            f"{smallest:,}: --validation {smallest if smallest <= most else 0}"
        )
    return [found for place, found in enumerate(conversations) if place not in places], [
        conversations[place] for place in sorted(places)
    ]


def wanted(validation: float, rows: int) -> int:
    """How many of the rows somebody asked for: a share below 1, else a number."""
    return round(validation * rows) if validation < 1 else int(validation)


def _instruction(conversation: Conversation) -> str:
    asked = next((turn["content"] for turn in conversation.turns if turn["role"] == "user"), "")
    return " ".join(asked.split())


def held_out(sizes: Sequence[int], count: int, most: int, rng: Random) -> set[int]:
    """The places of groups, drawn at random, that have `count` rows together, or as near to it as their sizes allow.

    sizes     rows in each group that may be held out
    most      rows that may be, in all
    """
    order = rng.sample(range(len(sizes)), min(count, len(sizes)))  # where each has one row, that is all
    taken = set(order)
    rest = [place for place in range(len(sizes)) if place not in taken]
    rng.shuffle(rest)
    chosen = _filled([*order, *rest], sizes, count)
    if sum(sizes[place] for place in chosen) == count:
        return set(chosen)
    numbers = _nearest(sizes, count, most)
    places = defaultdict(list)
    for place in [*order, *rest]:
        places[sizes[place]].append(place)
    return {place for size, number in numbers.items() for place in places[size][:number]}


def _filled(order: Sequence[int], sizes: Sequence[int], count: int) -> list[int]:
    chosen: list[int] = []
    for place in order:
        if sizes[place] <= count:
            chosen.append(place)
            count -= sizes[place]
        if not count:
            break
    return chosen


def _nearest(sizes: Sequence[int], count: int, most: int) -> dict[int, int]:
    """How many groups of each size make the sum that is nearest to `count`, of two the smaller one."""
    limit = min(most, 2 * count)
    parts: list[tuple[int, int]] = []
    """A size, and so many groups of it at once: 1, 2, 4 … and the rest make every number of them."""
    for size in sorted(set(sizes)):
        left, step = sizes.count(size), 1
        while left:
            parts.append((size, min(step, left)))
            left -= min(step, left)
            step *= 2
    sums = [1]
    """Bit n: whether n rows can be had of the parts so far."""
    for size, number in parts:
        sums.append((sums[-1] | sums[-1] << size * number) & (1 << limit + 1) - 1)
    total = min((n for n in range(limit + 1) if sums[-1] >> n & 1), key=lambda n: (abs(n - count), n))
    numbers: dict[int, int] = defaultdict(int)
    for (size, number), before in zip(reversed(parts), reversed(sums[:-1]), strict=True):
        if not before >> total & 1:
            numbers[size] += number
            total -= size * number
    return numbers
