"""Evol-Instruct's elimination of failed evolutions (2304.12244, section 3.2), but for the equality check, a judge's.

Each of the three has its counterpart in Chinese. They are filters like those of rules.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from selfinstruct.filters.pool import Pool
from selfinstruct.task import Reason, Task
from selfinstruct.text.tokens import tokens

__all__ = ["Leak", "Sorry", "StopWords"]

# The published prompts' labels, ours, and what teachers make of them: as a phrase where it can hardly be meant, else
# only as a heading. "The given sentence", "the given tasks", 给定的指令 (a robot's) and 改写后的句子 are words of good
# tasks.
_WORK = r"(?:prompt|task|instruction)s?"
_WORK_ZH = r"(?:任务|指令|提示词?|prompt)"
_MADE_ZH = r"(?:原始?|原来|原有|初始|给定|所给|新|(?:改写|重写|进化|演化|改编)[后前过]?|创建|生成)的?"
_HEADING = rf"(?:the[ ])?(?:given|rewritten|created|original|evolved|new)[ ]{_WORK}\s*[:：]"
_HEADING_ZH = rf"{_MADE_ZH}{_WORK_ZH}\W*[:：]"
_LEAK = re.compile(
    rf"""\b(?:rewritten|evolved)[ _]{_WORK}\b | \b(?:given|created|original)[ _](?:prompts?|task)\b
    | \b(?:rewrit\w+|evolv\w+|than|unlike)[ ]the[ ](?:given|original)[ ]instruction\b
    | [\[【\#]\s*(?:the[ ])?(?:given|rewritten|created|original|evolved|new)\s+{_WORK}\s*[\]】\#]
    | \A\W*+{_HEADING}
    | [\[【\#]\s*{_MADE_ZH}{_WORK_ZH}\s*[\]】\#] | \A\W*+{_HEADING_ZH}
    | (?:改写|重写|进化|演化|改编)[后前过]的?(?:任务|指令|提示词?|prompt) | 改写的任务
    | (?:原任务|原始的?任务|给定的?任务)(?!列表|清单|集) | (?:原|原始|给定)指令(?![集序码流周])
    | (?:原始|给定)的?(?:提示词|prompt)
    | (?:改写|重写|比|不同于)(?:给定|原来|原始)的指令""",
    re.IGNORECASE | re.VERBOSE,
)
# At the start of a line, or of a sentence in Chinese: read from the word before it, so that blank lines and rules,
# which may all stand before a heading, are read once and not once from each.
_LEAK_BELOW = re.compile(
    rf"(?<=\w)(?:[^\w\n]*+(?P<line>\n)\W*+{_HEADING}|[^\w\n。！]*+(?P<clause>[\n。！])\W*+{_HEADING_ZH})",
    re.IGNORECASE | re.VERBOSE,
)
_SORRY = re.compile(r"\bsorry\b|抱歉|对不起|很遗憾", re.IGNORECASE)

STOP_WORDS = frozenset(
    """
    a about above after again against all also am an and any are as at be because been before being below between both
    but by can could did do does doing down during each few for from further had has have having he her here hers him
    his how i if in into is it its just may me might more most must my of off on once only or other our ours out over
    own same shall she should so some such than that the their theirs them then there these they this those through to
    too under until up upon us very was we were what when where which while who whom why will with would you your yours
    的 地 得 了 着 过 是 在 有 和 与 及 或 而 但 就 都 也 还 又 把 被 让 给 向 从 对 于 为 以 之 其 这 那 此 些 个 我 你
    他 她 它 们 您 吗 呢 吧 啊 呀 嘛 么 很 更 最 太 已 因 所 如 若 虽 然 且 则
    """.split()  # noqa: SIM905
)
"""Words, and in Chinese characters, that say nothing by themselves. Yes and no, 是 as a whole answer included, do."""


@dataclass(frozen=True, slots=True)
class Leak:
    """The task names labels of the prompt that it was rewritten by, in either language."""

    def __call__(self, task: Task, pool: Pool) -> Reason | None:
        for text in (task.instruction, *(instance.input for instance in task.instances)):
            if found := _leak(text):
                return Reason("leak", found)
        return None


def _leak(text: str) -> str:
    """The label that the text has of the prompt, the first of several; "" when it has none."""
    anywhere, below = _LEAK.search(text), _LEAK_BELOW.search(text)
    start = below.start(below.lastgroup or 0) if below else len(text)
    if anywhere and anywhere.start() < start:
        return anywhere[0].strip()
    return text[start : below.end()].strip() if below else ""


@dataclass(frozen=True, slots=True)
class Sorry:
    """An answer of under 80 words, or Chinese characters, that says sorry: the teacher could not do the task."""

    shorter_than: int = 80

    def __call__(self, task: Task, pool: Pool) -> Reason | None:
        answers = [instance.output for instance in task.instances]
        short = (text for text in answers if _SORRY.search(text) and len(tokens(text)) < self.shorter_than)
        return Reason("sorry") if any(short) else None


@dataclass(frozen=True, slots=True)
class StopWords:
    """An answer of nothing but punctuation and stop words."""

    def __call__(self, task: Task, pool: Pool) -> Reason | None:
        for instance in task.instances:
            # Digits, letters of scripts without words here, and code signs are content: only what has words is judged.
            words = tokens(instance.output)
            said = instance.output.strip(" 。.!！\n") == "是" or (not words and any(map(str.isalnum, instance.output)))
            if not said and all(word in STOP_WORDS for word in words):
                return Reason("nothing but stop words")
        return None
