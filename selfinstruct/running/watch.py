"""Whether a teacher's answers are of use: a run whose answers are not ends early, with what to set instead.

Told of every answer in the order in which answers are folded, so that a run stops at the same place whenever it is
repeated; `--keep-asking` goes on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from selfinstruct.errors import Useless
from selfinstruct.stages.reading.verdicts import UNREADABLE
from selfinstruct.task import Rejected, Task
from selfinstruct.teacher import Prompt
from selfinstruct.teachers.estimate import estimate_tokens

__all__ = ["THOUGHTS", "Seen", "Watch", "advice"]

THOUGHTS = "the thoughts used up max_tokens"
"""Category of an answer that a reasoning model never came to."""
FIRST = 36  # answers, none of them of use, after which a step is given up
SOME = 24  # answers after which a share is believed
RULE = 0.5  # of them, above which what goes wrong is the rule


@dataclass(frozen=True, slots=True)
class Seen:
    """One answer, and what came of it."""

    step: str
    useful: bool
    """Whether a task came out of it, past the step's filters."""
    reasons: Counter[str]
    """Why what else was in it came to nothing, remarks included."""
    params: Mapping[str, Any]
    """Of its request."""
    prompt: Prompt


def seen(step: str, items: Iterable[Task | Rejected], params: Mapping[str, Any], prompt: Prompt) -> Seen:
    """What came of an answer of this step, whose request had these parameters and this prompt."""
    found = list(items)
    reasons = Counter(item.category for item in found if isinstance(item, Rejected))
    return Seen(step, any(isinstance(item, Task) for item in found), reasons, params, prompt)


@dataclass(slots=True)
class _Step:
    answers: int = 0
    useful: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    """In how many answers each was found."""
    last: Seen | None = None


class Watch:
    """Counts by step. `saw` raises Useless where going on would be a waste, unless `keep_asking`."""

    def __init__(self, *, keep_asking: bool = False) -> None:
        self._keep_asking = keep_asking
        self._steps: dict[str, _Step] = {}

    def saw(self, one: Seen) -> None:
        step = self._steps.setdefault(one.step, _Step())
        step.answers += 1
        step.useful += one.useful
        step.reasons.update(dict.fromkeys(one.reasons, 1))
        step.last = one
        if not self._keep_asking and (said := _useless(step)):
            raise Useless(
                f"step {one.step}: {said}. Another recipe or model wants another --out; "
                "--keep-asking goes on with these answers"
            )

    def remarks(self) -> list[str]:
        """What a run that is over should tell: verdicts that nobody could read."""
        return [
            f"step {name}: {step.reasons[UNREADABLE]:,} of {step.answers:,} verdicts could not be read: these tasks "
            "passed unjudged"
            for name, step in self._steps.items()
            if step.reasons[UNREADABLE]
        ]

    def advice(self) -> str:
        """What to set, by the step that went wrong most; empty when there is nothing to say."""
        worst = max(self._steps.values(), key=lambda step: step.answers - step.useful, default=None)
        return advice(worst.last, worst.reasons) if worst and worst.last and worst.useful < worst.answers else ""


def _useless(step: _Step) -> str:
    """What is wrong with a step's answers, and what to set; empty as long as they may be of use."""
    assert step.last
    if step.answers >= SOME:
        if (count := step.reasons[THOUGHTS]) > RULE * step.answers:
            return f"in {count} of {step.answers} answers {THOUGHTS}: {_more(step.last.params)}"
        if (count := step.reasons[UNREADABLE]) > RULE * step.answers:
            return (
                f"{count} of {step.answers} verdicts could not be read: give another model for it, "
                "--model ROLE=NAME, or `structured: true`"
            )
    if step.answers >= FIRST and not step.useful:
        reasons = ", ".join(f"{count} {reason}" for reason, count in step.reasons.most_common(3)) or "no task in them"
        said = advice(step.last, step.reasons)
        return f"none of the first {step.answers} answers was of use ({reasons}): {said or 'see rejected.jsonl'}"
    return ""


def advice(last: Seen, reasons: Counter[str]) -> str:
    """What to set when this is the commonest reason why answers come to nothing; empty when nobody knows."""
    commonest = next((reason for reason, _ in reasons.most_common()), "")
    match commonest:
        case "truncated":
            return f"answers are cut: {_longer(last.params)}"
        case _ if commonest == THOUGHTS:
            return _more(last.params)
        case "longer than the teacher's context":
            size = estimate_tokens(last.prompt)
            return f"the prompts of this step have about {size:,} tokens: give the server a longer context"
        case "refused by the server" | "refused by the teacher's content filter":
            return "see the server's words in rejected.jsonl"
        case "no task in the answer" | "no instance in the answer" | "no instance left" | "not part of the list":
            return (
                "another model, `structured: true` in the step, or --api completions (a base model, or a small one) "
                "may do better"
            )
        case "too easy":
            return "the weak solver is right too often: give a weaker one, --model weak=NAME"
        case "too hard":
            return "the strong solver is hardly ever right, or the challenger's answers are wrong: give stronger ones"
        case "no answer":
            return "the answers are empty: try another model, or --api completions for a base model"
    return ""


def _more(params: Mapping[str, Any]) -> str:
    return f"{_longer(params)}, or set reasoning_effort there"


def _longer(params: Mapping[str, Any]) -> str:
    now = params.get("max_tokens") or params.get("max_completion_tokens")
    return f"raise max_tokens{f' ({now:,} now)' if isinstance(now, int) else ''} in the step's teacher"
