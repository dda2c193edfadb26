"""What rows and turns say besides their texts: not to be learned, what was thought; and what is found but not used."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from selfinstruct.rows.notes import Notes

__all__ = ["LEARNED", "THOUGHTS", "Beside", "absent", "is_learned", "is_thought", "plain"]


@dataclass(slots=True)
class Beside:
    """What is found in one row besides its turns: counted once a row, and only when the row is a task after all."""

    unused: set[str] = field(default_factory=set)
    done: set[str] = field(default_factory=set)
    tools: list[dict[str, Any]] = field(default_factory=list)
    """Some lists of tools stand in a turn."""

    def tell(self, notes: Notes | None) -> None:
        if notes is not None and (self.unused or self.done):
            notes.unused.update(sorted(self.unused))  # in one order, whatever Python's hashes are
            notes.done.update(sorted(self.done))


@lru_cache(10_000)
def plain(name: str) -> str:
    """A name of a column or key without case, spaces, underscores and hyphens."""
    return name.lower().replace(" ", "").replace("_", "").replace("-", "").strip("\ufeff:")


def absent(value: Any) -> bool:
    """Null and empty; and NaN, which is what pandas makes of null."""
    if not value:
        return value is None or isinstance(value, str | list | dict | tuple)
    return value != value if isinstance(value, float) else False


THOUGHTS = frozenset(
    {
        *(
            "thoughts",
            "thought",
            "reasoning",
            "reasoningcontent",
            "reasoningtext",
            "thinking",
            "think",
            "innerthoughts",
        ),
        *("thinkingcontent", "thoughtprocess", "thinkingprocess", "chainofthought", "cot", "reasoningtrace"),
        *("thinkingtrace", "thinkingtrajectory", "reasoningprocess", "reasoningchain", "longcot", "complexcot"),
    }
)
"""Keys, as `plain` writes them, whose text is what the model wrote for itself before it answered. No rationale or
explanation: these are often written after the answer, and for readers."""


def is_thought(value: Any, key: str = "reasoning") -> bool:
    """A text, and no switch: a `reasoning` of "on" says how the answer was asked for; a `reasoning_content` is what it
    says."""
    is_content = plain(key) == "reasoningcontent"
    return isinstance(value, str) and (is_content or value.strip().lower() not in SWITCHES)


SWITCHES = ("on", "off", "yes", "no", "true", "false", "none", "enabled", "disabled", "low", "medium", "high")

LEARNED = frozenset(
    {
        *("weight", "lossweight", "train", "training", "trainable", "istrainable", "trainonturn", "learn", "learned"),
        *("learnable", "lossmask", "dotrain", "calculateloss", "computeloss", "trainonthis"),
        *("trainon", "shouldtrain", "tolearn", "shouldlearn", "useloss"),
    }
)
"""Keys that say whether a turn is to be learned. Of a turn only, `loss` too (ms-swift)."""

MASKED = frozenset({"mask", "masked", "ismasked", "ignore", "ignored", "ignoreloss", "skiploss", "notrain"})
"""Keys that say whether it is not."""

NO = (False, 0, "0", "0.0", "false", "no")
YES = (True, 1, "1", "1.0", "true", "yes")


def is_learned(key: str, value: Any, beside: Beside, *, turn: bool = True) -> bool | None:
    """Whether a mark says that an answer is to be learned; None when this is no mark, but a key like all others.

    Part of a weight cannot be held: the answer is learned, and the weight named among what is not used.
    """
    name = plain(key)
    if name == "traindetail" and isinstance(value, list):  # axolotl's: parts of the text
        parts = [part.get("train") for part in value if isinstance(part, dict)]
        if any(part in NO for part in parts if part is not None):
            beside.done.add("answers with parts that are not to be learned, not learned as a whole")
            return False
        return True
    masked = name in MASKED
    if not (masked or name in LEARNED or (turn and name == "loss")):
        return None
    given = value.strip().lower() if isinstance(value, str) else value
    if isinstance(given, list | dict):
        return None
    if given in NO or given in YES:
        if name == "mask" and given in NO:
            return None  # a loss mask of 0 and "mask": false say opposite things
        return (given in YES) != masked
    if isinstance(given, int | float) and not masked:
        if 0 < given < 1:
            beside.unused.add(f"{key} {given:g}" if round(given, 1) == given else f"{key} between 0 and 1")
            return True
        if given < 0 and turn:
            beside.done.add(f"answers with a {key} below 0, not learned")
            return False
    return None
