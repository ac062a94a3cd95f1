"""What a row of the flag table can say of itself."""

from __future__ import annotations

from core.row import Flag, Takes, at_least_one, switch, while_all
from core.values import named, whole

WALK = Flag(name="walk", help="Walks.", read=whole(0, 9), legal="0–9", group="gait")
RUN = switch("run", "Runs.", group="gait")
LIMP = switch("limp", "Limps.")
HOP = Flag(name="hop", help="Hops.", group="gait", beside=("walk",))
PET = Flag(name="pet", help="A pet.", read=named, write="".join, repeats=True)


def test_a_row_says_how_it_is_typed() -> None:
    assert (WALK.usage, RUN.usage) == ("--walk 0–9", "--run")
    assert (WALK.takes, RUN.takes) == (Takes.ONE, Takes.NOTHING)


def test_flags_of_a_group_exclude_each_other_save_those_that_go_together() -> None:
    assert WALK.excludes(RUN)
    assert RUN.excludes(HOP)
    assert not WALK.excludes(WALK)
    assert not WALK.excludes(LIMP)
    assert not LIMP.excludes(switch("creep", "Creeps."))
    assert not HOP.excludes(WALK)
    assert not WALK.excludes(HOP)


def test_a_value_is_spelt_as_it_would_be_typed() -> None:
    assert WALK.spell(3) == "--walk 3"
    assert RUN.spell(True) == "--run"
    assert PET.spell(("cat", "dog")) == "--pet cat --pet dog"


def test_reach_counts_the_words_that_fit() -> None:
    digits = while_all(str.isdecimal)
    assert [digits(words) for words in ([], ["a"], ["1", "2", "a", "3"])] == [0, 0, 2]
    assert at_least_one(digits)(["a", "1"]) == 1
