"""A run whose answers are of no use ends early, with what to set; at the same place whenever it is repeated."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from cases import called

from selfinstruct import Recipe, Run, Step, Task, run
from selfinstruct.errors import RunStopped, Useless
from selfinstruct.running.watch import FIRST, SOME, THOUGHTS, Seen, Watch
from selfinstruct.stages import Instances, Judge, Propose, Respond
from selfinstruct.stages.reading.verdicts import UNREADABLE
from selfinstruct.teacher import Request, Response

ROWS = [{"instruction": f"What is {n} and {n}?"} for n in range(60)]


def stopped(recipe: Any, out: Path, answer: Any, **options: Any) -> str:
    with pytest.raises(RunStopped) as caught:
        run(recipe, out=out, teacher=asked(answer), **options)
    return str(caught.value)


def asked(answer: Any) -> Any:
    def teacher(request: Request) -> Response:
        said = answer(request)
        return said if isinstance(said, Response) else Response(said)

    return called("a teacher", teacher)


def cut(text: str = "", **more: Any) -> Response:
    return Response(text, "length", "m", 9, 99, **more)


ANSWERING = Recipe("mine", [Step(Respond(), params={"max_tokens": 99})])


@pytest.mark.parametrize(
    "thinking",
    [cut(), cut(thoughts="Let me see."), cut(thinking_tokens=99), cut("\n", thinking_tokens=99)],
)
def test_thoughts_that_leave_no_room_for_an_answer(tmp_path: Path, thinking: Response) -> None:
    said = stopped(ANSWERING, tmp_path, lambda request: thinking, data=ROWS)
    assert f"in {SOME} of {SOME} answers {THOUGHTS}: raise max_tokens (99 now)" in said
    assert "reasoning_effort" in said
    lines = Run(tmp_path).rejected
    assert {(item.category, item.detail) for item in lines} == {
        (THOUGHTS, "max_tokens=99: raise it, or set reasoning_effort")
    }
    assert len(lines) == SOME


def test_fewer_than_half_of_them_stop_nothing(tmp_path: Path) -> None:
    def answer(request: Request) -> Response:
        return cut(thoughts="Let me see.") if int(str(request.prompt).split()[2]) % 2 else Response("Fine.")

    done = run(ANSWERING, data=ROWS, out=tmp_path, teacher=asked(answer))
    assert done.counts.kept == 30
    assert done.counts.reasons == Counter({THOUGHTS: 30})


def test_an_answer_that_is_cut_is_no_thought(tmp_path: Path) -> None:
    said = stopped(ANSWERING, tmp_path, lambda request: cut("It is"), data=ROWS)
    assert (
        f"none of the first {FIRST} answers was of use ({FIRST} truncated): answers are cut: raise max_tokens" in said
    )
    assert "--keep-asking" in said


def test_verdicts_that_nobody_can_read(tmp_path: Path) -> None:
    recipe = Recipe("mine", [Step(Judge(), role="judge")])
    said = stopped(recipe, tmp_path, lambda request: "Hard to say.", data=ROWS)
    assert f"{SOME} of {SOME} verdicts could not be read: give another model for it, --model ROLE=NAME" in said


def test_proposals_that_are_none(tmp_path: Path) -> None:
    recipe = Recipe("mine", [Step(Propose()), Step(Instances())], seeds="seed_tasks.jsonl")
    said = stopped(recipe, tmp_path, lambda request: "", num=5)
    assert f"step propose: none of the first {FIRST} answers was of use ({FIRST} no task in the answer)" in said
    assert "--api completions" in said


def test_the_same_place_whenever_and_however_it_is_repeated(tmp_path: Path) -> None:
    written = []
    for place, at_once in ((0, 1), (1, 1), (1, 7), (1, 64)):
        said = stopped(ANSWERING, tmp_path / str(place), lambda request: cut("It is"), data=ROWS, concurrency=at_once)
        written.append(
            (said, *((tmp_path / str(place) / name).read_bytes() for name in ("tasks.jsonl", "rejected.jsonl")))
        )
    assert len(set(written)) == 1


def test_rounds_are_watched_in_the_order_of_the_tasks(tmp_path: Path) -> None:
    written = []
    for at_once in (1, 64):
        out = tmp_path / str(at_once)
        said = stopped("evol_instruct", out, lambda request: cut("It is"), data=ROWS, concurrency=at_once)
        written.append((said, (out / "rejected.jsonl").read_bytes()))
    assert len(set(written)) == 1
    assert f"step evolve: none of the first {FIRST} answers was of use" in written[0][0]


def test_who_wants_to_goes_on(tmp_path: Path) -> None:
    stopped(ANSWERING, tmp_path, lambda request: cut("It is"), data=ROWS)
    said = stopped(ANSWERING, tmp_path, lambda request: cut("It is"), data=ROWS, keep_asking=True)
    assert said.startswith("nothing came of it: 60 truncated; answers are cut: raise max_tokens (99 now)")
    assert Run(tmp_path).counts.proposed == len(ROWS)


def test_remarks_are_told_at_the_end() -> None:
    watch = Watch()
    for number in range(10):
        reasons = Counter([UNREADABLE]) if number < 3 else Counter[str]()
        watch.saw(Seen("judge", True, reasons, {}, "?"))
    assert watch.remarks() == ["step judge: 3 of 10 verdicts could not be read: these tasks passed unjudged"]


def test_good_answers_later_do_not_undo_good_ones_before() -> None:
    watch = Watch()
    watch.saw(Seen("propose", True, Counter(), {}, "?"))
    for _ in range(500):
        watch.saw(Seen("propose", False, Counter({"rouge-l": 4}), {}, "?"))
    bad = Watch()
    for _ in range(FIRST - 1):
        bad.saw(Seen("propose", False, Counter({"rouge-l": 4}), {}, "?"))
    with pytest.raises(Useless):
        bad.saw(Seen("propose", False, Counter({"rouge-l": 4}), {}, "?"))


def test_tasks_given_are_not_lost_with_it(tmp_path: Path) -> None:
    """What was finished before the stop stays, exports included."""
    recipe = Recipe("mine", [Step(Judge())])
    stopped(
        recipe,
        tmp_path,
        lambda request: "Hard to say.",
        data=[Task("a", "Name a river.")] + [Task(f"b{n}", f"Name {n} lakes.") for n in range(40)],
    )
    assert len(Run(tmp_path).tasks) == SOME
