"""What happens, told live to pages and tests as server-sent events.

Each event is `{"n", "type", "data"}`. Events private to a person reach only streams opened with
that viewer; a stream without a viewer (a test's) gets everything.
"""

import asyncio
from collections import deque
from dataclasses import dataclass, field

from aiohttp import web

from sandbox.shapes import Json, dumps

KEPT = 1000
BACKLOG = 5000


@dataclass(frozen=True)
class Event:
    n: int
    private_to: str
    text: str


@dataclass(eq=False)
class Stream:
    viewer: str
    queue: asyncio.Queue[Event | None] = field(
        default_factory=lambda: asyncio.Queue[Event | None](BACKLOG)
    )

    def wants(self, event: Event) -> bool:
        return not self.viewer or not event.private_to or event.private_to == self.viewer


class Events:
    """Hands each event to every open stream, and keeps the last ones for streams that reconnect."""

    def __init__(self) -> None:
        self._n = 0
        self._streams: set[Stream] = set()
        self._kept: deque[Event] = deque(maxlen=KEPT)
        self._ever_watched = False

    @property
    def watched(self) -> bool:
        """Whether building an event's data is worth anyone's while."""
        return self._ever_watched

    @property
    def last(self) -> int:
        return self._n

    def publish(self, kind: str, data: Json, *, private_to: str = "") -> None:
        self._n += 1
        if not self._ever_watched:
            return
        text = dumps({"n": self._n, "type": kind, "data": data})
        event = Event(self._n, private_to, text)
        self._kept.append(event)
        for stream in list(self._streams):
            if stream.wants(event):
                try:
                    stream.queue.put_nowait(event)
                except asyncio.QueueFull:
                    # A reader this far behind starts afresh: it reconnects and reloads.
                    self._streams.discard(stream)

    def close(self) -> None:
        for stream in list(self._streams):
            self._streams.discard(stream)
            while stream.queue.full():
                stream.queue.get_nowait()
            stream.queue.put_nowait(None)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """GET /_sandbox/events?viewer=ID: text/event-stream, resumable by Last-Event-ID."""
        self._ever_watched = True
        stream = Stream(request.query.get("viewer", ""))
        since = request.headers.get("Last-Event-ID", request.query.get("since", ""))
        if since.isdecimal():
            for event in self._kept:
                if event.n > int(since) and stream.wants(event):
                    stream.queue.put_nowait(event)
        self._streams.add(stream)
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        response.enable_chunked_encoding()
        await response.prepare(request)
        hello = dumps({"n": self._n, "type": "hello", "data": {}})
        await response.write(f"retry: 500\nid: {self._n}\ndata: {hello}\n\n".encode())
        try:
            while stream in self._streams or not stream.queue.empty():
                try:
                    event = await asyncio.wait_for(stream.queue.get(), 15)
                except TimeoutError:
                    await response.write(b": still here\n\n")
                    continue
                if event is None:
                    break
                await response.write(f"id: {event.n}\ndata: {event.text}\n\n".encode())
        except ConnectionError:
            pass
        finally:
            self._streams.discard(stream)
        return response
