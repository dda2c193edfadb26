"""How answers begin that ask back or miss the input, in English and Chinese: one row a kind, with an example."""

from __future__ import annotations

import re

from selfinstruct.text.refusals_en import Opening

__all__ = [
    "ASKS_BACK",
    "MISSING",
    "NEGATED",
    "NOT_TOLD",
    "OPENS_TALK",
    "POINTS_BACK",
    "SAID",
    "WANTS_QUESTIONS",
    "one_of",
]


def one_of(rows: tuple[Opening, ...]) -> re.Pattern[str]:
    """Finds any of the rows where an answer begins."""
    return re.compile("|".join(f"(?:{row.pattern})" for row in rows), re.IGNORECASE | re.VERBOSE)


AGREES = r"""\W*(?:(?:sure(?:\ thing)?|of\ course|certainly|absolutely|gladly|no\ problem|okay|ok|great
    |happy\ to(?:\ help)?|i(?:['’]d|\ would)\ (?:love|be\ (?:happy|glad|delighted))\ to[^.!?\n,]{0,40})[.!,—–-]+\s*)"""
AGREES_HAN = r"(?:(?:好[的呀啊嘞]?|当然可?以?|没问题|可以|行|很?乐意[^，。！]{0,8})[，,。！!～~]+\s*)"
ASKS_BACK = one_of(
    (
        Opening(
            rf"{AGREES}(?:(?:but|first|just)[\s,]+)*(?:[^.!?\n]{{1,160}}\?\s*"
            r"|(?:(?:please|just|first|could\ you)\ )*(?:tell|give|send|share|let)\b[^.!?\n]{1,160}[.!]\s*){1,4}\Z",
            "Sure! What's the temperature?",
            "today's chat models, the details missing",
        ),
        Opening(
            r"[^\n]{0,200}\b(?:tell\ me|let\ me\ know|give\ me|share|send\ me|describe)\b[^.!?\n]{1,120}"
            r"\band\ i(?:['’]ll|\ will|\ can)\ (?:write|draft|help|make|put|get|do|start|take|turn|happily|gladly)\b",
            "Tell me the name and I'll write it.",
            "the same",
        ),
        Opening(
            rf"(?:{AGREES_HAN})?(?:不过)?(?:请问?|麻烦|能否|能不能|可以|能)?[您你]?(?:先|再)"
            r"(?:告诉我|说说|说一下|讲讲|介绍一下|描述一下|给我)[^。！？\n]{1,50}[。！？?]?\Z",
            "当然可以！先告诉我她叫什么？",
            "Qwen; DeepSeek, the details missing",
        ),
        Opening(
            r"[^\n]{0,60}(?:告诉我|说说|说一下|描述一下|介绍一下|发给我|提供一?下?)[^。！？\n]{0,30}[，,]"
            r"我(?:就|再|才|马上|立刻|会|好|来|可以)+(?:帮|为|给|替|写|开始|处理|动笔|能)",
            "把名字告诉我，我就帮您写。",
            "the same",
        ),
        Opening(
            rf"{AGREES_HAN}[^。！\n]{{1,60}}[?？]\Z",
            "好呀！同事叫什么名字？",
            "the same",
        ),
        Opening(
            r"(?:(?:which|what)\ \w+|(?:these|those|this|that)\ what|(?-i:[A-Z])\w{3,})\?"
            r"(?:\s*(?:(?:please|just)\ )?(?:give|tell|name|paste|send|share)\b[^.!?\n]{1,80}[.!])?\Z",
            "Which story? Give me the first lines.",
            "chat models, the input missing",
        ),
        Opening(
            r"(?:[^.!?\n]{1,40}[.!,—]\s*)?(?:please\ |just\ )?(?:paste|send|share|upload|drop)\ (?:it|them|your\ \w+)"
            r"\b[^.!?\n]{0,30}[.!]\Z",
            "Ready when you are. Paste it in!",
            "the same",
        ),
        Opening(
            r"(?:[\u4e00-\u9fff]{1,4}呢|“?这些?”?[^。！？\n]{0,4}指[^。！？\n]{1,6})[?？]\Z"
            r"|哪[一]?[个首篇段些句本][^。！？\n]{0,8}[?？](?:请|麻烦)?[^。！？\n]{1,14}(?:给我|过来|我)[。！]?\Z"
            r"|[^。！？\n]{0,10}[，,！]?[^。！？，\n]{0,6}(?:贴|发|传)(?:过来|给我|上来)吧?[。！]?\Z",
            "句子呢？",
            "the same",
        ),
    )
)
"""What is asked of the user, and nothing besides."""
NOT_TOLD = one_of(
    (
        Opening(
            r"\W*(?:(?:it\ (?:looks|seems)\ (?:like|that)|but|hm+|i\ think)[,\s]+)?you\ (?:have\ not|haven['’]t"
            r"|did\ not"
            r"|didn['’]t|never)\ (?:\w+\ ){0,2}?(?:told|tell|describ|mention|said|say|given|give|shar|provid|sent|send"
            r"|paste|specif|nam|includ|attach)\w*",
            "You haven't told me about a hotel yet.",
            "today's chat models, the input missing",
        ),
        Opening(
            r"\W*(?:there(?:['’]s|\ is|\ are)\ no|i\ (?:do\ not|don['’]t|can['’]t)\ see\ (?:an?|any|the|your))\ "
            r"(?:[\w-]+\ ){1,4}?(?:(?:in|with)\ your\ \w+|above|attached|here)\b",
            "There's no letter in your message.",
            "the same",
        ),
        Opening(
            r"(?:抱歉|不好意思|咦|嗯)?[，,]?(?:好像|似乎|看起来)?[您你](?:好像|似乎)?(?:还没有?|没有?|尚未|并没有|并未)"
            r"[^，。]{0,4}(?:说|介绍|描述|告诉|提到|提供|讲|给|附|发|指明)",
            "您还没有说是哪家餐厅呢。",
            "the same",
        ),
    )
)
"""What the user did not tell, though the task speaks of it."""
POINTS_BACK = re.compile(
    r"\bi (?:just |already )?(?:described|told|mentioned|gave|sent|shared|said|wrote|talked|attached|pasted)\b"
    r"|\b(?:above|below|following|attached|given|this|that|these|those|previous|earlier|my)\b"
    r"|刚才|上面|前面|上述|下面|以下|这[个家篇份封段位]|那[个家篇份封段位]|提到|说的|给你的|我的",
    re.IGNORECASE,
)
OPENS_TALK = re.compile(
    r"\W*(?:(?:hi|hello|hey)\W+)*(?:(?:can|could|would|will) (?:you|i)|i (?:need|want|have))\b|[你您]?(?:能|可以)帮|我",
    re.IGNORECASE,
)
"""What begins a talk, in which it is right to ask."""
WANTS_QUESTIONS = re.compile(
    r"\b(?:repl|respon|answer|ask|interview|quer(?:y|ies)|question|survey|dialog|conversation|chat|message|text (?:to|"
    r"message)|sms|tweet|invit|customer|waiter|agent)\w*|回复|回答|提问|问题|问|采访|对话|短信|消息|客服|邀请|聊天",
    re.IGNORECASE,
)
"""A task that a question answers."""
MISSING = re.compile(
    r"\W*(?:(?:but|well|oh|hm+|i['’]d be (?:glad|happy) to|i['’]d love to|sure|it (?:looks|seems) (?:like|that"
    r"|as if))[,\s]+){0,3}"
    r"(?:the|your|that|those|no) "
    r"(?P<what>[\w'’-]+)(?: [\w'’-]+){0,2}? (?:(?:appears?|seems?) (?:to be )?|(?:is|are|was|were|did|has|have|do|does)"
    r"(?:n['’]t| not)? ?)(?:been )?(?:\w+ly )?(?:missing|not here|in your \w+|empty|blank|attached|includ\w+"
    r"|come through"
    r"|here|there|provided|shared|pasted|given|specified|reach\w*|arrive\w*|show\w*)\b"
    r"|(?:抱歉|不好意思|咦|哎呀)?[，,]?(?P<han>[\u4e00-\u9fff]{2,8}?)(?:好像|似乎|看来|可能|并|还|都)*"
    r"(?:没有?|未)(?:发|附|传|贴|上传|显示|给|粘|成功|随)",
    re.IGNORECASE,
)
"""What is said not to be there, `what` or `han` being its name."""
NEGATED = re.compile(r"\b(?:missing|not|no|empty|blank)\b|n['’]t\b|没|未", re.IGNORECASE)
SAID = re.compile(r"\b(?:says?|said|says|line|words)\b|[说讲]什么|台词")
"""A task for what somebody says."""
