"""Decoding: the same tokens as transformers' own loop, alone or beside others, for every kind of model."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import peft
import pytest
import torch
import transformers

from selfinstruct.errors import UsageError
from selfinstruct.finetune.answer.decoding import Batch, Roomy, decode, drawn, give_room
from selfinstruct.finetune.answer.sampling import Answer, Sampling, TooLong, continuation
from selfinstruct.finetune.models.facts import context_of
from selfinstruct.finetune.models.open import out_of_memory
from selfinstruct.finetune.models.tiny import tiny_tokenizer

pytestmark = [
    pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning"),  # by PEFT 0.21
]
torch.set_num_threads(1)

TEXTS = [
    "Name three rivers.",
    "你好，世界！ 🍌 Straße",
    "- one\n- two\n",
    "### Response: yes",
    "a b c d e f g 1 2 3",
] * 4
TOKENIZER = tiny_tokenizer(TEXTS, 330)
SIZE = len(TOKENIZER)
PROMPTS = [
    [0, *(random.Random(number).randrange(3, SIZE) for _ in range(length))]
    for number, length in enumerate((3, 17, 8, 30, 1, 12, 24, 5))
]


def _llama(**more: Any) -> Any:
    return _whole(transformers.LlamaForCausalLM, transformers.LlamaConfig, **more)


def _whole(kind: Any, config: Any, **more: Any) -> Any:
    """A small model whose random weights are large enough for one token to be much likelier than another."""
    sizes = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "max_position_embeddings": 128}
    heads = {"num_attention_heads": 4, "num_key_value_heads": 2}
    tokens = {"vocab_size": SIZE, "bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 2}
    torch.manual_seed(0)
    model = kind(config(**sizes | heads | tokens | more)).eval()
    for parameter in model.parameters():
        if parameter.dim() > 1:
            parameter.data.mul_(4)
    return model


def _t5() -> Any:
    torch.manual_seed(0)
    config = transformers.T5Config(
        vocab_size=SIZE, d_model=32, d_kv=8, d_ff=64, num_layers=2, num_heads=4, dropout_rate=0.3
    )
    config.decoder_start_token_id = 2
    make: Any = transformers.T5ForConditionalGeneration
    return make(config).eval()


def _with(config: Callable[[], Any], base: Callable[[], Any] = _llama) -> Any:
    model = base()
    torch.manual_seed(1)
    adapted = peft.get_peft_model(model, config()).eval()
    for name, parameter in adapted.named_parameters():
        if "adaption_gate" in name:  # it starts shut
            parameter.data.fill_(0.7)
    return adapted


GEMMA = {"sliding_window": 8, "head_dim": 8}
MODELS: dict[str, Callable[[], Any]] = {
    "llama": _llama,
    "gpt2": lambda: _whole(transformers.GPT2LMHeadModel, transformers.GPT2Config),
    "gemma3": lambda: _whole(transformers.Gemma3ForCausalLM, transformers.Gemma3TextConfig, **GEMMA),
    "mistral": lambda: _whole(transformers.MistralForCausalLM, transformers.MistralConfig, sliding_window=8),
    "t5": _t5,
    "lora": lambda: _with(lambda: peft.LoraConfig(task_type="CAUSAL_LM", init_lora_weights=False)),
    "adapter": lambda: _with(lambda: peft.AdaptionPromptConfig(task_type="CAUSAL_LM", adapter_len=5, adapter_layers=2)),
    "ptuning": lambda: _with(lambda: peft.PrefixTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=6)),
    "p_tuning": lambda: _with(
        lambda: peft.PromptEncoderConfig(task_type="CAUSAL_LM", num_virtual_tokens=6, encoder_hidden_size=16)
    ),
    "t5 ptuning": lambda: _with(lambda: peft.PrefixTuningConfig(task_type="SEQ_2_SEQ_LM", num_virtual_tokens=6), _t5),
}


def answers(numbers: Sequence[int], temperature: float) -> list[Answer]:
    """Of the prompts of these numbers, each with rules of its own."""
    return [
        Answer(
            PROMPTS[number],
            TOKENIZER,
            [1],
            Sampling(
                temperature=temperature,
                top_p=1 if number % 2 else 0.9,
                max_tokens=14 - number,
                presence_penalty=0.5 * (number % 3),
                frequency_penalty=0.3 * (number % 2),
                seed=number,
            ),
        )
        for number in numbers
    ]


def written(model: Any, given: list[Answer]) -> list[list[int]]:
    for _ in decode(model, given):
        pass
    return [answer.tokens for answer in given]


@pytest.mark.parametrize("name", MODELS)
def test_beside_others_or_alone(name: str) -> None:
    model = MODELS[name]()
    for temperature in (0.0, 1.0):
        alone = [written(model, answers([number], temperature))[0] for number in range(8)]
        assert written(model, answers(range(8), temperature)) == alone
        assert len({tuple(tokens) for tokens in alone}) == 8
        batch, later = Batch(model), answers(range(8), temperature)
        batch.add(later[:3])
        for _ in range(3):
            batch.step()
        if batch.joinable:
            batch.add(later[3:6])
            batch.step()
            batch.add(later[6:])
            while batch.answers:
                batch.step()
            assert [answer.tokens for answer in later] == alone, "those that join change nothing"
    assert Batch(model).joinable


def test_who_can_be_joined() -> None:
    able = {name: Batch(make()) for name, make in MODELS.items() if name in ("llama", "lora", "gemma3", "t5")}
    for batch in able.values():
        batch.add(answers([0], 0.0))
    assert {name for name, batch in able.items() if batch.joinable} == {"llama", "lora"}


@pytest.mark.parametrize("name", [name for name in MODELS if "ptuning" not in name and name != "p_tuning"])
def test_as_transformers_itself(name: str) -> None:
    model = MODELS[name]()
    for prompt in PROMPTS[:4]:
        ids = torch.tensor([prompt])
        more = {"max_new_tokens": 10, "do_sample": False, "eos_token_id": 1, "pad_token_id": 2}
        found = model.generate(input_ids=ids, attention_mask=torch.ones_like(ids), **more)[0].tolist()
        start = 1 if "t5" in name else len(prompt)
        answer = Answer(prompt, TOKENIZER, [1], Sampling(temperature=0, max_tokens=10))
        assert written(model, [answer]) == [found[start:]]


@pytest.mark.parametrize("name", ["ptuning", "p_tuning", "adapter", "t5 ptuning"])
def test_as_in_training(name: str) -> None:
    """Each token is the likeliest one by a forward pass over all of the text, as training makes it."""
    model = MODELS[name]()
    for prompt in PROMPTS[:3]:
        answer = Answer(prompt, TOKENIZER, [1], Sampling(temperature=0, max_tokens=8))
        written(model, [answer])
        ids = torch.tensor([prompt])
        given = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
        if "t5" in name:
            given["decoder_input_ids"] = torch.tensor([[2, *answer.tokens[:-1]]])
        else:
            ids = torch.tensor([prompt + answer.tokens[:-1]])
            given = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
        with torch.no_grad():
            likeliest = model(**given).logits[0].argmax(-1).tolist()
        assert likeliest[-len(answer.tokens) :] == answer.tokens


def test_a_model_in_training_stays_so() -> None:
    model = _t5().train()  # with dropout, which must not be felt
    assert written(model, answers([1, 2], 0.0)) == written(_t5(), answers([1, 2], 0.0))
    assert model.training
    steps = decode(model, answers([1], 0.0))
    next(steps)
    assert not model.training
    steps.close()
    assert model.training


def test_a_model_without_keys_and_values_is_refused() -> None:
    config = transformers.MambaConfig(vocab_size=SIZE, hidden_size=16, num_hidden_layers=1, state_size=4)
    with pytest.raises(UsageError, match="a model of the type 'mamba' keeps no keys and values"):
        written(transformers.MambaForCausalLM(config), answers([0], 0.0))


def test_damaged_weights_are_no_answer() -> None:
    model = _llama()
    model.lm_head.weight.data.fill_(math.nan)
    with pytest.raises(UsageError, match="the model computes no numbers"):
        written(model, answers([0], 0.0))


# Sampling


def answer_with(tokens: Sequence[int] = (), **sampling: Any) -> Answer:
    answer = Answer([0], TOKENIZER, [1], Sampling(**sampling))
    answer.tokens = list(tokens)
    return answer


def shares(logits: Sequence[float], answer: Answer, draws: int = 20_000) -> list[float]:
    generator = torch.Generator().manual_seed(1)
    given = torch.tensor(logits)
    found = Counter(int(drawn(given, answer, generator)) for _ in range(draws))
    return [found[token] / draws for token in range(len(logits))]


@pytest.mark.parametrize(
    ("sampling", "expected"),
    [
        ({}, [0.5, 0.3, 0.15, 0.05]),
        ({"temperature": 0.5}, [0.6849, 0.2466, 0.0616, 0.0068]),  # squares, of which the sum is 0.365
        ({"temperature": 0.0}, [1, 0, 0, 0]),
        ({"top_p": 0.5}, [1, 0, 0, 0]),
        ({"top_p": 0.51}, [0.625, 0.375, 0, 0]),
        ({"top_p": 0.0}, [1, 0, 0, 0]),
        ({"temperature": 1e-9, "top_p": 0.9}, [1, 0, 0, 0]),
    ],
)
def test_shares(sampling: dict[str, Any], expected: list[float]) -> None:
    """4 standard deviations of 20,000 draws are at most 0.0142."""
    logits = [math.log(share) for share in (0.5, 0.3, 0.15, 0.05)]
    assert shares(logits, answer_with(**sampling)) == pytest.approx(expected, abs=0.0142)


def test_penalties_as_openai_defines_them() -> None:
    """mu[j] - c[j] * frequency - (c[j] > 0) * presence, with c[j] how often token j was written."""
    logits, written_before = torch.zeros(6), [3, 3, 3, 4]
    answer = answer_with(written_before, presence_penalty=0.5, frequency_penalty=0.25)
    expected = torch.tensor([0, 0, 0, -0.5 - 0.75, -0.5 - 0.25, 0]).softmax(0).tolist()
    assert shares(logits.tolist(), answer) == pytest.approx(expected, abs=0.0142)
    greedy = answer_with(written_before, temperature=0, presence_penalty=-2, frequency_penalty=-1)
    assert int(drawn(logits, greedy, torch.Generator())) == 3, "a negative one repeats"


def test_out_of_memory_by_any_name() -> None:
    with pytest.raises(RuntimeError) as caught:
        torch.empty(2**60)
    assert out_of_memory(caught.value)
    assert out_of_memory(torch.OutOfMemoryError("CUDA out of memory"))
    assert not out_of_memory(RuntimeError("shapes do not match"))


# Text


def spell(answer: Answer, tokens: Sequence[int]) -> list[str]:
    """The parts that a reader sees."""
    parts, told = [], 0
    for token in tokens:
        if answer.finish:
            break
        answer.take(token)
        if len(answer.text) > told:
            parts.append(answer.text[told:])
            told = len(answer.text)
    return parts


def tokens_of(text: str) -> list[int]:
    """As many as can be: a byte each."""
    number: Any = TOKENIZER.convert_tokens_to_ids
    return [number(char) for char in TOKENIZER.tokenize(text) for char in char]


def test_characters_come_whole() -> None:
    text = "好🍌é, Straße\n"
    tokens = tokens_of(text)
    assert len(tokens) == len(text.encode())
    assert spell(answer_with(), [*tokens, 1]) == list(text)


def test_a_character_cut_in_half_is_left_out() -> None:
    for length in range(1, 8):
        answer = answer_with(max_tokens=length)
        spell(answer, tokens_of("a好🍌"))
        assert answer.text == {1: "a", 2: "a", 3: "a", 4: "a好", 5: "a好", 6: "a好", 7: "a好"}[length]
        assert answer.finish == "length"


def test_text_is_what_the_tokenizer_decodes() -> None:
    for seed in range(40):
        rng = random.Random(seed)
        tokens = [rng.randrange(3, SIZE) for _ in range(40)]
        answer = answer_with()
        spell(answer, [*tokens, 1])
        assert answer.text == TOKENIZER.decode(tokens)
        assert answer.finish == "stop"


@pytest.mark.parametrize(
    ("stop", "text", "finish"),
    [
        (("six",), "one two three four five", "length"),
        (("three",), "one two ", "stop"),
        (("four", "two", "o th"), "one ", "stop"),
        (("o three fourth", "ee f"), "one two thr", "stop"),
        (("", "five!"), "one two three four five", "length"),
        (("one",), "", "stop"),
        (("five",), "one two three four ", "stop"),
    ],
)
def test_stop_texts(stop: tuple[str, ...], text: str, finish: str) -> None:
    tokens = tokens_of("one two three four five")
    answer = answer_with(stop=stop, max_tokens=len(tokens))
    parts = spell(answer, tokens)
    assert (answer.text, answer.finish) == (text, finish)
    assert "".join(parts) == text, "nothing was shown that had to be taken back"


@pytest.mark.parametrize(("said", "text"), [(" yes", "yes"), ("yes", "yes"), ("  yes", " yes"), ("", ""), (" ", "")])
def test_what_the_template_puts_before_an_answer_is_not_part_of_it(said: str, text: str) -> None:
    answer = Answer([0], TOKENIZER, [1], Sampling(stop=(" ",) if said == " yes" else ()), lead=" ")
    spell(answer, [*tokens_of(said), 1])
    assert answer.text == text


def test_a_bare_prefix_gets_its_one_bos_and_what_room_there_is() -> None:
    model = _llama()
    assert continuation(model, TOKENIZER, "one", Sampling()).prompt == [0, *TOKENIZER("one")["input_ids"][1:]]
    long = continuation(model, TOKENIZER, "好" * 40, Sampling())
    assert long.sampling.max_tokens == 128 - len(long.prompt)
    with pytest.raises(TooLong, match=r"the prompt has .* tokens, and the model reads and writes 128 in all"):
        continuation(model, TOKENIZER, "好" * 200, Sampling())
    assert context_of(MODELS["ptuning"]()) == 122
    assert context_of(_t5()) is None


def test_a_cache_with_room_holds_what_a_plain_one_does() -> None:
    """Also where rows leave, others join, and tokens are taken back."""
    torch.manual_seed(0)
    plain, roomy = transformers.DynamicCache(), transformers.DynamicCache()
    for cache in (plain, roomy):
        cache.update(torch.ones(3, 2, 5, 4), torch.zeros(3, 2, 5, 4), 0)
    give_room(roomy)
    assert type(roomy.layers[0]) is Roomy
    first: Any = plain.layers[0]
    for step in range(200):
        rows = len(first.keys)
        new = torch.randn(2, rows, 2, 1 + step % 3, 4)
        held = [cache.update(new[0], new[1], 0) for cache in (plain, roomy)]
        for one, other in zip(*held, strict=True):
            assert torch.equal(one, other)
        for cache in (plain, roomy):
            layer: Any = cache.layers[0]
            if step % 50 == 20:
                layer.keys, layer.values = (torch.cat([held, held[:1]]) for held in (layer.keys, layer.values))
            elif step % 50 == 30:
                layer.batch_select_indices(torch.tensor([2, 0]))
            elif step % 50 == 40:
                layer.crop(-3)
