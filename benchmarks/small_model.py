"""How a small model is asked best: what is kept of its answers, by step and by way of asking.

    python benchmarks/small_model.py                             (SmolLM2-135M, some minutes)
    python benchmarks/small_model.py --model gguf:FILE --each 8
    python benchmarks/small_model.py --record tests/replies/smollm2

Each step's prompts, made of our seeds, are asked as a question (chat), with their last line as the beginning of the
model's own turn (prefill), and bare (completions). Kept is an answer of which a task came. --record writes what was
answered as a JSON line each: stage, way, instruction and classification where there are, prompt, answer, finish.
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
from selfinstruct.running.drafts import draft_of, heard
from selfinstruct.running.recipe import Step
from selfinstruct.running.recipe_file import load, shipped
from selfinstruct.task import Task
from selfinstruct.teachers.gguf import Gguf

WAYS = {"chat": "", "prefill": "prefill", "completions": "completions"}


def steps() -> list[Step]:
    """The steps that break off, as the shipped recipes ask them."""
    alpaca = [step for step in load("alpaca").steps if getattr(step.stage, "continues", False)]
    return [*load("self_instruct").steps, *alpaca]


async def asked(
    teacher: Gguf, step: Step, way: str, tasks: list[Task], each: int, longest: int
) -> list[dict[str, Any]]:
    """What the model answers to so many prompts of a step, and what is read in it."""
    params = {**step.params, "max_tokens": min(longest, step.params.get("max_tokens", longest))}
    step = replace(step, model=teacher.model, api=WAYS[way], params=params)
    shown = 8 if step.kind == "grow" else 1
    drafts = []
    for number in range(each):
        rng = Random(f"{step.name}/{number}")
        drafts.append(draft_of(step, tuple(rng.sample(tasks, shown))[: shown if step.name == "propose" else 3], rng))
    responses = await asyncio.gather(*(teacher(draft.request) for draft in drafts))
    rows = []
    for draft, response in zip(drafts, responses, strict=True):
        found = list(step.stage.parse(draft.tasks, heard(response)))
        row = {"stage": step.name, "way": way, "kept": sum(isinstance(item, Task) for item in found)}
        row["reasons"] = Counter(item.category for item in found if not isinstance(item, Task))
        if step.kind == "each":
            row |= {"instruction": draft.tasks[0].instruction, "is_classification": draft.tasks[0].is_classification}
        prompt = draft.request.prompt
        row |= {"prompt": prompt if len(str(prompt)) < 1500 else f"… {str(prompt)[-300:]}"}
        rows.append(row | {"shown": len(draft.tasks), "answer": response.text, "finish": response.finish_reason})
    return rows


async def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--model", default="smollm2")
    options.add_argument("--each", type=int, default=4, help="prompts of each step and way")
    options.add_argument("--longest", type=int, default=300, help="tokens of an answer")
    options.add_argument("--record", type=Path)
    given = options.parse_args()
    tasks = read_tasks(shipped("seeds") / "seed_tasks.jsonl")
    async with Gguf(given.model) as teacher:
        for step in steps():
            for way in WAYS:
                began = time.monotonic()
                rows = await asked(teacher, step, way, tasks, given.each, given.longest)
                answers, kept = sum(row["kept"] > 0 for row in rows), sum(row["kept"] for row in rows)
                reasons = sum((row.pop("reasons") for row in rows), Counter[str]())
                print(
                    f"{step.name:10} {way:12} {answers} of {len(rows)} answers, {kept} tasks, "
                    f"{time.monotonic() - began:.0f} s; {dict(reasons.most_common(3))}",
                    flush=True,
                )
                if given.record:
                    with (given.record / f"{step.name}.jsonl").open("a", encoding="utf-8") as file:
                        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


if __name__ == "__main__":
    asyncio.run(main())
