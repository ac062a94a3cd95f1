"""Keeps messages over a restart: one JSON file, and a folder of attachments beside it.

Written at most once a second while something changes, and at the end: to a temporary file, fsync,
rename. Files of attachments are written before the JSON that names them. Interaction tokens are
not kept: after a restart they are as dead as after fifteen minutes.
"""

import asyncio
import contextlib
import json
import os
from dataclasses import asdict, fields
from pathlib import Path

from sandbox.messages import Message
from sandbox.parts import Parts
from sandbox.shapes import Json, dumps, object_of, objects_of
from sandbox.uploads import Attachment
from sandbox.world import Channel, Overwrite

WRITE_EVERY_S = 1.0
FORMAT = 1


class State:
    def __init__(self, path: Path, parts: Parts) -> None:
        self._path = path
        self._folder = path.with_name(path.name + ".files")
        self._p = parts
        self._task: asyncio.Task[None] | None = None
        self._on_disk: set[str] = set()

    def load(self) -> None:
        """Reads what an earlier sandbox left; a missing file is an empty world."""
        if not self._path.exists():
            return
        saved = object_of(json.loads(self._path.read_text("utf-8")))
        if saved.get("format") != FORMAT:
            raise ValueError(f"{self._path} is not a sandbox state of format {FORMAT}")
        world = self._p.world
        for entry in objects_of(saved.get("channels")):
            overwrites = {o["id"]: Overwrite(**o) for o in entry.pop("overwrites", {}).values()}
            world.channels[entry["id"]] = Channel(**entry, overwrites=overwrites)
        self._p.commands.restore(object_of(saved.get("commands")))
        self._p.commands.dirty = False
        for entry in objects_of(saved.get("messages")):
            if entry["author_id"] not in world.users or entry["channel_id"] not in world.channels:
                continue
            attachments = [Attachment(**item) for item in entry.pop("attachments")]
            message = Message(**entry, attachments=attachments)
            for attachment in attachments:
                with contextlib.suppress(FileNotFoundError):
                    self._p.uploads.put_back(
                        attachment, (self._folder / attachment.id).read_bytes()
                    )
                    self._on_disk.add(attachment.id)
            self._p.messages.add(message)
            self._p.clock.seen(message.id)
        self._p.messages.dirty = False

    def start(self) -> None:
        self._task = asyncio.create_task(self._keep_writing())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await self._write_if_changed()

    async def _keep_writing(self) -> None:
        while True:
            await asyncio.sleep(WRITE_EVERY_S)
            await self._write_if_changed()

    async def _write_if_changed(self) -> None:
        messages, commands = self._p.messages, self._p.commands
        if not messages.dirty and not commands.dirty:
            return
        messages.dirty = commands.dirty = False
        # Private answers die with the client that saw them, as on Discord.
        lasting = [m for m in messages if not m.private_to]
        channels = self._p.world.channels.values()
        saved: Json = {
            "format": FORMAT,
            "channels": [asdict(channel) for channel in channels],
            "commands": self._p.commands.saved(),
            "messages": [_flat(message) for message in lasting],
        }
        wanted = {a.id: self._p.uploads.read(a.id) for m in lasting for a in m.attachments}
        await asyncio.to_thread(self._write, saved, wanted)

    def _write(self, saved: Json, wanted: dict[str, bytes | None]) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        for attachment_id, data in wanted.items():
            if data is not None and attachment_id not in self._on_disk:
                _write_whole(self._folder / attachment_id, data)
                self._on_disk.add(attachment_id)
        _write_whole(self._path, dumps(saved).encode())
        for stale in self._on_disk - set(wanted):
            (self._folder / stale).unlink(missing_ok=True)
        self._on_disk &= set(wanted)


def _flat(message: Message) -> Json:
    entry: Json = {f.name: getattr(message, f.name) for f in fields(message)}
    entry["attachments"] = [asdict(attachment) for attachment in message.attachments]
    # Copied now: it is turned into text in another thread while the world goes on.
    for key in ("embeds", "components", "reactions", "mentions"):
        entry[key] = json.loads(dumps(entry[key]))
    return entry


def _write_whole(path: Path, data: bytes) -> None:
    temporary = path.with_name(path.name + ".tmp")
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
