"""What a run would ask, for --dry-run: the first prompt of every step, about how many requests, tokens and dollars."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from random import Random
from statistics import fmean

from selfinstruct.filters.pool import Pool
from selfinstruct.running.billing import names_of, prices_of
from selfinstruct.running.drafts import Draft, draft_of, drawn, singles
from selfinstruct.running.execute import answering, as_asked, not_apart
from selfinstruct.running.optimise import expected
from selfinstruct.running.recipe import Recipe, Step
from selfinstruct.running.settings import Settings
from selfinstruct.task import Task
from selfinstruct.teacher import Prompt, Request, Response
from selfinstruct.teachers.checking.checker import CHECKER
from selfinstruct.teachers.estimate import estimate_request, estimate_text
from selfinstruct.teachers.opening import Answering
from selfinstruct.teachers.prices import FREE, Price, address_of

__all__ = ["UNSET", "plan", "specimens"]

# How many proposals, and how many later answers, come through. Self-Instruct's own run kept about
# half of what GPT-3 proposed; what a teacher of today does is seen after the first minute of a run.
KEPT_PROPOSALS = 0.5
KEPT_LATER = 0.9
# Of the tasks that are tried until they are taken, how many are in each attempt: a guess, as it hangs on how far the
# two solvers are apart (docs/agentic.md has some figures).
TAKEN = 0.3


SPECIMENS = 20
"""Tasks whose prompts the estimate of --dry-run is the mean of."""
GROWTH = 25
"""Tokens that a task grows by in a round: prompts ask for 10 to 20 words more (2304.12244), or 10 to 30 characters.
A first stage with `growth` says its own."""
UNSET = 1024
"""Tokens of an answer at most, where a recipe does not say."""
UNKNOWN = 60
"""Tokens of a task, where there is none to measure: about those of a seed of ours with its instance."""
CACHEABLE = 1024
"""Tokens that prompts must have in common before OpenAI, Google or Anthropic keep them."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Requests of one kind to one model, and their mean sizes in tokens."""

    model: str
    requests: int
    most: int | None
    """Requests that there can be; None: as many as it takes."""
    given: int
    fixed: int
    """Of the given ones, those that all prompts begin with, where a provider would keep them."""
    written: int
    longest: int

    def dollars(self, price: Price) -> tuple[float, float]:
        """Expected; and if all answers are as long as they may be, nothing is read from a cache and each request is
        made that may be."""
        cached = self.fixed * max(0, self.requests - 1)
        usual = price.cost(self.given * self.requests, self.written * self.requests, cached)
        most = self.requests if self.most is None else self.most
        return usual, max(usual, price.cost(self.given * most, self.longest * most))


def plan(recipe: Recipe, seeds: Sequence[Task], settings: Settings, teachers: Mapping[str, Answering]) -> Iterator[str]:
    """Line by line: the first prompt of every step, about how many requests, tokens and dollars."""
    who = answering(recipe, teachers)
    models = names_of(who)
    prices = prices_of(settings, who, models)
    recipe = as_asked(recipe, who, models, settings)
    if not recipe.grows:
        seeds = singles(seeds, recipe.steps[0].stage)
    all_asked = list[Asked]()
    for number, step in enumerate(recipe.steps):
        if models[step.role] == CHECKER:
            yield f"--- step {number + 1}: {step.kind} {step.name}, asks nobody: it is checked on this machine"
            continue
        drafts = list(specimens(recipe, number, seeds, settings.seed))
        drafted = [draft.request for draft in drafts]
        model = models[step.role].removeprefix("function:")
        if getattr(step.stage, "asks", "") == "nobody":
            yield f"--- step {number + 1}: {step.kind} {step.name}, which asks nobody"
            continue
        count, most, when = _expected(recipe, number, len(seeds), settings)
        count, most = count * drafts[0].samples, most and most * drafts[0].samples
        asked = _asked(recipe, number, drafted, seeds, (models[step.role], count, most))
        if number == 0 and recipe.optimise:
            search = expected(recipe.optimise)
            all_asked.append(_search(recipe, models, asked, search))
            yield f"--- first: a method to evolve by is looked for, in about {search:,} requests, as long as step 1's"
        all_asked.append(asked)
        yield f"--- step {number + 1}: {step.kind} {step.name}, model {model}, {json.dumps(dict(step.params))}"
        prompt = drafted[0].prompt
        yield from _shown(prompt)
        bound = f" (at most {most:,})" if most is not None and most != count else ""
        cached = f", {asked.fixed:,} of them the same in all," if asked.fixed else ""
        yield (
            f"--- about {count:,} requests{bound}{when} of about {asked.given:,} tokens{cached}; answers of about "
            f"{asked.written:,}, at most {asked.longest:,}"
        )
    yield ""
    if why := not_apart(recipe, teachers):
        yield why
    yield from _in_all(all_asked, prices, settings)


def _shown(prompt: Prompt) -> Iterator[str]:
    """The prompt as it is sent: a text, or the turns of a conversation."""
    if isinstance(prompt, str):
        yield prompt
    elif [turn["role"] for turn in prompt] == ["user", "assistant"]:
        yield prompt[0]["content"]
        yield f"--- and the answer begins: {prompt[1]['content']!r}"
    else:
        yield json.dumps(prompt, ensure_ascii=False)


def _in_all(all_asked: Sequence[Asked], prices: Mapping[str, Price], settings: Settings) -> Iterator[str]:
    requests = sum(asked.requests for asked in all_asked)
    given = sum(asked.requests * asked.given for asked in all_asked)
    written = sum(asked.requests * asked.written for asked in all_asked)
    longest = sum(asked.requests * asked.longest for asked in all_asked)
    yield (
        f"About {requests:,} requests in all: about {given:,} tokens to read and {written:,} to write, thoughts "
        f"aside (at most {longest:,}), if {KEPT_PROPOSALS:.0%} of the proposals and {KEPT_LATER:.0%} of the later "
        "answers are kept."
    )
    several = len({asked.model for asked in all_asked}) > 1
    for model in dict.fromkeys(asked.model for asked in all_asked):
        price = prices.get(model)
        if price == FREE:
            continue
        if price is None:
            who = f"{model[:200]}=" if several else ""
            where = address_of(settings.base_url)
            give = f"give --price {who}IN/OUT (dollars per million)"
            yield f"$? for {model[:200]}: its price at {where} is not known; {give}."
            continue
        price = (settings.batch and price.at("batch")) or price
        sums = [asked.dollars(price) for asked in all_asked if asked.model == model]
        usual, most = (sum(column) for column in zip(*sums, strict=True))
        endless = any(asked.most is None for asked in all_asked if asked.model == model)
        bound = f"${most:,.2f} with answers as long as they may be" if endless else f"at most ${most:,.2f}"
        yield (
            f"About ${usual:,.2f} for {model.removeprefix('function:')}, {bound}, at {price} per million tokens"
            f"{' in a batch' if settings.batch else ''}."
        )


def _asked(
    recipe: Recipe,
    number: int,
    drafted: Sequence[Request],
    seeds: Sequence[Task],
    who: tuple[str, int, int | None],
) -> Asked:
    step = recipe.steps[number]
    size = round(fmean(map(estimate_request, drafted)))
    # On average over the rounds, a task has grown by half of what it grows by in all.
    growth = getattr(recipe.steps[0].stage, "growth", GROWTH)
    size += round(growth * (recipe.rounds if step.last else _lasting(recipe) // 2))
    longest = int(drafted[0].params.get("max_tokens") or drafted[0].params.get("max_completion_tokens") or UNSET)
    # An answer is about as long as the tasks that it holds: without instances, where a later step writes these.
    holds = _instruction if step.kind == "grow" and len(recipe.steps) > 1 else _tokens
    size_of_one = ceil(fmean(map(holds, seeds[:1000]))) if seeds else UNKNOWN
    usual = getattr(step.stage, "expected", size_of_one) * getattr(step.stage, "per_answer", 1)
    fixed = estimate_text(_beginning([_text(request.prompt) for request in drafted])) if who[1] > 1 else 0
    return Asked(*who, size, fixed if fixed >= CACHEABLE else 0, min(usual, longest), longest)


def _lasting(recipe: Recipe) -> float:
    """Over how many of its rounds a task is asked about on average: all, unless the first stage knows better."""
    lasts = getattr(recipe.steps[0].stage, "lasts", None)
    return float(lasts(recipe.rounds)) if lasts else recipe.rounds


def _search(recipe: Recipe, models: Mapping[str, str], first: Asked, requests: int) -> Asked:
    """The requests by which a method is looked for, as large as those of the first step."""
    assert recipe.optimise
    longest = int(recipe.optimise.params.get("max_tokens") or first.longest)
    longest = max(longest, first.longest)
    return Asked(models[recipe.optimise.role], requests, None, first.given, 0, first.written, longest)


def _instruction(task: Task) -> int:
    return estimate_text(task.instruction)


def _tokens(task: Task) -> int:
    texts = [task.instruction, *(turn["content"] for turn in task.turns)]
    texts += [text for instance in task.instances[:1] for text in (instance.input, instance.output)]
    return sum(map(estimate_text, texts))


def _beginning(texts: Sequence[str]) -> str:
    """What all texts begin with."""
    first, last = min(texts), max(texts)
    return first[: next((at for at, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))]


def _text(prompt: Prompt) -> str:
    return prompt if isinstance(prompt, str) else json.dumps(prompt, ensure_ascii=False)


def specimens(recipe: Recipe, number: int, seeds: Sequence[Task], seed: int) -> Iterator[Draft]:
    """Some drafts of the step of this number, as a run would begin with."""
    step = recipe.steps[number]
    for specimen in range(SPECIMENS):
        rng = Random(f"{seed}/{step.name}/{specimen}")
        if step.kind == "grow":
            shown = Pool(seeds).sample(rng, **step.show) if step.show else []
            yield draft_of(drawn(step, rng, specimen, seed), shown, rng)
        else:
            first = drawn(recipe.steps[0], rng, specimen, seed)
            yield draft_of(step, [seeds[(number + specimen) % len(seeds)] if seeds else _stand_in(first)], rng)


def _stand_in(first: Step) -> Task:
    """What is worked on where there is no data: such a task as the first step would make."""
    made = first.stage.parse((), Response("Can you help me, please?")) if first.kind == "grow" else ()
    return replace(next((item for item in made if isinstance(item, Task)), Task("", "")), id="", instruction="…")


def _expected(recipe: Recipe, number: int, given: int, settings: Settings) -> tuple[int, int | None, str]:
    """About how many requests the step of this number makes, how many at most, and over which rounds."""
    step, tasks = recipe.steps[number], settings.num or given
    if recipe.rounds:
        tasks = min(tasks, given)
        if step.last:
            return tasks, tasks, " after the last round"
        if (many := getattr(step.stage, "per_answer", 1)) > 1:  # each makes several, and these again
            requests = (
                tasks * sum((many * share) ** number for number in range(recipe.rounds)) for share in (KEPT_LATER, 1)
            )
            return (*map(round, requests), f" in {recipe.rounds} rounds")
        a_round = round(tasks * KEPT_LATER ** sum(not before.last for before in recipe.steps[:number]))
        if hasattr(recipe.steps[0].stage, "again") and not hasattr(recipe.steps[0].stage, "lasts"):
            left = sum((1 - TAKEN) ** before for before in range(recipe.rounds))
            tried = (
                f" in up to {recipe.rounds} attempts, if {TAKEN:.0%} are taken in each," if recipe.rounds > 1 else ""
            )
            return round(a_round * left), tasks * recipe.rounds, tried
        several = f" in {recipe.rounds} rounds of about {a_round:,}," if recipe.rounds > 1 else ""
        lasting = _lasting(recipe)
        if lasting < recipe.rounds:
            several = f" in up to {recipe.rounds} rounds, {lasting:.1f} on average,"
        return round(a_round * lasting), tasks * recipe.rounds, several
    if not recipe.grows:
        # What is given is asked about once; a window is asked ahead of the last task wanted.
        made, further = recipe.per_task(number), recipe.per_task()
        coming = max(1, round(given * made * KEPT_LATER**number))
        tasks = settings.num or given * further
        wanted = ceil(tasks * made / further / KEPT_LATER ** (len(recipe.steps) - 1 - number))
        return min(wanted + (settings.concurrency if settings.num else 0), coming), given * made, ""
    wanted = ceil(tasks / KEPT_LATER ** (len(recipe.steps) - 1 - number))
    proposals = wanted if number == 0 else ceil(tasks / KEPT_LATER ** (len(recipe.steps) - 1))
    drafts = ceil(proposals / (KEPT_PROPOSALS * getattr(recipe.steps[0].stage, "per_answer", 1))) + recipe.width - 1
    if number == 0:
        return drafts, None, ""
    # Answered by the last task are the drafts before it; a further window of what they hold has been asked about.
    held = (drafts - recipe.width + 1) * getattr(recipe.steps[0].stage, "per_answer", 1) * KEPT_PROPOSALS
    return min(wanted, ceil(held)) + settings.concurrency, None, ""
