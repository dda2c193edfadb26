"""Sequences: every token of every document is in one, in its order, and what is learned is all of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.errors import UsageError
from selfinstruct.finetune.models.tiny import tiny_tokenizer
from selfinstruct.finetune.rows.batches import Plan, attention, measured
from selfinstruct.finetune.rows.conversations import MASKED
from selfinstruct.finetune.settings import Settings
from selfinstruct.finetune.text import sequences as module
from selfinstruct.finetune.text.corpus import Corpus, read_corpus
from selfinstruct.finetune.text.sequences import Sequences, drawn, encoded_text, tokens_of

EOS = 2
TEXTS = ["The fox sleeps.", "An owl asks: who? 你好。", "A </s> in a page of HTML.", "Two\n\nparagraphs 🍌."]


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return tiny_tokenizer(TEXTS * 3, 320)


@given(
    streams=st.lists(st.lists(st.integers(2, 9), max_size=40), min_size=1, max_size=3),
    length=st.integers(2, 12),
    apart=st.booleans(),
)
def test_every_token_is_in_one_sequence(streams: list[list[int]], length: int, apart: bool) -> None:
    made = Sequences([np.array(stream, np.uint16) for stream in streams], length, EOS, apart=apart)
    assert len(made) == sum(made.counts) == len(list(made))
    found = [item.ids for item in made]
    place = 0
    for stream, count in zip(streams, made.counts, strict=True):
        ids = [id for item in found[place : place + count] for id in item]
        alone = len(stream) % length == 1
        assert ids == stream[: len(stream) - alone], "but the last one where nothing would be before it"
        assert all(len(item) == length for item in found[place : place + max(0, count - 1)])
        place += count
    assert made.tokens == sum(map(len, found))
    for item in made:
        firsts = {sum(item.lengths[:number]) for number in range(len(item.lengths))}
        learned = [MASKED if place in firsts else id for place, id in enumerate(item.ids)]
        assert item.labels == learned
        assert sum(item.lengths) == len(item.ids)
        if apart:
            assert all(item.ids[place - 1] == EOS for place in firsts - {0}), "documents end with EOS"
        else:
            assert item.lengths == (len(item.ids),)
    if len(made):
        assert made[-1] == made[len(made) - 1] == made[:][-1]
    with pytest.raises(IndexError):
        made[len(made)]


def test_what_estimates_need_is_that_of_the_items() -> None:
    made = Sequences([np.arange(3, 40, dtype=np.uint16)], 8, EOS)
    items = list(made)
    assert measured(made) == measured(items) == (8, 7, attention(len(item.ids) for item in items))


@given(
    counts=st.lists(st.integers(1, 9), min_size=1, max_size=3),
    shares=st.lists(st.floats(0.1, 9), min_size=3, max_size=3),
    seed=st.integers(0, 9),
)
def test_shares_are_kept_to(counts: list[int], shares: list[float], seed: int) -> None:
    """Over several epochs each stream is seen again and again, none of its sequences twice more than another."""
    shares = shares[: len(counts)]
    wanted, places = drawn(counts, shares, seed)
    total = sum(counts)
    for want, share in zip(wanted, shares, strict=True):
        assert abs(want - total * share / sum(shares)) <= 1
    seen: Counter[int] = Counter()
    for epoch in range(3):
        found = places(epoch)
        assert found == places(epoch), "whatever was asked before"
        assert len(found) == sum(wanted)
        seen.update(found)
        start = 0
        for count, want in zip(counts, wanted, strict=True):
            times = [seen[place] for place in range(start, start + count)]
            assert sum(times) == want * (epoch + 1)
            assert max(times) - min(times) <= 1
            start += count


def test_a_plan_draws_what_it_is_told() -> None:
    items = list(Sequences([np.arange(3, 27, dtype=np.uint16)], 4, EOS))
    wanted, places = drawn([2, 4], [1, 1], 0)
    plan = Plan(items, batch=2, micro=1, processes=1, seed=0, epochs=2, drawn=(sum(wanted), places))
    assert (plan.steps_an_epoch, plan.steps) == (3, 6)
    seen = Counter(tuple(item.ids) for micro in plan for item in micro)
    assert sorted(seen.values()) == [1, 1, 2, 2, 3, 3]
    assert plan.counts(0).real == 8


def test_documents_begin_and_end_as_the_tokenizer_says(tokenizer: Any) -> None:
    found = list(encoded_text(TEXTS, tokenizer))
    for text, ids in zip(TEXTS, found, strict=True):
        assert ids[0] == tokenizer.bos_token_id
        assert ids[-1] == tokenizer.eos_token_id
        assert tokenizer.bos_token_id not in ids[1:]
        assert tokenizer.eos_token_id not in ids[:-1], "what looks like a control token is text"
        assert tokenizer.decode(ids[1:-1]) == text
    assert found[0] == [*tokenizer(TEXTS[0])["input_ids"], tokenizer.eos_token_id]
    assert tokenizer(TEXTS[2])["input_ids"] != found[2][:-1], "elsewhere it is what it was"


def test_an_end_that_the_tokenizer_puts_is_not_put_again(tokenizer: Any) -> None:
    from tokenizers import processors

    own = tiny_tokenizer(TEXTS * 3, 320)
    special = [(name, own.convert_tokens_to_ids(name)) for name in ("<s>", "</s>")]
    backend: Any = own.backend_tokenizer  # type: ignore[attr-defined,unused-ignore]
    backend.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=special)
    assert list(encoded_text(TEXTS, own)) == list(encoded_text(TEXTS, tokenizer))


# Corpora


def corpus_of(tmp_path: Path, texts: list[str] = TEXTS, **changes: Any) -> Corpus:
    (tmp_path / "a.txt").write_text("\n<|endoftext|>\n".join(texts), encoding="utf-8")
    settings = Settings(learn="text", data=(str(tmp_path / "a.txt"),), **changes)
    return read_corpus(settings)


def test_documents_are_held_out(tmp_path: Path) -> None:
    texts = [f"document {number}" for number in range(20)] + ["document 3"]
    corpus = corpus_of(tmp_path, texts, validation=5)
    out, trained = list(corpus.texts(0, held_out=True)), list(corpus.all_texts())
    assert sorted(out + trained) == sorted(texts)
    assert len(out) == 5
    assert not set(out) & set(trained), "one that is there twice is trained on"
    assert corpus == corpus_of(tmp_path, texts, validation=5)
    assert corpus.held_out != corpus_of(tmp_path, texts, validation=5, seed=1).held_out
    assert len(corpus_of(tmp_path, texts, validation=0.1).held_out) == 2
    with pytest.raises(UsageError, match=r"validation=20, 20 documents, is too many: of 21 19 are there only once"):
        corpus_of(tmp_path, texts, validation=20)


def test_the_hash_is_of_what_is_said_and_of_where_data_begins(tmp_path: Path) -> None:
    one = corpus_of(tmp_path)
    for name, texts in (("1.txt", TEXTS[:2]), ("2.txt", TEXTS[2:])):
        (tmp_path / name).write_text("\n<|endoftext|>\n".join(texts), encoding="utf-8")
    both = read_corpus(Settings(learn="text", data=(str(tmp_path / "1.txt"), str(tmp_path / "2.txt"))))
    assert one.hash != both.hash
    assert one.characters == both.characters == sum(map(len, TEXTS))
    assert (one.sizes, both.sizes, both.total) == ((4,), (2, 2), 4)
    assert list(one.all_texts()) == list(both.all_texts()) == TEXTS


def test_stdin_can_be_read_once() -> None:
    with pytest.raises(UsageError, match="text is read several times, and stdin can be read once: give a file"):
        read_corpus(Settings(learn="text", data=("-",)))


def test_half_a_surrogate_pair(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "half a pair: \\ud800"}\n')
    corpus = read_corpus(Settings(learn="text", data=(str(tmp_path / "a.jsonl"),)))
    assert list(corpus.all_texts()) == ["half a pair: ?"]


def test_tokens_are_made_once(tmp_path: Path, tokenizer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus, folder = corpus_of(tmp_path, validation=1), tmp_path / "tokens"
    aside = tokens_of(corpus, tokenizer, None, shares=False)
    made = tokens_of(corpus, tokenizer, folder, shares=False)
    monkeypatch.setattr(module, "encoded_text", None)
    again = tokens_of(corpus, tokenizer, folder, shares=False, rank=1)
    for tokens in (made, again):
        assert [stream.tolist() for stream in tokens.streams] == [stream.tolist() for stream in aside.streams]
        assert tokens.held_out.tolist() == aside.held_out.tolist()
    assert aside.streams[0].dtype == np.uint16
    everything = [id for ids in encoded_text(corpus.all_texts(), tokenizer) for id in ids]
    assert aside.streams[0].tolist() == everything


def test_tokens_of_something_else_or_torn_ones_are_made_again(tmp_path: Path, tokenizer: Any) -> None:
    corpus, folder = corpus_of(tmp_path), tmp_path / "tokens"
    tokens_of(corpus, tokenizer, folder, shares=False)
    other = tokens_of(replace(corpus, hash="other", held_out=frozenset({0})), tokenizer, folder, shares=False)
    assert len(other.held_out)
    (folder / module.MARK).write_text("{")
    (folder / "0.bin").write_bytes(b"x")
    again = tokens_of(corpus, tokenizer, folder, shares=False)
    assert again.streams[0].tolist() == tokens_of(corpus, tokenizer, None, shares=False).streams[0].tolist()
    assert not len(again.held_out)
