"""How teachers write: what every parser does to an answer before it looks for tasks in it.

Base models continue a list as the papers expect; chat models wrap it in a greeting, bold type, bullets and code fences.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

__all__ = ["EMPHASIS", "RULE_AT_END", "plain", "prompt_text", "unbold", "unwrapped"]

EMPHASIS = r"[ \t]*(?:#{1,6}[ \t]*|[-*+•>][ \t]+)?[*_]{0,3}"
"""What Markdown may put before a label at the start of a line: a heading, a bullet, a quotation, bold type."""

RULE_AT_END = re.compile(r"\s*^[ \t]*-{3,}\s*\Z", re.MULTILINE)
"""A line of hyphens after a text, which parts it from the next task or example."""

# Served without its reasoning parser, a model's thoughts may begin in the prompt: then only their end is in the answer.
_THINKING = re.compile(r"\A(?:\s*<think>.*?(?:</think>|\Z)|.*?^[ \t]*</think>[ \t]*$)", re.DOTALL | re.MULTILINE)
_WORK = r"\b(?:tasks?|examples?|instructions?|instances?)\b"
_GREETING = re.compile(
    r"\s*((?:sure|certainly|of course|absolutely|great|okay|ok)[!,.:][^\n]*"
    rf"|(?:here|below)\b[^\n]*{_WORK}[^\n]*:)[ \t]*(?:\n|\Z)",
    re.IGNORECASE,
)
_GOODBYE = re.compile(
    rf"\n[ \t]*((?:let me know|feel free|i hope|would you like|if you)\b[^\n]*{_WORK}[^\n]*)\s*\Z", re.IGNORECASE
)
_FENCED = re.compile(r"\s*```[\w-]*[ \t]*\n((?:(?!```).)*)(?:```\s*)?\Z", re.DOTALL)
_BOLD = re.compile(r"(?<![\w*])\*\*(?=\S)(.+?)(?<=\S)\*\*(?![\w*])")
_BOLD_END = re.compile(r"(?<=[\w.,:;!?)\"'”])\*\*(?=\s|\Z)")


@cache
def prompt_text(name: str) -> str:
    """The text of prompts/NAME.txt, without its last line break."""
    return (Path(__file__).parent / "prompts" / f"{name}.txt").read_text(encoding="utf-8").rstrip("\n")


def plain(answer: str) -> str:
    """The answer with Unix line ends and without the thoughts that reasoning models served locally put before it."""
    return _THINKING.sub("", answer.replace("\r\n", "\n").replace("\r", "\n"), count=1)


def unwrapped(answer: str) -> tuple[str, list[str]]:
    """The plain answer, out of the code fence around all of it; and what a chat model says before and after it.

    Only a first line like "Sure! Here are …" and a last one like "Let me know if … more examples" are such remarks: an
    e-mail that the teacher was to write may well end with "Let me know if …".
    """
    text, remarks = plain(answer), []
    if greeting := _GREETING.match(text):
        remarks.append(greeting[1].strip())
        text = text[greeting.end() :]
    if goodbye := _GOODBYE.search(text):
        remarks.append(goodbye[1].strip())
        text = text[: goodbye.start()]
    fenced = _FENCED.match(text)
    return (fenced[1] if fenced else text), remarks


def unbold(text: str) -> str:
    """The text without ** around its words, nor one that ends what a label before the text began; 2**3 stays."""
    return _BOLD_END.sub("", _BOLD.sub(r"\1", text))
