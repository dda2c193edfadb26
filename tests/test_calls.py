"""Tools as people have them, calls as models write them, and what is wrong with a call."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.errors import UsageError
from selfinstruct.stages.calling.calls import calls_in
from selfinstruct.stages.calling.checking import call_fault
from selfinstruct.stages.calling.grounds import made_up
from selfinstruct.stages.calling.numbers import ungrounded
from selfinstruct.stages.calling.tools import as_text, read_tools, shipped_tools, tools_in


def tool(name: str, required: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    schema = {"type": "object", "properties": properties, "required": list(required)}
    return {"type": "function", "function": {"name": name, "description": "", "parameters": schema}}


TEXT, WHOLE = {"type": "string"}, {"type": "integer"}
TIDE = tool(
    "tide_at", ("port",), port=TEXT, days={"type": "integer", "minimum": 1, "maximum": 9}, unit={"enum": ["m", "ft"]}
)
BELLS = tool("ring_bells", tower=TEXT)
TOOLS = (TIDE, BELLS)
CALL = {"name": "tide_at", "arguments": {"port": "Brest", "days": 3}}

ONE = '{"name": "tide_at", "arguments": {"port": "Brest", "days": 3}}'
ARGS = '{"port": "Brest", "days": 3}'
FORMS = {
    "json": ONE,
    "a list": f"[{ONE}]",
    "llama 3": f'{{"name": "tide_at", "parameters": {ARGS}}}',
    "llama 3.1, with its token": f'<|python_tag|>{{"name": "tide_at", "parameters": {ARGS}}}<|eom_id|>',
    "llama 3.1, its own tags": f"<function=tide_at>{ARGS}</function>",
    "llama 3.2 and 4": '[tide_at(port="Brest", days=3)]',
    "openai": json.dumps([{"id": "c1", "type": "function", "function": {"name": "tide_at", "arguments": ARGS}}]),
    "openai's message": json.dumps(
        {"role": "assistant", "tool_calls": [{"function": {"name": "tide_at", "arguments": ARGS}}]}
    ),
    "openai's old one": json.dumps({"function_call": {"name": "tide_at", "arguments": ARGS}}),
    "hermes": f"<tool_call>\n{ONE}\n</tool_call>",
    "hermes, not closed": f"<tool_call>\n{ONE}",
    "hermes, fenced inside": f"<tool_call>\n```json\n{ONE}\n```\n</tool_call>",
    "glaive": f"<functioncall> {ONE}",
    "mistral": f"[TOOL_CALLS] [{ONE}]</s>",
    "mistral small": f"[TOOL_CALLS]tide_at[ARGS]{ARGS}",
    "mistral with an id": f"[TOOL_CALLS]tide_at[CALL_ID]x9Y8z7w6v[ARGS]{ARGS}",
    "deepseek v3": "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>tide_at\n```json\n"
    f"{ARGS}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
    "deepseek v3.1": f"<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>tide_at<｜tool▁sep｜>{ARGS}<｜tool▁call▁end｜>",
    "kimi": "<|tool_calls_section_begin|><|tool_call_begin|>functions.tide_at:0<|tool_call_argument_begin|>"
    f"{ARGS}<|tool_call_end|><|tool_calls_section_end|>",
    "qwen 1": f"✿FUNCTION✿: tide_at\n✿ARGS✿: {ARGS}\n✿RETURN✿",
    "qwen 3 coder": "<tool_call>\n<function=tide_at>\n<parameter=port>\nBrest\n</parameter>\n<parameter=days>\n3\n"
    "</parameter>\n</function>\n</tool_call>",
    "glm": "<tool_call>tide_at\n<arg_key>port</arg_key>\n<arg_value>Brest</arg_value>\n<arg_key>days</arg_key>\n"
    "<arg_value>3</arg_value>\n</tool_call>",
    "gpt-oss": f"<|channel|>commentary to=functions.tide_at <|constrain|>json<|message|>{ARGS}<|call|>",
    "elements": '<function_calls>\n<invoke name="tide_at">\n<parameter name="port">Brest</parameter>\n'
    '<parameter name="days">3</parameter>\n</invoke>\n</function_calls>',
    "granite": f"<|tool_call|>[{ONE}]",
    "gorilla": '<<function>>tide_at(port="Brest", days=3)',
    "command r": f'Action: ```json\n[{{"tool_name": "tide_at", "parameters": {ARGS}}}]\n```',
    "langchain": f'{{"action": "tide_at", "action_input": {ARGS}}}',
    "react": f"Action: tide_at\nAction Input: {ARGS}",
    "labels": f"**Function:** `tide_at`\n**Arguments:**\n```json\n{ARGS}\n```",
    "labels in chinese": f"函数：tide_at\n参数：{ARGS}",
    "xlam": f'{{"tool_calls": [{ONE}]}}',
    "the name as the key": f'{{"tide_at": {ARGS}}}',
    "arguments beside the name": '{"name": "tide_at", "port": "Brest", "days": 3}',
    "openai's multi_tool_use": f'{{"recipient_name": "functions.tide_at", "parameters": {ARGS}}}',
    "python": '```python\nprint(tide_at("Brest", days=3))\n```',
    "python, assigned": "tide = tide_at(port='Brest', days=3)",
    "python, an object": f"tide_at({ARGS})",
    "gemma": '```tool_code\ntide_at(port="Brest", days=3)\n```',
    "a dict of python": "{'name': 'tide_at', 'arguments': {'port': 'Brest', 'days': 3}}",
    "fenced": f"```json\n{json.dumps([CALL], indent=2)}\n```",
    "a comma too many": '[{"name": "tide_at", "arguments": {"port": "Brest", "days": 3,},},]',
    "a bracket too few": ONE[:-1],
    "a bracket too many": f"{ONE}}}",
    "windows": f"<tool_call>\r\n{ONE}\r\n</tool_call>\r\n",
}


@pytest.mark.parametrize("form", FORMS)
def test_a_call_is_the_same_in_every_form(form: str) -> None:
    found = calls_in(FORMS[form], TOOLS)
    assert found.calls == [CALL]
    assert not found.words
    assert not found.broken


@pytest.mark.parametrize("form", sorted(set(FORMS) - {"a bracket too few", "hermes, not closed"}))
@pytest.mark.parametrize("before", ["Sure, I look it up.\n", "好的，我来查一下。\n"])
def test_words_beside_a_call_are_told_apart(form: str, before: str) -> None:
    if "python" in form or form in ("gemma", "llama 3.2 and 4"):
        return  # a program is the whole of an answer
    found = calls_in(f"{before}\n{FORMS[form]}", TOOLS)
    assert found.calls == [CALL]
    assert found.words == before.strip()


@pytest.mark.parametrize("joint", ["\n", "\n\n", ", ", " and "])
def test_several_calls(joint: str) -> None:
    for two in (f"[{ONE}, {ONE.replace('Brest', 'Cork')}]", joint.join((ONE, ONE.replace("Brest", "Cork")))):
        assert [call["arguments"]["port"] for call in calls_in(two, TOOLS).calls] == ["Brest", "Cork"]
    tagged = joint.join(f"<tool_call>{one}</tool_call>" for one in (ONE, '{"name": "ring_bells"}'))
    assert calls_in(tagged, TOOLS).calls == [CALL, {"name": "ring_bells", "arguments": {}}]


@pytest.mark.parametrize(
    "text",
    [
        "Which port do you mean?",
        "你说的是哪个港口？",
        "None of my tools is for that. See [1] or {this}.",
        'They call it "name": nothing more.',
        "I would need tide_at and its port.",
        "1. Brest\n2. Cork",
        "",
    ],
)
def test_words_are_no_call(text: str) -> None:
    assert calls_in(text, TOOLS) == ([], text, False)


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "tide_at", "arguments": {"port": Brest}}',
        '<tool_call>{"name": tide_at}</tool_call>',
        "<tool_call>tide at Brest</tool_call>",
        "[TOOL_CALLS]",
        f'{ONE}\n{{"name": "tide_at", "arguments": {{"port": "Co',
    ],
)
def test_what_was_to_be_a_call_is_broken_and_no_words(text: str) -> None:
    assert calls_in(text, TOOLS).broken


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.text(), VALUES, max_size=4), st.booleans())
def test_any_arguments_come_through(arguments: dict[str, Any], as_text_: bool) -> None:
    inner: Any = json.dumps(arguments) if as_text_ else arguments
    for text in (
        json.dumps([{"name": "tide_at", "arguments": inner}]),
        json.dumps({"name": "tide_at", "parameters": inner}),
    ):
        assert calls_in(text, TOOLS).calls == [{"name": "tide_at", "arguments": arguments}]


@given(
    st.lists(
        st.sampled_from([*FORMS.values(), "{", "[", '"', "tide_at(", "<tool_call>", "}", ")", "a", "\\", "'"]),
        max_size=6,
    )
)
def test_nothing_breaks_it(parts: list[str]) -> None:
    found = calls_in("".join(parts), TOOLS)
    assert all(set(call) == {"name", "arguments"} and isinstance(call["name"], str) for call in found.calls)
    json.dumps(found.calls)


# What is wrong with a call


def called(name: str = "tide_at", /, **arguments: Any) -> dict[str, Any]:
    return {"function": {"name": name, "arguments": arguments}}


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (called(port="Brest"), None),
        (called(port="Brest", days=3, unit="m"), None),
        (called("tides", port="Brest"), "no such tool: tides: did you mean 'tide_at'? There are: tide_at, ring_bells"),
        (called(days=3), "argument missing: tide_at: port"),
        (called(port="Brest", verbose=True), "unknown argument: tide_at: verbose"),
        (called(port="Brest", days="3"), "argument against its schema: tide_at: days: '3' is not of type 'integer'"),
        (called(port="Brest", days=3.5), "argument against its schema: tide_at: days: 3.5 is not of type 'integer'"),
        (
            called(port="Brest", days=12),
            "argument against its schema: tide_at: days: 12 is greater than the maximum of 9",
        ),
        (called(port="Brest", unit="km"), "argument against its schema: tide_at: unit: 'km' is not one of ['m', 'ft']"),
        (called(port=None), "argument against its schema: tide_at: port: None is not of type 'string'"),
        ({"function": {"name": "tide_at", "arguments": "Brest"}}, 'arguments are no object: tide_at: "Brest"'),
    ],
)
def test_a_call_is_checked(call: dict[str, Any], said: str | None) -> None:
    fault = call_fault(call, TOOLS)
    assert (fault and str(fault)) == said


def test_more_arguments_are_no_fault_where_the_schema_takes_any() -> None:
    any_ = tool("log", text=TEXT)
    any_["function"]["parameters"]["additionalProperties"] = WHOLE
    assert call_fault(called("log", text="a", more=1), (any_,)) is None
    assert call_fault(called("log", text="a", more="b"), (any_,))


def test_a_schema_never_reaches_for_the_network() -> None:
    remote = tool("far", at={"$ref": "https://schemas.example/at.json"})
    fault = call_fault(called("far", at=1), (remote,))
    assert fault
    assert fault.category == "argument against its schema"


PAY = tool(
    "pay",
    amount={"type": "number"},
    account=TEXT,
    mail=TEXT,
    day=TEXT,
    lat={"type": "number"},
    limit=WHOLE,
    ratio={"type": "number", "default": 40},
    phone=TEXT,
    link=TEXT,
    flight=TEXT,
)


@pytest.mark.parametrize(
    ("said", "given_", "found"),
    [
        ("Send Bo some money", {"amount": 100}, "amount: 100"),
        ("Send Bo a hundred", {"amount": 100}, ""),
        ("Send Bo half of it", {"amount": 0.5}, ""),
        ("给小林转点钱", {"amount": 300}, "amount: 300"),
        ("给小林转三百块", {"amount": 300}, ""),
        ("Pay 1.5 million", {"amount": 1500000}, ""),
        ("Pay 12,500 please", {"amount": 12500.0}, ""),
        ("Pay 12500 please", {"amount": 12750.5}, "amount: 12750.5"),
        ("Pay it", {"ratio": 40}, ""),
        ("from account 884231", {"account": "ACC-884213"}, 'account: "ACC-884213"'),
        ("from account 884 213", {"account": "ACC-884213"}, ""),
        ("from my account", {"account": "savings"}, ""),
        ("mail Bo", {"mail": "bo@post.example"}, 'mail: "bo@post.example"'),
        ("mail BO@post.example", {"mail": "bo@post.example"}, ""),
        ("a table at Ode", {"day": "2027-05-03"}, 'day: "2027-05-03"'),
        ("a table at Ode tomorrow", {"day": "2027-05-03"}, ""),
        ("明天订位", {"day": "2027-05-03"}, ""),
        ("the weather in Paris", {"lat": 48.8566}, ""),
        ("books on tides", {"limit": 10}, ""),
        ("call the shop", {"phone": "+15550123456"}, 'phone: "+15550123456"'),
        ("call (555) 012-3456", {"phone": "+15550123456"}, ""),
        ("open the shop's page", {"link": "https://shop.example/a"}, 'link: "https://shop.example/a"'),
        ("open shop.example", {"link": "https://shop.example"}, ""),
        ("Lufthansa 1234", {"flight": "LH1234"}, ""),
        ("the evening flight", {"flight": "LH1234"}, 'flight: "LH1234"'),
        ("nothing", {"account": [{"id": "A-99812"}]}, 'account.id: "A-99812"'),
    ],
)
def test_what_nobody_said_is_made_up(said: str, given_: dict[str, Any], found: str) -> None:
    assert made_up(called("pay", **given_), PAY, said) == found


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ("High water is at 4:10, 6.2 m.", ""),
        ("About 6 metres at ten past four on May 3.", ""),
        ("It is 620 cm, or 18.9 feet.", "18.9"),
        ("There are 2 tides.", ""),
        ("It rises to 17.5 m.", "17.5"),
        ("高潮是6.2米，时间4点10分。", ""),
        ("高潮是77米。", "77"),
        ("The fee of 12,000 is 1.2万.", ""),
        ("The fee comes to 13,500.", "13500"),
        ("1. High\n2. Low\n25. Also", ""),
        ("The fee is 12k.", ""),
    ],
)
def test_numbers_of_an_answer_are_those_of_the_result(answer: str, found: str) -> None:
    tides = [{"at": "2027-05-03T04:10", "metres": 6.2}, {"at": "2027-05-03T10:32", "metres": 1.1}]
    result = json.dumps({"tides": tides, "fee": 12000})
    assert ungrounded(answer, [result, "When is the tide?"], [2]) == found


# Tools of one's own


SAME = '{"type": "object", "properties": {"port": {"type": "string"}}, "required": ["port"]}'
BARE = f'{{"name": "tide_at", "description": "Tides.", "parameters": {SAME}}}'
LOUD = SAME.replace('"object"', '"OBJECT"').replace('"string"', '"STRING"')
SHAPES = {
    "openai": f'[{{"type": "function", "function": {BARE}}}]',
    "openai's body": f'{{"model": "m", "tools": [{{"type": "function", "function": {BARE}}}]}}',
    "bare": BARE,
    "responses": f'[{{"type": "function", "name": "tide_at", "description": "Tides.", "parameters": {SAME}}}]',
    "anthropic": f'[{{"name": "tide_at", "description": "Tides.", "input_schema": {SAME}}}]',
    "mcp": f'{{"tools": [{{"name": "tide_at", "description": "Tides.", "inputSchema": {SAME}}}]}}',
    "gemini": f'{{"functionDeclarations": [{BARE.replace(SAME, LOUD)}]}}',
    "by name": f'{{"tide_at": {{"description": "Tides.", "parameters": {SAME}}}}}',
    "xlam": '[{"name": "tide_at", "description": "Tides.", "parameters": {"port": {"type": "str"}}}]',
    "gorilla": f"[{BARE.replace('object', 'dict').replace('string', 'str')}]",
    "yaml": "- name: tide_at\n  description: Tides.\n  parameters:\n    type: object\n"
    "    properties: {port: {type: string}}\n    required: [port]\n",
    "openapi": """
openapi: 3.1.0
paths:
  /tides/{port}:
    parameters: [{name: port, in: path, required: true, schema: {$ref: '#/components/schemas/Port'}}]
    get: {operationId: tide_at, summary: Tides.}
components: {schemas: {Port: {type: string}}}
""",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_tools_are_the_same_in_every_shape(shape: str, tmp_path: Path) -> None:
    (tmp_path / "tools").write_text(SHAPES[shape], encoding="utf-8")
    text = read_tools(str(tmp_path / "tools"))
    parameters = {"type": "object", "properties": {"port": {"type": "string"}}, "required": ["port"]}
    assert tools_in(text) == (
        {"type": "function", "function": {"name": "tide_at", "description": "Tides.", "parameters": parameters}},
    )
    assert read_tools(text) == text == as_text(tools_in(text)), "as recipe.yaml has it"


def test_types_of_python_are_those_of_json() -> None:
    given_ = {
        "many": {"type": "List[int]", "description": "…"},
        "may": {"type": "str, optional", "default": "a"},
        "any": {"type": "any"},
        "odd": {"type": "Optional[float]"},
    }
    (made,) = tools_in(json.dumps([{"name": "f", "parameters": given_}]))
    schema = made["function"]["parameters"]
    assert schema["properties"]["many"] == {"type": "array", "items": {"type": "integer"}, "description": "…"}
    assert schema["properties"]["may"] == {"type": "string", "default": "a"}
    assert schema["properties"]["odd"] == {"type": "number"}
    assert schema["properties"]["any"] == {}
    assert schema["required"] == ["many", "any"]


def test_an_openapi_document_with_bodies_and_references_in_themselves() -> None:
    document = {
        "openapi": "3.0.0",
        "paths": {
            "/nodes": {
                "post": {
                    "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Node"}}}}
                }
            }
        },
        "components": {
            "schemas": {
                "Node": {
                    "type": "object",
                    "required": ["name"],
                    "properties": {"name": TEXT, "child": {"$ref": "#/components/schemas/Node"}},
                }
            }
        },
    }
    (made,) = tools_in(json.dumps(document))
    assert made["function"]["name"] == "post_nodes"
    assert made["function"]["parameters"]["required"] == ["name"]
    assert call_fault(called("post_nodes", name="a", child={"name": "b"}), (made,)) is None
    assert call_fault(called("post_nodes", name="a", child={}), (made,))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "there is no tool in it"),
        ("[7]", "a tool has a name, a description and parameters; this one is 7"),
        ('[{"name": "a b"}]', "the tool 'a b' cannot be called so"),
        ('[{"name": "a"}, {"name": "a"}]', "the tool 'a' is there twice"),
        (
            '[{"name": "a", "parameters": {"type": "object", "properties": {"b": {"minimum": "x"}}}}]',
            "the parameters of a are no",
        ),
        ("{", "the tools are neither JSON nor YAML"),
        ("[" * 100_000, "the tools are"),
        ("just words", "a tool has a name"),
    ],
)
def test_what_is_no_tool_is_told_in_a_line(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "tools.json").write_text(text)
    with pytest.raises(UsageError) as caught:
        read_tools(str(tmp_path / "tools.json"))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_our_own_tools_are_the_same_in_both_languages() -> None:
    english, chinese = (shipped_tools(code) for code in ("en", "zh"))
    assert len(english) == 21

    def bare(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: bare(inner) for key, inner in value.items() if key != "description"}
        return value

    assert list(map(bare, english)) == list(map(bare, chinese))
    for one in chinese:
        assert all(
            any(char > "\u4e00" for char in inner["description"])
            for inner in one["function"]["parameters"]["properties"].values()
        )
