"""Prompts: texts with named places for what they show, ours by name and language, or the user's own.

A place is a word in braces, like {instruction}; two pairs of braces, {{instruction}}, stand for the text itself. Any
other brace is a brace, so that JSON and code can be shown as they are.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from selfinstruct.errors import UsageError
from selfinstruct.text.later import later

__all__ = [
    "LANGUAGES",
    "asked_as_json",
    "check_prompts",
    "filled",
    "places",
    "prompt_of",
    "prompt_text",
    "shipped_prompts",
]

FOLDER = Path(__file__).parent / "prompts"
LANGUAGES = ("en", "zh")
"""In which prompts are written. Another one needs the user's own."""

_PLACE = later(r"\{\{(\w+)\}\}|\{(\w+)\}")


@cache
def prompt_text(name: str, language: str = "en") -> str:
    """The text of prompts/LANGUAGE/NAME.txt, without its last line break."""
    return (FOLDER / language / f"{name}.txt").read_text(encoding="utf-8").rstrip("\n")


def shipped_prompts() -> list[str]:
    """The names of our prompts."""
    return sorted(path.stem for path in (FOLDER / "en").glob("*.txt"))


def places(text: str) -> tuple[str, ...]:
    """The names of a text's places, in order, each once."""
    return tuple(dict.fromkeys(place[2] for place in _PLACE.finditer(text) if place[2]))


def filled(text: str, **values: str) -> str:
    """The text with a value in each place, whatever the values themselves hold."""
    return _PLACE.sub(lambda place: f"{{{place[1]}}}" if place[1] else values.get(place[2], place[0]), text)


def prompt_of(stage: Any, field: str = "text") -> str:
    """The prompt that a stage goes by: its own text where it was given one, else ours in its language."""
    own: str = getattr(stage, field)
    return own or prompt_text(stage.prompts[field], stage.language)


def asked_as_json(name: str, language: str, text: str) -> str:
    """The prompt with the sentence prompts/LANGUAGE/NAME.txt before it, which asks for JSON; so it ends as without.
    Beside a prompt of the user's own in a language that we do not write, in English.
    """
    return f"{prompt_text(name, language if language in LANGUAGES else 'en')}\n\n{text}"


def check_prompts(stage: Any) -> None:
    """Raises UsageError where a text of the user's own lacks a place or has an unknown one, or where there is neither
    such a text nor one of ours in the stage's language.
    """
    for field, name in stage.prompts.items():
        if own := getattr(stage, field):
            _check_places(own, name)
        elif stage.language not in LANGUAGES:
            raise UsageError(
                f"language is {stage.language!r}: our prompts are written in {' and '.join(LANGUAGES)}; give a prompt "
                f"of your own, `prompt: FILE` ({field}), such as a translation of `selfinstruct prompts {name}`"
            )


def _check_places(text: str, name: str) -> None:
    here, wanted = places(text), places(prompt_text(name))
    missing = [place for place in wanted if place not in here]
    unknown = [place for place in here if place not in wanted]
    if not missing and not unknown:
        return
    faults = [f"lacks {_listed(missing)}"] if missing else []
    faults += [f"has {_listed(unknown)}, which means nothing here (write {{{{…}}}} for the text itself)"] * bool(
        unknown
    )
    raise UsageError(f"the prompt {text[:40]!r}… {' and '.join(faults)}; its places are {_listed(wanted)}")


def _listed(names: Any) -> str:
    return ", ".join(f"{{{name}}}" for name in names)
