from __future__ import annotations

from bot.patience import Patience
from tests.builders import FakeClock


def test_what_fails_is_tried_ever_more_rarely_and_never_before_discord_allows_it() -> None:
    clock = FakeClock()
    patience = Patience[str](clock, longest=10)
    assert [patience.failed("a") for _ in range(6)] == [1, 2, 4, 8, 10, 10]
    assert patience.due == {"a": clock.now() + 10}
    assert patience.failed("b", asked=30) == 30
    assert patience.failed("b", asked=0.5) == 2
    patience.forget("a")
    patience.forget("unknown")
    assert list(patience.due) == ["b"]
    assert patience.failed("a") == 1
