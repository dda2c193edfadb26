"""What an English instruction asks for that a text model can neither see nor do: by context, as words alone mislead.

"Plot y = x²" asks for a drawing and "the plot of the novel" does not; "open the file" for something to be done, "file a
complaint" and "a function that reads a file" for text. Of 22 human-approved tasks that the published words drop, 2 ask
for what a text model cannot do. One row a kind, with an example and where it comes from; only the part of the
instruction that asks is looked at, never the text that it asks about.
"""

from __future__ import annotations

import re

from selfinstruct.text.later import later
from selfinstruct.text.requests import asks
from selfinstruct.text.senses_en import ABOUT, OTHER_SENSES, QUESTIONS, Kind

__all__ = ["SEEN_OR_DONE", "find_seen_or_done"]


_SHOWN = (
    "image|images|graph|graphs|picture|pictures|pics?|map|maps|photos?|photographs?|diagrams?|charts?|screenshots?"
    "|drawings?"
    "|paintings?|infographics?|flow ?charts?|videos?|clips?|audio|recordings?"
)
_PUBLISHED = "image|images|graph|graphs|picture|pictures|map|maps"
_KEPT = "files?|attachments?"
_THIS = (
    r"(?:this|these|that|those|the|my|your|our|following|attached|accompanying|given|provided|uploaded|shared"
    r"|above|below|next|first|second|both|all|each|two|three)"
)
_NOT_THESE = (
    r"(?![-’'\w])(?! (?:formats?|processing|compression|size|sizes|systems?|extensions?|theory|algorithms?"
    r"|recognition|classif\w+|models?"
    r"|generators?|search|editing|sharing|permissions?|names?|types?|servers?|cabinets?|books?|frames?"
    r"|projections?|traversals?"
    r"|databases?|neural|function|method|reduce|colou?ring|library|paths?|transfer|manager|description|albums?"
    r"|captions?|of (?:speech|the company"
    r"|women|men|god|science|the nation|the self|success)))"
)

_MAKE = (
    r"(?:create|make|generate|design|produce|draw|sketch|paint|render|illustrate|build|(?:show|send"
    r"|give) (?:me|us)|insert|crop|resize|print|display|construct)"
)
_PAPER = (
    "(?:pdf|spreadsheet|document|slides?|deck|presentation|worksheet|table|contract|report|paper|invoice|form"
    "|transcript|cv|resume)"
)
_CHART = r"(?:bar|pie|line|column|candlestick|gantt) (?:chart|graph|plot)s?|scatter ?plots?|histograms?"
_NAMED_FILE = r"[\w-]+\.(?:docx?|xlsx?|pptx?|pdf|txt|csv|png|jpe?g|gif|mp[34]|wav|zip)\b"
_MADE = "image|images|graph|graphs|picture|pictures|map|maps|photos?|photographs?|drawings?|paintings?"
SEEN_OR_DONE = (
    Kind(
        rf"\b(?:in|on|from|at|of|using|with|by|inside|to|into|through|inspired by|based on|according to"
        rf"|under) (?:{_THIS} )+(?:\w+[ -]){{0,2}}(?:{_SHOWN}|{_KEPT}){_NOT_THESE}",
        "Find Oslo on the map.",
        "Self-Instruct's list",
    ),
    Kind(
        rf"\binto an? (?:\w+ ){{0,3}}(?:{_MADE})\b{_NOT_THESE}",
        "Turn my selfie into a cartoon picture.",
        "Self-Instruct's list",
    ),
    Kind(
        r"\b(?:figure|table|illustration|floor ?plan) (?:below|above|shows|on the (?:left|right))\b(?=[^:]*\Z)"
        r"|\bin (?:figure|fig\.) \d",
        "The figure below shows a pendulum.",
        "tests/labelled/keywords.en.jsonl",
    ),
    Kind(
        rf"\b(?:attached|uploaded|enclosed) (?:\w+ )?(?:{_PAPER}|{_SHOWN}|{_KEPT})\b|\b{_PAPER}s? (?:that )?(?:is "
        rf"|are )?(?:attached|enclosed)\b"
        rf"|\bI(?:['’]ve| have)? (?:just )?(?:uploaded|attached)\b|\b(?:{_PAPER}|{_SHOWN}) (?:that )?I(?:['’]ve"
        rf"| have)? (?:just )?(?:sent|shared|posted|gave)\b",
        "Read the attached PDF.",
        "tests/labelled/keywords.en.jsonl",
    ),
    Kind(
        r"\bsee (?:the |attached |my |this )?(?:photo|picture|image|pic|screenshot|attachment)s?\b"
        r"|\b(?:here(?:['’]s| is| are)|this is) (?:an?|the|my|some|one) (?:\w+ )?(?:screenshot|photo|picture|image"
        r"|pic|video|clip|recording|scan)s?\b"
        r"|\b(?:want|like|need) an? (?:\w+ ){0,2}(?:picture|image|drawing|painting|photo|portrait)s? of\b",
        "I have a rash, see photo.",
        "tests/labelled/keywords.en.jsonl",
    ),
    Kind(
        rf"\b{_MAKE}\b(?: me| us)? (?:an?|the|this|that|some)\b(?: [\w-]+){{0,3}}? (?:videos?|clips?|animations?|gifs?)"
        r"(?! (?:game|script|idea|title|desc|outline|plan|concept|series|essay|call|conference|campaign"
        r"|tutorial script|transcript|summar|editing|production|channel))"
        r"(?![-’'\w])|\b(?:illustrate|explain|show)\b[^.?!\n]{0,40} with an? (?:\w+ )?(?:diagram|drawing|picture"
        r"|sketch)\b",
        "Make a 30-second video ad for my bakery.",
        "tests/labelled/keywords.en.jsonl",
    ),
    Kind(
        r"\bplay (?:it|this|that) (?:for|to|back)\b|\bplay (?:me )?(?:a song|some music|some jazz|the song)\b"
        r"|\bsing (?:it|me|for me)\b"
        r"|\b(?:download|install|uninstall|update|save)\b[^.?!\n]{0,40} (?:on|onto|to|from) my (?:laptop|computer"
        r"|phone|pc|mac|device|desktop|tablet|drive)\b",
        "Compose a melody and play it for me.",
        "tests/labelled/keywords.en.jsonl",
    ),
    Kind(
        r"\b(?:see|show me|show us|send me|send us|give me|find(?: me)?|search for|look for|look up) (?:an? |some "
        r"|the )?(?:\w+ ){0,2}"
        r"(?:pictures?|images?|photos?|photographs?|drawings?|videos?) (?:of|with|from|about)\b",
        "Can I see a picture of a fox?",
        "tests/labelled/keywords.en.jsonl",
    ),
    Kind(
        r"\b(?:as|in) (?:an? )?(?:png|jpe?g|gif|mp[34]|wav|docx?|pptx?)\b",
        "Design a logo and send it as a PNG.",
        "tests/labelled/keywords.en.jsonl",
    ),
    Kind(
        rf"\b{_MAKE}\b(?: me| us)? (?:an?|the|these|this|that)\b[^.?!\n]{{0,30}}?\b(?:{_CHART})\b|\b(?:into"
        rf"|as) an? (?:\w+ )?(?:{_CHART})\b",
        "Make a bar chart of the sales.",
        "Alpaca's rows without an answer",
    ),
    Kind(
        rf"\b(?:open|read|edit|rename|delete|download|upload|save|send|copy|move|print|summari[sz]e|convert|translate"
        rf"|merge|fix|proofread|check|load|attach|in|from)\b[^.?!\n]{{0,30}}? {_NAMED_FILE}",
        "Open report.docx and fix the typos.",
        "tests/labelled/keywords.en.jsonl",
    ),
    Kind(r"\bon an? (?:\w+ )?map\b", "Trace the route on a map.", "Self-Instruct's list"),
    Kind(
        rf"\b(?:look|see|view|watch|study|examine|inspect|describe|caption|analy[sz]e|interpret|explain|identify"
        rf"|recogni[sz]e|compare|count|sort|label|rate|name|guess|summari[sz]e|transcribe|read|edit|crop|rotate"
        rf"|resize|enhance|colou?r|shade|fold|remove|turn|convert|translate|use|upload|download|open|close|save"
        rf"|send|attach|share|delete|rename|print|copy|move|zip|merge|scan|convert|check|listen to|play|tell|review"
        rf"|choose|select|pick|match|rank|find|trace|mark|locate|highlight|rate|compress|archive|e-?mail)\b"
        rf"[^.?!\n]{{0,40}}?\b{_THIS} \(?(?:\w+[ -]){{0,2}}?(?:{_SHOWN}|{_KEPT}){_NOT_THESE}",
        "Describe this image.",
        "Self-Instruct's list",
    ),
    Kind(
        rf"\b{_MAKE}\b(?: me| us)?(?:(?!descri|ideas?|list|caption|title|stor|poem|essay|prompt|summar|review"
        rf"|app\b)[^.?!\n]){{0,24}}? (?:an?|the|two|three|some|several|\d+) (?:(?!descri|ideas?|list|caption|title"
        rf"|stor|poem|essay|prompt|summar|review)\w+[ -]){{0,3}}?(?:{_MADE}){_NOT_THESE}",
        "Create an image of a dragon.",
        "Self-Instruct's list; Alpaca's rows without an answer",
    ),
    Kind(
        rf"\b(?:the|this|that|following|above) (?:\w+ )?(?:{_SHOWN}) (?:above|below|shows?|depicts?|tells?"
        rf"|illustrates?)\b",
        "What does the graph above tell us?",
        "tests/labelled/keywords.en.jsonl",
    ),
    Kind(
        r"(?:\A|[.;!?,:] |\n|\b(?:please|and|then|you|now|let's) )\W*"
        r"(?:draw|sketch|paint|doodle)(?! (?:(?:an?|the) )?(?:…|bath|curtain|flow))(?: me| us)? (?:an?|the|two"
        r"|three|your|some|it|on|how)\b",
        "Draw a house.",
        "Self-Instruct's list",
    ),
    Kind(
        r"(?:\A|[.;!?,:] |\n|\b(?:please|and|then|can you|could you|now) )\W*(?:draw|sketch|plot"
        r"|graph)\b(?! (?:(?:a|the) flow\w*|twist|holes?|points? of the|summary|outline|structure|theory|device"
        r"|line)\b)",
        "Plot y = x^2.",
        "Self-Instruct's list",
    ),
    Kind(
        r"(?:\A|[.;!?,] |\n|\b(?:please|and|then|now|can you|could you) )[\s\"'(*]*go to (?:the |a |an |my |your "
        r"|our |this |that |https?:|www\.|[\w-]+\.(?:com|org|net)|(?-i:[A-Z])\w+(?: \w+)? (?:and|to) )",
        "Go to the shop and buy milk.",
        "Self-Instruct's list",
    ),
    Kind(
        rf"^\W*(?:explain|describe|summari[sz]e|compare|name|interpret|analy[sz]e|sort) (?:(?!an?\b)\w+ )?(?:the "
        rf"|these |this |both )?(?:\w+ )?(?:{_PUBLISHED})(?:['’]s|\b)(?! of (?:\w+ )?(?:in"
        rf"|speech))(?![ -](?:formats?|theory|processing|colou?ring|traversal|isomorph\w*|algorithms?|data))",
        "Explain the graph's axes.",
        "Self-Instruct's list; tests/test_filters.py",
    ),
)
"""What a text model can neither see nor do; the words are the published ones and others for the same things."""

_ABOUT = later("|".join(f"(?:{kind.pattern})" for kind in ABOUT), re.IGNORECASE)
_OTHER = later("|".join(f"(?:{kind.pattern})" for kind in OTHER_SENSES), re.IGNORECASE)
_QUESTION = later("|".join(f"(?:{kind.pattern})" for kind in QUESTIONS), re.IGNORECASE)
_POINTED = later(
    rf"\b(?:this|these|those|both|all|following|attached|given|provided|uploaded|above|below|shown|my"
    rf"|your) (?:\w+ )?(?:{_SHOWN}|{_KEPT})\b"
    rf"|\b(?:on|in|to|from|using|by) the (?:{_PUBLISHED}|photos?|charts?|diagram)\b|\b(?:two|three"
    rf"|four) (?:{_PUBLISHED}|photos?)\b"
    rf"|\b(?:{_SHOWN}) (?:above|below)\b|\b(?:image|picture|photo|graph|map|chart)s? (?:shows?|tells?|depicts?)\b"
    rf"|\b(?:look at|watch|open|read|study|examine) (?:the|this) (?:\w+ )?(?:{_SHOWN}|{_KEPT})\b",
    re.IGNORECASE,
)
_SEEN_OR_DONE = later("|".join(f"(?:{kind.pattern})" for kind in SEEN_OR_DONE), re.IGNORECASE | re.MULTILINE)
_WORD = later(
    rf"\b(?:{_SHOWN}|{_KEPT}|draw|sketch|paint|plot|graph|go to|\w+\.(?:docx?|xlsx?|pptx?|pdf|txt|csv|png|jpe?g|gif"
    rf"|mp[34]|wav|zip)|attached|uploaded|enclosed|play|sing|download|install|uninstall|update|save|animations?"
    rf"|gifs?|portraits?|png|jpe?g|gif|mp[34]|docx?|pptx?|figures?|fig|floor ?plan|illustration|table|histograms?"
    rf"|scatter ?plots?|(?:bar|line|pie) plots?)\b",
    re.IGNORECASE,
)

_MINE = later(r"\bmy (?:desktop|computer|laptop|phone|pc|mac|drive|downloads)\b", re.IGNORECASE)
"""Where a CSV file is that nobody is to write code for."""


def find_seen_or_done(text: str) -> str | None:
    """The word by which an English instruction asks for what a text model can neither see nor do, or None."""
    if not _WORD.search(text):
        return None
    part = asks(text)
    if _ABOUT.search(part) and not _MINE.search(part):
        return None
    part = _OTHER.sub(" … ", part)
    found = _SEEN_OR_DONE.search(part)
    if not found or (_QUESTION.search(part) and not _POINTED.search(part)):
        return None
    word = _WORD.search(found[0])
    return word[0].lower() if word else found[0].strip(" \n.,;:!?").lower()
