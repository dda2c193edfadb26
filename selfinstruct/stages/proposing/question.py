"""Question: questions about a passage of a document, each with an answer out of it.

One request makes the questions and the answers: asked for the questions alone, and then for an answer to each, models
answer as well, for three times the price of the text (pipelines/README.md has the figures).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from random import Random
from typing import Any, ClassVar

from selfinstruct.errors import UsageError
from selfinstruct.stages.prompting import asked_as_json, check_prompts, filled, prompt_of
from selfinstruct.stages.reading.echoes import echo_of
from selfinstruct.stages.reading.json_answers import schema_of, strictly
from selfinstruct.stages.reading.pairs import Pair, pairs_in
from selfinstruct.stages.reading.passages import passage_of, without_passage
from selfinstruct.task import Instance, Rejected, Task
from selfinstruct.teacher import Prompt, Response
from selfinstruct.text.standalone import not_said, points_to_text

__all__ = ["Question"]

MOST = 20
KEYS = ("question", "answer")


@dataclass(frozen=True, slots=True)
class Question:
    kind: ClassVar = "each"
    reads: ClassVar = "passage"
    expected: ClassVar = 60
    many: int = 3
    """How many questions about each passage."""
    passage: bool = True
    """Whether the rows have the passage as their input. False: they are questions of general knowledge, and one that
    speaks of a text that nobody has is rejected."""
    language: str = "en"
    """Of the prompt; answers are read in either."""
    text: str = ""
    """A prompt of one's own, with the same places as ours; "" is ours. In a recipe: `prompt: FILE`."""
    structured: bool = False
    """Ask for JSON by a schema, where the server can: {"questions": [{"question": "…", "answer": "…"}, …]}."""

    def __post_init__(self) -> None:
        if not 1 <= self.many <= MOST:
            raise UsageError(f"question: many is {self.many}; it is how many questions about a passage, 1 to {MOST}")
        check_prompts(self)

    @property
    def prompts(self) -> dict[str, str]:
        return {"text": "question" if self.passage else "question_closed"}

    @property
    def per_answer(self) -> int:
        """Tasks that a whole answer has, for estimates."""
        return self.many

    def settled(self, task: Task) -> list[Task | Rejected] | None:
        """A task without a passage is rejected: there is nothing to ask about."""
        return without_passage(task)

    def prompt(self, tasks: tuple[Task, ...], rng: Random) -> Prompt:
        """What is wanted, where the passage is from, and the passage."""
        task = tasks[0]
        title = str(task.extra.get("title") or task.instruction)
        text = filled(prompt_of(self), many=str(self.many), title=title, passage=passage_of(task))
        return asked_as_json("json_question", self.language, text) if self.structured else text

    def schema(self, tasks: tuple[Task, ...]) -> dict[str, Any] | None:
        """{"questions": [{"question": text, "answer": text}, …]}; None unless `structured`."""
        return schema_of("questions", KEYS) if self.structured else None

    def parse(self, tasks: tuple[Task, ...], response: Response) -> Iterable[Task | Rejected]:
        """A task for each question, its answer the output and the passage, unless it is left out, the input; and why
        each of the others is none. The passage is kept in extra all the same.
        """
        task, seen = tasks[0], set[str]()
        pairs, remarks = self._pairs(response)
        if not any(isinstance(pair, Rejected) for pair in pairs) and not pairs:
            yield Rejected(response.text, "no question in the answer", what="answer")
            return
        for pair in pairs:
            if isinstance(pair, Rejected):
                yield pair
                continue
            key = " ".join(pair.question.casefold().split())
            if fault := self._fault(pair, key in seen):
                yield Rejected(f"{pair.question}\n{pair.answer}".strip(), *fault)
                continue
            seen.add(key)
            given = passage_of(task) if self.passage else ""
            yield replace(task, id="", instruction=pair.question, instances=(Instance(given, pair.answer),))
        yield from (Rejected(remark, "not part of the list", what="remark") for remark in remarks)

    def _pairs(self, response: Response) -> tuple[list[Pair | Rejected], list[str]]:
        strict = strictly(response.text, "questions", KEYS) if self.structured else None
        if strict is not None:
            return [
                item if isinstance(item, Rejected) else Pair(item["question"], item["answer"]) for item in strict
            ], []
        pairs, remarks = pairs_in(response.text, cut=response.finish_reason == "length")
        return [*pairs], remarks

    def _fault(self, pair: Pair, again: bool) -> tuple[str, str] | None:
        """Why it is no row, with the particulars."""
        if pair.fault:
            return pair.fault, ""
        if again:
            return "asked before", ""
        if pair.answer.casefold().strip(" .?") == pair.question.casefold().strip(" .?"):
            return "the answer is the question", ""
        if copied := echo_of(pair.question, prompt_of(self), []):
            return "copied from the prompt", copied
        if found := not_said(pair.answer):
            return "not in the passage", found
        if not self.passage and (found := points_to_text(pair.question) or points_to_text(pair.answer)):
            return "cannot stand alone", found
        return None
