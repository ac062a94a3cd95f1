"""What one person keeps for every prompt."""

from __future__ import annotations

import pytest

from core.edits import VARY_STRONG, VARY_SUBTLE
from core.errors import NotFoundError, RefusedError
from core.preferences import MOST_OPTIONS, Preferences, Variability, option_name
from core.request import Lane, Visibility
from core.works import Showing


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


def test_settings_are_flags_that_nobody_has_to_type() -> None:
    assert Preferences().flags == {}
    chosen = Preferences(model="sdxl", stylize=0, lane=Lane.TURBO, visibility=Visibility.PUBLIC)
    assert chosen.flags == {"model": "sdxl", "stylize": 0, "turbo": True, "public": True}


def test_settings_that_are_usual_are_not_written_down() -> None:
    assert Preferences(options={"a": "b"}, suffix="--fast").settings_to_json() == {}
    written = Preferences(remix=True, variability=Variability.LOW).settings_to_json()
    assert written == {"remix": True, "variability": "low"}
    kept = Preferences.from_json({}, "", {**written, "of a newer Easel": 1})
    assert kept == Preferences(remix=True, variability=Variability.LOW)


def test_a_reset_leaves_the_saved_options() -> None:
    kept = Preferences(options={"film": "grainy"}, suffix="--relax", remix=True, stylize=5)
    assert kept.without_settings() == Preferences(options={"film": "grainy"})


def test_usual_settings_show_nothing_to_more_people() -> None:
    hidden = Preferences(showing=Showing.PRIVATE, remix=True)
    assert hidden.without_settings() == Preferences(showing=Showing.PRIVATE)
    kept = Preferences.from_json({}, "", hidden.settings_to_json())
    assert kept == hidden


def test_high_variability_goes_far_and_low_stays_near() -> None:
    assert Preferences().variability.strength == VARY_STRONG
    assert Variability.LOW.strength == VARY_SUBTLE
