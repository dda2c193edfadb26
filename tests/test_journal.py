"""The journal: no answer is used before it is kept, none is asked for twice, and replay equals the first time."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import astuple
from pathlib import Path

import pytest

import selfinstruct
from selfinstruct.errors import RunStopped, TeacherFailed, UsageError
from selfinstruct.teacher import Request, Response
from selfinstruct.teachers.journal import Journal
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
    assert [prompt for prompt, _ in answers] == ["0", "1", "2", "3"]
    assert [response for _, response in answers] == [counted, counted, counted, Response("—")]
    assert [response.cost for _, response in answers] == [0.25, 0.25, 0.25, 0.0]


async def test_a_row_tells_all(path: Path, journal: Journal) -> None:
    answer = Response("Fine.", "stop", "m-1", 3, 2, cost=0.5, seconds=1.5, attempts=2)
    await journal.teacher(scripted([answer]), "propose")(ask())
    db = sqlite3.connect(path)  # a second reader, while the first is open
    rows = db.execute("SELECT * FROM answers").fetchall()
    db.close()
    assert rows == [
        (ask().key, "propose", ask().to_json(), "Fine.", "stop", "m-1", 3, 2, 0.5, 1.5, 2, 1e9, ""),
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
from selfinstruct.teachers.journal import Journal
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
    db.execute("PRAGMA user_version = 3")
    db.close()
    assert "newer selfinstruct (journal format 3, this one knows 2): pip install --upgrade" in refusal(path)


def test_no_such_folder(path: Path) -> None:
    assert "cannot open" in refusal(path / "x.db")


async def test_a_damaged_journal(path: Path) -> None:
    journal = Journal(path)
    teacher = journal.teacher(scripted(lambda request: "x" * 3000), "propose")
    for number in range(50):
        await teacher(ask(number))
    journal.close()
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\xa5" * (len(content) - 4096))
    damaged = Journal(path)
    with pytest.raises(UsageError, match=r"is damaged: .*; move it away"):
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
