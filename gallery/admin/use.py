"""What was made on a server, over time and by member, and what is left of each amount."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil

from starlette.responses import Response

from core.allowance import NO_LIMIT, Unit
from core.amounts import in_pot, per_words, told
from core.chart import WINDOWS, Window, member_chart, name_of, server_chart
from core.ports import Use
from core.quota import Scope
from core.sentences import say
from core.usage import Balance, Sum, by_member, report_csv
from gallery.admin.desk import Desk, admins_desk, number_in
from gallery.admin.plot import number, plot
from gallery.ask import Ask, Way
from gallery.errors import NotHereError
from gallery.limits import Cost

NOW_TOO = 1.0
"""A time of use ends before its last moment; a job of this very second is used as well."""

UNITS = {"": Unit.GPU_SECONDS, "pictures": Unit.PICTURES}
"""By what the address says."""

SCOPES = {
    Scope.MEMBER: say("This member"),
    Scope.CHANNEL: say("The channel"),
    Scope.SERVER: say("The whole server"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """`share` of the one with most, in hundredths."""

    id: int
    name: str
    jobs: int
    pictures: int
    minutes: str
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What is left of an amount; `share` in hundredths. `renews_at` in Unix seconds."""

    whose: str
    words: str
    left: str
    share: float
    renews_at: float


async def use(ask: Ask) -> Response:
    desk = await admins_desk(ask)
    name, window, unit = _asked(ask)
    uses = await _uses(ask, desk, window)
    now = ask.deps.clock.now()
    chart = server_chart(uses, desk.names, window, now, desk.time_zone, unit)
    return ask.page(
        "admin/use.html",
        desk=desk,
        tab="use",
        windows=WINDOWS,
        window=name,
        unit=ask.query("unit"),
        plot=plot(chart),
        total=_total(uses),
        members=_members(uses, desk, unit),
        minutes=_minutes,
    )


async def member(ask: Ask) -> Response:
    desk = await admins_desk(ask)
    member_id = number_in(ask, "member")
    name, window, _ = _asked(ask)
    uses = [one for one in await _uses(ask, desk, window) if one.owner_id == member_id]
    if not uses and member_id not in desk.names:
        raise NotHereError
    standing = await ask.deps.membership.of(member_id, desk.server_id)
    statement = await ask.deps.steward.usage_of(
        desk.actor, desk.server_id, member_id, standing.role_ids
    )
    now = ask.deps.clock.now()
    chart = member_chart(uses, window, now, desk.time_zone, statement.balances)
    return ask.page(
        "admin/member.html",
        desk=desk,
        tab="use",
        id=member_id,
        name=name_of(member_id, desk.names),
        windows=WINDOWS,
        window=name,
        plot=plot(chart),
        total=_total(uses),
        balances=[
            _left(one) for one in statement.balances if one.limit < in_pot(one.unit, NO_LIMIT)
        ],
        banned=statement.rules.banned,
        minutes=_minutes,
    )


async def table(ask: Ask) -> Response:
    """For a spreadsheet: a line for each day and member."""
    desk = await admins_desk(ask)
    name, window, _ = _asked(ask)
    text = report_csv(await _uses(ask, desk, window), desk.names, desk.time_zone)
    on = datetime.fromtimestamp(ask.deps.clock.now(), UTC).strftime("%Y-%m-%d")
    file = f'attachment; filename="easel-use-{name}-{on}.csv"'
    return Response(
        text.encode("utf-8-sig"),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": file, "cache-control": "private, no-store"},
    )


def _asked(ask: Ask) -> tuple[str, Window, Unit]:
    name = ask.query("time", "month")
    window, unit = WINDOWS.get(name), UNITS.get(ask.query("unit"))
    if window is None or unit is None:
        raise NotHereError
    return name, window, unit


async def _uses(ask: Ask, desk: Desk, window: Window) -> Sequence[Use]:
    now = ask.deps.clock.now()
    since = now - window.seconds
    return await ask.deps.steward.use(desk.actor, desk.server_id, since, now + NOW_TOO)


def _members(uses: Sequence[Use], desk: Desk, unit: Unit) -> list[Member]:
    sums = by_member(uses)

    def size(total: Sum) -> int:
        return total.pictures if unit is Unit.PICTURES else total.gpu_ms

    sums.sort(key=lambda one: -size(one[1]))
    most = max((size(total) for _, total in sums), default=0) or 1
    return [
        Member(
            id=id,
            name=name_of(id, desk.names),
            jobs=total.jobs,
            pictures=total.pictures,
            minutes=_minutes(total.gpu_ms),
            share=round(100 * size(total) / most, 2),
        )
        for id, total in sums
    ]


def _total(uses: Sequence[Use]) -> Sum:
    total = Sum()
    for one in uses:
        total = total.plus(one)
    return total


def _minutes(ms: int) -> str:
    return number(round(ms / 60_000, 1) if ms >= 60_000 else ceil(ms / 600) / 100)


def _left(balance: Balance) -> Left:
    return Left(
        whose=SCOPES[balance.scope],
        words=per_words(balance.unit, balance.limit, balance.period),
        left=told(balance.unit, balance.left),
        share=round(100 * balance.left / balance.limit, 2) if balance.limit else 0.0,
        renews_at=balance.renews_at,
    )


WAYS = (
    Way(path="/admin/{server:int}/use", page=use, name="admin-use", logged_in=True),
    Way(
        path="/admin/{server:int}/use.csv",
        page=table,
        name="admin-use-table",
        cost=Cost.SEARCH,
        logged_in=True,
    ),
    Way(
        path="/admin/{server:int}/use/{member:int}",
        page=member,
        name="admin-member",
        logged_in=True,
    ),
)
