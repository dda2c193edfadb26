"""The files of weights in a model's folder: what tensors there are and where, without loading any of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

from selfinstruct.errors import UsageError

__all__ = ["INDEX", "Place", "check_whole", "places", "read_json", "tensors_in"]

INDEX = "model.safetensors.index.json"
"""Where a model in several files says which tensor is in which."""

LONGEST_HEADER = 100_000_000  # safetensors' own bound


def read_json(file: Path) -> dict[str, Any]:
    """The object in a JSON file. Raises UsageError."""
    try:
        value = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror or error}") from None
    except ValueError as error:
        raise UsageError(f"{file} is broken: {error}") from None
    if not isinstance(value, dict):
        raise UsageError(f"{file} is broken: it is no object but {json.dumps(value)[:40]}")
    return value


@dataclass(frozen=True, slots=True)
class Place:
    """Where a tensor's bytes are."""

    file: Path
    dtype: str
    """As safetensors says it: F32, BF16 …"""
    shape: tuple[int, ...]
    start: int
    """From the beginning of the file."""
    size: int
    """In bytes."""


def places(folder: Path, ending: str = ".safetensors") -> dict[str, Place]:
    """Every tensor of a model by name, file by file in the order of the bytes. Raises UsageError for a torn file."""
    found: dict[str, Place] = {}
    for file in _files(folder, ending):
        for name, place in tensors_in(file).items():
            if name in found:
                raise UsageError(f"{folder} has the tensor {name} twice: in {found[name].file.name} and {file.name}")
            found[name] = place
    return found


def check_whole(folder: Path) -> tuple[int, int]:
    """Bytes and number of a model's weights. Raises UsageError when there are none, or a file is torn or missing.

    Older models have pickles of PyTorch's instead, in 16 bits mostly: transformers loads them, and says what is wrong.
    """
    pickles = [] if any(folder.glob("*.safetensors")) else list(folder.glob("pytorch_model*.bin"))
    if pickles:
        saved = sum(file.stat().st_size for file in pickles)
        return saved, saved // 2
    found = places(folder).values()
    return sum(place.size for place in found), sum(prod(place.shape) for place in found)


def _files(folder: Path, ending: str) -> list[Path]:
    """Those that the index names, or else all there are."""
    index = folder / INDEX
    if index.is_file():
        held = read_json(index).get("weight_map")
        if not isinstance(held, dict) or not all(isinstance(name, str) for name in held.values()):
            raise UsageError(f"{index} is broken: it has no weight_map; copy or fetch it again")
        names = sorted(set(held.values()))
        files = [folder / (name.removesuffix(".safetensors") + ending) for name in names]
    else:
        files = sorted(file for file in folder.glob(f"*{ending}") if not file.name.startswith("adapter_model"))
    if missing := [file.name for file in files if not file.is_file()]:
        raise UsageError(f"{folder} lacks {', '.join(missing)}: copy or fetch it again")
    if not files:
        others = ", ".join(file.name for file in folder.glob("*.bin"))
        more = f" but {others}: save it as safetensors, with save_pretrained of transformers" if others else ""
        raise UsageError(f"{folder} has no *{ending}{more}")
    return files


def tensors_in(file: Path) -> dict[str, Place]:
    """The tensors of a safetensors file: eight bytes of length, JSON, then their bytes. Raises UsageError."""
    try:
        size = file.stat().st_size
        with file.open("rb") as opened:
            length = int.from_bytes(opened.read(8), "little")
            if size < 8 or length > min(size - 8, LONGEST_HEADER):
                raise ValueError("it is too short")
            header = json.loads(opened.read(length))
        header.pop("__metadata__", None)
        found = {}
        for name, about in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
            start, end = about["data_offsets"]
            if not 0 <= start <= end <= size - 8 - length:
                raise ValueError(f"it ends before {name} does")
            found[name] = Place(file, about["dtype"], tuple(about["shape"]), 8 + length + start, end - start)
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror or error}") from None
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise UsageError(f"{file} is no whole safetensors file ({error}): copy or fetch it again") from None
    return found
