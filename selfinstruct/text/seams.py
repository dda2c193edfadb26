"""What is left of a text, joined where something was taken out of it."""

from __future__ import annotations

from collections.abc import Sequence

from selfinstruct.text.later import later

__all__ = ["BLANK", "is_blank", "joined"]

BLANK = " \t\r\n\x0b\x0c\u3000\ufeff\u200b"
"""What stands before an answer that has just begun."""
_SEEN = later("[^\\s\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\ufffc\ufffd\ufe00-\ufe0f\x00-\x1f\x7f]")
_CJK = later(r"[\u3000-\u9fff\uff00-\uffef]")


def is_blank(text: str) -> bool:
    """Whether there is nothing to be seen: white space, or characters of no width."""
    return not _SEEN.search(text)


def joined(pieces: Sequence[tuple[bool, str]], ended: bool) -> str:
    """The pieces, each with whether something was taken out before it: there is as much space as one of the two had.

    `ended`: something was taken out behind the last one, too.
    """
    parts: list[str] = []
    for seam, piece in [*pieces, (True, "")] if ended else pieces:
        if not seam:
            parts.append(piece)
            continue
        while parts and not parts[-1].strip(BLANK):
            parts.pop()
        if not parts:
            parts = [piece.lstrip(BLANK)]
            continue
        before, after = parts[-1].rstrip(), piece.lstrip()
        spaces = parts[-1][len(before) :], piece[: len(piece) - len(after)]
        parts[-1] = before
        if after:
            parts += [_space(max(space.count("\n") for space in spaces), before[-1], after[0]), after]
    return "".join(parts)


def _space(lines: int, before: str, after: str) -> str:
    if lines:
        return "\n\n" if lines > 1 else "\n"
    if after in ".,;:!?)" or _CJK.match(before) or _CJK.match(after):
        return ""
    return " "
