"""What a person shows, and what a server does."""

from __future__ import annotations

from starlette.responses import Response

from core.works import Order, Query
from gallery.ask import Ask, Way
from gallery.errors import NotHereError
from gallery.pages.explore import ON_A_PAGE
from gallery.pages.pager import pager
from gallery.pages.tiles import tiles

ORDERS = {"": Order.NEW, "top": Order.TOP}
"""By what the address says."""


async def person(ask: Ask) -> Response:
    """Of somebody with nothing to show, nobody learns whether they exist."""
    person_id: int = ask.part("person")
    own = person_id == ask.viewer.person_id
    query = Query(owner_id=person_id, order=_order(ask), age_rated=ask.viewer.adult)
    page = await ask.deps.works.find(query, ask.viewer, ask.query("after"), ON_A_PAGE)
    if not page.works and not own:
        raise NotHereError
    name = page.works[0].owner.name if page.works else ""
    return ask.page(
        "person.html",
        id=person_id,
        name=name,
        own=own,
        order=ask.query("order"),
        tiles=tiles(ask, page.works, badges=own),
        pager=pager(ask, page, "order"),
    )


async def server(ask: Ask) -> Response:
    server_id: int = ask.part("server")
    query = Query(server_id=server_id, order=_order(ask), age_rated=ask.viewer.adult)
    page = await ask.deps.works.find(query, ask.viewer, ask.query("after"), ON_A_PAGE)
    if not page.works and server_id not in ask.viewer.servers:
        raise NotHereError
    return ask.page(
        "server.html",
        id=server_id,
        name=await ask.deps.server_name(server_id),
        order=ask.query("order"),
        tiles=tiles(ask, page.works),
        pager=pager(ask, page, "order"),
    )


def _order(ask: Ask) -> Order:
    order = ORDERS.get(ask.query("order"))
    if order is None:
        raise NotHereError
    return order


WAYS = (
    Way(path="/u/{person:int}", page=person, name="person"),
    Way(path="/s/{server:int}", page=server, name="server"),
)
