"""What Easel posts by itself, showcases and themes, and who decides what is shown there."""

from __future__ import annotations

from collections.abc import Callable

import discord

from bot.contest import Contest
from bot.fair import Fair
from bot.lost_channels import LostChannels
from bot.messenger import Messenger
from bot.options import Options
from bot.placards import Placards
from bot.poster import Poster
from bot.showroom import Showroom
from bot.sightings import Sightings
from bot.signposts import Signposts
from bot.wall import Wall, restricted_in
from core.admin import Stewardship
from core.album import Collector
from core.clock import Clock
from core.curator import Curator
from core.jury import Jury
from core.settings import Settings
from core.studio import Studio


class Exhibition:
    """`collector` is None where no likes are kept, `showroom` and `wall` where there are no
    showcases, `contest` and `fair` where there are no themes."""

    def __init__(
        self,
        client: discord.Client,
        settings: Settings,
        studio: Studio,
        steward: Stewardship,
        options: Options,
        messenger: Messenger,
        sightings: Sightings,
        lost: LostChannels | None,
        clock: Clock,
        language: Callable[[int], str],
        *,
        upload_bytes: int,
    ) -> None:
        store, orders, url = studio.store, studio.orders, settings.gallery_url
        poster = Poster(messenger, clock, lost, upload_bytes=upload_bytes)
        placards = Placards(studio.blobs, options.shrink, language, url)
        restricted = restricted_in(client)
        showcases, themes = options.showcases, options.themes
        self.collector: Collector | None = None
        if options.album is not None:
            self.collector = Collector(store, options.album, clock, self._liked)
        self.wall: Wall | None = None
        self.showroom: Showroom | None = None
        curator = None
        if showcases is not None:
            curator = Curator(showcases, store, orders.wishes, steward, clock, self._liked)
            self.showroom = Showroom(curator, self.collector)
            self.wall = Wall(showcases, curator, poster, placards, clock, restricted)
        self.fair: Fair | None = None
        self.contest: Contest | None = None
        jury = None
        if themes is not None and showcases is not None:
            moved = self._themes_moved
            jury = Jury(themes, showcases, store, orders.book, steward, clock, moved)
            self.contest = Contest(jury, sightings)
            self.fair = Fair(themes, poster, placards, clock, restricted, language)
        self.signposts = Signposts(curator, jury, url, language)

    def _liked(self, job_id: str = "", number: int = 0) -> None:
        """What showcases tell of this picture may be another thing now."""
        if self.wall is not None:
            self.wall.hint(job_id, number)

    def _themes_moved(self) -> None:
        if self.fair is not None:
            self.fair.hint()

    async def channel_opened(self, server_id: int, channel_id: int) -> None:
        """A channel is not age-restricted any more. Never raises."""
        if self.wall is not None:
            await self.wall.opened(server_id, channel_id)

    async def channel_gone(self, server_id: int, channel_id: int) -> None:
        """Never raises."""
        if self.wall is not None:
            await self.wall.channel_gone(server_id, channel_id)
