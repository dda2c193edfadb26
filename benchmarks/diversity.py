"""Whether axes make what is kept more diverse: against the plain pool, at equal calls.

    python benchmarks/diversity.py                                    (the built-in teacher: two minutes)
    python benchmarks/diversity.py --model smollm2 --calls 8          (SmolLM2-135M: an hour on two cores)
    python benchmarks/diversity.py --model gpt-4o-mini --axes axes.yaml --calls 100

As many requests of `self_instruct`'s first step go out with and without the axes, each seed (of the random choices) in
a line. Kept is what passes the recipe's filters; among as many tasks as the smaller set has, kinds are counted: verbs
with their objects (as `selfinstruct report` does) and clusters, greedily, of instructions above a ROUGE-L F of 0.4 to
one before them; with selfinstruct[semantic] those above a cosine of 0.6, too. `asked for`: the share whose instruction
has a word of what was drawn for it, on the way without axes that of what would have been drawn, which is chance.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from statistics import fmean

from selfinstruct.errors import UsageError
from selfinstruct.filters import verdict
from selfinstruct.filters.pool import Pool
from selfinstruct.filters.rouge import Novelty
from selfinstruct.report.counting import verbs
from selfinstruct.rows.reading import read_tasks
from selfinstruct.running.drafts import draft_of, drawn, new_tasks
from selfinstruct.running.recipe import Step
from selfinstruct.running.recipe_file import load, shipped, with_axes
from selfinstruct.stages.proposing.axes import Axes, axes_in, axes_of
from selfinstruct.task import Task
from selfinstruct.teacher import Teacher

TOPICS = {
    "topic": {
        "home": ["cooking", "cleaning", "repairs", "gardening", "pets"],
        "work": ["job interviews", "e-mail", "meetings", "budgets", "customer service"],
        "school": ["grammar", "fractions", "geography", "history", "chemistry"],
        "leisure": ["travel", "music", "chess", "hiking", "novels"],
        "technology": ["Python", "SQL", "spreadsheets", "passwords", "statistics"],
        "society": ["law", "health", "politics", "proverbs", "festivals"],
    },
    "form": ["a question", "a command", "a request with data to work on"],
}
ROUGE, COSINE = 0.4, 0.6
WIDTH = 4


async def kept_of(step: Step, teacher: Teacher, seeds: Sequence[Task], calls: int, seed: int) -> tuple[list[Task], int]:
    """What the filters let through of so many answers, and how many tasks were proposed; the pool grows as in a run."""
    pool, kept, proposed = Pool(seeds), list[Task](), 0
    for first in range(0, calls, WIDTH):
        drafts = []
        for number in range(first, min(first + WIDTH, calls)):
            rng = Random(f"{seed}/{step.name}/{number}")
            shown = pool.sample(rng, **step.show)
            one = drawn(step, rng, number, seed)
            drafts.append((one, draft_of(one, shown, rng)))
        answers = await asyncio.gather(*(teacher(draft.request) for _, draft in drafts))
        for (one, draft), answer in zip(drafts, answers, strict=True):
            for item in new_tasks(one, draft, answer):
                proposed += isinstance(item, Task) or item.is_proposal
                if isinstance(item, Task) and not verdict(item, step.drop, pool):
                    kept.append(item)
    return kept, proposed


def clusters(texts: Sequence[str]) -> int:
    """How many instructions there are of which none before is alike."""
    known = Novelty()
    for number, text in enumerate(texts):
        if not known.nearest_above(text, ROUGE):
            known.add(str(number), text)
    return len(known)


def meanings(texts: Sequence[str]) -> int | None:
    """The same by sentence embeddings; None where the extra is not installed."""
    try:
        import numpy as np

        from selfinstruct.filters.embeddings import embed

        rows = np.asarray(embed(list(texts)))
    except (ImportError, UsageError):
        return None
    first = list[int]()
    for at in range(len(texts)):
        if not first or float((rows[first] @ rows[at]).max()) <= COSINE:
            first.append(at)
    return len(first)


def follows(task: Task, row: dict[str, str]) -> bool:
    words = set(re.findall(r"[a-z]{4,}", " ".join(row.values()).lower())) - {"with", "work", "request", "question"}
    said = " ".join(re.findall(r"[a-z]{4,}", task.instruction.lower()))
    return any(word.rstrip("s") in said for word in words)


def figures(tasks: Sequence[Task], many: int, axes: Axes, seed: int) -> list[float | None]:
    chosen = Random(0).sample(list(tasks), many)
    texts = [task.instruction for task in chosen]
    asked = [verbs.asked(text) for text in texts] if not verbs.missing() else []
    pairs = {(one.verb, thing) for one in asked for thing in one.objects}
    roots = {one.verb for one in asked if one.verb}
    rows = replace(axes, seed=seed).drawn(len(tasks))
    right = [follows(task, task.extra.get("axes") or row) for task, row in zip(tasks, rows, strict=True)]
    return [len(roots), len(pairs), clusters(texts), meanings(texts), fmean(right) if right else None]


NAMES = ("root verbs", "verb–noun pairs", "ROUGE-L clusters", "meaning clusters", "asked for")


async def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--model", default="builtin")
    options.add_argument("--base-url")
    options.add_argument("--axes", type=Path, help="a file of axes; without it, thirty topics and three forms")
    options.add_argument("--calls", type=int, default=60, help="requests each way and seed")
    options.add_argument("--seeds", type=int, default=3)
    options.add_argument("--longest", type=int, default=400, help="tokens of an answer")
    given = options.parse_args()
    axes = axes_in(given.axes) if given.axes else axes_of(TOPICS)
    seeds = read_tasks(shipped("seeds") / "seed_tasks.jsonl")
    recipe = load("self_instruct")
    teacher, api = await opened(given.model, given.base_url)
    ways = {"plain": recipe.steps[0], "axes": with_axes(recipe, axes).steps[0]}
    print(f"{given.model}, {given.calls} requests each way; among as many tasks of each")
    print(f"{'':12}" + "".join(f"{name:>18}" for name in ("kept/proposed", "compared", *NAMES)))
    for seed in range(given.seeds):
        kept = dict[str, tuple[list[Task], int]]()
        for name, step in ways.items():
            began, params = time.monotonic(), {**step.params, "max_tokens": given.longest}
            asking = replace(step, model=given.model, api=api, params=params)
            kept[name] = await kept_of(asking, teacher, seeds, given.calls, seed)
            print(f"  {name}, seed {seed}: {time.monotonic() - began:.0f} s", flush=True)
        many = min(len(tasks) for tasks, _ in kept.values())
        for name, (tasks, proposed) in kept.items():
            found = figures(tasks, many, axes, seed)
            shown = ["-" if one is None else f"{one:.2f}" if isinstance(one, float) else str(one) for one in found]
            counts = (f"{len(tasks)}/{proposed}", str(many), *shown)
            print(f"{name:7}{seed:5}" + "".join(f"{one:>18}" for one in counts), flush=True)


async def opened(model: str, base_url: str | None) -> tuple[Teacher, str]:
    """Who answers, and how a list is asked for: of a model in this process as a beginning to go on with."""
    if model == "smollm2" or model.startswith("gguf:"):
        from selfinstruct.teachers.gguf import Gguf

        return await Gguf(model).__aenter__(), "completions"
    if model == "builtin":
        from selfinstruct.simulator import builtin

        return builtin, ""
    from selfinstruct.teachers.http.endpoint import Endpoint

    return await Endpoint(model, base_url=base_url).__aenter__(), ""


if __name__ == "__main__":
    asyncio.run(main())
