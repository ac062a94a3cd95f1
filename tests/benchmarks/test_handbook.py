"""docs/buttons.md tells of everything that can be pressed, filled in, typed or reacted with."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest

from benchmarks.handbook import page as handbook
from benchmarks.handbook.page import PAGE, kinds, pictures, press_name, text
from benchmarks.handbook.presses import PRESSES
from bot import sheets
from bot.buttons import BUTTONS
from bot.commands import COMMANDS
from bot.reactions import SIGNS
from bot.view_commands import MENUS
from core.actions import Action, Button
from core.manual import REACTIONS

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs/images/buttons"
MOST_BYTES = 1_500_000


def rows(title: str) -> list[list[str]]:
    """The cells of the table below a heading."""
    below = text().split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in below.splitlines() if line.startswith("| ")][2:]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def test_the_page_is_what_the_tables_say() -> None:
    written = (ROOT / PAGE).read_text(encoding="utf-8")
    assert written == text(), "run `python -m benchmarks.handbook.page`"


def test_every_button_of_every_action_has_its_row() -> None:
    found = rows("Under pictures")
    assert len(found) == len(list(kinds())) == sum(len(a.extras) or 1 for a in Action)
    ids = {Button(action, "0" * 20, 1, extra).custom_id for action, extra in kinds()}
    assert len(ids) == len(found)
    # Nothing is told of that is to be found under no message.
    assert all(under for _, under, *_ in found)


def test_what_stands_where_asks_and_makes_what_it_says() -> None:
    told = {row[0]: row[1:4] for row in rows("Under pictures")}
    assert told["**Cancel**"] == ["a job that waits or runs", "", "nothing"]
    assert told["**U1** … **U4**"] == ["a grid", "", "1 picture, free"]
    assert told["**Custom Zoom**"] == ["one picture", "the prompt", "4 pictures"]
    assert told["**Vary (Region)**"] == ["one picture", "which part", "4 pictures"]
    assert told["**Upscale (Subtle)**"] == ["one picture", "", "1 picture"]
    assert told["⬅️"] == ["one picture", "remix", "4 pictures"]


def test_every_command_has_its_row_with_its_options() -> None:
    told = {re.findall(r"`(.+?)`", row[0])[0]: row for row in rows("Commands")}
    leaves = [
        each
        for top in COMMANDS
        for each in (top.walk_commands() if hasattr(top, "walk_commands") else [top])
        if not hasattr(each, "commands")
    ]
    assert sorted(told) == sorted(f"/{each.qualified_name}" for each in leaves)
    for each in leaves:
        name, what, _ = told[f"/{each.qualified_name}"]
        assert what == str(each.description)
        assert re.findall(r"`(\w+)`", name) == [option.name for option in each.parameters]
    assert "ᴬ" in told["/quota set"][0]
    assert "ᴬ" not in told["/prefer suffix"][0]


def test_every_entry_of_the_menu_and_every_reaction_has_its_row() -> None:
    assert [row[0].strip("*") for row in rows("The menu of a message")] == [
        str(menu.name) for menu in MENUS
    ]
    told = [row[0].replace("\ufe0f", "") for row in rows("Reactions")]
    assert {SIGNS[sign] for sign in told} == set(SIGNS.values())
    assert len(told) == len(REACTIONS)


def test_every_form_and_every_other_button_has_its_row() -> None:
    ids = {modal.custom_id for modal in handbook.modals().values()}
    known = {value for name, value in vars(sheets).items() if name.endswith("_ID")}
    assert known <= ids
    assert len(rows("Forms")) == len(ids)
    assert len(rows("Other buttons and menus")) == len(BUTTONS) - 1


def test_each_picture_is_of_a_press_and_each_press_is_shown() -> None:
    pressed = [(press.action, press.extra) for press in PRESSES]
    assert sorted(pressed) == sorted(kind for kind in kinds() if kind[0].makes_pictures)
    for press, (action, extra) in product(PRESSES, kinds()):
        same = (press.action, press.extra) == (action, extra)
        assert (press.name == press_name(action, extra)) is same


def test_the_pictures_are_there_and_small() -> None:
    there = {path.name for path in FOLDER.iterdir()}
    missing = sorted({f"{name}.webp" for name in pictures()} - there)
    assert not missing, "run `python -m benchmarks.handbook.shots`, and look at them"
    assert not there - {f"{name}.webp" for name in pictures()}
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < MOST_BYTES


@pytest.mark.parametrize("name", sorted(set(pictures())))
def test_a_picture_is_one(name: str) -> None:
    head = (FOLDER / f"{name}.webp").read_bytes()[:12]
    assert (head[:4], head[8:]) == (b"RIFF", b"WEBP")
