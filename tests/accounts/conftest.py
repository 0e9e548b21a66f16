"""What the tests of accounts share: requests sent at once, and the code or link that a person was sent."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from rest_framework.test import APIClient

from apps.notifications.models import Message
from tests.factories.accounts import PASSWORD


@pytest.fixture
def together():
    """`together(32, act)` calls act(0) to act(31) at the same moment, each on a database connection of its own."""

    def run(times, act):
        ready = threading.Barrier(times, timeout=30)

        def one(number):
            try:
                ready.wait()
                return act(number)
            finally:
                connection.close()

        with ThreadPoolExecutor(max_workers=times) as pool:
            return list(pool.map(one, range(times)))

    return run


@pytest.fixture
def post():
    """`post("auth/login", {...})` as nobody; `post(path, body, client)` as someone."""

    def send(path, body=None, client=None, **extra):
        return (client or APIClient()).post(f"/api/v1/{path}", body if body is not None else {}, **extra)

    return send


@pytest.fixture
def sent():
    """`sent(user, "accounts.welcome")`: the context of the newest such message, where a code or link stands."""
    return lambda user, kind: Message.objects.filter(recipient=user, kind=kind).latest("created_at").context


@pytest.fixture
def registration():
    return {
        "email": "amina.okafor@example.com",
        "password": PASSWORD,
        "first_name": "Amina",
        "last_name": "Okafor",
        "role": "patient",
        "phone": "+2348031234567",
        "language": "fr",
        "time_zone": "Africa/Lagos",
        "details": {"country": "NG", "city": "Lagos"},
    }
