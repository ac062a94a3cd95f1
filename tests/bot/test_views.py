from __future__ import annotations

from dataclasses import replace
from typing import Any

import discord
import pytest

from bot.views import View, cancel_view, ended_rows, grid_rows, view_of
from core.actions import Action, Button
from core.jobs import Job, State
from core.models import PRESETS, Catalogue
from core.request import Kind
from tests.builders import job, request

JOB = "00000000000000000001"


def rows(view: object) -> list[list[str]]:
    return [
        [item.get("label") or item["emoji"]["name"] for item in row["components"]]
        for row in view.to_components()
    ]


def ended_view(job: Job, **more: Any) -> View:
    return view_of(ended_rows(job, **more))


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
    view = view_of(grid_rows(JOB, count))
    assert rows(view) == [row.split() for row in expected]
    for row in view.to_components():
        for item in row["components"]:
            assert Button.from_custom_id(item["custom_id"]).job_id == JOB


async def test_views_are_finished_so_that_discord_py_keeps_none() -> None:
    for view in (
        view_of(grid_rows(JOB, 4)),
        cancel_view(job()),
        ended_view(job(state=State.FAILED)),
    ):
        assert view.is_finished()


async def test_every_ended_job_can_be_found_again_by_a_button() -> None:
    assert rows(ended_view(job(state=State.FAILED))) == [["🔄"]]
    assert rows(ended_view(job(state=State.CANCELLED))) == [["🔄"]]
    for ended in (job(state=State.FAILED), job(state=State.CANCELLED), single()):
        ids = [
            i["custom_id"] for row in ended_view(ended).to_components() for i in row["components"]
        ]
        assert {Button.from_custom_id(i).job_id for i in ids} == {ended.id}


def single(kind: Kind = Kind.UPSCALE, **changes: object) -> Job:
    return job(state=State.DONE, request=request(kind=kind, count=1, **changes))


EVERYTHING = frozenset(Action)
POSTCARD = Catalogue(PRESETS).get("postcard")


async def test_one_picture_has_its_buttons_in_rows() -> None:
    wide = single(width=192)
    assert rows(ended_view(wide, model=POSTCARD, offered=EVERYTHING)) == [
        [
            "Upscale (Subtle)",
            "Upscale (Creative)",
            "Vary (Subtle)",
            "Vary (Strong)",
            "Vary (Region)",
        ],
        ["Zoom Out 2x", "Zoom Out 1.5x", "Custom Zoom", "Make Square"],
        ["⬅️", "➡️", "⬆️", "⬇️"],
        ["❤️", "Remix"],
    ]


async def test_a_square_one_is_not_made_square_and_an_enlarged_one_can_be_made_again() -> None:
    found = rows(ended_view(single(Kind.ENLARGE), model=POSTCARD, offered=EVERYTHING))
    assert found[1] == ["Zoom Out 2x", "Zoom Out 1.5x", "Custom Zoom"]
    assert found[3] == ["❤️", "🔄", "Remix"]


async def test_drafts_can_be_enhanced() -> None:
    grid = job(state=State.DONE, request=request(draft=True))
    found = rows(ended_view(grid, model=POSTCARD, offered=EVERYTHING))
    assert found[2] == ["E1", "E2", "E3", "E4"]
    alone = rows(ended_view(single(draft=True), model=POSTCARD, offered=EVERYTHING))
    assert "Enhance" in alone[1]


async def test_what_the_model_or_the_server_cannot_do_is_not_shown() -> None:
    few = frozenset({Action.VARY_SUBTLE, Action.VARY_STRONG, Action.LIKE, Action.REMIX})
    assert rows(ended_view(single(), model=POSTCARD, offered=few)) == [
        ["Vary (Subtle)", "Vary (Strong)", "❤️", "Remix"]
    ]
    assert rows(ended_view(single(), model=None)) == [["❤️", "Remix"]]


async def test_where_another_model_paints_what_is_painted_is_shown_of_any_model() -> None:
    words = replace(POSTCARD, family="sana")
    assert rows(ended_view(single(), model=words)) == [["❤️", "Remix"]]
    painted = rows(ended_view(single(), model=replace(words, inpainting="fill")))
    assert painted[0] == ["Vary (Region)", "Zoom Out 2x", "Zoom Out 1.5x", "Custom Zoom"]
    assert painted[1:] == [["⬅️", "➡️", "⬆️", "⬇️"], ["❤️", "Remix"]]


async def test_labels_are_in_the_servers_language() -> None:
    row, *_ = rows(ended_view(single(), model=POSTCARD, locale="zh-CN"))
    assert row[2:4] == ["变化（微调）", "变化（强烈）"]


@pytest.mark.parametrize("count", range(1, 9))
@pytest.mark.parametrize("kind", Kind)
async def test_no_view_is_larger_than_discord_allows(kind: Kind, count: int) -> None:
    for draft in (False, True):
        one = job(state=State.DONE, request=request(kind=kind, count=count, draft=draft, width=192))
        found = ended_view(one, model=POSTCARD, offered=EVERYTHING).to_components()
        assert 1 <= len(found) <= 5
        assert all(1 <= len(row["components"]) <= 5 for row in found)
        ids = [item["custom_id"] for row in found for item in row["components"]]
        assert len(ids) == len(set(ids))
        assert all(len(id) <= 100 for id in ids)


def button_of(button: Button) -> discord.ui.Button[Any]:
    return discord.ui.Button(label=str(button.label), custom_id=button.custom_id)
