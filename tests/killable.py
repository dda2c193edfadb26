"""A run that the tests kill: python killable.py CASE NUM OUT LOG; LOG gets the key of each request that is answered.

The teacher writes the key before it answers and appends in one system call, so that a killed process has logged what it
was asked.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from cases import CASES
from fakes import simple

from selfinstruct.running.execute import carry_out
from selfinstruct.running.identity import named
from selfinstruct.running.progress import Progress
from selfinstruct.running.settings import Settings
from selfinstruct.teacher import Request, Response

IN_FLIGHT = 8


def main(name: str, num: str, out: str, log: str) -> None:
    case = CASES[name]
    paid = os.open(log, os.O_CREAT | os.O_APPEND | os.O_WRONLY)

    async def teacher(request: Request, /) -> Response:
        os.write(paid, f"{request.key}\n".encode())
        await asyncio.sleep(0.001)
        return simple(request)

    settings, asked = Settings(num=int(num), concurrency=IN_FLIGHT), {"teacher": named("simple", teacher)}
    with Progress(None) as progress:
        asyncio.run(carry_out(case.recipe, case.data, Path(out), settings, asked, progress))


if __name__ == "__main__":
    main(*sys.argv[1:])
