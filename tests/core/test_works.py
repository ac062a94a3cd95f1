"""Works and their names."""

from __future__ import annotations

import pytest

from core.jobs import Image, Place
from core.works import Showing, in_turn, read_id, work_id, work_of
from tests.builders import NOON, job, request, work


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


def image(number: int) -> Image:
    return Image(job_id="01hx", number=number, blob=f"b{number}", width=64, height=96, seed=number)


def test_a_picture_of_a_job_is_a_work_that_tells_its_prompt() -> None:
    made = job("01hx", request=request("a red barn"), message_id=77)

    one = work_of(
        made,
        image(2),
        seq=9,
        created_at=NOON,
        showing=Showing.SERVER,
        age_rated=True,
        likes=3,
    )

    assert (one.id, one.seq, one.message_id) == ("01hx-2", 9, 77)
    assert one.text.startswith("a red barn") and one.owner == made.owner
    assert (one.blob, one.width, one.height, one.seed) == ("b2", 64, 96, 2)
    assert (one.showing, one.age_rated, one.likes) == (Showing.SERVER, True, 3)


def test_in_lists_that_begin_with_the_newest_a_grid_reads_as_it_is() -> None:
    grid = [image(number) for number in (1, 2, 3, 4)]
    assert [one.number for one in reversed(in_turn(grid))] == [1, 2, 3, 4]


def test_nothing_leads_to_a_message_where_easel_is_not_itself() -> None:
    place = Place(channel_id=99, abroad=True)
    made, private = job("01hx", place=place, message_id=77), Showing.PRIVATE
    one = work_of(made, image(1), seq=9, created_at=NOON, showing=private, age_rated=False, likes=0)
    assert (one.server_id, one.channel_id, one.message_id) == (0, 0, 0)
