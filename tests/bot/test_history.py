"""/history: pictures found again, page by page, and what is done with them."""

from __future__ import annotations

import dataclasses
import zipfile
from collections.abc import Sequence
from io import BytesIO
from typing import Any

import discord
import pytest

from bot.clearing import LOOK_SECONDS
from bot.history_ids import MENUS, OF_ONE, Act, Key, Whose
from core.departures import Departures
from core.jobs import Job
from core.likeness import Circle
from tests.bot.town import Town, told
from tests.bot.world import settings
from tests.fakes.memory_notices import MemoryNotices


async def made(town: Town, prompt: str, who: Any = None, channel: Any = None) -> Job:
    await (who or town.ada).slash(channel or town.channel, "imagine", prompt=prompt)
    job = await town.finish()
    await town.env.advance_time(1)
    return await town.store.get(job.id)


async def searched(town: Town, search: str = "", who: Any = None, **options: Any) -> Any:
    """The page."""
    who = who or town.ada
    channel = options.pop("channel", town.channel)
    if search:
        options["search"] = search
    answer = await who.slash(channel, "history", **options)
    assert answer.ephemeral
    return answer.response


def parts(message: Any) -> list[dict[str, Any]]:
    return [c if isinstance(c, dict) else c.to_dict() for c in message.components]


def words(message: Any) -> list[str]:
    return [part["content"] for part in parts(message) if part["type"] == 10]


def alts(message: Any) -> list[str]:
    """Of the pictures that are shown."""
    return [item["description"] for part in parts(message) for item in part.get("items", ())]


def menu(message: Any) -> dict[str, Any]:
    (found,) = (
        child
        for part in parts(message)
        for child in part.get("components", ())
        if "options" in child
    )
    return found


def buttons(message: Any) -> list[str]:
    return [
        child.get("label") or child["emoji"]["name"]
        for part in parts(message)
        for child in part.get("components", ())
        if "options" not in child
    ]


def link(message: Any) -> str:
    urls = [c.get("url") for part in parts(message) for c in part.get("components", ())]
    return next((url for url in urls if url), "")


async def forged(town: Town, who: Any, key: Key, *values: str) -> str:
    """What somebody is told who gets a button of this id, or a menu, into a page of their own."""
    channel = town.their_channel if who is town.rival else town.channel
    page = await searched(town, "", who, channel=channel)
    part: dict[str, Any] = {"type": 2, "style": 2, "label": "x"}
    if values:
        part = {"type": 3, "options": [{"label": value, "value": value} for value in values]}
    row = {"type": 1, "id": 98, "components": [{**part, "id": 99, "custom_id": key.custom_id}]}
    page._message.components.append(row)
    if values:
        return told(await who.select(page, list(values), custom_id=key.custom_id))
    return told(await who.click(page, custom_id=key.custom_id))


async def picked(town: Town, page: Any, at: int, who: Any = None) -> Any:
    """The card of the picture at that place of the page."""
    answer = await (who or town.ada).select(page, [menu(page)["options"][at]["value"]])
    assert answer.ephemeral
    return answer.response


# Pages


async def test_ones_pictures_are_a_gallery_with_a_menu_the_newest_first(town: Town) -> None:
    await made(town, "a red lighthouse --n 2")
    job = await made(town, "a blue boat --n 1")
    await made(town, "of bo", town.bo)
    page = await searched(town)
    assert words(page) == ["**Your pictures**"]
    assert alts(page) == ["1: a blue boat", "2: a red lighthouse", "3: a red lighthouse"]
    options = menu(page)["options"]
    assert [option["label"] for option in options][:2] == ["1. a blue boat", "2. a red lighthouse"]
    assert options[0]["description"] == "postcard · 128 × 128"
    assert options[0]["value"] == f"{job.id}-1"
    assert buttons(page) == ["Choose several"]
    (image,) = await town.store.images(job.id)
    assert page.attachments[0].filename == f"{job.id}-1.png"
    assert await page.attachments[0].read() == await town.blobs.get(image.blob)


async def test_a_search_says_what_it_was_for(town: Town) -> None:
    await made(town, "a red lighthouse --n 1")
    await made(town, "a blue boat --n 1")
    page = await searched(town, "  red   ")
    assert words(page) == ["**Your pictures**\n```\nred\n```"]
    assert alts(page) == ["1: a red lighthouse"]


async def test_pages_turn_also_after_a_restart(town: Town) -> None:
    for number in range(5):
        await made(town, f"boat number {number}")
    page = await searched(town, "boat")
    assert (len(alts(page)), buttons(page)) == (9, ["Next", "Choose several"])
    first = alts(page)
    await town.restart()
    await town.ada.click(page, label="Next")
    assert buttons(page) == ["Back", "Next", "Choose several"]
    assert words(page) == ["**Your pictures**\n```\nboat\n```"]
    assert alts(page)[0] == "1: boat number 2"
    await town.ada.click(page, label="Next")
    assert (len(alts(page)), buttons(page)) == (2, ["Back", "Choose several"])
    await town.ada.click(page, label="Back")
    await town.ada.click(page, label="Back")
    assert alts(page) == first
    assert len(page.attachments) == 9


async def test_nothing_found_is_said_in_one_sentence(town: Town) -> None:
    page = await searched(town)
    assert words(page)[1].startswith("You have no pictures yet; /imagine makes some.")
    await made(town, "a cat --n 1")
    page = await searched(town, "dog")
    assert words(page)[1].startswith("Nothing was found. What was made in an age-restricted")
    assert (alts(page), buttons(page)) == ([], [])


async def test_a_line_that_cannot_be_read_is_refused_with_every_reason(town: Town) -> None:
    assert "at most 300" in (await searched(town, "x" * 301)).content
    assert "There is no word in" in (await searched(town, "!!!")).content
    refused = (await searched(town, "cat --cahos 20 after:soon")).content
    assert "There is no flag --cahos. Did you mean --chaos?" in refused
    assert "“soon” is no date." in refused


async def test_flags_models_days_and_orders_are_searched_for(town: Town) -> None:
    await made(town, "a wide cat --ar 2:1 --n 1")
    await town.env.advance_time(3 * 3600)
    await made(town, "a cat --n 1 --chaos 20")
    old = town.last()
    await town.bo.click(old, custom_id=like_id(old))
    await made(town, "a late cat --n 1")
    cases: list[tuple[str, dict[str, str], list[str]]] = [
        ("cat --ar 2:1", {}, ["1: a wide cat"]),
        ("--chaos", {}, ["1: a cat"]),
        ("cat -late -wide", {}, ["1: a cat"]),
        ("", {"sort": "top"}, ["1: a cat", "2: a late cat", "3: a wide cat"]),
        ("", {"sort": "old", "model": "postcard"}, ["1: a wide cat", "2: a cat", "3: a late cat"]),
        ("", {"model": "other"}, []),
        ("", {"after": "2h", "sort": "new"}, ["1: a late cat", "2: a cat"]),
        ("", {"before": "2h"}, ["1: a wide cat"]),
    ]
    for line, options, expected in cases:
        page = await searched(town, line, **options)
        assert alts(page) == expected, (line, options)
    assert "model:postcard sort:old" in words(await searched(town, sort="old", model="postcard"))[0]


async def test_who_names_somebody_else_searches_the_server(town: Town) -> None:
    await made(town, "a cat --n 1")
    await made(town, "of bo --n 1", town.bo)
    page = await searched(town, "by:bo")
    assert words(page)[0].startswith("**Pictures of this server**")
    assert alts(page) == ["1: of bo"]
    assert alts(await searched(town, "by:me")) == ["1: a cat"]
    assert alts(await searched(town, f"<@{town.bo.id}>")) == []
    assert alts(await searched(town, f"by:<@{town.bo.id}>")) == ["1: of bo"]


async def test_what_is_typed_cannot_break_out_of_its_block(town: Town) -> None:
    await made(town, "a cat --n 1")
    page = await searched(town, "cat -```@everyone")
    (text,) = words(page)
    assert text.count("```") == 2
    await town.restart()
    await town.ada.select(page, [menu(page)["options"][0]["value"]])


@pytest.mark.parametrize(
    "id", ["w2:at:m:", "w1:fly:m:", "w1:at:x:", "w1:pick:m:", "w1:open:m:", "W1:at:m:", "w1:at:m:é"]
)
async def test_a_button_of_another_version_gets_an_answer(town: Town, id: str) -> None:
    assert "another version" in await town.press_id(town.ada, id)


async def test_a_made_up_cursor_is_of_no_list(town: Town) -> None:
    await made(town, "a cat --n 1", town.bo)
    for cursor in ("made.up", "ta1.2", "na"):
        refused = await forged(town, town.ada, Key(Act.TURN, Whose.MINE, cursor))
        assert "That page is not one of this list" in refused


async def test_a_message_that_others_see_is_never_written_over(town: Town) -> None:
    job = await made(town, "a secret --n 1 --stealth")
    for act in Act:
        if act not in MENUS:
            key = Key(act, Whose.MINE, f"{job.id}-1" if act in OF_ONE else "")
            assert "another version" in await town.press_id(town.ada, key.custom_id)
    assert not any(message.flags.components_v2 for message in town.messages())


async def test_what_takes_long_is_announced_first_and_then_shown(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        await made(town, f"boat number {number}")
    monkeypatch.setattr("bot.replies.HOLD_SECONDS", 0)
    page = await searched(town)
    assert len(alts(page)) == 9
    await town.ada.click(page, label="Next")
    assert (len(alts(page)), len(page.attachments)) == (3, 3)
    card = await picked(town, page, 0)
    assert alts(card) == ["boat number 0"]
    await town.ada.click(card, label="Delete")
    await town.ada.click(card, label="Keep")
    assert buttons(card)[0] == "Show here"
    await chosen(town, page, 0, 1)
    await town.ada.click(page, label="Delete")
    await town.ada.click(page, label="Delete")
    assert words(page)[-1] == "4 pictures were deleted."
    refused = await searched(town, "cat --cahos 20")
    assert "Did you mean --chaos?" in refused.content


async def test_a_picture_whose_file_is_missing_is_left_out(town: Town) -> None:
    job = await made(town, "a cat --n 2")
    image = await town.store.image(job.id, 1)
    (await town.blobs.local(image.blob)).unlink()
    page = await searched(town)
    assert [file.filename for file in page.attachments] == [f"{job.id}-2.png"]
    assert [option["value"] for option in menu(page)["options"]] == [f"{job.id}-2"]


# Whose


async def test_pictures_of_the_server_are_there_and_private_ones_are_not(town: Town) -> None:
    await made(town, "public cat --n 1")
    await made(town, "secret cat --n 1 --stealth")
    page = await searched(town, "cat", town.bo, whose="s")
    assert words(page)[0].startswith("**Pictures of this server**")
    assert alts(page) == ["1: public cat"]
    assert menu(page)["options"][0]["description"] == "ada · postcard · 128 × 128"
    await town.bo.click(page, label="Choose several")
    assert buttons(page) == ["Download all that are found", "Done"]
    own = await searched(town, "cat")
    assert alts(own) == ["1: secret cat", "2: public cat"]
    theirs = await searched(town, "cat", town.rival, whose="s", channel=town.their_channel)
    assert alts(theirs) == []


async def test_what_was_made_where_one_may_not_read_now_is_not_told(town: Town) -> None:
    staff = town.guild.create_text_channel("staff")
    await town.env.settle()
    for number in range(3):
        await made(town, f"staff plan {number}", town.boss, staff)
    job = await made(town, "open plan --n 1", town.boss)
    for number in range(3, 6):
        await made(town, f"staff plan {number}", town.boss, staff)
    assert len(alts(await searched(town, "plan", town.ada, whose="s"))) == 9
    hide(town, staff)
    page = await searched(town, "plan", town.ada, whose="s")
    assert {alt.split(": ")[1] for alt in alts(page)} == {"open plan"}
    assert menu(page)["options"][0]["value"] == f"{job.id}-1"
    assert len(alts(await searched(town, "plan", town.boss, whose="s"))) == 9
    other = (await town.store.history(town.boss.id, limit=1))[0]
    stolen = Key(Act.OPEN, Whose.HERE, f"{other.id}-1")
    assert "not for you to see" in await forged(town, town.ada, stolen)


def hide(town: Town, channel: Any) -> None:
    """From all but those who manage the server, as far as the bot knows."""
    known: Any = town.bot.get_channel(channel.id)
    view = str(discord.Permissions(view_channel=True).value)
    manager = next(role for role in known.guild.roles if role.name == "manager")
    rules = [(known.guild.default_role.id, "0", view), (manager.id, view, "0")]
    overwrites = [{"id": id, "type": 0, "allow": may, "deny": not_} for id, may, not_ in rules]
    known._fill_overwrites({"permission_overwrites": overwrites})


async def test_what_is_made_in_an_age_restricted_channel_is_found_in_one(town: Town) -> None:
    rated = town.guild.create_text_channel("rated")
    await town.env.settle()
    known: Any = town.bot.get_channel(rated.id)
    known.nsfw = True
    await made(town, "a bare cat --n 1", channel=rated)
    await made(town, "a cat --n 1")
    assert alts(await searched(town, "cat")) == ["1: a cat"]
    assert alts(await searched(town, "cat", town.bo, whose="s")) == ["1: a cat"]
    there = await searched(town, "cat", town.bo, whose="s", channel=rated)
    assert alts(there) == ["1: a cat", "2: a bare cat"]
    id = menu(there)["options"][1]["value"]
    assert "not for you to see" in await forged(town, town.ada, Key(Act.OPEN, Whose.MINE, id))


async def test_there_is_no_server_in_direct_messages(town: Town) -> None:
    await made(town, "a cat --n 1")
    dm = await town.ada.user.slash("history", whose="s")
    assert "Easel is in no server here" in dm.response.content
    mine = await town.ada.user.slash("history")
    assert alts(mine.response) == ["1: a cat"]


async def test_liked_pictures_are_found(town: Town) -> None:
    await made(town, "one cat --n 1")
    await town.bo.click(town.last(), label=None, custom_id=like_id(town.last()))
    await made(town, "another cat --n 1")
    page = await searched(town, "", town.bo, whose="l")
    assert alts(page) == ["1: one cat"]
    assert menu(page)["options"][0]["description"].endswith("· ❤ 1")


def like_id(message: Any) -> str:
    ids = [c["custom_id"] for p in parts(message) for c in p["components"] if "custom_id" in c]
    return next(id for id in ids if ":like:" in id)


async def test_whoever_is_shut_out_searches_nothing(town: Town) -> None:
    await made(town, "a cat --n 1", town.bo)
    page = await searched(town, "", town.bo)
    await town.boss_does("server ban", person=town.bo)
    assert "taken away" in (await searched(town, "", town.bo)).content
    assert "taken away" in told(await town.bo.select(page, [menu(page)["options"][0]["value"]]))


# A picture


async def test_a_picked_picture_has_its_facts_its_message_and_its_buttons(town: Town) -> None:
    job = await made(town, "a red lighthouse --seed 7")
    page = await searched(town)
    card = await picked(town, page, 1)
    (text,) = words(card)
    assert f"Job `{job.id}`" in text
    assert f"seed 2: `{job.request.image_seed(1)}`" in text
    assert text.endswith("The members of its server may see it.")
    assert alts(card) == ["a red lighthouse"]
    assert [file.filename for file in card.attachments] == [f"{job.id}-2.png"]
    assert link(card) == (
        f"https://discord.com/channels/{town.guild.id}/{town.channel.id}/{job.message_id}"
    )
    assert buttons(card)[:3] == ["Show here", "Go to its message", "Delete"]
    await town.ada.click(card, label="Vary (Strong)")
    child = await town.newest()
    assert (child.parent.job_id, child.parent.index) == (job.id, 2)  # type: ignore[union-attr]


async def test_a_message_that_is_gone_has_no_link(town: Town) -> None:
    await made(town, "a cat --n 1")
    page = await searched(town)
    await town.last().delete()
    card = await picked(town, page, 0)
    assert (link(card), "Go to its message" in buttons(card)) == ("", False)


async def test_one_of_somebody_elses_is_neither_shown_nor_deleted(town: Town) -> None:
    job = await made(town, "a cat --n 1")
    card = await picked(town, await searched(town, "", town.bo, whose="s"), 0, town.bo)
    assert buttons(card)[0] == "Go to its message"
    assert "Delete" not in buttons(card)
    for act, says in ((Act.DELETE, "Only the person"), (Act.POST, "somebody else's")):
        assert says in await forged(town, town.bo, Key(act, Whose.MINE, f"{job.id}-1"))
    assert len(await town.store.images(job.id)) == 1


async def test_a_moderator_deletes_one_from_its_card(town: Town) -> None:
    job = await made(town, "a cat --n 1")
    card = await picked(town, await searched(town, "", town.admin, whose="s"), 0, town.admin)
    await town.admin.click(card, label="Delete")
    await town.admin.click(card, label="Delete")
    assert words(card) == ["The picture was deleted."]
    assert await town.store.images(job.id) == []


async def test_a_private_picture_is_its_owners_alone(town: Town) -> None:
    job = await made(town, "a secret --n 1 --stealth")
    stolen = Key(Act.OPEN, Whose.HERE, f"{job.id}-1")
    assert "not for you to see" in await forged(town, town.bo, stolen)
    card = await picked(town, await searched(town), 0)
    assert "You alone may see it." in words(card)[0]
    assert "Show here" not in buttons(card)


async def test_its_owner_says_who_may_see_it_and_never_more_than_the_server(town: Town) -> None:
    job = await made(town, "a cat --n 1")
    card = await picked(town, await searched(town), 0)
    options = {option["label"]: option.get("default", False) for option in menu(card)["options"]}
    assert options == {
        "The members of its server": True,
        "Whoever has its address": False,
        "You alone": False,
    }
    await town.restart()
    await town.ada.select(card, ["private"])
    assert words(card)[0].endswith("You alone may see it.")
    assert alts(await searched(town, "cat", town.bo, whose="s")) == []
    seen = Key(Act.SEE, Whose.MINE, f"{job.id}-1")
    assert "not for you to see" in await forged(town, town.bo, seen, "server")
    assert "to so many" in await forged(town, town.ada, seen, "public")
    await town.ada.select(card, ["server"])
    assert alts(await searched(town, "cat", town.bo, whose="s")) == ["1: a cat"]
    assert "Only the person who made" in await forged(town, town.bo, seen, "private")


async def test_the_gallery_is_one_press_away(town: Town) -> None:
    town.settings = settings(EASEL_GALLERY_URL="https://easel.example/")
    await town.restart()
    job = await made(town, "a cat --n 1")
    card = await picked(town, await searched(town), 0)
    urls = [c.get("url") for part in parts(card) for c in part.get("components", ())]
    assert f"https://easel.example/p/{job.id}-1" in urls


def test_the_longest_ids_fit_into_what_discord_keeps() -> None:
    cursor = "1" + "r" + "b" + ".".join(["9" * 19] * 3)
    for act in Act:
        for what in (cursor, "f" * 32 + "-99"):
            key = Key(act, Whose.MINE, what)
            assert len(key.custom_id) <= 100
            assert Key.from_custom_id(key.custom_id) == key


async def test_show_here_posts_that_picture_alone_for_everybody(town: Town) -> None:
    job = await made(town, "a red lighthouse")
    card = await picked(town, await searched(town), 1)
    await town.ada.click(card, label="Show here")
    message = town.last()
    assert message.content == f"**a red lighthouse** - Image #2 {town.owner()}"
    assert [file.filename for file in message.attachments] == [f"{job.id}-2.png"]
    image = await town.store.image(job.id, 2)
    assert await message.attachments[0].read() == await town.blobs.get(image.blob)
    await town.restart()
    await town.bo.click(message, label="Vary (Subtle)")
    child = await town.newest()
    assert (child.parent.job_id, child.parent.index) == (job.id, 2)  # type: ignore[union-attr]


async def test_show_understands_a_pictures_name(town: Town) -> None:
    job = await made(town, "a red lighthouse")
    await town.ada.slash(town.channel, "show", job=f"{job.id}-4")
    assert town.last().content.endswith(f"Image #4 {town.owner()}")
    await town.ada.slash(town.channel, "show", job=job.id)
    assert town.last().content.endswith("(fast)")
    gone = await town.ada.slash(town.channel, "show", job=f"{job.id}-9")
    assert "not in Easel's history" in told(gone)


# Deleting


async def test_one_is_asked_about_and_kept_or_deleted(town: Town) -> None:
    job = await made(town, "a red lighthouse")
    card = await picked(town, await searched(town), 0)
    await town.ada.click(card, label="Delete")
    assert words(card)[1].startswith(
        "Delete this picture? A grid is deleted as a whole: all of its 4 pictures. They are gone"
    )
    assert buttons(card) == ["Delete", "Keep"]
    await town.ada.click(card, label="Keep")
    assert buttons(card)[0] == "Show here"
    await town.restart()
    await town.ada.click(card, label="Delete")
    await town.ada.click(card, label="Delete")
    assert words(card) == ["4 pictures were deleted."]
    assert (card.attachments, town.messages()) == ([], [])
    assert (await town.store.get(job.id)).deleted_at is not None


async def chosen(town: Town, page: Any, *places: int) -> None:
    await town.ada.click(page, label="Choose several")
    options = menu(page)["options"]
    await town.ada.select(page, [options[at]["value"] for at in places])


async def test_several_are_chosen_and_deleted_and_the_others_stay(town: Town) -> None:
    jobs = [await made(town, f"cat {number} --n 1") for number in range(4)]
    grid = await made(town, "a grid of cats")
    page = await searched(town, "", sort="new")
    files = [file.filename for file in page.attachments]
    await chosen(town, page, 0, 1, 5)
    assert buttons(page) == ["Download 3", "Delete", "Delete all of mine", "Done"]
    assert [at for at, one in enumerate(menu(page)["options"]) if one.get("default")] == [0, 1, 5]
    assert [file.filename for file in page.attachments] == files
    await town.restart()
    await town.ada.click(page, label="Delete")
    assert words(page)[1].startswith(
        "Delete these 3 pictures? A grid is deleted as a whole: 5 pictures of 2 jobs. They are"
    )
    assert menu(page)["disabled"]
    await town.ada.click(page, label="Delete")
    assert words(page) == ["**Your pictures**\n```\nsort:new\n```", "5 pictures were deleted."]
    assert alts(page) == ["1: cat 3", "2: cat 1", "3: cat 0"]
    left = {job.id for job in [*jobs, grid] if await town.store.images(job.id)}
    assert len(left) == 3
    assert grid.id not in left
    assert {message.id for message in town.messages()} == {
        job.message_id for job in jobs if job.id in left
    }


async def test_a_choice_can_be_taken_back(town: Town) -> None:
    await made(town, "a cat --n 2")
    page = await searched(town)
    await chosen(town, page, 0)
    await town.ada.click(page, label="Delete")
    await town.ada.click(page, label="Keep")
    assert buttons(page) == ["Download 1", "Delete", "Delete all of mine", "Done"]
    await town.ada.select(page, [])
    with pytest.raises(Exception, match="disabled"):
        await town.ada.click(page, label="Delete")
    await town.ada.click(page, label="Done")
    assert (len(alts(page)), buttons(page)) == (2, ["Choose several"])


async def test_all_of_mine_asks_for_the_number_and_leaves_the_rest(town: Town) -> None:
    town.options = with_notices(town)
    await town.restart()
    mine = [await made(town, f"cat {number} --n 2") for number in range(3)]
    await town.ada.click(town.last(), label="U1")
    theirs = await made(town, "of bo --n 1", town.bo)
    page = await searched(town)
    await town.ada.click(page, label="Choose several")
    form = await town.ada.click(page, label="Delete all of mine")
    field = form.modal["components"][0]
    assert field["label"] == "Type 6 to delete 6 pictures"
    assert "What others made of them stays" in field["description"]
    refused = await town.ada.submit_modal(form, {"count": "5"})
    assert told(refused) == "To delete them all, type 6. Nothing was deleted."
    form = await town.ada.click(page, label="Delete all of mine")
    await town.restart()
    await town.ada.submit_modal(form, {"count": "6"})
    assert words(page)[1].startswith("All of your pictures are deleted, of 4 jobs;")
    assert alts(page) == []
    assert not any([await town.store.images(job.id) for job in mine])
    assert len(await town.store.images(theirs.id)) == 1
    assert [message.id for message in town.messages()] == [theirs.message_id]
    assert town.options.notices.noted == {}  # type: ignore[union-attr]


async def test_without_pictures_there_is_nothing_to_delete(town: Town) -> None:
    assert await forged(town, town.ada, Key(Act.ALL)) == "You have no pictures."


def with_notices(town: Town) -> Any:
    return dataclasses.replace(town.options, notices=MemoryNotices())


async def test_messages_that_discord_would_not_delete_are_tried_again(town: Town) -> None:
    town.options = with_notices(town)
    await town.restart()
    job = await made(town, "a cat --n 1")
    town.env.inject_error("DELETE", "/channels/*/messages/*", status=503, code=0, times=2)
    card = await picked(town, await searched(town), 0)
    await town.ada.click(card, label="Delete")
    await town.ada.click(card, label="Delete")
    assert len(town.messages()) == 1
    noted = town.options.notices.noted  # type: ignore[union-attr]
    assert list(noted) == [f"gone:{town.channel.id}:{job.message_id}"]
    await town.restart()
    assert len(town.messages()) == 1
    await town.env.advance_time(LOOK_SECONDS + 1)
    assert (town.messages(), noted) == ([], {})


async def test_what_others_noted_goes_too_and_what_may_not_is_forgotten(town: Town) -> None:
    town.options = with_notices(town)
    await town.restart()
    notices: Any = town.options.notices
    first = await made(town, "a cat --n 1")
    await Departures(notices, town.clock).owe([first])
    await town.env.advance_time(LOOK_SECONDS + 1)
    assert (town.messages(), notices.noted) == ([], {})
    second = await made(town, "another cat --n 1")
    town.env.inject_error("DELETE", "/channels/*/messages/*", status=403, code=50013)
    await Departures(notices, town.clock).owe([second])
    await town.env.advance_time(LOOK_SECONDS + 1)
    assert (len(town.messages()), notices.noted) == (1, {})


# Downloading


def zipped(file: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(file)) as opened:
        assert opened.testzip() is None
        return {name: opened.read(name) for name in opened.namelist()}


async def originals(town: Town, job: Job) -> dict[str, bytes]:
    images = await town.store.images(job.id)
    return {f"{job.id}-{one.number}.png": await town.blobs.get(one.blob) for one in images}


async def test_chosen_pictures_come_as_a_zip_of_their_originals(town: Town) -> None:
    job = await made(town, "a red lighthouse")
    page = await searched(town)
    await chosen(town, page, 0, 3)
    await town.restart()
    answer = await town.ada.click(page, label="Download 2")
    assert answer.ephemeral
    assert told(answer) == "Here are 2 pictures."
    (file,) = answer.response.attachments
    assert file.filename == "easel.zip"
    both = await originals(town, job)
    wanted = {name: both[name] for name in (f"{job.id}-1.png", f"{job.id}-4.png")}
    assert zipped(await file.read()) == wanted


async def test_all_that_a_search_finds_comes_and_private_pictures_of_others_do_not(
    town: Town,
) -> None:
    jobs = [await made(town, f"cat {number}", town.bo) for number in range(3)]
    await made(town, "a secret cat --stealth", town.bo)
    await made(town, "a dog")
    page = await searched(town, "cat", whose="s")
    await town.ada.click(page, label="Choose several")
    answer = await town.ada.click(page, label="Download all that are found")
    assert told(answer) == "Here are 12 pictures."
    (file,) = answer.response.attachments
    expected: dict[str, bytes] = {}
    for job in jobs:
        expected |= await originals(town, job)
    assert zipped(await file.read()) == expected


async def test_a_zip_that_is_too_large_comes_in_parts_and_the_gallery_has_the_rest(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = await made(town, "cat --n 8")
    sizes = [len(data) for data in (await originals(town, job)).values()]
    room = 2 * max(sizes) + 600
    monkeypatch.setattr("bot.cards.Cards.limit", lambda *_: room)
    monkeypatch.setattr("bot.packer.MOST_ZIPS", 2)
    town.settings = settings(EASEL_GALLERY_URL="https://easel.example")
    await town.restart()
    page = await searched(town, "cat")
    await town.ada.click(page, label="Choose several")
    answer = await town.ada.click(page, label="Download all that are found")
    files = [answer.response.attachments[0], *(one.attachments[0] for one in answer.followups)]
    assert [file.filename for file in files] == ["easel-1-of-2.zip", "easel-2-of-2.zip"]
    packed = [zipped(await file.read()) for file in files]
    count = sum(map(len, packed))
    assert answer.response.content == (
        f"Here are {count} pictures, in 2 files. {8 - count} pictures have no room here. "
        "The gallery has them all: <https://easel.example/search?q=cat%20by%3Ame>"
    )
    names = [name for one in packed for name in one]
    assert len(set(names)) == count
    assert max(file.size for file in files) <= room


async def test_more_than_one_wish_may_have_is_said(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.packer.MOST_PICTURES", 3)
    monkeypatch.setattr("bot.history.MOST_PACKED", 3)
    await made(town, "a cat")
    page = await searched(town)
    await town.ada.click(page, label="Choose several")
    answer = await town.ada.click(page, label="Download all that are found")
    assert told(answer) == "Here are 3 pictures. There are more than 3; search for fewer."


# More like this


class Twins:
    """All pictures of the same prompt look alike."""

    def __init__(self, town: Town) -> None:
        self._town = town

    async def nearest(
        self, job_id: str, number: int, most: int, circle: Circle | None = None
    ) -> Sequence[str]:
        text = (await self._town.store.get(job_id)).request.text
        jobs = await self._town.store.history(None, limit=100)
        found = [
            f"{job.id}-{image.number}"
            for job in jobs
            if job.request.text == text
            for image in await self._town.store.images(job.id)
        ]
        return [id for id in found if id != f"{job_id}-{number}"][:most]


async def test_more_like_this_is_offered_where_it_is_wired(town: Town) -> None:
    await made(town, "twins")
    await made(town, "another")
    await made(town, "twins", town.bo)
    card = await picked(town, await searched(town, "twins"), 0)
    assert "More like this" not in buttons(card)
    refused = await searched(town, f"like:{(await town.newest()).id}-1")
    assert "cannot be found here" in refused.content
    town.options = dataclasses.replace(town.options, likeness=Twins(town))
    await town.restart()
    card = await picked(town, await searched(town, "twins"), 0)
    shown = (await town.ada.click(card, label="More like this")).response
    assert alts(shown) == ["1: twins", "2: twins", "3: twins"]
    (text,) = words(shown)
    assert "\nlike:" in text


async def test_nothing_is_told_of_what_looks_like_a_private_picture(town: Town) -> None:
    town.options = dataclasses.replace(town.options, likeness=Twins(town))
    await town.restart()
    job = await made(town, "twins --stealth")
    await made(town, "twins", town.bo)
    refused = await searched(town, f"like:{job.id}-1", town.bo)
    assert "not for you to see" in refused.content


# While somebody types


async def test_own_prompts_and_models_are_offered(town: Town) -> None:
    await made(town, "a red lighthouse --n 2")
    await made(town, "a blue boat --n 2")
    await made(town, "of bo", town.bo)
    found = await town.ada.autocomplete(town.channel, "history", "search", "")
    assert [choice["value"] for choice in found] == ["a blue boat", "a red lighthouse"]
    found = await town.ada.autocomplete(town.channel, "history", "search", "light")
    assert found == []
    found = await town.ada.autocomplete(town.channel, "history", "search", "lighthouse")
    assert [choice["value"] for choice in found] == ["a red lighthouse"]
    found = await town.ada.autocomplete(town.channel, "history", "after", "week")
    assert found == [{"name": "7d · a week ago", "value": "7d"}]
    found = await town.ada.autocomplete(town.channel, "history", "model", "POST")
    assert [choice["value"] for choice in found] == ["postcard"]
