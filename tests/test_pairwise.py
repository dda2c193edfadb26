"""Answers against answers: files of questions, the judge in both orders, win rates, length, and a judge's habits."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from selfinstruct import named, run
from selfinstruct.errors import UsageError
from selfinstruct.evaluating.length import length_controlled
from selfinstruct.evaluating.pairwise import (
    Outcome,
    agreement,
    first_place,
    judged,
    outcomes,
    pairs_of,
    parts_of,
    rate_of,
    to_judge,
    win_rate,
    won,
)
from selfinstruct.evaluating.questions import Question, language_of, read_questions, said_in, to_ask
from selfinstruct.simulator.exam import write_exam

# Files


def questions_in(path: Path, *rows: Any) -> list[Question]:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return read_questions(path)


LAYOUTS: dict[str, tuple[Any, Question]] = {
    "vicuna": (
        {"question_id": 3, "text": "Why do boats float?", "category": "generic"},
        Question("3", ("Why do boats float?",), kinds={"category": "generic"}),
    ),
    "vicuna of FastChat": (
        {"question_id": 3, "category": "generic", "turns": ["Why do boats float?"]},
        Question("3", ("Why do boats float?",), kinds={"category": "generic"}),
    ),
    "mt-bench": (
        {"question_id": 81, "category": "math", "turns": ["Twice 21?", "And thrice?"], "reference": ["42", ""]},
        Question("81", ("Twice 21?", "And thrice?"), references=("42", ""), kinds={"category": "math"}),
    ),
    "alpacaeval": (
        {"instruction": "Name a knot.", "output": "The bowline.", "generator": "base", "dataset": "koala"},
        Question("rows_0", ("Name a knot.",), answers=("The bowline.",), kinds={"dataset": "koala"}),
    ),
    "alpacaeval with an input": (
        {"instruction": "Sort.", "input": "b a", "output": "a b", "dataset": "koala"},
        Question("rows_0", ("Sort.",), "b a", answers=("a b",), kinds={"dataset": "koala"}),
    ),
    "wizardlm": (
        {"idx": 9, "Skill": "Math", "Difficulty": 6, "Instruction": "Add 2 and 3."},
        Question("9", ("Add 2 and 3.",), kinds={"skill": "Math", "difficulty": "6"}),
    ),
    "arena-hard": (
        {"question_id": "x7", "category": "hard", "cluster": "boats", "turns": [{"content": "Plan a boat."}]},
        Question("x7", ("Plan a boat.",), kinds={"category": "hard", "cluster": "boats"}),
    ),
    "arena-hard 2": (
        {"uid": "x7", "category": "hard", "language": "English", "prompt": "Plan a boat."},
        Question("x7", ("Plan a boat.",), kinds={"category": "hard", "language": "English"}),
    ),
    "user oriented": (
        {
            "id": "user_1",
            "motivation_app": "Notes",
            "instruction": "Shorten it.",
            "instances": [{"input": "A very long line.", "output": "A line."}],
        },
        Question("user_1", ("Shorten it.",), "A very long line.", (), ("A line.",), {"motivation_app": "Notes"}),
    ),
    "answers of FastChat": (
        {"question_id": 81, "choices": [{"index": 0, "turns": ["42", "63"]}], "turns": ["Twice 21?", "Thrice?"]},
        Question("81", ("Twice 21?", "Thrice?"), answers=("42", "63")),
    ),
    "a text": ("Why do boats float?", Question("rows_0", ("Why do boats float?",))),
    "a conversation": (
        {"messages": [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Hi"}], "id": "c"},
        Question("c", ("Hello",)),
    ),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_layouts_of_others(tmp_path: Path, name: str) -> None:
    row, wanted = LAYOUTS[name]
    assert questions_in(tmp_path / "rows.jsonl", row, "And what else?")[0] == wanted


def test_a_list_in_json_and_ids_that_come_twice(tmp_path: Path) -> None:
    path = tmp_path / "eval.json"
    path.write_text(json.dumps([{"question_id": 1, "text": "One?"}, {"question_id": 1, "text": "Two?"}]))
    assert [one.id for one in read_questions(path)] == ["1", "1-2"]


def test_several_inputs_are_questions_of_one_cluster(tmp_path: Path) -> None:
    instances = [{"input": "b a", "output": "a b"}, {"input": "d c", "output": "c d"}]
    found = questions_in(tmp_path / "rows.jsonl", {"id": "s", "instruction": "Sort.", "instances": instances})
    assert [(one.id, one.input, one.cluster) for one in found] == [("s-0", "b a", "s"), ("s-1", "d c", "s")]


@pytest.mark.parametrize(
    "row", [{"category": "math"}, 7, [], {"turns": []}, {"turns": [3]}, {"text": ""}, {"turns": ["One?", ""]}]
)
def test_what_is_no_question_is_refused_in_one_line(tmp_path: Path, row: Any) -> None:
    with pytest.raises(UsageError) as refused:
        questions_in(tmp_path / "rows.jsonl", row)
    assert "\n" not in str(refused.value)


def test_the_language_of_most() -> None:
    english, chinese = Question("e", ("Why do boats float?",)), Question("c", ("船为什么浮在水上？",))
    assert language_of([english, chinese, chinese]) == "zh"
    assert language_of([english, chinese]) == "en"


def test_turns_are_asked_one_after_the_other() -> None:
    both = [Question("a", ("One?", "Two?")), Question("b", ("Only?",), "this")]
    first = to_ask(both)
    assert [(task.instruction, task.instances[0].input) for task in first] == [("One?", ""), ("Only?", "this")]
    said = {"a": ("1",), "b": ("yes",)}
    (second,) = to_ask(both, said)
    assert [turn["content"] for turn in second.turns] == ["One?", "1", "Two?"]
    assert [turn["role"] for turn in second.turns] == ["user", "assistant", "user"]
    assert to_ask(both, said | {"a": ("1", "2")}) == []


def test_answers_of_two_runs_are_the_turns(tmp_path: Path) -> None:
    both = [Question("a", ("One?", "Two?")), Question("b", ("Only?",), "this")]
    said = said_in(
        run("answer", data=to_ask(both), out=tmp_path / "1", teacher=named("one", lambda prompt: "first")).tasks
    )
    assert said == {"a": ("first",), "b": ("first",)}
    more = run(
        "answer",
        data=to_ask(both, said),
        out=tmp_path / "2",
        teacher=named("two", lambda prompt: f"then {len(prompt)}"),
    )
    assert said_in(more.tasks, said).keys() == {"a", "b"}
    assert len(said_in(more.tasks, said)["a"]) == 2


# The judge

EXAM = {language: write_exam(language, 12) for language in ("en", "zh")}


def asked(language: str) -> list[Question]:
    kinds = [{"family": str(task.extra["family"]), "half": str(n % 2)} for n, task in enumerate(EXAM[language])]
    return [
        Question(task.id, (task.instruction,), task.instances[0].input, kinds=kind)
        for task, kind in zip(EXAM[language], kinds, strict=True)
    ]


def right(language: str) -> dict[str, tuple[str, ...]]:
    return {task.id: (task.instances[0].output,) for task in EXAM[language]}


def wrong(language: str) -> dict[str, tuple[str, ...]]:
    return {task.id: (f"Nobody knows that. {n}",) for n, task in enumerate(EXAM[language])}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_built_in_judge_knows_right_from_wrong(tmp_path: Path, language: str) -> None:
    good, bad = right(language), wrong(language)
    half = {id: good[id] if n % 2 else bad[id] for n, id in enumerate(good)}
    pairs = pairs_of(asked(language), half, bad | {next(iter(bad)): ("",)})
    found = judged(pairs, tmp_path / "run", language=language, model={"judge": "builtin"})
    wanted = [1.0, 1.0] + [0.5, 1.0] * 5
    known = [(one, score) for one, score in zip(found, wanted, strict=True) if one.score is not None]
    assert len(known) >= 11, "it breaks off one answer of a hundred"
    assert [one.score for one, _ in known] == [score for _, score in known]
    assert won(found).rate.value == pytest.approx(sum(score for _, score in known) / len(known))
    assert {name: rate_of(some).items for name, some in parts_of(found).items() if name.startswith("half")} == {
        f"half: {half}": sum(one.kinds["half"] == half for one, _ in known) for half in "01"
    }
    assert first_place(found) == ""
    assert found == judged(pairs, tmp_path / "run", language=language, model={"judge": "builtin"}), "resumed"
    exact = agreement(found, {id: half[id] == good[id] for id in good}, dict.fromkeys(good, False))
    assert exact.rows == len(known)
    assert exact.share == pytest.approx(1 - 1 / len(known))  # to the judge a wrong answer beats none


def test_nobody_is_asked_about_equal_answers_or_none(tmp_path: Path) -> None:
    good = right("en")
    pairs = pairs_of(asked("en"), good, {id: (f" {text}\n",) for id, (text,) in good.items()})
    assert to_judge(pairs) == []
    found = judged(pairs, tmp_path / "run", model={"judge": "builtin"})
    assert not (tmp_path / "run").exists()
    assert {one.why for one in found} == {("the same answer",)}
    same = won(found).rate
    assert (same.value, same.low < 0.5 < same.high) == (0.5, True)
    blank = pairs_of(asked("en")[:3], dict.fromkeys(good, ("",)), good)
    assert [one.score for one in judged(blank, tmp_path / "run", model={"judge": "builtin"})] == [0, 0, 0]


def place(which: str) -> Any:
    return named("place", lambda prompt: f"{which}\nIt is the better one.")


@pytest.mark.parametrize(
    ("said", "word", "turned"), [("1 > 2", "shown first", 12), ("2 > 1", "shown second", 12), ("1 = 2", "", 0)]
)
def test_a_judge_that_goes_by_the_place_draws_and_is_told(tmp_path: Path, said: str, word: str, turned: int) -> None:
    found = judged(pairs_of(asked("en"), right("en"), wrong("en")), tmp_path / "run", teacher={"judge": place(said)})
    assert {one.score for one in found} == {0.5}
    assert found[0].why[0] == f"{said}\nIt is the better one."
    assert won(found).ties == 12
    assert won(found).turned == turned
    assert word in first_place(found)
    assert bool(first_place(found)) is bool(word)


def test_verdicts_that_cannot_be_read_are_counted_and_in_no_rate(tmp_path: Path) -> None:
    def judge(prompt: str) -> str:
        return "Hard to say." if "knows that. 3" in prompt else "1 = 2"

    found = judged(pairs_of(asked("en"), right("en"), wrong("en")), tmp_path / "run", teacher={"judge": judge})
    assert (won(found).unread, won(found).rate.items) == (1, 11)
    assert [one.why for one in found if one.score is None] == [("no verdict",)]


def test_conversations_and_references_are_shown_whole() -> None:
    one = Question("a", ("Twice 21?", "And thrice?"), references=("42", "63"), kinds={"category": "math"})
    for language, numbered in (("en", "(2) And thrice?"), ("zh", "（2）And thrice?")):
        (task,) = to_judge(pairs_of([one], {"a": ("42", "63")}, {"a": ("41", "60")}), language)
        assert numbered in task.instruction
        assert "63" in task.instruction
        assert [re.findall(r"\d\d", answer["text"]) for answer in task.extra["sampled"]] == [["42", "63"], ["41", "60"]]


def test_the_files_own_answers_are_the_other_side() -> None:
    known = [Question("a", ("One?",), answers=("1",)), Question("b", ("Two?",))]
    (pair,) = pairs_of(known, {"a": ("I",), "b": ("II",)})
    assert (pair.first, pair.second) == (("I",), ("1",))


def test_pairs_that_are_nowhere_have_no_verdict() -> None:
    (found,) = outcomes(pairs_of([Question("a", ("One?",))], {"a": ("I",)}, {"a": ("1",)}), ())
    assert (found.score, found.lengths) == (None, (1, 1))


def test_parts_are_shown_where_there_are_a_few() -> None:
    """WizardLM's skills are too many, its difficulties three levels; categories are as they are."""
    made = [Outcome(str(n), n % 3 / 2, kinds={"skill": str(n), "difficulty": str(n % 10 + 1)}) for n in range(29)]
    parts = parts_of(made)
    assert list(parts) == ["difficulty: easy, 1 to 4", "difficulty: medium, 5 to 7", "difficulty: hard, 8 to 10"]
    assert sum(map(len, parts.values())) == 29
    assert list(parts_of([Outcome("a", 1.0, kinds={"category": name}) for name in "ba"])) == [
        "category: b",
        "category: a",
    ]
    assert parts_of([Outcome("a", 1.0, kinds={"category": "b"})]) == {}
    assert rate_of([Outcome("a", None), Outcome("b", 1.0)]).items == 1


# Length: simulated judges that love it

Lengths = np.ndarray[Any, np.dtype[np.float64]]


def love(kind: str, better: Lengths, own: Lengths, other: Lengths, luck: Lengths) -> list[float]:
    """Verdicts in both orders; `better` is how much the answer really is."""
    apart = own - other
    by = {
        "no": 0 * apart,
        "more or less": 1.5 * np.tanh(apart / 400),
        "by ratio": 1.5 * np.log(own / other),
        "by words": apart / 500,
        "always": 1e9 * np.sign(apart),
    }[kind]
    chance = 1 / (1 + np.exp(-np.clip(better + by, -40, 40)))
    return [float(one) for one in (luck < chance[:, None]).mean(axis=1)]


@pytest.mark.parametrize("kind", ["no", "more or less", "by ratio", "by words", "always"])
def test_saying_everything_twice_hardly_moves_the_controlled_rate(kind: str) -> None:
    """On average over eight models of 805 answers: the raw rate moves by 17 points and more."""
    moves, raw = [], []
    for seed in range(8):
        rng = np.random.default_rng(seed)
        other = rng.lognormal(6.4, 0.8, 805).round() + 5
        own = (other * np.exp(rng.normal(0, 0.5, 805))).round() + 1
        better, luck = rng.normal(0.3, 1, 805), rng.random((805, 2))
        found = []
        for length in (own, 2 * own):
            scores = love(kind, better, length, other, luck)
            pairs = [(int(one), int(two)) for one, two in zip(length, other, strict=True)]
            found.append((length_controlled(scores, pairs, draws=0).value, sum(scores) / 805))
        moves.append(found[1][0] - found[0][0])
        raw.append(found[1][1] - found[0][1])
    assert abs(sum(moves) / 8) < 0.03
    assert sum(raw) / 8 > 0.15 or kind == "no"


def test_without_a_difference_in_length_it_is_the_plain_rate() -> None:
    scores = [1.0, 1.0, 0.5, 0.0] * 100
    found = length_controlled(scores, [(90, 90)] * 400)
    assert found.value == pytest.approx(0.625, abs=0.003)
    assert found.low < 0.625 < found.high
    assert length_controlled(scores, [(90, 90)] * 400) == found


def test_who_has_always_drawn_may_still_win() -> None:
    found = length_controlled([0.5] * 20, [(90, 80)] * 20)
    assert found.value == pytest.approx(0.5)
    assert found.low < 0.49
    assert found.high > 0.51


def test_the_controlled_rate_of_the_other_side_is_what_is_left() -> None:
    rng = np.random.default_rng(5)
    scores = [float(one) for one in rng.integers(0, 2, 60)]
    lengths = [(int(one), int(two)) for one, two in rng.integers(1, 900, (60, 2))]
    one = length_controlled(scores, lengths, draws=20)
    other = length_controlled([1 - score for score in scores], [(b, a) for a, b in lengths], draws=20)
    assert one.value + other.value == pytest.approx(1, abs=1e-6)


def test_a_model_against_itself_is_a_half_within_the_interval() -> None:
    """Two samples of one model to 60 questions, 200 times: the half is in the interval as often as it should be."""
    held = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        luck = rng.choice([0.0, 0.25, 0.5, 0.75, 1.0], 60, p=[0.3, 0.1, 0.2, 0.1, 0.3])
        rate = win_rate([float(one) for one in luck], range(60))
        held += rate.low <= 0.5 <= rate.high
    assert 0.92 <= held / 200 <= 0.99


def test_nothing_judged_is_no_rate() -> None:
    found = won([])
    assert (found.rate.items, found.controlled.items, found.unread) == (0, 0, 0)
    assert first_place([]) == ""
