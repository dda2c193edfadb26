"""The two languages that the built-in teacher speaks: their families, and their words in data/LANGUAGE/teacher.toml."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from selfinstruct.simulator.data import table
from selfinstruct.simulator.families import ENGLISH
from selfinstruct.simulator.families.zh import CHINESE
from selfinstruct.simulator.family import Asked, Family
from selfinstruct.simulator.index import Index
from selfinstruct.text.later import later

__all__ = ["EN", "LANGUAGES", "ZH", "Language", "language_of"]


class Language(NamedTuple):
    code: str
    families: tuple[Family, ...]
    recognise: Callable[[str], Asked | None]
    """The family that an instruction belongs to, with its slots; None when it is none of ours."""
    words: Mapping[str, Any]
    """All of teacher.toml."""

    @property
    def unknown(self) -> str:
        """What it says to a task that it does not know."""
        return str(self.words["unknown"])

    @property
    def refusals(self) -> tuple[str, ...]:
        """All that it says where it does not answer."""
        return (self.unknown, self.words["no_input"], self.words["text_only"], *self.words["excuses"])

    def field(self, name: str, text: str) -> str:
        """A label with what belongs to it, below it when that has several lines."""
        colon = self.words["labels"]["colon"]
        return f"{name}{colon.rstrip()}\n{text}" if "\n" in text else f"{name}{colon}{text}"


EN = Language("en", ENGLISH, Index(ENGLISH).recognise, table("en", "teacher"))
ZH = Language("zh", CHINESE, Index(CHINESE).recognise, table("zh", "teacher"))
LANGUAGES = {"en": EN, "zh": ZH}

_HAN = later(r"[\u4e00-\u9fff]")


def language_of(text: str) -> Language:
    """Chinese as soon as a tenth of the text is Han: English tasks quote single words at most."""
    return ZH if len(_HAN.findall(text)) * 10 > len(text) else EN
