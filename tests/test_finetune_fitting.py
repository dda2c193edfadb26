"""What cannot fit into memory is refused before it is loaded, with what would; and what is quantised still answers."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner
from training import rows_file, trained

from selfinstruct.cli import main
from selfinstruct.errors import UsageError
from selfinstruct.finetune.answer.chat import Streams, ask_once
from selfinstruct.finetune.answer.sampling import Sampling
from selfinstruct.finetune.models import fitting
from selfinstruct.finetune.models.fitting import check_fits, free_memory, quantised_size
from selfinstruct.finetune.models.open import load
from selfinstruct.finetune.settings import Settings, load_settings
from selfinstruct.teachers.local import Local

pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")
SEVEN = {
    "model_type": "llama",
    "hidden_size": 4096,
    "num_attention_heads": 32,
    "num_hidden_layers": 32,
    "vocab_size": 32000,
}


@pytest.fixture(autouse=True)
def one_core() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def seven(tmp_path: Path) -> Path:
    """The header of a model of 6.7 billion weights, whose bytes are a hole in a file."""
    folder = tmp_path / "seven"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(SEVEN | {"architectures": ["LlamaForCausalLM"]}))
    rows = 6_700_000_000 // 4096
    header = json.dumps({"all": {"dtype": "BF16", "shape": [rows, 4096], "data_offsets": [0, rows * 8192]}}).encode()
    with (folder / "model.safetensors").open("wb") as file:
        file.write(len(header).to_bytes(8, "little") + header)
        file.truncate(8 + len(header) + rows * 8192)
    return folder


@pytest.mark.parametrize(
    ("method", "free", "words"),
    [
        (
            "full",
            24,
            r"6\.7 billion weights: method full needs at least 107 GB, and 24 GB of memory are free; what fits: ",
        ),
        ("full", 24, r"--method lora \(13 GB\), or --method qlora \(4 GB\), or a base of at most 1\.5 billion weights"),
        (
            "lora",
            8,
            r"lora needs at least 13 GB, and 8 GB .*what fits: --method qlora \(4 GB\), or a base of at most 4",
        ),
        ("qlora", 2, r"qlora needs at least 4 GB, and 2 GB of memory are free; what fits: a base of at most 3"),
    ],
)
def test_a_base_that_cannot_fit_is_refused_with_what_would(
    seven: Path, monkeypatch: pytest.MonkeyPatch, method: str, free: int, words: str
) -> None:
    monkeypatch.setattr(fitting, "free_memory", lambda: ("of memory", free * 10**9))
    with pytest.raises(UsageError, match=words):
        check_fits(seven, Settings(base=str(seven), method=method, precision="bf16"))


def test_what_fits_is_not_refused(seven: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitting, "free_memory", lambda: ("of memory", 24 * 10**9))
    check_fits(seven, Settings(base=str(seven), method="lora", precision="bf16"))
    monkeypatch.setenv("ACCELERATE_USE_FSDP", "true")
    check_fits(seven, Settings(base=str(seven), method="full"))


def test_a_chat_with_what_cannot_fit_names_the_bits(seven: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (seven / "tokenizer_config.json").write_text("{}")
    monkeypatch.setattr(fitting, "free_memory", lambda: ("of memory", 9 * 10**9))
    from selfinstruct.finetune.models.open import _placed

    with pytest.raises(
        UsageError, match=r"needs about 13\.4 GB of memory, and 9\.0 GB are free: .*quantise it to 8 bits"
    ):
        _placed("seven", seven, None)
    assert quantised_size(6_700_000_000, SEVEN, 4) < 4.5e9


def test_free_memory_is_some() -> None:
    place, free = free_memory()
    assert place.startswith("of ")
    assert free > 10**8


@pytest.fixture(scope="module")
def little(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "little"
    trained(folder, steps=2, samples=0, width=64)
    return folder


@pytest.mark.parametrize("bits", [4, 8])
def test_a_quantised_model_answers_nearly_the_same(little: Path, bits: int) -> None:
    pytest.importorskip("bitsandbytes")
    ids = torch.arange(3, 40)[None]
    whole, small = load(str(little)).model, load(str(little), bits=bits).model
    with torch.no_grad():
        before, after = (model(input_ids=ids).logits.softmax(-1) for model in (whole, small))
    assert float((before - after).abs().sum(-1).mean()) < (0.4 if bits == 4 else 0.1)
    assert small.get_memory_footprint() < whole.get_memory_footprint()


def test_an_adapter_on_a_quantised_base_answers(little: Path, tmp_path: Path) -> None:
    pytest.importorskip("bitsandbytes")
    trained(tmp_path / "lora", base=str(little), method="lora", steps=1, samples=0)
    streams = Streams(io.StringIO(), io.StringIO(), io.StringIO())
    few = Sampling(temperature=0, max_tokens=3)
    ask_once(str(tmp_path / "lora"), "Repeat list 1.", bits=4, sampling=few, streams=streams)
    assert Local(f"{tmp_path / 'lora'}?bits=4").model.startswith("local:lora?bits=4@")


def test_optimisers_of_bitsandbytes_want_a_gpu(tmp_path: Path) -> None:
    assert load_settings("tiny", {"optimizer": "paged_adamw_8bit"}).optimizer == "paged_adamw_8bit"
    with pytest.raises(UsageError, match="optimizer is 'adamw_4bit': did you mean 'adamw_8bit'"):
        load_settings("tiny", {"optimizer": "adamw_4bit"})
    if not torch.cuda.is_available():
        with pytest.raises(UsageError, match=r"'adamw_8bit' is bitsandbytes', .* there is none: use adamw"):
            trained(tmp_path / "out", steps=1, optimizer="adamw_8bit")


def test_a_dry_run_needs_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    data = str(rows_file(tmp_path / "rows.jsonl"))
    small = [word for name in ("layers=1", "width=32", "heads=2", "vocabulary=300") for word in ("--set", name)]
    done = CliRunner().invoke(main, ["train", data, "--base", "tiny", "--dry-run", *small])
    assert done.exit_code == 0, done.output
    assert {file.name for file in tmp_path.iterdir()} == {"rows.jsonl"}
    done = CliRunner().invoke(main, ["train", data, "--base", "tiny", *small])
    assert done.exit_code == 2
    assert "Give --out FOLDER" in done.output
