"""The cast of every test, and the two things that tests on a real database need."""

import os
from datetime import timedelta

import pgtrigger
import pytest
from django.core.cache import cache
from django.db import connection
from django.test import TransactionTestCase
from django.utils import timezone, translation
from rest_framework.test import APIClient

from apps.accounts import tokens
from apps.accounts.models import Session
from apps.accounts.roles import Role
from apps.common import redis, throttling

from . import prepared_tables
from .factories.accounts import UserFactory
from .factories.clinical import PatientFactory
from .factories.hospitals import AffiliationFactory, DoctorFactory, HospitalFactory, HospitalStaffFactory

_flush = TransactionTestCase._fixture_teardown


def _flush_append_only_tables_too(self):
    with pgtrigger.ignore(
        "billing.Invoice:no_truncate",
        "billing.InvoiceSeries:no_truncate",
        "billing.LedgerEntry:no_truncate",
        "common.AuditEntry:no_truncate",
        "clinical.ReadEntry:no_truncate",
        "clinical.ReadSeal:no_truncate",
    ):
        _flush(self)


TransactionTestCase._fixture_teardown = _flush_append_only_tables_too


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings):
    """Where the tables are prepared, a test database is a copy of them."""
    if prepared_tables.VARIABLE in os.environ:
        connection.settings_dict["TEST"]["TEMPLATE"] = os.environ[prepared_tables.VARIABLE]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Where they are not, the next run finds what the migrations have made for this one."""
    if prepared_tables.VARIABLE not in os.environ and os.environ.get("PYTEST_XDIST_WORKER", "gw0") == "gw0":
        prepared_tables.keep(os.environ["DATABASE_URL"], connection.settings_dict["NAME"])


@pytest.fixture(autouse=True)
def _empty_redis():
    """No test meets another's counters."""
    redis.client().flushdb()
    cache.clear()
    throttling.GeneralThrottle.limit.forget_taken()


@pytest.fixture(autouse=True)
def _english():
    """No test begins in the language that the last request of another was answered in."""
    with translation.override("en"):
        yield


def signed_in(user) -> APIClient:
    """A client with a real access token of a real session."""
    now = timezone.now()
    session = Session.objects.create(user=user, rotated_at=now, last_seen_at=now, expires_at=now + timedelta(days=7))
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens.access_token(session, now)}")
    client.session_row = session
    return client


@pytest.fixture
def api():
    """`api()` is anonymous, `api(user)` signed in."""
    return lambda user=None: signed_in(user) if user is not None else APIClient()


@pytest.fixture
def platform_admin(db):
    return UserFactory(role=Role.ADMIN)


@pytest.fixture
def coordinator(db):
    return UserFactory(role=Role.COORDINATOR)


@pytest.fixture
def support_agent(db):
    return UserFactory(role=Role.SUPPORT)


@pytest.fixture
def translator(db):
    return UserFactory(role=Role.TRANSLATOR)


@pytest.fixture
def hospital(db):
    return HospitalFactory()


@pytest.fixture
def other_hospital(db):
    return HospitalFactory()


@pytest.fixture
def hospital_admin(hospital):
    return HospitalStaffFactory(hospital=hospital).user


@pytest.fixture
def other_hospital_admin(other_hospital):
    return HospitalStaffFactory(hospital=other_hospital).user


@pytest.fixture
def doctor(hospital):
    doctor = DoctorFactory()
    AffiliationFactory(doctor=doctor, hospital=hospital)
    return doctor


@pytest.fixture
def other_doctor(other_hospital):
    doctor = DoctorFactory()
    AffiliationFactory(doctor=doctor, hospital=other_hospital)
    return doctor


@pytest.fixture
def patient(db):
    return PatientFactory()


@pytest.fixture
def other_patient(db):
    return PatientFactory()
