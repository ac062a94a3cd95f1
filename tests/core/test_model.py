"""What a model can do, and the sizes it draws in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.flags import BY_SPELLING
from core.model import Model
from core.values import ratio


def test_a_model_is_known_by_what_it_can_do() -> None:
    flags = [BY_SPELLING[name] for name in ("lora", "tile", "clip-skip", "seed")]
    able = Model(name="m", source="m", honours=("lora",))
    assert [able.can(flag) for flag in flags] == [True, True, True, True]
    flow = Model(name="m", source="m", family="flux")
    assert [flow.can(flag) for flag in flags] == [False, False, False, True]


# Sizes

SQUARE = Model(name="m", source="m", native_size=1024, size_step=8)


@pytest.mark.parametrize(
    ("aspect", "scale", "size"),
    [
        ((1, 1), 1.0, (1024, 1024)),
        ((1, 1), 0.75, (768, 768)),
        ((4, 1), 1.0, (2048, 512)),
        ((1, 4), 1.0, (512, 2048)),
        ((16, 9), 1.0, (1368, 768)),
    ],
)
def test_sizes_members_know(aspect: tuple[int, int], scale: float, size: tuple[int, int]) -> None:
    assert SQUARE.size(aspect, scale=scale) == size


@given(
    width=st.integers(1, 5000),
    height=st.integers(1, 5000),
    native=st.integers(8, 256).map(lambda steps: steps * 8),
    step=st.sampled_from([8, 16, 32, 64]),
    scale=st.sampled_from([1.0, 0.75]),
)
def test_any_shape_has_the_models_area_to_within_a_step(
    width: int, height: int, native: int, step: int, scale: float
) -> None:
    if max(width, height) > 14 * min(width, height):
        return
    aspect = ratio(f"{width}:{height}")
    model = Model(name="m", source="m", native_size=native, size_step=step)
    got = model.size(aspect, scale=scale)
    true = width / height
    for side, exact in zip(
        got, (native * scale * true**0.5, native * scale / true**0.5), strict=True
    ):
        assert side > 0
        assert side % step == 0
        assert abs(side - exact) <= max(step, step - exact)


def test_a_shape_and_its_turn_have_turned_sizes() -> None:
    for aspect in [(3, 2), (16, 9), (7, 4), (14, 1)]:
        assert SQUARE.size(aspect) == SQUARE.size(aspect[::-1])[::-1]


@pytest.mark.parametrize(("native", "step", "least"), [(128, 8, 16), (1024, 64, 128), (64, 64, 64)])
def test_the_shortest_side_is_whole_steps(native: int, step: int, least: int) -> None:
    model = Model(name="m", source="m", native_size=native, size_step=step)
    assert model.shortest_side == least
