"""Where the gallery stands: the address that people type, and what follows from it."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from core.errors import SettingsError
from core.settings import Settings

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """`url` is how people reach it, without a slash at the end. `behind_proxy`: another program on
    this machine answers at that address, and says whom it asks for. `operators` are the Discord
    ids of those who run Easel. `discord` is where people look at messages."""

    url: str
    behind_proxy: bool = False
    operators: frozenset[int] = frozenset()
    discord: str = "https://discord.com"

    @property
    def secure(self) -> bool:
        """Cookies go over https only."""
        return self.url.startswith("https:")

    @property
    def host(self) -> str:
        """With its port, where the address has one."""
        return urlsplit(self.url).netloc

    def answers(self, host: str) -> bool:
        """Whether a request may name this host: the gallery's own, or this machine's names. Any
        other was made up, by a page elsewhere that points a name of its own at this machine."""
        name = host.lower()
        return name == self.host.lower() or _without_port(name) in LOOPBACK_NAMES

    @classmethod
    def of(cls, settings: Settings, port: int) -> Site:
        """`port` is the one that is listened on. Raises SettingsError."""
        operators = frozenset(settings.gallery_operators)
        if settings.gallery_url:
            return cls(url=settings.gallery_url, behind_proxy=True, operators=operators)
        if not _is_loopback(settings.gallery_host):
            raise SettingsError(
                f"EASEL_GALLERY_HOST: “{settings.gallery_host}” can be reached from other "
                "machines, so EASEL_GALLERY_URL must say the address that people use, such as "
                "https://gallery.example.org."
            )
        host = f"[{settings.gallery_host}]" if ":" in settings.gallery_host else "127.0.0.1"
        return cls(url=f"http://{host}:{port}", operators=operators)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0]
