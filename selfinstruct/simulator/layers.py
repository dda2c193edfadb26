"""Layers: what evolving adds to a task, each a sentence at the end of the instruction, and what it does to the answer.

- further: asks something more about the subject, which the family can answer
- working: asks for the way to the result
- form: a wish for a form that rules can give the whole answer and check
- limit: how long it may be
- edit: one more requirement of code
- attempt: somebody's wrong code, which changes nothing
- input: the input is data of another form (inputs.py)
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NamedTuple

from selfinstruct.simulator.language import LANGUAGES, Language
from selfinstruct.simulator.matching import same
from selfinstruct.text.later import later
from selfinstruct.text.tokens import tokens

__all__ = [
    *("BARE", "LIMITS", "Layer", "Reply", "code_of", "edited", "formed", "laid", "length", "main_in", "peel"),
    *("unedited", "wordings"),
]


class Layer(NamedTuple):
    kind: str
    what: str
    """The key of its wordings in teacher.toml; of a further question the sentence itself."""
    sentence: str


LIMITS = (25, 50, 75, 100, 150, 200)
"""Words, or Chinese characters, that an answer may be asked not to exceed."""
_KINDS = ("working", "form", "edit", "attempt", "input")


@cache
def wordings(code: str) -> Mapping[str, tuple[str, str]]:
    """What each sentence says, by kind and key."""
    language = LANGUAGES[code]
    found = {one: (kind, what) for kind in _KINDS for what, said in language.words[kind].items() for one in said}
    found |= {one.format(n=n): ("limit", str(n)) for n in LIMITS for one in language.words["limit"]["{n}"]}
    return found | {one: ("further", one) for family in language.families for one in family.further}


@cache
def _sentences(code: str) -> tuple[str, ...]:
    return tuple(sorted(wordings(code), key=len, reverse=True))


def laid(text: str, sentence: str) -> str:
    """The instruction with a sentence at its end."""
    return f"{text}\n{sentence}" if "\n" in text else f"{text}{'' if text[-1:] in '。！？' else ' '}{sentence}"


def peel(text: str, language: Language) -> tuple[str, tuple[Layer, ...]]:
    """An instruction without its layers, and these in order of writing."""
    layers = list[Layer]()
    while text.endswith(_sentences(language.code)):
        last = next(one for one in _sentences(language.code) if text.endswith(one))
        layers.insert(0, Layer(*wordings(language.code)[last], last))
        text = text.removesuffix(last).rstrip()
    return text, tuple(layers)


# Answers.


class Reply(NamedTuple):
    """An answer before it is given a form."""

    main: str
    """The family's answer, in whole sentences where it has such."""
    bare: str = ""
    """The same, alone; "" of free writing."""
    more: tuple[str, ...] = ()
    """The answers to what was asked further."""

    @property
    def told(self) -> bool:
        """One result that a sentence tells, and nothing further?"""
        whole = self.main.endswith(tuple(".!?。！？"))
        return bool(self.bare) and self.main != self.bare and whole and "\n" not in self.main and not self.more

    def explained(self, words: Mapping[str, Any]) -> bool:
        """And does it say more than the result: a working, a reason? A language may leave that open."""
        rest = self.main.replace(self.bare, "")
        return self.told and bool(re.search(words.get("explained", ""), rest.rstrip(".")))


Words = Mapping[str, Any]
SHORT = 60
"""Characters of a result that may stand in an object by itself."""
_CODE = later(r"(?P<python>def \w+\()|(?P<sql>(?:SELECT|WITH|CREATE)\b)")
_QUANTITY = later(r"(-?(?:0|[1-9]\d*)(?:\.\d+)?) ?([a-z%€$°][^\d\n,]{0,24}|[\u4e00-\u9fff]{1,5})")
_DATE = later("[年月日号点分]$|[是有为]")


def _dumped(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _numbered(reply: Reply, words: Words) -> str | None:
    parts = (reply.main, *reply.more)
    fit = reply.more and not any("\n" in part for part in parts)
    return "\n".join(f"{n}. {part}" for n, part in enumerate(parts, 1)) if fit else None


def _bold(reply: Reply, words: Words) -> str | None:
    places = re.findall(rf"(?<![\w*.,]){re.escape(reply.bare)}(?![\w*]|[.,]\d)", reply.main) if reply.bare else []
    if words is LANGUAGES["zh"].words["words"]:  # which has no spaces around words
        places = [reply.bare] * reply.main.count(reply.bare) if reply.bare else []
    once = reply.explained(words) and len(places) == 1 and "*" not in reply.main
    return reply.main.replace(reply.bare, f"**{reply.bare}**") if once else None


def _explained(reply: Reply, words: Words) -> str | None:
    return (
        _dumped({words["json_answer"]: reply.bare, words["json_explanation"]: reply.main})
        if reply.explained(words)
        else None
    )


def _in_object(reply: Reply, words: Words) -> str | None:
    short = reply.bare and len(reply.bare) <= SHORT and not re.search(r"\n|, |、", reply.bare)
    short = short and not reply.told and not reply.more  # a sentence would be lost
    return _dumped({words["json_answer"]: reply.bare}) if short and not code_of(reply.bare) else None


def _quantity(reply: Reply, words: Words) -> str | None:
    found = _QUANTITY.fullmatch(reply.bare)
    if not found or reply.more or _DATE.search(found[2]):
        return None
    return f"{{{_dumped(words['json_value'])}: {found[1]}, {_dumped(words['json_unit'])}: {_dumped(found[2].strip())}}}"


def _fenced(reply: Reply, words: Words) -> str | None:
    code = code_of(reply.main)
    return "\n".join((f"```{code}\n{reply.main}\n```", *reply.more)) if code else None


_FORMS: Mapping[str, Callable[[Reply, Words], str | None]] = {
    "numbered": _numbered,
    "json_array": lambda reply, words: _dumped([reply.main, *reply.more]) if reply.more else None,
    "last_line": lambda reply, words: (
        f"{reply.main}\n{words['answer']}{reply.bare}"
        if reply.explained(words) and re.search("[=＝]", reply.main)
        else None
    ),
    "first_line": lambda reply, words: f"{reply.bare}\n{reply.main}" if reply.explained(words) else None,
    "bold": _bold,
    "json_explained": _explained,
    "json_answer": _in_object,
    "json_quantity": _quantity,
    "code_block": _fenced,
}


BARE = ("json_answer", "json_quantity")
"""Forms with room for the result only."""


def formed(reply: Reply, form: str, language: Language) -> str | None:
    """The whole answer, in the form of that name, or as it is; None where it cannot have the form."""
    if form:
        return _FORMS[form](reply, language.words["words"])
    text = reply.main
    for more in reply.more:
        both = all(one[-1:] in ".!?。！？" and "\n" not in one for one in (text, more))
        text += (("" if language.code == "zh" else " ") if both else "\n") + more
    return text


def main_in(text: str, own: Reply, form: str, language: Language) -> str | None:
    """The family's answer out of anybody's whole answer, where the rest is as in our own; None when it is not.

    Where our own answer does not stand in the form as it is, there is one such answer, and it is our own's.
    """
    if not form:
        for more in reversed(own.more):
            if not text.endswith(more):
                return None
            text = text.removesuffix(more).rstrip()
        return text
    wanted, main, data = formed(own, form, language) or "", own.main, form.startswith("json")
    if data:
        wanted, main = _tidied(wanted), _dumped(main)[1:-1]
        text = _tidied(text)
    before, found, after = wanted.partition(main)
    inside = text[len(before) : len(text) - len(after)]
    if not found or text != f"{before}{inside}{after}":
        return own.main if wanted and same(text, wanted) else None
    return str(json.loads(f'"{inside}"')) if data else inside


def _tidied(text: str) -> str:
    """JSON in one way to write it; what is none as it is."""
    try:
        return _dumped(json.loads(text))
    except (ValueError, RecursionError):
        return text


def length(text: str) -> int:
    """Words, or Chinese characters."""
    return len(tokens(text))


# Code.


def code_of(answer: str) -> str:
    """python (a function) or sql; "" for what is no code."""
    found = _CODE.match(answer)
    return (found.lastgroup or "") if found else ""


_DEF = later(r"^(def \w+\((\w+).*\).*:\n)", re.MULTILINE)
_GUARD = later(r"^ +if \w+ is None:\n +raise TypeError\(.*\)\n", re.MULTILINE)
_LIMIT = later(r"\s+LIMIT 10(?=;?\s*\Z)", re.IGNORECASE)


def edited(code: str, what: str) -> str | None:
    """The code with one more requirement met; None where it has none of the kind."""
    if what == "no_none":
        guard = r'\1    if \2 is None:\n        raise TypeError("\2 must not be None")\n'
        return _DEF.sub(guard, code, count=1) if _DEF.match(code) else None
    whole = code.startswith("SELECT ") and code.endswith(";") and " LIMIT " not in code
    return f"{code[:-1]} LIMIT 10;" if whole else None


def unedited(code: str, what: str) -> str | None:
    """The code without that; None when it is not there."""
    bare, many = (_GUARD if what == "no_none" else _LIMIT).subn("", code, count=1)
    return bare if many else None
