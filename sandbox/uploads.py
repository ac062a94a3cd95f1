"""Files: reading them out of a request, keeping them, and serving them by signed address.

Limits (Discord's docs: "Uploading Files"): 10 MiB a file, 25 MiB a request, 10 files a message,
alt text of 1024 characters. Attachment addresses are signed and expire after a day.
"""

import hashlib
import hmac
import mimetypes
import re
import secrets
import urllib.parse
from collections import OrderedDict, deque
from dataclasses import dataclass

from aiohttp import web

from sandbox import pictures
from sandbox.clock import Clock
from sandbox.errors import known
from sandbox.shapes import Json

FILE_LIMIT = 10 * 1024 * 1024
REQUEST_LIMIT = 25 * 1024 * 1024
URL_LIFE_S = 24 * 3600
DETACHED_KEPT = 64

_UNSAFE_NAME = re.compile(r"[^\w.\-]+")


@dataclass(frozen=True)
class Upload:
    """One file of a multipart request: `files[n]`, its name and its bytes."""

    field: str
    filename: str
    data: bytes

    @property
    def index(self) -> str:
        """The n of `files[n]`, which a descriptor's id refers to; empty for another field."""
        match = re.fullmatch(r"files\[(\d+)\]", self.field)
        return match.group(1) if match else ""


@dataclass
class Attachment:
    id: str
    channel_id: str
    filename: str
    size: int
    content_type: str
    width: int | None
    height: int | None
    description: str | None = None
    ephemeral: bool = False


def clean_filename(name: str) -> str:
    """A file name as Discord stores it: letters, digits, dot, dash and underscore."""
    return _UNSAFE_NAME.sub("_", name.replace("\\", "/").rsplit("/", 1)[-1])[-200:] or "file"


def parse_multipart(content_type: str, body: bytes) -> tuple[dict[str, str], list[Upload]]:
    """Splits multipart/form-data into its text fields and files.

    The whole body is in memory already (it is at most 25 MiB), which makes one search per part
    enough; aiohttp's streaming reader costs several times the CPU for picture-sized parts.
    """
    match = re.search(r'boundary="?([^";]+)"?', content_type)
    if match is None:
        raise ValueError("multipart without a boundary")
    delimiter = b"--" + match.group(1).encode()
    fields: dict[str, str] = {}
    files: list[Upload] = []
    at = body.find(delimiter)
    while at >= 0:
        start = at + len(delimiter)
        if body[start : start + 2] == b"--":
            break
        head_end = body.find(b"\r\n\r\n", start)
        following = body.find(b"\r\n" + delimiter, head_end)
        if head_end < 0 or following < 0:
            raise ValueError("multipart is cut short")
        head = body[start:head_end].decode("utf-8", "replace")
        data = body[head_end + 4 : following]
        name = _parameter(head, "name")
        filename = _parameter(head, "filename")
        if filename is None:
            fields[name or ""] = data.decode("utf-8", "replace")
        else:
            files.append(Upload(name or "", filename, data))
        at = following + 2
    return fields, files


def _parameter(head: str, name: str) -> str | None:
    encoded = re.search(rf"[;\s]{name}\*=(?:utf-8|UTF-8)''([^;\r\n]+)", head)
    if encoded:
        return urllib.parse.unquote(encoded.group(1))
    match = re.search(rf'[;\s]{name}="((?:[^"\\]|\\.)*)"', head)
    if match is None:
        match = re.search(rf"[;\s]{name}=([^;\s]+)", head)
    return urllib.parse.unquote(match.group(1)) if match else None


class Uploads:
    """Keeps the bytes of attachments, at most so many in all; the oldest go first."""

    def __init__(self, clock: Clock, *, budget: int = 256 * 1024 * 1024) -> None:
        self.base_url = ""
        self.file_limit = FILE_LIMIT
        self.request_limit = REQUEST_LIMIT
        self._clock = clock
        self._budget = budget
        self._held = 0
        self._key = secrets.token_bytes(16)
        self._bytes: OrderedDict[str, tuple[Attachment, bytes]] = OrderedDict()
        self._detached: deque[str] = deque()

    @property
    def held_bytes(self) -> int:
        return self._held

    def __len__(self) -> int:
        return len(self._bytes)

    def check(self, files: list[Upload]) -> None:
        """Refuses files that are too large, each or together (40005, status 413)."""
        if any(len(file.data) > self.file_limit for file in files):
            raise known(40005)
        if sum(len(file.data) for file in files) > self.request_limit:
            raise known(40005)

    def keep(
        self,
        upload: Upload,
        channel_id: str,
        *,
        description: str | None = None,
        filename: str | None = None,
        ephemeral: bool = False,
    ) -> Attachment:
        """Stores a file and describes it. Its type comes from its name: that is all there is,
        since discord.py uploads everything as application/octet-stream."""
        name = clean_filename(filename or upload.filename)
        size = pictures.size_of(upload.data)
        attachment = Attachment(
            id=self._clock.snowflake(),
            channel_id=channel_id,
            filename=name,
            size=len(upload.data),
            content_type=mimetypes.guess_type(name)[0] or "application/octet-stream",
            width=size[0] if size else None,
            height=size[1] if size else None,
            description=description,
            ephemeral=ephemeral,
        )
        self.put_back(attachment, upload.data)
        return attachment

    def put_back(self, attachment: Attachment, data: bytes) -> None:
        self._bytes[attachment.id] = (attachment, data)
        self._held += len(data)
        while self._held > self._budget and len(self._bytes) > 1:
            _, (_, dropped) = self._bytes.popitem(last=False)
            self._held -= len(dropped)

    def detach(self, attachments: list[Attachment]) -> None:
        """Marks files as on no message any more. The last few stay readable, because a page may
        just be loading the preview that an edit replaced."""
        self._detached.extend(attachment.id for attachment in attachments)
        while len(self._detached) > DETACHED_KEPT:
            _, data = self._bytes.pop(self._detached.popleft(), (None, b""))
            self._held -= len(data)

    def read(self, attachment_id: str) -> bytes | None:
        found = self._bytes.get(attachment_id)
        return found[1] if found else None

    # addresses

    def _signature(self, attachment_id: str, expires: str) -> str:
        return hmac.new(
            self._key, f"{attachment_id}:{expires}".encode(), hashlib.sha256
        ).hexdigest()

    def url(self, attachment: Attachment) -> str:
        # Rounded to the hour, so that a message reads the same from one minute to the next.
        expires = format(int(self._clock.wall()) // 3600 * 3600 + URL_LIFE_S, "x")
        issued = format(int(self._clock.wall()) // 3600 * 3600, "x")
        signed = self._signature(attachment.id, expires)
        name = urllib.parse.quote(attachment.filename)
        return (
            f"{self.base_url}/attachments/{attachment.channel_id}/{attachment.id}/{name}"
            f"?ex={expires}&is={issued}&hm={signed}&"
        )

    def payload(self, attachment: Attachment) -> Json:
        url = self.url(attachment)
        payload: Json = {
            "id": attachment.id,
            "filename": attachment.filename,
            "size": attachment.size,
            "url": url,
            "proxy_url": url,
            "content_type": attachment.content_type,
        }
        if attachment.width is not None:
            payload |= {"width": attachment.width, "height": attachment.height}
        if attachment.description is not None:
            payload["description"] = attachment.description
        if attachment.ephemeral:
            payload["ephemeral"] = True
        return payload

    async def serve(self, request: web.Request) -> web.Response:
        """GET /attachments/{channel}/{id}/{filename}?ex=&is=&hm="""
        attachment_id = request.match_info["attachment_id"]
        expires = request.query.get("ex", "")
        signed = self._signature(attachment_id, expires)
        gone = web.Response(status=404, text="This content is no longer available.")
        if not hmac.compare_digest(signed, request.query.get("hm", "")):
            return gone
        if int(expires, 16) < self._clock.wall():
            return gone
        found = self._bytes.get(attachment_id)
        if found is None:
            return gone
        attachment, data = found
        # Only raster pictures are shown in place: anything else could carry script.
        inline = attachment.content_type in ("image/png", "image/jpeg", "image/webp", "image/gif")
        return web.Response(
            body=data,
            content_type=attachment.content_type if inline else "application/octet-stream",
            headers={
                "Cache-Control": "private, max-age=86400",
                "Content-Disposition": "inline" if inline else "attachment",
                "X-Content-Type-Options": "nosniff",
                "Content-Security-Policy": "default-src 'none'; sandbox",
            },
        )
