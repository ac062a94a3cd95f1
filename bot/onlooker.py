"""Who looks at pictures, as far as the place in Discord tells where they ask."""

from __future__ import annotations

from bot.desk import actor_of
from bot.replies import Interaction
from bot.sightings import may_read
from bot.whereabouts import server_of, whereabouts
from core.works import Viewer, Work


def viewer_of(interaction: Interaction) -> Viewer:
    """Who looks, as far as this place tells."""
    actor = actor_of(interaction)
    here = frozenset({actor.server_id} if actor.server_id else ())
    return Viewer(
        person_id=actor.owner.id,
        servers=here,
        moderates=here if actor.moderates else frozenset(),
        administers=here if actor.administers else frozenset(),
        adult=is_age_rated(interaction),
    )


def is_age_rated(interaction: Interaction) -> bool:
    """Whether Discord marks the channel as age-restricted."""
    age_rated, _ = whereabouts(interaction.channel)
    return age_rated


def is_told(interaction: Interaction, work: Work) -> bool:
    """What is age-rated is shown where Discord shows such things; and nobody is told of what
    somebody else made where they may not read now."""
    if work.age_rated and not is_age_rated(interaction):
        return False
    guild = interaction.guild if server_of(interaction) else None
    if guild is None or work.owner.id == interaction.user.id or work.server_id != guild.id:
        return True
    # What is not known is a thread that nobody writes in, or was deleted.
    known = guild.get_channel_or_thread(work.channel_id) is not None
    return not known or may_read(interaction, work.channel_id)
