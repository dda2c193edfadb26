"""Whether llama.cpp reads a model's prompts with the tokens that it was trained on, before anything is written.

A file with the vocabulary and next to no weights is written beside, and read by llama.cpp itself where the package
xllamacpp is installed, else by the same rules here (models/gguf_tokenizer.py). Compared are whole prompts as the
model's chat template lays them out, a question, one after a system turn and one after an answer; without a template,
texts. Of two ways to write a SentencePiece vocabulary, with a space before what follows a special token or without,
the one that agrees is taken. If none does, the model is not exported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

from selfinstruct.errors import UsageError

from ..models.gguf_tokenizer import tokenizer_of_gguf
from ..rows.templates import Template, encoded, find_template, prompt_segments, rendered_prompt
from .gguf_vocabulary import Vocabulary, write_vocabulary
from .llama_cpp import installed, opened

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

__all__ = ["agreed"]

Read = Callable[[str], list[int]]

TEXTS = (
    "Name 12 rivers of Europe, and don't forget the Elbe.",
    "def double(x):\n    return 2 * x\n\n\nprint(double(21))  # 42",
    "Wie heißt die Hauptstadt von Österreich? 写一首关于春天的诗，好吗？",
    "In 1969, 345 people paid $1,234.50 -- or 99.9 %!\tYES.",
)
ODD = {
    " two spaces before": "a text that begins with a space",
    "cafe\u0301 नमस्ते": "accents and vowels that are characters of their own",
}
"""Texts of a kind that few prompts are of, and what that is: a difference there is told, and not refused."""
ANSWER = "The Elbe, 1,091 km, and more:\n- one"


class Probe(NamedTuple):
    text: str
    """As llama-server gets it."""
    ids: list[int]
    """As the model was trained on it."""
    what: str
    needed: bool
    """Whether the model is refused when llama.cpp reads it otherwise."""


def agreed(
    vocabulary: Vocabulary,
    tokenizer: PreTrainedTokenizerBase,
    stops: Sequence[int],
    folder: Path,
    name: str,
    notice: Callable[[str], None],
) -> Vocabulary:
    """The vocabulary as it is to be written, `name` being the model's in the file.

    Raises UsageError when llama.cpp would read prompts differently whatever was written.
    """
    ways = [vocabulary]
    if vocabulary.model == "llama":
        ways.append(replace(vocabulary, space_prefix=not vocabulary.space_prefix))
    probes = list(_probes(tokenizer))
    found = []
    for way in ways:
        with _reader(way, tokenizer, stops, name) as read:
            found.append([(probe, read(probe.text)) for probe in probes])
    wrong = [[(probe, ids) for probe, ids in each if ids != probe.ids] for each in found]
    place = min(range(len(ways)), key=lambda number: sum(2 + probe.needed * 100 for probe, _ in wrong[number]))
    for probe, ids in wrong[place]:
        if probe.needed:
            raise UsageError(_refusal(probe, ids, tokenizer, folder, vocabulary.model))
    if told := list(dict.fromkeys(probe.what for probe, _ in wrong[place])):
        notice(f"llama.cpp reads the model's prompts as trained, and other tokens of {'; of '.join(told)}.")
    return ways[place]


def _probes(tokenizer: PreTrainedTokenizerBase) -> Iterator[Probe]:
    template = _template(tokenizer)
    for text in (*TEXTS, *ODD):
        what = ODD.get(text, "texts that are no conversations")
        plain = list(tokenizer(text).input_ids)
        if template is None:
            yield Probe(text, plain, what, text not in ODD)
            continue
        yield Probe(text, plain, what, False)
        asked = {"role": "user", "content": text}
        talks = [[asked], [asked, {"role": "assistant", "content": ANSWER}, {"role": "user", "content": text}]]
        if template.system:
            talks.append([{"role": "system", "content": "Answer in one line."}, asked])
        for turns in talks:
            try:
                ids, _ = encoded(prompt_segments(template, turns, tokenizer), tokenizer)
                laid = rendered_prompt(template, turns, tokenizer)
            except UsageError:  # a template for one round only
                continue
            yield Probe(laid, ids, ODD.get(text, "prompts"), text not in ODD)


def _template(tokenizer: PreTrainedTokenizerBase) -> Template | None:
    if not tokenizer.chat_template:
        return None
    try:
        return find_template("own", tokenizer)
    except UsageError:  # one that no model could be trained on here
        return None


@contextmanager
def _reader(
    vocabulary: Vocabulary, tokenizer: PreTrainedTokenizerBase, stops: Sequence[int], name: str
) -> Iterator[Read]:
    """How a text is read by llama.cpp with this vocabulary."""
    with TemporaryDirectory(prefix="gguf-") as folder:
        file = Path(folder) / "vocabulary.gguf"
        _write_without_weights(file, vocabulary, tokenizer, stops, name)
        if installed():
            with opened(file) as model:
                yield model.tokens
        else:
            ours = tokenizer_of_gguf(file)
            yield lambda text: list(ours(text).input_ids)


WIDTH = 32


def _write_without_weights(
    file: Path, vocabulary: Vocabulary, tokenizer: PreTrainedTokenizerBase, stops: Sequence[int], name: str
) -> None:
    """llama.cpp opens nothing without weights: a Llama of one layer, all zeros, 64 bytes a token."""
    import gguf
    import numpy as np

    writer = gguf.GGUFWriter(file, "llama")
    writer.add_name(name)
    writer.add_context_length(WIDTH)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(1)
    writer.add_feed_forward_length(WIDTH)
    writer.add_head_count(1)
    writer.add_layer_norm_rms_eps(1e-5)
    write_vocabulary(writer, vocabulary, tokenizer, stops)
    flat = ("output_norm", "blk.0.attn_norm", "blk.0.ffn_norm")
    square = ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")
    shapes: dict[str, tuple[int, ...]] = dict.fromkeys(flat, (WIDTH,))
    shapes |= {f"blk.0.{name}": (WIDTH, WIDTH) for name in square} | {"token_embd": (len(vocabulary.tokens), WIDTH)}
    for name, shape in shapes.items():
        kind: Any = np.float32 if len(shape) == 1 else np.float16
        writer.add_tensor(f"{name}.weight", np.zeros(shape, kind))
    try:
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
    finally:
        writer.close()


def _refusal(probe: Probe, ids: Sequence[int], tokenizer: PreTrainedTokenizerBase, folder: Path, model: str) -> str:
    place = next(
        (n for n, (a, b) in enumerate(zip(probe.ids, ids, strict=False)) if a != b), min(len(ids), len(probe.ids))
    )
    trained, theirs = (_shown(tokenizer, each[place : place + 3]) for each in (probe.ids, ids))
    then = "try llama.cpp's convert_hf_to_gguf.py"
    if model == "llama":
        then = 'with "legacy": true in the tokenizer_config.json of its base, training would read as llama.cpp does'
    return f"llama.cpp would read other tokens than {folder} was trained on ({theirs} for {trained}): {then}"


def _shown(tokenizer: PreTrainedTokenizerBase, ids: Sequence[int]) -> str:
    return " ".join(repr(name) for name in tokenizer.convert_ids_to_tokens(list(ids))) or "nothing"
