"""How much faster is a run in shards, with more workers? Against a server that waits and answers, on this machine.

    python benchmarks/scale.py                              (five minutes on two cores)
    python benchmarks/scale.py --rows 400 --workers 1 2     (a minute)

Needs the extra `scale`. The server is the built-in one with a latency of `--latency` seconds; each shard asks
`--concurrency` requests at a time, so that one worker's time is latency and not this machine's cores. Printed are
seconds from the start of the command to the merged run, those of asking the shards alone (the workers' starts are
in them), and that as a share of linear: the time of one worker, divided by the workers. The merged runs have to have
the same bytes, or it ends with an error.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from selfinstruct.rows.writing.writing import write_rows
from selfinstruct.simulator.exam import write_exam
from selfinstruct.task import task_to_row

ENVIRONMENT = {"OPENAI_API_KEY": "none"} | os.environ
SELFINSTRUCT = [sys.executable, "-m", "selfinstruct"]


def served(latency: float) -> tuple[subprocess.Popen[str], str]:
    """The server, and its URL."""
    command = [*SELFINSTRUCT, "teacher", "--port", "0", "--latency", str(latency)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout
    for line in process.stdout:
        if found := re.search(r"http://\S+/v1", line):
            return process, found[0]
    raise SystemExit("the server did not start")


def measured(data: Path, out: Path, url: str, workers: int, options: argparse.Namespace) -> tuple[float, float, bytes]:
    """Seconds in all, seconds of asking, and what was written."""
    command = [*SELFINSTRUCT, "run", "respond", str(data), "--model", "builtin", "--base-url", url, "--out", str(out)]
    command += ["--shards", str(options.shards), "--workers", str(workers)]
    command += ["--concurrency", str(options.concurrency)]
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT)
    merging = began
    assert process.stderr
    for line in process.stderr:
        if line.strip() == "merging":
            merging = time.monotonic()
    if process.wait():
        raise SystemExit(f"it ended with {process.returncode}")
    return time.monotonic() - began, merging - began, (out / "tasks.jsonl").read_bytes()


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", type=int, default=3_200)
    parser.add_argument("--shards", type=int, default=8)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--latency", type=float, default=0.1)
    parser.add_argument("--concurrency", type=int, default=4)
    options = parser.parse_args()
    table = Table("workers", "seconds", "of asking", "of linear", box=None, header_style="bold")
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "tasks.jsonl"
        write_rows(data, map(task_to_row, write_exam("en", options.rows)))
        server, url = served(options.latency)
        try:
            first: float | None = None
            texts = set()
            for workers in options.workers:
                whole, asking, text = measured(data, Path(folder) / str(workers), url, workers, options)
                texts.add(text)
                first = asking * workers if first is None else first
                table.add_row(str(workers), f"{whole:.0f}", f"{asking:.0f}", f"{first / workers / asking:.0%}")
        finally:
            server.kill()
    Console().print(table)
    if len(texts) > 1:
        raise SystemExit("the runs differ")
    return 0


if __name__ == "__main__":
    sys.exit(main())
