"""Which network addresses are on the public internet.

What members type is fetched by a machine that stands in somebody's own network, beside things that
trust it. So nothing is fetched from an address that only such a network knows, however the address
is dressed up.
"""

from __future__ import annotations

from ipaddress import (
    IPv4Address,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

_NAT64 = IPv6Network("64:ff9b::/96")
"""How networks without IPv4 write an IPv4 address: the last four bytes are what is reached."""

_NOT_PUBLIC = tuple(
    map(
        ip_network,
        (
            "100.64.0.0/10",  # carriers' own networks, and the metadata of one cloud
            "168.63.129.16/32",  # a machine's own host in another cloud
            "192.0.0.0/24",  # protocols' own, and the metadata of a third cloud
            "192.88.99.0/24",  # relays of 6to4
            "::/96",  # IPv4 in IPv6, as it was once written
            "::ffff:0:0/96",  # IPv4 in IPv6
            "64:ff9b:1::/48",  # a network's own translation to IPv4
            "2001::/32",  # Teredo: holds an IPv4 address
            "2002::/16",  # 6to4: holds an IPv4 address
            "fec0::/10",  # a site's own
        ),
    )
)


def is_public(address: str) -> bool:
    """Whether it is an address, as it is properly written, of one machine on the internet."""
    try:
        read = ip_address(address)
    except ValueError:
        return False
    if isinstance(read, IPv6Address):
        if read.scope_id is not None:
            return False
        if read in _NAT64:
            return _is_public(IPv4Address(read.packed[-4:]))
    return _is_public(read)


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    # Python versions differ in what they call global.
    return (
        address.is_global
        and not address.is_multicast
        and not address.is_reserved
        and not address.is_loopback
        and not address.is_link_local
        and not address.is_private
        and not any(address in network for network in _NOT_PUBLIC)
    )
