"""What /help answers about one thing, and to a button it does not know."""

from __future__ import annotations

import pytest

from bot.commands import COMMANDS
from bot.help import page, topics, turn
from bot.reactions import SIGNS, Sign
from bot.view_commands import MENUS
from core.actions import Action, ButtonError
from core.manual import BUTTONS, MENU, REACTIONS
from core.models import PRESETS, Catalogue
from core.sentences import in_language
from tests.bot.world import World

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


@pytest.mark.parametrize(
    ("topic", "says"),
    [
        ("--chaos", "`--chaos 0–100`, `--c` · "),
        ("—C", "`--chaos 0–100`, `--c` · "),
        ("U3", "**U1** · Posts one picture of a grid on its own"),
        ("vary (subtle)", "**Vary (Subtle)** · Makes a grid of variations that stay near"),
        ("❤️", "Likes the picture"),
        ("🔄", "Makes the same once more"),
        ("job details", "**Job details** · Tells all about the picture"),
        ("✉", "**✉️** · Sends you the originals"),
        ("/imagine", "**/imagine** · Make a picture from words\n`prompt` · What to make"),
        ("/prefer", "`/prefer suffix` · Flags for all of your prompts"),
        ("/prefer option set", "`value` · What it stands for"),
    ],
)
async def test_help_answers_for_a_flag_a_button_or_a_command(
    easel: World, topic: str, says: str
) -> None:
    answer = await easel.ada.slash(easel.channel, "help", about=topic)
    assert answer.ephemeral
    assert says in answer.response.content


async def test_help_for_what_is_not_there_names_what_is_near(easel: World) -> None:
    answer = await easel.ada.slash(easel.channel, "help", about="--caos")
    assert "There is no flag, button or command “--caos”. Try `--chaos`" in answer.response.content


async def test_topics_are_offered_while_typing(easel: World) -> None:
    found = await easel.ada.autocomplete(easel.channel, "help", "about", "vary")
    names = [choice["value"] for choice in found]
    assert names == ["vary (subtle)", "vary (strong)", "vary (region)"]


async def test_every_topic_fits_into_a_message_and_every_button_is_explained() -> None:
    assert set(BUTTONS) == set(Action)
    assert set(MENU) == {menu.name for menu in MENUS}
    plain = [name.replace("\ufe0f", "") for name in REACTIONS]
    assert sorted(SIGNS[name].name for name in plain) == sorted(sign.name for sign in Sign)
    for name, text in topics(CATALOGUE, COMMANDS).items():
        for locale in ("en-US", "zh-CN"):
            assert 10 < len(in_language(text, locale)) <= 2000, name
