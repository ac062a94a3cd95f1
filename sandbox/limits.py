"""Rate limits: buckets with Discord's headers, the global limit, and the count of bad requests.

Discord's docs: "Rate Limits". Interaction callbacks and everything under an interaction's token
are outside the global limit. discord.py takes a 429 for a Cloudflare ban unless it carries `Via`.
"""

import hashlib
import time
from collections import deque
from dataclasses import dataclass

from sandbox.errors import ApiError
from sandbox.shapes import Json, object_of


@dataclass(frozen=True)
class Rule:
    """So many requests in so many seconds, counted per channel or per token."""

    limit: int
    per_s: float


DEFAULT_RULES: dict[str, Rule] = {
    "message_create": Rule(5, 5),
    "message_edit": Rule(5, 5),
    "message_delete": Rule(5, 1),
    "message_read": Rule(50, 5),
    "reaction": Rule(1, 0.25),
    "typing": Rule(5, 5),
    "webhook": Rule(5, 2),
    "commands": Rule(20, 20),
    "other": Rule(50, 1),
}
GLOBAL = Rule(50, 1)
INVALID_WINDOW_S = 600


@dataclass
class Window:
    started: float
    used: int = 0


class Limits:
    """Fixed windows, which is how Discord's buckets appear from outside."""

    def __init__(self) -> None:
        self.enabled = True
        self.rules = dict(DEFAULT_RULES)
        self.global_rule = GLOBAL
        self._windows: dict[tuple[str, str], Window] = {}
        self._global: deque[float] = deque()
        self._invalid: deque[float] = deque(maxlen=20000)
        self.refused = 0
        self.refused_globally = 0

    def configure(self, change: Json) -> None:
        """`{"enabled": bool, "rules": {name: {"limit", "per_s"}}, "global": {"limit", "per_s"}}`;
        `{"reset": true}` brings back the defaults."""
        if change.get("reset"):
            self.enabled, self.rules, self.global_rule = True, dict(DEFAULT_RULES), GLOBAL
        if "enabled" in change:
            self.enabled = bool(change["enabled"])
        for name, rule in object_of(change.get("rules")).items():
            if name not in DEFAULT_RULES:
                raise ValueError(f"unknown bucket: {name}")
            self.rules[name] = _rule(object_of(rule))
        if "global" in change:
            self.global_rule = _rule(object_of(change["global"]))
        self._windows.clear()
        self._global.clear()

    def describe(self) -> Json:
        return {
            "enabled": self.enabled,
            "rules": {n: {"limit": r.limit, "per_s": r.per_s} for n, r in self.rules.items()},
            "global": {"limit": self.global_rule.limit, "per_s": self.global_rule.per_s},
            "refused": self.refused,
            "refused_globally": self.refused_globally,
            "invalid_requests_10min": self.invalid_requests(),
        }

    def take(self, bucket: str, major: str, *, outside_global: bool) -> dict[str, str]:
        """Counts one request; returns the headers to answer with, or raises the 429."""
        if not self.enabled or not bucket:
            return {}
        now = time.monotonic()
        if not outside_global:
            self._take_global(now)
        rule = self.rules[bucket]
        key = (bucket, major)
        window = self._windows.get(key)
        if window is None or now - window.started >= rule.per_s:
            if len(self._windows) > 20000:
                self._forget(now)
            window = self._windows[key] = Window(now)
        left_s = max(0.001, window.started + rule.per_s - now)
        name = hashlib.md5(bucket.encode(), usedforsecurity=False).hexdigest()
        headers = {
            "X-RateLimit-Limit": str(rule.limit),
            "X-RateLimit-Remaining": str(max(0, rule.limit - window.used - 1)),
            "X-RateLimit-Reset": f"{time.time() + left_s:.3f}",
            "X-RateLimit-Reset-After": f"{left_s:.3f}",
            "X-RateLimit-Bucket": name,
        }
        if window.used >= rule.limit:
            self.refused += 1
            raise too_many(left_s, headers=headers)
        window.used += 1
        return headers

    def _take_global(self, now: float) -> None:
        while self._global and now - self._global[0] >= self.global_rule.per_s:
            self._global.popleft()
        if len(self._global) >= self.global_rule.limit:
            self.refused_globally += 1
            left_s = max(0.001, self._global[0] + self.global_rule.per_s - now)
            raise too_many(left_s, everywhere=True)
        self._global.append(now)

    def _forget(self, now: float) -> None:
        for key, window in list(self._windows.items()):
            if now - window.started >= self.rules[key[0]].per_s:
                del self._windows[key]

    def note(self, status: int) -> None:
        """Counts an invalid request: 401, 403 and 429 (10,000 in 10 minutes is a ban)."""
        if status in (401, 403, 429):
            self._invalid.append(time.monotonic())

    def invalid_requests(self) -> int:
        since = time.monotonic() - INVALID_WINDOW_S
        return sum(1 for moment in self._invalid if moment >= since)


def _rule(wish: Json) -> Rule:
    return Rule(int(wish["limit"]), float(wish["per_s"]))


def too_many(
    retry_after: float,
    *,
    everywhere: bool = False,
    shared: bool = False,
    headers: dict[str, str] | None = None,
) -> ApiError:
    """A 429 as Discord answers it."""
    scope = "global" if everywhere else "shared" if shared else "user"
    sent = {
        **(headers or {}),
        "Retry-After": str(max(1, round(retry_after))),
        "X-RateLimit-Scope": scope,
        "Via": "1.1 google",
    }
    if everywhere:
        sent["X-RateLimit-Global"] = "true"
    message = "The resource is being rate limited." if shared else "You are being rate limited."
    return ApiError(
        429,
        0,
        message,
        headers=sent,
        extra={"retry_after": round(retry_after, 3), "global": everywhere},
    )
