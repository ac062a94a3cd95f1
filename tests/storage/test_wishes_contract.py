"""What every store of preferences and styles promises; told as stories, run on each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace

import pytest

from core.allowance import EVERYONE, House, Presentation
from core.errors import RefusedError
from core.jobs import Owner
from core.preferences import Preferences, Variability
from core.request import HouseStyle, Lane, Visibility
from tests.storage.build import ADA, BEN, ON_DISCORD
from tests.storage.conftest import Books

SERVER = ON_DISCORD.server_id
ADMIN = Owner(99, "Eva")
INK = HouseStyle(name="ink", text="ink on paper, “ü”")
NEON = HouseStyle(name="neon", text="", blob="ab" * 32 + ".png")


def saves(style: HouseStyle | None) -> Callable[[Sequence[HouseStyle]], HouseStyle | None]:
    return lambda _: style


async def save(books: Books, style: HouseStyle, server_id: int = SERVER) -> None:
    await books.rules.change_style(server_id, style.name, saves(style), by=ADMIN, now=1.0)


class TestPreferences:
    async def test_whoever_saved_nothing_prefers_nothing(self, books: Books) -> None:
        assert await books.wishes.of(ADA.id) == Preferences()

    async def test_they_are_kept_to_the_letter_and_each_persons_own(self, books: Books) -> None:
        kept = Preferences(options={"film": "grainy “ü” 夜 --cfg 4"}, suffix="--no fog")
        assert await books.wishes.change(ADA.id, lambda _: kept) == kept
        assert await books.wishes.of(ADA.id) == kept
        assert await books.wishes.of(BEN.id) == Preferences()
        await books.wishes.change(ADA.id, lambda p: p.without_option("film").with_suffix(""))
        assert await books.wishes.of(ADA.id) == Preferences()

    async def test_settings_come_back_as_they_were_chosen(self, books: Books) -> None:
        chosen = Preferences(
            suffix="--no fog",
            model="sdxl",
            stylize=0,
            variability=Variability.LOW,
            lane=Lane.RELAX,
            visibility=Visibility.STEALTH,
            remix=True,
            auto_dm=True,
        )
        await books.wishes.change(ADA.id, lambda _: chosen)
        assert await books.wishes.of(ADA.id) == chosen
        await books.wishes.change(ADA.id, lambda p: replace(p, remix=False, lane=None))
        assert await books.wishes.of(ADA.id) == replace(chosen, remix=False, lane=None)

    async def test_a_refused_change_changes_nothing(self, books: Books) -> None:
        def refuse(_: Preferences) -> Preferences:
            raise RefusedError

        await books.wishes.change(ADA.id, lambda p: p.with_option("wide", "--ar 3:1"))
        with pytest.raises(RefusedError):
            await books.wishes.change(ADA.id, refuse)
        assert (await books.wishes.of(ADA.id)).options == {"wide": "--ar 3:1"}

    async def test_no_change_is_lost_to_another_at_the_same_time(self, books: Books) -> None:
        async def add(name: str) -> None:
            await books.wishes.change(ADA.id, lambda p: p.with_option(name, "--relax"))

        names = [f"n{number}" for number in range(10)]
        await asyncio.gather(*map(add, names))
        assert sorted((await books.wishes.of(ADA.id)).options) == sorted(names)


class TestStyles:
    async def test_styles_belong_to_one_server_in_the_order_of_their_names(
        self, books: Books
    ) -> None:
        await save(books, NEON)
        await save(books, INK)
        assert (await books.rules.rules(SERVER)).styles == (INK, NEON)
        assert (await books.rules.rules(SERVER + 1)).styles == ()

    async def test_a_style_is_replaced_under_its_name(self, books: Books) -> None:
        await save(books, INK)
        await save(books, replace(INK, text="pencil"))
        (style,) = (await books.rules.rules(SERVER)).styles
        assert style == HouseStyle(name="ink", text="pencil")

    async def test_a_deleted_style_is_the_servers_own_no_more(self, books: Books) -> None:
        await save(books, INK)
        await save(books, NEON)
        await books.rules.change_house(
            SERVER, lambda house: replace(house, style="ink", paused=True), by=ADMIN, now=2.0
        )
        await books.rules.change_style(SERVER, "neon", saves(None), by=ADMIN, now=3.0)
        assert (await books.rules.rules(SERVER)).house.style == "ink"
        await books.rules.change_style(SERVER, "ink", saves(None), by=ADMIN, now=4.0)
        rules = await books.rules.rules(SERVER)
        assert (rules.styles, rules.house.style, rules.house.paused) == ((), "", True)

    async def test_a_change_sees_all_styles_and_may_refuse(self, books: Books) -> None:
        def refuse(there: Sequence[HouseStyle]) -> HouseStyle:
            assert list(there) == [INK]
            raise RefusedError

        await save(books, INK)
        with pytest.raises(RefusedError):
            await books.rules.change_style(SERVER, "neon", refuse, by=ADMIN, now=2.0)
        assert (await books.rules.rules(SERVER)).styles == (INK,)
        assert len(await books.rules.audit(SERVER)) == 1

    async def test_every_change_is_in_the_log(self, books: Books) -> None:
        await save(books, INK)
        await books.rules.change_style(SERVER, "ink", saves(None), by=ADMIN, now=2.0)
        gone, saved = await books.rules.audit(SERVER)
        assert (saved.what, saved.subject, saved.by_name) == ("style", EVERYONE, "Eva")
        assert (saved.before, saved.after) == ({}, asdict(INK))
        assert (gone.before, gone.after, gone.at) == (asdict(INK), {}, 2.0)

    async def test_a_servers_flags_are_part_of_its_house(self, books: Books) -> None:
        def change(house: House) -> House:
            return replace(house, default_flags="--ar 3:2", forced_flags="--relax", style="ink")

        house = await books.rules.change_house(SERVER, change, by=ADMIN, now=1.0)
        assert (await books.rules.rules(SERVER)).house == house
        assert (house.default_flags, house.forced_flags, house.style) == (
            "--ar 3:2",
            "--relax",
            "ink",
        )

    async def test_how_grids_are_shown_is_part_of_the_house(self, books: Books) -> None:
        assert (await books.rules.rules(SERVER)).house.presentation is Presentation.GRID
        await books.rules.change_house(
            SERVER, lambda h: replace(h, presentation=Presentation.GALLERY), by=ADMIN, now=1.0
        )
        assert (await books.rules.rules(SERVER)).house.presentation is Presentation.GALLERY
        (change,) = await books.rules.audit(SERVER)
        assert (change.before["presentation"], change.after["presentation"]) == ("grid", "gallery")
