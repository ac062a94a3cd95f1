"""What both kinds of session books promise; told as stories, run on each."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from core.sessions import Session, Sessions, digest
from tests.builders import ADA, BO, NOON
from tests.fakes.memory_sessions import MemorySessions
from tests.storage.conftest import STORES, opened

ONE, TWO, THREE = (digest(letter * 43) for letter in "abc")


@pytest.fixture(params=STORES)
async def book(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Sessions]:
    if request.param == "memory":
        yield MemorySessions()
    else:
        async with opened(request, tmp_path) as storage:
            yield storage.sessions


def session(at: float = NOON, **changes: object) -> Session:
    return Session(**{"person": ADA, "begun_at": at, "ends_at": at + 100, **changes})


async def begin(
    book: Sessions, key: str, one: Session, instead_of: str = "", most: int = 9
) -> None:
    await book.begin(key, one, instead_of=instead_of, most=most)


async def test_a_session_is_kept_whole_until_it_is_over(book: Sessions) -> None:
    await begin(book, ONE, session())
    assert await book.of(ONE, NOON + 99) == session()
    assert await book.of(ONE, NOON + 100) is None
    assert await book.of(TWO, NOON) is None


async def test_one_takes_the_place_of_another(book: Sessions) -> None:
    await begin(book, ONE, session())
    await begin(book, TWO, session(person=BO), instead_of=ONE)
    assert await book.of(ONE, NOON) is None
    assert await book.of(TWO, NOON) == session(person=BO)


async def test_the_oldest_of_a_person_end_first(book: Sessions) -> None:
    await begin(book, ONE, session(person=BO))
    await begin(book, TWO, session(NOON + 1))
    await begin(book, THREE, session(NOON + 2), most=1)
    assert await book.of(TWO, NOON + 3) is None
    assert await book.of(THREE, NOON + 3) == session(NOON + 2)
    assert await book.of(ONE, NOON + 3) == session(person=BO)


async def test_what_is_over_goes_when_somebody_logs_in(book: Sessions) -> None:
    await begin(book, ONE, session())
    await begin(book, TWO, session(NOON + 100, person=BO))
    # Nothing is left of it, not even for a clock that was put back.
    assert await book.of(ONE, NOON) is None


async def test_age_rated_pictures_are_turned_on_and_off(book: Sessions) -> None:
    await begin(book, ONE, session())
    await book.turn(ONE, adult=True)
    await book.turn(TWO, adult=True)
    assert await book.of(ONE, NOON) == session(adult=True)
    await book.turn(ONE, adult=False)
    assert await book.of(ONE, NOON) == session()


async def test_one_is_ended_or_all_of_a_person(book: Sessions) -> None:
    await begin(book, ONE, session())
    await begin(book, TWO, session())
    await begin(book, THREE, session(person=BO))
    await book.end(ONE)
    assert await book.of(ONE, NOON) is None
    assert await book.end_all(ADA.id) == 1
    assert await book.end_all(ADA.id) == 0
    assert await book.of(THREE, NOON) == session(person=BO)
