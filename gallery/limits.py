"""How much one address, or one person, may ask of the gallery in a short while."""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from math import ceil
from time import monotonic

from core.errors import EaselError
from core.sentences import say

MOST_KEPT = 20_000
"""Buckets held at most; the one that was asked longest ago goes first, and is full when it comes
back. A bucket takes about 200 bytes."""


class TooOftenError(EaselError):
    """You ask too often; wait a moment."""

    def __init__(self, seconds: float) -> None:
        self.seconds = max(1, ceil(seconds))
        super().__init__(
            say("That is a lot at once. Try again in {seconds} s.", seconds=self.seconds)
        )


@dataclass(frozen=True, slots=True)
class Rate:
    """So many at once, and so many more in each second after that."""

    burst: float
    per_second: float


class Cost(Enum):
    """What a route takes from. A page with forty pictures takes one PAGE and forty PICTUREs."""

    PAGE = Rate(120, 4)
    PICTURE = Rate(1500, 60)
    SEARCH = Rate(40, 2)
    CHANGE = Rate(40, 1)
    LOGIN = Rate(10, 0.1)
    FORM = Rate(5, 1 / 60)


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class Buckets:
    """Token buckets by who asks and what for. `now` is in seconds and never goes back."""

    def __init__(self, now: Callable[[], float] = monotonic, *, most: int = MOST_KEPT) -> None:
        self._now = now
        self._most = most
        self._buckets: OrderedDict[tuple[str, Cost], _Bucket] = OrderedDict()

    def take(self, who: str, cost: Cost) -> None:
        """Takes one. Raises TooOftenError, and then it does not count."""
        now, rate = self._now(), cost.value
        bucket = self._buckets.get((who, cost))
        if bucket is None:
            bucket = self._buckets[who, cost] = _Bucket(rate.burst, now)
            if len(self._buckets) > self._most:
                self._buckets.popitem(last=False)
        else:
            self._buckets.move_to_end((who, cost))
            filled = bucket.left + (now - bucket.at) * rate.per_second
            bucket.left, bucket.at = min(rate.burst, filled), now
        if bucket.left < 1:
            raise TooOftenError((1 - bucket.left) / rate.per_second)
        bucket.left -= 1

    def __len__(self) -> int:
        return len(self._buckets)


def network(address: str) -> str:
    """Whom an address stands for: one machine in IPv4, in IPv6 the 64 bits that a home is given."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return str(ip.ipv4_mapped)
        return str(ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)
