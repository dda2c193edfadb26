"""Which rows people look at: a seeded sample of any number of rows, in one pass, perhaps drawn from each stratum alike.

Each row's place in the order of drawing follows from the seed and what it says. So the first 200 stay the first 200
when 300 are wanted, in whatever order the rows come, and any part of the sample that is done is a sample itself.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b, sha256
from typing import Any

from selfinstruct.errors import UsageError, did_you_mean, quoted
from selfinstruct.filters.review import keys_of
from selfinstruct.reviewing.items import Item, item_of
from selfinstruct.task import Task

__all__ = ["Drawn", "apportioned", "draw", "drawn_again", "place", "stratum_of"]

MOST_STRATA = 50
OWN: Mapping[str, Callable[[Task], Any]] = {
    "step": lambda task: task.origin,
    "operator": lambda task: task.evolved and task.evolved.operator,
    "round": lambda task: task.evolved and task.evolved.round,
    "classification": lambda task: task.is_classification,
}
"""What rows may be told apart by, beside the keys that they have."""


@dataclass
class Drawn:
    """A sample, and what it was drawn from."""

    items: list[Item]
    rows: int
    strata: Counter[str] = field(default_factory=Counter)
    """Rows of each; one stratum, "", where nothing was said."""
    sha256: str = ""
    """Of what all rows say, in order."""


Waiting = tuple[float, int, Task]
"""Minus its place in the order of drawing, minus its number, and the task."""


def draw(tasks: Iterable[Task], wanted: int, seed: int, by: str = "") -> Drawn:
    """So many rows, each as likely as any other; with `by` each stratum has its share of them, but at least one.

    wanted      of as many rows as there are; all of them when there are fewer
    by          step, operator, round, classification, or a key that the rows have
    """
    strata, digest, number = Counter[str](), sha256(), 0
    waiting: dict[str, list[Waiting]] = {}
    keys: Counter[str] = Counter()
    for number, task in enumerate(tasks, 1):
        name = stratum_of(task, by)
        keys.update(task.extra if by else ())
        strata[name] += 1
        if len(strata) > MOST_STRATA:
            raise UsageError(
                f"--by {by} tells more than {MOST_STRATA} kinds of rows apart: choose one with fewer values"
            )
        said = keys_of(task)
        digest.update("".join(said).encode())
        entry = (-place("".join(said), seed), -number, task)
        heap = waiting.setdefault(name, [])
        if len(heap) < wanted:
            heapq.heappush(heap, entry)
        elif entry > heap[0]:
            heapq.heapreplace(heap, entry)
    if by and set(strata) == {""} and number:
        raise UsageError(f"--by {quoted(by)}: no row says: {did_you_mean(by, [*OWN, *keys])}")
    many = apportioned(strata, wanted)
    chosen = [(entry, name) for name, heap in waiting.items() for entry in heapq.nlargest(many[name], heap)]
    chosen.sort(key=lambda each: each[0][:2], reverse=True)
    items = [item_of(task, at, _instance(task, seed), name) for at, ((_, _, task), name) in enumerate(chosen)]
    return Drawn(items, number, strata, digest.hexdigest())


def drawn_again(before: Sequence[Item], now: Sequence[Item]) -> Iterator[Item]:
    """Of a larger sample those that are not in the smaller one, with numbers that go on from its own."""
    left = Counter(item.key for item in before)
    number = len(before)
    for item in now:
        if left[item.key]:
            left[item.key] -= 1
        else:
            yield replace(item, number=number)
            number += 1


def stratum_of(task: Task, by: str) -> str:
    """What the row says of itself under that name; "" for nothing."""
    if not by:
        return ""
    value = OWN[by](task) if by in OWN else task.extra.get(by)
    value = value[0] if isinstance(value, list) and len(value) == 1 else value
    return str(value) if isinstance(value, str | bool | int | float) else ""


def apportioned(strata: Mapping[str, int], wanted: int) -> dict[str, int]:
    """How many of each stratum: its share, the largest remainders rounded up, none without one, none above its size."""
    total = sum(strata.values())
    if wanted >= total:
        return dict(strata)
    exact = {name: wanted * rows / total for name, rows in strata.items()}
    many = {name: min(strata[name], max(1, int(share))) for name, share in exact.items()}
    order = sorted(strata, key=lambda name: (int(exact[name]) - exact[name], name))
    for name in order:
        if sum(many.values()) < wanted and many[name] < strata[name] and exact[name] > many[name]:
            many[name] += 1
    # Rounding up to one each took more: the others give it back.
    while sum(many.values()) > wanted and (able := [name for name in many if many[name] > 1]):
        many[max(able, key=lambda name: (many[name] - exact[name], name))] -= 1
    return many


def place(text: str, seed: int) -> float:
    """Between 0 and 1, evenly spread."""
    digest = blake2b(text.encode("utf-8", "backslashreplace"), digest_size=8, key=str(seed).encode()[:64]).digest()
    return (int.from_bytes(digest, "big") >> 11) / 2**53


def _instance(task: Task, seed: int) -> int:
    """One of several, as the paper took one of each task."""
    many = len(keys_of(task))
    return int(place(f"{task.instruction}/instance", seed) * many)
