"""User turn: the teacher plays the user, and says what the user says next (turn by turn: Baize's self-chat, 2304.01196,
with two players, as UltraChat, 2305.14233, has them). With `reply`, in rounds.

The first question is the data's own. How long a conversation is, is drawn: each further question is the last one with
the same probability, so that their numbers fall off as those of real conversations do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from random import Random
from typing import Any, ClassVar

from selfinstruct.errors import UsageError
from selfinstruct.stages.prompting import check_prompts, filled, prompt_of
from selfinstruct.stages.reading.blocks import first_input
from selfinstruct.stages.reading.echoes import echo_of
from selfinstruct.stages.reading.user_turns import CONTENT, user_turn
from selfinstruct.task import Message, Reason, Rejected, Task
from selfinstruct.teacher import Prompt, Response
from selfinstruct.text.later import later

__all__ = ["ENDED", "FULL", "NAMES", "UserTurn", "ended", "opened"]

_SENTENCE = later(r"(?<=[.!?])\s+|(?<=[。！？])")
ENDED = "conversation_ended"
"""Key of a task whose conversation is over: the reason."""
FULL = "as many questions as were drawn"
NAMES = {"en": ("User: ", "Assistant: ", "Scene: "), "zh": ("用户：", "助手：", "场景：")}
"""What stands before the turns in the prompt, which are English in every other language."""


@dataclass(frozen=True, slots=True)
class UserTurn:
    kind: ClassVar = "each"
    single: ClassVar = True
    prompts: ClassVar = {"text": "user_turn"}
    growth: ClassVar = 250
    """Tokens that a conversation grows by in a round, for the estimate of --dry-run."""
    turns: float = 3.9
    """How many questions a conversation has on average, at least 2; Baize's from Quora have 3.9. The recipe's rounds
    are the most."""
    knows_system: bool = False
    """Whether who plays the user is shown the system text of the assistant's side. The scene of a persona is."""
    language: str = "en"
    """Of the prompt; answers are read in either."""
    text: str = ""
    """A prompt of one's own, with the same places as ours; "" is ours. In a recipe: `prompt: FILE`."""

    def __post_init__(self) -> None:
        if not 2 <= self.turns < float("inf"):
            raise UsageError(
                f"user_turn: turns is {self.turns:g}; it is how many questions a conversation has on average, at least "
                "2 (one question and its answer is 'each: respond')"
            )
        check_prompts(self)

    def lasts(self, rounds: int) -> float:
        """Rounds that a conversation goes on on average, when nothing ends it before."""
        goes_on = 1 - 1 / (self.turns - 1)
        return min(rounds, 1) + sum(goes_on**further for further in range(rounds - 1))

    def settled(self, task: Task) -> list[Task] | None:
        """One that is over stays as it is, and so does one whose user has asked already: the question of the data."""
        if ENDED in task.extra:
            return [task]
        turns = opened(task)
        if turns[-1]["role"] == "assistant":
            return None
        return [replace(task, turns=turns, instances=(), judged=())]

    def prepare(self, task: Task, rng: Random, round: int) -> Task:
        """The task, with the mark of its end if this question is to be the last."""
        begun = any(turn["role"] == "user" for turn in task.turns)
        last = begun and rng.random() < 1 / (self.turns - 1)
        return replace(task, extra=task.extra | {ENDED: FULL}) if last else task

    def prompt(self, tasks: tuple[Task, ...], rng: Random) -> Prompt:
        """The conversation so far, and the user's name, after which the answer goes on."""
        task = tasks[0]
        user, assistant, scene = NAMES.get(self.language, NAMES["en"])
        turns = list(opened(task))
        if turns[-1]["role"] == "user":  # of --dry-run: nobody has answered yet
            turns.append(Message(role="assistant", content="…"))
        shown = _scene(task) or (self.knows_system and "\n\n".join(_said(turns, "system"))) or ""
        lines = [f"{scene}{shown}\n"] if shown else []
        names = {"user": user, "assistant": assistant}
        lines += [
            f"{names[turn['role']]}{turn['content'].strip()}"
            for turn in turns
            if turn["role"] in names and turn["content"].strip()
        ]
        return filled(prompt_of(self), conversation="\n".join(lines))

    def parse(self, tasks: tuple[Task, ...], response: Response) -> Iterable[Task | Rejected]:
        """The task with the user's next turn; or as it is, and over, where the user is content or the answer is none of
        the user's: then with a remark that says why.
        """
        task = tasks[0]
        cut = response.finish_reason == "length"
        said = user_turn(response.text, task.turns, self.language, cut=cut)
        own = prompt_of(self)
        if copied := next(filter(None, (echo_of(one, own) for one in _SENTENCE.split(said.text))), ""):
            said = said._replace(text="", end=f"copied from the prompt: {copied}")
        if said.rest:
            yield Rejected(said.rest, said.why, what="remark")
        if said.text:
            yield replace(task, turns=(*task.turns, Message(role="user", content=said.text)))
            return
        reason = Reason(*said.end.split(": ", 1))
        yield from ended(task, reason, response.text) or [Rejected(response.text, *reason, what="answer")]

    def again(self, task: Task, rejected: list[Rejected]) -> None:
        """Nothing is tried again whose first question came to nothing."""

    def unheard(self, task: Task, reason: Reason) -> list[Task | Rejected] | None:
        """What was said before is kept."""
        return ended(task, reason, "") or None


def opened(task: Task) -> tuple[Message, ...]:
    """The turns of a task's conversation; of one that nobody has spoken in yet the system text and its question."""
    if any(turn["role"] in ("user", "assistant") for turn in task.turns):
        return task.turns
    question = "\n\n".join(filter(None, (task.instruction.strip(), first_input(task).strip())))
    return (*task.turns, Message(role="user", content=question))


def ended(task: Task, reason: Reason, said: str) -> list[Task | Rejected]:
    """The conversation up to its last answer, which is its end for this reason, with a remark of what is left out;
    nothing when there is no answer of which a question comes before it.
    """
    keeps = 0
    for place, turn in enumerate(task.turns, 1):
        asked = any(before["role"] == "user" for before in task.turns[:place])
        keeps = place if turn["role"] == "assistant" and turn["content"].strip() and asked else keeps
    if not keeps:
        return []
    lost = said.strip() or "\n\n".join(turn["content"] for turn in task.turns[keeps:])
    remarks: list[Task | Rejected] = []
    if reason.category != CONTENT:
        remarks = [Rejected(lost, reason.category, reason.detail, what="remark")]
    return [*remarks, replace(task, turns=task.turns[:keeps], extra=task.extra | {ENDED: reason.category})]


def _said(turns: Iterable[Message], role: str) -> list[str]:
    return [turn["content"].strip() for turn in turns if turn["role"] == role]


def _scene(task: Task) -> str:
    """What somebody who meets a persona knows of it."""
    card: Any = task.extra.get("persona")
    if not isinstance(card, dict):
        return ""
    parts = (card.get("scenario"), card.get("name"))
    return " ".join(part.strip() for part in parts[:1] if isinstance(part, str))
