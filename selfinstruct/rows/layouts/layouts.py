"""Layouts: the task that a row of anybody's means.

A row is plain (instruction, input, output), a conversation, a question with judged answers, or a task of ours. What it
says is used, carried along in `Task.extra`, or named in the notes (promise 8).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from selfinstruct.rows.layouts.cells import answer_in, answer_of, input_in, instruction_in, question_of
from selfinstruct.rows.layouts.chats import before, conversation, in_order
from selfinstruct.rows.layouts.columns import Columns, carried, listed, without
from selfinstruct.rows.layouts.marks import Beside, absent, is_learned
from selfinstruct.rows.layouts.order import arranged
from selfinstruct.rows.layouts.tools import tools_of
from selfinstruct.rows.layouts.turns import is_conversation
from selfinstruct.rows.notes import Notes, brief
from selfinstruct.rows.preferences.preferences import preference_of
from selfinstruct.task import Instance, Message, Task, task_from_row
from selfinstruct.text.nothing import no_input
from selfinstruct.text.seams import is_blank

__all__ = ["renamed", "task_of"]


def task_of(row: Any, default_id: str, notes: Notes | None = None, columns: Mapping[str, str] | None = None) -> Task:
    """The task of a row in any layout that is read. Raises ValueError, in one line, for a row that is no task.

    notes       gets what was not used, and what was done that somebody may not expect
    columns     what the row calls our columns, where it is none of the usual names: {"instruction": "aufgabe"}
    """
    if type(row) is dict and len(row) == 3 and not columns:  # nearly all there are, and in a hurry
        asked, given, said = row.get("instruction"), row.get("input"), row.get("output")
        if (isinstance(asked, str) and isinstance(given, str) and isinstance(said, str) and asked and said) and not (
            asked.isspace() or given.isspace() or said.isspace() or (len(given) <= BRIEF and no_input(given, asked))
        ):
            return Task(default_id, asked, (Instance(given, said),))
    if isinstance(row, list) and is_conversation(row):
        row = {"messages": row}
    if not isinstance(row, dict):
        raise ValueError(f"a row is an object with an instruction; this one is {brief(row)}")
    return _read(row, default_id, columns or {}, notes)


def _read(row: dict[str, Any], default_id: str, named: Mapping[str, str], notes: Notes | None) -> Task:
    beside = Beside()
    for path in named.values():
        if path not in row and "." in path:
            row = _lifted(row, path)
    if _is_own(row):
        task = _own(row, default_id, beside)
    else:
        usual = _renamed(row, named, beside) if named else row
        judged = preference_of(usual, notes, lambda rest: _told(rest, default_id, notes))
        task = replace(judged, extra=carried(judged.extra)) if judged else _task(row, default_id, named, beside)
    beside.tell(notes)
    return task


def _told(row: dict[str, Any], default_id: str, notes: Notes | None) -> Task:
    """The task of a row without its judged answers."""
    beside = Beside()
    task = _task(row, default_id, {}, beside, judged=True)
    beside.tell(notes)
    return task


USUAL = {"turns": "messages", "label": "kto_tag"}
"""Where the usual name of a column that somebody named is not our word for it."""


def _lifted(row: dict[str, Any], path: str) -> dict[str, Any]:
    """The row with what stands deeper in it ("answer.text") as a column of that name; the same where nothing does."""
    *way, last = path.split(".")
    copy = {**row}
    inner: Any = copy
    for name in way:
        if not isinstance(inner.get(name), dict):
            return row
        inner[name] = {**inner[name]}
        inner = inner[name]
    return {**copy, path: inner.pop(last)} if last in inner else row


def renamed(row: dict[str, Any], named: Mapping[str, str], notes: Notes) -> dict[str, Any]:
    """The row with the usual names of the columns that somebody named, for importers. Raises ValueError."""
    beside = Beside()
    try:
        return _renamed(row, named, beside)
    finally:
        beside.tell(notes)


def _renamed(row: dict[str, Any], named: Mapping[str, str], beside: Beside) -> dict[str, Any]:
    """The row with usual names for the columns that somebody named. Raises ValueError where one is not there."""
    for ours, theirs in named.items():
        if theirs not in row:
            if ours in NEEDED:
                raise ValueError(f"no column {theirs!r} to be the {ours}: the row has {listed(row)}")
            beside.done.add(without(theirs))
    rest = {key: value for key, value in row.items() if key not in named.values()}
    known = {USUAL.get(ours, ours): row[theirs] for ours, theirs in named.items() if theirs in row}
    return known | {f"{key}_" if key in known else key: value for key, value in rest.items()}


NEEDED = ("instruction", "turns", "chosen", "rejected")
"""Without these columns, when somebody names them, a row is nothing."""


def _is_own(row: dict[str, Any]) -> bool:
    """Whether a row has instances. Something else by that name is no list of them, and said so, unless it counts."""
    found = row.get("instances", row.get("Instances"))
    return not (found is None or isinstance(found, bool | int | float) or found == "")


LABELS = {"true": True, "false": False, "": None}
"""As CSV has to write them."""


def _own(row: dict[str, Any], default_id: str, beside: Beside) -> Task:
    """The task of a row of ours, or of a published seed; Super-NaturalInstructions writes it otherwise."""
    row = {**row, "id": default_id if absent(row.get("id")) else row["id"]}
    if "instruction" not in row and (found := Columns(row).take("instruction")):
        row["instruction"] = instruction_in(found[0], row.pop(found[0]), beside)
    if "Instances" in row and "instances" not in row:
        row["instances"] = row.pop("Instances")
    if isinstance(found := row["instances"], str) and found[:1] == "[":  # as CSV has to write them
        with suppress(ValueError):
            row["instances"] = json.loads(found)
    if isinstance(row["instances"], list):
        # A row that we wrote comes back as it was.
        asked = "" if "origin" in row else str(row.get("instruction") or "")
        row["instances"] = [_instance(instance, asked, beside) for instance in row["instances"]]
    if isinstance(row.get("turns"), list):
        row["turns"] = [_without_null(turn) for turn in row["turns"]]
    if isinstance(label := row.get("is_classification"), str):
        row["is_classification"] = LABELS.get(label.lower(), label)
    return task_from_row(row)


BRIEF = 40
"""Characters of an input that may say that there is none: "<noinput>", "No input is needed for this task.", 无."""


def _given(text: str, asked: str, beside: Beside) -> str:
    """The input, or "" when it says that there is none, as every hundredth of Alpaca's does."""
    if is_blank(text) or len(text) > BRIEF or not no_input(text, asked):
        return text
    beside.done.add("an input that says that there is none, read as none")
    return ""


def _instance(value: Any, asked: str, beside: Beside) -> Any:
    """Null, or none, is an empty text; of several outputs the first is it."""
    if not isinstance(value, dict) or not value.keys() & {"input", "output"}:
        return value
    texts = {key: value.get(key) for key in ("input", "output")}
    if not all(isinstance(text, str) for text in texts.values()):
        texts["input"] = "" if absent(texts["input"]) else input_in(texts["input"], beside)
        if absent(texts["output"]):
            texts["output"] = ""
        else:
            texts["output"], others = answer_in("output", texts["output"], beside)
            beside.unused.update(others)
    if isinstance(texts["input"], str) and asked:
        texts["input"] = _given(texts["input"], asked, beside)
    beside.unused.update(key for key, more in value.items() if key not in (*texts, "thoughts") and not absent(more))
    thoughts = value.get("thoughts")
    return texts if absent(thoughts) else texts | {"thoughts": thoughts}


def _without_null(turn: Any) -> Any:
    return {key: value for key, value in turn.items() if value is not None} if isinstance(turn, dict) else turn


def _task(
    row: dict[str, Any], default_id: str, named: Mapping[str, str], beside: Beside, *, judged: bool = False
) -> Task:
    read = Columns(row, named, judged=judged)
    about = _about(read, default_id)
    learned = _is_learned(read, beside)
    if found := read.take("tools", _are_described):
        beside.tools += tools_of(found[1])
    talk = conversation(read, beside)
    above = before(read, beside, talk=talk is not None)
    if talk is None:
        instruction, given = question_of(read, beside)
        given = _given(given, instruction, beside)
        answers = answer_of(read, beside)
        if learned and not above and not beside.tools and _is_plain(answers):
            return _plain(about, instruction, given, answers, read.left)
        question = f"{instruction}\n\n{given}" if given else instruction
        turns = arranged([*above, Message(role="user", content=question), *answers], set(), beside)
    else:
        turns = in_order([*above, *talk[1]], beside, talk[0])
    if not learned:
        turns = [{**turn, "learned": False} if turn["role"] == "assistant" else turn for turn in turns]
    first = next(turn["content"] for turn in turns if turn["role"] == "user")
    return Task(instruction=first, turns=tuple(turns), tools=tuple(beside.tools), extra=carried(read.left), **about)


def _are_described(tools: Any) -> bool:
    """Whether tools are more than names, which tell a model nothing: as those they are carried along."""
    names = tools if isinstance(tools, list) else [tools]
    return not all(isinstance(name, str) and name.strip()[:1] not in ("[", "{", "<") for name in names)


def _is_plain(answers: list[Message]) -> bool:
    return not answers or (len(answers) == 1 and answers[0].keys() <= {"role", "content", "thoughts"})


def _plain(about: dict[str, Any], instruction: str, given: str, answers: list[Message], left: dict[str, Any]) -> Task:
    """Without an answer there is no instance; an input that waits for one is kept among the extra keys."""
    if given and not answers:
        left = {"input": given} | {"input_" if key == "input" else key: value for key, value in left.items()}
    extra = carried(left)
    instances = tuple(Instance(given, answer["content"], answer.get("thoughts", "")) for answer in answers)
    return Task(instruction=instruction, instances=instances, extra=extra, **about)


def _is_learned(read: Columns, beside: Beside) -> bool:
    """Whether the answers of the whole row are to be learned."""
    marks = {
        key: is_learned(key, value, beside, turn=False)
        for key, value in read.left.items()
        if key not in read.named.values()
    }
    for key, mark in marks.items():
        if mark is not None:
            del read.left[key]
    return False not in marks.values()


OF_A_TASK = ("is_classification", "origin", "parents", "requests")


def _about(read: Columns, default_id: str) -> dict[str, Any]:
    """Keys of ours that any row may have; of another shape they are somebody else's."""
    found = read.take("id", lambda value: isinstance(value, str | int | float))
    about: dict[str, Any] = {"id": str(found[1]) if found else default_id}
    if read.left.keys().isdisjoint(OF_A_TASK):
        return about
    if "is_classification" in read.left:
        label = read.left.pop("is_classification")
        about["is_classification"] = LABELS.get(label.lower(), label) if isinstance(label, str) else label
        if not isinstance(about["is_classification"], bool):
            raise ValueError(f"is_classification is {brief(label)}, not true, false or null")
    if isinstance(read.left.get("origin"), str):
        about["origin"] = read.left.pop("origin")
    for key in ("parents", "requests"):
        if isinstance(ids := read.left.get(key), list) and all(isinstance(id, str) for id in ids):
            about[key] = tuple(read.left.pop(key))
    return about
