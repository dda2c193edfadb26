"""A whole run, from its parts to a finished folder: open the teachers and the folder, run the steps, export."""

from __future__ import annotations

import gc
import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path

from selfinstruct import __version__
from selfinstruct.errors import NothingKept, UsageError
from selfinstruct.filters import get_ready
from selfinstruct.running.billing import check_budget, names_of, prices_of
from selfinstruct.running.drafts import REFUSALS
from selfinstruct.running.folder import Folder
from selfinstruct.running.identity import described
from selfinstruct.running.progress import Progress
from selfinstruct.running.recipe import Recipe, Step
from selfinstruct.running.recipe_file import shipped
from selfinstruct.running.settings import Settings
from selfinstruct.running.unknown import unknown_to
from selfinstruct.running.work import Work
from selfinstruct.stages import Check, Respond, Vote
from selfinstruct.task import Task, json_line, task_to_row
from selfinstruct.teachers.checking.checker import CHECKER, check_ready
from selfinstruct.teachers.journal.journal import Journal
from selfinstruct.teachers.opening import (
    Answering,
    check_batch,
    check_names,
    is_builtin,
    is_free,
    is_local,
    open_teachers,
)
from selfinstruct.text.user_turns import UserTurn

__all__ = ["answering", "as_asked", "asked_so", "carry_out", "find_seeds", "not_apart", "wanted"]

LOOKED_AT = 1000
"""Rows that are looked at before anything is asked."""


_BUILTIN = "The built-in teacher answers: rules, not a language model. For a real one: --model NAME"


def find_seeds(given: str | None, recipe: Recipe) -> str | Path:
    """The file given, or the recipe's: a path that exists, or the name of seeds that come with the package."""
    name = recipe.seeds if given is None else given
    if name is None:
        raise UsageError(
            f"the recipe '{recipe.name}' names no seeds in the language {recipe.language}: give DATA, a run or a file"
        )
    if not name:
        raise UsageError("DATA is empty: name a run or a file, or leave it out for the recipe's own seeds")
    path = Path(name)
    ours = shipped("seeds") / path.name
    return (
        ours if path.name == name and ours.is_file() and not os.path.exists(path) else name if "://" in name else path
    )


def wanted(recipe: Recipe, seeds: Sequence[Task], num: int | None) -> tuple[int, int | None]:
    """How many finished tasks there will be at most (`num`, or as many as the data gives, in every round), and how many
    there are to try, None where the teacher proposes them."""
    if recipe.grows:
        return num or len(seeds), None
    single = getattr(recipe.steps[0].stage, "single", False)
    given = sum(max(1, len(task.instances)) for task in seeds) if single else len(seeds)
    if not recipe.rounds:
        given *= recipe.per_task()
        return min(num or given, given), given
    many, some = getattr(recipe.steps[0].stage, "per_answer", 1), min(num or given, given)
    if not hasattr(recipe.steps[0].stage, "again"):  # else each is tried until something comes of it
        some *= sum(many**number for number in range(1, recipe.rounds + 1))
    return some, some


def answering(recipe: Recipe, teachers: Mapping[str, Answering]) -> dict[str, Answering]:
    """Who answers in each role of the recipe: "teacher" wherever a role is given nobody of its own. Raises UsageError
    for a role that no step asks.
    """
    for role in teachers:
        if role not in ("teacher", *recipe.roles):
            raise UsageError(
                f"{role}={teachers[role]}: no step of '{recipe.name}' asks the role {role!r}; "
                f"there are {', '.join(dict.fromkeys(['teacher', *recipe.roles]))}"
            )
    check_names(teachers)
    usual = teachers.get("teacher", "builtin")
    own = {step.role: step.asks for step in recipe.steps if step.asks}
    return {role: teachers.get(role, own.get(role, usual)) for role in recipe.roles}


def not_apart(recipe: Recipe, teachers: Mapping[str, Answering]) -> str:
    """What is wrong with steps that compare who answers them (`apart`) where that is the same model, asked in the same
    way; "" where nothing is.
    """
    asked = answering(recipe, teachers)
    compared = {name: step for step in recipe.steps if (name := getattr(step.stage, "apart", ""))}
    ways = [(asked[step.role], dict(step.params)) for step in compared.values()]
    if len(ways) < 2 or any(way != ways[0] for way in ways):
        return ""
    who = ways[0][0]
    name, names = who if isinstance(who, str) else "one function", " and ".join(compared)
    give = " ".join(f"{step.role}=NAME" for step in compared.values())
    weaker = ", such as --model weak=builtin:weak" if name == "builtin" else ""
    return f"{names} are the same model ({name}), so that nothing will be apart: give --model {give}{weaker}"


def _check_apart(recipe: Recipe, teachers: Mapping[str, Answering], notice: Callable[[str], None]) -> None:
    """Raises UsageError before anything is asked for nothing, unless each of the two was named: that is said then."""
    if why := not_apart(recipe, teachers):
        roles = {step.role for step in recipe.steps if getattr(step.stage, "apart", "")}
        if len(roles) < 2 or not roles <= set(teachers):
            raise UsageError(why)
        notice(why)


async def carry_out(
    recipe: Recipe,
    tasks: Sequence[Task],
    out: Path,
    settings: Settings,
    teachers: Mapping[str, Answering],
    progress: Progress,
) -> None:
    """Run the recipe in the folder `out`, or go on with the run that is there.

    Raises UsageError before anything is written. When the run stops early (RunStopped, BudgetReached, Ctrl-C), what was
    finished is in the folder, exports included, before the error comes up.
    """
    asked = answering(recipe, teachers)
    for step in recipe.steps:
        if isinstance(step.stage, Check) and asked[step.role] == CHECKER:
            check_ready(step.stage.by, run_code=settings.run_code)
    _check_rows(recipe, tasks)
    _check_apart(recipe, teachers, progress.notice)
    if settings.batch:
        check_batch(asked, settings.base_url)
    names = names_of(asked)
    prices = prices_of(settings, asked, names)
    check_budget(settings, prices, names)
    description = described(recipe)  # first: what cannot describe itself is refused before a teacher is opened
    async with AsyncExitStack() as stack:
        timeout = settings.timeout or min(600.0, max(10.0, settings.patience))
        opened = await open_teachers(
            asked,
            names,
            stack,
            base_url=settings.base_url,
            api=settings.api,
            timeout=timeout,
            most_bytes=int(settings.max_answer * 1e6),
            at_once=settings.concurrency,
            notice=progress.notice,
        )
        recipe = as_asked(recipe, asked, opened.models, settings, opened.turns)
        prices = prices_of(settings, asked, opened.models)
        facts = _facts(tasks, opened.models, settings)
        folder = stack.enter_context(Folder(out, description, facts, anew=settings.retry_rejected))
        unknown = await unknown_to(opened.knows, recipe, tasks)
        for line in (*folder.notices, _BUILTIN if opened.knows else "", unknown):
            if line:
                progress.notice(line)
        journal = stack.enter_context(closing(Journal(out / "journal.db", also=settings.journal)))
        if settings.retry_rejected:
            again = journal.forget(REFUSALS, [step.name for step in recipe.steps if step.kind == "each"])
            progress.notice(f"{again:,} refused requests are asked once more")
        journal.take(settings.shards)  # after that: what they were answered may be in the place of a refusal
        # Now, not while answers arrive: what a filter loads takes half a second, in which nothing is journaled.
        get_ready(reason for step in recipe.steps for reason in step.drop)
        stack.enter_context(_at_rest())
        here = all(isinstance(who, str) and is_free(who, settings.base_url) for who in asked.values())
        work = Work(recipe, tasks, out, settings, folder, journal, progress, prices, here)
        early = await work.done(opened)
        if early:
            raise early
        if not work.kept and not recipe.grows:
            reasons = ", ".join(f"{count:,} {category}" for category, count in work.lost.most_common(3))
            told = unknown or work.watch.advice() or "see rejected.jsonl"
            raise NothingKept(f"nothing came of it: {reasons or 'no task was made'}; {told}")


def _check_rows(recipe: Recipe, tasks: Sequence[Task]) -> None:
    """Raises UsageError where a step would check answers, all paid for, by what none of the rows has."""
    if recipe.grows or not tasks:
        return
    given = list(tasks[:LOOKED_AT])
    for step in recipe.steps:
        if isinstance(step.stage, Respond | Vote):
            given = [step.stage.keeping(task) for task in given]
        if isinstance(step.stage, Check) and all(reasons := [step.stage.lacks(task) for task in given]):
            columns = ", ".join(dict.fromkeys(name for task in given for name in task.extra)) or "no other columns"
            raise UsageError(
                f"'check: {step.stage.by}' can check none of these rows: {reasons[0]}; they have {columns}: "
                "name one of them, `against: COLUMN`"
            )


def as_asked(
    recipe: Recipe,
    asked: Mapping[str, Answering],
    models: Mapping[str, str],
    settings: Settings,
    turns: Mapping[str, Callable[[], UserTurn]] | None = None,
) -> Recipe:
    """The recipe with each step as `asked_so` has it. `turns` are those of the opened models in this process; None:
    nobody is opened, as the prompts are only to be shown. Raises UsageError for a way in which a step cannot be asked.

    Beside a step that gives the model a bare beginning whatever happens, `--api completions` says nothing new: a step
    whose prompt is no beginning asks a question then as well.
    """
    bare = next((step for step in recipe.steps if getattr(step.stage, "continues", "") == "bare"), None)
    if bare and settings.api not in ("auto", "completions"):
        raise UsageError(
            f"'{bare.name}' gives the model a bare beginning to go on with, which --api {settings.api} cannot send: "
            "leave --api out; the server must have /completions (vLLM, SGLang and llama.cpp do)"
        )
    steps = []
    for step in recipe.steps:
        who, model = asked[step.role], models[step.role]
        if (meet := getattr(step.stage, "for_model", None)) is not None:
            own = turns[step.role] if turns and step.role in turns else None
            if own is None and is_local(who, settings.base_url):
                own = _unopened
            name = model if isinstance(who, str) and not is_free(who, settings.base_url) else ""
            step = replace(step, stage=meet(name, own))
        step = asked_so(step, who, model, settings)
        if bare and settings.api == "completions" and not step.api and not hasattr(step.stage, "continues"):
            step = replace(step, api="chat")
        steps.append(step)
    return replace(recipe, steps=tuple(steps))


def _unopened() -> UserTurn:
    """In the place of a template that is in a model which is not opened."""
    place = "(the beginning of a user's turn, as the model's own chat template has it)"
    return UserTurn(place, f"(as the model's own chat template has it: {{system}})\n{place}")


def asked_so(step: Step, who: Answering, model: str, settings: Settings) -> Step:
    """The step as it is asked: whom, and how a prompt that breaks off is sent.

    A server has it as a question; a model in this process goes on with it, as the stage says that it does best: small
    ones answer such a question with anything but the rest of it (docs/local.md has the figures).
    """
    continues, way = getattr(step.stage, "continues", False), ""
    if continues == "bare":
        return replace(step, model=model, api="completions")
    if continues and settings.api == "auto" and is_local(who, settings.base_url):
        way = continues if isinstance(continues, str) else "prefill"
    elif continues and settings.api == "prefill" and not is_builtin(who, settings.base_url):
        way = "prefill"
    return replace(step, model=model, api=way)


@contextmanager
def _at_rest() -> Iterator[None]:
    """What is there before the first request is left alone by Python's garbage collector, which else goes through all
    modules and rows again and again: a seventh of the time of 5,000 requests."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _facts(tasks: Sequence[Task], models: Mapping[str, str], settings: Settings) -> dict[str, object]:
    """What besides the recipe decides the output: another value needs another folder."""
    digest = hashlib.sha256()
    for task in tasks:
        digest.update(json_line(task_to_row(task)))
    return {
        "selfinstruct": __version__,
        "seeds": {"tasks": len(tasks), "sha256": digest.hexdigest()},
        "seed": settings.seed,
        "models": dict(models),
        "api": settings.api,
    }
