"""What there is to say of a training: estimates for people before its first step, figures for train.json after it.

Both are made from what is trained (Made), the plan of its steps and its settings.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from selfinstruct.errors import shown

from ..models.facts import Size, device_name, flops, memory, peak, product_rate
from ..rows.batches import Item, Plan, measured
from ..rows.examine import Findings
from ..rows.shown import of_each_kind, show_mask, summary
from ..rows.templates import Template
from ..rows.turns import Turn
from ..settings import PAIRS, Settings
from .progress import RECENT, Progress, in_time

if TYPE_CHECKING:
    import torch
    from rich.console import Console
    from transformers import PreTrainedTokenizerBase

    from ..text.look import TextFindings
    from .saving import Saved

__all__ = ["Made", "Turns", "describe", "device_peak", "estimates", "figures_of", "in_bytes"]

USED = 0.4
"""The share of its peak that a device is expected to reach; 0.3 to 0.5 is what trainers of large models report."""
Turns = tuple[Turn, ...]

ACCELERATE = Path(__file__).parent.parent / "accelerate"


class Made(NamedTuple):
    """All that is needed before the first step."""

    model: Any
    tokenizer: PreTrainedTokenizerBase
    template: Template
    size: Size
    pairs: bool
    """Whether the model is an encoder-decoder, whose answers are not in the row that it reads."""
    findings: Findings | TextFindings
    items: Sequence[Item]
    """As they go into batches: packed, if so."""
    held_out: Sequence[Item]
    missed: int
    """Rows held out that are too long, have no answer to learn, or cannot be laid out."""
    asked: list[Turns]
    """Conversations up to a question, to sample answers to; or beginnings of texts."""
    drawn: tuple[int, Callable[[int], Sequence[int]]] | None = None
    """Where some items are seen more often than others: see batches.Plan."""


def estimates(made: Made, plan: Plan, settings: Settings, precision: torch.dtype) -> dict[str, str]:
    """What the run will take, by name, as `examine.summary` shows it."""
    bf16 = precision.itemsize == 2
    size, epochs = made.size, plan.steps / plan.steps_an_epoch
    longest, most, attended = measured(made.items)
    rows = min(settings.micro_batch, len(made.items))
    need = memory(size, rows * longest, rows * most, bf16=bf16, checkpointing=settings.checkpointing)
    work = flops(size, made.findings.tokens, attended) * epochs
    name = device_name()
    known = peak(name, "bf16" if bf16 else "fp32")
    seconds = work / ((known or product_rate(precision, size.width)) * USED * plan.processes)
    kind = "rows" if isinstance(made.findings, Findings) else "sequences"
    kind = "answers" if settings.learn == "kto" else "pairs" if settings.learn in PAIRS else kind
    devices = f"{plan.processes} × {name}" if plan.processes > 1 else name
    return {
        "steps": f"{plan.steps:,} of {len(made.findings.rows) / plan.steps_an_epoch:,.0f} {kind}, {epochs:.1f} epochs",
        "parameters": f"{size.parameters:,}, {size.trained:,} of them ({size.trained / size.parameters:.2%}) trained",
        "memory": f"about {in_bytes(need)} on each device, in {'bf16' if bf16 else 'fp32'}",
        "time": f"about {in_time(seconds)} on {devices}" + ("" if known else ", by the speed of one matrix product"),
    }


def describe(
    made: Made, plan: Plan, settings: Settings, known: Mapping[str, str], console: Console, *, mask: bool
) -> None:
    """What is about to be trained, for a person to look at."""
    import torch

    if isinstance(made.findings, Findings):
        _describe_rows(made, made.findings, settings, known, console, mask=mask)
    else:
        _describe_texts(made, made.findings, settings, known, console, mask=mask)
    if plan.processes == 1 and torch.cuda.device_count() > 1:
        console.print(
            f"{torch.cuda.device_count()} GPUs are here and one is used; for all: accelerate launch --config_file "
            f"{ACCELERATE / 'ddp.yaml'} -m selfinstruct train …",
            style="yellow",
        )


def _describe_texts(
    made: Made, findings: TextFindings, settings: Settings, known: Mapping[str, str], console: Console, *, mask: bool
) -> None:
    from ..text.look import beginning, summary_of

    console.print(summary_of(findings, settings, known))
    for item in findings.rows[:1] if mask else findings.rows[:2]:
        shown_item = show_mask(item, made.tokenizer) if mask else beginning(item.ids, made.tokenizer)
        console.print(shown_item, soft_wrap=True, highlight=False)


def _describe_rows(
    made: Made, findings: Findings, settings: Settings, known: Mapping[str, str], console: Console, *, mask: bool
) -> None:
    console.print(summary(findings, settings, known))
    if made.missed:
        console.print(
            f"{made.missed:,} rows held out are too long or have no answer to learn: left out", highlight=False
        )
    for about, row in of_each_kind(findings) if mask else ():
        if about:
            console.print(shown(about), style="bold", markup=False, emoji=False, highlight=False, soft_wrap=True)
        if not made.pairs:
            console.print(show_mask(row, made.tokenizer), soft_wrap=True)
            continue
        for name, ids in (("reads", row.ids), ("learns", row.labels)):
            text = f"{name}: {shown(str(made.tokenizer.decode(ids)), lines=True)}"
            console.print(text, markup=False, emoji=False, highlight=False, soft_wrap=True)


def device_peak(made: Made, precision: torch.dtype) -> float | None:
    """Unknown too where arithmetic a token is: each token passes only one side of a pair's model, and few experts."""
    config = made.model.config.get_text_config()
    sparse = any(getattr(config, name, None) for name in ("num_experts", "num_local_experts", "n_routed_experts"))
    return None if made.pairs or sparse else peak(device_name(), "bf16" if precision.itemsize == 2 else "fp32")


def figures_of(
    made: Made,
    plan: Plan,
    progress: Progress,
    run: Mapping[str, Any],
    history: Sequence[Mapping[str, Any]],
    saved: Saved,
) -> dict[str, Any]:
    """`run` tells this training from others; `history` is the Trainer's."""
    last = [entry["loss"] for entry in history if "loss" in entry][-max(1, min(RECENT, plan.steps // 10)) :]
    held_out = [entry["eval_loss"] for entry in history if "eval_loss" in entry]
    seconds = progress.seconds or None
    return {
        "data": run["data"],
        "rows": len(made.findings.rows),
        "rows_given": made.findings.total,
        "documents": getattr(made.findings, "documents", None),
        "left_out": made.findings.problems,
        "notes": list(made.findings.notes),
        "rows_held_out": len(made.held_out),
        "sequences": len(made.items),
        "tokens_an_epoch": made.findings.tokens,
        "learned_an_epoch": made.findings.trained,
        "template": made.template.name,
        "pairs": made.pairs,
        "parameters": made.size.parameters,
        "trained_parameters": made.size.trained,
        "steps": plan.steps,
        "epochs": plan.steps / plan.steps_an_epoch,
        "loss": sum(last) / len(last) if last else None,
        "validation_loss": held_out[-1] if held_out else None,
        "validation_loss_before": held_out[0] if held_out and not isinstance(made.findings, Findings) else None,
        "told": next((entry["told"] for entry in reversed(history) if "told" in entry), None),
        "rewarded": rewarded(history),
        "seconds": progress.seconds,
        "tokens": progress.real,
        "tokens_per_second": progress.real / seconds if seconds else None,
        "learned_per_second": progress.trained / seconds if seconds else None,
        "padding": progress.padding / max(1, progress.padding + progress.real),
        "mfu": progress.mfu(),
        "precision": run["precision"],
        "saved": {**saved._asdict(), "cost": saved.cost, "line": saved.line()},
        "device": device_name(),
        "devices": plan.processes,
    }


STEPS = ("reward", "kl", "length", "unended", "flat", "distinct", "alike")


def rewarded(history: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Where answers were paid: what they were like at each step, what was found at each evaluation, and why the
    training was stopped, if it was."""
    looked = [dict(entry["examined"]) for entry in history if "examined" in entry]
    steps = [entry for entry in history if "flat" in entry]
    if not looked:
        return None
    stopped = next((entry["stopped"] for entry in history if "stopped" in entry), None)
    last = next(one for one in reversed(looked) if one["best"]) if stopped else looked[-1]
    for one in looked:
        del one["gaps"]
    return {
        "before": looked[0],
        "after": last,
        "stopped": stopped,
        "examined": looked,
        **{name: [round(one[name], 4) for one in steps if name in one] for name in STEPS},
    }


def in_bytes(count: float) -> str:
    """ "1.5 GB"."""
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if count < 1000 or unit == "TB":
            return f"{count:.0f} {unit}" if count >= 10 or unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    raise AssertionError
