"""Families about places, history and books: capitals, number plates, sights, dynasties in order, novels, authors."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

from selfinstruct.simulator.families.zh.asking import family, listed
from selfinstruct.simulator.families.zh.forms import ASIDE, ITEM, LABEL, LIST
from selfinstruct.simulator.families.zh.matching import Test, as_list, normal, same
from selfinstruct.simulator.families.zh.vocabulary import pairs
from selfinstruct.simulator.family import Slots

__all__ = ["FAMILIES", "NOVELS", "PROVINCES", "SIGHTS"]

_PROVINCES = """
河北-石家庄-冀 山西-太原-晋 辽宁-沈阳-辽 吉林-长春-吉 黑龙江-哈尔滨-黑 江苏-南京-苏 浙江-杭州-浙 安徽-合肥-皖
福建-福州-闽 江西-南昌-赣 山东-济南-鲁 河南-郑州-豫 湖北-武汉-鄂 湖南-长沙-湘 广东-广州-粤 海南-海口-琼
四川-成都-川 贵州-贵阳-贵 云南-昆明-云 陕西-西安-陕 甘肃-兰州-甘 青海-西宁-青 内蒙古-呼和浩特-蒙 广西-南宁-桂
西藏-拉萨-藏 宁夏-银川-宁 新疆-乌鲁木齐-新
"""
PROVINCES = {province: (capital, plate) for province, capital, plate in (row.split("-") for row in _PROVINCES.split())}
"""Capital, and the character on number plates."""

BY_CAPITAL = {capital: province for province, (capital, _) in PROVINCES.items()}
BY_PLATE = {plate: province for province, (_, plate) in PROVINCES.items()}
PROVINCE_ASKS: dict[str, tuple[tuple[str, ...], Callable[[str], str]]] = {
    "由省区名说出省会或首府": (tuple(PROVINCES), lambda given: PROVINCES[given][0]),
    "由省会或首府说出所在省区": (tuple(BY_CAPITAL), lambda given: BY_CAPITAL[given]),
    "写出该省区在车牌上的一个字": (tuple(PROVINCES), lambda given: PROVINCES[given][1]),
    "凭车牌上的字认出是哪个省区": (tuple(BY_PLATE), lambda given: BY_PLATE[given]),
    "看省会或首府，报出当地车牌的首字": (
        tuple(BY_CAPITAL),
        lambda given: PROVINCES[BY_CAPITAL[given]][1],
    ),
}
JOURNEYS = (
    *("高速公路服务区的小游戏", "物流分拣员的上岗测验", "开学第一堂地理课", "房车旅行的车上问答"),
    *("快递站的新人考核", "客服组的岗前练习", "小学生的地理抢答", "停车场保安的培训"),
    *("长途司机的对讲机游戏",),
)


_LONG = {
    "内蒙古": "自治区",
    "广西": "壮族自治区",
    "西藏": "自治区",
    "宁夏": "回族自治区",
    "新疆": "维吾尔自治区",
    **dict.fromkeys((*BY_CAPITAL, "北京"), "市"),
}


def _as_place(key: str, named: str) -> Test:
    """河北省 for 河北, 广西壮族自治区 for 广西, and 广西自治区 too; 冀 as it is."""
    tail = _LONG.get(key, "省" if key in PROVINCES else "")
    return lambda text: normal(text) in (key, key + tail, key + tail[-3:])


PROVINCE = family(
    name="provinces",
    phrasings=(
        "{journey}里有一关：{ask}，请作答。",
        "请{ask}，用在{journey}。",
        "{journey}考的是{ask}。答案是什么？",
        "地理常识题，{ask}，给{journey}出的。",
        "我在筹备{journey}，需要你{ask}。",
    ),
    slots={"journey": JOURNEYS, "ask": tuple(PROVINCE_ASKS)},
    draw=lambda rng, slots: rng.choice(PROVINCE_ASKS[slots["ask"]][0]),
    solve=lambda slots, given: PROVINCE_ASKS[slots["ask"]][1](given),
    like=_as_place,
    words=lambda given: (given, "省会", "首府"),
    endings=ITEM,
)

# Sights.

SIGHTS = pairs(
    """
    故宫-北京 秦始皇兵马俑-陕西 布达拉宫-西藏 莫高窟-甘肃 九寨沟-四川 黄山-安徽 泰山-山东 华山-陕西 南岳衡山-湖南
    嵩山少林寺-河南 北岳恒山-山西 庐山-江西 峨眉山-四川 西湖-浙江 滕王阁-江西 黄鹤楼-湖北 岳阳楼-湖南 塔尔寺-青海
    平遥古城-山西 丽江古城-云南 鼓浪屿-福建 阳朔-广西 云冈石窟-山西 龙门石窟-河南 乐山大佛-四川 都江堰-四川
    张家界-湖南 黄果树瀑布-贵州 天涯海角-海南 曲阜孔庙-山东 拙政园-江苏 承德避暑山庄-河北 月牙泉-甘肃 天山天池-新疆
    呼伦贝尔草原-内蒙古 沙坡头-宁夏 开平碉楼-广东 镜泊湖-黑龙江 沈阳故宫-辽宁 普陀山-浙江 五台山-山西
    """
)
TRAVELS = (
    *("退休教师的自驾清单", "旅行社的新人考核", "冰箱贴收藏册", "纪录片的字幕", "孩子的暑假打卡本"),
    *("民宿墙上的推荐牌", "火车票纪念展", "摄影协会的采风计划", "一套明信片的分类"),
)
SIGHT = family(
    name="sights",
    phrasings=(
        "{travel}提到这处名胜，它在哪个省、自治区或直辖市？",
        "请注明下列景点所属的省级行政区，简称“四川”这样即可，用于{travel}。",
        "按省份归类：下面的地方该放到哪里？这是{travel}的一项。",
        "想把它写进{travel}，可我不清楚是哪个省区的风景，请告诉我。",
        "{travel}需要地名后加省份，这个景点后面应加什么？",
    ),
    slots={"travel": TRAVELS},
    draw=lambda rng, slots: rng.choice(tuple(SIGHTS)),
    solve=lambda slots, given: SIGHTS[given],
    like=_as_place,
    settings=ASIDE,
    endings=ITEM,
)

# Dynasties.

DYNASTIES = ("夏", "商", "西周", "秦", "西汉", "东汉", "西晋", "东晋", "隋", "唐", "北宋", "南宋", "元", "明", "清")
DYNASTY_ASKS: dict[str, Callable[[list[str]], str]] = {
    "从早到晚排个序": lambda ages: "、".join(sorted(ages, key=DYNASTIES.index)),
    "由近及远倒着排列": lambda ages: "、".join(sorted(ages, key=DYNASTIES.index, reverse=True)),
    "找出年代最早的一个": lambda ages: min(ages, key=DYNASTIES.index),
    "指出离今天最近的一个": lambda ages: max(ages, key=DYNASTIES.index),
    "说出正中间的那一个": lambda ages: sorted(ages, key=DYNASTIES.index)[2],
}
HALLS = (
    *("古钱币展柜", "历史老师的抽认卡", "瓷器拍卖图录", "穿越小说的大纲", "博物馆的参观动线", "服饰史讲座的目录"),
    *("桌游的时间轴", "县博物馆讲解词", "历代书法字帖的编排"),
)


def _ages(rng: Random, slots: Slots) -> str:
    """Five dynasties, in neither order."""
    ages = rng.sample(DYNASTIES, 5)
    while sorted(ages, key=DYNASTIES.index) in (ages, ages[::-1]):
        rng.shuffle(ages)
    return "、".join(ages)


DYNASTY_ORDER = family(
    name="dynasties",
    phrasings=(
        "{hall}涉及五个朝代，请{ask}。",
        "朝代歌背到一半乱了，{ask}，以便{hall}使用。",
        "下面几个朝代次序是打乱的，{ask}，写进{hall}。",
        "请以立国先后为准，{ask}，这关系到{hall}。",
        "做{hall}要懂年代：{ask}。",
    ),
    slots={"hall": HALLS, "ask": tuple(DYNASTY_ASKS)},
    draw=_ages,
    solve=lambda slots, given: DYNASTY_ASKS[slots["ask"]](listed(given)),
    like=as_list(lambda key, named: lambda text: same(text, key) or (same(text[:-1], key) and text[-1] in "朝代")),
    settings=ASIDE,
)

# The four great novels.

NOVELS = {
    "红楼梦": "林黛玉 贾宝玉 薛宝钗 王熙凤 刘姥姥 史湘云 晴雯 黛玉葬花 元妃省亲 香菱学诗",
    "西游记": "孙悟空 猪八戒 红孩儿 铁扇公主 牛魔王 白骨精 镇元子 大闹天宫 三借芭蕉扇 偷吃人参果",
    "水浒传": "林冲 武松 鲁智深 李逵 吴用 燕青 扈三娘 风雪山神庙 智取生辰纲 倒拔垂杨柳",
    "三国演义": "诸葛亮 张飞 周瑜 赵云 貂蝉 司马懿 黄盖 草船借箭 煮酒论英雄 火烧连营",
}
FANS = (
    *("舞台剧的选角会", "读书会的破冰游戏", "戏曲频道的竞猜", "纸牌的角色设计", "泥人张的订单", "木版印社的分类"),
    *("中学名著阅读周", "评书大赛的曲目单", "图书馆的导读牌", "旧书摊的小人书分类"),
)
NOVEL = family(
    name="novels",
    phrasings=(
        "{fan}：这个人物或情节出自四大名著的哪一部？只写书名，不带书名号。",
        "说到它，人人都知道是哪部古典名著。{fan}要用，请在红楼、水浒、三国、西游里认一认，书名写全称。",
        "四大名著连连看，请回答红楼梦、西游记、水浒传或三国演义，用在{fan}。",
        "下面的人物或情节要标上原著名（红楼梦、西游记、水浒传、三国演义四选一），供{fan}使用。",
        "看到下面几个字，你想起的是红楼梦、西游记、水浒传还是三国演义？{fan}等着用。",
        "{fan}要按原著分组：红楼梦、西游记、水浒传、三国演义，该归哪组？",
    ),
    slots={"fan": FANS},
    draw=lambda rng, slots: rng.choice(rng.choice(tuple(NOVELS.values())).split()),
    solve=lambda slots, given: next(novel for novel, words in NOVELS.items() if given in words.split()),
    classification=True,
    settings=ASIDE,
    endings=LABEL,
)

# Books and who wrote them.

AUTHORS = pairs(
    """
    史记-司马迁 本草纲目-李时珍 梦溪笔谈-沈括 聊斋志异-蒲松龄 儒林外史-吴敬梓 西厢记-王实甫 窦娥冤-关汉卿
    牡丹亭-汤显祖 天工开物-宋应星 水经注-郦道元 齐民要术-贾思勰 文心雕龙-刘勰 桃花扇-孔尚任 老残游记-刘鹗
    朝花夕拾-鲁迅 骆驼祥子-老舍 边城-沈从文 子夜-茅盾 雷雨-曹禺 茶馆-老舍 呐喊-鲁迅 城南旧事-林海音 呼兰河传-萧红
    千金要方-孙思邈 人间词话-王国维
    """
)
SHELVES = (
    "旧书店的标签",
    "图书馆的还书台",
    "读书频道的字幕",
    "文学社的招新问卷",
    "话剧团的资料室",
    "校园广播的荐书栏",
    "盲盒书的清单",
)


NUMBERS = {"两": 2, "三": 3, "四": 4, "五": 5}


def _books(rng: Random, slots: Slots) -> str:
    return "".join(f"《{book}》" for book in rng.sample(tuple(AUTHORS), NUMBERS[slots["n"]]))


AUTHOR = family(
    name="authors",
    phrasings=(
        "{shelf}涉及{n}部书，请按顺序写出它们的作者。",
        "下列{n}本书各是谁写的？次序照旧，给{shelf}用。",
        "{shelf}缺作者信息：共{n}个书名，请一一补上人名。",
        "请报作者，这{n}条书目，先后不变，录入{shelf}。",
    ),
    slots={"shelf": SHELVES, "n": tuple(NUMBERS)},
    draw=_books,
    solve=lambda slots, given: "、".join(AUTHORS[book] for book in re.findall("《(.+?)》", given)),
    like=as_list(),
    settings=ASIDE,
    endings=LIST,
)

FAMILIES = (PROVINCE, SIGHT, DYNASTY_ORDER, NOVEL, AUTHOR)
