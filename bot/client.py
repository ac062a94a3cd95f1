"""The Discord client: what it listens to, and the parts it is made of."""

from __future__ import annotations

import asyncio
import logging
import sys
from typing import Any, Protocol

import discord

from bot.blender import Blender
from bot.buttons import BUTTONS
from bot.cards import Cards
from bot.clearing import Clearing
from bot.commands import COMMANDS, Tree, register
from bot.courier import Courier
from bot.delivery import Delivery
from bot.desk import Desk
from bot.ending import Endings
from bot.eraser import Eraser
from bot.exhibition import Exhibition
from bot.habits import Habits
from bot.history import History
from bot.history_commands import finder
from bot.history_ids import count_of
from bot.keeper import Keeper
from bot.ladder import Ladder
from bot.lost_channels import LostChannels
from bot.messenger import Messenger
from bot.office import Office
from bot.options import Options
from bot.packer import Packer
from bot.places import Places
from bot.plotter import Plotter
from bot.presser import Presser
from bot.progress import Progress
from bot.reactions import Reactions
from bot.render import Renderer
from bot.replies import apologies
from bot.search import Search
from bot.sets import Heralds
from bot.sheets import PROMPT_ID, STYLE_ID, SUFFIX_ID, Report, custom_id_of, pressed_for
from bot.sightings import Sightings
from bot.study import Study
from bot.turns import Turns
from bot.view_commands import MENUS
from bot.viewer import Viewer
from bot.views import OFFERED
from core.actions import Action
from core.admin import Stewardship
from core.advice import Advice
from core.archive import Archive
from core.board import Board
from core.bundle import Bundler
from core.clock import Clock
from core.complaints import Complaints
from core.errors import EaselError
from core.jobs import Actor, Owner
from core.likeness import MoreLikeThis
from core.manners import Manners
from core.overview import Overview
from core.settings import Settings
from core.studio import Studio

log = logging.getLogger(__name__)

discord.VoiceClient.warn_nacl = False  # no voice here, so no word about its libraries
discord.VoiceClient.warn_dave = False

MAX_RATELIMIT_SECONDS = 60.0
"""discord.py raises instead of sleeping longer; its default is to sleep for ever."""


IDENTIFIES_PER_WINDOW = 10
IDENTIFY_WINDOW_SECONDS = 900.0
"""At most 960 sessions a day; Discord allows 1,000."""


class Loop(Protocol):
    """Works until it is cancelled."""

    async def run(self) -> None: ...


class EaselBot(discord.Client):
    """Needs no privileged intent: commands and buttons come as interactions, which need none at
    all; `guilds` tells of a server's upload limit and of being removed from it, and the two of
    reactions of what members put under pictures. What a message says it may read of its own ones
    alone."""

    def __init__(
        self,
        settings: Settings,
        studio: Studio,
        steward: Stewardship,
        board: Board,
        clock: Clock,
        options: Options | None = None,
    ) -> None:
        super().__init__(
            intents=discord.Intents(guilds=True, guild_reactions=True, dm_reactions=True),
            allowed_mentions=discord.AllowedMentions.none(),
            max_ratelimit_timeout=MAX_RATELIMIT_SECONDS,
            member_cache_flags=discord.MemberCacheFlags.none(),
            max_messages=None,
            chunk_guilds_at_startup=False,
        )
        options = options or Options()
        self._settings = settings
        self._studio = studio
        self._clock = clock
        self._identified: list[float] = []
        self.tree = Tree(self, taken_along=settings.user_install == "on")
        renderer, turns = Renderer(studio.catalogue, self._language_of), Turns()
        self.messenger = Messenger(self)
        notices = options.notices
        lost = None
        if notices is not None:
            lost = LostChannels(notices, self.messenger, clock, self._language_of)
        upload_bytes = int(settings.max_upload_mib * 1024 * 1024)
        archive = Archive(studio.store, options.album)
        sightings = Sightings(self, archive)
        self.exhibition = Exhibition(
            self,
            settings,
            studio,
            steward,
            options,
            self.messenger,
            sightings,
            lost,
            clock,
            self._language_of,
            upload_bytes=upload_bytes,
        )
        collector, showroom = self.exhibition.collector, self.exhibition.showroom
        offered = OFFERED if collector is not None else OFFERED - {Action.LIKE}
        endings = Endings(
            studio.store,
            studio.blobs,
            renderer,
            options.shrink,
            studio.orders.book,
            offered=offered,
            more=self.exhibition.signposts.under,
        )
        courier = Courier(
            studio.store,
            studio.blobs,
            studio.catalogue,
            self.messenger,
            renderer,
            options.shrink,
            studio.orders.wishes,
            upload_bytes=upload_bytes,
        )
        ladder = Ladder(
            studio.store,
            self.messenger,
            endings,
            clock,
            upload_bytes=upload_bytes,
            lost_channels=lost,
            wants_dm=options.wants_dm or courier.wanted_by,
        )
        self.delivery = Delivery(studio.store, board, ladder, turns, clock, courier.also)
        self.progress = Progress(
            studio,
            board,
            self.messenger,
            renderer,
            turns,
            clock,
            every_seconds=settings.edit_every_seconds,
        )
        self.places = Places(studio, board, self.messenger, renderer, turns, clock)
        overview = Overview(studio, steward)
        heralds = Heralds(studio, self.messenger, renderer, turns, clock, self.places.note)
        self.desk = Desk(
            studio,
            steward,
            renderer,
            turns,
            clock,
            lost,
            heralds,
            ended=self.delivery.hint,
            shown=self.places.note,
        )
        plotter = Plotter(settings.data.absolute() / "cache" / "charts")
        manners = Manners(steward, studio.orders, studio.keep, clock)
        self.keeper = Keeper(manners, studio, options.forgetting)
        self.habits = Habits(manners, steward, studio)
        self.office = Office(steward, overview, plotter, clock)
        self.presser = Presser(self.desk, overview, sightings, collector, plotter)
        self.clearing = Clearing(self.messenger, notices, clock)
        self.viewer = Viewer(
            studio,
            steward,
            overview,
            archive,
            Complaints(options.reports, studio.store, clock) if options.reports else None,
            sightings,
            collector,
            courier,
            endings,
            self.messenger,
            plotter,
            clock,
            upload_bytes=upload_bytes,
            showroom=showroom,
            clearing=self.clearing,
        )
        self.history: History | None = None
        if options.works is not None:
            eraser = Eraser(studio.store, collector, self.clearing) if collector else None
            cards = Cards(
                options.works,
                studio.store,
                studio.catalogue,
                archive,
                endings,
                self.messenger,
                studio.orders.book,
                gallery_url=settings.gallery_url,
                upload_bytes=upload_bytes,
                alike=options.likeness is not None,
                deletes=eraser is not None,
            )
            alike = MoreLikeThis(options.likeness, options.works) if options.likeness else None
            self.history = History(
                options.works,
                Search(options.works, alike, cards, clock),
                studio,
                cards,
                eraser,
                Packer(Bundler(options.works, studio.blobs), settings.gallery_url),
                self.viewer,
                endings,
            )
        self._reactions = Reactions(self, sightings, self.viewer, collector, clock, showroom)
        advice = Advice(studio.orders, options.ask, clock)
        self.study = Study(self.desk, advice, options.read_record)
        self.blender = Blender(self.desk, advice, options.read_record, options.mix)

    def loops(self) -> dict[str, Loop]:
        """What works beside the gateway client, by its name."""
        wall, fair = self.exhibition.wall, self.exhibition.fair
        return {
            "the delivery loop": self.delivery,
            "the progress loop": self.progress,
            "the waiting messages' loop": self.places,
            "the deleted messages' loop": self.clearing,
            **({"the showcases' loop": wall} if wall is not None else {}),
            **({"the themes' loop": fair} if fair is not None else {}),
        }

    def _language_of(self, server_id: int) -> str:
        """The locale that a server's admins chose for it; "" for one that is not known."""
        server = self.get_guild(server_id)
        return server.preferred_locale.value if server is not None else ""

    async def setup_hook(self) -> None:
        """After the login, before the first event."""
        self.add_dynamic_items(*BUTTONS)
        server_id = self._settings.server_id
        for command in (*COMMANDS, *MENUS):
            self.tree.add_command(command, guild=discord.Object(server_id) if server_id else None)
        await register(self.tree, server_id)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Discord counts IDENTIFYs and takes the bot's token away at 1,000 a day; a session that
        is found invalid again and again would use one every 5 s."""
        now = self._clock.now()
        self._identified = [at for at in self._identified if now - at < IDENTIFY_WINDOW_SECONDS]
        if len(self._identified) >= IDENTIFIES_PER_WINDOW:
            pause = self._identified[0] + IDENTIFY_WINDOW_SECONDS - now
            log.warning("too many new sessions with Discord; the next begins in %.0f s", pause)
            await asyncio.sleep(pause)
        await super().before_identify_hook(shard_id, initial=initial)
        self._identified.append(self._clock.now())

    async def on_ready(self) -> None:
        log.info("connected to Discord as %s, in %d servers", self.user, len(self.guilds))

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Before the command or button is handled, which is done elsewhere."""
        self.messenger.learn(interaction)
        if interaction.type is discord.InteractionType.modal_submit:
            async with apologies(interaction):
                await self._sheet_sent(interaction)

    async def _sheet_sent(self, interaction: discord.Interaction[Any]) -> None:
        """A form that somebody filled in."""
        custom_id = custom_id_of(interaction)
        if custom_id == PROMPT_ID:
            await self.study.filled_in(interaction)
        elif custom_id == SUFFIX_ID:
            await self.habits.set_suffix(interaction)
        elif custom_id == STYLE_ID:
            await self.keeper.style_sent(interaction)
        elif (count := count_of(custom_id)) is not None:
            await finder(interaction).delete_all(interaction, count)
        elif (button := pressed_for(custom_id)) is not None:
            await self.presser.filled_in(interaction, button)
        else:
            await self.viewer.report(interaction, Report.from_custom_id(custom_id))

    async def on_raw_reaction_add(self, payload: discord.RawReactionActionEvent) -> None:
        await self._reactions.added(payload)

    async def on_raw_reaction_remove(self, payload: discord.RawReactionActionEvent) -> None:
        await self._reactions.removed(payload)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Removed from a server; an outage is another event."""
        await self._stop_waiting(guild.id)

    async def on_guild_channel_update(self, before: Any, after: Any) -> None:
        was, now = (getattr(channel, "nsfw", False) for channel in (before, after))
        if was and not now:
            await self.exhibition.channel_opened(after.guild.id, after.id)

    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        await self._stop_waiting(channel.guild.id, channel.id)
        await self.exhibition.channel_gone(channel.guild.id, channel.id)

    async def on_raw_thread_delete(self, payload: discord.RawThreadDeleteEvent) -> None:
        await self._stop_waiting(payload.guild_id, payload.thread_id)

    async def _stop_waiting(self, server_id: int, channel_id: int | None = None) -> None:
        """The jobs that wait for a place that is gone are stopped and refunded."""
        store, stopper = self._studio.store, Actor(Owner(0, "Easel"), operator=True)
        for waiting in await store.waiting():
            if waiting.server_id != server_id:
                continue
            try:
                job = await store.get(waiting.id)
                if channel_id in (None, job.place.channel_id):
                    await self._studio.cancel(job.id, stopper)
            except EaselError as error:
                log.warning("job %s of a place that is gone: %s", waiting.id, error)

    async def on_error(self, event_method: str, /, *args: Any, **kwargs: Any) -> None:
        log.error("handling the event %s failed", event_method, exc_info=sys.exc_info())
