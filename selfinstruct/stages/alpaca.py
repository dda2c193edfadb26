"""Alpaca: whole tasks in one step, instruction, input and output (Stanford Alpaca, 2023; REFERENCE: "Alpaca")."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random
from typing import ClassVar

from selfinstruct.stages.reading import EMPHASIS, RULE_AT_END, prompt_text, unbold, unwrapped
from selfinstruct.task import Instance, Rejected, Task
from selfinstruct.teacher import Prompt, Response

__all__ = ["Alpaca"]

# "5. Instruction:", and as chat models write it: "**5. Instruction:**", "5) Instruction:", "### Task 5", "- Input:".
_FIELD = re.compile(
    rf"^{EMPHASIS}(?:(?P<number>Task[ \t]+\d+|\d+(?=\s*[.)]))\s*+[.):]?[*_]{{0,3}}\s*+{EMPHASIS})?"
    r"(?P<name>Instruction|Input|Output)[*_]{0,3}\s*:[*_]{0,3}",
    re.MULTILINE,
)
_SEPARATOR = re.compile(r"(?:^|(?<=\s))#{3,}[ \t]*(?=\n|$)")
_NO_INPUT = re.compile(r"[`'\"*(]*<no[ _-]?input>[`'\"*).]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Alpaca:
    kind: ClassVar = "grow"
    per_answer: ClassVar[int] = 17
    """Tasks that a whole answer has, for the estimate of --dry-run: 20 less the three shown."""

    def prompt(self, tasks: Sequence[Task], rng: Random) -> Prompt:
        """The requirements, the tasks shown with their first instance, and the number of the first one to write."""
        blocks = [_block(number, task) for number, task in enumerate(tasks, 1)]
        return "\n###\n".join(
            [f"{prompt_text('alpaca')}\n\n{blocks[0]}", *blocks[1:], f"{len(tasks) + 1}. Instruction:"]
        )

    def parse(self, tasks: Sequence[Task], response: Response) -> Iterable[Task | Rejected]:
        """The tasks whose three fields are all there, in order; when the answer was cut by length, not the last."""
        text, remarks = unwrapped(response.text)
        if not text.strip():
            yield Rejected(response.text, "no task in the answer", what="answer")
            return
        first = _FIELD.search(text)
        if first and first["name"] == "Instruction":
            # A chat model begins anew, perhaps with a greeting; else the answer goes on after "4. Instruction:".
            remarks.append(text[: first.start()].strip())
            text = text[first.start() :]
        else:
            text = f"{len(tasks) + 1}. Instruction:{text}"
        segments = _SEPARATOR.split(text)
        blocks = [block for segment in segments for block in _blocks(segment)]
        if response.finish_reason == "length" and segments[-1].strip():
            yield Rejected(blocks.pop().strip(), "truncated")
        yield from (_task(block) for block in blocks)
        yield from (Rejected(remark, "not part of the list", what="remark") for remark in remarks if remark)


def _blocks(segment: str) -> Iterator[str]:
    """What lies between two separators, cut once more before each further instruction: some teachers forget them."""
    starts = [mark for mark in _FIELD.finditer(segment) if mark["name"] == "Instruction"]
    numbered = [mark for mark in starts if mark["number"]]
    edges = [0, *(mark.start() for mark in (numbered or starts)), len(segment)]
    yield from (segment[start:end] for start, end in pairwise(edges) if segment[start:end].strip())


def _task(block: str) -> Task | Rejected:
    marks = list(_FIELD.finditer(block))
    number = marks[0]["number"] if marks else None
    # A list inside an output has numbers of its own: only fields with the block's number count, if it has one.
    own = [mark for mark in marks if mark["number"] == number]
    if len(own) == 1:
        own = marks[:1] + [mark for mark in marks[1:] if not mark["number"]]
    ends = [mark.start() for mark in own[1:]] + [len(block)]
    fields = {mark["name"]: block[mark.end() : end].strip() for mark, end in zip(own, ends, strict=False)}
    if len(own) != 3 or len(fields) != 3:
        found = ", ".join(mark["name"] for mark in own) or "none"
        return Rejected(block.strip(), f"not the three fields of a task (found: {found})")
    given = "" if _NO_INPUT.fullmatch(fields["Input"]) else fields["Input"]
    return Task("", unbold(fields["Instruction"]), (Instance(given, _closed(fields["Output"])),))


def _closed(output: str) -> str:
    """The output without a rule that parts it from the next task, or the end of a code fence around the whole list."""
    output = RULE_AT_END.sub("", output)
    return output[:-3].rstrip() if output.endswith("```") and output.count("```") % 2 else output


def _block(number: int, task: Task) -> str:
    instance = task.instances[0] if task.instances else Instance("", "")
    instruction = " ".join(task.instruction.split()).rstrip(":")
    fields = {"Instruction": instruction, "Input": instance.input or "<noinput>", "Output": instance.output}
    return "\n".join(f"{number}. {name}: {text}" for name, text in fields.items())
