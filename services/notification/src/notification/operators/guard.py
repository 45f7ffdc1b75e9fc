"""Keep webhooks out of the cluster: a name is looked up once, and only public addresses are called."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Collection

from kit.errors import PermissionDenied


class HostForbidden(PermissionDenied):
    """This host has an address inside the network; name it in the settings if that is meant."""


async def public_address(host: str, port: int, private_hosts: Collection[str]) -> str:
    """Give the one address to call for *host*; refused unless it is public or *host* is named as private."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(address[0]) for *_, address in found]
    if host not in private_hosts and not all(map(_is_public, addresses)):
        raise HostForbidden(host=host)
    return addresses[0]


def _is_public(address: str) -> bool:
    parsed = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(parsed, "ipv4_mapped", None) or getattr(parsed, "sixtofour", None)
    return (mapped or parsed).is_global and not parsed.is_multicast
