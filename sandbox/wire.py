"""The client's connection: requests to the driver, and the stream of its events."""

import asyncio
import contextlib
import io
import json
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import aiohttp

from sandbox.shapes import Json, dumps, object_of, text_of
from sandbox.views import Event

File = tuple[str, bytes]
EVENTS_KEPT = 5000


class SandboxError(Exception):
    """The sandbox refused: the message says why."""


class Wire:
    """Speaks with a sandbox; `SandboxClient` says what there is to say."""

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

    @property
    def _http(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError("use `async with SandboxClient(...)`")
        return self._session

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

    # events

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
