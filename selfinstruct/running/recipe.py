"""Recipes: an ordered list of steps, as objects. recipe_file.py makes them of YAML, and identity.py says what they are.

recipe = Recipe("mine", steps=(Step(Propose(), drop=(Length(), Novelty())), Step(Classify()), Step(Instances())))
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any

from selfinstruct.errors import UsageError, did_you_mean, quoted
from selfinstruct.filters import Filter
from selfinstruct.rows.formats.formats import FORMATS
from selfinstruct.running.identity import name_of
from selfinstruct.stages import Stage

__all__ = ["Optimise", "Recipe", "Step"]

MOST_ROUNDS = 100
WIDEST = 10_000  # the first `width` drafts see seeds only, so a wide window is a poor one


@dataclass(frozen=True, slots=True)
class Step:
    stage: Stage
    name: str = ""
    """The origin of what the step makes, its name in the journal, part of its random streams; "": the stage's name."""
    show: Mapping[str, Any] = field(default_factory=dict)
    """grow: how many tasks to show, as `Pool.sample` takes it; three seeds where nothing is said. Nothing in each, and
    nothing where the stage shows none."""
    role: str = "teacher"
    """Who is asked: a name for which a run is given a model."""
    params: Mapping[str, Any] = field(default_factory=dict)
    """Of its requests: temperature, max_tokens …"""
    drop: Sequence[Filter] = ()
    last: bool = False
    """In a recipe with rounds: done once, after the last of them."""
    model: str = ""
    """What the requests name; set by the run, from the role."""
    api: str = ""
    """How a stage that `continues` is asked: "" as the teacher is asked otherwise, "completions" with a bare beginning,
    "prefill" with the beginning of the teacher's own turn; set by the run."""

    def __post_init__(self) -> None:
        if getattr(self.stage, "kind", None) not in ("grow", "each"):
            raise UsageError(
                f"the stage {quoted(self.stage)} does not say what it is: give its class `kind: ClassVar = 'each'` if "
                f"it works on one task at a time, or 'grow' if it makes new ones of those shown"
            )
        if not self.name:
            object.__setattr__(self, "name", name_of(self.stage))
        if asks := self.asks:
            if self.role not in ("teacher", asks) or self.params:
                raise UsageError(f"'{self.name}' is always asked of the role '{asks}': leave 'teacher' out")
            object.__setattr__(self, "role", asks)
        if self.kind == "each" and self.show:
            raise UsageError(f"'show' is for 'grow' steps; '{self.name}' works on one task at a time")
        if self.kind == "grow" and self.show and not self.shows:
            raise UsageError(f"'{self.name}' shows no tasks to the teacher: leave 'show' out")
        if self.shows and not self.show:
            object.__setattr__(self, "show", {"seeds": 3})
        object.__setattr__(self, "drop", tuple(self.drop))

    @property
    def kind(self) -> str:
        """ "grow" or "each": the stage's."""
        return self.stage.kind

    @property
    def asks(self) -> str:
        """The role that its stage always asks; "" of most, which ask whom the recipe says."""
        asks = getattr(self.stage, "asks", "")
        return "" if asks == "nobody" else asks

    @property
    def shows(self) -> bool:
        """Whether tasks are shown to the teacher: in `grow`, unless the stage says otherwise."""
        return self.kind == "grow" and getattr(self.stage, "shows", True)


@dataclass(frozen=True, slots=True)
class Optimise:
    """How a method to evolve by is looked for: the published figures (2406.00770, sections 3 and 4.1)."""

    steps: int = 10
    batch: int = 10
    """Tasks evolved in each step, to be analysed."""
    rounds: int = 3
    """How often each of these is evolved."""
    candidates: int = 5
    """New methods written in each step."""
    development: int = 50
    """Tasks that every method is tried on."""
    role: str = "teacher"
    """The optimiser."""
    params: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("steps", "batch", "rounds", "candidates", "development"):
            if getattr(self, name) < 1:
                raise UsageError(f"optimise: {name} is {getattr(self, name)}; it should be at least 1")


@dataclass(frozen=True, slots=True)
class Recipe:
    """A method, step by step. Raises UsageError when the steps cannot follow one another so."""

    name: str
    steps: Sequence[Step]
    seeds: str | None = None
    """File of the seeds; None when the data is given to the run."""
    language: str = "en"
    """Of the seeds and prompts that come with the package."""
    rounds: int = 0
    """How often the steps are repeated for each task; 0: once, in a chain."""
    optimise: Optimise | None = None
    """How a method for the evolve step is looked for before anything else."""
    width: int = 32
    """Of a `grow` step: a draft sees the pool as the answers before the last `width` of them left it."""
    export: Sequence[str] = ("alpaca",)

    def __post_init__(self) -> None:
        for name in ("steps", "export"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        if not self.steps:
            raise UsageError(f"the recipe {self.name!r} has no steps: give it at least one")
        if not 0 <= self.rounds <= MOST_ROUNDS:
            raise UsageError(f"rounds is {self.rounds}; it is how often the steps are repeated, 1 to {MOST_ROUNDS}")
        if not 1 <= self.width <= WIDEST:
            raise UsageError(f"width is {self.width}; it is how many drafts `grow` is ahead, 1 to {WIDEST:,}")
        for form in self.export:
            if form not in FORMATS:
                raise UsageError(f"no format {quoted(form)}: {did_you_mean(form, FORMATS)}")
        if any(step.kind == "grow" for step in self.steps[bool(not self.rounds) :]):
            first = "a recipe with rounds has no 'grow' step" if self.rounds else "only the first step can be 'grow'"
            raise UsageError(f"{first}; the others are 'each'")
        if all(step.last for step in self.steps) or (not self.rounds and any(step.last for step in self.steps)):
            raise UsageError("'last' is for steps that follow others repeated in rounds: give rounds, too")
        shared = {step.role for step in self.steps if step.asks}
        if other := next((step for step in self.steps if step.role in shared and not step.asks), None):
            raise UsageError(f"the role '{other.role}' is not for '{other.name}': give its teacher another role")
        if self.optimise and not any(hasattr(step.stage, "method") for step in self.steps):
            raise UsageError("optimise looks for a method for 'each: evolve', and there is no such step")

    @property
    def grows(self) -> bool:
        """Whether it makes tasks without end, until there are as many as wanted."""
        return self.steps[0].kind == "grow"

    @property
    def reads_passages(self) -> bool:
        """Whether it works on passages of documents."""
        return any(getattr(step.stage, "reads", "") == "passage" for step in self.steps)

    def per_task(self, steps: int | None = None) -> int:
        """How many tasks the first so many steps of `each`, or all, may make of one."""
        return prod(getattr(step.stage, "per_answer", 1) for step in self.steps[:steps] if step.kind == "each")

    @property
    def roles(self) -> tuple[str, ...]:
        """Whom the recipe asks, each once."""
        asked: Iterable[str] = (step.role for step in self.steps)
        return tuple(dict.fromkeys([*asked, *([self.optimise.role] if self.optimise else [])]))
