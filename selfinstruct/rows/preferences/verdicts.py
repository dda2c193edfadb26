"""Which columns of a row hold judged answers, and what is said of each: chosen, better, 7 of 10, undesirable."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from selfinstruct.rows.layouts.marks import absent, plain
from selfinstruct.rows.layouts.roles import role_of
from selfinstruct.rows.notes import brief
from selfinstruct.rows.preferences.answers import Answer, Names, Verdicts, number_in, tie
from selfinstruct.rows.preferences.rankings import LISTS, is_texts, ranked_in

__all__ = ["ANSWERS", "CHATS", "verdicts_in"]


def verdicts_in(row: dict[str, Any]) -> Verdicts | None:
    """The judged answers of a row, in its order; None where it has none. Raises ValueError where neither of two, or
    none of several, is the better one: whoever learns from such a row learns what nobody said.

    chosen and rejected, by these names or others like them    the first good, the second not; either alone, too
    two answers (response_a and response_b, 0 and 1 …) and a winner, a preference, a label or a score each
    a list of answers with a score or rank each                those with the best one are good, all others not
    one answer with kto_tag, or completion or messages with a label that is true or false    good when true
    """
    if SIGNS.isdisjoint(map(plain, row)) or row.get("judged") or row.get("instances"):
        return None
    names = {plain(key): key for key, value in row.items() if not absent(value)}
    for find in (_chosen, _two, ranked_in, _beside, _chosen_alone, _labelled):
        if found := find(row, names):
            return found
    return None


PAIRS = {
    "chosen": "rejected",
    "chosenresponse": "rejectedresponse",
    "chosenanswer": "rejectedanswer",
    "chosencompletion": "rejectedcompletion",
    "chosenoutput": "rejectedoutput",
    "chosenmessages": "rejectedmessages",
    "chosenconversations": "rejectedconversations",
    "chosenconversation": "rejectedconversation",
    "responsechosen": "responserejected",
    "answerchosen": "answerrejected",
    "outputchosen": "outputrejected",
    "preferredoutput": "nonpreferredoutput",
    "preferredresponse": "dispreferredresponse",
    "preferred": "dispreferred",
    "accepted": "rejected",
    "acceptedresponse": "rejectedresponse",
    "better": "worse",
    "betterresponse": "worseresponse",
    "betteranswer": "worseanswer",
    "goodresponse": "badresponse",
    "goodanswer": "badanswer",
    "winningresponse": "losingresponse",
}
"""TRL's and LLaMA-Factory's first, Argilla's and axolotl's, OpenAI's, and others like them."""


def _chosen(row: dict[str, Any], names: Names) -> Verdicts | None:
    for good, bad in PAIRS.items():
        if good in names and bad in names and _holds_answers(row[names[good]]) and _holds_answers(row[names[bad]]):
            found = [_side(row, names, good, True), _side(row, names, bad, False)]
            return Verdicts(
                tuple(a for answers, _ in found for a in answers), frozenset().union(*(u for _, u in found))
            )
    return None


SWIFT = ("rejectedresponse", "rejectedmessages")


def _beside(row: dict[str, Any], names: Names) -> Verdicts | None:
    """ms-swift's: what is rejected stands beside the response, or beside messages that end with the chosen answer."""
    bad = next((name for name in SWIFT if name in names and _holds_answers(row[names[name]])), None)
    good = next((name for name in ("response", *CHATS) if name in names), None)
    if bad is None or good is None:
        return None
    keys = (names[good], names[bad])
    answers = (Answer(keys[0], row[keys[0]], True), Answer(keys[1], row[keys[1]], False))
    return Verdicts(answers, frozenset(keys))


def _chosen_alone(row: dict[str, Any], names: Names) -> Verdicts | None:
    """A rejected answer beside one that nobody judged leaves this as it is: `--columns output=chosen` learns that."""
    for side, good in (("chosen", True), ("rejected", False)):
        if not good and any(name in names and not _asks(row[names[name]]) for name in (*ANSWERS, *CHATS)):
            return None
        if side in names and _holds_answers(row[names[side]]):
            answers, used = _side(row, names, side, good)
            return Verdicts(answers, used)
    return None


def _asks(value: Any) -> bool:
    """Whether a conversation ends with a question."""
    last = value[-1] if isinstance(value, list) and value else None
    role = (last.get("role") or last.get("from")) if isinstance(last, dict) else None
    return isinstance(role, str) and role_of(role) != "assistant"


def _holds_answers(value: Any) -> bool:
    """A number would be an index, and true or false a label."""
    return isinstance(value, str | list | dict)


def _side(row: dict[str, Any], names: Names, side: str, good: bool) -> tuple[tuple[Answer, ...], frozenset[str]]:
    name = names[side]
    score_key = next((names[key] for key in _score_names(side) if key in names), None)
    score = None if score_key is None else number_in(row[score_key])
    values = row[name] if is_texts(row[name]) else [row[name]]
    used = {name} if score_key is None or score is None else {name, score_key}
    return tuple(Answer(name, value, good, score) for value in values), frozenset(used)


KINDS = ("score", "rating", "reward", "avgrating")


@lru_cache
def _score_names(side: str) -> tuple[str, ...]:
    return (*(f"{side}{kind}" for kind in KINDS), *(f"{kind}{side}" for kind in KINDS))


STEMS = (
    *("answer", "assistant", "candidate", "chat", "completion", "conversation", "generation", "humanref"),
    *("modeloutput", "modelresponse", "origresponse", "output", "reply", "response", "summary"),
)
SUFFIXES = (("a", "b"), ("0", "1"), ("1", "2"), ("j", "k"))
SECOND = {f"{stem}{a}": (f"{stem}{b}", stem, (a, b)) for stem in STEMS for a, b in SUFFIXES}
"""By the first of two answers: the second, and how they are told apart."""

VERDICTS = (
    *("winner", "preference", "preferred", "preferredresponse", "betterresponseid", "betterresponse", "better"),
    *("choice", "chosen", "verdict", "humanpreference", "overallpreference", "preferencestrength", "origpreference"),
    *("labels", "label"),
)
STRENGTHS = ("overallpreference", "preferencestrength")
"""Below 0 the first is the better one, above the second (HelpSteer)."""
FIRST_IS_BETTER = ("responsej", "completiona")
"""Where nothing else is said (StackExchange's pairs, and GPT-4-LLM's comparisons)."""


def _two(row: dict[str, Any], names: Names) -> Verdicts | None:
    for first in names:
        if first in SECOND and SECOND[first][0] in names:
            second, stem, suffixes = SECOND[first]
            keys = (names[first], names[second])
            scores, used = _scores(row, names, stem, suffixes)
            better, verdict = _better(row, names, first, scores)
            if better is None:
                continue
            answers = [Answer(key, row[key], n == better, scores and scores[n]) for n, key in enumerate(keys)]
            return Verdicts(tuple(answers), frozenset((*keys, *used, *verdict)))
    return None


def _scores(
    row: dict[str, Any], names: Names, stem: str, suffixes: tuple[str, str]
) -> tuple[tuple[float, float] | None, list[str]]:
    """The scores of two answers, and the keys that hold them."""
    for kind in ("score", "rating", "reward"):
        for wanted in (f"{kind}{{}}", f"{stem}{{}}{kind}", f"{kind}{stem}{{}}", f"{stem}{kind}{{}}"):
            keys = [names.get(wanted.format(suffix)) for suffix in suffixes]
            found = [None if key is None else number_in(row[key]) for key in keys]
            if found[0] is not None and found[1] is not None:
                return (found[0], found[1]), [key for key in keys if key]
    return None, []


def _better(
    row: dict[str, Any], names: Names, first: str, scores: tuple[float, float] | None
) -> tuple[int | None, list[str]]:
    """Which of two answers is better, 0 or 1, and the keys that say so; None where nothing does. Ties raise."""
    suffixes = SECOND[first][2]
    flags = [names.get(f"winnermodel{suffix}") for suffix in suffixes]
    if flags[0] and flags[1]:
        won = [_truth(row[flag]) for flag in flags if flag]
        if won[0] is won[1]:
            raise tie(flags[0], row[flags[0]])
        used = [*filter(None, flags), *([names["winnertie"]] if "winnertie" in names else [])]
        return (0 if won[0] else 1), used
    for name in VERDICTS:
        if name in names and not (name == "label" and not isinstance(row[names[name]], str)):
            better = _choice(row[names[name]], names[name], name, first)
            if better is not None:
                return better, [] if name in STRENGTHS else [names[name]]
    if scores is not None:
        if scores[0] == scores[1]:
            raise tie(f"the score of {names[first]}", scores[0])
        return (0 if scores[0] > scores[1] else 1), []
    return (0 if first in FIRST_IS_BETTER and (first != "completiona" or "userinput" in names) else None), []


TIES = ("tie", "both", "equal", "same", "neither", "draw", "none", "similar")
ORDER = {"first": 0, "left": 0, "second": 1, "right": 1}


def _choice(value: Any, key: str, name: str, first: str) -> int | None:
    """The better one by a verdict; None for a value that is no verdict (a text, a class). Ties raise."""
    _, stem, suffixes = SECOND[first]
    number = None if isinstance(value, bool) else number_in(value)
    if number is not None:
        if name in STRENGTHS:
            if number == 0:
                raise tie(key, value)
            return 0 if number < 0 else 1
        if stem == "humanref":
            return {1.0: 0, 0.0: 1}.get(number)
        wanted = {float(suffix): n for n, suffix in enumerate(suffixes) if suffix.isdigit()}
        if number in wanted:
            return wanted[number]
        if name == "label":
            return None
        raise ValueError(f"{key} is {brief(value)}, and that is neither of {_both(suffixes)}: write which is better")
    if not isinstance(value, str) or len(value) > 40:
        return None
    said = plain(value).strip("[]()<>.")
    if any(said.startswith(word) for word in TIES):
        raise tie(key, value)
    for prefix in ("model", "assistant", "option", stem, ""):
        if said.removeprefix(prefix) in suffixes:
            return suffixes.index(said.removeprefix(prefix))
    return ORDER.get(said)


def _both(suffixes: tuple[str, str]) -> str:
    return f"{suffixes[0]} and {suffixes[1]}"


ANSWERS = ("completion", "response", "output", "answer", "target", "solution")
"""What a row without judgement calls its answer."""
TAGS = ("ktotag", "ktolabel", "desirable", "isdesirable")
"""What can only mean a judgement."""
VOTES = ("thumbs", "thumbsup", "liked", "feedback", "vote", "rating")
"""What is a judgement where it is a thumb, or true or false; else it is a text or a number of any kind."""
CHATS = ("messages", "conversations", "conversation")
TRUE = ("true", "yes", "1", "1.0", "desirable", "good", "chosen", "thumbsup", "up", "👍", "like", "liked")
FALSE = ("false", "no", "0", "0.0", "undesirable", "bad", "rejected", "thumbsdown", "down", "👎", "dislike", "disliked")


def _labelled(row: dict[str, Any], names: Names) -> Verdicts | None:
    """One answer that is good, or not. Other data has classes in `label`: it is a judgement beside a completion, where
    it says true or false in whatever way, and beside a response or messages where it is true or false itself.
    """
    tag = next((name for name in (*TAGS, "label", *VOTES) if name in names), None)
    if tag in VOTES and (good := _vote(row[names[tag]])) is None:
        return None
    if tag is None:
        return None
    name = next((name for name in ANSWERS if name in names), None) or next((c for c in CHATS if c in names), None)
    good = _truth(row[names[tag]])
    if name is None or (tag == "label" and (good is None or not _means_judgement(row[names[tag]], name, names))):
        return None
    if good is None:
        raise ValueError(f"{names[tag]} is {brief(row[names[tag]])}: write true for a good answer, false for a bad one")
    return Verdicts((Answer(names[name], row[names[name]], good),), frozenset((names[name], names[tag])))


def _vote(value: Any) -> bool | None:
    said = plain(value) if isinstance(value, str) else ""
    thumb = isinstance(value, bool) or said in ("thumbsup", "thumbsdown", "up", "down", "👍", "👎", "like", "dislike")
    return _truth(value) if thumb else None


def _means_judgement(label: Any, name: str, names: Names) -> bool:
    if name == "completion":
        return True
    plainly = isinstance(label, bool) or (isinstance(label, str) and label.strip().lower() in ("true", "false"))
    return plainly and (name in CHATS or (name == "response" and "prompt" in names))


def _truth(value: Any) -> bool | None:
    said = plain(str(value).strip()) if isinstance(value, bool | int | float | str) else ""
    return True if said in TRUE else False if said in FALSE else None


SIGNS = frozenset({*SWIFT, *PAIRS, *PAIRS.values(), *SECOND, *LISTS, *TAGS, *VOTES, "label"})
"""What a row must have one of. Most have none, and every row is asked."""
