"""/queue and /usage, and the queue of a server for its admins."""

from __future__ import annotations

from typing import Any

from bot.panels import Act
from core.errors import NotYoursError
from core.jobs import State
from core.request import Lane
from tests.bot.town import Town, told
from tests.bot.world import labels, rows


async def queue_of(town: Town, who: Any) -> Any:
    """The panel: a private message with buttons."""
    answer = await who.slash(town.channel, "queue")
    assert answer.ephemeral
    return answer.response


async def press(who: Any, panel: Any, label: str) -> Any:
    ids = {item["label"]: item["custom_id"] for row in rows(panel.message) for item in row}
    return await who.click(panel.message, custom_id=ids[label])


async def test_an_empty_queue(town: Town) -> None:
    panel = await queue_of(town, town.ada)
    assert panel.content == "**Your queue**\nNothing waits and nothing runs."
    assert labels(panel.message) == [["Look again"]]


async def test_own_jobs_in_order_with_place_and_time(town: Town) -> None:
    await town.imagine("a *red* one")
    await town.start()
    await town.env.advance_time(1)
    await town.imagine("of bo", town.bo)
    await town.imagine("the second --relax")
    panel = await queue_of(town, town.ada)
    where = f"<#{town.channel.id}>"
    assert panel.content.splitlines()[:2] == [
        "**Your queue**",
        f"1. **a \\*red\\* one** · being made now · {where}",
    ]
    second = panel.content.splitlines()[2]
    assert second.startswith("2. **the second** · relax · 2nd, about")
    # Relaxed jobs are due after half an hour; the rest is what the promise adds.
    assert "s · begins within 35 min, whoever comes · <#" in second
    assert labels(panel.message) == [["Cancel 1"], ["Cancel 2"], ["Look again"]]


async def test_cancelling_from_the_queue(town: Town) -> None:
    shown = await town.imagine("unwanted")
    await town.env.advance_time(1)
    await town.imagine("wanted")
    panel = await queue_of(town, town.ada)
    await press(town.ada, panel, "Cancel 1")
    assert panel.content.startswith("Cancelled.\n**Your queue**\n1. **wanted**")
    assert shown.response.content.endswith("(stopped)")
    jobs = {job.request.text: job.state for job in await town.store.history(None)}
    assert jobs == {"unwanted": State.CANCELLED, "wanted": State.QUEUED}


async def test_moving_a_job_to_relax(town: Town) -> None:
    await town.boss_does("quota set", pictures=4, relax_free=True)
    shown = await town.imagine("no hurry")
    panel = await queue_of(town, town.ada)
    assert labels(panel.message)[0] == ["Cancel 1", "Move 1 to relax"]
    await press(town.ada, panel, "Move 1 to relax")
    assert panel.content.startswith("Moved to the relax lane")
    assert "relax · 1st" in panel.content
    assert labels(panel.message)[0] == ["Cancel 1"]
    assert (await town.newest()).request.lane is Lane.RELAX
    await town.env.advance_time(11)
    assert "(waiting, relaxed, 1st" in shown.response.content
    await town.imagine("what it held is free again")
    assert (await town.newest()).request.lane is Lane.FAST


async def test_a_long_queue_has_pages_within_discords_rows(town: Town) -> None:
    for number in range(10):
        await town.imagine(f"picture {number}")
    panel = await queue_of(town, town.ada)
    assert "page 1 of 3" in panel.content
    assert len(labels(panel.message)) == 5
    assert labels(panel.message)[-1] == ["Look again", "Next"]
    await press(town.ada, panel, "Next")
    await press(town.ada, panel, "Next")
    assert "page 3 of 3" in panel.content
    assert "10. **picture 9**" in panel.content
    assert labels(panel.message)[-1] == ["Back", "Look again"]
    await press(town.ada, panel, "Cancel 9")
    await press(town.ada, panel, "Cancel 9")
    assert "page 2 of 2" in panel.content  # the last page is gone


async def test_a_panel_works_after_a_restart(town: Town) -> None:
    await town.imagine("one")
    panel = await queue_of(town, town.ada)
    await town.restart()
    await press(town.ada, panel, "Cancel 1")
    assert "Nothing waits" in panel.content


async def test_a_job_that_ended_meanwhile_is_said(town: Town) -> None:
    await town.imagine("one")
    panel = await queue_of(town, town.ada)
    await town.finish()
    await press(town.ada, panel, "Cancel 1")
    assert panel.content.startswith("That job had ended already.")
    said = await town.knob(town.ada, Act.RELAX, job_id=(await town.newest()).id)
    assert said == "That job does not wait any more."


async def test_nobody_touches_the_jobs_of_others(town: Town) -> None:
    await town.imagine("of ada")
    job = await town.newest()
    said = await town.knob(town.bo, Act.CANCEL, job_id=job.id)
    assert said == NotYoursError().sentence
    said = await town.knob(town.boss, Act.RELAX, job_id=job.id)
    assert said == "Only the person who started this job can do that."
    assert await town.newest() == job


async def test_an_admin_sees_and_stops_the_whole_server(town: Town) -> None:
    shown = await town.imagine("of ada")
    await town.imagine("of bo", town.bo)
    await town.rival.slash(town.their_channel, "imagine", prompt="elsewhere")
    panel = await queue_of(town, town.boss)
    assert labels(panel.message) == [["Look again", "This server's queue"]]
    await press(town.boss, panel, "This server's queue")
    text = panel.content
    assert text.startswith("**This server's queue**\n1. **of ada** · <@")
    assert f"2. **of bo** · <@{town.bo.id}> · " in text
    assert "elsewhere" not in text
    assert labels(panel.message)[-1] == ["Look again", "Pause", "Drain"]

    await press(town.boss, panel, "Cancel 1")
    assert "of ada" not in panel.content
    assert shown.response.content.endswith("(stopped)")
    await press(town.boss, panel, "Pause")
    assert "**paused**" in panel.content
    assert "waiting, paused" in panel.content
    assert (await town.store.rules.rules(town.guild.id)).house.paused
    assert labels(panel.message)[-1] == ["Look again", "Resume"]
    await press(town.boss, panel, "Resume")
    await press(town.boss, panel, "Drain")
    assert "**drained**" in panel.content


async def test_a_member_has_no_button_for_the_server(town: Town) -> None:
    await town.imagine("of bo", town.bo)
    panel = await queue_of(town, town.ada)
    assert labels(panel.message) == [["Look again"]]
    assert "of bo" not in panel.content


async def test_usage_says_what_is_left_and_when_it_renews(town: Town) -> None:
    await town.boss_does("quota set", pictures=12, relax_free=True, steps=50)
    await town.imagine()
    await town.finish()
    await town.imagine("held")
    answer = await town.ada.slash(town.channel, "usage")
    assert answer.ephemeral
    first, limits = told(answer).splitlines()
    assert (
        "You have **4 pictures** left of 12 pictures per day, 4 pictures held; renews <t:" in first
    )
    assert first.startswith("`████░░░░░░░░`")
    assert limits == "-# 50 steps · relaxed jobs are free"
    (file,) = answer.response.attachments
    assert "Pictures in the last 7 days" in file.description
    assert town.plotter.charts[-1].limit == 12


async def test_usage_where_nothing_is_set(town: Town) -> None:
    text = told(await town.ada.slash(town.channel, "usage"))
    assert text == "There is no limit on pictures or GPU time here."


async def test_usage_says_where_it_goes_on_when_used_up(town: Town) -> None:
    await town.boss_does("quota set", pictures=4, relax_free=True)
    await town.boss_does("quota grant", person=town.bo, amount=9, unit="pictures", lasts="3d")
    await town.imagine()
    text = told(await town.ada.slash(town.channel, "usage"))
    assert "You have **0 pictures** left" in text
    assert "Until then your pictures are made in the **relax** lane" in text
    text = told(await town.bo.slash(town.channel, "usage"))
    assert "Extra: **9 pictures** left, ends <t:" in text


async def test_help_names_them(town: Town) -> None:
    text = told(await town.ada.slash(town.channel, "help"))
    assert len(text) <= 2000
    assert all(name in text for name in ("/queue", "/usage", "/quota", "/server"))
