"""Who may answer an interaction, how often, how late, and with what."""

from __future__ import annotations

import asyncio
from typing import Any

import discord
import pytest

from sandbox import SandboxClient, SandboxError
from sandbox.world import BOT_ID, MIRA_ID
from tests.sandbox.conftest import PNG, Bare, Bot, GridView


@pytest.fixture
async def raw(bot: Bot, people: SandboxClient) -> discord.Interaction:
    """An interaction that nobody has answered."""
    await people.slash("mira", "studio", "raw", wait=False)
    return await bot.next_interaction()


async def test_the_first_answer_has_three_seconds(
    raw: discord.Interaction, bare: Bare, people: SandboxClient
) -> None:
    await people.advance(3.1)
    event = await people.wait_for(
        lambda e: e.type == "interaction" and e.data["state"] == "failed", since=0
    )
    assert event.data["id"] == str(raw.id)
    assert await bare.answer(raw, {"type": 4, "data": {"content": "late"}}) == (
        404,
        {"message": "Unknown interaction", "code": 10062},
    )
    assert (await people.stats())["unanswered"] == 1


async def test_a_person_is_told_when_no_bot_is_there(people: SandboxClient) -> None:
    with pytest.raises(SandboxError, match="no command"):
        await people.slash("mira", "studio", "draw", prompt="x")


async def test_waiting_for_the_answer_ends_when_it_is_too_late(
    bot: Bot, people: SandboxClient
) -> None:
    await people.config(answer_within_s=0.05)
    assert (await people.slash("mira", "studio", "raw")).state == "failed"


async def test_only_one_answer(raw: discord.Interaction, bare: Bare) -> None:
    status, body = await bare.answer(raw, {"type": 4, "data": {"content": "one"}})
    assert status == 200
    assert body["interaction"] == {
        "id": str(raw.id),
        "type": 2,
        "channel_id": str(raw.channel_id),
        "guild_id": str(raw.guild_id),
        "response_message_id": body["resource"]["message"]["id"],
        "response_message_loading": False,
        "response_message_ephemeral": False,
    }
    assert body["resource"]["message"]["content"] == "one"
    status, body = await bare.answer(raw, {"type": 4, "data": {"content": "two"}})
    assert (status, body["code"]) == (400, 40060)


async def test_an_invalid_answer_is_no_answer(raw: discord.Interaction, bare: Bare) -> None:
    status, body = await bare.answer(raw, {"type": 4, "data": {"content": "x" * 2001}})
    assert (status, body["code"]) == (400, 50035)
    assert body["errors"]["data"]["content"]["_errors"][0]["code"] == "BASE_TYPE_MAX_LENGTH"
    status, body = await bare.answer(raw, {"type": 4, "data": {"content": ""}})
    assert (status, body["code"]) == (400, 50006)
    assert (await bare.answer(raw, {"type": 4, "data": {"content": "x"}}))[0] == 200


async def test_a_wrong_token_or_id(raw: discord.Interaction, bare: Bare) -> None:
    for path in (f"/interactions/{raw.id}/wrong/callback", f"/interactions/1/{raw.token}/callback"):
        status, body = await bare.ask("POST", path, json={"type": 5})
        assert (status, body["code"]) == (404, 10062)
    status, body = await bare.ask("PATCH", f"/webhooks/{BOT_ID}/wrong/messages/@original", json={})
    assert (status, body["code"]) == (401, 50027)
    # A known token that has not been answered yet has no webhook.
    status, body = await bare.ask("POST", bare.webhook(raw), json={"content": "early"})
    assert (status, body["code"]) == (404, 10015)


@pytest.mark.parametrize("kind", [6, 7, 8])
async def test_answers_that_do_not_fit_a_command(
    raw: discord.Interaction, bare: Bare, kind: int
) -> None:
    status, body = await bare.answer(raw, {"type": kind, "data": {"content": "x", "choices": []}})
    assert (status, body["code"]) == (400, 50035)


async def test_a_form_cannot_follow_a_deferral_nor_a_form(
    raw: discord.Interaction, bot: Bot, bare: Bare, people: SandboxClient
) -> None:
    form = {
        "type": 9,
        "data": {
            "custom_id": "nobody-listens",
            "title": "T",
            "components": [
                {
                    "type": 18,
                    "label": "L",
                    "component": {"type": 4, "style": 1, "custom_id": "x", "required": False},
                }
            ],
        },
    }
    assert (await bare.answer(raw, {"type": 5}))[0] == 200
    assert (await bare.answer(raw, form))[1]["code"] == 40060
    opened = await people.slash("mira", "studio", "raw", wait=False)
    second = await bot.next_interaction()
    assert (await bare.answer(second, form))[0] == 200
    await people.submit("mira", opened, {}, wait=False)
    submitted = await bot.next_interaction()
    assert submitted.type is discord.InteractionType.modal_submit
    assert (await bare.answer(submitted, form))[1]["code"] == 50035
    assert (await bare.answer(submitted, {"type": 4, "data": {"content": "ok"}}))[0] == 200


async def test_a_token_lives_fifteen_minutes(
    raw: discord.Interaction, bare: Bare, people: SandboxClient
) -> None:
    await bare.answer(raw, {"type": 5})
    await people.advance(899)
    original = bare.webhook(raw, "/messages/@original")
    assert (await bare.ask("PATCH", original, json={"content": "in time"}))[0] == 200
    await people.advance(2)
    for method, path in (
        ("PATCH", original),
        ("GET", original),
        ("DELETE", original),
        ("POST", bare.webhook(raw)),
    ):
        status, body = await bare.ask(method, path, json={"content": "late"})
        assert (status, body) == (401, {"message": "Invalid Webhook Token", "code": 50027})
    # The message itself is the bot's, and can be edited as such.
    [message] = await people.messages("studio")
    path = f"/channels/{message.channel_id}/messages/{message.id}"
    assert (await bare.ask("PATCH", path, json={"content": "by the bot"}))[0] == 200


async def test_a_deferral_is_filled_by_the_first_follow_up(
    raw: discord.Interaction, bare: Bare, people: SandboxClient
) -> None:
    _, body = await bare.answer(raw, {"type": 5, "data": {"flags": 64}})
    assert body["interaction"]["response_message_loading"] is True
    assert body["interaction"]["response_message_ephemeral"] is True
    [message] = await people.messages("studio", "mira")
    assert message.loading and message.private
    _, first = await bare.ask("POST", bare.webhook(raw), json={"content": "first"})
    _, second = await bare.ask("POST", bare.webhook(raw), json={"content": "second"})
    assert first["id"] == message.id
    assert first["flags"] & 64 and not second["flags"] & 64
    assert second["message_reference"]["message_id"] == first["id"]
    path = bare.webhook(raw, f"/messages/{second['id']}")
    assert (await bare.ask("PATCH", path, json={"content": "2"}))[1]["content"] == "2"
    assert (await bare.ask("DELETE", path))[0] == 204
    assert (await bare.ask("PATCH", path, json={"content": "3"}))[1]["code"] == 10008
    assert (await bare.ask("DELETE", bare.webhook(raw, "/messages/@original")))[0] == 204
    assert (await bare.ask("GET", bare.webhook(raw, "/messages/@original")))[1]["code"] == 10008


async def test_private_answers_are_hidden_from_the_bots_channel_routes(
    raw: discord.Interaction, bare: Bare, bot: Bot, people: SandboxClient
) -> None:
    _, body = await bare.answer(raw, {"type": 4, "data": {"content": "psst", "flags": 64}})
    message = body["resource"]["message"]
    path = f"/channels/{message['channel_id']}/messages"
    assert (await bare.ask("GET", path)) == (200, [])
    assert (await bare.ask("PATCH", f"{path}/{message['id']}", json={}))[1]["code"] == 10008
    assert bot.events.empty() or (await bot.events.get())[0] != "message"
    with pytest.raises(SandboxError, match="no such message"):
        await people.press("noah", message["id"], label="x")


async def test_a_private_answer_can_hold_buttons_and_be_updated(
    raw: discord.Interaction, bare: Bare, people: SandboxClient
) -> None:
    components = GridView().to_components()
    _, body = await bare.answer(
        raw, {"type": 4, "data": {"content": "psst", "flags": 64, "components": components}}
    )
    message_id = body["resource"]["message"]["id"]
    done = await people.press("mira", message_id, label="Swap")
    assert done.how == "update" and done.private
    assert (await people.message(message_id)).content == "swapped"


async def test_choices_are_checked(bot: Bot, bare: Bare, people: SandboxClient) -> None:
    await people.config(answer_within_s=1)
    asking = asyncio.create_task(
        people.autocomplete("mira", "studio", "draw", "model", "q", prompt="x")
    )
    interaction = await bot.next_interaction()
    assert interaction.type is discord.InteractionType.autocomplete
    assert await asking == []
    status, body = await bare.answer(interaction, {"type": 8, "data": {"choices": []}})
    assert (status, body["code"]) == (400, 40060)


async def test_what_an_interaction_carries(
    raw: discord.Interaction, bot: Bot, people: SandboxClient
) -> None:
    assert raw.user.id == int(MIRA_ID)
    assert isinstance(raw.user, discord.Member)
    assert raw.permissions.send_messages and not raw.permissions.administrator
    assert raw.app_permissions.attach_files
    assert raw.filesize_limit == 10 * 1024 * 1024
    assert raw.context.guild and raw.is_guild_integration()
    assert raw.channel is not None and raw.guild is not None
    await people.permissions("studio", deny=["ATTACH_FILES"])
    await people.slash("ada", "studio", "raw", wait=False)
    second = await bot.next_interaction()
    assert second.permissions.administrator and not second.app_permissions.attach_files
    channel = await people.direct("mira")
    await people.slash("mira", channel, "raw", wait=False)
    third = await bot.next_interaction()
    assert third.guild_id is None and third.context.dm_channel


async def test_answers_with_files(
    raw: discord.Interaction, bare: Bare, people: SandboxClient
) -> None:
    body: dict[str, Any] = {
        "type": 4,
        "data": {
            "embeds": [{"image": {"url": "attachment://g.png"}}],
            "attachments": [{"id": 0, "filename": "g.png", "description": "grid"}],
        },
    }
    path = f"/interactions/{raw.id}/{raw.token}/callback"
    assert (await bare.ask("POST", path, data=bare.form(body, ("g.png", PNG)))) == (204, "")
    [message] = await people.messages("studio")
    assert await people.download(message.pictures[0]) == PNG
    assert message.embeds[0]["image"]["width"] == 48


async def test_controls_a_person_cannot_use(
    raw: discord.Interaction, bare: Bare, people: SandboxClient
) -> None:
    button = {"type": 2, "style": 1, "label": "B", "custom_id": "b", "disabled": True}
    menu = {
        "type": 3,
        "custom_id": "s",
        "min_values": 2,
        "max_values": 2,
        "options": [{"label": x, "value": x} for x in "abc"],
    }
    rows = [{"type": 1, "components": [button]}, {"type": 1, "components": [menu]}]
    _, body = await bare.answer(raw, {"type": 4, "data": {"components": rows}})
    message_id = body["resource"]["message"]["id"]
    with pytest.raises(SandboxError, match="disabled"):
        await people.press("mira", message_id, label="B")
    with pytest.raises(SandboxError, match="no control"):
        await people.press("mira", message_id, label="Z")
    with pytest.raises(SandboxError, match="number of choices"):
        await people.select("mira", message_id, "a", custom_id="s")
    with pytest.raises(SandboxError, match="not a choice"):
        await people.select("mira", message_id, "a", "z", custom_id="s")
    await people.select("mira", message_id, "a", "c", custom_id="s", wait=False)
