"""What is published, written whole or not at all: a folder or a file that appears when all of it is there."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from selfinstruct.errors import UsageError
from selfinstruct.workdir import placed

__all__ = ["accompanying", "carry_over", "room_for", "written_file", "written_folder"]

WEIGHTS = (".safetensors", ".delta", ".bin", ".pt", ".pth", ".gguf", ".h5", ".msgpack", ".onnx")
DISK = {
    *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO),
    *(errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EEXIST, errno.ENAMETOOLONG),
}
"""What the system says about a place where nothing can be written."""


def accompanying(folder: Path) -> list[str]:
    """Everything of a model but its weights: configuration, tokenizer, chat templates, train.json, README.md."""
    files = [file for file in folder.iterdir() if file.suffix not in WEIGHTS and not file.name.startswith(".")]
    files += (folder / "additional_chat_templates").rglob("*")
    return sorted(file.relative_to(folder).as_posix() for file in files if file.is_file())


def carry_over(source: Path, out: Path) -> None:
    """Copy what accompanies a model's weights."""
    for name in accompanying(source):
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / name, out / name)


def room_for(size: int, out: Path) -> None:
    """Raises UsageError when the disk has not so many bytes left, which is better told before an hour of work."""
    parent = next(folder for folder in out.absolute().parents if folder.exists())
    free = shutil.disk_usage(parent).free
    if size > free:
        need, left = f"{size / 1e9:,.1f} GB", f"{free / 1e9:,.1f} GB"
        raise UsageError(f"{out} needs {need} and {parent} has {left} left: free some space, or choose another --out")


@contextmanager
def written_folder(out: Path) -> Iterator[Path]:
    """A folder that appears whole or not at all: written beside its place, then renamed. Raises UsageError."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(f"{out} is already there{' and not empty' if out.is_dir() else ''}: choose another --out")
    with _told(out), placed(out.absolute(), folder=True) as beside:
        yield beside


@contextmanager
def written_file(out: Path) -> Iterator[Path]:
    """A file that appears whole or not at all. Raises UsageError."""
    if out.exists():
        raise UsageError(f"{out} is already there: {'give a file name in it' if out.is_dir() else 'choose another'}")
    with _told(out):
        out.absolute().parent.mkdir(parents=True, exist_ok=True)
        with placed(out.absolute()) as beside:
            yield beside


@contextmanager
def _told(out: Path) -> Iterator[None]:
    """What the disk refuses, as one line. Rust's safetensors has its own error, with the same reason in its text."""
    from safetensors import SafetensorError

    try:
        yield
    except OSError as error:
        cut = error.errno is None and "written" in str(error)  # NumPy's own, without a number
        if error.errno not in DISK and not cut:
            raise
        reason = f"the disk took only a part of it ({error})" if cut else error.strerror or str(error)
    except SafetensorError as error:
        reason = str(error)
        if "os error" not in reason.lower() and "os {" not in reason.lower():
            raise
    else:
        return
    raise UsageError(f"cannot write {out}: {reason}. Nothing was left there; free some space, or choose another --out")
