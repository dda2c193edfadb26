"""Alpaca: whole tasks in one step, instruction, input and output (Stanford Alpaca, 2023; REFERENCE: "Alpaca").

BELLE's Chinese variant is `language: zh` with `many: 10`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from random import Random
from typing import Any, ClassVar

from selfinstruct.errors import UsageError
from selfinstruct.stages.prompting import asked_as_json, check_prompts, filled, prompt_of
from selfinstruct.stages.proposing.axes import NO_AXES, Axes, axes_from, axes_of
from selfinstruct.stages.proposing.wishes import COPIED, about, asked_about, unheaded
from selfinstruct.stages.reading.echoes import echo_of
from selfinstruct.stages.reading.fields import blocks_in_order, closed, of_json
from selfinstruct.stages.reading.json_answers import json_answer, schema_of, strictly
from selfinstruct.stages.reading.plain import (
    EMPHASIS,
    NUMERAL,
    number_in,
    one_line,
    unbold,
    unwrapped,
)
from selfinstruct.task import Instance, Rejected, Task
from selfinstruct.teacher import Prompt, Response
from selfinstruct.text.later import later
from selfinstruct.text.nothing import no_input

__all__ = ["Alpaca"]

FIELDS = {
    "en": ("Instruction: ", "Input: ", "Output: "),
    "zh": ("指令：", "输入：", "输出："),
}
KEYS = ("instruction", "input", "output")
NO_INPUTS = {"en": "<noinput>", "zh": "<无输入>"}
KEPT = "noinput"
"""Without its brackets it is an input in the published form, as the published code has it."""
_ENGLISH = {"指令": "Instruction", "任务": "Instruction", "输入": "Input", "输出": "Output"}


def labels(language: str) -> tuple[str, str, str]:
    """How the fields of the tasks shown are called: English in every language but Chinese."""
    return FIELDS.get(language, FIELDS["en"])


def _field(instruction: str) -> re.Pattern[str]:
    """The label of a field: "5. Instruction:", and as chat models write it: "**5. Instruction:**", "5) Instruction:",
    "### Task 5", "[5] Input:", "- Input:"; "5. 指令：", "5、输入：", "（5）输出：", "五、指令：", "【5】指令：",
    "第五题", "【指令】", "指令5：".
    Stars behind it as in `label`.
    """
    number = (
        rf"Task[ \t]+\d+|任务[ \t]*(?:\d+|{NUMERAL})|第[ \t]*(?:\d+|{NUMERAL})[ \t]*[条个项则题](?:任务)?"
        rf"|(?:\d+|{NUMERAL})(?=\s*[.)．）、】\]])|[①-⑳]"
    )
    return later(
        rf"^(?P<bold>(?=[^\w\n]*(?:\d+[^\w\n]*)?[*_]))?{EMPHASIS}(?:[（(【\[]?(?P<number>{number})\s*+[.):．）、：】\]]?[*_]{{0,3}}：?\s*+{EMPHASIS})?"
        rf"(?:(?P<name>Instruction|Input|Output|{instruction}|输入|输出)"
        r"(?:(?<=[令务入出])[ \t]*\d+)?[*_]{0,3}\s*[:：]"
        rf"|【(?P<bracketed>{instruction}|输入|输出)】[*_]{{0,3}}[:：]?)"
        r"(?(bold)[*_]{0,3}|(?:[*_]{1,3}(?=\s|\Z))?)",
        re.MULTILINE,
    )


# 任务 may be a word of an input as well: it is the label of an instruction only in answers that have no 指令.
_FIELD, _FIELD_OR_TASK = _field("指令"), _field("任务")
_SEPARATOR = later(r"(?:^|(?<=[\s。！？]))#{3,}[ \t]*(?=\n|$)")


@dataclass(frozen=True, slots=True)
class Alpaca:
    kind: ClassVar = "grow"
    continues: ClassVar = "completions"
    prompts: ClassVar = {"text": "alpaca"}
    many: int = 20
    """How many tasks the prompt asks for; those shown are counted."""
    language: str = "en"
    """Of the prompt; answers are read in either."""
    text: str = ""
    """A prompt of one's own, with the same places as ours; "" is ours. In a recipe: `prompt: FILE`."""
    structured: bool = False
    """Ask for the tasks as JSON by a schema, where the server can: {"tasks": [{"instruction": "…", …}, …]}."""
    axes: Axes = NO_AXES
    """What the new tasks are to be about: lists or trees of values, of which some are drawn for each task. In a recipe
    `axes: FILE` as well."""
    files: ClassVar = {"axes": axes_from}
    later: ClassVar = ("axes",)

    def __post_init__(self) -> None:
        check_prompts(self)
        object.__setattr__(self, "axes", axes_of(self.axes))
        if self.many < 2:
            raise UsageError(
                f"alpaca: many is {self.many}; the prompt asks for at least 2 tasks, and shows some of them"
            )

    @property
    def per_answer(self) -> int:
        """Tasks that a whole answer has, for the estimate of --dry-run: all but the three usually shown."""
        return max(self.many - 3, 1)

    def drawn(self, rng: Random, number: int, seed: int = 0) -> Alpaca:
        """As it asks in the draft of that number of a run of that seed, and reads the answer."""
        return replace(self, axes=replace(self.axes.at(number), seed=seed))

    def _wanted(self, tasks: tuple[Task, ...]) -> list[dict[str, str]]:
        return self.axes.drawn(max(self.many - len(tasks), 1))

    def prompt(self, tasks: tuple[Task, ...], rng: Random) -> Prompt:
        """The requirements, the tasks shown with their first instance, and the number of the first one to write."""
        blocks = "\n###\n".join(_block(number, task, self.language) for number, task in enumerate(tasks, 1))
        text = filled(prompt_of(self), many=str(self.many), tasks=blocks, next=str(len(tasks) + 1))
        text = asked_about(text, self.axes, self._wanted(tasks), len(tasks) + 1, self.language)
        return asked_as_json("json_alpaca", self.language, text) if self.structured else text

    def schema(self, tasks: tuple[Task, ...]) -> dict[str, Any] | None:
        """{"tasks": [{"instruction": text, "input": text, "output": text}, …]}; None unless `structured`."""
        return schema_of("tasks", KEYS) if self.structured else None

    def parse(self, tasks: tuple[Task, ...], response: Response) -> Iterable[Task | Rejected]:
        """The tasks whose three fields are all there, in order; when the answer was cut by length, not the last."""
        shown = [one_line(task.instruction).rstrip(":：") for task in tasks]
        wanted = self._wanted(tasks)
        response = replace(response, text=unheaded(response.text, wanted)) if wanted else response
        found = list(self._read(tasks, response))
        for at, item in enumerate(found):
            if isinstance(item, Task) and (copied := echo_of(item.instruction, prompt_of(self), shown)):
                found[at] = Rejected(_as_text(item), COPIED, copied)
        yield from about(found, self.axes, wanted)

    def _read(self, tasks: tuple[Task, ...], response: Response) -> Iterable[Task | Rejected]:
        cut = response.finish_reason == "length"
        strict = strictly(response.text, "tasks", KEYS) if self.structured else None
        if strict is not None:
            return of_json(strict) or [Rejected(response.text, "no task in the answer", what="answer")]
        if answer := json_answer(response.text, "instruction"):
            rest = [Rejected(answer.cut, "truncated")] if answer.cut else []
            rest += [Rejected(remark, "not part of the list", what="remark") for remark in answer.remarks]
            found = [*of_json(answer.items), *rest]
            if any(isinstance(item, Task) or item.is_proposal for item in found):
                return found
        text, remarks = unwrapped(response.text)
        if not text.strip():
            return [Rejected(response.text, "no task in the answer", what="answer")]
        published = list(self._published(text, remarks, len(tasks) + 1, cut))
        if any(isinstance(item, Task) for item in published):
            return published
        # Only an answer of which nothing is in the published form is read in another one.
        others = [Rejected(remark, "not part of the list", what="remark") for remark in remarks if remark]
        free = list(blocks_in_order(text, cut))
        return [*free, *others] if any(isinstance(item, Task) for item in free) else published

    def _published(self, text: str, remarks: list[str], following: int, cut: bool) -> Iterator[Task | Rejected]:
        """Numbered fields, parted by ###, as the published code reads them, and as chat models decorate them."""
        remarks = list(remarks)
        field = _FIELD if any(_name(mark) == "Instruction" for mark in _FIELD.finditer(text)) else _FIELD_OR_TASK
        first = field.search(text)
        if first and _name(first) == "Instruction":
            # A chat model begins anew, perhaps with a greeting; else the answer goes on after "4. Instruction:".
            remarks.append(text[: first.start()].strip())
            text = text[first.start() :]
        else:
            field, text = _FIELD, f"{following}. {labels(self.language)[0].rstrip()}{text}"
        segments = _SEPARATOR.split(text)
        blocks = [block for segment in segments for block in _blocks(field, segment)]
        if cut and segments[-1].strip():
            yield Rejected(blocks.pop().strip(), "truncated")
        yield from (_task(field, block) for block in blocks)
        yield from (Rejected(remark, "not part of the list", what="remark") for remark in remarks if remark)


def _as_text(task: Task) -> str:
    return "\n".join(filter(None, (task.instruction, task.instances[0].input, task.instances[0].output)))


def _name(mark: re.Match[str]) -> str:
    name = mark["name"] or mark["bracketed"]
    return _ENGLISH.get(name, name)


def _number(mark: re.Match[str]) -> int:
    return number_in(mark["number"] or "")


def _blocks(field: re.Pattern[str], segment: str) -> Iterator[str]:
    """What lies between two separators, cut once more before each further instruction: some teachers forget them."""
    starts = [mark for mark in field.finditer(segment) if _name(mark) == "Instruction"]
    numbered = [mark for mark in starts if mark["number"]]
    edges = [0, *(mark.start() for mark in (numbered or starts)), len(segment)]
    yield from (segment[start:end] for start, end in pairwise(edges) if segment[start:end].strip())


def _task(field: re.Pattern[str], block: str) -> Task | Rejected:
    marks = list(field.finditer(block))
    number = _number(marks[0]) if marks else 0
    # A list inside an output has numbers of its own: only fields with the block's number count, if it has one.
    own = [mark for mark in marks if _number(mark) == number]
    if len(own) == 1:
        own = marks[:1] + [mark for mark in marks[1:] if not mark["number"]]
    ends = [mark.start() for mark in own[1:]] + [len(block)]
    fields = {_name(mark): block[mark.end() : end].strip() for mark, end in zip(own, ends, strict=False)}
    if len(own) != 3 or len(fields) != 3:
        found = ", ".join(map(_name, own)) or "none"
        return Rejected(block.strip(), "not the three fields of a task", f"found: {found}")
    instruction, given = unbold(fields["Instruction"]), fields["Input"]
    if no_input(given, instruction) and given.casefold() != KEPT:
        given = ""
    return Task("", instruction, (Instance(given, _closed(fields["Output"])),))


def _closed(output: str) -> str:
    """The output without a rule that parts it from the next task, or the end of a code fence around the whole list."""
    output = closed(output)
    return output[:-3].rstrip() if output.endswith("```") and output.count("```") % 2 else output


def _block(number: int, task: Task, language: str) -> str:
    instance = task.instances[0] if task.instances else Instance("", "")
    instruction = one_line(task.instruction).rstrip(":：")
    values = (instruction, instance.input or NO_INPUTS.get(language, NO_INPUTS["en"]), instance.output)
    return "\n".join(f"{number}. {name}{value}" for name, value in zip(labels(language), values, strict=True))
