"""What a line asks for, with what its member prefers and what their server adds."""

from __future__ import annotations

import random
import time
from dataclasses import replace
from typing import Any

import pytest

from core.allowance import EVERYONE, Allowance, House
from core.compose import Limits
from core.errors import BannedError, PromptError, RefusedError
from core.jobs import MOST_IN_A_SET
from core.models import Catalogue
from core.orders import USUAL_MOST, Customs, Order, Orders
from core.preferences import Preferences
from core.request import MAX_SEED, HouseStyle, Lane, Request, Visibility
from tests.builders import ADA, BO, NOON, actor
from tests.fakes.memory_store import MemoryJobStore
from tests.fakes.memory_wishes import MemoryWishes

INK = HouseStyle(name="ink", text="ink on paper")
NEON = HouseStyle(name="neon", text="neon lights")


@pytest.fixture
def orders() -> Orders:
    catalogue = Catalogue.parse("[postcard]\n[sdxl]")
    rules = MemoryJobStore().rules
    return Orders(catalogue, Limits(), random.Random(5), rules, MemoryWishes())


def read(orders: Orders, line: str, customs: Customs | None = None, **how: Any) -> Order:
    return orders.read(line, customs or Customs(), **how)


def customs(default: str = "", suffix: str = "", forced: str = "", **options: str) -> Customs:
    house = House(default_flags=default, forced_flags=forced, style="ink")
    return Customs(
        preferences=Preferences(options=options, suffix=suffix),
        house=house,
        styles={"ink": INK, "neon": NEON},
    )


class TestOne:
    def test_a_plain_line_is_one_request(self, orders: Orders) -> None:
        order = read(orders, "a fox --seed 7")
        (request,) = order.requests
        assert (request.text, request.seed, order.replaced) == ("a fox", 7, ())
        assert order.pictures == request.count

    def test_what_is_wrong_is_told_at_once_whoever_finds_it(self, orders: Orders) -> None:
        line = "a fox --ar 20:1 --v 7 --steps 100"
        with pytest.raises(PromptError) as caught:
            read(orders, line)
        assert [problem.sentence.split(".")[0] for problem in caught.value.problems] == [
            "--ar goes from 1:14 to 14:1, not “20:1”",
            "Version 7 is not among the models here: postcard, sdxl",
            "postcard takes 1 to 60 steps, not 100",
        ]
        assert caught.value.typed == line
        assert caught.value.mended == "a fox --ar 14:1 --model postcard --steps 60"

    def test_a_mend_that_leads_to_a_refusal_is_none(self, orders: Orders) -> None:
        with pytest.raises(PromptError) as caught:
            read(orders, "a fox --ar 20:1 --model xyzzy")
        assert "no model called “xyzzy”" in caught.value.sentence
        assert caught.value.mended is None
        with pytest.raises(PromptError) as caught:
            read(orders, "a fox --repeat 5000")
        assert len(caught.value.problems) == 2
        assert caught.value.mended is None

    def test_a_saved_option_stands_for_its_text(self, orders: Orders) -> None:
        mine = customs(film="grainy film --cfg 3 --ar 3:2")
        (request,) = read(orders, "a fox --film --seed 7", mine).requests
        assert request.text == "a fox grainy film"
        assert (request.guidance, request.aspect, request.seed) == (3.0, (3, 2), 7)

    def test_an_option_is_never_an_option_inside_another(self, orders: Orders) -> None:
        with pytest.raises(PromptError, match="--film"):
            read(orders, "a fox --both", customs(film="grainy", both="--film --ar 3:2"))

    def test_the_layers_are_merged(self, orders: Orders) -> None:
        mine = customs("--ar 3:2 --cfg 2", "--turbo --cfg 3", "--relax")
        order = read(orders, "a fox --cfg 5 --fast", mine)
        (request,) = order.requests
        assert (request.aspect, request.guidance, request.lane) == ((3, 2), 5.0, Lane.RELAX)
        assert [(one.typed, one.by) for one in order.replaced] == [("--fast", "--relax")]

    def test_the_servers_style_is_used_unless_another_is_asked_for(self, orders: Orders) -> None:
        def style(line: str) -> HouseStyle | None:
            return read(orders, line, customs()).requests[0].style

        assert style("a fox") == style("a fox --stylize 400")
        assert getattr(style("a fox"), "text", None) == INK.text
        assert getattr(style("a fox --style neon"), "text", None) == NEON.text
        assert style("a fox --raw") is style("a fox --s 0") is None

    def test_an_error_names_what_was_not_typed(self, orders: Orders) -> None:
        with pytest.raises(PromptError) as refusal:
            read(orders, "a fox --cfg 4", customs(forced="--model nowhere"))
        assert "this counts: --model nowhere" in refusal.value.sentence
        with pytest.raises(PromptError) as refusal:
            read(orders, "a fox --model nowhere", customs())
        assert "this counts" not in refusal.value.sentence

    def test_a_mistake_of_ones_own_keeps_its_mend_beside_a_suffix(self, orders: Orders) -> None:
        with pytest.raises(PromptError) as refusal:
            read(orders, "a fox --steps 100", customs(suffix="--relax"))
        assert refusal.value.mended is not None
        assert refusal.value.mended.startswith("a fox --steps ")
        assert "--relax" not in refusal.value.mended
        with pytest.raises(PromptError) as refusal:
            read(orders, "a fox", customs(suffix="--steps 100"))
        assert refusal.value.mended is None
        assert "this counts: --steps 100" in refusal.value.sentence

    def test_what_cannot_be_read_any_more_is_left_out_unless_it_is_forced(
        self, orders: Orders
    ) -> None:
        (request,) = read(orders, "a fox", customs("--gone 3", "--lost")).requests
        assert request.text == "a fox"
        with pytest.raises(PromptError, match="forces cannot be read"):
            read(orders, "a fox", customs(forced="--gone 3"))

    def test_what_a_model_refuses_is_told_beside_what_has_no_sure_mend(
        self, orders: Orders
    ) -> None:
        with pytest.raises(PromptError) as caught:
            read(orders, "a fox --uplight --steps 100 --sref https://x.example/a.png --iw 9 --foo")
        told = caught.value.sentence
        assert "--foo" in told
        assert "--uplight" in told
        assert "--iw goes from 0 to 3" in told
        assert "No model here can do --sref." in told
        assert "postcard takes 1 to 60 steps, not 100." in told
        assert "needs a picture" not in told
        assert caught.value.mended is None

    def test_nothing_is_said_of_a_model_whose_name_could_not_be_read(self, orders: Orders) -> None:
        with pytest.raises(PromptError) as caught:
            read(orders, "a fox --model ??? --uplight --steps 100")
        assert "steps" not in caught.value.sentence


class TestSettings:
    """What a panel says counts under the suffix, and both under what is typed."""

    def read(self, orders: Orders, line: str, suffix: str = "", forced: str = "") -> Request:
        kept = customs(default="--ar 2:1 --fast --s 10", suffix=suffix, forced=forced)
        chosen = replace(
            kept.preferences,
            model="sdxl",
            stylize=50,
            lane=Lane.RELAX,
            visibility=Visibility.STEALTH,
        )
        (request,) = read(orders, line, replace(kept, preferences=chosen)).requests
        return request

    def test_they_count_where_nobody_says_otherwise(self, orders: Orders) -> None:
        made = self.read(orders, "a fox")
        assert (made.model, made.stylize, made.aspect) == ("sdxl", 50, (2, 1))
        assert (made.lane, made.visibility) == (Lane.RELAX, Visibility.STEALTH)

    def test_the_suffix_goes_before_them_and_what_is_typed_before_both(
        self, orders: Orders
    ) -> None:
        assert self.read(orders, "a fox", "--turbo --s 60").lane is Lane.TURBO
        assert self.read(orders, "a fox --s 70", "--turbo --s 60").stylize == 70
        made = self.read(orders, "a fox --public --fast --model postcard --raw")
        assert (made.visibility, made.lane) == (Visibility.PUBLIC, Lane.FAST)
        assert (made.model, made.style) == ("postcard", None)

    def test_what_the_server_forces_goes_before_everything(self, orders: Orders) -> None:
        made = self.read(orders, "a fox --turbo", "--turbo", forced="--fast --public")
        assert (made.lane, made.visibility) == (Lane.FAST, Visibility.PUBLIC)

    def test_a_model_named_beside_the_line_takes_the_place_of_the_usual(
        self, orders: Orders
    ) -> None:
        kept = customs()
        chosen = replace(kept, preferences=replace(kept.preferences, model="sdxl"))
        (made,) = read(orders, "a fox", chosen, model="postcard").requests
        assert made.model == "postcard"

    async def test_what_is_not_here_or_not_allowed_here_is_left_out(self) -> None:
        rules, wishes = MemoryJobStore().rules, MemoryWishes()
        orders = Orders(Catalogue.parse(""), Limits(), random.Random(5), rules, wishes)
        await wishes.change(ADA.id, lambda p: replace(p, model="long gone", lane=Lane.TURBO))
        slow = Allowance(lanes=frozenset({Lane.FAST}), max_megapixels=0.5)
        await rules.change_line(actor().server_id, EVERYONE, lambda _: slow, by=BO, now=NOON)
        kept = await orders.customs(actor())
        assert (kept.preferences.model, kept.preferences.lane) == (None, None)
        assert kept.max_megapixels == 0.5
        assert (await orders.customs(actor(server_id=99))).preferences.lane is Lane.TURBO

    async def test_a_model_that_only_paints_by_now_is_left_out_too(self) -> None:
        rules, wishes = MemoryJobStore().rules, MemoryWishes()
        here = Catalogue.parse("[sdxl]\ninpainting = 'fill'\n[fill]\nsource = 'fill'")
        orders = Orders(here, Limits(), random.Random(5), rules, wishes)
        await wishes.change(ADA.id, lambda p: replace(p, model="fill"))
        assert (await orders.customs(actor())).preferences.model is None


class TestSeveral:
    def test_every_permutation_keeps_its_own_line(self, orders: Orders) -> None:
        order = read(orders, "a {red, blue} {fox --ar 3:2, hat --n 2} --cfg 3")
        assert [(one.text, one.aspect, one.count) for one in order.requests] == [
            ("a red fox", (3, 2), 4),
            ("a red hat", (1, 1), 2),
            ("a blue fox", (3, 2), 4),
            ("a blue hat", (1, 1), 2),
        ]
        assert order.pictures == 12
        assert len({one.seed for one in order.requests}) == 4

    def test_repeats_differ_by_their_seeds(self, orders: Orders) -> None:
        free = read(orders, "a fox --repeat 3").requests
        assert len({one.seed for one in free}) == 3
        assert {replace(one, seed=0) for one in free} == {replace(free[0], seed=0)}
        typed = read(orders, f"a fox --repeat 3 --seed {MAX_SEED - 1}").requests
        assert [one.seed for one in typed] == [MAX_SEED - 1, MAX_SEED, 0]

    def test_repeats_multiply_permutations(self, orders: Orders) -> None:
        assert len(read(orders, "a {red, blue} fox --repeat 5").requests) == 10
        assert len(read(orders, "a fox {--repeat 2, --repeat 3}").requests) == 5

    @pytest.mark.parametrize(
        ("line", "count"),
        [
            ("a {1,2,3,4,5,6,7,8,9,10,11} fox", "11"),
            ("a fox --repeat 11", "11"),
            ("a {red, blue, green} fox --repeat 6", "18"),
            ("a fox {--repeat 2, --repeat 10}", "12"),
            (" ".join(["{a,b,c,d,e,f,g,h,i,j}"] * 9), "1,000,000,000"),
        ],
    )
    def test_too_many_are_refused_with_their_number(
        self, orders: Orders, line: str, count: str
    ) -> None:
        began = time.perf_counter()
        with pytest.raises(RefusedError, match=f"makes {count} jobs at once; your limit here is"):
            read(orders, line)
        assert time.perf_counter() - began < 0.5

    def test_what_is_wrong_in_any_of_them_is_told_once(self, orders: Orders) -> None:
        with pytest.raises(PromptError) as refusal:
            read(orders, "a {red, blue} fox {--ar 99:1, --cfg 99, --ar 3:2}")
        assert len(refusal.value.problems) == 2
        assert refusal.value.mended is None

    def test_broken_braces_are_a_sentence(self, orders: Orders) -> None:
        with pytest.raises(PromptError, match="not closed"):
            read(orders, "a {red, blue fox")

    def test_braces_that_are_letters_make_one(self, orders: Orders) -> None:
        assert [one.text for one in read(orders, r"a \{red, blue\} fox").requests] == [
            "a {red, blue} fox"
        ]


class TestCustoms:
    async def test_they_are_those_of_the_person_and_of_the_server(self) -> None:
        store, wishes = MemoryJobStore(), MemoryWishes()
        here = actor().server_id
        orders = Orders(Catalogue.parse(""), Limits(), random.Random(5), store.rules, wishes)
        assert await orders.customs(actor()) == Customs()
        kept = await wishes.change(ADA.id, lambda p: p.with_suffix("--relax"))
        await store.rules.change_style(here, "ink", lambda _: INK, by=BO, now=NOON)
        house = await store.rules.change_house(
            here, lambda h: replace(h, style="ink", default_flags="--ar 3:2"), by=BO, now=NOON
        )
        assert await orders.customs(actor()) == Customs(
            preferences=kept, house=house, styles={"ink": INK}
        )
        assert (await orders.customs(actor())).style == INK
        assert (await orders.customs(actor(BO))).preferences == Preferences()
        elsewhere = await orders.customs(replace(actor(), server_id=99))
        assert elsewhere == Customs(preferences=kept)

    async def test_who_is_shut_out_has_none(self) -> None:
        store = MemoryJobStore()
        catalogue = Catalogue.parse("")
        orders = Orders(catalogue, Limits(), random.Random(5), store.rules, MemoryWishes())
        await store.rules.ban(actor().server_id, ADA.id, by=BO, now=NOON)
        with pytest.raises(BannedError):
            await orders.customs(actor())
        assert await orders.customs(replace(actor(), server_id=99)) == Customs()

    @pytest.mark.parametrize(("allowed", "most"), [(3, 3), (50, 50), (10**9, MOST_IN_A_SET)])
    async def test_the_allowance_says_how_many_jobs_one_command_may_make(
        self, allowed: int, most: int
    ) -> None:
        store = MemoryJobStore()
        orders = Orders(
            Catalogue.parse(""), Limits(), random.Random(5), store.rules, MemoryWishes()
        )
        assert (await orders.customs(actor())).most == USUAL_MOST
        line = Allowance(max_batch=allowed)
        await store.rules.change_line(actor().server_id, EVERYONE, lambda _: line, by=BO, now=NOON)
        assert (await orders.customs(actor())).most == most
