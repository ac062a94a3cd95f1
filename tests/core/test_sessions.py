"""Logging in and out, as the gallery's doorkeeper sees it."""

from __future__ import annotations

import pytest

from core.sessions import MOST_OF_ONE_PERSON, SECONDS, Doorkeeper, digest
from tests.builders import ADA, BO, FakeClock
from tests.fakes.memory_sessions import MemorySessions


@pytest.fixture
def sessions() -> MemorySessions:
    return MemorySessions()


@pytest.fixture
def keeper(sessions: MemorySessions, clock: FakeClock) -> Doorkeeper:
    return Doorkeeper(sessions, clock)


async def test_who_logged_in_is_known_for_thirty_days(keeper: Doorkeeper, clock: FakeClock) -> None:
    secret = await keeper.enter(ADA)
    session = await keeper.who(secret)
    assert session is not None
    assert (session.person, session.adult) == (ADA, False)
    clock.advance(SECONDS - 1)
    assert await keeper.who(secret) is not None
    clock.advance(1)
    assert await keeper.who(secret) is None


async def test_the_secret_is_kept_nowhere(keeper: Doorkeeper, sessions: MemorySessions) -> None:
    secret = await keeper.enter(ADA)
    assert secret not in repr(sessions.kept)
    assert await keeper.who(next(iter(sessions.kept))) is None


async def test_logging_in_again_makes_the_old_secret_void(keeper: Doorkeeper) -> None:
    first = await keeper.enter(ADA)
    second = await keeper.enter(BO, earlier=first)
    assert await keeper.who(first) is None
    assert (await keeper.who(second)) is not None


async def test_whoever_logs_out_is_out_there_or_everywhere(keeper: Doorkeeper) -> None:
    desk, phone, other = [await keeper.enter(person) for person in (ADA, ADA, BO)]
    await keeper.leave(desk)
    assert await keeper.who(desk) is None
    assert await keeper.who(phone) is not None
    assert await keeper.leave_everywhere(ADA.id) == 1
    assert await keeper.who(phone) is None
    assert await keeper.who(other) is not None


async def test_age_rated_pictures_are_turned_on_for_one_browser(keeper: Doorkeeper) -> None:
    desk, phone = await keeper.enter(ADA), await keeper.enter(ADA)
    await keeper.turn(desk, adult=True)
    shown = [(await keeper.who(secret)) for secret in (desk, phone)]
    assert [session is not None and session.adult for session in shown] == [True, False]


async def test_nobody_fills_the_book_with_sessions(
    keeper: Doorkeeper, sessions: MemorySessions, clock: FakeClock
) -> None:
    first = await keeper.enter(ADA)
    for _ in range(MOST_OF_ONE_PERSON):
        clock.advance(1)
        await keeper.enter(ADA)
    assert len(sessions.kept) == MOST_OF_ONE_PERSON
    assert await keeper.who(first) is None


@pytest.mark.parametrize(
    "made_up", ["", "x", "a" * 42, "a" * 44, "ä" * 43, "' OR 1=1 --" + "a" * 32]
)
async def test_what_is_no_secret_is_nobody(keeper: Doorkeeper, made_up: str) -> None:
    assert digest(made_up) == ""
    assert await keeper.who(made_up) is None
    await keeper.leave(made_up)
