"""The files of pictures: for whoever may see them, as long as they may, and kept no longer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.membership import Standing
from core.thumbs import thumb_name
from core.works import Showing, work_id
from gallery import app
from gallery.app import build_app
from gallery.deps import Deps
from generation.thumbnailer import Thumbnailer
from storage.opening import Storage
from tests.builders import ADA, BO, CHANNEL, FakeClock
from tests.fakes.memory_membership import MemoryMembership
from tests.gallery.conftest import Browser, browsing, deps_over
from tests.gallery.makers import made

SERVER = CHANNEL.server_id
WAYS = ("/p/{}.png", "/t/{}-320.webp")


async def shown(storage: Storage, showing: Showing, **more: bool) -> str:
    """A picture of ada's that is shown so; its name."""
    job = await made(storage)
    await storage.works.show(work_id(job.id, 1), showing, **more)
    return work_id(job.id, 1)


@pytest.mark.parametrize("way", WAYS)
async def test_a_public_picture_is_anybodys_to_see_and_to_keep_for_a_while(
    browser: Browser, storage: Storage, way: str
) -> None:
    id = await shown(storage, Showing.PUBLIC)
    answer = await browser.get(way.format(id))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    assert answer.content.startswith(b"\x89PNG")
    if way.endswith(".png"):
        assert answer.headers["cache-control"] == "public, max-age=600"
        assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "set-cookie" not in answer.headers
    assert (await browser.http.head(way.format(id))).content == b""


async def test_a_members_picture_is_asked_for_each_time(
    browser: Browser, storage: Storage, town: MemoryMembership
) -> None:
    id = await shown(storage, Showing.SERVER)
    assert (await browser.get(f"/p/{id}.png")).status_code == 404
    town.standings[BO.id, SERVER] = Standing(member=True)
    await browser.log_in(BO)
    answer = await browser.get(f"/p/{id}.png")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "private, no-cache")
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    again = await browser.get(f"/p/{id}.png", headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_whoever_left_the_server_sees_it_no_longer_even_if_they_have_it_still(
    browser: Browser, storage: Storage, town: MemoryMembership, clock: FakeClock
) -> None:
    id = await shown(storage, Showing.SERVER)
    town.standings[BO.id, SERVER] = Standing(member=True)
    await browser.log_in(BO)
    tag = (await browser.get(f"/p/{id}.png")).headers["etag"]
    del town.standings[BO.id, SERVER]
    clock.advance(10)
    answer = await browser.get(f"/p/{id}.png", headers={"if-none-match": tag})
    assert answer.status_code == 404


async def test_a_private_or_age_rated_picture_is_kept_nowhere(
    browser: Browser, storage: Storage
) -> None:
    await browser.log_in(ADA)
    private = await shown(storage, Showing.PRIVATE)
    rated = await shown(storage, Showing.PUBLIC, age_rated=True)
    for id in (private, rated):
        answer = await browser.get(f"/p/{id}.png")
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "private, no-store")
    browser.http.cookies.clear()
    for id in (private, rated):
        assert (await browser.get(f"/p/{id}.png")).status_code == 404


async def test_what_is_hidden_and_what_never_was_are_answered_alike(
    browser: Browser, storage: Storage
) -> None:
    id = await shown(storage, Showing.PRIVATE)
    for way in WAYS:
        hidden, never = [await browser.get(way.format(one)) for one in (id, "0" * 20 + "-1")]
        assert hidden.status_code == never.status_code == 404
        assert hidden.text.replace(id, "") == never.text.replace("0" * 20 + "-1", "")


async def test_a_deleted_picture_is_gone_for_everybody(
    browser: Browser, storage: Storage, clock: FakeClock
) -> None:
    id = await shown(storage, Showing.PUBLIC)
    await storage.album.delete(id.partition("-")[0], clock.now())
    await browser.log_in(ADA)
    for way in WAYS:
        answer = await browser.get(way.format(id))
        assert answer.status_code == 410
        assert "That picture was deleted." in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/p/..%2f..%2feasel.db.png",
        "/p/%2e%2e/%2e%2e/easel.db.png",
        "/p/" + "ab" * 32 + ".png",
        "/p/{id}%00.png",
        "/p/{id}.png/",
        "/p/{id}-1.png",
        "/p/{job}-0.png",
        "/p/{job}-01.png",
        "/p/{job}-１.png",
        "/t/{id}-321.webp",
        "/t/{id}-0.webp",
        "/t/{id}--320.webp",
        "/t/{id}-99999999999999999999.webp",
        "/t/..-320.webp",
        "/static/..%2fapp.py",
        "/static/%2e%2e/app.py",
        "//etc/passwd",
    ],
)
async def test_a_made_up_address_opens_nothing(
    browser: Browser, storage: Storage, path: str
) -> None:
    id = await shown(storage, Showing.PUBLIC)
    answer = await browser.get(path.format(id=id, job=id.partition("-")[0]))
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")


async def test_it_is_saved_under_a_name_of_its_own(browser: Browser, storage: Storage) -> None:
    id = await shown(storage, Showing.PUBLIC)
    answer = await browser.get(f"/p/{id}.png?download")
    assert answer.headers["content-disposition"] == f'attachment; filename="easel-{id}.png"'
    part = await browser.get(f"/p/{id}.png", headers={"range": "bytes=0-3"})
    assert (part.status_code, part.content) == (206, b"\x89PNG")


async def test_without_copies_the_picture_itself_is_shown_and_not_kept(
    browser: Browser, storage: Storage
) -> None:
    id = await shown(storage, Showing.PUBLIC)
    answer = await browser.get(f"/t/{id}-320.webp")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    assert answer.headers["cache-control"] == "private, no-store"


async def test_a_copy_is_kept_apart_by_its_size_and_goes_with_the_picture(
    storage: Storage, town: MemoryMembership, clock: FakeClock, tmp_path: Path
) -> None:
    folder = tmp_path / "data" / "thumbs"
    async with Thumbnailer(folder, storage.blobs) as thumbs:
        deps = deps_over(storage, town, clock, thumbs=thumbs)
        async with browsing(build_app(deps), deps) as browser:
            id = await shown(storage, Showing.PUBLIC)
            answer = await browser.get(f"/t/{id}-640.webp")
            assert (answer.status_code, answer.headers["content-type"]) == (200, "image/webp")
            assert answer.headers["cache-control"] == "public, max-age=600"
            # It is 128 pixels long, so a larger copy would be the same.
            small = await browser.get(f"/t/{id}-160.webp")
            assert small.headers["etag"] == answer.headers["etag"]
            work = await storage.works.get(id)
            assert list(folder.rglob("*.webp")) == [folder / thumb_name(work.blob, 160)]
            await storage.album.delete(work.job_id, clock.now())
            assert not list(folder.rglob("*.webp"))


async def test_a_file_that_is_missing_is_one_sentence(
    browser: Browser, deps: Deps, storage: Storage
) -> None:
    id = await shown(storage, Showing.PUBLIC)
    (await storage.blobs.local((await storage.works.get(id)).blob)).unlink()
    answer = await browser.get(f"/p/{id}.png")
    assert answer.status_code == 404
    assert "That is no longer there." in answer.text

    class Vanishing:
        async def local(self, key: str) -> Path:
            return Path("/nowhere") / key

    vanishing = replace(deps, blobs=Vanishing())
    async with browsing(build_app(vanishing), vanishing) as other:
        assert (await other.get(f"/p/{id}.png")).status_code == 404


async def test_no_page_tells_a_stranger_that_a_private_picture_is_there(
    browser: Browser, storage: Storage, clock: FakeClock
) -> None:
    await browser.log_in(BO)
    hidden, never = await shown(storage, Showing.PRIVATE), "0" * 20 + "-1"
    for way in app.WAYS:
        if "{work}" not in way.path:
            continue
        clock.advance(60)
        said: list[tuple[int, str]] = []
        for id in (hidden, never):
            path = way.path.replace("{work}", id).replace("{side:int}", "320")
            if way.method == "GET":
                answer = await browser.get(path)
            else:
                answer = await browser.submit(path)
            # A page has links that lead back to it.
            said.append((answer.status_code, answer.text.replace(id, "")))
        assert said[0] == said[1], way.name
        assert said[0][0] == 404, way.name
