"""Families of everyday life: recipes scaled, bills shared, tariffs, a day's plans, sorting out, who owes whom."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from random import Random

from selfinstruct.simulator.families.zh.asking import family, listed
from selfinstruct.simulator.families.zh.forms import HOME, ITEM, LIST, MONEY
from selfinstruct.simulator.families.zh.matching import (
    Test,
    as_clock,
    as_item,
    as_list,
    as_quantity,
    normal,
)
from selfinstruct.simulator.families.zh.vocabulary import NAMES, THEMES, amount, figure, integers
from selfinstruct.simulator.family import Slots

__all__ = ["FAMILIES"]

# Recipes.

DISHES = {
    "番茄牛腩": (("牛腩", 500, "克"), ("番茄", 4, "个"), ("冰糖", 10, "克")),
    "红烧狮子头": (("五花肉", 400, "克"), ("荸荠", 6, "个"), ("料酒", 20, "毫升")),
    "酸菜鱼": (("草鱼", 1000, "克"), ("酸菜", 300, "克"), ("干辣椒", 12, "个")),
    "葱油饼": (("面粉", 360, "克"), ("热水", 200, "毫升"), ("小葱", 60, "克")),
    "银耳莲子羹": (("银耳", 20, "克"), ("莲子", 40, "克"), ("红枣", 8, "颗")),
    "地三鲜": (("茄子", 2, "根"), ("土豆", 2, "个"), ("青椒", 4, "个")),
    "腊味煲仔饭": (("大米", 300, "克"), ("腊肠", 2, "根"), ("生抽", 30, "毫升")),
    "凉拌木耳": (("干木耳", 30, "克"), ("香醋", 40, "毫升"), ("蒜瓣", 6, "瓣")),
    "桂花糯米藕": (("莲藕", 2, "节"), ("糯米", 160, "克"), ("桂花酱", 30, "克")),
}
SCALES = {
    "从四人份改成八人份": Fraction(2),
    "由四人份缩到两人份": Fraction(1, 2),
    "从两人份放大到六人份": Fraction(3),
    "把两人份添成五人份": Fraction(5, 2),
    "由一桌的量扩到四桌": Fraction(4),
    "按六位客人放大（原方够四人吃）": Fraction(3, 2),
}
SMALL, LARGE = [scale for scale in SCALES if "桌" not in scale], ("由一桌的量扩到四桌", "从四人份改成八人份")
FEASTS = ("年夜饭", "工地加餐", "丈母娘来访", "亲子厨房日", "露营野餐", "室友过生日", "街坊百家宴")


def _recipe(rng: Random, slots: Slots) -> str:
    return "、".join(f"{what}{many}{unit}" for what, many, unit in DISHES[slots["dish"]])


def _scaled(slots: Slots, given: str) -> str:
    factor = SCALES[slots["scale"]]
    return "、".join(f"{what}{figure(many * factor)}{unit}" for what, many, unit in DISHES[slots["dish"]])


def _as_portion(key: str, named: str) -> Test:
    """牛腩1000克, 牛腩：1000克 and 牛腩 一千克."""
    what = re.split("[0-9]", key)[0]
    amount = as_quantity(key.removeprefix(what), unit=True)
    return lambda text: text.startswith(what) and amount(text.removeprefix(what).lstrip(": "))


SCALE = family(
    name="scale_recipe",
    phrasings=(
        "{feast}要做{dish}，{scale}，用料应各备多少？",
        "按比例调整{dish}的配料：{scale}，场合是{feast}。",
        "{dish}的方子在下面，{scale}，请重列食材与用量，为{feast}做准备。",
        "{feast}人数有变，{dish}要{scale}，替我换算每样原料。",
        "{feast}那天想露一手{dish}，得{scale}，各种料怎么加减？",
    ),
    slots={"dish": tuple(DISHES), "scale": tuple(SCALES), "feast": FEASTS},
    fits=lambda slots: slots["scale"] in (LARGE if slots["feast"] in ("工地加餐", "街坊百家宴") else SMALL),
    draw=_recipe,
    solve=_scaled,
    like=as_list(_as_portion, ordered=False),
    endings=LIST,
)

# Going Dutch.

EVEN, VOUCHER, NINE = "平均分摊，精确到分", "先用五十元的券再平分，结果到分", "打九折以后人均多少，保留两位小数"
TREAT, HALF = "其中一人免单，其余的人均摊，算到分", "老板报销一半，余下的大家平分，算到分"
SHARES: dict[str, Callable[[Fraction, int], Fraction]] = {
    EVEN: lambda total, people: total / people,
    TREAT: lambda total, people: total / (people - 1),
    VOUCHER: lambda total, people: (total - 50) / people,
    NINE: lambda total, people: total * 9 / 10 / people,
    HALF: lambda total, people: total / 2 / people,
}
MEALS = {
    **dict.fromkeys(("一顿重庆火锅", "一场剧本杀", "烧烤摊的夜宵", "农家乐的土鸡宴"), tuple(SHARES)),
    **dict.fromkeys(("周末租的划艇", "羽毛球馆的包场"), (EVEN, TREAT, VOUCHER, NINE)),
    "拼车去机场": (EVEN, VOUCHER),
    "给同事买的结婚礼物": (EVEN, VOUCHER, NINE, HALF),
    "合租屋的网费": (EVEN,),
}
"""Each with the ways to share it."""
FEW = ("拼车去机场", "合租屋的网费")


def _bill(rng: Random, slots: Slots) -> str:
    return f"总价{rng.randint(120, 980)}元，共{rng.randint(3, 4 if slots.get('meal') in FEW else 9)}人"


def _share(slots: Slots, given: str) -> str:
    total, people = integers(given)
    return f"{figure(SHARES[slots['rule']](Fraction(total), people), fixed=True)}元"


AA = family(
    name="going_dutch",
    phrasings=(
        "按 AA 制：{meal}，{rule}，每个出钱的人付多少？",
        "{meal}的账单来了，规矩是{rule}，一位付款人该转几元？",
        "群收款填多少？事由：{meal}；办法：{rule}。",
        "亲兄弟明算账，{meal}照“{rule}”来，掏钱的每人出多少？",
        "刚结完{meal}，大家说好{rule}，请算单人金额。",
    ),
    slots={"meal": tuple(MEALS), "rule": tuple(SHARES)},
    fits=lambda slots: slots["rule"] in MEALS[slots["meal"]],
    draw=_bill,
    solve=_share,
    settings=MONEY,
    endings=ITEM,
)

# Tiered tariffs.

POWER, WATER = "电费每月前200度每度0.5元，超出部分每度0.6元", "水费15吨以内每吨3元，超过的每吨4.5元"
PARCEL, PARKING = "快递5公斤以内每公斤4元，再往上每公斤2元", "停车头3小时每小时5元，之后每小时8元"
GAS, DESK = "燃气30立方以内每立方2.5元，多出来的每立方3元", "自习室前10小时每小时6元，后面每小时4元"
COPIES = "复印50张以内每张0.2元，超出的每张0.1元"
TARIFFS = {
    POWER: (200, Fraction(1, 2), Fraction(3, 5), "度"),
    WATER: (15, Fraction(3), Fraction(9, 2), "吨"),
    PARCEL: (5, Fraction(4), Fraction(2), "公斤"),
    PARKING: (3, Fraction(5), Fraction(8), "小时"),
    GAS: (30, Fraction(5, 2), Fraction(3), "立方"),
    DESK: (10, Fraction(6), Fraction(4), "小时"),
    COPIES: (50, Fraction(1, 5), Fraction(1, 10), "张"),
}
PAYERS = {
    "刚毕业的租客": (POWER, WATER, GAS, PARCEL, DESK),
    "开早餐店的夫妻": (POWER, WATER, GAS),
    "村里的小诊所": (POWER, WATER, PARCEL, COPIES),
    "社团的财务": (COPIES, PARCEL),
    "帮父母缴费的女儿": (POWER, WATER, GAS),
    "跑业务的销售": (PARKING, PARCEL, COPIES),
    "工作室的合伙人": (POWER, PARKING, PARCEL, COPIES),
    "准备考研的学生": (DESK, COPIES, PARCEL),
    "开网店的姐妹": (POWER, PARCEL, PARKING),
}
"""Each with what they may have to pay."""


def _used(rng: Random, slots: Slots) -> str:
    limit, _, _, unit = TARIFFS[slots["tariff"]]
    return f"用量：{rng.randint(2, 3 * limit)}{unit}"


def _charge(slots: Slots, given: str) -> str:
    limit, low, high, _ = TARIFFS[slots["tariff"]]
    used = integers(given)[0]
    return f"{figure(min(used, limit) * low + max(used - limit, 0) * high)}元"


TARIFF = family(
    name="tiered_tariff",
    phrasings=(
        "{tariff}。{payer}该交多少钱？",
        "收费标准：{tariff}。请按用量替{payer}计算费用。",
        "{payer}看不懂账单，计价方式是“{tariff}”，到底几元？",
        "分段计费题：{tariff}。算一算{payer}的支出。",
        "{payer}想估个数，{tariff}，合计要付多少？",
    ),
    slots={"tariff": tuple(TARIFFS), "payer": tuple(PAYERS)},
    fits=lambda slots: slots["tariff"] in PAYERS[slots["payer"]],
    draw=_used,
    solve=_charge,
    settings=MONEY,
    endings=ITEM,
)

# A day's appointments: who is free, and what overlaps.

ERRANDS = (
    "取证件照",
    "送孩子去琴行",
    "陪老人散步",
    "健身房私教",
    "视频面试",
    "剪头发",
    "修笔记本电脑",
    "社区投票",
    "练琴",
    "给猫打疫苗",
)
CALENDARS = (
    *("冰箱门上的便签", "手机备忘录", "家庭共享日历", "枕边的小本子", "书桌上的台历"),
    *("微信里发给自己的清单", "手账的这一页", "出门前抄的字条"),
)


def _plans(rng: Random, slots: Slots) -> str:
    hour, lines = 8 * 60, list[str]()
    for errand in rng.sample(ERRANDS, 4):
        start = hour + rng.choice((-30, 0, 15, 30, 60)) if lines else hour
        end = start + rng.choice((45, 60, 75, 90))
        lines.append(f"{start // 60:02}:{start % 60:02}-{end // 60:02}:{end % 60:02} {errand}")
        hour = end
    return "\n".join(lines)


def _spans(given: str) -> list[tuple[int, int, str]]:
    found = re.findall(r"(\d\d):(\d\d)-(\d\d):(\d\d) (.+)", given)
    return [(int(a) * 60 + int(b), int(c) * 60 + int(d), what) for a, b, c, d, what in found]


def _clashes(given: str) -> str:
    spans = _spans(given)
    for (_, end, one), (start, _, other) in pairwise(spans):
        if start < end:
            return f"{one}、{other}"
    return "没有冲突"


def _longest(given: str) -> str:
    return max(_spans(given), key=lambda span: span[1] - span[0])[2]


PLAN_ASKS: dict[str, Callable[[str], str]] = {
    "头两件撞在一起的事（没有就答“没有冲突”）": _clashes,
    "从第一件开始到最后一件结束总共多少分钟": lambda given: f"{_spans(given)[-1][1] - _spans(given)[0][0]}分钟",
    "耗时最长的是哪件（一样长取靠前的）": _longest,
    "排在第三的事几点开始": lambda given: given.split("\n")[2][:5],
    "最后一件事占多少分钟": lambda given: f"{_spans(given)[-1][1] - _spans(given)[-1][0]}分钟",
}


def _as_plan(key: str, named: str) -> Test:
    if "、" in key:
        return as_list(ordered=False)(key, named)
    return as_clock(key) if ":" in key else as_item(key, named)


PLAN = family(
    name="day_plan",
    phrasings=(
        "{calendar}记着我一天的安排，说说{ask}。",
        "看{calendar}，请告诉我{ask}。",
        "行程抄自{calendar}，帮我确认{ask}。",
        "出门之前对照{calendar}，想知道{ask}。",
        "{ask}？安排都在{calendar}里。",
    ),
    slots={"calendar": CALENDARS, "ask": tuple(PLAN_ASKS)},
    draw=_plans,
    solve=lambda slots, given: PLAN_ASKS[slots["ask"]](given),
    like=_as_plan,
    settings=HOME,
    endings=ITEM,
)

# A list sorted out: only the things of one kind.

FOOD, THINGS = ("水果", "蔬菜", "调味品"), ("文具", "家具", "乐器")
CARTS = {
    "社区团购的购物车": (*FOOD, "文具"),
    "妈妈口述的采购条": (*FOOD, "文具"),
    "搬家公司的装箱单": THINGS,
    "爷爷的旧货清单": THINGS,
    "实习生乱记的库存": (*FOOD, *THINGS),
    "幼儿园的识字卡": ("水果", "蔬菜", "鸟类", "树木", "交通工具", "乐器"),
    "猜词游戏的词库": tuple(theme for theme in THEMES if theme not in ("职业", "天气现象")),
    "杂物间的登记表": (*THINGS, "调味品"),
}
"""Each with what may be in it."""


def _mixed(rng: Random, slots: Slots) -> str:
    words = rng.sample(THEMES[slots["kind"]], rng.randint(2, 4))
    others = [word for theme in CARTS[slots["cart"]] if theme != slots["kind"] for word in THEMES[theme]]
    words += rng.sample(others, 7 - len(words))
    rng.shuffle(words)
    return "、".join(words)


SORT_OUT = family(
    name="only_one_kind",
    phrasings=(
        "从{cart}里挑出{kind}，别的不要，顺序照旧。",
        "{cart}写得太杂，只把属于{kind}的抄给我，先后不变。",
        "哪些是{kind}？请在{cart}中按出现次序列出。",
        "按类别过滤{cart}：保留{kind}，其余删掉，不改排列。",
    ),
    slots={"cart": tuple(CARTS), "kind": CARTS["猜词游戏的词库"]},
    fits=lambda slots: slots["kind"] in CARTS[slots["cart"]],
    draw=_mixed,
    solve=lambda slots, given: "、".join(word for word in listed(given) if word in THEMES[slots["kind"]]),
    like=as_list(),
    endings=LIST,
)

# Who owes whom.

OUTINGS = (
    *("自驾川西的四天三晚", "寝室的换季大扫除", "老同学的钓鱼局", "乐队租的排练场地", "给流浪猫看病"),
    *("合买的年货", "毕业旅行的最后一晚", "办公室的下午茶", "给导师过生日", "合用的净水器"),
    *("一起订的队服", "山里租的小院"),
)


def _paid(rng: Random, slots: Slots) -> str:
    people = rng.sample(NAMES, 3)
    average = 10 * rng.randint(6, 30)
    first, second = (10 * rng.randint(1, average // 10 - 1) for _ in range(2))
    paid = (first, second, 3 * average - first - second)
    return "、".join(f"{name}垫付{money}元" for name, money in zip(people, paid, strict=True))


def _settled(slots: Slots, given: str) -> str:
    paid = {re.split("垫付", one)[0]: int(amount(one)) for one in listed(given)}
    average = sum(paid.values()) // len(paid)
    richest = max(paid, key=lambda name: paid[name])
    return "、".join(f"{name}给{richest}{average - money}元" for name, money in paid.items() if name != richest)


def _as_transfer(key: str, named: str) -> Test:
    who, money = re.split("(?<=[^0-9])(?=[0-9])", key)
    sum_is, (giver, taker) = as_quantity(money), who.split("给")

    def test(text: str) -> bool:
        found = re.fullmatch(f"{giver}(?:应|要|需)?(?:补|转|付)?给{taker}(.+)", normal(text))
        return found is not None and sum_is(found[1])

    return test


SETTLE = family(
    name="settle_up",
    phrasings=(
        "{outing}，钱是三个人分头垫的，均摊的话该怎么补？依次写“某某给某某几元”。",
        "清账：{outing}由三人平摊，请列出谁补给谁，格式“甲给乙几元”，照名单顺序。",
        "三个人均分{outing}的开销，垫少了的该转多少给垫多了的？每笔写成“谁给谁几元”。",
        "为了{outing}，大家先各自掏腰包，现在要扯平，请按“付款人给收款人几元”的样子报出两笔转账。",
    ),
    slots={"outing": OUTINGS},
    draw=_paid,
    solve=_settled,
    like=as_list(_as_transfer, ordered=False),
    settings=MONEY,
    endings=LIST,
)

FAMILIES = (SCALE, AA, TARIFF, PLAN, SORT_OUT, SETTLE)
