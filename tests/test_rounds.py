"""Evolution over rounds: who lives on, who is put back, what is written of it, and what a person is shown."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random

import pytest
from cases import CASES, Case, carried_out, finished, items_of, recipe_from
from click.testing import CliRunner
from fakes import late, simple

from selfinstruct.cli import main
from selfinstruct.errors import TeacherFailed, UsageError
from selfinstruct.report.evolution import rounds, survivors
from selfinstruct.running.recipe_file import evolving
from selfinstruct.task import SUPERSEDED, Evolved, Instance, Rejected, Task
from selfinstruct.teacher import Request, Response
from selfinstruct.teachers.scripted import scripted

EVOL = CASES["evol_instruct-en"]


def case_of(rounds: int, data: list[Task], operators: list[str] | None = None, last: bool = False) -> Case:
    return Case(evolving(EVOL.recipe, rounds, operators, last), data, 9)


def numbering(request: Request) -> str:
    """Each evolution adds a word to the task; judges and answers as one would wish."""
    assert isinstance(request.prompt, str)
    if request.prompt.endswith("[New task]"):
        given = request.prompt.split("Instruction: ")[-1].split("\n")[0]
        return f"Instruction: {given} more"
    if request.prompt.endswith("[Difficulty]"):
        return "4"
    return "Different" if "[Verdict]" in request.prompt else "answer"


ONE = [Task("seed", "Name a river", (Instance("in Asia", "Ganges"),))]


async def test_each_round_goes_on_from_the_last_and_keeps_the_input() -> None:
    tasks = finished(await items_of(case_of(3, ONE, ["deepen"]), scripted(numbering), None))
    assert [task.id for task in tasks] == ["seed.1", "seed.1.2", "seed.1.2.3"]
    assert [task.instruction for task in tasks] == [f"Name a river{' more' * n}" for n in (1, 2, 3)]
    assert all(task.instances == (Instance("in Asia", "answer"),) for task in tasks)
    assert [task.parents for task in tasks] == [("seed",), ("seed.1",), ("seed.1.2",)]
    assert [task.evolved for task in tasks] == [
        Evolved("deepen", n, f"Name a river{' more' * (n - 1)}", "in Asia") for n in (1, 2, 3)
    ]
    assert [task.extra for task in tasks] == [{"difficulty": 4}] * 3
    assert [len(task.requests) for task in tasks] == [4, 4, 4]
    assert {task.origin for task in tasks} == {"evolve"}


async def test_what_is_eliminated_puts_its_parent_back() -> None:
    """Nothing of a failed round reaches the next one, and the same prompt is asked as another sample."""
    heard: list[Request] = []

    def judging(request: Request) -> str:
        assert isinstance(request.prompt, str)
        if request.prompt.endswith("[New task]"):
            heard.append(request)
        return "Equal" if "[Verdict]" in request.prompt and len(heard) < 3 else numbering(request)

    items = await items_of(case_of(3, ONE, ["deepen"]), scripted(judging), None)
    assert [item.category for item in items if isinstance(item, Rejected)] == ["equal to its parent"] * 2
    assert [item.task for item in items if isinstance(item, Rejected)] == ["seed.1", "seed.2"]
    assert [task.id for task in finished(items)] == ["seed.3"]
    assert len({request.prompt for request in heard}) == 1
    assert [request.sample for request in heard] == [0, 1, 2]


async def test_answers_only_for_the_last() -> None:
    asked = Counter[str]()

    def counting(request: Request) -> str:
        answer = numbering(request)
        asked[answer.split()[0]] += 1
        return answer

    case = case_of(4, ONE, ["deepen"], last=True)
    assert [step.last for step in case.recipe.steps] == [False, False, True, False]
    items = await items_of(case, scripted(counting), None)
    (task,) = finished(items)
    assert (task.id, task.instances) == ("seed.1.2.3.4", (Instance("in Asia", "answer"),))
    lost = [(item.task, item.reason) for item in items if isinstance(item, Rejected)]
    assert lost == [(name, SUPERSEDED) for name in ("seed.1", "seed.1.2", "seed.1.2.3")]
    assert asked["answer"] == 1
    # The report sees what evolved further before it was answered, with its input.
    assert [(row.round, row.tasks) for row in rounds(items)] == [(0, 1), (1, 1), (2, 1), (3, 1), (4, 1)]
    lengths = [row.length for row in rounds(items)]
    assert lengths == [5 + n for n in range(5)]


EVOLVING = [name for name, case in CASES.items() if hasattr(case.recipe.steps[0].stage, "operators")]


@pytest.mark.parametrize("name", EVOLVING)
async def test_every_evolution_ends_in_one_place(name: str) -> None:
    """Tasks × rounds evolutions are asked for; each is a task or has one rejection, and carries how it was made."""
    case = CASES[name]
    answers = Counter[str]()

    def listening(request: Request) -> Response:
        end = request.prompt.rstrip().rpartition("\n")[2] if isinstance(request.prompt, str) else ""
        answers[end] += 1
        return simple(request)

    items = await items_of(case, late(Random(3), listening), case.num)
    settled = [item for item in items if isinstance(item, Task) or item.what == "task"]
    assert len(settled) == case.num * case.recipe.rounds
    assert answers["[New task]"] + answers["【新任务】"] == len(settled)
    assert all(item.evolved for item in settled)
    assert len({task.id for task in finished(items)}) == len(finished(items))
    table = survivors(items)
    assert sum(row.made for row in table) == len(settled)
    assert sum(row.kept for row in table) == len(finished(items))
    assert all(row.made == row.kept + row.reasons.total() for row in table)
    assert {row.round for row in table} == set(range(1, case.recipe.rounds + 1))


def test_operators_are_drawn_evenly_and_can_be_weighted() -> None:
    stage = EVOL.recipe.steps[0].stage
    drawn = Counter(
        stage.prepare(ONE[0], Random(number), 1).evolved.operator  # type: ignore[attr-defined]
        for number in range(6000)
    )
    assert len(drawn) == 6
    assert all(850 < count < 1150 for count in drawn.values())
    weighted = case_of(1, ONE, ["deepen", "deepen", "breadth"]).recipe.steps[0].stage
    assert (
        3800
        < sum(
            weighted.prepare(ONE[0], Random(number), 1).evolved.operator == "deepen"  # type: ignore[attr-defined]
            for number in range(6000)
        )
        < 4200
    )


def test_num_draws_a_sample_and_a_larger_one_extends_the_run(tmp_path: Path) -> None:
    for num in (5, 12):
        carried_out(EVOL.recipe, EVOL.data, tmp_path, num=num)
        if num == 5:
            few = (tmp_path / "tasks.jsonl").read_bytes()
            wrote = (tmp_path / "rejected.jsonl").read_bytes()
    assert (tmp_path / "tasks.jsonl").read_bytes().startswith(few)
    assert (tmp_path / "rejected.jsonl").read_bytes().startswith(wrote)
    # Again, from the journal alone.
    carried_out(EVOL.recipe, EVOL.data, tmp_path, lambda request: TeacherFailed("nobody is asked"), num=12)


# What a person is shown


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "evolved"
    case = CASES["evol_instruct-zh"]
    carried_out(case.recipe, case.data, out, num=case.num)
    return out


def printed(*arguments: object) -> str:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_a_family_tree_begins_with_what_was_given(run: Path) -> None:
    from selfinstruct.rows.reading import read_rejected, read_tasks

    tasks = read_tasks(run)
    last = max(tasks, key=lambda task: task.id.count("."))
    lines = printed("show", run, "--task", last.id).splitlines()
    root = last.id.split(".")[0]
    assert lines[0] == root
    assert lines[1] in {task.instruction for task in CASES["evol_instruct-zh"].data}
    shown = "\n".join(lines)
    assert last.instruction in shown
    for ancestor in last.parents:
        assert ancestor in shown
    failed = [item for item in read_rejected(run) if item.what == "task" and item.task.split(".")[0] == root]
    assert shown.count("✗") == len(failed)
    assert printed("show", run, "--task", root) == printed("show", run, "--task", last.id)


def test_report(run: Path) -> None:
    output = printed("report", run)
    for words in ("What came of it", "Survivors", "Rounds", "equal to its parent", "complicate_input"):
        assert words in output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["show", "{run}", "--task", "nobody"], "no task 'nobody' here; there are, for instance, "),
        (["report", "nowhere"], "no such file: nowhere"),
        (["evolve", "{run}", "--operators", "deepn", "--out", "x"], "no operator 'deepn': did you mean 'deepen'?"),
        (["evolve", "{run}", "--operators", "", "--out", "x"], "no operator ''"),
        (["show", "{run}"], "{run} is a run: give --task ID for a family tree"),
        (["evolve", "{run}", "--rounds", "0", "--out", "x"], "Invalid value for '--rounds': 0 is not in the range"),
        (["evolve", "{run}", "--recipe", "respond", "--operators", "deepen", "--out", "x"], "no step 'each: evolve'"),
        (["evolve", "{run}", "--recipe", "respond", "--answers-only-last", "--out", "x"], "give rounds, too"),
        (["evolve", "none.csv", "--out", "x"], "no such file: none.csv"),
    ],
)
def test_a_mistake_is_one_line(
    arguments: list[str], said: str, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, [argument.format(run=run) for argument in arguments])
    assert result.exit_code == 2
    assert said.format(run=run) in result.output
    assert not (tmp_path / "x").exists()


def test_figures_of_the_rounds() -> None:
    def evolved(number: int, text: str, parent: str, score: float) -> Task:
        name = "seed" + "".join(f".{n}" for n in range(1, number + 1))
        given = Evolved("deepen", number, parent)
        return Task(name, text, parents=(name.rpartition(".")[0],), evolved=given, extra={"difficulty": score})

    second = "List one river only; the answer must begin with R because I say so."
    tasks = [evolved(1, "List one river.", "List river", 2), evolved(2, second, "List one river.", 5)]
    first, one, two = rounds(tasks)
    assert (first.round, first.tasks, first.length, first.new, first.difficulty) == (0, 1, 2, None, None)
    assert (one.length, one.difficulty) == (3, 2)
    assert one.rouge == pytest.approx(0.8)
    assert one.new == pytest.approx(1 / 3)
    assert (two.conditions, two.reasoning) == (3, 1)
    assert rounds([]) == []


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ([{"grow": "propose"}], "a recipe with rounds has no 'grow' step"),
        ([{"each": "classify", "last": True}], "'last' is for steps that follow others repeated in rounds"),
    ],
)
def test_rounds_are_for_each_steps(steps: list[dict[str, object]], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        recipe_from({"rounds": 2, "steps": steps})
