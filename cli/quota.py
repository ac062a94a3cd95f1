"""`easel quota`: the operator's view of every server, the ceilings over them, and their shares."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from typing import Any

from cli.assemble import Easel, open_easel
from cli.imagine import shell_actor
from core.admin import Stewardship
from core.allowance import CEILING, Allowance, Amount, Unit
from core.amounts import in_pot, told
from core.errors import EaselError
from core.jobs import Actor
from core.periods import Period
from core.settings import Settings
from core.usage import by_member

DAY = 86400.0


async def quota(settings: Settings, options: argparse.Namespace) -> int:
    async with open_easel(settings) as easel:
        steward, actor = easel.steward, shell_actor()
        if options.ceiling is not None or options.weight is not None:
            await _set(steward, actor, options)
        servers = [options.server] if options.server is not None else await steward.servers(actor)
        found = [await _server(easel, steward, actor, server) for server in servers]
    if options.json:
        print(json.dumps({"servers": found}, ensure_ascii=False))
        return 0
    if not found:
        print("No server has used Easel yet.")
    for server in found:
        name = server["server"] or "direct messages and the shell"
        print(
            f"{name}: {server['jobs']} jobs, {server['pictures']} pictures and "
            f"{server['gpu_seconds']:.0f} s of GPU time in 30 days, by {server['members']} people"
        )
        ceiling = "; ".join(server["ceiling"]) or "none"
        print(f"  ceiling {ceiling}, weight {server['weight']:g}, {server['lines']} lines")
    return 0


async def _set(steward: Stewardship, actor: Actor, options: argparse.Namespace) -> None:
    """What of a server's ceiling and weight the command line names."""
    if options.server is None:
        raise EaselError(
            "Ceiling and weight are set for one server: easel quota SERVER --ceiling … --weight …"
        )
    amounts = None if options.ceiling is None else _line(options.ceiling).amounts

    def changed(line: Allowance) -> Allowance:
        if amounts is not None:
            line = replace(line, amounts=amounts)
        if options.weight is not None:
            line = replace(line, weight=None if options.weight == 1 else options.weight)
        return line

    await steward.change(actor, options.server, CEILING, changed)


async def _server(
    easel: Easel, steward: Stewardship, actor: Actor, server_id: int
) -> dict[str, Any]:
    now = easel.clock.now()
    members = by_member(await steward.use(actor, server_id, now - 30 * DAY, now + 1))
    rules = await steward.rules(actor, server_id)
    of_operator = rules.of(CEILING)
    ceiling, weight = of_operator.amounts, of_operator.weight
    return {
        "server": server_id,
        "members": len(members),
        "jobs": sum(total.jobs for _, total in members),
        "pictures": sum(total.pictures for _, total in members),
        "gpu_seconds": sum(total.gpu_ms for _, total in members) / 1000,
        "lines": sum(line.subject != CEILING for line in rules.lines),
        "ceiling": [f"{told(a.unit, in_pot(a.unit, a.limit))} per {a.period}" for a in ceiling],
        "weight": 1.0 if weight is None else weight,
    }


def _line(words: list[str]) -> Allowance:
    """`3600s/day`, `500/week` (pictures), or `none`. Raises EaselError."""
    line = Allowance()
    if words == ["none"]:
        return line
    for word in words:
        number, _, period = word.partition("/")
        seconds = number.endswith("s")
        digits = number.removesuffix("s")
        if not (digits.isascii() and digits.isdigit()) or period not in set(Period):
            raise EaselError(
                f"“{word}” is no amount: type 3600s/day for GPU seconds, 500/week for pictures, "
                "or none. The periods are hour, day, week and month."
            )
        unit = Unit.GPU_SECONDS if seconds else Unit.PICTURES
        line = line.with_amount(Amount(unit, Period(period), int(digits)))
    return line
