"""How fast the pipeline asks a server, beside bare loops over the same rows that keep nothing.

    python benchmarks/throughput.py                                               (two minutes)
    python benchmarks/throughput.py --rows 1000 --rounds 1 --at-once 64           (ten seconds)

The server is a process of its own that waits `--latency` and answers; it costs far less than any client. In turns, in
one run, the best of the rounds:

- aiohttp: a bare loop, `--at-once` workers that post the rows and read the answers;
- openai: the same with openai.AsyncOpenAI as it comes, and over its DefaultAioHttpClient;
- endpoint: the same with our Endpoint, which makes a Response of each answer;
- respond: the whole pipeline of one step, with journal, throttle, filters, exports and a folder;
- self_instruct: the pipeline that grows tasks, classifies them and writes instances (`--tasks` of them).

"seconds" are the clock's, and "ideal" is what the latency alone takes; "CPU" is this process's own time, which other
processes do not spoil. Look at "/ aiohttp" and "/ openai": seconds by those of the bare loops.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import json
import os
import pstats
import resource
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from typing import Any

import aiohttp
import openai

from selfinstruct import run
from selfinstruct.teacher import Request
from selfinstruct.teachers.http.endpoint import Endpoint

Ask = Callable[[str], Awaitable[object]]

TEXT = (
    "It is a list of seven things, each of them in a sentence or two. " * 7
)  # 450 characters, an answer's usual length
PARAMS: dict[str, Any] = {"temperature": 1, "top_p": 1, "max_tokens": 2048}  # those of the recipe respond
VERBS = ("Compare", "Describe", "Explain", "List", "Rank", "Review", "Summarize", "Translate", "Plan", "Defend", "Sort")
THINGS = (
    *("rivers", "bridges", "proverbs", "trains", "islands", "spices", "comets", "knots", "clocks", "harbours"),
    *("lanterns", "glaciers", "violins", "markets", "orchards", "tides", "alphabets", "kites", "wells", "moths"),
    *("castles", "deserts", "recipes", "letters", "gardens", "theatres", "planets", "forests", "bakeries", "schools"),
    *("ferries", "novels", "poems", "painters", "farmers", "soldiers", "sailors", "doctors", "lawyers", "teachers"),
    *("villages", "mountains", "tunnels", "libraries", "museums", "hospitals", "kitchens", "winters", "summers"),
)
PLACES = (
    *("Norway", "Brazil", "Kenya", "Japan", "Canada", "Greece", "Peru", "Egypt", "Iceland", "Vietnam", "Portugal"),
    *("Morocco", "Chile", "Poland", "Turkey", "India", "Finland", "Mexico", "Ireland", "Cuba", "Nepal", "Jordan"),
)


class Stub(asyncio.Protocol):
    """As little as answers a POST; after `latency` seconds."""

    latency = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport, self.data = transport, bytearray()

    def data_received(self, data: bytes) -> None:
        self.data += data
        end = self.data.find(b"\r\n\r\n")
        if end < 0:
            return
        head = bytes(self.data[:end]).lower()
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
        if len(self.data) >= end + 4 + length:
            said = reply(bytes(self.data[end + 4 : end + 4 + length]))
            self.data.clear()
            asyncio.get_running_loop().call_later(self.latency, self.transport.write, said)


def reply(asked: bytes) -> bytes:
    text = answer(json.loads(asked)["messages"][0]["content"])
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 50, "completion_tokens": 100, "total_tokens": 150}
    row = {"id": "1", "object": "chat.completion", "created": 0, "model": "stub", "choices": [choice], "usage": usage}
    body = json.dumps(row).encode()
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
    return head % len(body) + body


def answer(prompt: str) -> str:
    """What a teacher might say to each stage's prompt; the same to the same."""
    end = prompt.rstrip().rpartition("\n")[2]
    if end == "9.":
        rng = Random(prompt)
        return "".join(f"{'' if n == 9 else f'{chr(10)}{n}.'} {proposal(rng)}" for n in range(9, 16))
    if end == "Classification:":
        return " Yes" if len(prompt) % 3 == 0 else " No"
    if end.startswith("Task: "):
        label = "Class label: fine\nThey are fine.\nClass label: poor\nThey are poor."
        return label if "Class label:" in prompt else f"Example 1\nInput: {end[6:30]} today\nOutput: {TEXT}"
    return TEXT


def proposal(rng: Random) -> str:
    first, *others, last = rng.sample(THINGS, 5)
    here, there = rng.sample(PLACES, 2)
    return f"{rng.choice(VERBS)} {first}, {', '.join(others)} and {last} from {here} or {there}."


def serve(pipe: Connection, latency: float) -> None:
    async def forever() -> None:
        Stub.latency = latency
        server = await asyncio.get_running_loop().create_server(Stub, "127.0.0.1", 0, backlog=4096)
        pipe.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(forever())


async def all_rows(ask: Ask, rows: Sequence[str], at_once: int) -> None:
    """Every worker takes the next row as soon as it has its answer: a bare loop's best."""
    left = iter(rows)

    async def worker() -> None:
        for row in left:
            await ask(row)

    await asyncio.gather(*(worker() for _ in range(at_once)))


async def bare_aiohttp(url: str, rows: Sequence[str], at_once: int) -> None:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def ask(row: str) -> object:
            body = {"model": "stub", "messages": [{"role": "user", "content": row}], **PARAMS}
            async with session.post(f"{url}/chat/completions", json=body) as reply:
                return (await reply.json())["choices"][0]["message"]["content"]

        await all_rows(ask, rows, at_once)


async def bare_openai(url: str, rows: Sequence[str], at_once: int, over_aiohttp: bool = False) -> None:
    options: Any = {"base_url": url, "api_key": "none", "max_retries": 0}
    if over_aiohttp:
        options["http_client"] = openai.DefaultAioHttpClient()
    async with openai.AsyncOpenAI(**options) as client:

        async def ask(row: str) -> object:
            turns: Any = [{"role": "user", "content": row}]
            made = await client.chat.completions.create(model="stub", messages=turns, **PARAMS)
            return made.choices[0].message.content

        await all_rows(ask, rows, at_once)


async def bare_openai_over_aiohttp(url: str, rows: Sequence[str], at_once: int) -> None:
    await bare_openai(url, rows, at_once, over_aiohttp=True)


async def our_endpoint(url: str, rows: Sequence[str], at_once: int) -> None:
    async with Endpoint("stub", base_url=url) as teacher:
        await all_rows(lambda row: teacher(Request(row, "stub", PARAMS)), rows, at_once)


def requests_of(folder: Path) -> int:
    """How many answers a run's journal holds."""
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(folder / "journal.db")) as db:
        return int(db.execute("SELECT count(*) FROM answers").fetchone()[0])


def contenders(url: str, args: argparse.Namespace) -> dict[str, Callable[[], int]]:
    """By name: what does its work and returns how many requests that took."""
    rows = [f"Question {number}: {proposal(Random(number))}" for number in range(args.rows)]
    bare = {
        "aiohttp": bare_aiohttp,
        "openai": bare_openai,
        "openai over aiohttp": bare_openai_over_aiohttp,
        "endpoint": our_endpoint,
    }

    def looped(name: str) -> int:
        asyncio.run(bare[name](url, rows, args.at_once))
        return len(rows)

    def piped(recipe: str, **options: Any) -> int:
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "run"
            run(recipe, out=out, model="stub", base_url=url, concurrency=args.at_once, **options)
            return requests_of(out)

    tasks = [{"instruction": row, "input": "", "output": ""} for row in rows]
    loops: dict[str, Callable[[], int]] = {name: lambda name=name: looped(name) for name in bare}  # type: ignore[misc]
    return loops | {
        "respond": lambda: piped("respond", data=tasks),
        "self_instruct": lambda: piped("self_instruct", num=args.tasks),
    }


def measured(work: Callable[[], int]) -> tuple[float, float, int]:
    """Seconds by the clock, seconds of this process's CPU, requests."""
    clock, cpu = time.perf_counter(), time.process_time()
    requests = work()
    return time.perf_counter() - clock, time.process_time() - cpu, requests


def profile_of(work: Callable[[], int]) -> None:
    profile = cProfile.Profile()
    profile.runcall(work)
    pstats.Stats(profile, stream=sys.stdout).sort_stats("tottime").print_stats(35)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=5000)
    parser.add_argument("--tasks", type=int, default=500, help="of self_instruct; 0 leaves it out")
    parser.add_argument("--latency", type=float, default=0.1, help="seconds")
    parser.add_argument("--at-once", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", help="of these names only, comma between them; aiohttp and openai always")
    parser.add_argument("--profile", metavar="NAME", help="afterwards, where one contender's CPU time goes")
    args = parser.parse_args()

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(soft, 2 * args.at_once + 100), hard), hard))
    os.environ.setdefault("OPENAI_API_KEY", "none")
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    server = context.Process(target=serve, args=(theirs, args.latency), daemon=True)
    server.start()
    url = f"http://127.0.0.1:{ours.recv()}/v1"
    chosen = contenders(url, args)
    if not args.tasks:
        del chosen["self_instruct"]
    if args.only:
        names = {"aiohttp", "openai", *args.only.split(",")}
        chosen = {name: work for name, work in chosen.items() if name in names}
    print(
        f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, {args.rows:,} rows, {args.latency * 1000:.0f} ms, "
        f"{args.at_once} in flight, best of {args.rounds}"
    )
    few = contenders(url, argparse.Namespace(**vars(args) | {"rows": 20, "tasks": 3}))
    for name in chosen:  # imports, connections, caches: what a long run pays once
        few[name]()
    rounds = [{name: measured(work) for name, work in chosen.items()} for _ in range(args.rounds)]
    # The least of each: other processes can only add to the clock's seconds, and by their caches to the CPU's.
    best = {name: tuple(map(min, zip(*(found[name] for found in rounds), strict=True))) for name in chosen}
    print_table(best, args)
    if args.profile:
        profile_of(chosen[args.profile])
    server.terminate()


def print_table(best: dict[str, tuple[Any, ...]], args: argparse.Namespace) -> None:
    print(f"{'':20} requests  seconds   ideal  requests/s  ms CPU/request  / aiohttp  / openai")

    def rate(name: str) -> float:
        return float(best[name][2] / best[name][0])

    for name, (seconds, cpu, requests) in best.items():
        ideal = requests * args.latency / args.at_once
        ratios = f"{rate('aiohttp') / rate(name):10.2f} {rate('openai') / rate(name):9.2f}"
        waits = f"{ideal:7.2f}" if name != "self_instruct" else f"{'':7}"  # its steps wait for one another
        cost = 1000 * cpu / requests
        print(f"{name:20} {requests:8,} {seconds:8.2f} {waits} {requests / seconds:11,.0f} {cost:15.2f} {ratios}")


if __name__ == "__main__":
    main()
