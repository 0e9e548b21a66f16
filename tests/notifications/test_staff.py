"""Sending again and stopping: only what may be, and on record."""

import pytest

from apps.common.models import AuditEntry
from apps.notifications import exceptions, services
from tests.factories.notifications import InAppMessageFactory, MessageFactory

pytestmark = pytest.mark.django_db


def test_a_message_that_was_given_up_is_due_at_once_with_all_its_attempts(platform_admin, mailoutbox):
    message = MessageFactory(status="dead", attempts=6, last_error="SMTPServerDisconnected")
    services.resend(message, by=platform_admin)
    assert services.deliver_due() == 1
    message.refresh_from_db()
    assert (message.status, message.attempts, message.last_error) == ("sent", 1, "")
    entry = AuditEntry.objects.get(action="message.resent")
    assert (entry.actor_id, entry.object_id) == (platform_admin.pk, str(message.pk))


@pytest.mark.parametrize("status", ["pending", "cancelled"])
def test_what_was_not_given_up_is_not_sent_again(platform_admin, status):
    message = MessageFactory(status=status)
    with pytest.raises(exceptions.NotDead):
        services.resend(message, by=platform_admin)
    message.refresh_from_db()
    assert message.status == status
    assert not AuditEntry.objects.filter(action="message.resent").exists()


def test_a_dead_code_is_not_sent_again(platform_admin):
    message = MessageFactory(status="dead", kind="accounts.reset_password")
    with pytest.raises(exceptions.SecretGone):
        services.resend(message, by=platform_admin)
    message.refresh_from_db()
    assert message.status == "dead"


def test_a_waiting_message_is_stopped_and_its_link_removed(platform_admin, mailoutbox):
    message = MessageFactory(kind="accounts.reset_password", context={"first_name": "Amina", "link": "x", "hours": 1})
    services.cancel(message, by=platform_admin)
    assert services.deliver_due() == 0
    assert mailoutbox == []
    message.refresh_from_db()
    assert (message.status, message.context) == ("cancelled", {"first_name": "Amina", "hours": 1})
    assert AuditEntry.objects.get(action="message.cancelled").actor_id == platform_admin.pk


def test_what_was_sent_cannot_be_called_back(platform_admin):
    message = InAppMessageFactory()
    with pytest.raises(exceptions.NotWaiting):
        services.cancel(message, by=platform_admin)
    message.refresh_from_db()
    assert message.status == "sent"
