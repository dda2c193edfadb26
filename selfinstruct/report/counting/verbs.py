"""What an instruction asks to do, and with what: its root verb and that verb's objects, in English and Chinese.

Self-Instruct's figure of verbs and nouns takes the root of a parse and the first noun below it, which is not always
the object: "Describe in one sentence the water cycle" describes no sentence. Here there is no parser (theirs must be
downloaded) but parts of speech and rules: the verb of the first clause that asks for something, and all heads of the
noun phrases that are its objects ("Write a title and two short stories" has two).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache
from importlib.util import find_spec
from typing import NamedTuple

from selfinstruct.report.counting.verbs_en import asked_en
from selfinstruct.report.counting.verbs_zh import asked_zh

__all__ = ["Asked", "asked", "missing"]

HAN = re.compile("[\u4e00-\u9fff]")


class Asked(NamedTuple):
    verb: str
    """Its base form; "" where nothing is asked in the imperative, as in a question."""
    objects: tuple[str, ...]
    """Heads of the verb's objects, in their base form, each once."""
    nouns: tuple[str, ...]
    """All nouns of the part that was looked at, each once: what the task is about."""


@cache
def missing() -> str:
    """The package that is not installed and is needed for this; "" when all are."""
    return next((name for name in ("textblob", "lemminflect", "jieba") if not _is_there(name)), "")


def _is_there(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ValueError:  # it is being hidden: sys.modules has None
        return False


def asked(instruction: str) -> Asked:
    """By the script of its first 200 characters. Raises ImportError when a package is missing."""
    start = instruction[:200]
    find: Callable[[str], tuple[str, Iterable[str], Iterable[str]]]
    find = asked_zh if len(HAN.findall(start)) * 5 > len(start.strip()) else asked_en
    verb, objects, nouns = find(instruction)
    return Asked(verb, tuple(dict.fromkeys(objects)), tuple(dict.fromkeys(nouns)))
