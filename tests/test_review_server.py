"""The page's server: who is let in, what is saved before it says so, and that a kill loses nothing of it."""

from __future__ import annotations

import asyncio
import errno
import io
import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from killing import SELFINSTRUCT, environment

from selfinstruct.errors import UsageError
from selfinstruct.listening import listening
from selfinstruct.reviewing import record as record_file
from selfinstruct.reviewing.record import Opinion, Record
from selfinstruct.reviewing.reviews import begun, compared
from selfinstruct.reviewing.server import PAGE, Desk
from selfinstruct.task import Instance, Task, json_line, task_to_row

HOSTILE = "<img src=x onerror=alert(1)><script>alert(1)</script>\u202e\x1b[2J"
ROWS = [Task(f"t{n}", f"Name river {n}.", (Instance("", f"{HOSTILE} {n}"),)) for n in range(20)]
GOOD = {"task": "yes", "input": "yes", "output": "yes"}


def review(path: Path, wanted: int = 5) -> Record:
    out = path / "review.jsonl"
    return begun(ROWS, ("rows.jsonl",), out, wanted=wanted, seed=0, by="", judge=None)


def pairs(path: Path) -> Record:
    others = [Task(task.id, task.instruction, (Instance("", "other"),)) for task in ROWS]
    return compared(lambda: ROWS, lambda: others, ("mine", "theirs"), path / "pairs.jsonl", wanted=20, seed=0)


class Client:
    def __init__(self, http: ClientSession, url: str, token: str) -> None:
        self.http, self.url, self.token = http, url, token
        self.headers: dict[str, str] = {}
        self._events = 0

    async def open(self) -> Client:
        status, body = await self.post("open", {"token": self.token})
        assert status == 200
        self.headers["Authorization"] = f"Bearer {body['session']}"
        return self

    async def post(self, path: str, body: Any, **headers: str) -> tuple[int, Any]:
        async with self.http.post(self.url + path, json=body, headers=self.headers | headers) as reply:
            return reply.status, await reply.json()

    async def get(self, path: str, **headers: str) -> tuple[int, Any]:
        async with self.http.get(self.url + path, headers=self.headers | headers) as reply:
            return reply.status, await reply.json()

    async def say(self, number: int, answers: Any = None, **more: Any) -> tuple[int, Any]:
        self._events += 1
        body = {"event": f"{id(self)}-{self._events}", "item": number, "state": "done", "note": "", "texts": {}}
        return await self.post("say", body | {"answers": GOOD if answers is None else answers} | more)


@asynccontextmanager
async def served(record: Record, *names: str) -> AsyncIterator[list[Client]]:
    """A client for each person, let in."""
    desk = Desk(record, names or ("anna",))
    links = dict(desk.doors.links)
    async with listening(desk.app()) as url, ClientSession() as http:
        yield [await Client(http, url, token).open() for token in links]


# Who is let in


async def test_a_link_opens_once(tmp_path: Path) -> None:
    async with served(review(tmp_path)) as (anna,):
        assert (await anna.get("state"))[0] == 200
        assert await anna.post("open", {"token": anna.token}) == (403, {"error": "link used"})
        for token in ("", None, 7, anna.token[:-1], "\ud800"):
            assert (await anna.post("open", {"token": token}))[0] == 403
        assert (await anna.get("state"))[0] == 200, "the session goes on"


async def test_nothing_is_told_or_taken_without_a_session(tmp_path: Path) -> None:
    record = review(tmp_path)
    before = record.path.read_bytes()
    async with served(record) as (anna,):
        anna.headers.clear()
        for path in ("state", "items/0", "table"):
            for given in ({}, {"Authorization": "Bearer "}, {"Authorization": f"Bearer {anna.token}"}):
                assert await anna.get(path, **given) == (401, {"error": "no session"})
        assert (await anna.say(0))[0] == 401
        assert (await anna.post("undo", {"event": "12345678"}))[0] == 401
        async with anna.http.get(anna.url) as page:
            text = await page.text()
            assert page.status == 200
    assert record.path.read_bytes() == before
    assert not any(task.instruction in text for task in ROWS)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 403),
        ({"Host": "127.0.0.1.evil.example:80"}, 403),
        ({"Host": "evil.example:127.0.0.1"}, 403),
        ({"Host": "0.0.0.0:8000"}, 403),
        ({"Host": "127.0.0.1:80@evil.example"}, 403),
        ({"Host": "LOCALHOST:80"}, 200),
        ({"Host": ""}, 403),
        ({"Host": "localhost:9999"}, 200),
        ({"Host": "127.0.0.1"}, 200),
        ({"Host": "[::1]:80"}, 200),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),
        ({"Host": "localhost:9999", "Origin": "http://localhost:9999"}, 200),
        ({"Host": "localhost:9999", "Origin": "https://localhost:9999"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
    ],
)
async def test_other_names_and_other_pages_are_refused(headers: dict[str, str], status: int, tmp_path: Path) -> None:
    """DNS rebinding comes with the other host's name, and a page of another origin says so."""
    async with served(review(tmp_path)) as (anna,):
        assert (await anna.get("state", **headers))[0] == status
        assert (await anna.post("undo", {"event": "12345678"}, **headers))[0] == status


async def test_every_reply_keeps_the_page_to_itself(tmp_path: Path) -> None:
    async with served(review(tmp_path)) as (anna,):
        for path in ("", "review.js", "words.js", "review.css", "style.css", "state", "none", "items/99"):
            async with anna.http.get(anna.url + path, headers=anna.headers) as reply:
                policy = reply.headers["Content-Security-Policy"]
                assert "default-src 'none'" in policy
                assert "unsafe" not in policy
                assert reply.headers["X-Content-Type-Options"] == "nosniff"
                assert reply.headers["Cache-Control"] == "no-store"
                assert "Set-Cookie" not in reply.headers
                assert reply.status == (404 if path in ("none", "items/99") else 200)
        async with anna.http.get(f"{anna.url}../record.py", headers=anna.headers) as reply:
            assert reply.status == 404


def test_the_page_runs_nothing_that_is_not_in_its_files() -> None:
    html = (PAGE / "review.html").read_text()
    assert not re.search(r"\son\w+=|style=|javascript:|https?:", html)
    assert not re.search(r"<script(?![^>]*src=)", html)
    code = "".join((PAGE / name).read_text() for name in ("review.js", "words.js"))
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|https?:", code)


# What is saved


async def test_what_was_said_is_in_the_file_when_it_is_saved(tmp_path: Path) -> None:
    record = review(tmp_path)
    async with served(record) as (anna,):
        assert await anna.say(2, texts={"output": "Mended."}, note="half") == (200, {"saved": True})
        mine = Record(record.path).opinion(2, "anna")
        assert mine == Opinion("done", GOOD, "half", {"output": "Mended."})
        _, item = await anna.get("items/2")
        assert item["opinion"] == {"state": "done", "answers": GOOD, "note": "half", "texts": {"output": "Mended."}}
        assert HOSTILE in item["fields"][2]["text"], "it comes as it is, in JSON, and the page shows it as text"
        assert (await anna.get("state"))[1]["states"] == ["", "", "done", "", ""]


async def test_a_request_that_is_sent_again_counts_once(tmp_path: Path) -> None:
    record = review(tmp_path)
    async with served(record) as (anna,):
        for _ in range(3):
            await anna.say(1, event="the-same-event")
        size = record.path.stat().st_size
        await anna.say(1, {"task": "no"}, event="the-same-event", state="draft")
        assert record.path.stat().st_size == size
        assert (await anna.post("undo", {"event": "undo-event-1"}))[1] == {"item": 1}
        assert (await anna.post("undo", {"event": "undo-event-1"}))[1] == {"item": 1}
        assert (await anna.post("undo", {"event": "undo-event-2"}))[1] == {"item": None}
        assert (await anna.get("items/1"))[1]["opinion"]["state"] == "draft"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"item": 99}, 404),
        ({"item": -1}, 404),
        ({"item": True}, 404),
        ({"item": "zero"}, 404),
        ({"state": "finished"}, 400),
        ({"answers": {"task": "perhaps"}}, 400),
        ({"answers": {"better": "left"}}, 400),
        ({"answers": {"task": "yes"}}, 400),
        ({"answers": []}, 400),
        ({"texts": {"id": "x"}}, 400),
        ({"texts": {"output": 3}}, 400),
        ({"note": "x" * 20_001}, 400),
        ({"event": "short"}, 400),
        ({"event": None}, 400),
    ],
)
async def test_what_no_page_sends_is_refused(body: dict[str, Any], status: int, tmp_path: Path) -> None:
    record = review(tmp_path)
    before = record.path.read_bytes()
    async with served(record) as (anna,):
        assert (await anna.say(0, **body))[0] == status
    assert record.path.read_bytes() == before


async def test_bodies_that_are_no_json(tmp_path: Path) -> None:
    async with served(review(tmp_path)) as (anna,):
        for data, kind, status in [
            (b"{", "application/json", 400),
            (b"[" * 100_000, "application/json", 400),
            (b"[1]", "application/json", 400),
            (b"{}", "text/plain", 415),
            (io.BytesIO(b" " * 9_000_000), "application/json", 413),
        ]:
            headers = anna.headers | {"Content-Type": kind}
            async with anna.http.post(anna.url + "say", data=data, headers=headers) as reply:
                assert reply.status == status


async def test_a_full_disk_is_told_and_the_same_request_may_come_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = review(tmp_path)

    def full(*args: object, **more: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    async with served(record) as (anna,):
        with monkeypatch.context() as patched:
            patched.setattr(record_file, "_append", full)
            assert await anna.say(0, event="event-one") == (507, {"error": "No space left on device"})
        assert (await anna.say(0, event="event-one"))[0] == 200
    assert Record(record.path).opinion(0, "anna").state == "done"


async def test_several_people_at_once(tmp_path: Path) -> None:
    record = review(tmp_path)
    async with served(record, "anna", "ben", "小明") as people:
        states = (
            one.say(n, GOOD | {"output": "no"} if n == k else GOOD) for k, one in enumerate(people) for n in range(5)
        )
        assert {status for status, _ in await asyncio.gather(*states)} == {200}
        _, item = await people[1].get("items/1")
        assert item["opinion"]["answers"]["output"] == "no", "nobody sees what others say"
        _, table = await people[0].get("table")
    assert table["people"] == ["anna", "ben", "小明"]
    assert table["done"] == 5
    assert len(table["agreement"]) == 9
    assert all(len(said) == 3 for said in Record(record.path).opinions().values())


async def test_a_comparison_says_nowhere_whose_answer_it_is(tmp_path: Path) -> None:
    record = pairs(tmp_path)
    async with served(record) as (anna,):
        left = []
        for number in range(20):
            _, item = await anna.get(f"items/{number}")
            assert "mine" not in json.dumps(item)
            assert "theirs" not in json.dumps(item)
            texts = [item[side][0]["text"] for side in ("left", "right")]
            assert sorted(text == "other" for text in texts) == [False, True]
            left.append(texts[0] == "other")
            assert await anna.get("table") == (409, {"error": "not yet"})
            side = "left" if left[-1] else "right"  # the second one, wherever it stands
            assert (await anna.say(number, {"better": side}))[0] == 200
            assert (await anna.get(f"items/{number}"))[1]["opinion"]["answers"] == {"better": side}
        assert 4 < sum(left) < 16
        _, table = await anna.get("table")
        assert (table["second"], table["names"]) == (20, ["mine", "theirs"])
        assert (await anna.say(0, {}))[0] == 400
        assert (await anna.say(0, {"better": "second"}))[0] == 400


async def test_a_port_that_is_taken(tmp_path: Path) -> None:
    app = Desk(review(tmp_path), ("anna",)).app
    async with listening(app()) as url:
        port = int(url.rsplit(":", 1)[1].strip("/"))
        with pytest.raises(UsageError, match="is in use"):
            async with listening(app(), port):
                pass


# A real process, killed


def posted(url: str, body: Any, session: str = "") -> Any:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {session}"}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=30) as reply:
        return json.load(reply)


def command(folder: Path) -> subprocess.Popen[str]:
    words = [*SELFINSTRUCT, "review", "rows.jsonl", "--sample", "12", "--as", "anna"]
    env = environment() | {"PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(words, cwd=folder, stdout=subprocess.PIPE, text=True, env=env)


def let_in(process: subprocess.Popen[str]) -> tuple[str, str]:
    assert process.stdout
    link = [process.stdout.readline() for _ in range(2)][1].partition(": ")[2].strip()
    url, _, token = link.partition("#")
    return url, posted(f"{url}open", {"token": token})["session"]


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_killed_it_goes_on_with_all_that_was_saved(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_bytes(b"".join(json_line(task_to_row(task)) for task in ROWS))
    saved = 0
    for _ in range(2):
        process = command(tmp_path)
        url, session = let_in(process)
        for _ in range(3):
            body = {
                "event": f"event-{saved:06}",
                "item": saved,
                "state": "done",
                "answers": GOOD,
                "note": "",
                "texts": {},
            }
            assert posted(f"{url}say", body, session) == {"saved": True}
            saved += 1
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        there = Record(tmp_path / "rows.review.jsonl")
        assert sum(there.opinion(n, "anna").state == "done" for n in range(12)) == saved
    process = command(tmp_path)
    let_in(process)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "done: 6 of a sample of 12, of 20 rows (seed 0), by anna" in out
    assert "54%" in out
