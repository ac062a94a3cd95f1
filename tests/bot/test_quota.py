"""Who may use how much: what admins set, what members meet, and who is refused."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import simcord

from bot.admin_commands import quota, server
from bot.panels import Act
from core.allowance import EVERYONE, Subject
from core.errors import BannedError, DrainedError, NotAdminError, NotYoursError
from core.jobs import State
from core.request import Lane
from tests.bot.town import Town, told
from tests.bot.world import custom_ids, labels

IN = re.compile(r"<t:\d+:R>")


@pytest.fixture
async def town(world: Town, env: simcord.env.Env) -> AsyncIterator[Town]:
    await world.open(env)
    yield world
    for request in env.http_requests:
        body = request.json if isinstance(request.json, dict) else {}
        mentions = body.get("data", body).get("allowed_mentions")
        assert mentions is None or not mentions.get("parse"), request.path


@pytest.fixture
def open_to_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if a server's owner had shown everybody the admins' commands."""
    monkeypatch.setattr(quota, "default_permissions", None)
    monkeypatch.setattr(server, "default_permissions", None)


# Members and their amounts


async def test_a_member_uses_up_what_there_is_and_is_given_more(town: Town) -> None:
    said = await town.boss_does("quota set", pictures=8, per="day")
    assert said == "For **everybody** now: 8 pictures per day."
    for _ in range(2):
        await town.imagine()
        await town.finish()
    refused = await town.imagine("one too many")
    assert refused.ephemeral
    assert refused.response.content.startswith("You have used up your 8 pictures per day.")
    assert IN.search(refused.response.content)
    assert len(await town.store.history(None)) == 2

    said = await town.boss_does("quota grant", amount=4, unit="pictures", person=town.ada)
    assert said == f"Given as an extra to <@{town.ada.id}>: 4 pictures."
    await town.imagine("goes on")
    job = await town.finish()
    assert job.state is State.DONE
    assert (await town.imagine("again")).ephemeral


async def test_the_day_is_renewed(town: Town) -> None:
    await town.boss_does("quota set", pictures=4, per="day")
    await town.imagine()
    await town.finish()
    assert (await town.imagine()).ephemeral
    await town.env.advance_time(24 * 3600)
    assert not (await town.imagine()).ephemeral


async def test_a_reset_makes_room(town: Town) -> None:
    await town.boss_does("quota set", pictures=4, per="month")
    await town.imagine()
    await town.finish()
    await town.boss_does("quota reset", person=town.ada)
    assert not (await town.imagine()).ephemeral


async def test_an_extra_ends(town: Town) -> None:
    await town.boss_does("quota set", pictures=0, per="week")
    await town.boss_does("quota grant", amount=100, unit="pictures", lasts="12h")
    await town.imagine()
    await town.finish()
    await town.env.advance_time(13 * 3600)
    assert (await town.imagine()).ephemeral


async def test_what_is_used_up_goes_on_in_the_relax_lane(town: Town) -> None:
    await town.boss_does("quota set", pictures=4, relax_free=True)
    await town.imagine()
    await town.finish()
    await town.env.advance_time(1)
    shown = await town.imagine("slowly now")
    first, note = shown.response.content.split("\n")
    assert "(waiting, relaxed, 1st" in first
    assert note.startswith("-# Your fast time is used up, so this one is made in the relax lane.")
    assert IN.search(note)
    assert (await town.newest()).request.lane is Lane.RELAX
    await town.imagine("behind it", town.bo)
    await town.env.advance_time(11)
    assert shown.response.content.split("\n")[1] == note
    await town.finish(next(j for j in await town.store.history(None) if "slowly" in j.request.text))
    assert shown.response.content.endswith("(relaxed)")


async def test_a_role_is_more_generous_and_a_persons_own_line_wins(town: Town) -> None:
    await town.boss_does("quota set", pictures=0)
    await town.boss_does("quota set", role=town.patron, pictures=8)
    assert (await town.imagine(who=town.ada)).ephemeral
    assert not (await town.imagine(who=town.cy)).ephemeral
    await town.boss_does("quota set", person=town.cy, pictures=0)
    assert (await town.imagine(who=town.cy)).ephemeral


async def test_a_button_is_refused_like_a_command(town: Town) -> None:
    await town.boss_does("quota set", pictures=4)
    await town.imagine()
    await town.finish()
    refused = await town.press("V1", town.last())
    assert refused.ephemeral
    assert IN.search(refused.response.content)
    shown = await town.press("U1", town.last())  # a stored picture costs nothing
    assert not shown.ephemeral


async def test_limits_of_a_job(town: Town) -> None:
    await town.boss_does("quota set", steps=10, waiting=1, lanes="relax", private=False)
    assert "--steps 10" in told(await town.imagine("a cat --steps 30"))
    assert "--stealth" in told(await town.imagine("a cat --steps 5 --stealth"))
    assert not (await town.imagine("a cat --steps 5")).ephemeral
    assert (await town.newest()).request.lane is Lane.RELAX
    assert "relax lane is the one allowed" in town.last().content
    assert "1 job waiting and the limit here is 1" in told(await town.imagine("b --steps 5"))


# What admins see


async def test_set_says_what_it_did_and_takes_it_back(town: Town) -> None:
    said = await town.boss_does("quota set", role=town.patron, gpu_minutes=90, per="week", steps=40)
    assert said == f"For **<@&{town.patron.id}>** now: 1 h 30 min of GPU time per week · 40 steps."
    said = await town.boss_does("quota set", role=town.patron, unlimited="steps", models="postcard")
    assert "any number of steps · models: postcard" in said
    said = await town.boss_does("quota set", role=town.patron, clear="everything")
    assert "nothing is set" in said


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({}, "Say which limit to set"),
        ({"per": "day"}, "Say how many GPU minutes or pictures"),
        ({"models": "dalle"}, "There is no model “dalle” here."),
    ],
)
async def test_what_makes_no_sense_is_said(town: Town, options: Any, sentence: str) -> None:
    assert sentence in await town.boss_does("quota set", **options)


async def test_two_subjects_at_once_are_refused(town: Town) -> None:
    said = await town.boss_does("quota set", person=town.ada, role=town.patron, pictures=1)
    assert said.startswith("Name one of role, channel and person")
    assert (await town.store.rules.rules(town.guild.id)).lines == ()


async def test_show_has_every_line_and_a_chart_by_member(town: Town) -> None:
    await town.boss_does("quota set", pictures=100)
    await town.boss_does("quota set", channel=town.channel, steps=50)
    await town.boss_does("quota grant", amount=30, unit="gpu_seconds", role=town.patron, lasts="1w")
    await town.imagine()
    await town.finish()
    shown = await town.boss.slash(town.channel, "quota show")
    text = told(shown)
    assert "**everybody**: 100 pictures per day" in text
    assert f"**<#{town.channel.id}>**: 50 steps" in text
    assert f"**extra for <@&{town.patron.id}>: 30 min of GPU time, until <t:" in text
    assert "time zone UTC" in text
    (chart,) = town.plotter.charts
    assert [bar.name for bar in chart.people] == ["ada"]
    (file,) = shown.response.attachments
    assert file.description == chart.alt
    assert "ada" in chart.alt


async def test_show_a_person(town: Town) -> None:
    await town.boss_does("quota set", pictures=12)
    await town.imagine()
    await town.finish()
    text = await town.boss_does("quota show", person=town.ada)
    assert "This member has **8 pictures** left of 12 pictures per day" in text


async def test_the_report_is_a_table(town: Town) -> None:
    await town.imagine()
    await town.finish()
    answer = await town.boss.slash(town.channel, "quota report", days=7)
    (file,) = answer.response.attachments
    assert file.filename.endswith(".csv")
    table = (await file.read()).decode("utf-8-sig").splitlines()
    assert table[0] == "date,member_id,member,jobs,pictures,gpu_seconds"
    assert table[1].endswith(f",{town.ada.id},ada,1,4,0.900")


async def test_the_log_names_who_and_when_page_by_page(town: Town) -> None:
    for steps in range(1, 12):
        await town.boss_does("quota set", steps=steps)
    await town.boss_does("quota timezone", name="Europe/Berlin")
    answer = await town.boss.slash(town.channel, "quota audit")
    newest = told(answer)
    assert f"<@{town.boss.id}> server time zone: UTC → Europe/Berlin" in newest
    assert "set everybody: 10 steps → 11 steps" in newest
    assert labels(answer.response.message) == [["Older"]]
    (older,) = custom_ids(answer.response.message)
    await town.boss.click(answer.response.message, custom_id=older)
    text = answer.response.content
    assert "set everybody: nothing → 1 steps" in text
    assert "Europe" not in text
    assert labels(answer.response.message) == [["Newest"]]


async def test_time_zones_are_completed_and_checked(town: Town) -> None:
    choices = await town.boss.autocomplete(town.channel, "quota timezone", "name", "berl")
    assert [choice["value"] for choice in choices] == ["Europe/Berlin"]
    assert "Did you mean Europe/Berlin" in await town.boss_does(
        "quota timezone", name="Europe/Berln"
    )


async def test_names_break_nothing_and_ping_nobody(town: Town) -> None:
    await town.env.settle()
    nasty = town.guild.add_member(town.env.create_user("**@everyone** <@1> $x$"[:32]))
    await town.imagine(who=nasty)
    await town.finish()
    await town.boss_does("quota set", person=nasty, steps=5)
    text = await town.boss_does("quota show")
    assert "@everyone" not in text
    assert town.plotter.charts[-1].people[0].name.startswith("**@everyone**")


# Running a server


async def test_a_paused_server_is_told_so_and_goes_on(town: Town) -> None:
    shown = await town.imagine("early")
    await town.boss_does("server pause")
    await town.env.advance_time(11)
    assert "(waiting, paused by an admin)" in shown.response.content
    late = await town.imagine("late", town.bo)
    assert "(waiting, paused by an admin)" in late.response.content
    await town.boss_does("server resume")
    await town.env.advance_time(11)
    assert "(waiting, 1st, about" in shown.response.content
    assert "(waiting, 2nd, about" in late.response.content


async def test_a_drained_server_takes_nothing_new(town: Town) -> None:
    await town.imagine("early")
    await town.boss_does("server drain")
    refused = await town.imagine("late")
    assert refused.ephemeral
    assert refused.response.content == DrainedError().sentence
    assert (await town.finish()).state is State.DONE
    await town.boss_does("server resume")
    assert not (await town.imagine("late")).ephemeral


async def test_the_banned_are_refused_everywhere(town: Town) -> None:
    await town.imagine("a grid")
    await town.finish()
    grid = town.last()
    waiting = await town.imagine("waits")
    said = await town.boss_does("server ban", person=town.ada)
    assert said.endswith("is shut out from making pictures here. 1 waiting job was cancelled.")
    assert (await town.newest()).state is State.CANCELLED
    sentence = BannedError().sentence
    for refused in (
        await town.imagine("again"),
        await town.press("V1", grid),
        await town.press("U1", grid),
        await town.press("reroll", grid),
        await town.ada.slash(town.channel, "usage"),
        await town.ada.slash(town.channel, "queue"),
    ):
        assert refused.ephemeral
        assert told(refused) == sentence
    assert await town.knob(town.ada, Act.SHOW) == sentence
    assert await town.knob(town.ada, Act.CANCEL, job_id=(await town.newest()).id) == sentence
    assert waiting.response.content.endswith("(stopped)")
    await town.boss_does("server unban", person=town.ada)
    assert not (await town.imagine("again")).ephemeral


async def test_nobody_shuts_himself_out(town: Town) -> None:
    assert "yourself" in await town.boss_does("server ban", person=town.boss)


async def test_cancelling_what_waits(town: Town) -> None:
    await town.imagine("one")
    await town.imagine("two", town.bo)
    said = await town.boss_does("server cancel", person=town.bo)
    assert said == "1 waiting job was cancelled; nothing of it is charged."
    said = await town.boss_does("server cancel")
    assert said == "1 waiting job was cancelled; nothing of it is charged."
    assert {job.state for job in await town.store.history(None)} == {State.CANCELLED}


# Who is refused

COMMANDS: list[tuple[str, dict[str, Any]]] = [
    ("quota set", {"steps": 5}),
    ("quota show", {}),
    ("quota grant", {"amount": 5, "unit": "pictures"}),
    ("quota reset", {}),
    ("quota report", {}),
    ("quota audit", {}),
    ("quota timezone", {"name": "Europe/Berlin"}),
    ("quota admins", {}),
    ("server queue", {}),
    ("server pause", {}),
    ("server drain", {}),
    ("server resume", {}),
    ("server cancel", {}),
]


async def test_discord_hides_the_admins_commands(town: Town) -> None:
    mine = set(town.ada.available_commands(town.channel))
    assert {"imagine", "usage", "queue", "help"} <= mine
    assert not any(name.startswith(("quota", "server")) for name in mine)
    theirs = set(town.boss.available_commands(town.channel))
    assert {name for name, _ in COMMANDS} <= theirs


async def test_a_member_is_refused_at_every_command(open_to_all: None, town: Town) -> None:
    before = await town.store.rules.rules(town.guild.id)
    people = {"server ban": {"person": town.bo}, "server unban": {"person": town.bo}}
    for name, options in [*COMMANDS, *people.items()]:
        assert await town.tells(town.ada, name, **options) == NotAdminError().sentence, name
    assert await town.ada.autocomplete(town.channel, "quota timezone", "name", "ber") == []
    assert await town.ada.autocomplete(town.channel, "quota set", "models", "post") == []
    assert await town.ada.autocomplete(town.channel, "quota grant", "lasts", "1") == []
    assert await town.store.rules.rules(town.guild.id) == before
    assert town.plotter.charts == []


ADMINS_KNOBS = [Act.SHOW, Act.PAUSE, Act.RESUME, Act.DRAIN, Act.AUDIT]


@pytest.mark.parametrize("act", ADMINS_KNOBS)
async def test_a_member_is_refused_at_every_button(town: Town, act: Act) -> None:
    said = await town.knob(town.ada, act, server_id=town.guild.id)
    assert said == NotAdminError().sentence
    assert not (await town.store.rules.rules(town.guild.id)).house.paused


@pytest.mark.parametrize("act", ADMINS_KNOBS)
async def test_an_admin_of_another_server_is_refused(town: Town, act: Act) -> None:
    said = await town.knob(town.rival, act, server_id=town.guild.id)
    assert said == "That belongs to another server; only its admins can do that."
    house = (await town.store.rules.rules(town.guild.id)).house
    assert not (house.paused or house.drained)


async def test_an_admin_of_another_server_cancels_nothing_here(town: Town) -> None:
    await town.imagine()
    job = await town.newest()
    for server_id in (0, town.guild.id, town.elsewhere.id):
        said = await town.knob(town.rival, Act.CANCEL, server_id=server_id, job_id=job.id)
        assert said == NotYoursError().sentence
    said = await town.knob(town.rival, Act.RELAX, job_id=job.id)
    assert said == "Only the person who started this job can do that."
    assert await town.newest() == job


async def test_what_is_set_on_one_server_holds_on_that_one(town: Town) -> None:
    await town.tells(town.rival, "quota set", pictures=0)
    assert not (await town.imagine()).ephemeral
    rules = await town.store.rules.rules(town.elsewhere.id)
    assert [line.subject for line in rules.lines] == [EVERYONE]
    assert (await town.rival.slash(town.their_channel, "imagine", prompt="x")).ephemeral


async def test_an_admin_role_may_do_it_too(open_to_all: None, town: Town) -> None:
    assert (await town.tells(town.cy, "quota set", steps=5)) == NotAdminError().sentence
    await town.boss_does("quota admins", role=town.patron)
    assert (await town.tells(town.cy, "quota set", steps=5)).startswith("For **everybody**")
    await town.imagine("a cat --steps 5", town.bo)
    said = await town.knob(
        town.cy, Act.CANCEL, server_id=town.guild.id, job_id=(await town.newest()).id
    )
    assert said in ("", "copied") or "Cancelled" in said
    assert (await town.newest()).state is State.CANCELLED


@pytest.mark.parametrize("id", ["p1:show:1", "p2:show:0:0:", "p1:format:0:0:", "p1:pause:0:0:"])
async def test_a_button_that_makes_no_sense_is_answered(town: Town, id: str) -> None:
    assert "another version of Easel" in await town.press_id(town.ada, id)


async def test_lines_are_those_of_their_subjects(town: Town) -> None:
    await town.boss_does("quota set", person=town.ada, steps=7)
    await town.boss_does("quota set", channel=town.channel, steps=9)
    rules = await town.store.rules.rules(town.guild.id)
    assert rules.of(Subject.member(town.ada.id)).max_steps == 7
    assert rules.of(Subject.channel(town.channel.id)).max_steps == 9
