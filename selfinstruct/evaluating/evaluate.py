"""An evaluation: models and suites in, marks and figures out, all of it in one folder.

    found = evaluate(["smollm2", "models/mine"], out="evals/first", suites=["exam", "choice=cmmlu/"], shots=5)
    found.rows          # the table, with intervals and differences
    found.marks         # {suite: {model: [Mark, …]}}

The folder has one for each model, and in it one for each suite, which is a run. What is there is not asked again: the
same call goes on where it was interrupted, and a further model or suite joins those that are there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from selfinstruct import __version__
from selfinstruct.errors import UsageError
from selfinstruct.evaluating.against import OWN, check_judge, compared, has_own, said_to, with_rules
from selfinstruct.evaluating.answering import answers, limits, plan_of, spent_below
from selfinstruct.evaluating.figures import Row, rows_of
from selfinstruct.evaluating.harness import run_harness
from selfinstruct.evaluating.items import FATES, Mark, Options, Said, Suite
from selfinstruct.evaluating.local import check_there, check_weights, likelihoods, place_of
from selfinstruct.evaluating.models import Model, folder_of, models_of
from selfinstruct.evaluating.suites import order_of, suites_of
from selfinstruct.rows.reading import Data, read_tasks
from selfinstruct.running.identity import name_of
from selfinstruct.task import Task, finite, json_line
from selfinstruct.teachers.opening import Answering
from selfinstruct.workdir import atomic, check_place, locked, mapping_in, unwritable

__all__ = ["Evaluation", "evaluate", "evaluation_in", "planned_evaluation"]

RECORD = "evaluation.json"
MARKS = "marks.jsonl"
SAID = "said.jsonl"


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What is in the folder of an evaluation."""

    folder: Path
    models: tuple[str, ...]
    """In the order in which they came; differences are to the first."""
    suites: dict[str, dict[str, Any]]
    """What is known of each: figure, items, overlaps …"""
    marks: dict[str, dict[str, list[Mark]]]
    """By suite and model."""

    @property
    def rows(self) -> list[Row]:
        suites = self.suites.items() if self.models else ()
        return [row for name, suite in suites for row in rows_of(suite, self.marks[name], self.models)]

    def fates(self, suite: str, model: str) -> dict[str, int]:
        """How many items were truncated, empty, refused or unread."""
        fates = [one.fate for one in self.marks[suite].get(model, ())]
        return {fate: fates.count(fate) for fate in FATES[1:] if fate in fates}

    def to_json(self) -> dict[str, Any]:
        """All figures, as JSON has them; marks are in the folder."""
        lines = [row._asdict() for row in self.rows]
        for line in lines:
            for name in ("cells", "differences"):
                line[name] = {model: one and one._asdict() for model, one in line[name].items()}
        fates = {suite: {model: self.fates(suite, model) for model in self.models} for suite in self.suites}
        whole = {"models": list(self.models), "suites": self.suites, "rows": lines, "not_answered": fates}
        return dict(finite(whole))


def evaluate(
    models: Sequence[Answering] | Mapping[str, Answering],
    *,
    out: str | Path,
    suites: Sequence[str] = (),
    trained_on: Data | Sequence[Data] = (),
    base_url: str | None = None,
    progress: bool = False,
    told: Callable[[str], None] = lambda line: None,
    judge: Answering | None = None,
    options: Options | None = None,
    asking: Mapping[str, Any] | None = None,
    **given: Any,
) -> Evaluation:
    """Ask the models what the suites ask, and mark it; returns all that is in the folder.

    models      names as --model has them, folders, LABEL=NAME; teachers of one's own by label, {"mine": function}
    suites      NAME or NAME=FILE; without any, exam and twins
    trained_on  data whose families are told apart, and whose overlap with each suite is counted
    given       num, language, seed, shots, limit, max_tokens, way: see Options
    judge       who judges the suite pairwise, as a model is named
    asking      what `run` takes besides: api, concurrency, budget, price, patience …; budget is for all together

    Raises UsageError, and what `run` raises when it stops early: the same call goes on.
    """
    chosen, options = models_of(models, base_url), options or Options(**given)
    path, suited = Path(out), _suites(suites, trained_on, options)
    _check_able(suited, chosen, options.way)
    if any(suite.way == "pairs" for suite in suited):
        judge = models_of({"judge": check_judge(judge)}, base_url)[0].who
    check_place(path, "evaluation", [RECORD])
    asked = {"base_url": base_url, "progress": progress} | dict(asking or {})
    work = [
        (model, variant) for suite in suited for model in chosen for variant in _variants(suite, model, options.way)
    ]
    try:
        with locked(path):
            _record(path, [], [])
            for model, variant in work:
                told(f"{variant.name}: {model.label}")
                is_pair = variant.way == "pairs"
                marks = _judged(variant, model, path, judge, asked) if is_pair else _marks(variant, model, path, asked)
                _write(path / model.folder / _place(variant) / MARKS, marks)
                _record(path, [model], [variant])
    except OSError as error:
        raise unwritable(path, error) from None
    return evaluation_in(path)


def planned_evaluation(
    models: Sequence[Answering] | Mapping[str, Answering],
    *,
    suites: Sequence[str] = (),
    trained_on: Data | Sequence[Data] = (),
    base_url: str | None = None,
    judge: Answering | None = None,
    options: Options | None = None,
    asking: Mapping[str, Any] | None = None,
) -> Iterable[str]:
    """What `evaluate` would ask, line by line. Nobody is asked, nothing is written."""
    chosen, options = models_of(models, base_url), options or Options()
    suited = _suites(suites, trained_on, options)
    _check_able(suited, chosen, options.way)
    for suite in suited:
        for model in chosen:
            for variant in _variants(suite, model, options.way):
                yield f"{variant.name}, {len(variant.items):,} items: {model.label}"
                if variant.way in ("answers", "letters"):
                    yield from plan_of(variant, model.who, base_url=base_url, **(asking or {}))


def evaluation_in(folder: str | Path) -> Evaluation:
    """What is in the folder of an evaluation. Raises UsageError."""
    path = Path(folder)
    if not (path / RECORD).is_file():
        raise UsageError(f"{folder} holds no evaluation: give the --out of `selfinstruct evaluate`")
    record = mapping_in(path / RECORD)
    suites = dict(sorted(record["suites"].items(), key=lambda pair: order_of(pair[0])))
    marks: dict[str, dict[str, list[Mark]]] = {}
    for name, suite in suites.items():
        files = {label: path / model / f"{suite['folder']}" / MARKS for label, model in record["models"].items()}
        marks[name] = {label: _read(file) for label, file in files.items() if file.is_file()}
    return Evaluation(path, tuple(record["models"]), suites, marks)


def _suites(suites: Sequence[str], trained_on: Data | Sequence[Data], options: Options) -> list[Suite]:
    named = [trained_on] if isinstance(trained_on, str | Path) else list(trained_on)
    trained = [task for one in named for task in read_tasks(one)]
    return suites_of(suites, replace(options, trained=trained))


def _check_able(suites: Sequence[Suite], models: Sequence[Model], way: str) -> None:
    """Raises UsageError, before anything is asked, for what a model cannot be asked."""
    if way not in ("auto", "letter", "likelihood"):
        raise UsageError(f"--choose is {way!r}: it is letter, likelihood or auto")
    for model in models:
        if model.is_local:
            check_there(str(model.who))
    for suite in suites:
        if suite.way in ("answers", "pairs") or (suite.way == "choices" and way != "likelihood"):
            continue
        for model in models:
            if not model.is_local:
                what = "the harness wants" if suite.way == "harness" else "a likelihood is told by"
                raise UsageError(
                    f"--suite {suite.name}: {what} weights on this machine, and {model.label} is none: give a folder, "
                    "gguf:FILE or smollm2, or leave the suite out"
                )


def _variants(suite: Suite, model: Model, way: str) -> list[Suite]:
    """The suite as this model is asked."""
    if suite.way != "choices":
        return [suite]
    chosen = way if way != "auto" else "likelihood" if model.is_local else "letter"
    name = f"{suite.name} by {chosen}"
    return [replace(suite, name=name, way="letters" if chosen == "letter" else "likelihood")]


def _place(suite: Suite) -> str:
    plain = "".join(letter if letter.isalnum() and letter.isascii() else "-" for letter in suite.name)
    return f"{plain[-60:]}-{suite.digest}"


def _marks(suite: Suite, model: Model, path: Path, asked: Mapping[str, Any]) -> list[Mark]:
    folder = path / model.folder / _place(suite)
    if suite.way in ("answers", "letters"):
        earlier = next(iter(sorted((path / model.folder).glob("exam-*/journal.db"))), None)
        here = limits(asked, spent_below(path, folder))
        if suite.name == "twins" and earlier:  # half of what it asks, the exam has asked
            here["journal"] = earlier.parent
        return suite.mark(suite.items, answers(suite, model.who, folder, **here))
    place = place_of(str(model.who))
    if suite.way != "harness":
        return likelihoods(suite, place, folder)
    check_weights(folder, place, suite)
    there = folder / MARKS
    return _read(there) if there.is_file() else run_harness(suite, *place.for_harness())


def _judged(suite: Suite, model: Model, path: Path, judge: Any, asked: Mapping[str, Any]) -> list[Mark]:
    """The model's answers beside the file's own, or beside the first model's; that has none to stand beside."""
    folder = path / model.folder / _place(suite)

    def ask(tasks: Sequence[Task], place: Path) -> dict[str, Said]:
        here = limits(asked, spent_below(path, place))
        return answers(suite, model.who, place, tasks, **here)

    said, fates = said_to(suite, folder, ask)
    with atomic(folder / SAID) as out:
        out.writelines(json_line({"id": id, "said": texts, "fate": fates.get(id, "")}) for id, texts in said.items())
    first = next(iter(mapping_in(path / RECORD)["models"].values()), model.folder)
    own = has_own(suite)
    if not own and first == model.folder:
        return []
    others = None if own else path / first / _place(suite) / SAID
    if others and not others.is_file():
        raise UsageError(f"{suite.name}: {others.parent.parent.name} has not answered it yet: name it as well")
    there = None if others is None else _said(others)
    answered = None if there is None else {id: row["said"] for id, row in there.items()}
    place = folder / f"judged-by-{folder_of(judge if isinstance(judge, str) else name_of(judge))}"
    here = limits(asked, spent_below(path, place))
    marks = compared(suite, said, fates, answered, place, judge, **here)
    return marks if there is None else with_rules(suite, marks, _as_said(said, fates), _as_said(answered or {}, {}))


def _said(file: Path) -> dict[str, Any]:
    with file.open("rb") as lines:
        return {row["id"]: row for row in map(json.loads, lines)}


def _as_said(said: Mapping[str, Sequence[str]], fates: Mapping[str, str]) -> dict[str, Said]:
    return {id: Said(texts[0], fates.get(id) or "answered") for id, texts in said.items()}


def _write(file: Path, marks: Iterable[Mark]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with atomic(file) as out:
        out.writelines(json_line(one._asdict()) for one in marks)


def _read(file: Path) -> list[Mark]:
    with file.open("rb") as lines:
        return [Mark(**json.loads(line)) for line in lines]


def _record(path: Path, models: Sequence[Model], suites: Sequence[Suite]) -> None:
    """Add to what the folder says that it holds."""
    file = path / RECORD
    there = mapping_in(file) if file.exists() else {"models": {}, "suites": {}}
    there["selfinstruct"] = __version__
    there["models"] |= {model.label: model.folder for model in models if model.label not in there["models"]}
    for suite in suites:
        own, before = _about(suite), there["suites"].get(suite.name, {})
        if own["overlaps"] is None and before.get("folder") == own["folder"]:
            own["overlaps"] = before["overlaps"]  # what was trained on need not be said twice
        there["suites"][suite.name] = own
    with atomic(file) as out:
        out.write((json.dumps(there, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "backslashreplace"))


def _about(suite: Suite) -> dict[str, Any]:
    names = ("name", "figure", "way", "averaged", "overlaps", "higher", "notes")
    own = {name: getattr(suite, name) for name in names}
    beside = OWN if suite.way == "pairs" and has_own(suite) else ""
    own |= {"against": beside}
    return own | {"items": len(suite.items), "seen": sorted(suite.seen), "folder": _place(suite)}
