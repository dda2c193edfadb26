"""Rows of pairs: the better answer and the worse one after the same prompt, together in an item, and a look at them.

The two are documents of one sequence, none of which sees the other, as packed rows are: so batches, plans and the loop
are those of fine-tuning.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from selfinstruct.errors import UsageError

from ..rows.batches import Item, items_of
from ..rows.conversations import Row
from ..rows.examine import Findings, examine
from ..rows.laying import lay_out
from ..rows.templates import Template
from ..settings import Settings
from .comparisons import Comparison, Comparisons

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase as Tokenizer

__all__ = ["Pair", "balanced", "items_of_pairs", "look_at"]

ONE_LOST = "whose other answer is left out: left out"
LONGER = 0.8
"""The share of pairs with the longer answer chosen from which it is said: length alone may be what is learned."""
OVERLAP = "of two answers that do not begin after the same tokens: left out"


class Pair(NamedTuple):
    comparison: Comparison
    chosen: Row
    rejected: Row


def look_at(
    data: Comparisons[Comparison], template: Template, tokenizer: Tokenizer, settings: Settings
) -> tuple[Findings, list[Pair], list[Pair], int]:
    """The findings, whose rows are the chosen ones; the pairs to train on, those held out, and how many of these are
    missing. Raises UsageError when training would go wrong.
    """
    balance = settings.balance == "length"
    findings, pairs = _examined(data.trained, data, template, tokenizer, settings, balance=balance)
    quiet = replace_notes(data)
    held = _examined(data.held_out, quiet, template, tokenizer, settings)[1] if data.held_out else []
    return findings, pairs, held, len(data.held_out) - len(held)


def replace_notes(data: Comparisons[Comparison]) -> Comparisons[Comparison]:
    """The same with notes that nobody reads: what is held out is not counted twice."""
    return data._replace(notes=type(data.notes)())


def _examined(
    comparisons: Sequence[Comparison],
    data: Comparisons[Comparison],
    template: Template,
    tokenizer: Tokenizer,
    settings: Settings,
    *,
    balance: bool = False,
) -> tuple[Findings, list[Pair]]:
    sides = [side for one in comparisons for side in one.sides()]
    laid = lay_out(sides, template, tokenizer, settings.max_length, data.notes)
    findings = examine(
        laid.parts,
        laid.rows,
        template,
        tokenizer,
        settings.max_length,
        left_out=laid.left_out,
        too_long=settings.too_long,
        unfit=settings.unfit,
    )
    rows = {row.id: row for row in findings.rows}
    pairs, lost = list[Pair](), Counter[str]()
    for one in comparisons:
        found = [rows.get(side.id) for side in one.sides()]
        chosen, rejected = found
        if chosen is None or rejected is None:
            lost[ONE_LOST] += any(found)
        elif _prompt(chosen) != _prompt(rejected):
            lost[OVERLAP] += 1
        else:
            pairs.append(Pair(one, chosen, rejected))
    if not pairs:
        why = ", ".join(f"{count:,} {what}" for what, count in lost.items()) or "there are none"
        raise UsageError(f"no pair of answers is left to learn from: {why}; give other --data, or a larger max_length")
    before = _lengths(pairs)
    if balance:
        every, pairs = len(pairs), balanced(pairs, settings.seed)
        lost[UNBALANCED] += every - len(pairs)
    kept = {id(pair.chosen) for pair in pairs}
    parts = [part for part, row in zip(findings.parts, findings.rows, strict=True) if id(row) in kept]
    notes = [*data.notes.lines(), *([f"before they are balanced: {line}" for line in before] if balance else before)]
    notes += _lengths(pairs) if balance else []
    return replace(
        findings,
        rows=[pair.chosen for pair in pairs],
        parts=parts,
        total=len(comparisons),
        duplicates=len(pairs) - len({(tuple(p.chosen.ids), tuple(p.rejected.ids)) for p in pairs}),
        tokens=sum(len(row.ids) for pair in pairs for row in pair[1:]),
        trained=sum(label >= 0 for pair in pairs for row in pair[1:] for label in row.labels),
        left_out=Counter(findings.left_out) + lost,
        notes=notes,
    ), pairs


def _prompt(row: Row) -> list[int]:
    """The tokens before what is learned first."""
    return row.ids[: next(place for place, label in enumerate(row.labels) if label >= 0)]


def _lengths(pairs: Sequence[Pair]) -> list[str]:
    """How often the longer answer is the chosen one; of answers of one length neither is."""
    told = [_learned(pair.chosen) - _learned(pair.rejected) for pair in pairs]
    unequal = [difference for difference in told if difference]
    if not unequal:
        return []
    share = sum(difference > 0 for difference in unequal) / len(unequal)
    lines = [f"the longer answer is the chosen one in {share:.0%} of the pairs"]
    if max(share, 1 - share) >= LONGER and len(unequal) >= 20:
        which = "longer" if share > 0.5 else "shorter"
        lines[0] += f": to be {which} may be all that is learned; --set average=true weighs tokens, not answers"
    return lines


UNBALANCED = "of a pair whose length would tell it (balance=length): left out"


def balanced(pairs: Sequence[Pair], seed: int) -> list[Pair]:
    """As many pairs whose chosen answer is the longer one as the shorter one, among those that differ by 1 token, by 2
    or 3, by 4 to 7 and so on; which of too many stay is drawn by the seed. Those of one length all stay.

    Raises UsageError where nothing is left.
    """
    bins: dict[int, dict[bool, list[int]]] = {}
    kept = []
    for place, pair in enumerate(pairs):
        difference = _learned(pair.chosen) - _learned(pair.rejected)
        if difference:
            bins.setdefault(abs(difference).bit_length(), {True: [], False: []})[difference > 0].append(place)
        else:
            kept.append(place)
    for size, sides in sorted(bins.items()):
        fewest = min(map(len, sides.values()))
        for longer, places in sides.items():
            kept += Random(f"{seed}/balance/{size}/{longer}").sample(places, fewest)
    if not kept:
        raise UsageError(
            f"balance=length leaves none of {len(pairs):,} pairs: where answers differ by as much, it is always the "
            "longer one that is chosen, or always the shorter one; leave balance out, or give other --data"
        )
    return [pairs[place] for place in sorted(kept)]


def _learned(row: Row) -> int:
    return sum(label >= 0 for label in row.labels)


def items_of_pairs(pairs: Sequence[Pair]) -> list[Item]:
    """The two documents of each pair in one item, the chosen first."""
    found = []
    for pair in pairs:
        chosen, rejected = items_of((pair.chosen, pair.rejected))
        lengths = (len(chosen.ids), len(rejected.ids))
        found.append(Item(chosen.ids + rejected.ids, chosen.labels + rejected.labels, lengths))
    return found
