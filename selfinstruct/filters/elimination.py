"""Evol-Instruct's elimination of failed evolutions (2304.12244, section 3.2), but for the equality check, a judge's.

Each of the three has its counterpart in Chinese. They are filters like those of rules.py. Each asks the task before it
drops an answer: a label that the parent has was not leaked, an apology may have been asked for, and so may the word
"of". Taken by the letter, as published, they drop human-approved tasks more often than failed ones.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from selfinstruct.filters.parts import answers
from selfinstruct.filters.pool import Pool
from selfinstruct.task import Reason, Task
from selfinstruct.text.labels import find_label
from selfinstruct.text.later import later
from selfinstruct.text.refusals import is_sorry
from selfinstruct.text.tokens import tokens
from selfinstruct.text.wanted import wants_sign, wants_telling, wants_title, wants_words

__all__ = ["Leak", "Sorry", "StopWords"]

STOP_WORDS = frozenset(
    """
    a about above after again against all also am an and any are as at be because been before being below between
    both but by can could did do does doing down during each few for from further had has have having he her here
    hers him his how i if in into is it its just may me might more most must my of off on once only or other our
    ours out over own same shall she should so some such than that the their theirs them then there these they this
    those through to too under until up upon us very was we were what when where which while who whom why will with
    would you your yours myself yourself himself herself itself ourselves yourselves themselves
    的 地 得 了 着 过 是 在 有 和 与 及 或 而 但 就 都 也 还 又 把 被 让 给 向 从 对 于 为 以 之 其 这 那 此 些 个
    我 你 他 她 它 们 您 吗 呢 吧 啊 呀 嘛 么 很 更 最 太 已 因 所 如 若 虽 然 且 则
    """.split()  # noqa: SIM905
)
"""Words, and in Chinese characters, that say nothing by themselves. Yes and no, 是 as a whole answer included, do."""
FILLERS = STOP_WORDS | frozenset(
    """
    many much more less least lot lots yes no not ok okay well sure maybe perhaps course thing things something
    anything everything stuff one ones like really quite always never here there also etc ca wo now sometimes again
    first second last next finally way ways
    样 会 可 能 好 自 己 没 不 行 什 哪 多 一 些 怎 今 嗯 哦 呵 做 说 来 去 到 人 上 下 里 许 点 种 等 只 再 先 后
    并 用 意 思 时 候 间 次 类 方 面 事 情 东 西 话 法 想 要 应 该 当 真
    """.split()  # noqa: SIM905
)
"""And those that answer a question of yes or no, or of where, but explain nothing."""
MARKER = later(r"(?<!\S)(?:\d{1,2}[.)、．:：]|[-*•])(?=\s|[^\x00-\x7f]|\Z)")
"""Of an item of a list."""
SHORTENED = later(r"n?['’](?:s|d|ll|m|re|t|ve)\b", re.IGNORECASE)
CHOSEN = later(r"\([a-e]\)\.?", re.IGNORECASE)
"""One of several answers, where none are given."""
CAPITALS = later(r"\b[A-Z]{2,}\b")
"""WHO, IT, US: names."""
WHICH = later(r"\b(?:which|what|who|whose)\b", re.IGNORECASE)
"""A letter may answer it: a grade, a blood group, an option."""
SAID = later(r"[\[\]{}<>=+%&|^~@\\$€£¥°√∑]|[\U0001f000-\U0001faff\u2600-\u27bf]")
"""Signs that are content where a word would be: code, units, emojis."""


@dataclass(frozen=True, slots=True)
class Leak:
    """The task names labels of the prompt that it was rewritten by, in either language, which its parent has not.

    "The given task" is a label only where the task speaks of rewriting, and has no input that could be meant, unless it
    was rewritten.
    """

    def __call__(self, task: Task, pool: Pool) -> Reason | None:
        parent = f"{task.evolved.instruction}\n{task.evolved.input}".casefold() if task.evolved else ""
        inputs = [instance.input for instance in task.instances if instance.input.strip()]
        meant = bool(inputs) and task.evolved is None
        for text, has_material in ((task.instruction, meant), *((text, False) for text in inputs)):
            found = find_label(text, has_material=has_material)
            if found and found.strip("#*[]【】:： \n").casefold() not in parent:
                return Reason("leak", found)
        return None


@dataclass(frozen=True, slots=True)
class Sorry:
    """An answer of under 80 words, or Chinese characters, that says sorry as the teacher could not do the task.

    Not an apology that was asked for, sympathy, or a word of a story: it says what could not be done, or nothing else,
    and the task does not want somebody's words.
    """

    shorter_than: int = 80

    def __call__(self, task: Task, pool: Pool) -> Reason | None:
        said = ((asked, text) for asked, text in answers(task) if len(tokens(text)) < self.shorter_than)
        return Reason("sorry") if any(is_sorry(text, asked) for asked, text in said) else None


@dataclass(frozen=True, slots=True)
class StopWords:
    """An answer of nothing but punctuation and stop words, to a task that wants no such word.

    A missing preposition, a choice, a translation ("How are you?") and an answer to yes or no are right in a few small
    words; an explanation is not. In a conversation of several exchanges nothing is dropped: "You, too!"
    """

    def __call__(self, task: Task, pool: Pool) -> Reason | None:
        if len(task.turns) > 3:
            return None
        return (
            Reason("nothing but stop words")
            if any(_says_nothing(text, asked) for asked, text in answers(task))
            else None
        )


def _says_nothing(answer: str, asked: str) -> bool:
    # Digits, letters of scripts without words here, and code signs are content: only what has words is judged.
    if not answer.strip():
        return True
    if SAID.search(answer) or CAPITALS.search(answer):
        return False
    telling = wants_telling(asked)
    words = tokens(MARKER.sub(" ", SHORTENED.sub(" ", answer)) if telling else SHORTENED.sub(" ", answer))
    if not words:
        return not any(map(str.isalnum, MARKER.sub(" ", answer))) and not wants_sign(asked)
    if telling:
        return FILLERS.issuperset(words)
    if answer.strip(" 。.!！\n") in ("是", "对", "有", "在"):
        return False
    if re.fullmatch(r"\W*[A-Z]\W*", answer) and WHICH.search(asked):
        return False
    most = FILLERS if len(words) > 2 else STOP_WORDS
    nothing = most.issuperset(words) or CHOSEN.fullmatch(answer.strip())
    return bool(nothing) and not wants_words(asked) and not (answer[:1].isupper() and wants_title(asked))
