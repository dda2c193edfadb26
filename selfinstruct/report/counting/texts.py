"""Which texts of a task are its instruction, its inputs and its outputs, whatever shape it has; and their language."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from selfinstruct.report.counting.verbs_en import IMPERATIVE
from selfinstruct.task import Task
from selfinstruct.text.languages import ENGLISH, other_language

__all__ = ["inputs", "language", "outputs", "score"]

ENOUGH = 300
"""Characters of an instruction that tell its language."""
SCRIPTS = {
    "ja": re.compile("[\u3040-\u30ff]"),
    "ko": re.compile("[\uac00-\ud7ff]"),
    "zh": re.compile("[\u3400-\u9fff]"),
}
SCORES = ("score", "quality", "rating", "difficulty", "reward", "ifd", "likelihood")
"""Keys of rows that say how good or how hard one is, the first of them counts."""


def inputs(task: Task) -> Iterable[str]:
    """Those that say something."""
    return (each.input for each in task.instances if each.input.strip())


def outputs(task: Task) -> Iterable[str]:
    """The answers of instances, of the assistant's turns, and of those judged the good ones."""
    yield from (each.output for each in task.instances)
    yield from (turn["content"] for turn in task.turns if turn["role"] == "assistant")
    for judged in task.judged:
        if judged.good:
            yield from (turn["content"] for turn in judged.turns if turn["role"] == "assistant")


def language(text: str) -> str:
    """The code of the language of an instruction: told by its script and commonest words where that is enough."""
    return _language(text[:ENOUGH])


@lru_cache(200_000)  # a report asks twice, for the figures and for the rows
def _language(text: str) -> str:
    if text.isascii():
        words = text.split()
        if len(words) < 4 or words[0].lower() in IMPERATIVE or 6 * len(ENGLISH.findall(text)) >= len(words):
            return "en"  # as nine instructions of ten: ten times as fast
        return other_language(text, "en") or "en"
    sizes = {code: len(pattern.findall(text)) for code, pattern in SCRIPTS.items()}
    if 4 * sum(sizes.values()) < len(text.strip()):
        return other_language(text, "en") or "en"
    if sizes["ko"] > sizes["zh"]:
        return "ko"
    return "ja" if 5 * sizes["ja"] > sizes["zh"] else "zh"


def score(task: Task) -> float | None:
    """What a judge, or a choice, said of the task, by the usual keys; None where nobody did."""
    found = (task.extra.get(key) for key in SCORES)
    return next((float(value) for value in found if value is not None and _is_number(value)), None)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value and abs(value) < 1e12
