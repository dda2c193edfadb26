"""What tells a refusal from words that were asked for, from sympathy, from a mistake put right, and from an answer.

Patterns of the task, and of how an answer begins, in English and Chinese.
"""

from __future__ import annotations

import re

from selfinstruct.text.later import later

__all__ = [
    "ABOUT_IT",
    "ABOUT_WORDS",
    "CORRECTED",
    "CORRECTS",
    "DIALOGUE",
    "DIRECTS",
    "DISCLAIMS",
    "HEDGED",
    "HOW",
    "ITEM",
    "LETTER",
    "LIMITS",
    "LISTED",
    "LONE",
    "OFFERED",
    "QUOTES",
    "REPEATED",
    "REPEATED_EXAMPLE",
    "RUEFUL",
    "SPEAKER",
    "SYMPATHY",
    "TOLD",
    "YOUR_LIMITS",
]

ABOUT_IT = later(
    r"\b(?:sorry|apolog\w+|refus\w+|declin\w+|reject\w*|turn(?:s|ed|ing)?\ down)\b"
    "|道歉|致歉|抱歉|歉意|对不起|拒绝|婉拒|谢绝|推辞|回绝",
    re.IGNORECASE,
)
"""A task about such words: the answer may be made of them."""
REPEATED = later(
    r"\b(?:translat\w+|quot\w+|rephras\w+|what (?:do|does|would|should|might)\b.{0,30}\b(?:say|answer|reply)|robot"
    r"|chatbots?"
    r"|(?:assistant|model)s? (?:usually |often )?(?:says?|answers?|replies|refuses)|example)\b|翻译|译成"
    r"|助手.{0,8}(?:说|拒绝)|续写|造句",
    re.IGNORECASE,
)
"""A task whose answer repeats somebody's refusal."""
REPEATED_EXAMPLE = later(
    r"\bexamples? of (?:an?|how|the)\b.{0,40}\b(?:notice|message|repl|respon|answer|chatbot|assistant|refus)",
    re.IGNORECASE,
)
SYMPATHY = later(
    r"sorry (?:to hear|for your|about|you|that you|for "
    r"the (?:mis|con))|(?:抱歉|遗憾)(?:听到|听说|得知)|"
    r"听到[^，。]{0,8}(?:抱歉"
    r"|遗憾)",
    re.IGNORECASE,
)
DIALOGUE = later(r"[\"“「『][^\"”」』\n]{1,200}[\"”」』][,，.。]?\s?\w")
"""Somebody says it, and the story goes on."""
YOUR_LIMITS = later(
    r"\bi(?: am|['’]m) not\b|\bi (?:do not|don['’]t|never|am never)\b|\b(?:you|one|i|we|they) (?:can(?:no|"
    r"['’])t|can not|could(?:n['’]t| not)|won['’]t)\b|你(?:不能|无法|没有|不会)",
    re.IGNORECASE,
)
"""A task about what somebody cannot do."""
ABOUT_WORDS = later(
    r"\b(?:words?|spell|synonyms?|antonyms?|meaning|unscramble|anagram|rhymes?)\b|(?<![歌台悼致贺祝])词|字"
)
"""A word may answer it."""
TOLD = later(
    r"\W*(?:i|i['’](?:m|ve|d)|my|we|our|(?:can|could|may|should|is it (?:ok|possible)\b.{0,20}\b)\s?(?:i|"
    r"we|one|a|the|my)?)\b|\W*(?:我(?![^。！]{0,16}(?:什么|谁|哪|几|多少))|咱|[^，。？]{0,12}(?:能|可以|可不可以)[^，。？]{0,16}(?:吗|么))",
    re.IGNORECASE,
)
"""What somebody tells of himself, or asks whether he may do."""
LIMITS = later(
    r"\b(?:what|which|list|name|describe|things?|tell)\b.{0,40}\byou(?:['’]re| are)? (?:can(?:no|['’])t|"
    r"can not|not able|unable|not (?:do|good))"
    r"|\bwhat (?:can['’]t|are you (?:not able|unable)|aren['’]t you)\b|\byour (?:own )?(?:limit\w*|"
    r"weaknesses|shortcomings)"
    r"|你们?(?:有?(?:哪些|什么))?[^，。]{0,4}(?:做不[到了]|不能做|局限|不足|"
    r"缺点)|你们?(?:有?(?:哪些|什么))[^，。]{0,6}(?:不能|不会|无法)",
    re.IGNORECASE,
)
"""A task about what the model cannot do."""
HEDGED = later(
    r"[^.!?\n]{0,60}?(?:\b(?:not|no|cannot|without|lack)|n['’]t)\b[^.!?\n]{0,30}?\b(?:exact\w*|precise\w*|"
    r"certain\w*|(?:fully|completely|entirely|totally|absolutely|100%) sure|sure|definitive\w*"
    r"|tastes?|preferences?|opinions?|favou?rites?|feelings|emotions|beliefs|experiences?|real-time|live|"
    r"up-to-date|today['’]s|current|latest|figures?|know|see|(?:tell|say|predict|promise|guarantee|decide)(?! you how"
    r"| how))\b[^.!?\n]{0,40}?"
    r"(?:[,;.—–-]\s*|\s)(?:but|however|though|that said|still|nevertheless|yet)\b,?\s*"
    r"|[^。！？\n]{0,24}?(?:没有?|无法|不能|不敢|难以|[看尝闻听摸感说猜给]不[到出了准]|不(?=了解|知道|清楚|确定))"
    r"[^。！？\n]{0,10}?(?:确切|准确|具体|味道|精确|完全确定|肯定|口味|喜好|偏好|个人观点|知道|清楚|了解|看到|决定|预测|保证|"
    r"看法|情感|感情|实时|最新|今天|当前|"
    r"统一|绝对)[^。！？\n]{0,16}?[，,。；]\s*"
    r"(?:但是?|不过|然而|可是|粗略|大致|估计|大概|通常|一般|就目前|目前)",
    re.IGNORECASE,
)
"""A word about what is not known for certain, or not liked or felt by a model, before what may be an answer."""
LISTED = later(r"\A[^.!?。！？\n]{0,60}[:：]\s*\S.{7}|(?:^|\n)[ \t]?(?:1[.、)]|[-*•])[ \t]?\S", re.DOTALL)
OFFERED = later(
    r"\W*(?:thank|how (?:can|may) i|what (?:can|may) i|is there|i(?:['’]d| can| could| would be| am|['’]m"
    r"|['’]ll)\b(?! (?:say|pick|choose|guess|go with|"
    r"estimate|put))|you\b|please|let me know|if you|could|would you|feel free|it['’]?s? (?:best|not)|in "
    r"general"
    r"|(?:我)?(?:可以|能|很?愿意|会|建议|乐意)|[您你]|如果|请|建议|若)",
    re.IGNORECASE,
)
"""What comes instead: an offer, or advice where to ask."""
HOW = later(
    r"\W*(?:how|what (?:is|are) the (?:steps|way)|" r"where|steps)\b|[^。？]{0,12}(?:怎么|如何|怎样|步骤|流程)",
    re.IGNORECASE,
)
DIRECTS = later(
    r"(?:just|please|kindly|simply|first|you|go|could|paste|share|provide|send|upload|attach|post|include|"
    r"list|copy|give|tell|show)\b|请|麻烦|[您你]|需要|可以",
    re.IGNORECASE,
)
"""An answer to how something is done may tell to provide, send or paste."""
CORRECTED = later(
    r"\W*(?:wrong|no[,.!]|incorrect|you(?:['’]re| are| forgot| mis\w+| made| missed| said)\b|(?:(?:the|that|this|"
    r"but) [^.?!\n]{0,30}\b)?you (?:gave|said|made|wrote|told|mixed|forgot|missed|used|counted|listed|"
    r"swapped)\b|your (?:[\w']+ ){1,4}(?:typo|mistake|error|bug|wrong)|you (?:\w+ ){1,4}(?:wrong|twice"
    r"|incorrectly)\b|you (?:did not|didn['’]t|haven['’]t|have "
    r"not)\b|(?:think|try|guess) again|are you (?:sure|certain)|(?:(?:hm+|um|wait|oh)\W{1,3})?really\b|"
    r"check (?:again|it)|that['’]?s (?:wrong|not)|i (?:think|meant|said|asked)\b"
    r"|it still|the code still|still\b"
    r"|错|[^，。]{0,4}错了|不对|不是|我要的|再[想试]|真的[吗么]|你(?:[数写算说翻拼看]了|给的|说的|写的|算的|"
    r"把[^，。]{1,10}[混错反漏颠]|确定|再(?:看|算|检查)|肯定|漏|错|弄|算|搞|"
    r"[^，。]{0,10}错)|[^，。]{0,6}还是)",
    re.IGNORECASE,
)
"""What the user says of an answer before: what follows is no refusal, but puts it right."""
CORRECTS = later(
    r"\b(?:my (?:mistake|bad|error)|you(?:['’]re| are) right|i (?:mixed|mis\w+|made an? (?:mistake|error)|"
    r"got (?:it|that|them) wrong)|for the (?:mistake|error|mix-?up)|not quite)\b"
    r"|(?:说|算|弄|搞|写|看|记|理解)错|[弄搞]混|疏忽|[您你]说得对|差一点",
    re.IGNORECASE,
)
"""What somebody says who puts a mistake right."""
DISCLAIMS = later(
    r"i(?:['’]m| am) not an? (?:\w+ )?(?:lawyer|doctor|attorney|physician|vet|expert|professional)"
    r"|我不是(?:医生|律师|专业)",
    re.IGNORECASE,
)
"""What may follow an answer, and is a refusal only where it comes first."""
ITEM = later(r"\W*(?:\d+|[-*•])[.、)）]?\s")
"""How a list begins."""
LETTER = later(r"\W*(?:dear |(?:hi|hello|hey) (?!there)(?-i:[A-Z])|尊敬的(?!用户)|亲爱的)", re.IGNORECASE)
"""How a letter begins."""
SPEAKER = later(
    r"\W*(?!Note|Sorry|Missing|Request|Error|Unable|抱歉|很抱歉|拒绝|无法)(?:[A-Z][\w .]{0,20}:\s|"
    r"[\u4e00-\u9fff]{1,6}[：:])"
)
"""How a dialogue begins."""
QUOTES = later(r"[\"“「‘](?:[^\"”」]{12}|[^\"”」]*[\"”」]?\W*\Z)")
"""Somebody speaks; a word in quotation marks may stand before anything."""
LONE = later(
    r"\b(?:poems?|haikus?|limericks?|eulog(?:y|ies)|essays?|novels?|jokes?|stor(?:y|ies)|tales?|fables?|songs?|lyrics?"
    r"|sonnets?|(?:letters? of )?recommendations?(?: letters?)?|reference letters?|biograph(?:y|ies)|bios?|paragraphs?"
    r"|speech(?:es)?)\b(?: (?:about|for|in|on|of) [^.?!\n]{0,60})?"
    r"|\b(?:who\b[^.?!\n]{0,40}\b(?:notes?|letters?|messages?))\b"
    r"|(?:[给替帮为][^，。]{1,6})?(?:写|讲|编|续写|来"
    r"|用[^，。]{1,6}写)?(?:一?[封首篇段个则份])?(?:关于[^，。]{1,12}的)?"
    r"(?:推荐信|诗歌?(?![歌奖集社会])|歌词|笑话|故事|作文|悼词|文章|传记)",
    re.IGNORECASE,
)
"""Texts that speak to nobody, and so do not begin by saying sorry."""
RUEFUL = later(
    r"\b(?:regret|forgiv|guilt|late|remorse|miss(?:ed|ing)|break[- ]?up|apolog|sorry)\w*|后悔|原谅|愧|迟|分手|遗憾"
    r"|道歉",
    re.IGNORECASE,
)
