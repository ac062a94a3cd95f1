"""What may hang in a showcase."""

from __future__ import annotations

from typing import Any

import pytest

from core.errors import RefusedError
from core.jobs import Image
from core.showcase import (
    By,
    Exhibit,
    Hanging,
    Showcase,
    Way,
    check_again,
    check_fits,
    checked,
    exhibit_of,
    hung_again,
)
from core.works import Showing
from tests.builders import ADA, job, request


def showcase(**changes: Any) -> Showcase:
    return Showcase(**{"id": 1, "server_id": 10, "channel_id": 90, "likes": 3, **changes})


def exhibit(**changes: Any) -> Exhibit:
    values: dict[str, Any] = {
        "job_id": "0" * 20,
        "number": 1,
        "owner": ADA,
        "server_id": 10,
        "channel_id": 20,
        "message_id": 30,
        "text": "a red lighthouse --ar 3:2",
        "blob": "x.png",
        "public": True,
        "age_rated": False,
        "votes": 3,
    }
    return Exhibit(**{**values, **changes})


def hanging(taken_by: By | None, **changes: Any) -> Hanging:
    values: dict[str, Any] = {"id": 1, "showcase_id": 1, "job_id": "x", "number": 1}
    return Hanging(**{**values, "way": Way.LIKES, **changes}, taken_by=taken_by)


@pytest.mark.parametrize("way", Way)
def test_a_public_picture_of_the_server_hangs_there(way: Way) -> None:
    check_fits(showcase(), exhibit(), way, willing=True)


@pytest.mark.parametrize(
    ("case", "picture", "says"),
    [
        ({}, {"server_id": 11}, "its own server"),
        ({}, {"public": False}, "private"),
        ({}, {"age_rated": True}, "takes none of them"),
        ({"age_rated": True}, {}, "age-restricted channels alone"),
    ],
    ids=str,
)
@pytest.mark.parametrize("way", Way)
def test_what_does_not_belong_there_hangs_by_no_way(
    case: dict[str, Any], picture: dict[str, Any], says: str, way: Way
) -> None:
    with pytest.raises(RefusedError, match=says):
        check_fits(showcase(**case), exhibit(**picture), way, willing=True)


def test_age_rated_work_hangs_among_its_like() -> None:
    check_fits(showcase(age_rated=True), exhibit(age_rated=True), Way.LIKES, willing=True)


def test_whoever_does_not_want_it_publishes_only_by_their_own_hand() -> None:
    check_fits(showcase(), exhibit(), Way.PUBLISHED, willing=False)
    for way in (Way.LIKES, Way.FEATURED):
        with pytest.raises(RefusedError, match="does not want"):
            check_fits(showcase(), exhibit(), way, willing=False)


@pytest.mark.parametrize(("likes", "votes"), [(3, 2), (0, 99)])
def test_too_few_likes_are_not_enough_and_none_are_where_none_count(likes: int, votes: int) -> None:
    with pytest.raises(RefusedError, match="not enough likes"):
        check_fits(showcase(likes=likes), exhibit(votes=votes), Way.LIKES, willing=True)
    check_fits(showcase(likes=likes), exhibit(votes=votes), Way.FEATURED, willing=True)


@pytest.mark.parametrize(
    ("topic", "prompt", "fits"),
    [
        ("", "anything", True),
        ("lighthouse", "a red Lighthouse", True),
        ("cat, dog", "two dogs on a beach", True),
        ("cat", "a concatenation", False),
        ("red lighthouse", "a lighthouse, red", False),
        ("c++", "a book about C++", True),
        ("猫", "一只小猫在窗边", True),
        ("猫", "一只狗", False),
    ],
)
def test_by_itself_comes_only_what_is_about_the_topic(topic: str, prompt: str, fits: bool) -> None:
    case, picture = showcase(topic=topic), exhibit(text=prompt)
    check_fits(case, picture, Way.PUBLISHED, willing=True)
    if fits:
        check_fits(case, picture, Way.LIKES, willing=True)
    else:
        with pytest.raises(RefusedError, match="not about"):
            check_fits(case, picture, Way.LIKES, willing=True)


@pytest.mark.parametrize("taken_by", [None, *By])
@pytest.mark.parametrize("way", Way)
def test_it_comes_back_by_the_hand_that_took_it_down(taken_by: By | None, way: Way) -> None:
    before = hanging(taken_by, way=way)
    allowed = {
        None: set(Way),
        By.OWNER: {Way.PUBLISHED},
        By.MODERATOR: {Way.FEATURED},
        By.NOBODY: {Way.PUBLISHED, Way.FEATURED},
    }
    if way in allowed[taken_by]:
        check_again(before, way)
    else:
        with pytest.raises(RefusedError, match="took that picture down"):
            check_again(before, way)


def test_a_topic_is_put_in_order() -> None:
    assert checked(showcase(topic="  cats ,, big   dogs，猫、")).topic == "cats, big dogs, 猫"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"likes": -1}, "0 to 10,000 likes"),
        ({"likes": 10_001}, "0 to 10,000 likes"),
        ({"topic": "x" * 101}, "101 characters; the limit is 100"),
    ],
    ids=str,
)
def test_a_showcase_that_makes_no_sense_is_refused(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(RefusedError, match=says):
        checked(showcase(**changes))


def test_a_picture_is_shown_with_its_owner_and_its_votes() -> None:
    picture = Image(job_id="0" * 20, number=2, blob="y.png", width=8, height=8, seed=1)
    made = job("0" * 20, request=request("fog over hills"), message_id=30)

    shown = exhibit_of(made, picture, showing=Showing.SERVER, gallery=None, age_rated=True, votes=4)

    assert (shown.job_id, shown.number, shown.blob) == ("0" * 20, 2, "y.png")
    assert (shown.owner, shown.text, shown.message_id) == (ADA, "fog over hills", 30)
    assert (shown.public, shown.age_rated, shown.votes) == (True, True, 4)


def test_a_picture_that_comes_back_begins_anew_in_its_next_turn() -> None:
    gone = hanging(By.OWNER, way=Way.LIKES, turn=2, hung_at=5.0, votes=3)

    again = hung_again(gone, Way.PUBLISHED)

    assert again == hanging(None, way=Way.PUBLISHED, turn=3)


@pytest.mark.parametrize("left", [{"message_id": 7}, {"began_at": 5.0}], ids=str)
def test_it_comes_back_when_its_last_message_is_surely_gone(left: dict[str, Any]) -> None:
    with pytest.raises(RefusedError, match="just being taken down"):
        hung_again(hanging(By.OWNER, **left), Way.PUBLISHED)
