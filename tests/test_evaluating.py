"""Evaluations: marks of answers, whatever comes; the same table whether interrupted or not, in whatever order."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from rouge_score.rouge_scorer import RougeScorer  # type: ignore[import-untyped,unused-ignore]
from trained import untaught

from selfinstruct.cli import main
from selfinstruct.errors import BudgetReached, UsageError
from selfinstruct.evaluating.choice import Question, choice_suite, prompt_of, questions_in
from selfinstruct.evaluating.evaluate import Evaluation, evaluate, evaluation_in
from selfinstruct.evaluating.figures import difference, mean
from selfinstruct.evaluating.harness import marks_of, run_harness
from selfinstruct.evaluating.items import Mark, Options, Suite
from selfinstruct.evaluating.letters import letter_in
from selfinstruct.evaluating.page import html
from selfinstruct.evaluating.rouge import best_rouge_l
from selfinstruct.evaluating.suites import suite_of
from selfinstruct.evaluating.table import remarks
from selfinstruct.evaluating.texts import pieces_of
from selfinstruct.evaluating.written import superni_suite
from selfinstruct.simulator.exam import grade, write_exam
from selfinstruct.simulator.twins import both_right, twins_of
from selfinstruct.teacher import Request, Response

SMALL = Options(num=30)


def selfinstruct(*args: object) -> Result:
    env = {"SELFINSTRUCT_MODEL": None, "OPENAI_API_KEY": "none", "OPENAI_BASE_URL": None, "HF_HUB_OFFLINE": "1"}
    return CliRunner().invoke(main, [str(arg) for arg in args], env=env)


def files_of(folder: Path) -> dict[str, bytes]:
    """What an evaluation came to, by file."""
    found = [*folder.rglob("marks.jsonl"), folder / "evaluation.json"]
    return {str(file.relative_to(folder)): file.read_bytes() for file in found}


# The exam and its twins.


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    return evaluate(["builtin", "builtin:weak"], out=tmp_path_factory.mktemp("evals") / "whole", options=SMALL)


def test_marks_are_those_of_grade(whole: Evaluation) -> None:
    exam = write_exam("en", 30)
    pairs = twins_of(exam)
    marks = {one.id: one for one in whole.marks["exam"]["builtin:weak"]}
    answers = {one.id: one.answer for one in marks.values() if one.fate != "truncated"}
    assert {one.task.id: float(one.right) for one in grade(exam, answers)} == {
        id: one.value for id, one in marks.items()
    }
    assert 0 < sum(one.value for one in marks.values()) < 30
    twins = {one.id: one.value for one in whole.marks["twins"]["builtin:weak"]}
    assert twins.keys() == pairs.keys()
    assert all(value <= marks[id].value for id, value in twins.items())
    outputs = {task.id: task.instances[0].output for task in (*exam, *pairs.values())}
    assert all(both_right(grade([*exam, *pairs.values()], outputs)).values())


def test_the_table_has_a_row_a_suite_and_differences_to_the_first(whole: Evaluation) -> None:
    assert [(row.suite, row.name) for row in whole.rows] == [("exam", "right"), ("twins", "both right")]
    for row in whole.rows:
        own, weak, apart = row.cells["builtin"], row.cells["builtin:weak"], row.differences["builtin:weak"]
        assert own
        assert weak
        assert apart
        assert own.low <= own.value <= own.high
        assert apart.value == pytest.approx(weak.value - own.value)
        assert apart.high < 0


def test_a_model_against_itself_is_the_same(tmp_path: Path) -> None:
    found = evaluate({"a": "builtin:weak", "b": "builtin:weak"}, out=tmp_path / "x", options=SMALL, suites=["exam"])
    (row,) = found.rows
    apart = row.differences["b"]
    assert apart
    assert apart.value == 0
    assert apart.low <= 0 <= apart.high


def test_interrupted_and_gone_on_with_it_is_the_same_and_nobody_is_asked_twice(
    whole: Evaluation, tmp_path: Path
) -> None:
    models = ["builtin", "builtin:weak"]
    price = {"": "1/1"}
    with pytest.raises(BudgetReached):
        evaluate(models, out=tmp_path / "x", options=SMALL, asking={"max_tokens_total": 2_000, "price": price})
    left = {file: file.stat().st_size for file in tmp_path.rglob("journal.db")}
    assert left
    evaluate(models, out=tmp_path / "x", options=SMALL)
    assert files_of(tmp_path / "x") == files_of(whole.folder)
    before = files_of(tmp_path / "x")
    evaluate(models, out=tmp_path / "x", options=SMALL)
    assert files_of(tmp_path / "x") == before


def test_whatever_comes_first_the_rest_joins_it(whole: Evaluation, tmp_path: Path) -> None:
    """Models one after the other, suites the other way round."""
    evaluate(["builtin"], out=tmp_path / "x", options=SMALL, suites=["twins"])
    evaluate(["builtin"], out=tmp_path / "x", options=SMALL, suites=["exam", "twins"])
    found = evaluate(["builtin:weak"], out=tmp_path / "x", options=SMALL, suites=["twins", "exam"])
    assert (found.rows, found.marks) == (whole.rows, whole.marks)


def test_twins_ask_nothing_again_that_the_exam_has_asked(tmp_path: Path) -> None:
    asked = list[str]()

    def teacher(prompt: str) -> str:
        asked.append(prompt)
        return "42"

    evaluate({"mine": teacher}, out=tmp_path / "x", options=SMALL, asking={"concurrency": 1})
    assert len(asked) == len(set(asked))


def test_families_that_were_trained_on_are_told_apart_and_overlaps_counted(tmp_path: Path) -> None:
    exam = write_exam("en", 60)
    trained = [task for task in exam if task.extra["family"] < "m"]
    rows = tmp_path / "trained.jsonl"
    rows.write_text("".join(json.dumps({"instruction": t.instruction, "output": "x"}) + "\n" for t in trained))
    found = evaluate(["builtin"], out=tmp_path / "x", num=60, trained_on=str(rows), suites=["exam"])
    names = [row.name for row in found.rows]
    assert names == ["right", "families trained on", "families not trained on"]
    known = {task.extra["family"] for task in trained}
    assert set(found.suites["exam"]["seen"]) <= known
    counts = [row.cells["builtin"] for row in found.rows]
    assert all(counts)
    assert counts[0]
    assert counts[1]
    assert counts[2]
    assert counts[0].items == counts[1].items + counts[2].items
    written = {task.instruction for task in trained}
    assert not any(mark.asked.split("\n")[0] in written for mark in found.marks["exam"]["builtin"])
    mine = tmp_path / "exam.jsonl"
    selfinstruct("exam", "--num", 20, "--out", mine)
    again = suite_of(f"exam={mine}", Options(trained=exam[:20]))
    assert again.overlaps is not None
    assert again.overlaps > 5
    assert suite_of("exam", Options(num=20)).overlaps is None


# What a model may say.


def said(text: str = "", **more: Any) -> Callable[[Request], Response]:
    def teacher(request: Request) -> Response:
        return Response(text, model="mine", **more)

    return teacher


@pytest.mark.parametrize(
    ("teacher", "fate"),
    [
        (said("42 and", finish_reason="length"), "truncated"),
        (said("", finish_reason="length", thoughts="Let me see …"), "truncated"),
        (said(" \n "), "empty"),
        (said("<think>Is it?</think>"), "empty"),
        (said("I'm sorry, but I can't help with that."), "refused"),
        (said("", finish_reason="content_filter", error="HTTP 400: no"), "refused"),
        (said("x" * 20_000), "answered"),
        (said("\ud800\x1b[2J"), "answered"),
    ],
)
def test_what_is_no_answer_is_counted_and_wrong(
    teacher: Callable[[Request], Response], fate: str, tmp_path: Path
) -> None:
    found = evaluate({"mine": teacher}, out=tmp_path / "x", num=5, suites=["exam"])
    assert [one.fate for one in found.marks["exam"]["mine"]] == [fate] * 5
    assert found.fates("exam", "mine") == ({fate: 5} if fate != "answered" else {})
    (row,) = found.rows
    assert row.cells["mine"]
    assert row.cells["mine"].value == 0
    assert found.to_json()["rows"][0]["cells"]["mine"]["value"] == 0


HOSTILE = "<script>alert(1)</script><img src=x onerror=y>\x1b[2J\u202e\"'&]]>"


def test_the_page_escapes_everything_and_loads_nothing(tmp_path: Path) -> None:
    label = HOSTILE[:30]
    found = evaluate({label: said(HOSTILE), "b": said(HOSTILE)}, out=tmp_path / "x", num=6)
    page = html(found).decode()
    assert not re.search(r"<(?:script|img)|[\x1b\u202e]|(?:src|href)=\"(?!#)", page)
    assert page.count("&lt;script&gt;alert(1)") > 5
    assert "script-src" not in page
    assert "default-src 'none'" in page
    assert len(re.findall(r"<section>", page)) == len(re.findall("</section>", page)) == 3


# Choices.


def write(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def test_mmlu_as_it_is_published(tmp_path: Path) -> None:
    write(tmp_path / "data/dev/odd_jobs_dev.csv", "Who bakes?,baker,smith,judge,pilot,A\nWho flies?,a,b,c,pilot,D\n")
    write(tmp_path / "data/test/odd_jobs_test.csv", '"Who, if anyone, sews?",1,1,tailor,2,C\n')
    asked, shown = questions_in(tmp_path)
    assert asked == [Question("Who, if anyone, sews?", ("1", "1", "tailor", "2"), 2, "odd_jobs")]
    assert prompt_of(asked[0], shown["odd_jobs"][:1]) == (
        "The following are multiple choice questions (with answers) about odd jobs.\n\n"
        "Who bakes?\nA. baker\nB. smith\nC. judge\nD. pilot\nAnswer: A\n\n"
        "Who, if anyone, sews?\nA. 1\nB. 1\nC. tailor\nD. 2\nAnswer:"
    )


def test_ceval_as_it_is_published_whose_test_has_no_answers(tmp_path: Path) -> None:
    write(
        tmp_path / "dev/logic_dev.csv", "id,question,A,B,C,D,answer,explanation\n0,一加一是____,一,二,三,四,B,很明显\n"
    )
    write(tmp_path / "val/logic_val.csv", "id,question,A,B,C,D,answer\n0,水在零度会____,结冰,燃烧,发光,消失,A\n")
    write(tmp_path / "test/logic_test.csv", "id,question,A,B,C,D\n0,谁也不知道____,甲,乙,丙,丁\n")
    asked, shown = questions_in(tmp_path)
    assert [(one.asked, one.answer) for one in asked] == [("水在零度会____", 0)]
    text = prompt_of(asked[0], shown["logic"])
    assert text.startswith("以下是关于logic的单项选择题")
    assert text.count("答案：") == 2
    assert text.endswith("D. 消失\n答案：")
    with pytest.raises(UsageError, match="val files"):
        choice_suite(str(tmp_path / "test"), Options())


def test_cmmlu_as_it_is_published_and_in_gbk(tmp_path: Path) -> None:
    text = ",Question,A,B,C,D,Answer\n0,下列哪个是水果？,苹果,石头,汽车,桌子,A\n"
    write(tmp_path / "test/food.csv", text)
    (tmp_path / "test/more.csv").write_bytes(text.replace("水果", "果子").encode("gbk"))
    asked, _ = questions_in(tmp_path)
    assert [(one.subject, one.answer) for one in asked] == [("food", 0), ("more", 0)]


@pytest.mark.parametrize(
    "row",
    [
        {"question": "Which?", "choices": ["x", "y"], "answer": 1},
        {"question": "Which?", "choices": ["x", "y"], "answer": "B", "subject": "law"},
        {"question": "Which?", "options": ["x", "y"], "answer": "y"},
        {"question": "Which?", "A": "x", "B": "y", "answer": "b"},
        {"question": "Which?", "choices": {"text": ["x", "y"], "label": ["1", "2"]}, "answerKey": "2"},
        {
            "question": {"stem": "Which?", "choices": [{"text": "x", "label": "A"}, {"text": "y", "label": "B"}]},
            "answerKey": "B",
        },
        {"ctx": "Which?", "endings": ["x", "y"], "label": "1"},
        {"goal": "Which?", "sol1": "x", "sol2": "y", "label": 1},
        {"question": "Which?", "options": {"A": "x", "B": "y"}, "answer": "B"},
        {"题目": "哪个？", "选项A": "x", "选项B": "y", "答案": "B"},
    ],
)
def test_rows_with_choices_of_many_kinds(row: dict[str, Any], tmp_path: Path) -> None:
    (one,) = questions_in(write(tmp_path / "rows.jsonl", json.dumps(row, ensure_ascii=False) + "\n"))[0]
    assert (one.choices, one.answer) == (("x", "y"), 1)
    assert one.subject == row.get("subject", "rows")


@pytest.mark.parametrize(
    "row",
    ['{"question": "Which?"}', '{"question": "Which?", "choices": ["x", "y"], "answer": "Z"}', '"Which?"', "[1]", "{"],
)
def test_rows_that_are_no_choices_are_named(row: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="rows"):
        questions_in(write(tmp_path / "rows.jsonl", row + "\n"))


LETTERS = [
    ("B", "B"),
    ("(B)", "B"),
    ("**B**", "B"),
    ("B. a dog", "B"),
    ("The answer is B.", "B"),
    ("The correct answer is: **C**", "C"),
    ("It is not A, since cats purr. So the answer is (D).", "D"),
    ("Option A is wrong. The answer is not B. Answer: C", "C"),
    ("答案是B。", "B"),
    ("答案：C", "C"),
    ("故选D", "D"),
    ("不选A，应选B", "B"),
    (r"\boxed{B}", "B"),
    (r"So we get $\boxed{\text{C}}$.", "C"),
    ("a dog", "B"),
    ("I would say that it is a dog.", "B"),
    ("A dog", "B"),
    ("A or B", ""),
    ("A cat may be, or a dog.", ""),
    ("No idea.", ""),
    ("", ""),
    ("E", ""),
]


@pytest.mark.parametrize(("text", "letter"), LETTERS)
def test_the_letter_that_an_answer_commits_to(text: str, letter: str) -> None:
    assert letter_in(text, ("a cat", "a dog", "a cow", "a hen")) == letter


@given(st.text(alphabet="ABCD() .:答案是*answerno\n", max_size=200))
def test_letters_are_read_from_whatever_there_is(text: str) -> None:
    assert letter_in(text, ("one", "two", "three")) in ("", "A", "B", "C")


def test_choices_by_letter_on_any_endpoint(tmp_path: Path) -> None:
    rows = [
        {"question": f"Which is {n}?", "choices": ["none", f"it {n}"], "answer": n % 2, "subject": f"s{n % 3}"}
        for n in range(9)
    ]
    file = write(tmp_path / "odd.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    found = evaluate(
        {"mine": lambda prompt: "The answer is B.", "mute": lambda prompt: "Hm."},
        out=tmp_path / "x",
        suites=[f"choice={file}"],
    )
    first, averaged = found.rows
    assert (first.suite, averaged.name) == ("choice:odd by letter", "mean of 3 subjects")
    assert first.cells["mine"]
    assert first.cells["mine"].value == pytest.approx(4 / 9)
    assert averaged.cells["mine"]
    assert averaged.cells["mine"].value == pytest.approx((1 / 3 + 2 / 3 + 1 / 3) / 3)
    assert found.fates("choice:odd by letter", "mute") == {"unread": 9}
    assert {one.wanted for one in found.marks["choice:odd by letter"]["mine"]} == {"A", "B"}


# References.


@given(st.text(alphabet="abcdeéings, .-A1", max_size=60), st.text(alphabet="abcdeings, .-A1", max_size=60))
def test_rouge_l_with_stemmer_is_rouge_scores(one: str, other: str) -> None:
    scorer = RougeScorer(["rougeL"], use_stemmer=True)
    theirs = scorer.score(one, other)["rougeL"].fmeasure
    assert best_rouge_l(other, [one]) == pytest.approx(theirs, abs=1e-12)


def test_rouge_l_takes_the_best_reference_and_knows_chinese() -> None:
    assert best_rouge_l("the cats are running", ["nothing", "The cat is run."]) == pytest.approx(0.75)
    assert best_rouge_l("今天下雨", ["今天下雪"]) == pytest.approx(0.75)
    assert best_rouge_l("anything", []) == 0


def superni(folder: Path, tasks: int = 3, instances: int = 120) -> Path:
    """As the official repository lies on a disk."""
    names = [f"task{number:03}_made_up" for number in range(tasks)]
    write(folder / "splits/default/test_tasks.txt", "\n".join(names) + "\n")
    for name in names:
        rows = [
            {"id": f"{name}-{n}", "input": f"Say {n}.", "output": [str(n), f"number {n}"]} for n in range(instances)
        ]
        task = {
            "Definition": ["Repeat the number."],
            "Positive Examples": [],
            "Instances": rows,
            "Categories": ["Echo"],
        }
        write(folder / f"tasks/{name}.json", json.dumps(task))
    return folder


def test_super_natural_instructions_from_the_users_copy(tmp_path: Path) -> None:
    folder = superni(tmp_path / "ni")
    assert len(superni_suite(str(folder), Options()).items) == 300, "the first 100 of each task"
    found = evaluate(
        {"echo": lambda prompt: re.findall(r"\d+", prompt)[-1]},
        out=tmp_path / "x",
        suites=[f"superni={folder}"],
        limit=4,
    )
    first, averaged = found.rows
    assert averaged.name == "mean of 3 tasks"
    assert first.cells["echo"]
    assert (first.cells["echo"].value, first.cells["echo"].clusters) == (1.0, 3)
    assert found.suites["superni"]["items"] == 12


def test_a_broken_copy_is_named(tmp_path: Path) -> None:
    folder = superni(tmp_path / "ni")
    with pytest.raises(UsageError, match=r"github\.com/allenai/natural-instructions"):
        suite_of(f"superni={tmp_path}", Options())
    write(folder / "splits/default/test_tasks.txt", "../../secret\n")
    with pytest.raises(UsageError, match="outside"):
        suite_of(f"superni={folder}", Options())
    write(folder / "splits/default/test_tasks.txt", "task000_made_up\ntask999_gone\n")
    with pytest.raises(UsageError, match="lacks tasks/task999_gone"):
        suite_of(f"superni={folder}", Options())
    for broken in ("{", "[]", '{"Definition": 1, "Instances": []}', '{"Definition": "x", "Instances": [{"input": 1}]}'):
        write(folder / "tasks/task000_made_up.json", broken)
        with pytest.raises(UsageError, match="task000_made_up"):
            suite_of(f"superni={folder}", Options())


def test_the_user_oriented_instructions(tmp_path: Path) -> None:
    rows = [
        {
            "id": f"user_oriented_task_{n}",
            "motivation_app": "Notes",
            "instruction": f"Title {n}",
            "instances": [{"input": "a", "output": "One two"}],
        }
        for n in range(4)
    ]
    file = write(tmp_path / "u.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    found = evaluate({"mine": lambda prompt: "one two three"}, out=tmp_path / "x", suites=[f"user252={file}"])
    (row,) = found.rows
    assert row.cells["mine"]
    assert row.cells["mine"].value == pytest.approx(0.8)


# Likelihoods.


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its context has 64 tokens."""
    return untaught(tmp_path_factory.mktemp("models") / "tiny", ["Which one is it? Answer: A B C D 答案："])


TEXT = "The mill stood by the river. Its wheel had not turned for years, and ivy held the door. " * 40


def test_a_texts_likelihood_is_the_models_own(tiny: Path) -> None:
    import torch

    from selfinstruct.finetune.loop.likelihood import continuations, text_losses
    from selfinstruct.finetune.models.open import load

    loaded = load(str(tiny))
    ids = [loaded.tokenizer.bos_token_id, *loaded.tokenizer("A text of words.", add_special_tokens=False)["input_ids"]]
    assert len(ids) < 64
    with torch.inference_mode():
        logits = loaded.model(torch.tensor([ids])).logits[0, :-1].log_softmax(-1)
    own = -float(logits[range(len(ids) - 1), ids[1:]].sum())
    (one,) = text_losses(loaded, ["A text of words."])
    assert list(one) == pytest.approx([own, len(ids) - 1], rel=1e-5)
    ((after, other),) = [found for found in continuations(loaded, [("A text of", [" words.", " some"])]) if found]
    (begun,) = text_losses(loaded, ["A text of"])
    assert after == pytest.approx(begun.nats - one.nats, rel=1e-4)
    assert other < 0
    assert continuations(loaded, [("A text " * 99, [" A"])]) == [None]
    (long,) = text_losses(loaded, [TEXT])
    assert long.tokens == len(loaded.tokenizer(TEXT, add_special_tokens=False)["input_ids"])


def test_perplexity_and_choices_on_weights_resumed_are_the_same(tiny: Path, tmp_path: Path) -> None:
    file = write(tmp_path / "text.txt", TEXT * 8)
    rows = [{"question": f"Which is {n}?", "choices": ["x", "y", "z"], "answer": n % 3} for n in range(20)]
    asked = write(tmp_path / "odd.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    suites = [f"perplexity={file}", f"choice={asked}"]
    found = evaluate([str(tiny)], out=tmp_path / "x", suites=suites)
    assert [row.name for row in found.rows] == ["right", "bits a byte", "perplexity a token"]
    bits = found.rows[1].cells[str(tiny)]
    assert bits
    assert 0.5 < bits.low < bits.value < bits.high < 9
    assert found.rows[0].suite == "choice:odd by likelihood"
    before = files_of(tmp_path / "x")
    other = untaught(tmp_path / "other", ["something else"])
    with pytest.raises(UsageError, match="other weights"):
        evaluate({str(tiny): str(other)}, out=tmp_path / "x", suites=suites)
    for store in (tmp_path / "x").rglob("likelihoods.jsonl"):
        lines = store.read_bytes()
        store.write_bytes(lines[: len(lines) * 2 // 3])
    for marks in (tmp_path / "x").rglob("marks.jsonl"):
        marks.unlink()
    evaluate([str(tiny)], out=tmp_path / "x", suites=suites)
    assert files_of(tmp_path / "x") == before


def test_pieces_together_are_the_text() -> None:
    for text in (TEXT * 3, "好" * 5_000, "a\n" * 4_000):
        assert "".join(pieces_of(text)) == text
        assert all(len(piece) <= 2_000 for piece in pieces_of(text))


# Mistakes.


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["builtin", "--suite", "perplexity={text}"], "weights on this machine, and builtin is none"),
        (["gpt-x", "--suite", "perplexity={text}"], "leave the suite out"),
        (["gpt-x", "--suite", "choice={choice}", "--choose", "likelihood"], "weights on this machine"),
        (["builtin", "--suite", "superni"], "natural-instructions"),
        (["builtin", "--suite", "superni=nowhere"], "there is no such file"),
        (["builtin", "--suite", "user252=nowhere"], "self-instruct"),
        (["builtin", "--suite", "choice=nowhere"], "C-Eval"),
        (["builtin", "--suite", "choice={choice}", "--shots", "5"], "no dev/ folder"),
        (["builtin", "--suite", "choice={choice}", "--shots", "99"], "--shots is 99"),
        (["builtin", "--suite", "choice={text}"], "no question with choices|no row with columns"),
        (["builtin", "--suite", "exam={choice}"], "no task of an exam"),
        (["builtin", "--suite", "perplexity={empty}"], "no text|is empty"),
        (["builtin", "--suite", "mmlu"], "no suite 'mmlu'"),
        (["builtin", "--suite", "lm_eval:gsm8k"], r"selfinstruct\[harness\]"),
        (["builtin", "--suite", "lm_eval:"], "names no task"),
        (["builtin", "builtin"], "two models are called 'builtin'"),
        (["builtin:odd"], "no model 'builtin:odd'"),
        ([""], "name is empty"),
        (["local:nowhere/at/all"], "nowhere"),
        (["builtin", "--trained-on", "nowhere.jsonl"], "nowhere.jsonl"),
        (["builtin", "--price", "x"], "--price"),
        (["builtin", "--base-url", "\n"], "--base-url"),
    ],
)
def test_mistakes_are_one_line_and_leave_nothing(
    args: Sequence[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = write(tmp_path / "text.txt", "A text.\n")
    choice = write(tmp_path / "choice.jsonl", '{"question": "Which?", "choices": ["x", "y"], "answer": 1}\n')
    empty = write(tmp_path / "empty.txt", "\n")
    done = selfinstruct("evaluate", *(arg.format(text=text, choice=choice, empty=empty) for arg in args), "--out", "x")
    assert done.exit_code == 2, done.output
    assert len(done.stderr.splitlines()) == 1
    assert re.search(words, done.stderr), done.stderr
    assert not (tmp_path / "x" / "evaluation.json").exists()


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    write(tmp_path / "x/letter.txt", "Dear all")
    assert selfinstruct("evaluate", "builtin", "--num", 2, "--out", tmp_path / "x").exit_code == 2
    assert [file.name for file in (tmp_path / "x").iterdir() if file.name[0] != "."] == ["letter.txt"]
    with pytest.raises(UsageError, match="holds no evaluation"):
        evaluation_in(tmp_path / "x")


# The command.


def test_the_command_prints_a_table_and_writes_a_page(tmp_path: Path) -> None:
    args = (
        "evaluate",
        "right=builtin",
        "builtin:weak",
        "--suite",
        "exam",
        "--num",
        20,
        "--out",
        tmp_path / "x",
        "--quiet",
    )
    done = selfinstruct(*args)
    assert done.exit_code == 0, done.output
    assert re.search(r"exam, right +\d+\.\d% \[.*\n +less right +[-+]", done.stdout)
    assert "<table>" in (tmp_path / "x" / "eval.html").read_text(encoding="utf-8")
    figures = json.loads(selfinstruct(*args, "--json").stdout)
    assert figures["models"] == ["right", "builtin:weak"]
    assert figures["rows"][0]["cells"]["right"]["items"] == 20


def test_a_dry_run_asks_nobody_and_writes_nothing(tmp_path: Path) -> None:
    done = selfinstruct("evaluate", "gpt-x", "--num", 20, "--dry-run", "--out", tmp_path / "x")
    assert done.exit_code == 0, done.output
    assert "exam, 20 items: gpt-x" in done.stdout
    assert not (tmp_path / "x").exists()


# lm-eval.


def test_the_harness_is_asked_by_its_own_interface() -> None:
    asked = dict[str, Any]()

    def simple_evaluate(**given: Any) -> dict[str, Any]:
        asked.update(given)
        samples = [
            {"doc_id": n, "doc": {"q": n}, "target": "4", "acc": n % 2, "filtered_resps": ["4"]} for n in range(6)
        ]
        return {
            "results": {"sums": {"alias": "sums", "acc,none": 0.5, "acc_stderr,none": 0.2}},
            "samples": {"sums": samples},
        }

    suite = Suite("lm_eval:sums", "", params={"limit": 6, "num_fewshot": None}, way="harness")
    marks = run_harness(suite, "models/mine", "models/base", simple_evaluate)
    assert asked["model_args"] == "pretrained=models/base,peft=models/mine"
    assert (asked["tasks"], asked["limit"], asked["log_samples"]) == (["sums"], 6, True)
    assert [one.value for one in marks] == [0, 1, 0, 1, 0, 1]
    assert {one.group for one in marks} == {"sums (acc)"}
    assert marks_of({}) == []

    def unknown(**given: Any) -> dict[str, Any]:
        raise KeyError("sums")

    with pytest.raises(UsageError, match="lm-eval says"):
        run_harness(suite, "models/mine", None, unknown)


# Figures.


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(1, 9)), min_size=1, max_size=30))
def test_a_weighted_mean_is_one(pairs: list[tuple[float, float]]) -> None:
    marks = [Mark(str(n), value, weight=weight) for n, (value, weight) in enumerate(pairs)]
    one = mean(marks, scored=False)
    assert one
    assert one.value == pytest.approx(sum(v * w for v, w in pairs) / sum(w for _, w in pairs), abs=1e-9)
    apart = difference(marks, marks, scored=False)
    assert apart
    assert apart.value == 0


def test_what_only_one_model_has_is_not_compared() -> None:
    first, second = [Mark("a", 1.0), Mark("b", 0.0)], [Mark("b", 1.0), Mark("c", 0.0)]
    apart = difference(second, first)
    assert apart
    assert (apart.value, apart.items) == (1.0, 1)
    assert difference([], first) is None
    assert mean([]) is None


# What the other suites are, test_ifeval.py and test_pairwise.py have; here they are asked.


def test_ifeval_shows_all_four_of_its_figures(tmp_path: Path) -> None:
    rows = [
        {
            "key": number,
            "prompt": "Say something without a comma, in capitals.",
            "instruction_id_list": ["punctuation:no_comma", "change_case:english_capital"][: number % 2 + 1],
            "kwargs": [{}, {}][: number % 2 + 1],
        }
        for number in range(6)
    ]
    rows.append(rows[0] | {"instruction_id_list": ["made:up"]})
    file = write(tmp_path / "input_data.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    found = evaluate({"mine": lambda prompt: "This is it."}, out=tmp_path / "x", suites=[f"ifeval={file}"])
    names = ["prompt strict", "prompt loose", "instruction strict", "instruction loose"]
    assert [row.name for row in found.rows] == names
    values = [row.cells["mine"].value for row in found.rows if row.cells["mine"]]
    assert values == [pytest.approx(value) for value in (1 / 2, 1 / 2, 2 / 3, 2 / 3)]
    assert "1 prompts are left out: no checker for made:up" in "\n".join(remarks(found))


def test_pairs_stand_beside_the_first_model_or_the_files_answers(tmp_path: Path) -> None:
    found = evaluate(
        ["builtin", "builtin:weak"], out=tmp_path / "x", options=SMALL, suites=["pairwise=exam"], judge="builtin"
    )
    rate, controlled = found.rows
    assert (rate.name, controlled.name) == ("win rate against builtin", "length-controlled")
    assert rate.cells["builtin"] is None
    weak = rate.cells["builtin:weak"]
    assert weak
    assert 0 < weak.high < 0.5
    assert "judge and rules agree on 100% of 30 pairs" in "\n".join(remarks(found))
    asked = [
        {"question_id": 1, "category": "rivers", "turns": ["Name a river.", "And another one."]},
        {"question_id": 2, "category": "sums", "turns": ["What is 2 + 2?", "And 3 + 3?"]},
    ]
    file = write(tmp_path / "question.jsonl", "".join(json.dumps(row) + "\n" for row in asked))
    said = list[str]()

    def teacher(prompt: str) -> str:
        said.append(prompt)
        return f"Answer {len(prompt)}"

    pairs = {"a": teacher, "b": teacher}
    found = evaluate(pairs, out=tmp_path / "y", suites=[f"pairwise={file}"], judge="builtin")
    (mark, _) = found.marks["pairwise:question"]["b"]
    assert (mark.value, mark.group, mark.more["why"]) == (0.5, "rivers", ["the same answer"])
    assert any("Name a river." in text and "And another one." in text for text in said)
    assert "— next turn —" in mark.answer
    rows = [{"instruction": "Name a river.", "output": "The Loire."}, {"instruction": "Name a sea.", "output": "None."}]
    own = write(tmp_path / "own.json", json.dumps(rows))
    found = evaluate(pairs, out=tmp_path / "z", suites=[f"pairwise={own}"], judge=lambda prompt: "Hm.")
    assert found.rows[0].name == "win rate against the file's answers"
    assert {one.fate for one in found.marks["pairwise:own"]["a"]} == {"unread"}
    with pytest.raises(UsageError, match="give --judge"):
        evaluate(["builtin"], out=tmp_path / "w", suites=["pairwise=exam"])
