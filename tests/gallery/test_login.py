"""Logging in with Discord over real sockets, and every way in which somebody else might try."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from starlette.applications import Starlette

from core.sessions import SECONDS, digest
from gallery.app import build_app
from gallery.deps import Deps
from gallery.login import NO_CLIENT, Client, LogIn
from gallery.pages.entry import BACK
from gallery.site import Site
from sandbox import Sandbox, SandboxClient
from sandbox.world import BOT_ID, MIRA_ID, NOAH_ID
from storage.opening import Storage
from tests.builders import ADA, BO, FakeClock
from tests.fakes.memory_membership import MemoryMembership
from tests.gallery.conftest import HERE, Browser, browsing, deps_over


@pytest.fixture
async def discord() -> AsyncIterator[Sandbox]:
    async with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def deps(discord: Sandbox, storage: Storage, town: MemoryMembership, clock: FakeClock) -> Deps:
    secret: str = discord.addresses()["client_secret"]
    login = LogIn(Client(BOT_ID, secret, discord.url), HERE + BACK)
    return deps_over(storage, town, clock, login=login)


async def choose(discord_page: str, person: str = MIRA_ID) -> str:
    """What Discord's page leads back to, once somebody chose who to be there."""
    async with httpx.AsyncClient() as http:
        answer = await http.get(f"{discord_page}&as={person}")
        assert answer.status_code == 302
        return answer.headers["location"]


async def log_in(browser: Browser, person: str = MIRA_ID, then: str = "/") -> httpx.Response:
    begun = await browser.get("/login", params={"next": then})
    return await browser.get(await choose(begun.headers["location"], person))


def session_of(browser: Browser) -> str:
    return browser.http.cookies.get("easel-session") or ""


async def test_somebody_logs_in_and_is_led_back_to_where_they_were(browser: Browser) -> None:
    assert "Mira" not in (await browser.get("/")).text
    answer = await log_in(browser, then="/?after=3")
    assert (answer.status_code, answer.headers["location"]) == (303, "/?after=3")
    assert "Mira" in (await browser.get("/")).text


async def test_discord_is_asked_for_nothing_but_who_it_is(browser: Browser) -> None:
    begun = await browser.get("/login")
    asked = parse_qs(urlsplit(begun.headers["location"]).query)
    assert asked["scope"] == ["identify"]
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == [HERE + BACK]
    assert len(asked["state"][0]) >= 43
    again = parse_qs(urlsplit((await browser.get("/login")).headers["location"]).query)
    assert asked["state"] != again["state"]
    assert asked["code_challenge"] != again["code_challenge"]


async def test_the_session_cookie_is_out_of_reach(browser: Browser) -> None:
    answer = await log_in(browser)
    (cookie,) = [c for c in answer.headers.get_list("set-cookie") if "easel-session" in c]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert f"Max-Age={int(SECONDS)}" in cookie
    assert "Secure" not in cookie


async def test_behind_https_cookies_go_over_https_alone(
    discord: Sandbox, storage: Storage, town: MemoryMembership, clock: FakeClock
) -> None:
    url = "https://gallery.example.org"
    login = LogIn(Client(BOT_ID, "secret", discord.url), url + BACK)
    site = Site(url=url, behind_proxy=True)
    deps = deps_over(storage, town, clock, login=login, site=site)
    async with browsing(build_app(deps), deps) as browser:
        answer = await browser.get("/login")
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-easel-ticket=")
        assert "Secure" in cookie
        assert "Path=/" in cookie
        assert answer.headers["strict-transport-security"]


async def test_a_log_in_that_began_elsewhere_is_refused(browser: Browser, app: Starlette) -> None:
    """Somebody sends a link that would log another in as themselves."""
    async with browsing(app, browser.deps) as other:
        begun = await other.get("/login")
        link = await choose(begun.headers["location"])
    answer = await browser.get(link)
    assert answer.status_code == 403
    assert "That log-in took too long or began elsewhere." in answer.text
    await browser.get("/login")
    assert (await browser.get(link)).status_code == 403
    assert not session_of(browser)


async def test_a_state_that_was_changed_is_refused(browser: Browser) -> None:
    link = await choose((await browser.get("/login")).headers["location"])
    answer = await browser.get(re.sub(r"state=[^&]+", "state=other", link))
    assert answer.status_code == 403
    assert not session_of(browser)


async def test_a_ticket_that_was_changed_is_refused(browser: Browser) -> None:
    link = await choose((await browser.get("/login")).headers["location"])
    ticket = browser.http.cookies["easel-ticket"]
    browser.http.cookies.set("easel-ticket", "x" + ticket[1:], domain="127.0.0.1", path="/")
    answer = await browser.get(link)
    assert answer.status_code == 403


async def test_an_answer_counts_once(browser: Browser) -> None:
    link = await choose((await browser.get("/login")).headers["location"])
    assert (await browser.get(link)).status_code == 303
    assert (await browser.get(link)).status_code == 403


async def test_a_code_alone_is_worth_nothing_without_the_verifier(
    browser: Browser, app: Starlette
) -> None:
    """Somebody else's code, put into a log-in of one's own: its verifier is another."""
    async with browsing(app, browser.deps) as victim:
        stolen = await choose((await victim.get("/login")).headers["location"], NOAH_ID)
        code = parse_qs(urlsplit(stolen).query)["code"][0]
    own = await choose((await browser.get("/login")).headers["location"])
    answer = await browser.get(re.sub(r"code=[^&]+", f"code={code}", own))
    assert answer.status_code == 503
    assert "Discord did not say who you are." in answer.text
    assert not session_of(browser)


async def test_who_does_not_want_to_is_led_back_as_they_were(browser: Browser) -> None:
    begun = await browser.get("/login", params={"next": "/?after=3"})
    answer = await browser.get(await choose(begun.headers["location"], ""))
    assert (answer.status_code, answer.headers["location"]) == (303, "/?after=3")
    assert not session_of(browser)


@pytest.mark.parametrize(
    "then", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
async def test_nobody_is_led_to_another_site(browser: Browser, then: str) -> None:
    answer = await log_in(browser, then=then)
    assert answer.headers["location"] == "/"


async def test_a_session_that_was_planted_is_not_the_one_that_counts(browser: Browser) -> None:
    """Fixation: somebody knows the cookie that a browser had before its person logged in."""
    planted = "a" * 43
    browser.http.cookies.set("easel-session", planted, domain="127.0.0.1", path="/")
    await log_in(browser)
    assert session_of(browser) != planted
    assert await browser.deps.visitors.session(planted) is None


async def test_logging_in_anew_makes_a_new_secret_and_ends_the_old(browser: Browser) -> None:
    first = await browser.log_in(ADA)
    browser.http.cookies.clear()
    browser.http.cookies.set("easel-session", first, domain="127.0.0.1", path="/")
    # Whoever is logged in is not sent to Discord; this answer was under way in another tab.
    browser.http.cookies.delete("easel-session")
    begun = await browser.get("/login")
    browser.http.cookies.set("easel-session", first, domain="127.0.0.1", path="/")
    await browser.get(await choose(begun.headers["location"]))
    assert await browser.deps.visitors.session(first) is None


async def test_the_visitors_secret_ends_with_the_log_in(browser: Browser) -> None:
    browser.http.cookies.set("easel-visitor", "b" * 43, domain="127.0.0.1", path="/")
    await log_in(browser)
    assert "easel-visitor" not in browser.http.cookies


async def test_logging_out_ends_the_session_for_good(browser: Browser) -> None:
    await log_in(browser)
    secret = session_of(browser)
    answer = await browser.submit("/logout")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert not session_of(browser)
    assert await browser.deps.visitors.session(secret) is None


async def test_logging_out_everywhere_ends_them_all(browser: Browser, app: Starlette) -> None:
    await browser.log_in(ADA)
    async with browsing(app, browser.deps) as phone, browsing(app, browser.deps) as bo:
        await phone.log_in(ADA)
        await bo.log_in(BO)
        await browser.submit("/logout", {"everywhere": "yes"})
        assert "Log in" in (await phone.get("/")).text
        assert "Log out" in (await bo.get("/")).text


async def test_a_session_ends_after_thirty_days(browser: Browser, clock: FakeClock) -> None:
    await browser.log_in(ADA)
    clock.advance(SECONDS - 1)
    assert "Log out" in (await browser.get("/")).text
    clock.advance(1)
    answer = await browser.get("/")
    assert "Log out" not in answer.text
    assert 'easel-session=""' in answer.headers["set-cookie"]


async def test_age_rated_pictures_are_turned_on_by_who_is_logged_in(browser: Browser) -> None:
    secret = await browser.log_in(ADA)
    answer = await browser.submit("/age-rated", {"adult": "on", "back": "/?after=3"})
    assert answer.headers["location"] == "/?after=3"
    session = await browser.deps.visitors.session(secret)
    assert session is not None
    assert session.adult
    assert "Hide age-rated pictures" in (await browser.get("/")).text


async def test_who_logs_in_at_another_of_this_machines_names_is_led_to_the_one(
    browser: Browser,
) -> None:
    answer = await browser.get("/login", params={"next": "/x"}, headers={"host": "localhost:8867"})
    assert answer.headers["location"] == f"{HERE}/login?next=%2Fx"
    assert "set-cookie" not in answer.headers


async def test_nobody_tries_to_log_in_all_the_time(browser: Browser) -> None:
    answers = [(await browser.get("/login")).status_code for _ in range(11)]
    assert answers == [303] * 10 + [429]


async def test_without_a_client_the_page_says_what_is_to_be_set(
    storage: Storage, town: MemoryMembership, clock: FakeClock
) -> None:
    deps = deps_over(storage, town, clock, login_mend=NO_CLIENT)
    async with browsing(build_app(deps), deps) as browser:
        answer = await browser.get("/login")
        assert "EASEL_DISCORD_CLIENT_ID and EASEL_DISCORD_CLIENT_SECRET" in answer.text
        assert (await browser.get("/")).status_code == 200
        assert (await browser.get("/login/back?code=x&state=y")).status_code == 403


async def test_no_secret_is_logged_however_much_is(
    browser: Browser,
    discord: Sandbox,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from cli.logs import SECRETIVE

    for name in SECRETIVE:
        monkeypatch.setattr(logging.getLogger(name), "level", logging.WARNING)
    caplog.set_level(logging.DEBUG)
    begun = await browser.get("/login")
    link = await choose(begun.headers["location"])
    await browser.get(link)
    secret = session_of(browser)
    await browser.submit("/logout")
    query = {
        **parse_qs(urlsplit(link).query),
        **parse_qs(urlsplit(begun.headers["location"]).query),
    }
    hidden = [query["code"][0], query["state"][0], secret, digest(secret)]
    hidden += [str(discord.addresses()["client_secret"]), *discord.parts.oauth._tokens]
    assert secret
    ours = "\n".join(r.getMessage() for r in caplog.records if not r.name.startswith("httpx"))
    assert not [one for one in hidden if one and one in ours]


async def test_the_token_is_given_back_at_once(browser: Browser, discord: Sandbox) -> None:
    await log_in(browser)
    assert discord.parts.oauth._tokens == {}


async def test_when_discord_is_away_one_sentence_says_so(
    browser: Browser, discord: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    link = await choose((await browser.get("/login")).headers["location"])
    async with SandboxClient(discord.url, live=False) as people:
        await people.inject(status=503, path="/users/@me", method="GET")
    answer = await browser.get(link)
    assert answer.status_code == 503
    assert "Discord did not say who you are. Please try again in a moment." in answer.text
    assert "Traceback" not in caplog.text
    assert not session_of(browser)
