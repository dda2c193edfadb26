"""Formats: the rows of tasks that trainers want, written by `export` and by recipes (`export: [alpaca]`)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from selfinstruct.task import Message, Task, json_line, stream_of, task_to_row
from selfinstruct.workdir import atomic, unwritable

__all__ = ["FORMATS", "Format", "export", "rows_of"]

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


def _conversations(task: Task) -> Iterator[tuple[Message, ...]]:
    if task.turns:
        yield task.turns
    for instance in task.instances:
        question = f"{task.instruction}\n\n{instance.input}" if instance.input else task.instruction
        yield Message(role="user", content=question), Message(role="assistant", content=instance.output)
