"""`easel imagine` and `easel press`: one job at the shell, by the same studio as on Discord."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import json
import shutil
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from cli.assemble import Easel, open_easel
from cli.records import describe, find_job, record
from core.actions import Action, Button
from core.compose import render
from core.errors import DiskFullError, EaselError
from core.forms import Form
from core.jobs import Actor, Job, Outcome, Owner, Place, State, Waiting
from core.pictures import MOST_BYTES
from core.settings import Settings
from core.studio import Receipt

LOOK_EVERY_SECONDS = 0.25
"""How often the row is read while another process does the job."""


async def imagine(settings: Settings, options: argparse.Namespace) -> int:
    picture = await asyncio.to_thread(_read_picture, options.image) if options.image else None

    async def admit(easel: Easel) -> Receipt:
        return await easel.studio.imagine(
            options.prompt,
            interaction_id=f"shell-{uuid4()}",
            actor=shell_actor(),
            place=Place(),
            picture=picture,
        )

    return await _make(settings, options, admit)


def _read_picture(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise EaselError(f"“{path}” cannot be read: {error.strerror or error}.") from error
    if len(data) > MOST_BYTES:
        raise EaselError(f"“{path}” has more than {MOST_BYTES // 2**20} MiB. Take a smaller one.")
    return data


async def press(settings: Settings, options: argparse.Namespace) -> int:
    if options.button.strip().lower() == Action.CANCEL:
        return await _cancel(settings, options)

    mask = await asyncio.to_thread(_read_picture, options.mask) if options.mask else None
    form = Form(prompt=options.words, region=options.region, mask=mask)

    async def admit(easel: Easel) -> Receipt:
        job = await find_job(easel.storage.jobs, options.job)
        return await easel.studio.press(
            Button.from_label(job.id, options.button),
            interaction_id=f"shell-{uuid4()}",
            actor=shell_actor(),
            place=Place(),
            form=form,
        )

    return await _make(settings, options, admit)


async def _cancel(settings: Settings, options: argparse.Namespace) -> int:
    """Stops anybody's job. Its owner is told where the job was asked for, not here."""
    async with open_easel(settings) as easel:
        job = await find_job(easel.storage.jobs, options.job)
        if job.state.ended:
            raise EaselError(f"That job had ended already: it is {job.state}.")
        job = await easel.studio.cancel(job.id, shell_actor())
        stopped = await record(easel.storage.jobs, job, {})
    print(json.dumps(stopped, ensure_ascii=False) if options.json else describe(stopped))
    if job.state is State.RUNNING and not options.json:
        print("  It stops at its next step; what was not used is refunded.")
    return 0


def shell_actor() -> Actor:
    """Whoever has the shell of this machine may do anything here."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError):
        name = "operator"
    return Actor(Owner(0, name), operator=True)


async def _make(
    settings: Settings,
    options: argparse.Namespace,
    admit: Callable[[Easel], Awaitable[Receipt]],
) -> int:
    mine: set[str] = set()

    def accepts(waiting: Waiting) -> bool:
        return waiting.id in mine

    async with open_easel(settings, accepts=accepts) as easel:
        receipt = await admit(easel)
        mine.add(receipt.job.id)
        model = easel.catalogue.get(receipt.job.request.model)
        console = Console(stderr=True, quiet=options.json)
        console.print(f"[bold]{_escape(render(receipt.job.request, model))}[/]", highlight=False)
        job = await _see_through(easel, receipt.job, console)
        if job.state is not State.DONE:
            raise EaselError(job.error or f"The job was {job.state}.")
        await easel.storage.jobs.delivered(job.id, Outcome.SHELL, easel.clock.now())
        files = await _copy_out(easel, job, options.out)
        made = await record(easel.storage.jobs, job, files)
    print(json.dumps(made, ensure_ascii=False) if options.json else describe(made))
    return 0


async def _see_through(easel: Easel, job: Job, console: Console) -> Job:
    """Waits for the job's end, doing it here unless a server does the work already."""
    if job.state.ended:
        return job
    served = await asyncio.to_thread(easel.storage.instance.is_served)
    worker = None if served else asyncio.create_task(easel.dispatcher.run(), name="dispatcher")
    ended = asyncio.create_task(_ended(easel, job.id, console), name="progress")
    try:
        await asyncio.wait({ended, *([worker] if worker else [])}, return_when="FIRST_COMPLETED")
        if worker is not None and worker.done():
            worker.result()
        return await ended
    except asyncio.CancelledError:
        await asyncio.shield(easel.studio.cancel(job.id, shell_actor()))
        raise
    finally:
        for task in (ended, worker):
            if task is not None:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task


async def _ended(easel: Easel, job_id: str, console: Console) -> Job:
    changed = asyncio.Event()
    easel.board.listen(lambda _: changed.set())
    columns = (
        TextColumn("{task.description:<12}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        line = bar.add_task("waiting", total=None)
        while True:
            changed.clear()
            job = await easel.storage.jobs.get(job_id)
            if job.state.ended:
                return job
            if easel.dispatcher.is_unwritten(job_id):
                raise DiskFullError
            _draw(bar, line, easel, job)
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY_SECONDS):
                    await changed.wait()


def _draw(bar: Progress, line: TaskID, easel: Easel, job: Job) -> None:
    glimpse = easel.board.get(job.id)
    if glimpse is not None and glimpse.steps:
        bar.update(line, description="drawing", completed=glimpse.step, total=glimpse.steps)
    elif job.state is State.RUNNING:
        bar.update(line, description="loading", total=None)


async def _copy_out(easel: Easel, job: Job, folder: Path) -> dict[str, Path]:
    """Copies the pictures to `folder` as JOB-grid.png, JOB-1.png …; keys are blob keys."""
    wanted = [(job.grid, f"{job.id}-grid")] if job.grid else []
    wanted += [
        (image.blob, f"{job.id}-{image.number}")
        for image in await easel.storage.jobs.images(job.id)
    ]
    files: dict[str, Path] = {}
    for key, name in wanted:
        source = await easel.storage.blobs.local(key)
        target = folder / f"{name}{source.suffix}"
        try:
            await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
            await asyncio.to_thread(shutil.copyfile, source, target)
        except OSError as error:
            raise EaselError(
                f"The pictures are kept as job {job.id}, but could not be copied to "
                f"“{folder}”: {error.strerror or error}."
            ) from error
        files[key] = target
    return files


def _escape(text: str) -> str:
    return text.replace("[", r"\[")
