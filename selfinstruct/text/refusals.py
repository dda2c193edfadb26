"""Answers that refuse, or that tell on the model: "I'm sorry, but I cannot assist with that", 作为一个人工智能，我没有…

They are known by how they begin, never by a "sorry" further on. Two lists:
- by what only a model cannot do, alone or after "sorry": refusals, however long they go on;
- by what anybody might say ("Sorry, I can't do that", 抱歉，这个我不会): only where the whole answer is short, and the
  task itself speaks neither of apologies nor of refusals (it may want such words written or translated).
An apology that was asked for ("Sorry for the delay", "I'm sorry, but I can't come to your party", 对不起，我迟到了)
goes on in another way and stays.
"""

from __future__ import annotations

import re

from selfinstruct.text.keywords import simplified
from selfinstruct.text.tokens import tokens

__all__ = ["is_refusal"]

SHORT = 80
"""Words, or Chinese characters, that a short answer stays under, as in WizardLM's rule for "sorry"."""

GREETED = r"(?:(?:hello|hi|hey)(?:\ there)?[!,.]\ *)?"
SORRY = r"""(?:(?:(?:i['’]m|i\ am)?\ *(?:(?:so|very|really|truly|terribly)\ )*sorry|(?:my\ )?apologies
    |i['’]m\ afraid|i\ am\ afraid|unfortunately|regrettably|i\ (?:sincerely\ )?apologi[sz]e|i\ regret)\b
    (?:\ for\ (?:the|any)\ (?:confusion|inconvenience)|\ to\ (?:say|inform\ you))?
    [\s,.!;:—–-]*(?:(?:but|that|as|however)\b[\s,]*)*)"""
UNDERSTOOD = r"(?:i\ (?:understand|appreciate|know|see)\b[^.\n]{1,90}?,?\ but\ )?"
AN_AI = r"""an?\ (?:(?:responsible|ethical|helpful|safe|harmless|virtual),?\ (?:and\ )?)*
    (?:ai|artificial\ intelligence|(?:large\ |ai\ |text-based\ )*language\ model|llm|chatbot)\b
    (?:[\ -](?:powered|based|large|language|text|chat|virtual|digital|model|assistant|chatbot|bot|system|program))*
    (?:\ (?:trained|developed|created|made|built|designed)\ [^,.]{1,40})?"""
I_AM = r"i(?:['’]m|\ am)\ (?:just\ |only\ )?"
UNABLE = r"""i(?:(?:\ just|\ simply|\ currently|\ still)*
        \ (?:can(?:no|['’])t|can\ not|won['’]t|will\ not)(?:\ be\ able\ to)?
    |(?:['’]m|\ am)\ (?:currently\ )?(?:unable\ to|not\ (?:able|allowed|permitted|programmed)\ to|not\ capable\ of)
    |\ (?:must|have\ to|need\ to)\ (?:\w+ly\ )?decline\ to
    |\ do(?:n['’]t|\ not)\ (?:know\ how|have\ the\ (?:ability|capability|capacity))\ to)"""
CANNOT = rf"{UNABLE}\ "
MODEL_DOES = r"""(?:
    (?:assist|help)(?:\ you)?(?:\ (?:with|in|by))?
        (?:\ (?:that|this|your\ (?:request|question|query)|creating|illegal|any)\b|[.,!;]|$)
    |(?:fulfil+|comply\ with|answer|respond\ to|process|satisfy|engage\ in|participate\ in|complete|perform|execute
        |carry\ out|discuss|continue\ with|engage\ with)
        \ (?:that|this|your|the|such|these|any)\ (?:\w+\ (?:of\ )?){0,2}
        (?:request|question|prompt|query|task|instruction|command|content|conversation|activit|action|input|behaviou?r
        |discussion|topic)
    |(?:provide|offer|give|share)(?:\ you)?(?:\ with)?\ (?:\w+\ (?:or\ )?){0,3}
        (?:information|assistance|answers?|advice|instructions|guidance|content|opinions?|response|details|output
        |translation|images?|links?|summary|solution)\b
    |(?:generate|produce|create|write|compose)\ (?:\w+[\ -]){0,3}
        (?:content|images?|text|output|responses?|material|joke|stor(?:y|ies)|poem|song|speech|essay|article|review)\b
    |(?:access|browse|open|view|see|read|display|show|play|listen\ to|hear|watch|analy[sz]e|describe)\b[^.,]{0,40}\b
        (?:images?|pictures?|photos?|files?|links?|urls?|videos?|audio|documents?|websites?|internet|web|attachments?
        |real-time)\b
    |(?:translate|classify|categori[sz]e|summari[sz]e|rewrite|edit|paraphrase)\ (?:that|this|the|your|it|without)\b
    |(?:determine|identify|understand|interpret)\b[^.,]{0,30}
        \b(?:question|request|prompt|input|text|sentence|language|context|image)\b)"""
MODEL_LACKS = r"""i\ (?:do\ not|don['’]t)\ have\ (?:(?:any|the)\ )*(?:personal|real-time|physical
    |access\ to\ (?:real-time|current|the\ internet|external)|(?:ability|capability|capacity)\ to)"""
TASK_LACKS = r"""(?:i\ (?:do\ not|don['’]t)\ have\ (?:access|enough|sufficient|information|any\ (?:information|context)
        |the\ (?:necessary|context))
    |i(?:\ would|['’]d)?\ need\ (?:more|additional|some\ more|further)\ (?:information|context|details)
    |you\ (?:have\ not|haven['’]t|did\ not|didn['’]t)\ (?:provide|give|include|specif)
    |there\ (?:is|was|are)\ (?:no|not\ enough)
        \ (?:input|text|passage|sentence|question|context|article|image|information)
    |(?:the|your)\ (?:given\ )?(?:input|prompt|instructions?|question|text|passage|sentence)\b
        (?:\ you\ (?:provided|gave))?\ (?:is|was|seems|appears)
        \ (?:to\ be\ )?(?:missing|incomplete|unclear|empty|not\ (?:clear|provided|complete))
    |(?:could|can|would)\ you\ (?:please\ )?(?:provide|clarify|specify)
    |(?:it|this|that)(?:['’]s|\ is|\ would\ be)
        \ (?:not\ (?:appropriate|ethical|possible\ for\ me)|inappropriate|unethical|against\ my))"""
ENGLISH = re.compile(
    rf"""{GREETED}(?:as\ {AN_AI},?\ (?:i|my|it)\b|{UNDERSTOOD}{CANNOT}{MODEL_DOES}|{MODEL_LACKS}
    |{I_AM}{AN_AI}[^.]{{0,40}}\b(?:cannot|can['’]t|not|n['’]t|unable)\b
    |{SORRY}(?:as\ {AN_AI}|{I_AM}{AN_AI}|{CANNOT}{MODEL_DOES}|{MODEL_LACKS}|{TASK_LACKS}))""",
    re.IGNORECASE | re.VERBOSE,
)
END = r"(?:[.,;!?…]|$)"
WITH_IT = rf"\ (?:that|this|it|so|such\ \w+)(?:\ (?:for\ you|one|request|question|task|kind|topic))?{END}"
BEYOND = r"""(?:that|this|it|(?:the|this|that|your)\ (?:request|task|question|topic|prompt))(?:['’]s|\ is)
    (?:\ not\ something\ (?:that\ )?i(?:['’]m|\ am|\ can)\ (?:able\ to\ |\w+ly\ )?
        (?:help|assist|answer|do\b|provide|discuss|create|write)
    |\ (?:beyond|outside)\ (?:of\ )?(?:the\ scope\ of\ )?(?:what\ i\ (?:can|was\ made|am\ able)
        |my\ (?:capabilit|abilit|scope|area|expertise|knowledge|programming|competence|skill)))"""
WORK = r"(?:question|request|prompt|task|instruction|input)"
ANYBODY = rf"""(?:{BEYOND}|i(?:['’]m|\ am)\ (?:designed|made|built)\ (?:solely|only)\ to
    |i\ (?:must|have\ to|need\ to|will\ have\ to)\ (?:\w+ly\ )?(?:decline|refuse)\ (?:this|that|your|the)\ {WORK}{END}
    |i(?:(?:['’]m|\ am)\ not|\ do(?:n['’]t|\ not)\ feel)\ comfortable\ (?:helping|assisting|writing|producing|providing
        |creating|generating|answering|discussing|engaging|continuing|with\ (?:this|that|your)\ request)
    |i\ (?:can(?:no|['’])t|can\ not)\ in\ good\ conscience
    |{CANNOT}(?:(?:answer|provide|fulfil+|generate|discuss|do){WITH_IT}|comply{END}))"""
AFTER_SORRY = rf"""(?:no{END}|{UNABLE}{END}
    |{CANNOT}(?:(?:do|write|create|make|produce|complete|continue|process|say|solve){WITH_IT}|answer{END})
    |i\ do(?:n['’]t|\ not)\ know(?:{END}|\ (?:that|this){END}|\ the\ answer|\ how\ to\ (?:do|answer|help|solve)\b)
    |i\ (?:did|do)(?:n['’]t|\ not)\ (?:\w+ly\ )?understand\ (?:what\ you|(?:the|your|this|that)\ {WORK})
    |i(?:['’]m|\ am)\ not\ sure\ (?:how\ to\ (?:help|do|answer)|what\ you)
    |i\ (?:should\ not|shouldn['’]t)\ (?:help|assist|provide|write|create)\b
    |i\ can\ only\ (?:read|write|process|work\ with)\b[^.,]{{0,12}}\ text\b
    |(?:this|that|it|(?:this|that|your)\ (?:request|prompt|content))\ (?:may\ |might\ )?(?:violates?|goes\ against)
    |there\ is\ nothing\ to\ work\ (?:on|with))"""
ENGLISH_SHORT = re.compile(
    rf"{GREETED}(?:{UNDERSTOOD}{ANYBODY}|{SORRY}(?:{ANYBODY}|{AFTER_SORRY}))", re.IGNORECASE | re.VERBOSE
)

SORRY_ZH = r"""(?:我|实在|真的|真是|非常|很|十分|深感|感到)*(?:抱歉|对不起|不好意思|遗憾|歉意)
    (?:地?(?:通知|告诉)[您你])?[\s，,。！!、…]*(?:但是?|不过|可是)?[\s，,]*(?:(?:由于|因为)(?:[^，。]{1,20}[，,])?)?"""
GREETED_ZH = "(?:(?:尊敬的用户|[您你]好)[，,！!。]*)*"
AN_AI_ZH = r"""(?:[一这]?[个名款种位台])?\ ?(?:由[^，。]{1,12}的)?(?:基于[^，。]{1,8}的)?
    (?:大型?|虚拟|智能|文本)*\ ?
    (?:人工智能|(?:语言\ ?)?AI|语言模型|大模型|(?:智能|虚拟)助[手理]|聊天机器人)
    (?:\ ?(?:大?语言|模型|助手|助理|程序|机器人|系统|聊天))*"""
CANNOT_ZH = """我(?:目前|现在|暂时|恐怕|并|也|确实|实在|还|是)*
    (?:无法|不能够?|没有?办法|没法|不便|不可以|不会|没有能力|不具备)
    (?:[直间]接|准确|继续|协助(?=完成|处理)|[为给向帮替][您你]|在此|在这里)*(?:根据[^，。]{0,12}?)?"""
MODEL_DOES_ZH = """(?:回答|提供|协助|满足|生成|访问|查看|浏览|识别|创作|给出|翻译|获取|预测|播放|显示|展示|绘制|评论
    |打开|上网|联网|帮助[您你]?
    |(?:完成|处理|执行|理解|判断|确定|遵循)[^，。！]{0,6}(?:任务|请求|要求|指令|操作|问题|意思|内容|文本|句子|图))"""
DIRECTLY_ZH = "(?:这|此|该|[您你]|任何|关于|有关|具体|真实|实时|个人|图|网|文件|外部|违法|非法|不当|有害|[，。！])"
MODEL_LACKS_ZH = "我(?:并?没有|不具备|无)(?:任何)?(?:个人|实时|情感|感情|意识|身体|视觉|上网|联网|访问|真实|主观|能力)"
TASK_LACKS_ZH = """(?:[您你](?:的?[^，。]{0,6})?(?:没有?|未|并未|并没有)(?:为我)?(?:提供|给[我出]|输入|说明|指定)
    |[您你]?的?(?:问题|输入|指令|文本|句子|题目)[^，。]{0,6}(?:不完整|不清楚|不明确|缺失|为空)
    |(?:这里|题目|文中|输入中?)?(?:没有|缺少|缺乏)(?:提供|给出|任何|足够|具体|相关)
    |我(?:没有|缺乏|需要)(?:足够|更多|相关|具体|任何)|请[您你]?(?:先|再)?提供|[您你]需要(?:先)?提供)"""
CHINESE = re.compile(
    rf"""(?:(?:作为|身为){AN_AI_ZH}[，,]?\s*我(?!们)|我只?是{AN_AI_ZH}[^。]{{0,15}}(?:无法|不能|没有|不具备|不会)
    |{CANNOT_ZH}{MODEL_DOES_ZH}{DIRECTLY_ZH}|{MODEL_LACKS_ZH}
    |{SORRY_ZH}(?:我?(?:作为|身为)?{AN_AI_ZH}[，,无不]|我?(?:作为|只?是)(?:{AN_AI_ZH}|[^，。]{{0,6}}机器人)
        |{CANNOT_ZH}{MODEL_DOES_ZH}|{MODEL_LACKS_ZH}|{TASK_LACKS_ZH}))""",
    re.IGNORECASE | re.VERBOSE,
)
END_ZH = "(?:[，,。.！!？?…；]|$)"
TOPIC_ZH = "(?:(?:这|那|该|此|[您你]的)[^，。！]{0,6}?(?:问题|任务|请求|要求|指令|事情?|题目?|话题|个)[，,]?)"
UNABLE_ZH = f"""(?:(?:目前|现在|暂时|恐怕|也|确实|实在|还)*
    (?:(?:无法|不能够?|没有?办法|没法|不便)(?:再|继续|[为给向帮替][您你])*
        (?:{END_ZH}|回答|作答|完成|提供|协助|满足|处理|生成|帮助|帮忙|解答|(?:写|做)(?:这|此|那|该))
    |(?:做|完成|答|帮)不(?:了|到|上|出)[您你]?{END_ZH}|不会{END_ZH}|没有?把握(?![好住])|不具备[^，。]{{0,8}}能力
    |没有?学(?:会|习过?)(?:如何|怎[么样])?(?:回答|思考|处理|完成|解)
    |不太?(?:明白|理解|清楚|懂)(?:{END_ZH}|(?:[您你]的|这个?)(?:意思|问题|话|要求|需求|请求|指令|题))
    |不知道(?:{END_ZH}|(?:这|该)[个道一]*(?:问题|题)|答案|[该要]?(?:如何|怎么)回答)))"""
BEYOND_ZH = "(?:这|该|此|[您你]的?)[^，。！]{0,8}(?:超出了?|不在)(?:我|本)[^，。！]{0,6}(?:能力|范围|知识|职责)"
AGAINST_ZH = """(?:这|该|此|[您你]的)(?:个|类|些)?(?:请求|要求|问题|内容|话题)[^，。]{0,4}
    (?:违反了?[^，。]{0,8}(?:政策|法|规)|涉及了?[^，。]{0,8}(?:违法|违规|不当|敏感|暴力|色情))"""
CHINESE_SHORT = re.compile(
    rf"""(?:{GREETED_ZH}(?:{TOPIC_ZH}我{UNABLE_ZH}|{BEYOND_ZH}|恕我(?:无法|不能|难以|不便)(?:回答|提供|协助|满足|完成)
        |我(?:必须|不得不|只能)拒绝(?:回答|(?:这|该|此|[您你]的)[^，。]{{0,4}}(?:请求|要求|问题|任务))
        |(?:根据|按照)[^，。]{{0,12}}(?:法律|法规|政策|规定)[^，。]{{0,4}}[，,]我(?:无法|不能|不便)(?:回答|讨论)
        |让我们换个话题再聊|{CANNOT_ZH}(?:(?:回答|提供|协助|满足|生成){DIRECTLY_ZH}|做(?:这|此|该)[件个]?[事任]
            |提供[^，。]{{0,12}}(?:方法|信息|建议|帮助|教程|步骤|服务|答案|资料|内容)))
    |{SORRY_ZH}(?:{TOPIC_ZH}?我?{UNABLE_ZH}|{BEYOND_ZH}|{AGAINST_ZH}|我只[能会](?:读写?|处理|生成)文[字本]
        |(?:题目|输入|材料|原文|文本|内容)[^，。]{{0,4}}(?:缺少|没有|缺失|为空)))""",
    re.IGNORECASE | re.VERBOSE,
)
ABOUT_IT = re.compile(
    r"\b(?:sorry|apolog\w+|refus\w+|declin\w+|reject\w*|turn(?:s|ed|ing)?\ down)\b"
    "|道歉|致歉|抱歉|歉意|对不起|拒绝|婉拒|谢绝|推辞|回绝",
    re.IGNORECASE,
)
"""A task about such words: the answer may be made of them."""
OPENING = " \t\r\n\"'“‘「『*#>"


def is_refusal(answer: str, asked: str = "") -> bool:
    """Whether the answer begins as a refusal does, in English or Chinese, by the rules above. `asked` is the task."""
    start = simplified(answer.lstrip(OPENING)[:300])
    if ENGLISH.match(start) or CHINESE.match(start):
        return True
    if not ENGLISH_SHORT.match(start) and not CHINESE_SHORT.match(start):
        return False
    return len(tokens(answer)) < SHORT and not ABOUT_IT.search(simplified(asked))
