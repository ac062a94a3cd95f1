"""Gateway sessions and the connections that carry them, with their compression."""

import asyncio
import secrets
import struct
import zlib
from collections import deque
from typing import Protocol

from aiohttp import web

REPLAYED = 5000


class Compressor(Protocol):
    def frame(self, text: bytes) -> bytes: ...


class ZlibStream:
    """One zlib context for the whole connection, flushed after each event."""

    def __init__(self) -> None:
        self._context = zlib.compressobj(1)

    def frame(self, text: bytes) -> bytes:
        return self._context.compress(text) + self._context.flush(zlib.Z_SYNC_FLUSH)


class ZstdStream:
    """Zstandard as a stream of stored blocks: valid for any reader, and no library is needed."""

    def __init__(self) -> None:
        self._started = False

    def frame(self, text: bytes) -> bytes:
        out = b""
        if not self._started:
            # Magic, then a frame header: no content size, no checksum, a 128 KiB window.
            out = b"\x28\xb5\x2f\xfd" + b"\x00" + b"\x38"
            self._started = True
        for at in range(0, len(text), 131072):
            block = text[at : at + 131072]
            out += struct.pack("<I", len(block) << 3)[:3] + block
        return out


class Session:
    """One identified bot session, which outlives its connections."""

    def __init__(self, intents: int) -> None:
        self.id = secrets.token_hex(16)
        self.intents = intents
        self.seq = 0
        self.sent: deque[tuple[int, str, str]] = deque(maxlen=REPLAYED)
        self.connection: Connection | None = None
        self.detached_at = 0.0

    def dispatch(self, kind: str, body: str) -> None:
        self.seq += 1
        text = f'{{"op":0,"t":"{kind}","s":{self.seq},"d":{body}}}'
        self.sent.append((self.seq, kind, text))
        if self.connection is not None:
            self.connection.send(text)


class Connection:
    """One websocket, with its outgoing queue and compression."""

    def __init__(
        self,
        socket: web.WebSocketResponse,
        transport: asyncio.BaseTransport | None,
        compress: str,
    ) -> None:
        self.socket = socket
        self._transport = transport
        self.session: Session | None = None
        self.muted = False
        self.dropped = False
        self.received: deque[float] = deque(maxlen=120)
        self._queue: asyncio.Queue[str | None] = asyncio.Queue()
        self._compressor: Compressor | None = {
            "zlib-stream": ZlibStream,
            "zstd-stream": ZstdStream,
        }.get(compress, lambda: None)()

    def send(self, text: str) -> None:
        if not self.muted:
            self._queue.put_nowait(text)

    async def write(self) -> None:
        """Sends what is queued until the socket closes."""
        try:
            while True:
                text = await self._queue.get()
                if text is None:
                    return
                if self._compressor is None:
                    await self.socket.send_str(text)
                else:
                    await self.socket.send_bytes(self._compressor.frame(text.encode()))
        except ConnectionError:
            return

    def cut(self) -> None:
        """Ends the connection without a close frame, as a lost network does."""
        if isinstance(self._transport, asyncio.WriteTransport):
            self._transport.abort()

    def finish(self) -> None:
        """Lets `write` end once everything queued so far is sent."""
        self._queue.put_nowait(None)
