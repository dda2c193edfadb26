"""Columns: what a row calls its instruction, its input, its output and the rest, by usual names or as somebody says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

from selfinstruct.errors import UsageError, did_you_mean, quoted
from selfinstruct.rows.layouts.marks import THOUGHTS, absent, plain
from selfinstruct.rows.notes import Notes, printable
from selfinstruct.task import OWN_KEYS

__all__ = ["OURS", "Columns", "carried", "check_found", "listed", "parse_columns", "without"]

OURS = (
    *("instruction", "input", "output", "system", "history", "thoughts", "turns", "chosen", "rejected", "label"),
    *("id", "tools"),
)
"""What a column can be said to be: turns are a whole conversation, thoughts what was thought before the output."""


def parse_columns(text: str) -> dict[str, str]:
    """Our columns and what the data calls them: "instruction=aufgabe,output=antwort". Raises UsageError."""
    found: dict[str, str] = {}
    for part in filter(str.strip, text.split(",")):
        ours, equals, theirs = (piece.strip() for piece in part.partition("="))
        if not (equals and ours and theirs):
            raise UsageError(f"--columns {quoted(part.strip())}: write OURS=THEIRS, as in instruction=aufgabe")
        if ours not in OURS:
            raise UsageError(f"--columns {quoted(part.strip())}: {did_you_mean(ours, OURS)}")
        if ours in found:
            raise UsageError(f"--columns names {ours} twice: {found[ours]} and {theirs}; choose one")
        if theirs in found.values():
            raise UsageError(f"--columns names the column {theirs!r} twice; choose what it is")
        found[ours] = theirs
    if not found:
        raise UsageError(f"--columns {quoted(text)} names no column: write OURS=THEIRS, as in instruction=aufgabe")
    return found


INSTRUCTION = (
    *("instruction", "instructions", "prompt", "question", "query", "problem", "definition", "指令", "问题", "提示"),
    *("prompttext", "questiontext", "problemstatement", "userinstruction"),
)
TASK = ("task", "taskdescription", "command", "request")
"""As an instruction only where a row has no column of the names above, not even an empty one."""
INPUT = (
    *("input", "inputs", "context", "passage", "document", "paragraph", "article", "inputtext", "textinput"),
    *("contexts", "background", "输入", "上下文"),
)
QUESTION = (
    *(
        "inputspretokenized",
        "input",
        "inputs",
        "inputtext",
        "textinput",
        "user",
        "human",
        "usermessage",
    ),
    *("userprompt", "userinput", "q", "message", "src", "source", "sourcetext", "context", "text", "输入"),
)
"""As the question of a row without an instruction, when there is an answer."""
OUTPUT = (
    *("targetspretokenized", "output", "outputs", "completion", "completions", "response", "responses"),
    *("generatedsolution", "solution", "answer", "answers", "targets", "target", "targettext", "tgt", "reply", "ideal"),
    *("expectedoutput", "expected", "canonicalsolution", "generation", "generatedtext", "bestanswer", "finalanswer"),
    *("humananswers", "modelresponse", "modeloutput", "assistant", "assistantmessage", "assistantresponse", "bot"),
    *("gpt", "chatgptanswers", "a", "outputtext", "groundtruth", "groundtruths", "reference", "referenceanswer"),
    *("summary", "code", "输出", "回答", "答案"),
)
SYSTEM = (
    *("system", "systemprompt", "systemmessage", "systeminstruction", "systeminstructions", "sysprompt"),
    *("metainstruction", "系统"),
)
HISTORY = ("history", "chathistory", "conversationhistory", "历史")
TOOLS = ("tools", "functions", "availabletools", "toollist", "tooldefinitions")
CONVERSATIONS = ("messages", "conversations", "conversation")
"""What can hardly be anything else."""
TALKS = (
    *(
        "turns",
        "contents",
        "items",
        "chat",
        "dialog",
        "dialogue",
        "dialogs",
        "dialogues",
        "chats",
        "data",
        "rounds",
        "thread",
    ),
    *("convo", "conv", "utterances", "messagelist", "chatmessages", "multiturn", "对话"),
)
"""What is a conversation when it looks like one."""

NAMES: dict[str, tuple[str, ...]] = {
    "instruction": INSTRUCTION,
    "task": TASK,
    "input": INPUT,
    "question": QUESTION,
    "output": OUTPUT,
    "system": SYSTEM,
    "history": HISTORY,
    "tools": TOOLS,
    "thoughts": ("thoughts", *sorted(THOUGHTS - {"thoughts"})),
    "turns": (*CONVERSATIONS, *TALKS),
    "id": ("id",),
}
"""By our word, what others call it, as `plain` writes it: of several that a row has, the first is it."""


def without(theirs: str) -> str:
    """What is noted of a row that lacks a column that somebody named; noted of all rows, no row has it."""
    return f"no column {theirs!r}"


@lru_cache(1000)
def _keys(row: tuple[str, ...], named: tuple[tuple[str, str], ...]) -> dict[str, tuple[str, ...]]:
    """Which of a row's keys may be each of our columns, the likeliest first; the same for all rows of most files.

    Of names that differ in case only, the one in small letters is meant.
    """
    names: dict[str, str] = {}
    for key in row:
        name = plain(key)
        if key == key.lower() or name not in names:
            names[name] = key
    said = dict(named)
    theirs = set(said.values())
    keys: dict[str, tuple[str, ...]] = {}
    for ours, usual in NAMES.items():
        found = [names[name] for name in usual if name in names and names[name] not in theirs]
        keys[ours] = (said[ours],) if ours in said else tuple(found)
    return keys


def check_found(named: Mapping[str, str], notes: Notes, rows: int) -> None:
    """To be called after the last of so many rows. Raises UsageError for a column that no row had."""
    for ours, theirs in named.items():
        if rows and notes.done[without(theirs)] == rows:
            raise UsageError(f"no row has the column {theirs!r} that is to be the {ours}: look at --columns")


class Columns:
    """The columns of one row: each is taken once by who knows what it means; what is left then is carried along.

    Null and empty is absence.
    """

    __slots__ = ("is_answered", "keys", "left", "named", "row")

    def __init__(self, row: dict[str, Any], named: Mapping[str, str] | None = None, *, judged: bool = False) -> None:
        """`judged`: the answers were taken already, and what else looks like one is none."""
        self.row = row
        self.left = {key: value for key, value in row.items() if not absent(value)}
        self.named = named or {}
        self.keys = _keys(tuple(row), tuple(self.named.items()))
        """By our word, those of the row's keys that may be it, whatever stands there."""
        self.is_answered = judged or self.first("output") is not None
        if judged:
            self.keys = self.keys | {"output": (), "thoughts": ()}

    def candidates(self, what: str, fits: Callable[[Any], bool] | None = None) -> list[str]:
        """Keys of the columns that may be this, the likeliest first: there is something in them, and it fits."""
        found = []
        for key in self.keys[what]:
            value = self.left.get(key)
            if value is None:
                continue
            if isinstance(value, str) and value.isspace():
                del self.left[key]
            elif fits is None or fits(value):
                found.append(key)
        return found

    def first(self, what: str, fits: Callable[[Any], bool] | None = None) -> str | None:
        """The key of the column that is this."""
        return next(iter(self.candidates(what, fits)), None) if self.keys[what] else None

    def take(self, what: str, fits: Callable[[Any], bool] | None = None) -> tuple[str, Any] | None:
        """The column that is this, and what stands in it, if anything does."""
        key = self.first(what, fits)
        return None if key is None else (key, self.left.pop(key))


def carried(left: dict[str, Any]) -> dict[str, Any]:
    """The extra keys of a task. One that would be taken for ours, once the task is written, gets a "_" at its end."""
    if left.keys().isdisjoint(OWN_KEYS):
        return left
    kept: dict[str, Any] = {}
    for key, value in left.items():
        while key in OWN_KEYS or key in kept:
            key = f"{key}_"
        kept[key] = value
    return kept


def listed(row: Iterable[str]) -> str:
    """The names of a row's columns, not more of them than a message can bear."""
    return printable(", ".join(row)[:100]) or "nothing"
