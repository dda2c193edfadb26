"""Chat: a whole conversation from one question, the teacher playing both sides (Baize, 2304.01196, section 3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter
from random import Random
from typing import ClassVar

from selfinstruct.stages.prompting import check_prompts, filled, prompt_of
from selfinstruct.stages.reading.blocks import first_input
from selfinstruct.stages.reading.plain import plain
from selfinstruct.stages.reading.speakers import SPEAKER, named
from selfinstruct.task import Message, Rejected, Task
from selfinstruct.teacher import Prompt, Response
from selfinstruct.text.markers import ends_itself, parted, thoughts_in
from selfinstruct.text.refusals import is_refusal

__all__ = ["Chat"]


@dataclass(frozen=True, slots=True)
class Chat:
    kind: ClassVar = "each"
    single: ClassVar = True
    prompts: ClassVar = {"text": "chat"}
    language: str = "en"
    """Of the prompt; answers are read in either."""
    text: str = ""
    """A prompt of one's own, with the same places as ours; "" is ours. In a recipe: `prompt: FILE`."""
    keep_thoughts: bool = False
    """Whether what a reasoning model thought is kept with the answer that it came before, for data that teaches to
    reason. The journal has it in any case."""

    @property
    def hears_thoughts(self) -> bool:
        """Whether `parse` is given the answer with the thoughts in it: only there can be seen whose they are."""
        return self.keep_thoughts

    def __post_init__(self) -> None:
        check_prompts(self)

    def prompt(self, tasks: tuple[Task, ...], rng: Random) -> Prompt:
        """What is wanted, and the beginning of the conversation: the task is what the user says first."""
        return filled(prompt_of(self), question=_question(tasks[0]))

    def parse(self, tasks: tuple[Task, ...], response: Response) -> Iterable[Task | Rejected]:
        """The task with the turns of the conversation, the user's and the assistant's by turns, the assistant's last.

        A turn that breaks off, and a question that nobody answers any more, are dropped; and everything from an answer
        on that refuses. When that is the first answer nothing good comes before it: then the filter `refusal` decides.
        """
        opening = Message(role="user", content=_question(tasks[0]))
        turns = _turns(named(plain(response.text)), opening)
        if self.keep_thoughts:
            turns = _with_thoughts(turns, response, opening)
        cut = response.finish_reason == "length" and not ends_itself(response.text)
        lost = turns.pop() if cut and len(turns) > 1 else None
        if lost:
            yield Rejected(lost["content"], "truncated", what="remark")
        for refused in _from_refusal(turns):
            yield Rejected(refused["content"], "refusal, or after one", what="remark")
        if len(turns) > 1 and turns[-1]["role"] == "user":
            yield Rejected(turns.pop()["content"], "a question without an answer", what="remark")
        if len(turns) < 2:
            yield Rejected(response.text, "no conversation in the answer", what="answer")
            return
        # The dialogue takes the place of the instance that it began with: both would be exported and trained on.
        yield replace(tasks[0], turns=tuple(turns), instances=())


MOST = 64
"""Thoughts whose turn is looked for: a conversation has two to five questions."""


def _with_thoughts(turns: list[Message], response: Response, opening: Message) -> list[Message]:
    """The turns, the assistant's with what was thought in them or after the question before; what the server gives
    apart came before all of it. What the teacher thinks as the user is nobody's to learn.
    """
    found: dict[int, list[str]] = {1: [response.thoughts.strip()]}
    text, at = response.text, 0
    for thought in thoughts_in(text)[:MOST]:
        at = max(at, text.find(thought, at))
        # The turns so far, as if one more letter followed in the place of the thought.
        before = _turns(f"{parted(text[:at]).answer} …", opening)
        if before[-1]["role"] == "assistant":
            found.setdefault(len(before) - 1, []).append(thought.strip())
        elif before[-1]["content"] != "…":
            found.setdefault(len(before), []).append(thought.strip())
        at += len(thought)
    thoughts = {place: "\n\n".join(filter(None, some)) for place, some in found.items()}
    return [
        {**turn, "thoughts": thoughts[place]} if turn["role"] == "assistant" and thoughts.get(place) else turn
        for place, turn in enumerate(turns)
    ]


def _from_refusal(turns: list[Message]) -> list[Message]:
    """Cuts the conversation before an answer that refuses, unless it is the first; returns what is cut off."""
    for at in range(3, len(turns), 2):
        if is_refusal(turns[at]["content"], turns[at - 1]["content"]):
            cut = turns[at:]
            del turns[at:]
            return cut
    return []


def _question(task: Task) -> str:
    return "\n\n".join(filter(None, (task.instruction.strip(), first_input(task).strip())))


def _turns(text: str, opening: Message) -> list[Message]:
    """The conversation from its opening on. The prompt ended with "Assistant:", so text without a name is an answer;
    what one side says in two turns running is one turn.
    """
    marks = list(SPEAKER.finditer(text))
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    said = [
        ("user" if mark["user"] else "assistant", text[mark.end() : end].strip())
        for mark, end in zip(marks, ends, strict=False)
    ]
    if ("user", opening["content"]) in said[:1]:
        del said[0]  # the teacher begins the conversation anew, perhaps with a greeting to us
    else:
        said.insert(0, ("assistant", (text[: marks[0].start()] if marks else text).strip()))
    said = [(opening["role"], opening["content"]), *((role, content) for role, content in said if content)]
    sides = ((role, [content for _, content in turn]) for role, turn in groupby(said, key=itemgetter(0)))
    return [Message(role=role, content="\n\n".join(filter(None, contents))) for role, contents in sides]
