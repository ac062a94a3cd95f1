"""Somebody with a real browser, who remembers what went wrong in it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from core.jobs import Owner
from tests.gallery.stage import Stage

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]

NO_CHROMIUM = pytest.mark.skipif(not Path(CHROMIUM).exists(), reason=f"there is no {CHROMIUM}")

DESK, PHONE = {"width": 1280, "height": 860}, {"width": 390, "height": 844}
Look = tuple[dict[str, int], Any]
"""A size, and light or dark."""

LOOKS: tuple[Look, ...] = (
    (DESK, "light"),
    (DESK, "dark"),
    (PHONE, "dark"),
    (PHONE, "light"),
)

TOO_WIDE = """() => {
  const [page, wide] = [document.documentElement, innerWidth];
  if (page.scrollWidth <= wide) return [];
  return [...document.querySelectorAll("body *")]
    .filter((one) => one.getBoundingClientRect().right > wide + 1)
    .map((one) => one.outerHTML.slice(0, 120)).slice(0, 4).concat(page.scrollWidth);
}"""

WATCH = """
window.broken = [];
addEventListener("securitypolicyviolation", (event) =>
  window.broken.push(`${event.violatedDirective} ${event.blockedURI}`));
"""


@dataclass
class Visitor:
    """A browser of somebody's, that remembers what went wrong in it."""

    stage: Stage
    context: BrowserContext
    page: Page
    wrong: list[str]

    def go(self, path: str) -> int:
        """Opens a page; returns its status."""
        answer = self.page.goto(self.stage.url + path, wait_until="domcontentloaded")
        assert answer is not None
        return answer.status

    def check(self, where: str, looks: Sequence[Look] = LOOKS) -> None:
        """In each look the page fits its width; nothing was refused or failed."""
        for size, scheme in looks:
            self.page.set_viewport_size(size)  # pyright: ignore[reportArgumentType]
            self.page.emulate_media(color_scheme=scheme)
            wide = self.page.evaluate(TOO_WIDE)
            assert not wide, f"{where} is too wide at {size['width']}: {wide}"
        self.wrong += [f"refused: {one}" for one in self.page.evaluate("window.broken")]
        assert not self.wrong, f"{where}: {self.wrong}"


def visit(
    stage: Stage,
    chromium: Browser,
    person: Owner | None,
    *,
    pictures: bool = True,
    **options: Any,
) -> Visitor:
    """Without `pictures` none is loaded: their places are as large, and the walk is sooner over."""
    # Without motion, so that a colour that changes has changed.
    context = chromium.new_context(
        viewport=DESK,  # pyright: ignore[reportArgumentType]
        reduced_motion="reduce",
        **options,
    )
    context.set_default_timeout(10_000)
    if person is not None:
        cookie = {"name": "easel-session", "value": stage.secret(person), "url": stage.url}
        context.add_cookies([cookie])  # pyright: ignore[reportArgumentType]
    page, wrong = context.new_page(), list[str]()
    if options.get("java_script_enabled", True):
        context.add_init_script(WATCH)
    if not pictures:
        browser = context.new_cdp_session(page)
        browser.send("Network.enable")
        browser.send("Network.setBlockedURLs", {"urls": ["*.webp", "*.png"]})
    page.on("pageerror", lambda error: wrong.append(f"failed: {error}"))
    page.on("dialog", lambda dialog: (wrong.append(f"asked: {dialog.message}"), dialog.dismiss()))

    def heard(line: Any) -> None:
        # The browser reports every 4xx itself; those are answers the page shows in its own way.
        blocked = not pictures and "ERR_BLOCKED_BY_CLIENT" in line.text
        if line.type == "error" and "status of 4" not in line.text and not blocked:
            wrong.append(f"said: {line.text}")

    page.on("console", heard)
    return Visitor(stage, context, page, wrong)
