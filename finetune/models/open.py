"""Opening models: from a folder to a configuration, a tokenizer and a model, by one set of rules for all who need one.

    model, tokenizer, template = load("models/mine")   # ready to write: a whole model, or an adapter on its base

A missing or damaged file, or a missing weight, is an error of one line. Code from the hub is never run. Nothing of the
process is changed: no threads, no precision, no logging. (folders.py has the rules for names.)
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from selfinstruct.errors import UsageError

from ..rows.template_files import check_template
from ..rows.templates import Template, find_template
from .files import check_whole, read_json
from .folders import Source, about_model, first_line, located

if TYPE_CHECKING:
    from transformers import PreTrainedConfig, PreTrainedModel, PreTrainedTokenizerBase

__all__ = ["Loaded", "config_in", "has_tokenizer", "load", "model_in", "out_of_memory", "quietly", "tokenizer_in"]

TOKENIZERS = ("tokenizer_config.json", "tokenizer.json", "tokenizer.model", "vocab.json", "vocab.txt", "spiece.model")
WRITERS = ("ForCausalLM", "LMHeadModel", "ForConditionalGeneration")
"""How the class names end of models that write text; BertForMaskedLM would train, without causal mask."""


class Loaded(NamedTuple):
    model: Any
    """A PreTrainedModel, or a PeftModel around one."""
    tokenizer: PreTrainedTokenizerBase
    template: Template


def tokenizer_in(folder: Path) -> PreTrainedTokenizerBase:
    from transformers import AutoTokenizer

    if not has_tokenizer(folder):
        raise UsageError(f"{folder} has no tokenizer: there is no {TOKENIZERS[0]}, {TOKENIZERS[1]} or another of them")
    with _told(f"the tokenizer of {folder}"):
        tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
        if type(tokenizer).__name__ == "LlamaTokenizer" and _says_no_bos(folder):
            tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False, add_bos_token=True)
    return tokenizer


def _says_no_bos(folder: Path) -> bool:
    """Whether nothing is said about a Llama's BOS: every Llama was trained with one, and it was put there unless a
    folder said otherwise, until transformers 5 made nothing of it.
    """
    file = folder / "tokenizer_config.json"
    if (folder / "tokenizer.json").is_file():
        return False
    return not file.is_file() or "add_bos_token" not in read_json(file)


def has_tokenizer(folder: Path) -> bool:
    return any((folder / name).is_file() for name in TOKENIZERS)


def config_in(folder: Path) -> PreTrainedConfig:
    """A model's configuration. Raises UsageError for a model that writes no text."""
    from transformers import AutoConfig

    about_model(folder)
    with _told(str(folder)):
        config: PreTrainedConfig = AutoConfig.from_pretrained(folder, trust_remote_code=False)
    kinds = config.architectures or []
    if kinds and not any(kind.endswith(WRITERS) for kind in kinds):
        raise UsageError(f"{folder} is a {kinds[0]}, which writes no text: give a causal or T5-style model")
    return config


def model_in(folder: Path, **how: Any) -> PreTrainedModel:
    """The model, complete: what is missing in the files would be random, and training would hide it.

    `how` are arguments of `from_pretrained`: dtype, device_map, quantization_config.
    """
    from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM

    config = config_in(folder)
    check_whole(folder)
    kind: Any = AutoModelForSeq2SeqLM if config.is_encoder_decoder else AutoModelForCausalLM
    with quietly(), _told(str(folder)):
        model, found = kind.from_pretrained(
            folder, config=config, trust_remote_code=False, local_files_only=True, output_loading_info=True, **how
        )
    if missing := sorted(found["missing_keys"]):
        others = f" and {len(missing) - 1} others" if len(missing) > 1 else ""
        raise UsageError(
            f"{folder} lacks weights of a {type(model).__name__}: {missing[0]}{others}; copy or fetch it again"
        )
    opened: PreTrainedModel = model
    return opened


def load(name: str, template: str = "auto") -> Loaded:
    """The model, ready to write, its tokenizer, and its template: its own, unless another is named.

    On a GPU its weights are as they were saved; on CPUs they become fp32 if the memory is there, since most are faster
    with it. Raises UsageError.
    """
    try:
        import torch  # noqa: F401
        import transformers  # noqa: F401
    except ImportError as error:
        raise UsageError(f"{name} needs the package {error.name}: pip install 'selfinstruct[train]'") from None
    check_template(template)
    source = located(name)
    tokenizer = tokenizer_in(source.folder if has_tokenizer(source.folder) else source.whole)
    model: Any = model_in(source.whole, **_placed(name, source.whole))
    if source.base:
        model = _adapted(model, tokenizer, source, name)
    model.requires_grad_(False).eval()
    return Loaded(model, tokenizer, find_template(template, tokenizer))


def _adapted(model: Any, tokenizer: PreTrainedTokenizerBase, source: Source, name: str) -> Any:
    from .vocabulary import fit

    known = len(tokenizer_in(source.whole))
    fit(model, tokenizer, known)  # the rows of tokens that the base has not, as training began with them
    with quietly(), _told(name), warnings.catch_warnings(record=True) as said:
        from peft import PeftModel

        warnings.simplefilter("always")
        adapted = PeftModel.from_pretrained(model, str(source.folder))
    if any("missing adapter keys" in str(warning.message) for warning in said):
        raise UsageError(f"{name} lacks weights of its adapter: its training was not saved whole, or for another base")
    return adapted


def _placed(name: str, folder: Path) -> dict[str, Any]:
    """On which device, and how precisely. Raises UsageError when the main memory is too small."""
    import torch

    device = torch.accelerator.current_accelerator(check_available=True)
    if device:
        several = device.type == "cuda" and torch.cuda.device_count() > 1
        return {"dtype": "auto", "device_map": "auto" if several else {"": device}}
    import psutil  # type: ignore[import-untyped,unused-ignore]

    (saved, weights), free = check_whole(folder), psutil.virtual_memory().available
    if 4 * weights < free:
        return {"dtype": torch.float32}
    if saved < free:
        return {"dtype": "auto"}
    raise UsageError(
        f"{name} needs about {saved / 1e9:.1f} GB of memory, and {free / 1e9:.1f} GB are free: close other programs, "
        "or take a smaller model"
    )


@contextmanager
def quietly() -> Iterator[None]:
    """Without transformers' bars over tensors that are loaded or written; those of downloads, which take long, stay.

    Nor does bitsandbytes say, when PEFT is first imported, that it finds no faster kernel for 4 bits on the hub.
    Afterwards bars and levels of logging are as they were.
    """
    from huggingface_hub.utils.tqdm import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars
    from transformers.utils import logging as theirs

    loggers = (logging.getLogger("transformers"), logging.getLogger("bitsandbytes.backends.cpu.ops"))
    levels = [logger.level for logger in loggers]
    shown, hidden = theirs.is_progress_bar_enabled(), are_progress_bars_disabled()
    of_hub = disable_progress_bars if hidden else enable_progress_bars  # transformers switches both
    theirs.disable_progress_bar()  # type: ignore[no-untyped-call,unused-ignore]
    of_hub()
    loggers[1].setLevel(logging.ERROR)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
        if shown:
            theirs.enable_progress_bar()  # type: ignore[no-untyped-call,unused-ignore]
            of_hub()


@contextmanager
def _told(what: str) -> Iterator[None]:
    """Whatever the libraries raise when files are damaged, of another kind, or too large, in one line."""
    try:
        yield
    except UsageError:
        raise
    except Exception as error:  # OSError, ValueError, KeyError, RuntimeError, SafetensorError …
        if out_of_memory(error):
            raise UsageError(
                f"{what} does not fit into memory: take a smaller model or another machine; for training, method qlora"
            ) from None
        reason = first_line(error)
        if "trust_remote_code" in str(error):
            reason = "it needs code of its own from the hub, which is never run here"
        raise UsageError(f"cannot load {what}: {reason}") from None


def out_of_memory(error: BaseException) -> bool:
    """PyTorch has a class for the memory of GPUs, and only words for the main memory."""
    import torch

    return isinstance(error, torch.OutOfMemoryError | MemoryError) or "can't allocate memory" in str(error)
