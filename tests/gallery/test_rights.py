"""Who may do what: every way of the gallery, for each of eight people, in each of six states.

A new way without a row fails `test_every_way_has_its_row`. Letters stand for the roles in their
order: + done or shown, L asked to log in, x refused, - nothing there (whether there is or not),
g gone, ! a form that makes no sense. `tests/gallery/roles.py` has what stands in paths and forms.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from gallery.app import WAYS, build_app
from gallery.site import Site
from storage.opening import Storage
from tests.builders import FakeClock
from tests.fakes.memory_membership import MemoryMembership
from tests.gallery.conftest import HERE, deps_over
from tests.gallery.roles import OPERATOR, ROLES, STATES, Town

Row = str | Mapping[str, str]
"""What happens in each state; one line for a way that has to do with no picture."""

#   anonymous, stranger, member, owner, moderator, admin, admin of another server, operator

SEES: Row = {
    "public": "++++++++",
    "server": "--++++-+",
    "unlisted": "++++++++",
    "private": "---+---+",
    "age-rated": "---+++-+",
    "deleted": "gggggggg",
}
SEES_LOGGED_IN: Row = {
    "public": "L+++++++",
    "server": "L-++++-+",
    "unlisted": "L+++++++",
    "private": "L--+---+",
    "age-rated": "L--+++-+",
    "deleted": "Lggggggg",
}
SAYS_WHO_SEES: Row = {
    "public": "Lxx+xxx+",
    "server": "L-x+xx-+",
    "unlisted": "Lxx+xxx+",
    "private": "L--+---+",
    "age-rated": "L--+xx-+",
    "deleted": "Lggggggg",
}
DELETES: Row = {
    "public": "Lxx+++x+",
    "server": "L-x+++-+",
    "unlisted": "Lxx+++x+",
    "private": "L--+---+",
    "age-rated": "L--+++-+",
    "deleted": "Lggggggg",
}
IS_ASKED_TO_DELETE: Row = {
    "public": "L--+++-+",
    "server": "L--+++-+",
    "unlisted": "L--+++-+",
    "private": "L--+---+",
    "age-rated": "L--+++-+",
    "deleted": "Lggggggg",
}
PAINTS_ANEW: Row = {
    # Only who is in the channel: what comes of it is posted there.
    "public": "Lx++++xx",
    "server": "L-++++-x",
    "unlisted": "Lx++++xx",
    "private": "L--+---x",
    "age-rated": "L--+++-x",
    "deleted": "Lggggggg",
}
DEMANDS: Row = {
    # Whoever knows its address may want it away, and need not see it.
    **dict.fromkeys(("public", "server", "unlisted", "private", "age-rated"), "++++++++"),
    "deleted": "!!!!!!!!",
}
LISTED: Row = {
    "public": "++++++++",
    "server": "--++++-+",
    "unlisted": "--------",
    "private": "--------",
    "age-rated": "--------",
    "deleted": "--------",
}
COLLECTION: Row = {"public": "++++++++", "unlisted": "++++++++", "private": "---+---+"}
OWN_COLLECTION: Row = {"public": "Lxx+xxx+", "unlisted": "Lxx+xxx+", "private": "L--+---+"}

ANYBODY = "++++++++"
LOGGED_IN = "L+++++++"
OWNER = "L--+---+"
IN_CHARGE = "L---++-+"
ADMINS = "L---x+-+"

TABLE: Mapping[str, Row] = {
    # Looking
    "explore": ANYBODY,
    "top": ANYBODY,
    "search": ANYBODY,
    "person": ANYBODY,
    "server": ANYBODY,
    "picture": SEES,
    "picture_file": SEES,
    "thumbnail": SEES,
    "verify": SEES,
    "alike": SEES,
    "themes": ANYBODY,
    "theme": LISTED,
    "feed_rss": ANYBODY,
    "feed_json": ANYBODY,
    "person_feed_rss": ANYBODY,
    "person_feed_json": ANYBODY,
    "server_feed_rss": ANYBODY,
    "server_feed_json": ANYBODY,
    # One's own
    "mine": LOGGED_IN,
    "likes": LOGGED_IN,
    "collections": LOGGED_IN,
    "make_collection": LOGGED_IN,
    "collection": COLLECTION,
    "change_collection": OWN_COLLECTION,
    "remove_collection": OWN_COLLECTION,
    "choose_collection": SEES_LOGGED_IN,
    "collect": SEES_LOGGED_IN,
    "job": OWNER,
    # Doing something with a picture
    "like": SEES_LOGGED_IN,
    "showing": SAYS_WHO_SEES,
    "ask-delete": IS_ASKED_TO_DELETE,
    "delete": DELETES,
    "ask-report": SEES_LOGGED_IN,
    "report": SEES_LOGGED_IN,
    "brush": SEES_LOGGED_IN,
    "repaint": PAINTS_ANEW,
    "takedown": ANYBODY,
    "demand": DEMANDS,
    # In and out. Nobody came from Discord here, so nobody is let in.
    "login": ANYBODY,
    "login_back": "xxxxxxxx",
    "logout": ANYBODY,
    "age_rated": LOGGED_IN,
    "language": ANYBODY,
    # In charge of a server
    "admin": LOGGED_IN,
    "admin-server": IN_CHARGE,
    "admin-reports": IN_CHARGE,
    "admin-report": IN_CHARGE,
    "admin-dismiss": IN_CHARGE,
    "admin-take-down": IN_CHARGE,
    "admin-use": ADMINS,
    "admin-use-table": ADMINS,
    "admin-member": ADMINS,
    "admin-limits": ADMINS,
    "admin-showcases": ADMINS,
    "admin-showcase": ADMINS,
    "admin-showcase-remove": ADMINS,
    "admin-log": ADMINS,
}


def rows(name: str) -> Mapping[str, str]:
    row = TABLE[name]
    return {"public": row} if isinstance(row, str) else row


class NoRecords:
    """What a picture's file says of itself takes a program, and is not what is asked here."""

    async def read(self, data: bytes) -> None:
        return None


def test_every_way_has_its_row() -> None:
    names = [way.name for way in WAYS]
    assert sorted(names) == sorted(set(names)), "two ways have one name"
    assert set(names) == set(TABLE)


def test_a_row_says_all_there_is_to_say() -> None:
    for way in WAYS:
        of_a_picture = "{work}" in way.path
        for state, letters in rows(way.name).items():
            assert len(letters) == len(ROLES), way.name
            assert state in STATES
        assert not of_a_picture or set(rows(way.name)) == set(STATES), way.name


def test_whatever_changes_something_is_posted_and_wants_somebody_logged_in() -> None:
    open_to_all = {"demand", "logout"}
    for way in WAYS:
        assert way.method in ("GET", "POST")
        if way.method == "POST" and way.name not in open_to_all:
            assert way.logged_in, way.name


@pytest.mark.timeout(300)
async def test_the_table_holds(storage: Storage, town: MemoryMembership, clock: FakeClock) -> None:
    Town.settle(town)
    site = Site(url=HERE, operators=frozenset({OPERATOR.id}))
    deps = deps_over(storage, town, clock, site=site, records=NoRecords())
    people = Town(build_app(deps), deps, storage, clock)
    await people.open()
    wrong: list[str] = []
    for way in WAYS:
        for state, right in rows(way.name).items():
            letters = [await people.answer(role, way, state) for role in ROLES]
            if (found := "".join(letters)) != right:
                wrong.append(f"{way.method} {way.name}, {state}: {found}, not {right}")
    assert wrong == []
