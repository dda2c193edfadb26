"""Sentences in Chinese that may stand before an instruction (who asks) or after it (wishes about the answer's form)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from selfinstruct.simulator.endings import Ending, as_json

__all__ = ["ASIDE", "CLASS", "HOME", "ITEM", "LABEL", "LEDGER", "LIST", "MONEY", "WORK", "once"]

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

ASIDE = (
    *("我拿不准，想听听你的。", "急着用，答案要准。", "这类题我总是出错。", "眼看要用了，就差这一处。"),
    *("我怕自己记错了。", "想核对一下再定下来。", "出了错可丢人。", "两个人争了半天没结果。"),
    *("离交稿只剩一个钟头。", "问了几个人，没人敢肯定。", "先前那版写错了，这回要小心。"),
    *("我在这上头栽过跟头。", "这事轮到我负责，马虎不得。", "昨晚想到半夜也没想明白。"),
)
"""For instructions that name an occasion themselves."""

WORK = (
    *("下午开会要用，时间挺紧。", "实习生请假了，这活儿落到我头上。", "交接之前想把手头的东西理清楚。"),
    *("领导临时要，越快越好。", "我刚接手这个岗位，规矩还不熟。", "同事催了两遍了。"),
    *("今天得交差，我一个人忙不过来。", "后台每天要过上百条这样的内容。", "弄完这个我才能下班。"),
    *("上一版被退回来了，这回要仔细。", "午休前想把它了结。"),
)

LEDGER = (
    *("表是从老系统里导出来的，有点乱。", "月底对账，我怕自己看走眼。", "两个部门写法不一，老是扯皮。"),
    *("我们人手少，账全靠手记。", "下午开会要用，时间挺紧。", "实习生请假了，这活儿落到我头上。"),
    *("我刚接手这个岗位，规矩还不熟。", "领导临时要，越快越好。", "交接之前想把手头的东西理清楚。"),
    *("抄表的人字太潦草，我重录了一遍。",),
)
"""For tables and lists."""

HOME = (
    *("头一回自己操办，心里没底。", "事情一多就容易记岔。", "孩子刚睡着，总算有空弄这个。"),
    *("这周忙得脚不沾地，脑子转不动了。", "亲戚群里问了一圈，没人说得清。"),
    *("夜里睡不着，索性把这事理一理。", "家里人各说各的，定不下来。", "纸上写了又划，越看越乱。"),
    *("妈妈催我给个准话。", "爱人让我今晚弄清楚。", "日子过得糊里糊涂，得记一记了。"),
)

MONEY = (
    *("我妈退休以后迷上了记账。", "想省点钱，算明白了再下手。", "这个月手头有点紧。"),
    *("每一笔我都想记清楚。", "账算不清，心里就不踏实。", "多花一分我都心疼。"),
    *("亲戚群里问了一圈，没人说得清。", "孩子刚睡着，总算有空弄这个。"),
    *("这周忙得脚不沾地，脑子转不动了。",),
)


def _around(before: str, after: str) -> Ending:
    def take(text: str) -> str | None:
        inside = text[len(before) : len(text) - len(after)]
        return inside if text == f"{before}{inside}{after}" else None

    return Ending(lambda answer: f"{before}{answer}{after}", take)


_SIGNS = re.compile("[、，；;|\n]|,(?! ?[0-9]{3}(?![0-9]))")
"""What parts the entries of a list."""


def _entries(entries: list[str]) -> str | None:
    """None when one of them is a list itself, with other signs than were asked for."""
    return None if any(_SIGNS.search(entry) for entry in entries) else "、".join(entries)


def _joined(separator: str) -> Ending:
    return Ending(
        lambda answer: separator.join(answer.split("、")),
        lambda text: _entries([entry.strip() for entry in text.split(separator)]),
    )


def _lines(mark: Callable[[int], str]) -> Ending:
    def take(text: str) -> str | None:
        lines = text.split("\n")
        if not all(line.startswith(mark(n)) for n, line in enumerate(lines, 1)):
            return None
        return _entries([line.removeprefix(mark(n)) for n, line in enumerate(lines, 1)])

    return Ending(lambda answer: "\n".join(f"{mark(n)}{item}" for n, item in enumerate(answer.split("、"), 1)), take)


def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """A JSON object, for `json.loads`. Raises ValueError when it says two things under one key."""
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a key stands twice")
    return dict(pairs)


def _json(put: Callable[[str], object], take: Callable[[object], str | None]) -> Ending:
    def read(text: str) -> str | None:
        try:
            return take(json.loads(text, object_pairs_hook=once))
        except (ValueError, RecursionError):
            return None

    return as_json(put, take)._replace(take=read)


def _value(data: object) -> str | None:
    match data:
        case {"答案": str() | int() | float() as answer, **others} if not others and not isinstance(answer, bool):
            return str(answer)
    return None


_AS_IT_IS = _around("", "")

ITEM = {
    "只写答案，不用解释。": _AS_IT_IS,
    "过程我自己会看，给个结果就行。": _AS_IT_IS,
    "答案请放在方头括号【】里。": _around("【", "】"),
    "用一句话回答，以“答案是”开头。": _around("答案是", "。"),
    "返回 JSON，唯一的键叫“答案”。": _json(lambda answer: {"答案": answer}, _value),
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
    "以 JSON 数组的形式返回。": _json(
        lambda answer: answer.split("、"), lambda data: _entries([*map(str, data)]) if isinstance(data, list) else None
    ),
    "整个结果外面套一对圆括号。": _around("（", "）"),
    "各项之间用竖线隔开。": _joined("|"),
    "只要结果，用顿号分开。": _joined("、"),
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
