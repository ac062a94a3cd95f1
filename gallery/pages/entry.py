"""Logging in and out."""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response

from core.sessions import SECONDS
from gallery.ask import Ask, Cookie, Way, is_local, post
from gallery.errors import StaleLogInError
from gallery.limits import Cost
from gallery.login import SECONDS as TICKET_SECONDS

BACK = "/login/back"
"""Discord leads back to this path; its developer page must name it."""


async def enter(ask: Ask) -> Response:
    """Leads to Discord's page, and from there to `next`."""
    wanted = ask.query("next")
    then = wanted if is_local(wanted) else "/"
    if ask.session is not None:
        return ask.go_back(then)
    login = ask.deps.login
    if login is None:
        return ask.page("login.html", mend=ask.deps.login_mend)
    if ask.request.headers["host"].lower() != ask.deps.site.host.lower():
        # Discord leads back to the one address, and cookies belong to the name they were set at.
        return RedirectResponse(ask.address("login", query={"next": then}), 303)
    begun = await login.begin(then)
    ask.jar.put(Cookie.TICKET, begun.ticket, TICKET_SECONDS)
    return RedirectResponse(begun.address, 303)


async def back(ask: Ask) -> Response:
    """The answer of Discord's page: a code, or that the person did not want to."""
    login, ticket = ask.deps.login, ask.jar.get(Cookie.TICKET)
    if login is None or not ticket:
        raise StaleLogInError
    # A ticket is good for one log-in, whatever comes of it.
    ask.jar.drop(Cookie.TICKET)
    code = ask.query("code")
    if not code:
        return ask.go_back(login.given_up(ticket, ask.query("state")))
    person, then = await login.finish(ticket, ask.query("state"), code)
    keeper = ask.deps.visitors.doorkeeper
    secret = await keeper.enter(person, earlier=ask.jar.get(Cookie.SESSION))
    ask.jar.put(Cookie.SESSION, secret, int(SECONDS))
    ask.jar.drop(Cookie.VISITOR)
    return ask.go_back(then)


async def leave(ask: Ask) -> Response:
    """On this browser, or with `everywhere` on all of them."""
    keeper = ask.deps.visitors.doorkeeper
    if ask.session is not None:
        if ask.text("everywhere"):
            await keeper.leave_everywhere(ask.session.person.id)
        await keeper.leave(ask.jar.get(Cookie.SESSION))
    ask.jar.drop(Cookie.SESSION)
    return ask.go_back("/")


async def turn(ask: Ask) -> Response:
    """Age-rated pictures, on or off, for this browser; back to where it was asked."""
    keeper = ask.deps.visitors.doorkeeper
    await keeper.turn(ask.jar.get(Cookie.SESSION), adult=ask.text("adult") == "on")
    return ask.go_back(ask.text("back"))


WAYS = (
    Way(path="/login", page=enter, name="login", cost=Cost.LOGIN),
    Way(path=BACK, page=back, name="login_back", cost=Cost.LOGIN),
    Way(path="/logout", page=leave, name="logout", method="POST", cost=Cost.CHANGE),
    post("/age-rated", turn, "age_rated"),
)
