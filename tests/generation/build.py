"""Requests and tasks with sensible values, for the tests of this folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.events import Task
from core.request import Part, Request

OWN = (
    "cautious",
    "source_path",
    "style_path",
    "mask_path",
    "checkpoint",
    "resume",
    "estimate_seconds",
    "alone",
)


def a_request(text: str = "a red lighthouse", **changes: Any) -> Request:
    values: dict[str, Any] = {
        "text": text,
        "parts": (Part(text),),
        "model": "tiny",
        "width": 64,
        "height": 64,
        "seed": 7,
        "steps": 4,
        "guidance": 4.0,
    }
    return Request(**(values | changes))


def a_task(spool: Path, text: str = "a red lighthouse", job_id: str = "j1", **changes: Any) -> Task:
    """A task with a fresh folder under `spool`; changes in `OWN` are not the request's."""
    folder = spool / job_id
    folder.mkdir(exist_ok=True)
    own = {name: changes.pop(name) for name in OWN if name in changes}
    return Task(job_id=job_id, request=a_request(text, **changes), spool=str(folder), **own)
