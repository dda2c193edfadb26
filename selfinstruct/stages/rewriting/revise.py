"""Revise: the answer written anew after a critique, the first one kept beside it (Constitutional AI, 2212.08073).

The task's answer is the revised one; `revisions` has the answers before, in their order, each with the principle and
the critique that it was revised for. Formats of comparisons make a pair of the first and the last.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from random import Random
from typing import Any, ClassVar

from selfinstruct.stages.prompting import check_prompts, filled, prompt_of
from selfinstruct.stages.reading.blocks import first_input
from selfinstruct.stages.reading.plain import one_line
from selfinstruct.stages.reading.revised import mentions_critique, revised_in
from selfinstruct.task import Instance, Message, Rejected, Task
from selfinstruct.teacher import Prompt, Response
from selfinstruct.text.seams import is_blank

__all__ = ["Revise", "answer_of", "asked_of", "given_up", "revisions_of"]


@dataclass(frozen=True, slots=True)
class Revise:
    kind: ClassVar = "each"
    single: ClassVar = True
    prompts: ClassVar = {"text": "revise"}
    language: str = "en"
    """Of the prompt; answers are read in either."""
    text: str = ""
    """A prompt of one's own, with the same places as ours; "" is ours. In a recipe: `prompt: FILE`."""

    def __post_init__(self) -> None:
        check_prompts(self)

    def settled(self, task: Task) -> list[Task] | None:
        """Nothing is to be done where nothing was criticised."""
        return None if _pending(task) else [task]

    def prompt(self, tasks: tuple[Task, ...], rng: Random) -> Prompt:
        task = tasks[0]
        principle, critique = _pending(task) or ("", "")
        shown = {"task": asked_of(task), "answer": answer_of(task).strip()}
        return filled(prompt_of(self), principle=principle, critique=critique, **shown)

    def parse(self, tasks: tuple[Task, ...], response: Response) -> Iterable[Task | Rejected]:
        """The task with its new answer, the one before among its revisions. What says the same as before changes
        nothing; what cannot be used is the end of a task that was never revised, and a remark on any other.
        """
        task, old = tasks[0], answer_of(tasks[0])
        principle, critique = _pending(task) or ("", "")
        before = replace(task, extra={key: value for key, value in task.extra.items() if key != "critique"})
        new, remarks = revised_in(response.text, old)
        if response.finish_reason == "length":
            yield from given_up(before, response.text, "truncated")
        elif is_blank(new):
            yield from given_up(before, response.text, "no answer")
        elif one_line(new) == one_line(old):
            yield Rejected(response.text, "unchanged", principle, what="remark")
            yield before
        elif leaked := mentions_critique(new, asked_of(task), old):
            yield from given_up(before, response.text, "speaks of the critique", leaked)
        else:
            yield from (Rejected(remark, "not part of the answer", what="remark") for remark in remarks)
            made = {"answer": old, "principle": principle, "critique": critique}
            yield _answered(replace(before, extra=before.extra | {"revisions": [*revisions_of(task), made]}), new)


def given_up(task: Task, text: str, category: str, detail: str = "") -> Iterable[Task | Rejected]:
    """What becomes of a task whose critique or revision cannot be used. One that was revised before stays as it is; a
    first answer that nobody has looked at is not let through.
    """
    if revisions_of(task):
        yield Rejected(text, category, detail, what="remark")
        yield task
    else:
        yield Rejected(text, category, detail, what="answer")


def revisions_of(task: Task) -> list[dict[str, Any]]:
    """The answers before, each with what it was revised for."""
    found = task.extra.get("revisions")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def answer_of(task: Task) -> str:
    """What is looked at: the last answer of a conversation, or the output of the one instance."""
    if task.turns:
        last = task.turns[-1]
        return last["content"] if last["role"] == "assistant" else ""
    return task.instances[0].output if task.instances else ""


def asked_of(task: Task) -> str:
    """What it answers: instruction and input; of a conversation all that was said before, each after who said it."""
    turns = task.turns[:-1] if task.turns and task.turns[-1]["role"] == "assistant" else task.turns
    if len(turns) > 1:
        return "\n".join(f"{turn['role']}: {turn['content']}" for turn in turns)
    if turns:
        return turns[0]["content"].strip()
    return "\n\n".join(filter(None, (task.instruction.strip(), first_input(task).strip())))


def _answered(task: Task, answer: str) -> Task:
    if task.turns:
        return replace(task, turns=(*task.turns[:-1], Message(role="assistant", content=answer)))
    return replace(task, instances=(Instance(first_input(task), answer),))


def _pending(task: Task) -> tuple[str, str] | None:
    """The principle and the critique that the answer is to be revised for."""
    match task.extra.get("critique"):
        case {"principle": str(principle), "text": str(text)} if text:
            return principle, text
    return None
