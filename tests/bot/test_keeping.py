"""What members and admins keep for every prompt, as they meet it on Discord."""

from __future__ import annotations

from typing import Any

import pytest

from bot.admin_commands import server
from bot.style_commands import style
from core.errors import BannedError, NotAdminError
from core.request import HouseStyle, Lane
from tests.bot.town import Town, told
from tests.bot.world import labels
from tests.fakes.pictures import redrawn
from tests.fakes.worker import png

PICTURE = png(8, 8, [[1]])


@pytest.fixture
def open_to_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if a server's owner had shown everybody the admins' commands."""
    monkeypatch.setattr(style, "default_permissions", None)
    monkeypatch.setattr(server, "default_permissions", None)


async def made(town: Town, line: str, who: Any = None, **options: Any) -> Any:
    """The request that a line became."""
    answer = await town.imagine(line, who, **options)
    assert not answer.ephemeral, told(answer)
    return (await town.newest()).request


# Members


async def test_a_member_saves_an_option_and_uses_it(town: Town) -> None:
    said = await town.tells(
        town.ada, "prefer option set", name="--Film", value="grainy film --ar 3:2"
    )
    assert said == "From now on `--film` stands for: grainy film --ar 3:2"
    answer = await town.imagine("a lighthouse --film --seed 7")
    assert answer.response.content.startswith("**a lighthouse grainy film --ar 3:2 --seed 7** - ")
    listed = await town.tells(town.ada, "prefer option list")
    assert listed == "`--film`: grainy film --ar 3:2"
    # It is hers alone.
    assert "--film" in told(await town.imagine("a lighthouse --film", town.bo))
    await town.restart()
    assert (await made(town, "again --film")).aspect == (3, 2)
    assert await town.tells(town.ada, "prefer option delete", name="film") == (
        "That option is gone."
    )
    assert (await town.imagine("a lighthouse --film")).ephemeral


async def test_an_option_goes_along_to_another_server(town: Town) -> None:
    await town.tells(town.rival, "prefer option set", name="wide", value="--ar 3:1")
    await town.rival.slash(town.their_channel, "imagine", prompt="a fox --wide")
    assert (await town.newest()).request.aspect == (3, 1)


async def test_what_is_wrong_with_an_option_is_listed(town: Town) -> None:
    said = await town.tells(
        town.ada, "prefer option set", name="bad", value="--ar 99:1 --cfg 99 --steps many"
    )
    first, *problems = said.split("\n")
    assert first == "That cannot be kept:"
    assert len(problems) == 3
    said = await town.tells(town.ada, "prefer option set", name="seed", value="--ar 3:2")
    assert said == "--seed is a flag of Easel; choose another name for your option."
    assert await town.tells(town.ada, "prefer option list") == (
        "You have no saved options; /prefer option set makes one."
    )


async def test_a_suffix_counts_unless_something_else_is_typed(town: Town) -> None:
    said = await town.tells(town.ada, "prefer suffix", text="--relax --no fog")
    assert said.startswith("Added to each of your prompts, unless you type something else: --relax")
    answer = await town.imagine("a fox")
    assert answer.response.content.startswith("**a fox --no fog --relax** - ")
    assert (await made(town, "a fox --turbo")).lane is Lane.TURBO
    assert (await made(town, "a fox", town.bo)).lane is Lane.FAST
    said = await town.tells(town.ada, "prefer suffix")
    assert said == "Nothing is added to your prompts any more."
    assert (await made(town, "a fox")).lane is Lane.FAST
    assert "“oil” is no flag" in await town.tells(town.ada, "prefer suffix", text="oil")


async def test_the_names_of_options_are_completed_for_their_owner(town: Town) -> None:
    await town.tells(town.ada, "prefer option set", name="film", value="grainy")

    async def offered(who: Any) -> list[str]:
        found = await who.autocomplete(town.channel, "prefer option delete", "name", "f")
        return [choice["value"] for choice in found]

    assert await offered(town.ada) == ["film"]
    assert await offered(town.bo) == []


# Admins


async def test_an_admin_forces_relax_and_the_member_is_told(town: Town) -> None:
    said = await town.boss_does("server flags forced", text="--relax")
    assert said.split("\n")[1] == "**Forced** (whatever a member says): --relax"
    answer = await town.imagine("a fox --turbo --ar 3:2")
    assert answer.response.content.startswith("**a fox --ar 3:2 --relax** - ")
    (followup,) = answer.followups
    assert followup.content == "This server sets `--relax`, which took the place of your `--turbo`."
    assert followup.flags.ephemeral
    quiet = await town.imagine("a fox")
    assert (await town.newest()).request.lane is Lane.RELAX
    assert quiet.followups == []
    # Another server is not touched.
    await town.rival.slash(town.their_channel, "imagine", prompt="a fox")
    assert (await town.newest()).request.lane is Lane.FAST
    await town.boss_does("server flags forced")
    assert (await made(town, "a fox --turbo")).lane is Lane.TURBO


async def test_defaults_count_where_nobody_says_otherwise(town: Town) -> None:
    await town.boss_does("server flags default", text="--ar 3:2 --relax")
    answer = await town.imagine("a fox")
    assert answer.response.content.startswith("**a fox --ar 3:2 --relax** - ")
    assert (await made(town, "a fox --ar 1:1 --fast")).aspect == (1, 1)
    shown = await town.boss_does("server flags show")
    assert "--ar 3:2 --relax" in shown
    assert "**Forced** (whatever a member says): none" in shown
    log = await town.boss_does("quota audit")
    assert "default flags: none → --ar 3:2 --relax" in log


async def test_flags_that_break_every_prompt_are_not_taken(town: Town) -> None:
    said = await town.boss_does("server flags forced", text="--model nowhere --cfg 99")
    assert said.startswith("That cannot be kept:\n- ")
    assert not (await town.imagine("a fox")).ephemeral


async def test_what_was_not_typed_is_named_when_it_does_not_fit(town: Town) -> None:
    await town.boss_does("server flags default", text="--steps 40")
    refused = await town.imagine("a fox --model sdxl-none")
    assert refused.ephemeral
    await town.boss_does("server flags forced", text="--ar 14:1")
    answer = await town.imagine("a fox --size 9000x9000")
    assert not answer.ephemeral  # what is forced took its place
    assert "took the place of your `--size 9000x9000`" in answer.followups[0].content


async def test_a_style_by_name_changes_the_request(town: Town) -> None:
    plain = await made(town, "a fox")
    said = await town.boss_does("style save", name="Ink", text="ink on paper")
    assert said == "Saved. It is used as `--style ink`."
    drawn = await made(town, "a fox --style ink")
    assert plain.style is None
    assert drawn.style is not None
    assert (drawn.style.name, drawn.style.text, drawn.stylize) == ("ink", "ink on paper", 100)
    unknown = await town.imagine("a fox --style oil")
    assert unknown.ephemeral
    assert "oil" in told(unknown)
    assert "ink" in told(unknown)


async def test_the_house_style_is_used_unless_another_is_asked_for(town: Town) -> None:
    await town.boss_does("style save", name="ink", text="ink on paper")
    await town.boss_does("style save", name="neon", text="neon lights")
    said = await town.boss_does("style house", name="ink")
    assert said == "Unless a member says something else, prompts here are drawn in `ink`."
    assert getattr((await made(town, "a fox")).style, "text", "") == "ink on paper"
    assert (await made(town, "a fox --s 400")).stylize == 400
    assert getattr((await made(town, "a fox --style neon")).style, "text", "") == "neon lights"
    assert (await made(town, "a fox --raw")).style is None
    listed = (await town.boss_does("style list")).split("\n")
    assert listed == [
        "**ink**: ink on paper · used unless another is asked for",
        "**neon**: neon lights",
    ]
    assert "there are: ink, neon" in await town.boss_does("style house", name="oil")
    said = await town.boss_does("style delete", name="ink")
    assert said == "That style is gone; pictures made with it stay."
    assert (await made(town, "a fox")).style is None
    log = await town.boss_does("quota audit")
    assert "saved the style ink" in log
    assert "deleted the style ink" in log
    assert "style: none → ink" in log


async def test_a_style_may_be_a_picture(town: Town) -> None:
    await town.boss.slash(town.channel, "style save", name="dots", image=("dots.png", PICTURE))
    drawn = await made(town, "a fox --style dots")
    assert drawn.style is not None and drawn.style.blob is not None
    assert await town.blobs.get(drawn.style.blob) == redrawn(PICTURE)
    shown = await town.boss.slash(town.channel, "style show", name="dots")
    assert shown.ephemeral
    assert told(shown) == "**dots**: only a picture"
    assert len((shown.followups or [shown.response])[-1].attachments) == 1


async def test_a_prompt_keeps_its_style_when_that_is_deleted(town: Town) -> None:
    await town.boss_does("style save", name="ink", text="ink on paper")
    await town.imagine("a fox --style ink")
    await town.boss_does("style delete", name="ink")
    await town.finish()
    await town.press("reroll", town.last())
    again = (await town.newest()).request
    assert again.style is not None and again.style.text == "ink on paper"


# Who may not

DEEDS: list[tuple[str, dict[str, Any]]] = [
    ("style save", {"name": "ink", "text": "ink"}),
    ("style save", {"name": "ink", "image": ("a.png", PICTURE)}),
    ("style list", {}),
    ("style show", {"name": "mine"}),
    ("style delete", {"name": "mine"}),
    ("style house", {"name": "mine"}),
    ("server flags default", {"text": "--relax"}),
    ("server flags forced", {"text": "--relax"}),
    ("server flags show", {}),
]


@pytest.mark.usefixtures("open_to_all")
async def test_a_member_may_do_nothing_that_is_the_admins(town: Town) -> None:
    await town.boss_does("style save", name="mine", text="ink")
    before = await town.store.rules.rules(town.guild.id)
    files = set((town.folder / "blobs").rglob("*.png"))
    for command, options in DEEDS:
        said = await town.tells(town.ada, command, **options)
        assert said == NotAdminError().sentence, command
    found = await town.ada.autocomplete(town.channel, "style show", "name", "")
    assert found == []
    assert await town.store.rules.rules(town.guild.id) == before
    assert set((town.folder / "blobs").rglob("*.png")) == files


async def test_an_admin_of_another_server_sees_and_changes_only_that_one(town: Town) -> None:
    await town.boss_does("style save", name="mine", text="ink")
    assert await town.tells(town.rival, "style list") == "No style is saved here yet."
    await town.tells(town.rival, "server flags forced", text="--relax")
    await town.tells(town.rival, "style save", name="mine", text="oil")
    rules = await town.store.rules.rules(town.guild.id)
    assert rules.house.forced_flags == ""
    assert rules.styles == (HouseStyle(name="mine", text="ink"),)
    answer = await town.rival.slash(town.their_channel, "imagine", prompt="a fox --style mine")
    assert labels(answer.response) == [["Cancel"]]
    style = (await town.newest()).request.style
    assert style is not None and style.text == "oil"


async def test_who_is_shut_out_keeps_nothing_here(town: Town) -> None:
    await town.boss_does("server ban", person=town.ada)
    for command, options in (
        ("prefer option set", {"name": "film", "value": "grainy"}),
        ("prefer option list", {}),
        ("prefer option delete", {"name": "film"}),
        ("prefer suffix", {"text": "--relax"}),
    ):
        assert await town.tells(town.ada, command, **options) == BannedError().sentence
    assert (await town.wishes.of(town.ada.id)).options == {}
