"""The commands in README.md and docs/ do what is shown below them.

    python tests/test_docs.py     puts the real output into the files

Each ```console block is a session: lines that begin with "$ " are commands, what follows is what they print. Each
```pycon block is one of Python's, whose names live on in the blocks that follow. All blocks of a file are run in order
in one folder that holds what a checkout holds, those of Python first.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = [
    page
    for page in sorted([*ROOT.glob("README*.md"), *ROOT.glob("docs/*.md")])
    if re.search("^```(?:console|pycon)$", page.read_text(), re.MULTILINE)
]
PROGRESS = re.compile(r"^[\d,]+(/[\d,]+)? kept.*\n", re.MULTILINE)  # on a machine so slow that ten seconds pass
BLOCK = re.compile(r"(?<=^```console\n).*?(?=^```$)", re.MULTILINE | re.DOTALL)


def played(page: Path, folder: Path) -> str:
    """The page, with what its commands print now."""
    shutil.copytree(ROOT / "seeds", folder / "seeds")
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    wanted = ("HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV")
    env = {name: os.environ[name] for name in wanted if name in os.environ} | {"PATH": path, "COLUMNS": "100"}

    def session(block: re.Match[str]) -> str:
        lines = []
        for command in re.findall(r"^\$ (.*)$", block[0], re.MULTILINE):
            done = subprocess.run(
                command, shell=True, cwd=folder, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
            )
            assert done.returncode == 0, f"{command}: {done.stdout}"
            lines += [f"$ {command}\n", PROGRESS.sub("", done.stdout)]
        return "".join(lines)

    text = page.read_text(encoding="utf-8")
    if "```pycon" in text:
        python = [sys.executable, str(Path(__file__).parent / "pycon.py")]
        done = subprocess.run(python, input=text, cwd=folder, env=env, text=True, capture_output=True)
        assert done.returncode == 0, done.stderr
        text = done.stdout
    return BLOCK.sub(session, text)


OFTEN = ("README.md", "cli.md", "filters.md", "evaluation.md")
"""Pages that every test run plays; all are played before a release, and by `python tests/test_docs.py`."""


@pytest.mark.parametrize(
    "page",
    [pytest.param(page, marks=() if page.name in OFTEN else pytest.mark.slow) for page in PAGES],
    ids=lambda page: str(page.name),
)
def test_the_page_shows_what_its_commands_print(page: Path, tmp_path: Path) -> None:
    assert played(page, tmp_path) == page.read_text(encoding="utf-8"), "python tests/test_docs.py brings it up to date"


def test_links_lead_somewhere() -> None:
    for page in [*ROOT.glob("*.md"), *ROOT.glob("*/*.md")]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


if __name__ == "__main__":
    for page in PAGES:
        with tempfile.TemporaryDirectory() as folder:
            page.write_text(played(page, Path(folder)), encoding="utf-8")
