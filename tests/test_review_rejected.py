"""Reviews of what was rejected: what is shown of it, what is counted, and that it is mixed up with nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from selfinstruct.cli import main
from selfinstruct.errors import UsageError
from selfinstruct.reviewing.exports import dropped, preferences
from selfinstruct.reviewing.figures import figures
from selfinstruct.reviewing.record import Opinion, Record
from selfinstruct.reviewing.rejections import as_tasks
from selfinstruct.task import SUPERSEDED, Instance, Rejected, json_line, rejected_to_row

REJECTED = [
    *(Rejected(f"Draw river {n}.", "keyword", "draw", origin="propose") for n in range(40)),
    *(Rejected(f"Name river {n}.", "rouge-l", "0.8", origin="propose") for n in range(15)),
    Rejected("Sorry, no.", "refusal", origin="respond", instruction="Name a lake.", instances=(Instance("here", ""),)),
    Rejected("Sure! Here are tasks:", "not part of the list", what="remark", origin="propose"),
    Rejected("Name a sea.", *SUPERSEDED, origin="evolve"),
]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "run.json").write_text("{}")
    (folder / "tasks.jsonl").write_text("")
    (folder / "rejected.jsonl").write_bytes(b"".join(json_line(rejected_to_row(item)) for item in REJECTED))
    return folder


def selfinstruct(*args: object) -> Result:
    return CliRunner().invoke(main, [str(arg) for arg in args])


def begun(run: Path, sample: int = 20) -> Record:
    """As the command begins it; then it would be served until somebody stops it."""
    from selfinstruct.cli.reviewing import _rejections

    return _rejections((str(run),), None, sample, 0, "", is_there=False)


def test_what_was_lost_is_shown_with_its_reason_and_each_reason_has_its_share(run: Path) -> None:
    record = begun(run)
    assert record.path == run / "review.rejected.jsonl"
    assert record.about["strata"] == {"keyword": 40, "rouge-l": 15, "refusal": 1}
    assert {item.questions for item in Record(record.path).items} == {("rejection",)}
    (refused,) = (item for item in record.items if item.stratum == "refusal")
    shown = [(field.name, field.text, field.editable) for field in refused.fields]
    assert shown == [
        ("reason", "respond: refusal", False),
        ("instruction", "Name a lake.", False),
        ("input", "here", False),
        ("output", "Sorry, no.", False),
    ]


def test_remarks_and_what_evolved_further_are_no_loss() -> None:
    assert len(list(as_tasks(REJECTED))) == len(REJECTED) - 2


def test_it_ends_with_the_share_of_wrong_rejections_by_reason(run: Path) -> None:
    record = begun(run)
    for item in record.items:
        verdict = "no" if item.stratum == "rouge-l" else "yes"
        record.say(f"event-{item.number:04}", "anna", item.number, Opinion("done", {"rejection": verdict}))
    found = figures(record)
    by_reason = {one["reason"]: (one["right"], one["wrong"], one["rate"]["value"]) for one in found["reasons"]}
    assert by_reason["rouge-l"][1:] == (by_reason["rouge-l"][1], 1.0)
    assert by_reason["keyword"][2] == by_reason["refusal"][2] == 0
    assert found["wrong"]["value"] == pytest.approx(15 / 56)
    assert found["wrong"]["low"] < 15 / 56 < found["wrong"]["high"]
    printed = selfinstruct("review", run, "--rejected", "--table")
    assert printed.exit_code == 0, printed.output
    assert "How many rejections are wrong" in printed.output
    assert "26.8 %" in printed.output
    told = json.loads(selfinstruct("review", record.path, "--rejected", "--json").stdout)
    assert [one["reason"] for one in told["reasons"]] == ["keyword", "rouge-l", "refusal"]


def test_a_filters_file_is_reviewed_alike(run: Path, tmp_path: Path) -> None:
    file = tmp_path / "lost.jsonl"
    file.write_bytes((run / "rejected.jsonl").read_bytes())
    assert [item.key for item in begun(file).items] == [item.key for item in begun(run).items]


def test_verdicts_on_rejections_say_nothing_of_rows(run: Path) -> None:
    record = begun(run)
    record.say("event-0001", "anna", 0, Opinion("done", {"rejection": "no"}))
    for use in (dropped, lambda one: list(preferences(one))):
        with pytest.raises(UsageError, match="is a review of rejections"):
            use(record)


@pytest.mark.parametrize(
    ("args", "why"),
    [
        (("--against", "x"), "about what was dropped"),
        (("--edited", "x"), "about what was dropped"),
        (("--table",), "is not there"),
    ],
)
def test_mistakes_are_one_line(args: tuple[str, ...], why: str, run: Path) -> None:
    done = selfinstruct("review", run, "--rejected", *args)
    assert done.exit_code == 2
    assert why in done.output
    assert len(done.output.strip().splitlines()) == 1
