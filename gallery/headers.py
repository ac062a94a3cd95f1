"""What stands in front of every route: which host is asked for, and what a browser may do with the
answer."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gallery.site import Site

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""Nothing comes from elsewhere, and nothing that stands in a page itself is run or styles it."""

HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
"""On every answer, whatever it is. An answer may say another `cross-origin-resource-policy`: a
public picture may be shown elsewhere."""

STRICT_TRANSPORT = "max-age=31536000"


class Guard:
    """Refuses hosts that are not ours, and puts the headers on what the gallery answers."""

    def __init__(self, app: ASGIApp, site: Site) -> None:
        self._app = app
        self._site = site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if self._site.secure:
                    headers.setdefault("strict-transport-security", STRICT_TRANSPORT)
            await send(message)

        if not self._site.answers(Headers(scope=scope).get("host", "")):
            refusal = PlainTextResponse("This gallery has another address.\n", status_code=421)
            await refusal(scope, receive, guarded)
            return
        await self._app(scope, receive, guarded)
