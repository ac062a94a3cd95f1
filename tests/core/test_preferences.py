"""What one person keeps for every prompt."""

from __future__ import annotations

import pytest

from core.errors import NotFoundError, RefusedError
from core.preferences import MOST_OPTIONS, Preferences, option_name


def test_an_option_is_saved_replaced_and_deleted() -> None:
    kept = Preferences().with_option("wide", "--ar 3:1").with_option("film", "grainy --cfg 4")
    assert list(kept.options) == ["film", "wide"]
    kept = kept.with_option("wide", "--ar 2:1").without_option("film")
    assert kept.options == {"wide": "--ar 2:1"}
    assert kept.with_suffix("--relax").without_option("wide") == Preferences(suffix="--relax")


def test_an_option_that_is_not_there_cannot_be_deleted() -> None:
    with pytest.raises(NotFoundError, match="no saved option “wide”"):
        Preferences().without_option("wide")


def test_there_is_room_for_so_many_and_each_can_still_be_replaced() -> None:
    full = Preferences(options={f"n{number}": "--relax" for number in range(MOST_OPTIONS)})
    with pytest.raises(RefusedError, match=f"{MOST_OPTIONS} saved options"):
        full.with_option("one-more", "--relax")
    assert full.with_option("n0", "--fast").options["n0"] == "--fast"


@pytest.mark.parametrize("typed", ["wide", " --Wide ", "—wide"])
def test_a_name_is_taken_as_people_type_it(typed: str) -> None:
    assert option_name(typed) == "wide"


@pytest.mark.parametrize("typed", ["", "two words", "2wide", "-", "ü", "x" * 33, "a_b"])
def test_a_name_that_cannot_be_typed_as_a_flag_is_refused(typed: str) -> None:
    with pytest.raises(RefusedError, match="cannot be the name"):
        option_name(typed)


@pytest.mark.parametrize("typed", ["ar", "--AR", "aspect", "seed", "ar2", "relax"])
def test_a_flags_own_name_stays_its_own(typed: str) -> None:
    """Also what would be read as a flag with its value glued to it."""
    with pytest.raises(RefusedError, match="is a flag of Easel"):
        option_name(typed)
