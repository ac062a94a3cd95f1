"""The gateway: hello, identify, heartbeats, dispatch by intents, resume with replay.

Discord's docs: "Gateway", "Gateway Close Event Codes". Limits: 4096 bytes a payload from the bot,
120 payloads a minute, the last 5,000 events replayed to a session that resumes within 5 minutes.
"""

import asyncio
import json

from aiohttp import WSCloseCode, WSMsgType, web

from sandbox.clock import Clock
from sandbox.events import Events
from sandbox.sessions import Connection, Session
from sandbox.shapes import Json, dumps, is_object, list_of, object_of, whole
from sandbox.world import BOT_ID, GUILD_ID, World

GUILDS, GUILD_MEMBERS, GUILD_PRESENCES = 1 << 0, 1 << 1, 1 << 8
GUILD_MESSAGES, GUILD_REACTIONS, GUILD_TYPING = 1 << 9, 1 << 10, 1 << 11
DIRECT_MESSAGES, DIRECT_REACTIONS, DIRECT_TYPING = 1 << 12, 1 << 13, 1 << 14
MESSAGE_CONTENT = 1 << 15
PRIVILEGED = GUILD_MEMBERS | GUILD_PRESENCES | MESSAGE_CONTENT

SESSION_LIFE_S = 300.0


class Gateway:
    """All sessions, and the events they are sent."""

    def __init__(self, world: World, clock: Clock, events: Events, token: str) -> None:
        self._world = world
        self._clock = clock
        self._events = events
        self._token = token
        self._sessions: dict[str, Session] = {}
        self._connections: set[Connection] = set()
        self.ws_url = ""
        self.accepting = True
        self.privileged_intents = 0
        self.heartbeat_interval_ms = 41250
        self.identifies = 0
        self.resumes = 0

    @property
    def connected(self) -> int:
        return sum(1 for c in self._connections if c.session is not None)

    @property
    def sessions(self) -> int:
        return len(self._sessions)

    def stats(self) -> Json:
        return {
            "connected": self.connected,
            "sessions": len(self._sessions),
            "identifies": self.identifies,
            "resumes": self.resumes,
            "accepting": self.accepting,
        }

    # sending

    def dispatch(self, kind: str, data: Json, intent: int = 0) -> None:
        """Sends an event to each session that asked for its kind."""
        self._expire()
        body = ""
        for session in self._sessions.values():
            if intent and not session.intents & intent:
                continue
            body = body or dumps(data)
            session.dispatch(kind, body)

    def dispatch_message(self, kind: str, data: Json, *, direct: bool) -> None:
        """A message event; content goes only to those who may read it (MESSAGE_CONTENT)."""
        intent = DIRECT_MESSAGES if direct else GUILD_MESSAGES
        mentioned = any(object_of(u).get("id") == BOT_ID for u in data.get("mentions", []))
        own = object_of(data.get("author")).get("id") == BOT_ID
        bare: Json = {**data, "content": "", "embeds": [], "attachments": [], "components": []}
        for session in self._sessions.values():
            if session.intents & intent:
                may_read = direct or own or mentioned or session.intents & MESSAGE_CONTENT
                session.dispatch(kind, dumps(data if may_read else bare))

    def _expire(self) -> None:
        now = self._clock.age_clock()
        for session in list(self._sessions.values()):
            if session.connection is None and now - session.detached_at > SESSION_LIFE_S:
                del self._sessions[session.id]

    # a connection

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """GET /gateway?v=10&encoding=json[&compress=zlib-stream|zstd-stream]"""
        if not self.accepting:
            return web.Response(status=503, text="upstream connect error")
        socket = web.WebSocketResponse(max_msg_size=16384, compress=False)
        await socket.prepare(request)
        connection = Connection(socket, request.transport, request.query.get("compress", ""))
        self._connections.add(connection)
        writer = asyncio.create_task(connection.write())
        connection.send(
            dumps(
                {
                    "op": 10,
                    "s": None,
                    "t": None,
                    "d": {"heartbeat_interval": self.heartbeat_interval_ms, "_trace": ["sandbox"]},
                }
            )
        )
        try:
            async for message in socket:
                if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                    break
                raw = message.data if isinstance(message.data, bytes) else message.data.encode()
                code = self._receive(connection, raw)
                if code is not None:
                    connection.finish()
                    await writer
                    await socket.close(code=code[0], message=code[1].encode())
                    break
        except ConnectionError:
            pass
        finally:
            writer.cancel()
            self._connections.discard(connection)
            self._detach(connection)
        return socket

    def _detach(self, connection: Connection) -> None:
        session = connection.session
        if session is None or session.connection is not connection:
            return
        session.connection = None
        session.detached_at = self._clock.age_clock()
        # Discord ends the session of a bot that says goodbye; any other loss may resume.
        if not connection.dropped and connection.socket.close_code in (1000, 1001):
            self._sessions.pop(session.id, None)
        self._events.publish("gateway", {"state": "disconnected", **self.stats()})

    def _receive(self, connection: Connection, raw: bytes) -> tuple[int, str] | None:
        now = asyncio.get_running_loop().time()
        if len(connection.received) == 120 and now - connection.received[0] < 60:
            return 4008, "You are being rate limited."
        connection.received.append(now)
        if len(raw) > 4096:
            return 4002, "Error while decoding payload."
        try:
            payload = json.loads(raw)
        except ValueError:
            return 4002, "Error while decoding payload."
        if not is_object(payload):
            return 4002, "Error while decoding payload."
        op, data = payload.get("op"), payload.get("d")
        if op == 1:
            connection.send('{"op":11,"d":null,"s":null,"t":null}')
            return None
        if op == 2:
            return self._identify(connection, object_of(data))
        if op == 6:
            return self._resume(connection, object_of(data))
        if connection.session is None:
            return 4003, "Not authenticated."
        if op == 8:
            self._members(connection.session, object_of(data))
        elif op not in (3, 4, 31, 43):
            return 4001, "Unknown opcode."
        return None

    def _identify(self, connection: Connection, data: Json) -> tuple[int, str] | None:
        self.identifies += 1
        if connection.session is not None:
            return 4005, "Already authenticated."
        if data.get("token") != self._token:
            return 4004, "Authentication failed."
        intents = whole(data.get("intents"), -1)
        if intents < 0 or intents >= 1 << 26:
            return 4013, "Invalid intent(s)."
        if intents & PRIVILEGED & ~self.privileged_intents:
            return 4014, "Disallowed intent(s)."
        session = Session(intents)
        session.connection, connection.session = connection, session
        self._sessions[session.id] = session
        present = self._world.guild_present
        session.dispatch(
            "READY",
            dumps(
                {
                    "v": 10,
                    "user": {
                        **self._world.bot.payload(),
                        "verified": True,
                        "mfa_enabled": True,
                        "email": None,
                    },
                    "guilds": [{"id": GUILD_ID, "unavailable": True}] if present else [],
                    "session_id": session.id,
                    "resume_gateway_url": self.ws_url,
                    "session_type": "normal",
                    "application": {"id": BOT_ID, "flags": 565248},
                    "shard": data.get("shard") or [0, 1],
                    "private_channels": [],
                    "presences": [],
                    "relationships": [],
                    "user_settings": {},
                    "_trace": ["sandbox"],
                }
            ),
        )
        if present and intents & GUILDS:
            session.dispatch("GUILD_CREATE", dumps(self._world.guild_payload(whole=True)))
        self._events.publish("gateway", {"state": "connected", **self.stats()})
        return None

    def _resume(self, connection: Connection, data: Json) -> tuple[int, str] | None:
        if data.get("token") != self._token:
            return 4004, "Authentication failed."
        self._expire()
        session = self._sessions.get(str(data.get("session_id")))
        seq = whole(data.get("seq"), -1)
        oldest = session.sent[0][0] if session and session.sent else 1
        if session is None or seq < oldest - 1:
            connection.send('{"op":9,"d":false,"s":null,"t":null}')
            return None
        if seq > session.seq:
            return 4007, "Invalid seq."
        self.resumes += 1
        if session.connection is not None:
            session.connection.session = None
        session.connection, connection.session = connection, session
        for number, _, text in list(session.sent):
            if number > seq:
                connection.send(text)
        session.dispatch("RESUMED", '{"_trace":["sandbox"]}')
        self._events.publish("gateway", {"state": "resumed", **self.stats()})
        return None

    def _members(self, session: Session, data: Json) -> None:
        if str(data.get("guild_id")) != GUILD_ID:
            return
        ids = [str(user_id) for user_id in list_of(data.get("user_ids"))]
        members = [
            self._world.member_payload(user)
            for user in self._world.users.values()
            if user.in_guild and (not ids or user.id in ids)
        ]
        session.dispatch(
            "GUILD_MEMBERS_CHUNK",
            dumps(
                {
                    "guild_id": GUILD_ID,
                    "members": members,
                    "chunk_index": 0,
                    "chunk_count": 1,
                    "not_found": [],
                    "nonce": data.get("nonce"),
                }
            ),
        )

    # faults

    async def drop(self, code: int | None = None) -> int:
        """Cuts every connection: without a code as a network would, else with a close frame."""
        dropped = list(self._connections)
        for connection in dropped:
            connection.dropped = True
            if code is not None:
                await connection.socket.close(code=code)
            else:
                connection.cut()
        return len(dropped)

    def ask_reconnect(self) -> None:
        """Op 7: the bot should reconnect and resume."""
        for connection in list(self._connections):
            connection.send('{"op":7,"d":null,"s":null,"t":null}')

    def invalidate(self, *, resumable: bool = False) -> None:
        """Op 9: the session is over (or, resumable, to be resumed)."""
        for connection in list(self._connections):
            if not resumable and connection.session is not None:
                self._sessions.pop(connection.session.id, None)
            connection.send(f'{{"op":9,"d":{str(resumable).lower()},"s":null,"t":null}}')

    def replay(self, last: int, kind: str) -> int:
        """Sends the last events of a kind again, as a RESUME after a lost sequence number does."""
        count = 0
        for session in self._sessions.values():
            chosen = [text for _, k, text in session.sent if not kind or k == kind][-last:]
            for text in chosen:
                if session.connection is not None:
                    session.connection.send(text)
                    count += 1
        return count

    def mute(self) -> int:
        """Nothing reaches the bot any more on today's connections, heartbeat answers neither."""
        for connection in self._connections:
            connection.muted = True
        return len(self._connections)

    async def close(self) -> None:
        for connection in list(self._connections):
            await connection.socket.close(code=WSCloseCode.SERVICE_RESTART)
