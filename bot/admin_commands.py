"""/quota and /server, for those who run a Discord server.

Discord hides them from whoever may not manage the server, but that is for the eye: every one of
them asks the core who may do what.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import available_timezones

import discord
from discord import app_commands
from discord.app_commands import Choice, Range

from bot.choices import holding, offers
from bot.installs import BY_SERVERS, IN_SERVERS
from bot.office import resume, subject_of
from bot.replies import Interaction, apologies
from bot.whereabouts import server_of
from core.allowance import Unit
from core.amendment import EVERYTHING, Amendment, Limit
from core.chart import WINDOWS
from core.periods import Period
from core.request import Lane
from core.sentences import say

if TYPE_CHECKING:
    from bot.client import EaselBot
    from bot.office import Office

MOST = 1_000_000


class _ChannelOption(app_commands.Transformer):
    """A channel that jobs can be started in, or the parent of such threads."""

    @property
    def type(self) -> discord.AppCommandOptionType:
        return discord.AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        kinds = discord.ChannelType
        return [kinds.text, kinds.news, kinds.voice, kinds.stage_voice, kinds.forum]

    async def transform(self, interaction: Interaction, value: Any, /) -> Any:
        return value


Channel = app_commands.Transform[app_commands.AppCommandChannel, _ChannelOption]

PERIODS = [Choice(name=period.value, value=period.value) for period in Period]
UNITS = [
    Choice(name="GPU minutes", value=Unit.GPU_SECONDS.value),
    Choice(name="pictures", value=Unit.PICTURES.value),
]
LIMITS = [Choice(name=limit.value, value=limit.value) for limit in Limit]
LANES = [
    Choice(name=name, value=name)
    for name in ("relax", "fast", "turbo", "fast, relax", "turbo, fast", "turbo, fast, relax")
]
SPANS = [Choice(name=window.words, value=name) for name, window in WINDOWS.items()]

_MANAGERS = discord.Permissions(manage_guild=True)


def group(name: str, description: str) -> app_commands.Group:
    return app_commands.Group(
        name=name,
        description=description,
        default_permissions=_MANAGERS,
        allowed_contexts=IN_SERVERS,
        allowed_installs=BY_SERVERS,
    )


quota = group("quota", "Who may use how much on this server")
server = group("server", "Run Easel on this server")


def office(interaction: Interaction) -> Office:
    return cast("EaselBot", interaction.client).office


@quota.command(name="set", description="Set limits for everybody, a role, a channel or a person")
@app_commands.describe(
    role="For everybody with this role; nobody named: for everybody",
    person="For this person alone; goes before all others",
    channel="For this channel; narrows what members have",
    gpu_minutes="GPU minutes in each period",
    pictures="Pictures in each period",
    per="The period, in the server's time zone",
    running="Jobs of one member that run at once",
    waiting="Jobs of one member that may wait",
    megapixels="Largest picture; 1024×1024 is 1.05",
    steps="Most steps of a job",
    batch="Most jobs that one command may make",
    models="Allowed models, with commas between",
    lanes="Allowed lanes of the queue",
    private="Whether private pictures (--stealth) are allowed",
    relax_free="Relaxed jobs are free, and jobs beyond the amounts are made relaxed",
    unlimited="Say of one limit that there is none",
    clear="Take back what is set, so that the lines below count again",
)
@app_commands.choices(
    per=PERIODS,
    lanes=LANES,
    unlimited=LIMITS,
    clear=[Choice(name=EVERYTHING, value=EVERYTHING), *LIMITS],
)
async def set_(
    interaction: discord.Interaction[Any],
    role: discord.Role | None = None,
    person: discord.User | None = None,
    channel: Channel | None = None,
    gpu_minutes: Range[float, 0.0, 1e6] | None = None,
    pictures: Range[int, 0, MOST] | None = None,
    per: str | None = None,
    running: Range[int, 1, MOST] | None = None,
    waiting: Range[int, 1, MOST] | None = None,
    megapixels: Range[float, 0.01, 1000.0] | None = None,
    steps: Range[int, 1, MOST] | None = None,
    batch: Range[int, 1, MOST] | None = None,
    models: str | None = None,
    lanes: str | None = None,
    private: bool | None = None,
    relax_free: bool | None = None,
    unlimited: str | None = None,
    clear: str | None = None,
) -> None:
    async with apologies(interaction):
        amendment = Amendment(
            gpu_minutes=gpu_minutes,
            pictures=pictures,
            per=Period(per) if per else None,
            max_running=running,
            max_waiting=waiting,
            max_megapixels=megapixels,
            max_steps=steps,
            max_batch=batch,
            models=models,
            lanes=frozenset(map(Lane, lanes.split(", "))) if lanes else None,
            private=private,
            relax_after=relax_free,
            unlimited=Limit(unlimited) if unlimited else None,
            clear=clear,
        )
        await office(interaction).set_line(
            interaction, subject_of(role, person, channel), amendment
        )


@set_.autocomplete("models")
@offers
async def model_choices(interaction: Interaction, typed: str) -> list[tuple[str, str]]:
    """The catalogue's models for the last name typed, after those that are complete."""
    before, _, last = typed.rpartition(",")
    listed = [name.strip() for name in before.split(",") if name.strip()]
    offered = cast("EaselBot", interaction.client).desk.studio.catalogue.offered
    names = [model.name for model in offered if last.strip().lower() in model.name.lower()]
    lines = [", ".join([*listed, name]) for name in names if name not in listed]
    return await for_admins(interaction, [(line, line) for line in lines])


@quota.command(name="show", description="What is set here, with charts of what was used")
@app_commands.describe(person="What this person may do and has left", span="What the chart shows")
@app_commands.choices(span=SPANS)
async def show(
    interaction: discord.Interaction[Any],
    person: discord.User | None = None,
    span: str = "month",
) -> None:
    async with apologies(interaction):
        await office(interaction).show(interaction, person, span)


@quota.command(name="grant", description="Give an extra on top of the limits, once")
@app_commands.describe(
    amount="How many",
    unit="Of what",
    person="For this person",
    role="For each member with this role; nobody named: for each member of the server",
    lasts="Until when it can be used: 12h, 3d, 2w or forever",
)
@app_commands.choices(unit=UNITS)
async def grant(
    interaction: discord.Interaction[Any],
    amount: Range[float, 0.0, 1e6],
    unit: str,
    person: discord.User | None = None,
    role: discord.Role | None = None,
    lasts: str = "forever",
) -> None:
    async with apologies(interaction):
        whom = subject_of(role, person)
        await office(interaction).grant(interaction, whom, Unit(unit), amount, lasts)


@grant.autocomplete("lasts")
@offers
async def lasting_choices(interaction: Interaction, typed: str) -> list[tuple[str, str]]:
    usual = ["1h", "12h", "1d", "3d", "1w", "2w", "4w", "forever"]
    return await for_admins(interaction, holding(typed, usual))


@quota.command(name="reset", description="What was used until now counts no more")
@app_commands.describe(
    role="For everybody with this role; nobody named: for everybody",
    person="For this person",
    channel="For this channel",
)
async def reset(
    interaction: discord.Interaction[Any],
    role: discord.Role | None = None,
    person: discord.User | None = None,
    channel: Channel | None = None,
) -> None:
    async with apologies(interaction):
        await office(interaction).reset(interaction, subject_of(role, person, channel))


@quota.command(name="report", description="What everybody used, as a file for a spreadsheet")
@app_commands.describe(days="How many days back")
async def report(interaction: discord.Interaction[Any], days: Range[int, 1, 730] = 30) -> None:
    async with apologies(interaction):
        await office(interaction).report(interaction, days)


@quota.command(name="audit", description="Who changed what, and when")
async def audit(interaction: discord.Interaction[Any]) -> None:
    async with apologies(interaction):
        await office(interaction).audit(interaction)


@quota.command(name="timezone", description="When the days of this server begin")
@app_commands.describe(name="Such as Europe/Berlin")
async def timezone(interaction: discord.Interaction[Any], name: str) -> None:
    async with apologies(interaction):
        to = partial(office(interaction).steward.set_time_zone, name=name.strip())
        sentence = say("Days, weeks and months now follow the clocks of {zone}.", zone=name.strip())
        await office(interaction).change_house(interaction, to, sentence)


@timezone.autocomplete("name")
@offers
async def zone_choices(interaction: Interaction, typed: str) -> list[tuple[str, str]]:
    names = sorted(available_timezones(), key=lambda name: ("/" not in name, name))
    return await for_admins(interaction, holding(typed.strip().replace(" ", "_"), names))


@quota.command(name="admins", description="A role whose members may use these commands too")
@app_commands.describe(role="Leave it out to have none")
async def admins(interaction: discord.Interaction[Any], role: discord.Role | None = None) -> None:
    async with apologies(interaction):
        id = role.id if role is not None and not role.is_default() else 0
        to = partial(office(interaction).steward.set_admin_role, role_id=id)
        who = f"<@&{id}>" if id else say("only those who may manage the server")
        sentence = say("Admins of Easel here: {who}.", who=who)
        await office(interaction).change_house(interaction, to, sentence)


@server.command(name="queue", description="What waits and runs on this server")
async def queue(interaction: discord.Interaction[Any]) -> None:
    async with apologies(interaction):
        await office(interaction).queue(interaction, server_of(interaction))


@server.command(name="pause", description="What runs is finished, what waits is left waiting")
async def pause(interaction: discord.Interaction[Any]) -> None:
    async with apologies(interaction):
        to = partial(office(interaction).steward.pause, paused=True)
        sentence = say(
            "Paused: what runs is finished, what waits is left waiting. /server resume ends it."
        )
        await office(interaction).change_house(interaction, to, sentence)


@server.command(name="drain", description="Nothing new is taken, what waits is made")
async def drain(interaction: discord.Interaction[Any]) -> None:
    async with apologies(interaction):
        to = partial(office(interaction).steward.drain, drained=True)
        sentence = say("Drained: nothing new is taken, what waits is made. /server resume ends it.")
        await office(interaction).change_house(interaction, to, sentence)


@server.command(name="resume", description="Ends a pause or a drain")
async def resume_(interaction: discord.Interaction[Any]) -> None:
    async with apologies(interaction):
        to = partial(resume, office(interaction).steward)
        sentence = say("Jobs are taken and made again.")
        await office(interaction).change_house(interaction, to, sentence)


@server.command(name="ban", description="Shut somebody out from making pictures here")
@app_commands.describe(person="Who; what they have waiting here is cancelled")
async def ban(interaction: discord.Interaction[Any], person: discord.User) -> None:
    async with apologies(interaction):
        await office(interaction).ban(interaction, person)


@server.command(name="unban", description="Let somebody make pictures here again")
@app_commands.describe(person="Who")
async def unban(interaction: discord.Interaction[Any], person: discord.User) -> None:
    async with apologies(interaction):
        to = partial(office(interaction).steward.unban, member_id=person.id)
        sentence = say("{who} may make pictures here again.", who=f"<@{person.id}>")
        await office(interaction).change_house(interaction, to, sentence)


@server.command(name="cancel", description="Cancel what waits on this server; it is refunded")
@app_commands.describe(person="Only what this person has waiting")
async def cancel(interaction: discord.Interaction[Any], person: discord.User | None = None) -> None:
    async with apologies(interaction):
        await office(interaction).cancel_waiting(interaction, person)


async def for_admins(
    interaction: Interaction, named: list[tuple[str, str]]
) -> list[tuple[str, str]]:
    """Those choices, for who may use what they complete."""
    return named if await office(interaction).is_admin(interaction) else []


ADMIN_COMMANDS = (quota, server)
