"""How lines come together; the stories of whole rules are told in test_quota."""

from __future__ import annotations

from core.allowance import ALL_MODELS, EVERYONE, Allowance, Amount, Line, Subject, SubjectKind, Unit
from core.layers import both, least, of_kind, pick, union, winning_amounts
from core.periods import Period

ARTISTS, PATRONS = Subject.role(11), Subject.role(12)


def line(subject: Subject, pictures: int, period: Period = Period.DAY) -> Line:
    return Line(subject, Allowance(amounts=(Amount(Unit.PICTURES, period, pictures),)))


def test_the_first_layer_that_says_something_wins_with_its_most_generous_line() -> None:
    roles = [line(ARTISTS, 10), line(PATRONS, 90, Period.WEEK)]
    layers = [[Line(Subject.member(1), Allowance(max_steps=9))], roles, [line(EVERYONE, 1000)]]
    assert winning_amounts(layers, Unit.PICTURES) == [
        (Amount(Unit.PICTURES, Period.WEEK, 90), PATRONS)
    ]
    assert winning_amounts(layers, Unit.GPU_SECONDS) == []
    assert pick(layers, lambda a: a.max_steps, max) == 9
    assert pick(layers, lambda a: a.max_waiting, max) is None
    assert of_kind([*roles, line(EVERYONE, 1)], SubjectKind.ROLE) == roles


def test_lists_and_limits_are_widened_and_narrowed() -> None:
    one, other = frozenset({"a", "b"}), frozenset({"b", "c"})
    assert union([one, other]) == {"a", "b", "c"}
    assert both(one, other) == {"b"}
    assert both(None, one) == both(ALL_MODELS, one) == both(one, None) == one
    assert (least(None, 3), least(4, 3), least(None, None)) == (3, 3, None)
