"""The family tree of a task: what it was made from, back to what was given, and everything made from that."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from selfinstruct.errors import UsageError, shown
from selfinstruct.task import Rejected, Task

if TYPE_CHECKING:
    from rich.tree import Tree

__all__ = ["family_tree"]


SOME = 10
"""Of the tasks that one was shown for, how many are named."""


def family_tree(id: str, tasks: Sequence[Task], rejected: Sequence[Rejected]) -> Tree:
    """A tree for rich to print, the given task at its root, the one asked for in bold. Model output is never markup.

    Raises UsageError when no task of the run has this id.
    """
    from rich.text import Text
    from rich.tree import Tree

    known = {task.id: task for task in tasks}
    lost = {item.task: item for item in rejected if item.what == "task" and item.evolved and item.task}
    if id not in known and id not in lost and not any(id in task.parents for task in tasks):
        some = ", ".join(list(known)[:3])
        raise UsageError(f"no task {id!r} here; there are, for instance, {some}: see the ids in tasks.jsonl")
    children: dict[str, list[tuple[int, str, Task | Rejected]]] = defaultdict(list)
    for task in tasks:
        if task.evolved:
            children[_parent(task)].append((task.evolved.round, task.id, task))
    for item in rejected:
        if item.evolved and item.what == "task":
            # Without an id the answer to evolve was of no use: it is no task, but its parent's child all the same.
            children[_parent(item)].append((item.evolved.round, item.task, item))

    def grow(tree: Tree, of: str) -> None:
        for _, name, child in sorted(children[of], key=lambda entry: entry[:2]):
            branch = tree.add(Text(shown(_about(name, child), lines=True), style="bold" if name == id else ""))
            if name:
                grow(branch, name)

    root = id
    while parent := _parent_of(root, known, lost):
        root = parent
    first = known.get(root)
    text = f"{root}\n{_given(root, first, children)}".rstrip()
    tree = Tree(Text(shown(text, lines=True), style="bold" if root == id else ""))
    if first and not first.evolved and first.parents:
        tree.add(Text(shown(f"made by {first.origin}, which was shown {', '.join(first.parents)}")))
    grow(tree, root)
    made = [task.id for task in tasks if not task.evolved and root in task.parents]
    if made:
        more = f" and {len(made) - SOME:,} more" if len(made) > SOME else ""
        tree.add(Text(shown(f"shown to the teacher that made {', '.join(made[:SOME])}{more}")))
    return tree


def _parent(item: Task | Rejected) -> str:
    return item.parents[0] if item.parents else ""


def _parent_of(id: str, known: dict[str, Task], lost: dict[str, Rejected]) -> str:
    """The task that this one was rewritten from; empty for one that was given."""
    if id in known:
        return _parent(known[id]) if known[id].evolved else ""
    return _parent(lost[id]) if id in lost else ""


def _given(id: str, task: Task | None, children: dict[str, list[tuple[int, str, Task | Rejected]]]) -> str:
    """The instruction of the root: its own row's, or what its children remember of it."""
    if task:
        return task.instruction
    evolved = next((child.evolved for _, _, child in children[id]), None)
    return evolved.instruction if evolved else ""


def _about(name: str, item: Task | Rejected) -> str:
    assert item.evolved
    head = f"{name}  " * bool(name) + f"round {item.evolved.round}, {item.evolved.operator}"
    if isinstance(item, Rejected):
        return f"{head}  ✗ {item.reason}\n{item.text}"
    score = item.extra.get("difficulty")
    return f"{head}  ✓" + (f" difficulty {score}" if score is not None else "") + f"\n{item.instruction}"
