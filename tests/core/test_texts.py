from __future__ import annotations

import pytest

from core.errors import RefusedError
from core.texts import one_line


def test_lines_and_gaps_become_single_spaces() -> None:
    assert one_line("  fog\n and \t lamps ", 13) == "fog and lamps"


def test_what_is_too_long_is_refused_with_both_numbers() -> None:
    with pytest.raises(RefusedError) as refused:
        one_line("x" * 1201, 1200)
    assert str(refused.value) == "That has 1,201 characters; the limit is 1,200."
