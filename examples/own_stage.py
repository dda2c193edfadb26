"""A stage and a teacher of your own, in a run that can be killed, repeated and extended like any other.

    python examples/own_stage.py runs/shorter

The stage asks for a shorter wording of each seed instruction. The teacher here is a plain function; put
`Endpoint("gpt-4o-mini")` from selfinstruct.teachers.endpoint in its place to ask a language model.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from selfinstruct import Prompt, Rejected, Request, Response, Task
from selfinstruct.rows.layouts import read_tasks
from selfinstruct.running.drafts import Step
from selfinstruct.running.execute import Settings, carry_out
from selfinstruct.running.progress import Progress
from selfinstruct.running.recipe import Recipe, shipped


@dataclass(frozen=True, slots=True)
class Shorten:
    words: int = 8
    """The longest wording wanted."""

    def prompt(self, tasks: Sequence[Task], rng: Random) -> Prompt:
        return f"Say this in at most {self.words} words:\n{tasks[0].instruction}"

    def parse(self, tasks: Sequence[Task], response: Response) -> Iterable[Task | Rejected]:
        short = response.text.strip()
        if len(short.split()) > self.words:
            yield Rejected(short, f"more words than {self.words}")
        else:
            yield replace(tasks[0], instruction=short, extra={"longer": tasks[0].instruction})


async def teacher(request: Request, /) -> Response:
    """Keeps what stands before the first comma, colon, dash or full stop."""
    instruction = str(request.prompt).partition("\n")[2]
    for mark in (",", ":", " -", ".", ";"):
        instruction = instruction.partition(mark)[0]
    return Response(instruction + ".", model=request.model)


def main(out: str) -> None:
    recipe = Recipe("shorten", steps=(Step("each", "shorten", Shorten(words=8), model="commas"),))
    seeds = read_tasks(shipped("seeds") / "seed_tasks.jsonl")
    with Progress(len(seeds)) as progress:
        carry_out(recipe, seeds, Path(out), Settings({"teacher": "commas"}), progress, teacher)
    print(progress.line())


if __name__ == "__main__":
    main(*sys.argv[1:] or ["runs/shorter"])
