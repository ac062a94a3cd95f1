"""Whether a picture's file is what Easel made: its fingerprint, and the record that is in it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from core.jobs import Job
from core.sentences import say
from core.works import Work
from gallery.deps import Records


@dataclass(frozen=True, slots=True)
class Finding:
    holds: bool
    sentence: str


async def findings(work: Work, job: Job, data: bytes, records: Records) -> list[Finding]:
    """What was looked at, in order; all hold for a file that is as it was made."""
    whole = hashlib.sha256(data).hexdigest() == work.blob.partition(".")[0]
    found = [
        Finding(True, say("The file is the one that was made: its fingerprint is the same."))
        if whole
        else Finding(False, say("The file was changed since it was made: its fingerprint differs."))
    ]
    record = await records.read(data)
    if record is None:
        found.append(Finding(False, say("The file says nothing of how it was made.")))
        return found
    request, number = record
    found.append(Finding(True, say("It bears Easel's record of how it was made.")))
    same = request == job.request and number == work.number
    found.append(
        Finding(True, say("The record agrees with the history: words, seed, model and size."))
        if same
        else Finding(False, say("The record tells of another picture than the history."))
    )
    return found
