"""The difference between a tuned model and its base: to publish a model whose base one may not pass on.

    selfinstruct delta make  --base BASE --tuned DIR --out DELTA
    selfinstruct delta apply --base BASE --delta DELTA --out DIR

The bits are combined by exclusive or, not the numbers by subtraction as Alpaca's and Vicuna's were: in 16 bits
(tuned - base) + base is not always tuned again (bfloat16 weights of deviation 0.02 moved by 0.0001: 2 in 1,000 are not,
moved by 0.001: 17), and then no checksum could hold. Exclusive or gives every byte back, whatever the type.

A delta has the files of the tuned model, each safetensors file with the same header and the bytes of the difference,
but named *.delta, so that nothing loads it as a model by mistake; delta.json has a SHA-256 of every tensor on both
sides, and of every other file. So applying gives the same files, byte for byte. A few megabytes are in memory at a
time, whatever the model.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from selfinstruct.errors import UsageError

from ..models.files import Place, places, read_json
from ..models.folders import about_model, folder_of
from .writing import accompanying, carry_over, room_for, written_folder

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Bytes = npt.NDArray[np.uint8]

__all__ = ["apply_delta", "checksum", "make_delta"]

ABOUT = "delta.json"
FORMAT = 2
"""Of delta.json. The first had no checksums of files."""
METHOD = "exclusive or of the bytes; a base of another precision is rounded to the tuned model's first"
CHUNK = 1 << 22
"""Bytes at a time: a multiple of every element's size."""

FLOATS = {"F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16"}
"""Types that a base may be rounded between, as safetensors and as PyTorch call them."""


def make_delta(base: str, tuned: str, out: str) -> Path:
    """Write the folder `out`: what turns the base into the tuned model. Raises UsageError.

    The tuned model may have more rows in its embedding and head (a vocabulary that grew), which are kept as they are.
    """
    below, above = folder_of(base, "the base"), folder_of(tuned, "the tuned model")
    about_model(below), about_model(above)
    old, new = places(below), places(above)
    _same_tensors(old, new, below, above)
    target = Path(out)
    room_for(sum(place.size for place in new.values()), target)
    with written_folder(target) as folder:
        carry_over(above, folder)
        files = {name: _hash(folder / name) for name in accompanying(folder)}
        digests = dict(_combined(new, old, folder, ".safetensors.delta"))
        about = {
            "format": FORMAT,
            "method": METHOD,
            "base": {"name": below.name if below == Path(base) else base, "sha256": _total(old, digests, 1)},
            "tuned": {"name": above.name if above == Path(tuned) else tuned, "sha256": _total(new, digests, 0)},
            "tensors": {name: {"tuned": hashes[0], "base": hashes[1]} for name, hashes in sorted(digests.items())},
            "files": files,
        }
        (folder / ABOUT).write_text(json.dumps(about, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return target


def apply_delta(base: str, delta: str, out: str) -> Path:
    """Write the tuned model into the folder `out`, the same bytes as it had. Raises UsageError.

    Nothing is left in `out` unless every tensor and every file has the checksum that it had when the delta was made.
    """
    below, difference = folder_of(base, "the base"), folder_of(delta, "the delta", every=True)
    about = _about(difference)
    about_model(below)
    old, new = places(below), places(difference, ".safetensors.delta")
    if new.keys() != about["tensors"].keys():
        raise UsageError(f"{difference} is not whole: {ABOUT} and its *.delta files differ; copy or fetch it again")
    _same_tensors(old, new, below, difference)
    target = Path(out)
    room_for(sum(place.size for place in new.values()), target)
    with written_folder(target) as folder:
        carry_over(difference, folder)
        (folder / ABOUT).unlink()
        _same_files(folder, about["files"], difference)
        found = {}
        for name, (_, before, after) in _combined(new, old, folder, ".safetensors", both=True):
            expected = about["tensors"][name]
            if before != expected["base"]:
                made = f"{about['base']['name']!r} (SHA-256 of its tensors {about['base']['sha256'][:16]}…)"
                raise UsageError(f"{base} is another base than the delta was made from, {made}: {name} differs")
            if after != expected["tuned"]:
                raise UsageError(f"{difference} is corrupt: {name} is not what it was; copy or fetch the delta again")
            found[name] = (after,)
        if _total(new, found, 0) != about["tuned"]["sha256"]:
            raise UsageError(f"{difference} is corrupt: {ABOUT} contradicts itself; copy or fetch the delta again")
    return target


def checksum(folder: str) -> str:
    """SHA-256 of a model's tensors: over their lines, sorted, of name, type, shape and the SHA-256 of the bytes.

    How the tensors are spread over files does not matter.
    """
    found = places(folder_of(folder, "the model"))
    digests = {name: (_digest(place),) for name, place in found.items()}
    return _total(found, digests, 0)


def _digest(place: Place) -> str:
    digest = hashlib.sha256()
    for chunk in _chunks(place):
        digest.update(chunk.data)
    return digest.hexdigest()


def _total(found: Mapping[str, Place], digests: Mapping[str, tuple[str, ...]], which: int) -> str:
    total = hashlib.sha256()
    for name, place in sorted(found.items()):
        shape = ",".join(map(str, place.shape))
        total.update(f"{name} {place.dtype} {shape} {digests[name][which]}\n".encode())
    return total.hexdigest()


def _about(folder: Path) -> dict[str, Any]:
    if not (folder / ABOUT).is_file():
        raise UsageError(f"{folder} is no delta: it has no {ABOUT}. Deltas are made by: selfinstruct delta make")
    about = read_json(folder / ABOUT)
    match about:
        case {
            "format": 2,
            "base": {"name": str(), "sha256": str()},
            "tuned": {"sha256": str()},
            "tensors": {**tensors},
            "files": {**_files},
        }:
            if all(isinstance(each, dict) and each.keys() >= {"base", "tuned"} for each in tensors.values()):
                return about
        case {"format": 1}:
            raise UsageError(f"{folder} has no checksums of its files, as deltas have now: make it again")
        case {"format": int(other)} if other != FORMAT:
            raise UsageError(
                f"{folder / ABOUT} has format {other}, and this version knows {FORMAT}: pip install -U selfinstruct"
            )
    raise UsageError(f"{folder / ABOUT} is broken: copy or fetch the delta again")


def _same_files(folder: Path, expected: Mapping[str, Any], delta: Path) -> None:
    """Raises UsageError unless what was copied from the delta is what was there when it was made."""
    there = accompanying(folder)
    if more := sorted(set(there) - expected.keys()):
        raise UsageError(f"{delta} has a file that was not there when it was made: {more[0]}; remove it")
    for name, digest in expected.items():
        if name not in there:
            raise UsageError(f"{delta} is not whole: it lacks {name}; copy or fetch it again")
        if _hash(folder / name) != digest:
            raise UsageError(f"{delta} is corrupt: {name} is not what it was; copy or fetch the delta again")


def _hash(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _same_tensors(old: Mapping[str, Place], new: Mapping[str, Place], base: Path, tuned: Path) -> None:
    """Raises UsageError unless the models have the same tensors, but for rows that a vocabulary gained."""
    for these, those, where, other in ((new, old, tuned, base), (old, new, base, tuned)):
        if extra := sorted(these.keys() - those.keys()):
            more = f" and {len(extra) - 1} more" if len(extra) > 1 else ""
            raise UsageError(f"{where} has a tensor that {other} lacks: {extra[0]}{more}; is that its base?")
    rows = {name: (old[name].shape, new[name].shape) for name in new if old[name].shape != new[name].shape}
    for name, (before, after) in rows.items():
        vocabulary = len(before) == len(after) == 2 and before[1] == after[1] and "layers." not in name
        if not vocabulary or after[0] < before[0]:
            shapes = f"{'×'.join(map(str, before))} in {base} and {'×'.join(map(str, after))} in {tuned}"
            raise UsageError(f"{name} is {shapes}: only a vocabulary may have grown; is that its base?")
    for name in new:
        if old[name].dtype != new[name].dtype and not {old[name].dtype, new[name].dtype} <= FLOATS.keys():
            raise UsageError(
                f"{name} is {old[name].dtype} in {base} and {new[name].dtype} in {tuned}: is that its base?"
            )


def _combined(
    new: Mapping[str, Place], old: Mapping[str, Place], out: Path, ending: str, *, both: bool = False
) -> Iterator[tuple[str, Any]]:
    """Write the files of `new` combined with `old`; yield names and the SHA-256 of new, old and, if `both`, result."""
    name_of = {place.file: place.file.name.partition(".safetensors")[0] + ending for place in new.values()}
    for source, name in name_of.items():
        inside = {key: place for key, place in new.items() if place.file == source}
        with source.open("rb") as opened, (out / name).open("xb") as written:
            written.write(opened.read(min(place.start for place in inside.values())))  # the header as it is
            for key, place in inside.items():
                written.seek(place.start)  # safetensors has no gaps, but another writer might
                yield key, _tensor(place, old[key], written, both)


def _tensor(new: Place, old: Place, out: BinaryIO, both: bool) -> tuple[str, ...]:
    """Write new XOR old, and bytes beyond the old as they are; the SHA-256 of new, old and, if wanted, the result."""
    import numpy as np

    hashes = [hashlib.sha256() for _ in range(3)]
    width = _width(new)
    before = _chunks(old, CHUNK // width * _width(old))
    for chunk in _chunks(new):
        given = next(before, np.empty(0, np.uint8))
        known = _rounded(given, old.dtype, new.dtype)
        result = chunk.copy()
        result[: len(known)] ^= known
        out.write(result.data)
        for digest, part in zip(hashes if both else hashes[:2], (chunk, given, result), strict=False):
            digest.update(part.data)
    return tuple(digest.hexdigest() for digest in hashes)


def _width(place: Place) -> int:
    """Bytes an element."""
    elements = 1
    for extent in place.shape:
        elements *= extent
    return max(1, place.size // elements) if elements else 1


def _chunks(place: Place, size: int = CHUNK) -> Iterator[Bytes]:
    import numpy as np

    for start in range(0, place.size, size):
        length = min(size, place.size - start)
        yield np.fromfile(place.file, np.uint8, length, offset=place.start + start)


def _rounded(given: Bytes, old: str, new: str) -> Bytes:
    """Bytes of numbers in another precision: to the nearest, ties to even, which is the same on every machine."""
    if old == new or not len(given):
        return given
    import torch

    before, after = getattr(torch, FLOATS[old]), getattr(torch, FLOATS[new])
    rounded: Bytes = torch.frombuffer(given, dtype=before).to(after).view(torch.uint8).numpy()
    return rounded
