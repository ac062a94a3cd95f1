"""Photographs what people see, for docs/buttons.md: `python -m benchmarks.handbook.shots [NAME …]`.

All of Easel runs, with the embedded model, and a browser looks at the sandbox. People act through
the sandbox's driver where nothing is to be seen of how, and by the mouse where there is.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.async_api import Browser, Locator, Page, async_playwright

from benchmarks.handbook import page as handbook
from bot.buttons import (
    HistoryButton,
    MendButton,
    ModelMenu,
    RegionButton,
    SetButton,
    ThemeButton,
    WallButton,
)
from sandbox.client import SandboxClient
from sandbox.views import Interaction, Message
from sandbox.world import MIRA_ID, NOAH_ID, PATRON_ROLE_ID, SHOWCASE_ID
from tests.end_to_end.conftest import CHROMIUM, CHROMIUM_FLAGS, whole_easel

OUT = Path("docs/images/buttons")
QUALITY = 80
PATIENCE = 120.0
MIRA, ADA = "mira", "ada"
"""A member, and the one who runs the server."""

SELECT = 3
"""The kind of a menu whose entries are texts (Discord)."""

HIDDEN = "#jump, .message > .tools { display: none !important; }"
"""What only whoever moves a mouse there sees."""

LINE = "a red lighthouse by day, meadow --seed 7"
LONG = "a green tree by day, snow --steps 60 --n 8"

QUICK: tuple[tuple[str, str, dict[str, Any]], ...] = (
    (MIRA, "settings", {}),
    (MIRA, "help", {}),
    (MIRA, "relax", {}),
    (MIRA, "turbo", {}),
    (MIRA, "fast", {}),
    (MIRA, "stealth", {}),
    (MIRA, "public", {}),
    (MIRA, "prefer option set", {"name": "film", "value": "grainy film --ar 3:2"}),
    (MIRA, "prefer suffix", {"text": "--no text"}),
    (MIRA, "prefer option list", {}),
    (MIRA, "prefer option delete", {"name": "film"}),
    (MIRA, "prefer variability", {}),
    (MIRA, "prefer auto_dm", {}),
    (MIRA, "prefer auto_dm", {}),
    (MIRA, "prefer remix", {}),
    (MIRA, "prefer remix", {}),
    (MIRA, "prefer gallery", {"who": "server"}),
    (MIRA, "prefer forget", {}),
    (MIRA, "usage", {}),
    (MIRA, "info", {}),
    (ADA, "quota set", {"pictures": 200, "per": "day"}),
    (ADA, "quota grant", {"amount": 20, "unit": "pictures", "person": MIRA_ID}),
    (ADA, "quota show", {}),
    (ADA, "quota report", {}),
    (ADA, "quota timezone", {"name": "Europe/Lisbon"}),
    (ADA, "quota admins", {"role": PATRON_ROLE_ID}),
    (ADA, "quota reset", {"person": MIRA_ID}),
    (ADA, "quota audit", {}),
    (ADA, "server pause", {}),
    (ADA, "server drain", {}),
    (ADA, "server queue", {}),
    (ADA, "server resume", {}),
    (ADA, "server ban", {"person": NOAH_ID}),
    (ADA, "server unban", {"person": NOAH_ID}),
    (ADA, "server cancel", {"person": NOAH_ID}),
    (ADA, "server flags default", {"text": "--ar 1:1"}),
    (ADA, "server flags forced", {"text": "--public"}),
    (ADA, "server flags show", {}),
    (ADA, "server flags forced", {}),
    (ADA, "server presentation", {"how": "gallery"}),
    (ADA, "server presentation", {"how": "grid"}),
    (ADA, "server gallery", {"who": "server"}),
    (ADA, "style save", {"name": "ink", "text": "ink drawing, black and white"}),
    (ADA, "style list", {}),
    (ADA, "style show", {"name": "ink"}),
    (ADA, "style house", {"name": "ink"}),
    (ADA, "style delete", {"name": "ink"}),
)
"""Commands that are answered at once, in an order in which there is something to tell."""


class Photographer:
    def __init__(self, people: SandboxClient, browser: Browser, wanted: set[str], out: Path):
        self.people = people
        self._browser = browser
        self._wanted = wanted
        self._out = out
        self._pages: dict[str, Page] = {}
        self.taken: set[str] = set()

    async def page(self, person: str) -> Page:
        if person not in self._pages:
            page = await self._browser.new_page(
                viewport={"width": 680, "height": 900}, bypass_csp=True
            )
            page.set_default_timeout(PATIENCE * 1000)
            await page.goto(f"{self.people.url}/?as={person}&channel=studio")
            self._pages[person] = page
        return self._pages[person]

    async def take(self, name: str, seen: Locator) -> None:
        self.taken.add(name)
        await seen.wait_for()
        if self._wanted and name not in self._wanted:
            return
        await seen.scroll_into_view_if_needed()
        data = await seen.screenshot(animations="disabled", style=HIDDEN)
        path = self._out / f"{name}.webp"
        with Image.open(BytesIO(data)) as picture:
            picture.convert("RGB").save(path, quality=QUALITY, method=6)
        print(path, path.stat().st_size, flush=True)

    async def message(self, name: str, message: Message, person: str = MIRA) -> Locator:
        page = await self.page(person)
        seen = page.locator(f"[data-message-id='{message.id}']")
        await self.take(name, seen)
        return seen

    async def form(self, name: str, opener: Locator, person: str = MIRA) -> None:
        page = await self.page(person)
        await opener.click()
        dialog = page.locator("dialog.form")
        await self.take(name, dialog)
        await page.keyboard.press("Escape")
        await dialog.wait_for(state="detached")

    # What people do

    async def run(self, person: str, command: str, /, **options: Any) -> Message:
        return await self.told(await self.people.slash(person, "studio", command, **options))

    async def told(self, interaction: Interaction) -> Message:
        return await self.people.wait_edit(
            interaction.answer_id, lambda message: not message.loading, PATIENCE
        )

    async def done(self, message: Message) -> Message:
        return await self.people.wait_edit(
            message.id,
            lambda now: (
                any(":cancel:" in c.custom_id for c in now.controls) is False and bool(now.pictures)
            ),
            PATIENCE,
        )

    async def press(self, message: Message, part: str, person: str = MIRA) -> Message:
        id = next(c.custom_id for c in message.controls if f":{part}" in c.custom_id)
        return await self.told(await self.people.press(person, message.id, custom_id=id))

    async def running(self, line: str = LONG) -> Message:
        """A job that has a preview by now and is not done for long."""
        shown = await self.run(MIRA, "imagine", prompt=line)
        assert shown.button("Cancel") is not None, shown.text
        return await self.people.wait_edit(shown.id, lambda now: bool(now.pictures), PATIENCE)


def job_of(message: Message) -> str:
    found = re.search(r":([0-9a-f]{20}):", message.controls[0].custom_id)
    assert found is not None
    return found[1]


async def tour(camera: Photographer) -> None:
    people = camera.people
    await people.wait_connected(PATIENCE)
    await camera.page(MIRA)
    await camera.page(ADA)
    grid = await camera.done(await camera.run(MIRA, "imagine", prompt=LINE))
    await camera.message("command-imagine", grid)
    picked = await camera.press(grid, "U:")
    picked = await camera.done(picked)
    await under_one_picture(camera, picked)
    await of_files(camera, picked)
    await of_messages(camera, grid, picked)
    await commands(camera)
    await showcases(camera, grid)
    await themes(camera)
    await history(camera)
    await while_it_runs(camera)


async def under_one_picture(camera: Photographer, picked: Message) -> None:
    page = await camera.page(MIRA)
    seen = page.locator(f"[data-message-id='{picked.id}']")
    await camera.message("press-like", await camera.press(picked, "like"))
    await camera.form("form-remix", seen.get_by_role("button", name="Remix"))
    await camera.form("form-zoom", seen.get_by_role("button", name="Custom Zoom"))
    cells = await camera.press(picked, "region:")
    asked = await camera.message(handbook.panel_name(RegionButton), cells)
    await camera.form("form-region", asked.get_by_role("button", name="In words"))
    await camera.done(await camera.press(picked, "pan"))


async def of_files(camera: Photographer, picked: Message) -> None:
    """What is made of pictures and of words."""
    file = ("lighthouse.png", await camera.people.download(picked.pictures[0]))
    boat = await camera.done(await camera.run(MIRA, "imagine", prompt="a blue boat at sea --n 1"))
    other = ("boat.png", await camera.people.download(boat.pictures[0]))
    described = await camera.run(MIRA, "describe", image=file)
    await camera.message("command-describe", described)
    blended = await camera.run(MIRA, "blend", image1=file, image2=other)
    await camera.message("command-blend", await camera.done(blended))
    line = "a very beautiful red lighthouse standing in a meadow by day"
    shortened = await camera.message(
        "command-shorten", await camera.run(MIRA, "shorten", prompt=line)
    )
    await camera.form("form-prompt", shortened.get_by_role("button", name="1", exact=True))
    again = await camera.run(MIRA, "show", job=job_of(picked))
    await camera.message("command-show", again)
    await camera.people.delete(ADA, again.id)


async def of_messages(camera: Photographer, grid: Message, picked: Message) -> None:
    people = camera.people
    page, admins = await camera.page(MIRA), await camera.page(ADA)
    details = await camera.told(await people.menu(ADA, "Job details", message=grid.id))
    seen = await camera.message("menu-job-details", details, ADA)
    await camera.form("form-style", seen.get_by_role("button", name="Save style"), ADA)
    await camera.message(
        "menu-dm-results",
        await camera.told(await people.menu(MIRA, "DM results", message=picked.id)),
    )
    shown = page.locator(f"[data-message-id='{picked.id}']")
    await shown.locator(".content").click(button="right")
    menu = page.locator(".menu[role=menu]")
    await camera.take("menu-remix-this-prompt", menu)
    await menu.get_by_role("menuitem", name="Report").click()
    dialog = page.locator("dialog.form")
    await camera.take("form-report", dialog)
    await dialog.locator("textarea").fill("The sea is missing.")
    await dialog.get_by_role("button", name="Submit").click()
    thanks = await people.wait_message(
        "studio", lambda m: "admins of this server have" in m.content, viewer=MIRA, timeout=PATIENCE
    )
    await camera.message("menu-report", thanks)
    asked = await camera.told(await people.menu(MIRA, "Delete", message=grid.id))
    await camera.message("menu-delete", asked)
    await people.react(MIRA, picked.id, "⭐")
    await shown.locator("[data-emoji]").wait_for()
    await camera.message("reaction-star", picked)
    await people.react(MIRA, picked.id, "✉️")
    await page.goto(f"{people.url}/?as={MIRA}&channel=direct")
    await camera.take("reaction-envelope", page.locator("[data-message-id]").last)
    await page.goto(f"{people.url}/?as={MIRA}&channel=studio")
    await admins.bring_to_front()


async def commands(camera: Photographer) -> None:
    for person, command, options in QUICK:
        name = handbook.slug("command", command)
        told = await camera.run(person, command, **options)
        if name in camera.taken:
            continue
        seen = await camera.message(name, told, person)
        if command == "settings":
            await camera.form("form-suffix", seen.get_by_role("button", name="Suffix"))
            page = await camera.page(MIRA)
            await seen.get_by_role("combobox").click()
            await camera.take(handbook.panel_name(ModelMenu), page.get_by_role("listbox"))
            await page.keyboard.press("Escape")


async def showcases(camera: Photographer, grid: Message) -> None:
    async def admin(command: str, **options: Any) -> None:
        told = await camera.run(ADA, command, **options)
        await camera.message(handbook.slug("command", command), told, ADA)

    await admin("showcase add", channel=SHOWCASE_ID, topic="lighthouse", likes=2)
    await admin("showcase list")
    await admin("showcase change", showcase=1, likes=3)
    picked = await camera.done(await camera.press(grid, "U:"))
    await camera.message("press-publish", await camera.press(picked, "publish"))
    hung = await camera.people.wait_message(
        "showcase", lambda message: bool(message.pictures), timeout=PATIENCE
    )
    page = await camera.page(MIRA)
    await page.goto(f"{camera.people.url}/?as={MIRA}&channel=showcase")
    await camera.message(handbook.panel_name(WallButton), hung)
    await page.goto(f"{camera.people.url}/?as={MIRA}&channel=studio")
    await admin("showcase remove", showcase=1)


async def themes(camera: Photographer) -> None:
    async def told(person: str, command: str, **options: Any) -> None:
        answer = await camera.run(person, command, **options)
        await camera.message(handbook.slug("command", command), answer, person)

    await told(ADA, "theme start", words="a light in the dark", channel=SHOWCASE_ID)
    announced = await camera.people.wait_message(
        "showcase", lambda message: "a light in the dark" in message.text, timeout=PATIENCE
    )
    page = await camera.page(MIRA)
    await page.goto(f"{camera.people.url}/?as={MIRA}&channel=showcase")
    await camera.message(handbook.panel_name(ThemeButton), announced)
    await page.goto(f"{camera.people.url}/?as={MIRA}&channel=studio")
    grid = await camera.done(await camera.run(MIRA, "imagine", prompt=LINE))
    await told(MIRA, "theme enter", picture=f"{job_of(grid)}-1")
    await told(MIRA, "theme list")
    await told(ADA, "theme stop", theme=1)


async def history(camera: Photographer) -> None:
    page = await camera.run(MIRA, "history")
    await camera.message("command-history", page)
    menu = next(control for control in page.controls if control.kind == SELECT)
    first = str(menu.raw["options"][0]["value"])
    chosen = await camera.people.select(MIRA, page.id, first, custom_id=menu.custom_id)
    card = await camera.told(chosen)
    await camera.message(handbook.panel_name(HistoryButton), card)


async def while_it_runs(camera: Photographer) -> None:
    people = camera.people
    running = await camera.running()
    await camera.message("command-queue", await camera.run(MIRA, "queue"))
    await camera.message("press-cancel", await people.message(running.id))
    await people.react(MIRA, running.id, "❌")
    stopped = await people.wait_edit(running.id, lambda m: "(stopped)" in m.content, PATIENCE)
    await camera.message("reaction-cross", stopped)
    refused = await camera.run(MIRA, "imagine", prompt="a blue boat --aspct 16:9")
    await camera.message(handbook.panel_name(MendButton), refused)
    asked = await camera.run(MIRA, "imagine", prompt="a {red, blue} boat at sea")
    await camera.message(handbook.panel_name(SetButton), asked)


@asynccontextmanager
async def looking(wanted: set[str], out: Path) -> AsyncIterator[Photographer]:
    with tempfile.TemporaryDirectory() as folder:
        async with whole_easel(Path(folder)) as program:
            url = (await program.says("Open http://127.0.0.1:")).split()[1]
            await program.says("connected to Discord")
            async with SandboxClient(url) as people, async_playwright() as playwright:
                browser = await playwright.chromium.launch(
                    executable_path=CHROMIUM, args=CHROMIUM_FLAGS
                )
                yield Photographer(people, browser, wanted, out)
                await browser.close()


async def photograph(wanted: set[str], out: Path) -> None:
    drawn = {
        handbook.press_name(action, extra)
        for action, extra in handbook.kinds()
        if action.makes_pictures
    }
    async with looking(wanted, out) as camera:
        await tour(camera)
        missing = set(handbook.pictures()) - camera.taken - drawn
        if missing:
            raise SystemExit(f"nobody photographs {', '.join(sorted(missing))}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="only these")
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    asyncio.run(photograph(set(options.names), options.out))


if __name__ == "__main__":
    main()
