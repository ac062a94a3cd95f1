"""Forms are taken from our own pages only, from the visitor they are for, and not too large."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, Response

from gallery import csrf
from gallery.app import build_app
from gallery.ask import Ask, Way
from gallery.deps import Deps
from gallery.site import Site
from storage.opening import Storage
from tests.builders import ADA, BO, FakeClock
from tests.fakes.memory_membership import MemoryMembership
from tests.gallery.conftest import HERE, Browser, browsing, deps_over

REFUSED = "That form is too old or came from elsewhere. Load the page again and try once more."


async def echo(ask: Ask) -> Response:
    return PlainTextResponse(f"taken: {ask.text('words')}")


WAY = Way(path="/echo", page=echo, name="echo", method="POST")
UPLOAD = Way(
    path="/upload", page=echo, name="upload", method="POST", most_files=1, most_bytes=200_000
)


@pytest.fixture
def app(deps: Deps) -> Starlette:
    return build_app(deps, [WAY, UPLOAD])


@pytest.fixture
async def ada(app: Starlette, deps: Deps) -> AsyncIterator[Browser]:
    async with browsing(app, deps) as one:
        await one.log_in(ADA)
        yield one


async def token(browser: Browser, page: str = "/") -> str:
    found = re.search(r'name="csrf" value="(\w+)"', (await browser.get(page)).text)
    assert found is not None
    return found[1]


async def sent(browser: Browser, given: str, **headers: str) -> tuple[int, str]:
    answer = await browser.post(
        "/echo", data={"csrf": given, "words": "hello"}, headers={"origin": HERE, **headers}
    )
    return answer.status_code, answer.text


async def test_a_pages_own_form_is_taken(ada: Browser) -> None:
    assert await sent(ada, await token(ada)) == (200, "taken: hello")


async def test_a_script_of_ours_says_the_token_in_a_header(ada: Browser) -> None:
    headers = {"origin": HERE, "x-csrf": await token(ada)}
    answer = await ada.post("/echo", data={"words": "hello"}, headers=headers)
    assert answer.text == "taken: hello"


async def test_somebody_who_is_not_logged_in_has_a_token_too(browser: Browser) -> None:
    given = await token(browser, "/takedown")
    assert await sent(browser, given) == (200, "taken: hello")


@pytest.mark.parametrize("given", ["", "0" * 64, "ключ"])
async def test_without_the_token_nothing_is_taken(ada: Browser, given: str) -> None:
    status, text = await sent(ada, given)
    assert status == 403
    assert REFUSED in text


async def test_anothers_token_is_none_of_mine(app: Starlette, deps: Deps, ada: Browser) -> None:
    async with browsing(app, deps) as bo:
        await bo.log_in(BO)
        theirs = await token(bo)
    assert (await sent(ada, theirs))[0] == 403


async def test_a_token_from_before_the_log_in_is_void(browser: Browser) -> None:
    before = await token(browser, "/takedown")
    await browser.log_in(ADA)
    assert (await sent(browser, before))[0] == 403


async def test_a_token_from_before_logging_out_is_void(ada: Browser) -> None:
    before = await token(ada)
    await ada.submit("/logout")
    assert (await sent(ada, before))[0] == 403


async def test_a_planted_cookie_alone_makes_no_token(browser: Browser) -> None:
    """Somebody who can set a cookie, as a neighbouring site may, still knows no session."""
    browser.http.cookies.set("easel-visitor", "known", domain="127.0.0.1", path="/")
    await browser.log_in(ADA)
    assert (await sent(browser, csrf.token("known")))[0] == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:8866"},
        {"origin": "https://127.0.0.1:8867"},
        {"origin": f"{HERE}.evil.example"},
        {"origin": ""},
    ],
)
async def test_another_sites_form_is_refused_even_with_the_token(
    ada: Browser, headers: dict[str, str]
) -> None:
    assert (await sent(ada, await token(ada), **headers))[0] == 403


async def test_a_browser_must_say_where_a_form_comes_from(ada: Browser) -> None:
    fields = {"csrf": await token(ada), "words": "hello"}
    assert (await ada.post("/echo", data=fields)).status_code == 403
    for place, status in (("same-origin", 200), ("same-site", 403), ("cross-site", 403)):
        answer = await ada.post("/echo", data=fields, headers={"sec-fetch-site": place})
        assert answer.status_code == status


async def test_behind_a_proxy_only_the_known_address_sends_forms(
    storage: Storage, town: MemoryMembership, clock: FakeClock
) -> None:
    site = Site(url="https://gallery.example.org", behind_proxy=True)
    deps = deps_over(storage, town, clock, site=site)
    async with browsing(build_app(deps, [WAY]), deps) as browser:
        given = await token(browser, "/takedown")
        cookie = next(iter(browser.http.cookies.jar))
        assert cookie.name == "__Host-easel-visitor"
        for origin, status in (("https://gallery.example.org", 200), (HERE, 403)):
            answer = await browser.post("/echo", data={"csrf": given}, headers={"origin": origin})
            assert answer.status_code == status


# Sizes


async def test_a_form_that_is_too_large_is_refused_before_it_is_read(ada: Browser) -> None:
    fields = {"csrf": await token(ada), "words": "x" * 70_000}
    answer = await ada.post("/echo", data=fields, headers={"origin": HERE})
    assert answer.status_code == 413
    assert "That is larger than this form takes." in answer.text


async def test_one_that_does_not_say_how_large_it_is_is_stopped(ada: Browser) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        yield b"csrf=" + given.encode() + b"&words="
        for _ in range(10_000):
            read += 10_000
            yield b"x" * 10_000

    given = await token(ada)
    kind = {"content-type": "application/x-www-form-urlencoded", "origin": HERE}
    answer = await ada.post("/echo", content=endless(), headers=kind)
    assert answer.status_code == 413


async def test_a_form_of_very_many_fields_is_refused(ada: Browser) -> None:
    fields = {"csrf": await token(ada), **{f"f{n}": "x" for n in range(200)}}
    answer = await ada.post("/echo", data=fields, headers={"origin": HERE})
    assert answer.status_code == 400
    assert "That form could not be read." in answer.text


async def test_files_are_taken_where_they_are_wanted_and_as_large_as_wanted(ada: Browser) -> None:
    given, headers = await token(ada), {"origin": HERE}
    small, large = {"file": ("a.png", b"x" * 1000)}, {"file": ("a.png", b"x" * 300_000)}
    fields = {"csrf": given, "words": "hello"}
    assert (await ada.post("/upload", data=fields, files=small, headers=headers)).status_code == 200
    assert (await ada.post("/echo", data=fields, files=small, headers=headers)).status_code == 400
    assert (await ada.post("/upload", data=fields, files=large, headers=headers)).status_code == 413
    two = [("file", ("a.png", b"x")), ("file", ("b.png", b"x"))]
    assert (await ada.post("/upload", data=fields, files=two, headers=headers)).status_code == 400


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b'{"csrf": "x"}'),
        ("multipart/form-data", b"no boundary"),
        ("multipart/form-data; boundary=x", b"--y\r\n\r\n"),
        ("application/x-www-form-urlencoded", b"%%%&&&===\xff\xfe"),
        ("text/plain", b"csrf=x"),
    ],
)
async def test_what_is_no_form_is_one_sentence(ada: Browser, kind: str, body: bytes) -> None:
    answer = await ada.post("/echo", content=body, headers={"content-type": kind, "origin": HERE})
    assert answer.status_code in (400, 403)
    assert "<h1>" in answer.text


async def test_a_field_is_text_and_cut(ada: Browser) -> None:
    fields = {"csrf": await token(ada), "words": "  " + "w" * 5000}
    answer = await ada.post("/echo", data=fields, headers={"origin": HERE})
    assert answer.text == "taken: " + "w" * 2000
