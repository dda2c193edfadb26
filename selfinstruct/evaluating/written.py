"""The suites whose answers are compared with written references, by ROUGE-L: Super-NaturalInstructions' test tasks
(2204.07705), and the 252 user-oriented instructions of Self-Instruct (2212.10560).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from selfinstruct.errors import UsageError, quoted
from selfinstruct.evaluating.items import Item, Mark, Options, Said, Suite, asking
from selfinstruct.evaluating.reading import json_in, text_in, there
from selfinstruct.evaluating.rouge import best_rouge_l, check_ready
from selfinstruct.filters.overlap_words import Part
from selfinstruct.rows.reading import read_tasks

__all__ = ["superni_suite", "user252_suite"]

INSTANCES = 100
"""Of each task the first so many, as the published figures have it."""
SPLIT = "splits/default/test_tasks.txt"
LONGEST = {"superni": 128, "user252": 512}
"""Tokens of an answer: Tk-Instruct's and Self-Instruct's figures are of 128."""


def superni_suite(file: str, options: Options) -> Suite:
    """The tasks of the official folder's default test split, each with its definition and no example; with --limit so
    many instances of each at most.
    """
    check_ready("superni")
    folder = there("superni", file)
    names = folder / SPLIT
    if not names.is_file():
        raise UsageError(f"{folder} has no {SPLIT}: give the folder of https://github.com/allenai/natural-instructions")
    listed = [name.strip().removesuffix(".json") for name in text_in(names).splitlines()]
    most = min(INSTANCES, options.limit or INSTANCES)
    items = [item for name in dict.fromkeys(filter(None, listed)) for item in _task(folder, name, most)]
    return _suite("superni", items, options, averaged="tasks")


def _task(folder: Path, name: str, most: int) -> Iterator[Item]:
    file = folder / "tasks" / f"{name}.json"
    if not file.resolve().is_relative_to(folder.resolve()):
        raise UsageError(f"{SPLIT} names {quoted(name)}, which is outside of {folder}")
    if not file.is_file():
        raise UsageError(f"{folder} lacks tasks/{name}.json, which its {SPLIT} names: fetch it again")
    row = json_in(file)
    definition: Any = row.get("Definition") if isinstance(row, dict) else None
    definition = "\n".join(definition) if _are_texts(definition) else definition
    instances = row.get("Instances") if isinstance(row, dict) else None
    if not isinstance(definition, str) or not definition.strip() or not isinstance(instances, list):
        raise UsageError(f"{file} has no Definition and Instances: it is no task of Super-NaturalInstructions")
    for number, instance in enumerate(instances[:most]):
        yield _item(f"{name}-{number}", definition, instance, name, f"{file}, instance {number + 1}")


def _item(id: str, definition: str, instance: Any, group: str, where: str) -> Item:
    match instance:
        case {"input": str(given), "output": list(wanted)} if wanted and _are_texts(wanted):
            pass
        case {"input": str(given), "output": str(one)}:
            wanted = [one]
        case _:
            raise UsageError(f"{where} has no input and output: {quoted(instance)}")
    task = asking(id, definition, given, wanted[0])
    return Item(task, tuple(wanted), group, group, _parts(definition, given, wanted))


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def user252_suite(file: str, options: Options) -> Suite:
    """Each instruction with each of its inputs; the references are the experts' answers."""
    check_ready("user252")
    there("user252", file)
    items = list[Item]()
    for task in read_tasks(file)[: options.limit]:
        if not task.instances:
            raise UsageError(f"{file}: {task.id!r} has no instance with an output to compare with")
        app = task.extra.get("motivation_app")
        for number, one in enumerate(task.instances):
            asked = asking(f"{task.id}-{number}", task.instruction, one.input, one.output)
            parts = _parts(task.instruction, one.input, [one.output])
            items.append(Item(asked, (one.output,), app if isinstance(app, str) else "", task.id, parts))
    return _suite("user252", items, options)


def _suite(name: str, items: Sequence[Item], options: Options, averaged: str = "") -> Suite:
    if not items:
        raise UsageError(f"--suite {name}: there is nothing in it to ask")
    params = {"temperature": 0, "max_tokens": options.max_tokens or LONGEST[name]}
    return Suite(name, "ROUGE-L", tuple(items), params, _marks, averaged=averaged)


def _parts(asked: str, given: str, wanted: Sequence[str]) -> tuple[Part, ...]:
    first = Part(asked, "setting" if given else "question")
    return (first, *([Part(given, "rest")] if given.strip() else []), *(Part(one, "answer") for one in wanted if one))


def _marks(items: Sequence[Item], said: Mapping[str, Said]) -> list[Mark]:
    """What was cut is compared as far as it goes, as the published figures have it."""
    return [_mark(item, said.get(item.task.id, Said("", "empty"))) for item in items]


def _mark(item: Item, said: Said) -> Mark:
    asked = "\n\n".join(filter(None, (item.task.instruction, item.task.instances[0].input)))
    value = best_rouge_l(said.text, item.wanted)
    wanted = "\n—\n".join(dict.fromkeys(item.wanted))
    return Mark(item.task.id, value, item.group, item.cluster, said.fate, asked, wanted, said.text)
