"""What servers say of a request that is too large, in the words of many: whose fault it is, and by how much."""

from __future__ import annotations

from typing import Any

import pytest
from openai_stub import Reply, chat, error, serving

from selfinstruct.errors import Declined
from selfinstruct.teacher import Request
from selfinstruct.teachers.http.endpoint import Endpoint
from selfinstruct.teachers.http.room import Cuts, Room, is_about_room, room_of, round_down
from selfinstruct.teachers.pacing.throttle import Throttle

TABLE: list[tuple[str, int | None, Room]] = [
    # OpenAI, Azure
    (
        "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.",
        512,
        Room("prompt", 8192, 9000),
    ),
    (
        "This model's maximum context length is 8192 tokens. However, you requested 9224 tokens (1224 in the messages, "
        "8000 in the completion). Please reduce the length.",
        8000,
        Room("max_tokens", 8192, 1224, 6968),
    ),
    (
        "This model's maximum context length is 128000 tokens. However, you requested 132577 tokens (92320 in the "
        "messages, 23873 in the functions, and 16384 in the completion).",
        16384,
        Room("max_tokens", 128000, 116193, 11807),
    ),
    (
        "This model's maximum context length is 4097 tokens, however you requested 4612 tokens (3112 in your prompt; "
        "1500 for the completion). Please reduce your prompt; or completion length.",
        1500,
        Room("max_tokens", 4097, 3112, 985),
    ),
    (
        "max_tokens is too large: 100000. This model supports at most 16384 completion tokens, whereas you provided "
        "100000.",
        100_000,
        Room("setting", most=16384),
    ),
    (
        "Input tokens exceed the configured limit of 272000 tokens. Your messages resulted in 300000 tokens.",
        10,
        Room("prompt", 272_000, 300_000),
    ),
    ("context_length_exceeded Your input exceeds the context window of this model.", 10, Room("prompt")),
    # vLLM, old to new
    (
        "This model's maximum context length is 4096 tokens. However, you requested 5060 tokens (4036 in the messages, "
        "1024 in the completion).",
        1024,
        Room("max_tokens", 4096, 4036, 60),
    ),
    (
        "'max_tokens' or 'max_completion_tokens' is too large: 4096. This model's maximum context length is 2048 "
        "tokens and your request has 100 input tokens (4096 > 2048 - 100).",
        4096,
        Room("setting", 2048, 100, 1948),
    ),
    (
        "This model's maximum context length is 2048 tokens. However, you requested 512 output tokens and your prompt "
        "contains at least 1701 input tokens, for a total of at least 2213 tokens. (parameter=input_tokens)",
        512,
        Room("max_tokens", 2048, 1701, 347),
    ),
    (
        "This model's maximum context length is 2048 tokens. However, you requested 0 output tokens and your prompt "
        "contains at least 2049 input tokens, for a total of at least 2049 tokens.",
        None,
        Room("prompt", 2048, 2049),
    ),
    (
        "This model's maximum context length is 2048 tokens. However, your request has 8 input tokens plus 2045 "
        "'max_tokens'. Please reduce one or the other. (parameter=input_tokens, max_tokens, value=(8, 2045))",
        2045,
        Room("max_tokens", 2048, 8, 2040),
    ),
    # what is called the context is what max_tokens leaves of it
    (
        "This model's maximum context length is 3 tokens. However, your request has 8 input tokens.",
        2045,
        Room("max_tokens", 2048, 8, 2040),
    ),
    (
        "This model's maximum context length is 2048 tokens. However, your request has 9000 input tokens.",
        1024,
        Room("prompt", 2048, 9000),
    ),
    (
        "The decoder prompt (length 9000) is longer than the maximum model length of 2048.",
        16,
        Room("prompt", 2048, 9000),
    ),
    ("max_tokens must be at least 1, got -52.", None, Room("prompt")),
    # what max_tokens leaves is round, too, and what it was taken from is rounder
    (
        "This model's maximum context length is 48 tokens. However, your request has 60 input tokens.",
        2000,
        Room("max_tokens", 2048, 60, 1988),
    ),
    (
        "This model's maximum context length is 3072 tokens. However, your request has 3500 input tokens.",
        1024,
        Room("max_tokens", 4096, 3500, 596),
    ),
    # since 0.18, where counting ends at the first token that is too many
    (
        "max_tokens=100000 cannot be greater than max_model_len=max_total_tokens=4096. Please request fewer output "
        "tokens. (parameter=max_tokens, value=100000)",
        100_000,
        Room("setting", 4096, None, 4046),
    ),
    (
        "max_completion_tokens=131072 cannot be greater than max_model_len=128000",
        131_072,
        Room("setting", 128_000, None, 127_950),
    ),
    ("max_tokens=9000 cannot be greater than max_model_len", 9000, Room("setting")),
    (
        "You passed 3073 input tokens and requested 1024 output tokens. However, the model's context length is only "
        "4096 tokens, resulting in a maximum input length of 3072 tokens. Please reduce the length of the input. "
        "(parameter=input_tokens, value=3073)",
        1024,
        Room("max_tokens", 4096, None, 4046),
    ),
    (
        "You passed 2049 input tokens and requested 0 output tokens. However, the model's context length is only 2048 "
        "tokens, resulting in a maximum input length of 2048 tokens. Please reduce the length of the input prompt.",
        None,
        Room("prompt", 2048, 2049),
    ),
    (
        "This model's maximum context length is 4096 tokens. However, you requested 5 output tokens and your prompt "
        "contains at least 4092 input tokens, for a total of at least 4097 tokens. Please reduce the length of the "
        "input prompt or the number of requested output tokens.",
        5,
        Room("prompt", 4096),
    ),
    (
        "This model's maximum context length is 4096 tokens. However, you requested 4096 output tokens and your prompt "
        "contains 110 characters (more than 0 characters, which is the upper bound for 0 input tokens).",
        4096,
        Room("setting", 4096, None, 4046),
    ),
    (
        "You passed 90000 input characters and requested 16 output tokens. However, the model's context length is only "
        "4096 tokens, resulting in a maximum input length of 4080 tokens (at most 81600 characters).",
        16,
        Room("prompt", 4096),
    ),
    # SGLang
    (
        "Input length (9000 tokens) exceeds the maximum allowed length (4090 tokens). Use a shorter input or enable "
        "--allow-auto-truncate.",
        99,
        Room("prompt", 4090, 9000),
    ),
    (
        "The input (61709 tokens) is longer than the model's context length (40960 tokens).",
        99,
        Room("prompt", 40960, 61709),
    ),
    (
        "Requested token count exceeds the model's maximum context length of 4096 tokens. You requested a total of "
        "5010 tokens: 2010 tokens from the input messages and 3000 tokens for the completion.",
        3000,
        Room("max_tokens", 4096, 2010, 2086),
    ),
    # llama.cpp and its Python server
    (
        "400 exceed_context_size_error n_prompt_tokens=900 n_ctx=512 request (900 tokens) exceeds the available "
        "context size (512 tokens), try increasing it",
        64,
        Room("prompt", 512, 900),
    ),
    (
        "400 exceed_context_size_error n_prompt_tokens=900 n_ctx=512 the request exceeds the available context size. "
        "try increasing the context size or enable context shift",
        64,
        Room("prompt", 512, 900),
    ),
    ("Requested tokens (900) exceed context window of 512", 64, Room("prompt", 512, 900)),
    # Ollama
    ("prompt too long; exceeded max context length by 12 tokens", 64, Room("prompt")),
    ("the input length exceeds the context length", 64, Room("prompt")),
    # TGI, Together
    (
        "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 3000 `inputs` tokens and "
        "2000 `max_new_tokens`",
        2000,
        Room("max_tokens", 4096, 3000, 1096),
    ),
    ("`inputs` tokens + `max_new_tokens` must be <= 4096", 4000, Room("max_tokens", 4096, None, 4046)),
    ("`inputs` must have less than 1024 tokens. Given: 2000", 10, Room("prompt", 1024, 2000)),
    # LM Studio
    (
        "Trying to keep the first 5000 tokens when context the overflows. However, the model is loaded with context "
        "length of only 4096 tokens, which is not enough.",
        900,
        Room("prompt", 4096, 5000),
    ),
    (
        "The number of tokens to keep from the initial prompt is greater than the context length. Try to load the "
        "model with a larger context length, or provide a shorter input",
        900,
        Room("prompt"),
    ),
    # Groq, Cerebras: both may be at fault, and none is named
    ("context_length_exceeded Please reduce the length of the messages or completion.", 4000, Room("max_tokens")),
    ("context_length_exceeded Please reduce the length of the messages or completion.", 40, Room("prompt")),
    (
        "Please reduce the length of the messages or completion. Current length is 9412 while limit is 8192 "
        "context_length_exceeded",
        4000,
        Room("max_tokens", 8192, None, 8142),
    ),
    # Cohere, Bedrock, Zhipu, MiniMax
    (
        "too many tokens: total number of tokens in the prompt cannot exceed 128000 - received 200000. Try another.",
        900,
        Room("prompt", 128_000, 200_000),
    ),
    (
        "too many tokens: max tokens must be less than or equal to 4096, the maximum output for this model - received "
        "9000.",
        9000,
        Room("setting", most=4096),
    ),
    (
        "The maximum tokens you requested exceeds the model limit of 4096. Try again with a maximum tokens value that "
        "is lower than 4096.",
        9000,
        Room("setting", most=4096),
    ),
    ("Input is too long for requested model.", 900, Room("prompt")),
    ("1261 Prompt exceeds max length", 900, Room("prompt")),
    ("context window exceeds limit (2013)", 10, Room("prompt")),
    ("The input token count exceeds the maximum number of tokens allowed 1048576.", 5, Room("prompt", 2**20)),
    # Others
    ("Invalid max_tokens value, the valid range of max_tokens is [1, 8192]", 9000, Room("setting", most=8192)),
    ("Range of max_tokens should be [1, 8192]", 9000, Room("setting", most=8192)),
    ("max_tokens 参数非法：限制数值范围[1,4095]", 9000, Room("setting", most=4095)),
    ("Range of input length should be [1, 3072]", 2000, Room("prompt", 3072)),
    (
        "max_tokens: 8192 > 4096, which is the maximum allowed number of output tokens for it",
        8192,
        Room("setting", most=4096),
    ),
    ("prompt is too long: 213462 tokens > 200000 maximum", 9, Room("prompt", 200_000, 213_462)),
    (
        "input length and `max_tokens` exceed context limit: 199000 + 20000 > 200000, decrease input length",
        20_000,
        Room("max_tokens", 200_000, 199_000, 1000),
    ),
    (
        "`max_tokens` must be less than or equal to `8192`, the maximum value for `max_tokens` is less than the "
        "`context_window` for this model",
        9000,
        Room("setting", most=8192),
    ),
    ("max_tokens must be less than or equal to 4096", 5000, Room("setting", most=4096)),
    ("Requests with max_tokens > 4096 must have stream=true", 5000, Room("setting", most=4096)),
    (
        "it has a maxOutputTokens value of 100000 but the supported range is from 1 (inclusive) to 65537 (exclusive)",
        100_000,
        Room("setting", most=65536),
    ),
    (
        "The input token count (9000) exceeds the maximum number of tokens allowed (8192).",
        50,
        Room("prompt", 8192, 9000),
    ),
    (
        "Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length",
        50,
        Room("prompt", 32768, 40000),
    ),
    (
        "This model's maximum prompt length is 131072 but the request contains 537812 tokens.",
        50,
        Room("prompt", 131_072, 537_812),
    ),
    ("Your request exceeded model token limit: 8192 (requested: 9000)", 2000, Room("max_tokens", 8192, 7000, 1192)),
    (
        "This endpoint's maximum context length is 64000 tokens. However, you requested about 64025 tokens (25 of text "
        "input, 64000 in the output).",
        64_000,
        Room("setting", 64_000, 25, 63_975),
    ),
    (
        "The estimated number of input and maximum output tokens (34000) exceeded this model context window limit "
        "(32768).",
        4000,
        Room("max_tokens", 32768, 30_000, 2768),
    ),
    (
        "length of prompt_tokens (9000) must be less than max_seq_len (8192).",
        16,
        Room("prompt", 8192, 9000),
    ),
    ("The prompt is too long: 9000, model maximum context length: 8191", 16, Room("prompt", 8191, 9000)),
    ("Input prompt (9762 tokens) is too long and exceeds limit of 8192", 16, Room("prompt", 8192, 9762)),
    ("max_tokens is too large", 5000, Room("setting")),
    (
        "maximum context length is 1,048,576 tokens; your messages resulted in 2,000,000",
        5,
        Room("prompt", 2**20, 2 * 10**6),
    ),
]


@pytest.mark.parametrize(("words", "asked", "room"), TABLE)
def test_whose_fault_it_is_and_by_how_much(words: str, asked: int | None, room: Room) -> None:
    assert is_about_room(words)
    assert room_of(words, asked, about=50) == room


@pytest.mark.parametrize(
    "words",
    [
        "",
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
        "max_tokens has to be a whole number",
        "Invalid value for temperature: at most 2",
        "messages[3] has 4096 tokens",
        "The model is overloaded, try again in 20 s",
        "request (tokens) too large for organisation: limit 6000 tokens a minute, requested 9000",
        "seed: extra inputs are not permitted [1, 2]",
    ],
)
def test_what_is_about_something_else(words: str) -> None:
    assert not is_about_room(words)
    assert room_of(words, 512, about=50) is None


def test_without_figures_of_the_prompt_an_estimate_decides() -> None:
    words = "This model's maximum context length is 4096 tokens."
    assert room_of(words, 1000, about=5000) == Room("prompt", 4096)
    assert room_of(words, 1000, about=3500) == Room("max_tokens", 4096, None, 596)
    assert room_of(words, 4096, about=3500) == Room("setting", 4096, None, 596)
    assert room_of(words, None, about=3500) == Room("prompt", 4096)


def test_where_counting_stopped_the_estimate_decides() -> None:
    """Failed before: the first token too many was taken for the prompt's last, and max_tokens for the fault."""
    words = (
        "You passed 3073 input tokens and requested 1024 output tokens. However, the model's context length is only "
        "4096 tokens, resulting in a maximum input length of 3072 tokens."
    )
    assert room_of(words, 1024, about=3300) == Room("max_tokens", 4096, None, 796)
    assert room_of(words, 1024, about=4500) == Room("max_tokens", 4096), "an estimate is rather too high"
    assert room_of(words, 1024, about=30_000) == Room("prompt", 4096)


@pytest.mark.parametrize(
    ("most", "said"), [(2015, 2000), (1948, 1900), (8159, 8100), (31_999, 31_000), (212, 210), (99, 99), (7, 7), (0, 0)]
)
def test_a_figure_to_set_leaves_room_for_longer_prompts(most: int, said: int) -> None:
    assert round_down(most) == said


@pytest.mark.parametrize(
    ("seen", "cut"),
    [
        ([(6000, 4096), (7000, 4096)], [False, True]),  # twice the context, of two lengths
        ([(6000, 4096), (6000, 4096)], [False, False]),  # the same prompt, twice
        ([(4000, 4096), (3900, 4096)], [False, False]),  # as long as estimated
        ([(700, 700), (1400, 701)], [False, False]),
        ([(9000, 2100)], [True]),  # no estimate is so far off
        ([(9000, 0), (400, 40)], [False, False]),  # a server that does not count; a short one
    ],
)
def test_prompts_that_are_cut_without_a_word(seen: list[tuple[int, int]], cut: list[bool]) -> None:
    cuts = Cuts()
    assert [cuts.saw(*each) for each in seen] == cut


async def test_a_server_that_cuts_prompts_is_told_of_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    body, told = chat(), list[str]()
    body["usage"]["prompt_tokens"] = 1024
    async with (
        serving(lambda seen: Reply(body)) as server,
        Endpoint("m", base_url=server.url, notice=told.append) as teacher,
    ):
        for words in (2000, 2500, 9000):
            assert (await teacher(Request("river " * words, "m", {}))).text == "Fine."
    (notice,) = told
    assert notice.startswith("m was given 1,024 tokens of a prompt of about ")
    assert "num_ctx" in notice


async def refusal(reply: Reply, params: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Declined:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary-0123456789")
    monkeypatch.setenv("NO_PROXY", "*")
    async with serving(lambda seen: reply) as server, Endpoint("m", base_url=server.url) as teacher:
        with pytest.raises(Declined) as caught:
            await teacher(Request("Hi there.", "m", params))
        assert len(server.seen) == 1
    return caught.value


@pytest.mark.parametrize(
    ("reply", "params", "about", "message", "words"),
    [
        (
            error(
                400,
                "This model's maximum context length is 2048 tokens. However, you requested 2048 output tokens and "
                "your prompt contains at least 33 input tokens, for a total of at least 2081 tokens.",
            ),
            {"max_tokens": 2048},
            "setting",
            "max_tokens=2048 is more than the server gives beside a prompt of 33 tokens (its context: 2,048): set "
            "max_tokens: 2000 or less in the recipe's teacher, or start the server with a longer context",
            "max_tokens=2048 is more than the server gives beside a prompt of 33 tokens (its context: 2,048)",
        ),
        (
            error(400, "max_tokens is too large: 20000. This model supports at most 16384 completion tokens."),
            {"max_completion_tokens": 20_000},
            "setting",
            "max_completion_tokens=20000 is more than the server gives (16,384 at most): set max_completion_tokens: "
            "16384 or less in the recipe's teacher",
            "max_completion_tokens=20000 is more than the server gives (16,384 at most)",
        ),
        (
            error(400, "max_tokens is too large"),
            {"max_tokens": 20_000},
            "setting",
            "max_tokens=20000 is more than the server gives (max_tokens is too large): set a smaller max_tokens in the "
            "recipe's teacher",
            "max_tokens=20000 is more than the server gives (max_tokens is too large)",
        ),
        (
            Reply(
                {
                    "error": {
                        "code": 400,
                        "message": "request (900 tokens) exceeds the available context size (512 tokens)",
                        "type": "exceed_context_size_error",
                        "n_prompt_tokens": 900,
                        "n_ctx": 512,
                    }
                },
                400,
            ),
            {"max_tokens": 64},
            "prompt",
            "a prompt of 900 tokens is longer than the server's context of 512: start it with a longer one (llama.cpp "
            "-c, vLLM --max-model-len, SGLang --context-length, Ollama num_ctx), or name another --model",
            "a prompt of 900 tokens in a context of 512",
        ),
        (
            Reply({"error": "prompt too long; exceeded max context length by 12 tokens"}, 400),
            {},
            "prompt",
            "a prompt is longer than the server's context (prompt too long; exceeded max context length by 12 tokens): "
            "start it with a longer one (llama.cpp -c, vLLM --max-model-len, SGLang --context-length, Ollama num_ctx), "
            "or name another --model",
            "prompt too long; exceeded max context length by 12 tokens",
        ),
        (  # OpenRouter, with what the provider said inside
            Reply(
                {
                    "error": {
                        "message": "Provider returned error",
                        "code": 400,
                        "metadata": {"raw": '{"error": {"message": "the valid range of max_tokens is [1, 8192]"}}'},
                    }
                }
            ),
            {"max_tokens": 9000},
            "setting",
            "max_tokens=9000 is more than the server gives (8,192 at most): set max_tokens: 8192 or less in the "
            "recipe's teacher",
            "max_tokens=9000 is more than the server gives (8,192 at most)",
        ),
    ],
)
async def test_what_people_are_told(
    reply: Reply, params: dict[str, Any], about: str, message: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = await refusal(reply, params, monkeypatch)
    assert (refused.about, str(refused), refused.words) == (about, message, words)


@pytest.mark.parametrize("status", [400, 413, 422, 500])
async def test_every_status_that_says_so(status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = await refusal(error(status, "no", "context_length_exceeded"), {}, monkeypatch)
    assert refused.about == "prompt"


@pytest.mark.parametrize(
    ("words", "most", "stops"),
    [
        # vLLM 0.11 (of 4,096 tokens max_tokens leaves 3,072), 0.18, and one that names no figures
        (
            "This model's maximum context length is 3072 tokens. However, your request has 3500 input tokens.",
            1024,
            True,
        ),
        ("max_tokens=9000 cannot be greater than max_model_len=max_total_tokens=4096.", 9000, True),
        ("Please reduce the length of the messages or completion.", 9000, True),
        (
            "This model's maximum context length is 4096 tokens. However, your request has 9000 input tokens.",
            1024,
            False,
        ),
        ("request (900 tokens) exceeds the available context size (512 tokens), try increasing it", 1024, False),
    ],
)
async def test_one_at_a_time_the_first_is_no_rejection_where_max_tokens_is_at_fault(
    words: str, most: int, stops: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Failed before: with --concurrency 1 the first row was journaled as too long; another max_tokens fits it."""
    monkeypatch.setenv("NO_PROXY", "*")
    refusal = error(400, words, "context_length_exceeded")
    async with serving(lambda seen: refusal) as server, Endpoint("m", base_url=server.url) as endpoint:
        throttle = Throttle(endpoint, concurrency=1)
        asked = Request("Hi there.", "m", {"max_tokens": most})
        if stops:
            with pytest.raises(Declined, match=r"set .*max_tokens"):
                await throttle(asked)
        else:
            assert (await throttle(asked)).finish_reason == "context_length"
