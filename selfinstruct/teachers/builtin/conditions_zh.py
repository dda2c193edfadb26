"""Conditions on the form of an answer that evolving adds, in Chinese."""

from __future__ import annotations

import re

from selfinstruct.teachers.builtin.layers import Kind, adding, framing
from selfinstruct.teachers.builtin.wrapping import lines_as_json, lines_marked, lines_numbered, same_twice, wrapped_as

__all__ = ["CHINESE"]

WHY = (
    *("，方便程序读取", "，好让人一眼看到", "，规矩一向如此", "，以免混在一起", "，因为要归档", "，打印才整齐"),
    *("，编辑这么要求", "，分拣时用得着", "，系统只认这种", "，省得再问", "，会上定过的", "，样式要统一"),
    *("，不然导不进去", "，方便读屏软件", "，回头要张贴", "，老站长定的规矩"),
)
PAIRS = {
    "方头括号【】": ("【", "】"),
    "圆括号（）": ("（", "）"),
    "书名号《》": ("《", "》"),
    "六角括号〔〕": ("〔", "〕"),
    "直角引号「」": ("「", "」"),
    "双层直角引号『』": ("『", "』"),
    "尖括号〈〉": ("〈", "〉"),
    "竖线": ("|", "|"),
    "弯引号“”": ("“", "”"),
    "百分号": ("%", "%"),
    "波浪号": ("～", "～"),
    "空心方括号〖〗": ("〖", "〗"),
}
OPENERS = (
    *("结论", "答复", "回禀", "喜报", "提示", "速报", "定论", "回音", "来信", "快讯", "发现", "心得", "公示", "告示"),
    *("灯塔", "青松", "白鹭", "茶馆", "渡口", "石桥"),
)
COLOURS = ("春日", "夏夜", "秋分", "冬至", "清晨", "黄昏", "江边", "山间", "巷口", "湖畔", "檐下", "灯前")
SHEETS = ("小记", "简报", "手札", "便笺", "回执", "札记", "短章", "附页", "纪要", "通讯", "档案")
CLOSINGS = (
    *(
        "全文完",
        "以上就是全部内容",
        "核对无误",
        "到此为止",
        "今天就说到这里",
        "下面没有了",
        "收到请回复",
        "请转交档案室",
    ),
    *("谢谢您的耐心", "祝一切顺利", "完毕，请讲", "此页不再增补", "请勿折叠", "阅后归还"),
)
MARKS = {
    "一个大于号和一个空格": "> ",
    "两个短横线和一个空格": "-- ",
    "一条竖线": "|",
    "一个加号和一个空格": "+ ",
    "一个波浪号": "～",
    "一个等号和一个空格": "= ",
    "一个间隔号": "·",
    "一个实心三角▲": "▲",
    "一个空心圆圈○": "○",
    "一个方块■": "■",
    "一个右箭头→": "→",
    "一个百分号": "%",
}
KEYS = (
    *("回复", "结论", "内容", "正文", "结果值", "消息", "包裹", "报告", "便笺", "记录", "成品", "港口", "账目", "信件"),
    *("reply", "payload", "ledger", "verdict"),
)
TOPS = ("开始", "起", "开门", "由此往下", "启封", "上", "入口", "开幕")
BOTTOMS = ("结束", "止", "关门", "到此为止", "封存", "下", "出口", "落幕")
SIGNERS = ("值班员小周", "档案室老吴", "许诺", "账房林姐", "渡口的船工", "夜班的阿木", "馆员唐宁", "秘书何静")
RULERS = {
    f"{word}{name}": sign * n
    for word, n in (("五个", 5), ("七个", 7), ("八个", 8), ("十个", 10), ("十二个", 12))
    for name, sign in (("短横线", "-"), ("星号", "*"), ("等号", "="), ("波浪号", "～"), ("井号", "#"))
}
REFERENCES = tuple(f"{word}字{n}号" for word in "甲乙丙丁戊己庚辛壬癸天地" for n in range(17, 1000, 97))

CHINESE: tuple[Kind, ...] = (
    framing(
        "enclosed",
        ("整个回答必须用{pair}括起来{why}。", "请把整个回答放在一对{pair}中间{why}。"),
        {"pair": tuple(PAIRS), "why": WHY},
        lambda slots: PAIRS[slots["pair"]],
    ),
    framing(
        "opener",
        ("回答前面必须写上“{word}”二字和一个冒号{why}。", "回答的前面只能加“{word}：”{why}。"),
        {"word": OPENERS, "why": WHY},
        lambda slots: (f"{slots['word']}：", ""),
    ),
    framing(
        "heading",
        ("回答上方需要另加一行标题“{colour}{sheet}”{why}。", "回答上方必须有一行，只写“{colour}{sheet}”{why}。"),
        {"colour": COLOURS, "sheet": SHEETS, "why": WHY},
        lambda slots: (f"{slots['colour']}{slots['sheet']}\n", ""),
    ),
    framing(
        "closing",
        ("回答下方必须另起一行写上“{closing}”{why}。", "回答后面要有一行，恰好是“{closing}”{why}。"),
        {"closing": CLOSINGS, "why": WHY},
        lambda slots: ("", f"\n{slots['closing']}"),
    ),
    framing(
        "between lines",
        ("回答上面要加一行“{top}”，下面要加一行“{bottom}”{why}。", "请用“{top}”“{bottom}”两行把回答夹在中间{why}。"),
        {"top": TOPS, "bottom": BOTTOMS, "why": WHY},
        lambda slots: (f"{slots['top']}\n", f"\n{slots['bottom']}"),
    ),
    framing(
        "signature",
        ("回答之后必须另起一行署名“——{name}”{why}。", "回答下面应当单独一行落款，格式是“——{name}”{why}。"),
        {"name": SIGNERS, "why": WHY},
        lambda slots: ("", f"\n——{slots['name']}"),
    ),
    framing(
        "reference",
        ("回答前面必须写明编号“{number}”和一个分号{why}。", "每份回答都需要编号，这一份前面写“{number}；”{why}。"),
        {"number": REFERENCES, "why": WHY},
        lambda slots: (f"{slots['number']}；", ""),
    ),
    framing(
        "fence",
        (
            "回答必须写成标注为 {label} 的 Markdown 代码块{why}。",
            "请用类型为 {label} 的 Markdown 围栏代码块回答{why}。",
        ),
        {"label": ("text", "plain", "reply", "console", "output", "note"), "why": WHY},
        lambda slots: (f"```{slots['label']}\n", "\n```"),
    ),
    adding(
        "characters counted",
        (
            "下面必须加一行“{label}：……”，写明以上字符数，空白不算{why}。",
            "请另起一行，按“{label}：……”的格式报出以上字符数，空白除外{why}。",
        ),
        {"label": ("字符数", "总字符", "字符合计"), "why": WHY},
        lambda slots, given, above: [f"{slots['label']}：{len(''.join(above.split()))}"],
    ),
    adding(
        "Han counted",
        (
            "下面必须加一行“{label}：……”，写明以上有几个汉字{why}。",
            "必须另起一行，按“{label}：……”的格式统计以上汉字{why}。",
        ),
        {"label": ("汉字数", "汉字合计", "共计汉字"), "why": WHY},
        lambda slots, given, above: [f"{slots['label']}：{len(re.findall('[一-鿿]', above))}"],
    ),
    adding(
        "lines counted",
        ("下面必须加一行“{label}：……”，写明以上一共几行{why}。", "必须用“{label}：……”一行报出以上的行数{why}。"),
        {"label": ("行数", "总行数", "共计行数"), "why": WHY},
        lambda slots, given, above: [f"{slots['label']}：{above.count(chr(10)) + 1}"],
    ),
    lines_marked(
        ("回答的每一行开头都必须加上{sign}{why}。", "请让每一行都以{sign}开头{why}。"),
        {"sign": tuple(MARKS), "why": WHY},
        MARKS,
    ),
    lines_numbered(
        (
            "请给回答的每一行编号，从{first}开始，写成“{first}）”的样子{why}。",
            "每一行都必须有编号，首行是“{first}）”{why}。",
        ),
        {"first": tuple(map(str, range(1, 100))), "why": WHY},
        "）",
    ),
    wrapped_as(
        "JSON",
        ("回答必须是一个 JSON 对象，只含一个键“{key}”{why}。", "请用 JSON 返回回答，唯一的键叫“{key}”{why}。"),
        {"key": KEYS, "why": WHY},
    ),
    wrapped_as(
        "CSV",
        (
            "回答必须写成一行 CSV，共两个字段，都加英文双引号，第一个是“{key}”{why}。",
            "请以 CSV 的格式返回：先“{key}”，后回答，两项都用英文双引号{why}。",
        ),
        {"key": KEYS, "why": WHY},
    ),
    wrapped_as(
        "XML",
        (
            "回答必须放进 XML 元素 <{key}> 里，特殊符号要转义{why}。",
            "请把回答写成名为 <{key}> 的 XML 元素的文本{why}。",
        ),
        {"key": KEYS, "why": WHY},
    ),
    lines_as_json(
        (
            "回答的各行必须组成一个 JSON 数组，每行一个字符串{why}。",
            "请以 JSON 数组的格式返回，回答有几行就有几个字符串{why}。",
        ),
        {"why": WHY},
    ),
    same_twice(
        ("同样的回答必须写两遍，中间用一行{ruler}隔开{why}。", "请把回答重复一遍，两遍之间恰好隔一行{ruler}{why}。"),
        {"ruler": tuple(RULERS), "why": WHY},
        RULERS,
    ),
)
