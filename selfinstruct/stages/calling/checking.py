"""Whether a call is right: a tool of that name, and arguments that its JSON schema takes, none too many, none missing.

Nothing is coerced: "5" where a number is wanted is a fault of the call, as it would be one of a program that makes it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from selfinstruct.errors import UsageError, did_you_mean
from selfinstruct.task import Reason

__all__ = ["Tool", "call_fault", "parameters_of", "required_of", "schema_fault"]

Tool = Mapping[str, Any]
"""{"type": "function", "function": {"name", "description", "parameters"}}."""


def _jsonschema() -> Any:
    try:
        import jsonschema
    except ImportError:
        raise UsageError("calls of tools are checked by jsonschema: pip install 'selfinstruct[tools]'") from None
    return jsonschema


def schema_fault(schema: Any) -> str:
    """Why it is no JSON schema; "" where it is one."""
    jsonschema = _jsonschema()
    try:
        jsonschema.Draft202012Validator.check_schema(schema)
    except jsonschema.SchemaError as error:
        return _said(error)
    except RecursionError:
        return "it is nested too deeply"
    return ""


def call_fault(call: dict[str, Any], tools: Sequence[Tool]) -> Reason | None:
    """Why a call {"function": {"name", "arguments"}} is wrong, if it is."""
    name, arguments = call["function"]["name"], call["function"]["arguments"]
    tool = next((one for one in tools if one["function"]["name"] == name), None)
    if tool is None:
        return Reason("no such tool", f"{name}: {did_you_mean(name, [one['function']['name'] for one in tools])}")
    if not isinstance(arguments, dict):
        return Reason("arguments are no object", f"{name}: {json.dumps(arguments, ensure_ascii=False)[:60]}")
    schema = tool["function"].get("parameters") or {}
    known = parameters_of(tool)
    if missing := [one for one in required_of(tool) if one not in arguments]:
        return Reason("argument missing", f"{name}: {', '.join(missing)}")
    open_ended = schema.get("additionalProperties") not in (None, False) or schema.get("patternProperties")
    if not open_ended and (more := [one for one in arguments if one not in known]):
        return Reason("unknown argument", f"{name}: {', '.join(more)[:60]}")
    return _against(name, arguments, schema)


def _against(name: str, arguments: dict[str, Any], schema: dict[str, Any]) -> Reason | None:
    """What in the arguments the schema does not take."""
    jsonschema = _jsonschema()
    from referencing import Registry  # an empty one, or a $ref would be fetched from the network

    try:
        validator = jsonschema.Draft202012Validator(schema, registry=Registry())
        fault = jsonschema.exceptions.best_match(validator.iter_errors(arguments))
    except (RecursionError, ValueError, TypeError, LookupError) as error:  # a pattern or a reference that leads nowhere
        return Reason("argument against its schema", f"{name}: {type(error).__name__}")
    except Exception as error:
        if type(error).__module__.partition(".")[0] not in ("jsonschema", "referencing"):
            raise
        return Reason("argument against its schema", f"{name}: {type(error).__name__}")
    if fault is None:
        return None
    where = ".".join(map(str, fault.absolute_path))
    return Reason("argument against its schema", f"{name}: {f'{where}: ' if where else ''}{_said(fault)}")


def _said(error: Any) -> str:
    return " ".join(str(error.message).split())[:120]


def parameters_of(tool: Tool) -> dict[str, Any]:
    """The schemas of its parameters, by name."""
    found = tool["function"].get("parameters", {})
    properties = found.get("properties") if isinstance(found, dict) else None
    return properties if isinstance(properties, dict) else {}


def required_of(tool: Tool) -> list[str]:
    """The names of the parameters that every call has to give."""
    found = tool["function"].get("parameters", {})
    needed = found.get("required") if isinstance(found, dict) else None
    return [name for name in needed if isinstance(name, str)] if isinstance(needed, list) else []
