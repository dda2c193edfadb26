"""Imports point down the list in CONTRIBUTING.md and never up; effects stay at the edge; starting is quick."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import selfinstruct

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "selfinstruct"
FILES = sorted(PACKAGE.rglob("*.py"))
LAYERS = (
    ("errors", "yaml_text"),
    ("task",),
    ("teacher",),
    ("gguf_file", "listening", "text", "workdir"),
    ("filters", "rows", "stages"),
    ("passages",),
    ("reviewing", "simulator"),
    ("teachers",),
    ("running",),
    ("mixing", "report", "selecting"),
    ("api",),
    ("evaluating", "scaling"),
    ("cli",),
    ("__main__",),
)
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}


def imports(file: Path) -> set[str]:
    """Dotted names of every module imported anywhere in the file."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def at_the_top(file: Path) -> set[str | None]:
    """Modules that are imported when the file is."""
    body = ast.parse(file.read_text(encoding="utf-8")).body
    return {node.module for node in body if isinstance(node, ast.ImportFrom)}


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_imports_point_down(file: Path) -> None:
    own = file.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if own == "__init__":
        return
    for name in imports(file):
        package, _, rest = name.partition(".")
        if package == "selfinstruct" and rest:
            other = rest.partition(".")[0]
            if other == "finetune":  # beside this package, and PyTorch with it: imported inside functions
                assert own == "cli" or file.name in ("local.py", "own_turns.py"), f"{own} imports finetune"
                assert name not in at_the_top(file), f"{own} imports finetune before it is needed"
                continue
            assert LEVEL[other] < LEVEL[own] or other == own, f"{own} imports {other}"


@pytest.mark.parametrize(
    ("module", "only_in"),
    [
        ("click", r"cli/.*"),
        ("random", None),
        ("sqlite3", r"teachers/journal/\w+\.py"),
        ("aiohttp", r"(?:(teachers/http|simulator/server|reviewing)/\w+|report/serving|listening)\.py"),
    ],
)
def test_effects_stay_at_the_edge(module: str, only_in: str | None) -> None:
    """One place knows click, one SQLite, one the client; randomness is always a Random of the caller's."""
    for file in FILES:
        if module in imports(file):
            assert only_in is None or re.fullmatch(only_in, file.relative_to(PACKAGE).as_posix())
            text = file.read_text(encoding="utf-8")
            assert (
                not re.search(r"(?<!\.)\brandom\.(random|choice|shuffle|sample|randint)\(", text) or "random: " in text
            )


def test_the_simulator_is_known_to_the_table_of_teachers_and_its_own_commands_only() -> None:
    knows = {file for file in FILES if any(name.startswith("selfinstruct.simulator") for name in imports(file))}
    outside = {str(file.relative_to(PACKAGE)) for file in knows if not file.is_relative_to(PACKAGE / "simulator")}
    assert outside == {
        "teachers/opening.py",
        "cli/exams.py",
        "cli/serving.py",
        "evaluating/examining.py",
        "running/evaluations.py",
    }


def test_no_layer_is_missing() -> None:
    assert {file.relative_to(PACKAGE).parts[0].removesuffix(".py") for file in FILES} - {"__init__"} == set(LEVEL)


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_files_say_what_they_are(file: Path) -> None:
    assert ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))), "a file opens with what it is"


def test_help_loads_nothing_heavy() -> None:
    """`selfinstruct --help` answers in under 0.2 s because none of these is imported for it."""
    code = "import sys, selfinstruct.cli; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    heavy = {
        "numpy",
        "openai",
        "asyncio",
        "yaml",
        "rich",
        "rapidfuzz",
        "sqlite3",
        "rouge_score",
        "pandas",
        "tenacity",
        "torch",
    }
    assert not heavy & set(loaded)


def test_the_package_exports_its_nouns() -> None:
    assert all(hasattr(selfinstruct, name) for name in selfinstruct.__all__)


FINETUNE = ROOT / "finetune"
ROOMS = (
    ("settings", "limits"),
    ("rows",),
    ("text",),
    ("models",),
    ("answer",),
    ("loop",),
    ("align", "pretraining"),
    ("train", "publish"),
    ("vocabulary",),
)
ROOM_LEVEL = {name: level for level, names in enumerate(ROOMS) for name in names}
READS = ("errors", "task", "yaml_text", "gguf_file", "workdir", "rows")
"""What finetune may use of selfinstruct: it works on anyone's data, without runs, recipes or teachers."""
PAYS = "rewarding.py"
"""What pays answers knows the rules of exams as well, which are the simulator's."""


def room_imports(file: Path) -> set[str]:
    """Dotted names, below finetune, of the modules that a file of it imports relatively, anywhere."""
    place, found = file.relative_to(FINETUNE).parts[:-1], set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            above = place[: len(place) - node.level + 1]
            found |= {".".join((*above, *filter(None, (node.module or alias.name,)))) for alias in node.names}
    return found


@pytest.mark.parametrize("file", sorted(FINETUNE.rglob("*.py")), ids=lambda file: str(file.relative_to(FINETUNE)))
def test_imports_of_finetune_point_down(file: Path) -> None:
    own = file.relative_to(FINETUNE).parts[0].removesuffix(".py")
    assert ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))), "a file opens with what it is"
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and not node.level and (node.module or "").startswith("selfinstruct."):
            rest = str(node.module).partition(".")[2]
            known = (*READS, "simulator") if file.name == PAYS else READS
            assert rest.partition(".")[0] in known, f"{own} imports {rest}: finetune's own modules are relative"
    if own == "__init__":
        assert not room_imports(file), "the map imports nothing"
        return
    for name in room_imports(file):
        other = name.partition(".")[0]
        above = other != own and ROOM_LEVEL[other] >= ROOM_LEVEL[own]
        assert not above or (own, other) == ("settings", "limits"), f"{own} imports {name}"


def test_no_room_of_finetune_is_missing() -> None:
    there = {file.relative_to(FINETUNE).parts[0].removesuffix(".py") for file in FINETUNE.rglob("*.py")}
    assert there - {"__init__"} == set(ROOM_LEVEL)


def test_no_two_files_of_finetune_have_one_name() -> None:
    names = [file.stem for file in FINETUNE.rglob("*.py") if file.stem != "__init__"]
    assert len(names) == len(set(names))
    assert not {"ready", "guards", "values", "sources", "data", "check", "combine", "results", "callbacks"} & set(names)
