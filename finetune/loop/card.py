"""What a trained folder holds beside the weights: loss.png, the model card README.md, and train.json, written last."""

from __future__ import annotations

import json
import platform
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from io import BytesIO
from math import exp
from pathlib import Path
from typing import TYPE_CHECKING, Any

from selfinstruct import __version__
from selfinstruct.workdir import atomic

from ..models.folders import folder_here, folder_of
from ..models.provenance import note_base, weights_hash
from ..settings import REWARDED, TINY, WHOLE, Settings
from .checkpoints import REPORT
from .progress import in_time

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from ..rows.templates import Template

__all__ = ["card", "companion", "loss_plot", "save_results", "save_tokenizer", "versions"]

PACKAGES = ("torch", "transformers", "peft", "accelerate", "tokenizers", "bitsandbytes")

Companion = Callable[[Path], None]

METHODS = {
    "full": "all weights trained",
    "lora": "LoRA",
    "qlora": "QLoRA (LoRA on a 4-bit base)",
    "adapter": "LLaMA-Adapter",
    "ptuning": "P-Tuning v2",
    "embeddings": "embeddings and head trained, all else frozen",
}


def versions() -> dict[str, str]:
    found = {"selfinstruct": __version__, "python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def save_tokenizer(out: Path, model: Any, tokenizer: PreTrainedTokenizerBase, template: Template | None) -> None:
    """The tokenizer with the template that was trained on, and the tokens that end an answer. None: of text, which
    leaves the base's template as it was, if it has one.
    """
    from ..models.tokenizer_files import save_exactly
    from ..rows.templates import stops

    if template:
        tokenizer.chat_template = template.saved
    save_exactly(tokenizer, out)
    if (config := getattr(model, "generation_config", None)) is not None:  # one that marks has none
        config.eos_token_id = stops(template, tokenizer) if template else tokenizer.eos_token_id
        config.pad_token_id = tokenizer.pad_token_id
        config.save_pretrained(out)


def companion(
    model: Any, tokenizer: PreTrainedTokenizerBase, template: Template | None, settings: Settings
) -> Companion:
    """What writes all that a model needs beside its weights into a folder, checkpoints included: of an adapter also
    which base it was trained on, whose hash is taken now.
    """
    adapted = settings.method not in WHOLE
    known = weights_hash(folder_of(settings.base, "the base")) if adapted else ""
    folder = folder_here(settings.base) if adapted else None

    def accompany(out: Path) -> None:
        save_tokenizer(out, model, tokenizer, template)
        if adapted:
            note_base(out, settings.base, folder, known)

    return accompany


def save_results(
    out: Path,
    settings: Settings,
    run: Mapping[str, Any],
    figures: Mapping[str, Any],
    history: Sequence[Mapping[str, Any]],
    prompt: str,
) -> None:
    """`run` tells this run from others, `history` is the Trainer's, with every step's loss, `prompt` an example of what
    the model is asked.
    """
    with atomic(out / "loss.png") as file:
        file.write(loss_plot(history))
    with atomic(out / "README.md") as file:
        file.write(card(out.name, settings, figures, prompt).encode("utf-8", "replace"))
    report = {
        "settings": asdict(settings),
        "run": run,
        "versions": versions(),
        "figures": figures,
        "losses": [round(entry["loss"], 6) for entry in history if "loss" in entry],
        "validation_losses": {entry["step"]: round(entry["eval_loss"], 6) for entry in history if "eval_loss" in entry},
    }
    for weights in out.glob("*.safetensors"):  # written for their owner alone: whoever may read the rest may read them
        shutil.copymode(out / "README.md", weights)
    with atomic(out / REPORT) as file:
        file.write((json.dumps(report, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace"))


def loss_plot(history: Sequence[Mapping[str, Any]]) -> bytes:
    """A PNG: each step's loss faint, its running mean over a fiftieth of the run, and the validation loss. Of answers
    that were paid, the reward in its place."""
    from matplotlib.figure import Figure

    is_paid = any("flat" in entry for entry in history)
    what = "reward" if is_paid else "loss"
    steps = [entry["step"] for entry in history if what in entry]
    losses = [entry[what] for entry in history if what in entry]
    held_out = [(entry["step"], entry["eval_loss"]) for entry in history if "eval_loss" in entry]
    # Not pyplot's: that keeps every figure in a global list, and may look for a display.
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    marker = "." if len(steps) < 3 else ""
    axes.plot(steps, losses, marker=marker, color="tab:blue", alpha=0.3, linewidth=1)
    axes.plot(steps, _running_mean(losses), marker=marker, color="tab:blue", label="training")
    if held_out:
        axes.plot(*zip(*held_out, strict=True), marker="o", color="tab:orange", label="validation")
    axes.set(xlabel="step", ylabel="reward of an answer" if is_paid else "loss per learned token")
    axes.grid(alpha=0.3)
    axes.legend()
    found = BytesIO()
    figure.savefig(found, format="png", dpi=120, metadata={"Software": None})
    return found.getvalue()


def _running_mean(values: Sequence[float]) -> list[float]:
    window = max(1, len(values) // 50)
    sums = [0.0]
    for value in values:
        sums.append(sums[-1] + value)
    return [(sums[end] - sums[max(0, end - window)]) / min(end, window) for end in range(1, len(sums))]


def card(name: str, settings: Settings, figures: Mapping[str, Any], prompt: str) -> str:
    """The model card. A base in a folder has no name that others could look up: it is left out of the metadata."""
    is_hub_id = settings.base != TINY and folder_here(settings.base) is None
    base = "a small Llama with random weights" if settings.base == TINY else f"`{settings.base}`"
    adapted = settings.method not in ("full", "embeddings")
    metadata = ["library_name: " + ("peft" if adapted else "transformers")]
    metadata += ["pipeline_tag: text-generation"] if not figures.get("pairs") else []
    metadata += [f"base_model: {settings.base}"] if is_hub_id else []
    of_text = settings.learn == "text"
    metadata += [f"tags: [{'pre-trained' if of_text else 'instruction-tuned'}, selfinstruct]"]
    kind = "sequences" if of_text else "rows"
    tokens = f"({figures['tokens_an_epoch']:,} tokens, {figures['learned_an_epoch']:,} learned)"
    told = "answers" if settings.learn == "kto" else "pairs"
    rows = {
        "base": base,
        "method": METHODS[settings.method],
        **({"documents": f"{figures['documents']:,}"} if of_text else {}),
        kind: f"{figures['rows']:,} {tokens}",
        "data, SHA-256": f"`{figures['data']}`",
        "steps": f"{figures['steps']:,} of {settings.batch} {kind}, {figures['epochs']:.2f} epochs",
        "learning rate": f"{settings.lr:g}, {settings.schedule}, warm-up {settings.warmup:g}",
        f"longest {kind[:-1]}": f"{settings.max_length:,} tokens",
        "trained": f"{figures['trained_parameters']:,} of {figures['parameters']:,} parameters",
        "precision": ", ".join(filter(None, (figures["precision"], figures.get("saved", {}).get("line")))),
        "loss at the end": _number(figures["loss"]),
        "validation loss": _number(figures["validation_loss"]),
        **_rewards(settings, figures.get("rewarded")),
        **({f"{told} told right, held out": f"{figures['told']['right']:.1%}"} if figures.get("told") else {}),
        **({"perplexity, held out": _perplexities(figures)} if of_text else {}),
        "time": f"{in_time(figures['seconds'])} on {figures['devices']} × {figures['device']}",
    }
    return CARD.format(
        metadata="\n".join(metadata),
        name=name,
        table="\n".join(f"| {key} | {value} |" for key, value in rows.items()),
        how=(TEXTS if of_text else PAID if settings.learn in REWARDED else ANSWERS).format(base=base),
        use=f"{name} --template completion" if of_text else name,
        prompted=OF_TEXTS if of_text else OF_ANSWERS.format(template=figures["template"]),
        prompt=prompt,
        fence="`" * max(3, 1 + _longest_run(prompt, "`")),
        whole="The folder holds what was learned; the base is loaded beside it." if adapted else "",
    )


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _rewards(settings: Settings, found: Mapping[str, Any] | None) -> dict[str, str]:
    """What the likeliest answers are paid, before and after: of rules, the share that is right."""
    if not found:
        return {}
    names = {
        "trained": "trained on",
        "both": "both twins",
        "held_out": "held out",
        "unseen": "families never trained on",
    }
    before, after = found["before"], found["after"]
    told = {
        f"reward, {what}": f"{after[name]:.3f}, before {before[name]:.3f}"
        for name, what in names.items()
        if after[name] is not None
    }
    paid = f"{settings.learn}, {settings.samples_each} answers to a question, paid by `{settings.reward}`"
    return {"reward": paid, **told, **({"stopped": found["stopped"]} if found["stopped"] else {})}


def _perplexities(figures: Mapping[str, Any]) -> str:
    before, after = figures["validation_loss_before"], figures["validation_loss"]
    return "–" if after is None else f"{_perplexity(after)}, before the training {_perplexity(before)}"


def _perplexity(loss: float) -> str:
    return f"{exp(min(loss, 700)):,.1f}"  # whose exponential a float can hold


def _longest_run(text: str, mark: str) -> int:
    longest = 0
    while mark * (longest + 1) in text:
        longest += 1
    return longest


ANSWERS = """\
Instruction-tuned from {base} with selfinstruct {version}:
it was trained on instructions and their answers, with the loss on the answers alone.\
""".replace("{version}", __version__)
PAID = """\
Trained from {base} by rewards with selfinstruct {version}:
it answered questions, and answers that were paid more than others to the same question became likelier.\
""".replace("{version}", __version__)
TEXTS = """\
Trained on text from {base} with selfinstruct {version}:
every token was learned. It goes on from what it is given, and was taught to answer nothing.\
""".replace("{version}", __version__)
OF_ANSWERS = """\
The template is `{template}`; it is in the tokenizer, as its chat template. A prompt looks like this, and the model ends
its answer by itself:\
"""
OF_TEXTS = "A prompt is the beginning of a text, such as:"

CARD = """\
---
{metadata}
---

# {name}

{how} {whole}
Every setting, version and loss is in `train.json`, the curve in `loss.png`.

```sh
selfinstruct chat {use}
```

| | |
|---|---|
{table}

## Prompt

{prompted}

{fence}text
{prompt}
{fence}

## Limits

It can be wrong, and repeats what its base and its data have of errors and prejudice. Nobody examined its answers for
harm. What it may be used for is subject to the licences of its base and its data.
"""
