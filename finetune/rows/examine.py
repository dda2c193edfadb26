"""What is looked at before the first step: that the rows teach what they should, and nothing else.

    findings = examine(conversations, rows, template, tokenizer, settings.max_length)   # raises UsageError

Every mistake of this kind that users of older scripts met was silent: the loss falls all the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import ceil
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from selfinstruct.errors import UsageError

from .conversations import MASKED, Conversation, Row, one_said, teaches
from .mistakes import mistake, mistake_of_pair
from .templates import Template, controls, ends_of
from .turns import is_learned, strings

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase as Tokenizer

__all__ = ["UNLEARNED", "Findings", "examine"]

PROMPTS = 2_000
"""Rows whose prompts are tokenised again and compared, evenly spread over the data: about a second's work."""
LEFT_OUT = 0.01
"""The share of rows that may be too long. They are left out whole: cut short, they would teach never to stop."""

UNLEARNED = "without an answer to learn: left out"
ONLY_ASKED = "whose question alone fills max_length: left out"

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
    cut: int = 0
    """Rows that were cut at max_length, and so do not learn to end. They are kept."""
    parts: Sequence[Conversation] = ()
    """What each row was made of."""
    notes: Sequence[str] = ()
    """What else there is to know of the data, a line each: what is not used of it, and what was done with it."""

    @property
    def problems(self) -> list[str]:
        """What was left out and what looks odd, in words. Whatever makes training wrong has been refused."""
        said = {
            **{OUT[name]: getattr(self, name) for name in OUT},
            **self.left_out,
            "cut at max_length, which do not learn to end: kept": self.cut,
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
    too_long: str = "refuse",
    unfit: str = "refuse",
) -> Findings:
    """Look at every row beside the conversation it was made from. Raises UsageError when training would go wrong.

    `pairs`: the rows are those of `encode_pair`. `left_out`: how many are missing already, by the reason; `notes` are
    handed on. `too_long` and `unfit` are the settings of these names.
    """
    control = controls(template, tokenizer)
    counts, found_texts = Counter[str](), Counter[str]()
    others = Counter(left_out)
    sound: list[tuple[Conversation, Row]] = []
    wrong: list[str] = []
    every = ceil(len(rows) / PROMPTS)

    for place, (conversation, row) in enumerate(zip(conversations, rows, strict=True)):
        taught = teaches(conversation.turns)
        if taught is None:
            counts["unanswered"] += 1
        elif not taught:
            others[UNLEARNED] += 1
        elif found := next(filter(None, map(control.search, _texts(conversation, template))), None):
            counts["special"] += 1
            found_texts[found[0]] += 1
        elif said := (
            mistake_of_pair(row, tokenizer)
            if pairs
            else mistake(conversation, row, template, tokenizer, prompts=place % every == 0)
        ):
            wrong.append(f"row {row.id!r} {said}")
        else:
            sound.append((conversation, row))
    if wrong:
        raise UsageError(
            f"{len(wrong):,} of {len(rows):,} rows would teach the wrong thing with the template {template.name!r}: "
            f"{wrong[0]}; choose another template, or another tokenizer"
        )
    if unfit == "refuse":
        _check_fit(found_texts, len(sound) + counts["special"])
    kept, counts["cut"] = _short_enough(sound, max_length, too_long)
    if too_long == "cut":
        others += Counter({ONLY_ASKED: len(sound) - len(kept)})
    else:
        counts["too_long"] = len(sound) - len(kept)
    if not kept:
        why = [_in_rows(count, OUT[what]) for what, count in counts.items() if count and what in OUT]
        why += [_in_rows(count, what) for what, count in others.items()]
        step = "a --base whose template lays tools out, or other --data" if " tool" in str(why) else "other --data"
        raise UsageError(f"nothing to train on: {', '.join(why) or 'the data is empty'}; give {step}")
    findings = _findings(kept, counts, len(rows) + sum(left_out.values()), template, tokenizer, pairs=pairs)
    return replace(findings, left_out=others, notes=notes)


def _check_fit(found: Counter[str], total: int) -> None:
    """Raises UsageError for too many rows with control tokens, by what they have."""
    many = found.total()
    if many <= int(total * LEFT_OUT):
        return
    names = ", ".join(f"{text!r} in {count:,}" for text, count in found.most_common(3))
    raise UsageError(
        f"{many:,} of {total:,} rows ({many / total:.1%}) hold the text of a control token, which would become that "
        f"token: {names}; take it out of the data, or leave these rows out: --set unfit=drop"
    )


def _texts(conversation: Conversation, template: Template) -> Iterator[str]:
    """All that the template is given."""
    for turn in conversation.turns:
        kept = template.thoughts or template.setting == "learn"
        yield from strings([value for name, value in turn.items() if name != "thoughts" or kept])
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
        end=str(tokenizer.eos_token) if pairs else " or ".join(ends_of(template)),
        template=template.name,
        cut=counts["cut"],
        parts=[found for found, _ in kept],
    )


def _is_silent(turn: Mapping[str, Any]) -> bool:
    is_answer = turn["role"] == "assistant" and is_learned(turn)
    return is_answer and not turn["content"].strip() and "tool_calls" not in turn


def _short_enough(
    sound: list[tuple[Conversation, Row]], max_length: int, too_long: str
) -> tuple[list[tuple[Conversation, Row]], int]:
    """The rows that are trained on, and how many of them were cut."""
    kept = [pair for pair in sound if _length(pair[1]) <= max_length]
    long, allowed = len(sound) - len(kept), int(len(sound) * LEFT_OUT)
    if too_long == "cut":
        shorter = [
            (found, row._replace(ids=row.ids[:max_length], labels=row.labels[:max_length])) for found, row in sound
        ]
        teaching = [pair for pair in shorter if any(label != MASKED for label in pair[1].labels)]
        whole = sum(_length(row) <= max_length for _, row in sound)
        return teaching, len(teaching) - whole
    if long > allowed and too_long == "refuse":
        fits = sorted(_length(row) for _, row in sound)[len(sound) - 1 - allowed]
        raise UsageError(
            f"{long:,} of {len(sound):,} rows ({long / len(sound):.1%}) are longer than max_length={max_length:,} and "
            f"would lose the end of an answer: --max-length {fits} fits 99 %; --too-long drop leaves them out, "
            "--too-long cut learns them without their ends"
        )
    return kept, 0


def _length(row: Row) -> int:
    """Of a pair, the longer side: each has the room of max_length."""
    return max(len(row.ids), len(row.labels))
