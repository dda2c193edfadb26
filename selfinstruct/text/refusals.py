"""Answers that refuse, or that tell on the model: "I'm sorry, but I cannot assist with that", 作为一个人工智能，我没有…

They are known by how they begin, never by a "sorry" further on. Three tables for each language (refusals_en.py and
clauses_en.py, refusals_zh.py):
- ALONE: by what only a model cannot do or lacks, alone or after "sorry": refusals, however long they go on;
- SHORT: by what anybody might say ("Sorry, I can't do that", 抱歉，这个我不会): only where the whole answer is short,
  and the task itself speaks neither of apologies nor of refusals (it may want such words written or translated);
- CLAUSES: by how a clause of the first two sentences says what its writer cannot or will not do, or asks for the
  input: only where it is short, and nobody's words are wanted.
What refuses in none of these words, and leaves the task undone, is found by undone.py.
An apology that was asked for ("Sorry for the delay", "I'm sorry, but I can't come to your party", 对不起，我迟到了)
goes on in another way and stays; so does a model that says who it is, or gives advice "as an AI assistant".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from selfinstruct.text import refusals_en as en
from selfinstruct.text import refusals_zh as zh
from selfinstruct.text.keywords import simplified
from selfinstruct.text.requests import gives_role, is_translation, wants_speech, wants_title, wants_words
from selfinstruct.text.tokens import tokens
from selfinstruct.text.undone import asks_back, is_undone

__all__ = ["asks_for_input", "is_refusal", "is_sorry"]

SHORT, SHORT_HAN = 80, 150
"""Words that a short answer stays under, as in WizardLM's rule for "sorry", and Chinese characters that say as much."""
HAN = re.compile("[\u3400-\u9fff]")


def _opening(greeted: str, rows: Iterable[en.Opening]) -> re.Pattern[str]:
    """Finds any of the rows where an answer begins, after words of greeting."""
    return re.compile(f"{greeted}(?:{'|'.join(f'(?:{row.pattern})' for row in rows)})", re.IGNORECASE | re.VERBOSE)


OWN = (_opening(en.GREETED + en.SORRY, en.OWN), _opening(zh.GREETED + zh.SORRY, zh.OWN))
CLAUSES = (_opening("", en.CLAUSES), _opening("", zh.CLAUSES))
INABILITY = (en.INABILITY, zh.INABILITY)
ABOUT_IT = re.compile(
    r"\b(?:sorry|apolog\w+|refus\w+|declin\w+|reject\w*|turn(?:s|ed|ing)?\ down)\b"
    "|道歉|致歉|抱歉|歉意|对不起|拒绝|婉拒|谢绝|推辞|回绝",
    re.IGNORECASE,
)
"""A task about such words: the answer may be made of them."""
REPEATED = re.compile(
    r"\b(?:translat\w+|quot\w+|rephras\w+|what (?:do|does|would|should|might)\b.{0,30}\b(?:say|answer|reply)|robot"
    r"|chatbots?"
    r"|(?:assistant|model)s? (?:usually |often )?(?:says?|answers?|replies|refuses)|example)\b|翻译|译成"
    r"|助手.{0,8}(?:说|拒绝)|续写|造句",
    re.IGNORECASE,
)
"""A task whose answer repeats somebody's refusal."""
REPEATED_EXAMPLE = re.compile(
    r"\bexamples? of (?:an?|how|the)\b.{0,40}\b(?:notice|message|repl|respon|answer|chatbot|assistant|refus)",
    re.IGNORECASE,
)
SORRY = re.compile(r"\bsorry\b|\bapolog(?:ies|i[sz]e)\b|抱歉|对不起|很遗憾|不好意思", re.IGNORECASE)
SYMPATHY = re.compile(
    r"sorry (?:to hear|for your|about|you|that you|for "
    r"the (?:mis|con))|(?:抱歉|遗憾)(?:听到|听说|得知)|"
    r"听到[^，。]{0,8}(?:抱歉"
    r"|遗憾)",
    re.IGNORECASE,
)
ONLY_SORRY = re.compile(
    r"\W*(?:(?:i['’ ]?a?m )?(?:very |so )?sorry|(?:很|非常|真|实在)?(?:抱歉|对不起))\W*", re.IGNORECASE
)
DIALOGUE = re.compile(r"[\"“「『][^\"”」』\n]{1,200}[\"”」』][,，.。]?\s?\w")
"""Somebody says it, and the story goes on."""
MODEL_SPEAKS = re.compile(
    r"\b(?:assist|request|comply|fulfil|provided?|language model|ai|guidelines)\b|协助|请求|人工智能|语言模型|提供",
    re.IGNORECASE,
)
YOUR_LIMITS = re.compile(
    r"\bi(?: am|['’]m) not\b|\bi (?:do not|don['’]t|never|am never)\b|\b(?:you|one|i|we|they) (?:can(?:no|"
    r"['’])t|can not|could(?:n['’]t| not)|won['’]t)\b|你(?:不能|无法|没有|不会)",
    re.IGNORECASE,
)
"""A task about what somebody cannot do."""
PLAYED = re.compile(r"\b(?:dialogue|conversation)\b|对话|台词", re.IGNORECASE)
"""A task in which the answer has persons who speak."""
LAST = re.compile(r"(?:\bsorry|抱歉|对不起)\W*\Z", re.IGNORECASE)
BEGINS = re.compile(
    r"\W*(?:(?:i['’]m|i am|we are|we['’]re|oh|well|no|hello|hi)[\s,!.]+)*(?:(?:so|very|really|terribly|truly"
    r"|deeply) )*sorry\b(?! (?:is|was|seems|means))"
    r"|\W*(?:(?:oops|oh|my|regrettably|i|must|do|sincerely|hello|hi)[\s,!]+)*(?:sorry|apologies|apologi[sz]e)\b"
    r"|(?:我|真的?|非常|很|实在|十分|深感|感到|不好意思|节哀|[您你]好|您|，|！|好的)*(?:抱歉|对不起|遗憾|不好意思)",
    re.IGNORECASE,
)
PLAIN = re.compile(r"(?![^，。]{0,6}遗憾)", re.IGNORECASE)
"""Sorry, and not 很遗憾, which what is told may be, too."""
ABOUT_WORDS = re.compile(
    r"\b(?:words?|spell|synonyms?|antonyms?|meaning|unscramble|anagram|rhymes?)\b|(?<![歌台悼致贺祝])词|字"
)
"""A word may answer it."""
TOLD = re.compile(
    r"\W*(?:i|i['’](?:m|ve|d)|my|we|our|(?:can|could|may|should|is it (?:ok|possible)\b.{0,20}\b)\s?(?:i|"
    r"we|one|a|the|my)?)\b|\W*(?:我(?![^。！]{0,16}(?:什么|谁|哪|几|多少))|咱|[^，。？]{0,12}(?:能|可以|可不可以)[^，。？]{0,16}(?:吗|么))",
    re.IGNORECASE,
)
"""What somebody tells of himself, or asks whether he may do."""
LIMITS = re.compile(
    r"\b(?:what|which|list|name|describe|things?|tell)\b.{0,40}\byou(?:['’]re| are)? (?:can(?:no|['’])t|"
    r"can not|not able|unable|not (?:do|good))"
    r"|\bwhat (?:can['’]t|are you (?:not able|unable)|aren['’]t you)\b|\byour (?:own )?(?:limit\w*|"
    r"weaknesses|shortcomings)"
    r"|你们?(?:有?(?:哪些|什么))?[^，。]{0,4}(?:做不[到了]|不能做|局限|不足|"
    r"缺点)|你们?(?:有?(?:哪些|什么))[^，。]{0,6}(?:不能|不会|无法)",
    re.IGNORECASE,
)
"""A task about what the model cannot do."""
HEDGED = re.compile(
    r"[^.!?\n]{0,60}?(?:\b(?:not|no|cannot|without|lack)|n['’]t)\b[^.!?\n]{0,30}?\b(?:exact\w*|precise\w*|"
    r"certain\w*|(?:fully|completely|entirely|totally|absolutely|100%) sure|sure|definitive\w*"
    r"|tastes?|preferences?|opinions?|favou?rites?|feelings|emotions|beliefs|experiences?|real-time|live|"
    r"up-to-date|today['’]s|current|latest|figures?|know|see|(?:tell|say|predict|promise|guarantee|decide)(?! you how"
    r"| how))\b[^.!?\n]{0,40}?"
    r"(?:[,;.—–-]\s*|\s)(?:but|however|though|that said|still|nevertheless|yet)\b,?\s*"
    r"|[^。！？\n]{0,24}?(?:没有?|无法|不能|不敢|难以|[看尝闻听摸感说猜给]不[到出了准]|不(?=了解|知道|清楚|确定))"
    r"[^。！？\n]{0,10}?(?:确切|准确|具体|味道|精确|完全确定|肯定|口味|喜好|偏好|个人观点|知道|清楚|了解|看到|决定|预测|保证|"
    r"看法|情感|感情|实时|最新|今天|当前|"
    r"统一|绝对)[^。！？\n]{0,16}?[，,。；]\s*"
    r"(?:但是?|不过|然而|可是|粗略|大致|估计|大概|通常|一般|就目前|目前)",
    re.IGNORECASE,
)
"""A word about what is not known for certain, or not liked or felt by a model, before what may be an answer."""
LISTED = re.compile(r"\A[^.!?。！？\n]{0,60}[:：]\s*\S.{7}|(?:^|\n)[ \t]?(?:1[.、)]|[-*•])[ \t]?\S", re.DOTALL)
OFFERED = re.compile(
    r"\W*(?:thank|how (?:can|may) i|what (?:can|may) i|is there|i(?:['’]d| can| could| would be| am|['’]m"
    r"|['’]ll)\b(?! (?:say|pick|choose|guess|go with|"
    r"estimate|put))|you\b|please|let me know|if you|could|would you|feel free|it['’]?s? (?:best|not)|in "
    r"general"
    r"|(?:我)?(?:可以|能|很?愿意|会|建议|乐意)|[您你]|如果|请|建议|若)",
    re.IGNORECASE,
)
"""What comes instead: an offer, or advice where to ask."""
HOW = re.compile(
    r"\W*(?:how|what (?:is|are) the (?:steps|way)|" r"where|steps)\b|[^。？]{0,12}(?:怎么|如何|怎样|步骤|流程)",
    re.IGNORECASE,
)
DIRECTS = re.compile(
    r"(?:just|please|kindly|simply|first|you|go|could|paste|share|provide|send|upload|attach|post|include|"
    r"list|copy|give|tell|show)\b|请|麻烦|[您你]|需要|可以",
    re.IGNORECASE,
)
"""An answer to how something is done may tell to provide, send or paste."""
CORRECTED = re.compile(
    r"\W*(?:wrong|no[,.!]|incorrect|you(?:['’]re| are| forgot| mis\w+| made| missed| said)\b|(?:(?:the|that|this|"
    r"but) [^.?!\n]{0,30}\b)?you (?:gave|said|made|wrote|told|mixed|forgot|missed|used|counted|listed|"
    r"swapped)\b|your (?:[\w']+ ){1,4}(?:typo|mistake|error|bug|wrong)|you (?:\w+ ){1,4}(?:wrong|twice"
    r"|incorrectly)\b|you (?:did not|didn['’]t|haven['’]t|have "
    r"not)\b|(?:think|try|guess) again|are you (?:sure|certain)|(?:(?:hm+|um|wait|oh)\W{1,3})?really\b|"
    r"check (?:again|it)|that['’]?s (?:wrong|not)|i (?:think|meant|said|asked)\b"
    r"|it still|the code still|still\b"
    r"|错|[^，。]{0,4}错了|不对|不是|我要的|再[想试]|真的[吗么]|你(?:[数写算说翻拼看]了|给的|说的|写的|算的|"
    r"把[^，。]{1,10}[混错反漏颠]|确定|再(?:看|算|检查)|肯定|漏|错|弄|算|搞|"
    r"[^，。]{0,10}错)|[^，。]{0,6}还是)",
    re.IGNORECASE,
)
"""What the user says of an answer before: what follows is no refusal, but puts it right."""
CORRECTS = re.compile(
    r"\b(?:my (?:mistake|bad|error)|you(?:['’]re| are) right|i (?:mixed|mis\w+|made an? (?:mistake|error)|"
    r"got (?:it|that|them) wrong)|for the (?:mistake|error|mix-?up)|not quite)\b"
    r"|(?:说|算|弄|搞|写|看|记|理解)错|[弄搞]混|疏忽|[您你]说得对|差一点",
    re.IGNORECASE,
)
"""What somebody says who puts a mistake right."""
DISCLAIMS = re.compile(
    r"i(?:['’]m| am) not an? (?:\w+ )?(?:lawyer|doctor|attorney|physician|vet|expert|professional)"
    r"|我不是(?:医生|律师|专业)",
    re.IGNORECASE,
)
"""What may follow an answer, and is a refusal only where it comes first."""
MAY_BE = re.compile(r"[^,.;]{0,40}\b(?:may|might|could) be\b", re.IGNORECASE)
"""What is only possible."""
DENIES = re.compile("拒绝(?:执行|处理)")
"""What a server does, too, unless it comes first."""
ITEM = re.compile(r"\W*(?:\d+|[-*•])[.、)）]?\s")
"""How a list begins."""
LETTER = re.compile(r"\W*(?:dear |(?:hi|hello|hey) (?!there)(?-i:[A-Z])|尊敬的(?!用户)|亲爱的)", re.IGNORECASE)
SPEAKER = re.compile(
    r"\W*(?!Note|Sorry|Missing|Request|Error|Unable|抱歉|很抱歉|拒绝|无法)(?:[A-Z][\w .]{0,20}:\s|"
    r"[\u4e00-\u9fff]{1,6}[：:])"
)
"""How a dialogue begins."""
OPENING = " \t\r\n\"'“‘「『*#>"
QUOTES = re.compile(r"[\"“「‘](?:[^\"”」]{12}|[^\"”」]*[\"”」]?\W*\Z)")
"""Somebody speaks; a word in quotation marks may stand before anything."""
QUOTED = re.compile(r"\"[^\"\n]*\"|“[^”]*”|「[^」]*」|『[^』]*』")

LONE = re.compile(
    r"\b(?:poems?|haikus?|limericks?|eulog(?:y|ies)|essays?|novels?|jokes?|stor(?:y|ies)|tales?|fables?|songs?|lyrics?"
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
SENTENCE = re.compile(r"[^.!?。！？\n]*(?:[.!?。！？\n]+|$)")
CLAUSE = re.compile(
    r"[.!?;:,—–…\n。！？；：，]+\s*|\s-\s|\s(?=(?:and|but|so|because|since|as|though|although|however)\s)",
    re.IGNORECASE,
)
"""Between two clauses."""
LEADING = re.compile(
    r"(?:\W|(?:and|but|so|because|since|though|although|however|therefore|instead|honestly|sadly|"
    r"unfortunately|regrettably"
    r"|well|oh|sorry|apologies|i['’]?m (?:so |very |really )?sorry|i am (?:so |very |really )?sorry|"
    r"i['’]m afraid|i apologi[sz]e|yet|that)\b"
    r"|但是?|不过|所以|因此|因为|由于|可(?=我)|可惜|而且|并且|只是|很?遗憾|(?:很|"
    r"非常|实在|真的?|十分)?(?:抱歉|对不起|不好意思)|然而|而|也|当然|其实)*",
    re.IGNORECASE,
)
"""What a clause may begin with that says nothing."""
SELF = re.compile(
    r"\W*(?:(?:as|i['’]?m|i am)\b.{0,20}\b(?:ai|model|"
    r"assistant)\b|(?:作为|我是).{0,10}(?:人工智能|AI|模型|助[手理]))",
    re.IGNORECASE,
)
"""Who begins with what he is says only later what he cannot do."""
NEAR = 240
"""Characters that a refusal has come by: two sentences."""
FEW = 4
"""Words of a sentence that is a greeting, a "Sure!" or a "No."."""


def is_refusal(answer: str, asked: str = "") -> bool:
    """Whether the answer begins as a refusal does, in English or Chinese, by the rules above.

    `asked` is the task, with its input; without it only what nobody else would say counts.
    """
    if DIALOGUE.match(answer.lstrip()) or _repeats(answer, asked) or LIMITS.search(asked) or _is_done(answer):
        return False
    start = simplified(answer.lstrip(OPENING)[:300])
    about = ABOUT_IT.search(simplified(asked)) is not None
    if any(pattern.match(start) for pattern in OWN):
        wanted = (
            (about and REPEATED.search(asked))
            or REPEATED_EXAMPLE.search(asked)
            or (QUOTES.match(answer) and wants_speech(asked))
        )
        return not (wanted or (gives_role(asked) and not MODEL_SPEAKS.search(start)))
    if about or _is_long(answer):
        return False
    if not asked or YOUR_LIMITS.search(asked) or CORRECTED.match(asked) or CORRECTS.search(start[:80]):
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
    if SPEAKER.match(start) or LETTER.match(start) or ITEM.match(start):
        return False
    how = HOW.match(asked) is not None
    for at, clause in enumerate(_clauses(start)):
        if (at > 0 and DISCLAIMS.match(clause)) or (at > 0 and DENIES.match(clause)) or MAY_BE.match(clause):
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
    most = 4 if SELF.match(text) else 2
    while sentences < most and seen < 4 and end < len(text) and (sentence := SENTENCE.match(text, end)):
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
