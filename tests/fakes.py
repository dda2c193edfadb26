"""Teachers that the tests script: plain functions of the request, as a language model would be if it were simple."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from random import Random

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
    assert isinstance(request.prompt, str)
    prompt, rng = request.prompt, Random(request.key)
    chinese = any("\u4e00" <= char <= "\u9fff" for char in prompt)
    end = prompt.rstrip().rpartition("\n")[2]
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
    if end.startswith(("[", "【")):
        return _evolution(rng, end.strip("[]【】"), prompt, chinese)
    if end in ("Assistant:", "助手："):
        asking, answering = ("用户：", "助手：") if chinese else ("User: ", "Assistant: ")
        return _cut(rng, f" {rng.randrange(99)}\n{asking}?\n{answering}{rng.randrange(99)}", 0.1)
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


def _evolution(rng: Random, heading: str, prompt: str, chinese: bool) -> Response:
    """What comes under the last heading: a new task, a verdict or a number."""
    if heading in ("New task", "新任务"):
        if rng.random() < 0.1:
            return Response(
                "[New task]\n[New task] again" if not chinese else "照搬【新任务】的字样", "stop", "simple", 9, 9
            )
        return _cut(rng, ("指令：" if chinese else "Instruction: ") + _instruction(rng, chinese), 0.1)
    if heading in ("What went wrong", "问题"):
        return Response(f"Fault {rng.randrange(9)}.", "stop", "simple", 900, 9)
    if heading in ("New method", "新方法"):
        return Response(f"1. Add {rng.randrange(9)} conditions.", "stop", "simple", 900, 9)
    if heading in ("Verdict", "结论"):
        same, other = ("相同", "不同") if chinese else ("Equal", "Different")
        return Response(same if rng.random() < 0.3 else other, "stop", "simple", 90, 1)
    assert heading in ("Difficulty", "Score", "难度", "分数"), f"no stage asks like this: {prompt[-400:]}"
    return Response(rng.choice(("7", "3\nEasy.", "hard to say")), "stop", "simple", 90, 3)
