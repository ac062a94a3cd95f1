"""The pages of those who are in charge of a server: its moderators, and its admins.

Who that is, the core decides at each request, from what Discord says of the visitor.
"""

from __future__ import annotations

from gallery.admin import home, limits, log, reports, showcases, use
from gallery.ask import Way

ALL: tuple[Way, ...] = (
    *home.WAYS,
    *use.WAYS,
    *limits.WAYS,
    *reports.WAYS,
    *showcases.WAYS,
    *log.WAYS,
)
