"""A patient with one row of everything, and another beside them."""

import pytest

from tests.access import world as access_world


@pytest.fixture
def world(db):
    return access_world.build()
