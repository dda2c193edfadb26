"""Answers that refuse, or that tell on the model: "I'm sorry, but I cannot assist with that", 作为一个人工智能，我没有…

They are known by how they begin: by what only a model cannot do, alone or after "sorry". An apology that was asked for
("Sorry for the delay", "I'm sorry, but I can't come to your party", 对不起，我迟到了) goes on in another way and stays.
"""

from __future__ import annotations

import re

from selfinstruct.wording import simplified

__all__ = ["is_refusal"]

SORRY = r"""(?:(?:(?:i['’]m|i\ am)?\ *(?:(?:so|very|really|truly|terribly)\ )*sorry|(?:my\ )?apologies
    |unfortunately|regrettably|i\ (?:sincerely\ )?apologi[sz]e|i\ regret)\b
    (?:\ for\ (?:the|any)\ (?:confusion|inconvenience)|\ to\ (?:say|inform\ you))?
    [\s,.!;:—–-]*(?:(?:but|that|as|however)\b[\s,]*)*)"""
AN_AI = r"""an?\ (?:ai|artificial\ intelligence|(?:large\ |ai\ |text-based\ )*language\ model|llm|chatbot)\b
    (?:[\ -](?:powered|based|large|language|text|chat|virtual|digital|model|assistant|chatbot|bot|system|program))*
    (?:\ (?:trained|developed|created|made|built|designed)\ [^,.]{1,40})?"""
I_AM = r"i(?:['’]m|\ am)\ (?:just\ |only\ )?"
CANNOT = r"""i(?:(?:\ just|\ simply|\ currently|\ still)*
        \ (?:can(?:no|['’])t|can\ not|won['’]t|will\ not)(?:\ be\ able\ to)?
    |(?:['’]m|\ am)\ (?:currently\ )?(?:unable\ to|not\ (?:able|allowed|permitted|programmed)\ to|not\ capable\ of)
    |\ must\ decline\ to|\ do(?:n['’]t|\ not)\ (?:know\ how|have\ the\ (?:ability|capability|capacity))\ to)\ """
MODEL_DOES = r"""(?:
    (?:assist|help)(?:\ you)?(?:\ (?:with|in|by))?
        (?:\ (?:that|this|your\ (?:request|question|query)|creating|illegal|any)\b|[.,!;]|$)
    |(?:fulfil+|comply\ with|answer|respond\ to|process|satisfy|engage\ in|participate\ in|complete|perform|execute
        |carry\ out)\ (?:that|this|your|the|such|these|any)\ (?:\w+\ (?:of\ )?){0,2}
        (?:request|question|prompt|query|task|instruction|command|content|conversation|activit|action|input|behaviou?r
        |discussion)
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
    rf"""(?:as\ {AN_AI},?\ (?:i|my|it)\b|{CANNOT}{MODEL_DOES}|{MODEL_LACKS}
    |{I_AM}{AN_AI}[^.]{{0,40}}\b(?:cannot|can['’]t|not|n['’]t|unable)\b
    |{SORRY}(?:as\ {AN_AI}|{I_AM}{AN_AI}|{CANNOT}{MODEL_DOES}|{MODEL_LACKS}|{TASK_LACKS}))""",
    re.IGNORECASE | re.VERBOSE,
)

SORRY_ZH = r"""(?:我|实在|真的|真是|非常|很|十分|深感|感到)*(?:抱歉|对不起|不好意思|遗憾|歉意)
    (?:地?(?:通知|告诉)[您你])?[\s，,。！!、…]*(?:但是?|不过|可是)?[\s，,]*(?:(?:由于|因为)(?:[^，。]{1,20}[，,])?)?"""
AN_AI_ZH = r"""(?:[一这]?[个名款种位台])?\ ?(?:由[^，。]{1,12}的)?(?:基于[^，。]{1,8}的)?
    (?:大型?|虚拟|智能|文本)*\ ?
    (?:人工智能|(?:语言\ ?)?AI|语言模型|大模型|(?:智能|虚拟)助[手理]|聊天机器人)
    (?:\ ?(?:大?语言|模型|助手|助理|程序|机器人|系统|聊天))*"""
CANNOT_ZH = """我(?:目前|现在|暂时|恐怕|并|也|确实|实在|还|是)*
    (?:无法|不能够?|没有?办法|没法|不便|不可以|不会|没有能力|不具备)
    (?:[直间]接|准确|继续|[为给向帮替][您你]|在此|在这里)*(?:根据[^，。]{0,12}?)?"""
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
OPENING = " \t\r\n\"'“‘「『*#>"


def is_refusal(answer: str) -> bool:
    """Whether the answer begins as a refusal does, in English or Chinese."""
    start = simplified(answer.lstrip(OPENING)[:300])
    return bool(ENGLISH.match(start) or CHINESE.match(start))
