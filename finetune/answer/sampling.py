"""Answers, as they are written: the tokens of the prompt, the rules of the sampling, the text in whole characters.

    answer = question(model, tokenizer, template, turns, Sampling(temperature=0.7, seed=7))
    answer.take(token)  # decoding.py draws them

The prompt is what templates.py makes of the turns for training, token for token.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from selfinstruct.errors import UsageError

from ..models.facts import context_of, is_seq2seq
from ..rows.templates import Segment, Template, Turns, encoded, prompt_segments, rendered_prompt, segments, stops
from ..rows.tokens import visible

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

__all__ = [
    "Answer",
    "Sampling",
    "TooLong",
    "begun",
    "continuation",
    "prompt_ids",
    "question",
]

HALF = "\ufffd"
"""What a tokenizer shows for bytes that are no whole character, or not yet one."""


class TooLong(UsageError):
    """The prompt leaves no room for an answer."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """How an answer is drawn, as OpenAI defines it."""

    temperature: float = 1.0
    """0: always the likeliest token."""
    top_p: float = 1.0
    """Only the likeliest tokens that together have this probability."""
    max_tokens: int = 1024
    """The token that ends the answer counts."""
    presence_penalty: float = 0.0
    """Taken from the logit of every token that the answer has."""
    frequency_penalty: float = 0.0
    """The same, for each time that it has it."""
    stop: tuple[str, ...] = ()
    """Texts before which the answer ends."""
    seed: int = 0


class Answer:
    """A prompt and what has been written after it."""

    def __init__(
        self,
        prompt: Sequence[int],
        tokenizer: PreTrainedTokenizerBase,
        ends: Iterable[int],
        sampling: Sampling,
        lead: str = "",
    ) -> None:
        """`ends` are the tokens that end an answer, `lead` what the template puts before one: not part of the text."""
        self.prompt, self.sampling = list(prompt), sampling
        self.tokens: list[int] = []
        self.text = ""
        """So far: whole characters, and nothing that may yet become a stop text."""
        self.finish = ""
        """stop or length, once it is finished."""
        self._tokenizer, self._ends, self._lead = tokenizer, frozenset(ends), lead
        self._stops = [text for text in sampling.stop if text]
        self._held = ""
        self._start = self._read = 0

    def take(self, token: int) -> None:
        """Go on with a token."""
        self.tokens.append(token)
        if token in self._ends:
            self.finish = "stop"
        elif len(self.tokens) >= self.sampling.max_tokens:
            self.finish = "length"
        self._held += self._new_text(self.tokens[:-1] if self.finish == "stop" else self.tokens)
        if self._lead:
            if not self.finish and len(self._held) < len(self._lead) and self._lead.startswith(self._held):
                return
            self._held, self._lead = self._held.removeprefix(self._lead), ""
        self._release()

    def _new_text(self, tokens: Sequence[int]) -> str:
        """What the tokens since the last whole character say; nothing while they end inside of one.

        They are decoded after the tokens read before, since some tokenizers drop the blank before the first word.
        """
        before = self._decoded(tokens[self._start : self._read])
        after = self._decoded(tokens[self._start :])
        if after.endswith(HALF) and not self.finish:
            return ""
        self._start, self._read = self._read, len(tokens)
        return (after.rstrip(HALF) if self.finish == "length" else after)[len(before) :]

    def _decoded(self, tokens: Sequence[int]) -> str:
        text = self._tokenizer.decode(list(tokens), skip_special_tokens=True, clean_up_tokenization_spaces=False)
        return str(text)

    def _release(self) -> None:
        """Add to the text what can be no stop text's beginning; end at a stop text."""
        found = min((place for text in self._stops if (place := self._held.find(text)) >= 0), default=-1)
        if found >= 0:
            self.text, self._held, self.finish = self.text + self._held[:found], "", "stop"
            return
        longest = max(map(len, self._stops), default=1) - 1
        ends = (self._held[-size:] for size in range(min(longest, len(self._held)), 0, -1))
        begun = "" if self.finish else next((end for end in ends if any(s.startswith(end) for s in self._stops)), "")
        self.text += self._held.removesuffix(begun)
        self._held = begun


def prompt_ids(model: Any, tokenizer: PreTrainedTokenizerBase, template: Template, turns: Turns) -> list[int]:
    """The tokens of a conversation up to its next answer: those that the model was trained on, one for one."""
    if is_seq2seq(model):
        return list(tokenizer(rendered_prompt(template, turns, tokenizer), verbose=False)["input_ids"])
    return encoded(prompt_segments(template, turns, tokenizer), tokenizer)[0]


def question(
    model: Any, tokenizer: PreTrainedTokenizerBase, template: Template, turns: Turns, sampling: Sampling
) -> Answer:
    """The answer, yet to be written, to the last turn of a conversation. Raises TooLong."""
    prompt = prompt_ids(model, tokenizer, template, turns)
    lead = "" if is_seq2seq(model) else visible(_lead(template, tokenizer), tokenizer)
    return _begun(model, tokenizer, prompt, stops(template, tokenizer), sampling, lead)


def begun(
    model: Any, tokenizer: PreTrainedTokenizerBase, template: Template, turns: Turns, sampling: Sampling
) -> Answer:
    """What is yet to be written after the last turn, which is the beginning of the answer. Raises TooLong."""
    *before, last = turns
    said = str(last["content"])
    if is_seq2seq(model):
        raise UsageError("this model has an encoder: it cannot go on with an answer that was begun; use --api chat")
    laid = [*prompt_segments(template, before, tokenizer), Segment(_lead(template, tokenizer) + said, trained=True)]
    return _begun(model, tokenizer, encoded(laid, tokenizer)[0], stops(template, tokenizer), sampling, "")


def continuation(model: Any, tokenizer: PreTrainedTokenizerBase, text: str, sampling: Sampling) -> Answer:
    """What is yet to be written after a bare text, which gets the tokenizer's own BOS and nothing else.

    A stop text that is a token ends it as such: special tokens are no part of a text.
    """
    prompt = list(tokenizer(text.encode("utf-8", "replace").decode(), verbose=False)["input_ids"])
    if not is_seq2seq(model) and prompt[-1:] == [tokenizer.eos_token_id]:  # the text is not at its end
        prompt.pop()
    added = tokenizer.get_added_vocab()
    return _begun(model, tokenizer, prompt, [added[text] for text in sampling.stop if text in added], sampling, "")


def _begun(
    model: Any,
    tokenizer: PreTrainedTokenizerBase,
    prompt: list[int],
    ends: Iterable[int],
    sampling: Sampling,
    lead: str,
) -> Answer:
    context = context_of(model)
    room = sampling.max_tokens if context is None else min(sampling.max_tokens, context - len(prompt))
    if room < 1:
        raise TooLong(f"the prompt has {len(prompt):,} tokens, and the model reads and writes {context:,} in all")
    config = model.generation_config
    own = [] if config is None or config.eos_token_id is None else config.eos_token_id
    every = {*ends, *([own] if isinstance(own, int) else own), tokenizer.eos_token_id} - {None}
    # A prompt without a token (no BOS, no text) has nothing to go on from: it begins where a text has ended.
    prompt = prompt or [token for token in (tokenizer.bos_token_id, *every) if token is not None][:1]
    return Answer(prompt, tokenizer, every, replace(sampling, max_tokens=room), lead)


def _lead(template: Template, tokenizer: PreTrainedTokenizerBase) -> str:
    """What the template writes between a prompt and its answer, such as a blank."""
    said = "answer"
    turns = [{"role": "user", "content": "question"}, {"role": "assistant", "content": said}]
    return next(part.text for part in segments(template, turns, tokenizer) if part.trained).partition(said)[0]
