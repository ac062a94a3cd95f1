"""What a refusal by Discord means for a message on its way: one pure table.

Codes are Discord's JSON error codes (documentation of August 2026). discord.py raises Forbidden for
403, NotFound for 404, DiscordServerError for 5xx and HTTPException for the rest; a 401 on an
interaction token comes as HTTPException too.
"""

from __future__ import annotations

from enum import Enum, auto

import aiohttp
import discord


class Rung(Enum):
    """The ways a message can reach its owner, in the order in which they are tried."""

    TOKEN = auto()
    """Edit the interaction's own answer, by its token."""
    EDIT = auto()
    """Edit the same message as the bot."""
    POST = auto()
    """Post a new message with a nonce, in reply to the old one."""
    DM = auto()
    """Write to the owner directly."""


class Then(Enum):
    """What must happen next."""

    NEXT_RUNG = auto()
    TOKEN_DEAD = auto()
    """Never try this token again; next rung."""
    CHANNEL_LOST = auto()
    """Nothing can be shown in this channel for a while: no edit, no post."""
    LEAVE = auto()
    """The message was deleted by a person: a wish. The picture stays in the history."""
    DELIVERED = auto()
    """It had arrived before (and was deleted since)."""
    SMALLER = auto()
    """The file is too large: the same rung with a smaller one."""
    NO_PROMPT = auto()
    """The words are refused: the same rung without the member's words."""
    NO_PICTURE = auto()
    """The picture is refused: the same rung with a sentence in its place."""
    LATER = auto()
    """Try again after a while. If the outcome is unknown: with the same nonce, or the same edit."""
    STOP = auto()
    """The bot itself was turned away: no more calls at all."""


TOO_LARGE = frozenset({40005, 50045})
CHANNEL_GONE = frozenset({10003, 10004, 50008, 160005})
FORBIDDEN = frozenset({50001, 50013})
WORDS_REFUSED = frozenset({200000, 200001, 240000})
EXPLICIT = frozenset({20009})
SLOW_DOWN = frozenset({20016, 20022, 20028, 20029, 31002, 40062, 130000})
TOKEN_OVER = frozenset({10015, 10062, 50027})
CLOSED_DM = frozenset({50007, 50278})

UNKNOWN_MESSAGE = 10008
ALREADY_ANSWERED = 40060
INVALID_FORM = 50035
OLD_MESSAGE_EDITS = 30046
ARCHIVED = 50083


REFUSALS = (discord.RateLimited, discord.HTTPException, aiohttp.ClientError, OSError)
"""All that a call to Discord can end with; that it took too long is an OSError too."""


def decide(error: Exception, rung: Rung, *, message_known: bool = True) -> Then:
    """The table. `message_known`: the job's message had been seen to exist.

    Raises the error again if it is none of REFUSALS.
    """
    if isinstance(error, discord.RateLimited):
        return Then.LATER
    if isinstance(error, discord.HTTPException):
        return _by_code(error.status, error.code, rung, message_known)
    if isinstance(error, REFUSALS):
        return Then.LATER
    raise error


def _by_code(status: int, code: int, rung: Rung, message_known: bool) -> Then:
    if code in TOO_LARGE or status == 413:
        return Then.SMALLER
    if code in EXPLICIT:
        return Then.NO_PICTURE
    if code in WORDS_REFUSED or code == INVALID_FORM:
        return Then.NO_PROMPT
    if code == OLD_MESSAGE_EDITS:  # a 429 too, but one that waiting does not end
        return Then.NEXT_RUNG
    if status == 429 or status >= 500 or code in SLOW_DOWN:
        return Then.LATER
    match rung:
        case Rung.TOKEN:
            return _by_token(status, code, message_known)
        case Rung.EDIT:
            return _by_edit(status, code)
        case Rung.POST:
            return _by_post(status, code)
        case Rung.DM:
            return Then.STOP if status == 401 else Then.NEXT_RUNG


def _by_token(status: int, code: int, message_known: bool) -> Then:
    if code == UNKNOWN_MESSAGE:
        # Without a message ever seen, it was the answer that never arrived, not a person's wish.
        return Then.LEAVE if message_known else Then.TOKEN_DEAD
    if status in (401, 404) or code in TOKEN_OVER:
        return Then.TOKEN_DEAD
    return Then.NEXT_RUNG


def _by_edit(status: int, code: int) -> Then:
    if status == 401:
        return Then.STOP
    if code == UNKNOWN_MESSAGE:
        return Then.LEAVE
    if code in CHANNEL_GONE or code in FORBIDDEN:
        return Then.CHANNEL_LOST
    return Then.NEXT_RUNG


def _by_post(status: int, code: int) -> Then:
    if status == 401:
        return Then.STOP
    if code in CHANNEL_GONE or code in FORBIDDEN or code == ARCHIVED or status == 403:
        return Then.CHANNEL_LOST
    if code == UNKNOWN_MESSAGE or status == 404:
        # The nonce found our own message, and that had been deleted (discord.py #10116).
        return Then.DELIVERED
    return Then.NEXT_RUNG


def retry_after(error: Exception) -> float | None:
    """The seconds Discord asked to wait, if it did."""
    if isinstance(error, discord.RateLimited):
        return error.retry_after
    if isinstance(error, discord.HTTPException):
        try:
            return float(error.response.headers["Retry-After"])
        except (AttributeError, KeyError, ValueError):
            return None
    return None
