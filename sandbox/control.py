"""What tests do to the world: faults, time, limits, gateway trouble, permissions, departures.

All under `/_sandbox/`, JSON in and out. Nothing here is reachable by the bot's own API.
"""

from aiohttp import web

from sandbox import permissions
from sandbox.acts import Act, serve
from sandbox.gateway import GUILD_MEMBERS, GUILDS
from sandbox.parts import Parts
from sandbox.shapes import Json, list_of, text_of, whole
from sandbox.world import BOT_ID, DIRECT, GUILD_ID, TEXT, Channel, Overwrite, User


class Control:
    """The levers."""

    def __init__(self, parts: Parts) -> None:
        self._p = parts

    def add_to(self, app: web.Application) -> None:
        for method, path, handler in (
            ("GET", "/requests", self.requests),
            ("DELETE", "/requests", self.clear_requests),
            ("GET", "/stats", self.stats),
            ("GET", "/faults", self.faults),
            ("POST", "/faults", self.add_fault),
            ("DELETE", "/faults", self.clear_faults),
            ("POST", "/clock", self.clock),
            ("GET", "/limits", self.limits),
            ("POST", "/limits", self.set_limits),
            ("POST", "/gateway", self.gateway),
            ("POST", "/config", self.config),
            ("POST", "/overwrites", self.overwrites),
            ("POST", "/people", self.person),
            ("POST", "/channels", self.channel),
            ("DELETE", "/channels/{channel_id}", self.drop_channel),
            ("POST", "/guild", self.guild),
        ):
            serve(self._p, app, method, path, handler)

    # watching

    async def requests(self, act: Act) -> Json:
        """`?since=N&limit=M&path=part`: what the bot asked, oldest first."""
        return {
            "requests": self._p.journal.requests(
                since=whole(act.body.get("since")),
                limit=whole(act.body.get("limit", 500), 500),
                path=text_of(act.body.get("path")),
            )
        }

    async def clear_requests(self, act: Act) -> Json:
        self._p.journal.clear()
        return {}

    async def stats(self, act: Act) -> Json:
        return {
            **self._p.journal.stats(),
            "gateway": self._p.gateway.stats(),
            "limits": self._p.limits.describe(),
            "messages": len(self._p.messages),
            "attachments": len(self._p.uploads),
            "attachment_bytes": self._p.uploads.held_bytes,
            "clock_advanced_s": self._p.clock.advanced_s,
        }

    # faults and time

    async def faults(self, act: Act) -> Json:
        return {"faults": self._p.faults.describe()}

    async def add_fault(self, act: Act) -> Json:
        if "seed" in act.body:
            self._p.faults.seed(whole(act.body["seed"]))
        return self._p.faults.add(act.body).describe()

    async def clear_faults(self, act: Act) -> Json:
        """All of them, or `?id=N`."""
        fault_id = act.body.get("id")
        self._p.faults.clear(None if fault_id is None else whole(fault_id))
        return {}

    async def clock(self, act: Act) -> Json:
        """`{"advance_s": 900}` makes all that exists older: tokens, nonces, addresses, sessions.

        New ids and timestamps stay in real time, so the bot's own clock keeps agreeing.
        """
        self._p.clock.advance(float(act.body.get("advance_s", 0)))
        return {"advanced_s": self._p.clock.advanced_s}

    async def limits(self, act: Act) -> Json:
        return self._p.limits.describe()

    async def set_limits(self, act: Act) -> Json:
        self._p.limits.configure(act.body)
        return self._p.limits.describe()

    async def config(self, act: Act) -> Json:
        """`answer_within_s`, `file_limit`, `request_limit`, `token_revoked`,
        `privileged_intents` (bits granted), `heartbeat_interval_ms`."""
        body = act.body
        if "answer_within_s" in body:
            self._p.interactions.answer_within_s = float(body["answer_within_s"])
        if "file_limit" in body:
            self._p.uploads.file_limit = int(body["file_limit"])
        if "request_limit" in body:
            self._p.uploads.request_limit = int(body["request_limit"])
        if "token_revoked" in body:
            self._p.rest.revoked = bool(body["token_revoked"])
        if "privileged_intents" in body:
            self._p.gateway.privileged_intents = int(body["privileged_intents"])
        if "heartbeat_interval_ms" in body:
            self._p.gateway.heartbeat_interval_ms = int(body["heartbeat_interval_ms"])
        return {}

    async def gateway(self, act: Act) -> Json:
        """`{"action": ...}`: `drop` (with `"code"` a close frame, else cut), `reconnect` (op 7),
        `invalid_session` (op 9; `"resumable"`), `replay` (`"last"` events of `"event"` again),
        `mute` (nothing more reaches today's connections), `refuse` and `accept` connections."""
        gateway, body = self._p.gateway, act.body
        action = text_of(body.get("action"))
        if action == "drop":
            code = body.get("code")
            await gateway.drop(None if code is None else whole(code))
        elif action == "reconnect":
            gateway.ask_reconnect()
        elif action == "invalid_session":
            gateway.invalidate(resumable=bool(body.get("resumable")))
        elif action == "replay":
            event = text_of(body.get("event", "INTERACTION_CREATE"))
            return {"replayed": gateway.replay(whole(body.get("last", 1), 1), event)}
        elif action == "mute":
            gateway.mute()
        elif action in ("refuse", "accept"):
            gateway.accepting = action == "accept"
        elif action:
            raise ValueError(f"unknown action: {action}")
        return gateway.stats()

    # the world

    async def overwrites(self, act: Act) -> Json:
        """`{"channel", "target": id or "bot" or "everyone", "allow": [...], "deny": [...]}` with
        Discord's permission names; neither list removes the exception."""
        world = self._p.world
        channel = world.find_channel(text_of(act.body.get("channel")))
        wanted = text_of(act.body.get("target", "bot"))
        target = {"bot": BOT_ID, "everyone": GUILD_ID}.get(wanted, wanted)
        if target not in world.roles:
            target = world.find_person(target).id
        allow = permissions.bits([text_of(name) for name in list_of(act.body.get("allow"))])
        deny = permissions.bits([text_of(name) for name in list_of(act.body.get("deny"))])
        if allow or deny:
            kind = "role" if target in world.roles else "member"
            channel.overwrites[target] = Overwrite(target, kind, allow, deny)
        else:
            channel.overwrites.pop(target, None)
        payload = world.channel_payload(channel)
        self._dispatch("CHANNEL_UPDATE", channel, payload)
        return payload

    async def person(self, act: Act) -> Json:
        """Adds a person (`"name"`), or changes one (`"person"`): `roles` (ids or names),
        `in_guild`, `dms_open`, `installed` (the app for themselves)."""
        world, body = self._p.world, act.body
        if body.get("person"):
            user = world.find_person(text_of(body["person"]))
        else:
            name = text_of(body.get("name"))
            if not name:
                raise ValueError("a person needs a name")
            user = User(self._p.clock.snowflake(), name.lower(), name, "a member")
            world.users[user.id] = user
        was_in = user.in_guild
        by_name = {role.name: role.id for role in world.roles.values()}
        if "roles" in body:
            user.roles = [by_name.get(text_of(r), text_of(r)) for r in list_of(body["roles"])]
        user.in_guild = bool(body.get("in_guild", user.in_guild))
        user.dms_open = bool(body.get("dms_open", user.dms_open))
        user.installed = bool(body.get("installed", user.installed))
        if was_in and not user.in_guild:
            self._p.gateway.dispatch(
                "GUILD_MEMBER_REMOVE",
                {"guild_id": GUILD_ID, "user": user.payload()},
                GUILD_MEMBERS,
            )
        self._p.events.publish("people", {})
        return {**user.payload(), "roles": user.roles, "in_guild": user.in_guild}

    async def channel(self, act: Act) -> Json:
        """Adds a text channel: `"name"`, `"topic"`, `"nsfw"`; or changes `"channel"`'s. With
        `"abroad"` it is one of another server, where the bot is not; with `"between"` (two persons)
        it is their direct messages."""
        world, body = self._p.world, act.body
        kind = "CHANNEL_UPDATE"
        if body.get("channel"):
            channel = world.find_channel(text_of(body["channel"]))
        else:
            kind = "CHANNEL_CREATE"
            channel = Channel(
                self._p.clock.snowflake(),
                DIRECT if body.get("between") else TEXT,
                "" if body.get("between") else text_of(body.get("name")) or "channel",
                position=len(world.channels),
                abroad=bool(body.get("abroad") or body.get("between")),
                people=[world.find_person(text_of(p)).id for p in list_of(body.get("between"))],
            )
            world.channels[channel.id] = channel
        channel.topic = text_of(body.get("topic", channel.topic))
        channel.nsfw = bool(body.get("nsfw", channel.nsfw))
        payload = world.channel_payload(channel)
        self._dispatch(kind, channel, payload)
        return payload

    def _dispatch(self, kind: str, channel: Channel, payload: Json) -> None:
        """Tells the pages, and the bot of what is not abroad."""
        if not channel.abroad:
            self._p.gateway.dispatch(kind, payload, GUILDS)
        self._p.events.publish("channels", {})

    async def drop_channel(self, act: Act) -> Json:
        world = self._p.world
        channel = world.find_channel(text_of(act.body["channel_id"]))
        payload = world.channel_payload(channel)
        for message in self._p.messages.in_channel(channel.id):
            self._p.messages.remove(message)
        del world.channels[channel.id]
        kind = "THREAD_DELETE" if channel.is_thread else "CHANNEL_DELETE"
        self._dispatch(kind, channel, payload)
        return {}

    async def guild(self, act: Act) -> Json:
        """`{"present": false}` removes the bot from the server, true brings it back;
        `{"unavailable": true}` is an outage."""
        world, body = self._p.world, act.body
        if body.get("unavailable") is not None:
            if body["unavailable"]:
                gone: Json = {"id": GUILD_ID, "unavailable": True}
                self._p.gateway.dispatch("GUILD_DELETE", gone, GUILDS)
            else:
                self._p.gateway.dispatch("GUILD_CREATE", world.guild_payload(whole=True), GUILDS)
        if "present" in body and bool(body["present"]) != world.guild_present:
            world.guild_present = bool(body["present"])
            if world.guild_present:
                self._p.gateway.dispatch("GUILD_CREATE", world.guild_payload(whole=True), GUILDS)
            else:
                self._p.gateway.dispatch("GUILD_DELETE", {"id": GUILD_ID}, GUILDS)
        return {"present": world.guild_present}
