"""Backtranslate: from a text to the request that it is the answer to (Humpback, 2308.06259, section 2.2)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from random import Random
from typing import ClassVar

from selfinstruct.stages.prompting import check_prompts, filled, prompt_of
from selfinstruct.stages.reading.echoes import echo_of
from selfinstruct.stages.reading.json_answers import fields_of, json_answer
from selfinstruct.stages.reading.passages import passage_of, without_passage
from selfinstruct.stages.reading.plain import unwrapped
from selfinstruct.stages.reading.rewritten import read_task
from selfinstruct.task import Instance, Rejected, Task
from selfinstruct.teacher import Prompt, Response
from selfinstruct.text.later import later
from selfinstruct.text.refusals import is_refusal
from selfinstruct.text.standalone import points_to_text

__all__ = ["Backtranslate"]

LONGEST = 1_200
"""Characters of a request: a longer one has the answer in it."""
_LABEL = later(
    r"\A[#*_ \t\[【]*(?:(?:(?:an?|the|one) )?(?:(?:possible|likely|fitting|plausible|user(?:['’]s)?) ){0,3}"
    r"(?:request|question|prompt|query|instruction|user)"
    r"|用户(?:的)?(?:要求|问题|提问)?|(?:可能的)?(?:要求|问题|提问))[\]】*_]{0,4}[ \t]*"
    r"(?:(?:(?:is|(?:could|might|may|would)(?: have)?(?: (?:be|asked?|said|say|written|write))?|是|如下|可能是)[ \t]*)?"
    r"[:：][*_]{0,3}|(?<=[\]】*]))\s*",
    re.IGNORECASE,
)
_MARK = later(r"\A(?:>|1[.)、])[ \t]*")
_ABOUT = later(
    r"\W*(?:(?:this|the) (?:request|question|prompt)|(?:explanation|note|reason)\b|这个?(?:要求|问题|提问)|说明|理由)",
    re.IGNORECASE,
)
_KEY = later(r"\"(?:user[ _-]?)?(?:request|提问|要求)\"(?=\s{0,8}:)", re.IGNORECASE)
_TELLS = later(
    r"\W*(?:(?:the|this|such an?|an?|one) )?(?:(?:user|person|possible|likely)(?:['’]s)? )?"
    r"(?:request|user|person|prompt) (?:is|was|asks?|wants?|requires?|seeks?|seems?|would|could|might|may|has)\b"
    r"|(?:这个?|该|此)?(?:请求|要求|用户|提问者)(?:的问题)?(?:是|想|希望|要求|询问|可能)",
    re.IGNORECASE,
)
"""What speaks of a request instead of being one."""


@dataclass(frozen=True, slots=True)
class Backtranslate:
    kind: ClassVar = "each"
    reads: ClassVar = "passage"
    expected: ClassVar = 40
    prompts: ClassVar = {"text": "backtranslate"}
    language: str = "en"
    """Of the prompt; answers are read in either."""
    text: str = ""
    """A prompt of one's own, with the same places as ours; "" is ours. In a recipe: `prompt: FILE`."""

    def __post_init__(self) -> None:
        check_prompts(self)

    def settled(self, task: Task) -> list[Task | Rejected] | None:
        return without_passage(task)

    def prompt(self, tasks: tuple[Task, ...], rng: Random) -> Prompt:
        return filled(prompt_of(self), passage=passage_of(tasks[0]))

    def parse(self, tasks: tuple[Task, ...], response: Response) -> Iterable[Task | Rejected]:
        """The task with the request as its instruction and the passage as its answer; or why it is none."""
        task, passage = tasks[0], passage_of(tasks[0])
        text, remarks = _said(response.text)
        found = read_task(text)
        request = " ".join(found.instruction.split()) if "\n" not in found.instruction.strip() else found.instruction
        if response.finish_reason == "length":
            yield Rejected(response.text, "truncated", what="answer")
        elif fault := self._fault(request, passage):
            yield Rejected(response.text, *fault, what="answer")
        else:
            yield replace(task, id="", instruction=request, instances=(Instance("", passage),))
            said = (*remarks, *found.remarks, found.input or "")
            yield from (Rejected(one, "not part of the request", what="remark") for one in said if one.strip())

    def _fault(self, request: str, passage: str) -> tuple[str, str] | None:
        if not any(map(str.isalpha, request)):
            return "no task in the answer", ""
        if told := _TELLS.match(request):
            return "tells of the request", told[0].strip()
        if is_refusal(request):
            return "refusal", ""
        if copied := echo_of(request, prompt_of(self), []):
            return "copied from the prompt", copied
        if len(request) > LONGEST:
            return "too long", f"{len(request):,} characters"
        plain = " ".join(request.casefold().split())
        if len(plain) > 40 and plain.rstrip(".!?。！？") in " ".join(passage.casefold().split()):
            return "copied from the passage", ""
        if found := points_to_text(request):
            return "cannot stand alone", found
        return None


def _said(answer: str) -> tuple[str, list[str]]:
    """The request in an answer, in JSON or in words, and what is said around it."""
    found = json_answer(_KEY.sub('"instruction"', answer), "instruction")
    if found and found.items and (request := fields_of(found.items[0]).get("instruction", "")):
        return request, found.remarks
    text, remarks = unwrapped(answer)
    text = _MARK.sub("", _LABEL.sub("", text.strip(), 1))
    first, _, rest = text.partition("\n\n")
    return (first, [*remarks, rest]) if _ABOUT.match(rest) else (text, remarks)
