"""Personas: invented characters, each with a scene and a first word, for conversations in a role (in the form of
Pygmalion's: persona, scenario, greeting). `self_chat` goes on from them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from random import Random
from typing import Any, ClassVar

import yaml

from selfinstruct.errors import UsageError
from selfinstruct.stages.prompting import FOLDER, asked_as_json, check_prompts, filled, prompt_of
from selfinstruct.stages.reading.echoes import echo_of
from selfinstruct.stages.reading.json_answers import schema_of, strictly
from selfinstruct.stages.reading.personas import FIELDS, in_order, personas
from selfinstruct.task import Message, Rejected, Task
from selfinstruct.teacher import Prompt, Response
from selfinstruct.text.later import later
from selfinstruct.text.placeholders import is_placeholder

__all__ = ["Personas", "worlds"]

_YOUNG = later(
    r"\b(?:[0-9]|1[0-7])(?:-| )years?(?:-| )old\b|\baged? (?:[0-9]|1[0-7])\b"
    r"|\b(?:schoolgirl|schoolboy|toddler|teenager|teenage)\b|(?<![0-9])(?:[0-9]|1[0-7])岁|(?<![二三四五六七八九十])十[一二三四五六七]?岁|(?<![十百])[一二三四五六七八九]岁",
    re.IGNORECASE,
)
_OF_PYGMALION = later(r"\{\{(char|user)\}\}|<(BOT|USER|START)>", re.IGNORECASE)
_PLACE = later(r"\W{0,3}(?:\[[^\[\]]{1,80}\]|<[^<>]{1,80}>|\{[^{}]{1,80}\}|【[^【】]{1,40}】)\W{0,3}")
_MODEL = later(r"(?i)\bas an? ai\b|\blanguage model\b|语言模型|人工智能助手")


@cache
def worlds() -> dict[str, dict[str, list[str]]]:
    """Places and times by language: prompts/worlds.yaml."""
    found: dict[str, dict[str, list[str]]] = yaml.safe_load((FOLDER / "worlds.yaml").read_text(encoding="utf-8"))
    return found


@dataclass(frozen=True, slots=True)
class Personas:
    kind: ClassVar = "grow"
    shows: ClassVar = False
    continues: ClassVar = "prefill"
    prompts: ClassVar = {"text": "personas", "card": "persona_card"}
    many: int = 5
    """How many the prompt asks for."""
    worlds: tuple[str, ...] = ()
    """Where they live, in words: one is drawn for each request. Without any, one of our places and times."""
    language: str = "en"
    """Of the prompts; answers are read in either."""
    text: str = ""
    """A prompt of one's own, with the same places as ours; "" is ours. In a recipe: `prompt: {text: FILE}`."""
    card: str = ""
    """What is made of a persona as the system text of its conversation, likewise. `prompt: {card: FILE}`."""
    structured: bool = False
    """Ask for the personas as JSON by a schema, where the server can: {"personas": [{"name": "…", …}, …]}."""
    world: str = field(default="", compare=False)
    """The one that was drawn."""

    def __post_init__(self) -> None:
        check_prompts(self)
        if not 1 <= self.many <= 50:
            raise UsageError(f"personas: many is {self.many}; the prompt asks for 1 to 50 of them")

    @property
    def per_answer(self) -> int:
        """For the estimate of --dry-run."""
        return self.many

    def drawn(self, rng: Random, number: int, seed: int = 0) -> Personas:
        """With a world for the draft of this number."""
        ours = worlds().get(self.language, worlds()["en"])
        world = rng.choice(self.worlds) if self.worlds else ""
        comma = "，" if self.language == "zh" else ", "
        return replace(self, world=world or comma.join((rng.choice(ours["places"]), rng.choice(ours["times"]))))

    def prompt(self, tasks: tuple[Task, ...], rng: Random) -> Prompt:
        text = filled(prompt_of(self), many=str(self.many), world=self.world or worlds()["en"]["places"][0])
        return asked_as_json("json_personas", self.language, text) if self.structured else text

    def schema(self, tasks: tuple[Task, ...]) -> dict[str, Any] | None:
        """{"personas": [{"name": text, …}, …]}; None unless `structured`."""
        return schema_of("personas", FIELDS) if self.structured else None

    def parse(self, tasks: tuple[Task, ...], response: Response) -> Iterable[Task | Rejected]:
        """The personas that have all four fields, in order; when the answer was cut by length, not the last."""
        strict = strictly(response.text, "personas", FIELDS) if self.structured else None
        if strict is not None:
            found = list(in_order(strict))
        else:
            found = list(personas(response.text, cut=response.finish_reason == "length"))
        if not any(isinstance(item, Mapping) or item.is_proposal for item in found):
            yield Rejected(response.text, "no persona in the answer", what="answer")
            return
        for item in found:
            yield item if isinstance(item, Rejected) else self._task(item)

    def _task(self, fields: Mapping[str, str]) -> Task | Rejected:
        """The persona as a task, whose conversation begins with the system text and the greeting."""
        text = "\n".join(f"{name}: {value}" for name, value in fields.items())
        if len(fields) < len(FIELDS):
            return Rejected(text, "not the four fields of a persona", f"found: {', '.join(fields) or 'none'}")
        card = {name: _without_marks(fields[name], fields["name"], self.language) for name in FIELDS}
        name = card["name"] = card["name"].strip(' .,;:，。；："“”')
        card["greeting"] = _spoken(card["greeting"], name)
        about = f"{card['description']} {card['scenario']}"
        if young := _YOUNG.search(about):
            return Rejected(text, "not an adult", young[0])
        if any(
            _PLACE.fullmatch(card[part]) or is_placeholder(card[part], "") or not re.search(r"\w", card[part])
            for part in FIELDS
        ):
            return Rejected(text, "a field holds the place of its text")
        if _MODEL.search(f"{about} {card['greeting']}"):
            return Rejected(text, "out of the role")
        if copied := echo_of(card["description"], prompt_of(self)):
            return Rejected(text, "copied from the prompt", copied)
        system = filled(prompt_of(self, "card"), name=name, description=card["description"], scenario=card["scenario"])
        turns = (Message(role="system", content=system), Message(role="assistant", content=card["greeting"]))
        colon = "：" if self.language == "zh" else ": "
        about = card["description"]
        instruction = about if about.startswith(name) else f"{name}{colon}{about}"
        return Task("", instruction, turns=turns, extra={"persona": card})


def _without_marks(text: str, name: str, language: str) -> str:
    """Pygmalion's own marks for the two sides, in words."""
    you = "你" if language == "zh" else "you"
    said = {"char": name, "bot": name, "user": you, "start": ""}
    return _OF_PYGMALION.sub(lambda mark: said[(mark[1] or mark[2]).lower()], text).strip()


def _spoken(text: str, name: str) -> str:
    """What is said, without the name before it, and without quotation marks around all of it."""
    for colon in (":", "："):
        text = text.removeprefix(f"{name}{colon}").strip()
    for opening, closing in (('"', '"'), ("“", "”"), ("「", "」")):
        inside = text[1:-1]
        if text.startswith(opening) and text.endswith(closing) and opening not in inside and inside.strip():
            return inside.strip()
    return text
