"""Check: is an answer right, by what can be told exactly: code by its tests, maths by what is known, JSON by a schema?

Nobody is asked for an opinion: the prompt says in JSON what is to be checked, the role `checker` answers it, by default
this machine (teachers/checking), and its verdicts are in the journal like any answer.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any, ClassVar

from selfinstruct.errors import UsageError, quoted
from selfinstruct.stages.reading.code_answers import code_in
from selfinstruct.stages.reading.given_tests import given_tests, names_in
from selfinstruct.stages.reading.json_whole import json_text
from selfinstruct.task import Instance, Rejected, Task
from selfinstruct.teacher import Prompt, Response
from selfinstruct.text.final import final

__all__ = ["Check", "answer_of"]

BY = ("code", "math", "schema")
REFERENCES = (
    *("answer", "final_answer", "expected_answer", "ground_truth", "gold", "target", "reference", "solution"),
    *("参考答案", "答案"),
)
"""Keys of a row that may hold the right answer, the first of them first."""
NOTHING = "nothing to check against"


def _schema_of(name: str) -> str:
    """The text of a schema's file; anything else is a column's name, or the schema itself."""
    if not name.endswith(".json"):
        return name
    try:
        return json.dumps(json.loads(Path(name).read_text(encoding="utf-8")), ensure_ascii=False, sort_keys=True)
    except OSError as error:
        raise UsageError(f"cannot read the schema {name}: {error.strerror or error}") from None
    except (ValueError, RecursionError) as error:
        raise UsageError(f"the schema {name} is no JSON: {error}") from None


@dataclass(frozen=True, slots=True)
class Check:
    kind: ClassVar = "each"
    single: ClassVar = True
    asks: ClassVar = "checker"
    files: ClassVar = {"against": _schema_of}
    by: str = "code"
    """code: the tests of the row pass (needs --run-code). math: the final answer is that of the row. schema: the answer
    is JSON as the schema says."""
    against: str = ""
    """The column of the row that holds the tests, the right answer or the schema; "" looks where published data has
    them. Of schema also the schema itself, or in a recipe its file, NAME.json."""
    seconds: int = 5
    """Of the processor, that the code may take: all tests together, or each case of a program; and a formula."""
    memory: int = 1000
    """Megabytes that the code may take."""
    most: int = 100
    """Cases of input and output that are tried, the first ones."""

    def __post_init__(self) -> None:
        if self.by not in BY:
            raise UsageError(f"check: by is {quoted(self.by)}; it is one of {', '.join(BY)}")
        for name, least in (("seconds", 1), ("memory", 100), ("most", 1)):
            if getattr(self, name) < least:
                raise UsageError(f"check: {name} is {getattr(self, name)}; it should be at least {least}")
        if self.by == "schema" and self.against.lstrip().startswith("{"):
            try:
                json.loads(self.against)
            except (ValueError, RecursionError) as error:
                raise UsageError(f"check: the schema {quoted(self.against)} is no JSON: {error}") from None

    @property
    def runs_code(self) -> bool:
        """Whether it is not done unless it was asked for."""
        return self.by == "code"

    def lacks(self, task: Task) -> str:
        """What the row lacks that its answer, whatever it will be, is checked by; "" where it has all of that."""
        found = self._asked(replace(task, instances=(Instance("", "```\n0\n```"),)))
        return found.detail if isinstance(found, Rejected) and found.category == NOTHING else ""

    def settled(self, task: Task) -> list[Task | Rejected] | None:
        """Where there is nothing to check, or nothing to check it against, nobody is asked."""
        found = self._asked(task)
        return [found] if isinstance(found, Rejected) else None

    def prompt(self, tasks: tuple[Task, ...], rng: Random) -> Prompt:
        """{"by": "code", "code": …, "tests": …}, {"by": "math", "answer": …, "reference": …} or {"by": "schema", …}."""
        found = self._asked(tasks[0])
        asked = {} if isinstance(found, Rejected) else found
        return json.dumps({"by": self.by, **asked}, ensure_ascii=False, sort_keys=True)

    def parse(self, tasks: tuple[Task, ...], response: Response) -> Iterable[Task | Rejected]:
        """The task as it is, if {"passed": true}; or why it is dropped: {"passed": false, "what": …, "why": a line}."""
        task, verdict = tasks[0], _verdict(response.text)
        if verdict is None:
            yield Rejected(answer_of(task), "the verdict cannot be read", " ".join(response.text.split())[:100])
        elif verdict["passed"] is True:
            yield task
        else:
            what, why = (str(verdict.get(name) or "") for name in ("what", "why"))
            yield Rejected(answer_of(task), what or f"{self.by} failed", why)

    def _asked(self, task: Task) -> dict[str, Any] | Rejected:
        """What is to be checked, besides by what; or why nothing is."""
        answer = answer_of(task)
        if not answer.strip():
            return Rejected(answer, "no answer")
        return {"code": self._code, "math": self._math, "schema": self._schema}[self.by](task, answer)

    def _code(self, task: Task, answer: str) -> dict[str, Any] | Rejected:
        spec = given_tests(task.extra, self.against, self.most)
        if isinstance(spec, str):
            return Rejected(answer, NOTHING, spec)
        entry = str(spec.get("entry", ""))
        code = code_in(answer, names_in(spec), task.instruction, entry)
        if not code.strip():
            return Rejected(answer, "no code in the answer")
        return {"code": code, "seconds": self.seconds, "memory": self.memory, **spec}

    def _math(self, task: Task, answer: str) -> dict[str, Any] | Rejected:
        right = _known(task, self.against, REFERENCES)
        if right is None:
            return Rejected(answer, NOTHING, f"no {self.against or 'known answer'!r} in the row")
        reference = final(right) or (right.strip() if len(right) <= 200 else "")
        if not reference:
            return Rejected(answer, NOTHING, "the known answer has no final one")
        said = final(answer)
        if not said:
            return Rejected(answer, "no final answer")
        return {"answer": said, "reference": reference, "seconds": self.seconds}

    def _schema(self, task: Task, answer: str) -> dict[str, Any] | Rejected:
        text = (
            self.against
            if self.against.lstrip().startswith("{")
            else _known(task, self.against, ("schema", "json_schema"))
        )
        try:
            schema = json.loads(text or "")
        except (ValueError, RecursionError):
            return Rejected(answer, NOTHING, f"no schema in the row's {self.against or 'schema'!r}")
        if not isinstance(schema, dict | bool):
            return Rejected(answer, NOTHING, "the schema is no object")
        value = json_text(answer)
        if value is None:
            return Rejected(answer, "no JSON in the answer")
        return {"answer": value, "schema": schema, "seconds": self.seconds}


def answer_of(task: Task) -> str:
    """What is checked: the output, or the last answer of a conversation."""
    if task.instances:
        return task.instances[0].output
    return next((turn["content"] for turn in reversed(task.turns) if turn["role"] == "assistant"), "")


def _known(task: Task, column: str, names: Iterable[str]) -> str | None:
    """What the row has in the column, or in the first of the names, as a text."""
    for name in [column] if column else names:
        value = task.extra.get(name)
        if value not in (None, "", [], {}):
            if isinstance(value, list) and len(value) == 1 and not isinstance(value[0], dict):
                value = value[0]
            return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return None


def _verdict(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and isinstance(found.get("passed"), bool) else None
