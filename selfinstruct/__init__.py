"""selfinstruct: a few seed tasks and a teacher in, an instruction-tuning dataset out.

from selfinstruct import run

done = run("self_instruct", num=200, out="runs/first")
"""

import os
import sys
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from typing import TYPE_CHECKING, Any

from selfinstruct.errors import BudgetReached, RunStopped, SelfinstructError, UsageError
from selfinstruct.task import Instance, Message, Reason, Rejected, Task
from selfinstruct.teacher import Prompt, Request, Response, Teacher

if TYPE_CHECKING:
    from selfinstruct.api import Run, arun, run
    from selfinstruct.evaluating.evaluate import evaluate
    from selfinstruct.filters import Filter
    from selfinstruct.finetune.train import train
    from selfinstruct.rows.reading import read_tasks
    from selfinstruct.rows.writing.writing import write_rows
    from selfinstruct.running.identity import named
    from selfinstruct.running.recipe import Recipe, Step
    from selfinstruct.stages import Stage

__all__ = [
    "BudgetReached",
    "Filter",
    "Instance",
    "Message",
    "Prompt",
    "Reason",
    "Recipe",
    "Rejected",
    "Request",
    "Response",
    "Run",
    "RunStopped",
    "SelfinstructError",
    "Stage",
    "Step",
    "Task",
    "Teacher",
    "UsageError",
    "arun",
    "evaluate",
    "named",
    "read_tasks",
    "run",
    "train",
    "write_rows",
]

__version__ = "0.1.0"

_LATER = {
    "selfinstruct.api": ("Run", "arun", "run"),
    "selfinstruct.evaluating.evaluate": ("evaluate",),
    "selfinstruct.filters": ("Filter",),
    "selfinstruct.finetune.train": ("train",),
    "selfinstruct.rows.writing.writing": ("write_rows",),
    "selfinstruct.rows.reading": ("read_tasks",),
    "selfinstruct.running.identity": ("named",),
    "selfinstruct.running.recipe": ("Recipe", "Step"),
    "selfinstruct.stages": ("Stage",),
}
"""Loaded when they are first asked for: `selfinstruct --help` must not wait for numpy and asyncio."""


def __getattr__(name: str) -> Any:
    for module, names in _LATER.items():
        if name in names:
            return getattr(import_module(module), name)
    raise AttributeError(f"module 'selfinstruct' has no attribute {name!r}")


_finetune = os.path.join(os.path.dirname(os.path.dirname(__file__)), "finetune")
if not os.path.isdir(os.path.join(__path__[0], "finetune")) and os.path.isdir(_finetune):
    # In a checkout it is beside this folder, where `python -m selfinstruct train` looks for it: this one name and no
    # other, for a longer __path__ would let selfinstruct.selfinstruct be a second package with a Task of its own.
    _spec = spec_from_file_location("selfinstruct.finetune", os.path.join(_finetune, "__init__.py"))
    if _spec and _spec.loader:
        finetune = sys.modules[_spec.name] = module_from_spec(_spec)
        _spec.loader.exec_module(sys.modules[_spec.name])
