"""The answers of the built-in teacher, in the format that each stage asks for."""

from __future__ import annotations

from random import Random

from selfinstruct.simulator import mess
from selfinstruct.simulator.family import Asked
from selfinstruct.simulator.language import Labels, language_of
from selfinstruct.simulator.mess import Rates
from selfinstruct.simulator.reading import Question
from selfinstruct.simulator.replying import reply_to
from selfinstruct.simulator.style import chosen, style_of

__all__ = ["reply"]


def reply(question: Question, rng: Random, rates: Rates) -> str:
    language = question.language
    match question.kind:
        case "propose":
            return _propose(question, rng, rates)
        case "alpaca":
            return _alpaca(question, rng, rates)
        case "":
            return reply_to(question.instruction, rng, rates)
    asked = language_of(question.instruction).recognise(question.instruction)
    if asked is None:
        return rng.choice(language.refusals)
    match question.kind:
        case "classify":
            return language.labels.yes if asked.family.classification else language.labels.no
        case "input_first":
            return _input_first(asked, rng, language.labels)
    return _output_first(asked, rng, language.labels) or rng.choice(language.refusals)


def _propose(question: Question, rng: Random, rates: Rates) -> str:
    style = style_of(question.shown, question.language)
    items = []
    for family in chosen(rng, style, question.language, rng.randint(7, 8), question.classification):
        luck = rng.random()
        if question.shown and luck < rates.near_duplicate:
            items.append(mess.near_duplicate(rng, question.shown))
        elif luck > 1 - rates.forbidden:
            items.append(rng.choice(mess.FORBIDDEN[question.language.code]))
        else:
            items.append(family.compose(rng, rng.random() < style.questions, style.wishes)[0])
    return mess.numbered(rng, items, question.number, rates.ugly, question.language.code)


def _input_first(asked: Asked, rng: Random, labels: Labels) -> str:
    """One to three examples; a single output when the instruction needs no input."""
    examples = dict[str, str]()
    wanted = rng.randint(1, 3)
    for _ in range(12):
        given = asked.draw(rng)
        output = asked.answer(rng, given)
        if not given:
            return labels.field(labels.output, output)
        if given != output:
            examples[given] = output
        if len(examples) == wanted:
            break
    return "\n".join(
        f"{labels.example}{n}\n{labels.field(labels.input, given)}\n{labels.field(labels.output, output)}"
        for n, (given, output) in enumerate(examples.items(), 1)
    )


def _output_first(asked: Asked, rng: Random, labels: Labels) -> str:
    """An input for every label that a few draws come upon, one each; "" when an answer is no label."""
    examples = dict[str, str]()
    for _ in range(8):
        given = asked.draw(rng)
        examples.setdefault(asked.answer(rng, given), given)
    some = list(examples.items())[:5]
    if any("\n" in label for label, _ in some):
        return ""
    return "\n".join(f"{labels.class_label}{labels.colon}{label}\n{given}".rstrip() for label, given in some)


def _alpaca(question: Question, rng: Random, rates: Rates) -> str:
    language, labels = question.language, question.language.labels
    names = (labels.instruction, labels.input, labels.output)
    style = style_of(question.shown, language)
    blocks = []
    families = chosen(rng, style, language, max(1, question.last + 1 - question.number))
    for number, family in enumerate(families, question.number):
        if rng.random() < rates.forbidden:
            fields = (rng.choice(mess.FORBIDDEN[language.code]), labels.no_input, language.text_only)
        else:
            instruction, asked = family.compose(rng, rng.random() < style.questions, style.wishes)
            given = asked.draw(rng)
            fields = (instruction, given or labels.no_input, asked.answer(rng, given))
        blocks.append(
            "\n".join(labels.field(f"{number}. {name}", text) for name, text in zip(names, fields, strict=True))
        )
    return "\n###\n".join(blocks).removeprefix(f"{question.number}. {labels.instruction}{labels.colon.rstrip()}")
