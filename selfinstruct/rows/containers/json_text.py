"""Rows in JSON, whatever the file is called: one a line, over many lines, one after another, in a list or in an object.

What is in memory is one row, and about a megabyte of text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator
from typing import Any, cast

from selfinstruct.errors import UsageError
from selfinstruct.rows.containers.documents import (
    beside,
    is_turn,
    rows_in,
    several,
    unwrapped,
    without_index,
    wraps_rows,
)
from selfinstruct.rows.containers.text import BETWEEN, FAULTS, SPACE, Text, after_space, decoded, why_not, without_null
from selfinstruct.rows.notes import Bad, Notes, Where, printable

__all__ = ["json_rows"]

Row = tuple[Where, Any]

HOW = "; one object a line, or one list"


def json_rows(text: Text, file: str, notes: Notes) -> Iterator[Row]:
    """The rows of a text, with their places; Bad in the place of one that cannot be read.

    Raises UsageError when a list breaks off, or cannot be read on from some item.
    """
    items = 0
    is_first = True
    while char := text.skip(BETWEEN):
        if char == "[":
            items = yield from _list(text, file, items)
        else:
            yield from _values(text, file, notes, is_first)
        is_first = False


# Rows that are not in a list.


def _values(text: Text, file: str, notes: Notes, may_be_all: bool) -> Iterator[Row]:
    """Rows up to the next list; an object that is all there is may be a table of them."""
    while (char := text.skip(BETWEEN)) and char != "[":
        where, indent = Where(file, "line", text.line), text.indent
        is_all = may_be_all
        may_be_all = False
        begin = text.text[text.at : text.at + 1000]
        try:
            if is_large := is_all and char == "{" and _is_large(text):
                row = yield from _members(text, file, notes)
                if row is None:
                    if text.skip(BETWEEN):
                        raise UsageError(f"{file} goes on in line {text.line} after an object of rows: {HOW[2:]}")
                    return
                end = text.at
            else:
                row, end = text.value()
        except FAULTS as error:
            why = text.fault_of(text.at, text.at + 1000) or why_not(error, text.text, text.at) + HOW
            yield where, _bad(where, why, _line(begin))
            if text.line > where.number and text.indent <= indent and text.skip() == "{":
                continue  # a large object broke off before the next one
            text.indent = indent
            text.next_line(opening=char == "{")
            continue
        start, has_null = text.at, text.has_null or is_large
        if not _ends(text, end):
            near = text.text[end : end + 60].splitlines()[0]
            yield where, _bad(where, f"no JSON (Extra data): {near!r}{HOW}", _line(begin))
            text.next_line(opening=False)
            continue
        why = text.fault_of(start, end) if end > start else ""
        text.move(end)
        if is_all and isinstance(row, dict) and not text.skip(BETWEEN) and not why:
            yield from _document(row, where, file, notes)
            return
        yield where, _bad(where, why, begin) if why else _row(row, where, begin, has_null)
        yield from _lines(text, file)


def _lines(text: Text, file: str) -> Iterator[Row]:
    """The rows that follow one a line, up to one that needs a closer look, in no more steps than needed."""
    if text.marked or not text.text.startswith(("\n{", "\r\n{"), text.at):
        return
    text.move(text.text.index("{", text.at))
    window, at, line, has_null = text.text, text.at, text.line, text.has_null
    has_cr = text.has_cr
    new = tuple.__new__
    while True:
        try:
            row, end = decoded(window, at)
        except FAULTS:
            break
        if window.startswith("\n{", end):
            following = end + 1
        elif has_cr and window.startswith("\r\n{", end):
            following = end + 2
        else:
            break
        where = new(Where, (file, "line", line))
        if has_null and (window.find("null", at, end) >= 0 or window.find("NaN", at, end) >= 0):
            row = _row(row, where, window[at : at + 1000], True)
        yield where, row
        line += window.count("\n", at, following)
        if has_cr:
            line += window.count("\r", at, following) - window.count("\r\n", at, following)
        at = following
    text.at, text.line, text.indent = at, line, 0


def _ends(text: Text, end: int) -> bool:
    """Whether what follows a value can be the next one, or is the end."""
    rest = text.text[end : end + 100].lstrip(" \t")
    return not rest or rest[0] in "\r\n,{[\ufeff\x1e"


def _row(row: Any, where: Where, begin: str, has_null: bool) -> Any:
    if has_null and isinstance(row, dict | list):
        try:
            row = without_null(row)
        except RecursionError as error:
            return _bad(where, f"no JSON ({error})", begin)
    return {"messages": row} if isinstance(row, list) and row and is_turn(row[0]) else row


def _line(begin: str) -> str:
    """The broken row alone, where it is a line; of an object over many lines all that is known."""
    line = begin.partition("\n")[0].rstrip()
    return line if len(line) > 1 else begin


def _bad(where: Where, why: str, text: str) -> Bad:
    return Bad(where, printable(why), text[:1000])


# Lists.


def _list(text: Text, file: str, count: int) -> Generator[Row, None, int]:
    """The items of the list that begins here, numbered on from a count; the new count. A list of turns is one row."""
    place = Where(file, "line", text.line)
    turns: list[Any] | None = None
    fault = ""
    text.move(text.at + 1)
    while (char := text.skip()) != "]":
        where = Where(file, "item", count + 1)
        if not char:
            raise _cut_off(file, count)
        try:
            row, end = text.value()
        except FAULTS as error:
            yield where, _broken_item(text, where, error)
        else:
            why, begin = text.fault_of(text.at, end), text.text[text.at : text.at + 1000]
            if turns is None and not count and is_turn(row):
                turns = []
            text.move(end)
            if turns is not None:
                turns.append(row)
                fault = fault or why
            else:
                yield where, _bad(where, why, begin) if why else _row(unwrapped(row), where, begin, text.has_null)
        count += 1
        count = yield from _more(text, file, count, turns is None)
    text.move(text.at + 1)
    if turns:
        yield place, _bad(place, fault, str(turns)) if fault else _row(turns, place, "", True)
        return 0
    return count


def _more(text: Text, file: str, count: int, plain: bool) -> Generator[Row, None, int]:
    """The items that follow in the window, in no more steps than needed; then on to where one begins."""
    if text.skip() == "," and plain and not text.marked:
        window, at, has_null = text.text, text.at, text.has_null
        new, space = tuple.__new__, cast(Callable[[str, int], re.Match[str]], SPACE.match)  # which matches nothing, too
        while window.startswith(",", at):
            start = space(window, at + 1).end()
            try:
                row, end = decoded(window, start)
            except FAULTS:
                break
            behind = space(window, end).end()
            if behind == len(window):
                break
            count += 1
            where = new(Where, (file, "item", count))
            if row.__class__ is not dict or "row_idx" in row:
                row = _row(unwrapped(row), where, window[start : start + 1000], has_null)
            elif has_null and (window.find("null", start, end) >= 0 or window.find("NaN", start, end) >= 0):
                row = _row(row, where, window[start : start + 1000], True)
            yield where, row
            at = behind
        text.move(at)
    if (char := text.skip()) == ",":
        text.move(text.at + 1)
    elif char and char != "]":
        near = text.text[text.at : text.at + 60].splitlines()[0]
        raise UsageError(
            f"{file} is no JSON list from item {count + 1} on (Expecting ',' delimiter, line {text.line}): {near!r}; "
            "mend it there"
        )
    elif not char:
        raise _cut_off(file, count)
    return count


def _broken_item(text: Text, where: Where, error: Exception) -> Bad:
    """The broken item, when the list can be read on behind it. Raises UsageError when not."""
    start, line, begin = text.at, text.line, text.text[text.at : text.at + 1000]
    why = text.fault_of(start, start + 1000) or why_not(error, text.text, start)
    if not text.pass_over():
        raise UsageError(
            printable(f"{where.file} is no JSON list from item {where.number} on (line {line}): {why}; mend it there")
        ) from None
    return _bad(where, f"{why}; mend it, or leave it out", begin)


def _cut_off(file: str, count: int) -> UsageError:
    return UsageError(f"{file} is no JSON list: it breaks off after item {count}; get it again, or end it with ]")


# One object that is all there is.


def _document(document: dict[str, Any], where: Where, file: str, notes: Notes) -> Iterator[Row]:
    rows = rows_in(document, file, notes)
    if rows is None:
        yield where, _row(document, where, "", True)
        return
    for number, (unit, row) in enumerate(rows, 1):
        place = Where(file, unit, number)
        yield place, _row(row, place, "", True)


def _is_large(text: Text) -> bool:
    """Whether the value that begins here ends behind the window."""
    try:
        decoded(text.text, text.at)
    except FAULTS as error:
        return text.is_cut(error)
    return False


def _members(text: Text, file: str, notes: Notes) -> Generator[Row, None, dict[str, Any] | None]:
    """A large object, a key at a time: its rows, when one of its lists has rows; else the object. Raises FAULTS."""
    found: dict[str, Any] = {}
    rows_under = ""
    text.move(text.at + 1)
    while (char := text.skip()) != "}":
        if char == "," and found:
            text.move(text.at + 1)
            char = text.skip()
        name = _key(text)
        if text.skip() == "[" and _begins_rows(text, name, found):
            if rows_under:
                raise several(file, [rows_under, name])
            rows_under, found[name] = name, None
            yield from without_index(_list(text, file, 0), found)
        else:
            found[name], end = text.value()
            if why := text.fault_of(text.at, end):
                raise UnicodeError(why)
            text.move(end)
    text.move(text.at + 1)
    if not rows_under:
        return found
    beside({name: value for name, value in found.items() if name != rows_under}, notes)
    return None


def _key(text: Text) -> str:
    name, end = text.value()
    text.move(end)
    if not isinstance(name, str) or text.skip() != ":":
        raise ValueError("Expecting a name in quotation marks, and a colon")
    text.move(text.at + 1)
    return name


def _begins_rows(text: Text, name: str, others: dict[str, Any]) -> bool:
    """Whether the list that begins here has rows. Afterwards it still begins here."""
    while True:
        inside = after_space(text.text, text.at + 1)
        if inside < len(text.text) and text.text[inside] not in "{[":
            return False
        try:
            first, _ = decoded(text.text, inside)
        except FAULTS as error:
            if inside < len(text.text) and not text.is_cut(error):
                raise
            if not text.fill():
                return False
            continue
        return wraps_rows(name, first, others)
