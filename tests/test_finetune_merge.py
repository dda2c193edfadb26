"""Merging LoRA adapters into their base: the whole model computes what base and adapter did."""

from __future__ import annotations

import json
import resource
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("peft")

from peft import AdaptionPromptConfig, LoraConfig, PeftModel, PrefixTuningConfig, get_peft_model  # noqa: E402
from safetensors.torch import load_file, save_file  # noqa: E402
from tokenizers import Tokenizer, models, pre_tokenizers, trainers  # noqa: E402
from transformers import (  # noqa: E402
    AutoModelForCausalLM,
    AutoModelForSeq2SeqLM,
    AutoTokenizer,
    BitsAndBytesConfig,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedTokenizerFast,
    T5Config,
    T5ForConditionalGeneration,
)

from selfinstruct.errors import UsageError  # noqa: E402
from selfinstruct.finetune.publish.merge import adapters_from, merge  # noqa: E402

# PEFT 0.21 still asks transformers 5.23 for it.
pytestmark = pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing. is deprecated:FutureWarning")

TEXTS = ["Name three rivers.", "The Elbe, the Main and the Spree.", "Count from 1 to 5: 1 2 3 4 5"]
IDS = torch.tensor([[1, 5, 9, 13, 40, 7, 30, 2]])


@pytest.fixture(autouse=True)
def _two_threads() -> None:
    torch.set_num_threads(2)


def tokenizer_of(*more: str) -> Any:
    backend = Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    specials = ["<pad>", "<s>", "</s>"]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    backend.train_from_iterator(
        TEXTS,
        trainers.BpeTrainer(vocab_size=300, special_tokens=specials, initial_alphabet=alphabet, show_progress=False),
    )
    kind: Any = PreTrainedTokenizerFast
    tokenizer: Any = kind(tokenizer_object=backend, bos_token="<s>", eos_token="</s>", pad_token="<pad>")
    tokenizer.add_tokens(list(more))
    tokenizer.chat_template = "{% for message in messages %}{{ message.content }}{{ eos_token }}{% endfor %}"
    return tokenizer


def base_at(folder: Path, *, tied: bool = False, dtype: Any = torch.float32, seed: int = 0) -> Path:
    torch.manual_seed(seed)
    tokenizer = tokenizer_of()
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=64,
        tie_word_embeddings=tied,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=0,
        initializer_range=0.2,  # so that logits are not all near 0
    )
    LlamaForCausalLM(config).to(dtype).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def adapter_at(folder: Path, base: Path, *, seed: int = 1, grown: tuple[str, ...] = (), **settings: Any) -> Path:
    """A LoRA adapter with random weights, as if it had been trained; `grown` are tokens that the vocabulary gained."""
    torch.manual_seed(seed)
    model: Any = AutoModelForCausalLM.from_pretrained(base, dtype="auto")
    tokenizer = tokenizer_of(*grown)
    if len(tokenizer) > model.get_input_embeddings().weight.shape[0]:
        model.resize_token_embeddings(len(tokenizer), mean_resizing=False)
    usual: dict[str, Any] = {"r": 4, "lora_alpha": 8, "target_modules": ["q_proj", "v_proj"], "task_type": "CAUSAL_LM"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PEFT's on tied embeddings and saved embedding layers
        wrapped = get_peft_model(model, LoraConfig(**usual | settings))
        for name, parameter in wrapped.named_parameters():
            if parameter.requires_grad:
                spread = 0.1 if "lora" in name else 0.02
                parameter.data += torch.randn_like(parameter.data) * spread
        wrapped.save_pretrained(str(folder))
    tokenizer.save_pretrained(folder)
    (folder / "generation_config.json").write_text(json.dumps({"eos_token_id": [2, 5], "bos_token_id": 1}))
    (folder / "train.json").write_text(json.dumps({"settings": {"lr": 3e-4, "method": "lora"}, "loss": 1.25}))
    return folder


def logits_of(folder: Path, ids: Any = IDS) -> Any:
    model = AutoModelForCausalLM.from_pretrained(folder, dtype="auto")
    with torch.no_grad():
        return model(ids).logits.float()


def adapted(base: Path, adapter: Path) -> Any:
    """The logits of base and adapter as PEFT computes them."""
    model: Any = AutoModelForCausalLM.from_pretrained(base, dtype="auto")
    rows = len(AutoTokenizer.from_pretrained(adapter))
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        if rows > model.get_input_embeddings().weight.shape[0]:
            model.resize_token_embeddings(rows, mean_resizing=False)
        return PeftModel.from_pretrained(model, adapter)(IDS).logits.float()


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return base_at(tmp_path_factory.mktemp("models") / "base")


@pytest.fixture(scope="module")
def tied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return base_at(tmp_path_factory.mktemp("models") / "tied", tied=True)


@pytest.fixture(scope="module")
def adapter(base: Path) -> Path:
    return adapter_at(base.parent / "adapter", base)


KINDS: dict[str, dict[str, Any]] = {
    "plain": {},
    "all linear layers": {"target_modules": "all-linear"},
    "rsLoRA": {"use_rslora": True},
    "DoRA": {"use_dora": True, "target_modules": "all-linear"},
    "ranks that differ": {"rank_pattern": {"q_proj": 2}, "alpha_pattern": {"v_proj": 3}},
    "modules saved": {"modules_to_save": ["embed_tokens", "lm_head"]},
    "a norm saved": {"modules_to_save": ["input_layernorm"]},
    "embedding adapted": {"target_modules": ["q_proj", "embed_tokens"]},
    "head adapted": {"target_modules": ["q_proj", "lm_head"]},
    "some tokens trained": {"trainable_token_indices": [3, 4, 9]},
    "vocabulary grown, saved by PEFT": {"grown": ("<tool>", "<end>")},
    "vocabulary grown, trained": {"grown": ("<tool>",), "modules_to_save": ["embed_tokens", "lm_head"]},
    "vocabulary grown, adapted": {"grown": ("<tool>",), "target_modules": ["q_proj", "embed_tokens", "lm_head"]},
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_merged_model_computes_what_base_and_adapter_do(base: Path, tmp_path: Path, kind: str) -> None:
    """Within 1e-4 in float32, of logits between -10 and 10."""
    adapter = adapter_at(tmp_path / "adapter", base, **KINDS[kind])
    out = merge([(str(adapter), 1.0)], None, str(tmp_path / "out"))
    expected = adapted(base, adapter)
    torch.testing.assert_close(logits_of(out), expected, atol=1e-4, rtol=0)
    assert not torch.allclose(logits_of(base), expected[..., : logits_of(base).shape[-1]], atol=0.1)
    assert not [file.name for file in out.iterdir() if "adapter" in file.name]


@pytest.mark.parametrize(
    ("settings", "one"),
    [
        ({"target_modules": "all-linear"}, True),
        ({"modules_to_save": ["embed_tokens"], "ensure_weight_tying": True}, True),
        ({"grown": ("<tool>",), "modules_to_save": ["embed_tokens"], "ensure_weight_tying": True}, True),
        ({"grown": ("<tool>",)}, True),
        ({"trainable_token_indices": [3, 4]}, True),
        ({"modules_to_save": ["embed_tokens"]}, False),
        ({"target_modules": ["q_proj", "embed_tokens"]}, False),
        ({"target_modules": ["q_proj", "lm_head"]}, False),
    ],
    ids=str,
)
def test_tied_embeddings_stay_tied_unless_training_parted_them(
    tied: Path, tmp_path: Path, settings: dict[str, Any], one: bool
) -> None:
    adapter = adapter_at(tmp_path / "adapter", tied, **settings)
    said: list[str] = []
    out = merge([(str(adapter), 1.0)], None, str(tmp_path / "out"), said.append)
    torch.testing.assert_close(logits_of(out), adapted(tied, adapter), atol=1e-4, rtol=0)
    model = AutoModelForCausalLM.from_pretrained(out)
    assert (model.lm_head.weight is model.model.embed_tokens.weight) == one
    assert ("lm_head.weight" in load_file(out / "model.safetensors")) != one
    assert model.config.tie_word_embeddings == one
    assert len(said) == (not one)


def test_a_token_to_pad_with_gets_its_row(base: Path, tmp_path: Path) -> None:
    """Training adds one where a base has none, and need not save its embedding: nothing is ever learned about it."""
    adapter = adapter_at(tmp_path / "adapter", base)
    tokenizer_of("<padding>").save_pretrained(adapter)
    out = merge([(str(adapter), 1.0)], None, str(tmp_path / "out"))
    merged = load_file(out / "model.safetensors")
    for name in ("model.embed_tokens.weight", "lm_head.weight"):
        old = load_file(base / "model.safetensors")[name]
        torch.testing.assert_close(merged[name], torch.cat([old, old.mean(0, keepdim=True)]))
    torch.testing.assert_close(logits_of(out)[..., :-1], adapted(base, adapter)[..., :-1], atol=1e-4, rtol=0)


def test_a_bf16_base_stays_bf16_and_is_rounded_once(tmp_path: Path) -> None:
    """Each weight is the nearest bfloat16 to base + change in float32; so the logits are as near as bf16 can be."""
    base = base_at(tmp_path / "base", dtype=torch.bfloat16)
    adapter = adapter_at(tmp_path / "adapter", base, target_modules="all-linear")
    out = merge([(str(adapter), 1.0)], None, str(tmp_path / "out"))
    merged, old = load_file(out / "model.safetensors"), load_file(base / "model.safetensors")
    held = load_file(adapter / "adapter_model.safetensors")
    stem = "model.layers.1.mlp.down_proj"
    a, b = (held[f"base_model.model.{stem}.lora_{factor}.weight"].float() for factor in "AB")
    exact = old[f"{stem}.weight"].float() + (b @ a) * 2  # alpha / r
    assert merged[f"{stem}.weight"].dtype == torch.bfloat16
    assert merged[f"{stem}.weight"].equal(exact.bfloat16())
    assert merged["model.norm.weight"].equal(old["model.norm.weight"])
    torch.testing.assert_close(logits_of(out), adapted(base, adapter), atol=0.3, rtol=0)


def test_small_changes_are_not_rounded_away(tmp_path: Path) -> None:
    """To the nearest, most of an adapter of a few steps was gone from a bf16 base; by chance it is there on average."""
    base = base_at(tmp_path / "base", dtype=torch.bfloat16)
    adapter = adapter_at(tmp_path / "adapter", base, target_modules="all-linear")
    held = load_file(adapter / "adapter_model.safetensors")
    small = {name: value * (0.001 if "lora_B" in name else 1) for name, value in held.items()}
    save_file(small, adapter / "adapter_model.safetensors", metadata={"format": "pt"})
    said: list[str] = []
    out = merge([(str(adapter), 1.0)], None, str(tmp_path / "out"), said.append)
    whole = merge([(str(adapter), 1.0)], None, str(tmp_path / "whole"), said.append, save="fp32")
    old, merged, exact = (load_file(folder / "model.safetensors") for folder in (base, out, whole))
    change = kept = nearest = 0.0
    for name, before in old.items():
        if not exact[name].equal(before.float()):
            assert merged[name].dtype == torch.bfloat16
            assert exact[name].dtype == torch.float32
            wanted = exact[name] - before.float()
            change += float((wanted * wanted).sum())
            kept += float((wanted * (merged[name].float() - before.float())).sum())
            nearest += float((wanted * (exact[name].bfloat16().float() - before.float())).sum())
    assert nearest / change < 0.9
    assert abs(kept / change - 1) < 0.05
    assert len(said) == 1
    assert "of the change is lost: " in said[0]
    again = merge([(str(adapter), 1.0)], None, str(tmp_path / "again"), said.append)
    assert (again / "model.safetensors").read_bytes() == (out / "model.safetensors").read_bytes()
    assert json.loads((out / "train.json").read_text())["merge"]["rounding"] == said[0]


@pytest.mark.parametrize("how", ["ties", "dare_linear", "dare_ties", "ties_svd", "magnitude_prune"])
def test_several_adapters_become_one_as_peft_makes_it(base: Path, tmp_path: Path, how: str) -> None:
    parts = [adapter_at(tmp_path / f"adapter{n}", base, seed=n) for n in (1, 2)]
    given = [(str(parts[0]), 0.7), (str(parts[1]), 0.4)]
    out = merge(given, None, str(tmp_path / "out"), how=how, density=0.4, seed=3)
    model = AutoModelForCausalLM.from_pretrained(base)
    wrapped: Any = PeftModel.from_pretrained(model, str(parts[0]), "one")
    wrapped.load_adapter(str(parts[1]), "two")
    torch.manual_seed(3)
    wrapped.add_weighted_adapter(["one", "two"], [0.7, 0.4], "both", combination_type=how, density=0.4)
    wrapped.set_adapter("both")
    with torch.no_grad():
        torch.testing.assert_close(logits_of(out), wrapped(IDS).logits, atol=1e-4, rtol=0)
    about = json.loads((out / "train.json").read_text())["merge"]
    assert about["method"].startswith(f"PEFT's {how}")
    if "dare" in how:
        other = merge(given, None, str(tmp_path / "other"), how=how, density=0.4, seed=4)
        assert not torch.allclose(logits_of(other), logits_of(out), atol=1e-4)


def test_ranks_that_differ_are_combined_as_products(base: Path, tmp_path: Path) -> None:
    parts = [adapter_at(tmp_path / f"adapter{n}", base, seed=n, r=4 * n) for n in (1, 2)]
    merge([(str(part), 1.0) for part in parts], None, str(tmp_path / "out"), how="ties", density=0.5)


def test_ways_that_are_none(base: Path, adapter: Path, tmp_path: Path) -> None:
    two = [(str(adapter), 1.0), (str(adapter_at(tmp_path / "two", base, use_dora=True)), 1.0)]
    for given, way, words in (
        (two, {"how": "tie"}, "no way 'tie' to merge: did you mean 'ties'"),
        (two, {"how": "slerp"}, "mergekit"),
        (two[:1], {"how": "ties"}, "ties is for several adapters"),
        (two, {"how": "ties", "density": 0.0}, "density is 0"),
        (two, {"how": "ties"}, "has more than low-rank matrices"),
        (two, {"save": "int8"}, "save is 'int8'"),
    ):
        with pytest.raises(UsageError, match=words):
            merge(given, None, str(tmp_path / "out"), **way)


def test_a_qlora_adapter_goes_into_the_original_weights(tmp_path: Path) -> None:
    """Not into those that were rounded to 4 bits to train it."""
    pytest.importorskip("bitsandbytes")
    base = base_at(tmp_path / "base", dtype=torch.bfloat16)
    kind: Any = BitsAndBytesConfig
    four_bits = kind(load_in_4bit=True, bnb_4bit_quant_type="nf4")
    model: Any = AutoModelForCausalLM.from_pretrained(base, quantization_config=four_bits, dtype=torch.float32)
    settings = LoraConfig(target_modules=["q_proj"], lora_alpha=16, r=8, init_lora_weights=False)
    get_peft_model(model, settings).save_pretrained(str(tmp_path / "adapter"))
    out = load_file(merge([(str(tmp_path / "adapter"), 1.0)], None, str(tmp_path / "out")) / "model.safetensors")
    held = load_file(tmp_path / "adapter" / "adapter_model.safetensors")
    stem = "model.layers.0.self_attn.q_proj"
    a, b = (held[f"base_model.model.{stem}.lora_{factor}.weight"].float() for factor in "AB")
    for name, old in load_file(base / "model.safetensors").items():
        if "q_proj" not in name:
            assert out[name].equal(old)
        elif stem in name:
            assert out[name].equal((old.float() + 2 * (b @ a)).bfloat16())


@pytest.mark.parametrize(
    "settings",
    [{}, {"use_dora": True}, {"modules_to_save": ["embed_tokens"]}, {"grown": ("<tool>",)}],
    ids=["LoRA", "DoRA", "modules saved", "vocabulary grown"],
)
def test_weighted_adapters_are_the_weighted_sum_of_their_changes(
    base: Path, tmp_path: Path, settings: dict[str, Any]
) -> None:
    """W + 0.7·(W₁ − W) + 0.4·(W₂ − W), tensor by tensor within 1e-6; new rows of a vocabulary count from the mean."""
    weights = (0.7, 0.4)
    parts = [adapter_at(tmp_path / f"adapter{n}", base, seed=n, **settings) for n in (1, 2)]
    given = list(zip(map(str, parts), weights, strict=True))
    both = load_file(merge(given, None, str(tmp_path / "both")) / "model.safetensors")
    alone = [
        load_file(merge([(name, 1.0)], None, str(tmp_path / f"alone{n}")) / "model.safetensors")
        for n, (name, _) in enumerate(given)
    ]
    for name, old in load_file(base / "model.safetensors").items():
        more = alone[0][name].shape[0] - old.shape[0]
        start = torch.cat([old, old.mean(0, keepdim=True).expand(more, -1)]) if more else old
        expected = start + sum(weight * (one[name] - start) for weight, one in zip(weights, alone, strict=True))
        torch.testing.assert_close(both[name], expected, atol=1e-6, rtol=0)


def test_adapters_of_different_layers_meet_in_one_model(base: Path, tmp_path: Path) -> None:
    one = adapter_at(tmp_path / "one", base, target_modules=["q_proj"], modules_to_save=["lm_head"])
    two = adapter_at(tmp_path / "two", base, seed=2, target_modules=["up_proj"], use_dora=True)
    out = load_file(merge([(str(one), 1.0), (str(two), 1.0)], None, str(tmp_path / "out")) / "model.safetensors")
    for adapter, names in ((one, ("self_attn.q_proj", "lm_head")), (two, ("mlp.up_proj",))):
        alone = load_file(merge([(str(adapter), 1.0)], None, str(adapter) + "-alone") / "model.safetensors")
        for name in alone:
            if any(part in name for part in names):
                torch.testing.assert_close(out[name], alone[name], atol=1e-6, rtol=0)


def test_a_weight_scales_the_change(base: Path, adapter: Path, tmp_path: Path) -> None:
    half = load_file(merge([(str(adapter), 0.5)], None, str(tmp_path / "half")) / "model.safetensors")
    full = load_file(merge([(str(adapter), 1.0)], None, str(tmp_path / "full")) / "model.safetensors")
    for name, old in load_file(base / "model.safetensors").items():
        torch.testing.assert_close(half[name], (old + full[name]) / 2, atol=1e-6, rtol=0)


def test_an_encoder_decoder_model_is_merged_too(tmp_path: Path) -> None:
    torch.manual_seed(0)
    config = T5Config(vocab_size=64, d_model=32, d_ff=64, d_kv=8, num_layers=1, num_heads=4)
    T5ForConditionalGeneration(config).save_pretrained(tmp_path / "base")
    model = AutoModelForSeq2SeqLM.from_pretrained(tmp_path / "base")
    wrapped = get_peft_model(model, LoraConfig(target_modules=["q", "v"], init_lora_weights=False))
    wrapped.save_pretrained(str(tmp_path / "adapter"))
    merge([(str(tmp_path / "adapter"), 1.0)], None, str(tmp_path / "out"))
    merged = AutoModelForSeq2SeqLM.from_pretrained(tmp_path / "out")
    with torch.no_grad():
        given = {"input_ids": IDS, "decoder_input_ids": IDS}
        torch.testing.assert_close(merged(**given).logits, wrapped.eval()(**given).logits, atol=1e-4, rtol=0)


def test_what_belongs_to_the_model_comes_along(base: Path, adapter: Path, tmp_path: Path) -> None:
    out = merge([(str(adapter), 0.5)], None, str(tmp_path / "deep" / "out"))
    assert out == tmp_path / "deep" / "out"
    for name in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja", "generation_config.json"):
        assert (out / name).read_bytes() == (adapter / name).read_bytes()
    assert AutoModelForCausalLM.from_pretrained(out).generation_config.eos_token_id == [2, 5]
    train = json.loads((out / "train.json").read_text())
    assert train["settings"]["lr"] == 3e-4
    assert train["merge"]["base"] == str(base)
    assert train["merge"]["adapters"] == [{"folder": str(adapter), "weight": 0.5}]
    assert "float32" in train["merge"]["method"]
    assert str(adapter) in (out / "README.md").read_text()
    assert [file.name for file in out.parent.iterdir()] == ["out"]


def test_merging_shows_no_bars(adapter: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    from transformers.utils import logging

    logging.enable_progress_bar()  # type: ignore[no-untyped-call,unused-ignore]
    merge([(str(adapter), 1)], None, str(tmp_path / "merged"))
    assert capfd.readouterr().err == ""
    assert logging.is_progress_bar_enabled(), "as it was"


def test_several_adapters_are_each_noted(base: Path, adapter: Path, tmp_path: Path) -> None:
    other = adapter_at(tmp_path / "other", base, seed=2)
    (other / "chat_template.jinja").write_text("{{ messages[0].content }}")
    said: list[str] = []
    out = merge([(str(adapter), 0.5), (str(other), 0.5)], None, str(tmp_path / "out"), said.append)
    train = json.loads((out / "train.json").read_text())
    assert [each["train"]["loss"] for each in train["merge"]["adapters"]] == [1.25, 1.25]
    assert "chat templates" in said[0]


def test_an_adapter_without_tokenizer_gets_the_base_s(base: Path, adapter: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    bare.mkdir()
    for name in ("adapter_config.json", "adapter_model.safetensors"):
        shutil.copy(adapter / name, bare)
    out = merge([(str(bare), 1.0)], None, str(tmp_path / "out"))
    assert (out / "tokenizer.json").read_bytes() == (base / "tokenizer.json").read_bytes()
    torch.testing.assert_close(logits_of(out), adapted(base, adapter), atol=1e-4, rtol=0)


def test_a_base_is_what_the_user_says(base: Path, adapter: Path, tmp_path: Path) -> None:
    """The adapter names a folder of another machine, or a 4-bit copy of the base."""
    moved = tmp_path / "moved"
    shutil.copytree(adapter, moved)
    config = json.loads((moved / "adapter_config.json").read_text())
    (moved / "adapter_config.json").write_text(json.dumps(config | {"base_model_name_or_path": "/far/away"}))
    with pytest.raises(UsageError, match=r"there is no folder /far/away: the base is a folder"):
        merge([(str(moved), 1.0)], None, str(tmp_path / "out"))
    out = merge([(str(moved), 1.0)], str(base), str(tmp_path / "out"))
    torch.testing.assert_close(logits_of(out), adapted(base, adapter), atol=1e-4, rtol=0)


def test_weights_are_given_with_their_folders(tmp_path: Path) -> None:
    (tmp_path / "lr=3").mkdir()
    texts = ["models/a=0.7", "b", "c=-1e-1", str(tmp_path / "lr=3"), f"{tmp_path / 'lr=3'}=0.5"]
    assert [weight for _, weight in adapters_from(texts)] == [0.7, 1, -0.1, 1, 0.5]
    assert [name for name, _ in adapters_from(texts)][-2:] == [str(tmp_path / "lr=3")] * 2
    with pytest.raises(UsageError, match=r"'models/a=much': 'much' is no number; .* DIR=0.7"):
        adapters_from(["models/a=much"])


def not_adapters(base: Path, adapter: Path, tmp_path: Path) -> Iterator[tuple[str, Path, str]]:
    yield "a whole model", base, r"base is no adapter: it is a whole model, there is nothing to merge"
    (tmp_path / "empty").mkdir()
    yield "an empty folder", tmp_path / "empty", r"empty is no adapter: it has no adapter_config.json"
    yield "nothing", tmp_path / "nothing", r"there is no folder .*nothing: the adapter is a folder"
    yield "a file", adapter / "adapter_config.json", r"adapter_config.json is a file: the adapter is a folder"

    def changed(name: str, **changes: Any) -> Path:
        folder = tmp_path / name
        shutil.copytree(adapter, folder)
        config = json.loads((folder / "adapter_config.json").read_text())
        (folder / "adapter_config.json").write_text(json.dumps(config | changes))
        return folder

    yield "another kind", changed("ia3", peft_type="IA3"), r"of the type 'IA3'; what can be merged is LoRA"
    yield "no base", changed("baseless", base_model_name_or_path=None), r"names no base: give it with --base"
    torn = changed("torn")
    (torn / "adapter_model.safetensors").write_bytes((adapter / "adapter_model.safetensors").read_bytes()[:-100])
    yield "a torn file", torn, r"no whole safetensors file \(it ends before .* does\): copy or fetch it again"
    lost = changed("lost")
    (lost / "adapter_model.safetensors").unlink()
    yield "no weights", lost, r"lost lacks adapter_model.safetensors"
    hollow = changed("hollow")
    save_file({}, hollow / "adapter_model.safetensors")
    yield "saved empty", hollow, r"hollow is an empty adapter: .* its training was not saved"
    tensors = load_file(adapter / "adapter_model.safetensors")
    fewer = changed("fewer")
    save_file(dict(list(tensors.items())[:-1]), fewer / "adapter_model.safetensors")
    yield "saved in part", fewer, r"fewer does not fit the base, or was saved incompletely: .*lora"
    wide = changed("wide")
    save_file(
        {name: torch.zeros(*[n * 2 for n in each.shape]) for name, each in tensors.items()},
        wide / "adapter_model.safetensors",
    )
    yield "other shapes", wide, r"wide does not fit the base: .*size mismatch"
    broken = changed("broken")
    save_file({name: each * float("nan") for name, each in tensors.items()}, broken / "adapter_model.safetensors")
    yield "not numbers", broken, r"no longer finite with these adapters and weights"


def test_what_is_no_lora_adapter_is_told_apart(base: Path, adapter: Path, tmp_path: Path) -> None:
    for what, folder, message in not_adapters(base, adapter, tmp_path):
        with pytest.raises(UsageError, match=message) as caught:
            merge([(str(folder), 1.0)], None, str(tmp_path / "out"))
        assert "\n" not in str(caught.value), what
        assert not (tmp_path / "out").exists()
        assert not list(tmp_path.glob(".out*")), what


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (AdaptionPromptConfig(adapter_len=4, adapter_layers=1, task_type="CAUSAL_LM"), r"is a LLaMA-Adapter: .*chat"),
        (PrefixTuningConfig(num_virtual_tokens=4, task_type="CAUSAL_LM"), r"is P-Tuning v2 .*chat .*--method lora"),
    ],
    ids=["LLaMA-Adapter", "P-Tuning v2"],
)
def test_what_changes_no_weights_cannot_be_merged(base: Path, tmp_path: Path, config: Any, message: str) -> None:
    get_peft_model(AutoModelForCausalLM.from_pretrained(base), config).save_pretrained(str(tmp_path / "adapter"))
    with pytest.raises(UsageError, match=message):
        merge([(str(tmp_path / "adapter"), 1.0)], None, str(tmp_path / "out"))


def test_adapters_that_do_not_go_together(base: Path, adapter: Path, tied: Path, tmp_path: Path) -> None:
    def together(other: Path) -> None:
        merge([(str(adapter), 0.5), (str(other), 0.5)], None, str(tmp_path / "out"))

    with pytest.raises(UsageError, match=r"was trained on .*base and .* on .*tied: only adapters of one base .*--base"):
        together(adapter_at(tmp_path / "elsewhere", tied))
    with pytest.raises(UsageError, match=r"have different tokenizers"):
        together(adapter_at(tmp_path / "tokens", base, grown=("<tool>",)))
    shutil.copytree(tmp_path / "tokens", tmp_path / "rows")
    shutil.copy(adapter / "tokenizer.json", tmp_path / "rows")
    one, two = adapter_at(tmp_path / "one", base, modules_to_save=["lm_head"]), tmp_path / "rows"
    with pytest.raises(UsageError, match=r"the vocabularies differ: 300 tokens in .*one and 301 tokens in .*rows"):
        merge([(str(one), 1.0), (str(two), 1.0)], None, str(tmp_path / "out"))
    for weight in (0.0, float("nan"), float("inf")):
        with pytest.raises(UsageError, match=r"a weight is a number other than 0"):
            merge([(str(adapter), weight)], None, str(tmp_path / "out"))
    with pytest.raises(UsageError, match=r"nothing to merge: give the folder of an adapter"):
        merge([], None, str(tmp_path / "out"))


def test_a_quantised_base_is_refused(base: Path, adapter: Path, tmp_path: Path) -> None:
    small = tmp_path / "small"
    shutil.copytree(base, small)
    config = json.loads((small / "config.json").read_text())
    quantised = {"quantization_config": {"quant_method": "bitsandbytes", "load_in_4bit": True}}
    (small / "config.json").write_text(json.dumps(config | quantised))
    with pytest.raises(UsageError, match=r"small is quantised already \(bitsandbytes\).* the 16-bit model .* --base"):
        merge([(str(adapter), 1.0)], str(small), str(tmp_path / "out"))


def test_a_base_that_is_damaged_or_an_adapter(base: Path, adapter: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"adapter is an adapter; merge it first: selfinstruct merge"):
        merge([(str(adapter), 1.0)], str(adapter), str(tmp_path / "out"))
    torn = tmp_path / "torn"
    shutil.copytree(base, torn)
    (torn / "model.safetensors").write_bytes((base / "model.safetensors").read_bytes()[:5000])
    with pytest.raises(UsageError, match=r"no whole safetensors file"):
        merge([(str(adapter), 1.0)], str(torn), str(tmp_path / "out"))
    (torn / "model.safetensors").unlink()
    with pytest.raises(UsageError, match=r"torn has no \*.safetensors"):
        merge([(str(adapter), 1.0)], str(torn), str(tmp_path / "out"))


def test_nothing_is_overwritten(adapter: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match=r"out is already there and not empty: choose another --out"):
        merge([(str(adapter), 1.0)], None, str(tmp_path / "out"))
    with pytest.raises(UsageError, match=r"notes.txt is already there: choose another --out"):
        merge([(str(adapter), 1.0)], None, str(tmp_path / "out" / "notes.txt"))
    with pytest.raises(UsageError, match=r"cannot write .*deeper: Not a directory"):
        merge([(str(adapter), 1.0)], None, str(tmp_path / "out" / "notes.txt" / "deeper"))
    assert (tmp_path / "out" / "notes.txt").read_text() == "mine"
    (tmp_path / "empty").mkdir()
    assert (merge([(str(adapter), 1.0)], None, str(tmp_path / "empty")) / "model.safetensors").exists()


@contextmanager
def small_disk(size: int) -> Iterator[None]:
    """No file may grow beyond so many bytes: the system refuses the rest, as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_leaves_nothing_behind(adapter: Path, tmp_path: Path) -> None:
    full = pytest.raises(UsageError, match=r"cannot write .*out: .* Nothing was left there; free some space, or choose")
    with small_disk(40_000), full as told:
        merge([(str(adapter), 1.0)], None, str(tmp_path / "out"))
    assert "\n" not in str(told.value)
    assert not list(tmp_path.iterdir())
