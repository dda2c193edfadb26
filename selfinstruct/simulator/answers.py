"""The answers of the built-in teacher, in the format that each stage asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random

from selfinstruct.simulator import mess
from selfinstruct.simulator.chatting import chat
from selfinstruct.simulator.evolving import DEPTH, evolved, hardly_changed
from selfinstruct.simulator.family import Asked
from selfinstruct.simulator.judging import judge
from selfinstruct.simulator.language import Language, language_of
from selfinstruct.simulator.mess import Rates
from selfinstruct.simulator.optimising import analyse, followed_by, improve
from selfinstruct.simulator.reading import Question, items, operator_in, question, shown_in
from selfinstruct.simulator.style import chosen, style_of
from selfinstruct.simulator.understanding import Shown, unanswered, understand
from selfinstruct.stages.alpaca import FIELDS
from selfinstruct.stages.blocks import block
from selfinstruct.task import Instance, Task

__all__ = ["reply"]


def reply(asked: Question, rng: Random, rates: Rates, room: int | None = None) -> str:
    """The answer before anything cuts it short. A list of instances has no more of them than fit into `room` tokens."""
    if asked.kind in ("input_first", "output_first"):
        return _instances(asked, rng, room)
    return _REPLIES.get(asked.kind, _respond)(asked, rng, rates)


def _respond(asked: Question, rng: Random, rates: Rates) -> str:
    """The answer to an instruction and its input. Now and then (by the rate `sorry`) an evolved one gets an excuse."""
    task = question(asked.text)
    known = understand(task)
    answer = known.answer(rng) if known else None
    if known and answer and known.layers and rng.random() < rates.sorry:
        return str(rng.choice(known.language.words["excuses"]))
    return answer or unanswered(task, known)


def _propose(asked: Question, rng: Random, rates: Rates) -> str:
    shown, language = items(asked), asked.language
    style, labels = style_of(shown, language), asked.kind == "propose_classification"
    made = []
    for family in chosen(rng, style, language, rng.randint(7, 8), labels):
        luck = rng.random()
        if shown and luck < rates.near_duplicate:
            made.append(mess.near_duplicate(rng, shown))
        elif luck > 1 - rates.forbidden:
            made.append(rng.choice(mess.FORBIDDEN[language.code]))
        else:
            made.append(family.compose(rng, rng.random() < style.questions, style.wishes)[0])
    return mess.numbered(rng, made, int(asked.places["next"]), rates.ugly, language.code)


def _alpaca(asked: Question, rng: Random, rates: Rates) -> str:
    language, first = asked.language, int(asked.places["next"])
    names = [name.strip(" :：") for name in FIELDS[language.code]]
    style = style_of(items(asked), language)
    blocks = []
    families = chosen(rng, style, language, max(1, int(asked.places.get("many") or MANY) + 1 - first))
    for number, family in enumerate(families, first):
        if rng.random() < rates.forbidden:
            words = language.words
            fields = (rng.choice(mess.FORBIDDEN[language.code]), words["labels"]["no_input"], words["text_only"])
        else:
            instruction, known = family.compose(rng, rng.random() < style.questions, style.wishes)
            given = known.draw(rng)
            fields = (instruction, given or language.words["labels"]["no_input"], known.answer(rng, given))
        blocks.append(
            "\n".join(language.field(f"{number}. {name}", text) for name, text in zip(names, fields, strict=True))
        )
    return "\n###\n".join(blocks).removeprefix(language.field(f"{first}. {names[0]}", "").rstrip())


MANY = 20
"""Tasks in a list whose prompt does not say how many."""


def _classify(asked: Question, rng: Random, rates: Rates) -> str:
    known = understand(Shown(asked.places["instruction"]))
    if known is None:
        return asked.language.unknown
    return str(asked.language.words["labels"]["yes" if known.asked.family.classification else "no"])


FEWEST, MOST = 2, 5
"""Instances of a task that has inputs; the stage takes five by default."""
DRAWS = 20
"""Inputs that are drawn for them at most: of five labels that are as frequent, one is missing in every 17th list."""


def _instances(asked: Question, rng: Random, room: int | None) -> str:
    instruction = asked.places["instruction"].strip()
    known = language_of(instruction).recognise(instruction)
    examples = _input_first if asked.kind == "input_first" else _output_first
    return _fitting(examples(known, rng, asked.language) if known else [], room) or asked.language.unknown


def _fitting(examples: Sequence[str], room: int | None) -> str:
    """The first one, and as many more as fit."""
    many = len(examples)
    while room is not None and many > 1 and mess.tokens("\n".join(examples[:many])) > room:
        many -= 1
    return "\n".join(examples[:many])


def _input_first(asked: Asked, rng: Random, language: Language) -> list[str]:
    """Examples with different inputs; a single output when the instruction needs no input."""
    labels, examples = language.words["labels"], dict[str, str]()
    wanted = rng.randint(FEWEST, MOST)
    for _ in range(DRAWS):
        given = asked.draw(rng)
        output = asked.answer(rng, given)
        if not given:
            return [language.field(labels["output"], output)]
        if given != output:
            examples[given] = output
        if len(examples) == wanted:
            break
    return [
        f"{labels['example']}{n}\n{language.field(labels['input'], given)}\n{language.field(labels['output'], output)}"
        for n, (given, output) in enumerate(examples.items(), 1)
    ]


def _output_first(asked: Asked, rng: Random, language: Language) -> list[str]:
    """An input for every label, one each; none when an answer is no label."""
    examples = dict[str, str]()
    for _ in range(DRAWS):
        given = asked.draw(rng)
        examples.setdefault(asked.answer(rng, given), given)
        if len(examples) == MOST:
            break
    if any("\n" in label for label in examples):
        return []
    name = f"{language.words['labels']['class_label']}{language.words['labels']['colon']}"
    return [f"{name}{label}\n{given}".rstrip() for label, given in examples.items()]


def _evolve(asked: Question, rng: Random, rates: Rates) -> str:
    """The new task in the form of the given one. At some rates it hardly differs, or speaks of the prompt's tasks."""
    known = understand(shown_in(asked, "task"))
    if known is None or known.answer(rng) is None:
        return asked.language.unknown
    operator, form = operator_in(asked)
    if asked.kind == "evolve_breadth":
        operator = "breadth"
    followed, luck = followed_by(asked), rng.random()
    if luck < rates.unchanged and "unchanged" not in followed:
        made = hardly_changed(rng, known)
    elif operator:
        made = evolved(rng, known, operator, form)
    else:  # a method: whatever way of it is open to the task
        tried = (evolved(rng, known, name) for name in rng.sample(DEPTH, len(DEPTH)))
        same = known.shown(known.base, known.layers, known.said)
        made = next((one for one in tried if one != same), same)
    if luck > 1 - rates.leak and "leak" not in followed:
        leaks = known.language.words["mess"]["leaks"]
        made = Shown(rng.choice(leaks).format(made.instruction), made.given)
    return block(Task("", made.instruction, (Instance(made.given, ""),)), asked.language.code)


_REPLIES: Mapping[str, Callable[[Question, Random, Rates], str]] = {
    "propose": _propose,
    "propose_classification": _propose,
    "alpaca": _alpaca,
    "classify": _classify,
    "evolve_depth": _evolve,
    "evolve_breadth": _evolve,
    "evolve_auto": _evolve,
    "judge_difficulty": lambda asked, rng, rates: judge(asked),
    "judge_equal": lambda asked, rng, rates: judge(asked),
    "judge_score": lambda asked, rng, rates: judge(asked),
    "chat": lambda asked, rng, rates: chat(rng, asked),
    "optimise_analyse": lambda asked, rng, rates: analyse(asked),
    "optimise_improve": lambda asked, rng, rates: improve(rng, asked),
}
"""By the kind of the prompt; anything else is an instruction."""
