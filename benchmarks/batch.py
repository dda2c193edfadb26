"""How much memory a run by the Batch API takes: python benchmarks/batch.py [REQUESTS] [CHARACTERS]

A run of `respond` over so many tasks (50,000, as many as a file may have) with prompts of so many characters (3,500: a
file of almost 200 MB), in one batch against the server in a process of its own, whose teacher says one sentence. Prints
requests, megabytes of the file, seconds, and the peak of this process's memory.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from selfinstruct import run
from selfinstruct.simulator.server import serve
from selfinstruct.teacher import Request, Response


async def _teacher(request: Request, /) -> Response:
    return Response("It depends on what is meant. " * 20, "stop", request.model, 900, 120)


def _serve(ready: Connection) -> None:
    serve(_teacher, port=0, models=("small",), ready=ready.send)


@contextmanager
def _server() -> Iterator[str]:
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(there,), daemon=True)
    process.start()
    try:
        yield here.recv()
    finally:
        process.terminate()
        process.join()


def _rows(count: int, size: int) -> Iterator[dict[str, Any]]:
    text = "The committee met again, and nothing was decided. " * (size // 50 + 1)
    for number in range(count):
        yield {"instruction": f"Say in one sentence what report {number} is about.", "input": text[:size]}


def main(count: int = 50_000, size: int = 3_500) -> None:
    os.environ |= {"OPENAI_API_KEY": "none", "NO_PROXY": "*"}
    with _server() as url, tempfile.TemporaryDirectory() as folder:
        before = _peak()
        began = time.perf_counter()
        done = run(
            "respond", data=_rows(count, size), out=Path(folder) / "run", model="small", base_url=url, batch=True
        )
        seconds = time.perf_counter() - began
        kept, sent = done.counts.kept, len(asyncio.run(_line(size))) * count / 1e6
        print(f"{kept:,} requests, a file of about {sent:.0f} MB: {seconds:.0f} s")
        print(f"peak memory {_peak():,.0f} MB; {before:,.0f} MB before")


async def _line(size: int) -> bytes:
    """A line of the file, as it is sent."""
    from selfinstruct.teachers.batching.provider import Provider
    from selfinstruct.teachers.http.endpoint import Endpoint

    row = next(_rows(1, size))
    async with Endpoint("small", base_url="http://127.0.0.1/v1") as endpoint:
        made = Provider(endpoint, patience=1.0, sleep=asyncio.sleep, now=time.time)
        return made.line(Request(f"{row['instruction']}\n\n{row['input']}", "small", {"max_tokens": 1024}))[1]


def _peak() -> float:
    """Megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
