"""LoRA adapters into the weights of their base: a whole model that needs neither PEFT nor the base any more.

    selfinstruct merge models/mine --out models/merged
    selfinstruct merge models/maths=0.7 models/prose=0.3 --out models/both

    selfinstruct merge models/maths models/prose --how ties --density 0.5 --out models/both

Every weight becomes W + Σ weight·(Wᵢ − W): W is the base's, Wᵢ what PEFT makes of it with adapter i alone. That is the
linear combination of the changes themselves, not of their factors A and B, so DoRA, rsLoRA and tensors that an adapter
replaces outright combine alike. TIES, DARE and pruning by magnitude are PEFT's own, which makes one adapter of several
(add_weighted_adapter). It is computed in float32, layer by layer, and rounded once, to the base's own precision: a
tensor of whose change that would lose more than 3 % is rounded by chance (models/rounding.py). The memory needed is
twice the base's: the pages of its files, which can be dropped, and the new weights.

The base is the 16-bit (or whichever) original also after QLoRA. Adding a change to 4-bit weights would round it away:
their steps are larger than what training moves.
"""

from __future__ import annotations

import json
import math
import shutil
import sys
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from selfinstruct import __version__
from selfinstruct.errors import UsageError, did_you_mean

from ..models.files import check_whole, read_json
from ..models.folders import (
    ADAPTER,
    about_adapter,
    about_model,
    base_folder,
    base_of,
    check_adapter,
    check_unquantised,
    folder_of,
    lookup_name,
)
from ..models.open import quietly
from ..models.provenance import BASE
from .rounded import COSTS, SAVES, Rounding
from .ways import LINEAR, Adapter, Way, check_way
from .weighted import merged, shapes_in
from .writing import room_for, written_folder

__all__ = ["adapters_from", "merge"]

TOKENIZER = (
    "added_tokens.json",
    "chat_template.jinja",
    "chat_template.json",
    "merges.txt",
    "special_tokens_map.json",
    "spiece.model",
    "tokenizer.json",
    "tokenizer.model",
    "tokenizer_config.json",
    "vocab.json",
    "vocab.txt",
)
GENERATION = "generation_config.json"
OTHERS = {
    "ADAPTION_PROMPT": "a LLaMA-Adapter",
    "PREFIX_TUNING": "P-Tuning v2 (a prefix)",
    "PROMPT_TUNING": "prompt tuning",
    "P_TUNING": "P-Tuning",
}
"""What adds to the computation instead of changing weights."""


def adapters_from(texts: Iterable[str]) -> list[tuple[str, float]]:
    """["models/a=0.7", "models/b"] as [("models/a", 0.7), ("models/b", 1.0)]. Raises UsageError."""
    found = []
    for text in texts:
        name, equals, number = text.rpartition("=")
        if not equals or Path(text).exists():
            name, number = text, "1"
        try:
            found.append((name, float(number)))
        except ValueError:
            raise UsageError(f"{text!r}: {number!r} is no number; an adapter with its weight is DIR=0.7") from None
    return found


def _tell(text: str) -> None:
    print(text, file=sys.stderr)


def merge(
    adapters: Sequence[tuple[str, float]],
    base: str | None,
    out: str,
    notice: Callable[[str], None] = _tell,
    *,
    save: str = "auto",
    how: str = LINEAR,
    density: float = 0.5,
    seed: int = 0,
) -> Path:
    """Write the base with the adapters, each with its weight, as a whole model into `out`. Raises UsageError.

    `base` is by default what the adapters name. `save` is the precision: bf16, fp16, fp32, or auto, the base's own.
    `how` several adapters become one: linear, or one of PEFT's ways, which keep the share `density` of each one's
    numbers (DARE's by chance, by the `seed`). Nothing is left in `out` unless all of it is there.
    """
    check_way(how, density, len(adapters))
    if save not in SAVES:
        raise UsageError(f"save is {save!r}: {did_you_mean(save, SAVES)}")
    given = [_opened(name, weight, number) for number, (name, weight) in enumerate(adapters)]
    if not given:
        raise UsageError("there is nothing to merge: give the folder of an adapter")
    _same_tokenizer(given, notice)
    source = _base_of(given, base)
    name = base if base is not None else lookup_name(str(source))
    check_unquantised(source, about_model(source), " with --base")
    target = Path(out)
    room_for(check_whole(source)[0], target)
    with written_folder(target) as folder, quietly():
        model, rounding = merged(source, given, notice, Way(how, density, seed), save)
        model.save_pretrained(folder, max_shard_size="5GB")
        _accompany(folder, source, given)
        _describe(folder, name, given, str(model.dtype).removeprefix("torch."), how, rounding)
    if rounding.lost > COSTS:
        notice(rounding.line())
    return target


def _opened(name: str, weight: float, number: int) -> Adapter:
    if not math.isfinite(weight) or weight == 0:
        raise UsageError(f"{name}={weight:g}: a weight is a number other than 0, such as 0.7")
    folder = folder_of(name, "the adapter")
    config = about_adapter(folder)
    kind = str(config.get("peft_type"))
    if kind in OTHERS:
        raise UsageError(
            f"{folder} is {OTHERS[kind]}: it adds to the computation and changes no weights, so it cannot be merged. "
            f"Use it on its base (selfinstruct chat {folder}), or train with --method lora"
        )
    if kind != "LORA":
        raise UsageError(f"{folder} is an adapter of the type {kind!r}; what can be merged is LoRA (also DoRA, rsLoRA)")
    check_adapter(folder)
    if not any("lora_" in key for key in shapes_in(folder)):
        raise UsageError(f"{folder} is an empty adapter: {ADAPTER} has no LoRA tensors, so its training was not saved")
    return Adapter(folder, weight, config, f"given{number}", {})


def _base_of(given: Sequence[Adapter], base: str | None) -> Path:
    """The folder of the base that all adapters name, or of the one that somebody says."""
    names: dict[str, Adapter] = {}
    for adapter in given:
        if base is None and not (adapter.folder / BASE).is_file():
            base_of(adapter.folder, "give it with --base")
        names.setdefault(str(base_folder(adapter.folder, base, "the base").resolve()), adapter)
    if len(names) > 1:
        (one, first), (two, second) = list(names.items())[:2]
        raise UsageError(
            f"{first.folder} was trained on {one} and {second.folder} on {two}: only adapters of one base can be "
            "merged together; if those are the same model, say which with --base"
        )
    return Path(next(iter(names)))


def _same_tokenizer(given: Sequence[Adapter], notice: Callable[[str], None]) -> None:
    """Raises UsageError when the adapters number their tokens differently."""
    first = given[0].folder
    for other in (adapter.folder for adapter in given[1:]):
        files = [folder / "tokenizer.json" for folder in (first, other)]
        if all(file.is_file() for file in files):
            one, two = ({key: read_json(file).get(key) for key in ("model", "added_tokens")} for file in files)
            if one != two:
                raise UsageError(f"{first} and {other} have different tokenizers: they cannot be merged into one model")
        files = [folder / "chat_template.jinja" for folder in (first, other)]
        if all(file.is_file() for file in files) and files[0].read_bytes() != files[1].read_bytes():
            notice(f"The chat templates of {first} and {other} differ; the merged model gets that of {first}.")


def _accompany(folder: Path, source: Path, given: Sequence[Adapter]) -> None:
    """Tokenizer, chat template and generation settings: the first adapter's, as training saved them, or the base's."""
    first = given[0].folder
    tokenizer = first if (first / "tokenizer_config.json").is_file() else source
    generation = first if (first / GENERATION).is_file() else source
    for origin, names in ((tokenizer, TOKENIZER), (generation, (GENERATION,))):
        for name in names:
            if (origin / name).is_file():
                shutil.copyfile(origin / name, folder / name)
    if (tokenizer / "additional_chat_templates").is_dir():
        shutil.copytree(tokenizer / "additional_chat_templates", folder / "additional_chat_templates")


def _describe(folder: Path, base: str, given: Sequence[Adapter], precision: str, how: str, rounding: Rounding) -> None:
    """train.json: a single adapter's with how it was merged, or how each was made; README.md: the same for people."""
    trained = [
        read_json(adapter.folder / "train.json") if (adapter.folder / "train.json").is_file() else {}
        for adapter in given
    ]
    about: dict[str, Any] = {
        "base": base,
        "adapters": [{"folder": str(adapter.folder), "weight": adapter.weight} for adapter in given],
        "method": f"W + Σ weight·(Wᵢ − W) in float32, rounded once to {precision}"
        if how == LINEAR
        else f"PEFT's {how} in float32, rounded once to {precision}",
        "rounding": rounding.line(),
        "versions": {"selfinstruct": __version__} | {name: version(name) for name in ("peft", "torch", "transformers")},
    }
    if len(given) > 1:
        for adapter, train in zip(about["adapters"], trained, strict=True):
            adapter["train"] = train
    text = json.dumps((trained[0] if len(given) == 1 else {}) | {"merge": about}, ensure_ascii=False, indent=2)
    (folder / "train.json").write_text(text + "\n", encoding="utf-8")
    lines = [f"- `{adapter.folder}`, weight {adapter.weight:g}" for adapter in given]
    card = [
        f"# {given[0].folder.name}, merged",
        f"`{base}` with {'this adapter' if len(given) == 1 else 'these adapters'} in its weights ({precision}):",
        "\n".join(lines),
        "How they were trained is in `train.json`. Made by `selfinstruct merge`.",
    ]
    (folder / "README.md").write_text("\n\n".join(card) + "\n", encoding="utf-8")
