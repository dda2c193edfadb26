"""What is left of a run that is killed, and what it costs to go on: the figures of docs/reliability.md.

    python benchmarks/reliability.py                                     (an hour or more: 50 kills of everything)
    python benchmarks/reliability.py --kills 5 --only respond baize      (a minute)

Every recipe runs over real HTTP against the built-in teacher in a process of its own, which takes 20 to 50 ms for
an answer and writes down when the last byte of each is in the socket; every other command that writes runs on
small inputs. Each is killed by SIGKILL at random moments, and run to its end: different bytes, an answer that is asked
for although the journal has it, a folder that cannot be read in between, and temporaries at the end are errors, and
stop the benchmark.

Look at "arrived": answers that were in the socket, and not yet in the journal, when the process was killed. They are
asked for again, as what was on the wire is, but nobody can help that.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from commands import WRITERS, jobs, prepare
from killing import Figures, Job, Writer, killed_run, killed_writer, serving


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="*", default=[], help="names of recipes and commands, or their beginnings")
    options = parser.parse_args()

    def wanted(name: str) -> bool:
        return not options.only or any(name.startswith(each) for each in options.only)

    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        prepare(folder / "given", models=any(wanted(name) for name in ("train", "merge", "delta", "export --gguf")))
        _runs(folder, [job for job in jobs(folder / "given" / "run") if wanted(job.name)], options.kills, options.seed)
        _writers(folder, [each for each in WRITERS if wanted(each.name)], options.kills, options.seed)


RUNS = "| recipe | answers | kills | bytes | on the wire | arrived | median, 99 %, longest window, ms | minutes |"
WRITES = "| command | kills | after it began to write | bytes | temporaries left, then removed | minutes |"


def _runs(folder: Path, chosen: Sequence[Job], kills: int, seed: int) -> None:
    found = list[Figures]()
    for job in chosen:
        if not found:
            _head(RUNS)
        place = folder / job.name
        place.mkdir()
        with serving(place / "log", latency=0.02, jitter=0.03) as url:
            one = killed_run(job, place, url, place / "log", kills=kills, seed=seed)
        found.append(one)
        spread = _spread(one.windows)
        _row(one.name, one.answers, one.kills, "same", one.on_the_wire, one.arrived, spread, f"{one.seconds / 60:.1f}")
    if found:
        kills, begun = sum(each.kills for each in found), sum(each.begun for each in found)
        wire, ages = sum(each.on_the_wire for each in found), [age for each in found for age in each.ages]
        print(f"\n{kills:,} kills, {begun:,} of them after an answer had come; {wire:,} requests were on the wire, and")
        print(f"{len(ages):,} answers had arrived, {_spread(ages)} ms (median, 99 %, longest) before\n", flush=True)


def _writers(folder: Path, chosen: Sequence[Writer], kills: int, seed: int) -> None:
    for number, writer in enumerate(chosen):
        if not number:
            _head(WRITES)
        place = folder / writer.name
        place.mkdir()
        one = killed_writer(writer, place, kills=kills, seed=seed)
        _row(one.name, one.kills, one.begun, "same", one.leftovers, f"{one.seconds / 60:.1f}")


def _head(names: str) -> None:
    print(names)
    print("|---" * (names.count("|") - 1) + "|", flush=True)


def _row(*cells: object) -> None:
    print("| " + " | ".join(f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in cells) + " |", flush=True)


def _spread(figures: Sequence[float]) -> str:
    """The median, what 99 % do not exceed, and the longest."""
    if not figures:
        return "–"
    # Two processes write down when: an answer may be journaled before the server has noted that it was sent.
    ordered = sorted(max(0.0, each) for each in figures)
    return f"{statistics.median(ordered):.1f}, {ordered[int(0.99 * (len(ordered) - 1))]:.1f}, {ordered[-1]:.1f}"


if __name__ == "__main__":
    main()
