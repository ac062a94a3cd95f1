"""The one policy of the gallery, as a table: who may see what."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from core.jobs import Place
from core.request import Kind, Visibility
from core.viewing import (
    choices,
    first_showing,
    listed,
    may_change,
    may_moderate,
    may_view,
    open_on_server,
)
from core.works import ANYBODY, Showing, Viewer, Work
from tests.builders import ADA, BO, CHANNEL, job, request, work

HERE, ELSEWHERE = CHANNEL.server_id, 99
BOTH = frozenset({HERE, ELSEWHERE})

ROLES = {
    "anybody": ANYBODY,
    "a stranger": Viewer(person_id=BO.id, servers=frozenset({ELSEWHERE})),
    "a member": Viewer(person_id=BO.id, servers=frozenset({HERE})),
    "the owner": Viewer(person_id=ADA.id),
    "a moderator": Viewer(person_id=BO.id, servers=frozenset({HERE}), moderates=frozenset({HERE})),
    "an admin": Viewer(person_id=BO.id, servers=frozenset({HERE}), administers=frozenset({HERE})),
    "an admin elsewhere": Viewer(
        person_id=BO.id, servers=frozenset({ELSEWHERE}), administers=frozenset({ELSEWHERE})
    ),
    "the operator": Viewer(person_id=BO.id, operator=True),
}

# v: may look at it with the address; l: lists show it; neither: a dot.
#                      public  server  unlisted  private   age-rated: public server unlisted private
TABLE = {
    "anybody":            ("vl", ".",  "v",      ".",      ".",  ".",  ".",  "."),
    "a stranger":         ("vl", ".",  "v",      ".",      ".",  ".",  ".",  "."),
    "a member":           ("vl", "vl", "v",      ".",      ".",  ".",  ".",  "."),
    "the owner":          ("vl", "v",  "v",      "v",      "v",  "v",  "v",  "v"),
    "a moderator":        ("vl", "vl", "v",      ".",      "v",  "v",  "v",  "."),
    "an admin":           ("vl", "vl", "v",      ".",      "v",  "v",  "v",  "."),
    "an admin elsewhere": ("vl", ".",  "v",      ".",      ".",  ".",  ".",  "."),
    "the operator":       ("vl", "vl", "v",      "v",      "v",  "v",  "v",  "v"),
}  # fmt: skip

# The same where the viewer turned age-rated pictures on and asked for them.
TURNED_ON = {
    "anybody":            (".",  ".",  ".",      "."),
    "a stranger":         ("vl", ".",  "v",      "."),
    "a member":           ("vl", "vl", "v",      "."),
    "the owner":          ("vl", "v",  "v",      "v"),
    "a moderator":        ("vl", "vl", "v",      "."),
    "an admin":           ("vl", "vl", "v",      "."),
    "an admin elsewhere": ("vl", ".",  "v",      "."),
    "the operator":       ("vl", "vl", "v",      "v"),
}  # fmt: skip

COLUMNS = [(showing, rated) for rated in (False, True) for showing in Showing]


def rights(viewer: Viewer, work: Work, *, asked: bool) -> str:
    view, list_ = may_view(viewer, work), listed(viewer, work, age_rated=asked)
    return ("v" * view + "l" * list_) or "."


@pytest.mark.parametrize(
    ("role", "column"), list(product(ROLES, range(len(COLUMNS)))), ids=lambda value: str(value)
)
def test_who_sees_what(role: str, column: int) -> None:
    showing, rated = COLUMNS[column]
    found = rights(ROLES[role], work(showing=showing, age_rated=rated), asked=False)
    assert found == TABLE[role][column]


@pytest.mark.parametrize(("role", "column"), list(product(ROLES, range(4))))
def test_age_rated_works_are_for_those_who_turned_them_on(role: str, column: int) -> None:
    viewer = replace(ROLES[role], adult=True)
    shown = work(showing=list(Showing)[column], age_rated=True)
    assert rights(viewer, shown, asked=True) == TURNED_ON[role][column]
    # Not unless they are asked for, whatever was turned on.
    assert not listed(viewer, shown)


@pytest.mark.parametrize("role", ROLES)
def test_who_may_change_and_take_away(role: str) -> None:
    viewer, theirs = ROLES[role], work()
    assert may_change(viewer, theirs) == (role in ("the owner", "the operator"))
    in_charge = ("a moderator", "an admin", "the operator")
    assert may_moderate(viewer, HERE) == (role in in_charge)
    assert may_moderate(viewer, 0) == (role == "the operator")


def test_ones_own_list_has_all_of_it_and_nothing_else() -> None:
    mine = ROLES["the owner"]
    for showing in Showing:
        assert listed(mine, work(showing=showing), own=True)
        rated = work(showing=showing, age_rated=True)
        assert listed(mine, rated, own=True, age_rated=True)
        assert not listed(mine, rated, own=True)
    assert not listed(ROLES["the operator"], work(), own=True)


def test_what_was_made_at_the_shell_belongs_to_nobody_who_comes_by() -> None:
    nobodys = work(owner=type(ADA)(0, "shell"), server_id=0, showing=Showing.PRIVATE)
    for role in ("anybody", "a member", "an admin"):
        assert not may_view(ROLES[role], nobodys)
        assert not may_change(ROLES[role], nobodys)
    of_a_message = work(server_id=0, showing=Showing.SERVER)
    assert not may_view(Viewer(person_id=BO.id, servers=frozenset({0})), of_a_message)


class TestWhatIsFirstShown:
    @pytest.mark.parametrize(
        ("gallery", "wish", "showing"),
        [
            (Showing.SERVER, None, Showing.SERVER),
            (Showing.PUBLIC, None, Showing.PUBLIC),
            (Showing.PRIVATE, None, Showing.PRIVATE),
            (Showing.PUBLIC, Showing.SERVER, Showing.SERVER),
            (Showing.PUBLIC, Showing.PRIVATE, Showing.PRIVATE),
            (Showing.SERVER, Showing.PRIVATE, Showing.PRIVATE),
            (Showing.SERVER, Showing.PUBLIC, Showing.SERVER),
            (Showing.PRIVATE, Showing.SERVER, Showing.PRIVATE),
        ],
    )
    def test_a_person_may_show_less_than_the_server_and_never_more(
        self, gallery: Showing, wish: Showing | None, showing: Showing
    ) -> None:
        assert first_showing(job(), gallery, wish) is showing

    @pytest.mark.parametrize("wish", [None, *Showing])
    def test_stealth_and_closed_places_are_private(self, wish: Showing | None) -> None:
        stealth = job(request=request(visibility=Visibility.STEALTH))
        message = job(place=Place(channel_id=20))
        closed = job(place=replace(CHANNEL, closed=True))
        for one in (stealth, message, closed, job(place=Place())):
            assert first_showing(one, Showing.PUBLIC, wish) is Showing.PRIVATE

    def test_a_picked_picture_is_no_work_of_its_own(self) -> None:
        picked = job(request=request(kind=Kind.UPSCALE))
        assert first_showing(picked, Showing.PUBLIC, None) is None


def test_an_owner_chooses_within_what_the_server_allows() -> None:
    assert set(choices(HERE, Showing.PUBLIC)) == set(Showing)
    assert Showing.PUBLIC not in choices(HERE, Showing.SERVER)
    assert choices(HERE, Showing.PRIVATE) == (Showing.PRIVATE,)
    assert set(choices(0, Showing.PUBLIC)) == {Showing.UNLISTED, Showing.PRIVATE}


class TestWhatAllOfAServerMaySee:
    @pytest.mark.parametrize(
        ("showing", "gallery", "seen"),
        [
            (Showing.PUBLIC, None, True),
            (Showing.SERVER, Showing.SERVER, True),
            (Showing.UNLISTED, Showing.PUBLIC, False),
            (Showing.PRIVATE, None, False),
            (Showing.PRIVATE, Showing.PRIVATE, True),
            (None, Showing.PRIVATE, False),
        ],
    )
    def test_what_its_owner_hid_is_for_nobody_else_but_what_its_server_keeps_to_itself_is(
        self, showing: Showing | None, gallery: Showing | None, seen: bool
    ) -> None:
        assert open_on_server(job(), showing, gallery) is seen

    def test_stealth_and_closed_places_stay_what_they_are(self) -> None:
        stealth = job(request=request(visibility=Visibility.STEALTH))
        closed = job(place=replace(CHANNEL, closed=True))
        for one in (stealth, closed, job(place=Place(channel_id=20)), job(place=Place())):
            assert not open_on_server(one, Showing.PUBLIC, Showing.PRIVATE)
