"""GGUF export: what the gguf package and transformers read back computes what the model does, with the same tokens."""

from __future__ import annotations

import json
import resource
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
gguf = pytest.importorskip("gguf")

from safetensors.torch import load_file, save_file  # noqa: E402
from tokenizers import Tokenizer, models  # noqa: E402
from transformers import (  # noqa: E402
    AutoConfig,
    AutoModelForCausalLM,
    AutoTokenizer,
    GPT2Config,
    GPT2LMHeadModel,
)
from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS  # noqa: E402
from vocabularies import APART, CHAT, KINDS, TEXTS, learned, model_at, sentencepiece  # noqa: E402

from selfinstruct.errors import UsageError  # noqa: E402
from selfinstruct.finetune.models.gguf_tokenizer import tokenizer_of_gguf  # noqa: E402
from selfinstruct.finetune.publish.gguf import export_gguf  # noqa: E402
from selfinstruct.finetune.rows.templates import encoded, find_template, prompt_segments, rendered_prompt  # noqa: E402

SHAPES: dict[str, dict[str, Any]] = {
    "plain": {},
    "grouped queries": {"num_key_value_heads": 2},
    "tied": {"tie_word_embeddings": True},
    "heads of their own width": {"head_dim": 32},
    "biases": {"attention_bias": True, "mlp_bias": True},
    "another theta": {"rope_parameters": {"rope_type": "default", "rope_theta": 500_000.0}},
    "longer texts": {
        "head_dim": 64,
        "rope_parameters": {
            "rope_type": "llama3",
            "rope_theta": 10_000.0,
            "factor": 8.0,
            "low_freq_factor": 1.0,
            "high_freq_factor": 4.0,
            "original_max_position_embeddings": 32,
        },
    },
    "rows to spare": {"vocab_size": 448},
}


LINEAR = {"rope_type": "linear", "factor": 4.0, "rope_theta": 1e4}


IDS = torch.tensor([[0, 300, 17, 45, 260, 199, 42, 42, 7, 280, 33, 3, 90, 1]])


def logits_of(model: Any, ids: Any = IDS) -> Any:
    with torch.no_grad():
        return model(ids).logits.float()


def read_back(file: Path, **settings: Any) -> Any:
    return AutoModelForCausalLM.from_pretrained(file.parent, gguf_file=file.name, dtype=torch.float32, **settings)


def difference(file: Path, folder: Path, **settings: Any) -> float:
    """The largest of any logit."""
    ours = logits_of(AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32))
    return float((logits_of(read_back(file, **settings)) - ours).abs().max())


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return model_at(tmp_path_factory.mktemp("models") / "tuned", KINDS["smollm"](), num_key_value_heads=2)


@pytest.fixture
def copy(model: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(model, tmp_path / "copy"))


@pytest.mark.parametrize("shape", SHAPES)
def test_f32_computes_the_same(tmp_path: Path, shape: str) -> None:
    """Within 1e-4, of logits up to about 2."""
    folder = model_at(tmp_path / "model", KINDS["smollm"](), **SHAPES[shape])
    file = export_gguf(str(folder), str(tmp_path / "model.gguf"), "f32")
    # transformers reads neither biases nor llama3's scaling of positions from GGUF; the tensors it does read.
    own = {"config": AutoConfig.from_pretrained(folder)} if shape in ("biases", "longer texts") else {}
    assert difference(file, folder, **own) < 1e-4
    assert float(logits_of(AutoModelForCausalLM.from_pretrained(folder)).abs().max()) > 0.5


@pytest.mark.parametrize(("kind", "most"), [("f32", 1e-4), ("f16", 1e-3), ("q8_0", 0.03)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
def test_each_kind_is_as_near_as_it_says(tmp_path: Path, kind: str, most: float, dtype: Any) -> None:
    """The largest difference of logits between -2 and 2; from bfloat16, which has fewer digits, f16 loses nothing."""
    folder = model_at(tmp_path / "model", KINDS["smollm"](), dtype=dtype, num_key_value_heads=2)
    file = export_gguf(str(folder), str(tmp_path / "model.gguf"), kind)
    assert difference(file, folder) < most
    if kind == "f16" and dtype == torch.bfloat16:
        assert difference(file, folder) < 1e-5


@pytest.mark.parametrize("kind", ["f32", "f16", "q8_0"])
def test_the_tensors_are_llama_cpp_s(model: Path, tmp_path: Path, kind: str) -> None:
    reader = gguf.GGUFReader(export_gguf(str(model), str(tmp_path / "model.gguf"), kind))
    found = {tensor.name: tensor for tensor in reader.tensors}
    layers = ("attn_norm", "attn_q", "attn_k", "attn_v", "attn_output", "ffn_norm", "ffn_gate", "ffn_up", "ffn_down")
    names = {f"blk.{layer}.{part}.weight" for layer in range(2) for part in layers}
    assert found.keys() == names | {"token_embd.weight", "output.weight", "output_norm.weight"}
    for name, tensor in found.items():
        assert tensor.tensor_type.name == ("F32" if "norm" in name else kind.upper())
    if kind == "f32":
        tensors = load_file(model / "model.safetensors")
        assert np.array_equal(found["blk.1.ffn_down.weight"].data, tensors["model.layers.1.mlp.down_proj.weight"])
        key = tensors["model.layers.1.self_attn.k_proj.weight"].numpy()  # 2 heads of 16 rows
        stored = found["blk.1.attn_k.weight"].data
        assert np.array_equal(stored[[0, 1, 2, 3]], key[[0, 8, 1, 9]])
        assert np.array_equal(stored[[16, 17]], key[[16, 24]])


def test_what_it_says_about_the_model(model: Path, tmp_path: Path) -> None:
    (copy := Path(shutil.copytree(model, tmp_path / "named")) / "generation_config.json").write_text(
        json.dumps({"eos_token_id": [1, 7]})
    )
    reader = gguf.GGUFReader(export_gguf(str(copy.parent), str(tmp_path / "model.gguf"), "q8_0"))
    said = {name: field.contents() for name, field in reader.fields.items()}
    expected = {
        "general.architecture": "llama",
        "general.name": "named",
        "general.file_type": 7,
        "general.quantization_version": 2,
        "llama.context_length": 256,
        "llama.embedding_length": 64,
        "llama.block_count": 2,
        "llama.feed_forward_length": 96,
        "llama.attention.head_count": 4,
        "llama.attention.head_count_kv": 2,
        "llama.attention.layer_norm_rms_epsilon": pytest.approx(1e-5),
        "llama.rope.dimension_count": 16,
        "llama.rope.freq_base": 10_000.0,
        "llama.vocab_size": 400,
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": "smollm",
        "tokenizer.ggml.bos_token_id": 0,
        "tokenizer.ggml.eos_token_id": 1,
        "tokenizer.ggml.eot_token_id": 7,
        "tokenizer.ggml.padding_token_id": 2,
        "tokenizer.ggml.add_bos_token": True,
        "tokenizer.ggml.add_eos_token": False,
        "tokenizer.chat_template": CHAT,
    }
    assert {name: said.get(name) for name in expected} == expected
    tokens = said["tokenizer.ggml.tokens"]
    tokenizer = AutoTokenizer.from_pretrained(model)
    assert tokens == [tokenizer.convert_ids_to_tokens(number) for number in range(400)]
    assert said["tokenizer.ggml.token_type"] == [3, 3, 3] + [1] * 397


def test_rows_without_a_token_are_unused(tmp_path: Path) -> None:
    tokenizer = KINDS["smollm"]()
    last = tokenizer.convert_ids_to_tokens(399)
    tokenizer.add_tokens(["<think>"])
    folder = model_at(tmp_path / "model", tokenizer, vocab_size=448)
    reader = gguf.GGUFReader(export_gguf(str(folder), str(tmp_path / "model.gguf"), "f16"))
    assert reader.fields["tokenizer.ggml.tokens"].contents()[399:403] == [last, "<think>", "[PAD401]", "[PAD402]"]
    assert reader.fields["tokenizer.ggml.token_type"].contents()[399:] == [1, 4] + [5] * 47


@pytest.mark.parametrize("name", KINDS)
def test_the_tokenizer_comes_back_from_the_file(tmp_path: Path, name: str) -> None:
    """What `tokenizer_of_gguf` reads gives the trained prompts' tokens, and has the template."""
    folder = model_at(tmp_path / "model", KINDS[name]())
    file = export_gguf(str(folder), str(tmp_path / "model.gguf"), "f16")
    ours, theirs = AutoTokenizer.from_pretrained(folder), tokenizer_of_gguf(file)
    assert gguf.GGUFReader(file).fields["tokenizer.ggml.pre"].contents() == name.partition(",")[0]
    template = find_template("own", ours)
    for text in APART:
        asked = {"role": "user", "content": text}
        for turns in ([asked], [asked, {"role": "assistant", "content": "Yes."}, asked]):
            ids, _ = encoded(prompt_segments(template, turns, ours), ours)
            assert theirs(rendered_prompt(template, turns, ours)).input_ids == ids, text
    back: Any = theirs.decode(theirs(TEXTS[0]).input_ids, skip_special_tokens=True)
    assert back.strip() == TEXTS[0]
    assert (theirs.eos_token, theirs.bos_token) == (ours.eos_token, ours.bos_token)
    assert theirs.chat_template == CHAT


def test_scores_are_sentencepiece_s_own_where_they_are_known(tmp_path: Path) -> None:
    pieces = learned(tmp_path / "model")
    fields = gguf.GGUFReader(export_gguf(str(tmp_path / "model"), str(tmp_path / "known.gguf"), "f16")).fields
    numbers = range(pieces.get_piece_size())
    assert fields["tokenizer.ggml.tokens"].contents() == [pieces.id_to_piece(number) for number in numbers]
    assert fields["tokenizer.ggml.scores"].contents() == [pieces.get_score(number) for number in numbers]
    assert fields["tokenizer.ggml.token_type"].contents() == [2, 3, 3] + [6] * 256 + [1] * (len(numbers) - 259)
    (tmp_path / "model" / "tokenizer.model").unlink()
    other = gguf.GGUFReader(export_gguf(str(tmp_path / "model"), str(tmp_path / "found.gguf"), "f16")).fields
    found, known = (each["tokenizer.ggml.scores"].contents() for each in (other, fields))
    several = [number for number in numbers if number >= 259 and len(pieces.id_to_piece(number)) > 1]
    assert sorted(several, key=lambda number: -found[number]) == sorted(several, key=lambda number: -known[number])


def test_longer_texts_have_llama_3_s_frequencies(tmp_path: Path) -> None:
    """The factors are those between transformers' frequencies with and without scaling."""
    folder = model_at(tmp_path / "model", KINDS["smollm"](), **SHAPES["longer texts"])
    reader = gguf.GGUFReader(export_gguf(str(folder), str(tmp_path / "model.gguf"), "q8_0"))
    factors = next(tensor.data for tensor in reader.tensors if tensor.name == "rope_freqs.weight")
    config = AutoConfig.from_pretrained(folder)
    scaled, _ = ROPE_INIT_FUNCTIONS["llama3"](config, "cpu")
    plain = 1 / config.rope_parameters["rope_theta"] ** (np.arange(0, 64, 2) / 64)
    assert np.allclose(factors, plain / scaled.numpy(), rtol=1e-5)
    assert len(set(np.round(factors, 3))) > 3
    linear = model_at(tmp_path / "linear", KINDS["smollm"](), rope_parameters=LINEAR)
    said = gguf.GGUFReader(export_gguf(str(linear), str(tmp_path / "linear.gguf"), "f16")).fields
    assert said["llama.rope.scaling.type"].contents() == "linear"
    assert said["llama.rope.scaling.factor"].contents() == 4


def test_several_files_of_weights_are_one(model: Path, tmp_path: Path) -> None:
    AutoModelForCausalLM.from_pretrained(model).save_pretrained(tmp_path / "shards", max_shard_size="50KB")
    AutoTokenizer.from_pretrained(model).save_pretrained(tmp_path / "shards")
    assert len(list((tmp_path / "shards").glob("*.safetensors"))) > 3
    file = export_gguf(str(tmp_path / "shards"), str(tmp_path / "model.gguf"), "f32")
    assert difference(file, model) < 1e-4


def changed(folder: Path, **changes: Any) -> None:
    file = folder / "config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))


def refused(message: str, folder: Path, out: Path, kind: str = "f16") -> None:
    with pytest.raises(UsageError, match=message) as told:
        export_gguf(str(folder), str(out), kind)
    assert "\n" not in str(told.value)
    assert not out.exists() or out.is_dir()
    assert not [file for file in out.parent.iterdir() if file.name.startswith(".")]


def test_what_cannot_be_exported_is_said_in_one_line(model: Path, copy: Path, tmp_path: Path) -> None:
    out = tmp_path / "model.gguf"
    refused(r"no GGUF of the kind 'q4_0': there are f32, f16, q8_0, q6_k, q5_k_m, q4_k_m", model, out, "q4_0")
    refused(r"there is no folder .*nowhere: the model is a folder", tmp_path / "nowhere", out)
    (tmp_path / "adapter").mkdir()
    (tmp_path / "adapter" / "adapter_config.json").write_text("{}")
    refused(r"adapter is an adapter; merge it first: selfinstruct merge .*adapter --out", tmp_path / "adapter", out)
    (tmp_path / "empty").mkdir()
    refused(r"empty is no model: it has no config.json", tmp_path / "empty", out)
    refused(r"copy is already there: give a file name in it", model, copy)
    GPT2LMHeadModel(GPT2Config(n_layer=1, n_head=2, n_embd=8, vocab_size=9)).save_pretrained(tmp_path / "gpt")
    refused(
        r"gpt is a GPT2LMHeadModel, and GGUF is written here for Llama, Mistral, Qwen2, .* use llama.cpp's",
        tmp_path / "gpt",
        out,
    )
    for changes, message in (
        (
            {"quantization_config": {"quant_method": "bitsandbytes"}},
            r"already \(bitsandbytes\): .*; --gguf q4_k_m",
        ),
        ({"hidden_act": "gelu"}, r"has the activation 'gelu', and llama.cpp's llama has silu"),
        ({"architectures": ["LlamaForSequenceClassification"]}, r"is a LlamaForSequenceClassification"),
        ({"num_hidden_layers": 3}, r"lacks blk.2.attn_k.weight and 8 other tensors"),
        ({"rope_parameters": {"rope_type": "dynamic", "factor": 2.0, "rope_theta": 1e4}}, r"scaled by 'dynamic'"),
    ):
        before = (copy / "config.json").read_text()
        changed(copy, **changes)
        refused(message, copy, out)
        (copy / "config.json").write_text(before)
    tensors = load_file(copy / "model.safetensors")
    save_file(tensors | {"model.layers.0.lora_A": torch.zeros(2)}, copy / "model.safetensors")
    refused(r"has a tensor model.layers.0.lora_A, which a llama has not", copy, out)
    large = {"model.embed_tokens.weight": tensors["model.embed_tokens.weight"] * 1e7}
    save_file(tensors | large, copy / "model.safetensors")
    refused(r"token_embd.weight has numbers beyond 65,504, .* use --gguf f32", copy, out)
    (copy / "model.safetensors").write_bytes((model / "model.safetensors").read_bytes()[:-5])
    refused(r"no whole safetensors file \(it ends before .* does\)", copy, out)
    out.write_text("mine")
    with pytest.raises(UsageError, match=r"model.gguf is already there: choose another"):
        export_gguf(str(model), str(out), "f16")
    assert out.read_text() == "mine"


def test_a_tokenizer_that_llama_cpp_would_read_otherwise_is_refused(copy: Path, tmp_path: Path) -> None:
    file = copy / "tokenizer.json"
    before = json.loads(file.read_text())
    bare = {"type": "Whitespace"}
    lower = {"type": "Lowercase"}
    for changes, message in (
        (
            {"pre_tokenizer": bare},
            r'cuts text in a way that is not known here \({"type": "Whitespace"}\); try llama.cpp',
        ),
        ({"normalizer": lower}, r'changes text first \({"type": "Lowercase"}\): llama.cpp would not'),
        ({"model": before["model"] | {"ignore_merges": True}}, r"takes whole words before merges: .* with 'smollm'"),
        ({"model": before["model"] | {"dropout": 0.5}}, r"has a dropout, which llama.cpp does not know"),
    ):
        file.write_text(json.dumps(before | changes))
        refused(message, copy, tmp_path / "model.gguf")
    unigram = Tokenizer(models.Unigram([("<unk>", 0.0), ("a", -1.0)], 0, False))
    unigram.save(str(file))
    refused(r"is a Unigram one; GGUF is written for byte-level BPE", copy, tmp_path / "model.gguf")
    file.write_text("{")
    refused(r"cannot load the tokenizer of .*copy: ", copy, tmp_path / "model.gguf")
    spm = sentencepiece()
    about = json.loads(spm.backend_tokenizer.to_str())
    about["model"]["merges"] = about["model"]["merges"][:-1]
    folder = model_at(tmp_path / "spm", spm)
    (folder / "tokenizer.json").write_text(json.dumps(about))
    refused(
        r"was not learned by SentencePiece: it never merges . and . .and 0 other pairs", folder, tmp_path / "model.gguf"
    )
    about = json.loads(sentencepiece().backend_tokenizer.to_str())
    del about["model"]["vocab"]["<0x41>"]
    (folder / "tokenizer.json").write_text(json.dumps(about))
    refused(r"has no token for 1 of the 256 bytes \(<0x41>\)", folder, tmp_path / "model.gguf")
    many = model_at(tmp_path / "many", KINDS["smollm"](), vocab_size=390)
    refused(r"has 400 tokens and only 390 rows for them: is the tokenizer its", many, tmp_path / "model.gguf")


def test_what_is_rarely_read_otherwise_is_told(copy: Path, tmp_path: Path) -> None:
    file = copy / "tokenizer.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"normalizer": {"type": "NFC"}}))
    said: list[str] = []
    export_gguf(str(copy), str(tmp_path / "model.gguf"), "f16", said.append)
    assert len(said) == 1
    assert "accents and vowels that are characters of their own" in said[0]


def test_a_full_disk_leaves_nothing_behind(model: Path, tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(UsageError, match=r"cannot write .*model.gguf: .*Nothing was left there; free some space"):
            export_gguf(str(model), str(tmp_path / "model.gguf"), "f32")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not list(tmp_path.iterdir())
