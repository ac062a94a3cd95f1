"""What the sandbox answers has the shape that Discord's own OpenAPI file gives it."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from sandbox import SandboxClient
from sandbox.world import BOT_ID, GUILD_ID, MIRA_ID, STUDIO_ID
from tests.discord_spec import spec_path
from tests.sandbox.conftest import PNG, Bare, Bot
from tests.sandbox.test_rules import button, menu, row, text, v2

pytestmark = pytest.mark.skipif(
    spec_path() is None, reason="Discord's OpenAPI file is not at hand; set DISCORD_OPENAPI"
)
URI = "urn:discord"


@cache
def document() -> dict[str, Any]:
    path = spec_path()
    assert path is not None
    return json.loads(path.read_text())


def conforms(method: str, template: str, status: int, body: Any) -> None:
    steps = [
        "paths",
        template,
        method.lower(),
        "responses",
        str(status),
        "content",
        "application/json",
        "schema",
    ]
    pointer = "/".join(step.replace("~", "~0").replace("/", "~1") for step in steps)
    registry: Registry[Any] = Registry().with_resource(
        URI, Resource(contents=document(), specification=DRAFT202012)
    )
    schema = {"$ref": f"{URI}#/{pointer}"}
    errors = [
        f"{error.json_path}: {error.message[:300]}"
        for error in Draft202012Validator(schema, registry=registry).iter_errors(body)
    ]
    assert errors == [], f"{method} {template}"


async def test_every_answer(bot: Bot, bare: Bare, people: SandboxClient) -> None:
    async def ask(method: str, template: str, *, status: int = 200, **more: Any) -> Any:
        path = template
        for name, value in named.items():
            path = path.replace(f"{{{name}}}", value)
        seen, body = await bare.ask(method, path, **more)
        assert seen == status, body
        conforms(method, template, status, body)
        return body

    named = {
        "application_id": BOT_ID,
        "webhook_id": BOT_ID,
        "guild_id": GUILD_ID,
        "channel_id": STUDIO_ID,
        "user_id": MIRA_ID,
    }
    for template in (
        "/users/@me",
        "/oauth2/applications/@me",
        "/gateway/bot",
        "/applications/{application_id}/commands",
        "/channels/{channel_id}",
        "/guilds/{guild_id}",
        "/guilds/{guild_id}/channels",
        "/guilds/{guild_id}/roles",
        "/guilds/{guild_id}/members/{user_id}",
        "/guilds/{guild_id}/threads/active",
    ):
        await ask("GET", template)
    await ask("POST", "/users/@me/channels", json={"recipient_id": MIRA_ID})

    messages = "/channels/{channel_id}/messages"
    legacy = {
        "content": f"hi <@{MIRA_ID}>",
        "embeds": [{"title": "t", "image": {"url": "attachment://a.png"}}],
        "components": [row(button(), button("c", emoji={"id": None, "name": "🎨"})), row(menu(2))],
        "nonce": "n",
    }
    sent = await ask("POST", messages, data=bare.form(legacy, ("a.png", PNG), ("b.png", PNG)))
    picture = {"media": {"url": "attachment://a.png"}}
    box = {"type": 17, "components": [text(), {"type": 12, "items": [picture]}, {"type": 14}]}
    section = {"type": 9, "components": [text()], "accessory": {"type": 11, **picture}}
    modern = v2(box, section, {"type": 13, "file": {"url": "attachment://b.txt"}}, row(button()))
    await ask("POST", messages, data=bare.form(modern, ("a.png", PNG), ("b.txt", b"x")))
    await ask(
        "POST", messages, json={"content": "re", "message_reference": {"message_id": sent["id"]}}
    )
    await people.react("mira", sent["id"], "🎨")
    named["message_id"] = sent["id"]
    await ask("GET", messages)
    await ask("GET", messages + "/{message_id}")
    await ask("PATCH", messages + "/{message_id}", json={"content": "edited"})
    await ask("GET", messages + "/pins")
    thread = messages + "/{message_id}/threads"
    await ask("POST", thread, status=201, json={"name": "talk"})

    await people.slash("mira", "studio", "raw", wait=False)
    interaction = await bot.next_interaction()
    named["interaction_id"] = str(interaction.id)
    named["interaction_token"] = named["webhook_token"] = interaction.token
    callback = "/interactions/{interaction_id}/{interaction_token}/callback"
    body = {"type": 4, "data": {"content": "x", "components": [row(button("q"))]}}
    await ask("POST", callback, json=body, params={"with_response": "true"})
    webhook = "/webhooks/{webhook_id}/{webhook_token}"
    form = bare.form({"content": "y"}, ("a.png", PNG))
    await ask("PATCH", webhook + "/messages/@original", data=form)
    await ask("GET", webhook + "/messages/@original")
    await ask("POST", webhook, json={"content": "again"})
