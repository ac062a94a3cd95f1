"""Which rounds of a denoising loop are computed where some may be estimated from those before.

The first third is always computed, since there it is decided what the picture becomes; so are the
last rounds, which make its details; between them every other one. Nothing but the number of a round
decides, never what was computed: so a picture does not depend on who was drawn beside it, on the
other pictures of its grid, or on how a device rounds.
"""

from __future__ import annotations

FEWEST = 12
"""Rounds of a loop that has any to spare. Models that draw in fewer steps need all of them."""

LAST = 2
"""Rounds at the end that are always computed."""


def is_computed(index: int, rounds: int) -> bool:
    """Of round `index`, from 0, of so many."""
    first = -(-rounds // 3)
    between = first <= index < rounds - LAST
    return rounds < FEWEST or not between or (index - first) % 2 == 1


def share_estimated(rounds: int) -> float:
    """Of so many rounds, 0..1."""
    return sum(not is_computed(index, rounds) for index in range(rounds)) / max(1, rounds)
