"""Tasks, and how they look as rows of JSON lines.

A seed and a generated task are the same type at different ages: a row of ours is a superset of a row of the published
`seed_tasks.jsonl` (id, name, instruction, instances, is_classification), so an output is a valid seed file.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from math import isfinite
from random import Random
from typing import Any, NamedTuple, NotRequired, TypedDict, cast

__all__ = [
    "SUPERSEDED",
    "Evolved",
    "Instance",
    "Judged",
    "Message",
    "Reason",
    "Rejected",
    "Task",
    "drawn_for",
    "finite",
    "json_line",
    "rejected_from_row",
    "rejected_to_row",
    "stream_of",
    "task_from_row",
    "task_to_row",
]


@dataclass(frozen=True, slots=True)
class Instance:
    input: str
    """Empty when the instruction needs none."""
    output: str
    thoughts: str = ""
    """What the model wrote for itself before it answered, where the row has that apart."""


class Message(TypedDict):
    """One turn of a conversation, in OpenAI's shape; the keys from `thoughts` on are there where they say something."""

    role: str
    """system, user, assistant or tool."""
    content: str
    thoughts: NotRequired[str]
    """As those of an instance."""
    learned: NotRequired[bool]
    """False: the answer is context, and never to be learned."""
    tool_calls: NotRequired[list[dict[str, Any]]]
    """Of an answer: {"type": "function", "function": {"name": …, "arguments": {…}}, "id": …} each, the id if there is
    one."""
    tool_call_id: NotRequired[str]
    """Of a tool's turn: the call whose result it is."""
    name: NotRequired[str]
    """Of a tool's turn: the tool. Else who speaks, where several do."""
    extra: NotRequired[dict[str, Any]]
    """Keys of the turn that are not ours: kept, and written back."""


@dataclass(frozen=True, slots=True)
class Judged:
    """An answer that somebody, or something, has judged: alone (KTO), or beside others to the same question (DPO)."""

    turns: tuple[Message, ...]
    """Nearly always one, of the assistant."""
    good: bool
    """Whether it is chosen, not rejected."""
    score: float | None = None
    """On whatever scale the row has."""


@dataclass(frozen=True, slots=True)
class Evolved:
    """How a task was made out of another one, its parent."""

    operator: str
    round: int
    """From 1 on."""
    instruction: str
    """Of the parent, and so is the input."""
    input: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    id: str
    instruction: str
    instances: tuple[Instance, ...] = ()
    turns: tuple[Message, ...] = ()
    """A conversation, for methods that make dialogues; empty otherwise."""
    is_classification: bool | None = None
    """None until somebody said so."""
    origin: str = "seed"
    """The step that made the task, or "seed"."""
    parents: tuple[str, ...] = ()
    """Ids of the tasks it was made from: those shown to the teacher, or the one that was rewritten."""
    requests: tuple[str, ...] = ()
    """Ids of the requests whose answers made it, in order; the journal has both."""
    evolved: Evolved | None = None
    """None when it was not made by rewriting."""
    judged: tuple[Judged, ...] = ()
    """Of a preference task, whose turns are the question and all that came before it, and which has no instances: it
    is compared, never learned as it is."""
    tools: tuple[dict[str, Any], ...] = ()
    """What the model may call in the turns: {"type": "function", "function": {"name", "description", "parameters"}}."""
    extra: dict[str, Any] = field(default_factory=dict)
    """Keys of the row that are not ours: kept, and written back."""


class Reason(NamedTuple):
    """Why something is not in the dataset, for counting and for reading: never prose that has to be parsed again."""

    category: str
    """What is counted: "truncated", "too short", "rouge-l"."""
    detail: str = ""
    """The particulars: "0.83 to seed_task_12"."""

    def __str__(self) -> str:
        return f"{self.category}: {self.detail}" if self.detail else self.category


SUPERSEDED = Reason("evolved further")
"""Of a generation that nobody answers."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """Something the teacher wrote that is not in the dataset."""

    text: str
    category: str
    """Of the reason; and so is the detail."""
    detail: str = ""
    what: str = "task"
    """How much was lost: "task" (one proposed task), "answer" (a whole answer that held no task), "instance" (one
    instance; its task may live on with others) or "remark" (words around a list, never meant as a task)."""
    origin: str = ""
    """The step that rejected it; set by the run, as are all that follow."""
    task: str = ""
    """Id of the task; empty when there is none yet."""
    parents: tuple[str, ...] = ()
    """Of the task: ids of the tasks it was made from."""
    request: str = ""
    """Id of the request whose answer holds the text."""
    instruction: str = ""
    """Of a task that a later step rejects, when the text is that step's answer."""
    instances: tuple[Instance, ...] = ()
    """Of a task that had some when it was dropped."""
    evolved: Evolved | None = None
    """Of a rewritten task."""
    whole: dict[str, Any] = field(default_factory=dict)
    """The row of a task of somebody's data that has more than instruction and instances: turns, tools, its own keys; of
    others the keys that a step gave it."""
    axes: dict[str, str] = field(default_factory=dict)
    """What it was to be about, where that was drawn."""

    @property
    def reason(self) -> Reason:
        return Reason(self.category, self.detail)

    @property
    def is_proposal(self) -> bool:
        """Whether it was to be a task, and so counts among what was proposed; instances and remarks do not."""
        return self.what in ("task", "answer")


OWN_KEYS = (
    *("id", "instruction", "instances", "turns", "is_classification", "origin", "parents", "requests", "evolved"),
    *("judged", "tools"),
)


def task_to_row(task: Task) -> dict[str, Any]:
    """The row of a task: keys in a fixed order, then the extra ones; what is empty from turns on is left out."""
    row: dict[str, Any] = {"id": task.id, "instruction": task.instruction}
    row["instances"] = [_instance_row(instance) for instance in task.instances]
    row["is_classification"] = task.is_classification
    if task.turns:
        row["turns"] = [dict(turn) for turn in task.turns]
    row["origin"] = task.origin
    if task.parents:
        row["parents"] = list(task.parents)
    if task.requests:
        row["requests"] = list(task.requests)
    if task.evolved:
        row["evolved"] = asdict(task.evolved)
    if task.judged:
        row["judged"] = [_judged_row(judged) for judged in task.judged]
    if task.tools:
        row["tools"] = list(task.tools)
    return row | task.extra


def _instance_row(instance: Instance) -> dict[str, Any]:
    row = {"input": instance.input, "output": instance.output}
    return row | {"thoughts": instance.thoughts} if instance.thoughts else row


def _judged_row(judged: Judged) -> dict[str, Any]:
    row: dict[str, Any] = {"turns": [dict(turn) for turn in judged.turns], "good": judged.good}
    return row if judged.score is None else row | {"score": judged.score}


def task_from_row(row: dict[str, Any], default_id: str = "") -> Task:
    """The task of a row. Raises ValueError, saying what is wrong, when a key that we know has the wrong shape."""
    instruction = row.get("instruction")
    if not isinstance(instruction, str) or not instruction.strip():
        found = f"it is {_shown(instruction)}" if "instruction" in row else "the key is missing"
        raise ValueError(f"no instruction: {found}")
    label = row.get("is_classification")
    if not isinstance(label, bool | None):
        raise ValueError(f"is_classification is {_shown(label)}, not true, false or null")
    return Task(
        id=str(row.get("id", default_id)),
        instruction=instruction,
        instances=tuple(_instance(i) for i in _list(row, "instances")),
        turns=tuple(_message(t) for t in _list(row, "turns")),
        is_classification=label,
        origin="seed" if row.get("origin") is None else str(row["origin"]),
        parents=tuple(str(p) for p in _list(row, "parents")),
        requests=tuple(str(r) for r in _list(row, "requests")),
        evolved=_evolved(row.get("evolved")),
        judged=tuple(_judged(j) for j in _list(row, "judged")),
        tools=tuple(_tool(t) for t in _list(row, "tools")),
        extra={key: value for key, value in row.items() if key not in OWN_KEYS},
    )


def rejected_to_row(rejected: Rejected) -> dict[str, Any]:
    """The row of rejected.jsonl, the reason first, so that it can be read down the margin; empty fields left out."""
    row: dict[str, Any] = {"category": rejected.category}
    row |= {"detail": rejected.detail} if rejected.detail else {}
    row["text"] = rejected.text
    if rejected.instances:
        row["instances"] = [_instance_row(instance) for instance in rejected.instances]
    names = ("instruction", "what", "origin", "task", "parents", "request")
    row |= {name: getattr(rejected, name) for name in names if getattr(rejected, name)}
    row |= {"parents": list(rejected.parents)} if rejected.parents else {}
    row |= {"evolved": asdict(rejected.evolved)} if rejected.evolved else {}
    row |= {"axes": rejected.axes} if rejected.axes else {}
    return row | {"whole": rejected.whole} if rejected.whole else row


def rejected_from_row(row: dict[str, Any]) -> Rejected:
    """The inverse of `rejected_to_row`, for rows that it made."""
    names = ("text", "category", "detail", "what", "origin", "task", "request", "instruction")
    instances = tuple(_instance(value) for value in _list(row, "instances"))
    given = {name: str(row[name]) for name in names if name in row}
    parents = tuple(str(parent) for parent in _list(row, "parents"))
    whole = dict(row.get("whole") or {})
    axes = drawn_for(row)
    return Rejected(
        **given, parents=parents, instances=instances, evolved=_evolved(row.get("evolved")), whole=whole, axes=axes
    )


def drawn_for(row: Mapping[str, Any]) -> dict[str, str]:
    """What a task of ours was to be about, by axis, as its extra keys or the row of a rejected one have it; {} where
    nothing was drawn, and of somebody's data that means something else by `axes`.
    """
    axes = row.get("axes")
    if not isinstance(axes, dict) or not all(isinstance(text, str) for pair in axes.items() for text in pair):
        return {}
    return dict(axes)


def _encoder() -> Callable[[Any, int], Iterable[str]]:
    """From a value, and 0, to the parts of its JSON. Raises ValueError for NaN and the infinities."""
    plain = json.JSONEncoder(ensure_ascii=False, allow_nan=False)
    try:  # json.dumps makes this one anew for each value, which takes as long as a short row
        quoted = json.encoder.encode_basestring
        made = json.encoder.c_make_encoder(None, plain.default, quoted, None, ": ", ", ", False, False, False)  # type: ignore[attr-defined]
        made({"a": [1.5, None]}, 0)
    except (AttributeError, TypeError):  # another Python than CPython, or one to come
        return lambda value, _: (plain.encode(value),)
    return cast("Callable[[Any, int], Iterable[str]]", made)


_parts = _encoder()


def json_line(row: dict[str, Any]) -> bytes:
    """One line of JSON, UTF-8, readable (no \\u escapes), with its newline; NaN and the infinities, which JSON has not,
    are null.
    """
    try:
        parts = _parts(row, 0)
    except ValueError:
        parts = _parts(finite(row), 0)
    return ("".join(parts) + "\n").encode("utf-8", "backslashreplace")


def finite(value: Any) -> Any:
    """The value with None for every number in it that is NaN or infinite."""
    match value:
        case float():
            return value if isfinite(value) else None
        case list() | tuple():
            return [finite(inner) for inner in value]
        case dict():
            return {name: finite(inner) for name, inner in value.items()}
    return value


def _list(row: dict[str, Any], key: str) -> list[Any]:
    value = row.get(key)
    if not isinstance(value, list | None):
        raise ValueError(f"{key} is not a list but {_shown(value)}")
    return value or []


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)[:60]


def _instance(value: Any) -> Instance:
    match value:
        case {"input": str(given), "output": str(wanted), "thoughts": str(thoughts)}:
            return Instance(given, wanted, thoughts)
        case {"input": str(given), "output": str(wanted)}:
            return Instance(given, wanted)
    raise ValueError(f"an instance needs the texts input and output; this one is {_shown(value)}")


TURN: dict[Any, type] = {
    "thoughts": str,
    "learned": bool,
    "tool_calls": list,
    "tool_call_id": str,
    "name": str,
    "extra": dict,
}
"""What else a turn of ours may have, and of which type."""


def _message(value: Any) -> Message:
    match value:
        case {"role": str(), "content": str(), **more} if all(
            isinstance(more[key], TURN.get(key, str)) for key in more
        ):
            return cast(Message, dict(value))
    raise ValueError(f"a turn needs the texts role and content; this one is {_shown(value)}")


def _judged(value: Any) -> Judged:
    match value:
        case {"turns": list(turns), "good": bool(good), "score": int(score) | float(score)}:
            return Judged(tuple(map(_message, turns)), good, score)
        case {"turns": list(turns), "good": bool(good)}:
            return Judged(tuple(map(_message, turns)), good)
    raise ValueError(f"a judged answer needs turns and whether it is good; this one is {_shown(value)}")


def _tool(value: Any) -> dict[str, Any]:
    match value:
        case {"function": {"name": str()}}:
            return dict(value)
    raise ValueError(f"a tool needs a function with a name; this one is {_shown(value)}")


def _evolved(value: Any) -> Evolved | None:
    match value:
        case None:
            return None
        case {"operator": str(operator), "round": int(number), "instruction": str(instruction), "input": str(given)}:
            return Evolved(operator, number, instruction, given)
    raise ValueError(f"evolved needs operator, round, instruction and input; this one is {_shown(value)}")


def stream_of(name: str) -> Random:
    """The random stream of this name, which may hold a user's id: half a surrogate pair, as in JSON, is no error.

    The same as `Random(name)` for all other names.
    """
    return Random(name.encode("utf-8", "backslashreplace"))
