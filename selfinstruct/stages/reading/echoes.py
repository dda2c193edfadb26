"""Echoes: the prompt's own text in an answer.

Small models copy what they are shown: the tasks, the examples, the rules, the headings. Such a text is recognised word
for word, whatever its white space, case, quotation marks, list number or label; one that only resembles it is data. It
is read off the prompt itself, so that a prompt of the user's own is recognised as ours are.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from selfinstruct.stages.reading.plain import HAN, NUMERAL
from selfinstruct.text.later import later

__all__ = ["echo_of"]

_MARK = later(
    r"[ \t\u3000>#*_]*(?P<rule>(?:[（(\[【]?\d{1,3}[.．)）\]】、:：]|[-+•·*]"
    rf"|[（(]?{NUMERAL}[、.．)）]|[①-⑳])(?=[ \t\u3000{HAN}A-Z*_]))?[ \t\u3000*_]*"
)
_LABEL = later(
    r"(?:(?:task|instruction|question|prompt|example|input|output|answer|response|class label|classification|label)"
    r"(?:[ \t]?\d{1,3}|(?=[*_]*[:：]))"
    r"|(?:任务|指令|问题|示例|例子|例|输入|输出|答案|回答|类别标签|类别|标签|分类)(?:\d{1,3}|(?=[*_]*[:：])))"
    r"[*_]{0,3}[:：.]?[*_]{0,3}",
    re.IGNORECASE,
)
_HEAD = later(rf"([A-Z]\w*(?: \w+){{0,2}}|[{HAN}]{{1,6}})[*_]{{0,3}}[:：](?=[ \t*_]|[{HAN}])")
_SENTENCE = later(r"(?<=[.!?])[\"'”’)]*(?=\s)|(?<=[。！？；])")
# Numbers are one word with their points: 3.5 is not 35. Quotation marks and the stops of sentences are left out.
_WORD = later(rf"\d+(?:[.,:/]\d+)*|[{HAN}]|[^\W\d_{HAN}]+|[^\s\w\"'`“”‘’「」『』*_.,:;!?。，、：；！？…]")
_PLACE = later(r"(?<!\{)\{\w+\}(?!\})")
_GAP = "\0"
"""Where a place of the prompt's is filled in: no word of an answer."""
_LEAST = 3
"""Words that a text must have to be a copy rather than a coincidence; of Chinese characters twice as many."""


class _Words(NamedTuple):
    stream: str
    """All words of the prompt, each with a space before and after it."""
    starts: dict[int, str]
    """Where a line or sentence begins in it, and of what kind the line is."""
    ends: frozenset[int]
    heads: frozenset[str]
    """Labels of the prompt's own, which begin more than one of its lines, in lower case."""


def echo_of(text: str, prompt: str, shown: Iterable[str] = ()) -> str:
    """What of the prompt the text repeats: "a task of the prompt", "an example of the prompt", "a rule of the prompt",
    "a heading of the prompt" or "a sentence of the prompt"; "" when it is no part of it.

    `prompt` is the prompt's text with or without its places filled in (what stands in {places} is not looked at);
    `shown` are the tasks that filled them. A text repeats the prompt when it is one or more whole lines or sentences of
    it, and three words at least; an input and its output, parted by a line break, those of one example.
    """
    known = _words_of(prompt)
    words = _folded(text, known.heads)
    if not words:
        return ""
    if any(words == _folded_often(task) for task in shown):
        return "a task of the prompt"
    at = known.stream.find(words)
    while at >= 0:
        kind = known.starts.get(at)
        if kind and at + len(words) in known.ends and _weighs(words, kind):
            return f"{kind} of the prompt"
        at = known.stream.find(words, at + 1)
    return ""


def _weighs(words: str, kind: str) -> bool:
    single = words.split()
    han = sum(word[0] >= "\u3400" for word in single)
    least = 2 if kind == "a heading" else _LEAST
    return len(single) - han + han / 2 >= least


def _folded(text: str, heads: frozenset[str] = frozenset()) -> str:
    """The words of a text as in `_Words.stream`."""
    lines = (_line(line, heads)[0] for line in text.split("\n"))
    return _spaced(word for line in lines for word in _WORD.findall(line))


_folded_often = lru_cache(1024)(_folded)


def _spaced(words: Iterable[str]) -> str:
    joined = " ".join(words)
    return f" {joined} ".casefold() if joined else ""


def _line(line: str, heads: frozenset[str]) -> tuple[str, str]:
    """A line without its list mark and its label, and of what kind it is."""
    mark = _MARK.match(line)
    rest = line[mark.end() :] if mark else line
    head = _HEAD.match(rest)
    if (head and head[1].casefold() in heads) or (head := _LABEL.match(rest)):
        return rest[head.end() :], "an example"
    if mark and mark["rule"]:
        return rest, "a rule"
    whole = rest.strip()
    if (whole.startswith(("[", "【")) and whole.endswith(("]", "】"))) or whole.endswith((":", "：")):
        return rest, "a heading"
    return rest, "a sentence"


@lru_cache(64)
def _words_of(prompt: str) -> _Words:
    lines = prompt.split("\n")
    begun = Counter(head[1].casefold() for line in lines if (head := _HEAD.match(line)))
    heads = frozenset(head for head, times in begun.items() if times > 1)
    stream, starts, ends, labelled = "", dict[int, str](), set[int](), False
    for line in lines:
        rest, kind = _line(line, heads)
        labelled = kind == "an example" or (labelled and bool(line.strip()))
        kind = "an example" if labelled and kind == "a sentence" else kind
        at = 0
        for end in [*(found.end() for found in _SENTENCE.finditer(rest)), len(rest)]:
            words = _spaced(_WORD.findall(_PLACE.sub(_GAP, rest[at:end])))
            at = end
            if words:
                stream = stream[:-1]
                starts.setdefault(len(stream), kind)
                stream += words
                ends.add(len(stream))
    return _Words(stream, starts, frozenset(ends), heads)
