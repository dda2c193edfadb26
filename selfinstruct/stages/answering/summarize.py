"""Summarize: what a passage says in short, in a form drawn by lot: a sentence, points, a title, in plain words …"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from random import Random
from typing import Any, ClassVar

from selfinstruct.errors import UsageError, did_you_mean
from selfinstruct.stages.prompting import FOLDER, LANGUAGES, check_prompts, filled, prompt_of
from selfinstruct.stages.reading.lone_text import lone_text
from selfinstruct.stages.reading.passages import passage_of, without_passage
from selfinstruct.stages.reading.plain import HAN
from selfinstruct.task import Instance, Rejected, Task
from selfinstruct.teacher import Prompt, Response
from selfinstruct.text.later import later
from selfinstruct.text.markers import ends_itself
from selfinstruct.text.refusals import is_refusal
from selfinstruct.text.standalone import not_said
from selfinstruct.yaml_text import yaml_of

__all__ = ["Summarize", "forms"]

FORM = "form"
"""Where the form drawn for a task is kept, in its extra."""
SHORTER = 0.8
"""Of the passage's characters, those that a summary may have."""

_LABEL = later(
    r"\A[#*_ \t]*(?:(?:here(?:['’]s| is)|this is)[^\n:：]{0,60}|(?:one-sentence |short )?summary|title|headline"
    r"|abstract|key points|main points"
    r"|摘要|标题|要点|概括|总结|主要内容)[*_]{0,3}[ \t]*[:：][*_]{0,3}[ \t]*\n*|\A#{1,6}[ \t]*(?:summary|摘要"
    r"|总结)[ \t]*\n+",
    re.IGNORECASE,
)
_SENTENCE = later(r"(?<=[.!?…])[\"”’)]*(?:\s+|\Z)|(?<=[。！？])[”’」』）]*|\n+")
_BULLET = later(r"[ \t]*(?:[-*+•·–—][ \t]*|\(?\d{1,2}[.)、][ \t]*|[（(]\d{1,2}[）)])")


@cache
def forms() -> Mapping[str, Mapping[str, Any]]:
    """All forms by name, as prompts/forms.yaml has them."""
    found: Mapping[str, Mapping[str, Any]] = yaml_of((FOLDER / "forms.yaml").read_text(encoding="utf-8"))
    return found


@dataclass(frozen=True, slots=True)
class Summarize:
    kind: ClassVar = "each"
    reads: ClassVar = "passage"
    expected: ClassVar = 70
    prompts: ClassVar = {"text": "summarize"}
    forms: tuple[str, ...] = ("sentence", "short", "points", "title", "plain", "abstract")
    """One is drawn for each passage; one that is named twice is drawn twice as often."""
    language: str = "en"
    """Of the prompt, and of the instruction that the row has."""
    text: str = ""
    """A prompt of one's own, with the same places as ours; "" is ours. In a recipe: `prompt: FILE`."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "forms", tuple(self.forms))
        if not self.forms:
            raise UsageError(f"summarize has no forms: name some of {', '.join(forms())}")
        for name in self.forms:
            if name not in forms():
                raise UsageError(f"summarize has no form {name!r}: {did_you_mean(name, forms())}")
        check_prompts(self)

    def settled(self, task: Task) -> list[Task | Rejected] | None:
        return without_passage(task)

    def prepare(self, task: Task, rng: Random, round: int) -> Task:
        """The task with the wish that is drawn for it as its instruction, and the name of its form."""
        name = rng.choice(self.forms)
        wish = rng.choice(forms()[name][self.language if self.language in LANGUAGES else "en"])
        return replace(task, instruction=wish, extra=task.extra | {FORM: name})

    def prompt(self, tasks: tuple[Task, ...], rng: Random) -> Prompt:
        return filled(prompt_of(self), wish=tasks[0].instruction, passage=passage_of(tasks[0]))

    def parse(self, tasks: tuple[Task, ...], response: Response) -> Iterable[Task | Rejected]:
        """The task with the summary as its answer and the passage as its input; or what is wrong with it."""
        task, passage = tasks[0], passage_of(tasks[0])
        text, remarks = lone_text(response.text, _LABEL)
        if text[:1] + text[-1:] in ('""', "“”") and text.count(text[0]) + text.count(text[-1]) <= 4:
            text = text[1:-1].strip()
        fault = ("truncated", "") if response.finish_reason == "length" and not ends_itself(response.text) else None
        if fault := fault or _fault(text, passage, str(task.extra.get(FORM, ""))):
            yield Rejected(response.text, *fault, what="answer")
            return
        yield from (Rejected(remark, "not part of the summary", what="remark") for remark in remarks if remark)
        yield replace(task, instances=(Instance(passage, text),))


def _fault(text: str, passage: str, form: str) -> tuple[str, str] | None:
    """Why a text is no summary of the passage in that form, with the particulars."""
    if not re.search(r"\w", text):
        return "no answer", ""
    if is_refusal(text):  # a text may well say "There is no …"
        return "refusal", ""
    if found := not_said(text):
        return "not in the passage", found
    if len(text) > SHORTER * len(passage):
        return "no shorter than the passage", f"{len(text):,} of {len(passage):,} characters"
    if len(text) > 200 and " ".join(text.split()) in " ".join(passage.split()):
        return "copied from the passage", ""
    limits = forms().get(form, {})
    lines = [line for line in text.split("\n") if line.strip()]
    found_sentences = [part for part in _SENTENCE.split(text) if re.search(rf"\w.*\w|[{HAN}]", part)]
    for name, count in (("lines", len(lines)), ("sentences", len(found_sentences))):
        low, high = limits.get(name, (0, count))
        if not low <= count <= high:
            return "not in the form asked for", f"{form}: {count} {name}"
    if form == "points" and sum(bool(_BULLET.match(line)) for line in lines) < len(lines) / 2:
        return "not in the form asked for", "points: no list"
    return None
