"""A trained model to use: a whole one, or an adapter with the base that it names; from a folder or from the hub.

model, tokenizer, template = load("models/mine")
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from selfinstruct.errors import UsageError

from .sources import check_template
from .templates import Template, find_template
from .weights import adapter_config, config_of, folder_of, places, quietly

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

__all__ = ["Loaded", "Source", "identity", "load", "located"]

ADAPTER = "adapter_model.safetensors"
ENDINGS = (".safetensors", ".json", ".jinja", ".model", ".txt")
"""Of the files that make a model what it is: weights, configurations, tokenizer, template."""
SMALL = 10_000_000
"""Parameters up to which one core writes alone. More gain little with such small products, and beside other programs
they wait for each other: on two cores with four programs, two threads took 7 times as long as one."""
REPORT = "train.json"  # how it was trained, with times: the same weights may be there under another


class Source(NamedTuple):
    """Where a model is: all of it is there."""

    folder: Path
    base: Path | None = None
    """Of an adapter."""

    @property
    def whole(self) -> Path:
        return self.base or self.folder


class Loaded(NamedTuple):
    model: Any
    """A PreTrainedModel, or a PeftModel around one."""
    tokenizer: PreTrainedTokenizerBase
    template: Template


def located(name: str) -> Source:
    """The folders of a model, fetched from the hub if need be. Raises UsageError when something is missing or torn."""
    name = str(Path(name).expanduser()) if name.startswith("~") else name  # no shell does it in local:~/mine
    folder = folder_of(name, "the model")
    if not (folder / "adapter_config.json").is_file():
        config_of(folder)
        places(folder)
        return Source(folder)
    base = adapter_config(folder).get("base_model_name_or_path")
    if not base:
        raise UsageError(f"{folder / 'adapter_config.json'} names no base: add base_model_name_or_path")
    if not (folder / ADAPTER).is_file():
        raise UsageError(f"{folder} lacks {ADAPTER}: copy it again")
    whole = folder_of(base, f"the base of {name}")
    config_of(whole)
    places(whole)
    return Source(folder, whole)


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
        if file.suffix in ENDINGS and file.name != REPORT and file.is_file()
    ]
    with ThreadPoolExecutor() as threads:
        hashes = list(threads.map(_hash, (file for _, file in files)))
    lines = (f"{number} {file.name} {found}\n" for (number, file), found in zip(files, hashes, strict=True))
    return hashlib.sha256("".join(lines).encode()).hexdigest()[:12]


def _hash(file: Path) -> str:
    blob = file.resolve()
    if file.is_symlink() and blob.parent.name == "blobs" and len(blob.name) == 64:
        return blob.name
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def load(name: str, template: str = "auto") -> Loaded:
    """The model, ready to write, its tokenizer, and its template: its own, unless another is named.

    On a GPU its weights are as they were saved; on CPUs they become fp32 if the memory is there, since most are faster
    with it. Raises UsageError.
    """
    try:
        import torch
        import transformers
    except ImportError as error:
        raise UsageError(f"{name} needs the package {error.name}: pip install 'selfinstruct[train]'") from None
    check_template(template)
    source = located(name)
    with quietly(), _told(name):
        config = transformers.AutoConfig.from_pretrained(source.whole, trust_remote_code=False)
        kind: Any = transformers.AutoModelForCausalLM
        if config.is_encoder_decoder:
            kind = transformers.AutoModelForSeq2SeqLM
        own = any((source.folder / file).is_file() for file in ("tokenizer_config.json", "tokenizer.json"))
        tokenizer = transformers.AutoTokenizer.from_pretrained(source.folder if own else source.whole)
        where = _placed(name, source)
        model, info = kind.from_pretrained(source.whole, output_loading_info=True, trust_remote_code=False, **where)
        if missing := sorted(info["missing_keys"]):
            raise UsageError(f"{name} lacks weights of a {type(model).__name__}, such as {missing[0]}: copy it again")
        if source.base:
            model = _adapted(model, tokenizer, source, name)
    model.requires_grad_(False).eval()
    if model.device.type == "cpu" and sum(parameter.numel() for parameter in model.parameters()) <= SMALL:
        torch.set_num_threads(1)
    return Loaded(model, tokenizer, find_template(template, tokenizer))


def _adapted(model: Any, tokenizer: PreTrainedTokenizerBase, source: Source, name: str) -> Any:
    from . import quantised  # noqa: F401  before PEFT: it keeps bitsandbytes quiet
    from .vocabulary import fit

    from peft import PeftModel  # isort: skip

    known = _vocabulary(source.whole)
    fit(model, tokenizer, known)  # the rows of tokens that the base has not, as training began with them
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        adapted = PeftModel.from_pretrained(model, str(source.folder))
    if any("missing adapter keys" in str(warning.message) for warning in said):
        raise UsageError(f"{name} lacks weights of its adapter: its training was not saved whole, or for another base")
    return adapted


def _vocabulary(folder: Path) -> int:
    from transformers import AutoTokenizer

    return len(AutoTokenizer.from_pretrained(folder))


def _placed(name: str, source: Source) -> dict[str, Any]:
    """On which device, and how precisely. Raises UsageError when the main memory is too small."""
    import torch

    device = torch.accelerator.current_accelerator(check_available=True)
    if device:
        several = device.type == "cuda" and torch.cuda.device_count() > 1
        return {"dtype": "auto", "device_map": "auto" if several else {"": device}}
    import psutil  # type: ignore[import-untyped,unused-ignore]

    found = places(source.whole).values()
    free, saved = psutil.virtual_memory().available, sum(place.size for place in found)
    if 4 * sum(prod(place.shape) for place in found) < free:
        return {"dtype": torch.float32}
    if saved < free:
        return {"dtype": "auto"}
    raise UsageError(
        f"{name} needs about {saved / 1e9:.1f} GB of memory, and {free / 1e9:.1f} GB are free: close other programs, "
        "or take a smaller model"
    )


@contextmanager
def _told(name: str) -> Iterator[None]:
    """Whatever the libraries raise about a model, in one line."""
    try:
        yield
    except UsageError:
        raise
    except Exception as error:  # OSError, ValueError, KeyError, RuntimeError, SafetensorError …
        from .decoding import out_of_memory

        if out_of_memory(error):
            raise UsageError(f"{name} does not fit into memory: take a smaller model, or another machine") from None
        reason = next(iter(str(error).strip().splitlines()), "") or type(error).__name__
        raise UsageError(f"cannot load {name}: {reason[:200].rstrip('.: ')}") from None
