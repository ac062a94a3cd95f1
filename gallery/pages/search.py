"""Finding pictures again, by one line."""

from __future__ import annotations

from dataclasses import replace

from starlette.responses import Response

from core import find
from core.errors import PromptError
from core.works import Page
from gallery.ask import Ask, Way
from gallery.limits import Cost
from gallery.pages.asked import ORDERS, asked, ordered
from gallery.pages.explore import ON_A_PAGE
from gallery.pages.pager import Pager, pager
from gallery.pages.tiles import tiles

EXAMPLES = (
    "lighthouse at sunset",
    '"red boat" -rain',
    "castle --ar 3:2 after:7d",
    "balloon sort:top",
)


async def search(ask: Ask) -> Response:
    line = ask.query("q").strip()
    if not line:
        return _answer(ask, line)
    viewer = ask.viewer
    try:
        query = find.read(line, now=ask.deps.clock.now(), person_id=viewer.person_id)
    except PromptError as error:
        return _answer(ask, line, problems=error.problems, status=400)
    query = replace(query, age_rated=viewer.adult)
    page = await ask.deps.works.find(query, viewer, ask.query("after"), ON_A_PAGE)
    return _answer(
        ask,
        line,
        page=page,
        words=query.words,
        pieces=asked(query, viewer.person_id, ask.locale),
        order=query.order,
        orders=ordered(query, viewer.person_id, ask.locale),
    )


def _answer(
    ask: Ask, line: str, *, page: Page | None = None, status: int = 200, **more: object
) -> Response:
    values: dict[str, object] = {
        "problems": (),
        "words": "",
        "pieces": [],
        "order": None,
        "orders": {},
        **more,
    }
    return ask.page(
        "search.html",
        status,
        line=line,
        examples=EXAMPLES,
        titles=ORDERS,
        tiles=tiles(ask, page.works) if page is not None else [],
        pager=pager(ask, page, "q") if page is not None else Pager(),
        **values,
    )


WAYS = (Way(path="/search", page=search, name="search", cost=Cost.SEARCH),)
