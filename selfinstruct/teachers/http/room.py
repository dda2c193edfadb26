"""What servers say when a request is too large for them: is it the prompt, or max_tokens beside it? Pure.

room = room_of("This model's maximum context length is 2048 tokens. However, you requested …", 2048, about=33)
room.blamed, room.context, room.prompt, room.most          # "max_tokens", 2048, 33, 2015

No two servers say it alike, and most say both in one sentence. A prompt that by itself does not fit is the row's; a
max_tokens that no prompt leaves room for is the recipe's, and is to be told with the figure that would do.
"""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["Cuts", "Room", "is_about_room", "room_of", "round_down"]

N = r"([0-9][0-9,]{0,12})"
TOKENS = r"max(?:imum)?[_ ]?(?:completion_?|output_?|new_?)?_?tokens"

# OpenAI and vLLM "maximum context length", llama.cpp "exceed_context_size", "context window", Ollama "prompt too long",
# TGI "`inputs` tokens", Gemini "token count", xAI "maximum prompt length", Moonshot "model token limit", SiliconFlow
# "max_seq_len", DashScope "Range of input length", OpenAI's newest "configured limit", SGLang "maximum allowed length",
# vLLM 0.18 "max_model_len", Cohere "tokens in the prompt cannot exceed", Zhipu "Prompt exceeds max length".
CONTEXT = re.compile(
    r"context[ _](length|limit|size|window)|max\w{0,20} (model|prompt) length|prompt (\([^()]{0,40}\) )?(is )?too long"
    r"|`inputs` (tokens|must)|token count \S{0,20} ?exceeds|max_tokens must be at least 1, got -|max_seq_len"
    r"|model token limit|range of input length|tokens exceed the configured limit|input (is )?too long"
    r"|too large for model with|exceeds the maximum (allowed|input) length|tokens in the prompt cannot exceed"
    r"|prompt exceeds max|prompt ?超长|(than|exceeds?) max_(model_len|total_tokens)|initial prompt is greater than",
    re.IGNORECASE,
)
# vLLM since 0.18 refuses a max_tokens that is more than the whole context by itself, and names that.
WHOLE = re.compile(rf"{TOKENS}\S{{0,3}}[0-9]+ cannot be greater than max_[a-z_]+(?:=max_[a-z_]+)?(?:={N})?", re.I)
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
        rf"(?:output size|{TOKENS} you requested) exceeds the model limit of {N}",  # Bedrock
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
        # MiniMax's "context window exceeds limit (2013)" has its own code there.
        rf"context[ _](?:length|limit|size|window)(?!\w| by| exceeds limit \()[^0-9.]{{0,40}}?{N}",
        rf"(?:model|prompt) length (?:of|is|:) ?{N}",
        rf"(?:model token limit|max_seq_len|configured limit)[^0-9.]{{0,12}}{N}",
        rf"(?:number of tokens allowed|exceeds the maximum token count|maximum allowed length) \(?{N}",
        rf"while limit is {N}",  # Cerebras
        rf"tokens in the prompt cannot exceed {N}",
        rf"exceeds the maximum input length \(?{N}",
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
        rf"(?:input|request|prompt|tokens|count|prompt_tokens|length) \((?:length )?{N}(?: tokens)?\)",
        rf"(?:cannot exceed [0-9]+ - received|keep the first) {N}",
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
    r"|tokens exceed the configured|maximum (allowed|input) length \(|in the prompt cannot exceed|input (is )?too long"
    r"|keep (from|the first)|(input|prompt)( length)? exceeds|prompt ?超长|max_tokens must be at least 1, got -",
    re.IGNORECASE,
)
# vLLM since 0.18 stops counting at one token more than there is room for, or before, at so many characters.
COUNTED = re.compile(rf"(?:passed|at least) {N} input tokens", re.IGNORECASE)
CHARACTERS = re.compile(rf"(?:passed|contains) {N} (?:input )?characters", re.IGNORECASE)
# vLLM 0.11 to 0.15, where the "maximum context length" may be what max_tokens leaves of it.
REST = re.compile(r"your request has [0-9,]+ input tokens", re.IGNORECASE)
WORDS = 2000  # characters that are looked at
SMALL = 8  # of a context, the part that an answer may take without being what is wrong
FAR = 4  # times what a server counted; estimates are 1 to 2 times that, and 3 times for nothing but digits
ROUND, LEAST = 256, 512  # tokens: contexts are multiples of the one, and not less than the other


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
    return bool(any(form.search(said) for form in (CONTEXT, TOO_LARGE, BELOW, WHOLE)) or _first(MOST, said))


def room_of(said: str, asked: int | None, about: int) -> Room | None:
    """What the codes and words of a refusal say about room; None when they are about something else. `asked` is the
    request's max_tokens, `about` an estimate of its prompt's tokens, for servers that name neither."""
    said = said[:WORDS]
    if whole := WHOLE.search(said):
        context = _figure(whole[1] or "") or None
        return Room("setting", context, None, context - about if context and context > about else None)
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
        whole_request = _figure(next(filter(None, total.groups())))
        prompt = max(0 if prompt in (None, whole_request) else prompt or 0, whole_request - answer)
    alone = ALONE.search(said)
    if context is None:
        blamed = TOO_LARGE.search(said) or (answer > about and not alone)  # in doubt, what another setting would change
        return Room("max_tokens" if blamed else "prompt", None, prompt)
    if prompt and answer and prompt >= context and REST.search(said) and _twos(context + answer) > _twos(context):
        context += answer
    if not answer or alone:
        return Room("prompt", context, prompt)
    if _stopped_counting(said, context, answer, prompt):
        return _beyond_count(context, answer, about)
    if answer >= context and (prompt or about) < context:
        return Room("setting", context, prompt, context - (prompt or about))
    if (prompt or about) >= context:
        return Room("prompt", context, prompt)
    return Room("max_tokens", context, prompt, context - (prompt or about))


def _stopped_counting(said: str, context: int, answer: int, prompt: int | None) -> bool:
    """Whether the prompt's figure is only that of the first token too many."""
    counted = prompt == context - answer + 1 and COUNTED.search(said)
    return bool(counted or CHARACTERS.search(said))


def _beyond_count(context: int, answer: int, about: int) -> Room:
    """Whose fault it is when only the estimate says how long the prompt is. That is 1 to 2 times the truth; and what
    does not fit beside a small answer is too long, whatever is set."""
    if answer >= context > about:
        return Room("setting", context, None, context - about)
    if about >= 1.5 * context or answer * SMALL <= context:
        return Room("prompt", context)
    return Room("max_tokens", context, None, context - about if context > about else None)


def _twos(number: int) -> int:
    """The largest power of two that divides it. A context is round (2,048, 40,960), what is left of it is less so."""
    return number & -number


def round_down(most: int) -> int:
    """A figure to set, with some room for longer prompts than this one: 2015 becomes 2000."""
    step: int = 10 ** max(0, len(str(most)) - 2)
    return most // step * step


class Cuts:
    """Whether a server cuts long prompts without a word, as Ollama, KoboldCpp and LM Studio do: told by what it counts.

    Either that is far below any estimate, or it is a context's round figure for two prompts of different lengths.
    """

    def __init__(self) -> None:
        self._first: dict[int, int] = {}
        """The estimate of the first prompt that was counted with such a figure."""

    def saw(self, about: int, given: int) -> bool:
        """Told of each answered prompt's estimate, and its tokens by the server (0: it does not count)."""
        if about < LEAST or not given:
            return False
        if about >= FAR * given:
            return True
        if given < LEAST or given % ROUND or about <= given:
            return False
        return self._first.setdefault(given, about) != about


def _first(forms: tuple[re.Pattern[str], ...], said: str) -> int | None:
    return next((_figure(found[1]) for form in forms if (found := form.search(said))), None)


def _figure(text: str) -> int:
    return int(text.replace(",", "") or 0)
