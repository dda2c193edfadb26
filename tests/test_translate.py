"""Translate: what is asked, what of an answer is a translation, and what one has to leave as it is."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest
from cases import carried_out, recipe_from
from hypothesis import given, settings
from hypothesis import strategies as st

from selfinstruct.api import Run, run
from selfinstruct.errors import UsageError
from selfinstruct.simulator.language import LANGUAGES
from selfinstruct.simulator.understanding import Shown, understand
from selfinstruct.stages import Translate
from selfinstruct.stages.reading.translated import fault_of, is_in, translated
from selfinstruct.task import Instance, Message, Rejected, Task
from selfinstruct.teacher import Response
from selfinstruct.text.kept import lost
from selfinstruct.text.language_names import Named, named_language

REPLIES = Path(__file__).parent / "replies" / "translate"
RIVERS = Task("t", "Put the 3 rivers in order, longest first.", (Instance("Nile\nOder\nPo", "Nile, Oder, Po"),))
CAPITAL = Task("t", "What is the capital of Portugal?", extra={"score": 7, "text": "What is … Lisbon."})
WHOLE = "<instruction>\n把下面3条河按长度排列，最长的在前。\n</instruction>\n<input>\n尼罗河\n奥得河\n波河\n</input>"
GERMAN = Named("de", "German", "德语")


def found(task: Task, answer: str, to: str = "zh", finish: str = "stop") -> list[Task | Rejected]:
    return list(Translate(to).parse((task,), Response(answer, finish)))


def made(task: Task, answer: str, to: str = "zh") -> tuple[str, str]:
    """Instruction and input of the one task in an answer."""
    (one,) = (item for item in found(task, answer, to) if isinstance(item, Task))
    return one.instruction, one.instances[0].input if one.instances else ""


def why(task: Task, answer: str, to: str = "zh") -> str:
    (item,) = found(task, answer, to)
    assert isinstance(item, Rejected)
    assert item.what == "answer"
    return item.category


@pytest.mark.parametrize("language", ["en", "zh", "de"])
def test_the_task_is_shown_between_tags_and_never_its_answer(language: str) -> None:
    prompt = Translate("ja", language=language).prompt((RIVERS,), Random(0))
    assert isinstance(prompt, str)
    assert (
        "<instruction>\nPut the 3 rivers in order, longest first.\n</instruction>\n<input>\nNile\nOder\nPo\n</input>"
        in prompt
    )
    assert "Nile, Oder" not in prompt
    assert ("日语" if language == "zh" else "Japanese") in prompt
    assert "{" not in prompt.replace("{x}", "")


READ = {
    "as asked": WHOLE,
    "greeting, and a note": f"Sure! Here is the translation:\n\n{WHOLE}\n\n(Note: the names are the usual ones.)",
    "after the task once more": f"<instruction>\n{RIVERS.instruction}\n</instruction>\n[Translation]\n{WHOLE}",
    "in a fence": f"```xml\n{WHOLE}\n```",
    "tags in Chinese": WHOLE.replace("instruction", "指令").replace("input", "输入"),
    "labels": "指令：把下面3条河按长度排列，最长的在前。\n输入：\n尼罗河\n奥得河\n波河",
    "bold labels": "**指令：** 把下面3条河按长度排列，最长的在前。\n\n**输入：**\n尼罗河\n奥得河\n波河",
    "paragraphs": "把下面3条河按长度排列，最长的在前。\n\n尼罗河\n奥得河\n波河",
    "JSON": '```json\n{"instruction": "把下面3条河按长度排列，最长的在前。", "input": "尼罗河\\n奥得河\\n波河"}\n```',
    "no end": WHOLE.removesuffix("\n</input>"),
}


@pytest.mark.parametrize("answer", READ.values(), ids=READ)
def test_a_translation_is_read_however_it_is_wrapped(answer: str) -> None:
    assert made(RIVERS, answer) == ("把下面3条河按长度排列，最长的在前。", "尼罗河\n奥得河\n波河")


NO_TRANSLATION = [
    (RIVERS, WHOLE.replace("3", "几"), "a number was lost"),
    (RIVERS, "Nile, Oder, Po", "no translation in the answer"),
    (RIVERS, "<instruction>\n把下面3条河按长度排列，最长的在前。\n</instruction>", "no translation in the answer"),
    (RIVERS, "I'm sorry, but I can't help with that.", "refusal"),
    (CAPITAL, "Lisbon", "not translated"),
    (CAPITAL, "里斯本。", "no translation, but an answer"),
    (CAPITAL, "葡萄牙的首都是里斯本。", "no translation, but an answer"),
    (CAPITAL, "What is the capital of Portugal?", "not translated"),
    (CAPITAL, "Was ist die Hauptstadt von Portugal?", "not translated"),
    (
        CAPITAL,
        "葡萄牙的首都是里斯本，" + "这座城市位于特茹河口，历史悠久，风景优美。" * 6,
        "no translation, but an answer",
    ),
    (Task("t", "Name three rivers."), "长江、黄河、珠江。", "no translation, but an answer"),
    (
        Task("t", "Name three rivers."),
        "好的！\n1. 长江\n2. 黄河\n3. 珠江\n4. 淮河\n5. 海河",
        "no translation, but an answer",
    ),
    (CAPITAL, "", "no translation in the answer"),
]


@pytest.mark.parametrize(("task", "answer", "category"), NO_TRANSLATION)
def test_what_obeys_repeats_or_loses_something_is_thrown_away(task: Task, answer: str, category: str) -> None:
    assert why(task, answer) == category


def test_what_breaks_off_is_thrown_away() -> None:
    (item,) = found(RIVERS, WHOLE, finish="length")
    assert isinstance(item, Rejected)
    assert item.category == "truncated"


@pytest.mark.parametrize(
    ("task", "answer", "to"),
    [
        (CAPITAL, "葡萄牙的首都是哪里？", "zh"),
        (CAPITAL, "请说出葡萄牙的首都。", "zh"),
        (CAPITAL, "Wie heißt die Hauptstadt von Portugal?", "German"),
        (CAPITAL, "Quelle est la capitale du Portugal ?", "fr"),
        (CAPITAL, "ポルトガルの首都はどこですか。", "ja"),
        (Task("t", "Name three rivers."), "举出三条河。", "zh"),
        (Task("t", "Give 12 examples, in 1,500 words at most."), "举十二个例子，不超过1500字。", "zh"),
        (Task("t", "列出两个例子。"), "Give two examples.", "en"),
        (Task("t", "What is the greatest common divisor of 12 and 18?"), "求12和18的最大公约数。", "zh"),
    ],
)
def test_what_a_person_would_take_is_taken(task: Task, answer: str, to: str) -> None:
    assert made(task, answer, to)[0] == answer


def test_of_the_row_everything_but_the_old_answer_stays() -> None:
    (one,) = found(CAPITAL, "葡萄牙的首都是哪里？")
    assert isinstance(one, Task)
    assert (one.extra, one.instances) == ({"score": 7}, ())


def test_words_that_are_worked_on_may_stay_as_they_are() -> None:
    task = Task("t", "Correct the grammar of this sentence.", (Instance("She go to the market on every Monday.", ""),))
    answer = "<instruction>改正这个句子的语法错误。</instruction><input>She go to the market on every Monday.</input>"
    assert made(task, answer)[1] == "She go to the market on every Monday."
    other = Task("t", "Who goes there?", task.instances)
    assert why(other, answer.replace("改正这个句子的语法错误。", "谁去那里？")) == "not translated"


TALK = Task(
    "t",
    "Which river is longer?",
    turns=(
        Message(role="user", content="Which river is longer?"),
        Message(role="assistant", content="The Oder is.", thoughts="866 km"),
        Message(role="user", content="By how many km?"),
        Message(role="assistant", content="By 214."),
    ),
)


def test_of_a_conversation_all_that_leads_up_to_the_last_question_is_translated() -> None:
    prompt = str(Translate().prompt((TALK,), Random(0)))
    assert "<turn_3>\nBy how many km?\n</turn_3>" in prompt
    assert "214" not in prompt
    answer = "<turn_1>哪条河更长？</turn_1>\n<turn_2>奥得河。</turn_2>\n<turn_3>长多少公里？</turn_3>"
    (one,) = found(TALK, answer)
    assert isinstance(one, Task)
    assert one.instruction == "哪条河更长？"
    assert [dict(turn) for turn in one.turns] == [
        {"role": "user", "content": "哪条河更长？"},
        {"role": "assistant", "content": "奥得河。"},
        {"role": "user", "content": "长多少公里？"},
    ]


def test_what_is_in_the_language_already_is_not_asked_about() -> None:
    chinese, called = Task("t", "说出三条河的名字。"), Task("c", "Go on.", turns=(Message(role="tool", content="3"),))
    assert Translate("zh").settled(chinese) == [chinese]
    assert Translate("en").settled(chinese) is None
    assert Translate("zh").settled(CAPITAL) is None
    assert Translate("English").settled(CAPITAL) == [CAPITAL]
    assert Translate("Traditional Chinese").settled(Task("t", "请说出这三条河的名字。")) is None
    (lost_,) = Translate("zh").settled(called) or [called]
    assert isinstance(lost_, Rejected)
    assert is_in("Nenne drei lange Flüsse in Deutschland und ihre Länge.", GERMAN)


@pytest.mark.parametrize("to", ["xx", "", "  ", "q1"])
def test_no_language_is_one_line(to: str) -> None:
    if to == "q1":
        assert Translate(to)  # a name that we do not know
        return
    with pytest.raises(UsageError, match=r"translate: to is .*like German"):
        Translate(to)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("zh", "zh"),
        ("中文", "zh"),
        ("zh_TW", "zh"),
        ("deutsch", "de"),
        ("Swiss German", "de"),
        ("pt-BR", "pt"),
        ("Klingon", ""),
    ],
)
def test_languages_by_any_name(said: str, code: str) -> None:
    named = named_language(said)
    assert named
    assert named.code == code


KEPT = [
    ("List 3 rivers.", "列出三条河流。", "zh", ""),
    ("List 3 rivers.", "列出河流。", "zh", "a number"),
    ("2 million people in the 1990s", "20世纪90年代的200万人", "zh", ""),
    ("Meet at 5 pm.", "17点见面。", "zh", ""),
    ("It costs 1,000.50 euros.", "Es kostet 1.000,50 Euro.", "de", ""),
    ("List 5 things.", "Nenne fünf Dinge.", "de", ""),
    ("List 15 things.", "Nenne fünfzehn Dinge.", "de", "a number"),
    ("Give it 50 %.", "给它百分之五十。", "zh", ""),
    ("On 3/10/2024", "2024年3月10日", "zh", ""),
    ("Fix `foo(x)`, see https://a.example/b.", "修复`foo(x)`，见https://a.example/b。", "zh", ""),
    ("Fix `foo(x)`.", "修复foo。", "zh", "code"),
    ("See https://a.example/b.", "见https://a.example/c。", "zh", "a link"),
    ("Dear {name}, you have %d", "亲爱的{name}，您有%d", "zh", ""),
    ("Dear {name}", "亲爱的{姓名}", "zh", "a placeholder"),
    ("Dear [Your Name]", "亲爱的[您的姓名]", "zh", ""),
    ("Fill in: a ____ b", "填空：a （ ） b", "zh", ""),
    ('Convert {"a": 1, "b": "red"} to CSV', '把{"a": 1, "b": "红"}转成CSV', "zh", ""),
    ('Convert {"a": 1} to CSV', '把{"a": 2}转成CSV', "zh", "JSON"),
    ("What is 2 + 2?", "4是多少？", "zh", "a formula"),
    ("Sort data.csv by max_age", "把data.csv按max_age排序", "zh", ""),
    ("Sort data.csv by max_age", "把数据按max_age排序", "zh", "a name"),
    ("```python\n# add\nx = f('a')\n```", "```python\n# 相加\nx = f('甲')\n```", "zh", ""),
    ("```python\nx = f(1)\n```", "```python\nx = g(1)\n```", "zh", "code"),
]


@pytest.mark.parametrize(("source", "said", "language", "what"), KEPT)
def test_what_has_to_stay(source: str, said: str, language: str, what: str) -> None:
    missing = lost(source, said, language)
    assert (str(missing.category) if missing else "") == (f"{what} was lost" if what else "")


@given(st.text(max_size=300), st.sampled_from(["zh", "de", "Klingon"]))
@settings(max_examples=80, deadline=None)
def test_any_answer_is_a_task_or_says_why_not(answer: str, to: str) -> None:
    items = found(RIVERS, answer, to)
    assert items
    assert isinstance(items[0], Task | Rejected)


@given(st.text(alphabet='<>/instructionput{}\n"： ', max_size=120))
@settings(max_examples=80, deadline=None)
def test_tags_in_pieces_are_read(answer: str) -> None:
    said, _ = translated(answer, {"instruction": "Name it.", "input": "a"})
    assert set(said) <= {"instruction", "input"}
    fault_of({"instruction": "Name it."}, said, GERMAN)


@pytest.mark.parametrize("file", sorted(REPLIES.glob("*.jsonl")), ids=lambda file: file.stem)
def test_what_a_small_model_wrote_is_no_translation(file: Path) -> None:
    """SmolLM2-135M writes words in a loop, or does the task; it cannot translate."""
    for row in map(json.loads, file.read_text(encoding="utf-8").splitlines()):
        given = (Instance(row["input"], ""),) if row["input"] else ()
        task = Task("t", row["instruction"], given)
        for finish in (row["finish"], "stop"):
            assert not any(isinstance(item, Task) for item in found(task, row["answer"], row["to"], finish))


def test_offline_what_is_about_numbers_is_translated_and_answered_right(tmp_path: Path) -> None:
    english = LANGUAGES["en"]
    rows = list[Task]()
    for family in english.families:
        if family.name in ("gcd", "lcm", "fractions", "equation", "rounding", "number_test", "statistics"):
            instruction, asked = family.compose(Random(3), wishes=0)
            rows.append(Task(f"r{len(rows)}", instruction, (Instance(asked.draw(Random(4)), "old"),)))
    done = run("gpt4_llm", data=rows, out=tmp_path / "out", model="builtin")
    assert len(done.tasks) + len(done.rejected) == len(rows)
    assert len(done.tasks) > len(rows) / 2
    by_id = {row.id: row for row in rows}
    for task in done.tasks:
        source = by_id[task.parents[0]]
        known = understand(Shown(source.instruction, source.instances[0].input))
        reply = known.reply(Random(0)) if known else None
        assert reply
        words = {"yes": "是", "no": "不是"}
        assert task.instances[0].output == words.get(reply.bare, reply.bare)
        assert any("\u4e00" <= char <= "\u9fff" for char in task.instruction)


def test_into_a_language_of_ones_own(tmp_path: Path) -> None:
    recipe = recipe_from({"steps": [{"each": "translate", "to": "German"}, {"each": "respond"}]})

    def answer(request: object) -> str:
        prompt = str(getattr(request, "prompt", ""))
        if "<instruction>" not in prompt:
            return "Lissabon."
        return "<instruction>\nWie heißt die Hauptstadt von Portugal?\n</instruction>"

    carried_out(recipe, [CAPITAL], tmp_path, answer)
    (task,) = Run(tmp_path).tasks
    assert (task.instruction, task.instances[0].output) == ("Wie heißt die Hauptstadt von Portugal?", "Lissabon.")
