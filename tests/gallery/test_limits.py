"""How much one may ask, and that remembering it costs little however many ask."""

from __future__ import annotations

import pytest

from gallery.limits import Buckets, Cost, TooOftenError, network
from tests.builders import FakeClock


def taken(buckets: Buckets, who: str, cost: Cost = Cost.CHANGE, times: int = 1000) -> int:
    """How often it went well in a row."""
    for count in range(times):
        try:
            buckets.take(who, cost)
        except TooOftenError:
            return count
    return times


def test_a_burst_then_a_steady_trickle(clock: FakeClock) -> None:
    buckets = Buckets(clock.now)
    rate = Cost.CHANGE.value
    assert taken(buckets, "ada") == rate.burst
    clock.advance(3 / rate.per_second)
    assert taken(buckets, "ada") == 3
    clock.advance(1e6)
    assert taken(buckets, "ada") == rate.burst


def test_being_refused_costs_nothing_and_says_how_long(clock: FakeClock) -> None:
    buckets = Buckets(clock.now)
    taken(buckets, "ada", Cost.FORM)
    for _ in range(50):
        with pytest.raises(TooOftenError) as caught:
            buckets.take("ada", Cost.FORM)
    assert caught.value.seconds == 60
    assert caught.value.sentence == "That is a lot at once. Try again in 60 s."
    clock.advance(caught.value.seconds)
    buckets.take("ada", Cost.FORM)


def test_people_and_purposes_are_counted_apart(clock: FakeClock) -> None:
    buckets = Buckets(clock.now)
    taken(buckets, "ada")
    buckets.take("bo", Cost.CHANGE)
    buckets.take("ada", Cost.PAGE)


def test_a_million_addresses_are_not_remembered(clock: FakeClock) -> None:
    buckets = Buckets(clock.now, most=100)
    for number in range(5000):
        buckets.take(f"10.0.{number // 256}.{number % 256}", Cost.PAGE)
    assert len(buckets) == 100


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("10.0.0.1", "10.0.0.1", True),
        ("10.0.0.1", "10.0.0.2", False),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("::ffff:10.0.0.1", "10.0.0.1", True),
        ("no address", "no address", True),
    ],
)
def test_an_address_stands_for_one_home(one: str, other: str, same: bool) -> None:
    assert (network(one) == network(other)) is same


def test_what_is_no_address_is_kept_short() -> None:
    assert len(network("x" * 5000)) == 64
