"""Labels of the prompt that a task was rewritten by, left in the new task: "#Rewritten Prompt#", 改写后的指令.

One row a kind, with an example and where it comes from. Those of the first table are labels wherever they stand. Those
of the second are words of good tasks as well ("Write a ticket for the given task.", with the task as its input): they
count where the task speaks of the rewriting, or has nothing else that could be meant. "The given sentence", "the given
tasks", 给定的指令 (a robot's) and 改写后的句子 are in neither.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from selfinstruct.text.keywords import simplified
from selfinstruct.text.later import later

__all__ = ["HEADINGS", "LABELS", "SPOKEN_OF", "Label", "find_label"]


class Label(NamedTuple):
    pattern: str
    example: str
    source: str
    """Whose prompt or answer has it."""


_WORK = r"(?:prompt|task|instruction)s?"
_WORK_ZH = r"(?:任务|指令|提示词?|prompt)"
_CHANGED_ZH = "(?:改写|重写|进化|演化|改编|升级|深化|强化|优化)"
_MADE_ZH = rf"(?:原始?|原来|原有|初始|给定|所给|最终|全?新|{_CHANGED_ZH}[后前过]?|创建|生成)的?新?的?"
_HEADING = (
    rf"(?:(?:the|final|step[ ]\d+|brand-?new)[ ])?(?:given|rewritten|created|original|evolved"
    rf"|new)[ ]{_WORK}\W{{0,4}}[:：]"
)
_HEADING_ZH = (
    rf"(?:{_MADE_ZH}(?:{_WORK_ZH}){{1,2}}(?:[(（][^()（）\n]{{1,8}}[)）])?\W*\d{{0,2}}"
    rf"|[^，。：]{{0,10}}(?:更[^，。：]{{1,6}}|同一领域)的新?{_WORK_ZH}|{_CHANGED_ZH}[后前过]?的[^，。：\n]{{1,6}}{_WORK_ZH}[）)]?|{_CHANGED_ZH}[(（][^()（）\n]{{1,8}}[)）])\s*[:：]"
)

LABELS = (
    Label(
        rf"[\[【\#<]\s*(?:the[ ])?(?:given|rewritten|created|original|evolved|new)\s+{_WORK}\s*[\]】\#>]",
        "[New task]",
        "tests/labelled/leak.en.jsonl",
    ),
    Label(
        r"\b(?:rewritten|evolved|given|created|original)_(?:prompt|task|instruction)s?\b(?!\()(?!\))",
        "rewritten_prompt",
        "tests/labelled/leak.en.jsonl",
    ),
    Label(
        rf"(?:\A|\n)(?:\#{{1,6}}[ ]*|[*_]{{2}})(?:the[ ])?(?:rewritten|created|evolved"
        rf"|given)[ ]{_WORK}(?:[*_]{{2}})?[ ]*(?=\n|\Z)",
        "## Created Prompt\nName a river.",
        "tests/labelled/leak.en.jsonl",
    ),
    Label(
        rf"(?:\A|\n)\#{{1,6}}[ ]*{_MADE_ZH}{_WORK_ZH}[ ]*(?=\n|\Z)",
        "## 创建的指令\n说出一条河。",
        "tests/labelled/leak.en.jsonl",
    ),
    Label(rf"[\[【\#<]\s*{_MADE_ZH}{_WORK_ZH}\s*[\]】\#>]", "【新指令】", "our Chinese prompt"),
    Label(
        rf"(?:改写|重写|进化|演化|改编)[后前过]的?{_WORK_ZH} | (?:改写|重写)的{_WORK_ZH}",
        "改写后的指令",
        "our Chinese prompt",
    ),
)
"""Labels wherever they stand."""
HEADINGS = (
    Label(_HEADING, "Rewritten prompt: Name a river.", "WizardLM, and our prompt"),
    Label(rf"created[ ]{_WORK}[ ]+[-–—]", "Created prompt - Name a river.", "WizardLM's prompt of breadth"),
    Label(_HEADING_ZH, "新任务：说出一条河。", "our Chinese prompt"),
    Label(rf"{_MADE_ZH}{_WORK_ZH}[ ]+[-–—]+[ ]", "新指令 - 说出一条河。", "tests/labelled/leak.zh.jsonl"),
)
"""Labels where a line begins with them, or a sentence in Chinese."""
SPOKEN_OF = (
    Label(rf"\b(?:rewritten|evolved)[ ]{_WORK}\b", "Follow the evolved instruction.", "tests/labelled/leak.en.jsonl"),
    Label(
        r"\b(?:rewrit\w+|evolv\w+|than|unlike|from|like|(?:compared|same|as)[ ](?:with|to|as|in|domain[ ]as))"
        r"[ ](?:the[ ])?\#?(?:given|original|created)[ ](?:prompts?|tasks?|instruction)\b(?![ ]manuals?)",
        "more complex than the given prompt",
        "WizardLM's prompts speak so",
    ),
    Label(
        r"(?:改写|重写|比|较|相比|不同于|[高难]于|与)(?:给定|原来?|原始|初始)的?(?:任务|指令|提示词?|prompt)(?![集序码流周])",
        "比原任务更难",
        "our Chinese prompt",
    ),
    Label(
        r"(?:给定|原始|初始)的?(?:任务|指令|提示词?|prompt)(?:如下|是(?!否|不是|什么|怎|如何|谁|哪))",
        "给定指令如下，请回答",
        "our Chinese prompt",
    ),
    Label(
        r"\b(?:given|original|created)[ ](?:prompt|task|instruction)\b[^.\n]{0,40}\b(?:constraints?|requirements?"
        r"|harder"
        r"|more[ ](?:complex|difficult|challenging|specific)|reasoning[ ]steps?)\b",
        "Based on the given prompt, add one more constraint.",
        "WizardLM's prompts speak so",
    ),
    Label(
        r"\b(?:keep|increase|deepen|extend|expand|broaden|modify|complicate|alter|adapt|replace|depth|breadth"
        r"|addition|besides|beyond)\b[^.\n]{0,40}"
        r"\b(?:given|original|created)[ ](?:prompt|task|instruction)\b|\brewritten[ ](?:the|your|this)[ ](?:prompt"
        r"|instruction|task)\b|\bthe[ ](?:given|created)[ ]prompt\b(?!:)",
        "Increase the depth of the given prompt.",
        "WizardLM's prompts speak so",
    ),
    Label(
        r"(?:保持|改变|保留|增加|加深|扩展|拓展|除了?|超出|替换|修改)[^，。\n]{0,6}(?:给定|原有?|原始)的?(?:指令|提示词?|prompt"
        r"|任务的?(?:深度|难度|广度|要求|不变))"
        r"|(?:\A|[，。：])[让使](?:给定|原有?|原始)的?(?:指令|提示词|prompt)|(?:受|参考|参照|类似|仿照|围绕|不同于)[^，。\n]{0,3}(?:给定|原有?|原始)的?(?:指令|提示词|prompt)"
        r"|给定的?(?:提示词|prompt)(?!是否)",
        "保持给定的指令不变，但用表格回答",
        "our Chinese prompt",
    ),
    Label(
        r"\b(?:rewritten|evolved|harder|simpler|improved|(?:more|less)[ ]\w+)[ ](?:version|form)s?[ ]of[ ](?:the"
        r"|this)[ ](?:(?:given|original|above)[ ])?(?:prompt|task|instruction)\b",
        "My rewritten version of the prompt: Name a river.",
        "tests/labelled/leak.en.jsonl",
    ),
    Label(
        r"(?:根据|基于|按照|依据)(?:给定|原有?|原始|原来)的?(?:任务|指令|提示词?|prompt)[^。\n]{0,10}(?:生成|改|创作|写"
        r"|创建|设计)"
        r"[^。\n]{0,10}(?:任务|指令|提示词?|版本)",
        "根据原任务生成一个更难的任务",
        "our Chinese prompt",
    ),
    Label(r"在(?:给定|原始?)的?(?:指令|任务|提示词?)的?基础上", "在给定指令的基础上加一个限制", "our Chinese prompt"),
    Label(
        r"(?:给定|原)的?(?:指令|任务|提示词?)的?(?:改写|重写|进化)[^，。]{0,4}如下|从(?:给定|原)的?(?:指令|任务|提示词?)(?:演化|改编|衍生)"
        r"|(?:基于|根据)(?:给定|原有?|原始)的?(?:指令|提示词?|prompt)的?新?(?:指令|提示|任务)"
        r"|(?:给定|原始?)的?(?:指令|任务|提示词?)的?(?:进化|改写|升级|复杂|深化)[^，。]{0,2}版"
        r"|[使让](?:给定|原有?|原始)的?(?:指令|提示词?|任务|prompt)(?:更|变)"
        r"|[把将](?:给定|原来?|原始)的?(?:任务|指令|提示词?|prompt)(?:改[写得成为编]|重写|变)",
        "把给定的提示词改写得更难",
        "our Chinese prompt",
    ),
)
"""Words of the rewriting, where the task has no input that they could mean."""


def _any(rows: tuple[Label, ...]) -> str:
    return "|".join(f"(?:{row.pattern})" for row in rows)


_ANYWHERE = later(_any(LABELS), re.IGNORECASE | re.VERBOSE)
_SPOKEN_OF = later(_any(SPOKEN_OF), re.IGNORECASE | re.VERBOSE)
_FIRST = later(rf"\A\W*+(?:{_any(HEADINGS)})", re.IGNORECASE | re.VERBOSE)
# At the start of a line, or of a sentence in Chinese: read from the word before it, so that blank lines and rules,
# which may all stand before a heading, are read once and not once from each.
_BELOW = later(
    rf"(?<=\w)(?:[^\w\n]*+(?P<line>\n)\W*+(?:{_any(HEADINGS[:2])})"
    rf"|[^\w\n。！]*+(?P<clause>[\n。！])\W*+(?:{_any(HEADINGS[2:])}))",
    re.IGNORECASE | re.VERBOSE,
)


def find_label(text: str, *, has_material: bool = False) -> str:
    """The first label of the prompt that the text has; "" when it has none. `has_material`: the task has an input,
    which is what "the given prompt" means then.
    """
    plain = simplified(text)
    found = [match for match in (_FIRST.search(plain), _ANYWHERE.search(plain)) if match]
    found += [match] if not has_material and (match := _SPOKEN_OF.search(plain)) else []
    first = min(found, key=lambda match: match.start(), default=None)
    below = _BELOW.search(plain)
    start = below.start(below.lastgroup or 0) if below else len(text)
    if first and first.start() <= start:
        return text[first.start() : first.end()].strip()
    return text[start : below.end()].strip() if below else ""
