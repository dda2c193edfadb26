"""The novelty index beside rouge_score itself, pair by pair: same F to the last bit, same decisions, same nearest."""

import json
import os
import random
import subprocess
import sys
import tracemalloc
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rouge_score import rouge_scorer, tokenize  # type: ignore[import-untyped]

from selfinstruct.filters import rouge
from selfinstruct.filters.rouge import Novelty, rouge_l
from selfinstruct.text.normal import folded
from selfinstruct.text.tokens import tokens

VECTORS = Path(os.environ.get("SELFINSTRUCT_VECTORS", Path(__file__).parent / "vectors"))
SCORER = rouge_scorer.RougeScorer(["rougeL"], use_stemmer=False)
THRESHOLDS = (0.0, 0.25, 0.5, 2 / 3, 0.7, 0.9, 1.0)


def published_f(a: str, b: str) -> float:
    return float(SCORER.score(a, b)["rougeL"].fmeasure)


def first_highest(scores: list[float], threshold: float) -> tuple[str, float] | None:
    """What an index whose ids are "0", "1" … must answer, given F with every entry."""
    best = max(scores, default=0.0)
    return (str(scores.index(best)), best) if best > threshold else None


def index_of(*texts: str) -> Novelty:
    index = Novelty()
    for n, text in enumerate(texts):
        index.add(str(n), text)
    return index


def soup(seed: int, count: int, longest: int, vocabulary: int) -> list[str]:
    """Texts of words drawn with a bias to a few; half of them edits of an earlier one."""
    rng = random.Random(seed)
    texts: list[list[str]] = []
    for n in range(count):
        if n % 2:
            words = list(rng.choice(texts))
            for _ in range(rng.randint(0, 1 + len(words) // 3)):
                where = rng.randrange(len(words) + 1)
                words[where : where + rng.randint(0, 1)] = [f"w{rng.randrange(vocabulary)}"][: rng.randint(0, 1)]
        else:
            words = [f"w{int(vocabulary * rng.random() ** 3)}" for _ in range(rng.randint(1, longest))]
        texts.append(words)
    return [" ".join(words) for words in texts]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Write a short poem!", ["write", "a", "short", "poem"]),
        ("don't re-do_it 3.5x", ["don", "t", "re", "do", "it", "3", "5x"]),
        ("éclair, naïve ²ª", ["clair", "na", "ve"]),
        ("e\u0301clair", ["clair"]),
        ("dé\u00adjà vu, \ufeffte\u200bxt", ["d", "j", "vu", "text"]),
        ("ﬁnd ﬂags ③ 10²", ["find", "flags", "10"]),
        ("", []),
        ("… — !? 🙂", []),
        ("用GPT-4写诗。", ["用", "gpt", "4", "写", "诗"]),
        ("第１章とＡＩ", ["第", "1", "章", "と", "ai"]),
        ("パーティー々", ["パ", "ー", "テ", "ィ", "ー", "々"]),
        ("안녕 세계", ["안", "녕", "세", "계"]),
        ("Привет, мир — 3 раза", ["привет", "мир", "3", "раза"]),
        ("Γεια σου", ["γεια", "σου"]),
        ("اكتبْ قصيدةً، ثم", ["اكتبْ", "قصيدةً", "ثم"]),
        ("می\u200cخواهم ۳۵", ["میخواهم", "۳۵"]),
        ("שלום עולם", ["שלום", "עולם"]),
        ("हिन्दी में लिखिए।", ["हिन्दी", "में", "लिखिए"]),
        ("ที่น้ำ", ["ที่", "น้", "ำ"]),
        ("ລາວ ខ្មែរ မြန်", ["ລ", "າ", "ວ", "ខ្", "មែ", "រ", "မြ", "န်"]),
    ],
)
def test_tokens(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


@given(st.text(st.characters(max_codepoint=127)))
def test_ascii_tokens_are_the_published_ones(text: str) -> None:
    assert tokens(text) == tokenize.tokenize(text, None)


@given(st.text(st.sampled_from("abcXYZ019 .,-'\n\tÀéïñøÞßŁőŞİıſẞệÆœﬁKÅªº²¿¡«»“”’…–—€\u0300\u0301\u0327\u00a0\u2009")))
def test_latin_tokens_are_the_published_ones_of_the_folded_text(text: str) -> None:
    assert tokens(text) == tokenize.tokenize(folded(text), None)
    assert tokens(unicodedata.normalize("NFD", text)) == tokens(text)


@given(st.text())
def test_tokens_of_any_text(text: str) -> None:
    found = tokens(text)
    assert all(found)
    assert [token for word in found for token in tokens(word)] == found
    # Nothing that rouge_score keeps is lost (full-width forms, and ASCII letters that only they make, come on top).
    ours = "".join(word for word in found if word.isascii())
    assert len(ours) >= len("".join(tokenize.tokenize(text, None)))


def test_rouge_l_by_hand() -> None:
    assert rouge_l(["a", "b", "c"], ["a", "c"]) == 0.8
    assert rouge_l(["a", "b"], ["b", "a"]) == 0.5
    assert rouge_l(["a"], ["b"]) == rouge_l([], ["a"]) == rouge_l(["a"], []) == rouge_l([], []) == 0.0


@given(*[st.lists(st.sampled_from("abcdef"), max_size=30)] * 2)
def test_rouge_l_is_the_published_one(a: list[str], b: list[str]) -> None:
    assert rouge_l(a, b) == published_f(" ".join(a), " ".join(b)) == rouge_l(b, a)


def vectors() -> list[Any]:
    lines = (VECTORS / "rouge_l.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_vectors() -> None:
    for row in vectors():
        ours = tokens(row["a"]), tokens(row["b"])
        # rouge_score sees a-z and 0-9 only.
        latin = [[token for token in side if token.isascii()] for side in ours]
        assert rouge_l(*latin) == pytest.approx(row["f"], abs=1e-9), row
        if latin == list(ours):
            assert (index_of(row["a"]).nearest_above(row["b"], 0.7) is not None) == row["reject"], row


def test_vectors_in_one_index() -> None:
    texts = [row["a"] for row in vectors()]
    index, split = index_of(*texts), [tokens(text) for text in texts]
    for row in vectors():
        scores = [rouge_l(tokens(row["b"]), other) for other in split]
        assert index.nearest_above(row["b"], 0.7) == first_highest(scores, 0.7)


@given(
    st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=12).map(" ".join), max_size=12),
    st.sampled_from(THRESHOLDS) | st.floats(0, 1),
)
def test_index_is_brute_force_whatever_the_texts(texts: list[str], threshold: float) -> None:
    index = Novelty()
    for n, text in enumerate(texts):  # asked and added in turns
        scores = [published_f(other, text) for other in texts[:n]]
        assert index.nearest_above(text, threshold) == first_highest(scores, threshold)
        index.add(str(n), text)
        assert len(index) == n + 1


def test_index_is_rouge_score_on_word_soup() -> None:
    texts, index = soup(seed=1, count=160, longest=25, vocabulary=300), Novelty()
    decisions = set()
    for n, text in enumerate(texts):
        scores = [published_f(other, text) for other in texts[:n]]
        for threshold in THRESHOLDS:
            expected = first_highest(scores, threshold)
            assert index.nearest_above(text, threshold) == expected
            decisions.add((threshold, expected is None))
        index.add(str(n), text)
    assert len(decisions) == 2 * len(THRESHOLDS) - 1  # both ways at each, but nothing is above 1


@pytest.mark.parametrize("longest", [25, 400])
@pytest.mark.parametrize(("block", "many"), [(rouge.BLOCK, rouge.MANY), (5, 0), (64, 3)])
def test_index_is_brute_force_at_length(monkeypatch: pytest.MonkeyPatch, longest: int, block: int, many: int) -> None:
    """Many entries, long texts, every path: blocks of few entries, and the second test for few or many of them."""
    monkeypatch.setattr(rouge, "BLOCK", block)
    monkeypatch.setattr(rouge, "MANY", many)
    texts = soup(seed=longest, count=500, longest=longest, vocabulary=3000)
    index, split = index_of(*texts), [tokens(text) for text in texts]
    for text in soup(seed=longest, count=530, longest=longest, vocabulary=3000)[470:]:
        scores = [rouge_l(tokens(text), other) for other in split]
        for threshold in THRESHOLDS:
            assert index.nearest_above(text, threshold) == first_highest(scores, threshold)


def test_at_the_threshold_rouge_score_decides() -> None:
    """F is 0.7 on paper for all of these; as floats some are a rounding above it, and then rouge_score rejects."""
    decisions = []
    for n in range(1, 50):
        for m in range(n, 50):
            lcs, rest = divmod(7 * (n + m), 20)
            if rest == 0 and lcs <= n:
                shared = [f"s{i}" for i in range(lcs)]
                a = " ".join([*shared, *(f"a{i}" for i in range(n - lcs))])
                b = " ".join([*shared, *(f"b{i}" for i in range(m - lcs))])
                f = published_f(a, b)
                expected = ("0", f) if f > 0.7 else None
                assert index_of(a).nearest_above(b, 0.7) == index_of(b).nearest_above(a, 0.7) == expected
                decisions.append(expected is None)
    assert True in decisions
    assert False in decisions


@pytest.mark.parametrize(
    ("text", "near", "other"),
    [
        ("Write a poem about the sea.", "write a short poem about the sea", "Name three rivers in Asia."),
        ("请用三句话介绍一下长城的历史。", "请用五句话介绍一下长城的历史", "把下面的句子翻译成法语。"),
        ("日本の首都について説明してください。", "日本の首都を説明してください", "円周率を計算する方法は?"),
        ("한국의 수도에 대해 설명해 주세요.", "한국의 수도에 대해서 설명해 주세요", "피자를 만드는 방법은?"),
        ("Напиши стихотворение о море и ветре.", "Напиши короткое стихотворение о море и ветре", "Назови три реки."),
        ("اكتب قصيدة قصيرة عن البحر والريح", "اكتب قصيدة عن البحر والريح", "اذكر ثلاثة أنهار في آسيا"),
        ("समुद्र के बारे में एक छोटी कविता लिखिए।", "समुद्र के बारे में एक कविता लिखिए", "एशिया की तीन नदियाँ बताइए"),
        ("เขียนบทกวีสั้นเกี่ยวกับทะเล", "เขียนบทกวีเกี่ยวกับทะเล", "ยกตัวอย่างแม่น้ำสามสาย"),
    ],
)
def test_languages(text: str, near: str, other: str) -> None:
    index = Novelty()
    index.add("other", other)
    assert index.nearest_above(text, 0.7) is None
    index.add("text", text)
    assert index.nearest_above(text, 0.7) == ("text", 1.0)
    found = index.nearest_above(near, 0.7)
    assert found is not None
    assert found[0] == "text"
    assert 0.7 < found[1] < 1


@pytest.mark.parametrize(
    ("text", "near", "f"),
    [
        # One of n tokens replaced on both sides gives F = (n - 1) / n.
        ("请用三句话介绍长城", "请用五句话介绍长城", 8 / 9),
        ("日本の首都は何ですか", "日本の首都は誰ですか", 9 / 10),
        ("짧은 시를 써 주세요", "짧은 시를 써 주십요", 7 / 8),
        ("Напиши стихотворение о море", "Напиши стихотворение о небе", 3 / 4),
        ("اكتب قصيدة عن البحر", "اكتب قصيدة عن الريح", 3 / 4),
        ("समुद्र पर कविता लिखो", "पर्वत पर कविता लिखो", 3 / 4),
        ("เขียนบทกวี", "เขียนบทกลี", 7 / 8),
    ],
)
def test_near_texts_by_hand(text: str, near: str, f: float) -> None:
    assert index_of(text).nearest_above(text, 0.7) == ("0", 1.0)
    found = index_of(text).nearest_above(near, 0.7)
    assert found is not None
    assert found[1] == pytest.approx(f, abs=1e-12)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("用GPT4写3首诗", "用ＧＰＴ４写３首诗"),
        ("介绍一下，长城。", "介绍一下, 长城．"),
        ("写 一 首 诗", "写一首诗！"),
        ("カタカナでガム", "ｶﾀｶﾅでｶﾞﾑ"),
        ("データベース", "ﾃﾞｰﾀﾍﾞｰｽ"),
        ("가나 한글", "\u1100\u1161\u1102\u1161 \u1112\u1161\u11ab\u1100\u1173\u11af"),
        ("がぎ", "か\u3099き\u3099"),
        ("Ёж и йод", "е\u0308ж и и\u0306од"),
        ("懶 車", "\uf90d \uf902"),
        ("क़लम", "क\u093cलम"),
    ],
)
def test_one_text_written_in_two_ways(text: str, same: str) -> None:
    assert tokens(same) == tokens(text)


def test_traditional_and_simplified_characters_differ() -> None:
    simplified, traditional = "请写一首关于大海的诗", "請寫一首關於大海的詩"
    assert rouge_l(tokens(simplified), tokens(traditional)) == pytest.approx(5 / 10)  # 一首大海的
    assert tokens("東京") != tokens("东京")


def test_of_equals_the_first_added() -> None:
    index = index_of("one two three five", "one two three four", "one two three four", "one two four three")
    assert index.nearest_above("one two three four", 0.7) == ("1", 1.0)
    assert index.nearest_above("one two three", 0.7) == ("0", rouge_l(["1", "2", "3"], ["1", "2", "3", "4"]))
    # The same F at another length and with another bound: a b c d has more bits in common, added later.
    index = index_of("a b c x", "d c b a")
    assert index.nearest_above("a b c d", 0.2) == ("0", 0.75)


def test_empties_and_the_ends_of_the_scale() -> None:
    index = Novelty()
    assert len(index) == 0
    assert index.nearest_above("anything", 0.0) is None
    index.add("empty", "?!")
    index.add("text", "one two")
    assert len(index) == 2
    assert index.nearest_above("", 0.0) is None
    assert index.nearest_above("...", 0.0) is None
    assert index.nearest_above("three", 0.0) is None
    assert index.nearest_above("two three", 0.0) == ("text", 0.5)
    assert index.nearest_above("one two", 1.0) is None


@pytest.mark.parametrize("threshold", [-0.1, 1.1, 70, float("nan")])
def test_a_threshold_is_between_0_and_1(threshold: float) -> None:
    with pytest.raises(ValueError, match="threshold"):
        Novelty().nearest_above("text", threshold)


def test_asking_leaves_no_trace() -> None:
    index = index_of("one two three")
    before = json.dumps(index._vocabulary)
    index.nearest_above("four five six", 0.7)
    assert json.dumps(index._vocabulary) == before


def test_very_long_texts() -> None:
    text = " ".join(soup(seed=3, count=1000, longest=60, vocabulary=5000))
    index = index_of("short", text, text + " and more")
    assert index.nearest_above(text, 0.7) == ("1", 1.0)
    assert index.nearest_above(text[: len(text) // 3], 0.7) is None


def test_memory_is_at_most_64_bytes_an_entry_beyond_the_token_numbers() -> None:
    """As tracemalloc sees it: idle capacity, lists and groups count; the ids' own texts are the caller's."""
    texts = soup(seed=4, count=20_000, longest=24, vocabulary=200)
    ids = [f"task_{n}" for n in range(len(texts))]
    index, token_bytes = Novelty(), 0
    tokens(texts[0])
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for n, text in enumerate(texts, 1):
            index.add(ids[n - 1], text)
            token_bytes += 4 * (text.count(" ") + 1)
            if n >= 5_000 and n % 1_000 == 0:
                held = tracemalloc.get_traced_memory()[0] - before - token_bytes
                assert held / n <= 64
    finally:
        tracemalloc.stop()


PRINT_ALL = """
from test_novelty import soup
from selfinstruct.filters.rouge import Novelty
index = Novelty()
for n, text in enumerate(soup(seed=5, count=300, longest=20, vocabulary=400)):
    print(index.nearest_above(text, 0.6), sorted(index._vocabulary.items())[-1:])
    index.add(str(n), text)
"""


def test_same_in_every_process() -> None:
    paths = [str(Path(__file__).parent), str(Path(rouge.__file__).parent.parent)]
    answers = set()
    for seed in ("0", "1", "2"):
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(paths)}
        command = [sys.executable, "-c", PRINT_ALL]
        answers.add(subprocess.run(command, env=env, check=True, capture_output=True, text=True).stdout)
    assert len(answers) == 1
    assert "(" in answers.pop()
