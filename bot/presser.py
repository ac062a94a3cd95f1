"""Takes the presses of the buttons under pictures, and the forms that some of them open."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import discord

from bot.desk import Desk, actor_of, replaced_words
from bot.fences import fenced
from bot.layouts import as_it_is
from bot.permissions import check_permissions
from bot.plotter import Plotter
from bot.region import QUESTION, question, region_sheet
from bot.render import MESSAGE_LENGTH, escape, units
from bot.replies import Hold, Interaction, add, ask, hold, in_time, locale_of, tell
from bot.sheets import MASK, PROMPT, REGION, addresses, press_sheet, soon, texts
from bot.sightings import Sightings
from bot.whereabouts import presence_of
from core.actions import Action, Button
from core.album import Collector
from core.errors import EaselError, PromptError, RefusedError
from core.forms import Form, FormKind
from core.jobs import State
from core.overview import Overview
from core.sentences import in_language, say, together

USED = discord.ButtonStyle.primary

CELLS_ALT = "The picture with its sixteen cells numbered, four in a row, from the top left."

STOPS = say("It stops at its next step; what was not used is refunded.")
STOPPED = say("Stopped. Nothing was charged that was not used.")


class Presser:
    def __init__(
        self,
        desk: Desk,
        overview: Overview,
        sightings: Sightings,
        collector: Collector | None,
        plotter: Plotter,
    ) -> None:
        self._desk = desk
        self._studio = desk.studio
        self._overview = overview
        self._sightings = sightings
        self._collector = collector
        self._plotter = plotter
        self._marking: set[asyncio.Task[None]] = set()

    async def press(self, interaction: Interaction, button: Button) -> None:
        """A button under a picture."""
        if button.action is Action.CANCEL:
            await self._cancel(interaction, button)
        elif button.action is Action.LIKE:
            await self._like(interaction, button)
        else:
            check_permissions(interaction)
            kind, line = FormKind.NONE, ""
            if button.form(remix=True) is not FormKind.NONE:
                kind, line = await soon(self._wanted(interaction, button))
            if kind is FormKind.NONE:
                await self._make(interaction, button, None)
            elif kind is FormKind.REGION:
                await self._ask_region(interaction, button)
            else:
                await ask(interaction, press_sheet(interaction, button, kind, line))

    async def remix(self, interaction: Interaction, message: discord.Message) -> None:
        """Remix this prompt, of the message menu."""
        job_id, _ = self._sightings.in_message(message)
        await self.press(interaction, Button(Action.REMIX, job_id))

    async def filled_in(self, interaction: Interaction, button: Button) -> None:
        """The form that a button opened."""
        check_permissions(interaction)
        typed = texts(interaction)
        links = addresses(interaction, MASK)

        async def form() -> Form:
            mask = await self._studio.pictures.fetch(links[0]) if links else None
            return Form(prompt=typed.get(PROMPT), region=typed.get(REGION, ""), mask=mask)

        try:
            await self._make(interaction, button, form)
        except PromptError as error:
            await self._refuse(interaction, error)

    async def in_words(self, interaction: Interaction, button: Button) -> None:
        """The button that opens the form for a part of a picture."""
        prompt = await soon(self._prompt_if_remixed(interaction, button))
        await ask(interaction, region_sheet(interaction, button, prompt=prompt))

    async def chose_cells(
        self, interaction: Interaction, button: Button, numbers: Sequence[str]
    ) -> None:
        """The menu of a picture's cells."""
        check_permissions(interaction)
        region = ", ".join(sorted(numbers, key=lambda number: (len(number), number)))
        prompt = await soon(self._prompt_if_remixed(interaction, button))
        if prompt is not None:
            await ask(interaction, region_sheet(interaction, button, region=region, prompt=prompt))
            return

        async def form() -> Form:
            return Form(region=region)

        await self._make(interaction, button, form)

    async def _ask_region(self, interaction: Interaction, button: Button) -> None:
        """Asks, privately, which part of the picture is meant."""
        await hold(interaction, Hold.PRIVATE)
        # Read as the press will be, so that nobody is shown what they may not see.
        await self._studio.presses.prefill(button, actor_of(interaction))
        image = await self._studio.store.image(button.job_id, button.index)
        path = await self._studio.blobs.local(image.blob)
        drawn = await self._plotter.cells(path, CELLS_ALT)
        view = question(interaction, button)
        await tell(interaction, QUESTION, view=view, uploads=(drawn,) if drawn else ())

    async def _prompt_if_remixed(self, interaction: Interaction, button: Button) -> str | None:
        """The prompt to be edited, None where the presser's remix mode is off."""
        presses, actor = self._studio.presses, actor_of(interaction)
        remix = (await self._studio.orders.customs(actor)).preferences.remix
        return await presses.prefill(button, actor) if remix else None

    async def _wanted(self, interaction: Interaction, button: Button) -> tuple[FormKind, str]:
        """What is asked for first, and the prompt that is edited in it."""
        presses, actor = self._studio.presses, actor_of(interaction)
        kind = await presses.wants(button, actor)
        edits = kind in (FormKind.REMIX, FormKind.ZOOM)
        return kind, await presses.prefill(button, actor) if edits else ""

    async def _make(self, interaction: Interaction, button: Button, form: Any) -> None:
        """Admits the job and shows it. `form` gives what was filled in, when it is awaited."""

        async def admit() -> Any:
            return await self._studio.press(
                button,
                interaction_id=str(interaction.id),
                actor=actor_of(interaction),
                place=self._desk.place(interaction),
                form=await form() if form is not None else None,
            )

        with self._desk.turns.answering(str(interaction.id)):
            receipt = await in_time(interaction, admit())
            if receipt.repeated and receipt.job.interaction_id != str(interaction.id):
                raise EaselError(say("You pressed this twice; one is being made."))
            await self._desk.answer(interaction, receipt)
        self._mark_used(interaction, button)
        if receipt.replaced:
            await add(interaction, together(map(replaced_words, receipt.replaced)))

    async def _refuse(self, interaction: Interaction, error: PromptError) -> None:
        """Every problem of a form's prompt, and the prompt for copying."""
        locale = locale_of(interaction)
        rows = [f"- {escape(in_language(one.sentence, locale), 400)}" for one in error.problems]
        head = in_language(say("That cannot be made; press the button again:"), locale)
        block = fenced(error.typed)
        room = MESSAGE_LENGTH - 12 - units(block)
        while rows and len("\n".join([head, *rows])) > max(room, 800):
            rows.pop()
        text = "\n".join([head, *rows])
        if len(text) <= room:
            text += f"\n{block}"
        await tell(interaction, text)

    async def _cancel(self, interaction: Interaction, button: Button) -> None:
        work = self._overview.cancel(actor_of(interaction), button.job_id)
        job = await in_time(interaction, work)
        if job.state is State.RUNNING:
            await tell(interaction, STOPS)
        elif job.state is State.CANCELLED:
            await tell(interaction, STOPPED)
        else:
            await tell(interaction, say("That job had ended already."))

    async def _like(self, interaction: Interaction, button: Button) -> None:
        if self._collector is None:
            raise RefusedError(say("Likes are not kept here."))
        work = self._collector.like(actor_of(interaction), button.job_id, button.index)
        liking = await in_time(interaction, work, Hold.PRIVATE)
        told = say("You like this picture no more. Likes: {count}", count=liking.count)
        if liking.likes:
            told = say("You like this picture. Likes: {count}", count=liking.count)
        await tell(interaction, told)

    def _mark_used(self, interaction: Interaction, button: Button) -> None:
        """Colours the pressed button, in its own time: nobody waits for it and it may fail. It is
        an edit as the bot."""
        message = interaction.message
        if message is None or message.flags.ephemeral or presence_of(interaction).abroad:
            return
        view, marked = as_it_is(message), False
        for item in view.walk_children():
            if isinstance(item, discord.ui.Button) and item.custom_id == button.custom_id:
                marked = item.style is not USED
                item.style = USED
        view.stop()
        if not marked:
            return

        async def mark() -> None:
            try:
                if isinstance(view, discord.ui.LayoutView):
                    await message.edit(view=view, attachments=message.attachments)
                else:
                    await message.edit(view=view)
            except (discord.DiscordException, OSError, TimeoutError):
                pass

        task = asyncio.create_task(mark())
        self._marking.add(task)
        task.add_done_callback(self._marking.discard)
