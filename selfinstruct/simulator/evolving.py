"""How the built-in teacher evolves a task: it lays one more layer on it, or makes a sibling.

Each operator is known by the words of the prompt. What it adds is checkable, so that the evolved task is understood
again and answered right, any number of rounds deep.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random

from selfinstruct.simulator import (
    code_layers,
    conditions,
    conditions_zh,
    deepening,
    deepening_zh,
    disguises,
    families,
    particulars,
)
from selfinstruct.simulator.coding import MARKS, code_of
from selfinstruct.simulator.families import zh
from selfinstruct.simulator.family import Family, Slots, fill
from selfinstruct.simulator.frames import Framed, Shown
from selfinstruct.simulator.grasping import LEADS, TERMS, Parts, apart, grasp, laid
from selfinstruct.simulator.language import language_of
from selfinstruct.simulator.layers import BEFORE, WITHIN, Kind, put_on
from selfinstruct.simulator.specifics import AGES
from selfinstruct.simulator.standing import fits, touches, without_wish

__all__ = ["evolve", "evolved", "operator_of", "sibling", "subject"]

CONDITIONS = {"en": conditions.CONSTRAINTS, "zh": conditions_zh.CONSTRAINTS}
DEEPER = {"en": deepening.DEEPER, "zh": deepening_zh.DEEPER}
STEPS = {"en": deepening.STEPS, "zh": deepening_zh.STEPS}
PARTICULARS = {"en": particulars.ENGLISH, "zh": particulars.CHINESE}

# The first that occurs in what the prompt asks for; anything else adds a condition.
_OPERATORS = (
    ("code_erroneous", r"wrong code|erroneous|mislead|错误的代码|误入歧途"),
    ("code_complexity", r"complexity|复杂度"),
    ("code_rare", r"programming\b.*\brare|编程.*少见"),
    ("code_reasoning", r"programming\b.*(?:steps|logic)|编程.*(?:步骤|逻辑)"),
    ("code_constraint", r"programming|编程"),
    ("complicate_input", r"\binput\b|\bdata\b|输入|数据"),
    ("reasoning", r"reasoning|thoughts|steps|推理|步骤"),
    ("concretize", r"\bspecific|\bconcrete|具体"),
    ("deepen", r"\bdeep|\bbroad|更深|更广"),
)
OPERATORS = ("constraints", "deepen", "concretize", "reasoning", "complicate_input")
"""Those in depth."""
LABELS = {"en": ("Instruction: {}", "Input: {}"), "zh": ("指令：{}", "输入：{}")}
LEAKS = {
    "en": ("New task: {}", "{} This is harder than the given task.", "Unlike the given task, this one is long. {}"),
    "zh": ("新任务：{}", "{}这比原任务更难。", "与原任务不同，{}"),
}
_FORM = re.compile("|".join(disguises.FORMS), re.IGNORECASE)


def evolve(rng: Random, prompt: Framed, unchanged: float, leak: float) -> str:
    """The evolved task in the form of the prompt. At these rates it hardly differs, or speaks of the prompt's tasks."""
    parts, luck = apart(prompt.tasks[0]), rng.random()
    if luck < unchanged:
        made = _hardly_changed(rng, parts.task)
    else:
        made = evolved(rng, _led_in(parts), operator_of(rng, prompt), prompt.method)
    made = parts.together(made)
    if luck > 1 - leak:
        made = Shown(rng.choice(LEAKS[language_of(made.instruction).code]).format(made.instruction), made.given)
    labels = LABELS[prompt.language]
    given = f"\n{made.given}" if "\n" in made.given else made.given
    return "\n".join(filter(None, (labels[0].format(made.instruction), given and labels[1].format(given))))


def _led_in(parts: Parts) -> Shown:
    """A text that ends with data says first what is no longer part of them."""
    text = parts.task.instruction
    lead = LEADS[language_of(text).code]
    return Shown(f"{text}\n\n{lead}", parts.task.given) if parts.ends_in_data else parts.task


def _hardly_changed(rng: Random, task: Shown) -> Shown:
    """The same, in another wording of its family if there is one."""
    known = grasp(task)
    if not known or known.layers:
        return task
    asked = known.asked
    others = [text for text in (_in_other_words(wording, asked.slots) for wording in asked.family.phrasings) if text]
    text = rng.choice(others or [task.instruction])
    return Shown(put_on(text, asked.ending) if asked.ending and others else text, task.given)


def _in_other_words(wording: str, slots: Slots) -> str:
    """The wording with the same slots filled; "" when it has others."""
    return fill(wording, slots) if set(re.findall(r"\{(\w+)\}", wording)) == set(slots) else ""


def operator_of(rng: Random, prompt: Framed) -> str:
    """The operator that the prompt describes; of a method in several steps, one of those that it names."""
    if prompt.kind == "breadth":
        return "breadth"
    named = [name for name, words in _OPERATORS if re.search(words, prompt.method, re.IGNORECASE)]
    if "\n" in prompt.method:
        return rng.choice(("constraints", *(name for name in named if name in OPERATORS)))
    return named[0] if named else "constraints"


def evolved(rng: Random, task: Shown, operator: str, method: str = "") -> Shown:
    """The task after one operator; after another one where that has nothing left to add to it. An input that can't get
    any more complicated leaves the task as it is."""
    if operator == "breadth":
        return sibling(rng, task)
    if operator == "complicate_input":
        return _complicated(rng, task, method) or task
    others = [name for name in OPERATORS if name not in (operator, "complicate_input")]
    for name in (operator, *rng.sample(others, len(others)), "complicate_input"):  # the input changes last
        harder = _complicated(rng, task, method) if name == "complicate_input" else _harder(rng, task, name)
        if harder:
            return harder
    return sibling(rng, task)


def _harder(rng: Random, task: Shown, operator: str) -> Shown | None:
    """Particulars stand in for a specific term where the task has no general one."""
    specific = _specific(rng, task) if operator == "concretize" else None
    return specific or _with_layer(rng, task, operator)


def _specific(rng: Random, task: Shown) -> Shown | None:
    """A specific term for a general one of the instruction."""
    text, known, language = task.instruction, grasp(task), language_of(task.instruction).code
    base, layers = laid(text)
    has = {layer.kind.name for layer in layers}
    is_code = bool(known and code_of(known.asked))
    base = base.removesuffix(known.asked.ending) if known else base
    terms = [term for term in TERMS[language].within(text, base) if term.kind.name not in has]
    for term in rng.sample(terms, len(terms)):
        place = next(iter(term.places(text)))
        made = text[: place.start()] + term.kind.draw(rng)[0] + text[place.end() :]
        before, after = (TERMS[language].general(one) for one in (text, made))
        if (term.code or not is_code) and after[0] == before[0] and len(after[1]) == len(before[1]) + 1:
            return Shown(made, task.given)
    return None


def _with_layer(rng: Random, task: Shown, operator: str) -> Shown | None:
    text, known, language = task.instruction, grasp(task), language_of(task.instruction).code
    base, layers = laid(text)
    code, asked = code_of(known.asked) if known else "", known.asked if known else None
    has = [layer.kind.name for layer in layers]
    kinds = [kind for kind in _kinds(operator, language, code) if kind.name not in has and fits(kind, has, asked)]
    kinds = [kind for kind in kinds if task.given or not kind.needs_input]
    rng.shuffle(kinds)
    freed = without_wish(text, base, asked)
    for kind in kinds:
        sentence, _ = kind.draw(rng, mark=MARKS.get(code, ""), **_sensible(rng, kind))
        if touches(kind):
            if freed:
                return Shown(put_on(freed, sentence), task.given)
        elif kind.place == BEFORE:
            return Shown(f"{sentence}{text}" if language == "zh" else f"{sentence} {text}", task.given)
        elif kind.place != WITHIN:
            return Shown(put_on(text, sentence), task.given)
        elif freed and base in text and (with_noun := particulars.insert(base, language, sentence)):
            return Shown(text.replace(base, with_noun, 1), task.given)
    return None


def _sensible(rng: Random, kind: Kind) -> dict[str, str]:
    """Who reads the answer is at work, and of an age for it."""
    return {"age": rng.choice([age for age in AGES if age in kind.slots["age"]])} if kind.name == "reader" else {}


def _kinds(operator: str, language: str, code: str) -> Sequence[Kind]:
    """What the operator can add to an answer of that kind; an operator for code to other tasks, what is nearest."""
    own = (language, code)
    if operator == "concretize":
        return PARTICULARS[language]
    if operator == "deepen":
        return DEEPER[language]
    if operator == "code_erroneous" and own in code_layers.DRAFTS:
        return code_layers.DRAFTS[own]
    if code not in MARKS:
        return (STEPS if operator.endswith("reasoning") else CONDITIONS)[language]
    tables = {"code_complexity": code_layers.BOUNDS, "code_rare": code_layers.RARE}
    if operator.endswith("reasoning"):
        return (*code_layers.STEPS[own], *STEPS[language])
    return tables.get(operator, code_layers.CONDITIONS)[own]


def _complicated(rng: Random, task: Shown, method: str) -> Shown | None:
    """The input as data, in the form that is asked for if it has not got it; a task that has none gets data with a
    value to end the answer with. None where all that is done, or no more may stand in the answer."""
    known, language = grasp(task), language_of(task.instruction).code
    base, layers = laid(task.instruction)
    asked_for = _FORM.search(method)
    forms = sorted(
        disguises.FORMS, key=lambda name: (not asked_for or name.lower() != asked_for[0].lower(), rng.random())
    )
    kinds, has = (disguises.INPUTS if task.given else disguises.HELD)[language], {layer.kind.name for layer in layers}
    form = next((form for form in forms if kinds[form].name not in has), None)
    text = task.instruction if task.given else without_wish(task.instruction, base, known.asked if known else None)
    if form is None or text is None:
        return None
    sentence, layer = kinds[form].draw(rng, mark=MARKS.get(code_of(known.asked) if known else "", ""))
    value = task.given or disguises.some_value(rng, language)
    return Shown(put_on(text, sentence), disguises.disguised(rng, form, language, layer.slots["key"], value))


# In breadth.

SUBJECTS: tuple[tuple[Family, ...], ...] = tuple(
    module.FAMILIES
    for package in (families, zh)
    for module in vars(package).values()
    if isinstance(getattr(module, "FAMILIES", None), tuple)
)


def subject(family: Family) -> tuple[Family, ...]:
    """The family with the others of its file."""
    return next(known for known in SUBJECTS if family in known)


def sibling(rng: Random, task: Shown) -> Shown:
    """A task of another family of the same subject, with about as many layers; of any family where none is known."""
    known = grasp(task)
    language = known.language if known else language_of(task.instruction)
    others = [family for family in subject(known.asked.family) if family != known.asked.family] if known else []
    instruction, asked = rng.choice(others or language.families).compose(rng)
    made = Shown(instruction, asked.draw(rng))
    for _ in range(len(known.layers) if known else len(laid(task.instruction)[1])):
        made = evolved(rng, made, rng.choice(OPERATORS), rng.choice(tuple(disguises.FORMS)))
    return made
