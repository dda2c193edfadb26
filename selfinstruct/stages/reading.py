"""How teachers write: what every parser does to an answer before it looks for tasks in it.

Base models continue a list as the papers expect; chat models wrap it in a greeting, bold type, bullets and code fences.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

__all__ = ["EMPHASIS", "plain", "prompt_text", "unbold", "unfenced"]

EMPHASIS = r"[ \t]*(?:#{1,6}[ \t]*|>[ \t]*)?[*_]{0,3}"
"""What Markdown may put before a label at the start of a line: a heading, a quotation, bold or italic type."""

_THINKING = re.compile(r"^\s*<think>.*?</think>", re.DOTALL)
_BOLD = re.compile(r"(?<![\w*])\*\*(?=\S)(.+?)(?<=\S)\*\*(?![\w*])")
_FENCED = re.compile(r"^\s*```[\w-]*[ \t]*\n(.*?)\n?[ \t]*```\s*$", re.DOTALL)


@cache
def prompt_text(name: str) -> str:
    """The text of prompts/NAME.txt, without its last line break."""
    return (Path(__file__).parent / "prompts" / f"{name}.txt").read_text(encoding="utf-8").rstrip("\n")


def plain(answer: str) -> str:
    """The answer with Unix line ends and without the thoughts that reasoning models served locally put before it."""
    return _THINKING.sub("", answer.replace("\r\n", "\n").replace("\r", "\n"), count=1)


def unfenced(answer: str) -> str:
    """The inside of an answer that is one code fence from end to end; any other answer as it is."""
    found = _FENCED.match(answer)
    return found[1] if found and "```" not in found[1] else answer


def unbold(text: str) -> str:
    """The text without ** around its words; the operator in 2**3 stays."""
    return _BOLD.sub(r"\1", text)
