"""Options of stages and filters as YAML gives them, checked against what takes them, in the user's words."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from selfinstruct.errors import UsageError, did_you_mean, quoted

__all__ = ["KINDS", "beside", "checked", "has_kind", "known", "one_of", "options_of", "with_options"]

KINDS = {bool: "true or false", int: "a whole number", float: "a number", str: "a text", tuple: "a list of texts"}
GIVEN = ("rng", "folder")
"""Parameters that nobody writes into a recipe."""


def beside(folder: Path | None, name: str) -> str:
    """The file of that name beside the recipe or mixture that names it, if there is one, or some of that pattern; else
    the name as it is: a path from here, a URL.
    """
    if folder is None or not name or "://" in name or Path(name).is_absolute():
        return name
    try:
        return str(folder / name) if (folder / name).exists() or any(folder.glob(name)) else name
    except (OSError, ValueError, NotImplementedError, IndexError):  # no name that a file can have
        return name


def options_of(make: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    return {name: each for name, each in inspect.signature(make).parameters.items() if name not in GIVEN}


def with_options(
    make: Callable[..., Any],
    options: Mapping[Any, Any],
    what: str,
    also: str = "",
    *,
    language: str = "en",
    folder: Path | None = None,
) -> Any:
    """`make(**options)`, with the recipe's language where it takes one and is given none, and with the folder beside
    which the files lie that it reads, where it asks for that.
    """
    parameters = checked(make, options, what, also)
    around: dict[str, Any] = {"language": language} if "language" in parameters else {}
    if "folder" in inspect.signature(make).parameters:
        around["folder"] = folder
    given = {name: _value(value, parameters[name].default) for name, value in options.items()}
    return make(**around | given)


def _value(value: Any, default: Any) -> Any:
    if type(default) is tuple and isinstance(value, str):
        return (value,)
    return tuple(value) if isinstance(value, list) else value


def checked(
    make: Callable[..., Any], options: Mapping[Any, Any], what: str, also: str = ""
) -> dict[str, inspect.Parameter]:
    """`make`'s options, after those given were checked against its signature: name, and default's kind."""
    parameters = options_of(make)
    for name, value in options.items():
        if name not in parameters:
            has = f"it has: {', '.join(parameters)}" if parameters else "it has none"
            raise UsageError(f"{what} has no option {quoted(name)}; {has}" + (f"; {also}" if also else ""))
        default = parameters[name].default
        if default is not inspect.Parameter.empty and not has_kind(value, type(default)):
            like = f", like {default}" if default != () else ""
            raise UsageError(f"{what}: {name} is {quoted(value)}; it should be {KINDS[type(default)]}{like}")
    return parameters


def has_kind(value: Any, kind: type) -> bool:
    """Whether YAML gave a value of one of KINDS: true is no number, a whole number is a number too, and one text is a
    list of one.
    """
    if kind is tuple and not isinstance(value, str):
        return isinstance(value, list) and all(isinstance(each, str) for each in value)
    if isinstance(value, bool):
        return kind is bool
    kinds: dict[type, tuple[type, ...]] = {float: (int, float), tuple: (str,)}
    return isinstance(value, kinds.get(kind, kind))


def known(source: Mapping[Any, Any], allowed: Iterable[str], what: str) -> None:
    for name in source:
        one_of(name, allowed, f"{what} has no key")


def one_of(name: Any, existing: Iterable[str], complaint: str) -> None:
    if name not in list(existing):
        raise UsageError(f"{complaint} {quoted(name)}: {did_you_mean(name, existing)}")
