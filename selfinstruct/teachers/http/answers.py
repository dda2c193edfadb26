"""What servers answer, read: text, thoughts, how it ended and what it took. Pure, from the JSON of a reply.

response = answer_of(request, "chat", row, model="gpt-…", clean=clean)     # None: the row holds no answer

Text stays as it was written, `<think>` and end tokens included (text/markers takes them off); what a server gives apart
as reasoning goes to `thoughts`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from selfinstruct.errors import Transient
from selfinstruct.teacher import Request, Response
from selfinstruct.teachers.http.bodies import begun
from selfinstruct.text.markers import parted

__all__ = ["answer_of", "count", "usage_of"]

NAME = 200  # characters of a model's name that is taken over from a server
TIER = 40  # and of a service tier's
COUNT = 2**53  # tokens; no answer has as many, and no JSON number above is exact

ENDS = {
    # OpenAI, Mistral (its context is full), Anthropic, Gemini, TGI, /responses
    **dict.fromkeys(
        ("length", "max_tokens", "max_output_tokens", "model_length", "max_length", "model_context_window_exceeded"),
        "length",
    ),
    # OpenAI, Azure, Gemini, Anthropic, Zhipu, Bedrock, Cohere
    **dict.fromkeys(
        ("content_filter", "content_filtered", "contentfilter", "safety", "recitation", "blocklist", "spii"),
        "content_filter",
    ),
    **dict.fromkeys(
        ("prohibited_content", "image_safety", "refusal", "sensitive", "guardrail_intervened", "error_toxic"),
        "content_filter",
    ),
    # vLLM, OpenRouter, DeepSeek, Zhipu, SGLang: the server stopped half-way
    **dict.fromkeys(
        ("abort", "aborted", "error", "insufficient_system_resource", "network_error", "cancelled"), "broken"
    ),
}
"""Reasons to finish by the words of many, in lower case with underscores. Whatever else one says ("eos", "end_turn",
"stop_sequence", "tool_calls", nothing at all): the answer is complete."""

# Where the counts of tokens stand, by many: OpenAI and all that follow it, /responses, DeepSeek, Moonshot, Anthropic's
# names (by OpenRouter and LiteLLM).
IN, OUT = ("prompt_tokens", "input_tokens"), ("completion_tokens", "output_tokens")
IN_PARTS, OUT_PARTS = (
    ("prompt_tokens_details", "input_tokens_details"),
    (
        "completion_tokens_details",
        "output_tokens_details",
    ),
)
CACHED = ("cached_tokens", "prompt_cache_hit_tokens", "cache_read_input_tokens", "cache_read_tokens")
STORED = ("cache_write_tokens", "cache_creation_input_tokens", "cache_creation_tokens")

THOUGHTS = ("reasoning_content", "reasoning", "thinking", "reasoning_details")
"""Where thoughts stand beside an answer: DeepSeek, SGLang, older vLLM and llama.cpp; newer vLLM, Ollama and OpenRouter;
a few others; OpenRouter again, in parts, with the same in them."""


def answer_of(
    request: Request, api: str, row: Any, *, model: str, where: str, clean: Callable[[str], str]
) -> Response | Transient | None:
    """The answer that a reply's JSON holds to a request that was sent by `api`; None when it holds none, Transient when
    the server stopped half-way. `model` is its name when the server does not say."""
    match row:
        case {"choices": [{"message": dict(message), **choice}, *_]} if api == "chat":
            content = message.get("content")
            read = _Read(_text(content), _thoughts(message) or "\n".join(_in_parts(content)))
            read.refusal = _refusal(message.get("refusal"), content)
            read.calls = message.get("tool_calls") or message.get("function_call")
            read.finish = choice.get("finish_reason")
        case {"choices": [{"text": str(text), **choice}, *_]} if api == "completions":
            read = _Read(text, _thoughts(choice))
            read.finish = choice.get("finish_reason")
        case {"output": list(items), **rest} if api == "responses" and _is_over(items, rest.get("status")):
            read = _of_items(items, row)
        case _:
            return None
    return _made(request, api, row, read, model, where, clean)


def _is_over(items: list[Any], status: object) -> bool:
    return status == "incomplete" or (bool(items) and status in (None, "completed"))


class _Read:
    """What stands where in an answer."""

    def __init__(self, text: str, thoughts: str) -> None:
        self.text, self.thoughts = text, thoughts
        self.refusal = ""
        self.calls: Any = None
        self.finish: Any = None


def _made(
    request: Request, api: str, row: dict[str, Any], read: _Read, model: str, where: str, clean: Callable[[str], str]
) -> Response | Transient:
    finish = _finish(read.finish)
    if finish == "broken":
        return Transient(f"{where} broke off its answer ({read.finish})", billed=True)
    text, error = read.text, ""
    if not text and read.refusal:
        finish, error = "content_filter", clean(read.refusal)
    elif not text and read.calls and finish == "stop":
        finish, error = "declined", f"it called {clean(_called(read.calls))} instead of answering"
    elif finish == "content_filter":
        text = ""
    if start := begun(request.prompt):
        text = _without(text, start)
    if api == "responses" and (stop := request.params.get("stop")):
        text, finish = _up_to(text, finish, [stop] if isinstance(stop, str) else stop)
    said, tier = row.get("model"), row.get("service_tier")
    response = Response(
        text,
        finish_reason=finish,
        model=said if isinstance(said, str) and 0 < len(said) <= NAME else model,
        error=error,
        thoughts=read.thoughts,
        tier=tier if isinstance(tier, str) and len(tier) <= TIER else "",
    )
    return usage_of(row.get("usage"), response)


def _finish(reason: object) -> str:
    if not isinstance(reason, str):
        return "stop"
    return ENDS.get(reason, "") or ENDS.get(reason.lower().replace("-", "_").replace(" ", "_"), "stop")


def _text(content: Any) -> str:
    """The text of a message: a string, None (nothing was said), or parts, of which thinking is not the answer."""
    if isinstance(content, list):
        parts = [part for part in content if isinstance(part, dict) and part.get("type") in ("text", "output_text")]
        return "".join(str(part.get("text", "")) for part in parts)
    return content if isinstance(content, str) else ""


def _thoughts(message: dict[Any, Any]) -> str:
    for name in THOUGHTS:
        if thoughts := "\n".join(_thought(message.get(name))):
            return thoughts
    return ""


def _in_parts(content: Any) -> Iterator[str]:
    """The thoughts among the parts of a message: Mistral's "thinking", others' "reasoning"."""
    for part in content if isinstance(content, list) else ():
        if isinstance(part, dict) and part.get("type") in ("thinking", "reasoning", "thought"):
            yield from _thought([part])


def _thought(said: Any, depth: int = 0) -> Iterator[str]:
    """The texts in thoughts: a string, or parts such as OpenRouter's reasoning.text and reasoning.summary, Mistral's
    thinking (whose own parts are texts), /responses' reasoning_text and summary_text; not what is encrypted."""
    if isinstance(said, str):
        if said:
            yield said
    elif isinstance(said, list) and depth < 4:
        for part in said:
            if isinstance(part, dict):
                for name in ("thinking", "text", "summary", "content", "reasoning"):
                    yield from _thought(part.get(name), depth + 1)
    elif isinstance(said, dict) and depth < 4:
        for name in ("text", "content", "summary"):
            yield from _thought(said.get(name), depth + 1)


def _refusal(refusal: Any, content: Any) -> str:
    if isinstance(refusal, str) and refusal:
        return refusal
    for part in content if isinstance(content, list) else ():
        if isinstance(part, dict) and part.get("type") == "refusal":
            return str(part.get("refusal") or "refused")
    return "refused" if refusal else ""


def _called(calls: Any) -> str:
    """The name of the tool that a model called, though it was offered none."""
    call = calls[0] if isinstance(calls, list) and calls else calls
    call = call.get("function", call) if isinstance(call, dict) else {}
    name = call.get("name") if isinstance(call, dict) else None
    return f"the tool {name!r}" if isinstance(name, str) else "a tool"


def _of_items(items: list[Any], row: dict[str, Any]) -> _Read:
    """The answer in the items of /responses: messages, what was thought before them, calls."""
    said = [item for item in items if isinstance(item, dict)]
    messages = [item for item in said if item.get("type") == "message"]
    # Remarks on the way ("I'll look that up") come before what the model calls its answer.
    final = [item for item in messages if item.get("phase") != "commentary"] or messages
    parts = [part for item in final if isinstance(item.get("content"), list) for part in item["content"]]
    thoughts = [item.get("content") or item.get("summary") for item in said if item.get("type") == "reasoning"]
    read = _Read(_text(parts), "\n\n".join(filter(None, ("\n".join(_thought(each)) for each in thoughts))))
    read.refusal = _refusal(None, parts)
    read.calls = [item for item in said if str(item.get("type", "")).endswith("_call")]
    details = row.get("incomplete_details")
    if isinstance(details, dict):
        read.finish = details.get("reason")
    elif row.get("status") == "incomplete":
        read.finish = "length"
    return read


def _without(text: str, start: str) -> str:
    """What follows the beginning that was given, whether or not the server repeats it. Thoughts stay before it."""
    answer = parted(text).answer
    if not text.endswith(answer):
        return text
    before, rest, wanted = text[: len(text) - len(answer)], answer.lstrip(), start.strip()
    if not wanted or not rest.startswith(wanted):
        return text
    return before + rest[len(wanted) :]


def _up_to(text: str, finish: str, marks: Any) -> tuple[str, str]:
    """The text up to the first stop sequence, for an API that knows none: as other servers cut it."""
    ends = [text.find(mark) for mark in marks if isinstance(mark, str) and mark and mark in text]
    return (text[: min(ends)], "stop") if ends else (text, finish)


# Usage


def usage_of(usage: Any, response: Response) -> Response:
    """The response with its tokens, as they are billed."""
    if not isinstance(usage, dict):
        return response
    given, written = _of(usage, IN), _of(usage, OUT)
    inside, beside = _part(usage, IN_PARTS), _part(usage, OUT_PARTS)
    thinking = _of(beside, ("reasoning_tokens",)) if "reasoning_tokens" in beside else _of(usage, ("reasoning_tokens",))
    total = count(usage.get("total_tokens"))
    if given is not None and written is not None and total is not None and total > given + written:
        # xAI and Gemini leave thoughts out of the completion's tokens, and bill them; the total has them.
        left = total - given - written
        thinking, written = (thinking or left, written + left) if thinking in (None, left) else (thinking, written)
    return replace(
        response,
        input_tokens=given,
        output_tokens=written,
        cached_tokens=_within(_of(inside, CACHED), _of(usage, CACHED), given),
        written_tokens=_within(_of(inside, STORED), _of(usage, STORED), given),
        thinking_tokens=_within(thinking, None, written),
    )


def _of(counts: dict[str, Any], names: tuple[str, ...]) -> int | None:
    for name in names:
        if (found := count(counts.get(name))) is not None:
            return found
    return None


def _part(usage: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    for name in names:
        if isinstance(part := usage.get(name), dict):
            return part
    return {}


def _within(first: int | None, second: int | None, whole: int | None) -> int | None:
    """A part of a whole, by the first place that states it, and never more than the whole."""
    part = second if first is None else first
    return part if part is None or whole is None else min(part, whole)


def count(value: Any) -> int | None:
    """A number of tokens; None for whatever is no such number (1e999, -3, "12", true)."""
    if type(value) is int:
        return value if 0 <= value < COUNT else None
    if not isinstance(value, float) or not 0 <= value < COUNT or value != int(value):
        return None
    return int(value)
