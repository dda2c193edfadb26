"""The command line: read options, call one function, print. The only place that knows click."""

from __future__ import annotations

from selfinstruct.cli import (
    asking,
    branching,
    data,
    doctoring,
    evaluating,
    exams,
    exporting,
    looking,
    mixing,
    pricing,
    reporting,
    reviewing,
    scoring,
    selecting,
    serving,
    tokenizing,
    training,
)
from selfinstruct.cli.group import main

__all__ = [
    "asking",
    "branching",
    "data",
    "doctoring",
    "evaluating",
    "exams",
    "exporting",
    "looking",
    "main",
    "mixing",
    "pricing",
    "reporting",
    "reviewing",
    "scoring",
    "selecting",
    "serving",
    "tokenizing",
    "training",
]
