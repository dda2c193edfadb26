"""Conditions on the form of an answer that evolving adds, in Chinese."""

from __future__ import annotations

import re

from selfinstruct.simulator.layers import Kind, adding, framing
from selfinstruct.simulator.wrapping import lines_as_json, lines_marked, lines_numbered, same_twice, wrapped_as

__all__ = ["CONSTRAINTS"]

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

FOLDERS = ("码头", "春季集市", "待议事项", "来访", "冬学期", "报修", "茶水间", "夜班")
POSTSCRIPTS = (
    *("渡船七点开", "带上黄色文件夹", "水已经烧上了", "当心油漆未干", "钥匙在门垫下面", "周四排练", "记得喂猫"),
    "电梯停用",
)

CONSTRAINTS: tuple[Kind, ...] = (
    framing(
        "enclosed",
        ("整个答案必须用{pair}括起来{why}。", "答案必须放在一对{pair}中间，自带的符号也在内{why}。"),
        {"pair": tuple(PAIRS), "why": WHY},
        lambda slots: PAIRS[slots["pair"]],
    ),
    framing(
        "opener",
        ("答案前面必须写上“{word}”二字和一个冒号，不换行{why}。", "紧靠答案前面必须写“{word}：”{why}。"),
        {"word": OPENERS, "why": WHY},
        lambda slots: (f"{slots['word']}：", ""),
    ),
    framing(
        "heading",
        ("答案上方需要另加一行标题“{colour}{sheet}”{why}。", "答案上方必须有一行，内容是“{colour}{sheet}”{why}。"),
        {"colour": COLOURS, "sheet": SHEETS, "why": WHY},
        lambda slots: (f"{slots['colour']}{slots['sheet']}\n", ""),
    ),
    framing(
        "closing",
        ("下方必须再起一行写上“{closing}”{why}。", "下一行要写，恰好是“{closing}”{why}。"),
        {"closing": CLOSINGS, "why": WHY},
        lambda slots: ("", f"\n{slots['closing']}"),
    ),
    framing(
        "between lines",
        (
            "紧贴答案的上面要加一行“{top}”，下面要加一行“{bottom}”，两行都需要{why}。",
            "必须用“{top}”“{bottom}”两行一上一下把答案夹在中间{why}。",
        ),
        {"top": TOPS, "bottom": BOTTOMS, "why": WHY},
        lambda slots: (f"{slots['top']}\n", f"\n{slots['bottom']}"),
    ),
    framing(
        "signature below",
        ("往下必须另起一行署名“——{name}”{why}。", "往下一行应当落款，格式是“——{name}”{why}。"),
        {"name": SIGNERS, "why": WHY},
        lambda slots: ("", f"\n——{slots['name']}"),
    ),
    framing(
        "postscript",
        ("下面必须再附一行“又及：{remark}”{why}。", "往下还需要一行附言，写“又及：{remark}”{why}。"),
        {"remark": POSTSCRIPTS, "why": WHY},
        lambda slots: ("", f"\n又及：{slots['remark']}"),
    ),
    framing(
        "filed",
        ("下面必须另起一行注明“归档：{folder}”{why}。", "往下需要加一行，写成“归档：{folder}”{why}。"),
        {"folder": FOLDERS, "why": WHY},
        lambda slots: ("", f"\n归档：{slots['folder']}"),
    ),
    framing(
        "reference",
        (
            "答案前面必须写明编号“{number}”和一个分号，不换行{why}。",
            "每份答案都需要编号，这一份紧靠前面写“{number}；”{why}。",
        ),
        {"number": REFERENCES, "why": WHY},
        lambda slots: (f"{slots['number']}；", ""),
    ),
    framing(
        "fence",
        (
            "答案必须写成标注为 {label} 的 Markdown 代码块{why}。",
            "答案必须放进类型为 {label} 的 Markdown 围栏代码块{why}。",
        ),
        {"label": ("text", "plain", "reply", "console", "output", "note"), "why": WHY},
        lambda slots: (f"```{slots['label']}\n", "\n```"),
    ),
    adding(
        "characters counted",
        (
            "下面必须加一行“{label}：……”，写明以上字符数，空白不算{why}。",
            "需要另起一行，按“{label}：……”的格式报出以上字符数，空白除外{why}。",
        ),
        {"label": ("字符数", "总字符", "字符合计"), "why": WHY},
        lambda slots, given, above: [f"{slots['label']}：{len(''.join(above.split()))}"],
    ),
    adding(
        "Han counted",
        (
            "下面必须加一行“{label}：……”，写明以上共有多少个汉字{why}。",
            "必须另起一行，按“{label}：……”的格式统计以上汉字的个数{why}。",
        ),
        {"label": ("汉字数", "汉字合计", "共计汉字"), "why": WHY},
        lambda slots, given, above: [f"{slots['label']}：{len(re.findall('[一-鿿]', above))}"],
    ),
    adding(
        "lines counted",
        (
            "下面必须加一行“{label}：……”，写明以上一共几行，空行也算{why}。",
            "必须用“{label}：……”一行报出以上的行数，含空行{why}。",
        ),
        {"label": ("行数", "总行数", "共计行数"), "why": WHY},
        lambda slots, given, above: [f"{slots['label']}：{above.count(chr(10)) + 1}"],
    ),
    lines_marked(
        ("答案的每一行开头都必须加上{sign}{why}。", "必须让答案的每一行都以{sign}开头{why}。"),
        {"sign": tuple(MARKS), "why": WHY},
        MARKS,
    ),
    lines_numbered(
        (
            "必须给答案的每一行编号，从{first}开始，写成“{first}）”的样子{why}。",
            "答案的每一行都必须有编号，首行是“{first}）”{why}。",
        ),
        {"first": tuple(map(str, range(1, 100))), "why": WHY},
        "）",
    ),
    wrapped_as(
        "JSON",
        (
            "答案必须写成一个 JSON 对象，键是“{key}”，值是字符串{why}。",
            "答案必须以字符串放进 JSON 对象，唯一的键叫“{key}”{why}。",
        ),
        {"key": KEYS, "why": WHY},
    ),
    wrapped_as(
        "CSV",
        (
            "答案必须写成一条 CSV，共两个字段，都加英文双引号，第一个是“{key}”{why}。",
            "答案必须用 CSV 的格式：先“{key}”，后答案，两项都用英文双引号{why}。",
        ),
        {"key": KEYS, "why": WHY},
    ),
    wrapped_as(
        "XML",
        (
            "答案必须放进 XML 元素 <{key}> 里，& < > 三个符号要转义{why}。",
            "答案必须写成名为 <{key}> 的 XML 元素的文本，& < > 要转义{why}。",
        ),
        {"key": KEYS, "why": WHY},
    ),
    lines_as_json(
        (
            "答案的各行必须组成一个不换行的 JSON 数组，每行一个字符串{why}。",
            "答案必须用不换行的 JSON 数组表示，有几行就有几个字符串{why}。",
        ),
        {"why": WHY},
    ),
    same_twice(
        ("同样的答案必须写两遍，中间用一行{ruler}隔开{why}。", "答案必须重复一遍，两遍之间恰好隔一行{ruler}{why}。"),
        {"ruler": tuple(RULERS), "why": WHY},
        RULERS,
    ),
)
