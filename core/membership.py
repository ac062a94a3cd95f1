"""What a person is on a server, now. Whoever cannot be asked about is nothing there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from core.jobs import Actor, Owner
from core.ports import Rulebook
from core.sessions import Session
from core.works import ANYBODY, Viewer


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """`name` is what the person is called there. `moderates` and `administers` are Discord's own
    rights: to manage messages, and to manage the server."""

    name: str = ""
    member: bool = False
    moderates: bool = False
    administers: bool = False
    role_ids: tuple[int, ...] = ()


class Membership(Protocol):
    """Answers are at most a minute old, from the moment that Discord was asked: whoever left a
    server, or lost a role, is treated so a minute later. What cannot be found out is denied."""

    async def of(self, person_id: int, server_id: int) -> Standing: ...

    async def servers(self, person_id: int) -> Mapping[int, Standing]:
        """Of all servers that Easel is on, those where the person is a member."""
        ...

    async def server_name(self, server_id: int) -> str:
        """The empty text for a server that Easel is not on."""
        ...


class Introductions:
    """Who somebody is that is logged in, from what Discord and the rules of servers say."""

    def __init__(
        self, membership: Membership, book: Rulebook, operators: frozenset[int] = frozenset()
    ) -> None:
        self._membership = membership
        self._book = book
        self._operators = operators

    async def viewer(self, session: Session | None) -> Viewer:
        """Whoever is banned from Easel on a server is no member of it here. Raises BusyError."""
        if session is None:
            return ANYBODY
        person_id = session.person.id
        members, moderates, administers = set[int](), set[int](), set[int]()
        for server_id, standing in (await self._membership.servers(person_id)).items():
            rules = await self._book.rules(server_id)
            if not standing.member or person_id in rules.banned:
                continue
            members.add(server_id)
            if standing.moderates:
                moderates.add(server_id)
            role = rules.house.admin_role
            if standing.administers or (role and role in standing.role_ids):
                administers.add(server_id)
        return Viewer(
            person_id=person_id,
            servers=frozenset(members),
            moderates=frozenset(moderates),
            administers=frozenset(administers),
            operator=person_id in self._operators,
            adult=session.adult,
        )

    async def actor(self, session: Session, server_id: int, channel_id: int = 0) -> Actor:
        """The person as somebody who does something on that server; with no rights there for
        whoever is no member."""
        person, standing = session.person, Standing()
        if server_id:
            standing = await self._membership.of(person.id, server_id)
        return Actor(
            Owner(person.id, standing.name or person.name),
            moderates=standing.moderates,
            server_id=server_id,
            channel_id=channel_id,
            role_ids=standing.role_ids,
            administers=standing.administers,
            operator=person.id in self._operators,
        )
