"""From a finished picture to what a button under it asks for."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.actions import Action, Button
from core.compose import Limits, compose
from core.derive import Means, derive
from core.edits import (
    ENHANCED,
    ENLARGE_CREATIVE,
    ENLARGE_SUBTLE,
    EXTENDED,
    PAINTED_ANEW,
    VARY_STRONG,
    VARY_SUBTLE,
    Box,
    Op,
)
from core.errors import EaselError, RefusedError
from core.jobs import Image
from core.models import Catalogue
from core.prompt import parse
from core.rendering import render
from core.request import Kind, Request, Source
from core.windows import passes
from tests.builders import request
from tests.core.test_actions import JOB, KINDS

CATALOGUE = Catalogue.parse("[postcard]\n[sdxl]\n[flux]")
POSTCARD = CATALOGUE.get("postcard")
MODELS = list(CATALOGUE)


class FixedRng:
    def randint(self, low: int, high: int) -> int:
        return 5


def asked(line: str, **how: Any) -> Request:
    return compose(parse(line), CATALOGUE, Limits(), FixedRng(), **how)  # type: ignore[arg-type]


def image_of(of: Request, number: int = 2) -> Image:
    width, height = of.size
    return Image(
        job_id=JOB,
        number=number,
        blob="picture.png",
        width=width,
        height=height,
        seed=of.image_seed(number - 1),
    )


def press(of: Request, action: Action, extra: str = "", **means: Any) -> Request:
    button = Button(action, JOB, 2 if action.on_one_picture else 0, extra)
    image = image_of(of) if action.on_one_picture else None
    values: dict[str, Any] = {"model": CATALOGUE.get(of.model), "most": 4.0, "seed": 99} | means
    return derive(of, button, image, Means(**values))


GRID = request("a red fox", width=128, height=96, aspect=(4, 3), count=4, avoid=("people",))


class TestVariations:
    def test_subtle_stays_near_and_strong_goes_far(self) -> None:
        subtle, strong = press(GRID, Action.VARY_SUBTLE), press(GRID, Action.VARY_STRONG)
        assert subtle.source == Source("picture.png", VARY_SUBTLE)
        assert strong.source == Source("picture.png", VARY_STRONG)
        assert (subtle.kind, subtle.seed, subtle.count) == (Kind.VARIATION, 99, 4)
        assert (subtle.text, subtle.avoid, subtle.size) == (GRID.text, GRID.avoid, GRID.size)

    def test_v_goes_as_far_as_its_presser_likes(self) -> None:
        near = press(GRID, Action.VARY, vary=VARY_SUBTLE)
        assert near.source == Source("picture.png", VARY_SUBTLE)

    def test_an_edited_prompt_takes_the_place_of_the_old_one(self) -> None:
        edited = asked("a blue fox --ar 4:3 --cfg 3")
        varied = press(GRID, Action.VARY_STRONG, edited=edited)
        assert (varied.text, varied.guidance, varied.remixed) == ("a blue fox", 3, True)
        assert (varied.source, varied.size) == (Source("picture.png", VARY_STRONG), GRID.size)

    def test_with_another_shape_in_the_prompt_a_variation_has_that_shape(self) -> None:
        varied = press(GRID, Action.VARY, edited=asked("a blue fox --ar 1:2"))
        assert varied.aspect == (1, 2)
        assert varied.width < varied.height

    def test_what_was_enlarged_is_varied_at_the_size_the_model_draws_at(self) -> None:
        large = press(GRID, Action.ENLARGE_SUBTLE)
        assert large.size == (256, 192)
        varied = press(large, Action.VARY_SUBTLE)
        assert varied.width * varied.height <= POSTCARD.native_size**2 * 1.1
        assert varied.count == 4


class TestUpscales:
    def test_an_upscale_is_one_picture_of_twice_the_side(self) -> None:
        for action, strength in (
            (Action.ENLARGE_SUBTLE, ENLARGE_SUBTLE),
            (Action.ENLARGE_CREATIVE, ENLARGE_CREATIVE),
        ):
            large = press(GRID, action)
            assert (large.size, large.count, large.kind) == ((256, 192), 1, Kind.ENLARGE)
            assert large.source == Source("picture.png", strength)
            assert large.edit is not None and large.edit.op is Op.ENLARGE
            assert large.edit.creative is (action is Action.ENLARGE_CREATIVE)
            assert large.aspect == (4, 3)

    def test_what_would_be_too_large_is_refused_with_the_sizes(self) -> None:
        with pytest.raises(RefusedError, match=r"256×192 is 0\.0 megapixels; the limit here"):
            press(GRID, Action.ENLARGE_SUBTLE, most=0.03)

    def test_an_upscale_of_a_draft_is_refined_with_all_steps(self) -> None:
        draft = asked("a fox --draft")
        assert press(draft, Action.ENLARGE_SUBTLE).steps == POSTCARD.steps
        assert not press(draft, Action.ENLARGE_SUBTLE).draft

    def test_chaos_moves_nothing_where_there_is_one_picture(self) -> None:
        assert press(replace(GRID, chaos=50, stop=40), Action.ENLARGE_SUBTLE).chaos == 0
        assert press(replace(GRID, chaos=50, stop=40), Action.ENLARGE_SUBTLE).stop == 100


class TestZoom:
    @pytest.mark.parametrize(("extra", "share"), [("20", 1 / 2), ("15", 2 / 3)])
    def test_the_size_stays_and_the_picture_shrinks_into_the_middle(
        self, extra: str, share: float
    ) -> None:
        out = press(GRID, Action.ZOOM, extra)
        assert (out.size, out.kind, out.count) == (GRID.size, Kind.ZOOM, 4)
        assert out.edit is not None and out.edit.keep is not None
        keep = out.edit.keep
        assert keep.width == pytest.approx(share, abs=0.01)
        assert keep.height == pytest.approx(share, abs=0.01)
        assert keep.left + keep.right == pytest.approx(1, abs=0.02)
        assert keep.top + keep.bottom == pytest.approx(1, abs=0.02)
        assert out.source == Source("picture.png", EXTENDED)

    def test_a_custom_zoom_goes_as_far_as_it_says(self) -> None:
        out = press(GRID, Action.ZOOM, "custom", zoom=1.8, edited=asked("a fox in snow"))
        assert out.edit is not None and out.edit.keep is not None
        assert out.edit.keep.width == pytest.approx(1 / 1.8, abs=0.01)
        assert (out.text, out.size, out.aspect) == ("a fox in snow", GRID.size, (4, 3))

    def test_zoom_1_with_another_shape_paints_only_what_the_shape_adds(self) -> None:
        square = asked("a fox")
        out = press(square, Action.ZOOM, "custom", zoom=1.0, aspect=(2, 1))
        assert out.width == pytest.approx(2 * out.height, abs=8)
        assert out.edit is not None and out.edit.keep is not None
        keep = out.edit.keep
        assert (keep.top, keep.bottom) == (0, 1)
        assert 0 < keep.left < keep.right < 1
        # The picture keeps its own shape in there.
        assert keep.width * out.width == pytest.approx(keep.height * out.height, abs=1)
        assert out.aspect == (2, 1)

    @pytest.mark.parametrize("means", [{}, {"zoom": 1.0}, {"aspect": (4, 3)}])
    def test_a_zoom_out_of_nothing_is_refused(self, means: dict[str, Any]) -> None:
        with pytest.raises(RefusedError, match="does not zoom out; add --zoom 2"):
            press(GRID, Action.ZOOM, "custom", **means)

    def test_a_zoom_beyond_its_range_is_refused(self) -> None:
        with pytest.raises(RefusedError, match="from 1 to 2"):
            press(GRID, Action.ZOOM, "custom", zoom=3.0)


class TestPan:
    @pytest.mark.parametrize(
        ("way", "size", "keep"),
        [
            ("left", (192, 96), Box(1 / 3, 0, 1, 1)),
            ("right", (192, 96), Box(0, 0, 2 / 3, 1)),
            ("up", (128, 144), Box(0, 1 / 3, 1, 1)),
            ("down", (128, 144), Box(0, 0, 1, 2 / 3)),
        ],
    )
    def test_one_side_grows_by_half(self, way: str, size: tuple[int, int], keep: Box) -> None:
        panned = press(GRID, Action.PAN, way)
        assert (panned.size, panned.kind, panned.count) == (size, Kind.PAN, 4)
        assert panned.edit is not None and panned.edit.keep is not None
        assert (panned.edit.keep.left, panned.edit.keep.top) == pytest.approx((keep.left, keep.top))
        assert panned.edit.keep.right == pytest.approx(keep.right)
        assert panned.edit.keep.bottom == pytest.approx(keep.bottom)

    def test_it_can_be_repeated_and_turned(self) -> None:
        twice = press(press(GRID, Action.PAN, "left"), Action.PAN, "left")
        assert twice.size == (288, 96)
        assert press(twice, Action.PAN, "up").size == (288, 144)

    def test_at_the_limit_the_far_side_is_cut_and_as_much_is_new(self) -> None:
        most = 128 * 96 / 1e6
        panned = press(GRID, Action.PAN, "left", most=most)
        assert panned.size == (128, 96)
        assert panned.edit is not None and panned.edit.keep is not None
        assert panned.edit.keep.left == pytest.approx(0.5)
        assert panned.edit.keep.right == pytest.approx(1.5)
        right = press(GRID, Action.PAN, "right", most=most).edit
        assert right is not None and right.keep is not None
        assert (right.keep.left, right.keep.right) == (pytest.approx(-0.5), pytest.approx(0.5))

    def test_a_picture_is_never_panned_longer_than_14_to_1(self) -> None:
        longer = GRID
        for _ in range(12):
            longer = press(longer, Action.PAN, "right")
        assert longer.width == 14 * longer.height

    def test_what_is_larger_than_it_may_be_by_now_is_refused(self) -> None:
        with pytest.raises(RefusedError, match=r"megapixels; the limit here is 0\.01"):
            press(GRID, Action.PAN, "left", most=0.01)

    def test_a_panned_picture_cannot_tile_and_has_one_stage(self) -> None:
        panned = press(asked("a fox --tile --hires 1.5 --stop 50"), Action.PAN, "left")
        assert (panned.tile, panned.hires, panned.stop) == (False, 1.0, 100)

    def test_its_prompt_may_be_edited_but_not_its_shape(self) -> None:
        edited = asked("a blue fox --ar 1:2")
        panned = press(GRID, Action.PAN, "left", edited=asked("a blue fox"))
        assert (panned.text, panned.size, panned.remixed) == ("a blue fox", (192, 96), True)
        with pytest.raises(RefusedError, match="keeps the shape"):
            press(GRID, Action.PAN, "left", edited=edited, aspect=(1, 2))


class TestSquare:
    def test_the_short_side_grows(self) -> None:
        square = press(GRID, Action.SQUARE)
        assert (square.size, square.aspect, square.kind) == ((128, 128), (1, 1), Kind.SQUARE)
        assert square.edit is not None
        assert square.edit.keep == Box(0, 0.125, 1, 0.875)

    def test_where_there_is_no_room_the_picture_shrinks_instead(self) -> None:
        square = press(GRID, Action.SQUARE, most=0.0125)
        assert square.size == (104, 104)
        assert square.edit is not None and square.edit.keep is not None
        assert square.edit.keep.width == 1

    def test_a_square_is_square_already(self) -> None:
        with pytest.raises(RefusedError, match="square already"):
            press(asked("a fox"), Action.SQUARE)


class TestRegion:
    def test_a_part_is_painted_anew_in_the_same_size(self) -> None:
        parts = (Box(0, 0, 0.5, 1),)
        painted = press(GRID, Action.REGION, parts=parts, mask="mask.png")
        assert (painted.kind, painted.size, painted.count) == (Kind.REGION, GRID.size, 4)
        assert painted.edit is not None
        assert (painted.edit.parts, painted.edit.mask) == (parts, "mask.png")
        assert painted.source == Source("picture.png", PAINTED_ANEW)

    def test_it_has_to_be_said_which(self) -> None:
        with pytest.raises(RefusedError, match="Say which part"):
            press(GRID, Action.REGION)


class TestEnhance:
    def test_a_picture_of_a_draft_is_made_whole(self) -> None:
        draft = asked("a fox --draft --ar 3:2 --seed 7")
        made = derive(
            draft,
            Button(Action.ENHANCE, JOB, 2),
            image_of(draft),
            Means(model=POSTCARD, most=4.0, seed=99),
        )
        whole = asked("a fox --ar 3:2")
        assert (made.size, made.steps, made.draft) == (whole.size, whole.steps, False)
        assert (made.kind, made.count) == (Kind.ENHANCE, 1)
        assert made.source == Source("picture.png", ENHANCED)
        assert made.image_seed(0) == draft.image_seed(1)

    def test_a_whole_draft_is_made_again_with_its_seed(self) -> None:
        draft = asked("a fox --draft --ar 3:2 --seed 7")
        made = press(draft, Action.ENHANCE)
        whole = asked("a fox --ar 3:2 --seed 7")
        assert made == replace(whole, kind=Kind.ENHANCE)

    def test_what_is_no_draft_is_whole(self) -> None:
        with pytest.raises(RefusedError, match="no draft"):
            press(GRID, Action.ENHANCE)


class TestAgain:
    def test_a_rerolled_edit_is_the_same_edit_from_other_noise(self) -> None:
        panned = press(GRID, Action.PAN, "left")
        again = press(panned, Action.REROLL, seed=5)
        assert again == replace(panned, seed=5)

    def test_a_remix_is_a_new_picture_of_the_edited_words(self) -> None:
        remixed = press(press(GRID, Action.PAN, "left"), Action.REMIX, edited=asked("a blue fox"))
        assert (remixed.text, remixed.source, remixed.edit) == ("a blue fox", None, None)
        assert (remixed.seed, remixed.remixed) == (99, True)
        with pytest.raises(RefusedError, match="what the new prompt is"):
            press(GRID, Action.REMIX)

    def test_a_remix_still_starts_from_the_picture_that_its_member_gave(self) -> None:
        given = asked("a fox", picture=True)
        given = replace(given, source=Source("given.png", 0.75))
        remixed = press(given, Action.REMIX, edited=asked("a fox --strength 0.4", picture=True))
        assert remixed.source == Source("given.png", 0.4)

    def test_a_typed_seed_is_kept(self) -> None:
        assert press(GRID, Action.VARY, edited=asked("a fox --ar 4:3 --seed 3")).seed == 3


BUTTONS = st.sampled_from(KINDS)
LINES = st.builds(
    "a fox --ar {}:{} --model {} {}".format,
    st.integers(1, 14),
    st.integers(1, 14),
    st.sampled_from([model.name for model in MODELS]),
    st.sampled_from(["", "--draft", "--hires 1.5", "--n 1", "--stop 40", "--chaos 80"]),
)


@settings(deadline=None, max_examples=150)
@given(
    line=LINES,
    presses=st.lists(BUTTONS, min_size=1, max_size=5),
    most=st.sampled_from([0.02, 0.3, 1.1, 4.2]),
    zoom=st.none() | st.floats(0, 4),
    shape=st.none() | st.tuples(st.integers(1, 14), st.integers(1, 14)),
    remix=st.none() | LINES,
)
def test_any_button_under_any_picture_asks_for_a_request_or_is_refused(
    line: str,
    presses: list[tuple[Action, str]],
    most: float,
    zoom: float | None,
    shape: tuple[int, int] | None,
    remix: str | None,
) -> None:
    limits = Limits(max_megapixels=4.2)
    one = compose(parse(line), CATALOGUE, limits, FixedRng())  # type: ignore[arg-type]
    for action, extra in presses:
        edited = None if remix is None else asked_within(remix, limits)
        model = CATALOGUE.get((edited or one).model)
        try:
            derived = press(
                one,
                action,
                extra,
                model=model,
                most=most,
                zoom=zoom,
                aspect=shape,
                edited=edited,
                parts=(Box(0, 0, 0.5, 0.5),),
            )
        except EaselError:
            continue
        assert 1 <= derived.count <= 8
        assert 0 <= derived.seed < 2**32
        assert Request.from_json(derived.to_json()) == derived
        assert parse(render(derived, CATALOGUE.get(derived.model))).text == derived.text
        if derived.edit is not None and action is not Action.REROLL:
            step = model.size_step
            assert derived.width % step == derived.height % step == 0
            assert derived.width * derived.height <= most * 1e6
            assert derived.size == (derived.width, derived.height)
            assert max(derived.size) <= 14 * min(derived.size) + 14 * step
            ratio = derived.aspect[0] / derived.aspect[1]
            assert math.isclose(ratio, derived.width / derived.height, rel_tol=0.35)
        one = derived


def asked_within(line: str, limits: Limits) -> Request:
    return compose(parse(line), CATALOGUE, limits, FixedRng())  # type: ignore[arg-type]


def test_windows_are_as_large_as_the_model_that_paints_draws_them() -> None:
    fill = replace(POSTCARD, name="fill", native_size=64, paints=True)
    own = press(GRID, Action.PAN, "left").edit
    other = press(GRID, Action.PAN, "left", painter=fill).edit
    assert own is not None and other is not None and other.painter is not None
    assert (own.passes, other.painter.model) == (1.0, "fill")
    width, height = press(GRID, Action.PAN, "left").size
    assert other.passes == passes(other, width, height, 64, 8) != 1.0
    # What is enlarged is masked nowhere.
    large = press(GRID, Action.ENLARGE_SUBTLE, painter=fill).edit
    assert large is not None and large.painter is None
