"""The answers to prompts that are no list to go on with: tasks to evolve, judge or talk about, and instructions."""

from __future__ import annotations

from random import Random

from selfinstruct.simulator.chatting import chat
from selfinstruct.simulator.evolving import evolve
from selfinstruct.simulator.frames import framed
from selfinstruct.simulator.judging import judge
from selfinstruct.simulator.mess import Rates
from selfinstruct.simulator.optimising import analyse, followed_by, improve
from selfinstruct.simulator.responding import respond

__all__ = ["reply_to"]


def reply_to(text: str, rng: Random, rates: Rates) -> str:
    prompt = framed(text)
    if prompt is None:
        return respond(rng, text, rates.sorry)
    match prompt.kind:
        case "evolve" | "breadth":
            followed = followed_by(prompt)
            unchanged, leak = (0.0 if name in followed else getattr(rates, name) for name in ("unchanged", "leak"))
            return evolve(rng, prompt, unchanged, leak)
        case "chat":
            return chat(rng, prompt)
        case "analyse":
            return analyse(prompt)
        case "improve":
            return improve(rng, prompt)
    return judge(prompt)
