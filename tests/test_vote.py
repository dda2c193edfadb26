"""What a solution comes to, in either language; which of them are the same; and which one most of them come to."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cases import called, recipe_from
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.api import run
from selfinstruct.errors import UsageError
from selfinstruct.running.recipe import Recipe
from selfinstruct.running.recipe_file import load
from selfinstruct.stages import Judge, Respond, Vote
from selfinstruct.task import Instance, Message, Rejected, Task
from selfinstruct.teacher import Request, Response
from selfinstruct.text.expressions import value
from selfinstruct.text.final import final, key, same

FINAL = {
    "Let us add: 3 + 4 = 7.\n#### 7": "7",
    "#### $1,250.50": "$1,250.50",
    "The answer is 5.": "5",
    "The answer is .5": ".5",
    "**Answer:** 42": "42",
    "Answer: x = 5": "x = 5",
    "**Final Answer:**\n\n$\\boxed{\\frac{3}{4}}$": "\\frac{3}{4}",
    "First \\boxed{1}, then, corrected, \\boxed{\\text{two} + {2}}.": "\\text{two} + {2}",
    "The final answer is: $\\frac{1}{2}$. I hope it is correct.": "\\frac{1}{2}",
    "I think the answer is 7, because 3 plus 4 is 7.": "7",
    "He has 3 apples and 4 pears. So he has 7 fruits in total.": "7",
    "So there are 12 / 3 = 4 apples for each child. I hope this helps!": "4",
    "Therefore, the total cost is $1,234.50.": "$1,234.50",
    "Thus the area is 12 cm².": "12",
    "3 + 4 = 7": "7",
    "Step 1: 5\nStep 2: 6\n\nTotal: 11": "11",
    "The correct answer is (C) Paris.": "(C) Paris",
    "Answer: C": "C",
    "The correct option is B.": "B",
    "B": "B",
    "Yes, because 7 is prime.": "Yes, because 7 is prime",
    "Paris": "Paris",
    "小明有3个苹果，又买了4个。所以小明一共有 7 个苹果。": "7",
    "答案是5。": "5",
    "最终答案：**12**": "12",
    "综上所述，答案为 $\\dfrac{1}{2}$。": "\\dfrac{1}{2}",
    "因此，共需要12元。": "12",
    "3×4=12（元）\n答：一共要12元。": "一共要12元",
    "故选：B。": "B",
    "综合以上分析，本题应选择 C": "C",
    "答案：（D）北京": "（D）北京",
    "3 + 4 equals 7.": "7",
    "3加4等于7。": "7",
    "Half of 14 is equal to 7.": "7",
    "": "",
    "It is a long story, and nobody has ever told it to the end, which is a pity, since it is about all of us.": "",
}


@pytest.mark.parametrize("text", FINAL)
def test_the_final_answer_of_a_solution(text: str) -> None:
    assert final(text) == FINAL[text]


SAME = (
    ("0.5", "1/2", "\\frac{1}{2}", "\\frac12", "\\dfrac{1}{2}", "$\\frac{1}{2}$", "½", ".5", "2^{-1}", "\\(0.50\\)"),
    ("1234", "1,234", "1{,}234", "1234.0", "$1,234", "1234 apples", "1,234元", "1.234e3", "x = 1234"),
    ("(x+1)^2", "x^2+2x+1", "(x + 1)(x + 1)", "1 + 2x + x²", "y = (x+1)^{2}"),
    ("2\\sqrt{2}", "\\sqrt{8}", "2√2", "\\sqrt 8", "2 \\cdot 2^{1/2}"),
    ("\\frac{\\pi}{4}", "π/4", "0.25\\pi"),
    ("1 1/2", "1\\frac{1}{2}", "3/2", "1.5"),
    ("\\{1, 2\\}", "\\{2,1\\}"),
    ("(1, 2)", "\\left(1,2\\right)", "( 1.0, 2 )"),
    ("B", "(B)", "B.", "(B) Paris", "option B", "（B）"),
    ("yes", "Yes.", "Yes, it does", "True", "是", "是的。", "正确"),
    ("No", "no, it is not", "false", "否", "错误"),
    ("三十五个", "35", "35 个", "一共三十五个"),
    ("-3", "−3", "- 3"),
    ("90", "90°", "90^\\circ", "90 degrees"),
    ("Paris", "paris.", "**Paris**", "the Paris"),
)


@pytest.mark.parametrize("group", SAME, ids=lambda group: group[0])
def test_ways_to_write_the_same(group: tuple[str, ...]) -> None:
    assert {key(text) for text in group} == {key(group[0])}
    others = [text for other in SAME if other is not group for text in other]
    assert not [text for text in others if same(text, group[0])]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("7", "8"),
        ("12345678901234567890", "12345678901234567891"),
        ("cat", "act"),
        ("(1, 2)", "(2, 1)"),
        ("[1, 2]", "(1, 2)"),
        ("x", "y"),
        ("north", "no"),
        ("3:30", "3:31"),
        ("2 hours 30 minutes", "30"),
        ("x^2", "2x"),
        ("\\sqrt{2}", "1.41421"),
        ("", ""),
        ("9^{9^{9}}", "9^{9^{8}}"),
    ],
)
def test_what_is_not_the_same(one: str, other: str) -> None:
    assert not same(one, other)


def test_a_percentage_is_a_share_too() -> None:
    assert same("50%", "0.5")
    assert same("50\\%", "50")
    assert not same("50", "0.5")


@given(st.text(max_size=60) | st.text("0123456789+-*/^(){}[]\\frac sqrt=x,.%!$", max_size=60))
def test_any_text_can_be_read(text: str) -> None:
    said = final(text)
    assert isinstance(key(said), str)
    assert same(text, text) == bool(key(text))
    assert value(text) == value(f" {text} ") or value(text) is None or text != text.strip()


TASK = Task("t", "How many are 3 and 4?", (Instance("", "seven"),))


def voted(*answers: str | Response, **options: float) -> list[Task | Rejected]:
    responses = tuple(answer if isinstance(answer, Response) else Response(answer) for answer in answers)
    return list(Vote(samples=max(2, len(answers)), **options).parse_all((TASK,), responses))  # type: ignore[arg-type]


def test_the_first_of_the_majority_is_kept_with_its_share() -> None:
    [task] = voted("I say 8.", "So it is 7.", "3 + 4 = 7", "The answer is \\boxed{7}.", "答案是七个。")
    assert isinstance(task, Task)
    assert task.instances == (Instance("", "So it is 7."),)
    assert task.extra == {"vote": 0.8}


def test_what_is_no_vote_is_counted() -> None:
    cut, refused = Response("It is 7", "length"), Response("", "content_filter", error="HTTP 400: no")
    sorry, none = "I'm sorry, but I can't help with that.", "It depends on a great many things, as does everything."
    [lost] = voted("7", "7", cut, refused, sorry, none, "")
    assert isinstance(lost, Rejected)
    assert (lost.category, lost.what) == ("no majority", "answer")
    assert lost.detail.startswith("7 × 2; ")
    for reason in ("truncated", "content_filter", "refusal", "no answer"):
        assert f"{reason} × 1" in lost.detail
    assert len(voted("7", "7", "7", cut, refused)) == 1
    assert isinstance(voted("7", "7", "7", cut, refused)[0], Task)
    assert isinstance(voted(cut, refused)[0], Rejected)


def test_a_tie_is_no_majority() -> None:
    [lost] = voted("7", "8", "8", "7")
    assert isinstance(lost, Rejected)
    assert lost.detail == "7 × 2; 8 × 2"
    assert isinstance(voted("7", "7", "8", "9")[0], Task)
    assert isinstance(voted("7", "7", "8", "9", least=0.6)[0], Rejected)


def test_conversations_are_voted_on_by_their_last_answer() -> None:
    turns = (Message(role="user", content="3 + 4?"), Message(role="assistant", content="8"))
    again = (*turns, Message(role="user", content="No."), Message(role="assistant", content="9"))
    [task] = Vote(samples=2).parse_all((Task("t", "3 + 4?", turns=again),), (Response("7"), Response("It is 7.")))
    assert isinstance(task, Task)
    assert [turn["content"] for turn in task.turns] == ["3 + 4?", "8", "No.", "7"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"samples": 1}, "samples is 1; it is how many answers are asked for, 2 to 100"),
        ({"least": 0.0}, "least is 0; it is a share of the answers"),
        ({"text": "Answer."}, "it needs {instruction}"),
        ({"former": "id"}, "former is 'id', which every row has"),
    ],
)
def test_options_that_make_no_sense(options: dict[str, object], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        Vote(**options)  # type: ignore[arg-type]


def test_the_old_answer_is_kept_under_a_key() -> None:
    for stage in (Vote(samples=2, former="reference"), Respond(former="reference")):
        [task] = stage.parse((TASK,), Response("7"))
        assert isinstance(task, Task)
        assert (task.instances[0].output, task.extra["reference"]) == ("7", "seven")
        [task] = stage.parse((Task("t", "3 + 4?", extra={"reference": 7}),), Response("8"))
        assert isinstance(task, Task)
        assert task.extra["reference"] == 7


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_recipe_keeps_what_most_samples_say(language: str, tmp_path: Path) -> None:
    asked: list[int] = []

    def answer(request: Request) -> str:
        asked.append(request.sample)
        said = "The answer is {}." if language == "en" else "答案是{}。"
        return said.format(7 if request.sample % 3 else request.sample)

    rows = [{"id": "a", "instruction": "3 + 4?"}, {"id": "b", "instruction": "1 + 6?"}]
    done = run(load("voted", language), data=rows, teacher=called("sampled", answer), out=tmp_path)
    assert sorted(asked) == sorted([*range(5)] * 2)
    assert [task.extra["vote"] for task in done.tasks] == [0.6, 0.6]
    assert [len(task.requests) for task in done.tasks] == [5, 5]


# Judge with a threshold.


@pytest.mark.parametrize(
    ("options", "answer", "category", "detail"),
    [
        ({"ask": "score", "least": 7}, "5", "scored too low", "5 where 7 is asked"),
        ({"ask": "difficulty", "least": 4, "language": "zh"}, "3分", "too easy", "3 where 4 is asked"),
    ],
)
def test_a_judge_drops_what_is_below_its_threshold(
    options: dict[str, object], answer: str, category: str, detail: str
) -> None:
    [lost] = Judge(**options).parse((TASK,), Response(answer))  # type: ignore[arg-type]
    assert isinstance(lost, Rejected)
    assert (lost.category, lost.detail) == (category, detail)
    [task] = Judge(**options).parse((TASK,), Response("9"))  # type: ignore[arg-type]
    assert isinstance(task, Task)
    assert task.extra == {options["ask"]: 9}


def test_a_judge_without_a_threshold_is_what_it_was(tmp_path: Path) -> None:
    recipe = load("score")
    assert not any("least" in json.dumps(step, default=str) for step in _described(recipe)["steps"])
    assert _described(recipe_from({"steps": [{"each": "judge", "ask": "score", "least": 7}]}))["steps"][0]["least"] == 7
    for options in ({"ask": "equal", "least": 3}, {"least": 11}):
        with pytest.raises(UsageError, match="judge: least is"):
            Judge(**options)


def _described(recipe: Recipe) -> dict[str, list[dict[str, object]]]:
    from selfinstruct.running.identity import described

    return described(recipe)
