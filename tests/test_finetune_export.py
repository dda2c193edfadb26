"""Exported prompts are training prompts: laid out for another trainer, a row has the same tokens as in ours."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from chats import TOKENIZERS, tokenizer_of
from click.testing import CliRunner

from selfinstruct.cli import main
from selfinstruct.finetune.rows.conversations import encode, read_conversations
from selfinstruct.finetune.rows.templates import find_template

ROWS = [
    {"instruction": "Sort the numbers.", "input": "3, 1, 2", "output": "1, 2, 3"},
    {"instruction": "Name a river.", "input": "", "output": "The Nile.\n\nIt is long."},
    {"instruction": "把句子改成反问句。", "input": "这件事不能怪他。", "output": "这件事怎么能怪他呢？"},
]


def export(data: Path, *options: str) -> list[dict[str, str]]:
    done = CliRunner().invoke(main, ["export", str(data), *options])
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("template", ["alpaca", "chat", "plain"])
@pytest.mark.parametrize("kind", TOKENIZERS)
def test_an_exported_prompt_has_the_tokens_of_training(template: str, kind: str, tmp_path: Path) -> None:
    data, laid_out = tmp_path / "data.jsonl", tmp_path / "rows.jsonl"
    data.write_text("\n".join(map(json.dumps, ROWS)))
    rows = export(data, "--to", "completion", "--template", template)
    assert all(list(row) == ["prompt", "completion"] for row in rows)
    laid_out.write_text("\n".join(map(json.dumps, rows)))
    tokenizer = tokenizer_of(kind)
    ours, theirs = (
        [encode(conversation, find_template(name, tokenizer), tokenizer) for conversation in read_conversations([path])]
        for name, path in ((template, str(data)), ("completion", str(laid_out)))
    )
    assert [row[1:] for row in ours] == [row[1:] for row in theirs]


def test_conversations_are_left_out_and_said_so(tmp_path: Path) -> None:
    talk = [{"role": role, "content": text} for role, text in (("user", "Hi"), ("assistant", "Yes?")) * 2]
    (tmp_path / "talk.jsonl").write_text(json.dumps({"messages": talk}))
    done = CliRunner().invoke(
        main, ["export", str(tmp_path / "talk.jsonl"), "--to", "completion", "--template", "chat"]
    )
    assert done.stdout == ""
    assert "left out of completion (a conversation of several rounds" in done.stderr


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--template", "alpaca"], "--template lays out prompts, which alpaca has none of: use --to completion"),
        (["--to", "completion", "--template", "klingon"], "klingon"),
        (["--gguf", "f16", "--to", "alpaca"], "--gguf is for one model"),
        (["--on", "held-out.jsonl"], "--on is for --gguf"),
    ],
)
def test_what_does_not_go_together(options: list[str], words: str, tmp_path: Path) -> None:
    (tmp_path / "data.jsonl").write_text(json.dumps(ROWS[0]))
    done = CliRunner().invoke(main, ["export", str(tmp_path / "data.jsonl"), *options])
    assert done.exit_code == 2
    assert words in done.output
    assert len(done.output.splitlines()) == 1
