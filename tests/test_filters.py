"""The filters: what each one drops and what it lets pass, at the edges; their order; finished tasks sifted again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.filters import FILTERS, sift, verdict
from selfinstruct.pool import Pool
from selfinstruct.task import Instance, Rejected, Task

MORE = ("video", "audio", "music", "flowchart", "diagram")
"""What Alpaca adds to the keywords."""


def reason(name: str, instruction: str, *outputs: str, **options: object) -> str | None:
    task = Task("t", instruction, tuple(Instance("", output) for output in outputs))
    return FILTERS[name](**options)(task, Pool())


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (0, "too short"),
        (1, "too short"),
        (3, "too short"),
        (4, None),
        (150, None),
        (151, "too long"),
        (400, "too long"),
    ],
)
def test_length_in_words(words: int, wanted: str | None) -> None:
    assert reason("length", " ".join(["word"] * words)) == wanted


def test_length_counts_words_between_any_white_space() -> None:
    assert reason("length", "Say\tit \n now,  please") is None
    assert reason("length", "one-word well-known state-of-the-art") == "too short"


def test_length_has_options() -> None:
    assert reason("length", "Say it", shortest=2, longest=3) is None
    assert reason("length", "Say it right now", shortest=2, longest=3) == "too long"


@pytest.mark.parametrize(
    ("instruction", "word"),
    [
        ("Describe the image in words.", "image"),
        ("Sort these images, please.", "images"),
        ("Explain the graph's axes.", "graph"),
        ("Compare both graphs", "graphs"),
        ("Guess the title of the Picture", "picture"),
        ("Name the PICTURES of the gallery.", "pictures"),
        ("Read the file/folder names aloud.", "file"),
        ("Rename all my files.", "files"),
        ("Find Oslo on the map.", "map"),
        ("Fold the (maps) again.", "maps"),
        ("Draw a house.", "draw"),
        ("Tell the plot of the film.", "plot"),
        ("GO TO the shop and buy milk.", "go to"),
        ("Should I go to sleep earlier?", "go to"),
    ],
)
def test_keywords_are_whole_words_in_any_case(instruction: str, word: str) -> None:
    assert reason("keywords", instruction) == f"keyword: {word}"


@pytest.mark.parametrize(
    "instruction",
    [
        "Give advice to a photographer about a photograph.",
        "Explain mapping and imagery in a paragraph.",
        "Discuss a withdrawal, a drawing and a drawer.",
        "Edit the profile of a plotter salesman.",
        "Say when to go, to whom, and why.",
        "Name the roadmaps, filenames and graphics formats that you know.",
        "Plotting is what villains do; say how.",
        "Where does the cargo tower stand?",
    ],
)
def test_keywords_inside_other_words_pass(instruction: str) -> None:
    assert reason("keywords", instruction) is None


@pytest.mark.parametrize("word", MORE)
def test_keywords_take_more(word: str) -> None:
    assert reason("keywords", f"Describe the {word.upper()} briefly.") is None
    assert reason("keywords", f"Describe the {word.upper()} briefly.", more=MORE) == f"keyword: {word}"
    assert reason("keywords", "Draw a house.", more=MORE) == "keyword: draw"


def test_more_keywords_are_words_and_no_patterns() -> None:
    assert reason("keywords", "Say what axb means.", more=["a.b"]) is None
    assert reason("keywords", "Say what a.b means.", more=["a.b"]) == "keyword: a.b"


@pytest.mark.parametrize(
    ("instruction", "wanted", "wanted_exactly"),
    [
        ("Write a program that sorts names.", "write a program", "write a program"),
        ("Write a Program that sorts names.", "write a program", None),
        ("WRITE A PROGRAM", "write a program", None),
        ("Write a programme for the concert.", "write a program", "write a program"),
        ("Write a poem about a program.", None, None),
        ("Please write a program.", None, None),
        ("Write a progra", None, None),
    ],
)
def test_program_is_about_how_a_task_starts(instruction: str, wanted: str | None, wanted_exactly: str | None) -> None:
    assert reason("program", instruction) == wanted
    assert reason("program", instruction, exact_case=True) == wanted_exactly


@pytest.mark.parametrize("start", "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
def test_punctuation_at_the_start(start: str) -> None:
    assert reason("punctuation", f"{start}Say it again, please.") == "starts with punctuation"


@pytest.mark.parametrize("instruction", ["Say it: (now)!", "3 apples and 4 pears: how many?", "Élargis.", "“So”", ""])
def test_no_ascii_punctuation_at_the_start(instruction: str) -> None:
    assert reason("punctuation", instruction) is None


@pytest.mark.parametrize(
    ("instruction", "wanted"),
    [
        ("Say what “naïve” means.", None),
        ("7 is odd. Why?", None),
        ("", None),
        ("Élargis le texte.", "starts with a non-ASCII character"),
        ("写一首诗。", "starts with a non-ASCII character"),
        ("“Carpe diem”: translate it.", "starts with a non-ASCII character"),
    ],
)
def test_ascii_start(instruction: str, wanted: str | None) -> None:
    assert reason("ascii", instruction) == wanted


def test_output() -> None:
    assert reason("output", "Say it.", "it") is None
    assert reason("output", "Say it.") is None, "a task that has no instance yet is none without output"
    assert reason("output", "Say it.", "it", " \n") == "empty output"


def test_novelty_names_the_nearest_and_how_near() -> None:
    pool = Pool([Task("seed_1", "Describe one old barn."), Task("seed_2", "Describe one very old barn door.")])
    near = Task("t", "Describe one old house.")
    assert FILTERS["novelty"]()(near, pool) == "rouge-l 0.75 to seed_1"
    assert FILTERS["novelty"](above=0.75)(near, pool) is None, "as similar as allowed is novel"
    assert FILTERS["novelty"]()(Task("t", "Bake bread without yeast."), pool) is None


def test_the_first_reason_counts() -> None:
    order = ["length", "keywords", "program", "punctuation", "ascii", "output", "novelty"]
    drop = [FILTERS[name]() for name in order]
    pool = Pool([Task("seed_1", "Write a program that draws the image of a cat.")])
    worst = Task("t", "Write a program that draws the image of a cat.", (Instance("", ""),))
    assert verdict(worst, drop, pool) == "keyword: image"
    assert verdict(worst, drop[2:], pool) == "write a program"
    assert verdict(worst, drop[3:], pool) == "empty output"
    assert verdict(worst, drop[6:], pool) == "rouge-l 1.00 to seed_1"
    assert verdict(Task("t", "(draw)"), drop, pool) == "too short"
    assert verdict(Task("t", "(draw) — now at once"), drop, pool) == "keyword: draw"
    assert verdict(Task("t", "(paint) it now at once"), drop, pool) == "starts with punctuation"
    assert pool.machine == []


def test_what_is_kept_is_in_the_pool() -> None:
    pool, task = Pool(), Task("t", "Explain how a kite flies.")
    assert verdict(task, [FILTERS["novelty"]()], pool) is None
    assert pool.machine == [task]
    assert verdict(Task("u", task.instruction), [FILTERS["novelty"]()], pool) == "rouge-l 1.00 to t"
    assert pool.machine == [task]


def test_every_filter_has_a_name_and_defaults() -> None:
    assert set(FILTERS) == {"length", "keywords", "program", "punctuation", "ascii", "output", "novelty"}
    sound = Task("t", "Explain how a kite flies.", (Instance("", "It leans on the wind."),))
    assert [make()(sound, Pool()) for make in FILTERS.values()] == [None] * 7


def test_sift_says_what_it_drops() -> None:
    tasks = [
        Task("a", "Explain how a kite flies."),
        Task("b", "Say it."),
        Task("c", "Explain how a kite flies high."),
        Task("d", "Name five uses of an old door."),
    ]
    assert list(sift(tasks, [FILTERS["length"](), FILTERS["novelty"]()])) == [
        tasks[0],
        Rejected("Say it.", "too short", origin="filter", task="b"),
        Rejected("Explain how a kite flies high.", "rouge-l 0.91 to a", origin="filter", task="c"),
        tasks[3],
    ]


some_words = st.sampled_from(["draw", "tell", "a", "the", "kite", "map", "Say", "(so)", "write", "program", "é"])
instructions = st.lists(some_words, max_size=6).map(" ".join)


@given(st.lists(instructions))
def test_sift_counts_add_up(texts: list[str]) -> None:
    tasks = [Task(str(n), text) for n, text in enumerate(texts)]
    drop = [make() for make in FILTERS.values()]
    found = list(sift(tasks, drop))
    assert [one.task if isinstance(one, Rejected) else one.id for one in found] == [task.id for task in tasks]
    kept = [one for one in found if isinstance(one, Task)]
    assert all(one is tasks[int(one.id)] for one in kept)
    assert list(sift(kept, drop)) == kept, "what was kept once is kept again"
