"""Mixtures: what is cleaned, split and told, who is drawn when, and that the same mixture is the same file."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from selfinstruct import filters
from selfinstruct.cli import main
from selfinstruct.errors import UsageError
from selfinstruct.filters.pool import Pool
from selfinstruct.mixing.cleaning import CLEANING, blanks, citations, cleaned, html, interface
from selfinstruct.mixing.drawing import Drawn, drawn
from selfinstruct.mixing.mix import Part, mix
from selfinstruct.mixing.mixture import Condition, Mixture, Source, find, load, names
from selfinstruct.mixing.shaping import conditioned, pieces
from selfinstruct.task import Instance, Judged, Message, Reason, Rejected, Task


def words(text: str) -> int:
    return len(text.split())


def said(*turns: str) -> tuple[Message, ...]:
    return tuple({"role": ("user", "assistant")[at % 2], "content": text} for at, text in enumerate(turns))


def write(path: Path, rows: list[dict[str, Any]]) -> str:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path.name


def rows_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def invoke(*command: str) -> Result:
    return CliRunner().invoke(main, command, catch_exceptions=False)


# --- cleaning ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("page", "text"),
    [
        (
            "<p>Two <strong>bold</strong> words.</p><ol><li>One</li><li>Two</li></ol>",
            "Two **bold** words.\n\n1. One\n2. Two",
        ),
        (
            '<div class="markdown"><p>Run:</p><pre><div><div><span>python</span><button>Copy code</button></div><div>'
            '<code class="hljs">for i in <span>x_y</span>:\n    f(2 * i)\n</code></div></div></pre></div>',
            "Run:\n\n```python\nfor i in x_y:\n    f(2 * i)\n```",
        ),
        ("<p>If x &lt; y &amp; y is <em>large</em></p>", "If x < y & y is *large*"),
        ("<table><tr><th>a</th></tr><tr><td>1</td></tr></table>", "| a |\n| --- |\n| 1 |"),
    ],
)
def test_a_page_becomes_markdown(page: str, text: str) -> None:
    assert html(page) == text


@pytest.mark.parametrize(
    "text",
    [
        "How do I centre a <div>?",
        "Why does `<p>hi</p>` have a margin?",
        "Fix this: <b>x</i>",
        "```html\n<div>x</div>\n```",
        "3 < 5 and 7 > 2",
        "<3 you",
        "<p>" * 5000 + "deep</p>",
    ],
)
def test_words_about_html_stay(text: str) -> None:
    assert html(text) == text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("2 / 3\n\nA river.", "\nA river."),
        ("```pythonCopy code\nx = 1\n```", "```python\nx = 1\n```"),
        ("```\nCopy code\nx = 1\n```", "```\nx = 1\n```"),
        ("A river.\nRegenerate response", "A river.\n"),
        ("2 / 3 is about .67", "2 / 3 is about .67"),
        ("The button says Copy code here.", "The button says Copy code here."),
    ],
)
def test_the_interface_around_a_chat_goes(before: str, after: str) -> None:
    assert interface(before) == after


def test_marks_of_references_go_and_indices_stay() -> None:
    assert citations("Built in 1889.[12][13] He left[3], they say.") == "Built in 1889. He left, they say."
    for text in ("list[0] + a[i]", "see [1](url)", "`x[1]` is", "[1] Smith"):
        assert citations(text) == text


@given(st.text(max_size=300) | st.text("<>/div p[1]`\n &;Copy code", max_size=300))
@settings(max_examples=200, deadline=None)
def test_cleaning_again_changes_nothing_more_than_it_should(text: str) -> None:
    for name, clean in CLEANING.items():
        once = clean(text)
        assert isinstance(once, str), name
        if name in ("blanks", "citations"):
            assert clean(once) == once, name
    assert len(blanks(text)) <= len(text)


def test_every_text_of_a_task_is_cleaned() -> None:
    page = "<p>A <em>b</em></p>"
    task = Task(
        "x",
        page,
        (Instance(page, page, page),),
        said(page, page),
        judged=(Judged(({"role": "assistant", "content": page},), good=True),),
    )
    assert "<p>" not in repr(cleaned(task, ["html"]))
    assert cleaned(task, []) is task


# --- pieces -----------------------------------------------------------------------------------------------------------

TURNS = st.lists(st.integers(1, 30).map(lambda n: " ".join(["w"] * n)), min_size=1, max_size=12)


@given(TURNS, st.booleans(), st.integers(5, 80))
@settings(max_examples=300, deadline=None)
def test_pieces_are_whole_rounds_and_together_the_conversation(texts: list[str], system: bool, most: int) -> None:
    turns = said(*texts)
    if system:
        turns = ({"role": "system", "content": "be brief"}, *turns)
    made = list(pieces(Task("c", texts[0], turns=turns), most, words))
    assert [turn for piece in made for turn in piece.turns if turn["role"] != "system"] == list(said(*texts))
    assert len({piece.id for piece in made}) == len(made)
    for piece in made:
        assert not system or piece.turns[0]["role"] == "system"
        rounds = [turn for turn in piece.turns if turn["role"] != "system"]
        assert rounds[0]["role"] == "user"
        size = sum(words(turn["content"]) for turn in piece.turns)
        assert size <= most or len(rounds) <= 2  # one round alone may be longer


def test_what_fits_keeps_its_id_and_what_has_no_turns_is_whole() -> None:
    short = Task("c", "hi", turns=said("hi", "hello"))
    assert list(pieces(short, 10, words)) == [short]
    plain = Task("t", "word " * 50, (Instance("", "answer"),))
    assert list(pieces(plain, 10, words)) == [plain]


# --- what a row is told of its quality --------------------------------------------------------------------------------


def test_a_comparison_becomes_a_good_and_a_bad_row() -> None:
    told = Condition("Answer well.", "Answer badly.")
    good, bad = (Judged(({"role": "assistant", "content": text},), good=text == "yes") for text in ("yes", "no"))
    rows = list(conditioned(Task("p", "Is it?", turns=said("Is it?"), judged=(bad, good)), told, {}))
    assert [(row.id, row.turns[0]["content"], row.turns[-1]["content"]) for row in rows] == [
        ("p/high", "Answer well.", "yes"),
        ("p/low", "Answer badly.", "no"),
    ]
    assert not any(row.judged for row in rows)


def test_other_rows_are_told_what_their_source_says() -> None:
    told = Condition("Answer well.", "Answer badly.")
    task = Task("t", "Add.", (Instance("1 2", "3"),))
    (plain,), (low,) = conditioned(task, told, {}), conditioned(task, told, {"quality": "low"})
    assert plain.turns[0]["content"] == "Answer well."
    assert low.turns[0]["content"] == "Answer badly."
    assert plain.turns[1]["content"] == "Add.\n\n1 2"
    assert plain.turns[2]["content"] == "3"
    assert not plain.instances
    talk = Task("c", "hi", turns=({"role": "system", "content": "Be kind."}, *said("hi", "hello")))
    (one,) = conditioned(talk, told, {})
    assert one.turns[0]["content"] == "Answer well.\n\nBe kind."


# --- who is drawn when ------------------------------------------------------------------------------------------------

SOURCES = st.lists(st.tuples(st.integers(1, 40), st.floats(0.1, 10)), min_size=1, max_size=5)


@given(SOURCES, st.integers(1, 60), st.integers(0, 3))
@settings(max_examples=200, deadline=None)
def test_a_larger_size_extends_a_smaller_one(given: list[tuple[int, float]], size: int, seed: int) -> None:
    sources = [Drawn(f"s{at}", rows, weight, 0, 2.5) for at, (rows, weight) in enumerate(given)]
    short, long = list(drawn(sources, size, seed)), list(drawn(sources, size * 2, seed))
    assert long[: len(short)] == short
    many = Counter(at for at, _ in long)
    assert all(many[at] <= one.available for at, one in enumerate(sources))


@given(SOURCES, st.integers(0, 3))
@settings(max_examples=200, deadline=None)
def test_every_beginning_keeps_the_shares(given: list[tuple[int, float]], seed: int) -> None:
    sources = [Drawn(f"s{at}", rows, weight, 0, 1) for at, (rows, weight) in enumerate(given)]
    total = sum(one.weight for one in sources)
    taken: Counter[int] = Counter()
    for many, (at, _) in enumerate(drawn(sources, 0, seed), 1):
        taken[at] += 1
        for number, one in enumerate(sources):
            assert abs(taken[number] - many * one.weight / total) < len(sources)
    most = int(min(one.available / one.weight for one in sources) * total + 1e-9)
    assert taken.total() == most


def test_repeats_use_every_row_before_any_again() -> None:
    (one,) = [Drawn("a", 10, 0, 4, 2.5)]
    rows = [row for _, row in drawn([one], 0, 0)]
    first, second, rest = set(rows[:4]), set(rows[4:8]), set(rows[8:])
    assert len(rows) == 10
    assert first == second
    assert rest < first
    assert len(first) == 4
    assert rows != [row for _, row in drawn([one], 0, 1)]


def test_without_weights_all_of_all_comes_in() -> None:
    sources = [Drawn("a", 3, 0, 0, 1), Drawn("b", 30, 0, 0, 1), Drawn("c", 0, 0, 0, 1)]
    assert Counter(at for at, _ in drawn(sources, 0, 0)) == {0: 3, 1: 30}


# --- files ------------------------------------------------------------------------------------------------------------

MIXTURE = """# Mine: a try.
drop: [stop_words]
sources:
  chats: {data: chats.jsonl, weight: 2, tags: {quality: high}, clean: [html]}
  fragen:
    {data: fragen.jsonl, weight: 1, language: de, columns: {instruction: frage, output: antwort}, where: {art: [gut]}}
"""


@pytest.fixture
def mixture(tmp_path: Path) -> Path:
    chats = [
        {
            "conversations": [
                {"from": "human", "value": f"<p>Question {n}?</p>"},
                {"from": "gpt", "value": f"Answer {n}"},
            ]
        }
        for n in range(10)
    ]
    write(tmp_path / "chats.jsonl", chats)
    fragen = [
        {"frage": f"Frage {n}?", "antwort": "Ja" if n else ".", "art": "gut" if n < 6 else "schlecht"} for n in range(9)
    ]
    write(tmp_path / "fragen.jsonl", fragen)
    (tmp_path / "mine.yaml").write_text(MIXTURE, encoding="utf-8")
    return tmp_path / "mine.yaml"


def test_a_mixture_from_the_command_line(mixture: Path, tmp_path: Path) -> None:
    out, lost = tmp_path / "rows.jsonl", tmp_path / "lost.jsonl"
    result = invoke("mix", str(mixture), "--out", str(out), "--rejected", str(lost))
    assert result.exit_code == 0
    rows = rows_of(out)
    assert Counter(row["source"] for row in rows) == {"chats": 10, "fragen": 5}
    assert all(
        row["quality"] == "high" and row["turns"][0]["content"].startswith("Question")
        for row in rows
        if row["source"] == "chats"
    )
    assert Counter(row["category"] for row in rows_of(lost)) == {"not asked for": 3, "nothing but stop words": 1}
    assert "fragen" in result.output
    assert "nothing but stop words 1" in result.output
    assert f"{out}: 15 rows, of 15 different ones" in result.output
    again = tmp_path / "again.jsonl"
    assert invoke("mix", str(mixture), "--out", str(again)).exit_code == 0
    assert again.read_bytes() == out.read_bytes()
    assert invoke("mix", str(mixture), "--num", "6", "--out", str(again)).exit_code == 0
    assert out.read_bytes().startswith(again.read_bytes())
    assert len(rows_of(again)) == 6


def test_a_source_that_gives_out_is_named(mixture: Path, tmp_path: Path) -> None:
    result = invoke("mix", str(mixture), "--num", "15", "--out", str(tmp_path / "o.jsonl"))
    assert "no more after" not in result.output
    mixture.write_text(MIXTURE.replace("weight: 1", "weight: 2"), encoding="utf-8")
    result = invoke("mix", str(mixture), "--num", "16", "--out", str(tmp_path / "o.jsonl"))
    assert "fragen has no more after row 10 of 15" in result.output


def test_rows_in_a_format_and_another_place_for_a_source(mixture: Path, tmp_path: Path) -> None:
    place = tmp_path / "other.jsonl"
    write(place, [{"instruction": f"Do {n}.", "output": "Done."} for n in range(20)])
    out = tmp_path / "o.jsonl"
    assert invoke("mix", str(mixture), "--data", f"chats={place}", "--to", "messages", "--out", str(out)).exit_code == 0
    assert {len(row["messages"]) for row in rows_of(out)} == {2}
    for command, words in [
        (("--data", "chat=x"), "did you mean 'chats'?"),
        (("--data", "chats"), "write NAME=PLACE"),
        (("--to", "mesages"), "did you mean 'messages'?"),
        (("--samples",), "chats has no sample"),
    ]:
        result = invoke("mix", str(mixture), *command, "--out", str(tmp_path / "no.jsonl"))
        assert result.exit_code == 2
        assert words in result.output
        assert not (tmp_path / "no.jsonl").exists()


def test_of_equal_rows_the_first_source_s_stays(tmp_path: Path) -> None:
    rows = [{"instruction": f"Name {n} rivers of the northern plain.", "output": "…"} for n in "abc"]
    sources = [Source(name, (str(tmp_path / write(tmp_path / f"{name}.jsonl", rows)),)) for name in ("one", "two")]
    from selfinstruct.filters import FILTERS

    made = list(mix(Mixture("m", tuple(sources), drop=(FILTERS["novelty"](),)), [*map(Part, sources)], words))
    assert {task.extra["source"] for task in made} == {"one"}
    assert len(made) >= 1


def test_a_row_s_own_source_is_kept_beside(tmp_path: Path) -> None:
    name = write(tmp_path / "a.jsonl", [{"instruction": "Do it now please.", "output": "Done.", "source": "web"}])
    source = Source("a", (str(tmp_path / name),))
    (task,) = mix(Mixture("m", (source,)), [Part(source)], words)
    assert task.extra == {"source": "a", "source_of_row": "web"}


LONG = "This is a line of more than forty characters, and it stands in many documents."


def test_documents_lose_lines_that_were_there_before(tmp_path: Path) -> None:
    write(
        tmp_path / "web.jsonl",
        [{"raw": f"{LONG}\nPage {n} is about rivers.\n}}"} for n in range(3)] + [{"raw": LONG}, {"raw": 3}],
    )
    (tmp_path / "m.yaml").write_text("# Texts.\nsources: {web: {data: web.jsonl, text: raw}}\n")
    out = tmp_path / "o.jsonl"
    result = invoke("mix", str(tmp_path / "m.yaml"), "--out", str(out))
    assert result.exit_code == 0, result.output
    texts = sorted(row["text"] for row in rows_of(out))
    assert texts == sorted(
        [f"{LONG}\nPage 0 is about rivers.\n}}", "Page 1 is about rivers.\n}", "Page 2 is about rivers.\n}"]
    )
    assert "nothing new 1" in result.output
    assert "no text in 'raw': 3" in result.output


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("steps: []", "it has no sources"),
        ("steps: []\nsources: {a: {data: x}}", "a mixture has no 'steps'"),
        ("sources: {}", "no sources"),
        ("sources: {a: x.jsonl}", "a: a source is like {data: FILE}"),
        ("sources: {a: {data: x, wait: 1}}", "did you mean 'weight'?"),
        ("sources: {a: {data: x, weight: yes}}", "weight is True; it should be a number"),
        ("sources: {a: {data: x, weight: -1}}", "weight is -1; it should be from 0"),
        ("sources: {a: {data: x, repeats: 0}}", "repeats is 0; it should be from above 0"),
        ("sources: {a: {data: x, weight: 1}, b: {data: x}}", "b has no weight"),
        ("sources: {a: {data: x, text: t}, b: {data: x}}", "documents and tasks"),
        ("sources: {a: {data: x, clean: [htlm]}}", "did you mean 'html'?"),
        ("sources: {a: {data: x, drop: [nothing]}}", "no filter"),
        ("condition: {high: x}\nsources: {a: {data: x}}", "condition is"),
        ("size: 1.5\nsources: {a: {data: x}}", "size is 1.5; it should be a whole number"),
        ("a: [", "is not YAML"),
    ],
)
def test_mistakes_in_a_mixture_are_named(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "m.yaml"
    path.write_text(text)
    with pytest.raises(UsageError, match=r"m\.yaml") as caught:
        load(str(path))
    assert words in str(caught.value)


def test_every_mixture_of_ours_works_offline(tmp_path: Path) -> None:
    assert names()
    listed = invoke("mixtures").output
    for name in names():
        asked, out = load(name), tmp_path / f"{name}.jsonl"
        result = invoke("mix", name, "--samples", "--num", "400", "--out", str(out))
        assert result.exit_code == 0, (name, result.output)
        assert rows_of(out)
        result = invoke(
            "mix", name, "--samples", "--num", "400", "--to", "text" if asked.is_text else "seed", "--out", str(out)
        )
        assert {row["source"] for row in rows_of(out)} == {source.name for source in asked.sources}, name
        assert name in listed
        assert f"selfinstruct mix {name}" in find(name).read_text(encoding="utf-8")
        assert all(source.data for source in asked.sources)


def test_every_instance_of_a_task_is_told_of_its_quality() -> None:
    task = Task("t", "Add.", (Instance("1 2", "3"), Instance("2 2", "4")))
    rows = list(conditioned(task, Condition("Answer well.", "Answer badly."), {}))
    assert [(row.id, row.turns[1]["content"], row.turns[2]["content"]) for row in rows] == [
        ("t", "Add.\n\n1 2", "3"),
        ("t-2", "Add.\n\n2 2", "4"),
    ]


def test_rows_with_one_instruction_are_rows(tmp_path: Path) -> None:
    """They were one task, of which a condition kept the first instance alone."""
    write(tmp_path / "a.jsonl", [{"instruction": "Add.", "input": f"{n} {n}", "output": f"{2 * n}"} for n in range(5)])
    (tmp_path / "m.yaml").write_text("condition: {high: Well., low: Badly.}\nsources: {a: {data: a.jsonl}}\n")
    out = tmp_path / "o.jsonl"
    assert invoke("mix", str(tmp_path / "m.yaml"), "--out", str(out)).exit_code == 0
    assert sorted(row["turns"][2]["content"] for row in rows_of(out)) == ["0", "2", "4", "6", "8"]


def test_a_line_of_a_document_that_was_dropped_is_new_in_the_next(tmp_path: Path) -> None:
    bad = f"{LONG}\n" + "And so on and on it goes, word for word, as if nobody had ever heard it before.\n" * 12
    write(tmp_path / "web.jsonl", [{"raw": bad}, {"raw": f"{LONG}\nA page about rivers."}])
    (tmp_path / "m.yaml").write_text("drop: [repetition]\nsources: {web: {data: web.jsonl, text: raw}}\n")
    out = tmp_path / "o.jsonl"
    assert "repetition 1" in invoke("mix", str(tmp_path / "m.yaml"), "--out", str(out)).output
    assert [row["text"] for row in rows_of(out)] == [f"{LONG}\nA page about rivers."]


def test_what_is_dropped_is_kept_whole_and_what_a_format_has_no_place_for_is_named(
    mixture: Path, tmp_path: Path
) -> None:
    mixture.write_text(MIXTURE.replace("drop: [stop_words]", "drop: [{words: {words: [question]}}]"), encoding="utf-8")
    lost, out = tmp_path / "lost.jsonl", tmp_path / "o.jsonl"
    mixture.write_text(mixture.read_text().replace("weight: 2, ", "").replace("weight: 1, ", ""), encoding="utf-8")
    result = invoke("mix", str(mixture), "--to", "alpaca", "--out", str(out), "--rejected", str(lost))
    assert result.exit_code == 0, result.output
    talks = [row for row in rows_of(lost) if row["category"] == "word"]
    assert len(talks) == 10
    assert all(len(row["whole"]["turns"]) == 2 for row in talks)
    assert "not used: art in 6 rows, source in 6 rows" in result.output


def test_files_that_filters_name_are_beside_the_mixture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bad.txt").write_text("heck\n")
    write(
        tmp_path / "quiz.jsonl", [{"question": "In which year did the ferry from Oban to Craignure first carry cars?"}]
    )
    asked = (
        "What the heck is it?",
        "In which year did the ferry from Oban to Craignure first carry cars?",
        "Name a river.",
    )
    write(tmp_path / "a.jsonl", [{"instruction": text, "output": "So."} for text in asked])
    (tmp_path / "m.yaml").write_text("drop: [{words: bad.txt}, {overlap: quiz.jsonl}]\nsources: {a: {data: a.jsonl}}\n")
    monkeypatch.chdir(tmp_path.parent)
    assert invoke("mix", str(tmp_path / "m.yaml"), "--out", str(tmp_path / "o.jsonl")).exit_code == 0
    assert [row["instruction"] for row in rows_of(tmp_path / "o.jsonl")] == ["Name a river."]


class Begins:
    """First words of the tasks kept, and how many were told of ahead at once."""

    told: ClassVar[list[int]] = []

    def __init__(self) -> None:
        self.known = set[str]()
        self.coming: list[str] = []

    def add(self, task: Task) -> None:
        self.known.add(task.instruction.split()[0])

    def ahead(self, tasks: Sequence[Task]) -> None:
        self.told.append(len(tasks))
        self.coming = [task.instruction for task in tasks]


@dataclass(frozen=True)
class Alliterates:
    by_row: ClassVar = True
    batched: ClassVar = True

    def __call__(self, task: Task, pool: Pool) -> Reason | None:
        index = pool.index(self, Begins)
        assert filters.MANY == 1 or task.instruction in index.coming
        return Reason("begins", "the same") if task.instruction.split()[0] in index.known else None


def test_many_rows_at_once_are_the_same_mixture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What embeds texts was told of one row after the other."""
    for name, often in (("a", 3), ("b", 4)):
        rows = [{"instruction": f"W{n % 40 * often} is {n}.", "output": "So." if n % 7 else "No."} for n in range(90)]
        write(tmp_path / f"{name}.jsonl", rows)
    own, both = (Alliterates(),), (*load("tulu").drop, Alliterates())
    sources = tuple(Source(name, (str(tmp_path / f"{name}.jsonl"),), drop=own) for name in "ab")
    mixture, results = Mixture("m", sources, drop=both), []
    for many in (256, 1, 17):
        monkeypatch.setattr(filters, "MANY", many)
        lost: list[Rejected] = []
        parts = [Part(source) for source in sources]
        results.append((list(mix(mixture, parts, words, lose=lost.append)), lost, [part.lost for part in parts]))
    assert results[0] == results[1] == results[2]
    assert results[0][2][1].total() > results[0][2][0].total() > 0
    assert max(Begins.told) == 90


def test_tokens_are_counted_as_training_counts_them(mixture: Path, tmp_path: Path) -> None:
    pytest.importorskip("transformers")
    from selfinstruct.finetune.models.tiny import tiny_tokenizer

    tiny_tokenizer(["Question 1? Answer 1. Frage 2? Ja."] * 9, 300).save_pretrained(tmp_path / "mine")
    out = str(tmp_path / "o.jsonl")
    result = invoke("mix", str(mixture), "--out", out, "--tokenizer", str(tmp_path / "mine"))
    assert result.exit_code == 0, result.output
    (tmp_path / "empty").mkdir()
    result = invoke("mix", str(mixture), "--out", out, "--force", "--tokenizer", str(tmp_path / "empty"))
    assert result.exit_code == 2
    assert "--tokenizer: " in result.output
    assert "has no tokenizer" in result.output
