"""IFEval (2311.07911): are instructions followed that a rule can verify? Strict and loose, by prompt and instruction.

    read = read_ifeval("input_data.jsonl")                      # Google's file, or Multi-IF's first turns, also Chinese
    marks = [followed(task, answers.get(task.id, "")) for task in read.tasks]
    levels(marks), by_instruction(marks)

Loose is as published: an instruction is followed if any of eight texts follows it, the answer itself, without its first
line, its last one or both, and each of these without its asterisks.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from selfinstruct.errors import UsageError
from selfinstruct.evaluating.ifeval_checks import CHECKS, follows
from selfinstruct.evaluating.intervals import Estimate, share
from selfinstruct.rows.containers import read_rows
from selfinstruct.rows.notes import Bad
from selfinstruct.task import Task

__all__ = ["Followed", "Prompts", "by_instruction", "followed", "levels", "read_ifeval"]

INSTRUCTIONS, ARGUMENTS = "instruction_id_list", "kwargs"
"""Keys of the published rows, and of our tasks."""
FIRST_TURN = "turn_1_"
"""Before these keys in the rows of Multi-IF (2410.15553), whose further turns are not asked."""


class Prompts(NamedTuple):
    tasks: list[Task]
    """To be asked as they are; their instructions to verify stand in `extra`."""
    left_out: Counter[str]
    """Why prompts are not asked, with how many: instructions that are none of the 25, or whose arguments are wrong."""


class Followed(NamedTuple):
    """What an answer follows of its prompt's instructions, each of them."""

    id: str
    names: tuple[str, ...]
    strict: tuple[bool, ...]
    loose: tuple[bool, ...]


def read_ifeval(data: str | Path) -> Prompts:
    """The prompts of a file, in its order. Raises UsageError, also where none can be verified."""
    tasks, left_out, ids = list[Task](), Counter[str](), Counter[str]()
    for where, row in read_rows(data):
        if isinstance(row, Bad):
            raise UsageError(f"{row.where}: {row.why}")
        try:
            key, prompt, names, given = _parts(row)
        except (ValueError, RecursionError) as error:
            raise UsageError(f"{where}: {error}; a row of IFEval has prompt, instruction_id_list and kwargs") from None
        if why := _fault(names, given):
            left_out[why] += 1
            continue
        id = key or f"ifeval-{len(tasks)}"
        ids[id] += 1
        id = id if ids[id] == 1 else f"{id}-{ids[id]}"
        tasks.append(Task(id, prompt, origin="ifeval", extra={INSTRUCTIONS: names, ARGUMENTS: given}))
    if not tasks:
        why = f"of {left_out.total():,} none can be verified: {next(iter(left_out))}" if left_out else "it has no row"
        raise UsageError(f"{data} has no prompt to ask; {why}")
    return Prompts(tasks, left_out)


def _parts(row: Any) -> tuple[str, str, list[str], list[dict[str, Any]]]:
    """Key, prompt, instructions, and the arguments of each without those that are null. Raises ValueError."""
    if not isinstance(row, dict):
        raise ValueError("a row is an object")
    before = FIRST_TURN if f"{FIRST_TURN}prompt" in row else ""
    prompt = _decoded(row.get(f"{before}prompt"))
    prompt = prompt.get("content") if isinstance(prompt, dict) else prompt
    names = _decoded(row.get(f"{before}{INSTRUCTIONS}"))
    given = _decoded(row.get(f"{before}{ARGUMENTS}"))
    if not isinstance(prompt, str) or not prompt.strip():
        raise ValueError("no prompt")
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        raise ValueError("no instruction_id_list")
    given = [_decoded(one) for one in given] if isinstance(given, list) else None
    if given is None or len(given) != len(names) or not all(isinstance(one, dict | None) for one in given):
        raise ValueError(f"kwargs are no list of {len(names)} objects")
    kept = [{name: value for name, value in (one or {}).items() if value is not None} for one in given]
    key = row.get("key")
    return "" if key is None else str(key), prompt, names, kept


def _decoded(value: Any) -> Any:
    """What a cell of CSV holds as JSON; the text itself where it is none."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _fault(names: Sequence[str], given: Sequence[dict[str, Any]]) -> str:
    """Why a prompt cannot be verified; "" where it can."""
    for name, arguments in zip(names, given, strict=True):
        if name not in CHECKS:
            return f"no checker for {name}"
        try:
            follows(name, arguments, "A word.")
        except ValueError as error:
            return str(error) if name in str(error) else f"{name}: {error}"
    return ""


def followed(task: Task, answer: str) -> Followed:
    """What the answer follows. An empty one, or none, follows nothing."""
    names, given = task.extra[INSTRUCTIONS], task.extra[ARGUMENTS]
    texts = _loose(answer)
    both = list(zip(names, given, strict=True))
    strict = tuple(follows(name, one, answer) for name, one in both)
    loose = tuple(
        ok or any(follows(name, one, text) for text in texts) for ok, (name, one) in zip(strict, both, strict=True)
    )
    return Followed(task.id, tuple(names), strict, loose)


def _loose(answer: str) -> list[str]:
    lines = answer.split("\n")
    whole = [answer, *("\n".join(part).strip() for part in (lines[1:], lines[:-1], lines[1:-1]))]
    return list(dict.fromkeys([*whole, *(text.replace("*", "") for text in whole)]))


def levels(marks: Sequence[Followed]) -> dict[str, Estimate]:
    """The four figures, as published: "prompt strict" and the like. Instructions of one prompt are a cluster."""
    ids = [one.id for one in marks for _ in one.names]
    found = {}
    for way in ("strict", "loose"):
        found[f"prompt {way}"] = share([float(all(getattr(one, way))) for one in marks])
    for way in ("strict", "loose"):
        found[f"instruction {way}"] = share([float(ok) for one in marks for ok in getattr(one, way)], ids)
    return found


def by_instruction(marks: Sequence[Followed], way: str = "strict") -> dict[str, Estimate]:
    """The share that is followed of each kind of instruction, by name."""
    found: dict[str, list[float]] = {}
    for one in marks:
        for name, ok in zip(one.names, getattr(one, way), strict=True):
            found.setdefault(name, []).append(float(ok))
    return {name: share(found[name]) for name in sorted(found)}
