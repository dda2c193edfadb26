"""Makers of layers that change the form of an answer: marked lines, JSON, XML, CSV, the same twice."""

from __future__ import annotations

import csv
import html
import io
import json
from collections.abc import Callable, Mapping, Sequence

from selfinstruct.simulator.family import Slots
from selfinstruct.simulator.layers import Kind

__all__ = ["lines_as_json", "lines_marked", "lines_numbered", "same_twice", "wrapped_as"]

Choices = Mapping[str, Sequence[str]]


def _kind(
    name: str,
    wordings: tuple[str, ...],
    slots: Choices,
    put: Callable[[Slots, str], str],
    take: Callable[[Slots, str], str | None],
) -> Kind:
    """A kind that does not look at the input, and accepts only what `put` would have written."""

    def taken(slots: Slots, given: str, answer: str) -> str | None:
        inside = take(slots, answer)
        return inside if inside is not None and put(slots, inside) == answer else None

    return Kind(name=name, wordings=wordings, slots=slots, put=lambda slots, given, text: put(slots, text), take=taken)


def lines_marked(wordings: tuple[str, ...], slots: Choices, marks: Mapping[str, str]) -> Kind:
    """Every line begins with a mark."""

    def put(slots: Slots, text: str) -> str:
        return "\n".join(marks[slots["sign"]] + line for line in text.split("\n"))

    def take(slots: Slots, text: str) -> str | None:
        return "\n".join(line.removeprefix(marks[slots["sign"]]) for line in text.split("\n"))

    return _kind("marked lines", wordings, slots, put, take)


def lines_numbered(wordings: tuple[str, ...], slots: Choices, after: str) -> Kind:
    def put(slots: Slots, text: str) -> str:
        return "\n".join(f"{n}{after}{line}" for n, line in enumerate(text.split("\n"), int(slots["first"])))

    def take(slots: Slots, text: str) -> str | None:
        return "\n".join(line.partition(after)[2] for line in text.split("\n"))

    return _kind("numbered lines", wordings, slots, put, take)


def lines_as_json(wordings: tuple[str, ...], slots: Choices) -> Kind:
    def take(slots: Slots, text: str) -> str | None:
        lines = _json(text)
        return "\n".join(map(str, lines)) if isinstance(lines, list) else None

    return _kind("lines in JSON", wordings, slots, lambda slots, text: _dump(text.split("\n")), take)


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _in_object(slots: Slots, text: str) -> str:
    return _dump({slots["key"]: text})


def _out_of_object(slots: Slots, text: str) -> str | None:
    found = _json(text)
    return found.get(slots["key"]) if isinstance(found, dict) else None


def _in_csv(slots: Slots, text: str) -> str:
    written = io.StringIO()
    csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="").writerow((slots["key"], text))
    return written.getvalue()


def _out_of_csv(slots: Slots, text: str) -> str | None:
    return text[len(slots["key"]) + 4 : -1].replace('""', '"')


def _in_element(slots: Slots, text: str) -> str:
    return f"<{slots['key']}>{html.escape(text, quote=False)}</{slots['key']}>"


def _out_of_element(slots: Slots, text: str) -> str | None:
    return html.unescape(text[len(slots["key"]) + 2 : -len(slots["key"]) - 3])


WRAPPERS = {
    "JSON": (_in_object, _out_of_object),
    "CSV": (_in_csv, _out_of_csv),
    "XML": (_in_element, _out_of_element),
}


def wrapped_as(form: str, wordings: tuple[str, ...], slots: Choices) -> Kind:
    """The answer in data of that form, under the name in slot `key`."""
    return _kind(f"in {form}", wordings, slots, *WRAPPERS[form])


def same_twice(wordings: tuple[str, ...], slots: Choices, rulers: Mapping[str, str]) -> Kind:
    """The answer, a ruler, the answer again."""

    def put(slots: Slots, text: str) -> str:
        return f"{text}\n{rulers[slots['ruler']]}\n{text}"

    def take(slots: Slots, text: str) -> str | None:
        return text[: (len(text) - len(rulers[slots["ruler"]]) - 2) // 2]

    return _kind("twice", wordings, slots, put, take)
