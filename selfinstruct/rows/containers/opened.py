"""Files opened for reading, from a disk, a pipe or a URL: unpacked when they are packed, whatever they are called."""

from __future__ import annotations

import bz2
import io
import itertools
import lzma
import shutil
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import PurePosixPath
from typing import Any, BinaryIO, cast

from selfinstruct.errors import UsageError
from selfinstruct.rows.containers.sources import Source, ending_of, file_system, is_data
from selfinstruct.rows.notes import printable

__all__ = ["Opened", "opened"]

START = 1 << 16
"""Bytes from which it is told what a file is."""

PIECE = 1 << 14
"""Bytes that are unpacked at a time: they may become a thousand times as many."""


class Opened:
    """A file, unpacked, with what it begins with."""

    def __init__(self, stream: BinaryIO, start: bytes, ending: str, held: ExitStack) -> None:
        self.stream = stream
        self._held = held
        self.start = start
        self.ending = ending
        """Of what is inside, in lower case, like ".jsonl"."""

    def seekable(self) -> BinaryIO:
        """The same as a file in which one can go back, as tables need it: else a temporary one."""
        if self.stream.seekable():
            return self.stream
        copy = cast(BinaryIO, self._held.enter_context(tempfile.TemporaryFile()))  # noqa: SIM115
        shutil.copyfileobj(self.stream, copy)
        copy.seek(0)
        return copy


@contextmanager
def opened(source: Source) -> Iterator[Opened]:
    """Open a source that is a file. Raises OSError; EOFError, also while it is read, for damage to what is packed."""
    with ExitStack() as held:
        stream = _stream(source, held)
        start, stream = _looked_into(stream)
        ending = ending_of(source.name)
        for _ in range(3):  # a .gz in a .gz does occur
            if source.name.lower().endswith(".zip") and start.startswith(b"PK\x03\x04"):
                pieces, ending = _member(Opened(stream, start, ending, held).seekable(), source.name, held)
            elif make := next((make for magic, make in PACKED if start.startswith(magic)), None):
                pieces = _unpacked(_pieces(stream), make, start[:2])
            else:
                break
            start, stream = _looked_into(pieces)
        _check_is_data(start, source.name)
        yield Opened(stream, start, ending, held)


def _stream(source: Source, held: ExitStack) -> BinaryIO:
    match source.kind:
        case "stdin":
            return sys.stdin.buffer
        case "url":
            files, path = file_system(source.place)
            return held.enter_context(files.open(path, "rb"))  # type: ignore[no-any-return]
    return held.enter_context(open(source.place, "rb"))


def _looked_into(given: BinaryIO | Iterator[bytes]) -> tuple[bytes, BinaryIO]:
    """What a stream begins with, and the stream with that still to be read."""
    if not isinstance(given, Iterator) or hasattr(given, "read"):
        stream = given if isinstance(given, io.BufferedReader) else io.BufferedReader(cast(io.RawIOBase, given), START)
        if stream.seekable():
            start = stream.read(START)
            stream.seek(0)
            return start, cast(BinaryIO, stream)
        given = _pieces(cast(BinaryIO, stream))
    found: list[bytes] = []
    left: Iterable[bytes] = given
    try:
        while sum(map(len, found)) < START and (piece := next(given, b"")):
            found.append(piece)
    except EOFError as error:  # of something packed: what came before it is to be read first
        left = _raises(error)
    stream = io.BufferedReader(_Joined(itertools.chain(found, left)), START)
    return b"".join(found)[:START], cast(BinaryIO, stream)


def _pieces(stream: BinaryIO) -> Iterator[bytes]:
    while piece := stream.read1(PIECE):  # type: ignore[attr-defined]  # a BufferedReader, or stdin
        yield piece


def _raises(error: Exception) -> Iterator[bytes]:
    raise error
    yield b""


class _Joined(io.RawIOBase):
    """A stream of pieces."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._left = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._left = self._left or memoryview(next(self._pieces, b""))
        count = min(len(buffer), len(self._left))
        buffer[:count], self._left = self._left[:count], self._left[count:]
        return count


# Packed files.


def _zstandard() -> Any:
    import zstandard

    # As `zstd --long=31` needs it; what is published of whole forums is packed so.
    return zstandard.ZstdDecompressor(max_window_size=1 << 31).decompressobj()


PACKED: tuple[tuple[bytes, Callable[[], Any]], ...] = (
    (b"\x1f\x8b\x08", lambda: zlib.decompressobj(31)),
    (b"BZh", bz2.BZ2Decompressor),
    (b"\xfd7zXZ\x00", lzma.LZMADecompressor),
    (b"\x28\xb5\x2f\xfd", _zstandard),
)
"""By what such files begin with: many are called otherwise."""


def _unpacked(pieces: Iterator[bytes], make: Callable[[], Any], magic: bytes) -> Iterator[bytes]:
    """What is packed, in one part or several in a row. Raises EOFError for damage, and when it breaks off."""
    part = None
    for piece in pieces:
        while piece:
            if part is None:
                piece = piece.lstrip(b"\0")  # tapes and disks fill up with them
                if not piece:
                    break
                if not piece.startswith(magic[: len(piece)]):
                    raise EOFError("something else follows what is packed")
                part = make()
            try:
                data = part.decompress(piece)
            except Exception as error:  # zlib.error, OSError, LZMAError, ZstdError, or MemoryError for absurd sizes
                raise EOFError(printable(error)) from None
            if data:
                yield data
            piece, part = (part.unused_data, None) if part.eof else (b"", part)
    if part is not None:
        raise EOFError("it breaks off")


def _member(file: BinaryIO, name: str, held: ExitStack) -> tuple[Iterator[bytes], str]:
    """The one file in a zip, and its ending. Raises UsageError when there are several."""
    try:
        archive = held.enter_context(zipfile.ZipFile(file))
        inside = [one for one in archive.namelist() if not one.endswith("/") and not one.startswith("__MACOSX/")]
        inside = [one for one in inside if is_data(PurePosixPath(one).name)] or inside
        if len(inside) != 1:
            there = ", ".join(inside[:5]) or "none"
            raise UsageError(
                printable(f"{name} holds {len(inside)} files ({there}): unpack it, and give what you need")
            )
        member = archive.open(inside[0])
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, OSError) as error:
        raise EOFError(printable(error)) from None
    return _zipped(cast(BinaryIO, member)), ending_of(inside[0])


def _zipped(member: BinaryIO) -> Iterator[bytes]:
    try:
        yield from _pieces(member)
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, OSError) as error:
        raise EOFError(printable(error)) from None


def _check_is_data(start: bytes, name: str) -> None:
    """Raises UsageError for what stands in the place of data after a download that went wrong."""
    if start.startswith(b"version https://git-lfs.github.com/spec/"):
        raise UsageError(f"{name} is not the data but a pointer to it: fetch it with `git lfs pull`")
    if start[:200].lstrip().lower().startswith((b"<!doctype html", b"<html")):
        raise UsageError(f"{name} is a web page, not data: download the file itself (on hubs, /resolve/ for /blob/)")
