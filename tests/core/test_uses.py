"""What the words behind a flag say, and how much of it is certain."""

from __future__ import annotations

from core.flags import BY_SPELLING
from core.uses import Reading, Use, shown


def use(name: str, *words: str, **how: bool) -> Use:
    return Use(BY_SPELLING[name], name, list(words), 3, 9, **how)


def test_a_value_is_read_without_what_stands_around_it() -> None:
    one = use("s", "“２５０”,")
    assert one.read() == Reading(250)
    assert one.typed == "--s 250"


def test_an_illegal_value_becomes_the_nearest_and_says_so() -> None:
    one = use("chaos", "120")
    value, problem, certain = one.read()
    assert (value, certain, one.typed) == (100, True, "--chaos 100")
    assert problem is not None
    assert str(problem) == "--chaos goes from 0 to 100, not “120”. The nearest is --chaos 100."
    assert (problem.start, problem.end) == (3, 9)


def test_there_is_no_nearest_where_the_name_or_the_end_of_the_value_is_a_guess() -> None:
    assert use("chaos", "120", followed=True).read().value is None
    value, problem, certain = use("chaos", "120", guessed=True).read()
    assert (value, problem, certain) == (None, None, False)


def test_a_value_of_several_words_with_text_behind_it_is_not_certain() -> None:
    assert use("sampler", "euler", "a").read() == Reading("euler-a")
    assert use("sampler", "euler", "a", followed=True).read() == Reading("euler-a", None, False)
    assert use("model", "“my", followed=True).read() == Reading("my", None, False)


def test_words_are_parted_at_commas_and_braces_are_letters() -> None:
    assert use("no", "red", "fox,", "“blue”,", r"\{x\}").read() == Reading(
        ("red fox", "blue", "{x}")
    )
    assert use("no", ",").read().problem is not None


def test_nothing_is_a_value_where_a_flag_may_stand_alone() -> None:
    assert use("niji").read() == Reading("")
    assert use("hd").read() == Reading(True)
    assert str(use("ar").read().problem) == "--ar has no value. Type --ar W:H."


def test_what_is_shown_of_a_word_is_short() -> None:
    assert shown("x" * 40) == "x" * 40
    assert shown("x" * 41) == "x" * 37 + "…"
