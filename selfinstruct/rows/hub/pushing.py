"""A data set for the hub: a folder that `datasets.load_dataset` reads, and its way there.

prepared = prepare("rivers", {"train": rows}, about_run("runs/rivers"))
push("rivers", "somebody/rivers")          # as `hf upload` would
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from selfinstruct.errors import RunStopped, UsageError, quoted
from selfinstruct.rows.hub.about import About
from selfinstruct.rows.hub.cards import card
from selfinstruct.rows.notes import printable
from selfinstruct.rows.writing.tables import SHARD, spooled, write_shards
from selfinstruct.workdir import placed, unwritable

__all__ = ["Prepared", "check_repo", "prepare", "push"]

Row = dict[str, Any]
EXAMPLES = 200
"""Rows that the card is written from."""
SPLIT = re.compile(r"\w+(\.\w+)*")
NAME = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?")


class Prepared(NamedTuple):
    counts: dict[str, int]
    """Rows, by split."""
    files: list[str]
    """With data, by their names in the folder."""


def prepare(
    folder: str | Path,
    splits: Mapping[str, Iterable[Row]],
    about: About,
    *,
    name: str = "",
    size: int = SHARD,
) -> Prepared:
    """Write the folder that is to be pushed: data/train-00000-of-00001.parquet and so on, README.md, recipe.yaml.

    splits      rows by "train", "validation" and so on, read one after the other, and each once
    about       how they came about, for the card
    name        the card's title; else the folder's
    size        bytes of a file, about

    A folder that was prepared before is replaced whole. Raises UsageError for one with anything else in it, for no
    rows, and for rows that do not fit into Parquet; RunStopped when the disk is full or fails.
    """
    folder = Path(folder).absolute()
    _check_folder(folder)
    if wrong := next((split for split in splits if not SPLIT.fullmatch(split)), None):
        raise UsageError(f"a split cannot be called {wrong!r}: use train, validation or test")
    examples: list[Row] = []
    try:
        with spooled(folder, "Parquet", {split: _seen(rows, examples) for split, rows in splits.items()}) as spool:
            if not spool.count():
                raise UsageError(f"{folder}: there are no rows to push: give data with answers")
            counts = {split: count for split in splits if (count := spool.count(split))}
            with placed(folder, folder=True) as beside:
                (beside / "data").mkdir()
                files = [file for split in counts for file in write_shards(beside / "data", spool, split, size)]
                columns = {column.name: str(column.type) for column in spool.schema}
                text = card(name or folder.name, counts, columns, examples, about)
                (beside / "README.md").write_text(text, encoding="utf-8", errors="replace")
                if about.recipe:
                    (beside / "recipe.yaml").write_text(about.recipe, encoding="utf-8", errors="backslashreplace")
                return Prepared(counts, [f"data/{file.name}" for file in files])
    except ImportError as error:
        raise UsageError(f"{folder} needs the package {error.name}: pip install 'selfinstruct[data]'") from None
    except OSError as error:
        raise unwritable(folder, error) from None


def _check_folder(folder: Path) -> None:
    """Raises UsageError unless it is new, empty or ours: it will be replaced whole."""
    try:
        there = {file.name for file in folder.iterdir()} if folder.exists() else set()
        ours = {"README.md", "data"} <= there <= {"README.md", "data", "recipe.yaml", ".cache"}
        if ours:
            data = all(re.fullmatch(r".*-\d{5}-of-\d{5}\.parquet", file.name) for file in (folder / "data").iterdir())
            ours = data and "- selfinstruct\n" in (folder / "README.md").read_text("utf-8", "replace")
    except OSError as error:
        raise unwritable(folder, error) from None
    if there and not ours:
        raise UsageError(f"{folder} holds something else than a data set for the hub: choose another folder")


def _seen(rows: Iterable[Row], examples: list[Row]) -> Iterator[Row]:
    """The rows; the first of them are put aside."""
    for row in rows:
        if len(examples) < EXAMPLES:
            examples.append(row)
        yield row


def check_repo(repo: str) -> None:
    """Raises UsageError, before anything is prepared, for what is no name on the hub, and without its package."""
    if not NAME.fullmatch(repo) or re.search(r"--|\.\.|\.git$|[-.]$", repo) or len(repo) > 96:
        raise UsageError(f"{quoted(repo)} is no name on the hub: use OWNER/NAME, of letters, digits, -, _ and .")
    try:
        import huggingface_hub  # noqa: F401
    except ImportError as error:
        raise UsageError(f"pushing needs the package {error.name}: pip install 'selfinstruct[data]'") from None


def push(
    folder: str | Path,
    repo: str,
    *,
    private: bool = False,
    create: Callable[..., Any] | None = None,
    upload: Callable[..., Any] | None = None,
) -> str:
    """Bring a prepared folder to the hub, where the data set is made if need be; returns its address.

    The key is found as `hf` finds it: in HF_TOKEN, or where `hf auth login` left it. `create` and `upload` are by
    default create_repo and upload_folder of huggingface_hub.HfApi. What earlier pushes left in data/ goes.
    Raises UsageError where `check_repo` does; RunStopped, saying how to go on, when the hub cannot be reached or
    refuses: the folder stays.
    """
    check_repo(repo)
    from huggingface_hub import HfApi, get_token

    later = f"hf upload {shlex.join([repo, str(folder)])} . --repo-type dataset"
    if create is None or upload is None:
        if not get_token():
            raise RunStopped(
                f"{folder} is not pushed, for there is no key: set HF_TOKEN, or `hf auth login`, and: {later}"
            )
        create, upload = HfApi().create_repo, HfApi().upload_folder
    about: dict[str, Any] = {"repo_type": "dataset"}
    try:
        made = create(repo, private=private, exist_ok=True, **about)
        upload(
            repo_id=getattr(made, "repo_id", repo),
            folder_path=str(folder),
            commit_message="Written by selfinstruct",
            delete_patterns=["data/*.parquet"],
            **about,
        )
    except Exception as error:  # whatever the hub, its client and what is below it raise
        why = _without_key(printable(error), get_token())[:200]
        raise RunStopped(f"{folder} is not pushed ({why}): see to that, and: {later}") from None
    return str(made)


def _without_key(text: str, key: str | None) -> str:
    """A client may quote the header that it could not send."""
    return re.sub(r"hf_\w+", "hf_…", text.replace(key, "…") if key else text)
