"""What accounts writes to people: in their language, with code or link, and neither kept once it is sent."""

from datetime import UTC, datetime

import pytest

from apps.accounts import notifications
from apps.common import ids
from apps.notifications import catalogue, rendering, tasks
from apps.notifications.models import Message
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db

LINK = "https://app.example.com/set-password#token=abc"
WRITTEN = {
    "accounts.welcome": (lambda user: notifications.welcome(user, code="7KMX3P", minutes=10), "7KMX3P"),
    "accounts.verify_email": (
        lambda user: notifications.verification_code(user, secret_id=ids.uuid7(), code="7KMX3P", minutes=10),
        "7KMX3P",
    ),
    "accounts.reset_password": (
        lambda user: notifications.password_reset(user, secret_id=ids.uuid7(), link=LINK, hours=1),
        LINK,
    ),
    "accounts.invitation": (
        lambda user: notifications.invitation(user, secret_id=ids.uuid7(), link=LINK, hours=72, invited_by="Ada Bello"),
        LINK,
    ),
    "accounts.password_changed": (
        lambda user: notifications.password_changed(user, at=datetime(2026, 11, 21, 9, 30, tzinfo=UTC)),
        "2026",
    ),
}


@pytest.mark.parametrize("language", ["en", "ar", "hi", "es", "fr"])
@pytest.mark.parametrize("kind", WRITTEN)
def test_every_message_is_written_for_its_reader(kind, language):
    user = UserFactory(first_name="Amina <b>", language=language, time_zone="Africa/Lagos")
    write, told = WRITTEN[kind]
    write(user)
    rendered = rendering.render(Message.objects.get(kind=kind, channel="email"))

    assert told in rendered.text
    assert told in rendered.html
    assert ('dir="rtl"' in rendered.html) is (language == "ar")
    assert "Amina &lt;b&gt;" in rendered.html
    assert "<b>" not in rendered.html
    assert "{{" not in rendered.text + rendered.html
    assert "%(" not in rendered.subject
    assert told not in rendered.subject


@pytest.mark.parametrize("kind", ["accounts.welcome", "accounts.reset_password", "accounts.invitation"])
def test_once_sent_the_code_or_link_is_gone_from_the_outbox_and_stands_only_in_the_mail(kind, mailoutbox):
    user = UserFactory()
    write, told = WRITTEN[kind]
    write(user)
    tasks.deliver_due()
    message = Message.objects.get(kind=kind, channel="email")

    assert message.status == Message.Status.SENT
    assert told not in str(message.context)
    (mail,) = mailoutbox
    assert mail.to == [user.email]
    assert told in mail.body
    assert told not in mail.subject


@pytest.mark.parametrize("kind", ["welcome", "verify_email", "verify_phone", "reset_password", "invitation"])
def test_codes_and_links_are_secrets_of_their_kind(kind):
    secrets = catalogue.get(f"accounts.{kind}").secrets
    assert set(secrets) & {"code", "link"}


@pytest.mark.parametrize("kind", WRITTEN)
def test_none_of_them_can_be_muted(kind):
    assert catalogue.get(kind).transactional
