"""selfinstruct: a few seed tasks and a teacher in, an instruction-tuning dataset out."""

import os

from selfinstruct.task import Instance, Message, Rejected, Task
from selfinstruct.teacher import Prompt, Request, Response, Teacher

__all__ = ["Instance", "Message", "Prompt", "Rejected", "Request", "Response", "Task", "Teacher"]

__version__ = "0.1.0"

if not os.path.isdir(os.path.join(__path__[0], "finetune")):
    # In a checkout it is beside this folder, where `python -m selfinstruct train` looks for it.
    __path__.append(os.path.dirname(__path__[0]))
