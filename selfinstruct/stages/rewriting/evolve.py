"""Evolve: rewrite a task to be harder, in one of several ways, or make another one of its kind.

Evol-Instruct (WizardLM, 2304.12244, section 3.2): five operators in depth, one in breadth; for code, those of
WizardCoder (2306.08568, section 3.1), for mathematics those of WizardMath (2308.09583), some of which make a task
easier. The operators are data: prompts/operators.yaml.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from random import Random
from typing import Any, ClassVar

import yaml

from selfinstruct.errors import UsageError, did_you_mean, quoted
from selfinstruct.stages.prompting import FOLDER, asked_as_json, check_prompts, filled, prompt_of
from selfinstruct.stages.reading.blocks import block, first_input
from selfinstruct.stages.reading.echoes import echo_of
from selfinstruct.stages.reading.json_answers import fields_of, json_answer, schema_of
from selfinstruct.stages.reading.plain import one_line, unwrapped
from selfinstruct.stages.reading.prose import is_request, says_what_for
from selfinstruct.stages.reading.rewritten import NewTask, read_task
from selfinstruct.task import Evolved, Instance, Rejected, Task
from selfinstruct.teacher import Prompt, Response
from selfinstruct.text.later import later
from selfinstruct.text.nothing import no_input
from selfinstruct.text.refusals import is_refusal

__all__ = ["Evolve", "operators"]

WIZARD = ("constraints", "deepen", "concretize", "reasoning", "complicate_input", "breadth")

AUTO = "auto"
"""The name of the one operator when there is a method."""

KEYS = ("instruction", "input")
_NEW_KEY = later(
    r"\"(?:(?:new|rewritten|evolved|revised|updated|harder)[_ -]?(?:task|instruction|prompt|question)"
    r"|(?:新|改写后?|更难)的?(?:任务|指令|题目|问题))\""
    r"(\s{0,8}:\s{0,8}\")",
    re.IGNORECASE,
)
"""{"new_task": "…"}."""


@cache
def operators() -> dict[str, dict[str, Any]]:
    """All operators by name: the `frame` they are asked in (depth, breadth or easier), the wording in each language,
    and `forms`, one of which takes the place of {form} in it.
    """
    text = (FOLDER / "operators.yaml").read_text(encoding="utf-8")
    loaded: dict[str, dict[str, Any]] = yaml.safe_load(text)
    return loaded


@dataclass(frozen=True, slots=True)
class Evolve:
    kind: ClassVar = "each"
    single: ClassVar = True
    prompts: ClassVar = {
        "depth": "evolve_depth",
        "breadth": "evolve_breadth",
        "auto": "evolve_auto",
        "easier": "evolve_easier",
    }
    operators: tuple[str, ...] = WIZARD
    """One is drawn for each task and round; name one twice to have it drawn twice as often."""
    method: str = ""
    """Instead of operators, the steps by which a task is rewritten: what Auto Evol-Instruct (2406.00770) looks for."""
    language: str = "en"
    """Of the prompts; answers are read in either."""
    depth: str = ""
    """A prompt of one's own for operators that rewrite the task, with the same places as ours."""
    breadth: str = ""
    """For those that make another one of its kind."""
    auto: str = ""
    """For a method."""
    easier: str = ""
    """For operators that make the task easier."""
    structured: bool = False
    """Ask for the new task as JSON by a schema, where the server can: {"instruction": "…", "input": "…"}."""

    def __post_init__(self) -> None:
        check_prompts(self)
        if not self.operators:
            raise UsageError(f"evolve needs operators; there are {', '.join(operators())}")
        for name in self.operators:
            if name not in operators():
                raise UsageError(f"no operator {quoted(name)}: {did_you_mean(name, operators())}")

    def prepare(self, task: Task, rng: Random, round: int) -> Task:
        """The task with the operator that it is to be rewritten by, and itself as the parent."""
        name = AUTO if self.method else rng.choice(self.operators)
        return replace(task, evolved=Evolved(name, round, task.instruction, first_input(task)))

    def prompt(self, tasks: tuple[Task, ...], rng: Random) -> Prompt:
        task = tasks[0]
        assert task.evolved
        method, forms = self._way(task)
        method = method.replace("{form}", rng.choice(forms)) if forms else method
        text = filled(prompt_of(self, self._frame(task)), method=method.strip(), task=block(task, self.language))
        return asked_as_json("json_evolve", self.language, text) if self.structured else text

    def schema(self, tasks: tuple[Task, ...]) -> dict[str, Any] | None:
        """{"instruction": text, "input": text}; None unless `structured`."""
        one: dict[str, Any] = schema_of("tasks", KEYS)["properties"]["tasks"]["items"]
        return one if self.structured else None

    def _frame(self, task: Task) -> str:
        assert task.evolved
        frame: str = AUTO if self.method else operators()[task.evolved.operator]["frame"]
        return frame

    def _way(self, task: Task) -> tuple[str, Sequence[str]]:
        """How the task is to be rewritten, in words, and the forms of which one stands in them."""
        if self.method or not task.evolved:
            return self.method, ()
        operator = operators().get(task.evolved.operator, {})
        return operator.get(self.language, operator.get("en", "")), operator.get("forms", ())

    def parse(self, tasks: tuple[Task, ...], response: Response) -> Iterable[Task | Rejected]:
        """The new task, without an answer yet, and what else is said, as remarks. One rewritten in depth keeps its
        parent's input unless it has one of its own, or says that it has none. An answer cut by length is thrown away.
        """
        task = tasks[0]
        assert task.evolved
        new = self._read(task, response)
        if response.finish_reason == "length":
            yield Rejected(response.text, "truncated", what="answer")
        elif isinstance(new, Rejected):
            yield new
        elif not new.instruction:
            yield Rejected(response.text, "no task in the answer", what="answer")
        elif is_refusal(unwrapped(response.text)[0]) or is_refusal(new.instruction):
            yield Rejected(response.text, "refusal", what="answer")
        elif copied := self._copied(task, new.instruction):
            yield Rejected(response.text, "copied from the prompt", copied, what="answer")
        elif not is_request(new.instruction) or _only_tells(task, new):
            yield Rejected(response.text, "neither a question nor a request", what="answer")
        else:
            in_breadth = operators().get(task.evolved.operator, {}).get("frame") == "breadth"
            given = new.input
            if given is None and not in_breadth:
                given = first_input(task)
            yield Task("", new.instruction, (Instance(given, ""),) if given else (), evolved=task.evolved)
            yield from (Rejected(remark, "not part of the task", what="remark") for remark in new.remarks if remark)

    def _read(self, task: Task, response: Response) -> NewTask | Rejected:
        if answer := json_answer(_NEW_KEY.sub(r'"instruction"\1', response.text), "instruction"):
            whole = [item for item in answer.items if fields_of(item).get("instruction")]
            if answer.remarks:  # words, and a list of texts that they work on
                whole = [item for item in whole if isinstance(item, dict)]
            item = whole[0] if whole else None
            if self.structured and not answer.remarks and not _exact(item):
                return Rejected(response.text, "not in the form asked for", ", ".join(KEYS), what="answer")
            if item is not None:
                return _of_json(item, [str(other) for other in whole[1:]] + answer.remarks, _text_of(task))
            if answer.cut or not answer.items or isinstance(answer.items[0], dict):
                return NewTask("", None, [])
        text, remarks = unwrapped(response.text)
        new = read_task(text, _text_of(task))
        return new._replace(remarks=[*remarks, *new.remarks])

    def _copied(self, task: Task, instruction: str) -> str:
        """What of the prompt the instruction repeats; "" when it is one, or the given task, which judges are to see."""
        if one_line(instruction).casefold() == one_line(task.instruction).casefold():
            return ""
        frame = self._frame(task) if self.method or (task.evolved and task.evolved.operator in operators()) else AUTO
        return echo_of(instruction, prompt_of(self, frame)) or echo_of(instruction, self._way(task)[0])


def _only_tells(task: Task, new: NewTask) -> bool:
    """Whether a question became a text that asks for nothing, as small models write them: "7 rolls are left.". An
    input may be what a bare heading is asked about.
    """
    return "?" in task.instruction.replace("？", "?") and not new.input and not says_what_for(new.instruction)


def _text_of(task: Task) -> str:
    return "\n".join(filter(None, (task.instruction, first_input(task))))


def _exact(item: Any) -> bool:
    """Whether an item has the keys that were asked for, with texts, and no others."""
    return isinstance(item, dict) and set(item) == set(KEYS) and all(isinstance(text, str) for text in item.values())


def _of_json(item: Any, remarks: list[str], parent: str) -> NewTask:
    """The task of an item; its answer, and whatever else it has, are remarks. Some models write a labelled answer into
    the instruction itself.
    """
    fields = fields_of(item)
    rest = [f"{name}: {text}" for name, text in fields.items() if name not in KEYS and text]
    if isinstance(item, dict):
        known = set(fields.values())
        rest += [f"{key}: {text}" for key, text in item.items() if isinstance(text, str) and text.strip() not in known]
    given = fields.get("input")
    given = "" if given is not None and no_input(given, fields["instruction"]) else given
    new = read_task(fields["instruction"], parent)
    given = new.input if given is None else given
    return NewTask(new.instruction, given, [*remarks, *new.remarks, *filter(None, rest)])
