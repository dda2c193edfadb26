"""A rewritten task in an answer: which of its lines are the task, and which are said about it.

Asked for the new task alone, teachers write the given one once more before it, answer it, list what they changed, or
write down every step of the way. Labels at the start of a line part the answer (task_labels.py); a label that is the
task's own (its parent has it, it stands in code, in a form or an example that the task gives) parts nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple

from selfinstruct.stages.reading.plain import unbold
from selfinstruct.stages.reading.task_labels import (
    ABOUT,
    FORM_INLINE,
    GIVEN_INLINE,
    INLINE,
    PLACEHOLDER,
    RULE,
    STEP,
    label_of,
)
from selfinstruct.stages.reading.task_own import OwnLabels
from selfinstruct.stages.reading.task_reader import Reader
from selfinstruct.stages.reading.task_sections import Place, Section, letters
from selfinstruct.text.later import later
from selfinstruct.text.nothing import no_input

__all__ = ["NewTask", "read_task"]

_QUOTES = {'"': '"', "“": "”", "'": "'", "‘": "’", "「": "」", "『": "』", "«": "»", "`": "`"}
_TAGGED = later(
    r"^[ \t]*<((?:new_|rewritten_)?(?:instruction|task|prompt|question)|input|output|answer|response|solution)>"
    r"\s*+((?:(?!</\1>).)*?)\s*</\1>[ \t]*$",
    re.IGNORECASE | re.MULTILINE | re.DOTALL,
)
_OTHERS = later(r"^\W{0,4}(?:person )?(?:b|乙)\W{0,3}[:：]", re.IGNORECASE | re.MULTILINE)
"""A second speaker."""
_TAG = later(r"\s{0,4}</(?:new|rewritten)[ _](?:task|instruction|prompt)>\s{0,4}\Z", re.IGNORECASE)


class NewTask(NamedTuple):
    instruction: str
    """Empty when there is none."""
    input: str | None
    """None when none is named; "" when it is said that there is none."""
    remarks: list[str]
    """What else the answer holds, in order."""


def read_task(text: str, parent: str = "") -> NewTask:
    """The new task of an answer; `parent` is the text of the given one, input included, whose labels are its own."""
    text = text.strip()
    begins = label_of(text.partition("\n")[0])
    if begins and begins.kind in ("given", "before"):
        text = GIVEN_INLINE.sub("\n", text)
    text = _tags_as_labels(text)
    if _in_one_line(text):
        text = INLINE.sub("\n", text)
        if begins and begins.kind == "instruction":
            text = FORM_INLINE.sub("\n", text)
    place = Place(text.split("\n")[::-1])
    reader = Reader(
        place,
        OwnLabels(place, _names_in(parent), letters(parent), bool(_OTHERS.search(text))),
        has_steps=bool(STEP.search(parent)),
        has_rules=any(map(_is_rule, parent.split("\n"))),
        has_code="```" in parent,
    )
    return _chosen(reader.read(), parent)


def _tags_as_labels(text: str) -> str:
    """The text with "[Answer] …" for "<answer>…</answer>"."""
    if "</" not in text:
        return text
    return _TAGGED.sub(lambda found: f"[{found[1].replace('_', ' ')}]\n{found[2]}\n", text)


def _in_one_line(text: str) -> bool:
    """Whether "Output:" may stand behind the instruction in its own line."""
    first, _, rest = text.strip().partition("\n")
    label = label_of(first)
    return not rest.strip() or bool(label and label.kind in ("instruction", "task", "new", "final"))


def _names_in(parent: str) -> Counter[str]:
    return Counter(label.name for line in parent.split("\n") if (label := label_of(line)))


def _chosen(sections: list[Section], parent: str) -> NewTask:
    tasks = [one for one in sections if one.kind != "said" and one.whole]
    if not tasks:
        return NewTask("", None, [one.whole for one in sections if one.whole])
    chosen = _best(tasks, parent)
    remarks = list[str]()
    for one in sections:
        if one is not chosen and one.whole:
            remarks.append(one.whole)
    instruction = _tidy(chosen.text)
    given = None if chosen.input is None else _tidy("\n".join(chosen.input), keep=True)
    if given is not None and no_input(given, instruction):
        given = ""
    if chosen.kind == "given" and (rest := _after(instruction, parent)):
        remarks.insert(0, instruction[: len(instruction) - len(rest)].strip())
        instruction = rest
    return NewTask("" if PLACEHOLDER.fullmatch(instruction) else instruction, given, remarks)


def _best(tasks: list[Section], parent: str) -> Section:
    """The last of those called final or new; else the last step, or the first task, that is not the given one."""
    for kind in ("final", "new"):
        if called := [one for one in tasks if one.kind == kind and one.text]:
            return called[-1]
    if steps := [one for one in tasks if one.kind == "step" and one.text]:
        return next((one for one in reversed(steps) if not ABOUT.search(one.text[:200])), steps[-1])
    labelled = [one for one in tasks if one.kind in ("task", "option") and one.text]
    labelled = labelled or [one for one in tasks if one.kind == "bare" and one.text] or tasks
    return next((one for one in labelled if not _same(one.text, parent.split("\n")[0])), labelled[0])


def _after(text: str, parent: str) -> str:
    """The paragraphs after the one that is the given task; "" when none follow it."""
    first, _, rest = text.partition("\n\n")
    return rest.strip() if _same(first, parent) or _same(first, parent.split("\n")[0]) else ""


def _same(text: str, other: str) -> bool:
    return letters(text) == letters(other)


def _tidy(text: str, keep: bool = False) -> str:
    """Without rules at its ends and quotation marks around it; stars stay in an input (`keep`)."""
    lines = text.strip().split("\n")
    while lines and (not lines[-1].strip() or (RULE.fullmatch(lines[-1]) and sum(map(_is_rule, lines)) % 2)):
        lines.pop()
    while lines and RULE.fullmatch(lines[0]) and sum(map(_is_rule, lines[:50])) % 2:
        lines.pop(0)
    text = "\n".join(lines).strip()
    if keep:
        return text
    if all(line.startswith(">") for line in text.split("\n") if line.strip()):
        text = "\n".join(line[1:].removeprefix(" ") for line in text.split("\n"))
    text = _TAG.sub("", unbold(text)).strip()
    closing = _QUOTES.get(text[:1])
    inner = text[1:-1]
    whole = closing and inner and text.endswith(closing) and closing not in inner and text[0] not in inner
    return inner.strip() if whole else text


def _is_rule(line: str) -> bool:
    return bool(RULE.fullmatch(line))
