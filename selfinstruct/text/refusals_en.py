"""How answers begin that refuse, in English, or that tell on the model. Patterns, re.VERBOSE, of the answer's start."""

from __future__ import annotations

import re

__all__ = ["ALONE", "ASKING", "INABILITY", "OPENINGS", "SHORT", "SORRY"]

OPENINGS = r"""(?:(?:hello|hi|hey)(?:\ there)?[!,.]\ *
    |(?:sure|certainly|of\ course|absolutely|great\ question|thank\ you\ for\ \w+(?:\ \w+){0,4}|thanks)[!,.]\ *
    |i(?:['’]d|\ would)\ be\ (?:happy|glad)\ to\ (?:help|assist)(?:\ you)?(?:\ with\ (?:that|this))?[!,.]?\ *(?:but\ |however,?\ )?
    |(?:however|but),?\ |oh[!,]?\ )*"""
"""What may stand before it."""
SORRY = r"""(?:(?:(?:i['’]m|i\ am)?\ *(?:(?:so|very|really|truly|terribly)\ )*sorry|(?:my\ )?apologies
    |i['’]m\ afraid|i\ am\ afraid|unfortunately|regrettably|i\ (?:sincerely\ )?apologi[sz]e|i\ regret)\b
    (?:\ for\ (?:the|any)\ (?:confusion|inconvenience)|\ to\ (?:say|inform\ you))?
    [\s,.!;:—–-]*(?:(?:but|that|as|however|since|because)\b[\s,]*)*)"""
UNDERSTOOD = r"(?:i\ (?:understand|appreciate|know|see)\b[^.\n]{1,90}?,?\ but\ )?"
MODEL = r"""(?:(?:large\ |ai\ |gpt\ |text(?:-based)?\ )*(?:language\ )?model|ai|gpt|llm|chatbot|artificial\ intelligence)"""
AN_AI = r"""an?\ (?:(?:responsible|ethical|helpful|safe|harmless|virtual|digital),?\ (?:and\ )?)*
    (?:ai|artificial\ intelligence|(?:large\ |ai\ |text-based\ )*language\ model|llm|chatbot|text(?:-based)?\ (?:ai|model|assistant))\b
    (?:[\ -](?:powered|based|large|language|text|chat|virtual|digital|model|assistant|chatbot|bot|system|program))*
    (?:\ (?:trained|developed|created|made|built|designed)\ [^,.]{1,40})?"""
I_AM = r"i(?:['’]m|\ am)\ (?:just\ |only\ )?"
NOT = r"(?:not|no|cannot|never|unable|lack|without|nor|\w+n['’]t)\b"
AS_AN_AI = rf"as\ {AN_AI},?\ (?:i|my|it|there)\b(?:['’]\w+)?(?:\W+\w+){{0,3}}?\W*{NOT}"
UNABLE = r"""i(?:(?:\ just|\ simply|\ currently|\ still)*
        \ (?:can(?:no|['’])t|can\ not|won['’]t|will\ not)(?:\ be\ able\ to)?
    |(?:['’]m|\ am)\ (?:currently\ )?(?:unable\ to|not\ (?:able|allowed|permitted|programmed|designed)\ to|not\ capable\ of)
    |\ (?:must|have\ to|need\ to)\ (?:\w+ly\ )?decline\ to
    |\ do(?:n['’]t|\ not)\ (?:know\ how|have\ the\ (?:ability|capability|capacity))\ to)"""
CANNOT = rf"{UNABLE}\ (?:directly\ |actually\ |physically\ |really\ )?"
MATERIAL = r"""(?:text|texts|sentences?|paragraphs?|articles?|passages?|essays?|poems?|stor(?:y|ies)|code|lists?|documents?
    |files?|images?|pictures?|photos?|paintings?|e-?mails?|letters?|inputs?|content|details|data|context|questions?|equations?
    |information|numbers?|words?|dialogue|conversation|reports?|reviews?|attachments?|links?|instructions?|figure)"""
MODEL_DOES = r"""(?:
    (?:assist|help)(?:\ you)?(?:\ (?:with|in|by))?
        (?:\ (?:that|this|your\ (?:request|question|query)|illegal|any|anything|requests)\b
            |\ (?:creating|making|writing|planning|hacking|generating|building|producing|developing|harming|illegal)\b|[.,!;]|$)
    |(?:assist|help)\ you\ (?:access|hack|bypass|harm|hurt|cheat|steal|break\ into|create|make\ a\ (?:bomb|weapon))\b
    |(?:fulfil+|comply\ with|answer|respond\ to|process|satisfy|engage\ in|participate\ in|complete|perform|execute
        |carry\ out|discuss|continue\ with|engage\ with|support|condone|promote|encourage)
        \ (?:that|this|your|the|such|these|any)\ (?:\w+\ (?:of\ )?){0,2}
        (?:request|question|prompt|query|task|instruction|command|content|conversation|activit|action|input|behaviou?r
        |discussion|topic)
    |(?:provide|offer|give|share|reveal|disclose)(?:\ you)?(?:\ with)?\ (?:\w+\ (?:or\ )?){0,3}
        (?:information|assistance|answers?|advice|instructions|guidance|content|opinions?|response|details|output|lyrics
        |translation|images?|links?|summary|solution|diagnosis|address(?:es)?|predictions?)\b
    |(?:generate|produce|create|write|compose|tell)\ (?:\w+[\ -]){0,3}
        (?:content|images?|text|output|responses?|material|jokes?|stor(?:y|ies)|poem|song|speech|essay|article|review|malware
        |phishing|e-?mails?|code\ that)\b
    |(?:access|browse|open|view|see|read|display|show|play|listen\ to|hear|watch|analy[sz]e|describe|identify|recogni[sz]e)\b[^.,]{0,40}\b
        (?:images?|pictures?|photos?|files?|links?|urls?|videos?|audio|documents?|websites?|internet|web|attachments?
        |real-time|music|people\ (?:from|in))\b
    |(?:translate|classify|categori[sz]e|summari[sz]e|rewrite|edit|paraphrase)\ (?:that|this|the|your|it|without)\b
    |(?:predict|forecast)\b
    |find\ (?:the|any|a)\ (?:\w+\ ){0,2}(?:image|text|parallelogram|figure|input|passage|article)\b
    |(?:determine|identify|understand|interpret)\b[^.,]{0,30}
        \b(?:question|request|prompt|input|text|sentence|language|context|image)\b)"""
MODEL_LACKS = r"""i\ (?:do\ not|don['’]t|have\ never\ |never)\ ?have\ (?:(?:any|the)\ )*(?:personal|real-time|physical|feelings|emotions
    |a\ (?:body|physical)|consciousness|access\ to\ (?:real-time|current|live|the\ internet|external|up-to-date|your|any|that)
    |(?:ability|capability|capacity)\ to)"""
GIVEN = r"(?:provided|included|given|attached|supplied|shared|specified|mentioned|pasted|in\ your\ (?:message|request|question))"
MISSING = rf"""(?:you\ (?:have\ not|haven['’]t|did\ not|didn['’]t|forgot\ to)\ (?:actually\ |yet\ )?(?:provide|give|include|specif|attach|paste|share|mention|supply)
    |(?:there\ (?:is|was|are)|i\ see)\ no\ (?:{MATERIAL})\b
    |no\ (?:\w+\ )?(?:{MATERIAL})\ (?:is|was|were|has\ been|have\ been)\ {GIVEN}
    |(?:the|your)\ (?:\w+\ )?(?:{MATERIAL})\b(?:\ you\ (?:provided|gave|mentioned))?\ (?:is|was|seems|appears|has)
        \ (?:to\ be\ |been\ |to\ have\ been\ )?(?:missing|incomplete|unclear|empty|cut\ off|not\ (?:been\ )?(?:clear|provided|complete|included|given|attached))
    |(?:the|your)\ message\ (?:is\ missing|does\ not\ (?:contain|include)|doesn['’]t\ (?:contain|include))
    |i\ (?:do\ not|don['’]t|can['’]t|cannot)\ (?:actually\ )?(?:see|find|have)\ (?:any|an?|the|your|that)\ (?:\w+\ ){{0,2}}(?:{MATERIAL})\b
    |only\ one\ (?:{MATERIAL})\ (?:is|was)\ {GIVEN})"""
TASK_LACKS = rf"""(?:i\ (?:do\ not|don['’]t)\ have\ (?:access|enough|sufficient|information|any\ (?:information|context)
        |the\ (?:necessary|context))
    |i(?:\ would|['’]d)?\ need\ (?:more|additional|some\ more|further)\ (?:information|context|details)
    |{MISSING}|there\ (?:is|was)\ not\ enough\ (?:{MATERIAL})
    |(?:could|can|would)\ you\ (?:please\ )?(?:provide|clarify|specify)
    |without\ (?:any|an|the|more|further)\ [^.]{{0,60}}\bi(?:['’]m|\ am|\ can)
    |(?:it|this|that)(?:['’]s|\ is|\ would\ be)
        \ (?:not\ (?:appropriate|ethical|possible\ for\ me)|inappropriate|unethical|against\ my))"""
OFFER = r"""(?:\bbut\b|\bhowever\b|\binstead\b|[.!;—–])[,]?\ (?:(?:but|however|instead),?\ )?(?:i\ (?:can|could)\ (?:help|explain|offer|write|suggest|tell|point|share
    |provide|describe|give|show|recommend|discuss|assist|guide|walk|teach|create|draft|talk)|i(?:['’]d|\ would)\ be\ (?:happy|glad|willing)
    |i['’]m\ happy\ to|i\ am\ happy\ to)\b"""
TASK_OF_A_MODEL = rf"""(?:(?:n/a|no\ ?output|not\ applicable)[\s(:,.–—-]+[^.\n]{{0,40}}\b{MODEL}\b[^.\n]{{0,20}}(?:cannot|can['’]t|unable|not)
    |(?:this|the|that)\ (?:task|request|instruction|prompt)\b[^.\n]{{0,80}}?(?:cannot|can['’]t|can\ not|is\ (?:not\ possible|impossible|unable))
        (?:\ to)?(?:\ be)?\ [^.\n]{{0,50}}?\b{MODEL}\b
    |unable\ to\ (?:complete|perform|process|fulfil+|generate|create|provide|access|answer)\ (?:this|the|that|an?|any)?
        [^.\n]{{0,40}}(?:task|request|image|visual|output|question|information|video|audio|diagram))"""

ALONE = re.compile(
    rf"""{OPENINGS}(?:{AS_AN_AI}|i\ (?:cannot|can['’]t)\ and\ (?:will\ not|won['’]t)\b|{UNDERSTOOD}{CANNOT}{MODEL_DOES}|{MODEL_LACKS}|{TASK_OF_A_MODEL}
    |{I_AM}{AN_AI}[^.]{{0,40}}\b{NOT}
    |(?:it\ (?:looks|seems|appears)(?:\ like)?(?:\ that)?,?\ ){MISSING}|{MISSING}[^\n]{{0,60}}[.!,;]\ ?(?:so\ |and\ )?(?:please|could\ you|can\ you|i\ can(?:['’]t|not))
    |i\ (?:must|have\ to|['’]ll\ have\ to|need\ to)\ (?:\w+ly\ )?decline[.,;!]
    |{SORRY}(?:as\ {AN_AI}|{I_AM}{AN_AI}|{CANNOT}{MODEL_DOES}|{MODEL_LACKS}|{TASK_LACKS}|{TASK_OF_A_MODEL}
        |(?:the|this|that|your)\ (?:task|request|prompt)\ (?:involves|asks\ for|requires|goes\ against|violates)))""",
    re.IGNORECASE | re.VERBOSE,
)
"""By what only a model cannot do, or says of itself, or of a task whose input is missing."""
END = r"(?:[.,;!?…]|$)"
WITH_IT = rf"\ (?:that|this|it|so|such\ \w+)(?:\ (?:for\ you|one|request|question|task|kind|topic|here))?{END}"
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
SHORT = re.compile(
    rf"{OPENINGS}(?:{UNDERSTOOD}{ANYBODY}|{SORRY}(?:{ANYBODY}|{AFTER_SORRY}))", re.IGNORECASE | re.VERBOSE
)
"""By what anybody might say."""
ASKING = re.compile(
    rf"""{OPENINGS}(?:(?:(?:could|can|would)\ you\ )?(?:please\ )?(?:provide|share|paste|send|give|tell|upload)\ (?:me\ )?(?:with\ )?(?:the|a|an|some|more)\ (?:\w+\ ){{0,2}}{MATERIAL}\b
        (?:\ (?:that\ |which\ )?(?:you|so|and|to|for|i)\b|[.,;!?]|$)
    |please\ (?:share|paste|provide|upload)\ (?:me\ )?(?:the|your)\b[^.\n]{{0,40}}\ (?:so|and)\ (?:that\ )?i\ can\b
    |to\ \w+\ [^.\n]{{1,60}},\ i(?:['’]d|\ would|['’]ll|\ will)?\ need\b|i(?:['’]d|\ would)?\ need\ (?:to\ (?:see|know|have)|(?:more|the|additional|further)\ (?:\w+\ ){{0,2}}{MATERIAL})\b
    |{UNABLE}\b|i\ (?:cannot|can['’]t|can\ not|will\ not|won['’]t)\b|i\ (?:must\ |have\ to\ |need\ to\ )?(?:refuse|decline)\b|i(?:['’]d|\ would)\ rather\ not\b|i\ wish\ i\ could,?\ but\b
    |i\ (?:do\ not|don['’]t|have\ no|lack)\ ?(?:have\ )?(?:any\ |the\ |a\ )*(?:way|information|access|ability|data|record|capacity|means|opinion|feeling|belief|memor|bod|sense|real-time)
    |(?:it|that)(?:['’]s|\ is)\ (?:not\ possible|impossible)\ for\ (?:me|an?\ (?:ai|language\ model|text))\b|my\ (?:knowledge|training\ data)\ (?:only\ )?(?:goes|ends|stops|was|is|extends|has)
    |(?:this|that)\ is\ (?:not\ )?something\ (?:that\ )?(?:a\ [\w-]+\ (?:model|ai)|i)\ (?:can|cannot|can['’]t|am)
    |(?:it\ (?:looks|seems|appears)\ (?:like|that|as\ if)\ (?:you\ (?:forgot|did\ not|didn['’]t|have\ not|haven['’]t|have\ forgotten|may\ have\ forgotten)|(?:the|there|your)\b[^.\n]{{0,40}}\b(?:missing|no|not|n['’]t|cut|empty|incomplete)))
    |(?:i\ (?:do\ not|don['’]t)\ (?:see|find)\ (?:any|an?|the|your|that))
    |(?!yes\b|no,|i['’]m\b|i\ am\b)[^.!?\n]{{0,60}}\b(?:no|not|n['’]t|forgot|forgotten|haven['’]t|didn['’]t|wasn['’]t|isn['’]t|weren['’]t|without)\b[^.!?\n]{{0,40}}
        \b(?:(?:provided|attached|included|supplied|pasted|uploaded)(?!\ by)|in\ your\ (?:message|request|prompt|question)|to\ your\ (?:message|request))
    |{MISSING})""",
    re.IGNORECASE | re.VERBOSE,
)
"""By what a person might say whose words were wanted: a question back, what one cannot do, or another offer."""
INABILITY = re.compile(
    r"""\b(?:can(?:no|['’])t|can\ not|unable|not\ (?:able|possible|allowed|sure|clear|provided|given|enough|good\ enough|included|quoted|available|known)|impossible
    |(?:do|does|did|was|were|is|has|have|had|would|could|wo|are)(?:n['’]t|\ not)\b|no\ \w+|nobody|no\ one|never|missing|without|refuse|decline|only\ (?:one|mentioned|gave|given|see)
    |too\ (?:long|hard|difficult|large|short|vague)|goes\ against|against\ my|need\ (?:the|to|more|a)|please\ (?:provide|send|share)|could\ you|which\ \w+\?|having\ trouble
    |in\ the\ future|beyond|personal\ (?:data|information))""",
    re.IGNORECASE | re.VERBOSE,
)
"""What could not be done, in an answer that says sorry."""
