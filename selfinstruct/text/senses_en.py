"""Words of the English keywords in senses that ask for text: an old map, to file a complaint, code that plots.

The tables that keywords_en.py looks at before its own: one row a kind, with an example and where it comes from.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["ABOUT", "OTHER_SENSES", "QUESTIONS", "Kind"]


class Kind(NamedTuple):
    pattern: str
    example: str
    source: str


ABOUT = (
    Kind(
        r"\b(?:python|javascript|typescript|java|c\+\+|c#|rust|golang|ruby|php|swift|kotlin|matlab|sql|html|css"
        r"|latex|tikz|r code"
        r"|bash|shell|powershell|linux|unix|command line|one-liner|script|(?<!qr )code|programming|api|regex|(?:write"
        r"|implement|define|create|build|develop) an? (?:[\w+#]+ ){0,2}(?:function|method|class|program"
        r"|application|app)"
        r"|matplotlib|ggplot2?|seaborn|plotly|d3|opencv|pillow|pandas|numpy|dataframe|canvas|svg|ascii|mermaid"
        r"|graphviz|docker|git"
        r"|yaml|json|xml|csv|markdown|algorithm|data structure|compiler|repository|workflow|notebook|excel"
        r"|spreadsheet formula)\b",
        "Write a Python function that reads a CSV file.",
        "tests/labelled/keywords.en.jsonl",
    ),
)
"""Where these stand, text is asked for."""
OTHER_SENSES = (
    Kind(
        r"\b(?:mind|concept|site|road|story|career|thought|journey|empathy|process|stakeholder|strategy|bubble"
        r"|character|skills?|heat) ?maps?\b|\broadmaps?\b|\bon the map\b(?= of (?:\w+ )?(?:history|literature"
        r"|science|ideas|power))"
        r"|\bput \w+ on the map\b|\b(?:big|bigger|whole|full|clear|complete)(?:ger)? picture\b"
        r"|\bpicture (?:yourself|this|a|it)\b|\bpicture of (?:health|dorian)\b|\b(?:motion|moving) pictures?\b"
        r"|\b(?:public|self|body|brand|corporate)[- ]images?\b|\bimages? of (?:women|men|the (?:company|country"
        r"|city|hero|profession))\b"
        r"|\bspitting image\b|\bmental (?:image|picture)s?\b|\b(?:nail|case|police|personnel|x)[- ]files?\b"
        r"|\brank[- ]and[- ]file\b|\bsingle file\b"
        r"|\bimages? (?:of|for) (?:\w+ ){1,3}in (?:the|this) (?:poem|novel|story|text|play|speech|song)s?\b"
        r"|\b(?:image|picture)s? of (?:\w+ ){1,4}in (?-i:[A-Z])\w+['’]|\b(?:paint |draw )?(?:an? )?(?:verbal|vivid"
        r"|word) pictures?\b|\bmaps? of (?:middle-earth|narnia|westeros|hogwarts)\b|\bpaint a picture\b.{0,40}\bwords\b"
        r"|\b(?:pictures?|images?) (?:that )?(?:the|this|a) (?:phrase|word|poem|text|line|author|sentence|story|poet"
        r"|metaphor)s?\b|\bin the picture of\b|\bfigure of speech\b|\bworld maps?\b|\bold maps?\b",
        "Explain the big picture.",
        "tests/labelled/keywords.en.jsonl",
    ),
    Kind(
        r"\bdraw(?:s|ing)?\b (?:(?:[\w'’]+ ){0,3}(?:conclusions?|comparisons?|parallels?|distinctions?|inspiration"
        r"|attention|inferences?"
        r"|lessons?|analog(?:y|ies)|line between|connections?|crowds?|readers?|audiences?|strength|criticism|blood"
        r"|breath|lots?|straws?"
        r"|cards?|balls?|marbles?|tickets?|names?|salary|pension|water|curtains?)\b|(?:up|near|to a close|in|upon"
        r"|from|on|back|two without)\b)"
        r"|\bconclusions?\b.{0,30}\bdraw\b|\b(?:a|in a|the|prize|goalless) draws?\b|\b(?:if|when|once"
        r"|suppose) (?:we|you|i) draw\b"
        r"|\bluck of the draw\b|\b(?:people|artists?|children|they|he|she|who) draws?\b",
        "What conclusion can we draw?",
        "tests/labelled/keywords.en.jsonl",
    ),
)
"""Words of the rows below in another sense: left out before those are looked for."""
QUESTIONS = (
    Kind(
        r"\b(?:difference|differences|compare|comparison|history|purpose|advantages?|importance|role|types?|kinds?"
        r"|meaning|definition|uses?|benefits?|risks?|ethics"
        r"|invented|inventor|who (?:made|drew|painted|invented)|what (?:is|are) (?:an?|the (?:purpose|meaning"
        r"|history|difference))|how (?:do|does|are|is|did|accurate|can)|why|when|explain (?:what|how|why))\b"
        r"|\b(?:write|draft|compose)\b.{0,30}\b(?:e-?mail|letter|message|note|story|poem|haiku|song|essay|dialogue"
        r"|scene)\b",
        "How do convolutional networks classify images?",
        "alpaca_data_5k_268, 2911",
    ),
)
"""Of such things in general, unless one is pointed at."""
