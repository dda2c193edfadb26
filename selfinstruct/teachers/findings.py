"""What each thing that `doctor` saw means for a run, and what to do about it. Pure: from facts to one line.

context_found("vLLM", 4096, None, needs).line()     # "✓ context      4,096 tokens: every recipe fits"
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from selfinstruct.errors import SelfinstructError, Transient, did_you_mean, quoted
from selfinstruct.teacher import Response
from selfinstruct.teachers.servers import Page, Server
from selfinstruct.text.markers import parted

__all__ = [
    *("Finding", "Needs", "Outcome", "answer_found", "completions_found", "context_found", "endpoint_found"),
    *("key_found", "model_found", "most_found", "parameters_found", "prefill_found", "price_found", "responses_found"),
    *("seeds_found", "structured_found", "thinks", "thoughts_found"),
]

Outcome = Response | SelfinstructError
"""Of one attempt."""
Needs = Mapping[str, tuple[int, int]]
""" "recipe, step" to tokens of its longest prompt and answer: running/needs.py."""

MARKS = {True: "✓", False: "✗", None: "–"}
LISTED = 8  # names of models in a line
QUIET = {
    "OpenAI": "reasoning_effort: minimal",
    "Ollama": "reasoning_effort: none",
    "vLLM": "chat_template_kwargs: {enable_thinking: false}",
    "SGLang": "chat_template_kwargs: {enable_thinking: false}",
    "llama.cpp": "chat_template_kwargs: {enable_thinking: false}",
    "transformers serve": "chat_template_kwargs: {enable_thinking: false}",
}
"""How a model that may think is told not to, in a recipe's `teacher:`. Models that always think have no such thing."""
LARGER = {
    "vLLM": "start it with --max-model-len",
    "SGLang": "start it with --context-length",
    "llama.cpp": "start it with a larger -c, which is divided among the slots (-np)",
    "Ollama": "start it with OLLAMA_CONTEXT_LENGTH=8192, or give the model PARAMETER num_ctx 8192",
    "LM Studio": "load the model with a larger context length",
}
"""What sets the context."""
ANY_NAME = ("SGLang", "llama.cpp")
"""Servers of one model, which answer by it whatever is asked for."""


@dataclass(frozen=True, slots=True)
class Finding:
    check: str
    fine: bool | None
    """False: a run would not work. None: it cannot be told, or is not to be had and a run can do without."""
    says: str
    do: str = ""
    """What to do about it."""

    def line(self) -> str:
        return f"{MARKS[self.fine]} {self.check:12} {self.says}{f': {self.do}' if self.do else ''}"


def key_found(key: str, local: bool) -> Finding:
    """Of OPENAI_API_KEY as it is set; nothing of it is in the words."""
    name, again = "OPENAI_API_KEY", "copy the key again, and nothing else"
    if not key.strip():
        if local:
            return Finding("key", None, f"{name} is not set; most servers of one's own want none")
        return Finding("key", False, f"{name} is not set", f"export {name}=…")
    if not key.strip().isascii() or any(not "!" <= char <= "~" for char in key.strip()):
        return Finding("key", False, f"{name} holds spaces or characters that no key has", again)
    if key.strip()[0] in "\"'`":
        return Finding("key", False, f"{name} begins with a quotation mark", again)
    if key.strip().lower().startswith(("http:", "https:")):
        return Finding("key", False, f"{name} is an address", f"{again}; an address is given as --base-url")
    if not local and (len(key.strip()) < 16 or "your" in key.lower() or "…" in key or "..." in key):
        return Finding("key", False, f"{name} looks like a placeholder", again)
    return Finding("key", True, f"{name} is set")


def endpoint_found(where: str, server: Server, pages: Mapping[str, Page], words: str = "") -> Finding:
    """Whether something that speaks the API is at the base URL, and what. `words`: of the server's refusal, cleaned."""
    page = pages["/models"]
    if not any(each.status for each in pages.values()):
        return Finding("endpoint", False, page.error or f"no answer from {where}", "is it running, on this port?")
    for end in ("/chat/completions", "/completions", "/responses", "/models"):
        if where.endswith(end):
            return Finding("endpoint", False, f"--base-url ends in {end}", f"give {where.removesuffix(end)}")
    if page.status == 503 and server.kind in ("", "llama.cpp") and not server.models:
        return Finding(
            "endpoint", False, f"{where} is not ready (HTTP 503: {words or 'no words'})", "wait, and look again"
        )
    if page.status == 401:
        return Finding("endpoint", False, f"{where} refuses the key, or wants one (HTTP 401)", "set OPENAI_API_KEY")
    if 300 <= page.status < 400:
        return Finding("endpoint", False, f"{where} sends us on to another address", "give that one as --base-url")
    if page.status == 404 and pages.get("!/v1/models", Page()).status in (200, 401):
        root = where.partition("//")[2].partition("/")[0]
        return Finding(
            "endpoint", False, f"{where} is not the API's address", f"give {where.partition('//')[0]}//{root}/v1"
        )
    if page.status == 200 and server.models is not None and not isinstance(page.row, dict | list):
        return Finding(
            "endpoint", False, f"{where} sends a web page", "give the API's address, which mostly ends in /v1"
        )
    name = f"{server.kind} {server.version}".strip() or "a server of no kind known here"
    if page.status != 200:
        said = f" ({words})" if words else ""
        return Finding("endpoint", None, f"{name} at {where}, whose list of models is HTTP {page.status}{said}")
    return Finding("endpoint", True, f"{name} at {where}")


def model_found(model: str, server: Server) -> Finding:
    """Whether the server has it."""
    names = server.models
    if names is None:
        return Finding("model", None, f"{quoted(model)}: the server has no list to find it in")
    if model in names or (server.kind == "Ollama" and f"{model}:latest" in names):
        return Finding("model", True, f"{model}, one of {len(names):,}" if len(names) > 1 else model)
    shown = names[:LISTED] if len(names) <= LISTED else _nearest(model, names)
    if server.kind in ANY_NAME and names:
        what = f"{server.kind} calls its model {quoted(names[0])} and answers by it whatever is asked for"
        return Finding("model", None, what, f"--model {names[0]} says what was asked")
    if server.kind == "transformers serve":
        what = f"{quoted(model)} is none of those that it has downloaded: it will try to"
        return Finding("model", None, what)
    pull = f"; `ollama pull {model}` fetches it" if server.kind == "Ollama" else ""
    there = did_you_mean(model, shown) if names else "its list is empty"
    return Finding("model", False, f"there is no {quoted(model)}", f"{there}{pull}")


def _nearest(model: str, names: Sequence[str]) -> Sequence[str]:
    import difflib

    return difflib.get_close_matches(model, names, LISTED, 0.3) or names[:LISTED]


def thinks(outcome: Outcome) -> bool:
    return isinstance(outcome, Response) and bool(
        outcome.thoughts or outcome.thinking_tokens or parted(outcome.text).thoughts
    )


def answer_found(outcome: Outcome, seconds: float) -> Finding:
    """Of one short question."""
    if isinstance(outcome, Transient):
        waits = f"a run waits and tries again: {outcome}"
        return Finding("request", None if outcome.limited else False, str(outcome) if not outcome.limited else waits)
    if isinstance(outcome, SelfinstructError):
        return Finding("request", False, str(outcome))
    if outcome.finish_reason not in ("stop", "length"):
        return Finding("request", False, f"refused a greeting ({outcome.finish_reason})", outcome.error)
    if not parted(outcome.text).answer.strip():
        if outcome.finish_reason == "length":
            what = f"nothing but thoughts in {outcome.output_tokens or 'so many'} tokens"
            return Finding("request", False, what, "switch them off, or raise max_tokens in the recipe beyond that")
        what = f"an empty answer ({outcome.finish_reason})"
        return Finding("request", False, what, "does the model have a chat template? Try --api completions")
    took = f"answered in {seconds:.1f} s ({outcome.finish_reason})"
    if outcome.input_tokens is None or outcome.output_tokens is None:
        return Finding("request", None, f"{took}, without usage", "--budget goes by estimates")
    return Finding("request", True, f"{took}, {outcome.input_tokens:,} + {outcome.output_tokens:,} tokens")


def parameters_found(refused: Outcome | None, params: Mapping[str, Any]) -> Finding:
    """Whether it takes what our recipes set. `refused`: its refusal, when it answered without them."""
    names = ", ".join(name for name in params if name != "max_tokens")
    if refused is None:
        return Finding("parameters", True, f"takes {names}")
    return Finding("parameters", False, str(refused), "set what it names to null in the recipe's teacher: {…}")


def thoughts_found(outcome: Response, kind: str) -> Finding:
    """Whether the model thinks, and where its thoughts come."""
    if not thinks(outcome):
        return Finding("thoughts", True, "none: it answers at once")
    inline = parted(outcome.text).thoughts
    where = "apart from the answer" if outcome.thoughts else "in the answer, and are taken off" if inline else ""
    count = outcome.thinking_tokens or (outcome.output_tokens if not parted(outcome.text).answer.strip() else None)
    many = f"; {count:,} tokens before a greeting" if count else ""
    says = f"it thinks: thoughts come {where}{many}" if where else f"it thinks, and does not show it{many}"
    off = QUIET.get(kind, "reasoning_effort: low")
    ends = "steps with a small max_tokens (classify: 8) end before the answer"
    return Finding("thoughts", None, says, f"{ends}; raise it, or in the recipe teacher: {{{off}}}")


def context_found(kind: str, context: int | None, could: int | None, needs: Needs) -> Finding:
    """Whether our recipes' prompts and answers fit. `could`: what the model is able to, where that is more."""
    larger = LARGER.get(kind, "take a model with more")
    if context is None:
        cuts = (
            "; Ollama gives 4,096 tokens where it has less than 24 GB of VRAM, and cuts longer prompts without a word"
        )
        known = f"; the model itself could have {could:,}" if could else ""
        return Finding("context", None, f"it does not say{known}{cuts if kind == 'Ollama' else ''}")
    short = {name: sum(tokens) for name, tokens in needs.items() if sum(tokens) > context}
    recipes = {name.partition(",")[0] for name in needs}
    too_long = {name.partition(",")[0] for name in short}
    more = f" of {could:,} that the model could have" if could and could > context else ""
    if not short:
        return Finding("context", True, f"{context:,} tokens{more}: every recipe fits")
    worst = max(short, key=lambda name: short[name])
    says = f"{context:,} tokens{more}; {_listed(too_long)} may not fit ({worst}: {short[worst]:,})"
    says += ", and longer prompts are cut without a word" if kind == "Ollama" else ""
    return Finding(
        "context", False if 2 * len(too_long) > len(recipes) else None, says, f"{larger}, or lower max_tokens there"
    )


def most_found(outcome: Outcome, most: int) -> Finding:
    """Whether it takes the largest max_tokens of our recipes."""
    if isinstance(outcome, Response) and outcome.finish_reason != "context_length":
        return Finding("max_tokens", True, f"takes {most:,}, the most that a recipe sets")
    said = outcome.error or "longer than its context" if isinstance(outcome, Response) else str(outcome)
    return Finding("max_tokens", None, f"{most:,}, which alpaca sets, is refused: {said}", "lower it in the recipe")


def structured_found(outcome: Outcome, thinker: bool) -> Finding:
    """Whether it answers by a JSON schema."""
    plain = "a recipe's `structured: true` is of no use here"
    if isinstance(outcome, SelfinstructError):
        return Finding("structured", None, f"refuses response_format: {outcome}", plain)
    answer = parted(outcome.text).answer.strip()
    try:
        fine = isinstance(json.loads(answer), dict)
    except ValueError:
        fine = False
    if fine:
        return Finding("structured", True, "answers by a JSON schema")
    if thinker and outcome.finish_reason == "length":
        return Finding("structured", None, "cannot be told: its thoughts took all tokens")
    if outcome.finish_reason == "length" and answer.startswith("{"):
        return Finding("structured", True, "answers by a JSON schema, at length")
    return Finding("structured", None, "takes response_format and does not answer by it", plain)


def prefill_found(outcome: Outcome, begun: str, wanted: str, chosen: bool, thinker: bool) -> Finding:
    """Whether it goes on with the beginning of its own turn. `wanted`: how a continuation starts."""
    hurts = False if chosen else None
    if isinstance(outcome, SelfinstructError):
        return Finding("prefill", hurts, f"does not go on with its own turn: {outcome}", "use another --api")
    answer = parted(outcome.text).answer.strip()
    if answer.removeprefix(begun).lstrip().startswith(wanted):
        return Finding("prefill", True, "goes on with its own turn")
    if thinker and not answer:
        return Finding("prefill", None, "cannot be told: it thinks first")
    return Finding("prefill", hurts, "begins a new answer instead of going on with its turn", "use another --api")


def completions_found(outcome: Outcome, wanted: str, chosen: bool) -> Finding:
    hurts = False if chosen else None
    if isinstance(outcome, SelfinstructError):
        return Finding("completions", hurts, f"not to be had: {outcome}", "use --api chat" if chosen else "")
    if outcome.text.lstrip().startswith(wanted):
        return Finding("completions", True, "goes on with a bare beginning")
    what = "answers a beginning as a question: it puts its chat template around it, or the model does not count"
    return Finding("completions", None, what)


def responses_found(outcome: Outcome, chosen: bool) -> Finding:
    if isinstance(outcome, Response) and (outcome.text.strip() or thinks(outcome)):
        return Finding("responses", True, "answers at /responses")
    said = str(outcome) if isinstance(outcome, SelfinstructError) else "an empty answer"
    return Finding("responses", False if chosen else None, f"not to be had: {said}")


def price_found(price: str, local: bool) -> Finding:
    """Of the model; `price` as --price takes it, "" when it is not known."""
    if price:
        return Finding("price", True, f"${price} per million tokens (input/…/output)")
    advice = "" if local else "--price IN/OUT, or a file of your own, makes --budget count dollars"
    return Finding("price", None, "not known", advice)


def seeds_found(first: Outcome, second: Outcome) -> Finding:
    """Of one question asked twice with the same seed at temperature 1."""
    if isinstance(first, SelfinstructError) or isinstance(second, SelfinstructError):
        failed = first if isinstance(first, SelfinstructError) else second
        return Finding("seeds", None, f"cannot be told: {failed}")
    if (first.text, first.thoughts) == (second.text, second.thoughts):
        return Finding("seeds", True, "the same seed gave the same text twice")
    return Finding("seeds", None, "the same seed gave two texts", "only a run's journal gives the same answers again")


def _listed(names: set[str]) -> str:
    few = sorted(names)
    return ", ".join(few[:4]) + (f" and {len(few) - 4} more" if len(few) > 4 else "")
