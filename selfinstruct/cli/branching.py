"""The command that has a tree of topics drawn up: axes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from selfinstruct.cli.asking import teacher_options, work
from selfinstruct.cli.group import main, say
from selfinstruct.errors import UsageError

__all__: list[str] = []


@main.command()
@click.argument("topics", metavar="TOPIC…", nargs=-1, required=True)
@click.option("--depth", metavar="N", type=click.IntRange(1), default=2, show_default=True, help="Levels of the tree.")
@click.option(
    "--width", metavar="N", type=click.IntRange(2, 100), default=8, show_default=True, help="Parts of each topic."
)
@click.option("--axis", metavar="NAME", default="topic", show_default=True, help="What the axis is called.")
@click.option("--out", metavar="FILE", default="axes.yaml", show_default=True, help="The file to be edited.")
@click.option("--force", is_flag=True, help="Write it anew although it was edited.")
@click.option("--language", metavar="CODE", default="en", show_default=True, help="en or zh: of the prompts.")
@teacher_options
def axes(
    topics: tuple[str, ...], depth: int, width: int, axis: str, out: str, force: bool, language: str, **options: Any
) -> None:
    """Have the teacher divide topics into narrower ones, as a file to be edited and drawn from.

    What was asked and answered is kept in a folder beside FILE, so that the same command resumes. Then:

    \b
      selfinstruct axes "cooking for beginners" --depth 2 --width 8 --out axes.yaml
      selfinstruct generate --axes axes.yaml --num 1000 --out runs/first
    """
    from selfinstruct.api import Run
    from selfinstruct.running.topics import axes_text, topics_of, topics_recipe, tree_of

    place = Path(out)
    folder = place.with_suffix(".run")
    if not place.name or place.is_dir() or folder == place:
        raise UsageError(f"--out is {out!r}: name a file, like axes.yaml")
    given = topics_of(topics)
    if place.exists() and not (folder / "run.json").is_file() and not force and not options["dry_run"]:
        raise UsageError(f"{out} is there already: name another file (--out), or give --force")
    recipe = topics_recipe(depth, width, language)
    work(recipe, data=given, out=str(folder), **options)
    if options["dry_run"]:
        return
    made = Run(folder).tasks
    if not made:
        raise UsageError(f"no topics came of it: {folder} says why (`selfinstruct report {folder}`)")
    about = f"{'; '.join(' '.join(topic.split()) for topic in topics)}: {len(made):,} topics that a teacher drew up"
    _write(place, axes_text(axis, tree_of(given, made), about).encode("utf-8", "backslashreplace"), force)
    say(f"{out}: {len(made):,} topics. Edit it, then: selfinstruct generate --axes {out} --num 1000 --out runs/first")


def _write(place: Path, text: bytes, force: bool) -> None:
    """Raises UsageError where the file is there with something else in it."""
    from selfinstruct.workdir import atomic, cannot_write

    try:
        if place.exists() and place.read_bytes() != text and not force:
            raise UsageError(f"{place} was edited: it stays as it is; name another file (--out), or give --force")
        with atomic(place) as file:
            file.write(text)
    except OSError as error:
        raise cannot_write(place, error.strerror or error) from None
