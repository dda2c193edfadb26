"""The words of the page and of its sentences, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from selfinstruct.yaml_text import yaml_of

__all__ = ["LANGUAGES", "said", "words_in"]

LANGUAGES = ("en", "zh")
SHARES = ("more_similar", "more_duplicates", "more_refusals", "more_inputs")
"""Sentences whose figures are shares."""


@cache
def words_in(language: str) -> Mapping[str, str]:
    """All words by their names."""
    known = yaml_of(Path(__file__).with_name("words.yaml").read_text(encoding="utf-8"))
    return {name: texts[LANGUAGES.index(language)] for name, texts in known.items()}


def said(fact: Mapping[str, Any], words: Mapping[str, str], names: Mapping[str, str]) -> str:
    """A sentence of a comparison, as the page has it: {"says", "first", "second", "high", "low"}."""
    values = [names.get(fact["first"], ""), names.get(fact["second"], "")]
    values += [_number(fact["says"], fact["high"]), _number(fact["says"], fact["low"])]
    text = words[f"says_{fact['says']}"]
    for place, value in zip("abcd", values, strict=True):
        text = text.replace(f"{{{place}}}", value)
    return text


def _number(says: str, value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.1%}" if says in SHARES else f"{value:,}" if isinstance(value, int) else f"{value:,.2f}"
