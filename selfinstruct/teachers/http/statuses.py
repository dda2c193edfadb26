"""What HTTP errors mean: for this request, for the run, or only for now. Pure, from a reply.

No two servers say it alike; the tables below hold what each is known to say, and are looked for only in the codes and
words of an error, never in the prompt that some servers repeat beside them.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from selfinstruct.errors import Declined, TeacherFailed, Transient, quoted
from selfinstruct.teacher import Request, Response
from selfinstruct.teachers.estimate import estimate_tokens
from selfinstruct.teachers.http.bodies import UNSUPPORTED
from selfinstruct.teachers.http.headers import limits_of, wait_of
from selfinstruct.teachers.http.room import Room, is_about_room, room_of, round_down
from selfinstruct.teachers.http.wire import Reply

__all__ = ["ERRORS", "Asker", "Said", "meaning", "parsed", "said_by"]

# Azure "content management policy", OpenAI "usage policy" and "flagged", DashScope, DeepSeek, Zhipu.
FILTER = re.compile(
    r"content[ _](filter|management|moderation|policy)|responsible ?ai|usage polic|safety system|flagged"
    r"|data_inspection_failed|inappropriate content|content exists risk|敏感内容",
    re.IGNORECASE,
)
# OpenAI's 400 for a reasoning model whose thoughts took all of max_tokens.
SPENT = re.compile(r"could not finish the message because max_tokens|model output limit was reached", re.IGNORECASE)
# Of the model, by other statuses than 404: OpenRouter "is not a valid model ID", LiteLLM "Invalid model name", Mistral
# "Invalid model: …", DeepSeek "Model Not Exist", Zhipu, transformers (HTTP 500) "is not a valid model identifier".
NO_MODEL = re.compile(
    r"\bmodels?\b[:/]? ?[`'\"“]?[^\s`'\"”]{0,150}[`'\"”]? ?((is |was )?not found|(does not|doesn't|not) exist)"
    r"|not a valid model\b|no such model|unknown model"
    r"|invalid[ _]model\b|model_not_found|模型不存在",
    re.IGNORECASE,
)
# llama.cpp's slots share one cache, which others' requests had filled: with fewer at once there is room again.
FULL = re.compile(r"context size has been exceeded", re.IGNORECASE)
# Of /completions: OpenAI "This is a chat model and not supported in the v1/completions endpoint", Azure "The completion
# operation does not work with the specified model", DeepSeek "completions api is only available when using beta api".
NO_TEXT = re.compile(r"chat model|v1/(?:chat/)?completions|completions? (?:api|operation|endpoint)", re.IGNORECASE)
TEMPLATE = re.compile(r"chat[ _]template", re.IGNORECASE)  # transformers and vLLM, of a base model asked by chat
# What a 403 says that is about who asks, and not about what is asked.
KEY = re.compile(
    r"api[ _-]?key|\bkey\b|credential|unauthori[sz]ed|authenticat|access token|not allowed to sample", re.I
)

DECLINED = (400, 403, 413, 422)
PASSING = (408, 409, 429)  # and 500 and above
WAITS = ("retryDelay", "retry_after", "retryAfter", "retry_after_seconds")
ERRORS = range(400, 600)


@dataclass(frozen=True, slots=True, repr=False)
class Said:
    """The codes and the words of an error's body. No repr: it may hold a key."""

    codes: str
    words: str
    wait: str = ""
    """What a field of the body says about waiting: "34s"."""

    def __str__(self) -> str:
        return f"{self.codes} {self.words}"


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks whom, as far as messages show it."""

    model: str
    """The server's own name of it."""
    where: str
    """The address, without what is secret in it."""
    blamed: str
    """What was sent to say who asks: "the key in OPENAI_API_KEY", "the login in the base URL" or nothing."""
    clean: Callable[[str], str]
    """Makes foreign text fit for a message."""


def meaning(
    reply: Reply, said: Said, request: Request, api: str, asker: Asker, now: float
) -> Response | Transient | TeacherFailed:
    """What an HTTP error to a request that was sent by `api` means: an empty Response (never for this prompt), or the
    exception to raise."""
    status, text, where = reply.status, str(said), asker.where
    words = asker.clean(said.words) or asker.clean(reply.reason)
    if status in (400, 413, 422, 500):  # 500: llama-cpp-python
        if SPENT.search(text):
            return Response("", "length", asker.model)
        if is_about_room(text) and not (status == 500 and FULL.search(text)):
            return _no_room(request, text, words)
    if status in (400, 403, 422) and FILTER.search(text):
        return Response("", "content_filter", asker.model)
    if status in (401, 403):
        return _forbidden(status, text, words, asker)
    if request.api == api == "completions" and _takes_no_text(status, text):
        return TeacherFailed(
            f"the server at {where} goes on with no bare text (HTTP {status} at /completions: {words}), as this step "
            "has to ask: take one that does (vLLM, SGLang, llama.cpp), or a model in this process (gguf:FILE, "
            "local:FOLDER)"
        )
    if status == 404 or (status in (400, 422, 500, 503) and NO_MODEL.search(text)):
        return TeacherFailed(
            f"the server at {where} has no model {quoted(asker.model)}: {words}; {_missing(api, text)}"
        )
    if "insufficient_quota" in text:
        return TeacherFailed(f"the account at {where} has nothing left to spend: {words}")
    if status in PASSING or status >= 500:
        wait = wait_of(reply.headers, status, f"{said.wait} {said.words}"[:2000], now)
        limited = status == 429 or (status in (503, 529) and wait is not None)
        limits = limits_of(reply.headers, now)
        return Transient(f"HTTP {status} from {where}: {words}", wait, limited=limited, limits=limits)
    if 300 <= status < 400:
        there = asker.clean(reply.headers.get("location", "").partition("?")[0]) or "nowhere"
        return TeacherFailed(f"{where} sends us on to {there} (HTTP {status}): give that address as --base-url")
    message = f"the server at {where} refused the request (HTTP {status}): {words}"
    if status not in DECLINED:
        return TeacherFailed(message)
    hint, about = _advice(request, said) if status in (400, 422) else ("", "")
    return Declined(message + hint, f"HTTP {status}: {words}", about)


def _takes_no_text(status: int, text: str) -> bool:
    """Whether an error to a bare text is about the API and neither about the model nor about the prompt."""
    if status in (405, 501) or (status == 404 and not NO_MODEL.search(text)):
        return True
    return status in (400, 404, 422) and NO_TEXT.search(text) is not None


def _missing(api: str, text: str) -> str:
    """What to do about a 404: the model, the address, or an API that it is not asked by."""
    if api != "chat" and re.search(r"chat[ /]|not a (completion|text)", text, re.IGNORECASE):
        return "it may be a chat model: use --api chat"
    hint = "check --model and --base-url, which mostly ends in /v1"
    return hint if api == "chat" else f"{hint}; not every server has --api {api}"


def _no_room(request: Request, text: str, words: str) -> Declined:
    """The prompt is too long, or max_tokens too large beside it: with the figures, as far as the server gave them."""
    params = request.params
    name = next((name for name in ("max_tokens", "max_completion_tokens") if params.get(name)), "max_tokens")
    asked = params.get(name)
    asked = asked if isinstance(asked, int) else None
    room = room_of(text, asked, estimate_tokens(request.prompt)) or Room("prompt")
    if room.blamed == "prompt":
        long = f" of {room.prompt:,} tokens" if room.prompt else ""
        context = f" of {room.context:,}" if room.context else f" ({words})"
        return Declined(
            f"a prompt{long} is longer than the server's context{context}: start it with a longer one (llama.cpp -c, "
            "vLLM --max-model-len, SGLang --context-length, Ollama num_ctx), or name another --model",
            f"a prompt{long} in a context{context}" if room.context else words,
            "prompt",
        )
    beside = f" beside a prompt of {room.prompt:,} tokens" if room.prompt else ""
    limit = f" (its context: {room.context:,})" if room.context else f" ({room.most:,} at most)" if room.most else ""
    said = f"{name}={asked or 'unset'} is more than the server gives{beside}{limit or f' ({words})'}"
    figure = round_down(room.most) if room.most and room.context else room.most
    to_set = f"{name}: {figure} or less" if figure and figure > 0 else f"a smaller {name}"
    longer = ", or start the server with a longer context" if room.context else ""
    return Declined(f"{said}: set {to_set} in the recipe's teacher{longer}", said, room.blamed)


def _advice(request: Request, said: Said) -> tuple[str, str]:
    """What a refusal says to change, and what of the request it is about: a parameter that the server does not know, or
    has one value for, is wrong for every row."""
    text = str(said)
    if TEMPLATE.search(text):
        return "; the model has no chat template: use --api completions", "setting"
    if not UNSUPPORTED.search(text):
        named = next((name for name in said.codes.split() if name in request.params), "")  # OpenAI's `param`
        return (f"; set {named} otherwise in the recipe's teacher", "setting") if named else ("", "")
    for name in request.params:
        # By itself "stop" or "user" is a word of any sentence.
        if re.search(rf"\b{re.escape(name)}\b" if "_" in name else rf"[\'\"`]{re.escape(name)}\b", text) or (
            name == "temperature" and name in text
        ):
            return f"; set {name}: null in the recipe's teacher", "setting"
    return "; set that parameter to null in the recipe", ""


def _forbidden(status: int, text: str, words: str, asker: Asker) -> TeacherFailed:
    """Without the body where that is about the key: some servers echo it, or the half of it."""
    if asker.blamed:
        message = f"the server at {asker.where} refused {asker.blamed} (HTTP {status})"
    else:
        message = f"the server at {asker.where} wants a key (HTTP {status}): set OPENAI_API_KEY"
    if status == 401 or KEY.search(text):
        return TeacherFailed(message)
    return Declined(f"{message}: {words}" if words else message, f"HTTP {status}: {words}")


def parsed(content: bytes) -> Any:
    """The JSON of a body; None when it is none."""
    try:
        return json.loads(content)
    except RecursionError:
        return None
    except ValueError:
        pass
    try:  # a number of more than 4,300 digits, which Python refuses to read as an int
        return json.loads(content, parse_int=float)
    except (ValueError, RecursionError):
        return None


def said_by(content: bytes, row: Any, depth: int = 0) -> Said:
    """What an error's body says, `row` being its JSON. Not all of the body: some servers repeat the prompt in it."""
    if isinstance(row, list) and len(row) == 1:  # Gemini's
        row = row[0]
    if not isinstance(row, dict):
        return Said("", row if isinstance(row, str) else _page(content.decode("utf-8", "replace")))
    error = row.get("error", row)
    if not isinstance(error, dict):
        return Said(str(row.get("error_type", "")), str(error), _wait(row))
    codes = [error.get("code"), error.get("type"), error.get("param"), error.get("status")]
    if isinstance(inner := error.get("innererror"), dict):  # Azure's
        codes.append(inner.get("code"))
    codes += [f"{name}={error[name]}" for name in ("n_prompt_tokens", "n_ctx") if type(error.get(name)) is int]
    words = error.get("message") or error.get("detail") or ""
    if isinstance(words, list):  # a validator's: where and what, without the input
        parts = [part for part in words if isinstance(part, dict)]
        words = "; ".join(f"{part.get('loc')} {part.get('msg')} ({part.get('type')})" for part in parts)
    inner = error.get("metadata")
    raw = inner.get("raw") if isinstance(inner, dict) else None
    if isinstance(raw, str) and not depth:  # OpenRouter's "Provider returned error", and what that provider said
        content = raw.encode("utf-8", "replace")
        within = said_by(content, parsed(content), depth + 1)
        codes, words = [*codes, within.codes], f"{words}: {within.words}"
    return Said(" ".join(str(code) for code in codes if code), str(words), _wait(error) or _wait(row))


def _page(text: str) -> str:
    """The text of a page, its title first: what a proxy or a firewall sends."""
    shown = re.sub(r"<(?:style|script)\b[^<>]*>[^<]*", " ", text, flags=re.IGNORECASE)
    return html.unescape(re.sub(r"<[^<>]*>", " ", shown))


def _wait(error: dict[str, Any]) -> str:
    """How long to wait by a field of the body, as a text to be read like the words: Gemini's retryDelay and others."""
    details = error.get("details")
    for part in [error, error.get("metadata"), *(details if isinstance(details, list) else [])]:
        for name in (
            ("retryDelay", "retry_after", "retryAfter", "retry_after_seconds") if isinstance(part, dict) else ()
        ):
            if isinstance(part.get(name), str | int | float):
                return f"retry after {str(part[name])[:40]}"
    return ""
