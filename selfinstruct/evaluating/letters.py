"""The choice that an answer commits to: "B", "(B)", "The answer is B.", 答案是B, or the choice's own words."""

from __future__ import annotations

from collections.abc import Sequence

from selfinstruct.text.later import later
from selfinstruct.text.tokens import tokens

__all__ = ["LETTERS", "letter_in"]

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

LONGEST = 20_000
"""Characters of an answer that are looked at, from its end."""

FIRST = later(r"[\s\W_]{0,8}([A-Z])(?=[.)\]:：、，,。\n*_`）】』」\"']|\s*$)")
"""An answer that begins with the letter, as a list would call it."""
SAID = later(
    r"(?i:answer|choice|option|correct one|choose|pick|select)"
    r"(?:[ \t]{1,3}(?:is|was|would be|must be|should be|option|choice|letter|number)){0,3}"
    r"[ \t]{0,3}[:：=]?[ \t]{0,3}[*_`(\[{\"'“「]{0,4}([A-Z])(?![A-Za-z'’])"
)
SAID_ZH = later(
    r"(?:答案|选项|选择|应选|故选|选)(?:应该|应当|应)?(?:是|为|选)?[ \t]{0,3}[:：=]?[ \t]{0,3}"
    r"[*_`(（\[【「“\"']{0,4}([A-Z])(?![A-Za-z])"
)
BOXED = later(r"\\boxed\{(?:\\text\{)?[ \t]*\(?([A-Z])\)?[ \t]*\}")
DENIED = later(r"(?i)\b(?:not|isn['’]t|never|neither|incorrect|wrong)\b|不是|不选|错误|并非")
"""What stands before a letter that is not chosen, in the same sentence."""
ALONE = later(r"(?<![A-Za-z'’])([B-HJ-Z]|A(?= (?:or|and)\b))(?![A-Za-z'’])|[(（]([A-Z])[)）]")
"""A letter by itself: A and I may be words."""
STOPS = later(r"[.!?。！？\n]")


def letter_in(text: str, choices: Sequence[str]) -> str:
    """The letter, or "" where the answer names none, or several and none in the end."""
    text = text[-LONGEST:].strip()
    known = LETTERS[: len(choices)]
    for pattern in (BOXED, SAID, SAID_ZH):
        if found := [at[1] for at in pattern.finditer(text) if at[1] in known and not _denied(text, at.start(1))]:
            return found[-1]
    if (first := FIRST.match(text)) and first[1] in known:
        return first[1]
    own = tokens(text)
    same = [letter for letter, choice in zip(known, choices, strict=True) if own and tokens(choice) == own]
    if len(same) == 1:
        return same[0]
    alone = {at[1] or at[2] for at in ALONE.finditer(text)} & {*known}
    if len(alone) == 1:
        return alone.pop()
    padded = f" {' '.join(own)} "
    told = [letter for letter, choice in zip(known, choices, strict=True) if _has(padded, choice)]
    return told[0] if len(told) == 1 and not alone else ""


def _has(padded: str, choice: str) -> bool:
    words = " ".join(tokens(choice))
    return bool(words) and f" {words} " in padded


def _denied(text: str, place: int) -> bool:
    """Whether the sentence up to here says that it is not this one."""
    before = text[max(0, place - 60) : place]
    last = max((at.end() for at in STOPS.finditer(before)), default=0)
    return bool(DENIED.search(before, last))
