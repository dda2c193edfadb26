"""How the built-in teacher writes a task with constraints on its output, and puts a task into other words (Unnatural
Instructions).
"""

from __future__ import annotations

import re
from random import Random

from selfinstruct.simulator import mess
from selfinstruct.simulator.evolving import evolved
from selfinstruct.simulator.family import fill
from selfinstruct.simulator.language import language_of
from selfinstruct.simulator.mess import Rates, near_duplicate
from selfinstruct.simulator.reading import Question
from selfinstruct.simulator.style import chosen, style_of
from selfinstruct.simulator.understanding import Shown, understand
from selfinstruct.stages.proposing.unnatural import FIELDS
from selfinstruct.text.later import later

__all__ = ["another_wording", "constrained_task", "in_fields"]

Fields = tuple[str, str, str]
"""Instruction, input and constraints."""

SEVERAL = 12
"""Families among which there is one that wants an input."""
ALONE = 0.25
"""The share of tasks that may do without an input."""
WISHES = 0.6
"""The share of tasks that have constraints, of those that may."""
PLACE = "{INPUT}"
_INSTRUCTION = later(r"^(?:Instruction: |指令：)(.+)$", re.MULTILINE)


def in_fields(asked: Question, rng: Random, rates: Rates) -> Fields:
    """The next task. At some rates it is one of those shown, or asks for what no model can do."""
    language, shown = asked.language, _INSTRUCTION.findall(asked.text)
    none = FIELDS[language.code][-1]
    luck = rng.random()
    if luck < rates.forbidden:
        return rng.choice(mess.FORBIDDEN[language.code]), none, none
    if shown and luck > 1 - rates.near_duplicate:
        return near_duplicate(rng, shown), none, none
    style, needs_input = style_of(shown, language), rng.random() > ALONE
    for family in chosen(rng, style, language, SEVERAL):
        text, known = family.compose(rng, False, WISHES)
        given = known.draw(rng)
        if given or not needs_input:
            own = text.removesuffix(known.ending).strip()
            return own, given or none, known.ending or _constraints(rng, Shown(own, given)) or none
    return near_duplicate(rng, shown), none, none  # none of those drawn has an input


def _constraints(rng: Random, task: Shown) -> str:
    """What else may be asked of the answer; "" where nothing suits, and of some tasks."""
    known = understand(task)
    made = evolved(rng, known, "constraints") if known and rng.random() < WISHES else task
    return made.instruction.removeprefix(task.instruction).strip() if made.given == task.given else ""


def constrained_task(asked: Question, rng: Random, rates: Rates) -> str:
    """As the prompt shows its own. At the rate `ugly` without constraints, or with an answer as well."""
    language, values = asked.language, in_fields(asked, rng, rates)
    _, *labels, _ = FIELDS[language.code]
    names = [label.strip(" :：") for label in labels]
    lines = [language.field(name, value) for name, value in zip(names, values, strict=True)]
    if rng.random() < rates.ugly:
        lines = rng.choice((lines[:-1], [*lines, language.field(language.words["labels"]["output"], "…")]))
    return "\n".join(lines).removeprefix(language.field(names[0], "").rstrip())


def another_wording(asked: Question, rng: Random, rates: Rates) -> str:
    """The task in another wording of its family, the place of its input in it. At some rates the place is missing, or
    nothing has changed; a task that it does not know it cannot put otherwise."""
    task = asked.places["task"].strip()
    has_input, base = PLACE in task, task.replace(PLACE, "").strip()
    language = language_of(base)
    if (known := language.recognise(base)) is None:
        return language.unknown
    family, slots = known.family, known.slots
    fits = [one for one in family.phrasings if set(slots) == set(_SLOT.findall(one))]
    others = [said for one in fits if (said := fill(one, slots)) not in base]
    luck = rng.random()
    made = rng.choice(others) if others else near_duplicate(rng, [base])
    said = base if luck < rates.unchanged else made
    if not has_input or luck > 1 - rates.ugly:
        return f" {said}"
    return " " + rng.choice(PLACED[language.code]).format(said)


PLACED = {
    "en": ("{} {{INPUT}}", "{}\n\n{{INPUT}}", "{{INPUT}}\n\n{}"),
    "zh": ("{}{{INPUT}}", "{}\n\n{{INPUT}}", "{{INPUT}}\n\n{}"),
}
"""Where the input may stand in a wording."""
_SLOT = later(r"\{(\w+)\}")
