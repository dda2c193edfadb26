"""PDF as blocks, by pypdf: its pages without their running heads, its lines put together to paragraphs."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from selfinstruct.passages.blocks import Block
from selfinstruct.passages.clean import cleaned, ends_sentence, flowing, without_running_heads
from selfinstruct.passages.unreadable import NoText, needs
from selfinstruct.text.later import later

__all__ = ["of_pdf"]

PAGES = 5_000
"""That are read of one file."""
DRAWN = 10_000_000
"""Bytes of a page's drawing orders, unpacked: more are a map or a picture, and take minutes."""

_NO_TITLE = later(
    r"(?:untitled|microsoft word|powerpoint|document\d*|.*\.(?:docx?|pdf|tex|indd|dvi|rtf|html?|odt))\b.*",
    re.IGNORECASE,
)
_ITEM = later(r"[ \t]*(?:[-*+•·▪●–][ \t]+|\(?\d{1,3}[.)、][ \t]*(?!\d)|[（(]?[一二三四五六七八九十]{1,3}[、）)])")
_HEADING = later(
    r"(?:\d{1,2}(?:\.\d{1,2}){0,3}\.?\s+)?[^\W\da-z_][^.!?;,。！？；，]{1,70}|第[\d一二三四五六七八九十百]{1,5}[章节回].{0,30}"
)


def of_pdf(file: BinaryIO) -> Iterator[Block]:
    """The blocks of a PDF. Raises NoText where it is encrypted, damaged or a scan; UsageError without pypdf."""
    try:
        import pypdf
    except ImportError:
        raise needs("a PDF", "pypdf") from None
    with _silence():
        try:
            reader = pypdf.PdfReader(file, strict=False)
            if reader.is_encrypted and not reader.decrypt(""):
                raise NoText("encrypted")
            title = _title(reader)
            pages = [_text(page) for _, page in zip(range(PAGES), reader.pages, strict=False)]
        except NoText:
            raise
        except (KeyboardInterrupt, SystemExit):
            raise
        except Exception as error:  # whatever a damaged file leads pypdf into
            if type(error).__name__ in ("DependencyError", "WrongPasswordError"):
                raise NoText("encrypted") from None
            raise NoText("a damaged PDF") from None
    if not any(map(str.strip, pages)):
        raise NoText("a PDF without text, perhaps a scan")
    if title:
        yield Block("title", title)
    yield from _blocks(without_running_heads(list(map(cleaned, pages))))


@contextmanager
def _silence() -> Iterator[None]:
    """pypdf writes what it thinks of a file to the log."""
    logger = logging.getLogger("pypdf")
    before = logger.disabled
    logger.disabled = True
    try:
        yield
    finally:
        logger.disabled = before


def _title(reader: Any) -> str:
    said = getattr(reader.metadata, "title", None) if reader.metadata else None
    title = cleaned(str(said or "")).replace("\n", " ")[:200]
    return "" if len(title) < 3 or _NO_TITLE.fullmatch(title) else title


def _text(page: Any) -> str:
    """What is written on a page; "" for one that is drawn rather than written, and for a broken one."""
    try:
        contents = page.get_contents()
        if contents is None or len(contents.get_data()) > DRAWN:
            return ""
        return str(page.extract_text())
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except Exception:  # one page is no reason to lose the others
        return ""


def _blocks(pages: list[str]) -> Iterator[Block]:
    """Paragraphs, which end with a short line that ends a sentence, or at a blank line; and headings between them."""
    lines = [line for page in pages for line in page.split("\n")]
    long = sorted(len(line) for line in lines if line) or [0]
    usual = long[len(long) * 9 // 10]
    held: list[str] = []
    for at, line in enumerate(lines):
        following = next((one for one in lines[at + 1 : at + 3] if one.strip()), "")
        begins = not held or (ends_sentence(held[-1]) and len(held[-1]) < 0.85 * usual)
        if line and begins and _is_heading(line, following, usual):
            yield from _paragraph(held)
            yield Block("heading", line, 2)
            continue
        if not line or (begins and held and not _ITEM.match(line)):
            yield from _paragraph(held)
        if line:
            held.append(line)
    yield from _paragraph(held)


def _is_heading(line: str, following: str, usual: int) -> bool:
    if len(line) > min(70, 0.8 * usual) or not following or len(line.split()) > 12:
        return False
    return bool(_HEADING.fullmatch(line)) and len(following) > len(line) and not _ITEM.match(following)


def _paragraph(lines: list[str]) -> Iterator[Block]:
    text = flowing("\n".join(lines), _ITEM, wrapped=True)
    lines.clear()
    if text.strip():
        yield Block("text", text)
