"""Layouts: the task that a row of anybody's means."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from selfinstruct.rows.notes import Notes
from selfinstruct.task import Task, task_from_row

__all__ = ["task_of"]


def task_of(row: Any, default_id: str, notes: Notes | None = None, columns: Mapping[str, str] | None = None) -> Task:
    """The task of a row in any layout that is read. Raises ValueError, saying what is wrong with it.

    columns     what the row calls our columns, where it is none of the usual names
    """
    if not isinstance(row, dict):
        shown = json.dumps(row, ensure_ascii=False)[:60]
        raise ValueError(f"a row is an object with an instruction; this one is {shown}")
    keys = ", ".join(row)[:100] or "nothing"
    row = row if row.get("id") not in (None, "") else row | {"id": default_id}
    if isinstance(label := row.get("is_classification"), str):
        row = row | {"is_classification": LABELS.get(label.lower(), label)}
    for name in ("messages", "conversations", "items"):
        if isinstance(row.get(name), list) and "instruction" not in row:
            return _from_turns(row, name)
    if row.get("instances") is None:
        row = _from_columns(row)
    if "instruction" not in row:
        raise ValueError(f"no instruction: the row has {keys}; name the right one instruction, prompt or question")
    return task_from_row(row)


LABELS = {"true": True, "false": False, "": None}
"""As CSV has to write them."""

COLUMNS = {
    "instruction": ("instruction", "prompt", "question"),
    "input": ("input", "context"),
    "output": ("output", "completion", "response", "answer"),
}
"""What others call the three; of several the first."""


def _from_columns(row: dict[str, Any]) -> dict[str, Any]:
    """A row of Alpaca's kind, with its instance.

    Without an output there is none; an input that waits for one is kept among the extra keys.
    """
    theirs = {name: next(filter(row.__contains__, names), name) for name, names in COLUMNS.items()}
    ours = {name: own for own, name in theirs.items()}
    row = {ours.get(name, name): value for name, value in row.items()}
    if "output" not in row:
        return row
    texts = {"input": "" if row.get("input") is None else row["input"], "output": row["output"]}
    for name, text in texts.items():
        if not isinstance(text, str):
            shown = json.dumps(text, ensure_ascii=False)[:60]
            raise ValueError(f"{theirs[name]} is {shown}, not a text: make it one, or leave it out")
    done = ("input", "output") if texts["output"] or not texts["input"] else ("output",)
    rest = {name: value for name, value in row.items() if name not in done}
    return rest | {"instances": [texts] if texts["output"] else []}


ROLES = {"human": "user", "user": "user", "gpt": "assistant", "assistant": "assistant", "system": "system"}
"""As ShareGPT and OpenAI name who speaks."""


def _from_turns(row: dict[str, Any], name: str) -> Task:
    """The task of a conversation: its instruction is what the user says first."""
    turns = []
    for turn in row[name]:
        match turn:
            case {"role": str(role), "content": str(content)} | {"from": str(role), "value": str(content)}:
                if role not in ROLES:
                    raise ValueError(f"nobody is called {role!r} in {name}; there are {', '.join(ROLES)}")
                turns.append({"role": ROLES[role], "content": content})
            case _:
                shown = json.dumps(turn, ensure_ascii=False)[:60]
                raise ValueError(f"a turn has role and content, or from and value; this one is {shown}")
    first = next((turn["content"] for turn in turns if turn["role"] == "user"), None)
    if first is None:
        raise ValueError(f"nobody asks anything in {name}")
    rest = {key: value for key, value in row.items() if key != name}
    return task_from_row(rest | {"instruction": first, "turns": turns})
