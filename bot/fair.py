"""Takes themes from one phase to the next when it is time, and keeps their messages as they shall
be. What is due is read from the rows; events only hasten it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from bot.ballots import (
    PAGE,
    RESULT,
    START,
    key_of,
    on_page,
    page_words,
    parts_of,
    result_words,
    rows_of,
    shown_in,
    start_words,
)
from bot.bell import Bell
from bot.ladder import CHANNEL_REST_SECONDS
from bot.layouts import gallery
from bot.messenger import REQUEST_BYTES, Post, Upload
from bot.patience import Patience
from bot.placards import Placards
from bot.poster import ChannelGoneError, Form, LaterError, NotShownError, Poster, Spot
from bot.wall import EASEL, LONGEST_PAUSE_SECONDS, Restricted
from core.clock import Clock
from core.errors import EaselError, SettingsError
from core.sentences import in_language, say
from core.themes import Entry, Phase, Sheet, Theme, Themes, podium

log = logging.getLogger(__name__)

SWEEP_SECONDS = 30.0

LEAST_ENTRIES = 2
"""There is no voting on fewer."""


class Fair:
    def __init__(
        self,
        themes: Themes,
        poster: Poster,
        placards: Placards,
        clock: Clock,
        restricted: Restricted = lambda server_id, channel_id: None,
        language: Callable[[int], str] = lambda server_id: "",
    ) -> None:
        self._themes = themes
        self._poster = poster
        self._placards = placards
        self._clock = clock
        self._restricted = restricted
        self._language = language
        self._bell = Bell()
        self._patience = Patience[int](clock, LONGEST_PAUSE_SECONDS)

    def hint(self) -> None:
        """A theme was started or called off."""
        self._bell.ring()

    async def run(self) -> None:
        """Works until cancelled. Raises SettingsError when Discord turned the bot away."""
        while True:
            try:
                for theme in await self._themes.unsettled():
                    await self._look_after(theme)
            except SettingsError:
                raise
            except EaselError as error:
                log.warning("the themes could not be read: %s", error)
            except Exception:
                # Jobs are made and delivered all the same; a loop that ends would end the program.
                log.exception("reading the themes failed; trying again")
            now = self._clock.now()
            soon = [at for at in self._patience.due.values() if at > now]
            await self._bell.wait(max(0.05, min([now + SWEEP_SECONDS, *soon]) - now))

    async def _look_after(self, theme: Theme) -> None:
        now = self._clock.now()
        rests = self._poster.rests_until(theme.channel_id)
        try:
            theme = await self._turned(theme, now)
            if max(self._patience.due.get(theme.id, now), rests) > now:
                return
            await self._show(theme)
            self._patience.forget(theme.id)
        except SettingsError:
            raise
        except ChannelGoneError:
            log.warning("channel %s is gone, and its theme", theme.channel_id)
            await self._themes.call_off(theme.id, by=EASEL, now=now)
            await self._themes.settle(theme.id, now)
            self._patience.forget(theme.id)
        except LaterError as later:
            self._pause(theme.id, later, later.seconds)
        except EaselError as error:
            self._pause(theme.id, error)
        except Exception as error:
            # One theme must not stop the others; it is tried again, ever more rarely.
            log.exception("looking after theme %d failed", theme.id)
            self._pause(theme.id, error)

    async def _turned(self, theme: Theme, now: float) -> Theme:
        """In the phase that it is time for."""
        if theme.phase is Phase.ENTRIES and now >= theme.votes_from:
            there = [one for one in await self._themes.entries(theme.id) if one.exhibit]
            enough = len(there) >= LEAST_ENTRIES
            theme = await self._themes.turn(theme.id, Phase.VOTING if enough else Phase.OVER)
        if theme.phase is Phase.VOTING and now >= theme.ends_at:
            theme = await self._themes.turn(theme.id, Phase.OVER)
        return theme

    async def _show(self, theme: Theme) -> None:
        if (
            theme.age_rated
            and self._restricted(theme.server_id, theme.channel_id) is False
            and not theme.called_off
        ):
            await self._poster.shut(_spot(theme, restricted=True))
            raise LaterError(CHANNEL_REST_SECONDS, "its channel is not age-restricted any more")
        entries = await self._themes.entries(theme.id)
        sheets = await self._themes.sheets(theme.id)
        for part in parts_of(theme, entries):
            sheet, shown = sheets.get(part), shown_in(part, theme, entries)
            if sheet is None or sheet.posted_at is None:
                if theme.phase is not Phase.OVER or part == RESULT:
                    await self._post(theme, part, entries, shown)
            elif sheet.shown != shown:
                await self._edit(theme, sheet, entries, shown)
        if theme.phase is Phase.OVER:
            await self._themes.settle(theme.id, self._clock.now())

    async def _post(self, theme: Theme, part: str, entries: Sequence[Entry], shown: str) -> None:
        began = await self._themes.posting(theme.id, part, self._clock.now())
        message_id = 0
        try:
            message_id, adopted = await self._poster.post(
                _spot(theme),
                lambda form: self._message(theme, part, entries, form),
                nonce=f"t{theme.id}{part}",
                custom_id=key_of(part, theme, entries),
                began=began,
            )
            if adopted and part.startswith(PAGE):
                # It may show pictures that are gone since then.
                shown = "?"
        except NotShownError as error:
            log.warning("theme %d: its %s is not shown: %s", theme.id, part, error)
        await self._themes.posted(theme.id, part, message_id, shown, self._clock.now())

    async def _edit(self, theme: Theme, sheet: Sheet, entries: Sequence[Entry], shown: str) -> None:
        message_id = sheet.message_id
        try:
            if message_id:
                await self._poster.edit(
                    _spot(theme),
                    message_id,
                    lambda form: self._message(theme, sheet.part, entries, form),
                )
        except NotShownError as error:
            log.info("theme %d: its %s is left alone: %s", theme.id, sheet.part, error)
            message_id = 0
        await self._themes.posted(theme.id, sheet.part, message_id, shown, self._clock.now())

    async def _message(self, theme: Theme, part: str, entries: Sequence[Entry], form: Form) -> Post:
        with_prompt = form.with_prompt
        if part == START:
            text, shown = start_words(theme, with_prompt=with_prompt), list[Entry]()
        elif part == RESULT:
            winners = [] if theme.called_off else podium(entries)
            text = result_words(theme, entries, winners, with_prompt=with_prompt)
            shown = [entry for _, entry in winners] or _alone(theme, entries)
        else:
            pages = sum(one.startswith(PAGE) for one in parts_of(theme, entries))
            text = page_words(theme, part, pages, with_prompt=with_prompt)
            shown = on_page(part, entries)
        locale = self._language(theme.server_id)
        uploads = await self._uploads(shown, form, by_number=part != RESULT)
        rows = rows_of(part, theme, entries, locale)
        return Post("", 0, uploads, gallery(in_language(text, locale), uploads, rows))

    async def _uploads(
        self, shown: Sequence[Entry], form: Form, *, by_number: bool
    ) -> tuple[Upload, ...]:
        """`by_number`: the files' names do not say whose they are."""
        limit = min(form.limit, REQUEST_BYTES // max(1, len(shown)))
        found: list[Upload] = []
        for entry in shown:
            assert entry.exhibit is not None
            name = f"picture-{entry.place}" if by_number else ""
            within = Form(limit, form.with_prompt, form.shrunk)
            try:
                found.append(await self._placards.upload(entry.exhibit, within, name))
            except NotShownError as error:
                log.warning("picture %d of theme %d: %s", entry.place, entry.theme_id, error)
        return tuple(found)

    def _pause(self, id: int, error: Exception, asked: float | None = None) -> None:
        pause = self._patience.failed(id, asked)
        log.info("theme %d is not shown as it is (%s); again in %.0f s", id, error, pause)


def _alone(theme: Theme, entries: Sequence[Entry]) -> list[Entry]:
    """The one picture that was entered, if it was one."""
    there = [one for one in entries if one.exhibit is not None]
    return there if len(there) == 1 and not theme.called_off else []


def _spot(theme: Theme, *, restricted: bool = False) -> Spot:
    channel = f"<#{theme.channel_id}>"
    shut = say(
        "Easel may not post in {channel}, so the theme there goes on unseen. Allow **View "
        "Channel**, **Send Messages**, **Attach Files** and **Read Message History**, or call it "
        "off by /theme stop.",
        channel=channel,
    )
    if restricted:
        shut = say(
            "The theme in {channel} is for pictures from age-restricted channels, and that channel "
            "is not age-restricted any more, so nothing of it is shown. Restrict it again, or call "
            "it off by /theme stop.",
            channel=channel,
        )
    return Spot(theme.server_id, theme.channel_id, shut)
