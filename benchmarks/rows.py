"""How fast rows go through, and in how much memory: ours beside `datasets` and pandas, in one run.

    python benchmarks/rows.py                         (a minute, 500,000 rows, 1 GB of disk)
    python benchmarks/rows.py --rows 5000000 --only import --only "export, JSON lines"     (five minutes, 6 GB)

The rows are Alpaca's kind as JSON lines, 400 bytes on average, a third of them with an input. Each job is a process of
its own that reads the file and writes the same rows to another: rows a second by the wall, from its start to its end,
the CPU's time for a row, and the most memory that it had. Aims: 50,000 rows/s from JSON lines to JSON lines, and under
300 MB at any size.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

WORDS = [a + b + c for a in ("ri", "so", "na", "we") for b in ("ver", "me", "to") for c in ("", "s", "ly")]

DATASETS = """
import sys, datasets
datasets.disable_progress_bars()
rows = datasets.load_dataset("json", data_files=sys.argv[1], split="train", cache_dir=sys.argv[3])
rows.to_json(sys.argv[2], force_ascii=False)
"""
STREAMED = """
import sys, json, datasets
rows = datasets.load_dataset("json", data_files=sys.argv[1], split="train", streaming=True)
with open(sys.argv[2], "w", encoding="utf-8") as file:
    file.writelines(json.dumps(row, ensure_ascii=False) + "\\n" for row in rows)
"""
PANDAS = """
import sys, pandas
pandas.read_json(sys.argv[1], lines=True).to_json(sys.argv[2], orient="records", lines=True, force_ascii=False)
"""


def rows(count: int) -> Iterator[dict[str, str]]:
    rng = Random(0)
    for number in range(count):
        texts = [" ".join(rng.choices(WORDS, k=k)) for k in (10, rng.choice((0, 0, 20)), 40)]
        yield {"instruction": f"{texts[0]} {number}", "input": texts[1], "output": texts[2]}


def measured(name: str, command: list[str], count: int, folder: Path) -> None:
    """A line about one process. RSS by wait4, which knows it of this child alone."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=folder)
    assert process.stderr
    said = process.stderr.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        print(f"{name:40} failed: {said.strip().splitlines()[-1:]}")
        return
    rate, memory, cpu = count / seconds, usage.ru_maxrss / 1024, (usage.ru_utime + usage.ru_stime) / count * 1e6
    print(f"{name:40} {seconds:7.1f} s {rate:9,.0f} rows/s {cpu:6.1f} µs of CPU {memory:6,.0f} MB", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=500_000)
    parser.add_argument("--only", metavar="TEXT", action="append", help="jobs with this in their name")
    options = parser.parse_args()
    count = options.rows
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (folder / "in.jsonl").open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows(count))
        ours = [sys.executable, "-m", "selfinstruct"]
        jobs = {
            "selfinstruct export, JSON lines": [*ours, "export", "in.jsonl", "--out", "out.jsonl"],
            "selfinstruct export --to messages": [*ours, "export", "in.jsonl", "--to", "messages", "--out", "m.jsonl"],
            "selfinstruct export, to Parquet": [*ours, "export", "in.jsonl", "--out", "out.parquet"],
            "selfinstruct export, from Parquet": [*ours, "export", "out.parquet", "--out", "again.jsonl"],
            "selfinstruct import": [*ours, "import", "in.jsonl", "--out", "run"],
            "selfinstruct export, a run's messages": [*ours, "export", "run", "--to", "messages", "--out", "m2.jsonl"],
            "selfinstruct filter --drop length": [
                *(*ours, "filter", "in.jsonl", "--drop", "length", "--out", "kept.jsonl", "--rejected", "lost.jsonl"),
            ],
        }
        jobs |= {
            "datasets: load_dataset, to_json": [sys.executable, "-c", DATASETS, "in.jsonl", "d.jsonl", "cache"],
            "datasets: streaming=True, json.dumps": [sys.executable, "-c", STREAMED, "in.jsonl", "s.jsonl"],
            "pandas: read_json, to_json": [sys.executable, "-c", PANDAS, "in.jsonl", "p.jsonl"],
        }
        for job, command in jobs.items():
            if not options.only or any(text in job for text in options.only):
                measured(job, command, count, folder)


if __name__ == "__main__":
    main()
