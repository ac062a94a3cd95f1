from __future__ import annotations

import pytest

from bot.views import cancel_view, ended_view, grid_view
from core.actions import Button
from core.jobs import State
from core.request import Kind
from tests.builders import job, request

JOB = "00000000000000000001"


def rows(view: object) -> list[list[str]]:
    return [
        [item.get("label") or item["emoji"]["name"] for item in row["components"]]
        for row in view.to_components()
    ]


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (1, ["U1 🔄", "V1"]),
        (2, ["U1 U2 🔄", "V1 V2"]),
        (3, ["U1 U2 U3 🔄", "V1 V2 V3"]),
        (4, ["U1 U2 U3 U4 🔄", "V1 V2 V3 V4"]),
        (5, ["U1 U2 U3 🔄", "U4 U5", "V1 V2 V3", "V4 V5"]),
        (6, ["U1 U2 U3 🔄", "U4 U5 U6", "V1 V2 V3", "V4 V5 V6"]),
        (7, ["U1 U2 U3 U4 🔄", "U5 U6 U7", "V1 V2 V3 V4", "V5 V6 V7"]),
        (8, ["U1 U2 U3 U4 🔄", "U5 U6 U7 U8", "V1 V2 V3 V4", "V5 V6 V7 V8"]),
    ],
)
async def test_a_grid_has_its_buttons_in_rows_of_five(count: int, expected: list[str]) -> None:
    view = grid_view(JOB, count)
    assert rows(view) == [row.split() for row in expected]
    for row in view.to_components():
        for item in row["components"]:
            assert Button.from_custom_id(item["custom_id"]).job_id == JOB


async def test_views_are_finished_so_that_discord_py_keeps_none() -> None:
    for view in (grid_view(JOB, 4), cancel_view(job()), ended_view(job(state=State.FAILED))):
        assert view.is_finished()


async def test_every_ended_job_can_be_found_again_by_a_button() -> None:
    assert rows(ended_view(job(state=State.FAILED))) == [["🔄"]]
    assert rows(ended_view(job(state=State.CANCELLED))) == [["🔄"]]
    single = job(state=State.DONE, request=request(kind=Kind.UPSCALE, count=1))
    assert rows(ended_view(single)) == [["Vary"]]
    for ended in (job(state=State.FAILED), job(state=State.CANCELLED), single):
        ids = [
            i["custom_id"] for row in ended_view(ended).to_components() for i in row["components"]
        ]
        assert {Button.from_custom_id(i).job_id for i in ids} == {ended.id}
