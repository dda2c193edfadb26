"""Unnatural Instructions: three tasks are shown, each an instruction, an input and constraints on the output; the
teacher writes the fourth (Honovich et al., 2212.09689, section 2.1). A later step answers it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from random import Random
from typing import Any, ClassVar

from selfinstruct.stages.prompting import asked_as_json, check_prompts, filled, prompt_of
from selfinstruct.stages.reading.blocks import first_input
from selfinstruct.stages.reading.echoes import echo_of
from selfinstruct.stages.reading.json_answers import JsonAnswer, fields_of, json_answer, schema_of, strictly
from selfinstruct.stages.reading.plain import EMPHASIS, NUMERAL, unbold, unwrapped, without_rule
from selfinstruct.task import Instance, Rejected, Task
from selfinstruct.teacher import Prompt, Response
from selfinstruct.text.later import later
from selfinstruct.text.normal import plain as looks
from selfinstruct.text.nothing import no_input, open_place

__all__ = ["Unnatural", "constrained", "constraints_of"]

FIELDS = {
    "en": ("Example {}", "Instruction: ", "Input: ", "Constraints: ", "None."),
    "zh": ("示例{}", "指令：", "输入：", "输出要求：", "无。"),
}
KEYS = ("instruction", "input", "constraints")
KEPT = "constraints"
"""The key of a row that has them."""

_KINDS = {
    "instruction": "instruction|task|指令|任务",
    "input": "input|context|输入|输入内容",
    "constraints": "(?:output )?constraints?|output format|输出要求|输出限制|约束|限制|要求",
    "output": "output|expected output|answer|输出|答案",
}
_FIELD = later(
    rf"^{EMPHASIS}(?:\d{{1,2}}[.)、][ \t]*)?[*_]{{0,3}}[【\[]?(?:"
    + "|".join(f"(?P<{kind}>{names})" for kind, names in _KINDS.items())
    + r")(?:[】\]][*_]{0,3}[ \t]*[:：]?|[*_]{0,3}[ \t]*[:：])[*_]{0,3}[ \t]*",
    re.IGNORECASE | re.MULTILINE,
)
_HEADING = later(
    rf"^{EMPHASIS}(?:(?:example|task|示例|例子|任务)[ \t]*(?:\d{{1,3}}|{NUMERAL})[.:：]?[*_]{{0,3}}|-{{3,}})[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)
_NONE = later(
    r"\W*(?:none|nothing|nil|n/?a|no (?:\w+ ){0,2}constraints?(?: \w+){0,3}|there are no \w+|any(?:thing)?"
    r"|无|没有|不限|暂无|无?特殊(?:要求|限制)?|[无没]有?(?:特别|特殊|其他|任何)?的?(?:输出)?(?:要求|限制|约束))\W*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Unnatural:
    kind: ClassVar = "grow"
    continues: ClassVar = "completions"
    prompts: ClassVar = {"text": "unnatural"}
    language: str = "en"
    """Of the prompt; answers are read in either."""
    text: str = ""
    """A prompt of one's own, with the same places as ours; "" is ours. In a recipe: `prompt: FILE`."""
    structured: bool = False
    """Ask for the task as JSON by a schema, where the server can: {"tasks": [{"instruction": "…", "input": "…", …}]}.
    """

    def __post_init__(self) -> None:
        check_prompts(self)

    def prompt(self, tasks: tuple[Task, ...], rng: Random) -> Prompt:
        """The tasks shown, each under its number, and the number of the one to write."""
        shown = "\n\n".join(_block(number, task, self.language) for number, task in enumerate(tasks, 1))
        text = filled(prompt_of(self), tasks=shown, next=str(len(tasks) + 1))
        return asked_as_json("json_unnatural", self.language, text) if self.structured else text

    def schema(self, tasks: tuple[Task, ...]) -> dict[str, Any] | None:
        """{"tasks": [{"instruction": text, "input": text, "constraints": text}, …]}; None unless `structured`."""
        return schema_of("tasks", KEYS) if self.structured else None

    def parse(self, tasks: tuple[Task, ...], response: Response) -> Iterable[Task | Rejected]:
        """The tasks whose three fields are all there, as published; not the last of an answer that was cut by length,
        and none that is one of those shown.
        """
        found = list(self._read(response))
        if not any(isinstance(item, Task) or item.is_proposal for item in found):
            yield Rejected(response.text, "no task in the answer", what="answer")
            found = []
        shown = [(looks(_own(task)), looks(first_input(task))) for task in tasks]
        for item in found:
            if isinstance(item, Task) and (fault := self._fault(item, shown)):
                yield Rejected(f"{item.instruction}\n{item.instances[0].input}".strip(), *fault)
            else:
                yield item

    def _fault(self, task: Task, shown: list[tuple[str, str]]) -> tuple[str, str] | None:
        own, given = _own(task), task.instances[0].input
        if (looks(own), looks(given)) in shown:
            return "copied from the prompt", "a task of the prompt"
        if copied := echo_of(own, prompt_of(self)):
            return "copied from the prompt", copied
        return ("a placeholder", "") if open_place(given) else None

    def _read(self, response: Response) -> Iterator[Task | Rejected]:
        strict = strictly(response.text, "tasks", KEYS) if self.structured else None
        if strict is not None:
            for one in strict:
                yield one if isinstance(one, Rejected) else _task(*(one[key] for key in KEYS))
            return
        if (answer := json_answer(response.text, "instruction")) and (found := list(_of_json(answer))):
            yield from found
            return
        text, remarks = unwrapped(response.text)
        yield from _of_text(text, response.finish_reason == "length")
        yield from (Rejected(remark, "not part of the task", what="remark") for remark in remarks if remark)


def _of_json(answer: JsonAnswer) -> Iterator[Task | Rejected]:
    for item in answer.items:
        fields = fields_of(item) if isinstance(item, dict) else {}
        bounds = _bounds_in(item) if isinstance(item, dict) else None
        if fields.get("instruction") and "input" in fields and bounds is not None:
            yield _task(fields["instruction"], fields["input"], bounds)
        else:
            yield Rejected(str(item), LACKS, f"found: {', '.join(fields) or 'none'}")
    if answer.cut:
        yield Rejected(answer.cut, "truncated")
    yield from (Rejected(remark, "not part of the task", what="remark") for remark in answer.remarks)


def _bounds_in(item: Mapping[str, Any]) -> str | None:
    """The constraints of an object, a text or a list of them; None where it says nothing of any."""
    for key, value in item.items():
        if re.search("constraint|输出要求|约束|限制|^要求", str(key), re.IGNORECASE):
            return " ".join(map(str, value)) if isinstance(value, list) else str(value or "")
    return None


LACKS = "not the three fields of a task"


def _of_text(text: str, cut: bool) -> Iterator[Task | Rejected]:
    """The blocks of an answer, which goes on after the prompt's own "Instruction:" or begins anew."""
    text = _HEADING.sub("", text)
    first = _FIELD.search(text)
    if first is None or first.lastgroup != "instruction":
        text = f"Instruction:{text}"
    marks = list(_FIELD.finditer(text))
    if before := text[: marks[0].start()].strip():
        yield Rejected(before, "not part of the task", what="remark")
    starts = [mark.start() for mark in marks if mark.lastgroup == "instruction"]
    blocks = [text[start:end].strip() for start, end in pairwise([*starts, len(text)])]
    last = blocks.pop() if cut and blocks else ""
    for block in blocks:
        yield from _of_block(block)
    if last:
        yield Rejected(last, "truncated")


def _of_block(block: str) -> Iterator[Task | Rejected]:
    fields = dict[str, str]()
    marks = list(_FIELD.finditer(block))
    for mark, following in pairwise([*marks, None]):
        assert mark
        assert mark.lastgroup
        value = block[mark.end() : following.start() if following else len(block)]
        fields.setdefault(mark.lastgroup, without_rule(value.strip()).strip())
    if not all(fields.get(key) for key in KEYS):
        found = ", ".join(key for key, value in fields.items() if value) or "none"
        if re.search(r"\w", block.partition(":")[2]):
            yield Rejected(block, LACKS, f"found: {found}")
        return
    yield _task(fields["instruction"], fields["input"], fields["constraints"])
    if fields.get("output"):
        yield Rejected(fields["output"], "an answer that nobody asked for", what="remark")


def _task(instruction: str, given: str, constraints: str) -> Task:
    """The task as it is to be answered, which is held to the constraints."""
    own, bounds = unbold(instruction.strip()).strip(), unbold(constraints.strip()).strip()
    bounds = "" if _NONE.fullmatch(bounds) else bounds
    given = "" if no_input(given, own) else given.strip()
    extra = {KEPT: bounds} if bounds else {}
    return Task("", constrained(own, bounds), (Instance(given, ""),), extra=extra)


def constrained(instruction: str, constraints: str) -> str:
    """The instruction with its constraints behind it."""
    between = (
        "" if instruction.endswith(("。", "？", "！", "：")) else " " if instruction.endswith((".", "?", "!")) else "\n"
    )
    return f"{instruction}{between}{constraints}" if constraints else instruction


def constraints_of(task: Task) -> str:
    """The constraints of a task that has them apart; "" of any other."""
    kept = task.extra.get(KEPT, "")
    return kept if isinstance(kept, str) and not _NONE.fullmatch(kept) else ""


def _own(task: Task) -> str:
    """The instruction without the constraints behind it."""
    bounds = constraints_of(task)
    return task.instruction.removesuffix(bounds).rstrip() if bounds else task.instruction


def _block(number: int, task: Task, language: str) -> str:
    heading, *labels, none = FIELDS.get(language, FIELDS["en"])
    values = (_own(task), first_input(task) or none, constraints_of(task) or none)
    lines = (
        f"{label.rstrip()}\n{value}" if "\n" in value else f"{label}{value}"
        for label, value in zip(labels, values, strict=True)
    )
    return "\n".join((heading.format(number), *lines))
