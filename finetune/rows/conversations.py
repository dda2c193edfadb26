"""Conversations to train on: read from any file that `selfinstruct` writes or reads, and encoded into rows.

conversations = read_conversations(["runs/first"])
rows = [encode(conversation, template, tokenizer) for conversation in conversations]
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from selfinstruct.errors import UsageError
from selfinstruct.rows.formats.formats import Format
from selfinstruct.rows.formats.shortfalls import keys_beside
from selfinstruct.rows.notes import Notes
from selfinstruct.rows.reading import read_tasks
from selfinstruct.task import Message, Task

from .rendering import Rewritten, Segment, Template, choose
from .templates import find_template, rendered_prompt, segments
from .tokens import encoded_parts, flat
from .turns import Tools, Turn, Turns, answers, is_learned, spoken

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase as Tokenizer

__all__ = [
    "MASKED",
    "Conversation",
    "Row",
    "conversations_of",
    "data_hash",
    "encode",
    "encode_pair",
    "has_rounds",
    "laid_out",
    "one_said",
    "read_conversations",
    "read_given",
    "row_of",
    "teaches",
    "turn_of",
]

MASKED = -100
"""The label of a token that is read and not learned: PyTorch's cross-entropy leaves it out."""

ROLES = ("system", "user", "assistant", "tool")
CHOSEN = "for SFT on the chosen answers: selfinstruct import DATA --columns output=chosen"
PREFERENCES = f"preferences: left out; {CHOSEN}"


class Conversation(NamedTuple):
    id: str
    turns: tuple[Turn, ...]
    """In the shape of `turns.Turns`."""
    tools: Tools = ()


class Row(NamedTuple):
    id: str
    ids: list[int]
    labels: list[int]
    """The token itself where it is learned, `MASKED` elsewhere. Not shifted: models do that themselves."""


def read_conversations(paths: Sequence[str], notes: Notes | None = None) -> list[Conversation]:
    """One conversation for each instance and each dialogue of the tasks in run folders and files, in order.

    A task without an answer is a question alone: `examine.examine` counts it. Preferences are left out, and `notes`
    gets how many, beside all that is not used of the rows. Raises UsageError.
    """
    if not paths:
        raise UsageError("nothing to train on: give --data, a run's folder or a file of rows")
    notes = Notes() if notes is None else notes
    tasks = ((path, task) for path in paths for task in read_given(path, notes))
    found = [one for path, task in tasks for one in conversations_of(task, path, notes)]
    if not found:
        raise UsageError(f"nothing to train on: all {notes.done[PREFERENCES]:,} rows are preferences; {CHOSEN}")
    return found


def read_given(path: str, notes: Notes) -> list[Task]:
    """The tasks of a run or a file. Raises UsageError in the words of `train`."""
    try:
        return read_tasks(path, notes=notes)
    except UsageError as error:
        said = str(error)
        option = next((name for name in ("--columns", "--layout", "--encoding") if name in said), "")
        if "only a text" in said:
            raise UsageError(f"{said}; texts, apart from tasks, are learned with --method pretrain") from None
        way = f"; {option} is for `selfinstruct import`, whose run can then be trained on" if option else ""
        raise UsageError(f"{said}{way}") from None


def conversations_of(task: Task, path: str, notes: Notes) -> list[Conversation]:
    """One for each instance and each dialogue of a task; none for preferences. `path` is for messages."""
    for turn in task.turns:
        if turn["role"] not in ROLES:
            raise UsageError(f"{path}, task {task.id!r}: a turn of {turn['role']!r}; there are {', '.join(ROLES)}")
    if task.judged:  # two answers to one question: neither may be learned without looking at which is better
        notes.done[PREFERENCES] += 1
        return []
    notes.unused.update(
        dict.fromkeys([*keys_beside(task), *(name for turn in task.turns for name in _unused(turn))], 1)
    )
    found = [tuple(map(turn_of, task.turns))] if task.turns else []
    for instance in task.instances:
        answer = {"role": "assistant", "content": instance.output}
        answer |= {"thoughts": instance.thoughts} if instance.thoughts else {}
        found.append((_question(task.instruction, instance.input), answer))
    found = found or [(_question(task.instruction, ""),)]
    if len(found) == 1:
        return [Conversation(task.id, found[0], task.tools)]
    return [Conversation(f"{task.id}/{number}", turns, task.tools) for number, turns in enumerate(found)]


def turn_of(turn: Message) -> Turn:
    """What there is to train on of a turn, and no key that says nothing: the hash is of all of them."""
    kept: Turn = {"role": turn["role"], "content": turn["content"]}
    if turn["role"] == "assistant":
        kept |= {} if is_learned(turn) else {"learned": False}
        names: tuple[str, ...] = ("thoughts", "tool_calls")
    else:
        names = ("tool_call_id", "name") if turn["role"] == "tool" else ()
    return kept | {name: value for name in names if (value := turn.get(name))}


def _unused(turn: Message) -> Iterator[str]:
    if turn.get("name") and turn["role"] != "tool":
        yield "name"
    yield from turn.get("extra", ())


def _question(instruction: str, given: str) -> Turn:
    return {"role": "user", "content": instruction} | ({"input": given} if given else {})


def laid_out(name: str) -> Format:
    """A format for `selfinstruct export --to completion`: prompts as this template lays them out, for other trainers.

    Rows for single questions only: an earlier answer ends with a token that only a model's tokenizer knows.
    """
    template = find_template(name, None)

    def rows(task: Task) -> Iterator[dict[str, Any]]:
        for one in conversations_of(task, "the data", Notes()):
            if [turn["role"] for turn in one.turns] == ["user", "assistant"] and not _is_marked(one):
                prompt, answer = segments(template, one.turns, None)
                yield {"prompt": prompt.text, "completion": answer.text}

    return rows


def _is_marked(conversation: Conversation) -> bool:
    """Whether a prompt and a text to learn after it would not be all of it, or too much."""
    return bool(conversation.tools) or any("tool_calls" in t or not is_learned(t) for t in conversation.turns)


def one_said(conversation: Conversation) -> str:
    """All that is said, as one text. Rows without tools, thoughts and marks have the same as in version 1."""
    said = json.dumps(conversation.turns, sort_keys=True)
    return said + json.dumps(conversation.tools, sort_keys=True) if conversation.tools else said


def data_hash(conversations: Iterable[Conversation]) -> str:
    """SHA-256 of what is said, in order; ids, and where it was read, do not count."""
    digest = hashlib.sha256()
    for conversation in conversations:
        digest.update(one_said(conversation).encode() + b"\n")
    return digest.hexdigest()


def has_rounds(conversations: Iterable[Conversation]) -> bool:
    """Whether there is more than single questions: several rounds, or a system turn."""
    return any(
        turn["role"] == "system" or place > 1 for found in conversations for place, turn in enumerate(found.turns)
    )


def encode(conversation: Conversation, template: Template, tokenizer: Tokenizer) -> Row:
    """The row of a conversation, up to the end of the last answer that is learned.

    Raises UsageError naming the conversation, and so does Rewritten.
    """
    try:
        return row_of(conversation, segments(template, conversation.turns, tokenizer, conversation.tools), tokenizer)
    except UsageError as error:
        raise type(error)(f"row {conversation.id!r}: {error}") from None


def row_of(conversation: Conversation, laid: Sequence[Segment], tokenizer: Tokenizer) -> Row:
    """The row of its segments, up to the end of the last one that is learned.

    Before that stands what a chat would ask, whose template knows of no cuts. Where the text has other tokens when it
    is cut at its earlier answers ("\n" before one and "\n" at its beginning may be one token), it is not cut; raises
    Rewritten when some of these are to be learned, too.
    """
    learned = [place for place, segment in enumerate(laid) if segment.trained]
    laid = laid[: learned[-1] + 1] if learned else laid
    parts = encoded_parts(laid, tokenizer)
    if learned and len(laid) > 2:
        before = Segment("".join(segment.text for segment in laid[:-1]), trained=False)
        if [id for part in parts[:-1] for id in part] != encoded_parts([before], tokenizer)[0]:
            if len(learned) > 1:
                raise Rewritten(f"answers before the last one have other tokens in a chat; {choose()}")
            laid = [before, laid[-1]]
            parts = encoded_parts(laid, tokenizer)
    ids, trained = flat(laid, parts, tokenizer)
    return Row(conversation.id, ids, [id if is_so else MASKED for id, is_so in zip(ids, trained, strict=True)])


def encode_pair(conversation: Conversation, template: Template, tokenizer: Tokenizer) -> Row:
    """For encoder-decoder models: `ids` are what the encoder reads, `labels` the last answer with its end.

    Both get the special tokens that the tokenizer itself puts (T5: the end token, and no BOS).
    """
    messages = spoken(template, conversation.turns)
    if not messages or messages[-1]["role"] != "assistant":
        raise UsageError(f"row {conversation.id!r} does not end with an answer")
    if not is_learned(messages[-1]):
        raise UsageError(f"row {conversation.id!r} ends with an answer that is not to be learned")
    source = rendered_prompt(template, messages[:-1], tokenizer)
    labels = list(tokenizer(text_target=messages[-1]["content"], verbose=False)["input_ids"])
    if labels[-1:] != [tokenizer.eos_token_id]:
        labels.append(tokenizer.eos_token_id)
    return Row(conversation.id, list(tokenizer(source, verbose=False)["input_ids"]), labels)


def teaches(turns: Turns) -> bool | None:
    """Whether an answer is to be learned; None when nobody answers."""
    found = answers(turns)
    return any(answer.learned for answer in found) if found else None
