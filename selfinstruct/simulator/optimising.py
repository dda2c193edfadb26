"""How the built-in teacher improves a method of evolving: it finds what went wrong, and adds the step that forbids it.

It follows such steps itself when it evolves by the method, so that fewer evolutions fail.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from random import Random
from typing import NamedTuple

from selfinstruct.simulator.frames import Framed, block
from selfinstruct.simulator.judging import equal

__all__ = ["analyse", "followed_by", "improve"]


class Fault(NamedTuple):
    said: str
    """In the groups of these numbers …"""
    step: str
    """… and what a method says against it."""
    words: re.Pattern[str]
    """By which the fault is known in anybody's analysis."""
    followed: re.Pattern[str]
    """By which the step, or one like it, is known in a method."""


FAULTS = {
    "en": {
        "unchanged": Fault(
            "Groups {}: a task did not become harder, since the method never has the two tasks compared.",
            "Compare the new task with the old one; if both ask for the same, plan again.",
            re.compile(r"\bharder\b|\bsame\b|\bunchanged\b", re.IGNORECASE),
            re.compile(r"\bcompare\b", re.IGNORECASE),
        ),
        "leak": Fault(
            "Groups {}: a task speaks of other tasks, which the method does not forbid.",
            "Let the new task speak of nothing but its own subject.",
            re.compile(r"\bspeaks? of\b|\bmentions?\b|\blabels?\b", re.IGNORECASE),
            re.compile(r"\bits own subject\b|\bno other task\b", re.IGNORECASE),
        ),
        "lost": Fault(
            "Groups {}: the input got lost, which the method does not guard well enough.",
            "Copy the input once more before writing, and leave nothing out of it.",
            re.compile(r"\binput\b|\bmaterial\b", re.IGNORECASE),
            re.compile(r"\bcopy the input\b", re.IGNORECASE),
        ),
    },
    "zh": {
        "unchanged": Fault(
            "第{}组：任务没有变难，因为方法没有要求比较新旧两个任务。",
            "把新任务和旧任务比较一下，如果问的是一回事，就重新计划。",
            re.compile("变难|一样|相同"),
            re.compile("比较"),
        ),
        "leak": Fault(
            "第{}组：任务提到了别的任务，而方法没有禁止这一点。",
            "新任务只谈自己的内容，不提别的任务。",
            re.compile("提到|提及|字样"),
            re.compile("不提"),
        ),
        "lost": Fault(
            "第{}组：输入丢了，方法对此强调得不够。",
            "动笔前先把输入照抄一遍，一点也不要漏。",
            re.compile("输入|材料"),
            re.compile("照抄"),
        ),
    },
}
NOTHING = {"en": "Nothing went wrong.", "zh": "没有发现问题。"}
_LEAK = re.compile(r"\bgiven task\b|\bnew task\b|原任务|新任务", re.IGNORECASE)


def analyse(prompt: Framed) -> str:
    """What went wrong in which groups of tasks, each shown as it was and as it became."""
    groups = dict[str, list[str]]()
    for number, text in enumerate(re.split(r"\n\n(?=\d+\.\n)", prompt.answer), 1):
        for name in dict.fromkeys(_faults(text.partition("\n")[2], prompt.language)):
            groups.setdefault(name, []).append(str(number))
    comma = "、" if prompt.language == "zh" else ", "
    said = [FAULTS[prompt.language][name].said.format(comma.join(numbers)) for name, numbers in groups.items()]
    return "\n".join(said) or NOTHING[prompt.language]


def _faults(group: str, language: str) -> Iterator[str]:
    tasks = [block(text, language) for text in group.split("\n-->\n")]
    for before, after in pairwise(tasks):
        if equal(before, after):
            yield "unchanged"
        if _LEAK.search(after.instruction) and not _LEAK.search(before.instruction):
            yield "leak"
        if before.given and not after.given:
            yield "lost"


def followed_by(prompt: Framed) -> set[str]:
    """The faults against which the method of a prompt to evolve says something."""
    return {name for name, fault in FAULTS[prompt.language].items() if fault.followed.search(prompt.method)}


def improve(rng: Random, prompt: Framed) -> str:
    """The method with a step against one of the faults; the same method when there is none to mend."""
    faults = FAULTS[prompt.language].values()
    open_ones = [
        fault for fault in faults if fault.words.search(prompt.answer) and not fault.followed.search(prompt.method)
    ]
    if not open_ones or prompt.answer.strip() == NOTHING[prompt.language]:
        return prompt.method
    steps = len(re.findall(r"^\d+\.", prompt.method, re.MULTILINE))
    return f"{prompt.method}\n{steps + 1}. {rng.choice(open_ones).step}"
