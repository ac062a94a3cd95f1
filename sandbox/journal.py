"""What the bot asked, and how quickly it answered: for tests, never for the bot.

Bounded: the last 5,000 requests and the last 20,000 answer times.
"""

from collections import Counter, deque
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from sandbox.shapes import Json

REQUESTS, ANSWERS = 5000, 20000


class Journal:
    """The recent requests, and counts since the start or the last clearing."""

    def __init__(self) -> None:
        self._n = 0
        self._requests: deque[Json] = deque(maxlen=REQUESTS)
        self._answers: deque[float] = deque(maxlen=ANSWERS)
        self._statuses: Counter[str] = Counter()
        self._codes: Counter[str] = Counter()
        self._routes: Counter[str] = Counter()
        self.interactions = 0
        self.unanswered = 0
        self._under_way = 0

    @contextmanager
    def watching(self) -> Generator[None]:
        """While a request is under way: one is done although nobody waits for its answer."""
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1

    def note(self, entry: Json) -> None:
        self._n += 1
        entry["n"] = self._n
        self._requests.append(entry)
        self._statuses[str(entry["status"])] += 1
        self._routes[f"{entry['method']} {entry['route']}"] += 1
        if entry.get("code"):
            self._codes[str(entry["code"])] += 1

    def answered(self, ms: float) -> None:
        self._answers.append(ms)

    def requests(self, *, since: int = 0, limit: int = 500, path: str = "") -> list[Json]:
        chosen = [r for r in self._requests if r["n"] > since and path in r["path"]]
        return chosen[-limit:]

    def clear(self) -> None:
        self._requests.clear()
        self._answers.clear()
        for counter in (self._statuses, self._codes, self._routes):
            counter.clear()
        self.interactions = self.unanswered = 0

    def stats(self) -> Json:
        times = sorted(self._answers)

        def at(share: float) -> float | None:
            return round(times[min(len(times) - 1, int(share * len(times)))], 1) if times else None

        answers: dict[str, Any] = {
            "count": len(times),
            "p50_ms": at(0.50),
            "p95_ms": at(0.95),
            "p99_ms": at(0.99),
            "max_ms": round(times[-1], 1) if times else None,
        }
        return {
            "interactions": self.interactions,
            "unanswered": self.unanswered,
            "answers": answers,
            "requests": self._n,
            "under_way": self._under_way,
            "by_status": dict(self._statuses),
            "by_code": dict(self._codes),
            "by_route": dict(self._routes),
        }
