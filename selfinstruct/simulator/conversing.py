"""How the built-in teacher talks turn by turn: as the user it asks what it can answer, as the assistant it knows what
was talked about before.

Both sides read the conversation from its first question on, each time anew: what is asked is what chatting.py asks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import Any

from selfinstruct.simulator.acting import act, meet
from selfinstruct.simulator.chatting import further_turn
from selfinstruct.simulator.layers import Layer, laid
from selfinstruct.simulator.mess import Rates
from selfinstruct.simulator.reading import Question, question
from selfinstruct.simulator.understanding import Shown, Understood, understand
from selfinstruct.stages.answering.user_turn import NAMES
from selfinstruct.task import Message

__all__ = ["ask_on", "replied"]

CONTENT = 0.06
"""How often the user wants nothing more."""
TRIES = 5
"""Questions that are thought of until one is new."""
END = {"en": "[END]", "zh": "[结束]"}


def ask_on(asked: Question, rng: Random, rates: Rates) -> str:
    """What the user says next; now and then not as it should be said."""
    language = asked.language
    turns = list(_turns(asked.places["conversation"], language.code))
    said = meet(turns, language, rng) or _next(turns, rng)
    luck = rng.random()
    if not said or luck < CONTENT:
        return rng.choice(language.words["chat"]["thanks"]) if luck < rates.sorry else END[language.code]
    user, assistant, _ = NAMES[language.code]
    welcome = rng.choice(language.words["chat"]["welcome"])
    ugly = (f"{user}{said}", f'"{said}"', f"{said}\n{assistant}{welcome}", welcome)
    return str(rng.choice(ugly)) if luck > 1 - rates.ugly else said


def _next(turns: Sequence[Message], rng: Random) -> str:
    known = _talked_about([turn["content"] for turn in turns if turn["role"] == "user"])
    before = {turn["content"] for turn in turns}
    if not known:
        return ""
    for _ in range(TRIES):
        said, _, _ = further_turn(rng, known, before | {layer.what for layer in known.layers})
        about = said.rpartition("\n\n")[2]
        if not any(about in text for text in before):
            return said
    return ""


def _turns(conversation: str, code: str) -> Iterator[Message]:
    user, assistant, scene = (name.strip() for name in NAMES[code])
    roles = {user: "user", assistant: "assistant", scene: "system"}
    marks = list(re.finditer(rf"^({'|'.join(map(re.escape, roles))})[ \t]*", conversation, re.MULTILINE))
    ends = [*(mark.start() for mark in marks[1:]), len(conversation)]
    for mark, end in zip(marks, ends, strict=False):
        yield Message(role=roles[mark[1]], content=conversation[mark.end() : end].strip())


def replied(asked: Question, rng: Random) -> str:
    """The answer to the last question of a conversation; "" where it needs none of what was said before, or that is
    nothing it knows.
    """
    in_role = act(asked.before, asked.text, rng)
    if in_role:
        return in_role
    said = [turn["content"] for turn in asked.before if turn["role"] == "user"]
    if not said:
        return ""
    if asked.text.strip() in asked.language.words["chat"]["thanks"]:
        return str(rng.choice(asked.language.words["chat"]["welcome"]))
    known = _talked_about(said)
    if known and asked.text in known.asked.family.further:
        more = replace(known, layers=(*known.layers, Layer("further", asked.text, asked.text))).reply(rng)
        return more.more[-1] if more else ""
    after = _followed(known, asked.text) if known else None
    return (after.answer(rng) or "") if after else ""


def _talked_about(said: Iterable[str]) -> Understood | None:
    """The task that is talked about after the user has said all this; None where something is not understood."""
    known: Understood | None = None
    for number, text in enumerate(said):
        if number == 0:
            known = understand(question(text))
        elif known and text not in known.asked.family.further:
            known = _followed(known, text) or known
    return known


def _followed(known: Understood, said: str) -> Understood | None:
    """The task that this makes of the one before: another input, another form, or another task."""
    words: Mapping[str, Any] = known.language.words["chat"]
    head, _, rest = said.partition("\n\n")
    if rest and head in words["again"]:
        return _answered(understand(known.shown(known.base, known.layers, rest)))
    if wish := _after(said, words["differently"]):
        base = known.base.removesuffix(known.asked.ending).rstrip()
        tried = (Shown(laid(one, wish), known.given) for one in (known.base, base))
        return next(filter(None, map(_answered, map(understand, tried))), None)
    if other := _after(said, words["other"]):
        return _answered(understand(question(other)))
    return None


def _answered(known: Understood | None) -> Understood | None:
    return known if known and known.answer(Random(0)) else None


def _after(said: str, leads: Iterable[str]) -> str:
    return next((said.removeprefix(lead).strip() for lead in leads if said.startswith(lead)), "")
