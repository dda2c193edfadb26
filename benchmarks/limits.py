"""How fast a run is before a server that allows 50 requests a second, and how many 429s it takes to find that out.

    python benchmarks/limits.py                                    (about four minutes)
    python benchmarks/limits.py --concurrency 16 64 200 --latency 0.02 0.1 0.3

The server is a process of its own. Its limit is of three kinds: a bucket of 50 that is refilled all the time, windows
of one second, and a window that slides. With a 429 it says nothing of when to come back, or "1", the milliseconds, or a
date (of whole seconds); or its headers tell with every answer what is left. The client is the Endpoint inside the
Throttle; three of these servers are asked at a time, 1,000 rows each.

Look at "seconds" (19 at best, and the latency; 20.5 is the aim) and "429s" (under 50). With 16 at once and 0.3 s the
latency allows 53 a second: there, "1" or a date may take up to 22 s, since all who may ask were told to wait.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import math
import time
from collections import deque
from email.utils import formatdate
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

import aiohttp
from aiohttp import web
from rich.console import Console
from rich.table import Table

from selfinstruct.errors import Transient
from selfinstruct.teacher import Limits, Request, Response, Teacher
from selfinstruct.teachers.http.endpoint import Endpoint
from selfinstruct.teachers.pacing.throttle import Throttle

RATE = 50
KINDS = ("bucket", "fixed", "sliding")
SAID = ("nothing", "1", "ms", "date", "headers")
ANSWER = {"choices": [{"message": {"role": "assistant", "content": "Yes."}, "finish_reason": "stop"}], "model": "m"}


class Gate:
    """A limit of RATE a second."""

    def __init__(self, kind: str) -> None:
        self.kind, self.sent, self.tokens, self.at = kind, deque[float](), float(RATE), time.time()
        self.refused = 0

    def ask(self) -> tuple[bool, float, int, float]:
        """Whether it may come in, the seconds until the next one may, how many are left, the seconds to the reset."""
        now = time.time()
        if self.kind == "bucket":
            self.tokens, self.at = min(RATE, self.tokens + (now - self.at) * RATE), now
            left, wait, reset = self.tokens, (1 - self.tokens) / RATE, (RATE - self.tokens + 1) / RATE
        else:
            start = math.floor(now) - 1e-6 if self.kind == "fixed" else now - 1.0
            while self.sent and self.sent[0] <= start:
                self.sent.popleft()
            left = float(RATE - len(self.sent))
            oldest = self.sent[0] if self.sent and self.kind == "sliding" else start
            wait, reset = oldest + 1.0 - now, 1.0 if self.kind == "sliding" else start + 1.0 - now
        inside = left >= 1
        if inside:
            self.tokens -= 1
            self.sent.append(now)
        self.refused += not inside
        return inside, max(0.0, wait), int(left) - inside, reset


class Server:
    """A gate for each first part of the path: KIND-SAID-LATENCY-NUMBER."""

    def __init__(self) -> None:
        self.gates: dict[str, Gate] = {}

    async def answer(self, request: web.Request) -> web.Response:
        await request.read()
        name = request.match_info["name"]
        kind, said, latency, _ = name.split("-")
        gate = self.gates.setdefault(name, Gate(kind))
        inside, wait, left, reset = gate.ask()
        headers = {}
        if said == "headers":
            headers = {"x-ratelimit-remaining-requests": str(left), "x-ratelimit-reset-requests": f"{reset:.3f}s"}
        if inside:
            await asyncio.sleep(float(latency))
            return web.json_response(ANSWER, headers=headers)
        if said == "1":
            headers["retry-after"] = "1"
        elif said == "ms":
            headers["retry-after-ms"] = str(math.ceil(wait * 1000))
        elif said == "date":
            now = time.time()
            headers |= {"retry-after": formatdate(now + wait, usegmt=True), "date": formatdate(now, usegmt=True)}
        return web.json_response({"error": {"message": "slow down"}}, status=429, headers=headers)

    async def refused(self, request: web.Request) -> web.Response:
        return web.json_response(self.gates[request.match_info["name"]].refused)

    async def serve(self, pipe: Connection) -> None:
        app = web.Application()
        app.router.add_post("/{name}/chat/completions", self.answer)
        app.router.add_get("/{name}", self.refused)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        pipe.send(runner.addresses[0][1])
        await asyncio.Event().wait()


def serve(pipe: Connection) -> None:
    asyncio.run(Server().serve(pipe))


class Bare:
    """The least that asks over HTTP, for telling the Endpoint's part from the Throttle's."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self.session, self.url = session, f"{url}/chat/completions"

    async def __call__(self, request: Request, /) -> Response:
        async with self.session.post(self.url, json={"model": "m"}) as reply:
            await reply.read()
            headers = reply.headers
            left, reset = (headers.get(f"x-ratelimit-{name}-requests") for name in ("remaining", "reset"))
            limits = Limits(None, float(left), float(reset[:-1])) if left and reset else None
            if reply.status == 200:
                return Response("Yes.", limits=limits)
            wait: float | None = None
            if milliseconds := headers.get("retry-after-ms"):
                wait = float(milliseconds) / 1000
            elif (said := headers.get("retry-after")) is not None:
                wait = float(said) if said.isdigit() else seconds_between(headers["date"], said)
            error = Transient("HTTP 429", wait, limited=True)
            error.limits = limits
            raise error


def seconds_between(early: str, late: str) -> float:
    from email.utils import parsedate_to_datetime

    return max(0.0, (parsedate_to_datetime(late) - parsedate_to_datetime(early)).total_seconds())


async def rows(teacher: Teacher, count: int, concurrency: int) -> float:
    """The seconds that they take."""
    throttle = Throttle(teacher, concurrency=concurrency)
    slots = asyncio.Semaphore(concurrency)

    async def one(row: int) -> None:
        async with slots:
            await throttle(Request(str(row), "m"))

    began = time.perf_counter()
    await asyncio.gather(*(one(row) for row in range(count)))
    return time.perf_counter() - began


async def measured(port: int, options: argparse.Namespace, concurrency: int, latency: float) -> list[list[str]]:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        some = asyncio.Semaphore(options.together)

        async def one(kind: str, said: str) -> list[str]:
            async with some:
                return await alone(kind, said)

        async def alone(kind: str, said: str) -> list[str]:
            url = f"http://127.0.0.1:{port}/{kind}-{said}-{latency}-{concurrency}"
            if options.bare:
                took = await rows(Bare(session, url), options.rows, concurrency)
            else:
                async with Endpoint("m", base_url=url) as teacher:
                    took = await rows(teacher, options.rows, concurrency)
            async with session.get(url) as reply:
                refused: Any = await reply.json()
            return [kind, said, str(concurrency), f"{latency * 1000:.0f}", f"{took:.2f}", str(refused)]

        pairs = itertools.product(options.kinds, options.said)
        return list(await asyncio.gather(*(one(kind, said) for kind, said in pairs)))


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kinds", nargs="+", default=KINDS, choices=KINDS)
    parser.add_argument("--said", nargs="+", default=SAID, choices=SAID)
    parser.add_argument("--concurrency", type=int, nargs="+", default=[64, 200])
    parser.add_argument("--together", type=int, default=3, help="Servers asked at a time: more disturb each other.")
    parser.add_argument("--latency", type=float, nargs="+", default=[0.1], help="Seconds.")
    parser.add_argument("--rows", type=int, default=1_000)
    parser.add_argument("--bare", action="store_true", help="Ask with bare aiohttp, not the Endpoint.")
    options = parser.parse_args()
    pipe, end = get_context("spawn").Pipe()
    server = get_context("spawn").Process(target=serve, args=(end,), daemon=True)
    server.start()
    table = Table("limit", "Retry-After", "at once", "latency, ms", "seconds", "429s", box=None, header_style="bold")
    try:
        port = pipe.recv()
        for concurrency, latency in itertools.product(options.concurrency, options.latency):
            for line in asyncio.run(measured(port, options, concurrency, latency)):
                table.add_row(*line)
    finally:
        server.terminate()
    Console().print(table)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
