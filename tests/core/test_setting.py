"""How the text of a setting is read, and what is said of one that does not fit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from core.setting import (
    PREFIX,
    Setting,
    choice,
    client,
    host,
    hosts,
    number,
    site,
    snowflake,
    snowflakes,
)


def test_a_row_is_a_field_without_its_prefix() -> None:
    assert Setting(f"{PREFIX}EDIT_EVERY_SECONDS", str, "", "").field == "edit_every_seconds"
    assert Setting("DISCORD_TOKEN", str, "", "", secret=True).field == "discord_token"


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (number(int, 1, 4), "4", 4),
        (number(float, 0, 1), "0.5", 0.5),
        (choice("on", "off"), "off", "off"),
        (snowflake, "", None),
        (snowflake, "42", 42),
        (snowflakes, "1, 2 3", (1, 2, 3)),
        (client, "42", "42"),
        (host, "0.0.0.0", "0.0.0.0"),
        (site, "https://example.org:8443/", "https://example.org:8443"),
        (hosts, "A.example, *", ("a.example", "*")),
    ],
)
def test_what_fits_is_read(read: Callable[[str], Any], text: str, value: Any) -> None:
    assert read(text) == value


@pytest.mark.parametrize(
    ("read", "text", "right"),
    [
        (number(int, 1, 4), "5", "a whole number from 1 to 4"),
        (number(int, 1, 4), "1.5", "a whole number from 1 to 4"),
        (number(float, 0, 1), "nan", "a number from 0 to 1"),
        (choice("on", "off"), "On", "one of on, off"),
        (snowflake, "\u0664\u0662", "the number of a server"),
        (snowflakes, "1, ada", "numbers of people"),
        (client, "easel", "the application's number"),
        (host, "every one", "an address of this machine"),
        (site, "https://example.org/path", "without a path"),
        (hosts, "*.example.org", "names of hosts"),
    ],
)
def test_what_does_not_is_refused_with_what_would(
    read: Callable[[str], Any], text: str, right: str
) -> None:
    with pytest.raises(ValueError, match="it must be") as caught:
        read(text)
    assert right in str(caught.value)
