"""The suites of the built-in exam: `exam`, whose answers rules judge, and `twins`, right when both of a pair are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from selfinstruct.errors import UsageError
from selfinstruct.evaluating.items import Item, Mark, Options, Said, Suite
from selfinstruct.filters.overlap_words import Part
from selfinstruct.rows.reading import read_tasks
from selfinstruct.running.recipe_file import load
from selfinstruct.simulator.exam import grade, understood, write_exam
from selfinstruct.simulator.language import LANGUAGES
from selfinstruct.simulator.twins import both_right, twins_of
from selfinstruct.task import Task

__all__ = ["exam_suite", "families_in", "twins_suite"]


def exam_suite(file: str, options: Options) -> Suite:
    """Of a file that `selfinstruct exam` wrote, or written anew: no instruction of it occurs in what was trained on."""
    tasks = [task for task in _tasks(file, options) if "twin" not in task.extra]
    return _suite("exam", tasks, options)


def twins_suite(file: str, options: Options) -> Suite:
    """Each task of the exam, and the same with other names and numbers."""
    tasks = _tasks(file, options)
    if not any("twin" in task.extra for task in tasks):
        pairs = twins_of(tasks, seed=options.seed, without=options.trained)
        tasks = [one for task in tasks if task.id in pairs for one in (task, pairs[task.id])]
    return _suite("twins", tasks, options)


def _tasks(file: str, options: Options) -> list[Task]:
    if not file:
        return write_exam(options.language, options.num, seed=options.seed, without=options.trained)
    tasks = read_tasks(file)
    for task in tasks:
        understood(task)
    return tasks[: options.limit]


def _suite(name: str, tasks: Sequence[Task], options: Options) -> Suite:
    if not tasks:
        raise UsageError(f"{name} has no task to ask: raise --num")
    items = tuple(
        Item(task, (task.instances[0].output,), family, family, _parts(task))
        for task in tasks
        for family in [str(task.extra.get("family") or understood(task).family.name)]
    )
    params = dict(load("answer", None).steps[0].params)
    if options.max_tokens:
        params["max_tokens"] = options.max_tokens
    seen = families_in(options.trained) & {item.group for item in items}
    marked = partial(_marks, pairs=name == "twins")
    figure = "both right" if name == "twins" else "right"
    return Suite(name, figure, items, params, marked, seen=frozenset(seen))


def _parts(task: Task) -> tuple[Part, ...]:
    (instance,) = task.instances
    asked = Part(task.instruction, "setting" if instance.input else "question")
    rest = ((instance.input, "rest"), (instance.output, "answer"))
    return (asked, *(Part(text, role) for text, role in rest if text))


def families_in(tasks: Sequence[Task]) -> set[str]:
    """The families of which a task is among these, in whatever layout they are: the first lines of a text may be an
    instruction of ours.
    """
    found = set()
    for task in tasks:
        for text in (task.instruction, *(turn["content"] for turn in task.turns if turn["role"] == "user")):
            for line in dict.fromkeys((text.strip(), *text.split("\n")[:3])):
                asked = (language.recognise(line.removeprefix("Task:").strip()) for language in LANGUAGES.values())
                found |= {one.family.name for one in asked if one}
    return found


def _marks(items: Sequence[Item], said: Mapping[str, Said], *, pairs: bool) -> list[Mark]:
    """Exact, as `selfinstruct grade` has it. What was cut is no answer."""
    whole = {id: one.text for id, one in said.items() if one.fate in ("answered", "refused")}
    tasks = [item.task for item in items]
    graded = grade(tasks, whole)
    of = {item.task.id: item for item in items}
    marks = {one.task.id: _mark(of[one.task.id], said, float(one.right)) for one in graded}
    if not pairs:
        return list(marks.values())
    twins = {str(task.extra["twin"]): task.id for task in tasks if "twin" in task.extra}
    return [_joined(marks[id], marks[twins[id]], right) for id, right in both_right(graded).items()]


def _mark(item: Item, said: Mapping[str, Said], value: float) -> Mark:
    answer = said.get(item.task.id, Said("", "empty"))
    asked = "\n\n".join(filter(None, (item.task.instruction, item.task.instances[0].input)))
    return Mark(item.task.id, value, item.group, item.cluster, answer.fate, asked, item.wanted[0], answer.text)


def _joined(one: Mark, twin: Mark, right: bool) -> Mark:
    """The mark of a pair; of two fates the worse is its own."""
    asked, wanted, answer = (
        f"{own}\n\n— twin —\n\n{others}"
        for own, others in ((one.asked, twin.asked), (one.wanted, twin.wanted), (one.answer, twin.answer))
    )
    fate = one.fate if one.fate != "answered" else twin.fate
    return one._replace(value=float(right), fate=fate, asked=asked, wanted=wanted, answer=answer)
