"""Answers that leave the task undone without an "I can't": they ask back, miss what was to be worked on, find the
request against a rule, or turn to something else.

They are short, hold nothing of what was asked for, and end there. One row a kind, with an example, in both languages.
"""

from __future__ import annotations

import re

from selfinstruct.text.later import later
from selfinstruct.text.refusals_en import Opening
from selfinstruct.text.requests import gives_role
from selfinstruct.text.tokens import tokens

__all__ = ["asks_back", "is_undone"]

FEW, FEW_HAN = 45, 70
"""Words, and Chinese characters, that an answer stays under which does nothing but decline."""
HAN = later("[\u3400-\u9fff]")
AGREES = r"""\W*(?:(?:sure(?:\ thing)?|of\ course|certainly|absolutely|gladly|no\ problem|okay|ok|great
    |happy\ to(?:\ help)?|i(?:['’]d|\ would)\ (?:love|be\ (?:happy|glad|delighted))\ to[^.!?\n,]{0,40})[.!,—–-]+\s*)"""
AGREES_HAN = r"(?:(?:好[的呀啊嘞]?|当然可?以?|没问题|可以|行|很?乐意[^，。！]{0,8})[，,。！!～~]+\s*)"


def _one_of(rows: tuple[Opening, ...]) -> re.Pattern[str]:
    return later("|".join(f"(?:{row.pattern})" for row in rows), re.IGNORECASE | re.VERBOSE)


ASKS_BACK = (
    Opening(
        rf"""{AGREES}(?:(?:but|first|just)[\s,]+)*(?:[^.!?\n]{{1,160}}\?\s*
            |(?:(?:please|just|first|could\ you)\ )*(?:tell|give|send|share|let|paste|provide|upload)\b[^.!?\n]{{1,160}}
                [.!]\s*){{1,4}}\Z
        |[^\n]{{0,200}}\b(?:tell\ me|let\ me\ know|give\ me|share|send\ me|describe|paste)\b[^.!?\n]{{1,120}}
            \band\ i(?:['’]ll|\ will|\ can)\ \w+
        |(?:(?:which|what)\ \w+|(?:these|those|this|that)\ what|(?-i:[A-Z])\w{{3,}})\?
            (?:\s*(?:(?:please|just)\ )?(?:give|tell|name|paste|send|share)\b[^.!?\n]{{1,80}}[.!])?\Z
        |(?:[^.!?\n]{{1,40}}[.!,—]\s*)?(?:please\ |just\ )?(?:paste|send|share|upload|drop)\ (?:it|them|your\ \w+)
            \b[^.!?\n]{{0,30}}[.!]\Z""",
        "Sure! What's the temperature?",
        "preference_en_155; alpaca_zh_1k in Chinese",
    ),
    Opening(
        rf"""(?:{AGREES_HAN})?(?:不过)?(?:请问?|麻烦|能否|能不能|可以|能)?[您你]?(?:先|再)
            (?:告诉我|说说|说一下|讲讲|介绍一下|描述一下|给我|发送|发给我|提供)[^。！？\n]{{1,50}}[。！？?]?\Z
        |[^\n]{{0,60}}(?:告诉我|说说|说一下|描述一下|介绍一下|发给我|提供一?下?)[^。！？\n]{{0,30}}[，,]
            我(?:就|再|才|马上|立刻|会|好|来|可以)+(?:帮|为|给|替|写|开始|处理|动笔|能)
        |{AGREES_HAN}[^。！\n]{{1,60}}[?？]\Z|请问[^。！\n]{{0,8}}哪[^。！\n]{{1,16}}[?？]\Z
        |(?:[\u4e00-\u9fff]{{1,4}}呢|“?这些?”?[^。！？\n]{{0,4}}指[^。！？\n]{{1,6}})[?？]\Z
        |哪[一]?[个首篇段些句本][^。！？\n]{{0,8}}[?？](?:请|麻烦)?[^。！？\n]{{1,14}}(?:给我|过来|我)[。！]?\Z
        |[^。！？\n]{{0,10}}[，,！]?[^。！？，\n]{{0,6}}(?:贴|发|传)(?:过来|给我|上来)吧?[。！]?\Z""",
        "当然可以！先告诉我她叫什么？",
        "alpaca_zh_1k_862, 894",
    ),
)
"""What is asked of the user, and nothing besides."""
NOT_THERE = (
    Opening(
        r"""\W*(?:(?:it\ (?:looks|seems)\ (?:like|that)|but|hm+|i\ think)[,\s]+)?
            (?:you\ (?:have\ not|haven['’]t|did\ not|didn['’]t|never)\ (?:\w+\ ){0,2}?(?:told|tell|describ|mention|said
                |say|given|give|shar|provid|sent|send|paste|specif|nam|includ|attach)\w*
            |(?:there(?:['’]s|\ is|\ are)\ no|i\ (?:do\ not|don['’]t|can['’]t)\ see\ (?:an?|any|the|your))
                \ (?:[\w-]+\ ){1,4}?(?:(?:in|with)\ your\ \w+|above|attached|here)\b
            |(?:the|your|that|those|no)\ (?:[\w'’-]+\ ){1,3}?(?:appears?|seems?|is|are|was|were|did|has|have|do|does)
                (?:n['’]t|\ not|\ to\ be)?\ (?:been\ )?(?:\w+ly\ )?(?:missing|(?<=n['’]t\ )here|(?<=not\ )here
                |empty|blank
                |(?<=n['’]t\ )(?:come|attach|includ|reach|arriv|show|provid|paste|share)|(?<=not\ )(?:come|attach|includ
                |reach|arriv|show|provid|paste|share)))""",
        "You haven't told me about a hotel yet.",
        "preference_en_155; alpaca_zh_1k in Chinese",
    ),
    Opening(
        r"""(?:抱歉|不好意思|咦|嗯|好的|哎呀)?[，,]?(?:不过)?(?:好像|似乎|看起来)?
            (?:[您你](?:好像|似乎)?(?:还没有?|没有?|尚未|并没有|并未)[^，。]{0,4}(?:说|介绍|描述|告诉|提到|提供|讲|给|附|发|指明)
            |[\u4e00-\u9fff]{2,8}?(?:好像|似乎|看来|可能|并|还|都)*(?:没有?|未)(?:发|附|传|贴|上传|显示|粘|成功|看到|内容|收到))""",
        "您还没有说是哪家餐厅呢。",
        "alpaca_zh_1k_280, 738",
    ),
)
"""What the user did not give, though the task speaks of it."""
AGAINST_RULES = (
    Opening(
        r"""\W*(?:(?:this|the|your|that|such)\ (?:\w+\ )?)?(?:request|prompt|question|query|topic|message
            |content|input|task
            |instruction)s?\b[^.!?\n]{0,60}?\b(?:violat\w+|goes?\ against|against\ (?:the|our|my)|breach\w*
            |denied|refused
            |rejected|declined|blocked|(?:not|n['’]t)\ (?:be\ )?(?:\w+\ )?(?:allowed|permitted|processed|fulfil+ed
            |supported|acceptable|appropriate|answered|completed)|can(?:not|['’]t)\ be\ \w+|falls?\ (?:under|outside)
            |inappropriate|harmful)
        |[^.!?\n]{3,120}\b(?:(?:is|are)(?:\ not|n['’]t)|will\ not|won['’]t|cannot|can['’]t)\ be\ \w+\ (?:here|by\ me)\b
        |[^.!?\n]{3,120}\b(?:is(?:\ not|n['’]t)|are(?:\ not|n['’]t)|would(?:\ not|n['’]t)\ be)\ (?:okay|ok|right
        |acceptable
            |appropriate|something\ (?:i|to)|my\ (?:style|thing|place|role|job|call))\b""",
        "This request goes against the content policy.",
        "garak's MitigationBypass",
    ),
    Opening(
        r"""(?:该|此|这[一个类种条段]?|[您你]的|相关|本|当前)?(?:个|类|项)?(?:请求|要求|话题|指令|输入|提问|问题)
            [^，。！？]{0,12}(?:违反|违规|违法|不合规|涉嫌|敏感|不当|有害|不符合|不被允许|暴力|色情)
        |[^。！？\n]{0,40}?(?:不予|已拒绝|予以拒绝|已被?(?:屏蔽|拦截)|不(?:能|会)被?|无法)
            (?:提供|生成|回答|处理|展示|显示|透露|响应|支持|协助|执行|答复)[。！!]?\Z""",
        "该请求涉及违规内容，无法提供。",
        "DeepSeek's filtered answer, as public code has it",
    ),
)
"""What a rule forbids, with nobody who says so."""
TURNS_AWAY = (
    Opening(
        r"""[^\n]{0,200}\b(?:let['’]s\ (?:not|(?:talk|chat|focus|try|pick|find|keep|stick|change|choose|look|move)\b)
            |(?:how\ about|why\ not|shall\ we|(?:would|could)\ you\ (?:like|prefer)|want|what\ about|can\ i
            |i\ can\ (?:\w+\ ){1,8})[^.!?\n]{0,100}\binstead\b)
        |[^.!?\n]{3,80}\b(?:is|are|would\ be|can\ be)\ (?:\w+\ )?(?:illegal|unlawful|a\ (?:serious\ |federal\ )?crime
            |a\ felony|against\ the\ law|fraud|theft|unethical|cheating)\b""",
        "Let's not go there.",
        "the refusal prefixes of GCG and SmoothLLM",
    ),
    Opening(
        r"""[^\n]{0,60}(?:换个?话题|换一个|聊聊?别的|不如(?:我们)?(?:聊|谈|换|来|说|试)|要不(?:我们)?(?:聊|换|来|试)
            |还是(?:别|不要)|我们(?:换|聊)|帮不(?:了(?:[您你]?(?:[，。！]|\Z)|忙)|上忙))
        |[^。！？\n]{2,30}(?:是|属于|涉嫌|构成|触犯)(?:严重)?的?[^，。！？]{0,6}(?:违法|犯罪|刑法|法律|不道德|侵权|作弊)""",
        "我们换个话题吧。",
        "DeepSeek's filtered answer, as public code has it",
    ),
)
"""Another thing in place of the one that was ordered, or what is wrong with it."""
_ASKS_BACK, _NOT_THERE, _AGAINST_RULES, _TURNS_AWAY = map(_one_of, (ASKS_BACK, NOT_THERE, AGAINST_RULES, TURNS_AWAY))

POINTS_BACK = later(
    r"\bi (?:just |already )?(?:described|told|mentioned|gave|sent|shared|said|wrote|talked|attached|pasted)\b"
    r"|\b(?:above|below|following|attached|given|this|that|these|those|previous|earlier|my|the)\b"
    r"|刚才|刚刚?列|上面|前面|上述|下面|以下|下列|这[个家篇份封段位些两几]|那[个家篇份封段位]|提到|说的|给你的|我的",
    re.IGNORECASE,
)
"""A task that speaks of what was to be given."""
OPENS_TALK = later(
    r"\W*(?:(?:hi|hello|hey)\W+)*(?:(?:can|could|would|will) (?:you|i)|i (?:need|want|have))\b|[你您]?(?:能|可以)帮|我",
    re.IGNORECASE,
)
"""What begins a talk, in which it is right to ask."""
WANTS_QUESTIONS = later(
    r"\b(?:repl|respon|answer|ask|interview|quer(?:y|ies)|question|survey|dialog|conversation|chat|message|text (?:to|"
    r"message)|sms|tweet|invit|customer|waiter|agent)\w*|回复|回答|提问|问题|问|采访|对话|短信|消息|客服|邀请|聊天",
    re.IGNORECASE,
)
"""A task that a question answers."""
DIRECTED = later(
    r"\A\W*(?:(?:please|can you|could you|now|hey)\W+)*(?:write|compose|draft|create|generate|make|tell|give|show"
    r"|teach|help|explain how|describe how|how (?:do|can|could|would|to)|list|provide|insult|agree|say|convince"
    r"|come up|invent|produce|outline|design|build|find|hack|steal|sing|play|prove|argue|confirm|admit"
    r"|what is the (?:best|easiest) way)\b"
    r"|\A\W*(?:请|帮|给|替|写|教|讲|编|说|骂|怎[么样]|如何|告诉|生成|同意|承认|证明|夸|查|列|做|设计|制[作造]|播放|唱"
    r"|我(?:想|要)|有什么办法)",
    re.IGNORECASE,
)
"""A task that orders something, or asks how it is done."""
SUGGESTS = later(
    r"\b(?:suggest|recommend|idea|alternative|advice|tips?|replac|substitut|why|should|law|legal|illegal|crime|fact"
    r"|example|difference|avoid|protect|prevent|report|debate|opinion|essay|argument|scene|story|poem|song"
    r"|dialogue|e-?mail|letter|message|repl(?:y|ies)|speech|invitation|slogan|tweet|post|sentence|toast|script"
    r"|invite|propose|plan|lesson|activit|conversation|chat|text|notice|error)\w*"
    r"|建议|推荐|为什么|应该|法律|违法|犯罪|例|区别|避免|防|举报|辩|看法|作文|故事|诗|对话|邮件|信|回复|演讲|邀请|口号"
    r"|句子|造句|例句|计划|活动|介绍|解释|识别|应对|辨别|识破|文章|文案|短信|怎么办|提示|通知",
    re.IGNORECASE,
)
"""A task for which another thing, or a word about a rule, is an answer."""


def is_undone(answer: str, asked: str) -> bool:
    """Whether a short answer asks back, names a rule, turns away or misses the input, and does nothing else.

    `asked` is the task with its input. Words in a role, and other things where others are wanted, are not that.
    """
    answer = answer.strip()
    if _is_longer(answer) or "\n\n" in answer or gives_role(asked):
        return False
    if asks_back(answer) and not WANTS_QUESTIONS.search(asked) and not OPENS_TALK.match(asked):
        return True
    if "\n" in asked:
        return False
    if _NOT_THERE.match(answer) and POINTS_BACK.search(asked):
        return True
    if not DIRECTED.match(asked) or SUGGESTS.search(asked):
        return False
    return bool(_AGAINST_RULES.match(answer) or _TURNS_AWAY.match(answer))


def asks_back(answer: str) -> bool:
    """Whether it agrees and asks for more, or says what it will do once it is told more."""
    return _ASKS_BACK.match(answer.strip()) is not None and not _is_longer(answer)


def _is_longer(answer: str) -> bool:
    return len(tokens(answer)) >= (FEW_HAN if len(HAN.findall(answer)) * 2 > len(answer) else FEW)
