"""Arguments that nobody gave: ids, numbers, addresses and days in a call that occur nowhere in what was said.

Only what can be told exactly: a city may be meant by "my home town", and a number be worked out. What is named here is
wrong; much that is wrong is not named.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from selfinstruct.stages.calling.checking import Tool, parameters_of
from selfinstruct.stages.calling.numbers import digits_in, says_a_number, says_a_time
from selfinstruct.text.later import later

__all__ = ["made_up"]

_MAIL = later(r"[\w.+-]{1,80}@[\w-]{1,80}(?:\.[\w-]{1,20}){1,4}")
_LINK = later(r"https?://(?:www\.)?([\w-]{1,80}(?:\.[\w-]{1,40}){1,5}).{0,2000}", re.IGNORECASE)
_DAY = later(r"(?:19|20)\d\d[-/.]?(?:0[1-9]|1[0-2])[-/.]?(?:0[1-9]|[12]\d|3[01])(?:[T ].{0,20})?")
_CODE = later(r"(?=(?:\D*\d){3})[\w#/-]{4,40}")
_PHONE = later(r"\+?[\d\s().-]{7,25}")
_MEASURE = later(r"[\d.]{1,12}[ ]?[a-zA-Z%°]{1,3}|#[0-9a-fA-F]{3,8}|\d{1,2}:\d\d.{0,9}|[\d.]{1,12}[x×*]\d{1,6}")
_FREE = later(
    r"(?:^|_)(?:lat|lng|lon|latitude|longitude|coord\w*|year|month|day|date|time|hours?|minutes?|seconds?|timestamp"
    r"|timezone|utc\w*|start|end|since|until|limit|results|page|pages|size|offset|top|k|n|count|radius|zoom|timeout"
    r"|precision|decimals?|digits?|seed|version|quality|priority|rating)(?:_|$)",
    re.IGNORECASE,
)
"""Parameters whose numbers people do not say: they follow from a place or a time, or are the caller's own choice."""
LONG = 5
"""Digits of a number that nobody reckons out in passing."""


def made_up(call: dict[str, Any], tool: Tool, said: str) -> str:
    """The first value of a call that stands neither in what was said nor in the tool itself, as "name: value"."""
    about = json.dumps(tool, ensure_ascii=False)
    schemas = parameters_of(tool)
    for name, value in _leaves(call["function"]["arguments"]):
        outer = name.partition(".")[0]
        schema = schemas.get(outer)
        if isinstance(schema, dict) and value in (schema.get("default"), schema.get("const"), *_listed(schema)):
            continue
        if _occurs_not(name, value, said, about):
            return f"{name}: {json.dumps(value, ensure_ascii=False)[:60]}"
    return ""


def _listed(schema: dict[str, Any]) -> list[Any]:
    found = schema.get("enum")
    return found if isinstance(found, list) else []


def _leaves(value: Any, name: str = "", deep: int = 0) -> Iterator[tuple[str, Any]]:
    if deep > 20:
        return
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, f"{name}.{key}" if name else str(key), deep + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner, name, deep + 1)
    else:
        yield name, value


def _occurs_not(name: str, value: Any, said: str, about: str) -> bool:
    if isinstance(value, bool) or value is None:
        return False
    if isinstance(value, int | float):
        return _number_not(name, value, said, about)
    text = str(value).strip()
    if not text or text.casefold() in said.casefold() or text in about:
        return False
    if _MAIL.fullmatch(text):
        return True
    if link := _LINK.fullmatch(text):
        return link[1].casefold() not in said.casefold()
    if _DAY.fullmatch(text):
        return not says_a_time(said)
    if _MEASURE.fullmatch(text) or _FREE.search(name):
        return False
    if _PHONE.fullmatch(text) and len(digits := re.sub(r"\D", "", text)) >= 7:
        return digits[-6:] not in re.sub(r"\D", "", digits_in(said))
    if not _CODE.fullmatch(text):
        return False
    runs = [run for run in re.findall(r"\d+", text) if len(run) > 2] or [re.sub(r"\D", "", text)]
    spoken = digits_in(said)
    return any(run not in spoken for run in runs)


def _number_not(name: str, value: float, said: str, about: str) -> bool:
    if value in (0, 1, -1) or _FREE.search(name.rpartition(".")[2]) or str(value) in about:
        return False
    if not says_a_number(said):
        return True
    digits = re.sub(r"\D", "", repr(value).removesuffix(".0")).strip("0")
    return len(digits) >= LONG and digits not in digits_in(said).replace(".", "") and "e" not in repr(value)
