"""Which groups of rows are held out, so that as many rows are as somebody asked for, and no group is torn apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from random import Random

__all__ = ["held_out"]


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
