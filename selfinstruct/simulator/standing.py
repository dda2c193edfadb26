"""What may be laid on a task, as far as it contradicts nothing that stands in it.

The form of the answer changes once, and first; then come lines above it, then lines below, in the order of their
sentences. What was counted stays as it is: nothing above changes any more. A wish for the answer and nothing else is
left out as soon as more is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from selfinstruct.simulator.family import Asked, fill
from selfinstruct.simulator.layers import Kind
from selfinstruct.text.tokens import tokens

__all__ = ["fits", "touches", "without_wish"]

_FORM = frozenset(
    (
        *("enclosed", "opener", "reference", "between lines", "fence", "marked lines", "numbered lines"),
        *("in JSON", "in CSV", "in XML", "lines in JSON", "twice"),
    )
)
_EDITS = frozenset(("stored", "signature", "docstring", "indentation", "small keywords"))
"""Of code."""
_ABOVE = frozenset(("heading", "above", "constant"))
_BELOW = frozenset(
    (
        *("closing", "signature below", "postscript", "filed", "below", "second query", "time", "space", "one pass"),
        *("helper each", "helper pairs", "helper safe", "helper text"),
    )
)
_SILENT = ("input in ", "provenance", "who asks", "publication", "reader", "hurry", "draft", "for ")
"""They leave the answer as it is."""


def touches(kind: Kind) -> bool:
    """Does it change the answer?"""
    return not kind.name.startswith(_SILENT)


def _counts(name: str) -> bool:
    """What stands above its line."""
    known = _FORM | _EDITS | _ABOVE | _BELOW
    return name not in known and not name.startswith((*_SILENT, "value "))


def _rank(name: str) -> int:
    return 0 if name in _FORM | _EDITS else 1 if name in _ABOVE else 2


def fits(kind: Kind, standing: Iterable[str], asked: Asked | None) -> bool:
    """Does it go with the kinds of layers that stand, by name, and with the form that the task asks for itself?"""
    names = [name for name in standing if not name.startswith(_SILENT)]
    if not touches(kind):
        return True
    if _rank(kind.name) < 2 and any(map(_counts, names)):
        return False
    if kind.name in _EDITS:
        return kind.name != "stored" or all(_rank(name) == 0 for name in names)
    if kind.name not in _FORM:
        return all(_rank(name) <= _rank(kind.name) for name in names)
    return not names and (not asked or not asked.ending or bool(_WISH.search(asked.ending)) or not _formed(asked))


def _formed(asked: Asked) -> bool:
    """Does the wish at the end of the instruction give the answer another form?"""
    return asked.family.endings[asked.ending].put("a, b、c") != "a, b、c"


_WISH = re.compile(
    r"\balone\b|\benough\b|\b[Nn]othing but\b|\b[Nn]othing else\b|\b[Jj]ust\b|\b[Oo]nly (?:need|want|the)\b"
    r"|\bone sentence\b|\bsingle key\b|JSON array|^Start the reply|^Finish the reply"
    r"|只写|只要|只回答|只答|只报|仅写|就行|用一句话|唯一的键|JSON 数组|^末尾"
)
"""For one thing and no other, or about the whole of the reply."""
_NARROW = re.compile(
    r"\bonly need\b|\bonly the [\w ]+ matters|\bonly[.:]|\bone word\b|\bsingle word\b"
    r"|只报|只写|只回答|只答|只要|只输出|仅写|仅输出"
)
_EXCLUSIVE = re.compile(
    r"\b(?:answer|reply|respond|output|return|write|give|print|say|state)\b[^.!?]{0,60}"
    r"(?:\bonly\b|\bjust\b|\bnothing (?:but|else)\b|\balone\b|\bone word\b|\bsingle word\b"
    r"|\bwithout (?:any )?(?:comm|expl))"
    r"|(?:\bonly\b|\bjust\b|\bnothing (?:but|else)\b)[^.!?]{0,30}"
    r"\b(?:answer|reply|respond|output|return|label|number|name|word|result|verdict|letter)\b"
    r"|\bno (?:other|further|extra|additional) (?:text|words?|output|explanations?|comments?)\b"
    r"|\bdo(?: not|n't) (?:add|explain|include)\b"
    r"|(?:只|仅)(?:需|能|须|要|用|允许|可以?)?(?:写|回答|输出|给出|返回|报|说|答|填|要|回复)"
    r"|不要(?:解释|说明|输出|添加|加)|不加(?:解释|说明)",
    re.IGNORECASE,
)


def without_wish(text: str, base: str, asked: Asked | None) -> str | None:
    """The text without wishes for the answer and nothing else; None when one can't be taken out.

    The base is the instruction as it was at first; of a known one the wish is its ending, or stands in its wording.
    """
    if asked is None:
        return _without_sentences(text, base)
    if asked.ending and _WISH.search(asked.ending):
        text = re.sub(rf" ?{re.escape(asked.ending)}", "", text, count=1)
        base = base.removesuffix(asked.ending).rstrip()
    if not _NARROW.search(base):
        return text
    same = [one for one in asked.family.phrasings if set(re.findall(r"\{(\w+)\}", one)) == set(asked.slots)]
    old = next((said for one in same if (said := fill(one, asked.slots)) in base and said in text), None)
    other = next((one for one in same if not _NARROW.search(one)), None)
    return text.replace(old, fill(other, asked.slots), 1) if old and other else None


MOST = 16
"""Words of a sentence that only wishes for something; in Chinese characters."""


def _without_sentences(text: str, base: str) -> str | None:
    sentences = re.findall(r"[^.!?。！？\n]+(?:[.!?。！？]+|(?=\n)|$)\s*", base)
    wishes = [sentence for sentence in sentences if _EXCLUSIVE.search(sentence)]
    for wish in wishes:
        if wish == sentences[0] or len(tokens(wish)) > MOST or wish not in text:
            return None
        text = text.replace(wish, "", 1)
    return text.strip()
