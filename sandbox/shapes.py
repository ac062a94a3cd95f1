"""JSON as this package handles it: plain dictionaries, and the few helpers to read them safely."""

import json
from typing import Any, TypeGuard

Json = dict[str, Any]


def is_object(value: object) -> TypeGuard[Json]:
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def object_of(value: object) -> Json:
    """The value when it is a JSON object, an empty one otherwise."""
    return value if is_object(value) else {}


def list_of(value: object) -> list[Any]:
    """The value when it is a JSON array, an empty one otherwise."""
    return value if is_list(value) else []


def objects_of(value: object) -> list[Json]:
    """The JSON objects in an array; anything else in it is left out."""
    return [item for item in list_of(value) if is_object(item)]


def text_of(value: object) -> str:
    """A string as it is, null as nothing, anything else printed."""
    if isinstance(value, str):
        return value
    return "" if value is None else str(value)


def whole(value: object, default: int = 0) -> int:
    """A whole number from JSON or a query string."""
    if isinstance(value, int | float | str):
        try:
            return int(value)
        except ValueError:
            return default
    return default


def dumps(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
