"""Wishes: what new tasks are to be about, as far as the built-in teacher knows something about it.

By a table of topics (data/LANGUAGE/topics.toml), and by the words of its families. A wish that it cannot follow gets a
task of any family: what it makes with axes shows that they reach the teacher, and how a report looks, no more.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from random import Random

from selfinstruct.simulator.data import table
from selfinstruct.simulator.family import Asked, Family
from selfinstruct.simulator.language import LANGUAGES, Language
from selfinstruct.simulator.style import Style, chosen
from selfinstruct.stages.prompting import prompt_text
from selfinstruct.text.later import later

__all__ = ["composed", "families_of", "parted"]

_WORD = {"en": later(r"[a-z]{3,}"), "zh": later(r"(?=([\u4e00-\u9fff]{2}))")}
TRIES = 6
"""Instructions of a family, of which the one with most words of the wish is taken."""


def parted(prompt: str) -> tuple[list[str], str]:
    """The wishes that a prompt begins with, and the prompt without them."""
    for code in LANGUAGES:
        head = prompt_text("axes", code).partition("{wishes}")[0]
        if prompt.startswith(head):
            wishes, _, rest = prompt.removeprefix(head).partition("\n\n")
            return [re.sub(r"^\d+\. ", "", line) for line in wishes.split("\n")], rest
    return [], prompt


def families_of(
    rng: Random, style: Style, language: Language, many: int, wishes: Sequence[str], classification: bool = False
) -> list[tuple[Family, str]]:
    """A family for each wish, and the wish; without any, as many different families as usual."""
    if not wishes:
        return [(family, "") for family in chosen(rng, style, language, many, classification)]
    others = chosen(rng, style, language, len(wishes), classification)
    found = []
    for at, wish in enumerate(wishes):
        near = [family for family in _near(wish, language.code) if family.classification or not classification]
        found.append((rng.choice(near) if near else others[at % len(others)], wish))
    return found


def composed(rng: Random, family: Family, style: Style, wish: str, code: str) -> tuple[str, Asked]:
    """An instruction of the family; of several, the one that has most words in common with the wish."""
    tries = [family.compose(rng, rng.random() < style.questions, style.wishes) for _ in range(TRIES if wish else 1)]
    words = _words(wish, code)
    return max(tries, key=lambda made: len(words & _words(made[0], code)))


@cache
def _near(wish: str, code: str) -> tuple[Family, ...]:
    """The families of the topics that the wish names, of its last words first: a path ends with the narrowest."""
    words, topics = _words(wish, code), _topics(code)
    for said in reversed(re.split(r"[/;；]", wish)):
        inside = [word for word in topics if word in said] if code == "zh" else _words(said, code) & set(topics)
        if inside:
            names = set(topics[min(inside, key=lambda word: (said.lower().find(word), -len(word)))])
            known = (*LANGUAGES[code].families, *_only_wished(code))
            if found := tuple(family for family in known if family.name in names):
                return found
    scores = {family: len(words & _said(family, code)) for family in LANGUAGES[code].families}
    most = max(scores.values())
    return tuple(family for family, score in scores.items() if score == most) if most else ()


@cache
def _only_wished(code: str) -> tuple[Family, ...]:
    """Families that no other task is of."""
    if "summary" not in (known := table(code, "topics")):
        return ()
    texts = {row["text"]: row["tell"] for row in known["summary"]["rows"]}
    return (
        Family(
            name=f"{code}_summary",
            phrasings=tuple(known["summary"]["phrasings"]),
            draw=lambda rng, slots: rng.choice(tuple(texts)),
            solve=lambda slots, given: str(texts[given]),
            graded=False,
        ),
    )


@cache
def _topics(code: str) -> Mapping[str, Sequence[str]]:
    topics: Mapping[str, Sequence[str]] = table(code, "topics")["families"]
    return topics


@cache
def _said(family: Family, code: str) -> frozenset[str]:
    """The words of its wordings without slots, and of its name."""
    texts = " ".join(re.sub(r"\{\w+\}", " ", one) for one in family.phrasings)
    return frozenset(_words(f"{family.name.replace('_', ' ')} {texts}", code)) - _USUAL


def _words(text: str, code: str) -> frozenset[str]:
    """In lower case, and of English the singular."""
    found = _WORD[code].findall(text.lower().replace("_", " "))
    return frozenset(word[:-1] if code == "en" and word.endswith("s") and len(word) > 3 else word for word in found)


_USUAL = frozenset(
    (
        *("the", "and", "for", "are", "this", "that", "with", "what", "how", "does", "which", "from", "each", "one"),
        *("you", "can", "not", "all", "any", "its", "has", "have", "into", "your", "our", "them", "they", "these"),
        *("give", "write", "name", "list", "tell", "put", "use", "make"),
    )
)
"""Words that say nothing of a subject."""
