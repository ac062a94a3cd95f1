"""Anybody can ask for a picture to be taken down, and those in charge hear of it."""

from __future__ import annotations

import pytest

from core.reports import VISITOR
from storage.opening import Storage
from tests.builders import CHANNEL
from tests.gallery.conftest import HERE as SITE
from tests.gallery.conftest import Browser
from tests.gallery.makers import made

HERE = CHANNEL.server_id
SAID = {"reason": "that is me", "contact": "me@example.org"}


@pytest.mark.parametrize("form", ["{id}", "/p/{id}", SITE + "/p/{id}", SITE + "/p/{id}.png?x=1"])
async def test_a_visitor_is_heard_without_an_account(
    browser: Browser, storage: Storage, form: str
) -> None:
    job = await made(storage, pictures=2)
    address = form.format(id=f"{job.id}-2")
    answer = await browser.submit("/takedown", {"picture": address, **SAID}, "/takedown")
    assert answer.status_code == 200
    assert "Your request is in the reports queue." in answer.text
    (report,) = await storage.reports.page(HERE)
    assert (report.job_id, report.number, report.by) == (job.id, 2, VISITOR)
    assert (report.reason, report.contact) == ("that is me", "me@example.org")
    assert f"number {report.id}" in answer.text


async def test_the_form_comes_filled_in_from_a_pictures_page(browser: Browser) -> None:
    text = (await browser.get("/takedown", params={"picture": '"><script>'})).text
    assert "&#34;&gt;&lt;script&gt;" in text and "<script>" not in text.split("<main")[1]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"picture": "https://example.org/cat.png"}, "not the address of a picture here"),
        ({"picture": "f" * 20 + "-1"}, "no picture at that address"),
        ({"reason": "  "}, "Say why"),
        ({"contact": ""}, "how you can be reached"),
    ],
)
async def test_what_is_missing_is_said_and_what_was_typed_stays(
    browser: Browser, storage: Storage, changes: dict[str, str], words: str
) -> None:
    job = await made(storage)
    fields = {"picture": f"{job.id}-1", **SAID, **changes}
    answer = await browser.submit("/takedown", fields, "/takedown")
    assert answer.status_code == 400
    assert words in answer.text
    for value in fields.values():
        assert value.strip() in answer.text
    assert await storage.reports.count(HERE) == 0


async def test_nobody_sends_them_by_the_hundred(browser: Browser, storage: Storage) -> None:
    job = await made(storage)
    fields = {"picture": f"{job.id}-1", **SAID}
    answers = [await browser.submit("/takedown", fields, "/takedown") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert await storage.reports.count(HERE) == 5
