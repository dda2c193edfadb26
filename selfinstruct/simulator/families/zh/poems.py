"""Families about classical poems: the line before or after, a missing character, author, title, dynasty."""

from __future__ import annotations

from random import Random

from selfinstruct.simulator.families.zh.asking import family
from selfinstruct.simulator.families.zh.forms import ASIDE, ITEM, LABEL
from selfinstruct.simulator.families.zh.matching import Test, normal, same
from selfinstruct.simulator.families.zh.poetry import POEMS
from selfinstruct.simulator.family import Slots

__all__ = ["FAMILIES"]

AFTER = {first: second for poem in POEMS for first, second in poem.pairs}
BEFORE = {second: first for first, second in AFTER.items()}
OF = {line: poem for poem in POEMS for pair in poem.pairs for line in pair}
PAIRS = tuple(f"{first}，{second}。" for first, second in AFTER.items())

READINGS = (
    *("飞花令的擂台", "书签设计", "晨读打卡", "毕业留言", "园林里的题壁", "汉服雅集", "扇面题字", "高铁站的诗词屏"),
    *("奶茶杯的文案", "祖孙背诗比赛", "语文月考复习", "琴馆的吟诵会", "阳台上的赏月会"),
)
GRAVE = (
    *(
        "示儿",
        "过零丁洋",
        "春望",
        "清明",
        "凉州词",
        "出塞",
        "夏日绝句",
        "己亥杂诗",
        "江雪",
        "悯农",
        "题临安邸",
        "石灰吟",
    ),
    *("乌衣巷", "使至塞上", "乐游原"),
)
LIGHT = ("奶茶杯的文案", "毕业留言", "书签设计", "阳台上的赏月会", "扇面题字")


def _suits(line: str, slots: Slots) -> bool:
    """No grief on a paper cup."""
    return not (slots["reading"] in LIGHT and OF[line].title in GRAVE)


SIDES = {"它的下一句": AFTER, "与之相连的上一句": BEFORE, "后面紧接着的那句": AFTER, "前面那一句": BEFORE}


def _as_line(key: str, named: str) -> Test:
    """Also behind the line before."""

    def test(text: str) -> bool:
        before, comma, line = text.rstrip("，,；;").rpartition(",")
        return same(line, key) and (not comma or (AFTER.get(before) == key and named.endswith(before)))

    return test


LINE = family(
    name="next_line",
    phrasings=(
        "{reading}要用一句古诗，这里只有半截，请默写{side}。",
        "背到这里卡住了，{side}是什么？{reading}就差它。",
        "请接古诗：写出{side}，用于{reading}。",
        "名句默写，{reading}专用：根据所给诗句填{side}。",
        "我在准备{reading}，想不起{side}，你能补上吗？",
    ),
    slots={"reading": READINGS, "side": tuple(SIDES)},
    draw=lambda rng, slots: rng.choice([line for line in SIDES[slots["side"]] if _suits(line, slots)]),
    solve=lambda slots, given: SIDES[slots["side"]][given],
    like=_as_line,
    endings=ITEM,
)


def _gap(rng: Random, slots: Slots) -> str:
    pair = rng.choice([pair for pair in PAIRS if _suits(pair.split("，")[0], slots)])
    place = rng.choice([n for n, char in enumerate(pair) if char not in "，。"])
    return f"{pair[:place]}（　）{pair[place + 1 :]}"


GAP = family(
    name="missing_in_poem",
    phrasings=(
        "为{reading}抄诗时漏了一个字，括号里该填什么？",
        "补字：两句古诗缺一字，写出那个字即可，{reading}要用。",
        "墨迹洇了，{reading}用的这联诗看不清一处，请填回原字。",
        "检查{reading}的诗句，空着的位置应当是哪个字？",
    ),
    slots={"reading": READINGS},
    draw=_gap,
    solve=lambda slots, given: next(
        pair[given.index("（")]
        for pair in PAIRS
        if pair.startswith(given.split("（")[0]) and pair.endswith(given.split("）")[1])
    ),
    settings=ASIDE,
    endings=ITEM,
)

ASKS = {
    "作者是谁": lambda given: OF[given].author,
    "出自哪首诗（写诗题）": lambda given: OF[given].title,
    "作者和诗题分别是什么（写成“作者《诗题》”）": lambda given: f"{OF[given].author}《{OF[given].title}》",
}


def _as_source(key: str, named: str) -> Test:
    """A title in 《》 or without; an author with the dynasty or without."""
    author, _, title = key.partition("《")
    dynasty = next((poem.dynasty[0] for poem in POEMS if poem.author == author), "?")
    signed = (f"{dynasty}代{author}", f"{dynasty}·{author}", f"{dynasty}代诗人{author}", f"《{author}》" * (not title))
    right = {normal(one + f"《{title}" * bool(title)) for one in (author, *filter(None, signed))}
    return lambda text: normal(text) in right


SOURCE = family(
    name="poem_source",
    phrasings=(
        "{reading}引了这句诗，{ask}？",
        "读到下面的诗句，{ask}？我好在{reading}上注明。",
        "请查出处：{ask}？{reading}不想张冠李戴。",
        "给{reading}加脚注，需要知道{ask}。",
        "{ask}？诗句见下，{reading}里只抄了这一句。",
    ),
    slots={"reading": READINGS, "ask": tuple(ASKS)},
    draw=lambda rng, slots: rng.choice([line for line in OF if _suits(line, slots)]),
    solve=lambda slots, given: ASKS[slots["ask"]](given),
    like=_as_source,
    endings=ITEM,
)


def _poem(rng: Random, slots: Slots) -> str:
    dynasty = rng.choice(("唐代", "宋代", "明代", "清代"))
    poem = rng.choice([poem for poem in POEMS if poem.dynasty == dynasty])
    return "，".join(rng.choice(poem.pairs)) + "。"


DYNASTY = family(
    name="poem_dynasty",
    phrasings=(
        "这两句诗是哪个朝代的人写的：唐代、宋代、明代还是清代？{reading}要分区。",
        "为{reading}给诗句归档，标签四选一：唐代、宋代、明代、清代。",
        "{reading}想按年代排列作品，请判断诗句属于唐代、宋代、明代、清代中的哪一个。",
        "诗人活在唐代、宋代、明代还是清代？看诗句作答，结果用于{reading}。",
    ),
    slots={"reading": READINGS},
    draw=_poem,
    solve=lambda slots, given: OF[given.split("，")[0]].dynasty,
    classification=True,
    settings=ASIDE,
    endings=LABEL,
)

FAMILIES = (LINE, GAP, SOURCE, DYNASTY)
