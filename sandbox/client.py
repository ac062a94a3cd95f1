"""A client of the driver: people and levers, for tests and load.

    async with SandboxClient(sandbox.url) as people:
        done = await people.slash("mira", "studio", "imagine", prompt="a lighthouse")
        message = await people.wait_message("studio", lambda m: m.button("U1") is not None)
        await people.press("mira", message.id, label="U1")

Persons are "mira", "noah" (members; noah has the Patron role) and "ada" (admin); channels "studio"
and "showcase"; ids work as well. A file is given as `(name, bytes)`. Refusals (what Discord's own
client would not let a person do) raise `SandboxError`.
"""

from collections.abc import Callable
from typing import Any, cast
from urllib.parse import urlencode

from sandbox.shapes import Json, object_of, objects_of, text_of
from sandbox.views import Event, Interaction, Message
from sandbox.wire import File, SandboxError, Wire

__all__ = ["File", "SandboxClient", "SandboxError"]


class SandboxClient(Wire):
    """Drives a sandbox by its address. Use as an async context manager.

    With `live=False` it opens no stream of events: for generators of load, which then cannot use
    the `wait_…` methods, and whose sandbox need not tell anybody what happens.
    """

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
        """A channel, oldest first: what all may read and, with a viewer, his private answers."""
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
        """Adds a person (`name=`), or changes one: `roles`, `in_guild`, `dms_open`, `installed`
        (the app for themselves, so that they may take it along)."""
        return await self.post("/people", {"person": person, **change})

    async def channel(self, channel: str = "", **change: Any) -> Json:
        """Adds a channel (`name=`), or changes one: `topic`, `nsfw`. With `abroad=True` it is in
        another server, where the bot is not; `between=[...]` are the messages of two people."""
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
        """Counts, answer times (p50, p95, p99, max), gateway and limits; `under_way` is how many
        requests of the bot are not done yet, also such that it does not wait for any more."""
        return await self.get("/stats")

    # underneath

    async def _act(
        self, path: str, body: Json, *, wait: bool, files: list[tuple[str, File]] | None = None
    ) -> Interaction:
        self._mark = self.mark()
        answer = await self.post(path, {**body, "wait": "ack" if wait else ""}, files=files)
        return Interaction(object_of(answer["interaction"]))

    async def _channel_id(self, channel: str) -> str:
        for entry in objects_of((await self.world())["channels"]):
            if channel.lstrip("#") in (entry["id"], entry.get("name")):
                return text_of(entry["id"])
        raise SandboxError(f"there is no channel {channel!r}")
