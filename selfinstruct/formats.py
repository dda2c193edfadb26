"""Tasks from files and into files: the published rows, and the layouts that trainers read.

read    seed tasks (the authors', ours), tasks.jsonl of a run, Alpaca-style rows; JSON lines or one JSON list
write   seed, alpaca, completion, messages, sharegpt; as JSON lines, JSON, CSV, Parquet or a Hugging Face dataset
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from random import Random
from typing import Any, BinaryIO

from selfinstruct.errors import UsageError
from selfinstruct.folder import atomic
from selfinstruct.task import Message, Task, json_line, task_from_row, task_to_row

__all__ = ["FORMATS", "Format", "check_ending", "read_tasks", "rows_of", "write_rows"]

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
        rng = Random(f"{task.id}/{number}")
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


def rows_of(tasks: Iterable[Task], form: str) -> Iterator[dict[str, Any]]:
    for task in tasks:
        yield from FORMATS[form](task)


def read_tasks(path: Path) -> list[Task]:
    """All tasks of a file or run folder, in order. Raises UsageError naming the line that is no task."""
    file = _file_of(path)
    tasks: list[Task] = []
    seen: dict[str, str] = {}
    for where, row in _rows(file):
        try:
            task = _task(row, f"{file.stem}_{len(tasks)}")
        except (ValueError, RecursionError) as error:
            raise UsageError(f"{file}, {where}: {error}") from None
        if task.id in seen:
            raise UsageError(f"{file}, {where}: the id {task.id!r} is already that of {seen[task.id]}; ids must differ")
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
    check_ending(path)
    try:
        WRITERS[path.suffix.lower()](path, rows)
    except ImportError as error:
        raise UsageError(f"{path} needs the package {error.name}: pip install 'selfinstruct[data]'") from None
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror or error}; choose another --out") from None
    return len(rows)


def check_ending(path: Path) -> None:
    """Raises UsageError when `write_rows` has no container for the file's ending."""
    if path.suffix.lower() not in WRITERS:
        endings = ", ".join(filter(None, WRITERS))
        raise UsageError(f"cannot write '{path.suffix}' files ({path}): use {endings}, or no ending (a folder)")


def _jsonl(path: Path, rows: list[dict[str, Any]]) -> None:
    with _placed(path) as file:
        file.writelines(map(json_line, rows))


def _json(path: Path, rows: list[dict[str, Any]]) -> None:
    with _placed(path) as file:
        file.write(json.dumps(rows, ensure_ascii=False, indent=1).encode("utf-8", "backslashreplace") + b"\n")


def _csv(path: Path, rows: list[dict[str, Any]]) -> None:
    if any(isinstance(value, list | dict) for row in rows for value in row.values()):
        raise UsageError(f"{path}: rows with lists do not fit into CSV: use .jsonl, or --to alpaca or completion")
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, fieldnames=list(_columns(rows)))
    writer.writeheader()
    writer.writerows(rows)
    with _placed(path) as file:
        file.write(text.getvalue().encode("utf-8", "replace"))


def _parquet(path: Path, rows: list[dict[str, Any]]) -> None:
    import pyarrow  # type: ignore[import-untyped,unused-ignore]
    from pyarrow.parquet import write_table  # type: ignore[import-untyped,unused-ignore]

    try:
        with _placed(path) as file:
            write_table(pyarrow.table(_columns(rows)), file)
    except (pyarrow.ArrowException, OverflowError) as error:
        reason = " ".join(str(error).split())
        raise UsageError(f"{path}: the rows do not fit into Parquet ({reason}): use .jsonl or .json") from None


def _dataset(path: Path, rows: list[dict[str, Any]]) -> None:
    if path.exists() and not (path / "state.json").exists() and (path.is_file() or any(path.iterdir())):
        raise UsageError(f"{path} exists and is no dataset: choose another --out, a new folder or *.jsonl")
    import datasets

    datasets.Dataset.from_dict(_columns(rows)).save_to_disk(path)


WRITERS: dict[str, Callable[[Path, list[dict[str, Any]]], None]] = {
    ".jsonl": _jsonl,
    ".json": _json,
    ".csv": _csv,
    ".parquet": _parquet,
    "": _dataset,
}


def _placed(path: Path) -> AbstractContextManager[BinaryIO]:
    path.parent.mkdir(parents=True, exist_ok=True)
    return atomic(path)


def _columns(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    """Every key that any row has; a lone half of a surrogate pair, which has no bytes outside JSON, becomes "?"."""
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [_encodable(row.get(name)) for row in rows] for name in names}


def _encodable(value: Any) -> Any:
    match value:
        case str():
            return value if value.isascii() else value.encode("utf-8", "replace").decode()
        case list():
            return [_encodable(inner) for inner in value]
        case dict():
            return {_encodable(name): _encodable(inner) for name, inner in value.items()}
    return value


def _conversations(task: Task) -> Iterator[tuple[Message, ...]]:
    if task.turns:
        yield task.turns
    for instance in task.instances:
        question = f"{task.instruction}\n\n{instance.input}" if instance.input else task.instruction
        yield Message(role="user", content=question), Message(role="assistant", content=instance.output)


def _file_of(path: Path) -> Path:
    try:
        if not path.is_dir():
            return path
        if not (path / "tasks.jsonl").exists():
            raise UsageError(f"{path} is a folder without tasks.jsonl, no run: give a run's folder or a file")
        return path / "tasks.jsonl"
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror or error}") from None


def _rows(file: Path) -> Iterator[tuple[str, Any]]:
    """("line 7", the row) of a file of JSON lines, or ("item 7", …) of a JSON list, whatever the file is called."""
    text = _text(file)
    if text.lstrip().startswith("["):
        try:
            yield from ((f"item {n}", row) for n, row in enumerate(_JSON.decode(text), 1))
        except (ValueError, RecursionError) as error:
            raise UsageError(f"{file} is no JSON list: {error}") from None
        return
    # Not splitlines(): U+2028 and its like are legal inside a JSON text.
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                row = _JSON.decode(line)
            except (ValueError, RecursionError) as error:
                reason, shown = getattr(error, "msg", error), line.strip()[:60]
                raise UsageError(
                    f"{file}, line {number} is no JSON ({reason}): {shown!r}; one object a line, or one list"
                ) from None
            yield f"line {number}", row


def _text(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except FileNotFoundError:
        raise UsageError(f"no such file: {file}") from None
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise UsageError(f"{file}, line {line} is not UTF-8: save the file as UTF-8") from None


def _not_json(name: str) -> None:
    raise ValueError(f"{name} is no JSON value; write null")


_JSON = json.JSONDecoder(parse_constant=_not_json)


def _task(row: Any, default_id: str) -> Task:
    if not isinstance(row, dict):
        shown = json.dumps(row, ensure_ascii=False)[:60]
        raise ValueError(f"a row is an object with an instruction; this one is {shown}")
    row = row if row.get("id") is not None else row | {"id": default_id}
    if row.get("instances") is not None or "output" not in row:
        return task_from_row(row)
    # Alpaca's. Without an output there is no instance; an input that waits for one is kept among the extra keys.
    given, wanted = "" if row.get("input") is None else row["input"], row["output"]
    for name, text in (("input", given), ("output", wanted)):
        if not isinstance(text, str):
            raise ValueError(f"{name} is {json.dumps(text, ensure_ascii=False)[:60]}, not a text")
    ours = ("input", "output") if wanted or not given else ("output",)
    rest = {key: value for key, value in row.items() if key not in ours}
    return task_from_row(rest | {"instances": [{"input": given, "output": wanted}] if wanted else []})
