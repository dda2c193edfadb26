"""Cleaning of tasks: what pages and programs left in the texts goes, what somebody said stays.

Each is a function from text to text, put on every text of a task by `cleaned`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache
from typing import Any, cast

from selfinstruct.errors import UsageError
from selfinstruct.task import Instance, Judged, Message, Task

__all__ = ["CLEANING", "cleaned"]

_TAG = r"<(?:div|p|span|pre|ul|ol|li|table|h[1-6]|a|em|strong|b|i|br|hr|code|blockquote)\b[^<>]*>"
_PAGE = re.compile(rf"\s*{_TAG}.*</?[a-z][a-z0-9]*\s*/?>\s*", re.IGNORECASE | re.DOTALL)
"""From a tag to a tag. What somebody asks about HTML ("why is <div> …?") has words before it or after it."""


def html(text: str) -> str:
    """A page, as ShareGPT was saved, in Markdown (by the package markdownify); a text about HTML stays as it is."""
    return _markdown()(text).strip() if "<" in text and _PAGE.fullmatch(text) else text


@cache
def _markdown() -> Callable[[str], str]:
    try:
        from bs4 import BeautifulSoup
        from markdownify import MarkdownConverter
    except ImportError:
        raise UsageError("clean: html needs the package markdownify: pip install 'selfinstruct[data]'") from None

    converter = MarkdownConverter(
        heading_style="ATX",
        bullets="-",
        escape_asterisks=False,
        escape_underscores=False,
        escape_misc=False,
        code_language_callback=_language_of,
    )

    def markdown(text: str) -> str:
        page = BeautifulSoup(text, "html.parser")
        for button in page.find_all(["button", "svg", "img", "script", "style"]):
            button.decompose()
        for block in page.find_all("pre"):
            if code := block.find("code"):  # beside it stand a language's name and what buttons were around
                block["class"] = f"language-{_language_of(code) or _said_above(block, code)}"
                block.clear()
                block.append(code)
        return converter.convert_soup(page)

    def shallow(text: str) -> str:
        try:
            return markdown(text)
        except RecursionError:  # tags in tags a thousand deep, as no page has: left as it is
            return text

    return shallow


def _language_of(element: Any) -> str:
    """Of a block of code: what its classes call it (language-python)."""
    names = element.get("class") or []
    names = (name for name in (names.split() if isinstance(names, str) else names) if name.startswith("language-"))
    return str(next(names, "")).removeprefix("language-")


def _said_above(block: Any, code: Any) -> str:
    """What stands over the code, when it is one word: the page's name for its language."""
    words = block.get_text(" ").removesuffix(code.get_text(" ")).split()
    return str(words[0]) if len(words) == 1 else ""


# What the page around a conversation said, and copies of it carry.
_COPY = re.compile(r"^([ \t]*(?:```|~~~))[ \t]*\n?[ \t]*([\w+#.-]*?)(?:Copy code)+[ \t]*\n?", re.MULTILINE)
_COUNTER = re.compile(r"\A\s*\d{1,3} / \d{1,3}[ \t]*(?:\n|\Z)")
_LINES = re.compile(
    r"""^[ \t]*(?:
        Copy[ ]code | Copy\d+[ ]chars[ ]/[ ]\d+[ ]words | Regenerate[ ]response | Share[ ]Prompt
        | Save[ ]\&[ ]Submit(?:Cancel)?
        | This[ ]content[ ]may[ ]violate[ ]our[ ]content[ ]policy\..* | network[ ]error | 复制代码
    )[ \t]*(?:\n|\Z)""",
    re.MULTILINE | re.VERBOSE,
)


def interface(text: str) -> str:
    """Buttons and counters of a chat's page go: "Copy code", "2 / 3" at the top, "Regenerate response"."""
    text = _COUNTER.sub("", text)
    text = _COPY.sub(lambda found: f"{found[1]}{found[2]}\n", text)
    return _LINES.sub("", text)


_CITED = re.compile(r"(?<=[^\s(\[`])(?:\[(?:[1-9]\d{0,2}|citation needed|note \d{1,2})\])+(?=[\s.,;:)]|\Z)")


def citations(text: str) -> str:
    """Marks of references that were copied with a passage, as Wikipedia has them: "in 1889.[12]" (Dolly's contexts)."""
    return _CITED.sub("", text)


_BLANKS = re.compile(r"\n[ \t]*\n(?:[ \t]*\n)+")


def blanks(text: str) -> str:
    """Line ends are \\n, never more than one blank line together, and nothing but the text at either end."""
    return _BLANKS.sub("\n\n", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


CLEANING: dict[str, Callable[[str], str]] = {
    "html": html,
    "interface": interface,
    "citations": citations,
    "blanks": blanks,
}


def cleaned(task: Task, names: Iterable[str]) -> Task:
    """The task, each of its texts cleaned by all of these, in order."""
    ways = [CLEANING[name] for name in names]
    if not ways:
        return task

    def clean(text: str) -> str:
        for way in ways:
            text = way(text)
        return text

    return replace(
        task,
        instruction=clean(task.instruction),
        instances=tuple(
            Instance(clean(one.input), clean(one.output), clean(one.thoughts) if one.thoughts else "")
            for one in task.instances
        ),
        turns=tuple(_turn(turn, clean) for turn in task.turns),
        judged=tuple(
            Judged(tuple(_turn(turn, clean) for turn in one.turns), one.good, one.score) for one in task.judged
        ),
    )


def _turn(turn: Message, clean: Callable[[str], str]) -> Message:
    thoughts = {"thoughts": clean(turn["thoughts"])} if turn.get("thoughts") else {}
    return cast(Message, {**turn, "content": clean(turn["content"]), **thoughts})
