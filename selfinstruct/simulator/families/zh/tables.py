"""Families about tables: CSV to Markdown, JSON or sentences, and questions about the rows."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from random import Random

from selfinstruct.simulator.families.zh.asking import family
from selfinstruct.simulator.families.zh.forms import ITEM, LEDGER, once
from selfinstruct.simulator.family import Slots

__all__ = ["FAMILIES"]

# What a table lists: columns, entries, the unit of its numbers and their range.

SHEETS = {
    "农机合作社的出租记录": ("机具", "小时", ("旋耕机", "插秧机", "收割机", "播种机", "植保机"), (2, 40)),
    "茶楼的周末点单": ("茶名", "壶数", ("龙井", "普洱", "铁观音", "茉莉花茶", "祁门红茶"), (3, 60)),
    "山区小学的图书登记": ("书名", "册数", ("字典", "故事会", "科学画报", "童话集", "棋谱"), (5, 90)),
    "夜市摊位的营业额": ("摊位", "元", ("烤冷面", "臭豆腐", "糖葫芦", "套圈", "钵钵鸡"), (120, 990)),
    "骑行俱乐部的里程榜": ("队员", "公里", ("大鹏", "阿木", "小满", "老韩", "云朵"), (30, 400)),
    "养老院的库存盘点": ("物品", "数量", ("毛毯", "轮椅", "血压计", "拐杖", "保温壶"), (4, 70)),
    "乐器行的维修单": ("乐器", "费用", ("古筝", "二胡", "吉他", "手风琴", "笛子"), (50, 600)),
    "水果批发的到货表": ("品种", "箱数", ("脐橙", "香梨", "火龙果", "猕猴桃", "榴莲"), (10, 300)),
    "观鸟协会的计数": ("鸟种", "只数", ("白鹭", "翠鸟", "黑翅鸢", "苍鹭", "戴胜"), (1, 80)),
    "话剧社的道具账": ("道具", "价格", ("油灯", "长衫", "屏风", "假发", "折扇"), (15, 260)),
}


def _rows(given: str) -> list[list[str]]:
    return [line.split(",") for line in given.split("\n")]


def _csv(rng: Random, slots: Slots) -> str:
    what, number, entries, (low, high) = SHEETS[slots["sheet"]]
    rows = zip(rng.sample(entries, 4), rng.sample(range(low, high), 4), strict=True)
    return f"{what},{number}\n" + "\n".join(f"{entry},{value}" for entry, value in rows)


ORDERS = {"行的顺序不变": 0, "按数值从大到小排": -1, "按数值由小到大排": 1}


def _markdown(slots: Slots, given: str) -> str:
    head, *rows = _rows(given)
    if order := ORDERS[slots["order"]]:
        rows.sort(key=lambda row: order * int(row[1]))
    lines = (f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows))
    return "\n".join(lines)


def _is_markdown(slots: Slots, given: str, output: str) -> bool:
    """The same cells, with a line of hyphens below the first; how wide and how aligned does not matter."""

    def cells(text: str) -> list[list[str]]:
        rows = [line.strip().strip("|").split("|") for line in text.strip().split("\n")]
        return [[re.sub("^:?-+:?$", "-", cell.strip()) for cell in row] for row in rows]

    return cells(output) == cells(_markdown(slots, given))


MARKDOWN = family(
    name="csv_to_markdown",
    phrasings=(
        "把{sheet}从 CSV 变成 Markdown 表格，{order}。",
        "{sheet}要贴到知识库，请输出 Markdown 表，{order}。",
        "请用竖线和短横线为{sheet}搭一张 Markdown 表格，{order}。",
        "群文档只认 Markdown，{sheet}是逗号分隔的，帮忙转一转，{order}。",
    ),
    slots={"sheet": tuple(SHEETS), "order": tuple(ORDERS)},
    draw=_csv,
    solve=_markdown,
    check=_is_markdown,
    settings=LEDGER,
)

SHAPES: dict[str, Callable[[list[list[str]]], object]] = {
    "由对象组成的数组，键就是表头": lambda rows: [
        {rows[0][0]: entry, rows[0][1]: int(value)} for entry, value in rows[1:]
    ],
    "一个对象，第一列作键，第二列作值": lambda rows: {entry: int(value) for entry, value in rows[1:]},
    "两个数组，分别装第一列和第二列，键用表头": lambda rows: {
        rows[0][0]: [entry for entry, _ in rows[1:]],
        rows[0][1]: [int(value) for _, value in rows[1:]],
    },
}


def _is_json(slots: Slots, given: str, output: str) -> bool:
    try:
        found = json.loads(output, object_pairs_hook=once)
        return bool(found == SHAPES[slots["shape"]](_rows(given))) and "true" not in output  # which equals 1
    except (ValueError, RecursionError):
        return False


TO_JSON = family(
    name="csv_to_json",
    phrasings=(
        "请将{sheet}（CSV）转成 JSON：{shape}，数字不加引号。",
        "{sheet}要喂给前端，要求是{shape}，数值保持数字类型。",
        "写出{sheet}的 JSON 版本，结构为{shape}。数字别写成字符串。",
        "接口约定返回{shape}，数据见{sheet}，请给出 JSON，数字不带引号。",
        "后端同事等着导入{sheet}。JSON 长这样：{shape}，数量用数字类型。",
        "{shape}——照这个样子把{sheet}改写成 JSON，数目不要变成文本。",
    ),
    slots={"sheet": tuple(SHEETS), "shape": tuple(SHAPES)},
    draw=_csv,
    settings=LEDGER,
    solve=lambda slots, given: json.dumps(SHAPES[slots["shape"]](_rows(given)), ensure_ascii=False),
    check=_is_json,
)

LOOKUPS: dict[str, Callable[[dict[str, int]], str]] = {
    "哪一项数值最高": lambda rows: max(rows, key=lambda name: rows[name]),
    "垫底的是哪一项": lambda rows: min(rows, key=lambda name: rows[name]),
    "所有数值加起来是多少": lambda rows: str(sum(rows.values())),
    "头尾两行相差多少": lambda rows: str(abs((values := list(rows.values()))[0] - values[-1])),
    "从高到低排第二的是哪一项": lambda rows: sorted(rows, key=lambda name: -rows[name])[1],
    "有几项超过了四项的平均数": lambda rows: str(sum(4 * value > sum(rows.values()) for value in rows.values())),
}
LOOKUP = family(
    name="table_question",
    phrasings=(
        "查{sheet}，{look}？",
        "{sheet}在下面，请回答{look}。",
        "老板扫了一眼{sheet}就问：“{look}？”你怎么回？",
        "看完{sheet}，我想弄明白{look}。",
        "根据{sheet}填空：{look}，答案为____。",
        "月报里要写一句关于{sheet}的话，先确认{look}。",
    ),
    slots={"sheet": tuple(SHEETS), "look": tuple(LOOKUPS)},
    draw=_csv,
    solve=lambda slots, given: LOOKUPS[slots["look"]]({entry: int(value) for entry, value in _rows(given)[1:]}),
    settings=LEDGER,
    endings=ITEM,
)

FAMILIES = (MARKDOWN, TO_JSON, LOOKUP)
