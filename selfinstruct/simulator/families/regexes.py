"""Does a regular expression match some texts and not others? Told without backtracking, as anybody may have written it.

Python's own engine takes twenty seconds to find that "(a|a|a)*b" does not match eighteen letters a, and three times as
long for each more; no rule of thumb knows all such patterns. Here a part of a pattern gives the set of all places where
it may end, each set is worked out once, and so the work is bounded by the lengths of pattern and text. Single
characters, classes and anchors are still Python's own.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable
from functools import cache

__all__ = ["separates"]

Part = Callable[[str, int], frozenset[int]]
"""Where a match of this part that begins at a place of the text may end."""

LONGEST = 100
"""Characters of a pattern. The longest that a family knows has 43."""

ANCHORS = ("^", "$", r"\b", r"\B", r"\A", r"\Z")

_QUANTIFIER = re.compile(r"([*+?])\??|\{(\d+)\}\??|\{(\d*),(\d*)\}\??")
_TOKEN = re.compile(
    rf"(?:{_QUANTIFIER.pattern})|\((?:\?(?:[:=!]|P<\w+>))?|[)|]|\[\^?\]?(?:\\.|[^\]\\])*\]|\\u[0-9a-fA-F]{{4}}|\\x[0-9a-fA-F]{{2}}|\\.|.",
    re.DOTALL,
)


def separates(pattern: str, good: Iterable[str], bad: Iterable[str]) -> bool:
    """Does the pattern match all of each good text, and of no bad one? No, too, when it is none, too long, or uses what
    isn't known here: back references, look-behind, flags, possessive quantifiers."""
    if len(pattern) > LONGEST:
        return False
    tokens = [found[0] for found in _TOKEN.finditer(pattern)]
    try:
        whole = _choice(tokens)
    except re.error:
        return False
    if tokens:  # a bracket too many
        return False
    return all(len(text) in whole(text, 0) for text in good) and not any(len(text) in whole(text, 0) for text in bad)


def _choice(tokens: list[str]) -> Part:
    """Alternatives, up to a closing bracket. What is read is taken off the tokens. Raises re.error."""
    options = [_sequence(tokens)]
    while tokens[:1] == ["|"]:
        del tokens[0]
        options.append(_sequence(tokens))
    return cache(lambda text, at: frozenset().union(*(option(text, at) for option in options)))


def _sequence(tokens: list[str]) -> Part:
    parts = list[Part]()
    while tokens and tokens[0] not in "|)":
        token = tokens.pop(0)
        part = _group(token, tokens) if token[0] == "(" else _one(token)
        if tokens and (found := _QUANTIFIER.fullmatch(tokens[0])):
            if token in ANCHORS:
                raise re.error("nothing to repeat")
            del tokens[0]
            part = _repeated(part, *_limits(found))
        parts.append(part)

    def ends(text: str, at: int) -> frozenset[int]:
        found = frozenset({at})
        for part in parts:
            found = frozenset().union(*(part(text, place) for place in found))
        return found

    return cache(ends)


def _group(opening: str, tokens: list[str]) -> Part:
    inner = _choice(tokens)
    if tokens[:1] != [")"]:
        raise re.error("missing )")
    del tokens[0]
    if opening in ("(?=", "(?!"):
        return lambda text, at: frozenset({at} if bool(inner(text, at)) is (opening == "(?=") else ())
    return inner


def _one(token: str) -> Part:
    """A character, a class or an anchor. Raises re.error when it is none, such as a quantifier with nothing before."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "possible nested set": it means today what it says
        pattern = re.compile(token)
    return lambda text, at: frozenset({found.end()} if (found := pattern.match(text, at)) else ())


def _limits(found: re.Match[str]) -> tuple[int, int]:
    sign, number, least, most = found.groups()
    if sign:
        return {"*": (0, LONGEST), "+": (1, LONGEST), "?": (0, 1)}[sign]
    if number:
        return int(number), int(number)
    low, high = int(least or 0), int(most) if most else None
    if high is not None and high < low:
        raise re.error("min repeat greater than max repeat")
    return low, low + LONGEST if high is None else high


def _repeated(part: Part, least: int, most: int) -> Part:
    def ends(text: str, at: int) -> frozenset[int]:
        found = frozenset({at})
        for _ in range(min(least, len(text) + 1)):  # as often as it can move on, and once more
            found = frozenset().union(*(part(text, place) for place in found))
        new = found
        for _ in range(min(most - least, len(text) + 1)):
            new = frozenset().union(*(part(text, place) for place in new)) - found
            if not new:
                break
            found |= new
        return found

    return cache(ends)
