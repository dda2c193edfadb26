"""What servers say when a request is too large for them: is it the prompt, or max_tokens beside it? Pure.

room = room_of("This model's maximum context length is 2048 tokens. However, you requested …", 2048, about=33)
room.blamed, room.context, room.prompt, room.most          # "max_tokens", 2048, 33, 2015

No two servers say it alike, and most say both in one sentence. A prompt that by itself does not fit is the row's; a
max_tokens that no prompt leaves room for is the recipe's, and is to be told with the figure that would do.
"""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["Room", "is_about_room", "room_of", "round_down"]

N = r"([0-9][0-9,]{0,12})"
TOKENS = r"max_?(?:completion_?|output_?|new_?)?_?tokens"

# OpenAI and vLLM "maximum context length", llama.cpp "exceed_context_size", "context window", Ollama "prompt too long",
# TGI "`inputs` tokens", Gemini "token count", xAI "maximum prompt length", Moonshot "model token limit", SiliconFlow
# "max_seq_len", DashScope "Range of input length", OpenAI's newest "configured limit".
CONTEXT = re.compile(
    r"context[ _](length|limit|size|window)|max\w{0,20} (model|prompt) length|prompt (\([^()]{0,40}\) )?(is )?too long"
    r"|`inputs` (tokens|must)|token count \S{0,20} ?exceeds|max_tokens must be at least 1, got -|max_seq_len"
    r"|model token limit|range of input length|tokens exceed the configured limit|input (is )?too long"
    r"|too large for model with",
    re.IGNORECASE,
)
# What is said of max_tokens whatever the prompt is, with the largest that is given.
MOST = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"supports at most {N} (?:completion|output)",  # OpenAI, Azure
        rf"{TOKENS}[^\[\]]{{0,60}}\[ ?[0-9]+ ?, ?{N}",  # DeepSeek, DashScope, Zhipu: "[1, 8192]"
        rf"{TOKENS}\W{{0,3}}[0-9]+ > {N}, which is the max",  # Anthropic
        rf"{TOKENS} > {N} must",  # Fireworks, "… must have stream=true"
        # Groq, Cohere and others: "`max_tokens` must be less than or equal to `8192`".
        rf"{TOKENS}[^.\[\]]{{0,60}}?(?:less than or equal to|<=|≤|at most|no (?:more|greater) than|not exceed"
        rf"|can'?t exceed|limited to|maximum (?:value )?(?:is|of))\W{{0,3}}{N}",
        rf"output size exceeds the model limit of {N}",
    )
)
BELOW = re.compile(rf"supported range is from [0-9]+ \(inclusive\) to {N} \(exclusive\)", re.IGNORECASE)  # Vertex AI
TOO_LARGE = re.compile(rf"{TOKENS}\S{{0,3}} (?:is |was )?too (?:large|big|high|long)", re.IGNORECASE)
BOTH = re.compile(r"`inputs` tokens \+ `max_new_tokens`", re.IGNORECASE)  # TGI and Together: a sum, in MOST's words

CONTEXTS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"[0-9]+ \+ [0-9]+ > {N}",  # Anthropic "context limit: 199000 + 20000 > 200000"
        rf"`max_new_tokens` must be <= {N}",
        rf"> {N} maximum",
        rf"{N} maximum context length",  # Mistral
        rf"context[ _](?:length|limit|size|window)(?!\w| by)[^0-9.]{{0,40}}?{N}",
        rf"(?:model|prompt) length (?:of|is|:) ?{N}",
        rf"(?:model token limit|max_seq_len|configured limit)[^0-9.]{{0,12}}{N}",
        rf"(?:number of tokens allowed|exceeds the maximum token count) \({N}\)",
        rf"exceeds limit of {N}",
        rf"must have less than {N} tokens",
        rf"input length should be \[ ?[0-9]+ ?, ?{N}",
        rf"\bn_ctx={N}",
    )
)
PROMPTS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"{N} \+ [0-9]+ > [0-9]",
        rf"{N} (?:tokens )?(?:in (?:the messages|your prompt)|from the input messages|of text input)[ ,;]",
        rf"{N} (?:input tokens|`inputs` tokens)",
        rf"(?:messages resulted in|prompt contains(?: at least)?|request contains|prompt has|Given:|too long:) {N}",
        rf"(?:input|request|prompt|tokens|count|prompt_tokens) \((?:length )?{N}(?: tokens)?\)",
        rf"\bn_prompt_tokens={N}",
    )
)
WRITTEN = re.compile(rf"{N} (?:tokens )?(?:in the completion|for the completion|in the output|output tokens)", re.I)
TOTAL = re.compile(
    rf"requested (?:about |a total of )?{N} tokens|requested: ?{N}|maximum output tokens \({N}\)"
    rf"|max_total_tokens \({N}\)",
    re.IGNORECASE,
)
# Limits of the prompt alone: max_tokens has nothing to do with them, whatever the figures are.
ALONE = re.compile(
    r"range of input length|prompt length|prompt (\([^()]{0,40}\) )?(is )?too long|input token count|longer than the m"
    r"|must have less than|available context size|messages resulted in|exceed context window"
    r"|tokens exceed the configured",
    re.IGNORECASE,
)
WORDS = 2000  # characters that are looked at


class Room(NamedTuple):
    blamed: str
    """"prompt" (longer than the context), "max_tokens" (too much beside this prompt), or "setting" (a max_tokens that
    no prompt leaves room for)."""
    context: int | None = None
    """Tokens that prompt and answer have together, and so on; None where the server did not say."""
    prompt: int | None = None
    most: int | None = None
    """The largest max_tokens that would have done."""


def is_about_room(said: str) -> bool:
    said = said[:WORDS]
    return bool(CONTEXT.search(said) or TOO_LARGE.search(said) or BELOW.search(said) or _first(MOST, said))


def room_of(said: str, asked: int | None, about: int) -> Room | None:
    """What the codes and words of a refusal say about room; None when they are about something else. `asked` is the
    request's max_tokens, `about` an estimate of its prompt's tokens, for servers that name neither."""
    said = said[:WORDS]
    if not BOTH.search(said) and (most := _first(MOST, said)) is not None:
        return Room("setting", most=most)
    if below := BELOW.search(said):
        return Room("setting", most=_figure(below[1]) - 1)
    if not CONTEXT.search(said):
        return Room("setting") if TOO_LARGE.search(said) else None
    context, prompt = _first(CONTEXTS, said), _first(PROMPTS, said)
    written, total = WRITTEN.search(said), TOTAL.search(said)
    answer = _figure(written[1]) if written else asked or 0
    if total and answer:  # the prompt's may be told in parts: "92320 in the messages, 23873 in the functions"
        whole = _figure(next(filter(None, total.groups())))
        prompt = max(0 if prompt in (None, whole) else prompt or 0, whole - answer)
    if context is None:
        return Room("max_tokens" if TOO_LARGE.search(said) else "prompt", None, prompt)
    if prompt and answer and prompt >= context and _rest_of_it(context, answer):
        context += answer
    if not answer or ALONE.search(said):
        return Room("prompt", context, prompt)
    if answer >= context and (prompt or about) < context:
        return Room("setting", context, prompt, context - (prompt or about))
    if (prompt or about) >= context:
        return Room("prompt", context, prompt)
    return Room("max_tokens", context, prompt, context - (prompt or about))


def _rest_of_it(context: int, answer: int) -> bool:
    """Whether that is no context but what max_tokens leaves of it: vLLM 0.11 to 0.15 say so. No context is as odd."""
    return bool(context % 16) and not (context + answer) % 16


def round_down(most: int) -> int:
    """A figure to set, with some room for longer prompts than this one: 2015 becomes 2000."""
    step: int = 10 ** max(0, len(str(most)) - 2)
    return most // step * step


def _first(forms: tuple[re.Pattern[str], ...], said: str) -> int | None:
    return next((_figure(found[1]) for form in forms if (found := form.search(said))), None)


def _figure(text: str) -> int:
    return int(text.replace(",", "") or 0)
