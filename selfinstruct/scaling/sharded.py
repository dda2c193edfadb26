"""A run in shards: part the tasks, have each part asked, and run the whole over what they were answered.

    sharded("respond", out="runs/big", shards=64, workers=8, data="questions.jsonl", model="gpt-4o")

The same command goes on after whatever happened: shards that are finished are left alone, the others replay their
journals. The merge is `run` itself with these journals, in the order of the data: so what it writes has the bytes of a
run without shards, filters that compare tasks and `num` included, and an answer that no shard has is asked for then.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from selfinstruct.api import Run, parts_of, run
from selfinstruct.errors import RunStopped, UsageError, quoted
from selfinstruct.running.drafts import singles
from selfinstruct.running.folder import recipe_text
from selfinstruct.running.identity import described
from selfinstruct.running.recipe import Recipe
from selfinstruct.running.recipe_file import load
from selfinstruct.running.run import of_rounds
from selfinstruct.scaling.engines import check_executor
from selfinstruct.scaling.shards import MOST, Shards
from selfinstruct.task import Task
from selfinstruct.workdir import check_same, locked, mapping_in

__all__ = ["sharded"]

READING = ("data", "documents", "passage", "how")
RESOLVED = ("drop", "against", "language", "width", "axes", "keep_thoughts", "tools")
"""What the recipe that shards are given has in it."""
SHARED = ("budget", "max_tokens_total", "rpm", "tpm")
"""What all shards have together: of money each has a part while it runs, of a rate each worker an equal share."""
EVERY = 10.0
"""Seconds between two lines about how far it is."""


def sharded(
    recipe: str | Path | Recipe,
    *,
    out: str | Path,
    shards: int,
    executor: str = "local",
    workers: int | None = None,
    slurm: Mapping[str, str] | None = None,
    notice: Callable[[str], None] = lambda line: None,
    launch: Callable[[Sequence[str], Shards, Callable[[str], None]], None] | None = None,
    **options: Any,
) -> Run | None:
    """Run a recipe in so many shards and return it; None where a queue has yet to run them. The options are `run`'s.

    `slurm` is what Slurm is told: partition, time …; `launch` runs the executor's command to its end. Raises UsageError
    before anything is written, for what cannot be parted, too; RunStopped when shards are not finished, with the reason
    of the first.
    """
    at_once = workers or (os.cpu_count() or 1)
    _check(shards, at_once, options)
    check_executor(executor, slurm or {})
    place = Shards(Path(out))
    made, tasks = parts_of(recipe, **options)
    text = _text(made, Path(out))
    parted = _parted(made, tasks, options.get("num"), options.get("seed", 0))
    with locked(place.folder):
        if place.split(parted, shards, _job(made, text, options, at_once)):
            notice(f"{len(parted):,} tasks in {shards:,} shards: {place.folder}")
        engine = [sys.executable, "-m", "selfinstruct.scaling.engines", str(out), executor, str(at_once)]
        engine += [f"{name}={value}" for name, value in (slurm or {}).items()]
        while left := place.state().left:
            (launch or launched)(engine, place, notice)
            state = place.state()
            if executor == "slurm" and state.left:
                notice(
                    f"{len(state.left):,} of {shards:,} shards are Slurm's now; the same command, when they are done, "
                    "merges them"
                )
                return None
            short = [number for number, why in state.stopped.items() if why.startswith("BudgetReached")]
            if state.left and len(short) < len(state.left):
                _tell(place, shards)
            if len(state.left) == len(left):  # what others gave back was not enough: the merge says so
                break
        notice("merging")
        done = run(recipe, out=out, shards=tuple(map(str, place.journals())), **options)
    shutil.rmtree(place.folder, ignore_errors=True)
    return done


def _check(shards: int, workers: int, options: Mapping[str, Any]) -> None:
    if not 1 <= shards <= MOST:
        raise UsageError(f"--shards is {shards:,}: give 1 to {MOST:,}")
    if workers < 1:
        raise UsageError(f"--workers is {workers:,}: give at least 1")
    parts = urlsplit(str(options.get("base_url") or ""))
    if "@" in parts.netloc or parts.query:
        raise UsageError(
            "--base-url has a login or a query, and shards are told by a file: give OPENAI_API_KEY instead"
        )
    if options.get("batch"):
        raise UsageError("--batch and --shards do not go together: a batch is as many requests as a provider takes")
    for name, value in options.items():
        with suppress(TypeError, ValueError):
            json.dumps(value)
            continue
        if name not in (*READING, *RESOLVED):
            raise UsageError(f"{name} is {quoted(value)}: shards are run by other processes, so give its name")


def _text(made: Recipe, out: Path) -> str:
    """The recipe as shards read it. Raises UsageError for one that cannot be parted, or not be written down."""
    if made.grows:
        raise UsageError(f"the recipe '{made.name}' grows: each task depends on those before it, so leave --shards out")
    if made.optimise:
        raise UsageError(f"the recipe '{made.name}' looks for a method first: leave --shards out")
    whole = described(made)
    if (there := out / "recipe.yaml").is_file():  # now, not when all is paid for
        check_same(out, "run", mapping_in(there), whole)
    text = recipe_text(whole)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "recipe.yaml"
        file.write_text(text, encoding="utf-8")
        try:
            same = described(load(str(file))) == whole
        except UsageError:
            same = False
    if not same:
        raise UsageError(f"the recipe '{made.name}' has steps or filters of your own in this process: leave shards out")
    return text


def _parted(made: Recipe, tasks: Sequence[Task], num: int | None, seed: int) -> Sequence[Task]:
    """What the shards are asked about: of rounds the tasks that are drawn, else the first `num`."""
    if made.rounds:
        return of_rounds(made.steps, tasks, seed=seed, num=num)
    return singles(tasks, made.steps[0].stage)[:num] if num else tasks


def _job(made: Recipe, text: str, options: Mapping[str, Any], workers: int) -> dict[str, Any]:
    """What every shard is told, as JSON. Only `same` has to be what it was when the job is gone on with."""
    left_out = (*READING, *RESOLVED, *SHARED, "num", "progress")
    usual = {name: value for name, value in options.items() if name not in left_out}
    usual.setdefault("journal", None)
    usual |= {name: options[name] / workers for name in ("rpm", "tpm") if options.get(name)}
    same = {"recipe": described(made), **{name: options.get(name) for name in ("seed", "api", "model", "teacher")}}
    limits = {name: options.get(name) for name in ("budget", "max_tokens_total")}
    return {"recipe": text, "same": same, "options": usual, "limits": limits}


def launched(engine: Sequence[str], place: Shards, notice: Callable[[str], None]) -> None:
    """The executor, in a process of its own, until it has ended; how far it is is told now and then."""
    log = place.folder / "engine.log"
    with log.open("ab") as words:
        process = subprocess.Popen(engine, stdin=subprocess.DEVNULL, stdout=words, stderr=words)
        said = time.monotonic()
        try:
            while process.poll() is None:
                time.sleep(0.2)
                if time.monotonic() - said >= EVERY:
                    said = time.monotonic()
                    notice(_far(place))
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
    if process.returncode:
        last = next(iter(log.read_text(errors="replace").strip().splitlines()[-1:]), "it said nothing")
        raise RunStopped(f"the executor ended with {process.returncode}: {last}; see {log}; the same command goes on")


def _far(place: Shards) -> str:
    state, rows = place.state(), 0
    for file in place.folder.glob("[0-9]*/run/tasks.jsonl"):
        with suppress(OSError), file.open("rb") as lines:
            rows += sum(1 for _ in lines)
    return f"{state.done:,} of {state.done + len(state.left):,} shards are done; {rows:,} tasks kept"


def _tell(place: Shards, shards: int) -> None:
    """Raises RunStopped for shards that are not finished."""
    state = place.state()
    number, why = next(iter(state.stopped.items()), (state.left[0], "nobody has begun it"))
    raise RunStopped(
        f"{len(state.left):,} of {shards:,} shards are not finished: shard {number}: {why.split(': ', 1)[-1]} "
        "(the same command goes on with these)"
    )
