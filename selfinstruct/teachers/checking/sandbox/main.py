"""The process that is started for each answer: it puts the walls up and begins the two processes within them.

It is told what to do in frames on its standard input, and answers in frames on its standard output. The code's process
begins before a word of the tests has been read.
"""

from __future__ import annotations

import asyncio  # noqa: F401  what the two processes need is loaded before the walls are up
import ctypes
import gc
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from selfinstruct.teachers.checking.sandbox import answering, testing
from selfinstruct.teachers.checking.sandbox.filtering import filter_calls
from selfinstruct.teachers.checking.sandbox.frames import hear, say
from selfinstruct.teachers.checking.sandbox.peers import Gone
from selfinstruct.teachers.checking.sandbox.walls import CALLS, FILES, shut_in

__all__ = ["main"]

LONGEST_OUTPUT = 8_000_000
"""Bytes that a program may write."""
ENDING = 1.0
"""Seconds that a process takes to end at most."""
UNFILTERED = 77
"""Status of a process that the kernel would not filter."""


def main() -> None:
    """Put up the walls and say which stand; then do what is asked for: "test", or "run" as often as it is asked."""
    job = hear(0)
    sys.path[:] = [*sys.path[1:], *job["paths"]]
    limits = {"seconds": int(job["seconds"]), "memory": int(job["memory"])}
    walls = shut_in(job["folder"], [path for path in sys.path if path], **limits)
    code = str(job["code"])
    libc = ctypes.CDLL(None, use_errno=True)
    may_write = FILES in walls
    filters = os.waitpid(_begun(libc, lambda: 0, may_write), 0)[1] == 0
    say(1, sorted(walls | {CALLS} if filters else walls))
    if not filters:
        return
    with suppress(EOFError):
        if job["do"] == "test":
            say(1, _test(libc, code, may_write))
            return
        while True:
            say(1, _run(libc, code, str(hear(0)), may_write))


def _test(libc: ctypes.CDLL, code: str, may_write: bool) -> dict[str, Any]:
    ours, theirs = socket.socketpair()
    quiet = os.open("/dev/null", os.O_RDWR)

    def answers() -> int:
        for at in (0, 1, 2):
            os.dup2(quiet, at)
        ours.close()
        answering.loaded(theirs.fileno(), code)
        return 0

    answer = _begun(libc, answers, may_write)
    theirs.close()
    told, telling = os.pipe()

    def tests() -> int:
        spec = hear(0)
        for at in (0, 1, 2):
            os.dup2(quiet, at)
        os.close(told)
        with suppress(Gone):
            say(telling, testing.tested(ours.fileno(), spec))
        return 0  # nothing said: the code is gone, or said what is no answer

    tester = _begun(libc, tests, may_write)
    ours.close()
    os.close(telling)
    try:
        verdict = hear(told)
    except (EOFError, ValueError):
        verdict = {}
    of_tester = os.waitpid(tester, 0)[1]
    return {"verdict": verdict, "tests": _status(of_tester), "code": _ended(answer, 0 if verdict else ENDING)}


def _ended(process: int, seconds: float) -> int:
    """How it ended within so many seconds; 0 where it had to be ended."""
    until = time.monotonic() + seconds
    while True:
        ended, found = os.waitpid(process, os.WNOHANG)
        if ended:
            return _status(found)
        if time.monotonic() > until:
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
            return 0
        time.sleep(0.005)


def _run(libc: ctypes.CDLL, code: str, given: str, may_write: bool) -> dict[str, Any]:
    """{"output": text, "status": 0, "error": its last words}."""
    files = [os.memfd_create(name) for name in ("given", "output", "error")]
    with open(files[0], "wb", closefd=False) as file:
        file.write(given.encode("utf-8", "surrogatepass"))
    os.lseek(files[0], 0, os.SEEK_SET)

    def program() -> int:
        for at, file in enumerate(files):
            os.dup2(file, at)
        os.closerange(3, 64)
        return answering.ran(code)

    status = _status(os.waitpid(_begun(libc, program, may_write), 0)[1])
    size, words = os.fstat(files[1]).st_size, os.fstat(files[2]).st_size
    output = os.pread(files[1], min(size, LONGEST_OUTPUT), 0).decode("utf-8", "replace")
    error = os.pread(files[2], 2000, max(0, words - 2000)).decode("utf-8", "replace")
    for at in files:
        os.close(at)
    return {"output": output, "status": status, "error": error, "more": size > LONGEST_OUTPUT}


def _begun(libc: ctypes.CDLL, does: Callable[[], int], may_write: bool) -> int:
    """The number of a process that does that, without more rights than the code of an answer may have."""
    if child := os.fork():
        return child
    status = 1
    try:
        libc.prctl(1, signal.SIGKILL, 0, 0, 0)  # PR_SET_PDEATHSIG: it ends with this process
        libc.prctl(4, 0, 0, 0, 0)  # PR_SET_DUMPABLE: its memory is its own
        gc.freeze()
        status = does() if filter_calls(libc, may_write=may_write) else UNFILTERED
    except BaseException:
        status = 1
    finally:
        os._exit(status)


def _status(found: int) -> int:
    """As of a shell's $?, the number of the signal below 0."""
    return os.waitstatus_to_exitcode(found)
