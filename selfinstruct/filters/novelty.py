"""Novelty, Self-Instruct's filter: the most similar text kept so far, by ROUGE-L."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from selfinstruct.filters.alike import Alike, check_of, check_share, said, weighty
from selfinstruct.filters.pool import Pool
from selfinstruct.filters.rouge import Instructions
from selfinstruct.task import Reason, Task

__all__ = ["Novelty"]


@dataclass(frozen=True, slots=True)
class Novelty:
    """ROUGE-L F above 0.7 to an instruction in the pool (2212.10560, section 3.4)."""

    by_row: ClassVar = False
    later: ClassVar = ("of",)
    above: float = 0.7
    of: str = "instruction"
    """instruction (as published, without its input), answer (of 8 words or more), or both, with the input."""

    def __post_init__(self) -> None:
        check_share(self.above, "novelty", "a ROUGE-L F", 0.7)
        check_of(self.of, "novelty")

    def __call__(self, task: Task, pool: Pool) -> Reason | None:
        if self.of == "instruction":
            nearest = pool.nearest_above(task.instruction, self.above)
        else:
            index = pool.index(("texts", self.of), lambda: Instructions(self._text))
            nearest = index.texts.nearest_above(self._text(task), self.above)
        return Alike("rouge-l", *nearest) if nearest else None

    def _text(self, task: Task) -> str:
        texts = said(task, self.of)
        return "\n".join(texts) if self.of == "both" or weighty(texts.answer) else ""
