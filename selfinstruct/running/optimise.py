"""Auto Evol-Instruct (2406.00770): the teacher improves the method by which tasks are evolved, before they are.

In each step a few tasks are evolved for some rounds by the best method so far. An optimiser, who may be another
teacher, reads what became of them, says what went wrong and writes new methods. Each is tried on a development set; the
one with the fewest failures there goes on, if it has fewer than the best so far.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial
from random import Random
from typing import NamedTuple

from selfinstruct.running.drafts import REFUSALS, heard, singles
from selfinstruct.running.recipe import Optimise, Step
from selfinstruct.running.run import lineage
from selfinstruct.running.window import answered
from selfinstruct.stages import Evolve, Respond
from selfinstruct.stages.prompting import LANGUAGES, filled, prompt_text
from selfinstruct.stages.reading.blocks import block
from selfinstruct.stages.reading.plain import NUMERAL, plain
from selfinstruct.task import Rejected, Task
from selfinstruct.teacher import Request, Response, Teacher
from selfinstruct.text.refusals import is_refusal

__all__ = ["Trial", "expected", "failed", "method_in", "optimised"]


class Trial(NamedTuple):
    step: int
    """0 is the method that it begins with."""
    candidate: int
    failures: int
    of: int
    """Tasks of the development set that were evolved."""
    method: str
    analysis: str
    """What was said to be wrong with the method before."""


def expected(plan: Optimise) -> int:
    """About how many requests the optimisation makes."""
    trials = 2 * plan.development * (1 + plan.steps * plan.candidates)
    return trials + plan.steps * (plan.batch * plan.rounds + 2 * plan.candidates)


# Answers by which one sees that the evolved task failed (2406.00770, section 3.3): it is no harder but chatter, it asks
# for what nobody can know, or its material got lost.
_FAILED = (
    re.compile(r"\A\W*(?:understood|thank you|明白了?|好的|谢谢|感谢).*[?？]\s*\Z", re.IGNORECASE | re.DOTALL),
    re.compile(r"\A\W*(?:sure|certainly|当然(?:可以)?).*[?？]\s*\Z", re.IGNORECASE | re.DOTALL),
    re.compile(r"please provide|请(?:您)?(?:先)?提供|could you (?:please )?provide", re.IGNORECASE),
)


def failed(answer: str) -> bool:
    """Whether the answer to an evolved task shows that the evolution failed."""
    return any(sign.search(answer) for sign in _FAILED)


_STEP = re.compile(
    r"[ \t]*(?:#{1,6}[ \t]*)?[*_]{0,3}(?:[（(]?\d{1,2}[.．)）、:：]|[-*+•][ \t]+(?=[*_\w])|[①-⑳]"
    rf"|step[ \t]*#?\d{{1,2}}\b|第[ \t]*(?:\d{{1,2}}|{NUMERAL})[ \t]*步|步骤[ \t]*(?:\d{{1,2}}|{NUMERAL})|{NUMERAL}、)",
    re.IGNORECASE,
)
_RULE = re.compile(r"[ \t]*(?:-{3,}|\*{3,}|_{3,}|={3,})[ \t]*")
_FENCE = re.compile(r"[ \t]*(?:```|~~~)[\w+-]*[ \t]*")
_AFTERWORD = re.compile(
    r"[\s*_(>]{0,8}(?:(?:please )?(?:let me know|feel free)\b|i hope\b|would you like\b"
    r"|(?:this|the) (?:new |improved |revised |updated )*(?:method|version)\b|(?:key |main )?(?:changes|improvements)\b"
    r"|explanation\b|note\b|i(?:['’]ve| have)? (?:added|changed|kept)\b"
    r"|希望|如果?(?:需|您|你)|(?:这个?|该|新|改进后的)+方法|(?:改进|修改|主要)(?:说明|之处|点|变化)|说明[:：]|注[:：])",
    re.IGNORECASE,
)


def method_in(response: Response) -> str:
    """The steps of a new method, without a greeting, heading, code fence or afterword around them.

    "" when the answer is none: cut by length, empty, refused, or without a step.
    """
    text = plain(response.text).strip()
    if response.finish_reason == "length" or response.finish_reason in REFUSALS or is_refusal(text):
        return ""
    lines = text.split("\n")
    first = next((at for at, line in enumerate(lines) if _STEP.match(line)), None)
    if first is None:
        return ""
    fenced = sum(1 for line in lines[:first] if _FENCE.fullmatch(line)) % 2
    kept, blank = list[str](), False
    for line in lines[first:]:
        if (fenced and _FENCE.fullmatch(line)) or (blank and _AFTERWORD.match(line)):
            break
        kept.append(line.rstrip())
        blank = not line.strip() or _RULE.fullmatch(line) is not None
    while kept and (not kept[-1] or _RULE.fullmatch(kept[-1])):
        kept.pop()
    return "\n".join(kept).strip()


async def optimised(
    steps: Sequence[Step],
    plan: Optimise,
    tasks: Sequence[Task],
    teacher: Teacher,
    model: str,
    *,
    seed: int,
    at_once: int,
) -> tuple[tuple[Step, ...], list[Trial]]:
    """The recipe's steps with the best method found in `evolve`, and all methods that were tried, in order.

    `model` is what requests to the optimiser name.
    """
    evolve = next(step for step in steps if isinstance(step.stage, Evolve))
    answer = next((step for step in steps if isinstance(step.stage, Respond)), None)
    answer = answer or Step(Respond(), model=evolve.model, params=evolve.params)
    given = singles(tasks, evolve.stage)
    given = Random(f"{seed}/optimise").sample(given, len(given))
    development, rest = given[: plan.development], given[plan.development :] or given
    search = _Search(evolve, answer, plan, teacher, model, seed, at_once)

    trials = [
        best := await search.tried(0, 0, search.stage.method or prompt_text("method", search.language), "", development)
    ]
    for number in range(1, plan.steps + 1):
        batch = Random(f"{seed}/optimise/{number}").sample(rest, min(plan.batch, len(rest)))
        groups = await search.trajectories(best.method, batch)
        for candidate in range(plan.candidates):
            said = await search.analysed(candidate, best.method, groups)
            if not said:
                continue
            method = await search.improved(candidate, best.method, said)
            if method and all(method != trial.method for trial in trials):
                trials.append(await search.tried(number, candidate, method, said, development))
        best = min([best, *(trial for trial in trials if trial.step == number)], key=lambda trial: trial.failures)
    return tuple(search.by(best.method) if step is evolve else step for step in steps), trials


@dataclass(frozen=True, slots=True)
class _Search:
    """What stays the same from one trial to the next."""

    evolve: Step
    answer: Step
    plan: Optimise
    teacher: Teacher
    model: str
    seed: int
    at_once: int

    @property
    def stage(self) -> Evolve:
        assert isinstance(self.evolve.stage, Evolve)
        return self.evolve.stage

    def by(self, method: str) -> Step:
        return replace(self.evolve, stage=replace(self.stage, method=method))

    @property
    def language(self) -> str:
        """Of the prompts that come with the package."""
        return self.stage.language if self.stage.language in LANGUAGES else "en"

    async def asked(self, name: str, candidate: int, **texts: str) -> Response:
        """What the optimiser says; each candidate is another sample of its answers."""
        prompt = filled(prompt_text(name, self.language), **texts)
        return heard(await self.teacher(Request(prompt, self.model, dict(self.plan.params), sample=candidate)))

    async def analysed(self, candidate: int, method: str, trajectories: str) -> str:
        """What went wrong, also where the answer was cut; "" when nothing is said."""
        response = await self.asked("optimise_analyse", candidate, method=method, trajectories=trajectories)
        said = plain(response.text).strip()
        return "" if response.finish_reason in REFUSALS or is_refusal(said) else said

    async def improved(self, candidate: int, method: str, analysis: str) -> str:
        """The new method; "" when the answer is none."""
        return method_in(await self.asked("optimise_improve", candidate, method=method, analysis=analysis))

    async def tried(self, number: int, candidate: int, method: str, analysis: str, tasks: Sequence[Task]) -> Trial:
        """Evolve the tasks once by the method, have them answered, and count the failures."""
        failures = 0
        async for items in self._lineages([self.by(method), self.answer], tasks, 1):
            answers = [item.instances[0].output for item in items if isinstance(item, Task) and item.instances]
            failures += not answers or any(map(failed, answers))
        return Trial(number, candidate, failures, len(tasks), method, analysis)

    async def trajectories(self, method: str, tasks: Sequence[Task]) -> str:
        """The tasks and what they become round by round, as groups for the optimiser to read."""
        groups, language = [], self.stage.language
        async for items in self._lineages([self.by(method)], tasks, self.plan.rounds):
            blocks = [block(item, language) for item in items if isinstance(item, Task)]
            groups.append(blocks)
        shown = [[block(task, language), *blocks] for task, blocks in zip(tasks, groups, strict=True)]
        return "\n\n".join(f"{number}.\n" + "\n-->\n".join(texts) for number, texts in enumerate(shown, 1))

    async def _lineages(
        self, steps: Sequence[Step], tasks: Sequence[Task], rounds: int
    ) -> AsyncGenerator[list[Task | Rejected]]:
        asking = [(step, self.teacher) for step in steps]
        ask = partial(lineage, asking, seed=self.seed, rounds=rounds)
        async with aclosing(answered(iter(tasks), ask, self.at_once)) as lineages:
            async for _, items in lineages:
                yield items
