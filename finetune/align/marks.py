"""A model that marks answers, asked: one number for each conversation, the higher the better.

for mark in marks(load_marks("models/marks"), conversations): …

Marks of one model can be compared with each other, for one question best of all; alone a number means nothing.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

import torch

from selfinstruct.errors import UsageError

from ..models.facts import context_of
from ..models.folders import about_model, located
from ..models.marking import marking
from ..models.open import Loaded, has_tokenizer, model_in, quietly, tokenizer_in, told
from ..models.vocabulary import fit, give_pad
from ..rows.batches import Item, items_of, tensors
from ..rows.conversations import Conversation, encode
from ..rows.templates import find_template

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["load_marks", "marks"]

TOGETHER = 8
"""Answers of a forward pass."""


def load_marks(name: str, base: str | None = None) -> Loaded:
    """A model that `train --method reward` wrote, or another with one number for a text. Raises UsageError."""
    source = located(name, base)
    tokenizer = tokenizer_in(source.folder if has_tokenizer(source.folder) else source.whole)
    give_pad(tokenizer)
    model = _adapted(source.folder, source.whole, tokenizer, name) if source.base else _whole(source.folder, name)
    rows = int(model.get_input_embeddings().weight.shape[0])
    if len(tokenizer) > rows:
        raise UsageError(
            f"the tokenizer of {name} has {len(tokenizer):,} tokens and its weights have {rows:,}: it is another "
            "model's; copy the one that it was trained with"
        )
    model.requires_grad_(False).eval()
    return Loaded(model, tokenizer, find_template("auto", tokenizer))


def _whole(folder: Path, name: str) -> Any:
    from transformers import AutoModelForSequenceClassification

    about = about_model(folder)
    kinds = about.get("architectures") or ["model"]
    if not str(kinds[0]).endswith("ForSequenceClassification"):
        raise UsageError(f"{name} is a {kinds[0]}, which marks nothing: give a folder that train --method reward wrote")
    kind: Any = AutoModelForSequenceClassification
    with quietly(), told(name):
        model = kind.from_pretrained(folder, trust_remote_code=False, local_files_only=True, dtype=torch.float32)
    if model.config.num_labels != 1:
        raise UsageError(
            f"{name} sorts texts into {model.config.num_labels} classes: a model that marks has one number"
        )
    return model


def _adapted(folder: Path, whole: Path, tokenizer: Any, name: str) -> Any:
    from peft import PeftConfig, PeftModel

    if (task := str(PeftConfig.from_pretrained(str(folder)).task_type)) != "SEQ_CLS":
        raise UsageError(f"{name} is an adapter for {task}, which marks nothing: give one of train --method reward")
    model: Any = model_in(whole, dtype=torch.float32)
    own = tokenizer_in(whole)
    fit(model, tokenizer, len(own), own)
    with quietly(), told(name), warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        adapted = PeftModel.from_pretrained(marking(model, tokenizer, 0), str(folder))
    if any("missing adapter keys" in str(warning.message) for warning in said):
        raise UsageError(f"{name} lacks weights of its adapter: its training was not saved whole, or for another base")
    return adapted


def marks(loaded: Loaded, conversations: Iterable[Conversation]) -> Iterator[float | None]:
    """The mark of each conversation, up to the end of its last answer; None for one that the model cannot read whole,
    and for one without an answer."""
    left = iter(conversations)
    while some := list(islice(left, TOGETHER)):
        items = [_item(loaded, one) for one in some]
        readable = [item for item in items if item is not None]
        found = iter(_marked(loaded, readable) if readable else ())
        for item in items:
            yield None if item is None else next(found)


def _item(loaded: Loaded, one: Conversation) -> Item | None:
    turns = tuple(
        {**turn, "learned": False} if turn["role"] == "assistant" and place < len(one.turns) - 1 else turn
        for place, turn in enumerate(one.turns)
    )
    if not turns or turns[-1]["role"] != "assistant":
        return None
    (item,) = items_of([encode(one._replace(turns=turns), loaded.template, loaded.tokenizer)])
    most = context_of(loaded.model)
    return item if most is None or len(item.ids) <= most else None


def _marked(loaded: Loaded, items: Sequence[Item]) -> list[float]:
    pad: Any = loaded.tokenizer.pad_token_id
    batch = tensors(items, pad, masked=True, most=context_of(loaded.model))
    given = {name: batch[name].to(loaded.model.device) for name in ("input_ids", "attention_mask")}
    with torch.inference_mode():
        return [float(mark) for mark in loaded.model(**given).logits[:, 0].float()]
