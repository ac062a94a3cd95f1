from __future__ import annotations

from typing import Any

import pytest

from core.errors import SettingsError
from core.sources import read_source


def test_a_table_names_a_source_and_maybe_its_revision() -> None:
    assert read_source("[x]", {"source": "/models/blip"}) == ("/models/blip", None)
    assert read_source("[x]", {"source": "a/b", "revision": "main"}) == ("a/b", "main")


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({}, r"\[x\] needs a source: a file or a folder\."),
        ({"source": ""}, r"\[x\] needs a source: a file or a folder\."),
        ({"source": "a", "revision": ""}, r"\[x\] revision is empty; leave it out\."),
        ({"source": 5}, r"\[x\] source must be of type str\."),
        ({"source": "a", "revision": 5}, r"\[x\] revision must be of type str\."),
        ({"sorce": "a"}, r"\[x\] has an unknown key “sorce”; it takes source and revision\."),
    ],
)
def test_what_it_has_wrong_is_named(table: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        read_source("[x]", table, "a file or a folder")
