"""How the built-in teacher translates: tasks about numbers, out of English into Chinese and back.

What it has put into Chinese it knows again, and answers with the bare result. Anything else it does not know.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from random import Random
from typing import Any

from selfinstruct.simulator.data import table
from selfinstruct.simulator.family import Family, fill
from selfinstruct.simulator.language import EN, language_of
from selfinstruct.simulator.mess import Rates
from selfinstruct.simulator.reading import Question, question
from selfinstruct.simulator.understanding import Shown, understand
from selfinstruct.stages.reading.translated import tagged
from selfinstruct.text.language_names import named_language

__all__ = ["answer_in_chinese", "translate", "translation"]


def translate(asked: Question, rng: Random, rates: Rates) -> str:
    """The texts between their tags; at the rate of evolutions that hardly change it obeys the task, or repeats it."""
    parts = _parts(asked)
    luck = rng.random()
    if luck < rates.unchanged:
        return tagged(parts)
    if luck > 1 - rates.leak:
        known = understand(Shown(parts.get("instruction", ""), parts.get("input", "")))
        return (known.answer(rng) if known else None) or asked.language.unknown
    made = translation(asked)
    return tagged(made) if made else asked.language.unknown


def translation(asked: Question) -> dict[str, str] | None:
    """The texts in the language that is wanted, by their names; None where it cannot say them."""
    parts, wanted = _parts(asked), named_language(asked.places["to"])
    task = Shown(parts.get("instruction", "").strip(), parts.get("input", "").strip())
    if not wanted or len(parts) > 2 or not task.instruction:
        return None
    found = _into_chinese(task) if wanted.code == "zh" else _into_english(task) if wanted.code == "en" else None
    if found is None:
        return None
    return {"instruction": found.instruction} | ({"input": found.given} if found.given else {})


def answer_in_chinese(text: str) -> str | None:
    """The bare result of a task that was translated; None of any other."""
    if language_of(text).code != "zh" or not (task := _into_english(question(text))):
        return None
    known = understand(task)
    reply = known.reply(Random(0)) if known else None
    return str(_words()["answers"].get(reply.bare, reply.bare)) if reply else None


_TAG = re.compile(r"<(\w+)>\n(.*?)\n</\1>", re.DOTALL)


def _parts(asked: Question) -> dict[str, str]:
    return dict(_TAG.findall(asked.places["task"]))


@cache
def _words() -> Mapping[str, Any]:
    return table("en", "translations")


@cache
def _in_chinese() -> dict[str, Family]:
    """The families under other wordings, of which each is recognised as its own are."""
    by_name = {family.name: family for family in EN.families}
    words, found = _words()["words"], dict[str, Family]()
    for name, wording in _words()["wordings"].items():
        own = by_name[name]
        slots = {slot: tuple(words[value] for value in values) for slot, values in own.slots.items() if slot in wording}
        found[name] = Family(name=name, phrasings=(wording,), slots=slots, solve=own.solve)
    return found


def _into_chinese(task: Shown) -> Shown | None:
    asked = EN.recognise(task.instruction)
    if asked is None or asked.family.name not in _words()["wordings"]:
        return None
    ending = _words()["endings"].get(asked.ending, "") if asked.ending else ""
    if asked.ending and not ending:
        return None
    slots = {name: _words()["words"].get(value, value) for name, value in asked.slots.items()}
    return Shown(
        fill(_words()["wordings"][asked.family.name], slots) + ending, _replaced(task.given, _words()["inputs"])
    )


def _into_english(task: Shown) -> Shown | None:
    said = {chinese: english for english, chinese in _words()["words"].items()}
    text, ending = task.instruction, ""
    for english, chinese in _words()["endings"].items():
        if text.endswith(chinese):
            text, ending = text.removesuffix(chinese), f" {english}"
    for name, family in _in_chinese().items():
        if (slots := family.recognise(text)) is None:
            continue
        back = {slot: said[value] for slot, value in slots.items()}
        own = next(family for family in EN.families if family.name == name)
        wording = next((one for one in own.phrasings if set(re.findall(r"\{(\w+)\}", one)) == set(back)), None)
        if wording is None:
            return None
        given = _replaced(task.given, {chinese: english for english, chinese in _words()["inputs"].items()})
        return Shown(fill(wording, back) + ending, given)
    return None


def _replaced(text: str, words: Mapping[str, str]) -> str:
    for word, other in words.items():
        text = text.replace(word, other)
    return text
