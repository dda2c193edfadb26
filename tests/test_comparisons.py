"""Answers compared by a judge, or marked by the exam's checkers: what becomes a pair, what does not, what is told."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cases import Case, called, finished, items_of, recipe_from
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.api import run
from selfinstruct.cli import main
from selfinstruct.errors import RunStopped, UsageError
from selfinstruct.report.counting.comparing import summary
from selfinstruct.report.counting.measuring import measured
from selfinstruct.rows.formats.formats import rows_of
from selfinstruct.rows.layouts.layouts import task_of
from selfinstruct.rows.reading import read_tasks
from selfinstruct.running.execute import carry_out
from selfinstruct.running.places import by_chance
from selfinstruct.running.progress import Progress
from selfinstruct.running.recipe_file import load
from selfinstruct.running.settings import Settings
from selfinstruct.simulator.exam import write_exam
from selfinstruct.simulator.pairing import paired
from selfinstruct.simulator.twins import twins_of
from selfinstruct.stages import Sample
from selfinstruct.stages.reading.scores import ranks_in, scores_in
from selfinstruct.task import Instance, Rejected, Task, task_from_row, task_to_row
from selfinstruct.teacher import Request, Response
from selfinstruct.teachers.scripted import scripted

RECIPE = load("comparisons")
GIVEN = [Task(f"t{n}", f"Name {n} rivers.", (Instance("", "Rhine"),)) for n in range(12)]


def judging(verdict: Callable[[list[str]], str]) -> Any:
    """A teacher whose answers are told apart by who is asked and how often, and a judge that sees their texts."""

    def answer(request: Request) -> str:
        prompt = str(request.prompt)
        if "[Scores]" in prompt or "[Ranking]" in prompt:
            return verdict([part.partition("\n")[2].strip() for part in prompt.split("[Answer ")[1:]])
        return f"answer {request.sample} at {request.params['temperature']}"

    return answer


def by_text(texts: list[str]) -> str:
    """Prefers the answers at temperature 1, the first of them most."""
    values = {"answer 0 at 1": 9, "answer 1 at 1": 7}
    return "\n".join(f"{n}: {values.get(text, 3)}, it says {text!r}" for n, text in enumerate(_first_lines(texts), 1))


def _first_lines(texts: list[str]) -> list[str]:
    return [text.partition("\n")[0] for text in texts]


def ran(verdict: Callable[[list[str]], str], data: list[Task] = GIVEN, recipe: Any = RECIPE) -> list[Task | Rejected]:
    case = Case(recipe, data, len(data))
    return asyncio.run(items_of(case, scripted(judging(verdict)), None))


def test_a_judge_in_both_orders_makes_preference_tasks() -> None:
    items = ran(by_text)
    tasks = finished(items)
    assert len(tasks) == len(items) == len(GIVEN)
    for task in tasks:
        assert [(one.turns[0]["content"], one.good, one.score) for one in task.judged] == [
            ("answer 0 at 1", True, 9),
            ("answer 1 at 1", False, 7),
            ("answer 0 at 0.7", False, 3),
            ("answer 1 at 0.7", False, 3),
        ]
        first, second = task.extra["verdicts"]
        assert second["order"] == first["order"][::-1]
        assert first["why"].startswith("1: ")
        assert task_from_row(json.loads(json.dumps(task_to_row(task)))) == task
        assert len(list(rows_of([task], "preference"))) == 3
        assert [row["label"] for row in rows_of([task], "kto")] == [True, False, False, False]
    assert len({tuple(task.extra["verdicts"][0]["order"]) for task in tasks}) > 3, "the first order is drawn by lot"


def test_a_judge_that_prefers_the_first_place_makes_ties_and_is_told(tmp_path: Path) -> None:
    def first(texts: list[str]) -> str:
        return "\n".join(f"{n}: {9 if n == 1 else 1}" for n in range(1, len(texts) + 1))

    two = recipe_from(
        {
            "steps": [
                {"each": "sample", "samples": 2, "teacher": {"temperature": 1}},
                {"each": "compare", "turn": "first", "teacher": "judge"},
                {"each": "compare", "turn": "second", "teacher": "judge"},
            ],
            "export": ["preference"],
        }
    )
    items = ran(first, recipe=two)
    assert {(item.category, item.detail) for item in items if isinstance(item, Rejected)} == {("tie", "5 and 5")}
    assert all(len(item.whole["verdicts"]) == 2 for item in items if isinstance(item, Rejected))
    told, asked = io.StringIO(), {"teacher": called("both", judging(first)), "judge": called("judge", judging(first))}
    with Progress(stream=told) as shown, pytest.raises(RunStopped, match="nothing came of it: 12 tie"):
        asyncio.run(carry_out(two, GIVEN, tmp_path / "r", Settings(), asked, shown))
    assert "the judge prefers what it is shown first: 24 of 24 verdicts, where half would be fair" in told.getvalue()


def test_places() -> None:
    assert by_chance(5, 10) == 1
    assert by_chance(10, 10) == pytest.approx(2 / 1024)
    assert by_chance(0, 10) == by_chance(10, 10)
    assert by_chance(300, 501) == pytest.approx(1.1e-5, rel=0.2)


SCORES: list[tuple[str, list[float] | None]] = [
    ("1: 8, right and short\n2: 3, wrong", [8, 3]),
    ("1: 8 – right\n2: 3 – it names a lake", [8, 3]),
    ("**Answer 1:** 8/10\nIt is right.\n\n**Answer 2:** 3/10\nIt is not.", [8, 3]),
    ("[Answer 1]\nScore: 8\nWell done.\n[Answer 2]\nScore: 3", [8, 3]),
    ("Answer 1\n8\nAnswer 2\n3", [8, 3]),
    ("8 3\nThe first one is right.", [8, 3]),
    ("8, 3", [8, 3]),
    ('{"1": 8, "2": 3}', [8, 3]),
    ('```json\n{"answer_1": {"score": 8, "why": "fine"}, "answer_2": {"score": 3}}\n```', [8, 3]),
    ("[8, 3]", [8, 3]),
    ("Let me look at both.\n1: 7.5\n2: 3", [7.5, 3]),
    ("| Answer | Score |\n| 1 | 8 |\n| 2 | 3 |", [8, 3]),
    ("回答1：8分，正确。\n回答2：3分，是错的。", [8, 3]),
    ("1：8，正确\n2：3，错误", [8, 3]),
    ("Answer 2: 3\nAnswer 1: 8", [8, 3]),
    ("1: 8", None),
    ("1: 12\n2: 3", None),
    ("Both are fine.", None),
    ("", None),
    ("8 3 5", None),
    ("1. 1\n2. 2\n3. 3\n4. 4", None),
    ("[1] 2.30\n[2] 8.44\n[3] 2.30", None),
    ('{"1": 8}', None),
]


@pytest.mark.parametrize(("text", "scores"), SCORES)
def test_scores(text: str, scores: list[float] | None) -> None:
    assert scores_in(text, 2) == scores


def test_a_score_that_broke_off_is_none() -> None:
    assert scores_in("1: 8, right\n2: 1", 2, cut=True) is None, "it may have been 10"
    assert scores_in("1: 8, right\n2: 3 The answer is wro", 2, cut=True) == [8, 3]


RANKS: list[tuple[str, int, list[float] | None]] = [
    ("2 > 1\nIt is right.", 2, [0, 1]),
    ("1 = 2", 2, [0.5, 0.5]),
    ("3 > 1 = 2\nWhy: …", 3, [0.5, 0.5, 2]),
    ("Answer 3 > Answer 1 > Answer 2", 3, [1, 0, 2]),
    ("**Ranking:** 3, 1, 2", 3, [1, 0, 2]),
    ("The order from best to worst is: 3 > 1 > 2.", 3, [1, 0, 2]),
    ("回答3 > 回答1 > 回答2", 3, [1, 0, 2]),
    ("Answer 2 is better, as it names a lake.", 2, [0, 1]),
    ("[[A]]", 2, [1, 0]),
    ("Tie", 2, [0.5, 0.5]),
    ("平局", 2, [0.5, 0.5]),
    ("I looked at both.\n2 > 1", 2, [0, 1]),
    ("3 > 1", 3, None),
    ("1 > 1 > 2", 3, None),
    ("They differ.", 2, None),
    ("", 2, None),
]


@pytest.mark.parametrize(("text", "count", "ranks"), RANKS)
def test_ranks(text: str, count: int, ranks: list[float] | None) -> None:
    assert ranks_in(text, count) == ranks


@given(text=st.text('123456789:>= .,AnswerScore回答分\n*[]{}"', max_size=60), count=st.integers(1, 4))
def test_any_verdict_is_read_whole_or_not_at_all(text: str, count: int) -> None:
    for scores in (scores_in(text, count), scores_in(text, count, cut=True)):
        assert scores is None or (len(scores) == count and all(1 <= one <= 10 for one in scores))
    ranks = ranks_in(text, count)
    assert ranks is None or sum(ranks) == count * (count - 1) / 2


@pytest.mark.parametrize(
    ("verdict", "why"), [("I cannot tell.", "unreadable verdict"), ("1: 4\n2: 4\n3: 4\n4: 4", "tie")]
)
def test_what_tells_no_answer_from_another_is_kept_with_its_reason(verdict: str, why: str) -> None:
    items = ran(lambda texts: verdict, GIVEN[:2])
    assert [item.category for item in items if isinstance(item, Rejected)] == [why] * 2


def test_answers_that_are_the_same_are_no_question_for_a_judge() -> None:
    asked: list[Request] = []

    def answer(request: Request) -> str:
        asked.append(request)
        return "The Rhine."

    items = asyncio.run(items_of(Case(RECIPE, GIVEN[:1], 1), scripted(answer), None))
    assert [(item.category, item.detail) for item in items if isinstance(item, Rejected)] == [
        ("all answers are the same", "4 answers")
    ]
    assert len(asked) == 4


def test_an_answer_that_is_cut_or_empty_is_left_out_and_told() -> None:
    stage, task = Sample(samples=3, who="m"), GIVEN[0]
    responses = [Response("A river", "length", "m"), Response("Ems", "stop", "m"), Response(" ", "stop", "m")]
    *lost, found = stage.parse_all((task,), responses)
    assert [(item.what, item.category) for item in lost if isinstance(item, Rejected)] == [
        ("remark", "truncated"),
        ("remark", "no answer"),
    ]
    assert isinstance(found, Task)
    assert found.extra["sampled"] == [{"by": "m", "text": "Ems"}]
    assert found.instances == (Instance("", "Ems"),)
    (none,) = [item for item in stage.parse_all((task,), responses[2:]) if item.what == "task"]  # type: ignore[union-attr]
    assert isinstance(none, Rejected)


def test_options_are_checked() -> None:
    for wrong, said in (
        ({"each": "compare", "ask": "guess"}, "compare: ask is 'guess'; it is one of score, rank"),
        ({"each": "compare", "turn": "third"}, "compare: turn is 'third'; it is one of first, second, only"),
        ({"each": "sample", "samples": 0}, "sample: samples is 0; it is how many answers are asked for, 1 to 100"),
    ):
        with pytest.raises(UsageError, match=said):
            recipe_from({"steps": [wrong]})


@pytest.mark.parametrize("ask", ["score", "rank"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_built_in_judge_knows_right_from_wrong(ask: str, language: str, tmp_path: Path) -> None:
    steps: list[Any] = [
        {"each": "sample", "samples": 1},
        {"each": "sample", "samples": 2, "teacher": "other"},
        {"each": "compare", "ask": ask, "teacher": "judge"},
    ]
    recipe = recipe_from({"language": language, "steps": steps, "export": ["preference"]})
    exam = write_exam(language, 40)
    done = run(recipe, data=exam, out=tmp_path / "r", model={"teacher": "builtin", "other": "builtin:weak"})
    assert len(done.tasks) > 4
    for task in done.tasks:
        assert task.judged[0].good, "the strong one's"
        assert not all(one.good for one in task.judged)


# Exact pairs


def test_right_answers_beside_wrong_ones(tmp_path: Path) -> None:
    exam = write_exam("en", 12)
    twins = twins_of(exam)
    tasks = [one for task in exam for one in (task, twins.get(task.id)) if one]
    sampled = [
        {**task_to_row(task), "sampled": [{"by": "m", "text": text} for text in _three(task, n)]}
        for n, task in enumerate(tasks)
    ]
    for name, rows in (("exam", [task_to_row(task) for task in tasks]), ("samples", sampled)):
        (tmp_path / f"{name}.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    pairs = tmp_path / "pairs.jsonl"
    given = [str(tmp_path / f"{name}.jsonl") for name in ("exam", "samples")]
    result = CliRunner().invoke(main, ["grade", *given, "--pairs", str(pairs)])
    assert result.exit_code == 0, result.output
    made = read_tasks(str(pairs))
    some = [task for n, task in enumerate(tasks) if n % 3 == 0]
    assert f"{len(some)} pairs of {len(some)} tasks; of {len(tasks)} tasks" in result.output
    assert [task.id for task in made] == [task.id for task in some]
    for task, source in zip(made, some, strict=True):
        (good,) = [one for one in task.judged if one.good]
        assert good.turns[0]["content"] == source.instances[0].output
    again = CliRunner().invoke(main, ["grade", *given, given[1], "--pairs", str(pairs)])
    assert again.exit_code == 0, "the same answers twice are the same pairs"
    assert read_tasks(str(pairs)) == made


def _three(task: Task, number: int) -> list[str]:
    """Right and wrong answers, right ones alone, or wrong ones alone, by turns."""
    right = task.instances[0].output
    return [[right, "perhaps something else", right], [right], ["who knows"]][number % 3]


def test_no_pair_at_all_is_an_error() -> None:
    exam = write_exam("en", 2)
    with pytest.raises(
        UsageError, match="there is no pair: of 2 tasks 0 were always done right and 2 never; give more"
    ):
        paired(exam, [{exam[0].id: ["?"], exam[1].id: [" "]}])
    result = CliRunner().invoke(main, ["grade", "a", "b", "c"])
    assert result.exit_code == 2
    assert "2 sets of answers are for --pairs FILE" in result.output


def test_the_report_says_how_often_the_longer_answer_is_chosen() -> None:
    """Of answers of one length neither is the longer one."""
    rows = [("one two", "one"), ("one two three", "one"), ("one", "one two"), ("one", "two")]
    tasks = [
        task_of({"prompt": f"Name {n} rivers.", "chosen": chosen, "rejected": rejected}, f"t{n}")
        for n, (chosen, rejected) in enumerate(rows)
    ]
    figures = measured(tasks, by="")
    assert figures["comparisons"] == {"pairs": 4, "longer": 2, "shorter": 1}
    assert summary(figures)["longer"] == pytest.approx(2 / 3, abs=1e-4)
    assert summary(measured(GIVEN, by=""))["longer"] is None


REPLIES = Path(__file__).parent / "replies" / "comparisons" / "smollm2.jsonl"


def test_what_a_small_model_writes_is_read_as_it_was_read_by_a_person() -> None:
    """SmolLM2-135M-Instruct answers well enough, and is no judge: it counts, repeats the answers or solves the task
    itself. None of that is a score."""
    rows = [json.loads(line) for line in REPLIES.read_text(encoding="utf-8").splitlines()]
    assert {row["stage"] for row in rows} == {"sample", "compare"}
    for row in rows:
        if row["stage"] == "sample":
            said = Response(row["answer"], row["finish"])
            items = Sample(samples=1).parse((Task("t", row["instruction"]),), said)
            assert any(isinstance(item, Task) for item in items) is row["kept"], row["answer"]
        else:
            read = scores_in if row["ask"] == "score" else ranks_in
            assert read(row["answer"], row["count"], cut=row["finish"] == "length") == row["scores"], row["answer"]
