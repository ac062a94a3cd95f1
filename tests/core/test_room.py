"""Who fits into memory beside whom."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.room import KEPT, PEAK_BYTES, REST_BYTES, USABLE, Need, Needs, Verdict, verdict

GIB = 2**30


def test_side_by_side_rests_add_up_and_the_largest_peak_counts() -> None:
    inside = [Need(rest=1 * GIB, peak=4 * GIB), Need(rest=1 * GIB, peak=2 * GIB)]
    enough = round(7 * GIB / USABLE) + 1
    assert verdict(Need(1 * GIB, 3 * GIB), inside, enough) is Verdict.ENTER
    assert verdict(Need(1 * GIB, 3 * GIB), inside, enough - GIB) is Verdict.WAIT
    assert verdict(Need(1 * GIB, 5 * GIB), inside, enough) is Verdict.WAIT


def test_what_does_not_fit_alone_is_made_with_care_rather_than_never() -> None:
    assert verdict(Need(1, 5 * GIB), [], 4 * GIB) is Verdict.CAUTIOUS
    assert verdict(Need(1, 3 * GIB), [], 4 * GIB) is Verdict.ENTER


def test_where_memory_cannot_be_told_everybody_enters() -> None:
    assert verdict(Need(GIB, 500 * GIB), [Need(GIB, GIB)], None) is Verdict.ENTER


def test_a_need_is_guessed_until_it_is_known() -> None:
    needs = Needs()
    assert needs.of("sdxl", 1000) == Need(round(1000 * REST_BYTES), round(1000 * PEAK_BYTES))
    needs.note("sdxl", 1000, 300_000)
    assert needs.of("sdxl", 4000).peak == 1_200_000
    assert needs.of("sdxl", 4000, largest=1000).peak == 300_000
    assert needs.of("other", 1000).peak == round(1000 * PEAK_BYTES)


def test_the_largest_of_the_last_jobs_counts() -> None:
    needs = Needs()
    for peak in (900, *[400] * (KEPT - 1)):
        needs.note("m", 1, peak)
    assert needs.of("m", 1).peak == 900
    needs.note("m", 1, 500)
    assert needs.of("m", 1).peak == 500


NEED = st.builds(Need, st.integers(0, 100), st.integers(0, 100))


@given(NEED, st.lists(NEED, max_size=5), st.integers(0, 1000))
def test_nobody_waits_for_nobody_and_more_memory_never_hurts(
    need: Need, inside: list[Need], free: int
) -> None:
    found = verdict(need, inside, free)
    assert (found is Verdict.WAIT) <= bool(inside)
    if found is Verdict.ENTER:
        assert verdict(need, inside, free + 1) is Verdict.ENTER
        assert verdict(need, inside[1:], free) is Verdict.ENTER
        total = need.rest + sum(one.rest for one in inside)
        assert total + max([need.peak, *(one.peak for one in inside)]) <= free
    with pytest.raises(AttributeError):
        need.rest = 1  # type: ignore[misc]
