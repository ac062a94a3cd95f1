"""Collections: lists of pictures that members make, name and maybe show."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from core.collections import SHOWINGS, Collection
from core.errors import RefusedError
from core.jobs import Owner
from core.sentences import say
from core.works import Showing
from gallery.ask import Ask, Way, post
from gallery.errors import LogInFirstError
from gallery.pages.explore import ON_A_PAGE
from gallery.pages.pager import pager
from gallery.pages.picture import WHO_SEES as WHO_SEES_IT
from gallery.pages.tiles import Tile, tiles

ON_THE_COVER = 3
MOST_COVERS = 24
"""Collections on a page whose pictures are looked for; the rest are told by name."""

WHO_SEES = {one: WHO_SEES_IT[one] for one in SHOWINGS}
"""Of a collection; its pictures are shown to nobody who may not see them without it."""


@dataclass(frozen=True, slots=True)
class Shelf:
    collection: Collection
    cover: list[Tile]
    who: str


async def all_of_mine(ask: Ask) -> Response:
    found = await ask.deps.keeper.of(ask.viewer, ask.viewer.person_id)
    shelves: list[Shelf] = []
    for at, one in enumerate(found):
        cover: list[Tile] = []
        if at < MOST_COVERS:
            page = await ask.deps.keeper.page(
                ask.viewer, one.id, limit=ON_THE_COVER, age_rated=ask.viewer.adult
            )
            cover = tiles(ask, page.works)
        shelves.append(Shelf(one, cover, WHO_SEES[one.showing]))
    return ask.page("collections.html", shelves=shelves, choices=WHO_SEES)


async def collection(ask: Ask) -> Response:
    id: str = ask.part("collection")
    found = await ask.deps.keeper.get(ask.viewer, id)
    own = found.owner.id == ask.viewer.person_id
    page = await ask.deps.keeper.page(
        ask.viewer, id, ask.query("after"), ON_A_PAGE, age_rated=ask.viewer.adult
    )
    return ask.page(
        "collection.html",
        collection=found,
        own=own,
        who=WHO_SEES[found.showing],
        choices=WHO_SEES,
        tiles=tiles(ask, page.works, badges=own),
        pager=pager(ask, page),
    )


async def make(ask: Ask) -> Response:
    made = await ask.deps.keeper.make(_person(ask), ask.text("name"), _showing(ask))
    return ask.go("collection", collection=made.id)


async def change(ask: Ask) -> Response:
    id, keeper = ask.part("collection"), ask.deps.keeper
    await keeper.show(ask.viewer, id, _showing(ask))
    await keeper.rename(ask.viewer, id, ask.text("name"))
    return ask.go("collection", collection=id)


async def remove(ask: Ask) -> Response:
    """The list, and no picture."""
    await ask.deps.keeper.remove(ask.viewer, ask.part("collection"))
    return ask.go("collections")


async def choose(ask: Ask) -> Response:
    """Which of one's collections have a picture."""
    work = await ask.deps.gallery.open(ask.viewer, ask.part("work"))
    return ask.page(
        "collect.html",
        tile=tiles(ask, [work])[0],
        collections=await ask.deps.keeper.of(ask.viewer, ask.viewer.person_id),
        holding=await ask.deps.keeper.holding(ask.viewer, work.id),
    )


async def collect(ask: Ask) -> Response:
    """Puts the picture into each that is ticked, and into a new one if it is named; takes it out of
    the others."""
    work = await ask.deps.gallery.open(ask.viewer, ask.part("work"))
    keeper, viewer = ask.deps.keeper, ask.viewer
    ticked = {str(id) for id in ask.form.getlist("in")}
    holding = set(await keeper.holding(viewer, work.id))
    if name := ask.text("name"):
        made = await keeper.make(_person(ask), name)
        ticked.add(made.id)
    for id in sorted(ticked - holding):
        await keeper.put(viewer, id, [work.id])
    for id in sorted(holding - ticked):
        await keeper.take(viewer, id, [work.id])
    return ask.go("picture", work=work.id)


def _person(ask: Ask) -> Owner:
    if ask.person is None:
        raise LogInFirstError
    return ask.person


def _showing(ask: Ask) -> Showing:
    wanted = ask.text("showing") or Showing.PRIVATE
    if wanted not in SHOWINGS:
        raise RefusedError(say("A collection is public, unlisted or private."))
    return Showing(wanted)


WAYS = (
    Way(path="/collections", page=all_of_mine, name="collections", logged_in=True),
    post("/collections", make, "make_collection"),
    Way(path="/c/{collection}", page=collection, name="collection"),
    post("/c/{collection}/change", change, "change_collection"),
    post("/c/{collection}/remove", remove, "remove_collection"),
    Way(path="/p/{work}/collect", page=choose, name="choose_collection", logged_in=True),
    post("/p/{work}/collect", collect, "collect"),
)
