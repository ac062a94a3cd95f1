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
        where = "@me"
    elif viewer.person_id and not is_member(viewer, work.server_id):
        return ""
    else:
        where = str(work.server_id)
    message = f"/{work.message_id}" if work.message_id else ""
    return f"{discord}/channels/{where}/{work.channel_id}{message}"
