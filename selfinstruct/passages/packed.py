"""Word files and books (docx, epub) as blocks: archives of XML, read no further than is sane."""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import BinaryIO
from urllib.parse import unquote
from xml.etree import ElementTree

from selfinstruct.passages.blocks import Block
from selfinstruct.passages.clean import cleaned
from selfinstruct.passages.pages import of_page
from selfinstruct.passages.unreadable import NoText

__all__ = ["Archive", "of_docx", "of_epub", "opened"]

LARGEST = 100_000_000
"""Bytes that are unpacked of an archive: forty books of a thousand pages."""
CHAPTERS = 5_000

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_OPF = "{http://www.idpf.org/2007/opf}"
_DC = "{http://purl.org/dc/elements/1.1/}"


class Archive:
    """The members of a zip by their names. Raises NoText for what is none, is locked, or is larger than is sane."""

    def __init__(self, file: BinaryIO) -> None:
        try:
            self._zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, UnicodeDecodeError):
            raise NoText("a damaged archive") from None
        self._left = LARGEST

    def read(self, name: str) -> bytes:
        """All of a member; b"" where there is none of that name."""
        try:
            with self._zip.open(name) as member:
                found = member.read(self._left + 1)
        except KeyError:
            return b""
        except RuntimeError:
            raise NoText("encrypted") from None
        except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError):
            raise NoText("a damaged archive") from None
        self._left -= len(found)
        if self._left < 0:
            raise NoText(f"an archive of more than {LARGEST // 1_000_000} MB")
        return found

    def __contains__(self, name: str) -> bool:
        return name in self._zip.NameToInfo


def opened(file: BinaryIO) -> Archive:
    return Archive(file)


def _xml(content: bytes) -> ElementTree.Element:
    try:
        return ElementTree.fromstring(content)
    except (ElementTree.ParseError, ValueError, LookupError, RecursionError):
        raise NoText("a damaged archive") from None


def of_docx(archive: Archive) -> Iterator[Block]:
    """The blocks of a Word file: what is in its body, insertions accepted and deletions gone."""
    content = archive.read("word/document.xml")
    if not content:
        raise NoText("no Word file inside")
    styles = _styles(archive.read("word/styles.xml"))
    depth, body = 0, 0
    try:
        for event, element in ElementTree.iterparse(BytesIO(content), ("start", "end")):
            if event == "start":
                depth += 1
                body = body or (depth if element.tag == f"{_W}body" else 0)
                continue
            depth -= 1
            if body and depth == body:
                yield from _block(element, styles)
                element.clear()
    except (ElementTree.ParseError, ValueError, LookupError, RecursionError):
        raise NoText("a damaged archive") from None


def _styles(content: bytes) -> dict[str, int]:
    """Levels of headings by the ids of their styles, which are any; 0 is the style of a title."""
    found = {"Title": 0} | {f"Heading{level}": level for level in range(1, 7)}
    for style in _xml(content).iter(f"{_W}style") if content else ():
        named = style.find(f"{_W}name")
        name = (named.get(f"{_W}val") or "").lower() if named is not None else ""
        if level := re.fullmatch(r"(?:heading|标题|標題|überschrift|titre)\s*([1-6])", name):
            found[style.get(f"{_W}styleId") or ""] = int(level[1])
        elif name in ("title", "标题"):
            found[style.get(f"{_W}styleId") or ""] = 0
    return found


def _block(element: ElementTree.Element, styles: dict[str, int]) -> Iterator[Block]:
    if element.tag == f"{_W}tbl":
        rows = [
            [" ".join(cleaned(_said(cell)).split()) for cell in row.iter(f"{_W}tc")] for row in element.iter(f"{_W}tr")
        ]
        text = "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in rows if any(row))
        if text:
            yield Block("table", text)
        return
    for paragraph in element.iter(f"{_W}p"):
        if not (text := cleaned(_said(paragraph))):
            continue
        style = paragraph.find(f"{_W}pPr/{_W}pStyle")
        level = styles.get(style.get(f"{_W}val") or "") if style is not None else None
        if level is not None:
            text = text.replace("\n", " ")
            yield Block("heading", text, level) if level else Block("title", text)
        else:
            listed = paragraph.find(f"{_W}pPr/{_W}numPr") is not None
            yield Block("text", f"- {text}" if listed else text)


def _said(element: ElementTree.Element) -> str:
    parts = []
    for one in element.iter():
        match one.tag.removeprefix(_W):
            case "t":
                parts.append(one.text or "")
            case "tab":
                parts.append(" ")
            case "br" | "cr":
                parts.append("\n")
            case "noBreakHyphen":
                parts.append("-")
    return "".join(parts)


def of_epub(archive: Archive) -> Iterator[Block]:
    """The blocks of a book, chapter by chapter in its own order."""
    container = _xml(archive.read("META-INF/container.xml") or b"<none/>")
    place = next((one.get("full-path") or "" for one in container.iter() if one.tag.endswith("rootfile")), "")
    package = _xml(archive.read(place) or b"<none/>")
    hrefs = {item.get("id"): item for item in package.iter(f"{_OPF}item")}
    if titles := [text for one in package.iter(f"{_DC}title") if (text := cleaned(one.text or ""))]:
        yield Block("title", titles[0].replace("\n", " "))
    chapters = [hrefs.get(one.get("idref")) for one in package.iter(f"{_OPF}itemref")][:CHAPTERS]
    if not chapters:
        raise NoText("no book inside")
    for chapter in chapters:
        if chapter is None or "nav" in (chapter.get("properties") or "").split():
            continue
        name = posixpath.normpath(posixpath.join(posixpath.dirname(place), unquote(chapter.get("href") or "")))
        text = archive.read(name).decode("utf-8", "replace")
        yield from (block for block in of_page(text) if block.kind != "title")
