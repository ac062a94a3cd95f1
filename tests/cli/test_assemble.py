"""What is wired together works together."""

from __future__ import annotations

import asyncio
from io import BytesIO
from pathlib import Path

from PIL import Image as Picture

from cli.assemble import Easel, open_easel
from core.jobs import Image, Job
from core.likeness import BUILT_IN
from core.settings import Settings
from tests.storage.build import anything, new_job


async def made(easel: Easel, *colours: str) -> Job:
    storage = easel.storage
    job = (await storage.jobs.admit(new_job(), anything)).job
    await storage.jobs.claim(job.id, by="me", now=1.0, lease_until=9.0)
    images: list[Image] = []
    for number, colour in enumerate(colours, 1):
        file = BytesIO()
        Picture.new("RGB", (16, 16), colour).save(file, "PNG")
        blob = await storage.blobs.put(file.getvalue(), ".png")
        image = Image(job_id=job.id, number=number, blob=blob, width=16, height=16, seed=1)
        images.append(image)
    done = await storage.jobs.finish(job.id, 1, images=images, grid="", gpu_ms=5, now=2.0)
    assert done is not None
    return done


async def test_a_job_that_is_done_is_looked_at_and_found_by_its_like(tmp_path: Path) -> None:
    settings = Settings.from_env({"EASEL_DATA": str(tmp_path)})
    async with open_easel(settings) as easel:
        looks = easel.storage.looks
        before = await made(easel, "red")
        looking = asyncio.create_task(easel.likening.run())
        while not await looks.count(BUILT_IN):
            await asyncio.sleep(0)
        after = await made(easel, "darkred", "teal")
        easel.board.started(after.id, 5)
        easel.board.changed(after.id)
        while await looks.count(BUILT_IN) < 3:
            await asyncio.sleep(0)
        looking.cancel()
        found = await easel.likening.nearest(before.id, 1, 9)
        assert found == [f"{after.id}-1", f"{after.id}-2"]
