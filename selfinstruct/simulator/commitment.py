"""What an answer in sentences commits to in the end, and whether that is the right answer.

A person who marks "2 + 10 + 30 = 42, and twice that is 84." looks for what it asserts last, not for any 84 in it:

1. Markup, thoughts and what is taken back later ("No, wait, …") are left out; what remains is cut into statements.
2. Every value of the right answer's kind is found in them: numbers with units, times, dates; or the right words and
   those that could have been the answer instead.
3. Each has a weight by its clause: none when it is denied, hedged, a reason or a step of the working; more after "so",
   most when it stands alone or after "the answer is".
4. The weightiest decide, and must agree.

Lists and whole sentences are compared as blocks. Any doubt makes the answer wrong: a wrong one that is marked right
would cost more than a right one that is marked wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from selfinstruct.simulator.blocks import END, block_commits, is_list
from selfinstruct.simulator.cues import HAN, LETTER, Plain, cue, plain, statements, without_asides
from selfinstruct.simulator.terms import terms
from selfinstruct.simulator.values import Found, is_value, numbers, values
from selfinstruct.text.later import later

__all__ = ["Key", "commits", "in_words"]


@dataclass(frozen=True, slots=True)
class Key:
    """The right answer, and what is known about the question."""

    right: str
    """"" when there are many."""
    fits: Callable[[str], bool]
    """Is this text, alone, the right answer?"""
    given: str = ""
    """What the question says: its own numbers are no answers."""
    rivals: frozenset[str] = field(default_factory=frozenset)
    """What could be the answer instead."""
    strangers: frozenset[str] = field(default_factory=frozenset)
    """What the question could be about instead."""


_ALTERNATIVE = cue(r"\s*、|\W*(?:<or>|吗)")
_DATA = ("{", "[", "<", "|")
LONGEST = 4_000
"""Characters of an answer that is read."""
SHORT = 6
LONGEST_PHRASE = 60
"""Words and characters of a phrase."""
LONGEST_STATEMENT = 500
"""Characters of a sentence, or a line."""
MOST = 100
"""Numbers in an answer that is weighed."""


def commits(answer: str, key: Key) -> bool:
    """Is the right answer all that it says, or what it says in the end?"""
    if key.fits(answer):
        return True
    if len(answer) > LONGEST:
        return False
    said = plain(answer)
    if said.raw != answer and key.fits(said.raw):
        return True
    if not re.search(r"\w", said.text):
        return False  # nothing is said, or all of it is taken back
    if not key.right or (len(said.code) == 1 and ("\n" in key.right or key.right.startswith(_DATA))):
        return len(said.code) == 1 and key.fits(said.code[0])
    if said.raw.startswith(_DATA) and not key.right.startswith(_DATA):
        return False  # in a form that nobody asked for
    if any(_ALTERNATIVE.match(without_asides(one)) for one in statements(said.text, questions=True)):
        return False
    if is_value(key.right):
        return _verdict(_weighed(said, key, _values), of_all=False)
    if in_words(key.right) and any(key.fits(key.right + mark) for mark in ".。"):
        return _verdict(_weighed(said, key, _words), of_all=True)
    # Lists, sentences, and what is right to the letter: whoever is told to delete the punctuation has to.
    return block_commits(said, key.right, key.fits, key.given)


def in_words(right: str) -> bool:
    """Is it a word or a phrase, that may stand within a sentence?"""
    return (
        0 < len(right) <= LONGEST_PHRASE
        and len(right.split()) <= SHORT
        and not (is_value(right) or is_list(right) or right.endswith(END))
    )


# What is claimed.


class _Claim(NamedTuple):
    fits: bool
    weight: int
    clause: tuple[int, int]
    """The number of its statement, and where in that it begins."""


ALONE, ENDS, PLAIN, NOTHING = 3, 2, 1, 0


def _verdict(claims: Sequence[_Claim], of_all: bool) -> bool:
    """What stands alone must be right; or what is concluded last, and no more said after it; or what is only said: all
    of it (`of_all`), or the last clause's."""
    alone = [claim.fits for claim in claims if claim.weight == ALONE]
    ending = [claim.fits for claim in claims if claim.weight >= ENDS]
    last = [claim.fits for claim in claims if claim.clause == claims[-1].clause]
    if of_all:
        return all(alone) and ending[-1] if ending else bool(claims) and all(claim.fits for claim in claims)
    return bool(claims) and all(alone) and all(ending[-1:]) and (bool(alone) or all(last))


_Finder = Callable[[str, Key], list[Found]]


def _weighed(said: Plain, key: Key, find: _Finder) -> list[_Claim]:
    """Those with any weight; none of a heap."""
    texts = [_without_question(text, key) for text in statements(said.text)]
    if len(re.findall(r"\d+", said.text)) > MOST or any(len(text) > LONGEST_STATEMENT for text in texts):
        return []
    found = [(text, find(text, key)) for text in texts]
    if any(_elsewhere(text, its) for text, its in found):
        return []
    used = {one.number: number for number, (_, its) in enumerate(found) for one in its if one.operand}
    asked = numbers(key.given) - numbers(key.right)
    claims, reasons, doubted = list[_Claim](), False, False
    for number, (text, its) in enumerate(found):
        reasons = reasons or bool(_REASONS.match(text))
        if not its and key.fits(text):
            its = [Found(0, len(text), text, True)]
        for one in its:
            clause = _clause(text, one, its)
            weight = _weight(clause, one, first=number == 0, key=key, bold=said.bold)
            doubted = doubted or (one.fits and bool(_DOUBT.search(_RELATIVE.sub("", clause.before))))
            spent = reasons or (one.number in asked and not _IS.search(clause.before))
            used_up = used.get(one.number, -1) > number and (weight == PLAIN or not one.fits)
            if not weight and not one.working and _ANSWER.search(clause.before):
                return []  # "the answer is" something doubtful
            if weight and not used_up and not (spent and weight == PLAIN):
                claims.append(_Claim(one.fits, weight, (number, clause.start)))
    return [one for one in claims if one.weight > PLAIN or not (one.fits and doubted)]


def _without_question(text: str, key: Key) -> str:
    """What a statement says itself: sentences and lists of the question that name the answer are no answer."""
    for sentence in _SENTENCES.split(key.given):
        if key.right in sentence and len(sentence) > len(key.right) + 2:
            text = text.replace(sentence, " ")
    return text


_SENTENCES = later(r"[\n。！？；]|[.!?](?:\s|\Z)")
_REASONS = cue(r"\W*<reason>\s*[:：]")
_REASON = cue(r"\W*<reason>")
_SPLIT = cue(r",?\s*<split>|,\s+(?=(?:as|not|and|it|that|the|this|they|he|she|you|we|there)\b)|\s[—–-]\s|—|[()（）]")
_QUOTED = later(r"“[^“”]*”|\"[^\"]*\"|「[^「」]*」|《[^《》]*》")
_IS = cue(r"(?:<lead>|<equal>|=)\s*(?:<filler>\s*)?\Z")
_ANSWER = cue("<answer>")
_CONCLUDE = cue("<conclude>")
_DENY = cue("<deny>|<instead>")
_DOUBT = cue("<deny>|<instead>|<hedge>")
"""Said of the right answer, it takes more than a mention elsewhere to make up for it."""
_RELATIVE = later(r"\b(?:that|who|what)\s+\w+(?:n't| not)\b[^,;¤]{0,40}?\b(?:is|are|was)\b", re.IGNORECASE)
"""The word that does not fit is the one that is looked for."""
_DENIED = cue(r"\s*[\"”'’」）)]*\s*(?:(?:is|are|was|were|would be|does|do|did|has|have)\s+)?<deny>|是错|并不|都不")
_HEDGE = cue("<hedge>")
_NEAR = cue(r"<near>\s*[$€£¥]?\s*\Z")
_BOUND = cue(r"<bound>\s*(?:of\s+)?(?:an?\s+|the\s+)?[$€£¥]?\s*\Z|\d\s?[a-z]\s*=\s*\Z")
"""42 of "more than 42" and "3x = 42"."""
_BESIDE = cue(r"<beside>\s*(?:an?\s+|the\s+)?\Z")
_BOUNDED = cue(r"\s*<bound_after>")
_OR = cue(rf"(?:<or>(?:(?:\s+{LETTER}+){{0,2}}|[\u4e00-\u9fff]{{0,3}})|、)[\s“\"'‘]*\Z|/\s*\Z|\w\|\Z")
_OR_AFTER = cue(rf"[\s”\"'’]*(?:(?:{LETTER}+\s+){{0,2}},?\s*<or>|、)|\s*/|\|\w")
_OPENS = later(r"[^\w¤]*(?:(?:it|it's|that's|this|is|was|an?|the)\b[^\w¤]*)*\Z", re.IGNORECASE)
_CLOSES = later(r"\s*[\"”'’」）)]*\s*(?:[.。,，:：;；!！—–(（-]|\Z)|\s+(?:because|since|as)\b")


def _elsewhere(text: str, its: Sequence[Found]) -> bool:
    """Does something else than a value that is known stand after "the answer is"?"""
    marks = list(_ANSWER.finditer(text))
    rest = text[marks[-1].end() :] if marks else ""
    start = min((one.start for one in its if marks and one.end > marks[-1].end()), default=len(text))
    return bool(re.search(r"\w", rest)) and not _NEXT.fullmatch(text[min(marks[-1].end(), start) : start])


_NEXT = later(r"[^,，.。;；]{0,24}")


class _Clause(NamedTuple):
    """Around one value; all values in it are masked, as "no" may be a label."""

    start: int
    said: str
    """All of the statement before the value."""
    before: str
    after: str
    rest: str
    """All of the statement after it."""


def _clause(text: str, one: Found, its: Sequence[Found]) -> _Clause:
    for each in its:
        text = f"{text[: each.start]}{'¤' * (each.end - each.start)}{text[each.end :]}"
    cuts = [found.start() for found in _SPLIT.finditer(text)]
    start = max((at for at in cuts if at <= one.start), default=0)
    end = min((at for at in cuts if at >= one.end), default=len(text))
    return _Clause(start, text[: one.start], text[start : one.start], text[one.end : end], text[one.end :])


def _weight(clause: _Clause, one: Found, *, first: bool, key: Key, bold: frozenset[str]) -> int:
    """How much the statement commits itself to this one of its values."""
    opens = not re.search(r"[\w¤]", _OPENS.sub("", clause.said, count=1))
    if one.working or _doubted(clause, number=bool(one.number), decimals="." in key.right):
        return NOTHING
    if one.fits and any(other in clause.said + clause.rest for other in key.strangers):
        return NOTHING  # it is about something else
    if _ANSWER.search(clause.before) or (opens and not clause.rest.strip(" .!。！\"'”’」")):
        return ALONE
    if first and not re.search(r"[\w¤]", clause.said) and _CLOSES.match(clause.rest):
        return ALONE
    if clause.before.startswith(("(", "（")) or _REASON.match(clause.before):
        return NOTHING
    in_english = not one.number and not HAN.search(one.text)
    if in_english and one.fits and not opens and len(re.split(r"[,:;]", clause.after)[0].split()) > 1:
        return NOTHING  # neither what the clause is about nor what it comes to
    in_bold = one.text in bold or (one.text[:1].isdigit() and re.split(r"[^\d.,:/]", one.text)[0] in bold)
    return ENDS if _CONCLUDE.search(clause.before) or in_bold else PLAIN


def _doubted(clause: _Clause, *, number: bool, decimals: bool) -> bool:
    """Denied or left open. What has decimals has been rounded: that it is about so much is no doubt."""
    before, after = (_QUOTED.sub("¤", text.replace("’", "'")) for text in (clause.before, clause.after))
    return bool(
        _DENY.search(_RELATIVE.sub("", before))
        or _DENIED.match(clause.rest)
        or _HEDGE.search(before + " " + after)
        or _BESIDE.search(before)
        or (number and (_BOUND.search(before) or _BOUNDED.match(clause.after)))
        or _OR.search(before)
        or _OR_AFTER.match(clause.rest)
        or (number and not decimals and _NEAR.search(before))
    )


def _values(text: str, key: Key) -> list[Found]:
    return values(text, key.right, key.fits, key.given)


def _words(text: str, key: Key) -> list[Found]:
    return terms(text, key.right, key.rivals, key.fits, key.given)
