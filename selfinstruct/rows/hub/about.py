"""How rows came about, as far as anybody can tell: what a data set's card says of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from shlex import join
from typing import Any

from selfinstruct.errors import UsageError
from selfinstruct.rows.containers import read_rows
from selfinstruct.workdir import mapping_in

__all__ = ["About", "about_data", "about_run"]


@dataclass(frozen=True, slots=True)
class About:
    """How rows came about, as far as it is known: of rows of which nothing is, an empty one."""

    layout: str = ""
    """One of rows.formats."""
    license: str = ""
    """As the hub writes it, "cc-by-4.0"; "" is unknown."""
    steps: tuple[str, ...] = ()
    """Of the recipe, in order."""
    models: Mapping[str, str] = field(default_factory=dict)
    """By role."""
    seed: int | None = None
    """Of the random choices."""
    given: str = ""
    """What the first step was given, or what was imported."""
    version: str = ""
    """Of selfinstruct, when the run began."""
    recipe: str = ""
    """The text of recipe.yaml."""
    command: str = ""
    """That makes the tasks again, of the recipe."""
    tasks: int | None = None
    """Finished ones."""
    rejected: Counter[str] = field(default_factory=Counter)
    """Tasks and whole answers by the reason why they are not in the data."""


def about_data(data: Iterable[str | Path], *, layout: str = "", license: str = "") -> About:
    """What is known of rows in this layout from these files: nearly all when they are one run, else their names."""
    names = [str(one) for one in data]
    if len(names) == 1 and (Path(names[0]) / "run.json").is_file():
        found = about_run(names[0])
    else:
        found = About(given=", ".join(name if "://" in name else Path(name).name for name in names))
    return replace(found, layout=layout, license=license)


def about_run(folder: str | Path) -> About:
    """What a run's folder says of it. Raises UsageError for a folder of something else."""
    folder = Path(folder)
    if not (folder / "run.json").is_file():
        raise UsageError(f"{folder} is no run: give the folder that a run was written to")
    facts = mapping_in(folder / "run.json")
    tasks = sum(1 for _ in read_rows(folder / "tasks.jsonl")) if (folder / "tasks.jsonl").is_file() else 0
    about: dict[str, Any] = {"tasks": tasks, "rejected": _reasons(folder)}
    if isinstance(imported := facts.get("import"), dict):
        names = (Path(str(file.get("name"))).name for file in _mappings(imported.get("files")))
        return About(given=", ".join(names), version=str(imported.get("selfinstruct", "")), **about)
    has_recipe = (folder / "recipe.yaml").is_file()
    steps = [*_mappings(mapping_in(folder / "recipe.yaml").get("steps"))] if has_recipe else []
    models = {str(role): _public(str(name)) for role, name in _mapping(facts.get("models")).items()}
    seeds = _mapping(facts.get("seeds"))
    digest = str(seeds.get("sha256", ""))
    return About(
        steps=tuple(str(step.get("grow", step.get("each", "?"))) for step in steps),
        models=models,
        seed=facts.get("seed"),
        given=f"{seeds['tasks']:,} tasks, SHA-256 {digest}" if isinstance(seeds.get("tasks"), int) else "",
        version=str(facts.get("selfinstruct", "")),
        recipe=_without_place((folder / "recipe.yaml").read_text("utf-8")) if steps else "",
        command=_command(facts, models, tasks if steps and "grow" in steps[0] else None) if steps else "",
        **about,
    )


def _reasons(folder: Path) -> Counter[str]:
    if not (folder / "rejected.jsonl").is_file():
        return Counter()
    rows = (row for _, row in read_rows(folder / "rejected.jsonl") if isinstance(row, dict))
    return Counter(str(row.get("category")) for row in rows if row.get("what", "task") in ("task", "answer"))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _mappings(value: Any) -> Iterable[Mapping[str, Any]]:
    return map(_mapping, value if isinstance(value, list) else [])


def _public(model: str) -> str:
    """Where a model lies on somebody's disk is nobody's business: local:/home/me/llama is local:llama."""
    kind = next((kind for kind in ("local:", "gguf:") if model.startswith(kind)), "")
    name = model.removeprefix(kind)
    is_path = re.match(r"[~./\\]|[A-Za-z]:[/\\]", name) or (kind and name.count("/") > 1)  # a hub id has one
    return kind + re.split(r"[/\\]", name.rstrip("/\\"))[-1] if is_path else model


def _without_place(recipe: str) -> str:
    """The same holds for where the seeds lie."""
    return re.sub(r"(?m)^(seeds: ).*[/\\]", r"\1", recipe)


def _command(facts: Mapping[str, Any], models: Mapping[str, str], num: int | None) -> str:
    """`num`: of a recipe that grows. The others are given their tasks."""
    words = ["selfinstruct", "run", "recipe.yaml", "given.jsonl"]
    words += [] if num is None else ["--num", str(num)]
    teacher = models.get("teacher", "")
    words += ["--model", teacher] if teacher else []
    for role, model in models.items():
        words += ["--model", f"{role}={model}"] if role != "teacher" and model != teacher else []
    words += ["--api", str(facts["api"])] if facts.get("api", "auto") != "auto" else []
    words += ["--seed", str(facts["seed"])] if facts.get("seed") else []
    return join([*words, "--out", "again"])
