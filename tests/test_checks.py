"""Checked answers: what is asked of the checker, what it says, and what becomes of the tasks."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import pytest
from cases import called, recipe_from
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.api import Run, planned, run
from selfinstruct.cli import main
from selfinstruct.errors import RunStopped, UsageError
from selfinstruct.running.recipe import Recipe, Step
from selfinstruct.running.recipe_file import load
from selfinstruct.stages import Check, Judge, Respond
from selfinstruct.stages.reading.code_answers import code_in
from selfinstruct.stages.reading.given_tests import given_tests
from selfinstruct.stages.reading.json_whole import json_text
from selfinstruct.task import Instance, Message, Rejected, Task
from selfinstruct.teacher import Request, Response
from selfinstruct.teachers.checking import checker as checking
from selfinstruct.teachers.checking.checker import Checker
from selfinstruct.teachers.checking.running import why_not
from selfinstruct.text.final import final

runs_code = pytest.mark.skipif(bool(why_not()), reason=why_not() or "it can")

# The code of an answer.

DOUBLE = "def double(x):\n    return 2 * x"
BEGUN = 'from math import pi\n\n\ndef double(x):\n    """Twice x."""\n'


@pytest.mark.parametrize(
    "answer",
    [
        DOUBLE,
        f"```python\n{DOUBLE}\n```",
        f"```\n{DOUBLE}\n```",
        f"~~~py\n{DOUBLE}\n~~~",
        f"Sure! Here it is:\n\n```python\n{DOUBLE}\n```\n\nIt works as follows:\n\n```python\nprint(double(2))\n```",
        f"First install it:\n```bash\npip install numpy\n```\n```python\n{DOUBLE}\n```",
        f"当然可以，代码如下：\n```python\n{DOUBLE}\n```\n以上代码返回两倍的值。",
        f"Here is the function:\n\n{DOUBLE}\n\nIt returns twice its argument.",
        f"1. The code:\n\n   ```python\n   {DOUBLE.replace(chr(10), chr(10) + '   ')}\n   ```",
        f"```python\n{DOUBLE}",
        f"```python\nx = 1\n```\nand then\n```python\n{DOUBLE}\n```",
    ],
)
def test_the_code_is_found(answer: str) -> None:
    assert code_in(answer, {"double"}) == DOUBLE


@pytest.mark.parametrize("answer", ["", "7", "I cannot do that.", "Paris", "```bash\nls\n```", "def of something else"])
def test_where_there_is_none(answer: str) -> None:
    assert code_in(answer, {"double"}) == ""


@pytest.mark.parametrize(
    "answer",
    [
        "    return 2 * x",
        "return 2 * x",
        "```python\n    return 2 * x\n```",
        "    y = 2\n    return y * x",
        "y = 2\nreturn y * x",
    ],
)
def test_a_function_that_the_task_begins_is_gone_on_with(answer: str) -> None:
    scope: dict[str, Any] = {}
    exec(code_in(answer, {"double"}, BEGUN, "double"), scope)  # noqa: S102
    assert scope["double"](2) == 4


def test_a_whole_function_has_what_the_task_imports() -> None:
    assert code_in(DOUBLE, {"double"}, BEGUN, "double") == f"{BEGUN}\n\n{DOUBLE}"
    assert code_in(DOUBLE, {"double"}, "Write double.", "double") == DOUBLE


@given(
    st.text(max_size=200)
    | st.lists(st.sampled_from(["```", "python", "\n", "def f(x):", "    return x", "a", ">>> "])).map("".join)
)
def test_any_answer_can_be_looked_for_code(answer: str) -> None:
    for begun in ("", BEGUN):
        assert isinstance(code_in(answer, {"f"}, begun, "double"), str)


# The tests of a row, as published data has them.

CASES = [["2\n", "4\n"], ["3\n", "6\n"]]
GIVEN: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "MBPP": (
        {"test_list": ["assert f(1) == 1", "assert f(2) == 2"], "test_setup_code": "", "challenge_test_list": []},
        {"tests": "assert f(1) == 1\nassert f(2) == 2"},
    ),
    "MBPP, imports": (
        {"test_list": ["assert f(1) == 1"], "test_imports": ["import math"]},
        {"tests": "import math\nassert f(1) == 1"},
    ),
    "HumanEval": (
        {"test": "def check(candidate):\n    assert candidate(1) == 1", "entry_point": "f"},
        {"tests": "def check(candidate):\n    assert candidate(1) == 1", "entry": "f"},
    ),
    "APPS": ({"input_output": json.dumps({"inputs": ["2\n", "3\n"], "outputs": ["4\n", "6\n"]})}, {"cases": CASES}),
    "APPS, lines": (
        {"input_output": {"inputs": [["2", ""], ["3", ""]], "outputs": [["4", ""], ["6", ""]]}},
        {"cases": CASES},
    ),
    "APPS, calls": (
        {"input_output": json.dumps({"fn_name": "f", "inputs": [[1, 2]], "outputs": [3]})},
        {"function": "f", "calls": [[[1, 2], 3]]},
    ),
    "CodeContests": (
        {"public_tests": {"input": ["2\n"], "output": ["4\n"]}, "private_tests": {"input": ["3\n"], "output": ["6\n"]}},
        {"cases": CASES},
    ),
    "LiveCodeBench": (
        {"public_test_cases": json.dumps([{"input": "2\n", "output": "4\n", "testtype": "stdin"}])},
        {"cases": CASES[:1]},
    ),
    "LiveCodeBench, calls": (
        {
            "public_test_cases": json.dumps([{"input": "[1, 2]\n3", "output": "6", "testtype": "functional"}]),
            "metadata": json.dumps({"func_name": "f"}),
        },
        {"function": "f", "calls": [[[[1, 2], 3], 6]]},
    ),
    "a list of test cases": (
        {
            "verification_info": json.dumps(
                {"language": "python", "test_cases": [{"type": "stdin_stdout", "input": "2\n", "output": "4\n"}]}
            )
        },
        {"cases": CASES[:1]},
    ),
    "a text": ({"tests": "assert f(1) == 1"}, {"tests": "assert f(1) == 1"}),
}


@pytest.mark.parametrize("name", GIVEN)
def test_tests_are_read_as_published_data_has_them(name: str) -> None:
    row, spec = GIVEN[name]
    assert given_tests(row) == spec
    assert given_tests({"text": 1} | row, next(iter(row))) in (
        spec,
        given_tests({k: v for k, v in row.items() if k != "private_tests"}),
    )


@pytest.mark.parametrize(
    ("row", "against", "said"),
    [
        ({}, "", "no tests in the row"),
        ({"tests": []}, "", "no tests in the row"),
        ({"tests": "assert f() == 1"}, "mine", "no 'mine' in the row"),
        ({"tests": "see the file"}, "", "the tests in 'tests' are no Python"),
        ({"tests": "f(1)\nprint(f(2))"}, "", "the tests assert nothing"),
        ({"tests": {"a": 1}}, "", "tests holds no tests that can be read"),
        ({"tests": {"input": ["1"], "output": []}}, "", "tests holds no tests that can be read"),
    ],
)
def test_rows_without_tests(row: dict[str, Any], against: str, said: str) -> None:
    assert given_tests(row, against) == said


def test_not_more_cases_than_are_wanted() -> None:
    found = given_tests({"tests": {"inputs": ["1"] * 9, "outputs": ["1"] * 9}}, most=4)
    assert isinstance(found, dict)
    assert len(found["cases"]) == 4


REPLIES = Path(__file__).parent / "replies" / "smollm2_checked" / "answers.jsonl"


def test_what_a_small_model_wrote_is_read_as_a_person_would() -> None:
    """SmolLM2-135M-Instruct, asked by `vote` and `respond`: two sums, and a function asked for in Chinese."""
    said = [json.loads(line) for line in REPLIES.read_text(encoding="utf-8").splitlines()]
    assert [final(one["answer"]) for one in said if one["stage"] == "vote"][:2] == ["12", "21"]
    [code] = [code_in(one["answer"], {"double"}) for one in said if "double(x)" in one["prompt"]]
    assert code == "def double(x):\n    return x * 2"


# JSON.


def test_json_is_all_of_the_answer_or_its_one_fence() -> None:
    for answer in ('{"a": 1}', ' {"a": 1}\n', '```json\n{"a": 1}\n```', 'Here:\n```\n{"a": 1}\n```\nDone.'):
        assert json.loads(json_text(answer) or "") == {"a": 1}
    for answer in (
        "",
        "a",
        '{"a": 1',
        '{"a": NaN}',
        'It is {"a": 1}.',
        "```json\n1\n```\n```json\n2\n```",
        "[" * 99_999,
    ):
        assert json_text(answer) is None


# What a step asks, and how it reads the verdict.


def task(said: str, /, **row: Any) -> Task:
    return Task("t", "Do it.", (Instance("", said),), extra=row)


def asked(stage: Check, one: Task) -> dict[str, Any]:
    assert stage.settled(one) is None
    found: dict[str, Any] = json.loads(str(stage.prompt((one,), Random(0))))
    return found


def test_what_is_asked_is_all_that_decides() -> None:
    assert asked(Check(), task(DOUBLE, tests="assert double(1) == 2")) == {
        "by": "code",
        "code": DOUBLE,
        "tests": "assert double(1) == 2",
        "seconds": 5,
        "memory": 1000,
    }
    assert asked(Check("math"), task("So it is 7.", answer=7)) == {
        "by": "math",
        "answer": "7",
        "reference": "7",
        "seconds": 5,
    }
    gsm = task("答案是 7 个。", reference="3 + 4 = <<3+4=7>>7\n#### 7")
    assert asked(Check("math"), gsm) == {"by": "math", "answer": "7 个", "reference": "7", "seconds": 5}
    schema = {"type": "object"}
    for stage, row in ((Check("schema"), {"schema": schema}), (Check("schema", json.dumps(schema)), {})):
        assert asked(stage, task("{}", **row)) == {"by": "schema", "answer": "{}", "schema": schema, "seconds": 5}


@pytest.mark.parametrize(
    ("by", "one", "reason"),
    [
        ("code", task("", tests="assert f() == 1"), "no answer"),
        ("code", task("I cannot.", tests="assert f() == 1"), "no code in the answer"),
        ("code", task(DOUBLE), "nothing to check against: no tests in the row"),
        ("math", task("7"), "nothing to check against: no 'known answer' in the row"),
        (
            "math",
            task("It depends on many things, and on the weather most of all, as I said before, twice.", answer=7),
            "no final answer",
        ),
        ("schema", task("{}"), "nothing to check against: no schema in the row's 'schema'"),
        ("schema", task("none", schema={}), "nothing to check against: no schema in the row's 'schema'"),
        ("schema", task("none", schema={"type": "object"}), "no JSON in the answer"),
    ],
)
def test_where_nothing_can_be_checked_nobody_is_asked(by: str, one: Task, reason: str) -> None:
    found = Check(by).settled(one)
    assert found is not None
    assert isinstance(found[0], Rejected)
    assert str(found[0].reason) == reason


def test_a_verdict_keeps_the_task_or_says_why_not() -> None:
    one = task("7", answer=8)
    assert list(Check("math").parse((one,), Response('{"passed": true}'))) == [one]
    verdict = {"passed": False, "what": "answer differs", "why": "7 where 8 is right"}
    [lost] = Check("math").parse((one,), Response(json.dumps(verdict)))
    assert isinstance(lost, Rejected)
    assert (lost.text, str(lost.reason)) == ("7", "answer differs: 7 where 8 is right")


@given(
    st.text()
    | st.sampled_from(["{}", "[]", '{"passed": "true"}', '{"passed": 1}', "true", '{"passed": false}', "[" * 9999])
)
def test_no_verdict_but_a_plain_one_keeps_a_task(text: str) -> None:
    [lost] = Check("math").parse((task("7", answer=8),), Response(text))
    assert isinstance(lost, Rejected)
    assert lost.category in ("the verdict cannot be read", "math failed")


def test_of_a_conversation_the_last_answer_is_checked() -> None:
    turns = (Message(role="user", content="3 + 4?"), Message(role="assistant", content="It is 7."))
    assert asked(Check("math"), Task("t", "3 + 4?", turns=turns, extra={"answer": "7"}))["answer"] == "7"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"by": "taste"}, "check: by is 'taste'; it is one of code, math, schema"),
        ({"seconds": 0}, "check: seconds is 0; it should be at least 1"),
        ({"memory": 5}, "check: memory is 5; it should be at least 100"),
        ({"by": "schema", "against": "{a"}, "check: the schema '{a' is no JSON"),
    ],
)
def test_options_that_make_no_sense(options: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError) as error:
        Check(**options)
    assert said in str(error.value)


# The checker.


def verdicts(*jobs: dict[str, Any]) -> list[dict[str, Any]]:
    async def all_of_them() -> list[dict[str, Any]]:
        async with Checker() as checker:
            prompts = [json.dumps({"seconds": 5} | job) for job in jobs]
            said = [await checker(Request(prompt, "checker")) for prompt in prompts]
            assert all((one.cost, one.input_tokens, one.output_tokens) == (0.0, 0, 0) for one in said)
            return [json.loads(one.text) for one in said]

    return asyncio.run(all_of_them())


def test_maths_are_compared_by_math_verify(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("math_verify")
    monkeypatch.setattr(checking, "MORE", 1.0)
    found = verdicts(
        {"by": "math", "answer": "\\frac{2}{6}", "reference": "1/3"},
        {"by": "math", "answer": "\\sin^2 x + \\cos^2 x", "reference": "1"},
        {"by": "math", "answer": "(-\\infty, 2)", "reference": "(-\\infty,2)"},
        {"by": "math", "answer": "4", "reference": "5"},
        {"by": "math", "answer": "9^{9^{9^{9}}} + x", "reference": "x", "seconds": 1},
        {"by": "math", "answer": "x+1", "reference": "1+x"},
    )
    assert [one["passed"] for one in found] == [True, True, True, False, False, True]
    assert found[3] == {"passed": False, "what": "answer differs", "why": "4 where 5 is right"}


def test_schemas_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("jsonschema")
    monkeypatch.setattr(checking, "MORE", 1.0)
    schema = {"type": "object", "required": ["a"], "properties": {"a": {"type": "array", "items": {"type": "integer"}}}}
    evil = {"type": "string", "pattern": "^(a+)+$"}
    found = verdicts(
        {"by": "schema", "answer": '{"a": [1]}', "schema": schema},
        {"by": "schema", "answer": '{"a": [1, "x"]}', "schema": schema},
        {"by": "schema", "answer": "{}", "schema": schema},
        {"by": "schema", "answer": json.dumps("a" * 40 + "b"), "schema": evil, "seconds": 1},
        {"by": "schema", "answer": "[]", "schema": {"type": "nothing"}},
    )
    assert found[0] == {"passed": True}
    assert found[1]["why"] == "a[1]: 'x' is not of type 'integer'"
    assert found[2]["why"] == "'a' is a required property"
    assert found[3]["what"] == "timed out"
    assert not found[4]["passed"]


def test_the_checker_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(RunStopped, match="it answers the requests of 'each: check' and no others"):
        asyncio.run(Checker()(Request("Who are you?", "checker")))
    with pytest.raises(UsageError, match="the checker is no model"):
        run("respond", data=[{"instruction": "3 + 4?"}], model="checker", out=tmp_path / "a")
    with pytest.raises(UsageError, match="the role 'checker' is not for 'judge'"):
        Recipe("mine", (Step(Check()), Step(Judge(), role="checker")))
    with pytest.raises(UsageError, match="'check' is always asked of the role 'checker'"):
        recipe_from({"steps": [{"each": "check", "teacher": {"temperature": 1}}]})


def test_a_package_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"needs the package math-verify: pip install 'selfinstruct\[check\]'"):
        run("checked_math", data=[{"instruction": "3 + 4?", "answer": 7}], out=tmp_path / "a")
    assert not (tmp_path / "a").exists()


# Whole runs.

ROWS: list[dict[str, object]] = [
    {"id": "right", "instruction": "Write double.", "tests": ["assert double(2) == 4"]},
    {"id": "wrong", "instruction": "Write triple.", "tests": ["assert double(2) == 6"]},
    {"id": "none", "instruction": "Write half."},
]


def doubling(request: Request) -> str:
    return f"```python\n{DOUBLE}\n```"


def test_code_is_not_run_unless_asked(tmp_path: Path) -> None:
    """Nor is anybody asked before that."""
    with pytest.raises(UsageError, match="give --run-code if that is what you want"):
        run("checked_code", data=ROWS, teacher=called("doubling", doubling), out=tmp_path / "a")
    assert not (tmp_path / "a").exists()
    lines = planned("checked_code", data=ROWS)
    assert "--- step 2: each check, asks nobody: it is checked on this machine" in lines
    assert any(line.startswith("About 3 requests in all") for line in lines)


def test_rows_that_none_can_be_checked_by_are_refused_before_anybody_is_paid(tmp_path: Path) -> None:
    asked: list[Request] = []

    def counted(request: Request) -> str:
        asked.append(request)
        return "7"

    teacher = called("counted", counted)
    rows = [{"instruction": "3 + 4?", "tests_of_mine": ["assert True"], "level": 3}]
    with pytest.raises(UsageError) as error:
        run("checked_code", data=rows, teacher=teacher, run_code=True, out=tmp_path / "a")
    assert str(error.value) == (
        "'check: code' can check none of these rows: no tests in the row; they have tests_of_mine, level: name one of "
        "them, `against: COLUMN`"
    )
    with pytest.raises(UsageError, match="no 'known answer' in the row; they have no other columns"):
        run("checked_math", data=[{"instruction": "3 + 4?"}], teacher=teacher, out=tmp_path / "a")
    assert not asked
    assert not (tmp_path / "a").exists()


@runs_code
def test_code_that_passes_its_tests_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And what was checked is not checked again: its verdict is in the journal, a wrong one, too."""
    done = run(
        "checked_code", data=ROWS, teacher=called("doubling", doubling), run_code=True, out=tmp_path / "a", budget=0
    )
    assert [one.id for one in done.tasks] == ["right"]
    assert [(one.task, str(one.reason)) for one in done.rejected] == [
        ("wrong", "tests failed: assert double(2) == 6"),
        ("none", "nothing to check against: no tests in the row"),
    ]
    with closing(sqlite3.connect(tmp_path / "a" / "journal.db")) as journal:
        assert journal.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    written = (tmp_path / "a" / "tasks.jsonl").read_bytes()
    for name in ("tasks.jsonl", "rejected.jsonl"):
        (tmp_path / "a" / name).unlink()

    async def never(job: object, walls: object = None) -> Any:
        raise AssertionError("it is checked again")

    monkeypatch.setattr(checking, "run_tests", never)
    again = run("checked_code", data=ROWS, teacher=called("doubling", doubling), run_code=True, out=tmp_path / "a")
    assert (tmp_path / "a" / "tasks.jsonl").read_bytes() == written
    assert len(again.rejected) == 2


@pytest.mark.parametrize("language", ["en", "zh"])
def test_solutions_are_checked_against_the_answers_of_the_data(language: str, tmp_path: Path) -> None:
    pytest.importorskip("math_verify")
    rows = [
        {"id": "a", "question": "3 + 4?", "answer": "3 + 4 = 7\n#### 7"},
        {"id": "b", "question": "3 + 5?", "answer": "3 + 5 = 8\n#### 8"},
    ]
    said = "So it is 7." if language == "en" else "所以一共是 7 个。"
    done = run(load("checked_math", language), data=rows, teacher=called("seven", lambda request: said), out=tmp_path)
    [kept] = done.tasks
    assert (kept.id, kept.instances[0].output, kept.extra["reference"]) == ("a", said, "3 + 4 = 7\n#### 7")
    assert [str(one.reason) for one in done.rejected] == ["answer differs: 7 where 8 is right"]


def test_answers_that_are_there_already_are_checked_without_a_teacher(tmp_path: Path) -> None:
    """A schema beside the recipe is part of it; whoever has a checker of their own gives it as a model."""
    pytest.importorskip("jsonschema")
    schema = tmp_path / "shape.json"
    schema.write_text('{"type": "object", "required": ["name"]}')
    recipe = tmp_path / "mine.yaml"
    recipe.write_text("steps:\n  - {each: check, by: schema, against: shape.json}\n")
    rows = [{"instruction": "Who?", "output": '{"name": "Li"}'}, {"instruction": "Whom?", "output": "{}"}]
    done = run(str(recipe), data=rows, out=tmp_path / "a")
    assert [one.instruction for one in done.tasks] == ["Who?"]
    assert [str(one.reason) for one in done.rejected] == ["not of the schema: 'name' is a required property"]
    assert "required" in (tmp_path / "a" / "recipe.yaml").read_text()
    own = called("own", lambda request: '{"passed": true}')
    assert len(run(str(recipe), data=rows, teacher={"checker": own}, out=tmp_path / "b").tasks) == 2


def test_a_schema_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot read the schema none\.json"):
        recipe_from({"steps": [{"each": "check", "by": "schema", "against": "none.json"}]})
    (tmp_path / "a.json").write_text("{")
    with pytest.raises(UsageError, match="is no JSON"):
        recipe_from({"steps": [{"each": "check", "by": "schema", "against": str(tmp_path / "a.json")}]})


@runs_code
def test_the_command_line_asks_first(tmp_path: Path) -> None:
    data, out = tmp_path / "data.jsonl", tmp_path / "a"
    rows = [
        {"instruction": "Write a Python function double(x) that doubles a number.", "tests": ["assert double(2) == 4"]}
    ]
    data.write_text("".join(json.dumps(row) + "\n" for row in rows))
    refused = CliRunner().invoke(main, ["run", "checked_code", str(data), "--out", str(out)])
    assert refused.exit_code == 2
    assert not out.exists()
    CliRunner().invoke(main, ["run", "checked_code", str(data), "--out", str(out), "--run-code", "--quiet"])
    assert Run(out).counts.proposed == 1


def test_the_rate_of_a_server_is_none_of_the_checkers(tmp_path: Path) -> None:
    """One request a minute would be an hour for these."""
    pytest.importorskip("math_verify")
    rows = [{"id": str(n), "instruction": f"{n}?", "output": f"{n}", "answer": n} for n in range(60)]
    recipe = Recipe("mine", (Step(Check("math")),))
    assert len(run(recipe, data=rows, rpm=1, max_tokens_total=0, price=(1, 1), out=tmp_path).tasks) == 60
    assert Respond.kind == "each"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere no signal tells of a parent's end")
def test_a_run_that_is_killed_leaves_no_comparison_at_work() -> None:
    """A formula can keep sympy busy for hours, and a pattern a schema: the process ends with the one that asked."""
    pytest.importorskip("jsonschema")
    with subprocess.Popen([sys.executable, "-c", ASKING], stdout=subprocess.PIPE, text=True) as asking:
        assert asking.stdout
        helper = Path("/proc") / asking.stdout.readline().strip() / "status"
        time.sleep(1.5)  # until it is at work: one that waits is told by its closed pipe
        asking.kill()
    for _ in range(100):
        if not helper.exists() or "State:\tZ" in helper.read_text():
            return
        time.sleep(0.05)
    os.kill(int(helper.parent.name), signal.SIGKILL)
    raise AssertionError("it went on")


ASKING = """
import asyncio, json
from selfinstruct.teacher import Request
from selfinstruct.teachers.checking.checker import Checker
from selfinstruct.teachers.checking.processes import Helper

begun = Helper.begun

async def noted(*given):
    helper = await begun(*given)
    print(helper._process.pid, flush=True)
    return helper

async def main():
    Helper.begun = noted
    job = {"by": "schema", "answer": '"' + "a" * 60 + '!"', "schema": {"pattern": "^(a+)+$"}, "seconds": 90}
    async with Checker() as checker:
        await checker(Request(json.dumps(job), "checker"))

asyncio.run(main())
"""
