"""A teacher that says what it was told to: for the tests, and for people testing stages of their own.

teacher = scripted(["first answer", "second answer"])               # a queue
teacher = scripted(lambda request: "yes" if "spam" in request.prompt else "no")
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterable

from selfinstruct.errors import TeacherFailed
from selfinstruct.teacher import Request, Response, Teacher

__all__ = ["Answer", "scripted"]

Answer = str | Response | BaseException
"""A text (complete), a whole Response, or an exception to raise."""


def scripted(answers: Callable[[Request], Answer | Awaitable[Answer]] | Iterable[Answer]) -> Teacher:
    """The teacher that answers by a function of the request (may be async), or from a queue in the order asked."""
    if isinstance(answers, str):  # an iterable too, of letters
        raise TypeError("scripted wants a list of answers or a function, not one text: scripted([text])")
    queue = iter(()) if callable(answers) else iter(answers)

    async def teacher(request: Request, /) -> Response:
        if callable(answers):
            said = answers(request)
            answer: Answer | None = await said if inspect.isawaitable(said) else said
        else:
            answer = next(queue, None)
        if answer is None:
            raise _ran_out(request)
        if isinstance(answer, BaseException):
            raise answer
        return Response(answer, model=request.model) if isinstance(answer, str) else answer

    return teacher


def _ran_out(request: Request) -> TeacherFailed:
    prompt = request.prompt if isinstance(request.prompt, str) else request.prompt[-1]["content"]
    return TeacherFailed(f"the scripted answers ran out at the prompt that ends in {prompt[-80:]!r}")
