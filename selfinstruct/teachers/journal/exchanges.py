"""What was asked and answered in a run, as its journal has it, for people to read."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from selfinstruct.teachers.journal.file import FORGOTTEN, translated

__all__ = ["ID", "Exchange", "exchanges", "order"]

ID = 12
"""Digits of a request's key that are its id in rows."""
QUERY = "SELECT step, model, request, text, thoughts, error FROM answers WHERE key >= ? AND key < ? LIMIT 1"


class Exchange(NamedTuple):
    id: str
    """As in the `requests` of a task and the `request` of a rejection."""
    step: str
    model: str
    prompt: str
    """Of a conversation, each turn headed by its role."""
    answer: str
    """Raw, or the server's error."""
    thoughts: str
    """What the server sent apart from the answer."""


def exchanges(journal: Path, ids: Iterable[str]) -> Iterator[Exchange]:
    """Those of the ids that are there; none where there is no journal, or an old one that the next run brings up to
    date."""
    if not journal.is_file():
        return
    with translated(journal), closing(_opened(journal)) as db:
        if "thoughts" not in {name for _, name, *_ in db.execute("PRAGMA table_info(answers)")}:
            return
        for id in ids:
            row = db.execute(QUERY, [id, f"{id}g"]).fetchone()  # g comes after all hexadecimal digits
            if row:
                step, model, request, text, thoughts, error = row
                yield Exchange(id, step, model, _prompt(request), text or error, thoughts)


def order(journal: Path) -> dict[str, int]:
    """The place of each request's answer, by id; empty where there is no journal."""
    if not journal.is_file():
        return {}
    with translated(journal), closing(_opened(journal)) as db:
        keys = db.execute("SELECT key FROM answers WHERE instr(key, ?) = 0 ORDER BY rowid", [FORGOTTEN])
        return {key[:ID]: place for place, (key,) in enumerate(keys)}


def _opened(journal: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{journal.absolute().as_uri()}?mode=ro", uri=True)


def _prompt(request: str) -> str:
    prompt = json.loads(request).get("prompt", "")
    if isinstance(prompt, str):
        return prompt
    return "\n\n".join(f"{turn.get('role', '')}: {turn.get('content', '')}" for turn in prompt)
