"""Models as an evaluation names them: anything that answers, each with a column and a folder of its own."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from selfinstruct.errors import UsageError, quoted
from selfinstruct.running.billing import names_of
from selfinstruct.running.identity import named
from selfinstruct.teachers.opening import Answering, check_names, is_local

__all__ = ["Model", "folder_of", "models_of"]

LABEL = re.compile(r"([^=:/?\\]{1,40})=(.+)", re.DOTALL)


class Model(NamedTuple):
    label: str
    """Of its column."""
    who: Answering
    """As `run` takes it."""
    folder: str
    """Below that of the evaluation."""
    is_local: bool
    """Whether its weights are on this machine, so that likelihoods can be told."""


def models_of(given: Sequence[Answering] | Mapping[str, Answering], base_url: str | None) -> list[Model]:
    """The models by their names, or LABEL=NAME; in Python also {label: name or teacher}. A folder is that of a model,
    a *.gguf file too. Raises UsageError for none, and for two of one label.
    """
    pairs = list(given.items()) if isinstance(given, Mapping) else [_labelled(one, base_url) for one in given]
    if not pairs:
        raise UsageError("no model: name at least one, such as builtin, smollm2, a folder, or gpt-… at an endpoint")
    found = [_model(label, who, base_url) for label, who in pairs]
    for number, one in enumerate(found):
        if any(one.label == other.label for other in found[:number]):
            raise UsageError(f"two models are called {quoted(one.label)}: name one of them, LABEL=MODEL")
    return found


def _labelled(one: Answering, base_url: str | None) -> tuple[str, Answering]:
    if not isinstance(one, str):
        return names_of({"teacher": one})["teacher"], one
    if not one.strip():
        raise UsageError("a model's name is empty: leave it out, or name one")
    if (at := LABEL.fullmatch(one)) and not _is_place(one):
        return at[1].strip(), at[2]
    return one.rstrip("/") or one, one


def _model(label: str, who: Answering, base_url: str | None) -> Model:
    if isinstance(who, str) and not base_url and _is_place(who):
        who = f"gguf:{who}" if who.lower().endswith(".gguf") else f"local:{who}"
    check_names({"teacher": who})
    if not isinstance(who, str):
        who = named(label, getattr(who, "does", who))
    return Model(label, who, folder_of(label), is_local(who, base_url))


def _is_place(name: str) -> bool:
    try:
        path = Path(name).expanduser()
        return path.is_dir() or (path.is_file() and name.lower().endswith(".gguf"))
    except (OSError, ValueError, RuntimeError):  # a name that no file can have
        return False


def folder_of(label: str) -> str:
    """A name that any file system takes; another label has another one."""
    plain = re.sub(r"[^A-Za-z0-9_-]+", "-", label).strip("-")[-40:]
    if plain == label:
        return label
    return f"{plain or 'model'}-{hashlib.sha256(label.encode('utf-8', 'backslashreplace')).hexdigest()[:6]}"
