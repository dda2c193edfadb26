"""The verb and its objects in English, by the lexicon of textblob and the lemmas of lemminflect."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from functools import cache
from typing import Any

__all__ = ["asked_en"]

Tagged = Sequence[tuple[str, str]]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ENOUGH = 240
"""Characters that are looked at: three sentences, as a rule."""
SENTENCE = re.compile(r"(?<=[.!?:])\s+|\n+")
CODE = re.compile(r"```.*?(?:```|$)|`[^`\n]*`|https?://\S+", re.DOTALL)
QUOTED = re.compile(r"\"[^\"\n]*\"|“[^”\n]*”|(?<!\w)'[^'\n]*'(?!\w)")

IMPERATIVE = _words("""
    act add adapt advise analyse analyze annotate answer arrange articulate assemble assess assign assume
    brainstorm break build calculate capture cast categorise categorize change check choose cite clarify classify
    code collect combine come comment compare compile complete compose compute condense conduct consider construct
    contrast convert convince correct count craft create critique crop debate debug decide decode decompose deduce
    define delete derive describe decline decrypt design detect determine develop devise diagnose discuss display
    distinguish divide document draft draw edit elaborate eliminate empathize encode encrypt enumerate enter
    estimate evaluate examine expand explain explore express extend extract fact-check fill find finish fix form
    format formulate gather generate give group guess help highlight hint identify illustrate imagine imitate
    implement improve include infer insert interpret introduce invent join judge justify label lay list locate
    look make map mark match measure merge modify name narrate note offer open order organise organize outline
    paraphrase pair parse perform persuade pick plan play plot point pose predict prepare present print produce
    program proofread propose prove provide punctuate put quote rank rate re-write read rearrange reason recall
    recommend recognise recognize record reduce reformat reformulate refine relate remove rename render reorder
    reorganize repeat rephrase replace reverse reword reply report rescue research resolve respond restate
    restructure retell retrieve return reverse review revise rewrite role-play round score search select separate
    set share shorten show simplify simulate sketch solve sort specify spell split spot start state structure
    study substitute suggest sum summarise summarize support survey swap synthesize take talk teach tell test
    think trace transcribe transform translate trim turn underline update use validate verify visualize weigh
    write
""")
"""Verbs that instructions begin with, whatever else the word may be: "Name", "List", "Outline" are nouns to a lexicon.
By the papers' figures and our seeds."""
ASIDE = _words("please kindly now then first next also finally just simply briefly carefully here so and")
ASKS = re.compile(
    r"^(?:(?:can|could|would|will) you(?: please| kindly| also)?|(?:i|we)(?: would|'d|’d)? (?:want|like|need) you to"
    r"|you (?:must|should|have to|need to|are to|will|are asked to|are required to|are supposed to)"
    r"|(?:your|the|this|our) (?:\w+ )?(?:task|job|goal|assignment|role|mission|objective) (?:here )?is to"
    r"|(?:i|we) (?:need|want) to|help me(?: to)?|try to|be sure to|make sure to|let's|let us"
    r"|it is (?:your|a) task to|in this task,? you(?: will| are asked to| need to| have to| are to)?) ",
    re.IGNORECASE,
)
"""What comes before the verb that matters."""
BEFORE = re.compile(
    r"^(?:given|in|from|for|if|when|while|using|based|with|as|according|imagine|suppose|assuming|considering|after"
    r"|before|without|to|on|of|by|out of|among|between|at|during|under|once|until|since)\b[^,]*,\s*",
    re.IGNORECASE,
)
"""A clause before the one that asks: "Given a list of numbers, …"."""
SKIPPED = {"DT", "PRP$", "CD", "JJ", "JJR", "JJS", "VBG", "VBN", "POS", "PDT", "WP$", "RB", "RBR", "RBS", '"', "("}
"""Parts of speech inside a noun phrase, before its head."""
ENDS = re.compile(r"^(?:[.:;?!]|that|which|who|whose|so|because|if|when|while|where|how|why|what|whether|but|to)$")
"""Where the verb's own clause is over."""
WITH = {"using", "including", "containing", "describing", "starting", "ending", "based", "given", "following"}
"""Are never part of a compound noun."""
LIGHT = {"be", "have", "do", "let", "want", "need", "please"}
PARTICLES = {"up", "out", "down", "off", "over", "back", "away"}
PRONOUNS = {"me", "us", "him", "her", "them", "you", "it", "i", "yourself", "myself"}
OF_MANY = _words("type kind sort form piece couple number set lot variety range series bit one")
"""Heads that only measure what stands behind their "of": a piece of code is code."""


def asked_en(text: str) -> tuple[str, list[str], list[str]]:
    """(verb, objects, nouns)."""
    plain = QUOTED.sub(" QUOTE ", CODE.sub(" ", text[: 4 * ENOUGH]))[:ENOUGH]
    verb = ""
    objects: list[str] = []
    nouns: list[str] = []
    for sentence in [part.strip() for part in SENTENCE.split(plain) if part.strip()][:3]:
        rest = _request(sentence)
        tagged = _tag(rest)
        nouns += [_noun(word) for word, kind in tagged if kind.startswith("NN") and _is_word(word)]
        if not verb:
            verb, objects = _root(tagged)
    return verb, objects, [noun for noun in nouns if noun != verb]


def _request(sentence: str) -> str:
    """The sentence from the verb on that asks, as far as its form shows."""
    while True:
        first, _, rest = sentence.partition(" ")
        word = first.strip(",.:!-*•1234567890)(\"'").lower()
        if rest and (not word or (word in ASIDE and rest)):
            sentence = rest.lstrip()
        elif found := ASKS.match(sentence) or BEFORE.match(sentence):
            shorter = sentence[found.end() :]
            if not shorter.strip():
                return sentence
            sentence = shorter
        else:
            return sentence


def _root(tagged: Tagged) -> tuple[str, list[str]]:
    """The verb that a request begins with, and its objects; ("", []) where it begins with none."""
    if not tagged:
        return "", []
    word, kind = tagged[0][0].lower(), tagged[0][1]
    if word not in IMPERATIVE and kind not in ("VB", "VBP") and not _may_ask(tagged):
        return "", []
    lemma = word.replace("re-", "re") if word in IMPERATIVE else _lemma(word, "VERB")
    if (word == "quote" and tagged[0][0] == "QUOTE") or lemma in LIGHT or not _is_word(lemma):
        return "", []
    rest = list(tagged[1:])
    while rest and (rest[0][0].lower() in PARTICLES or rest[0][0] == ","):
        rest = rest[1:]
    if lemma == "come" and rest and rest[0][0].lower() == "with":  # come up with
        lemma, rest = "come up with", rest[1:]
    if lemma == "help" and len(rest) > 1 and rest[0][0].lower() in PRONOUNS:
        inner = _root(rest[2:] if rest[1][0].lower() == "to" else rest[1:])
        if inner[0]:
            return inner
    return lemma, _objects(rest)


def _may_ask(tagged: Tagged) -> bool:
    """Whether a word that the lexicon takes for a noun is a verb here: "Paint the fence", "Cross out …"."""
    word, follows = tagged[0][0].lower(), tagged[1:2]
    begins = any(kind in ("DT", "PRP$", "CD") or next_word.lower() in PARTICLES for next_word, kind in follows)
    return len(tagged) > 2 and begins and _is_word(word) and _can_be_verb(word)


def _objects(rest: Tagged) -> list[str]:
    """Heads of the noun phrases after a verb that no preposition governs, and of those joined to them."""
    found: list[str] = []
    at = 0
    governed = joined = was_governed = False
    while at < len(rest):
        word, kind = rest[at][0].lower(), rest[at][1]
        if ENDS.match(word) and not (word == "to" and governed):
            break
        if word in PRONOUNS:
            at += 1
            continue
        if word in ("and", "or", ",") or word == "&":
            if _verb_follows(rest[at + 1 :]):
                break  # Read the text and answer the question
            joined, governed = bool(found), was_governed and not found
            at += 1
            continue
        if kind in ("IN", "TO") and word != "that":
            if found:
                break  # what follows belongs to the object, or to the verb
            governed = True  # Describe in one sentence …: the next phrase is not the object
            at += 1
            continue
        head, after, ends_phrase = _phrase(rest, at)
        if not head:
            at = max(after, at + 1)
            continue
        was_governed = governed
        if governed:
            governed = False
        elif not found or joined:
            found.append(head)
        elif found:
            break
        joined, at = False, after
        if ends_phrase and found:
            break
    return found


def _phrase(rest: Tagged, at: int) -> tuple[str, int, bool]:
    """The head of the noun phrase that begins here, where it ends, and whether a relative clause begins there.

    The head is the last noun in a row: "the square root of 9" asks for a root. Of "a piece of code" it is the code.
    """
    head, begun = "", False
    while at < len(rest):
        word, kind = rest[at]
        lower = word.lower()
        begun = begun or kind in ("DT", "CD", "PRP$")
        if (kind.startswith("NN") or (begun and kind in ("VB", "VBP", "VBZ"))) and _is_word(word):
            head, begun = _noun(word), False  # three uses, a call: verbs to the lexicon
        elif head and kind == "VBG" and lower not in WITH and at + 1 < len(rest) and rest[at + 1][1].startswith("NN"):
            pass  # machine learning models
        elif head and lower == "of":
            if head in OF_MANY:
                inner, after, ends = _phrase(rest, at + 1)
                return (inner or head), after, ends
            _, after, ends = _phrase(rest, at + 1)
            return head, after, ends
        elif head or (kind not in SKIPPED and lower not in ("'s", "’s", "quote", "-", "/")):
            break
        at += 1
    return head, at, at < len(rest) and rest[at][1] in ("VBG", "VBN", "VBZ", "VBD")


def _verb_follows(rest: Tagged) -> bool:
    rest = [pair for pair in rest[:3] if pair[0].lower() not in ASIDE]
    if not rest:
        return False
    word, kind = rest[0][0].lower(), rest[0][1]
    followed = len(rest) > 1 and rest[1][1] in ("DT", "PRP$", "PRP", "CD", "IN", "WRB", "WP")
    return kind in ("VB", "VBP") or (word in IMPERATIVE and followed)


def _is_word(word: str) -> bool:
    return len(word) > 1 and word.replace("-", "").isalpha() and word != "QUOTE"


def _noun(word: str) -> str:
    return _lemma(word.lower(), "NOUN")


@cache
def _lemma(word: str, kind: str) -> str:
    from lemminflect import getLemma

    found = getLemma(word, upos=kind)
    return str(found[0]).lower() if found else word


@cache
def _can_be_verb(word: str) -> bool:
    from lemminflect import getAllLemmas

    return word in getAllLemmas(word).get("VERB", ())


@cache
def _tagger() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # textblob leaves its lexicon's file for the collector to close
        from textblob.en import tag

        tag("Name three rivers.")
    return tag


def _tag(text: str) -> Tagged:
    found: Tagged = _tagger()(text)
    return found
