"""What is looked at before the first step: that the rows teach what they should, and nothing else.

    findings = examine(conversations, rows, template, tokenizer, settings.max_length)   # raises UsageError
    console.print(summary(findings, settings, estimates), show_mask(findings.rows[0], tokenizer))

Every mistake of this kind that users of older scripts met was silent: the loss falls all the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby, pairwise
from math import ceil
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from selfinstruct.errors import UsageError, shown

from ..settings import Settings
from .conversations import MASKED, Conversation, Row, one_said, teaches
from .templates import Template, adds_bos, controls, encoded, end_of, prompt_segments
from .turns import answers, is_learned, strings

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text
    from transformers import PreTrainedTokenizerBase as Tokenizer

    from .batches import Item

__all__ = ["UNLEARNED", "Findings", "examine", "show_mask", "summary"]

PROMPTS = 2_000
"""Rows whose prompts are tokenised again and compared, evenly spread over the data: about a second's work."""
LEFT_OUT = 0.01
"""The share of rows that may be too long. They are left out whole: cut short, they would teach never to stop."""

UNLEARNED = "without an answer to learn: left out"


OUT = {
    "too_long": "longer than max_length: left out",
    "special": 'with the text of a control token (like "</s>"): left out',
    "unanswered": "without an answer: left out",
}
"""Why rows are left out, by the fields of Findings that count them."""


@dataclass(frozen=True, slots=True)
class Findings:
    rows: list[Row]
    """Those to train on, in order."""
    total: int
    """Rows given. What is missing from `rows` is counted under the next three and in `left_out`."""
    too_long: int
    special: int
    """Rows with the text of a control token, like "</s>", in what is said: it would become that token."""
    unanswered: int
    """Rows in which nobody answers."""
    duplicates: int
    """Rows that say what an earlier one says. They are kept."""
    empty: int
    """Rows with an empty answer. They are kept, and teach to say nothing."""
    tokens: int
    trained: int
    """Those that are learned: answers and the tokens that end them."""
    lengths: dict[str, int]
    """Tokens a row: "50 %", "90 %" and "99 %" of the rows have no more; "longest"."""
    bos: str
    """What every row begins with, "" if it is no BOS."""
    end: str
    """What every answer ends with."""
    template: str
    left_out: Mapping[str, int] = field(default_factory=dict)
    """Rows that were left out for other reasons, in words: "with tool calls, which …: left out"."""
    notes: Sequence[str] = ()
    """What else there is to know of the data, a line each: what is not used of it, and what was done with it."""

    @property
    def problems(self) -> list[str]:
        """What was left out and what looks odd, in words. Whatever makes training wrong has been refused."""
        said = {
            **{OUT[name]: getattr(self, name) for name in OUT},
            **self.left_out,
            "like an earlier one: kept": self.duplicates,
            "with an empty answer: kept": self.empty,
        }
        return [_in_rows(count, what) for what, count in said.items() if count]


def _in_rows(count: int, what: str) -> str:
    return f"{count:,} {'row' if count == 1 else 'rows'} {what}"


def examine(
    conversations: Sequence[Conversation],
    rows: Sequence[Row],
    template: Template,
    tokenizer: Tokenizer,
    max_length: int,
    *,
    pairs: bool = False,
    left_out: Mapping[str, int] = MappingProxyType({}),
    notes: Sequence[str] = (),
) -> Findings:
    """Look at every row beside the conversation it was made from. Raises UsageError when training would go wrong.

    `pairs`: the rows are those of `encode_pair`. `left_out`: how many are missing already, by the reason; `notes` are
    handed on.
    """
    control = controls(template, tokenizer)
    counts: Counter[str] = Counter()
    others = Counter(left_out)
    sound: list[tuple[Conversation, Row]] = []
    wrong: list[str] = []
    every = ceil(len(rows) / PROMPTS)

    def mistake(place: int, conversation: Conversation, row: Row) -> str | None:
        if pairs:
            return _mistake_of_pair(row, tokenizer)
        return _mistake(conversation, row, template, tokenizer, prompts=place % every == 0)

    for place, (conversation, row) in enumerate(zip(conversations, rows, strict=True)):
        taught = teaches(conversation.turns)
        if taught is None:
            counts["unanswered"] += 1
        elif not taught:
            others[UNLEARNED] += 1
        elif any(map(control.search, _texts(conversation, template))):
            counts["special"] += 1
        elif found := mistake(place, conversation, row):
            wrong.append(f"row {row.id!r} {found}")
        else:
            sound.append((conversation, row))
    if wrong:
        raise UsageError(
            f"{len(wrong):,} of {len(rows):,} rows would teach the wrong thing with the template {template.name!r}: "
            f"{wrong[0]}; choose another template, or another tokenizer"
        )
    kept = _short_enough(sound, max_length)
    counts["too_long"] = len(sound) - len(kept)
    if not kept:
        why = [_in_rows(count, OUT[what]) for what, count in counts.items() if count]
        why += [_in_rows(count, what) for what, count in others.items()]
        step = "a --base whose template lays tools out, or other --data" if " tool" in str(why) else "other --data"
        raise UsageError(f"nothing to train on: {', '.join(why) or 'the data is empty'}; give {step}")
    findings = _findings(kept, counts, len(rows) + sum(left_out.values()), template, tokenizer, pairs=pairs)
    return replace(findings, left_out=others, notes=notes)


def _texts(conversation: Conversation, template: Template) -> Iterator[str]:
    """All that the template is given."""
    for turn in conversation.turns:
        yield from strings([value for name, value in turn.items() if name != "thoughts" or template.thoughts])
    yield from strings(conversation.tools)


def _findings(
    kept: Sequence[tuple[Conversation, Row]],
    counts: Counter[str],
    total: int,
    template: Template,
    tokenizer: Tokenizer,
    *,
    pairs: bool,
) -> Findings:
    rows = [row for _, row in kept]
    lengths = sorted(map(_length, rows))
    silent = [any(map(_is_silent, found.turns)) for found, _ in kept]
    return Findings(
        rows=rows,
        total=total,
        too_long=counts["too_long"],
        special=counts["special"],
        unanswered=counts["unanswered"],
        duplicates=len(rows) - len({one_said(found) for found, _ in kept}),
        empty=sum(silent),
        tokens=sum(len(row.ids) + len(row.labels) * pairs for row in rows),
        trained=sum(label != MASKED for row in rows for label in row.labels),
        lengths={f"{share} %": lengths[ceil(len(lengths) * share / 100) - 1] for share in (50, 90, 99)}
        | {"longest": lengths[-1]},
        bos=str(tokenizer.bos_token) if rows[0].ids[0] == tokenizer.bos_token_id else "",
        end=str(tokenizer.eos_token) if pairs else template.end,
        template=template.name,
    )


def _is_silent(turn: Mapping[str, Any]) -> bool:
    is_answer = turn["role"] == "assistant" and is_learned(turn)
    return is_answer and not turn["content"].strip() and "tool_calls" not in turn


def _short_enough(sound: list[tuple[Conversation, Row]], max_length: int) -> list[tuple[Conversation, Row]]:
    kept = [pair for pair in sound if _length(pair[1]) <= max_length]
    long, allowed = len(sound) - len(kept), int(len(sound) * LEFT_OUT)
    if long > allowed:
        fits = sorted(_length(row) for _, row in sound)[len(sound) - 1 - allowed]
        raise UsageError(
            f"{long:,} of {len(sound):,} rows ({long / len(sound):.1%}) are longer than max_length={max_length:,} "
            f"and would lose the end of an answer: set max_length={fits}, which fits 99 %"
        )
    return kept


def _mistake(
    conversation: Conversation, row: Row, template: Template, tokenizer: Tokenizer, *, prompts: bool
) -> str | None:
    """What is wrong with a row, or None. `prompts`: compare with what a chat would ask, too."""
    ids, labels = row.ids, row.labels
    if len(ids) != len(labels) or any(label not in (MASKED, id) for id, label in zip(ids, labels, strict=False)):
        return "has labels that are not its own tokens"
    if all(label == MASKED for label in labels):
        return "is masked whole"
    bos, end = tokenizer.bos_token_id, end_of(template, tokenizer)
    # GPT-2 has one token for both, so that a second question may follow an end with a BOS.
    if bos is not None and (ids[:2] == [bos, bos] or (bos != end and (bos, bos) in pairwise(ids))):
        return f"has two BOS ({tokenizer.bos_token}) in a row"
    if ids[0] != bos and adds_bos(tokenizer):
        return f"does not begin with BOS ({tokenizer.bos_token})"
    if bos != end and bos in labels:
        return f"learns to write BOS ({tokenizer.bos_token})"
    learned = list(_learned(labels, end))
    if any(labels[stop - 1] != end for _, stop in learned):
        return f"does not learn to end an answer with {template.end}"
    asked = [conversation.turns[: answer.start] for answer in answers(conversation.turns) if answer.learned]
    if len(learned) != len(asked):
        return f"learns {len(learned)} answers of {len(asked)}"
    for (start, _), turns in zip(learned, asked if prompts else (), strict=False):
        prompt, _ = encoded(prompt_segments(template, turns, tokenizer, conversation.tools), tokenizer)
        if start < len(prompt):
            return "learns to write a part of the question"
        if start > len(prompt) or ids[:start] != prompt:
            return "has other tokens before an answer than the prompt of a chat"
    return None


def _mistake_of_pair(row: Row, tokenizer: Tokenizer) -> str | None:
    if not row.ids:
        return "has no question"
    if row.labels[-1:] != [tokenizer.eos_token_id] or tokenizer.eos_token_id in row.labels[:-1]:
        return f"does not learn to end an answer with {tokenizer.eos_token}"
    return None


def _length(row: Row) -> int:
    """Of a pair, the longer side: each has the room of max_length."""
    return max(len(row.ids), len(row.labels))


def _learned(labels: Sequence[int], end: int) -> Iterator[tuple[int, int]]:
    """From where to where answers are learned: runs of labels, cut behind every end token."""
    start = None
    for place, label in enumerate(labels):
        if label == MASKED:
            if start is not None:
                yield start, place
            start = None
            continue
        start = place if start is None else start
        if label == end:
            yield start, place + 1
            start = None
    if start is not None:
        yield start, len(labels)


def show_mask(row: Row | Item, tokenizer: Tokenizer) -> Text:
    """A row as the model reads it: what is learned green and in ⟦brackets⟧, the rest dim, special tokens bold."""
    from rich.text import Text

    special = set(tokenizer.all_special_ids) | {
        id for id, token in tokenizer.added_tokens_decoder.items() if token.special
    }
    text = Text()
    learning = False
    for (learned, bold), run in groupby(
        zip(row.ids, row.labels, strict=True), key=lambda pair: (pair[1] != MASKED, pair[0] in special)
    ):
        if learned != learning:
            text.append("⟦" if learned else "⟧", "green")
            learning = learned
        part = str(tokenizer.decode([id for id, _ in run], skip_special_tokens=False))
        text.append(shown(part, lines=True), f"{'green' if learned else 'dim'}{' bold' if bold else ''}")
    return text.append("⟧", "green") if learning else text


def summary(findings: Findings, settings: Settings, estimates: Mapping[str, str]) -> Table:
    """A small table for people: what there is to train on, then whatever was estimated."""
    from rich.table import Table
    from rich.text import Text

    lengths = ", ".join(f"{share} {length:,}" for share, length in findings.lengths.items())
    begin = f"a row begins with {findings.bos}, " if findings.bos else ""
    table = Table.grid(padding=(0, 2))
    table.add_row("rows", f"{len(findings.rows):,} of {findings.total:,}")
    for line in (*findings.problems, *findings.notes):
        table.add_row("", Text(shown(line)))
    share = findings.trained / findings.tokens
    table.add_row("tokens", f"{findings.tokens:,}, of which {findings.trained:,} ({share:.0%}) are learned")
    table.add_row("length", f"{lengths} (max_length {settings.max_length:,})")
    template = f"{findings.template}: {begin}an answer ends with {findings.end}"
    table.add_row("template", Text(shown(template)))
    for name, text in estimates.items():
        table.add_row(name, text)
    return table
