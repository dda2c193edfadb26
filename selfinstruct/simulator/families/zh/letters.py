"""Families that write letters, notices and messages. Many answers are right; what is asked for is checked."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from selfinstruct.simulator.families.zh.asking import family
from selfinstruct.simulator.families.zh.vocabulary import NAMES
from selfinstruct.simulator.family import Slots

__all__ = ["FAMILIES"]

DAYS = ("明天", "后天", "本周五", "下周一", "十二号", "二十五号", "本月最后一天")

# Asking for leave.

LEAVES = {
    "要陪母亲去医院复查": "母亲约好当天去医院复查，需要有人陪同",
    "得了重感冒": "我今天发烧到三十九度，医生嘱咐卧床休息",
    "老家的房子要办过户": "老家的房屋过户手续必须由本人到场办理",
    "要参加表哥的婚礼": "表哥在外地举行婚礼，我答应去帮着迎亲",
    "要考普通话水平测试": "我报名参加了普通话水平测试，考点离得较远",
    "孩子学校开家长会": "孩子所在的学校召开家长会，班主任希望家长务必到场",
    "家里水管爆裂要等人维修": "家中水管爆裂，已约好师傅上门维修，屋里不能没人",
}
BOSSES = ("王主任", "李经理", "陈店长", "刘院长", "赵主编", "孙科长")
LENGTHS = ("半天", "一天", "两天", "三天")
LONG = ("得了重感冒", "老家的房子要办过户", "要参加表哥的婚礼")
AT_ONCE = ("得了重感冒", "家里水管爆裂要等人维修")


def _may_leave(slots: Slots) -> bool:
    """Nobody is away for three days for an hour's talk at school, or plans an illness for the twenty-fifth."""
    reason, length, day = slots["reason"], slots["length"], slots["day"]
    return (reason in LONG or length in LENGTHS[:2]) and (day in DAYS[:2] if reason in AT_ONCE else day != DAYS[0])


def _leave(rng: Random, slots: Slots, given: str) -> str:
    reason = LEAVES[slots["reason"]]
    ends = (
        "手头的工作我会提前安排好，恳请批准。",
        "期间如有急事，请随时打我电话。望批准为盼。",
        "回来后我会及时补上落下的事情，请予批准。",
    )
    return (
        f"请假条\n{slots['boss']}：\n您好！{reason}，特从{slots['day']}起向您请假{slots['length']}。"
        f"{rng.choice(ends)}\n此致\n敬礼\n请假人：{slots['name']}"
    )


LEAVE = family(
    name="leave_note",
    phrasings=(
        "{name}{reason}，要向{boss}请假{length}（{day}），请代写一张请假条。",
        "替{name}写假条给{boss}：{day}请{length}，理由是{reason}。",
        "请假条怎么写才得体？请假人{name}，对象{boss}，事由是{reason}，时间为{day}，共{length}。",
        "{day}，{name}因为{reason}去不了单位，请拟一份致{boss}的请假条，假期{length}。",
        "{boss}要求书面请假。{name}想请{length}，从{day}算起，因为{reason}，请写出来。",
    ),
    slots={"name": NAMES, "boss": BOSSES, "reason": tuple(LEAVES), "length": LENGTHS, "day": DAYS},
    fits=_may_leave,
    write=_leave,
    check=lambda slots, given, output: (
        output.startswith("请假条\n" + slots["boss"])
        and output.rstrip().endswith(slots["name"])
        and all(part in output for part in (LEAVES[slots["reason"]], slots["length"], slots["day"], "敬礼"))
    ),
    graded=False,
)

# Notices.

NEWS = {
    "停水检修": ("因供水管道检修，届时将暂停供水，请各户提前储水", "恢复时间以现场张贴为准"),
    "灭鼠消杀": ("将在公共区域投放药物，请看好孩子和宠物", "请勿触碰墙角的药盒"),
    "消防演练": ("届时警报会响，并非真实火情，请勿惊慌", "请听从引导员指挥，沿楼梯有序撤离"),
    "义诊活动": ("医生将免费测量血压、血糖，并解答用药疑问", "请带好以往的病历"),
    "旧衣回收": ("请将洗净的旧衣装袋后交到回收点", "内衣和破损严重的衣物恕不接收"),
    "电动车清理": ("请勿在楼道停放电动车，违停车辆将统一搬离", "认领时请出示购车凭证"),
    "重阳敬老聚餐活动": ("六十岁以上的居民可免费入席", "有忌口的请提前告诉厨房"),
    "场馆修缮": ("届时暂停开放，谢绝参观", "已预约的观众可改期或全额退票"),
}
OFFICES = {
    "幸福里社区居委会": ("停水检修", "灭鼠消杀", "消防演练", "义诊活动", "旧衣回收", "电动车清理", "重阳敬老聚餐活动"),
    "和平小区物业": ("停水检修", "灭鼠消杀", "消防演练", "旧衣回收", "电动车清理"),
    "青山中学总务处": ("消防演练", "旧衣回收"),
    "东风机械厂工会": ("消防演练", "义诊活动", "旧衣回收"),
    "河西村村委会": ("停水检修", "灭鼠消杀", "义诊活动", "旧衣回收", "重阳敬老聚餐活动"),
    "县图书馆": ("消防演练", "场馆修缮"),
    "市博物馆": ("消防演练", "场馆修缮"),
    "滨江美术馆": ("消防演练", "场馆修缮"),
}
"""Who announces what."""


def _notice(rng: Random, slots: Slots, given: str) -> str:
    what, note = NEWS[slots["news"]]
    hold = "举办" if slots["news"].endswith("活动") else "进行"
    return (
        f"通知\n兹定于{slots['day']}{slots['time']}{hold}{slots['news']}。{what}。{note}。特此通知。\n{slots['office']}"
    )


MORNING, NOON, AFTERNOON, DUSK, NIGHT = "上午九点", "中午十二点", "下午两点", "傍晚六点", "晚上八点"
TIMES = (MORNING, NOON, AFTERNOON, DUSK, NIGHT)
HOURS = {
    "停水检修": (MORNING, AFTERNOON, NIGHT),
    "灭鼠消杀": (MORNING, AFTERNOON, DUSK, NIGHT),
    "重阳敬老聚餐活动": (NOON, DUSK),
}
"""Other things are done in the morning or the afternoon."""


def _is_their_business(slots: Slots) -> bool:
    news = slots["news"]
    return news in OFFICES[slots["office"]] and slots["time"] in HOURS.get(news, (MORNING, AFTERNOON))


NOTICE = family(
    name="notice",
    phrasings=(
        "请替{office}起草一则通知，事项：{news}，时间是{day}{time}。",
        "{day}{time}有{news}，{office}要贴告示，帮我写好全文。",
        "写一份关于{news}的通知，落款{office}，写明{day}{time}。",
        "{office}的公告栏要换内容，主题为{news}，{day}{time}开始，请拟稿。",
        "总有人问{news}是哪天。请以{office}的名义写通知，说清{day}{time}。",
    ),
    slots={"office": tuple(OFFICES), "news": tuple(NEWS), "day": DAYS[1:], "time": TIMES},
    fits=_is_their_business,
    write=_notice,
    check=lambda slots, given, output: (
        output.startswith("通知\n")
        and output.rstrip().endswith(slots["office"])
        and all(
            part in output for part in (slots["day"] + slots["time"], slots["news"], "特此通知", *NEWS[slots["news"]])
        )
    ),
    graded=False,
)

# Invitations.

CLASSMATE, NEIGHBOURS, GRANDPARENTS = "亲爱的老同学", "尊敬的各位邻居", "敬爱的外公外婆"
COLLEAGUES, TEACHER, AUNT = "各位同事", "尊敬的冯老师", "亲爱的姑姑一家"
CALLS = (CLASSMATE, NEIGHBOURS, GRANDPARENTS, COLLEAGUES, TEACHER, AUNT)
RESTAURANT, CAFE, HALL, PAVILION = "聚贤楼二层", "城南旧仓库咖啡馆", "老校区礼堂", "望江公园凉亭"
HOUSE, TEAHOUSE, GYM, SHOP = "桂花巷六号", "湖心岛茶舍", "老校区体育馆", "南门桥头新店"
SPOTS = (RESTAURANT, CAFE, HALL, PAVILION, HOUSE, TEAHOUSE, GYM, SHOP)


class Party(NamedTuple):
    says: str
    calls: tuple[str, ...]
    spots: tuple[str, ...]
    times: tuple[str, ...]


PARTIES = {
    "孩子的百日宴": Party(
        "小家伙转眼一百天了，家里备了几桌薄酒，想请亲友来沾沾喜气", CALLS, (RESTAURANT, HOUSE), (NOON, DUSK)
    ),
    "新书分享会": Party(
        "这本书磨了三年，总算印出来了，想当面读几段给朋友们听",
        (CLASSMATE, COLLEAGUES, TEACHER),
        (CAFE, HALL, TEAHOUSE),
        (MORNING, AFTERNOON, NIGHT),
    ),
    "乔迁之喜": Party(
        "搬家的纸箱刚拆完，新厨房正等着开火",
        (CLASSMATE, NEIGHBOURS, GRANDPARENTS, COLLEAGUES, AUNT),
        (HOUSE,),
        (NOON, DUSK),
    ),
    "毕业二十年聚会": Party(
        "一别二十年，班主任也答应到场，座位已按当年的课桌排好",
        (CLASSMATE,),
        (RESTAURANT, HALL, PAVILION),
        (AFTERNOON, DUSK),
    ),
    "茶馆开业": Party(
        "小店摆下了十二张方桌，头三天的茶都由我请",
        (CLASSMATE, NEIGHBOURS, COLLEAGUES, TEACHER, AUNT),
        (SHOP, HOUSE),
        (MORNING, AFTERNOON),
    ),
    "金婚纪念": Party(
        "爸妈携手走过了五十年，我们想给他们补一张像样的全家福",
        (NEIGHBOURS, AUNT),
        (RESTAURANT, PAVILION, HOUSE),
        (MORNING, NOON, AFTERNOON, DUSK),
    ),
    "皮影戏专场": Party(
        "老艺人难得出山，三出折子戏连演", CALLS, (CAFE, HALL, PAVILION, TEAHOUSE), (AFTERNOON, DUSK, NIGHT)
    ),
    "校友篮球赛": Party("球衣已经印好号码，就差各位上场", (CLASSMATE,), (GYM,), (MORNING, AFTERNOON, DUSK)),
}


def _is_invited(slots: Slots) -> bool:
    """Whom one asks to such a party, where it is held, and when."""
    party = PARTIES[slots["party"]]
    return slots["call"] in party.calls and slots["spot"] in party.spots and slots["time"] in party.times


def _invitation(rng: Random, slots: Slots, given: str) -> str:
    ends = ("恭候光临！", "盼拨冗前来。", "请一定赏光！")
    return (
        f"{slots['call']}：\n{PARTIES[slots['party']].says}。恳请于{slots['day']}{slots['time']}移步{slots['spot']}，"
        f"参加{slots['party']}，{rng.choice(ends)}\n{slots['name']}"
    )


INVITATION = family(
    name="invitation",
    phrasings=(
        "请帮{name}写一封邀请函，称呼用“{call}”，内容是{party}，{day}{time}在{spot}。",
        "{party}定在{day}{time}，地点{spot}。{name}想邀请人，抬头写“{call}”，请拟请柬。",
        "以“{call}”开头，替{name}邀人参加{party}，时间、地点分别为{day}{time}、{spot}。",
        "{name}张罗{party}，地点是{spot}，就等{day}{time}。写封请帖，对方称作“{call}”。",
    ),
    slots={"name": NAMES, "call": CALLS, "party": tuple(PARTIES), "day": DAYS, "time": TIMES, "spot": SPOTS},
    fits=_is_invited,
    write=_invitation,
    check=lambda slots, given, output: (
        output.startswith(slots["call"])
        and output.rstrip().endswith(slots["name"])
        and all(part in output for part in (slots["day"] + slots["time"], slots["spot"], slots["party"]))
        and PARTIES[slots["party"]].says in output
    ),
    graded=False,
)

# Short messages.

CAUSES = {
    "感谢对方帮忙照看小狗": ("旺财回来胖了一圈，一看就没少吃你家的好东西", "谢谢你这几天早晚遛它，真是帮了大忙"),
    "为忘了对方的生日道歉": ("昨天是你的生日，我竟忙忘了", "对不起，这顿饭我来补，地方随你挑"),
    "婉拒周末的爬山": ("周末的爬山我怕是去不成了，膝盖还没好利索", "你们玩得开心，下回走平路一定叫上我"),
    "提醒归还借走的电钻": ("上个月你借走的电钻用完了吗", "我这周要装书架，方便的话请捎回来"),
    "祝贺对方考上研究生": ("听说你被录取了，真替你高兴", "两年的早起没有白费，恭喜恭喜"),
    "请对方推荐一位靠谱的木工": ("你家的衣柜做得真好，是哪位师傅的手艺", "我也想打一个，能把他推荐给我吗"),
    "告诉对方火车晚点": ("我坐的火车晚点了，要迟一个钟头到", "你别在站台上等，找个暖和的地方坐坐"),
    "安慰对方别为输球难过": ("比分不能说明一切，你最后那十分钟拼得漂亮", "好好睡一觉，下次我们还来给你加油"),
    "约对方过年拼车回老家": ("过年回老家，我这车还空着两个座", "要不要搭伴走，油钱平摊就行"),
}
FRIENDS = ("老刘", "小雅", "阿强", "赵姐", "表弟", "杨阿姨", "师兄", "大鹏")
ELDERS = ("杨阿姨",)
TO_ELDERS = ("感谢对方帮忙照看小狗", "为忘了对方的生日道歉", "提醒归还借走的电钻", "请对方推荐一位靠谱的木工")
LIMITS = {"不超过六十个字": 60, "控制在八十字以内": 80, "别超过七十字": 70}


def _parts(slots: Slots) -> tuple[str, ...]:
    """What to say, with 您 to one's elders."""
    parts = CAUSES[slots["cause"]]
    return tuple(part.replace("你", "您") for part in parts) if slots["friend"] in ELDERS else parts


def _note(rng: Random, slots: Slots, given: str) -> str:
    first, second = _parts(slots)
    mark = "？" if "哪位" in first or first.endswith("吗") else "。"
    ask = "？" if second.endswith("吗") else "。"
    return f"{slots['friend']}，{first}{mark}{second}{ask}"


NOTE = family(
    name="wechat_message",
    phrasings=(
        "给{friend}发条微信，{cause}，{limit}，开头叫对方一声。",
        "想{cause}，又不知怎么开口。请写一段发给{friend}的话，以称呼起头，{limit}。",
        "替我拟条消息，收件人是{friend}，目的为{cause}，先称呼再说事，{limit}。",
        "微信上怎么跟{friend}说才自然？事情是{cause}。称呼放最前，{limit}。",
    ),
    slots={"friend": FRIENDS, "cause": tuple(CAUSES), "limit": tuple(LIMITS)},
    fits=lambda slots: slots["friend"] not in ELDERS or slots["cause"] in TO_ELDERS,
    write=_note,
    check=lambda slots, given, output: (
        output.startswith(slots["friend"])
        and output.endswith(("。", "！", "？"))
        and len(output) <= LIMITS[slots["limit"]]
        and all(part in output for part in _parts(slots))
    ),
    graded=False,
)

# Copy for a shop: a product, its selling point, words that must or must not occur.

PRODUCTS = {
    "高山云雾茶": ("采自海拔一千二百米的茶园", "一杯下去，满口兰花香"),
    "手工布鞋": ("千层底一针一线纳成", "走再远的路，脚也不闷不累"),
    "老北京芝麻酱": ("石磨慢磨，不掺一粒花生", "拌面、涮肉都离不开它"),
    "竹编收纳筐": ("三年生的毛竹，不刷一滴漆", "放衣服放玩具，屋里立刻清爽"),
    "羊绒围巾": ("薄到能穿过戒指", "裹上一圈，风再大也不怕"),
    "便携小风扇": ("只有一部手机那么重", "挤地铁的时候，凉风就在手边"),
    "农家土蜂蜜": ("蜂箱就摆在油菜花田边上", "一年只收一次，卖完等明年"),
    "苗寨银耳环": ("老银匠一锤一锤敲出来", "小小一对，走路叮当响"),
    "东北黑木耳": ("长在椴木上，泡发有碗口大", "脆生生的，凉拌就很香"),
    "便当保温袋": ("夹层比羽绒服还厚", "早上装的汤，中午还烫嘴"),
    "护腰靠垫": ("弧度照着腰椎设计", "坐一下午，起身也不僵"),
    "陶土花盆": ("陶壁会呼吸，浇多了也不烂根", "懒人养花，就靠它了"),
}
ENDINGS = ("今晚八点，直播间见！", "前一百名下单，送同款小样。", "喜欢就加入购物车吧！", "数量不多，先到先得。")
BUYERS = {
    "送长辈的年轻人": "高山云雾茶 手工布鞋 羊绒围巾 农家土蜂蜜 护腰靠垫 东北黑木耳",
    "租房的上班族": "竹编收纳筐 便携小风扇 便当保温袋 护腰靠垫 陶土花盆",
    "爱下厨的主妇": "老北京芝麻酱 东北黑木耳 农家土蜂蜜 便当保温袋",
    "准备露营的一家三口": "便携小风扇 便当保温袋 高山云雾茶",
    "常年出差的销售": "护腰靠垫 便携小风扇 手工布鞋 高山云雾茶",
    "刚入秋就怕冷的姑娘": "羊绒围巾 农家土蜂蜜 护腰靠垫",
    "宿舍里的大学生": "竹编收纳筐 便携小风扇 护腰靠垫 陶土花盆",
    "带娃的宝妈": "竹编收纳筐 手工布鞋 便当保温袋 农家土蜂蜜",
    "退休的叔叔阿姨": "高山云雾茶 手工布鞋 陶土花盆 老北京芝麻酱 东北黑木耳 护腰靠垫",
    "讲究生活的单身青年": "高山云雾茶 竹编收纳筐 羊绒围巾 陶土花盆 苗寨银耳环 老北京芝麻酱",
    "挑礼物送闺蜜的女生": "苗寨银耳环 羊绒围巾 农家土蜂蜜 陶土花盆",
}
"""Each with what may please them."""
STYLES = ("第一句点明适合谁", "开头先招呼目标顾客", "头一句就喊出买家是谁")


def _copy(rng: Random, slots: Slots, given: str) -> str:
    first, second = PRODUCTS[slots["product"]]
    return f"{slots['buyer']}看过来！这款{slots['product']}，{first}。{second}。{rng.choice(ENDINGS)}"


COPY = family(
    name="shop_copy",
    phrasings=(
        "为{product}写一段商品文案，面向{buyer}，{style}，不要出现“最”字。",
        "{product}要上架了，目标人群是{buyer}。文案一百字以内，{style}，别用“最”。",
        "给{buyer}种草{product}，广告法不许说“最”，{style}，一百字以内写完。",
        "卖点请自拟：帮网店把{product}介绍给{buyer}，{style}，全文不含“最”字。",
    ),
    slots={"product": tuple(PRODUCTS), "buyer": tuple(BUYERS), "style": STYLES},
    fits=lambda slots: slots["product"] in BUYERS[slots["buyer"]].split(),
    write=_copy,
    check=lambda slots, given, output: (
        output.startswith(slots["buyer"])
        and output.endswith(("。", "！"))
        and "最" not in output
        and len(output) <= 100
        and slots["product"] in output
        and all(part in output for part in PRODUCTS[slots["product"]])
    ),
    graded=False,
)

FAMILIES = (LEAVE, NOTICE, INVITATION, NOTE, COPY)
