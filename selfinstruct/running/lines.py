"""A file of JSON lines that is verified as far as it goes, and appended to from there."""

from __future__ import annotations

import json
import mmap
import os
from pathlib import Path
from typing import Any, BinaryIO

from selfinstruct.errors import RunStopped
from selfinstruct.task import json_line

__all__ = ["Lines"]


class Lines:
    def __init__(self, path: Path) -> None:
        """Open the file, or make it. What follows its last whole row is cut off: readers must not stumble over it, and
        the run writes it again. What no run wrote is put into FILE.cut. Raises OSError."""
        self._path = path
        self._file: BinaryIO = open(path, "r+b" if path.exists() else "w+b")  # noqa: SIM115  closed by close()
        self._number = 0
        self._appending = False
        self.cut = ""
        """What was cut off, in words for the user; empty when the file was whole."""
        try:
            self.cut = self._mend()
        except BaseException:
            self._file.close()
            raise

    def write(self, row: dict[str, Any]) -> None:
        line = json_line(row)
        self._number += 1
        old = b"" if self._appending else self._file.readline()
        if old == line:
            return
        # A process that was killed may have left all of this line but its end; anything else is not ours.
        if old not in (b"", line.removesuffix(b"\n")):
            raise RunStopped(
                f"{self._path} line {self._number} is not what this run writes: was the file edited, or written by "
                f"another version of selfinstruct? Move the file away and run again: the journal has every answer"
            )
        if not self._appending:
            self._file.seek(-len(old), os.SEEK_CUR)
            self._file.truncate()
            self._appending = True
        self._file.write(line)
        self._file.flush()

    def close(self) -> None:
        """Raises OSError also when another file, or none, is at the path by now: what was written is lost then."""
        with self._file:
            os.fsync(self._file.fileno())
            if not os.path.samestat(os.fstat(self._file.fileno()), os.stat(self._path)):
                raise OSError(f"{self._path.name} was replaced while the run wrote to it")

    def _mend(self) -> str:
        rest = _after_the_last_row(self._file)
        if not rest:
            return ""
        said = f"{self._path}: {len(rest):,} bytes after its last whole row were cut off"
        left = rest.strip(b"\0 \t\r\n")
        torn = left.startswith(b"{") and not any(end in left for end in (b"\n", b"\0"))
        if not left:
            said += ", none of them text, as a power cut leaves them"
        elif torn:
            said += ", the beginning of a row"
        else:
            kept = self._path.with_name(f"{self._path.name}.cut")
            with kept.open("ab") as file:
                file.write(rest)
                file.flush()
                os.fsync(file.fileno())
            said += f"; they are in {kept.name}"
        self._file.seek(-len(rest), os.SEEK_END)
        self._file.truncate()
        self._file.seek(0)
        return said


def _after_the_last_row(file: BinaryIO) -> bytes:
    """All lines after the last one that is a JSON object, whether that has an end or not."""
    if not file.seek(0, os.SEEK_END):
        return b""
    file.seek(0)
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        end = len(content)
        while end:
            begin = content.rfind(b"\n", 0, end - 1) + 1
            if _is_row(content[begin:end]):
                break
            end = begin
        return content[end:]


def _is_row(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False
