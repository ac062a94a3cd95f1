"""Jobs, ledger and quotas under anything that can happen: the SQL stores and those in memory are
led through the same random life, must answer alike at every step, and their accounts must add up.

`make stateful` does it at length: 2,000 lives of 50 steps.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from core.allowance import CEILING, EVERYONE, Allowance, Amount, Subject, SubjectKind, Unit
from core.errors import RefusedError
from core.jobs import MOVES, Job, NewJob, Outcome, Owner, Place, State, in_set
from core.periods import Period
from core.ports import Admission, Check, JobStore, LedgerEntry, Usage
from core.quota import Admit, Ask, allowance, decide, member_allowance
from storage.opening import Storage, open_storage
from tests.storage.build import ADA, AT_THE_SHELL, BEN, ON_DISCORD, AtMost, new_job, pictures
from tests.storage.conftest import Books, in_memory, of_database

T = TypeVar("T")

COSTS = st.integers(0, 5000)
DEEDS = st.sampled_from(
    ["works", "lives", "finishes", "fails", "stops", "gives back", "is stopped politely"]
)
KINDS = st.sampled_from(["on Discord", "at the shell", "free", "a set"])
EVENTS = st.sampled_from(
    [
        "time passes",
        "the owner cancels",
        "it is delivered",
        "Discord repeats itself",
        "it moves to relax",
        "a period ends",
    ]
)
ADMIN = Owner(99, "Eva")
CY = Owner(3, "Cy")
SERVER, CHANNEL = ON_DISCORD.server_id, ON_DISCORD.channel_id
ARTISTS = Subject.role(5)
SUBJECTS = st.sampled_from(
    [EVERYONE, ARTISTS, Subject.member(ADA.id), Subject.channel(CHANNEL), CEILING]
)
AMOUNTS = st.builds(
    Amount,
    st.sampled_from(Unit),
    # Their bounds are plain to work out a second time.
    st.sampled_from([Period.HOUR, Period.DAY]),
    st.integers(0, 20),
)
# Less than a few jobs need, and not always a whole number of jobs.
LITTLE = st.builds(
    Amount, st.sampled_from(Unit), st.sampled_from([Period.HOUR, Period.DAY]), st.integers(0, 11)
)
LINES = st.builds(
    Allowance,
    amounts=st.lists(AMOUNTS, max_size=2, unique_by=lambda a: (a.unit, a.period)).map(tuple),
    max_running=st.sampled_from([None, None, 1]),
    relax_after=st.sampled_from([None, True, False]),
)
ACTS = st.sampled_from(["line", "line", "grant", "reset", "ban", "unban", "drain", "open"])
SECONDS = {Period.HOUR: 3600.0, Period.DAY: 86400.0}
LIMIT = 6
LEASE = 30.0

USUAL_LIVES, USUAL_STEPS = 8, 25
LIVES = int(os.environ.get("EASEL_TEST_LIVES", USUAL_LIVES))
STEPS = int(os.environ.get("EASEL_TEST_STEPS", USUAL_STEPS))


def plain(answer: Any) -> Any:
    """Answers without the sentence, which each store words for itself."""
    if isinstance(answer, Job):
        return replace(answer, error="an error" if answer.error else "")
    if isinstance(answer, Admission):
        return answer.repeated, plain(answer.job)
    if isinstance(answer, list | tuple):
        return [plain(one) for one in answer]
    return answer


async def answer(asked: Awaitable[Any]) -> Any:
    """What comes of it; a refusal as its kind and its sentence."""
    try:
        return await asked
    except RefusedError as error:
        return type(error), error.sentence


async def admitted(store: JobStore, new: NewJob) -> Any:
    return await answer(store.admit(new, as_the_studio(new)))


class Life(RuleBasedStateMachine):
    """Members, workers that die or come late, cancellations, deliveries, a clock that rises."""

    migrated: Path
    jobs = Bundle("jobs")
    claims = Bundle("claims")

    def __init__(self) -> None:
        super().__init__()
        # In memory where there is such a folder: syncing is not what this is about.
        memory = Path("/dev/shm")
        self._folder = Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else None))
        shutil.copyfile(self.migrated, self._folder / "easel.db")
        self._runner = asyncio.Runner()
        self._opened = AsyncExitStack()
        self._memory = in_memory()
        self._open()
        self.now = 86400.0 * 3 + 1000.0
        self._before: dict[str, Job] = {}

    def _open(self) -> None:
        storage: Storage = self._runner.run(
            self._opened.enter_async_context(open_storage(self._folder))
        )
        self._storage = storage
        self._books = [self._memory, of_database(storage)]

    def teardown(self) -> None:
        self._runner.run(self._opened.aclose())
        self._runner.close()
        shutil.rmtree(self._folder)

    def both(self, act: Any) -> Any:
        """Does the same to both stores; their answers, or errors, must be the same."""
        return self._both(lambda books: act(books.jobs))

    def rule_both(self, act: Any) -> Any:
        """The same with both rulebooks."""
        return self._both(lambda books: act(books.rules))

    def _both(self, act: Callable[[Books], Awaitable[Any]]) -> Any:
        memory, sql = (self._runner.run(answer(act(books))) for books in self._books)
        assert plain(memory) == plain(sql)
        return sql

    # Few rules, each with much to draw: Hypothesis leaves whole rules out of a run at random.

    @initialize(target=jobs, subject=SUBJECTS, little=LITTLE, costs=st.tuples(COSTS, COSTS))
    def members_start(self, subject: Subject, little: Amount, costs: tuple[int, int]) -> Any:
        ada, ben = costs
        first = self._ask(ADA, ada, ON_DISCORD, free=False)
        together = self._ask_set(CY, ada, 2 + ada % 3)
        # Some of these would still find room.
        assert self._ask_set(CY, ben, 5) == []
        return multiple(first, *together, *self._click(BEN, subject, little, ben, 4))

    @rule(target=jobs, owner=st.sampled_from([ADA, BEN]), cost=COSTS, kind=KINDS)
    def somebody_asks(self, owner: Owner, cost: int, kind: str) -> Any:
        if kind == "a set":
            return multiple(*self._ask_set(owner, cost, 2 + cost % 3))
        place = AT_THE_SHELL if kind == "at the shell" else ON_DISCORD
        answer = self._ask(owner, cost, place, free=kind == "free")
        return multiple() if answer is None else answer

    @rule(
        target=jobs,
        owner=st.sampled_from([ADA, BEN]),
        subject=SUBJECTS,
        little=LITTLE,
        cost=COSTS,
        clicks=st.integers(2, 5),
    )
    def somebody_clicks_at_once_where_little_is_left(
        self, owner: Owner, subject: Subject, little: Amount, cost: int, clicks: int
    ) -> Any:
        return multiple(*self._click(owner, subject, little, cost, clicks))

    def _click(
        self, owner: Owner, subject: Subject, little: Amount, cost: int, clicks: int
    ) -> list[NewJob]:
        """All clicks come to the database at once, to the store in memory then in that order."""
        line = Allowance(amounts=(little,))
        said = {"by": ADMIN, "now": self.now}
        self.rule_both(lambda book: book.change_line(SERVER, subject, lambda _: line, **said))
        news = [self._new(owner, cost, ON_DISCORD, free=False) for _ in range(clicks)]
        memory, sql = (books.jobs for books in self._books)

        async def at_once() -> list[Any]:
            return await asyncio.gather(*(admitted(sql, new) for new in news))

        answers = dict(zip(news, self._runner.run(at_once()), strict=True))
        # Those that were let in came first; the others must find no room in memory either.
        ordered = sorted(news, key=lambda new: not isinstance(answers[new], Admission))
        for new in ordered:
            assert plain(self._runner.run(admitted(memory, new))) == plain(answers[new])
        let_in = [new for new in ordered if isinstance(answers[new], Admission)]
        for new in let_in:
            self._check_within_the_amounts(answers[new].job, new.role_ids)
        return let_in

    def _ask(self, owner: Owner, reserve_ms: int, place: Place, *, free: bool) -> NewJob | None:
        new = self._new(owner, reserve_ms, place, free=free)
        answer = self.both(lambda store: store.admit(new, as_the_studio(new)))
        if not isinstance(answer, Admission):
            return None
        if place.on_discord and not free:
            self._check_within_the_amounts(answer.job, new.role_ids)
        return new

    def _ask_set(self, owner: Owner, cost: int, count: int) -> list[NewJob]:
        """Several jobs of one command, of which all are let in or none; and the same once more."""
        jobs = [self._new(owner, cost, ON_DISCORD, free=False) for _ in range(count)]
        event = jobs[0].interaction_id
        news = [
            replace(new, interaction_id=in_set(event, number)) for number, new in enumerate(jobs, 1)
        ]
        checks = [as_the_studio(new) for new in news]
        before = len(self.both(lambda store: store.ledger()))
        answer = self.both(lambda store: store.admit_set(news, checks))
        added = len(self.both(lambda store: store.ledger())) - before
        if not isinstance(answer[0], Admission):
            assert added == 0
            return []
        assert added == count
        for new, admission in zip(news, answer, strict=True):
            assert admission.job.id == new.id
            self._check_within_the_amounts(admission.job, new.role_ids)
        again = self.both(lambda store: store.admit_set(news[:1], checks[:1]))
        assert [each.job.id for each in again] == [new.id for new in news]
        return news

    def _new(self, owner: Owner, reserve_ms: int, place: Place, *, free: bool) -> NewJob:
        return new_job(
            owner,
            place,
            reserve_ms=reserve_ms,
            created_at=self.now,
            images=tuple(pictures("elsewhere", 1)) if free else (),
            # Ben is an artist.
            role_ids=(ARTISTS.id,) if owner == BEN else (),
        )

    def _check_within_the_amounts(self, job: Job, roles: tuple[int, ...]) -> None:
        """Worked out from the lines of the ledger alone, in another way than the product does."""
        rules = self.rule_both(lambda book: book.rules(SERVER))
        mine = rules.for_member(job.owner.id, roles, CHANNEL)
        lines: list[LedgerEntry] = self.both(lambda store: store.ledger())
        grant = next(line.grant_id for line in lines if line.job_id == job.id)
        here = [line for line in lines if line.server_id == SERVER]
        resets: dict[SubjectKind, list[float]] = {kind: [0.0] for kind in SubjectKind}
        for subject, at in mine.resets.items():
            resets[subject.kind].append(at)

        def within(amounts: tuple[Amount, ...], of: list[LedgerEntry], reset: float) -> None:
            for amount in amounts:
                start = self.now // SECONDS[amount.period] * SECONDS[amount.period]
                counted = [x for x in of if x.admitted_at >= start and x.admitted_at > reset]
                if amount.unit is Unit.PICTURES:
                    assert sum(line.charged_pictures for line in counted) <= amount.limit
                else:
                    assert sum(line.charged_ms for line in counted) <= amount.limit * 1000

        if grant:
            (given,) = (given for given in mine.grants if given.id == grant)
            paid = [x for x in here if x.grant_id == grant and x.owner_id == job.owner.id]
            held = sum(line.charged_pictures for line in paid)
            if given.unit is Unit.GPU_SECONDS:
                held = sum(line.charged_ms for line in paid) // 1000
            assert held <= given.amount
            assert given.holds_at(self.now)
        elif job.price:
            own = [x for x in here if x.owner_id == job.owner.id and x.grant_id == 0]
            kinds = (SubjectKind.MEMBER, SubjectKind.ROLE, SubjectKind.SERVER)
            reset = max(at for kind in kinds for at in resets[kind])
            within(member_allowance(mine.lines).amounts, own, reset)
        if job.price:
            shared = rules.of(Subject.channel(CHANNEL)).amounts
            at_channel = [line for line in here if line.channel_id == CHANNEL]
            within(shared, at_channel, max(resets[SubjectKind.CHANNEL]))
        else:
            assert allowance(mine.lines).relax_after
        whole = [
            replace(line, charged_ms=line.gpu_ms, charged_pictures=line.pictures) for line in here
        ]
        within(rules.of(CEILING).amounts, whole, max(resets[SubjectKind.CEILING]))

    @rule(act=ACTS, subject=SUBJECTS, line=LINES, extra=AMOUNTS, owner=st.sampled_from([ADA, BEN]))
    def an_admin_acts(
        self, act: str, subject: Subject, line: Allowance, extra: Amount, owner: Owner
    ) -> None:
        said = {"by": ADMIN, "now": self.now}
        if act == "line":
            self.rule_both(lambda book: book.change_line(SERVER, subject, lambda _: line, **said))
        elif act == "grant":
            ends = self.now + SECONDS[extra.period]
            whom = subject if subject in (EVERYONE, ARTISTS) else Subject.member(owner.id)
            self.rule_both(
                lambda book: book.grant(
                    SERVER, whom, extra.unit, extra.limit, expires_at=ends, **said
                )
            )
        elif act == "reset":
            self.rule_both(lambda book: book.reset(SERVER, subject, **said))
        elif act == "ban":
            self.rule_both(lambda book: book.ban(SERVER, owner.id, **said))
        elif act == "unban":
            self.rule_both(lambda book: book.unban(SERVER, owner.id, **said))
        else:
            self.rule_both(
                lambda book: book.change_house(
                    SERVER, lambda house: replace(house, drained=act == "drain"), **said
                )
            )

    @rule()
    def easel_starts_again(self) -> None:
        self._runner.run(self._opened.aclose())
        self._open()

    @rule(target=claims, new=jobs, by=st.sampled_from(["alive", "dead"]), does=DEEDS, cost=COSTS)
    def a_worker_takes_it(self, new: NewJob, by: str, does: str, cost: int) -> Any:
        claim = self._claim(new.id, by)
        if claim is None:
            return multiple()
        self._tell(claim, does, cost)
        return claim

    @rule(claim=claims, does=DEEDS, cost=COSTS, late=st.booleans())
    def a_worker_tells(self, claim: Job, does: str, cost: int, late: bool) -> None:
        """Late: the lease is over, and another has the job by then, unless it ended."""
        if late:
            self._let_time_pass(LEASE)
            self._claim(claim.id, "alive")
        self._tell(claim, does, cost)

    @rule(new=jobs, what=EVENTS, passed=st.floats(0.5, 60.0))
    def something_happens(self, new: NewJob, what: str, passed: float) -> None:
        if what == "time passes":
            self._let_time_pass(passed)
        elif what == "a period ends":
            self._let_time_pass(passed * 1440.0)
        elif what == "it moves to relax":
            self.both(lambda store: store.relax(new.id, self.now, free=passed > 30.0))
        elif what == "the owner cancels":
            self.both(lambda store: store.cancel(new.id, self.now))
        elif what == "it is delivered":
            self.both(lambda store: store.posting(new.id, self.now))
            self.both(lambda store: store.delivered(new.id, Outcome.POSTED, self.now, 5))
        else:
            again = self.both(lambda store: store.admit(replace(new, id="again"), AtMost(0)))
            assert again.repeated
            assert again.job.id == new.id

    def _let_time_pass(self, seconds: float) -> None:
        self.now += seconds
        self.both(lambda store: store.recover(self.now, lambda holder: holder == "dead"))

    def _claim(self, id: str, by: str) -> Job | None:
        until = self.now + LEASE
        return self.both(lambda store: store.claim(id, by=by, now=self.now, lease_until=until))

    def _tell(self, claim: Job, does: str, gpu_ms: int) -> None:
        id, fence, now = claim.id, claim.fence, self.now
        made = pictures(id)
        deeds: dict[str, Callable[[JobStore], Awaitable[Any]]] = {
            "works": lambda store: store.get(id),
            "lives": lambda store: store.extend_lease(id, fence, now + LEASE),
            "finishes": lambda store: store.finish(
                id, fence, images=made, grid="g", gpu_ms=gpu_ms, now=now
            ),
            "fails": lambda store: store.fail(id, fence, sentence="No.", now=now),
            "stops": lambda store: store.cancelled(id, fence, gpu_ms=gpu_ms, now=now),
            "gives back": lambda store: store.requeue(id, fence),
            "is stopped politely": lambda store: store.requeue(id, fence, tried=False),
        }
        self.both(deeds[does])

    @invariant()
    def every_account_adds_up(self) -> None:
        async def read(store: JobStore) -> list[Any]:
            lines, history = await store.ledger(), await store.history(None, limit=1000)
            owed = await store.undelivered()
            return [lines, history, owed, await store.waiting(), await store.running()]

        lines, history, owed, waiting, running = self.both(read)
        self._check_moves(history)
        assert {job.id for job in owed} == {
            job.id
            for job in history
            if job.state.ended and job.place.on_discord and job.delivered_at is None
        }
        for job in history:
            mine = [line for line in lines if line.job_id == job.id]
            total = sum(line.gpu_ms for line in mine)
            assert total == (job.reserve_ms if job.cost_ms is None else job.cost_ms)
            assert total >= 0
            assert (job.cost_ms is not None) == job.state.ended
            assert len({line.kind for line in mine}) == len(mine) <= 3
            charged = sum(line.charged_ms for line in mine)
            assert charged == total * job.price
            made = sum(line.pictures for line in mine)
            assert sum(line.charged_pictures for line in mine) == made * min(job.price, 1)
            if mine:
                assert 0 <= made <= max(job.request.count, 4)
            if job.state is State.FAILED:
                assert total == charged == made == 0
        assert {line.job_id for line in lines} <= {job.id for job in history}
        open_jobs = [job.owner_id for job in waiting] + [job.owner.id for job in running]
        assert all(open_jobs.count(owner) <= LIMIT for owner in open_jobs)
        assert self._runner.run(self._storage.jobs.drift()) == []

    def _check_moves(self, history: list[Job]) -> None:
        """Legal ones only; a fence never falls, and a delivery is noted once."""
        for job in history:
            before = self._before.get(job.id, job)
            # Between two looks it may have gone on and come back.
            reached = {before.state} | MOVES[before.state]
            for state in list(reached):
                reached |= MOVES[state]
            assert job.state in reached
            assert job.fence >= before.fence
            assert 0 <= job.attempts <= job.fence
            if before.delivered_at is not None:
                assert (job.delivered_at, job.outcome) == (before.delivered_at, before.outcome)
            if before.state.ended:
                assert (job.state, job.cost_ms) == (before.state, before.cost_ms)
        self._before = {job.id: job for job in history}


def as_the_studio(new: NewJob) -> Check:
    """Decides by the operator's limit, then by the server's rules."""
    most = AtMost(LIMIT)
    ask = Ask(new.request, new.reserve_ms, free=bool(new.images))

    def check(usage: Usage) -> Admit:
        most(usage)
        return decide(ask, usage.rules, usage.spent, usage.waiting_here, new.created_at)

    return check


@pytest.mark.timeout(120 if LIVES <= USUAL_LIVES else 0)
def test_the_ledger_is_exact_whatever_happens(migrated: Path) -> None:
    Life.migrated = migrated
    run_state_machine_as_test(
        Life,
        settings=settings(
            # Each step talks to a disk, so there are few and a failure is not made smaller.
            max_examples=LIVES,
            stateful_step_count=STEPS,
            phases=[Phase.generate],
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
