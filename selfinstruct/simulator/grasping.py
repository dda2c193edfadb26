"""How the built-in teacher grasps a task as others write it: specific terms in it, and its input in the same text."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import NamedTuple

from selfinstruct.simulator.frames import Shown
from selfinstruct.simulator.language import language_of
from selfinstruct.simulator.layers import Layer
from selfinstruct.simulator.specifics import ENGLISH
from selfinstruct.simulator.specifics_zh import CHINESE
from selfinstruct.simulator.understanding import Understood, peel, understand

__all__ = ["LEADS", "TERMS", "Parts", "apart", "grasp", "laid"]

TERMS = {"en": ENGLISH, "zh": CHINESE}


def grasp(task: Shown) -> Understood | None:
    """The task as a family knows it, with all that was done to it; None when no family does."""
    task = apart(task).task
    text, specific = TERMS[language_of(task.instruction).code].general(task.instruction)
    known = understand(text, task.given)
    return replace(known, layers=(*specific, *known.layers)) if known and specific else known


def laid(text: str) -> tuple[str, tuple[Layer, ...]]:
    """Anybody's instruction without what was done to it, and that."""
    language = language_of(text).code
    text, specific = TERMS[language].general(text)
    base, layers = peel(text, language)
    return base, (*specific, *layers)


# Instruction and input in one text, as people write to an assistant.


class Parts(NamedTuple):
    task: Shown
    joined: bool = False
    """Were instruction and input one text?"""
    ends_in_data: bool = False
    """Is the end of the instruction none of it, as far as one can see?"""

    def together(self, made: Shown) -> Shown:
        """A task made from it, in one text if it was."""
        if not self.joined or not made.given:
            return made
        return Shown(f"{made.instruction}\n\n{made.given}", "")


LEADS = {"en": "As to the reply to all this:", "zh": "对回答的要求："}
"""Between data at the end of a text and what is asked besides."""
_HEAD = re.compile(r"[:：?？][ \t]*$")
_BELOW = re.compile(r"\b(?:following|below|this|these|given|here)\b|下面|以下|下列|如下|这|所给|给出", re.IGNORECASE)
_ABOVE = re.compile(r"\b(?:above|preceding)\b|上面|以上|上述|上文|[?？]\s*$", re.IGNORECASE)


def apart(task: Shown) -> Parts:
    """Instruction and input, where they stand in one text: at a blank line, or under a line that ends with a colon."""
    text = task.instruction.strip()
    if task.given or "\n" not in text or any(lead in text for lead in LEADS.values()):
        return Parts(task)
    head, blank, tail = (part.strip() for part in text.partition("\n\n"))
    if tail and understand(TERMS[language_of(head).code].general(head)[0], tail):
        return Parts(Shown(head, tail), joined=True)
    last = laid(text)[0].rsplit("\n", 1)[-1]
    if tail and not _ABOVE.search(last) and (_HEAD.search(head) or _BELOW.search(head) or len(head) <= len(tail)):
        return Parts(Shown(head, tail), joined=True)
    head, _, tail = (part.strip() for part in text.partition("\n"))
    if not blank and tail and _HEAD.search(head):
        return Parts(Shown(head, tail), joined=True)
    return Parts(task, ends_in_data=not _ABOVE.search(last))
