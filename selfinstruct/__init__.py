"""selfinstruct: a few seed tasks and a teacher in, an instruction-tuning dataset out."""

import os
import sys
from importlib.util import module_from_spec, spec_from_file_location

from selfinstruct.task import Instance, Message, Rejected, Task
from selfinstruct.teacher import Prompt, Request, Response, Teacher

__all__ = ["Instance", "Message", "Prompt", "Rejected", "Request", "Response", "Task", "Teacher"]

__version__ = "0.1.0"

_finetune = os.path.join(os.path.dirname(os.path.dirname(__file__)), "finetune")
if not os.path.isdir(os.path.join(__path__[0], "finetune")) and os.path.isdir(_finetune):
    # In a checkout it is beside this folder, where `python -m selfinstruct train` looks for it: this one name and no
    # other, for a longer __path__ would let selfinstruct.selfinstruct be a second package with a Task of its own.
    _spec = spec_from_file_location("selfinstruct.finetune", os.path.join(_finetune, "__init__.py"))
    if _spec and _spec.loader:
        finetune = sys.modules[_spec.name] = module_from_spec(_spec)
        _spec.loader.exec_module(sys.modules[_spec.name])
