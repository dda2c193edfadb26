"""Answers that refuse, or that tell on the model: "I'm sorry, but I cannot assist with that", 作为一个人工智能，我没有…

They are known by how they begin, never by a "sorry" further on. Three tables for each language (refusals_en.py,
refusals_zh.py):
- OWN: what only a model says, alone or after a sorry (AFTER_SORRY: after a sorry only), whatever the task wants and
  however long the answer goes on;
- CLAUSES: how a clause of the first two sentences says what its writer cannot or will not do, or asks for the input:
  only where the answer is short, nobody's words are wanted, and what follows is no answer ("I can't name a favourite,
  but here are three").
What refuses in none of these words, and leaves the task undone, is found by undone.py; what is asked for, by
refusals_asked.py. An apology that was asked for ("I'm sorry, but I can't come to your party", 对不起，我迟到了) stays;
so does a model that says who it is, or gives advice "as an AI assistant".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from selfinstruct.text import refusals_en as en
from selfinstruct.text import refusals_zh as zh
from selfinstruct.text.keywords import simplified
from selfinstruct.text.later import later
from selfinstruct.text.refusals_asked import (
    ABOUT_IT,
    ABOUT_WORDS,
    CORRECTED,
    CORRECTS,
    DIALOGUE,
    DIRECTS,
    DISCLAIMS,
    HEDGED,
    HOW,
    ITEM,
    LETTER,
    LIMITS,
    LISTED,
    LONE,
    OFFERED,
    QUOTES,
    REPEATED,
    REPEATED_EXAMPLE,
    RUEFUL,
    SPEAKER,
    SYMPATHY,
    TOLD,
    YOUR_LIMITS,
)
from selfinstruct.text.requests import gives_role, is_translation, wants_speech
from selfinstruct.text.tokens import tokens
from selfinstruct.text.undone import asks_back, is_undone
from selfinstruct.text.wanted import wants_title, wants_words

__all__ = ["asks_for_input", "is_refusal", "is_sorry"]

SHORT, SHORT_HAN = 80, 150
"""Words that a short answer stays under, as in WizardLM's rule for "sorry", and Chinese characters that say as much."""
HAN = later("[\u3400-\u9fff]")


def _any(rows: Iterable[en.Opening]) -> str:
    return "|".join(f"(?:{row.pattern})" for row in rows)


def _compiled(pattern: str) -> re.Pattern[str]:
    return later(pattern, re.IGNORECASE | re.VERBOSE)


OWN = tuple(
    _compiled(f"{of.GREETED}(?:{of.SORRY}?(?:{_any(of.OWN)})|{of.SORRY}(?:{_any(of.AFTER_SORRY)}))") for of in (en, zh)
)
CLAUSES = tuple(_compiled(f"(?:{_any(of.CLAUSES)})") for of in (en, zh))
SORRY_TO_SAY = tuple(_compiled(f"{of.GREETED}{of.SORRY}(?:{_any(of.CLAUSES)})") for of in (en, zh))
INABILITY = (en.INABILITY, zh.INABILITY)
SORRY = later(r"\bsorry\b|\bapolog(?:ies|i[sz]e)\b|抱歉|对不起|很遗憾|不好意思", re.IGNORECASE)
ONLY_SORRY = later(r"\W*(?:(?:i['’ ]?a?m )?(?:very |so )?sorry|(?:很|非常|真|实在)?(?:抱歉|对不起))\W*", re.IGNORECASE)
MODEL_SPEAKS = later(
    r"\b(?:assist|request|comply|fulfil|provided?|language model|ai|guidelines)\b|协助|请求|人工智能|语言模型|提供",
    re.IGNORECASE,
)
LAST = later(r"(?:\bsorry|抱歉|对不起)\W*\Z", re.IGNORECASE)
BEGINS = later(
    r"\W*(?:(?:i['’]m|i am|we are|we['’]re|oh|well|no|hello|hi)[\s,!.]+)*(?:(?:so|very|really|terribly|truly"
    r"|deeply) )*sorry\b(?! (?:is|was|seems|means))"
    r"|\W*(?:(?:oops|oh|my|regrettably|i|must|do|sincerely|hello|hi)[\s,!]+)*(?:sorry|apologies|apologi[sz]e)\b"
    r"|(?:我|真的?|非常|很|实在|十分|深感|感到|不好意思|节哀|[您你]好|您|，|！|好的)*(?:抱歉|对不起|遗憾|不好意思)",
    re.IGNORECASE,
)
PLAIN = later(r"(?![^，。]{0,6}遗憾)", re.IGNORECASE)
"""Sorry, and not 很遗憾, which what is told may be, too."""
OPENING = " \t\r\n\"'“‘「『*#>"
QUOTED = later(r"\"[^\"\n]*\"|“[^”]*”|「[^」]*」|『[^』]*』")

SENTENCE = later(r"[^.!?。！？\n]*(?:[.!?。！？\n]+|$)")
CLAUSE = later(
    r"[.!?;:,—–…\n。！？；：，]+\s*|\s-\s|\s(?=(?:and|but|so|because|since|as|though|although|however)\s)",
    re.IGNORECASE,
)
"""Between two clauses."""
LEADING = later(
    r"(?:\W|(?:and|but|so|because|since|though|although|however|therefore|instead|honestly|sadly|"
    r"unfortunately|regrettably"
    r"|well|oh|sorry|apologies|i['’]?m (?:so |very |really )?sorry|i am (?:so |very |really )?sorry|"
    r"i['’]m afraid|i apologi[sz]e|yet|that)\b"
    r"|但是?|不过|所以|因此|因为|由于|可(?=我)|可惜|而且|并且|只是|很?遗憾|(?:很|"
    r"非常|实在|真的?|十分)?(?:抱歉|对不起|不好意思)|然而|而|也|当然|其实)*",
    re.IGNORECASE,
)
"""What a clause may begin with that says nothing."""
NEAR = 240
"""Characters that a refusal has come by: two sentences."""
FEW = 4
"""Words of a sentence that is a greeting, a "Sure!" or a "No."."""


def is_refusal(answer: str, asked: str = "") -> bool:
    """Whether the answer begins as a refusal does, in English or Chinese, by the rules above.

    `asked` is the task, with its input; without it only what nobody else would say counts, and who is sorry to say it.
    """
    if DIALOGUE.match(answer.lstrip()) or _repeats(answer, asked) or LIMITS.search(asked) or _is_done(answer):
        return False
    start = simplified(answer.lstrip(OPENING)[:300])
    about = ABOUT_IT.search(simplified(asked)) is not None
    if any(pattern.match(start) for pattern in OWN):
        return not _wants_refusal(answer, asked, about)
    if about or _is_long(answer):
        return False
    if not asked:
        return any(pattern.match(start) for pattern in SORRY_TO_SAY)
    if YOUR_LIMITS.search(asked) or CORRECTED.match(asked) or CORRECTS.search(start[:80]):
        return False
    if is_undone(answer, asked):
        return True
    if wants_speech(asked):
        if not wants_speech(_without_lone(asked)) and "\n" not in answer.strip() and _is_sorry(start, asked):
            return True
        return not (SPEAKER.match(start) or LETTER.match(start) or gives_role(asked)) and any(
            pattern.match(clause) for clause in _clauses(start) for pattern in OWN
        )
    return not QUOTES.match(answer) and (_says_it_cannot(start, asked) or _is_sorry(start, asked))


def _wants_refusal(answer: str, asked: str, about: bool) -> bool:
    """Whether what only a model says was wanted: quoted, translated, as an example, or of somebody played."""
    if (about and REPEATED.search(asked)) or REPEATED_EXAMPLE.search(asked):
        return True
    if gives_role(asked):
        return not MODEL_SPEAKS.search(answer[:NEAR])
    return QUOTES.match(answer) is not None and wants_speech(asked)


def _without_lone(asked: str) -> str:
    """The task without the words for texts that speak to nobody, unless it is about regret."""
    return asked if RUEFUL.search(asked) else LONE.sub("…", asked)


def _is_long(answer: str) -> bool:
    return len(tokens(answer)) >= (SHORT_HAN if len(HAN.findall(answer)) * 2 > len(answer) else SHORT)


def _is_done(answer: str) -> bool:
    """Whether the task is done after words about taste or exactness: "I have no favourite, but here are three"."""
    start = simplified(answer[:300])
    brief = SENTENCE.match(start)
    first = HEDGED.match(start) or (brief and len(tokens(brief[0])) < 2 * FEW and HEDGED.match(start, brief.end()))
    if not first:
        return False
    rest = answer[first.end() :]
    return bool(LISTED.search(rest)) or (not OFFERED.match(rest) and len(tokens(rest)) > FEW)


def _says_it_cannot(start: str, asked: str) -> bool:
    """Whether a clause of the first two sentences says what only the model itself cannot do, lacks or needs."""
    if SPEAKER.match(start) or ITEM.match(start):
        return False
    how = HOW.match(asked) is not None
    for at, clause in enumerate(_clauses(start)):
        if at > 0 and DISCLAIMS.match(clause):
            continue
        if any(pattern.match(clause) for pattern in (*CLAUSES, *OWN)) and not (how and DIRECTS.match(clause)):
            return True
    return False


def asks_for_input(answer: str) -> bool:
    """Whether a clause of the first two sentences says what only the model itself cannot do, lacks or wants."""
    if asks_back(simplified(answer)):
        return True
    start = simplified(answer.lstrip(OPENING)[:300])
    asking = [_asks(clause) for clause in _clauses(start) if clause and any(row.match(clause) for row in CLAUSES)]
    return bool(asking) and all(asking)


def _asks(clause: str) -> bool:
    return DIRECTS.match(clause) is not None


def _clauses(start: str) -> Iterator[str]:
    """Where the clauses of the first two sentences begin, each with what follows it."""
    text, end, sentences, seen = QUOTED.sub(" … ", start), 0, 0, 0
    while sentences < 2 and seen < 4 and end < len(text) and (sentence := SENTENCE.match(text, end)):
        end = sentence.end()
        sentences += len(tokens(sentence[0])) > FEW
        seen += 1
    text = text[: min(end, NEAR)]
    at = 0
    for between in [*CLAUSE.finditer(text), None]:
        clause = text[at:]
        said = LEADING.match(clause)
        yield clause[said.end() if said else 0 :]
        if between:
            at = between.end()


def _repeats(answer: str, asked: str) -> bool:
    """Whether the answer begins with words of the task, or is a short translation of some."""
    few = 7 if HAN.match(answer) else 4
    words = tokens(answer)[:few]
    if len(words) == few and f" {' '.join(words)} " in f" {' '.join(tokens(asked))} ":
        return True
    said, given = tokens(answer), set(tokens(asked))
    if 2 < len(said) < 40 and sum(word in given for word in said) > 0.8 * len(said):
        return True
    return is_translation(asked) and len(tokens(answer)) < 12 and not MODEL_SPEAKS.search(answer)


def _is_sorry(start: str, asked: str) -> bool:
    """Whether it begins with a sorry that is no sympathy, and what goes on is not out of the task's input.

    To who tells of himself, or asks whether he may, it is a refusal only with what could not be done.
    """
    if SYMPATHY.search(start) or SPEAKER.match(start):
        return False
    first = SENTENCE.match(start)
    said = first[0] if first else start
    if ONLY_SORRY.fullmatch(said):
        rest = SENTENCE.match(start, len(said))
        said += rest[0] if rest else ""
    if not BEGINS.match(said) or ONLY_SORRY.fullmatch(said) or _is_out_of(said, asked):
        return False
    plain = PLAIN.match(said) is not None
    if plain and not TOLD.match(asked) and not ABOUT_WORDS.search(asked) and not _is_long(start * 2):
        return True
    return (plain or "\n" not in asked) and any(pattern.search(said) for pattern in INABILITY)


def _is_out_of(said: str, asked: str) -> bool:
    """Whether most of its words are in a task that gives an input."""
    words, given = tokens(said), set(tokens(asked)) if "\n" in asked else set[str]()
    return sum(word in given for word in words) > 0.5 * len(words)


def is_sorry(answer: str, asked: str = "") -> bool:
    """Whether the answer says sorry because the task was not done: with what could not be done beside it, or nothing.

    Sympathy is not, nor a mistake that is put right, nor what the task wanted somebody to say.
    """
    text = simplified(answer)
    if not SORRY.search(text):
        return False
    if is_refusal(answer, asked):
        return True
    if (
        ABOUT_IT.search(simplified(asked))
        or wants_speech(asked)
        or CORRECTED.match(asked)
        or CORRECTS.search(text[:80])
    ):
        return False
    return bool(ONLY_SORRY.fullmatch(text) and not (wants_words(asked) or wants_title(asked))) or _ends_in_sorry(text)


def _ends_in_sorry(text: str) -> bool:
    """ "The passage was not provided, sorry." """
    return bool(LAST.search(text) and any(pattern.search(text) for pattern in INABILITY))
