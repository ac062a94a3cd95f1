"""The servers that a visitor is in charge of."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from gallery.admin.desk import moderators_desk, server_name
from gallery.ask import Ask, Way


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """`waiting`: open reports."""

    server_id: int
    name: str
    admin: bool
    waiting: int


async def home(ask: Ask) -> Response:
    found: list[Charge] = []
    for server_id in await _servers(ask):
        actor = await ask.actor(server_id)
        if await ask.deps.bench.sits(actor, server_id):
            found.append(
                Charge(
                    server_id=server_id,
                    name=await server_name(ask, server_id),
                    admin=await ask.deps.steward.is_admin(actor, server_id),
                    waiting=await ask.deps.bench.waiting(actor, server_id),
                )
            )
    return ask.page("admin/home.html", servers=found)


async def one(ask: Ask) -> Response:
    """What somebody in charge looks at first."""
    desk = await moderators_desk(ask)
    if desk.admin:
        return ask.go("admin-use", server=desk.server_id)
    return ask.go("admin-reports", server=desk.server_id)


async def _servers(ask: Ask) -> list[int]:
    """Those to be asked about: all that are known, for the operator."""
    if not ask.viewer.operator:
        return sorted(ask.viewer.servers)
    actor = await ask.actor(0)
    return sorted({*ask.viewer.servers, *await ask.deps.steward.servers(actor)})


WAYS = (
    Way(path="/admin", page=home, name="admin", logged_in=True),
    Way(path="/admin/{server:int}", page=one, name="admin-server", logged_in=True),
)
