"""Answers that are paid: what is learned is what the papers say, however the work is cut or interrupted; and what a
reward pays that nobody meant stops the training.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from shutil import rmtree
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from click.testing import CliRunner
from trained import ANSWERS, memorised, saved
from training import interrupted, trained, weights_of

from selfinstruct.cli import main
from selfinstruct.errors import RunStopped, UsageError
from selfinstruct.finetune.align.advantages import (
    distances,
    group_losses,
    leave_one_out,
    of_group,
    sequence_losses,
    sums_of,
)
from selfinstruct.finetune.align.drawing import draw, seed_of
from selfinstruct.finetune.align.examining import alike
from selfinstruct.finetune.align.prompted import read_questions
from selfinstruct.finetune.align.stopping import reason_to_stop
from selfinstruct.finetune.answer.sampling import Sampling, question
from selfinstruct.finetune.models.open import load
from selfinstruct.finetune.models.tiny import tiny_model, tiny_tokenizer
from selfinstruct.finetune.rows.templates import find_template
from selfinstruct.finetune.settings import Settings, load_settings
from selfinstruct.finetune.train import train
from selfinstruct.simulator.exam import write_exam
from selfinstruct.task import task_to_row

SHIPPED = Path(__file__).parent.parent / "finetune" / "accelerate"
ASKED = [question for question in ANSWERS if question.isascii()]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bases") / "base"
    memorised(folder, 80)
    return folder


@pytest.fixture(scope="module")
def questions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows = [{"instruction": one, "output": ANSWERS[one]} for one in ASKED]
    return rows_in(tmp_path_factory.mktemp("data") / "rows.jsonl", rows)


@pytest.fixture(scope="module")
def exam(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Short tasks, which the base can read."""
    tasks = [task for task in write_exam("en", 150) if len(task.instruction) + len(task.instances[0].input) < 60]
    return rows_in(tmp_path_factory.mktemp("data") / "exam.jsonl", [task_to_row(task) for task in tasks])


def rows_in(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path


def changes(base: Path, data: Path, out: Path, **more: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {"batch": 8, "micro_batch": 4, "samples_each": 4, "max_length": 128, "answer_tokens": 12}
    usual |= {
        "samples": 1,
        "precision": "fp32",
        "lr": 3e-3,
        "method": "grpo",
        "temperature": 2.0,
        "examined": 4,
        "evaluate": 99,
    }
    usual |= {"checkpoint": 100}
    return {
        "data": str(data),
        "base": str(base),
        "out": str(out),
        "reward": "python:rewards.by_letters",
        **usual,
        **more,
    }


def report_of(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "train.json").read_text())
    return found


# What is learned


def test_advantages_are_the_papers() -> None:
    rewards = torch.tensor([[1.0, 0.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0]])
    assert leave_one_out(rewards).tolist()[0] == pytest.approx([1.0, -1 / 3, -1 / 3, -1 / 3])
    assert of_group(rewards).tolist()[0] == pytest.approx([1.5, -0.5, -0.5, -0.5], abs=1e-3)
    assert of_group(rewards, unbiased=True).tolist()[0] == pytest.approx([0.75, -0.25, -0.25, -0.25])
    for found in (leave_one_out(rewards), of_group(rewards)):
        assert found.tolist()[1] == [0.0] * 4, "paid the same, nothing is learned"


def test_the_distance_is_that_of_the_distributions() -> None:
    """On average over what the model draws, and never below 0."""
    torch.manual_seed(0)
    now, then = torch.randn(50).log_softmax(0), torch.randn(50).log_softmax(0)
    exact = float((now.exp() * (now - then)).sum())
    assert float((now.exp() * distances(now, then)).sum()) == pytest.approx(exact, abs=1e-5)
    assert bool((distances(now, then) >= 0).all())


@pytest.mark.parametrize("kind", ["grpo", "dr_grpo", "rloo"])
@pytest.mark.filterwarnings("ignore")
def test_trl_has_the_same_losses(kind: str) -> None:
    """Its own formula, of the same log-probabilities, advantages and lengths."""
    pytest.importorskip("trl")
    from trl.trainer.grpo_trainer import GRPOTrainer
    from trl.trainer.rloo_trainer import RLOOTrainer

    torch.manual_seed(1)
    counts = torch.tensor([3, 5, 1, 4])
    mask = (torch.arange(5)[None] < counts[:, None]).int()
    logs, drawn, far = (-torch.rand(4, 5), -torch.rand(4, 5), -torch.rand(4, 5))
    advantages = torch.tensor([1.2, -0.3, 0.4, -1.3])
    metrics: Any = SimpleNamespace(append=lambda value: None)
    settings: dict[str, Any] = {"epsilon_low": 0.2, "epsilon_high": 0.2, "beta": 0.04, "loss_type": kind}
    settings |= {"aux_loss_enabled": False, "top_entropy_quantile": 1.0, "off_policy_mask_threshold": None}
    settings |= {"importance_sampling_level": "token", "max_completion_length": 12, "use_vllm": False, "tools": None}
    settings |= {"entropy_coef": 0.0, "_entropy_bonus_enabled": False, "current_gradient_accumulation_steps": 1}
    accelerator = SimpleNamespace(
        gather=lambda value: value, reduce=lambda value, reduction: value, gather_for_metrics=lambda value: value
    )
    args = SimpleNamespace(delta=None, use_bias_correction_kl=False)

    class Told(dict):  # type: ignore[type-arg]
        def __missing__(self, name: str) -> Any:
            return metrics

    theirs = SimpleNamespace(
        **settings,
        args=args,
        accelerator=accelerator,
        model=SimpleNamespace(training=True),
        _metrics={"train": Told()},
        _get_per_token_logps_and_entropies=lambda *a, **k: (logs, torch.zeros(4, 5), None),
    )
    inputs = {
        "prompt_ids": torch.zeros(4, 2, dtype=torch.long),
        "prompt_mask": torch.ones(4, 2, dtype=torch.int),
        "completion_ids": torch.zeros(4, 5, dtype=torch.long),
        "completion_mask": mask,
        "advantages": advantages,
        "old_per_token_logps": drawn,
        "ref_per_token_logps": far,
        "old_logps": (drawn * mask).sum(1),
        "num_items_in_batch": mask.sum(),
    }
    of: Any = RLOOTrainer if kind == "rloo" else GRPOTrainer
    expected = float(of._compute_loss(theirs, None, inputs))
    flat = [one[mask.bool()] for one in (logs, drawn, far)]
    if kind == "rloo":
        found = sequence_losses(flat[0], flat[1], advantages, counts, clip=0.2)
    else:
        longest = 12 if kind == "dr_grpo" else 0
        now, then, base = flat
        found = group_losses(now, then, base, advantages, counts, clip=0.2, beta=0.04, longest=longest)
    assert float(found.mean()) == pytest.approx(expected, abs=1e-6)
    assert sums_of(flat[0], counts).tolist() == pytest.approx((logs * mask).sum(1).tolist())


def test_an_answer_is_drawn_from_its_own_numbers(base: Path) -> None:
    """Alone, among others and in any place it is the same."""
    loaded = load(str(base))
    rules = Sampling(max_tokens=10)
    made = [question(*loaded, ({"role": "user", "content": one},), rules) for one in ASKED]
    seeds = [seed_of(f"0/0/{place}/0") for place in range(len(made))]
    together = [one.tokens for one in draw(loaded.model, made, seeds, 2.0)]
    alone = [draw(loaded.model, [one], [seed], 2.0)[0].tokens for one, seed in zip(made, seeds, strict=True)]
    assert together == alone
    assert together != [one.tokens for one in draw(loaded.model, made, [seed_of("other")] * len(made), 2.0)]


def test_what_is_paid_more_becomes_likelier_however_it_is_cut(base: Path, questions: Path, tmp_path: Path) -> None:
    more = {"beta": 0.001, "batch": 16, "lr": 1e-2, "temperature": 1.5, "reward": "python:rewards.by_shortness"}
    train(**changes(base, questions, tmp_path / "m", **more, steps=6, micro_batch=16))
    found = report_of(tmp_path / "m")["figures"]["rewarded"]["reward"]
    assert sum(found[-2:]) > 1.3 * sum(found[:2])
    train(**changes(base, questions, tmp_path / "n", **more, steps=2, micro_batch=1))
    assert report_of(tmp_path / "n")["figures"]["rewarded"]["reward"] == found[:2]
    assert report_of(tmp_path / "n")["losses"] == pytest.approx(report_of(tmp_path / "m")["losses"][:2], abs=2e-5)


@pytest.mark.slow
def test_two_processes_learn_what_one_learns(base: Path, questions: Path, tmp_path: Path) -> None:
    """DDP over gloo; three questions a step, so that they do not divide evenly."""
    more = {"method": "rloo", "batch": 12, "steps": 4, "temperature": 1.5, "lr": 1e-2}
    given = changes(base, questions, tmp_path / "one", **more, reward="python:rewards.by_shortness")
    train(**given)
    given |= {"out": str(tmp_path / "two")}
    code = f"from selfinstruct.finetune.train import train; train(**{given!r})"
    (tmp_path / "run.py").write_text(code)
    command = [sys.executable, "-m", "accelerate.commands.launch", "--config_file", str(SHIPPED / "ddp.yaml")]
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        command += ["--main_process_port", str(server.getsockname()[1])]
    environment = os.environ | {"ACCELERATE_USE_CPU": "true", "PYTHONPATH": str(Path(__file__).parent)}
    done = subprocess.run(
        [*command, str(tmp_path / "run.py")], capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr
    one, two = (report_of(tmp_path / name)["figures"] for name in ("one", "two"))
    assert two["devices"] == 2
    for name in ("reward", "kl", "length"):
        assert two["rewarded"][name] == pytest.approx(one["rewarded"][name], abs=2e-3)


def test_killed_and_gone_on_it_ends_with_the_same_weights(base: Path, questions: Path, tmp_path: Path) -> None:
    """All weights by RLOO, two updates on each draw."""
    more = {"method": "full", "learn": "rloo", "lr": 1e-3, "updates": 2, "beta": 0.05}
    given = changes(base, questions, tmp_path / "m", **more) | {"steps": 4, "checkpoint": 2, "evaluate": 2}
    train(**{**given, "out": str(tmp_path / "whole")})
    rest = {name: value for name, value in given.items() if name != "out"}
    interrupted(tmp_path / "m", **rest, keep=9)
    rmtree(tmp_path / "m" / "checkpoints" / "checkpoint-4")
    assert "goes on after step 2" in trained(tmp_path / "m", **rest, keep=9)
    assert weights_of(tmp_path / "m") == weights_of(tmp_path / "whole")
    assert not (tmp_path / "m" / "checkpoints" / "best.safetensors").exists()
    (mine, whole) = (report_of(tmp_path / name)["figures"]["rewarded"] for name in ("m", "whole"))
    assert mine == whole
    assert mine["reward"][0] == mine["reward"][1] != mine["reward"][2], "drawn once for two updates"
    assert mine["kl"][0] == pytest.approx(0, abs=1e-6), "the base is where it begins"
    assert mine["kl"][-1] > 1e-4


# Exams


def test_an_exam_is_parted_into_what_is_trained_on_and_what_is_looked_at(exam: Path, base: Path) -> None:
    settings = load_settings(None, changes(base, exam, Path("m"), reward="exam", examined=20, validation=5))
    found = read_questions(settings)
    families = [{one.family for one in some} for some in (found.trained, found.held_out, found.unseen)]
    assert not families[2] & (families[0] | families[1])
    assert len(families[2]) == round(0.1 * len(families[0] | families[1] | families[2]))
    assert len(found.held_out) == 5
    asked = {one.id: one for one in found.trained}
    said = {(one.task.instruction, one.task.instances[0].input) for one in found.trained}
    for id, twin in found.twins.items():
        assert asked[id].family == twin.family
        assert (twin.task.instruction, twin.task.instances[0].input) not in said
    assert read_questions(settings) == found


def test_tasks_without_a_rule_are_counted(exam: Path, base: Path, tmp_path: Path) -> None:
    rows = [json.loads(line) for line in exam.read_text().splitlines()][:6]
    free = [{"instruction": f"Write a poem about the number {n}.", "output": "A poem."} for n in range(2)]
    data = rows_in(tmp_path / "rows.jsonl", [*rows, *free])
    found = read_questions(load_settings(None, changes(base, data, Path("m"), reward="exam")))
    assert "no rule judges their answers, of 8: left out: 2 rows" in str(found.notes.lines())
    data = rows_in(tmp_path / "free.jsonl", free)
    with pytest.raises(UsageError, match="2 of 2 tasks have no rule that judges their answers: give rows of"):
        read_questions(load_settings(None, changes(base, data, Path("m"), reward="exam")))


def test_questions_of_pairs_and_dialogues_are_asked(base: Path, tmp_path: Path) -> None:
    said = [{"role": "user", "content": "Name a river."}, {"role": "assistant", "content": "The Loire."}]
    rows: list[dict[str, Any]] = [
        {"prompt": "Which fruit is yellow?", "chosen": "Bananas.", "rejected": "Plums."},
        {"messages": [*said, {"role": "user", "content": "And another?"}, {"role": "assistant", "content": "Seine."}]},
        {"instruction": "Double it.", "instances": [{"input": "1", "output": "2"}, {"input": "2", "output": "4"}]},
    ]
    found = read_questions(load_settings(None, changes(base, rows_in(tmp_path / "r.jsonl", rows), Path("m"))))
    last = [one.turns[-1] for one in found.trained]
    assert [turn["content"] for turn in last[:2]] == ["Which fruit is yellow?", "And another?"]
    assert [turn.get("input") for turn in last[2:]] == ["1", "2"]
    assert [one.task.instances[0].output for one in found.trained[2:]] == ["2", "4"]


def test_from_the_command_line_to_a_card(exam: Path, base: Path, tmp_path: Path) -> None:
    """Of a task that the base is to learn, with its twins and families that it is not trained on."""
    given = changes(base, exam, tmp_path / "m", steps=2, reward="exam", validation=3)
    words = [f"--{name}={given.pop(name)}" for name in ("base", "out", "method", "reward", "batch", "lr")]
    words += [word for name, value in given.items() if name != "data" for word in ("--set", f"{name}={value}")]
    result = CliRunner().invoke(main, ["train", str(exam), *words])
    assert result.exit_code == 0, result.output
    assert "of families that are not trained on" in result.output
    assert "4 with their twins" in result.output
    card = (tmp_path / "m" / "README.md").read_text()
    assert "grpo, 4 answers to a question, paid by `exam`" in card
    assert "| reward, both twins | 0.000, before 0.000 |" in card
    found = report_of(tmp_path / "m")["figures"]["rewarded"]
    assert found["stopped"] is None
    assert [one["step"] for one in found["examined"]] == [0, 2]
    assert len(found["flat"]) == 2
    assert load(str(tmp_path / "m"))


# Rewards


def test_a_reward_model_of_another_tokenizer_marks_by_text(base: Path, questions: Path, tmp_path: Path) -> None:
    rows = [{"prompt": one, "chosen": "one two", "rejected": "two"} for one in ASKED]
    pairs = rows_in(tmp_path / "pairs.jsonl", rows)
    tokenizer = tiny_tokenizer(["one two"], 300)
    tokenizer.chat_template = find_template("plain", tokenizer).source
    saved(tiny_model(tokenizer, Settings(layers=1, width=32, heads=2, max_length=128)), tokenizer, tmp_path / "other")
    marks: dict[str, Any] = {
        "batch": 4,
        "micro_batch": 4,
        "max_length": 128,
        "precision": "fp32",
        "steps": 2,
        "samples": 0,
    }
    train(data=str(pairs), base=str(tmp_path / "other"), out=str(tmp_path / "marks"), method="reward", **marks)
    train(**changes(base, questions, tmp_path / "m", steps=2, reward=str(tmp_path / "marks"), unended=-10))
    found = report_of(tmp_path / "m")["figures"]["rewarded"]
    assert min(found["reward"]) < 0
    assert found["before"]["both"] is None, "no rule knows these tasks"
    with pytest.raises(UsageError, match=r"can mark no answers: .*which marks nothing"):
        train(**changes(base, questions, tmp_path / "n", steps=2, reward=str(base)))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"reward": ""}, "what are answers paid for? Give --reward exam"),
        ({"reward": "nowhere"}, "reward is 'nowhere': give exam, the folder of a model"),
        ({"reward": "python:rewards.none_such"}, "which cannot be had: module 'rewards' has no attribute"),
        ({"reward": "python:rewards.__all__"}, "which is no function: it is given a task and an answer"),
        ({"samples_each": 5}, "samples_each is 5, no divisor of the batch of 8 answers: --set samples_each=4, or --b"),
        ({"answer_tokens": 200}, "answer_tokens is 200 and max_length 128, which is for question and answer: --max-"),
        ({"checkpoint": 3, "updates": 2}, "checkpoint is 3, no multiple of updates, 2"),
        ({"base": "tiny"}, "the base 'tiny' knows no answers yet: train it on some first"),
        ({"method": "adapter", "learn": "rloo"}, "method 'adapter' is not for answers that are paid: learn rloo with"),
        ({"method": "lora", "reward": "exam"}, "reward is for learn rloo and grpo, but learn is 'answers': leave it"),
        ({"method": "rloo", "unbiased": "true"}, "unbiased is for learn grpo, but learn is 'rloo': leave it out"),
        ({"reward": "python:rewards.broken"}, "rewards.broken failed at task 'rows_0': KeyError"),
        ({"reward": "python:rewards.not_a_number"}, "gave nan for an answer to task 'rows_0': it should give a number"),
        ({"max_length": 20}, "all 6 questions longer than max_length without answer_tokens"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    more: dict[str, Any], said: str, base: Path, questions: Path, tmp_path: Path
) -> None:
    given = changes(base, questions, tmp_path / "m", steps=1) | more
    if more.get("method") == "lora":
        given = {name: given[name] for name in ("data", "base", "out", "method", "reward")}
    with pytest.raises((UsageError, RunStopped)) as raised:
        train(load_settings(None, given))
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_preset_runs_no_code(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text("base: somewhere\nmethod: grpo\nreward: python:rewards.always\n")
    with pytest.raises(UsageError, match="a file runs no code: give it as --reward"):
        load_settings(str(tmp_path / "own.yaml"), {})


# What stops a training


@pytest.mark.parametrize(
    ("reward", "more", "said"),
    [
        (
            "by_length",
            {"grown_most": 1.5, "answer_tokens": 32, "unended": 0.05, "kl_most": 1000, "temperature": 1.2},
            "grown_most is 1.5",
        ),
        pytest.param("by_letters", {"kl_most": 0.5}, "from the base, and kl_most is 0.5", marks=pytest.mark.slow),
        pytest.param("by_shortness", {"alike_most": 0.4}, "answers to different questions", marks=pytest.mark.slow),
        ("by_heart", {"evaluate": 5, "examined": 12}, "more than their twins"),
    ],
)
def test_a_reward_that_pays_what_nobody_meant_stops(
    reward: str, more: dict[str, Any], said: str, base: Path, exam: Path, questions: Path, tmp_path: Path
) -> None:
    data = exam if reward == "by_heart" else questions
    given = changes(base, data, tmp_path, reward=f"python:rewards.{reward}", steps=40, batch=16, micro_batch=16)
    del given["out"]
    given |= {"beta": 1e-6, "lr": 3e-2, **more}
    printed = trained(tmp_path / "m", **given)
    found = report_of(tmp_path / "m")
    assert said in str(found["figures"]["rewarded"]["stopped"])
    assert said in (tmp_path / "m" / "README.md").read_text()
    assert (steps := found["figures"]["steps"]) < 40
    assert (
        f"stopped after step {steps}: {found['figures']['rewarded']['stopped']}; the model is that of step" in printed
    )
    if reward == "by_heart":
        assert found["figures"]["rewarded"]["after"]["step"] == 0, "what it knew of both was most at the start"
        learned: Any = load(str(tmp_path / "m")).model
        assert all(not weight.any() for name, weight in learned.named_parameters() if "lora_B" in name)


def test_rewards_that_are_all_the_same_stop_at_once(base: Path, questions: Path, tmp_path: Path) -> None:
    with pytest.raises(RunStopped, match="in the first 10 steps all answers to a question were paid the same, 1 on av"):
        train(**changes(base, questions, tmp_path / "m", reward="python:rewards.always", steps=20, unended=1, batch=4))


def steps_of(count: int, **values: float) -> list[dict[str, Any]]:
    usual = {"reward": 0.5, "length": 10.0, "unended": 0.0, "flat": 0.5, "distinct": 0.5, "alike": 0.1, "kl": 1.0}
    return [usual | values for _ in range(count)]


def test_reasons_to_stop() -> None:
    settings = load_settings(None, {"data": "d.jsonl", "base": "b", "method": "grpo", "reward": "exam"})
    calm = steps_of(10)
    assert reason_to_stop([], settings) is None
    assert reason_to_stop(calm, settings) is None
    assert "paid the same for 10 steps" in str(reason_to_stop(calm + steps_of(10, flat=1), settings))
    assert "the same text for 10 steps" in str(reason_to_stop(calm + steps_of(10, flat=1, distinct=0), settings))
    assert "21.0 nats" in str(reason_to_stop(calm + steps_of(5, kl=21), settings))
    assert reason_to_stop(calm + steps_of(1, kl=50), settings) is None, "one step says little"
    assert reason_to_stop(steps_of(5, length=2) + steps_of(5, length=9), settings) is None, "few tokens"
    assert "answers have 40 tokens, 10 at" in str(reason_to_stop(calm + steps_of(5, length=40), settings))
    assert "60% of the answers" in str(reason_to_stop(calm + steps_of(5, alike=0.6), settings))
    assert reason_to_stop(steps_of(10, alike=0.6), settings) is None, "so it was at the start: yes and no"
    wide = {"examined": {"opened": 0.08, "error": 0.02}}
    assert "8 points more than their twins" in str(reason_to_stop([*calm, wide], settings))
    assert reason_to_stop([*calm, {"examined": {"opened": 0.08, "error": 0.06}}], settings) is None, "or chance"


def test_how_many_answers_are_the_same_text() -> None:
    assert alike({0: ["a", "a"], 1: ["b", "b"]}) == 0, "to one question they may be"
    assert alike({0: ["a", "a"], 1: ["a", "a"]}) == 1
    assert alike({0: ["a", "b"], 1: ["a", "c"]}) == 0.25
    assert alike({0: ["a"]}) == 0
