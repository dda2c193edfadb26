"""Data for a task that needs no input ("complicate_input"): they hold a value that the answer has to end with."""

from __future__ import annotations

import re

from selfinstruct.teachers.builtin.disguises import FORMS, NUMBERED
from selfinstruct.teachers.builtin.family import Slots
from selfinstruct.teachers.builtin.layers import Kind
from selfinstruct.teachers.builtin.questions import COMMENTS

__all__ = ["HELD"]

WORDINGS = {
    "en": (
        'After the answer a line "{mark}…" must follow, with the value of {where} for the dots.',
        'Below the answer there must be a line "{mark}…" that gives the value of {where}.',
    ),
    "zh": (
        "答案之后必须另起一行“{mark}……”，省略号处填{where}的值。",
        "答案下面还需要单独一行“{mark}……”，写明{where}的值。",
    ),
}


def _held(form: str, language: str) -> Kind:
    where = FORMS[form].where[language]

    def line(slots: Slots, given: str) -> str:
        return f"\n{slots['mark']}{FORMS[form].read(slots['key'], given)}"

    return Kind(
        name=f"value of {form}",
        wordings=tuple(re.sub("  +", " ", wording.replace("{where}", where)) for wording in WORDINGS[language]),
        slots={"key": tuple(key.upper() for key in NUMBERED) if form == "shell" else NUMBERED, "mark": COMMENTS},
        put=lambda slots, given, answer: answer + line(slots, given),
        take=lambda slots, given, answer: (
            answer.removesuffix(line(slots, given)) if answer.endswith(line(slots, given)) else None
        ),
        decode=lambda slots, given: FORMS[form].read(slots["key"], given),
        holds_value=True,
    )


HELD = {language: {form: _held(form, language) for form in FORMS} for language in ("en", "zh")}
"""The kind of layer for each form, by language."""
