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
from selfinstruct.task import Message, Reason, Rejected, Task
from selfinstruct.teacher import Request, Response
from selfinstruct.text.markers import ends_itself, parted

__all__ = [
    "REFUSALS",
    "SUPERSEDED",
    "Draft",
    "draft_of",
    "heard",
    "judged",
    "new_tasks",
    "reworked",
    "singles",
    "superseded",
]

SUPERSEDED = Reason("evolved further")
"""Of a generation that nobody answers."""

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


def draft_of(step: Step, tasks: Sequence[Task], rng: Random, number: int = 1) -> Draft:
    """The request about these tasks, in this round."""
    shown, pending = tuple(tasks), False
    if prepare := getattr(step.stage, "prepare", None):
        prepared = prepare(shown[0], rng, number)
        shown, pending = (prepared,), prepared.evolved != shown[0].evolved
    params = dict(step.params)
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
    return Draft(shown, Request(prompt, step.model, params, api=api), pending, begun)


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


def reworked(step: Step, draft: Draft, response: Response, number: int = 1) -> Iterator[Task | Rejected]:
    """What became of one task in this round: the task, one step further; or new ones in its place; or why it is
    dropped. Perhaps parts that were dropped besides.

    A task with the id and instruction of the one that was worked on is that one. Anything else is new: it is called
    after the one it was made from and the round, like "seed_task_3.1"; several of them "seed_task_3.1-1" and so on.
    """
    (task,), origin, request = draft.tasks, step.name, draft.request.id
    raw, response = response, _read(draft, response)
    lost = Rejected(
        task.instruction,
        "nothing came of the answer",
        origin=origin,
        task="" if draft.pending else task.id,
        parents=(task.id,) if draft.pending else task.parents,
        request=request,
        evolved=task.evolved,
    )
    if refusal := REFUSALS.get(response.finish_reason):
        yield replace(lost, category=refusal, detail=response.error)
        return
    if _thoughts_only(raw, response):
        yield replace(lost, category=THOUGHTS, detail=_cut_at(draft))
        return
    heard_all = getattr(step.stage, "hears_thoughts", False)
    found = list(step.stage.parse(draft.tasks, raw if heard_all else response))
    tasks = [item for item in found if isinstance(item, Task)]
    settled, made = bool(tasks), 0
    for item in found:
        if isinstance(item, Rejected):
            # An answer that is of no use is the end of its task.
            what = "task" if item.what == "answer" else item.what
            settled |= what == "task"
            named = what == "task" and not draft.pending and item.text != task.instruction
            instruction = task.instruction if named else ""
            because = replace(lost, text=item.text, category=item.category, detail=item.detail)
            yield replace(because, what=what, instruction=instruction, instances=item.instances)
            continue
        if len(tasks) > 1 or (item.id, item.instruction) != (task.id, task.instruction):
            made += 1
            id = f"{task.id}.{number}-{made}" if len(tasks) > 1 else f"{task.id}.{number}"
            own = item.id if item.id not in ("", task.id) else id
            item = replace(item, id=own, origin=origin, parents=(task.id,))
        yield replace(item, requests=(*item.requests, request))
    if not settled:
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
