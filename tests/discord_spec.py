"""Discord's own judgement of what the bot sends: its OpenAPI file as a validator.

The file is looked for in DISCORD_OPENAPI and beside the repository
(`../shared/discord-api-spec/openapi.json`; github.com/discord/discord-api-spec). It does not catch
unknown fields or a message that is too long; SimCord does.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

ROOT = Path(__file__).resolve().parents[1]
URI = "urn:discord"


def spec_path() -> Path | None:
    """The OpenAPI file of Discord, or None when it is not at hand."""
    named = os.environ.get("DISCORD_OPENAPI")
    path = Path(named) if named else ROOT.parent / "shared/discord-api-spec/openapi.json"
    return path if path.is_file() else None


def problems(requests: Iterable[tuple[str, str, Any]]) -> list[str]:
    """What Discord's schema finds wrong in (method, path, body) requests; bodies of None pass.

    Raises LookupError when there is no OpenAPI file.
    """
    path = spec_path()
    if path is None:
        raise LookupError("Discord's OpenAPI file is not at hand; set DISCORD_OPENAPI")
    judge = _judge(path)
    return [found for request in requests for found in judge.problems(*request)]


@cache
def _judge(path: Path) -> _Judge:
    return _Judge(json.loads(path.read_text()))


class _Judge:
    def __init__(self, document: dict[str, Any]) -> None:
        resource = Resource(contents=document, specification=DRAFT202012)
        self._registry: Registry[Any] = Registry().with_resource(URI, resource)
        self._routes = [
            (re.compile(re.sub(r"\\{[^}]+\\}|\{[^}]+\}", "[^/]+", re.escape(path))), path, item)
            for path, item in document["paths"].items()
        ]
        # The most literal route wins: /messages/@original before /messages/{message_id}.
        self._routes.sort(key=lambda route: route[1].count("{"))

    def problems(self, method: str, path: str, body: Any) -> list[str]:
        if body is None:
            return []
        for pattern, template, item in self._routes:
            operation = item.get(method.lower())
            if operation and pattern.fullmatch(path):
                schema = self._schema(template, method.lower(), operation)
                if schema is None:
                    return [f"{method} {path}: Discord takes no JSON body here"]
                validator = Draft202012Validator(schema, registry=self._registry)
                error = best_match(validator.iter_errors(_normalised(body)))
                if error is None:
                    return []
                return [f"{method} {template}: {error.json_path}: {error.message[:300]}"]
        return [f"{method} {path}: Discord has no such route"]

    def _schema(self, template: str, method: str, operation: Any) -> dict[str, str] | None:
        contents = operation.get("requestBody", {}).get("content", {})
        if "application/json" not in contents:
            return None
        escaped = template.replace("~", "~0").replace("/", "~1")
        pointer = f"/paths/{escaped}/{method}/requestBody/content/application~1json/schema"
        return {"$ref": f"{URI}#{pointer}"}


def _normalised(body: Any) -> Any:
    """Ids as strings: the file says so, discord.py sends numbers in three places, Discord takes
    both."""
    if isinstance(body, list):
        return [_normalised(item) for item in body]
    if not isinstance(body, dict):
        return body
    body = {key: _normalised(value) for key, value in body.items()}
    for attachment in body.get("attachments") or ():
        attachment["id"] = str(attachment["id"])
    if "recipient_id" in body:
        body["recipient_id"] = str(body["recipient_id"])
    reference = body.get("message_reference") or {}
    for key in {"message_id", "channel_id", "guild_id"} & reference.keys():
        reference[key] = str(reference[key])
    mentions = body.get("allowed_mentions") or {}
    for kind in {"users", "roles"} & mentions.keys():
        mentions[kind] = [str(id) for id in mentions[kind]]
    return body
