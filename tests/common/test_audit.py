"""Every changed row leaves an entry; nobody changes the trail."""

import pytest
from django.db import Error, connection, transaction

from apps.accounts.models import User
from apps.common import audit
from apps.common.models import AuditEntry

pytestmark = pytest.mark.django_db


def test_a_bulk_update_leaves_one_entry_for_each_row(patient, other_patient, coordinator):
    with audit.acting(actor=coordinator, address="192.0.2.7", user_agent="test", request_id="r-1"):
        User.objects.filter(pk__in=[patient.user_id, other_patient.user_id]).update(last_name="Okafor")

    entries = AuditEntry.objects.filter(action="changed", request_id="r-1")
    assert {entry.object_id for entry in entries} == {str(patient.user_id), str(other_patient.user_id)}
    for entry in entries:
        assert entry.actor_id == coordinator.pk
        assert entry.address == "192.0.2.7"
        assert entry.object_type == "accounts.user"
        assert entry.changes["last_name"][1] == "Okafor"


def test_a_masked_column_is_named_without_its_value(patient):
    User.objects.filter(pk=patient.user_id).update(password="argon2$secret")

    entry = AuditEntry.objects.filter(action="changed", object_id=str(patient.user_id)).latest("id")
    assert entry.changes == {"password": audit.MASK}


def test_an_update_that_changes_nothing_leaves_no_entry(patient):
    before = AuditEntry.objects.count()
    User.objects.filter(pk=patient.user_id).update(last_name=patient.user.last_name)
    assert AuditEntry.objects.count() == before


def test_the_actor_of_one_request_does_not_leak_into_the_next(patient, coordinator):
    with audit.acting(actor=coordinator):
        User.objects.filter(pk=patient.user_id).update(last_name="One")
    with audit.acting():
        User.objects.filter(pk=patient.user_id).update(last_name="Two")

    assert AuditEntry.objects.filter(action="changed").latest("id").actor_id is None


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE common_auditentry SET action = 'x'",
        "DELETE FROM common_auditentry",
        "TRUNCATE common_auditentry",
    ],
)
def test_the_trail_is_append_only(patient, attack):
    before = AuditEntry.objects.count()
    assert before
    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(attack)
    assert AuditEntry.objects.count() == before
