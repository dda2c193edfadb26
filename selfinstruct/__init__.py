"""selfinstruct: a few seed tasks and a teacher in, an instruction-tuning dataset out."""

from selfinstruct.task import Instance, Message, Rejected, Task
from selfinstruct.teacher import Prompt, Request, Response, Teacher

__all__ = ["Instance", "Message", "Prompt", "Rejected", "Request", "Response", "Task", "Teacher"]

__version__ = "0.1.0"
