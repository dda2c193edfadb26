"""The command line: the main job, the small commands, and one clear line for every mistake, with nothing written."""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner, Result

from selfinstruct import run as run_of_python
from selfinstruct.cli import main
from selfinstruct.rows.reading import read_rejected, read_tasks
from selfinstruct.running.recipe_file import load, names, shipped
from selfinstruct.simulator.data import table
from selfinstruct.simulator.family import Family
from selfinstruct.simulator.language import LANGUAGES
from selfinstruct.simulator.maths import families_of_maths
from selfinstruct.task import Instance, Task, task_to_row

SEED = '{"instruction": "Name three rivers of Asia.", "instances": [{"input": "", "output": "Ob, Indus, Lena"}]}\n'


def selfinstruct(*args: object, **env: str) -> Result:
    names = {"OPENAI_API_KEY": None, "OPENAI_BASE_URL": None, "SELFINSTRUCT_MODEL": None}
    return CliRunner().invoke(main, [str(arg) for arg in args], env={**names, **env})


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "first"
    done = selfinstruct("generate", "--num", 60, "--out", out)
    assert done.exit_code == 0, done.output
    return out


def test_generate(run: Path) -> None:
    tasks = read_tasks(run)
    assert len(tasks) == 60
    assert all(task.instances and task.origin == "propose" and task.is_classification is not None for task in tasks)
    rows = [json.loads(line) for line in (run / "alpaca.jsonl").read_text().splitlines()]
    assert len(rows) == sum(len(task.instances) for task in tasks)
    expected = {
        "alpaca.jsonl",
        "journal.db",
        "messages.jsonl",
        "recipe.yaml",
        "rejected.jsonl",
        "run.json",
        "tasks.jsonl",
    }
    assert {path.name for path in run.iterdir() if not path.name.startswith(".")} == expected
    assert all(row["category"] for row in map(json.loads, (run / "rejected.jsonl").read_text().splitlines()))


def test_concurrency_changes_nothing_and_num_extends(run: Path, tmp_path: Path) -> None:
    for concurrency in (1, 64):
        out = tmp_path / str(concurrency)
        done = selfinstruct("generate", "--num", 20, "--out", out, "--concurrency", concurrency)
        assert done.exit_code == 0
        for name in ("tasks.jsonl", "rejected.jsonl"):
            assert (run / name).read_bytes().startswith((out / name).read_bytes())
        assert selfinstruct("generate", "--num", 60, "--out", out).exit_code == 0
        for name in ("tasks.jsonl", "rejected.jsonl", "alpaca.jsonl", "run.json", "recipe.yaml"):
            assert (run / name).read_bytes() == (out / name).read_bytes()


def test_summary_counts(run: Path) -> None:
    """The numbers printed are those of the files."""
    done = selfinstruct("generate", "--num", 60, "--out", run)
    head, *reasons = done.stdout.splitlines()
    rejected = [json.loads(line) for line in (run / "rejected.jsonl").read_text().splitlines()]
    lost = sum(row["what"] in ("task", "answer") for row in rejected)
    assert head.startswith(f"{run}: kept 60 of {60 + lost} tasks (")
    assert sum(int(line.split()[0]) for line in reasons) == lost


def special(name: str, language: str) -> list[Family]:
    """The families of the tasks that a recipe is for, or that the built-in teacher can put into another language."""
    families = LANGUAGES[language].families
    if name == "wizard_math":
        return [family for family in families if family in families_of_maths()]
    if name == "gpt4_llm" and language == "en":
        return [family for family in families if family.name in table("en", "translations")["wordings"]]
    return []


def composed(families: Sequence[Family]) -> list[Task]:
    rng, found = Random(0), list[Task]()
    for n in range(30):
        instruction, asked = families[n % len(families)].compose(rng, wishes=0)
        found.append(Task(f"t{n}", instruction, (Instance(asked.draw(rng), "old"),)))
    return found


ROLES = {"agentic": ("weak=builtin:weak",), "comparisons": ("other=builtin:weak",)}
"""Who is asked beside the built-in teacher, where a recipe compares two."""


RUN = [name for name in names() if name != "checked_code"]  # test_checks.py has its tests


@pytest.mark.parametrize(("name", "language"), [(name, ("en", "zh")[place % 2]) for place, name in enumerate(RUN)])
def test_every_recipe_runs(name: str, language: str, tmp_path: Path) -> None:
    """With its own seeds, or with data that the built-in teacher knows: 30 tasks, or the programming ones of 200.

    An evolution that has nothing natural to add is unchanged, and eliminated: with these rules about two of three. And
    where all answers are the same there is nothing to compare.
    """
    recipe, coding = load(name, language), name == "evol_code"
    data: list[object] = []
    if families := special(name, language):
        tasks = composed(families)
        data = [written(tmp_path / "data.jsonl", "".join(json.dumps(task_to_row(task)) + "\n" for task in tasks))]
    elif recipe.reads_passages:
        ours = Path(__file__).parents[1] / ("README.zh.md" if language == "zh" else "docs")
        data = ["--documents", ours, "--passage", 60 if language == "zh" else 400]
    elif not recipe.seeds:
        many = 200 if coding else 30
        made = run_of_python("self_instruct", language=language, num=many, out=tmp_path / "data")
        tasks = [task for task in made.tasks if not coding or re.search("Python|SQL|function", task.instruction)]
        data = [written(tmp_path / "data.jsonl", "".join(json.dumps(task_to_row(task)) + "\n" for task in tasks))]
    asked = [word for role in ROLES.get(name, ()) for word in ("--model", role)]
    done = selfinstruct("run", name, *data, "--language", language, "--num", 30, *asked, "--out", tmp_path / "run")
    assert done.exit_code == 0, done.output
    kept, rejected = (len(found) for found in (read_tasks(tmp_path / "run"), list(read_rejected(tmp_path / "run"))))
    if recipe.seeds:
        assert kept == 30
    else:
        assert kept >= (
            1 if coding else 15 if recipe.rounds else 18 if name == "gpt4_llm" else 12 if name == "comparisons" else 20
        )
    assert kept + rejected >= (3 * recipe.rounds if coding else 30)


def test_export_says_what_it_leaves_out(tmp_path: Path) -> None:
    rows = [
        {"instruction": "Sing.", "output": "La."},
        {"instruction": "Wait."},
        {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]},
    ]
    (tmp_path / "mixed.jsonl").write_text("\n".join(map(json.dumps, rows)))
    done = selfinstruct("export", tmp_path / "mixed.jsonl", "--out", tmp_path / "out.jsonl")
    assert done.exit_code == 0
    assert "out.jsonl: 2 rows\n" in done.output
    assert "left out of alpaca (no answer): 1 row" in done.output
    assert "left out" not in selfinstruct("export", tmp_path / "out.jsonl").output


def test_an_output_is_a_valid_seed_file(run: Path, tmp_path: Path) -> None:
    for data in (run, run / "tasks.jsonl", run / "alpaca.jsonl"):
        out = tmp_path / data.name
        done = selfinstruct("generate", "--seeds", data, "--num", 5, "--out", out)
        assert done.exit_code == 0, done.output
        assert len(read_tasks(out)) == 5


def test_recipes_and_show() -> None:
    listed = selfinstruct("recipes").stdout
    for name in names():
        assert name in listed
        assert selfinstruct("show", name).stdout == (shipped("pipelines") / f"{name}.yaml").read_text()


def test_a_recipe_can_be_copied_and_edited(tmp_path: Path) -> None:
    copy = tmp_path / "mine.yaml"
    copy.write_text(selfinstruct("show", "alpaca").stdout.replace("novelty: 0.7", "novelty: 0.3"))
    done = selfinstruct("run", copy, "--num", 10, "--out", tmp_path / "run")
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize("form", ["alpaca", "completion", "messages", "seed", "sharegpt"])
def test_export(form: str, run: Path, tmp_path: Path) -> None:
    lines = selfinstruct("export", run, "--to", form).stdout.splitlines()
    done = selfinstruct("export", run, "--to", form, "--out", tmp_path / "data.json")
    assert done.exit_code == 0
    assert json.loads((tmp_path / "data.json").read_text()) == [json.loads(line) for line in lines]
    assert done.stdout == f"{tmp_path / 'data.json'}: {len(lines)} rows\n"


def test_filter(run: Path, tmp_path: Path) -> None:
    kept, rejected = tmp_path / "kept.jsonl", tmp_path / "rejected.jsonl"
    options = ["--drop", "novelty=0.2", "--drop", "length", "--out", kept, "--rejected", rejected]
    assert selfinstruct("filter", run, *options).exit_code == 0
    assert len(read_tasks(kept)) + len(rejected.read_text().splitlines()) == 60
    again = tmp_path / "again.jsonl"
    assert selfinstruct("filter", kept, "--drop", "novelty=0.2", "--out", again).exit_code == 0
    assert again.read_bytes() == kept.read_bytes()


def test_the_plan_for_rounds_is_near_what_happens(run: Path, tmp_path: Path) -> None:
    """Tasks of several instances are several, and prompts grow by round. The plan takes it that nine of ten evolutions
    come through; the built-in teacher leaves many as they are, and these are not answered.
    """
    options = ["evolve", run, "--rounds", 3, "--out", tmp_path / "evolved"]
    planned = selfinstruct(*options, "--dry-run").stdout
    found = re.findall(r"([\d,]+) (?:requests in all|tokens to)", planned)
    requests, to_read = (int(number.replace(",", "")) for number in found)
    assert selfinstruct(*options).exit_code == 0
    with closing(sqlite3.connect(tmp_path / "evolved" / "journal.db")) as journal:
        asked, read = journal.execute("SELECT count(*), sum(input_tokens) FROM answers").fetchone()
    assert 0.75 < requests / asked < 1.6
    assert 0.7 < to_read / read < 1.8


def test_a_search_for_a_method_is_in_the_plan(run: Path, tmp_path: Path) -> None:
    planned = selfinstruct("run", "auto_evolve", "--seeds", run, "--dry-run", "--out", tmp_path / "x").stdout
    search = int(re.findall(r"in about ([\d,]+) requests", planned)[0].replace(",", ""))
    to_read = int(re.findall(r"([\d,]+) tokens to read", planned)[0].replace(",", ""))
    assert search > 5_000
    assert to_read > 50 * search


def test_dry_run_asks_nobody_and_writes_nothing(tmp_path: Path) -> None:
    options = ["--num", 1000, "--out", tmp_path / "run", "--dry-run", "--model", "gpt-x", "--price", "1/2"]
    done = selfinstruct("generate", *options)
    assert done.exit_code == 0
    assert not (tmp_path / "run").exists()
    for text in ("\n9.\n", "Classification:\n", "grow propose, model gpt-x", '"top_p": 0.5', "requests in all", "$"):
        assert text in done.stdout


def test_without_a_key_the_builtin_teacher_says_so(run: Path) -> None:
    assert "rules, not a language model" in selfinstruct("generate", "--num", 60, "--out", run).stderr


# What is not destroyed


def test_filter_does_not_replace_what_it_reads(tmp_path: Path) -> None:
    data = written(tmp_path / "data.jsonl", SEED + SEED.replace("three", "four"))
    before, asked = data.read_bytes(), ("--drop", "novelty=0.5", "--out")
    for out in (data, tmp_path / "." / "data.jsonl"):
        done = selfinstruct("filter", data, *asked, out)
        assert (done.exit_code, data.read_bytes()) == (2, before)
        assert "is what is being read: choose another --out, or --force to replace it" in done.stderr
    done = selfinstruct("filter", data, *asked, tmp_path / "out.jsonl", "--rejected", data)
    assert (done.exit_code, data.read_bytes(), (tmp_path / "out.jsonl").exists()) == (2, before, False)
    assert selfinstruct("filter", data, *asked, data, "--force").exit_code == 0
    assert len(read_tasks(data)) == 1


@pytest.mark.parametrize("name", ["tasks.jsonl", "rejected.jsonl"])
@pytest.mark.parametrize("more", [[], ["--force"]])
def test_nothing_replaces_what_a_run_goes_on_from(name: str, more: list[str], run: Path, tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in run.iterdir()}
    other = written(tmp_path / "other.jsonl", SEED)
    drop = ["--drop", "length"]
    commands: list[list[object]] = [["export", run], ["filter", run, *drop], ["filter", other, *drop]]
    for command in commands:
        done = selfinstruct(*command, "--out", run / name, *more)
        assert done.exit_code == 2, done.output
        assert f"{run / name} is what the run in {run} goes on from: choose another --out" in done.stderr
    assert {path: path.read_bytes() for path in run.iterdir()} == before


def test_no_rows_do_not_replace_some(tmp_path: Path) -> None:
    data, good = written(tmp_path / "data.jsonl", SEED), written(tmp_path / "good.jsonl", SEED * 3)
    before = good.read_bytes()
    commands: list[list[object]] = [
        ["filter", data, "--drop", "length={shortest: 99}", "--out", good],
        ["export", data, "--to", "sharegpt", "--out", good],
    ]
    written(data, '{"instruction": "Name three rivers of Asia."}\n')
    for command in commands:
        done = selfinstruct(*command)
        assert (done.exit_code, good.read_bytes()) == (2, before), done.output
        assert "there are no rows to write, and" in done.stderr
        assert "--force empties it" in done.stderr
    assert selfinstruct(*commands[0], "--force").exit_code == 0
    assert good.read_bytes() == b""
    assert selfinstruct(*commands[0][:-1], tmp_path / "new.jsonl").exit_code == 0, "nothing is lost there"


# A run that kept nothing


@pytest.fixture(scope="module")
def nothing(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    folder = tmp_path_factory.mktemp("nothing")
    rows = [{"instruction": f"Invent machine number {n} and draw up its plan."} for n in range(5)]
    data = written(folder / "data.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    return folder / "run", selfinstruct("run", "respond", data, "--out", folder / "run")


def test_a_run_that_keeps_nothing_is_exit_1(nothing: tuple[Path, Result]) -> None:
    out, done = nothing
    assert done.exit_code == 1
    assert f"{out}: kept 0 of 5 tasks (0%)" in done.stdout
    last = done.stderr.splitlines()[-1]
    assert last.startswith("selfinstruct: nothing came of it: 5 ")
    assert "the built-in teacher knows 0 of these 5 tasks: give --model NAME for a real one" in last


def test_report_of_a_run_that_kept_nothing_says_why(nothing: tuple[Path, Result]) -> None:
    out, _ = nothing
    rejected = list(read_rejected(out))
    assert [item.what for item in rejected] == ["task"] * 5
    done = selfinstruct("report", out)
    assert done.exit_code == 0, done.output
    assert "What came of it" in done.stdout
    assert all(item.category in done.stdout for item in rejected)
    shown = json.loads(selfinstruct("report", out, "--json").stdout)
    assert (shown["kept"], shown["proposed"]) == (0, 5)
    assert sum(row["tasks"] for row in shown["rejected"]) == 5


def test_report_as_json_has_the_figures_of_the_files(run: Path) -> None:
    shown = json.loads(selfinstruct("report", run, "--json").stdout)
    lost = [item for item in read_rejected(run) if item.is_proposal]
    assert (shown["kept"], shown["proposed"]) == (60, 60 + len(lost))
    counted = {(row["step"], row["category"]): row["tasks"] for row in shown["rejected"]}
    assert counted == Counter((item.origin, item.category) for item in lost)


def test_data_has_one_name_and_the_old_one_works(run: Path, tmp_path: Path) -> None:
    ways: list[list[object]] = [[run], ["--seeds", run]]
    for number, data in enumerate(ways):
        assert selfinstruct("run", "respond", *data, "--num", 3, "--out", tmp_path / str(number)).exit_code == 0
    assert (tmp_path / "0" / "tasks.jsonl").read_bytes() == (tmp_path / "1" / "tasks.jsonl").read_bytes()
    both = selfinstruct("run", "respond", run, "--seeds", run, "--out", tmp_path / "both")
    assert (both.exit_code, (tmp_path / "both").exists()) == (2, False)
    assert "give one of them" in both.stderr


def test_quiet_says_the_result_and_errors_only(run: Path, tmp_path: Path) -> None:
    done = selfinstruct("generate", "--num", 5, "--out", tmp_path, "--quiet")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{tmp_path}: kept 5 of ")
    failed = selfinstruct("generate", "--num", 5, "--out", tmp_path, "--quiet", "--seed", 1)
    assert (failed.exit_code, failed.stdout) == (2, "")
    assert failed.stderr.startswith("selfinstruct: ")


Mistake = Callable[[Path], list[Any]]


def seeds(text: str) -> Mistake:
    """generate, with seeds of this text."""
    return lambda tmp: ["generate", "--num", 5, "--out", tmp / "out", "--seeds", written(tmp / "seeds.jsonl", text)]


def recipe(text: str) -> Mistake:
    """run, with a recipe of this text."""
    return lambda tmp: ["run", written(tmp / "mine.yaml", text), "--num", 5, "--out", tmp / "out"]


def job(*more: object) -> Mistake:
    """generate, with these options."""
    return lambda tmp: ["generate", "--num", 5, "--out", tmp / "out", *more]


def written(path: Path, text: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


def bomb(first: str, repeated: str) -> Mistake:
    """A recipe of a few lines whose aliases stand for more values than there are atoms in a hand."""
    lines = [f"a0: &a0 {first}"]
    lines += [f"a{n}: &a{n} {repeated.format(', '.join([f'*a{n - 1}'] * 9))}" for n in range(1, 24)]
    return recipe("\n".join([*lines, "steps: *a23"]))


MISTAKES: dict[str, tuple[Mistake, str]] = {
    "missing seeds": (job("--seeds", "none.jsonl"), "no such file"),
    "empty seeds": (seeds(""), "is empty"),
    "broken line": (seeds(SEED + "{oops\n"), "line 2"),
    "no instruction": (seeds(SEED + '{"output": "x"}\n'), "line 2: no instruction"),
    "num 0": (job("--num", 0), "--num is 0: ask for at least 1"),
    "num -3": (job("--num", -3), "--num is -3"),
    "no num": (lambda tmp: ["run", "alpaca", "--out", tmp / "out"], "give --num"),
    "unknown recipe": (lambda tmp: ["run", "alpacca", "--num", 5, "--out", tmp / "out"], "did you mean 'alpaca'?"),
    "unknown key": (recipe("colour: red\nsteps: [{grow: alpaca}]"), "no key 'colour'"),
    "width where nothing grows": (
        recipe("width: 4\nsteps: [{each: respond}]"),
        "width is for 'grow' steps; how many tasks are in flight in the others is --concurrency",
    ),
    "--width where nothing grows": (
        lambda tmp: ["run", "respond", written(tmp / "a.jsonl", SEED), "--width", 4, "--out", tmp / "out"],
        "--width is for recipes that grow; 'respond' is as fast as --concurrency allows",
    ),
    "unknown stage": (recipe("steps: [{grow: alpacca}]"), "did you mean 'alpaca'?"),
    "unknown option": (recipe("steps: [{grow: propose, n: 3}]"), "propose has no option 'n'; it has: classification"),
    "unknown filter": (recipe("steps: [{grow: alpaca, drop: [lenght]}]"), "did you mean 'length'?"),
    "novelty 7": (recipe("steps: [{grow: alpaca, drop: [{novelty: 7.0}]}]"), "from 0 to 1"),
    "no YAML": (recipe("steps: [{grow: alpaca"), "is not YAML"),
    "aliases of aliases": (bomb("[x]", "[{}]"), "aliases make it longer than"),
    "merges of merges": (bomb("{k: x}", "{{<<: [{}]}}"), "aliases make it longer than"),
    "a list in itself": (recipe("steps: &a [*a]"), "it holds itself"),
    "a long recipe": (recipe("#" * 1_000_001), "has 1,000,001 bytes: a recipe is a YAML file of at most 1,000,000"),
    "a bomb for a filter": (job("--drop", "novelty=&a [*a]"), "it holds itself"),
    "a name of another encoding": (job("--model", "\udcff"), r"--model is '\udcff': it is not UTF-8"),
    "a URL that clears the screen": (job("--base-url", "http://x/\x1b[2J"), r"--base-url is 'http://x/\x1b[2J'"),
    "no command's option": (lambda tmp: ["--colour"], "No such option '--colour'"),
    "no command": (lambda tmp: ["generte"], "No such command 'generte'"),
    "no seeds named": (recipe("steps: [{grow: alpaca}]"), "names no seeds in the language en: give DATA"),
    "out is a file": (lambda tmp: ["generate", "--out", written(tmp / "file", "")], "is a file"),
    "out below a file": (lambda tmp: ["generate", "--out", written(tmp / "file", "") / "run"], "choose another --out"),
    "out is no run": (lambda tmp: ["generate", "--out", written(tmp / "taken" / "a.txt", "").parent], "other files"),
    "no key": (job("--model", "gpt-4o-mini"), "set OPENAI_API_KEY, or use --model builtin"),
    "local model": (job("--model", "local:./mine"), "there is no folder ./mine"),
    "no price": (job("--model", "x", "--base-url", "http://127.0.0.1:9/v1", "--budget", 5), "give --price"),
    "odd price": (job("--price", "cheap"), "--price is 'cheap'"),
    "odd base url": (job("--model", "x", "--base-url", "localhost"), "--base-url"),
    "unknown format": (lambda tmp: ["export", written(tmp / "a.jsonl", SEED), "--to", "csv"], "no format 'csv'"),
    "unknown ending": (lambda tmp: ["export", written(tmp / "a.jsonl", SEED), "--out", tmp / "out.xls"], "'.xls'"),
    "num is no number": (job("--num", "x"), "'x' is not a valid integer"),
    "api that does not exist": (job("--api", "foo"), "'foo' is not one of"),
    "budget is no number": (job("--budget", "nan", "--price", "1/2"), "--budget is nan"),
    "empty seeds option": (job("--seeds", ""), "DATA is empty"),
    "empty out": (lambda tmp: ["generate", "--out", ""], "--out is empty"),
    "unknown built-in model": (job("--model", "builtin:mess"), "there are builtin, builtin:messy, builtin:weak"),
    "empty model": (job("--model", ""), "--model is empty"),
    "each where grow belongs": (recipe("steps: [{each: propose}]"), "write 'grow: propose'"),
    "grow where each belongs": (recipe("steps: [{grow: classify}]"), "write 'each: classify'"),
    "two answers": (recipe("steps: [{grow: alpaca, teacher: {n: 2}}]"), "teacher has 'n'"),
    "rejected ending": (
        lambda tmp: [
            *("filter", written(tmp / "a.jsonl", SEED), "--drop", "length"),
            *("--out", tmp / "out.jsonl", "--rejected", tmp / "no.xls"),
        ],
        "'.xls'",
    ),
    "one file for both": (
        lambda tmp: [
            *("filter", written(tmp / "a.jsonl", SEED), "--drop", "length"),
            *("--out", tmp / "out.jsonl", "--rejected", tmp / "." / "out.jsonl"),
        ],
        "--out and --rejected are both",
    ),
    "role that no step has": (
        job("--model", "judje=x"),
        "no step of 'self_instruct' asks the role 'judje'; there are teacher",
    ),
    "odd filter": (
        lambda tmp: ["filter", written(tmp / "a.jsonl", SEED), "--drop", "novelty=high", "--out", tmp / "out"],
        "novelty: above is 'high'",
    ),
    "option that does not exist": (job("--colour", "red"), "--colour"),
    "out is missing": (lambda tmp: ["generate"], "--out"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_gets_one_line(name: str, tmp_path: Path) -> None:
    mistake, words = MISTAKES[name]
    args = mistake(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    done = selfinstruct(*args)
    assert done.exit_code == 2, done.output
    assert words in done.stderr
    assert "Traceback" not in done.output
    assert done.stderr.count("\n") == 1
    assert sorted(tmp_path.rglob("*")) == before, "nothing is written"


def test_half_a_surrogate_pair_in_an_id_is_no_error(run: Path, tmp_path: Path) -> None:
    known = task_to_row(read_tasks(run)[0])
    data = written(tmp_path / "odd.jsonl", json.dumps(known | {"id": "\ud800"}))
    for command in (["run", "respond", data], ["evolve", data, "--rounds", 2, "--operators", "breadth"]):
        done = selfinstruct(*command, "--out", tmp_path / str(command[0]))
        assert done.exit_code == 0, done.output


def test_another_run_in_the_folder(run: Path) -> None:
    before = {path: path.read_bytes() for path in run.iterdir()}
    others: list[tuple[list[Any], str]] = [
        (["--seed", 1], "seed is 0 there and 1 here"),
        (["--api", "completions"], "api is auto there and completions here"),
        (["--seeds", run / "tasks.jsonl"], "seeds.tasks is 175 there and 60 here"),
    ]
    for options, words in others:
        done = selfinstruct("generate", "--num", 60, "--out", run, *options)
        assert done.exit_code == 2
        assert words in done.stderr
    done = selfinstruct("run", "alpaca", "--num", 60, "--out", run)
    assert done.exit_code == 2
    assert "grow is propose there" in done.stderr
    assert {path: path.read_bytes() for path in run.iterdir()} == before


def test_saturation_is_exit_1_and_keeps_what_there_is(tmp_path: Path) -> None:
    recipe = tmp_path / "narrow.yaml"
    recipe.write_text(selfinstruct("show", "alpaca").stdout.replace("novelty: 0.7", "novelty: 0.2"))
    done = selfinstruct("run", recipe, "--num", 1000, "--out", tmp_path / "run")
    assert done.exit_code == 1
    assert "saturated" in done.stderr
    tasks = (tmp_path / "run" / "tasks.jsonl").read_text().splitlines()
    assert done.stdout.startswith(f"{tmp_path / 'run'}: kept {len(tasks)} of ")
    assert 0 < len(tasks) < 1000
    assert len((tmp_path / "run" / "alpaca.jsonl").read_text().splitlines()) == len(tasks)


def test_a_budget_is_exit_3_and_goes_on_with_a_larger_one(run: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    done = selfinstruct("generate", "--num", 60, "--out", out, "--max-tokens-total", 20_000)
    assert done.exit_code == 3
    assert "budget of 20,000 tokens reached" in done.stderr
    assert selfinstruct("generate", "--num", 60, "--out", out, "--max-tokens-total", 10_000_000).exit_code == 0
    assert (out / "tasks.jsonl").read_bytes() == (run / "tasks.jsonl").read_bytes()
