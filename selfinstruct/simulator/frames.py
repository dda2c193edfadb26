"""The prompts that show tasks in a frame of headings: evolve, judge, chat, and improve a method of evolving."""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["Framed", "Shown", "block", "framed", "question"]


class Shown(NamedTuple):
    """A task as a prompt shows it."""

    instruction: str
    given: str


class Framed(NamedTuple):
    kind: str
    """evolve, breadth, difficulty, equal, score, chat, analyse or improve."""
    language: str
    """Of the prompt."""
    method: str = ""
    """How to evolve, in the words of the prompt; to be improved."""
    tasks: tuple[Shown, ...] = ()
    answer: str = ""
    """To judge; or what became of tasks, and what was wrong with that."""


# By the last line of the prompt: what it asks for, its language, and the heading before each part.
_ENDS = {
    "[New task]": ("evolve", "en", ("[Given task]",)),
    "【新任务】": ("evolve", "zh", ("【原任务】",)),
    "[Difficulty]": ("difficulty", "en", ("[Task]",)),
    "【难度】": ("difficulty", "zh", ("【任务】",)),
    "[Verdict]": ("equal", "en", ("[First task]", "[Second task]")),
    "【结论】": ("equal", "zh", ("【任务一】", "【任务二】")),
    "[Score]": ("score", "en", ("[Task]", "[Answer]")),
    "【分数】": ("score", "zh", ("【任务】", "【答案】")),
    "[What went wrong]": ("analyse", "en", ("[Method]", "[Tasks]")),
    "【问题】": ("analyse", "zh", ("【方法】", "【任务】")),
    "[New method]": ("improve", "en", ("[Method]", "[What went wrong]")),
    "【新方法】": ("improve", "zh", ("【方法】", "【问题】")),
}
_CHAT = {"Assistant:": ("en", "User:"), "助手：": ("zh", "用户：")}
_LABELS = {"en": ("Instruction:", "Input:"), "zh": ("指令：", "输入：")}
_DEMANDS = re.compile(r"\n\n(?:The new task|对新任务的要求)")
_BREADTH = re.compile(r"\A\s*(?:Make a new task|请参照)")


def framed(text: str) -> Framed | None:
    """None when the prompt has no such frame."""
    text = text.strip()
    last = text.rsplit("\n", 1)[-1]
    if last in _CHAT:
        language, user = _CHAT[last]
        found = re.search(rf"^{user}[ \t]*", text, re.MULTILINE)
        return Framed("chat", language, tasks=(question(text[found.end() : -len(last)]),)) if found else None
    if last not in _ENDS:
        return None
    kind, language, headings = _ENDS[last]
    parts = _parts(text[: -len(last)], headings)
    if parts is None:
        return None
    head, *bodies = parts
    if kind in ("analyse", "improve"):
        return Framed(kind, language, method=bodies[0], answer=bodies[1])
    if kind == "score":
        return Framed(kind, language, tasks=(block(bodies[0], language),), answer=bodies[1])
    if kind == "evolve":
        method = re.split("[:：]", _DEMANDS.split(head)[0], maxsplit=1)[-1].strip()
        return Framed("breadth" if _BREADTH.match(head) else kind, language, method, (block(bodies[0], language),))
    return Framed(kind, language, tasks=tuple(block(body, language) for body in bodies))


def _parts(text: str, headings: tuple[str, ...]) -> list[str] | None:
    """What stands before the first heading and after each."""
    parts = []
    for heading in headings:
        before, found, text = text.partition(f"\n{heading}\n")
        if not found:
            return None
        parts.append(before.strip())
    return [*parts, text.strip()]


def block(text: str, language: str) -> Shown:
    """A task as a prompt in that language writes it: two labels, the second one only where there is an input."""
    before, after = _LABELS[language]
    instruction, _, given = text.removeprefix(before).partition(f"\n{after}")
    return Shown(instruction.strip(), given.strip())


def question(text: str) -> Shown:
    """An instruction, and after a blank line its input."""
    instruction, _, given = text.strip().partition("\n\n")
    return Shown(instruction.strip(), given.strip())
