"""Every button under one picture, pressed on the page: the whole of Easel behind it."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from tests.end_to_end.conftest import CHROMIUM
from tests.end_to_end.test_newcomer import easel_on_a_page, imagine, messages, shoot

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")

QUICK = "--ar 3:2 --steps 2 --seed 7 --n 2"

GRIDS = {
    "Vary (Subtle)": "Variations (Subtle)",
    "Vary (Strong)": "Variations (Strong)",
    "Zoom Out 2x": "Zoom Out 2x",
    "Zoom Out 1.5x": "Zoom Out 1.5x",
    "Make Square": "Made Square",
    "⬅️": "Pan Left",
    "➡️": "Pan Right",
    "⬆️": "Pan Up",
    "⬇️": "Pan Down",
}
LARGER = {"Upscale (Subtle)": "Upscaled (Subtle)", "Upscale (Creative)": "Upscaled (Creative)"}


def titled(page: Page, title: str) -> Locator:
    return messages(page).filter(has_text=f"- {title} by @Mira")


async def comes(page: Page, title: str, *, grid: bool = True) -> Locator:
    """The finished message of what was pressed for."""
    message = titled(page, title)
    name = "U2" if grid else "Upscale (Subtle)"
    await expect(message.get_by_role("button", name=name)).to_be_visible()
    await expect(message.locator("img[src*='attachments']")).to_have_count(1)
    return message


async def width(message: Locator) -> int:
    """Of its picture, in pixels."""
    picture = message.locator("img[src*='attachments']")
    return await picture.evaluate("image => image.decode().then(() => image.naturalWidth)")


async def fill_in(page: Page, title: str, field: str, text: str) -> None:
    form = page.get_by_role("dialog", name=title)
    await form.get_by_label(field).fill(text)
    await form.get_by_role("button", name="Submit").click()
    await expect(form).to_have_count(0)


async def test_every_button_under_one_picture(tmp_path: Path) -> None:
    async with easel_on_a_page(tmp_path) as page:
        await imagine(page, f"a red lighthouse {QUICK}")
        grid = messages(page).nth(0)
        await grid.get_by_role("button", name="U2").click()
        single = messages(page).nth(1)
        await expect(single).to_contain_text("Image #2")

        for label in (*LARGER, *GRIDS):
            await single.get_by_role("button", name=label, exact=True).click()
            title = (LARGER | GRIDS)[label]
            await expect(titled(page, title)).to_have_count(1)
            if label in LARGER:
                large = await comes(page, title, grid=False)
                assert await width(large) == 2 * await width(single)
        for title in GRIDS.values():
            await comes(page, title)

        # What asks first.
        await single.get_by_role("button", name="Custom Zoom").click()
        line = "a red lighthouse --ar 1:1 --zoom 1.4 --steps 2 --n 2"
        await fill_in(page, "Custom Zoom", "Prompt", line)
        await comes(page, "Zoom Out 1.4x")
        await single.get_by_role("button", name="Remix").click()
        await fill_in(page, "Remix", "Prompt", "a blue boat --steps 2 --n 2")
        await comes(page, "Remix")
        await single.get_by_role("button", name="Vary (Region)").click()
        asked = page.locator(".message.ephemeral").filter(has_text="painted anew")
        await expect(asked.locator("img[src*='attachments']")).to_have_count(1)
        await shoot(page, "region")
        await asked.get_by_role("button", name="In words or with a mask").click()
        await fill_in(page, "Vary (Region)", "Part of the picture", "left third")
        await comes(page, "Variations (Region)")

        # What makes nothing.
        await single.get_by_role("button", name="❤️").click()
        liked = page.locator(".message.ephemeral").filter(has_text="You like this picture")
        await expect(liked).to_contain_text("Only you can see this")

        # A draft is made whole.
        await imagine(page, "a green tree --draft --steps 2")
        sketch = messages(page).filter(has_text="a green tree")
        await sketch.get_by_role("button", name="E3").click()
        await comes(page, "Enhanced", grid=False)
        await shoot(page, "every-button")
