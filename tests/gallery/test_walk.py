"""People walk through every page in a real browser, on a desk and on a phone, by day and by night.

Nobody meets a page that breaks, scrolls sideways or complains in the console; axe-core finds
nothing serious; and whatever people typed, none of it runs.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from urllib.parse import quote

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from core.jobs import Owner
from core.regions import cell
from tests.fakes.pictures import drawn_as
from tests.gallery.hostile import COLLECTOR, HAUNT, PAYLOADS, haunt
from tests.gallery.seed import ADA, BO, HARBOUR, NORTH
from tests.gallery.stage import ADMIN, MODERATOR, STRANGER, Stage, staged
from tests.gallery.visitor import LOOKS, NO_CHROMIUM, Visitor, visit

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180), NO_CHROMIUM]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with staged(tmp_path_factory.mktemp("gallery")) as opened:
        yield opened


# Who meets what. Each row: the path, and the status for an anonymous visitor, a member, the owner,
# a moderator, an admin of the server, and an admin of another server. 303: asked to log in.

ROLES: dict[str, Owner | None] = {
    "anonymous": None,
    "member": BO,
    "owner": ADA,
    "moderator": MODERATOR,
    "admin": ADMIN,
    "admin of another server": STRANGER,
}

DESK_OF = f"/admin/{HARBOUR}"
ALL = (200,) * 6
MEMBERS_OWN = (303, 200, 200, 200, 200, 200)
OWNERS = (404, 404, 200, 404, 404, 404)
MODERATORS = (303, 404, 404, 200, 200, 404)
ADMINS = (303, 404, 404, 403, 200, 404)


def rows(stage: Stage) -> list[tuple[str, tuple[int, ...]]]:
    by, seeded = stage.seeded.by, stage.seeded
    shown = next(
        f"{job.id}-1"
        for job in seeded.jobs
        if job.place.server_id == HARBOUR and job.owner == ADA and f"{job.id}-1" not in by.values()
    )
    north = next(f"{job.id}-1" for job in seeded.jobs if job.place.server_id == NORTH)
    return [
        ("/", ALL),
        ("/top/week", ALL),
        ("/top/all", ALL),
        ("/search?q=lighthouse", ALL),
        ("/search?q=nothing+of+the+kind", ALL),
        (f"/p/{shown}", ALL),
        (f"/p/{shown}/verify", ALL),
        (f"/p/{shown}/alike", ALL),
        (f"/p/{by['family']}", ALL),
        (f"/p/{by['unlisted']}", ALL),
        (f"/p/{by['private']}", OWNERS),
        (f"/p/{by['age-rated']}", (404, 404, 200, 200, 200, 404)),
        (f"/p/{by['deleted']}", (410,) * 6),
        (f"/p/{north}", (404, 200, 200, 404, 404, 200)),
        (f"/u/{ADA.id}", ALL),
        (f"/s/{HARBOUR}", ALL),
        (f"/s/{NORTH}", (404, 200, 200, 404, 404, 200)),
        ("/themes", ALL),
        ("/takedown", ALL),
        ("/nowhere", (404,) * 6),
        ("/mine", MEMBERS_OWN),
        ("/likes", MEMBERS_OWN),
        ("/collections", MEMBERS_OWN),
        (f"/p/{shown}/collect", MEMBERS_OWN),
        (f"/p/{shown}/vary", MEMBERS_OWN),
        (f"/p/{shown}/report", MEMBERS_OWN),
        (f"/p/{shown}/delete", (303, 404, 200, 200, 200, 404)),
        ("/jobs/" + shown.split("-")[0], (303, 404, 200, 404, 404, 404)),
        ("/admin", MEMBERS_OWN),
        (f"{DESK_OF}/reports", MODERATORS),
        (f"{DESK_OF}/reports/{stage.report}", MODERATORS),
        (f"{DESK_OF}/use", ADMINS),
        (f"{DESK_OF}/use?time=year&unit=pictures", ADMINS),
        (f"{DESK_OF}/use/{ADA.id}", ADMINS),
        (f"{DESK_OF}/limits", ADMINS),
        (f"{DESK_OF}/showcases", ADMINS),
        (f"{DESK_OF}/log", ADMINS),
    ]


@pytest.fixture(scope="module")
def walked() -> set[tuple[str, int]]:
    """Paths and their statuses, as somebody met them."""
    return set()


@pytest.mark.parametrize("role", ROLES)
def test_each_role_walks_through_every_page(
    stage: Stage, chromium: Browser, walked: set[tuple[str, int]], role: str
) -> None:
    visitor = visit(stage, chromium, ROLES[role], pictures=role in ("anonymous", "owner"))
    place = list(ROLES).index(role)
    for path, statuses in rows(stage):
        found, expected = visitor.go(path), statuses[place]
        if expected == 303:
            assert "/login" in visitor.page.url, f"{role} was not asked to log in at {path}"
        else:
            assert found == expected, f"{role} got {found} at {path}"
        # Who comes after others sees much the same; each page is still seen by day and by night.
        looks = LOOKS[:3:2] if (path, found) in walked else LOOKS
        walked.add((path, found))
        visitor.check(f"{path} for {role}", looks)
    visitor.context.close()


# Everybody can use it

GRAVE = ("serious", "critical")
AXE = Axe().axe_script
RUN = "(options) => axe.run(options).then((found) => found.violations)"


def faults(page: Page, **options: Any) -> list[str]:
    return [
        f"{one['id']}: {node['html'][:120]} {node.get('failureSummary', '')[:150]}"
        for one in page.evaluate(RUN, {"resultTypes": ["violations"], **options})
        if one["impact"] in GRAVE
        for node in one["nodes"][:3]
    ]


def looked_at(stage: Stage) -> list[tuple[Owner | None, str]]:
    """Each kind of page once, by somebody who sees all of it."""
    paths = [path for path, _ in rows(stage)]
    shown = next(path for path in paths if path.endswith("/verify")).removesuffix("/verify")
    for_all = [
        "/",
        "/top/week",
        "/themes",
        "/takedown",
        "/nowhere",
        f"/u/{ADA.id}",
        f"/s/{HARBOUR}",
    ]
    for_all += [path for path in paths if path.startswith("/search")]
    for_all += [f"{shown}{page}" for page in ("", "/verify", "/alike")]
    own = [path for path in paths if path.startswith(("/mine", "/likes", "/coll", "/jobs"))]
    own += [f"{shown}{page}" for page in ("", "/collect", "/vary", "/report", "/delete")]
    of_desk = [path for path in paths if path.startswith("/admin")]
    return [
        *((None, path) for path in for_all),
        *((ADA, path) for path in own),
        *((ADMIN, path) for path in of_desk),
    ]


@pytest.mark.parametrize("part", range(3))
def test_axe_finds_nothing_serious(stage: Stage, chromium: Browser, part: int) -> None:
    found: list[str] = []
    visitors = {
        person: visit(stage, chromium, person, pictures=False) for person in (None, ADA, ADMIN)
    }
    for person, path in looked_at(stage)[part::3]:
        visitor = visitors[person]
        visitor.go(path)
        visitor.page.evaluate(AXE)
        for (size, scheme), options in ((LOOKS[0], {}), (LOOKS[2], BY_NIGHT)):
            visitor.page.set_viewport_size(size)  # pyright: ignore[reportArgumentType]
            visitor.page.emulate_media(color_scheme=scheme)
            seen = faults(visitor.page, **options)
            found += [f"{path} {scheme}: {fault}" for fault in seen]
    for visitor in visitors.values():
        visitor.context.close()
    assert not found, "\n".join(found[:20])


BY_NIGHT = {"runOnly": ["color-contrast", "target-size", "scrollable-region-focusable"]}
"""What may be otherwise in the dark and on a phone."""


# What people type is text


@pytest.fixture(scope="module")
def haunted(stage: Stage) -> list[str]:
    return haunt(stage)


def follow(visitor: Visitor, path: str) -> list[str]:
    """That page of a list and those after it. As they are served: in a browser a page goes on by
    itself, and its link to the next is another one before it is read."""
    found: list[str] = []
    while path:
        found.append(path)
        text = visitor.context.request.get(visitor.stage.url + path).text()
        link = re.search(r'rel="next" href="([^"]+)"', text)
        path = html.unescape(link[1]) if link is not None else ""
    return found


def test_nothing_that_people_typed_is_run(
    stage: Stage, chromium: Browser, haunted: list[str]
) -> None:
    nobody, admin, collector = (
        visit(stage, chromium, person, pictures=False) for person in (None, ADMIN, COLLECTOR)
    )
    paths = [*follow(nobody, "/"), *follow(nobody, f"/s/{HAUNT}")]
    assert len(paths) > 4, "of each list there is more than one page"
    paths += ["/u/7000", "/search?q=" + quote(PAYLOADS[0])]
    paths += [f"/takedown?picture={quote(payload)}" for payload in PAYLOADS[:5]]
    seen = 0
    for path in paths:
        assert nobody.go(path) == 200, path
        nobody.check(path)
        seen += nobody.page.locator(".work").count() if "after=" in path else 0
    assert seen >= 60
    for work in haunted[: len(PAYLOADS)]:
        assert nobody.go(f"/p/{work}") == 200
        nobody.check(f"/p/{work}")
    assert collector.go("/collections") == 200
    collector.check("/collections")
    for path in ("/use", "/use/7000", "/limits", "/reports", "/showcases", "/log"):
        assert admin.go(f"/admin/{HAUNT}{path}") == 200
        admin.check(path)
    first = admin.stage.call(stage.storage.reports.page(HAUNT))[0]
    assert admin.go(f"/admin/{HAUNT}/reports/{first.id}") == 200
    admin.check("a hostile report")
    for visitor in (nobody, admin, collector):
        assert visitor.page.evaluate("typeof ran") == "undefined"
        visitor.context.close()


# What is done in a browser


def test_a_like_changes_without_leaving_the_page(stage: Stage, chromium: Browser) -> None:
    visitor = visit(stage, chromium, BO)
    path = next(path for path, _ in rows(stage) if path.startswith("/p/"))
    visitor.go(path)
    button = visitor.page.locator("form[data-like] button")
    was = button.get_attribute("aria-pressed")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false" if was == "true" else "true")
    visitor.check(path)
    visitor.context.close()


def test_without_a_script_forms_still_do_their_work(stage: Stage, chromium: Browser) -> None:
    visitor = visit(stage, chromium, BO, java_script_enabled=False)
    path = next(path for path, _ in rows(stage) if path.startswith("/p/"))
    visitor.go(path)
    button = visitor.page.locator("form[data-like] button")
    was = button.get_attribute("aria-pressed")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false" if was == "true" else "true")
    visitor.go(f"{path}/vary")
    visitor.page.locator("input[name=cell]").nth(5).check()
    visitor.page.get_by_role("button", name="Paint it anew").click()
    visitor.page.wait_for_url("**/jobs/*")
    waiting = stage.call(stage.storage.jobs.open_jobs(BO.id))[-1]
    assert waiting.request.edit is not None and waiting.request.edit.mask is None
    assert waiting.request.edit.parts == (cell(6),)
    visitor.context.close()


def test_a_part_is_brushed_undone_and_sent_as_a_mask(stage: Stage, chromium: Browser) -> None:
    visitor = visit(stage, chromium, ADA)
    page = visitor.page
    path = next(path for path, _ in rows(stage) if path.endswith("/vary"))
    visitor.go(path)
    page.get_by_role("button", name="Paint it anew").click()
    expect(page.locator("[data-wrong]")).to_have_text("Mark a part of the picture first.")
    box = page.locator(".ground canvas").bounding_box()
    assert box is not None

    def stroke(*points: tuple[float, float]) -> None:
        for step, (x, y) in enumerate(points):
            page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
            if not step:
                page.mouse.down()
        page.mouse.up()

    stroke((0.2, 0.2), (0.4, 0.2))
    stroke((0.8, 0.8), (0.9, 0.8))
    page.keyboard.press("Control+z")
    page.keyboard.press("]")
    expect(page.locator("#size")).to_have_value("14")
    visitor.check(path)
    page.get_by_role("button", name="Paint it anew").click()
    page.wait_for_url("**/jobs/*")
    expect(page.locator(".stands")).to_contain_text("in the queue")
    edit = stage.call(stage.storage.jobs.open_jobs(ADA.id))[-1].request.edit
    assert edit is not None and edit.mask is not None
    kept = stage.call(stage.storage.blobs.get(edit.mask))
    with Image.open(BytesIO(drawn_as(kept))) as mask:
        width, height = mask.size
        grey = mask.convert("L")
    assert grey.getpixel((int(0.3 * width), int(0.2 * height))) == 255
    assert grey.getpixel((int(0.85 * width), int(0.8 * height))) == 0
    assert grey.getpixel((int(0.5 * width), int(0.9 * height))) == 0
    visitor.context.close()
