"""Who may see which work, and who may change it: one policy for every front end. What is not
allowed here is denied."""

from __future__ import annotations

from core.jobs import Job
from core.request import Kind, Visibility
from core.works import Showing, Viewer, Work


def may_view(viewer: Viewer, work: Work) -> bool:
    """Whether the work may be looked at by who has its address."""
    if viewer.operator or owns(viewer, work):
        return True
    if work.age_rated and not (is_adult(viewer) or may_moderate(viewer, work.server_id)):
        return False
    match work.showing:
        case Showing.PUBLIC | Showing.UNLISTED:
            return True
        case Showing.SERVER:
            return is_member(viewer, work.server_id)
        case Showing.PRIVATE:
            return False


def listed(viewer: Viewer, work: Work, *, age_rated: bool = False, own: bool = False) -> bool:
    """Whether lists show the work. `age_rated`: the list was asked for with such works. `own`: it
    is the viewer's list of what they made, which has all of it; in other lists they meet their
    works as others do."""
    if own:
        return owns(viewer, work) and (age_rated or not work.age_rated)
    if work.age_rated and not (age_rated and is_adult(viewer)):
        return False
    match work.showing:
        case Showing.PUBLIC:
            return True
        case Showing.SERVER:
            return viewer.operator or is_member(viewer, work.server_id)
        case Showing.UNLISTED | Showing.PRIVATE:
            return False


def open_on_server(job: Job, showing: Showing | None, gallery: Showing | None) -> bool:
    """Whether whoever is on its server may see a picture there. `showing` is what its work says,
    None where it has none; `gallery` what the server says. A server that keeps out of the gallery
    makes all works private, which says nothing of its own channels."""
    if job.place.server_id == 0 or job.place.closed:
        return False
    if job.request.visibility is Visibility.STEALTH or showing is None:
        return False
    return showing in ON_SERVER or gallery is Showing.PRIVATE


ON_SERVER = (Showing.PUBLIC, Showing.SERVER)
"""What all members of a work's server may see."""


def may_change(viewer: Viewer, work: Work) -> bool:
    """Whether they may say who sees the work."""
    return viewer.operator or owns(viewer, work)


def may_moderate(viewer: Viewer, server_id: int) -> bool:
    """Whether they may take away what others made on the server."""
    if viewer.operator:
        return True
    return server_id != 0 and server_id in viewer.moderates | viewer.administers


def owns(viewer: Viewer, work: Work) -> bool:
    return viewer.person_id != 0 and viewer.person_id == work.owner.id


def is_member(viewer: Viewer, server_id: int) -> bool:
    """Direct messages and the shell, server 0, have no members."""
    return server_id != 0 and server_id in viewer.servers


def is_adult(viewer: Viewer) -> bool:
    """Whether they turned age-rated pictures on, as only somebody who logged in can."""
    return viewer.adult and viewer.person_id != 0


def choices(server_id: int, gallery: Showing) -> tuple[Showing, ...]:
    """What the owner of a work may choose from, where the server shows its works as `gallery`
    says: the same or less. An address is the owner's to give away, unless the server keeps out of
    the gallery altogether."""
    if server_id == 0:
        return (Showing.UNLISTED, Showing.PRIVATE)
    match gallery:
        case Showing.PUBLIC:
            return tuple(Showing)
        case Showing.PRIVATE:
            return (Showing.PRIVATE,)
        case _:
            return (Showing.SERVER, Showing.UNLISTED, Showing.PRIVATE)


def first_showing(job: Job, gallery: Showing, wish: Showing | None) -> Showing | None:
    """Who may see the works of a job that was just done; None: it has none of its own, since its
    picture is another job's. `gallery` is what its server says, `wish` what its owner prefers,
    which counts where it is less. What was made where not all members look in is not told."""
    if job.request.kind is Kind.UPSCALE:
        return None
    if job.place.server_id == 0 or job.place.closed:
        return Showing.PRIVATE
    if job.request.visibility is Visibility.STEALTH:
        return Showing.PRIVATE
    return wish if wish is not None and wish in choices(job.place.server_id, gallery) else gallery
