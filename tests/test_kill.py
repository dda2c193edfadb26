"""`kill -9` of a real process at random moments, then the same command again: same bytes, nothing paid for twice."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from functools import partial
from pathlib import Path
from random import Random

import pytest

KILLABLE = Path(__file__).parent / "killable.py"
IN_FLIGHT = 8  # as in killable.py


def start(recipe: str, num: int, out: Path, log: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, str(KILLABLE), recipe, str(num), str(out), str(log)])


def answered(log: Path) -> list[str]:
    """Keys of the requests that were answered, in order; none when it was killed before the first."""
    return log.read_text().split() if log.exists() else []


def journaled(out: Path) -> set[str]:
    if not (out / "journal.db").exists():
        return set()
    with closing(sqlite3.connect(out / "journal.db")) as db:
        try:
            return {key for (key,) in db.execute("SELECT key FROM answers")}
        except sqlite3.OperationalError:  # killed before the table was made
            return set()


def outputs(out: Path) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes() for path in sorted(out.iterdir()) if path.suffix in (".jsonl", ".json", ".yaml")
    }


@pytest.mark.parametrize(
    ("recipe", "num", "seed"),
    [
        *(("self_instruct-en", 90, 1), ("self_instruct-zh", 60, 2)),
        *(("alpaca-en", 90, 2), ("evol_instruct-en", 30, 1)),
    ],
)
def test_killed_and_resumed_is_as_undisturbed(recipe: str, num: int, seed: int, tmp_path: Path) -> None:
    whole, out, log = tmp_path / "whole", tmp_path / "killed", tmp_path / "killed.log"
    assert start(recipe, num, whole, tmp_path / "whole.log").wait() == 0
    rng = Random(seed)
    length = len(answered(tmp_path / "whole.log"))
    kills = 0
    safe: set[str] = set()
    while kills < 6:
        # Anywhere from the first import to the last line; more of the work is done each time.
        goal = rng.randrange(length * (kills + 1) // 6 + 1)
        before = answered(log)
        process = start(recipe, num, out, log)
        deadline = time.monotonic() + rng.choice([0.02, 0.3, 60])
        while process.poll() is None and time.monotonic() < deadline:
            if len(answered(log)) > goal:
                break
            time.sleep(0.002)
        process.kill()
        process.wait()
        kills += 1
        asked = answered(log)[len(before) :]
        assert not safe & set(asked), "what is in the journal is never asked again"
        safe = journaled(out)
    asked = answered(log)
    assert start(recipe, num, out, log).wait() == 0
    assert not safe & set(answered(log)[len(asked) :])
    assert outputs(out) == outputs(whole)
    everything = answered(log)
    assert len(everything) - len(set(everything)) <= kills * IN_FLIGHT, "only what was on the wire is lost"


def test_a_finished_run_asks_nobody(tmp_path: Path) -> None:
    out, log = tmp_path / "out", tmp_path / "log"
    assert start("self_instruct-en", 30, out, log).wait() == 0
    before, asked = outputs(out), answered(log)
    assert start("self_instruct-en", 30, out, log).wait() == 0
    assert outputs(out) == before
    assert answered(log) == asked
    assert start("self_instruct-en", 60, out, log).wait() == 0
    longer = outputs(out)
    assert longer["tasks.jsonl"].startswith(before["tasks.jsonl"])
    assert longer["rejected.jsonl"].startswith(before["rejected.jsonl"])
    assert start("self_instruct-en", 30, out, log).wait() == 0, "a smaller --num shortens nothing"
    assert outputs(out) == longer


def test_ctrl_c_keeps_what_there_is_and_can_be_resumed(tmp_path: Path) -> None:
    out = tmp_path / "run"
    command = [sys.executable, "-m", "selfinstruct", "generate", "--out", str(out), "--num"]
    process = subprocess.Popen(
        [*command, "100000"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell has its background jobs ignore Ctrl-C, and these tests may be one.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    )
    while not (out / "tasks.jsonl").exists() or (out / "tasks.jsonl").read_bytes().count(b"\n") < 20:
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    printed, said = process.communicate()
    assert process.returncode == 1
    assert said.endswith("selfinstruct: interrupted; the same command goes on from here\n")
    assert "Traceback" not in said
    reached = (out / "tasks.jsonl").read_bytes().splitlines()
    assert printed.startswith(f"{out}: kept {len(reached):,} of ")
    assert len((out / "alpaca.jsonl").read_bytes().splitlines()) >= len(reached)
    more = subprocess.run([*command, str(len(reached) + 5)], capture_output=True, check=True)
    assert more.returncode == 0
    assert (out / "tasks.jsonl").read_bytes().splitlines()[: len(reached)] == reached
