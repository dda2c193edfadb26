"""Where a text shows code: fenced blocks and `inline` pieces, by Markdown. Marks in it are shown, not meant."""

from __future__ import annotations

from bisect import bisect_right

from selfinstruct.text.later import later

__all__ = ["Code"]

# A closing fence may have the token that ends the turn right behind it.
_TICKS = later(r"`+|~~~+|\n")
_FENCE = later(r"(?:^|(?<=\n))[ \t>]*(?P<fence>```+|~~~+)(?P<after>[^\n]*)")
_CLOSED = later(r"[ \t\r]*(?:\Z|<[|｜/]|<end|<eos|\[/?[A-Z])")


class Code:
    """The pieces of a text that show code. A fence that nothing closes shows nothing: its answer was cut off."""

    def __init__(self, text: str) -> None:
        self.fenced = _fenced(text) if "```" in text or "~~~" in text else []
        self.inline = _inline(text, self.fenced) if "`" in text else []
        self._starts = ([start for start, _ in self.fenced], [start for start, _ in self.inline])

    def kind(self, place: int) -> str:
        """ "fenced", "inline" or "" of a place in the text."""
        for kind, starts, spans in zip(("fenced", "inline"), self._starts, (self.fenced, self.inline), strict=True):
            before = bisect_right(starts, place) - 1
            if before >= 0 and place < spans[before][1]:
                return kind
        return ""


def _fenced(text: str) -> list[tuple[int, int]]:
    found, opened = [], None
    for line in _FENCE.finditer(text):
        fence, after = line["fence"], line["after"]
        if opened is None:
            if "`" not in after:
                opened = line
        elif fence[0] == opened["fence"][0] and len(fence) >= len(opened["fence"]) and _CLOSED.match(after):
            found.append((opened.start(), line.end("fence")))
            opened = None
    return found


def _inline(text: str, fenced: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Between two runs of as many backticks in one line."""
    found: list[tuple[int, int]] = []
    line: list[tuple[int, int]] = []  # runs, outside of fences, from left to right
    blocks, inside = iter(fenced), next(iter(fenced), None)
    next(blocks, None)
    for run in _TICKS.finditer(text):
        while inside and run.start() >= inside[1]:
            inside = next(blocks, None)
        if run[0] == "\n":
            found += _paired(line)
            line = []
        elif run[0][0] == "`" and not (inside and inside[0] <= run.start()):
            line.append(run.span())
    return found + _paired(line)


def _paired(runs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    partner: dict[int, int] = {}
    last: dict[int, int] = {}
    for place in range(len(runs) - 1, -1, -1):
        size = runs[place][1] - runs[place][0]
        if size in last:
            partner[place] = last[size]
        last[size] = place
    found, place = [], 0
    while place < len(runs):
        other = partner.get(place)
        if other is not None:
            found.append((runs[place][0], runs[other][1]))
        place = place + 1 if other is None else other + 1
    return found
