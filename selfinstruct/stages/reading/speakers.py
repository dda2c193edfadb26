"""Who speaks in what a teacher wrote: the names that stand before the turns of a conversation."""

from __future__ import annotations

import re

from selfinstruct.text.later import later

__all__ = ["SPEAKER", "own_part"]

# "User:", "**用户：**", "### Assistant:", "[|Human|]:"; stars after the colon are the label's only
# if it began with them.
SPEAKER = later(
    r"^[ \t]*(?:#{1,6}[ \t]*|[-*+•>][ \t]+)?(?P<bold>[*_]{1,3})?"
    r"\[?\|?(?:(?P<user>user|human|用户)|(?:assistant|ai|助手))\|?\]?"
    r"(?(bold)(?:(?P=bold)[ \t]*[:：]|[ \t]*[:：](?P=bold))|[ \t]*[:：])[ \t]*",
    re.IGNORECASE | re.MULTILINE,
)


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
