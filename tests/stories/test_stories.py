"""The same stories on SimCord and on the sandbox: a member sees the same on both."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.discord_spec import spec_path
from tests.fakes.worker import png
from tests.stories.sandbox_stage import sandbox_stage
from tests.stories.simcord_stage import simcord_stage
from tests.stories.stage import ANN, BEN, MOD, STEPS, Seen, Stage

GRID = [["U1", "U2", "U3", "U4", "🔄"], ["V1", "V2", "V3", "V4"]]
LINE = "a red lighthouse --ar 3:2"


def has_grid(seen: Seen) -> bool:
    return seen.labels == GRID


async def made(stage: Stage, who: str = ANN) -> Seen:
    """A finished grid."""
    answer = await stage.imagine(who, LINE)
    await stage.begins()
    await stage.finishes()
    return await stage.look(answer, has_grid)


# Each story returns all that was seen on the way.


async def imagine_to_grid(stage: Stage) -> list[Seen]:
    answer = await stage.imagine(ANN, LINE)
    assert answer.content.endswith("- <@ann> (waiting, 1st, about 5 s)")
    assert answer.labels == [["Cancel"]]
    assert answer.pings == (ANN,)

    await stage.begins()
    begun = await stage.look(answer, lambda seen: "(0%)" in seen.content)
    await stage.draws(STEPS // 2)
    half = await stage.look(answer, lambda seen: bool(seen.pictures))
    assert "(50%)" in half.content
    assert half.labels == [["Cancel"]]

    await stage.finishes()
    grid = await stage.look(answer, has_grid)
    (picture,) = grid.pictures
    assert picture.width == 2 * half.pictures[0].width
    assert picture.alt == "a red lighthouse"
    assert grid.content.endswith("- <@ann> (fast)")
    (alone,) = await stage.channel(BEN)
    assert alone == grid
    return [answer, begun, half, grid]


async def one_picture_of_it(stage: Stage) -> list[Seen]:
    grid = await made(stage)
    picture = await stage.press(BEN, grid, "U2")
    assert "Image #2 <@ben>" in picture.content
    assert picture.labels == [
        [
            "Upscale (Subtle)",
            "Upscale (Creative)",
            "Vary (Subtle)",
            "Vary (Strong)",
            "Vary (Region)",
        ],
        ["Zoom Out 2x", "Zoom Out 1.5x", "Custom Zoom", "Make Square"],
        ["⬅️", "➡️", "⬆️", "⬇️"],
        ["❤️", "Remix"],
    ]
    (file,) = picture.pictures
    assert file.width == grid.pictures[0].width // 2
    marked = await stage.look(grid, lambda seen: seen.used("U2"))
    return [grid, picture, marked, *await stage.channel(ANN)]


async def variations(stage: Stage) -> list[Seen]:
    grid = await made(stage)
    answer = await stage.press(ANN, grid, "V3")
    assert "Variations (Strong) by <@ann> (waiting" in answer.content
    await stage.begins()
    await stage.finishes()
    other = await stage.look(answer, has_grid)
    marked = await stage.look(grid, lambda seen: seen.used("V3"))
    return [answer, other, marked]


async def once_more(stage: Stage) -> list[Seen]:
    grid = await made(stage)
    answer = await stage.press(BEN, grid, "🔄")
    await stage.begins()
    await stage.finishes()
    other = await stage.look(answer, has_grid)
    assert other.pings == (BEN,)
    marked = await stage.look(grid, lambda seen: seen.used("🔄"))
    return [answer, other, marked]


async def cancelled_while_it_waits(stage: Stage) -> list[Seen]:
    answer = await stage.imagine(ANN, LINE)
    told = await stage.press(ANN, answer, "Cancel")
    assert told.private
    assert told.content == "Stopped. Nothing was charged that was not used."
    stopped = await stage.look(answer, lambda seen: "(stopped)" in seen.content)
    assert stopped.labels == [["🔄"]]
    assert await stage.channel(BEN) == [stopped]
    return [answer, told, stopped]


async def a_mistake_and_its_mend(stage: Stage) -> list[Seen]:
    refused = await stage.imagine(ANN, "a red lighthouse --aspekt 3:2")
    assert refused.private
    assert await stage.channel(BEN) == []
    ((button,),) = refused.rows
    answer = await stage.press(ANN, refused, button.label)
    assert not answer.private
    assert "--ar 3:2" in answer.content
    await stage.begins()
    await stage.finishes()
    return [refused, answer, await stage.look(answer, has_grid)]


async def a_mistake_without_a_mend(stage: Stage) -> list[Seen]:
    refused = await stage.imagine(ANN, "--ar 3:2")
    assert refused.private
    assert refused.rows == ()
    return [refused]


async def a_stranger_cancels(stage: Stage) -> list[Seen]:
    answer = await stage.imagine(ANN, LINE)
    refused = await stage.press(BEN, answer, "Cancel")
    assert refused.private
    assert await stage.channel(ANN) == [answer]
    return [refused, *await stage.channel(BEN)]


async def a_moderator_cancels(stage: Stage) -> list[Seen]:
    answer = await stage.imagine(ANN, LINE)
    told = await stage.press(MOD, answer, "Cancel")
    return [told, await stage.look(answer, lambda seen: "(stopped)" in seen.content)]


async def it_cannot_be_made(stage: Stage) -> list[Seen]:
    answer = await stage.imagine(ANN, LINE)
    await stage.begins()
    await stage.fails("That picture cannot be made.")
    failed = await stage.look(answer, lambda seen: "(failed)" in seen.content)
    assert "That picture cannot be made. Nothing was charged." in failed.content
    assert failed.pings == (ANN,)
    return [failed]


async def used_up_and_given_more(stage: Stage) -> list[Seen]:
    said = await stage.command(MOD, "quota set", pictures=4, per="day")
    assert said.private
    assert said.content == "For **everybody** now: 4 pictures per day."
    grid = await made(stage)
    refused = await stage.imagine(ANN, LINE)
    assert refused.private
    assert refused.content == "You have used up your 4 pictures per day. It renews <t:R>."
    pressed = await stage.press(ANN, grid, "V1")
    assert pressed.content == refused.content
    given = await stage.command(MOD, "quota grant", amount=4, unit="pictures", lasts="3d")
    again = await made(stage)
    return [said, grid, refused, pressed, given, again]


async def relaxed_when_used_up(stage: Stage) -> list[Seen]:
    said = await stage.command(MOD, "quota set", pictures=4, relax_free=True)
    await made(stage)
    answer = await stage.imagine(ANN, LINE)
    assert "(waiting, relaxed, 1st, about" in answer.content
    assert "-# Your fast time is used up" in answer.content
    await stage.begins()
    await stage.finishes()
    return [said, answer, await stage.look(answer, has_grid)]


async def an_admin_drains_and_cancels(stage: Stage) -> list[Seen]:
    answer = await stage.imagine(ANN, LINE)
    panel = await stage.command(MOD, "server queue")
    assert panel.labels == [["Cancel 1"], ["Look again", "Pause", "Drain"]]
    drained = await stage.press(MOD, panel, "Drain")
    refused = await stage.imagine(BEN, LINE)
    assert refused.private
    assert "takes no new jobs" in refused.content
    cancelled = await stage.press(MOD, panel, "Cancel 1")
    stopped = await stage.look(answer, lambda seen: "(stopped)" in seen.content)
    # SimCord counts a name in a private panel as a mention, which allows none.
    panels = [replace(seen, pings=()) for seen in (panel, drained, cancelled)]
    return [*panels, refused, stopped]


async def own_queue(stage: Stage) -> list[Seen]:
    answer = await stage.imagine(ANN, LINE)
    panel = await stage.command(ANN, "queue")
    assert panel.private
    assert panel.labels == [["Cancel 1", "Move 1 to relax"], ["Look again"]]
    moved = await stage.press(ANN, panel, "Move 1 to relax")
    gone = await stage.press(ANN, panel, "Cancel 1")
    stopped = await stage.look(answer, lambda seen: "(stopped)" in seen.content)
    return [panel, moved, gone, stopped]


async def from_a_picture(stage: Stage) -> list[Seen]:
    async def ask(name: str, data: bytes) -> Seen:
        return await stage.command(ANN, "imagine", prompt="as a stamp --iw 2", image=(name, data))

    refused = await ask("notes.png", b"plain text")
    assert refused.private
    assert refused.content == "That file is not a picture Easel can read."
    answer = await ask("boat.png", png(8, 8, [[1]]))
    assert not answer.private
    await stage.begins()
    await stage.finishes()
    grid = await stage.look(answer, has_grid)
    return [refused, answer, grid]


async def two_of_one_command(stage: Stage) -> list[Seen]:
    question = await stage.imagine(ANN, "a {red, blue} lighthouse --ar 3:2")
    assert question.private
    assert question.content.startswith("That makes **2 jobs** with 8 pictures, about ")
    assert question.labels == [["Make 2", "Not now"]]
    assert await stage.channel(BEN) == []
    first = await stage.press(ANN, question, "Make 2")
    assert first.content.startswith("**a red lighthouse --ar 3:2** - <@ann> (waiting, 1st")
    again = await stage.press(ANN, question, "Make 2")
    assert again.private
    # The answer is there before the other's message is.
    await stage.look(first, lambda seen: seen.labels == [["Cancel"]])
    told = await stage.press(ANN, first, "Cancel")
    stopped = await stage.look(first, lambda seen: "(stopped)" in seen.content)
    _, second = await stage.channel(BEN)
    assert second.content.startswith("**a blue lighthouse --ar 3:2** - <@ann> (waiting")
    await stage.begins()
    await stage.finishes()
    grid = await stage.look(second, has_grid)
    return [question, first, again, told, stopped, grid]


async def what_counts_in_every_prompt(stage: Stage) -> list[Seen]:
    wide = {"name": "wide", "value": "grainy --ar 3:1"}
    saved = await stage.command(ANN, "prefer option set", **wide)
    assert saved.content == "From now on `--wide` stands for: grainy --ar 3:1"
    forced = await stage.command(MOD, "server flags forced", text="--relax")
    style = await stage.command(MOD, "style save", name="ink", text="ink on paper")
    assert all(seen.private for seen in (saved, forced, style))
    answer = await stage.imagine(ANN, "a fox --wide --turbo --style ink")
    assert answer.content.startswith("**a fox grainy --ar 3:1 --style ink --relax** - <@ann>")
    await stage.begins()
    await stage.finishes()
    grid = await stage.look(answer, has_grid)
    told = (await stage.channel(ANN))[-1]
    assert told.private
    assert "took the place of your `--turbo`" in told.content
    return [saved, forced, style, answer, grid, told]


Story = Callable[[Stage], Awaitable[list[Seen]]]

STORIES: tuple[Story, ...] = (
    imagine_to_grid,
    one_picture_of_it,
    variations,
    once_more,
    cancelled_while_it_waits,
    a_mistake_and_its_mend,
    a_mistake_without_a_mend,
    a_stranger_cancels,
    a_moderator_cancels,
    it_cannot_be_made,
    used_up_and_given_more,
    relaxed_when_used_up,
    an_admin_drains_and_cancels,
    own_queue,
    from_a_picture,
    two_of_one_command,
    what_counts_in_every_prompt,
)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
async def test_a_member_sees_the_same_on_both(story: Story, tmp_path: Path) -> None:
    async with simcord_stage(tmp_path / "simcord") as stage:
        simulated = await story(stage)
    async with sandbox_stage(tmp_path / "sandbox") as stage:
        over_sockets = await story(stage)

    assert over_sockets == simulated


def test_the_bodies_are_judged() -> None:
    if spec_path() is None:
        pytest.skip("Discord's OpenAPI file is not at hand; set DISCORD_OPENAPI")
