"""What a teacher is: an async function from a Request to a Response.

The OpenAI-compatible client, the journal, the retries, the budget, the built-in rules and the tests' fakes all have
this one shape, so they wrap one another: `journal(throttle(budget(endpoint)))`.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple, Protocol

from selfinstruct.task import Message

__all__ = ["Limits", "Prompt", "Request", "Response", "Teacher"]

Prompt = str | tuple[Message, ...]
"""A text (one user message, or a prefix to continue, as the API has it) or a whole conversation. A conversation that
ends with the assistant's turn is to be gone on with from its last word (a prefill), where the teacher can."""


_canonical = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
# Made once: json.dumps makes an encoder for each call, a third of its time on a short request.


@dataclass(frozen=True)
class Request:
    """One question to a teacher. Nothing operational is in it: the same request may be answered from the journal."""

    prompt: Prompt
    model: str
    params: dict[str, Any] = field(default_factory=dict)
    """temperature, top_p, max_tokens, presence_penalty, frequency_penalty, stop …: by OpenAI's names."""
    sample: int = 0
    """Tells deliberate repeats of one prompt apart: 0 for the first time it is asked, 1 for the second …"""
    api: str = ""
    """ "completions": the prompt is a bare beginning, to be gone on with without any template. "": as the teacher is
    asked otherwise."""

    def to_json(self) -> str:
        """Canonical JSON: sorted keys, no spaces, so that equal requests have equal bytes."""
        return self._json

    @cached_property
    def _json(self) -> str:
        whole = {"model": self.model, "params": self.params, "prompt": self.prompt, "sample": self.sample}
        return _canonical(whole | {"api": self.api} if self.api else whole)

    @classmethod
    def from_json(cls, text: str) -> Request:
        """The request of such a text."""
        parts = json.loads(text)
        prompt = parts["prompt"] if isinstance(parts["prompt"], str) else tuple(parts["prompt"])
        return cls(prompt, parts["model"], parts["params"], parts["sample"], parts.get("api", ""))

    @cached_property
    def key(self) -> str:
        """The SHA-256 of the canonical JSON, 64 hexadecimal digits: the request's name in the journal."""
        return hashlib.sha256(self.to_json().encode("utf-8", "backslashreplace")).hexdigest()

    @property
    def id(self) -> str:
        """The first 12 digits of the key: how rows and messages name the request."""
        return self.key[:12]


class Limits(NamedTuple):
    """What a server's headers say that it allows; None where they do not say."""

    requests: float | None = None
    """That may be sent in a minute."""
    requests_left: float | None = None
    requests_reset: float | None = None
    """Seconds until all of them may be sent again."""
    tokens: float | None = None
    tokens_left: float | None = None
    tokens_reset: float | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """What a teacher answered. The fields from `cost` on are about the work it took and never reach a dataset."""

    text: str
    """As the teacher wrote it, its thoughts included where it writes them before the answer."""
    finish_reason: str = "stop"
    """"stop" (complete), "length" (cut by max_tokens); or without text, for good: "content_filter", "context_length",
    "declined" (the server refuses this request, or never answers it), "too_large" (longer than --max-answer)."""
    model: str = ""
    """The model that answered, in the server's words; may be more exact than the one asked for."""
    input_tokens: int | None = None
    """None when the server gave no usage."""
    output_tokens: int | None = None
    error: str = ""
    """Why there is no text, in the server's words: "HTTP 400: …"."""
    cost: float | None = field(default=None, compare=False)
    """Dollars, as billed; None where no price is known, which is not the same as nothing."""
    seconds: float = field(default=0.0, compare=False)
    """From sending the attempt that succeeded to its answer."""
    attempts: int = field(default=1, compare=False)
    thoughts: str = ""
    """What the server gives apart as the model's reasoning; what stands in the text is found by text/markers.py."""
    cached_tokens: int | None = field(default=None, compare=False)
    """Of the input, those that were read from the provider's cache; None when it did not say."""
    written_tokens: int | None = field(default=None, compare=False)
    """Of the input, those that were written to its cache."""
    thinking_tokens: int | None = field(default=None, compare=False)
    """Of the output, those of the thoughts."""
    tier: str = field(default="", compare=False)
    """As the provider bills it: "default", "flex", "priority", "batch" …; "" when it did not say."""
    limits: Limits | None = field(default=None, compare=False, repr=False)
    """What came with it about the server's limits, for `throttle` only: never journaled."""


class Teacher(Protocol):
    async def __call__(self, request: Request, /) -> Response:
        """Answer. Raises TeacherFailed or BudgetReached to stop the run; inside `throttle` also Transient."""
        ...
