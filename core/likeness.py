"""More like this: what pictures look like, as short vectors, and the port that finds near ones.

A look is some signed bytes. Those of one kind lie in one space: the nearer, the more alike, by the
plain distance. The built-in kind is made of the picture (`generation.look`) and of the words that
it was asked for with; another kind comes of a model, where the operator names one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from typing import Protocol, Self

from core.errors import EngineError, ImageNotFoundError, RefusedError
from core.sentences import say
from core.viewing import may_view
from core.works import Order, Page, Query, Viewer, Works, work_id

BUILT_IN = "easel-1"
"""The kind of look that needs no model. Other numbers mean another name."""

PICTURE = 80
"""Bytes of a built-in look that are made of the picture."""

WORDS = 32
"""Bytes of it that are made of words."""

NORM = 300
"""The length of the picture's part, as a vector; few of its bytes come to the most a byte holds."""

NEAREST = 200
"""How many are looked at for pages of those that the viewer may see: of all, or, where too few of
those may be seen or where it is about somebody's alone, of the circle."""

NEAR, FAR = "1", "2"
"""Begin the cursors of pages of all and of the circle."""

_WORDS_SHARE = 0.45
"""How long the words' part is beside the picture's."""

_WORD = re.compile(r"[^\W_]+")
_CLOSE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""Letters of languages that put no spaces between words."""

_IDLE = frozenset("a an and at by for from in into is it its of on or the to with".split())
_FLAG = re.compile(r"(?:^|\s)--\w[\w-]*(?:\s+(?!--)\S+)?")


@dataclass(frozen=True, slots=True)
class Look:
    """`numbers` are signed bytes."""

    kind: str
    numbers: bytes

    @property
    def dimension(self) -> int:
        return len(self.numbers)


@dataclass(frozen=True, slots=True)
class Unseen:
    """A picture without a look. `text` is its prompt, `blob` its file."""

    job_id: str
    number: int
    blob: str
    text: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A look that is kept, under a number that no other look ever gets."""

    id: int
    job_id: str
    number: int
    numbers: bytes

    @property
    def work_id(self) -> str:
        return work_id(self.job_id, self.number)


@dataclass(frozen=True, slots=True)
class Circle:
    """Works that a question is about: what these people made, what was made on these servers, and
    with `public` all that anybody may see. Who may see which of them is not said by it."""

    owners: frozenset[int] = frozenset()
    servers: frozenset[int] = frozenset()
    public: bool = False

    @classmethod
    def of(cls, query: Query, viewer: Viewer) -> Self | None:
        """None: everything."""
        if query.owner_id is not None:
            return cls(owners=frozenset({query.owner_id}))
        if query.server_id is not None:
            return cls(servers=frozenset({query.server_id}))
        return None if viewer.operator else cls(servers=viewer.servers, public=True)


def incomparable() -> EngineError:
    """A program that pictures are compared with did not answer."""
    return EngineError(say("Pictures cannot be compared at the moment; try again in a minute."))


class Looks(Protocol):
    """Looks that are kept, one for each picture. They go with their pictures, in the transaction
    that deletes those. All raise BusyError."""

    async def keep(self, looks: Sequence[tuple[Unseen, Look]]) -> None:
        """In the place of what those pictures had; one that is gone meanwhile gets none."""
        ...

    async def unseen(self, kind: str, job_ids: Sequence[str]) -> Sequence[Unseen]:
        """The pictures of these jobs that have no look of the kind. A picture that was picked out
        of a grid is none of its own."""
        ...

    async def page(self, after: str, limit: int) -> Sequence[str]:
        """The ids of jobs that have pictures, in their order, at most `limit` after that one."""
        ...

    async def of(self, kind: str, job_id: str, number: int) -> Kept | None: ...

    async def some(
        self, kind: str, ids: Sequence[int], circle: Circle | None = None
    ) -> Sequence[Kept]:
        """Those of these that are still there, and in the circle; in any order."""
        ...

    async def newest(self, kind: str, circle: Circle, limit: int) -> Sequence[Kept]:
        """Of what is in the circle but for the public and the age-rated, about as many, the newest
        of each person and each server."""
        ...

    async def after(self, kind: str, id: int, limit: int) -> Sequence[tuple[int, bytes]]:
        """The next after that one, by number: numbers and looks."""
        ...

    async def ids(self, kind: str, after: int, limit: int) -> Sequence[int]: ...

    async def count(self, kind: str) -> int: ...


class Neighbours(Protocol):
    """Looks of one kind, held so that near ones are found fast. Nothing of it is kept. All raise
    EngineError."""

    async def add(self, looks: Sequence[tuple[int, bytes]]) -> None:
        """All have the same dimension. One that is held already is not held twice."""
        ...

    async def near(self, numbers: bytes, most: int) -> Sequence[int]:
        """Probably the nearest, by number; not in the order of how near they are."""
        ...

    async def rank(self, numbers: bytes, looks: Sequence[tuple[int, bytes]]) -> Sequence[int]:
        """The numbers of these, the nearest first; of equally near ones the older first."""
        ...

    async def check(self, after: int, upto: int, ids: Sequence[int]) -> Sequence[int]:
        """Of all held with numbers above `after` and up to `upto`, only these stay. Returns those
        of them that are not held."""
        ...

    async def count(self) -> int: ...

    async def empty(self) -> None: ...

    async def close(self) -> None: ...


class Eye(Protocol):
    """Looks at pictures."""

    @property
    def kind(self) -> str: ...

    async def look(self, picture: Path, text: str) -> Look:
        """Raises EngineError where nothing can be made of the file."""
        ...

    async def close(self) -> None: ...


class Likeness(Protocol):
    async def nearest(
        self, job_id: str, number: int, most: int, circle: Circle | None = None
    ) -> Sequence[str]:
        """The ids of up to `most` works that look like a picture, the most alike first and without
        itself, whoever may see them. With a circle, of what is in it: also what is far from the
        picture beside all others. Raises NotFoundError, EngineError, BusyError."""
        ...


class MoreLikeThis:
    """Raises errors of `core.errors` only."""

    def __init__(self, likeness: Likeness, works: Works) -> None:
        self._likeness = likeness
        self._works = works

    async def find(
        self, work_id: str, query: Query, viewer: Viewer, after: str = "", limit: int = 40
    ) -> Page:
        """What the viewer's lists show of what looks like a work, the most alike first; where the
        query asks for more, only what fits it. `after` is a cursor of a page of the same. Raises
        GoneError or ImageNotFoundError for a work that the viewer may not see either, and
        RefusedError for a cursor of something else.
        """
        work = await self._works.get(work_id)
        if not may_view(viewer, work):
            raise ImageNotFoundError
        if after and after[0] not in (NEAR, FAR):
            raise RefusedError(say("That page is not one of this list; begin at the first one."))
        circle = Circle.of(query, viewer)
        whole = circle is None or circle.public
        if after[:1] == NEAR or (not after and whole):
            ids = await self._likeness.nearest(work.job_id, work.number, NEAREST)
            page = await self._page(NEAR, ids, query, viewer, after, limit)
            if after or page.next or len(page.works) >= limit or len(ids) < NEAREST:
                return page
        ids = await self._likeness.nearest(work.job_id, work.number, NEAREST, circle)
        return await self._page(FAR, ids, query, viewer, after, limit)

    async def _page(
        self,
        kind: str,
        ids: Sequence[str],
        query: Query,
        viewer: Viewer,
        after: str,
        limit: int,
    ) -> Page:
        asked = replace(query, works=tuple(ids), order=Order.GIVEN)
        page = await self._works.find(asked, viewer, after[1:], limit)
        return Page(
            page.works,
            next=kind + page.next if page.next else "",
            before=kind + page.before if page.before else "",
        )


def look_of_words(text: str) -> bytes:
    """WORDS signed bytes: each word pulls at two of them, which ones is the word's own."""
    numbers = [0] * WORDS
    for word in _words(text):
        hashed = blake2b(word.encode(), digest_size=4).digest()
        for at in (0, 2):
            numbers[hashed[at] % WORDS] += 1 if hashed[at + 1] & 1 else -1
    return signed(numbers, NORM * _WORDS_SHARE)


def look_of_vector(numbers: Sequence[float]) -> bytes:
    """The vector of a model as signed bytes. Its length means nothing, only where it points."""
    most = max((abs(number) for number in numbers), default=0.0)
    norm = _length(numbers)
    return signed(numbers, 127 * norm / most if most else 0.0)


def signed(numbers: Sequence[float], length: float) -> bytes:
    """The vector at that length, rounded to signed bytes."""
    scale = length / (_length(numbers) or 1.0)
    return bytes(max(-127, min(127, round(number * scale))) & 0xFF for number in numbers)


def _length(numbers: Sequence[float]) -> float:
    return sum(number * number for number in numbers) ** 0.5


def _words(text: str) -> set[str]:
    """Those that say something, in small letters; of Chinese and the like, pairs of characters."""
    found: set[str] = set()
    for word in _WORD.findall(_FLAG.sub(" ", text).lower()):
        if _CLOSE.search(word):
            found.update(word[at : at + 2] for at in range(max(1, len(word) - 1)))
        elif len(word) > 1 and word not in _IDLE:
            found.add(word)
    return found
