"""Tokens a second of training a tiny Llama: ours, TRL's SFTTrainer as it comes, and a bare PyTorch loop.

    python benchmarks/train.py                              (some minutes; 4 million parameters, 384 rows)
    python benchmarks/train.py --threads 1 --rounds 1       (a minute)

Needs the `train` extra, and `pip install trl datasets`. The rows are made up here, seeded: prompts of 25 to 60 tokens,
answers whose lengths are lognormal (about 91 tokens a row in all), only the answers learned. All start from the same
weights and see the same rows in steps of 32, 4 at once, with AdamW and clipping, in one process, by turns.
Timed are the steps after the first:

- ours: as `selfinstruct train` does it, in the precision that it takes for this device;
- ours, packed;
- ours, fp32;
- bare: a loop in PyTorch, transformers' own loss, rows in random order padded to the longest of a micro-batch;
- bare, bf16: the same under autocast;
- TRL: SFTTrainer with its defaults, on the same tokenised rows (on CPUs in fp32, as its bf16 default raises there);
- TRL, tuned: bf16 and no gradient checkpointing.

Tokens are real ones: padding does not count. Look at "tokens/s" on a machine with nothing else to do, and at "per CPU
second" on any other; the last column is that as a share of the best that is not ours (1 is the aim). The losses of the
first step must agree to 0.05, as its rows are not the same ones, or the run ends with an error.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import datasets
import torch
from rich.console import Console
from rich.table import Table
from transformers import PrinterCallback, TrainerCallback
from transformers.utils.logging import disable_progress_bar, set_verbosity_error

from selfinstruct.finetune.loop.loss import collator, trainer_of
from selfinstruct.finetune.models.tiny import tiny_model, tiny_tokenizer
from selfinstruct.finetune.rows.batches import Item, Plan, packed
from selfinstruct.finetune.settings import Settings

BATCH, MICRO, LENGTH, VOCABULARY = 32, 4, 512, 4096
PAD = 2
LR = 1e-3


class Timed(NamedTuple):
    seconds: float
    cpu: float
    tokens: int
    loss: float
    """Of the first step."""


class Clock(TrainerCallback):
    """When the first step ended and when the last did, in seconds and CPU seconds."""

    def __init__(self) -> None:
        self.times: list[tuple[float, float]] = []

    def on_step_end(self, *_: Any, **__: Any) -> None:
        self.times.append((time.perf_counter(), time.process_time()))

    def timed(self, tokens: int, loss: float) -> Timed:
        first, last = self.times[0], self.times[-1]
        return Timed(last[0] - first[0], last[1] - first[1], tokens, loss)


def made_up_rows(count: int) -> list[Item]:
    rng = Random(0)
    rows = []
    for _ in range(count):
        asked, answered = rng.randint(25, 60), min(400, int(rng.lognormvariate(3.5, 0.8)) + 2)
        ids = [rng.randrange(3, VOCABULARY) for _ in range(asked + answered)]
        rows.append(Item(ids, [-100] * asked + ids[asked:], (len(ids),)))
    return rows


def model_for(settings: Settings) -> Any:
    tokenizer = tiny_tokenizer(["a b c"], VOCABULARY)
    tokenizer.add_tokens([f"<{number}>" for number in range(VOCABULARY - len(tokenizer))])
    return tiny_model(tokenizer, settings)


def ours(rows: Sequence[Item], steps: int, *, precision: str = "auto", pack: bool = False) -> Timed:
    settings = Settings(
        method="full", lr=LR, batch=BATCH, micro_batch=MICRO, max_length=LENGTH, precision=precision, warmup=0
    )
    given = packed(rows, LENGTH) if pack else rows
    batch = max(1, round(BATCH * len(given) / len(rows)))
    plan = Plan(given, batch=batch, micro=MICRO, processes=1, seed=0, steps=steps)
    model, clock = model_for(settings), Clock()
    with tempfile.TemporaryDirectory() as folder:
        trainer = trainer_of(model, plan, collator(model, PAD, settings, pairs=False), settings, Path(folder), [clock])
        trainer.train()
    tokens = sum(plan.counts(step).real for step in range(1, steps))
    return clock.timed(tokens, trainer.state.log_history[0]["loss"])


def bare(rows: Sequence[Item], steps: int, *, bf16: bool = False) -> Timed:
    model, clock = model_for(Settings(max_length=LENGTH)), Clock()
    optimiser = torch.optim.AdamW(model.parameters(), LR, weight_decay=0, fused=True)
    order = Random(0).sample(list(rows), BATCH * steps)
    tokens, losses = 0, []
    model.train()
    for step in range(steps):
        seen = order[step * BATCH : (step + 1) * BATCH]
        learned = torch.tensor(sum(row.trained for row in seen))
        total = 0.0
        for start in range(0, BATCH, MICRO):
            some = seen[start : start + MICRO]
            longest = max(len(row.ids) for row in some)
            ids = torch.tensor([row.ids + [PAD] * (longest - len(row.ids)) for row in some])
            labels = torch.tensor([row.labels + [-100] * (longest - len(row.ids)) for row in some])
            mask = torch.tensor([[1] * len(row.ids) + [0] * (longest - len(row.ids)) for row in some])
            with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
                found = model(input_ids=ids, attention_mask=mask, labels=labels, num_items_in_batch=learned)
            found.loss.backward()
            total += found.loss.item()
            tokens += int(mask.sum()) if step else 0
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad()
        losses.append(total)
        clock.on_step_end()
    return clock.timed(tokens, losses[0])


def trl(rows: Sequence[Item], steps: int, **more: Any) -> Timed:
    from trl import SFTConfig, SFTTrainer  # type: ignore[attr-defined,unused-ignore]

    settings = Settings(max_length=LENGTH)
    tokenizer = tiny_tokenizer(["a b c"], VOCABULARY)
    order = Random(0).sample(list(rows), BATCH * steps)
    data = datasets.Dataset.from_dict(
        {"input_ids": [row.ids for row in order], "labels": [row.labels for row in order]}
    )
    clock = Clock()
    with tempfile.TemporaryDirectory() as folder:
        config = SFTConfig(
            output_dir=folder,
            max_steps=steps,
            per_device_train_batch_size=MICRO,
            gradient_accumulation_steps=BATCH // MICRO,
            learning_rate=LR,
            max_length=LENGTH,
            use_cpu=True,
            train_sampling_strategy="sequential",
            disable_tqdm=True,
            report_to="none",
            save_strategy="no",
            logging_steps=1,
            **more,
        )
        trainer = SFTTrainer(
            model=model_for(settings), args=config, train_dataset=data, processing_class=tokenizer, callbacks=[clock]
        )
        trainer.remove_callback(PrinterCallback)
        trainer.train()
    tokens = sum(len(row.ids) for row in order[BATCH:])
    return clock.timed(tokens, trainer.state.log_history[0]["loss"])


WAYS: dict[str, Callable[[Sequence[Item], int], Timed]] = {
    "ours": ours,
    "ours, packed": lambda rows, steps: ours(rows, steps, pack=True),
    "ours, fp32": lambda rows, steps: ours(rows, steps, precision="fp32"),
    "bare": bare,
    "bare, bf16": lambda rows, steps: bare(rows, steps, bf16=True),
    "TRL": lambda rows, steps: trl(rows, steps, bf16=False),
    "TRL, tuned": lambda rows, steps: trl(rows, steps, bf16=True, activation_checkpointing=False),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--rounds", type=int, default=3, help="The best round of each counts.")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    warnings.simplefilter("ignore")
    set_verbosity_error()  # type: ignore[no-untyped-call,unused-ignore]
    disable_progress_bar()  # type: ignore[no-untyped-call,unused-ignore]
    datasets.disable_progress_bars()
    rows = made_up_rows(BATCH * options.steps)
    found: dict[str, list[Timed]] = {name: [] for name in WAYS}
    for _ in range(options.rounds):
        for name, way in WAYS.items():
            found[name].append(way(rows, options.steps))
    Console(width=100).print(table(found))
    losses = {name: times[0].loss for name, times in found.items()}
    if max(losses.values()) - min(losses.values()) > 0.05:
        print(f"the losses of the first step differ: {losses}", file=sys.stderr)
        return 1
    return 0


def table(found: dict[str, list[Timed]]) -> Table:
    wall = {name: max(each.tokens / each.seconds for each in times) for name, times in found.items()}
    cpu = {name: max(each.tokens / each.cpu for each in times) for name, times in found.items()}
    best = max(rate for name, rate in cpu.items() if not name.startswith("ours"))
    shown = Table("", "tokens/s", "per CPU second", "of the best other")
    for name in found:
        shown.add_row(name, f"{wall[name]:,.0f}", f"{cpu[name]:,.0f}", f"{cpu[name] / best:.2f}")
    return shown


if __name__ == "__main__":
    sys.exit(main())
