"""Templates: how turns become text and tokens; one Jinja source for training, chat, export and the model's folder.

    template = find_template("auto", tokenizer)
    ids, trained = encoded(segments(template, turns, tokenizer), tokenizer)          # a row to train on
    prompt, _ = encoded(prompt_segments(template, turns[:1], tokenizer), tokenizer)  # its beginning, token for token

A template is rendered up to where each answer begins, and once more up to where it ends: what came in between is the
answer, whatever the template does. So any chat template of the hub can be trained on whose text only grows when a
conversation goes on. The tokens before an answer are never made again, so they cannot depend on it.

tokenizer.apply_chat_template, which cuts the whole text into tokens at once, gives the ids of `encoded`: in alpaca and
chat a blank comes before an answer, and no usual tokenizer joins that with the colon before it. (With a template that
puts nothing or a new line there, an earlier answer that begins with a blank or a new line may give it other ids.)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from selfinstruct.errors import UsageError

from .template_files import TEMPLATES, source_of
from .turns import THOUGHTS, Tools, Turn, Turns, is_learned, spoken

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
"""To see what a template does with them."""


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
    """Jinja, for tokenizer.chat_template: it writes the one BOS, and no date but `ONE_DAY`."""
    end: str
    """The token that ends an answer, as text."""
    system: bool
    """Whether it knows system turns. When not, such a turn opens the first question."""
    thoughts: bool = False
    """Whether it has a place for those before an answer."""
    tools: bool = False
    """Whether it speaks of any. What it does with those of a row is looked at in each: see laying.py."""

    @property
    def keeps_input(self) -> bool:
        """Whether it has a place for a question's input; otherwise the input follows after a blank line."""
        return "message.input" in self.source


def find_template(name: str, tokenizer: Tokenizer | None, *, several: bool = False) -> Template:
    """The template of a name: one of ours, "own" (the tokenizer's), "auto", or a file NAME.jinja.

    "auto" is the tokenizer's own; without one it is alpaca, or chat if the data has `several` rounds or system turns.
    Without a tokenizer (None) only ours can be had, to render single questions. Raises UsageError, also when the
    template ends an answer with no token, since a model trained on that would never stop.
    """
    own = None if tokenizer is None else tokenizer.chat_template
    if name == "auto":
        name = "own" if own else "chat" if several else "alpaca"
    template = Template(name, source_of(name, tokenizer), end="", system=True)
    if tokenizer is None:
        return template
    if not tokenizer.eos_token:
        raise UsageError(f"the tokenizer of {tokenizer.name_or_path or 'this base'} has no end token (eos_token)")
    prompt = _text(template, [QUESTION], tokenizer, asks=True)
    if tokenizer.bos_token and not prompt.startswith(str(tokenizer.bos_token)) and adds_bos(tokenizer):
        template = replace(template, source="{{- bos_token }}" + template.source)
        prompt = f"{tokenizer.bos_token}{prompt}"
    full = _text(template, [QUESTION, ANSWER], tokenizer)
    after = full.removeprefix(prompt).rpartition(ANSWER["content"])[2]
    ends = _any_of({token.content for token in tokenizer.added_tokens_decoder.values()} | {str(tokenizer.eos_token)})
    found = ends.search(after)
    if not found or not full.startswith(prompt):
        why = "does not begin an answer after its prompt" if found else "ends answers with no token of its own"
        raise UsageError(f"the template {name!r} {why}: choose another (template={' or '.join(TEMPLATES)})")
    template = replace(template, end=found[0], tools="tools" in template.source or "tool_calls" in template.source)
    thoughtful = ANSWER | {THOUGHTS: "Thoughts"}
    return replace(
        template,
        system=_has_place(SYSTEM["content"], "", template, [SYSTEM, QUESTION], tokenizer),
        thoughts=_has_place("Thoughts", prompt, template, [QUESTION, thoughtful], tokenizer),
    )


def _has_place(text: str, before: str, template: Template, messages: Sequence[Turn], tokenizer: Tokenizer) -> bool:
    """Whether a text is behind another one. Some templates refuse a system turn, and some drop it, or thoughts, without
    a word; of those that have two prompts (Qwen3.5), the one for answers at once has no place for thoughts.
    """
    try:
        found = _text(template, messages, tokenizer, asks=messages[-1] == QUESTION)
    except UsageError:
        return False
    return found.startswith(before) and text in found[len(before) :]


def _any_of(texts: Iterable[str]) -> re.Pattern[str]:
    """A pattern for any of the texts, the longest first; blank ones (some tokenizers add "\\n") are ordinary text."""
    return re.compile("|".join(map(re.escape, sorted(filter(str.strip, texts), key=len, reverse=True))) or "(?!)")


def controls(template: Template, tokenizer: Tokenizer) -> re.Pattern[str]:
    """Texts that would become control tokens, and so have no place in data: special ones, and the template's own."""
    added = tokenizer.added_tokens_decoder.values()
    return _any_of({token.content for token in added if token.special or token.content in template.source})


def adds_bos(tokenizer: Tokenizer) -> bool:
    """Whether the tokenizer puts its BOS before a text by itself."""
    bos = tokenizer.bos_token_id
    return bos is not None and tokenizer("a")["input_ids"][:1] == [bos] != _ids("a", tokenizer)[:1]


def stops(template: Template, tokenizer: Tokenizer) -> list[int]:
    """The tokens that end an answer: the one trained, and the tokenizer's end token."""
    return list(dict.fromkeys([end_of(template, tokenizer), tokenizer.eos_token_id]))


def end_of(template: Template, tokenizer: Tokenizer) -> int:
    """The token that is trained at the end of every answer."""
    found: Any = tokenizer.convert_tokens_to_ids(template.end)
    return int(found)


def segments(template: Template, turns: Turns, tokenizer: Tokenizer | None, tools: Tools = ()) -> list[Segment]:
    """A whole conversation, each answer that is to be learned trained with the token that ends it. Raises UsageError if
    it cannot be cut; Rewritten if its answers could be learned apart (`conversations.endings`).
    """
    messages = spoken(template, turns)
    try:
        found, done = _answered(template, messages, tokenizer, tools)
        if not messages or messages[-1]["role"] == "assistant":
            return found
        return [*found, Segment(_added(template, done, _text(template, messages, tokenizer, tools)), trained=False)]
    except Rewritten:
        learned = [n for n, message in enumerate(messages) if message["role"] == "assistant" and is_learned(message)]
        if len(learned) != 1:
            raise
        # What a chat would ask before this answer is the prompt, whatever was asked before an earlier one.
        before, whole = messages[: learned[0]], messages[: learned[0] + 1]
        prompt = _text(template, before, tokenizer, tools, asks=True)
        answer = _closed(template, prompt, _text(template, whole, tokenizer, tools))
        return [Segment(prompt, trained=False), Segment(answer, trained=True)]


def prompt_segments(template: Template, turns: Turns, tokenizer: Tokenizer | None, tools: Tools = ()) -> list[Segment]:
    """A conversation up to where its next answer begins: what `segments` begins with, once the answer is there."""
    messages = spoken(template, turns)
    if not messages or (messages[-1]["role"] == "assistant" and not messages[-1].get("tool_calls")):
        raise ValueError("a prompt ends with a question")
    asked = _text(template, messages, tokenizer, tools, asks=True)
    try:
        found, done = _answered(template, messages, tokenizer, tools)
        return [*found, Segment(_added(template, done, asked), trained=False)]
    except Rewritten:
        return [Segment(asked, trained=False)]


def rendered_prompt(template: Template, turns: Turns, tokenizer: Tokenizer | None) -> str:
    """The prompt as text: a tokenizer makes the trained prompt of it, its own BOS included if it puts one there.

    (A tokenizer that puts a blank before the first word of a text, and none after a BOS that is part of the text, as
    Llama 2's in its newer form, has one such blank more.)
    """
    if tokenizer is None and any(message["role"] == "assistant" for message in spoken(template, turns)):
        raise UsageError("earlier answers end with the model's own end token: name the model to lay conversations out")
    text = "".join(segment.text for segment in prompt_segments(template, turns, tokenizer))
    if tokenizer is not None and isinstance(tokenizer.bos_token, str) and adds_bos(tokenizer):
        return text.removeprefix(tokenizer.bos_token)
    return text


def _answered(
    template: Template, messages: Sequence[Turn], tokenizer: Tokenizer | None, tools: Tools
) -> tuple[list[Segment], str]:
    """The segments up to the end of the last answer, and their text. They are cut at every answer, learned or not, so
    that a row has the same tokens whatever is learned of it.
    """
    found: list[Segment] = []
    done = ""
    for number, message in enumerate(messages):
        if message["role"] == "assistant":
            prompt = _text(template, messages[:number], tokenizer, tools, asks=True)
            answer = _closed(template, prompt, _text(template, messages[: number + 1], tokenizer, tools))
            found += [
                Segment(_added(template, done, prompt), trained=False),
                Segment(answer, trained=is_learned(message)),
            ]
            done = prompt + answer
    return found, done


def _closed(template: Template, prompt: str, whole: str) -> str:
    """The answer after a prompt, up to its end token: what a template writes then (ChatML: a new line) comes after the
    model has stopped.
    """
    answer = _added(template, prompt, whole)
    body, end, _ = answer.rpartition(template.end) if template.end else (answer, "", "")
    if end != template.end:
        raise UsageError(f"the template {template.name!r} does not end every answer with {template.end!r}")
    return body + end


def _added(template: Template, before: str, after: str) -> str:
    if not after.startswith(before):
        raise Rewritten(
            f"the template {template.name!r} changes earlier turns when a conversation goes on, so that no prompt of "
            f"it is what was trained on: choose another (template={' or '.join(TEMPLATES)})"
        )
    return after[len(before) :]


def _text(
    template: Template, messages: Sequence[Turn], tokenizer: Tokenizer | None, tools: Tools = (), *, asks: bool = False
) -> str:
    from transformers.utils.chat_template_utils import render_jinja_template

    nothing = {"bos_token": "", "eos_token": ""}
    specials: dict[str, Any] = nothing if tokenizer is None else tokenizer.special_tokens_map
    chats: Any = [list(messages)]
    known: Any = list(tools) or None
    try:
        found: Any = render_jinja_template(
            chats, tools=known, chat_template=template.source, add_generation_prompt=asks, **specials
        )
    except Exception as error:  # a program of somebody else's: whatever it raises
        raise UsageError(f"the template {template.name!r} cannot lay out this conversation: {error}") from None
    return str(found[0][0])


def encoded(given: Sequence[Segment], tokenizer: Tokenizer) -> tuple[list[int], list[bool]]:
    """The tokens, and which are trained. What a segment becomes depends on those before it, never on those after it.

    A segment goes on in the tokens of the text before it, so that all is as if tokenised at once, unless its beginning
    would change those (":" and a new line are one token of Llama 3): then it is tokenised apart.
    """
    ids: list[int] = []
    trained: list[bool] = []
    text = ""
    for segment in given:
        new = _continued(ids, text, segment.text, tokenizer) if ids else _ids(segment.text, tokenizer)
        ids += new
        trained += [segment.trained] * len(new)
        text += segment.text
    if ids[:1] != [tokenizer.bos_token_id] and adds_bos(tokenizer):
        return [tokenizer.bos_token_id, *ids], [False, *trained]
    return ids, trained


def _continued(ids: list[int], before: str, text: str, tokenizer: Tokenizer) -> list[int]:
    """The tokens of a text after others. Tokenizers cut at special tokens: nothing before the last one matters."""
    special = set(tokenizer.all_special_ids) - {tokenizer.unk_token_id}
    last = next((place for place in reversed(range(len(ids))) if ids[place] in special), 0)
    names = (name for name in tokenizer.all_special_tokens if name != tokenizer.unk_token)
    start = max((before.rfind(name) for name in names), default=0)
    both = _ids(before[max(start, 0) :] + text, tokenizer)
    if both[: len(ids) - last] == ids[last:]:
        return both[len(ids) - last :]
    # After a special token, as some tokenizers put a blank before the first word of a text.
    apart = _ids(f"{tokenizer.eos_token}{text}", tokenizer)
    return apart[1:] if apart[:1] == [tokenizer.eos_token_id] else _ids(text, tokenizer)


def _ids(text: str, tokenizer: Tokenizer) -> list[int]:
    # Half of a surrogate pair, which JSON may hold, has no bytes that a tokenizer could take: it becomes "?".
    text = text if text.isascii() else text.encode("utf-8", "replace").decode()
    return list(tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"])
