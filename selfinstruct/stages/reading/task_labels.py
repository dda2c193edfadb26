"""Words by which teachers label the parts of a rewritten task, and by which they speak about it.

For rewritten.py, which reads by them; each is looked for in one line, in either language.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from selfinstruct.stages.reading.plain import NUMERAL
from selfinstruct.text.later import later

__all__ = [
    *(
        "ABOUT",
        "FORM",
        "GIVEN_INLINE",
        "INLINE",
        "PLACEHOLDER",
        "PREFACE",
        "RULE",
        "SAID",
        "SAMPLE",
        "STEP",
    ),
    *("FORM_INLINE", "SPEAKERS"),
    *("Label", "announces", "has_answer", "label_of"),
]

_NEW = (
    r"(?:(?:the|my|your|this|a) )?(?:(?:new(?:ly)?|re-?written|revised|evolved|improved|modified|updated|created|harder"
    r"|enhanced|upgraded|complex|(?:more|most) (?:difficult|complex|challenging|specific))[ _-]?){1,3}"
)
_TASK = r"(?:given[ _-])?(?:task|prompt|instructions?|question|problem|version|exercise)"
_TASK_ZH = "(?:任务|指令|题目|问题|提示词?|版本|练习)"
_NEW_ZH = "(?:(?:新|更难|(?:改写|改编|重写|修改|进化|升级|优化)(?:之?后|好|过)?)的?){1,2}"
_MADE = (
    "(?:sample|example|expected|model|correct|possible|reference|suggested|final|full|ideal|target|desired|generated"
    "|gold(?:en)?|complete|detailed|proposed|potential|right)"
)
_ANSWER = "(?:outputs?|responses?|answers?|solutions?|reply|completion)"
_MADE_ZH = "参考|示例|样例|标准|正确|最终|可能的?|预期|期望|模型|理想|范例|我的|你的|您的|完整|新任务的?|该任务的?"
_KINDS: dict[str, re.Pattern[str]] = {
    "final": later(
        rf"(?:the )?final(?:ly)?[ _-](?:{_NEW})?{_TASK}|final(?:ly)?[ _-]rewritten|最终的?(?:{_NEW_ZH})?{_TASK_ZH}"
    ),
    "new": later(rf"{_NEW}{_TASK}|rewritten|rewrite|revised|evolved|{_NEW_ZH}{_TASK_ZH}|(?:改写|改编|重写)后?"),
    "given": later(
        rf"(?:the )?(?:given|original|old|initial|source|parent|previous)[ _-]{_TASK}"
        rf"|(?:原始?|给定|所给|初始|旧|原来|原有)的?{_TASK_ZH}|原题"
    ),
    "before": later("original|before|given|原始|原文任务|改写前"),
    "after": later("new|final|after|updated|modified|最终|新"),
    "instruction": later("instructions?|指令"),
    "task": later("task|prompt|question|problem|exercise|q|user|human|任务|题目|问题|问|用户"),
    "input": later("inputs?|input data|输入(?:内容|数据)?"),
    "answer": later(
        rf"(?:(?:here is |here['’]s )?(?:the|my|your|an?) )?(?:{_MADE} ){{0,2}}{_ANSWER}(?: key)?"
        r"(?: (?:to|for|of) [\w '’]{1,40}?)?(?: (?:is|would be|example|sample))?(?: as follows)?"
        rf"|(?:{_MADE} )?results?|ans|assistant|ai|chatgpt|a"
        rf"|(?:以下(?:是|为))?(?:{_MADE_ZH}){{0,2}}(?:答案|回答|输出|答复|解答|回复|响应)(?:示例|样例|如下|是|为)?"
        "|(?:预期|期望|示例)?结果|答|解|解析|助手"
    ),
    "remark": later(
        r"(?:(?:key|main|list of|summary of) )?(?:the )?(?:changes|modifications|differences|improvements|additions)"
        r"(?: (?:i )?(?:made|introduced))?|what(?:['’]s| has| i)? changed|explanations?(?: of [\w ]{1,40})?|rationale"
        r"|justification|thought process|why (?:this|it|the)\b[\w ]{1,40}|(?:added|new) (?:constraint|requirement)s?"
        r"|rewriting (?:notes?|method|strategy)|word count|how i (?:rewrote|changed) [\w ]{1,20}"
        "|(?:修改|改写|改动|改编|变更)(?:说明|内容|之处|点|思路|理由|要点)|(?:主要)?(?:变化|改动)|解释|理由"
    ),
    "note": later(
        "(?:please )?notes?|comments?|remarks?|reason(?:ing|s)?|analysis|plan|check|verification|difficulty(?: level)?"
        "|method|strategy|注|备注|注意|说明|难度|分析|方法|思路|检查|计划"
    ),
    "option": later("option|version|alternative|variant|variation|版本|方案|选项|备选"),
}
"""What a line is a label of, by its name in lower case. Notes are remarks only where they speak of the rewriting."""

_LONG = 100
"""Characters within which a label ends."""
_HEAD = later(
    r"(?P<mark>[\s>#*_+•\[【<(（“\"`\u2600-\u27bf\U0001f300-\U0001faff\ufe0f-]{0,20})"
    r"(?:(?P<number>\d{1,2})[.．)、][ \t]{0,4}[#*_\[【]{0,4})?"
    r"(?P<name>[^\W\d_][\w '’-]{0,44}?)[ \t]{0,3}(?P<index>\d{0,2})"
    r"(?:[ \t]?[(（](?:example|sample|optional|示例|参考)[)）])?"
    r"(?P<close>[ \t*_#\]】>)）`”\"]{0,12})(?:(?P<colon>[:：]|(?<=[ \t])[–—-](?=[ \t])|\.(?=[ \t]))|\Z)"
    r"(?P<after>[*_#`]{0,4})"
)
_BRACKETED = later(
    r"[\s>#*_]{0,8}[\[【<#]{1,2}([^\W\d_][\w ]{1,40})[\]】>#]{1,2}[:：]?[*_]{0,3}[:：]?(?=[ \t]*[^\s:：*])"
)
_WHOLE = ("instruction", "input", "answer")
_ALONE = later(
    rf"(?:Instructions?|Input|(?:{_MADE.title().replace('(?:En)', '(?:en)')} )?(?:Output|Response|Answer|Solution)"
    r"|指令|输入|输出|回答|答案)\s*"
)
_DASHED = later(r"ans|answer|output|response|solution|答案|回答|输出")
"""What may be followed by a dash instead of a colon: "Answer - …"."""
SPEAKERS = frozenset({"a", "ai", "assistant", "chatgpt", "助手", "答"})
"""Labels of the answer that are somebody's turn where the task holds a conversation."""

STEP = later(
    rf"^[\s>#*_\[【-]{{0,12}}(?:step[ \t]*#?\d{{1,2}}|第[ \t]*(?:\d{{1,2}}|{NUMERAL})[ \t]*步"
    rf"|步骤[ \t]*(?:\d{{1,2}}|{NUMERAL}))"
    r"[ \t*_#\]】]{0,8}(?:[:：.)、–—-][ \t*_]{0,8}|$|(?=#))",
    re.IGNORECASE | re.MULTILINE,
)
RULE = later(r"[ \t]*(?:-{3,}|\*{3,}|_{3,}|={3,}|—{2,}|#{3,}|-{2,}>|→)[ \t]*")
PLACEHOLDER = later(
    r"[*` ]*+(?:<[^\W\d][^<>=,\n]{0,80}>|\[[^\W\d][^\[\],\"'\n]{0,80}\]|\{[^\W\d][^{}:,\"'\n]{0,80}\}"
    r"|_{2,}+|\.{3,}+|…++)[.。*` ]*+"
)
SAMPLE = later(
    r"[\s>#*_\[【-]{0,8}(?:for example|examples?|samples?|test cases?|示例|例子|样例|例如?)"
    r"[ \t]*\d{0,2}[ \t*_\]】]{0,8}[:：]?[ \t*_]{0,8}"
    r"|\b(?:examples?|samples?|test cases?|for instance)\b|示例|例子|样例|例如|比如",
    re.IGNORECASE,
)
"""A heading of an example that the task gives, or a line that announces one."""
FORM = later(
    r"\b(?:formats?|forms?|template|structure|style|pattern|layout|like this|as follows|fields?|labels?|sections?"
    r"|headings?|lines|parts)\b|格式|形式|模板|结构|如下|字段|标签|部分|小节",
    re.IGNORECASE,
)
_TASKS = r"(?:tasks?|prompts?|instructions?|questions?|versions?|exercises?|problems?)"
ABOUT = later(
    r"\b(?:i|we)(?:['’]ve| have)? (?:\w+ly |also |just )?(?:added|add|rewrote|rewritten|changed|made|modified|increased"
    r"|included|introduced|replaced|kept|preserved|deepened|checked)\b"
    rf"|\b(?:re-?written|revised|evolved|modified|updated|original|given|new|harder|above) {_TASKS}\b"
    rf"|\b(?:this|the) (?:\w+ )?(?:{_TASKS}|rewrite|revision|change|modification|addition) (?:now|also"
    rf"|adds|makes|is|has been|was|increases|requires more|can be)\b"
    r"|\b(?:rewriting|rewrote|more (?:complex|challenging|difficult)|increas\w+ the (?:difficulty"
    r"|complexity)|makes sense)\b"
    r"|\A[\s>*_(+•-]*(?:added|changed|replaced|increased|deepened|introduced)\b"
    "|改写|改编|原任务|原题|原始(?:任务|指令|问题)|新任务|增加了|加入了|添加了|改成了|难度|保留了",
    re.IGNORECASE,
)
"""Speaks of the rewriting."""
SAID = later(
    r"[\s>*_(（+•-]{0,8}(?:"
    r"i(?:['’]ve| have)? (?:\w+ly |also )?(?:added|rewrote|rewritten|changed|made (?:the|this|it)"
    r"|modified|increased|introduced|replaced|kept the)\b"
    rf"|th(?:is|e) (?:new|re-?written|revised|modified|updated|evolved|harder|above|more \w+) (?:{_TASKS}|one)\b"
    rf"|this (?:rewrite|rewritten|revision|version|modification)\b"
    r"|this (?:task|prompt|instruction|question|problem|change|addition) (?:now|adds|makes|increases"
    r"|is (?:now|more|harder)|has been|was|builds|goes)\b"
    r"|(?:please )?(?:let me know|feel free to)\b|(?:i )?hope (?:this|that|it)\b.*\b(?:helps?|meets|works|useful)"
    r"|would you like (?:me to|another|more)\b|here(?:['’]s| is) (?:how|what|why) i\b"
    r"|here(?:['’]s| is| are) (?:the|a|an|my|one) (?:\w+ )?(?:answer|response|solution|explanation)\b"
    "|我(?:增加|加入|添加|修改|改写|保留|把|将)了?[^，。]{0,20}(?:任务|题目|条件|要求|难度|原)|(?:这样"
    "|如此)(?:改写|一来|修改)"
    "|(?:该|此|这个|这道|上述)(?:新|改写后的?)(?:任务|题目)|(?:改写|修改)后的?任务|(?:相比|与|比)原任务|希望(?:这"
    "|对你|对您|能|以上)|通过(?:增加|加入|添加)"
    ")",
    re.IGNORECASE,
)
"""How a paragraph begins that speaks of the new task instead of being it."""
PREFACE = later(
    r"[\s>*_#]{0,8}(?:(?:sure|certainly|of course|absolutely|great|okay|ok|alright|got it"
    r"|understood)\b[!,.:][^\n]{0,200}\Z"
    rf"|(?:here|below|this|the following)\b[^\n]{{0,80}}?"
    rf"\b(?:{_TASKS}|rewr\w+|revis\w+|it"
    rf"|one)\b[^\n:：]{{0,80}}[:：][ \t*_]*\Z"
    r"|(?:i|we)(?:['’]ll| will| can|(?:['’]ve| have)(?: now| just)? (?:re-?written|made|created|modified|changed"
    r"|evolved|revised|updated|increased|added|come up)) [^\n]{0,120}\b(?:task|rewr\w+|harder|prompt"
    r"|instruction)\b[^\n]{0,200}\Z"
    r"|to (?:make|increase|rewrite|deepen|complicate) (?:this|the|it)\b[^\n]{0,160}, (?:i|we|let)\b[^\n]{0,200}\Z"
    "|(?:好的?|当然(?:可以)?|可以|没问题|明白了?|了解|收到)[！，。：!,:.][^\\n]{0,100}\\Z"
    "|(?:以下|下面|这里|这)?(?:就?是|为)?[^\\n：:，。]{0,12}"
    "(?:改写|改编|修改|新任务|新题目|新的任务|更难的)[^\\n：:。]{0,12}[：:][ \\t*_]*\\Z)",
    re.IGNORECASE,
)
"""A line that is said before the task."""
INLINE = later(
    rf"(?<=[.!?\"”;)])[ \t]{{1,8}}(?=\(?[*_]{{0,2}}(?:(?i:{_MADE}) )?(?:Output|Response|Answer|Solution|Input"
    r"|Explanation)[*_]{0,2}:)"
    rf"|(?<=[。！？”；）])[ \t]{{0,8}}(?=[（(]?(?:{_MADE_ZH})?(?:输入|输出|答案|回答)[:：])"
)
"""Where "Output:" follows an instruction in the same line."""
LEAD = later(
    rf"[\s>*_#]{{0,8}}(?:(?:here|below|this)\b[^\n:：]{{0,60}}?"
    rf"\b(?:{_TASKS}|rewrite|revision)\b[^\n:：]{{0,40}}[:：]"
    rf"|{_NEW}{_TASK} (?:is|would be|could be)(?: as follows)?[:：]|</?(?:new"
    rf"|rewritten)[ _](?:task|instruction|prompt)>"
    r"|(?:以下|下面|这)?(?:就?是|为)?[^\n：:，。请]{0,8}"
    r"(?:改写|改编|修改|新)[^\n：:。请]{0,8}任务(?:是|如下|为)?[：:])[*_]{0,3}[ \t]*(?=\S)",
    re.IGNORECASE,
)
"""What is said before the task in its own line."""
GIVEN_INLINE = later(
    r"(?<=[^\s\[【#*])[ \t]{1,8}(?=[*_]{0,2}(?:[\[#](?:new|rewritten|final)[\w ]{0,24}[\]#]|【[改新最][^】\n]{1,12}】"
    r"|(?:(?:new|rewritten|revised|evolved) ?(?:task|prompt|instruction)?|rewritten)[*_]{0,2}:))"
    r"|(?<=[。！？])[ \t]{0,8}(?=【[改新最][^】\n]{1,12}】|(?:新任务|改写后?的?(?:任务|指令)?)[:：])",
    re.IGNORECASE,
)
"""Where the new task follows the given one in the same line."""
FORM_INLINE = later(r"(?<=\S)[ \t]{1,8}(?=(?:Input|Output|输入|输出)[:：])")
"""The same in our own form, whatever stands before it."""
_MATERIAL = later(
    r"\b(?:below|following|attached|here (?:is|are)|th(?:is|ese) (?:text|passage|code|table|list|data"
    r"|function|program|script|query|snippet|file|email|e-mail|letter|poem|story|article|paragraph|sentence|dialogue)"
    r"|the (?:text|passage|paragraph|article|poem|e-?mail|letter|story|code|snippet|data|dialogue|conversation|review"
    r"|sentence|function|table|json|log|quote|excerpt)s?)\b"
    r"|以下|下面|下列|下文|如下|上述|这[段篇首封]|(?:该|本|此)[段篇]?(?:文本|文章|段落|代码)",
    re.IGNORECASE,
)
_ANSWERS = r"(?:outputs?|answers?|responses?|repl(?:y|ies)|solutions?|jokes?|riddles?)\b"
_GIVEN_ANSWER = later(
    rf"\b(?:given|following|below|these|provided|above|student['’]?s?['’]?)(?: \w+)? {_ANSWERS}"
    r"|\b(?:judge|grade|evaluate|rate|assess|critique|compare|correct|verify|check|improve|score|mark|match\w*|proofread)"
    rf"(?: (?!your\b|or\b|an?\b)[\w'’]+){{0,3}} {_ANSWERS}|\bquestions? ?(?:and|&) ?answers?\b"
    rf"|\b(?:whether|if) (?:the|this|that|each) {_ANSWERS}"
    "|(?:评价|判断|评估|打分|批改|改进|检查|修改|比较|以下|下列|下面|给定)[^。\\n]{0,12}(?:回答|答案|输出|回复|答复|笑话|解答)",
    re.IGNORECASE,
)


class Label(NamedTuple):
    kind: str
    """A key of the table above."""
    name: str
    number: int
    """Of the list's item that it heads; 0 without one."""
    rest: str
    """What follows it in its line."""


def label_of(line: str) -> Label | None:
    """The label that begins a line: before a colon, or alone in a line as a heading, in brackets or in bold type."""
    if len(line) > _LONG and not re.search(
        r"[:：\]】>#]|\A\W{0,8}\w+ [–—-] |\A\W{0,8}ans\.", line[:_LONG], re.IGNORECASE
    ):
        return None
    if bracketed := _BRACKETED.match(line):
        name = " ".join(bracketed[1].casefold().split())
        kinds = (*("final", "new", "given"), *(_WHOLE if line.lstrip(" \t>#*_")[:1] in "[【" else ()))
        kind = next((kind for kind in kinds if _KINDS[kind].fullmatch(name)), None)
        if kind:
            return Label(kind, name, 0, line[bracketed.end() :].strip())
    head = _HEAD.match(line)
    if not head:
        return None
    marked = re.search(r"[#*\[【]", head["mark"]) or _ALONE.fullmatch(line)
    if not head["colon"] and not marked and not ("]" in head["close"] or "】" in head["close"]):
        return None
    name = " ".join(head["name"].casefold().split())
    kind = next((kind for kind, names in _KINDS.items() if names.fullmatch(name)), None)
    if not kind or (kind in ("note", "before", "after", "option") and not head["colon"]):
        return None
    if head["colon"] and head["colon"] not in ":：" and not _DASHED.fullmatch(name):
        return None
    rest = line[head.end() :] if head["colon"] else ""
    # Stars behind the colon are the label's if it began with some.
    if head["after"] and not re.search("[*_]", line[: head.start("name")]) and rest.strip():
        rest = head["after"] + rest
    return Label(kind, name, int(head["number"] or 0), rest.strip(" \t"))


def announces(text: str) -> bool:
    """Whether a task says that its material follows: it ends with a colon, or speaks of "the text below"."""
    if text.rstrip(" \n*_").endswith((":", "：")):
        return True
    *_, last = [None, *_MATERIAL.finditer(text)]
    return bool(last) and not re.search(r"[:：]\s*\S{2}", text[last.end() :])


def has_answer(text: str) -> bool:
    """Whether a task works on somebody's answer, so that one is its material: "Grade the student's answer."."""
    return bool(_GIVEN_ANSWER.search(text))
