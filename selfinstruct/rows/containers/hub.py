"""Data sets of the Hugging Face hub, streamed: hf://owner/name, hf://owner/name@revision?split=train&config=main."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote

from selfinstruct.errors import UsageError, did_you_mean
from selfinstruct.rows.containers.tables import AT_A_TIME, table_rows
from selfinstruct.rows.notes import Where, printable

__all__ = ["Load", "hub_rows"]

Load = Callable[..., Any]
"""`datasets.load_dataset`, or what behaves as it does."""


class Address(NamedTuple):
    name: str
    """owner/name"""
    revision: str | None
    split: str | None
    config: str | None


def address_of(url: str) -> Address:
    """What hf://owner/name@revision?split=…&config=… says. Raises UsageError."""
    path, _, query = re.sub("^hf:/+(datasets/)?", "", url).partition("?")
    name, _, revision = path.partition("@")
    options = dict(parse_qsl(query, keep_blank_values=True))
    if unknown := [option for option in options if option not in ("split", "config", "revision")]:
        raise UsageError(
            f"{url}: {unknown[0]!r} is nothing to ask for: {did_you_mean(unknown[0], ('split', 'config'))}"
        )
    if not re.fullmatch(r"[\w.-]+(/[\w.-]+)?", name):
        raise UsageError(f"{url} names no data set: write hf://owner/name?split=train, and @revision after the name")
    return Address(name, revision or options.get("revision"), options.get("split"), options.get("config"))


def hub_rows(url: str, load: Load | None = None) -> Iterator[tuple[Where, Any]]:
    """The rows of a data set, as they come. Raises UsageError when it, the split or the config is not there, when there
    are several to choose from, and when the hub cannot be reached."""
    asked = address_of(url)
    if load is None:
        import datasets

        load = datasets.load_dataset
    try:
        parts = load(asked.name, asked.config, revision=asked.revision, streaming=True)
        part = _part(parts, asked, url)
        yield from table_rows(part.with_format("arrow").iter(batch_size=AT_A_TIME), url)
    except (ImportError, UsageError):
        raise
    except Exception as error:  # whatever datasets, huggingface_hub, httpx and pyarrow raise
        raise UsageError(_said(error, asked, url)) from None


def _part(parts: Any, asked: Address, url: str) -> Any:
    if asked.split is None and len(parts) == 1:
        return next(iter(parts.values()))
    if asked.split in parts:
        return parts[asked.split]
    what = "has several splits" if asked.split is None else f"has no split {asked.split!r}"
    first = "train" if "train" in parts else next(iter(parts), "train")
    raise UsageError(f"{url} {what}: there are {', '.join(parts)}; write {_with(asked, split=first)}")


def _with(asked: Address, **changed: str) -> str:
    """The address with something else in it."""
    new = asked._replace(**changed)
    options = [f"{name}={quote(value)}" for name in ("split", "config") if (value := getattr(new, name))]
    at = f"@{new.revision}" if new.revision else ""
    return f"hf://{new.name}{at}{'?' if options else ''}{'&'.join(options)}"


def _said(error: Exception, asked: Address, url: str) -> str:
    said = printable(error)
    kind = " ".join(each.__name__ for each in type(error).__mro__)
    if configs := re.search(r"\[('[^\]]*')\]", said if "onfig" in said else ""):
        names = re.findall(r"'([^']*)'", configs[1])
        what = "has several configs" if asked.config is None else f"has no config {asked.config!r}"
        return f"{url} {what}: there are {', '.join(names)[:200]}; write {_with(asked, config=names[0])}"
    if "NotFound" in kind or "Gated" in kind:
        at = f" at {asked.revision}" if asked.revision else ""
        why = "is the name right? If it is private or gated, set HF_TOKEN"
        return f"the hub has no data set {asked.name}{at} that may be read ({said[:100]}): {why}"
    if "Connection" in kind or "Timeout" in kind or "Connect" in kind or "Offline" in kind:
        fetch = f"hf download --repo-type dataset {asked.name} --local-dir DIR"
        return f"cannot reach the hub for {url} ({said[:100]}): where there is a network, `{fetch}`; then give DIR"
    return f"cannot read {url} ({said[:200]}): is it a data set that `datasets` reads?"
