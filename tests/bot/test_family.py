"""The picture of a family: who stands where, and that it is drawn."""

from __future__ import annotations

import sys
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image

from bot.family import Tree, title, tree
from bot.plotter import Plotter
from core.archive import Family
from core.jobs import Job, Parent, State
from core.request import Kind
from tests.builders import job, request


def one(number: int, kind: Kind, above: int = 0, index: int = 0, **changes: object) -> Job:
    parent = Parent(f"{above:020x}", index) if above else None
    return job(
        id=f"{number:020x}",
        parent=parent,
        request=request(kind=kind),
        **{"state": State.DONE, **changes},
    )


FAMILY = Family(
    jobs=(
        one(1, Kind.IMAGINE),
        one(2, Kind.VARIATION, 1, 2),
        one(3, Kind.UPSCALE, 1, 3),
        one(4, Kind.ZOOM, 3, 1),
        one(5, Kind.REROLL, 1, state=State.FAILED),
    ),
    chosen=f"{4:020x}",
)


def test_each_stands_below_what_it_was_made_from() -> None:
    drawn = tree(FAMILY, {})
    places = [(card.title, card.column, card.row, card.parent) for card in drawn.cards]
    assert places == [
        ("Imagined", 1.0, 0, -1),
        ("Variations of 2", 0.0, 1, 0),
        ("Image 3", 1.0, 1, 0),
        ("Zoomed out of 1", 1.0, 2, 2),
        ("Re-rolled (failed)", 2.0, 1, 0),
    ]
    assert [card.title for card in drawn.cards if card.chosen] == ["Zoomed out of 1"]
    assert (drawn.columns, drawn.rows) == (3, 3)
    assert "4: Zoomed out of 1, from 3, this one." in drawn.alt
    assert Tree.from_json(drawn.to_json()) == drawn


def test_no_two_cards_lie_on_each_other_however_wide_the_family() -> None:
    jobs = [one(1, Kind.IMAGINE)]
    jobs += [one(n, Kind.VARIATION, n // 3 + 1, 1) for n in range(2, 25)]
    drawn = tree(Family(jobs=tuple(jobs), chosen=jobs[0].id), {})
    for row in range(drawn.rows):
        columns = sorted(card.column for card in drawn.cards if card.row == row)
        assert all(b - a >= 1 for a, b in pairwise(columns))
    assert len(drawn.alt) <= 1024


def test_every_kind_has_its_title() -> None:
    assert all(title(one(1, kind)) for kind in Kind)
    assert title(one(1, Kind.IMAGINE, state=State.QUEUED)) == "Imagined (waiting)"


@pytest.mark.slow
async def test_a_family_is_drawn_by_another_process(tmp_path: Path) -> None:
    Image.new("RGB", (64, 32), (255, 0, 0)).save(tmp_path / "red.png")
    (tmp_path / "broken.png").write_bytes(b"no picture")
    paths = {FAMILY.jobs[0].id: tmp_path / "red.png", FAMILY.jobs[1].id: tmp_path / "broken.png"}
    upload = await Plotter(tmp_path / "charts").family(tree(FAMILY, paths))
    assert upload is not None
    with Image.open(BytesIO(upload.data)) as drawn:
        colours = drawn.convert("RGB").getcolors(maxcolors=1 << 22) or []
    # The red picture, half as high as its card; 225 pixels wide.
    red = sum(count for count, colour in colours if colour == (255, 0, 0))
    assert 200 * 95 < red < 230 * 120
    assert "matplotlib" not in sys.modules
