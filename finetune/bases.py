"""What a base is made of, from a folder or the hub; whatever is missing or of another kind is told in one line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from selfinstruct.errors import UsageError

from .weights import quietly

if TYPE_CHECKING:
    from transformers import PreTrainedConfig, PreTrainedModel, PreTrainedTokenizerBase

__all__ = ["config_of_base", "tokenizer_of", "weights_of"]

CONFIG = "config.json"

WRITERS = ("ForCausalLM", "LMHeadModel", "ForConditionalGeneration")
"""How the class names end of models that write text; BertForMaskedLM would train, without causal mask."""


def config_of_base(base: str) -> PreTrainedConfig:
    """A base's configuration. Raises UsageError for a model that cannot be trained here."""
    from transformers import AutoConfig

    offline = _offline(base, CONFIG)
    with _told(f"the base {base}"):
        config: PreTrainedConfig = AutoConfig.from_pretrained(
            _path(base), trust_remote_code=False, local_files_only=offline
        )
    kinds = config.architectures or []
    if kinds and not any(kind.endswith(WRITERS) for kind in kinds):
        raise UsageError(f"the base {base} is a {kinds[0]}, which writes no text: give a causal or T5-style model")
    if getattr(config, "quantization_config", None):
        raise UsageError(f"the base {base} is quantised already: give its 16-bit original (method qlora quantises it)")
    return config


def tokenizer_of(name: str) -> PreTrainedTokenizerBase:
    from transformers import AutoTokenizer

    offline = _offline(name, "tokenizer_config.json")
    with _told(f"the tokenizer of {name}"):
        tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(
            _path(name), trust_remote_code=False, local_files_only=offline
        )
    return tokenizer


def weights_of(base: str, config: PreTrainedConfig, dtype: torch.dtype, extra: dict[str, Any]) -> PreTrainedModel:
    """The model, complete: what is missing in the files would be random, and training would hide it."""
    from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM

    kind: Any = AutoModelForSeq2SeqLM if config.is_encoder_decoder else AutoModelForCausalLM
    offline = _offline(base, CONFIG)
    with quietly(), _told(f"the base {base}"):
        loaded: tuple[PreTrainedModel, dict[str, Any]] = kind.from_pretrained(
            _path(base),
            config=config,
            dtype=dtype,
            trust_remote_code=False,
            local_files_only=offline,
            output_loading_info=True,
            **extra,
        )
    model, found = loaded
    if missing := sorted(found["missing_keys"]):
        others = f" and {len(missing) - 1} others" if len(missing) > 1 else ""
        raise UsageError(
            f"the base {base} lacks weights of a {type(model).__name__}: {missing[0]}{others}; fetch it again"
        )
    return model


def _offline(name: str, file: str) -> bool:
    """Whether only what is on this machine can be had: a folder, or a hub model when there is no network.

    The hub is asked once and briefly, as transformers tries each of its files for 20 seconds. Raises UsageError, also
    for a folder without the file.
    """
    if _is_folder(name, file):
        return True
    from huggingface_hub import HfApi, try_to_load_from_cache
    from huggingface_hub.errors import GatedRepoError, HFValidationError, RepositoryNotFoundError

    try:
        HfApi().model_info(name, timeout=10)
    except HFValidationError:
        raise UsageError(f"no folder or hub model can be called {name!r}: give tiny, a folder, or a hub id") from None
    except GatedRepoError:
        raise UsageError(
            f"{name} is gated: accept its licence at https://huggingface.co/{name}, then log in with `hf auth login`"
        ) from None
    except RepositoryNotFoundError:
        raise UsageError(
            f"there is neither a folder nor a hub model {name!r}; if it is a private one, log in with `hf auth login`"
        ) from None
    except Exception as error:  # HTTP's, the hub's and the system's own kinds: it cannot be asked now
        if not isinstance(try_to_load_from_cache(name, file), str):
            raise UsageError(
                f"there is no folder {name!r}, and the hub cannot be asked ({_line(error)}): check the network, or "
                "give tiny or a folder"
            ) from None
        return True
    return False


def _is_folder(name: str, file: str) -> bool:
    """Whether this names a folder; raises UsageError for one without the file that it needs."""
    folder = Path(_path(name))
    try:
        if not folder.exists():
            if name.startswith((".", "/", "~")) or name.count("/") > 1:
                raise UsageError(f"there is no folder {name!r}: give tiny, a model's folder, or a hub id like org/name")
            return False
    except (OSError, ValueError):  # a name that no file can have
        return False
    if (folder / file).is_file():
        return True
    if file == CONFIG and (folder / "adapter_config.json").is_file():
        raise UsageError(
            f"the base {name} is an adapter: make a model of it with `selfinstruct merge {name} --out NEW`"
        )
    raise UsageError(f"{name} is no model's folder: it has no {file}")


@contextmanager
def _told(what: str) -> Iterator[None]:
    """What the libraries raise in many forms when files are missing, damaged or of another kind, in one line."""
    from safetensors import SafetensorError

    try:
        yield
    except (torch.OutOfMemoryError, MemoryError):
        raise UsageError(f"{what} does not fit into memory: use method qlora or a smaller base") from None
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, ImportError, SafetensorError) as error:
        reason = _line(error)
        if "gated repo" in str(error):
            reason = "it is gated: accept its licence on its page at https://huggingface.co, then `hf auth login`"
        if "trust_remote_code" in str(error):
            reason = "it needs code of its own from the hub, which is never run here"
        raise UsageError(f"cannot load {what}: {reason}; give tiny, a model's folder, or a hub id") from None


def _path(name: str) -> str:
    return str(Path(name).expanduser()) if name.startswith("~") else name


def _line(error: BaseException) -> str:
    """An error's first line."""
    first = next(iter(str(error).strip().splitlines()), "") or type(error).__name__
    return first[:200].rstrip(".: ")
