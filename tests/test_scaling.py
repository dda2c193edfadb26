"""Shards: in whatever number, order and pieces they were asked, the merged run has the bytes of a run without any."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest
from cases import DATA
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from killing import SELFINSTRUCT, environment, serving
from served import entries

from selfinstruct.api import Run, run
from selfinstruct.cli import main
from selfinstruct.errors import BudgetReached, RunStopped, UsageError
from selfinstruct.rows.writing.writing import write_rows
from selfinstruct.running.identity import named
from selfinstruct.scaling.allowance import Allowance
from selfinstruct.scaling.one import ask
from selfinstruct.scaling.sharded import sharded
from selfinstruct.scaling.shards import Shards, shard_of
from selfinstruct.simulator.exam import write_exam
from selfinstruct.task import task_to_row

RECIPES: dict[str, dict[str, Any]] = {
    "respond": {"drop": ["exact", {"novelty": 0.7}]},
    "evol_instruct": {"num": 14},
    "constitutional": {"num": 9},
}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Tasks that the built-in teacher knows, one of them twice, and one with two instances."""
    file = tmp_path_factory.mktemp("data") / "tasks.jsonl"
    rows = [task_to_row(task) for task in write_exam("en", 24)]
    rows[3] = {**rows[3], "instances": rows[3]["instances"] * 2}
    write_rows(file, [*rows, {**rows[5], "id": "again"}])
    return str(file)


def written(out: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in out.iterdir() if file.suffix == ".jsonl"}


def in_order(pick: Callable[[list[int]], Sequence[int]]) -> Any:
    """An executor in this process, which asks the shards in this order."""

    def launch(engine: Sequence[str], place: Shards, notice: Callable[[str], None]) -> None:
        for number in pick(place.state().left):
            ask(Path(str(place.folder).removesuffix(".shards")), number)

    return launch


@pytest.mark.parametrize("recipe", RECIPES)
def test_in_any_number_and_order_the_bytes_are_those_of_one_run(recipe: str, data: str, tmp_path: Path) -> None:
    options = {**RECIPES[recipe], "data": data}
    run(recipe, out=tmp_path / "one", **options)
    for shards, order in ((1, list), (5, lambda left: Random(0).sample(left, len(left)))):
        sharded(recipe, out=tmp_path / str(shards), shards=shards, launch=in_order(order), **options)
        assert written(tmp_path / str(shards)) == written(tmp_path / "one")
        assert not Shards(tmp_path / str(shards)).folder.exists()
    assert (tmp_path / "5" / "run.json").read_bytes() == (tmp_path / "one" / "run.json").read_bytes()


def test_a_merged_run_is_extended_and_asks_only_for_what_is_new(data: str, tmp_path: Path) -> None:
    with serving(tmp_path / "log") as url:
        options: dict[str, Any] = {"data": data, "model": "builtin", "base_url": url, "concurrency": 2}
        sharded("respond", out=tmp_path / "many", shards=3, launch=in_order(list), num=10, **options)
        first = [line.key for line in entries(tmp_path / "log") if line.what == "asked"]
        sharded("respond", out=tmp_path / "many", shards=4, launch=in_order(list), **options)
        every = [line.key for line in entries(tmp_path / "log") if line.what == "asked"]
    run("respond", out=tmp_path / "one", data=data)
    assert written(tmp_path / "many") == written(tmp_path / "one")
    assert 10 <= len(first) <= 12
    assert len(every) == len(set(every))


def test_shards_in_another_number_keep_what_was_answered(data: str, tmp_path: Path) -> None:
    """As if the machine had been lost after two of five shards."""

    def lost(engine: Sequence[str], place: Shards, notice: Callable[[str], None]) -> None:
        in_order(lambda left: left[:2])(engine, place, notice)
        raise RunStopped("the machine is gone")

    with serving(tmp_path / "log") as url:
        options: dict[str, Any] = {"data": data, "model": "builtin", "base_url": url}
        with pytest.raises(RunStopped, match="gone"):
            sharded("respond", out=tmp_path / "many", shards=5, launch=lost, **options)
        before = {line.key for line in entries(tmp_path / "log")}
        sharded("respond", out=tmp_path / "many", shards=2, launch=in_order(list), **options)
        every = [line.key for line in entries(tmp_path / "log") if line.what == "asked"]
    run("respond", out=tmp_path / "one", data=data)
    assert before
    assert written(tmp_path / "many") == written(tmp_path / "one")
    assert len(every) == len(set(every)), "what arrived is paid for once"


def test_a_shard_that_is_killed_goes_on(data: str, tmp_path: Path) -> None:
    rng = Random(3)

    def killing(engine: Sequence[str], place: Shards, notice: Callable[[str], None]) -> None:
        for number in place.state().left:
            command = [sys.executable, "-m", "selfinstruct.scaling.one", str(tmp_path / "many"), str(number)]
            process = subprocess.Popen(command, env=environment())
            try:
                process.wait(rng.uniform(0.7, 1.6))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        in_order(list)(engine, place, notice)

    with serving(tmp_path / "log", latency=0.05) as url:
        options: dict[str, Any] = {"data": data, "model": "builtin", "base_url": url, "concurrency": 2}
        sharded("respond", out=tmp_path / "many", shards=3, launch=killing, **options)
        sent = [line.key for line in entries(tmp_path / "log") if line.what == "sent"]
    run("respond", out=tmp_path / "one", data=data)
    assert written(tmp_path / "many") == written(tmp_path / "one")
    assert len(sent) - len(set(sent)) <= 2 * 3, "only what was on the wire is asked once more"


def test_one_budget_for_all_shards(tmp_path: Path) -> None:
    """No shard spends another's part, and together they come nearly as far as one run does."""
    data = tmp_path / "tasks.jsonl"
    write_rows(data, map(task_to_row, write_exam("en", 240)))
    recipe = tmp_path / "short.yaml"
    recipe.write_text("steps:\n- {each: respond, teacher: {max_tokens: 90}}\n")
    with serving(tmp_path / "log") as url:
        options: dict[str, Any] = {"data": str(data), "model": "builtin", "base_url": url, "price": "1000/1000"}
        run(recipe, out=tmp_path / "whole", **options)
        costs = dollars(tmp_path / "whole")
        for budget in (0.3 * costs, 0.7 * costs):
            with pytest.raises(BudgetReached):
                sharded(recipe, out=tmp_path / "many", shards=4, launch=in_order(list), budget=budget, **options)
            spent = dollars(tmp_path / "many")
            assert 0.5 * budget < spent <= budget
        sharded(recipe, out=tmp_path / "many", shards=4, launch=in_order(list), budget=3 * costs, **options)
    assert written(tmp_path / "many") == written(tmp_path / "whole")
    assert dollars(tmp_path / "many") == pytest.approx(costs)


def dollars(out: Path) -> float:
    from selfinstruct.teachers.journal.journal import Journal

    journal = Journal(out / "journal.db")
    total = sum(response.cost or 0 for _, response in journal.responses())
    journal.close()
    return total


@given(st.lists(st.tuples(st.integers(0, 5), st.floats(0, 1)), max_size=30))
def test_parts_never_come_to_more_than_the_budget(steps: list[tuple[int, float]]) -> None:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        allowance, spent = Allowance(Path(folder), 10.0, 1_000), dict.fromkeys(range(6), (0.0, 0))
        for shard, share in steps:
            part, tokens = allowance.take(shard, spent[shard], waiting=6)
            assert part is not None
            assert tokens is not None
            assert part >= spent[shard][0] - 1e-9
            used = spent[shard][0] + share * (part - spent[shard][0])
            spent[shard] = (used, spent[shard][1] + int(share * (tokens - spent[shard][1])))
            allowance.give_back(shard, spent[shard])
            assert sum(one for one, _ in spent.values()) <= 10.0 + 1e-9
            assert sum(more for _, more in spent.values()) <= 1_000


@given(st.integers(1, 100))
def test_what_asks_the_same_is_in_the_same_shard(shards: int) -> None:
    from dataclasses import replace

    assert all(shard_of(task, shards) == shard_of(replace(task, id="other"), shards) for task in DATA)
    assert all(0 <= shard_of(task, shards) < shards for task in DATA)


def test_a_server_that_stops_answering_stops_the_shards_and_says_why(data: str, tmp_path: Path) -> None:
    options: dict[str, Any] = {"data": data, "model": "builtin", "base_url": "http://127.0.0.1:9/v1", "patience": 0.2}
    with pytest.raises(RunStopped, match=r"3 of 3 shards are not finished: shard 0: .*127\.0\.0\.1:9") as error:
        sharded("respond", out=tmp_path / "many", shards=3, launch=in_order(list), **options)
    assert "\n" not in str(error.value)
    assert not (tmp_path / "many" / "tasks.jsonl").exists()
    with serving(tmp_path / "log") as url:
        sharded("respond", out=tmp_path / "many", shards=3, launch=in_order(list), **{**options, "base_url": url})
    assert len(Run(tmp_path / "many").tasks) > 20


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("run", "self_instruct", "--num", "9"), "grows: each task depends on those before it"),
        (("run", "auto_evolve"), "looks for a method first"),
        (("run", "respond", "--shards", "0"), "--shards is 0: give 1 to 10,000"),
        (("run", "respond", "--batch"), "do not go together"),
        (("run", "respond", "--base-url", "http://me:secret@host/v1"), "--base-url has a login or a query"),
        (("run", "respond", "--slurm", "time=1:00"), "--slurm is for --executor slurm"),
        (("run", "respond", "--executor", "slurm"), "Slurm wants to know the partition: give --slurm partition=VALUE"),
    ],
)
def test_mistakes_are_told_before_anything_is_written(
    words: Sequence[str], why: str, data: str, tmp_path: Path
) -> None:
    given = [*words, *(() if "self_instruct" in words else (data,)), "--out", str(tmp_path / "out")]
    result = CliRunner().invoke(main, [*given, *(() if "--shards" in words else ("--shards", "2"))])
    assert result.exit_code == 2
    assert why in result.output
    assert "secret" not in result.output
    assert not list(tmp_path.iterdir())


def test_another_run_is_refused_before_anything_is_asked(data: str, tmp_path: Path) -> None:
    run("respond", out=tmp_path / "run", data=data)
    with pytest.raises(UsageError, match="is another run"):
        sharded("constitutional", out=tmp_path / "run", shards=2, launch=in_order(list), data=data)
    with pytest.raises(UsageError, match="of your own in this process"):
        sharded("respond", out=tmp_path / "new", shards=2, data=data, drop=[named("mine", lambda task, pool: None)])


# By datatrove's executors


def test_the_command_runs_them_on_this_machine(data: str, tmp_path: Path) -> None:
    pytest.importorskip("datatrove", reason="the extra scale")
    words = ["run", "respond", data, "--shards", "3", "--workers", "2", "--out", str(tmp_path / "many")]
    done = subprocess.run([*SELFINSTRUCT, *words], env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "25 tasks in 3 shards" in done.stderr
    assert "kept" in done.stdout
    run("respond", out=tmp_path / "one", data=data)
    assert written(tmp_path / "many") == written(tmp_path / "one")


@pytest.mark.slow
def test_ray_runs_them(data: str, tmp_path: Path) -> None:
    pytest.importorskip("ray", reason="the extra ray")
    words = ["run", "respond", data, "--shards", "3", "--executor", "ray", "--workers", "1"]
    done = subprocess.run(
        [*SELFINSTRUCT, *words, "--out", str(tmp_path / "many")],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    run("respond", out=tmp_path / "one", data=data)
    assert written(tmp_path / "many") == written(tmp_path / "one")


LAUNCH = "datatrove.tools.launch_pickled_pipeline"
SBATCH = """#!/bin/bash
# Runs the array that it is handed, one after the other, and knows no dependencies.
script="${@: -1}"
for word in "$@"; do case "$word" in --export=*) export "${word##*,}";; esac; done
last=$(grep -oP '(?<=--array=0-)[0-9]+' "$script" || true)
if [ -n "$last" ] && grep -q launch_pickled_pipeline "$script"; then
  for number in $(seq 0 "$last"); do
    SLURM_ARRAY_TASK_ID=$number SLURM_NODELIST=here SLURM_JOB_ID=1 bash "$script" >> "$STAND_IN_LOG" 2>&1
  done
fi
echo "Submitted batch job 1"
"""


def test_slurm_runs_what_datatrove_submits(data: str, tmp_path: Path) -> None:
    pytest.importorskip("datatrove", reason="the extra scale")
    bin = tmp_path / "bin"
    bin.mkdir()
    stand_ins = {
        "sbatch": SBATCH,
        "srun": '#!/bin/bash\nwhile [[ "$1" == -* ]]; do [ "$1" = -n ] && shift; shift; done\nexec "$@"\n',
        "scontrol": '#!/bin/bash\necho "${@: -1}"\n',
        "launch_pickled_pipeline": f'#!/bin/bash\nexec {sys.executable} -m {LAUNCH} "$@"\n',
    }
    for name, text in stand_ins.items():
        (bin / name).write_text(text)
        (bin / name).chmod(0o755)
    env = environment() | {"PATH": f"{bin}{os.pathsep}{os.environ['PATH']}", "STAND_IN_LOG": str(tmp_path / "log")}
    words = ["run", "respond", data, "--shards", "2", "--executor", "slurm", "--out", str(tmp_path / "many")]
    words += ["--slurm", "partition=cpu", "--slurm", "time=01:00:00", "--slurm", "account=mine"]
    done = subprocess.run([*SELFINSTRUCT, *words], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "kept" in done.stdout, (tmp_path / "log").read_text()
    run("respond", out=tmp_path / "one", data=data)
    assert written(tmp_path / "many") == written(tmp_path / "one")
