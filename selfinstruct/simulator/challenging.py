"""How the built-in teacher plays the four roles of Agentic Self-Instruct.

The challenger lays layers on a task (evolving.py), one more for each attempt that was too easy, and knows the answer.
The strong solver is the teacher itself. The weak one, "builtin:weak", goes wrong by the rate `wrong` for the task and
once more for each demand. The judge marks as the exact checker of the exam does, and where it does not know the task by
the reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from random import Random

from selfinstruct.simulator.evolving import DEPTH, evolved, hardly_changed, sibling
from selfinstruct.simulator.language import LANGUAGES
from selfinstruct.simulator.mess import Rates
from selfinstruct.simulator.reading import Question, shown_in
from selfinstruct.simulator.understanding import Shown, Understood, understand
from selfinstruct.stages.reading.blocks import INPUTS, LABELS
from selfinstruct.text.final import comes_to
from selfinstruct.text.later import later

__all__ = ["answers_in", "challenge", "challenged", "goes_wrong", "mark", "marked", "wrong_answer"]

_TRIED = later(r"^\d{1,3}\. ", re.MULTILINE)
_ANSWER = later(r"^(?:\[Answer (\d{1,3})\]|【回答(\d{1,3})】)$", re.MULTILINE)
_SENTENCE = later(r"[A-Z][^.!?\n]{30,160}[.!?](?=\s|\Z)")
ANSWERS = {"en": "Answer: {}", "zh": "答案：{}"}
MOST = 4
"""Layers that are laid on a task at most."""
DRAWS = 40


# The challenger


def challenge(asked: Question, rng: Random, rates: Rates) -> str:
    """The new task and its answer as the prompt wants them; now and then (`ugly`) with bold labels."""
    made = challenged(asked, rng, rates)
    if made is None:
        return asked.language.unknown
    code, bold = asked.language.code, rng.random() < rates.ugly
    parts = [(LABELS, made["instruction"]), (INPUTS, made["input"]), (ANSWERS, made["answer"])]
    lines = []
    for labels, text in parts:
        label = labels[code].format("").strip()
        if text:
            between = "\n" if "\n" in text else " " if code == "en" else ""
            lines.append(f"{f'**{label}**' if bold else label}{between}{text}")
    return "\n".join(lines)


def challenged(asked: Question, rng: Random, rates: Rates) -> dict[str, str] | None:
    """The same as fields; None where the task or the passage is none that the rules know."""
    made = _of_passage(asked, rng) if asked.kind == "challenge_passage" else _of_task(asked, rng, rates)
    known = understand(made) if made else None
    answer = known.answer(rng) if known else None
    if not made or not answer:
        return None
    return {"instruction": made.instruction, "input": made.given, "answer": answer}


def _of_task(asked: Question, rng: Random, rates: Rates) -> Shown | None:
    known = understand(shown_in(asked, "task"))
    if known is None or known.answer(rng) is None:
        return None
    if rng.random() < rates.unchanged:
        return hardly_changed(rng, known)
    return _harder(rng, known, len(_TRIED.findall(asked.places.get("tried", ""))))


def _harder(rng: Random, known: Understood, tried: int) -> Shown:
    """The task with more layers the oftener it was tried; another one of its subject where nothing suits it."""
    made = start = known.shown(known.base, known.layers, known.said)
    for _ in range(min(1 + tried, MOST)):
        if one := understand(made):
            made = next((more for more in _deeper(rng, one) if more != made), made)
    return made if made != start else next(sibling(rng, known), start)


def _deeper(rng: Random, known: Understood) -> Iterator[Shown]:
    return (evolved(rng, known, name) for name in rng.sample(DEPTH, len(DEPTH)))


def _of_passage(asked: Question, rng: Random) -> Shown | None:
    """Something to be counted in a sentence of the passage: in English, all that rules can ask of any text."""
    found = _SENTENCE.findall(asked.places["passage"])
    families = [one for one in LANGUAGES[asked.language.code].families if one.name == "count_in_text"]
    if not found or not families:
        return None
    known = understand(Shown(families[0].compose(rng, wishes=0)[0], rng.choice(found)))
    return _harder(rng, known, len(_TRIED.findall(asked.places.get("tried", "")))) if known else None


# The weak solver


def goes_wrong(rng: Random, known: Understood, rates: Rates) -> bool:
    return bool(rates.wrong) and rng.random() >= (1 - rates.wrong) ** (1 + known.demands)


def wrong_answer(rng: Random, known: Understood) -> str | None:
    """An answer of the right kind that is wrong: to less than was asked, or to another question; None where all that
    were found are right."""
    answers = (other.answer(rng) for other in _others(rng, known))
    return next((answer for answer in answers if answer and not known.accepts(answer)), None)


def _others(rng: Random, known: Understood) -> Iterator[Understood]:
    for n in rng.sample(range(len(known.layers)), len(known.layers)):
        yield replace(known, layers=(*known.layers[:n], *known.layers[n + 1 :]))
    family, slots = known.asked.family, known.asked.slots
    for _ in range(DRAWS):
        yield replace(known, given=known.asked.draw(rng)) if known.given else known
        other = family.compose(rng)[1].slots
        if set(other) == set(slots):
            yield replace(known, asked=replace(known.asked, slots=other))


# The judge


def mark(asked: Question) -> str:
    words = asked.language.words["judge"]
    colon = asked.language.words["labels"]["colon"]
    return "\n".join(f"{n}{colon}{words['right' if right else 'wrong']}" for n, right in marked(asked).items())


def marked(asked: Question) -> dict[str, bool]:
    """By the number of each answer."""
    known, reference = understand(shown_in(asked, "task")), asked.places["reference"]
    sure = known is not None and known.answer(Random(0)) is not None
    return {
        str(number): bool(known and known.accepts(text)) if sure else comes_to(text, reference)
        for number, text in enumerate(answers_in(asked.places["answers"]), 1)
    }


def answers_in(text: str) -> list[str]:
    """The answers one after another: a heading with another number than the next is part of an answer."""
    starts = list[tuple[int, int]]()
    for found in _ANSWER.finditer(text):
        if int(found[1] or found[2]) == len(starts) + 1:
            starts.append(found.span())
    ends = [*(start for start, _ in starts[1:]), len(text)]
    return [text[after:end].strip() for (_, after), end in zip(starts, ends, strict=True)]
