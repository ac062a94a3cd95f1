"""The program that holds looks: it finds near ones, and forgets what it is told to."""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import AsyncGenerator

import numpy
import pytest

from core.errors import EngineError
from generation import sketches
from generation.neighbours import ProgramNeighbours
from generation.sketches import Sketches


@pytest.fixture
async def held() -> AsyncGenerator[ProgramNeighbours]:
    neighbours = ProgramNeighbours()
    yield neighbours
    await neighbours.close()


def look(*numbers: int) -> bytes:
    return bytes(number & 0xFF for number in numbers)


async def test_the_nearest_are_found_and_ranked(held: ProgramNeighbours) -> None:
    looks = [(1, look(0, 2)), (2, look(-50, 9)), (5, look(10, -10)), (9, look(10, 10))]
    await held.add(looks)
    assert await held.count() == 4
    assert set(await held.near(look(9, 9), 1)) == {9}
    assert set(await held.near(look(9, 9), 10)) == {1, 2, 5, 9}
    # 5 and 9 are equally far: the older one comes first.
    assert await held.rank(look(20, 0), looks) == [5, 9, 1, 2]


async def test_what_is_held_is_not_held_twice(held: ProgramNeighbours) -> None:
    for _ in range(2):
        await held.add([(7, look(1)), (3, look(2))])
    assert await held.count() == 2
    await held.empty()
    assert (await held.count(), await held.near(look(1), 5)) == (0, [])


async def test_a_check_drops_what_is_gone_and_names_what_lacks(held: ProgramNeighbours) -> None:
    await held.add([(n, look(n)) for n in (1, 2, 3, 10, 11)])
    assert await held.check(1, 10, [2, 5]) == [5]
    assert sorted(await held.near(look(0), 9)) == [1, 2, 11]


async def test_a_program_that_ended_is_started_again_and_holds_nothing(
    held: ProgramNeighbours,
) -> None:
    await held.add([(1, look(1))])
    with pytest.raises(EngineError):
        await held.near(look(1, 2, 3), 5)  # another dimension: it breaks
    assert await held.count() == 0


async def test_who_leaves_before_the_answer_disturbs_nobody(held: ProgramNeighbours) -> None:
    await held.add([(1, look(1)), (2, look(60))])
    leaving = asyncio.create_task(held.near(look(1), 1))
    await asyncio.sleep(0)
    leaving.cancel()
    assert await held.near(look(59), 1) == [2]
    assert leaving.cancelled()
    assert await held.count() == 2


async def test_a_program_that_says_nonsense_is_not_believed() -> None:
    neighbours = ProgramNeighbours((sys.executable, "-S", "-c", "print('no')"))
    with pytest.raises(EngineError):
        await neighbours.count()
    await neighbours.close()


class TestSketches:
    """Once there are many. Looks in clusters, as pictures are."""

    @pytest.fixture
    def many(self, monkeypatch: pytest.MonkeyPatch) -> tuple[Sketches, numpy.ndarray]:
        monkeypatch.setattr(sketches, "FEW", 1000)
        rng = numpy.random.default_rng(3)
        middles = rng.normal(30, 40, (400, 40))
        looks = middles[rng.integers(0, 400, 20_000)] + rng.normal(0, 15, (20_000, 40))
        looks = numpy.clip(looks, -127, 127).astype(numpy.int8)
        held = Sketches()
        for begin in range(0, len(looks), 700):
            bite = slice(begin, begin + 700)
            held.add(numpy.arange(len(looks))[bite] + 1, looks[bite])
        return held, looks

    def test_the_nearest_are_among_those_found(self, many: tuple[Sketches, numpy.ndarray]) -> None:
        held, looks = many
        assert len(held) == len(looks)
        lost = 0
        for at in random.Random(1).sample(range(len(looks)), 50):
            exact = numpy.argsort(sketches.distances(looks[at], looks), kind="stable")[:20] + 1
            found = held.near(looks[at], 300)
            assert at + 1 in found
            assert 300 <= len(found) <= 600
            lost += len(set(exact.tolist()) - set(found.tolist()))
        assert lost / (50 * 20) < 0.02

    def test_what_was_dropped_is_not_found_again_and_not_held(
        self, many: tuple[Sketches, numpy.ndarray]
    ) -> None:
        held, looks = many
        stays = numpy.setdiff1d(numpy.arange(1, 501), [7, 8])
        assert held.check(0, 500, numpy.append(stays, 10**6)).tolist() == [10**6]
        assert len(held) == len(looks) - 2
        assert not {7, 8} & set(held.near(looks[6], 2000).tolist())
        held.add(numpy.array([7, 9]), looks[[6, 8]])
        assert len(held) == len(looks) - 1
        assert 7 in held.near(looks[6], 300)
