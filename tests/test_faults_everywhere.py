"""A whole run against a server that misbehaves in every way: the same bytes as from one that does not.

What takes no more than seconds is in every run of the tests; `pytest -m slow` has all of it.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from killing import contents
from served import Meddle, entries, served

from selfinstruct import arun
from selfinstruct.api import Run
from selfinstruct.simulator.exam import write_exam
from selfinstruct.simulator.server import Faults
from selfinstruct.task import Task

DATA: list[Task] = write_exam("en", 40, seed=1)  # what the built-in teacher knows
LATE = 0.02

slow = pytest.mark.slow


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-wanted")
    monkeypatch.setenv("NO_PROXY", "*")
    for name in ("OPENAI_BASE_URL", "SELFINSTRUCT_MODEL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What a run writes that nobody disturbs."""
    out = tmp_path_factory.mktemp("undisturbed") / "run"
    with pytest.MonkeyPatch.context() as changed:
        changed.setenv("OPENAI_API_KEY", "sk-wanted")

        async def work() -> None:
            async with served() as url:
                await ran(out, url)

        asyncio.run(work())
    return contents(out)


async def ran(out: Path, url: str, **options: Any) -> Run:
    given: dict[str, Any] = {"data": DATA, "model": "builtin", "concurrency": 8, "base_url": url, "patience": 60}
    return await arun("respond", out=out, **given | options)


def every(number: int, reply: Callable[[], web.StreamResponse]) -> Meddle:
    """Each n-th request gets this instead."""
    count = itertools.count(1)

    async def meddle(request: web.Request) -> web.StreamResponse | None:
        return reply() if next(count) % number == 0 else None

    return meddle


def meanwhile(begin: int, seconds: float, reply: Callable[[], web.StreamResponse]) -> Meddle:
    """Everybody gets this for so long, from the n-th request on."""
    count, began = itertools.count(1), list[float]()

    async def meddle(request: web.Request) -> web.StreamResponse | None:
        if next(count) == begin:
            began.append(time.monotonic())
        return reply() if began and time.monotonic() < began[0] + seconds else None

    return meddle


def about(words: str, reply: Callable[[], web.StreamResponse]) -> Meddle:
    """Whoever asks about this gets this."""

    async def meddle(request: web.Request) -> web.StreamResponse | None:
        prompt = json.loads(await request.read())["messages"][0]["content"]
        return reply() if words in prompt else None

    return meddle


def says(status: int, text: str = "no", **headers: str) -> Callable[[], web.StreamResponse]:
    body = {"error": {"message": text, "type": "some_error", "param": None, "code": None}}
    return lambda: web.json_response(body, status=status, headers=headers)


async def hangs(request: web.Request) -> web.StreamResponse | None:
    await asyncio.sleep(3600)
    raise AssertionError


MIXED = Faults(LATE, LATE, errors=0.03, drops=0.03, timeouts=0.02, cuts=0.03, empties=0.03, garbage=0.03)
KINDS: dict[str, dict[str, Any]] = {
    "errors": {"faults": Faults(LATE, LATE, errors=0.15)},
    "drops": {"faults": Faults(LATE, LATE, drops=0.15)},
    "time-outs": {"faults": Faults(LATE, LATE, timeouts=0.05)},
    "cuts": {"faults": Faults(LATE, LATE, cuts=0.15)},
    "answers without choices": {"faults": Faults(LATE, LATE, empties=0.15)},
    "pages of HTML": {"faults": Faults(LATE, LATE, garbage=0.15)},
    "a limit of requests": {"faults": Faults(LATE, LATE, rpm=30)},
    "a limit of tokens": {"faults": Faults(LATE, LATE, tpm=3000)},
    "429 without headers": {"meddle": every(5, says(429))},
    "503": {"meddle": every(5, says(503))},
    "403 for three seconds": {"meddle": meanwhile(15, 3.0, says(403))},
    "all of them mixed": {"faults": MIXED, "meddle": every(15, says(429))},
}


@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=() if kind in ("cuts", "all of them mixed") else slow) for kind in KINDS]
)
async def test_faults_change_nothing(kind: str, whole: dict[str, bytes], tmp_path: Path) -> None:
    async with served(**KINDS[kind]) as url:
        await ran(tmp_path / "run", url, timeout=1.5)
    assert contents(tmp_path / "run") == whole


@pytest.mark.parametrize("concurrency", [1, 16, 64])
async def test_concurrency_changes_nothing(concurrency: int, whole: dict[str, bytes], tmp_path: Path) -> None:
    async with served(faults=Faults(jitter=0.01)) as url:
        await ran(tmp_path / "run", url, concurrency=concurrency)
    assert contents(tmp_path / "run") == whole


@slow
async def test_a_server_that_is_gone_for_a_while_changes_nothing(whole: dict[str, bytes], tmp_path: Path) -> None:
    async with served(faults=Faults(0.05), log=str(tmp_path / "log")) as url:
        work = asyncio.create_task(ran(tmp_path / "run", url))
        while len(entries(tmp_path / "log")) < 20:
            await asyncio.sleep(0.01)
    await asyncio.sleep(2)
    assert not work.done()
    async with served(port=int(url.split(":")[2].split("/")[0])):
        await work
    assert contents(tmp_path / "run") == whole


@pytest.mark.parametrize("status", [400, 413, 422, 403])
async def test_a_row_that_is_always_refused(status: int, whole: dict[str, bytes], tmp_path: Path) -> None:
    """It is one rejection, with its id and the server's words; healed, it is undisturbed; a new folder asks little."""
    out, log, bad = tmp_path / "run", tmp_path / "log", DATA[7]
    async with served(meddle=about(bad.instruction, says(status, "this row is not for us"))) as url:
        run = await ran(out, url)
    (refused,) = [item for item in run.rejected if item.category == "refused by the server"]
    assert (refused.task, refused.text) == (bad.id, bad.instruction)
    assert "this row is not for us" in refused.detail
    assert len(run.tasks) + len(run.rejected) == len(whole["tasks.jsonl"].splitlines()) + len(
        whole["rejected.jsonl"].splitlines()
    )
    refusing = contents(out)
    shutil.copytree(out, tmp_path / "copy")
    async with served(log=str(log)) as url:
        await ran(out, url)
        assert contents(out) == refusing, "healed or not, what is journaled stands"
        await ran(tmp_path / "new", url, journal=str(tmp_path / "copy"))
        assert contents(tmp_path / "new") == refusing
        assert not entries(log)
        await ran(tmp_path / "healed", url, journal=str(tmp_path / "copy"), retry_rejected=True)
        assert len({line.key for line in entries(log)}) == 1
        await ran(out, url, retry_rejected=True)
        assert len(entries(log)) == 4, "asked and answered, once in each folder"
    assert contents(tmp_path / "healed") == whole
    assert contents(out) == whole


def unneeded(out: Path) -> int:
    """Have the journal forget the proposals that no row came from, as if they had not been asked ahead; how many."""
    named = set(re.findall("[0-9a-f]{12}", (out / "tasks.jsonl").read_text() + (out / "rejected.jsonl").read_text()))
    with closing(sqlite3.connect(out / "journal.db")) as db, db:
        keys = [key for (key,) in db.execute("SELECT key FROM answers WHERE step = 'propose'")]
        ahead = [(key,) for key in keys if key[:12] not in named]
        db.executemany("DELETE FROM answers WHERE key = ?", ahead)
    return len(ahead)


@slow
async def test_a_finished_dataset_waits_for_nobody_for_long(tmp_path: Path) -> None:
    out = tmp_path / "run"
    async with served() as url:
        given: dict[str, Any] = {"model": "builtin", "base_url": url}
        await arun("self_instruct", out=out, num=20, **given)
    expected = contents(out)
    assert unneeded(out)
    for name in ("tasks.jsonl", "rejected.jsonl", "alpaca.jsonl", "messages.jsonl"):
        (out / name).unlink()
    async with served(meddle=hangs) as url:
        began = time.monotonic()
        work = asyncio.create_task(arun("self_instruct", out=out, num=20, **given | {"base_url": url}))
        while not (out / "messages.jsonl").exists():
            await asyncio.sleep(0.02)
            assert time.monotonic() - began < 10
        exported = time.monotonic() - began
        assert not work.done()
        await work
    assert exported < 5, "2 s on an idle machine"
    assert 15 < time.monotonic() - began < 30
    assert contents(out) == expected
