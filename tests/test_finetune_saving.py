"""The saved model is the model that was trained: what rounding to 16 bits costs is measured, said and kept small."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file
from training import trained

from selfinstruct.errors import UsageError
from selfinstruct.finetune.loop.saving import Saved
from selfinstruct.finetune.models.open import load
from selfinstruct.finetune.models.rounding import rounded
from selfinstruct.finetune.settings import load_settings

pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")
HALF = {"steps": 3, "samples": 0, "validation": 8, "method": "full"}


@pytest.fixture(autouse=True)
def one_core() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny Llama that was saved in bf16, as most are."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder = tmp_path_factory.mktemp("models")
    trained(folder / "first", steps=20, samples=0)
    model = AutoModelForCausalLM.from_pretrained(folder / "first", dtype=torch.bfloat16)
    model.save_pretrained(folder / "base")
    AutoTokenizer.from_pretrained(folder / "first").save_pretrained(folder / "base")
    return folder / "base"


def precision(folder: Path) -> set[torch.dtype]:
    return {weight.dtype for weight in load_file(folder / "model.safetensors").values()}


def report(folder: Path) -> Any:
    return json.loads((folder / "train.json").read_text())["figures"]


@given(
    st.lists(st.floats(-(2.0**99), 2.0**99, width=32, allow_subnormal=False), min_size=1, max_size=50),
    st.integers(0, 2**40),
)
def test_rounding_by_chance_gives_a_neighbour_and_the_same_again(numbers: list[float], seed: int) -> None:
    weight = torch.tensor(numbers, dtype=torch.float32)
    found = rounded(weight, torch.bfloat16, seed)
    assert found.equal(rounded(weight, torch.bfloat16, seed))
    step = (weight.abs() * 2.0**-7).clamp_min(2.0**-133)
    assert bool(((found.float() - weight).abs() <= step).all())
    exact = weight.to(torch.bfloat16)
    assert rounded(exact.float(), torch.bfloat16, seed).equal(exact)


def test_rounding_by_chance_is_right_on_average() -> None:
    """1 + 0.3 steps of bf16 becomes the upper neighbour in 30 of 100 cases; to the nearest never."""
    weight = torch.full((20_000,), 1 + 0.3 * 2**-7)
    up = (rounded(weight, torch.bfloat16, 7) > 1).float().mean()
    assert 0.28 < float(up) < 0.32
    assert bool((rounded(weight, torch.bfloat16) == 1).all())
    assert rounded(torch.tensor([float("inf")]), torch.bfloat16, 1).isinf().all()


def test_large_changes_are_saved_in_the_bases_16_bits(base: Path, tmp_path: Path) -> None:
    said = trained(tmp_path / "out", base=str(base), lr=5e-3, **HALF)
    assert precision(tmp_path / "out") == {torch.bfloat16}
    saved = report(tmp_path / "out")["saved"]
    assert saved["precision"] == "bf16"
    assert saved["trained"] < saved["before"]
    assert saved["cost"] <= 0.03
    assert "saved in bf16, rounded" in said
    assert "saved in bf16, rounded" in (tmp_path / "out" / "README.md").read_text()


def test_the_validation_loss_is_that_of_the_weights_that_are_saved(base: Path, tmp_path: Path) -> None:
    """Also where most of the gain is gone, because somebody wants bf16 nevertheless."""
    trained(tmp_path / "out", base=str(base), lr=2e-6, save="bf16", **HALF)
    assert precision(tmp_path / "out") == {torch.bfloat16}
    about = json.loads((tmp_path / "out" / "train.json").read_text())
    assert about["figures"]["validation_loss"] == pytest.approx(about["figures"]["saved"]["saved"], abs=1e-5)
    assert about["validation_losses"]["3"] == pytest.approx(about["figures"]["validation_loss"], abs=1e-5)


def test_small_changes_are_not_rounded_away(base: Path, tmp_path: Path) -> None:
    """They were: to the nearest, the model that was saved was the base."""
    said = trained(tmp_path / "out", base=str(base), lr=2e-6, **HALF)
    about = report(tmp_path / "out")
    saved = about["saved"]
    lost = (saved["saved"] - saved["trained"]) / (saved["before"] - saved["trained"])
    assert lost <= 0.03
    if saved["precision"] == "fp32":
        assert "saved in fp32: 16 bits, like the base's, would lose" in said
    else:
        assert saved["by_chance"]


@pytest.mark.parametrize(("save", "kind"), [("fp32", torch.float32), ("fp16", torch.float16)])
def test_what_was_asked_for_is_saved(base: Path, tmp_path: Path, save: str, kind: torch.dtype) -> None:
    trained(tmp_path / "out", base=str(base), save=save, **HALF)
    assert precision(tmp_path / "out") == {kind}
    assert load(str(tmp_path / "out")).model.dtype == torch.float32  # on a CPU


def test_tiny_is_saved_as_it_was_trained(tmp_path: Path) -> None:
    trained(tmp_path / "out", steps=2, samples=0)
    assert precision(tmp_path / "out") == {torch.float32}
    assert report(tmp_path / "out")["saved"]["cost"] is None


def test_checkpoints_are_models_that_one_can_talk_to(base: Path, tmp_path: Path) -> None:
    trained(tmp_path / "full", base=str(base), checkpoint=2, **HALF)
    trained(tmp_path / "lora", base=str(base), checkpoint=2, **HALF | {"method": "lora"})
    for folder in ("full", "lora"):
        path = tmp_path / folder / "checkpoints"
        loaded = load(str(path / "checkpoint-2"))
        assert loaded.template.name == "own"
        assert loaded.tokenizer.chat_template == load(str(tmp_path / folder)).tokenizer.chat_template
        assert load(str(path / "2")).model.dtype == loaded.model.dtype


def test_a_number_of_steps_is_still_understood() -> None:
    assert load_settings("tiny", {"save": "20"}).checkpoint == 20
    assert load_settings("tiny", {"save": "bf16"}).save == "bf16"
    with pytest.raises(UsageError, match=r"save is 'int4': .*auto, bf16, fp16, fp32"):
        load_settings("tiny", {"save": "int4"})
    with pytest.raises(UsageError, match="save is for method full"):
        load_settings(None, {"base": "x", "save": "bf16"})


def test_the_line_names_gain_and_loss() -> None:
    assert Saved("bf16", True, 2.0, 1.5, 1.505).line() == (
        "saved in bf16, rounded by chance: 1.0% of the gain in loss (2.000 → 1.500) lost by that"
    )
    assert (
        Saved("fp32", False, 2.0, 1.5, 1.5, 1.9)
        .line()
        .startswith("saved in fp32: 16 bits, like the base's, would lose 80% ")
    )
    assert Saved("bf16", False, 1.5, 1.6, 1.7).cost == 0


def test_both_sides_are_learned_if_somebody_wants_that(tmp_path: Path) -> None:
    rows = [
        {"messages": [{"role": "user", "content": f"Say {word}."}, {"role": "assistant", "content": word}]}
        for word in ("red", "green", "blue", "one", "two", "three")
    ]
    (tmp_path / "rows.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    trained(tmp_path / "answers", steps=1, samples=0)
    trained(tmp_path / "all", steps=1, samples=0, learn="all")
    some, every = report(tmp_path / "answers"), report(tmp_path / "all")
    assert every["tokens_an_epoch"] == some["tokens_an_epoch"]
    assert every["learned_an_epoch"] == every["tokens_an_epoch"] - every["rows"]
    assert some["learned_an_epoch"] < every["learned_an_epoch"]
