"""A process of this Python that is spoken with in frames, and that ends when it is to, with all that it began."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from selfinstruct.teachers.checking.sandbox.frames import HEAD, LARGEST, packed, unpacked

__all__ = ["Helper", "Stopped"]

ROOT = str(Path(__file__).parents[3])
"""Where this package is imported from."""
# Nothing of the user's environment, where keys are; and one order of sets and dictionaries, so that a check that
# depends on it comes out the same again. With these options Python is as isolated as with -I, which ignores the latter.
OPTIONS = ("-s", "-S", "-P", "-B", "-X", "utf8")
ENVIRONMENT = {"PYTHONHASHSEED": "0", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "LANG": "C.UTF-8"}
_BOOT = "import sys; sys.path.insert(0, {root!r}); from {module} import main; main()"


class Stopped(Exception):
    """The process ended, or said what is no frame."""


class Helper:
    """`main` of a module of ours, in a process of its own in `folder`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def begun(cls, module: str, folder: str | None = None) -> Helper:
        return cls(
            await asyncio.create_subprocess_exec(
                sys.executable,
                *OPTIONS,
                "-c",
                _BOOT.format(root=ROOT, module=module),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                cwd=folder,
                env=ENVIRONMENT,
                start_new_session=True,
            )
        )

    async def say(self, value: Any) -> None:
        """Raises Stopped where nobody listens."""
        assert self._process.stdin
        try:
            self._process.stdin.write(packed(value))
            await self._process.stdin.drain()
        except (ConnectionError, ValueError) as error:
            raise Stopped(str(error)) from None

    async def hear(self) -> Any:
        """What it says next. Raises Stopped."""
        assert self._process.stdout
        try:
            size = int(await self._process.stdout.readexactly(HEAD), 16)
            if size > LARGEST:
                raise Stopped("too much")
            return unpacked(await self._process.stdout.readexactly(size))
        except (asyncio.IncompleteReadError, ConnectionError, ValueError):
            raise Stopped("it ended") from None

    async def ask(self, value: Any) -> Any:
        await self.say(value)
        return await self.hear()

    @property
    def lives(self) -> bool:
        return self._process.returncode is None

    async def end(self) -> None:
        """Kill it, and all that it has begun."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        if self._process.stdin:
            self._process.stdin.close()
        await self._process.wait()
