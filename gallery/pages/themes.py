"""Themes that were decided: the words, the pictures that were entered, and who won."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.responses import Response

from core.themes import MOST_ENTRIES, Entry, Phase, Theme, podium
from core.works import Order, Query, work_id
from gallery.ask import Ask, Way
from gallery.errors import NotHereError
from gallery.pages.dates import day
from gallery.pages.tiles import Tile, tiles

ON_A_PAGE = 24
ON_THE_COVER = 3


@dataclass(frozen=True, slots=True)
class Banner:
    """A theme with the pictures of it that the visitor may see, the best first."""

    theme: Theme
    cover: list[Tile]
    ended: str
    server: str


async def themes(ask: Ask) -> Response:
    """Those of which the visitor may see something."""
    banners: list[Banner] = []
    for theme in await ask.deps.themes.over(limit=ON_A_PAGE):
        entries = await ask.deps.themes.entries(theme.id)
        shown = await _shown(ask, entries)
        if shown:
            banners.append(await _banner(ask, theme, _best(entries, shown)))
    return ask.page("themes.html", banners=banners)


async def theme(ask: Ask) -> Response:
    """Until the votes are counted nobody learns here what was entered."""
    found = await ask.deps.themes.get(ask.part("theme"))
    if found.phase is not Phase.OVER or found.called_off:
        raise NotHereError
    entries = await ask.deps.themes.entries(found.id)
    shown = await _shown(ask, entries)
    if not shown:
        raise NotHereError
    winners = [(rank, entry, shown.get(_id(entry))) for rank, entry in podium(entries)]
    won = {_id(entry) for _, entry, _ in winners}
    return ask.page(
        "theme.html",
        banner=await _banner(ask, found, []),
        winners=[(rank, entry.votes, tile) for rank, entry, tile in winners if tile is not None],
        others=[tile for tile in _best(entries, shown) if tile.id not in won],
    )


async def _banner(ask: Ask, theme: Theme, cover: list[Tile]) -> Banner:
    return Banner(
        theme=theme,
        cover=cover[:ON_THE_COVER],
        ended=day(theme.ends_at, ask.locale),
        server=await ask.deps.server_name(theme.server_id),
    )


async def _shown(ask: Ask, entries: Sequence[Entry]) -> Mapping[str, Tile]:
    """By their ids, those that lists show the visitor."""
    ids = tuple(_id(entry) for entry in entries)[:MOST_ENTRIES]
    query = Query(works=ids, order=Order.GIVEN, age_rated=ask.viewer.adult)
    page = await ask.deps.works.find(query, ask.viewer, limit=MOST_ENTRIES)
    return {tile.id: tile for tile in tiles(ask, page.works)}


def _best(entries: Sequence[Entry], shown: Mapping[str, Tile]) -> list[Tile]:
    ordered = sorted(entries, key=lambda one: (-one.votes, one.place))
    return [shown[_id(entry)] for entry in ordered if _id(entry) in shown]


def _id(entry: Entry) -> str:
    return work_id(entry.job_id, entry.number)


WAYS = (
    Way(path="/themes", page=themes, name="themes"),
    Way(path="/themes/{theme:int}", page=theme, name="theme"),
)
