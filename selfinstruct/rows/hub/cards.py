"""The card of a data set: the README.md that the hub shows, with what it needs in front to find and load the files.

What rows, reasons and models say stands inside code or is escaped: it is data, never markup.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from html import escape
from itertools import islice
from typing import Any

import yaml

from selfinstruct.errors import shown
from selfinstruct.rows.hub.about import About
from selfinstruct.text.languages import other_language

__all__ = ["card", "languages_of"]

LONGEST = 500
"""Characters of a text in the example."""
ENOUGH = 200
"""Rows that are looked at for their languages."""
TAGS = {"propose": "self-instruct", "alpaca": "alpaca", "evolve": "evol-instruct", "chat": "self-chat"}
"""What people call the methods whose steps these are."""


def languages_of(rows: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """The languages that a tenth or more of the first rows are in, most of them first."""
    found = Counter[str]()
    for row in islice(rows, ENOUGH):
        text = "\n".join(_texts(row))
        english, chinese = (other_language(text, wanted) for wanted in ("en", "zh"))
        if english or chinese:  # else it is too little to tell
            found[english or "en"] += 1
    return tuple(code for code, count in found.most_common() if count * 10 >= found.total())


def _texts(value: Any) -> Iterable[str]:
    match value:
        case str():
            yield value
        case list():
            for inner in value:
                yield from _texts(inner)
        case dict():
            for inner in value.values():
                yield from _texts(inner)


def card(
    name: str,
    counts: Mapping[str, int],
    columns: Mapping[str, str],
    examples: Iterable[Mapping[str, Any]],
    about: About,
) -> str:
    """The README.md of a data set in data/SPLIT-*.parquet.

    name        its title, and its name on the hub if that is "owner/name"
    counts      rows, by split
    columns     what type each has
    examples    some rows: the first is shown, and their languages are told
    about       how the rows came about
    """
    rows = list(islice(examples, ENOUGH))
    languages = languages_of(rows)
    parts = [
        f"---\n{_front(sum(counts.values()), counts, languages, about)}---\n",
        f"# {_plain(name.rpartition('/')[2])}\n",
        _summary(sum(counts.values()), name, about),
        *([_chinese(sum(counts.values()), about)] if "zh" in languages else []),
        "## Rows\n",
        _table(("split", "rows"), ((split, f"{count:,}") for split, count in counts.items())),
        _table(("column", "type"), ((_code(column), _code(kind[:100])) for column, kind in columns.items())),
        *([_fenced("json", json.dumps(_shortened(rows[0]), ensure_ascii=False, indent=2))] if rows else []),
        *_making(about),
        LIMITS,
    ]
    return "\n".join(parts)


def _front(total: int, splits: Iterable[str], languages: tuple[str, ...], about: About) -> str:
    """What the hub reads: https://huggingface.co/docs/hub/datasets-cards."""
    made = bool(about.models)
    tags = [*(["synthetic"] if made else []), "selfinstruct", *(TAGS[step] for step in about.steps if step in TAGS)]
    front: dict[str, Any] = {"license": about.license or "unknown"}
    front |= {"language": list(languages)} if languages else {}
    front |= {
        "task_categories": ["text-generation"],
        "tags": list(dict.fromkeys(tags)),
        "size_categories": [_size(total)],
    }
    files = [{"split": split, "path": f"data/{split}-*"} for split in splits]
    front |= {"configs": [{"config_name": "default", "data_files": files}]}
    return yaml.safe_dump(front, sort_keys=False, allow_unicode=True)


def _size(rows: int) -> str:
    names = ("1K", "10K", "100K", "1M", "10M", "100M", "1B", "10B", "100B", "1T")
    place = max(0, len(str(max(rows, 1))) - 3)
    if place >= len(names):
        return "n>1T"
    return f"n<{names[0]}" if not place else f"{names[place - 1]}<n<{names[place]}"


def _summary(total: int, name: str, about: About) -> str:
    what = f"{total:,} rows" + (f" in the layout {_code(about.layout)}" if about.layout else "")
    if about.models:
        by = ", ".join(dict.fromkeys(map(_who, about.models.values())))
        what += f" for instruction tuning, made with selfinstruct: instructions and answers were written by {by}."
    elif about.given:
        what += " for instruction tuning, brought into one shape with selfinstruct."
    else:
        what += " for instruction tuning, written with selfinstruct."
    repo = name if re.fullmatch(r"[\w.-]+/[\w.-]+", name) else "OWNER/NAME"
    return f'{what}\n\n```python\nfrom datasets import load_dataset\n\nrows = load_dataset("{repo}")\n```\n'


def _who(model: str) -> str:
    return "selfinstruct's built-in rules, no model" if model.startswith("builtin") else _code(model)


def _chinese(total: int, about: About) -> str:
    by = "、".join(dict.fromkeys(_code(model) for model in about.models.values()))
    how = f"，指令和回答由 {by} 生成" if by else ""
    return (
        f"**中文说明**：本数据集共 {total:,} 行，用于指令微调{how}，由 selfinstruct 整理。内容未经人工核对，"
        "可能有错误和偏见；使用前请确认教师模型和原始数据的许可条款。\n"
    )


def _making(about: About) -> Iterable[str]:
    """How it was made, and what was left out."""
    facts = {
        "steps": ", ".join(map(_code, about.steps)),
        "models": ", ".join(f"{_plain(role)}: {_code(model)}" for role, model in about.models.items()),
        "given" if about.models else "from": _code(about.given) if about.given else "",
        "random seed": "" if about.seed is None else _code(str(about.seed)),
        "selfinstruct": _plain(about.version),
        "tasks kept": "" if about.tasks is None else f"{about.tasks:,}",
        "tasks rejected": f"{about.rejected.total():,}" if about.tasks is not None else "",
    }
    if any(facts.values()):
        yield "## How it was made\n"
        yield _table(("", ""), ((name, value) for name, value in facts.items() if value))
    if about.command:
        yield "With the `recipe.yaml` beside this card, and the given tasks as `given.jsonl`, this makes it again:\n"
        yield _fenced("sh", about.command)
        yield "A model may answer differently each time; the run's `journal.db` has the answers that this came from.\n"
    if about.rejected:
        most = sorted(about.rejected.items(), key=lambda entry: (-entry[1], entry[0]))
        yield _table(("rejected because", "tasks"), ((_plain(why), f"{count:,}") for why, count in most))


LIMITS = """\
## Limits

Nobody checked each row: answers can be wrong, and repeat the errors and prejudice of the model or the people who wrote
them. What the rows may be used for is subject to the terms of that model's provider, and to the licences of the data
that it was shown or that they were taken from.
"""


def _table(head: tuple[str, str], rows: Iterable[tuple[str, str]]) -> str:
    return (
        "\n".join([f"| {head[0]} | {head[1]} |", "|---|---|", *(f"| {left} | {right} |" for left, right in rows)])
        + "\n"
    )


def _plain(text: str) -> str:
    """In one line, without meaning for Markdown or HTML."""
    return re.sub(r"([\\`*_{}\[\]()#!|~])", r"\\\1", escape(" ".join(shown(text).split()), quote=False))


def _code(text: str) -> str:
    """In a line, inside backticks, as many as it needs. Tables are cut at |, whatever is around it."""
    line = " ".join(shown(text).split()).replace("|", "¦")
    ticks = "`" * (1 + _longest_run(line))
    apart = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{ticks}{apart}{line}{apart}{ticks}" if line else ""


def _fenced(kind: str, text: str) -> str:
    ticks = "`" * max(3, 1 + _longest_run(text))
    return f"{ticks}{kind}\n{shown(text, lines=True)}\n{ticks}\n"


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)


def _shortened(value: Any) -> Any:
    """The value with no text, and no list, longer than a reader wants."""
    match value:
        case str() if len(value) > LONGEST:
            return f"{value[:LONGEST]}… ({len(value):,} characters)"
        case list():
            return [*map(_shortened, value[:8]), *([f"… ({len(value):,} items)"] if len(value) > 8 else [])]
        case dict():
            return {name: _shortened(inner) for name, inner in value.items()}
    return value
