"""The built-in teacher: rules instead of a model, so that everything can be tried without key, network or GPU.

    response = await builtin(request)

It reads a prompt of any stage as a language model would, and answers in the format asked for. Answers are right by
construction, and a pure function of the request. It knows the families of tasks in `families/` and nothing else.
As model "builtin:messy" it makes several times as many mistakes of form (the table in mess.py).
"""

from __future__ import annotations

import re
from random import Random

from selfinstruct.teacher import Request, Response
from selfinstruct.teachers.builtin import mess
from selfinstruct.teachers.builtin.answers import reply
from selfinstruct.teachers.builtin.reading import read

__all__ = ["MODELS", "builtin"]

MODELS = tuple(mess.RATES)
"""The names by which it is asked for: "builtin" and "builtin:messy"."""


async def builtin(request: Request, /) -> Response:
    rng = Random(request.key)
    rates = mess.RATES.get(request.model, mess.RATES["builtin"])
    text, finish_reason = reply(read(request.prompt), rng, rates), "stop"
    if rng.random() < rates.truncated and " " in text:
        text, finish_reason = mess.cut_short(rng, text), "length"
    text, finish_reason = _limited(text, finish_reason, request)
    asked = request.prompt if isinstance(request.prompt, str) else " ".join(turn["content"] for turn in request.prompt)
    return Response(text, finish_reason, request.model, tokens(asked), tokens(text))


def tokens(text: str) -> int:
    """An estimate, as usual for English: four tokens for three words."""
    return -(-len(text.split()) * 4 // 3)


def _limited(text: str, finish_reason: str, request: Request) -> tuple[str, str]:
    """The text up to the first of the stop sequences, and no longer than max_tokens."""
    stop = request.params.get("stop") or ()
    ends = [text.find(mark) for mark in ([stop] if isinstance(stop, str) else stop) if mark in text]
    if ends:
        text, finish_reason = text[: min(ends)], "stop"
    most = request.params.get("max_tokens") or request.params.get("max_completion_tokens")
    if most is not None and tokens(text) > most:
        words = list(re.finditer(r"\S+", text))[: int(most) * 3 // 4]
        text, finish_reason = text[: words[-1].end()] if words else "", "length"
    return text, finish_reason
