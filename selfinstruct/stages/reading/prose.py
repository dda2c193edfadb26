"""Prose: an answer that talks instead of going on with a list of tasks.

A base model goes on after "9." with the task itself, in a line or two; a chat model that did not understand tells what
it thinks of the list, writes an essay, or does one of the tasks. The two are told apart sentence by sentence: one
*asks* (a question, an imperative), one *states* (it begins with "The", "It", a subject and its verb), or it is open.
"""

from __future__ import annotations

import re

from selfinstruct.stages.reading.plain import HAN
from selfinstruct.text.later import later

__all__ = ["asks", "is_answer_list", "is_prose", "is_request", "says_what_for", "states", "whole_lines"]

_VERBS = """act add adapt adjust advise analyse analyze answer append apply argue arrange ask assemble assess assign
assume automate brainstorm break build calculate capitalise capitalize categorise categorize change check choose cite
classify collect combine come compare compile complete compose compute connect consider construct continue contrast
convert convince copy correct count craft create critique curate customise customize cut debate decide decode decompose
deduce define derive describe design detect determine develop devise diagnose differentiate discuss divide draft draw
edit elaborate encode ensure enter enumerate estimate evaluate expand explain express extend extract fill filter find
fix form format formulate gather generate give greet group guess help highlight hypothesise hypothesize identify
illustrate imagine implement improve indicate infer insert interpret invent investigate join judge justify keep label
list locate look make mark match measure mend merge multiply name narrate normalise normalize offer optimise optimize
order organise organize outline output paraphrase parse pick plan predict prepare pretend print produce proofread
propose prove provide punctuate put quantify quote rank rate read rearrange recall recap recommend reconstruct reduce
refactor reformulate remove reorder reorganise reorganize rephrase replace reply report represent respond restructure
retell retrieve return reverse review revise reword rewrite rotate say schedule select separate set share shorten show
simplify simulate sketch solve sort specify spell split spot state subtract suggest sum summarise summarize supply
suppose swap take tell think trace transform translate try turn underline unscramble update use verify visualise
visualize work write"""
_VERB = rf"(?:re-)?(?:{'|'.join(_VERBS.split())})\b(?!['’]s)"
_ASKS = later(
    rf"(?:[^\w\n]*|.{{0,200}}?[,:;—–]\s+|.{{0,200}}?\b(?:please|should|then)\s)"
    rf"(?:please |then |now |and |first )?{_VERB}"
    r"|[^\w\n]*(?:given|without|how|what|which|who|why|where|whose|let['’]s)\b"
    r"|.{0,200}?\b(?:you|i|we)(?: will be|['’]re|['’]ve)? (?:need to|are (?:asked|given|provided|required)"
    r"|have been asked|(?:want|would like) (?:you )?to|must)\b|.{0,200}?\b(?:your task|the task is|this task asks)\b",
    re.IGNORECASE | re.DOTALL,
)
_FINITE = (
    r"(?:is|are|was|were|has|have|had|does|did|do|will|would|can|could|should|may|might|must|provides?|shows?"
    r"|includes?|gives?|makes?|needs?|comes?|goes|went|became|becomes?|means?|contains?|helps?)"
)
_SUBJECT = (
    r"(?:the|this|that|these|those|it|there|he|she|they|we|you|its|their|his|her|our|your|my|i|an?|some|many|most|one|in"
    r"|on|at|as|by|for|to|from|with|because|since|once|yes|no|however|overall|while|although|first|firstly|secondly"
    r"|finally|both|each|all|here|dear|another|when)"
)
_STATES = later(rf"[^\w\n]*(?:{_SUBJECT}(?:['’]\w+)?\b|(?:\w+ ){{1,3}}{_FINITE}\b)", re.IGNORECASE)
# Without a doubt: a pronoun and its verb, or a subject with a verb that states further on.
_PLAINLY = later(
    rf"[^\w\n]*(?:(?:it|they|he|she|we|i|there)(?:['’]\w+)?\s[a-z]"
    rf"|{_SUBJECT}\b.{{0,150}}?\b(?:{_FINITE}|that|because)\b|(?:\w+ ){{1,3}}{_FINITE}\b|dear )",
    re.IGNORECASE | re.DOTALL,
)
_ADJECTIVES = "great|wonderful|nice|long|interesting|diverse|varied|impressive"
_CHATTY = later(
    r"\W*(?:(?:sure|certainly|of course|absolutely|great|thank you|thanks|okay|ok)[!,.]"
    r"|(?:i['’]d|i would|i['’]ll|i will) be (?:happy|glad)\b|i['’]?(?: a)?m (?:happy|glad|not sure|ready|here to)\b"
    rf"|i understand\b|(?:this|that|what) (?:is )?an? (?:{_ADJECTIVES})\b|it (?:seems|looks like|appears)\b|as an ai\b"
    r"|let me know\b|please (?:provide (?:me|more|some|further|additional)|let me know)\b"
    r"|(?:could|can|would) you (?:please )?(?:provide (?:me|more|some)|clarify|specify|share (?:more|some))\b"
    r"|(?:好的|当然|没问题)[，。！,!]|很高兴|我(?:理解|明白|认为|觉得|可以|很|会|已)|[您你](?:提供|给出|列出)的"
    r"|这(?:份|个|些)?(?:清单|列表|任务))",
    re.IGNORECASE,
)
_ASKS_ZH = later(
    ".{0,200}?(?:请|[？?]|吗|帮我|给我)|(?:.{0,200}?[，,：:；])?(?:然后|并|再|试)?(?:[写列举找挑选补改续]|说[明说出]|解释|翻译|计算|判断|描述"
    "|概括|比较|给[出下]|设计|制[定作]|分析|总结|介绍|编[写一]|推荐|提[供出取]|阅读|回答|指出|评价|排[序列]|分类|转换|润色|想象|假设|讨论"
    "|预测|根据|把|将|为|用|从|建[立议]|创[造建作]|生成|鉴[定别]|识别|确定|构[建造]|修改|完成|估[算计]|证明|拟|安排|规划|优化|简要|概述|评估|撰写|区分|归纳|整理|对比|谈谈|以)",
    re.DOTALL,
)
_STATES_ZH = later(
    "(?:这|那|它|他|她|我们|首先|其次|最后|总之|因此|所以|随着|总的来说|是的|不是|亲爱的|尊敬的|许多|因为)|[^，。]{1,12}(?:是|有|在|会|由|叫|成为|带来)"
)
_END = later(rf"(?<=[.!?…])[\"'”’)]*\s+|(?<=[。！？])(?=[{HAN}\"“])|\n\s*\n")
_WHOLE = later(rf"(?:[A-Z“\"][^\n]*[.?!]|[{HAN}“][^\n]*[。？！])[\"”]?")
_STEPS = later(
    r"(?:follow (?:these|the|those)|these steps|steps? (?:to|for|below)|step[- ]by[- ]step|here(?:['’]s| is) how"
    r"|ingredients|步骤如下|以下(?:是)?步骤|具体步骤|方法如下)",
    re.IGNORECASE,
)
_WISH = later(
    r"\b(?:(?:can|could|would|will) you|please|i(?:['’]d| would) like|i (?:want|need|wish|hope)"
    r"|i(?:['’]m| am) (?:trying|looking|having|struggling|working|interested|planning|writing|unsure)"
    r"|(?<!n['’]t )help me|looking for|can't figure|don't (?:know|understand)|any (?:ideas|tips|advice|suggestions))\b"
    r"|我(?:想|要|需要|希望|正在|打算|不[懂知明])|求|怎么|如何|帮|想问|有没有",
    re.IGNORECASE,
)
"""How users ask who neither question nor command."""

_HEAD = later(r"[^\s:：。，,.][^\n:：。，,.]{1,24}[:：]\s*\S")
"""What is to be done, before a colon: "Summary for my boss: …", 猜字谜：…"""

_GREETING = later(r"\A[^\n.!?。！？]{1,40}[,!，！]\s*\n\s*")
_SENTENCE = later(r"(?<=[.!?])\s+|\n+|(?<=[。！])")

_FURTHER = 3
"""Lines of whole sentences that are a list without marks; of fewer, one may explain the other."""


def asks(sentence: str) -> bool:
    """Whether it is a question or has an imperative at its beginning, or after a clause: "Given the text, name …"."""
    sentence = sentence.strip()
    if sentence.endswith(("?", "？")):
        return True
    if re.match(f"[{HAN}]", sentence):
        return bool(_ASKS_ZH.match(sentence)) and not _CHATTY.match(sentence)
    return bool(_ASKS.match(sentence))


def states(sentence: str) -> bool:
    """Whether it begins as statements do, and does not ask."""
    if asks(sentence):
        return False
    return bool((_STATES_ZH if re.match(f"[{HAN}]", sentence.strip()) else _STATES).match(sentence))


def _plainly(sentence: str) -> bool:
    return states(sentence) and bool(re.match(f"[{HAN}]", sentence) or _PLAINLY.match(sentence))


def is_prose(text: str, alone: bool) -> bool:
    """Whether a text without list marks talks, rather than being one task. `alone`: it is all of the answer.

    An answer of a base model begins with the space that parts it from the prompt: in doubt it is a task, as published.
    """
    if text.lstrip().startswith(("|", "```")) or _CHATTY.match(text):
        return True
    first, _, further = text.strip().partition("\n\n")
    sentences = [sentence for sentence in map(str.strip, _END.split(first)) if re.search(r"\w", sentence)]
    if not sentences or any(map(asks, sentences)):
        return False
    doubtful = not alone or (text.startswith(" ") and not further)
    said = _plainly if doubtful else states
    if said(sentences[0]) and said(sentences[-1]):
        return True
    if doubtful:
        return False
    return len(sentences) > 1 or bool(further) or len(first.split("\n")) > 2


def is_answer_list(before: str, items: list[str]) -> bool:
    """Whether a list that begins anew is an answer to a task: steps that the words before it announce, or statements
    for the most part, of which none asks.
    """
    if _STEPS.search(before) and not re.search(r"(?i)\btasks?\b|\binstructions?\b|任务|指令", before):
        return True
    said = [item.partition(":")[2].strip() or item.strip() for item in items if item.strip()]
    return len(said) > 1 and not any(map(asks, [*items, *said])) and 2 * sum(map(_plainly, said)) > len(said)


def whole_lines(text: str) -> list[str]:
    """The lines of a list without marks: three and more whole sentences, each on a line of its own, that ask; else
    none.
    """
    lines = [line.strip() for line in text.strip().split("\n") if line.strip()]
    fits = len(lines) >= _FURTHER and all(_WHOLE.fullmatch(line) and not is_prose(line, False) for line in lines)
    return lines if fits and any(map(asks, lines)) else []


def is_request(text: str) -> bool:
    """Whether a user may have said this: not what only states or chats, as a reply does. A question, a command or a
    wish may stand anywhere in it.
    """
    if says_what_for(text) or _HEAD.match(text):
        return True
    sentences = _sentences(text)
    return not (is_prose(text, alone=False) or (sentences and states(sentences[0])))


def says_what_for(text: str) -> bool:
    """Whether something in it is a question, a command or a wish without a doubt. Of 5,000 instructions that people
    wrote this finds 97 in 100.
    """
    return "?" in text or "？" in text or bool(_WISH.search(text)) or any(map(asks, _sentences(text)))


def _sentences(text: str) -> list[str]:
    return [part for part in map(str.strip, _SENTENCE.split(_GREETING.sub("", text.strip(), count=1))) if part]
