"""Reviews: what is drawn and shown, what is kept of what people say, and what becomes of it."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import example, given, settings
from hypothesis import strategies as st

from selfinstruct.cli import main
from selfinstruct.errors import UsageError
from selfinstruct.filters import sift
from selfinstruct.filters.review import Review, keys_of
from selfinstruct.reviewing.exports import dropped, preferences, review_of, with_edits
from selfinstruct.reviewing.figures import figures, majority, rounded
from selfinstruct.reviewing.items import edited, fields_of, questions_of
from selfinstruct.reviewing.judges import Judge, Judges, judges_of, parse_judge
from selfinstruct.reviewing.pairs import is_swapped, judged_pairs, pairs_of, preference
from selfinstruct.reviewing.record import Opinion, Record, is_record
from selfinstruct.reviewing.reviews import begun, compared, default_place
from selfinstruct.reviewing.sample import apportioned, draw
from selfinstruct.rows.formats.formats import rows_of
from selfinstruct.rows.reading import tasks_in
from selfinstruct.task import Instance, Judged, Message, Rejected, Task, json_line, task_to_row


def row(number: int, **more: Any) -> Task:
    return Task(f"t{number}", f"Name river number {number}.", (Instance("", f"The river {number}."),), extra=more)


def talk(*said: str, id: str = "c") -> Task:
    roles = ("user", "assistant")
    turns = tuple(Message(role=roles[n % 2], content=text) for n, text in enumerate(said))
    return Task(id, said[0], turns=turns)


ROWS = [row(number, score=number % 10) for number in range(40)]
GOOD = {"task": "yes", "input": "yes", "output": "yes"}


def begin(path: Path, tasks: list[Task] = ROWS, wanted: int = 10, **more: Any) -> Record:
    options: dict[str, Any] = {"seed": 0, "by": "", "judge": None} | more
    return begun(tasks, ("rows.jsonl",), path / "review.jsonl", wanted=wanted, **options)


def said(record: Record, item: int, by: str = "anna", state: str = "done", texts: Any = None, **answers: str) -> None:
    event = f"{by}{item}{record._lines:08}"
    record.say(event, by, item, Opinion(state, answers or GOOD, "", texts or {}))


# What is drawn


def test_a_larger_sample_goes_on_from_the_smaller_one_whatever_the_order() -> None:
    few, many = draw(ROWS, 10, 7), draw(Random(1).sample(ROWS, 40), 25, 7)
    assert [item.key for item in many.items][:10] == [item.key for item in few.items]
    assert [item.number for item in many.items] == list(range(25))
    assert [item.key for item in draw(ROWS, 10, 8).items] != [item.key for item in few.items]
    assert len(draw(ROWS, 100, 7).items) == 40


def test_every_row_is_as_likely_as_any_other() -> None:
    drawn = Counter(item.task.id for seed in range(400) for item in draw(ROWS, 10, seed).items)
    assert set(drawn) == {task.id for task in ROWS}
    assert 60 < min(drawn.values()) < max(drawn.values()) < 145  # 100 ± 9


@settings(max_examples=50, deadline=None)
@example({"": 1, "a": 1, "b": 4}, 3)
@given(st.dictionaries(st.text(max_size=3), st.integers(1, 300), min_size=1, max_size=9), st.integers(1, 400))
def test_each_stratum_has_its_share(strata: dict[str, int], wanted: int) -> None:
    many = apportioned(strata, wanted)
    total = sum(strata.values())
    assert sum(many.values()) == min(total, max(wanted, len(strata)))
    assert all(1 <= many[name] <= strata[name] for name in strata)
    if wanted >= 2 * total / min(strata.values()):  # nobody is rounded up to one
        assert all(abs(many[name] - wanted * strata[name] / total) < 1 or wanted >= total for name in strata)


def test_strata() -> None:
    tasks = [row(number, kind="rare" if number % 20 == 0 else "usual") for number in range(40)]
    drawn = draw(tasks, 10, 0, "kind")
    assert drawn.strata == {"rare": 2, "usual": 38}
    assert Counter(item.stratum for item in drawn.items) == {"rare": 1, "usual": 9}
    assert {item.stratum for item in draw(tasks, 10, 0, "step").items} == {"seed"}
    with pytest.raises(UsageError, match=r"--by 'kinds': no row says: did you mean 'kind'"):
        draw(tasks, 10, 0, "kinds")
    with pytest.raises(UsageError, match="more than 50 kinds"):
        draw([row(number, n=number) for number in range(60)], 10, 0, "n")


def test_one_instance_of_several_is_drawn() -> None:
    task = Task("a", "Translate it.", tuple(Instance(f"word {n}", f"mot {n}") for n in range(9)))
    drawn = {draw([task], 1, seed).items[0].instance for seed in range(60)}
    assert len(drawn) == 9
    (item,) = draw([task], 1, 3).items
    assert item.key == keys_of(task)[item.instance]


# What is shown, and edited


def test_fields() -> None:
    names = [(one.name, one.editable) for one in fields_of(Task("a", "Do.", (Instance("x", "y", "hm"),)))]
    assert names == [("instruction", True), ("input", True), ("thoughts", False), ("output", True)]
    calling = Message(role="assistant", content="", tool_calls=[{"type": "function", "function": {"name": "f"}}])
    task = Task("a", "Do.", turns=(Message(role="user", content="Do."), calling), tools=({"function": {"name": "f"}},))
    assert [one.name for one in fields_of(task)] == ["tools", "turns/0", "turns/1", "calls/1"]


def test_questions_are_those_that_can_be_answered() -> None:
    assert questions_of(row(1)) == ("task", "input", "output")
    assert questions_of(Task("a", "Name a river.")) == ("task",)
    assert questions_of(talk("Hi", "Hello")) == ("task", "input", "output")


def test_edits() -> None:
    task = Task("a", "Do.", (Instance("x", "y", "hm"), Instance("p", "q")))
    assert edited(task, 1, {"output": "z"}).instances == (Instance("x", "y", "hm"), Instance("p", "z"))
    assert edited(task, 0, {"input": "X"}).instances[0] == Instance("X", "y", "hm")
    assert edited(task, 0, {"output": "Y"}).instances[0] == Instance("x", "Y"), "it was thought for another answer"
    assert edited(task, 0, {"instruction": "Do it."}).instruction == "Do it."
    spoken = edited(talk("Hi", "Hello"), 0, {"turns/0": "Hey", "turns/1": "Good day"})
    assert [turn["content"] for turn in spoken.turns] == ["Hey", "Good day"]
    assert spoken.instruction == "Hey"
    assert edited(task, 0, {}) == task


def test_keys_go_by_what_a_row_says() -> None:
    assert keys_of(row(1)) == keys_of(replace(row(1), id="other", extra={"score": 3}))
    assert keys_of(row(1)) != keys_of(row(2))
    assert keys_of(talk("a", "b")) != keys_of(talk("a", "c"))
    keys_of(Task("a", "half a \ud800 pair"))


# The file


def test_what_is_said_is_there_when_it_is_opened_again(tmp_path: Path) -> None:
    record = begin(tmp_path)
    said(record, 3, output="no", task="yes", input="yes")
    said(record, 4, by="ben", state="draft", task="unsure")
    for one in (record, Record(record.path)):
        assert one.opinion(3, "anna").answers["output"] == "no"
        assert one.opinion(4, "ben").state == "draft"
        assert one.opinion(4, "anna") == Opinion()
        assert [item.key for item in one.items] == [item.key for item in draw(ROWS, 10, 0).items]
        assert one.people() == ["anna", "ben"]


def test_an_event_counts_once_and_the_last_one_can_be_taken_back(tmp_path: Path) -> None:
    record = begin(tmp_path)
    for _ in range(3):
        record.say("event-one", "anna", 1, Opinion("draft", {"task": "yes"}))
    record.say("event-two", "anna", 1, Opinion("done", GOOD))
    record.say("event-tri", "ben", 2, Opinion("draft", {"task": "no"}))
    assert record.take_back("undo-one", "anna") == 1
    assert record.opinion(1, "anna") == Opinion("draft", {"task": "yes"})
    record.take_back("undo-one", "anna")
    assert record.opinion(1, "anna") == Opinion("draft", {"task": "yes"}), "the same event again"
    assert record.take_back("undo-two", "anna") == 1
    assert record.opinion(1, "anna") == Opinion()
    assert record.take_back("undo-tri", "anna") is None
    assert Record(record.path).opinion(2, "ben").answers == {"task": "no"}


@pytest.mark.parametrize("left", [b'{"event": "torn-off-by', b"\x00\x00\x00", b'"text"\n[1]\n', b"\xff\xfe\n"])
def test_what_a_kill_tears_off_was_never_said(left: bytes, tmp_path: Path) -> None:
    record = begin(tmp_path)
    said(record, 0)
    with record.path.open("ab") as file:
        file.write(left)
    said(record, 1)
    again = Record(record.path)
    assert [again.opinion(number, "anna").state for number in range(3)] == ["done", "done", "draft"]
    assert again.torn


def test_cut_anywhere_it_can_be_read_and_gone_on_with(tmp_path: Path) -> None:
    record = begin(tmp_path, wanted=2)
    begins = record.path.stat().st_size
    for number in range(2):
        said(record, number, texts={"output": "An edit with é and 河"})
    whole = record.path.read_bytes()
    for cut in range(begins, len(whole), 5):
        record.path.write_bytes(whole[:cut])
        again = Record(record.path)
        again.say(f"after the cut {cut}", "anna", 1, Opinion("done", GOOD))
        assert Record(record.path).opinion(1, "anna") == Opinion("done", GOOD)


def test_two_processes_see_what_the_other_says(tmp_path: Path) -> None:
    one = begin(tmp_path)
    other = Record(one.path)
    said(one, 0)
    said(other, 0, by="ben")
    one.catch_up()
    assert set(one.opinions()[0]) == set(other.opinions()[0]) == {"anna", "ben"}


def test_the_same_command_goes_on_and_another_one_is_told(tmp_path: Path) -> None:
    record = begin(tmp_path)
    said(record, 0)
    assert begin(tmp_path).opinion(0, "anna").state == "done"
    more = begin(tmp_path, wanted=30)
    assert [item.key for item in more.items] == [item.key for item in draw(ROWS, 30, 0).items]
    assert more.opinion(0, "anna").state == "done"
    assert len(begin(tmp_path, wanted=5).items) == 30, "nothing that was drawn is forgotten"
    with pytest.raises(UsageError, match="is another review: seed is 0 there and 1 here"):
        begin(tmp_path, seed=1)
    with pytest.raises(UsageError, match="drawn from 40 rows, and these 39 are others: go on with"):
        begin(tmp_path, ROWS[:-1])
    (tmp_path / "review.jsonl").write_text("{}\n")
    with pytest.raises(UsageError, match="is there, and no review"):
        begin(tmp_path)
    with pytest.raises(UsageError, match="has no rows"):
        begin(tmp_path / "none", [])


def test_where_it_is_kept(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "tasks.jsonl").write_bytes(b"")
    (tmp_path / "rows.json.gz").write_bytes(b"")
    assert default_place((str(tmp_path / "run"),), None) == tmp_path / "run" / "review.jsonl"
    assert default_place((str(tmp_path / "rows.json.gz"),), None) == tmp_path / "rows.review.jsonl"
    assert default_place((str(tmp_path / "run"),), "other").name == "review.pairs.jsonl"
    for data in ((str(tmp_path),), ("-",), ("a", "b")):
        with pytest.raises(UsageError, match=r"--out review\.jsonl"):
            default_place(data, None)


# What it comes to


@pytest.mark.parametrize(
    ("answers", "together"),
    [
        (["yes"], "yes"),
        (["yes", "no"], "unsure"),
        (["yes", "no", "no"], "no"),
        (["yes", "unsure"], "yes"),
        (["unsure"], "unsure"),
        ([], "unsure"),
    ],
)
def test_majority(answers: list[str], together: str) -> None:
    assert majority(answers) == together


def test_the_papers_table(tmp_path: Path) -> None:
    record = begin(tmp_path)
    for number in range(8):
        said(record, number)
    said(record, 8, task="yes", input="no", output="no")
    said(record, 9, task="yes", input="unsure", output="yes")
    found = figures(record)
    counts = {one["question"]: (one["yes"], one["no"], one["unsure"]) for one in found["questions"]}
    assert counts == {"task": (10, 0, 0), "input": (8, 1, 1), "output": (9, 1, 0), "all": (8, 1, 1)}
    assert [one["paper"] for one in found["questions"]] == [0.92, 0.79, 0.58, 0.54]
    assert found["questions"][2]["rate"]["value"] == 0.9
    assert found["done"] == 10
    assert "agreement" not in found
    json.dumps(rounded(found), allow_nan=False)


def test_drafts_and_skips_do_not_count(tmp_path: Path) -> None:
    record = begin(tmp_path)
    said(record, 0, state="draft", task="no")
    said(record, 1, state="skipped", task="no")
    found = figures(record)
    assert (found["done"], found["drafts"], found["skipped"]) == (0, 1, 1)
    assert found["questions"][0]["no"] == 0
    assert rounded(found)["questions"][0]["rate"]["value"] is None


def test_all_rows_looked_at_leave_nothing_to_guess(tmp_path: Path) -> None:
    record = begin(tmp_path, wanted=40)
    for number in range(40):
        said(record, number, **(GOOD if number % 4 else GOOD | {"output": "no"}))
    rate = figures(record)["questions"][2]["rate"]
    assert rate["value"] == rate["low"] == rate["high"] == 0.75


def test_strata_weigh_as_much_as_they_have_rows(tmp_path: Path) -> None:
    tasks = [row(number, kind="rare" if number < 2 else "usual") for number in range(40)]
    record = begin(tmp_path, tasks, wanted=10, by="kind")
    for item in record.items:
        said(record, item.number, **(GOOD | {"output": "no" if item.stratum == "rare" else "yes"}))
    found = figures(record)
    assert found["questions"][2]["rate"]["value"] == pytest.approx(38 / 40)
    assert [(one["stratum"], one["rate"]["value"]) for one in found["strata"]] == [("rare", 0.0), ("usual", 1.0)]


def test_agreement_of_every_two(tmp_path: Path) -> None:
    record = begin(tmp_path)
    for number in range(10):
        said(record, number, **(GOOD | {"output": "yes" if number % 2 else "no"}))
        said(record, number, by="ben", **(GOOD | {"output": "yes" if number % 2 or number == 0 else "no"}))
    said(record, 0, by="cy")
    found = {(tuple(one["people"]), one["question"]): one for one in figures(record)["agreement"]}
    both = found[("anna", "ben"), "output"]
    assert both["rows"] == 10
    assert both["kappa"] == pytest.approx(0.8)
    assert both["low"] < 0.8 < both["high"]
    assert found[("anna", "cy"), "output"]["rows"] == 1


# A judge


@pytest.mark.parametrize(
    ("text", "value", "verdict"),
    [
        ("score", 7, 7.0),
        ("score", "7.5", 7.5),
        ("score", True, 1.0),
        ("score", "No.", 0.0),
        ("score", "正确", 1.0),
        ("score", None, None),
        ("score", "good question", None),
        ("score", float("nan"), None),
        ("score>=7", 7, 1.0),
        ("score > 7", 7, 0.0),
        ("score<=3", 4, 0.0),
        ("score==1", 1, 1.0),
    ],
)
def test_verdicts_of_a_judge(text: str, value: Any, verdict: float | None) -> None:
    judge = parse_judge(text)
    assert judge.key == "score"
    assert judge.verdict(value) == verdict


def test_a_judge_that_nobody_has() -> None:
    judge = parse_judge("scor>=7")
    list(judge.watching(ROWS))
    with pytest.raises(UsageError, match="did you mean 'score'"):
        judge.check()
    with pytest.raises(UsageError, match="'high' is no number"):
        parse_judge("score>=high")


def test_a_judge_narrows_what_people_say(tmp_path: Path) -> None:
    rng = Random(3)
    truth = [rng.random() < 0.6 for _ in range(2000)]
    tasks = [row(n, score=9 if good == (rng.random() < 0.9) else 3) for n, good in enumerate(truth)]
    judge = parse_judge("score>=7")
    record = begin(tmp_path, tasks, wanted=200, judge=judge)
    for item in record.items:
        good = truth[int(item.task.id[1:])]
        said(record, item.number, task="yes", input="yes", output="yes" if good else "no")
    output = figures(record, judge)["questions"][2]
    assert output["with_judge"]["narrower"] > 0.3
    assert output["with_judge"]["low"] < sum(truth) / 2000 < output["with_judge"]["high"]
    assert output["judge_agrees"]["agree"] == pytest.approx(0.9, abs=0.06)
    assert output["judge_agrees"]["kappa"] > 0.6
    # It may come later, from another run over the same rows.
    later = parse_judge("mark")
    again = [replace(task, id=f"x{task.id}", extra={"mark": task.extra["score"]}) for task in tasks]
    same = figures(begin(tmp_path, again, wanted=200, judge=later), later)["questions"][2]
    assert same["with_judge"]["value"] == pytest.approx(output["with_judge"]["value"])
    assert "kappa" not in same["judge_agrees"]
    assert same["judge_agrees"]["auc"] > 0.85


def test_each_question_may_have_a_judge_of_its_own(tmp_path: Path) -> None:
    marks = [{"marks": {"task": "yes", "output": n % 10}, "fits": n % 2 == 0} for n in range(60)]
    tasks = [row(n, **one) for n, one in enumerate(marks)]
    judges = judges_of(["task:marks.task", "input:fits", "output:marks.output>=5"])
    assert isinstance(judges, Judges)
    record = begin(tmp_path, tasks, wanted=40, judge=judges)
    for item in record.items:
        n = int(item.task.id[1:])
        verdicts = {"task": "yes", "input": "yes" if n % 2 == 0 else "no", "output": "yes" if n % 10 >= 5 else "no"}
        said(record, item.number, **verdicts)
    found = figures(record, judges)
    agreed = {one["question"]: one.get("judge_agrees", {}).get("agree") for one in found["questions"]}
    assert agreed == {"task": 1.0, "input": 1.0, "output": 1.0, "all": None}
    assert found["judge"] == {"by": "task:marks.task, input:fits, output:marks.output>=5", "rows": 60}
    assert isinstance(judges_of(["score>=7"]), Judge)
    assert judges_of([]) is None
    with pytest.raises(UsageError, match="one judge for each question"):
        judges_of(["task:a", "task:b"])


# Two answers


def test_pairs_are_found_by_what_is_asked() -> None:
    mine = [row(1), row(2), row(3), talk("Hi  there", "Hello", "And?", "Well")]
    theirs = [
        replace(row(2), id="t1", instances=(Instance("", "Another one."),)),
        replace(row(1), id="x"),
        Task("f", "Name river  number 3.", (Instance("", "Three."),)),
        talk("Hi there", "Hello", "And?", "Fine"),
        talk("Hi there", "Hello", "Or?", "Fine"),
    ]
    found, same = pairs_of(mine, theirs)
    assert same == 1
    assert [(one.id, other.id) for one, other in found] == [("t2", "t1"), ("t3", "f"), ("c", "c")]


def test_a_comparison_is_blind_and_unbiased(tmp_path: Path) -> None:
    mine = [row(number) for number in range(300)]
    theirs = [replace(task, instances=(Instance("", "No."),)) for task in mine]
    record = compared(lambda: mine, lambda: theirs, ("mine", "theirs"), tmp_path / "p.jsonl", wanted=300, seed=0)
    swapped = [is_swapped(item, 0, "anna") for item in record.items]
    assert 110 < sum(swapped) < 190
    assert swapped != [is_swapped(item, 0, "ben") for item in record.items]
    for number in range(100):
        said(record, number, better=("first", "second", "tie", "neither", "first")[number % 5])
    found = figures(record)
    assert (found["first"], found["second"], found["tie"], found["neither"]) == (40, 20, 20, 20)
    assert found["first_wins"]["value"] == pytest.approx(0.6)
    assert compared(lambda: mine, lambda: theirs, ("mine", "theirs"), record.path, wanted=9, seed=0).people() == [
        "anna"
    ]
    with pytest.raises(UsageError, match="no question in common"):
        compared(lambda: mine, lambda: [talk("a", "b")], ("mine", "it"), tmp_path / "q.jsonl", wanted=3, seed=0)
    with pytest.raises(UsageError, match="in the same words"):
        compared(lambda: mine, lambda: mine, ("mine", "mine"), tmp_path / "q.jsonl", wanted=3, seed=0)
    assert not (tmp_path / "q.jsonl").exists()


def test_more_pairs_go_on_from_the_first_ones(tmp_path: Path) -> None:
    mine = [row(number) for number in range(30)]
    theirs = [replace(task, instances=(Instance("", "No."),)) for task in mine]
    few, many = (
        compared(lambda: mine, lambda: theirs, ("mine", "theirs"), tmp_path / "p.jsonl", wanted=wanted, seed=0)
        for wanted in (5, 12)
    )
    assert many.items[:5] == few.items
    assert len(many.items) == 12
    assert all(item.other for item in Record(many.path).items)


def test_whole_rows_are_compared_where_they_ask_other_things(tmp_path: Path) -> None:
    mine, theirs = [row(n) for n in range(30)], [talk(f"Q{n}", f"A{n}", id=f"c{n}") for n in range(9)]
    few, many = (
        compared(lambda: mine, lambda: theirs, ("a", "b"), tmp_path / "p.jsonl", wanted=wanted, seed=0, whole=True)
        for wanted in (5, 20)
    )
    assert many.items[:5] == few.items
    assert len(many.items) == 9
    said(many, 0, better="first")
    assert figures(many)["first"] == 1
    with pytest.raises(UsageError, match="ask other things"):
        list(preferences(many))
    with pytest.raises(UsageError, match="no row with an answer"):
        compared(lambda: mine, list, ("a", "b"), tmp_path / "q.jsonl", wanted=3, seed=0, whole=True)


def test_a_judged_row_is_compared_with_itself() -> None:
    good, bad = (Judged((Message(role="assistant", content=text),), text == "Yes") for text in ("Yes", "No"))
    task = Task("p", "Is it?", turns=(Message(role="user", content="Is it?"),), judged=(bad, good))
    ((first, second),) = judged_pairs([task, replace(task, judged=(good,)), row(1)])
    assert [one.turns[-1]["content"] for one in (first, second)] == ["Yes", "No"]


# What becomes of it


def test_preferences(tmp_path: Path) -> None:
    mine, theirs = [row(n) for n in range(5)], [replace(row(n), instances=(Instance("", f"no {n}"),)) for n in range(5)]
    pairs = compared(lambda: mine, lambda: theirs, ("a", "b"), tmp_path / "p.jsonl", wanted=5, seed=0)
    for number, better in enumerate(("first", "second", "tie", "neither")):
        said(pairs, number, better=better)
    found = list(preferences(pairs))
    assert [[judged.good for judged in task.judged] for task in found] == [[True, False], [True, False], [False, False]]
    rows = list(rows_of(found, "preference"))
    assert [row["chosen"][0]["content"][:3] for row in rows] == ["The", "no "]
    assert rows[0]["prompt"] == [{"role": "user", "content": pairs.items[0].task.instruction}]
    assert len(list(rows_of(found, "kto"))) == 6
    assert preference(pairs.items[0], "tie") is None


def test_a_review_of_rows_is_preference_data_too(tmp_path: Path) -> None:
    record = begin(tmp_path)
    said(record, 0)
    said(record, 1, task="yes", input="yes", output="no")
    said(record, 2, texts={"output": "A better one."}, task="yes", input="yes", output="no")
    said(record, 3, texts={"instruction": "Name a river."}, task="no", input="yes", output="yes")
    said(record, 4, task="no", input="yes", output="yes")
    said(record, 5, task="yes", input="yes", output="unsure")
    found = list(preferences(record))
    assert [[judged.good for judged in task.judged] for task in found] == [[True], [False], [True, False], [True]]
    (pair,) = rows_of(found, "preference")
    assert pair["chosen"][0]["content"] == "A better one."


def test_edited_rows_replace_the_originals(tmp_path: Path) -> None:
    record = begin(tmp_path)
    said(record, 0, texts={"output": "Anna's."})
    said(record, 0, by="ben", texts={"output": "Ben's, later."})
    said(record, 1, state="draft", texts={"output": "not submitted"})
    found = list(with_edits(ROWS, record))
    assert [task.instances[0].output for task, is_edited in found if is_edited] == ["Ben's, later."]
    assert [task.id for task, _ in found] == [task.id for task in ROWS]


def test_the_filter_drops_what_people_called_wrong(tmp_path: Path) -> None:
    record = begin(tmp_path)
    said(record, 0, task="no", input="yes", output="no")
    said(record, 1, task="yes", input="no", output="yes")
    said(record, 2, task="yes", input="yes", output="no")
    said(record, 2, by="ben")
    said(record, 3, state="draft", task="no")
    said(record, 4)
    drop = review_of(str(record.path))
    assert drop == Review(rows=tuple(dropped(record)))
    lost = {item.task: str(item.reason) for item in sift(ROWS, [drop]) if isinstance(item, Rejected)}
    wrong = {
        record.items[0].task.id: "review: no valid task",
        record.items[1].task.id: "review: its input does not fit",
    }
    assert lost == wrong, "of two people who differ neither counts"
    moved = [replace(task, id=f"{n}", extra={}) for n, task in enumerate(reversed(ROWS))]
    assert sum(isinstance(item, Rejected) for item in sift(moved, [drop])) == 2, "ids say nothing"
    mended = edited(record.items[1].task, 0, {"output": "Mended."})
    assert list(sift([mended], [drop])) == [mended]
    other_answer = edited(record.items[0].task, 0, {"output": "Another."})
    assert isinstance(next(sift([other_answer], [drop])), Rejected), "the task itself is no valid one"


def test_the_filter_in_a_recipe(tmp_path: Path) -> None:
    from selfinstruct.running.dropping import drop_from

    record = begin(tmp_path)
    said(record, 0, task="no", input="yes", output="no")
    (by_name,) = drop_from([{"review": "review.jsonl"}], folder=tmp_path)
    (again,) = drop_from([{"review": {"rows": list(by_name.rows)}}])  # type: ignore[attr-defined]
    assert by_name == again
    for what, why in [
        ("none.jsonl", "is not there"),
        ({"fil": "x"}, "no option 'fil'"),
        ({"rows": [3]}, "should be a list of texts"),
        ({"rows": ["x"]}, "a key, a space, and what was said of"),
        ("", "has no file"),
    ]:
        with pytest.raises(UsageError, match=why):
            drop_from([{"review": what}])
    with pytest.raises(UsageError, match="has not read x"):
        next(iter(sift(ROWS, [Review("x")])))


def test_a_review_of_nothing_yet_drops_nothing(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nobody is done"):
        review_of(str(begin(tmp_path).path))


# The command


def selfinstruct(*args: object) -> Result:
    return CliRunner().invoke(main, [str(arg) for arg in args])


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b"".join(json_line(task_to_row(task)) for task in ROWS))
    return path


def test_the_command_prints_and_writes(data: Path, tmp_path: Path) -> None:
    done = selfinstruct("review", data, "--table")
    assert done.exit_code == 2
    assert "begin with" in done.output
    record = begun(tasks_in(data), (str(data),), tmp_path / "rows.review.jsonl", wanted=10, seed=0, by="", judge=None)
    for number in range(6):
        said(record, number)
    said(record, 6, task="yes", input="yes", output="no", texts={"output": "Mended."})
    done = selfinstruct("review", data, "--table", "--sample", 10, "--judge", "score")
    assert done.exit_code == 0, done.output
    assert "54%" in done.output
    assert "85.7 %" in done.output
    found = json.loads(selfinstruct("review", record.path, "--json").stdout)
    assert found["questions"][2]["rate"]["value"] == 0.8571
    out = tmp_path / "out.jsonl"
    assert "1 of them edited" in selfinstruct("review", data, "--edited", out).output
    assert sum(task.instances[0].output == "Mended." for task in tasks_in(out)) == 1
    assert "in 1 of them" in selfinstruct("review", record.path, "--preferences", out).output
    assert len(list(tasks_in(out))) == 7
    kept = selfinstruct("filter", data, "--drop", f"review={record.path}", "--out", out, "--quiet")
    assert "kept 39 of 40" in kept.output
    assert is_record(record.path)
    assert not is_record(data)


@pytest.mark.parametrize(
    ("args", "why"),
    [
        (["--as", "a", "--as", "a"], "a name of their own"),
        (["--as", "\x1b[2J"], "a name of their own"),
        (["--judge", "none"], "no row has a number"),
        (["--by", "none"], "no row says"),
        (["--against", "ROWS"], "in the same words"),
        (["--against", "ROWS", "--judge", "score"], "leave them out"),
        (["--sample", "0"], "not in the range"),
    ],
)
def test_mistakes_are_one_line_and_leave_nothing(args: list[str], why: str, data: Path, tmp_path: Path) -> None:
    done = selfinstruct("review", data, *(str(data) if arg == "ROWS" else arg for arg in args))
    assert done.exit_code == 2, done.output
    assert why in done.output
    assert len(done.stderr.splitlines()) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["rows.jsonl"]
