"""What every page has: its language, its errors in one sentence, its headers."""

from __future__ import annotations

import re

import pytest
from starlette.applications import Starlette
from starlette.responses import Response

from gallery.app import build_app
from gallery.ask import Ask, Way
from gallery.deps import Deps
from gallery.headers import HEADERS
from tests.builders import ADA, FakeClock
from tests.gallery.conftest import Browser, browsing


async def test_the_first_page_is_there_in_english(browser: Browser) -> None:
    answer = await browser.get("/")
    assert answer.status_code == 200
    assert '<html lang="en">' in answer.text
    assert answer.headers["cache-control"] == "private, no-cache"


async def test_nobody_finds_what_was_shown_to_somebody_who_logged_out(browser: Browser) -> None:
    await browser.log_in(ADA)
    assert (await browser.get("/")).headers["cache-control"] == "private, no-store"


@pytest.mark.parametrize(
    ("wish", "language"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,zh;q=0.9", "en"),
        ("fr, zh-TW;q=0.5, en;q=0.4", "zh"),
        ("fr", "en"),
        ("zh;q=0, en;q=0.1", "en"),
        ("zh;q=many", "en"),
        ("", "en"),
    ],
)
async def test_a_page_is_in_the_language_the_browser_asks_for(
    browser: Browser, wish: str, language: str
) -> None:
    answer = await browser.get("/", headers={"accept-language": wish})
    assert f'<html lang="{language}">' in answer.text


async def test_a_chosen_language_stays(browser: Browser) -> None:
    link = re.search(r'href="(/language/zh[^"]*)"', (await browser.get("/")).text)
    assert link is not None
    answer = await browser.get(link[1])
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "画廊" in (await browser.get("/", headers={"accept-language": "en"})).text


@pytest.mark.parametrize(
    "back", ["https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example", "x"]
)
async def test_a_link_leads_to_no_other_site(browser: Browser, back: str) -> None:
    answer = await browser.get("/language/zh", params={"back": back})
    assert answer.headers["location"] == "/"


async def test_a_page_there_is_not_is_one_sentence(browser: Browser) -> None:
    for path in ("/nothing", "/language/xx", "/static/nothing.css", "/static/../app.py"):
        answer = await browser.get(path)
        assert answer.status_code == 404
        assert "<h1>There is no such page, or it is not shown to you.</h1>" in answer.text
    assert "没有这个页面" in (await browser.get("/x", headers={"accept-language": "zh"})).text


async def test_what_cannot_be_done_there_is_one_sentence(browser: Browser) -> None:
    answer = await browser.post("/")
    assert answer.status_code == 405
    assert "That cannot be done at this address." in answer.text


async def test_a_page_that_breaks_says_so_and_tells_nothing(
    deps: Deps, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(ask: Ask) -> Response:
        raise ValueError("a secret of the inside")

    app = build_app(deps, [Way(path="/broken", page=broken, name="broken")])
    async with browsing(app, deps) as browser:
        answer = await browser.get("/broken")
    assert answer.status_code == 500
    assert "Something in the gallery broke." in answer.text
    assert "secret" not in answer.text
    assert "a secret of the inside" in caplog.text


async def test_a_script_is_told_of_errors_in_its_own_way(browser: Browser) -> None:
    answer = await browser.get("/language/xx", headers={"accept": "application/json"})
    assert answer.json() == {"error": "There is no such page, or it is not shown to you."}


async def test_every_answer_bears_the_headers(browser: Browser) -> None:
    for path in ("/", "/nothing", "/static/base.css"):
        answer = await browser.get(path)
        for name, value in HEADERS.items():
            assert answer.headers[name] == value
    policy = HEADERS["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "strict-transport-security" not in answer.headers


async def test_no_page_has_script_or_style_in_itself(browser: Browser) -> None:
    text = (await browser.get("/")).text
    assert not re.search(r"<style|<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=|javascript:", text)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "10.0.0.1:8867"])
async def test_another_host_is_refused(browser: Browser, host: str) -> None:
    answer = await browser.get("/", headers={"host": host})
    assert answer.status_code == 421
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("host", ["127.0.0.1:8867", "localhost:8867", "[::1]:8867", "LOCALHOST"])
async def test_this_machines_own_names_are_answered(browser: Browser, host: str) -> None:
    assert (await browser.get("/", headers={"host": host})).status_code == 200


async def test_a_file_is_asked_for_once(browser: Browser) -> None:
    link = re.search(r'href="(/static/base\.css\?v=\w+)"', (await browser.get("/")).text)
    assert link is not None
    answer = await browser.get(link[1])
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert "immutable" in answer.headers["cache-control"]
    stale = await browser.get("/static/base.css?v=old")
    assert stale.headers["cache-control"] == "no-cache"
    again = await browser.get("/static/base.css", headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_who_asks_too_often_waits(app: Starlette, deps: Deps, clock: FakeClock) -> None:
    async with browsing(app, deps) as browser:
        answers = [await browser.get("/") for _ in range(121)]
        assert [answer.status_code for answer in answers] == [200] * 120 + [429]
        assert answers[-1].headers["retry-after"] == "1"
        assert "Try again in 1 s." in answers[-1].text
        clock.advance(1)
        assert (await browser.get("/")).status_code == 200
