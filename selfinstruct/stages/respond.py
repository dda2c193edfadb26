"""Respond: answer a task as any user's question would be answered (Evol-Instruct's answers, GPT-4-LLM's new ones)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import ClassVar

from selfinstruct.stages.blocks import first_input
from selfinstruct.stages.reading import plain
from selfinstruct.task import Instance, Rejected, Task
from selfinstruct.teacher import Prompt, Response

__all__ = ["Respond"]


@dataclass(frozen=True, slots=True)
class Respond:
    kind: ClassVar = "each"

    def prompt(self, tasks: Sequence[Task], rng: Random) -> Prompt:
        """The instruction and, after a blank line, the input: no word of ours, in any language."""
        parts = (tasks[0].instruction.strip(), first_input(tasks[0]).strip())
        return "\n\n".join(filter(None, parts))

    def parse(self, tasks: Sequence[Task], response: Response) -> Iterable[Task | Rejected]:
        """The task with the answer as the output of its one instance. An answer cut by length is thrown away."""
        answer = plain(response.text).strip()
        if response.finish_reason == "length":
            yield Rejected(response.text, "truncated", what="answer")
        elif not answer:
            yield Rejected(response.text, "no answer", what="answer")
        else:
            yield replace(tasks[0], turns=(), instances=(Instance(first_input(tasks[0]), answer),))
