"""Which files are documents, and the blocks of each: by what it begins with where that is sure, else by its ending."""

from __future__ import annotations

import codecs
import glob
import os
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import BinaryIO, NamedTuple

from selfinstruct.errors import UsageError
from selfinstruct.passages.blocks import Block, of_markdown, of_text
from selfinstruct.passages.packed import of_docx, of_epub, opened
from selfinstruct.passages.pages import charset_of, of_page
from selfinstruct.passages.pdf import of_pdf
from selfinstruct.passages.unreadable import NoText
from selfinstruct.rows.containers.encodings import WIDE, likely
from selfinstruct.rows.containers.sources import ENDINGS, ending_of
from selfinstruct.rows.notes import printable

__all__ = ["KINDS", "File", "blocks_of", "files_in", "is_rows"]

KINDS = {
    **dict.fromkeys((".txt", ".text"), "text"),
    **dict.fromkeys((".md", ".markdown", ".mdx", ".mkd", ".rst"), "markdown"),
    **dict.fromkeys((".html", ".htm", ".xhtml"), "page"),
    ".pdf": "pdf",
    ".docx": "docx",
    ".epub": "epub",
}
"""What is read as a document, by the ending; rows with a text, such as JSON lines and Parquet, are read besides."""

LARGEST = 200_000_000
"""Bytes of a file."""
HELD = 20_000_000
"""Bytes of a page or of Markdown, which are in memory as a whole."""
CHUNK = 1 << 18


class File(NamedTuple):
    path: str
    name: str
    """What its passages are called after: the path in the folder that was given."""


def files_in(documents: list[str]) -> tuple[list[File], dict[str, int]]:
    """The files of folders, patterns and single names, in the order given and in a folder by name, 2 before 10; and how
    many others there are in the folders, by their endings. Raises UsageError where there is none at all.
    """
    found, others = dict[str, File](), dict[str, int]()
    for name in documents:
        before = len(found)
        for path, called in _below(name, others):
            found.setdefault(os.path.realpath(path), File(path, called))
        if len(found) == before and not others and not any(True for _ in _below(name, {})):
            raise UsageError(f"{printable(name)} has no documents: {', '.join(KINDS)}, or rows with a text")
    return list(found.values()), others


def _below(name: str, others: dict[str, int]) -> Iterator[tuple[str, str]]:
    """Paths, and what they are called."""
    try:
        if os.path.isdir(name):
            yield from _folder(name, others)
        elif os.path.isfile(name):
            yield name, os.path.basename(name)
        elif glob.has_magic(name):
            matching = sorted(glob.glob(name, recursive=True), key=_natural)
            if not matching:
                raise UsageError(f"no file matches {printable(name)!r}: give the name of one, or another pattern")
            base = os.path.dirname(re.split(r"[*?\[]", name, maxsplit=1)[0])
            for path in matching:
                if os.path.isfile(path):
                    yield path, Path(os.path.relpath(path, base or ".")).as_posix()
        elif os.path.exists(name):
            raise UsageError(f"{printable(name)} is neither a file nor a folder: give one")
        else:
            raise UsageError(f"no such file or folder: {printable(name)}")
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        raise UsageError(f"cannot read {printable(name)}: {getattr(error, 'strerror', None) or error}") from None


NOT_READ = ("node_modules", "__pycache__", "venv", "site-packages")


def _folder(name: str, others: dict[str, int]) -> Iterator[tuple[str, str]]:
    """What is below a folder, but for hidden files and folders, and those that hold other people's code."""
    for folder, folders, files in os.walk(name):
        folders[:] = sorted((one for one in folders if one[0] != "." and one not in NOT_READ), key=_natural)
        for file in sorted((one for one in files if one[0] not in ".~"), key=_natural):
            path = os.path.join(folder, file)
            if not os.path.isfile(path):
                continue
            ending = os.path.splitext(file.lower())[1]
            if ending in KINDS or is_rows(file):
                yield path, Path(os.path.relpath(path, name)).as_posix()
            else:
                others[ending or "without ending"] = others.get(ending or "without ending", 0) + 1


def is_rows(name: str) -> bool:
    """Whether a file has rows, by its name: JSON lines, Parquet and their like."""
    return ending_of(name) in ENDINGS


def _natural(name: str) -> list[tuple[int, str]]:
    """The order of people: part-2 before part-10."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d{1,18})", name) if part]


def blocks_of(file: File, encoding: str = "") -> Iterator[Block]:
    """The blocks of a document, cleaned. Raises NoText where it holds no text."""
    try:
        size = os.path.getsize(file.path)
        if not size:
            raise NoText("empty")
        if size > LARGEST:
            raise NoText(f"larger than {LARGEST // 1_000_000} MB: split it")
        with open(file.path, "rb") as stream:
            start = stream.read(1 << 16)
            stream.seek(0)
            kind = _kind(start, file.name)
            if kind == "pdf":
                yield from of_pdf(stream)
            elif kind == "zip":
                archive = opened(stream)
                yield from of_docx(archive) if "word/document.xml" in archive else of_epub(archive)
            elif kind == "text" or (size > HELD and kind == "markdown"):
                yield from of_text(_pieces(stream, _encoding(start, encoding, "")))
            elif size > HELD:
                raise NoText(f"a page larger than {HELD // 1_000_000} MB")
            else:
                named = charset_of(start) if kind == "page" else ""
                text = "".join(_pieces(stream, _encoding(start, encoding, named)))
                yield from of_page(text) if kind == "page" else of_markdown(text)
    except OSError as error:
        raise NoText(error.strerror or "unreadable") from None


def _kind(start: bytes, name: str) -> str:
    """pdf, zip, page, markdown or text. Raises NoText for what is none of them."""
    head = start[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    if b"%PDF-" in start[:1024]:
        return "pdf"
    if start.startswith(b"PK\x03\x04"):
        return "zip"
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise NoText("encrypted, or a Word file of before 2007: save it as docx")
    kind = KINDS.get(PurePosixPath(name.lower()).suffix, "")
    if kind == "pdf":
        raise NoText("a damaged PDF")
    if kind in ("docx", "epub"):
        raise NoText("a damaged archive")
    if b"\0" in start and not start.startswith(tuple(mark for mark, _ in WIDE)) and not _is_wide(start):
        raise NoText("binary")
    if not kind and head[:15].lower().startswith((b"<!doctype html", b"<html")):
        return "page"
    return kind or "text"


def _is_wide(start: bytes) -> bool:
    """Whether it may be UTF-16 without a mark, which --encoding names."""
    return start[1::2].count(0) > 0.4 * len(start[1::2]) or start[::2].count(0) > 0.4 * len(start[::2])


def _encoding(start: bytes, asked: str, named: str) -> str:
    """The encoding of a text: the one asked for, that of its mark, UTF-8, or the one that the page names. Raises NoText
    for what is in another one, saying which it looks like."""
    if asked:
        return asked
    for mark, name in WIDE:
        if start.startswith(mark):
            return name
    for name in ("utf-8-sig", named):
        try:
            codecs.getincrementaldecoder(name)().decode(start) if name else None
        except (UnicodeDecodeError, LookupError, TypeError):
            continue
        if name:
            return name
    guess = likely(start[:20_000])
    raise NoText(f"not UTF-8 but perhaps {guess}: give --encoding {guess}" if guess else "not UTF-8: give --encoding")


def _pieces(stream: BinaryIO, encoding: str) -> Iterator[str]:
    """The text bit by bit, its lines ending with one character each. Raises NoText where it is in another encoding."""
    decoder = codecs.getincrementaldecoder(encoding)()
    held = ""
    try:
        while True:
            data = stream.read(CHUNK)
            text = held + decoder.decode(data, not data)
            held = "\r" if data and text.endswith("\r") else ""
            yield text[: len(text) - len(held)].removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
            if not data:
                return
    except UnicodeError:
        raise NoText(f"not {encoding.removesuffix('-sig').upper()} all through: give --encoding") from None
