"""Classify: has the task a finite set of output labels? (Self-Instruct, 2212.10560, section 3.2)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import ClassVar

from selfinstruct.stages.reading import plain, prompt_text
from selfinstruct.task import Rejected, Task
from selfinstruct.teacher import Prompt, Response

__all__ = ["Classify"]


@dataclass(frozen=True, slots=True)
class Classify:
    """Few-shot with 12 classification and 19 other tasks, as many as were published; the tasks are our own."""

    kind: ClassVar = "each"

    def prompt(self, tasks: Sequence[Task], rng: Random) -> Prompt:
        return prompt_text("classify").replace("{instruction}", " ".join(tasks[0].instruction.split()))

    def parse(self, tasks: Sequence[Task], response: Response) -> Iterable[Task | Rejected]:
        """Yes in any case means yes, whatever follows it; any other answer means no, as published."""
        text = plain(response.text)
        if not text.strip():
            # Nothing, or thoughts that max_tokens cut off: that is no "no".
            yield Rejected(response.text, "no answer", task=tasks[0].id)
            return
        yes = re.match(r"[\W_]*+(?:classification\s*:)?[\W_]*+yes\b", text, re.IGNORECASE)
        yield replace(tasks[0], is_classification=bool(yes))
