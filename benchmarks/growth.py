"""What a task costs as a run grows, and how fast a journal is replayed.

    python benchmarks/growth.py                                      (ten minutes, 1 GB of disk)
    python benchmarks/growth.py --tasks 10000 --answers 20000        (a minute)

Grow: one step of `propose` with the novelty filter, a function as the teacher, whose instructions are made up of words
drawn by Zipf's law. Printed is the cost of a kept task, teacher included, from one tenth of the tasks to the next; one
of them may be a fifth off by what else the machine does, so look at the last three (40,000 on average) against the
first three (10,000): flat within 20 % is the aim.

Replay: a run of `respond` over many rows, then the same command again, in a process of its own, which reads all answers
in the journal and verifies all lines. 5,000 answers/s, all in, and a peak under 600 MB are the aims.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from random import Random
from statistics import fmean

from selfinstruct import run
from selfinstruct.filters.novelty import Novelty
from selfinstruct.running.execute import carry_out
from selfinstruct.running.identity import named
from selfinstruct.running.progress import Progress
from selfinstruct.running.recipe import Recipe, Step
from selfinstruct.running.settings import Settings
from selfinstruct.stages import Propose
from selfinstruct.task import Rejected, Task, json_line, task_to_row
from selfinstruct.teacher import Request, Response

SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in ("a", "e", "i", "o", "u", "an", "er")]
WORDS = ["".join(SYLLABLES[place // 98**power % 98] for power in range(3)) for place in range(7, 7 + 97 * 20_000, 97)]
ODDS = list(accumulate(1 / (rank + 3) for rank in range(len(WORDS))))


def words(rng: Random, count: int) -> str:
    return " ".join(rng.choices(WORDS, cum_weights=ODDS, k=count))


async def propose(request: Request, /) -> Response:
    """Eight instructions, as the request's key has it."""
    rng = Random(request.key)
    said = "\n".join(f"{number}. {words(rng, rng.randint(8, 20)).capitalize()}." for number in range(9, 17))
    return Response(said, model="made up", input_tokens=200, output_tokens=200)


async def respond(request: Request, /) -> Response:
    return Response(words(Random(request.key), 120), model="made up", input_tokens=20, output_tokens=160)


class Watched(Progress):
    """The time at each tenth of the tasks."""

    def __init__(self, target: int) -> None:
        super().__init__(target)
        self.marks = [(0, time.process_time(), time.perf_counter())]

    def count(self, item: Task | Rejected) -> None:
        super().count(item)
        if self.target and isinstance(item, Task) and self.kept % (self.target // 10) == 0:
            self.marks.append((self.kept, time.process_time(), time.perf_counter()))


def grow(folder: Path, tasks: int) -> None:
    rng = Random(0)
    seeds = [Task(f"seed_task_{n}", f"{words(rng, 12).capitalize()}.") for n in range(175)]
    recipe = Recipe("growth", [Step(Propose(), show={"seeds": 6, "machine": 2}, drop=[Novelty(0.7)])], export=[])
    settings, teachers = Settings(num=tasks), {"teacher": named("made up", propose)}
    with Watched(tasks) as watched:
        asyncio.run(carry_out(recipe, seeds, folder, settings, teachers, watched))
    print(f"{'kept':>8} {'CPU ms/task':>12} {'wall ms/task':>13}")
    cost = {}
    for (before, cpu, wall), (kept, later, now) in zip(watched.marks, watched.marks[1:], strict=False):
        cost[kept] = (later - cpu) / (kept - before) * 1e3
        print(f"{kept:>8,} {cost[kept]:>12.3f} {(now - wall) / (kept - before) * 1e3:>13.3f}")
    tenths = list(cost.values())
    ratio = fmean(tenths[-3:]) / fmean(tenths[:3])
    print(f"a task costs {ratio:.2f} times in the last three tenths what it did in the first three; peak {peak():,} MB")


def rows(count: int) -> Iterator[Task]:
    rng = Random(1)
    return (Task(f"row_{number}", f"{words(rng, 16).capitalize()}.") for number in range(count))


def answer(folder: Path) -> None:
    """Run, or replay, in this process; prints the seconds."""
    began, cpu = time.perf_counter(), time.process_time()
    run("respond", data=folder / "rows.jsonl", out=folder / "run", teacher=named("made up", respond))
    took = {"seconds": time.perf_counter() - began, "cpu": time.process_time() - cpu, "peak": peak()}
    print(json.dumps(took))


def replay(folder: Path, answers: int) -> None:
    folder.mkdir()
    with (folder / "rows.jsonl").open("wb") as file:
        file.writelines(json_line(task_to_row(task)) for task in rows(answers))
    for what in ("first run", "replay"):
        command = [sys.executable, __file__, "--answer", str(folder)]
        told = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        rate, cost = answers / told["seconds"], told["cpu"] / answers * 1e3
        print(f"{what}: {answers:,} answers at {rate:,.0f}/s, {cost:.3f} ms of CPU each, peak {told['peak']:,} MB")


def peak() -> int:
    """Megabytes of memory that this process had at most."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(most / (1e6 if sys.platform == "darwin" else 1e3))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", type=int, default=50_000)
    parser.add_argument("--answers", type=int, default=200_000)
    parser.add_argument("--only", choices=["grow", "replay"])
    parser.add_argument("--answer", type=Path, help=argparse.SUPPRESS)  # how it calls itself
    args = parser.parse_args()
    if args.answer:
        answer(args.answer)
        return
    with tempfile.TemporaryDirectory() as folder:
        if args.only != "replay":
            grow(Path(folder) / "grow", args.tasks)
        if args.only != "grow":
            replay(Path(folder) / "replay", args.answers)


if __name__ == "__main__":
    main()
