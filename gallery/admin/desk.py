"""Whose desk it is: a server, and who is in charge of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from core.allowance import Subject, SubjectKind
from core.chart import name_of
from core.errors import NotAdminError
from core.jobs import Actor
from core.periods import zone
from core.sentences import say
from core.wording import Voice
from gallery.ask import Ask
from gallery.errors import NotHereError
from gallery.pages.tiles import shortened

MOST = 2**63 - 1
"""Ids of Discord fit into 63 bits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """`admin`: more than a moderator. `waiting`: open reports. `time_zone` is the server's. `names`
    are members', `roles` and `channels` what those are called."""

    server_id: int
    name: str
    actor: Actor
    admin: bool
    waiting: int
    time_zone: str = "UTC"
    names: Mapping[int, str] = field(default_factory=dict[int, str])
    roles: Mapping[int, str] = field(default_factory=dict[int, str])
    channels: Mapping[int, str] = field(default_factory=dict[int, str])

    def date(self, at: float) -> str:
        """A time as the server's clock tells it, the same in every language."""
        return datetime.fromtimestamp(at, zone(self.time_zone)).strftime("%Y-%m-%d %H:%M")

    @property
    def voice(self) -> Voice:
        return Voice(
            subject=self._subject,
            person=lambda id, name: name or name_of(id, self.names),
            time=self.date,
            plain=shortened,
            code=shortened,
        )

    def role(self, id: int) -> str:
        name = self.roles.get(id)
        return f"@{name.removeprefix('@')}" if name else say("role {id}", id=id)

    def channel(self, id: int) -> str:
        name = self.channels.get(id)
        return f"#{name}" if name else say("channel {id}", id=id)

    def _subject(self, subject: Subject) -> str:
        match subject.kind:
            case SubjectKind.SERVER:
                return say("everybody")
            case SubjectKind.ROLE:
                return self.role(subject.id)
            case SubjectKind.CHANNEL:
                return self.channel(subject.id)
            case SubjectKind.MEMBER:
                return name_of(subject.id, self.names)
            case SubjectKind.CEILING:
                return say("the whole server (the operator's ceiling)")


async def moderators_desk(ask: Ask) -> Desk:
    """Raises NotHereError for whoever is not in charge: nobody else learns that it is there."""
    server_id = number_in(ask, "server")
    actor, deps = await ask.actor(server_id), ask.deps
    if not await deps.bench.sits(actor, server_id):
        raise NotHereError
    waiting = await deps.bench.waiting(actor, server_id)
    admin = await deps.steward.is_admin(actor, server_id)
    house = (await deps.steward.rules(actor, server_id)).house if admin else None
    return Desk(
        server_id=server_id,
        name=await server_name(ask, server_id),
        actor=actor,
        admin=admin,
        waiting=waiting,
        time_zone=house.time_zone if house is not None else "UTC",
        names=await deps.steward.names(actor, server_id) if admin else {},
        roles=await deps.directory.roles(server_id) if admin else {},
        channels=await deps.directory.channels(server_id) if admin else {},
    )


async def admins_desk(ask: Ask) -> Desk:
    """Raises NotAdminError for a moderator who is no admin, and as `moderators_desk` does."""
    desk = await moderators_desk(ask)
    if not desk.admin:
        raise NotAdminError
    return desk


async def server_name(ask: Ask, server_id: int) -> str:
    if server_id == 0:
        return say("Direct messages and the shell")
    name = await ask.deps.server_name(server_id)
    return name or say("Server {id}", id=server_id)


def number_in(ask: Ask, part: str) -> int:
    """Of the address. Raises NotHereError for one that no row can have."""
    number: int = ask.part(part)
    if not 0 <= number <= MOST:
        raise NotHereError
    return number
