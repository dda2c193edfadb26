"""Instances: write inputs and outputs for an instruction (Self-Instruct, 2212.10560, section 3.3).

Input-first for most tasks; output-first (label, then an input that deserves it) for classification, because a teacher
that writes inputs first gives nearly all of them the same label.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from random import Random

from selfinstruct.stages.reading import EMPHASIS, plain, prompt_text, unfenced
from selfinstruct.task import Instance, Rejected, Task
from selfinstruct.teacher import Prompt, Response

__all__ = ["Instances", "input_first", "output_first", "valid"]

# Labels count at the start of a line only, so that "Example" or "Output" inside a sentence does not split it.
_EXAMPLE = re.compile(rf"^{EMPHASIS}Example\s?\d*\.?(?![^\S\n]*[a-z])[ \t]*:?[*_]{{0,3}}", re.MULTILINE)
_OUTPUT = re.compile(rf"^{EMPHASIS}Output\s*\d*\s*:[*_]{{0,3}}", re.MULTILINE)
_INPUT = re.compile(rf"^{EMPHASIS}Input\s*\d*\s*:[*_]{{0,3}}", re.MULTILINE)
_CLASS_LABEL = re.compile(rf"^{EMPHASIS}Class label:[*_]{{0,3}}", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Instances:
    most: int = 5
    """How many instances a task may have."""

    def prompt(self, tasks: Sequence[Task], rng: Random) -> Prompt:
        text = prompt_text("output_first" if tasks[0].is_classification else "input_first")
        return text.replace("{instruction}", " ".join(tasks[0].instruction.split()))

    def parse(self, tasks: Sequence[Task], response: Response) -> Iterable[Task | Rejected]:
        """The task with its instances, and each instance that is dropped. None left: the task is rejected."""
        read = output_first if tasks[0].is_classification else input_first
        found = read(unfenced(plain(response.text)))
        if not found:
            yield Rejected(response.text, "no instance in the answer", task=tasks[0].id)
            return
        # The instance that was being written when the answer was cut is incomplete.
        cut = found.pop() if response.finish_reason == "length" else None
        good, bad = valid(found)
        bad += [(instance, f"more than {self.most} instances") for instance in good[self.most :]]
        bad += [(cut, "truncated")] if cut else []
        for instance, reason in bad:
            yield Rejected(_as_text(instance), reason, what="instance", task=tasks[0].id)
        if good:
            yield replace(tasks[0], instances=tuple(good[: self.most]))
        else:
            yield Rejected(response.text, "no instance left", task=tasks[0].id)


def input_first(text: str) -> list[Instance]:
    """Split at "Example n"; before the first "Output:" stands the input, after it the output."""
    text = text.strip()
    if _EXAMPLE.search(text):
        return [_input_and_output(part) for part in _EXAMPLE.split(text) if part.strip()]
    return [_input_and_output(text)] if _OUTPUT.search(text) else []


def output_first(text: str) -> list[Instance]:
    """Split at "Class label:"; the first line is the label, the rest the input, which may be empty."""
    instances = []
    for part in _CLASS_LABEL.split(text)[1:]:
        label, _, given = part.strip().partition("\n")
        instances.append(Instance(given.strip(), label.strip()))
    return instances


def valid(instances: Sequence[Instance]) -> tuple[list[Instance], list[tuple[Instance, str]]]:
    """The instances to keep, each once, in order; and the others with the reason.

    When two have the same input (not an empty one) and different outputs, none can be trusted.
    """
    good: list[Instance] = []
    bad: list[tuple[Instance, str]] = []
    for instance in instances:
        reason = _fault(instance) or ("repeated instance" if instance in good else None)
        if reason:
            bad.append((instance, reason))
        else:
            good.append(instance)
    outputs = dict[str, set[str]]()
    for instance in good:
        outputs.setdefault(instance.input, set()).add(instance.output)
    if any(len(different) > 1 for given, different in outputs.items() if given):
        return [], bad + [(instance, "same input, different outputs in one task") for instance in good]
    return good, bad


def _fault(instance: Instance) -> str | None:
    if not instance.output:
        return "empty output"
    if instance.input == instance.output:
        return "input and output are the same"
    if instance.input.endswith(":"):
        return "input ends with a colon"
    if instance.output.endswith(":"):
        return "output ends with a colon"
    return None


def _input_and_output(part: str) -> Instance:
    before, *after = _OUTPUT.split(part.strip(), maxsplit=2)
    if not after:
        before, after = "", [before]
    # A teacher that goes on with a further input, without a heading, has begun another instance.
    output = _INPUT.split(after[0], maxsplit=1)[0]
    given = _INPUT.sub("", before.strip(), count=1) if _INPUT.match(before.strip()) else before
    return Instance(given.strip(), output.strip())


def _as_text(instance: Instance) -> str:
    return f"Input: {instance.input}\nOutput: {instance.output}"
