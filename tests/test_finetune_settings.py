"""Settings of a training run: presets load and say where their figures are from; every mistake gets one clear line."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.errors import UsageError
from selfinstruct.finetune import settings as module
from selfinstruct.finetune.limits import LIMITS, value_of
from selfinstruct.finetune.settings import (
    DEFAULTS,
    ONLY_FOR,
    TINY,
    Settings,
    changes_from,
    described,
    effective,
    load_settings,
    presets,
)

FILES = sorted((Path(module.__file__).parent / "presets").glob("*.yaml"))


# Presets


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_preset_loads_and_says_what_it_is(path: Path) -> None:
    settings = load_settings(path.stem, {})
    source = yaml.safe_load(path.read_text(encoding="utf-8"))
    for name, value in source.items():
        given = tuple(value) if isinstance(value, list) else value
        assert getattr(settings, name) == given, "what the file says is what is set"
    head = path.read_text(encoding="utf-8").splitlines()
    assert head[0].startswith("# ")
    command = rf"#   selfinstruct train \S+ --preset {path.stem} --out \S+"
    assert re.fullmatch(command, head[1]), "the second line is the command that runs it"
    assert path.stem == "tiny" or head[2].startswith("# Source: ")
    assert max(map(len, head)) <= 120
    assert "base" in source, "a preset names its base"
    assert "method" in source, "and its method"


def test_the_presets_that_are_promised() -> None:
    promised = "alpaca alpaca_lora vicuna baize wizardlm belle chinese_alpaca dolly koala qlora llama_adapter"
    promised += " tulu gpt4all open_alpaca openchatkit chinese_vicuna chatyuan gpt4_x_alpaca guanaco"
    promised += " llama open_llama baichuan chinese_llama chinese_chatllama lmflow"
    promised += " stackllama_rm stackllama_dpo zephyr_dpo tulu_dpo gpt4_llm_rm"
    promised += " tulu_rlvr stackllama_rl"
    assert {*promised.split(), "chatglm_ptuning", "tiny"} == set(presets()) == {path.stem for path in FILES}
    assert presets() == sorted(presets())


def test_a_preset_is_overridden_and_may_be_a_file(tmp_path: Path) -> None:
    own = tmp_path / "mine.yaml"
    own.write_text("base: some/model\nlr: 2e-5\nbetas: [0.9, 0.95]\ntargets: [q_proj]\n", encoding="utf-8")
    settings = load_settings(str(own), {"targets": "k_proj, v_proj", "epochs": 1})
    assert settings == Settings(base="some/model", lr=2e-5, betas=(0.9, 0.95), targets=("k_proj", "v_proj"), epochs=1.0)
    assert load_settings("alpaca", {"lr": "1e-5"}) == replace(load_settings("alpaca", {}), lr=1e-5)


# What follows from what is given


def test_each_method_has_its_learning_rate() -> None:
    rates = {method: load_settings(None, {"base": "some/model", "method": method}).lr for method in module.RATES}
    assert rates == module.RATES
    assert load_settings(None, {"base": "some/model"}).method == "lora"
    assert load_settings(None, {"base": "some/model", "method": "full", "lr": 1e-6}).lr == 1e-6


def test_a_rate_belongs_to_its_method() -> None:
    """BELLE's for all weights is 3e-6: LoRA would learn next to nothing with it."""
    assert load_settings("belle", {}).lr == load_settings("belle", {"method": "full"}).lr == 3e-6
    assert load_settings("belle", {"method": "lora"}).lr == module.RATES["lora"]
    assert load_settings("alpaca_lora", {"method": "full"}).lr == module.RATES["full"]
    assert load_settings("belle", {"method": "lora", "lr": 1e-5}).lr == 1e-5


def test_a_rate_of_no_method_stays(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text("base: some/model\nlr: 1e-5\n", encoding="utf-8")
    assert load_settings(str(tmp_path / "own.yaml"), {"method": "full"}).lr == 1e-5


def test_tiny_is_trained_whole() -> None:
    tiny = load_settings(None, {})
    assert (tiny.base, tiny.method, tiny.lr) == (TINY, "full", module.TINY_RATE)
    for name in presets():
        own = load_settings(name, {})
        if own.learn in (*module.PAIRS, *module.REWARDED):
            with pytest.raises(UsageError, match="the base 'tiny' knows no answers yet"):
                load_settings(name, {"base": "tiny"})
            continue
        tried = load_settings(name, {"base": "tiny"})
        assert tried.method == "full", "there is nothing yet to adapt"
        assert tried.lr == (own.lr if own.base == TINY else module.TINY_RATE)
        assert tried.epochs == load_settings(name, {}).epochs
    assert load_settings("alpaca", {"base": "tiny", "lr": 0.5}).lr == 0.5


@given(batch=st.integers(1, 200), micro=st.integers(1, 40))
def test_micro_batches_fill_the_batch(batch: int, micro: int) -> None:
    fitted = load_settings(None, {"batch": batch}).micro_batch
    assert batch % fitted == 0
    assert fitted <= 4
    if batch % micro:
        with pytest.raises(UsageError, match="no multiple of micro_batch"):
            load_settings(None, {"batch": batch, "micro_batch": micro})
    else:
        assert load_settings(None, {"batch": batch, "micro_batch": micro}).micro_batch == micro


def test_what_a_preset_says_in_vain_is_left_out() -> None:
    """It is not the user's doing; and what has no effect makes no other training."""
    tried = load_settings("chinese_alpaca", {"method": "full"})
    assert (tried.r, tried.alpha, tried.save_modules) == (8, 16, ())
    assert load_settings("tiny", {"base": "a/b", "method": "full"}).width == DEFAULTS["width"]
    assert load_settings("tiny", {"steps": 5}).epochs == DEFAULTS["epochs"]


def test_settings_that_have_an_effect() -> None:
    assert not set(effective(load_settings(None, {}))) & {"r", "dora", "virtual_tokens", "adapter_layers"}
    full = Settings(base="a/b", method="full")
    assert effective(full) == effective(replace(full, r=64, virtual_tokens=3, width=96, layers=9))
    assert effective(full) != effective(replace(full, lr=0.1))
    assert effective(replace(full, steps=5)) == effective(replace(full, steps=5, epochs=9))
    lora = replace(full, method="lora")
    assert effective(lora) != effective(replace(lora, r=64))
    assert effective(replace(lora, schedule="linear")) == effective(replace(lora, schedule="linear", lr_end=0.5))
    text = replace(full, learn="text")
    assert effective(text) == effective(replace(text, template="chat"))
    pairs = replace(full, learn="dpo")
    assert effective(pairs) != effective(replace(pairs, beta=5.0))
    paid = replace(full, learn="grpo")
    assert effective(paid) != effective(replace(paid, samples_each=4))
    labelled = replace(full, learn="kto")
    assert effective(labelled) != effective(replace(labelled, undesirable=2.0))
    variants = (Settings(), full, lora, replace(full, method="adapter"), text, pairs, labelled, paid)
    every = {name for variant in variants for name in effective(variant)}
    assert every == set(DEFAULTS) >= set(ONLY_FOR)


# Text instead of answers


def test_the_data_says_that_it_is_text(tmp_path: Path) -> None:
    """Or the user does, with `learn` or with `pretrain`; and what is LLaMA's is taken where nothing else is said."""
    (tmp_path / "a.txt").write_text("Once upon a time.")
    (tmp_path / "b.jsonl").write_text('{"text": "There was a fox."}\n')
    (tmp_path / "c.jsonl").write_text('{"instruction": "Say hello.", "output": "Hello."}\n')
    text, rows, tasks = (str(tmp_path / name) for name in ("a.txt", "b.jsonl", "c.jsonl"))
    assert [load_settings(None, {"data": data}).learn for data in ([text, rows], [rows, tasks])] == ["text", "answers"]
    assert load_settings(None, {"data": text, "learn": "answers"}).learn == "answers"
    found = load_settings(None, {"data": text, "base": "a/b"})
    assert (found.method, found.betas, found.decay, found.lr_end, found.epochs) == ("lora", (0.9, 0.95), 0.1, 0.1, 1)
    assert load_settings(None, {"data": text, "base": "a/b", "decay": 0, "schedule": "linear"}).decay == 0
    told = load_settings(None, {"data": tasks, "base": "a/b", "method": "pretrain"})
    assert (told.learn, told.method, told.betas) == ("text", "full", (0.9, 0.95))
    assert load_settings("alpaca", {"data": rows}).template == "auto", "its own says nothing about text"
    assert load_settings(None, {"data": [text, rows], "shares": [2, 1]}).shares == (2.0, 1.0)


# Texts


def test_settings_written_and_read_back() -> None:
    """Whatever settings have an effect, their texts give the same again."""
    settings = load_settings("chinese_alpaca", {"data": ["a", "b"], "dora": True, "precision": "bf16"})
    known = effective(settings)
    texts = {
        name: ",".join(map(str, value)) if isinstance(value, tuple) else str(value) for name, value in known.items()
    }
    assert load_settings(None, changes_from(f"{name}={value}" for name, value in texts.items())) == settings
    assert load_settings(None, known) == settings == Settings(**asdict(settings))


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("lr=2e-5", "lr", 2e-5),
        (" epochs = 2 ", "epochs", 2.0),
        ("steps=1_000", "steps", 1000),
        ("packing=TRUE", "packing", True),
        ("validation=40", "validation", 40.0),
        ("validation=.04", "validation", 0.04),
        ("packing=false", "packing", False),
        ("betas=[0.9, 0.95]", "betas", (0.9, 0.95)),
        ("targets=q_proj", "targets", ("q_proj",)),
        ("save_modules=", "save_modules", ()),
        ("tokenizer=", "tokenizer", ""),
        ("out=a=b", "out", "a=b"),
    ],
)
def test_texts_have_their_settings_kind(text: str, name: str, value: Any) -> None:
    settings = load_settings(None, {"base": "some/model"} | changes_from([text]))
    assert getattr(settings, name) == value
    assert type(getattr(settings, name)) is type(value)


def test_a_later_text_replaces_an_earlier() -> None:
    assert changes_from(["lr=1", "lr=2e-5"]) == {"lr": "2e-5"}


# Mistakes


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"learning_rate": 1}, "no setting 'learning_rate': there are: data, base, method"),
        ({"epoch": 1}, "no setting 'epoch': did you mean 'epochs'? There are"),
        ({"lr": "fast"}, "lr is 'fast'; it should be a number"),
        ({"lr": True}, "lr is True; it should be a number"),
        ({"lr": "nan"}, "lr is 'nan'; it should be a number"),
        ({"lr": float("inf")}, "lr is inf; it should be a number"),
        ({"lr": 0}, "lr is 0.0; it should be from 1e-12 to 1"),
        ({"lr": 2}, "lr is 2.0; it should be from 1e-12 to 1"),
        ({"batch": 1.5}, "batch is 1.5; it should be a whole number"),
        ({"batch": "many"}, "batch is 'many'; it should be a whole number"),
        ({"batch": 0}, "batch is 0; it should be from 1 to 1,000,000"),
        ({"batch": -4}, "batch is -4; it should be from 1 to 1,000,000"),
        ({"micro_batch": 0}, "micro_batch is 0; it should be from 1"),
        ({"packing": "maybe"}, "packing is 'maybe'; it should be true or false"),
        ({"packing": 1}, "packing is 1; it should be true or false"),
        ({"base": 7}, "base is 7; it should be a text"),
        ({"base": None}, "base is None; it should be a text"),
        ({"targets": 7}, "targets is 7; it should be a list of texts"),
        ({"targets": {"q_proj": 1}}, "targets is {'q_proj': 1}; it should be a list of texts"),
        ({"targets": [7]}, "targets is [7]; it should be a list of texts"),
        ({"betas": "0.9"}, "betas is (0.9,); it should be two numbers, like 0.9, 0.95"),
        ({"betas": "a,b"}, "betas is 'a,b'; it should be two numbers, like 0.9, 0.95"),
        ({"betas": [0.9, 1.5]}, "betas is (0.9, 1.5); it should be from 0 to 0.9999999"),
        ({"method": "lorra"}, "method is 'lorra': did you mean 'lora'? There are: full, lora, qlora, adapter, ptuning"),
        ({"method": ["lora"]}, "method is ['lora']; it should be a text: full, lora, qlora, adapter, ptuning"),
        ({"schedule": "polynomial"}, "schedule is 'polynomial': there are: cosine, linear, constant"),
        ({"precision": "fp16"}, "precision is 'fp16': did you mean 'bf16'? There are: auto, bf16, fp32"),
        ({"base": "tiny", "method": "lora"}, "method is 'lora', but the base 'tiny' has no weights to adapt yet"),
        ({"width": 100, "heads": 3}, "width is 100, heads is 3: a head's share"),
        ({"tokenizer": "a/b", "vocabulary": 500}, "vocabulary has no effect beside a tokenizer, which has its own"),
        ({"base": "a/b", "scratch": True}, "method is 'lora', but random weights have nothing to adapt yet"),
        ({"base": "a/b", "learn": "text", "method": "ptuning"}, "method 'ptuning' is for answers: learn text with"),
        ({"learn": "texts"}, "learn is 'texts': did you mean 'text'? There are: answers, all, text"),
        (
            {"learn": "text", "template": "chat"},
            "template is for learn answers, all, dpo, orpo, reward, ",
        ),
        ({"column": "body"}, "column is for learn text, but learn is 'answers': leave it out"),
        ({"learn": "text", "shares": "1,x"}, "shares is '1,x'; it should be numbers above 0, like 0.8,0.2"),
        ({"learn": "text", "shares": "1,0"}, "shares is (1.0, 0.0); it should be numbers above 0"),
        ({"learn": "text", "shares": "1,2", "data": "-"}, "there are 2 shares and 1 DATA: give each a share"),
        ({"base": "a/b", "method": "full", "dora": True}, "dora is for method lora and qlora, but method is 'full'"),
        ({"base": "a/b", "method": "adapter", "save_modules": "lm_head"}, "save_modules is for method lora and qlora"),
        ({"base": "a/b", "targets": ""}, "targets is empty: name layers, like q_proj,v_proj, or all-linear"),
        ({"base": "a/b", "method": "ptuning", "checkpointing": True}, "checkpointing and ptuning do not go together"),
        ({"validation": 1.5}, "validation is 1.5; it should be a whole number of rows, or below 1 their share"),
        ({"validation": -1}, "validation is -1.0; it should be from 0 to"),
        ({"base": "a/b", "method": "full", "r": 8}, "r is for method lora and qlora, but method is 'full'"),
        (
            {"base": "a/b", "method": "full", "alpha": 64, "virtual_tokens": 3, "width": 999},
            "alpha is for method lora and qlora, but method is 'full': leave it out (and virtual_tokens, width, with",
        ),
        ({"base": "a/b", "virtual_tokens": 3}, "virtual_tokens is for method adapter and ptuning, but"),
        ({"base": "a/b", "method": "ptuning", "adapter_layers": 3}, "adapter_layers is for method adapter, but"),
        ({"base": "a/b", "layers": 3}, "layers is for base tiny, but base is 'a/b': leave it out"),
        ({"schedule": "linear", "lr_end": 0.1}, "lr_end is for schedule cosine, but schedule is 'linear'"),
        ({"steps": 10, "epochs": 3}, "epochs has no effect where steps is 10: leave one of them out"),
        ({"lr": "9" * 5000}, "lr is '999"),
        ({"batch": "9" * 5000}, "batch is '999"),
    ],
)
def test_a_mistake_is_told_in_one_line(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        load_settings(None, changes)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 800


@pytest.mark.parametrize(
    ("text", "said"),
    [("lr", "--set 'lr' has no '=': write NAME=VALUE"), ("=3", "no setting ''"), ("learning=3", "--set: no setting")],
)
def test_a_text_that_is_no_setting(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=re.escape(said)):
        changes_from([text])


@pytest.mark.parametrize("name", ["alpacca", "", ".", "no/such.yaml", "a\0b", "long" * 99])
def test_an_unknown_preset(name: str) -> None:
    with pytest.raises(UsageError, match=r"^no preset .*alpaca.*or give the path of a YAML file$"):
        load_settings(name, {})


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "holds no settings"),
        (b"- lr\n", "holds no settings"),
        (b"lr: [", "is not YAML: line 1"),
        (b"\xff\xfe", "is not UTF-8"),
        (b"epoch: 1\n", "no setting 'epoch': did you mean 'epochs'"),
        (b"epochs: soon\n", "mine.yaml: epochs is 'soon'; it should be a number"),
        (b"1: 2\n", "no setting 1"),
    ],
)
def test_a_file_that_is_no_preset(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=re.escape(said)) as caught:
        load_settings(str(path), {})
    assert "mine.yaml" in str(caught.value)


@given(st.dictionaries(st.sampled_from(sorted(DEFAULTS)), st.text() | st.floats() | st.none() | st.lists(st.text())))
def test_any_values_are_settings_or_one_line(changes: dict[str, Any]) -> None:
    said = ""
    try:
        load_settings(None, changes)
    except UsageError as error:
        said = str(error)
    assert "\n" not in said


# The class itself


def test_settings_in_code_are_checked_as_well() -> None:
    with pytest.raises(UsageError, match="r is 0"):
        Settings(r=0)
    with pytest.raises(UsageError, match="schedule is 'cosinus'"):
        replace(Settings(), schedule="cosinus")


def test_every_number_has_limits_and_every_default_is_within() -> None:
    numbers = {each.name for each in fields(Settings) if type(each.default) in (int, float)} | {"betas"}
    assert set(LIMITS) == numbers
    Settings()


def test_nothing_heavy_is_loaded() -> None:
    code = "import sys, selfinstruct.finetune.settings; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"torch", "transformers", "peft", "trl", "numpy"} & set(loaded)


def test_every_setting_is_described_with_its_default() -> None:
    """By what is written under its field; a default is written as --set takes it."""
    found = described()
    assert [each.name for each in found] == [each.name for each in fields(Settings)]
    for each in found:
        assert each.text
        assert not each.text.endswith(".")
        if each.default:
            changes = changes_from([f"{each.name}={each.default}"])
            assert getattr(Settings(), each.name) == value_of(each.name, changes[each.name], DEFAULTS[each.name])
        else:
            assert not getattr(Settings(), each.name)


def test_paths_are_as_good_as_texts(tmp_path: Path) -> None:
    for data in (tmp_path, [tmp_path], [str(tmp_path)], str(tmp_path)):
        settings = load_settings("tiny", {"data": data, "out": tmp_path / "model"})
        assert settings.data == (str(tmp_path),)
        assert settings.out == str(tmp_path / "model")
