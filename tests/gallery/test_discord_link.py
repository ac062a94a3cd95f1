"""The way back from a picture to where it was made."""

from __future__ import annotations

from core.works import ANYBODY, Viewer, Work
from gallery.pages import discord
from tests.builders import ADA, BO, work

MESSAGE = {"server_id": 10, "channel_id": 20, "message_id": 30}


def link(one: Work, viewer: Viewer, base: str = "https://discord.com") -> str:
    return discord.link(one, viewer, base)


def test_it_leads_to_the_message_or_else_to_the_channel() -> None:
    assert link(work(**MESSAGE), ANYBODY) == "https://discord.com/channels/10/20/30"
    silent = work(server_id=10, channel_id=20, message_id=0)
    assert link(silent, ANYBODY) == "https://discord.com/channels/10/20"
    assert link(silent, ANYBODY, "http://127.0.0.1:8866") == "http://127.0.0.1:8866/channels/10/20"


def test_it_leads_nobody_to_where_they_are_no_member() -> None:
    member, stranger = Viewer(person_id=2, servers=frozenset({10})), Viewer(person_id=2)
    assert link(work(**MESSAGE), member)
    assert link(work(**MESSAGE), stranger) == ""


def test_direct_messages_are_their_owners_own() -> None:
    told = work(owner=ADA, server_id=0, channel_id=20, message_id=30)
    assert link(told, Viewer(person_id=ADA.id)) == "https://discord.com/channels/@me/20/30"
    assert link(told, Viewer(person_id=BO.id)) == ""
    assert link(told, ANYBODY) == ""


def test_what_was_made_at_the_shell_has_no_message() -> None:
    assert link(work(server_id=0, channel_id=0), Viewer(person_id=ADA.id)) == ""
