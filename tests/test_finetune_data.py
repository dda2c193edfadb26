"""Data for training: any file becomes conversations, and conversations become rows with the right labels."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from chats import HUB, TOKENIZERS, tokenizer_of
from hypothesis import given, settings
from hypothesis import strategies as st

from selfinstruct.errors import UsageError
from selfinstruct.finetune.rows.conversations import (
    MASKED,
    Conversation,
    data_hash,
    encode,
    encode_pair,
    has_rounds,
    read_conversations,
)
from selfinstruct.finetune.rows.holding_out import split
from selfinstruct.finetune.rows.rounds import endings, pieces
from selfinstruct.finetune.rows.templates import encoded, find_template, prompt_segments, segments
from selfinstruct.rows.formats.formats import rows_of
from selfinstruct.rows.reading import read_tasks
from selfinstruct.rows.writing.writing import write_rows
from selfinstruct.task import Instance, Message, Task

Turns = tuple[dict[str, str], ...]


def user(text: str, given: str = "") -> dict[str, str]:
    return {"role": "user", "content": text} | ({"input": given} if given else {})


def assistant(text: str) -> dict[str, str]:
    return {"role": "assistant", "content": text}


SYSTEM = {"role": "system", "content": "Be brief."}
TALK = (user("Hi."), assistant("Hello!"), user("Add 1 and 2."), assistant("3"))


# Reading


def file_of(tmp_path: Path, name: str, rows: list[dict[str, Any]]) -> str:
    write_rows(tmp_path / name, rows)
    return str(tmp_path / name)


SHAREGPT = [{"id": "x", "conversations": [{"from": "human", "value": "Hi."}, {"from": "gpt", "value": "Hello!"}]}]
OURS = [{"id": "x", "conversations": [{"from": "user", "value": "Hi."}, {"from": "assistant", "value": "Hello!"}]}]
MESSAGES = [{"id": "x", "messages": [{"role": "user", "content": "Hi."}, {"role": "assistant", "content": "Hello!"}]}]
PAIRS = [{"id": "x", "prompt": "Hi.", "completion": "Hello!"}]
ALPACA = [{"id": "x", "instruction": "Hi.", "input": "", "output": "Hello!"}]


@pytest.mark.parametrize("rows", [SHAREGPT, OURS, MESSAGES, PAIRS, ALPACA])
@pytest.mark.parametrize("name", ["rows.jsonl", "rows.json", "rows.parquet", "rows"])
def test_every_layout_in_every_file(tmp_path: Path, rows: list[dict[str, Any]], name: str) -> None:
    expected = [Conversation("x", (user("Hi."), assistant("Hello!")))]
    assert read_conversations([file_of(tmp_path, name, rows)]) == expected


@pytest.mark.parametrize("rows", [PAIRS, ALPACA])
def test_csv(tmp_path: Path, rows: list[dict[str, Any]]) -> None:
    assert read_conversations([file_of(tmp_path, "rows.csv", rows)])[0].turns == (user("Hi."), assistant("Hello!"))


def test_a_run_folder(tmp_path: Path) -> None:
    turns = (Message(role="user", content="你好"), Message(role="assistant", content="您好！"))
    tasks = [
        Task("one", "Add.", (Instance("1 2", "3"),)),
        Task("two", "Sing.", (Instance("", "La"), Instance("Key: C", "Do"))),
        Task("talk", "你好", turns=turns),
        Task("bare", "Wait."),
    ]
    write_rows(tmp_path / "tasks.jsonl", rows_of(tasks, "seed"))
    assert read_conversations([str(tmp_path)]) == [
        Conversation("one", (user("Add.", "1 2"), assistant("3"))),
        Conversation("two/0", (user("Sing."), assistant("La"))),
        Conversation("two/1", (user("Sing.", "Key: C"), assistant("Do"))),
        Conversation("talk", (user("你好"), assistant("您好！"))),
        Conversation("bare", (user("Wait."),)),
    ]


def test_several_files_in_order(tmp_path: Path) -> None:
    paths = [file_of(tmp_path, "a.jsonl", ALPACA), file_of(tmp_path, "b.json", SHAREGPT)]
    assert [found.turns[1]["content"] for found in read_conversations(paths)] == ["Hello!", "Hello!"]


@pytest.mark.parametrize("form", ["alpaca", "messages", "sharegpt", "seed"])
def test_our_exports_teach_the_same(tmp_path: Path, form: str) -> None:
    """Whatever a run is exported as, a template without a place for the input makes the same rows of it."""
    tasks = [Task("one", "Add.", (Instance("1 2", "3"),)), Task("two", "Sing.", (Instance("", "La"),))]
    path = file_of(tmp_path, "rows.jsonl", list(rows_of(tasks, form)))
    tokenizer = tokenizer_of("gpt2")
    template = find_template("chat", tokenizer)
    found = [encode(talk, template, tokenizer).ids for talk in read_conversations([path])]
    assert [tokenizer.decode(ids) for ids in found] == [
        "</s>User: Add.\n\n1 2\nAssistant: 3</s>",
        "</s>User: Sing.\nAssistant: La</s>",
    ]


def test_prompts_that_are_laid_out_already(tmp_path: Path) -> None:
    """`export --to completion` puts the blank before the answer itself; the template completion adds nothing."""
    task = Task("task", "Add.", (Instance("1 2", "3"),))
    (row,) = rows_of([task], "completion")
    (talk,) = read_conversations([file_of(tmp_path, "rows.jsonl", [row])])
    tokenizer = tokenizer_of("llama3")
    found = encode(talk, find_template("completion", tokenizer), tokenizer)
    assert tokenizer.decode(found.ids) == f"<s>{row['prompt']}{row['completion']}</s>"


def test_bad_data(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing to train on: give --data"):
        read_conversations([])
    with pytest.raises(UsageError, match="no such file"):
        read_conversations([str(tmp_path / "none.jsonl")])
    with pytest.raises(UsageError, match="is a folder without tasks"):
        read_conversations([str(tmp_path)])
    (tmp_path / "odd.jsonl").write_text('{"text": "once upon a time"}\n')
    with pytest.raises(UsageError, match="line 1: no instruction"):
        read_conversations([str(tmp_path / "odd.jsonl")])
    row = {"id": "x", "instruction": "a", "turns": [{"role": "narrator", "content": "1"}]}
    (tmp_path / "turns.jsonl").write_text(json.dumps(row))
    with pytest.raises(UsageError, match=r"narrator.*; there are .*, assistant, .*tool"):
        read_conversations([str(tmp_path / "turns.jsonl")])


def test_the_hash_is_of_what_is_said() -> None:
    base = [Conversation("a", TALK), Conversation("b", (user("1"), assistant("2")))]
    assert data_hash(base) == data_hash([Conversation("other", TALK), base[1]])
    shuffled = ({"content": "Hi.", "role": "user"}, *TALK[1:])
    assert data_hash(base) == data_hash([Conversation("a", shuffled), base[1]])
    others = [base[::-1], base[:1], [*base, base[0]], [base[0], Conversation("b", (user("1", "x"), assistant("2")))]]
    assert len({data_hash(other) for other in [base, *others]}) == 5
    assert len(data_hash([Conversation("a", (user("\ud800 is half a character"),))])) == 64


def test_has_rounds() -> None:
    assert not has_rounds([Conversation("a", (user("1"), assistant("2"))), Conversation("b", (user("1"),))])
    assert has_rounds([Conversation("a", (user("1"), assistant("2"))), Conversation("b", TALK)])
    assert has_rounds([Conversation("a", (SYSTEM, user("1")))])


# Rows


@pytest.mark.parametrize("kind", TOKENIZERS)
def test_labels_are_the_tokens_of_answers(kind: str) -> None:
    tokenizer = tokenizer_of(kind)
    template = find_template("chat", tokenizer)
    row = encode(Conversation("talk", TALK), template, tokenizer)
    ids, trained = encoded(segments(template, TALK, tokenizer), tokenizer)
    assert row == ("talk", ids, [id if learned else MASKED for id, learned in zip(ids, trained, strict=True)])
    learned = [id for id in row.labels if id != MASKED]
    assert str(tokenizer.decode(learned)).replace("</s>", "|").split() == ["Hello!|", "3|"]


def test_a_row_ends_with_its_last_answer() -> None:
    """What follows the end token, and a question that nobody answers, cost tokens and teach nothing."""
    for name in HUB:
        tokenizer = tokenizer_of("llama3", HUB[name])
        template = find_template("own", tokenizer)
        row = encode(Conversation("talk", TALK), template, tokenizer)
        assert row.labels[-1] == tokenizer.convert_tokens_to_ids(template.end)
        assert encode(Conversation("talk", (*TALK, user("Bye."))), template, tokenizer) == row
        only = encode(Conversation("asked", (user("Hi."),)), template, tokenizer)
        assert set(only.labels) == {MASKED}
        assert len(only.ids) == len(only.labels) > 1


def test_a_mistake_names_the_row() -> None:
    source = HUB["mistral"].replace("(message.role == 'user')", "(message.role == 'user' and message.content != 'Bad')")
    tokenizer = tokenizer_of("llama3", source)
    template = find_template("own", tokenizer)
    with pytest.raises(
        UsageError, match="row 'seventh': the template 'own' cannot lay out this conversation: Roles must"
    ):
        encode(Conversation("seventh", (user("Bad"), assistant("x"))), template, tokenizer)


# Pairs


def test_pairs() -> None:
    tokenizer = tokenizer_of("t5")
    template = find_template("alpaca", tokenizer)
    pair = encode_pair(Conversation("a", (user("Sort the list:", "3, 1"), assistant("1, 3"))), template, tokenizer)
    text = "### Instruction:\nSort the list:\n\n### Input:\n3, 1\n\n### Response:"
    assert pair.ids == tokenizer(text)["input_ids"]
    assert pair.labels == tokenizer("1, 3")["input_ids"]
    assert pair.ids[-1] == pair.labels[-1] == tokenizer.eos_token_id
    assert MASKED not in pair.labels
    empty = encode_pair(Conversation("a", (user("Sing."), assistant(""))), template, tokenizer)
    assert empty.labels == [tokenizer.eos_token_id]


def test_pairs_end_where_the_tokenizer_puts_no_end() -> None:
    tokenizer = tokenizer_of("bytes+bos")
    pair = encode_pair(Conversation("a", (user("Hi"), assistant("Yes"))), find_template("chat", tokenizer), tokenizer)
    assert tokenizer.decode(pair.labels) == "<s>Yes</s>"
    assert tokenizer.decode(pair.ids) == "<s>User: Hi\nAssistant:"


def test_every_answer_can_have_its_pair() -> None:
    tokenizer = tokenizer_of("t5")
    template = find_template("chat", tokenizer)
    parts = endings(Conversation("a", (assistant("Welcome!"), SYSTEM, *TALK, user("Bye."))))
    pairs = [encode_pair(part, template, tokenizer) for part in parts]
    assert [tokenizer.decode(pair.labels) for pair in pairs] == ["Hello!</s>", "3</s>"]
    assert [part.id for part in parts] == ["a/4", "a/6"]
    with pytest.raises(UsageError, match="row 'a' does not end with an answer"):
        encode_pair(Conversation("a", (user("Hi"),)), template, tokenizer)


# Pieces


def cut(talk: Conversation, template: Any, tokenizer: Any, length: int) -> list[Conversation]:
    return [part.conversation for part in pieces(talk, template, tokenizer, length)]


def test_a_long_conversation_is_cut_before_questions() -> None:
    tokenizer = tokenizer_of("llama3")
    template = find_template("chat", tokenizer)
    rounds = [(user(f"Question {n}?"), assistant("word " * 5 * n)) for n in range(1, 6)]
    talk = Conversation("long", (SYSTEM, *(turn for one in rounds for turn in one)))

    def length(turns: Turns) -> int:
        return len(encode(Conversation("", turns), template, tokenizer).ids)

    whole = length(talk.turns)
    assert cut(talk, template, tokenizer, whole) == [talk]
    parts = cut(talk, template, tokenizer, whole - 1)
    assert [part.id for part in parts] == ["long#1", "long#2"]
    assert parts[0].turns + parts[1].turns[1:] == talk.turns
    for size in range(10, whole, 7):
        parts = cut(talk, template, tokenizer, size)
        assert all(part.turns[:2] == (SYSTEM, part.turns[1]) and part.turns[1]["role"] == "user" for part in parts)
        assert sum((part.turns[1:] for part in parts), ()) == talk.turns[1:]
        for part, following in pairwise(parts):
            assert length(part.turns) <= size or len(part.turns) == 3
            assert length(part.turns + following.turns[1:3]) > size, "as few pieces as fit"


def test_a_single_round_is_never_cut() -> None:
    tokenizer = tokenizer_of("gpt2")
    template = find_template("chat", tokenizer)
    one = Conversation("one", (user("Hi"), assistant("word " * 50)))
    assert cut(one, template, tokenizer, 5) == [one]
    odd = Conversation("odd", (assistant("Hello!"), user("A"), user("B"), assistant("C"), user("D")))
    assert [part.turns for part in cut(odd, template, tokenizer, 5)] == [
        odd.turns[:1],
        odd.turns[1:4],
        odd.turns[4:],
    ]


# Holding out


@settings(deadline=None)
@given(number=st.integers(1, 60), share=st.integers(0, 59), seed=st.integers(0, 9))
def test_split(number: int, share: int, seed: int) -> None:
    talks = [Conversation(str(n), (user(f"{n}"), assistant("x"))) for n in range(number)]
    if share >= number:
        with pytest.raises(UsageError, match="is too many"):
            split(talks, max(share, 1), seed)
        return
    kept, held_out = split(talks, share, seed)
    assert len(held_out) == share
    assert sorted(kept + held_out) == sorted(talks)
    assert [kept, held_out] == [sorted(part, key=lambda talk: int(talk.id)) for part in (kept, held_out)]
    assert (kept, held_out) == split(talks, share, seed)


def test_another_seed_holds_out_others() -> None:
    talks = [Conversation(str(n), (user(f"{n}"), assistant("x"))) for n in range(100)]
    assert split(talks, 10, 0)[1] != split(talks, 10, 1)[1]


def test_nothing_held_out_is_trained_on() -> None:
    talks = [Conversation(str(n), (user(f"{n // 2 if n < 90 else n}"), assistant("x"))) for n in range(100)]
    kept, held_out = split(talks, 10, 3)
    assert not {talk.turns[0]["content"] for talk in kept} & {talk.turns[0]["content"] for talk in held_out}
    said = "validation=11 is too many: of 100 rows 10 are there only once, .*: --validation 1$"
    with pytest.raises(UsageError, match=said):
        split(talks, 11, 3)
    with pytest.raises(UsageError, match=r"validation=0.5, 50 rows, is too many"):
        split(talks, 0.5, 3)


@pytest.mark.parametrize(("rows", "share", "count"), [(408, 0.04, 16), (2000, 0.0385, 77), (10, 0.04, 0), (1, 0.9, 1)])
def test_a_share_is_held_out(rows: int, share: float, count: int) -> None:
    talks = [Conversation(str(n), (user(f"{n}"), assistant("x"))) for n in range(rows)]
    if count == rows:
        with pytest.raises(UsageError, match=r"--validation 0$"):
            split(talks, share, 0)
    else:
        assert len(split(talks, share, 0)[1]) == count


def test_chat_asks_what_was_trained_on_in_every_round() -> None:
    """The whole way: a file, a row, and the prompts that a chat about it would send."""
    tasks = read_tasks(Path(__file__).parent.parent / "seeds" / "seed_tasks_zh.jsonl")[:20]
    tokenizer = tokenizer_of("llama3", HUB["headers"])
    for name in ("alpaca", "chat", "plain", "own"):
        template = find_template(name, tokenizer)
        for task in tasks:
            turns = (user(task.instruction, task.instances[0].input), assistant(task.instances[0].output))
            row = encode(Conversation(task.id, turns), template, tokenizer)
            prompt, _ = encoded(prompt_segments(template, turns[:1], tokenizer), tokenizer)
            assert row.ids[: len(prompt)] == prompt
            assert set(row.labels[: len(prompt)]) == {MASKED}
            assert MASKED not in row.labels[len(prompt) :]
