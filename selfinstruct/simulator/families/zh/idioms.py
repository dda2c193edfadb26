"""Families about idioms and couplets: blanks, meanings, chains, people behind them, praise or blame, second lines."""

from __future__ import annotations

from itertools import pairwise
from random import Random

from selfinstruct.simulator.families.zh.asking import family, listed
from selfinstruct.simulator.families.zh.forms import ASIDE, ITEM, LABEL
from selfinstruct.simulator.families.zh.matching import Test, same
from selfinstruct.simulator.families.zh.vocabulary import pairs
from selfinstruct.simulator.family import Slots

__all__ = ["CHAINS", "COUPLETS", "FAMILIES", "MEANINGS", "PEOPLE", "TEMPERS"]

MEANINGS = {
    "画蛇添足": "做了多余的事，反而坏了效果",
    "守株待兔": "不肯努力，只等着好运自己上门",
    "亡羊补牢": "出了差错以后赶紧补救，还不算晚",
    "掩耳盗铃": "明明瞒不住，却自己骗自己",
    "井底之蛙": "见识短浅，只看得到头顶一小块天",
    "刻舟求剑": "情况已经变了，还死守老办法",
    "对牛弹琴": "说话不看对象，讲了也是白讲",
    "狐假虎威": "仗着别人的势力吓唬人",
    "杯弓蛇影": "疑神疑鬼，自己吓自己",
    "拔苗助长": "急于求成，违背规律反而办坏了事",
    "滥竽充数": "没有本事却混在行家里凑数",
    "自相矛盾": "说的话前后对不上，互相抵触",
    "叶公好龙": "嘴上说喜欢，真的来了却害怕",
    "愚公移山": "有毅力，不怕困难地坚持干下去",
    "买椟还珠": "取舍不当，丢了贵重的，留下次要的",
    "杞人忧天": "为根本不会发生的事白白担心",
    "鹬蚌相争": "双方争斗不休，让第三者得了好处",
    "惊弓之鸟": "受过惊吓，一有动静就害怕",
    "南辕北辙": "行动和目的正好相反",
    "塞翁失马": "坏事有时也能变成好事",
    "水滴石穿": "力量虽小，长久坚持就能成功",
    "雪中送炭": "在别人最困难的时候给予帮助",
    "锦上添花": "在好的基础上再添美好",
    "一举两得": "做一件事，同时得到两样好处",
    "半途而废": "事情没做完就停下不干了",
    "胸有成竹": "做事之前心里已经有了完整的打算",
    "迫不及待": "心里着急，一刻也等不了",
    "异口同声": "许多人同时说出一样的话",
    "目不转睛": "看得十分专心，眼珠都不动一下",
    "五湖四海": "全国或世界的各个地方",
    "见缝插针": "善于利用一切可以利用的时间或空间",
    "垂头丧气": "因为失败或不顺利而情绪低落",
    "络绎不绝": "行人车马来来往往，接连不断",
    "恍然大悟": "一下子全明白了",
    "津津有味": "吃得香，或者听得、看得很有兴趣",
    "小题大做": "把小事当成大事来办",
    "入乡随俗": "到了一个地方就按当地的习惯生活",
    "青黄不接": "旧的用完了，新的还没接上",
    "未雨绸缪": "事先做好准备，防备不测",
}
TELLERS = (
    *("小学语文兴趣班", "脱口秀的热场环节", "社区的中秋游园会", "成语大会的初选", "外籍同事的中文课"),
    *("少儿广播的互动时段", "茶馆的说书专场", "家庭群的抢红包答题", "同学会的余兴节目", "一档方言综艺"),
)


def _with_blank(rng: Random, slots: Slots) -> str:
    idiom = rng.choice(tuple(MEANINGS))
    gap = rng.randrange(4)
    return f"{idiom[:gap]}□{idiom[gap + 1 :]}（{MEANINGS[idiom]}）"


BLANK = family(
    name="idiom_blank",
    phrasings=(
        "{teller}有一轮补全成语，括号里是提示，请写出完整的四个字。",
        "哪个字掉了？补上以后把整条成语写给我，{teller}用。",
        "看释义，填缺字，写全成语。题目出自{teller}。",
        "这条成语被橡皮擦去一处，请还原成完整的样子，{teller}马上要念。",
        "给{teller}准备谜底：根据括号中的解释，把成语写完整。",
    ),
    slots={"teller": TELLERS},
    draw=_with_blank,
    solve=lambda slots, given: next(i for i, meaning in MEANINGS.items() if f"（{meaning}）" in given),
    settings=ASIDE,
    endings=ITEM,
)


def _meaning(rng: Random, slots: Slots) -> str:
    options = rng.sample(tuple(MEANINGS), 4)
    return f"释义：{MEANINGS[options[0]]}\n备选：{'、'.join(sorted(options))}"


MEANING = family(
    name="idiom_meaning",
    phrasings=(
        "{teller}考大家理解力：哪条成语符合这个释义？从备选里选。",
        "意思给你了，请对号入座，在四条成语中找到它。来自{teller}。",
        "用一条成语概括下面的话，只能选备选中的，答案{teller}要用。",
        "{teller}里我念解释，选手报成语，正确的该是哪条？",
        "请把释义和备选配上对，写出那条成语，供{teller}使用。",
    ),
    slots={"teller": TELLERS},
    draw=_meaning,
    solve=lambda slots, given: next(i for i, meaning in MEANINGS.items() if f"：{meaning}\n" in given),
    settings=ASIDE,
    endings=ITEM,
)

# Chains: each begins with the character that the one before ends with.

CHAINS = (
    "意气风发 发愤图强 强词夺理 理直气壮 壮志凌云 云消雾散 散兵游勇 勇往直前 前所未有 有备无患 患难与共",
    "胸有成竹 竹报平安 安居乐业 业精于勤 勤能补拙",
    "画蛇添足 足智多谋 谋事在人 人山人海 海阔天空 空前绝后 后来居上 上行下效",
    "日新月异 异口同声 声东击西",
    "水落石出 出生入死 死里逃生 生龙活虎 虎头蛇尾",
    "天长地久 久别重逢 逢凶化吉 吉祥如意 意味深长 长治久安 安然无恙",
    "一帆风顺 顺水推舟 舟车劳顿",
    "塞翁失马 马不停蹄",
    "马到成功 功成名就 就地取材",
    "四面八方 方兴未艾",
    "五光十色 色彩斑斓",
    "百里挑一 一鸣惊人 人来人往 往返徒劳",
    "欣欣向荣 荣华富贵",
)
FOLLOWS = {one: other for chain in CHAINS for one, other in pairwise(chain.split())}


def _chain(rng: Random, slots: Slots) -> str:
    first = rng.choice(tuple(FOLLOWS))
    others = [idiom for idiom in FOLLOWS.values() if idiom[0] != first[-1]]
    options = [FOLLOWS[first], *rng.sample(sorted(set(others)), 3)]
    rng.shuffle(options)
    return f"上家：{first}\n手里的牌：{'、'.join(options)}"


CHAIN = family(
    name="idiom_chain",
    phrasings=(
        "成语接龙轮到我，尾字接首字，该出哪一条？场合是{teller}。",
        "{teller}里玩接龙，要求字完全相同、不许谐音，从手里的牌选一张。",
        "接得上的只有一条：看上家最后那个字，{teller}等你开口。",
        "替我在{teller}救场——上家说完了，手里四条成语出哪条才合规？",
        "按“首尾同字”的规矩，请挑出能接上去的成语，{teller}记分。",
    ),
    slots={"teller": TELLERS},
    draw=_chain,
    solve=lambda slots, given: next(
        idiom for idiom in listed(given.split("：")[2]) if idiom[0] == given.split("\n")[0][-1]
    ),
    settings=ASIDE,
    endings=ITEM,
)

PEOPLE = pairs(
    """
    卧薪尝胆-勾践 破釜沉舟-项羽 纸上谈兵-赵括 完璧归赵-蔺相如 三顾茅庐-刘备 望梅止渴-曹操
    指鹿为马-赵高 闻鸡起舞-祖逖 凿壁偷光-匡衡 入木三分-王羲之 投笔从戎-班超 背水一战-韩信 图穷匕见-荆轲
    一字千金-吕不韦 刮目相看-吕蒙 乐不思蜀-刘禅 毛遂自荐-毛遂 围魏救赵-孙膑 高山流水-俞伯牙 东山再起-谢安
    煮豆燃萁-曹植 一鼓作气-曹刿 老当益壮-马援 草木皆兵-苻坚 洛阳纸贵-左思 江郎才尽-江淹 程门立雪-杨时 精忠报国-岳飞
    退避三舍-重耳 约法三章-刘邦 韦编三绝-孔子 画龙点睛-张僧繇 孟母三迁-孟子
    """
)


def _person(rng: Random, slots: Slots) -> str:
    idioms = rng.sample(tuple(PEOPLE), 4)
    people = list(dict.fromkeys(PEOPLE[idiom] for idiom in idioms))
    rng.shuffle(people)
    return f"成语：{idioms[0]}\n备选人物：{'、'.join(people)}"


PERSON = family(
    name="idiom_person",
    phrasings=(
        "这条成语背后的主角是哪位古人？备选已列出，{teller}要讲他的故事。",
        "{teller}的连线题：给成语找到对应的历史人物。",
        "典故说的是谁？在备选里选一个，{teller}等着讲。",
        "讲成语故事先得认人，请指出与它有关的人物，供{teller}采用。",
        "从备选人物中，找出和该成语联系最紧密的一位。题目出自{teller}。",
    ),
    slots={"teller": TELLERS},
    draw=_person,
    solve=lambda slots, given: PEOPLE[given.split("\n")[0].removeprefix("成语：")],
    settings=ASIDE,
    endings=ITEM,
)

TEMPERS = {
    "褒义": (
        *("大公无私", "见义勇为", "精益求精", "锲而不舍", "舍己为人", "光明磊落", "废寝忘食", "拾金不昧", "虚怀若谷"),
        *("才华横溢", "德高望重", "临危不惧", "助人为乐", "诚心诚意"),
    ),
    "贬义": (
        *("见利忘义", "半途而废", "口是心非", "自私自利", "好吃懒做", "落井下石", "狼狈为奸", "趾高气扬", "鼠目寸光"),
        *("忘恩负义", "弄虚作假", "阿谀奉承", "敷衍塞责", "唯利是图"),
    ),
}
PRAISES = (
    *("写进同事的欢送词里", "写到学生评语里", "放进人物通讯的标题里", "用在辩论赛的总结里", "给小说反派起章回名"),
    *("编词典的附录", "检查演讲稿的用词", "给家史写按语", "润色表扬信", "挑年会的颁奖词"),
)
TEMPER = family(
    name="idiom_temper",
    phrasings=(
        "我打算{use}，先弄清这条成语的感情色彩：褒义还是贬义？",
        "{use}可不能闹笑话，请判断它是褒义或贬义。",
        "下面的成语是夸人还是骂人？请用“褒义”“贬义”回答，我要{use}。",
        "正准备{use}，想知道该成语属于褒义、贬义中的哪一种。",
        "给成语贴标签（褒义／贬义），以便{use}。",
    ),
    slots={"use": PRAISES},
    draw=lambda rng, slots: rng.choice(rng.choice(tuple(TEMPERS.values()))),
    solve=lambda slots, given: next(temper for temper, idioms in TEMPERS.items() if given in idioms),
    classification=True,
    endings=LABEL,
)

# Couplets: first lines end in an oblique tone, second lines in a level one, and both have as many characters.

COUPLETS = {
    "海阔凭鱼跃": "天高任鸟飞",
    "书山有路勤为径": "学海无涯苦作舟",
    "一帆风顺年年好": "万事如意步步高",
    "天增岁月人增寿": "春满乾坤福满门",
    "宝剑锋从磨砺出": "梅花香自苦寒来",
    "春风大雅能容物": "秋水文章不染尘",
    "和顺一门有百福": "平安二字值千金",
    "向阳门第春常在": "积善人家庆有余",
    "处处红花红处处": "重重绿树绿重重",
    "门迎百福": "户纳千祥",
    "松竹梅岁寒三友": "桃李杏春风一家",
    "世事洞明皆学问": "人情练达即文章",
    "虚心竹有低头叶": "傲骨梅无仰面花",
    "风声雨声读书声，声声入耳": "家事国事天下事，事事关心",
    "海纳百川，有容乃大": "壁立千仞，无欲则刚",
    "清风明月本无价": "近水远山皆有情",
    "一年四季春常在": "万紫千红永开花",
}
BOOKISH = (
    *("书山有路勤为径", "宝剑锋从磨砺出", "世事洞明皆学问", "虚心竹有低头叶", "春风大雅能容物", "海纳百川，有容乃大"),
    *("风声雨声读书声，声声入耳", "海阔凭鱼跃"),
)
STUDIES = ("村小学的校门", "书房的立柱", "退休干部活动室", "茶庄的柜台两侧", "社区书吧的门口")
DOORS = (
    *("祠堂的大门", "乡下老宅的堂屋", "新房的门口", "面馆的玻璃门", "社区春联义写摊", "文旅集市的牌楼"),
    *STUDIES,
)


def _first_line(rng: Random, slots: Slots) -> str:
    scholarly = slots["door"] in STUDIES
    first = rng.choice([one for one in COUPLETS if (one in BOOKISH) is scholarly or one == "清风明月本无价"])
    others = [second for one, second in COUPLETS.items() if one != first]
    options = [COUPLETS[first], *rng.sample(others, 3)]
    rng.shuffle(options)
    return f"上联：{first}\n" + "\n".join(f"{letter}. {line}" for letter, line in zip("ABCD", options, strict=True))


def _as_second_line(key: str, named: str) -> Test:
    """With its letter or without."""
    whole = next((line for line in named.split("\n") if line.endswith(f". {key}")), key)
    return lambda text: same(text, key) or same(text, whole)


COUPLET = family(
    name="couplet",
    phrasings=(
        "{door}要挂对联，上联有了，请从备选里选出下联，写整句。",
        "对对子：哪一句和上联字数相等、意思相配？选好后抄下来，给{door}用。",
        "给{door}配一副完整的楹联，下联在四个选项中，写句子，别写字母。",
        "老先生为{door}只题了上联，请在选项里找到原配的下联，照抄那一句。",
        "帮忙定下{door}的下联，从选项中挑，回答那句话本身。",
    ),
    slots={"door": DOORS},
    draw=_first_line,
    solve=lambda slots, given: COUPLETS[given.split("\n")[0].removeprefix("上联：")],
    like=_as_second_line,
    settings=ASIDE,
)

FAMILIES = (BLANK, MEANING, CHAIN, PERSON, TEMPER, COUPLET)
