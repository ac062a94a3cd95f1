"""`easel show` and `easel history`."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path

from cli.assemble import open_easel
from cli.records import describe, find_job, record
from core.errors import NotFoundError
from core.jobs import Job
from core.settings import Settings
from storage.opening import Storage


async def show(settings: Settings, options: argparse.Namespace) -> int:
    async with open_easel(settings) as easel:
        job = await find_job(easel.storage.jobs, options.job)
        found = await record(easel.storage.jobs, job, await _kept(easel.storage, job))
    print(json.dumps(found, ensure_ascii=False) if options.json else describe(found))
    return 0


async def history(settings: Settings, options: argparse.Namespace) -> int:
    async with open_easel(settings) as easel:
        jobs = await easel.storage.jobs.history(None, limit=max(1, options.limit))
        found = [
            await record(easel.storage.jobs, job, await _kept(easel.storage, job)) for job in jobs
        ]
    if options.json:
        print(json.dumps({"jobs": found}, ensure_ascii=False))
        return 0
    if not jobs:
        print('No jobs yet. Try: easel imagine "a red lighthouse at sunset"')
    for job in jobs:
        when = datetime.fromtimestamp(job.created_at, UTC).astimezone()
        text = job.request.text
        short = text if len(text) <= 60 else text[:57] + "…"
        print(f"{job.id[:8]}  {when:%Y-%m-%d %H:%M}  {job.state:<9}  {job.owner.name}  {short}")
    return 0


async def _kept(storage: Storage, job: Job) -> dict[str, Path]:
    """Where the job's files lie in the data folder, by key; also for one that is missing."""
    keys = [image.blob for image in await storage.jobs.images(job.id)]
    keys += [job.grid] if job.grid else []
    files: dict[str, Path] = {}
    for key in keys:
        try:
            files[key] = await storage.blobs.local(key)
        except NotFoundError:
            files[key] = Path("missing") / key
    return files
