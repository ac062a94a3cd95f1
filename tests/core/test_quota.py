"""How the lines of server, roles, channel and person come together, and what they let in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.allowance import (
    ALL_MODELS,
    CEILING,
    EVERYONE,
    NO_LIMIT,
    Allowance,
    Amount,
    Grant,
    House,
    Line,
    Rules,
    Subject,
    Unit,
)
from core.errors import BannedError, DrainedError, QueueFullError, QuotaError, RefusedError
from core.periods import Period
from core.quota import (
    Admit,
    Ask,
    Pot,
    Scope,
    allowance,
    budgets,
    decide,
    member_allowance,
    pictures_computed,
)
from core.request import Lane, Visibility
from tests.builders import NOON, request

ARTISTS, PATRONS = Subject.role(11), Subject.role(12)
HERE = Subject.channel(20)
ADA = Subject.member(1)
TEN_A_DAY = Amount(Unit.PICTURES, Period.DAY, 10)
MINUTE_A_DAY = Amount(Unit.GPU_SECONDS, Period.DAY, 60)


def line(subject: Subject, *amounts: Amount, **says: Any) -> Line:
    return Line(subject, Allowance(amounts=amounts, **says))


def rules(*lines: Line, **more: Any) -> Rules:
    return Rules(lines=lines, **more)


def ask(ms: int = 1000, **changes: Any) -> Ask:
    return Ask(request(**changes), ms)


def spent(sums: dict[tuple[Scope, Unit], int] | None = None) -> Callable[[Pot], int]:
    known = sums or {}
    return lambda pot: 0 if pot.grant_id else known.get((pot.scope, pot.unit), 0)


def let_in(wanted: Ask, by: Rules, used: dict[tuple[Scope, Unit], int] | None = None) -> Admit:
    return decide(wanted, by, spent(used), 0, NOON)


PICTURES = (Scope.MEMBER, Unit.PICTURES)
SECONDS = (Scope.MEMBER, Unit.GPU_SECONDS)


class TestLines:
    def test_where_nothing_is_set_everything_is_allowed(self) -> None:
        assert allowance([]) == Allowance()
        assert let_in(ask(10**9, visibility=Visibility.STEALTH), Rules()) == Admit()

    def test_a_persons_own_line_wins_over_roles_and_these_over_the_servers(self) -> None:
        lines = [line(EVERYONE, max_steps=20, max_waiting=2), line(ARTISTS, max_steps=30)]
        assert member_allowance(lines) == Allowance(max_steps=30, max_waiting=2)
        lines.append(line(ADA, max_steps=5))
        assert member_allowance(lines) == Allowance(max_steps=5, max_waiting=2)

    def test_of_several_roles_the_most_generous_counts_for_each_limit(self) -> None:
        lines = [
            line(ARTISTS, max_steps=30, max_waiting=1, private=False, models=frozenset({"a"})),
            line(PATRONS, max_steps=20, max_waiting=9, private=True, models=frozenset({"b"})),
            line(EVERYONE, max_steps=99),
        ]
        assert member_allowance(lines) == Allowance(
            max_steps=30, max_waiting=9, private=True, models=frozenset({"a", "b"})
        )

    def test_the_most_generous_amount_is_the_one_that_lets_most_be_used_in_a_month(self) -> None:
        weekly = Amount(Unit.PICTURES, Period.WEEK, 100)
        for roles in ([line(ARTISTS, TEN_A_DAY), line(PATRONS, weekly)], [line(PATRONS, weekly)]):
            assert member_allowance(roles).amounts == (weekly,)
        hourly = Amount(Unit.PICTURES, Period.HOUR, 90)
        both = line(PATRONS, hourly, replace(TEN_A_DAY, limit=9))
        assert member_allowance([line(ARTISTS, TEN_A_DAY), both]).amounts == (TEN_A_DAY,)

    def test_amounts_of_one_unit_belong_together(self) -> None:
        everyone = line(EVERYONE, TEN_A_DAY, MINUTE_A_DAY)
        monthly = Amount(Unit.PICTURES, Period.MONTH, 500)
        assert set(member_allowance([everyone, line(ADA, monthly)]).amounts) == {
            monthly,
            MINUTE_A_DAY,
        }

    def test_a_line_can_lift_a_limit_of_the_server(self) -> None:
        free = line(ADA, replace(TEN_A_DAY, limit=NO_LIMIT), models=ALL_MODELS)
        by = rules(line(EVERYONE, TEN_A_DAY, models=frozenset({"sdxl"})), free)
        assert let_in(ask(), by, {PICTURES: 10**6}) == Admit()

    def test_a_channel_only_narrows(self) -> None:
        lines = [
            line(EVERYONE, max_steps=20, lanes=frozenset({Lane.FAST, Lane.RELAX}), private=True),
            line(HERE, max_steps=30, max_running=1, lanes=frozenset({Lane.RELAX}), private=False),
        ]
        assert allowance(lines) == Allowance(
            max_steps=20, max_running=1, lanes=frozenset({Lane.RELAX}), private=False
        )
        assert allowance([line(HERE, models=frozenset({"a"}))]).models == {"a"}
        assert allowance([line(HERE, relax_after=True)]).relax_after is None

    @given(st.permutations([line(ARTISTS, TEN_A_DAY), line(PATRONS, MINUTE_A_DAY), line(ADA)]))
    def test_the_order_of_the_lines_does_not_matter(self, lines: list[Line]) -> None:
        assert set(member_allowance(lines).amounts) == {TEN_A_DAY, MINUTE_A_DAY}


class TestAmounts:
    def test_a_job_fits_as_long_as_it_does_not_go_over(self) -> None:
        by = rules(line(EVERYONE, TEN_A_DAY))
        assert let_in(ask(), by, {PICTURES: 6}) == Admit()
        with pytest.raises(QuotaError, match="3 pictures left of 10 pictures per day, and this"):
            let_in(ask(), by, {PICTURES: 7})

    def test_a_refusal_says_when_the_amount_renews(self) -> None:
        by = rules(line(EVERYONE, MINUTE_A_DAY), house=House(time_zone="Europe/Berlin"))
        with pytest.raises(QuotaError) as refused:
            let_in(ask(), by, {SECONDS: 60_000})
        # Noon of the tests is 09:00 in Berlin.
        assert refused.value.renews_at == NOON + 15 * 3600
        assert refused.value.at("tonight") == (
            "You have used up your 60 s of GPU time per day. It renews tonight."
        )
        assert "It renews on 15 January at 23:00 UTC." in refused.value.sentence

    def test_what_could_never_fit_is_not_told_to_wait(self) -> None:
        with pytest.raises(QuotaError, match="more than the whole allowance") as refused:
            let_in(ask(61_000), rules(line(EVERYONE, MINUTE_A_DAY)))
        assert refused.value.renews_at is None

    def test_of_several_amounts_that_are_used_up_the_last_to_renew_is_told(self) -> None:
        monthly = Amount(Unit.PICTURES, Period.MONTH, 20)
        by = rules(line(EVERYONE, TEN_A_DAY, monthly))
        with pytest.raises(QuotaError, match="20 pictures per month"):
            let_in(ask(), by, {PICTURES: 20})

    def test_turbo_counts_twice(self) -> None:
        by = rules(line(EVERYONE, MINUTE_A_DAY))
        assert let_in(ask(30_000, lane=Lane.TURBO), by).price == 2
        with pytest.raises(QuotaError):
            let_in(ask(31_000, lane=Lane.TURBO), by)

    def test_a_channels_amounts_are_a_budget_of_their_own(self) -> None:
        by = rules(line(ADA, replace(TEN_A_DAY, limit=NO_LIMIT)), line(HERE, TEN_A_DAY))
        with pytest.raises(QuotaError, match="This channel has used up its 10 pictures per day"):
            let_in(ask(), by, {(Scope.CHANNEL, Unit.PICTURES): 10})

    def test_the_operators_ceiling_holds_for_relaxed_jobs_too(self) -> None:
        by = rules(line(CEILING, MINUTE_A_DAY), line(EVERYONE, relax_after=True))
        with pytest.raises(QuotaError, match="This server has used up its"):
            let_in(ask(lane=Lane.RELAX), by, {(Scope.SERVER, Unit.GPU_SECONDS): 60_000})

    def test_a_stored_picture_costs_nothing(self) -> None:
        by = rules(line(EVERYONE, TEN_A_DAY), house=House(drained=True))
        assert let_in(Ask(request(), 0, free=True), by, {PICTURES: 10}).price == 0


class TestRelax:
    def test_beyond_the_amounts_a_job_is_relaxed_where_that_is_allowed(self) -> None:
        by = rules(line(EVERYONE, TEN_A_DAY, relax_after=True))
        assert let_in(ask(), by, {PICTURES: 10}) == Admit(lane=Lane.RELAX, price=0)

    def test_whoever_chooses_it_pays_nothing_either(self) -> None:
        by = rules(line(EVERYONE, TEN_A_DAY, relax_after=True))
        assert let_in(ask(lane=Lane.RELAX), by) == Admit(lane=Lane.RELAX, price=0)

    def test_without_that_it_counts_like_any_other(self) -> None:
        by = rules(line(EVERYONE, TEN_A_DAY))
        assert let_in(ask(lane=Lane.RELAX), by).price == 1
        with pytest.raises(QuotaError):
            let_in(ask(lane=Lane.RELAX), by, {PICTURES: 10})

    def test_a_lane_that_is_not_allowed_is_no_way_out(self) -> None:
        fast = frozenset({Lane.FAST})
        by = rules(line(EVERYONE, TEN_A_DAY, relax_after=True, lanes=fast))
        with pytest.raises(QuotaError):
            let_in(ask(), by, {PICTURES: 10})


class TestGrants:
    EXTRA = Grant(id=5, subject=ADA, unit=Unit.PICTURES, amount=8, granted_at=NOON)

    def test_an_extra_pays_for_what_the_amounts_have_no_room_for(self) -> None:
        by = rules(line(EVERYONE, TEN_A_DAY), grants=(self.EXTRA,))
        assert let_in(ask(), by, {PICTURES: 4}).grant_id == 0
        assert let_in(ask(), by, {PICTURES: 10}) == Admit(grant_id=5)

    def test_the_one_that_ends_first_pays_first(self) -> None:
        soon = replace(self.EXTRA, id=6, expires_at=NOON + 60)
        by = rules(line(EVERYONE, TEN_A_DAY), grants=(self.EXTRA, soon))
        assert let_in(ask(), by, {PICTURES: 10}).grant_id == 6

    def test_one_that_is_over_or_used_up_pays_nothing(self) -> None:
        over = replace(self.EXTRA, expires_at=NOON)
        small = replace(self.EXTRA, amount=3)
        by = rules(line(EVERYONE, TEN_A_DAY), grants=(over, small))
        with pytest.raises(QuotaError):
            let_in(ask(), by, {PICTURES: 10})

    def test_it_does_not_pay_for_the_channel(self) -> None:
        by = rules(line(HERE, TEN_A_DAY), grants=(self.EXTRA,))
        with pytest.raises(QuotaError, match="This channel"):
            let_in(ask(), by, {(Scope.CHANNEL, Unit.PICTURES): 10})


class TestResets:
    def test_what_was_admitted_until_then_is_not_read(self) -> None:
        by = rules(line(EVERYONE, TEN_A_DAY), resets={ADA: NOON - 5, EVERYONE: NOON - 9})
        (budget,) = budgets(by, NOON)
        assert NOON - 5 < budget.pot.since < NOON - 4.99

    def test_an_old_one_changes_nothing_and_one_of_a_channel_is_the_channels(self) -> None:
        by = rules(
            line(EVERYONE, TEN_A_DAY),
            line(HERE, TEN_A_DAY),
            resets={ADA: NOON - 86400, HERE: NOON - 5},
        )
        channel, mine = budgets(by, NOON)
        assert channel.pot.since > NOON - 6
        assert mine.pot.since == mine.span.starts_at


class TestOtherLimits:
    @pytest.mark.parametrize(
        ("says", "wants", "sentence"),
        [
            ({"max_steps": 23}, {}, "use --steps 23"),
            ({"max_megapixels": 0.01}, {}, "128×128 is 0.016 megapixels; your limit here is 0.01"),
            ({"models": frozenset({"sdxl"})}, {}, "postcard is not allowed for you here; allowed"),
            ({"private": False}, {"visibility": Visibility.STEALTH}, "leave out --stealth"),
            ({"lanes": frozenset({Lane.FAST})}, {"lane": Lane.TURBO}, "allowed: --fast"),
        ],
    )
    def test_each_is_a_sentence_that_names_the_mend(
        self, says: dict[str, Any], wants: dict[str, Any], sentence: str
    ) -> None:
        with pytest.raises(RefusedError) as refused:
            let_in(ask(**wants), rules(line(EVERYONE, **says)))
        assert sentence in refused.value.sentence

    def test_several_are_told_at_once(self) -> None:
        by = rules(line(EVERYONE, max_steps=2, max_batch=1))
        with pytest.raises(RefusedError, match=r"--steps 2.*makes 3 jobs at once"):
            let_in(replace(ask(), batch=3), by)

    def test_the_usual_lane_becomes_relaxed_where_only_that_is_allowed(self) -> None:
        by = rules(line(EVERYONE, lanes=frozenset({Lane.RELAX})))
        assert let_in(ask(), by).lane is Lane.RELAX

    def test_as_many_may_wait_as_the_line_says(self) -> None:
        by = rules(line(EVERYONE, max_waiting=2))
        assert decide(ask(), by, spent(), 1, NOON)
        with pytest.raises(QueueFullError, match="You have 2 jobs waiting and the limit here is 2"):
            decide(ask(), by, spent(), 2, NOON)

    def test_how_many_may_run_beside_each_other_goes_with_the_job(self) -> None:
        assert let_in(ask(), rules(line(EVERYONE, max_running=1))).max_running == 1

    def test_a_drained_server_admits_nothing_and_a_banned_member_gets_nothing(self) -> None:
        with pytest.raises(DrainedError):
            let_in(ask(), rules(house=House(drained=True)))
        with pytest.raises(BannedError):
            let_in(Ask(request(), 0, free=True), rules(banned=True))


@pytest.mark.parametrize(
    ("count", "gpu_ms", "estimated", "computed"),
    [(4, 0, 1000, 0), (4, 500, 1000, 2), (4, 5000, 1000, 4), (1, 990, 1000, 1), (4, 5, 0, 0)],
)
def test_a_stopped_job_has_computed_its_share_of_pictures(
    count: int, gpu_ms: int, estimated: int, computed: int
) -> None:
    assert pictures_computed(count, gpu_ms, estimated) == computed
