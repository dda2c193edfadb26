"""Thoughts: what a row has of them beside an answer or in its text, and what becomes of that.

`thoughts` is a setting of a training:
- auto: as the template does it. They are learned where it has a place for them in the answer of a chat, and left out
  where it has none; what stands in the text of an answer stays there, unless the template would take it out.
- learn: learned with any template; where it has no place for them, between <think> and </think> before the answer. Of
  templates that answer at once by default (Qwen3.5's small ones), the prompt for thinking is taken.
- leave: never learned, nor those in texts. Of templates that can be told so (Qwen3), the prompt for answers at once is
  taken.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .rendering import Template

__all__ = ["SETTINGS", "became", "placed", "switched", "thoughts_of"]

SETTINGS = ("auto", "learn", "leave")
SWITCHES = {name: re.compile(rf"(?<![\w.'\"]){name}\b(?!['\"])") for name in ("enable_thinking", "thinking")}
"""What callers of a template say whether it is to think: Qwen's and most others', DeepSeek's and Granite's."""
THINK = re.compile(r"\s*<think>(.*?)</think>\s*", re.DOTALL)
"""What was thought, as it stands in the text of answers."""
UNOPENED = re.compile(r"\s*(?:<think>)?(.*?)</think>\s*", re.DOTALL)
"""The same, as a model writes it whose prompt has opened it."""


def switched(source: str, setting: str) -> str:
    """A template's Jinja, told whether to think where it can be told."""
    if setting == "auto":
        return source
    known = [name for name, pattern in SWITCHES.items() if pattern.search(source)]
    return "".join(f"{{%- set {name} = {str(setting == 'learn').lower()} %}}" for name in known) + source


def thoughts_of(turn: Mapping[str, Any]) -> str:
    """Of an answer: those beside it, or in its text."""
    if "thoughts" in turn:
        return str(turn["thoughts"]).strip()
    found = THINK.match(turn["content"])
    return found[1].strip() if found else ""


def placed(template: Template, turn: Mapping[str, Any]) -> Mapping[str, Any]:
    """An answer as the template is given it: its thoughts where they belong, or gone."""
    setting = template.setting
    if "</think>" in turn["content"] and (setting == "leave" or template.thoughts or "</think>" in template.source):
        turn = _parted(turn, UNOPENED if template.opens else THINK)
    if "thoughts" not in turn or setting == "auto" or (setting == "learn" and template.thoughts):
        return turn
    rest = {name: value for name, value in turn.items() if name != "thoughts"}
    if setting == "leave":
        return rest
    return rest | {"content": f"<think>\n{turn['thoughts'].strip()}\n</think>\n\n{turn['content']}"}


def _parted(turn: Mapping[str, Any], pattern: re.Pattern[str]) -> Mapping[str, Any]:
    """An answer with its thoughts apart from its text; as it is when there is nothing else in it."""
    found = pattern.match(turn["content"]) if "thoughts" not in turn else None
    if not found or not (turn["content"][found.end() :] or turn.get("tool_calls")):
        return turn
    thoughts = {"thoughts": found[1].strip()} if found[1].strip() else {}
    return {**turn, "content": turn["content"][found.end() :], **thoughts}


def became(template: Template, *, learned: bool) -> str:
    """For people: what was done with thoughts, and how they can have it otherwise."""
    if learned:
        return "thoughts, learned (--set thoughts=leave: not)"
    if template.setting == "leave":
        return "thoughts, left out (thoughts=leave)"
    if template.setting == "learn":
        return "thoughts that the template drops"
    return "thoughts, left out as the template has no place for them (--set thoughts=learn: learned)"
