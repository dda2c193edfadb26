"""The commands that make and use a tuned model: train, presets, merge, delta and chat."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from selfinstruct.cli.group import hand_over, main, say
from selfinstruct.errors import UsageError

__all__ = ["needs_training_packages", "write_gguf"]


@main.command()
@click.argument("sources", nargs=-1, metavar="[DATA]…")
@click.option("--data", metavar="DATA", multiple=True, help="The same as the argument. May be repeated.")
@click.option(
    "--base", metavar="MODEL", help="tiny, smollm2, a folder, a .gguf file, or a hub id. [default: the preset's]"
)
@click.option(
    "--preset", metavar="NAME", help="Settings of a published model: see `selfinstruct presets`. [default: none]"
)
@click.option(
    "--method",
    metavar="NAME",
    help="full, lora, qlora, adapter, ptuning, embeddings or pretrain; by LoRA dpo, orpo, kto, reward, grpo or rloo. "
    "[default: lora; full for tiny]",
)
@click.option("--reward", metavar="WHAT", help="Of --method grpo, rloo: exam, a DIR, or python:module.function.")
@click.option(
    "--template",
    metavar="NAME",
    help="alpaca, chat, plain, completion, vicuna, wizardlm, own, or auto. [default: auto]",
)
@click.option("--epochs", metavar="N", help="How often every row is seen. [default: 3]")
@click.option("--lr", metavar="RATE", help="The highest learning rate. [default: the method's]")
@click.option("--batch", metavar="ROWS", help="An optimiser step, over all devices and accumulation. [default: 128]")
@click.option("--max-length", metavar="TOKENS", help="Of a row. [default: 512]")
@click.option("--too-long", metavar="WHAT", help="To do with many longer rows: refuse, drop or cut. [default: refuse]")
@click.option("--validation", metavar="ROWS", help="Held out; below 1 their share, like 0.04. [default: 0]")
@click.option("--seed", metavar="N", help="Of all random choices. [default: 0]")
@click.option(
    "--set",
    "texts",
    metavar="NAME=VALUE",
    multiple=True,
    help="Any other one: see `selfinstruct settings`.",
)
@click.option("--out", metavar="DIR", default="", help="Folder of the model; the same command resumes it.")
@click.option("--show-mask", is_flag=True, help="Print ten rows of different kinds with what is learned of them.")
@click.option("--dry-run", is_flag=True, help="Check data and settings, estimate, and train nothing.")
def train(
    sources: tuple[str, ...],
    data: tuple[str, ...],
    texts: tuple[str, ...],
    preset: str | None,
    show_mask: bool,
    dry_run: bool,
    **options: Any,
) -> None:
    """Tune a model on DATA (runs, or files in any layout), or train a tiny one from scratch.

    Of documents (rows {"text"}, .txt) every token is learned; so it is with --method pretrain.

    A default is what is taken when neither the command nor the preset says otherwise.

    \b
      selfinstruct train runs/first --preset tiny --out models/tiny
      selfinstruct train runs/first --preset alpaca_lora --base meta-llama/Llama-3.2-1B --out models/mine
      selfinstruct train books/*.txt --method pretrain --base tiny --out models/small
    """
    from selfinstruct.finetune.settings import changes_from, load_settings

    options["data"] = (*sources, *data)
    changes: dict[str, Any] = {name: value for name, value in options.items() if value not in (None, ())}
    settings = load_settings(preset, changes_from(texts) | changes)
    if not settings.data:
        raise UsageError("no data: give a run folder or a file of rows, like selfinstruct train runs/first --out …")
    needs_training_packages()
    from selfinstruct.finetune.train import train

    train(settings, show_mask=show_mask, dry_run=dry_run)


@main.command()
def settings() -> None:
    """List every setting of `train`, with its default and what it is, for --set NAME=VALUE and for presets."""
    from selfinstruct.finetune.settings import described

    width = max(len(f"{each.name} {each.default}") for each in described())
    for each in described():
        gap = " " * (width - len(each.name) - len(each.default))
        say(f"{each.name}{gap} {each.default}  {each.text}")


@main.command()
@click.argument("name", required=False)
def presets(name: str | None) -> None:
    """List the presets of `train`, or print one, to be copied and edited."""
    from selfinstruct.finetune.settings import preset_text, presets

    if name is not None:
        hand_over([preset_text(name).encode()])
        return
    for each in presets():
        say(f"{each:17} {preset_text(each).splitlines()[0].removeprefix('# ')}")


@main.command()
@click.argument("adapters", nargs=-1, required=True, metavar="DIR[=WEIGHT]…")
@click.option("--base", metavar="MODEL", help="The 16-bit model. [default: the one that the adapters name]")
@click.option("--out", metavar="DIR", required=True, help="Folder of the whole model.")
@click.option("--save", metavar="KIND", default="auto", help="bf16, fp16, fp32 or auto. [default: the base's]")
@click.option("--how", metavar="WAY", default="linear", help="ties, dare_ties, dare_linear … [default: linear]")
@click.option("--density", type=float, default=0.5, help="What ties and dare keep of each one. [default: 0.5]")
@click.option("--seed", type=int, default=0, help="Of what is drawn by chance. [default: 0]")
def merge(adapters: tuple[str, ...], base: str | None, out: str, **way: Any) -> None:
    """Merge LoRA adapters, each with a weight, into the model that they were trained on.

    \b
      selfinstruct merge models/mine --out models/merged
      selfinstruct merge models/a=0.7 models/b=0.3 --out models/both
      selfinstruct merge models/a models/b --how ties --density 0.3 --out models/both
    """
    needs_training_packages()
    from selfinstruct.finetune.publish.merge import adapters_from, merge

    say(f"{merge(adapters_from(adapters), base, out, **way)}: merged")


@main.group()
def delta() -> None:
    """Give away a tuned model without its base: only what differs, with a checksum."""


@delta.command()
@click.option("--base", metavar="DIR", required=True, help="The model that was tuned.")
@click.option("--tuned", metavar="DIR", required=True, help="What became of it.")
@click.option("--out", metavar="DIR", required=True, help="Folder of the delta.")
def make(base: str, tuned: str, out: str) -> None:
    """Write what turns the base into the tuned model."""
    needs_training_packages()
    from selfinstruct.finetune.publish.delta import make_delta

    say(f"{make_delta(base, tuned, out)}: the tuned model's checksum is in it")


@delta.command()
@click.option("--base", metavar="DIR", required=True, help="The model that was tuned.")
@click.option("--delta", "difference", metavar="DIR", required=True, help="What `delta make` wrote.")
@click.option("--out", metavar="DIR", required=True, help="Folder of the tuned model.")
def apply(base: str, difference: str, out: str) -> None:
    """Make the tuned model of the base and a delta, and verify its checksum."""
    needs_training_packages()
    from selfinstruct.finetune.publish.delta import apply_delta

    say(f"{apply_delta(base, difference, out)}: the checksum agrees")


@main.command()
@click.argument("model")
@click.option("--prompt", metavar="TEXT", help="Ask one thing and stop; - reads it from stdin.")
@click.option("--input", "given", metavar="TEXT", default="", help="With --prompt: what the instruction works on.")
@click.option("--system", metavar="TEXT", default="", help="What the model is told first.")
@click.option("--template", metavar="NAME", default="auto", show_default=True, help="auto: as it was trained.")
@click.option("--base", metavar="MODEL", help="Where an adapter's base is now. [default: where it was]")
@click.option("--quantize", type=click.Choice(["4", "8"]), help="Bits a weight, for less memory. [default: as saved]")
@click.option("--temperature", type=click.FloatRange(0), help="0: always the likeliest token. [default: 0.7]")
@click.option("--top-p", type=click.FloatRange(0, 1), help="[default: 0.9]")
@click.option("--max-tokens", metavar="N", type=click.IntRange(1), help="Of an answer. [default: 512]")
@click.option("--seed", type=int, help="Of the sampling. [default: 0]")
def chat(
    model: str,
    prompt: str | None,
    given: str,
    system: str,
    template: str,
    base: str | None,
    quantize: str | None,
    **sampling: Any,
) -> None:
    """Talk to a tuned model: a folder that `train` or `merge` wrote, or a hub id.

    \b
      selfinstruct chat models/tiny
      selfinstruct chat models/tiny --prompt "Sort the numbers." --input "3, 1, 2" --temperature 0
    """
    needs_training_packages()
    from selfinstruct.finetune.answer.chat import USUAL, ask_once, converse

    how = replace(USUAL, **{name: value for name, value in sampling.items() if value is not None})
    loaded: dict[str, Any] = {"template": template, "base": base, "bits": int(quantize) if quantize else None}
    if prompt is None:
        if given:
            raise UsageError("--input goes with --prompt: in a conversation, write it below the question")
        converse(model, system=system, sampling=how, **loaded)
    else:
        ask_once(model, prompt, given=given, system=system, sampling=how, **loaded)


def write_gguf(model: str, kind: str, on: tuple[str, ...], out: str | None) -> None:
    """`export --gguf`: a model, not data. `on` are rows to say with what the rounding costs."""
    needs_training_packages()
    from selfinstruct.finetune.publish.gguf import export_gguf
    from selfinstruct.finetune.publish.perplexity import export_measured

    target = out or f"{Path(model).resolve().name}-{kind}.gguf"
    if on:
        cost = export_measured(model, target, kind, on, lambda text: say(text, err=True))
        say(cost.line(kind, on))
    else:
        export_gguf(model, target, kind)
    say(f"{target}: for llama.cpp and what builds on it")


def needs_training_packages() -> None:
    from importlib.util import find_spec

    # It says that the hub has a faster kernel, and of a model in 8 bits, amid an answer, that it computes in 16.
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)

    for package in ("torch", "transformers", "peft", "accelerate", "safetensors"):
        if find_spec(package) is None:
            raise UsageError(f"this needs the package {package}: pip install 'selfinstruct[train]'")
