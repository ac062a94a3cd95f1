from __future__ import annotations

from typing import Any

import pytest

from core.errors import SettingsError
from core.sources import check_key, read_source


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


def test_a_key_is_known_and_of_its_type() -> None:
    types = {"steps": (int,), "weight": (int, float)}
    check_key("[x]", "weight", 0.5, types)
    for key, value, said in (
        ("step", 5, "[x] has an unknown key “step”; did you mean “steps”?"),
        ("zzz", 5, "[x] has an unknown key “zzz”."),
        ("weight", "1", "[x] weight must be of type int or float."),
        ("steps", True, "[x] steps must be of type int."),
    ):
        with pytest.raises(SettingsError) as caught:
            check_key("[x]", key, value, types)
        assert caught.value.sentence == said
