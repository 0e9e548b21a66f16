"""What a request says of its sender: address behind our own proxies, user agent, wish for JSON."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The sender's network address: the connection's own, or the one that the last trusted proxy saw.

    `TRUSTED_PROXIES` is how many of our own proxies stand in front; X-Forwarded-For entries left of them are hearsay.
    """
    address = request.META.get("REMOTE_ADDR", "")
    if settings.TRUSTED_PROXIES:
        seen = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
        if len(seen) >= settings.TRUSTED_PROXIES:
            address = seen[-settings.TRUSTED_PROXIES]
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        return ""


def is_api(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/")
