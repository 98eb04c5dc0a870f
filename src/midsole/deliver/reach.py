"""Which addresses this box may call for whom: inside its own network only for its owner."""

import socket
from ipaddress import IPv6Address, IPv6Network, ip_address

from midsole.domain.errors import AddressRefused, Retry

INSIDE = "Only the owner of this box may send to addresses inside its network."
TRANSLATED = tuple(map(IPv6Network, ("::/96", "::ffff:0:0:0/96", "64:ff9b::/96", "2002::/16")))
"""Addresses that carry an IPv4 one, which may be a private one."""


def addresses(host: str, port: int, *, anywhere: bool) -> list[str]:
    """The numbers behind the name. `anywhere` False: one of them inside a network refuses all."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Retry("its host can't be found.") from None
    numbers = list(dict.fromkeys(str(info[4][0]) for info in found))
    if not anywhere and not all(map(is_public, numbers)):
        raise AddressRefused(INSIDE)
    return numbers


def is_public(number: str) -> bool:
    address = ip_address(number.partition("%")[0])
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(str(address.ipv4_mapped))
        if any(address in network for network in TRANSLATED):
            return False
    return address.is_global and not address.is_multicast
