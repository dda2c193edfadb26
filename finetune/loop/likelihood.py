"""How likely a model finds the answers of somebody's data: for choosing among them.

    for one in surprises(load("models/mine"), conversations):
        one.given, one.alone     # mean loss of the answers' tokens, in nats, after their questions and without them

IFD (Li et al., 2308.12032, section 2.3) is given / alone: from 1 on, the question does not help to find the answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice
from typing import TYPE_CHECKING, Any, NamedTuple

from selfinstruct.errors import UsageError

from ..models.facts import context_of, is_seq2seq
from ..models.open import Loaded, quietly
from ..rows.batches import Item, items_of, tensors
from ..rows.conversations import MASKED, Conversation, Row, encode
from ..rows.rounds import apart
from ..rows.templates import Rewritten, Template

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

__all__ = ["Surprise", "surprises"]

TOGETHER = 8
"""Rows of a forward pass."""
WHOLE = 10**9
"""Tokens a row: none is cut here."""
SORTED = 256
"""Rows that are ordered by length before they are cut into passes: else most of a pass is padding."""


class Surprise(NamedTuple):
    given: float | None
    """Mean loss of an answer's tokens (nats), its question and all that was said before read; None: longer than the
    model's context, or without an answer."""
    alone: float | None
    """And of the answers by themselves, each after the token that begins a text. None as above, or not asked for."""


def surprises(loaded: Loaded, conversations: Iterable[Conversation], *, alone: bool = True) -> Iterator[Surprise]:
    """In the order of the conversations. Raises UsageError for encoder-decoders, whose losses are not comparable."""
    model, tokenizer, template = loaded
    if is_seq2seq(model):
        raise UsageError(
            "an encoder-decoder reads the question apart: take a model like Llama or Qwen to compare answers"
        )
    start = tokenizer.bos_token_id if tokenizer.bos_token_id is not None else tokenizer.eos_token_id
    for some in _by(conversations, SORTED):
        rows = [_rows(one, template, tokenizer) for one in some]
        given = _means(loaded, rows)
        answers = [[found for row in each for found in _answers(row, start)] for each in rows]
        bare = _means(loaded, answers) if alone else [None] * len(rows)
        yield from map(Surprise, given, bare)


def _rows(one: Conversation, template: Template, tokenizer: PreTrainedTokenizerBase) -> list[Row]:
    """One, or where the template changes earlier turns as many as it takes."""
    try:
        return [encode(one, template, tokenizer)]
    except Rewritten:
        return [part.row for part in apart(one, template, tokenizer, WHOLE)]


def _by(items: Iterable[Any], many: int) -> Iterator[list[Any]]:
    left = iter(items)
    while some := list(islice(left, many)):
        yield some


def _answers(row: Row, start: int | None) -> list[Row]:
    """Each answer of a row as a row of its own, after the token that begins a text."""
    found = []
    for learned, places in groupby(range(len(row.ids)), key=lambda place: row.labels[place] != MASKED):
        if learned:
            ids = [row.ids[place] for place in places]
            first = [] if start is None else [start]
            found.append(Row(row.id, first + ids, [MASKED] * len(first) + ids))
    return found


def _means(loaded: Loaded, groups: Sequence[Sequence[Row]]) -> list[float | None]:
    """The mean loss over each group's learned tokens; None for one with a row that is too long, or with none."""
    most = context_of(loaded.model)
    items = [(at, item) for at, rows in enumerate(groups) for item in items_of(rows)]
    lost = {at for at, item in items if not item.trained or (most is not None and len(item.ids) > most)}
    fits = [(at, item) for at, item in items if at not in lost]
    sums, counts = [0.0] * len(groups), [0] * len(groups)
    for some in _by(sorted(fits, key=lambda pair: len(pair[1].ids)), TOGETHER):
        for (at, item), loss in zip(some, _losses(loaded, [item for _, item in some]), strict=True):
            sums[at] += loss
            counts[at] += item.trained
    return [total / count if count else None for total, count in zip(sums, counts, strict=True)]


def _losses(loaded: Loaded, items: Sequence[Item]) -> list[float]:
    """The summed loss of each item's learned tokens."""
    import torch

    with quietly():  # PEFT comes with it
        from .loss import losses

    pad = loaded.tokenizer.pad_token_id
    batch = tensors(items, 0 if pad is None else int(pad), most=context_of(loaded.model))
    with torch.inference_mode():
        found = losses(loaded.model, {name: value.to(loaded.model.device) for name, value in batch.items()})
    parts = torch.split(found.double(), [item.trained for item in items])
    return [float(part.sum()) for part in parts]
