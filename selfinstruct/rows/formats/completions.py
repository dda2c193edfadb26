"""Formats of texts: a question and its answer in columns, prompts with their completions, and text alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from selfinstruct.rows.formats.learnable import held, singles
from selfinstruct.task import Task, stream_of

__all__ = ["alpaca", "completion", "text"]


def alpaca(task: Task) -> Iterator[dict[str, Any]]:
    """{"instruction", "input", "output"}: Stanford Alpaca's."""
    for instruction, given, output in singles(task):
        yield {"instruction": instruction, "input": given, "output": output}


# Self-Instruct tuned GPT-3 on several layouts, so that the model does not depend on one: 7 with input, 6 without
# (2212.10560, appendix; REFERENCE "For tuning"). The layouts below are ours.
WITH_INPUT = (
    ("{instruction}\n\nInput: {input}\n\nOutput:", " {output}"),
    ("{instruction}\nInput: {input}\nOutput:", " {output}"),
    ("Task: {instruction}\n\n{input}\n\nAnswer:", " {output}"),
    ("{instruction}\n\n{input}\n\nOutput:", " {output}"),
    ("{instruction}\n\n{input}\n\n", "{output}"),
    ("{instruction}\n{input}\n\n", "{output}"),
    ("Task: {instruction}\nInput: {input}\n\n", "{output}"),
)
WITHOUT_INPUT = (
    ("{instruction}\n\nOutput:", " {output}"),
    ("{instruction}\nOutput:", " {output}"),
    ("{instruction}\n\n", "{output}"),
    ("{instruction}\n", "{output}"),
    ("Task: {instruction}\n\n", "{output}"),
    ("Task: {instruction}\nAnswer:", " {output}"),
)


# The published script cuts at any single colon; we leave "Call at 12:30" and "https://…" whole.
FIELD = re.compile(r"\s*[^\W\d][^:：\n]{0,40}(?::\s+|：\s*)(?=\S)")


def completion(task: Task) -> Iterator[dict[str, Any]]:
    """{"prompt", "completion"}: one of the published kind of layouts, drawn by the task's id; for base models."""
    for number, (instruction, given, output) in enumerate(singles(task)):
        rng = stream_of(f"{task.id}/{number}")
        # Half of the time the name of a single field goes: "Sentence: It rains." becomes "It rains."
        if field := FIELD.match(given) if given.count(":") + given.count("：") == 1 else None:
            given = given[field.end() :] if rng.random() < 0.5 else given
        prompt, answer = rng.choice(WITH_INPUT if given else WITHOUT_INPUT)
        parts = {"instruction": instruction.strip(), "input": given, "output": output}
        yield {"prompt": prompt.format(**parts), "completion": answer.format(**parts)}


def text(task: Task) -> Iterator[dict[str, Any]]:
    """{"text"}: all that is said, a blank line between turns and nothing to tell them apart; for pre-training."""
    for turns in held(task, "text"):
        yield {"text": "\n\n".join(filter(None, (turn["content"] for turn in turns)))}
