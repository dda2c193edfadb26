"""Code checked by its tests: in a sandbox, within limits of time and memory, and never in this process."""

from __future__ import annotations

import asyncio
import os
import shutil
import site
import sys
import sysconfig
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from selfinstruct.errors import TeacherFailed
from selfinstruct.teachers.checking.processes import Helper, Stopped
from selfinstruct.teachers.checking.sandbox.walls import CALLS

__all__ = ["START", "Verdict", "paths", "run_tests", "why_not"]

Verdict = tuple[str, str]
"""Why it failed: a category and one line; two empty texts where it passed."""
PASSED: Verdict = ("", "")
TIMED_OUT, FAILED = "timed out", "tests failed"

MAIN = "selfinstruct.teachers.checking.sandbox.main"
SLACK = 3
"""Times the seconds that a check may take of the processor, it may take of the clock: the machine has other work."""
MORE = 2.0
START = 60.0
"""Seconds of the clock for Python to begin on a busy machine."""
KILLED = (-24, -9)
"""By the limit on time: SIGXCPU, SIGKILL."""
SHOWN = 60


@cache
def why_not() -> str:
    """Why code cannot be run on this machine; "" where it can."""
    if not sys.platform.startswith("linux"):
        return "code is run in a sandbox of Linux only: run this in a container or a virtual machine with Linux"
    from selfinstruct.teachers.checking.sandbox.filtering import can_filter

    if not can_filter():
        return (
            "code is run only where the kernel can filter calls (seccomp, on x86-64 and 64-bit ARM), and here it cannot"
        )
    return ""


@cache
def paths() -> list[str]:
    """Where Python's own modules and the installed packages are: of the folders of this process's path no others."""
    known = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    known += [f"{prefix}/lib" for prefix in (sys.base_prefix, sys.base_exec_prefix)]
    packages = [path for path in sys.path if path.endswith(("site-packages", "dist-packages", "lib-dynload"))]
    return list(dict.fromkeys([*known, *site.getsitepackages(), *packages]))


async def run_tests(job: Mapping[str, Any], walls: set[str] | None = None) -> Verdict:
    """What became of `code` under its tests: `tests` with an `entry`, `function` with `calls`, or `cases` of input and
    output; within `seconds` of the processor (each, of cases) and `memory` megabytes. `walls` is told which stand.

    Raises TeacherFailed where the sandbox cannot be had.
    """
    folder = tempfile.mkdtemp(prefix=f"selfinstruct-check-{os.getpid()}-")
    helper = await Helper.begun(MAIN, folder)
    try:
        begin = {name: job[name] for name in ("code", "seconds", "memory")}
        begin |= {"do": "run" if "cases" in job else "test", "folder": folder, "paths": paths()}
        async with asyncio.timeout(START):
            up = await helper.ask(begin)
        if walls is not None:
            walls.update(up)
        if CALLS not in up:
            raise TeacherFailed(
                "the kernel refuses to filter calls (seccomp), so no code is run here: see docs/checks.md"
            )
        return await (_programs if "cases" in job else _tests)(helper, job)
    except TimeoutError:
        return (TIMED_OUT, "the sandbox did not begin")
    except Stopped as error:
        return (FAILED, f"the sandbox ended: {error}")
    finally:
        await helper.end()
        shutil.rmtree(folder, ignore_errors=True)


async def _tests(helper: Helper, job: Mapping[str, Any]) -> Verdict:
    spec = {name: job[name] for name in ("tests", "entry", "function", "calls") if name in job}
    if (found := await _within(job["seconds"], helper, spec)) is None:
        return _late(job)
    verdict, code, tests = found["verdict"], found["code"], found["tests"]
    if verdict.get("passed") is True:
        return PASSED
    if verdict:
        return (str(verdict["what"]), str(verdict["why"]))
    if code in KILLED or tests in KILLED:
        return _late(job)
    who, status = ("tests", tests) if tests and not code else ("code", code)
    return (FAILED, f"the {who} ended the process{f' ({status})' if status else ''}")


async def _programs(helper: Helper, job: Mapping[str, Any]) -> Verdict:
    for number, (given, wanted) in enumerate(job["cases"], 1):
        if (found := await _within(job["seconds"], helper, given)) is None or found["status"] in KILLED:
            return _late(job, f"case {number}: ")
        if found["status"] != 0:
            words = [line.strip() for line in found["error"].split("\n") if line.strip()]
            return (FAILED, f"case {number}: {words[-1] if words else found['status']}"[:200])
        if found["more"] or not same_output(found["output"], wanted):
            said, right = (repr(text.strip()[:SHOWN]) for text in (found["output"], wanted))
            return (FAILED, f"case {number}: {said} where {right} is right")
    return PASSED


async def _within(seconds: float, helper: Helper, said: Any) -> Any:
    """What the helper answers; None where it takes far longer on the clock than it may of the processor."""
    try:
        async with asyncio.timeout(SLACK * seconds + MORE):
            return await helper.ask(said)
    except TimeoutError:
        return None


def _late(job: Mapping[str, Any], where: str = "") -> Verdict:
    return (TIMED_OUT, f"{where}after {job['seconds']} s")


def same_output(said: str, wanted: str) -> bool:
    """Line by line, blanks at the ends aside; or word by word, with numbers as near as the sixth digit."""
    return _lines(said) == _lines(wanted) or _alike(said.split(), wanted.split())


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip().split("\n")]


def _alike(said: Sequence[str], wanted: Sequence[str]) -> bool:
    return len(said) == len(wanted) and all(map(_near, said, wanted))


def _near(one: str, other: str) -> bool:
    if one == other:
        return True
    if "." not in other:  # a whole number is that and no other
        return False
    try:
        return abs(float(one) - float(other)) <= 1e-6 * max(1.0, abs(float(other)))
    except ValueError:
        return False
