"""Where data lies: the files that a name means, on a disk, in a folder of shards, behind a URL or on a hub.

rows.jsonl, rows.csv.gz     a file
runs/first                  a run, which is its tasks.jsonl
saved/                      a folder that `save_to_disk` made, or one of shards: all data files in it, 2 before 10
'data/*.jsonl'              all files of that pattern
-                           what comes on stdin
s3://, gs://, https://, …   what fsspec opens, with patterns and folders where there are such
hf://owner/name             a data set of the hub; hf://owner/name@revision?split=train&config=main
"""

from __future__ import annotations

import glob
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from selfinstruct.errors import UsageError
from selfinstruct.rows.notes import printable

__all__ = ["ENDINGS", "TEXTS", "Source", "ending_of", "file_system", "is_data", "sources_of"]


class Source(NamedTuple):
    """One file, or one data set."""

    name: str
    """As a person would give it; without what may be a secret in a URL."""
    kind: str
    """"file", "stdin", "url", "saved" (a folder that `save_to_disk` made) or "hub"."""
    place: str
    """The path, or the whole URL."""


ENDINGS = {
    **dict.fromkeys((".jsonl", ".json", ".ndjson", ".jl"), "json"),
    **dict.fromkeys((".csv", ".tsv", ".tab", ".psv"), "csv"),
    **dict.fromkeys((".parquet", ".pq"), "parquet"),
    **dict.fromkeys((".arrow", ".feather", ".ipc"), "arrow"),
}
"""What is read, by the ending."""

TEXTS = (".txt", ".text")
"""Plain texts, which are read as documents. In a folder they are data where there is no other."""

PACKED = (".gz", ".gzip", ".zst", ".zstd", ".xz", ".bz2", ".zip")

NO_DATA = re.compile(
    r"[._].*|readme.*|license.*|dataset_infos?\.json|dataset_dict\.json|state\.json|.*\.(?:md|txt|py|yaml|yml|html|lock|log)",
    re.IGNORECASE,
)
"""Names of what lies beside data."""

OF_A_RUN = ("run.json", "journal.db", "recipe.yaml")

URL = re.compile(r"([a-z][a-z0-9+.-]+):/{1,2}(?=[^/])", re.IGNORECASE)
"""One slash is left of two where a URL became a Path."""


def ending_of(name: str) -> str:
    """The ending of what is inside a file, in lower case: ".jsonl" of a.jsonl.gz."""
    path = PurePosixPath(name.lower())
    return PurePosixPath(path.stem).suffix if path.suffix in PACKED else path.suffix


def is_data(name: str) -> bool:
    """Whether a file of a folder has rows, by its name."""
    return not NO_DATA.fullmatch(name) and ending_of(name) in ENDINGS


def sources_of(data: str | Path) -> Iterator[Source]:
    """The files that a name means, in order. Raises UsageError when there is none, or no telling which."""
    name = str(data)
    if name == "-":
        yield Source("stdin", "stdin", "-")
    elif found := URL.match(name):
        yield from _remote(f"{found[1].lower()}://{name[found.end() :]}")
    else:
        yield from _local(name)


# On this machine.


def _local(name: str) -> Iterator[Source]:
    path = Path(name)
    try:
        if path.is_dir():
            yield from _folder(path)
        elif path.exists() or not glob.has_magic(name):
            yield Source(name, "file", name)
        else:
            yield from _matching(name)
    except (OSError, ValueError) as error:  # ValueError: no name at all, for it holds a NUL
        raise UsageError(f"cannot read {printable(name)}: {getattr(error, 'strerror', None) or error}") from None


def _matching(pattern: str) -> Iterator[Source]:
    found = sorted(glob.glob(pattern, recursive=True), key=_natural)
    if not found:
        raise UsageError(f"no file matches {pattern!r}: give the name of one, or another pattern")
    for one in [one for one in found if not NO_DATA.fullmatch(Path(one).name)] or found:
        yield from _local(one)


def _folder(path: Path) -> Iterator[Source]:
    """A dataset, a run, or shards: the files in it, else those in its folders, as hubs lay them out."""
    if (path / "state.json").exists():
        yield Source(str(path), "saved", str(path))
    elif (path / "tasks.jsonl").exists():
        yield Source(str(path / "tasks.jsonl"), "file", str(path / "tasks.jsonl"))
    elif (path / "dataset_dict.json").exists():
        parts = ", ".join(sorted(str(state.parent) for state in path.glob("*/state.json")))
        raise UsageError(f"{path} holds several datasets: give one of them: {parts}")
    else:
        files = [] if _is_run(path) else _data_in(path)
        if not files:
            which = "give a run's folder or a file, or a folder of data files"
            raise UsageError(f"{path} is a folder without tasks.jsonl, no run: {which}")
        if runs := sorted({str(file.parent) for file in files if _is_run(file.parent)}, key=_natural):
            raise UsageError(f"{path} holds runs: give one of them, like {runs[0]}")
        names = [file.relative_to(path).as_posix() for file in files]
        check_alike(str(path), names)
        yield from (
            Source(str(file), "file", str(file)) for file in sorted(files, key=lambda file: _natural(str(file)))
        )


def _is_run(folder: Path) -> bool:
    return any((folder / name).exists() for name in OF_A_RUN)


def _data_in(path: Path) -> list[Path]:
    for is_wanted in (is_data, _is_text):
        for found in (path.iterdir(), path.rglob("*")):
            files = [file for file in found if is_wanted(file.name) and file.is_file()]
            # Not in .cache and .git.
            if seen := [file for file in files if not any(part[0] in "._" for part in file.relative_to(path).parts)]:
                return seen
    return []


def _is_text(name: str) -> bool:
    return ending_of(name) in TEXTS and not re.match(r"readme|license|requirements", name, re.IGNORECASE)


SPLIT = re.compile(r"(?:^|/|[-_.])(train|test|validation|valid|val|dev|eval)(?=[-_./]|\d*\.)", re.IGNORECASE)
"""As files and folders of hubs are called: train-00000-of-00002.parquet, data/test.jsonl."""


def check_alike(folder: str, names: list[str]) -> None:
    """Raises UsageError when the files of a folder are of several splits, or of several kinds: no one data set."""
    for what, kinds in (
        ("files of several splits", Counter(found[1].lower() if (found := SPLIT.search(n)) else "" for n in names)),
        ("files of several kinds", Counter(ending_of(name) for name in names)),
    ):
        if len(kinds) > 1:
            there = ", ".join(f"{count:,} {kind or 'other'}" for kind, count in sorted(kinds.items()))
            wanted = max(kinds, key=lambda kind: kinds[kind])
            pattern = f"{folder.rstrip('/')}/**/*{wanted}{'' if wanted.startswith('.') else '*'}"
            raise UsageError(f"{folder} holds {what} ({there}): choose with a pattern, like '{pattern}'")


def _natural(name: str) -> list[tuple[int, str]]:
    """The order of people: part-2 before part-10."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d{1,18})", name) if part]


# Elsewhere.


def _remote(url: str) -> Iterator[Source]:
    scheme, _, rest = url.partition("://")
    if scheme == "hf" and not re.match("datasets/[^/]+/[^/]+/.", rest):
        yield Source(url, "hub", url)
        return
    name = _shown(url)
    if scheme in ("http", "https"):  # which know neither folders nor patterns
        yield Source(name, "url", url)
        return
    try:
        files, path = file_system(url)
        found = files.glob(path) if glob.has_magic(path) else files.find(path) if files.isdir(path) else [path]
    except UsageError:
        raise
    except Exception as error:  # whatever the store's own package raises
        raise cannot_read(name, error) from None
    if found == [path]:
        yield Source(name, "url", url)
        return
    names = [one for one in found if is_data(PurePosixPath(one).name)] or (found if glob.has_magic(path) else [])
    if not names:
        raise UsageError(f"{name} has no data files: give the URL of one, or another pattern")
    if not glob.has_magic(path):
        check_alike(name, names)
    for one in sorted(names, key=_natural):
        place = files.unstrip_protocol(one)
        yield Source(_shown(place), "url", place)


def file_system(url: str) -> tuple[Any, str]:
    """fsspec's file system of a URL, and the path in it. Raises UsageError when it, or fsspec, is not there."""
    scheme = url.partition("://")[0]
    try:
        import fsspec  # type: ignore[import-untyped,unused-ignore]

        return fsspec.core.url_to_fs(url)  # type: ignore[no-any-return]
    except ImportError as error:
        package = STORES.get(scheme, error.name or "fsspec")
        raise UsageError(f"{_shown(url)} needs the package {package}: pip install {package}") from None
    except ValueError as error:
        raise UsageError(
            f"cannot read {_shown(url)} ({printable(error)[:200]}): use a file, s3://, gs:// or https://"
        ) from None


STORES = {
    **dict.fromkeys(("s3", "s3a"), "s3fs"),
    **dict.fromkeys(("gs", "gcs"), "gcsfs"),
    **dict.fromkeys(("az", "abfs", "abfss", "adl"), "adlfs"),
    **dict.fromkeys(("http", "https"), "aiohttp"),
    **dict.fromkeys(("sftp", "ssh"), "paramiko"),
    "hf": "huggingface_hub",
    "oss": "ossfs",
}
"""The package that reads a kind of store, as pip calls it."""


def cannot_read(name: str, error: Exception) -> UsageError:
    if isinstance(error, FileNotFoundError):
        return UsageError(f"no such file: {name}")
    said = re.sub(r"https?://\S+", lambda url: _shown(url[0]), printable(error))[:200] or type(error).__name__
    return UsageError(f"cannot read {name} ({said}): is the name right, and may you read it?")


def _shown(url: str) -> str:
    """A URL without the name, password and query that may let others in."""
    scheme, _, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path.partition('?')[0] if scheme.startswith('http') else path}"
