"""Finding pictures by one line, and what the page says it understood."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from urllib.parse import quote

import pytest

from core import find
from core.works import Query
from gallery.pages.asked import asked, ordered
from storage.opening import Storage
from tests.builders import NOON
from tests.gallery.conftest import Browser
from tests.gallery.pages.reading import heading, works
from tests.gallery.seed import ADA


async def test_words_find_pictures_whose_prompts_have_them(
    browser: Browser, storage: Storage
) -> None:
    hung = works((await browser.get("/")).text)
    words = (await storage.works.get(hung[0])).text.partition(" --")[0]
    word = max(re.findall(r"\w+", words), key=len)
    found = works((await browser.get(f"/search?q={quote(word)}")).text)
    assert hung[0] in found
    for id in found:
        assert word in (await storage.works.get(id)).text
    assert set(found) <= set(hung)


async def test_what_was_understood_is_told_and_can_be_left_out(browser: Browser) -> None:
    line = "boat model:postcard --ar 3:2 after:2026-12-31"
    text = (await browser.get(f"/search?q={quote(line)}")).text
    chips = re.findall(r'<a class="chip" href="([^"]+)"[^>]*>([^<]+)<', text)
    assert [html.unescape(words) for _, words in chips] == [
        "with postcard",
        "since 31 December 2026",
        "--ar 3:2",
    ]
    assert "3:2" not in html.unescape(chips[2][0]).replace("%3A", ":")
    assert heading(text) == "boat"


@pytest.mark.parametrize(
    "line",
    [
        'boat by:"Bo Lindqvist" --ar 3:2 --tile',
        "by:me is:liked sort:top",
        "by:123456789012345678 before:2027-01-01 cat",
        "a -b “c d” --no people, birds",
    ],
)
def test_each_piece_goes_alone_and_the_rest_stays(line: str) -> None:
    query = find.read(line, now=NOON, person_id=ADA.id)
    pieces = asked(query, ADA.id, "en")
    for piece in pieces:
        rest = find.read(piece.without, now=NOON, person_id=ADA.id)
        lines = [one.line for one in asked(rest, ADA.id, "en")]
        assert lines == [one.line for one in pieces if one is not piece]
        assert (rest.words, rest.order) == (query.words, query.order)
    for order, typed in ordered(query, ADA.id, "en").items():
        again = find.read(typed, now=NOON, person_id=ADA.id)
        assert again == replace(query, order=order)


def test_nothing_but_words_is_no_piece() -> None:
    assert asked(Query(words="a boat"), 0, "en") == []


async def test_a_line_that_cannot_be_read_says_why(browser: Browser) -> None:
    answer = await browser.get("/search?q=boat --arr 3:2 after:soon by:me")
    assert answer.status_code == 400
    for sentence in ("There is no flag --arr. Did you mean --ar?", "is no date.", "log in first"):
        assert sentence in answer.text
    assert 'value="boat --arr 3:2 after:soon by:me"' in answer.text, "it can be mended there"


async def test_nothing_found_says_what_to_try(browser: Browser) -> None:
    text = (await browser.get("/search?q=zzzzzz")).text
    assert "Nothing found" in text
    assert "What are you looking for?" in (await browser.get("/search")).text


async def test_what_is_typed_stays_text(browser: Browser) -> None:
    line = '"><script>alert(1)</script> by:"<img src=x onerror=alert(1)>"'
    text = (await browser.get(f"/search?q={quote(line)}")).text
    assert "<script>alert" not in text
    assert "<img src=x" not in text
    assert "&lt;script&gt;alert(1)" in text


async def test_my_own_are_found_by_me(browser: Browser, storage: Storage) -> None:
    await browser.log_in(ADA)
    found = works((await browser.get("/search?q=by:me")).text)
    assert found
    assert {(await storage.works.get(id)).owner.id for id in found} == {ADA.id}
