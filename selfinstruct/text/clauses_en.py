"""How clauses refuse, in English, where an answer says what its writer will not or cannot do: one row a kind.

They are what a person might say, too, and count where nobody's words were wanted.
"""

from __future__ import annotations

from selfinstruct.text.refusals_en import AN_AI, I_AM, MATERIAL, MISSING, NOT, UNABLE, Opening

__all__ = ["CLAUSES"]

NOT_I = r"""i(?:(?:['’]ll|\ (?:\w+ly|just|still|also|can|will|must|should|need\ to|have\ to|would\ have\ to))*
        \ (?:(?<!do\ )not|never|cannot|can\ not|can['’]t|won['’]t|lack|refuse|decline|have\ no|wouldn['’]t\ know
            |shouldn['’]t)
    |(?:['’]ve|\ have)\ (?:no|never)|(?:['’]m|\ am)\ (?:\w+ly\ )?(?:unable|not\ (?:\w+ly\ )?(?:able|allowed
        |permitted|programmed|designed|capable
        |going|willing|comfortable|equipped|set\ up|connected|in\ a\ position|the\ right|authori[sz]ed|prepared
            |trained|familiar|aware|qualified|licensed|built|made
        |meant|intended|supposed|privy|conscious|alive|sure\ (?:which|what|who|how)|clear\ (?:on|about)
            |an?\ (?:[\w-]+\ ){0,2}?(?:doctor|lawyer|attorney
            |physician|therapist|professional|expert|advis[eo]r|human|person|vet)))
    |\ (?:could(?:n['’]t|\ not)|was(?:n['’]t|\ not)\ able\ to)\ (?:find|open|access|locate|load|read|view|see
        |make\ (?:out|sense))|\ wasn['’]t\ (?:there|part\ of|present|given|trained))\b"""
IDIOM = r"""(?!\ (?:wait|stress|imagine|emphasi|overstate|complain|believe|recommend\ [^.]{1,30}\ enough
            |see\ (?:why|any)|say\ enough|blame
    |help\ (?:but|\w+ing\ (?!with|you))|have\ (?:to\b|any\ (?:doubt|problem))|(?:doubt|problem|objection)s?\b))"""
DO_NOT = r"""(?:\ (?:\w+ly|just|still|also))*\ (?:do\ not|don['’]t)\ (?:think\ (?:that\ )?(?:i\ (?:can|should)
            |it['’]s\ (?:right|appropriate)
        |(?:that|this)(?:['’]s|\ is)\ something)
    |feel\ comfortable|want\ to|see\ (?:an?|any|the|your)\ (?!problem|issue|error|reason|bug|mistake|difference
        |point|harm|need)\w+(?:\ (?:here|above|attached|yet))?(?:[.,;!?—]|$)
    |(?!think|believe|recommend|agree|advise|suggest|mean|like|love|want|see|find|mind|blame|doubt|care|worry
        |need|only|just|feel|say|use
        |have\ (?:to\b|any\ (?:doubt|problem|objection)))\w+)"""
CLAUSES = (
    Opening(
        rf"(?:(?:{UNABLE}|{NOT_I}){IDIOM}|i{DO_NOT})",
        "I'm not going to help with making fake documents.",
        "chat models: what they cannot, will not and do not do",
    ),
    Opening(
        r"""i(?:(?:['’]d|\ would)\ (?:rather|prefer)\ (?:not|say|talk|suggest|discuss|focus|help)
            |\ (?:make|take|hold|give|offer|keep)\ no\ (?:\w+\ )?(?:forecasts?|predictions?|opinions?|positions?|sides?
            |stance|advice|records?)\b
        |\ wish\ i\ could(?=,?\ (?:but|help))
        |(?:['’]m\ going\ to|['’]ll|\ will|\ have\ to|['’]ll\ have\ to)\ (?:pass|decline|refuse|stop\ you)\b
        |(?:['’]m|\ am|\ can|\ try\ to)\ only\b[^.,;]{0,40}\b(?:able|text|words|process|help|assist)
            |\ only\ (?:see|have|got|received|know|work\ with)\b
        |\ (?:try\ to\ )?(?:stay|remain|am)\ neutral)""",
        "I'm going to pass on that.",
        "chat models",
    ),
    Opening(
        r"""(?:(?:it|that|this)(?:['’]s|\ is)\ (?:not\ possible|impossible)\ for\ (?:me|an?\ (?:ai
            |language\ model|text))\b
        |(?:there(?:['’]s|\ is)|i\ see)\ no\ way\ (?:for\ me\ )?to\ (?:know|tell|predict|say)
        |my\ (?:knowledge|information|data|training(?:\ data)?|guidelines|safety|polic(?:y|ies)|instructions
            |programming|abilities|\w+\ (?:is|are)\ not)\b
        |[^.!?]{0,60}?\b(?:beyond|outside)\ (?:of\ )?(?:what\ i|my|the\ scope)\b
        |[^.!?]{0,60}?(?:\bnot|n['’]t)\ (?:\w+ly\ |quite\ )?(?:something|anything|an?\ (?:\w+\ )?(?:ability
            |skill|capability|sense))\ (?:that\ )?(?:i|an?\ [\w-]+\ (?:model|ai))\b
        |[^.!?]{0,60}?\b(?:which|that|what)\ i\ (?:cannot|can['’]t|won['’]t|will\ not|do\ not
            |don['’]t)\b(?!\ (?:think|recommend|like))
        |[^.!?]{0,60}?(?:\bnot|n['’]t)\ (?:\w+\ )?(?:possible|available|known|accessible|visible)\ (?:for|to)\ me\b
        |[^.!?]{0,60}?\b(?:violat\w+|against|breach\w*)\ (?:our|my|the|content|usage)\ (?:\w+\ ){0,2}(?:polic
            |guideline|terms|rules|principle)
        |(?:without\ )?[^.!?]{1,60}?(?<!\bif)(?<!when)(?<!that)(?<!what)\ i\ (?:cannot|can['’]t|['’]m\ (?:un
            |not\ )able)\b(?!\ (?:wait|stress|imagine|believe))
        |my\ (?:command|grasp|skills|abilities|knowledge)\b|request\ (?:denied|refused|rejected|declined)
            |[^.!?]{0,40}?\bnothing\ (?:follows|was|is)\ (?:attached|given|provided|here)
        |[^.!?]{0,60}?\bas\ (?:i['’]m|i\ am)\ (?:just\ |only\ )?(?:an?\ )?(?:[\w-]+\ )?(?:ai|software|program
            |model|text|bot|assistant)\b
        |[^.!?]{0,50}?\byour\ (?:message|prompt)\ (?:ends|stops|lacks|contains\ no|is|only)
        |[^.!?]{0,60}?\bsomething\ (?:that\ )?i\ (?:can(?:no|['’])t|won['’]t|will\ not|refuse|do\ not|don['’]t)
        |[^.!?]{0,40}?\b(?:off[ -]limits|off\ the\ table|i\ (?:try\ to\ )?stay\ out\ of|against\ my
            |a\ line\ i\ won['’]t)|not\ (?:doing|going\ to\ do|happening
            |gonna)\b)""",
        "It is not possible for me to predict that.",
        "chat models, of what they were asked",
    ),
    Opening(
        rf"""(?:just\ |please\ |kindly\ |simply\ |first\ |go\ ahead\ and\ |feel\ free\ to
            |(?:could|can|would)\ you\ (?:please\ )?(?:try\ )?|you(?:['’]ll|\ will|['’]d)?\ (?:need|have)\ to\ )*
        (?:paste|(?<=try\ )(?:pasting|attaching|uploading|sending)|re-?send|re-?upload|share|provide|send|upload
            |attach|post|supply|include|list|copy|give\ me|send\ me
            |tell\ me|show\ me)\ (?:me\ )?(?:with\ )?
        (?:(?:the|your|a|an|some|more|that|this|its|any)\ (?!form\b)(?:[\w-]+\ ){{0,4}}?{MATERIAL}\b(?!\ (?:on
            |in|with)\b)
            |(?:it|them|the\ [\w\ -]{{1,30}}|your\ [\w\ -]{{1,30}})\ (?:here|below|over|again|first)\b
            |(?:it|them|the|your)\b[^.!?]{{1,50}}\bso\b)
        |(?:could|can|would)\ you\ (?:please\ )?(?:paste|upload|attach|re-?send|re-?upload)\ (?:it|the|your|them|a)\b
        |(?:please|just)\ (?:paste|upload|attach|re-?send|re-?upload)\ (?:it|the|your|them)\b
        |please\ (?:specify|tell\ me|clarify|indicate|let\ me\ know)\ (?:the|which
            |what)\b[^.!?]{{0,30}}?\byou(?:['’]d|\ would|\ want|\ mean|\ need|\ are)\b
        |(?:which|what)\ [^?.!]{{0,24}}\b(?:(?:would|do)\ you\ (?:like|want|mean)|should\ i|shall\ i
            |are\ you\ referring)[^?]{{0,60}}\?""",
        "Please provide the text you would like summarized.",
        "today's chat models, the input missing",
    ),
    Opening(
        rf"""(?:to\ \w+\ [^.\n]{{1,60}}\ )?i(?:(?:['’]d|\ would|['’]ll|\ will)?\ (?:need|require
            |have\ to\ (?:see|know)))\ (?:to\ (?:see|know|have|look)
            |(?:(?:you\ to|(?<=[d’']\ need\ )(?:the|your|to)|(?<=would\ need\ )(?:the|your|to)|a\ (?:bit
                |little)\ more|some\ more|more|additional|further)\b|(?:the|your
                |some)\ (?:[\w-]+\ ){{0,3}}?{MATERIAL}\b))""",
        "I would need to see the essay.",
        "the same",
    ),
    Opening(
        rf"""(?:it\ (?:looks|seems|appears)\ (?:(?:like|that|as\ (?:if|though))\ )?)?
        (?:you\ (?:seem\ to\ have\ |may\ have\ |might\ have\ |have\ )?(?:forgot(?:ten)?|(?:only
            |just)\ (?:mentioned|gave|provided|sent)
            |(?:did|have|had)\ ?(?:not|n['’]t)|haven['’]t|didn['’]t)\ ?(?:yet\ |actually\ )?
            (?:provid|give|given|includ|specif|attach|past|shar|mention|suppl|told|tell|upload|sent|send
                |to\ (?:add|includ|past|attach|provid|shar|upload))?
        |i\ (?:do\ not|don['’]t|didn['’]t|did\ not|haven['’]t|have\ not)\ (?:actually\ )?(?:see|find|receive|get
            |receive|received|gotten)d?
            \ (?:anything\ (?:attached|above|here|in)|(?:any|an?|the|your
                |that)\ (?:[\w-]+\ ){{0,2}}?{MATERIAL}\b(?!\ (?:error|problem|issue|mistake|for\b)))
        |{MISSING}
        |(?:the|your|no|only|there)\b[^.!?]{{0,30}}\b{MATERIAL}\b[^.!?]{{0,40}}?\b(?:missing|c[ao]me\ through
            |attached|cut\ off|(?:didn['’]t|did\ not)\ (?:load|upload|come)
            |(?:is|was|were|are|has|have)(?:\ not|n['’]t)\ (?:been\ )?(?:\w+ly\ )?(?:provided|included|attached
                |part\ of\ what)|(?:seems|appears)\ to\ be\ (?:empty|incomplete|blank)|(?:is|was)\ (?:empty
                |blank)|in\ your\ (?:message|request|prompt))
        |(?:the|there|your|no)\b[^.!?]{{0,50}}?\b(?:attached\ to|included\ in|provided\ in|in
            |with)\ your\ (?:message|request|prompt|question))""",
        "It seems that the end of the text is missing.",
        "the same",
    ),
    Opening(
        rf"""as\ {AN_AI},?\ i\ (?!suggest|recommend|can\b|would|advise|am\ (?:happy|here
            |able))[^.!?]{{0,80}}?\ (?:{NOT}|neutral)""",
        "As an AI, I try to stay neutral and don't take sides.",
        "chat models",
    ),
    Opening(
        rf"""{I_AM}(?:an?|your)\ (?:[\w-]+\ ){{0,3}}?(?:ai|model|program|bot|chatbot|assistant|machine|computer
            |software)\b[^.!?]{{0,60}}?\b{NOT}""",
        "I'm a program and don't eat.",
        "chat models",
    ),
)
"""What a person might say whose words were wanted: where a clause of the first two sentences begins."""
