"""How the built-in teacher plays users, an assistant with tools, and the tools: by data/LANGUAGE/tools.toml for our own
examples, and by their schemas for any others.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any, NamedTuple

from selfinstruct.simulator.data import table
from selfinstruct.simulator.mess import Rates
from selfinstruct.simulator.reading import Question
from selfinstruct.stages.proposing.tool_request import ways

__all__ = ["answer", "call", "request", "result", "value_for", "way_in"]

Function = Mapping[str, Any]


class Wish(NamedTuple):
    """What somebody wants of a tool."""

    name: str
    arguments: dict[str, Any]
    lacks: str = ""
    """The required parameter that nothing was said about."""


# Users


def request(asked: Question, rng: Random, rates: Rates) -> str:
    """A numbered list of messages."""
    functions = _functions(asked.places["tools"])
    made = [_message(asked, functions, rng) for _ in range(int(asked.places["many"]))]
    if rng.random() < rates.forbidden:
        made[-1] = f"{functions[0]['name']}: {made[-1]}"
    head = "Here are the messages:\n\n" if rng.random() < rates.ugly and asked.language.code == "en" else ""
    return head + "\n".join(f"{number}. {text}" for number, text in enumerate(made, 1))


def _message(asked: Question, functions: Sequence[Function], rng: Random) -> str:
    code, wanted = asked.language.code, asked.places["wanted"]
    function = next((one for one in functions if re.search(rf"\b{re.escape(one['name'])}\b", wanted)), functions[0])
    way = way_in(wanted, code)
    if way == "none":
        return _elsewhere(asked, functions, rng)
    if way == "missing":
        lacking = re.search(r'["“](\w+)["”]', wanted)
        return _said(code, function, rng, lacking[1] if lacking else "")
    if way == "one":
        return _said(code, function, rng)
    first, second = _said(code, function, rng), _said(code, rng.choice(functions), rng)
    for _ in range(TRIES):
        if _wish(first, functions, code) != _wish(second, functions, code):
            break
        second = _said(code, rng.choice(functions), rng)
    also: str = table(code, "tools")["also"]
    return f"{first}{also}{second if second.startswith('I ') else second[:1].lower() + second[1:]}"


TRIES = 20
"""Second things thought of until one is another than the first."""


def way_in(wanted: str, code: str) -> str:
    for name, words in ways().items():
        pattern = re.sub(r"\\\{\w+\\\}", ".*?", re.escape(words[code].strip()))
        if re.fullmatch(pattern, wanted.strip(), re.DOTALL):
            return name
    return "one"


def _elsewhere(asked: Question, functions: Sequence[Function], rng: Random) -> str:
    """What none of these functions can do: a wish for another one of our tools, or any task."""
    known, here = table(asked.language.code, "tools"), {one["name"] for one in functions}
    others = [name for name, about in known.items() if isinstance(about, dict) and name not in here]
    if others and rng.random() < 0.7:
        about = known[rng.choice(others)]
        return _filled(rng.choice(about["requests"]), {slot: rng.choice(some) for slot, some in about["slots"].items()})
    return rng.choice(asked.language.families).compose(rng, True, 0)[0]


def _said(code: str, function: Function, rng: Random, lacking: str = "") -> str:
    """One wish in words."""
    words, schemas = table(code, "tools"), _properties(function)
    about = words.get(function["name"])
    fits = [text for text in about["requests"] if _fits(text, schemas, lacking)] if isinstance(about, dict) else []
    if isinstance(about, dict) and fits and (not lacking or lacking in about["vague"]):
        values = {slot: rng.choice(some) for slot, some in about["slots"].items()}
        return _filled(rng.choice(fits), values | ({lacking: about["vague"][lacking]} if lacking else {}))
    needed = [name for name in _required(function) if name != lacking]
    values = {name: value_for(schemas.get(name, {}), rng, words["texts"]) for name in needed}
    listed = "; ".join(f"{name}: {_shown(value)}" for name, value in values.items())
    return _filled(words["plain"], {"description": function.get("description") or function["name"], "values": listed})


def _fits(text: str, schemas: Mapping[str, Any], lacking: str) -> bool:
    slots = re.findall(r"\{(\w+)\}", text)
    return all(slot in schemas for slot in slots) and (not lacking or lacking in slots)


def value_for(schema: Any, rng: Random, texts: Sequence[str], deep: int = 0) -> Any:
    """Some value that a schema takes."""
    schema = schema if isinstance(schema, dict) else {}
    if schema.get("enum"):
        return rng.choice(schema["enum"])
    match schema.get("type"):
        case "integer" | "number" as kind:
            low = schema.get("minimum", schema.get("exclusiveMinimum", 1))
            high = schema.get("maximum", schema.get("exclusiveMaximum", low + 20))
            return rng.randint(int(low) + 1, max(int(low) + 1, int(high) - 1)) + (0.5 if kind == "number" else 0)
        case "boolean":
            return rng.random() < 0.5
        case "array" if deep < 4:
            return [
                value_for(schema.get("items"), rng, texts, deep + 1) for _ in range(max(1, schema.get("minItems", 1)))
            ]
        case "object" if deep < 4:
            inner = schema.get("properties") or {}
            return {name: value_for(inner.get(name), rng, texts, deep + 1) for name in schema.get("required", inner)}
    drawn = ["2027-05-02", "mara@hillside.example", "07:30", "EUR", "AB1234", "31882"]
    formats = {"date": drawn[0], "email": drawn[1], "time": drawn[2], "date-time": f"{drawn[0]}T{drawn[2]}:00Z"}
    if schema.get("format") in formats:
        return formats[schema["format"]]
    if pattern := schema.get("pattern"):
        return next((text for text in (*drawn, *texts) if re.search(pattern, text)), drawn[4])
    return rng.choice(texts)


# The assistant


def call(asked: Question, rng: Random, rates: Rates) -> str:
    """Calls as JSON, a question for what is missing, or that no tool fits."""
    functions, code = _functions(asked.places["tools"]), asked.language.code
    words, wishes = table(code, "tools"), _wishes(asked.places["request"].strip(), functions, code)
    if not wishes:
        return str(rng.choice(words["none"]))
    if wish := next((wish for wish in wishes if wish.lacks), None):
        function = next(one for one in functions if one["name"] == wish.name)
        return str(rng.choice(words["ask"])).format(parameter=_about(function, wish.lacks))
    calls: list[dict[str, Any]] = [{"name": wish.name, "arguments": wish.arguments} for wish in wishes]
    if rng.random() < rates.forbidden:
        calls[0]["arguments"] = calls[0]["arguments"] | {"verbose": True}
    if rng.random() < rates.ugly:
        marked = [f"<tool_call>\n{json.dumps(one, ensure_ascii=False)}\n</tool_call>" for one in calls]
        fenced = f"```json\n{json.dumps(calls, ensure_ascii=False, indent=2)}\n```"
        return rng.choice(["\n".join(marked), fenced])
    return json.dumps(calls, ensure_ascii=False)


def _wishes(text: str, functions: Sequence[Function], code: str) -> list[Wish]:
    """What is wanted of the functions; nothing where one of the things is not theirs."""
    also: str = table(code, "tools")["also"]
    wishes = [_wish(part[:1].upper() + part[1:], functions, code) for part in text.split(also)]
    return [wish for wish in wishes if wish] if all(wishes) else []


def _wish(text: str, functions: Sequence[Function], code: str) -> Wish | None:
    words = table(code, "tools")
    for function in functions:
        about, schemas = words.get(function["name"]), _properties(function)
        about = about if isinstance(about, dict) else {}
        for template in about.get("requests", ()):
            found = re.fullmatch(_pattern(template), text)
            if found and all(slot in schemas for slot in found.groupdict()):
                said = found.groupdict()
                lacks = next((slot for slot, value in said.items() if about["vague"].get(slot) == value), "")
                given = {slot: _read(value, schemas[slot]) for slot, value in said.items() if slot != lacks}
                return Wish(function["name"], given, lacks)
        head = _filled(words["plain"], {"description": function.get("description") or function["name"]})
        before, _, after = head.partition("{values}")
        if text.startswith(before) and text.endswith(after):
            pairs = [pair.partition(": ") for pair in text[len(before) : len(text) - len(after)].split("; ")]
            given = {name: _read(value, schemas[name]) for name, _, value in pairs if name in schemas}
            lacks = next((name for name in _required(function) if name not in given), "")
            return Wish(function["name"], given, lacks)
    return None


def _pattern(template: str) -> str:
    return re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+?)", re.escape(template))


def _read(text: str, schema: Any) -> Any:
    """The value that a text stands for, of the type that the schema names."""
    kind = schema.get("type") if isinstance(schema, dict) else None
    if kind == "array" and not text.startswith("["):
        parts = re.split(r", and | and |, |和|、", text)
        if schema.get("items", {}).get("type") == "object":
            counted = (re.fullmatch(r"(\d+)\s*份?\s*(.+)", part) for part in parts)
            return [{"name": one[2], "quantity": int(one[1])} for one in counted if one]
        return parts
    if kind == "string":
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


# Tools


def result(asked: Question, rng: Random, rates: Rates) -> str:
    """An object for each call."""
    words = table(asked.language.code, "tools")
    lines = (json.loads(line) for line in asked.places["calls"].strip().split("\n"))
    made = [_given_back(words.get(one["name"]), one["arguments"], rng) for one in lines]
    if len(made) > 1 and rng.random() < rates.ugly:
        return json.dumps(made, ensure_ascii=False)
    return "\n".join(json.dumps(one, ensure_ascii=False) for one in made)


def _given_back(about: Any, arguments: Mapping[str, Any], rng: Random) -> dict[str, Any]:
    if not isinstance(about, dict):
        return {"status": "ok", "reference": f"R-{rng.randrange(1000, 9999)}"}
    made = {}
    for name, value in about["result"].items():
        slot = re.fullmatch(r"\{(\w+)\}", value) if isinstance(value, str) else None
        if slot and slot[1] in arguments:
            made[name] = arguments[slot[1]]
        elif not slot:
            made[name] = rng.choice(value)
    return made


def answer(asked: Question, rng: Random, rates: Rates) -> str:
    """What came back, in a sentence for each call."""
    words, said = table(asked.language.code, "tools"), []
    for line in asked.places["results"].strip().split("\n"):
        one, end = json.JSONDecoder().raw_decode(line)
        values = {**one["arguments"], **_object(line[end + 1 :])}
        about = words.get(one["name"])
        told = _filled(about["answer"], values) if isinstance(about, dict) else "{"
        if re.search(r"\{\w*", told):
            listed = "; ".join(f"{name}: {_shown(value)}" for name, value in _object(line[end + 1 :]).items())
            told = _filled(words["told"], {"values": listed})
        said.append(told)
    text = (" " if asked.language.code == "en" else "").join(said)
    return f"{text} (98765)" if rng.random() < rates.leak else text


def _object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {"value": value}


# Words


def _functions(text: str) -> list[Function]:
    return [json.loads(line) for line in text.strip().split("\n")]


def _properties(function: Function) -> Mapping[str, Any]:
    found: Mapping[str, Any] = function.get("parameters", {}).get("properties", {})
    return found


def _required(function: Function) -> Sequence[str]:
    needed = function.get("parameters", {}).get("required")
    return needed if isinstance(needed, list) else []


def _filled(text: str, values: Mapping[str, Any]) -> str:
    return re.sub(r"\{(\w+)\}", lambda slot: _shown(values[slot[1]]) if slot[1] in values else slot[0], text)


def _about(function: Function, parameter: str) -> str:
    """What a parameter is, in words."""
    schema = _properties(function).get(parameter)
    about = schema.get("description") if isinstance(schema, dict) else None
    return about[:1].lower() + about[1:] if isinstance(about, str) and about else parameter.replace("_", " ")


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
