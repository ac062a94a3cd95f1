"""What is shown in a block comes back as it was, and never ends the block."""

from __future__ import annotations

import pytest

from bot.fences import FENCE, as_it_was, fenced, guarded


@pytest.mark.parametrize("ticks", range(9))
def test_ticks_in_a_block_do_not_end_it_and_are_read_back(ticks: int) -> None:
    text = f"a {'`' * ticks} fox"
    block = fenced(text)
    assert block.startswith(f"{FENCE}\n") and block.endswith(f"\n{FENCE}")
    assert block.count(FENCE) == 2
    assert as_it_was(block[4:-4]) == as_it_was(guarded(guarded(text))) == text
