"""Chat: the prompt that was trained on, answers as they are written, sessions, and models of every kind loaded."""

from __future__ import annotations

import io
import json
import re
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import peft
import psutil  # type: ignore[import-untyped,unused-ignore]
import pytest
import torch
from safetensors.torch import load_file, save_file
from trained import ANSWERS, CONTEXT, WITH_INPUT, memorised, saved
from transformers import T5Config, T5ForConditionalGeneration

from selfinstruct.errors import UsageError, shown
from selfinstruct.finetune.answer.chat import Session, Streams, answer_stream, ask_once, converse
from selfinstruct.finetune.answer.sampling import Sampling, prompt_ids, question
from selfinstruct.finetune.models.folders import Source, identity, located
from selfinstruct.finetune.models.open import Loaded, load
from selfinstruct.finetune.rows.conversations import Conversation, encode, encode_pair
from selfinstruct.finetune.rows.template_files import TEMPLATES
from selfinstruct.finetune.rows.templates import find_template

pytestmark = [
    pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning"),  # by PEFT 0.21
]
GREEDY = Sampling(temperature=0, max_tokens=40)
PLANET, HELLO = "Name the largest planet.", "Say hello in Chinese."


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("models") / "memory"
    memorised(made)
    return made


@pytest.fixture(scope="module")
def loaded(folder: Path) -> Loaded:
    return load(str(folder))


@pytest.fixture
def session(folder: Path) -> Callable[..., tuple[str, str]]:
    """What a session with these lines prints and says."""

    def hold(*lines: str, **more: Any) -> tuple[str, str]:
        stdout, stderr = io.StringIO(), io.StringIO()
        streams = Streams(io.StringIO("".join(f"{line}\n" for line in lines)), stdout, stderr)
        converse(str(folder), sampling=more.pop("sampling", GREEDY), streams=streams, **more)
        return stdout.getvalue(), stderr.getvalue()

    return hold


def said(loaded: Loaded, *contents: str, **more: Any) -> str:
    """The answer to the last of these, which are asked and answered by turns."""
    turns = [{"role": ("user", "assistant")[n % 2], "content": text} for n, text in enumerate(contents)]
    return "".join(answer_stream(*loaded, turns, **{"temperature": 0, "max_new_tokens": 40} | more))


# The prompt

CONVERSATIONS: dict[str, tuple[dict[str, str], ...]] = {
    "question": ({"role": "user", "content": "Name a river. 说出一条河。"},),
    "with input": ({"role": "user", "content": "Sort the list.", "input": "3, 1, 2"},),
    "rounds": (
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "One?"},
        {"role": "assistant", "content": "  two\n"},
        {"role": "user", "content": "Three:\n"},
    ),
}


@pytest.mark.parametrize("said", ["Yes.", "\n\n", "", " 你好", "###"])
@pytest.mark.parametrize("turns", CONVERSATIONS.values(), ids=CONVERSATIONS)
@pytest.mark.parametrize("name", TEMPLATES)
def test_the_prompt_is_what_was_trained_on(
    name: str, turns: tuple[dict[str, str], ...], said: str, loaded: Loaded
) -> None:
    template = find_template(name, loaded.tokenizer)
    row = encode(Conversation("", (*turns, {"role": "assistant", "content": said})), template, loaded.tokenizer)
    prompt = question(loaded.model, loaded.tokenizer, template, turns, GREEDY).prompt
    assert prompt == row.ids[: len(prompt)]
    assert row.labels[len(prompt) - 1] == -100
    assert row.labels[len(prompt) :] == row.ids[len(prompt) :], "the answer begins right after the prompt"


def test_an_encoder_reads_what_it_was_trained_on(loaded: Loaded) -> None:
    model = _t5(len(loaded.tokenizer))
    turns = CONVERSATIONS["with input"]
    pair = encode_pair(
        Conversation("", (*turns, {"role": "assistant", "content": "1"})), loaded.template, loaded.tokenizer
    )
    assert prompt_ids(model, loaded.tokenizer, loaded.template, turns) == pair.ids


# Answers


@pytest.mark.parametrize("asked", ANSWERS)
def test_answers_come_in_parts_of_whole_characters(asked: str, loaded: Loaded) -> None:
    parts = list(answer_stream(*loaded, [{"role": "user", "content": asked}], temperature=0))
    assert "".join(parts) == ANSWERS[asked]
    assert len(parts) > 1, "as they are written"
    assert not any("\ufffd" in part or not part for part in parts)


@pytest.mark.parametrize(("asked", "given"), WITH_INPUT)
def test_an_input_has_its_place(asked: str, given: str, loaded: Loaded) -> None:
    turns = [{"role": "user", "content": asked, "input": given}]
    assert "".join(answer_stream(*loaded, turns, temperature=0)) == WITH_INPUT[asked, given]


def test_a_seed_gives_an_answer_again(loaded: Loaded) -> None:
    hot = {"temperature": 2.0, "top_p": 1.0}
    found = [said(loaded, PLANET, **hot, seed=seed) for seed in (1, 2, 3, 1)]
    assert found[0] == found[3]
    assert len(set(found)) == 3
    assert said(loaded, PLANET, temperature=0, seed=1) == said(loaded, PLANET, temperature=0, seed=2)


def test_a_stream_may_be_left(loaded: Loaded) -> None:
    stream: Any = answer_stream(*loaded, [{"role": "user", "content": HELLO}], temperature=0)
    assert next(stream) == "你"
    stream.close()
    assert said(loaded, HELLO) == ANSWERS[HELLO]


def test_a_prompt_that_does_not_fit(loaded: Loaded) -> None:
    with pytest.raises(UsageError, match=f"the prompt has .* tokens, and the model reads and writes {CONTEXT} in all"):
        said(loaded, "river " * 200)
    assert said(loaded, "river " * 16, max_new_tokens=10_000), "cut where the context ends"


# Sessions


def test_a_session(session: Callable[..., tuple[str, str]]) -> None:
    assert session(PLANET, "", "/reset", HELLO, "/exit", "never asked") == (
        "Jupiter\n你好，世界！\n",
        "(a new conversation)\n",
    )
    assert session() == ("", "")
    assert session("/help")[1].startswith("(/reset")


def test_the_conversation_is_kept(session: Callable[..., tuple[str, str]], loaded: Loaded) -> None:
    first = ANSWERS[PLANET]
    second = said(loaded, PLANET, first, HELLO)
    assert session(PLANET, HELLO)[0] == f"{first}\n{shown(second, lines=True)}\n"
    turns = [{"role": "system", "content": "Hm."}, {"role": "user", "content": PLANET}]
    alone = "".join(answer_stream(*loaded, turns, temperature=0, max_new_tokens=40))
    assert session(PLANET, system="Hm.")[0] == f"{shown(alone, lines=True)}\n"


def test_a_full_context_forgets_the_oldest(session: Callable[..., tuple[str, str]]) -> None:
    printed, told = session(*[PLANET] * 12)
    assert printed.count("\n") >= 12
    assert f"(the context of {CONTEXT} tokens is full: the oldest question and its answer are forgotten)" in told
    printed, told = session(PLANET, "river " * 200, "/reset", HELLO)
    assert re.search(r"\(the prompt has .* in all: ask something shorter\)", told)
    assert printed == f"{ANSWERS[PLANET]}\n{ANSWERS[HELLO]}\n", "what was too long is no part of the conversation"


def test_what_is_forgotten_leaves_room(loaded: Loaded) -> None:
    streams = Streams(io.StringIO(), io.StringIO(), io.StringIO())
    session = Session(loaded, GREEDY, streams)
    turns: tuple[dict[str, str], ...] = ({"role": "system", "content": "Hm."},)
    for number in range(10):
        turns = session.turn(turns, f"{PLANET} {number}")
        assert turns[0] == {"role": "system", "content": "Hm."}
        assert len(prompt_ids(*loaded, turns[:-1])) + CONTEXT // 4 <= CONTEXT
        assert [turn["role"] for turn in turns[1:]] == ["user", "assistant"] * (len(turns) // 2)
    assert 3 <= len(turns) < 21


def test_an_answer_is_cut(session: Callable[..., tuple[str, str]]) -> None:
    printed, told = session(HELLO, sampling=Sampling(temperature=0, max_tokens=4))
    assert printed.startswith("你")
    assert "\ufffd" not in printed
    assert told == "(cut after 4 tokens)\n"


class Interrupted(io.StringIO):
    """Somebody presses Ctrl-C after so many characters."""

    left = 3

    def write(self, text: str) -> int:
        done = super().write(text)
        self.left -= done
        if self.left == 0:
            raise KeyboardInterrupt
        return done


def test_ctrl_c_ends_an_answer_and_no_session(folder: Path) -> None:
    stdout = Interrupted()
    streams = Streams(io.StringIO(f"{HELLO}\n/reset\n{PLANET}\n"), stdout, io.StringIO())
    converse(str(folder), sampling=GREEDY, streams=streams)
    assert stdout.getvalue() == f"{ANSWERS[HELLO][:3]}\nJupiter\n"


def test_what_a_model_writes_does_not_steer_the_terminal(
    session: Callable[..., tuple[str, str]], loaded: Loaded
) -> None:
    assert said(loaded, "Clear my screen.") == ANSWERS["Clear my screen."], "the text itself is as it is"
    assert session("Clear my screen.")[0] == "\\x1b[2J\\x9b31mdone\\x07\\r!\n"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_is_told_how_to_leave(folder: Path) -> None:
    stderr = io.StringIO()
    streams = Streams(Terminal(f"{PLANET}\n"), io.StringIO(), stderr)
    converse(str(folder), sampling=GREEDY, streams=streams)
    assert "/exit or Ctrl-D ends it" in stderr.getvalue()


def once(folder: Path, prompt: str, stdin: str = "", **more: Any) -> str:
    stdout = io.StringIO()
    streams = Streams(io.StringIO(stdin), stdout, io.StringIO())
    ask_once(str(folder), prompt, sampling=GREEDY, streams=streams, **more)
    return stdout.getvalue()


def test_one_question(folder: Path) -> None:
    assert once(folder, PLANET) == "Jupiter\n"
    assert once(folder, "-", f"{PLANET}\n") == "Jupiter\n"
    assert once(folder, "Write the word in capitals.", given="owl") == "OWL\n"
    assert once(folder, "Write the word in capitals.", "bee\n", given="-") == "BEE\n"
    assert once(folder, PLANET, template="plain")


@pytest.mark.parametrize(
    ("prompt", "more", "words"),
    [
        ("-", {"given": "-"}, "only one of them can be read from stdin"),
        (" ", {}, "the prompt is empty"),
        ("river " * 200, {}, "the prompt has"),
        ("Hello", {"template": "alpacca"}, "no template 'alpacca'"),
    ],
)
def test_mistakes_of_one_question(prompt: str, more: dict[str, str], words: str, folder: Path) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        once(folder, prompt, **more)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("ask", [partial(ask_once, prompt="-"), converse])
def test_stdin_that_is_no_text(ask: Callable[..., None], folder: Path) -> None:
    broken = io.TextIOWrapper(io.BytesIO(b"caf\xe9\n"), encoding="utf-8")
    streams = Streams(broken, io.StringIO(), io.StringIO())
    with pytest.raises(UsageError, match="not UTF-8"):
        ask(str(folder), streams=streams)


# Loading


def _t5(size: int) -> Any:
    make: Any = T5ForConditionalGeneration
    torch.manual_seed(0)
    config = T5Config(vocab_size=size, d_model=32, d_kv=8, d_ff=64, num_layers=2, num_heads=4)
    config.eos_token_id, config.pad_token_id, config.decoder_start_token_id = 1, 2, 2
    return make(config).eval()


ADAPTERS: dict[str, Callable[[], Any]] = {
    "lora": lambda: peft.LoraConfig(task_type="CAUSAL_LM", init_lora_weights=False),
    "whole layers": lambda: peft.LoraConfig(
        task_type="CAUSAL_LM", init_lora_weights=False, modules_to_save=["embed_tokens"], ensure_weight_tying=True
    ),
    "adapter": lambda: peft.AdaptionPromptConfig(task_type="CAUSAL_LM", adapter_len=5, adapter_layers=2),
    "ptuning": lambda: peft.PrefixTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=6),
    "p_tuning": lambda: peft.PromptEncoderConfig(task_type="CAUSAL_LM", num_virtual_tokens=6, encoder_hidden_size=16),
}


@pytest.fixture
def adapted(folder: Path, tmp_path: Path) -> Callable[[str], tuple[Any, Path]]:
    def make(kind: str) -> tuple[Any, Path]:
        loaded = load(str(folder))
        torch.manual_seed(1)
        model = peft.get_peft_model(loaded.model, ADAPTERS[kind]()).eval()
        for name, parameter in model.named_parameters():
            if parameter.requires_grad and "encoder" not in name:
                parameter.data.normal_(std=0.5)
        target = tmp_path / kind.replace(" ", "_")
        model.save_pretrained(target, save_embedding_layers=False)
        loaded.tokenizer.save_pretrained(target)
        return model, target

    return make


@pytest.mark.parametrize("kind", ADAPTERS)
def test_adapters_come_back_on_their_base(
    kind: str, adapted: Callable[[str], tuple[Any, Path]], loaded: Loaded
) -> None:
    model, target = adapted(kind)
    there = load(str(target))
    ids = torch.arange(3, 20)[None]
    with torch.no_grad():
        before, after = model(ids).logits, there.model(ids).logits
        plain = loaded.model(ids).logits
    torch.testing.assert_close(after, before, atol=1e-5, rtol=1e-4)
    assert (after[:, -17:] - plain).abs().max() > 0.1, "it is not the base alone"
    assert said(there, PLANET) == said(Loaded(model, *loaded[1:]), PLANET)
    assert not any(parameter.requires_grad for parameter in there.model.parameters())


def test_a_larger_vocabulary_than_the_base_has(folder: Path, tmp_path: Path) -> None:
    """As `train` leaves it when it had to add a token to pad with: the rows are made again as training made them."""
    from selfinstruct.finetune.models.vocabulary import fit

    model, tokenizer, _ = load(str(folder))
    known = len(tokenizer)
    tokenizer.add_special_tokens({"pad_token": "<padding>"})
    fit(model, tokenizer, known)
    trained = peft.get_peft_model(model, ADAPTERS["lora"]()).eval()
    trained.save_pretrained(tmp_path, save_embedding_layers=False)
    tokenizer.save_pretrained(tmp_path)
    there = load(str(tmp_path))
    ids = torch.tensor([[5, known, 6]])
    with torch.no_grad():
        torch.testing.assert_close(there.model(ids).logits, trained(ids).logits, atol=1e-5, rtol=1e-4)


def test_an_encoder_and_a_decoder(loaded: Loaded, tmp_path: Path) -> None:
    model = _t5(len(loaded.tokenizer))
    saved(model, loaded.tokenizer, tmp_path)
    there = load(str(tmp_path))
    ids = torch.tensor([prompt_ids(*there, [{"role": "user", "content": PLANET}])])
    found = model.generate(input_ids=ids, max_new_tokens=12, do_sample=False)[0, 1:].tolist()
    answer = question(*there, [{"role": "user", "content": PLANET}], Sampling(temperature=0, max_tokens=12))
    session = Session(there, GREEDY, Streams(io.StringIO(), io.StringIO(), io.StringIO()))
    session.say(answer)
    assert answer.tokens == found


def test_half_precision_is_fp32_on_a_cpu_that_has_the_memory(
    loaded: Loaded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved(load(_copy(loaded, tmp_path / "a")).model.bfloat16(), loaded.tokenizer, tmp_path / "half")
    assert load(str(tmp_path / "half")).model.dtype == torch.float32
    size = sum(parameter.numel() for parameter in loaded.model.parameters())
    memory = type(psutil.virtual_memory())

    def have(free: int) -> None:
        monkeypatch.setattr(psutil, "virtual_memory", lambda: memory(*(free,) * len(memory._fields)))

    have(3 * size)
    assert load(str(tmp_path / "half")).model.dtype == torch.bfloat16
    have(size)
    with pytest.raises(UsageError, match=r"half needs about 0\.0 GB of memory, and 0\.0 GB are free: close"):
        load(str(tmp_path / "half"))


def _copy(loaded: Loaded, target: Path) -> str:
    return str(saved(loaded.model, loaded.tokenizer, target))


def _cut(folder: Path) -> None:
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-1000])


def _without_a_layer(folder: Path) -> None:
    file = folder / "model.safetensors"
    save_file({name: weight for name, weight in load_file(file).items() if "layers.1.mlp" not in name}, file)


def _of_another_kind(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"model_type": "clip", "architectures": ["CLIPModel"]}))


BROKEN: dict[str, tuple[Callable[[Path], object], str]] = {
    "no config": (lambda folder: (folder / "config.json").unlink(), "is no model: it has no config.json"),
    "config cut": (lambda folder: (folder / "config.json").write_text("{"), "config.json is broken"),
    "no weights": (lambda folder: (folder / "model.safetensors").unlink(), r"has no \*\.safetensors"),
    "weights cut": (_cut, "is no whole safetensors file"),
    "a layer missing": (
        _without_a_layer,
        "lacks weights of a LlamaForCausalLM: model.layers.1.mlp.* and 2 others",
    ),
    "another kind": (_of_another_kind, "is a CLIPModel, which writes no text"),
    "no tokenizer": (lambda folder: (folder / "tokenizer.json").unlink(), "cannot load"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_folder_gets_one_line(name: str, folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "model")
    damage, words = BROKEN[name]
    damage(tmp_path / "model")
    with pytest.raises(UsageError, match=words) as caught:
        load(str(tmp_path / "model"))
    assert "\n" not in str(caught.value)


def test_broken_adapters(adapted: Callable[[str], tuple[Any, Path]]) -> None:
    _, target = adapted("lora")
    file, config = target / "adapter_model.safetensors", target / "adapter_config.json"
    weights, about = load_file(file), json.loads(config.read_text())
    save_file({name: weight for name, weight in weights.items() if "layers.0" not in name}, file)
    with pytest.raises(UsageError, match="lacks weights of its adapter"):
        load(str(target))
    file.unlink()
    with pytest.raises(UsageError, match=r"lacks adapter_model\.safetensors"):
        load(str(target))
    save_file(weights, file)
    config.write_text(json.dumps(about | {"base_model_name_or_path": "/no/base"}))
    with pytest.raises(UsageError, match=r"there is no folder /no/base: the base of .*lora"):
        load(str(target))
    config.write_text(json.dumps(about | {"base_model_name_or_path": None}))
    with pytest.raises(UsageError, match="names no base"):
        load(str(target))


# Identity


def test_other_weights_are_another_model(
    folder: Path, tmp_path: Path, adapted: Callable[[str], tuple[Any, Path]]
) -> None:
    first = identity(located(str(folder)))
    assert re.fullmatch("[0-9a-f]{12}", first)
    copy = tmp_path / "elsewhere"
    shutil.copytree(folder, copy)
    (copy / "train.json").write_text('{"seconds": 3}')
    (copy / "README.md").write_text("# Mine")
    assert identity(located(str(copy))) == first, "a copy of it, and a report about it"
    weights = bytearray((copy / "model.safetensors").read_bytes())
    weights[-1] ^= 1
    (copy / "model.safetensors").write_bytes(weights)
    changed = identity(located(str(copy)))
    assert changed != first, "a single bit"
    (copy / "chat_template.jinja").write_text("{{ messages[0].content }}")
    assert identity(located(str(copy))) not in (first, changed)
    _, target = adapted("lora")
    on_it, on_another = Source(target, folder), Source(target, copy)
    assert len({identity(on_it), identity(on_another), first}) == 3


def test_files_of_the_hub_have_their_hashes_as_names(folder: Path, tmp_path: Path) -> None:
    snapshot, blobs = tmp_path / "snapshots" / "abc", tmp_path / "blobs"
    shutil.copytree(folder, snapshot)
    blobs.mkdir()
    file = snapshot / "model.safetensors"
    file.rename(blobs / ("0" * 64))
    file.symlink_to(blobs / ("0" * 64))
    first = identity(located(str(snapshot)))
    (blobs / ("0" * 64)).rename(blobs / ("1" * 64))
    file.unlink()
    file.symlink_to(blobs / ("1" * 64))
    assert identity(located(str(snapshot))) != first
