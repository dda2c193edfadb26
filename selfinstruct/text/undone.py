"""Answers that leave the task undone without an "I can't": they ask back, find the request against a rule, turn to
something else, or say that what was to be worked on is not there.

They are short, hold nothing of what was asked for, and end there. One table for each, of the whole start of an answer.
"""

from __future__ import annotations

import re

from selfinstruct.text.refusals_en import Opening
from selfinstruct.text.requests import gives_role, wants_speech
from selfinstruct.text.tokens import tokens

__all__ = ["asks_back", "is_undone", "leaves_letter", "without_lone"]

FEW, FEW_HAN = 45, 70
"""Words, and Chinese characters, that an answer stays under which does nothing but decline."""
HAN = re.compile("[\u3400-\u9fff]")


def _any(rows: tuple[Opening, ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{row.pattern})" for row in rows), re.IGNORECASE | re.VERBOSE)


AGREES = r"""\W*(?:(?:sure(?:\ thing)?|of\ course|certainly|absolutely|gladly|no\ problem|okay|ok|great|happy\ to(?:\ help)?
    |i(?:['’]d|\ would)\ (?:love|be\ (?:happy|glad|delighted))\ to[^.!?\n,]{0,40})[.!,—–-]+\s*)"""
AGREES_HAN = r"(?:(?:好的?|当然可?以?|没问题|可以|行|很?乐意[^，。！]{0,8})[，,。！!～~]+\s*)"
ASKS_BACK = _any(
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
    )
)
"""What is asked of the user, and nothing besides."""
NOT_TOLD = _any(
    (
        Opening(
            r"\W*(?:(?:it\ (?:looks|seems)\ (?:like|that)|but|hm+|i\ think)[,\s]+)?you\ (?:have\ not|haven['’]t|did\ not"
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
REQUEST = r"(?:request|prompt|question|query|topic|message|content|input|task|instruction)s?"
AGAINST_RULES = _any(
    (
        Opening(
            rf"\W*(?:(?:this|the|your|that|such)\ (?:\w+\ )?|)(?:{REQUEST})\b[^.!?\n]{{0,60}}?"
            r"\b(?:violat\w+|goes?\ against|against\ (?:the|our|my)|breach\w*|denied|refused|rejected|declined|blocked"
            r"|(?:not|n['’]t)\ (?:be\ )?(?:\w+\ )?(?:allowed|permitted|processed|fulfil+ed|supported|acceptable"
            r"|appropriate|answered|completed)|cannot\ be\ \w+ed|falls?\ (?:under|outside)|inappropriate|harmful)",
            "This request goes against the content policy.",
            "filters of hosted models",
        ),
        Opening(
            r"[^.!?\n]{3,120}\b(?:(?:is|are|will)(?:\ not|n['’]t)|won['’]t|will\ never|cannot|can['’]t)\ "
            r"(?:be\ |something\ (?:that\ )?(?:will|can|gets?|is)\ (?:be\ )?)?"
            r"(?:produced|shared|provided|given|written|created|generated|offered|discussed|assisted\ with|disclosed"
            r"|supported)(?:\ (?:out\ )?(?:here|by\ me|on\ this|in\ this\ chat)|[.!]|\Z)",
            "Home addresses aren't shared here.",
            "gpt-oss",
        ),
        Opening(
            r"(?:该|此|这[一个类种条段]?|[您你]的|相关|本|当前)?(?:个|类|项)?(?:请求|要求|内容|问题|话题|指令|输入|提问|信息)"
            r"[^，。！？]{0,12}(?:违反|违规|违法|不合规|涉嫌|涉及|敏感|不当|有害|不符合|不被允许)",
            "该请求涉及违规内容，无法提供。",
            "hosted Chinese models",
        ),
        Opening(
            r"[^。！？\n]{0,40}?(?:不予|已拒绝|予以拒绝|已被?(?:屏蔽|拦截)|不(?:能|会)被?|无法)"
            r"(?:提供|生成|回答|处理|展示|显示|透露|响应|支持|协助|执行|答复)[。！!]?\Z",
            "内容不合规，已拒绝生成。",
            "hosted Chinese models",
        ),
    )
)
"""What a rule forbids, with nobody who says so."""
DIRECTED = re.compile(
    r"\A\W*(?:(?:please|can you|could you|now|hey)\W+)*(?:write|compose|draft|create|generate|make|tell|give|show"
    r"|teach|help|explain how|describe how|how (?:do|can|could|would|to)|list|provide|insult|agree|say|convince"
    r"|come up|invent|produce|outline|design|build|find|hack|steal|sing|play|prove|argue|confirm|admit"
    r"|what is the (?:best|easiest) way)\b"
    r"|\A\W*(?:请|帮|给|替|写|教|讲|编|说|骂|怎[么样]|如何|告诉|生成|同意|承认|证明|夸|查|列|做|设计|制[作造]|播放|唱"
    r"|我(?:想|要)|有什么办法)",
    re.IGNORECASE,
)
"""A task that orders something, or asks how it is done."""
TURNS_AWAY = _any(
    (
        Opening(
            r"[^\n]{0,200}\b(?:let['’]s\ (?:not|(?:talk|chat|focus|try|pick|find|keep|stick|change|choose|look|move)\b)"
            r"|(?:how\ about|why\ not|shall\ we|(?:would|could)\ you\ (?:like|prefer)|want|what\ about|can\ i"
            r"|i\ can\ (?:\w+\ ){1,8})[^.!?\n]{0,100}\binstead\b)",
            "Let's not go there.",
            "today's chat models",
        ),
        Opening(
            r"[^.!?\n]{3,80}\b(?:is(?:\ not|n['’]t)|are(?:\ not|n['’]t))\ "
            r"(?:my\ (?:style|thing|place|role|job|call)|okay|ok|right|cool|funny|acceptable|something\ to)\b",
            "Insulting people isn't my style.",
            "today's chat models",
        ),
        Opening(
            r"[^.!?\n]{3,80}\b(?:is|are|would\ be|can\ be)\ (?:\w+\ )?(?:illegal|unlawful|a\ (?:serious\ |federal\ )?crime"
            r"|a\ felony|against\ the\ law|fraud|theft|unethical|cheating)\b",
            "Forging prescriptions is a crime.",
            "today's chat models",
        ),
        Opening(
            r"[^\n]{0,60}(?:换个?话题|换一个|聊聊?别的|不如(?:我们)?(?:聊|谈|换|来|说|试)|要不(?:我们)?(?:聊|换|来|试)"
            r"|还是(?:别|不要)|我们(?:换|聊))",
            "我们换个话题吧。",
            "Qwen; DeepSeek",
        ),
        Opening(
            r"[^。！？\n]{2,30}(?:是|属于|涉嫌|构成|触犯)(?:严重)?的?[^，。！？]{0,6}(?:违法|犯罪|刑法|法律|不道德|侵权|作弊)",
            "制造假币属于违法行为，请遵守法律。",
            "Qwen; DeepSeek",
        ),
        Opening(
            r"[^。！？\n]{0,40}(?:帮不了?[上您你]|不认同|不赞同|不同意)[^。！？\n]{0,30}",
            "这种事我帮不上忙。",
            "Qwen; DeepSeek",
        ),
    )
)
"""Another thing in place of the one that was ordered, or what is wrong with it."""
SUGGESTS = re.compile(
    r"\b(?:suggest|recommend|idea|alternative|advice|tips?|replac|substitut|why|should|law|legal|illegal|crime|fact"
    r"|example|difference|avoid|protect|prevent|report|debate|opinion|essay|argument|scene|story|poem|song"
    r"|dialogue|e-?mail|letter|message|repl(?:y|ies)|speech|invitation|slogan|tweet|post|sentence|toast|script"
    r"|invite|propose|plan|lesson|activit|conversation|chat|text)\w*"
    r"|建议|推荐|为什么|应该|法律|违法|犯罪|例|区别|避免|防|举报|辩|看法|作文|故事|诗|对话|邮件|信|回复|演讲|邀请|口号"
    r"|句子|造句|例句|计划|活动|介绍|解释|识别|应对|辨别|识破|文章|文案|短信|怎么办",
    re.IGNORECASE,
)
"""A task for which another thing, or a word about the law, is an answer."""
WANTS_QUESTIONS = re.compile(
    r"\b(?:repl|respon|answer|ask|interview|quer(?:y|ies)|question|survey|dialog|conversation|chat|message|text (?:to|"
    r"message)|sms|tweet|invit|customer|waiter|agent)\w*|回复|回答|提问|问题|问|采访|对话|短信|消息|客服|邀请|聊天",
    re.IGNORECASE,
)
"""A task that a question answers."""
MISSING = re.compile(
    r"\W*(?:(?:but|well|oh|hm+|it (?:looks|seems) (?:like|that|as if))[,\s]+)?(?:the|your|that|those|no) "
    r"(?P<what>[\w'’-]+)(?: [\w'’-]+){0,2}? (?:(?:appears?|seems?) (?:to be )?|(?:is|are|was|were|did|has|have|do|does)"
    r"(?:n['’]t| not)? ?)(?:been )?(?:\w+ly )?(?:missing|not here|empty|blank|attached|includ\w+|come through"
    r"|here|there|provided|shared|pasted|given|specified|reach\w*|arrive\w*|show\w*)\b"
    r"|(?:抱歉|不好意思|咦|哎呀)?[，,]?(?P<han>[\u4e00-\u9fff]{2,8}?)(?:好像|似乎|看来|可能|并|还|都)*"
    r"(?:没有?|未)(?:发|附|传|贴|上传|显示|给|粘|成功|随)",
    re.IGNORECASE,
)
"""What is said not to be there, `what` or `han` being its name."""
NEGATED = re.compile(r"\b(?:missing|not|no|empty|blank)\b|n['’]t\b|没|未", re.IGNORECASE)
LONE = re.compile(
    r"\b(?:poems?|haikus?|limericks?|eulog(?:y|ies)|essays?|jokes?|stor(?:y|ies)|tales?|fables?|songs?|lyrics?"
    r"|sonnets?|(?:letters? of )?recommendations?(?: letters?)?|reference letters?|biograph(?:y|ies)|bios?|paragraphs?"
    r"|slogans?|captions?|speech(?:es)?)\b(?: (?:about|for|in|on|of) [^.?!\n]{0,60})?"
    r"|\b(?:who\b[^.?!\n]{0,40}\b(?:notes?|letters?|messages?))\b"
    r"|(?:[给替帮为][^，。]{1,6})?(?:写|讲|编|续写|来|用[^，。]{1,6}写)?(?:一?[封首篇段个则份])?(?:关于[^，。]{1,12}的)?"
    r"(?:推荐信|诗歌?(?![歌奖集社会])|歌词|笑话|故事|作文|悼词|文章|传记)",
    re.IGNORECASE,
)
"""Texts that speak to nobody, and so do not begin by saying sorry."""
RUEFUL = re.compile(
    r"\b(?:regret|forgiv|guilt|late|remorse|miss(?:ed|ing)|break[- ]?up|apolog|sorry)\w*|后悔|原谅|愧|迟|分手|遗憾|道歉",
    re.IGNORECASE,
)
MODEL_SORRY = _any(
    (
        Opening(
            r"[^\n]{0,60}?\bi\ (?:do\ not|don['’]t|won['’]t|will\ not|cannot|can['’]t|would\ rather\ not)\ (?:\w+\ ){0,3}?"
            r"(?:write|draft|compose|produce|generate|recommend|vouch|know\ (?:you|your|the|enough|him|her|them)|have"
            r"\ (?:any|enough|the)\ (?:details|information|context|facts))",
            "Sorry, I don't write letters for others.",
            "chat models, a letter wanted",
        ),
        Opening(
            r"[^\n]{0,60}?(?:what\ happened\?|i(?:['’]d|\ would|['’]ll)?\ need\ (?:\w+\ ){0,3}(?:details|information"
            r"|context|facts|more|first)|as\ an\ (?:ai|assistant)|\bserver\b|out\ of\ (?:memory|tokens)|timed?[\ -]?out"
            r"|\berror\ occurred|try\ again\ later|going\ (?:\w+\ )?wrong\ on\ my\ end)",
            "Sorry, I need the details first.",
            "chat models, a letter wanted; servers",
        ),
        Opening(
            r"[^。\n]{0,30}?(?:不(?:替|帮|给|为|代)[^，。]{0,6}(?:写|拟)|(?:对|和)[您你][^，。]{0,8}(?:不|没)|还?不(?:知道|了解|清楚)"
            r"[您你他她它](?:的)?|请(?:先)?告诉我|(?:服务器|系统|网络|线路)[^，。]{0,8}(?:繁忙|错误|异常|超时|出错|中断|故障)"
            r"|人工智能|稍后(?:再试|重试))",
            "抱歉，我对您还不够了解。",
            "chat models, a letter wanted; servers",
        ),
    )
)
"""What the model says of itself, after a sorry, where somebody's words were wanted."""
DISAGREES = re.compile(
    r"(?:抱歉[，,])?我(?:并|完全|实在)?不(?:认同|赞同|同意)[^。！？\n]{0,30}[，,](?:也|更|所以|因此|并)?(?:不会|不能|不想|不愿|拒绝)"
)
"""Who does not agree, and does not say it."""
BREAKDOWN = re.compile(r"\b(?:notices?|errors?|outage|server|downtime|website)\b|公告|通知|服务|系统|提示|中断", re.IGNORECASE)
"""A task that wants words about something broken."""
SAYS_SORRY = re.compile(
    r"\W*(?:(?:oops|oh|well|节哀|真|很|非常|实在|i['’]?a?m|i am|so|very|really|my|i)[\s,，!]*)*"
    r"(?:sorry|apologies|apologi[sz]e|抱歉|对不起|不好意思)",
    re.IGNORECASE,
)


def is_undone(answer: str, asked: str) -> bool:
    """Whether a short answer asks back, names a rule, turns away or misses the input, and does nothing else.

    `asked` is the task with its input. Words in a role, and other things where others are wanted, are not that.
    """
    if _is_longer(answer) or "\n\n" in answer.strip() or gives_role(asked) or "example" in asked.lower():
        return False
    answer = answer.strip()
    if asks_back(answer) and not WANTS_QUESTIONS.search(asked):
        return True
    if NOT_TOLD.match(answer) and POINTS_BACK.search(asked) and "\n" not in asked:
        return True
    if _names_what_is_missing(answer, asked):
        return True
    if DISAGREES.match(answer) or (wants_speech(asked) and leaves_letter(answer, asked)):
        return True
    if not DIRECTED.match(asked) or "\n" in asked:
        return False
    return bool(AGAINST_RULES.match(answer)) or (
        not SUGGESTS.search(asked) and TURNS_AWAY.match(answer) is not None
    )


def asks_back(answer: str) -> bool:
    """Whether it agrees and asks for more, or says what it will do once it is told more."""
    return ASKS_BACK.match(answer.strip()) is not None and not _is_longer(answer)


def leaves_letter(answer: str, asked: str) -> bool:
    """Whether a sorry where a letter was wanted is the model's own: it names what it does not write, or know."""
    if _is_longer(answer) or "\n" in answer.strip() or BREAKDOWN.search(asked) or "\n" in asked or gives_role(asked):
        return False
    return SAYS_SORRY.match(answer) is not None and MODEL_SORRY.match(answer) is not None


def without_lone(asked: str) -> str:
    """The task without the words for texts that speak to nobody, unless it is about regret."""
    return asked if RUEFUL.search(asked) else LONE.sub("…", asked)


def _names_what_is_missing(answer: str, asked: str) -> bool:
    found = MISSING.match(answer)
    if not found or "\n" in asked or not NEGATED.search(found[0]):
        return False
    han = found["han"]
    return han in asked if han else found["what"].lower() in tokens(asked)


def _is_longer(answer: str) -> bool:
    return len(tokens(answer)) >= (FEW_HAN if len(HAN.findall(answer)) * 2 > len(answer) else FEW)
