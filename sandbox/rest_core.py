"""How every REST request is taken: body, faults, authorization, limits, answer, journal."""

import asyncio
import json
import logging
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from sandbox.errors import ApiError, known, not_found, unauthorized
from sandbox.faults import Faults
from sandbox.journal import Journal
from sandbox.limits import Limits
from sandbox.shapes import Json, dumps, object_of
from sandbox.uploads import Upload, Uploads, parse_multipart
from sandbox.world import User

log = logging.getLogger("sandbox")
PREFIX = "/api/v10"
Answer = Json | list[Json] | None


@dataclass
class Call:
    """One request, read and checked for form; routes read it and return what to answer. `person`
    is whose token it bears, None for the bot's."""

    request: web.Request
    data: Any = None
    files: list[Upload] = field(default_factory=list[Upload])
    status: int = 200
    person: User | None = None

    @property
    def body(self) -> Json:
        return object_of(self.data)

    @property
    def query(self) -> dict[str, str]:
        return dict(self.request.query)

    def part(self, name: str) -> str:
        return self.request.match_info[name]


Route = Callable[[Call], Answer]


class Rest:
    """Registers routes and runs them."""

    def __init__(
        self,
        token: str,
        faults: Faults,
        limits: Limits,
        journal: Journal,
        uploads: Uploads,
        bearer: Callable[[str], User | None],
    ) -> None:
        self._token = token
        self._faults = faults
        self._limits = limits
        self._journal = journal
        self._uploads = uploads
        self._bearer = bearer
        self.revoked = False
        self.app: web.Application | None = None

    def add(
        self,
        app: web.Application,
        method: str,
        path: str,
        route: Route,
        *,
        bucket: str = "other",
        by_token: bool = False,
        by_person: bool = False,
    ) -> None:
        """Serves a route. `by_token` routes need no bot token and are outside the global limit;
        `by_person` ones take the token of somebody who logged in elsewhere as well."""

        async def handle(request: web.Request) -> web.StreamResponse:
            call = Call(request)
            if by_person:
                kind, _, token = request.headers.get("Authorization", "").partition(" ")
                call.person = self._bearer(token) if kind == "Bearer" else None
            return await self._run(call, path, route, bucket, by_token or call.person is not None)

        app.router.add_route(method, PREFIX + path, handle)

    def add_fallback(self, app: web.Application) -> None:
        def nowhere(call: Call) -> Answer:
            raise not_found()

        async def handle(request: web.Request) -> web.StreamResponse:
            return await self._run(Call(request), "(unknown)", nowhere, "other", False)

        app.router.add_route("*", "/api/{rest:.*}", handle)

    async def _run(
        self, call: Call, name: str, route: Route, bucket: str, by_token: bool
    ) -> web.StreamResponse:
        with self._journal.watching():
            return await self._answer(call, name, route, bucket, by_token)

    async def _answer(
        self, call: Call, name: str, route: Route, bucket: str, by_token: bool
    ) -> web.StreamResponse:
        started = time.monotonic()
        request = call.request
        path = request.path.removeprefix(PREFIX)
        headers: dict[str, str] = {}
        outcome = ""
        answer: Answer = None
        error: ApiError | None = None
        try:
            await self._read(call)
            struck = self._faults.due(request.method, path)
            for fault in struck:
                if fault.latency_s:
                    await asyncio.sleep(fault.latency_s)
                if fault.error is not None:
                    raise fault.error
                if fault.kind == "reset":
                    outcome = "reset"
            if not outcome:
                self._authorize(request, by_token)
                headers = self._limits.take(bucket, _major(request, path), outside_global=by_token)
                answer = route(call)
                if any(fault.kind == "lost" for fault in struck):
                    outcome = "lost"
        except ApiError as raised:
            error = raised
        except Exception:
            # A fault of ours, not the bot's: seen on the console, and by the bot as Discord's own.
            log.exception("%s %s failed", request.method, path)
            error = ApiError(500, 0, "500: Internal Server Error")
        status = error.status if error else call.status if answer is not None else 204
        self._limits.note(status)
        self._journal.note(
            {
                "at": time.time(),
                "method": request.method,
                "path": path,
                "route": name,
                "query": dict(request.query),
                "status": status,
                "code": error.code if error else None,
                "outcome": outcome or None,
                "ms": round((time.monotonic() - started) * 1000, 2),
                "body": call.data,
                "files": [
                    {"field": f.field, "filename": f.filename, "size": len(f.data)}
                    for f in call.files
                ],
            }
        )
        if outcome:
            return _hang_up(request, hard=outcome == "reset")
        if error is not None:
            return _json(error.status, error.body(), {**headers, **error.headers})
        if answer is None:
            return web.Response(status=204, headers=headers)
        return _json(status, answer, headers)

    async def _read(self, call: Call) -> None:
        """Reads JSON, or multipart with `payload_json` and `files[n]`.

        A body over the request limit is read to its end and dropped, so that the sender gets the
        413 and not a broken pipe.
        """
        request = call.request
        if not request.body_exists:
            return
        chunks: list[bytes] = []
        size, most = 0, self._uploads.request_limit + 1024 * 1024
        async for chunk in request.content.iter_any():
            size += len(chunk)
            if size <= most:
                chunks.append(chunk)
        if size > most:
            raise known(40005)
        body = b"".join(chunks)
        try:
            if request.content_type == "multipart/form-data":
                fields, call.files = parse_multipart(request.headers["Content-Type"], body)
                call.data = json.loads(fields.get("payload_json", "{}"))
            elif body:
                call.data = json.loads(body)
        except ValueError:
            raise known(50109) from None

    def _authorize(self, request: web.Request, by_token: bool) -> None:
        if by_token:
            return
        if self.revoked or request.headers.get("Authorization") != f"Bot {self._token}":
            raise unauthorized()


def _json(status: int, answer: Json | list[Json], headers: dict[str, str]) -> web.Response:
    # Without a charset, as Discord sends it: discord.py compares the whole header.
    return web.Response(
        status=status,
        body=dumps(answer).encode(),
        headers={**headers, "Content-Type": "application/json"},
    )


def _major(request: web.Request, path: str) -> str:
    """What a bucket is counted per: the channel, or the interaction token."""
    info = request.match_info
    return info.get("channel_id") or info.get("token") or info.get("guild_id") or ""


def _hang_up(request: web.Request, *, hard: bool) -> web.StreamResponse:
    transport = request.transport
    if transport is not None:
        if hard:
            raw = transport.get_extra_info("socket")
            if raw is not None:
                # No lingering: the other side sees a reset instead of an orderly end.
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    return web.Response(status=500)
