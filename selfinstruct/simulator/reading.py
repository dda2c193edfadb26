"""How the built-in teacher reads a prompt: by the very templates that the stages write it with (stages/prompts).

A prompt is of a template's kind when all its words are the template's, or, of a user's own text, when the lines around
its places are ("[Given task]" and "[New task]", "Task:" and "Classification:"). Anything else is a plain question.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

from selfinstruct.simulator.language import LANGUAGES, Language, language_of
from selfinstruct.simulator.understanding import Shown
from selfinstruct.simulator.users import system_of
from selfinstruct.simulator.wishes import parted
from selfinstruct.stages.prompting import prompt_text
from selfinstruct.stages.reading.blocks import INPUTS, LABELS
from selfinstruct.stages.rewriting.evolve import operators
from selfinstruct.task import Message
from selfinstruct.teacher import Prompt
from selfinstruct.text.later import later

__all__ = ["Question", "operator_in", "question", "read", "shown_in", "text_of", "without_steps"]


class Question(NamedTuple):
    kind: str
    """The template's name, such as propose or judge_score; "" of a plain question."""
    language: Language
    """Of the prompt, and so of the answer's format."""
    places: Mapping[str, str]
    """What the prompt says in the template's places; of a user's own text only in those that it needs."""
    text: str
    """All of the prompt, but its wishes."""
    wishes: tuple[str, ...] = ()
    """What each new task is to be about, where the prompt says that."""
    """All of the prompt."""
    before: tuple[Message, ...] = ()
    """What was said before the question, in a conversation."""


_NEEDED: Mapping[str, tuple[str, ...]] = {
    "propose": ("next",),
    "propose_classification": ("next",),
    "alpaca": ("next",),
    "classify": ("instruction",),
    "input_first": ("instruction",),
    "output_first": ("instruction",),
    "evolve_depth": ("task",),
    "evolve_breadth": ("task",),
    "evolve_auto": ("task",),
    "evolve_easier": ("task",),
    "translate": ("task", "to"),
    "judge_difficulty": ("task",),
    "judge_equal": ("parent", "task"),
    "judge_score": ("task", "answer"),
    "chat": ("question",),
    "user_turn": ("conversation",),
    "personas": ("world",),
    "challenge": ("task",),
    "challenge_passage": ("passage",),
    "mark": ("task", "reference", "answers"),
    "compare_score": ("task", "answers"),
    "compare_rank": ("task", "answers"),
    "optimise_analyse": ("method", "trajectories"),
    "optimise_improve": ("method", "analysis"),
    "question": ("passage",),
    "question_closed": ("passage",),
    "ground": ("passage", "question", "answer"),
    "summarize": ("wish", "passage"),
    "backtranslate": ("passage",),
    "curate": ("task", "answer"),
    "rewrite": ("passage", "instruction"),
    "branch": ("topic", "width"),
    "tool_request": ("tools", "many", "wanted"),
    "tool_call": ("tools", "request"),
    "tool_result": ("tools", "calls"),
    "tool_answer": ("request", "results"),
    "critique": ("task", "answer"),
    "revise": ("task", "answer"),
    "unnatural": ("next",),
    "paraphrase": ("task",),
}
"""The templates, and the places without which a prompt of that kind says nothing."""
_PLACE = later(r"(?<!\{)\{(\w+)\}(?!\})")
_SAYS = {"next": r"\d{1,4}", "many": r"\d{1,4}", "width": r"\d{1,3}", "instruction": r"[^\n]+?"}
"""What may stand in a place; in the others anything."""


class _Template(NamedTuple):
    kind: str
    code: str
    """Of its language."""
    end: str
    """Its words after the last place."""
    whole: re.Pattern[str]
    around: re.Pattern[str]
    """Of a user's own text."""
    heads: frozenset[str]
    """How its lines begin, up to a colon."""


@cache
def _templates() -> tuple[_Template, ...]:
    return tuple(_template(kind, code) for kind in _NEEDED for code in LANGUAGES)


def _template(kind: str, code: str) -> _Template:
    text = prompt_text(kind, code)
    lines, needed = text.split("\n"), {f"{{{name}}}" for name in _NEEDED[kind]}
    kept = list[str]()
    for at, line in enumerate(lines):
        if not any(place in line for place in needed):
            continue
        before = [one for one in lines[:at] if one.strip() and one not in kept] if line in needed else []
        kept += [*before[-1:], line]
    after = [one for one in lines[lines.index(kept[-1]) + 1 :] if one.strip()]
    return _Template(
        kind,
        code,
        _literal(_PLACE.split(text)[-1].strip()),
        later(_pattern(text), re.DOTALL),
        later(r"(?:\A|.*\n)" + r"\s*\n\s*".join(map(_pattern, [*kept, *after[:1]])) + r"\s*\Z", re.DOTALL),
        frozenset(map(_head, lines)),
    )


def _pattern(text: str) -> str:
    """The text with a group for each place, which says the same wherever it stands."""
    parts, seen = _PLACE.split(text.strip()), set[str]()
    for n in range(1, len(parts), 2):
        name = parts[n]
        parts[n] = f"(?P={name})" if name in seen else f"(?P<{name}>{_SAYS.get(name, '.+?')})"
        seen.add(name)
    return "".join(part if n % 2 else re.escape(_literal(part)) for n, part in enumerate(parts))


def _literal(text: str) -> str:
    """{{name}} in a prompt stands for {name}."""
    return re.sub(r"\{(\{\w+\})\}", r"\1", text)


def _head(line: str) -> str:
    return re.split("[:：]", line, maxsplit=1)[0].strip()


def read(prompt: Prompt) -> Question:
    if isinstance(prompt, str) and (system := system_of(prompt)) is not None:
        return Question("magpie", language_of(system), {"system": system}, prompt)
    wishes, text = parted(text_of(prompt))
    found = _read(text)._replace(wishes=tuple(wishes))
    goes_on = not found.kind and not isinstance(prompt, str) and prompt[-1:] and prompt[-1]["role"] == "user"
    return found._replace(before=tuple(prompt[:-1])) if goes_on else found  # type: ignore[arg-type]


def _read(text: str) -> Question:
    said = text.strip()
    likely = [one for one in _templates() if said.endswith(one.end)]
    for one in likely:
        if found := one.whole.fullmatch(said):
            return Question(one.kind, LANGUAGES[one.code], found.groupdict(), text)
    own = [(one, found) for one in likely if (found := one.around.match(said))]
    if not own:
        return Question("", language_of(text), {}, text)
    heads = [_head(line) for line in said.split("\n") if line.strip()]
    one, found = max(own, key=lambda pair: sum(head in pair[0].heads for head in heads))
    return Question(one.kind, LANGUAGES[one.code], found.groupdict(), text)


def text_of(prompt: Prompt) -> str:
    """The text itself, or the last thing that the user said; with the beginning of the answer, where it is given."""
    if isinstance(prompt, str):
        return prompt
    if len(prompt) > 1 and prompt[-1]["role"] == "assistant":
        return f"{text_of(prompt[:-1])}\n{prompt[-1]['content']}"
    return next((turn["content"] for turn in reversed(prompt) if turn["role"] == "user"), "")


def items(question: Question) -> Sequence[str]:
    """The instructions of a list that has to be continued."""
    line = prompt_text(question.kind, question.language.code).strip().rsplit("\n", 1)[-1]
    mark = re.escape(line).replace(re.escape("{next}"), r"\d{1,4}")
    return re.findall(rf"^{mark}[ \t]*(.+)$", question.text, re.MULTILINE)


def shown_in(question: Question, place: str) -> Shown:
    """The task in a place, as the stages write it: two labels, the second one only where there is an input."""
    before, after = (table[question.language.code].format("").strip() for table in (LABELS, INPUTS))
    instruction, _, given = question.places[place].strip().removeprefix(before).partition(f"\n{after}")
    return Shown(instruction.strip(), given.strip())


def question(text: str) -> Shown:
    """An instruction, and after a blank line its input."""
    instruction, _, given = text.strip().partition("\n\n")
    return Shown(instruction.strip(), given.strip())


def without_steps(text: str) -> str:
    """The text without the wish for steps below it, with which our answers come anyway."""
    ends = (prompt_text("steps", code) for code in LANGUAGES)
    return next((text.removesuffix(end).rstrip() for end in ends if text.endswith(end)), text)


def operator_in(asked: Question) -> tuple[str, str]:
    """The operator whose wording the prompt has, and the form that it names; "" where it has none's, as of a method."""
    text = asked.places.get("method") or asked.text
    for name, operator in operators().items():
        for form in operator.get("forms", ("",)):
            for language in LANGUAGES:
                if operator[language].strip().replace("{form}", form) in text:
                    return name, form
    return "", ""
