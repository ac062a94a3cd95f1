"""Old flags: each is answered with a sentence, and none is one of ours."""

from __future__ import annotations

import re

import pytest

from core.flags import BY_SPELLING
from core.legacy import OLD_STYLES, REPLACED


@pytest.mark.parametrize("sentence", sorted({*REPLACED.values(), *OLD_STYLES.values()}))
def test_every_answer_is_a_sentence_that_names_flags_of_ours(sentence: str) -> None:
    assert sentence[0].isupper()
    assert sentence.endswith(".")
    assert set(re.findall(r"--([a-z-]+)", sentence)) <= BY_SPELLING.keys()


def test_no_old_flag_is_a_new_one() -> None:
    assert not REPLACED.keys() & BY_SPELLING.keys()
