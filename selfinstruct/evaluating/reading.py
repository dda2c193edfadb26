"""Files of suites that others publish, read with one error where a file is not there: it says where to get it."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from selfinstruct.errors import UsageError, quoted

__all__ = ["SOURCES", "json_in", "sheet_in", "text_in", "there"]

SOURCES = {
    "superni": "the folder of https://github.com/allenai/natural-instructions",
    "user252": "human_eval/user_oriented_instructions.jsonl of https://github.com/yizhongw/self-instruct",
    "choice": "csv files of C-Eval (https://github.com/hkust-nlp/ceval), CMMLU (https://github.com/haonan-li/CMMLU) "
    "or MMLU (https://github.com/hendrycks/test), or JSON lines with question, choices and answer",
    "ifeval": "input_data.jsonl of https://github.com/google-research/google-research/tree/master/"
    "instruction_following_eval",
    "pairwise": "exam, or a file of questions: Vicuna's and MT-Bench's question.jsonl (https://github.com/lm-sys/FastChat),"
    " AlpacaEval's alpaca_eval.json (https://github.com/tatsu-lab/alpaca_eval), WizardLM's, or rows of yours",
    "perplexity": "a text, or rows with a text, that was not trained on",
    "exam": "what `selfinstruct exam` wrote",
    "twins": "what `selfinstruct exam` wrote",
}
"""What a suite's file is, and who has it."""


def there(kind: str, file: str) -> Path:
    """The path, which is there. Raises UsageError."""
    path = Path(file).expanduser()
    try:
        if path.exists():
            return path
    except (OSError, ValueError):  # a name that no file can have
        pass
    raise UsageError(f"--suite {kind}={file}: there is no such file; it is {SOURCES.get(kind, 'a file of yours')}")


def text_in(path: Path) -> str:
    """A text in UTF-8, or, as Chinese files often are, in GB 18030. Raises UsageError."""
    try:
        read = path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror or error}") from None
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return read.decode(encoding)
        except UnicodeDecodeError:
            pass
    raise UsageError(f"{path} is not UTF-8: save it as that")


def json_in(path: Path) -> Any:
    """Raises UsageError."""
    try:
        return json.loads(text_in(path))
    except (ValueError, RecursionError) as error:
        why = str(error).partition("\n")[0] if isinstance(error, ValueError) else "it is nested too deeply"
        raise UsageError(f"{path} is not JSON: {why}") from None


def sheet_in(path: Path) -> Iterator[list[str]]:
    """The rows of a csv or tsv file, the one with the names, if there is any, among them. Raises UsageError."""
    comma = "\t" if path.suffix.lower() in (".tsv", ".tab") else ","
    try:
        for row in csv.reader(text_in(path).splitlines(keepends=True), delimiter=comma):
            if any(cell.strip() for cell in row):
                yield row
    except csv.Error as error:
        raise UsageError(f"{path} is no csv file: {quoted(str(error))}") from None
