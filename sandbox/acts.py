"""How requests to the driver are read and answered."""

import json
from collections.abc import Awaitable, Callable

from aiohttp import web

from sandbox import commands as c
from sandbox import permissions as may
from sandbox.errors import ApiError
from sandbox.messages import Message
from sandbox.parts import Parts
from sandbox.shapes import Json, dumps, object_of, text_of
from sandbox.uploads import Attachment, Upload, parse_multipart
from sandbox.world import Channel, User

PREFIX = "/_sandbox"
BODY_LIMIT = 64 * 1024 * 1024


class Act:
    """One request to the driver, with its fields looked up in the world."""

    def __init__(self, parts: Parts, body: Json, files: list[Upload]) -> None:
        self._parts = parts
        self.body = body
        self.files = files

    @property
    def person(self) -> User:
        return self._parts.world.find_person(text_of(self.body.get("person")))

    @property
    def channel(self) -> Channel:
        channel = self._parts.world.find_channel(text_of(self.body.get("channel")))
        self._see(channel)
        return channel

    @property
    def message(self) -> Message:
        message = self._parts.messages.find(text_of(self.body.get("message")))
        if message is None or (message.private_to and message.private_to != self.person.id):
            raise c.Refused("there is no such message")
        self._see(self._parts.world.channels[message.channel_id])
        return message

    def _see(self, channel: Channel) -> None:
        if not self._parts.world.can(self.person.id, channel, may.VIEW_CHANNEL):
            raise c.Refused(f"{self.person.shown_as} cannot see this channel")

    def keep(self, upload: Upload, channel: Channel) -> Attachment:
        self._parts.uploads.check([upload])
        return self._parts.uploads.keep(upload, channel.id, ephemeral=True)


Handler = Callable[[Act], Awaitable[Json]]


async def read_act(parts: Parts, request: web.Request) -> Act:
    raw = b""
    if request.body_exists:
        chunks: list[bytes] = []
        size = 0
        async for chunk in request.content.iter_any():
            size += len(chunk)
            if size <= BODY_LIMIT:
                chunks.append(chunk)
        if size > BODY_LIMIT:
            raise c.Refused("too large")
        raw = b"".join(chunks)
    if request.content_type == "multipart/form-data":
        fields, files = parse_multipart(request.headers["Content-Type"], raw)
        return Act(parts, object_of(json.loads(fields.get("json", "{}"))), files)
    body = object_of(json.loads(raw)) if raw else {}
    return Act(parts, {**dict(request.query), **body, **dict(request.match_info)}, [])


def serve(parts: Parts, app: web.Application, method: str, path: str, handler: Handler) -> None:
    """Registers a driver route, with refusals turned into answers."""

    async def handle(request: web.Request) -> web.StreamResponse:
        status = 200
        try:
            answer = await handler(await read_act(parts, request))
        except (c.Refused, LookupError, ValueError, TypeError) as error:
            status, answer = 400, {"error": str(error) or type(error).__name__}
        except ApiError as error:
            status, answer = 400, {"error": error.message, **error.body()}
        return web.Response(
            status=status,
            text=dumps(answer),
            content_type="application/json",
            headers={"Cache-Control": "no-store"},
        )

    app.router.add_route(method, PREFIX + path, handle)
