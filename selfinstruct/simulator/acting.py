"""How the built-in teacher acts: it invents characters, plays them, and meets them as the user.

A character is a trade with what belongs to it (data/LANGUAGE/personas.toml); by its words the teacher knows it again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from selfinstruct.simulator.data import table
from selfinstruct.simulator.language import LANGUAGES, Language
from selfinstruct.simulator.mess import Rates
from selfinstruct.simulator.reading import Question
from selfinstruct.stages.reading.personas import FIELDS
from selfinstruct.task import Message

__all__ = ["act", "invent", "invented", "meet"]

MANY = 5
"""Characters in an answer whose prompt does not say how many."""
LABELS = {
    "en": ("Name: ", "Description: ", "Scenario: ", "Greeting: "),
    "zh": ("姓名：", "描述：", "场景：", "问候："),
}
YOUNGEST, OLDEST = 24, 77


def invent(asked: Question, rng: Random, rates: Rates) -> str:
    """The characters as the prompt goes on, the first without its number and label."""
    labels = LABELS[asked.language.code]
    blocks = [
        "\n".join(f"{label}{fields[name]}" for label, name in zip(labels, FIELDS, strict=True))
        for fields in invented(asked, rng, rates)
    ]
    text = "\n###\n".join(f"{number}. {block}" for number, block in enumerate(blocks, 1))
    return text.removeprefix(f"1. {labels[0].rstrip()}")


def invented(asked: Question, rng: Random, rates: Rates) -> list[dict[str, str]]:
    """Name, description, scenario and greeting of each; now and then one is forgotten."""
    words = table(asked.language.code, "personas")
    many = min(int(asked.places.get("many") or MANY), len(words["names"]))
    names = rng.sample(words["names"], many)
    trades = [rng.choice(list(words["trades"].values())) for _ in names]
    found = [_card(words, name, trade, rng) for name, trade in zip(names, trades, strict=True)]
    for one in found:
        if rng.random() < rates.ugly:
            one[rng.choice(FIELDS[1:])] = ""
    return found


def _card(words: Mapping[str, Any], name: str, trade: Mapping[str, str], rng: Random) -> dict[str, str]:
    drawn = {key: rng.choice(words[f"{key}{'es' if key == 'wish' else 's'}"]) for key in ("trait", "wish", "gesture")}
    age = rng.randint(YOUNGEST, OLDEST)
    about = words["card"].format(name=name, age=age, title=trade["title"], lore=trade["lore"], **drawn)
    greeting = words["greeting"].format(greet=trade["greet"], **drawn)
    return {"name": name, "description": about, "scenario": trade["scene"], "greeting": greeting}


def act(before: Sequence[Message], said: str, rng: Random) -> str:
    """The answer of the character that the system text gives the teacher; "" where that is none of ours."""
    system = "\n".join(turn["content"] for turn in before if turn["role"] == "system")
    for code in LANGUAGES if system else ():
        words = table(code, "personas")
        trade = next((one for one in words["trades"].values() if one["lore"] in system), None)
        if trade is None:
            continue
        topic = next((key for key, asks in words["questions"].items() if said.strip() in asks), "")
        gesture = rng.choice(words["gestures"])
        return str(trade[topic] if topic else words["generic"].format(gesture=gesture))
    return ""


def meet(turns: Sequence[Message], language: Language, rng: Random) -> str:
    """What the user asks a character next, in the scene where they meet; "" where the scene is none of ours, or nothing
    is left to ask.
    """
    words = table(language.code, "personas")
    scene = "\n".join(turn["content"] for turn in turns if turn["role"] == "system")
    if not any(one["scene"] in scene for one in words["trades"].values()):
        return ""
    said = {turn["content"] for turn in turns if turn["role"] == "user"}
    left = [asks for asks in words["questions"].values() if not said & set(asks)]
    return str(rng.choice(rng.choice(left))) if left else ""
