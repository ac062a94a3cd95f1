"""What the gallery stands on: the core's use cases and ports, and where it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from core.admin import Stewardship
from core.album import Album
from core.archive import Archive
from core.clock import Clock
from core.collections import Keeper
from core.complaints import Complaints
from core.curator import Curator
from core.doing import Doing
from core.gallery import Gallery
from core.likeness import MoreLikeThis
from core.membership import Membership
from core.ports import Blobs, JobStore
from core.reports import Bench
from core.request import Request
from core.studio import Studio
from core.themes import Themes
from core.thumbs import Thumbs
from core.works import Works
from gallery.directory import Directory, NoDirectory
from gallery.files import Files
from gallery.limits import Buckets
from gallery.login import LogIn
from gallery.site import Site
from gallery.visitors import Visitors


class Records(Protocol):
    """Reads how a picture was made from its file, which may be anybody's."""

    async def read(self, data: bytes) -> tuple[Request, int] | None:
        """The request and the picture's number (0: the grid); None from anything else."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Deps:
    """`login` is None where nobody can log in; `login_mend` then says what the operator must do."""

    site: Site
    clock: Clock
    gallery: Gallery
    keeper: Keeper
    alike: MoreLikeThis
    works: Works
    themes: Themes
    store: JobStore
    album: Album
    blobs: Blobs
    thumbs: Thumbs
    studio: Studio
    steward: Stewardship
    doing: Doing
    complaints: Complaints
    bench: Bench
    curator: Curator
    archive: Archive
    records: Records
    membership: Membership
    visitors: Visitors
    login: LogIn | None = None
    login_mend: str = ""
    directory: Directory = field(default_factory=NoDirectory)
    files: Files = field(default_factory=Files)
    buckets: Buckets = field(default_factory=Buckets)

    async def server_name(self, server_id: int) -> str:
        """The empty text for one that Easel is not on, and for direct messages."""
        return await self.membership.server_name(server_id) if server_id else ""
