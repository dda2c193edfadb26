"""KTO: good and bad answers, each for itself; what is learned of them is the paper's, however the work is cut."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from shutil import rmtree
from typing import Any

import pytest
import torch
from trained import ANSWERS, memorised
from training import interrupted, trained, weights_of

from selfinstruct.errors import UsageError
from selfinstruct.finetune.align.comparisons import read_answered
from selfinstruct.finetune.align.objectives import kto
from selfinstruct.finetune.models.open import load
from selfinstruct.finetune.settings import load_settings
from selfinstruct.finetune.train import make, plan_of, read, train

ASKED = [question for question in ANSWERS if question.isascii()]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bases") / "base"
    memorised(folder, 80)
    return folder


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Words of no sense, which are good, and what the base answers, which is not; 14 and 10 of them.

    So answers to other questions become likelier, too, and the point of reference moves.
    """
    rng, file = Random(6), tmp_path_factory.mktemp("data") / "thumbs.jsonl"
    rows = []
    for number in range(24):
        question, good = ASKED[number % len(ASKED)], number < 14
        words = " ".join(rng.choice(("one", "two", "three", "yellow")) for _ in range(rng.randint(2, 9)))
        text = words if good else f"{ANSWERS[question]} {number}"
        rows.append({"prompt": question, "completion": text, "label": good})
    return written(file, *rows)


def written(file: Path, *rows: dict[str, Any]) -> Path:
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return file


def changes(base: Path | str, data: Path, out: Path, **more: Any) -> dict[str, Any]:
    usual = {"batch": 8, "micro_batch": 4, "max_length": 128, "precision": "fp32", "lr": 1e-3, "samples": 0}
    return {"data": str(data), "base": str(base), "out": str(out), "method": "kto", **usual, **more}


def losses_of(out: Path) -> list[float]:
    found: list[float] = json.loads((out / "train.json").read_text())["losses"]
    return found


def test_the_loss_is_the_papers() -> None:
    """Computed here by its equation 8, and the weight of each kind."""
    log, before = torch.tensor([-1.0, -4.0]), torch.tensor([-2.0, -3.0])
    found = kto(log, before, torch.tensor(0.5), torch.tensor([True, False]), beta=0.2, weights=(2.0, 3.0))
    values = [torch.sigmoid(torch.tensor(0.2 * (1.0 - 0.5))), torch.sigmoid(torch.tensor(0.2 * (0.5 + 1.0)))]
    assert found.loss.tolist() == pytest.approx([2 * (1 - float(values[0])), 3 * (1 - float(values[1]))])
    assert (found.margin > 0).all()


@pytest.fixture(scope="module")
def learned(base: Path, answers: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("models") / "m"
    train(**changes(base, answers, out, epochs=6, validation=4, desirable=1.5))
    return out


def test_it_is_learned_and_said(learned: Path) -> None:
    losses, report = losses_of(learned), json.loads((learned / "train.json").read_text())
    assert 0.5 < losses[0] < 0.75, "nothing has moved yet: half of the weights"
    assert losses[-1] < losses[0] - 0.01
    assert report["figures"]["told"]["right"] > 0.7
    assert "answers told right, held out" in (learned / "README.md").read_text()
    assert "weighed 1.8 to 1, where the paper has 1 to 1 up to 4 to 3: --set undesirable=1.83" in str(
        report["figures"]["notes"]
    )


def test_micro_batches_change_nothing(base: Path, answers: Path, tmp_path: Path) -> None:
    """The point of reference is that of the whole step, however many micro-batches it comes in."""
    found = []
    for micro in (8, 1):
        train(**changes(base, answers, tmp_path / f"{micro}", steps=3, lr=2e-2, micro_batch=micro))
        found.append(losses_of(tmp_path / f"{micro}"))
    assert found[0] == pytest.approx(found[1], abs=2e-5)


def test_killed_and_gone_on_it_ends_with_the_same_weights(base: Path, answers: Path, tmp_path: Path) -> None:
    given = changes(base, answers, tmp_path / "m", steps=4, checkpoint=2)
    train(**{**given, "out": str(tmp_path / "whole")})
    more = {name: value for name, value in given.items() if name != "out"}
    interrupted(tmp_path / "m", **more, keep=9)
    rmtree(tmp_path / "m" / "checkpoints" / "checkpoint-4")
    assert "goes on after step 2" in trained(tmp_path / "m", **more, keep=9)
    assert weights_of(tmp_path / "m") == weights_of(tmp_path / "whole")


def test_a_pair_is_a_good_answer_and_a_bad_one(tmp_path: Path) -> None:
    """So are answers that the exam's checkers have marked, and thumbs; an answer that nobody judged is told of."""
    graded = {
        "instruction": "Add 2 and 3.",
        "instances": [{"input": "", "output": "5"}],
        "family": "sums",
        "answer": "6",
        "right": False,
    }
    data = written(
        tmp_path / "rows.jsonl",
        {"prompt": "Name a river.", "chosen": "The Loire.", "rejected": "A lake."},
        graded,
        graded | {"answer": "5", "right": True},
        {"prompt": "Name a lake.", "completion": "Como.", "label": "thumbs up"},
        {"instruction": "Name a sea.", "output": "The North Sea."},
    )
    found = read_answered(load_settings(None, changes("somewhere", data, tmp_path / "m")))
    assert [(one.asked[0]["content"], one.said[0]["content"], one.good) for one in found.trained] == [
        ("Name a river.", "The Loire.", True),
        ("Name a river.", "A lake.", False),
        ("Add 2 and 3.", "6", False),
        ("Add 2 and 3.", "5", True),
        ("Name a lake.", "Como.", True),
    ]
    assert found.notes.done == {"tasks whose answers nobody has judged: left out": 1}


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (
            [("a", True), ("b", True)],
            "all 2 answers are good ones: kto learns from good and bad answers; add some that",
        ),
        ([("a", False)], "all 1 answers are bad ones"),
        ([], "nobody has judged the answers of 1 tasks; kto learns from rows like"),
    ],
)
def test_what_cannot_be_learned_from_is_told_in_one_line(
    rows: list[tuple[str, bool]], said: str, tmp_path: Path
) -> None:
    given: list[dict[str, Any]] = [{"prompt": "Hm?", "completion": text, "label": good} for text, good in rows]
    data = written(tmp_path / "rows.jsonl", *(given or [{"instruction": "Name a sea.", "output": "Baltic."}]))
    with pytest.raises(UsageError, match=said) as caught:
        read_answered(load_settings(None, changes("somewhere", data, tmp_path / "m")))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"base": "tiny"}, "the base 'tiny' knows no answers yet"),
        ({"balance": "length"}, "balance is for learn dpo, orpo and reward, but learn is 'kto'"),
        ({"method": "dpo", "desirable": 2}, "desirable is for learn kto, but learn is 'dpo'"),
        ({"undesirable": 0}, "undesirable is 0.0; it should be from 1e-06 to 1,000"),
    ],
)
def test_what_does_not_go_together_is_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        load_settings(None, {"base": "somewhere", "data": "rows.jsonl", "method": "kto", **given})


def test_rates_are_the_papers() -> None:
    for method, rate in (("full", 5e-7), ("lora", 5e-6)):
        settings = load_settings(None, {"base": "b", "data": "rows.jsonl", "method": method, "learn": "kto"})
        assert (settings.lr, settings.beta, settings.desirable) == (rate, 0.1, 1.0)
    assert settings.dropout == 0


def test_every_answer_stands_beside_one_to_another_question(base: Path, answers: Path, tmp_path: Path) -> None:
    settings = load_settings(None, changes(base, answers, tmp_path / "m"))
    made = make(settings, read(settings))
    said = []
    for item in made.items:
        at = item.lengths[0]
        own, other = ([label for label in some if label >= 0] for some in (item.labels[:at], item.labels[at:]))
        said.append((tuple(own), tuple(other)))
    assert len({own for own, _ in said} & {other for _, other in said}) > len(said) / 2
    assert all(own != other for own, other in said)


@pytest.mark.filterwarnings("ignore:.*gradient_checkpointing:FutureWarning")
def test_trl_has_the_same_losses(base: Path, answers: Path, tmp_path: Path) -> None:
    """Its own tokenising and its own choice of other answers aside: it is given our rows, a step each."""
    pytest.importorskip("trl")
    from datasets import Dataset
    from trl import KTOConfig, KTOTrainer  # type: ignore[attr-defined,unused-ignore]

    plain = {"schedule": "constant", "warmup": 0, "clip": 0, "micro_batch": 8, "lr": 2e-2, "undesirable": 1.4}
    settings = load_settings(None, changes(base, answers, tmp_path / "m", method="full", learn="kto", steps=3, **plain))
    train(settings)
    made = make(settings, read(settings))
    rows = []
    for item in (item for micro in list(plan_of(made, settings, 1)) for item in micro):
        at = item.lengths[0]
        begun = next(place for place, label in enumerate(item.labels) if label >= 0)
        ids = {"prompt_ids": item.ids[:begun], "completion_ids": item.ids[begun:at]}
        rows.append(ids | {"KL_completion_ids": item.ids[at + begun :], "label": item.good})

    class Ours(KTOTrainer):  # type: ignore[misc,unused-ignore]
        def _prepare_dataset(self, dataset: Any, *_: Any, **__: Any) -> Any:
            return dataset

    args = KTOConfig(
        output_dir=str(tmp_path / "trl"),
        max_steps=3,
        per_device_train_batch_size=8,
        learning_rate=2e-2,
        lr_scheduler_type="constant",
        max_length=None,
        use_cpu=True,
        bf16=False,
        beta=0.1,
        undesirable_weight=1.4,
        activation_checkpointing=False,
        train_sampling_strategy="sequential",
        report_to="none",
        save_strategy="no",
        logging_steps=1,
        disable_tqdm=True,
        max_grad_norm=0,
        precompute_ref_log_probs=True,
        weight_decay=0,
        optim="adamw_torch_fused",
    )
    loaded = load(str(base))
    loaded.model.requires_grad_(True)
    trainer = Ours(loaded.model, args=args, train_dataset=Dataset.from_list(rows), processing_class=loaded.tokenizer)
    trainer.train()
    theirs = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
    assert max(entry.get("kl", 0) for entry in trainer.state.log_history) > 0.1, "the point of reference has moved"
    assert theirs == pytest.approx(losses_of(tmp_path / "m"), abs=1e-3)
