"""The model that is trained: a base with its tokenizer, and what each method adds to it.

full     every weight, in fp32 (bf16 only while computing, by autocast)
embeddings  the embedding and the head alone, in a whole model: what new tokens need first (Chinese-LLaMA, stage 1)
lora     low-rank matrices beside the linear layers of a frozen base
qlora    the same, the frozen base in 4 bits
adapter  LLaMA-Adapter: prompts in the upper layers' attention behind a gate that starts shut
ptuning  P-Tuning v2: learned keys and values before the first token, in every layer (PEFT calls it prefix tuning)

A base may begin with random weights (settings.scratch): of its folder only configuration and tokenizer are taken.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from selfinstruct.errors import UsageError

from ..settings import TINY, WHOLE, Settings
from .facts import is_seq2seq, precision_of
from .fitting import check_fits
from .folders import about_model, check_unquantised, folder_of, lookup_name
from .marking import marking
from .open import config_in, model_in, quietly, tokenizer_in
from .quantising import keep_gradients, quantised
from .tokenizer_files import check_saved
from .vocabulary import check_extends, embeddings, fit, give_pad, is_tied, only_embeddings

if TYPE_CHECKING:
    from peft import PeftConfig
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

__all__ = ["load_base", "prepared"]


def load_base(settings: Settings, texts: Iterable[str]) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """The base and its tokenizer, which has a padding token of its own; `texts` are for "tiny" to learn words from.

    A frozen base is in the precision it computes in, one to be trained whole in fp32. Raises UsageError.
    """
    if settings.base == TINY:
        from .tiny import tiny_model, tiny_tokenizer

        if settings.tokenizer:
            tokenizer = tokenizer_in(folder_of(settings.tokenizer, "the tokenizer", weights=False))
            give_pad(tokenizer)
        else:
            tokenizer = tiny_tokenizer(texts, settings.vocabulary)
        return tiny_model(tokenizer, settings), tokenizer
    folder = folder_of(settings.base, "the base", weights=not settings.scratch)
    if settings.method == "full" and (settings.scratch or settings.learn == "text"):
        from .scratch import from_scratch, is_bare

        if settings.scratch or is_bare(folder):
            return from_scratch(folder, settings)
    if not hasattr(config := config_in(folder).get_text_config(), "num_attention_heads"):
        raise UsageError(f"{folder} is a {config.model_type}, which has no attention: give a transformer, like Llama")
    check_unquantised(folder, about_model(folder))
    tokenizer = tokenizer_in(folder)
    own, known = tokenizer, len(tokenizer)
    if settings.tokenizer:
        tokenizer = tokenizer_in(folder_of(settings.tokenizer, "the tokenizer", weights=False))
        check_extends(tokenizer, own)
        check_saved(tokenizer, folder)
    give_pad(tokenizer)
    # A frozen base in bf16 under autocast takes 2 bytes a weight, one in fp32 takes 6: itself and its bf16 copy.
    dtype = torch.float32 if settings.method in WHOLE else precision_of(settings)
    check_fits(folder, settings)
    with quietly():
        four = (
            {} if settings.method != "qlora" else quantised(4, dtype, "method 'qlora'", "use a GPU, or method 'lora'")
        )
    model = model_in(folder, dtype=dtype, **four)
    model.name_or_path = model.config.name_or_path = lookup_name(settings.base)  # as an adapter's file will name it
    if settings.method == "qlora":
        keep_gradients(model)
    fit(model, tokenizer, known, own if settings.tokenizer else None)
    return model, tokenizer


def prepared(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, settings: Settings) -> Any:
    """The model as it is trained, a PeftModel but for full and embeddings: what is trained is in fp32, and all else is
    frozen.

    Raises UsageError for what does not fit the model.
    """
    give_pad(tokenizer)
    fit(model, tokenizer)
    if settings.learn == "reward":
        model = marking(model, tokenizer, settings.seed)
    if settings.method == "embeddings":
        whole = only_embeddings(model)
    else:
        whole = model.requires_grad_(True) if settings.method == "full" else _wrapped(model, settings)
    for parameter in whole.parameters():
        if parameter.requires_grad:
            parameter.data = parameter.data.float()  # Adam's small steps are lost in bf16's 8 bits
    return whole


def _wrapped(model: PreTrainedModel, settings: Settings) -> Any:
    with quietly(), warnings.catch_warnings():
        from peft import get_peft_model

        warnings.filterwarnings("ignore", "`is_gradient_checkpointing` is deprecated", FutureWarning)  # by PEFT 0.21
        return get_peft_model(model, _peft_config(model, settings))


def _peft_config(model: PreTrainedModel, settings: Settings) -> PeftConfig:
    from peft import AdaptionPromptConfig, LoraConfig, PrefixTuningConfig, TaskType

    task = TaskType.SEQ_2_SEQ_LM if is_seq2seq(model) else TaskType.CAUSAL_LM
    task = TaskType.SEQ_CLS if settings.learn == "reward" else task
    if settings.tokenizer and settings.method in ("adapter", "ptuning"):
        raise UsageError(f"method '{settings.method}' trains no embeddings, so new tokens would mean nothing: use lora")
    if settings.method == "ptuning":
        return PrefixTuningConfig(task_type=task, num_virtual_tokens=settings.virtual_tokens)
    if settings.method == "adapter":
        layers = _adapter_layers(model, settings)
        return AdaptionPromptConfig(task_type=task, adapter_len=settings.virtual_tokens, adapter_layers=layers)
    tables = embeddings(model)
    # New tokens' rows are learned even if no one asked: left at the mean they would all mean the same.
    whole = settings.save_modules or (tables if settings.tokenizer else ())
    _check_names(model, "targets", settings.targets)
    _check_names(model, "save_modules", whole)
    return LoraConfig(
        task_type=task,
        r=settings.r,
        lora_alpha=settings.alpha,
        lora_dropout=settings.dropout,
        target_modules="all-linear" if "all-linear" in settings.targets else list(settings.targets),
        modules_to_save=list(whole) or None,
        ensure_weight_tying=is_tied(model) and not set(whole).isdisjoint(tables),
        use_dora=settings.dora,
        fan_in_fan_out=_is_turned(model, settings.targets),
    )


def _adapter_layers(model: PreTrainedModel, settings: Settings) -> int:
    from peft.tuners.adaption_prompt.config import TRANSFORMERS_MODEL_CONFIG as ABLE

    kind = model.config.model_type
    if kind not in ABLE:
        raise UsageError(f"method 'adapter' is for {', '.join(ABLE)}, and the base is a {kind}: use lora or ptuning")
    there = int(model.config.num_hidden_layers)
    if settings.adapter_layers > there:
        raise UsageError(f"adapter_layers is {settings.adapter_layers}, but the base has {there}: give fewer, or 0")
    return settings.adapter_layers or max(1, there - 2)


def _is_turned(model: PreTrainedModel, targets: Sequence[str]) -> bool:
    """Whether LoRA is on GPT-2's Conv1D, whose weights are turned round: PEFT warns when it finds that out itself."""
    from transformers.pytorch_utils import Conv1D

    layers = [name for name, layer in model.named_modules() if isinstance(layer, Conv1D)]
    return any(each == name or each.endswith(f".{name}") or name == "all-linear" for each in layers for name in targets)


def _check_names(model: PreTrainedModel, setting: str, names: Iterable[str]) -> None:
    """Raises UsageError for a layer that the base has not: PEFT ignores it as long as another one is found."""
    from transformers.pytorch_utils import Conv1D

    layers = dict(model.named_modules())
    kinds = (nn.Linear, nn.Embedding, Conv1D)
    there = sorted({name.rpartition(".")[2] for name, layer in layers.items() if isinstance(layer, kinds)})
    for name in names:
        if name != "all-linear" and not any(each == name or each.endswith(f".{name}") for each in layers):
            raise UsageError(f"{setting}: the base has no layer {name!r}; it has {', '.join(there)}")
