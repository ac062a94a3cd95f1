"""Each member is answered in the language of their Discord; what everybody sees is English."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import simcord
from simcord import interactions

from core.manual import pages
from core.sentences import in_language
from tests.bot.town import MANAGER, Town, told
from tests.bot.world import custom_ids, labels, rows


@pytest.fixture
async def town(
    world: Town, env: simcord.env.Env, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Town]:
    """Ada's Discord speaks Chinese, everybody else's English."""
    plain = interactions.base_payload

    def spoken(*args: Any, **values: Any) -> Any:
        record, payload = plain(*args, **values)
        if values["user_id"] == world.ada.id:
            payload["locale"] = "zh-CN"
        return record, payload

    monkeypatch.setattr(interactions, "base_payload", spoken)
    await world.open(env)
    yield world


async def test_a_refused_prompt_is_mended_in_chinese_and_keeps_its_words(town: Town) -> None:
    answer = (await town.imagine("夜里的 lighthouse “α” --aspcet 3:2")).response
    assert (
        "- 没有 \\-\\-aspcet 这个参数。你是想用 \\-\\-aspect 吗？".replace("\\-", "-")
        in answer.content
    )
    assert "/imagine prompt:夜里的 lighthouse “α” --aspect 3:2\n" in answer.content
    assert labels(answer) == [["按修正后的运行"]]
    started = (await town.ada.click(answer, label="按修正后的运行")).response
    assert started.content.startswith("**夜里的 lighthouse “α” --ar 3:2** - ")
    assert "(waiting, 1st" in started.content


async def test_two_members_are_each_told_in_their_own_language(town: Town) -> None:
    theirs = (await town.imagine("a cat --steps many", who=town.bo)).response
    assert theirs.content.startswith("- --steps needs a number, not “many”. Type --steps 1–150.\n")
    hers = (await town.imagine("a cat --steps many")).response
    assert hers.content.startswith("- --steps 需要一个数字，不能是“many”。请输入 --steps 1–150。\n")


async def test_the_queue_and_its_buttons_are_chinese(town: Town) -> None:
    await town.imagine("a cat")
    panel = (await town.ada.slash(town.channel, "queue")).response
    assert panel.content.startswith("**你的队列**\n1. **a cat** · 第 1 位，约 ")
    assert labels(panel) == [["取消 1", "把 1 移到 relax"], ["刷新"]]
    await town.ada.click(panel, label="把 1 移到 relax")
    assert panel.content.startswith("已移到 relax 队列：没有更快的任务排队时制作。\n**你的队列**")


async def test_a_used_up_allowance_renews_in_the_readers_own_time(town: Town) -> None:
    await town.boss_does("quota set", pictures=4, per="day")
    await town.imagine("a cat")
    refused = told(await town.imagine("a dog"))
    assert refused.startswith("你已用完每天 4 张图片的额度。恢复时间：<t:")
    assert refused.endswith(":R>。")
    usage = told(await town.ada.slash(town.channel, "usage"))
    assert "你的额度为每天 4 张图片，还剩 **0 张图片**，预留 4 张图片；恢复时间：<t:" in usage


async def test_help_turns_its_pages_in_chinese_also_after_a_restart(town: Town) -> None:
    answer = await town.ada.slash(town.channel, "help")
    message = answer.response
    assert answer.ephemeral
    manual = pages(town.catalogue, [])
    titles = [in_language(page.title, "zh-CN") for page in manual]
    assert [label for row in labels(message) for label in row] == titles
    assert "**/usage** · 你在这里剩余的额度及恢复时间" in message.content
    await town.restart()
    for number, page in enumerate(manual[1:], 1):
        await town.ada.click(message, label=titles[number])
        assert message.content == in_language(page.text, "zh-CN")
        buttons = [button for row in rows(message) for button in row]
        assert [at for at, button in enumerate(buttons) if button.get("disabled")] == [number]
    assert custom_ids(message)[0] == "h1:0"


async def test_ones_pictures_are_found_again_in_chinese(town: Town) -> None:
    for number in range(3):
        await town.imagine(f"a cat {number}")
        await town.finish()
    page = (await town.ada.slash(town.channel, "history")).response
    (title, *_) = page.components
    assert title["content"] == "**你的图片**"
    below = [part for row in page.components for part in row.get("components", ())]
    menu, *buttons = below
    assert (menu["placeholder"], [one["label"] for one in buttons]) == (
        "选择一张图片",
        ["下一页", "选择多张"],
    )
    card = (await town.ada.select(page, [menu["options"][0]["value"]])).response
    assert card.components[0]["content"].endswith("其服务器的成员可以看到它。")
    await town.restart()
    await town.ada.click(page, label="选择多张")
    await town.ada.select(page, [menu["options"][0]["value"]])
    await town.ada.click(page, label="删除")
    texts = [part["content"] for part in page.components if part["type"] == 10]
    assert texts[1].startswith("删除这张图片吗？网格会整体删除：它的全部 4 张图片。")


async def test_help_is_english_for_others(town: Town) -> None:
    message = (await town.bo.slash(town.channel, "help")).response
    assert labels(message)[0][0] == "First steps"
    await town.bo.click(message, label="Look")
    assert (
        "`--stylize 0–1000`, `--s` · How strong the house style is; 0 is none." in message.content
    )


async def test_commands_have_english_names_and_chinese_descriptions(town: Town) -> None:
    (sent,) = town.requests("PUT", "/commands")
    commands = {command["name"]: command for command in sent.json}
    imagine = commands["imagine"]
    assert imagine["description"] == "Make a picture from words"
    assert imagine["description_localizations"]["zh-CN"] == "用文字生成图片"
    assert imagine["description_localizations"]["zh-TW"] == "用文字生成图片"
    assert not imagine.get("name_localizations")
    (prompt, *_) = imagine["options"]
    assert prompt["description_localizations"]["zh-CN"].startswith("要画什么")
    spans = commands["usage"]["options"][0]["choices"]
    assert "最近 7 天" in [choice["name_localizations"]["zh-CN"] for choice in spans]


async def test_translated_commands_are_not_sent_again(town: Town) -> None:
    await town.restart()
    assert len(town.requests("PUT", "/commands")) == 1


async def test_what_everybody_sees_is_in_the_language_of_the_server(town: Town) -> None:
    there = town.env.create_guild("画室", preferred_locale="zh-CN")
    studio = there.create_text_channel("画廊")
    bo = there.add_member(town.env.create_user("bo too"))
    await town.env.settle()
    shown = (await bo.slash(studio, "imagine", prompt="a cat --relax")).response
    assert shown.content.startswith(f"**a cat --relax** - <@{bo.id}> (排队中、relax、第 1 位、约 ")
    job = await town.newest()
    sentence = "Easel tried 2 times. That picture needs more GPU memory than there is; nothing was"
    await town.fail(job, f"{sentence} charged. Try a smaller one.")
    first, second = shown.content.split("\n")
    assert first == f"**a cat --relax** - <@{bo.id}> (失败)"
    assert second.startswith(
        "Easel 试了 2 次。这张图片所需的显存超出了现有容量；没有扣除任何额度。"
    )


async def test_a_paused_server_says_so_in_its_language(town: Town) -> None:
    there = town.env.create_guild("画室", preferred_locale="zh-TW")
    studio = there.create_text_channel("画廊")
    bo = there.add_member(town.env.create_user("bo too"))
    await town.env.settle()
    shown = (await bo.slash(studio, "imagine", prompt="a cat")).response
    manager = there.create_role("manager", permissions=MANAGER)
    boss = there.add_member(town.env.create_user("boss too"), roles=[manager])
    await boss.slash(studio, "server pause")
    await town.env.advance_time(11)
    assert "(排队中、已被管理员暂停)" in shown.content
    await boss.slash(studio, "server resume")
    await town.env.advance_time(11)
    assert "(排队中、第 1 位、约 " in shown.content
