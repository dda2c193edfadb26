"""What the filters of duplicates find, of rows whose duplicates are known, and what they take.

    python benchmarks/duplicates.py                                          (100,000 rows, a minute)
    python benchmarks/duplicates.py --rows 1000000 --against seeds/seed_tasks.jsonl     (ten minutes at most, and 4 GB)
    python benchmarks/duplicates.py --pairs tests/duplicates/pairs.jsonl     (labelled pairs)
    python benchmarks/duplicates.py --share alpaca.json --drop semantic      (a file, with examples)

The rows are made up, seeded: an instruction of some 12 words, in one of four an input, an answer of some 60, most words
drawn by Zipf's law, openings that many share. One row in ten is a copy of an earlier one:

- exact: with other white space, soft hyphens and full-width letters, and the instruction in another case;
- edited: one word in 40 of the answer is another one, and none of the instruction, so that most are near, not all;
- reworded: another instruction, in other words, and the same answer. Neither filter is to find these.

The rows go through `selfinstruct filter`, as anybody's would, reading and writing included. "near by definition" are
the edited rows whose true similarity is above the threshold; "wrong" are dropped rows that are no copy.

--datatrove PYTHON: an interpreter that has datatrove[processing], orjson and spacy; its MinHash goes over the same
rows, in one process, 14 buckets of 8 hashes of 5-grams, as its example has it. It compares no sets: what shares a
bucket is a duplicate.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from selfinstruct.filters import FILTERS, sift
from selfinstruct.filters.clusters import Clusters
from selfinstruct.filters.near import jaccard
from selfinstruct.filters.pool import Pool
from selfinstruct.rows.reading import read_tasks, tasks_in
from selfinstruct.task import Instance, Task, json_line

Row = dict[str, str]
KINDS = ("exact", "edited", "reworded")


def made_up_rows(count: int, seed: int) -> Iterator[tuple[Row, str, int]]:
    """Rows, of which kind each is ("" for one that is new), and the place of the row that it is a copy of."""
    rng = np.random.default_rng(seed)
    syllables = [c + v for c in "bcdfghjklmnprstvwz" for v in ("a", "e", "i", "o", "u", "an", "er", "in")]
    spelling = rng.integers(0, len(syllables), (40_000, 4))
    words = np.array(["".join(syllables[i] for i in row[: 2 + n % 3]) for n, row in enumerate(spelling)])
    openings = [" ".join(words[row]) for row in rng.integers(0, 400, (500, 4))]
    odds = np.cumsum(1 / (np.arange(len(words)) + 3.0))
    odds /= odds[-1]

    def text(length: int) -> str:
        return " ".join(words[np.searchsorted(odds, rng.random(length))])

    old: list[tuple[int, Row]] = []
    for place in range(count):
        if place % 10 == 9:
            of, row = old[int(rng.integers(len(old)))]
            kind = KINDS[int(rng.integers(3))]
            yield copied(row, kind, text(12), words, rng), kind, of
            continue
        opening = openings[int(rng.random() ** 2 * len(openings))]
        row = {"instruction": f"{opening} {text(int(rng.gamma(3, 3)) + 1)}.".capitalize(), "input": ""}
        row["input"] = text(int(rng.gamma(3, 8)) + 1) if place % 4 == 0 else ""
        row["output"] = ". ".join(text(12).capitalize() for _ in range(int(rng.gamma(2, 2.4)) + 1)) + "."
        if len(old) < 200_000:
            old.append((place, row))
        yield row, "", place


def copied(row: Row, kind: str, other: str, words: Any, rng: np.random.Generator) -> Row:
    if kind == "exact":
        wide = row["output"].replace("a", "\uff41", 2).replace(" ", "\u00a0 ", 3).replace("o", "o\u00ad", 2)
        return {**row, "instruction": row["instruction"].upper() + " ", "output": wide}
    if kind == "edited":
        said = row["output"].split()
        for at in rng.integers(0, len(said), 1 + len(said) // 40):
            said[at] = str(words[rng.integers(len(words))])
        return {**row, "output": " ".join(said)}
    return {**row, "instruction": f"{other.capitalize()}?"}


def measured(command: list[str]) -> tuple[float, float, float]:
    """Seconds, those of a core, and the MB that it had at most."""
    # A child of this process would have its memory at first: a small one in between has little.
    code = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL); "
        "used = resource.getrusage(resource.RUSAGE_CHILDREN); print(used.ru_utime + used.ru_stime, used.ru_maxrss)"
    )
    began = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code, *command], check=True, capture_output=True, text=True)
    core, peak = done.stdout.split()
    return time.perf_counter() - began, float(core), int(peak) / 1024


def at_scale(args: argparse.Namespace) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        kinds, near = Counter[str](), set[int]()
        copies: dict[int, str] = {}
        sources: dict[int, Row] = {}
        with (folder / "rows.jsonl").open("wb") as file:
            for place, (row, kind, of) in enumerate(made_up_rows(args.rows, args.seed)):
                file.write(json_line(dict(row)))
                if not kind:
                    if len(sources) < 200_000:
                        sources[place] = row
                    continue
                kinds[kind] += 1
                copies[place] = kind
                if kind == "edited" and jaccard(sources[of]["output"], row["output"]) > args.above:
                    near.add(place)
        del sources
        command = [sys.executable, "-m", "selfinstruct", "filter", str(folder / "rows.jsonl"), "--quiet"]
        command += ["--drop", "exact", "--drop", f"near={args.above}", "--out", str(folder / "kept.jsonl")]
        command += ["--drop", f"overlap={args.against}"] if args.against else []
        command += ["--rejected", str(folder / "lost.jsonl"), "--clusters", str(folder / "clusters.jsonl")]
        seconds, core, peak = measured(command)
        lost = {int(task.rpartition("_")[2]) for task in lost_tasks(folder / "lost.jsonl")}
        each = f"{seconds / args.rows * 1e6:.0f} us a row, {core / args.rows * 1e6:.0f} of a core"
        print(f"{args.rows:,} rows: {seconds:.0f} s, {each}, {peak:,.0f} MB at most")
        found = Counter(copies[place] for place in lost if place in copies)
        for kind in KINDS:
            print(f"  {kind:20} {found[kind]:,} of {kinds[kind]:,} found ({found[kind] / max(1, kinds[kind]):.2%})")
        print(
            f"  near by definition   {len(near & lost):,} of {len(near):,} ({len(near & lost) / max(1, len(near)):.2%})"
        )
        wrong = sum(place not in copies for place in lost)
        print(f"  wrong                {wrong:,} of {args.rows - len(copies):,} ({wrong / args.rows:.4%})")
        if args.datatrove:
            by_datatrove(args.datatrove, folder, copies, kinds, near)


def lost_tasks(file: Path) -> Iterator[str]:
    with file.open("rb") as lines:
        for line in lines:
            yield json.loads(line)["task"]


DATATROVE = """
import sys
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.dedup import MinhashDedupSignature
from datatrove.pipeline.dedup.minhash import MinhashConfig, MinhashDedupBuckets, MinhashDedupCluster, MinhashDedupFilter
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers import JsonlWriter
from datatrove.utils.hashing import HashConfig

folder = sys.argv[1]
config = MinhashConfig(hash_config=HashConfig(precision=64), num_buckets=14, hashes_per_bucket=8)


def adapter(self, row, path, place):
    return {"text": "\\n".join((row["instruction"], row["input"], row["output"])), "id": str(place), "metadata": {}}


reader = JsonlReader(folder, glob_pattern="rows.jsonl", adapter=adapter)
steps = [
    [reader, MinhashDedupSignature(output_folder=folder + "/signatures", config=config, language="en")],
    [MinhashDedupBuckets(folder + "/signatures", folder + "/buckets", config=config)],
    [MinhashDedupCluster(folder + "/buckets", folder + "/removed", config=config)],
    [reader, MinhashDedupFilter(folder + "/removed", exclusion_writer=JsonlWriter(folder + "/lost", compression=None))],
]
for number, step in enumerate(steps):
    tasks = 14 if number == 1 else 1
    LocalPipelineExecutor(pipeline=step, tasks=tasks, workers=1, logging_dir=f"{folder}/logs/{number}").run()
"""


def by_datatrove(python: str, folder: Path, copies: dict[int, str], kinds: Counter[str], near: set[int]) -> None:
    (folder / "run.py").write_text(DATATROVE, encoding="utf-8")
    (folder / "data").mkdir()
    (folder / "rows.jsonl").rename(folder / "data" / "rows.jsonl")
    seconds, core, peak = measured([python, str(folder / "run.py"), str(folder / "data")])
    lost = set()
    for file in (folder / "data" / "lost").glob("*.jsonl"):
        with file.open("rb") as lines:
            lost |= {int(json.loads(line)["id"]) for line in lines}
    found = Counter(copies[place] for place in lost if place in copies)
    print(f"datatrove: {seconds:.0f} s, {core:.0f} of a core, {peak:,.0f} MB at most")
    for kind in KINDS:
        print(f"  {kind:20} {found[kind]:,} of {kinds[kind]:,} found ({found[kind] / max(1, kinds[kind]):.2%})")
    print(f"  near by definition   {len(near & lost):,} of {len(near):,}; no copies: {len(lost - set(copies)):,}")


def on_pairs(args: argparse.Namespace) -> None:
    """Precision and recall on labelled pairs, by filter, threshold and language."""
    with args.pairs.open("rb") as lines:
        pairs = [json.loads(line) for line in lines]
    for language in sorted({pair["language"] for pair in pairs}):
        ours = [pair for pair in pairs if pair["language"] == language]
        print(f"{language}: {len(ours)} pairs, {sum(pair['same'] for pair in ours)} of them the same task")
        for name, thresholds in (("near", (0.8, 0.5)), ("novelty", (0.7, 0.6, 0.5)), ("semantic", SEMANTIC)):
            for above in thresholds:
                one = FILTERS[name](above=above, of="instruction")
                said = [bool(one(task_of(pair["b"]), Pool([task_of(pair["a"])]))) for pair in ours]
                right = sum(yes and pair["same"] for yes, pair in zip(said, ours, strict=True))
                recall = right / sum(pair["same"] for pair in ours)
                precision = right / sum(said) if any(said) else 1.0
                print(f"  {name:10} above {above:.2f}  precision {precision:.2f}  recall {recall:.2f}")


SEMANTIC = (0.75, 0.8, 0.83, 0.85, 0.9)


def task_of(text: str) -> Task:
    instruction, _, given = text.partition("\n")
    return Task("a", instruction, (Instance(given, ""),) if given else ())


def on_file(args: argparse.Namespace) -> None:
    """How much of a file is dropped, and some of what was, beside what was kept of it."""
    drop = [FILTERS[name]() for name in args.drop]
    tasks = list(tasks_in(args.share, apart=True)) if "novelty" not in args.drop else read_tasks(args.share)
    by_id, clusters = {task.id: task for task in tasks}, Clusters(named=True)
    began = time.perf_counter()
    kept = sum(isinstance(item, Task) for item in sift(tasks, drop, clusters))
    seconds = time.perf_counter() - began
    each = f"{seconds / len(tasks) * 1e6:.0f} us each"
    print(f"{args.share}: kept {kept:,} of {len(tasks):,} ({kept / len(tasks):.2%}), {each}")
    print(clusters.line())
    rows = [(row["kept"], each) for row in clusters.rows("first") for each in row["dropped"]]
    for to, each in rows[: args.examples]:
        a, b = by_id[to], by_id[each["id"]]
        print(f"{each['by']} {each['similarity']:.3f}\n  {a.instruction[:150]!r}\n  {b.instruction[:150]!r}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--against", metavar="FILE", help="an evaluation: decontaminate, too")
    parser.add_argument("--above", type=float, default=0.8)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--datatrove", metavar="PYTHON")
    parser.add_argument("--pairs", type=Path, help='lines like {"language": "en", "a": …, "b": …, "same": true}')
    parser.add_argument("--share", metavar="FILE")
    parser.add_argument("--drop", nargs="+", default=["semantic"], choices=["exact", "near", "novelty", "semantic"])
    parser.add_argument("--examples", type=int, default=20)
    args = parser.parse_args()
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, NumPy {np.__version__}")
    (on_pairs if args.pairs else on_file if args.share else at_scale)(args)


if __name__ == "__main__":
    main()
