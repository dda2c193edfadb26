"""Fifty times `kill -9` for every recipe over HTTP and every command that writes: `pytest -m slow`, half an hour.

KILLS=5 in the environment is a quick look.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from commands import READING, WRITERS, commands, jobs, prepare
from killing import Job, Writer, killed_run, killed_writer, serving

KILLS = int(os.environ.get("KILLS", "50"))


@pytest.fixture(scope="session")
def given(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("killed") / "given"
    prepare(folder)
    return folder


def test_every_command_is_killed_or_writes_nothing() -> None:
    killed = {" ".join(word for word in writer.words[:2] if word.isalpha()) for writer in WRITERS}
    killed |= {job.words[0] for job in jobs(Path("run"))}
    assert sorted(killed | READING) == sorted(commands())
    assert not killed & READING


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(jobs(Path("run")))), ids=[job.name for job in jobs(Path("run"))])
def test_a_killed_run_is_as_undisturbed(number: int, given: Path, tmp_path: Path) -> None:
    job: Job = jobs(given / "run")[number]
    log = tmp_path / "log"
    with serving(log, latency=0.02, jitter=0.03) as url:
        found = killed_run(job, tmp_path, url, log, kills=KILLS)
    assert found.kills == KILLS
    assert found.begun >= KILLS // 2
    # Two or three arrive in the window between arrival and commit when the machine is busy, out of eight on the wire.
    assert found.arrived <= 3 * KILLS


@pytest.mark.slow
@pytest.mark.parametrize("writer", WRITERS, ids=[writer.name for writer in WRITERS])
def test_a_killed_command_leaves_all_or_nothing(writer: Writer, given: Path) -> None:
    folder = given.parent / writer.name
    folder.mkdir()
    found = killed_writer(writer, folder, kills=KILLS)
    assert found.kills == KILLS
