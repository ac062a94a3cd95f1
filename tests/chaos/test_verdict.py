"""The judge of the trials is judged: each harm that Easel must never do is done here by hand, to
what a short quiet life has left, and must be found and be called by its name."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, closing
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sandbox.client import SandboxClient
from sandbox.views import Message
from tests.chaos.people import Act
from tests.chaos.processes import Easel, fake_worker, sandbox
from tests.chaos.reading import owed, rows, until
from tests.chaos.verdict import Verdict, judge

Story = list[dict[str, Any]]

HARMS_TO_ROWS = {
    "DELETE FROM jobs WHERE id = :job": {"answer without row", "drift", "broken"},
    "DELETE FROM images WHERE job_id = :job AND number = 1": {"broken", "drift"},
    "DELETE FROM ledger WHERE job_id = :job AND kind = 'reserve'": {"drift"},
    "DELETE FROM ledger WHERE job_id = :job": {"drift"},
    "UPDATE ledger SET gpu_ms = gpu_ms + 1 WHERE job_id = :job AND kind = 'reserve'": {"drift"},
    "UPDATE ledger SET charged_ms = charged_ms * 2 WHERE job_id = :job": {"drift"},
    "UPDATE ledger SET pictures = 0, charged_pictures = 0 WHERE job_id = :job": {"drift"},
    "UPDATE ledger SET charged_pictures = 0 WHERE job_id = :job": {"drift"},
    "UPDATE ledger SET owner_id = 1 WHERE job_id = :job": {"drift"},
    "UPDATE ledger SET grant_id = 77 WHERE job_id = :job": {"drift"},
    "UPDATE ledger SET grant_id = (SELECT id FROM grants) WHERE job_id = :job": {"drift"},
    "DELETE FROM grants": {"drift"},
    "DELETE FROM audit WHERE what = 'grant'": {"drift"},
    "UPDATE jobs SET cost_ms = cost_ms + 1 WHERE id = :job": {"drift"},
    "UPDATE jobs SET state = 'queued' WHERE id = :job": {"lost"},
    "UPDATE jobs SET state = 'running' WHERE id = :job": {"lost"},
    "UPDATE jobs SET delivered_at = NULL WHERE id = :job": {"lost"},
    "UPDATE jobs SET outcome = 'history_only' WHERE id = :job": {"lost"},
    "UPDATE jobs SET state = 'failed', attempts = 3 WHERE id = :job": {"broken", "drift"},
    "UPDATE jobs SET grid = '' WHERE id = :job": {"broken"},
    "UPDATE jobs SET grid = (SELECT grid FROM jobs WHERE id != :job AND grid != '') "
    "WHERE id = :job": {"broken"},
    "UPDATE jobs SET owner_id = 1 WHERE id = :job": {"twice"},
}


def _truth(story: Story) -> None:
    pass


class Liar(SandboxClient):
    """Tells another story than the channel's."""

    lie: Callable[[Story], None] = staticmethod(_truth)

    async def messages(self, channel: str, viewer: str = "", *, limit: int = 50) -> list[Message]:
        told = await super().messages(channel, viewer, limit=limit)
        story = [deepcopy(message.raw) for message in told]
        self.lie(story)
        return [Message(raw) for raw in story]


@dataclass(frozen=True)
class Left:
    """What is left of that life; `job` is one that was done, with a grid of four."""

    data: Path
    client: Liar
    acts: list[Act]
    job: str

    @property
    def picture(self) -> Path:
        return self.blob("SELECT blob FROM images WHERE job_id = '{}' AND number = 3")

    @property
    def grid(self) -> Path:
        return self.blob("SELECT grid AS blob FROM jobs WHERE id = '{}'")

    def blob(self, query: str) -> Path:
        key = str(rows(self.data / "easel.db", query.format(self.job))[0]["blob"])
        return self.data / "blobs" / key[:2] / key

    async def judged(self, data: Path | None = None) -> Verdict:
        return await judge(data or self.data, self.client, ["studio"], self.acts, [])


@asynccontextmanager
async def a_short_life(folder: Path) -> AsyncGenerator[Left]:
    """Mira asks for two grids and a picture that an extra pays, Noah for a grid; nobody dies."""
    async with sandbox(folder) as discord, Liar(discord.url) as client:
        worker = fake_worker(folder / "marks", step_ms=2, steps=8)
        easel = Easel(folder, discord, client, {"EASEL_WORKER_COMMAND": worker})
        acts: list[Act] = []

        async def does(person: str, name: str, **options: Any) -> str:
            made = await client.slash(person, "studio", name, **options)
            acts.append(Act(made.id, person, name))
            return made.id

        try:
            await easel.start()
            await easel.ready()
            await does("ada", "quota set", pictures=8, per="day")
            await does("ada", "quota grant", amount=2.0, unit="pictures", lasts="1d")
            for prompt in ("w0w a boat", "w1w a lighthouse"):
                await does("mira", "imagine", prompt=prompt)
            await does("mira", "imagine", prompt="w2w the moon --n 1")
            asked = await does("noah", "imagine", prompt="w3w two hills")
            await until(lambda: not owed(easel.database), 30)
            easel.note_workers()
            assert await easel.stop() == 0
        finally:
            await easel.end()
        query = f"SELECT id FROM jobs WHERE interaction_id = '{asked}'"
        yield Left(easel.data, client, acts, rows(easel.database, query)[0]["id"])


def named(verdict: Verdict) -> set[str]:
    return {problem.partition(":")[0] for problem in verdict.problems()}


def change(database: Path, statement: str, job: str) -> None:
    """Without the database's own guards."""
    with closing(sqlite3.connect(database)) as connection, connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            connection.execute(f"DROP TRIGGER {name}")
        assert connection.execute(statement, {"job": job}).rowcount > 0


def tear(database: Path) -> None:
    """A page of an index that nothing here reads is filled with zeros."""
    with closing(sqlite3.connect(database)) as connection:
        (size,) = connection.execute("PRAGMA page_size").fetchone()
        (page,) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'ix_images_blob'"
        ).fetchone()
    with database.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\0" * size)


def renamed(raw: dict[str, Any], old: str, new: str) -> dict[str, Any]:
    """A message whose buttons have other ids."""
    return {**raw, "components": json.loads(json.dumps(raw["components"]).replace(old, new))}


def _ends(story: Story, job: str) -> list[dict[str, Any]]:
    return [raw for raw in story if f"e1:reroll:{job}" in str(raw["components"])]


def lies_about(job: str) -> dict[str, tuple[Callable[[Story], None], str]]:
    """Stories of the channel, and what each of them shows."""

    def silent(story: Story) -> None:
        story[:] = [raw for raw in story if raw not in _ends(story, job)]

    def double(story: Story) -> None:
        story.extend({**raw, "id": f"9{raw['id']}"} for raw in _ends(story, job))

    def double_file(story: Story) -> None:
        for raw in _ends(story, job):
            story.append({**raw, "id": f"9{raw['id']}", "components": []})

    def double_words(story: Story) -> None:
        for raw in _ends(story, job):
            story.append({**renamed(raw, job, "0" * 20), "id": f"9{raw['id']}"})

    def bare(story: Story) -> None:
        for raw in _ends(story, job):
            raw["attachments"] = []

    def swapped(story: Story) -> None:
        others = [raw for raw in story if raw["attachments"] and raw not in _ends(story, job)]
        for raw in _ends(story, job):
            raw["attachments"] = others[0]["attachments"]

    def waiting(story: Story) -> None:
        for raw in _ends(story, job):
            raw |= renamed(raw, "e1:reroll:", "e1:cancel:")

    def frightening(story: Story) -> None:
        story[0]["content"] = "It failed; tell the operator this reference: 5f."

    return {
        "no message": (silent, "lost"),
        "two messages": (double, "twice"),
        "its file twice": (double_file, "twice"),
        "a message of a job that is not there": (double_words, "answer without row"),
        "no picture": (bare, "broken"),
        "somebody else's picture": (swapped, "broken"),
        "it can still be cancelled": (waiting, "left waiting"),
        "an error of ours": (frightening, "broken"),
    }


@pytest.mark.slow
@pytest.mark.timeout(120)
async def test_every_harm_is_found_and_named(tmp_path: Path) -> None:
    async with a_short_life(tmp_path) as left:
        unharmed = await left.judged()
        assert unharmed.problems() == []
        assert unharmed.paid == {"the amounts": 3, "an extra": 1}
        found: dict[str, set[str]] = {}
        wanted: dict[str, set[str]] = {}

        async def harmed(name: str, harm: Callable[[Left], object], shows: set[str]) -> None:
            copy = tmp_path / "copy"
            shutil.copytree(left.data, copy)
            harm(Left(copy, left.client, left.acts, left.job))
            found[name], wanted[name] = named(await left.judged(copy)), shows
            shutil.rmtree(copy)

        for statement, shows in HARMS_TO_ROWS.items():
            await harmed(
                statement,
                lambda it, does=statement: change(it.data / "easel.db", does, it.job),
                shows,
            )
        await harmed("a torn page", lambda it: tear(it.data / "easel.db"), {"broken"})
        await harmed("a picture is gone", lambda it: it.picture.unlink(), {"row without file"})
        await harmed("a grid is gone", lambda it: it.grid.unlink(), {"row without file"})
        await harmed(
            "half a picture",
            lambda it: it.picture.write_bytes(it.picture.read_bytes()[:-9]),
            {"row without file"},
        )
        await harmed("a checkpoint", lambda it: _forgotten(it, "checkpoints"), {"left behind"})
        await harmed("spool", lambda it: _forgotten(it, "spool"), {"left behind"})
        for name, (lie, shows) in lies_about(left.job).items():
            left.client.lie = lie
            found[name], wanted[name] = named(await left.judged()), {shows}

    assert {name: wanted[name] - found[name] for name in wanted} == {name: set() for name in wanted}


def _forgotten(left: Left, folder: str) -> None:
    (left.data / folder).mkdir(exist_ok=True)
    (left.data / folder / left.job).write_text("left")
