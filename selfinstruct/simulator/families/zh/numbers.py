"""Families about numbers: calculating, discounts, Chinese units, numerals, capital amounts, sequences, statistics."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from random import Random

from selfinstruct.simulator.families.numbers import RULES, sequence
from selfinstruct.simulator.families.zh.asking import family, listed
from selfinstruct.simulator.families.zh.forms import ASIDE, CLASS, ITEM, LIST, MONEY, WORK
from selfinstruct.simulator.families.zh.matching import (
    Test,
    as_digits,
    as_item,
    as_list,
    as_quantity,
    as_text,
    normal,
    said,
)
from selfinstruct.simulator.families.zh.vocabulary import (
    amount,
    capitals,
    figure,
    from_hanzi,
    in_hanzi,
    integers,
)
from selfinstruct.simulator.family import Slots

__all__ = ["FAMILIES"]

# A calculation in two steps.

FIRST: dict[str, Callable[[list[int]], int]] = {
    "求出所有数的和": sum,
    "用最大的数减去最小的数": lambda ns: max(ns) - min(ns),
    "把最大和最小的两个数相乘": lambda ns: max(ns) * min(ns),
    "只把奇数加起来": lambda ns: sum(n for n in ns if n % 2),
    "数一数里面有几个偶数": lambda ns: sum(n % 2 == 0 for n in ns),
    "让头一个数与末一个数相加": lambda ns: ns[0] + ns[-1],
    "将开头两个数相乘": lambda ns: ns[0] * ns[1],
    "找到第二大的那个数": lambda ns: sorted(ns)[-2],
    "拆开每个数的各位数字统统累加": lambda ns: sum(int(d) for n in ns for d in str(n)),
    "算出各数的平方和": lambda ns: sum(n * n for n in ns),
}
THEN: dict[str, Callable[[int], object]] = {
    "将结果翻一番": lambda n: 2 * n,
    "从中扣掉七": lambda n: n - 7,
    "四舍五入到整十": lambda n: (n + 5) // 10 * 10,
    "看它离一万还差多少": lambda n: 10_000 - n,
    "除以九，取余数": lambda n: n % 9,
    "扩大到原来的三倍": lambda n: 3 * n,
    "改写成二进制": lambda n: f"{n:b}",
    "添上一百": lambda n: n + 100,
    "求它的平方": lambda n: n * n,
    "只报个位数字": lambda n: n % 10,
}


def _two_steps(slots: Slots, given: str) -> str:
    return str(THEN[slots["then"]](FIRST[slots["first"]](integers(given))))


def _is_two_steps(slots: Slots, given: str, output: str) -> bool:
    """1010 is no number of things where it is binary."""
    like = as_text if "二进制" in slots["then"] else as_item
    return said(output, like(_two_steps(slots, given), ""), slots.values(), number=True)


TWO_STEPS = family(
    name="two_steps",
    phrasings=(
        "给你一串数，先{first}，然后{then}。",
        "第一步{first}，第二步{then}，最后得多少？",
        "心算热身：{first}，接着{then}。",
        "请对下列整数做两件事：{first}；{then}。",
        "如果先{first}，再把得数拿来，{then}，会是几？",
        "麻烦按顺序来：{first}，完事后{then}，告诉我答案。",
    ),
    slots={"first": tuple(FIRST), "then": tuple(THEN)},
    draw=lambda rng, slots: "、".join(map(str, rng.sample(range(8, 60), rng.randint(4, 6)))),
    solve=_two_steps,
    check=_is_two_steps,
    settings=CLASS,
    endings=ITEM,
)

# Discounts.

DEALS: dict[str, Callable[[Fraction], Fraction]] = {
    "打八折": lambda p: p * 8 / 10,
    "打七五折": lambda p: p * 75 / 100,
    "先打九折再减十元": lambda p: p * 9 / 10 - 10,
    "每满一百减二十": lambda p: p - p // 100 * 20,
    "第二件半价，两件一起买": lambda p: p * 3 / 2,
    "凭会员卡享受九五折": lambda p: p * 95 / 100,
    "买三件只付两件的钱，正好拿三件": lambda p: p * 2,
    "直接便宜三成": lambda p: p * 7 / 10,
    "用掉一张三十元的优惠券": lambda p: p - 30,
    "按老顾客价打六八折": lambda p: p * 68 / 100,
    "打对折后再加五元运费": lambda p: p / 2 + 5,
}
WARES = (
    *("电饭煲", "加厚羽绒服", "话剧门票", "赣南脐橙礼盒", "儿童绘本", "登山鞋", "藤编摇椅", "蚕丝被", "大闸蟹礼券"),
    *("落地灯", "折叠自行车", "紫砂壶", "真丝围巾", "不锈钢炒锅"),
)
BY_THE_PIECE = ("加厚羽绒服", "儿童绘本", "蚕丝被", "落地灯", "紫砂壶", "真丝围巾", "不锈钢炒锅", "登山鞋")
DISCOUNT = family(
    name="discount",
    phrasings=(
        "{ware}{deal}，一共要付多少钱？",
        "商场里的{ware}在搞活动：{deal}。按给出的标价，实付多少？",
        "我看中了{ware}，店员说可以{deal}。请算出最后付的钱。",
        "标价如下。要是{deal}，{ware}得掏多少元？",
        "直播间卖{ware}，主播说可以{deal}，替我算算到底花多少。",
        "收银员不会算账了：{ware}这一单要{deal}，应收几元？",
    ),
    slots={"ware": WARES, "deal": tuple(DEALS)},
    fits=lambda slots: "件" not in slots["deal"] or slots["ware"] in BY_THE_PIECE,
    draw=lambda rng, slots: f"标价{20 * rng.randint(3, 60)}元",
    solve=lambda slots, given: f"{figure(DEALS[slots['deal']](amount(given)))}元",
    settings=MONEY,
    endings=ITEM,
)

# Units.

UNITS = {
    "市斤换算成公斤": ("斤", Fraction(1, 2), "公斤"),
    "公斤换算成市斤": ("公斤", Fraction(2), "斤"),
    "两换算成克": ("两", Fraction(50), "克"),
    "克换算成两": ("克", Fraction(1, 50), "两"),
    "华里换算成公里": ("里", Fraction(1, 2), "公里"),
    "公里换算成华里": ("公里", Fraction(2), "里"),
    "亩换算成平方米": ("亩", Fraction(2000, 3), "平方米"),
    "公顷换算成亩": ("公顷", Fraction(15), "亩"),
    "市尺换算成厘米": ("尺", Fraction(100, 3), "厘米"),
    "市寸换算成厘米": ("寸", Fraction(10, 3), "厘米"),
    "丈换算成米": ("丈", Fraction(10, 3), "米"),
    "时辰换算成分钟": ("个时辰", Fraction(120), "分钟"),
    "公里每小时换算成米每秒": ("公里/时", Fraction(5, 18), "米/秒"),
}
PLACES_AFTER = {"取整数": 0, "保留一位小数": 1, "保留两位小数": 2}
USES = (
    *("写进一本乡土教材", "给外国朋友讲武侠小说", "填一张老式登记表", "翻译祖父的旧笔记"),
    *("核对博物馆的展品说明", "教孩子认识老单位", "给地方志加注释", "做一套知识卡片", "录入统计软件"),
    *("写年代剧的字幕", "编民俗讲座的讲义"),
)


def _converted(slots: Slots, given: str) -> str:
    _, factor, unit = UNITS[slots["pair"]]
    digits = PLACES_AFTER[slots["digits"]]
    return "、".join(f"{figure(amount(one) * factor, digits, fixed=True)}{unit}" for one in listed(given))


OF_TODAY = ("做一套知识卡片", "录入统计软件", "核对博物馆的展品说明")
CONVERT = family(
    name="units",
    phrasings=(
        "把这些数值由{pair}，{digits}，用来{use}。",
        "为了{use}，请将下面的量从{pair}，每个都{digits}。",
        "我不太懂{pair}，要{use}，你来换，{digits}就好。",
        "{pair}，分别是多少？{digits}。这是{use}时用的。",
        "单位得统一：{pair}，结果{digits}，因为要{use}。",
    ),
    slots={"pair": tuple(UNITS), "digits": tuple(PLACES_AFTER), "use": USES},
    fits=lambda slots: slots["use"] in OF_TODAY or slots["pair"] != "公里每小时换算成米每秒",
    draw=lambda rng, slots: "、".join(
        f"{figure(Fraction(rng.randint(3, 400), rng.choice((1, 2))))}{UNITS[slots['pair']][0]}" for _ in range(3)
    ),
    solve=_converted,
    like=as_list(partial(as_quantity, unit=True, digits=True)),
    endings=LIST,
)

# Numerals.

COUNTED = {
    "全县小学生的人数": (2_000, 60_000),
    "水库里投放的鱼苗数": (10_000, 900_000),
    "一部长篇小说的字数": (80_000, 990_000),
    "博物馆去年的参观人次": (8_000, 990_000),
    "果园里的树苗棵数": (150, 9_000),
    "马拉松报名人数": (1_000, 40_000),
    "图书馆的藏书册数": (5_000, 900_000),
    "镇上养蜂场的蜜蜂只数": (10_000, 900_000),
    "快递站双十一的包裹件数": (800, 40_000),
    "一座古塔砖块的数目": (2_000, 200_000),
}
"""What was counted, and how many there may be."""
ODD = {
    "旧式年鉴": ("快递", "马拉松", "小说"),
    "老式台账": ("快递", "马拉松", "小说"),
    "纪念碑的碑文": ("快递", "马拉松", "小说", "果园", "蜜蜂"),
    "村委会的公告栏": ("快递", "马拉松", "小说", "博物馆", "图书馆"),
    "开幕式的朗诵稿": ("快递", "小说", "蜜蜂"),
    "手写的大红喜报": ("小说", "古塔"),
}
"""What such a paper does not report."""


def _may_stand_there(slots: Slots) -> bool:
    return not any(word in slots["thing"] for word in ODD.get(slots["style"], ()))


STYLES = (
    *("工整的黑板报", "旧式年鉴", "老式台账", "开幕式的朗诵稿", "村委会的公告栏", "纪念碑的碑文"),
    *("一篇报告文学", "手写的大红喜报", "广播站的播音稿"),
)


def _count(rng: Random, slots: Slots) -> str:
    low, high = COUNTED[slots["thing"]]
    number = rng.randint(low, high)
    return str(rng.choice((number, number // 100 * 100, number // 100 * 100 + 1)))


def _as_hanzi(key: str, named: str) -> Test:
    """两百 is as good as 二百, and 〇 as 零; what is counted may stand behind it."""

    def plain(text: str) -> str:
        return re.sub("两(?=[百千万])", "二", normal(text).replace("〇", "零")).replace("一十", "十")

    def test(text: str) -> bool:
        rest = plain(text).removeprefix(plain(key)) if plain(text).startswith(plain(key)) else "?"
        return not rest or (rest in ("人", "棵", "册", "只", "件", "块", "字", "尾", "人次") and rest in named)

    return test


TO_HANZI = family(
    name="to_hanzi",
    phrasings=(
        "这是{thing}，要写进{style}，请改成汉字数字。",
        "{style}里不能出现阿拉伯数字，{thing}该怎么用汉字写？",
        "用“一二三”这种小写汉字写出{thing}，供{style}使用。",
        "读一读这个数，它表示{thing}，再照{style}的习惯写成中文。",
        "我要把{thing}放到{style}上，请把数字换成中文小写。",
    ),
    slots={"thing": tuple(COUNTED), "style": STYLES},
    fits=_may_stand_there,
    draw=_count,
    solve=lambda slots, given: in_hanzi(int(given)),
    like=_as_hanzi,
    settings=WORK,
    endings=ITEM,
)

FROM_HANZI = family(
    name="from_hanzi",
    phrasings=(
        "{style}上写着{thing}，是中文写的，请翻成阿拉伯数字。",
        "录入电脑只认数字键：把{thing}由汉字变成阿拉伯数字，原文出自{style}。",
        "从{style}里抄来{thing}，用数字怎么表示？",
        "下面的汉字是{thing}。为了录入{style}的电子版，请写成1、2、3这样的数字。",
        "统计表里要填{thing}，原文抄自{style}，请把这串中文数目改作阿拉伯数字。",
    ),
    slots={"thing": tuple(COUNTED), "style": STYLES},
    fits=_may_stand_there,
    draw=lambda rng, slots: in_hanzi(int(_count(rng, slots))),
    solve=lambda slots, given: str(from_hanzi(given)),
    like=as_digits,
    settings=WORK,
    endings=ITEM,
)

PAPERS = (
    *("购货发票", "借条", "工程款收据", "差旅报销单", "房租押金条", "转账支票", "采购合同", "捐款证明"),
    *("工资签收单", "婚宴定金单", "学费收据", "二手车买卖协议"),
)
REASONS = (
    *("怕被人涂改", "年底要查账", "对方等着签字", "银行只认大写", "我要留作凭证", "上一张被会计退回来了"),
    *("我得照着手抄一遍", "下班前就要盖章"),
)


def _fen(given: str) -> int:
    return int(amount(given.replace(",", "")) * 100)


def _is_capitals(slots: Slots, given: str, output: str) -> bool:
    """With or without 整 after 角, with 圆 or 元, with or without 零 between 拾元 and 角: all are correct."""

    def plain(text: str) -> str:
        text = normal(text).removeprefix("人民币").lstrip(":").replace("圆", "元").replace("正", "整")
        return re.sub(r"(?<=[拾佰仟万]元)零(?=.角)", "", re.sub("(?<=角)整$", "", text))

    right = plain(capitals(_fen(given)))
    return said(output, lambda text: plain(text) == right, ("这笔钱", "大写为", "大写是", slots["paper"]))


CAPITALS = family(
    name="capital_amount",
    phrasings=(
        "{paper}上的金额要大写，{reason}。该怎么写？",
        "{reason}，请把这笔钱写成壹贰叁那样的大写，我填到{paper}里。",
        "财务说{paper}必须有中文大写金额，{reason}，请替我转换。",
        "{reason}，请给出下面金额的中文大写，用在{paper}中。",
        "填写{paper}，小写已经有了，{reason}，大写栏填什么？",
    ),
    slots={"paper": PAPERS, "reason": REASONS},
    draw=lambda rng, slots: f"{rng.randint(12, 89_999)}.{rng.choice(('00', '50', '06', '30', '85', '08'))}元",
    solve=lambda slots, given: capitals(_fen(given)),
    check=_is_capitals,
)

# Sequences.

MORE = {"接下来的两个数": 2, "后面紧跟的三个数": 3, "往后的四个数": 4, "再往下的五个数": 5}
SOURCES = (
    *("一张毛衣编织图", "老街奇怪的门牌号", "灯塔闪烁的次数", "健身教练的计划", "密室逃脱的字条", "打更人的鼓点"),
    *("戏院的座位号", "养蜂人的收成簿", "一本残缺日记的页码", "数学兴趣小组的黑板报", "梯田一级级的块数"),
)


def _start(rng: Random, slots: Slots) -> str:
    kind, _ = rule = rng.choice(RULES)
    start = rng.randint(130, 180) if kind == "subtract" else rng.randint(1, 12)
    return "、".join(map(str, sequence(rule, start * start if kind == "square" else start, 6)))


def _continued(slots: Slots, given: str) -> str:
    shown, more = integers(given), MORE[slots["more"]]
    rule = next(rule for rule in RULES if sequence(rule, shown[0], len(shown)) == shown)
    return "、".join(map(str, sequence(rule, shown[0], len(shown) + more)[len(shown) :]))


SEQUENCE = family(
    name="sequence",
    phrasings=(
        "这列数抄自{source}，找出规律，写出{more}。",
        "{source}里藏着一串有规律的数，{more}应该是什么？",
        "看看每一项怎么变来的，然后推出{more}。题目来自{source}。",
        "照着这个势头往下数，{more}是几？据说线索出在{source}。",
        "我从{source}记下几个数，请续上{more}。",
    ),
    slots={"source": SOURCES, "more": tuple(MORE)},
    draw=_start,
    solve=_continued,
    like=as_list(as_item),
    settings=ASIDE,
    endings=LIST,
)

# Statistics.

FIGURES: dict[str, Callable[[list[int]], str]] = {
    "中位数": lambda ns: str(sorted(ns)[len(ns) // 2]),
    "平均数（保留一位小数）": lambda ns: figure(Fraction(sum(ns), len(ns)), 1, fixed=True),
    "最大值与最小值之差": lambda ns: str(max(ns) - min(ns)),
    "出现次数最多的数": lambda ns: str(Counter(ns).most_common(1)[0][0]),
    "三个最大值的总和": lambda ns: str(sum(sorted(ns)[-3:])),
    "高于平均水平的有几个": lambda ns: str(sum(n * len(ns) > sum(ns) for n in ns)),
    "最大最小各去一个以后的合计": lambda ns: str(sum(ns) - max(ns) - min(ns)),
}
DATA = (
    *("公交车每天晚点的分钟数", "母鸡下蛋的个数", "校队各场的得分", "各班交上来的作文篇数", "小博物馆的日参观人数"),
    *("合唱团成员的年龄", "每晚读书的页数", "听写比赛的得分", "驿站上午派送的件数", "早点摊卖出的豆浆杯数"),
    *("热线电话的接听量", "景区台阶的级数"),
)


def _values(rng: Random, slots: Slots) -> str:
    values = rng.sample(range(4, 48), 6)
    values += [values[0], rng.choice(values[1:]), values[0]]
    rng.shuffle(values)
    return "、".join(map(str, values))


STATISTICS = family(
    name="statistics",
    phrasings=(
        "下面记录的是{data}，求{figure}。",
        "{data}都在这儿了，{figure}，该报多少？",
        "写小结要提到{data}，其中{figure}是关键，帮忙算出来。",
        "统计一下{figure}：数据为{data}。",
        "关于{data}，我只关心一件事——{figure}。",
        "请根据{data}算一算{figure}，好贴到公示栏。",
    ),
    slots={"figure": tuple(FIGURES), "data": DATA},
    draw=_values,
    solve=lambda slots, given: FIGURES[slots["figure"]](integers(given)),
    settings=ASIDE,
    endings=ITEM,
)

FAMILIES = (TWO_STEPS, DISCOUNT, CONVERT, TO_HANZI, FROM_HANZI, CAPITALS, SEQUENCE, STATISTICS)
