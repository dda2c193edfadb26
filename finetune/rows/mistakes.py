"""What can be wrong with a row: rules, each of which users of older scripts broke without noticing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from .conversations import MASKED, Conversation, Row
from .templates import Template, adds_bos, encoded, end_of, ends_of, prompt_segments
from .turns import answers

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase as Tokenizer

__all__ = ["mistake", "mistake_of_pair"]


def mistake(
    conversation: Conversation, row: Row, template: Template, tokenizer: Tokenizer, *, prompts: bool
) -> str | None:
    """What is wrong with a row, or None. `prompts`: compare with what a chat would ask, too, before
    some of its answers: those of one conversation are laid out alike, and each prompt takes as long as the row."""
    ids, labels = row.ids, row.labels
    if len(ids) != len(labels) or any(label not in (MASKED, id) for id, label in zip(ids, labels, strict=False)):
        return "has labels that are not its own tokens"
    if all(label == MASKED for label in labels):
        return "is masked whole"
    bos, end = tokenizer.bos_token_id, end_of(template, tokenizer)
    ends: Any = tokenizer.convert_tokens_to_ids(ends_of(template))
    # GPT-2 has one token for both, so that a second question may follow an end with a BOS.
    if bos is not None and (ids[:2] == [bos, bos] or (bos != end and (bos, bos) in pairwise(ids))):
        return f"has two BOS ({tokenizer.bos_token}) in a row"
    if ids[0] != bos and adds_bos(tokenizer):
        return f"does not begin with BOS ({tokenizer.bos_token})"
    if bos != end and bos in labels:
        return f"learns to write BOS ({tokenizer.bos_token})"
    learned = list(_learned(labels, ends))
    if any(labels[stop - 1] not in ends for _, stop in learned):
        return f"does not learn to end an answer with {template.end}"
    asked = [conversation.turns[: answer.start] for answer in answers(conversation.turns) if answer.learned]
    if len(learned) != len(asked):
        return f"learns {len(learned)} answers of {len(asked)}"
    looked_at = {0, len(asked) // 2, len(asked) - 1} if prompts else ()
    for (start, _), turns in ((learned[number], asked[number]) for number in sorted(looked_at)):
        prompt, _ = encoded(prompt_segments(template, turns, tokenizer, conversation.tools), tokenizer)
        if start < len(prompt):
            return "learns to write a part of the question"
        if start > len(prompt) or ids[:start] != prompt:
            return "has other tokens before an answer than the prompt of a chat"
    return None


def mistake_of_pair(row: Row, tokenizer: Tokenizer) -> str | None:
    if not row.ids:
        return "has no question"
    if row.labels[-1:] != [tokenizer.eos_token_id] or tokenizer.eos_token_id in row.labels[:-1]:
        return f"does not learn to end an answer with {tokenizer.eos_token}"
    return None


def _learned(labels: Sequence[int], ends: Sequence[int]) -> Iterator[tuple[int, int]]:
    """From where to where answers are learned: runs of labels, cut behind every token that ends one."""
    start = None
    for place, label in enumerate(labels):
        if label == MASKED:
            if start is not None:
                yield start, place
            start = None
            continue
        start = place if start is None else start
        if label in ends:
            yield start, place + 1
            start = None
    if start is not None:
        yield start, len(labels)
