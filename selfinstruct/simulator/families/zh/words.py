"""Families about characters and words: strokes, tones, order by pinyin, the odd one out, words of one kind."""

from __future__ import annotations

from random import Random

from selfinstruct.simulator.families.zh.making import family, joined, listed, made, part
from selfinstruct.simulator.families.zh.matching import as_item, as_list
from selfinstruct.simulator.family import Slots

__all__ = ["FAMILIES", "STROKES", "SURNAMES", "THEMES", "TONES"]

BOOK = "language"

# Strokes.

STROKES = {char: int(many) for many, chars in part(BOOK, "strokes")["of"].items() for char in chars}


def _chars(rng: Random) -> str:
    """Five characters with different numbers of strokes, in neither order."""
    counts = rng.sample(sorted(set(STROKES.values())), 5)
    while counts in (sorted(counts), sorted(counts, reverse=True)):
        rng.shuffle(counts)
    return joined([rng.choice([char for char, its in STROKES.items() if its == count]) for count in counts])


CHARS = made("strokes", 120, _chars)


def _counted(slots: Slots, given: str) -> str:
    chars = listed(next(iter(slots.values())))
    if "most" in slots:
        return max(chars, key=STROKES.__getitem__)
    return min(chars, key=STROKES.__getitem__) if "least" in slots else joined(sorted(chars, key=STROKES.__getitem__))


def _tell_counted(slots: Slots, given: str, bare: str) -> str:
    chars = sorted(listed(next(iter(slots.values()))), key=STROKES.__getitem__)
    counts = "，".join(f"“{char}”{STROKES[char]}画" for char in chars)
    which = "笔画最多的是" if "most" in slots else "笔画最少的是" if "least" in slots else "从少到多依次是"
    return f"{counts}，所以{which}{bare}。"


STROKE = family(
    BOOK,
    "strokes",
    slots={"chars": CHARS, "most": CHARS, "least": CHARS},
    solve=_counted,
    tell=_tell_counted,
    further={
        "再算一算这几个字一共多少画。": lambda slots, given: (
            f"一共{sum(STROKES[char] for char in listed(next(iter(slots.values()))))}画。"
        ),
    },
    like=as_list(as_item),
)

# Tones.

TONES = {
    tone: {one[0]: one[1:] for one in readings.split()} for tone, readings in part(BOOK, "tones")["readings"].items()
}
READINGS = {char: reading for readings in TONES.values() for char, reading in readings.items()}


def _toned(rng: Random) -> str:
    """Six characters, at least one of each tone."""
    chars = [rng.choice(tuple(readings)) for readings in TONES.values()]
    chars += rng.sample(sorted(set(READINGS) - set(chars)), 2)
    rng.shuffle(chars)
    return joined(chars)


def _of_tone(slots: Slots, given: str) -> str:
    return joined([char for char in listed(slots["chars"]) if char in TONES[slots["tone"]]])


def _tell_tone(slots: Slots, given: str, bare: str) -> str:
    spelled = "，".join(f"{char}（{READINGS[char]}）" for char in listed(bare))
    return f"读{slots['tone']}的有{len(listed(bare))}个：{spelled}。"


TONE = family(
    BOOK,
    "tones",
    slots={"chars": made("tones", 120, _toned), "tone": tuple(TONES)},
    solve=_of_tone,
    tell=_tell_tone,
    further={
        "再给题目里的每个字注上拼音。": lambda slots, given: (
            "，".join(f"{char}（{READINGS[char]}）" for char in listed(slots["chars"])) + "。"
        ),
    },
    like=as_list(),
)

# Names in the order of their pinyin.

SURNAMES = {one[0]: one[1:] for one in part(BOOK, "sort_by_pinyin")["surnames"].split()}


def _people(rng: Random) -> str:
    surnames = rng.sample(tuple(SURNAMES), 5)
    while surnames in (sorted(surnames, key=SURNAMES.__getitem__), sorted(surnames, key=SURNAMES.__getitem__)[::-1]):
        rng.shuffle(surnames)
    return joined(map("".join, zip(surnames, rng.sample(part(BOOK, "sort_by_pinyin")["given"], 5), strict=True)))


def _by_pinyin(slots: Slots, given: str) -> str:
    return joined(sorted(listed(slots["people"]), key=lambda name: SURNAMES[name[0]]))


def _tell_by_pinyin(slots: Slots, given: str, bare: str) -> str:
    spelled = "、".join(f"{name[0]}（{SURNAMES[name[0]]}）" for name in listed(bare))
    return f"姓氏的拼音依次是{spelled}，所以顺序是{bare}。"


BY_PINYIN = family(
    BOOK,
    "sort_by_pinyin",
    slots={"people": made("people", 120, _people)},
    solve=_by_pinyin,
    tell=_tell_by_pinyin,
    further={
        "再倒过来从Z到A排一遍。": lambda slots, given: (
            f"倒过来是{joined(listed(_by_pinyin(slots, given))[::-1])}。"
        ),
        "再说说排在最后的是谁。": lambda slots, given: f"排在最后的是{listed(_by_pinyin(slots, given))[-1]}。",
    },
    like=as_list(),
)

# Kinds of things.

THEMES: dict[str, list[str]] = part(BOOK, "themes")
THEME_OF = {word: theme for theme, its in THEMES.items() for word in its}


def _with_stranger(rng: Random) -> str:
    theme, other = rng.sample(tuple(THEMES), 2)
    words = [*rng.sample(THEMES[theme], 4), rng.choice(THEMES[other])]
    rng.shuffle(words)
    return joined(words)


def _stranger(slots: Slots, given: str) -> str:
    words = listed(slots["words"])
    themes = [THEME_OF[word] for word in words]
    return next(word for word in words if themes.count(THEME_OF[word]) == 1)


def _tell_stranger(slots: Slots, given: str, bare: str) -> str:
    others = [word for word in listed(slots["words"]) if word != bare]
    return f"{bare}和其他的不是一类：{joined(others)}都属于{THEME_OF[others[0]]}，{bare}属于{THEME_OF[bare]}。"


ODD = family(
    BOOK,
    "odd_one_out",
    slots={"words": made("odd ones", 160, _with_stranger)},
    solve=_stranger,
    tell=_tell_stranger,
    further={
        "再说说其余四个属于哪一类。": lambda slots, given: (
            f"其余四个都属于{next(THEME_OF[word] for word in listed(slots['words']) if word != _stranger(slots, ''))}。"
        ),
    },
)


def _mixed(rng: Random) -> str:
    """Three words of one kind, two each of two others."""
    words = [
        word
        for theme, many in zip(rng.sample(tuple(THEMES), 3), (3, 2, 2), strict=True)
        for word in rng.sample(THEMES[theme], many)
    ]
    rng.shuffle(words)
    return joined(words)


def _of_kind(slots: Slots, given: str) -> str:
    return joined([word for word in listed(slots["words"]) if THEME_OF[word] == slots["kind"]])


ONE_KIND = family(
    BOOK,
    "only_one_kind",
    slots={"words": made("kinds", 160, _mixed), "kind": tuple(THEMES)},
    fits=lambda slots: bool(_of_kind(slots, "")),
    solve=_of_kind,
    tell=lambda slots, given, bare: f"属于{slots['kind']}的有{len(listed(bare))}个：{bare}。",
    further={
        "再把其余的词写出来。": lambda slots, given: (
            f"其余的是{joined([word for word in listed(slots['words']) if THEME_OF[word] != slots['kind']])}。"
        ),
    },
    like=as_list(),
)

FAMILIES = (STROKE, TONE, BY_PINYIN, ODD, ONE_KIND)
