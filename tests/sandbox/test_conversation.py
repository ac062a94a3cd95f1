"""People and a discord.py bot talking over real sockets."""

from __future__ import annotations

import asyncio

import discord
import pytest

from sandbox import SandboxClient, SandboxError
from sandbox.world import MIRA_ID, STUDIO_ID
from tests.sandbox.conftest import OTHER_PNG, PNG, Bare, Bot, GridView, file


async def draw(people: SandboxClient, **options: object) -> str:
    done = await people.slash("mira", "studio", "draw", prompt="a fox", **options)
    assert done.how == "deferred"
    message = await people.wait_edit(done.answer_id, lambda m: m.button("U1") is not None)
    return message.id


async def test_a_slash_command_is_deferred_and_then_filled(bot: Bot, people: SandboxClient) -> None:
    message = await people.message(await draw(people, number=2, image=("in.png", PNG)))

    assert message.content == f"**a fox** x2 postcard {len(PNG)} - <@{MIRA_ID}>"
    assert message.pings == []
    [attachment] = message.attachments
    assert (attachment["width"], attachment["height"]) == (48, 32)
    assert (attachment["content_type"], attachment["description"]) == ("image/png", "a grid")
    assert await people.download(message.pictures[0]) == PNG
    assert message.raw["edited_timestamp"] is None
    assert message.raw["interaction_metadata"]["name"] == "draw"


async def test_a_button_swaps_the_picture_in_place(bot: Bot, people: SandboxClient) -> None:
    message_id = await draw(people)
    done = await people.press("noah", message_id, label="Swap")

    assert (done.how, done.answer_id) == ("update", message_id)
    message = await people.message(message_id)
    assert message.content == "swapped"
    assert [await people.download(url) for url in message.pictures] == [OTHER_PNG]


async def test_a_button_answers_with_a_reply(bot: Bot, people: SandboxClient) -> None:
    message_id = await draw(people)
    done = await people.press("mira", message_id, custom_id="easel:u:1")

    assert done.how == "deferred_update"
    reply = await people.wait_message("studio", lambda m: m.content == "upscaled")
    assert reply.raw["referenced_message"]["id"] == message_id


async def test_a_select_answers_privately(bot: Bot, people: SandboxClient) -> None:
    message_id = await draw(people)
    done = await people.select("mira", message_id, "Pan", label="More")

    assert done.private
    assert [m.content for m in await people.messages("studio", "mira") if m.private] == [
        "chose Pan"
    ]
    assert not [m for m in await people.messages("studio", "noah") if m.private]
    await people.delete("mira", done.answer_id)
    assert not [m for m in await people.messages("studio", "mira") if m.private]


async def test_a_form_is_opened_filled_and_submitted(bot: Bot, people: SandboxClient) -> None:
    opened = await people.press("mira", await draw(people), label="Remix")
    assert opened.how == "modal" and opened.modal is not None
    assert opened.modal["title"] == "Remix"

    with pytest.raises(SandboxError, match="'Prompt' is required"):
        await people.submit("mira", opened, {})
    with pytest.raises(SandboxError, match="too long"):
        await people.submit("mira", opened, {"prompt": "x" * 21})
    with pytest.raises(SandboxError, match="no form is open"):
        await people.submit("noah", opened, {"prompt": "x"})
    done = await people.submit(
        "mira",
        opened,
        {"prompt": "a heron", "strength": "Strong"},
        files={"mask": [("m.png", PNG)]},
    )
    answer = await people.message(done.answer_id)
    assert answer.content == f"a heron / Strong / [{len(PNG)}]"
    with pytest.raises(SandboxError, match="no form is open"):
        await people.submit("mira", opened, {"prompt": "a wren"})
    opened = await people.press("mira", done.raw["message_id"], label="Remix")
    again = await people.submit("mira", opened, {"prompt": "a wren"})
    assert (await people.message(again.answer_id)).content == "a wren / Subtle / []"


async def test_autocompletion(bot: Bot, people: SandboxClient) -> None:
    choices = await people.autocomplete("mira", "studio", "draw", "model", "l", prompt="x")
    assert choices == [{"name": "Sdxl", "value": "sdxl"}, {"name": "Flux", "value": "flux"}]


async def test_context_menus(bot: Bot, people: SandboxClient) -> None:
    said = await people.say("noah", "studio", "good morning")
    done = await people.menu("mira", "Show the prompt", message=said.id)
    # The bot may not read content by intent, but a target is always whole.
    assert (await people.message(done.answer_id)).content == "it says good morning"
    done = await people.menu("mira", "Their pictures", user="noah", channel="studio")
    assert (await people.message(done.answer_id)).content == "of noah"


async def test_subcommands_take_resolved_users(bot: Bot, people: SandboxClient) -> None:
    done = await people.slash("ada", "studio", "settings show", user=MIRA_ID)
    assert (await people.message(done.answer_id)).content == "settings of mira"


async def test_only_those_who_may_see_a_command(bot: Bot, people: SandboxClient) -> None:
    names = {c["name"] for c in await people.commands("mira", "studio")}
    assert "draw" in names and "admin" not in names
    with pytest.raises(SandboxError, match="no command 'admin'"):
        await people.slash("mira", "studio", "admin")
    assert (await people.slash("ada", "studio", "admin")).how == "message"


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({}, "'prompt' is required"),
        ({"prompt": "x" * 101}, "too long"),
        ({"prompt": "x", "number": 5}, "out of range"),
        ({"prompt": "x", "number": "many"}, "needs a number"),
        ({"prompt": "x", "image": "a.png"}, "needs a file"),
        ({"prompt": "x", "colour": "red"}, "unknown option: colour"),
    ],
)
async def test_what_the_client_would_not_let_a_person_send(
    bot: Bot, people: SandboxClient, options: dict[str, object], why: str
) -> None:
    with pytest.raises(SandboxError, match=why):
        await people.slash("mira", "studio", "draw", **options)


async def test_reactions_deletions_and_messages_reach_the_bot(
    bot: Bot, people: SandboxClient
) -> None:
    said = await people.say("mira", "studio", "hello", files=[("a.png", PNG)])
    message: discord.Message = await bot.until("message")
    # Without the message content intent the words stay with the people.
    assert (message.id, message.content, message.attachments) == (int(said.id), "", [])
    await message.add_reaction("🎨")
    await people.react("noah", said.id, "🎨")
    event: discord.RawReactionActionEvent = await bot.until("reaction")
    assert (str(event.emoji), event.user_id) == ("🎨", bot.user.id if bot.user else 0)
    reacted = await people.message(said.id)
    assert len(reacted.raw["reactors"]["🎨"]) == 2
    await people.delete("mira", said.id)
    assert (await bot.until("deleted")).message_id == int(said.id)
    with pytest.raises(SandboxError):
        await people.delete("noah", (await people.say("mira", "studio", "mine")).id)


async def test_direct_messages(bot: Bot, people: SandboxClient) -> None:
    channel = await people.direct("mira")
    user = await bot.fetch_user(int(MIRA_ID))
    await user.send("your picture is ready", file=file())
    assert [m.content for m in await people.messages(channel, "mira")] == ["your picture is ready"]
    await people.say("mira", channel, "thank you")
    async with asyncio.timeout(5):
        while (message := await bot.until("message")).author.bot:
            pass
    assert message.content == "thank you"
    with pytest.raises(SandboxError, match="cannot see"):
        await people.messages(channel, "noah")


async def test_the_bot_as_a_member(bot: Bot, people: SandboxClient) -> None:
    channel = bot.get_channel(int(STUDIO_ID))
    assert isinstance(channel, discord.TextChannel)
    assert channel.guild.me.guild_permissions.attach_files
    assert [role.name for role in channel.guild.roles] == ["@everyone", "Easel", "Patron", "Admin"]
    first = await channel.send("one", files=[file(name="a b.png"), file(OTHER_PNG, "c.webp")])
    assert [a.filename for a in first.attachments] == ["a_b.png", "c.webp"]
    second = await first.reply(
        "two",
        embed=discord.Embed(title="T").set_image(url="attachment://e.png"),
        file=file(name="e.png"),
    )
    assert second.embeds[0].image.url and second.embeds[0].image.url.startswith("http")
    # As on Discord, a file that an embed shows is not among the attachments.
    assert second.attachments == []
    kept = await first.edit(attachments=[first.attachments[1], file(name="new.png")])
    assert [a.filename for a in kept.attachments] == ["c.webp", "new.png"]
    assert [m.content async for m in channel.history(limit=10)] == ["two", "one"]
    assert [m.id async for m in channel.history(after=first)] == [second.id]
    assert [m.id async for m in channel.history(before=second)] == [first.id]
    assert [m.id async for m in channel.history(around=second, limit=3)]
    fetched = await channel.fetch_message(second.id)
    assert fetched.reference is not None and fetched.reference.message_id == first.id
    async with channel.typing():
        pass
    await people.wait_for(lambda e: e.type == "typing", since=0)
    thread = await first.create_thread(name="talk")
    await thread.send("in the thread", view=GridView())
    assert [m.content for m in await people.messages(str(thread.id))] == ["in the thread"]
    await second.delete()
    assert [m.content for m in await people.messages("studio")] == ["one"]
    members = [m.name async for m in channel.guild.fetch_members()] if bot.intents.members else []
    assert members == []
    assert (await channel.guild.fetch_member(int(MIRA_ID))).name == "mira"


async def test_pins_need_the_right(bot: Bot, people: SandboxClient) -> None:
    channel = bot.get_channel(int(STUDIO_ID))
    assert isinstance(channel, discord.TextChannel)
    message = await channel.send("keep")
    with pytest.raises(discord.Forbidden):
        await message.pin()
    await people.permissions("studio", allow=["PIN_MESSAGES"])
    await message.pin()
    assert [m.id async for m in channel.pins()] == [message.id]
    await message.unpin()
    assert [m.id async for m in channel.pins()] == []


async def test_components_v2(bot: Bot, people: SandboxClient) -> None:
    channel = bot.get_channel(int(STUDIO_ID))
    assert isinstance(channel, discord.TextChannel)
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(
        discord.ui.Container(
            discord.ui.TextDisplay("## Gallery"),
            discord.ui.MediaGallery(discord.MediaGalleryItem("attachment://a.png")),
            discord.ui.Section("words", accessory=discord.ui.Thumbnail("attachment://b.png")),
            discord.ui.ActionRow(discord.ui.Button(label="Go", custom_id="go")),
        )
    )
    sent = await channel.send(view=view, files=[file(name="a.png"), file(OTHER_PNG, "b.png")])
    seen = await people.message(str(sent.id))
    assert [await people.download(url) for url in seen.pictures] == [PNG, OTHER_PNG]
    assert seen.button("Go") is not None
    assert "## Gallery" in seen.text
    with pytest.raises(discord.HTTPException) as refused:
        await sent.edit(content="words beside components")
    assert refused.value.code == 50035


async def test_what_the_log_keeps(bot: Bot, people: SandboxClient, bare: Bare) -> None:
    await draw(people)
    [callback] = await people.requests("/callback")
    assert callback["body"] == {"type": 5, "data": {"tts": False}} or callback["body"]["type"] == 5
    [edit] = await people.requests("/messages/@original")
    assert edit["files"] == [{"field": "files[0]", "filename": "grid.png", "size": len(PNG)}]
    assert edit["route"] == "/webhooks/{application_id}/{token}/messages/{message_id}"
    stats = await people.stats()
    assert stats["answers"]["count"] == 1 and stats["unanswered"] == 0
    await people.clear_requests()
    assert await people.requests() == []
