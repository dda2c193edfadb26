"""Families that find something in a text that was composed for them: numbers, addresses, dates, sums, order lines."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from random import Random

from selfinstruct.simulator.families.zh.asking import family
from selfinstruct.simulator.families.zh.forms import HOME, ITEM, WORK, once
from selfinstruct.simulator.families.zh.matching import Test, as_quantity, as_text, same
from selfinstruct.simulator.families.zh.vocabulary import NAMES
from selfinstruct.simulator.family import Slots

__all__ = ["FAMILIES"]

# Messages that all hold a name, a phone number (made up: 0000 in its middle), an address, a day, a time and a sum.

MESSAGES = (
    "{name}您好，您订的{thing}已到{place}，请于{day}{time}前来取，尾款{sum}元。改期请打{phone}，发票会寄到{mail}。",
    "【提醒】{day}{time}，{place}交接{thing}，联系人{name}，手机{phone}，邮箱{mail}，需当面付{sum}元。",
    "群里说一声：{thing}的钱我垫了{sum}元，{day}{time}在{place}碰头。我是{name}，电话{phone}，账单发{mail}。",
    "寻物启事：本人{name}，{day}{time}左右在{place}遗失{thing}，捡到者请联系{phone}或{mail}，酬谢{sum}元。",
    "师傅，{thing}就放{place}吧，我{day}{time}才到家。运费{sum}元微信转你，收据发{mail}，有事打{phone}，{name}。",
    "活动报名成功！姓名{name}，押金{sum}元，凭短信于{day}{time}到{place}领取{thing}；咨询{phone}，申诉{mail}。",
)
WANTED = {
    "手机号码": "phone",
    "电子邮箱": "mail",
    "日期（几月几日）": "day",
    "钟点": "time",
    "涉及的金额": "sum",
    "当事人的姓名": "name",
    "地点": "place",
    "提到的物品": "thing",
}
PLACES = ("南门菜鸟站", "3号楼大厅", "图书馆前台", "老槐树下", "地铁站B口", "小区东门岗亭", "社区活动室", "文化宫侧厅")
OBJECTS = ("一台缝纫机", "两箱蜂蜜", "一把旧吉他", "一幅刺绣", "三盆绿萝", "一套棋具", "一本相册", "一辆童车")
MAILS = ("linyue", "zhoukai66", "hello.chen", "wu_lei", "xiaohan", "tang88", "songjia", "yf2020")


HALVES = ("上午", "中午", "下午", "晚上")


def _facts(rng: Random) -> dict[str, str]:
    hour = rng.randint(8, 20)
    return {
        "name": rng.choice(NAMES),
        "phone": f"1{rng.choice('3578')}{rng.randrange(10)}0000{rng.randrange(10_000):04}",
        "mail": f"{rng.choice(MAILS)}@example.{rng.choice(('com', 'cn', 'org'))}",
        "day": f"{rng.randint(1, 12)}月{rng.randint(1, 28)}日",
        "time": f"{HALVES[(hour > 11) + (hour > 12) + (hour > 18)]}{hour - 12 * (hour > 12)}点",
        "sum": str(rng.randint(15, 980)),
        "place": rng.choice(PLACES),
        "thing": rng.choice(OBJECTS),
    }


def _message(rng: Random, slots: Slots) -> str:
    return rng.choice(MESSAGES).format(**_facts(rng))


def _found(given: str) -> dict[str, str]:
    """What the message was made of."""
    for message in MESSAGES:
        pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+?)", re.escape(message))
        if match := re.fullmatch(pattern.replace("(?P<day>.+?)", r"(?P<day>\d+月\d+日)"), given):
            facts = match.groupdict()
            return {**facts, "sum": facts["sum"] + "元"}
    raise ValueError(f"not one of our messages: {given}")


AIMS = {
    "录入门店的会员表": ("手机号码", "电子邮箱", "当事人的姓名"),
    "填到失物招领登记簿": ("手机号码", "日期（几月几日）", "地点", "提到的物品", "当事人的姓名"),
    "回拨前确认一遍": ("手机号码", "当事人的姓名"),
    "拼成一张出库单": ("提到的物品", "涉及的金额", "日期（几月几日）", "当事人的姓名"),
    "交给夜班同事跟进": tuple(WANTED),
    "做脱敏处理": ("手机号码", "电子邮箱", "当事人的姓名"),
    "导进日程软件": ("日期（几月几日）", "钟点", "地点"),
    "给老人念一遍重点": ("日期（几月几日）", "钟点", "地点", "涉及的金额", "提到的物品"),
    "核对快递柜的记录": ("手机号码", "提到的物品", "当事人的姓名"),
    "补进客服工单": tuple(WANTED),
}
"""Each with what it needs."""


def _as_found(key: str, named: str) -> Test:
    """缝纫机 for 一台缝纫机 as well."""
    bare = re.sub("^[一两三][台箱把幅盆套本辆]", "", key)
    found = (as_quantity if key.endswith("元") else as_text)(key)
    return lambda text: found(text) or same(text, bare)


EXTRACT = family(
    name="extract",
    phrasings=(
        "从这条消息里找出{what}，我要{aim}。",
        "别的不用管，只把{what}摘出来，好{aim}。",
        "消息太长，{what}是哪个？打算{aim}。",
        "为了{aim}，请原样抄出文中的{what}。",
        "通读下面的文字，写出{what}，接下来要{aim}。",
    ),
    slots={"what": tuple(WANTED), "aim": tuple(AIMS)},
    fits=lambda slots: slots["what"] in AIMS[slots["aim"]],
    draw=_message,
    solve=lambda slots, given: _found(given)[WANTED[slots["what"]]],
    like=_as_found,
    settings=WORK,
    endings=ITEM,
)

KEYS = {
    "姓名": "name",
    "电话": "phone",
    "邮箱": "mail",
    "日期": "day",
    "时间": "time",
    "金额": "sum",
    "地点": "place",
    "物品": "thing",
}
STORES = (
    *("交给夜班同事跟进", "存进工单系统", "同步到共享表格", "转给外勤同事", "归档备查", "给接口做测试"),
    *("登记造册", "推送到值班手机", "喂给提醒机器人"),
)
COMBINATIONS = (
    *("姓名、电话、金额", "物品、地点、时间", "日期、时间、地点", "邮箱、姓名、物品", "金额、物品、日期"),
    *("电话、邮箱", "地点、姓名", "时间、电话、物品、姓名"),
)


def _as_object(slots: Slots, given: str) -> str:
    facts = _found(given)
    return json.dumps({key: facts[KEYS[key]] for key in slots["keys"].split("、")}, ensure_ascii=False)


def _is_object(slots: Slots, given: str, output: str) -> bool:
    try:
        found, right = json.loads(output, object_pairs_hook=once), json.loads(_as_object(slots, given))
    except (ValueError, RecursionError):
        return False
    if isinstance(found, dict) and isinstance(found.get("金额"), str):
        found["金额"] = found["金额"].removesuffix("元") + "元"
    return bool(found == right)


EXTRACT_JSON = family(
    name="extract_json",
    phrasings=(
        "把下面的口语消息变成 JSON，键依次为{keys}，值照抄原文，以便{aim}。",
        "我要{aim}，请抽取{keys}，输出一个 JSON 对象，值都是字符串。",
        "只关心{keys}这几项，整理为 JSON（键用中文，有金额就带“元”），然后{aim}。",
        "请充当信息录入员：读消息，得到含{keys}的 JSON 对象，值照抄原文，用来{aim}。",
    ),
    slots={"keys": COMBINATIONS, "aim": STORES},
    draw=_message,
    solve=_as_object,
    check=_is_object,
    settings=WORK,
)

# A list of orders in a group chat.

SOLD = (
    *("手工水饺（份）", "散养土鸡蛋（盒）", "阳山水蜜桃（箱）", "现磨芝麻酱（瓶）", "麻辣兔头（袋）"),
    *("粽子礼包（套）", "羊肚菌（包）", "老面馒头（袋）", "盆栽茉莉（盆）"),
)
TOTALS: dict[str, Callable[[dict[str, int]], str]] = {
    "一共要备多少": lambda orders: str(sum(orders.values())),
    "谁订得最多": lambda orders: max(orders, key=lambda name: orders[name]),
    "订得最少的是谁": lambda orders: min(orders, key=lambda name: orders[name]),
    "参加的有几个人": lambda orders: str(len(orders)),
    "最多的比最少的多出几个": lambda orders: str(max(orders.values()) - min(orders.values())),
    "前两位加起来要了多少": lambda orders: str(sum(list(orders.values())[:2])),
}


def _orders(given: str) -> dict[str, int]:
    return {name: int(number) for name, number in re.findall(r"\d+\. (.+?)，(\d+)$", given, re.MULTILINE)}


def _order_list(rng: Random, slots: Slots) -> str:
    people = rng.sample(NAMES, rng.randint(4, 6))
    numbers = rng.sample(range(1, 13), len(people))
    return "\n".join(f"{n}. {name}，{many}" for n, (name, many) in enumerate(zip(people, numbers, strict=True), 1))


GROUP_BUY = family(
    name="group_orders",
    phrasings=(
        "邻里群接龙买{sold}，{ask}？",
        "这是{sold}的团购接龙，团长问：{ask}。",
        "接龙截止，品名为{sold}，请看看{ask}。",
        "{ask}？接龙内容是{sold}，每行一人一个数。",
        "楼长要给{sold}下单，麻烦看一眼接龙，{ask}。",
    ),
    slots={"sold": SOLD, "ask": tuple(TOTALS)},
    draw=_order_list,
    solve=lambda slots, given: TOTALS[slots["ask"]](_orders(given)),
    settings=HOME,
    endings=ITEM,
)

FAMILIES = (EXTRACT, EXTRACT_JSON, GROUP_BUY)
