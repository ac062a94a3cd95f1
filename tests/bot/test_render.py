"""What a member typed is shown as words, whatever it holds, and always fits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.render import MESSAGE_LENGTH, Renderer, clean, duration, escape, mode, ordinal
from core.jobs import Owner, Parent, State
from core.models import PRESETS, Catalogue
from core.queue import Standing
from core.request import Kind, Lane, Part, Source, Visibility
from tests.builders import job, request

RENDER = Renderer(Catalogue(PRESETS))
OWNER = Owner(77, "ada")


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("a plain cat", "a plain cat"),
        ("**bold** _it_ ~~no~~ ||hid||", r"\*\*bold\*\* \_it\_ \~\~no\~\~ \|\|hid\|\|"),
        ("`code` and ```block```", r"\`code\` and \`\`\`block\`\`\`"),
        ("a \\ backslash", r"a \\ backslash"),
        ("# heading\n> quote\n- list", r"# heading \> quote - list"),
        ("[click](https://example.org)", r"\[click\](https://example.org)"),
        ("<@123> <#5> <@&9> </imagine:1>", r"\<@123\> \<#5\> \<@&9\> \</imagine:1\>"),
        ("@everyone and @here", "@\u200beveryone and @\u200bhere"),
        ("\u202eevil\u202c \u2067x\u2069 \u200fy", "evil x y"),
        ("tab\tand\x00null\x1b[0m", r"tab andnull\[0m"),
        ("  two   spaces\r\n", "two spaces"),
        ("🎨" * 3, "🎨" * 3),
    ],
)
def test_words_are_only_words(typed: str, shown: str) -> None:
    assert escape(typed) == shown


@given(st.text(max_size=300), st.integers(min_value=1, max_value=50))
def test_no_text_is_ever_too_long(text: str, limit: int) -> None:
    assert units(escape(text, limit)) <= limit


def test_a_cut_never_ends_inside_an_escape() -> None:
    for limit in range(1, 12):
        shown = escape("*" * 20, limit)
        assert shown.endswith("…")
        assert shown[:-1].count("\\") * 2 == len(shown) - 1


@given(
    st.text(min_size=1, max_size=6000),
    st.sampled_from(list(State)),
    st.sampled_from(list(Kind)),
    st.text(max_size=3000),
)
def test_every_message_fits_and_names_its_owner(
    text: str, state: State, kind: Kind, error: str
) -> None:
    shown = job(
        owner=OWNER,
        request=request(text, parts=(Part(text),), kind=kind),
        state=state,
        error=error,
        parent=Parent("00000000000000000002", 3),
    )
    for content in (
        RENDER.waiting(shown, Standing(2, 40)),
        RENDER.running(shown, 15),
        RENDER.ended(shown),
        RENDER.ended(shown, with_prompt=False, note="A note."),
    ):
        assert units(content) <= MESSAGE_LENGTH
        assert "<@77>" in content
        assert "\u202e" not in content
    assert units(RENDER.alt_text(shown)) <= 1024


@pytest.mark.parametrize(
    ("changes", "end"),
    [
        ({}, "** - <@77> (fast)"),
        ({"request": request(lane=Lane.RELAX)}, " --relax** - <@77> (relaxed)"),
        ({"request": request(lane=Lane.TURBO)}, " --turbo** - <@77> (turbo)"),
        ({"request": request(kind=Kind.REROLL)}, "** - <@77> (fast)"),
        ({"request": request(kind=Kind.VARIATION)}, "** - Variations by <@77> (fast)"),
        (
            {
                "request": request(kind=Kind.UPSCALE, count=1, same_seed=True),
                "parent": Parent("00000000000000000002", 2),
            },
            "**a red lighthouse** - Image #2 <@77>",
        ),
        ({"error": "The end was not read."}, "** - <@77> (fast)\nThe end was not read."),
        ({"state": State.CANCELLED}, "** - <@77> (stopped)"),
        (
            {"state": State.FAILED, "error": "The worker fell over."},
            "** - <@77> (failed)\nThe worker fell over. Nothing was charged.",
        ),
        (
            {"state": State.FAILED, "error": "It broke; nothing was charged."},
            "** - <@77> (failed)\nIt broke; nothing was charged.",
        ),
    ],
)
def test_the_last_text_of_each_kind_of_job(changes: dict[str, object], end: str) -> None:
    ended = job(**({"owner": OWNER, "state": State.DONE} | changes))
    assert RENDER.ended(ended).endswith(end)


def test_a_waiting_text_has_its_place_and_time() -> None:
    waiting = job(owner=OWNER)
    assert RENDER.waiting(waiting, Standing(2, 40)).endswith("<@77> (waiting, 2nd, about 40 s)")
    assert RENDER.waiting(waiting, Standing(0, 0)).endswith("<@77> (waiting)")
    variation = job(owner=OWNER, request=request(kind=Kind.VARIATION, source=Source("x", 0.6)))
    assert "** - Variations by <@77> (15%)" in RENDER.running(variation, 15)


def test_a_running_job_that_is_asked_to_stop_says_so() -> None:
    assert RENDER.running(job(owner=OWNER, cancel_requested=True), 50).endswith("(stopping)")


def test_a_model_is_named_only_where_it_is_not_the_usual_one() -> None:
    assert "--model" not in RENDER.ended(job(state=State.DONE))
    sdxl = job(state=State.DONE, request=request(model="sdxl", lane=Lane.RELAX))
    assert "--model sdxl --relax**" in RENDER.ended(sdxl)


def test_a_model_that_is_gone_still_shows_its_words() -> None:
    assert "**a red lighthouse**" in RENDER.ended(job(state=State.DONE, request=request(model="x")))


def test_small_words() -> None:
    assert [ordinal(n) for n in (1, 2, 3, 4, 11, 12, 13, 21, 22, 101, 111)] == (
        "1st 2nd 3rd 4th 11th 12th 13th 21st 22nd 101st 111th".split()
    )
    assert [duration(s) for s in (0, 4, 38, 57, 58, 90, 3540, 3570, 7300)] == (
        ["5 s", "5 s", "40 s", "55 s", "1 min", "2 min", "59 min", "1 h", "2 h"]
    )
    assert mode(request(visibility=Visibility.STEALTH)) == "fast, stealth"
    assert clean("a\u2028b") == "a b"


def test_a_server_is_shown_its_own_language_and_the_words_as_they_are() -> None:
    chinese = Renderer(Catalogue(PRESETS), lambda _: "zh-CN")
    waiting = job(request=request("夜 cat"), owner=OWNER)
    assert chinese.waiting(waiting, Standing(2, 40.0)).endswith(
        " - <@77> (排队中、第 2 位、约 40 秒)"
    )
    assert chinese.waiting(waiting, Standing(2, 40.0)).startswith("**夜 cat")
    paused = chinese.waiting(waiting, Standing(0, 0.0), paused=True)
    assert chinese.says_paused(waiting, paused)
    assert not RENDER.says_paused(waiting, paused)
