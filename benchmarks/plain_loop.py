"""`selfinstruct train` beside a plain loop of transformers and PEFT, and TRL's SFTTrainer: a real model, real rows.

    python benchmarks/plain_loop.py --base FOLDER --data FILE            (half an hour on two cores)
    python benchmarks/plain_loop.py --base FOLDER --data FILE --methods lora --steps 4

Needs the extra `train`, and `pip install trl datasets`. Base, rows, their order, rate, batch and precision are the same
for all; LoRA has no dropout here, as no two programs draw it alike. Each way is a process of its own, begun cold, and
what is measured is what its user has:

- "first step": seconds from the start of the command to the end of its first step;
- "tokens/s": real tokens, without padding, from the beginning of the first step to the end of the last;
- "peak": the most memory that the process had (resident);
- "losses apart": how far its losses are from the plain loop's, at most, over all steps.

The losses of ours have to be within 0.001 a step of the plain loop's in fp32, or the run ends with an error; in bf16
they are printed. Packed, a step has other rows: only its speed says something. The plain loop is written as one would
write it: rows padded to the longest of a micro-batch, the model's own loss divided by the step's learned tokens, AdamW,
clipping. It and TRL get the rows tokenised already, and in ours' order.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import torch
from rich.console import Console
from rich.table import Table

RATES = {"lora": 3e-4, "full": 2e-5}
APART = 1e-3
"""What the losses of ours may differ by from the plain loop's, in fp32."""

Steps = list[list[list[tuple[list[int], list[int]]]]]
"""Ids and labels of the rows of the micro-batches of each step."""

HERE = "cuda" if torch.cuda.is_available() else "cpu"


class Measured(NamedTuple):
    first: float
    """Seconds to the end of the first step."""
    rate: float
    """Tokens a second of training."""
    peak: float
    """GB."""
    losses: list[float]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--base", default="smollm2", help="A folder, or smollm2 with the extra of that name.")
    parser.add_argument("--data", default="seeds/seed_tasks.jsonl")
    parser.add_argument("--methods", nargs="+", choices=RATES, default=list(RATES))
    parser.add_argument("--precision", choices=("fp32", "bf16"), default="fp32")
    parser.add_argument("--steps", type=int, default=6)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--micro", type=int, default=4)
    parser.add_argument("--length", type=int, default=512)
    parser.add_argument("--checkpointing", type=int, choices=(0, 1), default=0, help="1: recompute activations.")
    parser.add_argument("--way", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.way:
        child(options)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        steps = prepare(options, Path(folder))
        tokens = sum(len(ids) for step in steps for micro in step for ids, _ in micro)
        found = {
            method: {
                "plain loop": other("plain", method, options, tokens, Path(folder)),
                "ours": ours(method, options),
                "ours, packed": ours(method, options, packing=True),
                "TRL": other("trl", method, options, tokens, Path(folder)),
            }
            for method in options.methods
        }
    Console(width=100).print(table(found))
    apart = max(_apart(ways["ours"], ways["plain loop"]) for ways in found.values())
    if options.precision == "fp32" and apart > APART:
        print(f"the losses of ours are {apart:.4f} from the plain loop's", file=sys.stderr)
        return 1
    return 0


def table(found: dict[str, dict[str, Measured]]) -> Table:
    shown = Table("", "", "first step", "tokens/s", "of plain", "peak", "losses apart")
    for method, ways in found.items():
        plain = ways["plain loop"]
        for name, one in ways.items():
            apart = "" if "packed" in name else f"{_apart(one, plain):.5f}"
            rates = f"{one.rate:,.0f}", f"{one.rate / plain.rate:.2f}"
            shown.add_row(method, name, f"{one.first:.1f} s", *rates, f"{one.peak:.2f} GB", apart)
    return shown


def _apart(one: Measured, plain: Measured) -> float:
    return max(abs(a - b) for a, b in zip(one.losses, plain.losses, strict=True))


def settings_of(method: str, options: argparse.Namespace) -> dict[str, Any]:
    """What ours is told, and the others do."""
    return {
        "data": options.data,
        "base": options.base,
        "method": method,
        "lr": RATES[method],
        "schedule": "constant",
        "warmup": 0,
        "steps": options.steps,
        "batch": options.batch,
        "micro_batch": options.micro,
        "max_length": options.length,
        "precision": options.precision,
        "checkpointing": bool(options.checkpointing),
        "samples": 0,
        **({"dropout": 0} if method == "lora" else {}),
    }


def prepare(options: argparse.Namespace, folder: Path) -> Steps:
    """The base as a folder, and the micro-batches of every step, which are the toolkit's own, as a file in `folder`."""
    from selfinstruct.finetune.settings import load_settings
    from selfinstruct.finetune.train import make, plan_of, read

    settings = load_settings(None, settings_of("full", options))
    made = make(settings, read(settings))
    plan = plan_of(made, settings, 1)
    each = plan.accumulation
    steps: Steps = [
        [[(item.ids, item.labels) for item in plan[step * each + place]] for place in range(each)]
        for step in range(plan.steps)
    ]
    text = json.dumps({"pad": made.tokenizer.pad_token_id, "steps": steps})
    folder.joinpath("steps.json").write_text(text, encoding="utf-8")
    if not Path(options.base).is_dir():
        options.base = str(folder / "base")
        made.model.save_pretrained(options.base)
        made.tokenizer.save_pretrained(options.base)
    return steps


def ours(method: str, options: argparse.Namespace, *, packing: bool = False) -> Measured:
    """The command itself; when its steps end, it says."""
    with tempfile.TemporaryDirectory() as folder:
        out = str(Path(folder, "model"))
        given = {**settings_of(method, options), "packing": packing}
        command = [sys.executable, "-m", "selfinstruct", "train", "--out", out]
        for name in ("data", "base", "method"):
            command += [f"--{name}", str(given.pop(name))]
        for name, value in given.items():
            command += ["--set", f"{name}={str(value).lower()}"]
        started, first, said = time.time(), 0.0, list[str]()
        process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        for line in process.stderr or ():
            said.append(line)
            first = first or (time.time() if line.startswith("step ") else 0.0)
        peak = _peak(process, "".join(said))
        report = json.loads(Path(out, "train.json").read_text(encoding="utf-8"))
    return Measured(first - started, report["figures"]["tokens_per_second"], peak, report["losses"])


def other(way: str, method: str, options: argparse.Namespace, tokens: int, folder: Path) -> Measured:
    """A way of this file, in a process of its own that says in its last line what it found."""
    told = {name: value for name, value in vars(options).items() if name not in ("methods", "way")}
    command = [sys.executable, __file__, f"--methods={method}", f"--way={way}"]
    command += [f"--{name}={value}" for name, value in (told | {"data": folder / "steps.json"}).items()]
    started = time.time()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    text = process.stdout.read() if process.stdout else ""
    peak = _peak(process, f"{' '.join(command)} failed: run it by itself")
    found = json.loads(text.splitlines()[-1])
    begun, first, *_, last = found["times"]
    return Measured(first - started, tokens / (last - begun), peak, found["losses"])


def _peak(process: subprocess.Popen[str], said: str) -> float:
    """GB that it had at most: only who waits for a process is told. Ends the run when it failed."""
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(said)
    return float(used.ru_maxrss / 2**20)


def child(options: argparse.Namespace) -> None:
    """One way, measured here: its losses and when it began and ended each step, as a line of JSON."""
    losses, times = (plain if options.way == "plain" else trl)(options.methods[0], options)
    print(json.dumps({"losses": losses, "times": times}))


def opened(method: str, options: argparse.Namespace) -> tuple[Any, int, Steps]:
    """The model of a plain script, the id to pad with, and the micro-batches of each step."""
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    given = json.loads(Path(options.data).read_text(encoding="utf-8"))
    torch.manual_seed(0)
    half = options.precision == "bf16" and method != "full"  # frozen weights need no more bits than they compute in
    model: Any = AutoModelForCausalLM.from_pretrained(options.base, dtype=torch.bfloat16 if half else torch.float32)
    model.to(HERE)
    if options.checkpointing:
        model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
    if method == "lora":
        config = LoraConfig(task_type="CAUSAL_LM", r=8, lora_alpha=16, lora_dropout=0, target_modules="all-linear")
        return get_peft_model(model, config), given["pad"], given["steps"]
    return model, given["pad"], given["steps"]


def plain(method: str, options: argparse.Namespace) -> tuple[list[float], list[float]]:
    """The loss of each step; when training began, and each step ended."""
    model, pad, steps = opened(method, options)
    trained = [each for each in model.parameters() if each.requires_grad]
    optimiser = torch.optim.AdamW(trained, RATES[method], weight_decay=0, fused=True)
    model.train()
    losses, times = list[float](), [time.time()]
    for micro_batches in steps:
        learned = sum(label != -100 for rows in micro_batches for _, labels in rows for label in labels)
        total = 0.0
        for rows in micro_batches:
            longest = max(len(ids) for ids, _ in rows)
            batch = {
                "input_ids": torch.tensor([ids + [pad] * (longest - len(ids)) for ids, _ in rows]),
                "labels": torch.tensor([labels + [-100] * (longest - len(labels)) for _, labels in rows]),
                "attention_mask": torch.tensor([[1] * len(ids) + [0] * (longest - len(ids)) for ids, _ in rows]),
            }
            batch = {name: rows.to(HERE) for name, rows in batch.items()}
            with torch.autocast(HERE, torch.bfloat16, enabled=options.precision == "bf16"):
                loss = model(**batch, num_items_in_batch=torch.tensor(learned, device=HERE)).loss
            loss.backward()
            total += loss.item()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimiser.step()
        optimiser.zero_grad()
        losses.append(total)
        times.append(time.time())
    return losses, times


def trl(method: str, options: argparse.Namespace) -> tuple[list[float], list[float]]:
    """The loss of each step; when training began, and each step ended."""
    from datasets import Dataset
    from transformers import AutoTokenizer, TrainerCallback
    from trl import SFTConfig, SFTTrainer  # type: ignore[attr-defined,unused-ignore]

    times = list[float]()

    class Clock(TrainerCallback):
        def on_train_begin(self, *_: Any, **__: Any) -> None:
            times.append(time.time())

        def on_step_end(self, *_: Any, **__: Any) -> None:
            times.append(time.time())

    model, _, steps = opened(method, options)
    rows = [row for micro_batches in steps for micro in micro_batches for row in micro]
    data = Dataset.from_dict({"input_ids": [ids for ids, _ in rows], "labels": [labels for _, labels in rows]})
    with tempfile.TemporaryDirectory() as folder:
        config = SFTConfig(
            output_dir=folder,
            max_steps=len(steps),
            per_device_train_batch_size=options.micro,
            gradient_accumulation_steps=options.batch // options.micro,
            learning_rate=RATES[method],
            lr_scheduler_type="constant",
            max_length=options.length,
            use_cpu=HERE == "cpu",
            bf16=options.precision == "bf16",
            activation_checkpointing=options.checkpointing,
            activation_checkpointing_kwargs={"use_reentrant": False} if options.checkpointing else None,
            train_sampling_strategy="sequential",
            report_to="none",
            save_strategy="no",
            logging_steps=1,
            disable_tqdm=True,
        )
        tokenizer = AutoTokenizer.from_pretrained(options.base)
        trainer = SFTTrainer(
            model=model, args=config, train_dataset=data, processing_class=tokenizer, callbacks=[Clock()]
        )
        trainer.train()
    return [entry["loss"] for entry in trainer.state.log_history if "loss" in entry], times


if __name__ == "__main__":
    sys.exit(main())
