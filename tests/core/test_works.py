"""Works and their names."""

from __future__ import annotations

import pytest

from core.works import read_id, work_id
from tests.builders import work


def test_a_works_name_says_which_picture_it_is() -> None:
    one = work("01hx-of-a-job", 3)
    assert one.id == "01hx-of-a-job-3"
    assert read_id(one.id) == ("01hx-of-a-job", 3)
    assert read_id(work_id("a", 12)) == ("a", 12)


@pytest.mark.parametrize(
    "id", ["", "-", "job", "job-", "-3", "job-x", "job-١", "job-1234", "job--"]
)
def test_what_is_no_works_name_is_told(id: str) -> None:
    assert read_id(id) == ("", 0)
