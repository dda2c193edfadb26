"""From names to folders: a name is a folder, or an id on the hub, which is asked once and briefly.

One set of rules for training, chat, the local teacher, merging, deltas and GGUF: what cannot be had, or lacks a file,
is an error of one line. An adapter's base is found from where the adapter is, too, if its name is a relative path.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any, NamedTuple

from selfinstruct.errors import UsageError, shown

from .converted import converted, foreign
from .files import check_whole, read_json
from .provenance import BASE, Base, noted_base, weights_hash

__all__ = [
    "ADAPTER",
    "Source",
    "about_adapter",
    "about_model",
    "base_folder",
    "base_of",
    "check_adapter",
    "check_unquantised",
    "first_line",
    "folder_here",
    "folder_of",
    "identity",
    "located",
    "lookup_name",
    "marks",
]

ADAPTER = "adapter_model.safetensors"
OLD_ADAPTER = "adapter_model.bin"
"""As PEFT wrote it until 2023: a pickle."""
LOADED = ["*.json", "*.jinja", "*.model", "*.txt", "*.safetensors"]
"""What is fetched of a model on the hub; weights as pickles only where there are no others."""
ENDINGS = (".safetensors", ".json", ".jinja", ".model", ".txt")
"""Of the files that make a model what it is: weights, configurations, tokenizer, template."""
REPORT = "train.json"  # how it was trained, with times: the same weights may be there under another


class Source(NamedTuple):
    """Where a model is: all of it is there."""

    folder: Path
    base: Path | None = None
    """Of an adapter."""

    @property
    def whole(self) -> Path:
        return self.base or self.folder


def folder_of(name: str, what: str, *, every: bool = False, weights: bool = True) -> Path:
    """The folder itself, that made of another layout's files (converted.py), or that of a hub id, fetched if need be:
    `every` file, or what a model is loaded from, with or without its weights.

    Raises UsageError that says `what` was looked for ("the base").
    """
    path = Path(name).expanduser()
    if (here := folder_here(name)) is not None:
        return here
    try:
        if path.exists():
            raise UsageError(f"{name} is a file: {what} is a folder, a .gguf file, or an id on the hub")
    except (OSError, ValueError):  # a name that no file can have
        pass
    if path.is_absolute() or name.startswith(".") or name.count("/") > 1:
        raise UsageError(f"there is no folder {name}: {what} is a folder, or an id on the hub like org/name")
    return _fetched(name, what, every=every, weights=weights)


def folder_here(name: str) -> Path | None:
    """The folder that a name means without asking the hub, or None. Raises UsageError for files that cannot be read."""
    if (made := converted(name)) is not None:
        return made
    path = Path(name).expanduser()
    try:
        if path.parent.name == "checkpoints" and path.name.isdecimal() and not path.exists():
            path = path.with_name(f"checkpoint-{path.name}")
        return path if path.is_dir() else None
    except (OSError, ValueError):  # a name that no file can have
        return None


def _fetched(name: str, what: str, *, every: bool, weights: bool = True) -> Path:
    """What the hub has under an id, or this machine's copy of it where the hub cannot be asked."""
    from huggingface_hub import HfApi, snapshot_download
    from huggingface_hub.errors import GatedRepoError, HFValidationError, RepositoryNotFoundError

    wanted = None if every else LOADED if weights else [one for one in LOADED if one != "*.safetensors"]
    try:
        there = HfApi().model_info(name, timeout=10).siblings or []  # a download would try for 20 seconds a file
        if wanted and weights and not any(file.rfilename.endswith(".safetensors") for file in there):
            wanted = [*wanted, "pytorch_model*.bin"]
        return Path(snapshot_download(name, allow_patterns=wanted))
    except HFValidationError:
        raise UsageError(
            f"no folder or hub model can be called {name!r}: {what} is a folder, or an id on the hub like org/name"
        ) from None
    except GatedRepoError:
        raise UsageError(
            f"{name} is gated: accept its licence at https://huggingface.co/{name}, then log in with `hf auth login`"
        ) from None
    except RepositoryNotFoundError:
        raise UsageError(
            f"there is neither a folder nor a hub model {name!r}; if it is a private one, log in with `hf auth login`"
        ) from None
    except Exception as error:  # HTTP's, the hub's and the system's own kinds: it cannot be asked now
        reason = first_line(error)
    try:
        return Path(snapshot_download(name, allow_patterns=wanted, local_files_only=True))
    except Exception:
        raise UsageError(
            f"there is no folder {name!r}, and the hub cannot be asked ({reason}): check the network, or give a folder"
        ) from None


def lookup_name(name: str) -> str:
    """What others find the same model by, wherever they are: a folder's absolute path, or the hub id as it is."""
    here = folder_here(name)
    return name if here is None else str(here.resolve())


def located(name: str, base: str | None = None) -> Source:
    """The folders of a model, fetched from the hub if need be; `base` is where an adapter's is now.

    Raises UsageError when something is missing or torn, or when an adapter's base is not the one it was trained on.
    """
    folder = folder_of(name, "the model")
    if not (folder / "adapter_config.json").is_file():
        if base is not None:
            raise UsageError(f"{name} is a whole model, which has no base: leave --base out")
        about_model(folder)
        check_whole(folder)
        return Source(folder)
    check_adapter(folder)
    whole = base_folder(folder, base, f"the base of {name}")
    about_model(whole)
    check_whole(whole)
    return Source(folder, whole)


def check_adapter(folder: Path) -> None:
    """Raises UsageError for an adapter without its weights."""
    if not any((folder / name).is_file() for name in (ADAPTER, OLD_ADAPTER)):
        raise UsageError(f"{folder} lacks {ADAPTER}: copy it again")


def base_folder(adapter: Path, base: str | None, what: str) -> Path:
    """The folder of an adapter's base: `base` if somebody says where it is, else what the adapter names.

    What was written down beside it is looked for first where it would be if both were moved together, then where it
    was. Raises UsageError, calling it `what`, when it is not there, or when another model is.
    """
    noted = noted_base(adapter)
    if base is not None:
        found = folder_of(base, what)
        if noted and noted.sha256 and weights_hash(found) != noted.sha256:
            line = f"{base} has other weights than {noted.name}, the base that {adapter} was trained on"
            print(shown(line), file=sys.stderr, flush=True)
        return found
    if noted is None:
        return folder_of(base_of(adapter), what)
    others = []
    for found in _candidates(adapter, noted, what):
        if not noted.sha256 or weights_hash(found) == noted.sha256:
            return found
        others.append(found)
    raise UsageError(
        f"{adapter} was trained on {noted.name} (weights {noted.sha256[:12]}), and {others[0]} has other weights now "
        f"({weights_hash(others[0])[:12]}): say where its base is with --base"
    )


def _candidates(adapter: Path, noted: Base, what: str) -> list[Path]:
    """Folders that can be the base, one at least. Who has changed adapter_config.json since has said where it is."""
    named = about_adapter(adapter).get("base_model_name_or_path")
    if named != (noted.folder or noted.name):
        return [folder_of(base_of(adapter), what)]
    near = [adapter / noted.beside, Path(noted.folder)] if noted.folder else []
    there = dict.fromkeys(os.path.normpath(folder) for folder in near if (folder / "config.json").is_file())
    if there:
        return [Path(folder) for folder in there]
    if not noted.folder or foreign(noted.name) is not None:  # the hub's, smollm2, a file
        return [folder_of(noted.name, what)]
    raise UsageError(
        f"{adapter} was trained on {noted.name}, which is not at {noted.folder} any more: say where its base is with "
        "--base"
    )


def base_of(adapter: Path, otherwise: str = "add base_model_name_or_path") -> str:
    """The base that an adapter names. Raises UsageError, saying what to do `otherwise`, when it names none.

    A relative path is one from where its training was started: from here, or from a folder above the adapter.
    """
    name = about_adapter(adapter).get("base_model_name_or_path")
    if not name or not isinstance(name, str):
        raise UsageError(f"{adapter / 'adapter_config.json'} names no base: {otherwise}")
    if not Path(name).expanduser().is_absolute():
        near = (folder / name for folder in (Path(), *adapter.resolve().parents))
        return next((str(path) for path in near if (path / "config.json").is_file()), name)
    return name


def about_model(folder: Path) -> dict[str, Any]:
    """A whole model's config.json. Raises UsageError, saying so when the folder holds an adapter only."""
    if (folder / "config.json").is_file():
        return read_json(folder / "config.json")
    if (folder / "adapter_config.json").is_file():
        raise UsageError(f"{folder} is an adapter; merge it first: selfinstruct merge {folder} --out DIR")
    raise UsageError(f"{folder} is no model: it has no config.json")


def about_adapter(folder: Path) -> dict[str, Any]:
    """An adapter's adapter_config.json. Raises UsageError."""
    if (folder / "adapter_config.json").is_file():
        return read_json(folder / "adapter_config.json")
    whole = (folder / "config.json").is_file()
    more = "it is a whole model, there is nothing to merge" if whole else "it has no adapter_config.json"
    raise UsageError(f"{folder} is no adapter: {more}")


def marks(adapter: Path) -> bool:
    """Whether an adapter is one of a model that marks answers, as `train --method reward` writes it."""
    return about_adapter(adapter).get("task_type") == "SEQ_CLS"


def check_unquantised(folder: Path, config: Mapping[str, Any], where: str = "") -> None:
    """Raises UsageError for weights that were rounded to a few bits: what is added to them would be rounded away."""
    if quantised := config.get("quantization_config"):
        bits = " ".join(str(quantised.get(key)) for key in ("quant_method", "bits") if quantised.get(key))
        raise UsageError(
            f"{folder} is quantised already ({bits or 'see its config.json'}): give the 16-bit model that it was made "
            f"from{where}"
        )


def identity(source: Source) -> str:
    """12 hexadecimal digits that change with the model's weights, configuration, tokenizer and template.

    They are made of the contents of all files, 0.5 GB a second and core; the files of the hub's cache have their hashes
    as names. Headers and sizes are not enough: weights trained with another seed differ in nothing but themselves.
    """
    folders = [source.folder, *([source.base] if source.base else [])]
    files = [
        (number, file)
        for number, folder in enumerate(folders)
        for file in sorted(folder.iterdir())
        if file.suffix in ENDINGS and file.name not in (REPORT, BASE) and file.is_file()
    ]
    with ThreadPoolExecutor() as threads:
        hashes = list(threads.map(_hash, (file for _, file in files)))
    lines = (f"{number} {file.name} {found}\n" for (number, file), found in zip(files, hashes, strict=True))
    return sha256("".join(lines).encode()).hexdigest()[:12]


def _hash(file: Path) -> str:
    blob = file.resolve()
    if file.is_symlink() and blob.parent.name == "blobs" and len(blob.name) == 64:
        return blob.name
    with file.open("rb") as opened:
        return file_digest(opened, "sha256").hexdigest()


def first_line(error: BaseException) -> str:
    """Of what an error says, or else its kind."""
    line = next(iter(str(error).strip().splitlines()), "") or type(error).__name__
    return line[:200].rstrip(".: ")
