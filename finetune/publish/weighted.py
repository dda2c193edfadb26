"""The arithmetic of merge.py: LoRA adapters loaded side by side on the base, their weighted changes put into it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from selfinstruct.errors import UsageError

from ..models.files import tensors_in
from ..models.folders import ADAPTER, OLD_ADAPTER, marks
from ..models.marking import marking
from ..models.open import model_in, tokenizer_in
from ..models.vocabulary import fit
from .rounded import Rounding
from .ways import LINEAR, Adapter, Way, line_of, one_of

if TYPE_CHECKING:
    from peft import PeftModel
    from torch import Tensor, nn
    from transformers import PreTrainedModel

__all__ = ["merged", "shapes_in"]

AXES = {"weight": 0, "base_layer.weight": 0, "lora_embedding_A": 1, "lora_B.weight": 0}
"""Which axis of an embedding's or head's tensor in an adapter is the vocabulary."""


def merged(
    source: Path, given: Sequence[Adapter], notice: Callable[[str], None], way: Way, save: str
) -> tuple[PreTrainedModel, Rounding]:
    """The base, in the precision that is saved, with the adapters in its weights."""
    import torch
    from transformers import GenerationConfig

    model = model_in(source, dtype="auto")
    # The file is carried over as it is; a published one that contradicts itself (Llama 2's) must not stop the saving.
    model.generation_config = GenerationConfig.from_model_config(model.config)
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PEFT's on tied embeddings; _settle_tying sees to those
        _fit(model, source, given[0].folder)
        _resize(model, given)
        model = _marking(model, given)
        names = {id(module): name for name, module in model.named_modules()}
        wrapped = _wrapped(model, given)
        given = given if way.how == LINEAR else [one_of(wrapped, given, way)]
        rounding = Rounding(save, way.seed)
        _combine_all(wrapped, names, given, rounding)
        whole: PreTrainedModel = wrapped.base_model.unload()  # type: ignore[operator,unused-ignore]
        _settle_tying(whole, notice)
        if save != "auto":
            to: Any = whole.to
            to({"bf16": torch.bfloat16, "fp16": torch.float16, "fp32": torch.float32}[save])
    return whole, rounding


def _fit(model: PreTrainedModel, source: Path, adapter: Path) -> None:
    """Rows for tokens that training added (one to pad with, say) whose embedding it neither trained nor saved."""
    if (adapter / "tokenizer_config.json").is_file():
        # Our training also sets the rows that a base has to spare, others' leaves those as they are.
        ours = (adapter / "train.json").is_file() and (source / "tokenizer_config.json").is_file()
        own = tokenizer_in(source) if ours else None
        fit(model, tokenizer_in(adapter), None if own is None else len(own), own)


def _marking(model: PreTrainedModel, given: Sequence[Adapter]) -> PreTrainedModel:
    """The base with a head for marks, all zeros, where the adapters have learned one. Raises UsageError for a mix."""
    which = {marks(adapter.folder): adapter.folder for adapter in given}
    if len(which) == 2:
        raise UsageError(f"{which[True]} marks answers and {which[False]} writes them: they cannot be merged together")
    if False in which:
        return model
    marked = marking(model, tokenizer_in(given[0].folder), 0)
    for name, parameter in marked.named_parameters():
        if not name.startswith(f"{model.base_model_prefix}."):
            parameter.zero_()
    return marked


def _resize(model: Any, given: Sequence[Adapter]) -> None:
    """Give the base as many rows as the adapters have; new ones are the mean of the others, as training begins."""
    names = {id(module): name for name, module in model.named_modules()}
    ends = _ends(model)
    wanted: dict[int, Path] = {}
    for adapter in given:
        held = shapes_in(adapter.folder)
        for module in ends:
            stem = f"base_model.model.{names[id(module)]}"
            for ending, axis in AXES.items():
                if shape := held.get(f"{stem}.{ending}"):
                    wanted.setdefault(shape[axis], adapter.folder)
    if len(wanted) > 1:
        sizes = " and ".join(f"{rows:,} tokens in {folder}" for rows, folder in wanted.items())
        raise UsageError(f"the vocabularies differ: {sizes}; adapters that are merged together must have the same")
    old = int(ends[0].weight.shape[0])
    new = next(iter(wanted), old)
    if new == old:
        return
    means = [module.weight.float().mean(0) for module in ends]
    model.resize_token_embeddings(new, mean_resizing=False)
    for module, mean in zip(_ends(model), means, strict=True):
        module.weight[old:] = mean.to(module.weight.dtype)


def shapes_in(adapter: Path) -> dict[str, tuple[int, ...]]:
    """The tensors of an adapter. Raises UsageError for a torn file; a pickle's code is never run."""
    if (adapter / ADAPTER).is_file():
        return {name: place.shape for name, place in tensors_in(adapter / ADAPTER).items()}
    import torch

    try:
        held = torch.load(adapter / OLD_ADAPTER, map_location="meta", weights_only=True)
        return {name: tuple(tensor.shape) for name, tensor in held.items()}
    except Exception as error:  # pickle's, zip's and PyTorch's own kinds
        raise UsageError(
            f"{adapter / OLD_ADAPTER} holds no plain tensors ({line_of(error)[:100]}): it is not loaded"
        ) from None


def _ends(model: Any) -> list[Any]:
    """Embedding and head."""
    return [module for module in (model.get_input_embeddings(), model.get_output_embeddings()) if module is not None]


def _wrapped(model: PreTrainedModel, given: Sequence[Adapter]) -> PeftModel:
    """The base with all adapters loaded side by side; none of them has changed a weight of it yet."""
    from peft import PeftConfig, PeftModel

    tensors = dict(model.named_parameters(remove_duplicate=False))
    wrapped: PeftModel | None = None
    for adapter in given:
        keys = shapes_in(adapter.folder)
        plain = {key.removeprefix("base_model.model.").replace(".base_layer.", ".") for key in keys}
        before = {name: tensors[name].clone() for name in plain & tensors.keys()}
        try:
            if wrapped is None:
                config = PeftConfig.from_pretrained(str(adapter.folder))
                config.inference_mode = True
                wrapped = PeftModel(model, config, adapter.label)
            result = wrapped.load_adapter(str(adapter.folder), adapter.label, torch_device="cpu")
        except (ValueError, RuntimeError, KeyError, NotImplementedError) as error:
            raise UsageError(f"{adapter.folder} does not fit the base: {line_of(error)}") from None
        # With a vocabulary that grew PEFT saves modules_to_save twice, the second time under names it does not know.
        lost = [*result.missing_keys, *result.unexpected_keys]
        if lost := [key for key in lost if ".modules_to_save." not in key and ".original_module." not in key]:
            more = f" and {len(lost) - 1} more" if len(lost) > 1 else ""
            raise UsageError(f"{adapter.folder} does not fit the base, or was saved incompletely: {lost[0]}{more}")
        for name, value in before.items():
            if not tensors[name].equal(value):
                adapter.own[name] = tensors[name].clone()
        for name, value in before.items():
            tensors[name].copy_(value)
    assert wrapped is not None
    return wrapped


def _combine_all(wrapped: Any, names: Mapping[int, str], given: Sequence[Adapter], rounding: Rounding) -> None:
    """Put the combination of all adapters into every module that one of them changes."""
    from peft.tuners.tuners_utils import BaseTunerLayer
    from peft.utils import ModulesToSaveWrapper

    modules = {name: module for module in wrapped.modules() if (name := names.get(id(module)))}
    left = {name for adapter in given for name in adapter.own}
    for module in list(wrapped.modules()):
        if isinstance(module, BaseTunerLayer):
            stem = names[id(module.get_base_layer())]
            left -= _combine_layer(module, stem, given, rounding)
        elif isinstance(module, ModulesToSaveWrapper):
            _combine_saved(module, names, given, rounding)
    for name in left:
        stem, _, leaf = name.rpartition(".")
        after = [(adapter.weight, adapter.own[name]) for adapter in given if name in adapter.own]
        _put(modules[stem], leaf, _sum(name, getattr(modules[stem], leaf), after, rounding))


def _combine_layer(layer: Any, stem: str, given: Sequence[Adapter], rounding: Rounding) -> set[str]:
    """Let PEFT merge one adapter after the other into a float32 copy of the layer, and put their combination in.

    Returns the names of the tensors that are seen to.
    """
    import torch

    inner = layer.get_base_layer()
    before: dict[str, Tensor] = dict(inner.named_parameters())
    after: dict[str, list[tuple[float, Tensor]]] = {name: [] for name in before}
    for adapter in given:
        here = any(adapter.label in getattr(layer, attribute) for attribute in layer.adapter_layer_names)
        if not here and not any(f"{stem}.{name}" in adapter.own for name in before):
            continue
        for name, value in before.items():
            own = adapter.own.get(f"{stem}.{name}", value)
            _put(inner, name, own.detach().to(torch.float32, copy=True))
        if here:
            try:
                layer.merge(adapter_names=[adapter.label])
            except (ValueError, RuntimeError, NotImplementedError) as error:
                raise UsageError(f"{adapter.folder} cannot be merged, at {stem}: {line_of(error)}") from None
            layer.merged_adapters.clear()
        for name, value in inner.named_parameters():
            after[name].append((adapter.weight, value))
    for name, value in before.items():
        _put(inner, name, _sum(f"{stem}.{name}", value, after[name], rounding))
    return {f"{stem}.{name}" for name in before}


def _combine_saved(wrapper: Any, names: Mapping[int, str], given: Sequence[Adapter], rounding: Rounding) -> None:
    """The same for a module that adapters have a trained copy of (modules_to_save)."""
    trained, stem = wrapper.modules_to_save, names.get(id(wrapper.original_module), "")
    copies = [(adapter.weight, trained[adapter.label]) for adapter in given if adapter.label in trained]
    for name, before in list(wrapper.original_module.named_parameters()):
        after = [(weight, copy.get_parameter(name)) for weight, copy in copies]
        total = _sum(f"{stem}.{name}", before, after, rounding)
        for module in (wrapper.original_module, *trained.values()):  # either may be what unload() takes
            _put(module, name, total)


def _sum(name: str, before: Tensor, after: Sequence[tuple[float, Tensor]], rounding: Rounding) -> Tensor:
    """before + Σ weight·(after − before), in float32, then as it is saved."""
    import torch

    if [weight for weight, _ in after] == [1]:
        total = after[0][1].detach().float()
    else:
        start = before.detach().float()
        total = start.clone()
        for weight, value in after:
            total += weight * (value.detach().float() - start)
    most = torch.finfo(before.dtype).max
    if total.numel() and not (-most <= total.min() and total.max() <= most):  # as no comparison with NaN holds
        raise UsageError(f"{name} is no longer finite with these adapters and weights: is one of them broken?")
    return rounding.of(name, before, total) if after else before


def _put(module: nn.Module, name: str, value: Tensor) -> None:
    """A parameter of its own for this module only: what it shared with another (tied embeddings) keeps the old one."""
    from torch import nn

    stem, _, leaf = name.rpartition(".")
    setattr(module.get_submodule(stem), leaf, nn.Parameter(value, requires_grad=False))


def _settle_tying(model: Any, notice: Callable[[str], None]) -> None:
    """Embedding and head that were one stay one, unless the adapter was trained so that they are not."""
    embedding, head = model.get_input_embeddings(), model.get_output_embeddings()
    if head is None or not model.config.tie_word_embeddings:
        return
    if head.weight.equal(embedding.weight):
        head.weight = embedding.weight
        model.tie_weights()
    else:
        model.config.tie_word_embeddings = False
        notice(
            "The adapter changed only one of embedding and head, which the base shares: the merged model has both, and "
            "tie_word_embeddings is false."
        )
