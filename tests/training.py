"""A training in a process of its own, to be killed or to be one of several: python training.py OUT NAME=VALUE …

Rows and model are tiny. Errors that are meant for people are printed as one line.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from random import Random
from typing import Any

from selfinstruct.errors import RunStopped, SelfinstructError
from selfinstruct.finetune.settings import Settings, load_settings

__all__ = ["SMALL", "interrupted", "rows_file", "settings_for", "trained", "weights_of"]

SMALL = {"layers": 2, "width": 32, "heads": 2, "vocabulary": 300, "batch": 8, "micro_batch": 2, "max_length": 128}


def rows_file(path: Path, count: int = 40) -> Path:
    """Questions and answers of uneven lengths; the same file for the same count."""
    rng = Random(count)
    rows = []
    for number in range(count):
        words = [rng.choice(("red", "green", "blue", "one", "two")) for _ in range(rng.randint(1, 12))]
        row = {"instruction": f"Repeat list {number}.", "input": " ".join(words), "output": " ".join(words)}
        rows.append(row if number % 3 else row | {"output": "ok"})
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path


def settings_for(out: Path, changes: Mapping[str, Any]) -> Settings:
    """A few steps of a tiny model, in fp32, on rows beside `out`."""
    data = out.parent / "rows.jsonl"
    given = {"data": str(data if data.exists() else rows_file(data)), "out": str(out), "precision": "fp32"}
    small = SMALL if changes.get("base", "tiny") == "tiny" else {"batch": 8, "micro_batch": 2, "max_length": 128}
    return load_settings(None, {**small, **given, **changes})


def trained(out: Path, **changes: Any) -> str:
    """Train in this process; what was said meanwhile."""
    from rich.console import Console

    from selfinstruct.finetune.train import train

    said = StringIO()
    train(settings_for(out, changes), console=Console(file=said, width=200))
    return said.getvalue()


def interrupted(out: Path, **changes: Any) -> None:
    """As `trained`, but no model can be written, as a folder is in its place: there are all checkpoints, no more."""
    in_the_way = [out / name for name in ("model.safetensors", "adapter_model.safetensors")]
    for folder in (out / "checkpoints", *in_the_way):
        folder.mkdir(parents=True)
    try:
        trained(out, **changes)
    except RunStopped:
        assert not (out / "train.json").exists()
    else:
        raise AssertionError("it was to be interrupted")
    finally:
        for folder in in_the_way:
            folder.rmdir()


def weights_of(out: Path) -> bytes:
    return next(out.glob("*.safetensors")).read_bytes()


def main(out: str, *changes: str) -> int:
    import torch
    from rich.console import Console

    from selfinstruct.finetune.train import train

    torch.set_num_threads(1)
    try:
        train(settings_for(Path(out), dict(text.split("=", 1) for text in changes)), console=Console(stderr=True))
    except SelfinstructError as error:
        print(f"selfinstruct: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
