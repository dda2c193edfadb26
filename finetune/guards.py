"""Around a training: one line when there is no room left, on the disk or in memory."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from selfinstruct.errors import RunStopped
from selfinstruct.workdir import cannot_write

__all__ = ["room"]

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO)


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
        raise cannot_write(out, reason) from None


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
