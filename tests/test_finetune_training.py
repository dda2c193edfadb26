"""Training: what a step sees, what it learns from, and that settings and data alone decide the result."""

from __future__ import annotations

import json
import resource
import shutil
from collections.abc import Iterator, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import torch
from filelock import FileLock
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from rich.console import Console
from safetensors.torch import load_file, save_file
from training import interrupted, rows_file, settings_for, trained, weights_of
from transformers import LlamaConfig, LlamaForCausalLM, T5Config, T5ForConditionalGeneration

from selfinstruct.errors import RunStopped, UsageError
from selfinstruct.finetune.loop.loss import collator, losses, trainer_of
from selfinstruct.finetune.models.tiny import tiny_tokenizer
from selfinstruct.finetune.rows.batches import Item, Plan, blank, items_of, packed, pair_tensors, tensors
from selfinstruct.finetune.rows.conversations import MASKED, Row
from selfinstruct.finetune.train import make, plan_of, read, train

PAD = 0


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """As in the processes that are compared with; and the machine may have others at work."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def item(length: int, asked: int, seed: int = 0) -> Item:
    ids = torch.randint(3, 60, (length,), generator=torch.Generator().manual_seed(seed)).tolist()
    return items_of([Row("", ids, [MASKED] * asked + ids[asked:])])[0]


def items(count: int = 20) -> list[Item]:
    return [item(4 + 7 * number % 23, 2 + number % 2, number) for number in range(count)]


def llama(attention: str = "sdpa", **more: Any) -> Any:
    torch.manual_seed(0)
    size: dict[str, Any] = {"vocab_size": 60, "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2}
    config = LlamaConfig(**size, num_attention_heads=2, pad_token_id=PAD, use_cache=False, **more)
    config._attn_implementation = attention
    return LlamaForCausalLM(config)


# Which rows a step sees


def test_an_epoch_sees_every_row_once() -> None:
    rows = items(21)
    plan = Plan(rows, batch=8, micro=2, processes=1, seed=0, epochs=2)
    assert (plan.steps, plan.steps_an_epoch, plan.accumulation) == (6, 3, 4)
    for epoch in (0, 3 * plan.accumulation):
        seen = [each for place in range(epoch, epoch + 3 * plan.accumulation) for each in plan[place]]
        assert sorted(each.ids for each in seen if each.trained) == sorted(each.ids for each in rows)
    assert list(plan)[:12] != list(plan)[12:], "in another order"
    assert list(plan) == list(Plan(rows, batch=8, micro=2, processes=1, seed=0, epochs=2))
    assert list(plan) != list(Plan(rows, batch=8, micro=2, processes=1, seed=1, epochs=2))


@pytest.mark.parametrize(("micro", "processes"), [(1, 1), (2, 1), (4, 1), (1, 2), (2, 2), (8, 3)])
def test_a_step_sees_the_same_rows_in_whatever_pieces(micro: int, processes: int) -> None:
    plan = Plan(items(21), batch=8, micro=micro, processes=processes, seed=0, epochs=1)
    whole = Plan(items(21), batch=8, micro=8, processes=1, seed=0, epochs=1)
    assert len(plan) == plan.steps * plan.accumulation * processes
    for step in range(plan.steps):
        pieces = plan._step(step)
        assert all(0 < len(piece) <= micro for piece in pieces)
        seen = [each for piece in pieces for each in piece if each.trained]
        assert seen == [each for piece in whole._step(step) for each in piece]
        assert plan.counts(step)[:2] == whole.counts(step)[:2]


def test_rows_of_like_lengths_share_a_micro_batch() -> None:
    """A third of what rows in any order would be padded, the multiples of 16 included."""
    rows = [item(10 + 37 * number % 190, 2, number) for number in range(128)]
    plan = Plan(rows, batch=64, micro=4, processes=1, seed=0, epochs=1)
    counts = [plan.counts(step) for step in range(plan.steps)]
    padding, real = sum(each.padding for each in counts), sum(each.real for each in counts)
    assert real == sum(len(each.ids) for each in rows)
    fours = [[len(row.ids) for row in rows[start : start + 4]] for start in range(0, len(rows), 4)]
    assert padding < 0.4 * sum(4 * max(four) - sum(four) for four in fours)


def test_steps_and_parts_of_epochs() -> None:
    def steps(**given: Any) -> int:
        return int(Plan(items(20), batch=8, micro=2, processes=1, seed=0, **given).steps)

    assert steps(epochs=1) == 3
    assert steps(epochs=0.5) == 2
    assert steps(epochs=1 / 3) == 1, "not two, for a rounding"
    assert steps(epochs=0.001) == 1
    assert steps(steps=7) == 7
    with pytest.raises(UsageError, match="nothing to train on"):
        Plan([], batch=8, micro=2, processes=1, seed=0)


# What is learned of them


def reference(model: Any, rows: Sequence[Item]) -> torch.Tensor:
    """The losses of learned tokens, row by row, from all logits and one at a time."""
    found = []
    for row in rows:
        logits = model(input_ids=torch.tensor([row.ids])).logits[0].log_softmax(-1)
        found += [-logits[place - 1, row.labels[place]] for place in range(1, len(row.ids)) if row.labels[place] >= 0]
    return torch.stack(found)


@pytest.mark.parametrize("attention", ["sdpa", "eager"])
def test_packed_rows_and_padded_rows_have_the_losses_of_separate_ones(attention: str) -> None:
    """Per token, to 2e-6: sums of other shapes are rounded otherwise, in the seventh digit."""
    model, rows = llama(attention).eval(), items(12)
    packs = packed(rows, 48)
    assert len(packs) < len(rows)
    assert any(len(pack.lengths) > 2 for pack in packs)
    assert sorted(length for pack in packs for length in pack.lengths) == sorted(len(row.ids) for row in rows)
    wanted = reference(model, rows)
    together = losses(model, tensors(rows, PAD))
    torch.testing.assert_close(together, wanted, atol=2e-6, rtol=0)
    by_length = {length: [row for row in rows if len(row.ids) == length] for length in {len(r.ids) for r in rows}}
    in_packs = losses(model, tensors(packs, PAD))
    order = [by_length[length].pop(0) for pack in packs for length in pack.lengths]
    torch.testing.assert_close(in_packs, reference(model, order), atol=2e-6, rtol=0)


def test_a_leak_would_be_seen() -> None:
    """With an all-ones mask, which one might add, documents see those before them."""
    model, packs = llama().eval(), packed(items(12), 48)
    batch = tensors(packs, PAD)
    assert "attention_mask" not in batch
    leaking = losses(model, batch | {"attention_mask": torch.ones_like(batch["input_ids"])})
    assert (leaking - losses(model, batch)).abs().max() > 1e-3


def test_only_answers_are_learned() -> None:
    """What a prompt's labels are makes no difference to any gradient, and what an answer's are does."""
    rows = items(4)
    model = llama()

    def gradient(batch: dict[str, torch.Tensor]) -> torch.Tensor:
        model.zero_grad()
        total: Any = losses(model, batch).sum()
        total.backward()
        return torch.cat([weight.grad.flatten() for weight in model.parameters() if weight.grad is not None])

    batch = tensors(rows, PAD)
    assert len(batch["learned"]) == sum(row.trained for row in rows)
    mine = gradient(batch)
    model.zero_grad()
    model(input_ids=batch["input_ids"], labels=batch["labels"], num_items_in_batch=torch.tensor(1)).loss.backward()
    theirs = torch.cat([weight.grad.flatten() for weight in model.parameters() if weight.grad is not None])
    torch.testing.assert_close(mine, theirs, atol=1e-4, rtol=1e-4)
    nothing = tensors([blank(row) for row in rows], PAD)
    assert gradient(nothing).abs().max() == 0


def test_the_loss_of_an_encoder_decoder() -> None:
    torch.manual_seed(0)
    size: dict[str, Any] = {"vocab_size": 60, "d_model": 32, "d_kv": 16, "d_ff": 64, "num_layers": 2, "num_heads": 2}
    size["decoder_start_token_id"] = PAD
    model: Any = T5ForConditionalGeneration(T5Config(**size))
    model.eval()
    rows = items_of(
        [Row("", [5, 6, 7, 8][:n], [9, 10, 11, 1][-n:]) for n in (2, 4, 3)],
        pairs=True,
    )
    batch = pair_tensors(rows, PAD, PAD)
    wanted = model(
        input_ids=batch["input_ids"], attention_mask=batch["attention_mask"], labels=batch["labels"]
    ).loss  # shifts them itself
    torch.testing.assert_close(losses(model, batch).mean(), wanted)


def stepped(rows: Sequence[Item], *, batch: int, micro: int, folder: Path) -> tuple[list[float], torch.Tensor]:
    """The losses of three steps, and the weights after them."""
    settings = settings_for(folder / "out", {"batch": batch, "micro_batch": micro, "lr": 1e-2})
    model = llama()
    plan = Plan(rows, batch=batch, micro=micro, processes=1, seed=0, steps=3)
    collate = collator(model, PAD, settings, pairs=False)
    trainer = trainer_of(model, plan, collate, settings, folder / str(micro), [])
    trainer.train()
    seen = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
    return seen, torch.cat([weight.detach().flatten() for weight in model.parameters()])


def test_one_batch_of_4_is_4_of_1(tmp_path: Path) -> None:
    """Rows of 4 to 26 tokens, of which 2 to 24 are learned: means of means would be far off."""
    whole, weights = stepped(items(), batch=4, micro=4, folder=tmp_path)
    pieces, others = stepped(items(), batch=4, micro=1, folder=tmp_path)
    assert pieces == pytest.approx(whole, abs=1e-5)
    torch.testing.assert_close(others, weights, atol=1e-4, rtol=0)


def rates(folder: Path, **changes: Any) -> list[float]:
    """The learning rates of all steps, as a share of the highest."""
    settings = settings_for(folder / "out", {"batch": 4, "micro_batch": 4, "lr": 1e-2, **changes})
    plan = Plan(items(), batch=4, micro=4, processes=1, seed=0, steps=settings.steps)
    trainer = trainer_of(llama(), plan, collator(llama(), PAD, settings, pairs=False), settings, folder / "steps", [])
    trainer.train()
    return [entry["learning_rate"] / 1e-2 for entry in trainer.state.log_history if "learning_rate" in entry]


def test_the_first_step_learns_and_the_highest_rate_follows_the_warm_up(tmp_path: Path) -> None:
    assert rates(tmp_path, steps=1) == [pytest.approx(1 / 2)]
    linear = rates(tmp_path, steps=8, warmup=0.375, schedule="linear")
    assert linear == pytest.approx([1 / 4, 2 / 4, 3 / 4, 1, 4 / 5, 3 / 5, 2 / 5, 1 / 5])
    assert rates(tmp_path, steps=4, warmup=0.5, schedule="constant") == pytest.approx([1 / 3, 2 / 3, 1, 1])
    assert rates(tmp_path, steps=4, warmup=0, schedule="linear") == pytest.approx([1, 3 / 4, 2 / 4, 1 / 4])
    cosine = rates(tmp_path, steps=3, warmup=0.3, schedule="cosine", lr_end=0.1)
    assert cosine == pytest.approx([1 / 2, 1, 0.55])


# From settings to a folder


def test_a_tiny_model_learns_8_rows_and_stops_by_itself(tmp_path: Path) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    rows_file(tmp_path / "rows.jsonl", 8)
    out = tmp_path / "model"
    said = trained(out, width=64, lr=3e-3, steps=120, batch=8, micro_batch=8, evaluate=60, validation=0, samples=8)
    assert "rows        8 of 8" in said
    assert "tokens/s (" in said
    assert "MFU unknown for this device" in said
    rows = [json.loads(line) for line in (tmp_path / "rows.jsonl").read_text().splitlines()]
    assert said.count(f"  → {rows[1]['output']}\n") >= 1, "sampled answers are shown"
    names = {path.name for path in out.iterdir() if not path.name.startswith(".")}
    assert names == {
        *("README.md", "train.json", "loss.png", "checkpoints", "model.safetensors", "config.json"),
        *("generation_config.json", "tokenizer.json", "tokenizer_config.json", "chat_template.jinja"),
    }
    kept = {path.name for path in (out / "checkpoints" / "checkpoint-120").iterdir()}
    assert kept == {
        *("model.safetensors", "config.json", "generation_config.json", "trainer_state.json", "complete.json"),
        *("tokenizer.json", "tokenizer_config.json", "chat_template.jinja"),  # so that one can talk to it
    }
    # As anyone would use it: nothing of ours.
    model: Any = AutoModelForCausalLM.from_pretrained(out)
    tokenizer: Any = AutoTokenizer.from_pretrained(out)
    assert model.generation_config.eos_token_id == [tokenizer.eos_token_id]
    for row in rows:
        turn = {"role": "user", "content": row["instruction"], "input": row["input"]}
        prompt = tokenizer.apply_chat_template([turn], add_generation_prompt=True, return_tensors="pt")["input_ids"]
        answer = model.generate(prompt, max_new_tokens=60, do_sample=False)[0, prompt.shape[1] :].tolist()
        assert tokenizer.decode(answer[:-1]).strip() == row["output"]
        assert answer[-1] == tokenizer.eos_token_id
    report = json.loads((out / "train.json").read_text())
    assert report["figures"]["loss"] < 0.1
    assert report["figures"]["tokens"] > report["figures"]["learned_per_second"] * report["figures"]["seconds"]
    assert "is trained already" in trained(out, width=64, lr=3e-3, steps=120, batch=8, micro_batch=8)
    with pytest.raises(UsageError, match=r"is another training: lr is 0.003 there and 0.001 here\. Choose another"):
        trained(out, width=64, lr=1e-3, steps=120, batch=8, micro_batch=8)


def test_the_same_settings_give_the_same_weights_and_another_seed_others(tmp_path: Path) -> None:
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        trained(tmp_path / name, steps=3, seed=seed, precision="auto", packing="true", checkpointing="true")
    assert weights_of(tmp_path / "a") == weights_of(tmp_path / "b") != weights_of(tmp_path / "c")


@hypothesis_settings(max_examples=100, deadline=None)
@given(lengths=st.lists(st.integers(1, 40), min_size=1, max_size=60))
def test_packed_is_every_row_once_in_few_sequences(lengths: list[int]) -> None:
    """Each as a whole, in the order of its tokens; no more sequences than best fit decreasing is proved to need."""
    items = [Item([number] * length, [number] * length, (length,)) for number, length in enumerate(lengths)]
    found = packed(items, 40)
    again = []
    for sequence in found:
        assert len(sequence.ids) == len(sequence.labels) == sum(sequence.lengths) <= 40
        places = [sum(sequence.lengths[:place]) for place in range(len(sequence.lengths))]
        again += [(sequence.ids[at], length) for at, length in zip(places, sequence.lengths, strict=True)]
        assert sequence.labels == [number for number, length in again[-len(places) :] for _ in range(length)]
    assert sorted(again) == list(enumerate(lengths))
    fewest = -(-sum(lengths) // 40)
    assert fewest <= len(found) <= len(lengths)
    assert sum(1 for sequence in found if len(sequence.ids) <= 20) <= 1, "two half empty ones would be one"
    assert packed(items, 40) == found


def test_packing_changes_little_but_the_number_of_sequences(tmp_path: Path) -> None:
    settings = settings_for(tmp_path / "out", {"packing": True})
    made = make(settings, read(settings))
    plan = plan_of(made, settings, 1)
    rows = [sum(len(each.lengths) for piece in plan._step(step) for each in piece) for step in range(plan.steps)]
    assert 5 <= sum(rows) / len(rows) <= 12, "about the 8 rows of an unpacked step"
    assert sum(rows[: plan.steps_an_epoch]) == len(made.findings.rows)


def test_a_dry_run_writes_nothing_and_shows_a_row(tmp_path: Path) -> None:
    said = StringIO()
    settings = settings_for(tmp_path / "model", {})
    train(settings, dry_run=True, show_mask=True, console=Console(file=said, width=200))
    assert not (tmp_path / "model").exists()
    assert "steps       15 of 8 rows, 3.0 epochs" in said.getvalue()
    assert "</s>⟧" in said.getvalue()


@pytest.mark.parametrize("base", ["llama", "t5"])
def test_a_row_shown_cannot_steer_a_terminal(base: str, bases: Path, tmp_path: Path) -> None:
    row = {"instruction": "Say \x1b[2J it.", "input": "", "output": "\x1b]0;title\x07 \x9b31m"}
    (tmp_path / "rows.jsonl").write_text(f"{json.dumps(row)}\n")
    said = StringIO()
    settings = settings_for(tmp_path / "model", {"base": str(bases / base)})
    train(settings, dry_run=True, show_mask=True, console=Console(file=said, width=200))
    assert not any(mark in said.getvalue() for mark in "\x1b\x07\x9b")
    assert r"\x1b[2J" in said.getvalue()
    assert r"\x1b]0;title\x07 \x9b31m" in said.getvalue()


# Other methods and models


@pytest.fixture(scope="module")
def bases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Llama and a T5 in folders, with random weights."""
    folder = tmp_path_factory.mktemp("bases")
    tokenizer = tiny_tokenizer(["Repeat list", "red green blue one two"] * 4, 300)
    pad = tokenizer.pad_token_id
    size: dict[str, Any] = {"vocab_size": len(tokenizer), "pad_token_id": pad, "eos_token_id": tokenizer.eos_token_id}
    torch.manual_seed(0)
    whole: dict[str, Any] = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 3}
    LlamaForCausalLM(LlamaConfig(**size, **whole, num_attention_heads=2)).save_pretrained(folder / "llama")
    narrow: dict[str, Any] = {"d_model": 32, "d_kv": 16, "d_ff": 64, "num_layers": 2, "num_heads": 2}
    narrow["decoder_start_token_id"] = pad
    T5ForConditionalGeneration(T5Config(**size, **narrow)).save_pretrained(folder / "t5")
    for name in ("llama", "t5"):
        tokenizer.save_pretrained(folder / name)
    return folder


@pytest.mark.parametrize(
    ("base", "method"),
    [
        ("llama", "lora"),
        ("llama", "qlora"),
        ("llama", "adapter"),
        ("llama", "ptuning"),
        ("t5", "full"),
        pytest.param("t5", "lora", marks=pytest.mark.slow),
    ],
)
def test_every_method_learns_and_is_saved_whole(base: str, method: str, bases: Path, tmp_path: Path) -> None:
    """Resumed from its last checkpoint, it has the same weights again; those saved are the ones trained, none empty."""
    out = tmp_path / "model"
    given = {"base": str(bases / base), "method": method, "lr": 1e-2, "steps": 4, "save": 2, "samples": 1}
    said = trained(out, **given)
    report = json.loads((out / "train.json").read_text())
    assert sum(report["losses"][-2:]) < sum(report["losses"][:2]), "it learns"
    assert "  → " in said
    weights = load_file(next(out.glob("*.safetensors")))
    assert weights
    if method != "full":
        assert {path.name for path in out.iterdir()} >= {"adapter_config.json", "adapter_model.safetensors"}
        saved = sum(weight.numel() for weight in weights.values())
        assert saved == report["figures"]["trained_parameters"]
        assert all(weight.abs().max() > 0 for name, weight in weights.items() if weight.numel() > 1)
    interrupted(tmp_path / "again", **given)
    shutil.rmtree(tmp_path / "again" / "checkpoints" / "checkpoint-4")
    assert "goes on after step 2" in trained(tmp_path / "again", **given)
    assert weights_of(tmp_path / "again") == weights_of(out)


def test_a_base_in_16_bits_gives_a_model_in_16_bits(bases: Path, tmp_path: Path) -> None:
    shutil.copytree(bases / "llama", tmp_path / "base")
    LlamaForCausalLM.from_pretrained(bases / "llama", dtype=torch.bfloat16).save_pretrained(tmp_path / "base")
    trained(tmp_path / "model", base=str(tmp_path / "base"), method="full", steps=2)
    assert {each.dtype for each in load_file(tmp_path / "model" / "model.safetensors").values()} == {torch.bfloat16}
    kept = load_file(tmp_path / "model" / "checkpoints" / "checkpoint-2" / "model.safetensors")
    assert {each.dtype for each in kept.values()} == {torch.float32}


@pytest.mark.parametrize(("base", "method"), [("llama", "ptuning"), ("t5", "full")])
def test_packing_is_refused_where_rows_would_see_each_other(
    base: str, method: str, bases: Path, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="packing is not for"):
        trained(tmp_path / "model", base=str(bases / base), method=method, packing="true")


# What goes wrong


def test_a_full_disk_is_one_line_and_resumable(tmp_path: Path) -> None:
    """Files may not grow beyond a limit: first only the optimiser's state is larger, then the weights are, too."""
    given = {"steps": 4, "save": 2, "width": 64}
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    for limit in (500_000, 100_000):
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
        try:
            with pytest.raises(RunStopped, match=r"^cannot write to .*; mend that and run again: it goes on$") as told:
                trained(tmp_path / "model", **given)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert "\n" not in str(told.value)
    said = trained(tmp_path / "model", **given)
    assert "is ignored: it was not written to its end" in said
    trained(tmp_path / "whole", **given)
    assert weights_of(tmp_path / "model") == weights_of(tmp_path / "whole")


def test_a_loss_that_is_no_number_stops(bases: Path, tmp_path: Path) -> None:
    shutil.copytree(bases / "llama", tmp_path / "base")
    weights = load_file(tmp_path / "base" / "model.safetensors")
    weights["model.norm.weight"][0] = float("inf")
    save_file(weights, tmp_path / "base" / "model.safetensors", {"format": "pt"})
    with pytest.raises(RunStopped, match="the loss of step 1 is no number: lower the learning rate"):
        trained(tmp_path / "model", base=str(tmp_path / "base"), method="full", samples=0)
    assert not list((tmp_path / "model" / "checkpoints").iterdir()), "it is not saved"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"data": "nowhere.jsonl"}, "no such file: nowhere.jsonl"),
        ({"data": ""}, "nothing to train on: give --data"),
        ({"max_length": 8}, "--max-length [0-9]+ fits 99 %"),
        ({"validation": 4000}, "validation=4,000 is too many"),
    ],
)
def test_mistakes_are_told_before_anything_is_written(changes: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=message):
        trained(tmp_path / "model", **changes)
    assert not (tmp_path / "model").exists()


def test_no_folder_is_given(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="where should the model go"):
        train(settings_for(tmp_path / "model", {"out": ""}))


def test_empty_data(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").touch()
    with pytest.raises(UsageError, match="is empty"):
        trained(tmp_path / "model")


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    out = tmp_path / "model"
    out.mkdir()
    (out / "thesis.txt").touch()
    with pytest.raises(UsageError, match="holds other files"):
        trained(out)
    with pytest.raises(UsageError, match="is a file, not a folder"):
        trained(out / "thesis.txt")


def _nothing_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("read", "make"):
        monkeypatch.setattr(f"selfinstruct.finetune.train.{name}", lambda *_: pytest.fail("the data or base is read"))


@pytest.mark.parametrize("name", ["rows.jsonl/sub", "/proc/nope/x", "/dev/null/x", "x" * 300, "new/deep/" + "x" * 300])
def test_a_folder_that_cannot_be_is_told_first(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows_file(tmp_path / "rows.jsonl")
    settings = settings_for(tmp_path / "model", {"out": str(tmp_path / name)})
    _nothing_is_read(monkeypatch)
    with pytest.raises(UsageError, match=r"^cannot use .*: .*; choose another --out$") as told:
        train(settings)
    assert "\n" not in str(told.value)
    assert [path.name for path in tmp_path.iterdir()] == ["rows.jsonl"]


def test_one_training_at_a_time_in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "model"
    out.mkdir()
    with FileLock(out / ".lock"):
        train(settings_for(out, {}), dry_run=True, console=Console(quiet=True))
        _nothing_is_read(monkeypatch)
        with pytest.raises(UsageError, match="is in use by another process"):
            trained(out)
        assert (out / ".lock").exists()


def test_folders_that_a_mistake_leaves_empty_go_again(tmp_path: Path) -> None:
    rows_file(tmp_path / "rows.jsonl")
    (tmp_path / "there").mkdir()
    for out in (tmp_path / "new" / "deep" / "model", tmp_path / "there"):
        with pytest.raises(UsageError, match="there is no folder"):
            train(settings_for(tmp_path / "model", {"out": str(out), "base": str(tmp_path / "nowhere")}))
    assert not (tmp_path / "new").exists()
    assert list((tmp_path / "there").iterdir()) == [], "what was there stays, without a lock"


def test_rows_longer_than_the_base_reads(bases: Path, tmp_path: Path) -> None:
    base = tmp_path / "base"
    shutil.copytree(bases / "llama", base)
    config = json.loads((base / "config.json").read_text())
    (base / "config.json").write_text(json.dumps(config | {"max_position_embeddings": 48}))
    with pytest.raises(UsageError, match=r"the longest row has \d+ tokens and the base reads 48: --set max_length=48"):
        trained(tmp_path / "model", base=str(base), method="lora")
