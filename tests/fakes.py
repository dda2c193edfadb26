"""Teachers that the tests script: plain functions of the request, as a language model would be if it were simple."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from random import Random

from selfinstruct.task import Instance, Task
from selfinstruct.teacher import Request, Response, Teacher

VERBS = (
    *("Name", "List", "Describe", "Explain", "Compare", "Rank", "Sketch", "Praise"),
    *("Doubt", "Count", "Weigh", "Retell", "Sort", "Quote", "Date", "Trace"),
)
THINGS = (
    *("rivers", "bridges", "proverbs", "trains", "islands", "spices", "comets", "knots", "clocks", "harbours"),
    *("lanterns", "glaciers", "violins", "markets", "orchards", "tides", "alphabets", "kites", "wells", "moths"),
)
SEEDS = [
    Task(
        f"seed_task_{n}",
        f"{verb} three {thing} that everybody should know.",
        (Instance("", f"{thing}: {n}"),),
        (),
        n % 4 == 0,
    )
    for n, (verb, thing) in enumerate(zip(VERBS[:8], THINGS[:8], strict=True))
]


def simple(request: Request) -> Response:
    """A pure function of the request that answers every stage: lists, Yes or No, examples, blocks; some are faulty."""
    assert isinstance(request.prompt, str)
    rng = Random(request.key)
    tail = request.prompt[-400:]
    if request.prompt.endswith("9."):
        text = "".join(f"{'' if n == 9 else f'{chr(10)}{n}.'} {_instruction(rng)}" for n in range(9, 16))
        return Response(text, "length" if rng.random() < 0.05 else "stop", "simple", 100, 70)
    if request.prompt.endswith("Classification:"):
        return Response(" Yes" if rng.random() < 0.3 else " No", "stop", "simple", 300, 1)
    if request.prompt.endswith("4. Instruction:"):
        return Response(_blocks(rng), "length" if rng.random() < 0.5 else "stop", "simple", 500, 400)
    assert "\n\nTask: " in tail, f"no stage asks like this: {tail}"
    if "Class label:" in request.prompt:
        return Response("Class label: yes\nIt floats.\nClass label: no\nIt sinks.", "stop", "simple", 300, 20)
    if rng.random() < 0.1:
        return Response("I'm sorry, but I can't help with that.", "stop", "simple", 300, 10)
    return Response(
        f"Example 1\nInput: case {rng.randrange(99)}\nOutput: answer {rng.randrange(999)}", "stop", "simple", 9, 9
    )


def late(delay_of: Random, answer: Callable[[Request], Response] = simple) -> Teacher:
    """The same teacher, its answers arriving in another order: after 0 to 5 turns of the loop."""

    async def teacher(request: Request, /) -> Response:
        for _ in range(delay_of.randrange(6)):
            await asyncio.sleep(0)
        return answer(request)

    return teacher


def _instruction(rng: Random) -> str:
    if rng.random() < 0.1:
        return rng.choice(["Too short.", "Draw a picture of the harbour.", "Write a program that sorts words."])
    first, *others, last = rng.sample(THINGS, rng.randrange(4, 7))
    return f"{rng.choice(VERBS)} {first}, {', '.join(others)} by what they share with {last}."


def _blocks(rng: Random) -> str:
    fields = (
        f" {_instruction(rng)}\n{n}. Input: <noinput>\n{n}. Output: answer {rng.randrange(999)}" for n in range(4, 12)
    )
    return "".join(
        f"{'' if n == 4 else f'{chr(10)}###{chr(10)}{n}. Instruction:'}{text}" for n, text in enumerate(fields, 4)
    )
