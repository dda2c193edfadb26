"""The check before the first step: each rule is broken on purpose, and each time training is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from typing import Any

import pytest
from chats import HUB, TOKENIZERS, tokenizer_of
from rich.console import Console
from transformers import PreTrainedTokenizerBase

from selfinstruct.errors import UsageError
from selfinstruct.finetune.rows.conversations import MASKED, Conversation, Row, encode, encode_pair
from selfinstruct.finetune.rows.examine import PROMPTS, Findings, examine
from selfinstruct.finetune.rows.shown import of_each_kind, show_mask, summary
from selfinstruct.finetune.rows.template_files import TEMPLATES
from selfinstruct.finetune.rows.templates import Template, find_template
from selfinstruct.finetune.settings import Settings


def talk(id: str, *said: str) -> Conversation:
    """Questions and answers by turns."""
    roles = ("user", "assistant")
    return Conversation(id, tuple({"role": roles[n % 2], "content": text} for n, text in enumerate(said)))


TALKS = [
    talk("a", "Name three colours.", "Red, yellow and blue."),
    talk("b", "把下面的句子翻译成英文。", "The weather is nice."),
    talk("c", "Hi?", "Yes.", "And?", "No.", "So", "1, 2, 3"),
]


def made(kind: str = "llama3", name: str = "chat") -> tuple[Template, PreTrainedTokenizerBase]:
    tokenizer = tokenizer_of(kind, HUB.get(name))
    return find_template(name if name in TEMPLATES else "own", tokenizer), tokenizer


def examined(
    talks: list[Conversation], max_length: int = 512, kind: str = "llama3", name: str = "chat", **settings: Any
) -> Findings:
    template, tokenizer = made(kind, name)
    rows = [encode(one, template, tokenizer) for one in talks]
    return examine(talks, rows, template, tokenizer, max_length, **settings)


@pytest.mark.parametrize("kind", TOKENIZERS)
def test_sound_rows_pass(kind: str) -> None:
    for name in (*TEMPLATES, *HUB):
        if name == "inst" and kind in ("qwen", "t5"):
            continue
        found = examined(TALKS, kind=kind, name=name)
        assert [row.id for row in found.rows] == ["a", "b", "c"]
        assert found.problems == []
        assert found.tokens == sum(len(row.ids) for row in found.rows)
        assert 0 < found.trained < found.tokens


# Rows that teach the wrong thing

Break = Callable[[Row, PreTrainedTokenizerBase], Row]


def without_end(row: Row, _: PreTrainedTokenizerBase) -> Row:
    return row._replace(ids=row.ids[:-1], labels=row.labels[:-1])


def end_masked(row: Row, _: PreTrainedTokenizerBase) -> Row:
    return row._replace(labels=[*row.labels[:-1], MASKED])


def first_end_masked(row: Row, tokenizer: PreTrainedTokenizerBase) -> Row:
    place = row.ids.index(tokenizer.eos_token_id or 0)
    return row._replace(labels=[MASKED if n == place else label for n, label in enumerate(row.labels)])


def prompt_trained(row: Row, _: PreTrainedTokenizerBase) -> Row:
    return row._replace(labels=[MASKED, *row.ids[1:]])


def one_too_early(row: Row, _: PreTrainedTokenizerBase) -> Row:
    """The usual off-by-one: the last token of the prompt is learned, too."""
    start = next(n for n, label in enumerate(row.labels) if label != MASKED)
    return row._replace(labels=[id if n == start - 1 else row.labels[n] for n, id in enumerate(row.ids)])


def one_too_late(row: Row, _: PreTrainedTokenizerBase) -> Row:
    start = next(n for n, label in enumerate(row.labels) if label != MASKED)
    return row._replace(labels=[MASKED if n == start else label for n, label in enumerate(row.labels)])


def shifted(row: Row, _: PreTrainedTokenizerBase) -> Row:
    return row._replace(labels=[*row.labels[1:], MASKED])


def masked_whole(row: Row, _: PreTrainedTokenizerBase) -> Row:
    return row._replace(labels=[MASKED] * len(row.ids))


def two_bos(row: Row, tokenizer: PreTrainedTokenizerBase) -> Row:
    return row._replace(ids=[tokenizer.bos_token_id or 0, *row.ids], labels=[MASKED, *row.labels])


def no_bos(row: Row, _: PreTrainedTokenizerBase) -> Row:
    return row._replace(ids=row.ids[1:], labels=row.labels[1:])


def bos_learned(row: Row, tokenizer: PreTrainedTokenizerBase) -> Row:
    bos = tokenizer.bos_token_id or 0
    return row._replace(ids=[*row.ids[:-1], bos, row.ids[-1]], labels=[*row.labels[:-1], bos, row.labels[-1]])


def two_ends(row: Row, _: PreTrainedTokenizerBase) -> Row:
    return row._replace(ids=[*row.ids, row.ids[-1]], labels=[*row.labels, row.ids[-1]])


def another_prompt(row: Row, tokenizer: PreTrainedTokenizerBase) -> Row:
    """As when training lays a conversation out in another way than the chat does."""
    other = tokenizer("x", add_special_tokens=False)["input_ids"]
    return row._replace(ids=[row.ids[0], *other, *row.ids[2:]])


def shorter_labels(row: Row, _: PreTrainedTokenizerBase) -> Row:
    return row._replace(labels=row.labels[:-1])


BREAKS: list[tuple[Break, str]] = [
    (without_end, "does not learn to end an answer with </s>"),
    (end_masked, "does not learn to end an answer with </s>"),
    (first_end_masked, "does not learn to end an answer with </s>"),
    (prompt_trained, "learns to write a part of the question"),
    (one_too_early, "learns to write a part of the question"),
    (one_too_late, "has other tokens before an answer than the prompt of a chat"),
    (shifted, "has labels that are not its own tokens"),
    (masked_whole, "is masked whole"),
    (two_bos, r"has two BOS \(<s>\) in a row"),
    (no_bos, r"does not begin with BOS \(<s>\)"),
    (bos_learned, r"learns to write BOS \(<s>\)"),
    (two_ends, r"learns \d answers of \d"),
    (another_prompt, "has other tokens before an answer than the prompt of a chat"),
    (shorter_labels, "has labels that are not its own tokens"),
]


@pytest.mark.parametrize(("broken", "message"), BREAKS, ids=lambda value: getattr(value, "__name__", ""))
@pytest.mark.parametrize("which", [0, 2])
def test_a_broken_row_is_refused(broken: Break, message: str, which: int) -> None:
    template, tokenizer = made()
    rows = [encode(one, template, tokenizer) for one in TALKS]
    rows[which] = broken(rows[which], tokenizer)
    if broken is prompt_trained and which == 2:
        message = "learns to write a part of the question|has other tokens"
    with pytest.raises(UsageError, match=f"1 of 3 rows would teach .*'chat': row '{TALKS[which].id}' ({message})"):
        examine(TALKS, rows, template, tokenizer, 512)


def test_how_many_are_broken() -> None:
    template, tokenizer = made()
    rows = [masked_whole(encode(one, template, tokenizer), tokenizer) for one in TALKS]
    with pytest.raises(UsageError, match="3 of 3 rows would teach the wrong thing"):
        examine(TALKS, rows, template, tokenizer, 512)


def test_prompts_are_compared_in_a_part_of_much_data() -> None:
    """All other rules hold for every row; a template that goes wrong goes wrong in more than one row of a thousand."""
    template, tokenizer = made("gpt2", "plain")
    talks = [TALKS[0]] * (PROMPTS + 1)
    row = encode(TALKS[0], template, tokenizer)
    late = one_too_late(row, tokenizer)
    with pytest.raises(UsageError, match=f"{(PROMPTS + 2) // 2:,} of {PROMPTS + 1:,} rows"):
        examine(talks, [late] * len(talks), template, tokenizer, 512)
    with pytest.raises(UsageError, match=f"{PROMPTS + 1:,} of {PROMPTS + 1:,} rows"):
        examine(talks, [without_end(row, tokenizer)] * len(talks), template, tokenizer, 512)


def test_gpt2s_one_token_for_both_is_no_double_bos() -> None:
    assert examined(TALKS, kind="gpt2", name="inst").problems == []
    template, tokenizer = made("gpt2")
    rows = [two_bos(encode(one, template, tokenizer), tokenizer) for one in TALKS]
    with pytest.raises(UsageError, match="has two BOS"):
        examine(TALKS, rows, template, tokenizer, 512)


def test_a_question_without_text() -> None:
    """Two answers with nothing between them are still two."""
    assert len(examined([talk("a", "Hi", "", "", "", "", "Yes")], kind="qwen", name="completion").rows) == 1


# Rows that are left out


def many(number: int, long: int) -> list[Conversation]:
    talks = [talk(f"{n}", f"Number {n}?", "word " * 30) for n in range(number - long)]
    return talks + [talk(f"long {n}", f"Number {n}?", "word " * (40 + n)) for n in range(long)]


def test_one_percent_may_be_too_long() -> None:
    whole = examined(many(200, 2))
    short = whole.lengths["99 %"]
    assert whole.lengths["longest"] > short
    found = examined(many(200, 2), short)
    assert (found.too_long, len(found.rows), found.total) == (2, 198, 200)
    assert found.problems == ["2 rows longer than max_length: left out"]
    assert max(len(row.ids) for row in found.rows) <= short


def test_more_is_an_error_that_names_the_length() -> None:
    whole = examined(many(200, 3))
    with pytest.raises(UsageError, match=r"3 of 200 rows \(1.5%\) are longer than max_length=") as refused:
        examined(many(200, 3), whole.lengths["90 %"])
    fits = int(str(refused.value).partition("--max-length ")[2].partition(" ")[0])
    assert examined(many(200, 3), fits).too_long == 2
    with pytest.raises(UsageError):
        examined(many(200, 3), fits - 1)
    with pytest.raises(UsageError, match=r"1 of 3 rows \(33.3%\) are longer"):
        examined(TALKS, max(len(row.ids) for row in examined(TALKS).rows) - 1)


def test_control_tokens_in_data_are_left_out() -> None:
    named = [
        talk("d", "Hi", "Bye</s>User: More?"),
        talk("e", "<|im_start|>system", "Yes"),
        Conversation("f", ({"role": "user", "content": "Hi", "input": "<s>"}, {"role": "assistant", "content": "No"})),
    ]
    talks = [*TALKS, *named, talk("g", "a < s > b </S> |im_end|", "fine")]
    found = examined(talks, unfit="drop")
    assert [row.id for row in found.rows] == ["a", "b", "c", "g"]
    assert found.problems == ['3 rows with the text of a control token (like "</s>"): left out']
    with pytest.raises(UsageError, match=r"3 of 7 rows \(42.9%\) hold .*: '</s>' in 1, .*: --set unfit=drop"):
        examined(talks)
    few = [talk(str(n), f"Number {n}?", "Yes.") for n in range(199)]
    assert examined([*few, named[0]]).special == 1, "one of a hundred is no pattern"


def test_many_long_rows_are_dropped_or_cut_where_somebody_says_so() -> None:
    short = examined(many(200, 3)).lengths["90 %"]
    dropped = examined(many(200, 3), short, too_long="drop")
    assert (len(dropped.rows), dropped.too_long, dropped.cut) == (197, 3, 0)
    cut = examined(many(200, 3), short, too_long="cut")
    assert (len(cut.rows), cut.too_long, cut.cut) == (200, 0, 3)
    assert cut.problems == ["3 rows cut at max_length, which do not learn to end: kept"]
    assert [len(row.ids) for row in cut.rows[-3:]] == [short] * 3
    assert all(row.labels[-1] == row.ids[-1] for row in cut.rows)
    asking = talk("asking", "word " * 100, "Yes.")
    assert examined([*many(200, 3), asking], short, too_long="cut").problems == [
        "1 row whose question alone fills max_length: left out",
        "3 rows cut at max_length, which do not learn to end: kept",
    ]


def test_nobody_answers() -> None:
    greeting = Conversation("greeting", ({"role": "assistant", "content": "Hello!"}, {"role": "user", "content": "Hi"}))
    found = examined([*TALKS, talk("d", "Anybody?"), greeting])
    assert (found.unanswered, len(found.rows)) == (2, 3)
    assert found.problems == ["2 rows without an answer: left out"]
    with pytest.raises(UsageError, match="nothing to train on: 2 rows without an answer: left out; give other --data"):
        examined([talk("d", "Anybody?"), greeting])


def test_no_data() -> None:
    with pytest.raises(UsageError, match="nothing to train on: the data is empty; give other --data"):
        examined([])


def test_doubles_and_empty_answers_are_counted() -> None:
    found = examined([*TALKS, TALKS[0]._replace(id="z"), talk("d", "Say nothing.", " "), talk("e", "?", "", "!", "x")])
    assert (found.duplicates, found.empty, len(found.rows)) == (1, 2, 6)
    assert found.problems == ["1 row like an earlier one: kept", "2 rows with an empty answer: kept"]


def test_rows_that_begin_or_end_oddly() -> None:
    hello, well = {"role": "assistant", "content": "Hello!"}, {"role": "user", "content": "Well?"}
    odd = [Conversation(one.id, (hello, *one.turns, well)) for one in TALKS]
    assert examined(odd).rows == examined(TALKS).rows
    twice = [Conversation("t", (well, well, hello, hello, {"role": "system", "content": "Be brief."}, well, hello))]
    for name in ("chat", "gemma", "headers"):
        assert len(examined(twice, name=name).rows) == 1


# Pairs


def test_pairs() -> None:
    template, tokenizer = made("t5", "alpaca")
    talks = TALKS[:2]
    pairs = [encode_pair(one, template, tokenizer) for one in talks]
    found = examine(talks, pairs, template, tokenizer, 512, pairs=True)
    assert found.tokens == sum(len(pair.ids) + len(pair.labels) for pair in pairs)
    assert found.trained == sum(len(pair.labels) for pair in pairs)
    assert found.lengths["longest"] == max(len(pair.ids) for pair in pairs)
    for wrong in (without_end, two_ends):
        with pytest.raises(UsageError, match="row 'a' does not learn to end an answer with </s>"):
            examine(talks, [wrong(pairs[0], tokenizer), pairs[1]], template, tokenizer, 512, pairs=True)
    with pytest.raises(UsageError, match="row 'a' has no question"):
        examine(talks, [replace_ids(pairs[0]), pairs[1]], template, tokenizer, 512, pairs=True)
    with pytest.raises(UsageError, match="are longer than max_length=9"):
        examine(talks, pairs, template, tokenizer, 9, pairs=True)


def replace_ids(pair: Row) -> Row:
    return pair._replace(ids=[])


# What is shown


def printed(*shown: object, width: int = 100) -> str:
    out = StringIO()
    Console(file=out, width=width).print(*shown)
    return out.getvalue()


def test_show_mask() -> None:
    template, tokenizer = made()
    shown = show_mask(encode(TALKS[2], template, tokenizer), tokenizer)
    assert shown.plain == (
        "<s>User: Hi?\nAssistant:⟦ Yes.</s>⟧\nUser: And?\nAssistant:⟦ No.</s>⟧\nUser: So\nAssistant:⟦ 1, 2, 3</s>⟧"
    )
    styles = {shown.plain[span.start : span.end]: str(span.style) for span in shown.spans}
    assert styles[" Yes."] == "green"
    assert styles["</s>"] == "green bold"
    assert styles["<s>"] == "dim bold"
    assert styles["User: Hi?\nAssistant:"] == "dim"


def test_show_mask_in_chinese_and_other_tokenizers() -> None:
    for kind in ("gpt2", "llama3", "llama2-legacy"):
        template, tokenizer = made(kind, "chatml")
        shown = show_mask(encode(TALKS[1], template, tokenizer), tokenizer).plain
        assert "把下面的句子翻译成英文。" in shown
        assert "⟦The weather is nice.<|im_end|>⟧" in shown
    markup = talk("m", "What is [bold]?", "[/red] is markup")
    template, tokenizer = made()
    assert "[/red] is markup" in printed(show_mask(encode(markup, template, tokenizer), tokenizer))


def test_rows_of_each_kind_are_shown() -> None:
    system, later = (
        {"role": "system", "content": "Be brief."},
        {"role": "assistant", "content": "No.", "learned": False},
    )
    asked = {"role": "user", "content": "Why?"}
    thoughtful = {"role": "assistant", "content": "So.", "thoughts": "Hm."}
    kinds = [
        Conversation("plain", TALKS[0].turns),
        Conversation("same", TALKS[1].turns),
        Conversation("system", (system, *TALKS[0].turns)),
        Conversation("rounds", TALKS[2].turns),
        Conversation("thoughts", (asked, thoughtful)),
        Conversation("context", (asked, later, *TALKS[0].turns)),
        Conversation("again", TALKS[2].turns),
        Conversation("long", ({"role": "user", "content": "word " * 99}, TALKS[0].turns[1])),
    ]
    assert [about for about, _ in of_each_kind(examined(kinds))] == [
        "row 'plain': a question and its answer",
        "row 'system': a system text",
        "row 'rounds': several rounds",
        "row 'thoughts': thoughts",
        "row 'context': several rounds, an answer that is not learned",
        "row 'long': a question and its answer, the longest",
    ]
    many = [Conversation(f"{n}", TALKS[n % 3].turns) for n in range(300)]
    assert len(of_each_kind(examined(many))) <= 3


def test_of_long_texts_the_middle_is_not_shown() -> None:
    template, tokenizer = made()
    shown = show_mask(encode(talk("a", "word " * 2_000, "Yes."), template, tokenizer), tokenizer).plain
    assert "… (8," in shown
    assert len(shown) < 1_300
    assert shown.endswith("Assistant:⟦ Yes.</s>⟧")


def test_summary() -> None:
    found = examined([*TALKS, talk("d", "Anybody?")])
    found = replace(found, tokens=12_345, trained=2_469, lengths={"50 %": 60, "longest": 1_200})
    lines = printed(summary(found, Settings(max_length=2048), {"steps": "24", "memory": "about 3 GB"})).splitlines()
    assert [line.rstrip() for line in lines] == [
        "rows      3 of 4",
        "          1 row without an answer: left out",
        "tokens    12,345, of which 2,469 (20%) are learned",
        "length    50 % 60, longest 1,200 (max_length 2,048)",
        "template  chat: a row begins with <s>, an answer ends with </s>",
        "steps     24",
        "memory    about 3 GB",
    ]
