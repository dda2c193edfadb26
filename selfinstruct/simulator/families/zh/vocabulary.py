"""Names, words and sentences in Chinese that several families draw from, and numbers written out."""

from __future__ import annotations

import re
from fractions import Fraction

__all__ = [
    *("NAMES", "SENTENCES", "THEMES", "amount", "capitals", "figure", "from_hanzi", "in_hanzi", "integers", "pairs"),
]


def pairs(text: str) -> dict[str, str]:
    """A small table written as 甲-乙 丙-丁."""
    return dict(pair.split("-") for pair in text.split())


NAMES = (
    *("林悦", "周凯", "王芳", "李强", "陈晨", "赵颖", "孙浩", "吴磊", "郑洁", "冯涛", "韩雪", "杨帆", "何静"),
    *("高峰", "罗兰", "宋佳", "唐宁", "许诺", "邓超群", "沈默然", "彭小雨", "曹雨桐"),
)

THEMES = {
    "水果": ("苹果", "香蕉", "荔枝", "葡萄", "石榴", "枇杷", "杨梅", "柿子", "草莓", "菠萝"),
    "蔬菜": ("白菜", "菠菜", "茄子", "萝卜", "黄瓜", "芹菜", "豆角", "莴笋", "冬瓜", "韭菜"),
    "乐器": ("二胡", "古筝", "琵琶", "唢呐", "笛子", "钢琴", "大提琴", "萨克斯", "腰鼓", "月琴"),
    "鸟类": ("麻雀", "喜鹊", "燕子", "白鹭", "猫头鹰", "啄木鸟", "孔雀", "乌鸦", "大雁", "黄鹂"),
    "树木": ("松树", "柳树", "槐树", "银杏", "香樟", "梧桐", "白杨", "榕树", "水杉", "桦树"),
    "文具": ("铅笔", "橡皮", "圆规", "尺子", "钢笔", "订书机", "毛笔", "砚台", "笔记本", "胶水"),
    "交通工具": ("公交车", "地铁", "轮船", "飞机", "自行车", "出租车", "摩托车", "马车", "高铁", "渡轮"),
    "家具": ("衣柜", "书桌", "沙发", "茶几", "餐椅", "床头柜", "屏风", "书架", "鞋柜", "板凳"),
    "球类运动": ("篮球", "足球", "排球", "乒乓球", "羽毛球", "网球", "棒球", "高尔夫球", "冰球", "手球"),
    "调味品": ("酱油", "香醋", "白糖", "花椒", "八角", "桂皮", "食盐", "蚝油", "豆瓣酱", "胡椒粉"),
    "职业": ("教师", "木匠", "护士", "厨师", "记者", "律师", "消防员", "邮递员", "裁缝", "司机"),
    "天气现象": ("暴雨", "大雾", "冰雹", "台风", "沙尘暴", "霜冻", "雷电", "小雪", "龙卷风", "细雨"),
}
"""Every word belongs to one theme only."""

SENTENCES = (
    "清晨的菜市场最热闹，卖豆腐的老伯还没摆好摊，队就排到了巷口。",
    "外婆把晒干的橘子皮收进铁罐，说冬天泡水喝最好。",
    "雨停了，屋檐还在滴水；猫从窗台上跳下来，抖了抖爪子。",
    "这条老街要改造了，我赶在拆迁前去吃了最后一碗馄饨。",
    "你见过凌晨四点的面包房吗？灯亮着，香味已经飘到马路对面。",
    "弟弟学骑车摔了三回，膝盖上全是土，可他就是不肯下来！",
    "山里的信号时有时无，我们干脆关了手机，听了一夜的虫鸣。",
    "图书馆闭馆的音乐响起来，她才发现自己把水杯忘在了三楼。",
    "爸爸不会说漂亮话，只是每次送我进站，都要等到车开才走。",
    "楼下新开了一家修鞋铺，师傅姓秦，手艺好，话也多。",
    "桂花落了满地，扫还是不扫？老园丁说：先留着，让它香两天。",
    "末班车上只剩三个人，司机放着老歌，谁也没有说话。",
    "她把第一个月的工资分成三份：一份给家里，一份存起来，一份请朋友吃火锅。",
    "渔船回港的时候，码头上的孩子比海鸥还要吵。",
    "练了半年毛笔字，我终于敢给家里写春联了！",
    "窗外的银杏一夜之间全黄了，办公室里没有人舍得拉上窗帘。",
    "奶奶问我，手机里的人，怎么知道我爱听评剧呢？",
    "停电的晚上，全楼的人都到院子里乘凉，好像回到了二十年前。",
)

_DIGITS, _CAPITALS = "零一二三四五六七八九", "零壹贰叁肆伍陆柒捌玖"


def _written(number: int, digits: str, places: tuple[str, ...]) -> str:
    """A number from 1 to 99,999,999 in full, with one 零 for any gap."""
    high, low = divmod(number, 10_000)
    if high:
        gap = digits[0] if 0 < low < 1000 else ""
        return f"{_written(high, digits, places)}万{gap}{_written(low, digits, places) if low else ''}"
    text = ""
    for place, digit in zip(places, f"{number:04}", strict=True):
        text += digits[int(digit)] + (place if digit != "0" else "")
    return re.sub("零+", "零", text).strip("零")


def in_hanzi(number: int) -> str:
    """305 is 三百零五, 12 is 十二."""
    text = _written(number, _DIGITS, ("千", "百", "十", "")) if number else "零"
    return text.removeprefix("一") if text.startswith("一十") else text


PLACES = {"十": 10, "百": 100, "千": 1000}


def from_hanzi(text: str) -> int:
    """The number that `in_hanzi` writes so. Raises ValueError at any other character."""
    high, wan, low = text.rpartition("万")
    number, digit = from_hanzi(high) * 10_000 if wan else 0, 0
    for char in low:
        if char in PLACES:
            number, digit = number + (digit or 1) * PLACES[char], 0
        else:
            digit = _DIGITS.index(char)
    return number + digit


def capitals(fen: int) -> str:
    """An amount as banks want it: 320506 fen are 叁仟贰佰零伍元零陆分."""
    yuan, jiao, rest = fen // 100, fen // 10 % 10, fen % 10
    text = _written(yuan, _CAPITALS, ("仟", "佰", "拾", "")) + "元" if yuan else ""
    if not jiao and not rest:
        return text + "整"
    text += f"{_CAPITALS[jiao]}角" if jiao else "零" if yuan else ""
    return text + (f"{_CAPITALS[rest]}分" if rest else "整")


def integers(given: str) -> list[int]:
    return [int(number) for number in re.findall(r"-?\d+", given)]


def amount(text: str) -> Fraction:
    """The first number of a text."""
    found = re.search(r"\d+(?:\.\d+)?", text)
    if not found:
        raise ValueError(f"no number in {text}")
    return Fraction(found[0])


def figure(value: Fraction, digits: int = 2, *, fixed: bool = False) -> str:
    """Rounded half up; zeros at the end only when they are asked for."""
    scaled = int(abs(value) * 10**digits + Fraction(1, 2))
    whole, rest = divmod(scaled, 10**digits)
    text = f"{whole}.{rest:0{digits}}" if digits else str(whole)
    if not fixed and digits:
        text = text.rstrip("0").rstrip(".")
    return f"-{text}" if value < 0 and scaled else text
