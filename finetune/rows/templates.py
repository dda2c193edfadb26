"""Templates: how turns become text and tokens; one Jinja source for training, chat, export and the model's folder.

    template = find_template("auto", tokenizer)
    ids, trained = encoded(segments(template, turns, tokenizer), tokenizer)          # a row to train on
    prompt, _ = encoded(prompt_segments(template, turns[:1], tokenizer), tokenizer)  # its beginning, token for token

Any chat template of the hub can be trained on: what it does with turns, thoughts and tools is seen by trying. Where its
text only grows when a conversation goes on, all answers are in one row; where it lays out earlier turns anew, in rows
of their own (see rounds.py).

A prompt has the tokens that tokenizer.apply_chat_template gives, which knows nothing of answers in it. So has every row
before each of its learned answers: see `conversations.row_of`.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from selfinstruct.errors import UsageError

from .rendering import FORMS, Rewritten, Segment, Template, answer_of, choose, text_of
from .segments import prompt_segments, rendered_prompt, segments
from .template_files import TEMPLATES, source_of, tool_source_of
from .thoughts import SETTINGS, switched
from .tokens import adds_bos, controls, encoded, end_of, ends_of, known_tokens, stops
from .turns import THOUGHTS, Turn, Turns, spoken

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase as Tokenizer

__all__ = [
    "TEMPLATES",
    "Rewritten",
    "Segment",
    "Template",
    "Turns",
    "adds_bos",
    "controls",
    "encoded",
    "end_of",
    "ends_of",
    "find_template",
    "prompt_segments",
    "rendered_prompt",
    "segments",
    "spoken",
    "stops",
]

SYSTEM = {"role": "system", "content": "Manner"}
QUESTION = {"role": "user", "content": "Question"}
ANSWER = {"role": "assistant", "content": "Answer"}
TOOL: Turn = {
    "type": "function",
    "function": {
        "name": "toolname",
        "description": "Described.",
        "parameters": {
            "type": "object",
            "properties": {"argument": {"type": "string", "description": "Described."}},
            "required": ["argument"],
        },
    },
}
FUNCTION = {"name": "toolname", "arguments": {"argument": "Value"}}
CALL: Turn = {
    "role": "assistant",
    "content": "",
    "tool_calls": [{"type": "function", "function": FUNCTION, "id": "call00001"}],
}
RESULT = {"role": "tool", "content": "Result", "tool_call_id": "call00001", "name": "toolname"}
"""To see what a template does with them."""

OPENS = re.compile(r"(<[a-z:_]*(?:think|thought|reason)[a-z]*>|\[THINK\])\s*\Z")
"""How a prompt ends that begins the thoughts of an answer."""


def find_template(name: str, tokenizer: Tokenizer | None, *, several: bool = False, thoughts: str = "auto") -> Template:
    """The template of a name: one of ours, "own" (the tokenizer's), "auto", or a file NAME.jinja.

    "auto" is the tokenizer's own; without one it is alpaca, or chat if the data has `several` rounds or system turns.
    Without a tokenizer (None) only ours can be had, to render single questions. `thoughts`: see thoughts.py. Raises
    UsageError, also when the template ends an answer with no token, since a model trained on that would never stop.
    """
    if thoughts not in SETTINGS:
        raise ValueError(f"thoughts is {thoughts!r}; there are {', '.join(SETTINGS)}")
    own = None if tokenizer is None else tokenizer.chat_template
    if name == "auto":
        name = "own" if own else "chat" if several else "alpaca"
    template = Template(name, source_of(name, tokenizer), end="", system=True, setting=thoughts)
    if tokenizer is None:
        return template
    if not tokenizer.eos_token:
        raise UsageError(f"the tokenizer of {tokenizer.name_or_path or 'this base'} has no end token (eos_token)")
    template = replace(template, source=_with_bos(template, switched(template.source, thoughts), tokenizer))
    with suppress(UsageError):
        for_tools = switched(tool_source_of(name, tokenizer), thoughts)
        template = replace(template, for_tools=_with_bos(template, for_tools, tokenizer))
    template = _ended(template, tokenizer)
    template = _opened(template, tokenizer)
    template = replace(template, system=_knows_system(template, tokenizer))
    template = replace(template, scaffold=_scaffold(template, tokenizer))
    return _with_tools(template, tokenizer)


def _with_bos(template: Template, source: str, tokenizer: Tokenizer) -> str:
    """A source that writes the BOS, where the tokenizer would put one and the source does not."""
    if not source:
        return ""
    prompt = text_of(replace(template, source=source, for_tools=""), [QUESTION], tokenizer, asks=True)
    lacks_bos = tokenizer.bos_token and not prompt.startswith(str(tokenizer.bos_token)) and adds_bos(tokenizer)
    return "{{- bos_token }}" + source if lacks_bos else source


def _ended(template: Template, tokenizer: Tokenizer) -> Template:
    """With the token that ends an answer: what stands behind it, or what begins the next turn."""
    known = known_tokens(tokenizer)
    _, said, after = text_of(template, [QUESTION, ANSWER], tokenizer).rpartition(ANSWER["content"])
    if not said:
        raise UsageError(f"the template {template.name!r} drops the text of turns: {choose()}")
    follows = text_of(template, [QUESTION, ANSWER, QUESTION], tokenizer, asks=True).rpartition(ANSWER["content"])[2]
    if found := known.search(after):
        run, end = found.end(), found[0]
        while (more := known.match(after, run)) and follows.startswith(after[: more.end()]):
            run, end = more.end(), more[0]  # Cohere ends a response and then the turn
        return replace(template, end=end)
    if found := known.match(follows.lstrip()):
        return replace(template, end=found[0], hands_over=True)
    raise UsageError(f"the template {template.name!r} ends answers with no token of its own: {choose()}")


def _opened(template: Template, tokenizer: Tokenizer) -> Template:
    """With what there is to know of thoughts. Raises UsageError when no answer can be had after a prompt."""
    prompt = text_of(template, [QUESTION], tokenizer, asks=True)
    opens = found[0] if (found := OPENS.search(prompt)) else ""
    thoughtful = ANSWER | {THOUGHTS: "Thoughts"}
    whole = text_of(template, [QUESTION, thoughtful], tokenizer)
    # Of templates that have two prompts (Qwen3.5), the one for answers at once has no place for thoughts.
    has_place = whole.startswith(prompt) and "Thoughts" in whole[len(prompt) :]
    template = replace(template, thoughts=has_place, opens=opens)
    answer_of(template, [QUESTION, ANSWER], tokenizer)
    goes_on = text_of(template, [QUESTION, ANSWER], tokenizer).startswith(prompt)
    return replace(template, thoughts=has_place or bool(opens and not goes_on))


def _knows_system(template: Template, tokenizer: Tokenizer) -> bool:
    """Some templates refuse a system turn, and some drop it without a word."""
    try:
        return SYSTEM["content"] in text_of(template, [SYSTEM, QUESTION], tokenizer, asks=True)
    except UsageError:
        return False


def _scaffold(template: Template, tokenizer: Tokenizer) -> str:
    first = [SYSTEM] if template.system else []
    return text_of(template, [*first, QUESTION, ANSWER, QUESTION], tokenizer, asks=True) + template.end


def _with_tools(template: Template, tokenizer: Tokenizer) -> Template:
    """With what there is to know of calls: whether it speaks of tools, how it wants calls, and what ends them."""
    source = template.for_tools or template.source
    template = replace(template, tools="tools" in source or "tool_calls" in source)
    for form in FORMS if "tool_calls" in source else ():
        tried = replace(template, form=form)
        try:
            call = text_of(tried, [QUESTION, CALL], tokenizer, [TOOL])
            more = text_of(tried, [QUESTION, CALL, RESULT], tokenizer, [TOOL], asks=True)
        except UsageError:
            continue
        if "Value" in call and "Result" in more:
            return replace(tried, call_end=_call_end(tried, call, more, tokenizer))
    return template


def _call_end(template: Template, call: str, more: str, tokenizer: Tokenizer) -> str:
    """The token that ends a call, "" where it ends as an answer in words: the special one that stands at its end, or
    that begins the turn with its result."""
    special = {token.content for token in tokenizer.added_tokens_decoder.values() if token.special}
    after = call.rpartition("Value")[2]
    if template.end in after and not template.hands_over:
        return ""
    found = [*known_tokens(tokenizer).finditer(after)]
    if found and found[-1][0] in special and not after[found[-1].end() :].strip():
        return found[-1][0]
    follows = more.rpartition("Value")[2].removeprefix(after.rstrip()).lstrip()
    begins = known_tokens(tokenizer).match(follows)
    return begins[0] if begins and template.hands_over and begins[0] != template.end else ""
