"""Families about sentences: 把 and 被, 的地得, linking words, punctuation, questions, bare sentences."""

from __future__ import annotations

import re
from random import Random

from selfinstruct.simulator.families.zh.asking import family
from selfinstruct.simulator.families.zh.forms import ASIDE, WORK
from selfinstruct.simulator.families.zh.matching import Test, normal
from selfinstruct.simulator.family import Slots

__all__ = ["FAMILIES", "LINKS"]

# 把 and 被: who, what, what was done.

DEEDS = (
    ("大风", "门口的招牌", "刮倒了"),
    ("妹妹", "整盒饼干", "吃光了"),
    ("雨水", "刚晒的被子", "淋湿了"),
    ("警察", "逃跑的小偷", "抓住了"),
    ("爷爷", "那台旧收音机", "修好了"),
    ("洪水", "村口的木桥", "冲垮了"),
    ("猫", "桌上的鱼", "叼走了"),
    ("同桌", "我的橡皮", "弄丢了"),
    ("妈妈", "过冬的衣服", "收进了柜子"),
    ("清洁工", "满地的落叶", "扫成了一堆"),
    ("弟弟", "新买的拼图", "拼完了"),
    ("虫子", "院里的白菜", "咬得全是洞"),
    ("理发师", "他的长头发", "剪短了"),
    ("快递员", "那只大纸箱", "搬上了五楼"),
    ("太阳", "路上的积雪", "晒化了"),
    ("奶奶", "发黄的毛衣", "拆成了线团"),
)
FORMS = {
    "“把”字句": lambda who, what, done: f"{who}把{what}{done}。",
    "“被”字句": lambda who, what, done: f"{what}被{who}{done}。",
}
TURNS = {"改成“被”字句": ("“把”字句", "“被”字句"), "改成“把”字句": ("“被”字句", "“把”字句")}
LESSONS = (
    *("暑期补习班的句式课", "对外汉语初级教程", "小升初的复习卷", "写作软件的演示", "语法竞猜的抢答"),
    *("方言与普通话的对比实验", "听障学校的语言训练", "晚间的网课直播", "家教老师的备课本"),
)


def _voice(rng: Random, slots: Slots) -> str:
    return FORMS[TURNS[slots["turn"]][0]](*rng.choice(DEEDS))


def _turned(slots: Slots, given: str) -> str:
    source, goal = TURNS[slots["turn"]]
    deed = next(deed for deed in DEEDS if FORMS[source](*deed) == given)
    return FORMS[goal](*deed)


VOICE = family(
    name="ba_and_bei",
    phrasings=(
        "{lesson}要求：{turn}，意思不能变。",
        "请将下面的句子{turn}，这是{lesson}的题。",
        "{turn}该怎么说？不许增减内容，{lesson}用得上。",
        "句式变换练习，{turn}，来自{lesson}。",
        "原句不改意思，只调语序，{turn}，给{lesson}做例句。",
    ),
    slots={"lesson": LESSONS, "turn": tuple(TURNS)},
    draw=_voice,
    solve=_turned,
    settings=ASIDE,
)

# 的, 地 or 得: each sentence has its blanks filled in here.

PARTICLES = (
    "孩子们高兴<地>跳了起来。",
    "金黄<的>麦田一眼望不到边。",
    "这碗面辣<得>我直冒汗。",
    "她轻轻<地>带上了门。",
    "他跑<得>比谁都快。",
    "山里<的>空气真新鲜。",
    "老人慢慢<地>走下了台阶。",
    "小鸟唱<得>多动听啊。",
    "那是一个安静<的>小站。",
    "同学们认真<地>听着讲解。",
    "屋子打扫<得>一尘不染。",
    "他悄悄<地>藏起了妹妹<的>礼物。",
    "我激动<得>一夜没睡。",
    "红红<的>灯笼高高<地>挂在门口。",
    "爷爷<的>故事讲<得>真精彩。",
    "雨水不停<地>敲打着玻璃。",
    "他写<的>字漂亮<得>像印出来一样。",
    "大家热烈<地>鼓起掌来。",
    "蓝蓝<的>天空飘着几朵云。",
    "时间过<得>可真快。",
    "她仔细<地>检查了每一道题。",
    "天冷<得>连河都冻住了。",
)
PAPERS = (
    *("单元小测", "作文讲评课", "输入法的自动纠错", "校报编辑部", "新闻稿的终审", "成人高考辅导"),
    *("家长开放日的互动", "小说连载的校样", "语文组的集体备课"),
)


def _gaps(text: str) -> str:
    return re.sub("<.>", "__", text)


PARTICLE = family(
    name="de_de_de",
    phrasings=(
        "横线上填“的”“地”还是“得”？请写出填好后的整句，{paper}要用。",
        "的、地、得总有人用混，请为{paper}把句子补完整。",
        "{paper}里有处空着，从“的、地、得”里选字填入，抄出全句。",
        "补上丢掉的结构助词（的／地／得），写出整句话，{paper}要用。",
        "结构助词填空，答案写整句，用于{paper}。",
    ),
    slots={"paper": PAPERS},
    draw=lambda rng, slots: _gaps(rng.choice(PARTICLES)),
    solve=lambda slots, given: next(re.sub("[<>]", "", text) for text in PARTICLES if _gaps(text) == given),
    settings=ASIDE,
)

# Linking words: the right pair, and two that turn the sentence into nonsense.

LINKS = {
    "（ ）下着大雨，（ ）他还是准时到了。": "虽然……但是 因为……所以 只有……才",
    "（ ）路上堵车，（ ）我迟到了一刻钟。": "因为……所以 虽然……但是 无论……都",
    "（ ）多练习，（ ）能学好游泳。": "只有……才 虽然……但是 与其……不如",
    "（ ）明天下雨，运动会（ ）改到下周。": "如果……就 虽然……但是 不但……而且",
    "她（ ）会唱歌，（ ）会编舞。": "不但……而且 只有……才 因为……所以",
    "（ ）站着等人帮忙，（ ）自己动手试试。": "与其……不如 因为……所以 虽然……但是",
    "（ ）天气多么冷，他（ ）坚持晨跑。": "无论……都 因为……所以 与其……不如",
    "（ ）失败一百次，我（ ）不会放弃。": "即使……也 因为……所以 不是……而是",
    "这幅字（ ）爷爷写的，（ ）太爷爷留下的。": "不是……而是 因为……所以 即使……也",
    "爸爸（ ）在看报，（ ）在打盹，反正没有说话。": "不是……就是 因为……所以 虽然……但是",
    "他（ ）饿着肚子，（ ）不肯向人开口。": "宁可……也 因为……所以 不但……而且",
    "（ ）学的东西多了，他（ ）越发谦虚。": "因为……所以 与其……不如 不是……而是",
    "这本书（ ）有趣，（ ）很有用，我读了两遍。": "既……又 即使……也 与其……不如",
    "她（ ）喝水，（ ）翻看手机里的车票。": "一边……一边 因为……所以 虽然……但是",
    "（ ）房间不大，（ ）收拾得很整齐。": "虽然……但是 因为……所以 宁可……也",
    "他（ ）进门，（ ）闻到了饭菜的香味。": "一……就 宁可……也 与其……不如",
}


def _link(rng: Random, slots: Slots) -> str:
    text = rng.choice(tuple(LINKS))
    options = LINKS[text].split()
    rng.shuffle(options)
    return f"{text}\n备选：{'、'.join(options)}"


def _as_link(key: str, named: str) -> Test:
    """虽然……但是, 虽然…但是 and 虽然、但是."""
    first, second = key.split("……")
    return lambda text: bool(re.fullmatch(f"“?{first}”?(?:[.…]+|[-—]+|[、,/和 ]){{1,2}}“?{second}”?", normal(text)))


LINK = family(
    name="linking_words",
    phrasings=(
        "选一组关联词填进两个空，写出组合即可，材料属于{paper}。",
        "前后两半句是什么关系？据此从备选中选出关联词，{paper}要答案。",
        "请帮{paper}核对关联词：哪一组放进去才通顺？",
        "备选里只有一组连词合逻辑，是哪一组？题源是{paper}。",
        "把句子连起来，需要哪对关联词（照备选的写法）？供{paper}使用。",
    ),
    slots={"paper": PAPERS},
    draw=_link,
    solve=lambda slots, given: LINKS[given.split("\n")[0]].split()[0],
    like=_as_link,
    settings=ASIDE,
)

# Punctuation that was lost or typed in half width.

MARKED = (
    "你吃饭了吗？锅里还有汤。",
    "快看，那边有一道彩虹！",
    "超市里有苹果、香蕉、橘子和梨。",
    "他问：“末班车几点开？”",
    "雨停了，我们出发吧。",
    "这道菜真香啊！是谁做的？",
    "我读完了《西游记》，很喜欢孙悟空。",
    "会议改到周五，地点不变。",
    "老师说：“下课！”",
    "春天来了，燕子、蜜蜂和蝴蝶都忙了起来。",
    "你是去北京，还是去上海？",
    "对不起，我来晚了，路上堵车。",
    "谢谢你的礼物，我太喜欢了！",
    "钥匙、手机、雨伞，一样都别落下。",
    "请问，去火车站怎么走？",
)
HALF = str.maketrans("，。！？：“”、《》", ',.!?:"",<>')
EDITORS = (
    *("小说里的对话", "小红书的笔记", "从网页复制的段子", "外籍同学的作文", "字幕组的台词文本"),
    *("扫描识别出来的旧文章", "朋友圈的长文", "孩子打的日记", "播客的文字稿", "聊天记录的整理稿"),
)
PUNCTUATION = family(
    name="chinese_punctuation",
    phrasings=(
        "{editor}里混进了英文标点，请全部换成规范的中文标点，并列词语之间用顿号。",
        "请按中文排版习惯修正标点（词语并列时用“、”），文字不动，来源是{editor}。",
        "下面这句出自{editor}，标点都是半角的，改成全角，书名和并列成分也别忘了。",
        "审读{editor}，只改标点不改字：该用顿号、书名号、引号的地方都要用对。",
        "{editor}要交付了，请把句中的西文符号改为对应的中文标点，列举处用顿号。",
    ),
    slots={"editor": EDITORS},
    draw=lambda rng, slots: rng.choice(MARKED).translate(HALF),
    solve=lambda slots, given: next(text for text in MARKED if text.translate(HALF) == given),
    check=lambda slots, given, output: output == next(text for text in MARKED if text.translate(HALF) == given),
    settings=WORK,
)

# Sentences to be turned into another kind.

ASSERTIONS = {
    "浪费粮食是可耻的": ("浪费粮食难道不是可耻的吗？", "浪费粮食是不是可耻的？"),
    "这座桥是石头砌的": ("这座桥难道不是石头砌的吗？", "这座桥是不是石头砌的？"),
    "他是我们队的守门员": ("他难道不是我们队的守门员吗？", "他是不是我们队的守门员？"),
    "你应该先道歉": ("你难道不应该先道歉吗？", "你应不应该先道歉？"),
    "我们能够按时完成": ("我们难道不能够按时完成吗？", "我们能不能够按时完成？"),
    "老师会原谅他": ("老师难道不会原谅他吗？", "老师会不会原谅他？"),
    "她愿意留在山里教书": ("她难道不愿意留在山里教书吗？", "她愿不愿意留在山里教书？"),
    "大家都应该排队": ("大家难道不都应该排队吗？", "大家是不是都应该排队？"),
    "这杯茶是新沏的": ("这杯茶难道不是新沏的吗？", "这杯茶是不是新沏的？"),
    "爷爷会修自行车": ("爷爷难道不会修自行车吗？", "爷爷会不会修自行车？"),
    "门口的石狮子是一对": ("门口的石狮子难道不是一对吗？", "门口的石狮子是不是一对？"),
    "我们可以走另一条路": ("我们难道不可以走另一条路吗？", "我们可不可以走另一条路？"),
}
MOODS = {"改成反问句（用“难道不”）": 0, "改成正反问句": 1}
ASKED = (
    *("辩论稿的第二段", "播客的开场白", "小品的对白", "语文课的板书", "公益广告的配音", "脱口秀的段子"),
    *("作文升格训练", "记者的采访提纲", "家书的结尾", "竞选班长的演说", "相声的捧哏台词", "社论的收束句"),
)
MOOD = family(
    name="questions",
    phrasings=(
        "{asked}里有一句语气太平，请把下面的陈述句{mood}。",
        "请将下句{mood}，我要放进{asked}。",
        "同一个意思换种口气：{mood}，这是{asked}需要的。",
        "{mood}，不改变原意，改好的句子给{asked}。",
        "为{asked}做句式转换——{mood}，怎么写？",
    ),
    slots={"asked": ASKED, "mood": tuple(MOODS)},
    draw=lambda rng, slots: rng.choice(tuple(ASSERTIONS)) + "。",
    solve=lambda slots, given: ASSERTIONS[given.rstrip("。")][MOODS[slots["mood"]]],
    graded=False,  # the same may be asked in another order
)

# The bare sentence: who does what, without ornaments in brackets here.

ORNATE = (
    "（勤劳的）蜜蜂（在花丛中）采（香甜的）蜜。",
    "（那位戴草帽的）老人（一大早就）卖光了（自家种的）西瓜。",
    "（二年级的）小学生（兴致勃勃地）画着（校园里的）石榴树。",
    "（远道而来的）客人（连连）称赞（奶奶的）手艺。",
    "（清澈的）小溪（缓缓地）流过（古老的）村庄。",
    "（全校的）师生（冒着小雨）迎接（凯旋的）队员。",
    "（细心的）护士（轻轻地）包扎了（病人的）伤口。",
    "（夜班的）司机（小心翼翼地）驶过（结冰的）桥面。",
    "（几只调皮的）麻雀（偷偷）啄食（院子里的）谷子。",
    "（退休多年的）校长（每天清晨）打扫（门前的）街道。",
    "（年轻的）工程师（终于）攻克了（这道棘手的）难关。",
    "（邻村的）木匠（花了三天）做好了（一张结实的）八仙桌。",
)
CUTS = (
    *("期末语法复习", "新闻标题的提炼", "手语翻译的预处理", "初级阅读课", "句子成分的入门讲解", "速记员的训练"),
    *("中文信息处理实验", "校对入门课"),
)


def _bare(slots: Slots, given: str) -> str:
    return next(re.sub("（.*?）", "", text) for text in ORNATE if re.sub("[（）]", "", text) == given)


SHORTEN = family(
    name="shorten_sentence",
    phrasings=(
        "缩句：去掉枝叶，只留主干，{cut}要用。",
        "{cut}里有一步是提取主谓宾，请照此把句子缩到最短。",
        "删去所有修饰成分，剩下谁做了什么，句子给{cut}用。",
        "请给这句话“瘦身”，保留主干和“了”“着”，用在{cut}。",
        "这句的主干是什么？写成完整的一句，来自{cut}。",
    ),
    slots={"cut": CUTS},
    draw=lambda rng, slots: re.sub("[（）]", "", rng.choice(ORNATE)),
    solve=_bare,
    settings=ASIDE,
    graded=False,  # teachers differ on what may be left out
)

FAMILIES = (VOICE, PARTICLE, LINK, PUNCTUATION, MOOD, SHORTEN)
