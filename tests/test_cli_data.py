"""export, import and filter on anybody's data, as they are called: what is held out, pushed, left out and said."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from selfinstruct.cli import main
from selfinstruct.cli import reading as cli_reading
from selfinstruct.rows.formats.formats import FORMATS
from selfinstruct.rows.importers.importers import IMPORTERS
from selfinstruct.rows.reading import read_tasks


def selfinstruct(*words: object, given: str | None = None) -> Result:
    env = {"HF_HUB_OFFLINE": "1", "HF_TOKEN": None, "HF_TOKEN_PATH": "/nowhere"}
    return CliRunner().invoke(main, [str(word) for word in words], input=given, env=env)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """60 tasks of two instances each, and a row that is broken."""
    rows = [
        {"instruction": f"Name {n} rivers of the map.", "input": place, "output": f"{place} {n}"}
        for n in range(60)
        for place in ("North", "South")
    ]
    file = tmp_path / "theirs.jsonl"
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows) + '{"instruction"\n')
    return file


def rows_in(file: Path) -> list[dict[str, Any]]:
    text = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    return [json.loads(line) for line in text.decode().splitlines()]


SKIP = ("--on-error", "skip", "--quiet")


@pytest.mark.parametrize("validation", ["0.2", "12"])
def test_what_is_held_out_shares_no_instruction(validation: str, data: Path, tmp_path: Path) -> None:
    out = tmp_path / "rows.jsonl.gz"
    done = selfinstruct("export", data, *SKIP, "--validation", validation, "--out", out)
    assert done.exit_code == 0, done.output
    training, held_out = rows_in(out), rows_in(tmp_path / "rows.validation.jsonl.gz")
    assert len(training) + len(held_out) == 120
    assert 4 <= len(held_out) <= 48
    assert not {row["instruction"] for row in training} & {row["instruction"] for row in held_out}
    again = selfinstruct("export", data, *SKIP, "--validation", validation, "--seed", 1, "--out", tmp_path / "b.jsonl")
    assert again.exit_code == 0
    assert rows_in(tmp_path / "b.validation.jsonl") != held_out


def test_two_parts_need_a_file(data: Path) -> None:
    done = selfinstruct("export", data, "--validation", "0.1")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "--validation 0.1 makes two files: give --out" in done.stderr


def test_bad_rows_go_beside_the_output_or_where_they_are_sent(data: Path, tmp_path: Path) -> None:
    done = selfinstruct("export", data, *SKIP, "--out", tmp_path / "rows.json")
    assert "theirs.jsonl, line 121: left out: no JSON" in done.stderr
    (bad,) = rows_in(tmp_path / "rows.bad.jsonl")
    assert (bad["where"], bad["text"].strip()) == (f"{data}, line 121", '{"instruction"')
    done = selfinstruct("export", data, *SKIP, "--bad-rows", tmp_path / "odd.jsonl")
    assert rows_in(tmp_path / "odd.jsonl") == [bad]
    assert len(done.stdout.splitlines()) == 120


def test_without_skipping_nothing_is_written(data: Path, tmp_path: Path) -> None:
    done = selfinstruct("export", data, "--out", tmp_path / "rows.jsonl")
    assert done.exit_code == 2
    assert "line 121: no JSON" in done.stderr
    assert "--on-error skip leaves such rows out" in done.stderr
    assert list(tmp_path.iterdir()) == [data]


def test_pushed_without_a_key_it_is_a_folder_that_can_be_loaded(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    datasets = pytest.importorskip("datasets")
    monkeypatch.chdir(tmp_path)
    done = selfinstruct("export", data, *SKIP, "--validation", "0.1", "--push", "somebody/rivers")
    assert done.exit_code == 1
    assert "no key: set HF_TOKEN" in done.stderr
    assert "hf upload somebody/rivers rivers" in done.stderr
    loaded = datasets.load_dataset(str(tmp_path / "rivers"), cache_dir=str(tmp_path / "cache"))
    assert set(loaded) == {"train", "validation"}
    assert sum(map(len, loaded.values())) == 120
    assert 'load_dataset("somebody/rivers")' in (tmp_path / "rivers" / "README.md").read_text()


@pytest.mark.parametrize("words", [("--private",), ("--license", "mit")])
def test_what_is_for_pushing_alone(words: tuple[str, ...], data: Path) -> None:
    done = selfinstruct("export", data, *words)
    assert done.exit_code == 2
    assert "are for --push OWNER/NAME" in done.stderr


def test_columns_and_what_is_not_there(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("frage,antwort,stufe\nWer singt?,Die Amsel.,3\n", encoding="utf-8")
    done = selfinstruct("export", file, "--columns", "instruction=frage,output=antwort")
    assert json.loads(done.stdout) == {"instruction": "Wer singt?", "input": "", "output": "Die Amsel."}
    assert "not used: stufe in 1 row" in done.stderr
    done = selfinstruct("export", file, "--columns", "instruction=frage", "--columns", "output=antwrt")
    assert done.exit_code == 2
    assert "no row has the column 'antwrt'" in done.stderr


def test_several_sources_and_a_pipe(data: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_text('[{"question": "Why?", "answer": "So."}]')
    done = selfinstruct("export", other, other, "-", "--to", "seed", given='{"prompt": "Who?", "completion": "I."}\n')
    assert [json.loads(line)["instruction"] for line in done.stdout.splitlines()] == ["Why?", "Why?", "Who?"]
    assert len({json.loads(line)["id"] for line in done.stdout.splitlines()}) == 3


def test_filter_keeps_what_an_export_says_twice(data: Path, tmp_path: Path) -> None:
    """Rows of one instruction with other inputs: novelty threw half of them away."""
    run = tmp_path / "run"
    assert selfinstruct("generate", "--num", 30, "--out", run, "--quiet").exit_code == 0
    done = selfinstruct("filter", run / "alpaca.jsonl", "--drop", "novelty", "--out", tmp_path / "k.jsonl", "--quiet")
    assert done.exit_code == 0
    assert len(read_tasks(tmp_path / "k.jsonl")) == 30


def test_filter_keeps_the_whole_of_what_it_drops(tmp_path: Path) -> None:
    turns = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello", "weight": 0}]
    file = tmp_path / "talks.jsonl"
    file.write_text(json.dumps({"id": "t", "messages": turns * 2, "score": 3}) + "\n")
    kept, lost = tmp_path / "kept.jsonl", tmp_path / "lost.jsonl"
    words = ("--drop", "words=[hi]", "--out", kept, "--rejected", lost, "--quiet")
    assert selfinstruct("filter", file, *words).exit_code == 0
    assert not kept.exists() or not kept.read_bytes()
    (row,) = rows_in(lost)
    assert (row["whole"]["score"], len(row["whole"]["turns"])) == (3, 4)


def test_lists_of_formats_and_layouts() -> None:
    for command, there in (("formats", FORMATS), ("layouts", IMPORTERS)):
        lines = selfinstruct(command).stdout.splitlines()
        assert [line.split()[0] for line in lines] == list(there)
        assert all(len(line.split()) > 3 for line in lines)


def test_how_fast_it_goes_is_said_every_ten_seconds(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seconds = iter(range(0, 10_000, 4))
    monkeypatch.setattr("selfinstruct.cli.reading.time.monotonic", lambda: next(seconds))

    def many() -> Iterator[int]:
        yield from range(9_000)

    assert list(cli_reading.watched(many(), "tasks")) == list(range(9_000))
    assert capsys.readouterr().err.splitlines() == ["3,000 tasks · 250/s", "6,000 tasks · 250/s", "9,000 tasks · 250/s"]
    assert list(cli_reading.watched(many(), "tasks", quiet=True)) == list(range(9_000))
    assert not capsys.readouterr().err
