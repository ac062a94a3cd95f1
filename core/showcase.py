"""Showcases: channels where a server hangs up its members' pictures, and what may hang there.

A server has none unless its admins add one. A picture comes there by its likes, because its owner
publishes it, or because a moderator features it; once in each showcase, and it is one made on that
server, public, and of the showcase's age rating.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from core.errors import NotFoundError, RefusedError
from core.jobs import Image, Job, Owner
from core.sentences import say
from core.texts import one_line
from core.viewing import open_on_server
from core.works import Showing

MOST_SHOWCASES = 20
"""Of one server."""

MOST_LIKES = 10_000
LONGEST_TOPIC = 100


class Way(StrEnum):
    """How a picture came to hang."""

    LIKES = "likes"
    PUBLISHED = "published"
    FEATURED = "featured"


class By(StrEnum):
    """Who took a picture down. `NOBODY`: it was deleted, made private, or its message was."""

    OWNER = "owner"
    MODERATOR = "moderator"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Showcase:
    """`likes`: how many a picture needs to come by itself, 0 where none does. `topic`: words with
    commas between; by itself comes only a picture whose prompt has one of them. `age_rated`: it
    shows only pictures from age-restricted channels, and hangs in one."""

    id: int
    server_id: int
    channel_id: int
    topic: str = ""
    likes: int = 0
    age_rated: bool = False

    def is_about(self, prompt: str) -> bool:
        """Whether a prompt belongs to its topic. A word counts where another begins with it."""
        words = [word for part in self.topic.split(",") if (word := part.strip().casefold())]
        text = prompt.casefold()
        return not words or any(re.search(_begins(word), text) for word in words)


def _begins(word: str) -> str:
    # Chinese and Japanese are written without spaces, so there a word may stand anywhere.
    return (r"(?<![^\W_])" if word[0].isascii() else "") + re.escape(word)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibit:
    """A picture as a showcase sees it. `public`: whoever is on its server may see it. `votes`: the
    likes of others than its owner."""

    job_id: str
    number: int
    owner: Owner
    server_id: int
    channel_id: int
    message_id: int
    text: str
    blob: str
    public: bool
    age_rated: bool
    votes: int


def exhibit_of(
    job: Job,
    picture: Image,
    *,
    showing: Showing | None,
    gallery: Showing | None,
    age_rated: bool,
    votes: int,
) -> Exhibit:
    """A picture of a job as a showcase sees it; see `core.viewing.open_on_server`."""
    return Exhibit(
        job_id=job.id,
        number=picture.number,
        owner=job.owner,
        server_id=job.place.server_id,
        channel_id=job.place.channel_id,
        message_id=job.message_id,
        text=job.request.text,
        blob=picture.blob,
        public=open_on_server(job, showing, gallery),
        age_rated=age_rated,
        votes=votes,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Hanging:
    """A picture's place in a showcase. `turn` counts how often it was hung up there. `began_at` is
    set before its message is sent; `message_id` is 0 while there is none; `votes` are those that
    the message tells. `taken_by`: who took it down, None while it belongs there."""

    id: int
    showcase_id: int
    job_id: str
    number: int
    way: Way
    turn: int = 1
    began_at: float | None = None
    hung_at: float | None = None
    message_id: int = 0
    votes: int = 0
    taken_by: By | None = None


class Errand(StrEnum):
    """What has to be done on Discord, so that it shows what the rows say."""

    POST = "post"
    RECOUNT = "recount"
    TAKE_DOWN = "take down"


@dataclass(frozen=True, slots=True)
class Due:
    """`exhibit` None: the picture is gone."""

    errand: Errand
    hanging: Hanging
    showcase: Showcase
    exhibit: Exhibit | None


Again = Callable[[Hanging], None]
"""Raises RefusedError where a picture that was taken down may not hang again."""


class Showcases(Protocol):
    """Each method is one transaction. Those with `by` and `now` write a line of the audit log in
    it, and decide nothing about who may do that. All raise BusyError with nothing done."""

    async def of_server(self, server_id: int) -> Sequence[Showcase]:
        """In the order in which they were added."""
        ...

    async def get(self, showcase_id: int) -> Showcase:
        """Raises NotFoundError, also for one that was removed."""
        ...

    async def add(self, new: Showcase, *, by: Owner, now: float) -> Showcase:
        """Gives it an id. Raises RefusedError where the server has MOST_SHOWCASES."""
        ...

    async def change(
        self,
        showcase_id: int,
        change: Callable[[Showcase], Showcase],
        *,
        by: Owner,
        now: float,
    ) -> Showcase:
        """Raises NotFoundError."""
        ...

    async def remove(self, showcase_id: int, *, by: Owner, now: float) -> None:
        """What hangs there stays until somebody takes it down; what waits comes no more. Raises
        NotFoundError."""
        ...

    async def exhibit(self, job_id: str, number: int) -> Exhibit:
        """Raises ImageNotFoundError."""
        ...

    async def hang(
        self,
        showcase_id: int,
        job_id: str,
        number: int,
        way: Way,
        again: Again,
        *,
        now: float,
        by: Owner | None = None,
    ) -> tuple[Hanging, bool]:
        """Its place, and whether it got it now: a picture that hangs there stays as it is. With
        `by`, that is in the audit log. Raises NotFoundError for a showcase that is not there."""
        ...

    async def hanging(self, hanging_id: int) -> tuple[Hanging, Showcase]:
        """Also where the showcase was removed. Raises NotFoundError."""
        ...

    async def take_down(
        self, hanging_id: int, taken_by: By, *, now: float, by: Owner | None = None
    ) -> Hanging:
        """It belongs there no more; one that did not before stays as it is. Raises
        NotFoundError."""
        ...

    async def take_all_down(self, showcase_id: int) -> int:
        """Nothing that hangs there belongs there any more, by nobody's hand; returns how many."""
        ...

    async def liked(self, since: float, *, limit: int = 500) -> Sequence[tuple[str, int, float]]:
        """The pictures that the first `limit` likes since then are about, on servers with a
        showcase that takes some by likes: job, number, and when it was liked last of these times;
        the longest ago first."""
        ...

    async def due(
        self, now: float, *, limit: int = 100, job_ids: Collection[str] | None = None
    ) -> Sequence[Due]:
        """What Discord does not show yet: first what is to be taken down, then what is to be
        posted, then other numbers of likes under those hung up in the last FRESH seconds.

        With `job_ids` what hangs is compared for the pictures of these jobs alone, which is quick;
        what was hung up or taken down by somebody is always found."""
        ...

    async def posting(self, hanging: Hanging, now: float) -> float:
        """Notes that its message is about to be sent; returns when that was first (maybe now)."""
        ...

    async def posted(self, hanging: Hanging, message_id: int, votes: int, now: float) -> None:
        """Its message is there, and tells so many likes."""
        ...

    async def cleared(self, hanging: Hanging) -> None:
        """Its message is there no more. Of a picture that is gone nothing is kept."""
        ...


FRESH = 30 * 86400.0
"""Seconds for which the likes under a message are kept up to date."""


def check_fits(showcase: Showcase, exhibit: Exhibit, way: Way, *, willing: bool) -> None:
    """Raises RefusedError for a picture that may not hang there. `willing`: its owner lets others
    bring their pictures into showcases."""
    if exhibit.server_id != showcase.server_id:
        raise RefusedError(say("A showcase shows pictures that were made on its own server."))
    if not exhibit.public:
        raise RefusedError(say("That picture is private, and a showcase is for everybody."))
    if exhibit.age_rated and not showcase.age_rated:
        raise RefusedError(
            say("That picture is from an age-restricted channel; this showcase takes none of them.")
        )
    if showcase.age_rated and not exhibit.age_rated:
        raise RefusedError(say("This showcase takes pictures from age-restricted channels alone."))
    if way is not Way.PUBLISHED and not willing:
        raise RefusedError(
            say("Whoever made this picture does not want theirs in showcases, unless they publish.")
        )
    if way is Way.LIKES and (not showcase.likes or exhibit.votes < showcase.likes):
        raise RefusedError(say("That picture has not enough likes for this showcase."))
    if way is Way.LIKES and not showcase.is_about(exhibit.text):
        raise RefusedError(say("That picture is not about what this showcase shows."))


def check_again(hanging: Hanging, way: Way) -> None:
    """Raises RefusedError: what was taken down comes back by the hand that took it down alone."""
    back = {By.OWNER: Way.PUBLISHED, By.MODERATOR: Way.FEATURED}
    if hanging.taken_by is By.NOBODY and way is not Way.LIKES:
        return
    if hanging.taken_by is None or back.get(hanging.taken_by) is way:
        return
    if hanging.taken_by is By.OWNER:
        raise RefusedError(say("Its owner took that picture down from this showcase."))
    raise RefusedError(say("A moderator took that picture down from this showcase."))


def hung_again(before: Hanging, way: Way) -> Hanging:
    """A picture that was taken down, in its next turn. Raises RefusedError while the message of
    the last one may still be there: it goes by its own errand first."""
    if before.message_id or before.began_at is not None:
        raise RefusedError(say("That picture is just being taken down; try again in a moment."))
    return replace(before, way=way, turn=before.turn + 1, hung_at=None, votes=0, taken_by=None)


def too_many_showcases() -> RefusedError:
    return RefusedError(
        say("There are {count} showcases here; remove one first.", count=MOST_SHOWCASES)
    )


def no_such_showcase() -> NotFoundError:
    return NotFoundError(say("That showcase is no longer there."))


def hangs_no_more() -> NotFoundError:
    return NotFoundError(say("That picture does not hang there any more."))


def checked(showcase: Showcase) -> Showcase:
    """With its topic in order. Raises RefusedError for what no showcase can have."""
    if not 0 <= showcase.likes <= MOST_LIKES:
        raise RefusedError(
            say("A showcase asks for 0 to {most:,} likes; 0 is for none by likes.", most=MOST_LIKES)
        )
    words = [word for part in re.split(r"[,，、]", showcase.topic) if (word := part.strip())]
    return replace(showcase, topic=one_line(", ".join(words), LONGEST_TOPIC))
