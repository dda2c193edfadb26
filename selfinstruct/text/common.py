"""How often words are met in tasks: what few texts of an evaluation cannot say of themselves.

A share is that of texts of some thirty words that have the word, roughly: the tables below are our own estimate, in
four steps of which each is a third or a fourth of the one before. What is in none of them is taken as rare.
"""

from __future__ import annotations

__all__ = ["RARE", "share_of", "stem_of"]

RARE = 1 / 3000
"""Of a word that is in no table."""

_OFTEN = """
    a an and are as at be by do does for from has have how in is it its of on or that the their this to was what which
    who with you your i if not can will s t
"""
_USUAL = """
    about all also any been being between both but did each following give given he her his into make me more most my
    no one other our out she should so some such than them then there these they those two up use used using we were
    when where while why would write answer question sentence explain describe list example examples text first please
    below above name many much new only over just could may might must own same through very after before because during
    create provide find generate word words number numbers following correct true false best statement statements
    option options choose select d b c e yes another per time
"""
_OFTEN_ENOUGH = """
    able add against again around away based become begin better big called case change come common compare complete
    consider contain contains correctly day days different difference doesn don down end even every explanation fact
    facts false far few final form format four get go going good great group had help here high him however idea
    identify important include including information instead instruction instructions isn keep kind know known large
    last later least left less let letter letters life like likely line little long look made main makes making man
    mean means method middle money need needs never next nothing now off often old once order output input paragraph
    part people person phrase piece place point points possible problem put rather read really reason reasons result
    return right said say says second see sentences set several short show similar since single small something soon
    start state step steps still story subject summarize summary sure suppose take taken task tell term terms thing
    things think three today together told too topic translate try type types under until want wants way ways well went
    whether whole within without work world year years rewrite edit calculate compute determine solve classify passage
    title article context response provided describes refers statement except according appropriate likely true always
    def function int str none self print len range else elif import float bool typing class value values string strings
    element elements integer integers array arrays non empty sum max min x y n k j max minutes hour hours total cost
    costs times each half twice dollars sold bought buy left city country water food home house school book books family
    friend friends children company business product customer service email post blog website data code program
    suggest discuss analyze evaluate design develop construct arrange categorize convert outline imagine
"""
_NOW_AND_THEN = """
    account action activities activity actually age air almost already although among amount animal animals applied
    apply approach area argument art aspect asked average bad bank base basic basis believe benefit benefits body break
    bring build building buying car care cause caused causes cell century certain chance character characters check
    child choice choices chapter class clear close color colour column comes concept concepts condition conditions
    content control count countries course cover culture current cut daily date decide decrease deep define definition
    degree describe description detail details direct direction discovered distance doing done door early easy economic
    economy education effect effects effective either energy english enough environment equal equation error especially
    essay event events eventually evidence experience eye eyes face factor factors fall famous fast father features
    feel field figure fill finally fire five fish flow focus follow follows force foreign forms found free full fun
    further future game garden general girl boy global goal gold government green ground growth guide hand hands happen
    happens happy hard having head health healthy hear heart heavy held history hold hope hot human humans idea image
    impact importance improve increase increased indicate individual industry influence inside interest international
    internet interview involve involved issue issues job join key language law lead learn learning leave length lesson
    level levels light lines living local location lost lot love low machine main major making management market
    material mathematical matter measure media medical meaning meeting member members mention message might mind model
    modern month months morning mother move movement movie moving multiple music national natural nature necessary
    negative night normal note object objects occur office online open opinion opposite original others outside paper
    parent parents particular party past pattern pay percent period phone physical plan plant plants play player
    points policy political popular population position positive potential power practice present president pressure
    price primary principle private probably process produce production professional project proper property protect
    public purpose quality quickly random rate ratio reach reader reading real receive recent recipe recommend red
    reduce relate related relationship relative remain remove report represent require required research resources
    responsible rest rights rise risk river role room round rule rules run running safe safety sales sample save science
    scientific score sea season section sense sent separate serious series seven share short side sign significant
    simple situation six size skill skills social society software solution someone sound source space speak special
    specific speech spend spent stage stand standard statistics stay stop store strategy street strong structure student
    students study style success support surface system systems table talk teacher team technology temperature ten test
    theory thought thousand throughout title tool top total town trade traditional train travel tree trees trip turn
    twenty understand understanding unit united university unique upon user usually valid variable various version view
    visit voice wait walk wall war watch weather week weeks weight white wide win wind window woman women worker workers
    wrong young zero eight nine black blue square triangle circle area volume speed sequence index sorted digit digits
    character characters starting ending equals true given follows returned takes typing dictionary tuple
    capital largest tips advantages disadvantages review customers poem song haiku dialogue conversation
"""
_CHINESE_USUAL = """
    什么 以下 下列 哪个 哪些 一个 的是 是什 请写 写一 可以 如何 怎么 这个 为什 问题 回答 一下 一篇 给出 正确 列出
    以及 我们 中的 进行 下面 关于 一些 没有 不是 使用 根据 如果 就是 他们 因为 所以 你的 我的 个人 的人 给定 选项
    描述 解释 错误 说法 项中 的一 是一 了一 有一 列关 于的 法正 确的 法错 误的 其中 属于 不属 不正 的问 请给 生成
    句子 文章 下的 面的 能够 需要 一种 这种 时候 之间 不同 主要 表示 认为 有关 最好 请你 你是 请根 据以 以上 述说
    上述 叙述 哪一 一项 项是 是不 答案
"""

_TABLES = (
    (0.3, _OFTEN),
    (0.1, _USUAL),
    (0.03, _OFTEN_ENOUGH),
    (0.008, _NOW_AND_THEN),
    (0.03, _CHINESE_USUAL),
)


def stem_of(word: str) -> str:
    """The word without the commonest endings of English, so that boils, boiled and boiling are one: never to be read.

    Words of other scripts, numbers and short words stay as they are.
    """
    if len(word) < 4 or not (word.isascii() and word.isalpha()):
        return word
    for ending in ("ing", "ed", "es", "s", "e"):
        rest = word[: -len(ending)]
        if word.endswith(ending) and len(rest) > 2 and not (ending == "s" and rest.endswith(("s", "u", "i"))):
            word = rest
            break
    if word[-1] == word[-2]:  # stopped, stop; glasses, glass
        word = word[:-1]
    return f"{word[:-1]}i" if word.endswith("y") else word


_SHARES: dict[str, float] = {}
for _share, _words in _TABLES:
    for _word in _words.split():
        _SHARES.setdefault(stem_of(_word), _share)


def share_of(stem: str) -> float:
    """Of texts of tasks, how many have a word of this stem: 0.3 of "the", 1/3000 of one that nobody expects.

    In Chinese a word is two characters that follow one another. Small numbers and single letters are met everywhere.
    """
    if share := _SHARES.get(stem):
        return share
    if stem.isdecimal():
        return 0.08 if len(stem) < 3 else 1 / 300
    return 0.05 if len(stem) == 1 and stem.isascii() else RARE
