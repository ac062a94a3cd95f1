"""Whether Easel is itself where somebody asks, and whose rules hold there.

A person may install Easel for themselves. Its commands go with them then: into servers that Easel
was never invited to, and into messages between other people. There it is abroad: it can answer by
the token of an interaction, which Discord honours for 15 minutes, and do nothing else.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from core.errors import RefusedError
from core.sentences import say

BY_SERVER, BY_PERSON = 0, 1
"""Who installed it: the keys of Discord's `authorizing_integration_owners`."""

SERVER, OWN_MESSAGES, OTHERS_MESSAGES = 0, 1, 2
"""Where an interaction comes from, Discord's `context`: a server, direct messages with Easel, or
messages between other people."""

LONGEST_SECONDS = 600.0
"""What is done later than this after it was asked for is not begun abroad: an estimate may be off
by a half until the token is over."""


@dataclass(frozen=True, slots=True)
class Presence:
    """`server_id`: whose rules hold, 0 for no server's. A server where Easel is abroad has none."""

    server_id: int = 0
    abroad: bool = False


def presence(server_id: int, context: int | None, installed: Collection[int]) -> Presence:
    """From what an interaction says. `server_id` is 0 outside of servers, `context` None where it
    is not said. `installed` are those by whose installation it came, empty where that is not said.
    """
    by_person_alone = BY_PERSON in installed and BY_SERVER not in installed
    if context == OTHERS_MESSAGES or (by_person_alone and context != OWN_MESSAGES):
        return Presence(abroad=True)
    return Presence(server_id)


def check_in_time(seconds: float) -> None:
    """Raises RefusedError for what would be done so late that it could not be shown abroad."""
    if seconds > LONGEST_SECONDS:
        raise RefusedError(
            say(
                "That would take about {minutes} minutes, and Discord lets Easel show something "
                "here for 15 only. Ask for it in a server where Easel is, or in a direct message "
                "to Easel; nothing was charged.",
                minutes=round(seconds / 60),
            )
        )


def check_alone(count: int) -> None:
    """Raises RefusedError for several jobs of one command, which has one answer abroad."""
    if count > 1:
        raise RefusedError(
            say(
                "That makes {count} jobs, and here Easel can show one for each command. Ask for "
                "one at a time, or in a server where Easel is, or in a direct message to Easel; "
                "nothing was charged.",
                count=count,
            )
        )
