"""A process beside this one that compares mathematical answers (math-verify) and tries JSON against a schema.

A formula can keep sympy busy for ever, and a pattern of a schema a text: so it is a process that can be ended. What it
reads was written by a model, so it is shut in like the sandbox where the system can do that.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
from typing import Any

from selfinstruct.teachers.checking.sandbox.frames import hear, say

__all__ = ["compare", "main"]

MEMORY = 4_000
"""Megabytes."""
LONGEST = 200
LIFE = 100_000
"""Seconds of the processor: the time of each question is its asker's."""


def main() -> None:
    """Answer questions until nobody asks any more: {"by": "math", "answer", "reference"} or {"by": "schema", "answer",
    "schema"}; each with {"passed", "what", "why"}."""
    start = hear(0)
    sys.path[:] = [*sys.path[1:], *start["paths"]]
    quiet = os.open("/dev/null", os.O_WRONLY)
    telling = os.dup(1)
    os.dup2(quiet, 1)
    for name in start["needs"]:
        __import__(name)
    _shut_in(start["folder"])
    while True:
        try:
            asked = hear(0)
        except EOFError:
            return
        try:
            said = compare(asked)
        except Exception as error:
            said = _failed(f"{asked['by']} failed", f"{type(error).__name__}: {error}")
        say(telling, said)


def _shut_in(folder: str) -> None:
    if sys.platform.startswith("linux"):
        from selfinstruct.teachers.checking.sandbox.filtering import filter_calls
        from selfinstruct.teachers.checking.sandbox.walls import shut_in

        libc = ctypes.CDLL(None)
        libc.prctl(1, signal.SIGKILL, 0, 0, 0)  # PR_SET_PDEATHSIG: a run that is killed leaves no sympy at work
        shut_in(folder, [path for path in sys.path if path], seconds=LIFE, memory=MEMORY)
        filter_calls(libc, may_write=True)


def compare(asked: dict[str, Any]) -> dict[str, Any]:
    if asked["by"] == "schema":
        return _by_schema(json.loads(asked["answer"]), asked["schema"])
    if _same(asked["reference"], asked["answer"]):
        return {"passed": True}
    return _failed("answer differs", f"{asked['answer'][:60]} where {asked['reference'][:60]} is right")


def _failed(what: str, why: str) -> dict[str, Any]:
    return {"passed": False, "what": what, "why": " ".join(why.split())[:LONGEST]}


def _same(reference: str, answer: str) -> bool:
    """By math-verify: the two are wrapped as it looks for them. Its own limits of time work in main threads only, and
    whoever asked has one."""
    from math_verify import parse, verify

    gold, said = (parse(_wrapped(text), parsing_timeout=None) for text in (reference, answer))
    return bool(gold and said and verify(gold, said, timeout_seconds=None))


def _wrapped(text: str) -> str:
    return text if "$" in text or "\\boxed" in text else f"${text}$"


def _by_schema(value: Any, schema: Any) -> dict[str, Any]:
    from jsonschema.exceptions import best_match
    from jsonschema.validators import validator_for

    kind = validator_for(schema)
    error = best_match(kind(schema, format_checker=kind.FORMAT_CHECKER).iter_errors(value))
    if error is None:
        return {"passed": True}
    where = "".join(f"[{part!r}]" if isinstance(part, int) else f".{part}" for part in error.absolute_path)
    return _failed("not of the schema", f"{where.lstrip('.')}: {error.message}" if where else error.message)
