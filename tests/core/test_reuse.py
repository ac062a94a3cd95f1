"""Which rounds are computed, whatever their number."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from core.reuse import FEWEST, LAST, is_computed, share_estimated


def drawn(rounds: int) -> str:
    return "".join("#" if is_computed(index, rounds) else "." for index in range(rounds))


def test_the_beginning_and_the_end_are_computed_and_every_other_round_between() -> None:
    assert drawn(24) == "########.#.#.#.#.#.#.###"
    assert drawn(12) == "####.#.#.###"
    assert drawn(8) == "########"


def test_what_that_saves() -> None:
    assert share_estimated(24) == 7 / 24
    assert share_estimated(50) == 16 / 50
    assert share_estimated(FEWEST - 1) == share_estimated(0) == 0


@given(st.integers(1, 500))
def test_never_two_in_a_row_nor_among_the_first_or_last(rounds: int) -> None:
    rule = drawn(rounds)
    assert rule.startswith("#" * -(-rounds // 3)) and rule.endswith("#" * min(rounds, LAST))
    assert ("." in rule) == (rounds >= FEWEST)
    assert all("#" in pair for pair in pairwise(rule))
    # Each has two computed ones before it to be estimated from.
    assert all(rule[:index].count("#") >= 2 for index, one in enumerate(rule) if one == ".")
