"""What a setting may be: from a text to its kind, the choices there are, the least and the most that makes sense."""

from __future__ import annotations

import os
from math import isfinite
from typing import Any

from selfinstruct.errors import UsageError, did_you_mean, quoted

__all__ = ["LIMITS", "in_range", "value_of"]

CHOICES = {
    "method": ("full", "lora", "qlora", "adapter", "ptuning", "embeddings"),
    "schedule": ("cosine", "linear", "constant"),
    "precision": ("auto", "bf16", "fp32"),
    "learn": ("answers", "all", "text", "dpo", "orpo", "reward", "kto", "rloo", "grpo"),
    "balance": ("none", "length"),
    "optimizer": ("adamw", "adamw_8bit", "paged_adamw", "paged_adamw_8bit"),
    "save": ("auto", "bf16", "fp16", "fp32"),
    "too_long": ("refuse", "drop", "cut"),
    "unfit": ("refuse", "drop"),
    "thoughts": ("auto", "learn", "leave"),
}

LIMITS: dict[str, tuple[float, float]] = {
    **dict.fromkeys(("steps", "validation", "evaluate", "checkpoint"), (0, 10**9)),
    **dict.fromkeys(("lr_end", "decay"), (0, 1)),
    **dict.fromkeys(("warmup", "dropout"), (0, 0.99)),
    **dict.fromkeys(("r", "alpha"), (1, 65_536)),
    **dict.fromkeys(("layers", "heads"), (1, 1000)),
    **dict.fromkeys(("desirable", "undesirable"), (1e-6, 1000)),
    "beta": (0, 1000),
    "samples_each": (2, 10_000),
    "grown_most": (1, 10_000),
    **dict.fromkeys(("answer_tokens", "updates", "examined"), (1, 1_000_000)),
    "temperature": (0.01, 10),
    "clip_ratio": (1e-6, 1000),
    "unended": (-1e6, 1e6),
    **dict.fromkeys(("unseen", "gap_most", "alike_most"), (0, 1)),
    "kl_most": (1e-6, 1e6),
    "epochs": (0.001, 10_000),
    "batch": (1, 1_000_000),
    "micro_batch": (1, 100_000),
    "lr": (1e-12, 1),
    "betas": (0, 0.9999999),
    "clip": (0, 1_000_000),
    "max_length": (8, 10_000_000),
    "seed": (0, 2**32 - 1),
    "samples": (0, 1000),
    "keep": (1, 10_000),
    "virtual_tokens": (1, 10_000),
    "adapter_layers": (0, 10_000),
    "width": (8, 65_536),
    "vocabulary": (300, 1_000_000),
}
"""The least and the most that makes sense. A vocabulary has 256 bytes and 3 special tokens before it has any word."""

NUMBERS = {"betas": "two numbers, like 0.9, 0.95", "shares": "numbers above 0, like 0.8,0.2"}
"""Settings that are several of them."""

KINDS = {bool: "true or false", int: "a whole number", float: "a number", str: "a text", tuple: "a list of texts"}


def value_of(name: str, value: Any, default: Any, where: str = "") -> Any:
    """The value in its setting's kind, which is its default's: YAML reads 2e-5 as a text, and a shell knows texts only.

    Raises UsageError.
    """
    value = os.fspath(value) if isinstance(value, os.PathLike) else value
    try:
        match default:
            case bool():
                return {"true": True, "false": False}[str(value).lower()]
            case int():
                return _whole(value)
            case float():
                return _number(value)
            case str() if isinstance(value, str):
                return value
            case tuple():
                items = value.strip("[]").split(",") if isinstance(value, str) else value
                if not isinstance(items, list | tuple):
                    raise TypeError(value)
                items = [os.fspath(each) if isinstance(each, os.PathLike) else each for each in items if each != ""]
                items = [each.strip() if isinstance(each, str) else each for each in items]
                if name in NUMBERS:
                    return tuple(_number(each) for each in items)
                if all(isinstance(each, str) for each in items):
                    return tuple(items)
    except (ValueError, TypeError, KeyError, OverflowError):
        pass
    kind = NUMBERS.get(name) or KINDS[type(default)]
    one_of = f": {', '.join(CHOICES[name])}" if name in CHOICES else ""
    raise UsageError(f"{where}{name} is {quoted(value)}; it should be {kind}{one_of}")


def _whole(value: Any) -> int:
    if isinstance(value, str):
        return int(value)
    if isinstance(value, bool) or value != int(value):
        raise TypeError(value)
    return int(value)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isfinite(float(value)):
        raise TypeError(value)
    return float(value)


def in_range(name: str, value: Any) -> None:
    """Raises UsageError for a value that makes no sense."""
    if name in CHOICES and value not in CHOICES[name]:
        raise UsageError(f"{name} is {quoted(value)}: {did_you_mean(value, CHOICES[name])}")
    if name == "betas" and len(value) != 2:
        raise UsageError(f"betas is {quoted(value)}; it should be {NUMBERS[name]}")
    if name == "shares" and not all(each > 0 for each in value):
        raise UsageError(f"shares is {quoted(value)}; it should be {NUMBERS[name]}")
    low, high = LIMITS.get(name, (0, 0))
    values = value if name == "betas" else (value,)
    if name in LIMITS and not all(low <= each <= high for each in values):
        raise UsageError(f"{name} is {quoted(value)}; it should be from {low:,} to {high:,}")
    if name == "validation" and value > 1 and value % 1:
        raise UsageError(f"validation is {value:g}; it should be a whole number of rows, or below 1 their share")
