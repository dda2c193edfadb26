"""A folder that is written safely: files that appear whole, and what they hold read back."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import yaml

__all__ = ["atomic", "yaml_of"]


@contextmanager
def atomic(path: Path) -> Iterator[BinaryIO]:
    """A file that appears whole or not at all: written beside its place, synced, renamed."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    file = open(beside, "xb")  # noqa: SIM115  closed below, before the renaming
    try:
        with file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except BaseException:
        beside.unlink()
        raise


def yaml_of(text: str) -> Any:
    """What a YAML text says. Raises ValueError, with the line, for every text that is none."""
    try:
        return yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise ValueError(f"{where}{' '.join(str(error.problem or error.context).split())}") from None
    except Exception as error:  # PyYAML lets through what int("0x_") and its like raise: KeyError, AttributeError …
        raise ValueError(" ".join(f"{type(error).__name__}: {error}".split())) from None
