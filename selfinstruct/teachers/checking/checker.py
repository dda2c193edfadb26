"""The checker: the teacher that `check` steps ask by default. It runs code, compares answers and tries schemas, here.

Its answers cost nothing, and are journaled like any teacher's: a run that goes on asks nothing twice, also not what
once took too long. As many checks run at the same time as there are cores, whatever --concurrency says: more would only
run into each other's time.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any

from selfinstruct.errors import TeacherFailed, UsageError, quoted
from selfinstruct.teacher import Request, Response
from selfinstruct.teachers.checking.processes import Helper, Stopped
from selfinstruct.teachers.checking.running import START, paths, run_tests, why_not
from selfinstruct.teachers.checking.sandbox.walls import FILES
from selfinstruct.text.final import same

__all__ = ["CHECKER", "Checker", "check_ready"]

CHECKER = "checker"
"""The name that it is asked for by."""
NEEDS = {"math": ("math_verify", "math-verify"), "schema": ("jsonschema", "jsonschema")}
COMPARING = "selfinstruct.teachers.checking.comparing"
MORE = 5.0
"""Seconds of the clock beyond those that a comparison may take, on a busy machine."""
NO_FILES = (
    "this kernel has no Landlock: the code of answers can read what you can read on this machine, though it can write "
    "nothing and has no network; see docs/checks.md"
)


def check_ready(by: str, *, run_code: bool) -> None:
    """Raises UsageError where answers cannot be checked so on this machine, or where it was not asked for."""
    if by == "code" and not run_code:
        raise UsageError(
            "this recipe runs the code of the answers, with their tests, in a sandbox on this machine (docs/checks.md "
            "says what it keeps from what): give --run-code if that is what you want"
        )
    if by == "code" and (reason := why_not()):
        raise UsageError(reason)
    module, package = NEEDS.get(by, ("", ""))
    if module and importlib.util.find_spec(module) is None:
        raise UsageError(f"'check: {by}' needs the package {package}: pip install 'selfinstruct[check]'")


class Checker:
    """async with Checker() as checker: await checker(request)"""

    def __init__(self, notice: Callable[[str], None] = lambda text: None, at_once: int | None = None) -> None:
        self._notice = notice
        self._turns = asyncio.Semaphore(at_once or os.cpu_count() or 1)
        self._idle: dict[str, list[Helper]] = {}
        self._folder = ""
        self._walls: set[str] = set()

    async def __aenter__(self) -> Checker:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for helper in [helper for helpers in self._idle.values() for helper in helpers]:
            await helper.end()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)

    async def __call__(self, request: Request, /) -> Response:
        """The verdict as JSON: {"passed": true}, or {"passed": false, "what": …, "why": …}.

        Raises TeacherFailed for a request that is no check's, and where nothing can be checked on this machine.
        """
        job = _job(request)
        if job["by"] == "math" and same(str(job["answer"]), str(job["reference"])):
            what, why = "", ""
        else:
            async with self._turns:
                what, why = await (self._run(job) if job["by"] == "code" else self._compared(job))
        verdict = {"passed": False, "what": what, "why": why} if what else {"passed": True}
        text = json.dumps(verdict, ensure_ascii=False)
        return Response(text, model=CHECKER, input_tokens=0, output_tokens=0, cost=0.0)

    async def _run(self, job: Mapping[str, Any]) -> tuple[str, str]:
        first = not self._walls
        found = await run_tests(job, self._walls)
        if first and self._walls and FILES not in self._walls:
            self._notice(NO_FILES)
        return found

    async def _compared(self, job: Mapping[str, Any]) -> tuple[str, str]:
        """By a helper that has the package loaded; one that takes too long is ended, and the next one begins anew."""
        by = str(job["by"])
        try:
            helper = await self._helper(by)
        except (TimeoutError, Stopped):
            check_ready(by, run_code=True)
            raise TeacherFailed(f"the process that checks {by} does not begin: run the same command again") from None
        try:
            async with asyncio.timeout(job["seconds"] + MORE):
                found = await helper.ask(job)
        except (TimeoutError, Stopped) as error:
            await helper.end()
            return ("timed out", f"after {job['seconds']} s") if isinstance(error, TimeoutError) else ("too large", by)
        except BaseException:
            await helper.end()
            raise
        self._idle.setdefault(by, []).append(helper)
        return ("", "") if found["passed"] else (str(found["what"]), str(found["why"]))

    async def _helper(self, by: str) -> Helper:
        while idle := self._idle.get(by):
            if (helper := idle.pop()).lives:
                return helper
        self._folder = self._folder or tempfile.mkdtemp(prefix="selfinstruct-check-")
        helper = await Helper.begun(COMPARING)
        try:
            async with asyncio.timeout(START):
                await helper.say({"paths": paths(), "needs": NEEDS[by][:1], "folder": self._folder})
                await helper.ask({"by": "schema", "answer": "1", "schema": True} if by == "schema" else PROBE)
        except BaseException:
            await helper.end()
            raise
        return helper


PROBE = {"by": "math", "answer": "1", "reference": "2"}
"""The first question of a helper: once it is answered, all is loaded."""


def _job(request: Request) -> dict[str, Any]:
    try:
        job = json.loads(request.prompt) if isinstance(request.prompt, str) else None
    except (ValueError, RecursionError):
        job = None
    if not isinstance(job, dict) or job.get("by") not in ("code", *NEEDS):
        raise TeacherFailed(
            f"the checker was asked {quoted(request.prompt)}: it answers the requests of 'each: check' and no others"
        )
    return job
