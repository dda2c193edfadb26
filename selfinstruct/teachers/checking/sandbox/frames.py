"""Frames: JSON texts after their length in eight digits of hexadecimal, over pipes and sockets, in both directions."""

from __future__ import annotations

import json
import os
from typing import Any

__all__ = ["LARGEST", "hear", "packed", "say", "unpacked"]

HEAD = 8
"""Bytes of the length."""
LARGEST = 64_000_000
"""Bytes of a frame: one that is longer is no frame."""


def packed(value: Any) -> bytes:
    """The frame of a value. Raises ValueError for one that is too long."""
    body = json.dumps(value).encode("ascii")
    if len(body) > LARGEST:
        raise ValueError(f"a value has {len(body):,} bytes, more than {LARGEST:,}")
    return b"%08x" % len(body) + body


def unpacked(body: bytes) -> Any:
    return json.loads(body)


def say(at: int, value: Any) -> None:
    """Write a value to a file descriptor."""
    rest = memoryview(packed(value))
    while rest:
        rest = rest[os.write(at, rest) :]


def hear(at: int) -> Any:
    """The next value from a file descriptor. Raises EOFError where there is none, or no whole one."""
    size = int(_exactly(at, HEAD), 16)
    if size > LARGEST:
        raise EOFError
    return unpacked(_exactly(at, size))


def _exactly(at: int, size: int) -> bytes:
    """Not a byte more is read: what follows may be for another process."""
    parts = []
    while size:
        part = os.read(at, min(size, 1 << 20))
        if not part:
            raise EOFError
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
