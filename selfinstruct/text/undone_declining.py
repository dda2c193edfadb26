"""How answers begin that decline without an I cannot, in English and Chinese, and the tasks to which they do."""

from __future__ import annotations

import re

from selfinstruct.text.refusals_en import Opening
from selfinstruct.text.undone_asking import one_of

__all__ = [
    "ABOUT_LAW",
    "ACTS",
    "AGAINST_RULES",
    "BREAKDOWN",
    "DIRECTED",
    "DISAGREES",
    "JUDGED",
    "LONE",
    "MODEL_SORRY",
    "NOT_DONE",
    "RUEFUL",
    "SAYS_SORRY",
    "SUGGESTS",
    "TURNS_AWAY",
    "WRITTEN",
]

REQUEST = r"(?:request|prompt|question|query|topic|message|content|input|task|instruction)s?"
AGAINST_RULES = one_of(
    (
        Opening(
            rf"\W*(?:(?:this|the|your|that|such)\ (?:\w+\ )?|)(?:{REQUEST})\b[^.!?\n]{{0,60}}?"
            r"\b(?:violat\w+|goes?\ against|against\ (?:the|our|my)|breach\w*|denied|refused|rejected|declined|blocked"
            r"|(?:not|n['’]t)\ (?:be\ )?(?:\w+\ )?(?:allowed|permitted|processed|fulfil+ed|supported|acceptable"
            r"|appropriate|answered|completed)|can(?:not|['’]t)\ be\ \w+|falls?\ (?:under|outside)|inappropriate"
            r"|harmful)",
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
            r"(?:该|此|这[一个类种条段]?|[您你]的|相关|本|当前)?(?:个|类|项)?(?:(?:请求|要求|话题|指令|输入"
            r"|提问)[^，。！？]{0,8}"
            r"(?:违反|违规|违法|不合规|涉嫌|敏感|不当|有害|不符合|不被允许|违法|暴力|色情)"
            r"|(?:内容|信息|问题)[^，。！？]{0,12}(?:违|不合规|敏感|不当"
            r"|有害)[^，。！？]{0,8}[，,][^。！？]{0,6}(?:无法|不能|不予|拒绝|已))",
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
TURNS_AWAY = one_of(
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
            r"[^.!?\n]{3,80}\b(?:is|are|would\ be|can\ be)\ (?:\w+\ )?(?:illegal|unlawful|a\ (?:serious\ "
            r"|federal\ )?crime"
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
            r"[^。！？\n]{2,30}(?:是|属于|涉嫌|构成|触犯)(?:严重)?的?[^，。！？]{0,6}(?:违法|犯罪|刑法|法律|不道德"
            r"|侵权|作弊)",
            "制造假币属于违法行为，请遵守法律。",
            "Qwen; DeepSeek",
        ),
        Opening(
            r"[^。！？\n]{0,40}(?:(?:这|那)[^，。！？]{1,8}帮不了?上?|不认同|不赞同|不同意)[^。！？\n]{0,30}",
            "这种事我帮不上忙。",
            "Qwen; DeepSeek",
        ),
        Opening(
            r"[^\n]{3,120}(?:[.!]\ no(?:pe)?[.!]|[，。！]不(?:行|可以|写|干)[。！])\Z"
            r"|[^\n]{0,120}\b(?:not|n['’]t)\b[^.!?\n]{0,40}\b(?:chatbots?|language\ models?|an\ ai|assistants?)\b"
            r"|[^\n]{0,60}不[^。！？\n]{0,8}(?:聊天机器人|语言模型|人工智能|AI)",
            "Hidden keyloggers are spyware. No.",
            "small instruct models",
        ),
    )
)
"""Another thing in place of the one that was ordered, or what is wrong with it."""
JUDGED = one_of(
    (
        Opening(
            r"(?-i:[A-Z])[\w-]+\b[^.!?:\n]{2,80}?\b(?:illegal\w*|crimes?|criminal|against\ the\ law|trouble|harm\w*"
            r"|hurts?|dangerous|danger"
            r"|infring\w*|violat\w*|invad\w*|invasion|breaks?\ trust|unethical|wrong|theft|fraud|consequences|risky"
            r"|copyright|dishonest|cruel|unfair|cheating|backfire|damag\w*|mislead\w*|in\ court|jail|spyware|decei\w*"
            r"|bullying)\b",
            "Spying on a partner breaks trust.",
            "today's chat models",
        ),
        Opening(
            r"[^，。！？\n]{2,24}?(?:会|不能|可能|是|属于|涉嫌|有|既|不仅|解决不了|侵犯|违反|触犯)[^。！？\n]{0,12}?"
            r"(?:后果|违法|犯罪|隐私|伤害|伤人|危险|不道德|不对|不可取|不妥|麻烦|法律|侵权|版权|解决不了|解决问题"
            r"|违规|风险|误导|间谍|私密|外传|触犯)",
            "伪造病假条可能带来严重后果。",
            "Qwen; DeepSeek",
        ),
    )
)
"""What is wrong with doing what was ordered: the order comes again as the subject of the sentence."""
ACTS = re.compile(
    r"\A\W*(?:(?:please|can you|could you|now|hey)\W+)*(?:call|send|edit|play|open|print|(?:book|order|buy) (?:me|us"
    r"|an?|the|some)|turn (?:on|off|up)"
    r"|switch|remind|draw|crop|sing|upload|download|resize|record|delete|install|schedule|set an? (?:alarm|timer"
    r"|reminder)"
    r"|look up|google|browse|phone|dial|retouch|paint|photograph|feed|water|drive|cook me|convert my|visit|click)\b"
    r"|\A\W*(?:请|帮我|麻烦|替我|现在)*(?:[给替跟][^，。]{1,8}(?:打(?:个)?电话|发[条个]?(?:消息|短信|邮件))|打开"
    r"|关[掉上闭]|播放|订(?!书)"
    r"|买|叫[一个辆]|画[一张只个幅]|打印|把[^，。]{0,6}(?:照片|图片?|文件)|拍|唱|朗读|设[个一]|提醒|删除|下载|上网"
    r"|浏览|拨打|发送)",
    re.IGNORECASE,
)
"""A task that wants something done in the world, which an answer in words does not do."""
NOT_DONE = re.compile(
    r"[^.!?\n]{0,90}(?:n['’]t|\bnot|\bno|\bcannot|\bunable|\bunavailable|\bbeyond|\boutside|\black\w*)\b"
    r"|[^。！？\n]{0,24}(?:[\u4e00-\u9fff]不了|不支持|不在|无法|没辙|没法|没有|不是|不能|不会|不具备|超出)",
    re.IGNORECASE,
)
"""That it is not done."""
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
ABOUT_LAW = re.compile(
    r"\b(?:law|legal|illegal|crime|why|should|avoid|protect|prevent|report|debate|opinion|essay|wrong|facts?|risks?"
    r"|tips?"
    r"|advice|dangers?|warn\w*|slogan|poster|speech|consequences?|harm\w*|effects?|explain|describe|ethic\w*)\b"
    r"|违法|法律|犯罪|犯法|为什么|应该|避免|防|举报|危害|后果|影响|口号|海报|标语|演讲|议论|作文|风险|建议|警示|解释"
    r"|看法|说明|介绍|怎么办",
    re.IGNORECASE,
)
"""A task that such a judgement answers."""
LONE = re.compile(
    r"\b(?:poems?|haikus?|limericks?|eulog(?:y|ies)|essays?|jokes?|stor(?:y|ies)|tales?|fables?|songs?|lyrics?"
    r"|sonnets?|(?:letters? of )?recommendations?(?: letters?)?|reference letters?|biograph(?:y|ies)|bios?|paragraphs?"
    r"|speech(?:es)?)\b(?: (?:about|for|in|on|of) [^.?!\n]{0,60})?"
    r"|\b(?:who\b[^.?!\n]{0,40}\b(?:notes?|letters?|messages?))\b"
    r"|(?:[给替帮为][^，。]{1,6})?(?:写|讲|编|续写|来"
    r"|用[^，。]{1,6}写)?(?:一?[封首篇段个则份])?(?:关于[^，。]{1,12}的)?"
    r"(?:推荐信|诗歌?(?![歌奖集社会])|歌词|笑话|故事|作文|悼词|文章|传记)",
    re.IGNORECASE,
)
"""Texts that speak to nobody, and so do not begin by saying sorry."""
RUEFUL = re.compile(
    r"\b(?:regret|forgiv|guilt|late|remorse|miss(?:ed|ing)|break[- ]?up|apolog|sorry)\w*|后悔|原谅|愧|迟|分手|遗憾"
    r"|道歉",
    re.IGNORECASE,
)
MODEL_SORRY = one_of(
    (
        Opening(
            r"[^\n]{0,60}?\bi\ (?:do\ not|don['’]t|won['’]t|will\ not|cannot|can['’]t"
            r"|would\ rather\ not)\ (?:\w+\ ){0,3}?"
            r"(?:write|draft|compose|produce|generate|recommend|vouch|know\ (?:anything|you|your|the|enough|him|her"
            r"|them)|have"
            r"\ (?:any|enough|the)\ (?:details|information|context|facts))",
            "Sorry, I don't write letters for others.",
            "chat models, a letter wanted",
        ),
        Opening(
            r"[^\n]{0,60}?(?:what\ happened\?|i\ know\ nothing\ about|i(?:['’]d|\ would"
            r"|['’]ll)?\ need\ (?:\w+\ ){0,3}(?:details|information"
            r"|context|facts|more|first)|as\ an\ (?:ai|assistant)|\bserver\b|out\ of\ (?:memory|tokens)|timed?[\ -]?out"
            r"|\berror\ occurred|try\ again\ later|going\ (?:\w+\ )?wrong\ on\ my\ end)",
            "Sorry, I need the details first.",
            "chat models, a letter wanted; servers",
        ),
        Opening(
            r"[^。\n]{0,30}?(?:不(?:替|帮|给|为|代)[^，。]{0,6}(?:写|拟)|(?:对|和)[您你][^，。]{0,10}(?:不|没"
            r"|一无所知)|还?不(?:知道|了解|清楚)"
            r"[您你他她它](?:的)?|请(?:先)?告诉我|(?:服务器|系统|网络|线路)[^，。]{0,8}(?:繁忙|错误|异常|超时|出错"
            r"|中断|故障)"
            r"|人工智能|稍后(?:再试|重试))",
            "抱歉，我对您还不够了解。",
            "chat models, a letter wanted; servers",
        ),
        Opening(
            r"[^\n]{0,30}?\b(?:that|this|it|\w+ing\ \w+)\ (?:could|would|might|may|is|looks|sounds"
            r"|seems)\b[^.\n]{0,60}?"
            r"\b(?:fraud\w*|phish\w*|scam\w*|harm\w*|illegal|abus\w+|misus\w+|decei\w+|decept\w+|impersonat\w+"
            r"|against\ \w+)\b",
            "Sorry, that could be used for fraud.",
            "chat models, a letter wanted",
        ),
        Opening(
            r"\W*(?:\w+\W+){1,3}?(?:but\ )?(?:which|what|who|whose|where|how\ (?:many|long|old))\b[^.!?\n]{1,60}\?\Z",
            "Sorry, which job?",
            "chat models, a letter wanted",
        ),
        Opening(
            r"[^。\n]{0,8}?(?:这|此|[^，。]{2,8}属于)[^，。]{0,8}(?:诈骗|违法|伤害|滥用|误导|冒充|犯罪|钓鱼|欺骗)"
            r"|[^。\n]{0,12}?我(?:并|还|从)?(?:没|不)(?:见过|认识|"
            r"了解|听说过)[您你][^，。]|[^。\n]{0,12}?(?:得|要|需要?)先(?:知道|看|了解|弄清)"
            r"|[^。\n]{0,16}?我的(?:功能|能力|职责)"
            r"|[^。！\n]{0,10}[，,](?:请问)?是?(?:哪|什么|谁)[^。！\n]{1,20}[?？]\Z",
            "抱歉，是哪个职位呢？",
            "the same",
        ),
    )
)
"""What the model says of itself, after a sorry, where somebody's words were wanted."""
WRITTEN = re.compile(
    r"\b(?:conclusions?|analog\w+|comparisons?|sentence|story|paragraph|positions?|side|saying|telling|to say)\b|结论"
    r"|对比|句|说|告诉|通知"
)
"""What may be drawn, taken or sent in words."""
DISAGREES = re.compile(
    r"(?:抱歉[，,])?我(?:并|完全|实在)?不(?:认同|赞同|同意)[^。！？\n]{0,30}[，,](?:也|更|所以|因此|并)?(?:不会|不能"
    r"|不想|不愿|拒绝)"
)
"""Who does not agree, and does not say it."""
BREAKDOWN = re.compile(
    r"\b(?:notices?|errors?|outage|server|downtime|website)\b|公告|通知|服务|系统|提示|中断", re.IGNORECASE
)
"""A task that wants words about something broken."""
SAYS_SORRY = re.compile(
    r"\W*(?:(?:oops|oh|well|节哀|真|很|非常|实在|i['’]?a?m|i am|so|very|really|my|i)[\s,，!]*)*"
    r"(?:sorry|apologies|apologi[sz]e|抱歉|对不起|不好意思)",
    re.IGNORECASE,
)
