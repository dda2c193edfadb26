"""Curate: is a row a good example of how an assistant answers? On a scale of five (Humpback, 2308.06259)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from random import Random
from typing import Any, ClassVar

from selfinstruct.errors import UsageError
from selfinstruct.stages.judging.ground import NOT_JUDGED, why_in
from selfinstruct.stages.prompting import check_prompts, filled, prompt_of
from selfinstruct.stages.reading.blocks import block
from selfinstruct.stages.reading.grades import as_said, value_in_json
from selfinstruct.stages.reading.passages import passage_of
from selfinstruct.stages.reading.plain import plain
from selfinstruct.stages.reading.verdicts import number_in_verdict
from selfinstruct.task import Rejected, Task
from selfinstruct.teacher import Prompt, Response
from selfinstruct.text.later import later

__all__ = ["Curate"]

HIGHEST = 5

_OF_FIVE = later(
    r"(?<![\d.])(?P<number>[1-5](?:\.\d)?)\s*+分?+\s*+(?:points?\s*+)?+(?:/|⁄|out\s+of|of)\s*+(?:a\s+(?:possible\s+)?)?"
    r"(?:5|five)(?:\.0)?(?!\d|[/.]\d)",
    re.IGNORECASE,
)
_SCALE = later(
    r"\(?(?:满分|总分)(?:为|是|[:：])?\s*+(?:5|五)\s*+分?\)?|(?:5|五)\s*+分制"
    r"|\(?\b(?:(?:on|in|using)\s++)?(?:(?:an?|the)\s++)?(?:scale|range)\s++(?:(?:of|from)\s++)?1\s*+(?:to|[-–—])\s*+5\b\)?"
    r"|\(?\b1\s*+(?:to|[-–—])\s*+5\b\)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Curate:
    kind: ClassVar = "each"
    single: ClassVar = True
    expected: ClassVar = 30
    prompts: ClassVar = {"text": "curate"}
    least: float = 4
    """The number, from 1 to 5, from which on a row is kept; the number is kept with it, as `quality`."""
    language: str = "en"
    """Of the prompt; answers are read in either."""
    text: str = ""
    """A prompt of one's own, with the same places as ours; "" is ours. In a recipe: `prompt: FILE`."""
    structured: bool = False
    """Ask for the number as JSON by a schema, where the server can: {"quality": 4}."""

    def __post_init__(self) -> None:
        if not 1 <= self.least <= HIGHEST:
            raise UsageError(f"curate: least is {self.least:g}; it is the number from which on rows are kept, 1 to 5")
        check_prompts(self)

    def prompt(self, tasks: tuple[Task, ...], rng: Random) -> Prompt:
        task = tasks[0]
        answer = task.instances[0].output.strip() if task.instances else passage_of(task)
        return filled(prompt_of(self), task=block(task, self.language), answer=answer)

    def schema(self, tasks: tuple[Task, ...]) -> dict[str, Any] | None:
        """{"quality": 4}; None unless `structured`."""
        if not self.structured:
            return None
        number = {"type": "integer", "enum": list(range(1, HIGHEST + 1))}
        return {
            "type": "object",
            "properties": {"quality": number},
            "required": ["quality"],
            "additionalProperties": False,
        }

    def parse(self, tasks: tuple[Task, ...], response: Response) -> Iterable[Task | Rejected]:
        """The task with its number; or why it is out: too low, or not to be read."""
        task, said = tasks[0], plain(response.text)
        number = _number(said, cut=response.finish_reason == "length")
        output = task.instances[0].output if task.instances else ""
        if number is None:
            yield Rejected(output, NOT_JUDGED, why_in(said), instances=task.instances)
        elif number < self.least:
            yield Rejected(output, "quality", f"{number:g}: {why_in(said)}", instances=task.instances)
        else:
            yield replace(task, extra=task.extra | {"quality": number})


def _number(text: str, *, cut: bool) -> float | None:
    """The number from 1 to 5; None where there is none to be read."""
    is_json, value = value_in_json(text, ("quality", "score", "rating", "number", "分数", "评分"))
    if is_json:
        text = str(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else ""
    text = _SCALE.sub(" ", _OF_FIVE.sub(lambda found: found["number"], as_said(text)))
    return number_in_verdict(text, high=HIGHEST, cut=cut)
