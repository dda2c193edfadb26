"""Whatever a teacher writes is read in a time that grows with its length and no faster, and raises nothing.

The texts, and all that reads one, are those of hostile.py; benchmarks/parsers.py tells how fast each grows.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from itertools import islice
from random import Random
from time import process_time
from typing import Literal

import pytest
from hostile import UNITS, drawn, readers, texts
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.stages.reading.lists import _headings
from selfinstruct.stages.reading.plain import HAN, _outside_stars, number_in, without_rule
from selfinstruct.text.keywords import _without_quotations
from selfinstruct.text.normal import normalized

READERS = dict(readers())
TEXTS = list(texts())
EVERY = 80
"""Of the texts made of several pieces, each reader has one in so many, and of those of one piece every third; readers
one after the other have them all."""
SIZE = 2_000
"""Characters. What is quadratic takes 10 to 50 ms, and what is linear under 4."""
SHORT = 0.006
"""Seconds: what takes less is not looked at twice."""
MOST = 8.0
"""How many times longer four times the text may take: 4 if linear, 16 if quadratic."""


def seconds(read: Callable[[str], object], text: str) -> float:
    start = process_time()
    read(text)
    return process_time() - start


def grows(read: Callable[[str], object], make: Callable[[int], str], size: int) -> float:
    """How many times longer a text of this size takes than a fourth of it; 1.0 where that is short.

    Or than four times as much takes longer: who looks at the first 2,000 characters may do so thoroughly.
    """
    long = make(size)
    if seconds(read, long) < SHORT or (whole := least(read, long)) < SHORT:
        return 1.0
    growth = whole / least(read, make(size // 4))
    return min(growth, least(read, make(4 * size)) / whole) if growth > MOST else growth


def least(read: Callable[[str], object], text: str) -> float:
    return min(seconds(read, text) for _ in range(3))


@pytest.mark.parametrize(("number", "name"), list(enumerate(READERS)))
def test_time_grows_with_the_text(number: int, name: str) -> None:
    read = READERS[name]
    read("what is compiled or loaded at its first use, 请")
    some = TEXTS[number % 3 : len(UNITS) : 3] + TEXTS[len(UNITS) + number % EVERY :: EVERY]
    too_fast = {shape: growth for shape, make in some if (growth := grows(read, make, SIZE)) > MOST}
    assert not too_fast


@pytest.mark.slow
@pytest.mark.parametrize("name", READERS)
def test_time_grows_with_the_text_of_any_kind(name: str) -> None:
    read, rng = READERS[name], Random(0)
    read("what is compiled or loaded at its first use, 请")
    shapes = TEXTS + [drawn(rng) for _ in range(300)]
    too_fast = {shape: growth for shape, make in shapes if (growth := grows(read, make, 4 * SIZE)) > MOST}
    assert not too_fast


PIECES = st.one_of(st.sampled_from(UNITS), st.characters(), st.characters(categories=["Cs", "Cc", "Mn", "Nd", "No"]))


@given(st.lists(PIECES, max_size=12).map("".join), st.sampled_from(sorted(READERS)))
def test_nothing_raises(text: str, name: str) -> None:
    READERS[name](text)


@pytest.mark.parametrize("name", READERS)
def test_numbers_of_any_length_are_read(name: str) -> None:
    """Python takes no more than 4,300 digits for a number."""
    digits = "9" * 5_000
    around = (
        "{0}. Instruction: a\n{0}. Input: b\n",
        "第{}题",
        "Step {}: a",
        "{}.9",
        "任务{}：",
        "Example {}\nOutput: a",
    )
    for text in (*(line.format(digits) for line in around), "١" * 5_000):
        READERS[name](text)


def test_number_in() -> None:
    assert number_in("12") == 12
    assert number_in("9" * 5_000) == int("9" * 18)


@given(st.text("aか\u3099\u0300\u0316字。!", max_size=63), st.sampled_from(["NFC", "NFKC"]))
def test_normal_forms_are_unicodes(text: str, form: Literal["NFC", "NFKC"]) -> None:
    """Where no 64 marks follow one another, of which a letter has a few."""
    assert normalized(form, text) == unicodedata.normalize(form, text)


def test_the_texts_are_many_and_as_long_as_asked() -> None:
    assert len(TEXTS) > 800
    assert all(1_000 <= len(make(1_000)) < 1_300 * 2 for _, make in islice(TEXTS, 0, None, 7))


BOLD = re.compile(rf"(?:(?<![\w*])|(?<=[{HAN}]))\*\*(?=\S)(.+?)(?<=\S)\*\*(?:(?![\w*])|(?=[{HAN}]))")
RULE = re.compile(r"\s*^[ \t]*-{3,}\s*\Z", re.MULTILINE)
HEADINGS = re.compile(r"\n[ \t]*(?=(?:(?:#{1,6}[ \t][^\n]*|\*\*[^*\n]+\*\*[ \t]*|-{3,}[ \t]*)(?:\n\s*|\Z))+\Z)")
QUOTED = re.compile('(?<=“)[^”]+(?=”)|(?<=「)[^」]+(?=」)|(?<=《)[^》]+(?=》)|(?<=")[^"]+(?=")')
"""What is read in one pass, as patterns that say the same and take quadratic time."""


def of(*pieces: str) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(pieces), max_size=14).map("".join)


@given(of("**", "*", " ", "a", "字", "\n", "_", "\u3000"))
def test_bold_type_is_what_a_pattern_finds(text: str) -> None:
    assert "".join(_outside_stars(text)) == BOLD.sub(r"\1", text)


@given(of("-", "---", "\n", " ", "\t", "a", "\u3000"))
def test_a_rule_is_what_a_pattern_finds(text: str) -> None:
    assert without_rule(text) == RULE.sub("", text)


@given(of("# ", "#", "**", "---", "\n", " ", "\t", "a", "\u3000"))
def test_headings_are_what_a_pattern_finds(text: str) -> None:
    found = HEADINGS.search(text)
    assert _headings(text) == (found.start() if found else len(text))


@given(of(*'“”「」《》"ab\n'))
def test_quotations_are_what_a_pattern_finds(text: str) -> None:
    assert _without_quotations(text) == QUOTED.sub(lambda quoted: "某" * len(quoted[0]), text)
