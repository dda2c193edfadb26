"""What an instruction asks for: the part of it that asks, without the material that it asks about; and whether the
answer is to be somebody's words (a letter, a reply, a line of a play), or one word out of a text.

The filters ask this before they take an answer for a failed one: "Sorry, we are full" answers "Write what the waiter
says", and "of" answers "Which preposition is missing?".
"""

from __future__ import annotations

import re

from selfinstruct.text.later import later

__all__ = [
    "asks",
    "gives_role",
    "in_material",
    "is_translation",
    "material_cut",
    "wants_speech",
]

CODE = later(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)
QUOTED = later(
    r"""(?<!\w)"[^"\n]*"|(?<!\w)'[^'\n]*'(?!\w)|“[^“”]*”|„[^„“”]*[“”]|‘[^‘’\n]*’(?!\w)|«[^«»]*»|「[^「」]*」"
    r"|『[^『』]*』"
    r"|《[^《》]*》"""
)
POINTS = later(
    r"\b(?:following|below|above|this|these|here|given|provided|attached|text|article|passage|paragraph|code|email"
    r"|review|story|function|input)\b|以下|下面|下列|如下|这[段篇个些首封]|上面|给定|文章|文本|代码|原文|材料|報道"
    r"|报道",
    re.IGNORECASE,
)
"""What a line says that is followed by the material that it asks about."""
BACK = later(
    r"\b(?:above|preceding|previous|this (?:text|article|passage|paragraph|story|letter|e-?mail|review|code|speech))\b"
    r"|上面|上述|以上|上文|前文|这[段篇封]",
    re.IGNORECASE,
)
"""What the last line says of the material above it."""
ENDS = later(r"\n|[?？](?=\s*[^\s?？])|[:：](?=\s|[^\x00-\x7f]|$)")
LABEL = later(r"\W*\w+(?: \w+)?\s*[:：]")
"""How a line of the material may begin: "Review: …", 句子：…"""
WHOLE, PART = 480, 240
"""Characters of a line that is looked at as a whole, and at each end of a longer one, which has its material in it."""


def material_cut(text: str) -> str:
    """The text up to the material, if its first line announces some: code, or what follows a colon or the line; or its
    last line, if that one speaks of what stands above it.
    """
    text = CODE.sub(" ", text)
    end = ENDS.search(text.lstrip())
    if not end:
        return text
    head = text.lstrip()[: end.start()]
    last = text.rstrip().rpartition("\n")[2]
    if "\n" in text.strip() and len(last) <= WHOLE and BACK.search(last):
        return last
    announced = POINTS.search(head) is not None
    return head if announced else text


def asks(text: str) -> str:
    """The part of an instruction that asks: its first line up to a colon, and its last line unless it is labelled.

    What is quoted and what is code is left out, unless there is nothing else.
    """
    bare = CODE.sub(" … ", text)
    unquoted = QUOTED.sub(" … ", bare)
    bare = unquoted if len(re.findall(r"\w+", unquoted)) >= 2 else bare
    lines = [line.strip() for line in bare.split("\n") if line.strip()]
    if not lines:
        return text
    first = lines[0]
    end = re.search(r"[:：](?=\s|[^\x00-\x7f])", first)
    if end and len(re.findall(r"\w+", first[: end.start()])) >= 2 and len(first) - end.end() > 20:
        first = first[: end.end()]
    follows = len(lines) < 2 or LABEL.match(lines[-1]) or lines[0].endswith((":", "：")) or POINTS.search(lines[0])
    last = "" if follows else lines[-1]
    return "\n".join(_ends(line) for line in (first, last) if line)


def in_material(text: str, at: int) -> bool:
    """Whether this place is in the material: after the first line, or its colon, and before the last line."""
    text = text.rstrip()
    last = text.rfind("\n") + 1
    first = text.lstrip().split("\n")[0].rstrip()
    if last and at >= last:
        return first.endswith((":", "：")) or bool(LABEL.match(text, last) or POINTS.search(first))
    few = "" if POINTS.search(re.split("[:：]", first)[0]) else "{20}"
    colon = re.search(rf"\n|[:：](?=[^\n]{few})", text.lstrip())
    return colon is not None and at > len(text) - len(text.lstrip()) + colon.start()


def _ends(line: str) -> str:
    """The line, or both ends of a long one."""
    return line if len(line) <= WHOLE else f"{line[:PART]} … {line[-PART:]}"


MAKES = (
    r"(?:write|compose|draft|create|make|generate|give|suggest|propose|prepare|invent|tell|say|come up with"
    r"|make up"
    r"|construct|formulate|use|continue|complete|finish|show|find a way|leave|record)"
)
SPEECH = (
    r"(?:e-?mails?|letters?|messages?|texts?|sms|notes?|repl(?:y|ies)|respon(?:se|ses|d)|apolog\w+|dialogues?"
    r"|conversations?|chats?|scripts?|scenes?|stor(?:y|ies)|tales?|fables?|jokes?|poems?|couplets?|stanzas?|verses?|raps?|mott(?:o|oe)s?|haikus?|limericks?|songs?"
    r"|lyrics?"
    r"|tweets?|posts?|announcements?|greetings?|voicemails?|notices?|diary|journal|speech|excuses?|sentences?"
    r"|examples?"
    r"|(?:error )?messages?|templates?|signs?|labels?|slogans?|captions?|banners?|monologues?|refusals?|lines?"
    r"|phrases?|quotes?|warnings?"
    r"|cards?|notifications?|toasts?|invitations?|reminders?|pages?|paragraphs?|bios?|statements?|"
    r"thoughts?|faqs?|friend|customer|guest|boss|someone|somebody|people|stranger|neighbou?r)"
)
SPEAKS = later(
    r"\b(?!(?:make|give|show|provide|complete|continue|finish|find|leave) (?:the|this|these|my|your|it)\b)"
    rf"{MAKES}\b[^.?!\n]{{0,60}}?\b{SPEECH}\b"
    r"|\b(?:pretend|role-?play|imagine)\b|\b(?:act|speak|talk)\b(?! about)(?=.{0,20}\b(?:like|as|in|to me)"
    r"\b)|\bwhat (?:the|an?|my) \w+ (?:says?|would say|replies|answers)\b|\bplay the\b(?! (?:song|music|video|game"
    r"|radio|sound))|\byou are (?:an?|"
    r"the|my)\b|\brole\b|\b(?:time|situation|day|moment) (?:when|where|that) you\b|\byour experience "
    r"with\b|\b(?:draft|compose) an? (?:\w+ )?(?:answer|reply)|\bas if (?:you|it)\b|\byour (?:life|day|"
    r"weekend)\b|\bfirst[- ]person\b|\b(?:perspective|point of view) of\b"
    r"|\b(?:you|i|we|he|she|they) (?:say|reply|respond|answer|react)\b|\b(?:reply|respond|response) (?:to"
    r"|from|for)\b"
    r"|\b(?:answer|reply|respond|speak) as\b|\byourself\b|\bquote (?:a|one|the|from)\b|\bfill\b|"
    r"\b(?:complete|continue|finish)\b[^\n]*(?:[:：\n\"“…_]|\.\.)\s*\S"
    r"|\bwhat (?:should|can|could|do|would) (?:i|you|one) (?:say|text|write|reply|answer)\b|\A\W{0,3}say "
    r"(?:it|this|that)\b|\bsay (?:it|this"
    r"|that) (?:politely|nicely|differently|in|to|like|as|more)\b|\bhow (?:do|can|should) i (?:tell|say|answer|reply)"
    r"|\b(?:reported speech|paraphras|proverb|idiom|apolog|apologi[sz]e|refus|declin|dialogue|interview)\w*"
    r"|\b(?:customer|waiter|host|chatbot|assistant|support agent)\b.{0,60}\b(?:reply|says?|response|answer)\b"
    r"|(?:给|跟|替|向|对|为)[^，。！？\n]{1,14}(?:写|发|留|回复|回|说|道歉|"
    r"配)|(?:(?<![改手听抄])写|拟|编|讲|造|续写|补全|做一|设计|生成)"
    r"[^，。！？\n]{0,16}(?:信|邮件|短信|消息|脚本|剧本|便条|留言|回复|对话|台词|"
    r"理由|借口|祝词|贺词|致辞|祝福|告示|的文字|文案|说唱|口号|横幅|海报|广告|启事|常见问题|宗旨|"
    r"公告|推送|弹窗|广播|卡片|标语|提示|独白|场景|故事|笑话|诗|歌词|日记|句|例"
    r"|通知|公告|提示语|道歉|检讨|话|假条)"
    r"|例句|句[^，。]{0,3}例子|第一人称|[一二两三四五六七八九十几\d][句条段][^，。\n]{0,14}(?:话|"
    r"句子|说法|台词|留言|回复|例子)|扮演|角色|假装|模仿|续写|造句|"
    r"填空|把自己|[以用][^，。]{1,8}的(?:口吻|身份|语气)|独白|(?:假如|如果)你是|面试"
    r"|(?:发|说)什么|怎么跟|怎么(?:回答|回复|说|安慰)|如何(?:回复|回答|拒绝|道歉)|回复|转述|婉拒"
    r"|(?:智能)?客服.{0,12}(?:回复|说)",
    re.IGNORECASE,
)


TRANSLATES = later(
    r"\b(?:translat\w+|render|transform|convert|replace|reword|rewrite|rephrase|negate|change|turn)\b"
    r"|翻译|翻成|译成|译为|译出|译作|中文是|英文是|改写|改成|改为|改得|换成|说得|换一种说法|"
    r"润色|改正|改错|错别字|病句|标点|接下句|修改|纠正|扩写|缩写"
    r"|\b(?:complete|continue|finish|punctuate|correct|edit|polish|proofread|improve|shorten|expand|fix|"
    r"formal|polite|politely|friendlier|nicer|kinder|warmer)\b",
    re.IGNORECASE,
)
MATERIAL = later(r"[\"“「『‘:：\n]\s{0,3}\S")


PLAYS = later(
    r"\b(?:(?:role-?play|pretend|act as|as (?:if|though) you were|(?:stay )?in character)\b|play (?:the|"
    r"an?|my)\b(?! (?:song|video|game|round))|speak as|you(?:['’]re| are| be|['’]ll be) (?:an?|the|my) "
    r"(?!(?:\w+ ){0,3}(?:assistant|ai|model)\b)|(?-i:[Yy]ou are (?!AI|Chat|GPT|Qwen|Claude|Llama|Open|"
    r"Assist|Mistral|Deep|I\b)[A-Z]))"
    r"|\A\W{0,3}(?:as|like) (?:an?|the|my) (?:[\w'’-]+ ){0,3}[\w'’-]+,|\A\W{0,3}be (?:my|an?|the) |扮演|假装|角色"
    r"|你(?:来|就)"
    r"?[演当扮]|\A(?:请|来)?[演当扮]|像[^，。]{1,12}(?:那样|一样)"
    r"[^，。]{0,6}(?:说话|回答|聊)|[以用][^，。]{1,8}的口吻|你(?:现在)"
    r"?是(?:我的?|一[位名个])(?![^，。]{0,8}(?:助手|助理|AI|模型|人工智能))"
    r"|\A\W{0,3}你是(?![^，。]{0,10}(?:助手|助理|AI|模型|人工智能|[谁吗么哪]))[^，。？！\n]{2,10}[，,]",
    re.IGNORECASE,
)
"""A turn that gives the assistant somebody to play, in all that follows."""


def gives_role(text: str) -> bool:
    """Whether it gives the model somebody to play, who is no assistant."""
    return PLAYS.search(text) is not None


def wants_speech(task: str) -> bool:
    """Whether the answer is somebody's words, not the model's own: of a letter, a dialogue, a role, a translation."""
    return SPEAKS.search(asks(task)) is not None or is_translation(task) or gives_role(task)


def is_translation(task: str) -> bool:
    """Whether it gives words to translate, or to put in another way."""
    return bool(TRANSLATES.search(task) and MATERIAL.search(task.strip()))
