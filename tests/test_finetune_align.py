"""Pairs of answers: what is learned of them is what the papers say, however the work is cut or interrupted."""

from __future__ import annotations

import json
import math
from pathlib import Path
from random import Random
from shutil import rmtree
from typing import Any

import pytest
import torch
from click.testing import CliRunner
from torch.nn.functional import log_softmax, logsigmoid
from trained import ANSWERS, memorised
from training import interrupted, trained, weights_of

from selfinstruct.cli import main
from selfinstruct.errors import UsageError
from selfinstruct.finetune.align.comparisons import read_answered, read_comparisons
from selfinstruct.finetune.align.marks import load_marks, marks
from selfinstruct.finetune.align.objectives import dpo, orpo, reward
from selfinstruct.finetune.models.open import load
from selfinstruct.finetune.publish.merge import merge
from selfinstruct.finetune.rows.conversations import Conversation, encode
from selfinstruct.finetune.settings import load_settings
from selfinstruct.finetune.train import make, plan_of, read, train
from selfinstruct.simulator.exam import write_exam
from selfinstruct.simulator.pairing import paired
from selfinstruct.simulator.twins import twins_of
from selfinstruct.task import task_to_row

ASKED = [question for question in ANSWERS if question.isascii()]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bases") / "base"
    memorised(folder, 80)
    return folder


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The answers that the base knows, each beside some words of no sense; of uneven lengths."""
    rng, file = Random(5), tmp_path_factory.mktemp("data") / "pairs.jsonl"
    rows = []
    for number in range(24):
        question = ASKED[number % len(ASKED)]
        words = " ".join(rng.choice(("one", "two", "three", "yellow")) for _ in range(rng.randint(1, 9)))
        answer = ANSWERS[question] if number < 16 else f"{ANSWERS[question]} {number}"
        rows.append({"prompt": question, "chosen": answer, "rejected": words})
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return file


def changes(base: Path, pairs: Path, out: Path, **more: Any) -> dict[str, Any]:
    usual = {"batch": 8, "micro_batch": 4, "max_length": 128, "precision": "fp32", "lr": 1e-3, "samples": 0}
    return {"data": str(pairs), "base": str(base), "out": str(out), "method": "dpo", **usual, **more}


def losses_of(out: Path) -> list[float]:
    found: list[float] = json.loads((out / "train.json").read_text())["losses"]
    return found


def log_probability(model: Any, ids: list[int], labels: list[int]) -> float:
    logs = log_softmax(model(input_ids=torch.tensor([ids])).logits[0].float(), -1)
    return sum(float(logs[place - 1, label]) for place, label in enumerate(labels) if label >= 0 and place)


@pytest.mark.parametrize("learn", ["dpo", "orpo"])
def test_the_first_loss_is_the_papers(learn: str, base: Path, pairs: Path, tmp_path: Path) -> None:
    """Of DPO it is log 2, as nothing has moved yet; of ORPO it is computed here answer by answer."""
    train(**changes(base, pairs, tmp_path / "m", method=learn, steps=1))
    (first,) = losses_of(tmp_path / "m")
    if learn == "dpo":
        assert first == pytest.approx(math.log(2), abs=1e-6)
        return
    settings = load_settings(None, changes(base, pairs, tmp_path / "m", method=learn, steps=1))
    made = make(settings, read(settings))
    loaded = load(str(base))
    expected = []
    for item in (item for micro in list(plan_of(made, settings, 1)) for item in micro):
        at, logs = item.lengths[0], list[float]()
        for ids, labels in ((item.ids[:at], item.labels[:at]), (item.ids[at:], item.labels[at:])):
            with torch.no_grad():
                learned = sum(label >= 0 for label in labels)
                logs.append(log_probability(loaded.model, ids, labels) / learned)
        odds = [log - math.log1p(-math.exp(log)) for log in logs]
        expected.append(-logs[0] - 0.1 * float(logsigmoid(torch.tensor(odds[0] - odds[1]))))
    assert first == pytest.approx(sum(expected) / len(expected), abs=1e-4)


@pytest.mark.parametrize("learn", ["orpo", "reward"])
def test_it_is_learned_and_said(learn: str, base: Path, pairs: Path, tmp_path: Path) -> None:
    out = tmp_path / "m"
    train(**changes(base, pairs, out, method=learn, epochs=4, validation=4))
    losses, report = losses_of(out), json.loads((out / "train.json").read_text())
    assert losses[-1] < losses[0]
    assert report["figures"]["told"]["right"] > 0.7
    assert "pairs told right, held out" in (out / "README.md").read_text()


@pytest.mark.parametrize("learn", ["dpo", "reward"])
def test_micro_batches_change_nothing(learn: str, base: Path, pairs: Path, tmp_path: Path) -> None:
    found = []
    for micro in (8, 1):
        train(**changes(base, pairs, tmp_path / f"{micro}", method=learn, steps=3, micro_batch=micro))
        found.append(losses_of(tmp_path / f"{micro}"))
    assert found[0] == pytest.approx(found[1], abs=2e-5)


@pytest.mark.parametrize("average", [False, True])
def test_a_full_training_has_the_same_reference_as_an_adapter(
    average: bool, base: Path, pairs: Path, tmp_path: Path
) -> None:
    """Both begin at log 2, and what they learn is measured against the base, not against themselves."""
    more = {"average": average, "steps": 3, "lr": 1e-4}
    train(**changes(base, pairs, tmp_path / "full", method="full", learn="dpo", **more))
    losses = losses_of(tmp_path / "full")
    assert losses[0] == pytest.approx(math.log(2), abs=1e-6)
    assert losses[2] < losses[0] - 1e-3 * (not average)


def test_killed_and_gone_on_it_ends_with_the_same_weights(base: Path, pairs: Path, tmp_path: Path) -> None:
    given = changes(base, pairs, tmp_path / "m", steps=6, checkpoint=2)
    train(**{**given, "out": str(tmp_path / "whole")})
    assert not (tmp_path / "whole" / "checkpoints" / "reference.safetensors").exists(), "as large as the data, and done"
    more = {name: value for name, value in given.items() if name != "out"}
    interrupted(tmp_path / "m", **more, keep=9)
    for last in (4, 6):
        rmtree(tmp_path / "m" / "checkpoints" / f"checkpoint-{last}")
    assert "goes on after step 2" in trained(tmp_path / "m", **more, keep=9)
    assert weights_of(tmp_path / "m") == weights_of(tmp_path / "whole")


def test_a_reward_model_is_one_of_transformers_and_marks_as_it_learned(base: Path, pairs: Path, tmp_path: Path) -> None:
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    for method in ("full", "lora"):
        train(**changes(base, pairs, tmp_path / method, method=method, learn="reward", epochs=4))
    own: Any = AutoModelForSequenceClassification
    theirs = own.from_pretrained(tmp_path / "full").eval()
    tokenizer: Any = AutoTokenizer.from_pretrained(tmp_path / "full")
    turns = ({"role": "user", "content": ASKED[0]}, {"role": "assistant", "content": ANSWERS[ASKED[0]]})
    text = tokenizer.apply_chat_template(list(turns), tokenize=False)
    ids = tokenizer(text, add_special_tokens=False, return_tensors="pt")
    worse = (turns[0], {"role": "assistant", "content": "one three yellow two"})
    asked = [Conversation("a", turns), Conversation("b", worse), Conversation("c", turns[:1])]
    merge([(str(tmp_path / "lora"), 1.0)], None, str(tmp_path / "merged"))
    for method in ("full", "lora", "merged"):
        found = list(marks(load_marks(str(tmp_path / method)), asked))
        assert found[2] is None, "nobody answers"
        assert found[0] is not None
        assert found[1] is not None
        assert found[0] > found[1]
        if method == "full":
            row = encode(asked[0], load_marks(str(tmp_path / method)).template, tokenizer)
            assert row.ids == ids["input_ids"][0].tolist()
            with torch.no_grad():
                assert found[0] == pytest.approx(float(theirs(**ids).logits), abs=1e-4)
    merged, adapted = (list(marks(load_marks(str(tmp_path / name)), asked))[:2] for name in ("merged", "lora"))
    assert merged == pytest.approx(adapted, abs=1e-4)
    for name in ("lora", "merged"):
        with pytest.raises(UsageError, match="marks answers and writes none"):
            load(str(tmp_path / name))
    alone = [next(marks(load_marks(str(tmp_path / "full")), [one])) for one in asked[:2]]
    assert alone == pytest.approx(list(marks(load_marks(str(tmp_path / "full")), asked))[:2], abs=1e-5)


def test_scoring_from_the_command_line(base: Path, pairs: Path, tmp_path: Path) -> None:
    train(**changes(base, pairs, tmp_path / "marks", method="reward", epochs=4))
    invoke = CliRunner().invoke
    result = invoke(
        main, ["score", str(pairs), "--model", str(tmp_path / "marks"), "--out", str(tmp_path / "out.jsonl")]
    )
    assert result.exit_code == 0, result.output
    assert "of 24 pairs are told right" in result.output
    row = json.loads((tmp_path / "out.jsonl").read_text().splitlines()[0])
    assert row["judged"][0]["score"] > row["judged"][1]["score"]
    (tmp_path / "rows.jsonl").write_text(json.dumps({"instruction": ASKED[0], "output": ANSWERS[ASKED[0]]}) + "\n")
    command = ["score", str(tmp_path / "rows.jsonl"), "--out", str(tmp_path / "o.jsonl"), "--model"]
    assert invoke(main, [*command, str(tmp_path / "marks")]).exit_code == 0
    assert json.loads((tmp_path / "o.jsonl").read_text())["reward"] == pytest.approx(
        row["judged"][0]["score"], abs=1e-5
    )
    for wrong in (base, tmp_path / "nothing"):
        assert invoke(main, [*command, str(wrong), "--force"]).exit_code == 2


def rows_in(path: Path, *rows: dict[str, Any]) -> str:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return str(path)


def test_what_is_no_pair_is_counted(tmp_path: Path) -> None:
    one = {"prompt": "Name a river.", "chosen": "The Loire.", "rejected": "A lake."}
    same = {"prompt": "Name a river.", "chosen": "The Loire.", "rejected": "The  Loire."}
    alone = {"instruction": "Name a river.", "output": "The Seine."}
    data = rows_in(tmp_path / "rows.jsonl", one, same, alone)
    found = read_comparisons(load_settings(None, {"data": data, "method": "dpo", "base": "somewhere"}))
    assert [pair.id for pair in found.trained] == ["rows_0"]
    assert sorted(found.notes.done.values()) == [1, 1]
    data = rows_in(tmp_path / "none.jsonl", alone)
    with pytest.raises(UsageError, match="1 tasks have no better and no worse answer; dpo learns from rows like"):
        read_comparisons(load_settings(None, {"data": data, "method": "dpo", "base": "somewhere"}))


def test_pairs_that_length_alone_tells_are_said_to_be(base: Path, tmp_path: Path) -> None:
    rows = [{"prompt": f"Name {n} rivers.", "chosen": "one two three yellow", "rejected": "one"} for n in range(24)]
    settings = load_settings(None, changes(base, Path(rows_in(tmp_path / "r.jsonl", *rows)), tmp_path / "m"))
    notes = make(settings, read(settings)).findings.notes
    assert "the longer answer is the chosen one in 100% of the pairs: to be longer may be all that is learned" in str(
        notes
    )


def test_lengths_are_balanced_on_request(base: Path, tmp_path: Path) -> None:
    """Of each size of difference as many pairs whose chosen answer is the longer one; the others are counted."""
    long, short = "one two three yellow", "one"
    rows = [
        {"prompt": f"Name {n} rivers.", "chosen": long if n % 4 else short, "rejected": short if n % 4 else long}
        for n in range(24)
    ]
    data = Path(rows_in(tmp_path / "r.jsonl", *rows))
    settings = load_settings(None, changes(base, data, tmp_path / "m", balance="length"))
    findings = make(settings, read(settings)).findings
    assert "before they are balanced: the longer answer is the chosen one in 75% of the pairs" in str(findings.notes)
    assert findings.notes[-1] == "the longer answer is the chosen one in 50% of the pairs"
    assert findings.problems == ["12 rows of a pair whose length would tell it (balance=length): left out"]
    assert len(findings.rows) == 12
    kept = [row.ids for row in findings.rows]
    assert kept == [row.ids for row in make(settings, read(settings)).findings.rows]
    data = Path(rows_in(tmp_path / "s.jsonl", *(row for row in rows if row["chosen"] == long)))
    settings = load_settings(None, changes(base, data, tmp_path / "m", balance="length"))
    with pytest.raises(UsageError, match="balance=length leaves none of 18 pairs: where answers differ by as much"):
        make(settings, read(settings))


def test_twins_are_held_out_together(tmp_path: Path) -> None:
    exam = write_exam("en", 10)
    both = [one for task in exam for one in (task, twins_of(exam).get(task.id)) if one]
    made = paired(both, [{task.id: [task.instances[0].output, "?"] for task in both}])
    data = rows_in(tmp_path / "r.jsonl", *map(task_to_row, made.tasks))
    twins = {task.id for task in both if f"{task.id}-twin" in {one.id for one in both}}
    for learn, read_them in (("dpo", read_comparisons), ("kto", read_answered)):
        settings = load_settings(None, {"data": data, "method": learn, "base": "somewhere", "validation": 0.4})
        held = {one.id.partition("/")[0] for one in read_them(settings).held_out}
        assert held
        assert all((f"{id}-twin" in held) is (id in held) for id in twins)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"base": "tiny"}, "the base 'tiny' knows no answers yet: train it on some first"),
        ({"learn": "dpo", "method": "ptuning"}, "method 'ptuning' is not for pairs of answers: learn dpo with full"),
        ({"packing": "true"}, "packing is for learn answers, all and text, but learn is 'dpo': leave it out"),
        ({"method": "lora", "beta": 5}, "beta is for learn dpo, orpo.* but learn is 'answers': leave it out"),
    ],
)
def test_what_does_not_go_together_is_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        load_settings(None, {"base": "somewhere", "data": "rows.jsonl", "method": "dpo", **given})


def test_objectives_of_equal_answers_and_of_certain_ones() -> None:
    zero = torch.zeros(1)
    assert float(dpo(zero, zero, zero, zero, beta=0.1).loss) == pytest.approx(math.log(2))
    assert float(reward(zero + 2, zero).loss) == pytest.approx(math.log1p(math.exp(-2)))
    sure = orpo(torch.tensor([-1e-9]), torch.tensor([-5.0]), beta=0.1)
    assert torch.isfinite(sure.loss).all()
    assert float(sure.margin) > 0


@pytest.mark.filterwarnings("ignore:.*gradient_checkpointing:FutureWarning")
def test_trl_has_the_same_losses(base: Path, pairs: Path, tmp_path: Path) -> None:
    """Its own tokenising aside: it is given our rows."""
    pytest.importorskip("trl")
    from datasets import Dataset
    from trl import DPOConfig, DPOTrainer  # type: ignore[attr-defined,unused-ignore]

    settings = load_settings(
        None,
        changes(
            base, pairs, tmp_path / "m", method="full", learn="dpo", steps=3, schedule="constant", warmup=0, clip=0
        ),
    )
    train(settings)
    made = make(settings, read(settings))
    rows = []
    for item in (item for micro in list(plan_of(made, settings, 1)) for item in micro):
        at = item.lengths[0]
        begun = next(place for place, label in enumerate(item.labels[:at]) if label >= 0)
        ids = {"prompt_ids": item.ids[:begun], "chosen_ids": item.ids[begun:at], "rejected_ids": item.ids[at + begun :]}
        rows.append(ids)

    class Ours(DPOTrainer):  # type: ignore[misc,unused-ignore]
        def _prepare_dataset(self, dataset: Any, *_: Any, **__: Any) -> Any:
            return dataset

    args = DPOConfig(
        output_dir=str(tmp_path / "trl"),
        max_steps=3,
        per_device_train_batch_size=4,
        gradient_accumulation_steps=2,
        learning_rate=1e-3,
        lr_scheduler_type="constant",
        max_length=None,
        use_cpu=True,
        bf16=False,
        beta=0.1,
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
    assert theirs == pytest.approx(losses_of(tmp_path / "m"), abs=1e-3)
