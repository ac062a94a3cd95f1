"""/settings, its panel and its shortcuts: what is set counts in the next prompt, everywhere."""

from __future__ import annotations

from typing import Any

import pytest

from bot.settings_panel import Turn, changed
from core.actions import ButtonError
from core.preferences import Preferences, Variability
from core.request import Lane, Visibility
from tests.bot.town import Town, told
from tests.bot.world import labels, rows


async def opened(town: Town, who: Any = None) -> Any:
    answer = await (who or town.ada).slash(town.channel, "settings")
    assert answer.ephemeral
    return answer.response


def green(panel: Any) -> list[str]:
    """What is shown as active."""
    return [item["label"] for row in rows(panel) for item in row if item.get("style") == 3]


async def test_the_panel_shows_what_counts(town: Town) -> None:
    panel = await opened(town)
    assert "model `postcard` · lane: fast · visibility: public" in panel.content
    assert "No suffix is set." in panel.content
    assert green(panel) == ["High variation", "In showcases", "Fast", "Public"]
    assert labels(panel)[1:] == [
        ["Stylize low", "Stylize med", "Stylize high", "Stylize very high"],
        ["High variation", "Low variation", "Remix mode", "DM results", "In showcases"],
        ["Turbo", "Fast", "Relax", "Public", "Stealth"],
        ["Suffix", "Reset"],
    ]


async def test_what_is_pressed_is_green_and_counts_in_the_next_prompt(town: Town) -> None:
    panel = await opened(town)
    for label in ("Relax", "Stealth", "Stylize high", "Remix mode", "Low variation"):
        await town.ada.click(panel, label=label)
    assert green(panel) == [
        "Stylize high",
        "Low variation",
        "Remix mode",
        "In showcases",
        "Relax",
        "Stealth",
    ]
    assert "lane: relaxed · visibility: stealth" in panel.content
    await town.imagine("a red lighthouse")
    request = (await town.newest()).request
    assert (request.lane, request.visibility) == (Lane.RELAX, Visibility.STEALTH)
    assert request.stylize == 250
    await town.imagine("a blue one --fast --public")
    request = (await town.newest()).request
    assert (request.lane, request.visibility) == (Lane.FAST, Visibility.PUBLIC)


async def test_pressing_what_is_active_takes_it_back(town: Town) -> None:
    panel = await opened(town)
    await town.ada.click(panel, label="Relax")
    await town.ada.click(panel, label="Relax")
    assert green(panel) == ["High variation", "In showcases", "Fast", "Public"]
    assert (await town.wishes.of(town.ada.id)).lane is None


async def test_a_model_is_chosen_and_left_to_the_server_again(town: Town) -> None:
    panel = await opened(town)
    await town.ada.select(panel, ["sdxl"])
    assert "model `sdxl`" in panel.content
    await town.imagine("a red lighthouse")
    assert (await town.newest()).request.model == "sdxl"
    await town.ada.select(panel, ["-"])
    assert "model `postcard`" in panel.content


async def test_the_suffix_has_a_form_and_its_mistakes_are_told(town: Town) -> None:
    panel = await opened(town)
    form = await town.ada.click(panel, label="Suffix")
    await town.ada.submit_modal(form, {"suffix": "--ar 3:2"})
    assert "Suffix: --ar 3:2" in panel.content
    form = await town.ada.click(panel, label="Suffix")
    answer = await town.ada.submit_modal(form, {"suffix": "--aspct 3:2"})
    assert "That cannot be kept:" in told(answer)
    assert (await town.wishes.of(town.ada.id)).suffix == "--ar 3:2"


async def test_reset_leaves_the_saved_options(town: Town) -> None:
    await town.ada.slash(town.channel, "prefer option set", name="film", value="grainy")
    panel = await opened(town)
    await town.ada.click(panel, label="Turbo")
    await town.ada.click(panel, label="Reset")
    assert panel.content.startswith("Reset: everything is as usual.")
    assert await town.wishes.of(town.ada.id) == Preferences(options={"film": "grainy"})


async def test_the_panel_works_after_a_restart(town: Town) -> None:
    panel = await opened(town)
    await town.restart()
    await town.ada.click(panel, label="DM results")
    assert green(panel) == ["High variation", "DM results", "In showcases", "Fast", "Public"]


async def test_what_a_member_may_not_have_is_not_offered_and_not_given(town: Town) -> None:
    panel = await opened(town)
    await town.boss_does("quota set", lanes="relax", private=False)
    for label, says in (("Turbo", "turbo lane is not allowed"), ("Stealth", "not allowed")):
        assert says in told(await town.ada.click(panel, label=label))
    assert labels(await opened(town))[3] == ["Relax", "Public"]
    assert "not allowed" in told(await town.ada.slash(town.channel, "turbo"))


@pytest.mark.parametrize(
    ("command", "field", "value"),
    [
        ("fast", "lane", Lane.FAST),
        ("relax", "lane", Lane.RELAX),
        ("turbo", "lane", Lane.TURBO),
        ("stealth", "visibility", Visibility.STEALTH),
        ("public", "visibility", Visibility.PUBLIC),
        ("prefer remix", "remix", True),
        ("prefer variability", "variability", Variability.LOW),
        ("prefer auto_dm", "auto_dm", True),
    ],
)
async def test_each_shortcut_sets_one_thing_privately(
    town: Town, command: str, field: str, value: Any
) -> None:
    answer = await town.ada.slash(town.channel, command)
    assert answer.ephemeral
    assert getattr(await town.wishes.of(town.ada.id), field) == value
    if command.startswith("prefer"):
        await town.ada.slash(town.channel, command)
        assert await town.wishes.of(town.ada.id) == Preferences()


def test_a_button_of_another_version_is_refused() -> None:
    for custom_id in ("g2:lane:fast", "g1:lane:warp", "g1:gravity:low", "g1:stylize:x"):
        with pytest.raises(ButtonError):
            changed(Preferences(), Turn.from_custom_id(custom_id))


async def test_who_wishes_so_gets_finished_pictures_directly_too(town: Town) -> None:
    await town.ada.slash(town.channel, "prefer auto_dm")
    await town.imagine("a red lighthouse")
    await town.imagine("of bo", town.bo)
    first = next(job for job in await town.store.history(None) if job.owner.id == town.ada.id)
    await town.finish(first)
    (letter,) = town.ada.user.dm_channel.history()
    assert first.id in letter.content
    assert len(letter.attachments) == 4
    await town.env.advance_time(1)
    await town.press("U1", town.messages()[0])
    assert len(list(town.ada.user.dm_channel.history())) == 1
    assert list(town.bo.user.dm_channel.history()) == []


async def test_a_closed_door_does_not_hold_a_delivery_up(town: Town) -> None:
    await town.ada.slash(town.channel, "prefer auto_dm")
    town.env.inject_error("POST", "/channels/*/messages", status=403, code=50007)
    await town.imagine()
    job = await town.finish()
    assert job.delivered_at is not None
    assert town.last().content.endswith("(fast)")
