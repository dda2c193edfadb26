"""Compare: which of several answers is better? A judge scores or ranks them, in one order and then in the opposite one.

Scores from 1 to 10 are GPT-4-LLM's (2304.03277) and, with all answers before the judge at once, UltraFeedback's
(2310.01377). A judge prefers what it is shown first, or last, by habit (2305.17926): so two steps show the answers in
opposite orders, and the mean of both verdicts counts. What comes of it is a preference task: the best answers are the
good ones, all others are not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any, ClassVar

from selfinstruct.errors import UsageError
from selfinstruct.stages.answering.sample import SAMPLED, sampled_of
from selfinstruct.stages.prompting import check_prompts, filled, prompt_of
from selfinstruct.stages.reading.blocks import block, first_input
from selfinstruct.stages.reading.scores import ranks_in, scores_in
from selfinstruct.task import Judged, Message, Rejected, Task
from selfinstruct.teacher import Prompt, Response

__all__ = ["VERDICTS", "Compare"]

ASK = ("score", "rank")
TURNS = ("first", "second", "only")
VERDICTS = "verdicts"
"""The key of what judges said: [{"order", "scores", "why"}, …]. `order` has the places of the answers in the order in
which they were shown, from 0 on, and `scores` what each of them got, in that order."""
NUMBERED = {"en": "[Answer {}]", "zh": "【回答{}】"}
ORDER = "order"
"""The answers as the judge is shown them; no row has it."""
USUAL = 4
WHY = 2_000
"""Characters of a verdict that are kept."""


class Verdicts(list[dict[str, Any]]):
    """What this run's judges said of a task that is not decided yet."""


@dataclass(frozen=True, slots=True)
class Compare:
    kind: ClassVar = "each"
    single: ClassVar = True
    ask: str = "score"
    """score: each answer gets a number from 1 to 10. rank: they are put in an order."""
    turn: str = "only"
    """first: the verdict is kept for a second step. second: the answers stand in the opposite order, and both verdicts
    decide. only: this one decides."""
    language: str = "en"
    """Of the prompt; answers are read in either."""
    text: str = ""
    """A prompt of one's own, with the same places as ours; "" is ours. In a recipe: `prompt: FILE`."""

    def __post_init__(self) -> None:
        for name, options in (("ask", ASK), ("turn", TURNS)):
            if getattr(self, name) not in options:
                raise UsageError(f"compare: {name} is {getattr(self, name)!r}; it is one of {', '.join(options)}")
        check_prompts(self)

    @property
    def prompts(self) -> dict[str, str]:
        return {"text": f"compare_{self.ask}"}

    def settled(self, task: Task) -> list[Task | Rejected] | None:
        """A task with fewer than two answers that differ is no question for a judge."""
        if len(_texts(task)) > 1:
            return None
        many = len(sampled_of(task))
        why = "all answers are the same" if many > 1 else "nothing to compare the one answer with"
        why = why if many else "no answers to compare"
        return [Rejected(task.instruction, why, f"{many} answers", instances=task.instances)]

    def prepare(self, task: Task, rng: Random, round: int) -> Task:
        """The task with the order in which its answers are shown: drawn, or the opposite of the first step's. Where
        there are no answers, as when a run is only planned, its own output stands for as many as are usual."""
        verdicts, many = _verdicts(task), len(_texts(task)) or USUAL
        order = verdicts[-1]["order"][::-1] if self.turn == "second" and verdicts else rng.sample(range(many), many)
        return replace(task, extra=task.extra | {ORDER: tuple(order)})

    def prompt(self, tasks: tuple[Task, ...], rng: Random) -> Prompt:
        task = tasks[0]
        head, texts = NUMBERED.get(self.language, NUMBERED["en"]), _texts(task)
        texts = texts or [task.instances[0].output if task.instances else ""] * USUAL
        shown = (f"{head.format(number)}\n{texts[place]}" for number, place in enumerate(_order(task), 1))
        return filled(prompt_of(self), task=_asked(task, self.language), answers="\n\n".join(shown))

    def parse(self, tasks: tuple[Task, ...], response: Response) -> Iterable[Task | Rejected]:
        """The task with the verdict, or decided; or why it is not: a verdict that cannot be read whole, or a tie."""
        task, order = tasks[0], _order(tasks[0])
        read = scores_in if self.ask == "score" else ranks_in
        scores = read(response.text, len(order), cut=response.finish_reason == "length")
        extra = {key: value for key, value in task.extra.items() if key != ORDER}
        if scores is None:
            detail = " ".join(response.text.split())[:80]
            yield Rejected(task.instruction, "unreadable verdict", detail, instances=task.instances)
            return
        said = {"order": list(order), "scores": scores, "why": response.text.strip()[:WHY]}
        verdicts = Verdicts([*_verdicts(task), said])
        if self.turn == "first":
            yield replace(task, extra=extra | {VERDICTS: verdicts})
        else:
            yield _decided(replace(task, extra=extra), verdicts)


def _decided(task: Task, verdicts: Sequence[dict[str, Any]]) -> Task | Rejected:
    """The preference task. Both it and a tie say by whom each answer is, and what the judge said."""
    texts, by = _texts(task), {one["text"]: one["by"] for one in reversed(sampled_of(task))}
    means = [
        round(sum(one["scores"][one["order"].index(n)] for one in verdicts) / len(verdicts), 3)
        for n in range(len(texts))
    ]
    best = max(means)
    told: dict[str, Any] = {"answered_by": [by[text] for text in texts], VERDICTS: [dict(one) for one in verdicts]}
    judged = tuple(
        Judged((Message(role="assistant", content=text),), mean == best, mean)
        for text, mean in zip(texts, means, strict=True)
    )
    if min(means) == best:
        said = [{"by": who, "text": text} for who, text in zip(told["answered_by"], texts, strict=True)]
        detail = " and ".join(f"{mean:g}" for mean in means)
        return Rejected(task.instruction, "tie", detail, instances=task.instances, whole={SAMPLED: said, **told})
    extra = {key: value for key, value in task.extra.items() if key not in (SAMPLED, VERDICTS, "input")}
    return replace(task, turns=_turns(task), instances=(), judged=judged, extra=extra | told)


def _turns(task: Task) -> tuple[Message, ...]:
    """The question, as those of preference tasks: instruction and input, or the conversation up to its last one."""
    if task.turns:
        last = max((n for n, turn in enumerate(task.turns, 1) if turn["role"] in ("user", "tool")), default=0)
        return task.turns[:last]
    text = "\n\n".join(filter(None, (task.instruction.strip(), first_input(task).strip())))
    return (Message(role="user", content=text),)


def _asked(task: Task, language: str) -> str:
    turns = _turns(task) if task.turns else ()
    return "\n".join(f"{turn['role']}: {turn['content']}" for turn in turns) or block(task, language)


def _texts(task: Task) -> list[str]:
    """The answers, each text once."""
    return list(dict.fromkeys(one["text"] for one in sampled_of(task)))


def _verdicts(task: Task) -> Verdicts:
    found: Any = task.extra.get(VERDICTS)
    return found if isinstance(found, Verdicts) else Verdicts()


def _order(task: Task) -> Sequence[int]:
    found: Any = task.extra.get(ORDER)
    return found if isinstance(found, tuple) else ()
