"""Branch: divide a topic into narrower ones, for axes (as GLAN draws up its taxonomy; 2402.13064, section 2.1).

A task's instruction is the name of its topic; `extra["path"]` has the names of those that it is part of, from the root.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from typing import Any, ClassVar

from selfinstruct.errors import UsageError
from selfinstruct.stages.prompting import check_prompts, filled, prompt_of
from selfinstruct.stages.reading.lists import list_items
from selfinstruct.stages.reading.plain import HAN, one_line, unbold, unwrapped
from selfinstruct.stages.reading.prose import is_prose
from selfinstruct.task import Rejected, Task
from selfinstruct.teacher import Prompt, Response
from selfinstruct.text.later import later
from selfinstruct.text.refusals import is_refusal

__all__ = ["Branch", "path_of"]

_PART_OF = {"en": " (part of {})", "zh": "（属于：{}）"}
_WITHIN = {"en": " > ", "zh": " > "}
# "Knife skills: how to hold …", "Knife skills – …", "刀工（…）"; "e-mail" and "9:30" are no two parts.
_EXPLAINED = later(r"(?:[:：](?!\d)|[ \t][-–—]{1,3}[ \t]|——|[(（]).*", re.DOTALL)
_ENDS = "\"'“”‘’「」《》*_.,;。，；、` \t"
_NUMBERED = later(r"^[ \t]*(?:[-*+•]|\d{1,3}[.)、：:]|[（(]?\d{1,3}[）)])[ \t]*")
_LABEL = later(r"^(?:(?:sub-?)?topics?|name|title|(?:小|子)?主题|名称)[ \t]*\d{0,3}[ \t]*[:：][ \t]*", re.IGNORECASE)
_COMMAS = later(r"[,，、;；]")
_SAME = later(r"\W+")
_ARTICLE = later(r"(?:the|a|an) ")
_NAMES = ("topic", "name", "title", "subtopic", "主题", "名称", "小主题", "子主题")
LONGEST_WORDS, LONGEST = 10, 60
"""Of a name: words, and characters (of Chinese half as many)."""


def path_of(task: Task) -> list[str]:
    """The names from the root to this topic; of one that was given, its own."""
    path = task.extra.get("path")
    return [str(name) for name in path] if isinstance(path, list) and path else [one_line(task.instruction)]


@dataclass(frozen=True, slots=True)
class Branch:
    kind: ClassVar = "each"
    prompts: ClassVar = {"text": "branch"}
    width: int = 8
    """How many narrower topics are asked for; further ones are no part of the tree."""
    language: str = "en"
    """Of the prompt; answers are read in either."""
    text: str = ""
    """A prompt of one's own, with the same places as ours; "" is ours. In a recipe: `prompt: FILE`."""

    def __post_init__(self) -> None:
        check_prompts(self)
        if not 2 <= self.width <= 100:
            raise UsageError(f"branch: width is {self.width}; a topic is divided into 2 to 100 narrower ones")

    @property
    def per_answer(self) -> int:
        """Tasks that a whole answer has, for the estimate of --dry-run."""
        return self.width

    def prompt(self, tasks: tuple[Task, ...], rng: Random) -> Prompt:
        """The topic, and what it is part of."""
        *above, name = path_of(tasks[0])
        code = self.language if self.language in _PART_OF else "en"
        part_of = _PART_OF[code].format(_WITHIN[code].join(above)) if above else ""
        return filled(prompt_of(self), topic=f"{name}{part_of}", width=str(self.width))

    def parse(self, tasks: tuple[Task, ...], response: Response) -> Iterable[Task | Rejected]:
        """A task for each narrower topic, in order. What the topic or one above it is called, is no narrower one."""
        above = path_of(tasks[0])
        known = {_same(name): name for name in above}
        made = 0
        names, remarks = _names_in(response)
        if not names:
            yield Rejected(response.text, "no topic in the answer", what="answer")
            return
        for said in names:
            name = _name(said)
            if made == self.width:
                yield Rejected(said, "more than asked for", what="remark")
            elif not _same(name) or _weighs(name) > 1:
                yield Rejected(said, "no name of a topic", f"of {len(said.split())} words" if name else "")
            elif _same(name) in known:
                yield Rejected(said, "there already", known[_same(name)])
            else:
                known[_same(name)] = name
                made += 1
                yield Task("", name, extra={"path": [*above, name]})
        yield from (Rejected(remark, "not part of the list", what="remark") for remark in remarks if remark)


def _names_in(response: Response) -> tuple[list[str], list[str]]:
    """What the answer lists, and what it says around that; of one that was cut, not the last name."""
    text, remarks = unwrapped(response.text)
    if not text.strip() or is_refusal(text):
        return [], []
    cut = response.finish_reason == "length"
    if (found := _of_json(text)) is not None:
        return found, remarks
    items, others = list_items(text, 1)
    lines = [line for line in items[0].strip().split("\n") if line.strip()] if len(items) == 1 else []
    if len(lines) == 1 and len(parts := _COMMAS.split(lines[0].strip())) > 2:
        items = parts
    elif len(lines) > 1:
        items = lines
    elif lines and is_prose(items[0], alone=True):
        return [], []
    return [item for item in items if item.strip()][: -1 if cut else None], remarks + others


def _of_json(text: str) -> list[str] | None:
    """The names in a JSON value: a list of them or of objects, alone or in an object; or the keys of one."""
    begin = min((at for at in (text.find("["), text.find("{")) if at >= 0), default=-1)
    if begin < 0 or text[:begin].count("\n") > 3:
        return None
    with suppress(ValueError, RecursionError):
        value, _ = json.JSONDecoder(strict=False).raw_decode(text, begin)
        return list(_in_value(value)) or None
    return None


def _in_value(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        inner = next((one for one in value.values() if isinstance(one, list)), None) if len(value) == 1 else None
        yield from _in_value(inner) if inner is not None else map(str, value)
    elif isinstance(value, list):
        for one in value:
            texts = [text for text in one.values() if isinstance(text, str)] if isinstance(one, dict) else [one]
            named = [one[key] for key in _NAMES if key in one] if isinstance(one, dict) else []
            yield from (text for text in (named or texts)[:1] if isinstance(text, str) and text.strip())


def _name(said: str) -> str:
    """What an item calls a topic: its first line, without what explains it."""
    first = next((line for line in said.strip().split("\n") if line.strip()), "")
    first = _LABEL.sub("", _NUMBERED.sub("", unbold(first)).strip(_ENDS))
    return one_line(_EXPLAINED.sub("", first)).strip(_ENDS)


def _weighs(name: str) -> float:
    """How long it is, 1 at most."""
    han = len(re.findall(f"[{HAN}]", name))
    return max((len(name) + han) / LONGEST, len(name.split()) / LONGEST_WORDS)


def _same(name: str) -> str:
    """By what two names are one: case, marks and articles aside."""
    return _ARTICLE.sub("", _SAME.sub(" ", name.casefold()).strip() + " ").strip()
