"""The answers of the built-in teacher: what each stage asks for, and the words that it is written in.

`in_json` writes the same in JSON, so that a run with `structured: true` keeps the same tasks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

from selfinstruct.simulator import mess, revising, tooling
from selfinstruct.simulator.acting import invent, invented
from selfinstruct.simulator.challenging import challenge, challenged, goes_wrong, mark, marked, wrong_answer
from selfinstruct.simulator.chatting import chat
from selfinstruct.simulator.comparing import compare
from selfinstruct.simulator.constrained import another_wording, constrained_task, in_fields
from selfinstruct.simulator.conversing import ask_on, replied
from selfinstruct.simulator.documents import DOCUMENTS, about_documents, documents_in_json
from selfinstruct.simulator.evolving import DEPTH, evolved, hardly_changed
from selfinstruct.simulator.family import Asked
from selfinstruct.simulator.judging import judge, verdict
from selfinstruct.simulator.language import language_of
from selfinstruct.simulator.mess import Rates
from selfinstruct.simulator.optimising import analyse, followed_by, improve
from selfinstruct.simulator.reading import Question, items, operator_in, question, shown_in, without_steps
from selfinstruct.simulator.style import style_of
from selfinstruct.simulator.topics import branches
from selfinstruct.simulator.translating import answer_in_chinese, translate, translation
from selfinstruct.simulator.understanding import Shown, unanswered, understand
from selfinstruct.simulator.users import user
from selfinstruct.simulator.wishes import composed, families_of
from selfinstruct.stages.proposing import unnatural
from selfinstruct.stages.proposing.alpaca import FIELDS
from selfinstruct.stages.reading.blocks import block
from selfinstruct.task import Instance, Task

__all__ = ["in_json", "reply"]


def reply(asked: Question, rng: Random, rates: Rates, room: int | None = None) -> str:
    """The answer before anything cuts it short. A list of instances has no more of them than fit into `room` tokens."""
    if asked.kind in ("input_first", "output_first"):
        return _instances(asked, rng, room)
    return _REPLIES.get(asked.kind, _respond)(asked, rng, rates)


def in_json(asked: Question, rng: Random, rates: Rates, room: int | None = None) -> dict[str, Any] | None:
    """The answer as an object; None where the stage knows no JSON, or there is nothing but words to say."""
    match asked.kind:
        case "propose" | "propose_classification":
            return {"tasks": _proposals(asked, rng, rates)}
        case "alpaca":
            return {"tasks": [dict(zip(KEYS, fields, strict=True)) for fields in _tasks(asked, rng, rates)]}
        case "personas":
            return {"personas": invented(asked, rng, rates)}
        case "classify":
            label = _is_classification(asked)
            return None if label is None else {"classification": label}
        case "input_first" | "output_first":
            keys = KEYS[1:] if asked.kind == "input_first" else ("input", "class_label")
            examples = [dict(zip(keys, one, strict=True)) for one in _fitting(asked, rng, room)]
            return {"instances": examples} if examples else None
        case "evolve_depth" | "evolve_breadth" | "evolve_auto" | "evolve_easier":
            made = _evolution(asked, rng, rates)
            return {"instruction": made.instruction, "input": made.given} if made else None
        case "translate":
            return translation(asked)
        case "unnatural":
            return {"tasks": [dict(zip(unnatural.KEYS, in_fields(asked, rng, rates), strict=True))]}
        case "judge_difficulty" | "judge_equal" | "judge_score":
            found = verdict(asked)
            return None if found is None else {asked.kind.removeprefix("judge_"): found}
        case "challenge" | "challenge_passage":
            task = challenged(asked, rng, rates)
            return dict(task) if task else None
        case "mark":
            return dict(marked(asked))
    return documents_in_json(asked, rng, rates)


KEYS = ("instruction", "input", "output")


def _respond(asked: Question, rng: Random, rates: Rates) -> str:
    """The answer to an instruction and its input, or to what goes on from a conversation. Now and then (by the rate
    `sorry`) an evolved one gets an excuse.
    """
    if asked.before and (said := replied(asked, rng)):
        return said
    text = without_steps(asked.text)
    task = question(text)
    known = understand(task)
    answer = known.answer(rng) if known else None
    if known and answer and goes_wrong(rng, known, rates):
        return wrong_answer(rng, known) or str(rng.choice(known.language.words["excuses"]))
    if known and answer and known.layers and rng.random() < rates.sorry:
        return str(rng.choice(known.language.words["excuses"]))
    return answer or answer_in_chinese(text) or unanswered(task, known)


def _propose(asked: Question, rng: Random, rates: Rates) -> str:
    made = _proposals(asked, rng, rates)
    return mess.numbered(rng, made, int(asked.places["next"]), rates.ugly, asked.language.code)


def _proposals(asked: Question, rng: Random, rates: Rates) -> list[str]:
    shown, language = items(asked), asked.language
    style, labels = style_of(shown, language), asked.kind == "propose_classification"
    made = []
    for family, wish in families_of(rng, style, language, rng.randint(7, 8), asked.wishes, labels):
        luck = rng.random()
        if shown and luck < rates.near_duplicate:
            made.append(mess.near_duplicate(rng, shown))
        elif luck > 1 - rates.forbidden:
            made.append(rng.choice(mess.FORBIDDEN[language.code]))
        else:
            made.append(composed(rng, family, style, wish, language.code)[0])
    return made


def _alpaca(asked: Question, rng: Random, rates: Rates) -> str:
    language, first = asked.language, int(asked.places["next"])
    names = [name.strip(" :：") for name in FIELDS[language.code]]
    blocks = []
    for number, (instruction, given, output) in enumerate(_tasks(asked, rng, rates), first):
        fields = (instruction, given or language.words["labels"]["no_input"], output)
        blocks.append(
            "\n".join(language.field(f"{number}. {name}", text) for name, text in zip(names, fields, strict=True))
        )
    return "\n###\n".join(blocks).removeprefix(language.field(f"{first}. {names[0]}", "").rstrip())


def _tasks(asked: Question, rng: Random, rates: Rates) -> list[tuple[str, str, str]]:
    """Instructions, each with its input, which may be empty, and its output."""
    language, first = asked.language, int(asked.places["next"])
    style = style_of(items(asked), language)
    made = []
    many = max(1, int(asked.places.get("many") or MANY) + 1 - first)
    for family, wish in families_of(rng, style, language, many, asked.wishes):
        if rng.random() < rates.forbidden:
            made.append((rng.choice(mess.FORBIDDEN[language.code]), "", str(language.words["text_only"])))
        else:
            instruction, known = composed(rng, family, style, wish, language.code)
            given = known.draw(rng)
            made.append((instruction, given, known.answer(rng, given)))
    return made


MANY = 20
"""Tasks in a list whose prompt does not say how many."""


def _classify(asked: Question, rng: Random, rates: Rates) -> str:
    label = _is_classification(asked)
    return asked.language.unknown if label is None else str(asked.language.words["labels"]["yes" if label else "no"])


def _is_classification(asked: Question) -> bool | None:
    known = understand(Shown(asked.places["instruction"]))
    return None if known is None else known.asked.family.classification


FEWEST, MOST = 2, 5
"""Instances of a task that has inputs; the stage takes five by default."""
DRAWS = 20
"""Inputs that are drawn for them at most: of five labels that are as frequent, one is missing in every 17th list."""


def _instances(asked: Question, rng: Random, room: int | None) -> str:
    return "\n".join(_texts(asked, _fitting(asked, rng, room))) or asked.language.unknown


def _fitting(asked: Question, rng: Random, room: int | None) -> list[tuple[str, str]]:
    """Inputs and outputs: the first example, and as many more as fit."""
    instruction = asked.places["instruction"].strip()
    known = language_of(instruction).recognise(instruction)
    draw = _input_first if asked.kind == "input_first" else _output_first
    examples = draw(known, rng) if known else []
    while room is not None and len(examples) > 1 and mess.tokens("\n".join(_texts(asked, examples))) > room:
        examples.pop()
    return examples


def _texts(asked: Question, examples: Sequence[tuple[str, str]]) -> list[str]:
    """The examples as the prompt shows its own."""
    language, labels = asked.language, asked.language.words["labels"]
    if asked.kind == "output_first":
        name = f"{labels['class_label']}{labels['colon']}"
        return [f"{name}{label}\n{given}".rstrip() for given, label in examples]
    outputs = [language.field(labels["output"], output) for _, output in examples]
    return [
        f"{labels['example']}{number}\n{language.field(labels['input'], given)}\n{output}" if given else output
        for number, ((given, _), output) in enumerate(zip(examples, outputs, strict=True), 1)
    ]


def _input_first(asked: Asked, rng: Random) -> list[tuple[str, str]]:
    """Examples with different inputs; a single output when the instruction needs no input."""
    examples = dict[str, str]()
    wanted = rng.randint(FEWEST, MOST)
    for _ in range(DRAWS):
        given = asked.draw(rng)
        output = asked.answer(rng, given)
        if not given:
            return [("", output)]
        if given != output:
            examples[given] = output
        if len(examples) == wanted:
            break
    return list(examples.items())


def _output_first(asked: Asked, rng: Random) -> list[tuple[str, str]]:
    """An input for every label, one each; none when an answer is no label."""
    examples = dict[str, str]()
    for _ in range(DRAWS):
        given = asked.draw(rng)
        examples.setdefault(asked.answer(rng, given), given)
        if len(examples) == MOST:
            break
    return [] if any("\n" in label for label in examples) else [(given, label) for label, given in examples.items()]


def _evolve(asked: Question, rng: Random, rates: Rates) -> str:
    made = _evolution(asked, rng, rates)
    if made is None:
        return asked.language.unknown
    return block(Task("", made.instruction, (Instance(made.given, ""),)), asked.language.code)


def _evolution(asked: Question, rng: Random, rates: Rates) -> Shown | None:
    """The new task in the form of the given one. At some rates it hardly differs, or speaks of the prompt's tasks."""
    known = understand(shown_in(asked, "task"))
    if known is None or known.answer(rng) is None:
        return None
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
    return made


_REPLIES: Mapping[str, Callable[[Question, Random, Rates], str]] = {
    "propose": _propose,
    "propose_classification": _propose,
    "alpaca": _alpaca,
    "classify": _classify,
    "evolve_depth": _evolve,
    "evolve_breadth": _evolve,
    "evolve_auto": _evolve,
    "evolve_easier": _evolve,
    "translate": translate,
    "judge_difficulty": lambda asked, rng, rates: judge(asked),
    "judge_equal": lambda asked, rng, rates: judge(asked),
    "judge_score": lambda asked, rng, rates: judge(asked),
    "challenge": challenge,
    "challenge_passage": challenge,
    "mark": lambda asked, rng, rates: mark(asked),
    "compare_score": lambda asked, rng, rates: compare(asked),
    "compare_rank": lambda asked, rng, rates: compare(asked),
    "chat": lambda asked, rng, rates: chat(rng, asked),
    "user_turn": ask_on,
    "personas": invent,
    "optimise_analyse": lambda asked, rng, rates: analyse(asked),
    "optimise_improve": lambda asked, rng, rates: improve(rng, asked),
    **dict.fromkeys(DOCUMENTS, about_documents),
    "branch": branches,
    "tool_request": tooling.request,
    "tool_call": tooling.call,
    "tool_result": tooling.result,
    "tool_answer": tooling.answer,
    "critique": revising.critique,
    "revise": revising.revise,
    "unnatural": constrained_task,
    "paraphrase": another_wording,
    "magpie": lambda asked, rng, rates: user(rng, asked.places["system"], asked.language, rates),
}
"""By the kind of the prompt; anything else is an instruction."""
