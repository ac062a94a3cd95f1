"""Faults on demand: what Discord or the network may do to a request.

A fault matches a method and a regular expression on the path (without `/api/v10`), and does one of
`error` (answer this status and body instead), `latency` (wait, then go on), `lost` (perform the
request, then drop the connection instead of answering) or `reset` (drop it before).
"""

import random
import re
from dataclasses import dataclass

from sandbox.errors import STANDARD, ApiError
from sandbox.limits import too_many
from sandbox.shapes import Json, is_object, text_of, whole

KINDS = ("error", "latency", "lost", "reset")


@dataclass
class Fault:
    id: int
    kind: str
    method: str
    path: re.Pattern[str]
    error: ApiError | None
    latency_s: float
    left: int | None
    skip: int
    probability: float
    hits: int = 0

    def describe(self) -> Json:
        return {
            "id": self.id,
            "kind": self.kind,
            "method": self.method,
            "path": self.path.pattern,
            "left": self.left,
            "hits": self.hits,
            "probability": self.probability,
        }


class Faults:
    """The faults that wait to happen."""

    def __init__(self, seed: int = 0) -> None:
        self._random = random.Random(seed)
        self._next = 1
        self._all: list[Fault] = []

    def add(self, wish: Json) -> Fault:
        """Adds a fault.

        `{"kind": "error"|"latency"|"lost"|"reset", "method": "*", "path": REGEX,
        "status": 500, "code": 10062, "message": ..., "body": {...}, "retry_after": 1.0,
        "global": false, "latency_s": 0.5, "count": 1, "skip": 0, "probability": 1.0}`

        `code` alone gives Discord's usual status and message for it. `count` null is for ever.
        """
        kind = text_of(wish.get("kind", "error"))
        if kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}")
        count = wish.get("count", 1)
        fault = Fault(
            id=self._next,
            kind=kind,
            method=text_of(wish.get("method", "*")).upper(),
            path=re.compile(text_of(wish.get("path", ".*"))),
            error=_error(wish) if kind == "error" else None,
            latency_s=float(wish.get("latency_s", 0)),
            left=None if count is None else whole(count, 1),
            skip=whole(wish.get("skip", 0)),
            probability=float(wish.get("probability", 1)),
        )
        self._next += 1
        self._all.append(fault)
        return fault

    def describe(self) -> list[Json]:
        return [fault.describe() for fault in self._all]

    def clear(self, fault_id: int | None = None) -> None:
        self._all = [] if fault_id is None else [f for f in self._all if f.id != fault_id]

    def seed(self, seed: int) -> None:
        self._random = random.Random(seed)

    def due(self, method: str, path: str) -> list[Fault]:
        """The faults that strike this request; each that does is used up by one."""
        if not self._all:
            return []
        struck: list[Fault] = []
        for fault in self._all:
            if fault.method not in ("*", method) or not fault.path.search(path):
                continue
            if fault.left == 0 or self._random.random() >= fault.probability:
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            fault.hits += 1
            if fault.left is not None:
                fault.left -= 1
            struck.append(fault)
        return struck


def _error(wish: Json) -> ApiError:
    code = whole(wish.get("code", 0))
    usual_status, usual_message = STANDARD.get(code, (whole(wish.get("status", 500)), ""))
    status = whole(wish.get("status", usual_status))
    if status == 429 and not code:
        return too_many(
            float(wish.get("retry_after", 1)),
            everywhere=bool(wish.get("global")),
            shared=bool(wish.get("shared")),
        )
    message = text_of(wish.get("message")) or usual_message or f"{status}: fault"
    error = ApiError(status, code, message)
    if is_object(body := wish.get("body")):
        error.extra = {k: v for k, v in body.items() if k not in ("code", "message")}
        error.code = whole(body.get("code", code))
        error.message = text_of(body.get("message")) or message
    return error
