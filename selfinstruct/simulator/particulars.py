"""Particulars that evolving names ("concretize"): who asks, where a text is from, who reads the answer.

They stand for what was general and change nothing about the answer.
"""

from __future__ import annotations

import re

from selfinstruct.simulator.layers import BEFORE, WITHIN, Kind, unenclosed

__all__ = ["CHINESE", "ENGLISH", "insert"]

CLUBS = (
    *("the rowing club", "the tram museum", "the parish choir", "the chess circle", "the night school"),
    *("the fire brigade", "the botanical garden", "the bakers' guild", "the repair cafe", "the lighthouse trust"),
    *("the allotment society", "the municipal archive", "the film club", "the harbour office", "the youth orchestra"),
    *("the cheese market", "the ferry company", "the old observatory", "the weavers' workshop", "the bicycle depot"),
    *("the amateur theatre", "the school for sailors", "the beekeepers' union", "the mountain rescue"),
    *("the local radio station", "the puppet theatre", "the tea warehouse", "the railway library"),
)
TOWNS = (
    *("Ghent", "Porto", "Tartu", "Cork", "Bergen", "Lucca", "Graz", "Turku", "Delft", "Split", "Kaunas", "Aarhus"),
    *("Dundee", "Trieste", "Coimbra", "Uppsala", "Brno", "Nantes", "Swansea", "Bilbao", "Odense", "Limerick"),
    *("Halifax", "Dunedin", "Hobart", "Savannah", "Whitby", "Galway", "Malmo", "Lviv"),
)
PAPERS = (
    *("the minutes", "the newsletter", "the log book", "the visitors' book", "the yearbook", "the papers"),
    *("the anniversary booklet", "the notice board", "a letter", "the records", "the programme", "the price list"),
)
PRINTS = ("newsletter", "yearbook", "anniversary booklet", "members' journal", "spring programme", "weekly bulletin")
NAMES = (
    *("Keiko Tanaka", "Amara Okafor", "Sven Lindqvist", "Ines Carvalho", "Yusuf Demir", "Rosa Castellanos"),
    *("Hugo Brandt", "Mei Chen", "Dmitri Volkov", "Nadia Haddad", "Bruno Moreau", "Priya Raman"),
)
JOBS = (
    *("baker", "tram driver", "midwife", "roofer", "botanist", "piano tuner", "glazier", "lorry driver", "cellist"),
    *("judge", "beekeeper", "librarian", "plumber", "nurse", "tailor", "surveyor"),
)
YEARS = tuple(map(str, range(1871, 2012)))
NUMBERS = tuple(map(str, range(12, 99)))
AGES = tuple(map(str, range(24, 68)))
SPOTS = (
    "the ferry terminal",
    "the town hall",
    "the fish market",
    "the bus depot",
    "the library steps",
    "the east pier",
)

ENGLISH: tuple[Kind, ...] = (
    Kind(
        name="provenance",
        wordings=(" (from {papers} of {club} in {town})", " (as given in {papers} of {club} in {town} in {year})"),
        slots={"papers": PAPERS, "club": CLUBS, "town": TOWNS, "year": YEARS},
        place=WITHIN,
    ),
    Kind(
        name="who asks",
        wordings=(
            "Somebody at {club} in {town}, which has {number} members, would like to know the following.",
            "On behalf of {club} in {town}, founded in {year}, I ask for this.",
            "This comes from {club} in {town}, where {number} people are waiting for it.",
        ),
        slots={"club": CLUBS, "town": TOWNS, "year": YEARS, "number": NUMBERS},
        place=BEFORE,
    ),
    Kind(
        name="publication",
        wordings=(
            "The reply goes into the {printed} of {club} in {town}, which has {number} readers.",
            "It will be printed in the {printed} of {club} in {town}, in {number} copies.",
        ),
        slots={"printed": PRINTS, "club": CLUBS, "town": TOWNS, "number": NUMBERS},
    ),
    Kind(
        name="reader",
        wordings=(
            "The person who reads it is {name}, a {job} of {age} from {town}.",
            "Reader of the reply is {name} ({age}), who works as a {job} in {town}.",
        ),
        slots={"name": NAMES, "job": JOBS, "age": AGES, "town": TOWNS},
    ),
    Kind(
        name="hurry",
        wordings=(
            "The messenger from {town} waits at {spot} and needs it by {hour}:{minute}.",
            "Until {hour}:{minute} somebody stands at {spot} in {town} for it.",
        ),
        slots={
            "town": TOWNS,
            "spot": SPOTS,
            "hour": tuple(map(str, range(7, 22))),
            "minute": ("05", "10", "20", "25", "35", "40", "50", "55"),
        },
    ),
)

CITIES = (
    *("绍兴", "泉州", "大理", "潮州", "平遥", "景德镇", "柳州", "凤凰", "阆中", "敦煌", "扬州", "延吉", "烟台", "宜昌"),
    *("黄山", "喀什", "遵义", "歙县", "珲春", "北海", "腾冲", "丽水", "荆州", "乌镇", "曲阜", "天水", "自贡", "衢州"),
)
GROUPS = (
    *("龙舟队", "评弹社", "图书馆", "陶瓷厂", "骑行俱乐部", "老年大学", "消防站", "气象站", "轮渡公司", "植物园"),
    *(
        "民间曲艺团",
        "棋院",
        "博物馆",
        "茶叶合作社",
        "养蜂人协会",
        "社区食堂",
        "少年宫",
        "广播站",
        "纺织厂",
        "山地救援队",
    ),
    *("铁路文化宫", "豆腐作坊", "书法协会", "档案馆", "渔业合作社", "古琴社"),
)
SOURCES = ("值班日志", "年度简报", "来客留言簿", "会议纪要", "纪念册", "公告栏", "旧档案", "周刊", "节目单", "往来信件")
SHEETS = ("年度简报", "纪念册", "会员手册", "周刊", "春季节目单", "内部通讯")
PEOPLE = ("周文清", "何静", "唐宁", "许诺", "林悦", "罗兰", "高峰", "陈春生", "彭小雨", "秦一鸣", "冯涛", "宋佳")
CALLINGS = (
    *("面点师傅", "公交司机", "助产士", "瓦匠", "钢琴调音师", "茶农", "护士", "裁缝", "测量员", "图书管理员", "水管工"),
    *("大提琴手", "邮递员", "养蜂人", "厨师", "园丁"),
)
PLACES = ("轮渡码头", "镇政府门口", "水产市场", "长途汽车站", "图书馆台阶上", "东门桥头")

CHINESE: tuple[Kind, ...] = (
    Kind(
        name="provenance",
        wordings=("（摘自{city}{group}的{source}）", "（见{city}{group}{year}年的{source}）"),
        slots={"city": CITIES, "group": GROUPS, "source": SOURCES, "year": YEARS},
        place=WITHIN,
    ),
    Kind(
        name="who asks",
        wordings=(
            "这件事是{city}{group}托我问的，那里有{number}个人。",
            "我替{year}年成立的{city}{group}来请教。",
            "问题来自{city}{group}，{number}位成员都在等消息。",
        ),
        slots={"city": CITIES, "group": GROUPS, "number": NUMBERS, "year": YEARS},
        place=BEFORE,
    ),
    Kind(
        name="publication",
        wordings=(
            "结果会登在{city}{group}的{sheet}上，读者有{number}位。",
            "成稿要印进{city}{group}的{sheet}，一共{number}份。",
        ),
        slots={"city": CITIES, "group": GROUPS, "sheet": SHEETS, "number": NUMBERS},
    ),
    Kind(
        name="reader",
        wordings=(
            "读的人是{city}的{calling}{name}，今年{age}岁。",
            "要看回答的{name}{age}岁，在{city}当{calling}。",
        ),
        slots={"city": CITIES, "calling": CALLINGS, "name": PEOPLE, "age": AGES},
    ),
    Kind(
        name="hurry",
        wordings=("取件的人从{city}来，{hour}点整在{place}等。", "最晚{hour}点要送到{city}的{place}。"),
        slots={"hour": tuple(map(str, range(7, 22))), "city": CITIES, "place": PLACES},
    ),
)

# Before "and" or "or" a phrase may go on: "the analogy about animal and young".
_NOUN = {
    "en": re.compile(
        r"\b(?:list|words?|numbers?|texts?|sentences?|messages?|tables?|data|entries|entry|dates?|prices?|amounts?"
        r"|letters?|names?|events?|headline|function|titles?|dish|bill|values?|animals?|countr(?:y|ies)|cit(?:y|ies)|notes?"
        r"|planets|tasks|times|costs|notice|reviews?|quer(?:y|ies)|terms?|poem|haiku|story|talk|plan|names|nouns|regex)\b"
        r"(?=[,.?:;]| (?:for|from|in|into|as|is|are|that|which|with|on|by)\b)"
    ),
    "zh": re.compile(
        r"(?:词语|词|句子|这句话|这段话|数|数字|日期|表格|表|数据|文字|文本|消息|清单|名单|诗句|成语|节日|年份|表达式|代码"
        r"|短信|留言|姓名|景点|城市|省份|书名|人物|算式|配料|费用|函数|安排|记录)(?=[，。：？；])"
    ),
}


def insert(text: str, language: str, provenance: str) -> str | None:
    """The text with the provenance of its first general noun behind that; None when it has no such noun."""
    ends = (found.end() for found in _NOUN[language].finditer(text) if unenclosed(text[: found.start()]))
    end = next(ends, None)
    return text[:end] + provenance + text[end:] if end is not None else None
