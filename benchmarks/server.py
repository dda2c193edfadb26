"""How many requests a second the server of `selfinstruct teacher` answers on one core, and where the time goes.

    python benchmarks/server.py                                                   (half a minute)
    python benchmarks/server.py --seconds 0.5 --rounds 1                          (six seconds)

The requests are those of the recipe self_instruct with the built-in teacher, sent again and again over keep-alive
connections by this process; every server is a process of its own, on another core where the system lets us choose.
Measured in turns, in one run; the median of the rounds:

- builtin: the server, with the built-in teacher;
- constant: the server, with a teacher that says the same to everybody: all of it is HTTP and JSON;
- aiohttp: a bare aiohttp.web app that reads the JSON and sends an answer of that size;
- asyncio: a bare asyncio.Protocol that does the same, and nothing that HTTP has besides;
- in process: the built-in teacher without a server.

Look at "requests/s" of builtin (1,000 is the aim) and at "per CPU s": requests per second of the server's own time,
which a slow client or a busy machine does not spoil.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection

from aiohttp import web

from selfinstruct.rows.reading import read_tasks
from selfinstruct.running.execute import find_seeds
from selfinstruct.running.recipe_file import load
from selfinstruct.running.run import results
from selfinstruct.simulator import builtin
from selfinstruct.simulator.server import serving
from selfinstruct.teacher import Request, Response

KINDS = ("builtin", "constant", "aiohttp", "asyncio")
TEXT = "It is a list of seven tasks, each in a sentence or two. " * 8  # 450 characters, an answer's usual length
ANSWER = {
    "id": "chatcmpl-0",
    "object": "chat.completion",
    "created": 0,
    "model": "builtin",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": TEXT}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
}


async def constant(request: Request, /) -> Response:
    return Response(TEXT, "stop", "builtin", 1, 1)


async def requests_of_a_run(num: int) -> list[Request]:
    """What the recipe asks for its first finished tasks."""
    recipe, seen = load("self_instruct"), list[Request]()

    async def watched(request: Request, /) -> Response:
        seen.append(request)
        return await builtin(request)

    steps = [replace(step, model="builtin") for step in recipe.steps]
    seeds, teachers = read_tasks(find_seeds(None, recipe)), [watched] * len(steps)
    async for _ in results(steps, seeds, teachers, seed=0, width=recipe.width, at_once=16, num=num):
        pass
    return seen


class Bare(asyncio.Protocol):
    """As little as answers a POST at all."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport, self.data = transport, b""

    def data_received(self, data: bytes) -> None:
        self.data += data
        head, end, body = self.data.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
        if end and len(body) >= length:
            json.loads(body[:length])
            self.data = body[length:]
            said = json.dumps(ANSWER).encode()
            self.transport.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(said), said))


async def bare_app(request: web.Request) -> web.Response:
    json.loads(await request.read())
    return web.Response(body=json.dumps(ANSWER).encode(), content_type="application/json")


async def serve(kind: str, pipe: Connection) -> None:
    """Send the port; then the CPU time, whenever something comes."""
    loop, never = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(pipe.fileno(), lambda: pipe.send((pipe.recv(), time.process_time())[1]))
    if kind in ("builtin", "constant"):
        async with serving(builtin if kind == "builtin" else constant) as url:
            pipe.send(int(url.split(":")[2].partition("/")[0]))
            await never.wait()
    if kind == "aiohttp":
        app = web.Application()
        app.add_routes([web.post("/v1/chat/completions", bare_app)])
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        pipe.send(runner.addresses[0][1])
    else:
        server = await loop.create_server(Bare, "127.0.0.1", 0)
        pipe.send(server.sockets[0].getsockname()[1])
    await never.wait()


def server(kind: str, pipe: Connection) -> None:
    on_core(0)
    asyncio.run(serve(kind, pipe))


def on_core(number: int) -> None:
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[number % len(cores)]})


def as_bytes(request: Request) -> bytes:
    turns = [{"role": "user", "content": request.prompt}]
    body = json.dumps({"model": "builtin", "messages": turns, **request.params}).encode()
    # The headers that the openai client sends, or about as many.
    names = ("accept", "user-agent", "x-stainless-lang", "x-stainless-os", "x-stainless-arch", "x-stainless-runtime")
    lines = ["POST /v1/chat/completions HTTP/1.1", "host: 127.0.0.1", "authorization: Bearer none"]
    lines += ["content-type: application/json", *(f"{name}: application/json" for name in names)]
    return "\r\n".join([*lines, f"content-length: {len(body)}", "", ""]).encode() + body


class Client(asyncio.Protocol):
    """Sends one request after the other until the time is over."""

    def __init__(self, messages: Sequence[bytes], until: float) -> None:
        self.messages, self.until, self.answers, self.data = messages, until, 0, bytearray()
        self.over = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(self.messages[0])

    def data_received(self, data: bytes) -> None:
        self.data += data
        end = self.data.find(b"\r\n\r\n")
        at = self.data.lower().find(b"content-length: ", 0, end)
        if end < 0 or len(self.data) < end + 4 + int(self.data[at + 16 : self.data.find(b"\r", at)]):
            return
        if not self.data.startswith(b"HTTP/1.1 200"):
            sys.exit(f"the server said {bytes(self.data[:300])!r}")
        self.data.clear()
        self.answers += 1
        if time.perf_counter() < self.until:
            self.transport.write(self.messages[self.answers % len(self.messages)])
        else:
            self.over.set_result(self.answers)
            self.transport.close()


async def load_on(port: int, messages: Sequence[bytes], connections: int, seconds: float) -> tuple[int, float]:
    """Answers, and seconds until the last one."""
    loop, began = asyncio.get_running_loop(), time.perf_counter()
    clients = []
    for number in range(connections):
        start = number * len(messages) // connections
        make = partial(Client, [*messages[start:], *messages[:start]], began + seconds)
        _, client = await loop.create_connection(make, "127.0.0.1", port)
        clients.append(client)
    answers = [await client.over for client in clients]
    return sum(answers), time.perf_counter() - began


def measure(port: int, pipe: Connection, messages: Sequence[bytes], args: argparse.Namespace) -> tuple[float, float]:
    """Requests a second, by the clock and by the server's own CPU time."""
    pipe.send("cpu?")
    before = pipe.recv()
    answers, seconds = asyncio.run(load_on(port, messages, args.connections, args.seconds))
    pipe.send("cpu?")
    return answers / seconds, answers / (pipe.recv() - before)


def in_process(requests: Sequence[Request]) -> float:
    async def all_of_them() -> None:
        for request in requests:
            await builtin(request)

    began = time.process_time()
    asyncio.run(all_of_them())
    return len(requests) / (time.process_time() - began)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=2.0, help="for each server, each round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=32)
    args = parser.parse_args()

    requests = asyncio.run(requests_of_a_run(500))
    messages = [as_bytes(request) for request in requests]
    size = statistics.mean(map(len, messages))
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, {len(requests):,} requests of {size:,.0f} bytes")
    context, servers = get_context("spawn"), []
    for kind in KINDS:
        ours, theirs = context.Pipe()
        process = context.Process(target=server, args=(kind, theirs), daemon=True)
        process.start()
        servers.append((kind, ours.recv(), ours))
    on_core(1)
    found: dict[str, list[tuple[float, float]]] = {kind: [] for kind in KINDS}
    alone = []
    for number in range(args.rounds + 1):
        for kind, port, pipe in servers:
            rates = measure(port, pipe, messages, args)
            if number:  # the first round is for warming up
                found[kind].append(rates)
        alone.append(in_process(requests))

    print("server       requests/s  per CPU s  asyncio / it")
    fastest = statistics.median(cpu for _, cpu in found["asyncio"])
    for kind in KINDS:
        clock, cpu = (statistics.median(column) for column in zip(*found[kind], strict=True))
        print(f"{kind:12} {clock:10,.0f} {cpu:10,.0f} {fastest / cpu:13.1f}")
    cpu = statistics.median(alone[1:])
    print(f"{'in process':12} {'':10} {cpu:10,.0f} {fastest / cpu:13.1f}")


if __name__ == "__main__":
    main()
