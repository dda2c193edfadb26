"""Conversations to train on: read from any file that `selfinstruct` writes or reads, and encoded into rows.

conversations = read_conversations(["runs/first"])
rows = [encode(conversation, template, tokenizer) for conversation in conversations]
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

from selfinstruct.errors import UsageError
from selfinstruct.rows.formats import Format
from selfinstruct.rows.reading import read_tasks
from selfinstruct.task import Task

from .templates import Template, Turns, encoded, find_template, rendered_prompt, segments, spoken

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase as Tokenizer

__all__ = [
    "MASKED",
    "Conversation",
    "Row",
    "data_hash",
    "encode",
    "encode_pair",
    "endings",
    "has_rounds",
    "laid_out",
    "pieces",
    "read_conversations",
    "split",
]

MASKED = -100
"""The label of a token that is read and not learned: PyTorch's cross-entropy leaves it out."""

ROLES = ("system", "user", "assistant")


class Conversation(NamedTuple):
    id: str
    turns: tuple[dict[str, str], ...]
    """Role and content each; a question may have an input of its own."""


class Row(NamedTuple):
    id: str
    ids: list[int]
    labels: list[int]
    """The token itself where it is learned, `MASKED` elsewhere. Not shifted: models do that themselves."""


def read_conversations(paths: Sequence[str]) -> list[Conversation]:
    """One conversation for each instance and each dialogue of the tasks in run folders and files, in order.

    A task without an answer is a question alone: `examine.examine` counts it. Raises UsageError.
    """
    if not paths:
        raise UsageError("nothing to train on: give --data, a run's folder or a file of rows")
    return [found for path in paths for task in read_tasks(Path(path)) for found in _conversations(task, path)]


def _conversations(task: Task, path: str) -> list[Conversation]:
    for turn in task.turns:
        if turn["role"] not in ROLES:
            raise UsageError(f"{path}, task {task.id!r}: a turn of {turn['role']!r}; there are {', '.join(ROLES)}")
    found = [tuple({"role": turn["role"], "content": turn["content"]} for turn in task.turns)] if task.turns else []
    for instance in task.instances:
        question = _question(task.instruction, instance.input)
        found.append((question, {"role": "assistant", "content": instance.output}))
    found = found or [(_question(task.instruction, ""),)]
    if len(found) == 1:
        return [Conversation(task.id, found[0])]
    return [Conversation(f"{task.id}/{number}", turns) for number, turns in enumerate(found)]


def _question(instruction: str, given: str) -> dict[str, str]:
    return {"role": "user", "content": instruction} | ({"input": given} if given else {})


def laid_out(name: str) -> Format:
    """A format for `selfinstruct export --to completion`: prompts as this template lays them out, for other trainers.

    Rows for single questions only: an earlier answer ends with a token that only a model's tokenizer knows.
    """
    template = find_template(name, None)

    def rows(task: Task) -> Iterator[dict[str, Any]]:
        for conversation in _conversations(task, "the data"):
            if [turn["role"] for turn in conversation.turns] == ["user", "assistant"]:
                prompt, answer = segments(template, conversation.turns, None)
                yield {"prompt": prompt.text, "completion": answer.text}

    return rows


def data_hash(conversations: Iterable[Conversation]) -> str:
    """SHA-256 of what is said, in order; ids, and where it was read, do not count."""
    digest = hashlib.sha256()
    for conversation in conversations:
        digest.update(json.dumps(conversation.turns, sort_keys=True).encode() + b"\n")
    return digest.hexdigest()


def has_rounds(conversations: Iterable[Conversation]) -> bool:
    """Whether there is more than single questions: several rounds, or a system turn."""
    return any(
        turn["role"] == "system" or place > 1 for found in conversations for place, turn in enumerate(found.turns)
    )


def encode(conversation: Conversation, template: Template, tokenizer: Tokenizer) -> Row:
    """The row of a conversation, up to the end of its last answer. Raises UsageError naming the conversation."""
    try:
        ids, trained = encoded(segments(template, conversation.turns, tokenizer), tokenizer)
    except UsageError as error:
        raise UsageError(f"row {conversation.id!r}: {error}") from None
    if True in trained:  # nothing is learned of what follows
        length = len(trained) - trained[::-1].index(True)
        ids, trained = ids[:length], trained[:length]
    return Row(conversation.id, ids, [id if learned else MASKED for id, learned in zip(ids, trained, strict=True)])


def encode_pair(conversation: Conversation, template: Template, tokenizer: Tokenizer) -> Row:
    """For encoder-decoder models: `ids` are what the encoder reads, `labels` the last answer with its end.

    Both get the special tokens that the tokenizer itself puts (T5: the end token, and no BOS).
    """
    messages = spoken(template, conversation.turns)
    if not messages or messages[-1]["role"] != "assistant":
        raise UsageError(f"row {conversation.id!r} does not end with an answer")
    source = rendered_prompt(template, messages[:-1], tokenizer)
    labels = list(tokenizer(text_target=messages[-1]["content"], verbose=False)["input_ids"])
    if labels[-1:] != [tokenizer.eos_token_id]:
        labels.append(tokenizer.eos_token_id)
    return Row(conversation.id, list(tokenizer(source, verbose=False)["input_ids"]), labels)


def endings(conversation: Conversation) -> list[Conversation]:
    """The conversation up to each of its answers: what `encode_pair` needs to learn all of them."""
    turns = conversation.turns
    ends = [place for place, turn in enumerate(turns, 1) if turn["role"] == "assistant"]
    asked = [place for place in ends if any(turn["role"] == "user" for turn in turns[:place])]
    return [Conversation(f"{conversation.id}/{place}", turns[:place]) for place in asked]


def pieces(conversation: Conversation, template: Template, tokenizer: Tokenizer, max_length: int) -> list[Conversation]:
    """A conversation longer than `max_length` tokens, cut before questions, as Vicuna did; each piece keeps the system.

    A single round is never cut: if it is too long, so is its piece.
    """
    head, rounds = _rounds(conversation.turns)

    def fits(turns: Turns) -> bool:
        piece = Conversation(conversation.id, tuple(dict(turn) for turn in turns))
        return len(encode(piece, template, tokenizer).ids) <= max_length

    if len(rounds) < 2 or fits(conversation.turns):
        return [conversation]
    parts = [rounds[0]]
    for one in rounds[1:]:
        if fits(head + parts[-1] + one):
            parts[-1] += one
        else:
            parts.append(one)
    return [Conversation(f"{conversation.id}#{number}", head + part) for number, part in enumerate(parts, 1)]


def _rounds(turns: tuple[dict[str, str], ...]) -> tuple[tuple[dict[str, str], ...], list[tuple[dict[str, str], ...]]]:
    """The system turns that it begins with, and the rounds: questions and what answers them."""
    start = next((place for place, turn in enumerate(turns) if turn["role"] != "system"), len(turns))
    rounds: list[tuple[dict[str, str], ...]] = []
    for place in range(start, len(turns)):
        before = turns[place - 1]["role"] if place > start else ""
        if not rounds or (before == "assistant" and turns[place]["role"] != "assistant"):
            rounds.append(())
        rounds[-1] += (turns[place],)
    return turns[:start], rounds


def split(
    conversations: Sequence[Conversation], validation: float, seed: int
) -> tuple[list[Conversation], list[Conversation]]:
    """Those to train on, and `validation` to hold out, drawn by the seed; both in their order. Raises UsageError.

    Below 1 that is a share of them. What is said twice is never held out, so that nothing held out is also trained on.
    """
    count = round(validation * len(conversations)) if validation < 1 else int(validation)
    keys = [json.dumps(found.turns, sort_keys=True) for found in conversations] if count else []
    times = Counter(keys)
    single = [place for place, key in enumerate(keys) if times[key] == 1]
    most = max(0, min(len(single), len(conversations) - 1))
    if count > most:
        given = f"{validation:g}, {count:,} rows," if validation < 1 else f"{count:,}"
        raise UsageError(
            f"validation={given} is too many: of {len(conversations):,} rows {len(single):,} are there only once, and "
            f"some must be left to train on: --validation {most if most < 10 else most // 10}"
        )
    held_out = set(Random(f"{seed}/validation").sample(single, count))
    kept = [found for place, found in enumerate(conversations) if place not in held_out]
    return kept, [conversations[place] for place in sorted(held_out)]
