"""The pictures themselves, and small copies of them, for whoever may see them.

An address names a work, never a file: who may see it is asked each time.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from pathlib import Path

from starlette.responses import FileResponse, Response

from core.errors import ImageNotFoundError
from core.thumbs import SIDES, NoThumbError, enough
from core.works import Showing, Work
from gallery.ask import Ask, Way
from gallery.errors import NotHereError
from gallery.limits import Cost

KINDS = {".png": "image/png", ".webp": "image/webp", ".jpg": "image/jpeg"}

TO_ALL = "public, max-age=600"
"""A picture never changes, but who may see it does: after ten minutes a cache must ask again."""

TO_SOME = "private, no-cache"
"""The browser keeps it and asks each time whether it may still show it."""

TO_ONE = "private, no-store"


async def original(ask: Ask) -> Response:
    """`?download`: to be kept, under a name of its own."""
    work = await ask.deps.gallery.open(ask.viewer, ask.part("work"))
    headers = headers_for(work, work.blob)
    if "download" in ask.request.query_params:
        headers["content-disposition"] = f'attachment; filename="easel-{work.id}.png"'
    if _has_it(ask, headers):
        return Response(status_code=304, headers=headers)
    return await _file(await ask.deps.blobs.local(work.blob), headers)


async def thumbnail(ask: Ask) -> Response:
    side: int = ask.part("side")
    if side not in SIDES:
        raise NotHereError
    work = await ask.deps.gallery.open(ask.viewer, ask.part("work"))
    side = enough(work.width, work.height, side)
    headers = headers_for(work, f"{work.blob} {side}")
    if _has_it(ask, headers):
        return Response(status_code=304, headers=headers)
    try:
        path = await ask.deps.thumbs.of(work.blob, side)
    except NoThumbError:
        # Better a large picture than none. Another time there may be a copy.
        path, headers = await ask.deps.blobs.local(work.blob), {"cache-control": TO_ONE}
        return await _file(path, headers)
    try:
        # Small, and forty to a page: read in one go. A stream would change threads five times.
        data = await asyncio.to_thread(path.read_bytes)
    except FileNotFoundError:
        raise ImageNotFoundError from None
    return Response(data, headers=headers, media_type=KINDS[path.suffix])


def headers_for(work: Work, content: str) -> dict[str, str]:
    """Who may keep it, and by what it is known again."""
    tag = hashlib.sha256(content.encode()).hexdigest()[:24]
    headers = {"etag": f'"{tag}"', "vary": "cookie"}
    if work.age_rated or work.showing is Showing.PRIVATE:
        return {"cache-control": TO_ONE, **headers}
    if work.showing is Showing.PUBLIC:
        # It may be shown on other pages too, as a preview of a link is.
        elsewhere = {"cross-origin-resource-policy": "cross-origin"}
        return {"cache-control": TO_ALL, "etag": headers["etag"], **elsewhere}
    return {"cache-control": TO_SOME, **headers}


def _has_it(ask: Ask, headers: Mapping[str, str]) -> bool:
    known = ask.request.headers.get("if-none-match", "")
    return headers["etag"] in {one.strip().removeprefix("W/") for one in known.split(",")}


async def _file(path: Path, headers: Mapping[str, str]) -> Response:
    try:
        found = await asyncio.to_thread(path.stat)
    except FileNotFoundError:
        raise ImageNotFoundError from None
    return FileResponse(
        path, headers=headers, media_type=KINDS.get(path.suffix, "image/png"), stat_result=found
    )


WAYS = (
    Way(path="/p/{work}.png", page=original, name="picture_file", cost=Cost.PICTURE),
    Way(path="/t/{work}-{side:int}.webp", page=thumbnail, name="thumbnail", cost=Cost.PICTURE),
)
