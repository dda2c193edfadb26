"""Around a training: one at a time in a folder, and one line when there is no room left, on the disk or in memory."""

from __future__ import annotations

import errno
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from selfinstruct.errors import RunStopped, UsageError

__all__ = ["alone", "room"]

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO)


@contextmanager
def alone(out: Path) -> Iterator[None]:
    """One training at a time in a folder, which is made. The lock is the operating system's: a dead process holds none.

    Raises UsageError when the folder cannot be had. Whatever is raised inside, folders that were made go again, empty.
    """
    from filelock import FileLock, Timeout

    file, made = out / ".lock", list[Path]()
    try:
        made += [folder for folder in (out, *out.parents) if not folder.exists()]
        out.mkdir(parents=True, exist_ok=True)
        is_new = not file.exists()
        lock = FileLock(file, timeout=0).acquire()
    except Timeout:
        raise UsageError(f"{out} is in use by another process: wait for it, or choose another --out") from None
    except OSError as error:
        _remove_empty(made)
        raise UsageError(f"cannot use {out}: {error.strerror or error}; choose another --out") from None
    with lock:
        try:
            yield
        except BaseException:
            if is_new:
                with suppress(OSError):
                    file.unlink()
            _remove_empty(made)
            raise


def _remove_empty(folders: Iterable[Path]) -> None:
    """Those of the folders that are there and empty, the innermost first."""
    for folder in folders:
        with suppress(OSError):
            folder.rmdir()


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
