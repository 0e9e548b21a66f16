"""Route x role x ownership: every route and method, every actor, and no answer with another's canary."""

import pytest
from django.apps import apps

from apps.bookings.querysets import AppointmentQuerySet
from apps.hospitals.querysets import DoctorQuerySet
from apps.notifications.querysets import MessageQuerySet

from . import walk
from .world import text_models

pytestmark = pytest.mark.django_db


def test_every_operation_of_the_api_stands_in_the_table():
    assert walk.operations() - {route.shape for route in walk.table()} == set()


def test_the_table_names_no_operation_that_is_gone():
    assert {route.shape for route in walk.table()} - walk.operations() == set()


@pytest.mark.parametrize("route", walk.table(), ids=str)
def test_each_actor_gets_what_the_table_says_and_no_canary_of_another(world, route):
    assert walk.violations(world, [route]) == []


def test_the_world_holds_a_row_of_every_model_with_text(world):
    empty = {label for label in text_models() if not apps.get_model(label)._base_manager.exists()}
    assert empty - {"common.IdempotencyKey"} == set()


@pytest.mark.parametrize(
    ("queryset", "scope", "unscoped"),
    [
        (AppointmentQuerySet, "visible_to", lambda rows, user: rows),
        (MessageQuerySet, "inbox_of", lambda rows, user: rows.filter(channel="in_app")),
        (DoctorQuerySet, "listed", lambda rows, today: rows),
    ],
)
def test_control_an_unscoped_queryset_is_caught(world, monkeypatch, queryset, scope, unscoped):
    """The walk itself is tested: a scope that lets everything through must show."""
    monkeypatch.setattr(queryset, scope, unscoped)

    assert walk.violations(world, walk.table(), actors=["patient_b", "doctor_b"]) != []
