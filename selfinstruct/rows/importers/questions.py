"""Questions alone, as people keep them for a teacher to answer: lines of a text, titles of posts, pairs of Quora's.

A text is read so without being told where most of its lines ask for something; all else is `--layout questions`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from selfinstruct.rows.layouts.layouts import task_of
from selfinstruct.rows.layouts.marks import plain
from selfinstruct.rows.notes import Bad, Notes, Where, brief, printable
from selfinstruct.task import Task
from selfinstruct.text.later import later

__all__ = ["has_questions", "lines_that_ask", "questions"]

LONGEST = 600
"""Characters of a line that is a question, not a paragraph."""
SHARE = 0.6
"""Of the lines, that ask: then the others are questions, too, put as commands."""
ENOUGH = 1_000
"""Lines that are looked at."""
TITLES = ("ask", "title", "questiontitle", "subject", "headline", "标题")
LISTS = ("questions", "queries", "instructions", "prompts", "问题")
_NUMBERED = later(r"\s*(?:[-*•][ \t]+|\(?\d{1,6}[.)、．：:][ \t]*|[Qq]\d*[.:：][ \t]*|问题?\d*[:：][ \t]*)(?=\S)")
_ASKS = later(
    r"[?？][\"'”’)）]*\s*\Z|\A\W*(?:what|how|why|who|when|where|which|can|could|is|are|do|does|did|should|would|will|explain"
    r"|describe|tell|write|give|list|name|compare|suggest|summari[sz]e|translate|create|help|find|show|make|please)\b"
    r"|\A\W*(?:请|怎[么样]|如何|为什么|什么|哪|谁|能不能|是否|介绍|解释|说明|描述|列出|列举|写|给|帮|推荐|比较|翻译|总结)|[吗呢么]\W*\Z",
    re.IGNORECASE,
)
_ZH_ASKS = later("[\u4e00-\u9fff].*[？吗呢]|[？?]$")
_PAIRED = re.compile(r"question\d")


def questions(rows: Iterable[tuple[Where, Any | Bad]], notes: Notes) -> Iterator[tuple[Where, Task | Bad]]:
    """Questions alone: lines of a text, texts of a list, titles of posts, both of a pair (question1, question2).

    So are a list ("questions") and the cells of a table of one column without a head.

    What else such a row has is carried along; any other row is read as usual.
    """
    heads = set[tuple[str, str]]()
    for where, row in rows:
        if isinstance(row, Bad):
            yield where, row
            continue
        asked, rest = _asked(row)
        if (head := _head(row)) and (where.file, head) not in heads:
            heads.add((where.file, head))
            asked.insert(0, _tidy(head))
        given = [{"instruction": text} | rest for text in asked if text.strip()] if asked else [row]
        for one in given:
            try:
                yield where, task_of(one, "", notes)
            except (ValueError, RecursionError) as error:
                yield where, Bad(where, f"{printable(error)}{_hint(row)}", brief(row))


def _hint(row: Any) -> str:
    from selfinstruct.rows.importers.importers import guess  # which knows this importer, too

    name = guess(row)
    return f"; it looks like --layout {name}" if name and name != "questions" else ""


def _asked(row: Any) -> tuple[list[str], dict[str, Any]]:
    """The questions of a row, and what else is in it; none where it is a row as others are."""
    if isinstance(row, str):
        return [_tidy(row)], {}
    if isinstance(row, list) and row and all(isinstance(one, str) for one in row):
        return [_tidy(one) for one in row], {}
    if not isinstance(row, dict):
        return [], {}
    names = {plain(key): key for key in row}
    texts = {key: row[key] for key in row if isinstance(row[key], str) and row[key].strip()}
    if list(names) == ["text"] and texts and ("\n" in row[names["text"]] or _ASKS.search(row[names["text"]])):
        return [_tidy(line) for line in texts[names["text"]].split("\n")], {}
    if pair := [key for name, key in names.items() if _PAIRED.fullmatch(name) and key in texts]:
        return [_tidy(texts[key]) for key in pair], _but(row, *pair, "id")
    if listed := next((names[name] for name in LISTS if name in names and _texts(row[names[name]])), None):
        return [_tidy(one) for one in _texts(row[listed])], _but(row, listed, "id")
    if title := next((names[name] for name in TITLES if names.get(name) in texts), None):
        return [_tidy(texts[title])], _but(row, title)
    return ([_tidy(one) for one in texts.values()] if _head(row) else []), {}


def _but(row: dict[str, Any], *keys: str) -> dict[str, Any]:
    """What is carried along; an id is that of one question alone."""
    return {key: value for key, value in row.items() if key not in keys}


def _head(row: Any) -> str:
    """The first line of a table of one column that has no head, which is the column's name now."""
    only = next(iter(row)) if isinstance(row, dict) and len(row) == 1 else ""
    return only if " " in only.strip() and _ASKS.search(only) else only if _ZH_ASKS.search(only) else ""


def _texts(value: Any) -> list[str]:
    """The texts of a list, {"text": […]} as Quora's pairs have, or of several wordings of each question the first."""
    if isinstance(value, dict):
        value = value.get("text")
    value = [value] if isinstance(value, str) else value
    if not isinstance(value, list):
        return []
    firsts = [one[0] if isinstance(one, list) and one else one for one in value]
    return [one for one in firsts if isinstance(one, str) and one.strip()]


def _tidy(text: str) -> str:
    """Without a number or a mark before it."""
    mark = _NUMBERED.match(text)
    return (text[mark.end() :] if mark else text).strip()


def lines_that_ask(text: str) -> bool:
    """Whether a text is one of questions, each on a line, and no prose."""
    lines = [line.strip() for line in text.split("\n", ENOUGH)[:ENOUGH] if line.strip()]
    if not lines or any(len(line) > LONGEST for line in lines):
        return False
    return sum(bool(_ASKS.search(_tidy(line))) for line in lines) >= SHARE * len(lines)


def has_questions(row: dict[str, Any]) -> bool:
    """Whether a row looks as `questions` reads it, for the message about one that cannot be read."""
    return bool(_asked(row)[0])
