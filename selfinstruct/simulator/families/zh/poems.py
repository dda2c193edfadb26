"""Families about classical poems: the line before or after, a missing character, author and title, the whole poem."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from selfinstruct.simulator.data import table
from selfinstruct.simulator.families.zh.making import Facts, family, made
from selfinstruct.simulator.families.zh.matching import Test, normal, same
from selfinstruct.simulator.family import Slots

__all__ = ["FAMILIES", "POEMS"]

BOOK = "poems"


class Poem(NamedTuple):
    title: str
    author: str
    dynasty: str
    pairs: tuple[tuple[str, str], ...]
    whole: bool
    """Are these all of its lines?"""


def _read(row: str) -> Poem:
    title, author, dynasty, text = (cell.strip() for cell in row.split("|"))
    pairs = (pair.split("，") for pair in text.rstrip("…").rstrip("。").split("。"))
    return Poem(title, author, dynasty, tuple((first, second) for first, second in pairs), not text.endswith("…"))


POEMS = tuple(map(_read, table("zh", BOOK)["poems"]))
AFTER = {first: second for poem in POEMS for first, second in poem.pairs}
BEFORE = {second: first for first, second in AFTER.items()}
OF = {line: poem for poem in POEMS for pair in poem.pairs for line in pair}


def _known(line: str) -> dict[str, object]:
    """All that a sentence may say about a line."""
    first = BEFORE.get(line, line)
    return {**OF[line]._asdict(), "line": line, "first": first, "second": AFTER[first]}


# The line before or after.


def _beside(slots: Slots, given: str) -> Facts:
    after = "first" in slots
    line = AFTER[slots["first"]] if after else BEFORE[slots["second"]]
    return {**_known(line), "answer": line, "which": "下一句" if after else "上一句"}


def _as_line(key: str, named: str) -> Test:
    """Also behind the line before."""

    def test(text: str) -> bool:
        before, comma, line = text.rstrip("，,；;").rpartition(",")
        return same(line, key) and (not comma or (AFTER.get(before) == key and before in named))

    return test


LINE = family(BOOK, "next_line", slots={"first": tuple(AFTER), "second": tuple(BEFORE)}, facts=_beside, like=_as_line)

# Whose line is it?


def _as_author(key: str, named: str) -> Test:
    """With the dynasty or without."""
    dynasty = next(poem.dynasty for poem in POEMS if poem.author == key)
    signed = {normal(one) for one in (key, f"{dynasty}{key}", f"{dynasty[0]}·{key}", f"{dynasty}诗人{key}")}
    return lambda text: normal(text) in signed


AUTHOR = family(
    BOOK,
    "poem_author",
    slots={"line": tuple(OF)},
    facts=lambda slots, given: {**_known(slots["line"]), "answer": OF[slots["line"]].author},
    like=_as_author,
)

# A missing character.

GAP = "（ ）"


def _gap(rng: Random) -> str:
    pair = "，".join(rng.choice(tuple(AFTER.items())))
    place = rng.choice([n for n, char in enumerate(pair) if char != "，"])
    return f"{pair[:place]}{GAP}{pair[place + 1 :]}"


def _filled(slots: Slots, given: str) -> Facts:
    before, after = slots["gap"].split(GAP)
    pair = next(pair for pair in map("，".join, AFTER.items()) if pair.startswith(before) and pair.endswith(after))
    return {**_known(pair.split("，")[0]), "answer": pair[len(before)]}


MISSING = family(BOOK, "missing_in_poem", slots={"gap": made("gaps in poems", 60, _gap)}, facts=_filled)

# The whole poem.

WHOLE = {f"{poem.author}的《{poem.title}》": poem for poem in POEMS if poem.whole}


def _recited(slots: Slots, given: str) -> Facts:
    poem = WHOLE[slots["poem"]]
    kind = "五" if len(poem.pairs[0][0]) == 5 else "七"
    return {**poem._asdict(), "answer": "\n".join(f"{one}，{other}。" for one, other in poem.pairs), "kind_of": kind}


def _is_recited(slots: Slots, given: str, output: str) -> bool:
    """All its lines, whatever parts them, with its title and author above or without."""

    def plain(text: object) -> str:
        return "".join(char for char in str(text) if "\u4e00" <= char <= "\u9fff")

    poem, right = WHOLE[slots["poem"]], plain(_recited(slots, given)["answer"])
    heads = ("", poem.title, poem.title + poem.author, poem.title + poem.dynasty + poem.author)
    return plain(output) in [head + right for head in heads]


RECITE = family(BOOK, "recite", slots={"poem": tuple(WHOLE)}, facts=_recited, check=_is_recited)


def _any_pair(rng: Random, slots: Slots) -> str:
    dynasty = rng.choice(("唐代", "宋代", "明代", "清代"))
    return "，".join(rng.choice(rng.choice([poem for poem in POEMS if poem.dynasty == dynasty]).pairs)) + "。"


DYNASTY = family(
    BOOK, "poem_dynasty", draw=_any_pair, facts=lambda slots, given: {"answer": OF[given.split("，")[0]].dynasty}
)

FAMILIES = (LINE, AUTHOR, MISSING, RECITE, DYNASTY)
