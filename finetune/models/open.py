"""Opening models: from a folder to a configuration, a tokenizer and a model, by one set of rules for all who need one.

    model, tokenizer, template = load("models/mine")   # ready to write: a whole model, or an adapter on its base

A missing or damaged file, or a missing weight, is an error of one line. Code from the hub is never run. Nothing of the
process is changed: no threads, no precision, no logging. (folders.py has the rules for names.)
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from selfinstruct.errors import UsageError

from ..rows.template_files import check_template
from ..rows.templates import Template, find_template
from .files import check_whole, read_json
from .folders import Source, about_model, check_unquantised, first_line, located, marks

if TYPE_CHECKING:
    from transformers import PreTrainedConfig, PreTrainedModel, PreTrainedTokenizerBase

__all__ = [
    *("Loaded", "config_in", "has_tokenizer", "load", "model_in", "out_of_memory", "quietly", "told", "tokenizer_in"),
]

TOKENIZERS = ("tokenizer_config.json", "tokenizer.json", "tokenizer.model", "vocab.json", "vocab.txt", "spiece.model")
PIECES = "tokenizer.model"
"""SentencePiece's own file, which is all that some older models have."""
PROBES = ("Name 12 rivers.", "two  spaces in it", "Ölmühle 你好 🙂")
"""Texts that a tokenizer which is not quite the same cuts differently."""
WRITERS = ("ForCausalLM", "LMHeadModel", "ForConditionalGeneration")
"""How the class names end of models that write text; BertForMaskedLM would train, without causal mask."""


class Loaded(NamedTuple):
    model: Any
    """A PreTrainedModel, or a PeftModel around one."""
    tokenizer: PreTrainedTokenizerBase
    template: Template


def tokenizer_in(folder: Path) -> PreTrainedTokenizerBase:
    from transformers import AutoTokenizer, LlamaTokenizer

    if not has_tokenizer(folder):
        raise UsageError(f"{folder} has no tokenizer: there is no {TOKENIZERS[0]}, {TOKENIZERS[1]} or another of them")
    with told(f"the tokenizer of {folder}"):
        tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
        if type(tokenizer).__name__ == "LlamaTokenizer" and _says_no_bos(folder):
            tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False, add_bos_token=True)
        pieces = folder / PIECES
        if pieces.is_file() and not (folder / "tokenizer.json").is_file() and not _same_pieces(tokenizer, pieces):
            # Of a Llama that has nothing but its pieces, AutoTokenizer forgets the blank before the first word.
            own: dict[str, Any] = {"add_bos_token": True} if _says_no_bos(folder) else {}
            tokenizer = LlamaTokenizer.from_pretrained(folder, **own)
            if not _same_pieces(tokenizer, pieces):
                raise UsageError(
                    f"transformers makes other tokens of {pieces} than SentencePiece: save it as tokenizer.json, with "
                    "save_pretrained of transformers"
                )
    return tokenizer


def _same_pieces(tokenizer: PreTrainedTokenizerBase, file: Path) -> bool:
    """Whether it cuts texts as SentencePiece itself does."""
    from sentencepiece import SentencePieceProcessor

    model: Any = SentencePieceProcessor(model_file=str(file))
    for text in PROBES:
        ids = tokenizer(text, add_special_tokens=False)["input_ids"]
        if tokenizer.convert_ids_to_tokens(ids) != model.encode(text, out_type=str):
            return False
    return True


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

    _check_known(folder, about_model(folder))
    with told(str(folder)):
        config: PreTrainedConfig = AutoConfig.from_pretrained(folder, trust_remote_code=False)
    kinds = config.architectures or []
    if kinds and not any(kind.endswith(WRITERS) for kind in kinds):
        what = "marks answers and writes none" if kinds[0].endswith("ForSequenceClassification") else "writes no text"
        raise UsageError(f"{folder} is a {kinds[0]}, which {what}: give a causal or T5-style model")
    return config


def _check_known(folder: Path, about: Mapping[str, Any]) -> None:
    """Raises UsageError for a model that transformers has no class for, and for one that remembers by other means than
    keys and values.
    """
    from transformers import __version__ as version
    from transformers.models.auto.configuration_auto import CONFIG_MAPPING

    kind = str(about.get("model_type") or "")
    if kind.startswith("rwkv"):
        raise UsageError(
            f"{folder} is an {kind.upper()}, which has no attention: give a transformer, like Llama or Qwen"
        )
    if kind and kind not in CONFIG_MAPPING:
        why = f"transformers {version} does not know the kind {kind!r}: pip install --upgrade transformers"
        if about.get("auto_map"):
            why = (
                f"a {kind!r} needs code of its own from the hub, which is never run here: give a model of another kind"
            )
        raise UsageError(f"cannot load {folder}: {why}")


def model_in(folder: Path, **how: Any) -> PreTrainedModel:
    """The model, complete: what is missing in the files would be random, and training would hide it.

    `how` are arguments of `from_pretrained`: dtype, device_map, quantization_config.
    """
    from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM

    config = config_in(folder)
    check_whole(folder)
    kind: Any = AutoModelForSeq2SeqLM if config.is_encoder_decoder else AutoModelForCausalLM
    with quietly(), told(str(folder)):
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


def load(name: str, template: str = "auto", base: str | None = None, bits: int | None = None) -> Loaded:
    """The model, ready to write, its tokenizer, and its template: its own, unless another is named; `base` is where an
    adapter's is now. Weights are quantised to 4 or 8 `bits`, if so.

    On a GPU its weights are as they were saved; on CPUs they become fp32 if the memory is there, since most are faster
    with it. Raises UsageError.
    """
    try:
        import torch  # noqa: F401
        import transformers  # noqa: F401
    except ImportError as error:
        raise UsageError(f"{name} needs the package {error.name}: pip install 'selfinstruct[train]'") from None
    check_template(template)
    source = located(name, base)
    if source.base and marks(source.folder):
        raise UsageError(
            f"{name} is an adapter that marks answers and writes none: selfinstruct score DATA --model {name} --out …"
        )
    tokenizer = tokenizer_in(source.folder if has_tokenizer(source.folder) else source.whole)
    model: Any = model_in(source.whole, **_placed(name, source.whole, bits))
    if source.base:
        model = _adapted(model, tokenizer, source, name)
    model.requires_grad_(False).eval()
    return Loaded(model, tokenizer, find_template(template, tokenizer))


def _adapted(model: Any, tokenizer: PreTrainedTokenizerBase, source: Source, name: str) -> Any:
    from .vocabulary import fit

    own = tokenizer_in(source.whole)
    fit(model, tokenizer, len(own), own)  # the rows of tokens that the base has not, as training began with them
    with quietly(), told(name), warnings.catch_warnings(record=True) as said:
        from peft import PeftModel

        warnings.simplefilter("always")
        adapted = PeftModel.from_pretrained(model, str(source.folder))
    if any("missing adapter keys" in str(warning.message) for warning in said):
        raise UsageError(f"{name} lacks weights of its adapter: its training was not saved whole, or for another base")
    return adapted


def _placed(name: str, folder: Path, bits: int | None) -> dict[str, Any]:
    """On which device, and how precisely. Raises UsageError when the memory is too small, saying what would fit."""
    import torch

    from .facts import device_here
    from .fitting import free_memory, quantised_size
    from .quantising import BITS, quantised

    config, (saved, weights), (place, free) = about_model(folder), check_whole(folder), free_memory()
    sizes = {each: quantised_size(weights, config, each) for each in BITS}
    if bits is not None:
        check_unquantised(folder, config)
        compute = torch.bfloat16 if device_here().type != "cpu" else torch.float32
        how = quantised(bits, compute, f"{bits} bits", "leave it out") | {"dtype": compute}
        if sizes[bits] > free:
            raise UsageError(
                f"{name} needs about {sizes[bits] / 1e9:.1f} GB in {bits} bits, and {free / 1e9:.1f} GB {place} are "
                "free: close other programs, or take a smaller model"
            )
        return how
    device = torch.accelerator.current_accelerator(check_available=True)
    if device:
        several = device.type == "cuda" and torch.cuda.device_count() > 1
        return {"dtype": "auto", "device_map": "auto" if several else {"": device}}
    if 4 * weights < free:
        return {"dtype": torch.float32}
    if saved < free:
        return {"dtype": "auto"}
    fits = [f"quantise it to {each} bits ({sizes[each] / 1e9:.1f} GB)" for each in (8, 4) if sizes[each] < free]
    raise UsageError(
        f"{name} needs about {saved / 1e9:.1f} GB of memory, and {free / 1e9:.1f} GB are free: close other programs, "
        f"{fits[0] if fits else 'or'}{', or' * bool(fits)} take a smaller model"
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
    loggers[0].setLevel(logging.ERROR)  # what matters of its warnings is an error of ours
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
def told(what: str) -> Iterator[None]:
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
