"""What a run would ask, for --dry-run: the first prompt of every step, about how many requests, tokens and dollars."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from random import Random
from statistics import fmean

from selfinstruct.filters.pool import Pool
from selfinstruct.running.drafts import Draft, draft_of, singles
from selfinstruct.running.execute import answering
from selfinstruct.running.identity import name_of
from selfinstruct.running.optimise import expected
from selfinstruct.running.recipe import Recipe
from selfinstruct.running.settings import Settings
from selfinstruct.task import Task
from selfinstruct.teachers.estimate import estimate_tokens
from selfinstruct.teachers.opening import Answering, is_free

__all__ = ["plan"]

# How many proposals, and how many later answers, come through. Self-Instruct's own run kept about
# half of what GPT-3 proposed; what a teacher of today does is seen after the first minute of a run.
KEPT_PROPOSALS = 0.5
KEPT_LATER = 0.9


SPECIMENS = 20
"""Tasks whose prompts the estimate of --dry-run is the mean of."""
GROWTH = 25
"""Tokens that a task grows by in a round: prompts ask for 10 to 20 words more (2304.12244), or 10 to 30 characters."""


def plan(recipe: Recipe, seeds: Sequence[Task], settings: Settings, teachers: Mapping[str, Answering]) -> Iterator[str]:
    """Line by line: the first prompt of every step, about how many requests, tokens and dollars."""
    asked_whom = answering(recipe, teachers)
    requests, given, written = 0, 0, 0
    if not recipe.grows:
        seeds = singles(seeds, recipe.steps[0].stage)
    for number, step in enumerate(recipe.steps):
        asked = [draft.request for draft in _specimens(recipe, number, seeds, settings)]
        count, when = _expected(recipe, number, len(seeds), settings)
        size = round(fmean(estimate_tokens(request.prompt) for request in asked))
        # On average over the rounds, a task has grown by half of what it grows by in all.
        size += GROWTH * (recipe.rounds if step.last else recipe.rounds // 2)
        longest = int(asked[0].params.get("max_tokens") or 1024)
        if number == 0 and recipe.optimise:
            search = expected(recipe.optimise)
            requests, given, written = search, search * size, search * longest
            yield f"--- first: a method to evolve by is looked for, in about {search:,} requests, as long as step 1's"
        requests, given, written = requests + count, given + count * size, written + count * longest
        who = asked_whom[step.role]
        model = who if isinstance(who, str) else name_of(who)
        yield f"--- step {number + 1}: {step.kind} {step.name}, model {model}, {json.dumps(dict(step.params))}"
        prompt = asked[0].prompt
        yield prompt if isinstance(prompt, str) else json.dumps(prompt, ensure_ascii=False)
        yield f"--- about {count:,} requests{when} of about {size:,} tokens; answers of at most {longest:,}"
    yield ""
    yield (
        f"About {requests:,} requests in all: about {given:,} tokens to read and at most {written:,} to write, if "
        f"{KEPT_PROPOSALS:.0%} of the proposals and {KEPT_LATER:.0%} of the later answers are kept."
    )
    if settings.price:
        dollars = (given * settings.price[0] + written * settings.price[1]) / 1e6
        yield f"At most about ${dollars:,.2f} at ${settings.price[0]:g}/{settings.price[1]:g} per million tokens."
    elif not all(is_free(who, settings.base_url) for who in asked_whom.values()):
        yield "Give --price IN/OUT (dollars per million tokens) to see what that costs."


def _specimens(recipe: Recipe, number: int, seeds: Sequence[Task], settings: Settings) -> Iterator[Draft]:
    step = recipe.steps[number]
    for specimen in range(SPECIMENS):
        rng = Random(f"{settings.seed}/{step.name}/{specimen}")
        if step.kind == "grow":
            shown = Pool(seeds).sample(rng, **step.show)
        else:
            shown = [seeds[(number + specimen) % len(seeds)]]
        yield draft_of(step, shown, rng)


def _expected(recipe: Recipe, number: int, given: int, settings: Settings) -> tuple[int, str]:
    """About how many requests the step of this number makes, and over which rounds."""
    step, tasks = recipe.steps[number], settings.num or given
    if recipe.rounds:
        tasks = min(tasks, given)
        if step.last:
            return tasks, " after the last round"
        a_round = round(tasks * KEPT_LATER ** sum(not before.last for before in recipe.steps[:number]))
        return a_round * recipe.rounds, f" in {recipe.rounds} rounds of about {a_round:,},"
    wanted = tasks / KEPT_LATER ** (len(recipe.steps) - 1 - number)
    if step.kind == "grow":
        wanted /= KEPT_PROPOSALS * getattr(step.stage, "per_answer", 1)
    ahead = recipe.width if step.kind == "grow" else settings.concurrency
    asked = round(wanted) + ahead  # a window is asked ahead of the last task wanted
    return asked if recipe.grows else min(asked, given), ""
