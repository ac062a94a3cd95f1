"""What a member made, whoever may see it, and what they like. Both are theirs alone to look at."""

from __future__ import annotations

from starlette.responses import Response

from core.works import Order, Query
from gallery.ask import Ask, Way
from gallery.errors import NotHereError
from gallery.pages.explore import ON_A_PAGE
from gallery.pages.pager import pager
from gallery.pages.tiles import tiles

ORDERS = {"": Order.NEW, "old": Order.OLD, "top": Order.TOP}
"""By what the address says."""


async def mine(ask: Ask) -> Response:
    order = ORDERS.get(ask.query("order"))
    if order is None:
        raise NotHereError
    query = Query(owner_id=ask.viewer.person_id, order=order, age_rated=True)
    page = await ask.deps.works.find(query, ask.viewer, ask.query("after"), ON_A_PAGE)
    return ask.page(
        "mine.html",
        order=ask.query("order"),
        count=await ask.deps.works.count(ask.viewer.person_id),
        tiles=tiles(ask, page.works, badges=True),
        pager=pager(ask, page, "order"),
    )


async def likes(ask: Ask) -> Response:
    query = Query(liked_by=ask.viewer.person_id, age_rated=ask.viewer.adult)
    page = await ask.deps.works.find(query, ask.viewer, ask.query("after"), ON_A_PAGE)
    return ask.page("likes.html", tiles=tiles(ask, page.works), pager=pager(ask, page))


WAYS = (
    Way(path="/mine", page=mine, name="mine", logged_in=True),
    Way(path="/likes", page=likes, name="likes", logged_in=True),
)
