"""Where a training stands: whether it is done, what to go on from, and whether the folder holds another one.

Only a checkpoint that was written to its end is gone on from.

The Trainer writes a checkpoint's files in place, and resumes from the highest number, torn or not. Here a file of ours
comes last: it has the size and the SHA-256 of each of the others, and says which run it is of. A checkpoint without it,
or with a file that differs, is ignored and said so. And when there is no room left to write one, that is one line, too.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from selfinstruct.errors import RunStopped, UsageError, shown
from selfinstruct.workdir import atomic, cannot_write, check_same

from ..models.folders import Source, folder_here, identity
from ..models.open import out_of_memory
from ..settings import TINY, Settings, effective

if TYPE_CHECKING:
    from rich.console import Console

__all__ = [
    *(
        "KIND",
        "REFERENCE",
        "REPORT",
        "TOKENS",
        "Checkpoint",
        "complete",
        "finished",
        "forget_tokens",
        "is_done",
        "lighten",
        "newest",
        "prune",
        "room",
    ),
    *("run_of", "start_of"),
]

REPORT = "train.json"
"""Of a finished training: written when all else is there."""
KIND = "training"
"""What a folder holds, in messages about it."""

ASIDE = ("out", "data", "keep", "checkpoint", "evaluate", "samples")
"""Settings that change nothing of what is learned. The data counts by its contents."""

TOKENS = "tokens"
"""Where those of texts lie, beside the checkpoints: they are as good for the next start."""
REFERENCE = "reference.safetensors"
"""What the base says of every answer of pairs, beside the checkpoints."""
MARK = "complete.json"
PREFIX = "checkpoint-"
"""As the Trainer names them: checkpoint-120 is that after step 120."""

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO)

STATE = ("optimizer.*", "optimizer_*", "scheduler.pt", "scaler.pt", "rng_state*.pth")
"""What only going on needs, and not the model: pickles, of several times its size. FSDP's are a folder."""


class Checkpoint(NamedTuple):
    path: Path
    step: int
    run: dict[str, Any]
    """What `complete` was told about the run."""


def run_of(settings: Settings, data: str, precision: str, processes: int) -> dict[str, Any]:
    """What tells a training from others: all that its weights follow from. `data` is the hash of the conversations."""
    chosen = {name: value for name, value in effective(settings).items() if name not in ASIDE}
    return chosen | {"precision": precision, "data": data, "processes": processes} | _contents(settings)


def _contents(settings: Settings) -> dict[str, str]:
    """Hashes of what settings name by its place alone, where something else may be another day. Raises UsageError."""
    found = {}
    try:
        for name, given in (("base", settings.base), ("tokenizer", settings.tokenizer)):
            if given not in (TINY, "") and (folder := folder_here(given)) is not None:
                found[f"{name}_hash"] = identity(Source(folder))
        if settings.template.endswith(".jinja"):
            found["template_hash"] = hashlib.sha256(Path(settings.template).read_bytes()).hexdigest()
    except OSError as error:
        raise UsageError(f"cannot read {error.filename}: {error.strerror or error}") from None
    return found


def is_done(out: Path, run: Mapping[str, Any], console: Console) -> bool:
    """Whether the folder holds this run, finished. Raises UsageError if it holds another one."""
    report = finished(out)
    if report is None:
        return False
    check_same(out, KIND, report.get("run") or {}, run)
    said = shown(f"{out} is trained already: nothing to do")
    console.print(said, markup=False, emoji=False, highlight=False, soft_wrap=True)
    return True


def start_of(out: Path, run: Mapping[str, Any], console: Console) -> Path | None:
    """The checkpoint to go on from, if there is one. Raises UsageError when it is of another run."""
    found, ignored = newest(out / "checkpoints")
    for line in ignored:
        console.print(shown(line), markup=False, emoji=False, highlight=False, soft_wrap=True, style="yellow")
    if found is None:
        return None
    check_same(out, KIND, found.run, run)
    console.print(f"goes on after step {found.step:,}", markup=False, highlight=False)
    return found.path


def finished(out: Path) -> dict[str, Any] | None:
    """What the folder's train.json says, or None: it is written when all else is there."""
    try:
        report = json.loads((out / REPORT).read_bytes())
        weights = any(out.glob("*.safetensors"))
    except (OSError, ValueError):
        return None
    return report if isinstance(report, dict) and weights else None


def complete(folder: Path, run: Mapping[str, Any]) -> None:
    """Mark a checkpoint as whole, once every process has written its files: all are on the disk before the mark is."""
    files = {}
    for file in _files(folder):
        with file.open("rb") as opened:
            os.fsync(opened.fileno())
        files[file.relative_to(folder).as_posix()] = {"size": file.stat().st_size, "sha256": _hash(file)}
    with atomic(folder / MARK) as mark:
        mark.write(json.dumps({"run": run, "files": files}, indent=1).encode())


def newest(folder: Path) -> tuple[Checkpoint | None, list[str]]:
    """The last complete checkpoint in a folder of them, and a line about each later one that was ignored."""
    ignored: list[str] = []
    for path, step in reversed(_numbered(folder)):
        run = _marked(path, hashes=True)
        if isinstance(run, dict):
            return Checkpoint(path, step, run), ignored
        ignored.append(f"{path} is ignored: {run}")
    return None, ignored


def prune(folder: Path, keep: int) -> None:
    """Delete all but the last `keep` complete checkpoints, and incomplete ones older than the last.

    Contents are not read again for that, at each checkpoint: those of the right sizes count as complete.
    """
    whole = [path for path, _ in _numbered(folder) if isinstance(_marked(path), dict)]
    kept = set(whole[-keep:])
    for path, _ in _numbered(folder):
        if whole and path not in kept and path != whole[-1] and _number(path) < _number(whole[-1]):
            (path / MARK).unlink(missing_ok=True)  # first: half deleted it must not look whole
            shutil.rmtree(path)


def lighten(folder: Path) -> None:
    """Leave only the models in the checkpoints of a finished training: no run goes on from them."""
    for path, _ in _numbered(folder):
        for file in (file for pattern in STATE for file in path.glob(pattern)):
            shutil.rmtree(file) if file.is_dir() else file.unlink()


def forget_tokens(folder: Path) -> None:
    """Delete those of a finished training on text: they are as large as the data."""
    shutil.rmtree(folder / TOKENS, ignore_errors=True)
    (folder / REFERENCE).unlink(missing_ok=True)


def _numbered(folder: Path) -> list[tuple[Path, int]]:
    found = folder.glob(f"{PREFIX}*") if folder.is_dir() else iter(())
    named = [path for path in found if path.is_dir() and path.name.removeprefix(PREFIX).isdecimal()]
    return sorted(((path, _number(path)) for path in named), key=lambda pair: pair[1])


def _number(path: Path) -> int:
    return int(path.name.removeprefix(PREFIX))


def _marked(path: Path, *, hashes: bool = False) -> dict[str, Any] | str:
    """What its mark says about the run, or why it is not complete; `hashes`: compare contents, and not sizes alone."""
    try:
        mark = json.loads((path / MARK).read_bytes())
        files = {name: (about["size"], about["sha256"]) for name, about in mark["files"].items()}
        run = dict(mark["run"])
    except FileNotFoundError:
        return "it was not written to its end"
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return f"its {MARK} cannot be read"
    for name, (size, digest) in files.items():
        file = path / name
        try:
            same = file.stat().st_size == size and (not hashes or _hash(file) == digest)
        except OSError:  # it is missing, or cannot be read
            same = False
        if not same:
            return f"its {name} is not what was written"
    return run


def _hash(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != MARK)


@contextmanager
def room(out: Path) -> Iterator[None]:
    """What the libraries raise when there is no room left, on the disk or in memory, as one line."""
    from safetensors import SafetensorError

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
