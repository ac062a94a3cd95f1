"""Takes what members set for all of their prompts: the panel of /settings, and its shortcuts."""

from __future__ import annotations

from typing import Any

import discord

from bot.desk import actor_of
from bot.keeper import every_problem
from bot.replies import Hold, Interaction, ask, in_time, locale_of, renew, tell
from bot.settings_panel import USUAL, Turn, changed, panel
from bot.sheets import SUFFIX, soon, suffix_sheet, texts
from core.admin import Stewardship
from core.errors import PromptError, RefusedError
from core.manners import Manners
from core.preferences import Preferences, Variability
from core.request import Lane, Request, Visibility
from core.sentences import say
from core.studio import Studio

LANE_SET = {
    Lane.TURBO: say("Your prompts go the turbo lane now, unless you type another."),
    Lane.FAST: say("Your prompts go the fast lane now, unless you type another."),
    Lane.RELAX: say("Your prompts go the relax lane now, unless you type another."),
}
VISIBILITY_SET = {
    Visibility.PUBLIC: say("Your pictures are public now, unless you type --stealth."),
    Visibility.STEALTH: say("Your pictures are private now, unless you type --public."),
}


class Habits:
    def __init__(self, manners: Manners, steward: Stewardship, studio: Studio) -> None:
        self._manners = manners
        self._steward = steward
        self._studio = studio

    async def open(self, interaction: Interaction) -> None:
        """/settings"""
        text, view = await in_time(interaction, self._panel(interaction), Hold.PRIVATE)
        await tell(interaction, text, view=view)

    async def turn(self, interaction: Interaction, turn: Turn) -> None:
        """A button of the panel."""
        actor = actor_of(interaction)
        if turn.what == "suffix":
            kept = await soon(self._manners.mine(actor))
            await ask(interaction, suffix_sheet(interaction, kept.suffix))
            return

        async def work() -> tuple[str, discord.ui.View]:
            if turn.what == "reset":
                await self._manners.reset_settings(actor)
                note = say("Reset: everything is as usual. Your saved options stay.")
                return await self._panel(interaction, note)
            kept = await self._manners.mine(actor)
            await self._manners.set_settings(actor, **changed(kept, turn))
            return await self._panel(interaction)

        await renew(interaction, *await in_time(interaction, work(), Hold.SILENT))

    async def choose_model(self, interaction: Interaction, name: str) -> None:
        """The menu of the panel."""

        async def work() -> tuple[str, discord.ui.View]:
            model = None if name == USUAL else name
            await self._manners.set_settings(actor_of(interaction), model=model)
            return await self._panel(interaction)

        await renew(interaction, *await in_time(interaction, work(), Hold.SILENT))

    async def set_suffix(self, interaction: Interaction) -> None:
        """The form of the suffix."""
        typed = texts(interaction).get(SUFFIX, "")

        async def work() -> tuple[str, discord.ui.View]:
            await self._manners.set_suffix(actor_of(interaction), typed)
            return await self._panel(interaction)

        async with every_problem(interaction):
            await renew(interaction, *await in_time(interaction, work(), Hold.SILENT))

    # Shortcuts

    async def set_lane(self, interaction: Interaction, lane: Lane) -> None:
        """/fast, /relax and /turbo"""
        await self._set(interaction, lane=lane)
        await tell(interaction, LANE_SET[lane])

    async def set_visibility(self, interaction: Interaction, visibility: Visibility) -> None:
        """/stealth and /public"""
        await self._set(interaction, visibility=visibility)
        await tell(interaction, VISIBILITY_SET[visibility])

    async def toggle_remix(self, interaction: Interaction) -> None:
        """/prefer remix"""
        kept = await self._set(interaction, remix=None)
        told = say("Remix mode is off: buttons make pictures at once.")
        if kept.remix:
            told = say("Remix mode is on: buttons that vary a picture ask for the prompt first.")
        await tell(interaction, told)

    async def toggle_variability(self, interaction: Interaction) -> None:
        """/prefer variability"""
        kept = await self._set(interaction, variability=None)
        told = say("Low variation: V1 to V4 stay near to the picture.")
        if kept.variability is Variability.HIGH:
            told = say("High variation: V1 to V4 go far from the picture.")
        await tell(interaction, told)

    async def toggle_auto_dm(self, interaction: Interaction) -> None:
        """/prefer auto_dm"""
        kept = await self._set(interaction, auto_dm=None)
        told = say("What is finished comes no longer as a direct message.")
        if kept.auto_dm:
            told = say("What is finished comes to you as a direct message too, from now on.")
        await tell(interaction, told)

    async def _set(self, interaction: Interaction, **settings: Any) -> Preferences:
        """Sets them; None turns round what is set."""

        async def work() -> Preferences:
            actor = actor_of(interaction)
            kept = await self._manners.mine(actor)
            wanted = {name: _turned(kept, name) if v is None else v for name, v in settings.items()}
            return await self._manners.set_settings(actor, **wanted)

        return await in_time(interaction, work(), Hold.PRIVATE)

    async def _panel(self, interaction: Interaction, note: str = "") -> tuple[str, discord.ui.View]:
        actor = actor_of(interaction)
        kept = await self._manners.mine(actor)
        may = (await self._steward.my_usage(actor)).allowance
        usual: Request | None = None
        try:
            usual = (await self._studio.order("a picture", actor=actor)).requests[0]
        except (PromptError, RefusedError):
            pass  # the suffix cannot be used here; the panel is where to change it
        locale = locale_of(interaction)
        return panel(kept, usual, may, self._studio.catalogue, locale, note)


def _turned(kept: Preferences, name: str) -> Any:
    if name == "variability":
        high = kept.variability is Variability.HIGH
        return Variability.LOW if high else Variability.HIGH
    return not getattr(kept, name)
