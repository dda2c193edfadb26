"""Folders of weights, for merge, delta and export: found, read without loading a model, written whole or not at all."""

from __future__ import annotations

import errno
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selfinstruct.errors import UsageError

__all__ = [
    "INDEX",
    "Place",
    "accompanying",
    "adapter_config",
    "carry_over",
    "config_of",
    "folder_of",
    "places",
    "quietly",
    "read_json",
    "room_for",
    "tensors_in",
    "written_file",
    "written_folder",
]

INDEX = "model.safetensors.index.json"
"""Where a model in several files says which tensor is in which."""

WEIGHTS = (".safetensors", ".delta", ".bin", ".pt", ".pth", ".gguf", ".h5", ".msgpack", ".onnx")
DISK = {
    *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO),
    *(errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EEXIST, errno.ENAMETOOLONG),
}
"""What the system says about a place where nothing can be written."""

LOADED = ["*.json", "*.jinja", "*.model", "*.txt", "*.safetensors"]
LONGEST_HEADER = 100_000_000  # safetensors' own bound


def folder_of(name: str, what: str, *, every: bool = False) -> Path:
    """The folder itself, or that of a hub id, fetched if need be: `every` file, or what a model is loaded from.

    Raises UsageError that says `what` was looked for.
    """
    path = Path(name).expanduser()
    if path.is_dir():
        return path
    if path.exists():
        raise UsageError(f"{name} is a file: {what} is a folder, or an id on the hub")
    if path.is_absolute() or name.startswith(".") or name.count("/") > 1:
        raise UsageError(f"there is no folder {name}: {what} is a folder, or an id on the hub like org/name")
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(name, allow_patterns=None if every else LOADED))
    except Exception as error:  # a dozen kinds of its own, httpx's and OSError: all mean that it cannot be had
        reason = " ".join(str(error).split())[:160]
        raise UsageError(f"{what} {name!r} is neither a folder nor to be had from the hub ({reason})") from None


def read_json(file: Path) -> dict[str, Any]:
    """The object in a JSON file. Raises UsageError."""
    try:
        value = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror or error}") from None
    except ValueError as error:
        raise UsageError(f"{file} is broken: {error}") from None
    if not isinstance(value, dict):
        raise UsageError(f"{file} is broken: it is no object but {json.dumps(value)[:40]}")
    return value


def config_of(folder: Path) -> dict[str, Any]:
    """A whole model's config.json. Raises UsageError, saying so when the folder holds an adapter only."""
    if (folder / "config.json").is_file():
        return read_json(folder / "config.json")
    if (folder / "adapter_config.json").is_file():
        raise UsageError(f"{folder} is an adapter; merge it first: selfinstruct merge {folder} --out DIR")
    raise UsageError(f"{folder} is no model: it has no config.json")


def adapter_config(folder: Path) -> dict[str, Any]:
    """An adapter's adapter_config.json. Raises UsageError."""
    if (folder / "adapter_config.json").is_file():
        return read_json(folder / "adapter_config.json")
    whole = (folder / "config.json").is_file()
    more = "it is a whole model, there is nothing to merge" if whole else "it has no adapter_config.json"
    raise UsageError(f"{folder} is no adapter: {more}")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a tensor's bytes are."""

    file: Path
    dtype: str
    """As safetensors says it: F32, BF16 …"""
    shape: tuple[int, ...]
    start: int
    """From the beginning of the file."""
    size: int
    """In bytes."""


def places(folder: Path, ending: str = ".safetensors") -> dict[str, Place]:
    """Every tensor of a model by name, file by file in the order of the bytes. Raises UsageError for a torn file."""
    found: dict[str, Place] = {}
    for file in _files(folder, ending):
        for name, place in tensors_in(file).items():
            if name in found:
                raise UsageError(f"{folder} has the tensor {name} twice: in {found[name].file.name} and {file.name}")
            found[name] = place
    return found


def _files(folder: Path, ending: str) -> list[Path]:
    """Those that the index names, or else all there are."""
    index = folder / INDEX
    if index.is_file():
        held = read_json(index).get("weight_map")
        if not isinstance(held, dict) or not all(isinstance(name, str) for name in held.values()):
            raise UsageError(f"{index} is broken: it has no weight_map; copy or fetch it again")
        names = sorted(set(held.values()))
        files = [folder / (name.removesuffix(".safetensors") + ending) for name in names]
    else:
        files = sorted(file for file in folder.glob(f"*{ending}") if not file.name.startswith("adapter_model"))
    if missing := [file.name for file in files if not file.is_file()]:
        raise UsageError(f"{folder} lacks {', '.join(missing)}: copy or fetch it again")
    if not files:
        others = ", ".join(file.name for file in folder.glob("*.bin"))
        more = f" but {others}: save it as safetensors, with save_pretrained of transformers" if others else ""
        raise UsageError(f"{folder} has no *{ending}{more}")
    return files


def tensors_in(file: Path) -> dict[str, Place]:
    """The tensors of a safetensors file: eight bytes of length, JSON, then their bytes. Raises UsageError."""
    try:
        size = file.stat().st_size
        with file.open("rb") as opened:
            length = int.from_bytes(opened.read(8), "little")
            if size < 8 or length > min(size - 8, LONGEST_HEADER):
                raise ValueError("it is too short")
            header = json.loads(opened.read(length))
        header.pop("__metadata__", None)
        found = {}
        for name, about in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
            start, end = about["data_offsets"]
            if not 0 <= start <= end <= size - 8 - length:
                raise ValueError(f"it ends before {name} does")
            found[name] = Place(file, about["dtype"], tuple(about["shape"]), 8 + length + start, end - start)
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror or error}") from None
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise UsageError(f"{file} is no whole safetensors file ({error}): copy or fetch it again") from None
    return found


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
def quietly() -> Iterator[None]:
    """Without transformers' bars over tensors that are loaded or written; those of downloads, which take long, stay."""
    from huggingface_hub.utils.tqdm import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars
    from transformers.utils import logging

    shown, hidden = logging.is_progress_bar_enabled(), are_progress_bars_disabled()
    of_hub = disable_progress_bars if hidden else enable_progress_bars  # transformers switches both
    logging.disable_progress_bar()  # type: ignore[no-untyped-call,unused-ignore]
    of_hub()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()  # type: ignore[no-untyped-call,unused-ignore]
            of_hub()


@contextmanager
def written_folder(out: Path) -> Iterator[Path]:
    """A folder that appears whole or not at all: written beside its place, then renamed. Raises UsageError."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(f"{out} is already there{' and not empty' if out.is_dir() else ''}: choose another --out")
    beside = _beside(out)
    try:
        with _told(out):
            beside.mkdir(parents=True)
            yield beside
            for file in beside.rglob("*"):
                _sync(file)
            os.replace(beside, out)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


@contextmanager
def written_file(out: Path) -> Iterator[Path]:
    """A file that appears whole or not at all. Raises UsageError."""
    if out.exists():
        raise UsageError(f"{out} is already there: {'give a file name in it' if out.is_dir() else 'choose another'}")
    beside = _beside(out)
    try:
        with _told(out):
            out.parent.mkdir(parents=True, exist_ok=True)
            yield beside
            _sync(beside)
            os.replace(beside, out)
    finally:
        beside.unlink(missing_ok=True)


def _beside(out: Path) -> Path:
    whole = out.absolute()
    return whole.with_name(f".{whole.name}.{secrets.token_hex(4)}")


def _sync(file: Path) -> None:
    if file.is_file():
        with file.open("rb") as opened:
            os.fsync(opened.fileno())


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
