"""What models write around their answers: thoughts between marks, and the tokens that end a turn.

The marks are the rows of marks.py. A mark that is written *about* stays: in code, in quotation marks, in "use the
<think> tag" or "ends with </s>.", as an element of a document that was asked for, and a </s> that closes an <s>.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from selfinstruct.text.channels import Found, channels, spoken
from selfinstruct.text.code import Code
from selfinstruct.text.later import later
from selfinstruct.text.marks import ANSWER_TAGS, THOUGHTS, mark_at
from selfinstruct.text.mentions import NEAR, is_mentioned, is_quoted
from selfinstruct.text.seams import BLANK, joined

__all__ = ["Parted", "ends_itself", "parted", "thoughts_in"]

ROUNDS = 8
"""Taking a mark away may make another one. A text that has more of them inside one another is no answer at all."""


class Parted(NamedTuple):
    answer: str
    """What the model says to the user."""
    thoughts: str
    """What it wrote for itself; "" when there is nothing of the kind."""


def parted(text: str) -> Parted:
    """The answer in what a model wrote, and its thoughts. Twice changes nothing more, and without marks nothing is.

    Thoughts that nothing closes are all that follows: then the answer is what stands before them, perhaps nothing.
    """
    answer, thoughts, _ = _read(text)
    return Parted(answer, "\n\n".join(filter(None, (thought.strip() for thought in thoughts))))


def thoughts_in(text: str) -> list[str]:
    """Its thoughts one by one, as they stand between their marks."""
    return _read(text)[1]


def ends_itself(text: str) -> bool:
    """Whether a token ends the answer. Then it is whole, also where the server let the model run on to max_tokens."""
    return _read(text)[2]


def _read(text: str) -> tuple[str, list[str], bool]:
    thoughts, ended = list[str](), False
    for _ in range(ROUNDS):
        if not _ANY.search(text):
            return text, thoughts, ended
        answer, found, ends = spoken(text) or channels(text) or _Reading(text).parted
        thoughts, ended = thoughts + found, ended or ends
        if answer == text:
            return text, thoughts, ended
        text = answer
    return "", [*thoughts, text], ended


_ANY = later(r"[<◁]|\[[/A-Z|e]|\A\s*(?:analysis|assistant|here|##|thinking\.)|assistant\r?\n\r?\n", re.IGNORECASE)
"""What no text is without that has a mark."""
_MAYBE = later(r"[<\[◁]|(?:\A\s*|(?<=[\w.!?。！？)\]}…]))assistant(?=\r?\n\r?\n)")
_BEGUN = later(r"(?:\A|[\n\r:：*>】]|[.!?。！？…][)\"”’）]*)[ \t\u3000\ufeff\u200b]*\Z")
_JOINED = later(r"\W*(?:and|or|to|then|with|和|与|或|至|到|及)?\W*", re.IGNORECASE)
_SENTENCE = later(r"\w\W*[.!?。！？…]\W*\Z|\n")
_SAYS = later(r"[ \t]+(?:is|are|was|and|or|means?|marks?|tells?|starts?|begins?|opens?|shows?)\b")
_ELEMENT = later(r"<[A-Za-z][\w:.-]*(?:\s[^<>\n]{0,200})?/?>")
_WRAPPED = later(
    rf"\s*<(?P<tag>{ANSWER_TAGS})>(?P<inside>.*?)(?:</(?P=tag)>(?P<rest>.*)|\Z)", re.IGNORECASE | re.DOTALL
)
_ANSWER_TAG = later(rf"\s*<(?:{ANSWER_TAGS})>", re.IGNORECASE)
_STRIKE = later(r"<s>", re.IGNORECASE)


class _Mark(NamedTuple):
    start: int
    end: int
    kind: str
    row: int


class _Reading:
    """One way through a text, mark by mark."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.hidden: list[_Mark] = []
        """What closes thoughts, but stands in a fenced block, or as if it were written about."""
        self.element = -1
        """Where the first XML element begins that is no mark; -1 where there is none."""
        self.marks = list(self._found())
        self.partners = self._pairs()
        self.pieces: list[tuple[bool, str]] = []
        """Of the answer; and whether marks were taken out before them."""
        self.thoughts: list[str] = []
        self.refused = Counter[int]()
        """Opening marks that open nothing, and that nothing closes, by row."""
        self.shown = set[int]()
        """Places of marks that close such ones."""
        self.at = 0
        self.said = self.seam = self.awaits = False
        """Whether there is an answer; whether marks were just taken out; whether only a header can still come."""

    @property
    def parted(self) -> Found:
        if not self.marks:
            return self.text, [], False
        ended, place = False, 0
        while place < len(self.marks) and not ended:
            mark = self.marks[place]
            place += 1
            if mark.start < self.at:
                continue
            if self.awaits and (mark.kind not in ("begin", "ended", "open") or not self._blank(self.at, mark.start)):
                break
            match mark.kind:
                case "open":
                    partner = self._partner(mark, place - 1)
                    if partner is None:
                        self._refuse(mark, place - 1)
                        continue
                    self._take(mark.start)
                    self.awaits = False
                    self.thoughts.append(self.text[mark.end : partner.start])
                    self.at = partner.end
                    if partner in self.hidden:
                        break  # where code begins and ends after it is another question: the next round's
                case "shut" if place - 1 not in self.shown:
                    self._shut(mark, place)
                case "plain":
                    self._take(mark.start)
                    self.at, self.seam = mark.end, not self.said
                case "begin" | "ended":
                    ended = self._turn(mark)
        if not (ended or self.awaits):
            self._take(len(self.text))
        return self._unwrapped(joined(self.pieces, self.seam)), self.thoughts, ended

    def _found(self) -> Iterator[_Mark]:
        text, code = self.text, Code(self.text)
        struck = at = 0
        first = len(text) - len(text.lstrip(BLANK))
        for maybe in _MAYBE.finditer(text):
            start = maybe.end() - len("assistant") if maybe[0].endswith("assistant") else maybe.start()
            if start < at:
                continue
            found = mark_at(text, start)
            shown = code.kind(start)
            if found is None:
                if not shown and _STRIKE.match(text, start):
                    struck += 1
                elif (
                    not shown
                    and self.element < 0
                    and _ELEMENT.match(text, start)
                    and not _ANSWER_TAG.match(text, start)
                ):
                    self.element = start
                continue
            end, kind, row = found
            if kind == "begin" and text[start:end].casefold() in ("<s>", "<bos>") and start > first:
                struck += not shown and text[start : start + 3] == "<s>"
                continue
            if struck and text.startswith("</s>", start):
                struck -= not shown
                continue
            mark, at = _Mark(start, end, kind, row), end
            if shown == "inline" or is_quoted(text, start, end):
                continue
            if shown or is_mentioned(text, start, end, opens=kind in ("open", "plain")):
                self.hidden += [mark] if kind == "shut" else []
                continue
            yield mark

    def _pairs(self) -> dict[int, int]:
        """The place of what closes it, for the place of each opening mark that something of its row closes."""
        open_ones: dict[int, list[int]] = {}
        found: dict[int, int] = {}
        for place, mark in enumerate(self.marks):
            if mark.kind == "open":
                open_ones.setdefault(mark.row, []).append(place)
            elif mark.kind == "shut" and open_ones.get(mark.row):
                found[open_ones[mark.row].pop()] = place
        self.last = {mark.row: mark for mark in self.marks if mark.kind == "shut"}
        self.shuts = [mark.start for mark in self.marks if mark.kind == "shut"]
        self.shut_marks = [mark for mark in self.marks if mark.kind == "shut"]
        self.hidden_starts = [mark.start for mark in self.hidden]
        return found

    def _partner(self, mark: _Mark, place: int) -> _Mark | None:
        """What closes these thoughts, or the end of the text; None where the mark opens none."""
        begun = bool(self.at == mark.start or _BEGUN.search(self.text, max(0, mark.start - NEAR), mark.start))
        shut = self.marks[self.partners[place]] if place in self.partners else None
        if shut is None and begun:
            shut = self._another(mark)
        if THOUGHTS[mark.row].common and not self._stands_first(mark, shut):
            return None
        if shut is None:
            after = self.text[mark.end : mark.end + NEAR].lstrip(" \t")[:1]
            new_line = not self.text[: mark.start].rpartition("\n")[2].strip() if begun else False
            goes_on = new_line or not after.islower()
            says = _SAYS.match(self.text, mark.end, mark.end + NEAR)
            return _Mark(len(self.text), len(self.text), "shut", mark.row) if begun and goes_on and not says else None
        inside = self.text[mark.end : shut.start] if shut.start - mark.end <= NEAR else "\n"
        if begun:
            joins = _JOINED.fullmatch(inside) and inside.strip() and not (set(inside) & set(".…\n"))
            return None if joins else shut
        return shut if _SENTENCE.search(inside) else None  # "write <think>your reasoning</think> first" is no thought

    def _another(self, mark: _Mark) -> _Mark | None:
        """What closes thoughts that nothing closes properly: the last of its row, one in code, one of another row."""
        last = self.last.get(mark.row)
        if last and last.start > mark.start:
            return last
        shown = bisect_left(self.hidden_starts, mark.end)
        while shown < min(len(self.hidden), 99):
            if self.hidden[shown].row == mark.row:
                return self.hidden[shown]
            shown += 1
        other = bisect_left(self.shuts, mark.end)
        return self.shut_marks[other] if other < len(self.shuts) else None

    def _stands_first(self, mark: _Mark, shut: _Mark | None) -> bool:
        """Whether an element with a common name holds thoughts, and is no part of a document."""
        if 0 <= self.element < mark.start:
            return False
        first = not self.said and self._blank(self.at, mark.start)
        if shut is None:
            return first
        rest = self.text[shut.end : shut.end + 2 * NEAR].lstrip()
        if not rest:
            return first and not (mark.end < self.element < shut.start) and not self._has_marks(mark, shut)
        if not first:
            line = self.text[max(0, mark.start - NEAR) : mark.start].rpartition("\n")[2]
            long = shut.start - mark.end > NEAR or _SENTENCE.search(self.text, mark.end, shut.start)
            return bool(long and not line.strip())
        return not (_ELEMENT.match(rest) and not _ANSWER_TAG.match(rest) and mark_at(rest, 0) is None)

    def _has_marks(self, mark: _Mark, shut: _Mark) -> bool:
        between = bisect_left(self.marks, mark) + 1
        return between < len(self.marks) and self.marks[between].start < shut.start

    def _refuse(self, mark: _Mark, place: int) -> None:
        """It opens no thoughts: what closes it closes none either, and a common name is an element of a document."""
        if place in self.partners:
            self.shown.add(self.partners[place])
        else:
            self.refused[mark.row] += 1
        if THOUGHTS[mark.row].common and self.element < 0:
            self.element = mark.start

    def _shut(self, mark: _Mark, place: int) -> None:
        """The end of thoughts whose beginning stood in the prompt, or was cut off."""
        common = THOUGHTS[mark.row].common
        if self.refused[mark.row]:
            self.refused[mark.row] -= 1
            around = self.text[max(0, mark.start - NEAR) : mark.start], self.text[mark.end : mark.end + 1]
            if common or not (_BEGUN.search(around[0]) or around[1] in ("", "\n", "\r")):
                return
        if common and 0 <= self.element < mark.start:
            return
        follows = self.marks[place] if place < len(self.marks) else None
        nothing = self._blank(mark.end, follows.start if follows else len(self.text))
        nothing = nothing and (follows is None or follows.kind == "ended")
        if nothing and self.thoughts and (self.said or not self._blank(self.at, mark.start)):
            self._take(mark.start)
            self.at = mark.end
            return
        self._take(mark.start)
        self.thoughts.append("".join(piece for _, piece in self.pieces))
        self.pieces, self.said, self.at = [], False, mark.end

    def _turn(self, mark: _Mark) -> bool:
        """Whether the answer ends here."""
        blank = not self.said and self._blank(self.at, mark.start)
        if not blank:
            self._take(mark.start)
            return True
        self.at, self.seam = mark.end, True
        self.awaits = mark.kind == "ended"
        return False

    def _take(self, end: int) -> None:
        piece = self.text[self.at : end]
        self.pieces.append((self.seam, piece))
        self.said = self.said or bool(piece.strip(BLANK))
        self.at, self.seam = end, True

    def _blank(self, start: int, end: int) -> bool:
        return not self.text[start:end].strip(BLANK)

    def _unwrapped(self, answer: str) -> str:
        """Out of <answer> and the like, which stand around an answer after its thoughts."""
        found = _WRAPPED.match(answer) if self.thoughts else None
        return f"{found['inside'].strip()}{found['rest'] or ''}" if found else answer
