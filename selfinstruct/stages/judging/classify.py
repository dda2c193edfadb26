"""Classify: has the task a finite set of output labels? (Self-Instruct, 2212.10560, section 3.2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from random import Random
from typing import Any, ClassVar

from selfinstruct.stages.prompting import check_prompts, filled, prompt_of
from selfinstruct.stages.reading.grades import value_in_json
from selfinstruct.stages.reading.plain import one_line, plain
from selfinstruct.stages.reading.verdicts import UNREADABLE, yes_in_verdict
from selfinstruct.task import Rejected, Task
from selfinstruct.teacher import Prompt, Response
from selfinstruct.text.refusals import is_refusal

__all__ = ["Classify"]

NAME = "classification"


@dataclass(frozen=True, slots=True)
class Classify:
    """Few-shot with 12 classification and 19 other tasks, as many as were published; the tasks are our own."""

    kind: ClassVar = "each"
    continues: ClassVar = "prefill"
    prompts: ClassVar = {"text": "classify"}
    language: str = "en"
    """Of the prompt; answers are read in either."""
    text: str = ""
    """A prompt of one's own, with the same places as ours; "" is ours. In a recipe: `prompt: FILE`."""
    structured: bool = False
    """Ask for the verdict as JSON by a schema, where the server can: {"classification": true}."""
    only: bool = False
    """Whether what is no classification is dropped."""

    def __post_init__(self) -> None:
        check_prompts(self)

    def prompt(self, tasks: tuple[Task, ...], rng: Random) -> Prompt:
        return filled(prompt_of(self), instruction=one_line(tasks[0].instruction))

    def schema(self, tasks: tuple[Task, ...]) -> dict[str, Any] | None:
        """{"classification": true}; None unless `structured`."""
        if not self.structured:
            return None
        properties = {NAME: {"type": "boolean"}}
        return {"type": "object", "properties": properties, "required": [NAME], "additionalProperties": False}

    def parse(self, tasks: tuple[Task, ...], response: Response) -> Iterable[Task | Rejected]:
        """Yes in any case and width means yes, whatever follows it, as published. The task as it was, and a remark,
        where the answer is neither yes nor no.
        """
        text = plain(response.text)
        if not text.strip():
            # Nothing, or thoughts that max_tokens cut off: that is no "no".
            yield Rejected(response.text, "no answer")
            return
        if is_refusal(text):  # nor is a refusal
            yield Rejected(response.text, "refusal")
            return
        verdict = self._verdict(text, cut=response.finish_reason == "length")
        if self.only and not verdict:
            yield Rejected(response.text, "no classification" if verdict is False else UNREADABLE)
            return
        if verdict is None:
            yield Rejected(response.text, UNREADABLE, NAME, what="remark")
        yield tasks[0] if verdict is None else replace(tasks[0], is_classification=verdict)

    def _verdict(self, text: str, *, cut: bool) -> bool | None:
        if self.structured:
            is_json, value = value_in_json(text, (NAME,), strict=True)
            if is_json:
                return value if isinstance(value, bool) else None
        return yes_in_verdict(text, cut=cut)
