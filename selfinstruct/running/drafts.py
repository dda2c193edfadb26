"""A step's requests and what their answers hold: the pure half of the schedule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random

from selfinstruct.filters import dropped, verdict
from selfinstruct.filters.pool import Pool
from selfinstruct.running.recipe import Step
from selfinstruct.running.watch import THOUGHTS
from selfinstruct.stages import Stage
from selfinstruct.task import SUPERSEDED, Message, Reason, Rejected, Task, drawn_for
from selfinstruct.teacher import Request, Response
from selfinstruct.text.markers import ends_itself, parted

__all__ = [
    "REFUSALS",
    "Draft",
    "draft_of",
    "drawn",
    "heard",
    "judged",
    "new_tasks",
    "reworked",
    "settled",
    "singles",
    "superseded",
]

REFUSALS = {
    "content_filter": "refused by the teacher's content filter",
    "context_length": "longer than the teacher's context",
    "declined": "refused by the server",
    "too_large": "answer too large",
}
"""Finish reasons of requests that were answered, for good, with a refusal."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A request and the tasks it is about: those shown in `grow`, the one worked on in `each`."""

    tasks: tuple[Task, ...]
    request: Request
    pending: bool = False
    """Whether the answer is to be a task made out of the one worked on, which itself is not lost when nothing comes."""
    begun: str = ""
    """What the teacher was given as the beginning of its answer, beyond the prompt's own text."""
    samples: int = 1
    """How many answers are wanted: the request is made as often, each time as a further sample."""

    @property
    def requests(self) -> list[Request]:
        """The request, once for each answer that is wanted."""
        return [self.request, *(self.again(further) for further in range(1, self.samples))]

    def again(self, further: int) -> Request:
        """The request as so many samples further than this draft's."""
        return replace(self.request, sample=self.request.sample + further)


def drawn(step: Step, rng: Random, number: int, seed: int) -> Step:
    """The step with what its stage draws for the draft of this number, from 0 on, in a run of that random seed."""
    draws = getattr(step.stage, "drawn", None)
    return replace(step, stage=draws(rng, number, seed)) if draws else step


def draft_of(step: Step, tasks: Sequence[Task], rng: Random, number: int = 1) -> Draft:
    """The request about these tasks, in this round."""
    shown, pending = tuple(tasks), False
    if prepare := getattr(step.stage, "prepare", None):
        prepared = prepare(shown[0], rng, number)
        shown, pending = (prepared,), prepared.evolved != shown[0].evolved
    params = {**getattr(step.stage, "params", {}), **step.params}
    schema = getattr(step.stage, "schema", None)
    if schema and (shape := schema(shown)):
        named = {"name": step.name, "strict": True, "schema": shape}
        params["response_format"] = {"type": "json_schema", "json_schema": named}
    # JSON by a schema is a whole answer: it goes on with nothing.
    prompt, api = step.stage.prompt(shown, rng), "" if "response_format" in params else step.api
    begins = getattr(step.stage, "begins", None)
    begun = begins(shown) if begins and api and isinstance(prompt, str) else ""
    if api == "prefill":
        asked, _, last = prompt.rpartition("\n") if isinstance(prompt, str) else ("", "", "")
        if asked and last:
            prompt = (Message(role="user", content=asked), Message(role="assistant", content=last + begun))
        else:
            begun = ""
        api = ""
    elif isinstance(prompt, str):
        prompt += begun
    return Draft(shown, Request(prompt, step.model, params, api=api), pending, begun, getattr(step.stage, "samples", 1))


def _read(draft: Draft, response: Response) -> Response:
    """The response as stages read it, after the beginning that the teacher was given; of nothing, nothing."""
    response = heard(response)
    return replace(response, text=draft.begun + response.text) if draft.begun and response.text.strip() else response


def heard(response: Response) -> Response:
    """The response as stages read it: the answer alone, and all thoughts apart from it. One that an end token ends is
    whole, also where the server let the model run on until max_tokens."""
    answer, thoughts = parted(response.text)
    if not thoughts and answer == response.text:
        return response
    cut = response.finish_reason == "length" and answer.strip() and ends_itself(response.text)
    thoughts = "\n\n".join(filter(None, (response.thoughts, thoughts)))
    return replace(response, text=answer, thoughts=thoughts, finish_reason="stop" if cut else response.finish_reason)


def _thoughts_only(raw: Response, response: Response) -> bool:
    """Whether the answer was cut before the model had thought enough to begin it: nothing else ends in nothing, cut."""
    if response.finish_reason != "length" or response.text.strip():
        return False
    return bool(response.thoughts or response.thinking_tokens or not raw.text)


def _cut_at(draft: Draft) -> str:
    params = draft.request.params
    most = params.get("max_tokens") or params.get("max_completion_tokens")
    return (
        f"max_tokens={most}: raise it, or set reasoning_effort" if most else "raise max_tokens, or set reasoning_effort"
    )


def new_tasks(step: Step, draft: Draft, response: Response) -> Iterator[Task | Rejected]:
    """What an answer to `grow` holds. A task is named after the request and its number in the answer."""
    origin, request = step.name, draft.request.id
    parents = tuple(task.id for task in draft.tasks)
    raw, response = response, _read(draft, response)
    if refusal := REFUSALS.get(response.finish_reason):
        yield Rejected(response.text, refusal, response.error, what="answer", origin=origin, request=request)
        return
    if _thoughts_only(raw, response):
        yield Rejected(raw.text, THOUGHTS, _cut_at(draft), what="answer", origin=origin, request=request)
        return
    number = 0
    for item in step.stage.parse(draft.tasks, response):
        if isinstance(item, Task):
            number += 1
            yield replace(item, id=f"{request}-{number}", origin=origin, parents=parents, requests=(request,))
        else:
            number += item.is_proposal
            yield replace(item, origin=origin, request=request)
    if not number:
        yield Rejected(response.text, "no task in the answer", what="answer", origin=origin, request=request)


def reworked(step: Step, draft: Draft, *responses: Response, number: int = 1) -> Iterator[Task | Rejected]:
    """What became of one task in this round: the task, one step further; or new ones in its place; or why it is
    dropped. Perhaps parts that were dropped besides. `responses` is one, or as many as the stage wants samples.
    """
    lost = _lost(step, draft.tasks[0], draft.pending, draft.request.id)
    heard_all = [_read(draft, response) for response in responses]
    faults = [_unheard(draft, *both) for both in zip(responses, heard_all, strict=True)]
    if all(faults):
        reason, *_ = filter(None, faults)
        unheard = getattr(step.stage, "unheard", None)
        left = unheard(draft.tasks[0], reason) if unheard else None
        if left is None:
            yield replace(lost, category=reason.category, detail=reason.detail)
        else:
            yield from _further(step, draft, list(left), lost, number)
        return
    given = list(responses) if getattr(step.stage, "hears_thoughts", False) else heard_all
    parse_all = getattr(step.stage, "parse_all", None)
    found = parse_all(draft.tasks, tuple(given)) if parse_all else step.stage.parse(draft.tasks, given[0])
    yield from _further(step, draft, list(found), lost, number)


def settled(step: Step, task: Task, number: int = 1) -> list[Task | Rejected] | None:
    """What comes of a task that nobody has to be asked about in this step; None when the teacher is to be asked."""
    settles = getattr(step.stage, "settled", None)
    found = settles(task) if settles else None
    if found is None:
        return None
    draft = Draft((task,), Request("", ""), samples=0)
    return list(_further(step, draft, list(found), _lost(step, task, False, ""), number))


def _lost(step: Step, task: Task, pending: bool, request: str) -> Rejected:
    return Rejected(
        task.instruction,
        "nothing came of the answer",
        origin=step.name,
        task="" if pending else task.id,
        parents=(task.id,) if pending else task.parents,
        request=request,
        evolved=task.evolved,
        axes=drawn_for(task.extra),
    )


def _unheard(draft: Draft, raw: Response, response: Response) -> Reason | None:
    """Why there is nothing to read in the response, if that is so."""
    if refusal := REFUSALS.get(response.finish_reason):
        return Reason(refusal, response.error)
    return Reason(THOUGHTS, _cut_at(draft)) if _thoughts_only(raw, response) else None


def _further(
    step: Step, draft: Draft, found: Sequence[Task | Rejected], lost: Rejected, number: int
) -> Iterator[Task | Rejected]:
    """What a stage made of one task, each called what it is.

    A task with the id and instruction of the one that was worked on is that one. Anything else is new: it is called
    after the one it was made from and the round, like "seed_task_3.1"; several of them "seed_task_3.1-1" and so on.
    """
    (task,), requests = draft.tasks, tuple(request.id for request in draft.requests[: draft.samples])
    tasks = [item for item in found if isinstance(item, Task)]
    done, made = bool(tasks), 0
    for item in found:
        if isinstance(item, Rejected):
            # An answer that is of no use is the end of its task.
            what = "task" if item.what == "answer" else item.what
            done |= what == "task"
            named = what == "task" and not draft.pending and item.text != task.instruction
            instruction = task.instruction if named else ""
            because = replace(lost, text=item.text, category=item.category, detail=item.detail)
            yield replace(because, what=what, instruction=instruction, instances=item.instances, whole=item.whole)
            continue
        if len(tasks) > 1 or (item.id, item.instruction) != (task.id, task.instruction):
            made += 1
            id = f"{task.id}.{number}-{made}" if len(tasks) > 1 else f"{task.id}.{number}"
            own = item.id if item.id not in ("", task.id) else id
            item = replace(item, id=own, origin=step.name, parents=(task.id,))
        yield replace(item, requests=(*item.requests, *requests))
    if not done:
        yield lost


def judged(item: Task | Rejected, step: Step, pool: Pool) -> Task | Rejected:
    """A task that passes the step's filters is in the pool from now on."""
    if isinstance(item, Rejected):
        return item
    reason = verdict(item, step.drop, pool)
    return dropped(item, reason, step.name) if reason else item


def superseded(task: Task) -> Rejected:
    """A generation that nobody answers, because a later one took its place."""
    return dropped(task, SUPERSEDED, task.origin)


def singles(tasks: Sequence[Task], stage: Stage) -> list[Task]:
    """Tasks of one instance each, where the stage works on an instruction with one input."""
    if not getattr(stage, "single", False):
        return list(tasks)
    found = []
    for task in tasks:
        if len(task.instances) < 2:
            found.append(task)
            continue
        named = ((f"{task.id}-{number}", instance) for number, instance in enumerate(task.instances, 1))
        found += [replace(task, id=name, instances=(instance,)) for name, instance in named]
    return found
