"""Texts of the web that are no prose: rules of Gopher's pre-training data (Rae et al., 2112.11446, appendix A.1.1).

For documents, whole pages to be read on from. An answer of three words is a good answer and no document: such rules are
not for instruction data.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from selfinstruct.filters.pool import Pool
from selfinstruct.task import Reason, Task
from selfinstruct.text.later import later
from selfinstruct.text.tokens import tokens

__all__ = ["Quality"]

BULLETS = ("-", "*", "•", "●", "▪", "◦", "·", "‣")
ENDS = ("...", "…", "……")
COMMON = ("the", "be", "to", "of", "and", "that", "have", "with")
"""Two of these are in any English prose of 50 words."""
UNSPACED = later("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
"""Letters of scripts without spaces between words."""
MENU = later(
    r"lorem ipsum|javascript (?:is|must be) (?:disabled|enabled)|(?:all rights reserved|terms of use)\W*\Z",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Quality:
    """A document that is too short or too long, or mostly of symbols, bullets, cut lines or broken words.

    English must have two of eight common words as well. A character is a word in scripts without spaces, whose words
    have no length to speak of.
    """

    shortest: int = 50
    longest: int = 100_000
    language: str = "en"

    def __call__(self, task: Task, pool: Pool) -> Reason | None:
        for one in task.instances:
            if why := self._fault(one.output):
                return Reason("quality", why)
        return None

    def _fault(self, text: str) -> str:
        spaced = 3 * len(UNSPACED.findall(text)) < len(text)
        words = text.split() if spaced else tokens(text)
        many = len(words)
        if many < self.shortest:
            return f"{many} words"
        if many > self.longest:
            return f"{many:,} words"
        if spaced and not 3 <= (mean := sum(map(len, words)) / many) <= 10:
            return f"{mean:.1f} letters a word"
        if (symbols := text.count("#") + text.count("...") + text.count("…")) > 0.1 * many:
            return f"{symbols} symbols in {many} words"
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        if sum(line.startswith(BULLETS) for line in lines) > 0.9 * len(lines):
            return "bullets only"
        if sum(line.endswith(ENDS) for line in lines) > 0.3 * len(lines):
            return "lines that break off"
        if sum(any(map(str.isalpha, word)) for word in words) < 0.8 * many:
            return "too few letters"
        if spaced and self.language == "en" and sum(word in COMMON for word in {word.lower() for word in words}) < 2:
            return "no English prose"
        return "words of a page, not of a text" if MENU.search(text) else ""
