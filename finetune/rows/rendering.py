"""Rendering: what a template is, and what it makes of messages up to an answer, and of the answer.

A template is rendered up to where an answer begins, as for a chat, and once more up to where it ends: what came in
between is the answer, whatever the template does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from selfinstruct.errors import UsageError

from .template_files import TEMPLATES
from .turns import THOUGHTS, Tools, Turn

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase as Tokenizer

__all__ = ["FORMS", "MARK", "Rewritten", "Segment", "Template", "answer_of", "choose", "text_of"]

MARK = ("\ue000", "\ue001")
"""Of private use, so that no text has them: put around a text to find it again in what a template made of it."""
NO_THOUGHTS = "\ue002"
"""The same, for thoughts that are to be empty: a template must not see that they are."""


class Rewritten(UsageError):
    """A template lays earlier turns out in another way once a conversation goes on (Qwen3 drops earlier thoughts)."""


class Segment(NamedTuple):
    text: str
    trained: bool
    """Whether the model learns to write it: an answer and the token that ends it."""


@dataclass(frozen=True, slots=True)
class Template:
    name: str
    source: str
    """Jinja, for tokenizer.chat_template: it writes the one BOS, and no date but `template_files.ONE_DAY`."""
    end: str
    """The token that ends an answer, as text."""
    system: bool
    """Whether it knows system turns. When not, such a turn opens the first question."""
    thoughts: bool = False
    """Whether it has a place for those before an answer."""
    tools: bool = False
    """Whether it speaks of any. What it does with those of a row is looked at in each: see laying.py."""
    call_end: str = ""
    """The token that ends an answer of calls, where it is another one: GLM's <|observation|>, gpt-oss' <|call|>."""
    hands_over: bool = False
    """Whether answers end with the token that begins the next turn (GLM): it is not written after the last one."""
    opens: str = ""
    """What its prompts end with where they begin the thoughts, and answers of a chat come without (DeepSeek-R1)."""
    form: str = ""
    """How it wants calls, where that is not as OpenAI has them: see `FORMS`."""
    for_tools: str = ""
    """Jinja for rows with a list of tools, where the tokenizer has another template for these (Hermes)."""
    scaffold: str = ""
    """What it writes around a system text, questions and an answer."""
    setting: str = "auto"
    """What is done with thoughts: see thoughts.py."""

    @property
    def keeps_input(self) -> bool:
        """Whether it has a place for a question's input; otherwise the input follows after a blank line."""
        return "message.input" in self.source

    @property
    def saved(self) -> str | dict[str, str]:
        """For tokenizer.chat_template, so that others lay out what was trained on."""
        return {"default": self.source, "tool_use": self.for_tools} if self.for_tools else self.source


FORMS = ("", "text", "bare", "text bare")
"""Of calls: with arguments as JSON text, as servers give them (DeepSeek); without a content, not with an empty one."""


def text_of(
    template: Template, messages: Sequence[Turn], tokenizer: Tokenizer | None, tools: Tools = (), *, asks: bool = False
) -> str:
    """What the template makes of messages, as tokenizer.apply_chat_template would. Raises UsageError."""
    from transformers.utils.chat_template_utils import render_jinja_template

    nothing = {"bos_token": "", "eos_token": ""}
    specials: dict[str, Any] = nothing if tokenizer is None else tokenizer.special_tokens_map
    chats: Any = [[_formed(message, template.form) for message in messages]]
    known: Any = list(tools) or None
    source = template.for_tools if known and template.for_tools else template.source
    try:
        found: Any = render_jinja_template(
            chats, tools=known, chat_template=source, add_generation_prompt=asks, **specials
        )
    except Exception as error:  # a program of somebody else's: whatever it raises
        raise UsageError(f"the template {template.name!r} cannot lay out this conversation: {error}") from None
    return str(found[0][0])


def _formed(message: Turn, form: str) -> Turn:
    if not form or not message.get("tool_calls"):
        return message
    if "text" in form:
        calls = [{**call, "function": _as_text(call["function"])} for call in message["tool_calls"]]
        message = {**message, "tool_calls": calls}
    is_bare = "bare" in form and not message["content"]
    return {name: value for name, value in message.items() if name != "content" or not is_bare}


def _as_text(function: Turn) -> Turn:
    given = function.get("arguments")
    return function if isinstance(given, str) else {**function, "arguments": json.dumps(given, ensure_ascii=False)}


def answer_of(
    template: Template, messages: Sequence[Turn], tokenizer: Tokenizer | None, tools: Tools = ()
) -> tuple[str, str]:
    """What a chat would ask before the last message, and the answer that this is, with the token that ends it."""
    *before, said = messages
    prompt = text_of(template, before, tokenizer, tools, asks=True)
    whole = text_of(template, messages, tokenizer, tools)
    if whole.startswith(prompt):
        return prompt, closed(template, whole[len(prompt) :], said)
    asked = _behind(template, before, tokenizer, tools, asks=True)
    answer = _behind(template, messages, tokenizer, tools)
    if answer.startswith(asked):  # earlier turns alone are laid out anew
        return prompt, closed(template, answer[len(asked) :], said)
    if template.opens and asked.endswith(template.opens):
        return prompt, closed(template, _opened(template, [*before, said], asked, answer, tokenizer, tools), said)
    raise UsageError(f"the template {template.name!r} does not begin an answer after its prompt: {choose()}")


def _behind(
    template: Template, messages: Sequence[Turn], tokenizer: Tokenizer | None, tools: Tools, *, asks: bool = False
) -> str:
    """What is laid out behind the last turn that is no answer."""
    last = max(place for place, message in enumerate(messages) if message["role"] != "assistant")
    marked = [m | {"content": "".join(MARK)} if place == last else m for place, m in enumerate(messages)]
    return text_of(template, marked, tokenizer, tools, asks=asks).rpartition(MARK[1])[2]


def _opened(
    template: Template, messages: Sequence[Turn], asked: str, answer: str, tokenizer: Tokenizer | None, tools: Tools
) -> str:
    """The answer after a prompt that has begun its thoughts already."""
    *before, said = messages
    if template.thoughts and not said.get(THOUGHTS):  # as the template has it where nothing was thought
        thinking = _behind(template, [*before, said | {THOUGHTS: NO_THOUGHTS}], tokenizer, tools)
        thinking = thinking.replace(NO_THOUGHTS, "")
        if thinking.startswith(asked):
            return thinking[len(asked) :]
    answer = answer.removeprefix(asked.removesuffix(template.opens))
    blank = template.opens[len(template.opens.rstrip()) :]
    tag = re.sub(r"[<\[]", lambda found: found[0] + "/", template.opens.strip(), count=1)
    return f"{said.get(THOUGHTS, '').strip()}{blank}{tag}{blank * 2}{answer.removeprefix(tag)}"


def closed(template: Template, answer: str, said: Turn) -> str:
    """An answer up to its end token: what a template writes then (ChatML: a new line) comes after the model has
    stopped."""
    end = template.call_end if said.get("tool_calls") and template.call_end else template.end
    body, found, _ = answer.partition(end) if end else (answer, "", "")
    if found == end:
        return body + end
    if template.hands_over:
        return answer + end
    raise UsageError(f"the template {template.name!r} does not end every answer with {end!r}")


def choose() -> str:
    """The next step."""
    return f"choose another (template={' or '.join(TEMPLATES)})"
