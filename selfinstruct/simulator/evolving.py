"""How the built-in teacher evolves a task: it lays one more layer on it, or makes a sibling.

What it adds it can answer, so that an evolved task is understood again and answered right, any number of rounds deep.
What has nothing natural to add comes back as it is: the judge of equality then eliminates it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from random import Random

from selfinstruct.filters.rouge import rouge_l
from selfinstruct.simulator import families
from selfinstruct.simulator.families import zh
from selfinstruct.simulator.family import Family, Slots, fill
from selfinstruct.simulator.inputs import FORMS, converted
from selfinstruct.simulator.language import language_of
from selfinstruct.simulator.layers import BARE, LIMITS, Layer, code_of, length, wordings
from selfinstruct.simulator.maths import easier, easier_elsewhere, of_maths
from selfinstruct.simulator.understanding import Shown, Understood, understand
from selfinstruct.text.later import later
from selfinstruct.text.tokens import tokens

__all__ = ["DEPTH", "OPERATORS", "evolved", "hardly_changed", "subject", "told_already"]

Changes = Iterator[Shown]
Operator = Callable[[Random, Understood, str], Changes]

DEPTH = ("constraints", "deepen", "concretize", "reasoning", "complicate_input")
SHORTEST = 12
"""Words of an answer from which on one may wish it to be no longer than so many."""


def evolved(rng: Random, known: Understood, operator: str, form: str = "") -> Shown:
    """The task after one operator (`form` is what it wants the input to be); the same task where nothing suits."""
    task = known.shown(known.base, known.layers, known.said)
    changes = OPERATORS[operator](rng, known, form) if operator in OPERATORS else iter(())
    return next((made for made in changes if _sound(known, made)), task)


def _sound(before: Understood, made: Shown) -> bool:
    """Is the new task understood, another one, and answered right?"""
    after = understand(made)
    answer = after.answer(Random(0)) if after else None
    return bool(after and answer and after.asks != before.asks and after.accepts(answer))


def _with(rng: Random, known: Understood, kind: str, what: str) -> Shown:
    """The task with one more layer. A wish for the answer alone is left out as soon as more is asked for."""
    said = [sentence for sentence, meant in wordings(known.language.code).items() if meant == (kind, what)]
    more = Layer(kind, what, rng.choice(said))
    base = known.base if kind in ("attempt", "edit", "input", "limit") or known.asked.wished else _freed(known)
    return known.shown(base, (*known.layers, more), known.said)


def _freed(known: Understood) -> str:
    """The instruction without the family's wish at its end."""
    return known.base.removesuffix(known.asked.ending).rstrip()


# In depth. Each yields what the operator could make of the task; what does not go together fails to be understood or
# answered, and the next is taken.


def _constraints(rng: Random, known: Understood, form: str) -> Changes:
    """A form for the answer, of the family's own or of the whole; a requirement of code; a limit."""
    words, endings = known.language.words, known.asked.family.endings
    choices = [("edit", what) for what in words["edit"] if not known.of("edit")]
    if not known.asked.wished and not known.of("form"):
        reasons = _wants_reasons(known)  # which need more room than the result alone
        choices += [("form", what) for what in words["form"] if not reasons or what not in BARE]
        own = endings if not known.layers and not reasons and not known.asked.family.tell else ()
        choices += [("ending", one) for one in own if endings[one].put("a, b") != "a, b"]
    for kind, what in rng.sample(choices, len(choices)):
        if kind == "ending":
            yield known.shown(_freed(known), (Layer(kind, what, what),), known.said)
        else:
            yield _with(rng, known, kind, what)
    answers = [known.answer(Random(n)) or "" for n in range(8 if known.asked.family.write else 1)]
    said = max(map(length, answers))
    prose = answers[0].endswith(tuple(".!?。！？")) and language_of(answers[0]).code == known.language.code
    if prose and said >= SHORTEST and not known.of("limit"):
        yield from (_with(rng, known, "limit", str(n)) for n in LIMITS if said * 5 <= n * 4)


def _wants_reasons(known: Understood) -> bool:
    return bool(known.of("working") or re.search(known.language.words["words"]["reasons"], known.base, re.IGNORECASE))


def _deepen(rng: Random, known: Understood, form: str) -> Changes:
    """Something more about the subject, which the answer does not tell yet."""
    asked = {layer.what for layer in known.layers}
    further = [one for one in known.asked.family.further if one not in asked]
    for one in rng.sample(further, len(further)) if not known.asked.wished else ():
        made = _with(rng, known, "further", one)
        after = understand(made)
        said = after.reply(rng) if after else None
        if said and not told_already(said.more[-1], " ".join((said.main, *said.more[:-1]))):
            yield made


TOLD = 0.7
"""The share of an answer's words from which on they were said before, in this order."""


def told_already(answer: str, before: str) -> bool:
    """Does an answer say again what was said before?"""
    said, known = tokens(answer), tokens(before)
    common = rouge_l(known, said) * (len(known) + len(said)) / 2  # the length of what both have in this order
    return common >= TOLD * len(said)


def _reasoning(rng: Random, known: Understood, form: str) -> Changes:
    """The working where something is worked out, else one more step about the subject."""
    worked = re.search("[=＝]", known.told()) and not _wants_reasons(known)
    if worked and not known.asked.wished and not known.of("form"):
        yield _with(rng, known, "working", "steps")
    yield from _deepen(rng, known, form)


def _concretize(rng: Random, known: Understood, form: str) -> Changes:
    """A special term of the family in the place of a general one, or a wording that names what the other left open."""
    family, slots = known.asked.family, known.asked.slots
    said = [text for one in _wordings(family, slots) if (text := fill(one, slots)) in known.base]
    choices = [
        (wording, {name: other})
        for wording in _wordings(family, slots)
        for name, term in slots.items()
        for other in family.slots[name]
        if fill(wording, slots) in said and _says_more(other, term)
    ]
    for wording in family.phrasings:
        names = [name for name in _SLOT.findall(wording) if name not in slots]
        if names and set(slots) <= set(_SLOT.findall(wording)):
            choices.append((wording, {name: rng.choice(family.slots[name]) for name in names}))
    for wording, more in rng.sample(choices, len(choices)) if said else ():
        made = known.shown(known.base.replace(said[0], fill(wording, {**slots, **more})), known.layers, known.said)
        after = understand(made)
        if set(more) <= set(slots) or (after and _same_result(known, after)):
            yield made


_SLOT = later(r"\{(\w+)\}")


def _same_result(known: Understood, other: Understood) -> bool:
    """And from the same input, if there is one: it does not now stand in the instruction."""
    one, two, draws = known.reply(Random(0)), other.reply(Random(0)), bool(other.asked.draw(Random(0)))
    return bool(one and two and one.bare == two.bare) and draws == bool(known.given)


def _says_more(other: str, term: str) -> bool:
    """A country in Europe says more than a country, three-letter words more than words, 热带的国家 more than 国家."""
    return other.startswith(f"{term} ") or bool(re.fullmatch(rf"(?:[\w-]+ |.+的){re.escape(term)}", other))


def _wordings(family: Family, slots: Slots) -> list[str]:
    """The family's wordings that have just these slots."""
    return [one for one in family.phrasings if set(_SLOT.findall(one)) == set(slots)]


def _complicate_input(rng: Random, known: Understood, form: str) -> Changes:
    """The input as data, in the form that is wanted if there is such, else in another one."""
    words = known.language.words
    head = (words["words"]["name"], words["words"]["value"])
    named = known.of("input") or re.search("CSV|JSON|XML|HTML|Markdown|YAML", known.base)  # the form that it has
    for one in sorted(rng.sample(FORMS, len(FORMS)), key=lambda name: name != form) if not named else ():
        if made := converted(known.given, one, words["separators"], head):
            yield _with(rng, replace(known, said=made[1]), "input", f"{made[0]} {one}")


# Of code. What else they ask for, no rule can do and check.


def _of_code(operator: Operator) -> Operator:
    return lambda rng, known, form: operator(rng, known, form) if _code(rng, known) else iter(())


def _code_erroneous(rng: Random, known: Understood, form: str) -> Changes:
    """Beside the task stands somebody's wrong attempt: the answer stays what it was."""
    code = _code(rng, known)
    if code and not known.of("attempt"):
        yield _with(rng, known, "attempt", code)


def _code(rng: Random, known: Understood) -> str:
    """python or sql, by the answer; "" for what is no code."""
    reply = known.reply(rng)
    return code_of(reply.main) if reply else ""


# In breadth.


@cache
def _subjects() -> tuple[tuple[Family, ...], ...]:
    modules = [module for package in (families, zh) for module in vars(package).values()]
    return tuple(one for module in modules if isinstance(one := getattr(module, "FAMILIES", None), tuple))


def subject(family: Family) -> tuple[Family, ...]:
    """The family with the others of its file."""
    return next((known for known in _subjects() if family in known), (family,))


def sibling(rng: Random, known: Understood, form: str = "") -> Changes:
    """Tasks of other families of the same subject, or of the family itself, with about as many layers."""
    family = known.asked.family
    others = [one for one in subject(family) if one is not family] or [family]
    for one in rng.choices(others, k=len(others) + 3):
        instruction, asked = one.compose(rng)
        made = Shown(instruction, asked.draw(rng))
        for _ in known.layers:
            task = understand(made)
            made = evolved(rng, task, rng.choice(DEPTH)) if task else made
        yield made


OPERATORS: Mapping[str, Operator] = {
    "constraints": _constraints,
    "deepen": _deepen,
    "concretize": _concretize,
    "reasoning": _reasoning,
    "complicate_input": _complicate_input,
    "breadth": sibling,
    "code_constraint": _of_code(_constraints),
    "code_reasoning": _of_code(_reasoning),
    "code_erroneous": _code_erroneous,
    "math_up_constraint": of_maths(_constraints),
    "math_up_concretize": of_maths(_concretize),
    "math_up_reasoning": of_maths(_reasoning),
    "math_down_simpler": of_maths(easier),
    "math_down_topic": of_maths(easier_elsewhere),
}
"""By the names of the stage; what is none of these leaves every task as it is."""


def hardly_changed(rng: Random, known: Understood) -> Shown:
    """The same task, in another wording of its family if there is one (a fault of teachers, mess.py)."""
    said = [fill(one, known.asked.slots) for one in _wordings(known.asked.family, known.asked.slots)]
    old = next((one for one in said if one in known.base), "")
    base = known.base.replace(old, rng.choice(said)) if old else known.base
    made = known.shown(base, known.layers, known.said)
    after = understand(made)
    return made if after and after.asks == known.asks else known.shown(known.base, known.layers, known.said)
