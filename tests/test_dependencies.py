"""What setup.cfg promises: every package that is imported is declared, every folder of ours is listed."""

from __future__ import annotations

import ast
import configparser
import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CONFIG = configparser.ConfigParser()
CONFIG.read(ROOT / "setup.cfg")

WHERE = {
    "selfinstruct": (
        *("check", "data", "documents", "evaluate", "gguf", "harness", "ray", "report", "scale", "semantic", "tools"),
    ),
    "finetune": ("train", "qlora"),
}
"""Extras that may be needed beside the base install."""


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def required(text: str) -> set[str]:
    """Names of the packages in a list of requirements, one a line."""
    return {plain(re.split(r"[\[<>=!~ ]", line)[0]) for line in text.strip().splitlines()}


def imported(folder: Path) -> dict[str, Path]:
    """Third-party packages that a folder's files import, wherever in them, with one file each."""
    found: dict[str, Path] = {}
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) and node.module and not node.level else []
            found |= {name.partition(".")[0]: file for name in names}
    return {name: file for name, file in found.items() if name not in {*sys.stdlib_module_names, "selfinstruct"}}


@pytest.mark.parametrize("folder", WHERE)
def test_every_import_is_declared(folder: str) -> None:
    declared = required(CONFIG["options"]["install_requires"])
    for extra in WHERE[folder]:
        declared |= required(CONFIG["options.extras_require"][extra])
    owners = packages_distributions()
    for name, file in imported(ROOT / folder).items():
        owner = {plain(each) for each in owners.get(name, [name])}
        assert owner & declared, f"{file.relative_to(ROOT)} imports {name}: declare it in setup.cfg"


def test_every_package_is_listed() -> None:
    """A folder that setup.cfg does not name is in the checkout, and missing once installed."""
    listed = set(CONFIG["options"]["packages"].split())
    there = {"selfinstruct.seeds", "selfinstruct.pipelines", "selfinstruct.pipelines.mixtures"}
    for file in (ROOT / "selfinstruct").rglob("__init__.py"):
        there.add(".".join(file.parent.relative_to(ROOT).parts))
    for file in (ROOT / "finetune").rglob("__init__.py"):
        there.add(".".join(("selfinstruct", *file.parent.relative_to(ROOT).parts)))
    assert listed == there
    places = dict(line.split(" = ") for line in CONFIG["options"]["package_dir"].strip().splitlines())
    for name in listed:
        folder = places.get(name) or f"{places[name.partition('.')[0]]}/{'/'.join(name.split('.')[1:])}"
        assert (ROOT / folder).is_dir(), f"{name} would be taken from {folder}"


def test_a_checkout_that_is_not_installed_has_the_rooms_of_finetune() -> None:
    """By one name each; -S: without the site that an editable install has changed."""
    code = """
import sys
sys.path[:0] = sys.argv[1:]
import selfinstruct
from selfinstruct.finetune.rows.batches import Plan
import selfinstruct.finetune.rows.batches as again
assert again.Plan is Plan
assert selfinstruct.finetune.rows is sys.modules["selfinstruct.finetune.rows"]
print(again.__file__)
"""
    packages = [path for path in sys.path if path.endswith("site-packages")]
    command = [sys.executable, "-S", "-c", code, str(ROOT), *packages]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
    assert done.stdout.strip() == str(ROOT / "finetune" / "rows" / "batches.py"), done.stderr
