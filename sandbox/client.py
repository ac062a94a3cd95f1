"""A client of the driver: people and levers, for tests and load.

    async with SandboxClient(sandbox.url) as people:
        done = await people.slash("mira", "studio", "imagine", prompt="a lighthouse")
        message = await people.wait_message("studio", lambda m: m.button("U1") is not None)
        await people.press("mira", message.id, label="U1")

Persons are "mira", "noah" (members; noah has the Patron role) and "ada" (admin); channels "studio"
and "showcase"; ids work as well. A file is given as `(name, bytes)`. Refusals (what Discord's own
client would not let a person do) raise `SandboxError`.
"""

import asyncio
import contextlib
import io
import json
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self, cast
from urllib.parse import urlencode

import aiohttp

from sandbox.shapes import Json, dumps, object_of, objects_of, text_of
from sandbox.views import Event, Interaction, Message

File = tuple[str, bytes]
EVENTS_KEPT = 5000


class SandboxError(Exception):
    """The sandbox refused: the message says why."""


class SandboxClient:
    """Drives a sandbox by its address. Use as an async context manager.

    With `live=False` it opens no stream of events: for generators of load, which then cannot use
    the `wait_…` methods, and whose sandbox need not tell anybody what happens.
    """

    def __init__(self, url: str, *, live: bool = True) -> None:
        self.url = url.rstrip("/")
        self._live = live
        self._session: aiohttp.ClientSession | None = None
        self._reader: asyncio.Task[None] | None = None
        self._events: deque[Event] = deque(maxlen=EVENTS_KEPT)
        self._news = asyncio.Condition()
        self._mark = 0
        self._over = False

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=5),
        )
        if not self._live:
            return self
        ready = asyncio.Event()
        self._reader = asyncio.create_task(self._read_events(ready))
        await asyncio.wait_for(ready.wait(), 5)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._reader is not None:
            self._reader.cancel()
            with contextlib.suppress(asyncio.CancelledError, aiohttp.ClientError):
                await self._reader
        if self._session is not None:
            await self._session.close()

    # what people do

    async def slash(
        self, person: str, channel: str, name: str, /, *, wait: bool = True, **options: Any
    ) -> Interaction:
        """Runs `/name option:value …`; a file option is `(name, bytes)`. Subcommands are written
        with spaces. Waits for the bot's first answer unless `wait=False`."""
        files: list[tuple[str, File]] = []
        plain: Json = {}
        for key, value in options.items():
            if isinstance(value, tuple):
                files.append((key, cast(File, value)))
            else:
                plain[key] = value
        body = {"person": person, "channel": channel, "name": name, "options": plain}
        return await self._act("/slash", body, wait=wait, files=files)

    async def autocomplete(
        self, person: str, channel: str, name: str, focused: str, typed: str = "", /, **options: Any
    ) -> list[Json]:
        """The choices (`{"name", "value"}`) that the bot offers for the option being typed."""
        body = {
            "person": person,
            "channel": channel,
            "name": name,
            "focused": focused,
            "options": {**options, focused: typed},
        }
        answer = await self.post("/autocomplete", body)
        return objects_of(answer["choices"])

    async def menu(
        self,
        person: str,
        name: str,
        *,
        message: str = "",
        user: str = "",
        channel: str = "",
        wait: bool = True,
    ) -> Interaction:
        """Uses a context menu command on a message, or on a user in a channel."""
        body = {
            "person": person,
            "name": name,
            "message": message,
            "user": user,
            "channel": channel,
        }
        return await self._act("/menu", body, wait=wait)

    async def press(
        self,
        person: str,
        message_id: str,
        *,
        custom_id: str = "",
        label: str = "",
        wait: bool = True,
    ) -> Interaction:
        """Presses a button, named by its custom id or its label."""
        body = {"person": person, "message": message_id, "custom_id": custom_id, "label": label}
        return await self._act("/press", body, wait=wait)

    async def select(
        self,
        person: str,
        message_id: str,
        *values: str,
        custom_id: str = "",
        label: str = "",
        wait: bool = True,
    ) -> Interaction:
        """Chooses values in a select, named by its custom id or placeholder."""
        body = {
            "person": person,
            "message": message_id,
            "custom_id": custom_id,
            "label": label,
            "values": list(values),
        }
        return await self._act("/select", body, wait=wait)

    async def submit(
        self,
        person: str,
        opened: Interaction | str,
        values: dict[str, Any] | None = None,
        *,
        files: dict[str, list[File]] | None = None,
        wait: bool = True,
    ) -> Interaction:
        """Submits the form that an interaction was answered with; values by custom id, those
        left out keep what the form shows."""
        interaction = opened if isinstance(opened, str) else opened.id
        uploads = [(key, item) for key, items in (files or {}).items() for item in items]
        body = {"person": person, "interaction": interaction, "values": values or {}}
        return await self._act("/submit", body, wait=wait, files=uploads)

    async def say(
        self,
        person: str,
        channel: str,
        content: str = "",
        *,
        files: list[File] | None = None,
        reply_to: str = "",
    ) -> Message:
        """Posts a plain message."""
        body = {"person": person, "channel": channel, "content": content, "reply_to": reply_to}
        uploads = [(f"files[{n}]", item) for n, item in enumerate(files or [])]
        return Message(object_of((await self.post("/say", body, files=uploads))["message"]))

    async def react(self, person: str, message_id: str, emoji: str, *, on: bool = True) -> Message:
        body = {"person": person, "message": message_id, "emoji": emoji, "on": on}
        return Message(object_of((await self.post("/react", body))["message"]))

    async def delete(self, person: str, message_id: str) -> None:
        """Deletes a message; of a private answer, dismisses it."""
        await self.post("/delete", {"person": person, "message": message_id})

    # what people see

    async def messages(self, channel: str, viewer: str = "", *, limit: int = 50) -> list[Message]:
        """A channel, oldest first. With a viewer, private answers show only to their addressee;
        without, all of them do."""
        answer = await self.get("/messages", channel=channel, viewer=viewer, limit=str(limit))
        return [Message(raw) for raw in objects_of(answer["messages"])]

    async def message(self, message_id: str) -> Message:
        return Message(await self.get(f"/messages/{message_id}"))

    async def interaction(self, interaction_id: str) -> Interaction:
        return Interaction(await self.get(f"/interactions/{interaction_id}"))

    async def commands(self, person: str, channel: str) -> list[Json]:
        """The commands this person can use there."""
        answer = await self.get("/commands", person=person, channel=channel)
        return objects_of(answer["commands"])

    async def world(self, viewer: str = "") -> Json:
        return await self.get("/world", viewer=viewer)

    async def direct(self, person: str) -> str:
        """Opens a person's direct messages with the bot; returns the channel's id."""
        return text_of((await self.post("/direct", {"person": person}))["id"])

    async def download(self, url: str) -> bytes:
        """The bytes at an attachment's address; raises SandboxError when it is gone."""
        async with self._http.get(url) as response:
            if response.status != 200:
                raise SandboxError(f"{response.status}: {await response.text()}")
            return await response.read()

    # waiting

    def mark(self) -> int:
        """A point in the stream of events, for `since`."""
        return self._events[-1].n if self._events else self._mark

    async def wait_for(
        self,
        predicate: Callable[[Event], bool],
        timeout: float = 5.0,  # noqa: ASYNC109
        *,
        since: int | None = None,
    ) -> Event:
        """The first event that fits, from the start of the last act on (or from `since`)."""
        if self._reader is None:
            raise RuntimeError("waiting needs the stream of events: SandboxClient(url, live=True)")
        start = self._mark if since is None else since

        def found() -> Event | None:
            return next((e for e in self._events if e.n > start and predicate(e)), None)

        async with asyncio.timeout(timeout), self._news:
            while (event := found()) is None:
                if self._over:
                    raise SandboxError("the sandbox ended its stream of events")
                await self._news.wait()
        return event

    async def wait_message(
        self,
        channel: str,
        predicate: Callable[[Message], bool],
        *,
        viewer: str = "",
        timeout: float = 5.0,  # noqa: ASYNC109
    ) -> Message:
        """The newest message of a channel that fits: one that is there already, or the first to
        come to fit by being posted or edited."""
        since = self.mark()
        for message in reversed(await self.messages(channel, viewer, limit=500)):
            if predicate(message):
                return message
        channel_id = await self._channel_id(channel)

        def fits(event: Event) -> bool:
            return (
                event.type in ("message_create", "message_update")
                and event.data["channel_id"] == channel_id
                and predicate(Message(event.data))
            )

        return Message((await self.wait_for(fits, timeout, since=since)).data)

    async def wait_edit(
        self,
        message_id: str,
        predicate: Callable[[Message], bool],
        timeout: float = 5.0,  # noqa: ASYNC109
    ) -> Message:
        """A message by id, once it fits."""
        since = self.mark()
        message = await self.message(message_id)
        if predicate(message):
            return message

        def fits(event: Event) -> bool:
            return (
                event.type == "message_update"
                and event.data["id"] == message_id
                and predicate(Message(event.data))
            )

        return Message((await self.wait_for(fits, timeout, since=since)).data)

    async def wait_connected(
        self,
        timeout: float = 10.0,  # noqa: ASYNC109
    ) -> None:
        """Until a bot is on the gateway and has commands registered."""
        since = self.mark()
        while True:
            world = await self.world()
            if world["gateway"]["connected"] and await self.commands("ada", "studio"):
                return
            event = await self.wait_for(
                lambda e: e.type in ("gateway", "commands"), timeout, since=since
            )
            since = event.n

    # levers

    async def inject(self, kind: str = "error", **fault: Any) -> Json:
        """Adds a fault: `kind` error, latency, lost or reset; `method`, `path` (a regular
        expression), `status`, `code`, `message`, `latency_s`, `count` (None: for ever), `skip`,
        `probability`, `retry_after`, `seed`. `global_=True` makes a 429 a global one."""
        if "global_" in fault:
            fault["global"] = fault.pop("global_")
        return await self.post("/faults", {"kind": kind, **fault})

    async def faults(self) -> list[Json]:
        return objects_of((await self.get("/faults"))["faults"])

    async def clear_faults(self) -> None:
        await self._request("DELETE", "/faults")

    async def advance(self, seconds: float) -> None:
        """Makes everything that exists older: tokens, nonces, file addresses, sessions."""
        await self.post("/clock", {"advance_s": seconds})

    async def limits(self, **change: Any) -> Json:
        """`enabled=False` switches rate limits off; `rules={"message_create": {"limit": 1,
        "per_s": 60}}`; `reset=True` restores Discord's."""
        if "global_" in change:
            change["global"] = change.pop("global_")
        return await self.post("/limits", change)

    async def gateway(self, action: str, **more: Any) -> Json:
        """drop (code=…), reconnect, invalid_session (resumable=…), replay (last=…, event=…),
        mute, refuse, accept."""
        return await self.post("/gateway", {"action": action, **more})

    async def config(self, **change: Any) -> None:
        """answer_within_s, file_limit, request_limit, token_revoked, privileged_intents,
        heartbeat_interval_ms."""
        await self.post("/config", change)

    async def permissions(
        self,
        channel: str,
        *,
        target: str = "bot",
        allow: list[str] | None = None,
        deny: list[str] | None = None,
    ) -> None:
        """Sets a channel's exception for the bot, a person or a role; neither list lifts it."""
        body = {"channel": channel, "target": target, "allow": allow or [], "deny": deny or []}
        await self.post("/overwrites", body)

    async def person(self, person: str = "", **change: Any) -> Json:
        """Adds a person (`name=`), or changes one: `roles`, `in_guild`, `dms_open`."""
        return await self.post("/people", {"person": person, **change})

    async def channel(self, channel: str = "", **change: Any) -> Json:
        """Adds a channel (`name=`), or changes one: `topic`, `nsfw`."""
        return await self.post("/channels", {"channel": channel, **change})

    async def delete_channel(self, channel: str) -> None:
        await self._request("DELETE", f"/channels/{channel}")

    async def guild(self, **change: Any) -> Json:
        """`present=False` removes the bot from the server; `unavailable=True` is an outage."""
        return await self.post("/guild", change)

    async def requests(self, path: str = "", *, since: int = 0, limit: int = 5000) -> list[Json]:
        """What the bot asked: method, path, route, query, status, code, body, files, ms."""
        query = f"/requests?{urlencode({'path': path, 'since': since, 'limit': limit})}"
        answer = await self.get(query)
        return objects_of(answer["requests"])

    async def clear_requests(self) -> None:
        await self._request("DELETE", "/requests")

    async def stats(self) -> Json:
        """Counts, answer times (p50, p95, p99, max), gateway and limits."""
        return await self.get("/stats")

    # underneath

    @property
    def _http(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError("use `async with SandboxClient(...)`")
        return self._session

    async def _act(
        self, path: str, body: Json, *, wait: bool, files: list[tuple[str, File]] | None = None
    ) -> Interaction:
        self._mark = self.mark()
        answer = await self.post(path, {**body, "wait": "ack" if wait else ""}, files=files)
        return Interaction(object_of(answer["interaction"]))

    async def get(self, path: str, **query: str) -> Json:
        return await self._request("GET", path, params={k: v for k, v in query.items() if v})

    async def post(
        self, path: str, body: Json, *, files: list[tuple[str, File]] | None = None
    ) -> Json:
        if not files:
            return await self._request("POST", path, json=body)
        form = aiohttp.FormData(quote_fields=False)
        form.add_field("json", dumps(body))
        for name, (filename, data) in files:
            form.add_field(name, io.BytesIO(data), filename=filename)
        return await self._request("POST", path, data=form)

    async def _request(self, method: str, path: str, **more: Any) -> Json:
        async with self._http.request(method, f"{self.url}/_sandbox{path}", **more) as response:
            if response.content_type != "application/json":
                raise SandboxError(f"{response.status} at {path}: {await response.text()}")
            answer = object_of(await response.json())
            if response.status != 200:
                raise SandboxError(text_of(answer.get("error")) or f"status {response.status}")
            return answer

    async def _channel_id(self, channel: str) -> str:
        for entry in objects_of((await self.world())["channels"]):
            if channel.lstrip("#") in (entry["id"], entry.get("name")):
                return text_of(entry["id"])
        raise SandboxError(f"there is no channel {channel!r}")

    async def _read_events(self, ready: asyncio.Event) -> None:
        buffer = b""
        try:
            async with self._http.get(f"{self.url}/_sandbox/events") as response:
                async for chunk in response.content.iter_any():
                    buffer += chunk
                    *whole_events, buffer = buffer.split(b"\n\n")
                    for text in whole_events:
                        await self._take_event(text, ready)
        except aiohttp.ClientError:
            pass
        # Those who wait look again, and find that this is over.
        self._over = True
        async with self._news:
            self._news.notify_all()

    async def _take_event(self, text: bytes, ready: asyncio.Event) -> None:
        for line in text.split(b"\n"):
            if not line.startswith(b"data: "):
                continue
            entry = object_of(json.loads(line[6:]))
            if entry["type"] == "hello":
                self._mark = int(entry["n"])
                ready.set()
                continue
            async with self._news:
                self._events.append(Event(entry["n"], entry["type"], object_of(entry["data"])))
                self._news.notify_all()
