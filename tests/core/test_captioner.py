from __future__ import annotations

import pytest

from core.captioner import Captioner
from core.errors import SettingsError
from core.models import EMBEDDED, Catalogue


def test_the_caption_model_is_no_model_that_draws() -> None:
    catalogue = Catalogue.parse('[caption]\nsource = "/models/blip"\nrevision = "main"')
    assert catalogue.captioner == Captioner(source="/models/blip", revision="main")
    assert catalogue.find("caption") is None
    assert catalogue.default.name == EMBEDDED
    assert Catalogue.parse("").captioner is None


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("caption = 5", "must be a table"),
        ("[caption]", "needs a source"),
        ("[caption]\nsource = 5", "source must be of type str"),
        ('[caption]\nsorce = "x"', "unknown key “sorce”"),
    ],
)
def test_a_wrong_entry_is_named(toml: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        Catalogue.parse(toml)
