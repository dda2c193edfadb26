"""The one table of suites: their names, what they are of, and what makes them.

suite = suite_of("choice=cmmlu/", Options(shots=5))
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from selfinstruct.errors import UsageError, did_you_mean, quoted
from selfinstruct.evaluating.against import pairwise_suite
from selfinstruct.evaluating.choice import choice_suite
from selfinstruct.evaluating.examining import exam_suite, twins_suite
from selfinstruct.evaluating.following import ifeval_suite
from selfinstruct.evaluating.harness import PREFIX, harness_suite
from selfinstruct.evaluating.items import Item, Options, Suite
from selfinstruct.evaluating.reading import SOURCES
from selfinstruct.evaluating.texts import perplexity_suite
from selfinstruct.evaluating.written import superni_suite, user252_suite
from selfinstruct.filters.overlap import items_in
from selfinstruct.filters.overlap_words import Item as Overlapped
from selfinstruct.task import Task

__all__ = ["SUITES", "USUAL", "order_of", "overlapped", "suite_of", "suites_of"]


class Kind(NamedTuple):
    make: Callable[[str, Options], Suite]
    needs_file: bool
    text: str
    """What it is, for a list."""


SUITES = {
    "exam": Kind(exam_suite, False, "new tasks of the built-in families, marked by rules"),
    "twins": Kind(twins_suite, False, "each of them twice, with other names and numbers: both must be right"),
    "superni": Kind(superni_suite, True, "Super-NaturalInstructions' 119 test tasks, ROUGE-L"),
    "user252": Kind(user252_suite, True, "Self-Instruct's 252 user-oriented instructions, ROUGE-L"),
    "choice": Kind(choice_suite, True, "questions with choices: C-Eval, CMMLU, MMLU and rows like theirs"),
    "ifeval": Kind(ifeval_suite, True, "IFEval: instructions whose following a rule verifies"),
    "pairwise": Kind(pairwise_suite, True, "answers against answers before a judge, in both orders; a file, or exam"),
    "perplexity": Kind(perplexity_suite, True, "how well a text is predicted, by models on this machine"),
}
"""By name, in the order in which they are asked and shown; and lm_eval:NAME, by the harness's own names."""

USUAL = ("exam", "twins")


def suites_of(texts: Sequence[str], options: Options) -> list[Suite]:
    """The suites of `NAME` and `NAME=FILE`, in the table's order, each once. Raises UsageError."""
    found = {suite.name: suite for suite in (suite_of(text, options) for text in dict.fromkeys(texts or USUAL))}
    return sorted(found.values(), key=lambda suite: order_of(suite.name))


def order_of(name: str) -> tuple[int, str]:
    """Where a suite stands in the table, whatever order it was asked in."""
    kind = name.partition(":")[0]
    return list(SUITES).index(kind) if kind in SUITES else len(SUITES), name


def suite_of(text: str, options: Options) -> Suite:
    """One suite; with how many of its items are in what was trained on, where that is said. Raises UsageError."""
    if text.startswith(PREFIX):
        return harness_suite(text.removeprefix(PREFIX), options)
    name, equals, file = text.partition("=")
    if name not in SUITES:
        raise UsageError(f"no suite {quoted(name)}: {did_you_mean(name, [*SUITES, f'{PREFIX}NAME'])}")
    kind = SUITES[name]
    if not file and (equals or kind.needs_file):
        raise UsageError(f"--suite {name} needs a file, {name}=FILE: {SOURCES[name]}")
    suite = kind.make(file, options)
    return replace(suite, overlaps=overlapped(suite.items, options.trained)) if options.trained else suite


def overlapped(items: Iterable[Item], trained: Iterable[Task]) -> int:
    """How many items have a question, or an answer, that a task of the training data has as well, as the filter
    `overlap` finds it: copied, edited or in other words.
    """
    return len(items_in([Overlapped(item.task.id, item.parts) for item in items if item.parts], trained))
