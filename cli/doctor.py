"""`easel doctor`: looks at everything Easel stands on and says what to mend."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import sys
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

import aiohttp

from cli.assemble import read_catalogue
from cli.models import find, lack, lack_of, mend
from core.adapters import Adapter
from core.errors import EaselError, SettingsError
from core.models import Catalogue, Model
from core.settings import Settings
from core.speed import MEMORY, weights_in
from gallery.pages.entry import BACK
from gallery.site import Site
from generation.weight_files import numbers_in
from storage import sqlite
from storage.opening import open_storage

DISCORD = "https://discord.com"
NEEDED = {
    "View Channels": 1 << 10,
    "Send Messages": 1 << 11,
    "Embed Links": 1 << 14,
    "Attach Files": 1 << 15,
    "Read Message History": 1 << 16,
    "Send Messages in Threads": 1 << 38,
}
"""Permissions the bot needs: discord.com/developers/docs/topics/permissions"""

ADMINISTRATOR = 1 << 3
LOW_DISK_BYTES = 2 * 2**30
PROBE = """
import json, torch
name = memory = None
if torch.cuda.is_available():
    name = torch.cuda.get_device_name()
    memory = torch.cuda.get_device_properties(0).total_memory
elif torch.backends.mps.is_available():
    name = "Apple GPU"
print(json.dumps({"torch": torch.__version__, "name": name, "memory": memory}))
"""


class Verdict(StrEnum):
    GOOD = "good"
    NOTE = "note"
    BAD = "bad"


MARKS = {Verdict.GOOD: "✓", Verdict.NOTE: "·", Verdict.BAD: "✗"}


@dataclass(frozen=True, slots=True)
class Finding:
    verdict: Verdict
    about: str
    sentence: str


async def doctor(settings: Settings, options: argparse.Namespace) -> int:
    findings: list[Finding] = []
    async for finding in _examine(settings):
        findings.append(finding)
        if not options.json:
            print(f"{MARKS[finding.verdict]} {finding.about}: {finding.sentence}", flush=True)
    if options.json:
        print(json.dumps({"findings": [asdict(finding) for finding in findings]}))
    return int(any(finding.verdict is Verdict.BAD for finding in findings))


async def _examine(settings: Settings) -> AsyncIterator[Finding]:
    async for finding in _discord(settings):
        yield finding
    gpu, room = await _gpu()
    yield gpu
    catalogue: Catalogue | None = None
    try:
        catalogue = read_catalogue(settings)
    except EaselError as error:
        yield Finding(Verdict.BAD, "models", error.sentence)
    for model in catalogue or ():
        here = find(model) is not None
        default = catalogue is not None and model is catalogue.default
        verdict = Verdict.GOOD if here else Verdict.BAD if default else Verdict.NOTE
        said = "is on this machine." if here else f"is {mend(model)}."
        yield Finding(verdict, "model", f"{model.name}{' (the default)' if default else ''} {said}")
        if room is not None and here and settings.device in ("auto", "cuda"):
            yield await asyncio.to_thread(memory_of, model, settings, room)
    for upscaler in catalogue.upscalers if catalogue is not None else ():
        missing = lack(upscaler)
        verdict = Verdict.GOOD if missing is None else Verdict.BAD
        yield Finding(verdict, "upscaler", f"{upscaler.name} is {missing or 'on this machine'}.")
    if catalogue is not None:
        for adapter in catalogue.adapters:
            yield await asyncio.to_thread(adapter_of, adapter, catalogue)
    async for finding in _storage(settings):
        yield finding
    yield gallery_of(settings)


def adapter_of(adapter: Adapter, catalogue: Catalogue) -> Finding:
    """Whether it is here, and any model may use it."""
    if (wrong := lack_of(adapter)) is not None:
        return Finding(Verdict.BAD, "adapter", wrong)
    if any(model.adapter(adapter.name) for model in catalogue):
        return Finding(Verdict.GOOD, "adapter", f"{adapter.name} is on this machine.")
    return Finding(
        Verdict.NOTE,
        "adapter",
        f"{adapter.name} is on this machine, but fits no model here; correct its family or models "
        "in models.toml.",
    )


async def _discord(settings: Settings) -> AsyncIterator[Finding]:
    if not settings.discord_token:
        yield Finding(
            Verdict.NOTE,
            "token",
            "DISCORD_TOKEN is not set; `easel run` opens the sandbox on this machine instead.",
        )
        return
    base = f"{settings.discord_url.rstrip('/') or DISCORD}/api/v10"
    headers = {"Authorization": f"Bot {settings.discord_token}"}
    try:
        timeout = aiohttp.ClientTimeout(total=10)
        async with aiohttp.ClientSession(headers=headers, timeout=timeout) as session:
            async with session.get(f"{base}/users/@me") as answer:
                if answer.status == 401:
                    yield Finding(
                        Verdict.BAD,
                        "token",
                        "Discord refuses the token. Copy a new one from the Developer Portal, "
                        "page Bot, into DISCORD_TOKEN.",
                    )
                    return
                answer.raise_for_status()
                me: dict[str, Any] = await answer.json()
            yield Finding(Verdict.GOOD, "token", f"Discord knows this bot as {me['username']}.")
            async with session.get(f"{base}/users/@me/guilds") as answer:
                answer.raise_for_status()
                servers: list[dict[str, Any]] = await answer.json()
            if settings.user_install == "on":
                async with session.get(f"{base}/oauth2/applications/@me") as answer:
                    answer.raise_for_status()
                    yield taken_along(await answer.json())
    except (aiohttp.ClientError, TimeoutError) as error:
        yield Finding(Verdict.BAD, "token", f"Discord cannot be reached: {error or 'no answer'}.")
        return
    invite = (
        f"{DISCORD}/oauth2/authorize?client_id={me['id']}"
        f"&scope=bot+applications.commands&permissions={sum(NEEDED.values())}"
    )
    if not servers:
        yield Finding(Verdict.BAD, "permissions", f"The bot is in no server. Invite it: {invite}")
    for server in servers:
        missing = missing_permissions(int(server.get("permissions", 0)))
        if missing:
            yield Finding(
                Verdict.BAD,
                "permissions",
                f"In “{server['name']}” the bot lacks {', '.join(missing)}. Grant them to its "
                f"role, or invite it again: {invite}",
            )
        else:
            yield Finding(Verdict.GOOD, "permissions", f"All it needs in “{server['name']}”.")


def taken_along(application: dict[str, Any]) -> Finding:
    """Whether people can install it for themselves; `application` as Discord tells of it."""
    if "1" not in (application.get("integration_types_config") or {}):
        return Finding(
            Verdict.BAD,
            "user install",
            "EASEL_USER_INSTALL is on, but nobody can install the bot for themselves: tick User "
            "Install in the Developer Portal, page Installation.",
        )
    link = (
        f"{DISCORD}/oauth2/authorize?client_id={application['id']}"
        "&scope=applications.commands&integration_type=1"
    )
    return Finding(Verdict.GOOD, "user install", f"People install it for themselves by {link}")


def missing_permissions(bits: int) -> list[str]:
    """The names of needed permissions that are not among `bits`."""
    if bits & ADMINISTRATOR:
        return []
    return [name for name, bit in NEEDED.items() if not bits & bit]


def memory_of(model: Model, settings: Settings, room: int) -> Finding:
    """How a model that is here will be held on a GPU with `room` bytes."""
    speed = model.speed(settings.speed)
    folder = find(model)
    homes = [home for home in folder.iterdir() if home.is_dir()] if folder is not None else []
    numbers = {home.name: numbers_in(home, model.variant) for home in homes}
    weights = weights_in(numbers, settings.dtype, speed.quantize)
    fits = weights.memory_for(room)
    memory = fits if speed.memory == "auto" else speed.memory
    order = list(MEMORY)
    verdict = Verdict.GOOD if order.index(memory) >= order.index(fits) else Verdict.NOTE
    more = "" if verdict is Verdict.GOOD else f" It may not fit; {fits} would."
    return Finding(
        verdict,
        "memory",
        f"{model.name} has {weights.whole / 2**30:.1f} GiB of weights, "
        f"{weights.denoiser / 2**30:.1f} of them its denoiser's; memory is {memory}: "
        f"{MEMORY[memory]}.{more}",
    )


def gallery_of(settings: Settings) -> Finding:
    """Where its pages are, and whether people can log in there."""
    if settings.gallery == "off":
        return Finding(Verdict.NOTE, "gallery", "EASEL_GALLERY is off; there are no web pages.")
    try:
        site = Site.of(settings, settings.gallery_port)
    except SettingsError as error:
        return Finding(Verdict.BAD, "gallery", error.sentence)
    if not settings.discord_token:
        return Finding(
            Verdict.GOOD, "gallery", f"at {site.url}; the sandbox's people can log in there."
        )
    if not settings.discord_client_id or not settings.discord_client_secret:
        return Finding(
            Verdict.NOTE,
            "gallery",
            f"at {site.url}; nobody can log in. Copy the client id and secret from the Developer "
            "Portal, page OAuth2, into EASEL_DISCORD_CLIENT_ID and EASEL_DISCORD_CLIENT_SECRET, "
            f"and add {site.url}{BACK} to its redirects.",
        )
    if site.behind_proxy and not site.secure:
        return Finding(
            Verdict.NOTE,
            "gallery",
            f"at {site.url}, where whoever is on the way can read along; serve it by https.",
        )
    return Finding(
        Verdict.GOOD,
        "gallery",
        f"at {site.url}; people log in with Discord, if {site.url}{BACK} is among the redirects "
        "of its page OAuth2.",
    )


async def _gpu() -> tuple[Finding, int | None]:
    """And the bytes of its memory. Asks in a process of its own: this one never loads torch."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PROBE),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await process.communicate()
    if process.returncode != 0:
        last = errors.decode(errors="replace").strip().splitlines()[-1:]
        return Finding(Verdict.BAD, "GPU", f"torch does not start: {' '.join(last)}"), None
    probe = json.loads(output)
    if probe["name"] is None:
        none = Finding(
            Verdict.NOTE,
            "GPU",
            f"torch {probe['torch']} sees none; pictures are made on {os.cpu_count()} CPU cores. "
            "That suits the embedded model; larger ones want a GPU.",
        )
        return none, None
    memory = f" with {probe['memory'] / 2**30:.0f} GiB" if probe["memory"] else ""
    found = Finding(Verdict.GOOD, "GPU", f"{probe['name']}{memory}, torch {probe['torch']}.")
    return found, probe["memory"]


async def _storage(settings: Settings) -> AsyncIterator[Finding]:
    data = settings.data.absolute()
    if not settings.database_url:
        verdict = Verdict.GOOD if sqlite.journal_mode() == "wal" else Verdict.NOTE
        yield Finding(verdict, "SQLite", sqlite.journal_sentence())
    try:
        async with open_storage(data, settings.database_url) as storage:
            jobs = len(await storage.jobs.history(None, limit=1000))
            waiting = len(await storage.jobs.waiting())
            served = await asyncio.to_thread(storage.instance.is_served)
    except EaselError as error:
        yield Finding(Verdict.BAD, "database", error.sentence)
        return
    many = "1,000 or more" if jobs == 1000 else f"{jobs:,}"
    serving = "a server is running" if served else "no server is running"
    yield Finding(
        Verdict.GOOD, "database", f"{many} jobs kept, {waiting} waiting; {serving} on it."
    )
    free = (await asyncio.to_thread(shutil.disk_usage, data)).free
    low = free < LOW_DISK_BYTES
    yield Finding(
        Verdict.BAD if low else Verdict.GOOD,
        "disk",
        f"{free / 2**30:.1f} GiB free where the pictures are kept ({data})"
        f"{': make room, pictures cannot be kept without it.' if low else '.'}",
    )
