"""How the time that parsers and filters take grows with the text, on texts that patterns choke on.

    python benchmarks/parsers.py                                    (two minutes)
    python benchmarks/parsers.py --size 64000 --only alpaca         (names that hold the word)
    python benchmarks/parsers.py --draw 300                         (texts of pieces drawn by lot instead)

Every stage's parse and prompt, every filter and what text/ offers read each hostile text of tests/hostile.py at --size
characters and a sixteenth of it. What takes more than 20 ms there, and grows faster than the text, is timed at sizes in
between, doubled up to --size or until one takes 2 s.

Printed are the worst: the exponent (1 is linear, 2 quadratic) between the two largest sizes, and the milliseconds at
each. Exits with 1 where an exponent is above 1.3.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

from rich.console import Console
from rich.markup import escape
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from hostile import drawn, readers, texts

FLOOR = 0.02
"""Seconds: what takes less at --size is fast enough, and too short to be timed well."""
LONG = 2.0
"""Seconds after which a case is given up."""
MOST = 1.3
"""The exponent that a case may have: caches that are too small add some, a second loop adds 1."""


def seconds(read: Callable[[str], object], text: str) -> float:
    """The least of three runs of the processor, whatever else the machine does; of one when that takes long."""
    best = math.inf
    for _ in range(3):
        start = time.process_time()
        read(text)
        best = min(best, time.process_time() - start)
        if best > LONG / 4:
            break
    return best


def once(read: Callable[[str], object], text: str) -> float:
    start = time.process_time()
    read(text)
    return time.process_time() - start


def ladder(read: Callable[[str], object], make: Callable[[int], str], size: int) -> dict[int, float]:
    """Seconds by size, doubled from a sixty-fourth up to the whole, or until it takes too long."""
    found: dict[int, float] = {}
    for step in range(7):
        at = size >> (6 - step)
        found[at] = seconds(read, make(at))
        if found[at] > LONG:
            break
    return found


def exponent(found: dict[int, float]) -> float:
    (small, before), (large, after) = list(found.items())[-2:]
    return math.log(after / before) / math.log(large / small)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--size", type=int, default=8_000, help="Characters of the largest text.")
    parser.add_argument("--only", default="", help="Readers whose names hold this.")
    parser.add_argument("--draw", type=int, default=0, help="Texts to draw, instead of the fixed ones.")
    parser.add_argument("--seed", type=int, default=0, help="Of the texts drawn.")
    parser.add_argument("--shown", type=int, default=20, help="Rows to print.")
    options = parser.parse_args()
    rng = Random(options.seed)
    shapes = [drawn(rng) for _ in range(options.draw)] or list(texts())
    cases, worst = 0, list[tuple[float, str, str, dict[int, float]]]()
    for reader, read in readers():
        if options.only not in reader:
            continue
        read("to compile what is compiled at its first use, 请")
        for shape, make in shapes:
            cases += 1
            small = once(read, make(options.size >> 4))
            if small < LONG / 16:
                large = once(read, make(options.size))
                if large < FLOOR or large < small * 16**MOST:
                    continue
            times = ladder(read, make, options.size)
            if max(times.values()) >= FLOOR:
                worst.append((exponent(times), reader, shape, times))
    worst.sort(key=lambda row: (-row[0], row[1]))
    table = Table("growth", "what reads", "text", "ms by size", box=None, header_style="bold")
    for growth, reader, shape, times in worst[: options.shown]:
        by_size = ", ".join(f"{at:,}: {taken * 1000:,.1f}" for at, taken in times.items())
        table.add_row(f"{growth:.2f}", escape(reader), escape(shape), by_size)
    Console(width=200).print(table)
    above = sum(row[0] > MOST for row in worst)
    print(f"{cases:,} cases at {options.size:,} characters; {above:,} grow faster than n^{MOST}")
    return 1 if above else 0


if __name__ == "__main__":
    raise SystemExit(main())
