"""What /help answers to a button it does not know."""

from __future__ import annotations

import pytest

from bot.commands import COMMANDS
from bot.help import page, turn
from core.actions import ButtonError
from core.models import PRESETS, Catalogue

CATALOGUE = Catalogue(PRESETS)


@pytest.mark.parametrize("custom_id", ["h1:", "h1:abc", "h2:1", "h1:1:2"])
async def test_a_button_of_another_version_is_refused(custom_id: str) -> None:
    with pytest.raises(ButtonError):
        await turn(None, custom_id, CATALOGUE, COMMANDS)  # type: ignore[arg-type]


async def test_a_page_that_is_gone_is_the_first() -> None:
    assert page(CATALOGUE, COMMANDS, 99)[0] == page(CATALOGUE, COMMANDS, 0)[0]


async def test_admins_commands_come_in_small_letters() -> None:
    text, _ = page(CATALOGUE, COMMANDS, 0)
    assert "\n**/imagine** · Make a picture from words\n" in text
    assert "\n-# **/quota** · Who may use how much on this server" in text
