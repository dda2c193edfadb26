"""What only models on this machine can tell: how likely they find a choice, or a text. Kept line by line, so that the
same command goes on where it was interrupted.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from math import log
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from selfinstruct.errors import UsageError
from selfinstruct.evaluating.items import Item, Mark, Suite
from selfinstruct.evaluating.letters import LETTERS
from selfinstruct.gguf_file import PREFIX as GGUF
from selfinstruct.task import json_line
from selfinstruct.teachers.local import PREFIX as LOCAL
from selfinstruct.teachers.local import parts_of_name
from selfinstruct.workdir import atomic, locked, mapping_in

if TYPE_CHECKING:
    from selfinstruct.finetune.models.folders import Source
    from selfinstruct.finetune.models.open import Loaded

__all__ = ["Place", "check_there", "check_weights", "likelihoods", "place_of"]

TOGETHER = 8
"""Items that are computed, and written, at a time. An item's figures depend on what it is computed beside, in the last
digits: so blocks are the same whenever a command goes on."""


class Place(NamedTuple):
    """Where a model of this machine is."""

    folder: str
    base: str | None
    bits: int | None
    identity: str
    """Of its weights: what was computed with others is not gone on with."""

    def for_harness(self) -> tuple[str, str | None]:
        """Its folder, and that of the base if it is an adapter."""
        from selfinstruct.finetune.models.folders import located

        source = located(self.folder, self.base)
        return str(source.folder), str(source.base) if source.base else None


def place_of(who: str) -> Place:
    """Of local:DIR, with its ?bits and ?base, gguf:FILE and smollm2. Raises UsageError."""
    from selfinstruct.finetune.models.folders import identity

    name, how, source = _found(who)
    return Place(name, how.get("base"), how.get("bits"), identity(source))


def check_there(who: str) -> None:
    """Raises UsageError for a model of this machine that is not there, or whose packages are not."""
    if who.startswith(LOCAL):
        _found(who)


def _found(who: str) -> tuple[str, dict[str, Any], Source]:
    for package in ("torch", "transformers", "peft"):
        if find_spec(package) is None:
            raise UsageError(f"{who} needs the package {package}: pip install 'selfinstruct[train]'")
    from selfinstruct.finetune.models.folders import located

    name, how = parts_of_name(who.removeprefix(LOCAL).removeprefix(GGUF))
    return name, how, located(name, how.get("base"))


def likelihoods(
    suite: Suite, place: Place, folder: Path, told: Callable[[int], None] = lambda done: None
) -> list[Mark]:
    """The marks of all items; those that are in the folder already are not computed again."""
    with locked(folder):
        check_weights(folder, place, suite)
        file = folder / "likelihoods.jsonl"
        rows = _kept(file)
        missing = suite.items[len(rows) :]
        if missing:
            with atomic(file) as anew:  # without what a killed process left of a block
                anew.write(b"".join(map(json_line, rows)))
            with file.open("ab") as out:
                for block in _computed(suite, place, missing):
                    out.write(b"".join(map(json_line, block)))
                    out.flush()
                    rows += block
                    told(len(rows))
    make = _text_mark if suite.way == "text" else _choice_mark
    return [make(item, row) for item, row in zip(suite.items, rows, strict=True)]


def check_weights(folder: Path, place: Place, suite: Suite) -> None:
    """Note in the folder whose figures it has. Raises UsageError when they are those of other weights."""
    folder.mkdir(parents=True, exist_ok=True)
    file, own = folder / "weights.json", {"model": place.identity, "suite": suite.digest}
    if not file.exists():
        with atomic(file) as out:
            out.write(json_line(own))
    elif mapping_in(file) != own:
        raise UsageError(f"{folder} has the figures of other weights than {place.folder} has now: choose another --out")


def _kept(file: Path) -> list[dict[str, Any]]:
    """Whole blocks of rows; nothing else."""
    try:
        lines = file.read_bytes().split(b"\n")[:-1]
        rows = [json.loads(line) for line in lines]
    except (OSError, ValueError):
        return []
    return rows[: len(rows) - len(rows) % TOGETHER]


def _computed(suite: Suite, place: Place, items: Sequence[Item]) -> Iterator[list[dict[str, Any]]]:
    from selfinstruct.finetune.models.open import load

    loaded = load(place.folder, base=place.base, bits=place.bits)
    for start in range(0, len(items), TOGETHER):
        some = items[start : start + TOGETHER]
        yield _texts(loaded, some) if suite.way == "text" else _choices(loaded, some)


def _texts(loaded: Loaded, items: Sequence[Item]) -> list[dict[str, Any]]:
    from selfinstruct.finetune.loop.likelihood import text_losses

    found = text_losses(loaded, [item.task.instruction for item in items])
    return [{"id": item.task.id, **one._asdict()} for item, one in zip(items, found, strict=True)]


def _choices(loaded: Loaded, items: Sequence[Item]) -> list[dict[str, Any]]:
    """Of each letter; with fewer examples where the context has no room for all."""
    from selfinstruct.finetune.loop.likelihood import continuations

    rows: dict[str, dict[str, Any]] = {}
    waiting = [(item, list(item.more["prompts"])) for item in items]
    while waiting:
        found = continuations(loaded, [(prompts[0], _letters(item, prompts[0])) for item, prompts in waiting])
        left = []
        for (item, prompts), values in zip(waiting, found, strict=True):
            if values is None and len(prompts) > 1:
                left.append((item, prompts[1:]))
            else:
                rows[item.task.id] = {"id": item.task.id, "letters": values}
        waiting = left
    return [rows[item.task.id] for item in items]


def _letters(item: Item, prompt: str) -> list[str]:
    blank = "" if prompt.endswith("：") else " "
    return [f"{blank}{letter}" for letter in LETTERS[: len(item.more["choices"])]]


def _choice_mark(item: Item, row: dict[str, Any]) -> Mark:
    values = row["letters"]
    letter = LETTERS[max(range(len(values)), key=values.__getitem__)] if values else ""
    right, fate = float(letter == item.wanted[0]), "answered" if letter else "refused"
    answer = ", ".join(f"{one} {value:.2f}" for one, value in zip(LETTERS, values or (), strict=False))
    asked = item.more["prompts"][-1]
    return Mark(item.task.id, right, item.group, item.cluster, fate, asked, item.wanted[0], answer)


def _text_mark(item: Item, row: dict[str, Any]) -> Mark:
    size = len(item.task.instruction.encode("utf-8", "backslashreplace"))
    value = row["nats"] / log(2) / size
    said = f"{row['nats']:.1f} nats, {row['tokens']:,} tokens, {size:,} bytes"
    text = item.task.instruction
    return Mark(item.task.id, value, item.group, item.cluster, "answered", text, "", said, size, row["tokens"])
