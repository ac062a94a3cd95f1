"""Where the bot is not: another server and messages between people, into which somebody who
installed it for themselves takes it along."""

from __future__ import annotations

from typing import Any

import discord
import pytest
from discord import app_commands

from sandbox import SandboxClient, SandboxError
from sandbox.channel import ELSEWHERE_ID
from sandbox.world import GUILD_ID, MIRA_ID, NOAH_ID
from tests.sandbox.conftest import Bare, Bot


@pytest.fixture
async def brought(bot: Bot, people: SandboxClient) -> Bot:
    """The bot with /raw and /draw for people who installed it, and Mira, who did."""
    for name in ("raw", "draw"):
        command: Any = bot.tree.get_command(name)
        command.allowed_installs = app_commands.AppInstallationType(guild=True, user=True)
        command.allowed_contexts = app_commands.AppCommandContext(
            guild=True, dm_channel=True, private_channel=True
        )
    await bot.tree.sync()
    await people.person("mira", installed=True)
    await people.channel(name="elsewhere", abroad=True)
    return bot


async def names(people: SandboxClient, person: str, channel: str) -> set[str]:
    return {command["name"] for command in await people.commands(person, channel)}


async def test_there_its_commands_are_for_who_installed_it_and_only_those_meant_for_them(
    brought: Bot, people: SandboxClient
) -> None:
    assert await names(people, "mira", "elsewhere") == {"raw", "draw"}
    assert await names(people, "noah", "elsewhere") == set()
    assert await names(people, "noah", "studio") > {"raw", "draw", "settings"}
    with pytest.raises(SandboxError, match="no command 'settings'"):
        await people.slash("mira", "elsewhere", "settings show", user="noah")


async def test_an_interaction_says_where_it_comes_from_and_by_whose_installation(
    brought: Bot, people: SandboxClient
) -> None:
    between = (await people.channel(between=["mira", "noah"]))["id"]
    direct = await people.direct("mira")
    found: list[tuple[Any, ...]] = []
    for channel in ("studio", "elsewhere", between, direct):
        await people.slash("mira", channel, "raw", wait=False)
        raw = await brought.next_interaction()
        found.append((raw.guild_id, raw.context.to_array(), raw._integration_owners))
        assert raw.user.id == int(MIRA_ID)
        assert raw.app_permissions.attach_files
    mira, here = int(MIRA_ID), int(GUILD_ID)
    assert found == [
        (here, [0], {0: here, 1: mira}),
        (int(ELSEWHERE_ID), [0], {1: mira}),
        (None, [2], {1: mira}),
        (None, [1], {0: 0, 1: mira}),
    ]
    # A command that is for servers alone comes by the server's installation alone.
    await people.menu("mira", "Their pictures", user="noah", channel="studio")
    raw = await brought.next_interaction()
    assert raw._integration_owners == {0: here}


async def test_the_token_works_there_and_nothing_else(
    brought: Bot, people: SandboxClient, bare: Bare
) -> None:
    await people.slash("mira", "elsewhere", "raw", wait=False)
    raw = await brought.next_interaction()
    status, answer = await bare.answer(raw, {"type": 4, "data": {"content": "one"}})
    assert status == 200
    assert answer["interaction"]["guild_id"] == ELSEWHERE_ID
    message = answer["resource"]["message"]
    assert message["interaction_metadata"]["authorizing_integration_owners"] == {"1": MIRA_ID}
    original = bare.webhook(raw, "/messages/@original")
    status, _ = await bare.ask("PATCH", original, json={"content": "two"})
    assert status == 200
    (seen,) = await people.messages("elsewhere", "noah")
    assert seen.content == "two"

    messages = f"/channels/{message['channel_id']}/messages"
    for method, path in (
        ("GET", f"/channels/{message['channel_id']}"),
        ("GET", messages),
        ("POST", messages),
        ("PATCH", f"{messages}/{message['id']}"),
        ("DELETE", f"{messages}/{message['id']}"),
        ("PUT", f"{messages}/{message['id']}/reactions/%F0%9F%91%8D/@me"),
    ):
        status, body = await bare.ask(method, path, json={"content": "as the bot"})
        assert (method, status, body["code"]) == (method, 403, 50001)
    status, body = await bare.ask("GET", f"/guilds/{ELSEWHERE_ID}")
    assert (status, body["code"]) == (404, 10004)


async def test_the_bot_hears_nothing_of_what_happens_there(
    brought: Bot, people: SandboxClient
) -> None:
    said = await people.say("noah", "elsewhere", "hello")
    await people.react("mira", said.id, "👍")
    await people.delete("noah", said.id)
    await people.permissions("elsewhere", target="everyone", deny=["ADD_REACTIONS"])
    here = await people.say("noah", "studio", "and here")
    heard = await brought.until("message")
    assert heard.id == int(here.id)
    assert brought.get_channel(int(said.channel_id)) is None


async def test_five_follow_ups_are_all_it_may_add_there(
    brought: Bot, people: SandboxClient, bare: Bare
) -> None:
    for channel, last in (("elsewhere", (400, 40094)), ("studio", (200, None))):
        await people.slash("mira", channel, "raw", wait=False)
        raw = await brought.next_interaction()
        await bare.answer(raw, {"type": 4, "data": {"content": "one"}})
        for _ in range(5):
            status, body = await bare.ask("POST", bare.webhook(raw), json={"content": "more"})
            assert status == 200
        status, body = await bare.ask("POST", bare.webhook(raw), json={"content": "one too many"})
        assert (status, body.get("code")) == last


async def test_a_control_is_its_owners_there_whoever_presses_it(
    brought: Bot, people: SandboxClient
) -> None:
    done = await people.slash("mira", "elsewhere", "draw", prompt="a fox")
    grid = await people.wait_edit(done.answer_id, lambda m: m.button("U1") is not None)
    while not brought.interactions.empty():
        brought.interactions.get_nowait()
    pressed = await people.press("noah", grid.id, label="U1")
    assert pressed.state == "answered"
    raw = await brought.next_interaction()
    assert (raw.user.id, raw._integration_owners) == (int(NOAH_ID), {1: int(MIRA_ID)})


async def test_who_may_not_bring_apps_along_is_answered_alone(
    brought: Bot, people: SandboxClient, bare: Bare
) -> None:
    await people.permissions("elsewhere", target="everyone", deny=["USE_EXTERNAL_APPS"])
    await people.slash("mira", "elsewhere", "raw", wait=False)
    raw = await brought.next_interaction()
    _, answer = await bare.answer(raw, {"type": 4, "data": {"content": "for all?"}})
    assert answer["interaction"]["response_message_ephemeral"] is True
    assert await people.messages("elsewhere", "noah") == []
    (seen,) = await people.messages("elsewhere", "mira")
    assert seen.private


async def test_it_may_write_to_who_installed_it_and_shares_no_server(
    brought: Bot, people: SandboxClient
) -> None:
    await people.person("mira", in_guild=False)
    await people.person("noah", in_guild=False)
    mira = await (await brought.fetch_user(int(MIRA_ID))).create_dm()
    assert (await mira.send("hello")).content == "hello"
    noah = await (await brought.fetch_user(int(NOAH_ID))).create_dm()
    with pytest.raises(discord.Forbidden) as refused:
        await noah.send("hello")
    assert refused.value.code == 50278
