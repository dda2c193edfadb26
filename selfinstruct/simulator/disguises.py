"""Inputs as data ("complicate_input"): in XML, SQL, Python, HTML, shell or JSON, from which they are read back exactly.

A task that needs no input gets data that hold a value for its answer to end with.
"""

from __future__ import annotations

import ast
import html
import json
import re
import shlex
from collections.abc import Callable, Mapping
from random import Random
from typing import NamedTuple

from selfinstruct.simulator.coding import COMMENTS
from selfinstruct.simulator.family import Slots
from selfinstruct.simulator.layers import Kind

__all__ = ["FORMS", "HELD", "INPUTS", "disguised", "some_value"]


class Form(NamedTuple):
    write: Callable[[Mapping[str, str]], str]
    """Several fields, by name."""
    read: Callable[[str, str], str | None]
    """The value of a field, from its name and the text; None when the text has no such field."""
    where: Mapping[str, str]
    """What a field is called, by language."""


def _write_xml(fields: Mapping[str, str]) -> str:
    inside = "\n".join(f"  <{name}>{html.escape(value, quote=False)}</{name}>" for name, value in fields.items())
    return f"<record>\n{inside}\n</record>"


def _read_xml(name: str, text: str) -> str | None:
    found = re.search(f"<{name}>(.*?)</{name}>", text, re.DOTALL)
    return html.unescape(found[1]) if found else None


def _write_html(fields: Mapping[str, str]) -> str:
    inside = "\n".join(f'  <p id="{name}">{html.escape(value, quote=False)}</p>' for name, value in fields.items())
    return f'<div class="card">\n{inside}\n</div>'


def _read_html(name: str, text: str) -> str | None:
    found = re.search(f'<p id="{name}">(.*?)</p>', text, re.DOTALL)
    return html.unescape(found[1]) if found else None


def _write_sql(fields: Mapping[str, str]) -> str:
    values = ", ".join("'" + value.replace("'", "''") + "'" for value in fields.values())
    return f"INSERT INTO records ({', '.join(fields)}) VALUES ({values});"


def _read_sql(name: str, text: str) -> str | None:
    found = re.fullmatch(r"INSERT INTO \w+ \(([\w, ]+)\) VALUES \((.*)\);", text, re.DOTALL)
    if not found:
        return None
    values = re.findall("'((?:[^']|'')*)'", found[2])
    value = dict(zip(found[1].split(", "), values, strict=False)).get(name)
    return value.replace("''", "'") if value is not None else None


def _write_python(fields: Mapping[str, str]) -> str:
    return "\n".join(f"{name} = {value!r}" for name, value in fields.items())


def _read_python(name: str, text: str) -> str | None:
    found = re.search(f"^{name} = ('.*'|\".*\")$", text, re.MULTILINE)
    try:
        value = ast.literal_eval(found[1]) if found else None
    except (ValueError, SyntaxError, MemoryError, RecursionError):  # those that it documents
        return None
    return value if isinstance(value, str) else None


def _write_shell(fields: Mapping[str, str]) -> str:
    return "\n".join(f"{name}={shlex.quote(value)}" for name, value in fields.items())


def _read_shell(name: str, text: str) -> str | None:
    try:
        words = shlex.split(text)
    except ValueError:  # a quotation that does not end
        return None
    return next((word.removeprefix(f"{name}=") for word in words if word.startswith(f"{name}=")), None)


def _write_json(fields: Mapping[str, str]) -> str:
    return json.dumps(fields, ensure_ascii=False, indent=2)


def _read_json(name: str, text: str) -> str | None:
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        return None
    value = fields.get(name) if isinstance(fields, dict) else None
    return value if isinstance(value, str) else None


FORMS = {
    "XML": Form(_write_xml, _read_xml, {"en": "the XML element <{key}>", "zh": " XML 元素 <{key}> "}),
    "SQL": Form(_write_sql, _read_sql, {"en": "the column {key} of the SQL row", "zh": " SQL 语句中 {key} 列"}),
    "Python": Form(_write_python, _read_python, {"en": "the Python variable {key}", "zh": " Python 变量 {key} "}),
    "HTML": Form(
        _write_html, _read_html, {"en": 'the HTML element with the id "{key}"', "zh": " HTML 中 id 为 {key} 的元素"}
    ),
    "shell": Form(_write_shell, _read_shell, {"en": "the shell variable {key}", "zh": " shell 变量 {key} "}),
    "JSON": Form(_write_json, _read_json, {"en": 'the JSON field "{key}"', "zh": " JSON 的“{key}”字段"}),
}
KEYS = ("note", "content", "message", "entry", "payload", "item", "material", "source", "body", "letter")
NUMBERED = ("reference", "ticket", "parcel", "case", "order", "permit", "folder", "locker")

INPUT_WORDINGS = {
    "en": (
        "The input is given as data: only the value of {where} counts, unescaped.",
        "Take the input from {where}; everything else there must be ignored.",
        "What has to be worked on stands in {where}, and only there.",
    ),
    "zh": (
        "输入藏在数据里：只取{where}的值，转义要还原。",
        "请先取出{where}的值，它才是输入，其余不必理会。",
        "要处理的内容仅在{where}里，别的都是干扰。",
    ),
}
HELD_WORDINGS = {
    "en": (
        'After the answer a line "{mark}…" must follow, with the value of {where} for the dots.',
        'Below the answer there must be a line "{mark}…" that gives the value of {where}.',
    ),
    "zh": (
        "答案之后必须另起一行“{mark}……”，省略号处填{where}的值。",
        "答案下面还需要单独一行“{mark}……”，写明{where}的值。",
    ),
}


def _worded(wordings: tuple[str, ...], form: str, language: str) -> tuple[str, ...]:
    where = FORMS[form].where[language]
    return tuple(re.sub("  +", " ", wording.replace("{where}", where)) for wording in wordings)


def _names(keys: tuple[str, ...], form: str) -> tuple[str, ...]:
    """Shell variables in capitals, as usual."""
    return tuple(key.upper() for key in keys) if form == "shell" else keys


def _input(form: str, language: str) -> Kind:
    return Kind(
        name=f"input in {form}",
        wordings=_worded(INPUT_WORDINGS[language], form, language),
        slots={"key": _names(KEYS, form)},
        decode=lambda slots, given: FORMS[form].read(slots["key"], given),
        needs_input=True,
    )


def _held(form: str, language: str) -> Kind:
    def line(slots: Slots, given: str) -> str:
        return f"\n{slots['mark']}{FORMS[form].read(slots['key'], given)}"

    return Kind(
        name=f"value of {form}",
        wordings=_worded(HELD_WORDINGS[language], form, language),
        slots={"key": _names(NUMBERED, form), "mark": COMMENTS},
        put=lambda slots, given, answer: answer + line(slots, given),
        take=lambda slots, given, answer: (
            answer.removesuffix(line(slots, given)) if answer.endswith(line(slots, given)) else None
        ),
        decode=lambda slots, given: FORMS[form].read(slots["key"], given),
        holds_value=True,
    )


INPUTS = {language: {form: _input(form, language) for form in FORMS} for language in ("en", "zh")}
"""The kind of layer for each form, by language: an input in that form …"""
HELD = {language: {form: _held(form, language) for form in FORMS} for language in ("en", "zh")}
"""… and a value for a task that has no input."""

SENDERS = {"en": ("Okafor", "Lindqvist", "Carvalho", "Demir", "Chen"), "zh": ("周文清", "何静", "许诺", "林悦", "高峰")}
OFFICES = {
    "en": ("archive", "front desk", "night shift", "harbour", "workshop"),
    "zh": ("档案室", "前台", "夜班", "码头", "车间"),
}


def some_value(rng: Random, language: str) -> str:
    """A reference number."""
    if language == "zh":
        return f"{rng.choice('甲乙丙丁戊己庚辛壬癸')}字{rng.randint(12, 990)}号"
    return f"{rng.choice('ABCDEFGHKLMNPRST')}-{rng.randint(112, 9900)}"


def disguised(rng: Random, form: str, language: str, key: str, value: str) -> str:
    """The value in data of that form, among other fields."""
    others = [("id", str(rng.randint(3, 900))), ("sender", rng.choice(SENDERS[language]))]
    others += [("office", rng.choice(OFFICES[language]))]
    fields = [*((name.upper() if key.isupper() else name, text) for name, text in rng.sample(others, 2)), (key, value)]
    rng.shuffle(fields)
    return FORMS[form].write(dict(fields))
