"""Tokens that a base does not have: a larger vocabulary, or a token to pad with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from selfinstruct.errors import UsageError

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

__all__ = ["check_extends", "embeddings", "fit", "give_pad", "is_tied", "only_embeddings"]

PADS = ("<pad>", "[PAD]", "<|pad|>", "<|padding|>", "<|finetune_right_pad_id|>", "<|fim_pad|>")
"""Tokens that hub models have for nothing else."""


def give_pad(tokenizer: PreTrainedTokenizerBase) -> None:
    """A padding token that is not the end-of-sequence token: who masks padding would mask every answer's end with it.

    One that the vocabulary has, the unknown token (which byte-level vocabularies never use), or a new one.
    Raises UsageError for a tokenizer without an end-of-sequence token.
    """
    if tokenizer.eos_token_id is None:
        raise UsageError(
            f"the tokenizer of {tokenizer.name_or_path!r} has no end-of-sequence token, so no answer could end: "
            'name one as "eos_token" in its tokenizer_config.json'
        )
    others = (tokenizer.eos_token_id, tokenizer.bos_token_id)
    if tokenizer.pad_token_id is not None and tokenizer.pad_token_id not in others:
        return
    known = tokenizer.get_vocab()
    for pad in (*PADS, tokenizer.unk_token):
        if pad in known and known[pad] not in others:
            tokenizer.pad_token = pad
            return
    tokenizer.add_special_tokens({"pad_token": PADS[0]})


def check_extends(larger: PreTrainedTokenizerBase, base: PreTrainedTokenizerBase) -> None:
    """Raises UsageError unless every token of the base has the same number in the larger vocabulary."""
    numbers = larger.get_vocab()
    for token, number in sorted(base.get_vocab().items(), key=lambda item: item[1]):
        if numbers.get(token) != number and token != base.pad_token:  # which is trained nowhere
            there = f"number {numbers[token]}" if token in numbers else "none"
            raise UsageError(
                f"the tokenizer {larger.name_or_path!r} does not begin with the base's vocabulary: {token!r} is number "
                f"{number} in the base and {there} there; give one that was made by adding tokens to the base's"
            )


def fit(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    known: int | None = None,
    own: PreTrainedTokenizerBase | None = None,
) -> None:
    """Rows for all of the tokenizer's tokens, and its padding token in the model's configuration.

    The rows of tokens from number `known` on, by default those that the model has no row for, become the mean of the
    rows before them: a token that was never seen starts as likely as the average one and changes the others' chances
    little. With the base's `own` tokenizer, each becomes the mean of the rows of what that makes of it, so that a new
    word starts as near to its meaning as the base knows: on six texts, SmolLM2-135M with 3,234 Chinese pieces had a
    loss of 5.4 a character of Chinese before any training, of 8.6 with the mean of all rows, and of 4.1 without the
    pieces. Input and output embeddings alike; what is tied stays tied. The same always gives the same rows, so that an
    adapter's base can be fitted again by who loads it.
    """
    size, there = len(tokenizer), len(_tables(model)[0])
    first = there if known is None else min(known, there)
    if size > there:
        with torch.random.fork_rng(devices=[]):  # the rows are drawn at random before they are ours
            model.resize_token_embeddings(size, mean_resizing=False)
    parts = _made_of(tokenizer, own, first) if own is not None and size > first else {}
    for table in _tables(model) if size > first else ():
        with torch.no_grad():
            table[first:size] = table[:first].float().mean(0).to(table.dtype)
            for number, ids in parts.items():
                table[number] = table[ids].float().mean(0).to(table.dtype)
    for config in (model.config, model.generation_config):
        if config is not None:
            config.pad_token_id = tokenizer.pad_token_id


def _made_of(tokenizer: PreTrainedTokenizerBase, own: PreTrainedTokenizerBase, first: int) -> dict[int, list[int]]:
    """Tokens of the base for each new one, by its number; none for special ones, which stand for no text."""
    backend: Any = getattr(own, "backend_tokenizer", None)
    if backend is None:
        return {}
    added = tokenizer.added_tokens_decoder
    found = {}
    for token, number in tokenizer.get_vocab().items():
        if number >= first and number not in added:
            # The model alone, without what a tokenizer puts before a text: a piece is written in its letters already.
            ids = [part.id for part in backend.model.tokenize(token)]
            if ids and max(ids) < first:
                found[number] = ids
    return found


def only_embeddings(model: PreTrainedModel) -> PreTrainedModel:
    """The model with all frozen but the rows of tokens, of embedding and head."""
    model.requires_grad_(False)
    for layer in _layers(model):
        if layer is not None:
            layer.requires_grad_(True)
    return model


def is_tied(model: PreTrainedModel) -> bool:
    """Whether the head's rows are the embedding's."""
    given, head = _layers(model)
    return head is not None and head.weight is given.weight


def embeddings(model: PreTrainedModel) -> tuple[str, ...]:
    """The names of the layers that hold a row for each token, as LoRA's modules_to_save wants them."""
    wanted = [layer for layer in _layers(model) if layer is not None]
    names = [name for name, module in model.named_modules() if any(module is layer for layer in wanted)]
    return tuple(dict.fromkeys(name.rpartition(".")[2] for name in names))


def _tables(model: PreTrainedModel) -> list[torch.Tensor]:
    """[tokens, …]: the input embedding's, and the head's and its bias if it has its own."""
    given, head = _layers(model)
    own = [] if head is None or is_tied(model) else [head.weight]
    bias = getattr(head, "bias", None)
    return [given.weight, *own, *([] if bias is None else [bias])]


def _layers(model: Any) -> tuple[nn.Module, nn.Module | None]:
    return model.get_input_embeddings(), model.get_output_embeddings()
