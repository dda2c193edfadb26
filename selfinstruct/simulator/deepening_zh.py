"""What evolving asks further in Chinese, and the sums to go on with, each with one answer to the letter."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from functools import partial
from operator import add, mul

from selfinstruct.simulator.deepening import (
    Steps,
    days_later,
    doubled,
    is_prime,
    question,
    remainder,
    steps,
)
from selfinstruct.simulator.families.zh.lunar import ANIMALS, BRANCHES, STEMS
from selfinstruct.simulator.layers import Kind

__all__ = ["DEEPER", "STEPS"]


def _visible(text: str) -> str:
    return "".join(text.split())


def _han(text: str) -> list[str]:
    return re.findall("[一-鿿]", text)


def _compared(given: str, above: str) -> str:
    more = len(_visible(above)) - len(_visible(given))
    return f"{'多' if more > 0 else '少'}{abs(more)}" if more else "相等"


def _shared(given: str, above: str) -> str:
    return "、".join([char for char in dict.fromkeys(_han(given)) if char in above][:5]) or "无"


def _most_frequent(given: str, above: str) -> str:
    char, times = next(iter(Counter(_han(above)).most_common(1)), ("", 0))  # of equals the first that was met
    return f"{char}，{times}次" if char else "无"


def _ends(given: str, above: str) -> str:
    chars = _han(above)
    return f"{chars[0]}、{chars[-1]}" if chars else "无"


_WORDINGS = (
    "下面必须加一行“{mark}{label}：……”，写明{what}。",
    "请接着查清{what}，必须写在下面的“{mark}{label}：……”一行里。",
    "还需要另起一行“{mark}{label}：……”，写出{what}。",
)


_asked = partial(question, _WORDINGS, colon="：")

DEEPER: tuple[Kind, ...] = (
    _asked(
        "length compared",
        ("与输入相比", "长短之差", "比输入"),
        "以上字符比输入多几个（空白不算，写成“多5”“少5”或“相等”）",
        _compared,
        needs_input=True,
    ),
    _asked(
        "characters in both",
        ("共有的字", "两边都有", "重合"),
        "输入里哪些汉字上面也有（按输入次序取前五个，用顿号分开，没有写“无”）",
        _shared,
        needs_input=True,
    ),
    _asked(
        "characters not in the input",
        ("新出现", "输入里没有", "新增"),
        "上面有几个不同的汉字是输入里没有的",
        lambda given, above: str(len(set(_han(above)) - set(given))),
        needs_input=True,
    ),
    _asked(
        "kinds of characters",
        ("不同汉字", "汉字种数", "不重复的字"),
        "以上出现了几个不同的汉字（重复的只算一个）",
        lambda given, above: str(len(set(_han(above)))),
    ),
    _asked(
        "top character",
        ("最常见", "出现最多", "榜首"),
        "上面最常见的汉字（一样多取先出现的）和次数，写成“天，2次”的样子，没有汉字写“无”",
        _most_frequent,
    ),
    _asked(
        "outer characters",
        ("首尾", "一头一尾", "头尾两字"),
        "以上头一个和末一个汉字，用顿号分开，没有汉字写“无”",
        _ends,
    ),
    _asked(
        "number of digits",
        ("数字个数", "阿拉伯数字", "数码"),
        "上面有多少个数码0到9（重复的也算）",
        lambda given, above: str(len(re.findall("[0-9]", above))),
    ),
    _asked(
        "signs counted",
        ("标点", "标点数", "标点合计"),
        "以上共有几个标点（仅算“，。、；：？！”这七种）",
        lambda given, above: str(sum(char in "，。、；：？！" for char in above)),
    ),
    _asked(
        "repeated characters",
        ("重复字数", "用过不止一次的字", "一再出现的字数"),
        "上面有几个不同的汉字出现了不止一次",
        lambda given, above: str(sum(times > 1 for times in Counter(_han(above)).values())),
    ),
)

# What is worked out from it.

COUNTS: dict[str, Callable[[str], int]] = {
    "数上文汉字": lambda text: len(_han(text)),
    "数上文字符（空白除外）": lambda text: len(_visible(text)),
    "把上文数码逐个相加": lambda text: sum(int(digit) for digit in re.findall("[0-9]", text)),
    "数上文不同的汉字": lambda text: len(set(_han(text))),
    "数上文不同的字符（空白除外）": lambda text: len(set(_visible(text))),
}
CHANGES: dict[str, Callable[[int], int]] = {
    **{f"加上{n}": partial(add, n) for n in range(3, 60)},
    **{f"乘以{n}": partial(mul, n) for n in range(2, 20)},
    **{f"翻倍再加{n}": partial(doubled, n) for n in range(1, 20)},
}
DAYS = "一二三四五六日"
_SAYS = Steps(
    (
        "再推三步，每行只写结果：{mark}①{count}，{mark}②{change}，{mark}③{outcome}。",
        "接着分三行写结果：{mark}①{count}；{mark}②{change}；{mark}③{outcome}。",
    ),
    COUNTS,
    CHANGES,
    ("①", "②", "③"),
)


def _weekday(start: int, n: int) -> str:
    return f"星期{DAYS[(start + n) % 7]}"


def _clock(hour: int, n: int) -> str:
    return f"{(hour + n // 60) % 24}点{n % 60}分"


def _date(day: int, n: int) -> str:
    found = days_later(day, n)
    return f"{found.year}年{found.month}月{found.day}日"


def _year(n: int) -> str:
    return STEMS[(n - 1) % 10] + BRANCHES[(n - 1) % 12]


_steps = partial(steps, _SAYS)

STEPS: tuple[Kind, ...] = (
    _steps("weekday", {f"星期{d}过这么多天是星期几": partial(_weekday, n) for n, d in enumerate(DAYS)}),
    _steps("clock", {f"{hour}点过这么多分钟是几点几分（24小时制）": partial(_clock, hour) for hour in range(24)}),
    _steps("date", {f"2023年1月{day}日过这么多天是几年几月几日": partial(_date, day) for day in range(1, 29)}),
    _steps("remainder", {f"求它除以{d}的余数": partial(remainder, d) for d in range(3, 30)}),
    _steps("animal", {"写出对应生肖（鼠为1，循环）": lambda n: ANIMALS[(n - 1) % 12]}),
    _steps("stem and branch", {"写出对应干支（甲子为1，循环）": _year}),
    _steps("base", {"改写成二进制": lambda n: f"{n:b}", "改写成十六进制（字母大写）": lambda n: f"{n:X}"}),
    _steps("digit sum", {"把它的各位数字相加一次": lambda n: str(sum(map(int, str(n))))}),
    _steps("backwards", {"把它的数字倒着写，零也保留": lambda n: str(n)[::-1]}),
    _steps("prime", {"答“质数”或“不是质数”": lambda n: "质数" if is_prime(n) else "不是质数"}),
    _steps("hours", {"算作分钟，写成“0小时9分”的样子": lambda n: f"{n // 60}小时{n % 60}分"}),
    _steps("dozens", {"一打十二个，写成“2打余5”的样子": lambda n: f"{n // 12}打余{n % 12}"}),
)
