"""Critique: where does an answer fall short of a principle, one drawn of a list (Constitutional AI, 2212.08073)?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, ClassVar

import yaml

from selfinstruct.errors import UsageError
from selfinstruct.stages.prompting import FOLDER, check_prompts, filled, prompt_of
from selfinstruct.stages.reading.revised import critique_in, finds_nothing
from selfinstruct.stages.rewriting.revise import answer_of, asked_of, given_up, revisions_of
from selfinstruct.task import Rejected, Task
from selfinstruct.teacher import Prompt, Response
from selfinstruct.text.refusals import is_refusal
from selfinstruct.text.seams import is_blank

__all__ = ["Critique", "principles", "read_principles"]

LARGEST = 1_000_000
"""Bytes of a file of principles."""


@cache
def principles(language: str) -> tuple[str, ...]:
    """Our own, in that language or else in English."""
    loaded = yaml.safe_load((FOLDER / "principles.yaml").read_text(encoding="utf-8"))
    return tuple(loaded.get(language, loaded["en"]))


def read_principles(path: str) -> str:
    """The principles of a file, one on each line, without empty lines and those that begin with #. A text of several
    lines holds them already, and "" none. Raises UsageError.
    """
    if not path:
        return ""
    text = path
    if "\n" not in path:
        file = Path(path)
        try:
            if file.stat().st_size > LARGEST:
                raise UsageError(f"{path} has {file.stat().st_size:,} bytes: principles are at most {LARGEST:,}")
            text = file.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError:
            raise UsageError(f"{path} is not UTF-8 text: principles are a text with one on each line") from None
        except (OSError, ValueError) as error:
            raise UsageError(
                f"cannot read the principles {path}: {getattr(error, 'strerror', None) or error}"
            ) from None
    if not (lines := _lines(text)):
        raise UsageError(f"there are no principles in {path.strip()[:60]!r}: write one on each line")
    return "".join(f"{line}\n" for line in lines)


def _lines(text: str) -> list[str]:
    lines = (line.strip().removeprefix("- ").strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


@dataclass(frozen=True, slots=True)
class Critique:
    kind: ClassVar = "each"
    single: ClassVar = True
    prompts: ClassVar = {"text": "critique"}
    files: ClassVar = {"principles": read_principles}
    principles: str = ""
    """In a recipe, a file with one on each line; "" is our own sixteen."""
    language: str = "en"
    """Of the prompt and our principles; answers are read in either."""
    text: str = ""
    """A prompt of one's own, with the same places as ours; "" is ours. In a recipe: `prompt: FILE`."""

    def __post_init__(self) -> None:
        check_prompts(self)

    def settled(self, task: Task) -> list[Task | Rejected] | None:
        return [Rejected(task.instruction, "no answer")] if is_blank(answer_of(task)) else None

    def prepare(self, task: Task, rng: Random, round: int) -> Task:
        """With a principle that this answer was not looked at by before, as long as there are any."""
        every = _lines(self.principles) or list(principles(self.language))
        used = {one.get("principle") for one in (*revisions_of(task), *_passed(task))}
        drawn = rng.choice([one for one in every if one not in used] or every)
        return replace(task, extra=task.extra | {"critique": {"principle": drawn, "text": ""}})

    def prompt(self, tasks: tuple[Task, ...], rng: Random) -> Prompt:
        task = tasks[0]
        return filled(prompt_of(self), task=asked_of(task), answer=answer_of(task).strip(), principle=_drawn(task))

    def parse(self, tasks: tuple[Task, ...], response: Response) -> Iterable[Task | Rejected]:
        """The task with the critique that it is to be revised by; or as it was, with a remark, where there is none."""
        task, critique = tasks[0], critique_in(response.text)
        before = replace(task, extra={key: value for key, value in task.extra.items() if key != "critique"})
        if response.finish_reason == "length":
            yield from given_up(before, response.text, "truncated")
        elif is_blank(critique):
            yield from given_up(before, response.text, "no critique")
        elif finds_nothing(critique):
            yield Rejected(response.text, "nothing to criticise", _drawn(task), what="remark")
            passed = [*_passed(task), {"principle": _drawn(task)}]
            yield replace(before, extra=before.extra | {"passed": passed})
        elif is_refusal(critique):
            yield from given_up(before, response.text, "refusal")
        else:
            made = {"principle": _drawn(task), "text": critique}
            yield replace(task, extra=task.extra | {"critique": made})


def _drawn(task: Task) -> str:
    pending = task.extra.get("critique")
    return str(pending.get("principle", "")) if isinstance(pending, dict) else ""


def _passed(task: Task) -> list[dict[str, Any]]:
    """The principles by which nothing was found."""
    found = task.extra.get("passed")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
