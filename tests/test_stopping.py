"""Commands as processes that are stopped, crowded, starved or kept waiting: how they end, and that they go on."""

from __future__ import annotations

import itertools
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from fcntl import LOCK_EX, LOCK_NB, flock
from functools import partial
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest
from killing import SELFINSTRUCT, contents, environment, listening, serving, temporaries
from openai_stub import HANG, Reply, Seen, error
from openai_stub import serving as stub

slow = pytest.mark.slow
KEPT = 60
"""Tasks wanted."""


def command(out: Path, url: str, *more: str) -> list[str]:
    given = ("--model", "builtin", "--base-url", url, "--num", str(KEPT), "--concurrency", "8")
    return [*SELFINSTRUCT, "generate", *given, "--out", str(out), *more]


def begun(words: list[str], before: Callable[[], None] | None = None) -> subprocess.Popen[str]:
    def prepare() -> None:
        # A shell has its background jobs ignore Ctrl-C, and these tests may be one.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        if before:
            before()

    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(words, text=True, env=environment(), preexec_fn=prepare, **pipes)  # type: ignore[call-overload,no-any-return]


def ended(words: list[str], before: Callable[[], None] | None = None) -> tuple[int, str]:
    """The exit code, and what was said on stderr."""
    process = begun(words, before)
    said = process.communicate()[1]
    return process.returncode, said


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("server") / "log", latency=0.05, jitter=0.05) as found:
        yield found


@pytest.fixture(scope="module")
def whole(url: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    out = tmp_path_factory.mktemp("undisturbed") / "run"
    subprocess.run(command(out, url), check=True, env=environment(), capture_output=True)
    return contents(out)


def test_five_at_once_on_a_folder(url: str, whole: dict[str, bytes], tmp_path: Path) -> None:
    out = tmp_path / "run"
    processes = [begun(command(out, url)) for _ in range(5)]
    said = [process.communicate()[1] for process in processes]
    codes = [process.returncode for process in processes]
    # On a machine that is very busy one may begin when another has ended, and find the run done.
    assert set(codes) == {0, 2}, said
    for code, text in zip(codes, said, strict=True):
        assert (
            code == 0
            or text == f"selfinstruct: {out} is in use by another process: wait for it, or choose another --out\n"
        )
    assert contents(out) == whole


def in_use(out: Path) -> bool:
    if not (out / ".lock").exists():
        return False
    with open(out / ".lock") as file:
        try:
            flock(file, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            return True
    return False


@slow
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_signals_at_random_moments(name: str, url: str, whole: dict[str, bytes], tmp_path: Path) -> None:
    rng, out, stopped = Random(name), tmp_path / "run", 0
    for _ in range(8):
        process = begun(command(out, url))
        while process.poll() is None and not in_use(out):  # before that Python itself ends it
            time.sleep(0.01)
        time.sleep(rng.uniform(0, 1.5))
        process.send_signal(getattr(signal, name))
        _, said = process.communicate()
        assert "Traceback" not in said
        if process.returncode == 0:
            break
        assert process.returncode == 1
        assert said.endswith("selfinstruct: interrupted; the same command goes on from here\n")
        stopped += 1
        rows = (out / "tasks.jsonl").read_bytes().count(b"\n")
        assert not rows or (out / "messages.jsonl").exists()
        assert not temporaries(out)
    assert stopped
    assert ended(command(out, url))[0] == 0
    assert contents(out) == whole


def limited(size: int) -> Callable[[], None]:
    """No file of the process may be larger: as on a full disk, but the system says so by EFBIG."""
    return partial(resource.setrlimit, resource.RLIMIT_FSIZE, (size, size))


@slow
def test_files_that_may_not_grow(url: str, whole: dict[str, bytes], tmp_path: Path) -> None:
    rng, out = Random(1), tmp_path / "run"
    for size in (0, 1000, *(int(10 ** rng.uniform(3, 6)) for _ in range(18))):
        assert_told(*ended(command(out, url), limited(size)), size)
    assert ended(command(out, url))[0] == 0
    assert contents(out) == whole


def assert_told(code: int, said: str, size: int) -> None:
    assert "Traceback" not in said, f"{size}: {said}"
    assert code in (0, 1), f"{size}: {said}"
    last = said.splitlines()[-1] if said else ""
    assert code == 0 or last.startswith("selfinstruct: "), f"{size}: {said}"


@contextmanager
def disk(place: Path, size: int) -> Iterator[Path]:
    """A disk in memory; skips where nobody may mount one."""
    place.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("only root may mount a disk")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


@slow
def test_full_disks(url: str, whole: dict[str, bytes], tmp_path: Path) -> None:
    """The same disk gets more room each time, until all fits."""
    rng = Random(2)
    for number in range(4):
        with disk(tmp_path / f"disk{number}", 64 * 1024) as place:
            kilobytes, code = 64, 1
            while code:
                code, said = ended(command(place / "run", url))
                assert_told(code, said, kilobytes)
                kilobytes += rng.randrange(100, 400)
                subprocess.run(["mount", "-o", f"remount,size={kilobytes}k", str(place)], check=True)
            there = contents(place / "run")
            # With hardly any room the log of the journal, whole as it is, may have stayed a file of its own.
            assert {name: there[name] for name in whole} == whole


class Heard(NamedTuple):
    seconds: float
    line: str


def heard(words: list[str], seconds: float) -> tuple[int, list[Heard], float]:
    """The exit code, what was said on stderr and when, and how long all of it took."""
    process, lines, began = begun(words), list[Heard](), time.monotonic()
    assert process.stderr

    def listen() -> None:
        lines.extend(Heard(time.monotonic() - began, line) for line in process.stderr or ())

    listening = threading.Thread(target=listen)
    listening.start()
    try:
        process.wait(seconds)
    finally:
        process.kill()
        listening.join()
        process.stderr.close()
        if process.stdout:
            process.stdout.close()
    return process.returncode, lines, time.monotonic() - began


async def test_a_server_that_says_to_wait_an_hour(tmp_path: Path) -> None:
    with stub_process("429") as url:
        code, lines, seconds = heard(command(tmp_path / "run", url, "--patience", "20"), 60)
    assert code == 1
    assert seconds < 20
    assert "3,600 s" in lines[-1].line
    assert sum(each.line.startswith("selfinstruct: ") for each in lines) == 1


@slow
def test_nothing_is_silent_for_more_than_ten_seconds(tmp_path: Path) -> None:
    with stub_process("hang") as url:
        code, lines, seconds = heard(command(tmp_path / "run", url, "--patience", "25", "--timeout", "25"), 120)
    assert code == 1
    times = [0.0, *(each.seconds for each in lines), seconds]
    gaps = [after - before for before, after in itertools.pairwise(times)]
    assert gaps[0] < 10 + 5, "it begins to count when it has been loaded"
    assert max(gaps[1:]) < 11, lines
    assert any("on the wire, the longest for" in each.line for each in lines)


def stub_process(how: str) -> AbstractContextManager[str]:
    code = "import sys; sys.path.insert(0, sys.argv[1]); import test_stopping; test_stopping.stubbed(sys.argv[2])"
    return listening([sys.executable, "-c", code, str(Path(__file__).parent), how])


def stubbed(how: str) -> None:
    """A server that says one thing to everybody, until it is killed."""
    import asyncio

    def answer(seen: Seen) -> Reply | str:
        return HANG if how == "hang" else error(429, retry_after="3600")

    async def work() -> None:
        async with stub(answer) as server:
            print(server.url, flush=True)
            await asyncio.Event().wait()

    asyncio.run(work())
