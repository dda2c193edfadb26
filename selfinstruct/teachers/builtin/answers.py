"""The answers of the built-in teacher, in the format that each stage asks for."""

from __future__ import annotations

from random import Random

from selfinstruct.teachers.builtin import mess
from selfinstruct.teachers.builtin.family import Asked
from selfinstruct.teachers.builtin.language import EN
from selfinstruct.teachers.builtin.mess import Rates
from selfinstruct.teachers.builtin.reading import Question
from selfinstruct.teachers.builtin.replying import reply_to
from selfinstruct.teachers.builtin.style import Style, chosen

__all__ = ["reply"]


def reply(question: Question, rng: Random, rates: Rates) -> str:
    match question.kind:
        case "propose":
            return _propose(question, rng, rates)
        case "alpaca":
            return _alpaca(question, rng, rates)
        case "classify":
            asked = EN.recognise(question.instruction)
            return rng.choice(EN.refusals) if asked is None else "Yes" if asked.family.classification else "No"
        case "input_first" | "output_first":
            asked = EN.recognise(question.instruction)
            if asked is None:
                return rng.choice(EN.refusals)
            return (_input_first if question.kind == "input_first" else _output_first)(asked, rng)
    return reply_to(question.instruction, rng, rates)


def _propose(question: Question, rng: Random, rates: Rates) -> str:
    style = Style.of(question.shown)
    items = []
    for family in chosen(rng, style, rng.randint(7, 8), question.classification):
        luck = rng.random()
        if question.shown and luck < rates.near_duplicate:
            items.append(mess.near_duplicate(rng, question.shown))
        elif luck > 1 - rates.forbidden:
            items.append(rng.choice(mess.FORBIDDEN))
        else:
            items.append(family.compose(rng, rng.random() < style.questions, style.wishes)[0])
    return mess.numbered(rng, items, question.number, rates.ugly)


def _field(name: str, text: str) -> str:
    return f"{name}:\n{text}" if "\n" in text else f"{name}: {text}"


def _input_first(asked: Asked, rng: Random) -> str:
    """One to three examples; a single output when the instruction needs no input."""
    examples = dict[str, str]()
    wanted = rng.randint(1, 3)
    for _ in range(12):
        given = asked.draw(rng)
        output = asked.answer(rng, given)
        if not given:
            return _field("Output", output)
        if given != output:
            examples[given] = output
        if len(examples) == wanted:
            break
    return "\n".join(
        f"Example {n}\n{_field('Input', given)}\n{_field('Output', output)}"
        for n, (given, output) in enumerate(examples.items(), 1)
    )


def _output_first(asked: Asked, rng: Random) -> str:
    """An input for every label that a few draws come upon, one each."""
    examples = dict[str, str]()
    for _ in range(8):
        given = asked.draw(rng)
        examples.setdefault(asked.answer(rng, given), given)
    chosen = list(examples.items())[:5]
    if any("\n" in label for label, _ in chosen):
        return rng.choice(EN.refusals)
    return "\n".join(f"Class label: {label}\n{given}".rstrip() for label, given in chosen)


LAST_BLOCK = 20
"""Alpaca's prompt asks for twenty tasks, of which it shows the first three."""


def _alpaca(question: Question, rng: Random, rates: Rates) -> str:
    blocks = []
    style = Style.of(question.shown)
    families = chosen(rng, style, max(1, LAST_BLOCK + 1 - question.number))
    for number, family in enumerate(families, question.number):
        luck = rng.random()
        if luck < rates.forbidden:
            fields = (rng.choice(mess.FORBIDDEN), "<noinput>", "I'm sorry, but I can only read and write text.")
        else:
            instruction, asked = family.compose(rng, rng.random() < style.questions, style.wishes)
            given = asked.draw(rng)
            fields = (instruction, given or "<noinput>", asked.answer(rng, given))
        lines = [
            _field(f"{number}. {name}", text)
            for name, text in zip(("Instruction", "Input", "Output"), fields, strict=True)
        ]
        blocks.append("\n".join(lines))
    return "\n###\n".join(blocks).removeprefix(f"{question.number}. Instruction:")
