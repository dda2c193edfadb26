"""The journal: no answer is used before it is kept, none is asked for twice, and replay equals the first time."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import astuple
from pathlib import Path
from random import Random

import pytest

import selfinstruct
from selfinstruct.errors import RunStopped, TeacherFailed, UsageError
from selfinstruct.teacher import Request, Response
from selfinstruct.teachers.accounts import spent
from selfinstruct.teachers.journal.journal import Journal
from selfinstruct.teachers.journal.mending import mended
from selfinstruct.teachers.journal.spending import spending
from selfinstruct.teachers.scripted import scripted

UGLY = "\x00 NUL, \r\n, a half \ud800 character, \udc80\ud83d, 你好 😀, \ufeff and ' quotes\""
CLEAN = "\x00 NUL, \r\n, a half � character, ��, 你好 😀, \ufeff and ' quotes\""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    journal = Journal(path, clock=lambda: 1e9)
    yield journal
    journal.close()


def ask(prompt: object = "Say fine.") -> Request:
    return Request(str(prompt), "m", {"temperature": 0.7})


def count(journal: Journal) -> int:
    return len(list(journal.responses()))


class Slow:
    """Answers when told to go."""

    def __init__(self, *ends: str | Exception) -> None:
        self.asked: list[Request] = []
        self.go = asyncio.Event()
        self.queue = scripted(ends)

    async def __call__(self, request: Request, /) -> Response:
        self.asked.append(request)
        await self.go.wait()
        return await self.queue(request)


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


@pytest.mark.parametrize(
    "answer",
    [
        Response("Fine."),
        Response("你好", "length", "m-0613", 12, 7, cost=1 / 3, seconds=0.1, attempts=3),
        Response("", "content_filter", "m", None, 0),
        Response(UGLY, UGLY, UGLY),
    ],
)
async def test_replay_equals_the_first_time(path: Path, answer: Response) -> None:
    journal = Journal(path)
    first = await journal.teacher(scripted([answer]), "propose")(ask())
    journal.close()
    again = Journal(path)
    replayed = await again.teacher(scripted([]), "propose")(ask())
    again.close()
    assert astuple(replayed) == astuple(first), "also those fields that are not compared"
    assert first.text == (CLEAN if answer.text == UGLY else answer.text)
    if answer.text != UGLY:
        assert astuple(first) == astuple(answer)


async def test_a_prompt_with_half_a_character_is_kept(journal: Journal) -> None:
    teacher = journal.teacher(scripted(["once"]), "propose")
    assert [(await teacher(ask(UGLY))).text for _ in range(2)] == ["once", "once"]


async def test_another_request_is_another_answer(journal: Journal) -> None:
    teacher = journal.teacher(scripted(lambda request: f"{request.prompt} {request.sample}"), "propose")
    requests = [ask("a"), ask("b"), Request("a", "m", {"temperature": 0.7}, sample=1), Request("a", "other")]
    assert [(await teacher(r)).text for r in requests * 2] == ["a 0", "b 0", "a 1", "a 0"] * 2
    assert count(journal) == 4


async def test_asked_twice_at_once_is_one_call(journal: Journal) -> None:
    slow = Slow("once")
    teacher = journal.teacher(slow, "propose")
    tasks = [asyncio.create_task(teacher(ask())) for _ in range(5)]
    await settle()
    tasks[0].cancel()
    await settle()
    slow.go.set()
    ends = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(ends[0], asyncio.CancelledError)
    assert ends[1:] == [Response("once", model="m")] * 4
    assert len(slow.asked) == 1


async def test_a_failure_reaches_all_askers_and_no_journal(journal: Journal) -> None:
    slow = Slow(TeacherFailed("wrong key"), "later")
    teacher = journal.teacher(slow, "propose")
    tasks = [asyncio.create_task(teacher(ask())) for _ in range(3)]
    await settle()
    slow.go.set()
    ends = await asyncio.gather(*tasks, return_exceptions=True)
    assert [str(end) for end in ends] == ["wrong key"] * 3
    assert count(journal) == 0
    assert (await teacher(ask())).text == "later"


async def test_an_answer_is_kept_though_its_asker_is_gone(path: Path) -> None:
    journal = Journal(path)
    slow = Slow("paid for", TeacherFailed("nobody hears this"))
    teacher = journal.teacher(slow, "propose")
    tasks = [asyncio.create_task(teacher(ask(prompt))) for prompt in "ab"]
    await settle()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    slow.go.set()
    await journal.drain()
    journal.close()
    again = Journal(path)
    assert (await again.teacher(scripted([]), "propose")(ask("a"))).text == "paid for"
    assert count(again) == 1
    again.close()


async def test_cancel_drops_what_is_on_the_wire(journal: Journal) -> None:
    slow = Slow("never")
    task = asyncio.create_task(journal.teacher(slow, "propose")(ask()))
    await settle()
    journal.cancel()
    await journal.drain()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert count(journal) == 0


async def test_responses_in_the_order_in_which_they_came(journal: Journal) -> None:
    counted = Response("…", input_tokens=10, output_tokens=5, cost=0.25)
    propose = journal.teacher(scripted([counted, counted, Response("—")]), "propose")
    classify = journal.teacher(scripted([counted]), "classify")
    for number, teacher in enumerate([propose, classify, propose, propose]):
        await teacher(ask(number))
    answers = list(journal.responses())
    assert [request.prompt for request, _ in answers] == ["0", "1", "2", "3"]
    assert [response for _, response in answers] == [counted, counted, counted, Response("—")]
    assert [response.cost for _, response in answers] == [0.25, 0.25, 0.25, None]


async def test_a_row_tells_all(path: Path, journal: Journal) -> None:
    answer = Response("Fine.", "stop", "m-1", 3, 2, cost=0.5, seconds=1.5, attempts=2)
    await journal.teacher(scripted([answer]), "propose")(ask())
    db = sqlite3.connect(path)  # a second reader, while the first is open
    rows = db.execute("SELECT * FROM answers").fetchall()
    db.close()
    assert rows == [
        (
            ask().key,
            "propose",
            ask().to_json(),
            "Fine.",
            "stop",
            "m-1",
            3,
            2,
            0.5,
            1.5,
            2,
            1e9,
            "",
            "",
            None,
            None,
            None,
            "",
        ),
    ]


async def test_readable_while_it_is_written_and_writable_while_it_is_read(path: Path, journal: Journal) -> None:
    teacher = journal.teacher(scripted(lambda request: "…"), "propose")
    await teacher(ask("a"))
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    assert reader.execute("SELECT count(*) FROM answers").fetchone() == (1,)
    await teacher(ask("b"))
    assert reader.execute("SELECT count(*) FROM answers").fetchone() == (1,)
    other = Journal(path)
    assert count(other) == 2
    other.close()
    reader.close()


async def test_the_first_of_two_writers_is_right(path: Path, journal: Journal) -> None:
    other = Journal(path)

    async def meanwhile(request: Request) -> str:
        await other.teacher(scripted(["first"]), "propose")(request)
        return "second"

    assert (await journal.teacher(scripted(meanwhile), "propose")(ask())).text == "first"
    other.close()


WRITER = """
import asyncio, sys
from selfinstruct.teacher import Request
from selfinstruct.teachers.journal.journal import Journal
from selfinstruct.teachers.scripted import scripted

async def main():
    journal = Journal(sys.argv[1])
    teacher = journal.teacher(scripted(lambda request: request.prompt * 50), "propose")
    async def one(number):
        response = await teacher(Request(f"prompt {number} ", "m"))
        print(number, len(response.text), flush=True)
    for start in range(int(sys.argv[2]), 10**9, 8):
        await asyncio.gather(*(one(start + i) for i in range(8)))

asyncio.run(main())
"""


async def test_what_was_returned_survives_kill_9(path: Path) -> None:
    seen: list[int] = []
    for lines in (1, 37, 501):  # killed early, and with checkpoints of the write-ahead log behind it
        place = {"PYTHONPATH": str(Path(selfinstruct.__file__).parent.parent)}
        command = [sys.executable, "-c", WRITER, str(path), str(len(seen))]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | place) as writer:
            assert writer.stdout is not None
            said = [writer.stdout.readline() for _ in range(lines)]
            writer.send_signal(signal.SIGKILL)
            said += [line for line in writer.stdout if line.endswith("\n")]
        assert writer.returncode == -signal.SIGKILL
        seen += [int(line.split()[0]) for line in said]
        journal = Journal(path)
        teacher = journal.teacher(scripted([]), "propose")
        for number in seen:
            assert (await teacher(Request(f"prompt {number} ", "m"))).text == f"prompt {number} " * 50
        assert count(journal) >= len(seen)
        journal.close()


# Files that are no journal


def refusal(path: Path) -> str:
    with pytest.raises((UsageError, RunStopped)) as caught:
        Journal(path)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)
    return str(caught.value)


def test_a_file_that_is_no_database(path: Path) -> None:
    path.write_bytes(b"{}\n" * 1000)
    assert "no journal" in refusal(path)
    assert path.read_bytes() == b"{}\n" * 1000


def test_somebody_elses_database(path: Path) -> None:
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE answers (question TEXT)")
    db.close()
    before = path.read_bytes()
    assert "no journal of selfinstruct" in refusal(path)
    assert path.read_bytes() == before


def test_a_journal_of_a_newer_version(path: Path) -> None:
    Journal(path).close()
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 4")
    db.close()
    assert "newer selfinstruct (journal format 4, this one knows 3): pip install --upgrade" in refusal(path)


def test_no_such_folder(path: Path) -> None:
    assert "cannot open" in refusal(path / "x.db")


async def test_a_damaged_journal(path: Path) -> None:
    journal = Journal(path)
    teacher = journal.teacher(scripted(lambda request: "x" * 3000), "propose")
    for number in range(50):
        await teacher(ask(number))
    journal.close()
    content = path.read_bytes()
    path.write_bytes(content[: 5 * 4096] + b"\xa5" * (len(content) - 5 * 4096))
    damaged = Journal(path)
    with pytest.raises(
        UsageError, match=r"is damaged: .*; copied without journal\.db-wal\? .* save what is whole: python -m"
    ):
        await damaged.teacher(scripted([]), "propose")(ask(1))
    with pytest.raises(UsageError, match="is damaged"):
        count(damaged)
    damaged.close()


async def test_an_answer_that_cannot_be_kept_is_not_used(path: Path, journal: Journal) -> None:
    teacher = journal.teacher(scripted(["a", "b"]), "propose")
    await teacher(ask("a"))
    (pages,) = journal._db.execute("PRAGMA page_count").fetchone()
    journal._db.execute(f"PRAGMA max_page_count = {pages}")  # a full disk
    with pytest.raises(RunStopped, match=r"full; make room, and run the same command again"):
        await journal.teacher(scripted(["x" * 10**6]), "propose")(ask("b"))
    assert (await teacher(ask("a"))).text == "a"
    assert (await teacher(ask("b"))).text == "b"


async def test_what_could_not_be_kept_is_tried_again_at_the_end(path: Path) -> None:
    journal = Journal(path)
    teacher = journal.teacher(scripted(lambda request: str(request.prompt) * 10**5), "propose")
    (pages,) = journal._db.execute("PRAGMA page_count").fetchone()
    journal._db.execute(f"PRAGMA max_page_count = {pages}")  # a full disk
    ends = await asyncio.gather(*(teacher(ask(prompt)) for prompt in "abc"), return_exceptions=True)
    assert [type(end) for end in ends] == [RunStopped] * 3, "all of the group, and none of them was used"
    assert count(journal) == 0
    journal._db.execute("PRAGMA max_page_count = 1000000")  # somebody made room
    await journal.drain()
    journal.close()
    again = Journal(path)
    assert count(again) == 3
    again.close()


async def test_numbers_that_no_file_can_hold(path: Path) -> None:
    odd = Response("fine", "stop", "m", 10**30, -(10**30), cost=float("nan"), seconds=float("inf"))
    journal = Journal(path)
    first = await journal.teacher(scripted([odd]), "propose")(ask())
    journal.close()
    again = Journal(path)
    assert astuple(await again.teacher(scripted([]), "propose")(ask())) == astuple(first)
    assert astuple(first) == astuple(Response("fine", "stop", "m"))
    again.close()


def test_places_that_hold_no_journal(path: Path) -> None:
    path.mkdir()
    assert refusal(path).endswith("it is a folder")
    path.rmdir()
    path.touch()  # of no bytes: a process was killed while it made it
    Journal(path).close()
    path.unlink()
    log = path.with_name("journal.db-wal")
    for size in (None, 0):
        log.write_bytes(b"the last answers")
        if size == 0:
            path.touch()
        with pytest.raises(UsageError, match=r"journal\.db-wal belongs to a journal\.db that is not beside it"):
            Journal(path)
        assert log.read_bytes() == b"the last answers", "SQLite would have deleted it"


async def test_a_journal_that_cannot_be_written(path: Path, journal: Journal) -> None:
    journal._db.execute("PRAGMA query_only = 1")
    with pytest.raises(RunStopped, match=r"readonly database; make it writable, and run the same command again"):
        await journal.teacher(scripted(["a"]), "propose")(ask())


async def test_a_journal_that_another_process_holds(path: Path, journal: Journal) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    journal._db.execute("PRAGMA busy_timeout = 10")
    with pytest.raises(RunStopped, match=r"database is locked; another process holds it: end that one, and run"):
        await journal.teacher(scripted(["a"]), "propose")(ask())
    other.execute("ROLLBACK")
    other.close()
    assert await journal.teacher(scripted(["b"]), "propose")(ask()) == Response("b", model="m")


# Groups


def watched(journal: Journal) -> list[str]:
    """The first word of each statement from now on, and its table where it has one."""
    seen: list[str] = []
    journal._db.set_trace_callback(lambda sql: seen.append(" ".join(sql.split()[:3])))
    return seen


async def test_what_comes_in_one_turn_is_one_transaction(journal: Journal) -> None:
    slow = Slow(*"abcdefgh")
    teacher = journal.teacher(slow, "propose")
    tasks = [asyncio.create_task(teacher(ask(number))) for number in range(8)]
    await settle()
    seen = watched(journal)
    slow.go.set()
    assert [response.text for response in await asyncio.gather(*tasks)] == [*"abcdefgh"]
    assert seen == ["BEGIN IMMEDIATE", *["INSERT INTO answers"] * 8, "COMMIT"]
    assert [response.text for _, response in journal.responses()] == [*"abcdefgh"]


KILLED = """
import asyncio, os, signal, sys
from selfinstruct.teacher import Request
from selfinstruct.teachers.journal.journal import Journal
from selfinstruct.teachers.scripted import scripted

async def main():
    journal = Journal(sys.argv[1])
    teacher = journal.teacher(scripted(lambda request: request.prompt * 2000), "propose")
    async def group(name):
        await asyncio.gather(*(teacher(Request(f"{name}{number}", "m")) for number in range(8)))
    await group("whole")
    left = int(sys.argv[2])
    def traced(sql):
        nonlocal left
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)
    journal._db.set_trace_callback(traced)
    await group("torn")

asyncio.run(main())
"""


@pytest.mark.parametrize("statement", [1, 2, 5, 9, 10])
async def test_a_group_killed_half_way_is_not_there(statement: int, path: Path) -> None:
    place = {"PYTHONPATH": str(Path(selfinstruct.__file__).parent.parent)}
    command = [sys.executable, "-c", KILLED, str(path), str(statement)]
    assert subprocess.run(command, env=os.environ | place).returncode == -signal.SIGKILL
    journal = Journal(path)
    assert [request.prompt for request, _ in journal.responses()] == [f"whole{number}" for number in range(8)]
    journal.close()


# Attempts


async def attempt(journal: Journal, answer: Response | Exception, *, settle: bool = True) -> None:
    async def inner(request: Request, /) -> Response:
        number = journal.sent(request.key, 10, 20, 0.5)
        await asyncio.sleep(0.001)
        if settle:
            journal.settled(number)
        if isinstance(answer, Exception):
            raise answer
        return answer

    await journal.teacher(inner, "propose")(ask(answer))


async def test_an_attempt_is_settled_with_its_answer(journal: Journal) -> None:
    seen = watched(journal)
    await attempt(journal, Response("fine"))
    together = ["BEGIN IMMEDIATE", "INSERT INTO answers", "DELETE FROM sent", "COMMIT"]
    assert seen[1:] == ["BEGIN IMMEDIATE", "INSERT INTO sent", "COMMIT", *together]
    assert list(journal.lost()) == []


async def test_attempts_that_nobody_settled_are_lost(path: Path, journal: Journal) -> None:
    await attempt(journal, Response("fine"), settle=False)
    with pytest.raises(TeacherFailed):
        await attempt(journal, TeacherFailed("no time left"), settle=False)
    with pytest.raises(TeacherFailed):
        await attempt(journal, TeacherFailed("not billed"))
    assert list(journal.lost()) == [(10, 20, 0.5)] * 2
    journal.settled(journal.sent("k", 1, 1, 0.0))
    await journal.drain()
    assert list(journal.lost()) == [(10, 20, 0.5)] * 2
    later = Journal(path)
    assert list(later.lost()) == [(10, 20, 0.5)] * 2
    number = later.sent("k", 3, 4, 0.25)
    assert list(later.lost()) == [(10, 20, 0.5)] * 2 + [(3, 4, 0.25)]
    later.settled(number)
    await later.drain()
    assert len(list(later.lost())) == 2
    later.close()


async def test_an_attempt_settled_at_once_is_not_lost(journal: Journal) -> None:
    async def inner(request: Request, /) -> Response:
        journal.settled(journal.sent(request.key, 1, 1, 0.0))
        return Response("fine")

    await journal.teacher(inner, "propose")(ask())
    await journal.drain()
    assert list(journal.lost()) == []


# Another journal


async def filled(path: Path, *prompts: str, step: str = "propose", close: bool = True) -> Journal:
    journal = Journal(path, clock=lambda: 1e9)
    answer = Response("", "declined", error="HTTP 400: no")
    teacher = journal.teacher(scripted(lambda r: answer if "bad" in r.prompt else f"{r.prompt}!"), step)
    for prompt in prompts:
        await teacher(ask(prompt))
    if close:
        journal.close()
    return journal


@pytest.mark.parametrize("given", ["folder", "file"])
async def test_answers_are_taken_from_another_journal(given: str, tmp_path: Path) -> None:
    old = tmp_path / "old" / "journal.db"
    old.parent.mkdir()
    await filled(old, "a", "b")
    before = {file.name: file.read_bytes() for file in old.parent.iterdir()}
    journal = Journal(tmp_path / "journal.db", also=old.parent if given == "folder" else old)
    teacher = journal.teacher(scripted(["new"]), "propose")
    texts = [(await teacher(ask(prompt))).text for prompt in "aca"]
    assert texts == ["a!", "new", "a!"]
    assert [request.prompt for request, _ in journal.responses()] == ["c"], "what this run paid for"
    assert journal.has_answers
    journal.close()
    assert {file.name: file.read_bytes() for file in old.parent.iterdir()} == before, "nothing is written there"
    alone = Journal(tmp_path / "journal.db")
    assert (await alone.teacher(scripted([]), "propose")(ask("a"))).text == "a!", "copied when it was used"
    with pytest.raises(TeacherFailed):
        await alone.teacher(scripted([]), "propose")(ask("b"))
    alone.close()


async def test_another_journal_may_be_in_use_or_killed(tmp_path: Path) -> None:
    old = tmp_path / "old.db"
    first = await filled(old, "a")
    idle = Journal(tmp_path / "idle.db", also=old)
    first = await filled(old, "b", close=False)  # somebody began after we had looked
    killed = tmp_path / "killed.db"
    shutil.copy(old, killed)
    shutil.copy(f"{old}-wal", f"{killed}-wal")
    for number, journal in enumerate(
        [idle, Journal(tmp_path / "1.db", also=old), Journal(tmp_path / "2.db", also=killed)]
    ):
        teacher = journal.teacher(scripted([]), "propose")
        assert [(await teacher(ask(prompt))).text for prompt in "ab"] == ["a!", "b!"], number
    await first.teacher(scripted(["c!"]), "propose")(ask("c"))
    assert (await idle.teacher(scripted([]), "propose")(ask("c"))).text == "c!"
    first.close()
    assert (await idle.teacher(scripted([]), "propose")(ask("a"))).text == "a!"
    idle.close()


async def test_another_journal_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    for also, words in {
        tmp_path / "nowhere": "there is no journal at .*nowhere: give a run's folder",
        tmp_path / "run": r"there is no journal at .*run/journal\.db",
        tmp_path / "journal.db-wal": r"is a part of journal\.db: give that",
    }.items():
        with pytest.raises(UsageError, match=words):
            Journal(tmp_path / "journal.db", also=also)
    Journal(tmp_path / "journal.db", also=tmp_path).close()  # its own


async def test_refusals_are_forgotten(tmp_path: Path) -> None:
    old = tmp_path / "old.db"
    await filled(old, "bad", "worse: bad", "good")
    await filled(old, "bad here", step="respond")
    journal = Journal(old)
    assert journal.forget(["declined", "too_large"], ["propose"]) == 2
    assert journal.forget(["declined"], ["propose"]) == 0
    assert (await journal.teacher(scripted(["now"]), "propose")(ask("bad"))).text == "now"
    assert (await journal.teacher(scripted([]), "propose")(ask("bad here"))).error == "HTTP 400: no"
    journal.close()


async def test_what_forgotten_refusals_cost_stays_counted(path: Path) -> None:
    """However often one is refused, and also when the journal is mended in between."""
    refused = Response("", "content_filter", "m", 1000, 0, cost=0.25)
    for _ in range(3):
        journal = Journal(path)
        assert (await journal.teacher(scripted([refused]), "respond")(ask("bad"))).finish_reason == "content_filter"
        assert journal.forget(["content_filter"], ["respond"]) == 1
        journal.close()
    mended(path)
    journal = Journal(path)
    assert (await journal.teacher(scripted([Response("now", "stop", "m", 9, 1, cost=0.5)]), "respond")(ask("bad"))).text
    assert [response.cost for _, response in journal.responses()] == [0.25, 0.25, 0.25, 0.5]
    assert spent(journal.responses(), None, journal.lost()).dollars == 1.25
    journal.close()
    (row,) = spending(path)
    assert (row.step, row.requests, row.input, row.dollars) == ("respond", 4, 3009, 1.25)


async def test_refusals_of_another_journal_are_not_taken_when_they_are_to_be_forgotten(tmp_path: Path) -> None:
    await filled(tmp_path / "old.db", "bad", "good")
    journal = Journal(tmp_path / "new.db", also=tmp_path / "old.db")
    assert journal.forget(["declined"], ["propose"]) == 0
    teacher = journal.teacher(scripted(["now"]), "propose")
    assert [(await teacher(ask(prompt))).text for prompt in ("bad", "good")] == ["now", "good!"]
    journal.close()


# Older formats, and damage

FORMAT_1 = """CREATE TABLE answers (
    key TEXT PRIMARY KEY, step TEXT NOT NULL, request TEXT NOT NULL, text TEXT NOT NULL, finish_reason TEXT NOT NULL,
    model TEXT NOT NULL, input_tokens INTEGER, output_tokens INTEGER, cost REAL NOT NULL, seconds REAL NOT NULL,
    attempts INTEGER NOT NULL, at REAL NOT NULL
)"""


def of_format_1(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute(FORMAT_1)
        db.execute("PRAGMA user_version = 1")
        row = (ask("a").key, "propose", ask("a").to_json(), "a!", "stop", "m", 3, None, 0.5, 0.0, 1, 1e9)
        db.execute(f"INSERT INTO answers VALUES ({', '.join('?' * 12)})", row)
        db.commit()


async def test_a_journal_of_format_1_goes_on(tmp_path: Path) -> None:
    path, new = tmp_path / "old.db", tmp_path / "new.db"
    of_format_1(path)
    before = path.read_bytes()
    other = Journal(new, also=path)
    assert (await other.teacher(scripted([]), "propose")(ask("a"))).input_tokens == 3
    other.close()
    assert path.read_bytes() == before
    for answers in (["b"], []):
        journal = Journal(path)
        teacher = journal.teacher(scripted(list(answers)), "propose")
        assert [(await teacher(ask(prompt))).text for prompt in "ab"] == ["a!", "b"]
        assert list(journal.lost()) == []
        journal.close()
    with closing(sqlite3.connect(path)) as db, closing(sqlite3.connect(new)) as fresh:
        about = "PRAGMA table_info(answers)"
        assert [row[:3] for row in db.execute(about)] == [row[:3] for row in fresh.execute(about)]


async def test_a_recovered_journal_is_a_journal(path: Path) -> None:
    """`.recover` may leave out the number of the format and adds a table of what it could not place."""
    await filled(path, "a")
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE lost_and_found (rootpgno INTEGER)")
        db.execute("DROP TABLE sent")
        db.execute("PRAGMA user_version = 0")
    journal = Journal(path)
    assert (await journal.teacher(scripted([]), "propose")(ask("a"))).text == "a!"
    assert list(journal.lost()) == []
    journal.close()


def rows(path: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as db:
        return db.execute("SELECT * FROM answers ORDER BY rowid").fetchall()


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "header": lambda content: bytes(4096) + content[4096:],
    "root": lambda content: content[:4096] + b"\xa5" * 4096 + content[8192:],
    "cut": lambda content: content[: len(content) // 2 + 77],
    "holes": lambda content: b"".join(
        bytes(4096) if at % 7 == 6 else content[at * 4096 :][:4096] for at in range(len(content) // 4096)
    ),
    "noise": lambda content: content[: 9 * 4096] + Random(1).randbytes(4096 * 9) + content[18 * 4096 :],
}


@pytest.mark.parametrize("damage", DAMAGE)
async def test_what_is_whole_in_a_damaged_journal_is_saved(damage: str, path: Path) -> None:
    journal = Journal(path)
    teacher = journal.teacher(
        scripted(lambda r: f"{r.prompt} 你好 \r\n' " * Random(str(r.prompt)).randrange(600)), "propose"
    )
    for number in range(200):
        await teacher(ask(number))
    journal.close()
    good = rows(path)
    path.write_bytes(DAMAGE[damage](path.read_bytes()))
    before = path.read_bytes()
    done = subprocess.run(
        [sys.executable, "-m", "selfinstruct.teachers.journal.mending", path], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    saved = rows(path)
    assert done.stdout.startswith(f"{path}: {len(saved):,} answers are whole; what it was is journal.db.damaged. ")
    assert set(saved) <= set(good), "never anything else"
    assert len(saved) >= {"header": 200, "root": 200}.get(damage, 50)
    assert path.with_name("journal.db.damaged").read_bytes() == before
    again = Journal(path)
    assert count(again) == len(saved)
    again.close()
    with pytest.raises(UsageError, match="is there already: move it away"):
        mended(path)


async def test_a_killed_journal_is_saved_with_its_log(path: Path, tmp_path: Path) -> None:
    journal = await filled(path, *map(str, range(99)), close=False)
    killed = tmp_path / "killed" / "journal.db"
    killed.parent.mkdir()
    for ending in ("", "-wal"):
        shutil.copy(f"{path}{ending}", f"{killed}{ending}")
    assert mended(killed) == 99
    assert rows(killed) == rows(path)
    journal.close()


async def test_the_answer_to_another_request_is_no_answer(path: Path, tmp_path: Path) -> None:
    await filled(path, "a", "b")
    with closing(sqlite3.connect(path)) as db:  # as an index does that leads to another row
        db.execute("UPDATE answers SET request = ? WHERE key = ?", (ask("b").to_json(), ask("a").key))
        db.commit()
    for journal in (Journal(path), Journal(tmp_path / "new.db", also=path)):
        teacher = journal.teacher(scripted([]), "propose")
        with pytest.raises(UsageError, match=rf"{path} is damaged: the answer to {ask('a').id} belongs to another"):
            await teacher(ask("a"))
        assert (await teacher(ask("b"))).text == "b!"
        journal.close()


async def test_a_journal_with_the_log_of_another_is_saved(path: Path, tmp_path: Path) -> None:
    await filled(path, *map(str, range(300)))
    other = await filled(tmp_path / "other.db", *map(str, range(1000, 1060)), close=False)
    shutil.copy(tmp_path / "other.db-wal", f"{path}-wal")
    other.close()
    mixed = tmp_path / "mixed.db"
    for ending in ("", "-wal"):
        shutil.copy(f"{path}{ending}", f"{mixed}{ending}")
    journal = Journal(mixed)
    teacher, right = journal.teacher(scripted([]), "propose"), 0
    for number in range(300):
        try:
            response = await teacher(ask(number))
        except (UsageError, TeacherFailed):
            continue  # damaged, or not there
        assert response.text == f"{number}!", "never another's answer"
        right += 1
    assert right < 300
    journal.close()
    assert mended(path) == 360, "of both"
    journal = Journal(path)
    teacher = journal.teacher(scripted([]), "propose")
    for prompt in (*map(str, range(300)), *map(str, range(1000, 1060))):
        assert (await teacher(ask(prompt))).text == f"{prompt}!"
    journal.close()


# The scripted teacher


async def test_scripted_by_a_queue() -> None:
    teacher = scripted(["a", Response("b", "length"), ValueError("c"), ""])
    assert await teacher(ask()) == Response("a", model="m")
    assert await teacher(ask()) == Response("b", "length")
    with pytest.raises(ValueError, match="c"):
        await teacher(ask())
    assert (await teacher(ask())).text == ""
    with pytest.raises(TeacherFailed, match=r"ran out at the prompt that ends in 'Say fine\.'"):
        await teacher(ask())
    with pytest.raises(TeacherFailed, match="ends in 'Bye'"):
        await teacher(Request(({"role": "user", "content": "Hi"}, {"role": "user", "content": "Bye"}), "m"))


async def test_scripted_by_a_function() -> None:
    async def later(request: Request) -> str:
        await asyncio.sleep(0)
        return f"{request.prompt}!"

    assert (await scripted(later)(ask("Go"))).text == "Go!"
    assert (await scripted(lambda request: "yes")(ask())).text == "yes"
    with pytest.raises(KeyError):
        await scripted(lambda request: KeyError("no"))(ask())


def test_scripted_by_a_text_is_a_mistake() -> None:
    with pytest.raises(TypeError, match=r"scripted\(\[text\]\)"):
        scripted("answer")


async def test_a_cost_that_is_not_known_is_null_and_nothing_in_a_file_that_cannot_say_so(path: Path) -> None:
    for needed, kept in ((False, None), (True, 0.0)):
        file = path.with_name(f"{needed}.db")
        Journal(file).close()
        if needed:
            with closing(sqlite3.connect(file)) as db:
                (table,) = db.execute("SELECT sql FROM sqlite_master WHERE name = 'answers'").fetchone()
                older = table.replace("cost REAL", "cost REAL NOT NULL")
                db.executescript(f"DROP TABLE answers; {older}")
        journal = Journal(file)
        await journal.teacher(scripted([Response("Fine.")]), "propose")(ask())
        journal.close()
        with closing(sqlite3.connect(file)) as db:
            assert db.execute("SELECT cost FROM answers").fetchone() == (kept,)
