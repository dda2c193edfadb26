"""The answers to prompts that are no list to go on with: tasks to evolve, judge or chat about, and instructions."""

from __future__ import annotations

from random import Random

from selfinstruct.teachers.builtin.chatting import chat
from selfinstruct.teachers.builtin.evolving import evolve
from selfinstruct.teachers.builtin.frames import framed
from selfinstruct.teachers.builtin.judging import judge
from selfinstruct.teachers.builtin.mess import Rates
from selfinstruct.teachers.builtin.responding import respond

__all__ = ["reply_to"]


def reply_to(text: str, rng: Random, rates: Rates) -> str:
    prompt = framed(text)
    if prompt is None:
        return respond(rng, text, rates.sorry)
    match prompt.kind:
        case "evolve" | "breadth":
            return evolve(rng, prompt, rates.unchanged, rates.leak)
        case "chat":
            return chat(rng, prompt)
    return judge(prompt)
