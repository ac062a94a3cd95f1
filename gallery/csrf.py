"""Forms are taken only from our own pages, and only from the visitor that the page was made for.

Each form bears a token that is made of a secret in the visitor's cookie, which no other site can
read: the session's for somebody who is logged in, else one of its own. A new session makes the old
tokens void. And the browser says where a form comes from.
"""

from __future__ import annotations

import hashlib
import hmac

from starlette.requests import Request

from gallery.errors import ForgedError
from gallery.site import Site

FIELD = "csrf"
HEADER = "x-csrf"

_PURPOSE = b"easel gallery form"


def token(secret: str) -> str:
    """64 hexadecimal digits. What it is made of cannot be read from it."""
    return hmac.new(secret.encode(), _PURPOSE, hashlib.sha256).hexdigest()


def check(secret: str, given: str) -> None:
    """Raises ForgedError. No secret: no form was ever made for this visitor."""
    if not secret or not hmac.compare_digest(token(secret).encode(), given.encode()):
        raise ForgedError


def check_origin(request: Request, site: Site) -> None:
    """Raises ForgedError where the browser says that another site sent the form, or does not say
    where it comes from."""
    origin = request.headers.get("origin")
    if origin is None:
        if request.headers.get("sec-fetch-site") == "same-origin":
            return
        raise ForgedError
    own = {site.url.lower()}
    if not site.behind_proxy:
        # On this machine it may have been opened by another of its names.
        own.add(f"http://{request.headers.get('host', '')}".lower())
    if origin.lower() not in own:
        raise ForgedError
