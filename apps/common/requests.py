"""What a request says of its sender: address behind our own proxies, network, wish for JSON."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

#: An IPv6 customer gets a whole network of this size, and may use each address in it once.
IPV6_CUSTOMER_PREFIX = 64


def parsed_address(request: HttpRequest) -> IPAddress | None:
    """The connection's address, or the one that the last trusted proxy saw; None where there is none (a unix socket).

    `TRUSTED_PROXIES` is how many of our own proxies stand in front; X-Forwarded-For entries left of them are hearsay.
    """
    text = request.META.get("REMOTE_ADDR", "")
    if settings.TRUSTED_PROXIES:
        seen = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
        if len(seen) >= settings.TRUSTED_PROXIES:
            text = seen[-settings.TRUSTED_PROXIES]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def client_address(request: HttpRequest) -> str:
    """The sender's network address as text; empty where there is none."""
    address = parsed_address(request)
    return str(address) if address is not None else ""


def client_network(request: HttpRequest) -> str:
    """What to count attempts by: the IPv4 address, or the IPv6 network that one customer gets."""
    address = parsed_address(request)
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, IPV6_CUSTOMER_PREFIX), strict=False))
    return str(address) if address is not None else ""


def is_internal(request: HttpRequest) -> bool:
    """Whether the sender is in INTERNAL_NETWORKS. What an unknown proxy forwards is not, wherever that proxy stands."""
    if not settings.TRUSTED_PROXIES and ("HTTP_X_FORWARDED_FOR" in request.META or "HTTP_FORWARDED" in request.META):
        return False
    address = parsed_address(request)
    return address is not None and any(address in network for network in settings.INTERNAL_NETWORKS)


def is_api(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/")
