"""Answers of which the whole has a form: gpt-oss's channels, and those whose parts have headings in words."""

from __future__ import annotations

from selfinstruct.text.code import Code
from selfinstruct.text.later import later
from selfinstruct.text.marks import SPOKEN_PATTERNS
from selfinstruct.text.mentions import is_mentioned, is_quoted

__all__ = ["channels", "spoken"]

Found = tuple[str, list[str], bool]
"""An answer, thoughts, and whether a token ended the answer."""


def spoken(text: str) -> Found | None:
    """Whole answers that begin as no other ones do: "Here is my thought process: … Here is my response: …"."""
    for pattern in SPOKEN_PATTERNS:
        if found := pattern.match(text):
            return found[2].strip(), [found[1]], False
    return None


_CHANNEL = later(
    r"(?:<\|start\|>[\w. -]{0,40})?<\|channel\|>\s?(?P<name>\w+)[^<>\n]{0,99}(?:<\|constrain\|>[^<>\n]{0,40})?"
    r"(?:<\|message\|>|(?=\n|\Z))|\A\s*(?:assistant)?(?P<first>analysis|commentary|final)<\|message\|>"
)
_CHANNEL_END = later(r"<\|(?:end|return|call)\|>|<\|start\|>")
_PLUMBING = later(r"<\|(?:start|end|return|call|message)\|>(?:assistant\b)?")


def channels(text: str) -> Found | None:
    """gpt-oss's answers: the answer in the channel `final`, thoughts in analysis and commentary."""
    if "<|channel|>" not in text and "<|message|>" not in text:
        return None
    code = Code(text)
    heads = [head for head in _CHANNEL.finditer(text) if not code.kind(head.start())]
    if not heads or is_mentioned(text, *heads[0].span(), opens=False) or is_quoted(text, *heads[0].span()):
        return None
    before = _PLUMBING.sub("", text[: heads[0].start()]).strip()
    thoughts = [before]
    for head, after in zip(heads, [*heads[1:], None], strict=True):
        limit = after.start() if after else len(text)
        end = _CHANNEL_END.search(text, head.end(), limit)
        said = text[head.end() : end.start() if end else limit].strip()
        if (head["name"] or head["first"]) == "final" and said:
            return said, thoughts, bool(end)
        thoughts.append(said)
    if not any((head["name"] or head["first"]) == "final" for head in heads) and before:
        return before, thoughts[1:], True  # the answer is over, and the next turn's thoughts begin
    return "", thoughts, False
