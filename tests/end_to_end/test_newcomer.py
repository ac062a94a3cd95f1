"""A newcomer's first minutes: `easel run`, a browser, /imagine and every button."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, async_playwright, expect

from tests.end_to_end.conftest import CHROMIUM, CHROMIUM_FLAGS, whole_easel

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")

SHOTS = os.environ.get("EASEL_SCREENSHOTS")
"""A folder to keep screenshots in, for looking at them and for the docs."""

PATIENCE_MS = 90_000
SUBJECT = "a red lighthouse at sunset --ar 3:2 --seed 7"


@asynccontextmanager
async def easel_on_a_page(folder: Path) -> AsyncIterator[Page]:
    async with whole_easel(folder) as program:
        url = (await program.says("Open http://127.0.0.1:")).split()[1]
        await program.says("connected to Discord")
        async with browser(url) as page:
            page.set_default_timeout(PATIENCE_MS)
            expect.set_options(timeout=PATIENCE_MS)
            yield page


@asynccontextmanager
async def browser(url: str) -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        page = await chromium.new_page(viewport={"width": 1280, "height": 800})
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.goto(url)
        yield page
        await chromium.close()
        assert complaints == []


async def imagine(page: Page, prompt: str) -> None:
    await page.locator("#composer-text").click()
    await page.keyboard.type("/imagine")
    await expect(page.get_by_role("option").first).to_be_visible()
    await page.keyboard.press("Enter")
    await page.keyboard.type(prompt)
    await page.keyboard.press("Enter")


def messages(page: Page) -> Locator:
    return page.locator("[data-message-id]")


async def shoot(page: Page, name: str) -> None:
    if SHOTS:
        await page.screenshot(path=Path(SHOTS) / f"{name}.png")


async def test_imagine_then_u2_v3_reroll_and_cancel(tmp_path: Path) -> None:
    async with easel_on_a_page(tmp_path) as page:
        # The first prompt waits for the model to load, then shows its pictures while they
        # sharpen; cancel stops it in the middle. It is long, so that a fast machine is not done
        # before the page has been looked at.
        await imagine(page, "a green tree in the snow --steps 60 --n 8")
        long = messages(page).nth(0)
        await expect(long).to_contain_text("a green tree")
        await expect(long.get_by_role("button", name="Cancel")).to_be_visible()
        await shoot(page, "waiting")
        await expect(long.locator("img[src*='attachments']")).to_have_count(1)
        await expect(long).to_contain_text("%)")
        await shoot(page, "progress")
        await long.get_by_role("button", name="Cancel").click()
        await expect(long).to_contain_text("stopped")
        await shoot(page, "cancelled")

        # The next one becomes a grid.
        await imagine(page, SUBJECT)
        first = messages(page).nth(2)
        await expect(first).to_contain_text("a red lighthouse at sunset")
        await expect(first.get_by_role("button", name="U2")).to_be_visible()
        await expect(first).to_contain_text("@Mira")
        await expect(first.locator("img[src*='attachments']")).to_have_count(1)
        assert await first.get_by_role("button", name="Cancel").count() == 0
        await shoot(page, "grid")

        # U2 posts the stored picture alone.
        await first.get_by_role("button", name="U2").click()
        single = messages(page).nth(3)
        await expect(single).to_contain_text("Image #2")
        await expect(single.locator("img[src*='attachments']")).to_have_count(1)
        await shoot(page, "u2")

        # V3 makes a grid of variations with buttons of its own.
        await first.get_by_role("button", name="V3").click()
        varied = messages(page).nth(4)
        await expect(varied).to_contain_text("Variations")
        await expect(varied.get_by_role("button", name="V4")).to_be_visible()
        await shoot(page, "v3")

        # Re-roll makes another grid of the same prompt.
        await first.locator("[data-custom-id*=':reroll:']").click()
        again = messages(page).nth(5)
        await expect(again.get_by_role("button", name="U4")).to_be_visible()
        await shoot(page, "reroll")

        # A mistake is answered in private, with the mend as a button.
        await imagine(page, "a blue boat --aspct 16:9")
        private = messages(page).nth(6)
        await expect(private).to_contain_text("Only you can see this")
        await expect(private).to_contain_text("Did you mean --aspect?")
        await shoot(page, "mistake")
        await private.get_by_role("button", name="Run it mended").click()
        await expect(messages(page).nth(7).get_by_role("button", name="U1")).to_be_visible()
        await shoot(page, "mended")
