"""JSON answers: what a teacher that writes JSON, asked to or not, has put into it.

Servers with structured outputs write one object by a schema; chat models write a list, fenced or not, a list inside an
object, one object a line, or one fence an object, with words around, a comma too many, or broken off at max_tokens. An
answer that merely holds some JSON, such as a task about a document, is none of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from selfinstruct.stages.reading.plain import HAN, plain
from selfinstruct.task import Rejected
from selfinstruct.text.later import later

__all__ = ["JsonAnswer", "fields_of", "json_answer", "objects_in", "schema_of", "strictly"]

KEYS = {
    "instruction": "instruction|prompt|question|task|query|command|problem|指令|任务|问题|题目|instruction text"
    "|task instruction|task description|指令内容|任务内容|任务描述|description|描述|text|content|内容",
    "input": "input|context|input text|input data|passage|输入|输入内容|上下文|材料|背景",
    "output": "output|response|answer|completion|result|expected output|output text|solution|reply"
    "|输出|答案|回答|回复|响应|结果|参考答案|输出内容",
    "label": "class label|label|class|classification|category|类别标签|分类标签|标签|类别|分类",
}
"""What a field may be called, in any case and with _, - or nothing between its words; the first of them counts."""
_NAMES = {called: (rank, name) for name, line in KEYS.items() for rank, called in enumerate(line.split("|"))}
_NAMES |= {called.replace(" ", ""): found for called, found in _NAMES.items()}

_FENCE = later(r"^[ \t]*```[ \t]*([\w+-]*)[^\n`]*$", re.MULTILINE)
_JSON_FENCES = ("", "json", "jsonl", "jsonc", "json5", "javascript", "js", "text")
# A list may be numbered: "1. {…}", "- {…}". "[New task]", "[1]" and "{x}" are no JSON that holds tasks.
_VALUE = later(r"^[ \t]*+(?:(?:\d{1,3}[.)、:：]|[-*•])[ \t]*+)?(?=\{\s*+[\"}]|\[\s*+[\[{\"\]])", re.MULTILINE)
_BETWEEN = later(r"[\s,;，；]*+(?:(?:\d{1,3}[.)、:：]|[-*•])[ \t]*+(?=[\[{]))?")
_CLOSED = later(r"[\]}\s,;]*+")
# A string is taken whole, also one that is never closed, so that no quotation mark is looked at twice.
_LAST_COMMA = later(r"(\"(?:[^\"\\]|\\.)*+(?:\"|\\?\Z))|,(?=\s*[\]}])", re.DOTALL)
_HOLDER = later(r"\[|\{\s*\"[^\"\\\n]{1,40}\"\s*:\s*\[")
_NUMBERED = later(r"(?:[^\W\d]*[ _-]?|第)\d{1,3}[条个项则题]?")
_LABEL = later(
    r"^[^\w\n]{0,8}(?:\d{1,3}[^\w\n]{1,4})?(?:instruction|input|output|指令|输入|输出)[*_]{0,3}[ \t]*\d*[*_]{0,3}[:：]",
    re.IGNORECASE | re.MULTILINE,
)
_WORDS_BEFORE = 400
"""Characters that a model may say before its JSON; what is longer is a text with JSON in it."""
_FAULTS = 8
"""Values that cannot be read, after which the rest is left alone: each may have been read to its end."""
_DEPTH = 4
"""Objects around the list."""

_decoder = json.JSONDecoder(strict=False)
"""Not strict: models write line breaks into strings as they are."""


class JsonAnswer(NamedTuple):
    items: list[Any]
    """What it holds, in order: objects, or texts of a list of texts."""
    cut: str
    """The text of a last item that breaks off; "" when all are whole."""
    remarks: list[str]
    """What is said around the JSON, and what in it cannot be read."""


def objects_in(text: str, *wanted: str) -> list[Any] | None:
    """The items of a JSON answer; None when the text is none. As `json_answer`, which also tells of the rest."""
    found = json_answer(text, *wanted)
    return found and found.items


def json_answer(text: str, *wanted: str) -> JsonAnswer | None:
    """What an answer in JSON holds; None when it is no JSON.

    With words around it JSON is the answer only if each object in it has one of the `wanted` fields, names of KEYS
    (instruction or output, unless said otherwise), or it is a list of texts: else it belongs to what the words say.
    """
    text = plain(text).strip()
    if "{" not in text and "[" not in text:
        return None
    parts, words = _parts(text)
    if not parts or len(words[0]) > _WORDS_BEFORE or any(map(_LABEL.search, words)):
        return None
    values, remarks, cut = list[Any](), list(words), ""
    for part in parts:
        found, rest, cut = _values(part)
        values += found
        remarks += rest
    remarks = [remark for remark in map(str.strip, remarks) if re.search(r"\w", remark)]
    items = [item for value in values for item in _items(value, _DEPTH)]
    fits = items and all(_fits(item, wanted or ("instruction", "output")) for item in items)
    return JsonAnswer(items, cut.strip(), remarks) if fits or (not remarks and (values or cut)) else None


def fields_of(item: Any) -> dict[str, str]:
    """The fields that an object of an answer has, by the names in KEYS, as texts: {"instruction": …, "input": …}.

    A text alone is an instruction. A number is written as in JSON, and so is a list or an object.
    """
    if isinstance(item, str):
        return {"instruction": item.strip()}
    if not isinstance(item, dict):
        return {}
    fields, ranks = dict[str, str](), dict[str, int]()
    for key, value in item.items():
        rank, name = _NAMES.get(_called(key), (0, ""))
        if name and rank < ranks.get(name, len(_NAMES)):
            fields[name], ranks[name] = _as_text(value), rank
    return fields


def schema_of(holder: str, keys: Sequence[str] = ()) -> dict[str, Any]:
    """The JSON schema of {holder: [{key: text, …}, …]}; without keys of {holder: [text, …]}.

    All keys are required and no others allowed, as OpenAI's strict mode wants it.
    """
    item: dict[str, Any] = {"type": "string"}
    if keys:
        item = _object({key: {"type": "string"} for key in keys})
    return _object({holder: {"type": "array", "items": item}})


def strictly(text: str, holder: str, keys: Sequence[str] = ()) -> list[dict[str, str] | Rejected] | None:
    """The items of an answer that was asked for with `schema_of(holder, keys)`: each with exactly these keys, or why it
    is none; without keys {"": text} each. None when the answer is no JSON, as where a server knows no schemas.
    """
    text = plain(text).strip()
    fenced = _FENCE.match(text)
    if fenced and text.endswith("```"):
        text = text[fenced.end() : -3].strip()
    if not _VALUE.match(text):
        return None
    if (whole := _loaded(text)) is None:
        values, remarks, cut = _values(text)
        if remarks or not cut:
            return None
        return [*(_strict(item, keys) for item in values), Rejected(cut.strip(), "truncated")]
    items = whole.get(holder) if isinstance(whole, dict) else None
    if not isinstance(items, list):
        return [Rejected(text, "not in the form asked for", f"no list of {holder}", what="answer")]
    more = [Rejected(_as_text(value), "not in the form asked for", key[:60], "remark") for key, value in whole.items()]
    return [*(_strict(item, keys) for item in items), *(one for one in more if one.detail != holder)]


def _strict(item: Any, keys: Sequence[str]) -> dict[str, str] | Rejected:
    if not keys:
        return {"": item.strip()} if isinstance(item, str) else _unlike(item, "no text")
    if not isinstance(item, dict):
        return _unlike(item, "no object")
    if missing := [key for key in keys if key not in item]:
        return _unlike(item, f"without {', '.join(missing)}")
    if wrong := [key for key in keys if not isinstance(item[key], str)]:
        return _unlike(item, f"no text in {', '.join(wrong)}")
    if more := [key for key in item if key not in keys]:
        return _unlike(item, f"with {', '.join(more)[:60]}")
    return {key: item[key].strip() for key in keys}


def _unlike(item: Any, detail: str) -> Rejected:
    return Rejected(_as_text(item), "not in the form asked for", detail)


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _parts(text: str) -> tuple[list[str], list[str]]:
    """The pieces of the text that look like JSON, and the words before, between and after them."""
    marks = list(_FENCE.finditer(text))
    if marks and not text.startswith(("{", "[")):
        return _fenced(text, marks)
    start = _VALUE.search(text)
    return ([text[start.start() :]], [text[: start.start()]]) if start else ([], [text])


def _fenced(text: str, marks: list[re.Match[str]]) -> tuple[list[str], list[str]]:
    parts, words, at = list[str](), list[str](), 0
    for opening, closing in zip(marks[::2], [*marks[1::2], None], strict=False):
        inside = text[opening.end() : closing.start() if closing else len(text)]
        if opening[1].lower() not in _JSON_FENCES or not inside.lstrip().startswith(("{", "[")):
            return [], [text]  # a fence with something else: the answer is no JSON
        words.append(text[at : opening.start()])
        parts.append(inside)
        at = closing.end() if closing else len(text)
    return parts, [*words, text[at:]]


def _loaded(text: str) -> Any:
    """The value that the whole text is; None when it is none."""
    try:
        return _decoder.decode(text)
    except (ValueError, RecursionError):
        return None


def _values(part: str) -> tuple[list[Any], list[str], str]:
    """The values of a text one after another, what stands between them that is none, and the last one if it is cut.

    Of a list that breaks off, its items.
    """
    part = part.strip()
    if (whole := _loaded(part)) is not None:
        return [whole], [], ""
    part = _LAST_COMMA.sub(lambda found: found[1] or "", part)
    values, remarks, cut = _sequence(part, 0)
    if not values and (holder := _HOLDER.match(part)):
        return _sequence(part, holder.end(), texts=True)
    return values, remarks, cut


def _sequence(part: str, at: int, texts: bool = False) -> tuple[list[Any], list[str], str]:
    """The lists and objects from here on, parted by commas or line breaks, and in a list the texts; as in `_values`."""
    values, remarks, faults = list[Any](), list[str](), 0
    while True:
        at = _end(_BETWEEN, part, at)
        if at < len(part) and part[at] in "]}":  # the list ends here, perhaps with the object around it
            at, texts = _end(_CLOSED, part, at), False
        if at >= len(part):
            return values, remarks, ""
        begins = part[at] in ('"{[-0123456789' if texts else "{[")
        try:
            value, end = _decoder.raw_decode(part, at) if begins else (None, at)
        except (ValueError, RecursionError):
            value, end, faults = None, at, faults + 1
        if end > at:
            values.append(value)
            at = end
            continue
        following = _VALUE.search(part, at + 1) if faults < _FAULTS else None
        if not following:
            return values, remarks if begins else [*remarks, part[at:]], part[at:] if begins else ""
        remarks.append(part[at : following.start()])
        at = following.end()


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


def _items(value: Any, depth: int) -> Iterator[Any]:
    """The items that a value holds: a list's; those of a list or of objects inside an object; or the object itself."""
    if isinstance(value, list):
        for item in value:
            inner = item if depth and isinstance(item, list | dict) else None
            yield from _items(inner, depth - 1) if inner is not None else (item,)
        return
    if not isinstance(value, dict) or not depth:
        yield value
        return
    held = [inner for inner in value.values() if inner and isinstance(inner, list | dict)]
    texts = [inner for key, inner in value.items() if _NAMES.get(_called(key)) and not isinstance(inner, list | dict)]
    if held and not texts:
        lists = [inner for inner in held if isinstance(inner, list)]
        for inner in lists[:1] or held:
            yield from _items(inner, depth - 1)
    elif value and not held and not texts and all(map(_NUMBERED.fullmatch, value)):
        yield from value.values()  # {"9": "…", "task_10": "…"}
    else:
        yield value


def _fits(item: Any, wanted: Sequence[str]) -> bool:
    """Whether words around it may be remarks on it: of texts only on sentences, not on ["red", "blue"]."""
    if isinstance(item, str):
        return len(item.split()) > 2 or len(re.findall(rf"[{HAN}]", item)) > 5
    return any(name in fields_of(item) for name in wanted)


def _called(key: str) -> str:
    return re.sub(r"[\s_-]+", " ", key.strip().casefold())


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    try:
        return value.strip() if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    except RecursionError:
        return "nested too deeply"
