"""Which base an adapter was trained on: base.json beside it says its name, where it was, and a hash of its weights.

    {"name": "../smol", "beside": "../../smol", "folder": "/home/me/smol", "sha256": "…"}

PEFT's adapter_config.json has one path and no hash: where another model lies at that path today, it is used without a
word. `beside` is the way from the adapter's folder, so that a project can be moved as a whole.
"""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from selfinstruct.workdir import atomic

from .files import places, read_json

__all__ = ["BASE", "Base", "note_base", "noted_base", "weights_hash"]

BASE = "base.json"
WHOLE = 1 << 30
"""Bytes of weights up to which all of them are hashed: two seconds. Of more, the first 64 KiB of every MiB."""
PIECE, STRIDE = 1 << 16, 1 << 20


class Base(NamedTuple):
    """A base as an adapter's training knew it."""

    name: str
    """As the user gave it: a folder, a file, a hub id."""
    beside: str
    """Its folder, seen from the adapter's; "" for what has none."""
    folder: str
    """The same, absolute; "" for a base from the hub."""
    sha256: str
    """Of its weights; "" when it had none on the disk."""


def note_base(adapter: Path, name: str, folder: Path | None, known: str) -> None:
    """Write base.json into the adapter's folder; `known` is the hash of the base's weights, and a base from the hub has
    no `folder` that counts.
    """
    beside = ""
    with suppress(ValueError):  # on another drive, on Windows
        beside = os.path.relpath(folder.resolve(), adapter.resolve()) if folder else ""
    about = Base(name, beside, str(folder.resolve()) if folder else "", known)
    with atomic(adapter / BASE) as file:
        file.write((json.dumps(about._asdict(), ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace"))


def noted_base(adapter: Path) -> Base | None:
    """What base.json says; None where there is none, as beside others' adapters. Raises UsageError for a broken one."""
    if not (adapter / BASE).is_file():
        return None
    about = read_json(adapter / BASE)
    return Base(*(str(about.get(name) or "") for name in Base._fields))


def weights_hash(folder: Path) -> str:
    """SHA-256 over the weights by name, type and shape, however they are spread over files: 0.5 GB a second and core.

    Older models' pickles count as files. Raises UsageError for torn files.
    """
    digest = sha256()
    if any(folder.glob("*.safetensors")):
        found = sorted(places(folder).items())
        every = sum(place.size for _, place in found) <= WHOLE
        for name, place in found:
            digest.update(f"{name} {place.dtype} {place.shape} ".encode())
            for piece in _pieces(place.file, place.start, place.size, every=every):
                digest.update(piece)
    else:
        files = sorted(folder.glob("pytorch_model*.bin"))
        every = sum(file.stat().st_size for file in files) <= WHOLE
        for file in files:
            digest.update(struct.pack("<Q", file.stat().st_size))
            for piece in _pieces(file, 0, file.stat().st_size, every=every):
                digest.update(piece)
    return digest.hexdigest()


def _pieces(file: Path, start: int, size: int, *, every: bool) -> Iterator[bytes]:
    with file.open("rb") as opened:
        for place in range(start, start + size, STRIDE):
            opened.seek(place)
            yield opened.read(min(STRIDE if every else PIECE, start + size - place))
