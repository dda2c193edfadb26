"""Tool request: messages of users to an assistant with tools, some of which are drawn for each request.

After APIGen (2406.18518, section 4: simple, parallel and several functions to choose from) and ToolAlpaca (2306.05301),
with two kinds more: a message that lacks a value, and one that no tool fits.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from random import Random
from typing import Any, ClassVar

import yaml

from selfinstruct.errors import UsageError, did_you_mean, quoted
from selfinstruct.stages.calling.checking import Tool, required_of
from selfinstruct.stages.calling.tools import as_text, read_tools, shipped_tools, tools_in
from selfinstruct.stages.prompting import FOLDER, LANGUAGES, check_prompts, filled, prompt_of
from selfinstruct.stages.reading.json_answers import fields_of, json_answer
from selfinstruct.stages.reading.lists import NUMBER, list_items
from selfinstruct.stages.reading.plain import one_line, unbold, unwrapped
from selfinstruct.stages.reading.user_turns import size, speaks_as_assistant
from selfinstruct.task import Rejected, Task
from selfinstruct.teacher import Prompt, Response
from selfinstruct.text.later import later
from selfinstruct.text.loops import find_loop
from selfinstruct.text.refusals import is_refusal

__all__ = ["WAYS", "ToolRequest", "functions_text", "ways"]

WAYS = ("one", "several", "missing", "none")

_LABEL = later(
    r"^(?:(?:user|message|request|query|customer|person)(?: ?#?\d{1,3})?|用户|消息|请求|顾客)\s?\d{0,3}\s?[:：]\s*"
    r"|^【(?:用户|消息|请求|顾客)\s?\d{0,3}】\s*",
    re.IGNORECASE,
)
_QUOTED = later(r"\"([^\"]+)\"|“([^”]+)”|「([^」]+)」|'([^']+)'")
_BULLET = later(r"^(?:[-*+•]|#{1,6})\s+")
_ENDED = later(r"[.!?。！？…][\"”’」'*)）]*\s*\Z")
FEWEST = 2
"""Words of a message, in Chinese 1.6 characters each; and the share of letters in it."""
LETTERS = 0.4
SENTENCE = 4
"""Words of a line that may be a message without a full stop."""
_KEYS = ("message", "request", "user_message", "utterance", "user", "query", "消息", "请求", "用户")


@cache
def ways() -> dict[str, dict[str, str]]:
    """What a message may ask for, by name and language."""
    loaded: dict[str, dict[str, str]] = yaml.safe_load((FOLDER / "tool_ways.yaml").read_text(encoding="utf-8"))
    return loaded


@dataclass(frozen=True, slots=True)
class ToolRequest:
    kind: ClassVar = "grow"
    shows: ClassVar = False
    prompts: ClassVar = {"text": "tool_request"}
    files: ClassVar = {"tools": read_tools}
    tools: str = ""
    """What the assistant can call: in a recipe, a file of them; "" is our own examples in the recipe's language."""
    most: int = 5
    """Tools shown at a time, 1 to so many by lot; those that are not needed are there to be told apart."""
    ways: tuple[str, ...] = ("one", "one", "several", "missing", "none")
    """What messages ask for, one of these by lot: one call, several, a call that lacks a value, what no tool fits."""
    many: int = 5
    """Messages wanted of each answer."""
    language: str = "en"
    """Of the prompt; answers are read in either."""
    text: str = ""
    """A prompt of one's own, with the same places as ours; "" is ours. In a recipe: `prompt: FILE`."""

    def __post_init__(self) -> None:
        check_prompts(self)
        for name in ("most", "many"):
            if getattr(self, name) < 1:
                raise UsageError(f"tool_request: {name} is {getattr(self, name)}; it should be at least 1")
        if not self.ways:
            raise UsageError(f"tool_request needs ways; there are {', '.join(WAYS)}")
        for way in self.ways:
            if way not in WAYS:
                raise UsageError(f"tool_request: no way {quoted(way)}: {did_you_mean(way, WAYS)}")
        if self.tools:
            tools_in(self.tools)

    @property
    def per_answer(self) -> int:
        """For the estimate of --dry-run."""
        return self.many

    @property
    def offered(self) -> tuple[Tool, ...]:
        return tools_in(self.tools) if self.tools else shipped_tools(self.language)

    def drawn(self, rng: Random, number: int, seed: int = 0) -> ToolRequest:
        """With some of its tools, and one of its ways: one that these tools allow."""
        tools, way = self.offered, rng.choice(self.ways)
        shown = rng.sample(tools, rng.randint(1, min(self.most, len(tools))))
        needy = [tool for tool in tools if required_of(tool)]
        if way == "missing" and needy and not any(map(required_of, shown)):
            shown[0] = rng.choice(needy)
        if way == "missing" and not needy:
            way = "one"
        return replace(self, tools=as_text(shown), ways=(way,))

    def prompt(self, tasks: tuple[Task, ...], rng: Random) -> Prompt:
        tools, way = self.offered, self.ways[0]
        target = rng.choice([tool for tool in tools if way != "missing" or required_of(tool)] or tools)
        parameter = rng.choice(required_of(target) or [""])
        words = ways()[way][self.language if self.language in LANGUAGES else "en"]
        wanted = filled(words, target=target["function"]["name"], parameter=parameter).strip()
        return filled(prompt_of(self), tools=functions_text(tools), many=str(self.many), wanted=wanted)

    def parse(self, tasks: tuple[Task, ...], response: Response) -> Iterable[Task | Rejected]:
        """A task for each message, with the tools that were shown, and in `calls` what it asks for."""
        items, others = _messages(response)
        names = [name for tool in self.offered if _is_no_word(name := tool["function"]["name"])]
        cut = response.finish_reason == "length"
        if cut and items:
            yield Rejected(items.pop(), "truncated")
        elif cut or not items:
            yield Rejected(response.text, "truncated" if cut else "no message in the answer", what="answer")
            return
        for item in items:
            if fault := _fault(item, names):
                yield Rejected(item, *fault)
            else:
                yield Task("", item, tools=tuple(map(dict, self.offered)), extra={"calls": self.ways[0]})
        yield from (Rejected(text, "not part of the list", what="remark") for text in others if text.strip())


def functions_text(tools: Sequence[Tool]) -> str:
    """The functions, one a line."""
    return "\n".join(json.dumps(tool["function"], ensure_ascii=False) for tool in tools)


def _is_no_word(name: str) -> bool:
    """Whether a name can be nothing but a function's: get_time, getTime, not convert."""
    return bool(re.search(r"_|\.|[a-z][A-Z]", name))


def _fault(item: str, names: Sequence[str]) -> tuple[str, str] | None:
    """Why it is no message of a user's: category and detail."""
    if is_refusal(item):
        return "refusal", ""
    if named := next((name for name in names if name in item), ""):
        return "names the function", named
    if size(item) < FEWEST or sum(map(str.isalpha, item)) < LETTERS * len(re.sub(r"\s", "", item)):
        return "hardly a word", ""
    if speaks_as_assistant(item):
        return "speaks as the assistant", ""
    loop = find_loop(item)
    return ("repetition", loop) if loop else None


def _messages(response: Response) -> tuple[list[str], list[str]]:
    """The messages of a list, in JSON or in words, and what else is said."""
    if answer := json_answer(response.text, "instruction"):
        found = [_of_json(item) for item in answer.items]
        return [_tidy(text) for text in found if text.strip()], [*answer.remarks, *filter(None, [answer.cut])]
    text, remarks = unwrapped(response.text)
    if NUMBER.search(text) or len(_BULLET.findall(text)) > 1 or "\n" not in text.strip():
        items, others = list_items(text, 1)
    else:
        items, others = [line for line in text.split("\n") if line.strip()], []
        if items[0].rstrip().endswith((":", "：")):
            others.append(items.pop(0))
        whole = sum(bool(_ENDED.search(line)) or size(line) >= SENTENCE for line in items)
        if 2 * whole < len(items):  # one text, cut into lines
            items, others = [], [*others, *items]
    return [tidy for item in items if (tidy := _tidy(item))], [*remarks, *others]


def _of_json(item: Any) -> str:
    fields = fields_of(item)
    if isinstance(item, dict) and "instruction" not in fields:
        texts = [text for text in item.values() if isinstance(text, str)]
        named = [item[key] for key in _KEYS if isinstance(item.get(key), str)]
        return (named or (texts if len(texts) == 1 else [""]))[0]
    return fields.get("instruction", "")


def _tidy(item: str) -> str:
    text = _LABEL.sub("", _BULLET.sub("", one_line(unbold(item))))
    if quoted := _QUOTED.fullmatch(text):
        text = next(filter(None, quoted.groups()))
    return text if re.search(r"\w", text) else ""
