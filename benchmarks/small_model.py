"""How a small model is asked best: what is kept of its answers, by step and by way of asking.

    python benchmarks/small_model.py                             (SmolLM2-135M: a quarter of an hour on two cores)
    python benchmarks/small_model.py --model gguf:FILE --each 8 --only instances
    python benchmarks/small_model.py --record tests/replies/small_model

Each step's prompts, made of our seeds, are asked as a question (chat), with their last line as the beginning of the
model's own turn (prefill), and bare (completions). Kept is an answer of which a task came; of the tasks, those
are counted that ask for something. --record writes what was answered as a JSON line each:
step, way, the ids of the seeds shown, what the model was given as the beginning, answer, finish.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

from selfinstruct.rows.reading import read_tasks
from selfinstruct.running.drafts import Draft, draft_of, new_tasks, reworked
from selfinstruct.running.recipe import Step
from selfinstruct.running.recipe_file import load, shipped
from selfinstruct.stages.reading.prose import asks
from selfinstruct.task import Rejected, Task
from selfinstruct.teacher import Response
from selfinstruct.teachers.gguf import Gguf

WAYS = {"chat": "", "prefill": "prefill", "completions": "completions"}


def steps() -> dict[str, Step]:
    """As the shipped recipes ask them; instances twice, since a classification task has a prompt of its own."""
    found = {step.name: step for name in ("self_instruct", "alpaca", "evol_instruct") for step in load(name).steps}
    names = ("propose", "classify", "instances", "instances of classification", "alpaca", "evolve")
    return {name: found[name.partition(" ")[0]] for name in names}


def shown_to(name: str, step: Step, seeds: list[Task], number: int) -> tuple[Task, ...]:
    """The seeds that a prompt shows, or the one that it is about."""
    rng = Random(f"{name}/{number}")
    if step.kind == "grow":
        return tuple(rng.sample(seeds, sum(step.show.values())))
    if step.name == "instances":
        seeds = [seed for seed in seeds if seed.is_classification == (name != "instances")]
    task = rng.choice(seeds)
    return (task if step.name == "evolve" else replace(task, instances=()),)


def drafts_of(name: str, step: Step, way: str, seeds: list[Task], each: int, longest: int) -> list[Draft]:
    params = {**step.params, "max_tokens": min(longest, step.params.get("max_tokens", longest))}
    step = replace(step, api=WAYS[way], params=params)
    return [
        draft_of(step, shown_to(name, step, seeds, number), Random(f"{name}/{number}"), number=1)
        for number in range(each)
    ]


def found_in(step: Step, draft: Draft, response: Response) -> list[Task | Rejected]:
    """What a run reads in the answer."""
    items = new_tasks(step, draft, response) if step.kind == "grow" else reworked(step, draft, response)
    return list(items)


async def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--model", default="smollm2")
    options.add_argument("--each", type=int, default=20, help="prompts of each step and way")
    options.add_argument("--longest", type=int, default=400, help="tokens of an answer")
    options.add_argument("--only", help="this step alone")
    options.add_argument("--ways", nargs="+", default=list(WAYS), choices=list(WAYS))
    options.add_argument("--record", type=Path, help="a folder")
    given = options.parse_args()
    seeds = read_tasks(shipped("seeds") / "seed_tasks.jsonl")
    async with Gguf(given.model) as teacher:
        for name, step in steps().items():
            if given.only not in (None, name):
                continue
            for way in given.ways:
                drafts = drafts_of(name, step, way, seeds, given.each, given.longest)
                began = time.monotonic()
                asked = (teacher(replace(draft.request, model=teacher.model)) for draft in drafts)
                responses = await asyncio.gather(*asked)
                took = time.monotonic() - began
                report(name, step, way, list(zip(drafts, responses, strict=True)), took)
                if given.record:
                    rows = [_row(name, way, *pair) for pair in zip(drafts, responses, strict=True)]
                    with (given.record / f"{name.replace(' ', '_')}.jsonl").open("a", encoding="utf-8") as file:
                        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def report(name: str, step: Step, way: str, answered: list[tuple[Draft, Response]], took: float) -> None:
    """One line: how many answers were of use, and why the others were not."""
    found = [found_in(step, draft, response) for draft, response in answered]
    tasks = [[item for item in items if isinstance(item, Task)] for items in found]
    reasons = Counter(item.category for items in found for item in items if isinstance(item, Rejected))
    asking = sum(asks(task.instruction) for some in tasks for task in some)
    written = sum(response.output_tokens or 0 for _, response in answered)
    print(
        f"{name:27} {way:12} {sum(map(bool, tasks))} of {len(answered)} answers, {sum(map(len, tasks))} tasks, "
        f"{asking} of them ask; {written} tokens, {took:.0f} s; {dict(reasons.most_common(4))}",
        flush=True,
    )


def _row(name: str, way: str, draft: Draft, response: Response) -> dict[str, Any]:
    row = {"step": name, "way": way, "shown": [task.id for task in draft.tasks], "begun": draft.begun}
    return row | {"answer": response.text, "finish": response.finish_reason}


if __name__ == "__main__":
    asyncio.run(main())
