"""What members and admins keep for every prompt, and who may not."""

from __future__ import annotations

import random
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

import pytest

from core.admin import Stewardship
from core.allowance import EVERYONE, Allowance, Presentation
from core.compose import Limits
from core.errors import (
    BannedError,
    EaselError,
    NotAdminError,
    NotFoundError,
    PromptError,
    RefusedError,
)
from core.jobs import Actor
from core.manners import MOST_STYLES, Manners
from core.models import Catalogue
from core.orders import Orders
from core.preferences import LONGEST, Preferences
from core.queue import Queue
from core.request import HouseStyle, Lane, Visibility
from core.works import Showing
from tests.builders import ADA, BO, FakeClock, actor
from tests.fakes.memory_store import MemoryJobStore
from tests.fakes.memory_wishes import MemoryWishes

BOSS = actor(BO, administers=True)
RIVAL = actor(BO, administers=True, server_id=99)
HERE = BOSS.server_id


class House:
    def __init__(self, clock: FakeClock) -> None:
        self.store, self.wishes = MemoryJobStore(), MemoryWishes()
        catalogue = Catalogue.parse(
            "[postcard]\ninpainting = 'fill'\n[fill]\nsource = 'somebody/fill'"
        )
        queue = Queue(self.store, clock, devices=1)
        steward = Stewardship(
            self.store.rules, self.store, catalogue, queue=queue, clock=clock, moved=lambda _: None
        )
        self.kept: list[bytes] = []
        rng = random.Random(5)
        orders = Orders(catalogue, Limits(), rng, self.store.rules, self.wishes)
        self.manners = Manners(steward, orders, self.keep, clock)

    async def keep(self, picture: bytes) -> str:
        self.kept.append(picture)
        return f"{len(self.kept)}.png"

    async def changes(self) -> list[str]:
        return [change.what for change in await self.store.rules.audit(HERE)]


@pytest.fixture
def house(clock: FakeClock) -> House:
    return House(clock)


class TestOptions:
    async def test_an_option_is_kept_on_one_line(self, house: House) -> None:
        await house.manners.save_option(actor(), "--Film", "  grainy\n film   --cfg 3 ")
        elsewhere = actor(server_id=99)
        assert (await house.manners.mine(elsewhere)).options == {"film": "grainy film --cfg 3"}
        assert (await house.manners.mine(actor(BO))).options == {}
        await house.manners.delete_option(elsewhere, "--film")
        assert (await house.manners.mine(actor())).options == {}

    @pytest.mark.parametrize(
        ("name", "value", "says"),
        [
            ("ar", "--cfg 3", "--ar is a flag"),
            ("film", "", "Say what --film shall stand for"),
            ("film", "x" * (LONGEST + 1), "1,001 characters; the limit is 1,000"),
            ("film", "--ar 99:1 --cfg 99", "1:14 to 14:1.*0 to 30"),
            ("film", "--xyzzyx", "no flag --xyzzyx"),
            ("film", "{a, b}", "Braces"),
        ],
    )
    async def test_what_cannot_be_used_is_not_kept(
        self, house: House, name: str, value: str, says: str
    ) -> None:
        with pytest.raises(EaselError, match=says):
            await house.manners.save_option(actor(), name, value)
        assert (await house.manners.mine(actor())).options == {}

    async def test_options_may_not_be_made_of_options(self, house: House) -> None:
        await house.manners.save_option(actor(), "film", "grainy")
        with pytest.raises(PromptError, match="--film"):
            await house.manners.save_option(actor(), "both", "--film --cfg 3")

    async def test_a_suffix_is_made_of_flags(self, house: House) -> None:
        kept = await house.manners.set_suffix(actor(), " --relax  --no fog")
        assert kept.suffix == "--relax --no fog"
        with pytest.raises(PromptError, match="“in oil” is no flag"):
            await house.manners.set_suffix(actor(), "in oil --relax")
        assert (await house.manners.mine(actor())).suffix == "--relax --no fog"
        assert (await house.manners.set_suffix(actor(), "")).suffix == ""


class TestSettings:
    async def test_only_what_is_named_changes(self, house: House) -> None:
        await house.manners.set_settings(actor(), model="PostCard", stylize=50)
        kept = await house.manners.set_settings(actor(), remix=True, stylize=None)
        assert (kept.model, kept.stylize, kept.remix) == ("postcard", None, True)
        assert (await house.manners.mine(actor(BO))).model is None

    @pytest.mark.parametrize(
        ("settings", "says"),
        [
            ({"model": "nowhere"}, "no model called “nowhere”"),
            ({"model": "fill"}, "“fill” paints parts of pictures .*; use postcard"),
            ({"stylize": 1001}, "from 0 to 1,000"),
            ({"lane": Lane.TURBO}, "turbo lane is not allowed.*fast, relax"),
            ({"visibility": Visibility.STEALTH}, "Private pictures are not allowed"),
        ],
        ids=str,
    )
    async def test_what_is_not_here_or_not_allowed_is_not_kept(
        self, house: House, settings: dict[str, Any], says: str
    ) -> None:
        def narrow(line: Allowance) -> Allowance:
            return replace(line, lanes=frozenset({Lane.FAST, Lane.RELAX}), private=False)

        await house.store.rules.change_line(HERE, EVERYONE, narrow, by=BO, now=1.0)
        with pytest.raises(EaselError, match=says):
            await house.manners.set_settings(actor(), **settings, remix=True)
        assert await house.manners.mine(actor()) == Preferences()
        kept = await house.manners.set_settings(actor(), lane=Lane.RELAX)
        assert kept.lane is Lane.RELAX

    async def test_a_reset_takes_the_suffix_with_it(self, house: House) -> None:
        await house.manners.set_suffix(actor(), "--relax")
        await house.manners.save_option(actor(), "film", "grainy")
        await house.manners.set_settings(actor(), auto_dm=True)
        assert await house.manners.reset_settings(actor()) == Preferences(
            options={"film": "grainy"}
        )

    async def test_admins_choose_how_grids_are_shown(self, house: House) -> None:
        found = await house.manners.set_presentation(BOSS, Presentation.GALLERY)
        assert found.presentation is Presentation.GALLERY
        with pytest.raises(NotAdminError):
            await house.manners.set_presentation(actor(), Presentation.GRID)

    async def test_admins_say_who_may_see_what_is_made_here(self, house: House) -> None:
        assert (await house.manners.house(BOSS)).house.gallery is Showing.SERVER
        found = await house.manners.set_gallery(BOSS, Showing.PUBLIC)
        assert found.gallery is Showing.PUBLIC
        with pytest.raises(NotAdminError):
            await house.manners.set_gallery(actor(), Showing.PUBLIC)
        with pytest.raises(RefusedError, match="nobody else"):
            await house.manners.set_gallery(BOSS, Showing.UNLISTED)


class TestTheGallery:
    async def test_a_person_shows_less_or_as_the_server_says(self, house: House) -> None:
        for wish in (Showing.PRIVATE, Showing.SERVER, None):
            assert (await house.manners.set_showing(actor(), wish)).showing is wish
            assert (await house.manners.mine(actor())).showing is wish
        for more in (Showing.PUBLIC, Showing.UNLISTED):
            with pytest.raises(RefusedError, match="fewer"):
                await house.manners.set_showing(actor(), more)


class TestFlags:
    async def test_admins_set_what_counts_for_everybody(self, house: House) -> None:
        await house.manners.set_default_flags(BOSS, "--ar 3:2")
        await house.manners.set_forced_flags(BOSS, "--relax")
        found = (await house.manners.house(BOSS)).house
        assert (found.default_flags, found.forced_flags) == ("--ar 3:2", "--relax")
        (forced, _) = await house.store.rules.audit(HERE)
        assert forced.by_name == BO.name
        assert (forced.before["forced_flags"], forced.after["forced_flags"]) == ("", "--relax")
        await house.manners.set_forced_flags(BOSS, "")
        assert (await house.manners.house(BOSS)).house.forced_flags == ""

    @pytest.mark.parametrize(
        ("flags", "says"),
        [
            ("with words", "is no flag"),
            ("--model nowhere", "no model"),
            ("--repeat 3", "--repeat is about one command"),
            ("--steps 100", "steps"),
            ("--style nowhere", "nowhere"),
        ],
    )
    async def test_flags_that_no_prompt_could_be_made_with_are_refused(
        self, house: House, flags: str, says: str
    ) -> None:
        for change in (house.manners.set_default_flags, house.manners.set_forced_flags):
            with pytest.raises(PromptError, match=says):
                await change(BOSS, flags)
        assert await house.changes() == []

    async def test_the_weight_of_a_picture_can_be_set(self, house: House) -> None:
        await house.manners.set_default_flags(BOSS, "--iw 2")
        assert (await house.manners.house(BOSS)).house.default_flags == "--iw 2"


class TestStyles:
    async def test_a_style_is_words_a_picture_or_both(self, house: House) -> None:
        await house.manners.save_style(BOSS, "Ink", "ink on paper", None)
        await house.manners.save_style(BOSS, "neon", "", b"neon")
        await house.manners.save_style(BOSS, "both", "in oil", b"oil")
        assert (await house.manners.house(BOSS)).styles == (
            HouseStyle(name="both", text="in oil", blob="2.png"),
            HouseStyle(name="ink", text="ink on paper"),
            HouseStyle(name="neon", blob="1.png"),
        )
        assert (await house.manners.style(BOSS, " INK")).text == "ink on paper"
        assert await house.changes() == ["style"] * 3

    @pytest.mark.parametrize(
        ("name", "text", "says"),
        [
            ("raw", "ink", "cannot be the name"),
            ("two words", "ink", "cannot be the name"),
            ("", "ink", "cannot be the name"),
            ("x" * 33, "ink", "cannot be the name"),
            ("ink", "", "words, a picture, or both"),
            ("ink", "ink --ar 3:2", "plain words"),
            ("ink", "ink::2 paper", "plain words"),
            ("ink", "x" * 1001, "limit is 1,000"),
        ],
    )
    async def test_what_is_no_style_is_refused(
        self, house: House, name: str, text: str, says: str
    ) -> None:
        with pytest.raises(EaselError, match=says):
            await house.manners.save_style(BOSS, name, text, None)
        assert (await house.manners.house(BOSS)).styles == ()

    async def test_there_is_room_for_so_many(self, house: House) -> None:
        for number in range(MOST_STYLES):
            await house.manners.save_style(BOSS, f"s{number}", "ink", None)
        with pytest.raises(RefusedError, match="50 styles here"):
            await house.manners.save_style(BOSS, "one-more", "ink", None)
        await house.manners.save_style(BOSS, "s7", "oil", None)
        await house.manners.delete_style(BOSS, "s8")
        await house.manners.save_style(BOSS, "one-more", "ink", None)

    async def test_one_of_them_is_the_houses(self, house: House) -> None:
        with pytest.raises(NotFoundError, match="no style “ink” here; there are: none"):
            await house.manners.set_house_style(BOSS, "ink")
        await house.manners.save_style(BOSS, "ink", "ink", None)
        assert (await house.manners.set_house_style(BOSS, "Ink")).style == "ink"
        assert (await house.manners.set_house_style(BOSS, "none")).style == ""
        await house.manners.set_house_style(BOSS, "ink")
        await house.manners.delete_style(BOSS, "ink")
        assert (await house.manners.house(BOSS)).house.style == ""
        with pytest.raises(NotFoundError):
            await house.manners.delete_style(BOSS, "ink")


Deed = Callable[[Manners, Actor], Coroutine[Any, Any, object]]

OF_ADMINS: list[Deed] = [
    lambda manners, who: manners.house(who),
    lambda manners, who: manners.set_default_flags(who, "--relax"),
    lambda manners, who: manners.set_forced_flags(who, "--relax"),
    lambda manners, who: manners.save_style(who, "ink", "ink", b"picture"),
    lambda manners, who: manners.style(who, "ink"),
    lambda manners, who: manners.delete_style(who, "ink"),
    lambda manners, who: manners.set_house_style(who, "ink"),
]
OF_MEMBERS: list[Deed] = [
    lambda manners, who: manners.mine(who),
    lambda manners, who: manners.save_option(who, "film", "grainy"),
    lambda manners, who: manners.delete_option(who, "film"),
    lambda manners, who: manners.set_suffix(who, "--relax"),
]


@pytest.mark.parametrize("deed", OF_ADMINS)
async def test_nobody_else_may_do_what_admins_do(house: House, deed: Deed) -> None:
    await house.store.rules.ban(HERE, 77, by=BO, now=1.0)
    before = await house.store.rules.rules(HERE)
    for who in (actor(), actor(moderates=True), actor(administers=True, server_id=0)):
        with pytest.raises(NotAdminError):
            await deed(house.manners, who)
    assert await house.store.rules.rules(HERE) == before
    assert house.kept == []


async def test_an_admin_of_another_server_changes_only_that_one(house: House) -> None:
    await house.manners.set_forced_flags(RIVAL, "--relax")
    await house.manners.save_style(RIVAL, "ink", "ink", None)
    rules = await house.store.rules.rules(HERE)
    assert (rules.house.forced_flags, rules.styles) == ("", ())


@pytest.mark.parametrize("deed", [*OF_MEMBERS, *OF_ADMINS])
async def test_who_is_shut_out_may_do_nothing(house: House, deed: Deed) -> None:
    await house.store.rules.ban(HERE, ADA.id, by=BO, now=1.0)
    with pytest.raises(BannedError):
        await deed(house.manners, actor(administers=True))
    assert await house.wishes.of(ADA.id) == await house.wishes.of(0)
