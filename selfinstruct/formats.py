"""Tasks from files and into files: the published rows, and the layouts that trainers read.

read    seed tasks (the authors', ours), tasks.jsonl of a run, Alpaca-style rows; JSON lines or one JSON list
write   seed, alpaca, completion, messages, sharegpt; as JSON lines, JSON, CSV, Parquet or a Hugging Face dataset
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from random import Random
from typing import Any, TextIO

from selfinstruct.errors import UsageError
from selfinstruct.folder import atomic
from selfinstruct.task import Message, Task, json_line, task_from_row, task_to_row

__all__ = ["FORMATS", "Format", "read_tasks", "rows_of", "write_rows"]

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


def completion(task: Task) -> Iterator[dict[str, Any]]:
    """{"prompt", "completion"}: one of the published kind of layouts, drawn by the task's id; for base models."""
    for number, instance in enumerate(task.instances):
        rng = Random(f"{task.id}/{number}")
        given = instance.input
        # Half of the time the name of a single field goes: "Sentence: It rains." becomes "It rains."
        if given.count(":") == 1 and rng.random() < 0.5:
            given = given.partition(":")[2].strip() or given
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


def rows_of(tasks: Iterable[Task], form: str) -> Iterator[dict[str, Any]]:
    for task in tasks:
        yield from FORMATS[form](task)


def read_tasks(path: Path) -> list[Task]:
    """All tasks of a file or run folder, in order. Raises UsageError naming the line that is no task."""
    file = path / "tasks.jsonl" if path.is_dir() else path
    tasks: list[Task] = []
    seen: dict[str, str] = {}
    for where, row in _rows(file):
        try:
            task = _task(row, f"{file.stem}_{len(tasks)}")
        except ValueError as error:
            raise UsageError(f"{file}, {where}: {error}") from None
        if task.id in seen:
            raise UsageError(f"{file}, {where}: the id '{task.id}' is already that of {seen[task.id]}; ids must differ")
        seen[task.id] = where
        tasks.append(task)
    if not tasks:
        raise UsageError(f'{file} is empty: it needs at least one task, a line like {{"instruction": "…"}}')
    return tasks


def write_rows(path: Path, rows: Iterable[dict[str, Any]]) -> int:
    """Write rows in the container that the file's ending names; returns how many.

    .jsonl, .json, .csv (flat rows only), .parquet; a path without an ending becomes a Hugging Face dataset's folder.
    Raises UsageError for another ending or a folder that cannot be written to.
    """
    rows = list(rows)
    try:
        match path.suffix:
            case ".jsonl":
                _write_bytes(path, b"".join(map(json_line, rows)))
            case ".json":
                _write_bytes(path, json.dumps(rows, ensure_ascii=False, indent=1).encode() + b"\n")
            case ".csv":
                _write_bytes(path, _csv(path, rows).encode())
            case ".parquet":
                import pandas

                pandas.DataFrame(rows).to_parquet(path, index=False)
            case "":
                import datasets

                datasets.Dataset.from_list(rows).save_to_disk(path)
            case other:
                raise UsageError(
                    f"cannot write '{other}' files: use .jsonl, .json, .csv, .parquet, or no ending (a folder)"
                )
    except ImportError as error:
        raise UsageError(f"{path} needs the package {error.name}: pip install 'selfinstruct[data]'") from None
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from None
    return len(rows)


def _write_bytes(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic(path) as file:
        file.write(content)


def _csv(path: Path, rows: list[dict[str, Any]]) -> str:
    if any(isinstance(value, list | dict) for row in rows for value in row.values()):
        raise UsageError(f"{path}: rows with lists do not fit into CSV: use .jsonl, or --to alpaca or completion")
    text: TextIO = io.StringIO(newline="")
    writer = csv.DictWriter(text, fieldnames=list(rows[0]) if rows else [])
    writer.writeheader()
    writer.writerows(rows)
    text.seek(0)
    return text.read()


def _conversations(task: Task) -> Iterator[tuple[Message, ...]]:
    if task.turns:
        yield task.turns
    for instance in task.instances:
        question = f"{task.instruction}\n\n{instance.input}" if instance.input else task.instruction
        yield Message(role="user", content=question), Message(role="assistant", content=instance.output)


def _rows(file: Path) -> Iterator[tuple[str, Any]]:
    """("line 7", the row) of a file of JSON lines, or ("item 7", …) of a JSON list, whatever the file is called."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise UsageError(f"no such file: {file}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {file}: {error}") from None
    if text.lstrip().startswith("["):
        try:
            yield from ((f"item {n}", row) for n, row in enumerate(json.loads(text), 1))
        except json.JSONDecodeError as error:
            raise UsageError(f"{file} is no JSON list: {error}") from None
        return
    # Not splitlines(): U+2028 and its like are legal inside a JSON text.
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield f"line {number}", json.loads(line)
            except json.JSONDecodeError as error:
                raise UsageError(f"{file}, line {number} is no JSON: {error.msg}: {line.strip()[:60]}") from None


def _task(row: Any, default_id: str) -> Task:
    if not isinstance(row, dict):
        raise ValueError(
            f"a row is an object with an instruction; this one is {json.dumps(row, ensure_ascii=False)[:60]}"
        )
    if "instances" in row or "output" not in row:
        return task_from_row(row, default_id)
    given, wanted = row.get("input") or "", row["output"]
    if not isinstance(given, str) or not isinstance(wanted, str):
        raise ValueError("input and output are not both texts")
    rest = {key: value for key, value in row.items() if key not in ("input", "output")}
    rest["instances"] = [{"input": given, "output": wanted}] if wanted else []
    return task_from_row(rest, default_id)
