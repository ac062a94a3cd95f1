"""What the script adds, in Chromium: the lightbox, a page that goes on by itself, the way back.

Everything is there without the script too, as links.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.gallery.seed import HARBOUR
from tests.gallery.stage import Stage, staged
from tests.gallery.visitor import NO_CHROMIUM

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180), NO_CHROMIUM]

SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => list.getEntries().forEach((one) => (shifted += one.value)))
  .observe({ type: "layout-shift", buffered: true });
"""
DRAWN = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
"""Twice: what moved in the first is told before the second."""

TO_THE_END = "scrollTo({ top: document.body.scrollHeight, behavior: 'instant' })"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gallery.pages.explore.ON_A_PAGE", 6)
        with staged(tmp_path_factory.mktemp("served")) as stage:
            yield stage


def opened(chromium: Browser, served: Stage, *, script: bool = True) -> Page:
    size = {"width": 1200, "height": 500}
    context = chromium.new_context(viewport=size, java_script_enabled=script)  # pyright: ignore[reportArgumentType]
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.goto(served.url)
    return page


def hung(page: Page) -> list[str]:
    works = page.locator(".work").all()
    return [str(work.get_attribute("data-work")) for work in works]


def test_a_picture_opens_over_the_page_and_the_keys_lead_on(
    chromium: Browser, served: Stage
) -> None:
    page = opened(chromium, served)
    ids = hung(page)
    page.locator(".work a").first.focus()
    page.keyboard.press("Enter")
    box = page.locator("dialog.box")
    expect(box).to_be_visible()
    expect(page).to_have_url(f"{served.url}/p/{ids[0]}")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(f"{served.url}/p/{ids[2]}")
    page.keyboard.press("ArrowLeft")
    expect(page).to_have_url(f"{served.url}/p/{ids[1]}")
    expect(box.locator("figure img")).to_have_attribute("src", f"/p/{ids[1]}.png")
    page.keyboard.press("Escape")
    expect(box).not_to_be_visible()
    expect(page).to_have_url(f"{served.url}/")
    focused = page.evaluate("document.activeElement.getAttribute('href')")
    assert focused == f"/p/{ids[1]}", "focus is at the picture that was looked at last"
    page.context.close()


def test_the_way_back_and_forth_leads_into_the_lightbox_and_out(
    chromium: Browser, served: Stage
) -> None:
    page = opened(chromium, served)
    box = page.locator("dialog.box")
    page.locator(".work a").nth(1).click()
    expect(box).to_be_visible()
    page.go_back()
    expect(box).not_to_be_visible()
    page.go_forward()
    expect(box).to_be_visible()
    box.get_by_role("link", name="Details").click()
    expect(page.locator("h1.prompt")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Explore")).to_be_visible()
    page.context.close()


def test_a_small_picture_grows_by_whole_pixels(chromium: Browser, served: Stage) -> None:
    page = opened(chromium, served)
    link = page.locator(".work a").first
    link.click()
    image = page.locator("dialog.box figure img")
    expect(image).to_have_class("enlarged")
    shown = image.evaluate("(one) => one.width")
    assert shown % int(str(link.get_attribute("data-width"))) == 0
    page.context.close()


def test_the_page_goes_on_by_itself_and_is_as_long_when_one_comes_back(
    chromium: Browser, served: Stage
) -> None:
    # With a script the page may have gone on before its pictures are counted.
    still = opened(chromium, served, script=False)
    first = len(hung(still))
    still.context.close()
    page = opened(chromium, served)
    before = len(hung(page))
    while page.locator(".pager").count():
        page.evaluate(TO_THE_END)
        expect(page.locator(".work")).not_to_have_count(before)
        before = len(hung(page))
    ids = hung(page)
    assert len(ids) > 2 * first
    assert len(set(ids)) == len(ids)
    last = page.locator(".work a").nth(len(ids) - 1)
    last.click()
    page.locator("dialog.box").get_by_role("link", name="Details").click()
    expect(page.locator("h1.prompt")).to_be_visible()
    page.go_back()
    expect(page.locator(".work")).to_have_count(len(ids))
    expect(page.locator(".work").nth(len(ids) - 1)).to_be_in_viewport()
    page.context.close()


def test_pictures_have_their_room_before_they_come(chromium: Browser, served: Stage) -> None:
    page = opened(chromium, served)
    page.add_init_script(SHIFTS)
    page.goto(f"{served.url}/s/{HARBOUR}")
    page.wait_for_load_state("networkidle")
    page.evaluate(DRAWN)
    assert len(hung(page)) > 20
    assert page.evaluate("shifted") < 0.01
    page.context.close()


def test_without_a_script_it_is_all_links(chromium: Browser, served: Stage) -> None:
    page = opened(chromium, served, script=False)
    ids = hung(page)
    page.get_by_role("link", name="More pictures").click()
    expect(page).to_have_url(re.compile(r"\?after="))
    expect(page.locator(".work")).to_have_count(len(ids))
    assert not set(hung(page)) & set(ids)
    page.locator(".work a").first.click()
    expect(page.locator("h1.prompt")).to_be_visible()
    expect(page.get_by_role("button", name="Copy prompt")).to_have_count(0)
    page.context.close()


def test_dark_or_light_is_chosen_and_stays(chromium: Browser, served: Stage) -> None:
    page = opened(chromium, served)
    page.emulate_media(color_scheme="light")
    paper = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(paper)
    page.get_by_role("button", name="Dark or light").click()
    dark = page.evaluate(paper)
    assert dark != light
    page.reload()
    assert page.evaluate(paper) == dark
    page.context.close()
