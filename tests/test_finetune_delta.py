"""A model as the difference from its base, and back: the same bytes, or an error that says why not."""

from __future__ import annotations

import hashlib
import json
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from safetensors.torch import load_file, save_file  # noqa: E402
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM  # noqa: E402

from selfinstruct.errors import UsageError  # noqa: E402
from selfinstruct.finetune.publish.delta import apply_delta, checksum, make_delta  # noqa: E402


def model_at(folder: Path, *, seed: int, dtype: Any = torch.bfloat16, rows: int = 40, shard: str = "5GB") -> Path:
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=rows,
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        tie_word_embeddings=False,
    )
    LlamaForCausalLM(config).to(dtype).save_pretrained(folder, max_shard_size=shard)
    (folder / "tokenizer.json").write_text(json.dumps({"model": seed}))
    return folder


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """A base, a model tuned from it whose vocabulary grew and whose weights are in several files, and the delta."""
    folder = tmp_path_factory.mktemp("models")
    base = model_at(folder / "base", seed=0)
    tuned = model_at(folder / "tuned", seed=1, rows=43, shard="4KB")
    (tuned / "additional_chat_templates").mkdir()
    (tuned / "additional_chat_templates" / "tools.jinja").write_text("{{ messages }}")
    (tuned / "checkpoint-10").mkdir()
    (tuned / "checkpoint-10" / "optimizer.pt").write_bytes(b"large")
    return base, tuned, make_delta(str(base), str(tuned), str(folder / "delta"))


def test_applied_it_is_the_tuned_model_byte_for_byte(made: tuple[Path, Path, Path], tmp_path: Path) -> None:
    base, tuned, delta = made
    out = apply_delta(str(base), str(delta), str(tmp_path / "out"))
    wanted = {name: data for name, data in files_of(tuned).items() if "checkpoint" not in name}
    assert len([name for name in wanted if name.endswith(".safetensors")]) > 3
    assert files_of(out) == wanted
    about = json.loads((delta / "delta.json").read_text())
    assert about["tuned"]["sha256"] == checksum(str(out)) == checksum(str(tuned))
    assert about["base"] == {"name": "base", "sha256": checksum(str(base))}


def test_the_delta_alone_says_nothing_and_loads_as_nothing(made: tuple[Path, Path, Path]) -> None:
    _, tuned, delta = made
    assert not list(delta.glob("*.safetensors"))
    with pytest.raises(OSError, match="safetensors"):
        AutoModelForCausalLM.from_pretrained(delta)
    shared = set(files_of(tuned)) & set(files_of(delta))
    assert shared == {
        "config.json",
        "generation_config.json",
        "tokenizer.json",
        "model.safetensors.index.json",
        "additional_chat_templates/tools.jinja",
    }


@pytest.mark.parametrize("old", [torch.float32, torch.float16, torch.bfloat16], ids=str)
@pytest.mark.parametrize("new", [torch.float32, torch.float16, torch.bfloat16], ids=str)
def test_base_and_tuned_model_may_be_of_different_precision(tmp_path: Path, old: Any, new: Any) -> None:
    base, tuned = model_at(tmp_path / "base", seed=0, dtype=old), model_at(tmp_path / "tuned", seed=1, dtype=new)
    make_delta(str(base), str(tuned), str(tmp_path / "delta"))
    out = apply_delta(str(base), str(tmp_path / "delta"), str(tmp_path / "out"))
    assert files_of(out) == files_of(tuned)


def test_every_pattern_of_bits_comes_back(tmp_path: Path) -> None:
    """Subtracting would not do this: all 65,536 bfloat16 numbers, also NaN, infinities and both zeros."""
    every = torch.arange(65_536, dtype=torch.int32).to(torch.uint16).view(torch.bfloat16).reshape(256, 256)
    for name, tensor in (("base", every), ("tuned", every.T.contiguous())):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.json").write_text("{}")
        save_file({"w": tensor, "n": torch.tensor(3, dtype=torch.int64)}, tmp_path / name / "model.safetensors")
    delta = make_delta(str(tmp_path / "base"), str(tmp_path / "tuned"), str(tmp_path / "delta"))
    out = apply_delta(str(tmp_path / "base"), str(delta), str(tmp_path / "out"))
    assert files_of(out) == files_of(tmp_path / "tuned")
    lost = (every.T - every) + every
    assert not lost.contiguous().view(torch.int16).equal(every.T.contiguous().view(torch.int16))


def test_the_checksum_is_of_the_tensors_and_not_of_the_files(tmp_path: Path) -> None:
    one, many = model_at(tmp_path / "one", seed=0), model_at(tmp_path / "many", seed=0, shard="4KB")
    assert checksum(str(one)) == checksum(str(many)) != checksum(str(model_at(tmp_path / "two", seed=2)))
    lines = []
    for name, tensor in sorted(load_file(one / "model.safetensors").items()):
        digest = hashlib.sha256(tensor.view(torch.int16).numpy().tobytes()).hexdigest()
        lines.append(f"{name} BF16 {','.join(map(str, tensor.shape))} {digest}\n")
    assert checksum(str(one)) == hashlib.sha256("".join(lines).encode()).hexdigest()


def test_the_base_may_be_in_other_files(made: tuple[Path, Path, Path], tmp_path: Path) -> None:
    _, tuned, delta = made
    spread = model_at(tmp_path / "spread", seed=0, shard="4KB")
    out = apply_delta(str(spread), str(delta), str(tmp_path / "out"))
    assert (out / "config.json").read_bytes() == (tuned / "config.json").read_bytes()


def test_another_base_is_found_out(made: tuple[Path, Path, Path], tmp_path: Path) -> None:
    other = model_at(tmp_path / "other", seed=5)
    with pytest.raises(
        UsageError, match=r"other is another base than the delta was made from, 'base' \(SHA-256 .*differs"
    ):
        apply_delta(str(other), str(made[2]), str(tmp_path / "out"))
    assert [file.name for file in tmp_path.iterdir()] == ["other"]


def damaged(delta: Path, folder: Path) -> dict[str, tuple[Callable[[], None], str]]:
    first = sorted(folder / file.name for file in delta.glob("*.delta"))[0]
    about = folder / "delta.json"

    def flip() -> None:
        data = bytearray(first.read_bytes())
        data[-1] ^= 1
        first.write_bytes(data)

    def changed(**changes: Any) -> Callable[[], None]:
        return lambda: void(about.write_text(json.dumps(json.loads(about.read_text()) | changes)))

    def altered(name: str) -> tuple[Callable[[], None], str]:
        file = folder / name
        message = rf"is corrupt: {name} is not what it was; copy or fetch the delta again"
        return lambda: void(file.write_text(file.read_text() + " ")), message

    def forget() -> None:
        told = json.loads(about.read_text())
        told["tensors"].popitem()
        about.write_text(json.dumps(told))

    tuned = json.loads((delta / "delta.json").read_text())["tuned"]
    return {
        "a bit": (flip, r"is corrupt: .* is not what it was; copy or fetch the delta again"),
        "cut": (lambda: void(first.write_bytes(first.read_bytes()[:-10])), r"no whole safetensors file"),
        "header": (lambda: void(first.write_bytes(b"\x10" * 100)), r"no whole safetensors file"),
        "a file": (first.unlink, r"lacks model-00001-of-.*\.safetensors\.delta: copy or fetch it again"),
        "about": (about.unlink, r"is no delta: it has no delta.json"),
        "about torn": (lambda: void(about.write_text("{")), r"delta.json is broken"),
        "about hollow": (lambda: void(about.write_text('{"format": 2}')), r"delta.json is broken: copy or fetch"),
        "older": (changed(format=1), r"older has no checksums of its files, as deltas have now: make it again"),
        "newer": (changed(format=3), r"has format 3, and this version knows 2: pip install -U selfinstruct"),
        "sum": (changed(tuned=tuned | {"sha256": "0" * 64}), r"is corrupt: delta.json contradicts itself"),
        **{name.replace("/", "-"): altered(name) for name in json.loads((delta / "delta.json").read_text())["files"]},
        "a file gone": ((folder / "tokenizer.json").unlink, r"is not whole: it lacks tokenizer.json; copy or fetch"),
        "a file more": (
            lambda: void((folder / "chat_template.jinja").write_text("{{ 1 }}")),
            r"has a file that was not there when it was made: chat_template.jinja; remove it",
        ),
        "names": (forget, r"is not whole: delta.json and its \*.delta files differ"),
    }


def void(_: object) -> None:
    pass


def test_a_damaged_delta_is_found_out(made: tuple[Path, Path, Path], tmp_path: Path) -> None:
    base, _, delta = made
    for name in damaged(delta, tmp_path):
        folder = tmp_path / name
        shutil.copytree(delta, folder)
        damage, message = damaged(delta, folder)[name]
        damage()
        with pytest.raises(UsageError, match=message) as told:
            apply_delta(str(base), str(folder), str(tmp_path / "out"))
        assert "\n" not in str(told.value)
        assert {file.name for file in tmp_path.iterdir()} <= set(damaged(delta, tmp_path))


def test_models_that_are_not_base_and_tuned(made: tuple[Path, Path, Path], tmp_path: Path) -> None:
    base, tuned, _ = made

    def fails(message: str, base: Path = base, tuned: Path = tuned) -> None:
        with pytest.raises(UsageError, match=message) as told:
            make_delta(str(base), str(tuned), str(tmp_path / "delta"))
        assert "\n" not in str(told.value)

    fails(r"lm_head.weight is 43×16 in .*tuned and 40×16 in .*base: only a vocabulary may have grown", tuned, base)
    tensors = load_file(base / "model.safetensors")

    def other(name: str, **changes: Any) -> Path:
        shutil.copytree(base, tmp_path / name)
        save_file(
            {key: t for key, t in (tensors | changes).items() if t is not None}, tmp_path / name / "model.safetensors"
        )
        return tmp_path / name

    norm = "model.norm.weight"
    fails(r"lacks: extra.weight; is that its base", tuned=other("more", **{"extra.weight": torch.zeros(2)}))
    fails(r"base has a tensor that .*fewer lacks: model.norm.weight", tuned=other("fewer", **{norm: None}))
    fails(r"model.norm.weight is 16 in .*base and 8 in .*other", tuned=other("other", **{norm: torch.zeros(8)}))
    wider = {"model.layers.0.mlp.up_proj.weight": torch.zeros(64, 16, dtype=torch.bfloat16)}
    fails(r"up_proj.weight is 32×16 in .*base and 64×16 in .*wider", tuned=other("wider", **wider))
    whole = torch.zeros(16, dtype=torch.int8)
    fails(r"model.norm.weight is BF16 in .*base and I8 in .*whole", tuned=other("whole", **{norm: whole}))
    (tmp_path / "adapter").mkdir()
    (tmp_path / "adapter" / "adapter_config.json").write_text("{}")
    fails(r"adapter is an adapter; merge it first: selfinstruct merge", tuned=tmp_path / "adapter")
    fails(r"there is no folder .*nowhere: the base is a folder", base=tmp_path / "nowhere")
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "config.json").write_text("{}")
    (tmp_path / "old" / "pytorch_model.bin").write_bytes(b"")
    fails(r"old has no \*.safetensors but pytorch_model.bin: save it as safetensors", base=tmp_path / "old")
    assert not (tmp_path / "delta").exists()


def test_a_full_disk_leaves_nothing_behind(made: tuple[Path, Path, Path], tmp_path: Path) -> None:
    base, tuned, _ = made
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_500, before[1]))
    try:
        with pytest.raises(UsageError, match=r"cannot write .*delta: File too large. Nothing was left there"):
            make_delta(str(base), str(tuned), str(tmp_path / "delta"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not list(tmp_path.iterdir())


LARGE = """
import resource, sys
from selfinstruct.finetune.publish.delta import make_delta, apply_delta
import numpy
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
make_delta("base", "tuned", "delta")
apply_delta("base", "delta", "out")
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024, "torch" in sys.modules)
"""


def test_a_model_is_never_in_memory_whole(tmp_path: Path) -> None:
    """Both steps on a model of two tensors of 40 MB need less than 30 MB, and no PyTorch."""
    for seed, name in enumerate(("base", "tuned")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.json").write_text("{}")
        torch.manual_seed(seed)
        tensors = {key: torch.randint(0, 255, (40, 1_000_000), dtype=torch.uint8) for key in "ab"}
        save_file(tensors, tmp_path / name / "model.safetensors")
    told = subprocess.run([sys.executable, "-c", LARGE], cwd=tmp_path, capture_output=True, text=True, check=True)
    megabytes, has_torch = told.stdout.split()
    assert int(megabytes) < 30
    assert has_torch == "False"
    assert (tmp_path / "out" / "model.safetensors").read_bytes() == (tmp_path / "tuned/model.safetensors").read_bytes()
