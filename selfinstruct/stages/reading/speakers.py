"""Who speaks in what a teacher wrote: the names that stand before the turns of a conversation."""

from __future__ import annotations

import json
import re

from selfinstruct.stages.reading.json_whole import json_text
from selfinstruct.text.later import later

__all__ = ["SPEAKER", "named", "own_part"]

# "User:", "**用户：**", "### Assistant:", "[|Human|]:"; stars after the colon are the label's only
# if it began with them.
SPEAKER = later(
    r"^[ \t]*(?:#{1,6}[ \t]*|[-*+•>][ \t]+)?(?P<bold>[*_]{1,3})?"
    r"\[?\|?(?:(?P<user>user|human|用户)|(?:assistant|ai|助手))\|?\]?"
    r"(?(bold)(?:(?P=bold)[ \t]*[:：]|[ \t]*[:：](?P=bold))|[ \t]*[:：])[ \t]*",
    re.IGNORECASE | re.MULTILINE,
)

_ASKED = later(r"^[ \t]*[*_]{0,2}(?:Q|问)\d{0,2}[*_]{0,2}[ \t]*[:：.][*_]{0,2}[ \t]*", re.MULTILINE)
_SAID = later(r"^[ \t]*[*_]{0,2}(?:A|答)\d{0,2}[*_]{0,2}[ \t]*[:：.][*_]{0,2}[ \t]*", re.MULTILINE)
_ROLES = {"user": "User", "human": "User", "assistant": "Assistant", "gpt": "Assistant", "ai": "Assistant"}


def named(text: str) -> str:
    """The conversation with the names that SPEAKER finds, where it is JSON of roles or has Q and A for names."""
    whole = json_text(text)
    value = json.loads(whole) if whole else None
    if isinstance(value, dict):
        value = next((inner for inner in value.values() if isinstance(inner, list)), None)
    if isinstance(value, list) and value and all(isinstance(turn, dict) for turn in value):
        turns = [(turn.get("role", turn.get("from")), turn.get("content", turn.get("value"))) for turn in value]
        names = [_ROLES.get(str(role).lower()) for role, _ in turns]
        if all(names):
            return "\n".join(f"{name}: {said}" for name, (_, said) in zip(names, turns, strict=True))
    if not SPEAKER.search(text) and _ASKED.match(text) and _SAID.search(text):
        return _SAID.sub("Assistant: ", _ASKED.sub("User: ", text))
    return text


def own_part(text: str, user: bool) -> tuple[str, str]:
    """What the side that was asked for one turn says, and the rest: the other side's turns, and all that follows.

    Text before the first name is that side's. Where the other side's name stands first there is no part of its own.
    """
    own = text
    for number, mark in enumerate(SPEAKER.finditer(text)):
        first = not text[: mark.start()].strip()
        if number == 0 and first and bool(mark["user"]) == user:
            own = text[mark.end() :]
            continue
        at = mark.start() - (len(text) - len(own))
        return own[:at].strip(), own[at:].strip()
    return own.strip(), ""
