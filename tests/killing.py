"""`kill -9` of real processes at random moments, and what is left: for the slow tests and benchmarks/reliability.py.

    with serving(log) as url:
        result = killed_run(job_for("self_instruct", "en", data), folder, url, log, kills=50)
    result = killed_writer(writer, folder, kills=50)

Both raise AssertionError when a promise is broken; what they return are figures.
"""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import click.testing
from served import Line, entries

from selfinstruct.api import Run
from selfinstruct.cli import main
from selfinstruct.errors import UsageError

__all__ = ["Figures", "Job", "Writer", "environment", "killed_run", "killed_writer", "listening", "serving"]

IN_FLIGHT = 8
HERE = Path(__file__).parent
SELFINSTRUCT = (sys.executable, "-m", "selfinstruct")


@dataclass
class Figures:
    """What was measured; that the bytes are the same is asserted."""

    name: str
    kills: int = 0
    answers: int = 0
    """That an undisturbed run needs."""
    begun: int = 0
    """Kills after the first answer, or after the first file, had come."""
    on_the_wire: int = 0
    """Requests that had no reply yet when the process was killed."""
    arrived: int = 0
    """Answers whose last byte had arrived, and that no journal held after the kill: they are asked for again."""
    ages: list[float] = field(default_factory=list)
    """Of those: milliseconds from their arrival to the kill."""
    windows: list[float] = field(default_factory=list)
    """Milliseconds from an answer's last byte in the socket to its row in the journal, in an undisturbed run."""
    leftovers: int = 0
    """Temporaries that kills left, all of which the next command removed."""
    seconds: float = 0.0


def environment() -> dict[str, str]:
    """Ours, but for what would lead requests elsewhere; one thread, for the machine has others at work."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OPENAI_", "SELFINSTRUCT_"))}
    return kept | {"OPENAI_API_KEY": "sk-none", "NO_PROXY": "*", "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}


@contextmanager
def serving(log: Path, **faults: float) -> Iterator[str]:
    """The built-in teacher, served by a process of its own; gives its URL."""
    rates = (f"{name}={rate}" for name, rate in faults.items())
    with listening([sys.executable, str(HERE / "served.py"), str(log), *rates]) as url:
        yield url


@contextmanager
def listening(command: list[str]) -> Iterator[str]:
    """A server that prints its URL first; gives that."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.communicate()


# Runs


@dataclass(frozen=True)
class Job:
    """A recipe's command, but for its folder and server."""

    name: str
    words: tuple[str, ...]

    def command(self, out: Path, url: str) -> list[str]:
        asked = ("--model", "builtin", "--base-url", url, "--concurrency", str(IN_FLIGHT))
        return [*SELFINSTRUCT, *self.words, *asked, "--out", str(out), "--quiet"]


def killed_run(job: Job, folder: Path, url: str, log: Path, *, kills: int = 50, seed: int = 0) -> Figures:
    """One in ten kills meets a new folder before or soon after its first answer. The others meet one folder, which
    comes further each time; those after its last answer meet the replay and the exports."""
    began = time.monotonic()
    rng, figures = Random(f"{seed}/{job.name}"), Figures(job.name)
    whole = folder / "whole"
    first, last = _undisturbed(job, whole, url, log, figures)
    # A finished run replays everything and writes its exports once more: so long takes what has no more to ask.
    before, replaying = contents(whole), time.monotonic()
    asked = len(entries(log))
    _finish(job.command(whole, url))
    replaying = time.monotonic() - replaying
    assert contents(whole) == before
    assert len(entries(log)) == asked, "a finished run asks nobody"

    fresh = [folder / f"fresh{number}" for number in range(max(1, kills // 10))]
    for out in fresh:
        moment = _at(rng.uniform(0, first + 0.2 * (last - first)))
        while not _killed(job.command(out, url), moment, out, log, figures, set()):
            shutil.rmtree(out)  # it was faster than we
    out, safe, tries = folder / "killed", set[str](), 0
    while figures.kills < kills:
        share = (figures.kills - len(fresh)) / (kills - len(fresh))
        tries += 1
        assert tries < 5 * kills, "it ends before it is killed, again and again"
        if rng.random() < 0.15:
            moment = _at(rng.uniform(0, first))
        elif (goal := round(figures.answers * share / 0.8)) > len(safe):
            moment = _after(log, goal - len(safe), rng.uniform(0, 0.03))
        else:
            moment = _at(rng.uniform(0, replaying))
        _killed(job.command(out, url), moment, out, log, figures, safe)
        safe = journaled(out)
    for each in (out, *fresh):
        safe, asked = journaled(each), len(entries(log))
        _finish(job.command(each, url))
        again = {line.key for line in entries(log)[asked:]}
        assert not safe & again, "what is in the journal is never asked for again"
        _assert_same(each, whole)
    figures.seconds = time.monotonic() - began
    return figures


def _undisturbed(job: Job, out: Path, url: str, log: Path, figures: Figures) -> tuple[float, float]:
    """Seconds until the first and the last answer."""
    began = time.time()
    _finish(job.command(out, url))
    sent = {line.key: line.at for line in entries(log) if line.what == "sent"}
    figures.answers = len(sent)
    with closing(sqlite3.connect(f"file:{out / 'journal.db'}?immutable=1", uri=True)) as db:
        came = dict(db.execute("SELECT key, at FROM answers"))
    figures.windows = [1000 * (came[key] - at) for key, at in sent.items() if key in came]
    assert figures.windows, "the server's keys are the journal's"
    return min(sent.values()) - began, max(sent.values()) - began


def _finish(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, env=environment(), check=False)
    # The built-in teacher may have nothing to say to some data: that, too, is to be as undisturbed.
    assert done.returncode == 0 or done.stderr.startswith("selfinstruct: nothing came of it"), done.stderr


Moment = Callable[[float], bool]
"""Whether it is time, so many seconds after the start."""


def _at(seconds: float) -> Moment:
    return lambda since: since >= seconds


def _answered(log: Path) -> int:
    return sum(line.what == "sent" for line in entries(log))


def _after(log: Path, many: int, more: float) -> Moment:
    """Some milliseconds after so many answers."""
    size, before, reached = log.stat().st_size, _answered(log), list[float]()

    def moment(since: float) -> bool:
        nonlocal size
        if not reached and (now := log.stat().st_size) != size:
            size = now
            if _answered(log) - before >= many:
                reached.append(since + more)
        return bool(reached) and since >= reached[0]

    return moment


def _killed(command: list[str], moment: Moment, out: Path, log: Path, figures: Figures, safe: set[str]) -> bool:
    """Whether the process was killed before its end. Then what is left was looked at."""
    asked = len(entries(log))
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment())
    killed_at = _kill(process, moment)
    lines = entries(log)[asked:]
    assert not safe & {line.key for line in lines}, "what is in the journal is never asked for again"
    if process.returncode != -signal.SIGKILL:
        assert process.returncode in (0, 1)
        return False
    kept = journaled(out)
    assert safe <= kept, "what is in the journal stays there"
    figures.kills += 1
    figures.begun += bool(kept)
    _count_lost(lines, kept, killed_at, figures)
    figures.leftovers += len(temporaries(out))
    assert_readable(out)
    return True


def _kill(process: subprocess.Popen[bytes], moment: Moment) -> float:
    began = time.monotonic()
    while process.poll() is None and not moment(time.monotonic() - began):
        assert time.monotonic() - began < 300, "it hangs"
        time.sleep(0.001)
    at = time.time()
    process.kill()
    process.wait()
    return at


def _count_lost(lines: list[Line], kept: set[str], killed_at: float, figures: Figures) -> None:
    sent = {line.key: line.at for line in lines if line.what == "sent"}
    for line in lines:
        if line.what == "asked" and line.key not in kept:
            if line.key in sent and sent[line.key] <= killed_at:
                figures.arrived += 1
                figures.ages.append(1000 * (killed_at - sent[line.key]))
            else:
                figures.on_the_wire += 1


def journaled(out: Path) -> set[str]:
    """Keys of the answers in the journal, read from a copy: reading in place would tidy it up for the next process."""
    if not (out / "journal.db").exists():
        return set()
    copy = out.with_name(f"{out.name}.copy")
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir()
    for file in out.glob("journal.db*"):
        shutil.copy(file, copy)
    with closing(sqlite3.connect(copy / "journal.db")) as db:
        if not db.execute("SELECT name FROM sqlite_master WHERE name = 'answers'").fetchone():
            return set()  # killed before the table was made
        return {key for (key,) in db.execute("SELECT key FROM answers")}


def assert_readable(out: Path) -> None:
    """Whoever reads a run finds what was finished, or one line that says what is missing."""
    try:
        run = Run(out)
        assert len(run.tasks) == run.counts.kept
        assert repr(run)
    except UsageError as error:
        said = str(error)
        assert said.count("\n") == 0
    for command in (["report", str(out)], ["show", str(out), "--task", "none"], ["export", str(out)]):
        result = click.testing.CliRunner().invoke(main, command)
        assert result.exit_code in (0, 2), result.output
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception


def contents(out: Path) -> dict[str, bytes]:
    """Every file of a finished run, but for the journal, whose rows have times."""
    return {
        file.relative_to(out).as_posix(): b"" if file.name == "journal.db" else file.read_bytes()
        for file in sorted(out.rglob("*"))
        if file.is_file()
    }


def temporaries(folder: Path) -> list[Path]:
    return [file for file in folder.glob(".*") if file.name != ".lock"] if folder.is_dir() else []


def _assert_same(out: Path, whole: Path) -> None:
    mine, other = contents(out), contents(whole)
    assert mine.keys() == other.keys()
    assert not [name for name in mine if mine[name] != other[name]]


# Commands that write one thing and end


@dataclass(frozen=True)
class Writer:
    """A command that writes `target`, a file or a folder. The words that are paths hold {folder} or {out}."""

    name: str
    words: tuple[str, ...]
    target: str
    resumes: bool = False
    """Whether its folder grows, and the same command goes on in it; else the target appears whole."""
    over: bool = False
    """Whether it may replace what is there."""
    same: Callable[[Path], object] | None = None
    """What is compared of the target; None: every byte."""


def killed_writer(writer: Writer, folder: Path, *, kills: int = 50, seed: int = 0) -> Figures:
    """Half of the kills at any moment, half after the command has begun to write."""
    began = time.monotonic()
    rng, figures = Random(f"{seed}/{writer.name}"), Figures(writer.name)
    whole, place = folder / "whole", folder / "killed"
    for each in (whole, place):
        each.mkdir()
    started = time.monotonic()
    writing = _wrote(_command(writer, folder, whole), whole)
    length = time.monotonic() - started
    expected = _seen(writer, whole)
    target = place / writer.target
    for number in range(10 * kills):
        if figures.kills >= kills:
            break
        moment = _at(rng.uniform(0, length)) if number % 2 else _once_written(place, rng.uniform(0, length - writing))
        process = subprocess.Popen(
            _command(writer, folder, place), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment()
        )
        _kill(process, moment)
        said = process.communicate()[1].decode()
        if process.returncode != -signal.SIGKILL:
            assert process.returncode == 0, said
        else:
            figures.kills += 1
            figures.begun += target.exists() or bool(temporaries(place))
            figures.leftovers += len(temporaries(place)) + len(temporaries(target))
        if target.exists() and not writer.resumes:
            assert _seen(writer, place) == expected, "what is there is whole"
        done = writer.resumes and process.returncode == 0
        if done:
            assert _seen(writer, place) == expected
        if target.exists() and (done or (not writer.resumes and not (writer.over and rng.random() < 0.5))):
            shutil.rmtree(target) if target.is_dir() else target.unlink()
    assert figures.kills == kills, "it ends before it is killed, again and again"
    finish = subprocess.run(_command(writer, folder, place), capture_output=True, env=environment(), check=False)
    assert finish.returncode == 0 or (target.exists() and not writer.over), finish.stderr.decode()
    assert _seen(writer, place) == expected
    left = [each.relative_to(place) for each in (*temporaries(place), *temporaries(target))]
    assert not left, f"temporaries of dead processes: {left}"
    figures.seconds = time.monotonic() - began
    return figures


def _command(writer: Writer, folder: Path, place: Path) -> list[str]:
    named = {"folder": str(folder.parent / "given"), "out": str(place / writer.target)}
    return [*SELFINSTRUCT, *(word.format(**named) for word in writer.words)]


def _wrote(command: list[str], place: Path) -> float:
    """Seconds until the first file appeared; waits for the end."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment())
    began, first = time.monotonic(), None
    while process.poll() is None:
        if first is None and any(place.iterdir()):
            first = time.monotonic() - began
        time.sleep(0.001)
    said = process.communicate()[1].decode()
    assert process.returncode == 0, said
    return first if first is not None else time.monotonic() - began


def _once_written(place: Path, more: float) -> Moment:
    """Some time after something new appeared in the place."""
    there, reached = {entry.name for entry in place.iterdir()}, list[float]()

    def moment(since: float) -> bool:
        if not reached and {entry.name for entry in place.iterdir()} - there:
            reached.append(since + more)
        return bool(reached) and since >= reached[0]

    return moment


def _seen(writer: Writer, place: Path) -> object:
    target = place / writer.target
    if writer.same:
        return writer.same(target)
    if target.is_file():
        return target.read_bytes()
    return contents(target)
