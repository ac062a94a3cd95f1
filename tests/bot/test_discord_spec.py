"""The judge of the request bodies is itself put to the proof."""

from __future__ import annotations

from typing import Any

import pytest

from tests.discord_spec import problems, spec_path

pytestmark = pytest.mark.skipif(
    spec_path() is None,
    reason="request bodies are not judged: Discord's OpenAPI file is not at hand (DISCORD_OPENAPI)",
)

POST = ("POST", "/channels/1/messages")


def button(number: int, **more: Any) -> dict[str, Any]:
    return {"type": 2, "style": 2, "label": str(number), "custom_id": f"b{number}", **more}


def row(count: int) -> dict[str, Any]:
    return {"type": 1, "components": [button(number) for number in range(count)]}


def test_a_good_body_passes() -> None:
    body = {
        "content": "hello",
        "components": [row(5)],
        "attachments": [{"id": 0, "filename": "a.png", "description": "a"}],
        "allowed_mentions": {"parse": [], "users": [5]},
        "message_reference": {"message_id": 7, "fail_if_not_exists": False},
        "nonce": "j00000000000000000001",
        "enforce_nonce": True,
    }
    assert problems([(*POST, body), ("GET", "/channels/1/messages", None)]) == []


@pytest.mark.parametrize(
    "body",
    [
        {"components": [row(6)]},
        {"components": [{"type": 1, "components": [button(1, custom_id="x" * 101)]}]},
        {"components": [{"type": 1, "components": [{"type": 2, "label": "no style"}]}]},
        {"nonce": "x" * 26},
        {"allowed_mentions": {"parse": ["all"]}},
        {"attachments": [{"id": 0, "description": "x" * 1025}]},
    ],
)
def test_a_bad_body_is_named(body: dict[str, Any]) -> None:
    (problem,) = problems([(*POST, {"content": "hello", **body})])
    assert "/channels/{channel_id}/messages" in problem


def test_a_route_that_is_not_discords_is_named() -> None:
    (problem,) = problems([("POST", "/channels/1/wishes", {})])
    assert "no such route" in problem


def test_the_most_literal_route_is_taken() -> None:
    body = {"content": "x" * 5000}
    (problem,) = problems([("PATCH", "/webhooks/1/token/messages/@original", body)])
    assert "@original" in problem
