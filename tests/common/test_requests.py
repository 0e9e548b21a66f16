"""Whose request it is: the address that our own proxies saw, and not one that the sender made up."""

import pytest

from apps.common import requests


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, None, "198.51.100.9"),
        (0, "203.0.113.5", "198.51.100.9"),
        (1, "203.0.113.5", "203.0.113.5"),
        (1, "10.0.0.1, 203.0.113.5", "203.0.113.5"),
        (2, "10.0.0.1, 203.0.113.5, 192.0.2.8", "203.0.113.5"),
        (2, "203.0.113.5", "198.51.100.9"),
        (1, "nonsense", ""),
        (1, "", "198.51.100.9"),
        (1, "::ffff:203.0.113.5", "203.0.113.5"),
        (1, "2001:DB8::1", "2001:db8::1"),
    ],
)
def test_the_address_is_the_one_that_the_last_trusted_proxy_saw(rf, settings, proxies, forwarded, expected):
    settings.TRUSTED_PROXIES = proxies
    headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded is not None else {}
    assert requests.client_address(rf.get("/", REMOTE_ADDR="198.51.100.9", **headers)) == expected


def test_a_unix_socket_has_no_address(rf):
    assert requests.client_address(rf.get("/", REMOTE_ADDR="")) == ""
    assert not requests.is_internal(rf.get("/", REMOTE_ADDR=""))


@pytest.mark.parametrize(
    ("proxies", "address", "forwarded", "expected"),
    [
        (0, "127.0.0.1", None, True),
        (0, "10.1.2.3", None, True),
        (0, "::1", None, True),
        (0, "::ffff:10.1.2.3", None, True),
        (0, "fd00::1", None, True),
        (0, "203.0.113.5", None, False),
        (0, "172.32.0.1", None, False),
        (0, "10.1.2.3", "203.0.113.5", False),
        (0, "10.1.2.3", "127.0.0.1", False),
        (1, "10.1.2.3", "203.0.113.5", False),
        (1, "10.1.2.3", "127.0.0.1, 203.0.113.5", False),
        (1, "10.1.2.3", "10.9.9.9", True),
        (1, "10.1.2.3", None, True),
    ],
)
def test_who_is_internal(rf, settings, proxies, address, forwarded, expected):
    """A private address that brings a forwarded request is a proxy we were not told of: the sender may be anyone."""
    settings.TRUSTED_PROXIES = proxies
    headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded is not None else {}
    assert requests.is_internal(rf.get("/", REMOTE_ADDR=address, **headers)) is expected
