"""Respond: answer a task as any user's question would be answered (Evol-Instruct's answers, GPT-4-LLM's new ones).

Of a conversation the last answer is written anew, after all that was said before it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from random import Random
from typing import ClassVar, cast

from selfinstruct.errors import UsageError
from selfinstruct.stages.prompting import filled, places, prompt_text
from selfinstruct.stages.reading.blocks import first_input
from selfinstruct.task import OWN_KEYS, Instance, Message, Rejected, Task
from selfinstruct.teacher import Prompt, Response
from selfinstruct.text.answering import asked_in
from selfinstruct.text.markers import ends_itself, parted
from selfinstruct.text.seams import is_blank

__all__ = ["Respond", "sent"]


@dataclass(frozen=True, slots=True)
class Respond:
    kind: ClassVar = "each"
    single: ClassVar = True
    prompts: ClassVar = {"text": ""}
    later: ClassVar = ("former",)
    text: str = ""
    """A prompt of one's own, with the place {instruction} and perhaps {input}; "" is the two and no word of ours, in
    any language. In a recipe: `prompt: FILE`."""

    keep_thoughts: bool = False
    """Whether what a reasoning model thought is kept with its answer, for data that teaches to reason. The journal has
    it in any case."""
    steps: bool = False
    """Ask for the way to the result: below the task stands the sentence of prompts/LANGUAGE/steps.txt, in Chinese under
    a task in Chinese, else in English. The task that is kept is without it."""

    former: str = ""
    """A key under which the answer that the task had before is kept, such as "reference", to check the new one by it;
    "" keeps none. What a row has under that key already stays."""

    def __post_init__(self) -> None:
        if self.former in OWN_KEYS:
            raise UsageError(f"former is {self.former!r}, which every row has: give the old answer a key of its own")
        here = places(self.text)
        if self.text and ("instruction" not in here or set(here) - {"instruction", "input"}):
            found = ", ".join(f"{{{place}}}" for place in here) or "none"
            raise UsageError(
                f"the prompt {self.text[:40]!r}… has the places {found}; it needs {{instruction}}, and "
                "{input} if it shows the input"
            )

    def prompt(self, tasks: tuple[Task, ...], rng: Random) -> Prompt:
        """The instruction and, after a blank line, the input; or the two in one's own text. A conversation as it is, up
        to its last question.
        """
        said = _asked(tasks[0])
        if len(said) > 1:
            own = filled(self.text, instruction=said[-1]["content"].strip(), input="") if self.text else ""
            last = own.strip() or said[-1]["content"]
            return (*said[:-1], {**said[-1], "content": self._with_steps(last, last)}) if own or self.steps else said
        parts = (tasks[0].instruction.strip(), first_input(tasks[0]).strip())
        own = filled(self.text, instruction=parts[0], input=parts[1]).strip() if self.text else ""
        return self._with_steps(own or "\n\n".join(filter(None, parts)), parts[0])

    def _with_steps(self, text: str, instruction: str) -> str:
        """The text, and under it what asks for the steps."""
        chinese = asked_in(instruction) == "zh"
        return f"{text}\n\n{prompt_text('steps', 'zh' if chinese else 'en')}" if self.steps else text

    def parse(self, tasks: tuple[Task, ...], response: Response) -> Iterable[Task | Rejected]:
        """The task with the answer as the output of its one instance, or as the last turn of a conversation; and with
        what the teacher thought, when that is kept. An answer cut by length is thrown away, and thoughts are no answer.
        """
        task = self.keeping(tasks[0])
        text = response.text.replace("\r\n", "\n").replace("\r", "\n")
        answer, found = parted(text)
        answer, thoughts = answer.strip(), ""
        if self.keep_thoughts:
            thoughts = "\n\n".join(filter(None, (response.thoughts.strip(), found)))
        if response.finish_reason == "length" and not ends_itself(text):
            yield Rejected(response.text, "truncated", what="answer")
        elif is_blank(answer):
            yield Rejected(response.text, "no answer", what="answer")
        elif len(_asked(task)) > 1:
            said = Message(role="assistant", content=answer)
            turn: Message = {**said, "thoughts": thoughts} if thoughts else said
            yield replace(task, turns=(*task.turns[: len(_asked(task))], turn), instances=(), judged=())
        else:
            yield replace(task, turns=(), judged=(), instances=(Instance(first_input(task), answer, thoughts),))

    def keeping(self, task: Task) -> Task:
        """The task with its old answer under the key for it."""
        if not self.former or self.former in task.extra:
            return task
        old = task.turns[-1]["content"] if task.turns and task.turns[-1]["role"] == "assistant" else ""
        old = task.instances[0].output if task.instances else old
        return replace(task, extra=task.extra | {self.former: old}) if old.strip() else task


SENT = ("role", "content", "tool_calls", "tool_call_id", "name")
"""Keys of a turn that a server knows."""


def _asked(task: Task) -> tuple[Message, ...]:
    """The turns of a conversation up to its last question, or the last result of a tool; none of a task that has no
    turns."""
    last = max((place for place, turn in enumerate(task.turns) if turn["role"] in ("user", "tool")), default=-1)
    return sent(task.turns[: last + 1])


def sent(turns: tuple[Message, ...]) -> tuple[Message, ...]:
    """The turns with no other keys than those that a server knows."""
    return tuple(cast(Message, {key: turn[key] for key in SENT if key in turn}) for turn in turns)  # type: ignore[literal-required]
