"""What a report is about: the folder of a run, or a file of anybody's, read as often as it takes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

import yaml

from selfinstruct.errors import UsageError
from selfinstruct.report.counting.coverage import Coverage
from selfinstruct.report.counting.growing import acceptance
from selfinstruct.report.counting.measuring import measured
from selfinstruct.report.tables import figures
from selfinstruct.rows.containers import read_rows
from selfinstruct.rows.notes import Notes
from selfinstruct.rows.reading import USUAL, How, read_rejected, read_tasks, tasks_in
from selfinstruct.running.recipe_file import shipped
from selfinstruct.task import Instance, Rejected, Task, json_line, rejected_from_row, task_to_row
from selfinstruct.teachers.journal.exchanges import Exchange, exchanges, order
from selfinstruct.teachers.journal.spending import Spending, spending
from selfinstruct.workdir import mapping_in

__all__ = ["Source", "opened"]


class Source:
    """A data set by its name; `tasks()` and `rejected()` begin anew each time."""

    def __init__(
        self,
        name: str,
        how: How = USUAL,
        notes: Notes | None = None,
        seeds: str | None = None,
        rejected: str | None = None,
    ) -> None:
        """`seeds` is a file of what the tasks grew from, `rejected` one of what was dropped, as `filter` writes it."""
        self.name, self._rejected = name, rejected
        folder = Path(name)
        self.folder = folder if (folder / "run.json").is_file() else None
        """Of a run; None of other data."""
        self._how, self._notes, self._seeds = how, notes, seeds
        self._kept = list(tasks_in(name, how, notes)) if name == "-" else None

    def tasks(self) -> Iterator[Task]:
        """In order, one at a time. Raises UsageError for what cannot be read."""
        if self._kept is not None:
            return iter(self._kept)
        notes, self._notes = self._notes, None  # what is noticed is told once
        return tasks_in(self.folder / "tasks.jsonl" if self.folder else self.name, self._how, notes)

    def rejected(self) -> Iterator[Rejected]:
        """What a run rejected, or what the file says that was given. Raises UsageError for a file of other rows."""
        if self._rejected:
            yield from _rejected_in(self._rejected)
        elif self.folder and (self.folder / "rejected.jsonl").is_file():
            yield from read_rejected(self.folder)

    def exchanges(self, ids: Iterable[str]) -> Iterator[Exchange]:
        """What was asked and answered under these ids, as far as there is a journal."""
        if self.folder:
            yield from exchanges(self.folder / "journal.db", ids)

    @cached_property
    def spending(self) -> list[Spending]:
        return spending(self.folder / "journal.db") if self.folder else []

    @cached_property
    def items(self) -> list[Task | Rejected]:
        """All that a run made, in memory, but for what no figure of a run looks at: the texts of what was not evolved,
        which are nearly all of a million rows.
        """
        known: dict[tuple[str, ...], Task | Rejected] = {}
        everything: Iterator[Task | Rejected] = chain(self.tasks(), self.rejected())
        return [outline(item, known, requests=self.grows) for item in everything]

    @property
    def files(self) -> list[Path]:
        """What it is read from, the journal left out."""
        if not self.folder:
            return [Path(name) for name in (self.name, self._rejected) if name]
        found = [self.folder / name for name in ("run.json", "tasks.jsonl", "rejected.jsonl")]
        return [path for path in found if path.is_file()] + [Path(name) for name in (self._rejected,) if name]

    @cached_property
    def seeds(self) -> list[Task]:
        """The tasks that a run grew from, where they can be found: those that its recipe names, if they are the same,
        or a file that was given. Raises UsageError for a file that cannot be read."""
        if self._seeds:
            return read_tasks(self._seeds)
        if not self.folder:
            return []
        facts, recipe = mapping_in(self.folder / "run.json"), _mapping(self.folder / "recipe.yaml")
        name, known = str(recipe.get("seeds") or ""), facts.get("seeds") or {}
        place = shipped("seeds") / Path(name).name
        place = place if place.is_file() else Path(name)
        try:
            found = read_tasks(place) if name else []
        except UsageError:
            return []
        return found if isinstance(known, dict) and _hash(found) == known.get("sha256") else []

    @cached_property
    def _recipe(self) -> list[dict[str, Any]]:
        """The steps of a run, as its recipe has them."""
        recipe = _mapping(self.folder / "recipe.yaml") if self.folder else {}
        return [step for step in recipe.get("steps") or [] if isinstance(step, dict)]

    @property
    def steps(self) -> list[str]:
        """Their names, in order."""
        return [str(step.get("grow") or step.get("each") or "") for step in self._recipe]

    @property
    def grows(self) -> bool:
        """Whether its teacher proposes tasks, rather than works on some."""
        return bool(self._recipe and "grow" in self._recipe[0])

    @property
    def axes(self) -> dict[str, dict[str, Any]]:
        """What its tasks were to be about, as its recipe has it."""
        axes = self._recipe[0].get("axes") if self._recipe else None
        return {str(axis): values for axis, values in (axes or {}).items() if isinstance(values, dict)}

    def figures(self, by: str = "words") -> dict[str, Any]:
        """All figures, JSON by kind: what was kept and rejected, what it took, and what the tasks are like."""
        coverage = Coverage()
        if not self.folder and not self._rejected:
            found = measured(coverage.through(self.tasks()), self.seeds, by=by)
            found |= {"coverage": coverage.figures()}
            return {"name": self.name, "kept": found["tasks"], "proposed": found["tasks"], "rejected": []} | found
        took = {"spending": [row._asdict() for row in self.spending]} if self.spending else {}
        flow = acceptance(self.items, order(self.folder / "journal.db")) if self.folder and self.grows else []
        more = {"funnel": funnel(self.items, self.steps), "acceptance": flow}
        like = measured(coverage.through(self.tasks()), self.seeds, by=by)
        for lost in self.rejected() if self.axes else ():
            coverage.add(lost)
        more |= {"coverage": coverage.figures(self.axes)}
        return {"name": self.name} | figures(self.items) | took | more | like


def outline(item: Task | Rejected, known: dict[tuple[str, ...], Task | Rejected], *, requests: bool) -> Task | Rejected:
    """The item as the figures of a run want it; what is the same of several is one object, kept in `known`.

    requests    whether the request that made it matters
    """
    if isinstance(item, Task):
        if item.evolved:
            extra = {name: item.extra[name] for name in ("difficulty",) if name in item.extra}
            return replace(item, instances=tuple(Instance(one.input, "") for one in item.instances[:1]), extra=extra)
        first = item.requests[:1] if requests else ()
        return known.setdefault(("", item.origin, *first), Task("", "", origin=item.origin, requests=first))
    if item.evolved:
        return replace(item, instances=item.instances[:1], whole={})
    made_by = (item.task.rpartition("-")[0], item.request) if requests else ("", "")
    key = ("rejected", item.origin, item.category, item.what, *made_by)
    bare = Rejected(
        "", item.category, what=item.what, origin=item.origin, task=made_by[0] and f"{made_by[0]}-", request=made_by[1]
    )
    return known.setdefault(key, bare)


def opened(
    names: tuple[str, ...], how: How, notes: Notes, seeds: str | None = None, rejected: str | None = None
) -> list[Source]:
    """One data set for each name. Raises UsageError when one is named twice, or `rejected` fits several."""
    if len({str(Path(name)) for name in names}) < len(names):
        raise UsageError("one data set is named twice: name each once, to see them side by side")
    if rejected and len(names) > 1:
        raise UsageError("--rejected is what was dropped of one data set: name one")
    return [Source(name, how, notes, seeds, rejected) for name in names]


def funnel(items: list[Task | Rejected], steps: list[str]) -> list[dict[str, Any]]:
    """How many tasks came into each step, how many it let through, and why not the rest, in order.

    {"step", "came", "left", "reasons": {category: tasks}}; steps that lost nothing are there, too.
    """
    lost: dict[str, dict[str, int]] = {step: {} for step in steps}
    left = 0
    for item in items:
        if isinstance(item, Task):
            left += 1
        elif item.is_proposal:
            reasons = lost.setdefault(item.origin, {})
            reasons[item.category] = reasons.get(item.category, 0) + 1
    found: list[dict[str, Any]] = []
    for step, reasons in reversed(lost.items()):
        came = left + sum(reasons.values())
        ranked = dict(sorted(reasons.items(), key=lambda entry: (-entry[1], entry[0])))
        found.append({"step": step, "came": came, "left": left, "reasons": ranked})
        left = came
    return found[::-1]


def _rejected_in(file: str) -> Iterator[Rejected]:
    for where, row in read_rows(file):
        try:
            item = rejected_from_row(row)
        except (ValueError, TypeError, AttributeError):
            raise UsageError(f"{where} is no rejection: give what `filter --rejected` or a run wrote") from None
        yield item


def _mapping(path: Path) -> dict[str, Any]:
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError):
        return {}
    return found if isinstance(found, dict) else {}


def _hash(tasks: list[Task]) -> str:
    """As run.json has it."""
    digest = hashlib.sha256()
    for task in tasks:
        digest.update(json_line(task_to_row(task)))
    return digest.hexdigest()
