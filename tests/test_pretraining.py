"""Text is learned on the loop of answers: with the model's own loss, going on bit for bit, leaving nothing."""

from __future__ import annotations

import json
import shutil
from math import exp
from pathlib import Path
from typing import Any

import pytest
import torch
from click.testing import CliRunner
from training import SMALL, interrupted, trained, weights_of

from selfinstruct.cli import main
from selfinstruct.errors import UsageError
from selfinstruct.finetune.answer.chat import ask_once
from selfinstruct.finetune.loop.loss import collator
from selfinstruct.finetune.loop.loss import losses as losses_of
from selfinstruct.finetune.models.open import load, model_in, tokenizer_in
from selfinstruct.finetune.publish.merge import merge
from selfinstruct.finetune.settings import load_settings
from selfinstruct.finetune.text import sequences as module
from selfinstruct.finetune.train import make, plan_of, read

ANIMALS = ("fox", "owl", "hare", "mole", "wren")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With texts of two kinds, and a small Llama that was trained on the first."""
    made = tmp_path_factory.mktemp("pretraining")
    documents = [f"The {one} saw the {two}.\nThe {two} went away." for one in ANIMALS for two in ANIMALS]
    (made / "animals.jsonl").write_text("".join(f"{json.dumps({'text': one})}\n" for one in documents))
    (made / "numbers.txt").write_text("\n<|endoftext|>\n".join(f"{n} and {n} are {n + n}." for n in range(30)))
    said = trained(made / "base", data=made / "animals.jsonl", validation=3, epochs=2, **LENGTH)
    (made / "said.txt").write_text(said)
    return made


LENGTH = {"max_length": 32, "samples": 1}
BASED = {"max_length": 32, "samples": 0, "steps": 2}


def losses(out: Path) -> list[float]:
    found: list[float] = json.loads((out / "train.json").read_text())["losses"]
    return found


def test_what_is_said_before_and_after(folder: Path) -> None:
    said, report = (folder / "said.txt").read_text(), json.loads((folder / "base" / "train.json").read_text())
    assert "22, and 3 held out" in said
    assert "documents cut and read as one text" in said
    assert "begins with <s> and ends with </s>" in said
    assert "<s>|The" in said.replace("T|he", "The"), "its first sequence is shown"
    figures = report["figures"]
    assert figures["documents"] == 22
    assert figures["learned_an_epoch"] == figures["tokens_an_epoch"] - figures["rows"]
    assert f"step 0: validation loss {figures['validation_loss_before']:.3f}, perplexity" in said
    assert figures["validation_loss"] < figures["validation_loss_before"]
    card = (folder / "base" / "README.md").read_text()
    assert "tags: [pre-trained, selfinstruct]" in card
    assert f"{exp(figures['validation_loss']):,.1f}, before the training" in card
    assert "selfinstruct chat base --template completion" in card
    assert report["settings"]["learn"] == "text"
    assert (report["settings"]["betas"], report["settings"]["lr_end"]) == ([0.9, 0.95], 0.1)
    assert not (folder / "base" / "checkpoints" / "tokens").exists(), "the tokens are gone with the training"
    assert tokenizer_in(folder / "base").chat_template is None, "nothing was taught about turns"


def test_it_goes_on_from_a_text(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ask_once(str(folder / "base"), "The fox", template="completion")
    assert capsys.readouterr().out


def test_the_first_loss_is_the_models_own(folder: Path) -> None:
    """Of all tokens but the first of each sequence, as transformers computes it for a batch without labels of ours."""
    settings = load_settings(
        None,
        {"data": folder / "animals.jsonl", "base": folder / "base", "method": "full", "precision": "fp32", **BASED},
    )
    made = make(settings, read(settings))
    plan = plan_of(made, settings, 1)
    total = count = 0.0
    made.model.eval()
    micro_batches = [plan[number] for number in range(plan.accumulation)]
    for micro in micro_batches:
        for item in micro:
            ids = torch.tensor([item.ids])
            total += float(made.model(input_ids=ids, labels=ids).loss.detach()) * (len(item.ids) - 1)
            count += len(item.ids) - 1
    assert count == plan.counts(0).trained
    collate = collator(made.model, made.tokenizer.pad_token_id, settings, pairs=False)
    found = [float(losses_of(made.model, collate(micro)).double().sum().detach()) for micro in micro_batches]
    assert sum(found) / count == pytest.approx(total / count, rel=1e-5)


def test_it_goes_on_bit_for_bit(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From a checkpoint, with the tokens that were made before it."""
    how = {"data": folder / "animals.jsonl", "save": 2, "steps": 5, "validation": 2, **LENGTH}
    trained(folder / "whole", **how)
    interrupted(folder / "again", **how)
    tokens = folder / "again" / "checkpoints" / "tokens"
    assert (tokens / "tokens.json").is_file()
    shutil.rmtree(folder / "again" / "checkpoints" / "checkpoint-5")
    monkeypatch.setattr(module, "_write", None)
    said = trained(folder / "again", **how)
    assert "goes on after step 4" in said
    assert weights_of(folder / "again") == weights_of(folder / "whole")
    assert losses(folder / "again") == losses(folder / "whole")
    with pytest.raises(UsageError, match="again is another training: data is"):
        trained(folder / "again", **how | {"data": folder / "numbers.txt"})


def test_a_look_leaves_nothing(folder: Path) -> None:
    from rich.console import Console

    from selfinstruct.finetune.train import train

    how: dict[str, Any] = SMALL | LENGTH | {"data": folder / "numbers.txt", "packing": True}
    console = Console(quiet=True)
    assert train(None, dry_run=True, console=console, **how) == Path()
    assert not (folder / "checkpoints").exists()


def test_shares_are_of_what_is_seen(folder: Path) -> None:
    how = {"data": [folder / "animals.jsonl", folder / "numbers.txt"], "shares": [1, 3], "epochs": 1, "validation": 2}
    said = " ".join(trained(folder / "shares", **how, **LENGTH).split())
    settings = load_settings(None, SMALL | LENGTH | how)
    made = make(settings, read(settings))
    assert made.drawn
    assert isinstance(made.items, module.Sequences)
    counts = made.items.counts
    wanted = made.drawn[0]
    assert f"{round(sum(counts) / 4) / wanted:.1%}" in said
    assert f"numbers.txt, {round(sum(counts) * 3 / 4) / counts[1]:.2f} times" in said


def test_lora_with_embeddings_on_a_base_and_merged(folder: Path) -> None:
    """As Chinese-LLaMA's second stage; what is tied stays tied."""
    how = {"data": folder / "numbers.txt", "base": str(folder / "base"), "method": "lora", **BASED}
    trained(folder / "lora", save_modules=["embed_tokens", "lm_head"], packing=True, **how)
    merge([(str(folder / "lora"), 1.0)], None, str(folder / "merged"))
    adapted, whole = load(str(folder / "lora")), load(str(folder / "merged"))
    ids = torch.tensor([adapted.tokenizer("2 and 2")["input_ids"]])
    with torch.no_grad():
        assert torch.allclose(adapted.model(ids).logits, whole.model(ids).logits, atol=1e-4)
    table: Any = whole.model.get_input_embeddings().weight
    head: Any = whole.model.get_output_embeddings().weight
    assert table is head
    of_base: Any = model_in(folder / "base").get_input_embeddings().weight
    assert not torch.equal(table, of_base)


def test_embeddings_alone(folder: Path) -> None:
    how = {"data": folder / "numbers.txt", "base": str(folder / "base"), "method": "embeddings", **BASED}
    trained(folder / "embedded", **how)
    before, after = (dict(model_in(folder / name).named_parameters()) for name in ("base", "embedded"))
    changed = {name for name, value in before.items() if not torch.equal(value, after[name])}
    assert changed == {"model.embed_tokens.weight"}, "and the head, which is the same"


def test_random_weights_of_a_configuration(folder: Path) -> None:
    """Where a folder has no weights, and where somebody says so; with a vocabulary of its own if one is given."""
    bare = folder / "bare"
    bare.mkdir()
    for name in ("config.json", "tokenizer.json", "tokenizer_config.json"):
        shutil.copyfile(folder / "base" / name, bare / name)
    how = {"data": str(folder / "numbers.txt"), "method": "pretrain", "precision": "fp32", **BASED}
    one, two = (
        make(settings, read(settings)).model.state_dict()
        for settings in (
            load_settings(None, {"base": str(bare), **how}),
            load_settings(None, {"base": str(folder / "base"), "scratch": True, **how}),
        )
    )
    assert all(torch.equal(value, two[name]) for name, value in one.items())
    assert not torch.equal(one["model.norm.weight"] * 0, one["lm_head.weight"][0])
    trained(folder / "again from scratch", base=str(bare), **how)
    with pytest.raises(UsageError, match=r"has no .*safetensors"):
        trained(folder / "no", base=str(bare), **how | {"method": "lora"})


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("text", "how", "said"),
    [
        ("", {}, "has no text to learn: 0 documents are empty"),
        ("a b\n", {"validation": 1}, "is too many: of 1 1 are there only once"),
        ('{"instruction": "Add.", "output": "2"}', {}, "the row has instruction, output; export tasks with --to text"),
        ("a b\n", {"base": "t5"}, "the base reads with an encoder"),
        ("a b\n", {"base": "base", "max_length": 64}, "max_length is 64 and the base reads 32 tokens: lower it"),
    ],
)
def test_a_mistake_is_told_before_anything_is_written(
    text: str, how: dict[str, Any], said: str, folder: Path, alone: Path
) -> None:
    from transformers import T5Config, T5ForConditionalGeneration

    (alone / "a.txt").write_text(text)
    how = dict(how)
    if how.get("base") == "t5":
        shutil.copytree(folder / "base", alone / "t5")
        (alone / "t5" / "model.safetensors").unlink()
        size: dict[str, Any] = {
            "d_model": 8,
            "d_kv": 4,
            "d_ff": 8,
            "num_layers": 1,
            "num_heads": 2,
            "vocab_size": 300,
            "decoder_start_token_id": 0,
        }
        T5ForConditionalGeneration(T5Config(**size)).save_pretrained(alone / "t5")
    elif "base" in how:
        how["base"] = str(folder / "base")
    with pytest.raises(UsageError, match=said):
        trained(alone / "out", data=alone / "a.txt", learn="text", **{"method": "full", **LENGTH, **how})
    assert not (alone / "out" / "train.json").exists()


def test_the_command(folder: Path, alone: Path) -> None:
    small = [text for name, value in (SMALL | LENGTH).items() for text in ("--set", f"{name}={value}")]
    command = ["train", str(folder / "numbers.txt"), "--method", "pretrain", *small, "--out", "model", "--dry-run"]
    done = CliRunner().invoke(main, [*command, "--show-mask"])
    assert done.exit_code == 0, done.output
    assert "⟦" in done.stderr
    assert "30, " in done.stderr
    assert list(alone.iterdir()) == []
