"""Takes what people do with themes: /theme, entering pictures, and voting."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.ballots import Act, Ballot, Ticket, start_words, time_of
from bot.desk import actor_of
from bot.permissions import check_may_post
from bot.render import escape
from bot.replies import Hold, Interaction, hold, in_time, tell
from bot.sightings import Sightings
from bot.views import in_rows, view_of
from bot.whereabouts import server_of
from core.errors import RefusedError
from core.jobs import Actor
from core.jury import Jury
from core.sentences import say, together
from core.themes import Phase, Theme


class Contest:
    def __init__(self, jury: Jury, sightings: Sightings) -> None:
        self.jury = jury
        self._sightings = sightings

    # /theme

    async def start(
        self,
        interaction: Interaction,
        words: str,
        channel: app_commands.AppCommandChannel | None,
        until: str,
        voting_days: int,
        most: int,
    ) -> None:
        channel_id = channel.id if channel is not None else interaction.channel_id or 0
        there = check_may_post(interaction, channel_id)
        rated = getattr(there, "nsfw", False) or (channel is not None and channel.nsfw)
        work = self.jury.start(
            actor_of(interaction),
            channel_id,
            words,
            until=until,
            voting_days=voting_days,
            most=most,
            age_rated=rated,
        )
        theme = await in_time(interaction, work, Hold.PRIVATE)
        await tell(interaction, say("Started: {theme}.", theme=theme_words(theme)))

    async def list(self, interaction: Interaction) -> None:
        found = await self.jury.open_in(server_of(interaction))
        rows = [together([f"{number}.", theme_words(one)]) for number, one in enumerate(found, 1)]
        none = say("This server has no theme now; its admins start one by /theme start.")
        await tell(interaction, together(rows, "\n") if rows else none)

    async def stop(self, interaction: Interaction, theme_id: int) -> None:
        work = self.jury.call_off(actor_of(interaction), theme_id)
        gone = await in_time(interaction, work, Hold.PRIVATE)
        await tell(interaction, say("Called off: {words}.", words=escape(gone.words)))

    async def enter(self, interaction: Interaction, typed: str, theme_id: int) -> None:
        await hold(interaction, Hold.PRIVATE)
        seen = await self._sightings.named(interaction, typed)
        number = seen.number or (1 if seen.job.request.count == 1 else 0)
        if not number:
            raise RefusedError(
                say(
                    "That job has {count} pictures; name one by its number too, such as {example}.",
                    count=seen.job.request.count,
                    example=f"`{seen.job.id}-2`",
                )
            )
        await self.pressed(interaction, Ticket(Act.ENTER, seen.job.id, number, theme_id))

    async def named(self, interaction: Interaction, typed: str) -> list[tuple[str, int]]:
        """The open themes of the server whose words hold what was typed."""
        wanted = typed.strip().lower()
        return [
            (one.words, one.id)
            for one in await self.jury.open_in(server_of(interaction))
            if wanted in one.words.lower()
        ]

    # Buttons

    async def pressed(self, interaction: Interaction, button: Ballot | Ticket) -> None:
        actor = actor_of(interaction)
        if isinstance(button, Ticket):
            work = self._ticket(actor, button)
            text, view = await in_time(interaction, work, Hold.PRIVATE)
            await tell(interaction, text, view=view)
        else:
            await tell(
                interaction, await in_time(interaction, self._ballot(actor, button), Hold.PRIVATE)
            )

    async def _ticket(self, actor: Actor, ticket: Ticket) -> tuple[str, discord.ui.View | None]:
        theme_id = ticket.theme_id
        if not theme_id:
            open_ = await self.jury.taking(actor.server_id)
            if not open_:
                raise RefusedError(say("No theme of this server takes pictures now."))
            if len(open_) > 1:
                return say("For which theme?"), _choice(ticket, open_)
            theme_id = open_[0].id
        if ticket.act is Act.LEAVE:
            was = await self.jury.leave(actor, ticket.job_id, ticket.number, theme_id)
            return (say("It is taken out.") if was else say("It takes no part.")), None
        entered = await self.jury.enter(actor, ticket.job_id, ticket.number, theme_id)
        words = escape(entered.theme.words)
        told = say("It takes part already: {words}.", words=words)
        if entered.new:
            told = say(
                "It takes part: {words}. The voting begins {time}.",
                words=words,
                time=f"<t:{int(entered.theme.votes_from)}:R>",
            )
        out = Ticket(Act.LEAVE, entered.job_id, entered.number, theme_id)
        button: discord.ui.Button[Any] = discord.ui.Button(
            label=say("Take it out"), custom_id=out.custom_id
        )
        return told, view_of([[button]])

    async def _ballot(self, actor: Actor, ballot: Ballot) -> str:
        match ballot.act:
            case Act.VOTE:
                await self.jury.vote(actor, ballot.theme_id, ballot.place)
                return say(
                    "Your vote is for picture {place}. Until the end you can give it to another.",
                    place=ballot.place,
                )
            case Act.MINE:
                return await self._mine(actor, ballot.theme_id)
            case _:
                theme = await self.jury.get(ballot.theme_id)
                return together([start_words(theme), RULES], "\n")

    async def _mine(self, actor: Actor, theme_id: int) -> str:
        theme = await self.jury.get(theme_id)
        mine = await self.jury.mine(actor, theme_id)
        if not mine:
            return say("No picture of yours takes part in this theme.")
        rows = list[str]()
        for one in mine:
            picture = f"`{one.job_id}-{one.number}`"
            if theme.phase is Phase.OVER and one.place:
                rows.append(
                    say(
                        "Picture {place}, {picture}: {votes} votes",
                        place=one.place,
                        picture=picture,
                        votes=one.votes,
                    )
                )
            elif one.place:
                rows.append(say("Picture {place}, {picture}", place=one.place, picture=picture))
            else:
                rows.append(say("It takes part: {picture}", picture=picture))
        return together(rows, "\n")


RULES = say(
    "Only pictures take part that their owners made here since the theme began, and that everybody "
    "here may see. While they are entered they can be taken out again; names are not shown before "
    "the end. Nobody votes for their own, each member has one vote, and it can be moved until the "
    "end."
)


def theme_words(theme: Theme) -> str:
    """One line of a list of themes."""
    line = [f"**{escape(theme.words)}**", f"<#{theme.channel_id}>"]
    if theme.phase is Phase.ENTRIES:
        line.append(say("pictures until {time}", time=time_of(theme.votes_from)))
    line.append(say("votes until {time}", time=time_of(theme.ends_at)))
    return together(line, " · ")


def _choice(ticket: Ticket, themes: Any) -> discord.ui.View:
    found = [
        discord.ui.Button[Any](
            label=one.words[:80],
            custom_id=Ticket(ticket.act, ticket.job_id, ticket.number, one.id).custom_id,
        )
        for one in themes
    ]
    return view_of(in_rows(found))
