"""A button is its id: nothing else is kept of it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.actions import PATTERN, Action, Button, ButtonError
from core.forms import FormKind
from core.sentences import in_language

JOB = "0123456789abcdef0123"
KINDS = [(action, extra) for action in Action for extra in action.extras or ("",)]
"""Every kind of button there is."""

BUTTONS = st.builds(
    lambda kind, job, index: Button(kind[0], job, index, kind[1]),
    st.sampled_from(KINDS),
    st.text("0123456789abcdef", min_size=8, max_size=32),
    st.integers(0, 9),
)


@given(button=BUTTONS)
def test_a_button_is_found_again_by_its_id_after_any_time(button: Button) -> None:
    assert Button.from_custom_id(button.custom_id) == button
    assert len(button.custom_id) <= 100  # Discord's limit
    assert re.fullmatch(PATTERN, button.custom_id)


def test_the_id_of_a_button_does_not_change_between_versions() -> None:
    """Messages of years ago carry these."""
    assert Button(Action.UPSCALE, JOB, 2).custom_id == f"e1:U:{JOB}:2"
    assert Button.from_custom_id(f"e1:V:{JOB}:4") == Button(Action.VARY, JOB, 4)
    assert Button.from_custom_id(f"e1:reroll:{JOB}:0") == Button(Action.REROLL, JOB)
    assert Button.from_custom_id(f"e1:cancel:{JOB}:0") == Button(Action.CANCEL, JOB)
    assert Button.from_custom_id(f"e1:zoom:{JOB}:1:15") == Button(Action.ZOOM, JOB, 1, "15")
    assert Button(Action.PAN, JOB, 1, "left").custom_id == f"e1:pan:{JOB}:1:left"


@pytest.mark.parametrize(
    "custom_id",
    [
        f"e2:U:{JOB}:2",
        f"e1:waltz:{JOB}:1",
        "e1:U:xyz:1",
        f"e1:U:{JOB}:10",
        "e9:anything",
        f"e1:pan:{JOB}:1",
        f"e1:pan:{JOB}:1:sideways",
        f"e1:U:{JOB}:1:left",
    ],
)
def test_a_button_of_another_version_is_known_as_ours_and_answered(custom_id: str) -> None:
    assert re.fullmatch(PATTERN, custom_id)
    with pytest.raises(ButtonError, match="another version of Easel; use /imagine again"):
        Button.from_custom_id(custom_id)


@pytest.mark.parametrize("custom_id", ["", "poll:5", "U1", f"x:U:{JOB}:1"])
def test_a_button_of_another_bot_is_not_ours(custom_id: str) -> None:
    assert not re.fullmatch(PATTERN, custom_id)
    with pytest.raises(ButtonError):
        Button.from_custom_id(custom_id)


@pytest.mark.parametrize(
    ("label", "button"),
    [
        ("U1", Button(Action.UPSCALE, JOB, 1)),
        ("v3", Button(Action.VARY, JOB, 3)),
        (" Reroll ", Button(Action.REROLL, JOB)),
        ("CANCEL", Button(Action.CANCEL, JOB)),
        ("us2", Button(Action.ENLARGE_SUBTLE, JOB, 2)),
        ("VT 3", Button(Action.VARY_STRONG, JOB, 3)),
        ("Zoom 1.5x", Button(Action.ZOOM, JOB, 1, "15")),
        ("zoom custom 4", Button(Action.ZOOM, JOB, 4, "custom")),
        ("pan  left 2", Button(Action.PAN, JOB, 2, "left")),
        ("square", Button(Action.SQUARE, JOB, 1)),
        ("enhance", Button(Action.ENHANCE, JOB)),
        ("enhance 3", Button(Action.ENHANCE, JOB, 3)),
        ("remix", Button(Action.REMIX, JOB)),
        ("upscale creative", Button(Action.ENLARGE_CREATIVE, JOB, 1)),
        ("Vary (Subtle) 2", Button(Action.VARY_SUBTLE, JOB, 2)),
        ("vary-strong", Button(Action.VARY_STRONG, JOB, 1)),
        ("Zoom Out 2x 3", Button(Action.ZOOM, JOB, 3, "20")),
        ("Re-roll", Button(Action.REROLL, JOB)),
        ("e4", Button(Action.ENHANCE, JOB, 4)),
    ],
)
def test_at_the_shell_a_button_goes_by_its_label(label: str, button: Button) -> None:
    assert Button.from_label(JOB, label) == button


KINDS_AT_THE_SHELL = [kind for kind in KINDS if kind[0] not in (Action.LIKE, Action.PUBLISH)]


@pytest.mark.parametrize(("action", "extra"), KINDS_AT_THE_SHELL)
def test_at_the_shell_the_words_on_any_button_press_it(action: Action, extra: str) -> None:
    button = Button(action, JOB, 1 if action.on_one_picture else 0, extra)
    assert Button.from_label(JOB, button.label) == button


@pytest.mark.parametrize(
    "label",
    [
        *["", "U", "U9", "U0", "W1", "U1!", "zoom", "pan", "pan 1", "VS", "E"],
        *["zoom 2", "U12", "vary strong 9", "pan sideways", "remix 2", "reroll 1", "like 1"],
    ],
)
def test_a_label_that_is_none_is_answered_with_those_there_are(label: str) -> None:
    said = rf"no button “{label}”\. Try U1, V1, VS1.* zoom 2x.* words that stand on the button"
    with pytest.raises(ButtonError, match=said):
        Button.from_label(JOB, label)


def test_most_actions_are_of_one_picture() -> None:
    whole = {action for action in Action if not action.on_one_picture}
    assert whole == {Action.REROLL, Action.CANCEL, Action.REMIX, Action.ENHANCE}
    assert not any(action.makes_pictures for action in (Action.CANCEL, Action.LIKE, Action.PUBLISH))


def test_what_is_asked_before_hangs_on_the_button_and_on_remix_mode() -> None:
    def asked(action: Action, extra: str = "", *, remix: bool = False) -> FormKind:
        return Button(action, JOB, 1, extra).form(remix=remix)

    for remix in (False, True):
        assert asked(Action.REGION, remix=remix) is FormKind.REGION
        assert asked(Action.ZOOM, "custom", remix=remix) is FormKind.ZOOM
        assert asked(Action.REMIX, remix=remix) is FormKind.REMIX
        for at_once in (Action.UPSCALE, Action.ENLARGE_SUBTLE, Action.LIKE, Action.CANCEL):
            assert asked(at_once, remix=remix) is FormKind.NONE
    for action, extra in ((Action.VARY, ""), (Action.ZOOM, "20"), (Action.PAN, "up")):
        assert asked(action, extra) is FormKind.NONE
        assert asked(action, extra, remix=True) is FormKind.REMIX


def test_every_button_says_what_it_does_in_words_of_its_own() -> None:
    labels = [Button(action, JOB, 3, extra).label for action, extra in KINDS]
    assert len(set(labels)) == len(KINDS)
    assert {"U3", "V3", "Pan Left", "Zoom Out 1.5x"} <= set(labels)
    assert all(1 <= len(label) <= 80 for label in labels)  # Discord's limit
    assert in_language(Button(Action.PAN, JOB, 1, "left").label, "zh-CN") == "向左平移"
