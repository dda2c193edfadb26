"""How likely a model finds the answers of somebody's data: for choosing among them.

    for one in surprises(load("models/mine"), conversations):
        one.given, one.alone     # mean loss of the answers' tokens, in nats, after their questions and without them
    continuations(loaded, [("2 + 2 =", [" 4", " 5"])])    # the log-probability of each, in nats
    text_losses(loaded, ["A text."])                      # nats and tokens of each text

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

__all__ = ["Surprise", "TextLoss", "continuations", "surprises", "text_losses"]

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


WINDOW = 2_048
"""Tokens of a text that are read together at most; but for the first window's, each is predicted from half of one."""


class TextLoss(NamedTuple):
    """Of a whole text: what its tokens are worth."""

    nats: float
    """Summed over the tokens; a byte's share compares models with other tokenizers."""
    tokens: int


def text_losses(loaded: Loaded, texts: Iterable[str]) -> Iterator[TextLoss]:
    """How well the model predicts each text, from the token that begins one. A text that is longer than the context is
    read in windows, each of which begins in the middle of the one before; every token counts once.

    Raises UsageError for encoder-decoders, and for a tokenizer without a token to begin with.
    """
    _check_causal(loaded)
    start = _start_of(loaded)
    most = min(context_of(loaded.model) or WINDOW, WINDOW)
    for text in texts:
        ids = [start, *_ids(loaded, text)]
        items = items_of(_windows(ids, most))
        nats = sum(sum(_losses(loaded, some)) for some in _by(items, TOGETHER))
        yield TextLoss(nats, len(ids) - 1)


def _windows(ids: Sequence[int], most: int) -> Iterator[Row]:
    """Of so many tokens at most; the labels of those that an earlier one has learned are masked."""
    done = 1
    while done < len(ids):
        begin = 0 if done == 1 else max(0, done - most // 2)
        end = min(len(ids), begin + most)
        yield Row("", list(ids[begin:end]), [MASKED] * (done - begin) + list(ids[done:end]))
        done = end


def continuations(loaded: Loaded, asked: Sequence[tuple[str, Sequence[str]]]) -> list[list[float] | None]:
    """The log-probability (nats) of each text that may follow a beginning; None where that is longer than the context.

    A beginning and what follows it are cut into tokens together, as the model would have met them.
    """
    _check_causal(loaded)
    most = context_of(loaded.model)
    rows = [[_continued(loaded, beginning, text) for text in texts] for beginning, texts in asked]
    fits = [most is None or all(len(row.ids) <= most for row in some) for some in rows]
    items = items_of(row for some, fit in zip(rows, fits, strict=True) if fit for row in some)
    found = iter([loss for some in _by(items, TOGETHER) for loss in _losses(loaded, some)])
    return [[-next(found) for _ in some] if fit else None for some, fit in zip(rows, fits, strict=True)]


def _continued(loaded: Loaded, beginning: str, text: str) -> Row:
    before, whole = _ids(loaded, beginning), _ids(loaded, beginning + text)
    same = next((at for at, pair in enumerate(zip(before, whole, strict=False)) if pair[0] != pair[1]), len(before))
    same = min(same, len(whole) - 1)
    ids = [_start_of(loaded), *whole]
    return Row("", ids, [MASKED] * (same + 1) + whole[same:])


def _ids(loaded: Loaded, text: str) -> list[int]:
    found: list[int] = loaded.tokenizer(text, add_special_tokens=False)["input_ids"]
    return found


def _start_of(loaded: Loaded) -> int:
    tokenizer = loaded.tokenizer
    start = tokenizer.bos_token_id if tokenizer.bos_token_id is not None else tokenizer.eos_token_id
    if start is None:
        raise UsageError("the tokenizer has no token that begins or ends a text: likelihoods need one")
    return int(start)


def _check_causal(loaded: Loaded) -> None:
    if is_seq2seq(loaded.model):
        raise UsageError("an encoder-decoder gives no likelihood of a text: take a model like Llama or Qwen")
