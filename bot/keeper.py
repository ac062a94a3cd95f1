"""Takes what people keep for every prompt: options, suffixes, flags and styles.

Each wish becomes one call of the core and one private answer.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import discord

from bot.desk import actor_of
from bot.messenger import Upload
from bot.render import escape
from bot.replies import Hold, Interaction, hold, in_time, locale_of, tell
from bot.sheets import NAME, WORDS, texts
from bot.statements import within
from core.allowance import Presentation
from core.errors import EaselError, NotFoundError, PromptError, RefusedError
from core.forgetting import Forgetting
from core.manners import Manners
from core.preferences import Preferences
from core.request import HouseStyle
from core.sentences import in_language, say, together
from core.studio import Studio
from core.works import Showing

SHOWN_HERE = {
    Showing.PUBLIC: say(
        "What is made here from now on is in the gallery for anybody; what was made before stays "
        "as it is."
    ),
    Showing.SERVER: say("What is made here is in the gallery for the members of this server."),
    Showing.PRIVATE: say("What is made here is in the gallery for the person who made it alone."),
}
SHOWN_OF_YOURS = {
    None: say("Your pictures are in the gallery as each server says, from now on."),
    Showing.SERVER: say(
        "Your pictures are in the gallery for members of their server at most, from now on."
    ),
    Showing.PRIVATE: say("Your pictures are in the gallery for you alone, from now on."),
}

FORGET = say(
    "This deletes all that Easel keeps of you, everywhere: prompts, pictures, likes, collections "
    "and settings. It cannot be brought back. What others made of your pictures stays theirs. To "
    "do it, send the command again and choose “delete all of it”."
)

ROOM = 1900
"""Characters of an answer, with some left for what is not counted."""


class Keeper:
    def __init__(
        self, manners: Manners, studio: Studio, forgetting: Forgetting | None = None
    ) -> None:
        self.manners = manners
        self._studio = studio
        self._forgetting = forgetting

    # One's own

    async def set_option(self, interaction: Interaction, name: str, value: str) -> None:
        """/prefer option set"""
        async with every_problem(interaction):
            work = self.manners.save_option(actor_of(interaction), name, value)
            kept = await in_time(interaction, work, Hold.PRIVATE)
            name = name.strip().lstrip("-–—").lower()
            told = say(
                "From now on `--{name}` stands for: {value}",
                name=name,
                value=escape(kept.options[name], ROOM // 2),
            )
            await tell(interaction, told)

    async def list_options(self, interaction: Interaction) -> None:
        """/prefer option list"""
        work = self.manners.mine(actor_of(interaction))
        await tell(interaction, preference_words(await in_time(interaction, work, Hold.PRIVATE)))

    async def delete_option(self, interaction: Interaction, name: str) -> None:
        """/prefer option delete"""
        work = self.manners.delete_option(actor_of(interaction), name)
        await in_time(interaction, work, Hold.PRIVATE)
        await tell(interaction, say("That option is gone."))

    async def set_suffix(self, interaction: Interaction, text: str) -> None:
        """/prefer suffix"""
        async with every_problem(interaction):
            work = self.manners.set_suffix(actor_of(interaction), text)
            kept = await in_time(interaction, work, Hold.PRIVATE)
            told = say("Nothing is added to your prompts any more.")
            if kept.suffix:
                told = say(
                    "Added to each of your prompts, unless you type something else: {flags}",
                    flags=escape(kept.suffix, ROOM),
                )
            await tell(interaction, told)

    async def option_names(self, interaction: Interaction) -> list[str]:
        return list((await self.manners.mine(actor_of(interaction))).options)

    # The server's

    async def set_flags(self, interaction: Interaction, text: str, *, forced: bool) -> None:
        """/server flags default and /server flags forced"""
        actor, manners = actor_of(interaction), self.manners
        change = manners.set_forced_flags if forced else manners.set_default_flags
        async with every_problem(interaction):
            await in_time(interaction, change(actor, text), Hold.PRIVATE)
            await self.show_flags(interaction)

    async def show_flags(self, interaction: Interaction) -> None:
        """/server flags show"""
        work = self.manners.house(actor_of(interaction))
        house = (await in_time(interaction, work, Hold.PRIVATE)).house
        rows = [
            say(
                "**Default** (unless a member says something else): {flags}",
                flags=escape(house.default_flags, ROOM // 2) or say("none"),
            ),
            say(
                "**Forced** (whatever a member says): {flags}",
                flags=escape(house.forced_flags, ROOM // 2) or say("none"),
            ),
        ]
        await tell(interaction, together(rows, "\n"))

    async def set_presentation(self, interaction: Interaction, how: Presentation) -> None:
        """/server presentation"""
        work = self.manners.set_presentation(actor_of(interaction), how)
        await in_time(interaction, work, Hold.PRIVATE)
        told = say("Finished grids are shown here as one picture.")
        if how is Presentation.GALLERY:
            told = say("Finished grids are shown here as pictures beside each other.")
        await tell(interaction, told)

    async def set_gallery(self, interaction: Interaction, who: Showing) -> None:
        """/server gallery"""
        work = self.manners.set_gallery(actor_of(interaction), who)
        house = await in_time(interaction, work, Hold.PRIVATE)
        await tell(interaction, SHOWN_HERE[house.gallery])

    async def set_showing(self, interaction: Interaction, who: Showing | None) -> None:
        """/prefer gallery"""
        work = self.manners.set_showing(actor_of(interaction), who)
        kept = await in_time(interaction, work, Hold.PRIVATE)
        await tell(interaction, SHOWN_OF_YOURS[kept.showing])

    async def forget(self, interaction: Interaction, *, sure: bool) -> None:
        """/prefer forget"""
        if self._forgetting is None:
            raise RefusedError
        if not sure:
            await tell(interaction, FORGET)
            return
        actor = actor_of(interaction)
        done = await in_time(
            interaction, self._forgetting.forget(actor, actor.owner.id), Hold.PRIVATE
        )
        told = say(
            "Deleted: {jobs} jobs with {pictures} pictures, and all else that was kept of you.",
            jobs=done.jobs,
            pictures=done.pictures,
        )
        await tell(interaction, told)

    async def save_style(
        self, interaction: Interaction, name: str, text: str, image: discord.Attachment | None
    ) -> None:
        """/style save"""
        actor = actor_of(interaction)

        async def work() -> HouseStyle:
            # Nothing is fetched for somebody who is going to be refused.
            await self.manners.house(actor)
            picture = await self._studio.pictures.fetch(image.url) if image is not None else None
            return await self.manners.save_style(actor, name, text, picture)

        async with every_problem(interaction):
            style = await in_time(interaction, work(), Hold.PRIVATE)
            told = say("Saved. It is used as `--style {name}`.", name=style.name)
            await tell(interaction, told)

    async def style_sent(self, interaction: Interaction) -> None:
        """The form that Save style opens."""
        typed = texts(interaction)
        await self.save_style(interaction, typed.get(NAME, ""), typed.get(WORDS, ""), None)

    async def list_styles(self, interaction: Interaction) -> None:
        """/style list"""
        work = self.manners.house(actor_of(interaction))
        rules = await in_time(interaction, work, Hold.PRIVATE)
        rows = [style_words(style, own=style.name == rules.house.style) for style in rules.styles]
        await tell(interaction, within(rows or [say("No style is saved here yet.")], ROOM))

    async def show_style(self, interaction: Interaction, name: str) -> None:
        """/style show"""
        await hold(interaction, Hold.PRIVATE)
        style = await self.manners.style(actor_of(interaction), name)
        uploads: tuple[Upload, ...] = ()
        words = style_words(style, own=False, room=ROOM)
        if style.blob is not None:
            try:
                data = await self._studio.blobs.get(style.blob)
                uploads = (Upload(f"{style.name}.{style.blob.rpartition('.')[2]}", data),)
            except NotFoundError:
                words = together([words, say("Its picture is missing; save it again.")], "\n")
        await tell(interaction, words, uploads=uploads)

    async def delete_style(self, interaction: Interaction, name: str) -> None:
        """/style delete"""
        work = self.manners.delete_style(actor_of(interaction), name)
        await in_time(interaction, work, Hold.PRIVATE)
        await tell(interaction, say("That style is gone; pictures made with it stay."))

    async def set_house_style(self, interaction: Interaction, name: str) -> None:
        """/style house"""
        work = self.manners.set_house_style(actor_of(interaction), name)
        house = await in_time(interaction, work, Hold.PRIVATE)
        told = say("This server has no style of its own any more.")
        if house.style:
            told = say(
                "Unless a member says something else, prompts here are drawn in `{name}`.",
                name=house.style,
            )
        await tell(interaction, told)

    async def style_names(self, interaction: Interaction) -> list[str]:
        return [style.name for style in (await self.manners.house(actor_of(interaction))).styles]


def preference_words(kept: Preferences) -> str:
    rows = [
        say("`--{name}`: {value}", name=name, value=escape(value, 300))
        for name, value in kept.options.items()
    ]
    if not rows:
        rows.append(say("You have no saved options; /prefer option set makes one."))
    if kept.suffix:
        rows.append(say("Added to each of your prompts: {flags}", flags=escape(kept.suffix, 500)))
    return within(rows, ROOM)


def style_words(style: HouseStyle, *, own: bool, room: int = 300) -> str:
    words = escape(style.text, room) or say("only a picture")
    if style.text and style.blob is not None:
        words = say("{words} (with a picture)", words=words)
    row = say("**{name}**: {words}", name=style.name, words=words)
    return say("{row} · used unless another is asked for", row=row) if own else row


@asynccontextmanager
async def every_problem(interaction: Interaction) -> AsyncGenerator[None]:
    """What is wrong with flags or words inside is told in a list, one line each."""
    try:
        yield
    except PromptError as error:
        locale = locale_of(interaction)
        rows = [f"- {escape(in_language(one.sentence, locale), 500)}" for one in error.problems]
        raise EaselError(within([say("That cannot be kept:"), *rows], ROOM)) from error
