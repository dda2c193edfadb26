"""What a recipe is, as plain data: derived from the objects that run, never from what somebody wrote about them.

recipe.yaml is this description, and a folder takes a run whose description is the same and no other. What cannot
describe itself, such as a lambda, must be given a name with `named`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, Any

from selfinstruct.errors import UsageError, quoted
from selfinstruct.filters import FILTERS
from selfinstruct.stages import STAGES

if TYPE_CHECKING:
    from selfinstruct.running.recipe import Recipe, Step

__all__ = ["Named", "described", "name_of", "named"]

OURS: dict[Any, str] = {make: name for table in (STAGES, FILTERS) for name, make in table.items()}
STEP = ("grow", "each", "show", "teacher", "drop", "last", "prompt")
"""Keys of a step that are no option of its stage."""


@dataclass(frozen=True, slots=True)
class Named:
    """A function under a name of its own."""

    name: str
    does: Callable[..., Any]

    def __call__(self, *arguments: Any) -> Any:
        return self.does(*arguments)


def named(name: str, does: Callable[..., Any]) -> Named:
    """A filter or a teacher that cannot describe itself, such as a lambda, under a name: another name is another run.

    drop=[named("no questions", lambda task, pool: "a question" if task.instruction.endswith("?") else None)]
    """
    if not isinstance(name, str) or not name.strip():
        raise UsageError(f"named({quoted(name)}, …): give it a name that is a text")
    return Named(name, does)


def name_of(thing: Any) -> str:
    """What a stage, filter or teacher is called. Raises UsageError for what has no name that says what it does."""
    if isinstance(thing, Named):
        return thing.name
    if name := OURS.get(type(thing)):
        return name
    if is_dataclass(thing) and not isinstance(thing, type):
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", type(thing).__name__).lower()
    name = str(getattr(thing, "__name__", ""))
    # A lambda, a method of an object and a function that holds values of another one do what their name does not say.
    holds = getattr(thing, "__closure__", None) or getattr(thing, "__self__", None)
    if name.isidentifier() and not holds and not isinstance(thing, type):
        return name
    raise UsageError(
        f"{quoted(thing)} cannot say what it does: define it with def, as a frozen dataclass, or name it, "
        f"named('mine', …)"
    )


def described(recipe: Recipe) -> dict[str, Any]:
    """The recipe as YAML has it, every option filled in: what runs with the same description writes the same bytes."""
    whole: dict[str, Any] = {"seeds": recipe.seeds} if recipe.seeds else {}
    whole["language"] = recipe.language
    if recipe.rounds:
        whole["rounds"] = recipe.rounds
    if recipe.optimise:
        own = _options(recipe.optimise, "optimise")
        teacher = {"role": own.pop("role")} | own.pop("params")
        whole["optimise"] = own | {"teacher": teacher}
    if recipe.steps[0].kind == "grow":
        whole["width"] = recipe.width
    return whole | {"steps": [_step(step) for step in recipe.steps], "export": list(recipe.export)}


def _step(step: Step) -> dict[str, Any]:
    own = {step.kind: step.name} | _options(step.stage, step.name)
    if step.show:
        own["show"] = dict(step.show)
    teacher = ({"role": step.role} if step.role != "teacher" else {}) | _plain(step.params, f"{step.name}: params")
    own |= {"teacher": teacher} if teacher else {}
    own |= {"drop": [_filter(one) for one in step.drop]} if step.drop else {}
    return own | ({"last": True} if step.last else {})


def _filter(reason: Any) -> Any:
    name = name_of(reason)
    options = _options(reason, name) if is_dataclass(reason) and not isinstance(reason, Named) else {}
    return {name: options} if options else name


def _options(thing: Any, name: str) -> dict[str, Any]:
    """The fields of a frozen dataclass that are compared; but texts of prompts that nobody gave, and what is off as it
    is by default: what a later version adds so does not make another recipe of an old one."""
    if not is_dataclass(thing) or not getattr(type(thing), "__dataclass_params__").frozen:  # noqa: B009  for mypy
        raise UsageError(
            f"{name} is no frozen dataclass, so recipe.yaml cannot say what it does: write @dataclass(frozen=True) "
            f"above its class, and make its options fields"
        )
    options = {field.name: getattr(thing, field.name) for field in fields(thing) if field.compare}
    for reserved in STEP:
        if reserved in options:
            raise UsageError(f"{name} has a field '{reserved}', which every step of a recipe has: call it otherwise")
    unsaid = [field for field in getattr(thing, "prompts", ()) if options.get(field) == ""]
    unsaid += [field.name for field in fields(thing) if field.default is False and options.get(field.name) is False]
    later = getattr(thing, "later", ())
    unsaid += [
        field.name for field in fields(thing) if field.name in later and options.get(field.name) == field.default
    ]
    return {key: _plain(value, f"{name}: {key}") for key, value in options.items() if key not in unsaid}


def _plain(value: Any, where: str) -> Any:
    """The value as JSON has it."""
    if isinstance(value, Mapping):
        return {str(key): _plain(inner, f"{where}.{key}") for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        inner = [_plain(one, where) for one in value]
        return sorted(inner, key=repr) if isinstance(value, set | frozenset) else inner
    if is_dataclass(value) and not isinstance(value, type) and not isinstance(value, Named):
        return {"is": name_of(value)} | _options(value, where)
    if callable(value):
        return name_of(value)
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        raise UsageError(
            f"{where} is {quoted(value)}, which recipe.yaml cannot hold: use texts, numbers, lists and mappings"
        ) from None
    return value
