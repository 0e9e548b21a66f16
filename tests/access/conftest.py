"""The world of the access tests: built once for the tests of a module, and given to each as if it were its own."""

import copy
import dataclasses

import pytest
from django.db import transaction
from django.test import override_settings

from . import video
from .world import build


@pytest.fixture(scope="module")
def built(django_db_setup, django_db_blocker):
    """In a transaction that is never committed. Each test's own transaction is a savepoint within it, so that the next
    one finds the world as it was."""
    with override_settings(**video.PROVIDER), django_db_blocker.unblock():
        whole = transaction.atomic()
        whole._from_testcase = True  # what refuses to work within a transaction does not mean this one
        with whole:
            yield build()
            transaction.set_rollback(True)


@pytest.fixture
def world(built, db):
    rows, actors = copy.deepcopy((built.rows, built.actors))
    return dataclasses.replace(built, rows=rows, actors=actors, audience=dict(built.audience))
