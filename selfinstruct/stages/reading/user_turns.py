"""What a model that plays the user says: one turn of the user's, or why it is none.

Models are trained to answer, not to ask. So they answer the question that they have just asked, write both sides, speak
as the assistant, thank without end, say the same once more, and put names and quotation marks around what they say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from selfinstruct.stages.reading.json_answers import objects_in
from selfinstruct.stages.reading.plain import HAN, plain
from selfinstruct.stages.reading.prose import asks
from selfinstruct.stages.reading.speakers import own_part
from selfinstruct.task import Message
from selfinstruct.text.languages import other_language
from selfinstruct.text.later import later
from selfinstruct.text.loops import find_loop
from selfinstruct.text.placeholders import is_placeholder
from selfinstruct.text.seams import is_blank
from selfinstruct.text.tokens import tokens

__all__ = ["CONTENT", "Said", "size", "speaks_as_assistant", "user_turn"]

CONTENT = "the user is content"
"""Why a conversation ends that has come to its end."""
AS_ASSISTANT = "speaks as the assistant"

_KEYS = ("message", "content", "text", "user", "question", "next", "消息", "内容", "用户", "问题")
_QUOTES = (('"', '"'), ("“", "”"), ("「", "」"), ("『", "』"), ("‘", "’"), ("'", "'"), ("**", "**"), ("```", "```"))
_LEAD = later(
    r"\s*(?:(?:sure|certainly|of course|okay|ok|here(?:['’]s| is)|as)\b[^\n:]{0,60}?"
    r"(?:\b(?:the )?user\b|\bnext (?:message|turn|line)\b|\b(?:follow-?up )?message\b)[^\n:]{0,40}"
    r"|next (?:message|turn)|(?:the )?user(?:['’]s)?(?: next)?(?: message| turn| question| reply| response"
    r"| (?:could|would|might|may|will|then)?[ \t]*(?:says?|asks?|writes?|repl(?:y|ies)))[^\n:]{0,40}"
    r"|(?:好的|当然|以下|下面)[^\n：:]{0,20}(?:用户|消息|发言|提问|的话)[^\n：:]{0,20}"
    r"|(?:作为)?用户(?:的?下一|接下来|接着|会|可能|继续)[^\n:：]{0,40})[:：][ \t]*",
    re.IGNORECASE,
)
"""Sure! Here is what the user says next: The user might ask: 用户接下来会说："""
_TELLS = later(
    r"\s*(?:the user (?:\w+ )?(?:says?|asks?|wants?|is|has|might|may|would|could|will|then|thanks?|replies|responds)\b"
    r"|(?:这位)?用户(?:会|想|可能|接着|继续|表示|询问|问道|对))",
    re.IGNORECASE,
)
_END = later(
    r"[\[【<(（*_\s]{1,4}(?:/?end(?: of (?:the )?(?:conversation|chat|dialogue|turn))?|对话结束|结束对话|结束|完毕)"
    r"[\]】>)）*_\s.。]{1,4}",
    re.IGNORECASE,
)
_END_ALONE = later(
    r"\W*(?:end(?: of (?:the )?(?:conversation|chat|dialogue))?|(?:the )?(?:user|conversation) (?:ends?|is content)"
    r"(?: the conversation)?|对话结束|结束对话|结束|完毕)\W*",
    re.IGNORECASE,
)
_THANKS = later(
    r"\bthank(?:s| you)\b|\bcheers\b|\bappreciate (?:it|your|the|this|that)|\b(?:good)?bye\b|\bsee you\b"
    r"|\btake care\b|\b(?:no|don['’]t have(?: any)?)(?: more| further| other)? questions\b"
    r"|\bthat(?:['’]s| is| was) (?:all|everything)\b|\bnothing (?:else|more)\b"
    r"|谢谢|多谢|感谢|再见|拜拜|没有(?:别的|其他|更多|什么)?(?:的)?问题了?|没问题了|(?:都)?明白了|就这些",
    re.IGNORECASE,
)
_WISHES = later(
    r"[?？]|\b(?:but|however|also|one more|another|still|what about|how about|can you|could you|would you|please"
    r"|tell me|explain|show|i(?:['’]d| would) like|i want|i need|i wonder"
    r"|i(?:['’]m| am) (?:not sure|curious|wondering|confused))\b"
    r"|但|不过|可是|还想|另外|再(?!见)|请|能不能|可以.{0,6}吗|怎么|为什么|什么(?!问题了)|如何|吗|呢",
    re.IGNORECASE,
)
"""By which a turn that thanks wants something more all the same."""
_ASKS = later(
    r"[?？]|\b(?:(?:can|could|would) you|please|tell me|my|i(?:['’]ve| have| tried))\b"
    r"|请|吗|呢|怎么|如何|什么|能不能|我[家的]",
    re.IGNORECASE,
)
_STRONG = later(
    r"\byou(?:['’]re| are) (?:very |most |always )?welcome\b"
    r"|\b(?:how|what) (?:else )?(?:can|may|could) i (?:help|assist|do for)\b"
    r"|\b(?:anything|something) else (?:that )?i can (?:help|assist|do)\b"
    r"|\bas an? (?:ai|artificial|(?:large )?language model)\b"
    r"|\bi(?:['’]m| am) (?:an? )?(?:ai|artificial intelligence|language model|virtual assistant|chatbot|here to help)\b"
    r"|\b(?:please )?feel free to (?:ask|reach|let me|contact)\b|\blet me know if you (?:have|need|want|would)\b"
    r"|\bi(?:['’]m| am) (?:always )?(?:ready|here|happy|glad) to (?:help|assist)\b"
    r"|\bi(?:['’]d| would) be (?:happy|glad) to (?:help|assist|answer|explain)\b"
    r"|\bthank you for (?:your question|asking|reaching)\b"
    r"|作为(?:一[个名位款])?(?:由\S{1,12})?(?:人工智能|AI|语言模型|智能助手|虚拟助手)|^不客气|^不用谢"
    r"|很高兴(?:能|可以|为|帮)|还有(?:什么|其他|别的)[^。？?]{0,12}(?:帮|为)[你您忙]"
    r"|(?:请)?随时(?:告诉我|提问|问我|联系我|向我)",
    re.IGNORECASE | re.MULTILINE,
)
"""What only the assistant says."""
_WEAK = later(
    r"\s*(?:certainly|absolutely|of course|sure(?: thing)?|great question|good question"
    r"|(?:that['’]s|what) an? (?:great|good|excellent|interesting|wonderful) (?:question|idea)"
    r"|here (?:are|is)|here['’]s|i understand (?:that )?you|you (?:can|should|could) |to answer your|in summary"
    r"|in conclusion|overall,"
    r"|当然[，。！]|好的[，。！][^，。]{0,4}(?:以下|下面|我来|首先|这是)|没问题"
    r"|这是个好问题|以下是|您可以|你可以|总之|综上)",
    re.IGNORECASE,
)
"""With which the assistant begins, and the user only where he asks for something, too."""
_OWN = later(r"\b(?:i|i['’]\w+|my|me|mine|we|our|us|you|your)\b|[我俺咱你您]|[?？]|[吗呢吧]|请", re.IGNORECASE)
_ANSWERS = later(
    r"(?:(?<=[?？])|(?<=[?？][\"”’)]))\s*(?=(?:yes|no)[,.!]|(?:the )?answer(?: is|:)|a:"
    r"|(?:this is |it is )?because\b(?! of)|certainly\b|sure[,!]|of course\b|you (?:can|should|could)\b"
    r"|here (?:are|is)\b|答[:：]|答案|回答[:：]|是的[，。]|不是[，。]|因为|这是因为|当然[，。！]|你可以|您可以|以下是"
    r"|可以的[，。！])",
    re.IGNORECASE,
)
"""Between a question and the answer to it."""
_SEVERAL = later(r"\A\s*(?:1[.)、．]|[-*•])[ \t]*+(?P<one>[^\n]++)\n++(?:2[.)、．]|[-*•])[ \t]*[^\n]")
_LONG = 40
"""Words (in Chinese 1.6 characters each) of a turn in which nobody speaks of himself, to somebody, or asks."""
_GRAM = 5
_COPIED = 0.6
"""Share of a turn's runs of five words that stood before, from which on it is no turn of its own."""


class Said(NamedTuple):
    text: str
    """What the user says; "" where the conversation ends instead."""
    end: str = ""
    """Why it ends."""
    rest: str = ""
    """What else the answer holds, which nobody says."""
    why: str = ""
    """Why not."""


def user_turn(answer: str, before: Sequence[Message], language: str, *, cut: bool = False) -> Said:
    """What the user says next in a conversation that went so before, in the language in which it is held.

    `cut`: the answer ended at max_tokens; what the other side would have said after the turn may well be missing.
    """
    text, lead = _without_lead(_of_json(plain(answer).strip()))
    own, rest = own_part(text, user=True)
    if not own and rest:
        return Said("", AS_ASSISTANT)
    why = "writes both sides" if rest else ""
    own, ended = _without_end(_unquoted(own))
    if several := _SEVERAL.match(own):
        own, rest, why = several["one"].strip(), own[several.end("one") :].strip(), "several turns"
    if answers := _ANSWERS.search(own):
        own, rest, why = own[: answers.start()].strip(), own[answers.start() :].strip(), "answers itself"
    own = _unquoted(own)
    if cut and not rest and not ended:
        return Said("", "truncated")
    if is_blank(own) or not re.search(r"\w", own):
        return Said("", CONTENT if ended else "no turn", rest, why)
    if (ended and not _WISHES.search(own)) or _is_goodbye(own):
        return Said("", CONTENT)
    fault = _fault(own, before, language, told=bool(lead))
    return Said("", fault) if fault else Said(own, "", rest, why)


def _of_json(text: str) -> str:
    """Of an object with one text in it, or a text under a name that says so, that text."""
    if not text.startswith(("{", "```json", "```\n{")):
        return text
    for item in (objects_in(text, "instruction") or ())[:1]:
        texts = {str(key).lower(): value for key, value in item.items()} if isinstance(item, dict) else {}
        named = [texts[key] for key in _KEYS if isinstance(texts.get(key), str)]
        if named or (len(texts) == 1 and isinstance(next(iter(texts.values())), str)):
            return str((named or list(texts.values()))[0]).strip()
    return text


def _without_lead(text: str) -> tuple[str, str]:
    """The text without what announces it: "Here is the user's next message:"."""
    lead = _LEAD.match(text)
    if not lead or not text[lead.end() :].strip():
        return text, ""
    return text[lead.end() :].strip(), lead[0]


def _without_end(text: str) -> tuple[str, bool]:
    """The text without the mark that ends a conversation, and whether it had it."""
    if _END_ALONE.fullmatch(text):
        return "", True
    without = _END.sub("", f"{text}\n").strip() if "[" in text or "【" in text or "<" in text else text
    return without, without != text.strip()


def _unquoted(text: str) -> str:
    text = text.strip()
    for opening, closing in _QUOTES:
        inside = text[len(opening) : -len(closing)]
        if text.startswith(opening) and text.endswith(closing) and inside.strip() and opening not in inside:
            return inside.strip()
    return text


def _is_goodbye(text: str) -> bool:
    """Whether the user thanks, or takes leave, and wants nothing more."""
    return bool(_THANKS.search(text)) and not _WISHES.search(text) and not asks(text) and size(text) <= _LONG


def _fault(text: str, before: Sequence[Message], language: str, *, told: bool) -> str:
    """Why this is nothing that the user would say; "" when there is no reason."""
    if not told and _TELLS.match(text):
        return "tells of the user"
    if _STRONG.search(text) or (_WEAK.match(text) and not _ASKS.search(text)):
        return AS_ASSISTANT
    if size(text) >= _LONG and not _OWN.search(text) and not any(map(asks, re.split(r"(?<=[.!。！])\s*", text))):
        return AS_ASSISTANT
    if is_placeholder(text, ""):
        return "holds the place of a turn"
    if find_loop(text):
        return "the same again and again"
    if _same_again(text, (turn["content"] for turn in before if turn["role"] != "system")):
        return "said before"
    asked = next((turn["content"] for turn in before if turn["role"] == "user"), "")
    held = (asked and other_language(asked, language)) or language
    found = other_language(text, held)
    return f"in another language: {found}" if found else ""


def _same_again(text: str, before: Iterable[str]) -> bool:
    """Whether most of the text stood before, in one of these."""
    words = tokens(text)
    for other in before:
        known = tokens(other)
        if words == known:
            return True
        grams = _grams(words)
        if len(words) > 2 * _GRAM and len(grams & _grams(known)) > _COPIED * len(grams):
            return True
    return False


def _grams(words: Sequence[str]) -> set[tuple[str, ...]]:
    return {tuple(words[at : at + _GRAM]) for at in range(len(words) - _GRAM + 1)}


def speaks_as_assistant(text: str) -> bool:
    """Whether it has a phrase that only the assistant says."""
    return bool(_STRONG.search(text))


def size(text: str) -> float:
    """In words."""
    han = len(re.findall(f"[{HAN}]", text))
    return len(re.sub(f"[{HAN}]", " ", text).split()) + han / 1.6
