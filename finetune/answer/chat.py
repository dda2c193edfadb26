"""Talking to a trained model: `selfinstruct chat DIR`, in a session or with one question.

    for text in answer_stream(model, tokenizer, template, turns, temperature=0, max_new_tokens=200):
        print(text, end="", flush=True)

What a model writes is data: it reaches a terminal as errors.shown makes it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, Any, NamedTuple, TextIO

from selfinstruct.errors import UsageError, shown

from ..models.facts import context_of
from ..models.open import Loaded, load, out_of_memory
from ..rows.templates import Template, Turns
from .decoding import decode
from .sampling import Answer, Sampling, TooLong, prompt_ids, question

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

__all__ = ["USUAL", "Session", "Streams", "answer_stream", "ask_once", "converse"]

USUAL = Sampling(temperature=0.7, top_p=0.9, max_tokens=512)
"""What is sampled by when nobody says otherwise."""

HELP = "/reset forgets the conversation, /exit or Ctrl-D ends it, Ctrl-C ends an answer"

Conversation = tuple[dict[str, str], ...]


class Streams(NamedTuple):
    stdin: TextIO
    stdout: TextIO
    stderr: TextIO


def answer_stream(
    model: Any,
    tokenizer: PreTrainedTokenizerBase,
    template: Template,
    turns: Turns,
    *,
    temperature: float = USUAL.temperature,
    top_p: float = USUAL.top_p,
    max_new_tokens: int = USUAL.max_tokens,
    seed: int = 0,
) -> Iterator[str]:
    """The answer to the last turn in parts, as they are written: whole characters, without the template's own tokens.

    At temperature 0 the likeliest token is taken each time; else the same seed gives the same answer. Raises UsageError
    when the conversation does not fit into the model's context.
    """
    sampling = Sampling(temperature=temperature, top_p=top_p, max_tokens=max_new_tokens, seed=seed)
    yield from _streamed(model, question(model, tokenizer, template, turns, sampling))


def _streamed(model: Any, answer: Answer) -> Iterator[str]:
    told = 0
    with closing(decode(model, [answer])) as steps:
        for _ in steps:
            if len(answer.text) > told:
                part, told = answer.text[told:], len(answer.text)
                yield part


def ask_once(
    name: str,
    prompt: str,
    *,
    given: str = "",
    system: str = "",
    template: str = "auto",
    base: str | None = None,
    bits: int | None = None,
    sampling: Sampling = USUAL,
    streams: Streams | None = None,
) -> None:
    """Print the answer to one question, with the input `given` if there is one; "-" is what stdin has."""
    streams = streams or Streams(sys.stdin, sys.stdout, sys.stderr)
    if prompt == given == "-":
        raise UsageError("the prompt and the input are both '-': only one of them can be read from stdin")
    prompt, given = (_read(streams.stdin) if text == "-" else text for text in (prompt, given))
    if not prompt.strip():
        raise UsageError("the prompt is empty: ask something, or leave --prompt out for a conversation")
    turns = (*_opening(system), {"role": "user", "content": prompt} | ({"input": given} if given else {}))
    with _told(name):
        session = Session(load(name, template, base, bits), sampling, streams)
        session.say(session.begun(turns))


def converse(
    name: str,
    *,
    system: str = "",
    template: str = "auto",
    base: str | None = None,
    bits: int | None = None,
    sampling: Sampling = USUAL,
    streams: Streams | None = None,
) -> None:
    """A conversation: each line of stdin is a question, and its answer is printed as it is written."""
    streams = streams or Streams(sys.stdin, sys.stdout, sys.stderr)
    opening = turns = _opening(system)
    with _told(name):
        session = Session(load(name, template, base, bits), sampling, streams)
        if streams.stdin.isatty():
            session.tell(f"{name}: {HELP}")
        for line in _lines(streams):
            match line.strip():
                case "":
                    pass
                case "/exit" | "/quit":
                    return
                case "/help":
                    session.tell(HELP)
                case "/reset":
                    turns = opening
                    session.tell("a new conversation")
                case asked:
                    turns = session.turn(turns, asked)


class Session:
    """A model that somebody talks to: its answers go to stdout, what is said about them to stderr."""

    def __init__(self, loaded: Loaded, sampling: Sampling, streams: Streams) -> None:
        self._loaded, self._sampling, self._streams = loaded, sampling, streams

    def turn(self, turns: Conversation, asked: str) -> Conversation:
        """Answer a line; returns the conversation with both, or as it was when there is no answer."""
        longer = self._fitted((*turns, {"role": "user", "content": asked}))
        try:
            answer = self.begun(longer)
        except TooLong as error:
            self.tell(f"{error}: ask something shorter")
            return turns
        try:
            self.say(answer)
        except KeyboardInterrupt:
            self._write("\n")
        return (*longer, {"role": "assistant", "content": answer.text}) if answer.text else turns

    def begun(self, turns: Conversation) -> Answer:
        return question(*self._loaded, turns, self._sampling)

    def say(self, answer: Answer) -> None:
        for part in _streamed(self._loaded.model, answer):
            self._write(shown(part, lines=True))
        self._write("\n")
        if answer.finish == "length":
            self.tell(f"cut after {len(answer.tokens):,} tokens")

    def tell(self, text: str) -> None:
        print(f"({shown(text)})", file=self._streams.stderr, flush=True)

    def _write(self, text: str) -> None:
        self._streams.stdout.write(text)
        self._streams.stdout.flush()

    def _fitted(self, turns: Conversation) -> Conversation:
        """Without the oldest rounds, if there would be less than a quarter of the context left for the answer."""
        context = context_of(self._loaded.model)
        first = sum(turn["role"] == "system" for turn in turns)
        dropped = 0
        while context is not None and len(turns) > first + 2:
            if len(prompt_ids(*self._loaded, turns)) + min(self._sampling.max_tokens, context // 4) <= context:
                break
            turns = turns[:first] + turns[first + 2 :]
            dropped += 1
        if dropped:
            oldest = "question and its answer are" if dropped == 1 else f"{dropped} questions and their answers are"
            self.tell(f"the context of {context:,} tokens is full: the oldest {oldest} forgotten")
        return turns


def _opening(system: str) -> Conversation:
    return ({"role": "system", "content": system},) if system else ()


def _lines(streams: Streams) -> Iterator[str]:
    """What is typed, with the line editing of the shell if there is one, or piped in."""
    if streams.stdin is not sys.stdin or not sys.stdin.isatty():
        with _utf8():
            yield from streams.stdin
        return
    with suppress(ImportError):
        import readline  # noqa: F401  makes input() edit and remember lines
    with suppress(EOFError, KeyboardInterrupt):
        while True:
            yield input("> ")
    print(file=streams.stderr)


def _read(stream: TextIO) -> str:
    with _utf8():
        return stream.read().removesuffix("\n")


@contextmanager
def _utf8() -> Iterator[None]:
    try:
        yield
    except UnicodeDecodeError:
        raise UsageError("what stdin has is not UTF-8: convert it first") from None


@contextmanager
def _told(name: str) -> Iterator[None]:
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if not out_of_memory(error):
            raise
        raise UsageError(
            f"{name}: out of memory: close other programs, ask for less, or take a smaller model"
        ) from None
