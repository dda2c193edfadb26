"""Words that an instruction is dropped for, in English and Chinese: what a text model can neither see nor do.

Chinese has no spaces, so a word counts by what stands around it: 画一只猫 asks for a drawing, 动画 and 刻画 do not.
Traditional characters are read as the simplified ones that the patterns are written in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["KEYWORDS", "asks_for_program", "find_keyword", "simplified", "words_pattern"]

SIMPLIFIED = str.maketrans(
    "圖畫繪製視頻樂連結鏈開擊編寫請幫個這張條隻圓聽報風質筆龍師壇規錄動紅導餅狀線點書對無為語沒會訪問識別處執覽實"
    "時獲協滿關應經種務給見義輸內體傳斷適確認測議論題們軟號館節學廳課電夾頁網該雙兩幾隨當數",
    "图画绘制视频乐连结链开击编写请帮个这张条只圆听报风质笔龙师坛规录动红导饼状线点书对无为语没会访问识别处执览实"
    "时获协满关应经种务给见义输内体传断适确认测议论题们软号馆节学厅课电夹页网该双两几随当数",
)
"""One for one, and no more than the patterns here need. 檔 stays: 檔案 is a file, 档案 is an archive."""


def simplified(text: str) -> str:
    """The text with the simplified characters that the patterns are written in, and as many of them."""
    return text if text.isascii() else text.translate(SIMPLIFIED)


KEYWORDS = (
    *("image", "images", "graph", "graphs", "picture", "pictures", "file", "files"),
    *("map", "maps", "draw", "plot", "go to"),
)
"""Words of instructions that a text model cannot follow, as published; Alpaca adds five."""

BESIDE = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\ua4cf\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff"
    "\uff66-\uffdc\U00020000-\U0003ffff"
)
"""Characters of scripts that stand beside an English word without a space: Thai, Chinese, Japanese, Korean …"""
BORDER = rf"[^\W{BESIDE}]"
r"""A character that an English word goes on with. For \b Chinese ones are such: it finds no word in 打开file看看."""

COUNTED = "[一二两三四五六七八九十几数半0-9]{1,3} ?[个张幅副只条座朵棵位匹颗头栋间把辆艘枚片架根群对]"
BRUSH = "(?<!(?<![铅毛彩蜡钢])笔)"
"""笔画 is a stroke of a character, but 铅笔画 is what a pencil does."""
NOUN = "(?![家廊展派风面像外质布笔室册卷皮报师坛作法押院刊集中里的]|蛇添足|龙点睛|饼充饥|地为牢|虎不成|虎类)"
"""What makes a noun of 画 when it follows, or a saying. 绘画 is a noun, too: the art, like "painting"."""

HARMLESS = (
    "短视频|视频(?:网站|平台|会议|通话|电话|号|博主|游戏|脚本|文案|标题)",
    "文件[夹名]|文件精神|(?:法律|政策|官方|红头|纲领性|证明|身份|招标|投标|书面)文件|附件炎",
    "(?:动态|静态|符号|软|硬)链接|链接[器库到]|指手画脚",
    "画[上下个成了一]{0,4}[^，。！？]{0,5}(?:句号|等号|问号|休止符)",
)
"""What has a word of those below in it and asks for nothing to be seen or done."""

SEEN_OR_DONE = (
    "图片|图像|图象|照片|相片|截图|截屏|配图|地图|图画(?![书册])",
    "图表|流程图|示意图|[曲折]线图|[柱饼]状图|条形图|饼图|散点图|直方图",
    "[如下看附]图(?![书案形])|上图(?![书案形腾])|(?<![企意试力贪])图中",
    "视频|音频|录音|录像|文件|檔案|附件|链接|连结",
    "(?:播放|收听|下载|创作|制作|生成|谱写|[这一][首段]|下面的?|以下)音乐(?![会家剧节学院厅史人课台])",
    "(?:打开|点击|访问|浏览|登录|前往)(?:这个|该|此|以下|下面的?)?(?:网站|网址|网页|页面|官网)",
    "绘制(?![^，。]{0,6}蓝图)|画画|绘画(?=[一出个张幅])",
    # 画 before a number of things; before an outcome; at the start of a clause, or after a word that asks; 这幅画.
    rf"(?<![刻勾描企动漫]){BRUSH}画[了着]?{COUNTED}",
    rf"(?<![刻勾描企动漫油国版壁年插名字书绘彩墨]){BRUSH}画(?:一下|出|图|表格|三角|圆|[正长]方|几何|[个张幅副只条座朵棵](?!人))",
    rf"(?:(?<!\w)|(?<=[请我你您么样何想要会能来去再并学以该着上手忙]))画{NOUN}",
    r"(?<=[这那一])[幅张副](?:[^，。！？,.!?]{0,8}[的油国版壁水彩墨漫])?画(?![家廊展派风面像质布册师作集])",
)
"""What a text model can neither see nor do, as the English keywords and Alpaca's five are (video, audio, music,
flowchart, diagram). Left out on purpose: 思维导图 and 表格, which can be written as text; and what one can write about,
动画片 and 漫画 and 绘画 and 音乐."""
CHINESE = re.compile(f"{'|'.join(HARMLESS)}|({'|'.join(SEEN_OR_DONE)})")

PROGRAM = re.compile(
    r"(?:请|麻烦)?[你您]?(?:帮我|给我|为我)?(?:编写|编|写)出?(?:[一1]?[个段款份])?(?:程序|程式)(?![员正设化性])"
)
"""写一个程序 and its like; as in English, one in a named language (写一个Python程序) is more than that."""


def words_pattern(words: Iterable[str]) -> re.Pattern[str]:
    """Finds any of the words, whole, in any case. A word that begins or ends in Chinese is found inside others."""

    kinds: dict[tuple[str, str], list[str]] = {}
    for word in words:
        before = f"(?<!{BORDER})" if re.match(BORDER, word) else ""
        after = f"(?!{BORDER})" if re.match(BORDER, word[-1:]) else ""
        kinds.setdefault((before, after), []).append(re.escape(word))
    # One test of the border for all words, not one for each: 4 µs a text instead of 27.
    groups = [f"{before}(?:{'|'.join(alike)}){after}" for (before, after), alike in kinds.items()]
    return re.compile("|".join(groups), re.IGNORECASE)


def find_keyword(text: str, words: re.Pattern[str]) -> str | None:
    """The first of the words in the text, or what it says in Chinese that a text model can neither see nor do."""
    if found := words.search(text):
        return found[0].lower()
    if text.isascii():
        return None
    for match in CHINESE.finditer(simplified(text)):
        if match[1]:
            return text[match.start() : match.end()]
    return None


def asks_for_program(text: str) -> bool:
    """Whether a Chinese instruction begins by asking for a program."""
    return PROGRAM.match(simplified(text)) is not None
