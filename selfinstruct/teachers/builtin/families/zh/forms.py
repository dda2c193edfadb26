"""Sentences in Chinese that may stand before an instruction (who asks) or after it (wishes about the answer's form)."""

from __future__ import annotations

from collections.abc import Callable

from selfinstruct.teachers.builtin.endings import Ending, as_json

__all__ = ["CLASS", "HOME", "ITEM", "LABEL", "LIST", "WORK"]

CLASS = (
    "我在给四年级的孩子编练习。",
    "班里下周办知识竞赛，我负责出题。",
    "闺女的作业我看了半天也没把握。",
    "社区老年大学要一份小测验。",
    "我们公众号有个每日一题的栏目。",
    "单位年会设了抢答环节。",
    "坐长途火车闷得慌，几个人轮流出题。",
    "小外甥一句话把我问住了。",
    "留学生中文角这周轮到我主持。",
    "书店门口办灯会，还缺几道题。",
    "夏令营寻宝要靠这道题开锁。",
    "爷爷早饭时考我，我没答上来。",
    "晚自习前想先热热身。",
    "练习册后面的答案印糊了，想核对一下。",
    "电台的听众互动要用到它。",
    "好久没动脑子，今天练一练。",
)

WORK = (
    "表是从老系统里导出来的，有点乱。",
    "下午开会要用，时间挺紧。",
    "实习生请假了，这活儿落到我头上。",
    "我们是街边小店，账全靠手记。",
    "后台每天要过上百条这样的内容。",
    "月底对账，我怕自己看走眼。",
    "交接之前想把手头的东西理清楚。",
    "物业办公室人手不够，请搭把手。",
    "领导临时要，越快越好。",
    "两个部门写法不一，老是扯皮。",
    "仓库那边正等我回话。",
    "志愿者是用手机打的字，比较随意。",
    "乡镇图书室只有我一个管理员。",
    "我刚接手这个岗位，规矩还不熟。",
)

HOME = (
    "周末家里要来客人。",
    "我妈退休以后迷上了记账。",
    "头一回自己操办，心里没底。",
    "我们四个人合租，凡事都得商量。",
    "事情一多就容易记岔。",
    "孩子刚睡着，总算有空弄这个。",
    "才搬进新小区，什么都不熟。",
    "这周忙得脚不沾地，脑子转不动了。",
    "亲戚群里问了一圈，没人说得清。",
    "想省点钱，算明白了再下手。",
    "老家办酒席，里里外外都找我。",
    "夜里睡不着，索性把这事理一理。",
)


def _around(before: str, after: str) -> Ending:
    def take(text: str) -> str | None:
        inside = text[len(before) : len(text) - len(after)]
        return inside if text == f"{before}{inside}{after}" else None

    return Ending(lambda answer: f"{before}{answer}{after}", take)


def _joined(separator: str) -> Ending:
    return Ending(
        lambda answer: separator.join(answer.split("、")),
        lambda text: "、".join(text.split(separator)) if separator == "、" or "、" not in text else None,
    )


def _lines(mark: Callable[[int], str]) -> Ending:
    def take(text: str) -> str | None:
        lines = text.split("\n")
        if "、" in text or not all(line.startswith(mark(n)) for n, line in enumerate(lines, 1)):
            return None
        return "、".join(line.removeprefix(mark(n)) for n, line in enumerate(lines, 1))

    return Ending(lambda answer: "\n".join(f"{mark(n)}{item}" for n, item in enumerate(answer.split("、"), 1)), take)


def _value(data: object) -> str | None:
    match data:
        case {"答案": str(answer), **others} if not others:
            return answer
    return None


_AS_IT_IS = _around("", "")

ITEM = {
    "只写答案，不用解释。": _AS_IT_IS,
    "过程我自己会看，给个结果就行。": _AS_IT_IS,
    "答案请放在方头括号【】里。": _around("【", "】"),
    "用一句话回答，以“答案是”开头。": _around("答案是", "。"),
    "返回 JSON，唯一的键叫“答案”。": as_json(lambda answer: {"答案": answer}, _value),
    "结果按 Markdown 的写法加粗。": _around("**", "**"),
    "末尾写上（完），方便我核对。": _around("", "（完）"),
    "用直角引号「」把答案括起来。": _around("「", "」"),
}
"""For answers that are one word, number or phrase."""

LIST = {
    "各项之间用分号隔开。": _joined("；"),
    "一行写一个。": _lines(lambda n: ""),
    "一行一个，前面标上序号。": _lines(lambda n: f"{n}. "),
    "写成带短横线的列表。": _lines(lambda n: "- "),
    "以 JSON 数组的形式返回。": as_json(
        lambda answer: answer.split("、"), lambda data: "、".join(map(str, data)) if isinstance(data, list) else None
    ),
    "整个结果外面套一对圆括号。": _around("（", "）"),
    "各项之间用竖线隔开。": _joined("|"),
    "只要结果，用顿号分开。": _AS_IT_IS,
}
"""For answers that are a list, written "甲、乙、丙" unless asked otherwise."""

LABEL = {
    "只回答标签本身。": _AS_IT_IS,
    "不必说明理由。": _AS_IT_IS,
    "拿不准也请选一个。": _AS_IT_IS,
    "我只要结论。": _AS_IT_IS,
    "字样请和我写的一致。": _AS_IT_IS,
}
"""For classification."""
