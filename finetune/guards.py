"""Around a training: one at a time in a folder, and one line when there is no room left, on the disk or in memory."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from selfinstruct.errors import RunStopped, UsageError

__all__ = ["alone", "room"]

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO)


@contextmanager
def alone(out: Path) -> Iterator[None]:
    """One training at a time in a folder. The lock is the operating system's, so a dead process holds none."""
    from filelock import FileLock, Timeout

    try:
        out.mkdir(parents=True, exist_ok=True)
        with FileLock(out / ".lock", timeout=0):
            yield
    except Timeout:
        raise UsageError(f"{out} is in use by another process: wait for it, or choose another --out") from None


@contextmanager
def room(out: Path) -> Iterator[None]:
    """What the libraries raise when there is no room left, on the disk or in memory, as one line."""
    from safetensors import SafetensorError

    from .decoding import out_of_memory

    try:
        yield
    except (OSError, SafetensorError, RuntimeError, MemoryError) as error:
        if out_of_memory(error):
            raise RunStopped(
                "out of memory: lower micro_batch (--set micro_batch=1) or recompute activations "
                "(--set checkpointing=true); neither changes what is learned"
            ) from None
        reason = _unwritten(error)
        if reason is None:
            raise
        raise RunStopped(f"cannot write to {out}: {reason}; mend that and run again: it goes on") from None


def _unwritten(error: BaseException) -> str | None:
    """Why a file could not be written, or None if the error is another one."""
    if isinstance(error, OSError):
        return error.strerror if error.errno in NO_ROOM else None
    text = str(error)
    if "os error" in text or "I/O error" in text:  # safetensors tells the system's error in its text
        return text.partition("I/O error: ")[2] or text
    if "PytorchStreamWriter" in text or "inline_container" in text:
        return "No space left on device, or no right to write"
    return None
