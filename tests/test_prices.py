"""Prices: those published, those of the user, who is billed by which; what a run would cost, and what it took."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner, Result

import selfinstruct as api
from selfinstruct.api import planned
from selfinstruct.cli import main
from selfinstruct.errors import BudgetReached, UsageError
from selfinstruct.running.billing import prices_of
from selfinstruct.running.identity import named
from selfinstruct.running.recipe_file import load, names
from selfinstruct.running.settings import Settings
from selfinstruct.stages.prompting import FOLDER, places
from selfinstruct.teacher import Request, Response
from selfinstruct.teachers.prices import FREE, OPENAI, Price, Prices, cost, own_file, price_from

MINI = Price(0.15, 0.6, cached=0.075)
HERE = "http://127.0.0.1:8000/v1"


@pytest.fixture(autouse=True)
def nothing_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name in ("SELFINSTRUCT_PRICES", "OPENAI_BASE_URL", "SELFINSTRUCT_MODEL"):
        monkeypatch.delenv(name, raising=False)


def selfinstruct(*args: object) -> Result:
    return CliRunner().invoke(main, [str(arg) for arg in args])


# The list


def test_every_row_says_where_and_when_and_makes_sense() -> None:
    rows = list(Prices.known())
    assert len(rows) > 50
    assert len({(row.model, row.at) for row in rows}) == len(rows)
    for row in rows:
        assert row.at, row
        assert urlsplit(row.source).scheme == "https", row
        assert re.fullmatch(r"20\d\d-\d\d-\d\d", row.date), row
        price = row.price
        assert 0 < price.input <= price.output, row
        assert price.cached is None or price.cached < price.input, row
        assert price.written is None or price.written > price.input, row
        assert price.long is None or price.long.input > price.input, row
        for tier, dearer in (("flex", False), ("priority", True), ("fast", True), ("batch", False)):
            if (other := price.at(tier)) is not None:
                assert (other.input > price.input) is (other.output > price.output) is dearer, (row, tier)


@pytest.mark.parametrize(
    ("model", "known"),
    [
        ("gpt-4o-mini", True),
        ("gpt-4o-mini-2024-07-18", True),
        ("gpt-4o-mini-20240718", True),
        ("gpt-4o-mini-latest", False),
        ("gpt-4o-mini-audio-preview", False),
        ("ft:gpt-4o-mini-2024-07-18:mine::1", False),
        ("GPT-4o-mini", False),
        ("my-gpt-4o-mini", False),
        ("gpt-4o-mini-2024-07-18-2024-07-18", False),
        ("", False),
    ],
)
def test_dated_names_are_their_family_and_nothing_else_is(model: str, known: bool) -> None:
    assert (Prices.known().of(model, OPENAI) is not None) is known


def test_a_dated_name_with_a_price_of_its_own_has_that() -> None:
    prices = Prices.known()
    assert (prices.of("gpt-4o-2024-05-13", OPENAI) or FREE).input == 5
    assert (prices.of("gpt-4o-2024-11-20", OPENAI) or FREE).input == 2.5
    assert prices.of("mistral-large-2512-2025-12-01", "https://api.mistral.ai/v1") is None, "versions have their own"


@pytest.mark.parametrize(
    "address",
    [
        HERE,
        "http://localhost:11434/v1",
        "https://openrouter.ai/api/v1",
        "https://api.openai.com.evil.example/v1",
        "",
        "x",
    ],
)
def test_a_price_counts_at_the_providers_own_address_only(address: str) -> None:
    assert Prices.known().of("gpt-4o-mini", address) is None


@pytest.mark.parametrize("address", [OPENAI, "https://API.OpenAI.com:443/v1/", "https://me:secret@api.openai.com/v1"])
def test_the_same_address_written_otherwise(address: str) -> None:
    assert Prices.known().of("gpt-4o-mini", address) is not None


def test_ones_own_prices_go_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = tmp_path / "config" / "selfinstruct" / "prices.yaml"
    mine.parent.mkdir(parents=True)
    mine.write_text("gpt-4o-mini: 0.1/0.2\nlocal-one: {input: 1, output: 2, batch: 0.9/1.9}\n")
    assert Prices.known().of("gpt-4o-mini-2024-07-18", OPENAI) == Price(0.1, 0.2)
    assert Prices.known().of("gpt-4o-mini", HERE) == Price(0.1, 0.2), "they hold wherever it is asked"
    assert Prices.known().of("local-one", HERE) == Price(1, 2, tiers={"batch": Price(0.9, 1.9)})
    named = tmp_path / "named.yaml"
    named.write_text("- at: llm.example\n  models: {gpt-4o-mini: 7/8}\n")
    monkeypatch.setenv("SELFINSTRUCT_PRICES", str(named))
    assert str(Prices.known().of("gpt-4o-mini", "https://llm.example/v1")) == "7/8"
    assert (Prices.known().of("gpt-4o-mini", OPENAI) or FREE).input == 0.15
    monkeypatch.setenv("SELFINSTRUCT_PRICES", str(tmp_path / "no.yaml"))
    with pytest.raises(UsageError, match="there is no such file: make it, or unset it"):
        own_file()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("gpt: cheap\n", "a price is 'cheap'"),
        ("gpt: {input: 1}\n", "a price has no output"),
        ("gpt: {input: 1, output: 2, outptu: 3}\n", "a price has 'outptu'"),
        ("gpt: {input: -1, output: 2}\n", "the price of input tokens is -1"),
        ("gpt: {input: yes, output: 2}\n", "the price of input tokens is True"),
        ("gpt: {input: .inf, output: 2}\n", "the price of input tokens is inf"),
        ("gpt: {input: 1, output: 2, above: 5}\n", "above is 5"),
        ("- 5\n", "5 should be models"),
        ("gpt: [1, 2\n", "cannot read the prices in"),
        ("just words\n", "should be models"),
    ],
)
def test_a_mistake_in_ones_own_file_is_one_line(
    text: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.yaml").write_text(text)
    monkeypatch.setenv("SELFINSTRUCT_PRICES", str(tmp_path / "mine.yaml"))
    with pytest.raises(UsageError) as caught:
        Prices.known()
    assert words in str(caught.value)
    assert "mine.yaml" in str(caught.value)


# What an answer costs


def test_what_an_answer_costs() -> None:
    usage = Response("…", input_tokens=1000, output_tokens=100, cached_tokens=400, thinking_tokens=90)
    assert cost(usage, MINI) == pytest.approx((600 * 0.15 + 400 * 0.075 + 100 * 0.6) / 1e6)
    assert cost(usage, None) is cost(Response("…"), MINI) is None
    assert cost(replace(usage, cost=0.5), None) == 0.5
    assert cost(replace(usage, tier="scale"), replace(MINI, strict=True)) is None
    assert cost(replace(usage, tier="scale"), MINI) is not None, "what a user says that he pays, he pays"
    assert cost(replace(usage, tier="batch"), MINI) == pytest.approx((cost(usage, MINI) or 0) / 2)
    assert cost(replace(usage, cached_tokens=5000, written_tokens=9), MINI) == pytest.approx(135e-6), "never below"


def test_a_long_request_is_dear_as_a_whole() -> None:
    price = Price(1, 2, above=100, long=Price(10, 20))
    assert price.cost(100, 10) == pytest.approx(120e-6)
    assert price.cost(101, 10) == price.dearest().cost(101, 10) == pytest.approx(1210e-6)
    assert (price.at("batch") or FREE).cost(101, 10) == pytest.approx(605e-6)


def test_a_long_request_may_be_billed_by_a_dearer_tier() -> None:
    """Failed before: the tier's price for long requests was left out of the most that one may cost."""
    price = Price(1, 2, above=100, long=Price(10, 20), tiers={"fast": Price(2, 4, above=100, long=Price(30, 40))})
    assert price.dearest().cost(101, 0) == pytest.approx(101 * 30e-6)
    assert price.dearest("flex").cost(101, 0) == pytest.approx(101 * 10e-6)
    assert price.dearest().cost(100, 0) == pytest.approx(100 * 2e-6)
    known = Prices.known().of("gpt-6-luna", OPENAI)
    assert known is not None
    assert known.cost(1000, 100, written=1000) == pytest.approx((1000 * 1.25 * 0.1 + 100 * 0.5) / 1e6)
    assert (known.at("fast") or FREE).cost(300_000, 0) == pytest.approx(300_000 * 0.4e-6)


def test_a_row_that_nobody_looked_up_since_says_so() -> None:
    """Failed before: figures of excerpts and of providers' own pages were not told apart."""
    for row in Prices.known():
        assert row.date > "2026" or row.note == "unconfirmed", row


@pytest.mark.parametrize(
    ("text", "price"),
    [
        ("0.15/0.60", Price(0.15, 0.6)),
        ("2.5/1.25/10", Price(2.5, 10, cached=1.25)),
        ("3/.3/3.75/15", Price(3, 15, cached=0.3, written=3.75)),
        ((1, 2), Price(1, 2)),
        ([1, 0.5, 2], Price(1, 2, cached=0.5)),
        ({"input": 1, "output": 2, "flex": "0.5/1"}, Price(1, 2, tiers={"flex": Price(0.5, 1)})),
    ],
)
def test_how_prices_are_written(text: Any, price: Price) -> None:
    assert price_from(text) == price
    assert price_from(str(price)) == replace(price, tiers={})


@pytest.mark.parametrize("value", ["", "1", "1/2/3/4/5", "a/b", "1/-2", "1/nan", 3, (1,), ("1", "2"), None, "1 / 2"])
def test_what_is_no_price(value: Any) -> None:
    with pytest.raises(UsageError):
        price_from(value)


# Who is billed by which


ASKED = {"teacher": "gpt-4o", "judge": "gpt-4o-mini", "helper": "builtin"}


def priced_as(given: dict[str, Price] | None, base_url: str | None = None) -> dict[str, Price]:
    return prices_of(Settings(price=given, base_url=base_url), ASKED, ASKED)


def test_by_model_before_by_role_before_by_all() -> None:
    one, two, three = Price(1, 1), Price(2, 2), Price(3, 3)
    assert priced_as({"": one, "judge": two}) == {"gpt-4o": one, "gpt-4o-mini": two, "builtin": FREE}
    assert priced_as({"": one, "judge": two, "gpt-4o-mini": three})["gpt-4o-mini"] == three
    assert priced_as({"judge": two})["gpt-4o"].input == 2.5, "as published"
    assert priced_as({"judge": two}, HERE) == {"gpt-4o-mini": two}, "somebody's server is not OpenAI, nor is it free"
    with pytest.raises(UsageError, match="nobody is called 'jugde'; there are teacher, judge, helper"):
        priced_as({"jugde": two})
    both = {"a": "m", "b": "m"}
    with pytest.raises(UsageError, match="two prices of m: 1/1 and 2/2"):
        prices_of(Settings(price={"a": one, "b": two}), both, both)


def teacher(request: Request) -> Response:
    return Response("Twelve, as everybody knows.", input_tokens=100, output_tokens=10)


ROWS = [{"instruction": f"How many moons has planet number {number}?"} for number in range(6)]


def test_a_run_is_billed_by_model(tmp_path: Path) -> None:
    done = api.run("respond", data=ROWS, teacher=teacher, price=(1.0, 10.0), out=tmp_path / "run")
    with closing(sqlite3.connect(done.folder / "journal.db")) as journal:
        assert {cost for (cost,) in journal.execute("SELECT cost FROM answers")} == {200e-6}
    with pytest.raises(BudgetReached):
        api.run("respond", data=ROWS, teacher=teacher, price="1/10", budget=0.02, out=tmp_path / "small")


def test_a_price_that_is_not_known_stays_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-nothing")
    with pytest.raises(
        UsageError, match=r"--budget needs a price, and that of gpt-4o-mini at http://127\.0\.0\.1:9/v1"
    ):
        api.run("respond", data=ROWS, model="gpt-4o-mini", base_url="http://127.0.0.1:9/v1", budget=1, out=tmp_path)
    lines = planned("respond", data=ROWS, model="gpt-4o-mini", base_url=HERE)
    assert lines[-1].startswith("$? for gpt-4o-mini: its price at http://127.0.0.1:8000/v1 is not known; give --price")


# --dry-run


def counted(lines: list[str]) -> list[int]:
    return [int(found[1].replace(",", "")) for line in lines if (found := re.match(r"--- about ([\d,]+) req", line))]


@pytest.mark.parametrize("recipe", [name for name in names() if not load(name).grows and name != "auto_evolve"])
@pytest.mark.parametrize("rows", [1, 2])
def test_no_request_is_planned_that_no_task_is_there_for(recipe: str, rows: int) -> None:
    """It said 66 for two rows: the window was counted."""
    samples = max(getattr(step.stage, "samples", 1) for step in load(recipe).steps)
    rounds = (load(recipe).rounds or 1) * load(recipe).per_task() * samples
    for num in (None, 1, 500):
        counts = counted(planned(recipe, data=ROWS[:rows], model="gpt-x", num=num))
        assert all(0 < count <= rows * rounds for count in counts), (num, counts)


@pytest.mark.parametrize("recipe", [name for name in names() if load(name).grows])
def test_one_task_takes_a_window_and_not_more(recipe: str, tmp_path: Path) -> None:
    model = "qwen2.5-7b-instruct" if recipe == "magpie" else "gpt-x"  # whose name tells the template
    counts, width = counted(planned(recipe, num=1, model=model)), load(recipe).width
    # A window; and where an answer holds but one task, the three others that one kept task is reckoned to take.
    alone = getattr(load(recipe).steps[0].stage, "per_answer", 1) == 1
    assert counts[0] == width + 3 * alone
    samples = max(getattr(step.stage, "samples", 1) for step in load(recipe).steps)
    assert all(count < width * samples for count in counts[1:])
    api.run(recipe, num=1, out=tmp_path / "run")
    with closing(sqlite3.connect(tmp_path / "run" / "journal.db")) as journal:
        (asked,) = journal.execute("SELECT count(*) FROM answers").fetchone()
    most = 2.1 if recipe == "tool_use" else 2  # each of its three later steps is reckoned to be a window ahead
    assert 0.5 < sum(counts) / asked < most


def test_dollars_by_model_expected_and_at_most() -> None:
    roles = {"teacher": "gpt-4o-mini", "judge": "gpt-4o"}
    lines = planned("evol_instruct", data=ROWS, model=roles)[-2:]
    assert [line.partition(" for ")[2].partition(",")[0] for line in lines] == ["gpt-4o-mini", "gpt-4o"]
    for line in lines:
        expected, most = (float(found) for found in re.findall(r"\$([\d.]+)", line))
        assert 0 <= expected < most
    halves = planned("respond", data=ROWS * 500, model="gpt-4o", batch=True)[-1]
    whole = planned("respond", data=ROWS * 500, model="gpt-4o")[-1]
    half, full = (float(re.findall(r"at most \$([\d.]+)", line)[0]) for line in (halves, whole))
    assert half == pytest.approx(full / 2, rel=0.01)


def test_what_a_provider_would_keep_is_in_the_plan(tmp_path: Path) -> None:
    prompt = tmp_path / "answer.yaml"
    prompt.write_text("steps:\n  - each: judge\n    ask: score\n    prompt: mine.txt\n")
    (tmp_path / "mine.txt").write_text("Be strict about it, and fair. " * 300 + "\n{task}\n{answer}\n")
    rows = [{"instruction": f"Count to {number}.", "output": "One."} for number in range(50)]
    lines = planned(str(prompt), data=rows, model="gpt-4o")
    assert re.search(r"of about 2,\d{3} tokens, 2,\d{3} of them the same in all,", "\n".join(lines))


# Fixed text first


# A card is what a row says, and is asked of nobody.
PROMPTS = sorted(path for path in FOLDER.glob("*/*.txt") if path.stem != "persona_card")


@pytest.mark.parametrize("path", PROMPTS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_what_is_fixed_comes_first(path: Path) -> None:
    """Behind the first place there are places, headings and a line that leads up to one, and no rules: so that whoever
    keeps prompts (a provider, vLLM) has all that can be kept. {many} and {width} are the same in a whole run."""
    text = path.read_text(encoding="utf-8")
    varies = [place for place in places(text) if place not in ("many", "width")]
    if not varies:
        return
    behind = text[text.index(f"{{{varies[0]}}}") :]
    words = re.sub(r"\{\w+\}|^.*[\[【].*[\]】].*$", "", behind, flags=re.MULTILINE)
    assert all(len(line) < 20 for line in words.splitlines()), words


# What is shown


def test_the_command_lists_and_finds() -> None:
    done = selfinstruct("prices")
    assert done.exit_code == 0
    assert "gpt-4o-mini" in done.stdout
    done = selfinstruct("prices", "gpt-4o-2024-11-20", "no-such-model")
    assert done.exit_code == 2
    assert re.search(r"gpt-4o-2024-11-20\s+2\.5\s+1\.25\s+10", done.stdout)
    assert "no price known for 'no-such-model': give --price IN/OUT" in done.stderr
    assert selfinstruct("prices", "gpt-4o", "--base-url", HERE).exit_code == 2


def test_prices_on_the_command_line(tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    asked = ["evolve", rows, "--model", "a/b=c", "--model", "judge=j", "--dry-run", "--out", tmp_path / "run"]
    done = selfinstruct(*asked, "--price", "1/0.5/2", "--price", "judge=3/4")
    assert "at 1/0.5/2 per million" in done.stdout
    assert "for j, at most" in done.stdout
    assert "at 3/4 per million" in done.stdout
    assert "at 5/6 per million" in selfinstruct(*asked, "--price", "a/b=c=5/6").stdout
    for wrong in ("judge=", "=1/2", "judge=cheap", "nobody=1/2"):
        assert selfinstruct(*asked, "--price", wrong).exit_code == 2


def test_a_report_says_what_it_took(tmp_path: Path) -> None:
    usage = Response("Twelve.", input_tokens=100, output_tokens=10, cached_tokens=60, thinking_tokens=4)
    api.run("respond", data=ROWS, teacher=named("mine", lambda prompt: usage), price=(1, 10), out=tmp_path / "run")
    told = selfinstruct("report", tmp_path / "run").stdout
    assert re.search(r"respond\s+mine\s+6\s+600\s+360\s+60\s+24\s+\$0\.0012", told)
    (row,) = json.loads(selfinstruct("report", tmp_path / "run", "--json").stdout)["spending"]
    assert row["dollars"] == pytest.approx(0.0012)
    assert (row["requests"], row["cached"], row["unpriced"]) == (6, 360, 0)
