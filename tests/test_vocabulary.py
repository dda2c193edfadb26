"""Tokenizers learned and grown: a text comes back from its tokens, and the old pieces keep their numbers."""

from __future__ import annotations

import json
import shutil
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from training import SMALL

from selfinstruct.cli import main
from selfinstruct.errors import UsageError
from selfinstruct.finetune.models.open import tokenizer_in
from selfinstruct.finetune.models.tiny import tiny_model
from selfinstruct.finetune.models.vocabulary import fit
from selfinstruct.finetune.settings import Settings
from selfinstruct.finetune.vocabulary import learned as module
from selfinstruct.finetune.vocabulary.grown import Grown, grow_tokenizer
from selfinstruct.finetune.vocabulary.learned import learn_tokenizer, tokens_a_character

ENGLISH = [
    "The library has many books, and the reader takes two of them.",
    "In 1999 the reader of books was in the library.",
    "Then they went there: the weather was rather good.",
]
CHINESE = [
    "图书馆里有很多书，读者借了两本。",
    "今天天气很好，读者去图书馆看书。",
    "天气不好的时候，图书馆里的读者很多。",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tokenizers of both kinds and languages, and those of English grown by Chinese."""
    made = tmp_path_factory.mktemp("tokenizers")
    for name, texts in (("en", ENGLISH), ("zh", CHINESE)):
        (made / f"{name}.jsonl").write_text("".join(f"{json.dumps({'text': text})}\n" for text in texts * 4))
        for kind in ("sentencepiece", "bpe"):
            learn_tokenizer([str(made / f"{name}.jsonl")], str(made / f"{kind}-{name}"), kind, 400)
    for kind in ("sentencepiece", "bpe"):
        grown(made, kind)
    return made


def grown(folder: Path, kind: str) -> Grown:
    base, added, out = (str(folder / f"{kind}-{name}") for name in ("en", "zh", "both"))
    return grow_tokenizer(base, added, out, [str(folder / "zh.jsonl")])


@cache
def opened(folder: Path) -> Any:
    return tokenizer_in(folder)


def ids(tokenizer: Any, text: str) -> list[int]:
    found: list[int] = tokenizer(text, add_special_tokens=False)["input_ids"]
    return found


ANY = st.text() | st.text("the books图书馆读者 \n1.▁", max_size=40) | st.sampled_from(ENGLISH + CHINESE)
KINDS = ("sentencepiece", "bpe")


@pytest.mark.parametrize("kind", KINDS)
@given(text=ANY)
def test_a_text_comes_back(kind: str, text: str, folder: Path) -> None:
    """SentencePiece's sign for a blank is the only character that is read as another one."""
    text = text.encode("utf-8", "replace").decode().replace("▁", " ")
    for name in ("en", "zh", "both"):
        tokenizer = opened(folder / f"{kind}-{name}")
        assert tokenizer.decode(ids(tokenizer, text)) == text


@given(text=ANY)
def test_sentencepiece_itself_cuts_it_alike(text: str, folder: Path) -> None:
    """What llama.cpp and SentencePiece read of tokenizer.model is what transformers reads of tokenizer.json."""
    import sentencepiece  # type: ignore[import-untyped,unused-ignore]

    text = text.encode("utf-8", "replace").decode().replace("\0", "")
    for name in ("en", "both"):
        file = folder / f"sentencepiece-{name}"
        own = sentencepiece.SentencePieceProcessor(model_file=str(file / "tokenizer.model"))
        assert own.encode(text) == ids(opened(file), text)


@pytest.mark.parametrize("kind", KINDS)
def test_old_pieces_keep_their_numbers(kind: str, folder: Path) -> None:
    old, new = opened(folder / f"{kind}-en"), opened(folder / f"{kind}-both")
    assert {token: new.get_vocab()[token] for token in old.get_vocab()} == old.get_vocab()
    for text in ENGLISH:
        assert ids(new, text) == ids(old, text), "what has no new piece in it is cut as before"
    for text in CHINESE:
        assert len(ids(new, text)) < len(ids(old, text)) / 2
        assert ids(new, text) != ids(old, text)
    assert (new.bos_token_id, new.eos_token_id) == (old.bos_token_id, old.eos_token_id)
    assert new("books")["input_ids"] == old("books")["input_ids"], "BOS as before"


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_texts_give_the_same_tokenizer(kind: str, folder: Path, tmp_path: Path) -> None:
    learn_tokenizer([str(folder / "zh.jsonl")], str(tmp_path / "again"), kind, 400)
    shutil.copytree(folder / f"{kind}-en", tmp_path / "en")
    found = grow_tokenizer(str(tmp_path / "en"), str(tmp_path / "again"), str(tmp_path / "both"))
    for name in ("tokenizer.json", "tokenizer.model"):
        for mine, theirs in (("again", "zh"), ("both", "both")):
            if (tmp_path / mine / name).exists():
                assert (tmp_path / mine / name).read_bytes() == (folder / f"{kind}-{theirs}" / name).read_bytes()
    assert found.tokens == found.before + found.added == len(opened(folder / f"{kind}-both"))
    assert found.a_character is None


def test_what_it_was_learned_from_is_counted(folder: Path, tmp_path: Path) -> None:
    found = learn_tokenizer([str(folder / "zh.jsonl")], str(tmp_path / "own"), vocabulary=20_000)
    own = opened(folder / "sentencepiece-zh")
    assert found.tokens < 1_000, "not more than the text has to learn"
    assert found.a_character <= tokens_a_character(own, CHINESE) < 1
    assert tokens_a_character(own, []) == 0
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(module, "MEASURED", 5)
        assert tokens_a_character(own, CHINESE) == len(ids(own, CHINESE[0][:5])) / 5


def test_long_lines_are_learned_from(folder: Path, tmp_path: Path) -> None:
    """SentencePiece leaves out what has more bytes than it takes, and says nothing."""
    (tmp_path / "long.txt").write_text("图书馆 " * 3_000, encoding="utf-8")
    learn_tokenizer([str(tmp_path / "long.txt")], str(tmp_path / "long"), vocabulary=300)
    assert tokens_a_character(tokenizer_in(tmp_path / "long"), ["图书馆"]) < 1


# What bases have


def with_pad(source: Path, out: Path) -> Path:
    """As training saves it where a base has no token to pad with: a number behind all pieces, and not in the model."""
    tokenizer = tokenizer_in(source)
    tokenizer.add_special_tokens({"pad_token": "<pad>"})
    tokenizer.add_tokens(["<mine>"])
    tokenizer.save_pretrained(out)
    if (source / "tokenizer.model").exists():
        shutil.copyfile(source / "tokenizer.model", out / "tokenizer.model")
    return out


def test_tokens_beside_the_pieces_keep_their_places(folder: Path, tmp_path: Path) -> None:
    import sentencepiece

    base = with_pad(folder / "sentencepiece-en", tmp_path / "base")
    old = tokenizer_in(base)
    found = grow_tokenizer(str(base), str(folder / "sentencepiece-zh"), str(tmp_path / "both"))
    new = tokenizer_in(tmp_path / "both")
    assert new.pad_token_id == old.pad_token_id == 400
    assert new.convert_tokens_to_ids("<mine>") == 401
    assert found.tokens == len(new) == 402 + found.added
    own = sentencepiece.SentencePieceProcessor(model_file=str(tmp_path / "both" / "tokenizer.model"))
    assert own.vocab_size() == len(new)
    assert own.is_control(400)
    assert not own.is_control(401)
    for text in CHINESE:
        assert own.encode(text) == ids(new, text)
        assert new.decode(ids(new, text)) == text


def test_tokens_beside_the_pieces_of_bytes(folder: Path, tmp_path: Path) -> None:
    """Qwen's and Llama 3's control tokens come after the vocabulary: new pieces come after those."""
    source = tokenizer_in(folder / "bpe-en")
    source.add_special_tokens({"additional_special_tokens": ["<|im_start|>", "<|im_end|>"]})
    source.save_pretrained(tmp_path / "base")
    found = grow_tokenizer(str(tmp_path / "base"), str(folder / "bpe-zh"), str(tmp_path / "both"))
    new = tokenizer_in(tmp_path / "both")
    text = f"<|im_start|>{CHINESE[0]}<|im_end|>"
    assert ids(new, text)[0] == source.convert_tokens_to_ids("<|im_start|>")
    assert min(new.convert_tokens_to_ids(token) for token in set(new.get_vocab()) - set(source.get_vocab())) == len(
        source
    )
    assert found.unreached == 0
    assert new.decode(ids(new, text)) == text


def test_a_base_with_a_sentencepiece_file_only(folder: Path, tmp_path: Path) -> None:
    for name, source in (("base", "en"), ("added", "zh")):
        (tmp_path / name).mkdir()
        shutil.copyfile(folder / f"sentencepiece-{source}" / "tokenizer.model", tmp_path / name / "tokenizer.model")
    (tmp_path / "base" / "tokenizer_config.json").write_text(json.dumps(module.CONFIG))
    for number, added in enumerate((tmp_path / "added", tmp_path / "added" / "tokenizer.model")):
        grow_tokenizer(str(tmp_path / "base"), str(added), str(tmp_path / f"both{number}"))
        new = tokenizer_in(tmp_path / f"both{number}")
        assert [ids(new, text) for text in CHINESE] == [ids(opened(folder / "sentencepiece-both"), t) for t in CHINESE]


def test_what_the_base_merges_first_is_merged_on(tmp_path: Path) -> None:
    """The base makes ab of "abc", which the other tokenizer never had: it made bc, and abc of that."""
    texts = {"base": ["ab ab ab ab"], "added": ["abc abc abc bc bc bc bc"]}
    for name, said in texts.items():
        (tmp_path / f"{name}.txt").write_text("\n".join(said * 3))
        learn_tokenizer([str(tmp_path / f"{name}.txt")], str(tmp_path / name), "bpe", 300)
    found = grow_tokenizer(str(tmp_path / "base"), str(tmp_path / "added"), str(tmp_path / "both"))
    new = tokenizer_in(tmp_path / "both")
    assert found.unreached == 0
    assert new.tokenize("abc") == ["abc"]
    assert new.tokenize("ab") == ["ab"]


# Mistakes


@pytest.mark.parametrize(
    ("base", "added", "said"),
    [
        ("bpe-en", "sentencepiece-zh", "cannot be added: the base has pieces of bytes: .*--kind bpe"),
        ("sentencepiece-en", "bpe-zh", "the base has SentencePiece's pieces: .*--kind sentencepiece"),
        ("bpe-en", "sentencepiece-zh/tokenizer.model", "cannot be added: the base has pieces of bytes"),
        ("bpe-en", "bpe-en", "has no piece that .* has not: there is nothing to add"),
        ("sentencepiece-en", "none.model", "cannot read none.model: No such file"),
        ("sentencepiece-en", "zh.model", "zh.model is no SentencePiece model"),
        ("none", "bpe-en", "there is no folder|hub"),
        ("unigram", "bpe-en", "is of the kind Unigram: only BPE can be grown"),
    ],
)
def test_what_cannot_be_grown(
    base: str, added: str, said: str, folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    (folder / "zh.model").write_text("no model")
    if base == "unigram":
        from tokenizers import Tokenizer, models
        from transformers import PreTrainedTokenizerFast

        backend = Tokenizer(models.Unigram([("<unk>", 0.0), ("a", -1.0)], unk_id=0))
        made = PreTrainedTokenizerFast(tokenizer_object=backend, eos_token="a")  # type: ignore[no-untyped-call,unused-ignore]
        made.save_pretrained("unigram")
    with pytest.raises(UsageError, match=said):
        grow_tokenizer(base, added, str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_what_cannot_be_learned_from(folder: Path, tmp_path: Path) -> None:
    data = str(folder / "zh.jsonl")
    with pytest.raises(
        UsageError, match=r"vocabulary is 280, and the characters of the text, with 256 bytes, are 2\d\d"
    ):
        learn_tokenizer([data], str(tmp_path / "out"), vocabulary=280)
    with pytest.raises(UsageError, match="stdin can be read once: give a file"):
        learn_tokenizer(["-"], str(tmp_path / "out"))
    (tmp_path / "empty.txt").write_text("")
    for kind in KINDS:
        with pytest.raises(UsageError, match="there is no text to learn words from"):
            learn_tokenizer([str(tmp_path / "empty.txt")], str(tmp_path / "out"), kind)
    with pytest.raises(UsageError, match="is already there and not empty"):
        learn_tokenizer([data], str(folder))
    assert not (tmp_path / "out").exists()


# Rows for new tokens


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_token_begins_as_the_mean_of_what_it_was(kind: str, folder: Path) -> None:
    old, new = opened(folder / f"{kind}-en"), opened(folder / f"{kind}-both")
    settings: dict[str, Any] = {name: SMALL[name] for name in ("layers", "width", "heads", "max_length")}
    model: Any = tiny_model(old, Settings(base="tiny", method="full", **settings))
    before = model.get_input_embeddings().weight.detach().clone()
    fit(model, new, len(old), old)
    after = model.get_input_embeddings().weight.detach()
    assert torch.equal(after[: len(old)], before)
    number = new.convert_tokens_to_ids(new.tokenize("图书馆")[-1])
    assert number >= len(old)
    parts = ids(old, new.decode([number]))
    assert torch.allclose(after[number], before[parts].mean(0), atol=1e-6)
    assert model.get_output_embeddings().weight is model.get_input_embeddings().weight


# The commands


def run(*words: object) -> Result:
    return CliRunner().invoke(main, ["tokenizer", *map(str, words)])


def test_the_commands(folder: Path, tmp_path: Path) -> None:
    data, out = folder / "zh.jsonl", tmp_path / "out"
    done = run("train", data, "--vocabulary", 330, "--out", tmp_path / "zh")
    assert done.stdout.startswith(f"{tmp_path / 'zh'}: 330 tokens, 0.")
    done = run("merge", folder / "sentencepiece-en", tmp_path / "zh", "--data", data, "--out", out)
    assert done.exit_code == 0, done.stderr
    first, *_, last = done.stdout.splitlines()
    added = len(tokenizer_in(out)) - 400
    assert first == f"{out}: 400 tokens, {added} added, {400 + added} in all"
    before, after = (tokens_a_character(tokenizer_in(each), CHINESE) for each in (folder / "sentencepiece-en", out))
    assert last == f"tokens a character of {data}: {before:.3f} before, {after:.3f} after"
