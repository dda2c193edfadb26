"""Paraphrase: the same task in other words, with the input inside of them (Unnatural Instructions, 2212.09689, section
2.2: template expansion). The task itself stays beside its new wordings, and all have its answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import ClassVar

from selfinstruct.errors import UsageError
from selfinstruct.stages.prompting import check_prompts, filled, prompt_of
from selfinstruct.stages.proposing.unnatural import constrained, constraints_of
from selfinstruct.stages.reading.blocks import first_input
from selfinstruct.stages.reading.echoes import echo_of
from selfinstruct.stages.reading.plain import unbold, unwrapped, without_rule
from selfinstruct.task import Instance, Rejected, Task
from selfinstruct.teacher import Prompt, Response
from selfinstruct.text.later import later
from selfinstruct.text.refusals import is_refusal
from selfinstruct.text.tokens import tokens

__all__ = ["Paraphrase"]

PLACE = "{INPUT}"
_PLACE = later(r"[\{\[<【]{1,2}\s*(?:INPUT|输入)\s*[\}\]>】]{1,2}", re.IGNORECASE)
"""The place as models write it."""
_LABEL = later(
    r"[^\w\n]*(?:in other words|(?:new |another |alternative )?(?:wording|formulation|version|phrasing|paraphrase|way)"
    r"|(?:rephrased|paraphrased|rewritten|reworded|new) (?:task|instruction|version)"
    r"|换一?种说法|换句话说|新的?说法|改写(?:后)?)"
    r"[ \t]*+\d{0,2}[*_]{0,3}[ \t]*+[:：][*_]{0,3}\s*",
    re.IGNORECASE,
)
_NEXT = later(
    r"^[^\w\n]*(?:task|in other words|input|output|answer|explanation|note|任务|换[一]?种说法|输入|输出|答案|说明|注)"
    r"[ \t]*+\d{0,2}[*_]{0,3}[ \t]*+[:：]",
    re.IGNORECASE | re.MULTILINE,
)
_FIRST = later(r"\A1[.)、][ \t]*")
_QUOTED = later(r"\"([^\"]+)\"|“([^“”]+)”|「([^「」]+)」")


@dataclass(frozen=True, slots=True)
class Paraphrase:
    kind: ClassVar = "each"
    single: ClassVar = True
    continues: ClassVar = "completions"
    prompts: ClassVar = {"text": "paraphrase"}
    samples: int = 2
    """How many other wordings are asked for, each by itself."""
    original: bool = True
    """Whether the task itself is kept beside them."""
    language: str = "en"
    """Of the prompt; answers are read in either."""
    text: str = ""
    """A prompt of one's own, with the same place as ours, {task}, in which {INPUT} stands for the input; "" is ours. In
    a recipe: `prompt: FILE`."""

    def __post_init__(self) -> None:
        check_prompts(self)
        if self.samples < 1:
            raise UsageError(f"paraphrase: samples is {self.samples}; it is how many wordings to ask for, at least 1")

    def settled(self, task: Task) -> list[Task] | None:
        """A conversation has no instruction to put into other words: it stays as it is."""
        return [task] if task.turns else None

    def prompt(self, tasks: tuple[Task, ...], rng: Random) -> Prompt:
        """The task, without its constraints, and the place of its input behind it."""
        between = "" if self.language == "zh" else " "
        shown = _own(tasks[0]) + (f"{between}{PLACE}" if first_input(tasks[0]) else "")
        return filled(prompt_of(self), task=shown)

    def parse(self, tasks: tuple[Task, ...], response: Response) -> Iterable[Task | Rejected]:
        """What one answer gives, as `parse_all`."""
        return self.parse_all(tasks, (response,))

    def parse_all(self, tasks: tuple[Task, ...], responses: Sequence[Response]) -> Iterable[Task | Rejected]:
        """The task, and each new wording of it: with the input in its place once, and then behind it the constraints.
        What is no such wording is dropped; the task is not, unless nothing is left."""
        (task,), found = tasks, list[Task | Rejected]()
        known = {_letters(_own(task))}
        for response in responses:
            wording = _wording(response.text)
            if fault := self._fault(task, wording, response, known):
                found.append(Rejected(response.text, *fault, what="instance"))
                continue
            known.add(_letters(wording))
            found.append(_reworded(task, wording))
        return [*([task] if self.original else []), *found]

    def _fault(self, task: Task, wording: str, response: Response, known: set[str]) -> tuple[str, str] | None:
        """Why it is no other wording of the task: category and detail."""
        places = len(_PLACE.findall(wording))
        if response.finish_reason == "length":
            return "truncated", ""
        if not re.search(r"\w", _PLACE.sub("", wording)):
            return "no wording in the answer", ""
        if is_refusal(wording, task.instruction):
            return "refusal", ""
        if copied := echo_of(_PLACE.sub("", wording), _PLACE.sub("", prompt_of(self).replace("{{INPUT}}", ""))):
            return "copied from the prompt", copied
        if _letters(wording) in known:
            return "not another wording", "word for word one that there is"
        if places != bool(first_input(task)):
            many = "missing" if not places else f"{places} times" if first_input(task) else "there is none"
            return "the place of the input", many
        return None


def _wording(answer: str) -> str:
    """The new wording in an answer, its place as we write it."""
    text, _ = unwrapped(answer)
    text = _FIRST.sub("", text.strip(), 1)
    if label := _LABEL.match(text):
        text = text[label.end() :]
    ends = [mark.start() for mark in _NEXT.finditer(text) if text[: mark.start()].strip()]
    text = without_rule(text[: min(ends, default=len(text))].strip()).strip()
    if whole := _QUOTED.fullmatch(text):
        text = next(filter(None, whole.groups())).strip()
    return _PLACE.sub(PLACE, unbold(text))


def _own(task: Task) -> str:
    bounds = constraints_of(task)
    return task.instruction.removesuffix(bounds).strip() if bounds else task.instruction.strip()


def _letters(wording: str) -> str:
    """What two wordings have in common that differ in nothing but signs, and in where the input stands at an end."""
    return " ".join(tokens(_PLACE.sub(" ", wording).casefold()))


def _reworded(task: Task, wording: str) -> Task:
    given = first_input(task)
    bounds = constraints_of(task) if task.instruction.endswith(constraints_of(task)) else ""
    instruction = wording.replace(PLACE, _set_off(wording, given))
    # Behind the input they stand on a line of their own, or they would look like a part of it.
    instruction = f"{instruction}\n{bounds}" if bounds and wording.endswith(PLACE) else constrained(instruction, bounds)
    instances = tuple(replace(one, input="") for one in task.instances) or (Instance("", ""),)
    return replace(task, instruction=instruction, instances=instances, is_classification=task.is_classification)


def _set_off(wording: str, given: str) -> str:
    """The input as it stands in the wording: of several lines, on lines of its own."""
    if "\n" not in given:
        return given
    before, _, after = wording.partition(PLACE)
    opens = "" if not before or before.endswith("\n") else "\n"
    return f"{opens}{given}" + ("" if not after.strip() or after.startswith("\n") else "\n")
