"""The table of refusals, row by row (reliability notes, section 4.3)."""

from __future__ import annotations

import aiohttp
import discord
import pytest

from bot.faults import Rung, Then, decide, retry_after
from tests.bot.faults import refusal

TOKEN, EDIT, POST, DM = Rung.TOKEN, Rung.EDIT, Rung.POST, Rung.DM

ROWS = [
    # the interaction's token
    ("10062 the answer came too late", 404, 10062, TOKEN, Then.TOKEN_DEAD),
    ("10015 the token is over", 404, 10015, TOKEN, Then.TOKEN_DEAD),
    ("50027 the token is not valid", 401, 50027, TOKEN, Then.TOKEN_DEAD),
    ("401 on a webhook", 401, 0, TOKEN, Then.TOKEN_DEAD),
    ("404 inside the 15 minutes", 404, 0, TOKEN, Then.TOKEN_DEAD),
    ("40094 no more follow-ups", 400, 40094, TOKEN, Then.NEXT_RUNG),
    ("40060 answered already", 400, 40060, TOKEN, Then.NEXT_RUNG),
    # the bot's own standing
    ("401 on an edit as the bot", 401, 0, EDIT, Then.STOP),
    ("401 on a post", 401, 0, POST, Then.STOP),
    ("401 on a DM", 401, 0, DM, Then.STOP),
    # permissions
    ("50013 on a post", 403, 50013, POST, Then.CHANNEL_LOST),
    ("50001 on a post", 403, 50001, POST, Then.CHANNEL_LOST),
    ("50013 on an edit", 403, 50013, EDIT, Then.CHANNEL_LOST),
    ("50001 on an edit", 403, 50001, EDIT, Then.CHANNEL_LOST),
    ("160002 may not reply here", 403, 160002, POST, Then.CHANNEL_LOST),
    ("50005 not our message", 403, 50005, EDIT, Then.NEXT_RUNG),
    # what is gone
    ("10008 the member deleted it (token)", 404, 10008, TOKEN, Then.LEAVE),
    ("10008 the member deleted it (edit)", 404, 10008, EDIT, Then.LEAVE),
    ("10008 on a post with our nonce", 404, 10008, POST, Then.DELIVERED),
    ("404 on a post with our nonce", 404, 0, POST, Then.DELIVERED),
    ("10003 the channel is gone (edit)", 404, 10003, EDIT, Then.CHANNEL_LOST),
    ("10003 the channel is gone (post)", 404, 10003, POST, Then.CHANNEL_LOST),
    ("10004 the server is gone", 404, 10004, POST, Then.CHANNEL_LOST),
    ("40007 the owner is banned", 403, 40007, DM, Then.NEXT_RUNG),
    ("50007 DMs are closed", 403, 50007, DM, Then.NEXT_RUNG),
    ("50278 DMs are closed", 403, 50278, DM, Then.NEXT_RUNG),
    ("50083 the thread is archived (edit)", 400, 50083, EDIT, Then.NEXT_RUNG),
    ("50083 the thread is archived (post)", 400, 50083, POST, Then.CHANNEL_LOST),
    ("160005 the thread is locked", 403, 160005, POST, Then.CHANNEL_LOST),
    ("30046 an old message was edited too often", 429, 30046, EDIT, Then.NEXT_RUNG),
    # the form
    ("40005 too large", 400, 40005, TOKEN, Then.SMALLER),
    ("50045 too large", 400, 50045, POST, Then.SMALLER),
    ("413 too large", 413, 0, EDIT, Then.SMALLER),
    ("50035 invalid form", 400, 50035, TOKEN, Then.NO_PROMPT),
    ("200000 blocked by AutoMod", 400, 200000, POST, Then.NO_PROMPT),
    ("200001 title blocked by AutoMod", 400, 200001, POST, Then.NO_PROMPT),
    ("240000 a link is blocked", 400, 240000, TOKEN, Then.NO_PROMPT),
    ("20009 explicit", 400, 20009, TOKEN, Then.NO_PICTURE),
    # not now
    ("429 on a webhook", 429, 0, TOKEN, Then.LATER),
    ("429 on a post", 429, 0, POST, Then.LATER),
    ("20028 writing too fast", 429, 20028, POST, Then.LATER),
    ("20016 slow mode", 400, 20016, POST, Then.LATER),
    ("500", 500, 0, EDIT, Then.LATER),
    ("502", 502, 0, POST, Then.LATER),
    ("504", 504, 0, TOKEN, Then.LATER),
    ("130000 overloaded", 503, 130000, POST, Then.LATER),
    # anything else
    ("an unknown refusal (token)", 400, 99999, TOKEN, Then.NEXT_RUNG),
    ("an unknown refusal (edit)", 403, 99999, EDIT, Then.NEXT_RUNG),
    ("an unknown refusal (post)", 400, 99999, POST, Then.NEXT_RUNG),
    ("an unknown refusal (DM)", 400, 99999, DM, Then.NEXT_RUNG),
]


@pytest.mark.parametrize(
    ("status", "code", "rung", "then"), [r[1:] for r in ROWS], ids=[r[0] for r in ROWS]
)
def test_a_row(status: int, code: int, rung: Rung, then: Then) -> None:
    assert decide(refusal(status, code), rung) is then


@pytest.mark.parametrize("rung", list(Rung))
@pytest.mark.parametrize(
    "error",
    [
        ConnectionResetError(104, "reset"),
        TimeoutError(),
        aiohttp.ClientConnectionError(),
        aiohttp.ServerDisconnectedError(),
        discord.RateLimited(90.0),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_call_whose_end_is_unknown_is_tried_again(error: Exception, rung: Rung) -> None:
    assert decide(error, rung) is Then.LATER


def test_an_answer_that_never_arrived_is_nobodys_wish() -> None:
    gone = refusal(404, 10008)
    assert decide(gone, TOKEN, message_known=False) is Then.TOKEN_DEAD
    assert decide(gone, TOKEN, message_known=True) is Then.LEAVE


def test_our_own_mistakes_are_not_hidden() -> None:
    with pytest.raises(KeyError):
        decide(KeyError("x"), TOKEN)


def test_how_long_discord_asked_to_wait() -> None:
    assert retry_after(discord.RateLimited(90.0)) == 90.0
    assert retry_after(refusal(429, 0, {"Retry-After": "2.5"})) == 2.5
    assert retry_after(refusal(500)) is None
    assert retry_after(TimeoutError()) is None
