"""What was filled in, as a value."""

from __future__ import annotations

from core.forms import Form


def test_a_form_in_which_nothing_was_asked_says_nothing() -> None:
    assert (Form().prompt, Form().region, Form().mask) == (None, "", None)


def test_an_emptied_prompt_is_not_one_that_was_never_asked_for() -> None:
    assert Form(prompt="") != Form()
