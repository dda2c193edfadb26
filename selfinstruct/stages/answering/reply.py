"""Reply: the next answer in a conversation, after all that was said before. With `user_turn`, in rounds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from random import Random
from typing import ClassVar

from selfinstruct.errors import UsageError
from selfinstruct.stages.answering.respond import sent
from selfinstruct.stages.answering.user_turn import ended, opened
from selfinstruct.stages.prompting import filled, places
from selfinstruct.stages.reading.speakers import own_part
from selfinstruct.stages.reading.user_turns import size
from selfinstruct.task import Message, Reason, Rejected, Task
from selfinstruct.teacher import Prompt, Response
from selfinstruct.text.later import later
from selfinstruct.text.loops import find_loop
from selfinstruct.text.markers import ends_itself, parted
from selfinstruct.text.refusals import is_refusal
from selfinstruct.text.seams import is_blank

__all__ = ["Reply"]

# A task whose answer may well be written with the names of both sides.
_WANTS_SPEAKERS = later(
    r"(?i)\b(?:dialogues?|dialogs?|conversations?|chats?|chatbots?|transcripts?|interviews?|scripts?|scenes?|role-?play"
    r"|prompts?|templates?|few-shot|user|assistant)\b|对话|聊天|访谈|剧本|台词|角色|提示词|模板|用户|助手|客服"
)
_MODEL = later(
    r"(?i)\bas an? (?:ai|artificial intelligence|(?:large )?language model)\b|\bi(?:['’]m| am) (?:just |only )?an? "
    r"(?:ai|(?:large )?language model)\b|作为(?:一[个名位款])?(?:由\S{1,12})?(?:人工智能|AI|(?:大)?语言模型)"
    r"|我(?:只)?是(?:一[个名款])?(?:人工智能|AI|(?:大)?语言模型)"
)

LABEL = 12
"""Words from which on an answer is no label ("negative"), name or number, which may well be right twice."""


@dataclass(frozen=True, slots=True)
class Reply:
    kind: ClassVar = "each"
    single: ClassVar = True
    prompts: ClassVar = {"text": ""}
    text: str = ""
    """A system text of one's own for who answers, perhaps with the place {system} for that of the data, which else
    comes after it. It is no part of the conversation that is kept. In a recipe: `prompt: FILE`."""
    keep_thoughts: bool = False
    """Whether what a reasoning model thought is kept with its answers, for data that teaches to reason. The journal has
    it in any case."""

    def __post_init__(self) -> None:
        if unknown := [place for place in places(self.text) if place != "system"]:
            raise UsageError(
                f"the prompt {self.text[:40]!r}… has {{{unknown[0]}}}, which means nothing here (write "
                f"{{{{…}}}} for the text itself); its one place is {{system}}"
            )

    def settled(self, task: Task) -> list[Task] | None:
        """A conversation whose last turn is an answer needs none."""
        return [task] if opened(task)[-1]["role"] == "assistant" else None

    def prompt(self, tasks: tuple[Task, ...], rng: Random) -> Prompt:
        """The conversation as it is; a lone question is a text."""
        turns = sent(opened(tasks[0]))
        if not self.text:
            return turns if len(turns) > 1 else turns[0]["content"]
        system = [turn["content"].strip() for turn in turns if turn["role"] == "system"]
        own = filled(self.text, system="\n\n".join(system))
        own = own if "{system}" in self.text else "\n\n".join([own, *system])
        return (Message(role="system", content=own.strip()), *(turn for turn in turns if turn["role"] != "system"))

    def parse(self, tasks: tuple[Task, ...], response: Response) -> Iterable[Task | Rejected]:
        """The task with the answer as the last turn, and with what the teacher thought, when that is kept.

        What is no good answer ends the conversation at the last one that is, with a remark; without one before it the
        task is lost. Whether a first answer that refuses is of use, the filter `refusal` decides.
        """
        task = tasks[0]
        turns = opened(task)
        answer, found = parted(response.text.replace("\r\n", "\n").replace("\r", "\n"))
        answer, rest = _own(answer, task, turns)
        if reason := self._fault(answer, rest, turns, response, task):
            yield from ended(task, reason, response.text) or [Rejected(response.text, *reason, what="answer")]
            return
        if rest:
            yield Rejected(rest, "writes both sides", what="remark")
        turn = Message(role="assistant", content=answer)
        thoughts = "\n\n".join(filter(None, (response.thoughts.strip(), found)))
        if self.keep_thoughts and thoughts:
            turn["thoughts"] = thoughts
        yield replace(task, turns=(*turns, turn), instances=(), judged=())

    def _fault(
        self, answer: str, rest: str, turns: tuple[Message, ...], response: Response, task: Task
    ) -> Reason | None:
        """Why this is no answer to go on from."""
        asked, before = turns[-1]["content"], [turn["content"] for turn in turns if turn["role"] == "assistant"]
        if is_blank(answer):
            return Reason("no answer")
        if response.finish_reason == "length" and not rest and not ends_itself(response.text):
            return Reason("truncated")
        if loop := find_loop(answer, asked):
            return Reason("repetition", loop)
        if size(answer) >= LABEL and any(answer == one.strip() for one in before):
            return Reason("said before")
        if isinstance(task.extra.get("persona"), dict) and _MODEL.search(answer):
            return Reason("out of the role")
        later_on = any(turn["role"] == "user" for turn in turns[:-1])
        return Reason("refusal") if later_on and is_refusal(answer, asked) else None

    def unheard(self, task: Task, reason: Reason) -> list[Task | Rejected] | None:
        """What was said before is kept."""
        return ended(task, reason, "") or None


def _own(answer: str, task: Task, turns: tuple[Message, ...]) -> tuple[str, str]:
    """The answer without a name before it, and what the teacher wrote for the user after it."""
    card = task.extra.get("persona")
    name = card.get("name") if isinstance(card, dict) else None
    text = answer.strip()
    for label in (name, f"**{name}**") if isinstance(name, str) and name.strip() else ():
        for colon in (":", "："):
            text = text.removeprefix(f"{label.strip()}{colon}").strip()
    asked = "\n".join(turn["content"] for turn in turns)
    return (text, "") if _WANTS_SPEAKERS.search(asked) else own_part(text, user=False)
