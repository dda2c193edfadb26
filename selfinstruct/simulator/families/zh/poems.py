"""Families about classical poems: the line before or after, a missing character, author and title, the whole poem."""

from __future__ import annotations

from functools import partial
from random import Random
from typing import NamedTuple

from selfinstruct.simulator.data import table
from selfinstruct.simulator.families.zh.making import family, made, part
from selfinstruct.simulator.families.zh.matching import Test, normal, same
from selfinstruct.simulator.family import Family, Slots, fill

__all__ = ["FAMILIES", "POEMS", "Poem"]

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
    whole = not text.endswith("…")
    return Poem(title, author, dynasty, tuple((first, second) for first, second in pairs), whole)


POEMS = tuple(map(_read, table("zh", BOOK)["poems"]))
AFTER = {first: second for poem in POEMS for first, second in poem.pairs}
BEFORE = {second: first for first, second in AFTER.items()}
OF = {line: poem for poem in POEMS for pair in poem.pairs for line in pair}


def _known(line: str) -> dict[str, str]:
    """All that a sentence may say about a line."""
    first = BEFORE.get(line, line)
    return {**OF[line]._asdict(), "line": line, "first": first, "second": AFTER[first]}


_FURTHER = {
    "再说说作者是哪个朝代的人。": "作者{author}是{dynasty}人。",
    "再写出与它相连的两句。": "相连的两句是“{first}，{second}”。",
}


def _more(demand: str, slots: Slots, given: str) -> str:
    return fill(_FURTHER[demand], _known(slots["line"]))


# The line before or after.


def _beside(slots: Slots, given: str) -> str:
    return AFTER[slots["first"]] if "first" in slots else BEFORE[slots["second"]]


def _tell_beside(slots: Slots, given: str, line: str) -> str:
    which = "下一句" if "first" in slots else "上一句"
    return fill(part(BOOK, "next_line")["tell"], _known(line) | {"which": which, "line": line})


def _further_beside(slots: Slots, given: str) -> str:
    known = _known(_beside(slots, given))
    return fill("这首诗是{dynasty}诗人{author}写的，题目是《{title}》。", known)


def _as_line(key: str, named: str) -> Test:
    """Also behind the line before."""

    def test(text: str) -> bool:
        before, comma, line = text.rstrip("，,；;").rpartition(",")
        return same(line, key) and (not comma or (AFTER.get(before) == key and before in named))

    return test


LINE = family(
    BOOK,
    "next_line",
    slots={"first": tuple(AFTER), "second": tuple(BEFORE)},
    solve=_beside,
    tell=_tell_beside,
    further={"再说说这首诗的作者和题目。": _further_beside},
    like=_as_line,
)

# Whose line is it?


def _as_source(key: str, named: str) -> Test:
    """王之涣《登鹳雀楼》, with the dynasty or without."""
    author, _, title = key.rstrip("》").partition("《")
    dynasty = next(poem.dynasty[0] for poem in POEMS if poem.author == author)
    signed = {normal(one) for one in (author, f"{dynasty}代{author}", f"{dynasty}·{author}", f"{dynasty}代诗人{author}")}
    if not title:
        return lambda text: normal(text) in signed

    def test(text: str) -> bool:
        who, mark, what = normal(text).removesuffix("》").partition("《")
        return bool(mark) and who.removesuffix("的") in signed and what == normal(title)

    return test


def _about_line(name: str, answer: str) -> Family:
    tell = part(BOOK, name)["tell"]
    return family(
        BOOK,
        name,
        slots={"line": tuple(OF)},
        solve=lambda slots, given: fill(answer, _known(slots["line"])),
        tell=lambda slots, given, bare: fill(tell, _known(slots["line"])),
        further={demand: partial(_more, demand) for demand in _FURTHER},
        like=_as_source,
    )


SOURCE, AUTHOR = _about_line("poem_source", "{author}《{title}》"), _about_line("poem_author", "{author}")

# A missing character.


def _gap(rng: Random) -> str:
    pair = "，".join(rng.choice(tuple(AFTER.items())))
    place = rng.choice([n for n, char in enumerate(pair) if char != "，"])
    return f"{pair[:place]}（ ）{pair[place + 1 :]}"


def _filled(gap: str) -> tuple[str, str]:
    """The first of the two lines, and the character that is missing."""
    before, after = gap.split("（ ）")
    pair = next(pair for pair in map("，".join, AFTER.items()) if pair.startswith(before) and pair.endswith(after))
    return pair.split("，")[0], pair[len(before)]


def _tell_gap(slots: Slots, given: str, char: str) -> str:
    first, _ = _filled(slots["gap"])
    return fill(part(BOOK, "missing_in_poem")["tell"], _known(first) | {"char": char})


GAP = family(
    BOOK,
    "missing_in_poem",
    slots={"gap": made("gaps in poems", 160, _gap)},
    solve=lambda slots, given: _filled(slots["gap"])[1],
    tell=_tell_gap,
    further={
        "再说说这首诗的作者和题目。": lambda slots, given: fill(
            "作者是{dynasty}的{author}，题目是《{title}》。", _known(_filled(slots["gap"])[0])
        ),
    },
)

# The whole poem.


WHOLE = {f"{poem.author}的《{poem.title}》": poem for poem in POEMS if poem.whole}


def _recited(slots: Slots, given: str) -> str:
    return "\n".join(f"{first}，{second}。" for first, second in WHOLE[slots["poem"]].pairs)


def _tell_recited(slots: Slots, given: str, bare: str) -> str:
    return f"{fill(part(BOOK, 'recite')['intro'], WHOLE[slots['poem']]._asdict())}\n{bare}"


def _is_recited(slots: Slots, given: str, output: str) -> bool:
    """All its lines, whatever parts them, with its title and author above or without."""

    def plain(text: str) -> str:
        return "".join(char for char in text if "\u4e00" <= char <= "\u9fff")

    poem, right = WHOLE[slots["poem"]], plain(_recited(slots, given))
    heads = ("", poem.title, poem.title + poem.author, poem.title + poem.dynasty + poem.author)
    return plain(output) in [head + right for head in heads]


def _says_about_poem(template: str, slots: Slots, given: str) -> str:
    return fill(template, WHOLE[slots["poem"]]._asdict())


RECITE = family(
    BOOK,
    "recite",
    slots={"poem": tuple(WHOLE)},
    solve=_recited,
    tell=_tell_recited,
    check=_is_recited,
    further={demand: partial(_says_about_poem, text) for demand, text in part(BOOK, "recite")["further"].items()},
)


def _any_pair(rng: Random, slots: Slots) -> str:
    dynasty = rng.choice(("唐代", "宋代", "明代", "清代"))
    return "，".join(rng.choice(rng.choice([poem for poem in POEMS if poem.dynasty == dynasty]).pairs)) + "。"


DYNASTY = family(
    BOOK, "poem_dynasty", draw=_any_pair, solve=lambda slots, given: OF[given.split("，")[0]].dynasty
)

FAMILIES = (LINE, SOURCE, AUTHOR, GAP, RECITE, DYNASTY)
