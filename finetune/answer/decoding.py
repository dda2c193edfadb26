"""Decoding: prompts continued token by token, together, each by its own rules and its own random numbers.

    answer = question(model, tokenizer, template, turns, Sampling(temperature=0.7, seed=7))
    for _ in decode(model, [answer]):
        print(answer.text)  # so far, in whole characters

What comes of a prompt depends on the prompt, its Sampling and the model, and not on what else is in the batch, as far
as floating point goes: sums of other shapes are rounded otherwise, in the seventh digit in fp32, in the third in bf16.
A token is drawn as the highest of logit + temperature × Gumbel noise from the row's own generator. This differs for
another rounding only where the best two come as close as that, once in a million tokens in fp32; a number compared
with running sums of probabilities would differ hundreds of times as often, since every sum is a border.
"""

from __future__ import annotations

import inspect
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from transformers.cache_utils import DynamicLayer

from selfinstruct.errors import UsageError

from ..models.facts import is_seq2seq, virtual_tokens
from .sampling import Answer, Sampling

__all__ = ["Batch", "Roomy", "decode", "drawn", "give_room"]

SMALL = 10_000_000
"""Parameters up to which one core writes alone. More gain little with such small products, and beside other programs
they wait for each other: on two cores with four programs, two threads took 7 times as long as one."""
ROOM = 64
"""Tokens at least that are written before all keys and values are copied; more where there are more, a quarter."""


def decode(model: Any, answers: Sequence[Answer]) -> Generator[None]:
    """Write the answers, one token of each at every step, until all are finished."""
    batch = Batch(model)
    training = model.training
    model.eval()
    try:
        batch.add(answers)
        while batch.answers:
            batch.step()
            yield
    finally:
        model.train(training)


@contextmanager
def _threads(*, few: bool) -> Iterator[None]:
    """For a small model on the CPU one thread is enough; afterwards there are as many as before (it takes 0.2 µs)."""
    before = torch.get_num_threads()
    if few:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        if few:
            torch.set_num_threads(before)


class Batch:
    """Answers that are written at the same time. Prompts are padded on the left, so that all go on at the same place;
    positions count from where a prompt begins, and no padding is looked at.
    """

    def __init__(self, model: Any) -> None:
        self.answers: list[Answer] = []
        self._model = model
        self._random: list[torch.Generator] = []

        self._mask = self._logits = torch.empty(0)
        self._cache: Any = None
        self._encoded: Any = None
        """What the encoder made of the prompts, when there is one, and which of that is padding."""

        virtual = virtual_tokens(model)
        self._core = model.get_base_model() if virtual else model
        inner = model.get_base_model() if hasattr(model, "get_base_model") else model
        known = inspect.signature(inner.forward).parameters
        small = sum(parameter.numel() for parameter in model.parameters()) <= SMALL
        self._few = small and self._core.device.type == "cpu"
        kinds = {parameter.dtype for parameter in model.parameters()} if hasattr(model, "peft_config") else set()
        self._mixed = {torch.bfloat16, torch.float32} <= kinds
        self._takes_positions, self._takes_last = "position_ids" in known, "logits_to_keep" in known

    @property
    def joinable(self) -> bool:
        """Whether others can be added while these are written: where what is remembered is keys and values only."""
        from transformers import DynamicCache

        if not self.answers:
            return True
        plain = isinstance(self._cache, DynamicCache) and self._encoded is None
        return plain and all(type(layer) is Roomy for layer in self._cache.layers)

    def add(self, answers: Sequence[Answer]) -> None:
        """Read the prompts of these, too."""
        if answers:
            with torch.no_grad(), _threads(few=self._few), self._precision():
                self._add(answers)

    def step(self) -> list[Answer]:
        """Write a token of each; returns those that are finished by it, which leave."""
        with torch.no_grad(), _threads(few=self._few), self._precision():
            return self._written()

    def _precision(self) -> torch.autocast:
        """A frozen base in bf16 cannot read what layers beside it, trained in fp32, give it: as in training, autocast
        sees to that.
        """
        return torch.autocast(self._core.device.type, torch.bfloat16, enabled=self._mixed)

    def _add(self, answers: Sequence[Answer]) -> None:
        here, new = self.answers, Batch(self._model)
        new.answers = list(answers)
        device = self._core.device
        new._random = [torch.Generator(device).manual_seed(answer.sampling.seed) for answer in answers]
        new._begin(device)
        if not here:
            self.__dict__.update(new.__dict__)
            return
        length = max(self._mask.shape[1], new._mask.shape[1])
        self._mask = _joined(self._mask, new._mask, 1, length)
        for mine, other in zip(self._cache.layers, new._cache.layers, strict=True):
            mine.keys = _joined(mine.keys, other.keys, 2, length)
            mine.values = _joined(mine.values, other.values, 2, length)
        self._logits = torch.cat([self._logits, new._logits])
        self.answers, self._random = here + new.answers, self._random + new._random

    def _written(self) -> list[Answer]:
        if self._logits.isnan().any():
            raise UsageError("the model computes no numbers (NaN): its weights are damaged, or made for more precision")
        rows = zip(self._logits.float(), self.answers, self._random, strict=True)
        tokens = torch.stack([drawn(*row) for row in rows]).tolist()
        for answer, token in zip(self.answers, tokens, strict=True):
            answer.take(token)
        finished = [answer for answer in self.answers if answer.finish]
        kept = [place for place, answer in enumerate(self.answers) if not answer.finish]
        if finished:
            self._keep(kept)
        if kept:
            self._go_on(torch.tensor([[answer.tokens[-1]] for answer in self.answers], device=self._mask.device))
        return finished

    def _begin(self, device: torch.device) -> None:
        """Read the prompts."""
        longest = max(len(answer.prompt) for answer in self.answers)
        empty = [longest - len(answer.prompt) for answer in self.answers]
        rows = zip(empty, self.answers, strict=True)
        virtual = virtual_tokens(self._model)
        if is_seq2seq(self._model):  # an encoder's places count from its first token: padding on the right
            ids = torch.tensor([answer.prompt + [0] * pad for pad, answer in rows], device=device)
            self._mask = torch.tensor([[1] * (longest - pad) + [0] * pad for pad in empty], device=device)
            self._encoded = (self._model.get_encoder()(input_ids=ids, attention_mask=self._mask), self._mask)
            start = self._model.config.decoder_start_token_id
            self._cache = self._model.get_prompt(len(ids)) if virtual else None
            self._forward(decoder_input_ids=torch.full((len(ids), 1), start, device=device))
            return
        ids = torch.tensor([[0] * pad + answer.prompt for pad, answer in rows], device=device)
        self._mask = torch.tensor([[0] * pad + [1] * (longest - pad) for pad in empty], device=device)
        if virtual is None:
            self._forward(input_ids=ids)
        else:
            learned = self._model.get_prompt(len(ids))
            seen = torch.ones(len(ids), virtual.num_virtual_tokens, dtype=self._mask.dtype, device=device)
            self._mask = torch.cat([seen, self._mask], dim=1)
            if isinstance(learned, torch.Tensor):  # P-Tuning: what the tokens would be as embeddings
                words = self._core.get_input_embeddings()(ids)
                self._forward(inputs_embeds=torch.cat([learned.to(words.dtype), words], dim=1))
            else:  # prefix tuning: what every layer would remember of them
                self._cache = learned
                self._forward(input_ids=ids)

    def _go_on(self, tokens: torch.Tensor) -> None:
        if self._encoded:
            self._forward(decoder_input_ids=tokens)
            return
        self._mask = torch.cat([self._mask, torch.ones_like(self._mask[:, :1])], dim=1)
        self._forward(input_ids=tokens)

    def _forward(self, **given: Any) -> None:
        length = next(iter(given.values())).shape[1]
        if self._encoded:
            given |= {"encoder_outputs": self._encoded[0], "attention_mask": self._encoded[1]}
        else:
            given["attention_mask"] = self._mask
            if self._takes_positions:
                given["position_ids"] = (self._mask.cumsum(1) - 1).clamp(min=0)[:, -length:]
            if self._takes_last:
                given["logits_to_keep"] = 1  # of a long prompt, the others would fill gigabytes
        found = self._core(**given, past_key_values=self._cache, use_cache=True)
        self._logits, self._cache = found.logits[:, -1], getattr(found, "past_key_values", None)
        if self._cache is None:
            kind = self._core.config.model_type
            raise UsageError(f"a model of the type {kind!r} keeps no keys and values: serve it with another program")
        give_room(self._cache)

    def _keep(self, kept: list[int]) -> None:
        """Forget all other answers."""
        self.answers = [self.answers[place] for place in kept]
        self._random = [self._random[place] for place in kept]
        if not kept:
            self._cache = self._encoded = None
            return
        places = torch.tensor(kept, device=self._mask.device)
        self._mask, self._logits = self._mask[places], self._logits[places]
        self._cache.reorder_cache(places)
        if self._encoded:
            found, mask = self._encoded
            found.last_hidden_state = found.last_hidden_state[places]
            self._encoded = (found, mask[places])


def _joined(mine: torch.Tensor, other: torch.Tensor, dim: int, length: int) -> torch.Tensor:
    """Both in one batch, padded on the left of `dim` to the same length."""

    def padded(tensor: torch.Tensor) -> torch.Tensor:
        shape = list(tensor.shape)
        shape[dim] = length - shape[dim]
        return torch.cat([tensor.new_zeros(shape), tensor], dim=dim)

    return torch.cat([padded(mine), padded(other)])


def drawn(logits: torch.Tensor, answer: Answer, random: torch.Generator) -> torch.Tensor:
    """The next token of one answer."""
    sampling = answer.sampling
    if sampling.presence_penalty or sampling.frequency_penalty:
        written = torch.tensor(answer.tokens, dtype=torch.long, device=logits.device)
        counts = torch.bincount(written, minlength=len(logits))
        logits = logits - sampling.frequency_penalty * counts - sampling.presence_penalty * (counts > 0)
    if not sampling.temperature:
        return logits.argmax()
    if sampling.top_p < 1:
        logits = _nucleus(logits, sampling)
    noise = torch.empty_like(logits).exponential_(generator=random)  # minus its logarithm is Gumbel's
    return (logits - sampling.temperature * noise.log()).argmax()


def _nucleus(logits: torch.Tensor, sampling: Sampling) -> torch.Tensor:
    """Without the tokens before which those likelier already have the probability top_p; the likeliest stays."""
    ordered, places = (logits / max(sampling.temperature, 1e-5)).softmax(0).sort(descending=True, stable=True)
    left_out = ordered.cumsum(0) - ordered >= sampling.top_p
    left_out[0] = False
    return logits.masked_fill(torch.empty_like(left_out).scatter_(0, places, left_out), float("-inf"))


def give_room(cache: Any) -> None:
    """Let the plain layers of a cache grow in place. Those of other kinds (sliding windows, states) stay."""
    for place, layer in enumerate(getattr(cache, "layers", ())):
        if type(layer) is DynamicLayer:
            roomy = Roomy()
            roomy.__dict__.update(layer.__dict__)
            cache.layers[place] = roomy


class Roomy(DynamicLayer):
    """Keys and values with room to grow: what a model remembers of a text, a token more at every step.

    transformers' own cache is written anew for every token, all of it: of 64 answers of 400 tokens by a small model,
    more than half of the time went there. These are the beginnings of larger buffers; who replaces them need not know.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call,unused-ignore]
        self._rooms: dict[str, torch.Tensor] = {}

    def update(  # type: ignore[override,unused-ignore]
        self, key_states: torch.Tensor, value_states: torch.Tensor, *_: Any, **__: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)  # type: ignore[no-untyped-call,unused-ignore]
        self.keys = self._grown("keys", self.keys, key_states)
        self.values = self._grown("values", self.values, value_states)
        return self.keys, self.values

    def _grown(self, name: str, held: Any, new: torch.Tensor) -> torch.Tensor:
        """Both, [rows, heads, tokens, width]."""
        before = held.shape[-2] if held.numel() else 0
        after, room = before + new.shape[-2], self._rooms.get(name)
        if room is None or room.data_ptr() != held.data_ptr() or room.shape[-2] < after or len(room) != len(new):
            rows, heads, _, width = new.shape
            room = self._rooms[name] = new.new_empty(rows, heads, after + max(ROOM, after // 4), width)
            if before:
                room[:, :, :before] = held
        room[:, :, before:after] = new
        return room[:, :, :after]
