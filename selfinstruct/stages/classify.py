"""Classify: has the task a finite set of output labels? (Self-Instruct, 2212.10560, section 3.2)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from random import Random
from typing import ClassVar

from selfinstruct.stages.prompting import check_prompts, filled, prompt_of
from selfinstruct.stages.reading import one_line, plain
from selfinstruct.task import Rejected, Task
from selfinstruct.teacher import Prompt, Response
from selfinstruct.text.normal import normalized
from selfinstruct.text.refusals import is_refusal

__all__ = ["Classify"]

# 是 alone means yes, as do 是的, 对 and 是二分类任务; 是否, 不是, 不对, 对比, 是写作任务 and 属于非分类任务 do not.
_KIND_ZH = r"(?:一[个项种道])?[^\W非不否]{0,4}分类"
_YES_ZH = (
    rf"(?:(?:这|它|这个任务|该任务|此任务)?(?:是|属于){_KIND_ZH}|是的(?!确)|(?:是|属于)[啊呀]?(?!\w)"
    r"|(?:对|正确|没错|肯定)[的啊呀]?(?!\w))"
)
_LABEL_ZH = r"(?:(?:是否|是不是)?(?:为|是|属于)?分类任务|答案|回答|结论)[*_]*"
# "A: Yes" is what SmolLM2-135M-Instruct says to half of the questions.
_YES = re.compile(
    rf"[\W_]*+(?:(?:classification|a(?:nswer)?|{_LABEL_ZH})\s*[:：])?[\W_]*+(?:嗯[，,]?\s*)?(?:yes\b|{_YES_ZH})",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Classify:
    """Few-shot with 12 classification and 19 other tasks, as many as were published; the tasks are our own."""

    kind: ClassVar = "each"
    continues: ClassVar = True
    prompts: ClassVar = {"text": "classify"}
    language: str = "en"
    """Of the prompt; answers are read in either."""
    text: str = ""
    """A prompt of one's own, with the same places as ours; "" is ours. In a recipe: `prompt: FILE`."""

    def __post_init__(self) -> None:
        check_prompts(self)

    def prompt(self, tasks: tuple[Task, ...], rng: Random) -> Prompt:
        return filled(prompt_of(self), instruction=one_line(tasks[0].instruction))

    def parse(self, tasks: tuple[Task, ...], response: Response) -> Iterable[Task | Rejected]:
        """Yes in any case and width means yes, whatever follows it; any other answer means no, as published."""
        text = normalized("NFKC", plain(response.text))
        if not text.strip():
            # Nothing, or thoughts that max_tokens cut off: that is no "no".
            yield Rejected(response.text, "no answer")
            return
        if is_refusal(text):  # nor is a refusal
            yield Rejected(response.text, "refusal")
            return
        yield replace(tasks[0], is_classification=bool(_YES.match(text)))
