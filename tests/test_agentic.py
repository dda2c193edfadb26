"""Agentic Self-Instruct: tasks that a strong solver does and a weak one does not, what goes back, what is told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from cases import CASES, Case, called, carried_out, finished, items_of, recipe_from
from fakes import simple

from selfinstruct.api import Run, planned, run
from selfinstruct.errors import BudgetReached, RunStopped, UsageError
from selfinstruct.report.evolution import attempts
from selfinstruct.report.tables import figures
from selfinstruct.running.recipe import Recipe, Step
from selfinstruct.running.recipe_file import load
from selfinstruct.simulator import builtin, knows
from selfinstruct.simulator.challenging import wrong_answer
from selfinstruct.simulator.exam import write_exam
from selfinstruct.simulator.understanding import Shown, understand
from selfinstruct.stages import Challenge, Mark, Solve
from selfinstruct.stages.reading.marks import marks_in
from selfinstruct.task import Instance, Rejected, Task, task_from_row, task_to_row
from selfinstruct.teacher import Request, Response
from selfinstruct.teachers.scripted import scripted
from selfinstruct.text.final import comes_to

RECIPE = load("agentic")
GIVEN = [Task("t1", "Add 2 and 3.", (Instance("", "5"),)), Task("t2", "Sort them.", (Instance("c, a", "a, c"),))]
ROUND = 1


def scripted_by(weak: Sequence[int], strong: int = 4, judge: str = "") -> Any:
    """A teacher whose weak solver is right so often in the first attempt, the second …; who is who, by the model."""
    asked: list[Request] = []

    def answer(request: Request) -> str:
        asked.append(request)
        prompt = str(request.prompt)
        tried = prompt.count("Not taken")
        if request.model == "challenger":
            parent = "t1" if "Add 2" in prompt else "t2"
            return f"Instruction: Harder {parent}, attempt {tried + 1}.\nAnswer: R"
        if request.model == "judge":
            return judge or marks_for(prompt)
        attempt = int(prompt.rstrip(".").split()[-1])
        right = strong if request.model == "strong" else weak[attempt - 1]
        return f"so {'R' if request.sample % 4 < right else 'W'}{request.sample % 2} of {request.model[0]}"

    return answer, asked


def marks_for(prompt: str) -> str:
    texts = [part.partition("\n")[2] for part in prompt.split("[Answer ")[1:]]
    return "\n".join(f"{n}: {'right' if text.startswith('so R') else 'wrong'}" for n, text in enumerate(texts, 1))


def recipe(**mark: Any) -> Recipe:
    steps = tuple(replace(step, model=step.role) for step in RECIPE.steps)
    return replace(RECIPE, steps=(*steps[:-1], with_options(steps[-1], **mark)))


def with_options(step: Step, **options: Any) -> Step:
    stage: Any = step.stage
    return replace(step, stage=replace(stage, **options))


def ran(answer: Any, data: Sequence[Task] = GIVEN, at_once: int = 16, **mark: Any) -> list[Task | Rejected]:
    case = Case(recipe(**mark), list(data), len(data))
    return asyncio.run(items_of(case, scripted(answer), None, at_once=at_once))


def test_a_task_is_taken_when_the_two_are_apart_and_else_tried_again_with_the_reason() -> None:
    answer, asked = scripted_by([4, 2, 1])
    items = ran(answer)
    lost = [item for item in items if isinstance(item, Rejected)]
    assert [(item.category, item.detail) for item in lost] == [
        *(("too easy", "weak 4/4, strong 4/4"), ("too easy", "weak 2/4, strong 4/4")) * 2
    ]
    for task in finished(items):
        assert task.id == f"{task.parents[0]}.3"
        assert task.instruction.endswith("attempt 3.")
        assert task.extra == {"solved": {"weak": 0.25, "strong": 1.0}, "attempt": 3, "reference": "R"}
        assert task.instances[0].output.startswith("so R"), "the strong solver's"
        assert json.loads(json.dumps(task_to_row(task)))["solved"] == {"weak": 0.25, "strong": 1.0}
    told = [str(one.prompt) for one in asked if one.model == "challenger"]
    assert sum("Nothing yet." in prompt for prompt in told) == 2
    assert any(
        "Harder t1, attempt 1.\nNot taken: too easy, the weak one is right too often (weak 4/4" in p for p in told
    )
    assert len(told) == 6


def test_a_task_that_is_taken_costs_nothing_more() -> None:
    answer, asked = scripted_by([0, 0, 0])
    items = ran(answer)
    assert [task.extra["attempt"] for task in finished(items)] == [1, 1]
    assert len(items) == 2
    assert [sum(one.model == role for one in asked) for role in ("challenger", "weak", "strong", "judge")] == [
        2,
        8,
        8,
        2,
    ]


@pytest.mark.parametrize(
    ("weak", "strong", "why"),
    [
        (4, 4, "too easy"),
        (2, 4, "too easy"),
        (0, 2, "too hard"),
        (0, 0, "too hard"),
        (1, 3, ""),
        (0, 3, ""),
        (0, 4, ""),
    ],
)
def test_when_a_task_is_taken(weak: int, strong: int, why: str) -> None:
    answer, _ = scripted_by([weak] * 3, strong)
    first = next(iter(ran(answer)))
    assert (first.category if isinstance(first, Rejected) else "") == why


def test_the_thresholds_are_options() -> None:
    answer, _ = scripted_by([2] * 3, 3)
    assert {item.category for item in ran(answer) if isinstance(item, Rejected)} == {"too easy"}
    assert finished(ran(answer, weak=0.6, gap=0.25))
    assert {item.category for item in ran(answer, weak=0.6, gap=0.3) if isinstance(item, Rejected)} == {
        "solvers too close"
    }
    for wrong in ({"strong": 65}, {"weak": -0.1}, {"by": "anybody"}, {"keep": "both"}):
        with pytest.raises(UsageError, match=f"mark: {next(iter(wrong))} is "):
            Mark(**wrong)
    for options, why in (({"who": "middling"}, "who is 'middling'"), ({"samples": 0}, "samples is 0")):
        with pytest.raises(UsageError, match=why):
            Solve(**options)
    with pytest.raises(UsageError, match="mark has no option 'most'"):
        recipe_from({"steps": [{"each": "mark", "most": 3}]})


@pytest.mark.parametrize("judge", ["I cannot tell.", "1: right", "all is well", ""])
def test_marks_that_cannot_be_read_take_nothing(judge: str) -> None:
    answer, _ = scripted_by([0] * 3, judge=judge or " ")
    assert {item.category for item in ran(answer)} == {"unreadable verdict"}  # type: ignore[union-attr]


def test_the_judge_sees_each_text_once_mixed_and_without_its_writer() -> None:
    stage, task = Mark(), solved_by(["a", "b", "a", "c"], ["r", "a", "r", "r"])
    orders = set()
    for seed in range(20):
        prepared = stage.prepare(task, Random(seed), ROUND)
        prompt = str(stage.prompt((prepared,), Random(0)))
        assert "weak" not in prompt
        assert "strong" not in prompt
        order = [part.split("\n")[1] for part in prompt.split("[Answer ")[1:]]
        assert sorted(order) == ["a", "b", "c", "r"]
        orders.add(tuple(order))
    assert len(orders) > 5
    prepared = stage.prepare(task, Random(1), ROUND)
    order = prepared.extra["order"]
    (taken,) = stage.parse(
        (prepared,), Response("\n".join(f"{n}: {'right' if t == 'r' else 'wrong'}" for n, t in enumerate(order, 1)))
    )
    assert isinstance(taken, Task)
    assert taken.extra == {"solved": {"weak": 0.0, "strong": 0.75}, "reference": "r"}


def solved_by(weak: list[str], strong: list[str]) -> Task:
    """What the two solve steps make of a task."""
    task = Task("t", "Do it.", (Instance("", "r"),))
    for who, said in (("weak", weak), ("strong", strong)):
        (made,) = Solve(who).parse_all((task,), [Response(text) for text in said])
        assert isinstance(made, Task)
        task = made
    return task


def test_an_exact_checker_asks_nobody() -> None:
    task = replace(
        solved_by(["It is 41.", "40", "41", "42"], ["The answer is 42.", "6 × 7 = 42", "**42**", "43"]),
        instances=(Instance("", "42"),),
    )
    (taken,) = Mark(by="exact").settled(task) or [GIVEN[0]]
    assert isinstance(taken, Task)
    assert taken.extra["solved"] == {"weak": 0.25, "strong": 0.75}
    assert taken.instances == (Instance("", "The answer is 42."),)
    (kept,) = Mark(by="exact", keep="reference").settled(task) or [GIVEN[0]]
    assert isinstance(kept, Task)
    assert (kept.instances, "reference" in kept.extra) == ((Instance("", "42"),), False)


def test_what_was_cut_refused_or_left_empty_is_no_sign_of_difficulty() -> None:
    said = [Response("r"), Response("r r", "length"), Response("", "content_filter", error="HTTP 400"), Response("w")]
    (made,) = Solve("weak").parse_all((GIVEN[0],), said)
    assert isinstance(made, Task)
    assert made.extra["answers"] == {"weak": ["r", "w"]}
    (lost,) = Solve("weak").parse_all((GIVEN[0],), said[1:])
    assert isinstance(lost, Rejected)
    assert (lost.category, lost.detail) == ("truncated", "weak 1/3")
    (lost,) = Solve("strong").parse((GIVEN[0],), Response("  \n"))
    assert isinstance(lost, Rejected)
    assert (lost.category, lost.detail) == ("too few answers", "strong 0/1")


def test_solvers_see_the_task_and_nothing_else() -> None:
    task = Task("t", "Sort.", (Instance("b a", "a b"),), extra={"passage": "secret", "solved": {"weak": 1}})
    assert Solve().prompt((task,), Random(0)) == "Sort.\n\nb a"
    assert Solve(text="Do: {instruction}").prompt((task,), Random(0)) == "Do: Sort."


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_passage_is_the_ground_of_a_task_and_stays_with_it(language: str) -> None:
    stage = Challenge(language)
    task = stage.prepare(Task("d1", "passage 1", extra={"passage": "The mill burnt down in 1820."}), Random(0), ROUND)
    prompt = str(stage.prompt((task,), Random(0)))
    assert "The mill burnt down in 1820." in prompt
    assert "passage 1" not in prompt
    made, *_ = stage.parse((task,), Response("Instruction: When was the fire?\nAnswer: 1820"))
    assert isinstance(made, Task)
    assert made.extra == {"passage": "The mill burnt down in 1820."}


def test_the_same_task_is_not_tried_twice() -> None:
    lost = Rejected("Add 4 and 5.", "too easy", "weak 4/4, strong 4/4", instances=(Instance("", "9"),))
    task = Challenge().prepare(Challenge().again(GIVEN[0], [lost]), Random(0), 2)
    (again,) = Challenge().parse((task,), Response("Instruction: Add  4 and 5.\nAnswer: 9"))
    assert isinstance(again, Rejected)
    assert again.category == "equal to an earlier attempt"


@pytest.mark.parametrize(
    ("text", "finish", "why"),
    [
        ("Instruction: A\nAnswer: B", "length", "truncated"),
        ("I'm sorry, but I can't help with that.", "stop", "refusal"),
        ("A harder task would be longer.", "stop", "no task in the answer"),
        ("Instruction: Add three numbers.", "stop", "no answer with the task"),
        ("Instruction: Add 2 and 3.\nAnswer: 5", "stop", "equal to its parent"),
        (
            "Instruction: The new task\nAnswer: stays with the subject or the skill of the given one",
            "stop",
            "copied from the prompt",
        ),
        ("", "stop", "no task in the answer"),
    ],
)
def test_what_is_no_task_with_an_answer_is_rejected(text: str, finish: str, why: str) -> None:
    task = Challenge().prepare(GIVEN[0], Random(0), ROUND)
    (lost,) = Challenge().parse((task,), Response(text, finish))
    assert isinstance(lost, Rejected)
    assert lost.category == why


def test_what_could_not_be_read_is_told_without_its_text() -> None:
    stage = Challenge("zh")
    task = stage.again(GIVEN[0], [Rejected("Blah blah", "no answer with the task")])
    task = stage.again(task, [Rejected("words", "not part of the task", what="remark")])
    task = stage.again(
        task, [Rejected("排序。", "too hard", "weak 0/4, strong 1/4", instances=(Instance("丙甲", "甲丙"),))]
    )
    prompt = str(stage.prompt((task,), Random(0)))
    assert "Blah" not in prompt
    assert "1. 没有采用：没有写答案，或者没有按格式写\n" in prompt
    assert (
        "2. 指令：排序。\n输入：丙甲\n没有采用：太难，或者答案有误，强的助手也做不出来 (weak 0/4, strong 1/4)" in prompt
    )
    assert task_from_row(json.loads(json.dumps(task_to_row(replace(task, extra={})))))


def test_keys_of_somebodys_rows_are_never_taken_for_ours() -> None:
    """A run on the rows of another run challenges them anew; answers, tried or order of their own do no harm."""
    answer, asked = scripted_by([0, 0, 0])
    own: dict[str, Any] = {"solved": {"weak": 0.0, "strong": 1.0}, "answers": 3, "tried": 4, "order": [1]}
    data = [replace(task, extra=own) for task in GIVEN]
    assert [task.extra["attempt"] for task in finished(ran(answer, data))] == [1, 1]
    assert sum(one.model == "challenger" for one in asked) == 2


def test_given_tasks_with_references_can_be_sieved_without_a_challenger() -> None:
    steps: list[Any] = [{"each": "solve"}, {"each": "solve", "who": "strong", "teacher": "strong"}]
    made = recipe_from({"steps": [*steps, {"each": "mark", "by": "exact"}]})
    made = replace(made, steps=tuple(replace(step, model=step.role) for step in made.steps))

    def answer(request: Request) -> str:
        return "5" if request.model == "strong" or "Sort" in str(request.prompt) else "6"

    items = asyncio.run(items_of(Case(made, GIVEN, 2), scripted(answer), None))
    assert [task.id for task in finished(items)] == ["t1"]
    assert finished(items)[0].extra == {"solved": {"weak": 0.0, "strong": 1.0}, "reference": "5"}
    assert [(item.task, item.category) for item in items if isinstance(item, Rejected)] == [("t2", "too hard")]


@pytest.mark.parametrize("name", ["agentic-en", "agentic-zh"])
def test_every_attempt_ends_in_one_place(name: str) -> None:
    case = CASES[name]
    items = asyncio.run(items_of(case, scripted(simple), case.num))
    ended = [item for item in items if isinstance(item, Task) or item.what == "task"]
    by_lineage: dict[str, list[Any]] = {}
    for item in ended:
        by_lineage.setdefault(item.parents[0], []).append(item)
    assert len(by_lineage) == case.num
    for found in by_lineage.values():
        *before, last = found
        assert all(isinstance(item, Rejected) for item in before)
        assert isinstance(last, Task) or len(found) == 3
        assert [item.evolved.round for item in found] == list(range(1, len(found) + 1))
    assert any(isinstance(item, Task) for item in ended)


# Both solvers


def test_the_same_model_in_both_roles_is_refused_before_anything_is_asked(tmp_path: Path) -> None:
    with pytest.raises(
        UsageError, match=r"weak and strong are the same model \(builtin\), so that nothing will be apart"
    ):
        run("agentic", data=GIVEN, out=tmp_path / "run")
    assert not (tmp_path / "run" / "journal.db").exists()
    one = called("one", lambda request: pytest.fail("nobody is asked"))
    with pytest.raises(UsageError, match="give --model weak=NAME strong=NAME"):
        run("agentic", data=GIVEN, out=tmp_path / "run", teacher=one)
    lines = planned("agentic", data=GIVEN, model={"teacher": "gpt-x", "weak": "gpt-x"})
    assert any(line.startswith("weak and strong are the same model (gpt-x)") for line in lines)


def test_who_names_both_insists(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is said, and asked: nothing comes of it."""
    models = {"teacher": "builtin", "weak": "builtin", "strong": "builtin"}
    with pytest.raises(
        RunStopped, match="nothing came of it: 6 too easy; the weak solver is right too often: give a weak"
    ):
        carried_out(replace(RECIPE, rounds=1), write_exam("en", 6), tmp_path, teachers=models)
    assert "weak and strong are the same model (builtin)" in capsys.readouterr().err


def test_the_same_model_asked_otherwise_is_another_solver(tmp_path: Path) -> None:
    steps = tuple(replace(step, params={"temperature": 1 - n / 9}) for n, step in enumerate(RECIPE.steps))
    made = replace(RECIPE, steps=steps, rounds=1)
    with pytest.raises(RunStopped, match="too easy"):
        carried_out(made, write_exam("en", 6), tmp_path, teachers={"teacher": "builtin"})


# Offline


@pytest.fixture(scope="module", params=["en", "zh"])
def offline(request: Any, tmp_path_factory: pytest.TempPathFactory) -> Run:
    out = tmp_path_factory.mktemp("agentic") / "run"
    data = write_exam(request.param, 24, seed=3)
    return run(
        "agentic", data=data, language=request.param, model={"teacher": "builtin", "weak": "builtin:weak"}, out=out
    )


def test_offline_tasks_are_taken_in_several_attempts(offline: Run) -> None:
    assert len(offline.tasks) >= 8
    assert len({task.extra["attempt"] for task in offline.tasks}) > 1
    for task in offline.tasks:
        (instance,) = task.instances
        known = understand(Shown(task.instruction, instance.input))
        assert known
        assert known.accepts(instance.output), "right by construction"
        assert task.extra["solved"]["weak"] < 0.5
        assert task.extra["solved"]["strong"] >= 0.65
        assert set(task.extra) == {"solved", "attempt", "reference"}
    assert {item.category for item in offline.rejected} >= {"too easy"}


def test_the_report_tells_share_and_gap_by_attempt(offline: Run) -> None:
    items: list[Task | Rejected] = [*offline.tasks, *offline.rejected]
    rows = attempts(items)
    assert [row.attempt for row in rows] == [1, 2, 3]
    assert sum(row.taken for row in rows) == len(offline.tasks)
    for row in rows:
        assert row.gap == pytest.approx(row.strong - row.weak)
        assert row.taken_gap is None or row.taken_gap > max(row.gap, 0.25)
    assert figures(items)["attempts"][0]["attempt"] == 1
    assert "attempts" not in figures([Task("t", "Sing.")])


def test_a_plan_counts_all_attempts(tmp_path: Path) -> None:
    data = write_exam("en", 10)
    lines = planned("agentic", data=data, model={"teacher": "gpt-4o", "weak": "gpt-4o-mini"})
    counts = [line for line in lines if line.startswith("--- about")]
    assert [line.partition(")")[0].rpartition(" ")[2] for line in counts] == ["30", "120", "120", "30"]
    assert all("in up to 3 attempts, if 30% are taken in each" in line for line in counts)
    assert any("$" in line and "gpt-4o-mini" in line for line in lines)
    text = "\n".join(lines)
    assert text.count("[Answer 8]") == 1, "as many answers as will be marked"
    exact = replace(RECIPE, steps=(*RECIPE.steps[:3], replace(RECIPE.steps[3], stage=Mark(by="exact"))))
    lines = planned(exact, data=data, model={"teacher": "gpt-4o", "weak": "gpt-4o-mini"})
    assert "--- step 4: each mark, which asks nobody" in lines


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_weak_teacher_is_wrong_oftener_the_more_is_asked(language: str) -> None:
    shares = []
    for layers in (0, 2):
        right = asked = 0
        for task in write_exam(language, 60, seed=5):
            known = understand(Shown(task.instruction, task.instances[0].input))
            assert known
            if layers:
                prompt = Challenge(language).prompt((task,), Random(0))
                made = asyncio.run(
                    builtin(
                        Request(
                            str(prompt).replace("Nothing yet.", "1. \n2. ").replace("还没有。", "1. \n2. "), "builtin"
                        )
                    )
                )
                new, *_ = Challenge(language).parse((Challenge(language).prepare(task, Random(0), 1),), made)
                if not isinstance(new, Task):
                    continue
                task = new
                known = understand(Shown(task.instruction, task.instances[0].input))
                assert known
                assert known.accepts(task.instances[0].output)
            prompt = Solve().prompt((task,), Random(0))
            for sample in range(3):
                said = asyncio.run(builtin(Request(prompt, "builtin:weak", sample=sample)))
                asked += 1
                right += known.accepts(said.text)
            assert knows(task.instruction, task.instances[0].input)
        shares.append(right / asked)
    assert 0.6 < shares[0] < 0.85
    assert shares[1] < shares[0] - 0.15


def test_a_wrong_answer_is_wrong_and_of_the_right_kind() -> None:
    for language in ("en", "zh"):
        for task in write_exam(language, 80, seed=9):
            known = understand(Shown(task.instruction, task.instances[0].input))
            assert known
            answer = wrong_answer(Random(0), known)
            assert answer is None or not known.accepts(answer)


def test_the_simulator_writes_both_in_json(tmp_path: Path) -> None:
    steps = tuple(with_options(step, structured=True) if step.name != "solve" else step for step in RECIPE.steps)
    models = {"teacher": "builtin", "weak": "builtin:weak"}
    kept = []
    for name, made in (("words", RECIPE), ("json", replace(RECIPE, steps=steps))):
        done = run(made, data=write_exam("en", 8, seed=3), model=models, out=tmp_path / name)
        kept.append([task.instruction for task in done.tasks])
    assert kept[1]
    asked = (tmp_path / "json" / "recipe.yaml").read_text()
    assert asked.count("structured: true") == 2


def test_a_passage_in_english_gives_the_simulator_something_to_count() -> None:
    passage = "The mill stood by the river. In 1820 a fire destroyed the wheel and most of the roof. Nobody was hurt."
    task = Task("d", "…", extra={"passage": passage})
    prompt = Challenge().prompt((task,), Random(0))
    made, *_ = Challenge().parse(
        (Challenge().prepare(task, Random(0), 1),), asyncio.run(builtin(Request(prompt, "builtin")))
    )
    assert isinstance(made, Task)
    known = understand(Shown(made.instruction, made.instances[0].input))
    assert known
    assert known.accepts(made.instances[0].output)


def test_stopped_or_not_one_at_a_time_or_many_the_bytes_are_the_same(tmp_path: Path) -> None:
    how: dict[str, Any] = {"data": write_exam("en", 6, seed=3), "model": {"teacher": "builtin", "weak": "builtin:weak"}}
    run(RECIPE, out=tmp_path / "one", concurrency=1, **how)
    with pytest.raises(BudgetReached):
        run(RECIPE, out=tmp_path / "stopped", max_tokens_total=6_000, **how)
    run(RECIPE, out=tmp_path / "stopped", **how)
    for name in ("tasks.jsonl", "rejected.jsonl", "alpaca.jsonl"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "stopped" / name).read_bytes()


# A poor model in every role


REPLIES = [
    json.loads(line)
    for line in (Path(__file__).parent / "replies" / "agentic" / "smollm2.jsonl").read_text("utf-8").splitlines()
]


def test_a_model_of_135m_sets_no_tasks_and_marks_nothing() -> None:
    """SmolLM2-135M-Instruct talks about the prompt: none of it is a task, none of its verdicts says anything."""
    read = []
    for row in REPLIES:
        task, said = Task("t", row["instruction"]), Response(row["answer"], row["finish"])
        if row["stage"] == "challenge":
            task = Challenge().prepare(task, Random(0), ROUND)
            read += [item.category for item in Challenge().parse((task,), said) if isinstance(item, Rejected)]
        elif row["stage"] == "mark":
            assert marks_in(row["answer"], len(row["order"])) is None
    assert sorted(read) == ["no task in the answer"] * 3 + ["truncated"]


def test_what_it_answers_is_an_answer_where_it_is_whole() -> None:
    """Of a question that it knows the exact checker says so."""
    found = [row for row in REPLIES if row["stage"] == "solve"]
    for row in found:
        task, said = Task("t", row["instruction"], (Instance("", "Paris"),)), Response(row["answer"], row["finish"])
        (item,) = Solve().parse((task,), said)
        assert isinstance(item, Task) == (row["finish"] == "stop")
    assert [comes_to(row["answer"], "Paris") for row in found if "France" in row["instruction"]] == [False, True]
