"""A setting: its row in the table, and how the text an operator wrote is read."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

PREFIX = "EASEL_"


@dataclass(frozen=True, slots=True)
class Setting:
    """A row of the table. `read` turns the text into the value or raises ValueError."""

    name: str
    read: Callable[[str], Any]
    default: str
    help: str
    secret: bool = False

    @property
    def field(self) -> str:
        return self.name.removeprefix(PREFIX).lower()


def number(kind: type[int] | type[float], low: float, high: float) -> Callable[[str], Any]:
    what = "a whole number" if kind is int else "a number"

    def read(text: str) -> int | float:
        try:
            value = kind(text)
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            raise ValueError(f"it must be {what} from {low:.12g} to {high:.12g}")
        return value

    return read


def choice(*values: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in values:
            raise ValueError(f"it must be one of {', '.join(values)}")
        return text

    return read


def snowflake(text: str) -> int | None:
    if text and not (text.isascii() and text.isdigit()):
        raise ValueError(
            "it must be the number of a server, as Discord's “Copy Server ID” gives it"
        )
    return int(text) if text else None


def snowflakes(text: str) -> tuple[int, ...]:
    ids = tuple(id for id in re.split(r"[\s,]+", text) if id)
    if not all(id.isascii() and id.isdigit() for id in ids):
        raise ValueError("it must be numbers of people, as Discord's “Copy User ID” gives them")
    return tuple(map(int, ids))


def client(text: str) -> str:
    if text and not (text.isascii() and text.isdigit()):
        raise ValueError("it must be the application's number, as its page OAuth2 shows it")
    return text


def host(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9.:-]+", text):
        raise ValueError("it must be an address of this machine, such as 127.0.0.1 or 0.0.0.0")
    return text


def site(text: str) -> str:
    if text and not re.fullmatch(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?/?", text):
        raise ValueError("it must be like https://gallery.example.org, without a path")
    return text.rstrip("/")


def hosts(text: str) -> tuple[str, ...]:
    hosts = tuple(host.lower() for host in re.split(r"[\s,]+", text) if host)
    for host in hosts:
        if host != "*" and not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", host):
            raise ValueError("it must be names of hosts, such as i.imgur.com, or *")
    return hosts
