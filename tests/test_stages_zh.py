"""The stages in Chinese: their prompts, and what their parsers make of Chinese and mixed texts.

The replies that test_stages.py reads are named zh_… where they are Chinese.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_stages import ASKED, FRAGMENTS, REPLIES, finishes, parsed, texts, words

from selfinstruct.errors import UsageError
from selfinstruct.stages import Alpaca, Classify, Instances, Propose, Stage
from selfinstruct.stages.prompting import LANGUAGES, prompt_text
from selfinstruct.stages.reading.lists import list_items
from selfinstruct.stages.reading.plain import one_line, unbold, unwrapped
from selfinstruct.task import Instance, Rejected, Task
from selfinstruct.teacher import Response

SHOWN = [Task(f"seed_{n}", f"第{n}个任务是什么？", (Instance("", f"答案{n}。"),)) for n in range(8)]
WORK = Task("t1", "照着示例做。")
LABELLED = Task("t2", "选出合适的标签。", is_classification=True)


def prompt(stage: Stage, *tasks: Task) -> str:
    text = stage.prompt(tasks, Random(0))
    assert isinstance(text, str)
    return text


# Prompts


@pytest.mark.parametrize("stage", [Propose, Classify, Instances, Alpaca])
def test_language_is_one_that_prompts_are_written_in(stage: Any) -> None:
    assert stage().language == "en"
    with pytest.raises(UsageError, match=r"^language is 'fr': our prompts are written in en and zh; give a prompt of"):
        stage(language="fr")


@pytest.mark.parametrize("name", ["alpaca", "classify", "input_first", "output_first"])
def test_prompts_have_the_same_gaps_in_both_languages(name: str) -> None:
    english, chinese = (set(re.findall(r"\{\w+\}", prompt_text(name, language))) for language in LANGUAGES)
    assert english == chinese


@pytest.mark.parametrize("name", ["alpaca", "classify", "input_first", "output_first"])
def test_chinese_is_written_with_chinese_punctuation(name: str) -> None:
    assert not re.search(r"[\u4e00-\u9fff] |[\u4e00-\u9fff][,;:?!()]|[,;:?!()][\u4e00-\u9fff]", prompt_text(name, "zh"))


def test_propose_prompt_is_a_list_to_continue() -> None:
    tasks = [Task("a", "  把下面的词\n排好顺序：  "), Task("b", "使用{括号}和 Excel\n表格"), *SHOWN[:6]]
    lines = prompt(Propose(language="zh"), *tasks).split("\n")
    assert "任务清单" in lines[0]
    assert lines[1:5] == ["", "1. 把下面的词排好顺序", "2. 使用{括号}和 Excel 表格", "3. 第0个任务是什么？"]
    assert lines[-1] == "9."


def test_propose_prompt_names_classification_only_in_that_variant() -> None:
    heads = [prompt(Propose(c, "zh"), *SHOWN).split("\n")[0] for c in (False, True)]
    assert ["分类任务" in head for head in heads] == [False, True]
    assert all("任务清单" in head for head in heads)


def test_alpaca_prompt_shows_whole_tasks() -> None:
    tasks = [
        Task("a", "把两个数\n加起来：", (Instance("2和{x}", "4"), Instance("3", "6"))),
        Task("b", "天为什么是蓝的？", (Instance("", "因为空气。"),)),
        Task("c", "没有实例的任务。"),
    ]
    head, _, blocks = prompt(Alpaca(10, "zh"), *tasks).partition("\n\n1. 指令：")
    assert "10个" in head
    assert head.endswith("任务：")
    assert "1. 指令：" + blocks == (
        "1. 指令：把两个数加起来\n1. 输入：2和{x}\n1. 输出：4\n###\n"
        "2. 指令：天为什么是蓝的？\n2. 输入：<无输入>\n2. 输出：因为空气。\n###\n"
        "3. 指令：没有实例的任务。\n3. 输入：<无输入>\n3. 输出：\n###\n"
        "4. 指令："
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("many", [10, 20])
def test_alpaca_asks_for_as_many_tasks_as_it_is_told(language: str, many: int) -> None:
    stage = Alpaca(many, language)
    head = prompt(stage, *SHOWN[:3]).partition("\n1. ")[0]
    assert re.findall(rf"\b{many}|{many}个", head) == re.findall(r"\b\d0\b|\d0个", head.replace("100", ""))
    assert stage.per_answer == many - 3


def test_alpaca_asks_for_more_than_one_task() -> None:
    with pytest.raises(UsageError, match="many is 1"):
        Alpaca(many=1)


def test_alpaca_reads_its_own_prompt_back() -> None:
    text = prompt(Alpaca(10, "zh"), *SHOWN[:3])
    text = text[text.index("1. 指令：") : -len("\n###\n4. 指令：")]
    found = list(Alpaca(10, "zh").parse(tuple(SHOWN[3:6]), Response(text, "stop")))
    assert found == [Task("", task.instruction, task.instances) for task in SHOWN[:3]]


def test_classify_prompt_has_as_many_examples_as_published() -> None:
    text = prompt(Classify("zh"), Task("a", "说说{什么}，\n是它。"))
    assert len(re.findall(r"^是否分类任务：是$", text, re.MULTILINE)) == 12
    assert len(re.findall(r"^是否分类任务：否$", text, re.MULTILINE)) == 19
    assert text.endswith("\n任务：说说{什么}，是它。\n是否分类任务：")


@pytest.mark.parametrize("label", [False, True])
def test_instances_prompt_ends_with_the_task(label: bool) -> None:
    text = prompt(Instances(language="zh"), Task("a", "给出{a}，\n和{instruction}。", is_classification=label))
    assert text.endswith("\n\n任务：给出{a}，和{instruction}。")
    assert ("\n类别标签：" in text) is label
    assert ("\n示例1\n" in text) is not label
    assert ("示例" in text.split("\n")[0]) is not label


@pytest.mark.parametrize(("kind", "task"), [("input_first", WORK), ("output_first", LABELLED)])
def test_instances_reads_the_examples_of_its_own_prompt(kind: str, task: Task) -> None:
    for block in prompt(Instances(language="zh"), task).split("\n\n任务：")[1:-1]:
        (found,) = parsed(kind, block.partition("\n")[2])
        assert isinstance(found, Task)
        assert len(found.instances) == max(1, len(re.findall(r"^(?:示例|类别标签)", block, re.MULTILINE)))


@pytest.mark.parametrize("kind", ASKED)
def test_answers_are_read_alike_whatever_the_language_of_the_prompt(kind: str) -> None:
    english, tasks = ASKED[kind]
    chinese = type(english)(language="zh")  # type: ignore[call-arg]
    for path in sorted(REPLIES.glob(f"{kind}/**/*.txt")):
        response = Response(path.read_bytes().decode())
        read_by = [texts(list(stage.parse(tasks, response))) for stage in (english, chinese)]
        # An answer that goes on after "4. 指令：" and is rejected is shown with that label.
        assert read_by[0] == read_by[1].replace("4. 指令：", "4. Instruction:", read_by[0].count("4. Instruction:"))


# Reading


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("今天\n天气\n\n很好。", "今天天气很好。"),
        ("今天 天气　很好", "今天 天气 很好"),
        ("用 Python\n写", "用 Python 写"),
        ("选一个：\n- 甲\n- 乙", "选一个：- 甲 - 乙"),
        ("解释\n“甲”\n和\n“乙”", "解释“甲”和“乙”"),
        ("He said “a”\n“b” there", "He said “a” “b” there"),
        ("one\ntwo", "one two"),
        ("日本\nJapan", "日本 Japan"),
    ],
)
def test_lines_are_joined_as_each_script_wants(text: str, wanted: str) -> None:
    assert one_line(text) == wanted


@given(text=st.text())
def test_one_line_keeps_everything_but_white_space(text: str) -> None:
    assert "".join(one_line(text).split()) == "".join(text.split())
    assert one_line(one_line(text)) == one_line(text)


@given(text=st.text(st.characters(max_codepoint=0x2FFF)))
def test_one_line_of_other_scripts_is_white_space_collapsed(text: str) -> None:
    assert one_line(text) == " ".join(text.split())


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("请**判断**句子", "请判断句子"),
        ("**说明：**写诗", "说明：写诗"),
        ("2**3", "2**3"),
        ("用**kwargs传参", "用**kwargs传参"),
    ],
)
def test_bold_type_needs_no_spaces_around_it(text: str, wanted: str) -> None:
    assert unbold(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "输出：你好，\n如果任务完成了，请告诉我。",
        "输出：各位同事，\n以上任务请在周五前完成。",
        "输出：\n需要继续完成的任务是扫地。",
        "你好！请把这句话译成英语。",
        "好人一生平安，这句话怎么理解？",
    ],
)
def test_what_a_text_may_end_or_begin_with_is_no_remark(text: str) -> None:
    assert unwrapped(text) == (text, [])


# Numbers as chat models write them


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("【9】写一首诗\n【10】解释光合作用\n【11】列出三种水果", ["写一首诗", "解释光合作用", "列出三种水果"]),
        ("写一首诗\n\n【10】 解释光合作用", ["写一首诗", "解释光合作用"]),
        ("[9] Write a poem.\n[10] Explain rain.", ["Write a poem.", "Explain rain."]),
        ("[1] Write a poem.\n[2] Explain [3] things.", ["Write a poem.", "Explain [3] things."]),
        ("【九】写一首诗\n【十】解释光合作用", ["写一首诗", "解释光合作用"]),
        ("四、指令：写诗\n五、指令：猜谜", ["写诗", "猜谜"]),
        (
            "9. 写一篇短文：\n（1）不少于三句\n（2）包含比喻\n10. 列出三种水果\n11. 解释词语：\n(1) 光\n(2) 电",
            ["写一篇短文：（1）不少于三句（2）包含比喻", "列出三种水果", "解释词语：(1) 光 (2) 电"],
        ),
        (
            " 写一篇短文：\n（1）不少于三句\n（2）有比喻\n10. 列出水果",
            ["写一篇短文：（1）不少于三句（2）有比喻", "列出水果"],
        ),
        ("九、写诗：\n（1）要押韵\n（2）要短\n十、列出水果", ["写诗：（1）要押韵（2）要短", "列出水果"]),
        ("9. Do this:\n1) one\n2) two\n10. Then rest.", ["Do this: 1) one 2) two", "Then rest."]),
        ("9. One thing.\n10) Another thing.\n11、第三件", ["One thing.", "Another thing.", "第三件"]),
        ("（1）写诗\n（2）解释\n（3）列出", ["写诗", "解释", "列出"]),
    ],
)
def test_lists_are_read_however_they_are_numbered(text: str, wanted: list[str]) -> None:
    assert [task.instruction for task in parsed("propose", text) if isinstance(task, Task)] == wanted


POEM, SUM = ("写诗", "", "春天"), ("算数", "1", "2")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "四、指令：写诗\n四、输入：<无输入>\n四、输出：春天\n###\n五、指令：算数\n五、输入：1\n五、输出：2",
            [POEM, SUM],
        ),
        ("写诗\n四、输入：无\n四、输出：春天\n###\n五、指令：算数\n五、输入：1\n五、输出：2", [POEM, SUM]),
        ("【4】指令：写诗\n【4】输入：无\n【4】输出：春天\n【5】指令：算数\n【5】输入：1\n【5】输出：2", [POEM, SUM]),
        ("任务四\n指令：写诗\n输入：无\n输出：春天\n任务五\n指令：算数\n输入：1\n输出：2", [POEM, SUM]),
        ("第四题\n指令：写诗\n输入：无\n输出：春天", [POEM]),
        ("（四）指令：写诗\n（四）输入：无\n（四）输出：春天", [POEM]),
        ("④指令：写诗\n④输入：无\n④输出：春天", [POEM]),
        ("[4] Instruction: 写诗\n[4] Input: <noinput>\n[4] Output: 春天", [POEM]),
        (
            "4. 指令：写提纲\n4. 输入：无\n4. 输出：一、背景\n二、输入：数据",
            [("写提纲", "", "一、背景\n二、输入：数据")],
        ),
    ],
)
def test_blocks_are_read_however_they_are_numbered(text: str, wanted: list[tuple[str, str, str]]) -> None:
    found = [task for task in parsed("alpaca", text) if isinstance(task, Task)]
    assert [(task.instruction, task.instances[0].input, task.instances[0].output) for task in found] == wanted


@pytest.mark.parametrize("number", ["【{}】", "[{}] ", "{}、", "（{}）", "示例【{}】\n", "【{}】\n", "[Example {}]\n"])
@pytest.mark.parametrize("numbers", ["12", "一二"])
def test_examples_are_read_however_they_are_numbered(number: str, numbers: str) -> None:
    one, two = (number.format(n if number[1:2] != "E" else "一二12".index(n) % 2 + 1) for n in numbers)
    found = parsed("input_first", f"{one}输入：甲\n输出：乙\n{two}输入：丙\n输出：丁")
    assert [item.instances for item in found if isinstance(item, Task)] == [
        (Instance("甲", "乙"), Instance("丙", "丁"))
    ]
    if "\n" not in number:
        twice = f"{one}输入：甲\n{one}输出：乙\n{two}输入：丙\n{two}输出：丁"
        assert parsed("input_first", twice) == found
        labels = parsed("output_first", f"{one}类别标签：甲\n乙\n{two}类别标签：丙\n丁")
        assert [item.instances for item in labels if isinstance(item, Task)] == [
            (Instance("乙", "甲"), Instance("丁", "丙"))
        ]


@pytest.mark.parametrize(
    ("answer", "yes"),
    [
        *(
            (text, True)
            for text in (
                "Ｙｅｓ",
                "ｙｅｓ。",
                "答案：Ｙｅｓ",
                "对",
                "对的。",
                "对，这是分类任务",
                "是的",
                "是啊",
                "没错",
            )
        ),
        *((text, False) for text in ("不是", "不对", "Ｎｏ", "否", "不正确", "是写作任务")),
        *((text, None) for text in ("对比任务", "对于这个任务，不好说", "是否")),
    ],
)
def test_yes_and_no_to_classify(answer: str, yes: bool | None) -> None:
    *_, task = parsed("classify", answer)
    assert isinstance(task, Task)
    assert task.is_classification is yes


# Any text

CHINESE = (
    *(
        "\n9、",
        "\n10．",
        "\n（11）",
        "\n任务12：",
        "\n第13条：",
        "\n九、",
        "\n十、",
        "\n①",
        "\n一、",
        "\n　　",
        "\n３. ",
    ),
    *(
        "\n示例1\n",
        "\n示例二：",
        "\n**例3**：\n",
        "\n示例：\n",
        "\n【示例4】\n",
        "\n1、输入：",
        "\n输入：",
        "\n输出：",
        "\n**输出：**",
    ),
    *(
        "\n【输入】",
        "\n【输出】",
        "\n类别标签：",
        "\n**分类标签**:",
        "\n标签：",
        "\n类别：",
        "\n4. 指令：",
        "\n4、输入：",
        "\n4．输出：",
    ),
    *(
        "\n指令：",
        "\n任务：",
        "\n【任务5】\n",
        "\n### 任务6\n",
        "<无输入>",
        "无",
        "（无）",
        "好的，以下是任务：\n",
        "当然可以！",
    ),
    *(
        "\n希望这些任务对您有帮助",
        "\n如果需要更多示例，请告诉我。",
        "抱歉，我无法",
        "作为一个AI助手，我不能",
        "\n\n任务：",
    ),
    *(
        "是",
        "否",
        "不是",
        "是否分类任务：",
        "。",
        "：",
        "、",
        "，",
        "“",
        "”",
        "「",
        "」",
        "**",
        "请",
        "###\n",
        "。###\n",
    ),
)
hanzi = st.integers(0, 9999).map(lambda number: "".join("甲乙丙丁戊己庚辛壬癸"[int(digit)] for digit in f"{number:04}"))
"""Chinese words that are no part of any label."""
pieces = st.sampled_from(CHINESE) | st.sampled_from(FRAGMENTS) | hanzi | words
ugly = st.lists(st.sampled_from(CHINESE) | hanzi, max_size=40).map("".join) | st.lists(pieces, max_size=40).map(
    " ".join
)
answers = ugly | st.text(st.sampled_from("一二十九第条任务示例输入出类别标签指令是否无（）【】：:、．.1９ \n　*#"))


@pytest.mark.parametrize("kind", ASKED)
@given(text=answers, finish=finishes)
def test_any_answer_is_read(kind: str, text: str, finish: str) -> None:
    found = parsed(kind, text, finish)
    assert found, "every answer ends as a task or as something rejected"
    for one in found:
        if isinstance(one, Rejected):
            assert one.category
        else:
            assert one.instruction or kind == "alpaca"
            assert one.instruction == one.instruction.strip()


@pytest.mark.parametrize("kind", ["propose", "input_first", "output_first", "alpaca"])
@given(text=ugly.filter(lambda text: "think>" not in text), finish=finishes)
def test_no_word_of_an_answer_is_lost(kind: str, text: str, finish: str) -> None:
    came_out = texts(parsed(kind, text, finish)).casefold()
    for word in re.findall(r"q\d{4}|[甲乙丙丁戊己庚辛壬癸]{4}", text):
        assert word in came_out


@pytest.mark.parametrize("kind", ["input_first", "output_first"])
@given(text=answers, finish=finishes)
def test_instances_are_sound(kind: str, text: str, finish: str) -> None:
    for task in parsed(kind, text, finish):
        for instance in task.instances if isinstance(task, Task) else ():
            assert instance.output not in ("", instance.input)
            assert not instance.output.endswith((":", "："))
            assert instance.input not in ("无", "<无输入>")


@given(text=answers)
def test_reading_a_list_again_changes_nothing(text: str) -> None:
    once = [one_line(item) for item in list_items(text, 9)[0] if item.strip()]
    again, remarks = list_items("\n".join(f"9. {item}" for item in once), 9)
    assert [item.strip() for item in again if item.strip()] == once
    assert not remarks


@pytest.mark.parametrize("kind", ASKED)
@pytest.mark.parametrize(
    "piece",
    [
        "　",
        "：",
        "请",
        "任务",
        "以下是任务",
        "\n如果任务",
        "**请**",
        "9、",
        "\n9、\n",
        "一、\n",
        "\n示例1",
        "输入：\n",
        "【输入】",
        "指令：\n",
    ],
)
def test_a_long_monotonous_answer_is_read(kind: str, piece: str) -> None:
    for end in ("", "x"):
        assert parsed(kind, "好\n" + piece * (20_000 // len(piece)) + end)
        assert parsed(kind, piece * (20_000 // len(piece)) + end)


# Lists of plain instructions

plain_words = st.text("春夏秋冬山水花鸟写读算改编猜", min_size=1, max_size=6)
others = st.sampled_from(["，", " Python ", "3.5", "“月”", "输出：", "示例2", "第三条", "3、5、8", "《秋》"])
instructions = st.tuples(plain_words, st.lists(plain_words | others, max_size=6), plain_words).map(
    lambda parts: one_line("".join([parts[0], *parts[1], parts[2]]))
)
NUMERALS = "零一二三四五六七八九十"


def numeral(number: int) -> str:
    return NUMERALS[number] if number <= 10 else "十" + NUMERALS[number - 10]


STYLES = {
    "dot": lambda number, text: f"{number}.{text}",
    "comma": lambda number, text: f"{number}、{text}",
    "full width": lambda number, text: (
        f"{str(number).translate(str.maketrans('0123456789', '０１２３４５６７８９'))}．{text}"
    ),
    "parentheses": lambda number, text: f"（{number}）{text}",
    "colon": lambda number, text: f"{number}：{text}",
    "bold comma": lambda number, text: f"**{number}、**{text}",
    "task": lambda number, text: f"任务{number}：{text}",
    "bracketed task": lambda number, text: f"【任务{number}】{text}",
    "nth": lambda number, text: f"第{number}条：{text}",
    "nth in words": lambda number, text: f"第{numeral(number)}条：{text}",
    "numeral": lambda number, text: f"{numeral(number)}、{text}",
    "numeral in parentheses": lambda number, text: f"（{numeral(number)}）{text}",
    "task in words": lambda number, text: f"任务{numeral(number)}：{text}",
    "circled": lambda number, text: f"{chr(0x245F + number)} {text}",
    "boxed": lambda number, text: f"【{number}】{text}",
    "square": lambda number, text: f"[{number}] {text}",
    "numeral in a box": lambda number, text: f"【{numeral(number)}】{text}",
}


@pytest.mark.parametrize("style", STYLES)
@given(
    wanted=st.lists(instructions, min_size=2, max_size=8),
    first=st.sampled_from([1, 9]),
    between=st.sampled_from(["\n", "\n\n"]),
    greeting=st.sampled_from(["", "好的，以下是新的任务：\n\n", "以下是续写的任务清单：\n"]),
)
def test_a_list_is_read_as_it_was_written(
    style: str, wanted: Sequence[str], first: int, between: str, greeting: str
) -> None:
    text = greeting + between.join(STYLES[style](number, text) for number, text in enumerate(wanted, first))
    assert [task.instruction for task in parsed("propose", text) if isinstance(task, Task)] == wanted


@given(wanted=st.lists(instructions, min_size=1, max_size=8), style=st.sampled_from(sorted(STYLES)))
def test_a_continued_list_is_read_as_it_was_written(wanted: Sequence[str], style: str) -> None:
    text = "\n".join([wanted[0], *(STYLES[style](number, text) for number, text in enumerate(wanted[1:], 10))])
    assert [one.instruction if isinstance(one, Task) else one.text for one in parsed("propose", text)] == wanted


def test_replies_in_chinese_cover_every_stage() -> None:
    for kind in ASKED:
        replies = list(REPLIES.glob(f"{kind}/**/zh_*.txt"))
        assert len(replies) >= 6, kind
        for path in replies:
            if kind != "classify":
                assert json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))["about"]


def test_what_stands_behind_the_last_separator_is_told() -> None:
    assert "甲甲甲甲" in texts(parsed("alpaca", "\n9、 \n输出： \n9、 \n###\n 甲甲甲甲", "stop"))
    assert "甲甲甲甲" in texts(parsed("alpaca", "9. 做事\n输出：好\n###\n 甲甲甲甲", "stop"))
