"""Rewrite: a passage made into the answer that an assistant would give (2408.04614, section 2.3)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from random import Random
from typing import ClassVar

from selfinstruct.stages.prompting import check_prompts, filled, prompt_of
from selfinstruct.stages.reading.lone_text import lone_text
from selfinstruct.stages.reading.passages import passage_of, without_passage
from selfinstruct.task import Instance, Rejected, Task
from selfinstruct.teacher import Prompt, Response
from selfinstruct.text.later import later
from selfinstruct.text.markers import ends_itself
from selfinstruct.text.standalone import not_said, points_to_text

__all__ = ["Rewrite"]

_LABEL = later(
    r"\A[#*_ \t\[【]*(?:(?:rewritten|revised|new|final|improved)[ \t]+)?"
    r"(?:answer|response|reply|(?:改写后?的?)?(?:回答|答案|回复))"
    r"[\]】*_]{0,4}[ \t]*(?:[:：][*_]{0,3}|(?<=[\]】*])[ \t]*\n)\s*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Rewrite:
    kind: ClassVar = "each"
    single: ClassVar = True
    reads: ClassVar = "passage"
    expected: ClassVar = 350
    prompts: ClassVar = {"text": "rewrite"}
    language: str = "en"
    """Of the prompt; answers are read in either."""
    text: str = ""
    """A prompt of one's own, with the same places as ours; "" is ours. In a recipe: `prompt: FILE`."""

    def __post_init__(self) -> None:
        check_prompts(self)

    def settled(self, task: Task) -> list[Task | Rejected] | None:
        return without_passage(task)

    def prompt(self, tasks: tuple[Task, ...], rng: Random) -> Prompt:
        return filled(prompt_of(self), instruction=tasks[0].instruction, passage=passage_of(tasks[0]))

    def parse(self, tasks: tuple[Task, ...], response: Response) -> Iterable[Task | Rejected]:
        """The task with the new answer in the place of the passage; or why it is none."""
        task = tasks[0]
        text, remarks = lone_text(response.text, _LABEL)
        if response.finish_reason == "length" and not ends_itself(response.text):
            yield Rejected(response.text, "truncated", what="answer")
        elif not re.search(r"\w", text):
            yield Rejected(response.text, "no answer", what="answer")
        elif found := not_said(text):
            yield Rejected(response.text, "not in the passage", found, what="answer")
        elif found := points_to_text(text[:300]):
            yield Rejected(response.text, "speaks of the passage", found, what="answer")
        else:
            yield from (Rejected(one, "not part of the answer", what="remark") for one in remarks if one.strip())
            yield replace(task, instances=(Instance("", text),))
