"""All that a training run needs before its first step: data, base, template, rows; looked at and refused when wrong."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from .batches import Item, Plan, items_of
from .check import Findings, examine
from .data import (
    Conversation,
    Row,
    data_hash,
    encode,
    encode_pair,
    endings,
    has_rounds,
    pieces,
    read_conversations,
    split,
)
from .settings import Settings
from .sources import check_template
from .speed import Size, attention, flops, in_bytes, in_time, memory, peak, size_of
from .templates import Template, find_template
from .values import LIMITS

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedTokenizerBase

__all__ = ["Data", "Ready", "device_name", "estimates", "plan_of", "processes", "read", "ready"]

Turns = tuple[dict[str, str], ...]

USED = 0.4
"""The share of its peak that a device is expected to reach; 0.3 to 0.5 is what trainers of large models report."""


class Data(NamedTuple):
    trained: list[Conversation]
    held_out: list[Conversation]
    hash: str
    """Of all conversations, whatever their files are called."""


class Ready(NamedTuple):
    model: Any
    tokenizer: PreTrainedTokenizerBase
    template: Template
    size: Size
    pairs: bool
    """Whether the model is an encoder-decoder, whose answers are not in the row that it reads."""
    findings: Findings
    items: list[Item]
    """As they go into batches: packed, if so."""
    held_out: list[Item]
    missed: int
    """Conversations held out that are too long, or have no answer."""
    asked: list[Turns]
    """Conversations up to a question, to sample answers to."""


def processes() -> tuple[int, int]:
    """This process's number and how many there are, as torchrun and accelerate tell it."""
    return int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))


def read(settings: Settings) -> Data:
    """The data, and a look at what else is quick to see and would be found only beside the base. Raises UsageError."""
    check_template(settings.template)
    found = read_conversations(settings.data)
    return Data(*split(found, settings.validation, settings.seed), data_hash(found))


def ready(settings: Settings, data: Data) -> Ready:
    """Load the base, and make rows of the data. Raises UsageError for all that would go wrong."""
    import torch

    from .models import is_seq2seq, load_base, prepared

    torch.manual_seed(settings.seed)  # LoRA's first weights are random
    model, tokenizer = load_base(settings, _texts(data.trained))
    template = find_template(settings.template, tokenizer, several=has_rounds(data.trained))
    pairs = is_seq2seq(model)

    def rows(conversations: Sequence[Conversation]) -> tuple[list[Conversation], list[Row]]:
        if pairs:
            parts = [part for one in conversations for part in (endings(one) or [one]) if endings(part)]
            return parts, [encode_pair(part, template, tokenizer) for part in parts]
        parts = [part for one in conversations for part in pieces(one, template, tokenizer, settings.max_length)]
        return parts, [encode(part, template, tokenizer) for part in parts]

    parts, encoded = rows(data.trained)
    findings = examine(parts, encoded, template, tokenizer, settings.max_length, pairs=pairs)
    others, held_out = rows(data.held_out)
    kept = [(one, row) for one, row in zip(others, held_out, strict=True) if _fits(row, settings.max_length)]
    _check_context(model, [*findings.rows, *(row for _, row in kept)], settings)
    model = prepared(model, tokenizer, settings)
    items = items_of(findings.rows, pairs=pairs)
    if settings.packing:
        items = _packed(items, settings, pairs=pairs)
    return Ready(
        model=model,
        tokenizer=tokenizer,
        template=template,
        size=size_of(model),
        pairs=pairs,
        findings=findings,
        items=items,
        held_out=items_of((row for _, row in kept), pairs=pairs),
        missed=len(others) - len(kept),
        asked=_asked([one for one, _ in kept] or _of(parts, findings.rows), settings.samples),
    )


def _check_context(model: Any, rows: Sequence[Row], settings: Settings) -> None:
    """Raises UsageError when the base cannot read the longest row, after learned tokens if there are any."""
    from selfinstruct.errors import UsageError

    from .answers import context_of

    context, longest = context_of(model), max((len(row.ids) for row in rows), default=0)
    before = settings.virtual_tokens if settings.method == "ptuning" else 0
    if context is None or longest + before <= context:
        return
    fits = [f"max_length={context - before}"] if context - before >= LIMITS["max_length"][0] else []
    if not before:
        raise UsageError(f"the longest row has {longest:,} tokens and the base reads {context:,}: --set {fits[0]}")
    fits = [f"virtual_tokens={context - longest}"] * (longest < context) + fits
    raise UsageError(
        f"virtual_tokens is {before:,} and the longest row has {longest:,} tokens, and the base reads {context:,} "
        f"together: --set {' or '.join(fits or ['virtual_tokens=16'])}"
    )


def _texts(conversations: Sequence[Conversation]) -> Iterator[str]:
    return (text for one in conversations for turn in one.turns for name, text in turn.items() if name != "role")


def _fits(row: Row, length: int) -> bool:
    return max(len(row.ids), len(row.labels)) <= length and any(label >= 0 for label in row.labels)


def _packed(items: list[Item], settings: Settings, *, pairs: bool) -> list[Item]:
    from selfinstruct.errors import UsageError

    from .packing import packed

    if pairs or settings.method in ("adapter", "ptuning"):
        what = "an encoder-decoder" if pairs else f"method '{settings.method}'"
        raise UsageError(f"packing is not for {what}, where rows would see each other: --set packing=false")
    return packed(items, settings.max_length)


def _of(parts: Sequence[Conversation], rows: Sequence[Row]) -> list[Conversation]:
    wanted = {row.id for row in rows}
    return [part for part in parts if part.id in wanted]


def _asked(conversations: Sequence[Conversation], count: int) -> list[Turns]:
    """The first conversations, each up to the question before its last answer."""
    found: list[Turns] = []
    for one in conversations:
        turns = one.turns
        while turns and turns[-1]["role"] != "user":
            turns = turns[:-1]
        if turns and len(turns) < len(one.turns) and len(found) < count:
            found.append(turns)
    return found


def plan_of(made: Ready, settings: Settings, processes: int) -> Plan:
    """Packed, a step has as many sequences as about `batch` rows fill: packing changes how fast a step is, and not how
    much it sees.
    """
    rows, sequences = len(made.findings.rows), len(made.items)
    return Plan(
        made.items,
        batch=max(1, round(settings.batch * sequences / rows)),
        micro=settings.micro_batch,
        processes=processes,
        seed=settings.seed,
        epochs=settings.epochs,
        steps=settings.steps,
    )


def estimates(made: Ready, plan: Plan, settings: Settings, precision: torch.dtype) -> dict[str, str]:
    """What the run will take, by name, as `check.summary` shows it."""
    import torch

    bf16 = precision == torch.bfloat16
    size, epochs = made.size, plan.steps / plan.steps_an_epoch
    longest = max(sum(item.lengths) for item in made.items)
    most = max(item.trained for item in made.items)
    rows = min(settings.micro_batch, len(made.items))
    need = memory(size, rows * longest, rows * most, bf16=bf16, checkpointing=settings.checkpointing)
    attended = attention(length for item in made.items for length in item.lengths)
    work = flops(size, made.findings.tokens, attended) * epochs
    name = device_name()
    known = peak(name, "bf16" if bf16 else "fp32")
    seconds = work / ((known or _product_rate(precision, size.width)) * USED * plan.processes)
    devices = f"{plan.processes} × {name}" if plan.processes > 1 else name
    return {
        "steps": f"{plan.steps:,} of {len(made.findings.rows) / plan.steps_an_epoch:,.0f} rows, {epochs:.1f} epochs",
        "parameters": f"{size.parameters:,}, {size.trained:,} of them ({size.trained / size.parameters:.2%}) trained",
        "memory": f"about {in_bytes(need)} on each device, in {'bf16' if bf16 else 'fp32'}",
        "time": f"about {in_time(seconds)} on {devices}" + ("" if known else ", by the speed of one matrix product"),
    }


def device_name() -> str:
    import torch

    from .devices import device_here

    device = device_here()
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return "CPU" if device.type == "cpu" else device.type


def _product_rate(precision: torch.dtype, width: int) -> float:
    """FLOP/s of a product of matrices as large as the model's, measured for a tenth of a second."""
    import torch

    from .devices import device_here

    device = device_here()
    given = torch.ones(1024, width, dtype=precision, device=device)
    weight = torch.ones(width, 4 * width, dtype=precision, device=device)
    began, count = time.perf_counter(), 0
    (given @ weight).sum().item()  # the first is slow
    while count < 1 or time.perf_counter() - began < 0.1:
        began = began if count else time.perf_counter()
        (given @ weight)[0, 0].item()
        count += 1
    return count * 8 * 1024 * width * width / (time.perf_counter() - began)
