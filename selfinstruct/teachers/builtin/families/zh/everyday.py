"""Families of everyday life: recipes scaled, bills shared, tariffs, a day's plans, sorting out, who owes whom."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from random import Random

from selfinstruct.teachers.builtin.families.zh.asking import family, listed
from selfinstruct.teachers.builtin.families.zh.forms import HOME, ITEM, LIST
from selfinstruct.teachers.builtin.families.zh.vocabulary import NAMES, THEMES, amount, figure, integers
from selfinstruct.teachers.builtin.family import Slots

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
FEASTS = ("年夜饭", "工地加餐", "丈母娘来访", "亲子厨房日", "露营野餐", "室友过生日", "街坊百家宴")


def _recipe(rng: Random, slots: Slots) -> str:
    return "、".join(f"{what}{many}{unit}" for what, many, unit in DISHES[slots["dish"]])


def _scaled(slots: Slots, given: str) -> str:
    factor = SCALES[slots["scale"]]
    return "、".join(f"{what}{figure(many * factor)}{unit}" for what, many, unit in DISHES[slots["dish"]])


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
    draw=_recipe,
    solve=_scaled,
    endings=LIST,
)

# Going Dutch.

MEALS = (
    *("一顿重庆火锅", "包场唱歌", "合租屋的网费", "拼车去机场", "剧本杀的门票", "给同事买的结婚礼物"),
    *("烧烤摊的夜宵", "周末租的划艇", "农家乐的土鸡宴"),
)
SHARES: dict[str, Callable[[Fraction, int], Fraction]] = {
    "平均分摊，精确到分": lambda total, people: total / people,
    "其中一人免单，其余的人均摊，算到分": lambda total, people: total / (people - 1),
    "先用五十元的券再平分，结果到分": lambda total, people: (total - 50) / people,
    "打九折以后人均多少，保留两位小数": lambda total, people: total * 9 / 10 / people,
    "老板报销一半，余下的大家平分，算到分": lambda total, people: total / 2 / people,
}


def _bill(rng: Random, slots: Slots) -> str:
    return f"总价{rng.randint(120, 980)}元，共{rng.randint(3, 9)}人"


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
    slots={"meal": MEALS, "rule": tuple(SHARES)},
    draw=_bill,
    solve=_share,
    settings=HOME,
    endings=ITEM,
)

# Tiered tariffs.

TARIFFS = {
    "每月前200度每度0.5元，超出部分每度0.6元": (200, Fraction(1, 2), Fraction(3, 5), "度"),
    "水费15吨以内每吨3元，超过的每吨4.5元": (15, Fraction(3), Fraction(9, 2), "吨"),
    "首重5公斤以内每公斤4元，再往上每公斤2元": (5, Fraction(4), Fraction(2), "公斤"),
    "停车头3小时每小时5元，之后每小时8元": (3, Fraction(5), Fraction(8), "小时"),
    "燃气30立方以内每立方2.5元，多出来的每立方3元": (30, Fraction(5, 2), Fraction(3), "立方"),
    "自习室前10小时每小时6元，后面每小时4元": (10, Fraction(6), Fraction(4), "小时"),
    "复印50张以内每张0.2元，超出的每张0.1元": (50, Fraction(1, 5), Fraction(1, 10), "张"),
}
PAYERS = (
    "刚毕业的租客",
    "开早餐店的夫妻",
    "村里的小诊所",
    "社团的财务",
    "帮父母缴费的女儿",
    "跑业务的销售",
    "工作室的合伙人",
)


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
    slots={"tariff": tuple(TARIFFS), "payer": PAYERS},
    draw=_used,
    solve=_charge,
    settings=HOME,
    endings=ITEM,
)

# A day's appointments: who is free, and what overlaps.

ERRANDS = (
    "取证件照",
    "接孩子放学",
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
    "冰箱门上的便签",
    "手机备忘录",
    "家庭共享日历",
    "单位的排班群",
    "保姆的工作表",
    "周日的小本子",
    "经纪人发来的行程",
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
PLAN = family(
    name="day_plan",
    phrasings=(
        "{calendar}上写着一天的安排，找出{ask}。",
        "看{calendar}，请告诉我{ask}。",
        "行程抄自{calendar}，帮我确认{ask}。",
        "出门之前对照{calendar}，想知道{ask}。",
        "{ask}？安排都在{calendar}里。",
    ),
    slots={"calendar": CALENDARS, "ask": tuple(PLAN_ASKS)},
    draw=_plans,
    solve=lambda slots, given: PLAN_ASKS[slots["ask"]](given),
    settings=HOME,
    endings=ITEM,
)

# A list sorted out: only the things of one kind.

CARTS = (
    "社区团购的购物车",
    "搬家公司的装箱单",
    "妈妈口述的采购条",
    "幼儿园的实物教具",
    "盲盒仓库的标签堆",
    "爷爷的旧货清单",
    "实习生乱记的库存",
)


def _mixed(rng: Random, slots: Slots) -> str:
    words = rng.sample(THEMES[slots["kind"]], rng.randint(2, 4))
    others = [word for theme, its in THEMES.items() if theme != slots["kind"] for word in its]
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
    slots={"cart": CARTS, "kind": tuple(theme for theme in THEMES if theme not in ("职业", "天气现象"))},
    draw=_mixed,
    solve=lambda slots, given: "、".join(word for word in listed(given) if word in THEMES[slots["kind"]]),
    endings=LIST,
)

# Who owes whom.

OUTINGS = (
    *("自驾川西的四天三晚", "寝室的换季大扫除", "老同学的钓鱼局", "乐队租的排练场地", "给流浪猫看病"),
    *("三家合买的年货", "毕业旅行的尾声", "办公室的下午茶", "给导师过生日", "共用的净水器"),
    *("篮球队的队服", "山里租的小院"),
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


SETTLE = family(
    name="settle_up",
    phrasings=(
        "{outing}结束了，各人垫的不一样，三人均摊该怎么补？依次写“某某给某某几元”。",
        "清账：{outing}由三人平摊，请列出谁补给谁，格式“甲给乙几元”，照名单顺序。",
        "三家均分{outing}的开销，垫少了的该转多少给垫多了的？每笔写成“谁给谁几元”。",
        "为了{outing}，大家先各自掏腰包，现在要扯平，请按“付款人给收款人几元”的样子报出两笔转账。",
    ),
    slots={"outing": OUTINGS},
    draw=_paid,
    solve=_settled,
    settings=HOME,
    endings=LIST,
)

FAMILIES = (SCALE, AA, TARIFF, PLAN, SORT_OUT, SETTLE)
