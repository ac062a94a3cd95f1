"""Where on Discord a work was made."""

from __future__ import annotations

from core.viewing import is_member
from core.works import Viewer, Work


def link(work: Work, viewer: Viewer, discord: str) -> str:
    """The message that shows it, or else its channel; `discord` is where messages are looked at.
    "" for a work of the shell, for one made in somebody else's direct messages, and for who is
    known to be no member there."""
    if not work.channel_id:
        return ""
    if work.server_id == 0:
        if viewer.person_id != work.owner.id:
            return ""
    elif viewer.person_id and not is_member(viewer, work.server_id):
        return ""
    return address(discord, work.server_id, work.channel_id, work.message_id)


def address(discord: str, server_id: int, channel_id: int, message_id: int = 0) -> str:
    """Of a message, or else of its channel; server 0 is somebody's direct messages."""
    message = f"/{message_id}" if message_id else ""
    return f"{discord}/channels/{server_id or '@me'}/{channel_id}{message}"
