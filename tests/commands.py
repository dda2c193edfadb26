"""What tests/killing.py kills: the command of every recipe, found by glob, and every other command that writes."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
from killing import SELFINSTRUCT, Job, Writer, environment

from selfinstruct.cli import main
from selfinstruct.reviewing.record import Opinion
from selfinstruct.reviewing.reviews import begun
from selfinstruct.rows.reading import read_tasks
from selfinstruct.running.recipe_file import load, names
from selfinstruct.task import json_line, task_to_row

__all__ = ["READING", "WRITERS", "commands", "jobs", "prepare"]

READING = {
    *(
        "chat",
        "doctor",
        "filters",
        "formats",
        "layouts",
        "mixtures",
        "presets",
        "prices",
        "prompts",
        "recipes",
        "open",
        "settings",
        "show",
        "stages",
        "teacher",
    ),
}
"""Commands that write nothing but what they say."""

TRAINED = ("--set", "samples=0", "--set", "precision=fp32", "--set", "micro_batch=4", "--batch", "8")
TINY = ("--set", "layers=1", "--set", "width=32", "--set", "heads=2", "--set", "vocabulary=300")


def jobs(data: Path) -> list[Job]:
    """Every recipe, in both languages where it has seeds; the others work on the tasks in `data`, for code on those in
    code.jsonl beside them. The commands are those that the README names."""
    found = []
    for name in names():
        recipe = load(name, None)
        if name == "checked_code":  # what its rows have to have, test_checks.py has
            continue
        if recipe.grows:
            command = ("generate",) if name == "self_instruct" else ("run", name)
            many = "40" if name == "self_instruct" else "200"  # several to an answer
            languages = [each for each in ("en", "zh") if _has_seeds(name, each)]
            found += [Job(f"{name}, {each}", (*command, "--language", each, "--num", many)) for each in languages]
        elif name == "agentic":
            found.append(Job(name, ("run", name, str(data), "--num", "4", "--model", "weak=builtin:weak")))
        elif name == "comparisons":
            found.append(Job(name, ("run", name, str(data), "--model", "other=builtin:weak")))
        elif recipe.rounds:
            given = data.with_name("code.jsonl") if "code" in name else data
            found.append(Job(name, ("evolve", str(given), "--recipe", name, "--num", "12")))
        elif recipe.reads_passages:
            found.append(Job(name, ("run", name, "--documents", str(Path(__file__).parents[1] / "docs" / "runs.md"))))
        else:
            found.append(Job(name, ("run", name, str(data))))
    return found


def _has_seeds(name: str, language: str) -> bool:
    recipe = load(name, language)
    return recipe.seeds is not None and recipe.language == language


def _weights(folder: Path) -> bytes:
    """What a training is compared by: train.json and README.md have times."""
    return next(folder.glob("*.safetensors")).read_bytes()


def _rows(folder: Path) -> list[str]:
    return [json.dumps(task_to_row(task)) for task in read_tasks(folder)]


def _evaluated(folder: Path) -> list[bytes]:
    return [file.read_bytes() for file in sorted([*folder.rglob("marks.jsonl"), folder / "eval.html"])]


WRITERS = (
    Writer("report", ("report", "{folder}/run", "--out", "{out}"), "page.html", over=True),
    Writer("export", ("export", "{folder}/run", "--out", "{out}"), "rows.jsonl", over=True),
    Writer("export, JSON", ("export", "{folder}/run", "--to", "messages", "--out", "{out}"), "rows.json", over=True),
    Writer("export, CSV", ("export", "{folder}/run", "--out", "{out}"), "rows.csv", over=True),
    Writer("export, Parquet", ("export", "{folder}/run", "--out", "{out}"), "rows.parquet", over=True),
    Writer("export, a dataset", ("export", "{folder}/run", "--out", "{out}"), "rows", over=True, same=_rows),
    Writer(
        "export --template",
        ("export", "{folder}/run", "--to", "completion", "--template", "alpaca", "--out", "{out}"),
        "rows.jsonl",
        over=True,
    ),
    Writer("export --gguf", ("export", "{folder}/base", "--gguf", "f16", "--out", "{out}"), "model.gguf"),
    Writer(
        "filter",
        ("filter", "{folder}/run", "--drop", "novelty=0.3", "--out", "{out}", "--rejected", "{out}.rejected.jsonl"),
        "kept.jsonl",
        over=True,
    ),
    Writer(
        "mix",
        ("mix", "chinese_vicuna", "--samples", "--out", "{out}", "--rejected", "{out}.rejected.jsonl"),
        "mixed.jsonl",
        over=True,
    ),
    Writer(
        "select",
        ("select", "{folder}/run", "--by", "length", "--num", "9", "--out", "{out}"),
        "chosen.jsonl",
        over=True,
    ),
    Writer("review --edited", ("review", "{folder}/review.jsonl", "--edited", "{out}"), "rows.jsonl", over=True),
    Writer("review --preferences", ("review", "{folder}/review.jsonl", "--preferences", "{out}"), "p.jsonl", over=True),
    Writer("axes", ("axes", "--width", "4", "law", "--quiet", "--out", "{out}"), "axes.yaml", over=True),
    Writer("import", ("import", "{folder}/run", "--out", "{out}"), "imported", resumes=True, same=_rows),
    Writer(
        "evaluate",
        ("evaluate", "own=builtin", "builtin:weak", "--num", "40", "--quiet", "--out", "{out}"),
        "evals",
        resumes=True,
        same=_evaluated,
    ),
    Writer("exam", ("exam", "--num", "200", "--out", "{out}"), "exam.jsonl", over=True),
    Writer("grade", ("grade", "{folder}/exam.jsonl", "{folder}/answers", "--out", "{out}"), "marks.jsonl", over=True),
    Writer(
        "train, from scratch",
        (
            "train",
            "{folder}/run",
            "--base",
            "tiny",
            *TINY,
            *TRAINED,
            "--set",
            "steps=20",
            "--set",
            "save=2",
            "--out",
            "{out}",
        ),
        "model",
        resumes=True,
        same=_weights,
    ),
    Writer(
        "train, LoRA",
        (
            "train",
            "{folder}/run",
            "--base",
            "{folder}/base",
            *TRAINED,
            "--set",
            "steps=20",
            "--set",
            "save=2",
            "--out",
            "{out}",
        ),
        "model",
        resumes=True,
        same=_weights,
    ),
    Writer(
        "train, text",
        (
            "train",
            "{folder}/texts.jsonl",
            "--method",
            "pretrain",
            "--base",
            "{folder}/base",
            "--max-length",
            "32",
            *TRAINED,
            "--set",
            "steps=20",
            "--set",
            "save=2",
            "--out",
            "{out}",
        ),
        "model",
        resumes=True,
        same=_weights,
    ),
    Writer(
        "train, pairs",
        (
            *("train", "{folder}/pairs.jsonl", "--method", "dpo", "--base", "{folder}/base", *TRAINED),
            *("--set", "steps=12", "--set", "save=2", "--out", "{out}"),
        ),
        "model",
        resumes=True,
        same=_weights,
    ),
    Writer(
        "score", ("score", "{folder}/run", "--model", "{folder}/marks", "--out", "{out}"), "marked.jsonl", over=True
    ),
    Writer("tokenizer train", ("tokenizer", "train", "{folder}/run", "--vocabulary", "500", "--out", "{out}"), "words"),
    Writer(
        "tokenizer merge", ("tokenizer", "merge", "{folder}/base", "{folder}/words", "--out", "{out}"), "more words"
    ),
    Writer("merge", ("merge", "{folder}/adapter", "--out", "{out}"), "model"),
    Writer(
        "delta make",
        ("delta", "make", "--base", "{folder}/base", "--tuned", "{folder}/tuned", "--out", "{out}"),
        "delta",
    ),
    Writer(
        "delta apply",
        ("delta", "apply", "--base", "{folder}/base", "--delta", "{folder}/delta", "--out", "{out}"),
        "model",
    ),
)
"""Their inputs are what `prepare` makes in {folder}."""


def commands(group: click.Group = main, before: str = "") -> Iterator[str]:
    """Every command's name, those of groups as "delta make"."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{before}{name} ")
        else:
            yield f"{before}{name}"


def prepare(folder: Path, *, models: bool = True) -> None:
    """What the commands work on, made by the commands themselves: runs, an exam, tiny models."""
    folder.mkdir(parents=True, exist_ok=True)
    steps = [
        "generate --num 40 --out run --quiet",
        "exam --num 400 --out exam.jsonl",
        "run answer exam.jsonl --out answers --quiet",
        "export run --to text --out texts.jsonl",
    ]
    if models:
        trained = " ".join((*TRAINED, "--set", "steps=2"))
        steps += [
            f"train run --base tiny {' '.join(TINY)} {trained} --out base",
            f"train run --base base {trained} --out adapter",
            f"train run --base base --method full {trained} --out tuned",
            f"train pairs.jsonl --method reward --base base {trained} --out marks",
            "delta make --base base --tuned tuned --out delta",
            "tokenizer train run --kind bpe --vocabulary 600 --out words",
        ]
    for step in steps:
        if "pairs.jsonl" in step:
            _pairs(folder / "run", folder / "pairs.jsonl")
        command = [*SELFINSTRUCT, *step.split()]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment(), check=False)
        assert done.returncode == 0, f"{step}: {done.stderr}"
    rows = read_tasks(folder / "run")
    review = begun(rows, (str(folder / "run"),), folder / "review.jsonl", wanted=9, seed=0, by="", judge=None)
    for number in range(9):
        answers = {"task": "yes", "input": "yes", "output": "no"}
        review.say(f"event-{number}", "anna", number, Opinion("done", answers, "", {"output": "Another answer."}))
    code = [task for task in read_tasks(folder / "exam.jsonl") if _is_code(task.instruction)]
    (folder / "code.jsonl").write_bytes(b"".join(json_line(task_to_row(task)) for task in code[:20]))
    assert os.path.getsize(folder / "code.jsonl")


def _pairs(run: Path, file: Path) -> None:
    """Each answer of the run beside one that says nothing."""
    rows = [
        {"prompt": task.instruction, "chosen": task.instances[0].output, "rejected": f"No. {number}"}
        for number, task in enumerate(read_tasks(run))
        if task.instances
    ]
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")


def _is_code(instruction: str) -> bool:
    return any(word in instruction for word in ("Python", "code", "program", "function"))
