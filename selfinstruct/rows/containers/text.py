"""The text of a stream, read as it is needed, and the JSON values in it, wherever one ends and the next begins."""

from __future__ import annotations

import codecs
import json
import re
from math import isinf
from typing import Any, Protocol

from selfinstruct.rows.containers.encodings import MARKED, fault_namer, is_marked

__all__ = ["BETWEEN", "CHUNK", "FAULTS", "SPACE", "Reads", "Text", "after_space", "decoded", "why_not", "without_null"]

CHUNK = 1 << 18
"""Bytes that are read at a time. With 100,000 rows of Alpaca 256 and 512 KiB were the fastest of 64 KiB to 4 MiB; and
to say where a value is broken, json counts all lines of the window before it."""

FAULTS = (ValueError, RecursionError)
"""What a value that is no JSON raises; RecursionError: a thousand brackets in each other."""


class Reads(Protocol):
    def read1(self, size: int, /) -> bytes: ...


def _finite(digits: str) -> float:
    if isinf(number := float(digits)):
        raise ValueError(f"{digits[:20]} is too large a number")
    return number


def _no_number(name: str) -> None:
    if name != "NaN":  # which is how pandas writes that there is nothing
        raise ValueError(f"{name} is no JSON value; write a number or null")


_DECODER = json.JSONDecoder(parse_constant=_no_number, parse_float=_finite)
decoded = _DECODER.raw_decode

SPACE = re.compile(r"[ \t\r\n\ufeff]*")
BETWEEN = re.compile(r"[ \t\r\n\ufeff,\x1e]*")
"""What may stand between rows that are not in a list: commas at the ends of lines, the marks of RFC 7464, and the BOM
of each of several files that became one."""

TOKEN = re.compile(r'"[^"\\\r\n]*(?:\\.[^"\\\r\n]*)*"?|[\[\]{},]')
"""As much of JSON as it takes to find the end of a broken value. No text goes on in the next line."""


class Text:
    """A window of the text: `text`, of which everything before `at` has been read."""

    def __init__(self, stream: Reads, encoding: str) -> None:
        self._fault_in = fault_namer(encoding)
        self._stream = stream
        # surrogateescape marks as ours does, but is made for UTF-8 and in C.
        self._decoder = codecs.getincrementaldecoder(encoding)("surrogateescape" if encoding == "utf-8" else MARKED)
        self._fault: Exception | None = None
        self.text = ""
        self.at = 0
        self.line = 1
        """The number of the line that `at` is in."""
        self.indent = 0
        """Blanks before the line's first sign, as `skip` found them."""
        self.done = False
        """Whether the text ends with the window."""
        self.marked = False
        """Whether there are bytes in the window that are no text."""
        self.has_cr = False
        """Whether lines in it may end as on old Macs and on Windows."""
        self.has_null = False
        """Whether there may be a null or NaN in it."""

    def fill(self) -> bool:
        """Read on, at least as much as there is, so that a long value costs twice its length; False at the end.

        A fault of the stream is raised only when all that came before it has been read.
        """
        if self._fault:
            raise self._fault
        if self.done:
            return False
        pieces, count = [self.text[self.at :]], 0
        wanted = max(CHUNK, len(pieces[0]))
        while not self.done and (count < wanted or pieces[-1].endswith("\r")):
            try:
                data = self._stream.read1(CHUNK)
                self.done = not data
                pieces.append(self._decoder.decode(data, self.done))
            except Exception as error:  # whatever unpacks or decodes: told after what came before it
                self._fault = error
                if not count:
                    raise
                break
            count += len(pieces[-1])
        if not count:
            return False
        self.text, self.at = "".join(pieces), 0
        self.marked = is_marked(self.text)
        self.has_cr = "\r" in self.text
        self.has_null = "null" in self.text or "NaN" in self.text
        return True

    def move(self, to: int) -> None:
        """Go on to a place in the window, and count the lines between."""
        text, at = self.text, self.at
        self.line += text.count("\n", at, to)
        if self.has_cr:
            self.line += text.count("\r", at, to) - text.count("\r\n", at, to)
        self.at = to

    def skip(self, blank: re.Pattern[str] = SPACE) -> str:
        """Go on to what is not blank, and say its first character; "" at the end."""
        while True:
            at = self.at
            end = _behind(blank, self.text, at)
            blanks = self.text[at:end]
            line = max(blanks.rfind("\n"), blanks.rfind("\r"))
            if line >= 0:
                self.indent = len(blanks) - 1 - line
            self.move(end)
            if end < len(self.text):
                return self.text[end]
            if not self.fill():
                return ""

    def value(self) -> tuple[Any, int]:
        """The value that begins at `at`, and where it ends. Raises one of FAULTS when none does."""
        while True:
            try:
                value, end = decoded(self.text, self.at)
            except FAULTS as error:
                if self.is_cut(error) and self.fill():
                    continue
                raise
            if len(self.text) - end <= 2 and self.fill():  # a number may go on, as 1e+5 does behind 1
                continue
            return value, end

    def is_cut(self, error: Exception) -> bool:
        """Whether the value may only go on behind the window."""
        if not isinstance(error, json.JSONDecodeError) or self.done:
            return False
        return error.msg.startswith("Unterminated") or error.pos >= len(self.text) - 16

    def fault_of(self, start: int, end: int) -> str:
        """What is wrong with the bytes of a value; "" when they are text."""
        if not self.marked or not is_marked(self.text[start:end]):
            return ""
        return self._fault_in(self.text[start : max(end, start + 20_000)])

    def next_line(self, opening: bool) -> None:
        """Go on to the next line, or to the next that opens a value and is indented no further than this one."""
        pattern = re.compile(rf"[\r\n][\ufeff\x1e]?[ \t]{{0,{self.indent}}}(?=[{{\[])" if opening else r"[\r\n]")
        self.move(min(self.at + 1, len(self.text)))
        while not (found := pattern.search(self.text, self.at)):
            # The last signs may be the beginning of what is looked for.
            self.move(max(self.at, len(self.text) - self.indent - 2))
            if not self.fill():
                self.move(len(self.text))
                return
        self.move(found.start())

    def pass_over(self) -> bool:
        """Go on behind a broken item of a list, to the comma or the bracket; False when its end is not to be found."""
        depth = 0
        while True:
            for token in TOKEN.finditer(self.text, self.at):
                if token.end() == len(self.text) and not self.done:
                    self.move(token.start())
                    break
                sign = token[0]
                if depth == 0 and sign in ("]", ","):
                    self.move(token.start())
                    return True
                depth += (sign in ("{", "[")) - (sign in ("}", "]"))
                if depth < 0:
                    return False
                self.move(token.end())
                if depth == 0 and sign in ("}", "]"):
                    return self.skip() in (",", "]")
            if not self.fill():
                return False


def _behind(blank: re.Pattern[str], text: str, at: int) -> int:
    found = blank.match(text, at)
    return found.end() if found else at


def after_space(text: str, at: int) -> int:
    return _behind(SPACE, text, at)


def why_not(error: Exception, text: str, at: int) -> str:
    """What is wrong with a value that is no JSON, with what stands there; `at` is where the value begins."""
    if isinstance(error, UnicodeError):
        return str(error)
    if isinstance(error, RecursionError):
        return f"no JSON (nested too deeply, in a thousand levels or more): {text[at : at + 60]!r}"
    reason = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
    pos = error.pos if isinstance(error, json.JSONDecodeError) else at
    start = max(at, pos - 30)
    near = text[start : start + 60].splitlines()
    return f"no JSON ({reason}): {(near or [''])[0].strip()!r}"


def without_null(value: Any) -> Any:
    """The same without the keys whose value is null; in lists it stays. Raises RecursionError."""
    if isinstance(value, dict):
        return {key: _inner(item) for key, item in value.items() if item is not None}
    return [_inner(item) for item in value] if isinstance(value, list) else value


def _inner(value: Any) -> Any:
    return without_null(value) if isinstance(value, dict | list) else value
