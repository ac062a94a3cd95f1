"""The page, in a real browser, as a newcomer uses it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from weakref import WeakKeyDictionary

import discord
import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from sandbox import Sandbox, SandboxClient
from sandbox.world import GUILD_ID, STUDIO_ID
from tests.sandbox.conftest import OTHER_PNG, PNG, Bare, Bot

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

COMPLAINTS: WeakKeyDictionary[Page, list[str]] = WeakKeyDictionary()

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason=f"there is no {CHROMIUM}"),
]


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield launched
        await launched.close()


async def look(browser: Browser, sandbox: Sandbox, person: str, **size: int) -> Page:
    """A page that fails the test when a script of it fails or is refused."""
    page = await browser.new_page(viewport={"width": 1280, "height": 800, **size})
    page.set_default_timeout(8000)
    found = COMPLAINTS[page] = []
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("console", lambda line: found.append(line.text) if line.type == "error" else None)
    await page.goto(f"{sandbox.url}/?as={person}&channel=studio")
    await expect(page.locator("body")).to_have_attribute("data-ready", "true")
    return page


def complaints(page: Page) -> list[str]:
    # The browser reports every 4xx itself; those are answers the page shows in its own way.
    return [text for text in COMPLAINTS[page] if "status of 4" not in text]


async def run(page: Page, text: str) -> None:
    await page.locator("#composer-text").click()
    await page.keyboard.type(text)
    await page.keyboard.press("Enter")


async def test_a_newcomer_runs_a_command_and_presses_its_buttons(
    browser: Browser, sandbox: Sandbox, bot: Bot, people: SandboxClient
) -> None:
    page = await look(browser, sandbox, "mira")
    box = page.get_by_role("textbox", name="Message #studio")
    await expect(box).to_be_focused()
    await page.keyboard.type("/")
    await expect(page.get_by_role("option")).to_have_count(4)
    await page.keyboard.type("dr")
    await page.keyboard.press("Tab")
    await page.keyboard.type("a **bold** fox <img src=x onerror=alert(1)>")
    await page.keyboard.press("Tab")
    await page.get_by_role("option", name="model").click()
    await page.keyboard.type("fl")
    await page.get_by_role("option", name="Flux").click()
    await page.get_by_role("button", name="+3 more").click()
    await page.get_by_role("option", name="image").click()
    await page.locator("input[data-option=image]").set_input_files(
        {"name": "in.png", "mimeType": "image/png", "buffer": PNG}
    )
    await page.get_by_role("textbox", name="prompt").press("Enter")

    message = page.locator("[data-message-id]").last
    await expect(message.get_by_role("button", name="U1")).to_be_visible()
    await expect(message).to_contain_text(f"flux {len(PNG)} - @Mira")
    await expect(message).to_contain_text("<img src=x onerror=alert(1)>")
    await expect(message.locator(".picture")).to_have_count(1)
    await expect(page.locator("[data-pending]")).to_have_count(0)

    before = await message.locator(".picture").get_attribute("data-src")
    await message.get_by_role("button", name="Swap").click()
    await expect(message).to_contain_text("swapped")
    await expect(message.locator(".picture")).not_to_have_attribute("data-src", before or "")

    await message.get_by_role("button", name="U1").click()
    reply = page.locator("[data-message-id]").last
    await expect(reply).to_contain_text("upscaled")
    await expect(reply.locator(".quoted")).to_contain_text("swapped")
    await reply.locator(".picture").click()
    await expect(page.locator("dialog.lightbox img")).to_be_visible()
    await page.keyboard.press("Escape")
    assert complaints(page) == []


async def test_forms_selects_menus_and_private_answers(
    browser: Browser, sandbox: Sandbox, bot: Bot, people: SandboxClient
) -> None:
    await people.slash("mira", "studio", "draw", prompt="a fox")
    mira = await look(browser, sandbox, "mira")
    noah = await look(browser, sandbox, "noah")
    message = mira.locator("[data-message-id]").first
    await message.get_by_role("combobox", name="More").click()
    await mira.get_by_role("option", name="Pan").click()
    private = mira.locator(".message.ephemeral").last
    await expect(private).to_contain_text("chose Pan")
    await expect(private).to_contain_text("Only you can see this")
    await expect(noah.locator(".message.ephemeral")).to_have_count(0)
    await private.get_by_role("button", name="Dismiss message").click()
    await expect(mira.locator(".message.ephemeral")).to_have_count(0)

    await message.get_by_role("button", name="Remix").click()
    form = mira.get_by_role("dialog", name="Remix")
    await form.get_by_label("Prompt").fill("a heron")
    await form.get_by_role("combobox", name="Strength").click()
    await mira.get_by_role("option", name="Strong").click()
    await form.locator("input[type=file]").set_input_files(
        {"name": "m.png", "mimeType": "image/png", "buffer": OTHER_PNG}
    )
    await form.get_by_role("button", name="Submit").click()
    await expect(form).to_have_count(0)
    await expect(mira.locator(".message.ephemeral")).to_contain_text(
        f"a heron / Strong / [{len(OTHER_PNG)}]"
    )

    await message.locator(".content").click(button="right")
    await mira.get_by_role("menuitem", name="Show the prompt").click()
    await expect(mira.locator(".message.ephemeral").last).to_contain_text("it says a fox")
    await message.hover()
    await message.get_by_role("button", name="Add reaction").click()
    await mira.get_by_role("button", name="🎨").click()
    await expect(noah.locator(".reaction[data-emoji='🎨']")).to_contain_text("1")
    await noah.locator(".reaction[data-emoji='🎨']").click()
    await expect(mira.locator(".reaction[data-emoji='🎨']")).to_contain_text("2")
    assert complaints(mira) == [] and complaints(noah) == []


async def test_what_nobody_answers(
    browser: Browser, sandbox: Sandbox, bot: Bot, people: SandboxClient
) -> None:
    await people.config(answer_within_s=0.2)
    page = await look(browser, sandbox, "mira")
    await run(page, "/raw ")
    await expect(page.locator("[data-toast=error]")).to_have_text("The application did not respond")
    await people.slash("mira", "studio", "draw", prompt="a fox")
    await people.inject(path="/callback$", status=400, code=50035, count=None)
    message = page.locator("[data-message-id]").last
    await message.get_by_role("button", name="Swap").click()
    await expect(message.get_by_role("status")).to_have_text("This interaction failed")


async def test_people_talk_and_channels_change(
    browser: Browser, sandbox: Sandbox, bot: Bot, people: SandboxClient
) -> None:
    page = await look(browser, sandbox, "mira", width=390, height=844)
    await run(page, "hello **there**\n")
    await expect(page.locator("[data-author=mira] strong")).to_have_text("there")
    await people.say("noah", "showcase", "over here")
    await page.get_by_role("button", name="Show channels").click()
    await expect(page.get_by_role("link", name="showcase")).to_have_attribute("data-unread", "true")
    await page.get_by_role("link", name="showcase").click()
    await expect(page.locator("[data-author=noah]")).to_contain_text("over here")
    await page.get_by_role("button", name="Show channels").click()
    await page.get_by_role("button", name="You act as Mira").click()
    await page.get_by_role("menuitem", name="Ada").click()
    await page.get_by_role("button", name="Show channels").click()
    await expect(page.get_by_role("button", name="You act as Ada")).to_be_visible()
    await page.locator("#veil").click(position={"x": 380, "y": 400})
    # An admin may delete what another wrote.
    await page.locator("[data-author=noah] .content").click(button="right")
    await page.get_by_role("menuitem", name="Delete message").click()
    await expect(page.locator("[data-author=noah]")).to_have_count(0)
    width = await page.evaluate("document.documentElement.scrollWidth")
    assert width == 390
    assert complaints(page) == []


async def test_a_preview_gives_way_without_a_gap(
    browser: Browser, sandbox: Sandbox, bare: Bare, people: SandboxClient
) -> None:
    path = f"/channels/{STUDIO_ID}/messages"
    _, sent = await bare.ask("POST", path, data=bare.form({"content": "1"}, ("1.png", PNG)))
    page = await look(browser, sandbox, "mira")
    await expect(page.locator(".picture img")).to_be_visible()
    await page.evaluate(
        """() => {
            window.gaps = 0;
            new MutationObserver(() => {
                const image = document.querySelector('.picture img');
                if (!image || !image.complete || !image.naturalWidth) window.gaps += 1;
            }).observe(document.querySelector('.pictures'), {childList: true, subtree: true});
        }"""
    )
    for n in range(2, 8):
        body = {"content": str(n), "attachments": [{"id": 0, "filename": f"{n}.png"}]}
        data = OTHER_PNG if n % 2 else PNG
        form = bare.form(body, (f"{n}.png", data))
        await bare.ask("PATCH", f"{path}/{sent['id']}", data=form)
        await expect(page.locator(".content").last).to_contain_text(str(n))
    await expect(page.locator(".picture img")).to_have_attribute("alt", "7.png")
    assert await page.evaluate("window.gaps") == 0


async def test_the_page_finds_its_way_back(
    browser: Browser, people: SandboxClient, tmp_path: Path
) -> None:
    async with Sandbox(state=tmp_path / "s.json") as first:
        page = await look(browser, first, "mira")
        port = int(first.url.rsplit(":", 1)[1])
        await run(page, "before")
        await expect(page.locator("[data-author=mira]")).to_have_count(1)
    async with Sandbox(port=port, state=tmp_path / "s.json") as second:
        async with SandboxClient(second.url) as others:
            await others.say("noah", "studio", "while you were away")
            await expect(page.locator("[data-author=noah]")).to_be_visible(timeout=15000)
        await page.close()
        await asyncio.sleep(0)


async def test_a_link_to_a_message_of_discord_leads_to_it_here(
    browser: Browser, sandbox: Sandbox, bot: Bot, people: SandboxClient
) -> None:
    channel = bot.get_partial_messageable(int(STUDIO_ID), guild_id=int(GUILD_ID))
    first = await channel.send("the first of many")
    for number in range(60):
        await channel.send(f"another, {number}")
    view = discord.ui.View()
    view.add_item(discord.ui.Button(label="Go to it", url=first.jump_url))
    await channel.send("the last", view=view)

    page = await look(browser, sandbox, "mira")
    await expect(page.get_by_text("the first of many")).to_have_count(0)
    async with page.expect_popup() as opened:
        await page.get_by_role("link", name="Go to it").click()
    there = await opened.value
    await expect(there.get_by_text("the first of many")).to_be_in_viewport()
    assert there.url.startswith(sandbox.url)
    assert complaints(page) == []
