"""The judge: what the database, the files and the channel say after the storm.

It reads the database by itself, with SQL of its own, and the channel as the people see it.
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.client import SandboxClient, SandboxError
from sandbox.views import Interaction, Message
from storage import ledger
from storage.database import Database, database_url
from tests.chaos.people import Act, everything_said
from tests.chaos.reading import rows

ENDED = {"done", "failed", "cancelled"}
BUTTON = re.compile(r"e1:(\w+):([0-9a-f]{20}):\d")
SHOWN = re.compile(
    r"\*\*(?P<prompt>.*)\*\* - (?P<kind>Variations[^<]* by |Image #\d )?"
    r"<@(?P<owner>\d+)>(?P<tail>.*)",
    re.DOTALL,
)
GIVEN_UP = 3
"""Attempts after which a job may be given up."""


@dataclass
class Verdict:
    """`given_up`, and the counters, are only told; anything in the other lists is a violation.

    `deeds` are lines of the audit log, `paid` says who paid for how many jobs.
    """

    jobs: int = 0
    by_state: Counter[str] = field(default_factory=Counter[str])
    by_outcome: Counter[str] = field(default_factory=Counter[str])
    attempts: Counter[int] = field(default_factory=Counter[int])
    lost: list[str] = field(default_factory=list[str])
    twice: list[str] = field(default_factory=list[str])
    drift: list[str] = field(default_factory=list[str])
    fileless: list[str] = field(default_factory=list[str])
    given_up: list[str] = field(default_factory=list[str])
    rowless: list[str] = field(default_factory=list[str])
    stale: list[str] = field(default_factory=list[str])
    left: list[str] = field(default_factory=list[str])
    broken: list[str] = field(default_factory=list[str])
    answers: Counter[str] = field(default_factory=Counter[str])
    private: Counter[str] = field(default_factory=Counter[str])
    deeds: Counter[str] = field(default_factory=Counter[str])
    paid: Counter[str] = field(default_factory=Counter[str])

    @property
    def good(self) -> bool:
        return not any(
            (
                self.lost,
                self.twice,
                self.drift,
                self.fileless,
                self.rowless,
                self.stale,
                self.left,
                self.broken,
            )
        )

    def problems(self) -> list[str]:
        """Every violation in words."""
        named = (
            ("lost", self.lost),
            ("twice", self.twice),
            ("drift", self.drift),
            ("row without file", self.fileless),
            ("answer without row", self.rowless),
            ("left waiting", self.stale),
            ("left behind", self.left),
            ("broken", self.broken),
        )
        return [f"{name}: {what}" for name, found in named for what in found]


async def judge(
    data: Path,
    client: SandboxClient,
    channels: Sequence[str],
    acts: Iterable[Act],
    killed_at: Sequence[float],
) -> Verdict:
    """Judges a data folder that no Easel serves any more."""
    verdict = Verdict()
    database = data / "easel.db"
    jobs = {row["id"]: row for row in rows(database, "SELECT * FROM jobs")}
    images = rows(database, "SELECT * FROM images")
    messages = await everything_said(client, channels)
    verdict.jobs = len(jobs)
    verdict.by_state.update(str(job["state"]) for job in jobs.values())
    verdict.by_outcome.update(str(job["outcome"]) for job in jobs.values())
    verdict.attempts.update(int(job["attempts"]) for job in jobs.values())
    _whole(verdict, database)
    await _account(verdict, data, database, jobs)
    _amounts(verdict, database, jobs, images)
    _files(verdict, data, jobs, images)
    _left_over(verdict, data)
    await _messages(verdict, client, messages, jobs, images)
    await _answers(verdict, client, messages, jobs, acts)
    _ends(verdict, jobs, killed_at)
    return verdict


def _whole(verdict: Verdict, database: Path) -> None:
    for pragma in ("integrity_check", "foreign_key_check"):
        try:
            found = [list(row.values()) for row in rows(database, f"PRAGMA {pragma}")]
        except sqlite3.DatabaseError as error:
            found = [[str(error)]]
        if found not in ([], [["ok"]]):
            verdict.broken.append(f"PRAGMA {pragma}: {found[:5]}")


async def _account(
    verdict: Verdict, data: Path, database: Path, jobs: dict[str, dict[str, Any]]
) -> None:
    opened = await Database.open(database_url("", data))
    try:
        for drift in await opened.read(ledger.drift):
            verdict.drift.append(f"drift(): {drift}")
    finally:
        await opened.close()


def _amounts(
    verdict: Verdict,
    database: Path,
    jobs: dict[str, dict[str, Any]],
    images: list[dict[str, Any]],
) -> None:
    """The account of each job: time, pictures, what was charged, and the extra that paid."""
    lines: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in rows(database, "SELECT * FROM ledger ORDER BY id"):
        lines[line["job_id"]].append(line)
    made = Counter(str(image["job_id"]) for image in images)
    for job in jobs.values():
        for wrong in _wrong(job, lines.get(job["id"], []), made[job["id"]]):
            verdict.drift.append(f"{_name(job)}: {wrong}")
    for job_id in lines.keys() - jobs.keys():
        verdict.drift.append(f"lines of job {job_id}, which is not there")
    grants = {grant["id"]: grant for grant in rows(database, "SELECT * FROM grants")}
    taken: Counter[tuple[int, int]] = Counter()
    for job_id, mine in lines.items():
        grant_id, charged = int(mine[0]["grant_id"]), _sum(mine, "charged_ms")
        verdict.paid["an extra" if grant_id else "the amounts" if charged else "nobody"] += 1
        if not grant_id:
            continue
        grant = grants.get(grant_id)
        if grant is None or grant["server_id"] != mine[0]["server_id"]:
            verdict.drift.append(f"job {job_id} was paid by grant {grant_id}, which is not there")
            continue
        owner, whom = int(mine[0]["owner_id"]), int(grant["subject_id"])
        if grant["kind"] == "member" and whom != owner:
            verdict.drift.append(f"job {job_id} was paid by somebody else's grant {grant_id}")
        if grant["unit"] == "pictures":
            taken[grant_id, owner] += _sum(mine, "charged_pictures")
    for (grant_id, owner), pictures in taken.items():
        if pictures > grants[grant_id]["amount"]:
            verdict.drift.append(f"{owner} took {pictures} pictures from grant {grant_id}")
    verdict.deeds.update(str(row["what"]) for row in rows(database, "SELECT what FROM audit"))
    if verdict.deeds["grant"] != len(grants):
        verdict.drift.append(f"{len(grants)} grants, {verdict.deeds['grant']} of them in the log")


def _wrong(job: dict[str, Any], lines: list[dict[str, Any]], made: int) -> list[str]:
    found: list[str] = []
    cost, price = int(job["cost_ms"] or 0), int(job["price"])
    if _sum(lines, "gpu_ms") != cost:
        found.append(f"lines {_sum(lines, 'gpu_ms')} ms, cost {cost} ms")
    if _sum(lines, "charged_ms") != cost * price:
        found.append(f"charged {_sum(lines, 'charged_ms')} ms, cost {cost} ms at {price}")
    if not lines:
        # A stored picture that was shown again.
        return found if made == 1 and cost == 0 else [*found, "it has no lines"]
    pictures = _sum(lines, "pictures")
    wanted = {"done": made, "failed": 0}.get(job["state"])
    most = int(json.loads(job["request"])["count"])
    if pictures != wanted if wanted is not None else not 0 <= pictures <= most:
        found.append(f"{pictures} pictures in its lines, {made} made")
    if _sum(lines, "charged_pictures") != pictures * min(price, 1):
        found.append(f"charged {_sum(lines, 'charged_pictures')} pictures of {pictures} at {price}")
    kinds = [line["kind"] for line in lines]
    if kinds[0] != "reserve" or len(set(kinds)) != len(kinds):
        found.append(f"its lines are {kinds}")
    for name in ("owner_id", "server_id", "channel_id", "grant_id", "admitted_at"):
        if len({line[name] for line in lines}) > 1:
            found.append(f"its lines have several of {name}")
    if (lines[0]["owner_id"], lines[0]["admitted_at"]) != (job["owner_id"], job["created_at"]):
        found.append("its lines are somebody else's, or of another time")
    return found


def _sum(lines: Iterable[dict[str, Any]], name: str) -> int:
    return sum(int(line[name]) for line in lines)


def _left_over(verdict: Verdict, data: Path) -> None:
    """After a polite stop nothing in passing is left of jobs that ended."""
    for folder in ("checkpoints", "spool"):
        left = [path for path in (data / folder).rglob("*") if path.is_file()]
        verdict.left += [f"{path.relative_to(data)}" for path in left]


def _files(
    verdict: Verdict,
    data: Path,
    jobs: dict[str, dict[str, Any]],
    images: list[dict[str, Any]],
) -> None:
    keys = {str(image["blob"]) for image in images}
    pictures = Counter(str(image["job_id"]) for image in images)
    for job in jobs.values():
        request = json.loads(job["request"])
        keys |= {str(job["grid"])} if job["grid"] else set()
        keys |= {str(request["source"]["blob"])} if request.get("source") else set()
        if job["state"] == "done":
            if pictures[job["id"]] != request["count"]:
                verdict.broken.append(f"{_name(job)} has {pictures[job['id']]} pictures")
            if not job["grid"] and request["kind"] != "upscale":
                verdict.broken.append(f"{_name(job)} has no grid")
    for key in sorted(keys):
        path = data / "blobs" / key[:2] / key
        if not path.is_file():
            verdict.fileless.append(key)
        elif hashlib.sha256(path.read_bytes()).hexdigest() != key.partition(".")[0]:
            verdict.fileless.append(f"{key} holds something else")


async def _messages(
    verdict: Verdict,
    client: SandboxClient,
    messages: Sequence[Message],
    jobs: dict[str, dict[str, Any]],
    images: list[dict[str, Any]],
) -> None:
    """Each job has one message that shows its end: by its buttons, by its file, by its words."""
    final: defaultdict[str, list[Message]] = defaultdict(list)
    files: Counter[str] = Counter()
    first_picture = {i["job_id"]: i["blob"] for i in images if i["number"] == 1}
    for message in messages:
        actions: defaultdict[str, set[str]] = defaultdict(set)
        for control in message.controls:
            if (button := BUTTON.fullmatch(control.custom_id)) and not message.private:
                actions[button[2]].add(button[1])
        for job_id, pressed in actions.items():
            if job_id not in jobs:
                verdict.rowless.append(f"message {message.id} shows job {job_id}")
            elif "cancel" in pressed:
                verdict.stale.append(f"{_name(jobs[job_id])}: {message.content}")
            else:
                final[job_id].append(message)
        files.update(str(file["filename"]).partition(".")[0] for file in message.attachments)
        if message.private:
            verdict.private[re.sub(r"\d+", "…", message.content)[:120]] += 1
        if "tell the operator this reference" in message.content:
            verdict.broken.append(f"somebody was told: {message.content}")
    said = Counter(_words(message.content) for found in final.values() for message in found)
    expected: Counter[tuple[str, ...]] = Counter()
    for job in jobs.values():
        found = final[job["id"]]
        if len(found) > 1:
            verdict.twice.append(f"{_name(job)}: {len(found)} messages")
        elif not found:
            verdict.lost.append(f"{_name(job)}: no message shows its end")
        else:
            wanted = job["grid"] or first_picture.get(job["id"], "")
            await _picture(verdict, client, found[0], job, wanted if job["state"] == "done" else "")
        if files[job["id"]] > 1:
            verdict.twice.append(f"{_name(job)}: its picture is posted {files[job['id']]} times")
        expected[_expected(job)] += 1
    for words in (said - expected) if not verdict.lost else ():
        verdict.twice.append(f"{said[words]} messages, {expected[words]} jobs: {words}")


async def _picture(
    verdict: Verdict, client: SandboxClient, message: Message, job: dict[str, Any], key: str
) -> None:
    """The message has the very file that the row names, and no other."""
    if not key:
        if job["state"] != "done" and [f for f in message.attachments if not _is_preview(f)]:
            verdict.broken.append(f"{_name(job)} shows a picture")
        return
    if len(message.attachments) != 1:
        verdict.broken.append(f"{_name(job)} shows {len(message.attachments)} files")
        return
    try:
        data = await client.download(str(message.attachments[0]["url"]))
    except SandboxError as error:
        verdict.broken.append(f"{_name(job)}: its file cannot be fetched: {error}")
        return
    if hashlib.sha256(data).hexdigest() != key.partition(".")[0]:
        verdict.broken.append(f"{_name(job)} shows another picture than its row names")


async def _answers(
    verdict: Verdict,
    client: SandboxClient,
    messages: Sequence[Message],
    jobs: dict[str, dict[str, Any]],
    acts: Iterable[Act],
) -> None:
    """An interaction that was answered in public has a row."""
    admitted = {job["interaction_id"] for job in jobs.values()}
    by_id = {message.id: message for message in messages}
    for act in acts:
        try:
            interaction: Interaction = await client.interaction(act.interaction_id)
        except SandboxError:
            # The sandbox keeps the last 50,000.
            verdict.answers["long ago"] += 1
            continue
        how = interaction.how if interaction.state == "answered" else interaction.state
        verdict.answers["private" if interaction.private else how] += 1
        if act.interaction_id in admitted or interaction.private:
            continue
        shown = by_id.get(interaction.answer_id)
        if shown is not None and shown.private:
            continue
        if shown is not None and not shown.loading:
            verdict.rowless.append(f"{act.wish} by {act.person}: {shown.content}")
        elif shown is not None:
            verdict.answers["left thinking, not admitted"] += 1


def _ends(verdict: Verdict, jobs: dict[str, dict[str, Any]], killed_at: Sequence[float]) -> None:
    """A job may fail only where it had three attempts and each was ended by a kill."""
    for job in jobs.values():
        if job["state"] not in ENDED:
            verdict.lost.append(f"{_name(job)} is {job['state']}")
        elif job["delivered_at"] is None or job["outcome"] == "history_only":
            verdict.lost.append(f"{_name(job)} was not delivered ({job['outcome']})")
        if job["state"] == "failed":
            kills = sum(job["created_at"] <= at <= job["finished_at"] for at in killed_at)
            if job["attempts"] == GIVEN_UP and kills >= GIVEN_UP:
                verdict.given_up.append(_name(job))
            else:
                verdict.broken.append(
                    f"{_name(job)} failed after {job['attempts']} attempts and {kills} kills: "
                    f"{job['error']}"
                )


def _is_preview(file: dict[str, Any]) -> bool:
    return "-preview" in str(file["filename"])


def _name(job: dict[str, Any]) -> str:
    return f"job {job['id']} ({json.loads(job['request'])['kind']}, {job['state']})"


def _words(content: str) -> tuple[str, ...]:
    """A message by what it says, without what the flags made of the prompt."""
    match = SHOWN.match(content)
    if match is None:
        return (content,)
    tail = "stopped" if "(stopped)" in match["tail"] else ""
    tail = tail or ("failed" if "(failed)" in match["tail"] else "done")
    return (match["prompt"].split()[0], (match["kind"] or "").strip(), match["owner"], tail)


def _expected(job: dict[str, Any]) -> tuple[str, ...]:
    request = json.loads(job["request"])
    # A V button goes far unless its member prefers otherwise, and nobody here does.
    kind = {"variation": "Variations (Strong) by", "upscale": f"Image #{job['parent_index']}"}
    tail = {"cancelled": "stopped", "failed": "failed"}.get(job["state"], "done")
    owner = str(job["owner_id"])
    return (request["text"].split()[0], kind.get(request["kind"], ""), owner, tail)
