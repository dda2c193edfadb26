"""The built-in teacher: rules instead of a model, so that everything can be tried without key, network or GPU.

    response = await builtin(request)

It reads a prompt of any stage as a language model would, and answers in the format asked for, JSON included. Answers
are right by construction, and a pure function of the request. It knows the families of tasks in `families/` and nothing
else.
As model "builtin:messy" it makes several times as many mistakes of form (the table in mess.py); as "builtin:weak" many
of its answers are wrong.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random

from selfinstruct.simulator import mess
from selfinstruct.simulator.answers import in_json, reply
from selfinstruct.simulator.reading import read
from selfinstruct.simulator.structured import in_words, schema_of, written
from selfinstruct.simulator.understanding import Shown, understand
from selfinstruct.teacher import Request, Response

__all__ = ["MODELS", "answers", "builtin", "knows"]

MODELS = tuple(mess.RATES)
"""The names by which it is asked for: "builtin", "builtin:messy" and "builtin:weak"."""


async def builtin(request: Request, /) -> Response:
    asked = _asked(request)
    plain = in_words(asked)
    rng, question = Random(plain.key), read(plain.prompt)
    rates = mess.RATES.get(request.model, mess.RATES["builtin"])
    text, finish_reason = reply(question, rng, rates, _room(request)), "stop"
    cut = mess.truncated(rng, text, rates.truncated)
    if plain is not asked and text not in question.language.refusals:
        value = in_json(question, Random(plain.key), rates, _room(request)) or {}
        text = written(value, schema_of(asked), text)
    if cut:
        text, finish_reason = mess.cut_short(rng, text), "length"
    text, finish_reason = _limited(text, finish_reason, request)
    given = request.prompt if isinstance(request.prompt, str) else " ".join(turn["content"] for turn in request.prompt)
    return Response(text, finish_reason, request.model, mess.tokens(given), mess.tokens(text))


async def answers(request: Request, /) -> bool:
    """Whether it can do what it is asked, by chance cut or not: one of three samples is no refusal."""
    refusals = read(in_words(_asked(request)).prompt).language.refusals
    for sample in range(3):
        text = (await builtin(replace(request, sample=request.sample + sample))).text.strip()
        if not any(refusal.startswith(text) for refusal in refusals):
            return True
    return False


def knows(instruction: str, given: str = "") -> bool:
    """Can it answer this instruction with this input, and so evolve it? One that lacks its input it cannot."""
    known = understand(Shown(instruction, given))
    return known is not None and known.answer(Random(0)) is not None


def _asked(request: Request) -> Request:
    """The request as a server reads it: a lone user message is a text, and the seed tells samples apart."""
    prompt, params = request.prompt, {name: value for name, value in request.params.items() if value is not None}
    if not isinstance(prompt, str) and len(prompt) == 1 and prompt[0]["role"] == "user":
        prompt = prompt[0]["content"]
    return Request(prompt, request.model, params, request.sample + (params.pop("seed", 0) or 0))


def _limited(text: str, finish_reason: str, request: Request) -> tuple[str, str]:
    """The text up to the first of the stop sequences, and no longer than max_tokens."""
    stop = request.params.get("stop") or ()
    ends = [text.find(mark) for mark in ([stop] if isinstance(stop, str) else stop) if mark in text]
    if ends:
        text, finish_reason = text[: min(ends)], "stop"
    most = _room(request)
    if most is not None and mess.tokens(text) > most:
        text, finish_reason = mess.first_tokens(text, most), "length"
    return text, finish_reason


def _room(request: Request) -> int | None:
    """Tokens that the answer may have."""
    most = request.params.get("max_tokens") or request.params.get("max_completion_tokens")
    return int(most) if most else None
