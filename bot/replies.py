"""Answers to an interaction: the first within three seconds, and one sentence for every failure."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from enum import Enum, auto
from typing import Any, TypeVar, cast

import aiohttp
import discord

from bot.faults import ALREADY_ANSWERED, TOKEN_OVER
from bot.messenger import Post, Upload, files_of
from bot.render import MESSAGE_LENGTH, relative
from core.errors import EaselError, QuotaError
from core.sentences import in_language, say

log = logging.getLogger(__name__)

Interaction = discord.Interaction[Any]
T = TypeVar("T")

HOLD_SECONDS = 2.0
"""Work that takes longer gets a "thinking" answer first: Discord drops a token after 3 seconds."""

ANSWER_SECONDS = 20.0
"""A call of ours to Discord that takes longer has an unknown outcome."""


def locale_of(interaction: Interaction) -> str:
    """The language of the person who asks, as Discord names it: `en-GB`, `zh-CN`."""
    return str(interaction.locale.value)


class TokenOverError(Exception):
    """The interaction can no longer be answered: it came too late, or Discord dropped it."""


class Hold(Enum):
    """How slow work is announced."""

    PUBLIC = auto()
    """"Thinking", for everybody to see."""
    PRIVATE = auto()
    """The same, for the person who asked."""
    SILENT = auto()
    """Not at all: the pressed message stays as it is, until it is edited."""


async def in_time(
    interaction: Interaction, work: Coroutine[Any, Any, T], how: Hold = Hold.PUBLIC
) -> T:
    """The result of `work`; when it is slow, the interaction is answered "thinking" meanwhile."""
    task = asyncio.ensure_future(work)
    done, _ = await asyncio.wait({task}, timeout=HOLD_SECONDS)
    if not done:
        try:
            await hold(interaction, how)
        except (TokenOverError, discord.HTTPException) as error:
            # The work goes on; its own answer will meet the same and say what follows.
            log.warning("interaction %s could not be held: %s", interaction.id, error)
    return await task


async def hold(interaction: Interaction, how: Hold = Hold.PUBLIC) -> int:
    """Answers "thinking" unless there is an answer. Returns the id of the message, 0 if it is not
    known. Raises TokenOverError."""
    if interaction.response.is_done():
        return 0
    private, thinking = how is Hold.PRIVATE, how is not Hold.SILENT
    interaction.extras[_HELD_PRIVATELY] = private

    async def defer() -> Answered | None:
        response = await interaction.response.defer(thinking=thinking, ephemeral=private)
        if response is not None and response.is_ephemeral():
            # Discord makes an answer private where who asks may not bring apps along.
            interaction.extras[_HELD_PRIVATELY] = True
        return response

    return await _first(interaction, defer)


async def show(interaction: Interaction, post: Post) -> int:
    """Shows the answer to everybody; returns its message id, 0 if it is not known.

    Raises TokenOverError. A call whose outcome is unknown counts as shown: the delivery ladder
    finds out.
    """
    if interaction.response.is_done():
        edit = interaction.edit_original_response(
            content=post.content, view=post.view, allowed_mentions=post.mentions
        )
        message = await _call(cast("Coroutine[Any, Any, discord.InteractionMessage]", edit))
        return message.id if message is not None else 0
    view: Any = post.view or discord.utils.MISSING
    return await _first(
        interaction,
        lambda: interaction.response.send_message(
            post.content, view=view, allowed_mentions=post.mentions, suppress_embeds=True
        ),
    )


async def tell(
    interaction: Interaction,
    sentence: str,
    *,
    view: discord.ui.View | None = None,
    uploads: tuple[Upload, ...] = (),
) -> None:
    """Tells only the person who asked, in their language. Never raises for Discord's own
    refusals."""
    options: dict[str, Any] = {"allowed_mentions": discord.AllowedMentions.none()}
    if view is not None:
        options["view"] = _labelled(view, locale_of(interaction))
    text = in_language(sentence, locale_of(interaction))
    if len(text) > MESSAGE_LENGTH:
        text = text[: MESSAGE_LENGTH - 1] + "…"

    def files() -> dict[str, Any]:
        return {"files": files_of(uploads)} if uploads else {}

    try:
        if not interaction.response.is_done():
            await _first(
                interaction,
                lambda: interaction.response.send_message(
                    text, ephemeral=True, **options, **files()
                ),
            )
            return
        if held_privately(interaction):
            attached: dict[str, Any] = {"attachments": files_of(uploads)} if uploads else {}
            editing = interaction.edit_original_response(content=text, **options, **attached)
            await _call(cast("Coroutine[Any, Any, object]", editing))
            return
        if interaction.response.type is discord.InteractionResponseType.deferred_channel_message:
            # An answer to "thinking" would be as public as it; so it goes first.
            await _call(interaction.delete_original_response())
        send: Any = interaction.followup.send
        await _call(send(text, ephemeral=True, **options, **files()))
    except TokenOverError:
        log.info("interaction %s could not be told: %s", interaction.id, sentence)


async def ask(interaction: Interaction, form: discord.ui.Modal) -> None:
    """Opens a form; it can only be the first answer. Raises TokenOverError."""
    await _first(interaction, lambda: interaction.response.send_modal(form))


async def add(interaction: Interaction, sentence: str) -> None:
    """One more word to the person who asked, after the answer. Never raises for Discord."""
    options = {"ephemeral": True, "allowed_mentions": discord.AllowedMentions.none()}
    sending: Any = interaction.followup.send
    try:
        text = in_language(sentence, locale_of(interaction))
        await _call(sending(text[:MESSAGE_LENGTH], **options))
    except (TokenOverError, discord.HTTPException) as error:
        log.info("interaction %s could not be told more: %s", interaction.id, error)


async def add_file(interaction: Interaction, file: Upload) -> None:
    """One more file for the person who asked, after the answer. Raises TokenOverError."""
    sending: Any = interaction.followup.send
    await _call(sending(files=files_of([file]), ephemeral=True))


async def renew(interaction: Interaction, text: str, view: discord.ui.View) -> None:
    """Puts new content into the pressed message, which only the presser sees."""
    options: dict[str, Any] = {
        "content": in_language(text, locale_of(interaction)),
        "view": _labelled(view, locale_of(interaction)),
        "allowed_mentions": discord.AllowedMentions.none(),
    }
    if not interaction.response.is_done():
        await _first(interaction, lambda: interaction.response.edit_message(**options))
        return
    editing = interaction.edit_original_response(**options)
    await _call(cast("Coroutine[Any, Any, object]", editing))


async def lay(
    interaction: Interaction, view: discord.ui.LayoutView, uploads: Sequence[Upload] = ()
) -> None:
    """Shows only the person who asked a message of newer components, text and all. Raises
    TokenOverError."""
    none = discord.AllowedMentions.none()
    if not interaction.response.is_done():
        await _first(
            interaction,
            lambda: interaction.response.send_message(
                view=view, files=files_of(uploads), ephemeral=True, allowed_mentions=none
            ),
        )
        return
    editing = interaction.edit_original_response(
        view=view, attachments=files_of(uploads), allowed_mentions=none
    )
    await _call(cast("Coroutine[Any, Any, object]", editing))


async def relay(
    interaction: Interaction,
    view: discord.ui.LayoutView,
    uploads: Sequence[Upload] | None = (),
) -> None:
    """Puts another such message in the place of the pressed one, which only the presser sees.
    `uploads` None: its files stay. Raises TokenOverError."""
    message = interaction.message
    kept = list(message.attachments) if message is not None else []
    none = discord.AllowedMentions.none()

    def files() -> list[Any]:
        return kept if uploads is None else files_of(uploads)

    if not interaction.response.is_done():
        await _first(
            interaction,
            lambda: interaction.response.edit_message(
                view=view, attachments=files(), allowed_mentions=none
            ),
        )
        return
    editing = interaction.edit_original_response(
        view=view, attachments=files(), allowed_mentions=none
    )
    await _call(cast("Coroutine[Any, Any, object]", editing))


def _labelled(view: discord.ui.View, locale: str) -> discord.ui.View:
    """The view, its labels said in the reader's language."""
    for item in view.children:
        if isinstance(item, discord.ui.Button):
            button = cast("discord.ui.Button[Any]", item)
            button.label = in_language(button.label or "", locale) or None
    return view


_HELD_PRIVATELY = "easel: held privately"


def held_privately(interaction: Interaction) -> bool:
    """Whether "thinking" is shown to the person who asked alone."""
    return bool(interaction.extras.get(_HELD_PRIVATELY))


Answered = discord.InteractionCallbackResponse[Any]


async def _first(
    interaction: Interaction, answer: Callable[[], Coroutine[Any, Any, Answered | None]]
) -> int:
    """The first answer, with one more try at once when the connection breaks: a second of two that
    both arrive is refused as such. Returns the message's id, 0 if it is not known."""
    for _ in range(2):
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                response = await answer()
            return (response.message_id or 0) if response is not None else 0
        except discord.InteractionResponded:
            return 0
        except discord.HTTPException as error:
            if error.code == ALREADY_ANSWERED:
                return await _known_id(interaction)
            _unconfirmed(error)
            return 0
        except TimeoutError as error:
            _unconfirmed(error)
            return 0
        except (OSError, aiohttp.ClientError) as error:
            _unconfirmed(error)
    return 0


async def _known_id(interaction: Interaction) -> int:
    """The id of an answer that was given before."""
    try:
        message = await _call(interaction.original_response())
    except (TokenOverError, discord.HTTPException):
        return 0
    return message.id if message is not None else 0


async def _call(call: Coroutine[Any, Any, T]) -> T | None:
    """One call; None if nobody knows how it ended."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            return await call
    except (discord.HTTPException, OSError, aiohttp.ClientError) as error:
        _unconfirmed(error)
    return None


def _unconfirmed(error: Exception) -> None:
    """Raises what is certain: TokenOverError, or Discord's refusal as it is."""
    if isinstance(error, discord.HTTPException):
        if error.status in (401, 404) or error.code in TOKEN_OVER:
            raise TokenOverError from error
        if error.status < 500 and error.status != 429:
            raise error
    log.warning("an answer was not confirmed: %s: %s", type(error).__name__, error)


@asynccontextmanager
async def apologies(interaction: Interaction) -> AsyncGenerator[None]:
    """Whatever goes wrong inside is told to the person who asked, in one sentence.

    discord.py swallows what a dynamic button raises, so every button and command is inside this.
    """
    try:
        yield
    except QuotaError as error:
        await _safely(interaction, error.at(relative(error.renews_at)))
    except EaselError as error:
        await _safely(interaction, error.sentence)
    except TokenOverError:
        log.warning("interaction %s came too late to be answered", interaction.id)
    except Exception:
        reference = secrets.token_hex(4)
        log.exception("interaction %s failed; reference %s", interaction.id, reference)
        await _safely(
            interaction,
            say(
                "Something went wrong inside Easel, and that is not your fault. Try again; if it "
                "happens again, tell the operator this reference: `{reference}`.",
                reference=reference,
            ),
        )


async def _safely(interaction: Interaction, sentence: str) -> None:
    try:
        await tell(interaction, sentence)
    except Exception:
        log.exception("telling interaction %s failed: %s", interaction.id, sentence)
