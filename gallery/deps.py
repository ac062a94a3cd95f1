"""What the gallery stands on: ports of the core, and where it is."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.clock import Clock
from gallery.files import Files
from gallery.limits import Buckets
from gallery.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Deps:
    site: Site
    clock: Clock
    files: Files = field(default_factory=Files)
    buckets: Buckets = field(default_factory=Buckets)
