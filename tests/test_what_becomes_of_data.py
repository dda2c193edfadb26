"""What a person's data becomes: rows as people have them, and what `export` makes and says of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from selfinstruct.cli import main

HI = {"role": "user", "content": "Which bird is this?"}
YES = {"role": "assistant", "content": "A heron."}
TALK = [HI, YES]
NO = {"role": "assistant", "content": "A spoon."}
CALL = '<tool_call>\n{"name": "look", "arguments": {"far": true}}\n</tool_call>'
LOOK = {"type": "function", "function": {"name": "look", "parameters": {}}}


def selfinstruct(*args: object) -> Result:
    return CliRunner().invoke(main, [str(arg) for arg in args])


def said(question: str, answer: str, **more: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": question}, {"role": "assistant", "content": answer, **more}]}


BECOMES: dict[str, tuple[dict[str, Any], dict[str, Any] | None, str]] = {
    # What else is asked beside an instruction.
    "a question": (
        {"instruction": "Be brief.", "question": "Which bird?", "answer": "A heron."},
        said("Be brief.\n\nWhich bird?", "A heron."),
        "",
    ),
    "a context and a question": (
        {"instruction": "Use it.", "context": "Herons wade.", "question": "Who wades?", "response": "Herons."},
        said("Use it.\n\nHerons wade.\n\nWho wades?", "Herons."),
        "several inputs (context, question), joined: 1 row",
    ),
    "a context and an input": (
        {"instruction": "Use it.", "input": "Who wades?", "context": "Herons wade.", "output": "Herons."},
        said("Use it.\n\nHerons wade.\n\nWho wades?", "Herons."),
        "joined: 1 row",
    ),
    "the question once more": (
        {"instruction": "Which bird?", "question": "Which bird?", "output": "A heron."},
        said("Which bird?", "A heron."),
        "",
    ),
    # Answers that are called otherwise, and what was thought.
    "content after thoughts": (
        {"input": "Which bird?", "reasoning_content": "Long legs.", "content": "A heron."},
        said("Which bird?", "A heron.", reasoning_content="Long legs."),
        "",
    ),
    "thoughts in a turn of their own": (
        {"messages": [HI, {"role": "reasoning", "content": "Long legs."}, YES]},
        said("Which bird is this?", "A heron.", reasoning_content="Long legs."),
        "",
    ),
    # One object that is a row, and no file of rows.
    "contents of parts": (
        {"contents": [{"role": "user", "parts": [{"text": "Hi"}]}, {"role": "model", "parts": [{"text": "Ho"}]}]},
        said("Hi", "Ho"),
        "",
    ),
    "a task of many instances": (
        {
            "Definition": ["Name it."],
            "Negative Examples": [],
            "Instances": [{"input": "long legs", "output": ["Heron"]}],
        },
        said("Name it.\n\nlong legs", "Heron"),
        "",
    ),
    "options beside a question": (
        {"Question": "Which bird?", "Options": [{"key": "a"}], "Answer": "A heron."},
        said("Which bird?", "A heron."),
        "not used: Options in 1 row",
    ),
    # Texts that are conversations.
    "a text with marks": (
        {"text": "<human>: Which bird?\n<bot>: A heron."},
        said("Which bird?", "A heron."),
        "read by the marks of their speakers: 1 row",
    ),
    "a text of Alpaca's template": (
        {"text": "Below is an instruction that describes a task.\n\n### Instruction:\nCount.\n\n### Response:\n1, 2"},
        said("Count.", "1, 2"),
        "read by the marks of their speakers: 1 row",
    ),
    "a text of ChatML": (
        {"text": "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nHo<|im_end|>", "source": "us"},
        said("Hi", "Ho"),
        "not used: source in 1 row",
    ),
    "a history of one short pair": (
        {"instruction": "And then?", "output": "c", "history": [["a", "b"]]},
        {
            "messages": [
                {"role": "user", "content": "a"},
                {"role": "assistant", "content": "b"},
                *said("And then?", "c")["messages"],
            ]
        },
        "",
    ),
    # Calls and tools.
    "calls in tags": (
        {"conversations": [{"from": "human", "value": "Look!"}, {"from": "gpt", "value": CALL}], "tools": [LOOK]},
        {
            "messages": [
                {"role": "user", "content": "Look!"},
                {
                    "role": "assistant",
                    "content": "",
                    "tool_calls": [{"type": "function", "function": {"name": "look", "arguments": {"far": True}}}],
                },
            ],
            "tools": [LOOK],
        },
        "",
    ),
    "calls in tags, where there are no tools": (
        {"messages": [HI, {"role": "assistant", "content": CALL}]},
        said("Which bird is this?", CALL),
        "",
    ),
    "tools that are names": (
        {"instruction": "Build it.", "tools": ["saw", "glue"], "output": "Done."},
        said("Build it.", "Done."),
        "not used: tools_ in 1 row",
    ),
    # Marks.
    "should_train": (
        {"messages": [HI, NO | {"should_train": False}, *TALK]},
        {"messages": [HI, NO | {"weight": 0}, *TALK]},
        "",
    ),
    # What gives no row.
    "steps that are judged": (
        {"prompt": "Add.", "completions": ["First", "then"], "labels": [True, False]},
        None,
        "labels judge every step of completions",
    ),
    "an answer that is judged": (
        {"prompt": "Add.", "completion": "Two", "label": False},
        None,
        "left out of messages (an answer that is judged, which kto holds): 1 row",
    ),
    "no answer": ({"instruction": "Add."}, None, "left out of messages (no answer): 1 row"),
}


@pytest.mark.parametrize("name", BECOMES)
def test_a_row(name: str, tmp_path: Path) -> None:
    """Alone in its file, as an example, and one of two."""
    row, wanted, words = BECOMES[name]
    (tmp_path / "one.json").write_text(json.dumps(row, indent=1))
    (tmp_path / "two.jsonl").write_text(json.dumps(row) + "\n" + json.dumps(row) + "\n")
    for file, many in (("one.json", 1), ("two.jsonl", 2)):
        done = selfinstruct("export", tmp_path / file, "--to", "messages")
        assert [json.loads(line) for line in done.stdout.splitlines()] == [wanted] * (many if wanted else 0)
        assert words.replace("1 row", f"{many} row{'s' * (many > 1)}") in done.stderr
        assert bool(done.stderr) == bool(words) or "instances" in row or "Instances" in row
        assert done.exit_code == (0 if wanted else 2)


def test_the_chosen_answers_are_learned_as_the_note_says(tmp_path: Path) -> None:
    rows = [
        {"chosen": TALK, "rejected": [HI, NO]},
        {"prompt": HI["content"], "chosen": TALK, "rejected": [HI, NO]},
        {"prompt": HI["content"], "chosen": "A heron.", "rejected": "A spoon."},
        {"chosen_messages": TALK, "rejected_messages": [HI, NO]},
    ]
    file = tmp_path / "pairs.jsonl"
    for row, column in zip(rows, ("chosen", "chosen", "chosen", "chosen_messages"), strict=True):
        file.write_text(json.dumps(row))
        compared = selfinstruct("export", file, "--to", "preference")
        assert json.loads(compared.stdout) == {"prompt": [HI], "chosen": [YES], "rejected": [NO]}
        assert "--columns output=chosen" in selfinstruct("export", file).stderr
        learned = selfinstruct("export", file, "--to", "messages", "--columns", f"output={column}")
        assert json.loads(learned.stdout) == {"messages": TALK}


def test_columns_deeper_in_a_row(tmp_path: Path) -> None:
    file = tmp_path / "deep.jsonl"
    row = json.dumps({"q": {"text": "Which bird?", "by": "Ann"}, "a": "A heron."})
    file.write_text(f"{row}\n{row}\n")
    done = selfinstruct("export", file, "--columns", "instruction=q.text,output=a")
    for line in done.stdout.splitlines():
        assert json.loads(line) == {"instruction": "Which bird?", "input": "", "output": "A heron."}
    assert done.stderr == "selfinstruct: not used: q in 2 rows\n"
    missing = selfinstruct("export", file, "--columns", "instruction=q.words,output=a")
    assert missing.exit_code == 2
    assert "no column 'q.words' to be the instruction: the row has q, a" in missing.stderr


@pytest.mark.parametrize("written", [repr(TALK), str(TALK).replace("}, {", "}\n {"), json.dumps(TALK)])
def test_cells_as_pandas_and_numpy_write_them(written: str, tmp_path: Path) -> None:
    quoted = written.replace('"', '""')
    (tmp_path / "talks.csv").write_text(f'id,messages\n1,"{quoted}"\n')
    assert json.loads(selfinstruct("export", tmp_path / "talks.csv", "--to", "messages").stdout) == {"messages": TALK}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "has no rows: is it all there?"),
        ("[]", "has no rows: is it all there?"),
        ("{oops\n{oops\n", "gives no row of alpaca: of 2 read, all are left out"),
        ('{"instruction": "Add."}\n', "gives no row of alpaca: of 1 read, all are left out"),
    ],
)
def test_no_rows_are_an_error(content: str, words: str, tmp_path: Path) -> None:
    """Nothing is written; --force writes a file without rows."""
    (tmp_path / "in.jsonl").write_text(content)
    command = ["export", tmp_path / "in.jsonl", "--on-error", "skip", "--out", tmp_path / "out.jsonl"]
    done = selfinstruct(*command)
    assert (done.exit_code, words in done.stderr) == (2, True), done.stderr
    assert not (tmp_path / "out.jsonl").exists()
    assert selfinstruct(*command, "--force").exit_code == 0
    assert (tmp_path / "out.jsonl").read_bytes() == b""


def test_a_broken_row_is_kept_alone(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text(
        '{"instruction": "Add.", "output": "2"}\n{oops\n{"instruction": "A", "output": "b"}\n'
    )
    done = selfinstruct("export", tmp_path / "in.jsonl", "--on-error", "skip", "--out", tmp_path / "out.jsonl")
    assert f"what was left out, with the reasons: {tmp_path / 'out.bad.jsonl'}" in done.stderr
    (bad,) = map(json.loads, (tmp_path / "out.bad.jsonl").read_text().splitlines())
    assert bad["text"] == "{oops"
    assert bad["where"].endswith("in.jsonl, line 2")
