"""Training from settings to a folder that one can talk to.

    settings = load_settings("alpaca_lora", {"data": "runs/first", "base": "…", "out": "models/mine"})
    train(settings)

Read the data, load the base, encode, examine, say what there is, train, save. The same command goes on after a crash,
from the last complete checkpoint, and ends with the same weights. Under torchrun or accelerate every process runs this;
the first one talks and writes.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from selfinstruct.errors import UsageError
from selfinstruct.workdir import check_place, check_same, locked

from .checkpoints import lighten, newest
from .guards import room
from .loading import Source, identity
from .progress import RECENT, Progress, Sample
from .ready import Data, Ready, device_name, estimates, plan_of, processes, read, ready
from .results import REPORT, finished, save_results, save_tokenizer
from .settings import TINY, Settings, effective
from .speed import peak
from .terminal import shown
from .weights import quietly

if TYPE_CHECKING:
    import torch
    from rich.console import Console
    from transformers import Trainer

    from .batches import Plan

__all__ = ["train"]

ASIDE = ("out", "data", "keep", "save", "evaluate", "samples")
"""Settings that change nothing of what is learned. The data counts by its contents."""

KIND = "training"
"""What a folder holds, in messages about it."""

EXAMPLE = "Name the three primary colours."


def train(
    settings: Settings, *, show_mask: bool = False, dry_run: bool = False, console: Console | None = None
) -> Path:
    """Train, or go on with training, in the folder settings.out, and return it.

    `show_mask` prints a row with what is learned of it; `dry_run` stops before the first step. Progress goes to
    `console`, by default stderr. Raises UsageError before anything is written, RunStopped when training cannot go on.
    """
    from rich.console import Console

    from .devices import precision_of

    rank, count = processes()
    console = console or Console(stderr=True)
    console = console if rank == 0 else Console(quiet=True)
    out = _folder(settings, dry_run=dry_run)
    with ExitStack() as held:
        if rank == 0 and not dry_run and finished(out) is None:  # what is done is only read
            held.enter_context(locked(out))
        data = read(settings)
        precision = precision_of(settings)
        run = {} if dry_run else _run(settings, data, str(precision).removeprefix("torch."), count)
        if not dry_run and _is_done(out, run, console):
            return out
        start = None if dry_run else _checkpoint(out, run, console)
        made = ready(settings, data)
        plan = plan_of(made, settings, count)
        _describe(made, plan, settings, estimates(made, plan, settings, precision), console, show_mask=show_mask)
        if dry_run:
            return out
        progress = Progress(
            console,
            made.size,
            steps=plan.steps,
            steps_an_epoch=plan.steps_an_epoch,
            best=_peak(made, precision),
            devices=count,
        )
        held.callback(progress.end)
        with room(out), quietly():
            trainer = _trained(made, plan, settings, progress, run, start)
            _save(trainer, made, plan, settings, progress, run)
    return out


def _folder(settings: Settings, *, dry_run: bool) -> Path:
    """The folder to train in. Raises UsageError when it cannot be, or holds something else."""
    if not settings.out and not dry_run:
        raise UsageError("where should the model go? Give --out FOLDER, like --out models/mine")
    out = Path(settings.out)
    if not dry_run:
        check_place(out, KIND, ("checkpoints", REPORT))
    return out


def _run(settings: Settings, data: Data, precision: str, processes: int) -> dict[str, Any]:
    """What tells a run from others: all that its weights follow from."""
    chosen = {name: value for name, value in effective(settings).items() if name not in ASIDE}
    return chosen | {"precision": precision, "data": data.hash, "processes": processes} | _contents(settings)


def _contents(settings: Settings) -> dict[str, str]:
    """Hashes of what settings name by its place alone, where something else may be another day. Raises UsageError."""
    found = {}
    try:
        for name, given in (("base", settings.base), ("tokenizer", settings.tokenizer)):
            folder = os.path.expanduser(given)
            if given != TINY and os.path.isdir(folder):
                found[f"{name}_hash"] = identity(Source(Path(folder)))
        if settings.template.endswith(".jinja"):
            found["template_hash"] = hashlib.sha256(Path(settings.template).read_bytes()).hexdigest()
    except OSError as error:
        raise UsageError(f"cannot read {error.filename}: {error.strerror or error}") from None
    return found


def _is_done(out: Path, run: Mapping[str, Any], console: Console) -> bool:
    """Whether the folder holds this run, finished. Raises UsageError if it holds another one."""
    report = finished(out)
    if report is None:
        return False
    check_same(out, KIND, report.get("run") or {}, run)
    console.print(f"{out} is trained already: nothing to do", markup=False, highlight=False, soft_wrap=True)
    return True


def _checkpoint(out: Path, run: Mapping[str, Any], console: Console) -> Path | None:
    """The checkpoint to go on from, if there is one. Raises UsageError when it is of another run."""
    found, ignored = newest(out / "checkpoints")
    for line in ignored:
        console.print(line, markup=False, highlight=False, soft_wrap=True, style="yellow")
    if found is None:
        return None
    check_same(out, KIND, found.run, run)
    console.print(f"goes on after step {found.step:,}", markup=False, highlight=False)
    return found.path


def _describe(
    made: Ready, plan: Plan, settings: Settings, known: Mapping[str, str], console: Console, *, show_mask: bool
) -> None:
    """What is about to be trained, for a person to look at."""
    from .check import show_mask as masked
    from .check import summary

    console.print(summary(made.findings, settings, known))
    if made.missed:
        console.print(f"{made.missed:,} rows held out are too long or have no answer: left out", highlight=False)
    if show_mask and not made.pairs:
        console.print(masked(made.findings.rows[0], made.tokenizer), soft_wrap=True)
    elif show_mask:
        row = made.findings.rows[0]
        for name, ids in (("reads", row.ids), ("learns", row.labels)):
            text = f"{name}: {shown(str(made.tokenizer.decode(ids)))}"
            console.print(text, markup=False, highlight=False, soft_wrap=True)
    import torch

    if plan.processes == 1 and torch.cuda.device_count() > 1:
        console.print(
            f"{torch.cuda.device_count()} GPUs are here and one is used; for all: accelerate launch --config_file "
            f"{Path(__file__).parent / 'accelerate' / 'ddp.yaml'} -m selfinstruct train …",
            style="yellow",
        )


def _trained(
    made: Ready, plan: Plan, settings: Settings, progress: Progress, run: Mapping[str, Any], start: Path | None
) -> Trainer:
    from .callbacks import Watch, sampled
    from .sft import collator, mean_loss, trainer_of

    collate = collator(made.model, _pad(made), settings, pairs=made.pairs)

    def evaluate() -> tuple[float | None, list[Sample]]:
        rows = 2 * settings.micro_batch  # nothing is kept for a backward pass
        loss = mean_loss(trainer, made.held_out, collate, rows) if made.held_out else None
        return loss, sampled(trainer.model, made.tokenizer, made.template, made.asked)

    watch = Watch(plan, settings, progress, run, evaluate)
    trainer = trainer_of(made.model, plan, collate, settings, Path(settings.out) / "checkpoints", [watch])
    trainer.train(resume_from_checkpoint=str(start) if start else None)
    return trainer


def _peak(made: Ready, precision: torch.dtype) -> float | None:
    """Unknown too where arithmetic a token is: each token passes only one side of a pair's model, and few experts."""
    config = made.model.config.get_text_config()
    sparse = any(getattr(config, name, None) for name in ("num_experts", "num_local_experts", "n_routed_experts"))
    return None if made.pairs or sparse else peak(device_name(), "bf16" if precision.itemsize == 2 else "fp32")


def _pad(made: Ready) -> int:
    return int(made.tokenizer.pad_token_id)  # load_base gives every tokenizer one


def _save(
    trainer: Trainer, made: Ready, plan: Plan, settings: Settings, progress: Progress, run: Mapping[str, Any]
) -> None:
    from .templates import rendered_prompt

    out = Path(settings.out)
    _in_16_bits(trainer, made, settings)
    trainer.save_model(str(out))  # by all processes: a sharded model is gathered
    if trainer.is_world_process_zero():
        (out / "training_args.bin").unlink(missing_ok=True)  # a pickle, of what train.json says
        save_tokenizer(out, made.model, made.tokenizer, made.template)
        prompt = rendered_prompt(made.template, [{"role": "user", "content": EXAMPLE}], made.tokenizer)
        history = trainer.state.log_history
        save_results(out, settings, run, _figures(made, plan, progress, run, history), history, prompt)
        lighten(out / "checkpoints")
        progress.say(progress.line())
    trainer.accelerator.wait_for_everyone()
    trainer.accelerator.end_training()


def _in_16_bits(trainer: Trainer, made: Ready, settings: Settings) -> None:
    """A base in 16 bits gives a model in 16 bits, as its users expect; its checkpoints stay in fp32."""
    from .bases import config_of_base

    if settings.method != "full" or settings.base == TINY or trainer.is_fsdp_enabled or trainer.is_deepspeed_enabled:
        return
    own: Any = config_of_base(settings.base).dtype
    if own is not None and own.itemsize == 2:
        made.model.to(own)


def _figures(
    made: Ready, plan: Plan, progress: Progress, run: Mapping[str, Any], history: list[dict[str, Any]]
) -> dict[str, Any]:
    last = [entry["loss"] for entry in history if "loss" in entry][-max(1, min(RECENT, plan.steps // 10)) :]
    held_out = [entry["eval_loss"] for entry in history if "eval_loss" in entry]
    seconds = progress.seconds or None
    return {
        "data": run["data"],
        "rows": len(made.findings.rows),
        "rows_given": made.findings.total,
        "left_out": made.findings.problems,
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
        "seconds": progress.seconds,
        "tokens": progress.real,
        "tokens_per_second": progress.real / seconds if seconds else None,
        "learned_per_second": progress.trained / seconds if seconds else None,
        "padding": progress.padding / max(1, progress.padding + progress.real),
        "mfu": progress.mfu(),
        "precision": run["precision"],
        "device": device_name(),
        "devices": plan.processes,
    }
