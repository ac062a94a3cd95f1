"""What looks like a picture."""

from __future__ import annotations

from starlette.responses import Response

from core.works import Query
from gallery.ask import Ask, Way
from gallery.limits import Cost
from gallery.pages.explore import ON_A_PAGE
from gallery.pages.pager import pager
from gallery.pages.tiles import shortened, tile, tiles

TITLE = 70


async def alike(ask: Ask) -> Response:
    """A page of its own; the picture's page takes the first of it in, once it is scrolled there."""
    work = await ask.deps.gallery.open(ask.viewer, ask.part("work"))
    query = Query(age_rated=ask.viewer.adult)
    page = await ask.deps.alike.find(work.id, query, ask.viewer, ask.query("after"), ON_A_PAGE)
    return ask.page(
        "alike.html",
        of=tile(ask, work),
        title=shortened(work.text.partition(" --")[0], TITLE),
        tiles=tiles(ask, page.works),
        pager=pager(ask, page),
    )


WAYS = (Way(path="/p/{work}/alike", page=alike, name="alike", cost=Cost.SEARCH),)
