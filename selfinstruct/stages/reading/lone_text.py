"""One text as an answer, such as a summary: out of the fence, JSON, greeting and label that it stands in."""

from __future__ import annotations

import json
import re

from selfinstruct.stages.reading.json_whole import json_text
from selfinstruct.stages.reading.plain import plain, unwrapped
from selfinstruct.text.later import later

__all__ = ["lone_text"]

_EXCLAIMED = later(
    r"\A(?:(?:sure|certainly|of course|absolutely|great|okay|ok)[!,.][ \t]+|(?:当然(?:可以)?|好的)[！，。!,][ \t]*)",
    re.IGNORECASE,
)


def lone_text(answer: str, label: re.Pattern[str]) -> tuple[str, list[str]]:
    """The text, without what `label` finds at its beginning, and what is said around it."""
    whole = json_text(plain(answer))
    value = json.loads(whole) if whole else None
    if isinstance(value, dict) and len(texts := [one for one in value.values() if isinstance(one, str)]) == 1:
        return texts[0].strip(), []
    text, remarks = unwrapped(answer)
    if not text.strip() and remarks and not remarks[0].endswith((":", "：")):
        text, remarks = _EXCLAIMED.sub("", plain(answer).strip(), 1), []  # it goes on in the greeting's own line
    return label.sub("", text.strip(), 1).strip(), remarks
