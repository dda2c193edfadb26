"""How the built-in teacher reads documents: by their sentences, which it asks about, puts together and checks.

Its questions and answers are a sentence of the passage each; now and then (by the rate `ungrounded`) an answer says
more than that, so that there is something to judge out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from random import Random
from typing import Any

from selfinstruct.passages.cutting import sentences
from selfinstruct.simulator.mess import Rates
from selfinstruct.simulator.reading import Question
from selfinstruct.stages.answering.summarize import forms
from selfinstruct.text.grounding import unsaid
from selfinstruct.text.later import later
from selfinstruct.text.standalone import points_to_text

__all__ = ["DOCUMENTS", "about_documents", "documents_in_json"]

DOCUMENTS = ("question", "question_closed", "ground", "summarize", "backtranslate", "curate", "rewrite")
"""The kinds of prompts that are about a passage, or about what was made of one."""

_HAN = later("[\u4e00-\u9fff]")
_IS = later(
    r"(?P<subject>(?:The|A|An|Every|Most|Some|[A-Z][a-z]{2,})(?: (?!(?:and|but|which|that|who|if"
    r"|when)\b)[\w'’-]+){0,5}?)"
    r" (?P<verb>is|are|was|were) (?P<rest>[^\n]+)"
)
_IS_ZH = later(r"(?P<subject>[^，。、；：“”\n]{2,14}?)(?P<verb>是|位于|建于|有)(?P<rest>[^\n]+)")
_ASK_ZH = {"是": "{}是什么？", "位于": "{}在什么地方？", "建于": "{}是什么时候建的？", "有": "{}有什么？"}
_PRONOUN = later(r"(?:This|That|These|Those|It|They|He|She|There|Here|Such|Its|Their)\b|[这那它他她此]")
_WORD = later(r"[a-z][a-z'’-]{3,}", re.IGNORECASE)
_ANY = later("[\u4e00-\u9fff]{2}|[^\\W_\u4e00-\u9fff]{3,}")

_WORDS: Mapping[str, Mapping[str, Any]] = {
    "en": {
        "pair": "Question: {}\nAnswer: {}",
        "ugly": ("Sure! Here are the questions:\n\n", "**Question {n}:** {}\n**Answer {n}:** {}"),
        "topic": "What should one know about {}?",
        "more": (
            " This was first recorded in {year}.",
            " Nobody had expected anything of that kind.",
            " The Ministry of Weather confirmed it.",
        ),
        "yes": "Yes\nEach statement is in the text.",
        "no": "No\nThis is not in the text: {}",
        "request": (
            "Tell me about {}.",
            "What is there to know about {}?",
            "Explain in some detail what one should know about {}.",
        ),
        "leak": "What does the text say about {}?",
        "number": "{}\n{}",
        "why": (
            "It is not what was asked for.",
            "",
            "It is written for somebody else.",
            "It could be a little shorter.",
            "It is complete and to the point.",
        ),
    },
    "zh": {
        "pair": "问题：{}\n答案：{}",
        "ugly": ("好的，以下是问题：\n\n", "**问题{n}：**{}\n**答案{n}：**{}"),
        "topic": "关于“{}”，有哪些需要知道的？",
        "more": ("这件事最早记录于{year}年。", "当时谁也没有料到会出现类似情形。", "气象部随后发布公告予以证实。"),
        "yes": "是\n每一句在文章里都有依据。",
        "no": "否\n文章里没有这一句：{}",
        "request": ("请介绍一下“{}”。", "关于“{}”，需要知道些什么？", "请详细说明“{}”的情况。"),
        "leak": "文中关于“{}”说了什么？",
        "number": "{}\n{}",
        "why": ("没有回答要求。", "", "不是写给提问者的。", "还可以再简短一些。", "完整而且切题。"),
    },
}


def about_documents(asked: Question, rng: Random, rates: Rates) -> str:
    """The answer to a prompt about a passage."""
    words = _WORDS[asked.language.code]
    match asked.kind:
        case "question" | "question_closed":
            pairs = _pairs(asked, rng, rates)
            if rng.random() < rates.ugly:
                greeting, form = words["ugly"]
                return str(greeting) + "\n\n".join(form.format(*pair, n=n) for n, pair in enumerate(pairs, 1))
            return "\n".join(words["pair"].format(*pair) for pair in pairs) or asked.language.unknown
        case "ground":
            beside = _unfounded(asked)
            return str(words["no"].format(beside) if beside else words["yes"])
        case "summarize":
            return _summary(asked, rng, rates) or asked.language.unknown
        case "backtranslate":
            said = _sayings(asked.places["passage"], asked.language.code)
            if not said:
                return asked.language.unknown
            form = words["leak"] if rng.random() < rates.leak else rng.choice(words["request"])
            return str(form.format(_topic(said[0])))
        case "curate":
            number = _quality(asked)
            return str(words["number"].format(number, words["why"][number - 1])).strip()
    said = _sayings(asked.places["passage"], asked.language.code)
    return _joined(said) if said else asked.language.unknown


def documents_in_json(asked: Question, rng: Random, rates: Rates) -> dict[str, Any] | None:
    """The same as an object; None where the stage knows no JSON."""
    match asked.kind:
        case "question" | "question_closed":
            pairs = _pairs(asked, rng, rates)
            return {"questions": [{"question": question, "answer": answer} for question, answer in pairs]}
        case "ground":
            return {"grounded": not _unfounded(asked)}
        case "curate":
            return {"quality": _quality(asked)}
    return None


def _sayings(passage: str, language: str) -> list[str]:
    """Sentences that say something by themselves: no headings, tables, code or items of lists, and not too long; only
    those in the language, if there are any."""
    found = []
    for sentence in map(str.strip, sentences(passage)):
        chinese = bool(_HAN.match(sentence))
        long = len(_HAN.findall(sentence)) if chinese else len(sentence.split())
        if (8 if chinese else 5) <= long <= (120 if chinese else 60) and re.match(
            r"(?s)(?!\W)(?!.*(?:[|{}<>]|```)).*[.!。！]\Z", sentence
        ):
            found.append(sentence)
    return [one for one in found if bool(_HAN.match(one)) == (language == "zh")] or found


def _topic(sentence: str) -> str:
    """What a sentence is about, in a few words."""
    if _HAN.match(sentence):
        found = _IS_ZH.match(sentence)
        return (
            found["subject"] if found and not _PRONOUN.match(sentence) else re.split("[，。；：、]", sentence)[0][:16]
        )
    found = None if _PRONOUN.match(sentence) else _IS.match(sentence)
    if found:
        first, _, rest = found["subject"].partition(" ")
        return f"{first.lower() if first in ('The', 'A', 'An', 'Every', 'Most', 'Some') else first} {rest}".strip()
    words = sorted(dict.fromkeys(word.lower() for word in _WORD.findall(sentence)), key=len)[-2:]
    return (
        " and ".join(word for word in re.findall(r"[\w'’-]+", sentence.lower()) if word in words[-2:]) or sentence[:40]
    )


def _ask(sentence: str) -> str:
    """A question whose answer is the sentence."""
    words = _WORDS["zh" if _HAN.match(sentence) else "en"]
    pattern = _IS_ZH if _HAN.match(sentence) else _IS
    found = None if _PRONOUN.match(sentence) else pattern.match(sentence)
    if found and pattern is _IS_ZH:
        return _ASK_ZH[found["verb"]].format(found["subject"])
    if found:
        return f"What {found['verb']} {_topic(sentence)}?"
    return str(words["topic"].format(_topic(sentence)))


def _pairs(asked: Question, rng: Random, rates: Rates) -> list[tuple[str, str]]:
    said = _sayings(asked.places["passage"], asked.language.code)
    wanted = int(asked.places.get("many") or 3)
    chosen = sorted(rng.sample(range(len(said)), min(wanted, len(said))))
    pairs = {_ask(said[at]): said[at] for at in chosen}
    return [(question, _more(answer, rng, rates)) for question, answer in pairs.items() if not points_to_text(question)]


def _more(text: str, rng: Random, rates: Rates) -> str:
    """The text, now and then with something that nobody said."""
    if rng.random() >= rates.ungrounded:
        return text
    words = _WORDS["zh" if _HAN.search(text) else "en"]
    return f"{text}{rng.choice(words['more']).format(year=rng.randint(1300, 1899))}"


def _unfounded(asked: Question) -> str:
    """The first sentence of the answer that the passage does not hold; "" when it holds all."""
    passage, answer = asked.places["passage"], asked.places["answer"]
    given = f"{passage}\n{asked.places['question']}"
    known = set(_ANY.findall(given.lower())) | set(_ANY.findall(given.lower()[1:]))
    for sentence in sentences(answer):
        parts = _ANY.findall(sentence.lower())
        held = sum(part in known or (bool(_HAN.match(part)) and part in given) for part in parts)
        if unsaid(sentence, given) or held < 0.7 * len(parts):
            return sentence.strip()
    return ""


def _summary(asked: Question, rng: Random, rates: Rates) -> str:
    said, wish = _sayings(asked.places["passage"], asked.language.code), asked.places["wish"].strip()
    form = next((name for name, one in forms().items() if wish in one[asked.language.code]), "sentence")
    if not said:
        return ""
    match form:
        case "title":
            topic = _topic(said[0])
            return topic[:1].upper() + topic[1:]
        case "points":
            return "\n".join(f"- {one}" for one in said[: max(2, len(said) // 2)])
        case "sentence":
            return _more(said[0], rng, rates)
    return _more(_joined(said[::2][:3]), rng, rates)


def _joined(said: list[str]) -> str:
    return ("" if _HAN.match(said[0]) else " ").join(said)


def _quality(asked: Question) -> int:
    """1 where it answers something else, 3 where somebody tells of themselves, 4 where it is long, else 5."""
    answer, task = asked.places["answer"], asked.places["task"]
    if not set(_ANY.findall(task.lower())) & set(_ANY.findall(answer.lower())) and not any(
        word in answer for word in re.findall("“(.+?)”", task)
    ):
        return 1
    if re.search(r"\b(?:I|we|my|our)\b|我", answer):
        return 3
    return 4 if len(answer) > 1_500 else 5
