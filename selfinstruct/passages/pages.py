"""Web pages as blocks: what the page says, without its menus, its footer and what it asks of visitors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from selfinstruct.passages.blocks import Block
from selfinstruct.passages.clean import cleaned
from selfinstruct.passages.unreadable import NoText, needs
from selfinstruct.text.later import later

__all__ = ["charset_of", "of_page"]

DEEPEST = 2_000
"""Elements in each other: the parser takes quadratic time, 1 s for 10,000 and nine minutes for 200,000."""

_TAGS = later(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_NO_DEPTH = frozenset(
    [
        *("p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody", "tfoot", "option", "br", "hr", "img"),
        *("input", "meta", "link", "area", "base", "col", "embed", "source", "track", "wbr"),
    ]
)
"""Elements that need no end, or end by themselves."""

_SKIPPED = frozenset(
    [
        *("head", "script", "style", "noscript", "template", "svg", "nav", "footer", "aside", "form"),
        *("button", "select", "iframe", "object", "canvas", "audio", "video", "dialog", "textarea", "input"),
        *("label", "map"),
    ]
)
_BLOCKS = frozenset(
    [
        *("address", "article", "blockquote", "body", "center", "dd", "details", "div", "dl", "dt"),
        *("fieldset", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html"),
        *("li", "main", "ol", "p", "pre", "section", "summary", "table", "tbody", "td", "th", "thead", "tr"),
        *("ul",),
    ]
)
_LISTS = ("ul", "ol", "dl")
_ROLES = ("navigation", "banner", "contentinfo", "search", "complementary", "menu", "menubar", "dialog")
_AROUND = later(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|menu|sidebar|breadcrumbs?|footer|cookies?|consent|shar(?:e|ing)|social|comments?"
    r"|adverts?|ads|promo|related|recommend(?:ed|ations)|newsletter|subscri(?:be|ption)|pagination|pager|toc|skip(?:link)?"
    r"|popup|modal|masthead|headerlink|editsection|noprint)(?:$|[\s_-])",
    re.IGNORECASE,
)
"""Classes and names of what stands around the text."""
_AROUND_TAGS = frozenset(["div", "section", "ul", "ol", "span", "p", "a", "table", "header"])
_CHARSET = later(r"<meta[^>]{0,200}?charset[ \t]*=[ \t]*[\"']?[ \t]*([\w:.-]{2,40})", re.IGNORECASE | re.ASCII)
_SPACE = later(r"[ \t\n\r\f]+")

LINKED = 0.6
"""Share of a block's characters that are links from which on it is one of links."""
SHORT = 500
"""Characters: a longer block is text whatever it links."""


def charset_of(content: bytes) -> str:
    """The encoding that a page names; "" where it names none."""
    found = _CHARSET.search(content[:4096].decode("latin-1"))
    return found[1] if found else ""


def of_page(text: str) -> Iterator[Block]:
    """The blocks of a page. Raises NoText for one that is nested too deeply to be read."""
    try:
        from selectolax.lexbor import LexborHTMLParser
    except ImportError:
        raise needs("a web page", "selectolax") from None
    if _depth(text) > DEEPEST:
        raise NoText("nested too deeply")
    tree = LexborHTMLParser(text)
    body = tree.body
    if body is None:
        return
    heads = body.css("h1")
    named = cleaned(_SPACE.sub(" ", heads[0].text())) if len(heads) == 1 else ""
    found = tree.css_first("title")
    title = named or (cleaned(_SPACE.sub(" ", found.text())) if found else "")
    if title:
        yield Block("title", title)
    yield from _Reader().blocks(_main(body))


def _depth(text: str) -> int:
    """The most elements that may be in each other."""
    deepest = depth = 0
    for tag in _TAGS.finditer(text):
        if tag[2].lower() in _NO_DEPTH:
            continue
        depth = max(0, depth - 1) if tag[1] else depth + 1
        deepest = max(deepest, depth)
    return deepest


def _main(body: Any) -> Any:
    """The element that holds the text, where the page says so and there is enough in it."""
    whole = len(body.text())
    for names, share in (("main, [role=main]", 0.2), ("article", 0.4)):
        found = body.css(names)
        if len(found) == 1 and len(found[0].text()) >= share * whole:
            return found[0]
    return body


class _Reader:
    """Walks through a page, without recursion, and gathers the words of one block at a time."""

    def __init__(self) -> None:
        self._words: list[str] = []
        self._linked = 0
        """Characters of them that are links."""
        self._lists = 0
        """Lists around this place."""

    def blocks(self, root: Any) -> Iterator[Block]:
        waiting: list[tuple[Any, bool]] = [(root, False)]
        links = 0
        while waiting:
            node, left = waiting.pop()
            tag = node.tag
            if tag == "-text":
                self._words.append(text := _SPACE.sub(" ", node.text()))
                self._linked += len(text.strip()) if links else 0
                continue
            if left:
                links -= tag == "a"
                yield from self._leave(tag)
                continue
            if node is not root and not _is_said(node):
                continue
            block = _whole(node)
            if tag in _BLOCKS and not self._lists:
                yield from self._flush()
            if block:
                yield from self._flush()
                yield block
                continue
            links += tag == "a"
            self._enter(tag)
            waiting.append((node, True))
            waiting += [(child, False) for child in reversed(list(node.iter(include_text=True, skip_empty=False)))]
        yield from self._flush()

    def _enter(self, tag: str) -> None:
        if tag in _LISTS:
            self._lists += 1
        elif tag in ("li", "dt"):
            self._words.append("\n- " if tag == "li" else "\n")
        elif tag == "br":
            self._words.append("\n")
        elif tag in _BLOCKS:
            self._words.append(" ")

    def _leave(self, tag: str) -> Iterator[Block]:
        if tag in _LISTS:
            self._lists -= 1
        if tag in _BLOCKS and not self._lists:
            yield from self._flush(int(tag[1]) if tag[0] == "h" and tag[1:].isdecimal() else 0)

    def _flush(self, level: int = 0) -> Iterator[Block]:
        text = "".join(self._words)
        linked, self._linked = self._linked, 0
        self._words.clear()
        text = re.sub(r"\n-\s*(?=\n|\Z)", "", re.sub(r"\n-\s+", "\n- ", cleaned(text).replace("¶", "")))
        text = cleaned(re.sub(r"\n{2,}", "\n", text))
        if not text or (linked > LINKED * len(text) and len(text) < SHORT and not level):
            return
        yield Block("heading", text.replace("\n", " "), level) if level else Block("text", text)


def _is_said(node: Any) -> bool:
    """Whether an element is part of what the page says."""
    tag = node.tag
    if tag in _SKIPPED or not tag or tag[0] in "-!":
        return False
    said = node.attributes
    if not said:
        return True
    if "hidden" in said or said.get("aria-hidden") == "true" or said.get("role") in _ROLES:
        return False
    if "none" in (said.get("style") or "") and re.search(r"display\s*:\s*none", said.get("style") or ""):
        return False
    if tag not in _AROUND_TAGS:
        return True
    names = f"{said.get('class') or ''} {said.get('id') or ''}"
    return not _AROUND.search(names) or (tag == "header" and bool(node.css_first("h1")))


def _whole(node: Any) -> Block | None:
    """The block of an element that is read as a whole: code, and a table of data."""
    if node.tag == "pre":
        return Block("code", text) if (text := node.text().strip("\n").replace("\0", "")).strip() else None
    if node.tag != "table" or node.css_first("table table") or node.attributes.get("role") == "presentation":
        return None
    rows = [[cleaned(_SPACE.sub(" ", cell.text())) for cell in row.css("th, td")] for row in node.css("tr")]
    rows = [row for row in rows if any(row)]
    cells = [cell for row in rows for cell in row]
    if len(rows) < 2 or max(map(len, rows)) < 2 or max(map(len, cells), default=0) > SHORT:
        return None  # laid out with a table
    return Block("table", "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in rows))
