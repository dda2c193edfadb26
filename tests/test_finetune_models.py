"""Bases, tokenizers and methods: what trains really trains, what is saved comes back, a mistake gets one line."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file

from selfinstruct.errors import UsageError
from selfinstruct.finetune.answer.decoding import Batch
from selfinstruct.finetune.answer.sampling import Answer, Sampling
from selfinstruct.finetune.loop.loss import collator, trainer_of
from selfinstruct.finetune.models.facts import is_seq2seq, precision_of
from selfinstruct.finetune.models.methods import load_base, prepared
from selfinstruct.finetune.models.open import load
from selfinstruct.finetune.models.tiny import tiny_model, tiny_tokenizer
from selfinstruct.finetune.models.vocabulary import check_extends, fit, give_pad
from selfinstruct.finetune.rows.batches import Item, Plan, tensors
from selfinstruct.finetune.rows.conversations import Conversation
from selfinstruct.finetune.settings import Settings, load_settings, presets
from selfinstruct.finetune.train import Conversations, make, read
from selfinstruct.rows.reading import read_tasks
from selfinstruct.running.recipe_file import shipped

# PEFT 0.21 asks transformers 5.23 by a name that is on its way out, whenever it wraps or loads a model.
pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")

TEXTS = ["Add the numbers 12 and 7.", "19", "请把下面的句子翻译成英文。", "The cat is on the mat.", "Name it."] * 4
SMALL = Settings(method="full", layers=3, width=32, heads=2, vocabulary=400, max_length=64, precision="fp32")
METHODS = ("lora", "qlora", "adapter", "ptuning")
NEW = ("北京", "上海", "photosynthesis")
EVIL = st.text() | st.text(alphabet="aé中文 \n0123<s>/'🙂\u0301\u200d\ufffd")


@pytest.fixture(autouse=True)
def _same_every_time() -> Iterator[None]:
    """And on one core: on two, models this small mostly wait for each other's threads."""
    torch.manual_seed(0)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Llama whose head is the embedding."""
    model, tokenizer = load_base(SMALL, TEXTS)
    return saved(model, tokenizer, tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module")
def untied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Llama with a head of its own."""
    model, tokenizer = load_base(SMALL, TEXTS)
    model.config.tie_word_embeddings = False
    with torch.random.fork_rng():
        torch.manual_seed(1)
        return saved(type(model)(model.config), tokenizer, tmp_path_factory.mktemp("untied"))


@pytest.fixture(scope="module")
def larger(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The base's tokenizer with three more tokens."""
    tokenizer = tokenizer_in(base)
    tokenizer.add_tokens(list(NEW))
    folder = tmp_path_factory.mktemp("larger")
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def kinds(base: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A tiny model of each kind that a preset's base is."""
    from transformers import (
        BloomConfig,
        BloomForCausalLM,
        GlmConfig,
        GlmForCausalLM,
        GPT2Config,
        GPT2LMHeadModel,
        GPTNeoXConfig,
        GPTNeoXForCausalLM,
        T5Config,
        T5ForConditionalGeneration,
    )

    tokenizer = tokenizer_in(base)
    size: dict[str, Any] = {"vocab_size": len(tokenizer), "bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 2}
    usual = size | {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    heads = {"num_key_value_heads": 1, "head_dim": 16}
    models = {
        "bloomz": BloomForCausalLM(BloomConfig(hidden_size=32, n_layer=2, n_head=2, **size)),
        "pythia": GPTNeoXForCausalLM(GPTNeoXConfig(**usual)),
        "glm": GlmForCausalLM(GlmConfig(**usual | heads)),
        "t5": T5ForConditionalGeneration(
            T5Config(d_model=32, d_kv=16, d_ff=64, num_layers=2, num_heads=2, **size | {"decoder_start_token_id": 2})
        ),
        "gpt2": GPT2LMHeadModel(GPT2Config(n_embd=32, n_layer=2, n_head=2, n_positions=64, **size)),
    }
    return {name: saved(model, tokenizer, tmp_path_factory.mktemp(name)) for name, model in models.items()}


def saved(model: Any, tokenizer: Any, folder: Path) -> Path:
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def copied(folder: Path, to: Path, change: Callable[[dict[str, Any]], Any] = lambda config: None) -> Path:
    """The folder's files in another one, with its config.json changed."""
    for file in folder.iterdir():
        (to / file.name).write_bytes(file.read_bytes())
    config = json.loads((to / "config.json").read_text())
    change(config)
    (to / "config.json").write_text(json.dumps(config))
    return to


def tokenizer_in(folder: Path) -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(folder)


def model_in(folder: Path) -> Any:
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(folder)


def rows(tokenizer: Any, text: str = TEXTS[0]) -> dict[str, torch.Tensor]:
    ids = torch.tensor([tokenizer(text)["input_ids"]] * 2)
    return {"input_ids": ids, "attention_mask": torch.ones_like(ids), "labels": ids}


def trained(
    model: Any, batch: dict[str, torch.Tensor], steps: int = 4, lr: float = 0.01, precision: str = "fp32"
) -> list[float]:
    """Losses of some steps, after each of which the model is evaluated once."""

    def computing() -> (
        torch.autocast
    ):  # anew each time: within one autocast weights are cast once, and stay what they were
        return torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16")

    able = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimiser = torch.optim.AdamW(able, lr=lr)
    losses = []
    for _ in range(steps):
        model.train()
        with computing():
            loss = model(**batch).loss
        loss.backward()
        assert all(parameter.grad is not None and parameter.grad.isfinite().all() for parameter in able)
        assert any(parameter.grad.any() for parameter in able), "gradients are alive"
        optimiser.step()
        optimiser.zero_grad()
        losses.append(loss.item())
        with computing():
            logits(model, batch)
    return losses


@torch.no_grad()
def logits(model: Any, batch: dict[str, torch.Tensor]) -> torch.Tensor:
    model.eval()
    given: torch.Tensor = model(**batch).logits
    return given


def kept(model: Any, folder: Path) -> None:
    """As training saves it."""
    plan = Plan([Item([1, 2], [1, 2], (2,))], batch=1, micro=1, processes=1, seed=0)
    collate = collator(model, 0, SMALL, pairs=False)
    trainer_of(model, plan, collate, SMALL, folder / "checkpoints", []).save_model(str(folder))


def trainable(model: Any) -> dict[str, torch.Tensor]:
    return {name: parameter for name, parameter in model.named_parameters() if parameter.requires_grad}


# The tiny tokenizer


@pytest.fixture(scope="module")
def chinese() -> Any:
    files = ("seed_tasks.jsonl", "seed_tasks_zh.jsonl")
    tasks = [task for name in files for task in read_tasks(shipped("seeds") / name)]
    return tiny_tokenizer([task.instruction for task in tasks], 1500)


@hypothesis_settings(max_examples=300, deadline=None)
@given(text=EVIL)
def test_any_text_comes_back(chinese: Any, text: str) -> None:
    ids = chinese(text, add_special_tokens=False)["input_ids"]
    assert chinese.decode(ids) == text
    assert max(ids, default=0) < len(chinese)


def test_digits_and_han_characters_are_tokens(chinese: Any) -> None:
    def tokens(text: str) -> list[str]:
        return [chinese.decode([number]) for number in chinese(text, add_special_tokens=False)["input_ids"]]

    assert tokens("2024") == ["2", "0", "2", "4"]
    assert tokens("请写一个句子") == list("请写一个句子")
    assert tokens(" the sentence") == [" the", " sentence"]
    assert len(tokens("龘")) == 3, "a character that was never seen is its bytes"


def test_characters_apart_or_not_give_the_same_tokens(chinese: Any) -> None:
    """What llama.cpp's "smollm" does not do is done by the merges: none joins two Han characters."""
    from tokenizers import Regex, Tokenizer, pre_tokenizers

    apart = Tokenizer.from_str(chinese.backend_tokenizer.to_str())
    digits, words = pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)
    split = pre_tokenizers.Split(Regex(r"\p{Han}"), "isolated")
    apart.pre_tokenizer = pre_tokenizers.Sequence([digits, split, words])  # type: ignore[assignment,unused-ignore]
    for task in read_tasks(shipped("seeds") / "seed_tasks_zh.jsonl"):
        text = task.instruction + "".join(instance.input + instance.output for instance in task.instances)
        assert apart.encode(text).ids == chinese(text)["input_ids"]


def test_the_tokenizer_begins_texts_and_has_its_specials(chinese: Any) -> None:
    assert chinese("the")["input_ids"][0] == chinese.bos_token_id == 0
    assert (chinese.eos_token_id, chinese.pad_token_id) == (1, 2)
    assert chinese.decode([0, 1, 2], skip_special_tokens=True) == ""
    assert len(chinese) == 1500


def test_the_same_texts_in_any_order_and_process_give_the_same_tokenizer() -> None:
    here = tiny_tokenizer(TEXTS, 400).backend_tokenizer.to_str()
    assert tiny_tokenizer(TEXTS[::-1], 400).backend_tokenizer.to_str() == here
    code = (
        "import sys, json; from selfinstruct.finetune.models.tiny import tiny_tokenizer; "
        "sys.stdout.buffer.write(tiny_tokenizer(json.load(sys.stdin), 400).backend_tokenizer.to_str().encode())"
    )
    asked = [sys.executable, "-c", code]
    there = subprocess.run(asked, input=json.dumps(TEXTS).encode(), capture_output=True, check=True)
    assert there.stdout.decode() == here


def test_texts_that_teach_nothing_and_lone_surrogates() -> None:
    for texts in ([], [""], ["\ud83d"]):
        tokenizer = tiny_tokenizer(texts, 400)
        assert len(tokenizer) == 259, "bytes and special tokens are always there"
        assert tokenizer.decode(tokenizer("é", add_special_tokens=False)["input_ids"]) == "é"


# The tiny model


def test_tiny_is_a_small_llama(base: Path) -> None:
    config = json.loads((base / "config.json").read_text())
    expected = {"model_type": "llama", "hidden_act": "silu", "tie_word_embeddings": True, "max_position_embeddings": 64}
    assert expected.items() <= config.items()
    assert config["intermediate_size"] % 32 == 0, "a block of q8_0"
    model = tiny_model(tokenizer_in(base), Settings(method="full"))
    assert 3.1e6 < model.num_parameters() < 4.4e6


def test_a_seed_gives_the_weights_and_disturbs_nothing() -> None:
    before = torch.get_rng_state()
    weights = [dict(load_base(replace(SMALL, seed=seed), TEXTS)[0].state_dict()) for seed in (5, 5, 6)]
    assert torch.equal(before, torch.get_rng_state())
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])
    assert not torch.equal(weights[0]["lm_head.weight"], weights[2]["lm_head.weight"])
    with pytest.raises(UsageError, match="width is 30, heads is 4"):
        load_base(replace(SMALL, width=30, heads=4), TEXTS)


# Methods


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
@pytest.mark.parametrize("method", ["full", *METHODS])
def test_what_a_method_adds_trains_and_nothing_else(base: Path, method: str, precision: str) -> None:
    settings = replace(SMALL, base=str(base), method=method, precision=precision, lr=0.01)
    model, tokenizer = load_base(settings, [])
    model = prepared(model, tokenizer, settings)
    able, batch = trainable(model), rows(tokenizer)
    assert able
    assert all(parameter.dtype == torch.float32 for parameter in able.values())
    if method == "full":
        assert len(able) == len(list(model.parameters()))
    else:
        marks = {"adapter": "adaption_", "ptuning": "prompt_encoder"}
        assert all(marks.get(method, "lora_") in name for name in able)
    before = {name: parameter.detach().clone() for name, parameter in model.named_parameters()}
    # LLaMA-Adapter's gates are shut at first: it learns slowest, and bf16 has steps of 1/32 at a loss of 6.
    losses = trained(model, batch, steps=12, lr=0.1 if method == "adapter" else 0.01, precision=precision)
    assert losses[-1] < losses[0]
    for name, parameter in model.named_parameters():
        assert torch.equal(parameter, before[name]) != (name in able), f"{name} is trained, or else as it was"


@pytest.mark.parametrize(
    ("method", "change"),
    [
        *((method, {}) for method in METHODS),
        *(("lora", change) for change in ({"dora": True}, {"targets": ("q_proj", "up_proj")}, {"r": 3, "alpha": 7})),
    ],
)
def test_what_is_saved_is_what_was_trained(base: Path, tmp_path: Path, method: str, change: dict[str, Any]) -> None:
    from peft import PeftModel

    settings = replace(SMALL, base=str(base), method=method, **change)
    model, tokenizer = load_base(settings, [])
    model = prepared(model, tokenizer, settings)
    batch = rows(tokenizer)
    plain = logits(model_in(base), batch)
    trained(model, batch)
    tuned = logits(model, batch)
    model.save_pretrained(tmp_path)
    weights = load_file(tmp_path / "adapter_model.safetensors")
    assert sum(weight.numel() for weight in weights.values()) == sum(each.numel() for each in trainable(model).values())
    assert all(weight.any() for name, weight in weights.items())
    assert json.loads((tmp_path / "adapter_config.json").read_text())["base_model_name_or_path"] == str(base)
    assert not torch.allclose(plain, tuned, atol=1e-3), "training changed something"
    again: Any = load_base(settings, [])[0]
    assert torch.allclose(logits(PeftModel.from_pretrained(again, tmp_path), batch), tuned, atol=1e-5)


@pytest.mark.parametrize("method", ["lora", "qlora", "adapter"])
def test_checkpointing_changes_no_gradient(base: Path, method: str) -> None:
    gradients: list[dict[str, Any]] = []
    for checkpointing in (False, True):
        settings = replace(SMALL, base=str(base), method=method, checkpointing=checkpointing, dropout=0)
        model, tokenizer = load_base(settings, [])
        torch.manual_seed(0)
        model = prepared(model, tokenizer, settings)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            if checkpointing:
                model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
        model.train()(**rows(tokenizer)).loss.backward()
        gradients.append({name: parameter.grad for name, parameter in trainable(model).items()})
    assert all(torch.allclose(gradients[0][name], gradients[1][name], atol=1e-6) for name in gradients[0])


def test_four_bits_and_gradients_after_an_evaluation(base: Path) -> None:
    """`trained` evaluates after each step; without `keep_gradients` CPUs with AVX512-BF16 lose all gradients there."""
    from bitsandbytes.nn.modules import Linear4bit

    settings = replace(SMALL, base=str(base), method="qlora")
    model, tokenizer = load_base(settings, [])
    layers = [layer for layer in model.modules() if isinstance(layer, Linear4bit)]
    assert len(layers) == 7 * SMALL.layers
    for layer in layers:
        assert layer.support_avx512bf16_for_cpu is False
        weight: Any = layer.weight
        assert weight.quant_type == "nf4"
        assert weight.quant_state.nested, "the scales are quantised, too"
    model, batch = prepared(model, tokenizer, settings), rows(tokenizer)
    logits(model, batch)
    model.train()(**batch).loss.backward()
    first = model.base_model.model.model.layers[0].self_attn.q_proj.lora_B.default.weight
    assert first.grad.any(), "the gradient reaches the first layer"


@pytest.mark.parametrize("method", METHODS)
def test_a_model_in_two_precisions_writes_as_it_was_trained(base: Path, larger: Path, method: str) -> None:
    """What a method adds is in fp32 beside a base in bf16: sampling computes by autocast, as training does."""
    grown = str(larger) if "lora" in method else ""
    settings = replace(SMALL, base=str(base), method=method, precision="bf16", tokenizer=grown)
    model, tokenizer = load_base(settings, [])
    assert model.dtype == torch.bfloat16
    model, batch = prepared(model, tokenizer, settings), rows(tokenizer)
    with torch.autocast("cpu", torch.bfloat16):
        expected = logits(model, batch)[:, -1]
    sampling = Sampling(temperature=0, max_tokens=2)
    answers = [Answer(ids, tokenizer, [], sampling) for ids in batch["input_ids"].tolist()]
    together = Batch(model)
    together.add(answers)
    torch.testing.assert_close(together._logits.float(), expected.float(), atol=0.02, rtol=0)
    together.step()
    together.step()
    assert [len(answer.tokens) for answer in answers] == [2, 2]


def test_adapter_layers_are_counted_from_the_top(base: Path) -> None:
    for wanted, expected in ((0, {1 + 1}), (2, {1, 2}), (3, {0, 1, 2})):
        settings = replace(SMALL, base=str(base), method="adapter", adapter_layers=wanted, virtual_tokens=5)
        model, tokenizer = load_base(settings, [])
        able = trainable(prepared(model, tokenizer, settings))
        assert {int(name.split(".layers.")[1].split(".")[0]) for name in able} == expected
        assert {tuple(weight.shape) for weight in able.values()} == {(1, 5, SMALL.width), (1,)}


@pytest.mark.parametrize("method", ["full", "lora", "qlora", "ptuning"])
def test_t5_trains_too(kinds: dict[str, Path], method: str) -> None:
    settings = replace(SMALL, base=str(kinds["t5"]), method=method, lr=0.01)
    model, tokenizer = load_base(settings, [])
    assert is_seq2seq(model)
    model = prepared(model, tokenizer, settings)
    assert is_seq2seq(model)
    losses = trained(model, rows(tokenizer), steps=5, lr=0.05)
    assert losses[-1] < losses[0]


@pytest.mark.parametrize("name", presets())
def test_every_preset_wraps_a_model_of_its_base_kind(
    name: str, base: Path, larger: Path, kinds: dict[str, Path]
) -> None:
    published = load_settings(name, {})
    kind = next((folder for part, folder in kinds.items() if part in published.base), base)
    own = {"precision": "fp32"} if name == "tiny" else {"precision": "fp32", "base": str(kind)}
    if published.tokenizer:
        own["tokenizer"] = str(larger)
    settings = load_settings(name, own)
    assert settings.method == published.method
    model, tokenizer = load_base(settings, TEXTS)
    wrapped = prepared(model, tokenizer, settings)
    able = trainable(wrapped)
    assert sum(weight.numel() for weight in able.values()) > 0
    if settings.method in ("lora", "qlora") and "all-linear" not in settings.targets:
        hit = {name.split(".lora_")[0].rpartition(".")[2] for name in able if ".lora_" in name}
        assert hit == set(settings.targets)
    assert bool(published.tokenizer) == (len(tokenizer) == len(tokenizer_in(base)) + len(NEW) and name != "tiny")


@pytest.mark.parametrize("targets", [("all-linear",), ("c_attn", "mlp.c_proj")])
def test_lora_on_gpt2_says_nothing(kinds: dict[str, Path], tmp_path: Path, targets: tuple[str, ...]) -> None:
    settings = replace(SMALL, base=str(kinds["gpt2"]), method="lora", targets=targets)
    with warnings.catch_warnings():
        warnings.filterwarnings("error", "fan_in_fan_out")
        model, tokenizer = load_base(settings, TEXTS)
        wrapped = prepared(model, tokenizer, settings)
        losses = trained(wrapped, rows(tokenizer))
    assert losses[-1] < losses[0]
    wrapped.save_pretrained(tmp_path)
    assert json.loads((tmp_path / "adapter_config.json").read_text())["fan_in_fan_out"]
    with warnings.catch_warnings():
        warnings.filterwarnings("error", "fan_in_fan_out")
        settings = replace(settings, base=str(kinds["pythia"]), targets=("all-linear",))
        assert not prepared(*load_base(settings, TEXTS), settings).peft_config["default"].fan_in_fan_out


# Before the first step


def asked(words: int) -> Conversation:
    turns = ({"role": "user", "content": "Say it."}, {"role": "assistant", "content": "cat " * words})
    return Conversation(str(words), turns)


@pytest.mark.parametrize("method", ["ptuning", "lora"])
def test_virtual_tokens_take_a_share_of_the_context(kinds: dict[str, Path], method: str) -> None:
    """Both in what is trained on and in what is held out; what the message says then fits, to the last place."""
    data = Conversations([asked(4), asked(5)], [asked(7)], "")
    settings = replace(SMALL, base=str(kinds["gpt2"]), method=method, template="plain", virtual_tokens=600)
    if method == "lora":
        assert make(settings, data).items
        return
    with pytest.raises(UsageError) as caught:
        make(settings, data)
    said = re.fullmatch(
        r"virtual_tokens is 600 and the longest row has (\d+) tokens, and the base reads 64 together: "
        r"--set virtual_tokens=(\d+)",
        str(caught.value),
    )
    assert said
    assert int(said[1]) + int(said[2]) == 64
    settings = replace(settings, virtual_tokens=int(said[2]))
    made = make(settings, data)
    batch = collator(made.model, 2, settings, pairs=False)(made.held_out)
    assert batch["input_ids"].shape[1] == int(said[1])
    made.model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"])
    with pytest.raises(UsageError, match=r"--set virtual_tokens=\d+ or max_length=10$"):
        make(replace(settings, virtual_tokens=54), data)


def test_rows_longer_than_the_context() -> None:
    """Rows that were packed may be: each begins anew."""
    items = [Item([1] * length, [1] * length, (length - 2, 2)) for length in (20, 9)]
    assert tensors(items, 0, most=16)["input_ids"].shape == (2, 20)
    assert tensors(items, 0, most=24)["input_ids"].shape == (2, 24)
    assert tensors(items, 0, most=99)["input_ids"].shape == (2, 32)


@pytest.mark.parametrize("template", ["koala", "none.jinja"])
def test_a_template_that_is_none_is_told_before_all_else(template: str) -> None:
    with pytest.raises(UsageError, match="template"):
        read(replace(SMALL, base="nowhere", data=("nothing.jsonl",), template=template))


def test_loading_a_base_shows_no_bars(base: Path, capfd: pytest.CaptureFixture[str]) -> None:
    from transformers.utils import logging

    logging.enable_progress_bar()  # type: ignore[no-untyped-call,unused-ignore]
    load_base(replace(SMALL, base=str(base), method="lora"), TEXTS)
    load(str(base))
    assert capfd.readouterr().err == ""
    assert logging.is_progress_bar_enabled(), "as it was"


# Vocabulary


@pytest.mark.parametrize("which", ["base", "untied"])
@pytest.mark.parametrize("method", ["full", "lora"])
def test_growth_leaves_old_tokens_and_starts_new_ones_at_the_mean(
    which: str, method: str, base: Path, untied: Path, larger: Path, tmp_path: Path
) -> None:
    folder = {"base": base, "untied": untied}[which]
    old = model_in(folder)
    state = torch.get_rng_state()
    model: Any
    model, tokenizer = load_base(replace(SMALL, base=str(folder), tokenizer=str(larger), method=method), [])
    assert torch.equal(state, torch.get_rng_state())
    count = len(tokenizer_in(base))
    assert (len(tokenizer), model.config.vocab_size) == (count + 3, count + 3)
    batch = rows(tokenizer_in(base))
    assert torch.equal(logits(model, batch)[..., :count], logits(old, batch))
    for layer, before in (
        (model.get_input_embeddings(), old.get_input_embeddings()),
        (model.get_output_embeddings(), old.get_output_embeddings()),
    ):
        assert torch.equal(layer.weight[:count], before.weight)
        assert torch.allclose(layer.weight[count:], before.weight.mean(0).expand(3, -1), atol=1e-7)
    saved(model, tokenizer, tmp_path)
    again = model_in(tmp_path)
    tied = again.get_output_embeddings().weight is again.get_input_embeddings().weight
    assert tied == (which == "base") == again.config.tie_word_embeddings
    assert torch.equal(logits(again, batch), logits(model, batch))
    assert tokenizer_in(tmp_path)(NEW[0], add_special_tokens=False)["input_ids"] == [count]


def test_rows_kept_free_by_the_base_are_filled(base: Path, larger: Path, tmp_path: Path) -> None:
    """Many bases have more rows than tokens, at zero or at random: a new token there starts at the mean, too."""
    model: Any
    model, tokenizer = load_base(replace(SMALL, base=str(base)), [])
    model.resize_token_embeddings(len(tokenizer) + 10, mean_resizing=False)
    saved(model, tokenizer, tmp_path)
    count, weight = len(tokenizer), model.get_input_embeddings().weight
    grown: Any = load_base(replace(SMALL, base=str(tmp_path), tokenizer=str(larger)), [])[0]
    given = grown.get_input_embeddings().weight
    assert given.shape == weight.shape
    assert torch.allclose(given[count : count + 3], weight[:count].mean(0).expand(3, -1), atol=1e-7)
    assert torch.equal(given[count + 3 :], weight[count + 3 :])


@pytest.mark.parametrize("which", ["base", "untied"])
@pytest.mark.parametrize("method", ["lora", "qlora"])
def test_lora_learns_new_tokens_and_ties_stay(
    which: str, method: str, base: Path, untied: Path, larger: Path, tmp_path: Path
) -> None:
    """With a larger tokenizer the embeddings are trained unasked: rows that stay at the mean would mean nothing."""
    from peft import PeftModel

    folder = {"base": base, "untied": untied}[which]
    settings = replace(SMALL, base=str(folder), tokenizer=str(larger), method=method)
    model, tokenizer = load_base(settings, [])
    model = prepared(model, tokenizer, settings)
    whole = [name for name in trainable(model) if "lora_" not in name]
    assert len(whole) == (1 if which == "base" else 2), "one matrix where they are tied"
    batch = rows(tokenizer, f"{NEW[0]} 12 {NEW[1]}")
    trained(model, batch)
    kept(model, tmp_path / "adapter")
    weights = load_file(tmp_path / "adapter" / "adapter_model.safetensors")
    tables = [weight for weight in weights.values() if len(weight) == len(tokenizer)]
    assert len(tables) == 2
    assert torch.equal(*tables) == (which == "base")
    same: Any = load_base(settings, [])[0]
    assert torch.allclose(
        logits(PeftModel.from_pretrained(same, tmp_path / "adapter"), batch), logits(model, batch), atol=1e-5
    )
    fresh = model_in(folder)
    fit(fresh, tokenizer)  # as merge and chat do
    merged: Any = PeftModel.from_pretrained(fresh, tmp_path / "adapter").merge_and_unload()
    whole_logits = logits(merged, batch)
    again = model_in(saved(merged, tokenizer, tmp_path / "merged"))
    assert (again.get_output_embeddings().weight is again.get_input_embeddings().weight) == (which == "base")
    assert torch.allclose(logits(again, batch), whole_logits, atol=1e-6)


def test_a_padding_row_is_not_saved_with_an_adapter(base: Path, tmp_path: Path) -> None:
    """PEFT by itself writes both embeddings whole as soon as one row was added, and asks the hub whether it was."""
    tokenizer = tokenizer_in(base)
    tokenizer.pad_token = tokenizer.eos_token
    tokenizer.add_special_tokens({"additional_special_tokens": []})
    folder = saved(model_in(base), tokenizer, tmp_path / "base")
    spec = json.loads((folder / "tokenizer.json").read_text())
    config = json.loads((folder / "tokenizer_config.json").read_text())
    for token in spec["added_tokens"]:
        token["content"] = token["content"].replace("<pad>", "<unused>")
    spec["model"]["vocab"] = {name.replace("<pad>", "<unused>"): n for name, n in spec["model"]["vocab"].items()}
    (folder / "tokenizer.json").write_text(json.dumps(spec))
    (folder / "tokenizer_config.json").write_text(json.dumps(config | {"pad_token": "</s>"}))
    settings = replace(SMALL, base=str(folder), method="lora")
    model: Any
    model, tokenizer = load_base(settings, [])
    assert (tokenizer.pad_token, tokenizer.pad_token_id) == ("<pad>", len(tokenizer_in(base)))
    assert model.get_input_embeddings().weight.shape[0] == len(tokenizer) == len(tokenizer_in(base)) + 1
    kept(prepared(model, tokenizer, settings), tmp_path / "adapter")
    weights = load_file(tmp_path / "adapter" / "adapter_model.safetensors")
    assert all("lora_" in name for name in weights)


@pytest.mark.parametrize(
    ("specials", "expected"),
    [
        ({"pad_token": "<pad>"}, "<pad>"),  # its own
        ({}, "<pad>"),  # none, but the vocabulary has one
        ({"pad_token": "</s>"}, "<pad>"),  # many hub models pad with EOS
        ({"pad_token": "<s>"}, "<pad>"),
        ({"pad_token": "<unk>", "unk_token": "<unk>"}, "<unk>"),  # LLaMA's, as Alpaca-LoRA did
    ],
)
def test_padding_is_never_the_end(specials: dict[str, str], expected: str) -> None:
    from transformers import PreTrainedTokenizerFast

    backend = tiny_tokenizer(TEXTS, 400).backend_tokenizer
    fast: Any = PreTrainedTokenizerFast
    tokenizer = fast(tokenizer_object=backend, bos_token="<s>", eos_token="</s>", **specials)
    give_pad(tokenizer)
    assert tokenizer.pad_token == expected
    assert tokenizer.pad_token_id not in (tokenizer.eos_token_id, tokenizer.bos_token_id, None)


def test_a_tokenizer_that_ends_nothing() -> None:
    from transformers import PreTrainedTokenizerFast

    fast: Any = PreTrainedTokenizerFast
    tokenizer = fast(tokenizer_object=tiny_tokenizer(TEXTS, 400).backend_tokenizer)
    with pytest.raises(UsageError, match="no end-of-sequence token"):
        give_pad(tokenizer)


def test_a_larger_vocabulary_begins_with_the_base(base: Path, larger: Path) -> None:
    check_extends(tokenizer_in(larger), tokenizer_in(base))
    with pytest.raises(UsageError, match=r"does not begin with the base's vocabulary: .* in the base and none there"):
        check_extends(tokenizer_in(base), tokenizer_in(larger))
    with pytest.raises(UsageError, match=r"is number \d+ in the base and (number \d+|none) there"):
        check_extends(tiny_tokenizer(["quite other words and quite other words"], 300), tokenizer_in(base))


# Precision


def test_precision_is_as_told_or_by_the_device(base: Path) -> None:
    assert precision_of(replace(SMALL, precision="bf16")) == torch.bfloat16
    assert precision_of(replace(SMALL, precision="fp32"), model_in(base)) == torch.float32
    if not torch.accelerator.is_available():
        able = torch.cpu.get_capabilities()
        fast = bool(able.get("avx512_bf16") or able.get("amx_bf16") or able.get("bf16"))
        assert precision_of(replace(SMALL, precision="auto")) == (torch.bfloat16 if fast else torch.float32)


def test_a_frozen_base_is_in_the_precision_and_a_whole_one_in_fp32(base: Path) -> None:
    for method, expected in (("full", torch.float32), ("lora", torch.bfloat16), ("ptuning", torch.bfloat16)):
        model, _ = load_base(replace(SMALL, base=str(base), method=method, precision="bf16"), [])
        assert {parameter.dtype for parameter in model.parameters()} == {expected}


# Mistakes


def told(settings: Settings, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        prepared(*load_base(settings, TEXTS), settings)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"targets": ("q_proj", "query")}, "targets: the base has no layer 'query'; it has down_proj, embed_tokens"),
        ({"save_modules": ("wte",)}, "save_modules: the base has no layer 'wte'"),
        ({"method": "adapter", "adapter_layers": 9}, "adapter_layers is 9, but the base has 3: give"),
        ({"method": "adapter", "tokenizer": "larger"}, "method 'adapter' trains no embeddings"),
        ({"tokenizer": "nowhere/at/all"}, "there is no folder nowhere/at/all: the tokenizer is a folder"),
    ],
)
def test_settings_that_do_not_fit_the_base(change: dict[str, Any], said: str, base: Path, larger: Path) -> None:
    if change.get("tokenizer") == "larger":
        change = change | {"tokenizer": str(larger)}
    told(replace(SMALL, base=str(base), **{"method": "lora"} | change), said)


def test_an_adapter_for_another_kind(kinds: dict[str, Path]) -> None:
    told(
        replace(SMALL, base=str(kinds["pythia"]), method="adapter"),
        "method 'adapter' is for llama, mistral, gpt2, and the base is a gpt_neox: use lora or ptuning",
    )


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("./nowhere", "there is no folder ./nowhere: the base is a folder"),
        ("/nowhere/at/all", "there is no folder /nowhere/at/all: the base is a folder"),
        ("~/nowhere/at/all", "there is no folder ~/nowhere/at/all: the base is a folder"),
        ("two words/model", "no folder or hub model can be called 'two words/model'"),
        ("a\0b", "can be called"),
    ],
)
def test_bases_that_cannot_be(name: str, said: str) -> None:
    told(replace(SMALL, base=name), said)


def test_folders_that_are_no_model(base: Path, tmp_path: Path) -> None:
    told(replace(SMALL, base=str(tmp_path)), "is no model: it has no config.json")
    (tmp_path / "adapter_config.json").touch()
    told(replace(SMALL, base=str(tmp_path)), "is an adapter; merge it first: selfinstruct merge")
    (tmp_path / "config.json").write_text("{")
    told(replace(SMALL, base=str(tmp_path)), "config.json is broken")
    (tmp_path / "config.json").write_text('{"model_type": "unheard-of"}')
    told(replace(SMALL, base=str(tmp_path)), f"cannot load {tmp_path}")
    copied(base, tmp_path)
    (tmp_path / "tokenizer.json").unlink()
    (tmp_path / "tokenizer_config.json").unlink()
    told(replace(SMALL, base=str(tmp_path)), "has no tokenizer: there is no tokenizer_config.json")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"architectures": ["BertForMaskedLM"]}, "is a BertForMaskedLM, which writes no text"),
        (
            {"quantization_config": {"quant_method": "gptq", "bits": 4}},
            "is quantised already (gptq 4): give the 16-bit model",
        ),
        ({"model_type": "own", "auto_map": {"AutoConfig": "own.Config"}}, "needs code of its own from the hub"),
        ({"num_hidden_layers": 5}, "lacks weights of a LlamaForCausalLM"),
        ({"hidden_size": 64}, "cannot load "),
    ],
)
def test_configurations_that_do_not_do(change: dict[str, Any], said: str, base: Path, tmp_path: Path) -> None:
    told(replace(SMALL, base=str(copied(base, tmp_path, lambda config: config.update(change)))), said)


def test_damaged_and_missing_weights(base: Path, tmp_path: Path) -> None:
    weights = load_file(base / "model.safetensors")
    file = copied(base, tmp_path) / "model.safetensors"
    file.write_bytes(file.read_bytes()[:1000])
    told(replace(SMALL, base=str(tmp_path)), "model.safetensors is no whole safetensors file")
    del weights["model.layers.1.mlp.up_proj.weight"]
    save_file(weights, file, {"format": "pt"})
    told(
        replace(SMALL, base=str(tmp_path)),
        "lacks weights of a LlamaForCausalLM: model.layers.1.mlp.up_proj.weight; copy or fetch it",
    )
    file.unlink()
    told(replace(SMALL, base=str(tmp_path)), "has no *.safetensors")


def test_qlora_without_bitsandbytes(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "bitsandbytes", None)
    told(replace(SMALL, base=str(base), method="qlora"), "method 'qlora' needs the package bitsandbytes: pip install")


class Hub(BaseHTTPRequestHandler):
    """Says of every model what the hub says of one that is private, gated, or not there."""

    def do_GET(self) -> None:
        gated = "/gated/" in self.path
        self.send_response(403 if gated else 401)
        self.send_header("X-Error-Code", "GatedRepo" if gated else "RepoNotFound")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    import huggingface_hub.constants

    with ThreadingHTTPServer(("127.0.0.1", 0), Hub) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", f"http://127.0.0.1:{server.server_port}")
        yield
        server.shutdown()
        thread.join()


@pytest.mark.usefixtures("hub")
def test_models_that_the_hub_does_not_give() -> None:
    told(
        replace(SMALL, base="some/model"),
        "there is neither a folder nor a hub model 'some/model'; if it is a private one",
    )
    told(replace(SMALL, base="gated/model"), "gated/model is gated: accept its licence at https://hugging")


def test_no_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", "http://127.0.0.1:9")
    told(replace(SMALL, base="some/model"), "there is no folder 'some/model', and the hub cannot be asked")
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    told(replace(SMALL, base="some/model"), "there is no folder 'some/model', and the hub cannot be asked")
