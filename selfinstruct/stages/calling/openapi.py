"""An OpenAPI document as tools: one for each operation, called by its operationId."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

__all__ = ["operations"]

METHODS = ("get", "post", "put", "patch", "delete")
DEEP = 12
"""References inside one another that are followed; a schema that holds itself ends there."""


def operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """{"name", "description", "parameters"} of every operation: its parameters and the fields of its JSON body."""
    for path, item in document["paths"].items():
        if not isinstance(item, dict):
            continue
        shared = item.get("parameters") or []
        for method in METHODS:
            if isinstance(operation := item.get(method), dict):
                yield _operation(document, str(path), method, operation, shared)


def _operation(
    document: dict[str, Any], path: str, method: str, operation: dict[str, Any], shared: list[Any]
) -> dict[str, Any]:
    properties, required = dict[str, Any](), list[str]()
    for given in [*shared, *(operation.get("parameters") or [])]:
        one = _followed(document, given)
        if not isinstance(one, dict) or not isinstance(name := one.get("name"), str) or one.get("in") == "cookie":
            continue
        if one.get("in") == "body":  # Swagger 2
            _add(_followed(document, one.get("schema")), properties, required)
            continue
        schema = _followed(document, one.get("schema")) or {key: one[key] for key in _OF_2 if key in one}
        about = {"description": one["description"]} if isinstance(one.get("description"), str) else {}
        properties[name] = dict(schema) | about
        required += [name] if one.get("required") is True and name not in required else []
    body = _followed(document, operation.get("requestBody"))
    content = body.get("content") if isinstance(body, dict) else None
    media = next((one for kind, one in content.items() if "json" in kind), None) if isinstance(content, dict) else None
    if isinstance(media, dict):
        _add(_followed(document, media.get("schema")), properties, required)
    name = operation.get("operationId")
    said = operation.get("summary") or operation.get("description")
    return {
        "name": name if isinstance(name, str) and name else _called(method, path),
        "description": said if isinstance(said, str) else "",
        "parameters": {"type": "object", "properties": properties} | ({"required": required} if required else {}),
    }


_OF_2 = ("type", "format", "enum", "default", "items", "minimum", "maximum")
"""What stands in a parameter itself in Swagger 2."""


def _add(schema: Any, properties: dict[str, Any], required: list[str]) -> None:
    """The fields of a body beside the other parameters."""
    if not isinstance(schema, dict):
        return
    if isinstance(schema.get("properties"), dict):
        properties |= schema["properties"]
        needed = schema.get("required")
        required += [one for one in needed if one not in required] if isinstance(needed, list) else []
    else:
        properties["body"] = schema


def _called(method: str, path: str) -> str:
    return "_".join([method, *re.findall(r"\w+", path)])


def _followed(document: dict[str, Any], value: Any, deep: int = 0) -> Any:
    """The value with what its references name in their place."""
    if isinstance(value, list):
        return [_followed(document, one, deep) for one in value]
    if not isinstance(value, dict):
        return value
    if isinstance(reference := value.get("$ref"), str):
        found: Any = document
        for part in reference.removeprefix("#/").split("/"):
            found = found.get(part.replace("~1", "/").replace("~0", "~")) if isinstance(found, dict) else None
        return _followed(document, found, deep + 1) if deep < DEEP and isinstance(found, dict) else {}
    return {key: _followed(document, one, deep) for key, one in value.items()}
