"""Translate: put a task into another language, so that a teacher can answer it there (GPT-4-LLM, 2304.03277).

The instruction and its input are translated, and the old answer is left out; of a conversation all turns up to the last
question. What is in that language already is not asked about.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from random import Random
from typing import Any, ClassVar

from selfinstruct.errors import UsageError, quoted
from selfinstruct.stages.prompting import LANGUAGES, asked_as_json, check_prompts, filled, prompt_of
from selfinstruct.stages.reading.blocks import first_input
from selfinstruct.stages.reading.json_answers import schema_of
from selfinstruct.stages.reading.plain import unwrapped
from selfinstruct.stages.reading.translated import fault_of, is_in, tagged, translated
from selfinstruct.task import Instance, Rejected, Task
from selfinstruct.teacher import Prompt, Response
from selfinstruct.text.language_names import Named, named_language
from selfinstruct.text.refusals import is_refusal
from selfinstruct.text.scripts import CODES

__all__ = ["Translate"]


@dataclass(frozen=True, slots=True)
class Translate:
    kind: ClassVar = "each"
    single: ClassVar = True
    prompts: ClassVar = {"text": "translate"}
    to: str = "zh"
    """The language: a code (zh, de, pt-BR) or a name in any language that we know (German, 德语, Deutsch). Another
    name is put to the teacher as it stands; whether it wrote in that language cannot be told then."""
    language: str = "en"
    """Of the prompt. Where we have none in the recipe's language, it is English."""
    text: str = ""
    """A prompt of one's own, with the same places as ours; "" is ours. In a recipe: `prompt: FILE`."""
    structured: bool = False
    """Ask for the texts as JSON by a schema, where the server can: {"instruction": "…", "input": "…"}."""

    def __post_init__(self) -> None:
        if self.language not in LANGUAGES and not self.text:
            object.__setattr__(self, "language", "en")
        check_prompts(self)
        if not self.to.strip() or named_language(self.to) is None:
            raise UsageError(
                f"translate: to is {quoted(self.to)}; it is a language by its name, like German, or one of these "
                f"codes: {' '.join(CODES)}"
            )

    @property
    def _target(self) -> Named:
        found = named_language(self.to)
        assert found
        return found

    def settled(self, task: Task) -> list[Task | Rejected] | None:
        """A task in the language already is as it was; one with calls of tools is not translated."""
        if any(turn["role"] == "tool" or turn.get("tool_calls") for turn in task.turns):
            return [Rejected(task.instruction, "calls of tools", "translate does not touch them")]
        if not any(part.strip() for part in _parts(task).values()):
            return [Rejected(task.instruction, "nothing to translate")]
        return [task] if is_in(task.instruction, self._target) else None

    def prompt(self, tasks: tuple[Task, ...], rng: Random) -> Prompt:
        target = self._target
        name = target.zh if self.language == "zh" else target.en
        text = filled(prompt_of(self), to=name, task=tagged(_parts(tasks[0])))
        return asked_as_json("json_translate", self.language, text) if self.structured else text

    def schema(self, tasks: tuple[Task, ...]) -> dict[str, Any] | None:
        """{"instruction": text, "input": text}, as far as the task has them; None unless `structured`."""
        one: dict[str, Any] = schema_of("tasks", tuple(_parts(tasks[0])))["properties"]["tasks"]["items"]
        return one if self.structured else None

    def parse(self, tasks: tuple[Task, ...], response: Response) -> Iterable[Task | Rejected]:
        """The task in the other language, without an answer, and what is said around the translation, as remarks. One
        that was answered instead, is in no other language, or lost something that it had to keep, is thrown away.
        """
        task = tasks[0]
        parts = _parts(task)
        said, remarks = translated(response.text, parts, strict=self.structured)
        if response.finish_reason == "length":
            yield Rejected(response.text, "truncated", what="answer")
        elif not said and is_refusal(unwrapped(response.text)[0]):
            yield Rejected(response.text, "refusal", what="answer")
        elif fault := fault_of(parts, said, self._target):
            yield Rejected(response.text, fault.category, fault.detail, what="answer")
        else:
            yield _with(task, said)
            yield from (Rejected(remark, "not part of the translation", what="remark") for remark in remarks)


def _parts(task: Task) -> dict[str, str]:
    """The texts to be translated, by the names of their tags: instruction and input, or turn_1, turn_2 …"""
    last = max((place for place, turn in enumerate(task.turns) if turn["role"] == "user"), default=-1)
    if last >= 0:
        turns = task.turns[: last + 1]
        return {f"turn_{place}": turn["content"] for place, turn in enumerate(turns, 1)}
    given = first_input(task)
    return {"instruction": task.instruction} | ({"input": given} if given.strip() else {})


def _with(task: Task, said: dict[str, str]) -> Task:
    """The task with these texts in place of its own, and nothing that speaks of the old answer."""
    extra = {key: value for key, value in task.extra.items() if key not in ("input", "text", "output")}
    bare = replace(task, judged=(), extra=extra)
    if "instruction" in said:
        given = said.get("input", "")
        return replace(
            bare, instruction=said["instruction"], turns=(), instances=(Instance(given, ""),) if given else ()
        )
    turns = tuple({**task.turns[int(name[5:]) - 1], "content": text} for name, text in said.items())
    kept = [{key: value for key, value in turn.items() if key != "thoughts"} for turn in turns]
    first = next((turn["content"] for turn in turns if turn["role"] == "user"), task.instruction)
    return replace(bare, instruction=first, turns=tuple(kept), instances=())  # type: ignore[arg-type]
