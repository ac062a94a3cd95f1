"""`easel forget`: everything that is kept of a person goes."""

from __future__ import annotations

import argparse
from dataclasses import replace

from cli.assemble import open_easel
from cli.imagine import shell_actor
from core.departures import Departures
from core.forgetting import Forgetting
from core.settings import Settings


async def forget(settings: Settings, options: argparse.Namespace) -> int:
    async with open_easel(settings) as easel:
        storage, clock = easel.storage, easel.clock
        if not options.yes:
            jobs = await storage.jobs.history(options.person, limit=10**9)
            pictures = await storage.works.count(options.person)
            print(
                f"Person {options.person} has {len(jobs)} jobs and {pictures} pictures here. All "
                "of it goes, and cannot be brought back; the account keeps its sums under nobody's "
                f"name. To do it: easel forget {options.person} --yes"
            )
            return 0
        departures = Departures(storage.notices, clock)
        forgetting = Forgetting(storage.jobs, storage.eraser, departures, clock)
        actor = replace(shell_actor(), operator=True)
        done = await forgetting.forget(actor, options.person)
        print(f"Deleted {done.jobs} jobs and the files of {done.pictures} pictures.")
        backups = sorted((settings.data / "backups").glob("*.db"))
        if backups:
            print(
                f"{len(backups)} copies of the database from before updates are in "
                f"{settings.data / 'backups'}; delete them when you need them no more."
            )
    return 0
