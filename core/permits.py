"""What Discord lets a member do: on a server, and in a channel of it.

Worked out as Discord documents it, from the roles and what a channel changes of them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import IntFlag
from typing import Protocol


class Right(IntFlag):
    """Those of Discord's permissions that Easel asks about."""

    ADMINISTRATOR = 1 << 3
    MANAGE_GUILD = 1 << 5
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    SEND_MESSAGES_IN_THREADS = 1 << 38


ALL = (1 << 64) - 1

IN_TIME_OUT = Right.VIEW_CHANNEL | Right.READ_MESSAGE_HISTORY
"""What somebody who is timed out keeps."""

TO_PRESS = Right.VIEW_CHANNEL | Right.READ_MESSAGE_HISTORY
"""Who sees a message may press its buttons."""


@dataclass(frozen=True, slots=True)
class Overwrite:
    """What a channel changes for a role or a member: bits taken away, and bits given."""

    id: int
    allow: int = 0
    deny: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """A server: its owner, and the bits of each role. The role with the server's own id is
    everybody's."""

    id: int
    owner_id: int
    roles: Mapping[int, int]


def on_server(town: Town, member_id: int, role_ids: Collection[int]) -> int:
    """The bits of a member's rights before any channel changes them."""
    if member_id == town.owner_id:
        return ALL
    bits = town.roles.get(town.id, 0)
    for role_id in role_ids:
        bits |= town.roles.get(role_id, 0)
    return ALL if bits & Right.ADMINISTRATOR else bits


def in_channel(
    town: Town,
    member_id: int,
    role_ids: Collection[int],
    overwrites: Sequence[Overwrite],
    *,
    timed_out: bool = False,
) -> int:
    """The bits of a member's rights in a channel; for a thread, give those of its channel."""
    bits = on_server(town, member_id, role_ids)
    if bits == ALL:
        return bits
    by_id = {overwrite.id: overwrite for overwrite in overwrites}
    if (everyone := by_id.get(town.id)) is not None:
        bits = bits & ~everyone.deny | everyone.allow
    theirs = [by_id[id] for id in role_ids if id in by_id and id != town.id]
    denied = allowed = 0
    for overwrite in theirs:
        denied |= overwrite.deny
        allowed |= overwrite.allow
    bits = bits & ~denied | allowed
    if (own := by_id.get(member_id)) is not None:
        bits = bits & ~own.deny | own.allow
    if timed_out:
        bits &= IN_TIME_OUT
    # Who cannot see a channel can do nothing there.
    return bits if bits & Right.VIEW_CHANNEL else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit:
    """What somebody may do in a channel. `presses`: use the buttons of messages there.
    `budget_id` is the channel whose line holds: for a thread the channel it is in. `age_rated` and
    `closed` are as in `core.jobs.Place`."""

    presses: bool
    budget_id: int
    age_rated: bool = False
    closed: bool = False


class Permits(Protocol):
    async def of(self, person_id: int, server_id: int, channel_id: int) -> Permit:
        """Asked of Discord, and not older than a minute. What cannot be told is not allowed.
        Raises BusyError where Discord does not answer."""
        ...
