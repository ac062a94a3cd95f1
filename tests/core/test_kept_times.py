"""The file of step times: what comes back of it, and what is not believed."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.kept_times import (
    FORMAT,
    MOST_CURVES,
    MOST_TABLES,
    Curve,
    Place,
    Table,
    joined,
    merged,
    read,
    written,
)
from core.step_times import COUNTS_KEPT

HERE = Place("cuda (NVIDIA H100)", "2.13.0", "postcard", "bfloat16", "memory=high compile=on")
SHAPE = ((4, 16, 16), ("encoder_hidden_states", "sample", "timestep"))


def curve(part: str = "unet", shape: Any = SHAPE, seconds: float = 0.25) -> Curve:
    return Curve(part, "UNet2DConditionModel.forward", shape, ((1, seconds), (2, seconds)))


def table(at: float = 1.0, *curves: Curve) -> Table:
    return Table(at, curves or (curve(),))


def test_it_comes_back_as_it_went() -> None:
    tables = {
        HERE: table(7.5, curve(), curve("vae", ((3,), ()))),
        replace(HERE, dtype="x"): table(),
    }
    text = written(tables)
    assert read(text) == tables
    assert text.count("\n") == 1


SHAPES = st.recursive(
    st.integers() | st.text(), lambda inner: st.lists(inner).map(tuple), max_leaves=8
)


@given(SHAPES, st.lists(st.tuples(st.integers(1, 128), st.floats(0, 1e6)), min_size=1, max_size=9))
def test_any_shape_does(shape: Any, points: list[tuple[int, float]]) -> None:
    one = {HERE: table(1.0, Curve("a", "b", shape, tuple(points)))}
    assert read(written(one)) == one


def changed(**changes: Any) -> str:
    whole = json.loads(written({HERE: table()}))
    row = whole["tables"][0]
    for name, value in changes.items():
        where = row["curves"][0] if name in ("part", "call", "shape", "points") else row
        where[name] = value
    return json.dumps(whole)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "\x00\x01",
        '{"tables":[]}',
        f'{{"format":{FORMAT}}}',
        f'{{"format":{FORMAT},"tables":[7]}}',
        f'{{"format":{FORMAT},"tables":{{"a":1}}}}',
        "[" * 100_000,
        written({HERE: table()})[:-20],
        changed(at="soon"),
        changed(device=7),
        changed(curves={}),
        changed(part=None),
        changed(shape={"a": 1}),
        changed(shape=[1.5]),
        changed(points=[]),
        changed(points=[[0, 1.0]]),
        changed(points=[[1, -1.0]]),
        changed(points=[[1, float("inf")]]),
        changed(points=[[1, float("nan")]]),
        changed(points=[[1]]),
        changed(points=[[float("inf"), 1.0]]),
        changed(points=[[rows, 1.0] for rows in range(1, COUNTS_KEPT + 2)]),
    ],
)
def test_a_damaged_file_is_said_to_be_damaged(text: str) -> None:
    with pytest.raises(ValueError, match="it is damaged"):
        read(text)


def test_a_file_of_another_version_is_said_to_be_one() -> None:
    with pytest.raises(ValueError, match="another version of Easel wrote it"):
        read(json.dumps({"format": FORMAT + 1, "stones": []}))


def test_what_others_wrote_of_other_places_stays() -> None:
    other = replace(HERE, device="cuda (NVIDIA L4)")
    there = {other: table(1.0), HERE: table(1.0)}
    ours = {HERE: table(2.0, curve(seconds=0.5))}
    assert merged(there, ours) == {other: table(1.0), **ours}
    # Of the same place the newest counts, whoever wrote it.
    assert merged({HERE: table(3.0)}, ours)[HERE] == table(3.0)


def test_what_an_older_torch_took_goes() -> None:
    old = replace(HERE, torch="2.12.0")
    elsewhere = replace(old, device="cpu")
    found = merged({old: table(), elsewhere: table()}, {HERE: table()})
    assert set(found) == {HERE, elsewhere}


def test_the_file_stays_small() -> None:
    there = {replace(HERE, model=f"{n:03}"): table(float(n)) for n in range(2 * MOST_TABLES)}
    found = merged(there, {HERE: table(1e9)})
    assert len(found) == MOST_TABLES and HERE in found
    assert min(one.at for one in found.values()) == MOST_TABLES + 1
    many = [curve(shape=n) for n in range(2 * MOST_CURVES)]
    assert len(joined(many, [curve("new")])) == MOST_CURVES
    assert len(read(written({HERE: Table(1.0, tuple(many))}))[HERE].curves) == MOST_CURVES


def test_a_new_curve_takes_the_place_of_the_old_one_of_its_call() -> None:
    old = [curve(seconds=1.0), curve("vae", seconds=1.0)]
    assert set(joined(old, [curve(seconds=2.0)])) == {curve(seconds=2.0), old[1]}
