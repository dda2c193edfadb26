"""Layouts of tasks: the rows that are read, and those that trainers want.

read    seed tasks (the authors', ours), Alpaca's, Dolly's, prompt/completion, question/answer, messages, ShareGPT;
        from any file of files.py
write   seed, alpaca, completion, messages, sharegpt
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from selfinstruct.errors import UsageError
from selfinstruct.rows.files import file_of, printable, read_rows
from selfinstruct.task import (
    Message,
    Rejected,
    Task,
    json_line,
    rejected_from_row,
    stream_of,
    task_from_row,
    task_to_row,
)
from selfinstruct.workdir import atomic, unwritable

__all__ = ["FORMATS", "Format", "export", "read_rejected", "read_tasks", "rows_of", "task_of", "tasks_in"]

Format = Callable[[Task], Iterator[dict[str, Any]]]
"""The rows of a task, one for each instance or conversation."""


def alpaca(task: Task) -> Iterator[dict[str, Any]]:
    """{"instruction", "input", "output"}: Stanford Alpaca's."""
    for instance in task.instances:
        yield {"instruction": task.instruction, "input": instance.input, "output": instance.output}


def messages(task: Task) -> Iterator[dict[str, Any]]:
    """{"messages": [{"role", "content"}, …]}: OpenAI's and TRL's."""
    for turns in _conversations(task):
        yield {"messages": [dict(turn) for turn in turns]}


def sharegpt(task: Task) -> Iterator[dict[str, Any]]:
    """{"id", "conversations": [{"from": "human", "value"}, {"from": "gpt", "value"}, …]}: Vicuna's."""
    names = {"user": "human", "assistant": "gpt"}
    for number, turns in enumerate(_conversations(task)):
        spoken = [{"from": names.get(turn["role"], turn["role"]), "value": turn["content"]} for turn in turns]
        yield {"id": f"{task.id}-{number}", "conversations": spoken}


# Self-Instruct tuned GPT-3 on several layouts, so that the model does not depend on one: 7 with input, 6 without
# (2212.10560, appendix; REFERENCE "For tuning"). The layouts below are ours.
WITH_INPUT = (
    ("{instruction}\n\nInput: {input}\n\nOutput:", " {output}"),
    ("{instruction}\nInput: {input}\nOutput:", " {output}"),
    ("Task: {instruction}\n\n{input}\n\nAnswer:", " {output}"),
    ("{instruction}\n\n{input}\n\nOutput:", " {output}"),
    ("{instruction}\n\n{input}\n\n", "{output}"),
    ("{instruction}\n{input}\n\n", "{output}"),
    ("Task: {instruction}\nInput: {input}\n\n", "{output}"),
)
WITHOUT_INPUT = (
    ("{instruction}\n\nOutput:", " {output}"),
    ("{instruction}\nOutput:", " {output}"),
    ("{instruction}\n\n", "{output}"),
    ("{instruction}\n", "{output}"),
    ("Task: {instruction}\n\n", "{output}"),
    ("Task: {instruction}\nAnswer:", " {output}"),
)


# The published script cuts at any single colon; we leave "Call at 12:30" and "https://…" whole.
FIELD = re.compile(r"\s*[^\W\d][^:：\n]{0,40}(?::\s+|：\s*)(?=\S)")


def completion(task: Task) -> Iterator[dict[str, Any]]:
    """{"prompt", "completion"}: one of the published kind of layouts, drawn by the task's id; for base models."""
    for number, instance in enumerate(task.instances):
        rng = stream_of(f"{task.id}/{number}")
        given = instance.input
        # Half of the time the name of a single field goes: "Sentence: It rains." becomes "It rains."
        if field := FIELD.match(given) if given.count(":") + given.count("：") == 1 else None:
            given = given[field.end() :] if rng.random() < 0.5 else given
        prompt, answer = rng.choice(WITH_INPUT if given else WITHOUT_INPUT)
        parts = {"instruction": task.instruction.strip(), "input": given, "output": instance.output}
        yield {"prompt": prompt.format(**parts), "completion": answer.format(**parts)}


def seed(task: Task) -> Iterator[dict[str, Any]]:
    """Our own row, a superset of the published seed_tasks.jsonl."""
    yield task_to_row(task)


FORMATS: dict[str, Format] = {
    "alpaca": alpaca,
    "completion": completion,
    "messages": messages,
    "seed": seed,
    "sharegpt": sharegpt,
}


def export(tasks: Iterable[Task], files: Mapping[str, Path]) -> None:
    """Write the tasks as JSON lines in several formats at once. Raises UsageError; RunStopped when the disk fails."""
    with ExitStack() as opened:
        try:
            writing = [(FORMATS[form], opened.enter_context(atomic(path))) for form, path in files.items()]
            for task in tasks:
                for rows, file in writing:
                    file.writelines(map(json_line, rows(task)))
            opened.close()
        except OSError as error:
            raise unwritable(next(iter(files.values())), error) from None


def rows_of(tasks: Iterable[Task], form: str) -> Iterator[dict[str, Any]]:
    for task in tasks:
        yield from FORMATS[form](task)


def read_tasks(path: str | Path) -> list[Task]:
    """All tasks of a file or run folder, in order. Raises UsageError naming the line that is no task, and for none."""
    file = file_of(Path(path))
    tasks = list(tasks_in(file))
    if not tasks:
        raise UsageError(f'{file} is empty: it needs at least one task, a line like {{"instruction": "…"}}')
    return tasks


def tasks_in(file: Path) -> Iterator[Task]:
    """The tasks of a file, one at a time; there may be none. Raises UsageError naming the line that is no task."""
    seen: dict[str, str] = {}
    for where, row in read_rows(file):
        try:
            task = task_of(row, f"{file.stem}_{len(seen)}")
        except (ValueError, RecursionError) as error:
            raise UsageError(f"{file}, {where}: {printable(error)}") from None
        if task.id in seen:
            raise UsageError(f"{file}, {where}: the id {task.id!r} is already that of {seen[task.id]}; ids must differ")
        seen[task.id] = where
        yield task


def read_rejected(run: str | Path) -> Iterator[Rejected]:
    """What a run rejected, in order, one at a time. Raises UsageError when it is no folder of a run."""
    file = Path(run) / "rejected.jsonl"
    if not file.is_file():
        raise UsageError(f"{run} has no rejected.jsonl: give the folder of a run")
    for where, row in read_rows(file):
        try:
            rejected = rejected_from_row(row)
        except (ValueError, TypeError, AttributeError):
            raise UsageError(f"{file}, {where} is no row of a run: give the folder of one") from None
        yield rejected


def _conversations(task: Task) -> Iterator[tuple[Message, ...]]:
    if task.turns:
        yield task.turns
    for instance in task.instances:
        question = f"{task.instruction}\n\n{instance.input}" if instance.input else task.instruction
        yield Message(role="user", content=question), Message(role="assistant", content=instance.output)


def task_of(row: Any, default_id: str) -> Task:
    """The task of a row in any layout that is read. Raises ValueError, saying what is wrong with it."""
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
