"""Runs by the Batch API: as live ones, whenever they are killed and whatever the provider makes of their lines."""

from __future__ import annotations

import asyncio
import io
import re
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import openai
import pytest
from aiohttp import web
from batched import hurry
from cases import CASES, Case
from fakes import SEEDS, simple
from hypothesis import given
from hypothesis import strategies as st
from killing import contents

from selfinstruct.api import run
from selfinstruct.errors import BudgetReached, RunStopped, TeacherFailed, Transient, UsageError, Useless
from selfinstruct.running.execute import carry_out
from selfinstruct.running.progress import Progress
from selfinstruct.running.settings import Settings
from selfinstruct.simulator.server import Faults, Rules
from selfinstruct.simulator.server.api import Api
from selfinstruct.simulator.server.protocol import Refused
from selfinstruct.task import Message
from selfinstruct.teacher import Request, Response, Teacher
from selfinstruct.teachers.batching import queueing
from selfinstruct.teachers.batching.meaning import QueueFull, TooLarge, counts, failure, reply_of, told
from selfinstruct.teachers.batching.queueing import Queue, files
from selfinstruct.teachers.batching.records import Line, Records
from selfinstruct.teachers.batching.shown import Shown, in_words
from selfinstruct.teachers.journal.journal import Journal

BATCHED = Path(__file__).parent / "batched.py"
KINDS = ("self_instruct-en", "self_instruct-zh", "alpaca-en", "respond-en", "evol_instruct-en", "evol_instruct-zh")
Hook = Callable[[web.Request], Awaitable[web.StreamResponse | None]]


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-wanted")
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    hurry()


@dataclass
class Provider:
    """A server with batches, and what it was asked."""

    url: str = ""
    asked: Counter[str] = field(default_factory=Counter)
    """How often each request was answered, by its key."""
    files: int = 0
    batches: list[dict[str, Any]] = field(default_factory=list)
    """What was asked to be made."""
    before: Hook | None = None
    """What is said instead of doing anything."""
    after: Hook | None = None
    """What is said when it is done, instead of the reply to it."""


@asynccontextmanager
async def provider(
    teacher: Callable[[Request], Response] | Teacher = simple,
    *,
    models: tuple[str, ...] = ("simple",),
    now: Callable[[], float] | None = None,
    rules: Rules = Rules(),  # noqa: B008  nobody changes it
    faults: Faults = Faults(),  # noqa: B008
) -> AsyncIterator[Provider]:
    made = Provider()

    async def counted(request: Request, /) -> Response:
        made.asked[request.key] += 1
        answer: Any = teacher(request)
        answered: Response = await answer if asyncio.iscoroutine(answer) else answer
        return answered

    @web.middleware
    async def outermost(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        if made.before and (instead := await made.before(request)) is not None:
            return instead
        if request.method == "POST" and request.path == "/v1/batches":
            made.batches.append(await request.json())
        made.files += request.method == "POST" and request.path == "/v1/files"
        reply = await handler(request)
        if made.after and (instead := await made.after(request)) is not None:
            return instead
        return reply

    clock = now or (lambda: 1_800_000_000.0)
    app = Api(counted, models, faults, None, asyncio.sleep, clock, clock, rules).app(200 * 2**20)
    app.middlewares.insert(0, outermost)
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        yield made
    finally:
        await runner.cleanup()


async def went(case: Case, out: Path, url: str, **options: Any) -> str:
    """A run; what it said."""
    said = io.StringIO()
    given: dict[str, Any] = {"num": case.num, "base_url": url, "batch": True} | options
    settings = Settings(**given)
    with Progress(None, stream=said) as progress:
        await carry_out(case.recipe, case.data, out, settings, {"teacher": "simple"}, progress)
    return said.getvalue()


live = partial(went, batch=False)


def rows(out: Path) -> dict[str, bytes]:
    """All that a run wrote, but for its journal and what was asked beyond the last task."""
    return {name: text for name, text in contents(out).items() if not name.startswith(("journal.db", "batches/"))}


def once(asked: Counter[str]) -> bool:
    return bool(asked) and set(asked.values()) == {1}


# As the live run


@pytest.mark.parametrize("name", KINDS)
async def test_what_comes_is_what_comes_live(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    async with provider() as asked_live, provider() as asked:
        await live(case, tmp_path / "live", asked_live.url)
        said = await went(case, tmp_path / "batch", asked.url)
    assert rows(tmp_path / "batch") == rows(tmp_path / "live")
    assert once(asked.asked)
    assert case.grows or len(asked.asked) <= 1.5 * len(asked_live.asked), "not much is asked beyond the last task"
    assert 1 <= asked.files == len(asked.batches) < 20 < len(asked.asked)
    assert "requests submitted to simple (batch_" in said
    assert {(made["endpoint"], made["completion_window"]) for made in asked.batches} == {
        ("/v1/chat/completions", "24h")
    }


async def test_a_run_goes_in_generations_of_its_width(tmp_path: Path) -> None:
    case = CASES["alpaca-en"]
    sizes = []
    for width in (4, 16):
        recipe = replace(case.recipe, width=width)
        async with provider() as asked:
            said = await went(case._replace(recipe=recipe), tmp_path / str(width), asked.url)
        sizes.append([int(count) for count in re.findall(r": (\d+) requests submitted", said)])
    assert set(sizes[0]) == {4}
    assert set(sizes[1]) == {16}


async def test_answers_are_billed_as_a_batch(tmp_path: Path) -> None:
    async with provider() as asked:
        await went(CASES["respond-en"], tmp_path / "run", asked.url, num=None)
    journal = Journal(tmp_path / "run" / "journal.db")
    assert {response.tier for _, response in journal.responses()} == {"batch"}
    assert not list(journal.lost())
    journal.close()


async def test_completions_are_asked_in_batches_too(tmp_path: Path) -> None:
    case = CASES["alpaca-en"]
    async with provider() as asked:
        await live(case, tmp_path / "live", asked.url, api="completions")
        await went(case, tmp_path / "batch", asked.url, api="completions")
    assert {made["endpoint"] for made in asked.batches} == {"/v1/completions"}
    assert rows(tmp_path / "batch") == rows(tmp_path / "live")


async def test_each_model_has_files_of_its_own(tmp_path: Path) -> None:
    case = CASES["self_instruct-en"]
    first, *others = case.recipe.steps
    steps = (first, *(replace(step, role="judge", model="") for step in others))
    recipe = replace(case.recipe, steps=steps)

    async def outcome(out: Path, url: str, batch: bool) -> dict[str, bytes]:
        settings = Settings(num=20, base_url=url, batch=batch)
        with Progress(None, stream=io.StringIO()) as progress:
            asked = {"teacher": "simple", "judge": "other"}
            await carry_out(recipe, case.data, out, settings, asked, progress)
        return rows(out)

    async with provider(models=("simple", "other")) as asked:
        assert await outcome(tmp_path / "batch", asked.url, True) == await outcome(tmp_path / "live", asked.url, False)
    assert len(asked.batches) >= 4


# Left at any moment


MOMENTS = {
    "before the file is there": ("before", "POST", "/v1/files", 1),
    "when the file is there": ("after", "POST", "/v1/files", 1),
    "before a batch is made": ("before", "POST", "/v1/batches", 1),
    "when a batch is made": ("after", "POST", "/v1/batches", 1),
    "when a second batch is made": ("after", "POST", "/v1/batches", 2),
    "when it is looked at": ("before", "GET", "/v1/batches/", 1),
    "when it is looked at again": ("before", "GET", "/v1/batches/", 4),
    "before the results": ("before", "GET", "/content", 1),
    "after the results": ("after", "GET", "/content", 1),
    "after later results": ("after", "GET", "/content", 2),
}


async def start(url: str, name: str, num: int, out: Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, str(BATCHED), url, name, str(num), str(out), stderr=asyncio.subprocess.PIPE
    )


@pytest.mark.parametrize("moments", [list(MOMENTS)[:5], list(MOMENTS)[5:]], ids=["on the way there", "on the way back"])
async def test_killed_at_one_moment_after_another_is_as_undisturbed(moments: list[str], tmp_path: Path) -> None:
    name, num = "self_instruct-en", 30
    async with provider() as asked:
        await live(CASES[name], tmp_path / "live", asked.url, num=num)
        asked.asked.clear()
        for moment in moments:
            when, method, path, nth = MOMENTS[moment]
            process = await start(asked.url, name, num, tmp_path / "run")
            setattr(asked, when, killing(process, when, method, path, nth))
            await process.communicate()
            assert process.returncode == -9, f"it was over before the moment came: {moment}"
            setattr(asked, when, None)
        process = await start(asked.url, name, num, tmp_path / "run")
        said = (await process.communicate())[1].decode()
        assert process.returncode == 0, said
    assert once(asked.asked), "no line is answered twice"
    assert rows(tmp_path / "run") == rows(tmp_path / "live")


def killing(process: asyncio.subprocess.Process, when: str, method: str, path: str, nth: int) -> Hook:
    left = nth

    async def kills(request: web.Request) -> web.StreamResponse | None:
        nonlocal left
        if request.method == method and path in request.path:
            left -= 1
            if left == 0:
                if when == "before":
                    await request.read()  # all of it, that no half of an upload is left to the server
                process.kill()
                await process.wait()
        return None

    return kills


@pytest.mark.parametrize(
    ("name", "num"),
    [pytest.param(*one, marks=pytest.mark.slow) for one in (("evol_instruct-en", 20), ("self_instruct-zh", 30))],
)
async def test_killed_again_and_again_is_as_undisturbed(name: str, num: int, tmp_path: Path) -> None:
    rng = Random(name)
    async with provider() as asked:
        await live(CASES[name], tmp_path / "live", asked.url, num=num)
        asked.asked.clear()
        for _ in range(4):
            process = await start(asked.url, name, num, tmp_path / "run")
            saying = asyncio.create_task(process.communicate())
            goal = asked.files + rng.randrange(3)
            while not saying.done() and asked.files <= goal:
                await asyncio.sleep(0.005)
            await asyncio.sleep(rng.uniform(0, 0.1))
            if process.returncode is None:
                process.kill()
            await saying
        process = await start(asked.url, name, num, tmp_path / "run")
        said = (await process.communicate())[1].decode()
        assert process.returncode == 0, said
    assert once(asked.asked)
    assert rows(tmp_path / "run") == rows(tmp_path / "live")


async def test_what_was_submitted_is_not_asked_live(tmp_path: Path) -> None:
    case, out = CASES["respond-en"], tmp_path / "run"
    slow = asyncio.Event()

    async def waits(request: Request) -> Response:
        await slow.wait()
        return simple(request)

    async with provider(waits) as asked:
        running = asyncio.create_task(went(case, out, asked.url))
        while not asked.asked:
            await asyncio.sleep(0.01)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert len(list((out / "batches").iterdir())) == 1
        with pytest.raises(UsageError, match=r"give --batch again .* paid for"):
            await live(case, out, asked.url)
        slow.set()
        said = await went(case, out, asked.url)
        assert "requests were submitted before (batch_" in said
        assert once(asked.asked)
        assert not (out / "batches").exists()
        await live(case, out, asked.url)
        assert once(asked.asked), "all of it is in the journal"


async def test_a_larger_num_finds_what_was_asked_beyond(tmp_path: Path) -> None:
    case, out = CASES["self_instruct-en"], tmp_path / "run"
    async with provider() as asked:
        await went(case, out, asked.url, num=10)
        await went(case, out, asked.url, num=30)
        assert once(asked.asked)
        await live(case, tmp_path / "live", asked.url, num=30)
    assert rows(out) == rows(tmp_path / "live")


async def test_a_batch_that_is_gone(tmp_path: Path) -> None:
    """Another key, another server: one line says whose it was, and what to do."""
    case, out = CASES["respond-en"], tmp_path / "run"

    async def waits(request: Request) -> Response:
        return await asyncio.Future()

    async with provider(waits) as asked:
        running = asyncio.create_task(went(case, out, asked.url))
        while not asked.asked:
            await asyncio.sleep(0.01)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    async with provider() as other:
        with pytest.raises(TeacherFailed, match=r"does not know batch_\w+ \(HTTP 404\).*delete the run's"):
            await went(case, out, other.url)
        assert not other.asked


# What a provider makes of it


class Walking:
    """A clock that goes on by so much for each request that is answered."""

    def __init__(self, step: float) -> None:
        self.now, self.step = 1_800_000_000.0, step

    def __call__(self) -> float:
        return self.now

    def answer(self, request: Request) -> Response:
        self.now += self.step
        return simple(request)


async def test_lines_that_expired_are_in_the_next_batch(tmp_path: Path) -> None:
    case, clock = CASES["respond-en"], Walking(10)
    async with provider(clock.answer, now=clock, rules=Rules(window=55)) as asked:
        await went(case, tmp_path / "run", asked.url)
        assert once(asked.asked)
        assert len(asked.batches) == 4, "six of twenty at a time"
        await live(case, tmp_path / "live", asked.url)
    assert rows(tmp_path / "run") == rows(tmp_path / "live")


async def test_lines_that_failed_for_now_are_in_the_next_batch(tmp_path: Path) -> None:
    case = CASES["self_instruct-en"]
    async with provider(faults=Faults(errors=0.15, seed=3)) as asked, provider() as well:
        await went(case, tmp_path / "run", asked.url)
        await live(case, tmp_path / "live", well.url)
    assert once(asked.asked)
    assert rows(tmp_path / "run") == rows(tmp_path / "live")


def refusing(some: Callable[[Request], bool], status: int = 400) -> Callable[[Request], Response]:
    def answer(request: Request) -> Response:
        if some(request):
            raise Refused(status, "This cannot be asked here")
        return simple(request)

    return answer


async def test_refused_lines_are_their_rows_rejections(tmp_path: Path) -> None:
    case = CASES["respond-en"]
    async with provider(refusing(lambda request: request.key < "4")) as asked:
        await live(case, tmp_path / "live", asked.url)
        await went(case, tmp_path / "run", asked.url)
    assert rows(tmp_path / "run") == rows(tmp_path / "live")
    assert b"refused by the server" in (tmp_path / "run" / "rejected.jsonl").read_bytes()


@pytest.mark.parametrize("status", [400, 404])
async def test_all_lines_refused_stop_the_run(status: int, tmp_path: Path) -> None:
    async with provider(refusing(lambda request: True, status)) as asked:
        with pytest.raises(TeacherFailed, match="This cannot be asked here"):
            await went(CASES["respond-en"], tmp_path / "run", asked.url)
        assert len(asked.batches) == 1


async def test_lines_that_never_work_stop_the_run(tmp_path: Path) -> None:
    async with provider(faults=Faults(errors=1)) as asked:
        with pytest.raises(TeacherFailed, match=r"no answer in 4 batches \(request"):
            await went(CASES["respond-en"], tmp_path / "run", asked.url)
        assert len(asked.batches) == 4


@pytest.mark.slow
async def test_small_files_where_few_tokens_may_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queueing, "FIRST", 1.0)  # seconds; a minute otherwise
    case = CASES["respond-en"]
    async with provider(rules=Rules(enqueued=400)) as asked:
        said = await went(case, tmp_path / "run", asked.url)
        assert once(asked.asked)
        assert len(asked.batches) > 3
        assert "Limit: 400 enqueued tokens" in said
        await live(case, tmp_path / "live", asked.url)
    assert rows(tmp_path / "run") == rows(tmp_path / "live")


@pytest.mark.parametrize("rules", [Rules(lines=3), Rules(bytes=900)])
async def test_small_files_where_large_ones_are_not_taken(rules: Rules, tmp_path: Path) -> None:
    case = CASES["respond-en"]
    async with provider(rules=rules) as asked:
        await went(case, tmp_path / "run", asked.url)
        assert once(asked.asked)
        assert len(asked.batches) > 5
        await live(case, tmp_path / "live", asked.url)
    assert rows(tmp_path / "run") == rows(tmp_path / "live")


async def test_a_cancelled_batch_stops_the_run_and_is_asked_on(tmp_path: Path) -> None:
    case, out, reached, go_on = CASES["respond-en"], tmp_path / "run", asyncio.Event(), asyncio.Event()

    async def stops(request: Request) -> Response:
        if len(asked.asked) == 7:
            reached.set()
            await go_on.wait()
        return simple(request)

    async with provider(stops) as asked:
        running = asyncio.create_task(went(case, out, asked.url))
        await reached.wait()
        async with openai.AsyncOpenAI(base_url=asked.url) as client:
            [made] = (await client.batches.list()).data
            assert made.metadata
            assert set(made.metadata) == {"selfinstruct"}
            await client.batches.cancel(made.id)
        go_on.set()
        with pytest.raises(RunStopped, match=rf"{made.id} was cancelled at the provider"):
            await running
        await went(case, out, asked.url)
        assert once(asked.asked)
        await live(case, tmp_path / "live", asked.url)
    assert rows(out) == rows(tmp_path / "live")


# What nobody needs any more


async def left_there(url: str) -> tuple[list[str], set[str]]:
    """The files at the provider, and how its batches ended."""
    async with openai.AsyncOpenAI(base_url=url) as client:
        names = [file.filename async for file in client.files.list()]
        return names, {batch.status async for batch in client.batches.list()}


async def test_files_are_deleted_once_all_is_journaled(tmp_path: Path) -> None:
    async with provider(faults=Faults(errors=0.2, seed=3)) as asked:
        await went(CASES["respond-en"], tmp_path / "run", asked.url)
        assert await left_there(asked.url) == ([], {"completed"})


@dataclass
class Endless:
    """A teacher whose second batch of proposals never comes, until it is cancelled."""

    useful: bool
    """Whether what it answers to the later steps is."""
    proposals: int = 0
    cancelled: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, request: Request, /) -> Response:
        if request.model == "simple":
            self.proposals += 1
            if self.proposals > 16 and not self.cancelled.is_set():
                await self.cancelled.wait()
        elif not self.useful:
            return Response("Hm.", "stop", "other", 300, 2)
        return simple(replace(request, model="simple"))

    async def sees(self, request: web.Request) -> web.StreamResponse | None:
        if request.path.endswith("/cancel"):
            self.cancelled.set()
        return None


async def by_two(out: Path, url: str, num: int, batch: bool = True) -> str:
    """A run whose proposals are in files of their own; what it said."""
    case = CASES["self_instruct-en"]
    first, *others = case.recipe.steps
    recipe = replace(case.recipe, width=16, steps=(first, *(replace(one, role="judge", model="") for one in others)))
    said = io.StringIO()
    with Progress(None, stream=said) as progress:
        settings = Settings(num=num, base_url=url, batch=batch)
        await carry_out(recipe, case.data, out, settings, {"teacher": "simple", "judge": "other"}, progress)
    return said.getvalue()


async def test_what_a_finished_run_does_not_need_is_cancelled(tmp_path: Path) -> None:
    teacher, out = Endless(useful=True), tmp_path / "run"
    async with provider(teacher, models=("simple", "other")) as asked:
        asked.after = teacher.sees
        said = await by_two(out, asked.url, 5)
        assert re.search(r"\d+ requests are in batches that nobody needs: they are cancelled", said)
        assert "still in batches" not in said
        assert await left_there(asked.url) == ([], {"completed", "cancelled"})
        assert not (out / "batches").exists()
        assert teacher.proposals <= 16 + len(asked.batches), "in each batch the one that was being answered"
        await by_two(out, asked.url, 60)
        assert once(asked.asked), "and that one is in the journal"
        await by_two(tmp_path / "live", asked.url, 60, batch=False)
    assert rows(out) == rows(tmp_path / "live")


async def test_useless_answers_stop_a_batch_too(tmp_path: Path) -> None:
    teacher = Endless(useful=False)
    async with provider(teacher, models=("simple", "other")) as asked:
        asked.after = teacher.sees
        with pytest.raises(Useless, match=r"step (classify|instances): "):
            await by_two(tmp_path / "run", asked.url, 60)
        assert "cancelled" in (await left_there(asked.url))[1]
        assert teacher.proposals <= 16 + len(asked.batches)


async def test_a_provider_that_cancels_and_deletes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is there is left there, and found by a later start."""
    monkeypatch.setattr("selfinstruct.running.work.LATE", 0.2)
    monkeypatch.setattr("selfinstruct.teachers.batching.provider.PAUSE", 0.01)
    teacher, out = Endless(useful=True), tmp_path / "run"

    async def refuses(request: web.Request) -> web.StreamResponse | None:
        if request.method == "DELETE" or request.path.endswith("/cancel"):
            return web.json_response({"error": {"message": "not here"}}, status=500)
        return None

    async with provider(teacher, models=("simple", "other")) as asked:
        asked.before = refuses
        said = await by_two(out, asked.url, 5)
        assert "requests are still in batches: a later start has their answers" in said
        assert list((out / "batches").iterdir())
        teacher.cancelled.set()
        assert "requests were submitted before" in await by_two(out, asked.url, 60)
        assert once(asked.asked)


async def test_the_newer_api_is_asked_in_batches_too(tmp_path: Path) -> None:
    case = CASES["alpaca-en"]
    async with provider() as asked:
        await live(case, tmp_path / "live", asked.url, api="responses")
        await went(case, tmp_path / "batch", asked.url, api="responses")
    assert {made["endpoint"] for made in asked.batches} == {"/v1/responses"}
    assert rows(tmp_path / "batch") == rows(tmp_path / "live")


@pytest.mark.parametrize("path", ["/v1/files", "/v1/batches"])
async def test_a_server_without_batches(path: str, tmp_path: Path) -> None:
    async def nowhere(request: web.Request) -> web.StreamResponse | None:
        return web.json_response({"detail": "Not Found"}, status=404) if request.path == path else None

    async with provider() as asked:
        asked.before = nowhere
        with pytest.raises(TeacherFailed, match=r"has no Batch API \(HTTP 404\): leave --batch out$"):
            await went(CASES["respond-en"], tmp_path / "run", asked.url)
        asked.before = None
        await live(CASES["respond-en"], tmp_path / "run", asked.url)


async def test_no_failure_on_the_way_makes_a_batch_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every call about a batch fails three times: refused, dropped before it was done, and dropped after."""
    monkeypatch.setattr("selfinstruct.teachers.batching.provider.PAUSE", 0.01)
    case, failed = CASES["respond-en"], Counter[str]()

    def hung_up(request: web.Request) -> web.StreamResponse:
        assert request.transport
        request.transport.abort()
        return web.Response()

    def name(request: web.Request) -> str:
        return f"{request.method} {re.sub('(batch_|file-)[^/]+', 'ID', request.path)}"

    async def before(request: web.Request) -> web.StreamResponse | None:
        failed[name(request)] += 1
        if failed[name(request)] == 1:
            return web.json_response({"error": {"message": "busy"}}, status=503)
        return hung_up(request) if failed[name(request)] == 2 else None

    async def after(request: web.Request) -> web.StreamResponse | None:
        return hung_up(request) if failed[name(request)] == 3 else None

    async with provider() as asked:
        asked.before, asked.after = before, after
        await went(case, tmp_path / "run", asked.url, num=None)
        assert once(asked.asked)
        assert len(asked.batches) == 1
        asked.before = asked.after = None
        await live(case, tmp_path / "live", asked.url, num=None)
    assert min(failed.values()) >= 3
    assert rows(tmp_path / "run") == rows(tmp_path / "live")


# Money


async def test_a_budget_is_never_overshot_and_goes_on(tmp_path: Path) -> None:
    case, out = CASES["respond-en"], tmp_path / "run"
    async with provider() as asked:
        await live(case, tmp_path / "live", asked.url)
        with journal_of(tmp_path / "live") as journal:
            whole = sum((r.input_tokens or 0) + (r.output_tokens or 0) for _, r in journal.responses())
        asked.asked.clear()
        with pytest.raises(BudgetReached, match="--max-tokens-total to go on"):
            await went(case, out, asked.url, max_tokens_total=whole // 2)
        with journal_of(out) as journal:
            used = sum((r.input_tokens or 0) + (r.output_tokens or 0) for _, r in journal.responses())
        assert 0 < used <= whole // 2
        await went(case, out, asked.url)
        assert once(asked.asked)
    assert rows(out) == rows(tmp_path / "live")


def journal_of(out: Path) -> Any:
    return closing(Journal(out / "journal.db"))


@pytest.mark.parametrize("model", ["builtin", "local:somewhere", str.upper])
def test_who_answers_here_has_no_batches(model: Any, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"--batch is for a provider's Batch API, and .* answers here: leave it out"):
        run("respond", data=SEEDS, out=tmp_path / "run", teacher=model, batch=True)
    assert not (tmp_path / "run").exists()


# By itself


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=8,
)
ROW = st.fixed_dictionaries(
    {},
    optional={
        name: ANY | st.fixed_dictionaries({}, optional={"status_code": ANY, "body": ANY, "code": ANY, "data": ANY})
        for name in ("response", "error", "errors", "request_counts", "status")
    },
)


@given(row=ROW)
def test_no_row_of_a_provider_is_a_crash(row: dict[str, Any]) -> None:
    assert isinstance(reply_of(row), Transient) or row["response"]["status_code"] >= 100
    assert counts(row)
    assert isinstance(failure(row, "there", str), QueueFull | TooLarge | TeacherFailed)


def test_what_a_failed_batch_says() -> None:
    def said(code: str, message: str) -> Any:
        return failure({"errors": {"data": [{"code": code, "message": message, "line": 3}]}}, "there", str)

    full = said("token_limit_exceeded", "Enqueued token limit reached for m in o. Limit: 2,000,000 enqueued")
    assert isinstance(full, QueueFull)
    assert full.limit == 2_000_000
    assert isinstance(said("too_many_tasks", "fewer"), TooLarge)
    assert "may not be had by batch, or leave --batch out" in str(said("model_not_found", "the model is unknown"))
    assert "line 3" in str(said("invalid_json_line", "no JSON"))
    assert told("rate_limit_exceeded", "slow down") is None


@dataclass
class Sized:
    size: int
    tokens: int


@given(
    calls=st.lists(st.builds(Sized, st.integers(1, 9), st.integers(1, 9)), max_size=30),
    lines=st.integers(1, 5),
    size=st.integers(1, 20),
    tokens=st.none() | st.integers(1, 20),
)
def test_files_hold_everything_in_order_within_limits(
    calls: list[Sized], lines: int, size: int, tokens: int | None
) -> None:
    parts = list(files(calls, Queue(lines, size, tokens)))
    assert [call for part in parts for call in part] == calls
    for part in parts:
        assert 1 <= len(part) <= lines
        assert len(part) == 1 or sum(call.size for call in part) <= size
        assert len(part) == 1 or tokens is None or sum(call.tokens for call in part) <= tokens


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    turns = (Message(role="user", content="half \ud83d"), Message(role="assistant", content="Well"))
    lines = [Line("respond", Request(turns, "m", {"stop": ["\n"], "temperature": 0.7}, 2)), Line("", Request("é", "m"))]
    records = Records(tmp_path / "batches")
    record = records.write("m", "/chat/completions", 12.5, lines)
    record.learn(file="file-1")
    with record.path.open("ab") as file:
        file.write(b'{"batch": "batch_')  # a power cut
    [found] = records.there()
    assert list(found.lines()) == lines
    assert [line.request.key for line in found.lines()] == [line.request.key for line in lines]
    assert (found.model, found.url, found.at, found.known) == ("m", "/chat/completions", 12.5, {"file": "file-1"})
    found.forget()
    assert records.there() == []
    assert not (tmp_path / "batches").exists()


def test_what_is_waited_for_in_words() -> None:
    waiting = Shown(2, 5000, since=1000.0, done=812)
    words = "batch 2: 812 of 5,000 answered, submitted 14 min ago; this may be left: the same command goes on"
    assert in_words([waiting], 1840.0) == words
    assert in_words([Shown(1, 3)], 0.0) == "batch 1: 3 requests are being sent"
    assert in_words([], 0.0) == ""
