"""Who is logged in to the gallery. A session is a row, so that it ends for good when it is ended.

The browser keeps a secret; here only its digest is kept, so that nobody who reads the database, or
a copy of it, can be somebody else.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from typing import Protocol

from core.clock import Clock
from core.jobs import Owner

SECONDS = 30 * 86400.0
"""How long a session lasts, used or not."""

MOST_OF_ONE_PERSON = 20
"""Sessions that one person may have, on as many browsers; the oldest end first."""

_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Times are Unix seconds. `adult`: age-rated pictures are turned on."""

    person: Owner
    begun_at: float
    ends_at: float
    adult: bool = False


class Sessions(Protocol):
    """Sessions by the digest of their secret. Each method is one transaction; all raise BusyError
    with nothing done."""

    async def begin(self, digest: str, session: Session, *, instead_of: str, most: int) -> None:
        """The session of the digest `instead_of` ends ("" for none), all that are over go, and of
        the person's the oldest that are more than `most`."""
        ...

    async def of(self, digest: str, now: float) -> Session | None: ...

    async def turn(self, digest: str, *, adult: bool) -> None: ...

    async def end(self, digest: str) -> None: ...

    async def end_all(self, person_id: int) -> int:
        """Returns how many that were."""
        ...


class Doorkeeper:
    """Lets people in and out; see `Sessions` for what is raised."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock

    async def enter(self, person: Owner, earlier: str = "") -> str:
        """A new session and its secret. What the browser had before is good for nothing then."""
        now, secret = self._clock.now(), secrets.token_urlsafe(32)
        session = Session(person=person, begun_at=now, ends_at=now + SECONDS)
        await self._sessions.begin(
            digest(secret), session, instead_of=digest(earlier), most=MOST_OF_ONE_PERSON
        )
        return secret

    async def who(self, secret: str) -> Session | None:
        """None where nobody, or nobody any more, is logged in with it."""
        key = digest(secret)
        return await self._sessions.of(key, self._clock.now()) if key else None

    async def turn(self, secret: str, *, adult: bool) -> None:
        """Whether this browser shows age-rated pictures."""
        await self._sessions.turn(digest(secret), adult=adult)

    async def leave(self, secret: str) -> None:
        await self._sessions.end(digest(secret))

    async def leave_everywhere(self, person_id: int) -> int:
        """Returns how many browsers that were."""
        return await self._sessions.end_all(person_id)


def digest(secret: str) -> str:
    """What a secret is kept as; "" for what is no secret of ours."""
    return hashlib.sha256(secret.encode()).hexdigest() if _SECRET.fullmatch(secret) else ""
