"""Which rows every optimiser step sees, and the tensors of them.

An epoch is a permutation of the rows, drawn by the seed and its number, cut into steps of equal size, at most `batch`
rows each. The rows of a step are ordered by length and cut into micro-batches: that saves most padding and changes
nothing that is learned, as a step's gradient is the same in whatever pieces its rows come. So everything follows from
the number of a step: a resumed run needs no other state, and any number of processes can share the work.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from math import ceil
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from selfinstruct.errors import UsageError

from .conversations import MASKED, Row

if TYPE_CHECKING:
    import torch

__all__ = [
    "Counts",
    "Item",
    "Measured",
    "Plan",
    "attention",
    "blank",
    "items_of",
    "measured",
    "packed",
    "pair_tensors",
    "rounded",
    "tensors",
]


class Item(NamedTuple):
    """One row of a batch."""

    ids: list[int]
    labels: list[int]
    lengths: tuple[int, ...]
    """Of the documents in it, one unless they were packed; of a pair's source and answer."""
    is_pair: bool = False
    """For an encoder-decoder: the labels are not in the ids."""
    before: tuple[float, ...] = ()
    """Of each document, the log-probability of what is learned of it before the training, where that matters."""
    good: bool = True
    """Of an answer that is judged alone: whether it is a good one."""

    @property
    def trained(self) -> int:
        return sum(label != MASKED for label in self.labels)


class Counts(NamedTuple):
    """Tokens of a step, over all processes."""

    real: int
    trained: int
    padding: int
    """Those that are only computed because rows of a micro-batch have one length."""
    attended: int
    """Pairs of a token and one that it sees: what facts.flops needs."""


class Measured(NamedTuple):
    """What estimates need of all items, looked at one by one only where they differ."""

    longest: int
    trained: int
    """The most that is learned in one."""
    attended: int
    """Pairs of a token and one that it sees, in all."""


def items_of(rows: Iterable[Row], *, pairs: bool = False) -> list[Item]:
    if pairs:
        return [Item(row.ids, row.labels, (len(row.ids), len(row.labels)), is_pair=True) for row in rows]
    # A token with nothing before it cannot be learned: there is nothing to predict it from.
    return [Item(row.ids, [MASKED, *row.labels[1:]], (len(row.ids),)) for row in rows]


def packed(items: Sequence[Item], length: int) -> list[Item]:
    """The items together in sequences of at most so many tokens, none of which sees another of its sequence.

    None may be longer, as none is cut. Best fit decreasing: the longest first, each into the fullest sequence that has
    room for it, else into a new one. That never needs more than 11/9 of the fewest sequences possible, and 4 (Johnson,
    1973); for rows of language models it was used by Ding et al. (2404.10830).
    """
    sequences: list[list[Item]] = []
    room: list[tuple[int, int]] = []
    """Free tokens and number of each sequence that has any, the fullest first."""
    for item in sorted(items, key=lambda item: len(item.ids), reverse=True):
        place = bisect_left(room, (len(item.ids), 0))
        free, number = room.pop(place) if place < len(room) else (length, len(sequences))
        if number == len(sequences):
            sequences.append([])
        sequences[number].append(item)
        if free > len(item.ids):
            insort(room, (free - len(item.ids), number))
    return [
        Item(
            [token for item in sequence for token in item.ids],
            [label for item in sequence for label in item.labels],
            tuple(length for item in sequence for length in item.lengths),
        )
        for sequence in sequences
    ]


def blank(item: Item) -> Item:
    """The item with nothing to learn: where there are more micro-batches than rows, it changes neither loss nor
    gradient."""
    return item._replace(labels=[MASKED] * len(item.labels))


def rounded(length: int) -> int:
    """The length that rows of a micro-batch get, whose longest has this one: a multiple of 16.

    GPUs multiply matrices of such sizes faster, and CPUs build, and keep, a program for each size of matrix that they
    meet.
    """
    return -(-length // 16) * 16


class Plan(Sequence[list[Item]]):
    """All micro-batches of a run, in the order of steps; each step has `accumulation` for each process, by turns."""

    def __init__(
        self,
        items: Sequence[Item],
        *,
        batch: int,
        micro: int,
        processes: int,
        seed: int,
        epochs: float = 1,
        steps: int = 0,
        drawn: tuple[int, Callable[[int], Sequence[int]]] | None = None,
    ) -> None:
        """`steps`: how many, or 0 for as many as `epochs` takes. `drawn`: how many items an epoch has where some are
        seen more often than others, and the places of those of each. Raises UsageError without items.
        """
        if not items:
            raise UsageError("nothing to train on: give --data with at least one row")
        self.items, self.seed, self.processes = items, seed, processes
        self._count, self._places = drawn or (len(items), lambda epoch: range(len(items)))
        self.steps_an_epoch = ceil(self._count / batch)
        self.steps = steps or max(1, ceil(round(epochs * self.steps_an_epoch, 6)))
        largest = ceil(self._count / self.steps_an_epoch)
        self.accumulation = ceil(largest / (micro * processes))
        self._order = lru_cache(2)(self._shuffled)
        self._step = lru_cache(2)(self._micro_batches)

    def become(self, items: Sequence[Item]) -> None:
        """The same plan of the same items, about which more is known now."""
        self.items = items
        self._step.cache_clear()

    def __len__(self) -> int:
        return self.steps * self.accumulation * self.processes

    def __getitem__(self, place: int) -> list[Item]:  # type: ignore[override]  # no slices
        step, number = divmod(place, self.accumulation * self.processes)
        if not 0 <= step < self.steps:
            raise IndexError(place)
        return self._step(step)[number]

    def counts(self, step: int) -> Counts:
        """Of the step with this number, from 0."""
        real = trained = slots = attended = 0
        for micro_batch in self._step(step):
            slots += len(micro_batch) * rounded(max(len(item.ids) for item in micro_batch))
            if micro_batch[0].is_pair:
                slots += len(micro_batch) * rounded(max(len(item.labels) for item in micro_batch))
            for item in micro_batch:
                learned = item.trained
                trained += learned
                if learned:  # a blank is padding
                    real += sum(item.lengths)
                    attended += attention(item.lengths)
        return Counts(real, trained, slots - real, attended)

    def _shuffled(self, epoch: int) -> list[int]:
        order = list(self._places(epoch))
        Random(f"{self.seed}/epoch/{epoch}").shuffle(order)
        return order

    def _micro_batches(self, step: int) -> list[list[Item]]:
        epoch, number = divmod(step, self.steps_an_epoch)
        order, of = self._order(epoch), self.steps_an_epoch
        rows = [self.items[place] for place in order[len(order) * number // of : len(order) * (number + 1) // of]]
        # Longest first: memory that is too small shows at the first micro-batch. Neighbours go to different processes
        # at the same time, so that none waits long for another.
        rows.sort(key=lambda item: sum(item.lengths), reverse=True)
        wanted = self.accumulation * self.processes
        rows += [blank(rows[-1])] * (wanted - len(rows))
        return [rows[len(rows) * n // wanted : len(rows) * (n + 1) // wanted] for n in range(wanted)]


def tensors(
    items: Sequence[Item], pad: int, *, masked: bool = False, most: int | None = None
) -> dict[str, torch.Tensor]:
    """A micro-batch for a decoder, padded on the right.

    There it needs no attention mask: a causal model sees nothing to the right, and without a mask attention runs its
    fastest kernel. Packed documents are told apart by `position_ids` that begin again, which transformers makes a mask
    of only when it is given none (an all-ones mask would let each see those before it). `masked`: with the mask all the
    same, for PEFT's methods that put tokens before the first. `most`: tokens that the model reads, if that is limited.
    [rows, rounded longest] each.
    """
    import torch

    longest = max(len(item.ids) for item in items)
    # GPT-2 looks its positions up in a table. Packed rows may be longer than it, as each begins at 0 again.
    longest = rounded(longest) if most is None else max(longest, min(rounded(longest), most))

    def padded(rows: Iterable[Sequence[int]], value: int) -> torch.Tensor:
        return torch.tensor([[*row, *[value] * (longest - len(row))] for row in rows])

    batch = {
        "input_ids": padded((item.ids for item in items), pad),
        "labels": padded((item.labels for item in items), MASKED),
    }
    if masked:
        batch["attention_mask"] = padded(([1] * len(item.ids) for item in items), 0)
    elif any(len(item.lengths) > 1 for item in items):
        batch["position_ids"] = padded(([place for n in item.lengths for place in range(n)] for item in items), 0)
    # What predicts a token is at the place before it.
    return batch | {"learned": (batch["labels"].roll(-1, 1) != MASKED).flatten().nonzero()[:, 0]}


def pair_tensors(items: Sequence[Item], pad: int, start: int) -> dict[str, torch.Tensor]:
    """A micro-batch for an encoder-decoder: the labels are not in the ids, and the decoder gets them shifted right,
    after its `start` token. [rows, rounded longest source] and [rows, rounded longest answer].
    """
    import torch

    def padded(rows: Iterable[Sequence[int]], value: int) -> torch.Tensor:
        given = list(rows)
        longest = rounded(max(len(row) for row in given))
        return torch.tensor([[*row, *[value] * (longest - len(row))] for row in given])

    labels = padded((item.labels for item in items), MASKED)
    shifted = ([start, *(pad if label == MASKED else label for label in item.labels[:-1])] for item in items)
    return {
        "input_ids": padded((item.ids for item in items), pad),
        "attention_mask": padded(([1] * len(item.ids) for item in items), 0),
        "decoder_input_ids": padded(shifted, pad),
        "labels": labels,
        "learned": (labels != MASKED).flatten().nonzero()[:, 0],
    }


def measured(items: Sequence[Item]) -> Measured:
    """Items that are cut from a stream, and may be millions, know it themselves."""
    if own := getattr(items, "measured", None):
        found: Measured = own()
        return found
    attended = attention(length for item in items for length in item.lengths)
    return Measured(max(sum(item.lengths) for item in items), max(item.trained for item in items), attended)


def attention(lengths: Iterable[int]) -> int:
    """Pairs of a token and one that it sees, itself included, in causal rows of these lengths."""
    return sum(length * (length + 1) // 2 for length in lengths)
