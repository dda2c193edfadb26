"""Suites of EleutherAI's lm-evaluation-harness, by its own names: `--suite lm_eval:gsm8k`, on models of this machine.

What it computes is shown as it says it: the first figure of each task, with its own standard error.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from selfinstruct.errors import RunStopped, UsageError
from selfinstruct.evaluating.items import Mark, Options, Suite

__all__ = ["PREFIX", "harness_suite", "marks_of", "run_harness"]

PREFIX = "lm_eval:"
NEEDS = "the package lm-eval: pip install 'selfinstruct[harness]'"

Evaluate = Callable[..., Mapping[str, Any] | None]


def harness_suite(name: str, options: Options) -> Suite:
    """The suite of a task of the harness. Raises UsageError where it is not installed."""
    if not name:
        raise UsageError(f"--suite {PREFIX} names no task: give one, like {PREFIX}gsm8k")
    try:
        import lm_eval  # noqa: F401
    except ImportError:
        raise UsageError(f"--suite {PREFIX}{name} needs {NEEDS}") from None
    params = {"limit": options.limit, "num_fewshot": options.shots or None}
    return Suite(f"{PREFIX}{name}", "", (), params, way="harness")


def run_harness(suite: Suite, folder: str, base: str | None, evaluate: Evaluate | None = None) -> list[Mark]:
    """The marks of a task's items, as the harness logs them.

    folder  of the model; base: of an adapter's, whose folder it then is
    Raises UsageError for a task that it does not know.
    """
    if evaluate is None:
        from lm_eval import simple_evaluate

        evaluate = simple_evaluate
    name = suite.name.removeprefix(PREFIX)
    given = f"pretrained={base},peft={folder}" if base else f"pretrained={folder}"
    try:
        found = evaluate(model="hf", model_args=given, tasks=[name], log_samples=True, **suite.params)
    except (KeyError, ValueError) as error:
        raise UsageError(f"--suite {suite.name}: lm-eval says {' '.join(str(error).split())[:200]}") from None
    except Exception as error:  # a model's, a data set's, the hub's: whatever a task of theirs raises
        raise RunStopped(f"--suite {suite.name}: lm-eval stopped: {' '.join(repr(error).split())[:200]}") from error
    return marks_of(found or {})


def marks_of(found: Mapping[str, Any]) -> list[Mark]:
    """A mark for each item of each task, by the first figure of the task that samples have."""
    marks = []
    for task, samples in (found.get("samples") or {}).items():
        names = [key.partition(",")[0] for key in (found.get("results") or {}).get(task, {}) if "_stderr" not in key]
        for number, sample in enumerate(samples):
            figure = next((name for name in names if _is_number(sample.get(name))), None)
            if figure is None:
                continue
            id = f"{task}-{sample.get('doc_id', number)}-{sample.get('filter', '')}".rstrip("-")
            asked, wanted, answer = (_text(sample.get(name)) for name in ("doc", "target", "filtered_resps"))
            group = f"{task} ({figure})"
            marks.append(Mark(id, float(sample[figure]), group, "", "answered", asked, wanted, answer))
    return marks


def _is_number(value: Any) -> bool:
    return isinstance(value, bool | int | float) and math.isfinite(value)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)[:4000]
