"""Families that are a table: each row is a thing that may be asked about, and what there is to know of it.

In the data file: `columns` and `rows` with cells between bars, `about` (the column that is asked about, and the name of
its slot; the first if not said), `answer` (the column that answers; the second), `tell` and `further` (sentences with
columns in braces), `options` (so many answers to choose from, as the input), `of` (the family whose rows these are).
Other answers that are right stand behind a slash. Where a wording lacks the slot, what is asked about is the input.
"""

from __future__ import annotations

from random import Random

from selfinstruct.simulator.families.zh.likes import LIKES
from selfinstruct.simulator.families.zh.making import family, part
from selfinstruct.simulator.families.zh.matching import Test
from selfinstruct.simulator.family import Family, Slots

__all__ = ["lookup", "rows_of"]

OPTION = " / "
"""Between the answers to choose from: a few words, and no list of data that evolving would put into XML."""


def rows_of(book: str, name: str) -> dict[str, dict[str, str]]:
    """A table's rows by what is asked about: the cells by column, as they are written."""
    words = part(book, name)
    source = part(book, words.get("of", name))
    columns = source["columns"].replace("|", " ").split()
    about, found = words.get("about", columns[0]), dict[str, dict[str, str]]()
    for row in source["rows"]:
        cells = [cell.strip() for cell in row.split("|")]
        named = dict(zip(columns, cells, strict=True))
        if named[about] in found:
            raise ValueError(f"{book}.toml, {name}: {row!r} asks about what another row does")
        found[named[about]] = named
    return found


def lookup(book: str, name: str) -> Family:
    words, written = part(book, name), rows_of(book, name)
    columns = tuple(next(iter(written.values())))
    key, answer = words.get("about", columns[0]), words.get("answer", columns[1])
    rows = {one: {**row, answer: row[answer].split("/")[0]} for one, row in written.items()}
    literal = words.get("like") in ("exact", "verdict")
    like = LIKES[words.get("like", "item")]

    def row_of(slots: Slots, given: str) -> dict[str, str]:
        return rows[slots.get(key, given)]

    def draw(rng: Random, slots: Slots) -> str:
        if key not in slots:
            return rng.choice(tuple(rows))
        if not (many := words.get("options", 0)):
            return ""
        right = rows[slots[key]][answer]
        wrong = sorted({row[answer] for row in rows.values()} - set(written[slots[key]][answer].split("/")))
        options = [right, *rng.sample(wrong, many - 1)]
        rng.shuffle(options)
        return OPTION.join(options)

    def any_of(right: str, named: str) -> Test:
        """A cell may say the same in several ways; equal first ones have the same others."""
        every = next(row[answer] for row in written.values() if row[answer].split("/")[0] == right).split("/")
        tests = [like(one, named) for one in every]
        return lambda text: any(test(text) for test in tests)

    return family(
        book,
        name,
        slots={key: tuple(rows)},
        draw=draw,
        facts=lambda slots, given: {**row_of(slots, given), "answer": row_of(slots, given)[answer]},
        check=(lambda slots, given, output: like(row_of(slots, given)[answer], "")(output)) if literal else None,
        like=any_of,
        leads=lambda slots, given: [given] if key not in slots else [],
    )
