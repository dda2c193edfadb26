"""How answers refuse in English, or tell on the model: one row a kind, with an example and whose answers begin so.

A small grammar: who speaks (I, we, a model, the task), that it is not done (NOT_I), and what of (the task itself). The
patterns are re.VERBOSE.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from selfinstruct.text.later import later

__all__ = ["AFTER_SORRY", "CLAUSES", "GREETED", "INABILITY", "OWN", "SORRY", "Opening"]


class Opening(NamedTuple):
    pattern: str
    """Of what an answer, or one of its clauses, begins with."""
    example: str
    source: str
    """A recorded answer, or a published list of such answers: docs/filters.md says where they are."""


GREETED = r"""(?:(?:hello|hi|hey|sure|certainly|of\ course|absolutely|no|oh|great\ question|thanks
        |thank\ you\ for\ \w+(?:\ \w+){0,4})(?:\ there)?[!,.]\ *
    |i(?:['’]d|\ would)\ be\ (?:happy|glad)\ to\ (?:help|assist)[^.,!\n]{0,20}[!,.]?\ *
    |i\ (?:understand|appreciate|know|see)\b[^.\n]{1,90}?,?\ but\ |but,?\ |however,?\ )*"""
"""What may stand before it."""
SORRY = r"""(?:(?:(?:i['’]m|i\ am|we\ are)?\ *(?:(?:so|very|really|truly|terribly)\ )*sorry|(?:my\ )?apologies
    |i['’]m\ afraid|i\ am\ afraid|unfortunately|regrettably|i\ (?:sincerely\ )?apologi[sz]e|i\ regret)\b
    (?:\ for\ (?:the|any)\ (?:confusion|inconvenience)|\ to\ (?:say|inform\ you))?
    [\s,.!;:—–-]*(?:(?:but|that|as|however|since|because)\b[\s,]*)*)"""
MODEL = r"(?:(?:large\ |language\ |ai\ |gpt\ |text(?:-based)?\ )*model|ai|gpt|llm|chatbot|artificial\ intelligence)"
AN_AI = r"""(?:an?|your)\ (?:[\w-]+,?\ (?:and\ )?){0,3}?(?:ai|artificial\ intelligence|(?:language\ |text\ )?model|llm
        |chatbot|bot|assistant(?!\ \w+er\b|\ prof)|(?:computer\ )?program|machine|software|computer)\b
    (?:[\ -](?:powered|based|language|text|chat|model|assistant|chatbot|bot|system|program))*
    (?:\ (?:trained|developed|created|made|built|designed)\ [^,.]{1,40})?"""
I_AM = r"i(?:['’]m|\ am)\ (?:just\ |only\ |simply\ )?"
NOT = r"(?:not|no|cannot|never|unable|lack|without|nor|neutral|\w+n['’]t)\b"
ABLE = r"""(?:able|allowed|permitted|programmed|designed|capable|going|willing|comfortable|equipped|set\ up|connected
    |in\ a\ position|authori[sz]ed|prepared|trained|familiar|aware|qualified|licensed|built|made|meant|intended
    |supposed|sure\ (?:which|what|who|how))"""
_CANNOT = rf"""(?:(?:['’]ll|\ (?:\w+ly|just|still|also|can|will|must|should|have\ to|need\ to))*
        \ (?:(?<!do\ )not|never|cannot|can\ not|can['’]t|won['’]t|lack|refuse|decline|have\ no)
    |(?:['’]ve|\ have)\ (?:no|never)
    |(?:['’]m|\ am|['’]re|\ are)\ (?:\w+ly\ )?(?:unable|not\ (?:\w+ly\ )?{ABLE}
        |not\ an?\ (?:[\w-]+\ ){{0,2}}?(?:doctor|lawyer|attorney|physician|therapist|professional|expert|advis[eo]r
            |human|person|vet))
    |\ (?:could(?:n['’]t|\ not)|was(?:n['’]t|\ not)\ able\ to)\ (?:find|open|access|locate|load|read|view|see|make))\b
    """
NOT_I, NOT_WE = rf"(?:i{_CANNOT})", rf"(?:(?:i|we){_CANNOT})"
IDIOM = r"""(?!\ (?:wait|stress|imagine|emphasi|overstate|complain|believe|recommend\ [^.]{1,30}\ enough
    |see\ (?:why|any)
    |say\ enough|blame|help\ (?:but|\w+ing\ (?!with|you))|have\ (?:to\b|any\ (?:doubt|problem))
    |(?:doubt|problem|objection)s?\b))"""
DO_NOT = r"""(?:\ (?:\w+ly|just|still|also))*\ (?:do\ not|don['’]t)
    \ (?:think\ (?:that\ )?(?:i\ (?:can|should)|it['’]s\ (?:right|appropriate|my)|(?:that|this)(?:['’]s
    |\ is)\ something)
    |feel\ comfortable|want\ to
    |see\ (?:an?|any|the|your)\ (?!problem|issue|error|reason|bug|mistake|difference|point|harm|need)\w+
    |(?!think|believe|recommend|agree|advise|suggest|mean|like|love|want|see|find|mind|blame|doubt|care|worry|need|only
        |just|feel|say|use|have\ (?:to\b|any\ (?:doubt|problem|objection)))\w+)"""
WRITES = r"(?:assist|fulfil+|comply|write|create|generate|produce|compose|draft|reproduce|condone|promote)"
"""What a model does that a person in a letter or a play seldom speaks of."""
HANDLES = r"""(?:help|satisfy|quote|provide|offer|give|share|reveal|disclose|answer|respond|engage|participate
    |complete|continue
    |process|perform|execute|discuss|tell|make|support|access|browse|open|view|see|read|display|show|play|hear|watch
    |listen|look\ up|analy[sz]e|describe|identify|translate|classify|summari[sz]e|rewrite|edit|determine|understand
    |interpret|verify|use|write|create|generate|produce)"""
WORK = r"""(?:(?:such|any|illegal|harmful|that|this|it)(?:\ (?:for\ you|one|kind|topic|here))?(?:[.,;!?…]|$)
    |requests?\b|questions?\b|prompts?\b|quer(?:y|ies)\b|tasks?\b|instructions?\b|content\b|conversations?\b|topics?\b
    |information\b|assistance\b|answers?\b|translations?\b|summar(?:y|ies)\b|advice\b|guidance\b|opinions?\b|responses?\b|lyrics\b|images?\b|pictures?\b
    |photos?\b|files?\b|links?\b|urls?\b|videos?\b|audio\b|documents?\b|websites?\b|internet\b|attachments?\b|text\b
    |real-time\b|context\b|jokes?\b|songs?\b|articles?\b|reviews?\b|malware\b|disinformation\b|misinformation\b|pages?\b)"""
"""The task itself, or what only who answers it works on."""
GIVEN = r"(?:provided|included|given|attached|supplied|shared|specified|mentioned|pasted|in\ your\ \w+)"
NOT_GIVEN = r"""you\ (?:seem\ to\ have\ |may\ have\ |might\ have\ |have\ )?
        (?:forgot(?:ten)?|(?:only|just)\ (?:mentioned|gave|provided|sent)|(?:did|have|had)?\ ?(?:not|n['’]t)|haven['’]t
            |didn['’]t)\ ?(?:yet\ |actually\ )?
        (?:to\ )?(?:provid|give|given|includ|specif|attach|past|shar|mention|suppl|told|tell|upload|sent|send|add)"""
MATERIAL = r"""(?:(?:text|sentence|paragraph|article|passage|essay|poem|code|list|document|file|image|picture
    |photo|e-?mail
    |letter|input|question|recipe|table|pdf|attachment|link|interview|review|transcript|message|prompt|report|dataset
    |content|context|information|details)s?|story|stories|data)"""
MISSING = rf"""(?:{NOT_GIVEN}
    |(?:there(?:['’]s|\ is|\ was|\ are)|i\ see)\ (?:no\ (?:[\w-]+\ ){{0,2}}?{MATERIAL}\ (?:{GIVEN}|here|to
    |above)|nothing\ to)\b
    |(?:no|only\ one)\ (?:[\w-]+\ )?{MATERIAL}\ (?:is|was|were|has\ been|have\ been|seems\ to\ have\ been)\ {GIVEN}
    |(?:the|your)\ (?:[\w-]+\ ){{0,3}}?{MATERIAL}\ (?:you\ \w+\ )?(?:is|was|seems|appears|has|got|did|are
    |were)(?:n['’]t|\ not)?
        \ ?(?:\w+ly\ |to\ be\ |been\ |to\ have\ been\ )*(?:missing|incomplete|empty|blank|cut\ off|lost
            |come\ through|(?<=n['’]t\ )(?:attached|included|provided|load|upload|come|arrive|reached|in\ your)
            |(?<=not\ )(?:attached|included|provided
            |come)|attached\ to\ your)
    |there\ (?:does(?:n['’]t|\ not)\ (?:seem|appear)\ to\ be|is(?:n['’]t|\ not))
        \ (?:an?|any)\ [\w\ -]{{1,24}}\ (?:{GIVEN}|here)
    |your\ (?:message|prompt)\ (?:ends|stops|lacks|contains\ no|is\ (?:missing|empty)|does(?:\ not|n['’]t)))"""
UNABLE = (
    "personal|private|sensitive|confidential|explicit|sexual|harmful|illegal|violent|hateful|offensive|unethical"
    "|dangerous|medical|real-time|internet|access|images?|pictures?|photos?|visuals?|audio|videos?|physical|human"
    "|subjective|emotional|emotions?"
)
"""What a task is said to want that a model has not, or will not give: "The question asks for the sum" goes on."""
OWN = (
    Opening(
        rf"as\ {AN_AI},?\ (?:i|my|it|there)\b(?:['’]\w+)?(?:\W+\w+){{0,4}}?\W*{NOT}",
        "As an AI language model, I don't have feelings.",
        "the cleaning list of ShareGPT_Vicuna_unfiltered",
    ),
    Opening(
        rf"{I_AM}{AN_AI}\b[^.!?]{{0,60}}?\b{NOT}(?!\ (?:only|just))",
        "I'm just a language model, so I can't help you with that.",
        "the cleaning list of ShareGPT_Vicuna_unfiltered",
    ),
    Opening(
        rf"(?:{NOT_WE}|i{DO_NOT}|i(?:['’]d|\ would)\ (?:rather\ not|prefer\ not\ to))\ ?(?:\w+ly\ )?(?:to\ )?"
        rf"(?:be\ able\ to\ |and\ will\ not\ )?(?:(?:{WRITES}|writing|creating|producing|generating"
        rf"|assisting)\b(?!\ (?:for|to|home|back|you)\b)"
        rf"|(?:help|assist)\ (?:you\ )?(?:with\ )?(?!with)\w+ing\b|(?:helping|providing|answering)\b"
        rf"|in\ good\ conscience\b|{HANDLES}\b[^.\n]{{0,60}}?\b{WORK})"
        rf"|i(?:['’]d|\ would)\ (?:rather\ not|prefer\ not\ to)\ \w+|i\ (?:(?:must|have\ to|will"
        rf"|need\ to)\ )?(?:\w+ly\ )?(?:decline|refuse)\b(?![^.\n]{{0,30}}\brequest\ for\b)"
        rf"[^.\n]{{0,40}}?(?:\b{WORK}|[.,;!])",
        "I'm sorry, but I can't assist with that.",
        "the refusal prefixes of GCG and SmoothLLM; tests/replies/propose/refusal.txt",
    ),
    Opening(
        r"i\ (?:do\ not|don['’]t|have\ never|never)\ ?have\ (?:(?:any|the)\ )*(?:personal|real-time|physical|feelings"
        r"|emotions|a\ (?:body|physical)|consciousness|access\ to|ability\ to|capability\ to|capacity\ to)",
        "I don't have access to real-time data.",
        "the cleaning list of ShareGPT_Vicuna_unfiltered",
    ),
    Opening(
        rf"(?:(?:it\ (?:looks|seems|appears)(?:\ like)?(?:\ that)?,?\ )?{MISSING}"
        r"[^\n]{0,60}(?:[.!,;?]\ ?(?:(?:so|and|but)\b\ ?)?(?:please|could\ you|can\ you|would\ you|i\ can(?:['’]t"
        r"|not)|the"
        r"|because|if)))",
        "It looks like you haven't provided a text. Please paste it.",
        "preference_en_155; alpaca_zh_1k in Chinese",
    ),
    Opening(
        rf"""(?:n/a|no\ ?output|not\ applicable)[\s(:,.–—-]+[^.\n]{{0,40}}\b{MODEL}\b[^.\n]{{0,20}}{NOT}
        |(?:this|the|that)\ (?:task|request|instruction|prompt)\b[^.\n]{{0,80}}?{NOT}[^.\n]{{0,60}}?\b{MODEL}\b
        |unable\ to\ \w+\ (?:this|the|that|an?|any)?\b[^.\n]{{0,40}}(?:task|request|image|visual|output|question)""",
        "This task cannot be done by a language model.",
        "alpaca_data_5k_283, 375, 1518, 1977, 3853",
    ),
    Opening(
        rf"""(?:the|this|that|your)\ (?:\w+\ )?(?:task|request|prompt|question|input)\ (?:goes\ against|violates
            |is\ (?:not\ something|beyond|outside|against)|exceeds|cannot\ be|can['’]t\ be
            |(?:involves|asks\ for|requires)\b(?=[^.\n]{{1,80}}\b(?:no[tr]?|cannot|\w+n['’]t|only|{UNABLE})\b))
        |you\ are\ (?:asking\ for|requesting)\ (?:personal|private)
        |(?:that|this|it)(?:['’]s|\ is)\ (?:not\ possible\ for\ me|against\ my|(?:not\ (?:appropriate|ethical)
        |inappropriate|unethical)
            \ (?:for\ me\ )?to\ (?:{WRITES}|help|provide|share|discuss|tell|make|joke)\b
            |something\ (?:that\ )?i(?:['’]m|\ am)?\ ?{NOT}
            |not\ something\ (?:that\ )?i(?:['’]m|\ am)?\ (?:\w+\ ){{1,3}}(?:to|with)\b)
        |[^.!?\n]{{3,80}}?\bsomething\ (?:that\ )?i\ (?:can(?:no|['’])t|won['’]t|will\ not|don['’]t)\b
        |(?:that|this|it)(?:['’]s|\ is)\ (?:beyond|outside)\ (?:of\ )?(?:the\ scope|what\ i\ (?:can|was|am)
            |my\ (?:capabilit|abilit|scope|area|expertise|knowledge|programming|skill))
        |i(?:['’]m|\ am)\ (?:designed|made|built|programmed)\ (?:solely|only)\ to""",
        "Sorry, the task involves personal information.",
        "seed_task_115 and 120 of Self-Instruct; alpaca_data_5k_3257",
    ),
)
"""What only a model says, whatever was asked for: where an answer begins, alone or after a sorry."""
AFTER_SORRY = (
    Opening(
        rf"""(?:{MISSING}|{I_AM}{AN_AI}|(?:could|can|would)\ you\ (?:please\ )?(?:provide|clarify|specify)
        |i(?:\ would|['’]d)?\ need\ (?:more|additional|some\ more|further)\ (?:information|context|details)
        |i\ (?:do\ not|don['’]t)\ have\ (?:access|enough|sufficient|any\ (?:information|context))
        |i\ can\ only\ (?:read|process)\b[^.,]{{0,16}}\ text\b|there\ is\ nothing\ to\ work)""",
        "Sorry, the input is missing.",
        "preference_en_155; our built-in teacher",
    ),
)
"""What only a model says where it follows a sorry."""
CLAUSES = (
    Opening(
        rf"(?:{NOT_I}{IDIOM}|i{DO_NOT})",
        "I have no idea who took it.",
        "the refusal prefixes of GCG and SmoothLLM",
    ),
    Opening(
        r"""i(?:(?:['’]d|\ would)\ (?:rather|prefer)\ (?:not|say|talk|suggest|discuss|focus|help)
            |\ (?:make|take|hold|give|offer|keep)\ no\ \w+
        |\ wish\ i\ could(?=,?\ (?:but|help))
        |(?:['’]m\ going\ to|['’]ll|\ will|\ have\ to|['’]ll\ have\ to|\ must)\ (?:pass|decline|refuse|stop\ you)\b
        |(?:['’]m|\ am|\ can|\ try\ to)\ only\b[^.,;]{0,40}\b(?:able|text|words|process|help|assist)
            |\ only\ (?:see|have|got|received|know|work\ with)\b
        |\ (?:try\ to\ )?(?:stay|remain|am)\ neutral)""",
        "I'd rather not say that.",
        "XSTest's string match",
    ),
    Opening(
        r"""(?:(?:it|that|this)(?:['’]s|\ is)\ (?:not\ possible|impossible)\ for\ (?:me|an?\ (?:ai
            |language\ model|text))\b
        |(?:there(?:['’]s|\ is)|i\ see)\ no\ way\ (?:for\ me\ )?to\ (?:know|tell|predict|say)
        |my\ (?:knowledge|information|data|training(?:\ data)?|guidelines|safety|polic(?:y|ies)|instructions
            |programming|abilities|command|grasp|skills|\w+\ (?:is|are)\ not)\b
        |[^.!?]{0,60}?\b(?:beyond|outside)\ (?:of\ )?(?:what\ i|my|the\ scope)\b
        |[^.!?]{0,60}?(?:\bnot|n['’]t)\ (?:\w+\ )?(?:(?:something|anything|an?\ (?:\w+\ )?(?:ability|skill|sense))
            \ (?:that\ )?(?:i|an?\ [\w-]+\ (?:model|ai))|(?:possible|available|known|accessible|visible)\ (?:for
            |to)\ me)\b
        |[^.!?]{0,60}?\b(?:which|that|what|something)\ i\ (?:cannot|can['’]t|won['’]t|will\ not|do\ not|don['’]t
            |refuse)\b(?!\ (?:think|recommend|like))
        |[^.!?]{0,60}?\b(?:violat\w+|against|breach\w*)\ (?:our|my|the|content|usage)\ (?:\w+\ ){0,2}(?:polic
            |guideline|terms|rules|principle)
        |(?:without\ )?[^.!?]{1,60}?(?<!\bif)(?<!when)(?<!that)(?<!what)\ i\ (?:cannot|can['’]t|['’]m\ (?:un
            |not\ )able)\b(?!\ (?:wait|stress|imagine|believe|help\ but))
        |[^.!?]{0,60}?\b(?:as|since|because)\ (?:i['’]m|i\ am)\ (?:just\ |only\ )?(?:an?\ )?(?:[\w-]+\ )?(?:ai
        |software|program
            |model|text|bot|assistant)\b
        |[^.!?]{0,40}?\b(?:off[ -]limits|off\ the\ table|i\ (?:try\ to\ )?stay\ out\ of)
        |not\ (?:doing|going\ to\ do|happening|gonna)\b|request\ (?:denied|refused|rejected|declined))""",
        "It is not possible for me to predict that.",
        "the cleaning list of ShareGPT_Vicuna_unfiltered",
    ),
    Opening(
        r"""(?:(?:please|just|kindly|simply|first|go\ ahead\ and|feel\ free\ to|(?:could|can|would)\ you(?:\ please)?
            |(?:could|can|would)\ you\ (?:please\ )?try|you(?:['’]ll|\ will|['’]d)?\ (?:need|have)\ to)\ )+
        (?:(?:paste|pasting|attach|attaching|upload|uploading|re-?send|re-?upload|provide|share|send|supply|include)
            \ (?:me\ )?(?:with\ )?(?:it|them|the|your|an?|some|more|that|this|its|any|both)\b(?!\ form\b)
        |(?:give|tell|show)\ me\b|copy\ (?:it|the|your)\b[^.!?]{0,30}\b(?:here|in)
        |(?:specify|clarify|indicate|let\ me\ know)\ (?:the|which|what|who)\b[^.!?]{0,30}?\byou(?:['’]d|\ would|\ want
            |\ mean|\ need|\ are)\b)
        |(?:paste|re-?send|re-?upload|share)\ (?:it|them|your|the)\ (?:[\w-]+\ ){0,2}?(?:here|below|again|first|text)\b
        |(?:which|what)\ [^?.!]{0,24}\b(?:(?:would|do)\ you\ (?:like|want|mean)|should\ i|shall\ i
            |are\ you\ referring)[^?]{0,60}\?
        |(?:could|can|would)\ you\ \w+\ (?:it|them)\b[^.!?]{0,20}\?""",
        "Please provide the text you would like summarized.",
        "preference_en_155; alpaca_zh_1k in Chinese",
    ),
    Opening(
        r"""(?:to\ \w+\ [^.\n]{1,60}\ )?(?![^.!?\n]{1,60}\bbut\ (?:if|on|in|most|here|usually))i(?:(?:['’]d
            |\ would|['’]ll|\ will)?\ (?:need|require|have\ to))
            \ (?:to\ (?:see|know|have|look)|you\ to|(?:a\ (?:bit|little)\ |some\ )?(?:more|additional|further)\b
            |(?<=[d’']\ need\ )(?:the|your)|(?<=would\ need\ )(?:the|your))""",
        "I would need to see the essay.",
        "alpaca_zh_1k_764 in Chinese",
    ),
    Opening(
        rf"(?:it\ (?:looks|seems|appears)\ (?:(?:like|that|as\ (?:if|though))\ )?)?{MISSING}",
        "There is no text provided.",
        "preference_en_155; alpaca_zh_1k in Chinese",
    ),
)
"""What a person might say, too: where a clause of the first two sentences begins, and nobody's words are wanted."""
INABILITY = later(
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
