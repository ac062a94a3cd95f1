"""Parts and weights; `test_prompt` has the lines they are typed in."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.request import Part
from core.weights import MAX_PARTS, parts, stretches


def test_a_text_is_one_part_and_no_text_is_none() -> None:
    assert parts("a fox") == ((Part("a fox"),), [])
    assert parts("") == ((), [])


def test_every_part_has_its_words_and_its_weight() -> None:
    found, problems = parts("a fox::2 snow:: rain::-.5")
    assert found == (Part("a fox", 2.0), Part("snow"), Part("rain", -0.5))
    assert problems == []


def test_weights_that_cancel_each_other_are_refused_for_all_that_floats_are() -> None:
    assert [problem.what for problem in parts("a::0.1 b::0.2 c::-0.3")[1]] == [
        "The weights add up to 0; their sum must be above zero."
    ]


def test_a_few_of_many_mistakes_are_enough() -> None:
    assert len(parts("::1 " * 100)[1]) <= 4


@given(
    text=st.lists(st.sampled_from(["a", "::", "1", ".5", "-", " ", "："]), max_size=30).map("".join)
)
def test_parts_without_a_problem_have_words_and_a_positive_sum(text: str) -> None:
    found, problems = parts(text.strip())
    if not problems:
        assert all(part.text for part in found)
        assert not found or sum(part.weight for part in found) > 0
        assert len(found) <= MAX_PARTS


def test_stretches_are_where_the_parts_stand() -> None:
    text = "a cat::2 rain, fog::-0.5 sky"
    assert [(text[begin:end].strip(), weight) for begin, end, weight in stretches(text)] == [
        ("a cat", 2.0),
        ("rain, fog", -0.5),
        ("sky", 1.0),
    ]
    assert stretches("plain") == [(0, 5, 1.0)]
