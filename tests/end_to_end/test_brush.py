"""Somebody brushes over a picture in the gallery, and the finished grid comes in Discord."""

from __future__ import annotations

from io import BytesIO

import httpx
import pytest
from PIL import Image, ImageDraw

from sandbox import SandboxClient
from sandbox.world import MIRA_ID
from tests.chaos.hanging import is_done
from tests.end_to_end.conftest import Served, found

pytestmark = pytest.mark.asyncio(loop_scope="session")

PATIENCE = 120.0
REPLY = 19
"""Discord's type of a message that answers another."""


def painted() -> bytes:
    mask, out = Image.new("RGB", (128, 128)), BytesIO()
    ImageDraw.Draw(mask).ellipse((30, 30, 90, 90), fill="white")
    mask.save(out, "PNG")
    return out.getvalue()


async def test_what_is_brushed_on_the_web_is_made_and_posted(served: Served) -> None:
    gallery = served.gallery
    async with SandboxClient(served.discord) as people, httpx.AsyncClient(base_url=gallery) as http:
        asked = await people.slash("mira", "studio", "imagine", prompt="a lake --n 1 --steps 4")
        await people.wait_edit(asked.answer_id, is_done, PATIENCE)

        page = await http.get("/login", params={"next": "/mine"})
        page = await http.get(f"{page.headers['location']}&as={MIRA_ID}")
        await http.get(page.headers["location"])
        work = found(r"/p/([0-9a-f]+-1)\"", (await http.get("/mine")).text)
        form = (await http.get(f"/p/{work}/vary")).text
        hidden = {name: found(rf'name="{name}" value="(\w+)"', form) for name in ("csrf", "ticket")}
        sent = await http.post(
            f"/p/{work}/vary",
            data=hidden,
            files={"mask": ("mask.png", painted(), "image/png")},
            headers={"origin": gallery},
        )
        assert sent.status_code == 303, sent.text
        answer = await people.wait_message(
            "studio",
            lambda one: "Variations (Region)" in one.content and is_done(one),
            timeout=PATIENCE,
        )
        assert answer.raw["type"] == REPLY
        job = await http.get(sent.headers["location"], headers={"accept": "application/json"})
        assert job.json() == {"told": "It is done.", "ended": True}
