"""A conversation as segments: what is read and what is learned, cut where each answer begins and ends.

The text before an answer is never made again, so it cannot depend on the answer. A long conversation is rendered whole
and cut in one go (see cutting.py), with the same result.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from selfinstruct.errors import UsageError

from .cutting import cut
from .rendering import Rewritten, Segment, Template, answer_of, choose, text_of
from .tokens import adds_bos
from .turns import Tools, Turn, Turns, is_learned, spoken

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase as Tokenizer

__all__ = ["prompt_segments", "rendered_prompt", "segments"]


def segments(
    template: Template,
    turns: Turns,
    tokenizer: Tokenizer | None,
    tools: Tools = (),
    *,
    last: tuple[str, str] | None = None,
) -> list[Segment]:
    """A conversation, each answer that is to be learned trained with the token that ends it; nothing of answers after
    the last one of these. Raises UsageError if it cannot be cut; Rewritten if its answers could be learned apart
    (`rounds.apart`). `last`: what `answer_of` gives for the last one, if that is known.
    """
    messages = spoken(template, turns)
    places = [place for place, message in enumerate(messages) if message["role"] == "assistant"]
    learned = [place for place in places if is_learned(messages[place])]
    if learned and learned[-1] != places[-1]:
        messages = messages[: learned[-1] + 1]
    found, done = _answered(template, messages, tokenizer, tools, last)
    if messages and messages[-1]["role"] != "assistant":
        whole = text_of(template, messages, tokenizer, tools)
        if whole.startswith(done):
            found.append(Segment(whole[len(done) :], trained=False))
    return found


def prompt_segments(template: Template, turns: Turns, tokenizer: Tokenizer | None, tools: Tools = ()) -> list[Segment]:
    """A conversation up to where its next answer begins: what a row has before it, once the answer is there."""
    messages = spoken(template, turns)
    if not messages or (messages[-1]["role"] == "assistant" and not messages[-1].get("tool_calls")):
        raise ValueError("a prompt ends with a question")
    return [Segment(text_of(template, messages, tokenizer, tools, asks=True), trained=False)]


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
    template: Template,
    messages: Sequence[Turn],
    tokenizer: Tokenizer | None,
    tools: Tools,
    last: tuple[str, str] | None = None,
) -> tuple[list[Segment], str]:
    """The segments up to the end of the last answer, and their text. `last`: its prompt and itself, if known. They are
    cut at every answer, learned or not, so that a row has the same tokens whatever is learned of it.

    Where what was said before an answer is laid out anew, all of it is one segment: what a chat would ask before this
    answer, whatever was asked before an earlier one.
    """
    places = [place for place, message in enumerate(messages) if message["role"] == "assistant"]
    if not places:
        return [], ""
    chain = [last or answer_of(template, messages[: places[-1] + 1], tokenizer, tools)]
    for place in reversed(places[:-1]):
        prompt, answer = answer_of(template, messages[: place + 1], tokenizer, tools)
        if not chain[-1][0].startswith(prompt + answer):
            break
        if len(chain) == 1 and (found := cut(template, messages[: places[-1] + 1], chain[0], tokenizer, tools)):
            return found, "".join(chain[0])
        chain.append((prompt, answer))
    if any(is_learned(messages[place]) for place in places[: -len(chain)]):
        raise Rewritten(
            f"the template {template.name!r} changes earlier turns when a conversation goes on, so that no prompt of "
            f"it is what was trained on: {choose()}"
        )
    found, done = [], ""
    for place, (prompt, answer) in zip(places[-len(chain) :], reversed(chain), strict=True):
        found += [
            Segment(prompt[len(done) :], trained=False),
            Segment(answer, trained=is_learned(messages[place])),
        ]
        done = prompt + answer
    return found, done
