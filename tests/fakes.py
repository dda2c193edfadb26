"""Teachers that the tests script: plain functions of the request, as a language model would be if it were simple."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from random import Random

from fake_tools import critical, with_tools

from selfinstruct.task import Instance, Task
from selfinstruct.teacher import Request, Response, Teacher

VERBS = (
    *("Name", "List", "Describe", "Explain", "Compare", "Rank", "Sketch", "Praise"),
    *("Doubt", "Count", "Weigh", "Retell", "Sort", "Quote", "Date", "Trace"),
)
THINGS = (
    *("rivers", "bridges", "proverbs", "trains", "islands", "spices", "comets", "knots", "clocks", "harbours"),
    *("lanterns", "glaciers", "violins", "markets", "orchards", "tides", "alphabets", "kites", "wells", "moths"),
)
VERBS_ZH = (
    "说说",
    "列举",
    "描写",
    "解释",
    "比较",
    "评价",
    "考证",
    "赞美",
    "统计",
    "复述",
    "整理",
    "引用",
    "推测",
    "质疑",
)
THINGS_ZH = (
    *("江河", "石桥", "谚语", "火车", "海岛", "香料", "彗星", "绳结", "钟表", "港口", "灯笼", "冰川"),
    *("古琴", "集市", "果园", "潮汐", "篆书", "风筝", "水井", "飞蛾", "瓷器", "驿站", "棋谱", "梅花"),
)
SEEDS = [
    Task(
        f"seed_task_{n}",
        f"{verb} three {thing} that everybody should know.",
        (Instance("", f"{thing}: {n}"),),
        (),
        n % 4 == 0,
    )
    for n, (verb, thing) in enumerate(zip(VERBS[:8], THINGS[:8], strict=True))
]
SEEDS_ZH = [
    Task(f"seed_task_{n}", f"{verb}人人都该知道的三样{thing}。", (Instance("", f"{thing}：{n}"),), (), n % 4 == 0)
    for n, (verb, thing) in enumerate(zip(VERBS_ZH[:8], THINGS_ZH[:8], strict=True))
]


def simple(request: Request) -> Response:
    """A pure function of the request that answers every stage in either language; some answers are faulty."""
    rng = Random(request.key)
    prompt = request.prompt if isinstance(request.prompt, str) else request.prompt[-1]["content"]
    chinese = any("\u4e00" <= char <= "\u9fff" for char in prompt)
    end = prompt.rstrip().rpartition("\n")[2]
    if prompt.startswith('{"'):  # of a check
        return Response('{"passed": true}' if rng.random() < 0.7 else '{"passed": false, "what": "tests failed"}')
    if "7?" in prompt:
        return _cut(rng, "7" if rng.random() < 0.9 else "8", 0.1)
    if "f(x)" in prompt:
        return _cut(rng, f"```python\ndef f(x):\n    return {rng.randrange(9)}\n```", 0.1)
    if end.endswith(".") and end[:-1].isdecimal():
        first = int(end[:-1])
        text = "".join(
            f"{'' if n == first else f'{chr(10)}{n}.'} {_instruction(rng, chinese)}" for n in range(first, first + 7)
        )
        return _cut(rng, text, 0.05)
    if end in ("Classification:", "是否分类任务："):
        yes, no = ("是", "否") if chinese else (" Yes", " No")
        return Response(yes if rng.random() < 0.3 else no, "stop", "simple", 300, 1)
    if end.startswith(("4. Instruction:", "4. 指令：")):
        return _cut(rng, _blocks(rng, chinese), 0.5)
    if end in ("[Translation]", "【译文】"):
        return _cut(rng, _translation(rng, prompt), 0.05)
    if (played := with_tools(rng, prompt, lambda: _instruction(rng, chinese), chinese)) is not None:
        return _cut(rng, played, 0.05)
    if (said := critical(rng, end.strip("[]【】"), chinese)) is not None:
        return _cut(rng, said, 0.1)
    if end.startswith(("[", "【")):
        return _evolution(rng, end.strip("[]【】"), prompt, chinese)
    if end in ("Assistant:", "助手："):
        asking, answering = ("用户：", "助手：") if chinese else ("User: ", "Assistant: ")
        return _cut(rng, f" {rng.randrange(99)}\n{asking}?\n{answering}{rng.randrange(99)}", 0.1)
    if end in ("User:", "用户："):
        return _cut(rng, _user_turn(rng, chinese), 0.1)
    if end in ("1. Name:", "1. 姓名："):
        return _cut(rng, _personas(rng, chinese), 0.2)
    if end == "<|im_start|>user":
        return _cut(rng, _instruction(rng, chinese), 0.1)
    if end in ("Instruction:", "指令："):
        return _cut(rng, _fields(rng, chinese), 0.1)
    if end in ("In other words:", "换种说法："):
        return _cut(rng, f"{_instruction(rng, chinese)} {rng.choice(('{INPUT}', '{INPUT}', ''))}", 0.1)
    if end.startswith(("Task: ", "任务：")):
        return Response(_examples(rng, prompt, chinese), "stop", "simple", 300, 20)
    sorry = "抱歉，我不会。" if chinese else "Sorry, no."  # to a task as a user would put it
    return _cut(rng, sorry if rng.random() < 0.1 else f"{'答案' if chinese else 'answer'} {rng.randrange(999)}", 0.1)


def late(delay_of: Random, answer: Callable[[Request], Response] = simple) -> Teacher:
    """The same teacher, its answers arriving in another order: after 0 to 5 turns of the loop."""

    async def teacher(request: Request, /) -> Response:
        for _ in range(delay_of.randrange(6)):
            await asyncio.sleep(0)
        return answer(request)

    return teacher


def _cut(rng: Random, text: str, often: float) -> Response:
    return Response(text, "length" if rng.random() < often else "stop", "simple", 100, 70)


def _instruction(rng: Random, chinese: bool) -> str:
    if rng.random() < 0.1:
        faulty = (
            ("太短", "画一幅港口的画。", "写一个给词语排序的程序。") if chinese else ("Too short.", "Draw a picture.")
        )
        return rng.choice(faulty)
    first, *others, last = rng.sample(THINGS_ZH if chinese else THINGS, rng.randrange(4, 7))
    if chinese:
        return f"{rng.choice(VERBS_ZH)}{first}、{'、'.join(others)}与{last}的共同之处。"
    return f"{rng.choice(VERBS)} {first}, {', '.join(others)} by what they share with {last}."


def _blocks(rng: Random, chinese: bool) -> str:
    named = (
        ("指令：", "输入：<无输入>", "输出：答案")
        if chinese
        else ("Instruction:", "Input: <noinput>", "Output: answer")
    )
    fields = (
        f" {_instruction(rng, chinese)}\n{n}. {named[1]}\n{n}. {named[2]} {rng.randrange(999)}" for n in range(4, 12)
    )
    return "".join(
        f"{'' if n == 4 else f'{chr(10)}###{chr(10)}{n}. {named[0]}'}{text}" for n, text in enumerate(fields, 4)
    )


def _user_turn(rng: Random, chinese: bool) -> str:
    """What the user says next, or how a conversation ends, well or not."""
    if rng.random() < 0.7:
        return f"那么{_instruction(rng, chinese)}？" if chinese else f"And then? {_instruction(rng, chinese)}"
    ends = ("[结束]", "谢谢！", "不客气！", "") if chinese else ("[END]", "Thanks!", "You're welcome!", "")
    return rng.choice(ends)


def _personas(rng: Random, chinese: bool) -> str:
    """Three of them, of which one may lack its greeting."""
    labels = (
        ("姓名：", "描述：", "场景：", "问候：") if chinese else ("Name: ", "Description: ", "Scenario: ", "Greeting: ")
    )
    blocks = []
    for number in range(1, 4):
        fields = (
            f"{rng.randrange(99)}{'号' if chinese else 'th'}",
            _instruction(rng, chinese),
            _instruction(rng, chinese),
        )
        lines = [*fields, f"{'你好' if chinese else 'Hello'} {rng.randrange(9)}"][: 3 if rng.random() < 0.1 else 4]
        said = "\n".join(f"{label}{text}" for label, text in zip(labels, lines, strict=False))
        blocks.append(f"{number}. {said}")
    return "\n###\n".join(blocks).removeprefix(f"1. {labels[0].rstrip()}")


def _fields(rng: Random, chinese: bool) -> str:
    """A task with constraints; some lack them."""
    given, bounds = ("输入：案例", "输出要求：无。") if chinese else ("Input: case", "Constraints: One word.")
    lines = [f" {_instruction(rng, chinese)}", f"{given} {rng.randrange(999)}", bounds]
    return "\n".join(lines[: 2 if rng.random() < 0.1 else 3])


def _examples(rng: Random, prompt: str, chinese: bool) -> str:
    number, other = rng.randrange(99), rng.randrange(999)
    if rng.random() < 0.1:
        return "抱歉，这个我做不了。" if chinese else "I'm sorry, but I can't help with that."
    if "Class label:" in prompt or "类别标签" in prompt:
        return (
            "类别标签：是\n浮。\n类别标签：否\n沉。"
            if chinese
            else "Class label: yes\nIt floats.\nClass label: no\nIt sinks."
        )
    if chinese:
        return f"示例1\n输入：案例{number}\n输出：答案{other}"
    return f"Example 1\nInput: case {number}\nOutput: answer {other}"


def _translation(rng: Random, prompt: str) -> str:
    """Each text between its tags with the numbers that it has; now and then the task is done instead."""
    if rng.random() < 0.1:
        return "No." if rng.random() < 0.5 else "江河、石桥、火车"
    made = _TAGGED.sub(
        lambda found: (
            f"<{found[1]}>{_instruction(Random(found[2]), True) if found[1] == 'instruction' else '江河'}"
            f"{' '.join(re.findall('[0-9]+', found[2]))}</{found[1]}>"
        ),
        "".join(found[0] for found in _TAGGED.finditer(prompt)),
    )
    return f"Sure! Here is the translation:\n{made}" if rng.random() < 0.1 else made


_TAGGED = re.compile(r"<(\w+)>\n(.*?)\n</\1>", re.DOTALL)


def passage(rng: Random, chinese: bool) -> str:
    """Some sentences about things, as a document might have them."""
    things = rng.sample(THINGS_ZH if chinese else THINGS, 8)
    if chinese:
        return "\n\n".join(f"{thing}是本地有名的东西，每年有{rng.randrange(2, 900)}个人来看。" for thing in things)
    return "\n\n".join(
        f"The {thing} of this coast are old, and {rng.randrange(2, 900)} people see them." for thing in things
    )


def _about_passage(rng: Random, heading: str, chinese: bool) -> Response | None:
    """What comes under the last heading of a prompt about a passage; None under another one."""
    sorry = "抱歉，我不会。" if chinese else "Sorry, no."
    if heading in ("Questions and answers", "问题与答案"):
        asked, said = ("问题：", "答案：") if chinese else ("Question: ", "Answer: ")
        pair = "{}{}有什么？\n{}有很多。" if chinese else "{}What are {}?\n{}They are old."
        pairs = (pair.format(asked, thing, said) for thing in rng.sample(THINGS_ZH if chinese else THINGS, 3))
        return _cut(rng, sorry if rng.random() < 0.1 else "\n".join(pairs), 0.1)
    if heading in ("All in the text?", "都有依据吗"):
        yes, no = ("是", "否\n没有说。") if chinese else ("Yes", "No\nNobody said so.")
        return Response(rng.choice((yes, yes, no, "hard to say")), "stop", "simple", 90, 3)
    if heading in ("Summary", "Answer to the request", "摘要", "对要求的回答"):
        return _cut(rng, sorry if rng.random() < 0.1 else _instruction(rng, chinese), 0.1)
    if heading in ("Request", "要求"):
        return _cut(rng, sorry if rng.random() < 0.1 else _instruction(rng, chinese), 0.1)
    if heading in ("Number from 1 to 5", "1到5分"):
        return Response(rng.choice(("5", "4\nGood.", "2", "hard to say")), "stop", "simple", 90, 3)
    return None


def _evolution(rng: Random, heading: str, prompt: str, chinese: bool) -> Response:
    """What comes under the last heading: a new task, a verdict or a number."""
    if heading in ("New task", "新任务"):
        if rng.random() < 0.1:
            return Response(
                "[New task]\n[New task] again" if not chinese else "照搬【新任务】的字样", "stop", "simple", 9, 9
            )
        return _cut(rng, ("指令：" if chinese else "Instruction: ") + _instruction(rng, chinese), 0.1)
    if heading in ("New task and answer", "新题和答案"):
        answer = f"{'答案：' if chinese else 'Answer: '}{rng.randrange(99)}" if rng.random() < 0.9 else ""
        return _cut(rng, f"{'指令：' if chinese else 'Instruction: '}{_instruction(rng, chinese)}\n{answer}", 0.1)
    if heading in ("Marks", "批改"):
        many, (right, wrong) = (
            len(re.findall(r"^(?:\[Answer|【回答)", prompt, re.MULTILINE)),
            ("对错" if chinese else ("right", "wrong")),
        )
        marks = [f"{n}: {right if rng.random() < 0.5 else wrong}" for n in range(1, many + 1)]
        return _cut(rng, "\n".join(marks), 0.1)
    if heading in ("Scores", "各项评分"):
        many = len(re.findall(r"^(?:\[Answer|【回答)", prompt, re.MULTILINE))
        return _cut(rng, "\n".join(f"{n}: {rng.randrange(1, 11)}" for n in range(1, many + 1)), 0.1)
    if heading in ("What went wrong", "问题"):
        return Response(f"Fault {rng.randrange(9)}.", "stop", "simple", 900, 9)
    if heading in ("New method", "新方法"):
        return Response(f"1. Add {rng.randrange(9)} conditions.", "stop", "simple", 900, 9)
    if found := _about_passage(rng, heading, chinese):
        return found
    if heading in ("Verdict", "结论"):
        same, other = ("相同", "不同") if chinese else ("Equal", "Different")
        return Response(same if rng.random() < 0.3 else other, "stop", "simple", 90, 1)
    assert heading in ("Difficulty", "Score", "难度", "分数"), f"no stage asks like this: {prompt[-400:]}"
    return Response(rng.choice(("7", "3\nEasy.", "hard to say")), "stop", "simple", 90, 3)
