"""The gallery as one ASGI application."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.errors import EaselError, NotFoundError
from gallery import admin, pages
from gallery.ask import Way
from gallery.deps import Deps
from gallery.door import Door, refusal, stranger, whence
from gallery.errors import NotHereError, WrongMethodError
from gallery.headers import Guard
from gallery.limits import Cost
from gallery.templating import Templates

WAYS: tuple[Way, ...] = (*pages.ALL, *admin.ALL)


def build_app(deps: Deps, more: Sequence[Way] = ()) -> Starlette:
    """All pages, and `more`."""
    templates = Templates(deps.files)

    async def nowhere(request: Request, raised: Exception) -> Response:
        ask = stranger(request, deps, templates)
        error: EaselError = NotHereError()
        if isinstance(raised, HTTPException) and raised.status_code == 405:
            error = WrongMethodError()
        try:
            deps.buckets.take(whence(request), Cost.PAGE)
        except EaselError as too_often:
            error = too_often
        return refusal(ask, error)

    async def static(request: Request) -> Response:
        try:
            return deps.files.answer(request)
        except NotFoundError as error:
            return await nowhere(request, error)

    app = Starlette(
        routes=[
            Route("/static/{name:path}", static, name="static"),
            *(
                Route(way.path, Door(way, deps, templates), name=way.name, methods=[way.method])
                for way in (*WAYS, *more)
            ),
        ],
        middleware=[Middleware(Guard, site=deps.site)],
        exception_handlers={HTTPException: nowhere},
    )
    # An address is right or wrong; nobody is led from one to another that was not written here.
    app.router.redirect_slashes = False
    # A page has hundreds of links, and the router looks for each among all ways.
    app.state.ways = {route.name: route for route in app.routes if isinstance(route, Route)}
    return app
