"""The filters for what should not be in anybody's data: right on labelled tasks, quiet about what they found, fast."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.errors import UsageError
from selfinstruct.filters import FILTERS, Filter, get_ready, sift
from selfinstruct.filters.pool import Pool
from selfinstruct.running.dropping import drop_from
from selfinstruct.task import Instance, Judged, Message, Reason, Rejected, Task, rejected_to_row, task_from_row
from selfinstruct.text.personal import KINDS, find_personal, masked
from selfinstruct.text.secrets import find_secret
from selfinstruct.text.word_list import WordList

LABELLED = Path(__file__).parent / "labelled"
OURS = ("private", "secrets", "urls", "repetition", "truncated", "answer_language")
FILES = [file for name in OURS for file in sorted(LABELLED.glob(f"{name}.*.jsonl"))]


def cases(file: Path) -> list[tuple[Task, bool]]:
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    return [(task_from_row(row, "t"), row["drop"]) for row in rows]


def of(answer: str, question: str = "Describe the mill.", **more: object) -> Task:
    return Task("t", question, (Instance("", answer),), extra=dict(more))


def reason(name: str, task: Task, **options: object) -> Reason | None:
    found = FILTERS[name](**options)(task, Pool())
    assert not isinstance(found, str)
    return found


def test_half_of_the_labelled_tasks_are_to_be_kept() -> None:
    for file in FILES:
        kept = [wanted for _, wanted in cases(file)].count(False)
        assert 0.4 <= kept / len(cases(file)) <= 0.6, file.name


def test_no_secret_is_shown() -> None:
    """Neither whole nor by half: the file of rejected rows is one that people share."""
    for task, wanted in cases(LABELLED / "secrets.en.jsonl"):
        found = reason("secrets", task)
        if wanted and found:
            texts = [instance.input + instance.output for instance in task.instances]
            words = re.findall(r"[\w+/-]{12,}", " ".join([*texts, *(turn["content"] for turn in task.turns)]))
            shown = found.detail.rpartition("…")[2]
            assert len(shown) == 2
            assert not any(word[-6:] in found.detail for word in words)


@pytest.mark.parametrize(
    ("found", "shown"),
    [("hannelore@quillmail.net", "h…@q….net"), ("413-886-2047", "41…47"), ("13987264150", "13…50")],
)
def test_personal_data_is_masked(found: str, shown: str) -> None:
    assert masked(found) == shown


def test_the_labelled_keys_do_not_look_like_keys_to_scanners() -> None:
    """They are nobody's; but who looks through files for lost keys cannot know."""
    text = (LABELLED / "secrets.en.jsonl").read_text(encoding="utf-8")
    assert not re.search(r"ghp_[A-Za-z0-9]{30}|AKIA[A-Z2-7]{16}|sk-(?:ant|proj)-\w{10}|xoxb-\d|sk_live_\w{10}", text)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("email", "write to hannelore.brix@quillmail.net"),
        ("phone", "电话13987264150"),
        ("card", "card 4532 9177 0846 1250"),
        ("id", "SSN 531-74-2286"),
        ("passport", "Passport number: C7G4R92KT"),
        ("ip", "from 93.184.215.14 at noon"),
    ],
)
def test_kinds_of_personal_data_are_looked_for_where_asked(kind: str, text: str) -> None:
    assert reason("private", of(text), kinds=[kind]) is not None
    assert reason("private", of(text), kinds=[other for other in KINDS if other != kind]) is None


def test_addresses_of_machines_are_no_versions() -> None:
    assert find_personal("seen from 2a00:1450:4001:81b::200e", ("ip",)) is not None
    assert find_personal("version 93.184.215.14, 10.0.0.1, 12:30:45, fe80::1 and a::b", ("ip",)) is None
    assert reason("private", of("from 93.184.215.14 at noon")) is None, "logs are full of them"


def test_where_filters_look() -> None:
    turns = (
        Message(role="user", content="My mail is petra@kolobox.cz"),
        Message(role="assistant", content="Noted.", thoughts="She is petra@kolobox.cz"),
    )
    bare = (turns[0], Message(role="assistant", content="Noted."))
    judged = Task("t", "Hi", judged=(Judged((Message(role="assistant", content="petra@kolobox.cz"),), False),))
    assert reason("private", Task("t", "Hi", turns=turns), where="answers")
    assert reason("private", Task("t", "Hi", turns=bare), where="answers") is None
    assert reason("private", Task("t", "Hi", turns=bare)) is not None
    assert reason("private", judged, where="answers") is not None


def test_an_answer_that_is_not_learned_may_be_bad() -> None:
    loop = "It turns." + " The wheel turns and turns." * 9
    for name, said in (("repetition", loop), ("truncated", "It has a wheel, a"), ("urls", "See https://a-mill.net/x")):
        turns = (Message(role="user", content="Describe the mill."), Message(role="assistant", content=said))
        assert reason(name, Task("t", "Hi", turns=turns))
        turns[1]["learned"] = False
        assert reason(name, Task("t", "Hi", turns=turns)) is None


def test_a_row_may_say_that_it_was_cut() -> None:
    assert reason("truncated", of("It has a wheel.", finish_reason="length")) == Reason(
        "truncated", "finish_reason: length"
    )
    assert reason("truncated", of("It has a wheel.", finish_reason="stop")) is None


def test_words_of_a_file_are_the_recipes(tmp_path: Path) -> None:
    file = tmp_path / "words.txt"
    file.write_text("# of the mill\nwheel\n\n磨坊\n", encoding="utf-8")
    (drop,) = drop_from([{"words": str(file)}])
    assert drop == FILTERS["words"](words=("wheel", "磨坊"))
    assert drop == drop_from([{"words": ["wheel", "磨坊"]}])[0]
    assert drop(of("The WHEEL turns."), Pool()) == Reason("word", "wheel")
    assert drop(of("老磨坊在河边。"), Pool()) == Reason("word", "磨坊")
    assert drop(of("Wheels turn."), Pool()) is None


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("bad", "A B A D word: ｂａｄ."),
        ("bad", "so BAD"),
        ("b.d", "it is b.d, no?"),
        ("f**k", "oh f**k that"),
        ("hot  dog", "a Hot\nDog stand"),
        ("straße", "STRASSE"),
        ("bad", "b\u200bad"),
        ("坏蛋", "你这个坏蛋啊"),
        ("c++", "in C++17"),
        ("café", "Cafe\u0301"),
    ],
)
def test_words_are_found(word: str, text: str) -> None:
    assert WordList([word]).find(text) == word


@pytest.mark.parametrize(("word", "text"), [("bad", "badly"), ("bad", "abad"), ("b.d", "b,d"), ("hot dog", "hot, dog")])
def test_words_are_whole(word: str, text: str) -> None:
    assert WordList([word]).find(text) is None


@given(st.lists(st.text("ab 字.", min_size=1, max_size=4), max_size=5), st.text("ab 字.", max_size=20))
def test_a_list_finds_what_its_words_find(words: list[str], text: str) -> None:
    assert bool(WordList(words).find(text)) == any(WordList([word]).find(text) for word in words)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: FILTERS["private"](kinds=["mail"]), "private has no kind 'mail': did you mean 'email'"),
        (lambda: FILTERS["urls"](where="answer"), "urls: where is 'answer': did you mean 'answers'"),
        (lambda: FILTERS["words"](file="/nowhere/words.txt"), "words: cannot read /nowhere/words.txt"),
    ],
)
def test_mistakes_are_named(make: Callable[[], Filter], says: str) -> None:
    with pytest.raises(UsageError, match=re.escape(says)):
        make()


def test_a_list_without_words_is_a_mistake(tmp_path: Path) -> None:
    file = tmp_path / "words.txt"
    file.write_text("# none yet\n")
    with pytest.raises(UsageError, match="has no words: write one a line"):
        FILTERS["words"](file=str(file))
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="is not UTF-8 text"):
        FILTERS["words"](file=str(file))


def test_a_dropped_row_says_why() -> None:
    (lost,) = sift([of("Write to hannelore.brix@quillmail.net.")], [FILTERS["private"]()])
    assert isinstance(lost, Rejected)
    assert rejected_to_row(lost)["detail"] == "email h…@q….net"


MEGABYTE = {
    "digits": "7" * 1_000_000,
    "spaced digits": "12 " * 333_333,
    "at": "a@" * 500_000,
    "dots": "a.a" * 333_333,
    "at and dots": "a@b." * 250_000,
    "slashes": "http://" * 140_000,
    "beginnings": "sk-" * 333_333,
    "base64": "eyJ" * 333_333,
    "names": "key: " * 200_000,
    "dashes": "-" * 1_000_000,
    "one letter": "a" * 1_000_000,
    "lines": "- \n" * 333_333,
    "brackets": "(" * 1_000_000,
    "quotes": '" ' * 500_000,
    "characters": "的" * 1_000_000,
    "sentences": "The wheel turns. " * 60_000,
}


@pytest.mark.parametrize("name", [*OURS, "words"])
def test_a_megabyte_of_anything_is_read_in_a_second_or_two(name: str) -> None:
    drop = FILTERS[name](words=("bad word", "坏")) if name == "words" else FILTERS[name]()
    get_ready([drop])
    for shape, text in MEGABYTE.items():
        start = process_time()
        drop(of(text), Pool())
        assert process_time() - start < 5, shape


@pytest.mark.parametrize("text", ["", " ", "\n", "\ud800", "```", "a", "的", "@", "://", "-----BEGIN", "1", "[", '"'])
@pytest.mark.parametrize("name", [*OURS, "words"])
def test_scraps_of_text_are_harmless(name: str, text: str) -> None:
    assert reason(name, of(text, text or "a")) is None or name == "truncated"


def test_what_has_no_key_has_no_secret() -> None:
    assert find_secret("") is None
    assert find_secret("A plain sentence about keys and tokens, and about passwords.") is None
