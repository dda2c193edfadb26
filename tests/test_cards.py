"""The card of a data set says what is in it and how it came about, and nothing in the rows is markup in it."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct import run
from selfinstruct.errors import UsageError
from selfinstruct.rows.hub.about import About, about_data, about_run
from selfinstruct.rows.hub.cards import card, languages_of

ROW = {"instruction": "Name a river in Germany.", "input": "", "output": "The Rhine flows through the west of it."}
CHINESE = {"instruction": "请说出一条中国的河流。", "input": "", "output": "长江是中国最长的河流，流经十一个省市。"}
COLUMNS = {"instruction": "string", "input": "string", "output": "string"}
MADE = About(
    steps=("evolve", "respond"),
    models={"teacher": "llama-3", "judge": "gpt-4o"},
    seed=7,
    given="175 tasks, SHA-256 abc",
    version="0.1.0",
    recipe="steps: []\n",
    command="selfinstruct run recipe.yaml given.jsonl --out again",
    tasks=1200,
    rejected=Counter({"too short": 3, "rouge-l": 30}),
)


def made(rows: list[dict[str, Any]], about: About, counts: dict[str, int] | None = None, name: str = "rivers") -> str:
    return card(name, counts or {"train": 1150, "validation": 50}, COLUMNS, rows, about)


def front(text: str) -> dict[str, Any]:
    found = re.match(r"---\n(.*?)---\n", text, re.DOTALL)
    assert found
    value = yaml.safe_load(found[1])
    assert isinstance(value, dict)
    return value


def test_what_the_hub_reads() -> None:
    assert front(made([ROW], MADE)) == {
        "license": "unknown",
        "language": ["en"],
        "task_categories": ["text-generation"],
        "tags": ["synthetic", "selfinstruct", "evol-instruct"],
        "size_categories": ["1K<n<10K"],
        "configs": [
            {
                "config_name": "default",
                "data_files": [
                    {"split": "train", "path": "data/train-*"},
                    {"split": "validation", "path": "data/validation-*"},
                ],
            }
        ],
    }
    plain = front(made([ROW], About(license="cc-by-4.0")))
    assert (plain["license"], plain["tags"]) == ("cc-by-4.0", ["selfinstruct"]), "nobody says that it is synthetic"


@pytest.mark.parametrize(
    ("rows", "category"),
    [
        (0, "n<1K"),
        (999, "n<1K"),
        (1_000, "1K<n<10K"),
        (52_002, "10K<n<100K"),
        (999_999, "100K<n<1M"),
        (5_000_000, "1M<n<10M"),
        (10**9, "1B<n<10B"),
        (10**13, "n>1T"),
    ],
)
def test_sizes_as_the_hub_has_them(rows: int, category: str) -> None:
    assert front(made([ROW], MADE, {"train": rows}))["size_categories"] == [category]


def test_how_it_was_made() -> None:
    text = made([ROW], MADE)
    for said in (
        "1,200 rows for instruction tuning, made with selfinstruct: instructions and answers were written by "
        "`llama-3`, `gpt-4o`.",
        "| train | 1,150 |",
        "| `output` | `string` |",
        "| steps | `evolve`, `respond` |",
        "| models | teacher: `llama-3`, judge: `gpt-4o` |",
        "| given | `175 tasks, SHA-256 abc` |",
        "| random seed | `7` |",
        "| tasks kept | 1,200 |\n| tasks rejected | 33 |",
        "```sh\nselfinstruct run recipe.yaml given.jsonl --out again\n```",
        "| rouge-l | 30 |\n| too short | 3 |",
        '"output": "The Rhine flows',
        "## Limits",
    ):
        assert said in text
    assert made([ROW], MADE) == text
    assert "## How it was made" not in made([ROW], About())
    assert 'load_dataset("me/rivers")' in made([ROW], MADE, name="me/rivers")
    assert "\n# rivers\n" in made([ROW], MADE, name="me/rivers")


def test_chinese_data_has_a_chinese_paragraph() -> None:
    assert "**中文说明**：本数据集共 1,200 行，用于指令微调，指令和回答由 `llama-3`、`gpt-4o` 生成" in made(
        [CHINESE], MADE
    )
    assert "中文" not in made([ROW], MADE)


def test_languages() -> None:
    assert languages_of([ROW] * 3) == ("en",)
    assert languages_of([CHINESE]) == ("zh",)
    assert languages_of([CHINESE, CHINESE, ROW]) == ("zh", "en")
    assert languages_of([ROW] * 19 + [CHINESE]) == ("en",), "less than a tenth is an exception"
    assert languages_of([]) == ()
    assert languages_of([{"n": 1}, {"messages": []}]) == ()
    assert languages_of([{"messages": [{"role": "user", "content": CHINESE["output"]}]}]) == ("zh",)


def test_long_texts_are_cut_and_it_is_said() -> None:
    text = made([{"output": "x" * 5000, "turns": list(range(100))}], MADE)
    assert "x" * 500 + "… (5,000 characters)" in text
    assert "… (100 items)" in text
    assert len(text) < 4000


EVIL = [
    "```\n# Owned\n```",
    "````",
    "<script>alert(1)</script>",
    "| a |\n|---|",
    "---\nlicense: mit\n---",
    "![x](http://y)",
]


@pytest.mark.parametrize("text", EVIL)
def test_what_a_model_wrote_is_no_markup(text: str) -> None:
    about = About(models={text: text}, steps=(text,), given=text, version=text, command=text)
    about.rejected[text] = 1
    whole = card("rivers", {"train": 1}, {text: text}, [{text: text, "output": text}], about)
    assert outside_code(whole).count("\n# ") == 1
    assert "<script" not in outside_code(whole)
    assert "![" not in outside_code(whole)
    assert front(whole)["license"] == "unknown"
    assert all(line.count("|") - line.count("\\|") == 3 for line in tables(whole))


def outside_code(text: str) -> str:
    """What Markdown takes for more than code: without fenced blocks and spans in backticks, by CommonMark's rules."""
    kept, fence = [], ""
    for line in text.split("\n"):
        ticks = re.match("`{3,}", line)
        if not fence and ticks:
            fence = ticks[0]
        elif fence and re.fullmatch(f"{fence}`* *", line):
            fence = ""
        elif not fence:
            kept.append(line)
    assert not fence, "every block is closed"
    return re.sub(r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)", "", "\n".join(kept))


def tables(text: str) -> list[str]:
    return [line for line in outside_code(text).split("\n") if line.startswith("|")]


@given(st.text(max_size=30), st.text(st.sampled_from("`|<\n #-\\"), max_size=30))
def test_no_text_leaves_its_place(anything: str, marks: str) -> None:
    for text in (anything, marks):
        whole = card("rivers", {"train": 1}, {"output": "string"}, [{"output": text}], About(given=f"x{text}"))
        sections = [line for line in outside_code(whole).split("\n") if line.startswith("#")]
        assert sections == ["# rivers", "## Rows", "## How it was made", "## Limits"]
        assert front(whole)["size_categories"] == ["n<1K"]


# Of a run


def test_a_run_tells_how_it_was_made(tmp_path: Path) -> None:
    run("self_instruct", num=3, out=tmp_path / "run", seed=5)
    about = about_run(tmp_path / "run")
    assert (about.steps, about.models, about.seed) == (("propose", "classify", "instances"), {"teacher": "builtin"}, 5)
    assert about.tasks == 3
    assert about.command == ("selfinstruct run recipe.yaml given.jsonl --num 3 --model builtin --seed 5 --out again")
    assert about.recipe == (tmp_path / "run" / "recipe.yaml").read_text()
    assert re.fullmatch(r"175 tasks, SHA-256 [0-9a-f]{64}", about.given)


def folder(path: Path, facts: Any, recipe: str = "", rejected: list[dict[str, Any]] | None = None) -> Path:
    path.mkdir()
    (path / "run.json").write_text(json.dumps(facts))
    if recipe:
        (path / "recipe.yaml").write_text(recipe)
    if rejected:
        (path / "rejected.jsonl").write_text("\n".join(map(json.dumps, rejected)))
    return path


def test_nothing_private_is_told(tmp_path: Path) -> None:
    models = {
        "teacher": "local:/home/me/secret/llama",
        "judge": "gguf:C:\\Users\\me\\judge.gguf",
        "c": "/data/me/m",
        "d": "local:models/me/m2",
        "hub": "local:meta/llama",
        "e": "accounts/x/models/y",
    }
    recipe = "seeds: /home/me/seeds.jsonl\nsteps:\n- each: respond\n"
    about = about_run(folder(tmp_path / "run", {"models": models, "api": "completions", "seed": 0}, recipe))
    assert dict(about.models) == {
        "teacher": "local:llama",
        "judge": "gguf:judge.gguf",
        "c": "m",
        "d": "local:m2",
        "hub": "local:meta/llama",
        "e": "accounts/x/models/y",
    }
    assert "/home" not in repr(about)
    assert about.recipe.startswith("seeds: seeds.jsonl\n")
    assert "--model judge=gguf:judge.gguf" in about.command
    assert "--api completions" in about.command
    assert "--num" not in about.command, "of tasks that are given, all are worked on"


def test_imported_data(tmp_path: Path) -> None:
    facts = {"import": {"files": [{"name": "/home/me/alpaca.json", "rows": 2}], "selfinstruct": "0.2", "tasks": 2}}
    lost = [
        {"category": "not usable", "text": "x"},
        {"category": "remark", "text": "y", "what": "remark"},
    ]
    about = about_run(folder(tmp_path / "run", facts, rejected=lost))
    assert about == About(given="alpaca.json", version="0.2", tasks=0, rejected=Counter({"not usable": 1}))
    text = made([ROW], about)
    assert "brought into one shape with selfinstruct." in text
    assert "| from | `alpaca.json` |" in text
    assert "synthetic" not in text


def test_of_any_data(tmp_path: Path) -> None:
    facts = {"models": {"teacher": "llama-3"}, "seed": 0}
    path = folder(tmp_path / "run", facts)
    assert about_data([path], layout="alpaca", license="mit") == replace(
        about_run(path), layout="alpaca", license="mit"
    )
    assert about_data(["/home/me/a.jsonl", "hf://owner/name"]) == About(given="a.jsonl, hf://owner/name")


def test_runs_that_are_broken(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is no run: give the folder"):
        about_run(tmp_path)
    assert about_run(folder(tmp_path / "bare", {})) == About(tasks=0)
    assert about_run(folder(tmp_path / "odd", {"models": 7, "seeds": [], "import": []}, "steps: 3\n")).steps == ()
    with pytest.raises(UsageError, match="is broken"):
        about_run(folder(tmp_path / "torn", []))
