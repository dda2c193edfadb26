"""The Python API: run a recipe, open a run again. The command line calls this and nothing below it.

done = run("self_instruct", num=200, out="runs/first")
done.tasks, done.rejected, done.counts, done.to_pandas(), done.export("messages", "messages.jsonl")
"""

from __future__ import annotations

import asyncio
import io
import math
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from selfinstruct.errors import UsageError, did_you_mean, quoted
from selfinstruct.filters import Filter
from selfinstruct.passages.reading import USUAL as USUAL_PASSAGE
from selfinstruct.passages.reading import passages_in
from selfinstruct.report.tables import counted
from selfinstruct.rows.containers import read_rows
from selfinstruct.rows.formats.formats import FORMATS, rows_of
from selfinstruct.rows.notes import Notes
from selfinstruct.rows.reading import USUAL, How, read_rejected, read_tasks, tasks_in, tasks_of
from selfinstruct.rows.writing.writing import write_rows
from selfinstruct.running.dropping import decontaminated, drop_from
from selfinstruct.running.execute import carry_out, find_seeds, wanted
from selfinstruct.running.plan import plan
from selfinstruct.running.progress import Progress
from selfinstruct.running.recipe import Recipe
from selfinstruct.running.recipe_file import load, with_axes, with_thoughts, with_tools
from selfinstruct.running.settings import Settings
from selfinstruct.running.work import LARGE
from selfinstruct.task import Rejected, Task
from selfinstruct.teachers.opening import Answering, is_local
from selfinstruct.teachers.prices import Price, price_from

if TYPE_CHECKING:
    import pandas  # type: ignore[import-untyped,unused-ignore]

__all__ = ["Counts", "Data", "Run", "arun", "parts_of", "planned", "run"]

Data = str | Path | Iterable[Task | Mapping[str, Any]]
"""A file of tasks in any layout, the folder of a run, or tasks, or rows of any layout."""

Paying = Price | str | Sequence[float] | Mapping[str, Price | str | Sequence[float]]
"""What everybody costs, or who costs what."""

Who = Answering | Mapping[str, Answering]
"""Who answers everything, or who answers in which role."""


class Counts(NamedTuple):
    kept: int
    """Finished tasks."""
    proposed: int
    """Tasks that the teacher proposed, or that were given: each was kept or rejected."""
    reasons: Counter[str]
    """Why tasks and whole answers were rejected, by category; single instances and remarks are not counted."""


class Run:
    """The folder of a run, finished or not: what was kept, what was rejected and why."""

    def __init__(self, folder: str | Path) -> None:
        """Open a run. Raises UsageError when the folder holds none."""
        self.folder = Path(folder)
        if not (self.folder / "run.json").is_file():
            raise UsageError(f"{folder} is no run: give the folder that a run was written to (--out, out=)")

    @cached_property
    def tasks(self) -> list[Task]:
        """The finished tasks, in order; none when nothing was kept."""
        return list(tasks_in(self.folder / "tasks.jsonl"))

    @cached_property
    def rejected(self) -> list[Rejected]:
        """Everything that the teacher wrote and that is not in the dataset, in order, with the reason."""
        return list(read_rejected(self.folder))

    @cached_property
    def counts(self) -> Counts:
        # Counted line by line: a run of a million rows need not be in memory for it.
        kept = sum(1 for _ in read_rows(self.folder / "tasks.jsonl"))
        reasons = Counter(item.category for item in read_rejected(self.folder) if item.is_proposal)
        return Counts(kept, kept + reasons.total(), reasons)

    def to_pandas(self) -> pandas.DataFrame:
        """A row for each instance, or each task without one: id, instruction, input, output, then what else is known.

        Raises UsageError when pandas is not installed.
        """
        try:
            import pandas
        except ImportError:
            raise UsageError("to_pandas() needs the package pandas: pip install pandas") from None
        rows: list[dict[str, Any]] = []
        for task in self.tasks:
            about: dict[str, Any] = {
                "is_classification": task.is_classification,
                "origin": task.origin,
                "parents": list(task.parents),
            }
            about |= {"turns": [dict(turn) for turn in task.turns]} if task.turns else {}
            about |= {"judged": [asdict(judged) for judged in task.judged]} if task.judged else {}
            about |= {"tools": list(task.tools)} if task.tools else {}
            for instance in task.instances or (None,):
                texts = asdict(instance) if instance else {}
                if not texts.get("thoughts"):
                    texts.pop("thoughts", None)
                rows.append({"id": task.id, "instruction": task.instruction} | texts | about | task.extra)
        return pandas.DataFrame(rows)

    def export(self, form: str, path: str | Path, *, force: bool = False) -> int:
        """Write the tasks as trainers read them: alpaca, completion, messages, seed or sharegpt, in the container that
        the path's ending names; returns how many rows. Raises UsageError, also where that would destroy
        what the run goes on from; with `force` no rows may replace some.
        """
        if form not in FORMATS:
            raise UsageError(f"no format {quoted(form)}: {did_you_mean(form, FORMATS)}")
        return write_rows(path, rows_of(self.tasks, form), reading=[self.folder], force=force)

    def __repr__(self) -> str:
        """What was kept, and why not the rest."""
        return counted(str(self.folder), *self.counts)

    def _repr_html_(self) -> str:
        """For notebooks. What a model wrote is data, never markup."""
        from html import escape

        return f"<pre>{escape(repr(self))}</pre>"


def run(recipe: str | Path | Recipe, *, out: str | Path, **options: Any) -> Run:
    """Run a recipe, or go on with the run that is in `out`, and return it; the options are those of `arun`.

    Raises UsageError inside a running event loop, as in a notebook: there it is `await arun(…)`.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        pass
    else:
        raise UsageError("an event loop is running here, as in every notebook: write `await arun(…)` instead of run(…)")

    async def finished() -> (
        None
    ):  # not its Run: asyncio takes the repr of what a task returns, and that counts all rows
        await arun(recipe, out=out, **options)

    asyncio.run(finished())
    return Run(out)


async def arun(
    recipe: str | Path | Recipe,
    *,
    out: str | Path,
    data: Data | None = None,
    documents: str | Path | Sequence[str | Path] = (),
    passage: int = USUAL_PASSAGE,
    model: Who | None = None,
    teacher: Who | None = None,
    num: int | None = None,
    drop: Sequence[Filter | str | Mapping[str, Any]] = (),
    against: str | Path | Sequence[str | Path] = (),
    language: str | None = None,
    width: int | None = None,
    axes: str | Path | Mapping[str, Any] | None = None,
    seed: int = 0,
    base_url: str | None = None,
    api: str = "auto",
    concurrency: int | None = None,
    budget: float | None = None,
    price: Paying | None = None,
    max_tokens_total: int | None = None,
    patience: float = 600.0,
    timeout: float | None = None,
    rpm: float | None = None,
    tpm: float | None = None,
    max_answer: float = 10.0,
    journal: str | Path | None = None,
    shards: Sequence[str] = (),
    retry_rejected: bool = False,
    batch: bool = False,
    keep_thoughts: bool = False,
    keep_asking: bool = False,
    run_code: bool = False,
    tools: str | Path | Sequence[Mapping[str, Any]] | None = None,
    how: How = USUAL,
    progress: bool = False,
) -> Run:
    """Run a recipe, or go on with the run that is in `out`, and return it.

    recipe       a name that `selfinstruct recipes` lists, the path of a YAML file, or a Recipe made of objects
    data         seeds, or the tasks to work on: a path, tasks or rows; None: the seeds that the recipe names
    documents    in the place of data, for recipes that work on passages: folders, files or patterns, as
                 `passages_in` reads them; passage: how many words of theirs are asked about at a time
    model        a model's name, as --model has it; {"teacher": …, "judge": …} for more roles than one
    teacher      likewise, or who answers in its place: a Teacher, or a function, sync or async, from prompt to text
    num          finished tasks wanted (of those given, in a recipe of rounds); a larger one extends the run
    drop         further reasons to drop what the last step makes: filters of one's own, or as recipes list them
    against      files of evaluations, none of which is to be in what is made: see the filter `overlap`
    language     of the recipe's seeds and prompts; width: of its `grow` step
    axes         what new tasks are to be about: a YAML file, or {"topic": ["bread", …], …}; see docs/axes.md
    concurrency  requests at a time, by default 16, or 64 to a local model; it changes no byte
    budget       dollars, never overshot; what a model costs is known for many (`selfinstruct prices`)
    price        dollars per million tokens: (input, output), (input, cached, output), "0.15/0.60" or a Price; by role
                 or by model {"judge": (2, 8), "gpt-4o": "2.5/1.25/10"}, "" for all others
    patience     seconds that a request is tried for; timeout: seconds that one answer may take
    rpm, tpm     requests and tokens a minute for each model, by default what the server allows
    max_answer   megabytes of an answer; a longer one is a rejection
    journal      an earlier run, or its journal.db: what it answers is not asked again
    shards       journals of parts of this run, which are taken over: see `selfinstruct.scaling`
    retry_rejected  ask again what the server refused
    batch        by the provider's Batch API, at half the price: within a day, and it may be left and resumed
    keep_thoughts  with the answers of `respond`, for reasoning data
    run_code     of answers, with their tests and in a sandbox, where the recipe has 'each: check' by code
    keep_asking  also when the answers are of no use, where a run would stop and say what to set
    tools        of `tool_use`: what the assistant can call, a file of tools or OpenAI's list of them
    how          how `data` is read, if it does not say it itself: How(columns={"instruction": "frage"}, skip=True)

    Nothing is printed unless progress=True. Raises UsageError before anything is written, and RunStopped or
    BudgetReached when the run stops early: what was finished is in the folder, and the same call goes on.
    """
    asked = _teachers(model, teacher)
    made = _recipe(recipe, language, width, drop, against, keep_thoughts, axes, tools)
    if num is None and made.grows:
        raise UsageError(f"the recipe '{made.name}' grows without end: give --num N")
    settings = _settings(
        asked,
        seed=seed,
        num=num,
        base_url=base_url,
        api=api,
        concurrency=concurrency,
        patience=patience,
        timeout=timeout,
        dollars=budget,
        max_tokens_total=max_tokens_total,
        price=price,
        rpm=rpm,
        tpm=tpm,
        max_answer=max_answer,
        journal=None if journal is None else str(journal),
        shards=tuple(shards),
        retry_rejected=retry_rejected,
        batch=batch,
        keep_asking=keep_asking,
        run_code=run_code,
        out=out,
    )
    with Progress(stream=None if progress else io.StringIO()) as shown:
        shown.phase(f"reading {documents or data}", long=bool(documents) or _is_large(data))
        notes = Notes()
        tasks = _tasks(data, documents, passage, made, how, notes)
        for line in notes.lines():
            shown.notice(line)
        shown.target, shown.given = wanted(made, tasks, num)
        shown.phase("")
        await carry_out(made, tasks, Path(out), settings, asked, shown)
    return Run(out)


def parts_of(
    recipe: str | Path | Recipe,
    *,
    data: Data | None = None,
    documents: str | Path | Sequence[str | Path] = (),
    passage: int = USUAL_PASSAGE,
    drop: Sequence[Filter | str | Mapping[str, Any]] = (),
    against: str | Path | Sequence[str | Path] = (),
    language: str | None = None,
    width: int | None = None,
    axes: str | Path | Mapping[str, Any] | None = None,
    keep_thoughts: bool = False,
    tools: str | Path | Sequence[Mapping[str, Any]] | None = None,
    how: How = USUAL,
    **others: Any,
) -> tuple[Recipe, Sequence[Task]]:
    """The recipe and the tasks that `run` would have with the same options."""
    made = _recipe(recipe, language, width, drop, against, keep_thoughts, axes, tools)
    return made, _tasks(data, documents, passage, made, how, Notes())


def planned(
    recipe: str | Path | Recipe,
    *,
    data: Data | None = None,
    documents: str | Path | Sequence[str | Path] = (),
    passage: int = USUAL_PASSAGE,
    model: Who | None = None,
    teacher: Who | None = None,
    drop: Sequence[Filter | str | Mapping[str, Any]] = (),
    against: str | Path | Sequence[str | Path] = (),
    language: str | None = None,
    width: int | None = None,
    axes: str | Path | Mapping[str, Any] | None = None,
    keep_thoughts: bool = False,
    tools: str | Path | Sequence[Mapping[str, Any]] | None = None,
    how: How = USUAL,
    **options: Any,
) -> list[str]:
    """What `run` would ask with the same options, line by line: the first prompts, requests, tokens, dollars. Nobody is
    asked, nothing is written."""
    asked = _teachers(model, teacher)
    made = _recipe(recipe, language, width, drop, against, keep_thoughts, axes, tools)
    options["dollars"] = options.pop("budget", None)
    options.pop("progress", None)
    notes = Notes()
    tasks = _tasks(data, documents, passage, made, how, notes)
    about = notes.said  # of documents: what will be asked about is half of the plan
    return [*about, *plan(made, tasks, _settings(asked, **options), asked)]


def _teachers(model: Who | None, teacher: Who | None) -> dict[str, Answering]:
    """Who answers, by role. Without any, the environment's SELFINSTRUCT_MODEL, else the built-in teacher."""
    found: dict[str, Answering] = {}
    for option, given in (("model", model), ("teacher", teacher)):
        roles = given if isinstance(given, Mapping) else {} if given is None else {"teacher": given}
        for role, who in roles.items():
            if role in found:
                raise UsageError(f"model and teacher both say who answers as {role!r}: leave one of them out")
            if who == "":
                raise UsageError(f"--{option} is empty: name a model, or leave it out for the built-in teacher")
            found[role] = who
    return {"teacher": os.environ.get("SELFINSTRUCT_MODEL") or "builtin"} | found


def _recipe(
    recipe: str | Path | Recipe,
    language: str | None,
    width: int | None,
    drop: Sequence[Filter | str | Mapping[str, Any]],
    against: str | Path | Sequence[str | Path],
    keep_thoughts: bool,
    axes: str | Path | Mapping[str, Any] | None,
    tools: str | Path | Sequence[Mapping[str, Any]] | None,
) -> Recipe:
    if isinstance(recipe, Recipe):
        if language is not None:
            raise UsageError(f"language={language!r} is for recipes by name: give it to the stages of {recipe.name!r}")
    else:
        recipe = load(str(recipe), language)
    if width is not None:
        if not recipe.grows:
            raise UsageError(f"--width is for recipes that grow; '{recipe.name}' is as fast as --concurrency allows")
        recipe = replace(recipe, width=width)
    if axes is not None:
        recipe = with_axes(recipe, axes)
    if keep_thoughts:
        recipe = with_thoughts(recipe)
    if tools is not None:
        recipe = with_tools(recipe, tools)
    if against:
        recipe = decontaminated(recipe, against)
    if not drop:
        return recipe
    if isinstance(drop, str | Mapping) or callable(drop):
        raise UsageError(f"drop is {quoted(drop)}; it should be a list, like ['length', {{'novelty': 0.7}}]")
    ours = [one for one in drop if isinstance(one, str | Mapping)]
    made = iter(drop_from([one if isinstance(one, str) else dict(one) for one in ours], recipe.language))
    filters = tuple(next(made) if isinstance(one, str | Mapping) else one for one in drop)
    *before, last = recipe.steps
    return replace(recipe, steps=(*before, replace(last, drop=(*last.drop, *filters))))


def _is_large(data: Data | None) -> bool:
    """Whether it is a file that takes seconds to read."""
    return isinstance(data, str | Path) and os.path.isfile(data) and os.path.getsize(data) > LARGE


def _tasks(
    data: Data | None,
    documents: str | Path | Sequence[str | Path],
    passage: int,
    recipe: Recipe,
    how: How,
    notes: Notes,
) -> Sequence[Task]:
    named = [str(documents)] if isinstance(documents, str | Path) else list(map(str, documents))
    if named:
        if data is not None:
            raise UsageError(f"DATA is {quoted(data)} and --documents is {quoted(named[0])}: give one of them")
        if not recipe.reads_passages:
            raise UsageError(
                f"the recipe '{recipe.name}' has no step that reads passages: --documents is for document_qa, "
                "summaries, backtranslation and the like"
            )
        found = passages_in(named, most=passage, encoding=how.encoding, column=how.columns.get("input", ""))
        notes.said += found.notes.lines()
        return found
    if data is None and recipe.reads_passages and recipe.seeds is None:
        raise UsageError(f"the recipe '{recipe.name}' works on passages of documents: give --documents FOLDER")
    if data is None and recipe.seeds is None and recipe.grows and not recipe.steps[0].shows:
        return []
    if data is None or isinstance(data, str | Path):
        return read_tasks(find_seeds(None if data is None else str(data), recipe), how, notes)
    tasks = tasks_of((dict(row) if isinstance(row, Mapping) else row for row in data), how, notes)
    if not tasks:
        raise UsageError("data is empty: give at least one task, or a row like {'instruction': …}")
    return tasks


LONGEST = 1e6
"""Seconds, eleven days: event loops have no clock for 1e999."""


def _settings(
    teachers: Mapping[str, Answering], *, out: str | Path = "-", concurrency: int | None = None, **given: Any
) -> Settings:
    if (num := given.get("num")) is not None and num < 1:
        raise UsageError(f"--num is {num}: ask for at least 1 task")
    if not str(out):
        raise UsageError("--out is empty: name a folder for the run")
    if concurrency is not None and concurrency < 1:
        raise UsageError(f"--concurrency is {concurrency}: ask for at least 1 request at a time")
    if (price := given.get("price")) is not None:
        by = price if isinstance(price, Mapping) else {"": price}
        given["price"] = {who: price_from(one) for who, one in by.items()}
    for option, name in (("--budget", "dollars"), ("--patience", "patience"), ("--timeout", "timeout")):
        if (value := given.get(name)) is not None and math.isnan(value):
            raise UsageError(f"{option} is {value}: give a number")
    if given.get("timeout") is not None:
        given["timeout"] = min(given["timeout"], LONGEST)
    for option in ("rpm", "tpm", "max_answer"):
        value = given.get(option)
        if value is not None and not 0 < value < math.inf:
            raise UsageError(f"--{option.replace('_', '-')} is {value:g}: give a number above 0")
    # What a local model is asked at the same time, it answers together: the cores are idle otherwise.
    here = any(is_local(who, given.get("base_url")) for who in teachers.values())
    return Settings(concurrency=concurrency or (64 if here else 16), **given)
