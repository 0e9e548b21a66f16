"""What a request writes is put down to its sender: the token's person on the API, the session's in the admin."""

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.common.models import AuditEntry

from . import views

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.common.views")]

EFFECT = "/api/v1/test/effect"


def last(action):
    return AuditEntry.objects.filter(action=action).latest("id")


def test_a_write_over_the_api_is_the_tokens_persons(api, patient):
    api(patient.user).post(
        EFFECT,
        {"note": "a"},
        HTTP_X_REQUEST_ID="request-55",
        HTTP_USER_AGENT="App/1.0",
        REMOTE_ADDR="203.0.113.5",
    )
    entry = last(views.EFFECT)
    assert entry.actor_id == patient.user_id
    assert entry.request_id == "request-55"
    assert entry.address == "203.0.113.5"
    assert entry.user_agent == "App/1.0"


def test_a_row_changed_over_the_api_carries_the_same(api, patient):
    response = api(patient.user).patch(
        "/api/v1/auth/profile", {"first_name": "Amina"}, HTTP_X_REQUEST_ID="request-56", REMOTE_ADDR="203.0.113.5"
    )
    assert response.status_code == 200
    entry = AuditEntry.objects.filter(action="changed", object_id=str(patient.user_id)).latest("id")
    assert (entry.actor_id, entry.request_id, entry.address) == (patient.user_id, "request-56", "203.0.113.5")


def test_an_admins_session_in_the_same_browser_does_not_make_an_api_call_the_admins(platform_admin):
    client = Client()
    client.force_login(platform_admin)
    assert client.post(EFFECT, {"note": "a"}, content_type="application/json").status_code == 201
    assert last(views.EFFECT).actor_id is None


def test_a_header_that_is_too_long_is_cut_and_not_refused(api, patient):
    api(patient.user).post(EFFECT, {"note": "a"}, HTTP_USER_AGENT="x" * 5000)
    assert len(last(views.EFFECT).user_agent) == 200


@pytest.mark.django_db(transaction=True)
def test_nobody_is_left_behind_for_the_next_request(api, patient, other_patient):
    api(patient.user).patch("/api/v1/auth/profile", {"first_name": "Amina"})
    User.objects.filter(pk=other_patient.user_id).update(first_name="Bilal")
    entry = AuditEntry.objects.filter(action="changed", object_id=str(other_patient.user_id)).latest("id")
    assert (entry.actor_id, entry.request_id, entry.address) == (None, "", "")
