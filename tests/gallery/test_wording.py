"""A prompt on its own page."""

from __future__ import annotations

from gallery.pages.wording import Spelt, spelt


def test_words_and_flags_stand_apart() -> None:
    line = "a red boat, at sea --ar 3:2 --no people, birds --chaos 20 --tile"
    assert spelt(line) == Spelt(
        "a red boat, at sea", ("--no people, birds", "--ar 3:2", "--chaos 20", "--tile")
    )


def test_a_line_without_flags_is_all_words() -> None:
    assert spelt("一只猫::2 a hat") == Spelt("一只猫::2 a hat")


def test_a_line_that_nobody_can_read_is_shown_as_it_is() -> None:
    line = "a boat --of-another-version 7"
    assert spelt(line) == Spelt(line)
