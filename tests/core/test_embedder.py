from __future__ import annotations

import pytest

from core.embedder import Embedder
from core.errors import SettingsError
from core.models import EMBEDDED, Catalogue


@pytest.mark.parametrize("toml", ['likeness = "/models/clip"', '[likeness]\nsource="/models/clip"'])
def test_the_model_that_finds_what_is_alike_is_no_model_that_draws(toml: str) -> None:
    catalogue = Catalogue.parse(toml)
    assert catalogue.embedder == Embedder(source="/models/clip")
    assert catalogue.find("likeness") is None
    assert catalogue.default.name == EMBEDDED
    assert Catalogue.parse("").embedder is None


def test_vectors_of_another_model_are_of_another_kind() -> None:
    some = [
        Embedder(source="a"),
        Embedder(source="b"),
        Embedder(source="a", revision="b"),
        Embedder(source="a@b"),
    ]
    assert len({one.kind for one in some[:3]}) == 3
    assert Embedder(source="a").kind == some[0].kind
    assert all(len(one.kind) <= 32 for one in some)


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("likeness = 5", "must be a folder or a Hub id"),
        ('likeness = ""', "needs a source"),
        ("[likeness]", "needs a source"),
        ('[likeness]\nsorce = "x"', "unknown key “sorce”"),
    ],
)
def test_a_wrong_entry_is_named(toml: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        Catalogue.parse(toml)
