"""What is offered while somebody fills in an option."""

from __future__ import annotations

from typing import Any, cast

import pytest

from bot.choices import holding, offers
from bot.replies import Interaction
from tests.bot.world import World

NOBODY = cast("Interaction", None)


@offers
async def many(interaction: Interaction, typed: str) -> list[tuple[str, str]]:
    return [("x" * 200, typed), *((f"name {k}", f"value {k}") for k in range(30))]


async def test_no_more_is_offered_than_discord_takes() -> None:
    offered = await many(NOBODY, "v")
    assert (len(offered), len(offered[0].name)) == (25, 100)
    offered = await many(NOBODY, "v" * 101)
    assert offered[0].value == "value 0", "a value that were cut would be another one"


def test_names_hold_what_was_typed_anyhow() -> None:
    assert holding(" BERL ", ["Europe/Berlin", "Asia/Tokyo"]) == [
        ("Europe/Berlin", "Europe/Berlin")
    ]


async def test_where_nothing_can_be_offered_the_command_is_still_typed(
    easel: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await easel.imagine()
    done = await easel.finish()

    async def broken(*args: Any, **more: Any) -> Any:
        raise RuntimeError("the disk is gone")

    with monkeypatch.context() as patch:
        patch.setattr(easel.bot.viewer.archive, "recent", broken)
        assert await easel.ada.autocomplete(easel.channel, "show", "job", "") == []
    offered = await easel.ada.autocomplete(easel.channel, "show", "job", "")
    assert [one["value"] for one in offered] == [done.id]
