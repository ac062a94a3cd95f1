"""Keeps messages over a restart: one JSON file, and a folder of attachments beside it.

The last 1,000 messages that are open to all. Written at most once a second while something
changes, and at the end: to a temporary file, fsync, rename. Files of attachments are written
before the JSON that names them. Interaction tokens are not kept: after a restart they are as dead
as after fifteen minutes.
"""

import asyncio
import contextlib
import json
import logging
import os
from dataclasses import asdict, fields
from pathlib import Path

from sandbox.messages import Message
from sandbox.parts import Parts
from sandbox.shapes import Json, dumps, object_of, objects_of
from sandbox.uploads import Attachment
from sandbox.world import Channel, Overwrite, User

log = logging.getLogger("sandbox")
WRITE_EVERY_S = 1.0
KEPT = 1000
FORMAT = 1


class State:
    def __init__(self, path: Path, parts: Parts) -> None:
        self._path = path
        self._folder = path.with_name(path.name + ".files")
        self._p = parts
        self._task: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()
        self._on_disk: set[str] = set()
        self._texts: dict[str, str] = {}

    def load(self) -> None:
        """Reads what an earlier sandbox left; a missing file is an empty world."""
        self._p.messages.touched = set()
        try:
            self._read()
        except (KeyError, TypeError) as error:
            raise ValueError(f"{self._path} cannot be read: {error!r}") from error

    def _read(self) -> None:
        if not self._path.exists():
            return
        saved = object_of(json.loads(self._path.read_text("utf-8")))
        if saved.get("format") != FORMAT:
            raise ValueError(f"{self._path} is not a sandbox state of format {FORMAT}")
        world = self._p.world
        for entry in objects_of(saved.get("people")):
            world.users[entry["id"]] = User(**entry)
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

    def start(self) -> None:
        self._task = asyncio.create_task(self._keep_writing())

    async def stop(self) -> None:
        # Not cancelled: a write under way in its thread would go on beside the last one.
        self._stopping.set()
        if self._task is not None:
            await self._task

    async def _keep_writing(self) -> None:
        while not self._stopping.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), WRITE_EVERY_S)
            await self._write_if_changed()

    async def _write_if_changed(self) -> None:
        messages, commands = self._p.messages, self._p.commands
        if not messages.touched and not commands.dirty:
            return
        touched, messages.touched = messages.touched or set(), set[str]()
        commands.dirty = False
        # Private answers die with the client that saw them, as on Discord.
        lasting = [m for m in messages if not m.private_to][-KEPT:]
        # Only what changed is turned into text anew: this runs between the bot's requests.
        before, self._texts = self._texts, {}
        for message in lasting:
            text = None if message.id in touched else before.get(message.id)
            self._texts[message.id] = text or dumps(_flat(message))
        head: Json = {
            "format": FORMAT,
            "people": [asdict(user) for user in self._p.world.users.values()],
            "channels": [asdict(channel) for channel in self._p.world.channels.values()],
            "commands": commands.saved(),
        }
        listed = ",\n".join(self._texts.values())
        text = f'{dumps(head)[:-1]},"messages":[\n{listed}\n]}}\n'
        wanted = {a.id: self._p.uploads.read(a.id) for m in lasting for a in m.attachments}
        try:
            await asyncio.to_thread(self._write, text, wanted)
        except OSError as error:
            # The sandbox goes on in memory; the next change tries again.
            log.error("could not keep the messages in %s: %s", self._path, error)
            messages.touched |= touched

    def _write(self, text: str, wanted: dict[str, bytes | None]) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        for attachment_id, data in wanted.items():
            if data is not None and attachment_id not in self._on_disk:
                _write_whole(self._folder / attachment_id, data)
                self._on_disk.add(attachment_id)
        _write_whole(self._path, text.encode())
        for stale in self._on_disk - set(wanted):
            (self._folder / stale).unlink(missing_ok=True)
        self._on_disk &= set(wanted)


def _flat(message: Message) -> Json:
    entry: Json = {f.name: getattr(message, f.name) for f in fields(message)}
    entry["attachments"] = [asdict(attachment) for attachment in message.attachments]
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
