"""Questions with their answers, as models write them: labelled, numbered, in JSON, "Q:" and "A:", 问 and 答."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from selfinstruct.stages.reading.fields import closed
from selfinstruct.stages.reading.json_answers import fields_of, json_answer
from selfinstruct.stages.reading.plain import EMPHASIS, unbold, unwrapped
from selfinstruct.text.later import later

__all__ = ["Pair", "pairs_in"]


class Pair(NamedTuple):
    question: str
    answer: str
    fault: str = ""
    """Why it is none: it broke off, or one of the two is missing."""


_ASKED = r"questions?|q|问题|提问|问"
_SAID = r"answers?|a|答案|回答|解答|答"
_NUMBER = r"(?:[（(\[【]?\d{1,3}[.)）\]】、:：]?[*_]{0,3}[ \t]*[*_]{0,3})?"
_FIELD = later(
    rf"^{EMPHASIS}{_NUMBER}[\[【]?(?:(?P<asked>{_ASKED})|(?P<said>{_SAID}))[ \t]*+(?:no\.|#)?[ \t]*+\d{{0,3}}"
    rf"(?:[ \t]*+[(（][^()（）\n]{{1,30}}[)）])?[\]】]?[*_]{{0,3}}"
    r"(?:[ \t]*[.)]?[:：][*_]{0,3}[ \t]*|(?<=[】\]])[ \t]*(?=[^\s:：])|(?<=[QA]\d)[.)][*_]{0,3}[ \t]+"
    r"|(?:(?<=[\]】*])|(?<=\d)[.、]?)[ \t]*\n|[ \t]*\n(?=[ \t]*\S))",
    re.IGNORECASE | re.MULTILINE,
)
_SHORT = later(r"[QA]\d[.)]\Z")
"""Q1. and A1."""
_INLINE = later(rf"(?<=[?？])[ \t]*[-–—]?[ \t]*([*_]{{0,3}}(?:{_SAID})[*_]{{0,3}}[:：])", re.IGNORECASE)
_NUMBERED = later(r"^[ \t]*[*_]{0,3}(?:\d{1,3}[.)、）:]|[（(]\d{1,3}[)）])[*_]{0,3}[ \t]*(?=\S)", re.MULTILINE)
_QUESTION_END = later(r"[?？][*_\"”’]*")
_LABEL = later(rf"\A{EMPHASIS}(?:{_ASKED}|{_SAID})[ \t]*\d{{0,3}}[*_]{{0,3}}[:：][*_]{{0,3}}[ \t]*", re.IGNORECASE)


def pairs_in(text: str, *, cut: bool = False) -> tuple[list[Pair], list[str]]:
    """The questions with their answers, in order, and what is said around them. `cut`: the last answer broke off."""
    if found := json_answer(text, "instruction"):
        pairs = [pair for item in found.items if (pair := _of_json(item))]
        if found.cut:
            pairs.append(Pair(found.cut, "", "truncated"))
        if pairs:
            return pairs, found.remarks
    said, remarks = unwrapped(text)
    said = _INLINE.sub(r"\n\1", said)
    marks = [mark for mark in _FIELD.finditer(said) if _counts(mark)]
    if any(mark["said"] for mark in marks):
        pairs, before = _labelled(said, marks)
    else:
        pairs, before = _listed(said)
    if cut and pairs:
        pairs[-1] = pairs[-1]._replace(fault="truncated")
    return pairs, [remark for remark in map(str.strip, (*remarks, before)) if re.search(r"\w", remark)]


def _counts(mark: re.Match[str]) -> bool:
    """A single letter or 问 needs its colon: "A" may begin a sentence of its own line."""
    label = mark[0].rstrip(" \t*_\n")
    return len(mark["asked"] or mark["said"]) > 1 or label.endswith((":", "：")) or bool(_SHORT.search(label))


def _of_json(item: object) -> Pair | None:
    if not isinstance(item, dict):
        return None
    fields = fields_of(item)
    return _checked(fields.get("instruction", ""), fields.get("output", ""))


def _labelled(text: str, marks: list[re.Match[str]]) -> tuple[list[Pair], str]:
    """A question is what stands below its label, and an answer all up to the next question."""
    before = text[: marks[0].start()].strip()
    pairs, question = list[Pair](), ""
    if marks[0]["said"]:  # it goes on behind the prompt's own heading
        question, before = before, ""
    ends = [*(mark.start() for mark in marks[1:]), len(text)]
    answered = True
    for mark, end in zip(marks, ends, strict=True):
        value = closed(text[mark.end() : end])
        if mark["asked"]:
            if not answered:
                pairs.append(_checked(question, ""))
            question, answered = value, False
        elif answered and pairs and not question:
            pairs[-1] = pairs[-1]._replace(answer=f"{pairs[-1].answer}\n{value}")
        else:
            pairs.append(_checked(_NUMBERED.sub("", question, 1) if _NUMBERED.match(question) else question, value))
            question, answered = "", True
    if not answered:
        pairs.append(_checked(question, ""))
    return pairs, before


def _listed(text: str) -> tuple[list[Pair], str]:
    """Questions that end with a question mark, each with its answer in the same line or below, numbered or not."""
    marks = list(_NUMBERED.finditer(text))
    starts = [mark for mark in marks if _QUESTION_END.search(_line(text, mark))]
    parts: Iterator[str]
    if starts:
        ends = [*(mark.start() for mark in starts[1:]), len(text)]
        parts = (text[mark.end() : end] for mark, end in zip(starts, ends, strict=True))
        before = text[: starts[0].start()]
    else:
        parts, before = iter(_by_questions(text)), ""
    pairs = []
    for part in parts:
        end = _QUESTION_END.search(part)
        if not end:
            continue
        answer = _LABEL.sub("", part[end.end() :].lstrip(" \t\n*_-–—"))
        pairs.append(_checked(_LABEL.sub("", part[: end.end()].strip()), closed(answer)))
    return pairs, before if pairs else text


def _line(text: str, mark: re.Match[str]) -> str:
    end = text.find("\n", mark.end())
    return text[mark.end() : end if end >= 0 else len(text)]


def _by_questions(text: str) -> list[str]:
    """Cut at the lines that are questions."""
    parts = list[str]()
    for line in text.split("\n"):
        if _QUESTION_END.search(line.rstrip()[-3:]):
            parts.append(line)
        elif parts:
            parts[-1] += f"\n{line}"
    return parts


def _checked(question: str, answer: str) -> Pair:
    question = unbold(" ".join(question.split())).strip("*_ ")
    answer = answer.strip()
    if not re.search(r"\w", question):
        return Pair(question, answer, "an answer without a question")
    return Pair(question, answer, "" if re.search(r"\w", answer) else "a question without an answer")
