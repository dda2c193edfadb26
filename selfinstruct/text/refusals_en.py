"""How answers begin that refuse, in English, or that tell on the model: one row a kind, with an example.

The patterns are re.VERBOSE, and of the answer's start.
"""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["ALONE", "GREETED", "INABILITY", "SHORT", "Opening"]

GREETED = r"""(?:(?:hello|hi|hey)(?:\ there)?[!,.]\ *
    |(?:sure|certainly|of\ course|absolutely|great\ question|thank\ you\ for\ \w+(?:\ \w+){0,4}|thanks)[!,.]\ *
    |i(?:['’]d|\ would)\ be\ (?:happy|glad)\ to\ (?:help|assist)(?:\ you)?(?:\ with\ (?:that|this))?[!,.]?\ *
        (?:but\b\ *|however,?\ )?
    |(?:however|but),?\ |oh[!,]?\ )*"""
"""What may stand before it."""
SORRY = r"""(?:(?:(?:i['’]m|i\ am)?\ *(?:(?:so|very|really|truly|terribly)\ )*sorry|(?:my\ )?apologies
    |i['’]m\ afraid|i\ am\ afraid|unfortunately|regrettably|i\ (?:sincerely\ )?apologi[sz]e|i\ regret)\b
    (?:\ for\ (?:the|any)\ (?:confusion|inconvenience)|\ to\ (?:say|inform\ you))?
    [\s,.!;:—–-]*(?:(?:but|that|as|however|since|because)\b[\s,]*)*)"""
UNDERSTOOD = r"(?:i\ (?:understand|appreciate|know|see)\b[^.\n]{1,90}?,?\ but\ )?"
MODEL = (
    r"""(?:(?:large\ |ai\ |gpt\ |text(?:-based)?\ )*(?:language\ )?model|ai|gpt|llm|chatbot|artificial\ intelligence)"""
)
AN_AI = r"""an?\ (?:(?:responsible|ethical|helpful|safe|harmless|virtual|digital),?\ (?:and\ )?)*
    (?:ai|artificial\ intelligence|(?:large\ |ai\ |text-based\ )*language\ model|llm|chatbot
        |assistant(?!\ \w+er\b|\ prof)|computer\ program|text(?:-based)?\ (?:ai
    |model|assistant))\b
    (?:[\ -](?:powered|based|large|language|text|chat|virtual|digital|model|assistant|chatbot|bot|system|program))*
    (?:\ (?:trained|developed|created|made|built|designed)\ [^,.]{1,40})?"""
I_AM = r"i(?:['’]m|\ am)\ (?:just\ |only\ )?"
NOT = r"(?:not|no|cannot|never|unable|lack|without|nor|\w+n['’]t)\b"
AS_AN_AI = rf"as\ {AN_AI},?\ (?:i|my|it|there)\b(?:['’]\w+)?(?:\W+\w+){{0,3}}?\W*{NOT}"
UNABLE = r"""i(?:(?:\ just|\ simply|\ currently|\ still)*
        \ (?:can(?:no|['’])t|can\ not|won['’]t|will\ not)(?:\ be\ able\ to)?
    |(?:['’]m|\ am)\ (?:currently\ )?(?:unable\ to|not\ (?:able|allowed|permitted|programmed|designed)\ to
    |not\ capable\ of)
    |\ (?:must|have\ to|need\ to)\ (?:\w+ly\ )?decline\ to
    |\ do(?:n['’]t|\ not)\ (?:know\ how|have\ the\ (?:ability|capability|capacity))\ to)"""
CANNOT = rf"{UNABLE}\ (?:directly\ |actually\ |physically\ |really\ )?"
MATERIAL = r"""(?:text|texts|sentences?|paragraphs?|articles?|passages?|essays?|poems?|stor(?:y|ies)|code|lists?
    |documents?
    |files?|images?|pictures?|photos?|paintings?|e-?mails?|letters?|inputs?|content|details|data|context|questions?
    |equations?
    |information|recipes?|spreadsheets?|cells|tables?|data\ ?sets?|drafts?|scripts?|resum[ée]s?|cvs?|numbers?|words?
    |dialogue|conversation|reports?|reviews?|charts?|graphs?|maps?|diagrams?|screenshots?|videos?|audio
    |recordings?|pdfs?|csv|memes?|riddles?|problems?|exercises?|contracts?|quotes?|formulas?|logs?|transcripts?
        |notes?|items?|names?|options|choices|points|values|attachments?|links?|instructions?|figure)"""
MODEL_DOES = r"""(?:
    (?:assist|help)(?:\ you)?(?:\ (?:with|in|by))?
        (?:\ (?:that|this|your\ (?:request|question|query)|illegal|any|anything|requests)\b
            |\ (?:creating|making|writing|planning|hacking|generating|building|producing|developing|harming|illegal)\b
            |[.,!;]|$)
    |(?:assist|help)\ you\ (?:access|hack|bypass|harm|hurt|cheat|steal|break\ into|create|make\ a\ (?:bomb|weapon))\b
    |(?:fulfil+|comply\ with|answer|respond\ to|process|satisfy|engage\ in|participate\ in|complete|continue
        |perform|execute
        |carry\ out|discuss|continue\ with|engage\ with|write|draft|compose|produce|support|condone|promote|encourage)
        \ (?:that|this|your|the|such|these|any)\ (?:\w+\ (?:of\ )?){0,2}
        (?:request|question|prompt|query|task|instruction|command|content|conversation|activit|action|input|behaviou?r
        |discussion|topic)
    |(?:provide|offer|give|share|reveal|disclose)(?:\ you)?(?:\ with)?\ (?:\w+\ (?:or\ )?){0,3}
        (?:information|assistance|answers?|advice|instructions|guidance|content|opinions?|response|details|output
        |lyrics
        |translation|images?|links?|summary|solution|diagnosis|address(?:es)?|predictions?)\b
    |(?:reproduce|include|depict)\ (?:\w+[\ -]){1,5}
    |(?:generate|produce|create|write|compose|tell)\ (?:\w+[\ -]){0,3}
        (?:content|images?|text|output|responses?|material|jokes?|stor(?:y|ies)|poem|song|speech|essay|article|review
        |malware
        |phishing|e-?mails?|code\ that)\b
    |(?:access|browse|open|view|see|read|display|show|play|listen\ to|hear|watch|analy[sz]e|describe|identify
    |recogni[sz]e)\b[^.,]{0,40}\b
        (?:images?|pictures?|photos?|files?|links?|urls?|videos?|audio|documents?|websites?|internet|web|attachments?
        |real-time|music|people\ (?:from|in))\b
    |(?:write|draft|compose|create|produce)\ (?:that|this|such)\ (?:\w+)?
    |(?:translate|classify|categori[sz]e|summari[sz]e|rewrite|edit|paraphrase)\ (?:that|this|the|your|it|without)\b
    |(?:predict|forecast)\b
    |find\ (?:the|any|a)\ (?:\w+\ ){0,2}(?:image|text|parallelogram|figure|input|passage|article)\b
    |(?:determine|identify|understand|interpret)\b[^.,]{0,30}
        \b(?:question|request|prompt|input|text|sentence|language|context|image)\b)"""
MODEL_LACKS = r"""i\ (?:do\ not|don['’]t|have\ never\ |never)\ ?have\ (?:(?:any|the)\ )*(?:personal|real-time|physical
    |feelings|emotions
    |a\ (?:body|physical)|consciousness|access\ to\ (?:real-time|current|live|the\ internet|external|up-to-date|your
    |any|that)
    |(?:ability|capability|capacity)\ to)"""
GIVEN = (
    r"(?:provided|included|given|attached|supplied|shared|specified|mentioned|pasted|in\ your\ (?:message"
    r"|request|question))"
)
MISSING = rf"""(?:you\ (?:have\ not|haven['’]t|did\ not|didn['’]t|forgot\ to)\ (?:actually\ |yet\ )?(?:provide|give
    |include|specif|attach|paste|share|mention|supply|\w+\ [^.\n]{{1,30}}\ yet\b)
    |(?:there(?:['’]s|\ is|\ was|\ are)|i\ see)\ no\ (?:{MATERIAL})\b
    |no\ (?:\w+\ )?(?:{MATERIAL})\ (?:is|was|were|has\ been|have\ been)\ {GIVEN}
    |(?:the|your)\ (?:\w+\ )?(?:{MATERIAL})\b(?:\ you\ (?:provided|gave|mentioned))?\ (?:is|was|seems|appears|has)
        \ (?:to\ be\ |been\ |to\ have\ been\ )?(?:missing|incomplete|unclear|empty|cut\ off|not\ (?:been\ )?(?:clear
        |provided|complete|included|given|attached))
    |(?:the|your)\ message\ (?:is\ missing|does\ not\ (?:contain|include)|doesn['’]t\ (?:contain|include))
    |i\ (?:do\ not|don['’]t|can['’]t|cannot)\ (?:actually\ )?(?:see|find|have)\ (?:any|an?|the|your
    |that)\ (?:\w+\ ){{0,2}}(?:{MATERIAL})\b
    |only\ one\ (?:{MATERIAL})\ (?:is|was)\ {GIVEN})"""
TASK_LACKS = rf"""(?:i\ (?:do\ not|don['’]t)\ have\ (?:access|enough|sufficient|information|any\ (?:information
    |context)
        |the\ (?:necessary|context))
    |i(?:\ would|['’]d)?\ need\ (?:more|additional|some\ more|further)\ (?:information|context|details)
    |{MISSING}|there\ (?:is|was)\ not\ enough\ (?:{MATERIAL})
    |(?:could|can|would)\ you\ (?:please\ )?(?:provide|clarify|specify)
    |without\ (?:any|an|the|more|further)\ [^.]{{0,60}}\bi(?:['’]m|\ am|\ can)
    |(?:it|this|that)(?:['’]s|\ is|\ would\ be)
        \ (?:not\ (?:appropriate|ethical|possible\ for\ me)|inappropriate|unethical|against\ my))"""
OFFER = r"""(?:\bbut\b|\bhowever\b|\binstead\b|[.!;—–])[,]?\ (?:(?:but|however|instead),?\ )?(?:i\ (?:can
    |could)\ (?:help|explain|offer|write|suggest|tell|point|share
    |provide|describe|give|show|recommend|discuss|assist|guide|walk|teach|create|draft|talk)|i(?:['’]d
    |\ would)\ be\ (?:happy|glad|willing)
    |i['’]m\ happy\ to|i\ am\ happy\ to)\b"""
TASK_OF_A_MODEL = rf"""(?:(?:n/a|no\ ?output
    |not\ applicable)[\s(:,.–—-]+[^.\n]{{0,40}}\b{MODEL}\b[^.\n]{{0,20}}(?:cannot|can['’]t|unable|not)
    |(?:this|the|that)\ (?:task|request|instruction|prompt)\b[^.\n]{{0,80}}?(?:cannot|can['’]t|can\ not
    |is\ (?:not\ possible|impossible|unable))
        (?:\ to)?(?:\ be)?\ [^.\n]{{0,50}}?\b{MODEL}\b
    |unable\ to\ (?:complete|perform|process|fulfil+|generate|create|provide|access|answer)\ (?:this|the|that|an?
    |any)?
        [^.\n]{{0,40}}(?:task|request|image|visual|output|question|information|video|audio|diagram))"""

END = r"(?:[.,;!?…]|$)"
WITH_IT = rf"\ (?:that|this|it|so|such\ \w+)(?:\ (?:for\ you|one|request|question|task|kind|topic|here))?{END}"
WORK = r"(?:question|request|prompt|task|instruction|input)"
BEYOND = r"""(?:that|this|it|(?:the|this|that|your)\ (?:request|task|question|topic|prompt))(?:['’]s|\ is)
    (?:\ not\ something\ (?:that\ )?i(?:['’]m|\ am|\ can|['’]ll|\ will|\ want\ to)\ (?:(?:able|willing|going
        |prepared|comfortable|happy)\ (?:to\ |with\ )?|\w+ly\ )?
        (?:help|assist|answer|do\b|provid|discuss|creat|writ|shar|support)
    |\ (?:beyond|outside)\ (?:of\ )?(?:the\ scope\ of\ )?(?:what\ i\ (?:can|was\ made|am\ able)
        |my\ (?:capabilit|abilit|scope|area|expertise|knowledge|programming|competence|skill)))"""


class Opening(NamedTuple):
    pattern: str
    """Of what the answer begins with, after words of greeting."""
    example: str
    source: str
    """Whose answers begin so."""


ALONE = (
    Opening(AS_AN_AI, "As an AI language model, I don't have feelings.", "ChatGPT of 2023 and what was trained on it"),
    Opening(rf"{I_AM}{AN_AI}[^.]{{0,40}}\b{NOT}", "I'm an AI, so I don't eat.", "ChatGPT of 2023; Llama 2"),
    Opening(rf"{UNDERSTOOD}{CANNOT}{MODEL_DOES}", "I can’t assist with that request.", "GPT-4 and later; Llama 3"),
    Opening(r"i\ (?:cannot|can['’]t)\ and\ (?:will\ not|won['’]t)\b", "I cannot and will not write this.", "Claude"),
    Opening(MODEL_LACKS, "I don't have access to real-time data.", "chat models asked for news or weather"),
    Opening(TASK_OF_A_MODEL, "This task cannot be performed by a GPT model.", "text-davinci-003 in Alpaca's data"),
    Opening(
        r"[^.!?]{0,60}?\b(?:exceeds?|beyond|outside)\ (?:of\ )?what\ i\ (?:can|am\ able\ to)\ (?:do\ here|"
        r"produce|generate|help|assist|offer|provide|support|write)",
        "That exceeds what I can produce here.",
        "today's chat models",
    ),
    Opening(
        r"your\ (?:message|prompt)\ (?:ends|stops|is\ (?:empty|cut)|contains\ no|only\ contains|lacks)",
        "Your message ends after the colon.",
        "today's chat models, the input missing",
    ),
    Opening(
        r"i(?:['’]d|\ would)\ (?:rather\ not|prefer\ not\ to)\ (?:make|write|tell|help|share|discuss|produce)\b",
        "I'd rather not write that.",
        "Claude",
    ),
    Opening(
        r"i\ (?:must|have\ to|['’]ll\ have\ to|need\ to)\ (?:\w+ly\ )?decline[.,;!]",
        "I must respectfully decline.",
        "Claude; Gemma",
    ),
    Opening(
        rf"(?:it\ (?:looks|seems|appears)(?:\ like)?(?:\ that)?,?\ ){MISSING}",
        "It looks like you haven't included the text.",
        "today's chat models, the input missing",
    ),
    Opening(
        rf"{MISSING}[^\n]{{0,60}}[.!,;]\ ?(?:(?:so|and)\b\ ?)?(?:please|could\ you|can\ you|i\ can(?:['’]t|not))",
        "You haven't provided a text. Please paste it.",
        "chat models, the input missing",
    ),
    Opening(
        rf"""{SORRY}(?:as\ {AN_AI}|{I_AM}{AN_AI}|{CANNOT}{MODEL_DOES}|{MODEL_LACKS}|{TASK_LACKS}|{TASK_OF_A_MODEL}
        |(?:the|this|that|your)\ (?:task|request|prompt)\ (?:involves|asks\ for|requires|goes\ against|violates))""",
        "I'm sorry, but I can't fulfill this request.",
        "ChatGPT; Llama 2; Qwen",
    ),
)
"""What only a model cannot do, or says of itself, or of a task whose input is missing."""
SHORT = (
    Opening(rf"(?:{SORRY})?{BEYOND}", "That's not something I can help with.", "chat models"),
    Opening(
        r"(?:i(?:['’]m|\ am)\ (?:designed|made|built)\ (?:solely|only)\ to)",
        "I'm designed solely to process text.",
        "Phi; small instruct models",
    ),
    Opening(
        rf"""(?:{SORRY})?i\ (?:must|have\ to|need\ to|will\ have\ to)\ (?:\w+ly\ )?(?:decline|refuse)
        \ (?:this|that|your|the)\ {WORK}{END}""",
        "I must decline this request.",
        "Claude; Gemma",
    ),
    Opening(
        rf"""{UNDERSTOOD}(?:{SORRY})?i(?:(?:['’]m|\ am)\ not|\ do(?:n['’]t|\ not)\ feel)\ comfortable\ (?:helping
        |assisting|writing|producing|providing|creating|generating|answering|discussing|engaging|continuing
        |identifying
        |with\ (?:this|that|your)\ request)""",
        "I don't feel comfortable writing that.",
        "Claude",
    ),
    Opening(r"i\ (?:can(?:no|['’])t|can\ not)\ in\ good\ conscience", "I can't in good conscience do that.", "Claude"),
    Opening(
        rf"{UNDERSTOOD}(?:{SORRY})?{CANNOT}(?:(?:answer|provide|fulfil+|generate|discuss|continue|do){WITH_IT}|"
        rf"comply{END})",
        "I can't answer that.",
        "chat models",
    ),
    Opening(
        rf"""{SORRY}(?:no(?:[.!]|$)|{UNABLE}{END}|{CANNOT}(?:(?:do|write|create|make|produce|complete|continue|process
        |say|solve){WITH_IT}|answer{END}))""",
        "Sorry, I can't do that.",
        "small instruct models",
    ),
    Opening(
        rf"""{SORRY}(?:i\ do(?:n['’]t|\ not)\ know(?:{END}|\ (?:that|this){END}|\ the\ answer
        |\ how\ to\ (?:do|answer|help|solve)\b)|i(?:['’]m|\ am)\ not\ sure\ (?:how\ to\ (?:help|do|answer)|what\ you)
        |i\ (?:did|do)(?:n['’]t|\ not)\ (?:\w+ly\ )?understand\ (?:what\ you|(?:the|your|this|that)\ {WORK}))""",
        "I'm sorry, I don't know.",
        "small instruct models",
    ),
    Opening(
        rf"""{SORRY}(?:i\ (?:should\ not|shouldn['’]t)\ (?:help|assist|provide|write|create)\b
        |i\ can\ only\ (?:read|write|process|work\ with)\b[^.,]{{0,12}}\ text\b
        |there\ is\ nothing\ to\ work\ (?:on|with)
        |(?:this|that|it|(?:this|that|your)\ (?:request|prompt|content))\ (?:may\ |might\ )?(?:violates?
        |goes\ against)
        |(?:that|this)(?:['’]s|\ is)\ something\ i\ (?:can['’]t|cannot))""",
        "I'm sorry, I can only read and write text.",
        "Qwen; our built-in teacher",
    ),
)
"""What anybody might say."""
INABILITY = re.compile(
    r"""\b(?:can(?:no|['’])t|can\ not|unable|not\ (?:able|possible|allowed|sure|clear|provided|given|enough
        |good\ enough|included|quoted|available|known)|impossible
    |(?:do|does|did|was|were|is|has|have|had|would|could|wo|are)(?:n['’]t|\ not)\b|no\ \w+|nobody|no\ one|never
    |missing|without|refuse|decline|only\ (?:one|mentioned|gave|given|see)
    |too\ (?:long|hard|difficult|large|short|vague)|goes\ against|against\ my|need\ (?:the|to|more|a)
    |please\ (?:provide|send|share)|could\ you|which\ \w+\?|having\ trouble
    |in\ the\ future|beyond|personal\ (?:data|information))""",
    re.IGNORECASE | re.VERBOSE,
)
"""What could not be done, in an answer that says sorry."""
