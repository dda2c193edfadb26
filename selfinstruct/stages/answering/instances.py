"""Instances: write inputs and outputs for an instruction (Self-Instruct, 2212.10560, section 3.3).

Input-first for most tasks; output-first (label, then an input that deserves it) for classification, because a teacher
that writes inputs first gives nearly all of them the same label.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any, ClassVar, NamedTuple

from selfinstruct.errors import UsageError
from selfinstruct.stages.prompting import asked_as_json, check_prompts, filled, prompt_of
from selfinstruct.stages.reading.echoes import echo_of
from selfinstruct.stages.reading.instance_answers import (
    canonical,
    canonical_labels,
    each_on_its_line,
    inputs_first,
    of_json,
    without_headings,
)
from selfinstruct.stages.reading.json_answers import json_answer, schema_of, strictly
from selfinstruct.stages.reading.plain import (
    EMPHASIS,
    NUMBERED,
    NUMERAL,
    label,
    one_line,
    unbold,
    unwrapped,
    without_rule,
)
from selfinstruct.task import Instance, Reason, Rejected, Task
from selfinstruct.teacher import Prompt, Response
from selfinstruct.text.later import later
from selfinstruct.text.nothing import no_answer, no_input, open_place

__all__ = ["Instances", "input_first", "output_first", "valid"]

# Labels count at the start of a line only, so that "Example" or "Output" inside a sentence does not split it. Without a
# number "Example" must stand alone; "1. Input:" is how some chat models write "Example 1".
_EXAMPLE_EN = (
    rf"^{EMPHASIS}\[?(?:Example\s?#?\d+\b(?![^\S\n]+[a-z])|Example(?=[^\w\n]*$))[.):：\]]?[*_]{{0,3}}[:：]?"
    r"|^(?:\d+[.)][ \t]+|\[\d+\]\s*|\(\d+\)[ \t]*)(?=[*_]{0,3}Input[*_]{0,3}\s*[:：])"
)
_EXAMPLE_ZH = (
    rf"^{EMPHASIS}【?(?:(?:示例|例子|样例|实例|例)[ \t]*[（(【\[]?(?:\d+|{NUMERAL})|(?:示例|例子|样例)(?=[^\w\n]*$))"
    r"[）)】\]]?[*_]{0,3}(?:(?:[:：、]|\.(?!\d))[*_]{0,3}|(?=[ \t]*$))"
    rf"|^{NUMBERED}(?=[*_]{{0,3}}输入[*_]{{0,3}}\s*[:：])"
)
_EXAMPLE = later(f"{_EXAMPLE_EN}|{_EXAMPLE_ZH}", re.MULTILINE)
_OUTPUT = later(label("Output|输出"), re.MULTILINE)
# "（1）输出：" where "（1）输入：" began the example and no other output follows.
_OUTPUT_NUMBERED = later(rf"^{EMPHASIS}{NUMBERED}(?:Output|输出)[*_]{{0,3}}[ \t]*[:：]", re.MULTILINE)
_INPUT = later(label("Input|输入"), re.MULTILINE)
_FIRST = later(rf"{_EXAMPLE_EN}|{label('Input|Output')}|(?P<chinese>{_EXAMPLE_ZH}|{label('输入|输出')})", re.MULTILINE)
_INPUT_ZH = later(label("输入"))
_EXAMPLE_AT_END = later(rf"(?:{_EXAMPLE_ZH})\s*\Z", re.MULTILINE)
# 标签 and 类别 may be words of an input as well: they count only where the prompt's own label does not occur.
_CLASS_LABELS = tuple(
    later(pattern, re.MULTILINE)
    for pattern in (
        rf"^{EMPHASIS}{NUMBERED}?Class [Ll]abel[*_]{{0,3}}[:：][*_]{{0,3}}|{label('类别标签|分类标签', NUMBERED)}",
        label("标签", NUMBERED),
        label("类别", NUMBERED),
    )
)
# A base model goes on with the next task of the prompt's kind, as any list in it would.
_NEXT_TASK = later(r"\n[^\S\n]*\n(?=Task:|任务[:：])")


@dataclass(frozen=True, slots=True)
class Instances:
    kind: ClassVar = "each"
    continues: ClassVar = "prefill"
    prompts: ClassVar = {"input_first": "input_first", "output_first": "output_first"}
    most: int = 5
    """How many instances a task may have."""
    language: str = "en"
    """Of the prompts; answers are read in either."""
    input_first: str = ""
    """A prompt of one's own, with the same place as ours, for tasks that are not classification."""
    output_first: str = ""
    """And one for those that are."""
    structured: bool = False
    """Ask for the instances as JSON by a schema, where the server can: {"instances": [{"input": "…", …}, …]}."""

    def __post_init__(self) -> None:
        check_prompts(self)
        if self.most < 1:
            raise UsageError(f"instances: most is {self.most}; a task needs at least 1 instance")

    def prompt(self, tasks: tuple[Task, ...], rng: Random) -> Prompt:
        text = filled(self._prompt(tasks[0]), instruction=one_line(tasks[0].instruction))
        name = "json_output_first" if tasks[0].is_classification else "json_instances"
        return asked_as_json(name, self.language, text) if self.structured else text

    def begins(self, tasks: tuple[Task, ...]) -> str:
        label = "类别标签：" if self.language == "zh" else "Class label:"
        return f"\n{label}" if tasks[0].is_classification else "\n"

    def schema(self, tasks: tuple[Task, ...]) -> dict[str, Any] | None:
        """{"instances": [{"input": text, "output": text}, …]}, of a classification task {"class_label": text, "input":
        text}; None unless `structured`.
        """
        return schema_of("instances", _keys(tasks[0])) if self.structured else None

    def parse(self, tasks: tuple[Task, ...], response: Response) -> Iterable[Task | Rejected]:
        """The task with its instances, and each instance that is dropped. None left: the task is rejected."""
        task, answer = tasks[0], self._read(tasks[0], response)
        found = answer.found
        if not found:
            yield from answer.others if any(other.what == "instance" for other in answer.others) else ()
            yield Rejected(response.text, "no instance in the answer")
            return
        # The instance that was being written when the answer was cut is incomplete.
        cut = found.pop() if answer.cut else None
        found = [replace(one, input="") if no_input(one.input, task.instruction) else one for one in found]
        faults = [(one, self._foreign(task, one)) for one in found]
        good, bad = valid([one for one, fault in faults if not fault])
        bad += [(instance, "too many instances") for instance in good[self.most :]]
        bad += [(cut, "truncated")] if cut else []
        for instance, fault in faults:
            if fault:
                yield Rejected(_as_text(instance), fault.category, fault.detail, what="instance")
        for instance, reason in bad:
            yield Rejected(_as_text(instance), reason, what="instance")
        yield from answer.others
        if good:
            yield replace(task, instances=tuple(good[: self.most]))
        else:
            yield Rejected(response.text, "no instance left")

    def _prompt(self, task: Task) -> str:
        return prompt_of(self, "output_first" if task.is_classification else "input_first")

    def _foreign(self, task: Task, instance: Instance) -> Reason | None:
        """Why an instance is no work of the teacher's; None when it is: a place left open, or an example of ours."""
        known = f"{task.instruction}\n{instance.input}"
        if (instance.output and no_answer(instance.output, known)) or open_place(instance.input):
            return Reason("a placeholder")
        prompt, given, wanted = self._prompt(task), instance.input, instance.output
        whole = (wanted, given) if task.is_classification else (given, wanted)
        copied = echo_of("\n".join(filter(None, whole)), prompt) or (given and echo_of(given, prompt))
        return Reason("copied from the prompt", copied) if copied else None

    def _read(self, task: Task, response: Response) -> _Answer:
        cut = response.finish_reason == "length"
        strict = strictly(response.text, "instances", _keys(task)) if self.structured else None
        if strict is not None:
            wrong = [replace(item, what="instance") for item in strict if isinstance(item, Rejected)]
            return _Answer(of_json(strict, bool(task.is_classification))[0], wrong, cut=False)
        if answer := json_answer(response.text, "output", "label"):
            found, others = of_json(answer.items, bool(task.is_classification))
            others += [Rejected(answer.cut, "truncated", what="instance")] if answer.cut else []
            others += _remarks(answer.remarks)
            if found:
                return _Answer(found, others, cut=False)
        text, remarks = unwrapped(response.text)
        text, *more = _NEXT_TASK.split(text, maxsplit=1)
        remarks += [other.strip() for other in more]
        if task.is_classification:
            has_label = any(pattern.search(text) for pattern in _CLASS_LABELS)
            text = canonical_labels(text, has_label)
            found, said = inputs_first(_by_label(text))
            if found:
                return _Answer([_unbold(one) for one in found], _remarks([*remarks, *said]), cut and not more)
            text = without_headings(text, has_label)
            remarks.append(_EXAMPLE_AT_END.sub("", _by_label(text)[0]).strip())
            labelled = [
                replace(one, input=_INPUT.sub("", one.input, count=1).strip()) if _INPUT.match(one.input) else one
                for one in output_first(text)
            ]
            return _Answer(labelled, _remarks(remarks), cut and not more)
        text = text if _OUTPUT.search(text) else each_on_its_line(text)
        text = canonical(text, bool(_INPUT.search(text)), bool(_OUTPUT.search(text)), bool(_EXAMPLE.search(text)))
        before, text = _before_first(text)
        unread = [_fields(part)[2] for part in _examples(text)]
        further = [Rejected(rest, "a further instance without a heading", what="instance") for rest in unread if rest]
        return _Answer(input_first(text), further + _remarks([*remarks, before]), cut and not more)


class _Answer(NamedTuple):
    found: list[Instance]
    others: list[Rejected]
    """Instances that cannot be read, and remarks."""
    cut: bool
    """Whether the last one found breaks off."""


def _unbold(one: Instance) -> Instance:
    return Instance(without_rule(one.input), unbold(one.output))


def _keys(task: Task) -> tuple[str, str]:
    return ("class_label", "input") if task.is_classification else ("input", "output")


def _remarks(texts: Iterable[str]) -> list[Rejected]:
    return [Rejected(text, "not part of an instance", what="remark") for text in texts if text]


def input_first(text: str) -> list[Instance]:
    """Split at "Example n"; before the first "Output:" stands the input, after it the output."""
    fields = [_fields(part) for part in _examples(text)]
    return [Instance(given, without_rule(output)) for given, output, _ in fields]


def output_first(text: str) -> list[Instance]:
    """Split at "Class label:"; the first line is the label, the rest the input, which may be empty.

    In Chinese a heading above the next label, and "输入：" before an input, are no part of it; in English both stay, as
    published.
    """
    instances = []
    for part in _by_label(text)[1:]:
        wanted, _, given = _EXAMPLE_AT_END.sub("", part).strip().partition("\n")
        given = _INPUT_ZH.sub("", without_rule(given.strip())).strip()
        instances.append(Instance(given, unbold(wanted.strip())))
    return instances


def valid(instances: Sequence[Instance]) -> tuple[list[Instance], list[tuple[Instance, str]]]:
    """The instances to keep, each once, in order; and the others with the reason.

    When two have the same input (not an empty one) and different outputs, none can be trusted.
    """
    good: dict[Instance, None] = {}  # in order, as a set is not: an answer may repeat itself 10,000 times
    bad: list[tuple[Instance, str]] = []
    for instance in instances:
        reason = _fault(instance) or ("repeated instance" if instance in good else None)
        if reason:
            bad.append((instance, reason))
        else:
            good[instance] = None
    outputs = dict[str, set[str]]()
    for instance in good:
        outputs.setdefault(instance.input, set()).add(instance.output)
    if any(len(different) > 1 for given, different in outputs.items() if given):
        return [], bad + [(instance, "same input, different outputs in one task") for instance in good]
    return list(good), bad


def _fault(instance: Instance) -> str | None:
    if not instance.output:
        return "empty output"
    if instance.input == instance.output:
        return "input and output are the same"
    if instance.input.endswith((":", "：")):
        return "input ends with a colon"
    if instance.output.endswith((":", "：")):
        return "output ends with a colon"
    return None


def _before_first(text: str) -> tuple[str, str]:
    """What a teacher says before the first label, perhaps the task once more; and the text from there on.

    In English only before an "Example" with a label of its own: elsewhere it counts as an instance, as published.
    """
    first = _FIRST.search(text)
    if not first or not (first["chinese"] is not None or _EXAMPLE.match(text, first.start())):
        return "", text
    headed = first["chinese"] is not None or _OUTPUT.search(text, first.end())
    start = first.start() if headed else 0
    return text[:start].strip(), text[start:]


def _by_label(text: str) -> list[str]:
    """What stands before the first class label, and after each."""
    found = next((pattern for pattern in _CLASS_LABELS if pattern.search(text)), _CLASS_LABELS[0])
    return found.split(text)


def _examples(text: str) -> list[str]:
    """What stands after each "Example n"; without any, the whole text if there is an "Output:" in it."""
    parts = [part.strip() for part in _EXAMPLE.split(text.strip()) if part.strip()]
    return parts if _EXAMPLE.search(text.strip()) or _OUTPUT.search(text) else []


def _fields(part: str) -> tuple[str, str, str]:
    """Input, output and whatever follows a second "Input:" or "Output:", where a further instance has no heading.

    Without "Output:" all is output, but for "输入：" alone, whose output is missing.
    """
    mark = _OUTPUT.search(part) or (_OUTPUT_NUMBERED.search(part) if _INPUT.match(part) else None)
    if not mark and _INPUT_ZH.match(part):
        return _INPUT_ZH.sub("", part).strip(), "", ""
    given, start = (part[: mark.start()].strip(), mark.end()) if mark else ("", 0)
    further = [mark.start() for mark in (_INPUT.search(part, start), _OUTPUT.search(part, start)) if mark]
    end = min(further, default=len(part))
    if _INPUT.match(given):
        given = _INPUT.sub("", given, count=1).strip()
    return given, part[start:end].strip(), part[end:].strip()


def _as_text(instance: Instance) -> str:
    return f"Input: {instance.input}\nOutput: {instance.output}"
