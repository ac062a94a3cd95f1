"""Somebody brushes over a picture in the gallery, and the finished grid comes in Discord."""

from __future__ import annotations

import asyncio
import re
from io import BytesIO
from pathlib import Path

import httpx
from PIL import Image, ImageDraw

from sandbox import SandboxClient
from sandbox.views import Message
from sandbox.world import MIRA_ID
from tests.end_to_end.conftest import whole_easel

PATIENCE = 120.0
REPLY = 19
"""Discord's type of a message that answers another."""


def painted() -> bytes:
    mask, out = Image.new("RGB", (128, 128)), BytesIO()
    ImageDraw.Draw(mask).ellipse((30, 30, 90, 90), fill="white")
    mask.save(out, "PNG")
    return out.getvalue()


def found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    assert match is not None, f"{pattern} is not in {text[:300]}"
    return match[1]


async def test_what_is_brushed_on_the_web_is_made_and_posted(tmp_path: Path) -> None:
    async with whole_easel(tmp_path) as program:
        gallery = found(r"(http://[\d.]+:\d+)", await program.says("The gallery is at"))
        discord = found(r"(http://[\d.]+:\d+)", await program.says("Open http://127.0.0.1:"))
        await program.says("connected to Discord")
        async with SandboxClient(discord) as people, httpx.AsyncClient(base_url=gallery) as http:
            await people.slash("mira", "studio", "imagine", prompt="a lighthouse --n 1 --steps 4")
            await attachments(people, 1)

            page = await http.get("/login", params={"next": "/mine"})
            page = await http.get(f"{page.headers['location']}&as={MIRA_ID}")
            await http.get(page.headers["location"])
            work = found(r"/p/([0-9a-f]+-1)\"", (await http.get("/mine")).text)
            form = (await http.get(f"/p/{work}/vary")).text
            hidden = {
                name: found(rf'name="{name}" value="(\w+)"', form) for name in ("csrf", "ticket")
            }
            sent = await http.post(
                f"/p/{work}/vary",
                data=hidden,
                files={"mask": ("mask.png", painted(), "image/png")},
                headers={"origin": gallery},
            )
            assert sent.status_code == 303, sent.text
            answer = (await attachments(people, 2)).raw
            assert answer["type"] == REPLY and "Variations (Region)" in answer["content"]
            job = await http.get(sent.headers["location"], headers={"accept": "application/json"})
            assert job.json() == {"told": "It is done.", "ended": True}


async def attachments(people: SandboxClient, count: int) -> Message:
    """The message that makes it so many with pictures."""
    async with asyncio.timeout(PATIENCE):
        while True:
            shown = [one for one in await people.messages("studio") if one.raw["attachments"]]
            if len(shown) >= count:
                return shown[-1]
            await asyncio.sleep(0.2)
