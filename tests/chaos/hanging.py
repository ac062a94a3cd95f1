"""kill -9 while pictures come into a showcase: each hangs there once, and none is lost.

    python -m tests.chaos.hanging [--kills 20] [--seed N]

`easel run` serves a sandbox with a worker that needs no torch. A member likes one picture after the
other, and somewhere between the press and the post the bot is killed and started again; posts to
the showcase take their time, so that many kills fall between what was sent and what was noted.
Exit code 0: every liked picture hangs once, and one that was taken down hangs no more.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import shutil
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.client import SandboxClient
from sandbox.views import Message
from sandbox.world import SHOWCASE_ID
from tests.chaos.processes import Easel, TrialError, fake_worker, sandbox
from tests.chaos.reading import rows, until

PATIENCE = 60.0
LATENCY_SECONDS = 0.3
ADMIN, OWNER, FAN = "ada", "mira", "noah"


@dataclass
class Hung:
    """What hangs: messages by picture; `liked` and `gone` are those that should, or should not."""

    kills: int = 0
    liked: set[str] = field(default_factory=set[str])
    gone: set[str] = field(default_factory=set[str])
    messages: Counter[str] = field(default_factory=Counter[str])
    sent_unnoted: int = 0
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        return self.messages == Counter(dict.fromkeys(self.liked, 1))

    def table(self) -> str:
        lost = sorted(self.liked - self.messages.keys())
        twice = sorted(name for name, count in self.messages.items() if count > 1)
        head = ("kills", "liked", "hang", "lost", "twice", "killed between post and note")
        hang, kills = sum(self.messages.values()), self.kills
        numbers = (kills, len(self.liked), hang, len(lost), len(twice), self.sent_unnoted)
        lines = ["| " + " | ".join(head) + " |", "|" + "---:|" * len(head)]
        lines += ["| " + " | ".join(map(str, numbers)) + " |", f"{self.seconds:.0f} s"]
        return "\n".join([*lines, *lost, *twice, *sorted(self.gone & self.messages.keys())])


async def trial(kills: int, seed: int, folder: Path) -> Hung:
    """Runs a whole trial in a folder of its own."""
    began, rng, result = time.monotonic(), random.Random(seed), Hung(kills)
    async with sandbox(folder) as discord, SandboxClient(discord.url) as client:
        settings = {"EASEL_WORKER_COMMAND": fake_worker(folder / "marks", step_ms=2, steps=4)}
        easel = Easel(folder, discord, client, settings)
        try:
            await easel.start()
            await easel.ready()
            await client.slash(ADMIN, "studio", "showcase add", channel=SHOWCASE_ID, likes=1)
            pictures = [await picture(client) for _ in range(kills)]
            grids = _grids(easel)
            path = rf"/channels/{SHOWCASE_ID}/messages$"
            await client.inject(
                "latency", method="POST", path=path, latency_s=LATENCY_SECONDS, count=None
            )
            for shown in pictures:
                await press(client, FAN, shown, ":like:")
                result.liked.add(grids[_job(shown)])
                # Some moment before, while or after it is posted: only chance meets them all.
                await asyncio.sleep(rng.uniform(0.0, 3 * LATENCY_SECONDS))
                await easel.kill()
                await _all_sent(client)
                result.sent_unnoted += len(await _hanging(client)) > _noted_by_the_dead(
                    easel, folder / "copy"
                )
                await easel.start()
                await easel.ready()
            await _until(easel, len(result.liked))
            first = (await _hanging(client))[0]
            await press(client, OWNER, first, ":down:")
            result.gone.add(_job(first))
            result.liked.discard(_job(first))
            await easel.kill()
            await easel.start()
            await easel.ready()
            await _until(easel, len(result.liked))
            result.messages = Counter(_job(one) for one in await _hanging(client))
        finally:
            await easel.end()
    result.seconds = time.monotonic() - began
    return result


async def picture(client: SandboxClient, person: str = OWNER) -> Message:
    """The message of a picture on its own."""
    asked = await client.slash(person, "studio", "imagine", prompt="a boat")
    grid = await client.wait_edit(asked.answer_id, is_done, PATIENCE)
    id = next(one.custom_id for one in grid.controls if ":U:" in one.custom_id)
    pressed = await client.press(person, grid.id, custom_id=id)
    return await client.wait_edit(pressed.answer_id, is_done, PATIENCE)


def is_done(message: Message) -> bool:
    """Whether it shows a job's pictures, and not how far they are."""
    return bool(message.pictures) and all(
        ":cancel:" not in one.custom_id for one in message.controls
    )


async def press(client: SandboxClient, person: str, message: Message, part: str) -> None:
    id = next(one.custom_id for one in message.controls if part in one.custom_id)
    await client.press(person, message.id, custom_id=id)


async def _hanging(client: SandboxClient) -> list[Message]:
    return [one for one in await client.messages("showcase", limit=500) if one.pictures]


def _job(message: Message) -> str:
    """The job whose picture is shown: in the showcase by its file, else by its buttons."""
    ids = " ".join(one.custom_id for one in message.controls)
    found = re.search(r"e1:like:([0-9a-f]{20}):", ids)
    return found[1] if found is not None else str(message.attachments[0]["filename"])[:20]


def _grids(easel: Easel) -> dict[str, str]:
    """The jobs whose pictures were picked out, by those that show them."""
    picked = rows(easel.database, "SELECT id, parent_id FROM jobs WHERE parent_id IS NOT NULL")
    return {row["id"]: row["parent_id"] for row in picked}


def _noted(easel: Easel) -> int:
    query = "SELECT count(*) AS n FROM hangings WHERE message_id != 0"
    return int(rows(easel.database, query)[0]["n"])


def _noted_by_the_dead(easel: Easel, folder: Path) -> int:
    """The same in a copy, where what was left half done may be undone."""
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    for path in easel.data.glob("easel.db*"):
        shutil.copyfile(path, folder / path.name)
    with closing(sqlite3.connect(folder / "easel.db")) as copy:
        (found,) = copy.execute("SELECT count(*) FROM hangings WHERE message_id != 0").fetchone()
    return int(found)


async def _until(easel: Easel, wanted: int) -> None:
    await until(lambda: _noted(easel) == wanted, PATIENCE)


async def _all_sent(client: SandboxClient) -> None:
    """What the dead had sent is still done there, in its own time."""
    async with asyncio.timeout(PATIENCE):
        while (await client.stats())["under_way"]:
            await asyncio.sleep(LATENCY_SECONDS / 10)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m tests.chaos.hanging")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="easel-hanging-"))
    sys.stdout.write(f"{options.kills} kills, seed {options.seed}\n")
    try:
        result = asyncio.run(trial(options.kills, options.seed, folder))
    except (TrialError, TimeoutError) as error:
        sys.stdout.write(f"The trial could not go on: {error!r}; all is kept in {folder}\n")
        return 2
    sys.stdout.write(result.table() + "\n")
    if result.good:
        shutil.rmtree(folder)
        return 0
    sys.stdout.write(f"All of it is kept in {folder}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
