"""One JSON object that is a whole file: a row, or a table of rows in one of the shapes that people and pandas write."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from selfinstruct.errors import UsageError
from selfinstruct.rows.layouts.marks import plain
from selfinstruct.rows.notes import Notes

__all__ = ["beside", "is_turn", "rows_in", "several", "unwrapped", "without_index", "wraps_rows"]

OF_A_ROW = frozenset(
    (
        *("instruction", "prompt", "question", "query", "problem", "text", "input", "inputs", "context", "history"),
        *("output", "outputs", "targets", "completion", "response", "answer", "solution", "chosen", "rejected"),
        *("messages", "conversations", "conversation", "dialogue", "dialog", "turns", "instances", "definition"),
        *("contents", "chat", "reasoning", "completions", "responses", "answers", "指令", "问题", "回答", "答案"),
    )
)
"""Keys, as `plain` writes them, that say that an object is a row, or a column of them; no file of rows has them beside
its rows."""


def _of_a_row(names: Iterable[str]) -> bool:
    return any(plain(name) in OF_A_ROW for name in names)


ABOUT = frozenset(("schema", "features", "fields", "info", "licenses", "metadata", "columns", "index"))
"""Keys of what is said about the rows: pandas' schema, the features that the hub's server lists."""

WHO = ("role", "from", "speaker")
SAID = frozenset(("content", "value", "text", "parts", "tool_calls", "thoughts"))


def is_turn(value: Any) -> bool:
    """Whether an object is something that somebody says, and a list of such a conversation."""
    if not isinstance(value, dict):
        return False
    speaks = any(isinstance(value.get(who), str) for who in WHO)
    return (speaks and not value.keys().isdisjoint(SAID)) or value.keys() >= {"human", "assistant"}


def _is_conversation(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and is_turn(value[0])


def wraps_rows(name: str, first: Any, others: dict[str, Any]) -> bool:
    """Whether a list in an object, by the first of its items and what else the object has, is a list of rows."""
    is_row = isinstance(first, dict) and not is_turn(first)
    is_row = is_row or (_is_conversation(first) and not _of_a_row([name]))
    return is_row and name not in ABOUT and not _of_a_row(others.keys() - {name})


def unwrapped(row: Any) -> Any:
    """The row itself, of one as the hub's server (datasets-server, /rows) writes it: {"row_idx", "row", …}."""
    match row:
        case {"row_idx": int(), "row": dict(inner)}:
            return inner
    return row


def beside(others: dict[str, Any], notes: Notes) -> None:
    """What a file has beside its rows is noted once."""
    for name, value in others.items():
        if name not in ABOUT and value not in (None, "", [], {}):
            notes.unused[f"{name} (of the whole file)"] += 1


def several(file: str, names: list[str]) -> UsageError:
    return UsageError(f"{file} holds several lists of rows, {' and '.join(names)}: write each to a file of its own")


def without_index(rows: Iterator[tuple[Any, Any]], others: dict[str, Any]) -> Iterator[tuple[Any, Any]]:
    """Rows without the index that pandas writes into them (orient="table"), where the schema beside them names it."""
    match others.get("schema"):
        case {"primaryKey": [str(index)]} if index == "index":
            return ((place, _without(row, index)) for place, row in rows)
    return rows


def _without(row: Any, name: str) -> Any:
    return {key: value for key, value in row.items() if key != name} if isinstance(row, dict) else row


def rows_in(document: dict[str, Any], file: str, notes: Notes) -> Iterator[tuple[str, Any]] | None:
    """The rows of an object with the unit of their numbers; None when it is itself a row.

    {"version": …, "data": [{…}, …]}        a list of rows with something beside it, whatever they are called
    {"instruction": {"0": …}, …}            a column each, as pandas writes tables; so do lists of equal lengths
    {"columns": […], "data": [[…], …]}      pandas again (orient="split", as "table" the first kind)
    {"q1": {"question": …}, "q2": {…}}      rows by their ids, or by numbers

    Raises UsageError when there are several lists of rows.
    """
    for shape in (_split, _columns, _wrapped, _keyed):
        if (rows := shape(document, file, notes)) is not None:
            return rows
    return None


def _split(document: dict[str, Any], file: str, notes: Notes) -> Iterator[tuple[str, Any]] | None:
    match document:
        case {"columns": [str(), *_] as names, "data": [list(), *_] as data} if document.keys() <= {
            *("columns", "data", "index")
        }:
            return (
                ("row", dict(zip(names, row, strict=False))) if isinstance(row, list) else ("row", row) for row in data
            )
    return None


def _columns(document: dict[str, Any], file: str, notes: Notes) -> Iterator[tuple[str, Any]] | None:
    columns = list(document.values())
    if not columns or any(map(is_turn, columns)) or any(map(_is_conversation, columns)):
        return None
    if all(isinstance(column, list) for column in columns):
        if len(set(map(len, columns))) != 1 or not columns[0]:
            return None
        is_table = len(columns) > 1 and _of_a_row(document)
        if not is_table and any(wraps_rows(name, column[0], {}) for name, column in document.items()):
            return None
        return (("row", dict(zip(document, cells, strict=True))) for cells in zip(*columns, strict=True))
    if not all(isinstance(column, dict) for column in columns):
        return None
    numbers = list(dict.fromkeys(number for column in columns for number in column))
    if not numbers or not (_of_a_row(document) or all(number.isdecimal() for number in numbers)):
        return None
    return (
        ("row", {name: column[number] for name, column in document.items() if number in column}) for number in numbers
    )


def _wrapped(document: dict[str, Any], file: str, notes: Notes) -> Iterator[tuple[str, Any]] | None:
    lists = [
        name
        for name, value in document.items()
        if isinstance(value, list) and value and wraps_rows(name, value[0], document)
    ]
    if not lists:
        return None
    if len(lists) > 1:
        raise several(file, lists)
    beside({name: value for name, value in document.items() if name != lists[0]}, notes)
    return without_index((("item", unwrapped(row)) for row in document[lists[0]]), document)


def _keyed(document: dict[str, Any], file: str, notes: Notes) -> Iterator[tuple[str, Any]] | None:
    rows = list(document.values())
    if not rows or not all(isinstance(row, dict) and _of_a_row(row) for row in rows):
        return None
    if any(map(is_turn, rows)) or _of_a_row(document):
        return None
    is_numbered = all(key.isdecimal() for key in document)
    return (("item", row if is_numbered else {"id": key} | row) for key, row in document.items())
