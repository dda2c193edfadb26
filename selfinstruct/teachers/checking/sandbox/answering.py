"""The process in which an answer's code runs: it is loaded, and then does what the tests ask of it; or it is a program
that reads and writes. Of the tests it knows nothing.
"""

from __future__ import annotations

import os
import sys
import threading
import traceback
import types
from collections.abc import Iterable
from typing import Any

from selfinstruct.teachers.checking.sandbox.frames import say
from selfinstruct.teachers.checking.sandbox.peers import Peer

__all__ = ["NAME", "loaded", "ran"]

NAME = "solution"
"""Of the module that the code is: not __main__, so that what it would do as a program is left out."""
DEEP = 10_000
"""Calls in calls."""


def loaded(at: int, code: str) -> None:
    """Load the code as a module, tell the tests over the socket `at` what names it has, and serve them."""
    sys.setrecursionlimit(DEEP)
    module = types.ModuleType(NAME)
    sys.modules[NAME] = module
    peer = Peer(at, all=True)
    peer.root = module
    try:
        exec(compile(code, f"<{NAME}>", "exec", dont_inherit=True), module.__dict__)  # noqa: S102
    except BaseException as error:
        say(at, {"error": _told(error)})
        return
    names = {name: value for name, value in list(vars(module).items()) if not name.startswith("__")}
    say(at, {"names": _sent(peer, names.items())})
    peer.serve()


def _sent(peer: Peer, names: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    told = {}
    for name, value in names:
        try:
            told[name] = peer.values.told(value)
        except Exception:  # of no use to the tests
            continue
    return told


def _told(error: BaseException) -> str:
    """What is wrong with the code, and where, in one line."""
    try:
        text = " ".join(str(error).split())[:200]
    except Exception:
        text = ""
    if isinstance(error, SyntaxError):
        return f"{type(error).__name__}: {error.msg} (line {error.lineno})"
    line = next((at.lineno for at in reversed(traceback.extract_tb(error.__traceback__)) if NAME in at.filename), None)
    where = f" (line {line})" if line else ""
    return f"{type(error).__name__}: {text}{where}" if text else f"{type(error).__name__}{where}"


def ran(code: str) -> int:
    """Run the code as a program on what is at the file descriptors 0, 1 and 2; returns its status."""
    sys.setrecursionlimit(DEEP)
    sys.argv = [f"{NAME}.py"]
    sys.stdin = open(0, encoding="utf-8", errors="replace", closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding="utf-8", errors="replace", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", errors="replace", closefd=False)  # noqa: SIM115
    main = types.ModuleType("__main__")
    sys.modules["__main__"] = main
    status = 0
    try:
        exec(compile(code, f"<{NAME}>", "exec", dont_inherit=True), main.__dict__)  # noqa: S102
        threading._shutdown()  # type: ignore[attr-defined]  # a program may do all of its work in a thread
    except SystemExit as stopped:
        status = stopped.code if isinstance(stopped.code, int) else int(stopped.code is not None)
    except BaseException as error:
        os.write(2, f"\n{_told(error)}".encode("utf-8", "replace"))
        status = 1
    try:
        sys.stdout.flush()
    except Exception:
        return 1
    return status & 0xFF
