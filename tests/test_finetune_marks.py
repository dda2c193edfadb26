"""What a row marks as not to be learned is context: read, and never learned, whatever the template and the model."""

from __future__ import annotations

import json
from collections import Counter
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any

import pytest
import torch
from chats import HUB, TOKENIZERS, tokenizer_of
from hypothesis import given, settings
from hypothesis import strategies as st
from training import rows_file, settings_for, trained

from selfinstruct.errors import UsageError
from selfinstruct.finetune.models.tiny import tiny_model, tiny_tokenizer
from selfinstruct.finetune.rows.batches import Item, items_of, packed, tensors
from selfinstruct.finetune.rows.conversations import (
    MASKED,
    Conversation,
    Row,
    data_hash,
    encode,
    encode_pair,
    laid_out,
    read_conversations,
)
from selfinstruct.finetune.rows.examine import examine
from selfinstruct.finetune.rows.holding_out import held_out, split
from selfinstruct.finetune.rows.laying import lay_out
from selfinstruct.finetune.rows.rounds import endings, pieces
from selfinstruct.finetune.rows.shown import show_mask
from selfinstruct.finetune.rows.template_files import TEMPLATES
from selfinstruct.finetune.rows.templates import Rewritten, Template, find_template
from selfinstruct.finetune.rows.turns import Turn, answers
from selfinstruct.finetune.settings import Settings
from selfinstruct.finetune.train import make, read
from selfinstruct.rows.notes import Notes
from selfinstruct.task import Instance, Judged, Message, Task, json_line, task_to_row


def user(text: str) -> Turn:
    return {"role": "user", "content": text}


def said(text: str, *, learned: bool = True) -> Turn:
    return {"role": "assistant", "content": text} | ({} if learned else {"learned": False})


def talk(*marks: bool, id: str = "talk") -> Conversation:
    """A round for each mark: whether its answer is learned."""
    rounds = ((user(f"Question {n}?"), said(f"Answer {n}.", learned=mark)) for n, mark in enumerate(marks))
    return Conversation(id, tuple(turn for one in rounds for turn in one))


def found(kind: str, name: str) -> tuple[Template, Any]:
    tokenizer = tokenizer_of(kind, HUB.get(name))
    return find_template(name if name in TEMPLATES else "own", tokenizer), tokenizer


def runs(row: Row, end: int) -> list[list[int]]:
    """The learned answers of a row, one after another."""
    parts: list[list[int]] = [[]]
    for label in row.labels:
        if label != MASKED:
            parts[-1].append(label)
        if label == end:
            parts.append([])
    return parts[:-1]


def written(path: Path, *rows: Task | dict[str, Any]) -> str:
    path.write_bytes(b"".join(json_line(task_to_row(row) if isinstance(row, Task) else row) for row in rows))
    return str(path)


# Labels

CASES = [
    (kind, name) for kind in TOKENIZERS for name in (*TEMPLATES, *HUB) if name != "inst" or kind not in ("qwen", "t5")
]
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="<"), max_size=20)


@settings(deadline=None, max_examples=200)
@given(
    rounds=st.lists(st.tuples(texts, texts, st.booleans()), min_size=1, max_size=5),
    case=st.sampled_from([(kind, name) for kind, name in CASES if name not in ("inst", "completion")]),
)
def test_labels_are_the_tokens_of_learned_answers(rounds: list[tuple[str, str, bool]], case: tuple[str, str]) -> None:
    template, tokenizer = found(*case)
    marked = tuple(turn for asks, says, learned in rounds for turn in (user(asks), said(says, learned=learned)))
    plain = tuple({name: turn[name] for name in ("role", "content")} for turn in marked)
    try:
        row = encode(Conversation("a", marked), template, tokenizer)
        whole = encode(Conversation("a", plain), template, tokenizer)
    except Rewritten:  # a text like "\n" after a new line of the template: its rows are apart
        return
    end = tokenizer.convert_tokens_to_ids(template.end)
    marks = [learned for *_, learned in rounds]
    assert runs(row, end) == [answer for answer, learned in zip(runs(whole, end), marks, strict=True) if learned]
    assert row.ids == whole.ids[: len(row.ids)], "a mark changes labels, and never tokens"
    assert all(label in (MASKED, id) for label, id in zip(row.labels, row.ids, strict=True))
    assert all(marks) == (row == whole)


@pytest.mark.parametrize(("kind", "name"), CASES)
def test_every_template_masks_what_is_not_to_be_learned(kind: str, name: str) -> None:
    template, tokenizer = found(kind, name)
    marked, whole = talk(False, True, False, True, False), talk(True, True, True, True, True)
    row, all_of_it = encode(marked, template, tokenizer), encode(whole, template, tokenizer)
    end = tokenizer.convert_tokens_to_ids(template.end)
    assert runs(row, end) == runs(all_of_it, end)[1:4:2]
    assert row.ids == all_of_it.ids[: len(row.ids)]
    assert row.labels[-1] == end, "nothing is learned of what follows the last learned answer"
    found_of = examine([marked], [row], template, tokenizer, 512)
    assert (len(found_of.rows), found_of.trained) == (1, sum(label != MASKED for label in row.labels))
    mask = show_mask(row, tokenizer).plain
    if kind != "t5":
        assert mask.count("⟦") == mask.count("⟧") == 2
        learned = [part.partition("⟧")[0] for part in mask.split("⟦")[1:]]
        assert [text.replace(template.end, "").strip() for text in learned] == ["Answer 1.", "Answer 3."]


def test_marked_as_learned_is_as_unmarked() -> None:
    template, tokenizer = found("llama3", "headers")
    turns = tuple(turn | {"learned": True} for turn in talk(True, True).turns)
    assert encode(Conversation("talk", turns), template, tokenizer) == encode(talk(True, True), template, tokenizer)


def test_an_answer_joined_to_one_that_is_not_to_be_learned_is_context() -> None:
    template, tokenizer = found("llama3", "chat")
    mixed = Conversation("m", (user("A?"), said("one"), said("two", learned=False), user("B?"), said("three")))
    assert [answer.learned for answer in answers(mixed.turns)] == [False, True]
    notes = Notes()
    laid = lay_out([mixed], template, tokenizer, 512, notes)
    assert show_mask(laid.rows[0], tokenizer).plain.count("⟦") == 1
    assert notes.lines() == ["answers next to one that is not to be learned are not learned either: 1 row"]


def test_what_is_said_before_the_first_question_is_named() -> None:
    template, tokenizer = found("llama3", "chat")
    notes = Notes()
    laid = lay_out([Conversation("g", (said("Welcome!"), *talk(True).turns))], template, tokenizer, 512, notes)
    assert laid.rows[0].ids == encode(talk(True), template, tokenizer).ids
    assert notes.lines() == ["what is said before the first question is left out: 1 row"]


# The loss


@settings(deadline=None, max_examples=15)
@given(marks=st.lists(st.booleans(), min_size=2, max_size=4).filter(any))
def test_what_is_not_learned_has_no_part_in_the_loss(marks: list[bool]) -> None:
    """The loss is the mean over the learned tokens alone, and no other place of the model's output has a gradient."""
    model, items = tiny(talk(*marks))
    batch = tensors(items, 0)
    logits = model(input_ids=batch["input_ids"]).logits.detach().requires_grad_()
    targets = batch["labels"][:, 1:]
    loss = torch.nn.functional.cross_entropy(logits[:, :-1].flatten(0, 1), targets.flatten())
    (gradient,) = torch.autograd.grad(loss, logits)
    moved = gradient[:, :-1].abs().sum(-1) > 0
    assert torch.equal(moved, targets != MASKED)
    assert len(batch["learned"]) == sum(item.trained for item in items)


def test_the_mark_of_the_last_answer_changes_labels_alone() -> None:
    """Whatever comes after the last learned answer was cut off, it gives the loss that it gives beside it."""
    model, (short, whole) = tiny(talk(True, False), talk(True, True))
    assert whole.ids[: len(short.ids)] == short.ids
    masked = Item(whole.ids, [*short.labels, *[MASKED] * (len(whole.ids) - len(short.ids))], whole.lengths)
    one, other = (
        model(input_ids=batch["input_ids"], labels=batch["labels"]).loss
        for batch in (tensors([short], 0), tensors([masked], 0))
    )
    assert torch.allclose(one, other, atol=1e-6)


def test_packed_is_as_unpacked() -> None:
    talks = [talk(False, True), talk(True, False, True), talk(True)]
    model, items = tiny(*talks)
    (together,) = packed(items, 512)
    assert together.trained == sum(item.trained for item in items)
    assert Counter(together.labels) == Counter(label for item in items for label in item.labels)

    def total(given: list[Item]) -> torch.Tensor:
        batch = tensors(given, 0)
        given_to = {name: batch[name] for name in ("input_ids", "position_ids") if name in batch}
        logits = model(**given_to, use_cache=False).logits  # with a cache, documents are not told apart
        loss = torch.nn.functional.cross_entropy(
            logits[:, :-1].flatten(0, 1), batch["labels"][:, 1:].flatten(), reduction="sum"
        )
        return torch.as_tensor(loss)

    assert torch.allclose(total([together]), sum((total([item]) for item in items), torch.zeros(())), rtol=1e-4)


def tiny(*talks: Conversation) -> tuple[Any, list[Item]]:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    tokenizer = tiny_tokenizer([turn["content"] for one in talks for turn in one.turns], 300)
    template = find_template("chat", tokenizer)
    model: Any = tiny_model(
        tokenizer, Settings(base="tiny", method="full", layers=2, width=32, heads=2, max_length=512)
    )
    return model.eval(), items_of(encode(one, template, tokenizer) for one in talks)


# Pairs, pieces


def test_no_pair_ends_in_an_answer_that_is_not_to_be_learned() -> None:
    tokenizer = tokenizer_of("t5")
    template = find_template("chat", tokenizer)
    marked = talk(False, True, False, True)
    pairs = [encode_pair(part, template, tokenizer) for part in endings(marked)]
    assert [tokenizer.decode(pair.labels) for pair in pairs] == ["Answer 1.</s>", "Answer 3.</s>"]
    assert [pair.id for pair in pairs] == ["talk/4", "talk/8"]
    with pytest.raises(UsageError, match="row 'talk' ends with an answer that is not to be learned"):
        encode_pair(talk(True, False), template, tokenizer)
    laid = lay_out(
        [marked, talk(False, id="no"), Conversation("q", (user("?"),))], template, tokenizer, 9, Notes(), pairs=True
    )
    assert [row.id for row in laid.rows] == ["talk/4", "talk/8"]
    assert laid.left_out == {"without an answer to learn: left out": 1, "without an answer: left out": 1}


@settings(deadline=None, max_examples=50)
@given(marks=st.lists(st.booleans(), min_size=2, max_size=8), size=st.integers(10, 120))
def test_pieces_learn_what_the_whole_does(marks: list[bool], size: int) -> None:
    template, tokenizer = found("llama3", "chat")
    end = tokenizer.eos_token_id
    parts = [part.conversation for part in pieces(talk(*marks), template, tokenizer, size)]
    if any(marks):
        learned = [answer for part in parts for answer in runs(encode(part, template, tokenizer), end)]
        assert learned == runs(encode(talk(*marks), template, tokenizer), end)
        assert all(any(answer.learned for answer in answers(part.turns)) for part in parts)


# The check


def test_rows_without_an_answer_to_learn_are_left_out() -> None:
    template, tokenizer = found("llama3", "chat")
    talks = [talk(True, id="a"), talk(False, False, id="b"), Conversation("c", (user("Anybody?"),))]
    rows = [encode(one, template, tokenizer) for one in talks]
    findings = examine(talks, rows, template, tokenizer, 512)
    assert [row.id for row in findings.rows] == ["a"]
    assert findings.problems == ["1 row without an answer: left out", "1 row without an answer to learn: left out"]
    laid = lay_out(talks, template, tokenizer, 512, Notes())
    again = examine(laid.parts, laid.rows, template, tokenizer, 512, left_out=laid.left_out)
    assert (again.problems, again.total, again.rows) == (findings.problems, 3, findings.rows)
    with pytest.raises(
        UsageError, match=r"nothing to train on: 1 row without an answer to learn: left out; give other"
    ):
        examine(talks[1:2], rows[1:2], template, tokenizer, 512)


@pytest.mark.parametrize("which", [0, 1])
def test_a_row_that_learns_too_much_or_too_little_is_refused(which: int) -> None:
    template, tokenizer = found("llama3", "chat")
    marked, whole = talk(False, True, True), talk(True, True, True)
    rows = [encode(one, template, tokenizer) for one in (marked, whole)]
    with pytest.raises(UsageError, match=r"row 'talk' learns (3 answers of 2|2 answers of 3)"):
        examine([(whole, marked)[which]], [rows[which]], template, tokenizer, 512)


def test_an_empty_answer_that_is_context_teaches_nothing() -> None:
    template, tokenizer = found("llama3", "chat")
    one = Conversation("a", (user("A?"), said("", learned=False), user("B?"), said("b")))
    findings = examine([one], [encode(one, template, tokenizer)], template, tokenizer, 512)
    assert (findings.empty, findings.problems) == (0, [])


# Reading

ASKED = (Message(role="user", content="Name a river."), Message(role="assistant", content="The Nile."))


def test_marks_and_tools_are_read(tmp_path: Path) -> None:
    call: dict[str, Any] = {"type": "function", "function": {"name": "look", "arguments": {"at": "map"}}, "id": "1"}
    turns: tuple[Message, ...] = (
        ASKED[0],
        Message(role="assistant", content="", tool_calls=[call]),
        Message(role="tool", content="Nile", tool_call_id="1", name="look"),
        Message(role="assistant", content="The Nile.", learned=False, thoughts="Long."),
        Message(role="user", content="Sure?", name="Ada", extra={"mood": "doubt"}),
        Message(role="assistant", content="Yes.", learned=True),
    )
    tool = {"type": "function", "function": {"name": "look"}}
    notes = Notes()
    rows = [Task("t", "Name a river.", turns=turns, tools=(tool,)), Task("i", "Hi.", (Instance("", "Ho.", "Hm."),))]
    one, other = read_conversations([written(tmp_path / "rows.jsonl", *rows)], notes)
    assert one.tools == (tool,)
    assert one.turns == (
        user("Name a river."),
        {"role": "assistant", "content": "", "tool_calls": [call]},
        {"role": "tool", "content": "Nile", "tool_call_id": "1", "name": "look"},
        {"role": "assistant", "content": "The Nile.", "learned": False, "thoughts": "Long."},
        user("Sure?"),
        said("Yes."),
    )
    assert other.turns == (user("Hi."), said("Ho.") | {"thoughts": "Hm."})
    assert notes.lines() == ["not used: name in 1 row, mood in 1 row"]


def test_what_is_not_used_is_named_once(tmp_path: Path) -> None:
    ours = Task("a", "Hi.", (Instance("", "Ho."),), (), False, "propose", ("b",), ("c",))
    rows = [
        ours,
        *(Task(str(n), f"Hi {n}.", (Instance("", "Ho."),), extra={"label": n, "topic": ""}) for n in range(3)),
    ]
    notes = Notes()
    read_conversations([written(tmp_path / "rows.jsonl", *rows)], notes)
    assert notes.unused["label"] == 3
    assert not {"id", "origin", "parents", "requests", "is_classification"} & {*notes.unused}


def test_preferences_are_no_answers(tmp_path: Path) -> None:
    judged = (Judged((Message(role="assistant", content="Rhine"),), good=True),)
    choice = Task("p", "Name a river.", turns=ASKED[:1], judged=judged)
    notes = Notes()
    both = written(tmp_path / "both.jsonl", choice, Task("a", "Hi.", (Instance("", "Ho."),)))
    assert [one.id for one in read_conversations([both], notes)] == ["a"]
    assert notes.lines() == [
        "preferences: left out; for SFT on the chosen answers: selfinstruct import DATA --columns output=chosen: 1 row"
    ]
    with pytest.raises(
        UsageError, match=r"nothing to train on: all 2 rows are preferences; for SFT .* --columns output=chosen"
    ):
        read_conversations(
            [written(tmp_path / "alone.jsonl", choice, Task("q", "And?", turns=ASKED[:1], judged=judged))]
        )


def test_completions_hold_what_is_learned_and_nothing_else() -> None:
    layout = laid_out("alpaca")
    assert [row["completion"].strip() for row in layout(Task("a", "Name a river.", turns=ASKED))] == ["The Nile."]
    unlearned = (ASKED[0], Message(role="assistant", content="The Nile.", learned=False))
    assert list(layout(Task("a", "Name a river.", turns=unlearned))) == []
    judged = (Judged((ASKED[1],), good=True),)
    assert list(layout(Task("a", "Name a river.", turns=ASKED[:1], judged=judged))) == []


def test_the_hash_is_of_marks_too() -> None:
    plain = talk(True, True)
    marked = [
        talk(False, True),
        plain._replace(tools=({"type": "function", "function": {"name": "look"}},)),
        Conversation("talk", (*plain.turns[:-1], plain.turns[-1] | {"thoughts": "Hm."})),
        Conversation("talk", (*plain.turns[:-1], plain.turns[-1] | {"tool_calls": []})),
    ]
    assert len({data_hash([one]) for one in [plain, *marked]}) == 5
    # As it was before there were marks: trainings that were begun with it go on.
    assert data_hash([plain]) == "0657611e0871e6bc6243fc4877e52ff975c5ecdd6dc1db26167f4f5906fb721b"


# Holding out


def of(group: int, number: int) -> Conversation:
    question = user(f"Task {group}.") | {"input": f"case {number}"}
    return Conversation(f"{group}/{number}", (question, said("x")))


sizes = st.lists(st.integers(1, 5), min_size=2, max_size=9)


@settings(deadline=None)
@given(sizes=sizes, wanted=st.integers(1, 12), seed=st.integers(0, 5))
def test_a_task_is_never_split(sizes: list[int], wanted: int, seed: int) -> None:
    talks = [of(group, number) for group, size in enumerate(sizes) for number in range(size)]
    possible = {sum(chosen) for k in range(len(sizes) + 1) for chosen in combinations(sizes, k)} - {len(talks)}
    nearest = min(possible, key=lambda total: (abs(total - wanted), total))
    if wanted >= len(talks):
        with pytest.raises(UsageError, match="is too many"):
            split(talks, wanted, seed)
        return
    if nearest == 0:
        with pytest.raises(UsageError, match=r"validation=\d+ is too few: .* no task has fewer than"):
            split(talks, wanted, seed)
        return
    kept, out = split(talks, wanted, seed)
    assert len(out) == nearest
    assert sorted(kept + out, key=talks.index) == talks
    assert not {one.turns[0]["content"] for one in kept} & {one.turns[0]["content"] for one in out}
    assert (kept, out) == split(talks, wanted, seed)


def test_another_seed_holds_out_other_tasks() -> None:
    talks = [of(group, number) for group in range(50) for number in range(3)]
    assert len({tuple(one.id for one in split(talks, 30, seed)[1]) for seed in range(5)}) == 5


def test_a_task_that_says_something_twice_is_not_held_out() -> None:
    talks = [of(0, 0), of(0, 1), of(0, 1), of(1, 0), of(1, 1), *(of(2, n) for n in range(3))]
    for seed in range(5):
        assert {one.turns[0]["content"] for one in split(talks, 2, seed)[1]} == {"Task 1."}


def test_rows_of_one_instruction_are_told_apart_by_their_inputs() -> None:
    kept, out = split([of(0, number) for number in range(20)], 0.25, 0)
    assert (len(kept), len(out)) == (15, 5)


def test_many_tasks_are_quickly_held_out() -> None:
    """Sizes decide, not the number of groups: half a million rows in threes take a moment."""
    sizes = [3] * 150_000 + [7] * 7_000
    places = held_out(sizes, 50_000, sum(sizes), Random(0))
    assert sum(sizes[place] for place in places) == 50_000


# The whole way


def test_training_says_what_it_does_not_use(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        json.loads(line) for line in rows_file(tmp_path / "some.jsonl", 10).read_text().splitlines()
    ]
    rows = [row | {"label": n} for n, row in enumerate(rows)]
    unlearned = (ASKED[0], Message(role="assistant", content="The Nile.", learned=False))
    rows += [task_to_row(Task("m", "Hm?", turns=(*unlearned, *ASKED)))]
    rows += [task_to_row(Task("n", "So?", turns=unlearned))]
    rows += [task_to_row(Task("p", "Or?", turns=ASKED[:1], judged=(Judged(ASKED[1:], good=False),)))]
    (tmp_path / "rows.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    said = " ".join(trained(tmp_path / "model", steps=1).split())
    for line in (
        "rows 11 of 12",
        "1 row without an answer to learn: left out",
        "not used: label in 10 rows",
        "preferences: left out; for SFT",
    ):
        assert line in said
    report = json.loads((tmp_path / "model" / "train.json").read_text())
    assert "not used: label in 10 rows" in json.dumps(report)


def test_nothing_marked_is_learned_on_the_whole_way(tmp_path: Path) -> None:
    marked = [
        Task(
            str(n),
            f"Say {n}.",
            turns=(
                Message(role="user", content=f"Say {n}."),
                Message(role="assistant", content="zqbad", learned=False),
                Message(role="user", content="Again."),
                Message(role="assistant", content=f"So {n}."),
            ),
        )
        for n in range(12)
    ]
    for packing in (False, True):
        written(tmp_path / "rows.jsonl", *marked)
        settings = settings_for(tmp_path / "model", {"validation": 3, "packing": packing})
        made = make(settings, read(settings))
        for item in (*made.items, *made.held_out):
            learned = made.tokenizer.decode([label for label in item.labels if label != MASKED])
            assert "zqbad" not in learned
            assert "So" in learned


def test_what_is_held_out_instead_is_said(tmp_path: Path) -> None:
    tasks = [Task(str(n), f"Task {n}.", (Instance("a", "x"), Instance("b", "y"))) for n in range(6)]
    written(tmp_path / "rows.jsonl", *tasks)
    for validation, held, lines in (
        (4, 4, []),
        (3, 2, ["held out instead of 3, as the rows of a task stay together: 2 rows"]),
    ):
        data = read(settings_for(tmp_path / "model", {"validation": validation}))
        assert data.notes is not None
        assert (len(data.held_out), data.notes.lines()) == (held, lines)
