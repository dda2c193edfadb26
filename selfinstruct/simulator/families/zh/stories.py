"""Families of word problems: chickens and rabbits, shopping, two who meet, posts along a line."""

from __future__ import annotations

import re
from functools import partial
from random import Random

from selfinstruct.simulator.families.zh.asking import family
from selfinstruct.simulator.families.zh.forms import CLASS, ITEM
from selfinstruct.simulator.families.zh.matching import Test, as_list, as_quantity
from selfinstruct.simulator.families.zh.vocabulary import integers
from selfinstruct.simulator.family import Slots

__all__ = ["FAMILIES"]

# Two kinds, their number and a total: what each counts for, and how the input names both.

PAIRS = {
    "笼子里关着鸡和兔，数头也数脚": (("鸡", 2), ("兔", 4), "只", "脚{}只"),
    "停车场上有三轮车和小轿车，有人数了轮子": (("三轮车", 3), ("小轿车", 4), "辆", "轮子{}个"),
    "池塘边飞着蜻蜓、爬着蜘蛛，蜻蜓六条腿，蜘蛛八条腿": (("蜻蜓", 6), ("蜘蛛", 8), "只", "腿{}条"),
    "宴会厅摆了六人桌和十人桌，全部坐满": (("六人桌", 6), ("十人桌", 10), "张", "客人{}位"),
    "钱罐里只有五元和二十元的纸币": (("五元纸币", 5), ("二十元纸币", 20), "张", "合计{}元"),
    "旅行团住满了双人间和四人间": (("双人间", 2), ("四人间", 4), "间", "旅客{}人"),
    "公园里租出了两人划的小船和五人坐的大船，没有空位": (("小船", 2), ("大船", 5), "条", "游客{}人"),
    "电影院卖出三十元的学生票和五十元的成人票": (("学生票", 30), ("成人票", 50), "张", "票款{}元"),
    "粮店把大米装成五斤的小袋和二十斤的大袋": (("小袋", 5), ("大袋", 20), "袋", "大米{}斤"),
}


def _both(rng: Random, slots: Slots) -> str:
    (_, one), (_, other), unit, total = PAIRS[slots["pair"]]
    a, b = rng.sample(range(3, 28), 2)
    return f"共{a + b}{unit}，{total.format(a * one + b * other)}"


def _each(slots: Slots, given: str) -> str:
    (first, one), (second, other), unit, _ = PAIRS[slots["pair"]]
    number, total = integers(given)
    b = (total - one * number) // (other - one)
    return f"{first}{number - b}{unit}，{second}{b}{unit}"


def _as_both(key: str, named: str) -> Test:
    """In either order, 鸡有23只 or 鸡：23."""

    def one(key: str, named: str) -> Test:
        what, many = re.split("(?<=[^0-9])(?=[0-9])", key)
        many_is = as_quantity(many)
        return lambda text: text.startswith(what) and many_is(re.sub("^(?:有|是|:| )", "", text.removeprefix(what)))

    return as_list(one, ordered=False)(key.replace("，", "、"), named)


CHICKENS = family(
    name="chickens_and_rabbits",
    phrasings=(
        "{pair}。两种各有多少？",
        "鸡兔同笼的老题换个样子：{pair}。请分别求出两样的数目。",
        "{pair}，只知道下面两个数，能推出每种各是多少吗？",
        "试试用假设法来解：{pair}，各是多少？",
        "请列方程：{pair}，两者的数量分别是几？",
    ),
    slots={"pair": tuple(PAIRS)},
    draw=_both,
    solve=_each,
    like=_as_both,
    settings=CLASS,
)

# Change at a shop. Nobody spends more than 63 yuan.

WHO = ("小明的姑姑", "刚放学的豆豆", "值班的护士长", "退休的老秦", "隔壁裁缝", "新来的租客", "送水师傅", "班主任冯老师")
SHOPS = ("早市", "村口小卖部", "社区团购点", "批发市场", "路边三轮车摊", "合作社门市部", "水果超市")
GOODS = ("橘子", "带壳花生", "新米", "土豆", "红富士苹果", "五香豆干", "糯玉米", "绿豆", "山楂", "干木耳")
CHANGE = family(
    name="change",
    phrasings=(
        "{who}拿着{money}元去{shop}，买了{n}斤{food}，每斤{price}元，该找回多少钱？",
        "{food}一斤{price}元，{who}在{shop}称了{n}斤，付出{money}元，找零几元？",
        "兜里原有{money}元，{who}到{shop}转一圈，带回{n}斤单价{price}元的{food}，兜里还有多少？",
        "{shop}的{food}卖{price}元一斤。{who}要{n}斤，掏了{money}元整钞，摊主应退多少？",
        "{who}说：“来{n}斤{food}！”{shop}老板报价每斤{price}元。给老板{money}元，剩下的钱是多少？",
    ),
    slots={
        "who": WHO,
        "shop": SHOPS,
        "food": GOODS,
        "n": ("2", "3", "4", "5", "6", "7"),
        "price": ("3", "4", "5", "6", "8", "9"),
        "money": ("70", "80", "100", "150", "200"),
    },
    solve=lambda slots, given: f"{int(slots['money']) - int(slots['n']) * int(slots['price'])}元",
    endings=ITEM,
)

# Two who travel towards each other, or one after the other: speeds differ, and every answer is a whole number.

PARTS = {
    "两辆摩托车": ("公里", "小时", (30, 20), (50, 100, 150, 200)),
    "两艘渔船": ("公里", "小时", (14, 10), (24, 48, 72, 120)),
    "甲乙两位邮递员": ("公里", "小时", (18, 12), (30, 60, 90, 120)),
    "一对晨跑的兄弟": ("米", "分钟", (180, 120), (600, 900, 1200, 1800)),
    "两只蜗牛": ("厘米", "分钟", (7, 5), (24, 60, 84, 120)),
    "两支修路队": ("米", "天", (45, 35), (160, 240, 400, 800)),
    "两列玩具火车": ("厘米", "秒", (16, 9), (50, 75, 100, 200)),
}
ROADS = (
    *("笔直小道的两端", "甲地和乙地", "同一条路线的两头", "没有岔路的直道首尾"),
    *("东西相对的两处", "南北相望的两点"),
)


def _gap(rng: Random, slots: Slots) -> str:
    length, time, (fast, slow), gaps = PARTS[slots["pair"]]
    return f"相距{rng.choice(gaps)}{length}，每{time}分别前进{fast}{length}和{slow}{length}"


def _meeting(slots: Slots, given: str) -> str:
    gap, fast, slow = integers(given)
    return f"{gap // (fast + slow)}{PARTS[slots['pair']][1]}"


NOT_ON = {
    "两艘渔船": ("笔直小道的两端", "没有岔路的直道首尾"),
    "两辆摩托车": ("笔直小道的两端",),
    **dict.fromkeys(("两只蜗牛", "两列玩具火车"), ("甲地和乙地", "南北相望的两点", "东西相对的两处")),
}


MEETING = family(
    name="meeting",
    phrasings=(
        "{pair}同时从{road}相向出发，多久能碰上？",
        "从{road}，{pair}面对面往中间赶，请算相遇所需的时间。",
        "相遇问题一道：起点是{road}，主角是{pair}，几时会合（只说经过多长时间）？",
        "{pair}分别守在{road}，一声令下同时动身，朝对方去。过多久两者之间的距离变成零？",
        "若{pair}从{road}迎面而来，中途都不停歇，需要多长时间才见面？",
    ),
    slots={"pair": tuple(PARTS), "road": ROADS},
    fits=lambda slots: slots["road"] not in NOT_ON.get(slots["pair"], ()),
    draw=_gap,
    solve=_meeting,
    like=partial(as_quantity, unit=True),
    settings=CLASS,
    endings=ITEM,
)

# Posts along a line: one more than gaps, as many, or one less.

ALONG = {
    "河堤的一侧（两头都设）": 1,
    "环湖步道（绕一整圈）": 0,
    "两座楼之间的小路（两头不设）": -1,
    "体育场外圈的围墙边（首尾相接）": 0,
    "校门大道左侧（起点和终点都设）": 1,
    "两座牌坊之间（紧挨牌坊处不设）": -1,
}
PLANTED = {
    "栽垂柳": "棵",
    "插彩旗": "面",
    "装路灯": "盏",
    "摆石墩": "个",
    "立宣传栏": "块",
    "种银杏": "棵",
    "放花盆": "个",
}


def _posts(slots: Slots, given: str) -> str:
    length, step = int(slots["length"]), int(slots["step"])
    return f"{length // step + ALONG[slots['along']]}{PLANTED[slots['thing']]}"


PLANTING = family(
    name="planting",
    phrasings=(
        "在{along}{thing}，全长{length}米，间隔{step}米，一共需要多少？",
        "施工队要在{along}{thing}；总长是{length}米，每隔{step}米一处，得准备多少？",
        "植树问题：{along}{thing}，路线长{length}米，相邻两处相距{step}米，求总数。",
        "每{step}米设一处，路线总长{length}米：在{along}{thing}，共要多少？",
    ),
    slots={
        "along": tuple(ALONG),
        "thing": tuple(PLANTED),
        "length": ("120", "240", "360", "480", "600"),
        "step": ("3", "4", "5", "6", "8", "10"),
    },
    solve=_posts,
    settings=CLASS,
    endings=ITEM,
)

FAMILIES = (CHICKENS, CHANGE, MEETING, PLANTING)
