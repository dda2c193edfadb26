"""A tree of topics that the teacher draws up, as a recipe and as a file to be edited (docs/axes.md)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import yaml

from selfinstruct.errors import UsageError, quoted
from selfinstruct.filters.exact import Exact
from selfinstruct.running.recipe import Recipe, Step
from selfinstruct.stages.proposing.branch import Branch, path_of
from selfinstruct.task import Task

__all__ = ["DEEPEST", "axes_text", "topics_of", "topics_recipe", "tree_of"]

DEEPEST = 6
Tree = dict[str, Any]
"""Names of topics, each with the tree of those below it."""


def topics_recipe(depth: int, width: int, language: str = "en") -> Recipe:
    """Each topic is divided into `width` narrower ones, these again, `depth` levels down; none is there twice.

    A topic of which no narrower one came is asked about once more on the next level.
    """
    if not 1 <= depth <= DEEPEST:
        raise UsageError(f"depth is {depth}; a tree has 1 to {DEEPEST} levels")
    params = {"temperature": 0.7, "max_tokens": 64 + 24 * width}
    step = Step(Branch(width, language), params=params, drop=(Exact("instruction"),))
    return Recipe("axes", (step,), language=language, rounds=depth, export=())


def topics_of(names: Sequence[str]) -> list[Task]:
    """The topics that trees begin with. Raises UsageError for a name that is empty or there twice."""
    for name in names:
        if not name.strip():
            raise UsageError(f"the topic {quoted(name)} is empty: name one, like 'cooking for beginners'")
    if len({name.strip().casefold() for name in names}) < len(names):
        raise UsageError("one topic is named twice: name each once")
    return [Task(f"topic_{number}", name.strip()) for number, name in enumerate(names, 1)]


def tree_of(topics: Sequence[Task], made: Iterable[Task]) -> Tree:
    """The topics with what is below them."""
    tree: Tree = {path_of(topic)[0]: {} for topic in topics}
    for task in made:
        below = tree
        for name in path_of(task):
            below = below.setdefault(name, {})
    return tree


def axes_text(axis: str, tree: Tree, about: str) -> str:
    """The file of one axis, as YAML, with what can be done with it."""
    body = yaml.safe_dump({"axes": {axis: _plain(tree)}}, allow_unicode=True, sort_keys=False, width=100)
    return f"""# {about}
# Edit it: take out what you do not want, add what is missing. A leaf may have a weight, as in "bread: 3" (1 without
# one, 0 for never), or a text that says what it means. More axes stand beside this one, such as
#   difficulty: {{easy: 2, hard: 1}}
# Then: selfinstruct generate --axes FILE --num 1000 --out runs/first
{body}"""


def _plain(tree: Mapping[str, Any]) -> Any:
    """A list where nothing has anything below it; else a mapping, in which leaves have the weight 1."""
    if not any(tree.values()):
        return list(tree)
    return {name: _plain(below) if below else 1 for name, below in tree.items()}
