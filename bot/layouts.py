"""Messages made of Discord's newer components: text, pictures side by side, buttons.

Such a message has no content of its own and can never become an ordinary one again. Its pictures
are the files that come with it, named by `attachment://`.
"""

from __future__ import annotations

from collections.abc import Sequence

import discord

from bot.messenger import Upload
from bot.views import Rows

MOST_PICTURES = 10
"""Of one gallery, and files of one message."""


def gallery(text: str, uploads: Sequence[Upload], rows: Rows) -> discord.ui.LayoutView:
    """The text, then the pictures, then the buttons."""
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(discord.ui.TextDisplay(text))
    view.add_item(
        discord.ui.MediaGallery(
            *(
                discord.MediaGalleryItem(f"attachment://{one.name}", description=one.alt or None)
                for one in uploads
            )
        )
    )
    for row in rows:
        view.add_item(discord.ui.ActionRow(*row))
    view.stop()
    return view


def as_it_is(message: discord.Message) -> discord.ui.View | discord.ui.LayoutView:
    """The components of a message, to be sent with it again: its files stay where they are."""
    if not message.flags.components_v2:
        return discord.ui.View.from_message(message, timeout=None)
    view = discord.ui.LayoutView.from_message(message, timeout=None)
    files = iter(message.attachments)
    for item in view.walk_children():
        if isinstance(item, discord.ui.MediaGallery):
            item.items = [
                discord.MediaGalleryItem(
                    f"attachment://{file.filename}", description=old.description
                )
                for old, file in zip(item.items, files, strict=False)
            ]
    return view
